//! Values that trackers of benchmarks keep, one a benchmark and commit: github-action-benchmark
//! (`data.js` and lists of custom results) and the metric format of Bencher.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::beginning;
use crate::format::build::{self, Builder, MANY};
use crate::format::text::{amount, around};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::{Arm, Fork, Marks};
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect_data(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^window.BENCHMARK_DATA"]) { 95 } else { 0 }
}

/// One arm a commit: six or more are a history.
pub(super) fn parse_data(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("github-action-benchmark", "one commit"), read_data)
}

fn read_data(b: &mut Builder<'_>, root: Value<'_>) {
    b.run.arms.clear();
    b.run.forks.clear();
    for (suite, commits) in root.at("entries").members() {
        let suite = suite.text();
        for entry in commits.items() {
            b.stands_at(entry);
            let [commit, tool, list] = entry.fields(&["commit", "tool", "benches"]);
            let mut id = commit.at("id").text();
            if id.is_char_boundary(12) {
                id.truncate(12);
            }
            let arm = b.run.arms.len() as u32;
            b.run.arms.push(Arm { name: id, command: String::new() });
            b.run.forks.push(Fork { arm, ..Fork::default() });
            benches(b, &suite, list, (arm, tool));
        }
    }
}

pub(super) fn detect_custom(bytes: &[u8]) -> u8 {
    let list = holds(bytes, &["^[", "\"name\"", "\"unit\"", "\"value\""]);
    if list && skeleton(bytes) == "[{s:" { 70 } else { 0 }
}

pub(super) fn parse_custom(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("github-action-benchmark", "one process"), read_custom)
}

fn read_custom(b: &mut Builder<'_>, root: Value<'_>) {
    benches(b, "", root, (0, Value::default()));
}

fn benches(b: &mut Builder<'_>, suite: &str, list: Value<'_>, (fork, tool): (u32, Value<'_>)) {
    for bench in list.items() {
        b.stands_at(bench);
        let [name, unit, value] = bench.fields(&["name", "unit", "value"]);
        b.benchmark(suite, &name.text());
        // With `-benchmem` a Go benchmark has its other numbers behind the unit: `ns/op\t 5 B/op\t 1 allocs/op`.
        let text = unit.text();
        let (unit, mut more) = around(&text, "\t");
        let slot = b.series("value", unit);
        for (custom, better) in [("customBiggerIsBetter", Better::Higher), ("customSmallerIsBetter", Better::Lower)] {
            if tool.is(custom) {
                b.better(slot, better);
            }
        }
        // Some scripts that make the list write numbers as text.
        let value = value.number().or_else(|| number::parse(value.text().as_bytes())).unwrap_or(f64::NAN);
        b.push(slot, value, fork, MANY, Marks::NONE);
        while let Some((value, unit)) = amount(around(more, "\t").0) {
            let slot = b.series(unit, unit);
            b.push(slot, value, fork, MANY, Marks::NONE);
            more = around(more, "\t").1;
        }
    }
}

/// Measures that Bencher knows, with their unit and direction.
const MEASURES: &[(&str, &str, Better)] = &[
    ("latency", "ns/op", Better::Lower),
    ("throughput", "ops/s", Better::Higher),
    ("build-time", "s", Better::Lower),
    ("file-size", "B", Better::Lower),
    ("instructions", "instructions", Better::Lower),
];

pub(super) fn detect_bmf(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"value\""]) && skeleton(bytes) == "{s:{s:{s:" { 60 } else { 0 }
}

pub(super) fn parse_bmf(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("Bencher", "one process"), read_bmf)
}

fn read_bmf(b: &mut Builder<'_>, root: Value<'_>) {
    for (name, measures) in root.members() {
        b.stands_at(measures);
        b.benchmark("", &name.text());
        for (measure, metric) in measures.members() {
            let [value, low, high] = metric.fields(&["value", "lower_value", "upper_value"]);
            let name = measure.text();
            let known = MEASURES.iter().find(|(known, ..)| known.eq_ignore_ascii_case(&name));
            let (unit, better) = known.map_or(("", Better::Unknown), |(_, unit, better)| (*unit, *better));
            let slot = b.single(&name, unit, value.float());
            b.better(slot, better);
            // Of what confidence they are, nobody says.
            if low.is_there() || high.is_there() {
                b.note_of(NoticeCode::UnknownRecord, "lower_value, upper_value");
            }
        }
    }
}

/// How a document begins: brackets and colons up to the third level, `s` for a text.
fn skeleton(bytes: &[u8]) -> String {
    let head = beginning(bytes);
    let (mut out, mut quoted, mut escaped): (Vec<u8>, bool, bool) = (Vec::new(), false, false);
    for byte in head.iter().filter(|b| !b.is_ascii_whitespace()) {
        if quoted {
            quoted = escaped || *byte != b'"';
            escaped = !escaped && *byte == b'\\';
            continue;
        }
        // The value of the first name is what tells.
        if out.ends_with(b":") && *byte != b'{' || out.len() == 9 {
            break;
        }
        quoted = *byte == b'"';
        out.push(if quoted { b's' } else { *byte });
    }
    String::from_utf8(out).unwrap_or_default()
}
