//! `check` and `compare`: files to a report, and the report to text and an exit code.

use noisefloor_core::health::{Finding, Severity};
use noisefloor_core::report::{InputStatus, Reason, Report, Verdict};
use noisefloor_core::source::Position;

use crate::cli::options::{Format, Options};
use crate::cli::passport::check_inputs;
use crate::cli::sides::{analyzed, check_margins};
use crate::cli::{code, complain, print};
use crate::inputs::{Gathered, Unread, gather};
use crate::render::{csv, markdown, openmetrics, text};

/// Judges files; `compare` sets sides against each other.
pub(super) fn judge(paths: &[String], options: &Options, compare: bool, only_changed: bool) -> Result<u8, String> {
    let mut config = options.config(compare)?;
    let gathered: Gathered = gather(paths, compare);
    for problem in &gathered.problems {
        complain(problem);
    }
    if gathered.files.is_empty() {
        return Err("no file could be read".into());
    }
    let report = analyzed(paths, &gathered, &mut config);
    check_inputs(options, &report)?;
    check_margins(&report)?;
    let unreadable = complain_of_inputs(&report, &gathered);
    if compare && report.sides.len() < 2 && !unreadable {
        return Err("compare needs two sides: two files or folders, or one file that holds both".into());
    }
    if let (Some(filter), true, false) = (&config.filter, report.rows.is_empty(), unreadable) {
        // A typing error must not look like a benchmark that did not change.
        return Err(format!("no benchmark matches --filter {filter}"));
    }
    show(&report, options, only_changed)?;
    Ok(exit_code(&report, options.strict, unreadable))
}

/// Says on standard error which inputs could not be read and what lay beside them; whether that is a failure.
pub(super) fn complain_of_inputs(report: &Report, gathered: &Gathered) -> bool {
    let (lines, failed) = unread(report, gathered);
    lines.iter().for_each(|line| complain(line));
    failed
}

/// What to say of inputs that were not read, and whether that is a failure.
pub(super) fn unread(report: &Report, gathered: &Gathered) -> (Vec<String>, bool) {
    let (lines, failed) = gathered.unread(|index| {
        let input = report.inputs.get(index).filter(|i| i.status == InputStatus::NotRead)?;
        let error = input.error.as_ref()?;
        let place = match error.at {
            Some(Position::Line(n)) => format!("line {n}: "),
            Some(Position::Byte(n)) => format!("byte {n}: "),
            None => String::new(),
        };
        Some(Unread { code: error.code.clone(), why: format!("{place}{}", error.message) })
    });
    (lines, failed | !gathered.problems.is_empty())
}

/// Prints a report in the format asked for.
pub(super) fn show(report: &Report, options: &Options, only_changed: bool) -> Result<(), String> {
    print(&rendered(report, if options.json { Format::Json } else { options.format }, only_changed))
}

/// A report in a format.
pub(super) fn rendered(report: &Report, format: Format, only_changed: bool) -> String {
    match format {
        Format::Json => report.to_json() + "\n",
        Format::Text => text::report(report, only_changed),
        Format::Markdown => markdown::report(report, only_changed),
        Format::Csv => csv::report(report, only_changed),
        Format::OpenMetrics => openmetrics::report(report),
    }
}

/// Whether a side of a primary row drifted where its design does not cancel that.
fn drifted(report: &Report) -> bool {
    let gating = report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons);
    gating.into_iter().any(|c| c.reasons.contains(&Reason::Drift))
}

/// Whether a finding says that the data do not measure what they seem to (STATISTICS S5).
fn invalidates(finding: &Finding) -> bool {
    finding.severity == Severity::Error || finding.rule == "not-orthogonal"
}

/// The exit code that a report stands for.
pub(super) fn exit_code(report: &Report, strict: bool, unreadable: bool) -> u8 {
    let has = |wanted: &[Verdict]| {
        let gating = report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons);
        gating.into_iter().any(|c| wanted.contains(&c.verdict))
    };
    let undecided = [Verdict::Inconclusive, Verdict::LikelyBetter, Verdict::LikelyWorse, Verdict::NotComparable];
    if unreadable {
        code::FAILED
    } else if strict && (report.findings.iter().any(invalidates) || drifted(report)) {
        code::INVALID
    } else if has(&[Verdict::Regressed]) {
        code::REGRESSED
    } else if strict && has(&undecided) {
        code::NOT_DECIDED
    } else {
        code::PASS
    }
}
