//! Order statistics: medians, quantiles and their intervals.

use alloc::vec::Vec;

use crate::report::{Estimability, Interval, QuantileEstimate};
use crate::sort::{sort_by, sort_values};
use crate::stats::distribution::{binomial_cdf, binomial_upper, rough_normal_quantile};
use crate::stats::math::{ln, pow, sqrt, within};

/// The values in rising order.
pub(crate) fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    sort_values(&mut values);
    values
}

/// Median of sorted values; `None` without values.
#[must_use]
pub fn median(sorted: &[f64]) -> Option<f64> {
    let n = sorted.len();
    let high = *sorted.get(n / 2)?;
    if n % 2 == 1 { Some(high) } else { Some(sorted.get(n / 2 - 1)? / 2.0 + high / 2.0) }
}

/// Quantile of type 7 of sorted values.
#[must_use]
pub fn quantile(sorted: &[f64], p: f64) -> Option<f64> {
    let last = sorted.len().checked_sub(1)?;
    let place = p.clamp(0.0, 1.0) * last as f64;
    let below = (place as usize).min(last);
    let (low, high) = (*sorted.get(below)?, *sorted.get((below + 1).min(last))?);
    Some(low + (place - below as f64) * (high - low))
}

/// Sample size up to which chances are added one by one.
const FEW: u64 = 64;

/// Ranks, counted from 1, of the equal-tailed order-statistic interval of the quantile `p`, with
/// the confidence achieved. A rank of 0 or n + 1 means that the sample has no bound there.
#[must_use]
pub fn quantile_ranks(n: u64, p: f64, confidence: f64) -> (u64, u64, f64) {
    let alpha = 1.0 - confidence;
    if n <= FEW {
        return few_ranks(n, p, alpha / 2.0);
    }
    // The largest l with P(B ≤ l − 1) ≤ α/2 and the smallest u with 1 − P(B ≤ u − 1) ≤ α/2, sought from
    // where the normal distribution has them.
    let size = n as f64;
    let (center, reach) = (size * p, rough_normal_quantile(alpha / 2.0) * sqrt(size * p * (1.0 - p)));
    let near = |place: f64| within(place, 0.0, size) as u64;
    let lower = last_of(near(center - reach), n, &|l| binomial_cdf(l as i64 - 1, n, p) <= alpha / 2.0);
    let upper = last_of(near(center + reach), n, &|u| u == 0 || binomial_upper(u as i64, n, p) > alpha / 2.0) + 1;
    let top = if upper > n { 1.0 } else { binomial_cdf(upper as i64 - 1, n, p) };
    let bottom = if lower == 0 { 0.0 } else { binomial_cdf(lower as i64 - 1, n, p) };
    (lower, upper, top - bottom)
}

/// The largest number up to `most` that a condition holds for which holds for 0 and for all below that
/// number: in steps that double away from a guess, then by halves.
pub(crate) fn last_of(guess: u64, most: u64, holds: &dyn Fn(u64) -> bool) -> u64 {
    let (mut low, mut high, mut step) = (0, most, 1);
    if holds(guess) {
        low = guess;
        while low < high {
            let next = (low + step).min(most);
            if !holds(next) {
                high = next - 1;
                break;
            }
            (low, step) = (next, 2 * step);
        }
    } else {
        high = guess.saturating_sub(1);
        while high > 0 {
            let next = high.saturating_sub(step - 1);
            if next == 0 || holds(next) {
                low = next;
                break;
            }
            (high, step) = (next - 1, 2 * step);
        }
    }
    while low < high {
        let middle = (low + high).div_ceil(2);
        if holds(middle) { low = middle } else { high = middle - 1 }
    }
    low
}

/// [`quantile_ranks`] by adding chances up from both ends: less work than one distribution function.
fn few_ranks(n: u64, p: f64, side: f64) -> (u64, u64, f64) {
    let (odds, count) = (p / (1.0 - p), n as f64);
    let (mut lower, mut below) = (0u64, 0.0);
    let mut chance = pow(1.0 - p, count);
    while lower < n && below + chance <= side {
        below += chance;
        chance *= (count - lower as f64) / (lower as f64 + 1.0) * odds;
        lower += 1;
    }
    let (mut upper, mut above) = (n + 1, 0.0);
    let mut chance = pow(p, count);
    while upper > 1 && above + chance <= side {
        above += chance;
        upper -= 1;
        chance *= upper as f64 / (count - upper as f64 + 1.0) / odds;
    }
    (lower, upper, 1.0 - below - above)
}

/// Interval of the median from order statistics, with the confidence achieved; `None` where the
/// sample is too small (under 6 at 95 %).
#[must_use]
pub fn median_interval(sorted: &[f64], confidence: f64) -> Option<Interval> {
    let n = sorted.len() as u64;
    let (low, high, achieved) = quantile_ranks(n, 0.5, confidence);
    if low == 0 || high > n {
        return None;
    }
    Some(Interval {
        low: sorted.get(low as usize - 1).copied(),
        high: sorted.get(high as usize - 1).copied(),
        confidence: achieved,
    })
}

/// Values needed for a two-sided equal-tailed interval of the quantile `p`.
#[must_use]
pub fn needed(p: f64, confidence: f64) -> u64 {
    let tail = p.max(1.0 - p);
    libm::ceil(ln((1.0 - confidence) / 2.0) / ln(tail)) as u64
}

/// Like [`quantile_ranks`], for `n` values that are worth only `effective` independent ones (S7): the
/// interval of so many values, at the same places in the larger sample.
#[must_use]
pub fn effective_ranks(n: u64, effective: u64, p: f64, confidence: f64) -> (u64, u64, f64) {
    let effective = effective.clamp(1, n.max(1));
    ranks_among(n, effective, quantile_ranks(effective, p, confidence))
}

/// Ranks among `effective` values at the same places among `n`.
pub(crate) fn ranks_among(n: u64, effective: u64, (low, high, achieved): (u64, u64, f64)) -> (u64, u64, f64) {
    if effective == n {
        return (low, high, achieved);
    }
    let scale = (n as f64 + 1.0) / (effective as f64 + 1.0);
    let lower = (low as f64 * scale) as u64;
    let upper = if high > effective { n + 1 } else { (libm::ceil(high as f64 * scale) as u64).min(n) };
    (lower, upper, achieved)
}

/// A quantile as far as the sample carries it: no bound but where order statistics give one. `value`
/// is the point estimate ([`shown`](crate::stats::quantile::Weighing::shown)); `effective` as in
/// [`effective_ranks`].
#[must_use]
pub fn estimate_quantile(
    sorted: &[f64],
    p: f64,
    confidence: f64,
    effective: u64,
    value: Option<f64>,
) -> QuantileEstimate {
    let n = sorted.len() as u64;
    let effective = effective.clamp(1, n.max(1));
    let ranks = if n == 0 { (0, 1, 0.0) } else { effective_ranks(n, effective, p, confidence) };
    between(sorted, p, confidence, effective, ranks, value)
}

/// [`estimate_quantile`] with ranks that are known.
pub(crate) fn between(
    sorted: &[f64],
    p: f64,
    confidence: f64,
    effective: u64,
    (low, high, achieved): (u64, u64, f64),
    value: Option<f64>,
) -> QuantileEstimate {
    let n = sorted.len() as u64;
    let bound = |rank: u64| (rank >= 1 && rank <= n).then(|| sorted.get(rank as usize - 1).copied()).flatten();
    let miss = pow(p.max(1.0 - p), effective as f64);
    let one_sided = n > 0 && miss <= 1.0 - confidence;
    let estimable = match (bound(low), bound(high)) {
        (Some(_), Some(_)) => Estimability::TwoSided,
        _ if one_sided => Estimability::OneSided,
        _ => Estimability::No,
    };
    QuantileEstimate {
        p,
        value,
        interval: (estimable != Estimability::No).then(|| Interval {
            // One bound carries the confidence that is stated; the other is not claimed.
            low: match estimable {
                Estimability::TwoSided => bound(low),
                _ if p < 0.5 => sorted.first().copied(),
                _ => None,
            },
            high: match estimable {
                Estimability::TwoSided => bound(high),
                _ if p >= 0.5 => sorted.last().copied(),
                _ => None,
            },
            confidence: if estimable == Estimability::TwoSided { achieved } else { 1.0 - miss },
        }),
        estimable,
        effective,
        needed: match libm::ceil(needed(p, confidence) as f64 * (n.max(1) as f64 / effective as f64)) as u64 {
            more if estimable == Estimability::TwoSided => more.min(n),
            more => more,
        },
    }
}

/// Values repeated by their weights, sorted. Of more than a million weighted ones, every so many of the
/// sorted ones stand for all, so that shares stay; the smallest and the largest are always there.
#[must_use]
pub fn expand(values: &[(f64, u64)]) -> Vec<f64> {
    const MOST: u64 = 1_000_000;
    let total = values.iter().fold(0u64, |sum, (_, w)| sum.saturating_add(*w));
    let plain = values.iter().all(|(_, w)| *w == 1);
    let scale = if plain { 1 } else { total / MOST + 1 };
    let mut out = Vec::new();
    if scale == 1 {
        for (value, weight) in values {
            out.extend(core::iter::repeat_n(*value, *weight as usize));
        }
        sort_values(&mut out);
        return out;
    }
    let mut sorted: Vec<(f64, u64)> = values.iter().copied().filter(|(_, w)| *w > 0).collect();
    sort_by(&mut sorted, &mut |a, b| a.0.total_cmp(&b.0));
    let mut before = 0u64;
    for (value, weight) in &sorted {
        let upto = before.saturating_add(*weight);
        out.extend(core::iter::repeat_n(*value, (upto / scale - before / scale) as usize));
        before = upto;
    }
    let ends = (sorted.first().map(|v| v.0), sorted.last().map(|v| v.0));
    if let (Some(first), Some(last), Some(low), Some(high)) =
        (out.first().copied(), out.last().copied(), ends.0, ends.1)
    {
        if first > low {
            out.insert(0, low);
        }
        if last < high {
            out.push(high);
        }
    }
    out
}
