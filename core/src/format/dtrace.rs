//! What DTrace's `ustack()` and `stack()` aggregations print: frames, leaf first, and their count.

use crate::error::ParseError;
use crate::find::{find, head, lines, lossy, rfind};
use crate::format::Content;
use crate::format::perf_script::chain;
use crate::format::stacks::Stacks;
use crate::number;
use crate::profile::Frame;
use crate::source::{Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = head(bytes);
    if has_header(&head) { 90 } else { quiet(&head) }
}

fn has_header(head: &str) -> bool {
    // The tool itself may speak first.
    let mut lines = head.lines().map(str::trim).filter(|l| !l.is_empty() && !l.starts_with("dtrace:"));
    lines.next().is_some_and(|l| l.starts_with("CPU ") && find(l.as_bytes(), b"FUNCTION:NAME").is_some())
}

/// With `-q` stacks stand alone.
fn quiet(head: &str) -> u8 {
    let (mut frames, mut stacks) = (0, 0);
    for line in head.lines().filter(|l| l.starts_with([' ', '\t']) && !l.trim().is_empty()) {
        if is_place(line) {
            frames += 1;
        } else if frames > 0 && line.trim().bytes().all(|b| b.is_ascii_digit()) {
            (frames, stacks) = (0, stacks + 1);
        }
    }
    if stacks > 0 { 50 } else { 0 }
}

/// Whether a line holds a module and a function; marks of prose come in pairs or stand beside blanks.
fn is_place(line: &str) -> bool {
    let place = line.split_once('`').filter(|(_, function)| !function.contains('`'));
    place.is_some_and(|(module, function)| {
        !module.ends_with(char::is_whitespace) && function.starts_with(|c: char| !c.is_whitespace())
    })
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let samples = to.builder.sample_type("samples", "count");
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        let plain = !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
        if let Some(count) = number::parse(text.as_bytes()).filter(|_| plain && !to.stack.is_empty()) {
            to.stack.reverse();
            to.add(samples, count)?;
            to.stack.clear();
        } else if !text.is_empty() && line.starts_with([' ', '\t']) && !is_probe(text) {
            let name = &text[..rfind(text, "+0x").unwrap_or(text.len())];
            // The module is the kernel's or a program's; the function is what people look for.
            let name = name.split_once('`').map_or(name, |(_, function)| function);
            let name = callers(&mut to, name);
            to.push(name);
        }
    }
    to.finish()
}

/// Adds what was inlined into a function of Java, and gives the rest of its name.
fn callers<'n>(to: &mut Stacks<'_>, mut name: &'n str) -> &'n str {
    while let (caller, callee) = chain(name)
        && !caller.is_empty()
    {
        name = caller;
        let frame = Frame::new(to.builder.function(callee), true);
        to.stack.push(frame);
    }
    name
}

/// `30  76446   :tick-10ms`: which probe fired.
fn is_probe(text: &str) -> bool {
    let mut words = text.split_ascii_whitespace();
    let mut number = || words.next().is_some_and(|w| w.bytes().all(|b| b.is_ascii_digit()));
    number() && number()
}
