//! Whether the core's frequency explains times (STATISTICS S9), where a benchmark's iterations tell it: by their cycles
//! and what counts time on the core at a constant rate.

#[cfg(feature = "full")]
use alloc::string::String;
#[cfg(feature = "full")]
use alloc::vec::Vec;
#[cfg(feature = "full")]
use core::cmp::Ordering;

#[cfg(feature = "full")]
use crate::config::StatsConfig;
#[cfg(feature = "full")]
use crate::model::SideSeries;
#[cfg(feature = "full")]
use crate::report::CauseReport;
use crate::report::ReportRow;
#[cfg(feature = "full")]
use crate::sort::sort_places;
#[cfg(feature = "full")]
use crate::stats::causes::{covariate, frequency_scaling};

/// The cause in a diagnosis.
#[cfg(feature = "full")]
pub(super) const CAUSE: &str = "freq_scaling";
/// What counts cycles, with or without `/op`.
const CYCLES: [&str; 3] = ["cycles", "cpu-cycles", "aperf"];
/// What counts while the core works and does not follow its frequency. Not the time of the iteration: of one that
/// waits, cycles over time are fewer, whatever the frequency.
const STEADY: [&str; 3] = ["ref-cycles", "mperf", "task-clock"];

fn is_one(metric: &str, names: &[&str]) -> bool {
    let plain = metric.strip_suffix("/op").unwrap_or(metric);
    names.iter().any(|name| plain.eq_ignore_ascii_case(name))
}

/// Rows of some metrics by their benchmark: there may be as many as the file has lines.
#[cfg(feature = "full")]
pub(super) struct Beside(Vec<u32>);

#[cfg(feature = "full")]
impl Beside {
    fn new(rows: &[ReportRow], names: &[&str]) -> Beside {
        let place = |(at, row): (usize, &ReportRow)| is_one(&row.metric, names).then_some(at as u32);
        let mut places: Vec<u32> = rows.iter().enumerate().filter_map(place).collect();
        sort_places(&mut places, &mut |a, b| by_benchmark(&rows[a as usize], &rows[b as usize]));
        Beside(places)
    }

    /// Those that count cycles.
    pub(super) fn cycles(rows: &[ReportRow]) -> Beside {
        Beside::new(rows, &CYCLES)
    }

    /// The first row of the same benchmark.
    pub(super) fn find(&self, rows: &[ReportRow], of: &ReportRow) -> Option<usize> {
        let order = |at: &u32| rows.get(*at as usize).map_or(Ordering::Greater, |row| by_benchmark(row, of));
        let first = self.0.partition_point(|at| order(at) == Ordering::Less);
        self.0.get(first).filter(|at| order(at) == Ordering::Equal).map(|at| *at as usize)
    }
}

#[cfg(feature = "full")]
fn by_benchmark(a: &ReportRow, b: &ReportRow) -> Ordering {
    a.benchmark.cmp(&b.benchmark).then_with(|| a.suite.cmp(&b.suite)).then_with(|| a.params.cmp(&b.params))
}

/// Whether there may be something to find: the small engine leaves that to the whole one.
pub(super) fn is_told(rows: &[ReportRow]) -> bool {
    [CYCLES, STEADY].iter().all(|names| rows.iter().any(|row| is_one(&row.metric, names)))
}

/// Adds the cause to every diagnosis whose side shows it.
#[cfg(feature = "full")]
pub(super) fn find(rows: &mut [ReportRow], series: &[Vec<Option<SideSeries>>], config: &StatsConfig) {
    if !is_told(rows) {
        return;
    }
    let (cycles, steady) = (Beside::cycles(rows), Beside::new(rows, &STEADY));
    for at in 0..rows.len() {
        let Some(own) = rows.get(at).filter(|row| row.primary && !is_one(&row.metric, &CYCLES)) else { continue };
        let Some((cycles, steady)) = cycles.find(rows, own).zip(steady.find(rows, own)) else { continue };
        let Some(row) = rows.get_mut(at) else { continue };
        for (side, summary) in row.sides.iter_mut().enumerate() {
            let of = |row: usize| series.get(row)?.get(side)?.as_ref();
            let diagnosis = summary.as_mut().and_then(|s| s.diagnosis.as_mut()).filter(|d| d.log_scale);
            if let (Some(diagnosis), Some(time), Some(cycles), Some(steady)) =
                (diagnosis, of(at), of(cycles), of(steady))
            {
                diagnosis.causes.extend(cause(time, cycles, steady, config));
            }
        }
    }
}

/// The cause, where values of the three stand for the same iterations.
#[cfg(feature = "full")]
fn cause(time: &SideSeries, cycles: &SideSeries, steady: &SideSeries, config: &StatsConfig) -> Option<CauseReport> {
    let of = |side: &SideSeries, at: usize| -> Option<(u32, f64)> {
        let fork = side.forks.get(*side.columns.fork.get(at)? as usize)?;
        Some((fork.id, *side.columns.values.get(at)?))
    };
    let n = time.columns.len();
    if [time, cycles, steady].iter().any(|side| side.columns.len() != n || !side.columns.weight.is_empty()) {
        return None;
    }
    let (mut times, mut frequencies) = (Vec::new(), Vec::new());
    for at in 0..n {
        let ((process, time_taken), (a, cycles), (b, steady)) = (of(time, at)?, of(cycles, at)?, of(steady, at)?);
        if a != process || b != process {
            return None;
        }
        if time.is_used(at) {
            times.push(time_taken);
            frequencies.push(cycles / steady);
        }
    }
    frequency_scaling(&times, &frequencies).ok().filter(|found| found.found)?;
    let found = covariate(&times, &frequencies, config.confidence).ok();
    let cost = found.as_ref().and_then(|f| f.cost.as_ref());
    Some(CauseReport {
        cause: String::from(CAUSE),
        share: None,
        effect: cost.map(|c| c.value),
        interval: cost.and_then(|c| c.interval),
        explained: found.map(|f| f.explained),
    })
}
