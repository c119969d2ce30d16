//! What `cargo criterion --message-format=json` prints: a record a line, in which totals of samples stand beside their
//! iterations. Nanoseconds, unless a measurement of its own names another unit.

use crate::error::ParseError;
use crate::format::build::{self, Builder, Slot, Stated};
use crate::format::{Content, holds};
use crate::json::{self, Value};
use crate::model::Marks;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["\"reason\"", "\"benchmark-complete\"", "\"iteration_count\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("cargo-criterion", "one process"), |b, text| {
        for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
            b.line(index);
            // What benchmarks print may stand between.
            match json::document(line.as_bytes()) {
                Ok(record) => read_record(b, record),
                Err(_) if line.starts_with('{') => b.note_of(NoticeCode::BrokenLine, ""),
                Err(_) => b.note_of(NoticeCode::UnknownRecord, "text"),
            }
        }
    })
}

fn read_record(b: &mut Builder<'_>, record: Value<'_>) {
    let [reason, id, counts, values, unit, throughput] =
        record.fields(&["reason", "id", "iteration_count", "measured_values", "unit", "throughput"]);
    match reason.text().as_str() {
        "benchmark-complete" => {}
        // Names its benchmarks once more.
        "group-complete" => return,
        other => return b.note_of(NoticeCode::UnknownRecord, other),
    }
    b.benchmark("", &id.text());
    let unit = if unit.is_there() { unit.text() } else { "ns".into() };
    let timed = unit == "ns";
    let own = if timed { b.series("time", "ns/op") } else { b.series(&unit, &alloc::format!("{unit}/op")) };
    for_each(counts, values, &mut |count, each| b.push(own, each, 0, count, Marks::NONE));
    if !values.is_there() {
        b.summary(own, &stated(record));
    }
    for amount in throughput.items().filter(|_| timed) {
        let [per_iteration, of] = amount.fields(&["per_iteration", "unit"]);
        let rate = match of.text().as_str() {
            "bytes" => "B/s",
            "elements" => "elem/s",
            _ => {
                b.note_of(NoticeCode::UnknownRecord, "throughput");
                continue;
            }
        };
        let (rate, amount): (Slot, f64) = (b.series(rate, rate), per_iteration.float());
        for_each(counts, values, &mut |count, each| b.push(rate, amount / (each * 1e-9), 0, count, Marks::NONE));
    }
}

/// Every sample as its iterations and what one of them took; NaN where the file does not say how many there were.
fn for_each(counts: Value<'_>, values: Value<'_>, take: &mut dyn FnMut(u64, f64)) {
    let mut counts = counts.items();
    for total in values.items() {
        let count = counts.next().map_or(f64::NAN, Value::float);
        let sound = (1.0..9e15).contains(&count);
        take(if sound { count as u64 } else { 1 }, if sound { total.float() / count } else { f64::NAN });
    }
}

/// What the tool made of a benchmark.
fn stated(record: Value<'_>) -> Stated {
    let [mean, median] = record.fields(&["mean", "median"]);
    let [mean, low, high] = mean.fields(&["estimate", "lower_bound", "upper_bound"]).map(Value::float);
    Stated { mean, low, high, median: median.at("estimate").float(), ..Stated::NONE }
}
