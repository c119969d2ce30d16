//! JMH's console log, its table, and `-rf csv` or `scsv`. The log holds every iteration of every
//! fork; the table and the list only what was made of them.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{beginning, lines};
use crate::format::build::{self, Builder, MANY, Slot, Stated};
use crate::format::jmh::SECONDARY;
use crate::format::text::{around, at_last, cut, field, has, joined, parts, record, words};
use crate::format::{Content, holds};
use crate::model::{Mark, Marks};
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^\"Benchmark\"", "\"Mode\"", "\"Score\""]) { 90 } else { 0 }
}

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    let table = |line: &[u8]| line.starts_with(b"Benchmark ") && holds(line, &[" Mode ", " Score ", " Units"]);
    if lines(beginning(bytes)).any(table) || holds(bytes, &["# Run progress:"]) || holds(bytes, &["# JMH version:"]) {
        85
    } else {
        0
    }
}

/// A number in the digits of a locale, of which some write a comma for the point; NaN for none.
fn decimal(text: &str) -> f64 {
    let mut digits: Vec<u8> = text.into();
    for byte in &mut digits {
        if *byte == b',' {
            *byte = b'.';
        }
    }
    number::parse(&digits).unwrap_or(f64::NAN)
}

/// The benchmark `class.method` or one of its secondary metrics, `class.method:metric`.
fn identify<'a>(b: &mut Builder<'_>, full: &'a str, mode: &'a str, threads: &str) -> &'a str {
    let (name, secondary) = around(full, ":");
    let (suite, method) = at_last(name, b'.');
    b.benchmark(suite, method);
    if !matches!(threads, "" | "1") {
        b.param("threads", threads);
    }
    b.fresh = secondary.is_empty();
    if b.fresh { mode } else { secondary.strip_prefix(SECONDARY).unwrap_or(secondary) }
}

/// The series of a metric.
fn series(b: &mut Builder<'_>, metric: &str, unit: &str) -> Slot {
    let primary = b.fresh;
    let slot = b.series(metric, unit);
    // How fast memory is allocated says nothing by itself.
    if !primary && has(metric, "gc.") && unit.ends_with("/sec") {
        b.better(slot, Better::Unknown);
    }
    slot
}

/// Adds a score with the error of its mean.
fn score(b: &mut Builder<'_>, metric: &str, unit: &str, n: &str, mean: &str, error: &str) {
    let slot = series(b, metric, unit);
    let said = Stated { n: decimal(n), mean: decimal(mean), half: decimal(error), ..Stated::NONE };
    b.summary(slot, &Stated { confidence: 0.999, ..said });
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, JMH, read_csv)
}

fn read_csv(b: &mut Builder<'_>, text: &str) {
    b.run.forks.clear();
    let separator = if text.starts_with("\"Benchmark\";") { b';' } else { b',' };
    let (mut rest, mut names, mut fields) = (text, Vec::new(), Vec::new());
    record(&mut rest, separator, &mut names);
    names.truncate(MAX_COLUMNS);
    for name in &mut names {
        // Behind it the confidence stands, in the digits of the locale.
        if name.starts_with("Score Error") {
            name.truncate("Score Error".len());
        }
    }
    let mut index = 0;
    while record(&mut rest, separator, &mut fields) {
        index += 1;
        b.line(index);
        let of = |name: &str| field(&names, &fields, name);
        let full = of("Benchmark");
        if full.is_empty() {
            continue;
        }
        let metric = identify(b, full, of("Mode"), of("Threads"));
        for (name, value) in names.iter().zip(&fields) {
            if let Some(name) = name.strip_prefix("Param: ").filter(|_| !value.is_empty()) {
                b.param(name, value);
            }
        }
        if fields.len() < names.len() {
            b.note(NoticeCode::BrokenLine);
            continue;
        }
        score(b, metric, of("Unit"), of("Samples"), of("Score"), of("Score Error"));
    }
}

pub(super) fn detect_markdown(bytes: &[u8]) -> u8 {
    if holds(bytes, &["| Benchmark ", "| Mode ", "| Score ", "| Units "]) { 85 } else { 0 }
}

/// The table as Markdown; several of one file lie under headings.
pub(super) fn parse_markdown(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, JMH, read_markdown)
}

fn read_markdown(b: &mut Builder<'_>, text: &str) {
    b.run.forks.clear();
    let (mut heading, mut names): (&str, Vec<String>) = ("", Vec::new());
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim();
        let Some(row) = line.strip_prefix('|') else {
            names.clear();
            if line.starts_with('#') {
                heading = line.trim_start_matches('#').trim();
            }
            continue;
        };
        let row = row.strip_suffix('|').unwrap_or(row);
        let fields: Vec<String> = parts(row, "|").into_iter().map(|field| field.trim().into()).collect();
        let rule = |field: &String| field.bytes().all(|b| matches!(b, b'-' | b':'));
        if names.is_empty() {
            names = fields;
            names.truncate(MAX_COLUMNS);
        } else if !fields.iter().all(rule) {
            let of = |name: &str| field(&names, &fields, name);
            let full = of("Benchmark");
            if full.is_empty() || fields.len() < names.len() {
                b.note_of(NoticeCode::BrokenLine, line);
                continue;
            }
            let metric = identify(b, full, of("Mode"), of("Threads"));
            if !heading.is_empty() {
                b.param("table", heading);
            }
            for (name, value) in names.iter().zip(&fields) {
                let name = name.strip_prefix('(').and_then(|name| name.strip_suffix(')'));
                if let Some(name) = name.filter(|_| !matches!(value.as_str(), "" | "N/A")) {
                    b.param(name, value);
                }
            }
            let error = of("Error").trim_start_matches('±').trim();
            score(b, metric, of("Units"), of("Cnt"), of("Score"), error);
        }
    }
}

/// Columns of a file at most, parameters among them.
const MAX_COLUMNS: usize = 200;

/// What wrote it, and what a fork is.
const JMH: (&str, &str) = ("JMH", "one JVM fork");

/// Modes as the log says them and as the other formats do.
const MODES: &[(&str, &str)] =
    &[("Throughput", "thrpt"), ("Average time", "avgt"), ("Sampling time", "sample"), ("Single shot", "ss")];

/// Facts as the log says them and as the other formats do.
const FACTS: &[(&str, &str)] = &[("JMH version", "jmh"), ("VM version", "vm version"), ("VM invoker", "jvm")];

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, JMH, read_text)
}

fn read_text(b: &mut Builder<'_>, text: &str) {
    b.run.forks.clear();
    let (mut mode, mut threads, mut fork) = ("", "", 0);
    // Names of the parameters of the table; `None` outside of it.
    let mut table: Option<Vec<&str>> = None;
    // People part the rows of a table by empty lines; what is no row behind one stands after the table.
    let mut parted = false;
    // Whether lines further to the right are about the iteration before.
    let mut inside = false;
    let mut marks = Marks::NONE;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim_end();
        let (label, value) = around(line, ": ");
        let (label, value) = (label.strip_prefix("# ").unwrap_or(label), value.trim());
        let secondary = inside && line.starts_with("   ");
        inside &= secondary;
        if let Some(params) = &table {
            if line.is_empty() {
                parted = true;
                continue;
            }
            if row(b, line, params) {
                parted = false;
                continue;
            }
            if !parted && !line.starts_with("```") {
                b.note_of(NoticeCode::BrokenLine, line);
                continue;
            }
            table = None;
        }
        if line.starts_with("Benchmark ") && has(line, " Mode ") && line.ends_with("Units") {
            // What the table says is made of the iterations, where those are there.
            if b.run.series.is_empty() {
                let mut params = words(line);
                params.retain(|word| word.starts_with('('));
                table = Some(params);
                parted = false;
            }
        } else if label == "Benchmark mode" {
            mode = MODES.iter().find(|(said, _)| value.starts_with(said)).map_or(value, |(_, mode)| mode);
        } else if label == "Threads" {
            threads = around(value, " ").0;
        } else if label == "Benchmark" && line.starts_with('#') {
            identify(b, value, mode, threads);
        } else if label == "Parameters" {
            let inner = value.strip_prefix('(').and_then(|value| value.strip_suffix(')')).unwrap_or(value);
            for part in parts(inner, ", ") {
                if let Some((name, value)) = cut(part, " = ") {
                    b.param(name, value);
                }
            }
        } else if label == "Fork" {
            fork = b.fork(Marks::NONE);
        } else if let Some((_, fact)) = FACTS.iter().find(|(said, _)| *said == label) {
            b.run.environment.set(fact, value);
        } else if label.starts_with("Iteration ") || label.starts_with("Warmup Iteration ") {
            marks = if label.starts_with('W') { Marks::of(Mark::Warmup) } else { Marks::NONE };
            inside = true;
            if b.run.forks.is_empty() {
                fork = b.fork(Marks::NONE);
            }
            iteration(b, mode, value, (fork, if mode == "ss" { 1 } else { MANY }, marks));
        } else if secondary && !value.is_empty() {
            b.fresh = false;
            let metric = label.trim();
            let metric = metric.strip_prefix(SECONDARY).unwrap_or(metric);
            iteration(b, metric, value, (fork, MANY, marks));
        } else if label.starts_with("<failure>") {
            b.note(NoticeCode::FailedBenchmark);
        }
    }
}

/// `7352.475 ops/min`, or with an error of the mean between the two.
fn iteration(b: &mut Builder<'_>, metric: &str, value: &str, (fork, ops, marks): (u32, u64, Marks)) {
    // What the benchmark itself printed may stand in its place.
    let (value, unit) = match words(value).as_slice() {
        [value, unit] => (decimal(value), *unit),
        [value, error, .., unit] if error.starts_with('±') => (decimal(value), *unit),
        _ => (f64::NAN, ""),
    };
    if value.is_nan() {
        return b.note(NoticeCode::BrokenLine);
    }
    let slot = series(b, metric, unit);
    b.push(slot, value, fork, ops, marks);
}

/// A row of the table; false: it is none.
fn row(b: &mut Builder<'_>, line: &str, params: &[&str]) -> bool {
    let words = words(line);
    let is_mode = |word: &&str| matches!(*word, "thrpt" | "avgt" | "sample" | "ss");
    let Some(at) = words.iter().rposition(is_mode) else { return false };
    let (Some(([name, values @ ..], [mode, behind @ ..])), Some(unit)) = (words.split_at_checked(at), words.last())
    else {
        return false;
    };
    let (n, mean, error) = match behind {
        [n, mean, "±", error, _] => (*n, *mean, *error),
        [mean, "±", error, _] => ("", *mean, *error),
        // Before version 1.6.
        [n, mean, error, _] => (*n, *mean, *error),
        [n, mean, _] => (*n, *mean, ""),
        [mean, _] => ("", *mean, ""),
        _ => return false,
    };
    let metric = identify(b, name, mode, "");
    if values.len() == params.len() {
        for (name, value) in params.iter().zip(values).filter(|(_, value)| **value != "N/A") {
            // The header has them in brackets.
            b.param(name.get(1..name.len() - 1).unwrap_or(name), value);
        }
    } else if !values.is_empty() {
        // Values with blanks cannot be told apart.
        b.param("params", &joined(values, " "));
    }
    score(b, metric, unit, n, mean, error);
    true
}
