//! Our rules: the engine itself, called as the pipeline calls it.

use noisefloor_core::config::{MarginValue, StatsConfig};
use noisefloor_core::model::{Assumption, Columns, Fork, Marks, SideSeries};
use noisefloor_core::report::Comparison;
use noisefloor_core::stats::{compare, settle};
use noisefloor_core::unit::{Better, Quantity};

use crate::scenario::{Process, Scenario};

/// A side as the readers make it: one value per `each` iterations, blocks and rounds where the
/// processes have them.
pub(crate) fn side(scenario: &Scenario, processes: &[Process], each: usize, ratio: f64) -> SideSeries {
    let interleaved = processes.iter().all(|p| p.block.is_some());
    let lockstep = interleaved && scenario.lockstep;
    let mut columns = Columns::default();
    for (fork, process) in processes.iter().enumerate() {
        for (round, value) in scenario.values(process, each, ratio).into_iter().enumerate() {
            columns.push(value, fork as u32, each as u64, Marks::NONE);
            if lockstep {
                columns.in_round(round as u32, process.second.get(round).copied().map_or(0, u32::from));
            }
        }
    }
    let forks = processes.iter().map(|p| Fork { block: p.block, ..Fork::default() }).collect();
    SideSeries { interleaved, lockstep, ..series(columns, forks) }
}

/// A side of single operations by process: in blocks, a process each, or one side after the other.
pub(crate) fn forks(values: &[Vec<f64>], blocks: bool) -> SideSeries {
    let mut columns = Columns::default();
    for (fork, values) in values.iter().enumerate() {
        values.iter().for_each(|value| columns.push(*value, fork as u32, 1, Marks::NONE));
    }
    let block = |place: usize| blocks.then_some(place as u32);
    let forks = (0..values.len()).map(|place| Fork { block: block(place), ..Fork::default() }).collect();
    SideSeries { interleaved: blocks, ..series(columns, forks) }
}

fn series(columns: Columns, forks: Vec<Fork>) -> SideSeries {
    SideSeries {
        columns,
        forks,
        aggregates: Vec::new(),
        interleaved: false,
        lockstep: false,
        seconds_per_block: None,
        stopping: None,
        run_spread: None,
        quantity: Quantity::Time,
        better: Better::Lower,
        assumption: Assumption::Sampled,
    }
}

/// One row, settled as a family of its own.
pub(crate) fn judge(baseline: &SideSeries, candidate: &SideSeries, margin: f64, config: &StatsConfig) -> Comparison {
    let mut row = compare(baseline, candidate, MarginValue::Ratio(margin), config);
    settle(&mut [(&mut row, Better::Lower)], config);
    row
}

/// The 95 % interval of the log ratio.
pub(crate) fn interval(row: &Comparison) -> Option<(f64, f64)> {
    let interval = row.difference.as_ref()?.interval?;
    interval.low.zip(interval.high)
}
