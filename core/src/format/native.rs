//! Our own run log (`native-runner/FORMAT.md`): every valid record of a log cut anywhere counts.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::{beginning, lines};
use crate::format::gzip::Crc32;
use crate::format::{Content, MAX_RSS};
use crate::log::{self, Header, LOG_VERSION, LineError, Mode, PILOT_BLOCK, PROFILED_BLOCK, Record};
use crate::map::{self, map_of};
#[cfg(feature = "full")]
use crate::model::Timed;
use crate::model::{
    Arm, Assumption, Columns, Evidence, Fork, Mark, Marks, Process, ProfileRef, Run, Series, SeriesData, SeriesKey,
    Stopping, identity,
};
use crate::sort::{sort_by, sort_distinct};
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};
use crate::unit::{Better, Tidied, Unit, tidy};

/// Batches below this have no place on the clock of a collector's log, which goes in steps of 1 ms.
#[cfg(feature = "full")]
const SHORTEST: f64 = 1e-3;
/// Forks of one log at most: a number beyond is damage, not a plan.
const MAX_FORKS: usize = 10_000_000;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = beginning(bytes);
    // A damaged first line must not hide the log behind it.
    if lines(head).take(5).any(log::looks_like_log) { 99 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::default();
    let crc = Crc32::new();
    let (mut rest, mut number) = (Some(source.bytes), 0);
    while let Some(bytes) = rest {
        let line;
        (line, rest) = first_line(bytes);
        number += 1;
        let at = Some(Position::Line(number));
        let last = rest.is_none();
        if line.is_empty() && last {
            break;
        }
        match log::decode_with(|json| crc.of(json), line) {
            Ok(record) => reader.take(record, at, &source)?,
            Err(_) if last => reader.notices.push(NoticeCode::Truncated, at, ""),
            Err(LineError::Checksum) => reader.notices.push(NoticeCode::BadChecksum, at, ""),
            Err(LineError::Shape) => reader.notices.push(NoticeCode::UnknownRecord, at, ""),
        }
    }
    reader.finish(&source)
}

/// A line without its line feed, and what follows that; `None` behind the last one. Eight bytes are looked at
/// together: a line feed leaves 0 in its lane, and of that 1 cannot be taken without borrowing.
fn first_line(bytes: &[u8]) -> (&[u8], Option<&[u8]>) {
    let (low, high) = (0x0101_0101_0101_0101, 0x8080_8080_8080_8080);
    let (words, _) = bytes.as_chunks::<8>();
    let without = words.iter().take_while(|word| {
        let lanes = u64::from_le_bytes(**word) ^ (low * u64::from(b'\n'));
        lanes.wrapping_sub(low) & !lanes & high == 0
    });
    let from = 8 * without.count();
    match bytes.iter().skip(from).position(|b| *b == b'\n') {
        Some(at) => (&bytes[..from + at], Some(&bytes[from + at + 1..])),
        None => (bytes, None),
    }
}

/// What has been read so far.
#[derive(Default)]
struct Reader {
    header: Option<Header>,
    run: Run,
    /// Block of each fork as in the log, and its benchmark.
    places: Vec<(i64, Option<String>)>,
    /// Fork number in the log to index in the run.
    forks: BTreeMap<u32, u32>,
    series: BTreeMap<String, usize>,
    /// Index of the series that was asked for last.
    present: usize,
    /// The unit of the values before, as it stands there and tidied.
    unit: Option<(String, Tidied)>,
    /// Blocks that were closed in order, with the moment.
    closed: Vec<(i64, u64)>,
    first_start: Option<u64>,
    ended: bool,
    notices: Notices,
}

impl Reader {
    fn take(&mut self, record: Record, at: Option<Position>, source: &Source<'_>) -> Result<(), ParseError> {
        match record {
            Record::Header(header) => {
                if header.v > LOG_VERSION {
                    let kind = ParseErrorKind::UnsupportedVersion {
                        found: u64::from(header.v),
                        newest: u64::from(LOG_VERSION),
                    };
                    return Err(ParseError::new(source, at, kind));
                }
                match &self.header {
                    None => self.header = Some(header),
                    Some(_) => self.notices.push(NoticeCode::UnknownRecord, at, "a second header"),
                }
            }
            Record::Fork(fork) if self.run.forks.len() < MAX_FORKS => {
                let marks = match fork.block {
                    PILOT_BLOCK => Marks::of(Mark::Pilot),
                    PROFILED_BLOCK => Marks::of(Mark::Profiled),
                    _ => Marks::NONE,
                };
                if fork.block >= 0 {
                    self.first_start.get_or_insert(fork.t);
                }
                self.forks.insert(fork.f, self.run.forks.len() as u32);
                self.places.push((fork.block, fork.benchmark));
                self.run.forks.push(Fork {
                    arm: fork.arm,
                    block: u32::try_from(fork.block).ok(),
                    marks,
                    process: Some(Box::new(Process {
                        pid: Some(fork.pid).filter(|p| *p > 0),
                        core: fork.core,
                        start: Some(seconds(fork.t)),
                        ..Process::default()
                    })),
                    ..Fork::default()
                });
            }
            Record::Fork(_) => self.notices.push(NoticeCode::Folded, at, "forks"),
            Record::Round(round) => self.round(&round, at),
            Record::Value(value) => self.value(value, at),
            Record::Exit(exit) => {
                let fork = self.forks.get(&exit.f).and_then(|f| self.run.forks.get_mut(*f as usize));
                let Some(fork) = fork else {
                    self.notices.push(NoticeCode::DanglingReference, at, "fork");
                    return Ok(());
                };
                let process = fork.process.get_or_insert_default();
                process.end = Some(seconds(exit.t));
                process.evidence = Evidence(map_of(exit.evidence.into_iter().filter(|(_, v)| v.is_finite())));
                if exit.status != Some(0) {
                    let mark = if exit.ignored { Mark::IgnoredFailure } else { Mark::Failed };
                    fork.marks = fork.marks.with(mark);
                }
            }
            Record::Block(block) => {
                if block.ok {
                    self.closed.push((block.b, block.t));
                }
            }
            Record::Profile(profile) => {
                self.run.profiles.push(ProfileRef { arm: profile.arm, file: profile.file });
            }
            Record::Note(_) => {}
            Record::End(end) => self.ended = !end.interrupted,
            Record::Unknown => self.notices.push(NoticeCode::UnknownRecord, at, ""),
        }
        Ok(())
    }

    /// The series of a metric of a fork, made when it is met first.
    fn columns(
        &mut self,
        fork: u32,
        benchmark: Option<String>,
        metric: &str,
        unit: &Unit,
        better: Better,
    ) -> Option<&mut Columns> {
        let header = self.header.as_ref();
        let own = benchmark.as_deref().or_else(|| self.places.get(fork as usize).and_then(|(_, b)| b.as_deref()));
        let none = BTreeMap::new();
        let suite = header.map_or("", |h| &h.suite);
        let benchmark = own.or_else(|| header.map(|h| h.benchmark.as_str())).unwrap_or("");
        let params = header.map_or(&none, |h| &h.params);
        let next = self.run.series.len();
        // Every process has its series in the same order, as a rule.
        let guess = if self.present + 1 < next { self.present + 1 } else { 0 };
        let known = self.run.series.get(guess).is_some_and(|s| {
            let key = &s.key;
            key.benchmark == benchmark && key.metric == metric && key.suite == *suite && key.params == *params
        });
        let name = || identity(suite, benchmark, params, metric);
        let index = if known { guess } else { map::place(&mut self.series, &name(), next) };
        self.present = index;
        if index == next {
            self.run.series.push(Series {
                key: SeriesKey {
                    suite: suite.to_string(),
                    benchmark: benchmark.to_string(),
                    params: params.clone(),
                    metric: metric.to_string(),
                },
                unit: unit.clone(),
                better,
                assumption: if metric == MAX_RSS { Assumption::Varies } else { Assumption::Sampled },
                primary: metric == "time",
                data: SeriesData::Columns(Columns::default()),
            });
        }
        match self.run.series.get_mut(index).map(|s| &mut s.data) {
            Some(SeriesData::Columns(columns)) => Some(columns),
            _ => None,
        }
    }

    fn round(&mut self, round: &log::Round, at: Option<Position>) {
        if round.n == 0 || round.o.len() != round.ns.len() {
            self.notices.push(NoticeCode::UnknownRecord, at, "round");
            return;
        }
        #[cfg(feature = "full")]
        let mut before = 0.0;
        for (position, (number, ns)) in round.o.iter().zip(&round.ns).enumerate() {
            let Some(fork) = self.forks.get(number).copied() else {
                self.notices.push(NoticeCode::DanglingReference, at, "fork");
                continue;
            };
            let mut marks = round.m.get(position).map_or(Marks::NONE, |m| marks(m));
            if round.w {
                marks = marks.with(Mark::Warmup);
            }
            let (n, i) = (round.n, round.i);
            let value = *ns as f64 * 1e-9 / n as f64;
            if let Some(columns) = self.columns(fork, None, "time", &Unit::seconds_per_op(), Better::Lower) {
                columns.push(value, fork, n, marks);
                columns.in_round(i, position as u32);
            }
            // A quarter of a batch comes before it, unmeasured.
            #[cfg(feature = "full")]
            {
                let (seconds, warm) = (seconds(*ns), (n / 4) as f64 / n as f64);
                if let Some(t) = round.t.filter(|_| seconds >= SHORTEST) {
                    let began = self.run.forks.get(fork as usize).and_then(|f| f.known().start).unwrap_or(0.0);
                    self.timed(fork, self::seconds(t) - began + before + warm * seconds, seconds);
                }
                before += (1.0 + warm) * seconds;
            }
        }
    }

    /// Says when the last values of the present series were measured.
    #[cfg(feature = "full")]
    fn times(&mut self, fork: u32, starts: &[u64], lengths: impl Iterator<Item = f64>) {
        let Some(SeriesData::Columns(columns)) = self.run.series.get(self.present).map(|s| &s.data) else { return };
        let Some(first) = columns.len().checked_sub(starts.len()) else { return };
        let series = self.present as u32;
        for ((start, length), value) in starts.iter().zip(lengths).zip(first..) {
            if length >= 0.0 && length.is_finite() {
                let start = seconds(*start);
                self.run.timed.push(Timed { fork, series, value: value as u32, start, end: start + length });
            }
        }
    }

    /// Says when the last value of the present series was measured.
    #[cfg(feature = "full")]
    fn timed(&mut self, fork: u32, start: f64, seconds: f64) {
        let series = self.present as u32;
        if let Some(SeriesData::Columns(columns)) = self.run.series.get(self.present).map(|s| &s.data)
            && let Some(value) = columns.len().checked_sub(1)
            && start.is_finite()
            && seconds >= 0.0
        {
            let (start, value) = (start.max(0.0), value as u32);
            self.run.timed.push(Timed { fork, series, value, start, end: start + seconds });
        }
    }

    fn value(&mut self, value: log::Value, at: Option<Position>) {
        let Some(fork) = self.forks.get(&value.f).copied() else {
            self.notices.push(NoticeCode::DanglingReference, at, "fork");
            return;
        };
        // Few records of a log differ in their unit from the one before.
        let known = self.unit.take().filter(|(unit, _)| *unit == value.unit);
        let (unit, tidied) = known.unwrap_or_else(|| (value.unit.clone(), tidy(&value.unit)));
        let better = match value.better.as_deref() {
            Some("lower") => Better::Lower,
            Some("higher") => Better::Higher,
            _ if matches!(value.metric.as_str(), "time" | "user" | "system" | MAX_RSS) => Better::Lower,
            _ => tidied.better,
        };
        let mut marks = marks(&value.m);
        if value.w {
            marks = marks.with(Mark::Warmup);
        }
        let metric = if value.metric.is_empty() { "time" } else { &value.metric };
        let mut left_out = 0;
        #[cfg(feature = "full")]
        let is_command = self.header.as_ref().is_some_and(|h| h.mode == Mode::Command);
        if let Some(columns) = self.columns(fork, value.benchmark, metric, &tidied.unit, better) {
            let before = columns.len();
            columns.reserve(value.x.len());
            columns.values.extend(value.x.iter().map(|x| x * tidied.factor).filter(|x| x.is_finite()));
            left_out = (before + value.x.len() - columns.len()) as u64;
            columns.placed(fork, value.n, marks);
        }
        #[cfg(feature = "full")]
        if metric == "time" && left_out == 0 {
            let factor = tidied.factor * value.n.max(1) as f64;
            // A plain command is one iteration, as long as its process.
            let whole = value.t.is_empty() && value.x.len() == 1 && is_command;
            let starts: &[u64] = if whole { &[0] } else { &value.t };
            if starts.len() == value.x.len() {
                self.times(fork, starts, value.x.iter().map(|x| x * factor));
            }
        }
        let executed = (fork, self.present as u32);
        if metric == "time" && self.run.executed.last() != Some(&executed) {
            self.run.executed.push(executed);
        }
        for _ in 0..left_out {
            self.notices.push(NoticeCode::NonFiniteValue, at, metric);
        }
        self.unit = Some((unit, tidied));
    }

    fn finish(mut self, source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
        let header = self.header.take().unwrap_or_default();
        let mut run = self.run;
        if run.series.is_empty() {
            return Err(ParseError::new(source, None, ParseErrorKind::NoData));
        }
        // By number; of several records about one block the last counts.
        self.closed.reverse();
        sort_by(&mut self.closed, &mut |a, b| a.0.cmp(&b.0));
        self.closed.dedup_by_key(|c| c.0);
        let closed = |block: i64| self.closed.binary_search_by_key(&block, |c| c.0).is_ok();
        // A block that nobody closed holds pairs of which one half may be missing.
        let mut open: Vec<i64> = Vec::new();
        for (fork, (block, _)) in run.forks.iter_mut().zip(&self.places) {
            if *block >= 0 && header.mode != Mode::Harness && !closed(*block) {
                fork.marks = fork.marks.with(Mark::Interrupted);
                open.push(*block);
            }
        }
        sort_distinct(&mut open);
        for block in &open {
            self.notices.push(NoticeCode::Interrupted, None, &alloc::format!("block {block}"));
        }
        if !self.ended && open.is_empty() {
            self.notices.push(NoticeCode::Interrupted, None, "the run did not come to its end");
        }
        let arms = run.forks.iter().map(|f| f.arm as usize + 1).max().unwrap_or(1).max(header.arms.len());
        if arms > 1000 {
            let kind = ParseErrorKind::LimitExceeded { what: "arms", limit: 1000 };
            return Err(ParseError::new(source, None, kind));
        }
        run.arms = vec![Arm::default(); arms];
        for (index, arm) in header.arms.into_iter().enumerate() {
            run.arms[index] = Arm { name: arm.name, command: arm.command };
        }
        for (index, arm) in run.arms.iter_mut().enumerate().skip(1).filter(|(_, a)| a.name.is_empty()) {
            arm.name = alloc::format!("arm {index}");
        }
        let done = self.closed.iter().filter(|(b, _)| *b >= 0);
        let (count, last) = done.fold((0u32, 0), |(n, last), (_, t)| (n + 1, last.max(*t)));
        if let (Some(first), true) = (self.first_start, count > 0) {
            run.seconds_per_block = Some(seconds(last.saturating_sub(first)) / f64::from(count)).filter(|s| *s > 0.0);
        }
        run.tool = if header.tool.is_empty() { "noisefloor".to_string() } else { header.tool };
        run.interleaved = arms > 1;
        run.lockstep = header.mode == Mode::Lockstep;
        run.stopping = header.plan.stopping.map(|plan| match (plan.rule.as_str(), plan.spending.as_str()) {
            ("group_sequential", "obrien_fleming_like") => Stopping::looks(plan.looks),
            ("confidence_sequence", "normal_mixture") => Stopping::any_time(plan.cap),
            ("sign_bets", "five_stakes") => Stopping::signs(plan.cap),
            _ => Stopping::unknown(plan.cap),
        });
        run.fork_means = "process";
        for (key, fact) in &header.host {
            run.environment.set(key, fact);
        }
        Ok(Parsed { value: Content::Run(run), notices: self.notices.into_vec() })
    }
}

fn seconds(ns: u64) -> f64 {
    ns as f64 * 1e-9
}

/// Marks by id; a newer writer's mark that we do not know is evidence we cannot use.
fn marks(ids: &[String]) -> Marks {
    ids.iter().filter_map(|id| Mark::from_code(id)).fold(Marks::NONE, Marks::with)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use crate::log::{ForkRecord, Value, encode};

    fn value(bytes: &[u8]) -> Option<(u64, Vec<NoticeCode>)> {
        let parsed = parse(Source { name: "cut", bytes }).ok()?;
        let Content::Run(run) = parsed.value else { return None };
        let count = run.series.iter().map(|s| match &s.data {
            SeriesData::Columns(columns) => columns.values.len() as u64,
            _ => 0,
        });
        Some((count.sum(), parsed.notices.into_iter().map(|n| n.code).collect()))
    }

    #[test]
    fn every_whole_record_of_a_log_cut_or_damaged_anywhere_counts() {
        let mut records = vec![
            Record::Header(Header { v: LOG_VERSION, ..Header::default() }),
            Record::Fork(ForkRecord { block: 0, ..ForkRecord::default() }),
        ];
        for i in 0..5 {
            let x = vec![1.0 + f64::from(i)];
            records.push(Record::Value(Value { metric: "time".into(), unit: "s".into(), x, n: 1, ..Value::default() }));
        }
        let lines: Vec<Vec<u8>> = records.iter().map(encode).collect();
        let whole = lines.concat();
        let mut ends: Vec<usize> = Vec::new();
        for line in &lines {
            ends.push(ends.last().unwrap_or(&0) + line.len());
        }
        for cut in 0..=whole.len() {
            // A record whose line feed alone is missing is whole.
            let kept = ends.iter().skip(2).filter(|end| **end - 1 <= cut).count() as u64;
            let torn = cut > 0 && !ends.iter().any(|end| cut == *end || cut == *end - 1);
            match value(&whole[..cut]) {
                Some((count, notices)) => {
                    assert_eq!(count, kept, "cut at {cut}");
                    assert_eq!(notices.contains(&NoticeCode::Truncated), torn, "cut at {cut}");
                }
                None => assert_eq!(kept, 0, "cut at {cut}"),
            }
        }
        for at in ends[1]..whole.len() {
            let mut bad = whole.clone();
            bad[at] ^= 1;
            // A changed line feed joins two records.
            let lost = if ends.contains(&(at + 1)) && at + 1 < whole.len() { 2 } else { 1 };
            assert_eq!(value(&bad).unwrap().0, 5 - lost, "byte {at}");
        }
    }
}
