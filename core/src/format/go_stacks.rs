//! Stacks of goroutines as Go prints them: `debug=2` of the profile, `runtime.Stack`, and what a panic leaves.

use crate::error::ParseError;
use crate::find::{lines, lossy};
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let panic = ["^panic: ", "^fatal error: "].iter().any(|start| holds(bytes, &[start, "\ngoroutine ", "]:\n"]));
    if panic || holds(bytes, &["^goroutine ", "]:\n", "\n\t"]) { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let count = to.builder.sample_type("goroutine", "count");
    let mut inside = false;
    for (index, line) in lines(source.bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim_end();
        if text.is_empty() || text.starts_with("goroutine ") && text.ends_with(':') {
            close(&mut to, count, &mut inside)?;
            if !text.is_empty() {
                inside = true;
                to.at = at;
                to.stack.clear();
            }
        } else if !inside {
            // What a program prints before and after.
            to.notices.push(NoticeCode::UnknownRecord, at, text);
        } else if text.starts_with("...") {
            // `...additional frames elided...`: the profile keeps so many.
            to.notices.push(NoticeCode::TruncatedStacks, at, "frames elided");
        } else if !text.starts_with(['\t', ' ']) && !text.starts_with("created by ") {
            // `main.f(0x1, 0x2)`; a call that was inlined has `...` in place of its arguments.
            let (name, arguments) = match text.strip_suffix(')').and_then(|text| text.rsplit_once('(')) {
                Some((name, arguments)) => (name, arguments),
                None => (text, ""),
            };
            let frame = Frame::new(to.builder.function(name), arguments == "...");
            to.stack.push(frame);
        }
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
    to.add(count, 1.0)
}
