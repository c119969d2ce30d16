//! `perf script`: a line for each sample (command, process, time, event), a line for each frame.
//!
//! Events are sample types of their own, weighted by their period where it is printed. The command is the root, so
//! that programs stay apart; process and thread are labels, but in the small engine of the page.

use alloc::string::String;

use crate::error::ParseError;
use crate::find::{find, head, lines, lossy, rfind};
use crate::format::Content;
#[cfg(feature = "full")]
use crate::format::perf_labels::Threads;
use crate::format::stacks::Stacks;
use crate::format::text::cut;
use crate::number;
use crate::profile::{Frame, Memo};
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = head(bytes);
    let mut lines = head.lines().filter(|l| !l.trim().is_empty() && !l.starts_with('#') && !is_record(l)).take(2);
    let Some(first) = lines.next() else { return if is_record(&head) { 90 } else { 0 } };
    let Some(sample) = header(first) else { return 0 };
    let frames = !sample.rest.is_empty() || lines.next().is_none_or(|l| frame(l).is_some() || header(l).is_some());
    if frames { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    // Its type and weight, and whether a frame was seen.
    let mut open: Option<(usize, f64, bool)> = None;
    // Whether all its frames stand on its own line.
    let mut beside = false;
    let mut span: Option<(f64, f64)> = None;
    // Times from one sample to the next, and those of several recordings, say nothing of how long it took.
    let mut ordered = true;
    // What stands behind the address says everything, and stands there again in the next sample.
    let mut met = Memo::default();
    #[cfg(feature = "full")]
    let mut threads = Threads::default();
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let place = behind_address(line);
        if let (Some(open), Some(known)) = (&mut open, place.and_then(|place| met.get(place))) {
            open.2 = true;
            only_below(&mut to, &mut beside);
            to.stack.push(known);
            continue;
        }
        let line = lossy(line);
        let text = line.trim();
        if text.is_empty() {
            if open.is_some_and(|(_, _, frames)| frames) {
                close(&mut to, &mut open)?;
            }
            continue;
        }
        if text.starts_with('#') && !line.starts_with([' ', '\t']) {
            continue;
        }
        if is_record(text) {
            if find(text.as_bytes(), b"_LOST").is_some() {
                to.notices.push(NoticeCode::UnknownRecord, to.at, text);
            }
            continue;
        }
        let known = if open.is_some() { frame(text) } else { None };
        // Whether the line is a frame and nothing else.
        let mut whole = known.is_some();
        let known = match (known, header(text)) {
            // A frame ends in its module and has no time; a command may look like an address.
            (Some(known), other) if other.as_ref().is_none_or(|o| o.time.is_none() && text.ends_with(')')) => {
                only_below(&mut to, &mut beside);
                Some(known)
            }
            (_, Some(sample)) => {
                whole = false;
                close(&mut to, &mut open)?;
                let unit = if find(sample.event.as_bytes(), b"clock").is_some() && sample.period.is_some() {
                    "nanoseconds"
                } else {
                    "count"
                };
                let sample_type = to.sample_type(sample.event, unit)?;
                open = Some((sample_type, sample.period.unwrap_or(1.0), false));
                if let Some(time) = sample.time {
                    ordered &= span.is_none_or(|(_, last)| last <= time);
                    span = Some(span.map_or((time, time), |(first, _)| (first, time)));
                }
                to.stack.clear();
                to.push(sample.command);
                #[cfg(feature = "full")]
                {
                    let process = word(text.get(sample.command.len()..).unwrap_or("")).0;
                    to.labels = threads.of(&mut to, process);
                }
                // An address of data may stand in front.
                let known = behind_data(sample.rest).or_else(|| frame(sample.rest));
                beside = known.is_some();
                known
            }
            // The line of a source that a frame stands for.
            (None, None) if open.is_some_and(|(_, _, frames)| frames) && is_place(text) => None,
            _ => {
                to.notices.push(NoticeCode::UnknownRecord, to.at, text);
                None
            }
        };
        if let (Some((symbol, module)), Some(open)) = (known, &mut open) {
            open.2 = true;
            let inlined = module == "inlined";
            let name = match symbol {
                "[unknown]" if !module.starts_with('[') && !module.is_empty() => {
                    String::from("[") + module.rsplit('/').next().unwrap_or(module) + "]"
                }
                _ => String::from(symbol),
            };
            let mut rest = name.as_str();
            let frame = loop {
                let (caller, callee) = chain(rest);
                let frame = Frame::new(to.builder.function(callee), inlined || !caller.is_empty());
                to.stack.push(frame);
                if caller.is_empty() {
                    break frame;
                }
                // Of several frames none is met again.
                whole = false;
                rest = caller;
            };
            if let Some(place) = place.filter(|_| whole) {
                met.insert(place, frame);
            }
        }
    }
    close(&mut to, &mut open)?;
    if is_cut(source.bytes) {
        to.notices.push(NoticeCode::Truncated, to.at, "");
    }
    if let Some((first, last)) = span.filter(|_| ordered) {
        to.builder.duration(last - first);
    }
    to.finish()
}

/// Whether a text ends inside of a frame: it has no module, and the one before has.
fn is_cut(bytes: &[u8]) -> bool {
    let mut lines = bytes.rsplit(|byte| *byte == b'\n').map(<[u8]>::trim_ascii_end);
    let is_frame = |line: &&[u8]| {
        let line = lossy(line);
        frame(&line).is_some() && header(&line).is_none()
    };
    let last = lines.next().filter(is_frame);
    // Few lines that are none stand between two frames.
    let before = last.and_then(|_| lines.take(16).find(is_frame));
    [(last, false), (before, true)]
        .iter()
        .all(|(line, module)| line.is_some_and(|line| line.ends_with(b")") == *module))
}

/// Whether a line is of what happened to a process, and no sample.
fn is_record(line: &str) -> bool {
    find(line.as_bytes(), b": PERF_RECORD_").is_some()
}

/// Whether a line is a place in a source, `file.c:12`, or an address in a module without one, `[module][address]`.
fn is_place(text: &str) -> bool {
    let line = text.rsplit(':').next().filter(|line| line.len() < text.len());
    let known = text.ends_with(']') || line.is_some_and(|line| line.bytes().all(|b| b.is_ascii_digit()));
    known && !text.contains(' ')
}

/// The frame behind another one on the line.
fn behind_data(mut line: &str) -> Option<(&str, &str)> {
    loop {
        line = cut(line, ") ")?.1;
        if let Some(known) = frame(line) {
            return Some(known);
        }
    }
}

/// Takes away what stands on a sample's own line where its frames stand below: it is the address of data.
fn only_below(to: &mut Stacks<'_>, beside: &mut bool) {
    if core::mem::take(beside) {
        to.stack.truncate(1);
    }
}

/// Bytes of a chain of names at most.
const MAX_CHAIN: usize = 8192;

/// A name without what was inlined into it, and the innermost of that; nothing and the name where nothing was. Java's
/// agent for perf writes arrows between the two; other languages have them between blanks, in brackets and in the names
/// of operators.
pub(super) fn chain(name: &str) -> (&str, &str) {
    // Each arrow looks at the whole name.
    if name.len() > MAX_CHAIN {
        return ("", name);
    }
    let at = rfind(name, "->").unwrap_or(0);
    let (caller, callee) = (name.get(..at).unwrap_or(""), name.get(at + 2..).unwrap_or(""));
    let other = caller.ends_with("operator") || name.bytes().any(|b| matches!(b, b' ' | b'('));
    if caller.is_empty() || callee.is_empty() || other { ("", name) } else { (caller, callee) }
}

/// Adds the open sample. Its frames were read leaf first, behind the command.
fn close(to: &mut Stacks<'_>, open: &mut Option<(usize, f64, bool)>) -> Result<(), ParseError> {
    let Some((sample_type, weight, _)) = open.take() else { return Ok(()) };
    if let Some(frames) = to.stack.get_mut(1..) {
        frames.reverse();
    }
    to.add(sample_type, weight)
}

/// The line that begins a sample.
struct Header<'a> {
    command: &'a str,
    time: Option<f64>,
    period: Option<f64>,
    event: &'a str,
    /// A stack on the same line.
    rest: &'a str,
}

/// `command pid[/tid] [cpu] time: period event: frame`, of which cpu, time, period and frame may be missing.
fn header(line: &str) -> Option<Header<'_>> {
    let line = line.trim();
    let mut at = 0;
    // The command may hold blanks: it ends where a process begins.
    while let Some(next) = line.get(at..).and_then(|rest| rest.find([' ', '\t'])) {
        let command = line.get(..at + next)?;
        // All blanks at once: a line may be nothing else.
        let rest = line.get(at + next..)?.trim_start();
        at = line.len() - rest.len();
        let (process, rest) = word(rest);
        if command.is_empty() || !process.bytes().all(|b| b.is_ascii_digit() || b == b'/') || process.is_empty() {
            continue;
        }
        if let Some(header) = behind(command, rest) {
            return Some(header);
        }
    }
    None
}

fn behind<'a>(command: &'a str, rest: &'a str) -> Option<Header<'a>> {
    let (mut token, mut rest) = word(rest);
    if token.starts_with('[') && token.ends_with(']') {
        (token, rest) = word(rest);
    }
    let time = token.strip_suffix(':').filter(|t| t.contains('.')).and_then(|t| number::parse(t.as_bytes()));
    if time.is_some() {
        (token, rest) = word(rest);
    }
    let mut period = None;
    if token.bytes().all(|b| b.is_ascii_digit()) {
        period = number::parse(token.as_bytes());
        (token, rest) = word(rest);
    }
    // Samples need not be told what they are of.
    if time.is_some() && token.is_empty() {
        return Some(Header { command, time, period, event: "samples", rest: "" });
    }
    let event = token
        .strip_suffix(':')
        .filter(|e| !e.is_empty() && e.starts_with(|c: char| !c.is_ascii_digit() && c != '['))?;
    Some(Header { command, time, period, event, rest: rest.trim_start() })
}

fn word(text: &str) -> (&str, &str) {
    let text = text.trim_start();
    text.split_at(text.bytes().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(text.len()))
}

/// What stands behind the address that a line of a stack begins with. Whether such a line is a frame, and which,
/// does not depend on the address.
fn behind_address(line: &[u8]) -> Option<&[u8]> {
    let from = line.iter().position(|b| !matches!(b, b' ' | b'\t'))?;
    let rest = line.get(from..)?;
    let address = rest.iter().position(|b| !b.is_ascii_hexdigit())?;
    rest.get(address..).filter(|rest| address > 0 && rest.first() == Some(&b' '))
}

/// Symbol and module of `address symbol+0xoffset (module)`; the module may be missing.
fn frame(line: &str) -> Option<(&str, &str)> {
    let (address, rest) = word(line.trim());
    if address.is_empty() || !address.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let rest = rest.trim();
    let rest = rest.strip_suffix(" (deleted))").unwrap_or(rest);
    let (symbol, module) = rest.split_at(rfind(rest, " (").unwrap_or(rest.len()));
    let offset = rfind(symbol, "+0x").filter(|at| *at > 0);
    let is_offset = |at: &usize| symbol.bytes().skip(at + 3).all(|b| b.is_ascii_hexdigit());
    let symbol = symbol.split_at(offset.filter(is_offset).unwrap_or(symbol.len())).0;
    (!symbol.is_empty()).then_some((symbol, module.trim_start_matches([' ', '(']).trim_end_matches(')')))
}
