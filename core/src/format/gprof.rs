//! gprof's tables, and those of VTune in the same shape (AXE): what each function took itself, and a graph of calls.
//!
//! The graph does not say which way led to a call, so that stacks cannot be recovered: each function stands on its
//! own, and a notice says so.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lines, lossy};
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::number;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let flat = holds(bytes, &["^Flat profile:", "cumulative"]);
    let graph = holds(bytes, &["index ", "% time", "self", "children", "called"]);
    if flat || graph || holds(bytes, &["^Index ", ":Self", "\n-----"]) { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    // The flat table has all functions; where only the graph is printed it has those with calls.
    if !flat(&mut to)? {
        graph(&mut to)?;
    }
    to.notices.push(NoticeCode::TruncatedStacks, None, "a graph of calls: each function on its own");
    to.finish()
}

/// Reads the flat table; false: there is none.
fn flat(to: &mut Stacks<'_>) -> Result<bool, ParseError> {
    let (mut inside, mut found) = (false, false);
    // Clocks of small machines are told in cycles, of which the title says that they are thousands.
    let (mut cycles, mut factor) = (false, 1.0);
    for (index, line) in lines(to.source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        if text.starts_with("Flat profile:") {
            inside = true;
            continue;
        }
        // Explanations, or the graph, follow.
        if !inside || found && (text.is_empty() || text.starts_with('%')) {
            if found {
                let behind = lines(to.source.bytes).enumerate().skip(index);
                let other = behind.into_iter().find(|(_, line)| line.starts_with(b"Flat profile:"));
                if let Some((index, _)) = other {
                    to.notices.push(NoticeCode::TrailingData, Some(Position::Line(index as u64 + 1)), "");
                }
                break;
            }
            continue;
        }
        cycles |= text.contains("cycles");
        if text.contains("(K)") {
            factor = 1000.0;
        }
        let (numbers, name) = leading(text, 6);
        let (Some(own), false) = (numbers.get(2), name.is_empty()) else {
            if found {
                to.notices.push(NoticeCode::UnknownRecord, to.at, text);
            }
            continue;
        };
        found = true;
        let factor = if cycles { factor } else { 1.0 };
        add(to, name, own * factor, if cycles { ("cycles", "count") } else { TIME })?;
    }
    Ok(found)
}

const TIME: (&str, &str) = ("time", "seconds");

/// Reads the graph: the line of each function itself begins with its number in brackets.
fn graph(to: &mut Stacks<'_>) -> Result<(), ParseError> {
    for (index, line) in lines(to.source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        if line.starts_with("Index by function name") {
            break;
        }
        let Some((_, text)) = line.trim().strip_prefix('[').and_then(|text| text.split_once(']')) else { continue };
        // Share, own, of callees; how often it was called may be missing, and is `5+69` for a recursion.
        let (numbers, rest) = leading(text, 3);
        let (count, behind) = rest.split_once([' ', '\t']).unwrap_or(("", rest));
        let counted = !count.is_empty() && count.bytes().all(|b| b.is_ascii_digit() || matches!(b, b'+' | b'/'));
        let name = if counted { behind.trim_start() } else { rest };
        // Its number stands behind the name once more.
        let name = name.rsplit_once(" [").map_or(name, |(name, _)| name).trim_end();
        let (Some(own), false) = (numbers.get(1), name.is_empty()) else {
            to.notices.push(NoticeCode::UnknownRecord, to.at, text);
            continue;
        };
        // Of a circle of calls as a whole its functions have their parts.
        if !name.ends_with(" as a whole>") {
            add(to, name.rsplit_once(" <cycle ").map_or(name, |(name, _)| name), *own, TIME)?;
        }
    }
    Ok(())
}

/// Up to so many numbers at the beginning of a line, and what stands behind them.
fn leading(text: &str, most: usize) -> (Vec<f64>, &str) {
    let (mut numbers, mut rest) = (Vec::new(), text.trim_start());
    while numbers.len() < most {
        let (word, behind) = rest.split_once([' ', '\t']).unwrap_or((rest, ""));
        let Some(number) = number::parse(word.as_bytes()) else { break };
        numbers.push(number);
        rest = behind.trim_start();
    }
    (numbers, rest)
}

fn add(to: &mut Stacks<'_>, name: &str, own: f64, (kind, unit): (&str, &str)) -> Result<(), ParseError> {
    let sample_type = to.builder.sample_type(kind, unit);
    to.stack.clear();
    to.stack.push(Frame::new(to.builder.function(name), false));
    to.add(sample_type, own)
}
