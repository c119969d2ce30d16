//! Benchmarks of Catch2: its XML reporter, and the blocks of three lines on the console.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Slot, Stated};
use crate::format::text::{amount, around, cut, has, joined, parts, seconds, words};
use crate::format::{Content, holds};
use crate::source::{NoticeCode, Parsed, Source};

/// Lines of a name on the console, its sections among them, at most.
const MAX_SECTIONS: usize = 50;

/// Bytes of a name before its last line, about.
const MAX_NAME: usize = 4000;

pub(super) fn detect_xml(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^<?xml", "<BenchmarkResults"]) { 95 } else { 0 }
}

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    let holds = |texts| holds(bytes, texts);
    if holds(&["benchmark name", "low mean", "high std dev"])
        || holds(&["benchmark name ", " iterations ", " mean\n---"])
    {
        85
    } else {
        0
    }
}

/// Characters as XML writes them, the ampersand last.
const ESCAPES: &[(&str, &str)] = &[("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")];

/// An attribute of a tag; nothing where there is none.
pub(super) fn attribute(tag: &str, name: &str) -> String {
    let mut rest = tag;
    // A value may hold what looks like an attribute, so they are passed one by one.
    while let Some((before, behind)) = cut(rest, "=\"") {
        let (value, next) = around(behind, "\"");
        if words(before).last() == Some(&name) {
            let mut text = value.to_string();
            for (written, meant) in ESCAPES {
                text = joined(&parts(&text, written), meant);
            }
            return text;
        }
        rest = next;
    }
    String::new()
}

fn number_of(tag: &str, name: &str) -> f64 {
    amount(&attribute(tag, name)).map_or(f64::NAN, |(number, _)| number)
}

/// A tag without its end; values in quotes may hold what looks like one.
fn tag_of(piece: &str) -> &str {
    let mut quoted = false;
    let end = piece.bytes().position(|b| {
        quoted ^= b == b'"';
        b == b'>' && !quoted
    });
    piece.get(..end.unwrap_or(piece.len())).unwrap_or(piece)
}

pub(super) fn parse_xml(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("Catch2", "one process"), read_xml)
}

fn read_xml(b: &mut Builder<'_>, text: &str) {
    // The names of a case and the sections inside, and how long it is without each of them.
    let (mut case, mut sections, mut n): (String, Vec<usize>, f64) = (String::new(), Vec::new(), 0.0);
    let mut slot: Option<Slot> = None;
    let mut line = 0;
    for piece in parts(text, "<") {
        b.line(line);
        line += piece.bytes().filter(|b| *b == b'\n').count();
        let tag = tag_of(piece);
        // Without an analysis bounds and spreads are 0, and so is how sure they are.
        let known = number_of(tag, "ci") != 0.0;
        match (words(around(tag, "/").0).first().copied().unwrap_or(tag), slot) {
            ("TestCase", _) => {
                case = attribute(tag, "name");
                sections.clear();
            }
            ("Section", _) => {
                sections.push(case.len());
                case = joined(&[&case, &attribute(tag, "name")], "/");
            }
            ("/Section", _) => case.truncate(sections.pop().unwrap_or(0)),
            ("BenchmarkResults", _) => {
                b.benchmark(&case, &attribute(tag, "name"));
                n = number_of(tag, "samples");
                slot = Some(b.series("time", "ns/op"));
            }
            ("mean", Some(slot)) => {
                let of = |name: &str| number_of(tag, name);
                let mut said = Stated { n, mean: of("value"), ..Stated::NONE };
                if known {
                    said = Stated { low: of("lowerBound"), high: of("upperBound"), confidence: of("ci"), ..said };
                }
                b.summary(slot, &said);
            }
            ("standardDeviation", Some(slot)) if known => b.amend(slot, |a| &mut a.std_dev, number_of(tag, "value")),
            ("failed", Some(_)) => b.note(NoticeCode::FailedBenchmark),
            ("/BenchmarkResults", _) => slot = None,
            _ => {}
        }
    }
    // `Catch2TestRun`, in older versions `Catch`, stands around all.
    if !has(text, "</Catch") {
        b.note_of(NoticeCode::Truncated, "");
    }
}

/// The three amounts at the end of a line, in seconds, and what stands before them.
fn times(line: &str) -> Option<(String, [f64; 3])> {
    let words = words(line);
    let (name, [a, b, c, d, e, f]) = words.split_last_chunk()?;
    let time = |number: &str, unit: &str| seconds(&(number.to_string() + unit));
    Some((joined(name, " "), [time(a, b)?, time(c, d)?, time(e, f)?]))
}

/// The name and the number of samples of the first line of a block, and a time: without an analysis the mean.
fn opening(line: &str) -> Option<(String, f64, f64)> {
    let words = words(line);
    let (name, [samples, iterations, estimated, unit]) = words.split_last_chunk()?;
    let time = seconds(&(estimated.to_string() + unit))?;
    match (amount(samples)?, amount(iterations)?) {
        ((samples, ""), (_, "")) if !name.is_empty() => Some((joined(name, " "), samples, time)),
        _ => None,
    }
}

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("Catch2", "one process"), read_text)
}

fn read_text(b: &mut Builder<'_>, text: &str) {
    // The names of a test case and its sections, and the lines of a name before its last one.
    let (mut suite, mut above): (Vec<&str>, String) = (Vec::new(), String::new());
    let (mut ruled, mut analysed, mut before) = (false, true, "");
    let mut open: Option<(String, f64)> = None;
    let mut mean: Option<(String, [f64; 3])> = None;
    for (index, written) in text.lines().enumerate() {
        b.line(index);
        let line = written.trim_end();
        let rule = line.len() > 20 && line.bytes().all(|b| b == b'-');
        if rule {
            // Between two rules stands the name of a test case, its sections further to the right.
            analysed = !before.starts_with("benchmark name");
            ruled = !ruled && analysed && !has(before, "std dev");
            if ruled {
                suite.clear();
            }
            above.clear();
        } else if ruled && !line.is_empty() {
            if suite.len() < MAX_SECTIONS {
                suite.push(line.trim());
            }
        } else if let Some((start, n, time)) = opening(line) {
            let start = core::mem::take(&mut above) + &start;
            mean = None;
            if !analysed {
                b.benchmark(&joined(&suite, "/"), &start);
                let slot = b.series("time", "s/op");
                b.summary(slot, &Stated { n, mean: time, ..Stated::NONE });
            } else if open.replace((start, n)).is_some() {
                b.note(NoticeCode::BrokenLine);
            }
        } else if let (Some((start, n)), Some((middle, values))) = (&open, times(line)) {
            match mean.take() {
                None => mean = Some((middle, values)),
                Some((second, [value, low, high])) => {
                    let name = joined(&[start, &second, &middle], " ");
                    b.benchmark(&joined(&suite, "/"), name.trim_end());
                    let slot = b.series("time", "s/op");
                    let [std_dev, ..] = values;
                    b.summary(slot, &Stated { n: *n, mean: value, std_dev, low, high, ..Stated::NONE });
                    open = None;
                }
            }
        } else if let Some((name, _)) = cut(line, "Benchmark failed (") {
            b.note_of(NoticeCode::FailedBenchmark, &(core::mem::take(&mut above) + name.trim()));
        } else if line.is_empty() || line.len() == written.len() {
            above.clear();
        } else if above.len() < MAX_NAME {
            // A name that is too long for its column is broken, and its lines are filled up with blanks.
            above = above + line + " ";
        }
        before = line;
    }
    if open.is_some() {
        b.note(NoticeCode::Truncated);
    }
}
