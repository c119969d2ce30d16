//! Where bytes came from, and what was odd about them.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Some bytes to read, with the name that errors and notices will print.
///
/// The name is diagnostic: no format is chosen by it.
#[derive(Clone, Copy, Debug)]
pub struct Source<'a> {
    /// A file name, or whatever the caller wants errors to say. May hold anything: it is escaped
    /// by whoever displays it.
    pub name: &'a str,
    /// The whole content.
    pub bytes: &'a [u8],
}

/// A place in a source.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "at")]
pub enum Position {
    /// A line, counted from 1.
    Line(u64),
    /// A byte offset, counted from 0, in the decompressed content.
    Byte(u64),
}

/// A value that could be read, with remarks about what was odd on the way.
#[derive(Clone, Debug, PartialEq)]
pub struct Parsed<T> {
    /// What was read.
    pub value: T,
    /// Oddities that did not stop the reading, in the order met, at most one per code and detail.
    pub notices: Vec<Notice>,
}

/// Something odd but usable about an input. Never dropped: every notice is in the report.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Notice {
    /// What kind of oddity.
    pub code: NoticeCode,
    /// Where it was met first.
    pub at: Option<Position>,
    /// How often it was met; at least 1.
    pub count: u64,
    /// The piece of input concerned (a name, a unit, the start of a line), at most 120 characters.
    pub detail: String,
}

/// The closed list of oddities.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
#[non_exhaustive]
pub enum NoticeCode {
    /// Lines or records that the format does not know; they were skipped.
    UnknownRecord,
    /// A value that is not a finite number; it was left out.
    NonFiniteValue,
    /// A benchmark without a usable value; it was left out.
    NoUsableValue,
    /// A benchmark that failed in its own tool.
    FailedBenchmark,
    /// The end of the input is missing; what came before it was kept.
    Truncated,
    /// A record whose checksum does not fit; it was left out.
    BadChecksum,
    /// Text that is not UTF-8; the bad bytes were replaced.
    InvalidUtf8,
    /// A result line broken by other output.
    BrokenLine,
    /// A unit or metric seen with two directions or dimensions; the first one counts.
    ConflictingMetadata,
    /// The same benchmark twice under one key; the values were joined.
    RepeatedKey,
    /// The file holds only aggregates (mean, deviation) and no single values.
    AggregateOnly,
    /// Stacks that are cut off, or samples without any frame.
    TruncatedStacks,
    /// Samples that name something the profile does not hold; they were left out.
    DanglingReference,
    /// Weights below zero (a differential profile).
    NegativeWeight,
    /// A limit was reached and the rest was folded into one counted remainder.
    Folded,
    /// The measurement was interrupted; the block it stood in was left out.
    Interrupted,
    /// The name of the benchmark was taken from the path, since the content does not hold it.
    NameFromPath,
    /// More bytes follow the end of the data; they were ignored.
    TrailingData,
}

impl Notice {
    /// A notice met once. `detail` is cut to 120 characters.
    #[must_use]
    pub fn new(code: NoticeCode, at: Option<Position>, detail: &str) -> Notice {
        Notice { code, at, count: 1, detail: detail.chars().take(120).collect() }
    }
}

/// Collects notices, joining those with the same code and detail into one with a count.
///
/// Bounded: beyond 100 distinct notices, a further one is counted on the last of its code.
#[derive(Debug, Default)]
pub struct Notices {
    list: Vec<Notice>,
}

impl Notices {
    /// No notices yet.
    #[must_use]
    pub fn new() -> Notices {
        Notices::default()
    }

    /// Adds one, or counts it on an equal one.
    pub fn push(&mut self, code: NoticeCode, at: Option<Position>, detail: &str) {
        let notice = Notice::new(code, at, detail);
        let count = self.list.len();
        let full = count >= 100;
        let same = self.list.iter_mut().rev().find(|n| n.code == code && (full || n.detail == notice.detail));
        match same {
            Some(n) => n.count += 1,
            None if count >= 120 => {}
            None => self.list.push(notice),
        }
    }

    /// The notices in the order first met.
    #[must_use]
    pub fn into_vec(self) -> Vec<Notice> {
        self.list
    }
}
