//! From the values of a side to its units of replication (STATISTICS S0).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::model::{Fork, SideSeries};
use crate::sort::sort_by;
use crate::stats::autocorrelation::tau;
use crate::stats::math::ln;
use crate::stats::moments::mean_variance;
use crate::stats::order::sorted;

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
    let counts = |i: usize| side.columns.weight.get(i).is_none_or(|w| *w > 0);
    let mut values = side.columns.values.iter().enumerate();
    values.all(|(i, v)| *v > 0.0 || !side.is_used(i) || !counts(i))
}

/// A list of numbers for each fork, in one.
pub(crate) struct Lists {
    all: Vec<f64>,
    /// Where the list of each fork ends.
    ends: Vec<u32>,
}

impl Lists {
    /// What `of` makes of the values at the places that it takes, in the order in which they ran.
    pub(crate) fn by_fork(side: &SideSeries, takes: &dyn Fn(usize) -> bool, of: &dyn Fn(f64) -> f64) -> Lists {
        let columns = &side.columns;
        // How many there are of each, then where they begin, at last where they end.
        let mut ends = alloc::vec![0u32; side.forks.len()];
        let (mut all, mut total) = (Vec::new(), 0);
        for filling in [false, true] {
            for (at, (value, fork)) in columns.values.iter().zip(&columns.fork).enumerate() {
                let Some(place) = ends.get_mut(*fork as usize).filter(|_| takes(at)) else { continue };
                if let Some(slot) = all.get_mut(*place as usize).filter(|_| filling) {
                    *slot = of(*value);
                }
                *place += 1;
            }
            for count in ends.iter_mut().filter(|_| !filling) {
                total += core::mem::replace(count, total);
            }
            all.resize(total as usize, 0.0);
        }
        Lists { all, ends }
    }

    /// The list of a fork; empty for one that does not exist.
    pub(crate) fn get(&self, fork: usize) -> &[f64] {
        let from = fork.checked_sub(1).and_then(|before| self.ends.get(before)).copied().unwrap_or(0);
        self.ends.get(fork).and_then(|end| self.all.get(from as usize..*end as usize)).unwrap_or(&[])
    }
}

/// The units of a side on the scale that its values allow.
pub(crate) struct Units {
    /// Whether that is the logarithm: every used value is above zero.
    pub(crate) log: bool,
    /// The means of the forks that have a used value, in the order in which they started.
    pub(crate) means: Vec<ForkMean>,
    /// The used values of every fork on that scale, in the order in which they ran.
    pub(crate) values: Lists,
    /// All of them as they were measured, in rising order.
    pub(crate) sorted: Vec<f64>,
    /// How many of those there are, and how many differ.
    pub(crate) distinct: (usize, usize),
}

impl Units {
    pub(crate) fn of(side: &SideSeries) -> Units {
        let mut out = Units::on(side, positive(side));
        let values = side.columns.values.iter().enumerate();
        out.sorted = if side.marks().is_used() {
            sorted(side.columns.values.clone())
        } else {
            sorted(values.filter(|(i, _)| side.is_used(*i)).map(|(_, v)| *v).collect())
        };
        out.distinct = (out.sorted.len(), out.sorted.chunk_by(|a, b| a == b).count());
        out
    }

    fn on(side: &SideSeries, log: bool) -> Units {
        let columns = &side.columns;
        // A histogram has weights, and keeps no order.
        let ordered = columns.weight.is_empty();
        let mut weights: Vec<Vec<u64>> = side.forks.iter().filter(|_| !ordered).map(|_| Vec::new()).collect();
        let all = side.marks().is_used();
        let takes = |at: usize| all || side.is_used(at);
        let values = Lists::by_fork(side, &takes, &|value| if log { ln(value) } else { value });
        for (at, (weight, fork)) in columns.weight.iter().zip(&columns.fork).enumerate() {
            if let Some(into) = weights.get_mut(*fork as usize).filter(|_| takes(at)) {
                into.push(*weight);
            }
        }
        let lists = || (0..side.forks.len()).map(|at| values.get(at));
        let alone = lists().filter(|list| !list.is_empty()).count() == 1;
        let of = |(at, (values, fork)): (usize, (&[f64], &Fork))| {
            let (mean, within) = center(values, weights.get(at).map_or(&[], Vec::as_slice))?;
            let within = within.map(|w| if alone && ordered { dependent(w, values) } else { w });
            Some(ForkMean { id: fork.id, block: fork.block, mean, within })
        };
        // No larger than needed: most often each fork has a mean.
        let mut means = Vec::with_capacity(side.forks.len());
        means.extend(lists().zip(&side.forks).enumerate().filter_map(of));
        Units { log, means, values, sorted: Vec::new(), distinct: (0, 0) }
    }

    /// Only what is needed of it once a row was judged.
    pub(crate) fn judged(self) -> Units {
        Units { values: Lists { all: Vec::new(), ends: Vec::new() }, sorted: Vec::new(), ..self }
    }

    /// The means on the scale asked for.
    pub(crate) fn means_on(&self, side: &SideSeries, log: bool) -> Cow<'_, [ForkMean]> {
        if log == self.log { Cow::Borrowed(&self.means) } else { Cow::Owned(fork_means(side, log)) }
    }
}

/// The means of the forks that have a used value, in the order in which they started.
pub(crate) fn fork_means(side: &SideSeries, log: bool) -> Vec<ForkMean> {
    Units::on(side, log).means
}

/// The variance of a lone process's mean when neighbours are alike (S7): n values are worth n/τ. With
/// several processes their spread is measured and holds this already.
fn dependent((variance, df): (f64, f64), values: &[f64]) -> (f64, f64) {
    let tau = tau(values).max(1.0);
    (variance * tau, ((df + 1.0) / tau - 1.0).max(1.0))
}

/// Mean of weighted values with the variance of that mean and its degrees of freedom. Without weights
/// each value counts once; `None` without values.
fn center(values: &[f64], weights: &[u64]) -> Option<(f64, Option<(f64, f64)>)> {
    if weights.iter().all(|w| *w == 1) {
        let n = values.len() as f64;
        let (mean, variance) = mean_variance(values)?;
        return Some((mean, variance.map(|s2| (s2 / n, n - 1.0))));
    }
    let all = || values.iter().zip(weights);
    let total: f64 = weights.iter().map(|w| *w as f64).sum();
    let m = all().map(|(v, w)| v * *w as f64).sum::<f64>() / total;
    let s2 = all().map(|(v, w)| (v - m) * (v - m) * *w as f64).sum::<f64>() / (total - 1.0).max(1.0);
    Some((m, (total > 1.0).then_some((s2 / total, total - 1.0))))
}

/// Block means of a side's forks, by block: the mean of their means. Sorted lists and no maps: each type
/// of map is some kilobytes of code in the page.
fn block_means(forks: &[ForkMean]) -> Vec<(u32, f64)> {
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

/// The means of both sides in each block that holds both, with the block's id.
pub(crate) fn blocks_of_both(baseline: &[ForkMean], candidate: &[ForkMean]) -> Vec<(u32, f64, f64)> {
    let base = block_means(baseline);
    let of = |block: u32| base.binary_search_by_key(&block, |b| b.0).ok().and_then(|i| base.get(i));
    block_means(candidate).into_iter().filter_map(|(block, c)| of(block).map(|b| (block, b.1, c))).collect()
}

/// Differences candidate − baseline per block that holds both sides, on the scale of the means, with the
/// block's id.
pub(crate) fn paired_blocks(baseline: &[ForkMean], candidate: &[ForkMean]) -> Vec<(u32, f64)> {
    blocks_of_both(baseline, candidate).into_iter().map(|(block, a, b)| (block, b - a)).collect()
}
