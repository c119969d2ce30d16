//! nanobench: its JSON template, where epochs are iterations of one process, and the medians of its table (Markdown)
//! and of its CSV.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::text::{amount, field, parts, record};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::Marks;
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::{Better, Quantity, tidy};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"results\"", "\"median(elapsed)\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("nanobench", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let results = root.at("results");
    for result in results.items() {
        b.stands_at(result);
        let [title, name, unit, batch, n, median, measured] =
            result.fields(&["title", "name", "unit", "batch", "epochs", "median(elapsed)", "measurements"]);
        b.benchmark(&title.text(), &name.text());
        let per = if unit.is_there() { unit.text() } else { String::from("op") };
        // An iteration does `batch` of what the unit says.
        let batch = batch.number().filter(|n| *n > 0.0).unwrap_or(1.0);
        let time = b.series("time", &(String::from("s/") + &per)).times(1.0 / batch);
        if !measured.items().any(|m| m.at("elapsed").is_there()) {
            b.summary(time, &Stated { n: n.float(), median: median.float(), ..Stated::NONE });
            continue;
        }
        for epoch in measured.items() {
            let ops = epoch.at("iterations").count().unwrap_or(1);
            for (key, value) in epoch.members().filter(|(key, _)| !key.is("iterations")) {
                let name = key.text();
                let slot = if name == "elapsed" {
                    time
                } else {
                    let slot = b.series(&name, &(name.clone() + "/" + &per)).times(1.0 / batch);
                    b.better(slot, Better::Lower);
                    slot
                };
                b.push(slot, value.float(), 0, ops, Marks::NONE);
            }
        }
    }
}

/// Columns of a table at most.
const MAX_COLUMNS: usize = 100;

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    if holds(bytes, &["|    err% |", "| benchmark"]) || holds(bytes, &["err% |", "/s |", "|:---"]) { 85 } else { 0 }
}

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("nanobench", "one process"), read_table)
}

fn read_table(b: &mut Builder<'_>, text: &str) {
    let mut names: Vec<String> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim();
        let Some(row) = line.strip_prefix('|') else {
            names.clear();
            continue;
        };
        // The name stands last, and its column has no end.
        let fields: Vec<String> = parts(row, "|").into_iter().map(|field| field.trim().into()).collect();
        if names.is_empty() {
            names = fields;
            names.truncate(MAX_COLUMNS);
            continue;
        }
        if fields.iter().all(|field| field.bytes().all(|b| matches!(b, b'-' | b':'))) {
            continue;
        }
        let (title, name) = (names.last().map_or("", String::as_str), fields.last().map_or("", String::as_str));
        let Some(name) = name.split('`').nth(1).filter(|_| fields.len() == names.len()) else {
            b.note_of(NoticeCode::BrokenLine, line);
            continue;
        };
        b.benchmark(if title == "benchmark" { "" } else { title }, name);
        // What the rate says the time says as well.
        for (column, value) in names.iter().zip(&fields) {
            let Some((value, _)) = amount(value).filter(|_| column.contains('/') && !column.ends_with("/s")) else {
                continue;
            };
            let time = tidy(column).unit.quantity == Quantity::Time;
            let slot = b.series(if time { "time" } else { column }, column);
            if !time {
                b.better(slot, Better::Lower);
            }
            b.summary(slot, &Stated { median: value, ..Stated::NONE });
        }
    }
}

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^\"title\";\"name\";\"unit\";", "\"elapsed\""]) { 95 } else { 0 }
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("nanobench", "one process"), read_csv)
}

/// What a column of the CSV is called in the JSON template, where it is no time.
const COUNTS: &[(&str, &str)] =
    &[("instructions", "instructions"), ("branches", "branchinstructions"), ("branch misses", "branchmisses")];

fn read_csv(b: &mut Builder<'_>, text: &str) {
    let (mut rest, mut names, mut fields, mut index) = (text, Vec::new(), Vec::new(), 0);
    record(&mut rest, b';', &mut names);
    names.truncate(MAX_COLUMNS);
    while record(&mut rest, b';', &mut fields) {
        index += 1;
        b.line(index);
        let of = |name: &str| field(&names, &fields, name);
        if fields.len() < names.len() {
            b.note_of(NoticeCode::BrokenLine, of("name"));
            continue;
        }
        let number = |name: &str| amount(of(name)).map_or(f64::NAN, |(number, _)| number);
        b.benchmark(of("title"), of("name"));
        // An iteration does `batch` of what the unit says.
        let batch = Some(number("batch")).filter(|n| *n > 0.0).unwrap_or(1.0);
        let per = if of("unit").is_empty() { "op" } else { of("unit") };
        let time = b.series("time", &(String::from("s/") + per)).times(1.0 / batch);
        b.summary(time, &Stated { median: number("elapsed"), ..Stated::NONE });
        for (column, metric) in COUNTS {
            let median = number(column);
            if median.is_nan() {
                continue;
            }
            let slot = b.series(metric, &alloc::format!("{metric}/{per}")).times(1.0 / batch);
            b.better(slot, Better::Lower);
            b.summary(slot, &Stated { median, ..Stated::NONE });
        }
    }
}
