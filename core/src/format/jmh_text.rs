//! JMH's console log, its table, and `-rf csv` or `scsv`. The log holds every iteration of every
//! fork; the table and the list only what was made of them.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{Builder, MANY};
use crate::format::text::{last_word, record};
use crate::format::{Content, holds};
use crate::model::{Aggregate, Mark, Marks, Run};
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^\"Benchmark\"", "\"Mode\"", "\"Score\""]) { 90 } else { 0 }
}

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    let table = holds(bytes, &["^Benchmark ", " Mode ", " Score ", " Units"]);
    if table || holds(bytes, &["# Run progress:"]) || holds(bytes, &["# JMH version:"]) { 85 } else { 0 }
}

/// A number in the digits of a locale, of which some write a comma for the point.
fn decimal(text: &str) -> f64 {
    let text = if text.contains('.') { text.to_string() } else { text.replace(',', ".") };
    number::parse(text.as_bytes()).unwrap_or(f64::NAN)
}

/// The benchmark `class.method` or one of its secondary metrics, `class.method:metric`.
fn identify<'a>(b: &mut Builder<'_>, full: &'a str, mode: &'a str, threads: &str) -> &'a str {
    let (name, secondary) = full.split_once(':').map_or((full, None), |(name, metric)| (name, Some(metric)));
    let (suite, method) = name.rsplit_once('.').unwrap_or(("", name));
    b.benchmark(suite, method);
    if !matches!(threads, "" | "1") {
        b.param("threads", threads);
    }
    b.fresh = secondary.is_none();
    secondary.unwrap_or(mode)
}

/// Adds a score with the error of its mean.
fn score(b: &mut Builder<'_>, (metric, unit): (&str, &str), n: Option<f64>, mean: f64, error: f64) {
    let primary = b.fresh;
    let slot = b.series(metric, unit);
    // How fast memory is allocated says nothing by itself.
    if !primary && metric.contains("gc.") && unit.ends_with("/sec") {
        b.better(slot, Better::Unknown);
    }
    let interval = error.is_finite().then_some((mean - error, mean + error, 0.999));
    b.summary(slot, Aggregate { n: n.map(|n| n as u64), mean, interval, ..Aggregate::default() });
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = builder(source);
    let text = b.text();
    let separator = if text.starts_with("\"Benchmark\";") { ';' } else { ',' };
    let (mut rest, mut names, mut fields) = (&*text, Vec::new(), Vec::new());
    record(&mut rest, separator, &mut names);
    let column = |name: &str| names.iter().position(|n: &String| n.starts_with(name)).unwrap_or(usize::MAX);
    let columns = ["Benchmark", "Mode", "Threads", "Samples", "Score", "Score Error", "Unit"].map(column);
    let mut index = 0;
    while record(&mut rest, separator, &mut fields) {
        index += 1;
        b.line(index);
        if fields.len() == 1 && fields.iter().all(String::is_empty) {
            continue;
        }
        let [full, mode, threads, n, mean, error, unit] = columns.map(|at| fields.get(at).map_or("", String::as_str));
        let metric = identify(&mut b, full, mode, threads);
        for (name, value) in names.iter().zip(&fields) {
            if let Some(name) = name.strip_prefix("Param: ").filter(|_| !value.is_empty()) {
                b.param(name, value);
            }
        }
        if fields.len() < names.len() {
            b.note(NoticeCode::BrokenLine);
            continue;
        }
        score(&mut b, (metric, unit), Some(decimal(n)), decimal(mean), decimal(error));
    }
    b.finish()
}

fn builder(source: Source<'_>) -> Builder<'_> {
    let mut b = Builder::new(source, "JMH", "one JVM fork");
    b.run = Run { forks: Vec::new(), ..core::mem::take(&mut b.run) };
    b
}

/// Modes as the log says them and as the other formats do.
const MODES: &[(&str, &str)] =
    &[("Throughput", "thrpt"), ("Average time", "avgt"), ("Sampling time", "sample"), ("Single shot", "ss")];

/// Facts as the log says them and as the other formats do.
const FACTS: &[(&str, &str)] = &[("JMH version", "jmh"), ("VM version", "vm version"), ("VM invoker", "jvm")];

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = builder(source);
    let text = b.text();
    let (mut mode, mut threads, mut fork) = ("", "", 0);
    // Names of the parameters of the table; `None` outside of it.
    let mut table: Option<Vec<&str>> = None;
    // Whether lines further to the right are about the iteration before.
    let mut inside = false;
    let mut marks = Marks::NONE;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim_end();
        let (label, value) = line.split_once(": ").unwrap_or((line, ""));
        let (label, value) = (label.trim_start_matches("# "), value.trim());
        let secondary = inside && line.starts_with("   ");
        inside &= secondary;
        if let Some(params) = &table {
            if line.is_empty() {
                table = None;
            } else if !row(&mut b, line, params) {
                b.note_of(NoticeCode::BrokenLine, line);
            }
        } else if line.starts_with("Benchmark ") && line.contains(" Mode ") && line.ends_with("Units") {
            // What the table says is made of the iterations, where those are there.
            if b.run.series.is_empty() {
                let params = line.split_whitespace().filter_map(|w| w.strip_prefix('(')?.strip_suffix(')'));
                table = Some(params.collect());
            }
        } else if label == "Benchmark mode" {
            mode = MODES.iter().find(|(said, _)| value.starts_with(said)).map_or(value, |(_, mode)| mode);
        } else if label == "Threads" {
            threads = value.split(' ').next().unwrap_or("");
        } else if label == "Benchmark" && line.starts_with('#') {
            identify(&mut b, value, mode, threads);
        } else if label == "Parameters" {
            let inner = value.trim_start_matches('(').trim_end_matches(')');
            for (name, value) in inner.split(", ").filter_map(|part| part.split_once(" = ")) {
                b.param(name, value);
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
            iteration(&mut b, mode, value, (fork, if mode == "ss" { 1 } else { MANY }, marks));
        } else if secondary && !value.is_empty() {
            b.fresh = false;
            let metric = label.trim().trim_start_matches('·');
            iteration(&mut b, metric, value, (fork, MANY, marks));
        } else if label.starts_with("<failure>") {
            b.note(NoticeCode::FailedBenchmark);
        }
    }
    b.finish()
}

/// `7352.475 ops/min`, or with an error of the mean between the two.
fn iteration(b: &mut Builder<'_>, metric: &str, value: &str, (fork, ops, marks): (u32, u64, Marks)) {
    let (before, unit) = last_word(value);
    let first = before.split_whitespace().next().unwrap_or("");
    if number::parse(first.replace(',', ".").as_bytes()).is_none() {
        return b.note(NoticeCode::BrokenLine);
    }
    let slot = b.series(metric, unit);
    b.push(slot, decimal(first), fork, ops, marks);
}

/// A row of the table; false: it is none.
fn row(b: &mut Builder<'_>, line: &str, params: &[&str]) -> bool {
    let words: Vec<&str> = line.split_whitespace().collect();
    let is_mode = |word: &&str| matches!(*word, "thrpt" | "avgt" | "sample" | "ss");
    let Some(at) = words.iter().rposition(is_mode) else { return false };
    let (Some(name), Some(mode), Some(behind)) = (words.first(), words.get(at), words.get(at + 1..)) else {
        return false;
    };
    let Some((unit, numbers)) = behind.split_last() else { return false };
    let (numbers, error) = match numbers {
        [numbers @ .., "±", error] => (numbers, decimal(error)),
        _ => (numbers, f64::NAN),
    };
    let (n, mean) = match numbers {
        [n, mean] => (Some(decimal(n)), mean),
        [mean] => (None, mean),
        _ => return false,
    };
    let metric = identify(b, name, mode, "");
    let values = words.get(1..at).unwrap_or(&[]);
    if values.len() == params.len() {
        for (name, value) in params.iter().zip(values).filter(|(_, value)| **value != "N/A") {
            b.param(name, value);
        }
    } else if !values.is_empty() {
        // Values with blanks cannot be told apart.
        b.param("params", &values.join(" "));
    }
    score(b, (metric, unit), n, decimal(mean), error);
    true
}
