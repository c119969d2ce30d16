//! `noisefloor convert`: what was read, in another format.

use std::collections::BTreeMap;
use std::io::{self, BufWriter, IsTerminal, Write};
use std::path::{Path, PathBuf};

use clap::Args;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::error::ParseError;
use noisefloor_core::format::{Format, named, unpack};
use noisefloor_core::source::{Position, Source};

use crate::cli::judge::{complain_of_inputs, rendered};
use crate::cli::options::{Format as Shown, Options, input_format};
use crate::cli::sides::analyzed;
use crate::cli::{code, complain};
use crate::convert::{self, Failure, Kind, Loaded, Lost, Target};
use crate::inputs::{Gathered, Unread, gather};
use crate::render::{catalogue, printable};

/// Flags of the command.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  noisefloor convert result.json --to csv -o values.csv
  noisefloor convert before.txt after.txt --to openmetrics
  noisefloor convert target/criterion.tar.gz --to go-bench > criterion.txt && benchstat criterion.txt
  noisefloor convert cpu.pb.gz --to speedscope -o cpu.speedscope.json

`noisefloor formats` says what each target carries and loses. What is lost of these inputs is said on standard error, \
with counts. Several results are joined: arms of one name are one, a file without arms is one by its name where it \
holds what another one holds too; in Go benchmark text they are told apart by /arm=NAME (benchstat -col /arm), and a \
summary without values is its center as one value. Settings of report, markdown and openmetrics come from \
noisefloor.toml; `compare` and `check` with --format take them as flags.

The lines of csv are in base units (s, B): input, arm, suite, benchmark, params (name=value, & between; %25 %26 %3D are \
% & = in these), metric, unit, better, primary, assume, statistic (value, or what a summary states: n, mean, std_dev, \
median, interval_low, interval_high, interval_confidence), block, fork, iteration, round, turn, operations (empty: \
not stated), weight, marks, value. A text that a spreadsheet would run has an apostrophe in front.")]
pub(super) struct ConvertArgs {
    /// Result files, profiles, folders, archives, or - for standard input
    #[arg(required = true)]
    files: Vec<String>,
    /// What to write
    #[arg(long, value_enum, value_name = "FORMAT")]
    to: Target,
    /// The file to write; never overwritten [default: standard output]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// The sample type of a profile to write [default: all that the format holds]
    #[arg(long, value_name = "NAME")]
    sample_type: Option<String>,
    /// Settings; default: noisefloor.toml in this folder, where there is one
    #[arg(long, value_name = "FILE")]
    config: Option<PathBuf>,
    /// Read every file as this format, whatever it looks like (see `noisefloor formats`)
    #[arg(long, value_name = "ID", value_parser = input_format)]
    input_format: Option<&'static Format>,
}

/// Converts; the exit code says whether every input could be read.
pub(super) fn convert(args: &ConvertArgs) -> Result<u8, String> {
    let mut gathered = gather(&args.files, true);
    gathered.problems.iter().for_each(|problem| complain(problem));
    if gathered.files.is_empty() {
        return Err("no file could be read".into());
    }
    let incomplete = !gathered.problems.is_empty();
    let config = Options::of(args.config.clone(), args.input_format).config(true)?;
    if args.to.row().kind == Kind::Findings {
        return findings(args, &config, &gathered);
    }
    let loaded = convert::load(&gathered.files, config.input_format.as_deref().and_then(named));
    let unreadable = tell(&loaded, &gathered) | incomplete;
    fits(args.to, &loaded)?;
    let copied = args.to == Target::NoisefloorLog && gathered.files.len() == 1;
    if !copied {
        // All is read: what was read of it is enough.
        gathered.files.iter_mut().for_each(|file| file.bytes = Vec::new());
    }
    let mut lost = Lost::default();
    emit(args, &mut |out| {
        if args.to.row().kind == Kind::Profiles {
            return convert::profiles(args.to, &loaded.profiles, args.sample_type.as_deref(), &mut lost, out);
        }
        match (&gathered.files[..], &loaded.results[..]) {
            ([file], [one]) if args.to == Target::NoisefloorLog && one.format.id == args.to.id() => {
                let source = Source { name: &file.name, bytes: &file.bytes };
                let (bytes, _) = unpack(&source).map_err(|e| Failure::Refused(e.to_string()))?;
                convert::copy_log(&bytes, &mut lost, out)
            }
            (_, results) => convert::results(args.to, results, &mut lost, out),
        }
    })?;
    for (count, what) in lost.iter() {
        complain(&format!("lost in {}: {} ({count})", args.to.id(), printable(what)));
    }
    Ok(if unreadable { code::FAILED } else { code::PASS })
}

/// Writes what an analysis of the inputs says.
fn findings(args: &ConvertArgs, config: &AnalysisConfig, gathered: &Gathered) -> Result<u8, String> {
    if args.sample_type.is_some() {
        return Err("--sample-type is for pprof, folded and speedscope".into());
    }
    let report = analyzed(&args.files, gathered, &mut config.clone());
    let unreadable = complain_of_inputs(&report, gathered);
    if report.rows.is_empty() && report.profiles.is_empty() {
        return Err("no input holds a result".into());
    }
    let text = rendered(
        &report,
        match args.to {
            Target::Markdown => Shown::Markdown,
            Target::OpenMetrics => Shown::OpenMetrics,
            _ => Shown::Json,
        },
        false,
    );
    emit(args, &mut |out| Ok(out.write_all(text.as_bytes())?))?;
    Ok(if unreadable { code::FAILED } else { code::PASS })
}

/// Says what could not be read and what was odd; whether anything could not be read.
fn tell(loaded: &Loaded, gathered: &Gathered) -> bool {
    let errors: BTreeMap<&str, &ParseError> = loaded.errors.iter().map(|e| (e.source_name.as_str(), e)).collect();
    let (lines, failed) = gathered.unread(|index| {
        let file = gathered.files.get(index)?;
        errors.get(file.name.as_str()).map(|error| Unread::from((*error).clone()))
    });
    lines.iter().for_each(|line| complain(line));
    for input in &loaded.evidence {
        complain(&format!("{input}: explains a measurement and holds none; nothing of it is written"));
    }
    for (input, notice) in &loaded.notices {
        let place = match notice.at {
            Some(Position::Line(n)) => format!(" line {n}:"),
            Some(Position::Byte(n)) => format!(" byte {n}:"),
            None => String::new(),
        };
        let count = if notice.count > 1 { format!(" ×{}", notice.count) } else { String::new() };
        let detail = if notice.detail.is_empty() { String::new() } else { format!(": {}", notice.detail) };
        complain(&format!("note: {input}:{place} {}{count}{detail}", catalogue::notice(notice.code)));
    }
    failed
}

/// Whether a target takes what was read.
fn fits(to: Target, loaded: &Loaded) -> Result<(), String> {
    let (wants, has, other, targets) = match to.row().kind {
        Kind::Profiles => (
            !loaded.profiles.is_empty(),
            loaded.results.first().map(|r| &r.input),
            "benchmark results, which go to",
            Kind::Results,
        ),
        _ => (
            !loaded.results.is_empty(),
            loaded.profiles.first().map(|p| &p.input),
            "a profile, which goes to",
            Kind::Profiles,
        ),
    };
    if let Some(input) = has {
        let ids: Vec<String> =
            convert::TARGETS.iter().filter(|row| row.kind == targets).map(|row| row.target.id()).collect();
        return Err(format!("{input}: this holds {other} {}, not {}", ids.join(", "), to.id()));
    }
    if wants { Ok(()) } else { Err("no input holds a result".into()) }
}

type Writer<'w> = &'w mut dyn FnMut(&mut dyn Write) -> Result<(), Failure>;

/// Writes to the file named, or to standard output.
fn emit(args: &ConvertArgs, write: Writer<'_>) -> Result<(), String> {
    match &args.output {
        Some(path) => to_file(path, write),
        None => to_standard_output(args.to, write),
    }
}

fn to_file(path: &Path, write: Writer<'_>) -> Result<(), String> {
    let file = std::fs::File::create_new(path).map_err(|e| match e.kind() {
        io::ErrorKind::AlreadyExists => format!("{} exists and is never overwritten", path.display()),
        _ => format!("{}: {e}", path.display()),
    })?;
    let mut out = BufWriter::new(file);
    let written = write(&mut out)
        .and_then(|()| Ok(out.flush()?))
        .and_then(|()| Ok(out.get_ref().sync_data()?))
        .map_err(|failure| match failure {
            Failure::Refused(why) => why,
            Failure::Io(e) => format!("{}: {e}", path.display()),
        });
    match written {
        Ok(()) => complain(&format!("written: {}", path.display())),
        // Half a file would look like a whole one.
        Err(_) => drop(std::fs::remove_file(path)),
    }
    written
}

fn to_standard_output(to: Target, write: Writer<'_>) -> Result<(), String> {
    let terminal = io::stdout().is_terminal();
    if terminal && to.is_binary() {
        return Err(format!("{} is no text; name a file with -o, or redirect the output", to.id()));
    }
    let mut out: Box<dyn Write> = match terminal {
        true => Box::new(Shield { to: io::stdout().lock(), begun: Vec::new() }),
        false => Box::new(io::stdout().lock()),
    };
    let mut out = BufWriter::new(&mut out);
    match write(&mut out).and_then(|()| Ok(out.flush()?)) {
        // A reader that went away is no error.
        Err(Failure::Io(e)) if e.kind() != io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        Err(Failure::Refused(why)) => Err(why),
        _ => Ok(()),
    }
}

/// A terminal that gets no control characters but line feeds and tabs: names come from files.
struct Shield<W> {
    to: W,
    /// The beginning of a character whose end is still to come.
    begun: Vec<u8>,
}

impl<W: Write> Write for Shield<W> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        let mut all = std::mem::take(&mut self.begun);
        all.extend(bytes);
        let mut end = 0;
        for chunk in all.utf8_chunks() {
            for line in chunk.valid().split_inclusive(['\n', '\t']) {
                let text = line.trim_end_matches(['\n', '\t']);
                self.to.write_all(printable(text).as_bytes())?;
                self.to.write_all(&line.as_bytes()[text.len()..])?;
            }
            let bad = chunk.invalid();
            end += chunk.valid().len() + bad.len();
            // What stands at the end may go on with the next bytes.
            let unfinished = std::str::from_utf8(bad).is_err_and(|e| e.error_len().is_none());
            if unfinished && end == all.len() {
                self.begun = bad.to_vec();
            } else if !bad.is_empty() {
                self.to.write_all("\u{fffd}".as_bytes())?;
            }
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.to.flush()
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::Shield;
    use std::io::Write;

    #[test]
    fn a_terminal_gets_no_control_characters() {
        let text = "a\u{1b}[31m\tü\n\n\u{9b}".as_bytes();
        let want = "a\\u{1b}[31m\tü\n\n\\u{9b}\u{fffd}!";
        for cut in 0..text.len() {
            let mut shield = Shield { to: Vec::new(), begun: Vec::new() };
            shield.write_all(&text[..cut]).unwrap();
            shield.write_all(&text[cut..]).unwrap();
            shield.write_all(&[0xff, b'!']).unwrap();
            assert_eq!(String::from_utf8(shield.to).unwrap(), want, "{cut}");
        }
    }
}
