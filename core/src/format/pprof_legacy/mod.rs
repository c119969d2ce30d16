//! pprof's forms from before `profile.proto`: samples of the processor in machine words (gperftools, old Go), and
//! text of heaps, contention, threads and goroutines (gperftools, jemalloc, Go with `debug=1`, Java).

mod cpu;
mod places;
mod text;

use crate::error::ParseError;
use crate::find::{beginning, find, lines};
use crate::format::stacks::Stacks;
use crate::format::text::cut;
use crate::format::{Content, holds};
use crate::source::{Parsed, Source};

/// How the text forms begin.
const STARTS: &[&str] = &[
    "^heap profile:",
    "^heap_v2/",
    "^--- contention",
    "^--- mutex",
    "^--- heapz",
    "^--- growthz",
    "^--- threadz",
    "^--- Thread ",
    "^--- symbol",
];

/// Whether a text begins as Go's profiles of any name do: `goroutine profile: total 3`.
fn counts(bytes: &[u8]) -> bool {
    let first = lines(bytes.trim_ascii_start()).next().and_then(|line| core::str::from_utf8(line).ok());
    first.and_then(|line| cut(line, " profile: total ")).is_some_and(|(name, total)| {
        let total = total.trim_end();
        !name.contains(char::is_whitespace) && !total.is_empty() && total.bytes().all(|b| b.is_ascii_digit())
    })
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let text = counts(beginning(bytes)) || STARTS.iter().any(|start| holds(bytes, &[start]));
    if text || cpu::Words::of(bytes).is_some() { 96 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    // Names may stand in front, with a profile of either form behind them.
    let from = if holds(source.bytes, &["^--- symbol"]) { behind_symbols(source.bytes) } else { 0 };
    let (symbols, rest) = source.bytes.split_at(from.min(source.bytes.len()));
    match cpu::Words::of(rest) {
        Some(words) => cpu::read(&mut to, &words, symbols, from)?,
        None => text::read(&mut to)?,
    }
    to.finish()
}

/// Where the words of a profile begin behind a table of names; 0 where text follows, which is read with the table.
fn behind_symbols(bytes: &[u8]) -> usize {
    let title: &[u8] = b"\n--- profile\n";
    find(bytes, title).map_or(0, |at| at + title.len())
}
