//! Call graphs of FreeBSD's `pmcstat -G`: trees that grow from the leaf, each line with how many samples went through
//! it, and a title for each event.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lines, lossy};
use crate::format::stacks::Stacks;
use crate::format::text::{around, cut};
use crate::format::{Content, holds};
use crate::number;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^@ ", " samples]", "%  ["]) { 92 } else { 0 }
}

/// A line that is still open: its column, its function, and the samples that its callers have not taken.
struct Open {
    column: usize,
    function: u32,
    left: f64,
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let mut open: Vec<Open> = Vec::new();
    let mut event: Option<usize> = None;
    for (index, line) in lines(source.bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        if text.is_empty() {
            continue;
        }
        if let Some(title) = line.strip_prefix("@ ") {
            close(&mut to, &mut open, event, 0)?;
            to.at = at;
            event = Some(to.sample_type(around(title, " [").0.trim(), "count")?);
            continue;
        }
        // `100.0%  [7447]      zio_compress_data @ /boot/kernel/zfs.ko`.
        let read = cut(text, "%").and_then(|(_, rest)| cut(rest.trim_start().strip_prefix('[')?, "]"));
        let read =
            read.and_then(|(count, name)| Some((number::parse(count.as_bytes())?, around(name, " @ ").0.trim())));
        let Some((count, name)) = read.filter(|(_, name)| event.is_some() && !name.is_empty()) else {
            to.notices.push(NoticeCode::UnknownRecord, at, text);
            continue;
        };
        let column = line.len() - line.trim_start().len();
        close(&mut to, &mut open, event, column)?;
        to.at = at;
        if let Some(callee) = open.last_mut() {
            callee.left -= count;
        }
        let function = to.builder.function(name);
        open.push(Open { column, function, left: count });
    }
    close(&mut to, &mut open, event, 0)?;
    to.finish()
}

/// Ends the lines that stand at a column or right of it.
fn close(to: &mut Stacks<'_>, open: &mut Vec<Open>, event: Option<usize>, column: usize) -> Result<(), ParseError> {
    while let Some(last) = open.last().filter(|line| line.column >= column) {
        if last.left > 0.0 {
            let left = last.left;
            to.stack.clear();
            to.stack.extend(open.iter().rev().map(|line| Frame::new(line.function, false)));
            to.add(event.unwrap_or(0), left)?;
        }
        open.pop();
    }
    Ok(())
}
