//! Quantile estimates beyond type 7: weighted over all order statistics, or trimmed, with standard
//! errors; the interpolated interval of the median.

use alloc::vec::Vec;

use crate::report::Interval;
use crate::stats::distribution::{beta_lower, binomial_cdf, t_quantile};
use crate::stats::math::{ln, ln_1p, sqrt, within};
use crate::stats::order::{quantile, quantile_ranks};
use crate::stats::segment::Tables;

/// Standard deviations of the beta weights beyond which a weight is below the last bit.
const REACH: f64 = 12.0;

/// Weights of order statistics, starting at an index: a run inside which all of them lie.
#[derive(Debug)]
struct Weights {
    start: usize,
    each: Vec<f64>,
    /// Their sum.
    total: f64,
}

impl Weights {
    fn of(n: usize, lowest: f64, highest: f64, cumulative: impl Fn(f64) -> f64) -> Weights {
        let start = ((lowest * n as f64) as usize).min(n - 1);
        let end = ((highest * n as f64) as usize + 1).clamp(start + 1, n);
        let mut before = cumulative(start as f64 / n as f64);
        let mut each = Vec::with_capacity(end - start);
        for i in start + 1..=end {
            let now = cumulative(i as f64 / n as f64);
            each.push((now - before).max(0.0));
            before = now;
        }
        Weights { start, total: each.iter().sum(), each }
    }

    /// Weighted mean of sorted values.
    fn mean(&self, sorted: &[f64]) -> f64 {
        self.each.iter().zip(sorted.iter().skip(self.start)).map(|(w, v)| w * v).sum::<f64>() / self.total
    }

    /// That and the square root of their weighted variance.
    fn apply(&self, sorted: &[f64]) -> (f64, f64) {
        let value = self.mean(sorted);
        let run = self.each.iter().zip(sorted.iter().skip(self.start));
        (value, sqrt(run.map(|(w, v)| w * (v - value) * (v - value)).sum::<f64>() / self.total))
    }
}

/// Harrell and Davis' quantile of sorted values with Maritz and Jarrett's standard error: order
/// statistics weighted by the beta distribution of ((n + 1)p, (n + 1)(1 − p)). `None` without values
/// or for a `p` outside (0, 1).
#[must_use]
pub fn harrell_davis(sorted: &[f64], p: f64) -> Option<(f64, f64)> {
    let n = sorted.len();
    if n == 0 || !(p > 0.0 && p < 1.0) {
        return None;
    }
    Some(harrell_davis_weights(n, p).apply(sorted))
}

fn harrell_davis_weights(n: usize, p: f64) -> Weights {
    let (a, b) = ((n as f64 + 1.0) * p, (n as f64 + 1.0) * (1.0 - p));
    let reach = REACH * sqrt(p * (1.0 - p) / (n as f64 + 2.0));
    // Near the edges the distribution is skewed and reaches further than its deviation says.
    let skewed = a.min(b) < 200.0;
    let (low, high) = if skewed { (0.0, 1.0) } else { (p - reach, p + reach) };
    Weights::of(n, low.max(0.0), high.min(1.0), |x| beta_lower(x, a, b))
}

/// Harrell and Davis' quantile with the weights cut to the densest interval of width 1/√n (Akinshin
/// 2022): nearly as efficient, and unmoved by values far away. `None` like [`harrell_davis`].
#[must_use]
pub fn trimmed_harrell_davis(sorted: &[f64], p: f64) -> Option<f64> {
    let n = sorted.len();
    if n == 0 || !(p > 0.0 && p < 1.0) {
        return None;
    }
    Some(trimmed_weights(n, p).mean(sorted))
}

fn trimmed_weights(n: usize, p: f64) -> Weights {
    let (a, b) = ((n as f64 + 1.0) * p, (n as f64 + 1.0) * (1.0 - p));
    let width = 1.0 / sqrt(n as f64);
    let low = densest(a, b, width);
    let high = (low + width).min(1.0);
    let (base, top) = (beta_lower(low, a, b), beta_lower(high, a, b));
    let inside = |x: f64| {
        if x <= low {
            base
        } else if x >= high {
            top
        } else {
            beta_lower(x, a, b)
        }
    };
    Weights::of(n, low, high, inside)
}

/// Where the densest interval of a width begins: the densities at both ends are equal there.
fn densest(a: f64, b: f64, width: f64) -> f64 {
    let last = (1.0 - width).max(0.0);
    match (a > 1.0, b > 1.0) {
        // The density falls from 0, rises to 1, or does both at no gain of one over the other.
        (false, true) => return 0.0,
        (true, false) => return last,
        (false, false) => {
            return if a == b {
                last / 2.0
            } else if a < b {
                0.0
            } else {
                last
            };
        }
        (true, true) => {}
    }
    let mode = (a - 1.0) / (a + b - 2.0);
    let (mut low, mut high) = (within(mode - width, 0.0, last), mode.min(last));
    let density = |x: f64| (a - 1.0) * ln(x) + (b - 1.0) * ln_1p(-x);
    for _ in 0..100 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if density(middle) < density(middle + width) { low = middle } else { high = middle }
    }
    low
}

/// Weights of Harrell-Davis quantiles, quantiles of Student's t and ranks that were asked for: the series
/// of a suite have few sizes, and these depend on nothing else.
#[derive(Debug, Default)]
pub struct Weighing {
    known: Vec<(usize, f64, bool, Weights)>,
    student: Vec<(f64, Option<f64>, f64)>,
    /// By a number made from the size and the p.
    ranks: Vec<Option<Ranks>>,
    /// What change points are sought with, which depends on sizes as well.
    pub(crate) tables: Tables,
}

/// A size, a p and a confidence with their [`quantile_ranks`].
type Ranks = ((u64, f64, f64), (u64, u64, f64));

/// Ranks that are kept.
const RANKS: usize = 1 << 10;
/// Sizes with a p that are kept, trimmed or not.
const KEPT: usize = 24;
/// Values above which the quantile of type 7 is shown: both agree in all digits that matter.
const LARGE: usize = 20_000;

impl Weighing {
    /// None yet.
    #[must_use]
    pub fn new() -> Weighing {
        Weighing::default()
    }

    /// The point estimate to show, from sorted values: none beyond 1 − 1/n or below 1/n, since nothing
    /// lies further out to interpolate with; Harrell-Davis for 0.05 ≤ p ≤ 0.95 from 10 to 20 000
    /// values, its trimmed form where values are labelled as `extremes`; type 7 elsewhere.
    #[must_use]
    pub fn shown(&mut self, sorted: &[f64], p: f64, extremes: bool) -> Option<f64> {
        let n = sorted.len();
        let edge = 1.0 / n as f64;
        if n == 0 || p > 1.0 - edge || p < edge {
            None
        } else if !(10..=LARGE).contains(&n) || !(0.05..=0.95).contains(&p) {
            quantile(sorted, p)
        } else {
            Some(self.weights(n, p, extremes).mean(sorted))
        }
    }

    /// [`t_quantile`].
    pub(crate) fn t(&mut self, p: f64, df: Option<f64>) -> f64 {
        if let Some(known) = self.student.iter().find(|known| (known.0, known.1) == (p, df)) {
            return known.2;
        }
        if self.student.len() >= KEPT {
            self.student.remove(0);
        }
        let t = t_quantile(p, df);
        self.student.push((p, df, t));
        t
    }

    /// [`quantile_ranks`].
    pub(crate) fn ranks(&mut self, n: u64, p: f64, confidence: f64) -> (u64, u64, f64) {
        self.ranks.resize(RANKS, None);
        // By the golden ratio, which scatters what differs in few bits.
        let place = ((n ^ p.to_bits()).wrapping_mul(0x9E37_79B9_7F4A_7C15) >> 54) as usize % RANKS;
        match self.ranks.get(place).copied().flatten() {
            Some((key, ranks)) if key == (n, p, confidence) => ranks,
            _ => {
                let ranks = quantile_ranks(n, p, confidence);
                self.ranks[place] = Some(((n, p, confidence), ranks));
                ranks
            }
        }
    }

    fn weights(&mut self, n: usize, p: f64, trimmed: bool) -> &Weights {
        let at = self.known.iter().position(|known| (known.0, known.1, known.2) == (n, p, trimmed));
        let at = at.unwrap_or_else(|| {
            if self.known.len() >= KEPT {
                self.known.remove(0);
            }
            let weights = if trimmed { trimmed_weights(n, p) } else { harrell_davis_weights(n, p) };
            self.known.push((n, p, trimmed, weights));
            self.known.len() - 1
        });
        &self.known[at].3
    }
}

/// One type-7 quantile of unsorted values by selection, in O(n); the values change places. `None`
/// without values or with one that is not a number.
#[must_use]
pub fn select_quantile(values: &mut [f64], p: f64) -> Option<f64> {
    let last = values.len().checked_sub(1)?;
    if p.is_nan() || values.iter().any(|v| v.is_nan()) {
        return None;
    }
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = (place as usize).min(last);
    let (_, low, above) = values.select_nth_unstable_by(below, f64::total_cmp);
    let low = *low;
    let next = above.iter().copied().min_by(f64::total_cmp).unwrap_or(low);
    Some(low + (place - below as f64) * (next - low))
}

/// Hettmansperger and Sheather's interval of the median (1986): interpolated between two pairs of
/// order statistics, so that its confidence is nearly the one asked for. `None` where the sample
/// is too small (under 6 at 95 %).
#[must_use]
pub fn interpolated_median_interval(sorted: &[f64], confidence: f64) -> Option<Interval> {
    let n = sorted.len() as u64;
    let level = |d: u64| 1.0 - 2.0 * binomial_cdf(d as i64 - 1, n, 0.5);
    // The largest depth whose pair still reaches the confidence.
    let (mut low, mut high) = (0u64, n / 2);
    while low < high {
        let middle = (low + high).div_ceil(2);
        if level(middle) >= confidence { low = middle } else { high = middle - 1 }
    }
    let depth = low;
    let at = |rank: u64| sorted.get(rank.checked_sub(1)? as usize).copied();
    let (outer_low, outer_high) = (at(depth)?, at(n + 1 - depth)?);
    let (wide, narrow) = (level(depth), if 2 * (depth + 1) > n { 0.0 } else { level(depth + 1) });
    let share = (wide - confidence) / (wide - narrow);
    let (n, d) = (n as f64, depth as f64);
    let weight = (n - d) * share / (d + (n - 2.0 * d) * share);
    // Past the middle the pair has met in the median.
    let (inner_low, inner_high) = (at(depth + 1)?, at(sorted.len() as u64 - depth)?);
    let between = |outer: f64, inner: f64| outer + weight * (inner - outer);
    Some(Interval { low: Some(between(outer_low, inner_low)), high: Some(between(outer_high, inner_high)), confidence })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::{Weighing, harrell_davis, interpolated_median_interval, select_quantile, trimmed_harrell_davis};
    use crate::stats::order::quantile;

    #[test]
    fn selection_is_type_7() {
        let mut x: Vec<f64> = (0..101).map(|i| f64::from(i * 37 % 101)).collect();
        for p in [0.0, 0.003, 0.25, 0.5, 0.777, 1.0] {
            let mut sorted = x.clone();
            sorted.sort_unstable_by(f64::total_cmp);
            assert_eq!(select_quantile(&mut x, p), quantile(&sorted, p), "{p}");
        }
        assert_eq!((select_quantile(&mut [], 0.5), select_quantile(&mut [f64::NAN], 0.5)), (None, None));
    }

    #[test]
    fn no_quantile_beyond_the_sample() {
        let x: Vec<f64> = (1..=50).map(f64::from).collect();
        let mut weighing = Weighing::new();
        let mut shown = |values: &[f64], p, extremes| weighing.shown(values, p, extremes);
        assert_eq!([shown(&x, 0.999, false), shown(&x, 0.001, false), shown(&x, 1.0, false)], [None; 3]);
        assert_eq!((shown(&[], 0.5, false), shown(&x, 0.97, false)), (None, quantile(&x, 0.97)));
        assert_eq!(shown(&x[..9], 0.5, false), Some(5.0));
        // Kept weights give what fresh ones give, and other sizes and places get their own.
        for p in [0.5, 0.9, 0.5] {
            for values in [&x[..], &x[..40]] {
                assert_eq!(shown(values, p, false), harrell_davis(values, p).map(|q| q.0));
                assert_eq!(shown(values, p, true), trimmed_harrell_davis(values, p));
            }
        }
        assert!((0..60).all(|i| shown(&x, 0.1 + f64::from(i) / 100.0, false).is_some()));
    }

    #[test]
    fn trimming_takes_away_far_values() {
        let mut x: Vec<f64> = (1..=20).map(f64::from).collect();
        let before = trimmed_harrell_davis(&x, 0.5).unwrap();
        assert!((before - 10.5).abs() < 1e-12);
        x[19] = 1e9;
        assert_eq!(trimmed_harrell_davis(&x, 0.5).unwrap(), before);
        assert!(harrell_davis(&x, 0.5).unwrap().0 > before);
        assert_eq!(trimmed_harrell_davis(&[3.0], 0.2), Some(3.0));
        assert!((trimmed_harrell_davis(&[1.0, 3.0], 0.5).unwrap() - 2.0).abs() < 1e-12);
    }

    #[test]
    fn a_million_values_are_quick_and_right() {
        let x: Vec<f64> = (0..1_000_000).map(f64::from).collect();
        let (value, error) = harrell_davis(&x, 0.9).unwrap();
        assert!((value - 899_999.6).abs() < 0.5, "{value}");
        // √(p(1 − p)n) for evenly spaced values.
        assert!((error - 300.0).abs() < 1.0, "{error}");
    }

    #[test]
    fn interpolated_intervals() {
        let x: Vec<f64> = (1..=6).map(f64::from).collect();
        assert_eq!(interpolated_median_interval(&x[..5], 0.95), None);
        let found = interpolated_median_interval(&x, 0.95).unwrap();
        // .96875 at depth 1, .78125 at depth 2: I = .1, λ = 5·.1/(1 + 4·.1).
        let weight = 0.5 / 1.4;
        assert!((found.low.unwrap() - (1.0 + weight)).abs() < 1e-9);
        assert!((found.high.unwrap() - (6.0 - weight)).abs() < 1e-9);
        assert_eq!(interpolated_median_interval(&[1.0, 2.0], 0.5).map(|i| i.low), Some(Some(1.0)));
    }
}
