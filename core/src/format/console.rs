//! Lines with one result each, as tools print them: libtest, Criterion.rs, benchmark.js, tango, asv.
//! Summaries without the values behind them, tango's apart.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::lines;
use crate::format::build::{self, Builder, MANY, Stated};
use crate::format::text::{amount, around, at_last, cut, has, seconds, thousands, words};
use crate::format::{Content, holds};
use crate::model::{Arm, Fork, Marks};
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::{Better, tidy};

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
    let (mut before, mut rated) = ("", false);
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some((name, said, _)) = estimates(line, "time:   [") {
            b.benchmark("", if name.is_empty() { before.trim() } else { name });
            rated = false;
            let slot = b.series("time", "s/op");
            b.summary(slot, &said);
        } else if let Some((_, said, unit)) = estimates(line, "thrpt:  [") {
            let (unit, factor) = countable(unit);
            // A second line is of bytes, the first one having been of elements.
            let metric = if rated { tidy(unit).unit.name } else { "throughput".to_string() };
            let slot = b.series(&metric, unit).times(factor);
            b.summary(slot, &said);
            rated = true;
        } else if has(line, "time:   [") && !has(line, "%]") {
            // Shares of a change stand under a title of their own.
            b.note_of(NoticeCode::BrokenLine, line);
        }
        before = line;
    }
}

/// What stands before a label, and behind it three amounts: the estimate between the bounds of its
/// interval. Times are in seconds, rates in the unit of the estimate.
fn estimates<'a>(line: &'a str, label: &str) -> Option<(&'a str, Stated, &'a str)> {
    let (name, rest) = cut(line, label)?;
    let words = words(cut(rest, "]")?.0);
    let [a, b, c, unit, e, f] = words.as_slice() else { return None };
    let size = |unit: &str| {
        let (unit, factor) = countable(unit);
        factor * tidy(unit).factor
    };
    let number = |number: &str, of: &str| match unit.ends_with("/s") {
        true => Some(amount(number)?.0 * (size(of) / size(unit))),
        false => seconds(&(number.to_string() + of)),
    };
    let said = Stated { low: number(a, b)?, mean: number(c, unit)?, high: number(e, f)?, ..Stated::NONE };
    Some((name.trim(), said, unit))
}

/// A rate of elements or bits without its thousands, and those; bytes have units of their own.
fn countable(unit: &str) -> (&str, f64) {
    match thousands(unit, "elem/s") {
        (_, 1.0) => thousands(unit, "b/s"),
        elements => elements,
    }
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
        let Some((head, tail)) = cut(line, " ops/sec") else {
            // `NAME: TypeError: x is undefined`.
            let failed = cut(line, ": ").filter(|(_, error)| around(error, ":").0.ends_with("Error"));
            if let Some((name, _)) = failed {
                b.note_of(NoticeCode::FailedBenchmark, name.trim());
            }
            continue;
        };
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
    // A name may hold brackets, too.
    let (name, rest) = line.rsplit_once('[')?;
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
    let (mut environment, mut full) = ("", "");
    let mut table: Option<Table<'_>> = None;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let rest = cut(line, "] ··").map(|(_, rest)| rest);
        if let Some(open) = &mut table
            && rest.is_none_or(|rest| rest.contains('='))
        {
            for (params, result) in open.line(line) {
                asv_result(b, full, &[&[("environment", environment)], params.as_slice()].concat(), result);
            }
            if open.rules == 3 {
                table = None;
            }
            continue;
        }
        let Some(rest) = rest else { continue };
        if let Some(name) = rest.strip_prefix(" Benchmarking ") {
            environment = name;
        }
        let words = words(rest);
        let ["·", name, .., result] = words.as_slice() else { continue };
        if *name == "Running" {
            continue;
        }
        if table.take().is_some() {
            b.note_of(NoticeCode::BrokenLine, full);
        }
        full = name;
        // A table follows for the parameters.
        if *result == "ok" {
            table = Some(Table::default());
        } else {
            asv_result(b, full, &[("environment", environment)], result);
        }
    }
    if table.is_some() {
        b.note_of(NoticeCode::Truncated, full);
    }
}

/// Adds a result such as `11.1±0.01μs`, `2.42k` or `failed`.
fn asv_result(b: &mut Builder<'_>, full: &str, params: &[(&str, &str)], result: &str) {
    let (suite, short) = at_last(full, b'.');
    b.benchmark(suite, short);
    for (name, value) in params.iter().filter(|(_, value)| !value.is_empty()) {
        b.param(name, value);
    }
    let Some((mean, mut unit)) = amount(result) else {
        return b.note(if result == "n/a" { NoticeCode::NoUsableValue } else { NoticeCode::FailedBenchmark });
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

/// Lines between the rules of a table at its top at most.
const MAX_TITLES: usize = 20;

/// Columns of a table at most, and those of parameters.
const MAX_COLUMNS: usize = 200;
const MAX_ROWS: usize = 20;

/// A table of asv: rules of `=`, titles, a rule, a row for all parameters but the last, whose values are titles; a
/// single parameter is a title itself. Above the values stands the name of the last one, and `--` above all others.
#[derive(Default)]
struct Table<'t> {
    rules: usize,
    titles: Vec<&'t str>,
    /// Where its columns stand, in characters.
    columns: Vec<(usize, usize)>,
    /// How many columns are parameters; what stands above each column, and the name of the last parameter.
    rows: usize,
    above: Vec<&'t str>,
    last: &'t str,
}

impl<'t> Table<'t> {
    /// The results of the next line with their parameters.
    fn line(&mut self, line: &'t str) -> Vec<(Vec<(&'t str, &'t str)>, &'t str)> {
        let text = cut(line, "] ···").map_or(line, |(_, rest)| rest).trim();
        let is_rule = |of: char| text.contains(of) && text.chars().all(|c| c == of || c == ' ');
        if is_rule('=') {
            self.rule(line);
        } else if self.rules == 1 && !is_rule('-') && self.titles.len() < MAX_TITLES {
            self.titles.push(line);
        } else if self.rules == 2 {
            let cells = self.cells(line);
            let (values, results) = cells.split_at(self.rows.min(cells.len()));
            let row: Vec<(&str, &str)> = self.above.iter().copied().zip(values.iter().copied()).collect();
            let results = results.iter().enumerate();
            let of = |(at, result): (usize, &&'t str)| {
                let last = self.above.get(self.rows + at).filter(|_| !self.last.is_empty());
                (row.iter().copied().chain(last.map(|value| (self.last, *value))).collect(), *result)
            };
            return results.map(of).collect();
        }
        Vec::new()
    }

    /// Takes a rule: it says where columns stand, and the second one that all titles are known.
    fn rule(&mut self, line: &str) {
        self.rules += 1;
        self.columns.clear();
        let mut column = None;
        for (at, c) in line.chars().chain([' ']).enumerate() {
            match (c, column) {
                ('=', None) => column = Some(at),
                (' ', Some(from)) if self.columns.len() < MAX_COLUMNS => {
                    self.columns.push((from, at));
                    column = None;
                }
                _ => {}
            }
        }
        let Some(titles) = self.titles.last().filter(|_| self.rules == 2) else { return };
        self.above = self.cells(titles);
        self.rows = self.columns.len().saturating_sub(1);
        if let Some(first) = self.titles.first().filter(|_| self.titles.len() > 1) {
            let named = |cell: &&&str| !cell.is_empty() && cell.bytes().all(|b| b == b'-');
            self.rows = self.cells(first).iter().take_while(named).count().min(MAX_ROWS);
            let from = self.columns.get(self.rows).map_or(0, |column| column.0);
            self.last = first.char_indices().nth(from).and_then(|(at, _)| first.get(at..)).unwrap_or("").trim();
        }
    }

    /// What stands in each column of a line.
    fn cells(&self, line: &'t str) -> Vec<&'t str> {
        let mut places = line.char_indices().map(|(at, _)| at);
        let mut done = 0;
        // Places are asked for from left to right.
        let mut at = |place: usize| {
            let byte = places.nth(place - done).unwrap_or(line.len());
            done = place + 1;
            byte
        };
        self.columns.iter().map(|(from, to)| line.get(at(*from)..at(*to)).unwrap_or("").trim()).collect()
    }
}
