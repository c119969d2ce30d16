//! What Google Benchmark prints on the console, and its CSV. Repetitions are iterations of one process; rows of
//! aggregates count only where the repetitions themselves were not written.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::google_benchmark::{KINDS, identify};
use crate::format::text::{amount, cut, field, prefix_factor, record, words};
use crate::format::{Content, holds};
use crate::model::Marks;
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

/// Columns of a table at most.
const MAX_COLUMNS: usize = 200;

const TOOL: (&str, &str) = ("Google Benchmark", "one process");

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    if holds(bytes, &["\nBenchmark ", " Time ", " CPU ", " Iterations"]) { 85 } else { 0 }
}

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_text)
}

/// A row: its name and, of an aggregate, what kind it is.
struct Row<'t> {
    name: &'t str,
    kind: &'static str,
}

impl<'t> Row<'t> {
    fn of(full: &'t str) -> Row<'t> {
        let ending = KINDS.iter().find(|kind| full.strip_suffix(**kind).is_some_and(|rest| rest.ends_with('_')));
        match ending {
            Some(kind) => Row { name: full.get(..full.len() - kind.len() - 1).unwrap_or(""), kind },
            None => Row { name: full, kind: "" },
        }
    }

    /// Whether its values are of use; what is made of the mean and the deviation, or a fitted curve, is not.
    fn counts(&self, b: &mut Builder<'_>, full: &str) -> bool {
        identify(b, self.name);
        match self.kind {
            "" | "mean" | "median" | "stddev" => true,
            "cv" => false,
            _ => {
                b.note_of(NoticeCode::UnknownRecord, full);
                false
            }
        }
    }

    fn add(&self, b: &mut Builder<'_>, metric: &str, unit: &str, n: f64, value: f64) {
        let slot = b.series(metric, unit);
        match self.kind {
            "" => b.push(slot, value, 0, n as u64, Marks::NONE),
            "mean" => b.summary(slot, &Stated { n, mean: value, ..Stated::NONE }),
            "median" => b.amend(slot, |a| &mut a.median, value),
            _ => b.amend(slot, |a| &mut a.std_dev, value),
        }
    }
}

/// The unit of a counter by its name.
fn unit_of(counter: &str) -> String {
    match counter.strip_suffix("_per_second") {
        Some("bytes") => "B/s".to_string(),
        Some(what) => what.to_string() + "/s",
        None => String::new(),
    }
}

fn read_text(b: &mut Builder<'_>, text: &str) {
    let mut inside = false;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if line.starts_with("Benchmark ") && line.contains(" Iterations") {
            inside = true;
            continue;
        }
        let fields = words(line);
        if !inside || fields.is_empty() || line.starts_with("---") {
            continue;
        }
        // `name 0.313 ns 0.313 ns 1000000000 counter=1.5k/s label`; a name may hold blanks.
        let unit = |word: &&str| matches!(*word, "ns" | "us" | "ms" | "s");
        let at = fields.windows(4).position(|w| unit(&w[1]) && unit(&w[3]) && number::parse(w[0].as_bytes()).is_some());
        let Some((at, [real, unit, cpu, cpu_unit])) =
            at.and_then(|at| Some((at, fields.get(at..at + 4)?.first_chunk()?)))
        else {
            match fields.iter().position(|word| *word == "ERROR" || word.starts_with("SKIPPED")) {
                Some(at) if at > 0 => {
                    identify(b, fields.first().copied().unwrap_or(""));
                    b.note(NoticeCode::FailedBenchmark);
                }
                // Fitted curves have shares in place of times.
                _ => b.note_of(NoticeCode::UnknownRecord, line),
            }
            continue;
        };
        let name = cut(line, &alloc::format!(" {real} {unit} "))
            .map_or(fields.first().copied().unwrap_or(""), |(name, _)| name);
        let full = name.trim();
        let row = Row::of(full);
        let value = |word: &str| number::parse(word.as_bytes()).unwrap_or(f64::NAN);
        let n = fields.get(at + 4).map_or(f64::NAN, |word| value(word));
        if !row.counts(b, full) {
            continue;
        }
        row.add(b, "time", &alloc::format!("{unit}/op"), n, value(real));
        row.add(b, "cpu_time", &alloc::format!("{cpu_unit}/op"), n, value(cpu));
        for (counter, value) in fields.iter().skip(at + 5).filter_map(|word| cut(word, "=")) {
            let Some((value, rest)) = amount(value) else { continue };
            let factor = prefix_factor(rest.strip_suffix("/s").unwrap_or(rest)).unwrap_or(1.0);
            row.add(b, counter, &unit_of(counter), n, value * factor);
        }
    }
}

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["name,iterations,real_time,cpu_time,time_unit"]) { 92 } else { 0 }
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_csv)
}

/// Columns that are no counter of the user.
const KNOWN: &[&str] =
    &["name", "iterations", "real_time", "cpu_time", "time_unit", "label", "error_occurred", "error_message"];

fn read_csv(b: &mut Builder<'_>, text: &str) {
    let (mut rest, mut names, mut fields, mut index): (&str, Vec<String>, Vec<String>, usize) =
        (text, Vec::new(), Vec::new(), 0);
    while record(&mut rest, b',', &mut fields) {
        b.line(index);
        index += 1;
        if fields.first().is_some_and(|first| first == "name") && fields.len() >= 5 {
            names = core::mem::take(&mut fields);
            names.truncate(MAX_COLUMNS);
            continue;
        }
        // What the program prints stands above the titles.
        if names.is_empty() || fields.iter().all(String::is_empty) {
            continue;
        }
        let of = |name: &str| field(&names, &fields, name);
        let number = |name: &str| number::parse(of(name).as_bytes()).unwrap_or(f64::NAN);
        let full = of("name");
        if fields.len() < names.len() {
            b.note_of(NoticeCode::BrokenLine, full);
            continue;
        }
        let row = Row::of(full);
        if !row.counts(b, full) {
            continue;
        }
        if of("error_occurred") == "true" {
            b.note(NoticeCode::FailedBenchmark);
            continue;
        }
        let n = number("iterations");
        let unit = if of("time_unit").is_empty() { "ns" } else { of("time_unit") };
        for (metric, column) in [("time", "real_time"), ("cpu_time", "cpu_time")] {
            row.add(b, metric, &alloc::format!("{unit}/op"), n, number(column));
        }
        for name in names.iter().filter(|name| !KNOWN.contains(&name.as_str()) && !of(name).is_empty()) {
            row.add(b, name, &unit_of(name), n, number(name));
        }
    }
}
