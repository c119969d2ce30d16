//! `noisefloor formats`: what is read and written, and what files are taken for.

use clap::Args;
use noisefloor_core::format::{candidates, read, unpack};
use noisefloor_core::source::Source;

use crate::cli::{code, complain, print};
use crate::inputs::{Unread, gather};
use crate::render::formats::{self, Recognised};

/// Flags of the command.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  noisefloor formats
  noisefloor formats result.json cpu.pb.gz
  noisefloor formats --json

Content decides, never a name. Where it decides wrongly, --input-format ID of the other commands reads a file as what \
it is. Everything may be packed by gzip or Zstandard, and stand in zip and tar archives.")]
pub(super) struct FormatsArgs {
    /// Say what these are taken for, how surely (0 to 100), and what comes second
    files: Vec<String>,
    /// The lists as JSON
    #[arg(long)]
    json: bool,
}

/// Lists the formats, or what files are taken for.
pub(super) fn run(args: &FormatsArgs) -> Result<u8, String> {
    if args.files.is_empty() {
        print(&if args.json { formats::json() + "\n" } else { formats::table() })?;
        return Ok(code::PASS);
    }
    let gathered = gather(&args.files, false);
    gathered.problems.iter().for_each(|problem| complain(problem));
    let mut errors = Vec::new();
    let recognised: Vec<Recognised> = gathered
        .files
        .iter()
        .map(|file| {
            let source = Source { name: &file.name, bytes: &file.bytes };
            let found = unpack(&source).map(|(bytes, _)| candidates(&bytes));
            let mut found = found.unwrap_or_default().into_iter();
            let best = found.next();
            // What is known by sight and not read is named by the error of reading it.
            let error = if best.is_none() { read(source).err() } else { None };
            errors.push(error.clone());
            let error = error.map(|e| e.kind.to_string());
            Recognised { name: file.name.clone(), best, second: found.next(), error }
        })
        .collect();
    print(&if args.json { formats::recognised_json(&recognised) + "\n" } else { formats::recognised(&recognised) })?;
    // Each file has its line; what lies beside results in a folder is no failure.
    let (_, unknown) = gathered.unread(|index| match errors.get(index) {
        Some(Some(error)) => Some(Unread::from(error.clone())),
        _ => None,
    });
    Ok(if unknown || !gathered.problems.is_empty() { code::FAILED } else { code::PASS })
}
