//! From the values of a side to its units of replication (STATISTICS S0, S18).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::model::{NO_ROUND, SideSeries};
use crate::stats::math::ln;
use crate::stats::moments::{mean, variance};
use crate::stats::order::median;

/// One fork's used values, averaged on the scale of the analysis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForkMean {
    pub(crate) block: Option<u32>,
    pub(crate) mean: f64,
    /// Variance of the mean from what was seen inside the fork, and its degrees of freedom.
    pub(crate) within: Option<(f64, f64)>,
}

/// The used values of a side with their weights.
pub(crate) fn used(side: &SideSeries) -> Vec<(f64, u64)> {
    (0..side.columns.len())
        .filter(|i| side.is_used(*i))
        .filter_map(|i| Some((*side.columns.values.get(i)?, side.columns.weight.get(i).copied().unwrap_or(1))))
        .filter(|(_, weight)| *weight > 0)
        .collect()
}

/// Whether every used value is above zero, so that ratios make sense.
pub(crate) fn positive(side: &SideSeries) -> bool {
    used(side).iter().all(|(v, _)| *v > 0.0)
}

/// The means of the forks that have a used value, in the order in which they started.
pub(crate) fn fork_means(side: &SideSeries, log: bool) -> Vec<ForkMean> {
    let mut by_fork: BTreeMap<u32, Vec<(f64, u64)>> = BTreeMap::new();
    for i in (0..side.columns.len()).filter(|i| side.is_used(*i)) {
        let (Some(value), Some(fork)) = (side.columns.values.get(i), side.columns.fork.get(i)) else { continue };
        let weight = side.columns.weight.get(i).copied().unwrap_or(1);
        let value = if log { ln(*value) } else { *value };
        by_fork.entry(*fork).or_default().push((value, weight));
    }
    by_fork
        .into_iter()
        .filter_map(|(fork, values)| {
            let block = side.forks.get(fork as usize)?.block;
            let (mean, within) = center(&values)?;
            Some(ForkMean { block, mean, within })
        })
        .collect()
}

/// Mean of weighted values with the variance of that mean and its degrees of freedom.
fn center(values: &[(f64, u64)]) -> Option<(f64, Option<(f64, f64)>)> {
    if values.iter().all(|(_, w)| *w == 1) {
        let plain: Vec<f64> = values.iter().map(|(v, _)| *v).collect();
        let n = plain.len() as f64;
        return Some((mean(&plain)?, variance(&plain).map(|s2| (s2 / n, n - 1.0))));
    }
    let total: f64 = values.iter().map(|(_, w)| *w as f64).sum();
    let m = values.iter().map(|(v, w)| v * *w as f64).sum::<f64>() / total;
    let s2 = values.iter().map(|(v, w)| (v - m) * (v - m) * *w as f64).sum::<f64>() / (total - 1.0).max(1.0);
    Some((m, (total > 1.0).then_some((s2 / total, total - 1.0))))
}

/// Block means of a side: the mean of its forks' means, by block.
fn block_means(side: &SideSeries, log: bool) -> BTreeMap<u32, f64> {
    let mut sums: BTreeMap<u32, (f64, f64)> = BTreeMap::new();
    for fork in fork_means(side, log) {
        if let Some(block) = fork.block {
            let entry = sums.entry(block).or_default();
            *entry = (entry.0 + fork.mean, entry.1 + 1.0);
        }
    }
    sums.into_iter().map(|(block, (sum, n))| (block, sum / n)).collect()
}

/// Differences candidate − baseline per block that holds both sides, on the scale.
pub(crate) fn paired_blocks(baseline: &SideSeries, candidate: &SideSeries, log: bool) -> Vec<f64> {
    let base = block_means(baseline, log);
    block_means(candidate, log).into_iter().filter_map(|(block, c)| base.get(&block).map(|b| c - b)).collect()
}

type Rounds = BTreeMap<(u32, u32), f64>;

/// Used lockstep values by block and round.
fn rounds(side: &SideSeries) -> Rounds {
    (0..side.columns.len())
        .filter(|i| side.is_used(*i))
        .filter_map(|i| {
            let round = *side.columns.round.get(i).filter(|r| **r != NO_ROUND)?;
            let block = side.forks.get(*side.columns.fork.get(i)? as usize)?.block?;
            Some(((block, round), *side.columns.values.get(i)?))
        })
        .collect()
}

/// Log ratios of the pairs of each block that holds both sides (S18); empty when a value is not
/// positive.
pub(crate) fn pair_ratios(baseline: &SideSeries, candidate: &SideSeries) -> Vec<Vec<f64>> {
    if !positive(baseline) || !positive(candidate) {
        return Vec::new();
    }
    let base = rounds(baseline);
    let mut blocks: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for ((block, round), value) in rounds(candidate) {
        if let Some(other) = base.get(&(block, round)) {
            blocks.entry(block).or_default().push(ln(value) - ln(*other));
        }
    }
    blocks.into_values().collect()
}

/// Block estimates of lockstep pairs: the median of the log ratios of each block.
pub(crate) fn lockstep_blocks(baseline: &SideSeries, candidate: &SideSeries) -> Vec<f64> {
    pair_ratios(baseline, candidate).into_iter().filter_map(middle).collect()
}

/// Median value of each block of a lockstep side, for absolute times.
pub(crate) fn lockstep_levels(side: &SideSeries) -> Vec<f64> {
    let mut blocks: BTreeMap<u32, Vec<f64>> = BTreeMap::new();
    for ((block, _), value) in rounds(side) {
        blocks.entry(block).or_default().push(value);
    }
    blocks.into_values().filter_map(middle).collect()
}

pub(crate) fn middle(mut values: Vec<f64>) -> Option<f64> {
    values.sort_unstable_by(f64::total_cmp);
    median(&values)
}
