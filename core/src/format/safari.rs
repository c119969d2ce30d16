//! Timelines that Safari's inspector exports: stacks of scripts with how long each was there.

use crate::error::ParseError;
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::json::Value;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"recording\"", "\"instrumentTypes\"", "timeline-record-type"]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let [start, end, stacks, durations] = to.document("a recording of Safari")?.at("recording").fields(&[
        "startTime",
        "endTime",
        "sampleStackTraces",
        "sampleDurations",
    ]);
    let time = to.builder.sample_type("time", "seconds");
    let mut durations = durations.items().map(Value::float);
    for stack in stacks.items() {
        to.stands_at(stack);
        to.stack.clear();
        for frame in stack.at("stackFrames").items() {
            let [name, url, line] = frame.fields(&["name", "url", "line"]);
            let function = to.function(&name.text(), &url.text(), line.count());
            to.stack.push(Frame::new(function, false));
        }
        to.stack.reverse();
        let Some(duration) = durations.next() else {
            to.notices.push(NoticeCode::Truncated, to.at, "sampleDurations");
            break;
        };
        to.add(time, duration)?;
    }
    let left = durations.count();
    if left > 0 {
        to.notices.push(NoticeCode::DanglingReference, None, &alloc::format!("{left} of sampleDurations"));
    }
    to.builder.duration(end.float() - start.float());
    to.finish()
}
