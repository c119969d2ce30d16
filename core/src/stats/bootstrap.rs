//! Bootstrap intervals over clusters: bias-corrected and accelerated (Efron 1987), seeded by the
//! data, the same whatever the order of values and however the work is cut into chunks.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;
use core::ops::Range;

use crate::report::{Estimate, Interval};
use crate::sort::sort_by;
use crate::stats::distribution::{
    normal_lower, normal_quantile, normal_upper, normal_upper_quantile, satterthwaite, standard_error, t_upper_quantile,
};
use crate::stats::hypothesis::{MeanDifference, Moments};
use crate::stats::math::{floor, sqrt};
use crate::stats::moments::{mean, variance};
use crate::stats::random::{REPLICATES, Random, seed};
use crate::stats::rank::sorted;

/// Clusters below which resampling says little: t or an exact interval is used instead.
const FEW: usize = 8;

/// What a bootstrap is to do.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Resampling {
    /// Confidence of the interval, in (0, 1).
    pub confidence: f64,
    /// Replicates; 9999 makes the ranks of the usual levels whole.
    pub replicates: u64,
    /// The user's part of the seed.
    pub seed: u64,
}

impl Resampling {
    /// The usual number of replicates with the seed 0.
    #[must_use]
    pub fn at(confidence: f64) -> Resampling {
        Resampling { confidence, replicates: REPLICATES, seed: 0 }
    }
}

/// Why an interval is not the usual one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ResamplingNote {
    /// Fewer than eight clusters: not resampled.
    FewClusters,
    /// Every replicate gave the same: the interval is a point.
    Degenerate,
    /// The estimate lies outside all replicates, or the correction is undefined: plain percentiles.
    Percentile,
    /// Some resamples had no value of the statistic; they were left out.
    Undefined,
}

impl ResamplingNote {
    /// Stable snake_case id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            ResamplingNote::FewClusters => "few_clusters",
            ResamplingNote::Degenerate => "degenerate",
            ResamplingNote::Percentile => "percentile",
            ResamplingNote::Undefined => "undefined_replicates",
        }
    }
}

/// What a bootstrap found.
#[derive(Clone, Debug, PartialEq)]
pub struct Resampled {
    /// The estimate on the data, with the interval and `bca`, `percentile`, `degenerate` or `t` for
    /// the method; n counts clusters.
    pub estimate: Estimate,
    /// Replicates used; 0 when not resampled.
    pub replicates: u64,
    /// z₀, the median bias of the replicates; `None` where it is infinite or unused.
    pub bias: Option<f64>,
    /// a, how the spread changes with the estimate.
    pub acceleration: f64,
    /// What is not as usual.
    pub notes: Vec<ResamplingNote>,
}

/// The mean of independent values with its BCa interval, tails expanded as t asks for (Hesterberg 2015);
/// t below eight. A shuffle changes no bit, and changing all signs mirrors the answer exactly. `None`
/// without values or with one that is not finite.
#[must_use]
pub fn bootstrap_mean(values: &[f64], resampling: Resampling) -> Option<Resampled> {
    let up = sorted(values)?;
    let down = sorted(&values.iter().map(|v| -v).collect::<Vec<f64>>())?;
    let mirrored = lexical(&down, &up) == Ordering::Less;
    let x = if mirrored { down } else { up };
    let center = mean(&x)?;
    if x.len() < FEW {
        let n = x.len() as f64;
        let part = Moments::of(&x).map(|m| (m.sd / sqrt(n), n - 1.0));
        let interval = part.map(|(se, df)| around(center, se, Some(df), resampling.confidence));
        return Some(mirror(few(center, interval, x.len() as u64), mirrored));
    }
    let seed = seed(x.iter().copied(), "bootstrap_mean", resampling.seed);
    let replicates = mean_replicates(&x, seed, 0..resampling.replicates);
    // Leaving one value out moves the mean by a fixed share of that value's distance.
    let influence: Vec<f64> = x.iter().map(|v| v - center).collect();
    let found = bca_of_means(center, replicates, &[influence], x.len() as u64, resampling.confidence);
    Some(mirror(found, mirrored))
}

/// Means of resamples of `values`: one for each replicate of the range, by that replicate's own
/// stream, so that ranges put together give what one range gives.
#[must_use]
pub fn mean_replicates(values: &[f64], seed: u64, range: Range<u64>) -> Vec<f64> {
    let (Some(center), Ok(n)) = (mean(values), u32::try_from(values.len())) else { return Vec::new() };
    // Distances from the mean: sums of them round far less than sums of values.
    let distances: Vec<f64> = values.iter().map(|v| v - center).collect();
    range
        .map(|replicate| {
            let mut random = Random::stream(seed, replicate);
            let mut total = 0.0;
            for _ in 0..n {
                total += random.pick(&distances).copied().unwrap_or(0.0);
            }
            center + total / f64::from(n)
        })
        .collect()
}

/// The difference of means b − a of independent samples, each resampled on its own; Welch's t when
/// one has fewer than eight values. Swapping the samples mirrors the answer exactly.
#[must_use]
pub fn bootstrap_difference(a: &[f64], b: &[f64], resampling: Resampling) -> Option<Resampled> {
    let (a, b) = (sorted(a)?, sorted(b)?);
    let mirrored = lexical(&b, &a) == Ordering::Less;
    let (a, b) = if mirrored { (b, a) } else { (a, b) };
    let (from, to) = (mean(&a)?, mean(&b)?);
    let (value, n) = (to - from, (a.len() + b.len()) as u64);
    if a.len() < FEW || b.len() < FEW {
        let both = Moments::of(&b).zip(Moments::of(&a));
        let interval = both.and_then(|(b, a)| MeanDifference::welch(b, a)).map(|d| d.interval(resampling.confidence));
        return Some(mirror(few(value, interval, n), mirrored));
    }
    let all = a.iter().chain(&b).copied();
    let first = seed(all, "bootstrap_difference", resampling.seed);
    // Another stream for the other sample, by the same rule.
    let second = seed([], "bootstrap_difference", first);
    let range = 0..resampling.replicates;
    let (x, y) = (mean_replicates(&a, first, range.clone()), mean_replicates(&b, second, range));
    let replicates = x.iter().zip(&y).map(|(x, y)| y - x).collect();
    let influence = [a.iter().map(|v| from - v).collect::<Vec<f64>>(), b.iter().map(|v| v - to).collect()];
    let found = bca_of_means(value, replicates, &influence, n, resampling.confidence);
    Some(mirror(found, mirrored))
}

/// A statistic of clusters (forks, blocks) with its BCa interval: whole clusters are drawn, what is
/// inside them stays together. No interval below eight clusters. The order of clusters does not
/// matter. `None` where the statistic has no finite value on the data.
///
/// A resample that has no value is left out and noted; with more than one in twenty of those there
/// is no interval. Not for quantiles: their leave-one-out estimates are inconsistent, order
/// statistics give exact intervals.
#[must_use]
pub fn bootstrap_clusters<'a>(
    clusters: &[&'a [f64]],
    statistic: impl Fn(&[&'a [f64]]) -> Option<f64>,
    resampling: Resampling,
) -> Option<Resampled> {
    let mut clusters: Vec<&'a [f64]> = clusters.to_vec();
    sort_by(&mut clusters, &mut |a, b| lexical(a, b));
    let of = |drawn: &[&'a [f64]]| statistic(drawn).filter(|v| v.is_finite());
    let value = of(&clusters)?;
    let n = u32::try_from(clusters.len()).ok()?;
    if clusters.len() < FEW {
        return Some(few(value, None, u64::from(n)));
    }
    let seed = seed(clusters.iter().flat_map(|c| c.iter().copied()), "bootstrap_clusters", resampling.seed);
    let mut drawn: Vec<&'a [f64]> = Vec::with_capacity(clusters.len());
    let replicates: Vec<f64> = (0..resampling.replicates)
        .filter_map(|replicate| {
            let mut random = Random::stream(seed, replicate);
            drawn.clear();
            drawn.extend((0..n).filter_map(|_| random.pick(&clusters)));
            of(&drawn)
        })
        .collect();
    let undefined = resampling.replicates - replicates.len() as u64;
    let without: Vec<f64> = (0..clusters.len())
        .filter_map(|left_out| {
            drawn.clear();
            drawn.extend(clusters.iter().enumerate().filter(|(i, _)| *i != left_out).map(|(_, c)| *c));
            of(&drawn)
        })
        .collect();
    let center = mean(&without).unwrap_or(value);
    let influence: Vec<f64> = without.iter().map(|v| center - v).collect();
    let mut out = bca(value, replicates, &[influence], u64::from(n), resampling.confidence);
    if undefined > 0 {
        out.notes.push(ResamplingNote::Undefined);
        if undefined > resampling.replicates / 20 {
            out.estimate.interval = None;
        }
    }
    Some(out)
}

/// Order of two lists by their first different values.
fn lexical(a: &[f64], b: &[f64]) -> Ordering {
    let first = a.iter().zip(b).map(|(x, y)| x.total_cmp(y)).find(|o| o.is_ne());
    first.unwrap_or_else(|| a.len().cmp(&b.len()))
}

fn around(center: f64, se: f64, df: Option<f64>, confidence: f64) -> Interval {
    MeanDifference { value: center, standard_error: se, df, n: 0 }.interval(confidence)
}

/// An answer without resampling.
fn few(value: f64, interval: Option<Interval>, n: u64) -> Resampled {
    let method = String::from(if interval.is_some() { "t" } else { "none" });
    Resampled {
        estimate: Estimate { value, interval, n, method },
        replicates: 0,
        bias: None,
        acceleration: 0.0,
        notes: [ResamplingNote::FewClusters].to_vec(),
    }
}

/// The answer with all signs changed.
fn mirror(mut found: Resampled, mirrored: bool) -> Resampled {
    if mirrored {
        // 0 − x, so that 0 stays 0.
        let minus = |v: f64| 0.0 - v;
        found.estimate.value = minus(found.estimate.value);
        found.estimate.interval = found.estimate.interval.map(|i| Interval {
            low: i.high.map(minus),
            high: i.low.map(minus),
            confidence: i.confidence,
        });
        found.bias = found.bias.map(minus);
        found.acceleration = minus(found.acceleration);
    }
    found
}

/// Skewness of the influences over six: each sample's are what leaving a value out changes, times
/// the sample's size less one; 0 where nothing does.
fn acceleration(influences: &[Vec<f64>]) -> f64 {
    let (mut cubes, mut squares) = (0.0, 0.0);
    for sample in influences {
        // Larger samples weigh less in the statistic.
        let n = sample.len() as f64;
        for v in sample {
            let v = v / n;
            squares += v * v;
            cubes += v * v * v;
        }
    }
    let a = cubes / (6.0 * squares * sqrt(squares));
    if a.is_finite() { a } else { 0.0 }
}

/// The confidence at which percentiles of resampled means cover as Student's t does (Hesterberg 2015):
/// resamples of n clusters vary too little by √((n − 1)/n), and by a normal distribution besides. With ten
/// clusters 95 % by percentiles alone holds the truth in 90 %. `influences` are each sample's distances from
/// its mean; the confidence itself where nothing varies.
fn expanded(influences: &[Vec<f64>], confidence: f64) -> f64 {
    let part = |sample: &Vec<f64>| (variance(sample).unwrap_or(0.0) / sample.len() as f64, sample.len() as f64 - 1.0);
    let of = |share: fn(f64) -> f64| -> Vec<(f64, Option<f64>)> {
        influences.iter().map(part).map(|(v, df)| (v * share(df), Some(df))).collect()
    };
    let (parts, drawn) = (of(|_| 1.0), of(|df| df / (df + 1.0)));
    let Some(df) = satterthwaite(&parts) else { return confidence };
    let z = t_upper_quantile((1.0 - confidence) / 2.0, Some(df)) * standard_error(&parts) / standard_error(&drawn);
    1.0 - 2.0 * normal_upper(z)
}

/// The BCa interval of a mean, or of a sum of samples' means, with tails expanded for few clusters.
pub(crate) fn bca_of_means(
    value: f64,
    replicates: Vec<f64>,
    influences: &[Vec<f64>],
    n: u64,
    confidence: f64,
) -> Resampled {
    let mut out = bca(value, replicates, influences, n, expanded(influences, confidence));
    out.estimate.interval = out.estimate.interval.map(|i| Interval { confidence, ..i });
    out
}

/// The BCa interval from replicates and influences, by sample.
fn bca(value: f64, mut replicates: Vec<f64>, influences: &[Vec<f64>], n: u64, confidence: f64) -> Resampled {
    let mut out = Resampled {
        estimate: Estimate { value, interval: None, n, method: String::from("bca") },
        replicates: replicates.len() as u64,
        bias: None,
        acceleration: acceleration(influences),
        notes: Vec::new(),
    };
    let lowest = replicates.iter().copied().min_by(f64::total_cmp);
    let Some((low, high)) = lowest.zip(replicates.iter().copied().max_by(f64::total_cmp)) else { return out };
    // Sums in another order differ in their last bits: that near is equal.
    let near = 1e-12 * (high - low);
    if high - low <= 1e-14 * high.abs().max(low.abs()) {
        out.notes.push(ResamplingNote::Degenerate);
        out.estimate.method = String::from("degenerate");
        out.estimate.interval = Some(Interval { low: Some(value), high: Some(value), confidence });
        return out;
    }
    let count = replicates.len() as f64;
    let below = replicates.iter().filter(|r| **r < value - near).count() as f64;
    let above = replicates.iter().filter(|r| **r > value + near).count() as f64;
    // z₀ by the smaller side, so that mirrored replicates give mirrored bits.
    let bias = if below <= above {
        normal_quantile((below + (count - below - above) / 2.0) / count)
    } else {
        normal_upper_quantile((above + (count - below - above) / 2.0) / count)
    };
    let tail = (1.0 - confidence) / 2.0;
    let z = normal_upper_quantile(tail);
    let moved = |z: f64| {
        let shifted = bias + z;
        let denominator = 1.0 - out.acceleration * shifted;
        (denominator > 0.0).then(|| bias + shifted / denominator)
    };
    let ends = if bias.is_finite() { moved(-z).zip(moved(z)) } else { None };
    let (low_tail, high_tail) = match ends {
        Some((low, high)) => (normal_lower(low), normal_upper(high)),
        None => {
            out.notes.push(ResamplingNote::Percentile);
            out.estimate.method = String::from("percentile");
            (tail, tail)
        }
    };
    out.bias = Some(bias).filter(|b| b.is_finite());
    // Both ends count from their own side. A nearly whole rank is whole: α comes from decimals.
    let last = replicates.len() - 1;
    let rank = |tail: f64| (floor((count + 1.0) * tail + 1e-9) as usize).saturating_sub(1).min(last);
    let low = *replicates.select_nth_unstable_by(rank(low_tail), f64::total_cmp).1;
    let high = *replicates.select_nth_unstable_by(last - rank(high_tail), f64::total_cmp).1;
    out.estimate.interval = Some(Interval { low: Some(low), high: Some(high), confidence });
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::{
        Resampling, ResamplingNote, bootstrap_clusters, bootstrap_difference, bootstrap_mean, mean_replicates,
    };
    use crate::stats::moments::mean;
    use crate::stats::random::Random;

    fn values(seed: u64, n: usize) -> Vec<f64> {
        let mut random = Random::new(seed);
        (0..n).map(|_| 100.0 + 20.0 * random.uniform() * random.uniform()).collect()
    }

    #[test]
    fn chunks_give_what_the_whole_gives() {
        let x = values(1, 30);
        let whole = mean_replicates(&x, 9, 0..500);
        let mut parts = mean_replicates(&x, 9, 0..123);
        parts.extend(mean_replicates(&x, 9, 123..500));
        assert_eq!(whole, parts);
    }

    #[test]
    fn order_changes_nothing_and_signs_mirror() {
        let x = values(2, 25);
        let found = bootstrap_mean(&x, Resampling::at(0.95)).unwrap();
        let mut turned = x.clone();
        turned.reverse();
        assert_eq!(bootstrap_mean(&turned, Resampling::at(0.95)).unwrap(), found);
        let minus: Vec<f64> = x.iter().map(|v| -v).collect();
        let other = bootstrap_mean(&minus, Resampling::at(0.95)).unwrap().estimate.interval.unwrap();
        let interval = found.estimate.interval.unwrap();
        assert_eq!((other.low.map(|v| -v), other.high.map(|v| -v)), (interval.high, interval.low));
        let y = values(3, 12);
        let ab = bootstrap_difference(&x, &y, Resampling::at(0.9)).unwrap().estimate;
        let ba = bootstrap_difference(&y, &x, Resampling::at(0.9)).unwrap().estimate;
        assert_eq!((ab.value, ab.interval.unwrap().low), (-ba.value, ba.interval.unwrap().high.map(|v| -v)));
    }

    #[test]
    fn values_as_clusters_agree_with_the_mean() {
        let x = values(4, 40);
        let clusters: Vec<&[f64]> = x.chunks(1).collect();
        let at = Resampling { replicates: 20_000, ..Resampling::at(0.95) };
        let of = |drawn: &[&[f64]]| mean(&drawn.concat());
        let general = bootstrap_clusters(&clusters, of, at).unwrap();
        let direct = bootstrap_mean(&x, at).unwrap();
        assert!((general.acceleration - direct.acceleration).abs() < 1e-9);
        let width = direct.estimate.interval.map(|i| i.high.unwrap() - i.low.unwrap()).unwrap();
        let low = |r: &super::Resampled| r.estimate.interval.unwrap().low.unwrap();
        assert!((low(&general) - low(&direct)).abs() < 0.03 * width);
    }

    #[test]
    fn edges_are_said() {
        assert_eq!(bootstrap_mean(&[], Resampling::at(0.95)), None);
        assert_eq!(bootstrap_mean(&[1.0, f64::NAN], Resampling::at(0.95)), None);
        let few = bootstrap_mean(&[1.0, 2.0, 4.0], Resampling::at(0.95)).unwrap();
        assert_eq!((few.notes.as_slice(), few.estimate.method.as_str()), (&[ResamplingNote::FewClusters][..], "t"));
        assert_eq!(bootstrap_mean(&[1.0], Resampling::at(0.95)).unwrap().estimate.interval, None);
        let equal = bootstrap_mean(&[0.1; 9], Resampling::at(0.95)).unwrap();
        assert_eq!(equal.notes, [ResamplingNote::Degenerate]);
        assert_eq!(equal.estimate.interval.unwrap().low, Some(equal.estimate.value));
        let x = values(5, 9);
        let clusters: Vec<&[f64]> = x.chunks(1).collect();
        // The largest of all is above every resample's mean: no bias correction.
        let largest = |drawn: &[&[f64]]| {
            let all = drawn.concat();
            if drawn == sorted(&clusters) { all.iter().copied().max_by(f64::total_cmp) } else { mean(&all) }
        };
        let found = bootstrap_clusters(&clusters, largest, Resampling::at(0.95)).unwrap();
        assert_eq!(found.notes, [ResamplingNote::Percentile]);
        // Undefined for resamples without the first cluster: more than one in three.
        let first = x[0];
        let needs = |drawn: &[&[f64]]| drawn.concat().contains(&first).then_some(drawn.concat()[0]);
        let found = bootstrap_clusters(&clusters, needs, Resampling::at(0.95)).unwrap();
        assert!(found.notes.contains(&ResamplingNote::Undefined) && found.estimate.interval.is_none());
    }

    fn sorted<'a>(clusters: &[&'a [f64]]) -> Vec<&'a [f64]> {
        let mut out = clusters.to_vec();
        out.sort_by(|a, b| a[0].total_cmp(&b[0]));
        out
    }
}
