//! The files of Criterion.rs under `target/criterion/GROUP/FUNCTION[/VALUE]/{base,new}`.
//!
//! `sample.json` holds the values, `estimates.json` what was made of them, `benchmark.json` the
//! name, the parameter and what an iteration works on. A sample does not name its benchmark: the
//! folder does, unless `benchmark.json` lies beside.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::text::joined;
use crate::format::{Content, Part, json_error, read_json, usable};
use crate::json::{self, FromJson, JsonError, Reader, Value};
use crate::model::{Aggregate, Arm, Assumption, Columns, Fork, Marks, Run, Series, SeriesData, SeriesKey};
use crate::source::{NoticeCode, Notices, Parsed, Source};
use crate::unit::{Better, Tidied, Unit, tidy};

/// The tool's name in [`Run::tool`].
pub(crate) const TOOL: &str = "criterion";

/// Totals of samples in nanoseconds with their iterations; older files are a pair of lists.
#[derive(Default)]
struct Sample {
    iters: Vec<f64>,
    times: Vec<f64>,
}

impl<'a> FromJson<'a> for Sample {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        if reader.first()? == b'[' {
            let mut both: [&mut dyn FromJson<'a>; 2] = [&mut self.iters, &mut self.times];
            return reader.tuple(&mut both);
        }
        reader.required_fields(2, &mut [("iters", &mut self.iters), ("times", &mut self.times)])
    }
}

/// What Criterion.rs made of a sample, under the names of today or those of older files.
#[derive(Default)]
struct Estimates {
    mean: Named,
    median: Named,
    /// Missing in the relative changes of a `change` folder.
    std_dev: Named,
}

/// An estimate under its name and under its older one.
#[derive(Default)]
struct Named {
    new: Option<Estimate>,
    old: Option<Estimate>,
}

impl Named {
    /// The one that there is; `None` where both are.
    fn only(self) -> Option<Estimate> {
        self.new.xor(self.old)
    }
}

impl<'a> FromJson<'a> for Estimates {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.fields(&mut [
            ("mean", &mut self.mean.new),
            ("Mean", &mut self.mean.old),
            ("median", &mut self.median.new),
            ("Median", &mut self.median.old),
            ("std_dev", &mut self.std_dev.new),
            ("StdDev", &mut self.std_dev.old),
        ])
    }
}

#[derive(Default)]
struct Estimate {
    point_estimate: f64,
    confidence_interval: Interval,
}

impl<'a> FromJson<'a> for Estimate {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            2,
            &mut [("point_estimate", &mut self.point_estimate), ("confidence_interval", &mut self.confidence_interval)],
        )
    }
}

#[derive(Default)]
struct Interval {
    confidence_level: f64,
    lower_bound: f64,
    upper_bound: f64,
}

impl<'a> FromJson<'a> for Interval {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            3,
            &mut [
                ("confidence_level", &mut self.confidence_level),
                ("lower_bound", &mut self.lower_bound),
                ("upper_bound", &mut self.upper_bound),
            ],
        )
    }
}

/// What `benchmark.json` says of the measurement beside it.
#[derive(Clone, Debug, PartialEq)]
pub struct CriterionBenchmark {
    /// Group and function, or the whole id where no parameter stands apart from it.
    name: String,
    /// The parameter, where there is one.
    value: Option<String>,
    /// What an iteration works on: the unit of a rate with the amount. Each unit once.
    amounts: Vec<(&'static str, f64)>,
}

impl CriterionBenchmark {
    /// Gives the times of a run their name and their parameter (`value`), and puts a rate beside them for each amount
    /// that an iteration works on, in amounts per second: shown, but no further test of the same times. Without it where
    /// a time is not above zero.
    pub fn describe(&self, run: &mut Run) {
        let mut rates = Vec::new();
        for time in &mut run.series {
            time.key.benchmark.clone_from(&self.name);
            if let Some(value) = &self.value {
                time.key.params.insert(String::from("value"), value.clone());
            }
            for (unit, amount) in &self.amounts {
                let mut sound = true;
                let mut turned = |time: f64| {
                    let rate = amount / time;
                    sound &= time > 0.0 && usable(rate);
                    rate
                };
                let data = match &time.data {
                    SeriesData::Columns(times) => {
                        let mut columns = Columns::default();
                        for (time, ops) in times.values.iter().zip(&times.ops) {
                            columns.push(turned(*time), 0, *ops, Marks::NONE);
                        }
                        SeriesData::Columns(columns)
                    }
                    // The rate at the mean time, which is the harmonic mean of rates. Its deviation is not known.
                    SeriesData::Aggregates(list) => {
                        let mut list = list.clone();
                        for (_, known) in &mut list {
                            known.std_dev = None;
                            known.mean = turned(known.mean);
                            known.median = known.median.map(&mut turned);
                            known.interval = known.interval.map(|(low, high, p)| (turned(high), turned(low), p));
                        }
                        SeriesData::Aggregates(list)
                    }
                };
                if sound {
                    let Tidied { unit, better, .. } = tidy(unit);
                    let key = SeriesKey { metric: unit.name.clone(), ..time.key.clone() };
                    let assumption = Assumption::Sampled;
                    rates.push(Series { key, unit, better, assumption, primary: false, data });
                }
            }
        }
        run.series.append(&mut rates);
    }
}

/// The start of a file with blanks left out, at most 400 bytes.
fn head(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().take(4096).filter(|b| !b.is_ascii_whitespace()).take(400).copied().collect()
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = head(bytes);
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    if head.starts_with(b"{\"sampling_mode\"")
        || (head.starts_with(b"{\"iters\":[") || head.starts_with(b"{\"times\":["))
        || (head.starts_with(b"{\"mean\":{") || head.starts_with(b"{\"Mean\":{")) && has(b"\"confidence_interval\"")
        || head.starts_with(b"{\"group_id\"")
        || head.starts_with(b"group,function,value,")
    {
        return 95;
    }
    if is_pair(bytes) || is_fences(bytes) { 40 } else { 0 }
}

/// A pair of lists of numbers: a sample of the older schema.
fn is_pair(bytes: &[u8]) -> bool {
    let number = |b: &u8| b.is_ascii_digit() || b",.+-eE".contains(b) || b.is_ascii_whitespace();
    let inner = |text: &[u8]| text.split(|b| *b == b']' || *b == b'[').all(|piece| piece.iter().all(number));
    let open = |b: &&u8| **b == b'[';
    let text = bytes.trim_ascii();
    // The beginning tells most other files apart before all is looked at.
    text.starts_with(b"[")
        && inner(text.get(..text.len().min(4096)).unwrap_or(&[]))
        && text.iter().filter(open).take(4).count() == 3
        && inner(text)
}

/// Four numbers: the fences of Tukey.
fn is_fences(bytes: &[u8]) -> bool {
    let inner = bytes.trim_ascii().strip_prefix(b"[").and_then(|t| t.strip_suffix(b"]")).unwrap_or(&[]);
    let number =
        |piece: &[u8]| core::str::from_utf8(piece).is_ok_and(|p| crate::number::parse(p.trim().as_bytes()).is_some());
    inner.len() < 400 && inner.split(|b| *b == b',').count() == 4 && inner.split(|b| *b == b',').all(number)
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let head = head(source.bytes);
    let plain = |value| Ok(Parsed { value, notices: Vec::new() });
    if head.starts_with(b"group,") {
        // The same values as in sample.json, for spreadsheets.
        return plain(Content::Part(Part::Redundant));
    }
    if head.starts_with(b"{\"group_id\"") {
        return benchmark(&source);
    }
    if head.starts_with(b"{\"mean\"") || head.starts_with(b"{\"Mean\"") {
        return estimates(&source);
    }
    if head.starts_with(b"[") && !head.starts_with(b"[[") {
        let mut fences: Vec<f64> = Vec::new();
        read_json(&source, &mut fences, "four fences of Criterion.rs")?;
        return match fences.len() {
            4 => plain(Content::Part(Part::Redundant)),
            _ => Err(ParseError::new(
                &source,
                None,
                ParseErrorKind::WrongShape { expected: "four fences of Criterion.rs" },
            )),
        };
    }
    sample(&source)
}

fn sample(source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut sample = Sample::default();
    read_json(source, &mut sample, "iterations and times of Criterion.rs")?;
    let Sample { iters, times } = sample;
    if iters.len() != times.len() {
        let kind = ParseErrorKind::WrongShape { expected: "as many iterations as times" };
        return Err(ParseError::new(source, None, kind));
    }
    let mut notices = Notices::new();
    let mut columns = Columns::default();
    for (n, time) in iters.iter().zip(&times) {
        let value = time * 1e-9 / n;
        if *n >= 1.0 && *n < 9e15 && usable(value) {
            columns.push(value, 0, *n as u64, Marks::NONE);
        } else {
            notices.push(NoticeCode::NonFiniteValue, None, "time");
        }
    }
    if columns.is_empty() {
        return Err(ParseError::new(source, None, ParseErrorKind::NoData));
    }
    finish(source, SeriesData::Columns(columns), notices)
}

fn estimates(source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let expected = "estimates of Criterion.rs";
    let mut estimates = Estimates::default();
    read_json(source, &mut estimates, expected)?;
    let (Some(mean), Some(median)) = (estimates.mean.only(), estimates.median.only()) else {
        return Err(ParseError::new(source, None, ParseErrorKind::WrongShape { expected }));
    };
    let Some(std_dev) = estimates.std_dev.only() else {
        // Relative changes, which we compute ourselves from both samples.
        return Ok(Parsed { value: Content::Part(Part::Redundant), notices: Vec::new() });
    };
    let interval = mean.confidence_interval;
    let aggregate = Aggregate {
        n: None,
        mean: mean.point_estimate * 1e-9,
        median_only: false,
        std_dev: Some(std_dev.point_estimate * 1e-9),
        median: Some(median.point_estimate * 1e-9),
        interval: Some((interval.lower_bound * 1e-9, interval.upper_bound * 1e-9, interval.confidence_level)),
    };
    let Interval { confidence_level, lower_bound, upper_bound } = interval;
    let numbers = [mean.point_estimate, median.point_estimate, std_dev.point_estimate, lower_bound, upper_bound];
    let is_interval = lower_bound <= upper_bound && confidence_level > 0.0 && confidence_level < 1.0;
    if !numbers.into_iter().all(usable) || !is_interval || std_dev.point_estimate < 0.0 {
        return Err(ParseError::new(source, None, ParseErrorKind::InvalidNumber));
    }
    let mut notices = Notices::new();
    notices.push(NoticeCode::AggregateOnly, None, "");
    finish(source, SeriesData::Aggregates([(0, aggregate)].into()), notices)
}

fn finish(source: &Source<'_>, data: SeriesData, mut notices: Notices) -> Result<Parsed<Content>, ParseError> {
    let (name, arm) = name_from_path(source.name);
    notices.push(NoticeCode::NameFromPath, None, &name);
    let key = SeriesKey { benchmark: name, metric: "time".into(), ..SeriesKey::default() };
    let series = Series {
        key,
        unit: Unit::seconds_per_op(),
        better: Better::Lower,
        assumption: Assumption::Sampled,
        primary: true,
        data,
    };
    let run = Run {
        tool: TOOL.into(),
        arms: [Arm { name: arm, ..Arm::default() }].into(),
        forks: [Fork::default()].into(),
        series: [series].into(),
        fork_means: "one process",
        ..Run::default()
    };
    Ok(Parsed { value: Content::Run(run), notices: notices.into_vec() })
}

fn benchmark(source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let expected = "a benchmark.json of Criterion.rs";
    let root = json::document(source.bytes).map_err(|error| json_error(source, &error, expected))?;
    let [group, full, function, value, throughput] =
        root.fields(&["group_id", "full_id", "function_id", "value_str", "throughput"]);
    if group.first() != b'"' {
        return Err(ParseError::new(source, None, ParseErrorKind::WrongShape { expected }));
    }
    let name = if full.is_there() && !value.is_there() {
        full.text()
    } else {
        let mut name = group.text();
        if function.is_there() {
            name.push('/');
            name.push_str(&function.text());
        }
        name
    };
    let [bits, bytes, decimal, elements, both] =
        throughput.fields(&["Bits", "Bytes", "BytesDecimal", "Elements", "ElementsAndBytes"]);
    let [of_both, bytes_of_both] = both.fields(&["elements", "bytes"]);
    let mut amounts: Vec<(&'static str, f64)> = Vec::new();
    let stated = [("elem/s", elements), ("elem/s", of_both), ("B/s", bytes), ("B/s", decimal), ("B/s", bytes_of_both)];
    for (unit, amount) in stated.into_iter().chain([("bit/s", bits)]) {
        let amount = amount.float();
        if amount > 0.0 && amounts.iter().all(|(known, _)| *known != unit) {
            amounts.push((unit, amount));
        }
    }
    let mut notices = Notices::new();
    if throughput.is_there() && amounts.is_empty() {
        notices.push(NoticeCode::UnknownRecord, None, "throughput");
    }
    let value = Some(value).filter(|value| value.is_there()).map(Value::text);
    let benchmark = CriterionBenchmark { name, value, amounts };
    Ok(Parsed { value: Content::Part(Part::Criterion(benchmark)), notices: notices.into_vec() })
}

/// The benchmark and the arm (`base`, `new`, the name of a saved baseline, or empty) that a path tells.
fn name_from_path(path: &str) -> (String, String) {
    let mut parts: Vec<&str> = path.split(['/', '\\']).filter(|p| !p.is_empty() && *p != ".").collect();
    parts.pop();
    let last = parts.pop().unwrap_or("benchmark");
    let root = parts.iter().rposition(|p| *p == "criterion").map(|at| at + 1);
    // Below `criterion` the last folder is a measurement, under the name that `--save-baseline` gave it.
    if !matches!(last, "base" | "new") && root.is_none_or(|root| root >= parts.len()) {
        return (last.to_string(), String::new());
    }
    let arm = last.to_string();
    // Below `criterion` everything is the name; elsewhere group and function are the usual depth.
    let from = root.unwrap_or(parts.len().saturating_sub(2));
    let name = joined(parts.get(from..).unwrap_or(&[]), "/");
    (if name.is_empty() { "benchmark".to_string() } else { name }, arm)
}

#[cfg(test)]
mod tests {
    use super::name_from_path;

    #[test]
    fn folders_name_the_benchmark() {
        let check = |path: &str, name: &str, arm: &str| assert_eq!(name_from_path(path), (name.into(), arm.into()));
        check("target/criterion/a/b/4/new/sample.json", "a/b/4", "new");
        check("x/y/Fibonacci/Iterative/base/sample.json", "Fibonacci/Iterative", "base");
        check("target/criterion/a/b/4/before/sample.json", "a/b/4", "before");
        check("criterion/mine/sample.json", "mine", "");
        check("sample.json", "benchmark", "");
        check("mine/sample.json", "mine", "");
        check("new/sample.json", "benchmark", "new");
        check("a\\b\\new\\sample.json", "a/b", "new");
    }
}
