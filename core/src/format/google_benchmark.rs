//! Google Benchmark `--benchmark_format=json`. Repetitions are iterations of one process; rows of
//! aggregates count only where the repetitions themselves were not written.

use alloc::string::{String, ToString};

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::text::{cut, joined, parts};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::Marks;
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

/// Fields of a row that are no counter of the user.
const KNOWN: &[&str] = &[
    "name",
    "run_name",
    "run_type",
    "family_index",
    "per_family_instance_index",
    "repetitions",
    "repetition_index",
    "threads",
    "iterations",
    "real_time",
    "cpu_time",
    "time_unit",
    "aggregate_name",
    "aggregate_unit",
    "cpu_coefficient",
    "real_coefficient",
];

/// Suffixes of names by which old files tell aggregates.
pub(super) const KINDS: &[&str] = &["mean", "median", "stddev", "cv", "BigO", "RMS"];

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"benchmarks\"", "\"real_time\""]) { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("Google Benchmark", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let [context, rows] = root.fields(&["context", "benchmarks"]);
    b.facts(
        context,
        &["host_name", "num_cpus", "mhz_per_cpu", "cpu_scaling_enabled", "library_version", "library_build_type"],
    );
    for row in rows.items() {
        b.stands_at(row);
        read(b, row);
    }
}

/// One repetition, or what was made of several.
fn read(b: &mut Builder<'_>, row: Value<'_>) {
    let [name, run_name, run_type, aggregate, iterations, failed, skipped] =
        row.fields(&["name", "run_name", "run_type", "aggregate_name", "iterations", "error_occurred", "skipped"]);
    let full = name.text();
    // A name ends in the kind of its aggregate; `run_type` came later than `run_name`.
    let ending = KINDS.iter().find(|kind| full.strip_suffix(**kind).is_some_and(|rest| rest.ends_with('_')));
    let (base, kind) = match ending {
        Some(kind) if aggregate.is_there() || !run_type.is_there() => {
            (full.get(..full.len() - kind.len() - 1).unwrap_or_default(), *kind)
        }
        _ if run_type.is("aggregate") => (full.as_str(), if aggregate.is_there() { "other" } else { "mean" }),
        _ => (full.as_str(), ""),
    };
    let written = run_name.text();
    identify(b, if written.is_empty() { base } else { &written });
    if failed.first() == b't' {
        return b.note(NoticeCode::FailedBenchmark);
    }
    if skipped.first() == b't' {
        return b.note(NoticeCode::NoUsableValue);
    }
    match kind {
        "" | "mean" | "median" | "stddev" => {}
        // Made of the mean and the deviation.
        "cv" => return,
        // Fitted curves and aggregates of the user's own are no measurements.
        _ => return b.note_of(NoticeCode::UnknownRecord, &full),
    }
    let unit = match row.at("time_unit").text() {
        unit if unit.is_empty() => "ns/op".to_string(),
        unit => unit + "/op",
    };
    let n = iterations.float();
    let mut add = |metric: &str, unit: &str, value: Value<'_>| {
        let (slot, value) = (b.series(metric, unit), value.float());
        match kind {
            "" => b.push(slot, value, 0, n as u64, Marks::NONE),
            "mean" => b.summary(slot, &Stated { n, mean: value, ..Stated::NONE }),
            "median" => b.amend(slot, |a| &mut a.median, value),
            _ => b.amend(slot, |a| &mut a.std_dev, value),
        }
    };
    let [real, cpu] = row.fields(&["real_time", "cpu_time"]);
    add("time", &unit, real);
    add("cpu_time", &unit, cpu);
    let counter =
        |(key, value): &(Value<'_>, Value<'_>)| value.number().is_some() && !KNOWN.iter().any(|known| key.is(known));
    for (key, value) in row.members().filter(counter) {
        let name = key.text();
        let unit = match name.strip_suffix("_per_second") {
            Some("bytes") => "B/s".to_string(),
            Some(what) => what.to_string() + "/s",
            None => String::new(),
        };
        add(&name, &unit, value);
    }
}

/// A part of a name that states a parameter: a number behind a colon.
fn is_param(part: &str) -> Option<(&str, &str)> {
    cut(part, ":").filter(|(_, value)| number::parse(value.as_bytes()).is_some())
}

/// A name and what of it are parameters: parts such as `threads:8`.
pub(super) fn identify(b: &mut Builder<'_>, name: &str) {
    let mut short = parts(name, "/");
    short.retain(|part| is_param(part).is_none());
    b.benchmark("", &joined(&short, "/"));
    for (key, value) in parts(name, "/").into_iter().filter_map(is_param) {
        b.param(key, value);
    }
}
