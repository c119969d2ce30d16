//! macOS `sample`: a tree of calls, each with how often it was on the stack. Threads are the roots, and labels.

use crate::error::ParseError;
use crate::find::{find, lines, lossy};
use crate::format::indent::Totals;
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::number;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^Analysis of sampling"]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let samples = to.builder.sample_type("samples", "count");
    let mut totals = Totals::default();
    let mut inside = false;
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim_end();
        if !inside {
            inside = text == "Call graph:";
            continue;
        }
        if text.starts_with("Total number in stack") || text.starts_with("Sort by top of stack") {
            break;
        }
        if text.is_empty() {
            continue;
        }
        // Bars show which calls are alike.
        let Some(column) = text.find(|c: char| !matches!(c, ' ' | '+' | '!' | ':' | '|')) else {
            to.notices.push(NoticeCode::UnknownRecord, to.at, text);
            continue;
        };
        let (count, name) = text.split_at(column).1.split_once(' ').unwrap_or(("", ""));
        let Some(count) = number::parse(count.as_bytes()) else {
            to.notices.push(NoticeCode::UnknownRecord, to.at, text);
            continue;
        };
        let name = name[..find(name.as_bytes(), b"  (in ").unwrap_or(name.len())].trim();
        let function = to.builder.function(name);
        // What is open adds its rest with the labels of its own thread.
        totals.leave(&mut to, samples, column)?;
        if totals.is_empty() {
            to.of_thread(name);
        }
        totals.enter(&mut to, samples, column, Some(function), count)?;
    }
    totals.leave(&mut to, samples, 0)?;
    to.finish()
}
