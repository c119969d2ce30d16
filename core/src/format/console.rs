//! Lines with one result each, as tools print them: libtest, Criterion.rs, benchmark.js, tango, asv.
//! Summaries without the values behind them, tango's apart.

use alloc::string::{String, ToString};

use crate::error::ParseError;
use crate::format::build::{Builder, MANY};
use crate::format::text::{amount, last_word, seconds};
use crate::format::{Content, holds};
use crate::model::{Aggregate, Arm, Fork, Marks};
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect_libtest(bytes: &[u8]) -> u8 {
    if holds(bytes, &["... bench:", "/iter (+/- "]) { 80 } else { 0 }
}

/// `test NAME ... bench:   3,161 ns/iter (+/- 975) = 12 MB/s`: the median and the range.
pub(super) fn parse_libtest(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "libtest", "one process");
    let text = b.text();
    let mut suite = String::new();
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let line = line.trim();
        // `Running benches/name.rs (target/release/deps/name-0123456789abcdef)`.
        if let Some(target) = line.strip_prefix("Running ") {
            let file = target.trim_end_matches(')').rsplit(['/', '\\']).next().unwrap_or("");
            suite = file.rsplit_once('-').map_or(file, |(name, _)| name).to_string();
        }
        let Some((name, result)) = line.strip_prefix("test ").and_then(|rest| rest.split_once("... ")) else {
            continue;
        };
        let Some(result) = result.trim_start().strip_prefix("bench:") else {
            if result.contains("FAILED") {
                b.note_of(NoticeCode::FailedBenchmark, name.trim());
            }
            continue;
        };
        b.benchmark(&suite, name.trim());
        let Some((value, rest)) = amount(result) else {
            b.note(NoticeCode::BrokenLine);
            continue;
        };
        let unit = rest.split_whitespace().next().unwrap_or("").replace("/iter", "/op");
        let slot = b.series("time", &unit);
        b.summary(slot, Aggregate { mean: value, median: Some(value), ..Aggregate::default() });
        if let Some((rate, unit)) = rest.split_once(" = ").and_then(|(_, rate)| amount(rate)) {
            let slot = b.series("throughput", unit);
            b.summary(slot, Aggregate { mean: rate, ..Aggregate::default() });
        }
    }
    b.finish()
}

pub(super) fn detect_criterion(bytes: &[u8]) -> u8 {
    if holds(bytes, &["time:   ["]) { 80 } else { 0 }
}

/// `NAME  time:   [2.96 µs 3.01 µs 3.08 µs]`, a long name on the line before.
pub(super) fn parse_criterion(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "Criterion.rs", "one process");
    let text = b.text();
    let mut before = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some((name, (estimate, interval, _))) = estimates(line, "time:") {
            b.benchmark("", if name.is_empty() { before.trim() } else { name });
            let slot = b.series("time", "s/op");
            b.summary(slot, Aggregate { mean: estimate, interval: Some(interval), ..Aggregate::default() });
        } else if let Some((_, (estimate, interval, unit))) = estimates(line, "thrpt:") {
            // `Melem/s` is a number of elements.
            let (unit, factor) = match unit.split_once("elem/s") {
                Some(("K", _)) => ("elem/s", 1e3),
                Some(("M", _)) => ("elem/s", 1e6),
                Some(("G", _)) => ("elem/s", 1e9),
                _ => (unit, 1.0),
            };
            let slot = b.series("throughput", unit).times(factor);
            b.summary(slot, Aggregate { mean: estimate, interval: Some(interval), ..Aggregate::default() });
        } else if line.contains("time:   [") {
            b.note_of(NoticeCode::BrokenLine, line);
        }
        before = line;
    }
    b.finish()
}

/// What stands before a label, and behind it three amounts in brackets: the estimate between the
/// bounds of its interval. Times are in seconds; other units are those of the estimate.
#[allow(clippy::type_complexity, reason = "a name would say less")]
fn estimates<'a>(line: &'a str, label: &str) -> Option<(&'a str, (f64, (f64, f64, f64), &'a str))> {
    let (name, rest) = line.split_once(label)?;
    let inner = rest.trim().strip_prefix('[')?.split(']').next()?;
    let mut words = inner.split_whitespace();
    let mut next = || {
        let (number, unit) = (words.next()?, words.next()?);
        let value = crate::number::parse(number.as_bytes())?;
        let tidied = crate::unit::tidy(unit);
        let is_time = tidied.unit.quantity == crate::unit::Quantity::Time;
        Some((if is_time { value * tidied.factor } else { value }, unit))
    };
    let ((low, _), (value, unit), (high, _)) = (next()?, next()?, next()?);
    Some((name.trim(), (value, (low, high, 0.95), unit)))
}

pub(super) fn detect_benchmark_js(bytes: &[u8]) -> u8 {
    if holds(bytes, &[" ops/sec ", " sampled)"]) || holds(bytes, &["ms - timer ended"]) { 80 } else { 0 }
}

/// `NAME x 1,431,759 ops/sec ±0.74% (93 runs sampled)`, or `NAME: 7617ms - timer ended`.
pub(super) fn parse_benchmark_js(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "benchmark.js", "one process");
    let text = b.text();
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some((name, time)) = line.strip_suffix(" - timer ended").and_then(|line| line.rsplit_once(':')) {
            b.benchmark("", name.trim());
            b.single("time", "s", seconds(time).unwrap_or(f64::NAN));
        }
        let Some((head, tail)) = line.split_once(" ops/sec") else { continue };
        let Some((name, rate)) = head.rsplit_once(" x ") else { continue };
        b.benchmark("", name.trim());
        let Some((mean, _)) = amount(rate) else {
            b.note(NoticeCode::BrokenLine);
            continue;
        };
        // The sign before the share may be of any encoding.
        let share = tail.split('%').next().unwrap_or("").trim_start_matches(|c: char| !c.is_ascii_digit());
        let interval = amount(share).map(|(share, _)| mean * share / 100.0);
        let n = tail.split_once('(').and_then(|(_, n)| amount(n)).map(|(n, _)| n as u64);
        let slot = b.series("throughput", "ops/s");
        let interval = interval.map(|half| (mean - half, mean + half, 0.95));
        b.summary(slot, Aggregate { n, mean, interval, ..Aggregate::default() });
    }
    b.finish()
}

pub(super) fn detect_tango(bytes: &[u8]) -> u8 {
    if holds(bytes, &[" [ ", " ... ", " ] ", "%"]) && tango(bytes.split(|b| *b == b'\n').next()) { 70 } else { 0 }
}

fn tango(line: Option<&[u8]>) -> bool {
    line.and_then(|line| core::str::from_utf8(line).ok()).and_then(pair).is_some()
}

/// `NAME [ 4.4 us ... 4.5 us ] +0.87%*`: the name and both times.
fn pair(line: &str) -> Option<(&str, f64, f64)> {
    let (name, rest) = line.split_once('[')?;
    let (low, high) = rest.split_once(']')?.0.split_once("...")?;
    Some((name.trim(), seconds(low)?, seconds(high)?))
}

/// Every line is a process that ran both sides in turn.
pub(super) fn parse_tango(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "tango", "one side of a process");
    b.run.arms =
        [Arm { name: "baseline".into(), ..Arm::default() }, Arm { name: "candidate".into(), ..Arm::default() }].into();
    b.run.forks.clear();
    b.run.interleaved = true;
    let text = b.text();
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let Some((name, baseline, candidate)) = pair(line) else {
            if !line.trim().is_empty() {
                b.note_of(NoticeCode::UnknownRecord, line);
            }
            continue;
        };
        b.benchmark("", name);
        let slot = b.series("time", "s/op");
        for (arm, value) in [baseline, candidate].into_iter().enumerate() {
            let fork = b.fork(Marks::NONE);
            if let Some(last) = b.run.forks.last_mut() {
                *last = Fork { arm: arm as u32, block: Some(fork / 2), ..Fork::default() };
            }
            b.push(slot, value, fork, MANY, Marks::NONE);
        }
    }
    b.finish()
}

pub(super) fn detect_asv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["%] ··· "]) { 80 } else { 0 }
}

/// `[ 35.00%] ··· module.Suite.time_it      11.1±0.01μs`.
pub(super) fn parse_asv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "asv", "one environment");
    let text = b.text();
    let mut environment = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let Some((_, rest)) = line.split_once("] ··") else { continue };
        if let Some(name) = rest.trim().strip_prefix("Benchmarking ") {
            environment = name;
        }
        let Some(rest) = rest.strip_prefix("· ").filter(|rest| !rest.starts_with("Running ")) else { continue };
        let (name, result) = last_word(rest);
        let name = name.trim();
        let (suite, short) = name.rsplit_once('.').unwrap_or(("", name));
        b.benchmark(suite, short);
        if !environment.is_empty() {
            b.param("environment", environment);
        }
        let Some((mean, rest)) = amount(result) else {
            b.note(NoticeCode::FailedBenchmark);
            continue;
        };
        // Behind `±` half of an interval stands, then the unit.
        let unit = rest.trim_start_matches(|c: char| c == '±' || c.is_ascii_digit() || c == '.');
        let (unit, factor) = match unit {
            "k" => ("", 1e3),
            "M" => ("", 1e6),
            "G" => ("", 1e9),
            unit => (unit, 1.0),
        };
        let slot = b.series(if short.starts_with("time") { "time" } else { "value" }, unit).times(factor);
        b.summary(slot, Aggregate { mean, ..Aggregate::default() });
    }
    b.finish()
}
