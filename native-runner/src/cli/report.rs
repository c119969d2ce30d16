//! `noisefloor report`: one HTML file that holds inputs, report and engine.

use std::path::PathBuf;

use clap::Args;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::format::{MORE, detect, unpack};
use noisefloor_core::report::InputReport;
use noisefloor_core::source::Source;

use crate::cli::judge::{complain_of_inputs, exit_code, show};
use crate::cli::options::{Format, Options};
use crate::cli::passport::check_inputs;
use crate::cli::profile::save;
use crate::inputs::{File, gather_with_profiles};
use crate::render::{page, printable};

/// Flags of the command.
#[derive(Args, Debug)]
#[command(after_help = "\
The file needs no network and no other file: it holds the inputs and the engine, computes everything again when it \
is opened, and says so when its numbers differ from those written here. Profiles that a run log names are added. \
With --json or --format the report is printed too.")]
pub(super) struct ReportArgs {
    /// Result files, profiles, run logs, folders, archives
    #[arg(required = true)]
    files: Vec<String>,
    /// The HTML file to write; never overwritten
    #[arg(short, long, value_name = "FILE")]
    output: PathBuf,
    /// Judge each file on its own instead of comparing sides
    #[arg(long)]
    no_compare: bool,
    /// Title of the page [default: the names of the sides]
    #[arg(long)]
    title: Option<String>,
    /// Page to fill [default: the one built into this program]
    #[arg(long, value_name = "FILE")]
    page: Option<PathBuf>,
    #[command(flatten)]
    options: Options,
}

/// Writes the page; the exit code is that of the verdicts.
pub(super) fn report(args: &ReportArgs) -> Result<u8, String> {
    let template = match &args.page {
        Some(path) => std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?,
        None => page::built_in().ok_or(
            "this program was built without the page; `cargo dev www` makes one for --page www/dist/index.html",
        )?,
    };
    let config = args.options.config(!args.no_compare)?;
    let gathered = gather_with_profiles(&args.files, !args.no_compare);
    for problem in &gathered.problems {
        crate::cli::complain(problem);
    }
    let inputs: Vec<Input<'_>> = gathered
        .files
        .iter()
        .map(|f| Input { source: Source { name: &f.name, bytes: &f.bytes }, side: f.side.as_deref() })
        .collect();
    if inputs.is_empty() {
        return Err("no file could be read".into());
    }
    let report = analyze(&inputs, &config);
    // The page computes everything again, and would call the numbers wrong that it cannot read.
    let read = |input: &&InputReport| MORE.iter().find(|f| Some(f.id) == input.format.as_deref());
    if let Some((input, format)) = report.inputs.iter().find_map(|input| Some((input, read(&input)?))) {
        return Err(format!(
            "{}: the page does not read {} yet; `check`, `compare` and `profile` do",
            printable(&input.name),
            format.name
        ));
    }
    // The page goes by content: it would read another thing than was judged here.
    let other = |file: &&File| {
        let source = Source { name: &file.name, bytes: &file.bytes };
        let plain = unpack(&source).ok();
        plain.and_then(|(bytes, _)| detect(&bytes)).map(|f| f.id) != config.input_format.as_deref()
    };
    if let (Some(id), Some(file)) = (&config.input_format, gathered.files.iter().find(other)) {
        return Err(format!(
            "{}: the page reads files by what they look like, and this one does not look like {id}; `check`, \
             `compare` and `profile` take --input-format",
            printable(&file.name)
        ));
    }
    let shown = AnalysisConfig { input_format: None, ..config.clone() };
    let report = if config.input_format.is_some() { analyze(&inputs, &shown) } else { report };
    check_inputs(&args.options, &report)?;
    let unreadable = complain_of_inputs(&report) | !gathered.problems.is_empty();
    let html = page::fill(&template, &gathered.files, &report, &shown, args.title.as_deref())?;
    save(&args.output, html.as_bytes())?;
    if args.options.json || args.options.format != Format::Text {
        show(&report, &args.options, false)?;
    }
    Ok(exit_code(&report, args.options.strict, unreadable))
}
