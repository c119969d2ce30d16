//! stackprof's JSON: runs of frames with a count, and per frame what it had itself.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::stacks::{Numbered, Stacks};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"mode\"", "\"interval\"", "\"frames\"", "\"total_samples\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let [mode, interval, frames, raw] =
        to.document("a profile of stackprof")?.fields(&["mode", "interval", "frames", "raw"]);
    let timed = mode.is("cpu") || mode.is("wall");
    // A sample stands for an interval, which is microseconds where time is measured, and otherwise allocations.
    let each = interval.number().filter(|each| *each > 0.0).unwrap_or(1.0);
    let sample_type = match timed {
        true => to.builder.sample_type(&mode.text(), "microseconds"),
        false => to.builder.sample_type("alloc_objects", "count"),
    };
    let (mut ids, mut own) = (Vec::new(), Vec::new());
    for (id, frame) in frames.members() {
        to.stands_at(frame);
        let [name, file, line, samples] = frame.fields(&["name", "file", "line", "samples"]);
        let function = to.function(&name.text(), &file.text(), line.count());
        match id.text().parse::<u64>() {
            Ok(id) => ids.push((id, function)),
            Err(_) => to.notices.push(NoticeCode::UnknownRecord, to.at, "frames"),
        }
        own.push((function, samples.float()));
    }
    let ids = Numbered::new(&ids);
    if raw.is_there() {
        to.stands_at(raw);
        let mut numbers = raw.items().map(whole);
        while let Some(length) = numbers.next() {
            to.stack.clear();
            for _ in 0..length.unwrap_or(0) {
                let Some(id) = numbers.next() else { break };
                match id.and_then(|id| ids.get(id)) {
                    Some(function) => to.stack.push(Frame::new(function, false)),
                    None => to.notices.push(NoticeCode::DanglingReference, to.at, "frames"),
                }
            }
            match numbers.next().flatten() {
                Some(count) => to.add(sample_type, count as f64 * each)?,
                None => to.notices.push(NoticeCode::Truncated, to.at, "raw"),
            }
        }
    } else {
        to.notices.push(NoticeCode::TruncatedStacks, None, "no raw stacks: each function on its own");
        for (function, samples) in own.into_iter().filter(|(_, samples)| *samples > 0.0) {
            to.stack.clear();
            to.stack.push(Frame::new(function, false));
            to.add(sample_type, samples * each)?;
        }
    }
    to.finish()
}

/// Ids are addresses, which may be beyond what a double holds.
fn whole(value: Value<'_>) -> Option<u64> {
    value.text().parse().ok()
}
