//! From the values of a side to its units of replication (STATISTICS S0).

use alloc::vec;
use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::sort::sort_by;
use crate::stats::autocorrelation::tau;
use crate::stats::math::ln;
use crate::stats::moments::{mean, variance};

/// One fork's used values, averaged on the scale of the analysis.
#[derive(Clone, Copy, Debug)]
pub(crate) struct ForkMean {
    pub(crate) id: u32,
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
    let mut by_fork: Vec<Vec<(f64, u64)>> = vec![Vec::new(); side.forks.len()];
    for i in (0..side.columns.len()).filter(|i| side.is_used(*i)) {
        let (Some(value), Some(fork)) = (side.columns.values.get(i), side.columns.fork.get(i)) else { continue };
        let weight = side.columns.weight.get(i).copied().unwrap_or(1);
        let value = if log { ln(*value) } else { *value };
        if let Some(values) = by_fork.get_mut(*fork as usize) {
            values.push((value, weight));
        }
    }
    let alone = by_fork.iter().filter(|values| !values.is_empty()).count() == 1;
    by_fork
        .iter()
        .zip(&side.forks)
        .filter(|(values, _)| !values.is_empty())
        .filter_map(|(values, fork)| {
            let (mean, within) = center(values)?;
            // A histogram keeps no order.
            let ordered = side.columns.weight.is_empty();
            let within = within.map(|w| if alone && ordered { dependent(w, values) } else { w });
            Some(ForkMean { id: fork.id, block: fork.block, mean, within })
        })
        .collect()
}

/// The variance of a lone process's mean when neighbours are alike (S7): n values are worth n/τ. With
/// several processes their spread is measured and holds this already.
fn dependent((variance, df): (f64, f64), values: &[(f64, u64)]) -> (f64, f64) {
    let plain: Vec<f64> = values.iter().map(|(v, _)| *v).collect();
    let tau = tau(&plain).max(1.0);
    (variance * tau, ((df + 1.0) / tau - 1.0).max(1.0))
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

/// Block means of a side, by block: the mean of its forks' means. Sorted lists and no maps: each type
/// of map is some kilobytes of code in the page.
fn block_means(side: &SideSeries, log: bool) -> Vec<(u32, f64)> {
    let forks = fork_means(side, log);
    let mut means: Vec<(u32, f64)> = forks.iter().filter_map(|f| Some((f.block?, f.mean))).collect();
    sort_by(&mut means, &mut |a, b| a.0.cmp(&b.0));
    let mut sums: Vec<(u32, f64, f64)> = Vec::new();
    for (block, mean) in means {
        match sums.last_mut() {
            Some(last) if last.0 == block => *last = (block, last.1 + mean, last.2 + 1.0),
            _ => sums.push((block, mean, 1.0)),
        }
    }
    sums.into_iter().map(|(block, sum, n)| (block, sum / n)).collect()
}

/// Differences candidate − baseline per block that holds both sides, on the scale, with the block's id.
pub(crate) fn paired_blocks(baseline: &SideSeries, candidate: &SideSeries, log: bool) -> Vec<(u32, f64)> {
    let base = block_means(baseline, log);
    let of = |block: u32| base.binary_search_by_key(&block, |b| b.0).ok().and_then(|i| base.get(i));
    block_means(candidate, log).into_iter().filter_map(|(block, c)| of(block).map(|b| (block, c - b.1))).collect()
}
