//! `noisefloor passport`: what comparing a program with itself says of this host, and whether what another
//! command is given holds here and now.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::{SystemTime, UNIX_EPOCH};

use clap::Args;
use noisefloor_core::analyze::{AaError, passport};
use noisefloor_core::report::{InputStatus, Report};
use noisefloor_core::source::Source;
use noisefloor_core::stats::passport::{MOST_DAYS, PASSPORT_VERSION, Passport, Refusal};

use crate::cli::options::Options;
use crate::cli::profile::save;
use crate::cli::{code, complain, print};
use crate::inputs::gather;
use crate::render::{passport as render, printable};

/// Flags of the command.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  noisefloor run --arm a='./bench' --arm a2='./bench' --blocks 80 -o aa.jsonl
  noisefloor passport aa.jsonl -o host.passport.json
  noisefloor compare before.txt after.txt --passport host.passport.json

Logs made at several times of the day show more of the host's noise than one. A passport holds on its own host for \
90 days.")]
pub(super) struct PassportArgs {
    /// Run logs whose arms are one and the same command
    #[arg(required = true)]
    logs: Vec<String>,
    /// The passport to write; never overwritten [default: only the summary is shown]
    #[arg(short, long, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Print the passport itself instead of the summary
    #[arg(long)]
    json: bool,
}

/// Makes a passport.
pub(super) fn make(args: &PassportArgs) -> Result<u8, String> {
    let gathered = gather(&args.logs, false);
    if let Some(problem) = gathered.problems.first() {
        return Err(problem.clone());
    }
    let sources: Vec<Source<'_>> = gathered.files.iter().map(|f| Source { name: &f.name, bytes: &f.bytes }).collect();
    let made = passport(&sources, 0).map_err(|(index, why)| {
        let name = gathered.files.get(index).map_or("", |f| &f.name);
        format!("{name}: {}", aa_words(&why))
    })?;
    // Maps with text as keys and finite numbers: this cannot fail.
    let json = serde_json::to_string_pretty(&made).map_err(|e| e.to_string())? + "\n";
    if let Some(path) = &args.output {
        save(path, json.as_bytes())?;
    }
    print(&if args.json { json } else { render::summary(&made) })?;
    Ok(code::PASS)
}

fn aa_words(why: &AaError) -> String {
    match why {
        AaError::NotALog => "this is no run log with values; `noisefloor run` makes one".into(),
        AaError::OneArm => "one arm only; a passport needs the same command twice: --arm a='X' --arm a2='X'".into(),
        AaError::DifferentArms(a, b) => format!(
            "{} and {} run different commands, so their difference is no noise; a passport needs the same command twice",
            printable(a),
            printable(b)
        ),
        AaError::Redacted => {
            "the log does not hold its command lines, so nobody can say that its arms are the same".into()
        }
        AaError::Adaptive => {
            "the log could stop as soon as its arms looked alike, which picks the quiet moments; measure \
                              without --adaptive"
                .into()
        }
        AaError::OtherHost(facts) => {
            format!("made on another host than the logs before (differing: {})", facts.join(", "))
        }
        AaError::TooFew => "no benchmark has two blocks with positive values of both arms; measure more blocks".into(),
    }
}

/// Reads a passport.
///
/// # Errors
/// When it cannot be read or is none of this version.
pub(super) fn load(path: &Path) -> Result<Passport, String> {
    let text = std::fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let value: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("{}: {e}", path.display()))?;
    match value.get("version").and_then(serde_json::Value::as_u64) {
        Some(v) if v != u64::from(PASSPORT_VERSION) => {
            Err(format!("{}: {}", path.display(), words(&Refusal::Version { found: v as u32 })))
        }
        _ => serde_json::from_value(value).map_err(|e| format!("{}: this is no passport: {e}", path.display())),
    }
}

/// Whether the passport of the options, if any, holds on this host now.
pub(super) fn check_here(options: &Options) -> Result<(), String> {
    match options.passport()? {
        Some(passport) => passport.holds(&here(), now()).map_err(|e| words(&e)),
        None => Ok(()),
    }
}

/// Whether the passport of the options, if any, holds for what was judged. A file that states all facts of the
/// passport is judged by those; any other counts as measured on this host, unless it says otherwise.
pub(super) fn check_inputs(options: &Options, report: &Report) -> Result<(), String> {
    let Some(passport) = options.passport()? else { return Ok(()) };
    for input in report.inputs.iter().filter(|i| i.status != InputStatus::NotRead && i.series > 0) {
        let mut host = input.environment.clone();
        if !passport.host.keys().all(|fact| host.contains_key(fact)) {
            let stated = std::mem::take(&mut host);
            host = here();
            host.extend(stated);
        }
        passport.holds(&host, now()).map_err(|e| format!("{}: {}", printable(&input.name), words(&e)))?;
    }
    let known = |r: &noisefloor_core::report::ReportRow| passport.entry(&r.label, &r.metric).is_ok();
    let unknown: Vec<String> =
        report.rows.iter().filter(|r| r.primary && !known(r)).map(|r| printable(&r.label)).collect();
    if let Some(first) = unknown.first() {
        let more = if unknown.len() > 1 { format!(" and {} more", unknown.len() - 1) } else { String::new() };
        complain(&format!("the passport says nothing of {first}{more}"));
    }
    Ok(())
}

fn here() -> BTreeMap<String, String> {
    #[cfg(target_os = "linux")]
    return crate::host::facts(false);
    #[cfg(not(target_os = "linux"))]
    BTreeMap::new()
}

fn now() -> u64 {
    SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_secs())
}

fn words(why: &Refusal) -> String {
    let why = match why {
        Refusal::Version { found } => format!("it is of version {found}, not {PASSPORT_VERSION}"),
        Refusal::FingerprintDiffers { facts } if facts.is_empty() => "it names no host".into(),
        Refusal::FingerprintDiffers { facts } => format!("it is of another host (differing: {})", facts.join(", ")),
        Refusal::TooOld { days } => format!("it is {days} days old; it holds for {MOST_DAYS}"),
        Refusal::FromTheFuture => "it was made after now".into(),
        Refusal::MissingBenchmark => "it says nothing of this benchmark".into(),
        Refusal::NotMeasured => "its logs could not show this".into(),
    };
    format!("the passport is refused: {why}")
}
