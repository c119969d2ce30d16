//! `cargo dev simulate`: how often rules are right about noise whose truth is known.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a tool that talks to a person")]

mod bounds;
mod experiment;
mod intervals;
mod ours;
mod peers;
mod random;
mod rate;
mod scenario;
mod stopped;
mod table;
#[cfg(test)]
mod tests;

use std::path::Path;
use std::process::ExitCode;

use experiment::{FULL, QUICK};
use scenario::SCENARIOS;

const BEGIN: &str = "<!-- Made by `cargo dev simulate --write`; do not edit. -->\n";
const END: &str = "<!-- The end of what is made. -->";

struct Options {
    quick: bool,
    write: bool,
    seed: u64,
    scenario: Option<String>,
    /// A part of the names of the intervals to look at; nothing else is.
    interval: Option<String>,
}

fn main() -> ExitCode {
    let outcome = options(std::env::args().skip(1)).and_then(|options| simulate(&options));
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("simulate: {message}");
            ExitCode::FAILURE
        }
    }
}

fn options(mut arguments: impl Iterator<Item = String>) -> Result<Options, String> {
    let mut options = Options { quick: false, write: false, seed: 1, scenario: None, interval: None };
    while let Some(word) = arguments.next() {
        let mut value = || arguments.next().ok_or_else(|| format!("{word} needs a value"));
        match word.as_str() {
            "--quick" => options.quick = true,
            "--write" => options.write = true,
            "--seed" => options.seed = value()?.parse().map_err(|e| format!("--seed: {e}"))?,
            "--scenario" => options.scenario = Some(value()?),
            "--interval" => {
                options.interval = Some(value()?);
                options.scenario = Some("intervals".into());
            }
            _ => {
                let known = "--quick, --seed N, --scenario NAME, --interval PART-OF-NAME, --write";
                return Err(format!("unknown option {word}; there are {known}"));
            }
        }
    }
    if options.write && (options.quick || options.scenario.is_some()) {
        return Err("--write needs all scenarios in full".into());
    }
    Ok(options)
}

fn simulate(options: &Options) -> Result<(), String> {
    let counts = if options.quick { QUICK } else { FULL };
    let chosen = |name: &str| options.scenario.as_ref().is_none_or(|wanted| wanted == name);
    let mut outcomes = Vec::new();
    let mut missed = Vec::new();
    for (place, scenario) in SCENARIOS.iter().enumerate().filter(|(_, s)| chosen(s.name)) {
        eprintln!("== {}", scenario.name);
        let ours = experiment::ours(scenario, place as u64, options.seed, &counts);
        let others = experiment::others(scenario, place as u64, options.seed, &counts);
        missed.extend(bounds::missed(scenario, &ours, &others));
        outcomes.push(table::Outcome { scenario, ours, others });
    }
    let families = chosen("family").then(|| {
        eprintln!("== family");
        experiment::families(options.seed, &counts)
    });
    let stops = chosen("stopping").then(|| {
        eprintln!("== stopping");
        stopped::stopped(options.seed, &counts)
    });
    let covered = chosen("intervals").then(|| {
        eprintln!("== intervals");
        intervals::coverage(options.seed, &counts, options.interval.as_deref())
    });
    if outcomes.is_empty() && families.is_none() && stops.is_none() && covered.is_none() {
        let others = ["family", "stopping", "intervals"];
        let names: Vec<&str> = SCENARIOS.iter().map(|s| s.name).chain(others).collect();
        return Err(format!("no such scenario; there are {}", names.join(", ")));
    }
    missed.extend(families.iter().flat_map(bounds::missed_by_families));
    missed.extend(stops.iter().flatten().flat_map(bounds::missed_by_stopping));
    missed.extend(covered.iter().flatten().filter_map(bounds::missed_by_interval));
    let apart = table::of_stopping(stops.as_deref().unwrap_or_default())
        + &table::of_intervals(covered.as_deref().unwrap_or_default());
    let document = |details| {
        table::document(&outcomes, families.as_ref(), (&counts, options.seed), details) + "\n" + apart.trim_end() + "\n"
    };
    print!("{}", document(true));
    if options.write {
        write(&document(false))?;
    }
    // So few trials say little about a bound.
    if options.quick || missed.is_empty() {
        return Ok(());
    }
    Err(format!("bounds missed:\n{}", missed.join("\n")))
}

/// Puts the tables into METHODOLOGY.md.
fn write(document: &str) -> Result<(), String> {
    let tests = std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(|| env!("CARGO_MANIFEST_DIR").into());
    let path = Path::new(&tests).join("../METHODOLOGY.md");
    let name = path.display();
    let text = std::fs::read_to_string(&path).map_err(|e| format!("{name}: {e}"))?;
    let (before, rest) = text.split_once(BEGIN).ok_or(format!("{name}: the first marker is missing"))?;
    let (_, after) = rest.split_once(END).ok_or(format!("{name}: the second marker is missing"))?;
    std::fs::write(&path, format!("{before}{BEGIN}\n{document}\n{END}{after}")).map_err(|e| format!("{name}: {e}"))
}
