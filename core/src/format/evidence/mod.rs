//! Readers of what explains a measurement: collector logs, compiler notes, scheduler traces.

mod go_notes;
mod go_trace;
mod jvm;
mod jvm_line;
mod jvm_old;
mod jvm_steps;
mod opt_log;
mod stamp;

pub(super) use go_trace::Trace;

use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::evidence::Evidence;
use crate::format::{Content, Format};
use crate::number;
use crate::source::{NoticeCode, Notices, Parsed, Source};

/// The formats.
pub(super) const FORMATS: &[Format] = &[
    Format {
        id: "go-gctrace",
        name: "Go garbage collector trace",
        detect: go_trace::detect_collections,
        parse: go_trace::parse,
    },
    Format {
        id: "go-schedtrace",
        name: "Go scheduler trace",
        detect: go_trace::detect_schedule,
        parse: go_trace::parse,
    },
    Format { id: "jvm-gc", name: "JVM unified GC log", detect: jvm::detect, parse: jvm::parse },
    Format { id: "jvm-gc-old", name: "JVM GC log before version 9", detect: jvm_old::detect, parse: jvm_old::parse },
    Format { id: "go-notes", name: "Go compiler notes (-m)", detect: go_notes::detect, parse: go_notes::parse },
    Format { id: "go-opt-log", name: "Go optimisation log (-json)", detect: opt_log::detect, parse: opt_log::parse },
];

/// Amounts beyond this are damage: it is more than the nanoseconds that a host may be up, and than any heap.
const MOST: f64 = 1e19;

/// What is left of a line that is read from left to right.
#[derive(Clone, Copy)]
struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    /// Takes a piece that comes next; whether it does.
    fn skip(&mut self, piece: &str) -> bool {
        match self.0.strip_prefix(piece.as_bytes()) {
            Some(rest) => {
                self.0 = rest;
                true
            }
            None => false,
        }
    }

    /// Takes the bytes that come next and fit.
    fn while_in(&mut self, fits: impl Fn(u8) -> bool) -> &'a [u8] {
        let end = self.0.iter().position(|b| !fits(*b)).unwrap_or(self.0.len());
        let (taken, rest) = self.0.split_at(end);
        self.0 = rest;
        taken
    }

    /// Takes a whole number.
    fn count(&mut self) -> Option<u64> {
        let digits = self.while_in(|b| b.is_ascii_digit());
        core::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Takes a number from 0; its point may be a comma where the locale has one.
    fn amount(&mut self) -> Option<f64> {
        let digits = self.while_in(|b| b.is_ascii_digit());
        let mut rest = *self;
        if !digits.is_empty() && (rest.skip(".") || rest.skip(",")) {
            let fraction = rest.while_in(|b| b.is_ascii_digit());
            if !fraction.is_empty() {
                let mut text = Vec::with_capacity(digits.len() + fraction.len() + 1);
                text.extend_from_slice(digits);
                text.push(b'.');
                text.extend_from_slice(fraction);
                *self = rest;
                return plausible(number::parse(&text)?);
            }
        }
        plausible(number::parse(digits)?)
    }
}

/// An amount that can be one.
fn plausible(value: f64) -> Option<f64> {
    (0.0..MOST).contains(&value).then_some(value)
}

/// A size with its unit, in bytes: `24M`, `13.9M`, `8704K`, `512B`. Units are powers of 1024.
fn size(cursor: &mut Cursor<'_>) -> Option<f64> {
    let value = cursor.amount()?;
    let factor = [("B", 1.0), ("K", 1024.0), ("M", 1_048_576.0), ("G", 1_073_741_824.0)]
        .into_iter()
        .find(|(unit, _)| cursor.skip(unit))?
        .1;
    plausible(value * factor)
}

/// The line by which `noisefloor run --gc-log` tells whose output follows: number and process id of the fork.
fn fork_of(line: &[u8]) -> Option<(u32, u32)> {
    let mut cursor = Cursor(line.strip_prefix(b"# noisefloor fork ")?);
    let number = u32::try_from(cursor.count()?).ok()?;
    let pid = cursor.skip(" pid ").then(|| cursor.count()).flatten()?;
    Some((number, u32::try_from(pid).ok()?))
}

/// What was read, or that nothing was; what the limits left out is said.
fn finish(source: &Source<'_>, list: Vec<Evidence>, mut notices: Notices) -> Result<Parsed<Content>, ParseError> {
    if list.is_empty() {
        return Err(ParseError::new(source, None, ParseErrorKind::NoData));
    }
    for evidence in &list {
        let (left_out, what) = match evidence {
            Evidence::Collections(c) => (c.left_out, "collections"),
            Evidence::Notes(n) => (n.left_out, "notes"),
            Evidence::Schedule(s) => (s.left_out, "lines"),
        };
        if left_out > 0 {
            notices.push(NoticeCode::Folded, None, &alloc::format!("{left_out} {what} left out"));
        }
    }
    Ok(Parsed { value: Content::Evidence(list), notices: notices.into_vec() })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use crate::evidence::Collections;
    use alloc::vec::Vec;

    /// The collections of a log, and what was odd about it.
    pub(super) fn collections(
        parse: fn(Source<'_>) -> Result<Parsed<Content>, ParseError>,
        text: &str,
    ) -> (Collections, Vec<(NoticeCode, u64)>) {
        let parsed = parse(Source { name: "t", bytes: text.as_bytes() }).unwrap();
        let Content::Evidence(mut list) = parsed.value else { panic!("no evidence") };
        let Evidence::Collections(c) = list.remove(0) else { panic!("no collections") };
        (c, parsed.notices.iter().map(|n| (n.code, n.count)).collect())
    }
}
