//! The CSV of hyperfine and its table in Markdown: what it made of the runs of each command.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{beginning, lines};
use crate::format::build::{self, Builder, Stated};
use crate::format::text::{amount, around, cells, cut, field, has, record};
use crate::format::{Content, holds};
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

const TOOL: (&str, &str) = ("hyperfine", "one run of the command");

/// Columns of a table at most.
const MAX_COLUMNS: usize = 100;

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^command,mean,stddev,"]) { 92 } else { 0 }
}

pub(super) fn detect_markdown(bytes: &[u8]) -> u8 {
    let is_head =
        |line: &[u8]| core::str::from_utf8(line).is_ok_and(|line| has(line, "Mean [") && mean(&cells(line)).is_some());
    if lines(beginning(bytes)).any(is_head) { 80 } else { 0 }
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_csv)
}

fn read_csv(b: &mut Builder<'_>, text: &str) {
    let (mut rest, mut names, mut fields, mut index) = (text, Vec::new(), Vec::new(), 0);
    record(&mut rest, b',', &mut names);
    names.truncate(MAX_COLUMNS);
    while record(&mut rest, b',', &mut fields) {
        index += 1;
        b.line(index);
        let of = |name: &str| field(&names, &fields, name);
        let number = |name: &str| number::parse(of(name).as_bytes()).unwrap_or(f64::NAN);
        if fields.len() < names.len() {
            b.note_of(NoticeCode::BrokenLine, of("command"));
            continue;
        }
        b.benchmark("", of("command"));
        for (name, value) in names.iter().zip(&fields) {
            if let Some(name) = name.strip_prefix("parameter_") {
                b.param(name, value);
            }
        }
        let time = b.series("time", "s");
        let said = Stated { mean: number("mean"), std_dev: number("stddev"), median: number("median"), ..Stated::NONE };
        b.summary(time, &said);
    }
}

/// Where the mean stands in a table of these titles, and its unit.
fn mean(titles: &[String]) -> Option<(usize, &str)> {
    let at = titles.iter().position(|title| title.starts_with("Mean ["))?;
    let unit = around(titles.get(at)?.get("Mean [".len()..)?, "]").0;
    (titles.first()? == "Command").then_some((at, unit))
}

pub(super) fn parse_markdown(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_markdown)
}

fn read_markdown(b: &mut Builder<'_>, text: &str) {
    let mut titles: Vec<String> = Vec::new();
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if !has(line, "|") {
            titles.clear();
            continue;
        }
        let fields = cells(line);
        if mean(&fields).is_some() {
            titles = fields;
            titles.truncate(MAX_COLUMNS);
            continue;
        }
        let Some((at, unit)) = mean(&titles) else { continue };
        if fields.iter().all(|field| field.bytes().all(|b| matches!(b, b'-' | b':'))) {
            continue;
        }
        let command = fields.first().map_or("", String::as_str).trim_matches('`');
        // `2.275 ± 0.046`; one run has no deviation.
        let cell = fields.get(at).map_or("", String::as_str);
        let (value, spread) = cut(cell, "±").unwrap_or((cell, ""));
        let (Some((value, _)), false) = (amount(value), fields.len() < titles.len()) else {
            b.note_of(NoticeCode::BrokenLine, command);
            continue;
        };
        b.benchmark("", command);
        // Values of parameters stand between the command and the mean.
        for (name, value) in titles.iter().zip(&fields).take(at).skip(1) {
            b.param(name, value);
        }
        let time = b.series("time", unit);
        let std_dev = amount(spread).map_or(f64::NAN, |(spread, _)| spread);
        b.summary(time, &Stated { mean: value, std_dev, ..Stated::NONE });
    }
}
