//! The lists of formats, and what files are taken for.

use std::fmt::Write;

use noisefloor_core::format::{FORMATS, Format};
use serde_json::json;

use crate::convert::{Kind, TARGETS};
use crate::render::{pad, printable, width};

/// Of each format that is read: its id, what we carry of it and what we lose.
const READ: &[(&str, &str, &str)] = &[
    ("noisefloor-log", "values, processes, blocks, rounds, marks, counters", "nothing but moments of rounds"),
    ("hyperfine", "time and memory of every run, failures, parameters", "user and system time, which are means"),
    (
        "criterion",
        "every sample with its iterations, parameters, rates by throughput",
        "estimates where the sample is there",
    ),
    ("jmh", "every iteration of every fork, histograms, secondary metrics", "nothing; it holds no warm-ups"),
    ("go-test-json", "as Go benchmark text, by package", "output that is no result"),
    ("go-bench", "values of every unit, processes, configuration, unit metadata", "output that is no result"),
    ("pprof", "stacks with inlined calls, every sample type, labels", "files, lines, addresses of named functions"),
    ("speedscope", "stacks by function, several profiles", "columns, the order of events"),
    ("cpuprofile", "stacks with their time", "lines, the order of samples"),
    ("heapprofile", "stacks with bytes allocated", "lines, single objects"),
    (
        "perf-script",
        "stacks by event, weighted by period; process and thread as labels",
        "processors, moments, lines of sources, addresses of named functions and of data",
    ),
    ("folded", "stacks with inlined calls, one or two counts", "nothing"),
    ("austin", "stacks with their time, on the processor and on the clock, and bytes", "its header"),
    ("google-benchmark", "repetitions, user counters, threads", "fitted curves, own aggregates"),
    ("benchmarkdotnet", "measured iterations by launch", "overhead, pilots, warm-ups, outliers it removed"),
    ("pytest-benchmark", "rounds with --benchmark-save-data, otherwise a summary", "extra information"),
    ("pyperf", "values by process, warm-ups and pilots marked", "metadata of single runs"),
    ("nanobench", "epochs with every counter", "settings"),
    ("vitest", "samples where they were kept, otherwise a summary", "ranks"),
    (
        "benchmarktools",
        "times of trials, or one estimate; memory, allocations",
        "collector times of single samples, tags",
    ),
    ("k6", "each statistic of each metric", "checks by name, thresholds"),
    ("github-action-benchmark", "a value a benchmark and commit, as sides", "authors, messages"),
    ("custom-benchmarks", "a value a benchmark", "ranges, the extra text"),
    ("bencher", "a value a measure", "its bounds, of no stated confidence"),
    ("catch2-xml", "mean with its interval", "nothing; it holds no single values"),
    ("catch2-text", "mean with its interval", "nothing; it holds no single values"),
    ("jmh-csv", "score with its error", "nothing; it holds no single values"),
    ("jmh-text", "iterations of a log, scores of a table", "output that is no result"),
    ("cargo-criterion", "every sample with its iterations, rates by throughput", "changes against earlier runs"),
    ("criterion-text", "an estimate with its interval", "single values, changes"),
    ("libtest", "a median, said to be one", "the range; it holds no single values"),
    ("divan", "mean, median, number of samples", "single values, fastest and slowest"),
    ("benchmark-js", "a rate with its relative error", "nothing; it holds no single values"),
    ("benchstat", "medians with their intervals, as sides", "single values, tests"),
    ("rebar", "mean, deviation and median a benchmark and engine", "nothing; it holds no single values"),
    ("hgrm", "a histogram with exact quantiles at its rows", "values between its rows"),
    ("hdr-log", "a histogram an interval", "moments of intervals"),
    ("tango", "both sides' times, taking turns", "its own verdict"),
    ("asv", "a value a benchmark and environment", "half widths of intervals"),
    ("gungraun", "counts of a simulated run", "the run before"),
    ("firefox", "stacks by thread with their time; thread and process as labels too", "markers, categories"),
    (
        "chrome-trace",
        "calls by thread with their time, asynchronous calls, samples; threads as labels too",
        "arguments, flows, counters, asynchronous steps of the old kind",
    ),
    ("stackprof", "stacks with counts", "lines"),
    ("callgrind", "what each function cost itself", "calls between functions; it holds no stacks"),
    ("macos-sample", "stacks with counts by thread, which is a label too", "addresses"),
    ("dtrace", "stacks with counts", "offsets"),
    ("bpftrace", "stacks with counts by map; other keys at the root", "offsets, maps without stacks"),
    (
        "pprof-legacy",
        "stacks of every sample type, scaled as pprof does; Go's labels of goroutines",
        "addresses of named functions, mappings",
    ),
    ("jfr", "stacks by kind of event: samples, allocations, locks, waits; threads as labels", "other events, moments"),
    (
        "otlp-profiles",
        "stacks of every sample type; attributes of samples and resources, traces and spans as labels",
        "other attributes, moments, files and lines",
    ),
    ("instruments", "stacks with what each call took itself", "totals, from which it follows for allocations"),
    ("vtune", "stacks with what each call took itself", "other columns"),
    ("visual-studio", "stacks with percent of the time, calls", "other columns"),
    ("ghc", "stacks of cost centres with ticks and bytes, or percent", "sources of cost centres, entries"),
    ("pmcstat", "stacks with counts by event", "percentages"),
    ("hprof", "stacks with samples, or bytes and objects; threads as labels", "classes"),
    ("dhat", "stacks with bytes and blocks, in all, at the peak and at the end", "lifetimes, accesses"),
    ("safari", "stacks with their time", "other timelines"),
    (
        "xctrace",
        "stacks with their weight; thread and process as labels",
        "states, processors, moments, addresses of named functions",
    ),
    ("gprof", "what each function cost itself", "calls between functions; it holds no stacks"),
    ("pstats", "what each function cost itself, calls", "calls between functions; it holds no stacks"),
    ("goroutines", "stacks with how many goroutines stand there; their labels", "states, waiting times"),
    ("flame-html", "stacks with their value", "kinds of frames"),
    ("gprof2dot", "stacks with costs", "modules"),
    ("gungraun-json", "counts of a simulated run", "the run before, parts of a run"),
    ("benchstat-text", "medians with their intervals, as sides", "single values, tests"),
    ("benchstat-old", "means, as sides", "single values, ranges, tests"),
    ("jmh-markdown", "scores with their errors", "nothing; it holds no single values"),
    ("nanobench-text", "a median, counters", "its error, settings"),
    (
        "benchmarkdotnet-csv",
        "mean with its interval, deviation, median, memory",
        "single values, job settings of all rows",
    ),
    (
        "benchmarkdotnet-markdown",
        "mean with its interval, deviation, median, memory",
        "single values, job settings of all rows",
    ),
    ("hyperfine-csv", "mean, deviation and median, parameters", "user and system time, least and most"),
    ("hyperfine-markdown", "a mean with its deviation", "least and most, ratios"),
    ("nanobench-csv", "a median, counters", "settings"),
    ("google-benchmark-text", "repetitions, user counters", "own aggregates"),
    ("google-benchmark-csv", "repetitions, user counters", "own aggregates"),
    ("go-gctrace", "collections with pauses, processor time and heap", "pacer and scavenger lines"),
    ("go-schedtrace", "processors, threads and run queues over time", "single goroutines"),
    ("jvm-gc", "pauses, concurrent phases and heap, of every collector", "other tags"),
    ("jvm-gc-old", "pauses and heap of every collector", "other lines"),
    ("go-notes", "escapes with their chain, inlining and why not", "other diagnostics"),
    ("go-opt-log", "the same from the log of -json", "ends of ranges, other diagnostics"),
];

fn phrases(id: &str) -> (&'static str, &'static str) {
    READ.iter().find(|(known, _, _)| *known == id).map_or(("", ""), |(_, carries, loses)| (carries, loses))
}

/// The rows of both lists: id, name, what is carried, what is lost.
type Row = [String; 4];

fn lines(out: &mut String, title: &str, rows: &[Row]) {
    let _ = writeln!(out, "{title}");
    let widths = [0, 1].map(|i| rows.iter().map(|r| width(&r[i])).max().unwrap_or(0));
    for [id, name, carries, loses] in rows {
        let (id, name) = (pad(id, widths[0], false), pad(name, widths[1], false));
        let lost = if loses.is_empty() { String::new() } else { format!("; loses {loses}") };
        let _ = writeln!(out, "  {}", format!("{id}  {name}  {carries}{lost}").trim_end());
    }
}

fn read_rows(formats: &[Format]) -> Vec<Row> {
    formats
        .iter()
        .map(|f| {
            let (carries, loses) = phrases(f.id);
            [f.id, f.name, carries, loses].map(str::to_string)
        })
        .collect()
}

/// What is read, by the command line and the page, and what is written.
#[must_use]
pub fn table() -> String {
    let mut out = String::new();
    lines(
        &mut out,
        "Read by the command line and the page (packed by gzip or Zstandard and in zip or tar, too)",
        &read_rows(FORMATS),
    );
    let written: Vec<Row> = TARGETS
        .iter()
        .map(|row| [row.target.id(), row.name.to_string(), row.carries.to_string(), row.loses.to_string()])
        .collect();
    lines(&mut out, "\nWritten by `noisefloor convert --to`", &written);
    out
}

/// The same as JSON: `read` and `write`, each a list of objects.
#[must_use]
pub fn json() -> String {
    // `page` is from a time when the page did not read all of them.
    let row = |f: &Format| {
        let (carries, loses) = phrases(f.id);
        json!({ "id": f.id, "name": f.name, "page": true, "carries": carries, "loses": loses })
    };
    let read: Vec<serde_json::Value> = FORMATS.iter().map(row).collect();
    let takes = |kind: Kind| match kind {
        Kind::Results => json!(["results"]),
        Kind::Profiles => json!(["profiles"]),
        Kind::Findings => json!(["results", "profiles"]),
    };
    let written: Vec<serde_json::Value> = TARGETS
        .iter()
        .map(|row| {
            json!({
                "id": row.target.id(), "name": row.name, "takes": takes(row.kind),
                "carries": row.carries, "loses": row.loses,
            })
        })
        .collect();
    json!({ "read": read, "write": written }).to_string()
}

/// What one file is taken for.
#[derive(Debug)]
pub struct Recognised {
    /// Its name.
    pub name: String,
    /// The format that it is read as, with the confidence from 1 to 100.
    pub best: Option<(&'static Format, u8)>,
    /// What it would be without that.
    pub second: Option<(&'static Format, u8)>,
    /// Why it is not read, where it is not.
    pub error: Option<String>,
}

/// A line for each file: its format with the confidence, and the one that comes second.
#[must_use]
pub fn recognised(files: &[Recognised]) -> String {
    let mut out = String::new();
    let longest = files.iter().map(|f| width(&printable(&f.name))).max().unwrap_or(0);
    for file in files {
        let name = pad(&printable(&file.name), longest, false);
        let said = match (&file.best, &file.error) {
            (Some((format, confidence)), _) => {
                let second = file.second.map_or("nothing else".into(), |(f, c)| format!("then {} {c}", f.id));
                format!("{} {confidence}, {second}", format.id)
            }
            (None, Some(error)) => printable(error),
            (None, None) => "unknown".into(),
        };
        let _ = writeln!(out, "{name}  {said}");
    }
    out
}

/// The same as JSON.
#[must_use]
pub fn recognised_json(files: &[Recognised]) -> String {
    let one = |found: &Option<(&'static Format, u8)>| {
        found.map(|(format, confidence)| json!({ "format": format.id, "confidence": confidence }))
    };
    let rows: Vec<serde_json::Value> = files
        .iter()
        .map(|f| json!({ "name": f.name, "best": one(&f.best), "runner_up": one(&f.second), "error": f.error }))
        .collect();
    serde_json::Value::from(rows).to_string()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_has_its_phrases() {
        for format in FORMATS {
            let (carries, loses) = phrases(format.id);
            assert!(!carries.is_empty() && !loses.is_empty(), "{} needs a row in READ", format.id);
        }
        assert_eq!(READ.len(), FORMATS.len());
    }
}
