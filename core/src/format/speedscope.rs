//! speedscope's own JSON: stacks with weights, or calls that begin and end.
//!
//! Of several profiles in one file each has its name as root. Those that `noisefloor convert` wrote are sample types of
//! one profile again.

use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::stacks::{Calls, Stacks};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Source};

const EXPECTED: &str = "a speedscope profile";

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "speedscope.app/file-format-schema"])
        || holds(bytes, &["^{", "\"shared\"", "\"frames\"", "\"profiles\""])
    {
        95
    } else {
        0
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let [shared, profiles, active, exporter] =
        to.document(EXPECTED)?.fields(&["shared", "profiles", "activeProfileIndex", "exporter"]);
    let active = active.count();
    let ours = exporter.text().starts_with("noisefloor ");
    let mut functions = Vec::new();
    for frame in shared.at("frames").items() {
        let [name, file, line] = frame.fields(&["name", "file", "line"]);
        functions.push(to.function(&name.text(), &file.text(), line.count()));
    }
    let several = profiles.items().nth(1).is_some();
    for (index, profile) in profiles.items().enumerate() {
        to.stands_at(profile);
        let [kind, name, unit, samples, weights, events] =
            profile.fields(&["type", "name", "unit", "samples", "weights", "events"]);
        let (name, unit) = (name.text(), unit.text());
        // `alloc_space`, and of several files `a.pprof: alloc_space`.
        let (place, kind_of) = match name.rsplit_once(": ") {
            Some((file, own)) if ours => (Some(file), own),
            _ if ours => (None, name.as_str()),
            _ => (several.then_some(name.as_str()), ""),
        };
        let sample_type = match unit.as_str() {
            _ if !kind_of.is_empty() => to.sample_type(kind_of, if unit == "none" { "count" } else { &unit })?,
            "none" | "" => to.builder.sample_type("samples", "count"),
            "bytes" => to.builder.sample_type("space", &unit),
            _ => to.sample_type("time", &unit)?,
        };
        if active == Some(index as u64) {
            to.builder.show_first(sample_type);
        }
        let root = place.map(|place| to.builder.function(place));
        if kind.is("sampled") {
            sampled(&mut to, (root, &functions), sample_type, samples, weights)?;
        } else if kind.is("evented") {
            evented(&mut to, (root, &functions), sample_type, events)?;
        } else {
            to.notices.push(NoticeCode::UnknownRecord, to.at, &kind.text());
        }
    }
    to.finish()
}

/// The root of a profile, if any, and the functions of the file.
type Names<'a> = (Option<u32>, &'a [u32]);

fn sampled(
    to: &mut Stacks<'_>,
    (root, functions): Names<'_>,
    sample_type: usize,
    samples: Value<'_>,
    weights: Value<'_>,
) -> Result<(), ParseError> {
    let mut weights = weights.items();
    for sample in samples.items() {
        to.stands_at(sample);
        to.stack.clear();
        to.stack.extend(root.map(|root| Frame::new(root, false)));
        for frame in sample.items() {
            match frame.count().and_then(|f| functions.get(f as usize)) {
                Some(function) => to.stack.push(Frame::new(*function, false)),
                None => to.notices.push(NoticeCode::DanglingReference, to.at, "frame"),
            }
        }
        match weights.next() {
            Some(weight) => to.add(sample_type, weight.float())?,
            None => to.notices.push(NoticeCode::Truncated, to.at, "a sample without a weight"),
        }
    }
    Ok(())
}

fn evented(
    to: &mut Stacks<'_>,
    (root, functions): Names<'_>,
    sample_type: usize,
    events: Value<'_>,
) -> Result<(), ParseError> {
    let mut calls = Calls::below(root);
    let mut before = f64::NEG_INFINITY;
    for event in events.items() {
        to.stands_at(event);
        let [kind, frame, at] = event.fields(&["type", "frame", "at"]);
        let function = frame.count().and_then(|f| functions.get(f as usize)).copied();
        let (Some(function), Some(at)) = (function, at.number()) else {
            to.notices.push(NoticeCode::DanglingReference, to.at, "frame");
            continue;
        };
        if at < before {
            let kind = ParseErrorKind::WrongShape { expected: "events in the order of their times" };
            return Err(ParseError::new(&to.source, to.at, kind));
        }
        calls.until(to, sample_type, at)?;
        before = at;
        if kind.is("O") {
            calls.begin(function);
        } else {
            calls.end(to, Some(function))?;
        }
    }
    Ok(())
}
