//! JMH `-rf json`: `rawData[fork][iteration]`, or histograms in sample mode.

use alloc::collections::BTreeMap;
use alloc::string::ToString;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::{Content, json_error, usable};
use crate::map::map_of;
use crate::model::{Aggregate, Arm, Assumption, Columns, Fork, Marks, Run, Series, SeriesData, SeriesKey};
use crate::source::{NoticeCode, Notices, Parsed, Source};
use crate::unit::{Better, tidy};

/// JMH does not state how many operations an iteration averages; it is never one.
const MANY: u64 = u32::MAX as u64;

mod wire {
    use alloc::collections::BTreeMap;
    use alloc::string::String;
    use alloc::vec::Vec;
    use serde::Deserialize;
    use serde_json::Value;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Benchmark {
        pub(super) benchmark: String,
        pub(super) mode: String,
        #[serde(default)]
        pub(super) params: Option<BTreeMap<String, Value>>,
        pub(super) primary_metric: Metric,
        #[serde(default)]
        pub(super) secondary_metrics: Option<BTreeMap<String, Metric>>,
        pub(super) threads: Option<u64>,
        pub(super) measurement_batch_size: Option<u64>,
        pub(super) jvm: Option<String>,
        pub(super) jdk_version: Option<String>,
        pub(super) vm_name: Option<String>,
        pub(super) jmh_version: Option<String>,
    }

    /// Values with their counts.
    type Histogram = Vec<(f64, u64)>;

    #[derive(Deserialize)]
    #[serde(rename_all = "camelCase")]
    pub(super) struct Metric {
        pub(super) score: Value,
        pub(super) score_unit: String,
        #[serde(default)]
        pub(super) raw_data: Option<Vec<Vec<Value>>>,
        #[serde(default)]
        pub(super) raw_data_histogram: Option<Vec<Vec<Histogram>>>,
    }
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    if has(b"\"benchmark\"") && has(b"\"mode\"") && has(b"\"primaryMetric\"") { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let list: alloc::vec::Vec<wire::Benchmark> = serde_json::from_slice(source.bytes)
        .map_err(|e| json_error(&source, &e, "a list of JMH results with primaryMetric"))?;
    let mut notices = Notices::new();
    let mut run =
        Run { tool: "JMH".into(), fork_means: "one JVM fork", arms: [Arm::default()].into(), ..Run::default() };
    let mut seen = BTreeMap::new();
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
        let text = |v: serde_json::Value| v.as_str().map_or_else(|| v.to_string(), ToString::to_string);
        let mut params = map_of(entry.params.unwrap_or_default().into_iter().map(|(k, v)| (k, text(v))));
        // One file may hold the same benchmark on several numbers of threads.
        if let Some(threads) = entry.threads.filter(|t| *t > 1) {
            params.entry("threads".to_string()).or_insert_with(|| threads.to_string());
        }
        // A single shot is one call of the batch; in the other modes a value averages many.
        let ops = match entry.mode.as_str() {
            "ss" => entry.measurement_batch_size.unwrap_or(1),
            _ => MANY,
        };
        let key = |metric: &str| SeriesKey {
            suite: suite.to_string(),
            benchmark: benchmark.to_string(),
            params: params.clone(),
            metric: metric.to_string(),
        };
        let first = run.forks.len() as u32;
        add((&mut run, &mut notices, &mut seen), key(&entry.mode), &entry.primary_metric, (first, ops), true);
        for (name, metric) in entry.secondary_metrics.unwrap_or_default() {
            add((&mut run, &mut notices, &mut seen), key(&name), &metric, (first, ops), false);
        }
    }
    if run.series.is_empty() {
        return Err(ParseError::new(&source, None, ParseErrorKind::NoData));
    }
    Ok(Parsed { value: Content::Run(run), notices: notices.into_vec() })
}

fn add(
    (run, notices, seen): (&mut Run, &mut Notices, &mut BTreeMap<SeriesKey, usize>),
    key: SeriesKey,
    metric: &wire::Metric,
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
        for value in values {
            match value.as_f64() {
                Some(v) if usable(v) => columns.push(v * tidied.factor, fork, ops, Marks::NONE),
                _ => notices.push(NoticeCode::NonFiniteValue, None, &key.benchmark),
            }
        }
    }
    for (index, iterations) in metric.raw_data_histogram.iter().flatten().enumerate() {
        let fork = fork(run, index);
        for (value, count) in iterations.iter().flatten().filter(|(v, n)| usable(*v) && *n > 0) {
            columns.weight.resize(columns.len(), 1);
            columns.push(value * tidied.factor, fork, 1, Marks::NONE);
            columns.weight.push(*count);
        }
    }
    let data = if !columns.is_empty() {
        SeriesData::Columns(columns)
    } else if let Some(mean) = metric.score.as_f64().filter(|m| usable(*m)) {
        notices.push(NoticeCode::AggregateOnly, None, &key.benchmark);
        SeriesData::Aggregates([(0, Aggregate { mean: mean * tidied.factor, ..Aggregate::default() })].into())
    } else {
        notices.push(NoticeCode::NoUsableValue, None, &key.benchmark);
        return;
    };
    let known = seen.get(&key).and_then(|index| run.series.get_mut(*index));
    if let Some(series) = known {
        notices.push(NoticeCode::RepeatedKey, None, &key.benchmark);
        if let (SeriesData::Columns(old), SeriesData::Columns(new)) = (&mut series.data, data) {
            join(old, new);
        }
        return;
    }
    seen.insert(key.clone(), run.series.len());
    let (unit, mut better) = (tidied.unit, tidied.better);
    // How fast memory is allocated says nothing by itself.
    if !primary && better == Better::Higher && key.metric.contains("gc.") {
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
