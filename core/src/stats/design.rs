//! From the values of a side to its units of replication (STATISTICS S0).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::stats::math::ln;
use crate::stats::moments::{mean, variance};

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
