//! Go benchmark text. One process is one section from its header to `ok`, `FAIL` or `PASS`.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::Content;
use crate::model::{Arm, Assumption, Columns, Fork, Marks, Run, Series, SeriesData, SeriesKey};
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};
use crate::unit::{Better, tidy};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    let result = |line: &[u8]| {
        name_of(line).is_some_and(|(_, rest)| words(rest).next().is_some_and(|w| w.iter().all(u8::is_ascii_digit)))
    };
    if head.split(|b| *b == b'\n').any(result) { 80 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::new();
    for (index, line) in source.bytes.split(|b| *b == b'\n').enumerate() {
        reader.line(line.strip_suffix(b"\r").unwrap_or(line), index as u64 + 1);
    }
    reader.finish(&source)
}

/// Reads lines of Go benchmark text; `go test -json` feeds it the output of its events.
pub(super) struct Reader {
    run: Run,
    notices: Notices,
    place: BTreeMap<SeriesKey, usize>,
    suite: String,
    /// The fork of the present section; `None` between sections.
    fork: Option<u32>,
    /// A name alone on its line: its numbers may follow.
    pending: Option<String>,
    units: BTreeMap<String, (Option<Better>, bool)>,
}

impl Reader {
    pub(super) fn new() -> Reader {
        let run = Run {
            tool: "go test".into(),
            fork_means: "one go test section of a package",
            arms: [Arm::default()].into(),
            ..Run::default()
        };
        Reader {
            run,
            notices: Notices::new(),
            place: BTreeMap::new(),
            suite: String::new(),
            fork: None,
            pending: None,
            units: BTreeMap::new(),
        }
    }

    pub(super) fn line(&mut self, line: &[u8], number: u64) {
        let at = Some(Position::Line(number));
        if let Some((name, rest)) = name_of(line) {
            let name = String::from_utf8_lossy(name).into_owned();
            match words(rest).next() {
                None => self.pending = Some(name),
                Some(count) if count.iter().all(u8::is_ascii_digit) => self.result(&name, rest, at),
                Some(_) => self.pending = Some(name),
            }
            return;
        }
        let first = words(line).next().unwrap_or(&[]);
        if !first.is_empty() && first.iter().all(u8::is_ascii_digit) {
            if let Some(name) = self.pending.take() {
                self.result(&name, line, at);
            }
        } else if line.starts_with(b"ok ") || line.starts_with(b"ok\t") || line == b"PASS" || first == b"FAIL" {
            self.fork = None;
        } else if first == b"Unit" {
            self.unit(line);
        } else if line.starts_with(b"--- FAIL") {
            self.notices.push(NoticeCode::FailedBenchmark, at, &String::from_utf8_lossy(line));
        } else if let Some((key, value)) = config(line) {
            if key == "pkg" {
                self.suite = value.to_string();
                self.fork = None;
            }
            self.run.environment.set(key, value);
        }
    }

    fn unit(&mut self, line: &[u8]) {
        let text = String::from_utf8_lossy(line);
        let mut parts = text.split_whitespace().skip(1);
        let Some(unit) = parts.next() else { return };
        let entry = self.units.entry(unit.to_string()).or_default();
        for part in parts {
            match part {
                "assume=exact" => entry.1 = true,
                "better=higher" => entry.0 = Some(Better::Higher),
                "better=lower" => entry.0 = Some(Better::Lower),
                _ => {}
            }
        }
    }

    fn result(&mut self, name: &str, rest: &[u8], at: Option<Position>) {
        self.pending = None;
        let text = String::from_utf8_lossy(rest);
        let mut parts = text.split_ascii_whitespace();
        let Some(ops) = parts.next().and_then(|w| w.parse::<u64>().ok()) else { return };
        let pairs: Vec<&str> = parts.collect();
        let fork = *self.fork.get_or_insert_with(|| {
            self.run.forks.push(Fork::default());
            self.run.forks.len() as u32 - 1
        });
        let has_time = pairs.chunks_exact(2).any(|p| p[1] == "ns/op");
        let mut first = true;
        for pair in pairs.chunks_exact(2) {
            let Ok(value) = pair[0].parse::<f64>() else {
                self.notices.push(NoticeCode::BrokenLine, at, name);
                break;
            };
            if !value.is_finite() {
                self.notices.push(NoticeCode::NonFiniteValue, at, name);
                continue;
            }
            let primary = if has_time { pair[1] == "ns/op" } else { first };
            first = false;
            self.value(name, pair[1], value, fork, ops, primary);
        }
        if first {
            self.notices.push(NoticeCode::BrokenLine, at, name);
        }
    }

    fn value(&mut self, name: &str, unit: &str, value: f64, fork: u32, ops: u64, primary: bool) {
        let tidied = tidy(unit);
        let (benchmark, params) = split_name(name);
        let metric = if unit == "ns/op" { "time".to_string() } else { tidied.unit.name.clone() };
        let key = SeriesKey { suite: self.suite.clone(), benchmark, params, metric };
        let metadata = self.units.get(unit).copied().unwrap_or_default();
        let index = match self.place.get(&key) {
            Some(index) => *index,
            None => {
                self.run.series.push(Series {
                    key: key.clone(),
                    unit: tidied.unit,
                    better: metadata.0.unwrap_or(tidied.better),
                    assumption: if metadata.1 { Assumption::Exact } else { Assumption::Sampled },
                    primary,
                    data: SeriesData::Columns(Columns::default()),
                });
                self.place.insert(key, self.run.series.len() - 1);
                self.run.series.len() - 1
            }
        };
        if let Some(Series { data: SeriesData::Columns(columns), .. }) = self.run.series.get_mut(index) {
            columns.push(value * tidied.factor, fork, ops, Marks::NONE);
        }
    }

    pub(super) fn finish(self, source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
        if self.run.series.is_empty() {
            return Err(ParseError::new(source, None, ParseErrorKind::NoData));
        }
        Ok(Parsed { value: Content::Run(self.run), notices: self.notices.into_vec() })
    }
}

/// `BenchmarkName` without the first word, and the rest of the line.
fn name_of(line: &[u8]) -> Option<(&[u8], &[u8])> {
    let rest = line.strip_prefix(b"Benchmark")?;
    let end = rest.iter().position(|b| *b == b' ' || *b == b'\t').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    (!name.first()?.is_ascii_lowercase()).then_some((name, rest))
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty())
}

/// `key: value` with a key in lower case and without blanks.
fn config(line: &[u8]) -> Option<(&str, &str)> {
    let (key, value) = core::str::from_utf8(line).ok()?.split_once(':')?;
    let fits = key.starts_with(|c: char| c.is_ascii_lowercase())
        && !key.contains(|c: char| c.is_uppercase() || c.is_whitespace());
    fits.then_some((key, value.trim()))
}

/// The name without its parameters, and those: `k=v` parts, and the `-N` suffix as `gomaxprocs`.
fn split_name(name: &str) -> (String, BTreeMap<String, String>) {
    let mut params = BTreeMap::new();
    let (base, procs) = match name.rsplit_once('-') {
        Some((b, n)) if !b.is_empty() && !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()) => (b, Some(n)),
        _ => (name, None),
    };
    if let Some(n) = procs {
        params.insert("gomaxprocs".to_string(), n.to_string());
    }
    let mut benchmark = String::new();
    for (index, part) in base.split('/').enumerate() {
        match part.split_once('=') {
            Some((k, v)) if index > 0 && !k.is_empty() => {
                params.insert(k.to_string(), v.to_string());
            }
            _ => {
                if index > 0 {
                    benchmark.push('/');
                }
                benchmark.push_str(part);
            }
        }
    }
    (benchmark, params)
}
