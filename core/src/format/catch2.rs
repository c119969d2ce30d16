//! Benchmarks of Catch2: its XML reporter, and the blocks of three lines on the console.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{Builder, Slot};
use crate::format::text::{amount, seconds};
use crate::format::{Content, holds};
use crate::model::Aggregate;
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

/// Sections inside each other, of which the name of a benchmark tells the first at most.
const MAX_SECTIONS: usize = 50;

pub(super) fn detect_xml(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^<?xml", "<BenchmarkResults"]) { 95 } else { 0 }
}

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    if holds(bytes, &["benchmark name", "low mean", "high std dev"]) { 85 } else { 0 }
}

/// An attribute of a tag.
fn attribute(tag: &str, name: &str) -> Option<String> {
    let mut rest = tag;
    // A value may hold what looks like an attribute, so they are passed one by one.
    while let Some((before, behind)) = rest.split_once("=\"") {
        let (value, next) = behind.split_once('"')?;
        if before.trim() == name
            || before.ends_with(name) && before.trim_end_matches(name).ends_with(char::is_whitespace)
        {
            let mut text = value.to_string();
            for (written, meant) in [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&apos;", "'"), ("&amp;", "&")] {
                text = text.replace(written, meant);
            }
            return Some(text);
        }
        rest = next;
    }
    None
}

fn number_of(tag: &str, name: &str) -> f64 {
    attribute(tag, name).and_then(|text| number::parse(text.as_bytes())).unwrap_or(f64::NAN)
}

pub(super) fn parse_xml(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "Catch2", "one process");
    let text = b.text();
    let (mut suite, mut n): (Vec<String>, Option<u64>) = (Vec::new(), None);
    let mut slot: Option<Slot> = None;
    let mut line = 0;
    for piece in text.split('<') {
        b.line(line);
        line += piece.bytes().filter(|b| *b == b'\n').count();
        // A bar of another kind ends the tag only outside of quotes; names hold it escaped.
        let tag = piece.split('>').next().unwrap_or("");
        let kind = tag.split(|c: char| c.is_whitespace() || c == '/').next().unwrap_or("");
        match kind {
            "TestCase" | "Section" => {
                if kind == "TestCase" {
                    suite.clear();
                }
                if suite.len() < MAX_SECTIONS {
                    suite.push(attribute(tag, "name").unwrap_or_default());
                }
            }
            "BenchmarkResults" => {
                b.benchmark(&suite.join("/"), &attribute(tag, "name").unwrap_or_default());
                n = Some(number_of(tag, "samples")).filter(|n| *n >= 1.0).map(|n| n as u64);
                slot = Some(b.series("time", "ns/op"));
            }
            "mean" => {
                let Some(slot) = slot else { continue };
                let bounds = ["lowerBound", "upperBound", "ci"].map(|name| number_of(tag, name));
                let [low, high, confidence] = bounds;
                let interval = (confidence > 0.0 && confidence < 1.0).then_some((low, high, confidence));
                b.summary(slot, Aggregate { n, mean: number_of(tag, "value"), interval, ..Aggregate::default() });
            }
            "standardDeviation" => {
                let Some(slot) = slot else { continue };
                b.amend(slot, |a| &mut a.std_dev, number_of(tag, "value"));
            }
            "failed" => b.note(NoticeCode::FailedBenchmark),
            // What a closing tag begins with.
            "" if tag.starts_with("/Section") => _ = suite.pop(),
            "" if tag.starts_with("/BenchmarkResults") => slot = None,
            _ => {}
        }
    }
    b.finish()
}

/// The amounts at the end of a line, of which each is a number and a unit, in seconds; and what
/// stands before them.
fn times(line: &str) -> Option<(String, [f64; 3])> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, amounts) = words.split_at_checked(words.len().checked_sub(6)?)?;
    let mut times = [0.0; 3];
    for (time, pair) in times.iter_mut().zip(amounts.chunks(2)) {
        *time = seconds(&pair.join(" "))?;
    }
    Some((name.join(" "), times))
}

/// The name and the number of samples of the first line of a block.
fn opening(line: &str) -> Option<(String, u64)> {
    let words: Vec<&str> = line.split_whitespace().collect();
    let (name, numbers) = words.split_at_checked(words.len().checked_sub(4)?)?;
    let whole = |word: &str| amount(word).filter(|(n, rest)| *n >= 1.0 && rest.is_empty()).map(|(n, _)| n);
    let [samples, iterations, estimated, unit] = numbers else { return None };
    whole(iterations)?;
    seconds(&[*estimated, *unit].join(" "))?;
    let samples = whole(samples)?;
    (!name.is_empty()).then(|| (name.join(" "), samples as u64))
}

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "Catch2", "one process");
    let text = b.text();
    let mut suite: Vec<&str> = Vec::new();
    let (mut ruled, mut before) = (false, "");
    let mut open: Option<(String, u64)> = None;
    let mut mean: Option<(String, [f64; 3])> = None;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim_end();
        let rule = line.len() > 20 && line.bytes().all(|b| b == b'-');
        if rule {
            // Between two rules stands the name of a test case, its sections further to the right.
            ruled = before.is_empty();
            if ruled {
                suite.clear();
            }
        } else if ruled && !line.is_empty() {
            if suite.len() < MAX_SECTIONS {
                suite.push(line.trim());
            }
        } else if let Some((start, n)) = opening(line) {
            if open.replace((start, n)).is_some() {
                b.note(NoticeCode::BrokenLine);
            }
            mean = None;
        } else if let (Some((start, n)), Some((middle, values))) = (&open, times(line)) {
            match mean.take() {
                None => mean = Some((middle, values)),
                Some((second, [value, low, high])) => {
                    let mut name = start.clone();
                    for part in [&second, &middle].into_iter().filter(|part| !part.is_empty()) {
                        name.push(' ');
                        name.push_str(part);
                    }
                    b.benchmark(&suite.join("/"), &name);
                    let slot = b.series("time", "s/op");
                    let [std_dev, ..] = values;
                    let interval = Some((low, high, 0.95));
                    let aggregate = Aggregate {
                        n: Some(*n),
                        mean: value,
                        std_dev: Some(std_dev),
                        interval,
                        ..Aggregate::default()
                    };
                    b.summary(slot, aggregate);
                    open = None;
                }
            }
        }
        before = line;
    }
    if open.is_some() {
        b.note(NoticeCode::Truncated);
    }
    b.finish()
}
