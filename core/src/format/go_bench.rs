//! Go benchmark text. One process is one section from its header to `ok`, `FAIL` or `PASS`.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::{beginning, lines, lossy};
use crate::format::go_known::{Column, Known};
use crate::format::{Content, usable};
use crate::map::Named;
use crate::model::{Arm, Assumption, Columns, Fork, Marks, Run, Series, SeriesData, SeriesKey, in_order};
use crate::sort;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};
use crate::unit::{Better, tidy};

/// Units of one benchmark at most.
const MAX_UNITS: usize = 500;

/// The format's id.
pub(super) const ID: &str = "go-bench";

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if has_result(beginning(bytes)) { 80 } else { 0 }
}

/// Whether a line looks like a result: a name with an iteration count behind it, or, where a log has
/// come between them, the numbers of a name before.
pub(super) fn has_result(text: &[u8]) -> bool {
    let mut named = false;
    lines(text).any(|line| match name_of(line) {
        Some((_, rest)) => {
            named = true;
            words(rest).next().is_some_and(|w| w.iter().all(u8::is_ascii_digit))
        }
        None => named && is_numbers(line) && words(line).nth(2).is_some_and(|unit| unit.contains(&b'/')),
    })
}

/// An iteration count, a number, and what may be its unit.
fn is_numbers(text: &[u8]) -> bool {
    let mut words = words(text);
    let count = words.next().is_some_and(|w| w.iter().all(u8::is_ascii_digit));
    let float = |w: &[u8]| crate::number::parse(w).is_some();
    count && words.next().is_some_and(float) && words.next().is_some()
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::new();
    for (index, line) in lines(source.bytes).enumerate() {
        reader.line(line.strip_suffix(b"\r").unwrap_or(line), index as u64 + 1);
    }
    reader.finish(&source)
}

/// What is known of a name.
#[derive(Default)]
struct Met {
    /// Where its series are, by unit.
    units: Vec<(String, usize)>,
    /// Which form of line it has, where a line of it had nothing odd.
    form: Option<usize>,
}

/// A name whose numbers are to come.
struct Pending {
    name: String,
    at: Option<Position>,
    /// Whether the tab stands behind it that `testing` prints when it begins to measure: it owes a result. With `-v`
    /// names stand alone, also those of groups.
    owes: bool,
}

/// Reads lines of Go benchmark text; `go test -json` feeds it the output of its events.
pub(super) struct Reader {
    run: Run,
    notices: Notices,
    /// What is known of a name, as it stands in the file, behind the suite.
    known: Named<Met>,
    /// What lines look like.
    alike: Known,
    suite: String,
    /// The fork of the present section; `None` between sections.
    fork: Option<u32>,
    /// A name alone on its line: its numbers may follow.
    pending: Option<Pending>,
    /// By tidied unit: the direction and the assumption that metadata states.
    units: Named<(Option<Better>, Option<Assumption>)>,
    /// What the runtime wrote between the results.
    #[cfg(feature = "full")]
    trace: crate::format::evidence::Trace,
    /// Whether it wrote any.
    #[cfg(not(feature = "full"))]
    traced: bool,
}

/// Whether a line holds what the runtime writes of a collection or of its scheduler: the small engine leaves files with
/// such lines to the whole one.
#[cfg(not(feature = "full"))]
fn is_traced(line: &[u8]) -> bool {
    use crate::find::find;
    let mut rest = line;
    while let Some(place) = find(rest, b"gc ") {
        rest = rest.get(place + 3..).unwrap_or(&[]);
        let digits = rest.iter().take_while(|b| b.is_ascii_digit()).count();
        if digits > 0 && rest.get(digits..).is_some_and(|behind| behind.starts_with(b" @")) {
            return true;
        }
    }
    find(line, b"SCHED ").is_some()
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
            known: Named::new(),
            alike: Known::default(),
            suite: String::new(),
            fork: None,
            pending: None,
            units: Named::new(),
            #[cfg(feature = "full")]
            trace: Default::default(),
            #[cfg(not(feature = "full"))]
            traced: false,
        }
    }

    pub(super) fn line(&mut self, line: &[u8], number: u64) {
        let line = line.strip_prefix(b"\x16").unwrap_or(line);
        if self.like_before(line) {
            return;
        }
        let at = Some(Position::Line(number));
        // A trace breaks into the line of a benchmark, behind its name.
        #[cfg(feature = "full")]
        {
            self.trace.in_results = self.fork.is_some() || self.pending.is_some() || name_of(line).is_some();
            self.trace.line(line);
        }
        #[cfg(not(feature = "full"))]
        {
            self.traced |= is_traced(line);
        }
        if let Some((name, rest)) = name_of(line) {
            let name = lossy(name).into_owned();
            self.unanswered(NoticeCode::FailedBenchmark, &name);
            match words(rest).next() {
                Some(count) if count.iter().all(u8::is_ascii_digit) => {
                    if !self.result(&name, rest, at) {
                        self.notices.push(NoticeCode::BrokenLine, at, &name);
                    }
                }
                // A failure may stand behind it as well as a log.
                _ => {
                    let skipped = words(rest).next() == Some(b"---") && words(rest).nth(1) == Some(b"SKIP:");
                    let owes = !skipped && rest.iter().find(|b| **b != b' ') == Some(&b'\t');
                    self.pending = Some(Pending { name, at, owes });
                }
            }
            return;
        }
        let first = words(line).next().unwrap_or(&[]);
        if !first.is_empty() && first.iter().all(u8::is_ascii_digit) {
            // A line of the log that begins with a number leaves the name waiting.
            if let Some(pending) = self.pending.take()
                && !self.result(&pending.name, line, at)
            {
                self.pending = Some(pending);
            }
        } else if line.starts_with(b"ok ") || line.starts_with(b"ok\t") || line == b"PASS" || first == b"FAIL" {
            self.fork = None;
            self.unanswered(NoticeCode::FailedBenchmark, "");
            // Behind the word the package stands, of which no more benchmarks ran.
            if line.starts_with(b"FAIL\t") {
                self.notices.push(NoticeCode::FailedBenchmark, at, &lossy(line));
            }
        } else if first == b"Unit" {
            self.unit(line, at);
        } else if line.starts_with(b"--- FAIL") {
            self.notices.push(NoticeCode::FailedBenchmark, at, &lossy(line));
        } else if let Some((key, value)) = config(line) {
            if key == "pkg" {
                self.suite = value.to_string();
                self.alike.enter(value);
            }
            // Every test binary begins with these.
            if matches!(key, "goos" | "pkg") {
                self.fork = None;
            }
            self.run.environment.set(key, value);
        }
    }

    /// Tells of an event that was cut.
    #[cold]
    pub(super) fn broken(&mut self, line: u64) {
        self.notices.push(NoticeCode::BrokenLine, Some(Position::Line(line)), "");
    }

    /// Tells of the name that waits, if its result cannot come any more: what follows is of another one.
    #[inline(never)]
    fn unanswered(&mut self, code: NoticeCode, next: &str) {
        if let Some(Pending { name, at, .. }) = self.pending.take().filter(|p| p.owes && p.name != next) {
            self.notices.push(code, at, &name);
        }
    }

    /// Takes a result that looks like one before; `false`: nothing was taken.
    fn like_before(&mut self, line: &[u8]) -> bool {
        let (Some(fork), Some(rest)) = (self.fork, line.strip_prefix(b"Benchmark")) else { return false };
        if self.pending.as_ref().is_some_and(|pending| pending.owes) {
            return false;
        }
        let Some((ops, numbers)) = self.alike.read(rest) else { return false };
        for (column, value) in numbers {
            if let Some(Series { data: SeriesData::Columns(columns), .. }) =
                self.run.series.get_mut(column.place as usize)
            {
                columns.push(value, fork, ops, Marks::NONE);
                let executed = (fork, column.place);
                if column.primary && self.run.executed.last() != Some(&executed) {
                    self.run.executed.push(executed);
                }
            }
        }
        self.pending = None;
        true
    }

    fn unit(&mut self, line: &[u8], at: Option<Position>) {
        let text = lossy(line);
        let mut parts = text.split_whitespace().skip(1);
        let Some(unit) = parts.next() else { return };
        let entry = self.units.of(&tidy(unit).unit.name, Default::default);
        for part in parts {
            let agrees = match part {
                "assume=exact" => *entry.1.get_or_insert(Assumption::Exact) == Assumption::Exact,
                "assume=nothing" => *entry.1.get_or_insert(Assumption::Sampled) == Assumption::Sampled,
                "better=higher" => *entry.0.get_or_insert(Better::Higher) == Better::Higher,
                "better=lower" => *entry.0.get_or_insert(Better::Lower) == Better::Lower,
                _ => true,
            };
            if !agrees {
                self.notices.push(NoticeCode::ConflictingMetadata, at, unit);
            }
        }
    }

    /// Takes a result without its name; `false`: it is none, and nothing was taken.
    fn result(&mut self, name: &str, rest: &[u8], at: Option<Position>) -> bool {
        let text = lossy(rest);
        let mut parts = text.split_ascii_whitespace();
        let Some(ops) = parts.next().and_then(|w| w.parse::<u64>().ok()).filter(|ops| *ops > 0) else { return false };
        let words: Vec<&str> = parts.take(2 * MAX_UNITS + 1).collect();
        let number = |pair: &[&str]| pair.first().and_then(|w| crate::number::parse(w.as_bytes()));
        let good = words.chunks_exact(2).take_while(|p| number(p).is_some()).count();
        if good == 0 {
            return false;
        }
        if good * 2 < words.len() {
            self.notices.push(NoticeCode::BrokenLine, at, name);
        }
        let fork = *self.fork.get_or_insert_with(|| {
            self.run.forks.push(Fork::default());
            self.run.forks.len() as u32 - 1
        });
        let pairs = || words.chunks_exact(2).take(good);
        let has_time = pairs().any(|p| is_time(p[1]));
        let full = alloc::format!("{}\n{name}", self.suite);
        let mut shape: Vec<Column> = Vec::new();
        for (index, pair) in pairs().enumerate() {
            let (unit, value) = (pair[1], number(pair).unwrap_or(f64::NAN));
            // Each unit once: of two numbers for one, the first counts.
            if pairs().take(index).any(|before| before[1] == unit) {
                self.notices.push(NoticeCode::RepeatedKey, at, name);
                continue;
            }
            if !usable(value) {
                self.notices.push(NoticeCode::NonFiniteValue, at, name);
                continue;
            }
            // Nothing takes less than no time.
            if value < 0.0 && is_time(unit) {
                self.notices.push(NoticeCode::BrokenLine, at, name);
                continue;
            }
            let primary = if has_time { is_time(unit) } else { index == 0 };
            let units = self.known.get(&full).map_or(&[][..], |met| met.units.as_slice());
            let place = match units.iter().find(|(known, _)| known == unit) {
                Some((_, place)) => *place,
                None if units.len() == MAX_UNITS => {
                    self.notices.push(NoticeCode::BrokenLine, at, name);
                    continue;
                }
                None => {
                    let place = self.run.series.len();
                    self.run.series.push(series(&self.suite, name, unit, primary));
                    self.known.of(&full, Met::default).units.push((unit.to_string(), place));
                    place
                }
            };
            let column = Column { unit: unit.to_string(), place: place as u32, factor: factor(unit), primary };
            if let Some(Series { data: SeriesData::Columns(columns), .. }) = self.run.series.get_mut(place) {
                columns.push(value * column.factor, fork, ops, Marks::NONE);
                let executed = (fork, column.place);
                if primary && self.run.executed.last() != Some(&executed) {
                    self.run.executed.push(executed);
                }
                shape.push(column);
            }
        }
        if shape.len() * 2 == words.len() {
            // Nothing was odd about it.
            let next = self.alike.len();
            let form = *self.known.of(&full, Met::default).form.get_or_insert(next);
            self.alike.meet(form, name, shape);
        }
        true
    }

    pub(super) fn finish(mut self, source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
        self.unanswered(NoticeCode::Truncated, "");
        if self.run.series.is_empty() {
            return Err(ParseError::new(source, None, ParseErrorKind::NoData));
        }
        #[cfg(not(feature = "full"))]
        if self.traced {
            let kind = ParseErrorKind::Unsupported("Go benchmark text with traces of the runtime between its results");
            return Err(ParseError::new(source, None, kind));
        }
        self.join_equal();
        #[cfg(feature = "full")]
        {
            self.run.evidence = self.trace.finish();
        }
        // Metadata holds for the whole file, wherever it stands.
        for series in &mut self.run.series {
            let (better, assumption) = self.units.get(&series.unit.name).copied().unwrap_or_default();
            series.better = better.unwrap_or(series.better);
            series.assumption = assumption.unwrap_or(series.assumption);
        }
        Ok(Parsed { value: Content::Run(self.run), notices: self.notices.into_vec() })
    }

    /// `A/x=1/y=2` and `A/y=2/x=1` are one benchmark; `ns` and `ms` of one name are one metric.
    fn join_equal(&mut self) {
        let all = &self.run.series;
        let of =
            |SeriesKey { suite, benchmark, params, metric }: &SeriesKey| in_order(suite, benchmark, params, metric);
        let keys: Vec<String> = all.iter().map(|series| of(&series.key)).collect();
        let order = sort::order(all.len(), &mut |a, b| keys[a].cmp(&keys[b]));
        let mut gone = alloc::vec![false; order.len()];
        // Where the values of each series come to lie.
        let mut into: Vec<usize> = (0..order.len()).collect();
        let mut first = order.first().map_or(0, |place| *place as usize);
        for index in order.into_iter().skip(1).map(|place| place as usize) {
            if keys[first] != keys[index] {
                first = index;
                continue;
            }
            self.notices.push(NoticeCode::RepeatedKey, None, &self.run.series[index].key.benchmark);
            gone[index] = true;
            into[index] = first;
            let more = core::mem::replace(&mut self.run.series[index].data, SeriesData::Aggregates(Vec::new()));
            if let (SeriesData::Columns(to), SeriesData::Columns(more)) = (&mut self.run.series[first].data, more) {
                for ((value, fork), ops) in more.values.iter().zip(&more.fork).zip(&more.ops) {
                    to.push(*value, *fork, *ops, Marks::NONE);
                }
            }
        }
        let mut stays = 0u32;
        let places: Vec<u32> = gone
            .iter()
            .map(|gone| {
                stays += u32::from(!gone);
                stays.saturating_sub(1)
            })
            .collect();
        self.run.executed.iter_mut().for_each(|(_, series)| *series = places[into[*series as usize]]);
        let mut gone = gone.into_iter();
        self.run.series.retain(|_| !gone.next().unwrap_or(false));
    }
}

/// An empty series of a benchmark and unit.
fn series(suite: &str, name: &str, unit: &str, primary: bool) -> Series {
    let tidied = tidy(unit);
    let metric = if is_time(unit) { "time".to_string() } else { tidied.unit.name.clone() };
    let (benchmark, params) = split_name(name);
    Series {
        key: SeriesKey { suite: suite.to_string(), benchmark, params, metric },
        unit: tidied.unit,
        better: tidied.better,
        assumption: Assumption::Sampled,
        primary,
        data: SeriesData::Columns(Columns::default()),
    }
}

/// Whether it is the unit of the time of an operation, as it is printed or as benchfmt writes it.
#[inline(never)]
fn is_time(unit: &str) -> bool {
    matches!(unit, "ns/op" | "sec/op")
}

/// What brings a unit to its base; the usual ones without looking closer.
fn factor(unit: &str) -> f64 {
    match unit {
        "ns/op" => 1e-9,
        "B/op" | "allocs/op" => 1.0,
        _ => tidy(unit).factor,
    }
}

/// `BenchmarkName` without the first word, and the rest of the line. `Benchmarking` and its like
/// are prose unless a whole result follows, as drivers outside `go test` write it.
fn name_of(line: &[u8]) -> Option<(&[u8], &[u8])> {
    // `go test -json` marks framing lines of the test binary so; they are seen when it runs alone.
    let rest = line.strip_prefix(b"\x16").unwrap_or(line).strip_prefix(b"Benchmark")?;
    let end = rest.iter().position(|b| *b == b' ' || *b == b'\t').unwrap_or(rest.len());
    let (name, rest) = rest.split_at(end);
    (name.first().is_some_and(|b| !b.is_ascii_lowercase()) || is_numbers(rest)).then_some((name, rest))
}

fn words(line: &[u8]) -> impl Iterator<Item = &[u8]> {
    line.split(|b| b.is_ascii_whitespace()).filter(|w| !w.is_empty())
}

/// `key: value` with a key in lower case and without blanks; a blank follows the colon unless
/// nothing does, which tells it from `file.go:12: text`.
fn config(line: &[u8]) -> Option<(&str, &str)> {
    let (key, value) = core::str::from_utf8(line).ok()?.split_once(':')?;
    let fits = key.starts_with(|c: char| c.is_ascii_lowercase() || !c.is_ascii())
        && !key.contains(|c: char| c.is_ascii_uppercase() || c.is_whitespace())
        && (value.is_empty() || value.starts_with([' ', '\t']));
    fits.then_some((key, value.trim()))
}

/// The name without its parameters, and those: `k=v` parts, and the `-N` suffix as `gomaxprocs`.
pub(super) fn split_name(name: &str) -> (String, BTreeMap<String, String>) {
    let mut params = BTreeMap::new();
    let (base, procs) = match name.rsplit_once('-') {
        Some((b, n)) if !n.is_empty() && n.bytes().all(|c| c.is_ascii_digit()) => (b, Some(n)),
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
    // A function may be called `Benchmark` and no more.
    (if benchmark.is_empty() { "Benchmark".to_string() } else { benchmark }, params)
}
