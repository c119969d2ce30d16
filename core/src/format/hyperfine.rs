//! hyperfine `--export-json`. Each run of a command is a process, hence a fork.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::{Content, MAX_RSS, read_json, usable};
use crate::json::{FromJson, JsonError, Reader, Texts};
use crate::map;
use crate::model::{Aggregate, Arm, Assumption, Columns, Fork, Mark, Marks, Run, Series, SeriesData, SeriesKey};
use crate::source::{NoticeCode, Notices, Parsed, Source};
use crate::unit::{Better, Unit};

/// The results of a file.
#[derive(Default)]
struct File {
    results: Vec<Measured>,
}

impl<'a> FromJson<'a> for File {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(1, &mut [("results", &mut self.results)])
    }
}

/// What was measured of one command.
#[derive(Default)]
struct Measured {
    command: String,
    mean: Option<f64>,
    stddev: Option<f64>,
    median: Option<f64>,
    times: Option<Vec<Option<f64>>>,
    exit_codes: Option<Vec<Option<i64>>>,
    memory_usage_byte: Option<Vec<Option<f64>>>,
    parameters: Option<Texts>,
}

impl<'a> FromJson<'a> for Measured {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            1,
            &mut [
                ("command", &mut self.command),
                ("mean", &mut self.mean),
                ("stddev", &mut self.stddev),
                ("median", &mut self.median),
                ("times", &mut self.times),
                ("exit_codes", &mut self.exit_codes),
                ("memory_usage_byte", &mut self.memory_usage_byte),
                ("parameters", &mut self.parameters),
            ],
        )
    }
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or(&[]);
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    if has(b"\"results\"") && has(b"\"command\"") { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut file = File::default();
    read_json(&source, &mut file, "hyperfine results: commands with their times")?;
    let mut notices = Notices::new();
    let mut run = Run { tool: "hyperfine".into(), fork_means: "one run of the command", ..Run::default() };
    run.arms.push(Arm::default());
    let mut place: BTreeMap<String, usize> = BTreeMap::new();
    for result in file.results {
        let params = result.parameters.unwrap_or_default().0;
        let key = SeriesKey { suite: "".into(), benchmark: result.command, params, metric: "time".into() };
        let first = run.forks.len() as u32;
        let times = result.times.unwrap_or_default();
        let codes = result.exit_codes.unwrap_or_default();
        run.forks.reserve(times.len());
        for i in 0..times.len() {
            let failed = codes.get(i).copied().flatten().is_some_and(|c| c != 0);
            let marks = if failed { Marks::of(Mark::IgnoredFailure) } else { Marks::NONE };
            run.forks.push(Fork { marks, ..Fork::default() });
        }
        let data = if times.is_empty() {
            let Some(mean) = result.mean.filter(|m| usable(*m)) else {
                notices.push(NoticeCode::NoUsableValue, None, &key.benchmark);
                continue;
            };
            notices.push(NoticeCode::AggregateOnly, None, &key.benchmark);
            let (std_dev, median) = (result.stddev, result.median);
            SeriesData::Aggregates([(0, Aggregate { mean, std_dev, median, ..Aggregate::default() })].into())
        } else {
            let columns = columns(&times, first);
            if columns.len() < times.len() {
                notices.push(NoticeCode::NonFiniteValue, None, &key.benchmark);
            }
            if columns.is_empty() {
                continue;
            }
            SeriesData::Columns(columns)
        };
        let memory = result.memory_usage_byte.unwrap_or_default();
        let with_memory = memory.len() == times.len() && memory.iter().flatten().any(|m| *m > 0.0);
        let series = |key, unit, assumption, data| Series {
            key,
            unit,
            better: Better::Lower,
            assumption,
            primary: assumption == Assumption::Sampled,
            data,
        };
        let (identity, next) = (key.identity(), run.series.len());
        let known = map::place(&mut place, &identity, next);
        if known != next {
            notices.push(NoticeCode::RepeatedKey, None, &key.benchmark);
            if let (SeriesData::Columns(new), Some(Series { data: SeriesData::Columns(old), .. })) =
                (&data, run.series.get_mut(known))
            {
                for (value, fork) in new.values.iter().zip(&new.fork) {
                    old.push(*value, *fork, 1, Marks::NONE);
                }
            }
            continue;
        }
        run.series.push(series(key.clone(), Unit::seconds(), Assumption::Sampled, data));
        if with_memory {
            let key = SeriesKey { metric: MAX_RSS.into(), ..key };
            let data = SeriesData::Columns(columns(&memory, first));
            run.series.push(series(key, Unit::bytes(), Assumption::Varies, data));
        }
    }
    if run.series.is_empty() {
        return Err(ParseError::new(&source, None, ParseErrorKind::NoData));
    }
    Ok(Parsed { value: Content::Run(run), notices: notices.into_vec() })
}

/// Values with the fork that each is; unusable ones are left out.
fn columns(values: &[Option<f64>], first: u32) -> Columns {
    let mut columns = Columns::default();
    columns.reserve(values.len());
    for (i, value) in values.iter().enumerate() {
        if let Some(value) = value.filter(|v| usable(*v)) {
            columns.push(value, first + i as u32, 1, Marks::NONE);
        }
    }
    columns
}
