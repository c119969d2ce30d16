//! Maps that bpftrace prints at its end, of those whose keys hold stacks: `@[`, frames, leaf first, `]: 12`. What else
//! a key holds (a command, a process) is at the root.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{head, lines, lossy};
use crate::format::Content;
use crate::format::stacks::Stacks;
use crate::format::text::cut;
use crate::number;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = head(bytes);
    let mut lines = head.lines().skip_while(|line| opening(line).is_none());
    let mut next = || lines.next().is_some_and(|line| !line.trim().is_empty() && !is_end(line));
    if next() && next() && (head.contains("\n]: ") || head.contains("\n, ")) { 92 } else { 0 }
}

/// The map and the first keys of a line that opens one with a stack: `@name[bash,`.
fn opening(line: &str) -> Option<(&str, &str)> {
    let (name, keys) = cut(line.strip_prefix('@')?, "[")?;
    let word = name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    let keys = keys.trim();
    (word && (keys.is_empty() || keys.ends_with(','))).then_some((name, keys))
}

/// Whether a line goes on with the keys of the open entry, behind one of its stacks.
fn is_end(line: &str) -> bool {
    line.starts_with(']') || line.starts_with(", ")
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    // The sample type of the open entry, its frames, leaf first, and its other keys.
    let mut open: Option<usize> = None;
    let (mut frames, mut keys): (Vec<Frame>, Vec<Frame>) = (Vec::new(), Vec::new());
    for (index, line) in lines(to.source.bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        if let Some((name, first)) = opening(&line) {
            if open.is_some() {
                to.notices.push(NoticeCode::BrokenLine, to.at, "a stack has no end");
            }
            to.at = at;
            open = Some(to.sample_type(if name.is_empty() { "samples" } else { name }, "count")?);
            frames.clear();
            keys.clear();
            add_keys(&mut to, &mut keys, first);
        } else if let (Some(sample_type), true) = (open, is_end(&line)) {
            let (others, count) = text.rsplit_once("]: ").unwrap_or((text, ""));
            add_keys(&mut to, &mut keys, others);
            // Another stack of the same entry may follow.
            if count.is_empty() && (text.is_empty() || text.ends_with(',')) {
                continue;
            }
            open = None;
            let Some(count) = number::parse(count.as_bytes()) else {
                to.notices.push(NoticeCode::UnknownRecord, at, text);
                continue;
            };
            to.stack.clear();
            to.stack.extend(keys.iter().copied().chain(frames.iter().rev().copied()));
            to.add(sample_type, count)?;
        } else if open.is_some() && !text.is_empty() {
            frames.push(Frame::new(to.builder.function(function(text)), false));
        } else if !text.is_empty() && !text.starts_with("Attaching ") && !text.starts_with("Attached ") {
            to.notices.push(NoticeCode::UnknownRecord, at, text);
        }
    }
    if open.is_some() {
        to.notices.push(NoticeCode::Truncated, to.at, "a stack has no end");
    }
    to.finish()
}

/// The name in `tcp_sendmsg+39`; as perf prints it, it stands between an address and a module: `55e7 main+12 (/app)`.
fn function(text: &str) -> &str {
    let hex = |digits: &str| digits.bytes().all(|b| b.is_ascii_hexdigit());
    let name = match text.rsplit_once(" (").filter(|_| text.ends_with(')')) {
        Some((place, _)) => place.split_once(' ').filter(|(address, _)| hex(address)).map_or(place, |(_, name)| name),
        None => text,
    };
    name.rsplit_once('+').filter(|(name, offset)| !name.is_empty() && hex(offset)).map_or(name, |(name, _)| name).trim()
}

/// Adds what stands between commas.
fn add_keys(to: &mut Stacks<'_>, keys: &mut Vec<Frame>, text: &str) {
    for key in text.split(',').map(str::trim).filter(|key| !key.is_empty()) {
        keys.push(Frame::new(to.builder.function(key), false));
    }
}
