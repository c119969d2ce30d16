//! Whether what was asked for can be compared: a baseline that was read, margins that fit.

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::report::{InputStatus, Report};
use noisefloor_core::source::Source;
use noisefloor_core::unit::Unit;

use crate::cli::complain;
use crate::cli::judge::unread;
use crate::inputs::{File, Gathered};

/// Analyses files. Where the baseline could not be read, or nothing beside it, each file that could is judged on its
/// own: to compare the next two would answer another question than the one asked.
pub(super) fn analyzed(paths: &[String], gathered: &Gathered, config: &mut AnalysisConfig) -> Report {
    let files = &gathered.files;
    let inputs: Vec<Input<'_>> = files
        .iter()
        .map(|f| Input { source: Source { name: &f.name, bytes: &f.bytes }, side: f.side.as_deref() })
        .collect();
    let report = analyze(&inputs, config);
    let lacking = config.compare && unread(&report, gathered).1;
    let Some(why) = no_comparison(paths, files, &report).filter(|_| lacking) else { return report };
    complain(&format!("{why}: nothing is compared, and what could be read is judged on its own"));
    config.compare = false;
    analyze(&inputs, config)
}

/// Why sides of which something is missing cannot be compared.
fn no_comparison(paths: &[String], files: &[File], report: &Report) -> Option<String> {
    let named = report.settings.sides.first();
    let baseline_read = match named {
        Some(named) => report.sides.first().is_some_and(|s| s.name == *named),
        None => {
            let mut own = files.iter().zip(&report.inputs).filter(|(f, _)| is_of(f, paths.first()));
            paths.len() < 2 || own.any(|(_, input)| input.status != InputStatus::NotRead)
        }
    };
    if !baseline_read {
        let name = named.or(paths.first()).map_or("", String::as_str);
        return Some(format!("the baseline {name} could not be read"));
    }
    (report.sides.len() < 2).then(|| "there are no two sides".to_string())
}

/// Whether a file came from a path of the command line.
fn is_of(file: &File, path: Option<&String>) -> bool {
    let Some(path) = path else { return false };
    let name = if path == "-" { "standard input" } else { path };
    file.name == name || file.side.as_deref() == Some(name)
}

/// Refuses a margin in a unit that its metric is not measured in; the general one would stand in for it.
pub(super) fn check_margins(report: &Report) -> Result<(), String> {
    for (metric, spec) in &report.settings.stats.margins {
        let mut units = report
            .rows
            .iter()
            .filter(|row| row.metric == *metric)
            .map(|row| Unit { name: row.unit.clone(), quantity: row.quantity })
            .peekable();
        // A metric may have several units; the row says it where only some fit.
        let Some(first) = units.peek().cloned() else { continue };
        if units.all(|unit| spec.on(&unit).is_none()) {
            return Err(format!(
                "the margin {metric}={spec} does not fit: {metric} is measured in {}; write a share, such as 2%, or an \
                 amount of that unit",
                first.name
            ));
        }
    }
    Ok(())
}
