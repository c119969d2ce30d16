//! `noisefloor report`: one HTML file that holds inputs, report and engine.

use std::path::PathBuf;

use clap::Args;

use crate::cli::judge::{complain_of_inputs, exit_code, show};
use crate::cli::options::{Format, Options};
use crate::cli::passport::check_inputs;
use crate::cli::profile::save;
use crate::cli::sides::{analyzed, check_margins};
use crate::inputs::gather_with_profiles;
use crate::render::page;

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
            "this program was built without the page; `cargo dev www` makes one for --page www/dist/offline.html",
        )?,
    };
    let mut config = args.options.config(!args.no_compare)?;
    let mut gathered = gather_with_profiles(&args.files, !args.no_compare);
    if config.input_format.is_none() {
        gathered.put_foreign_aside();
    }
    for problem in &gathered.problems {
        crate::cli::complain(problem);
    }
    if gathered.files.is_empty() {
        gathered.unread(|_| None).0.iter().for_each(|line| crate::cli::complain(line));
        return Err("no file could be read".into());
    }
    let report = analyzed(&args.files, &gathered, &mut config);
    check_inputs(&args.options, &report)?;
    check_margins(&report)?;
    let unreadable = complain_of_inputs(&report, &gathered);
    let html = page::fill(&template, &gathered.files, &report, &config, args.title.as_deref())?;
    save(&args.output, html.as_bytes())?;
    if args.options.json || args.options.format != Format::Text {
        show(&report, &args.options, false)?;
    }
    Ok(exit_code(&report, args.options.strict, unreadable))
}
