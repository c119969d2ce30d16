//! What `xctrace export` prints of Instruments: rows of XML with a weight and a backtrace, each of which stands where
//! it is met first and is named by its number after that. Thread and process of a row are labels.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lossy, rfind};
use crate::format::catch2::attribute;
use crate::format::stack_labels::Label;
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::map::Named;
use crate::number;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^<?xml", "<trace-query-result>"]) { 95 } else { 0 }
}

/// Elements that hold the weight of a row, with their sample types.
const WEIGHTS: &[(&str, &str, &str)] =
    &[("weight", "time", "nanoseconds"), ("cycle-weight", "cycles", "count"), ("size-in-bytes", "space", "bytes")];

/// What numbers stand for.
#[derive(Clone, Copy)]
enum Known {
    /// A weight of a sample type.
    Weight(usize, f64),
    /// Frames from here to there.
    Backtrace(usize, usize),
    Function(u32),
    /// What is known of a thread: its name and its number.
    Thread([Option<Label>; 2]),
    Process(Option<Label>),
}

/// The labels of a thread out of `main  0x8480c1 (tool, pid: 49374)`; of another text all of it.
fn thread(to: &mut Stacks<'_>, text: &str) -> [Option<Label>; 2] {
    let (before, _) = text.split_at(rfind(text, " (").unwrap_or(text.len()));
    // A thread without a name has its number alone.
    let at = before.rfind(' ').map_or(0, |at| at + 1);
    let (name, number) = before.split_at(at);
    match number.strip_prefix("0x") {
        Some(_) => [to.label("thread", name.trim()), to.label("thread_id", number)],
        None => [to.label("thread", text), None],
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let mut known: Named<Known> = Named::new();
    // Frames of all backtraces, leaf first.
    let mut frames: Vec<u32> = Vec::new();
    let (mut weight, mut backtrace, mut open) = (None, None, None);
    // Of the row in work.
    let (mut own_thread, mut process) = (None, None);
    // The number of what lies around the backtrace in work.
    let mut tagged = String::new();
    if !source.bytes.trim_ascii_end().ends_with(b"</trace-query-result>") {
        to.notices.push(NoticeCode::Truncated, None, "");
    }
    let mut line = 1;
    let text = lossy(source.bytes);
    let mut rest: &str = &text;
    while let Some(piece) = next(&mut rest, &mut line) {
        let Piece { tag, content, at } = piece;
        let name = tag.split([' ', '/', '\t', '\n']).next().unwrap_or("");
        let measure = WEIGHTS.iter().find(|(element, ..)| *element == name);
        if measure.is_none()
            && !matches!(name, "row" | "frame" | "backtrace" | "tagged-backtrace" | "thread" | "process" | "")
        {
            continue;
        }
        let (id, number) = (attribute(tag, "id"), attribute(tag, "ref"));
        let same = known.get(&number).copied().filter(|_| !number.is_empty());
        if !number.is_empty() && same.is_none() && matches!(name, "frame" | "backtrace" | "tagged-backtrace") {
            to.notices.push(NoticeCode::DanglingReference, Some(Position::Line(at)), name);
        }
        let mut new = None;
        match (name, same) {
            ("row", _) => {
                to.at = Some(Position::Line(at));
                (weight, backtrace, open) = (None, None, None);
                (own_thread, process) = (None, None);
                tagged.clear();
            }
            // Of several threads of a row the first is the one that ran.
            ("thread", Some(Known::Thread(labels))) => own_thread = own_thread.or(Some(labels)),
            ("thread", None) if number.is_empty() => {
                let labels = thread(&mut to, &attribute(tag, "fmt"));
                own_thread = own_thread.or(Some(labels));
                new = Some(Known::Thread(labels));
            }
            ("process", Some(Known::Process(label))) => process = process.or(label),
            ("process", None) if number.is_empty() => {
                let label = to.label("process", &attribute(tag, "fmt"));
                process = process.or(label);
                new = Some(Known::Process(label));
            }
            ("backtrace" | "tagged-backtrace", Some(same)) => backtrace = Some(same),
            ("tagged-backtrace", None) => tagged = id.clone(),
            ("backtrace", None) if number.is_empty() => open = Some((frames.len(), id.clone())),
            ("frame", Some(Known::Function(function))) => frames.push(function),
            ("frame", None) if number.is_empty() => {
                let name = attribute(tag, "name");
                let function = to.builder.function(if name.is_empty() { "[unknown]" } else { &name });
                frames.push(function);
                new = Some(Known::Function(function));
            }
            _ => {}
        }
        let closed = tag == "/backtrace" || name == "backtrace" && tag.ends_with('/');
        if let Some((from, id)) = open.take_if(|_| closed) {
            let found = Known::Backtrace(from, frames.len());
            backtrace = Some(found);
            known.of(&id, || found);
        }
        if let (true, Some(found)) = (tag == "/tagged-backtrace" && !tagged.is_empty(), backtrace) {
            known.of(&core::mem::take(&mut tagged), || found);
        }
        if let Some((_, kind, unit)) = measure {
            match (same, number::parse(content.trim().as_bytes())) {
                (Some(same), _) => weight = weight.or(Some(same)),
                (None, Some(value)) => {
                    new = Some(Known::Weight(to.builder.sample_type(kind, unit), value));
                    weight = weight.or(new);
                }
                (None, None) => {}
            }
        }
        if let Some(new) = new.filter(|_| !id.is_empty()) {
            known.of(&id, || new);
        }
        if tag == "/row" {
            let Some(Known::Weight(sample_type, value)) = weight else {
                to.notices.push(NoticeCode::UnknownRecord, to.at, "a row without a weight");
                continue;
            };
            let mut labels: Vec<Label> = own_thread.into_iter().flatten().chain([process]).flatten().collect();
            to.labels = to.label_set(&mut labels);
            to.stack.clear();
            match backtrace {
                Some(Known::Backtrace(from, end)) => {
                    let list = frames.get(from..end).unwrap_or(&[]);
                    to.stack.extend(list.iter().rev().map(|function| Frame::new(*function, false)));
                }
                _ => to.notices.push(NoticeCode::TruncatedStacks, to.at, "a sample without frames"),
            }
            to.add(sample_type, value)?;
        }
    }
    to.finish()
}

/// A tag without its brackets, and the text up to the next one.
struct Piece<'t> {
    tag: &'t str,
    content: &'t str,
    /// The line where it stands.
    at: u64,
}

/// The next tag; `None` behind the last one. Attributes may hold brackets that close.
fn next<'t>(rest: &mut &'t str, line: &mut u64) -> Option<Piece<'t>> {
    let start = rest.find('<')?;
    let behind = rest.get(start + 1..)?;
    let mut quote = None;
    let end = behind.bytes().position(|byte| match (quote, byte) {
        (None, b'"' | b'\'') => {
            quote = Some(byte);
            false
        }
        (Some(open), _) if open == byte => {
            quote = None;
            false
        }
        (None, b'>') => true,
        _ => false,
    })?;
    let (tag, content) = (behind.get(..end)?, behind.get(end + 1..)?);
    let content = content.split_at(content.find('<').unwrap_or(content.len())).0;
    let lines = |text: &str| text.bytes().filter(|byte| *byte == b'\n').count() as u64;
    *line += lines(rest.get(..start)?);
    let at = *line;
    *line += lines(tag);
    *rest = behind.get(end + 1..)?;
    Some(Piece { tag, content, at })
}
