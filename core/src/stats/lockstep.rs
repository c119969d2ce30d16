//! Lockstep pairs (STATISTICS S18): the estimate of a block, and what its pairs say beyond it.

use alloc::vec::Vec;

use crate::model::{NO_ROUND, SideSeries};
use crate::report::{Interval, Pairs};
use crate::sort::{sort_by, sort_values};
use crate::stats::design::positive;
use crate::stats::distribution::t_quantile;
use crate::stats::hypothesis::trimmed;
use crate::stats::math::{ln, sqrt};
use crate::stats::moments::{lag1, mean, variance};
use crate::stats::order::median;

/// Pairs of a block up to which their Walsh averages are formed: 125 000 numbers.
const WALSH_PAIRS: usize = 500;
/// Standard normal quantile at 99.5 %, for the spread of a median (McKean and Schrader 1984).
const Z: f64 = 2.575_829_303_548_901;

/// One used lockstep value.
#[derive(Clone, Copy)]
struct Member {
    /// Its block and its round.
    at: (u32, u32),
    index: usize,
    value: f64,
    turn: u32,
    disturbed: bool,
}

/// Two values measured right after each other.
struct Pair {
    block: u32,
    log_ratio: f64,
    baseline_first: bool,
    baseline_disturbed: bool,
    candidate_disturbed: bool,
}

/// Used lockstep values by block and round; of several in one place the last.
fn members(side: &SideSeries) -> Vec<Member> {
    let c = &side.columns;
    let read = |index: usize| {
        let round = *c.round.get(index).filter(|r| **r != NO_ROUND)?;
        let block = side.forks.get(*c.fork.get(index)? as usize)?.block?;
        let disturbed = c.marks.get(index).is_some_and(|m| !m.is_empty());
        let turn = c.turn.get(index).copied().unwrap_or(0);
        Some(Member { at: (block, round), index, value: *c.values.get(index)?, turn, disturbed })
    };
    let mut out: Vec<Member> = (0..c.round.len()).filter(|i| side.is_used(*i)).filter_map(read).collect();
    sort_by(&mut out, &mut |a, b| a.at.cmp(&b.at).then(b.index.cmp(&a.index)));
    out.dedup_by_key(|m| m.at);
    out
}

/// The pairs of each block that holds both sides, in the order in which they ran; empty when a
/// value is not positive.
fn pairs(baseline: &SideSeries, candidate: &SideSeries) -> Vec<Vec<Pair>> {
    let mut blocks: Vec<Vec<Pair>> = Vec::new();
    if !positive(baseline) || !positive(candidate) {
        return blocks;
    }
    let base = members(baseline);
    let mut last = None;
    for b in members(candidate) {
        let Some(a) = base.binary_search_by_key(&b.at, |a| a.at).ok().and_then(|i| base.get(i)) else { continue };
        if last.replace(b.at.0) != Some(b.at.0) {
            blocks.push(Vec::new());
        }
        if let Some(block) = blocks.last_mut() {
            block.push(Pair {
                block: b.at.0,
                log_ratio: ln(b.value) - ln(a.value),
                baseline_first: a.turn < b.turn,
                baseline_disturbed: a.disturbed,
                candidate_disturbed: b.disturbed,
            });
        }
    }
    blocks
}

fn ratios(block: &[Pair]) -> Vec<f64> {
    block.iter().map(|p| p.log_ratio).collect()
}

/// Block estimates: the median of the log ratios of each block's pairs, with the block's id.
pub(crate) fn block_estimates(baseline: &SideSeries, candidate: &SideSeries) -> Vec<(u32, f64)> {
    let blocks = pairs(baseline, candidate);
    blocks.iter().filter_map(|block| Some((block.first()?.block, middle(ratios(block))?))).collect()
}

/// Median value of each block of a lockstep side, for absolute times.
pub(crate) fn levels(side: &SideSeries) -> Vec<f64> {
    let all = members(side);
    let blocks = all.chunk_by(|a, b| a.at.0 == b.at.0);
    blocks.filter_map(|block| middle(block.iter().map(|m| m.value).collect())).collect()
}

fn middle(mut values: Vec<f64>) -> Option<f64> {
    sort_values(&mut values);
    median(&values)
}

/// Median of the means of all pairs of values (Hodges and Lehmann 1963).
fn hodges_lehmann(values: &[f64]) -> Option<f64> {
    if values.len() > WALSH_PAIRS {
        return None;
    }
    let averages = values.iter().enumerate().flat_map(|(i, a)| values.iter().skip(i).map(move |b| (a + b) / 2.0));
    middle(averages.collect())
}

/// Squared standard error of a median from the distance of two order statistics (McKean and
/// Schrader 1984); `None` below ten values.
fn median_variance(mut values: Vec<f64>) -> Option<f64> {
    let n = values.len();
    if n < 10 {
        return None;
    }
    sort_values(&mut values);
    let rank = ((n as f64 + 1.0) / 2.0 - Z * sqrt(n as f64 / 4.0) + 0.5) as usize;
    let rank = rank.clamp(1, n / 2);
    let half = (values.get(n - rank)? - values.get(rank - 1)?) / (2.0 * Z);
    Some(half * half)
}

/// The difference of the medians of two groups of a block's pairs.
fn contrast(block: &[Pair], first: impl Fn(usize, &Pair) -> bool) -> Option<f64> {
    let (mut a, mut b) = (Vec::new(), Vec::new());
    for (index, pair) in block.iter().enumerate() {
        if first(index, pair) { a.push(pair.log_ratio) } else { b.push(pair.log_ratio) }
    }
    Some(middle(a)? - middle(b)?)
}

/// What the pairs of a comparison say beyond its estimate; `None` without lockstep pairs in at
/// least two blocks.
pub(crate) fn diagnose(baseline: &SideSeries, candidate: &SideSeries, confidence: f64) -> Option<Pairs> {
    let blocks = pairs(baseline, candidate);
    if blocks.len() < 2 {
        return None;
    }
    let over_blocks = |of: &dyn Fn(&[Pair]) -> Option<f64>| -> Option<f64> {
        mean(&blocks.iter().filter_map(|b| of(b)).collect::<Vec<f64>>())
    };
    let estimates: Vec<f64> = blocks.iter().filter_map(|b| middle(ratios(b))).collect();
    let within = over_blocks(&|b| median_variance(ratios(b)));
    let total = variance(&estimates)?;
    let effects: Vec<f64> = blocks.iter().filter_map(|b| contrast(b, |_, p| p.baseline_first)).collect();
    let order_effect = mean(&effects);
    let order_effect_interval = order_effect.zip(variance(&effects)).map(|(center, v)| {
        let n = effects.len() as f64;
        let half = t_quantile(1.0 - (1.0 - confidence) / 2.0, Some(n - 1.0)) * sqrt(v / n);
        Interval { low: Some(center - half), high: Some(center + half), confidence }
    });
    let all = || blocks.iter().flatten();
    Some(Pairs {
        n: all().count() as u64,
        hodges_lehmann: over_blocks(&|b| hodges_lehmann(&ratios(b))),
        trimmed_mean: over_blocks(&|b| trimmed(&ratios(b), 0.25).map(|t| t.0)),
        within_sd: within.map(sqrt),
        between_sd: within.map(|w| sqrt((total - w).max(0.0))),
        order_effect,
        order_effect_interval,
        drift: over_blocks(&|b| contrast(b, |index, _| index >= b.len() / 2)),
        lag1: over_blocks(&|b| lag1(&ratios(b))),
        disturbed_baseline: all().filter(|p| p.baseline_disturbed && !p.candidate_disturbed).count() as u64,
        disturbed_candidate: all().filter(|p| p.candidate_disturbed && !p.baseline_disturbed).count() as u64,
    })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{block_estimates, diagnose, hodges_lehmann, median_variance};
    use crate::model::{Assumption, Columns, Fork, Mark, Marks, SideSeries};
    use crate::stats::math::{exp, ln};
    use crate::unit::{Better, Quantity};

    /// A side of two blocks whose value in block `b`, round `i` and turn is what `value` says.
    fn side(first: impl Fn(u32) -> bool, value: impl Fn(u32, u32, bool) -> f64) -> SideSeries {
        let mut columns = Columns::default();
        for block in 0..2u32 {
            for round in 0..20u32 {
                let is_first = first(round);
                let marks = if round == 3 && !is_first { Marks::of(Mark::Preempted) } else { Marks::NONE };
                columns.push(value(block, round, is_first), block, 1, marks);
                columns.in_round(round, u32::from(!is_first));
            }
        }
        let fork = |block| Fork { block: Some(block), ..Fork::default() };
        SideSeries {
            columns,
            forks: vec![fork(0), fork(1)],
            aggregates: Vec::new(),
            interleaved: true,
            lockstep: true,
            seconds_per_block: None,
            stopping: None,
            run_spread: None,
            quantity: Quantity::Time,
            better: Better::Lower,
            assumption: Assumption::Sampled,
        }
    }

    #[test]
    fn an_order_effect_is_told_from_a_change() {
        // Who goes second takes 10 % longer; the candidate takes twice as long, and drifts in block 1.
        let late = |first: bool| if first { 1.0 } else { 1.1 };
        let a = side(|i| i % 2 == 0, |_, i, first| f64::from(100 + i) * late(first));
        let b = side(|i| i % 2 == 1, |_, i, first| 2.0 * f64::from(100 + i) * late(first));
        let found = diagnose(&a, &b, 0.95).unwrap();
        assert_eq!(found.n, 40);
        assert!(block_estimates(&a, &b).iter().all(|(_, d)| (d - ln(2.0)).abs() < 1e-12));
        // Candidate second in pairs where the baseline is first: +ln 1.1, else −ln 1.1.
        assert!((found.order_effect.unwrap() - 2.0 * ln(1.1)).abs() < 1e-12);
        assert!(found.order_effect_interval.unwrap().low.unwrap() > 0.19);
        assert!(found.drift.unwrap().abs() < 1e-12);
        // Round 3: the baseline went second and was preempted.
        assert_eq!((found.disturbed_baseline, found.disturbed_candidate), (2, 0));
        assert!(found.lag1.unwrap() < -0.9);
    }

    #[test]
    fn spreads_are_split_into_levels() {
        // Blocks differ by 0.2 and pairs inside do not.
        let a = side(|_| true, |_, _, _| 1.0);
        let b = side(|_| false, |block, _, _| if block == 0 { 1.0 } else { exp(0.2) });
        let found = diagnose(&a, &b, 0.95).unwrap();
        assert_eq!(found.within_sd, Some(0.0));
        assert!((found.between_sd.unwrap() - 0.2 / 2f64.sqrt()).abs() < 1e-12);
        assert_eq!(found.order_effect, None);
    }

    #[test]
    fn robust_centers_have_reference_values() {
        // Student's sleep data, from R's wilcox.test without ties: the pseudomedian is 0.7.
        let sleep = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        assert!((hodges_lehmann(&sleep).unwrap() - 0.7).abs() < 1e-12);
        // Ten values: c = 5.5 − 2.576 √2.5 + 0.5 = 1.93, so the extremes.
        let expected = (3.7 + 1.6) / (2.0 * 2.575_829_303_548_901);
        assert!((median_variance(sleep.to_vec()).unwrap() - expected * expected).abs() < 1e-12);
        assert_eq!(median_variance(vec![1.0; 9]), None);
    }
}
