//! JMH `-rf json`: `rawData[fork][iteration]`, or histograms in sample mode.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::beginning;
use crate::format::{Content, read_json, usable};
use crate::json::{FromJson, JsonError, Reader, Texts};
use crate::map;
use crate::model::{
    Aggregate, Arm, Assumption, Columns, Fork, Marks, Run, Series, SeriesData, SeriesKey, UNKNOWN_OPERATIONS,
};
use crate::sort;
use crate::source::{NoticeCode, Notices, Parsed, Source};
use crate::unit::{Better, tidy};

/// What older versions write before the names of profilers' metrics.
pub(super) const SECONDARY: char = '·';

/// One entry of the list.
#[derive(Default)]
struct Entry {
    benchmark: String,
    mode: String,
    primary_metric: Metric,
    params: Option<Texts>,
    secondary_metrics: Option<Metrics>,
    threads: Option<u64>,
    measurement_batch_size: Option<u64>,
    jvm: Option<String>,
    jdk_version: Option<String>,
    vm_name: Option<String>,
    jmh_version: Option<String>,
}

impl<'a> FromJson<'a> for Entry {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            3,
            &mut [
                ("benchmark", &mut self.benchmark),
                ("mode", &mut self.mode),
                ("primaryMetric", &mut self.primary_metric),
                ("params", &mut self.params),
                ("secondaryMetrics", &mut self.secondary_metrics),
                ("threads", &mut self.threads),
                ("measurementBatchSize", &mut self.measurement_batch_size),
                ("jvm", &mut self.jvm),
                ("jdkVersion", &mut self.jdk_version),
                ("vmName", &mut self.vm_name),
                ("jmhVersion", &mut self.jmh_version),
            ],
        )
    }
}

#[derive(Default)]
struct Metric {
    score: Score,
    score_unit: String,
    raw_data: Option<Vec<Vec<Score>>>,
    /// Of each fork, of each iteration.
    raw_data_histogram: Option<Vec<Vec<Vec<Bar>>>>,
}

impl<'a> FromJson<'a> for Metric {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            2,
            &mut [
                ("score", &mut self.score),
                ("scoreUnit", &mut self.score_unit),
                ("rawData", &mut self.raw_data),
                ("rawDataHistogram", &mut self.raw_data_histogram),
            ],
        )
    }
}

/// Metrics with their names, as they stand in the file.
#[derive(Default)]
struct Metrics(Vec<(String, Metric)>);

impl Metrics {
    /// By name; of equal names the last.
    fn by_name(&self) -> Vec<(&str, &Metric)> {
        let order = sort::order(self.0.len(), &mut |a, b| self.0[a].0.cmp(&self.0[b].0));
        let mut list: Vec<(&str, &Metric)> = Vec::new();
        for place in order {
            let (name, metric) = &self.0[place as usize];
            if list.last().is_some_and(|(last, _)| last == name) {
                list.pop();
            }
            list.push((name, metric));
        }
        list
    }
}

impl<'a> FromJson<'a> for Metrics {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.object(&mut |name, reader| {
            let mut metric = Metric::default();
            metric.read(reader)?;
            self.0.push((name.into_owned(), metric));
            Ok(())
        })
    }
}

/// A number; not a number for what JMH writes where there is none, such as `"NaN"`.
#[derive(Clone, Copy)]
struct Score(f64);

impl Default for Score {
    fn default() -> Score {
        Score(f64::NAN)
    }
}

impl<'a> FromJson<'a> for Score {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        self.0 = reader.number_or_other()?.unwrap_or(f64::NAN);
        Ok(())
    }

    fn next_of_list(reader: &mut Reader<'a>) -> Option<Score> {
        reader.number_behind_comma().map(Score)
    }
}

/// A value with its count.
#[derive(Default)]
struct Bar(f64, u64);

impl<'a> FromJson<'a> for Bar {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.tuple(&mut [&mut self.0, &mut self.1])
    }
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = beginning(bytes);
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    if has(b"\"benchmark\"") && has(b"\"mode\"") && has(b"\"primaryMetric\"") { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut list: Vec<Entry> = Vec::new();
    read_json(&source, &mut list, "a list of JMH results with primaryMetric")?;
    let mut notices = Notices::new();
    let mut run =
        Run { tool: "JMH".into(), fork_means: "one JVM fork", arms: [Arm::default()].into(), ..Run::default() };
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    // Forks of different benchmarks are different processes.
    for entry in list {
        for (key, value) in
            [("jvm", &entry.jvm), ("jdk", &entry.jdk_version), ("vm", &entry.vm_name), ("jmh", &entry.jmh_version)]
        {
            if let Some(value) = value {
                run.environment.set(key, value);
            }
        }
        let (suite, benchmark) = entry.benchmark.rsplit_once('.').unwrap_or(("", &entry.benchmark));
        let mut params = entry.params.unwrap_or_default().0;
        // One file may hold the same benchmark on several numbers of threads.
        if let Some(threads) = entry.threads.filter(|t| *t > 1) {
            params.entry("threads".to_string()).or_insert_with(|| threads.to_string());
        }
        // A single shot is one call of the batch; in the other modes a value averages many.
        let ops = match entry.mode.as_str() {
            "ss" => entry.measurement_batch_size.unwrap_or(1),
            // How many operations an iteration averages is not stated; it is never one.
            _ => UNKNOWN_OPERATIONS,
        };
        let key = |metric: &str| SeriesKey {
            suite: suite.to_string(),
            benchmark: benchmark.to_string(),
            params: params.clone(),
            metric: metric.to_string(),
        };
        let first = run.forks.len() as u32;
        add((&mut run, &mut notices, &mut seen), key(&entry.mode), &entry.primary_metric, (first, ops), true);
        let secondary = entry.secondary_metrics.unwrap_or_default();
        for (name, metric) in secondary.by_name() {
            let metric_name = name.strip_prefix(SECONDARY).unwrap_or(name);
            add((&mut run, &mut notices, &mut seen), key(metric_name), metric, (first, ops), false);
        }
    }
    if run.series.is_empty() {
        return Err(ParseError::new(&source, None, ParseErrorKind::NoData));
    }
    Ok(Parsed { value: Content::Run(run), notices: notices.into_vec() })
}

fn add(
    (run, notices, seen): (&mut Run, &mut Notices, &mut BTreeMap<String, usize>),
    key: SeriesKey,
    metric: &Metric,
    (first, ops): (u32, u64),
    primary: bool,
) {
    let tidied = tidy(&metric.score_unit);
    let mut columns = Columns::default();
    let fork = |run: &mut Run, index: usize| {
        while run.forks.len() <= first as usize + index {
            run.forks.push(Fork::default());
        }
        first + index as u32
    };
    for (index, values) in metric.raw_data.iter().flatten().enumerate() {
        let fork = fork(run, index);
        columns.reserve(values.len());
        for value in values {
            if usable(value.0) {
                columns.push(value.0 * tidied.factor, fork, ops, Marks::NONE);
            } else {
                notices.push(NoticeCode::NonFiniteValue, None, &key.benchmark);
            }
        }
    }
    for (index, iterations) in metric.raw_data_histogram.iter().flatten().enumerate() {
        let fork = fork(run, index);
        for Bar(value, count) in iterations.iter().flatten().filter(|Bar(v, n)| usable(*v) && *n > 0) {
            columns.weight.resize(columns.len(), 1);
            columns.push(value * tidied.factor, fork, 1, Marks::NONE);
            columns.weight.push(*count);
        }
    }
    let data = if !columns.is_empty() {
        SeriesData::Columns(columns)
    } else if usable(metric.score.0) {
        let mean = metric.score.0;
        notices.push(NoticeCode::AggregateOnly, None, &key.benchmark);
        SeriesData::Aggregates([(0, Aggregate { mean: mean * tidied.factor, ..Aggregate::default() })].into())
    } else {
        notices.push(NoticeCode::NoUsableValue, None, &key.benchmark);
        return;
    };
    let next = run.series.len();
    let known = map::place(seen, &key.identity(), next);
    if let Some(series) = run.series.get_mut(known) {
        notices.push(NoticeCode::RepeatedKey, None, &key.benchmark);
        if let (SeriesData::Columns(old), SeriesData::Columns(new)) = (&mut series.data, data) {
            join(old, new);
        }
        return;
    }
    let (unit, mut better) = (tidied.unit, tidied.better);
    // How fast memory is allocated says nothing by itself.
    if !primary && better == Better::Higher && crate::profile::holds(&key.metric, "gc.") {
        better = Better::Unknown;
    }
    run.series.push(Series { key, unit, better, assumption: Assumption::Sampled, primary, data });
}

/// Values of one benchmark that stands twice in a file: other processes, the same series.
fn join(old: &mut Columns, new: Columns) {
    let weighted = !(old.weight.is_empty() && new.weight.is_empty());
    if weighted {
        old.weight.resize(old.len(), 1);
    }
    for (index, ((value, fork), ops)) in new.values.iter().zip(&new.fork).zip(&new.ops).enumerate() {
        old.push(*value, *fork, *ops, Marks::NONE);
        if weighted {
            old.weight.push(new.weight.get(index).copied().unwrap_or(1));
        }
    }
}
