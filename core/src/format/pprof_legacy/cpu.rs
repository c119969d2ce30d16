//! Samples of the processor in machine words: a header, then for each stack how often it was seen, its length and its
//! addresses, leaf first; an entry of one frame 0 ends them, and text with names or places follows.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::lines;
use crate::format::stacks::Stacks;
use crate::source::{NoticeCode, Position};

use super::places::{Leaf, Places};

/// The file as words.
pub(super) struct Words<'a> {
    bytes: &'a [u8],
    /// Of 8 bytes in place of 4.
    wide: bool,
    /// The highest byte first.
    big: bool,
}

impl<'a> Words<'a> {
    /// `None`: there is no header.
    pub(super) fn of(bytes: &'a [u8]) -> Option<Words<'a>> {
        let kinds = [(false, false), (false, true), (true, false), (true, true)];
        let mut all = kinds.into_iter().map(|(wide, big)| Words { bytes, wide, big });
        all.find(|words| {
            let header: Option<Vec<u64>> = (0..5).map(|at| words.get(at)).collect();
            // Zero, how many words follow, the version (Java's is 1), microseconds between samples, zero.
            matches!(header.as_deref(), Some([0, 3..=99, 0 | 1, 1..=1_000_000_000, 0]))
        })
    }

    fn size(&self) -> usize {
        if self.wide { 8 } else { 4 }
    }

    fn get(&self, index: usize) -> Option<u64> {
        let from = index.checked_mul(self.size())?;
        let word = self.bytes.get(from..from.checked_add(self.size())?)?;
        let join = |value: u64, byte: &u8| value << 8 | u64::from(*byte);
        Some(if self.big { word.iter().fold(0, join) } else { word.iter().rev().fold(0, join) })
    }
}

/// A stack where it stands.
struct Entry {
    /// Its first word.
    at: usize,
    count: u64,
    /// Addresses of the leaf and of the others, which begin at a word and are so many.
    leaf: u64,
    others: (usize, usize),
}

pub(super) fn read(to: &mut Stacks<'_>, words: &Words<'_>, symbols: &[u8], from: usize) -> Result<(), ParseError> {
    let place = |word: usize| Some(Position::Byte((from + word * words.size()) as u64));
    let (java, period) = (words.get(2) == Some(1), words.get(3).unwrap_or(0));
    let mut at = 2 + words.get(1).unwrap_or(3) as usize;
    let mut entries: Vec<Entry> = Vec::new();
    let mut ended = false;
    while let (Some(count), Some(length)) = (words.get(at), words.get(at + 1)) {
        if (count, length, words.get(at + 2)) == (0, 1, Some(0)) {
            at += 3;
            ended = true;
            break;
        }
        let left = words.bytes.len() / words.size() - (at + 2);
        let Some(length) = usize::try_from(length).ok().filter(|length| (1..=left).contains(length)) else { break };
        entries.push(Entry { at, count, leaf: words.get(at + 2).unwrap_or(0), others: (at + 3, length - 1) });
        at += 2 + length;
    }
    if !ended {
        to.notices.push(NoticeCode::Truncated, place(at), "samples");
    }
    let rest = if ended { words.bytes.get(at * words.size()..).unwrap_or(&[]) } else { &[] };
    // Another profile begins where the places of this one end, behind a line.
    let next = |(line, _): (usize, &u8)| {
        let behind = rest.get(line + 1..).unwrap_or(&[]);
        behind.starts_with(&[0; 4]) && Words::of(behind).is_some()
    };
    let second = Words::of(rest).map(|_| 0).or_else(|| {
        rest.iter().enumerate().filter(|(_, b)| **b == b'\n').find(|found| next(*found)).map(|(line, _)| line + 1)
    });
    if let Some(byte) = second {
        to.notices.push(NoticeCode::TrailingData, Some(Position::Byte((from + at * words.size() + byte) as u64)), "");
    }
    let places = Places::read(to, lines(symbols).chain(lines(rest)))?;
    if !java {
        without_the_profiler(to, words, &mut entries);
    }
    let (samples, time) = (to.builder.sample_type("samples", "count"), to.builder.sample_type("cpu", "nanoseconds"));
    to.builder.show_first(time);
    let mut stack = Vec::new();
    for entry in &entries {
        to.at = place(entry.at);
        stack.clear();
        stack.push(entry.leaf);
        let (first, count) = entry.others;
        stack.extend((first..first + count).map_while(|word| words.get(word)));
        places.stack(to, &stack, if java { Leaf::NoAddress } else { Leaf::Exact })?;
        let count = entry.count as f64;
        to.add_values(&[(samples, count), (time, count * period as f64 * 1000.0)])?;
    }
    Ok(())
}

/// Leaves out what the profiler itself puts behind the leaf: the frames of the signal's handler, which all stacks
/// share, and the leaf once more.
fn without_the_profiler(to: &mut Stacks<'_>, words: &Words<'_>, entries: &mut [Entry]) {
    let second = |entry: &Entry| words.get(entry.others.0).filter(|_| entry.others.1 > 0);
    for _ in 0..2 {
        let mut seconds: Vec<u64> = entries.iter().filter_map(second).collect();
        seconds.sort_unstable();
        let longest = seconds.chunk_by(|a, b| a == b).max_by_key(|run| run.len());
        let Some(shared) = longest.filter(|run| run.len() > 1 && run.len() * 20 >= entries.len() * 19) else { break };
        let Some(address) = shared.first() else { break };
        for entry in entries.iter_mut().filter(|entry| second(entry) == Some(*address)) {
            entry.others = (entry.others.0 + 1, entry.others.1 - 1);
        }
        to.notices.push(NoticeCode::TruncatedStacks, None, "frames of the profiler left out");
    }
    for entry in entries.iter_mut().filter(|entry| second(entry) == Some(entry.leaf)) {
        entry.others = (entry.others.0 + 1, entry.others.1 - 1);
    }
}
