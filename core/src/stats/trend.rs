//! Monotone trends: the Theil-Sen slope, Mann and Kendall's test corrected for dependence, and the
//! drift of a window against a margin (STATISTICS S8).

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::{Estimate, Interval};
use crate::stats::autocorrelation::{correlations, tau};
use crate::stats::distribution::{t_quantile, t_two_sided};
use crate::stats::estimable::{NotEstimable, check};
use crate::stats::hodges_lehmann::shift_exact_to;
use crate::stats::math::{ln, sqrt};
use crate::stats::order::{median, sorted};
use crate::stats::rank::midranks;
use crate::stats::series::{block_means, log_scale};

/// Values below which no trend is estimated: the normal approximation of S is poor there.
const LEAST: usize = 8;
/// Points of which slopes are taken at most, 125 000 of them; a longer series is reduced to means of
/// equal blocks, which leaves a straight line as it is.
pub const MOST_POINTS: usize = 500;
/// Values from which on the halves are compared by the expansion of the null distribution instead of
/// its table, which takes their third power.
const TABLE: u64 = 40;

/// A monotone trend.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Trend {
    /// Values used.
    pub n: u64,
    /// Median of all slopes (Theil 1950, Sen 1968), in units of the values per step.
    pub slope: f64,
    /// Bounds of the slope (Sen 1968), widened by `correction`; 0 and 0 where all values are equal.
    pub interval: Interval,
    /// Values per point of which slopes were taken: 1 up to 500 values.
    pub stride: u64,
    /// Kendall's S: pairs that grow less pairs that fall.
    pub s: f64,
    /// Variance of S without a trend, ties and dependence accounted for.
    pub variance: f64,
    /// By what dependence multiplies the variance (Hamed and Rao 1998, or τ if larger); 1: none
    /// was seen.
    pub correction: f64,
    /// Two-sided p of S, normal with continuity correction.
    pub p: f64,
    /// `theil_sen_hamed_rao`.
    pub method: &'static str,
}

/// The trend of values in collection order.
///
/// # Errors
/// Below eight values, or one is not finite.
pub fn trend(values: &[f64], confidence: f64) -> Result<Trend, NotEstimable> {
    check(values, LEAST)?;
    let n = values.len();
    let (s, free) = kendall(values);
    let stride = n.div_ceil(MOST_POINTS);
    let reduced = if stride == 1 { Vec::new() } else { block_means(values, stride) };
    let points = if stride == 1 { values } else { &reduced };
    let mut all = slopes(points);
    let pairs = all.len();
    // The correction needs the slope, and the bounds the correction.
    let slope = picked(&mut all, 1).0 / stride as f64;
    let correction = if free > 0.0 { dependence(values, slope) } else { 1.0 };
    let variance = free * correction;
    let z = if variance > 0.0 { (s.abs() - 1.0).max(0.0) / sqrt(variance) } else { 0.0 };
    // The rank distance of Sen's bounds, carried over to the points of which slopes were taken.
    let free_points = if stride == 1 { free } else { kendall(points).1 };
    let reach = t_quantile(1.0 - (1.0 - confidence) / 2.0, None) * sqrt(free_points * correction);
    let rank = libm::round((pairs as f64 - reach) / 2.0).max(1.0) as usize;
    let (_, low, high) = picked(&mut all, rank);
    let bound = |slope: f64| Some(slope / stride as f64);
    Ok(Trend {
        n: n as u64,
        slope,
        interval: Interval { low: bound(low), high: bound(high), confidence },
        stride: stride as u64,
        s,
        variance,
        correction,
        p: if variance > 0.0 { t_two_sided(z, None) } else { 1.0 },
        method: "theil_sen_hamed_rao",
    })
}

/// What the trend over a window means for a result.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DriftVerdict {
    /// The whole interval lies beyond half the margin on one side.
    Drift,
    /// The whole interval lies within half the margin.
    Steady,
    /// Neither.
    Undecided,
}

/// The trend of a window, or of forks in the order in which they ran.
#[derive(Clone, Debug, PartialEq)]
pub struct Drift {
    /// The trend, per step, on the scale of the analysis.
    pub trend: Trend,
    /// Whether that scale is the logarithm (all values positive).
    pub log_scale: bool,
    /// Change from the first to the last value: slope × (n − 1).
    pub total: f64,
    /// Its bounds.
    pub interval: Interval,
    /// From the first half to the second: a trend need not be straight.
    pub halves: Option<Estimate>,
    /// ln(1 + margin), or margin × |median| on the linear scale; 0 where that is undefined.
    pub margin: f64,
    /// Against half of that margin.
    pub verdict: DriftVerdict,
}

/// Judges the trend of values in collection order against half of a relative `margin` (0.01: 1 %).
///
/// # Errors
/// Below eight values, or one is not finite.
pub fn drift(values: &[f64], margin: f64, confidence: f64) -> Result<Drift, NotEstimable> {
    let mut found = drift_as_a_whole(values, margin, confidence)?;
    let (scaled, _) = log_scale(values);
    let (first, second) = scaled.split_at(scaled.len() / 2);
    found.halves = shift_exact_to(TABLE, first, second, confidence);
    Ok(found)
}

/// [`drift`] without the shift between the halves, on which no verdict hangs.
pub(crate) fn drift_as_a_whole(values: &[f64], margin: f64, confidence: f64) -> Result<Drift, NotEstimable> {
    check(values, LEAST)?;
    let (scaled, is_log) = log_scale(values);
    let trend = trend(&scaled, confidence)?;
    let steps = values.len() as f64 - 1.0;
    let times = |bound: Option<f64>| bound.map(|b| b * steps);
    let interval = Interval { low: times(trend.interval.low), high: times(trend.interval.high), confidence };
    let middle = median(&sorted(values.to_vec())).unwrap_or(0.0).abs();
    let margin = if is_log { ln(1.0 + margin.max(0.0)) } else { margin.max(0.0) * middle };
    let (low, high) = (interval.low.unwrap_or(f64::NEG_INFINITY), interval.high.unwrap_or(f64::INFINITY));
    let half = margin / 2.0;
    let verdict = if low > half || high < -half {
        DriftVerdict::Drift
    } else if low >= -half && high <= half {
        DriftVerdict::Steady
    } else {
        DriftVerdict::Undecided
    };
    Ok(Drift { trend, log_scale: is_log, total: trend.slope * steps, interval, halves: None, margin, verdict })
}

/// Kendall's S of values against their order, and its variance when all orders are equally likely.
fn kendall(values: &[f64]) -> (f64, f64) {
    let n = values.len() as f64;
    let (_, groups) = midranks(values);
    let (mut tied_pairs, mut tied) = (0.0, 0.0);
    for t in groups.into_iter().map(|t| t as f64) {
        tied_pairs += t * (t - 1.0) / 2.0;
        tied += t * (t - 1.0) * (2.0 * t + 5.0);
    }
    let falling = inversions(values) as f64;
    let s = n * (n - 1.0) / 2.0 - tied_pairs - 2.0 * falling;
    (s, ((n * (n - 1.0) * (2.0 * n + 5.0) - tied) / 18.0).max(0.0))
}

/// Pairs i < j with a value at j that is smaller, by merge sort.
fn inversions(values: &[f64]) -> u64 {
    let (mut from, mut to) = (values.to_vec(), vec![0.0; values.len()]);
    let (mut total, mut width) = (0u64, 1usize);
    while width < values.len() {
        for (source, target) in from.chunks(2 * width).zip(to.chunks_mut(2 * width)) {
            let (left, right) = source.split_at(width.min(source.len()));
            let (mut i, mut j) = (0, 0);
            for place in target {
                match (left.get(i), right.get(j)) {
                    (Some(a), Some(b)) if b < a => {
                        total += (left.len() - i) as u64;
                        (*place, j) = (*b, j + 1);
                    }
                    (Some(a), _) => (*place, i) = (*a, i + 1),
                    (None, Some(b)) => (*place, j) = (*b, j + 1),
                    (None, None) => {}
                }
            }
        }
        core::mem::swap(&mut from, &mut to);
        width *= 2;
    }
    total
}

/// n/n* of Hamed and Rao: ranks of the residuals of the slope, of which those correlations count
/// that are significant at 5 %, on 10 log₁₀ n lags. Where many small correlations add up that is
/// too little (measured at ρ = 0.5, n = 100: 14 % false trends), so τ of the same ranks counts when
/// it is larger. Never below 1: balance between neighbours must not make a trend more certain.
fn dependence(values: &[f64], slope: f64) -> f64 {
    let n = values.len() as f64;
    let rest: Vec<f64> = values.iter().enumerate().map(|(i, v)| v - slope * i as f64).collect();
    let (ranks, _) = midranks(&rest);
    let lags = (10.0 * ln(n) / core::f64::consts::LN_10) as usize;
    let limit = 1.959_963_984_540_054 / sqrt(n);
    let sum: f64 = correlations(&ranks, lags)
        .iter()
        .zip(1u32..)
        .filter(|(r, _)| r.abs() > limit)
        .map(|(r, k)| {
            let k = f64::from(k);
            (n - k) * (n - k - 1.0) * (n - k - 2.0) * r
        })
        .sum();
    (1.0 + 2.0 * sum / (n * (n - 1.0) * (n - 2.0))).max(tau(&ranks)).max(1.0)
}

/// All slopes between points one step apart, in any order.
fn slopes(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let mut all = Vec::with_capacity(n * n.saturating_sub(1) / 2);
    for (i, a) in values.iter().enumerate() {
        all.extend(values.iter().skip(i + 1).zip(1u32..).map(|(b, d)| (b - a) / f64::from(d)));
    }
    all
}

/// The median and the members of rank `low` and `high` from the outside (1: the smallest and the
/// largest), by selection; the members change places. Zeros without members.
fn picked(all: &mut [f64], rank: usize) -> (f64, f64, f64) {
    let n = all.len();
    if n == 0 {
        return (0.0, 0.0, 0.0);
    }
    let (below, middle, above) = all.select_nth_unstable_by(n / 2, f64::total_cmp);
    let middle = *middle;
    let largest = || below.iter().copied().max_by(f64::total_cmp).unwrap_or(middle);
    let median = if n % 2 == 1 { middle } else { f64::midpoint(largest(), middle) };
    // A rank beyond the middle is the middle.
    let place = rank.max(1) - 1;
    let low = if place < below.len() { *below.select_nth_unstable_by(place, f64::total_cmp).1 } else { middle };
    let from_end = above.len().checked_sub(place + 1);
    let high = from_end.map_or(middle, |at| *above.select_nth_unstable_by(at, f64::total_cmp).1);
    (median, low, high)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{DriftVerdict, drift, inversions, picked, slopes, trend};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::math::{exp, ln};
    use crate::stats::random::{Random, seed as seed_of};

    fn ar1(n: usize, rho: f64, seed: u64) -> Vec<f64> {
        Random::new(seed_of([], "trend", seed)).autoregressive(n, rho)
    }

    #[test]
    fn inversions_are_counted() {
        assert_eq!(inversions(&[]), 0);
        assert_eq!(inversions(&[1.0, 1.0, 1.0]), 0);
        assert_eq!(inversions(&[5.0, 4.0, 3.0, 2.0, 1.0]), 10);
        let values = ar1(137, 0.0, 1);
        let plain = (0..137).flat_map(|j| (0..j).map(move |i| (i, j))).filter(|(i, j)| values[*i] > values[*j]).count();
        assert_eq!(inversions(&values), plain as u64);
    }

    #[test]
    fn selection_agrees_with_a_sorted_list() {
        for n in [2, 3, 8, 41, 100] {
            let mut all = slopes(&ar1(n, 0.3, 2));
            let mut list = all.clone();
            list.sort_unstable_by(f64::total_cmp);
            let m = list.len();
            for rank in [0, 1, 2, m / 3, m / 2, m / 2 + 1, m] {
                let (median, low, high) = picked(&mut all, rank);
                assert_eq!(median, f64::midpoint(list[(m - 1) / 2], list[m / 2]), "{n}");
                let place = rank.max(1) - 1;
                if place < m / 2 {
                    assert_eq!((low, high), (list[place], list[m - 1 - place]), "{n} {rank}");
                } else {
                    assert!(low <= median.max(list[m / 2]) && high >= median, "{n} {rank}");
                }
            }
        }
        assert_eq!(picked(&mut [], 3), (0.0, 0.0, 0.0));
    }

    #[test]
    fn reference_values_are_met() {
        // From scipy.stats.theilslopes and pymannkendall.original_test.
        let found = trend(&[5.1, 4.8, 5.6, 5.9, 5.5, 6.1, 6.0, 6.6, 6.2, 7.0, 6.8, 7.3], 0.95).unwrap();
        assert!((found.slope - 0.2).abs() < 1e-14 && found.s == 54.0);
        let (low, high) = (found.interval.low.unwrap(), found.interval.high.unwrap());
        assert!((low - 0.15).abs() < 1e-14 && (high - 0.25).abs() < 1e-14);
        assert!((found.variance - 212.666_666_666_666_66).abs() < 1e-12 && found.correction == 1.0);
        assert!((found.p / 0.000_278_687_684_234_002_5 - 1.0).abs() < 1e-10);
    }

    #[test]
    fn white_and_dependent_noise_have_no_trend() {
        for (rho, most) in [(0.0, 35), (0.5, 50)] {
            let hits = (0..400).filter(|s| trend(&ar1(100, rho, *s), 0.95).unwrap().p < 0.05).count();
            assert!(hits <= most, "{rho}: {hits} of 400");
        }
    }

    #[test]
    fn a_drift_is_judged_by_its_interval() {
        let series = |total: f64, noise: f64| -> Vec<f64> {
            let random = ar1(200, 0.0, 3);
            random.iter().enumerate().map(|(i, r)| exp(noise * r + total * i as f64 / 199.0)).collect()
        };
        let found = drift(&series(ln(1.05), 0.005), 0.01, 0.95).unwrap();
        assert_eq!(found.verdict, DriftVerdict::Drift);
        assert!((found.total - ln(1.05)).abs() < 0.005 && found.trend.p < 1e-10);
        assert!((found.halves.unwrap().value - ln(1.05) / 2.0).abs() < 0.005);
        assert_eq!(drift(&series(0.0, 0.001), 0.01, 0.95).unwrap().verdict, DriftVerdict::Steady);
        assert_eq!(drift(&series(0.0, 0.5), 0.01, 0.95).unwrap().verdict, DriftVerdict::Undecided);
        // A falling line through zero has no logarithm; its margin is taken from the median.
        let falling: Vec<f64> = (0..50).map(|i| 100.0 - 5.0 * f64::from(i)).collect();
        let found = drift(&falling, 0.01, 0.95).unwrap();
        assert!(!found.log_scale && found.total == -245.0 && found.verdict == DriftVerdict::Drift);
    }

    #[test]
    fn degenerate_series() {
        assert_eq!(trend(&[], 0.95), Err(NotEstimable::NoData));
        for n in [1, 2, 7] {
            assert!(matches!(trend(&vec![1.0; n], 0.95), Err(NotEstimable::TooFew { .. })));
        }
        let flat = trend(&[3.0; 20], 0.95).unwrap();
        assert_eq!((flat.slope, flat.p, flat.interval.low, flat.interval.high), (0.0, 1.0, Some(0.0), Some(0.0)));
        assert_eq!(drift(&[3.0; 20], 0.01, 0.95).unwrap().verdict, DriftVerdict::Steady);
        assert_eq!(drift(&[0.0; 20], 0.01, 0.95).unwrap().margin, 0.0);
    }

    #[test]
    fn long_series_are_reduced_and_say_so() {
        let values: Vec<f64> = (0..100_001).map(|i| 2.0 * f64::from(i)).collect();
        let found = trend(&values, 0.95).unwrap();
        assert_eq!(found.stride, 201);
        assert!((found.slope - 2.0).abs() < 1e-3, "{}", found.slope);
    }
}
