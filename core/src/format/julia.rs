//! `BenchmarkTools.save` of Julia: trials with their times, or one estimate of each, in nested groups.

use alloc::string::String;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::build::{self, Builder, MANY, Stated};
use crate::format::{Content, holds};
use crate::json::{MAX_DEPTH, Value};
use crate::model::Marks;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^[", "\"Julia\"", "\"BenchmarkTools\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("BenchmarkTools.jl", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let mut root = root.items();
    b.facts(root.next().unwrap_or_default(), &["Julia", "BenchmarkTools"]);
    for saved in root.next().unwrap_or_default().items() {
        read(b, saved, "", MAX_DEPTH);
    }
}

/// A pair of a type's name and its fields; a group may hold `depth` levels of groups.
fn read(b: &mut Builder<'_>, pair: Value<'_>, path: &str, depth: u8) {
    b.stands_at(pair);
    let Some(depth) = depth.checked_sub(1) else {
        return b.fail(ParseErrorKind::LimitExceeded { what: "nested groups", limit: MAX_DEPTH.into() });
    };
    let mut pair = pair.items();
    let (kind, body) = (pair.next().unwrap_or_default(), pair.next().unwrap_or_default());
    if kind.is("BenchmarkGroup") {
        for (key, value) in body.at("data").members() {
            let mut inner = String::from(path);
            if !path.is_empty() {
                inner.push('/');
            }
            inner.push_str(&key.text());
            read(b, value, &inner, depth);
        }
        return;
    }
    if !kind.is("Trial") && !kind.is("TrialEstimate") {
        return b.note_of(NoticeCode::UnknownRecord, &kind.text());
    }
    let [times, time, memory, allocs, params] = body.fields(&["times", "time", "memory", "allocs", "params"]);
    b.benchmark("", path);
    let evals = params.items().nth(1).unwrap_or_default().at("evals").count().unwrap_or(MANY);
    let slot = b.series("time", "ns/op");
    for value in times.items() {
        b.push(slot, value.float(), 0, evals, Marks::NONE);
    }
    if time.is_there() {
        // Which estimate it is, the file does not say.
        b.summary(slot, &Stated { mean: time.float(), ..Stated::NONE });
    }
    b.single("memory", "B/op", memory.float());
    b.single("allocs", "allocs/op", allocs.float());
}
