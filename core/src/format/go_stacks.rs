//! Stacks of goroutines as Go prints them: `debug=2` of the profile, `runtime.Stack`, and what a panic leaves.

#[cfg(feature = "full")]
use alloc::{string::String, vec::Vec};

use crate::error::ParseError;
use crate::find::{beginning, find, lines, lossy};
use crate::format::stack_labels::LabelSet;
use crate::format::stacks::Stacks;
#[cfg(feature = "full")]
use crate::format::text::cut;
use crate::format::{Content, holds};
#[cfg(feature = "full")]
use crate::json;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    // A signal that ended the program, as `SIGQUIT: quit`, stands in front with its place.
    let starts = [&["^panic: "][..], &["^fatal error: "], &["^SIG", "\nPC="]];
    let panic = starts.iter().any(|start| holds(bytes, start) && holds(bytes, &["\ngoroutine "]));
    let mut heads = lines(beginning(bytes)).skip_while(|line| !is_head(line.trim_ascii()));
    let any = heads.next().is_some();
    if any && (panic || holds(bytes, &["^goroutine ", "\n\t"])) {
        90
    } else if any && heads.next().is_some() && heads.next().is_some_and(|line| line.starts_with(b"\t")) {
        // Behind what a program prints.
        35
    } else {
        0
    }
}

/// Whether a line is that of a goroutine: `goroutine 7 [select, 2 minutes] {key: value}:`, with labels since Go 1.26.
fn is_head(line: &[u8]) -> bool {
    line.starts_with(b"goroutine ") && line.ends_with(b":") && find(line, b" [").is_some()
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let count = to.builder.sample_type("goroutine", "count");
    let mut inside = false;
    // Whether the call in work has its place, which is on the line behind it.
    let mut placed = true;
    for (index, line) in lines(source.bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim_end();
        if text.is_empty() || is_head(text.as_bytes()) {
            close(&mut to, count, &mut inside)?;
            if !text.is_empty() {
                (inside, placed) = (true, true);
                to.at = at;
                to.stack.clear();
                #[cfg(feature = "full")]
                if let Some(list) = cut(text, "] {").and_then(|(_, list)| list.strip_suffix("}:")) {
                    labels(&mut to, list);
                }
            }
        } else if !inside {
            // What a program prints before and after.
            to.notices.push(NoticeCode::UnknownRecord, at, text);
        } else if text.starts_with("...") {
            // `...additional frames elided...`: the profile keeps so many.
            to.notices.push(NoticeCode::TruncatedStacks, at, "frames elided");
        } else if text.starts_with(['\t', ' ']) {
            placed = true;
        } else {
            placed = false;
            // `main.f(0x1, 0x2)`; a call that was inlined has `...` in place of its arguments.
            let (name, arguments) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
                Some((name, arguments)) => (name, arguments),
                None => (text, ""),
            };
            // Where a goroutine was created is no call.
            if !text.starts_with("created by ") {
                let frame = Frame::new(to.builder.function(name), arguments == "...");
                to.stack.push(frame);
            }
        }
    }
    if inside && !placed {
        to.notices.push(NoticeCode::Truncated, to.at, "");
    }
    close(&mut to, count, &mut inside)?;
    to.finish()
}

/// Adds the goroutine that is open.
fn close(to: &mut Stacks<'_>, count: usize, inside: &mut bool) -> Result<(), ParseError> {
    if !core::mem::take(inside) {
        return Ok(());
    }
    if to.stack.is_empty() {
        to.notices.push(NoticeCode::TruncatedStacks, to.at, "a sample without frames");
    }
    to.stack.reverse();
    let done = to.add(count, 1.0);
    to.labels = LabelSet::default();
    done
}

/// Takes `key: value, "a key": "a value"` as labels of the next sample. Go quotes what is no plain word, nearly as JSON
/// does; what is neither is told.
#[cfg(feature = "full")]
fn labels(to: &mut Stacks<'_>, mut list: &str) {
    let mut labels = Vec::new();
    while !list.is_empty() {
        let pair = word(list).and_then(|(key, rest)| Some((key, word(rest.strip_prefix(": ")?)?)));
        let Some((key, (value, rest))) = pair.filter(|(_, (_, rest))| rest.is_empty() || rest.starts_with(", ")) else {
            to.notices.push(NoticeCode::BrokenLine, to.at, "labels");
            break;
        };
        labels.extend(to.label(&key, &value));
        list = rest.get(2..).unwrap_or("");
    }
    to.labels = to.label_set(&mut labels);
}

/// A word, quoted or not, and what stands behind it.
#[cfg(feature = "full")]
fn word(text: &str) -> Option<(String, &str)> {
    if text.starts_with('"') {
        let quoted = json::leading(text).ok()?;
        return Some((quoted.text(), text.get(quoted.bytes()..)?));
    }
    let (word, rest) = text.split_at(text.bytes().position(|b| matches!(b, b':' | b',')).unwrap_or(text.len()));
    Some((String::from(word), rest))
}
