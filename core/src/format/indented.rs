//! Trees of calls that tools print as tables: each line further right than its caller, with what the call itself took.
//! Instruments (copied from its window), Intel VTune (CSV) and Visual Studio (CSV, by level).

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{beginning, lines, lossy};
use crate::format::indent::{Indented, Totals};
use crate::format::stacks::Stacks;
use crate::format::text::{amount, field, record};
use crate::format::{Content, holds};
use crate::source::{NoticeCode, Parsed, Position, Source};
use crate::unit::{Quantity, tidy};

/// The first column of a table of allocations, in which nothing is a call's own.
const ALLOCATIONS: &[u8] = b"Bytes Used\tCount\t";

/// The line that names the columns; the file may begin with something else.
fn title(bytes: &[u8]) -> Option<(usize, &[u8])> {
    let head = beginning(bytes);
    let named = |line: &[u8]| {
        let table = line.ends_with(b"\tSymbol Name") || line.ends_with(b"\tSymbol Names");
        table && (holds(line, &["\tSelf"]) || line.starts_with(ALLOCATIONS))
    };
    lines(head).map(<[u8]>::trim_ascii).enumerate().take(20).find(|(_, line)| named(line))
}

pub(super) fn detect_instruments(bytes: &[u8]) -> u8 {
    if title(bytes).is_some() { 90 } else { 0 }
}

/// What the copied table holds: total, own, nothing, and the name behind as many blanks as it is deep; of allocations
/// the bytes and the count in total.
pub(super) fn parse_instruments(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let mut calls = Indented::default();
    let Some((start, first)) = title(source.bytes) else { return to.finish() };
    let first = lossy(first);
    let names: Vec<&str> = first.split('\t').collect();
    let own = names.iter().position(|name| name.starts_with("Self"));
    // A unit may stand in the title: `Self (ms)`.
    let named = own.and_then(|own| names.get(own)?.split_once('(')?.1.split_once(')'));
    let unit = named.map_or("", |(unit, _)| unit);
    // Of allocations what its calls take is taken away from what a call takes in all.
    let mut totals = [Totals::default(), Totals::default()];
    if own.is_none() {
        to.builder.sample_type("space", "bytes");
        to.builder.sample_type("objects", "count");
    }
    for (index, line) in lines(source.bytes).enumerate().skip(start + 1) {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let fields: Vec<&str> = line.trim_end().split('\t').collect();
        let name = fields.last().copied().unwrap_or("");
        if line.trim().is_empty() {
            continue;
        }
        if fields.len() < 3 {
            to.notices.push(NoticeCode::UnknownRecord, to.at, &line);
            continue;
        }
        let text = name.trim_start();
        let column = name.len() - text.len();
        let function = to.builder.function(text);
        let Some(own) = own else {
            for (place, totals) in totals.iter_mut().enumerate() {
                let Some((value, written)) = fields.get(place).copied().and_then(amount) else {
                    to.notices.push(NoticeCode::UnknownRecord, to.at, &line);
                    continue;
                };
                let factor = match written.split_whitespace().next() {
                    Some(unit) if place == 0 => tidy(unit).factor,
                    _ => 1.0,
                };
                totals.enter(&mut to, place, column, Some(function), value * factor)?;
            }
            continue;
        };
        let own = fields.get(own).copied().unwrap_or("");
        let node = calls.node(&mut to, column, function);
        if let Some((value, written)) = amount(own) {
            let written = if written.is_empty() { unit } else { written.trim() };
            let (name, unit, factor) = weight(written);
            let sample_type = to.sample_type(name, unit)?;
            if value > 0.0 {
                to.add_node(sample_type, node, value * factor)?;
            }
        } else if own.trim() != "-" {
            to.notices.push(NoticeCode::UnknownRecord, to.at, own);
        }
    }
    for (kind, totals) in totals.iter_mut().enumerate() {
        totals.leave(&mut to, kind, 0)?;
    }
    to.finish()
}

/// The sample type of a unit, and what brings a value to its unit: `Mc` are a million cycles.
fn weight(unit: &str) -> (&'static str, &'static str, f64) {
    let thousands = match unit.strip_suffix('c') {
        Some("") => Some(1.0),
        Some("K") => Some(1e3),
        Some("M") => Some(1e6),
        Some("G") => Some(1e9),
        _ => (unit == "cycles").then_some(1.0),
    };
    let tidied = tidy(unit);
    match (thousands, tidied.unit.quantity) {
        (Some(factor), _) => ("cycles", "count", factor),
        // As whole numbers, where the file has them.
        (None, Quantity::Time) => ("time", "nanoseconds", tidied.factor * 1e9),
        (None, Quantity::Bytes) => ("space", "bytes", tidied.factor),
        _ => ("samples", "count", 1.0),
    }
}

pub(super) fn detect_vtune(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^Function Stack,", ":Self"]) || holds(bytes, &["^war:", "\nFunction Stack,"]) { 90 } else { 0 }
}

/// Names stand in quotes behind their blanks where they hold commas: fields are counted from the right.
pub(super) fn parse_vtune(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let mut calls = Indented::default();
    // The number of columns, which of them counts from the right, and its sample type.
    let mut table: Option<(usize, usize, usize)> = None;
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let line = line.trim_end();
        let (columns, own, sample_type) = match table {
            Some(table) if !line.is_empty() => table,
            None if line.starts_with("Function Stack,") => {
                let names: Vec<&str> = line.split(',').rev().collect();
                // `CPU Time:Self` before what else may be there.
                let own = names.iter().rposition(|name| name.ends_with(":Self")).unwrap_or(0);
                let kind = names.get(own).map_or("", |name| name.trim_end_matches(":Self"));
                let time = !kind.contains("Count") && !kind.contains("Event");
                let sample_type = to.builder.sample_type(kind, if time { "seconds" } else { "count" });
                table = Some((names.len(), own, sample_type));
                continue;
            }
            // Remarks of the tool stand above the table.
            _ => continue,
        };
        let fields: Vec<&str> = line.rsplitn(columns, ',').collect();
        let name = fields.last().copied().unwrap_or("");
        let function = name.trim_start();
        let column = name.len() - function.len();
        let function = function.strip_prefix('"').and_then(|name| name.strip_suffix('"')).unwrap_or(function);
        if fields.len() < columns || function.is_empty() {
            to.notices.push(NoticeCode::BrokenLine, to.at, line);
            continue;
        }
        // What stands for all is no function.
        if name == "Total" {
            calls = Indented::default();
            continue;
        }
        let number = to.builder.function(function);
        let node = calls.node(&mut to, column, number);
        match amount(fields.get(own).copied().unwrap_or("")) {
            Some((value, _)) if value > 0.0 => to.add_node(sample_type, node, value)?,
            Some(_) => {}
            None => to.notices.push(NoticeCode::NonFiniteValue, to.at, name),
        }
    }
    to.finish()
}

pub(super) fn detect_visual_studio(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^Level,Function Name,Number of Calls,", "Elapsed Exclusive Time %"]) { 95 } else { 0 }
}

pub(super) fn parse_visual_studio(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let text = lossy(source.bytes);
    let mut rows = Rows::new(&text);
    rows.next(&mut to);
    let names = core::mem::take(&mut rows.fields);
    // The whole of the time is not told: only what share of it each call has.
    let time = to.builder.sample_type("elapsed", "percent");
    let count = to.builder.sample_type("calls", "count");
    let mut calls = Indented::default();
    while rows.next(&mut to) {
        let fields = &rows.fields;
        if fields.iter().all(String::is_empty) {
            continue;
        }
        let of = |name: &str| field(&names, fields, name);
        let number = |name: &str| amount(of(name)).map(|(number, _)| number);
        let name = of("Function Name");
        let (level, called) = (of("Level").parse::<usize>().ok(), number("Number of Calls"));
        let (Some(level), Some(called), Some(share)) = (level, called, number("Elapsed Exclusive Time %")) else {
            to.notices.push(NoticeCode::BrokenLine, to.at, name);
            continue;
        };
        let function = to.builder.function(name);
        let node = calls.node(&mut to, level, function);
        if to.walk(node) {
            to.add_values(&[(time, share), (count, called)])?;
        }
    }
    to.finish()
}

/// The records of a table, with the lines where they begin.
struct Rows<'t> {
    rest: &'t str,
    line: u64,
    fields: Vec<String>,
}

impl<'t> Rows<'t> {
    fn new(text: &'t str) -> Rows<'t> {
        Rows { rest: text, line: 1, fields: Vec::new() }
    }

    /// Goes to the next record; false behind the last one.
    fn next(&mut self, to: &mut Stacks<'_>) -> bool {
        to.at = Some(Position::Line(self.line));
        let before = self.rest;
        let more = record(&mut self.rest, b',', &mut self.fields);
        let read = before.as_bytes().get(..before.len() - self.rest.len()).unwrap_or(&[]);
        self.line += read.iter().filter(|b| **b == b'\n').count() as u64;
        more
    }
}
