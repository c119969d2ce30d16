//! Series from what a file says, one statement after the other: what the readers of most tools share.
//!
//! Nothing here is made anew for a format: the engine of the page holds it once.

use alloc::borrow::Cow;
use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::lossy;
use crate::format::{Content, json_error, usable};
use crate::json::{self, Value};
use crate::map;
use crate::model::{Aggregate, Arm, Assumption, Columns, Fork, Marks, Run, Series, SeriesData, SeriesKey};
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};
use crate::unit::{Better, tidy};

pub(super) use crate::model::UNKNOWN_OPERATIONS as MANY;

/// A series that values can be added to.
#[derive(Clone, Copy)]
pub(super) struct Slot {
    series: usize,
    /// What brings a value to the base unit.
    factor: f64,
}

/// What a tool states of the values of a process; NaN where it does not.
#[derive(Clone, Copy)]
pub(super) struct Stated {
    /// How many values there were.
    pub(super) n: f64,
    /// Their mean, or what the tool states in its place; without one the median stands there, which is told.
    pub(super) mean: f64,
    pub(super) std_dev: f64,
    pub(super) median: f64,
    /// Half of a symmetric interval around the mean, or the interval.
    pub(super) half: f64,
    pub(super) low: f64,
    pub(super) high: f64,
    /// The confidence of the interval.
    pub(super) confidence: f64,
}

impl Stated {
    /// Nothing, were an interval to have the usual confidence.
    pub(super) const NONE: Stated = Stated {
        n: f64::NAN,
        mean: f64::NAN,
        std_dev: f64::NAN,
        median: f64::NAN,
        half: f64::NAN,
        low: f64::NAN,
        high: f64::NAN,
        confidence: 0.95,
    };
}

impl Slot {
    /// For values that are a multiple of what the unit says.
    pub(super) fn times(self, factor: f64) -> Slot {
        Slot { factor: self.factor * factor, ..self }
    }
}

/// Reads a JSON document, or a script that gives one to a variable of the window.
#[inline(never)]
pub(super) fn document(
    source: Source<'_>,
    (tool, fork_means): (&str, &'static str),
    read: fn(&mut Builder<'_>, Value<'_>),
) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, tool, fork_means);
    let mut bytes = source.bytes;
    if bytes.trim_ascii_start().starts_with(b"window.") {
        let from = bytes.iter().position(|byte| *byte == b'{').unwrap_or(0);
        bytes = bytes.get(from..).unwrap_or(&[]).trim_ascii_end();
        bytes = bytes.strip_suffix(b";").unwrap_or(bytes);
    }
    let root = json::document(bytes).map_err(|e| json_error(&source, &e, "a JSON value"))?;
    read(&mut b, root);
    b.finish()
}

/// Reads text; bytes that are no UTF-8 become U+FFFD.
#[inline(never)]
pub(super) fn text(
    source: Source<'_>,
    (tool, fork_means): (&str, &'static str),
    read: fn(&mut Builder<'_>, &str),
) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, tool, fork_means);
    let text = lossy(source.bytes);
    if let Cow::Owned(_) = text {
        b.note(NoticeCode::InvalidUtf8);
    }
    read(&mut b, &text);
    b.finish()
}

/// A run that is being read.
pub(super) struct Builder<'s> {
    source: Source<'s>,
    /// What is read so far; it begins with one arm and one process.
    pub(super) run: Run,
    /// The place of what is being read, for notices.
    pub(super) at: Option<Position>,
    notices: Notices,
    /// Why the source cannot be read.
    failed: Option<ParseError>,
    /// Places of series by the identity of their key.
    seen: BTreeMap<String, usize>,
    /// The arm of summaries.
    pub(super) arm: u32,
    /// For each series how often [`Builder::summary`] was called.
    stated: Vec<u32>,
    /// Of the present benchmark.
    key: SeriesKey,
    /// Bytes of all keys. One long name times many metrics must not fill the memory.
    names: usize,
    /// Whether the present benchmark has no series yet: its first one is the primary one.
    pub(super) fresh: bool,
}

impl<'s> Builder<'s> {
    /// Nothing read yet.
    #[inline(never)]
    pub(super) fn new(source: Source<'s>, tool: &str, fork_means: &'static str) -> Builder<'s> {
        let run = Run {
            tool: tool.to_string(),
            fork_means,
            arms: [Arm::default()].into(),
            forks: [Fork::default()].into(),
            ..Run::default()
        };
        let key = SeriesKey::default();
        Builder {
            source,
            run,
            at: None,
            notices: Notices::new(),
            failed: None,
            seen: BTreeMap::new(),
            arm: 0,
            stated: Vec::new(),
            key,
            names: 0,
            fresh: true,
        }
    }

    /// What errors and notices call the source.
    pub(super) fn name(&self) -> &'s str {
        self.source.name
    }

    /// Ends the reading with an error at the present place; the first one counts.
    #[cold]
    pub(super) fn fail(&mut self, kind: ParseErrorKind) {
        let error = ParseError::new(&self.source, self.at, kind);
        self.failed.get_or_insert(error);
    }

    /// Says that a line is what follows is about.
    pub(super) fn line(&mut self, index: usize) {
        self.at = Some(Position::Line(index as u64 + 1));
    }

    /// Says that a value of the document is what follows is about.
    pub(super) fn stands_at(&mut self, value: Value<'_>) {
        self.at = Some(Position::Byte(value.offset(self.source.bytes)));
    }

    /// What follows is about this benchmark without parameters.
    #[inline(never)]
    pub(super) fn benchmark(&mut self, suite: &str, name: &str) {
        if self.names > self.most_names() {
            return;
        }
        self.key = SeriesKey { suite: suite.to_string(), benchmark: name.to_string(), ..SeriesKey::default() };
        self.fresh = true;
    }

    /// States a parameter of the present benchmark.
    #[inline(never)]
    pub(super) fn param(&mut self, name: &str, value: &str) {
        self.key.params.insert(name.to_string(), value.to_string());
    }

    /// States all parameters of the present benchmark.
    pub(super) fn params(&mut self, params: BTreeMap<String, String>) {
        self.key.params = params;
    }

    /// A remark about the present benchmark.
    #[inline(never)]
    pub(super) fn note(&mut self, code: NoticeCode) {
        self.notices.push(code, self.at, &self.key.benchmark);
    }

    /// A remark about something else.
    #[inline(never)]
    pub(super) fn note_of(&mut self, code: NoticeCode, detail: &str) {
        self.notices.push(code, self.at, detail);
    }

    /// Takes some fields of an object as facts about machine and tool.
    #[inline(never)]
    pub(super) fn facts(&mut self, object: Value<'_>, names: &[&str]) {
        for (key, value) in object.members() {
            if names.iter().any(|name| key.is(name)) && !matches!(value.first(), b'{' | b'[' | b'n') {
                self.run.environment.set(&key.text(), &value.text());
            }
        }
    }

    /// One process more; its place.
    pub(super) fn fork(&mut self, marks: Marks) -> u32 {
        self.run.forks.push(Fork { marks, ..Fork::default() });
        self.run.forks.len() as u32 - 1
    }

    /// The series of a metric of the present benchmark; a new one is made where there is none.
    #[inline(never)]
    pub(super) fn series(&mut self, metric: &str, unit: &str) -> Slot {
        let none = Slot { series: usize::MAX, factor: 1.0 };
        if self.names > self.most_names() {
            return none;
        }
        let tidied = tidy(unit);
        self.key.metric = metric.to_string();
        let next = self.run.series.len();
        let identity = self.key.identity();
        let series = map::place(&mut self.seen, &identity, next);
        match self.run.series.get(series) {
            Some(known) if known.unit != tidied.unit => {
                self.note(NoticeCode::ConflictingMetadata);
                return none;
            }
            Some(_) => {}
            None => {
                self.names += identity.len();
                self.stated.push(0);
                self.run.series.push(Series {
                    key: self.key.clone(),
                    unit: tidied.unit,
                    better: tidied.better,
                    assumption: Assumption::Sampled,
                    primary: self.fresh,
                    data: SeriesData::Columns(Columns::default()),
                });
            }
        }
        self.fresh = false;
        Slot { series, factor: tidied.factor }
    }

    /// What all keys may measure: names stand in the file, and some of them are parts of several keys.
    fn most_names(&self) -> usize {
        (16 << 20) + self.source.bytes.len().saturating_mul(4)
    }

    /// States the direction of a series.
    pub(super) fn better(&mut self, slot: Slot, better: Better) {
        if let Some(series) = self.run.series.get_mut(slot.series) {
            series.better = better;
        }
    }

    /// Adds the mean of `ops` operations of a process.
    #[inline(never)]
    pub(super) fn push(&mut self, slot: Slot, value: f64, fork: u32, ops: u64, marks: Marks) {
        let value = value * slot.factor;
        if !usable(value) {
            self.note(NoticeCode::NonFiniteValue);
        } else if let Some(Series { data: SeriesData::Columns(columns), .. }) = self.run.series.get_mut(slot.series) {
            columns.push(value, fork, ops, marks);
        }
    }

    /// Adds a value of one operation that was seen `count` times.
    pub(super) fn counted(&mut self, slot: Slot, value: f64, fork: u32, count: u64) {
        let value = value * slot.factor;
        let series = self.run.series.get_mut(slot.series);
        if let Some(Series { data: SeriesData::Columns(columns), .. }) = series.filter(|_| usable(value)) {
            columns.push(value, fork, 1, Marks::NONE);
            columns.weight.push(count);
        }
    }

    /// Adds the only number that there is, of the first process.
    #[inline(never)]
    pub(super) fn single(&mut self, metric: &str, unit: &str, value: f64) -> Slot {
        let slot = self.series(metric, unit);
        self.push(slot, value, 0, MANY, Marks::NONE);
        slot
    }

    /// Adds what a tool made of the values of a process. Several of one benchmark come from as many
    /// processes, each of which is then one value; where a series has values already, they hold more
    /// than this does.
    #[inline(never)]
    pub(super) fn summary(&mut self, slot: Slot, said: &Stated) {
        let median_only = said.mean.is_nan();
        let center = if median_only { said.median } else { said.mean };
        if !usable(center * slot.factor) {
            return self.note(NoticeCode::NonFiniteValue);
        }
        let scaled = |value: f64| Some(value * slot.factor).filter(|v| usable(*v));
        let (mut low, mut high) = (said.low, said.high);
        if usable(said.half) {
            (low, high) = (center - said.half, center + said.half);
        }
        let interval = scaled(low).zip(scaled(high)).map(|(low, high)| (low, high, said.confidence));
        let sound = |(low, high, confidence): &(f64, f64, f64)| low <= high && *confidence > 0.0 && *confidence < 1.0;
        if interval.as_ref().is_some_and(|i| !sound(i)) {
            self.note(NoticeCode::UnknownRecord);
        }
        let aggregate = Aggregate {
            n: Some(said.n as u64).filter(|n| *n > 0),
            mean: center * slot.factor,
            median_only,
            std_dev: scaled(said.std_dev).filter(|s| *s >= 0.0),
            median: scaled(said.median),
            interval: interval.filter(sound),
        };
        let (Some(series), Some(stated)) = (self.run.series.get_mut(slot.series), self.stated.get_mut(slot.series))
        else {
            return;
        };
        let before = *stated;
        *stated += 1;
        match &mut series.data {
            SeriesData::Columns(columns) if columns.is_empty() => {
                series.data = SeriesData::Aggregates([(self.arm, aggregate)].into());
                return self.note(NoticeCode::AggregateOnly);
            }
            SeriesData::Columns(_) if before == 0 => return,
            SeriesData::Columns(columns) => columns.push(aggregate.mean, before, MANY, Marks::NONE),
            SeriesData::Aggregates(list) if list.last().is_some_and(|(arm, _)| *arm < self.arm) => {
                return list.push((self.arm, aggregate));
            }
            SeriesData::Aggregates(list) => {
                let mut columns = Columns::default();
                for (fork, mean) in list.iter().map(|(_, first)| first.mean).chain([aggregate.mean]).enumerate() {
                    columns.push(mean, fork as u32, MANY, Marks::NONE);
                }
                series.data = SeriesData::Columns(columns);
            }
        }
        while self.run.forks.len() <= before as usize {
            self.run.forks.push(Fork::default());
        }
        self.note(NoticeCode::RepeatedKey);
    }

    /// Adds to the last summary of a series; nothing where there is none.
    #[inline(never)]
    pub(super) fn amend(&mut self, slot: Slot, place: fn(&mut Aggregate) -> &mut Option<f64>, value: f64) {
        let series = self.run.series.get_mut(slot.series);
        if let Some(Series { data: SeriesData::Aggregates(list), .. }) = series
            && let Some((_, aggregate)) = list.last_mut()
        {
            *place(aggregate) = Some(value * slot.factor).filter(|v| usable(*v));
            // A spread below zero is none.
            aggregate.std_dev = aggregate.std_dev.filter(|spread| *spread >= 0.0);
        }
    }

    /// The run, without the series that got no value.
    ///
    /// # Errors
    /// When no series is left, or the names were too long for all their series.
    #[inline(never)]
    pub(super) fn finish(mut self) -> Result<Parsed<Content>, ParseError> {
        if self.names > self.most_names() {
            let limit = self.most_names() as u64;
            self.fail(ParseErrorKind::LimitExceeded { what: "bytes of names", limit });
        }
        let mut run = core::mem::take(&mut self.run);
        run.series.retain(|series| {
            let empty = matches!(&series.data, SeriesData::Columns(columns) if columns.is_empty());
            if empty {
                self.notices.push(NoticeCode::NoUsableValue, None, &series.key.benchmark);
            }
            !empty
        });
        self.at = None;
        if run.series.is_empty() {
            self.fail(ParseErrorKind::NoData);
        }
        match self.failed {
            Some(error) => Err(error),
            None => Ok(Parsed { value: Content::Run(run), notices: self.notices.into_vec() }),
        }
    }
}
