//! Whether the core's frequency explains times (STATISTICS S9), where a benchmark's iterations tell it: by their cycles
//! and what counts time on the core at a constant rate.

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::StatsConfig;
use crate::model::SideSeries;
use crate::report::{CauseReport, ReportRow};
use crate::stats::causes::{covariate, frequency_scaling};

/// The cause in a diagnosis.
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

/// The row of the same benchmark whose metric is one of these.
fn beside(rows: &[ReportRow], of: &ReportRow, names: &[&str]) -> Option<usize> {
    rows.iter().position(|row| {
        is_one(&row.metric, names) && row.benchmark == of.benchmark && row.suite == of.suite && row.params == of.params
    })
}

/// The metric that counts the cycles of a row's benchmark.
pub(super) fn cycles_of<'a>(rows: &'a [ReportRow], of: &ReportRow) -> Option<&'a str> {
    beside(rows, of, &CYCLES).and_then(|at| rows.get(at)).map(|row| row.metric.as_str())
}

/// Adds the cause to every diagnosis whose side shows it.
pub(super) fn find(rows: &mut [ReportRow], series: &[Vec<Option<SideSeries>>], config: &StatsConfig) {
    if !rows.iter().any(|row| is_one(&row.metric, &CYCLES)) {
        return;
    }
    for at in 0..rows.len() {
        let Some(own) = rows.get(at).filter(|row| row.primary && !is_one(&row.metric, &CYCLES)) else { continue };
        let Some((cycles, steady)) = beside(rows, own, &CYCLES).zip(beside(rows, own, &STEADY)) else { continue };
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
fn cause(time: &SideSeries, cycles: &SideSeries, steady: &SideSeries, config: &StatsConfig) -> Option<CauseReport> {
    let ids = |side: &SideSeries| -> Vec<Option<u32>> {
        side.columns.fork.iter().map(|fork| side.forks.get(*fork as usize).map(|fork| fork.id)).collect()
    };
    let iterations = ids(time);
    let alike = [cycles, steady].iter().all(|side| side.columns.weight.is_empty() && ids(side) == iterations);
    if !alike || !time.columns.weight.is_empty() {
        return None;
    }
    let counted = cycles.columns.values.iter().zip(&steady.columns.values).map(|(c, s)| c / s);
    let used = time.columns.values.iter().zip(counted).enumerate().filter(|(at, _)| time.is_used(*at));
    let (times, frequencies): (Vec<f64>, Vec<f64>) = used.map(|(_, (time, frequency))| (*time, frequency)).unzip();
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
