//! Lines with one result each, as tools print them: libtest, Criterion.rs, benchmark.js, tango, asv.
//! Summaries without the values behind them, tango's apart.

use alloc::string::{String, ToString};

use crate::error::ParseError;
use crate::find::lines;
use crate::format::build::{self, Builder, MANY, Stated};
use crate::format::text::{amount, around, at_last, cut, has, seconds, thousands, words};
use crate::format::{Content, holds};
use crate::model::{Arm, Fork, Marks};
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect_libtest(bytes: &[u8]) -> u8 {
    if holds(bytes, &["... bench:", "/iter (+/- "]) { 80 } else { 0 }
}

/// `test NAME ... bench:   3,161 ns/iter (+/- 975) = 12 MB/s`: the median and the range.
pub(super) fn parse_libtest(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("libtest", "one process"), read_libtest)
}

fn read_libtest(b: &mut Builder<'_>, text: &str) {
    let mut suite = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim();
        // `Running benches/name.rs (target/release/deps/name-0123456789abcdef)`.
        if let Some(target) = line.strip_prefix("Running ") {
            let (_, file) = at_last(target.strip_suffix(')').unwrap_or(target), b'/');
            suite = match at_last(file, b'-') {
                ("", file) => file,
                (name, _) => name,
            };
        }
        let Some((name, result)) = line.strip_prefix("test ").and_then(|rest| cut(rest, "... ")) else { continue };
        b.benchmark(suite, name.trim_end());
        let Some(result) = result.trim_start().strip_prefix("bench:") else {
            if has(result, "FAILED") {
                b.note(NoticeCode::FailedBenchmark);
            }
            continue;
        };
        let Some((value, rest)) = amount(result) else {
            b.note(NoticeCode::BrokenLine);
            continue;
        };
        let unit = around(rest, "/iter").0.to_string() + "/op";
        let slot = b.series("time", &unit);
        b.summary(slot, &Stated { median: value, ..Stated::NONE });
        if let Some((rate, unit)) = amount(around(rest, " = ").1) {
            let slot = b.series("throughput", unit);
            b.summary(slot, &Stated { mean: rate, ..Stated::NONE });
        }
    }
}

pub(super) fn detect_criterion(bytes: &[u8]) -> u8 {
    if holds(bytes, &["time:   ["]) { 80 } else { 0 }
}

/// `NAME  time:   [2.96 µs 3.01 µs 3.08 µs]`, a long name on the line before.
pub(super) fn parse_criterion(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("Criterion.rs", "one process"), read_criterion)
}

fn read_criterion(b: &mut Builder<'_>, text: &str) {
    let mut before = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some((name, said, _)) = estimates(line, "time:   [") {
            b.benchmark("", if name.is_empty() { before.trim() } else { name });
            let slot = b.series("time", "s/op");
            b.summary(slot, &said);
        } else if let Some((_, said, unit)) = estimates(line, "thrpt:  [") {
            let (unit, factor) = thousands(unit, "elem/s");
            let slot = b.series("throughput", unit).times(factor);
            b.summary(slot, &said);
        } else if has(line, "time:   [") && !has(line, "%]") {
            // Shares of a change stand under a title of their own.
            b.note_of(NoticeCode::BrokenLine, line);
        }
        before = line;
    }
}

/// What stands before a label, and behind it three amounts: the estimate between the bounds of its
/// interval. Times are in seconds; other units are that of the estimate.
fn estimates<'a>(line: &'a str, label: &str) -> Option<(&'a str, Stated, &'a str)> {
    let (name, rest) = cut(line, label)?;
    let words = words(cut(rest, "]")?.0);
    let [low, _, mean, unit, high, _] = words.as_slice() else { return None };
    let mut said = Stated { mean: amount(mean)?.0, low: amount(low)?.0, high: amount(high)?.0, ..Stated::NONE };
    if let [a, b, c, d, e, f] = words.as_slice()
        && !unit.ends_with("/s")
    {
        let time = |number: &str, unit: &str| seconds(&(number.to_string() + unit));
        said = Stated { low: time(a, b)?, mean: time(c, d)?, high: time(e, f)?, ..said };
    }
    Some((name.trim(), said, unit))
}

pub(super) fn detect_benchmark_js(bytes: &[u8]) -> u8 {
    if holds(bytes, &[" ops/sec ", " sampled)"]) || holds(bytes, &["ms - timer ended"]) { 80 } else { 0 }
}

/// `NAME x 1,431,759 ops/sec ±0.74% (93 runs sampled)`, or `NAME: 7617ms - timer ended`.
pub(super) fn parse_benchmark_js(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("benchmark.js", "one process"), read_benchmark_js)
}

fn read_benchmark_js(b: &mut Builder<'_>, text: &str) {
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some(line) = line.strip_suffix(" - timer ended") {
            let (name, time) = at_last(line, b':');
            b.benchmark("", name.trim());
            b.single("time", "s", seconds(time).unwrap_or(f64::NAN));
        }
        let Some((head, tail)) = cut(line, " ops/sec") else { continue };
        let (name, rate) = at_last(head, b' ');
        let Some(name) = name.strip_suffix(" x") else { continue };
        b.benchmark("", name.trim());
        let Some((mean, _)) = amount(rate) else {
            b.note(NoticeCode::BrokenLine);
            continue;
        };
        // The sign before the share may be of any encoding.
        let (share, runs) = around(tail, "%");
        let digit = share.bytes().position(|b| b.is_ascii_digit()).unwrap_or(share.len());
        let number = |text: &str| amount(text).map_or(f64::NAN, |(number, _)| number);
        let half = mean * number(share.get(digit..).unwrap_or("")) / 100.0;
        let slot = b.series("throughput", "ops/s");
        b.summary(slot, &Stated { n: number(around(runs, "(").1), mean, half, ..Stated::NONE });
    }
}

pub(super) fn detect_tango(bytes: &[u8]) -> u8 {
    let first = || lines(bytes).next().unwrap_or(&[]);
    let is_pair = || core::str::from_utf8(first()).is_ok_and(|line| pair(line).is_some());
    if holds(bytes, &[" [ ", " ... ", " ] "]) && is_pair() { 70 } else { 0 }
}

/// `NAME [ 4.4 us ... 4.5 us ] +0.87%*`: the name and both times.
fn pair(line: &str) -> Option<(&str, [f64; 2])> {
    let (name, rest) = cut(line, "[")?;
    let (low, high) = cut(around(rest, "]").0, "...")?;
    Some((name.trim(), [seconds(low)?, seconds(high)?]))
}

/// Every line is a process that ran both sides in turn.
pub(super) fn parse_tango(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("tango", "one side of a process"), read_tango)
}

fn read_tango(b: &mut Builder<'_>, text: &str) {
    let arm = |name: &str| Arm { name: name.to_string(), command: String::new() };
    b.run.arms = [arm("baseline"), arm("candidate")].into();
    b.run.forks.clear();
    b.run.interleaved = true;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let Some((name, times)) = pair(line) else {
            if !line.trim().is_empty() {
                b.note_of(NoticeCode::UnknownRecord, line);
            }
            continue;
        };
        b.benchmark("", name);
        let slot = b.series("time", "s/op");
        for value in times {
            let fork = b.run.forks.len() as u32;
            b.run.forks.push(Fork { arm: fork % 2, block: Some(fork / 2), ..Fork::default() });
            b.push(slot, value, fork, MANY, Marks::NONE);
        }
    }
}

pub(super) fn detect_asv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["%] ··· "]) { 80 } else { 0 }
}

/// `[ 35.00%] ··· module.Suite.time_it      11.1±0.01μs`.
pub(super) fn parse_asv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("asv", "one environment"), read_asv)
}

fn read_asv(b: &mut Builder<'_>, text: &str) {
    let mut environment = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let Some((_, rest)) = cut(line, "] ··") else { continue };
        if let Some(name) = rest.strip_prefix(" Benchmarking ") {
            environment = name;
        }
        let words = words(rest);
        let ["·", name, .., result] = words.as_slice() else { continue };
        if *name == "Running" {
            continue;
        }
        let (suite, short) = at_last(name, b'.');
        b.benchmark(suite, short);
        if !environment.is_empty() {
            b.param("environment", environment);
        }
        let Some((mean, mut unit)) = amount(result) else {
            b.note(NoticeCode::FailedBenchmark);
            continue;
        };
        // Behind `±` half of an interval stands, then the unit.
        if let Some((_, behind)) = unit.strip_prefix('±').and_then(amount) {
            unit = behind;
        }
        let (mut unit, factor) = thousands(unit, "");
        // `mem_` and `peakmem_` count bytes, and print their thousands only.
        let memory = has(short, "mem_");
        if memory {
            unit = "B";
        }
        let slot = b.series(if short.starts_with("time") { "time" } else { "value" }, unit).times(factor);
        if memory {
            b.better(slot, Better::Lower);
        }
        b.summary(slot, &Stated { mean, ..Stated::NONE });
    }
}
