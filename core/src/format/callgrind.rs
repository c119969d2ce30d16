//! Callgrind's output (Valgrind, Xdebug, KCachegrind's converters): a graph of calls with costs.
//!
//! The graph does not say which way led to a call, so that stacks cannot be recovered: each function stands on its
//! own with what it cost itself, and a notice says so.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{head, lines, lossy};
use crate::format::Content;
use crate::format::stacks::Stacks;
use crate::map::Named;
use crate::number;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

/// Most events of a line.
const MAX_EVENTS: usize = 64;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = head(bytes);
    let has = |starts: &[&str]| head.lines().any(|l| starts.iter().any(|s| l.starts_with(s)));
    match (has(&["events:"]), has(&["fn=", "positions:", "# callgrind format"])) {
        (true, true) => 90,
        _ => 0,
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let mut types: Vec<(usize, f64)> = Vec::new();
    let mut positions = 1;
    let mut names: Named<Option<u32>> = Named::new();
    let mut function: Option<u32> = None;
    let mut call = false;
    // Whether all costs came: Valgrind states their sum behind them.
    let mut summed: Option<bool> = None;
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        if let Some(events) = text.strip_prefix("events:") {
            let events = events.split_ascii_whitespace().take(MAX_EVENTS);
            types = events.map(|event| cost(&mut to, event)).collect::<Result<_, _>>()?;
        } else if text.starts_with("creator: callgrind-") {
            summed = Some(false);
        } else if text.starts_with("totals:") {
            summed = Some(true);
        } else if let Some(list) = text.strip_prefix("positions:") {
            positions = list.split_ascii_whitespace().count().max(1);
        } else if let Some(name) = text.strip_prefix("fn=") {
            function = Some(named(&mut to, &mut names, name));
        } else if let Some(name) = text.strip_prefix("cfn=") {
            // A name may be given where it is called.
            named(&mut to, &mut names, name);
        } else if text.starts_with("calls=") {
            call = true;
        } else if text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '+' | '-' | '*')) {
            // The line behind `calls=` is what the call cost, which the called function has itself.
            if core::mem::take(&mut call) {
                continue;
            }
            let Some(function) = function else {
                to.notices.push(NoticeCode::UnknownRecord, to.at, text);
                continue;
            };
            to.stack.clear();
            to.stack.push(Frame::new(function, false));
            let costs = text.split_ascii_whitespace().skip(positions);
            for (cost, (sample_type, each)) in costs.zip(&types) {
                let cost = number::parse(cost.as_bytes()).unwrap_or(f64::NAN);
                if cost != 0.0 {
                    to.add(*sample_type, cost * each)?;
                }
            }
        }
    }
    if summed == Some(false) {
        to.notices.push(NoticeCode::Truncated, to.at, "totals:");
    }
    to.notices.push(NoticeCode::TruncatedStacks, None, "a graph of calls: each function on its own");
    to.finish()
}

/// The sample type of an event, and what one of its numbers is worth: tools other than Valgrind have units in names.
fn cost(to: &mut Stacks<'_>, event: &str) -> Result<(usize, f64), ParseError> {
    let (name, unit, each) = match event.split_once("_(") {
        Some((name, "10ns)")) => (name, "nanoseconds", 10.0),
        Some((name, "bytes)")) => (name, "bytes", 1.0),
        None if event == "ns" => (event, "nanoseconds", 1.0),
        None if event == "microseconds" => (event, event, 1.0),
        _ => (event, "count", 1.0),
    };
    Ok((to.sample_type(name, unit)?, each))
}

/// The function of a name that may be a number with or without the name that it stands for: `(3) main`, `(3)`.
fn named(to: &mut Stacks<'_>, names: &mut Named<Option<u32>>, text: &str) -> u32 {
    match text.strip_prefix('(').and_then(|rest| rest.split_once(')')) {
        Some((number, name)) if number.bytes().all(|b| b.is_ascii_digit()) => {
            let known = names.of(number, || None);
            *known.get_or_insert_with(|| to.builder.function(if name.is_empty() { text } else { name.trim() }))
        }
        _ => to.builder.function(text),
    }
}
