//! Tests of paired differences against 0, and the ratio of means.

use alloc::vec::Vec;

use crate::report::{Estimate, Interval, Method, Test};
use crate::stats::bootstrap::Resampling;
use crate::stats::distribution::{satterthwaite, standard_error, t_quantile, t_two_sided};
use crate::stats::math::sqrt;
use crate::stats::moments::{mean, variance};
use crate::stats::random::{Random, seed};
use crate::stats::rank::{sorted, wilcoxon_test};

/// Differences up to which every sign flip is made: a million.
const ENUMERATE: usize = 20;
/// Flips drawn beyond that.
const FLIPS: u64 = 100_000;

/// One-sample t-test of paired differences against 0; `None` below two or without variance.
#[must_use]
pub fn paired_t(differences: &[f64]) -> Option<Test> {
    let n = differences.len() as f64;
    let part = [(variance(differences)? / n, Some(n - 1.0))];
    let df = satterthwaite(&part)?;
    let statistic = mean(differences)? / standard_error(&part);
    Some(Test { method: Method::PairedT, statistic, df: Some(df), p: t_two_sided(statistic, Some(df)) })
}

/// Wilcoxon's signed ranks, two-sided; see [`wilcoxon_test`]. `None` without a difference other
/// than 0.
#[must_use]
pub fn wilcoxon(differences: &[f64]) -> Option<Test> {
    wilcoxon_test(differences).filter(|t| !t.identical).map(|t| t.test())
}

/// [`sign_flip_by`] with the seed 0.
#[must_use]
pub fn sign_flip(differences: &[f64]) -> Option<Test> {
    sign_flip_by(differences, Resampling::at(0.95))
}

/// Sign flips of the mean of paired differences; the statistic is the mean. All of them up to 20
/// differences, beyond that 100 000 seeded ones (or as many as `by` says, if more) with
/// p = (1 + hits)/(1 + flips); fewer, down to 999, above 2000 differences. `None` below two values or with
/// one that is not finite.
#[must_use]
pub fn sign_flip_by(differences: &[f64], by: Resampling) -> Option<Test> {
    let n = differences.len();
    if n < 2 || differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    // Only sizes are flipped, in rising order: neither the order given nor the direction matters.
    let sizes = sorted(&differences.iter().map(|d| d.abs()).collect::<Vec<f64>>())?;
    let (seen, scale): (f64, f64) = (differences.iter().sum(), sizes.iter().sum());
    let reached = |sum: f64| sum.abs() >= seen.abs() - 1e-12 * scale;
    let (method, p) = match drawn_flips(n, by) {
        None => (Method::SignFlip, every_flip(&sizes, reached)),
        Some(flips) => {
            let seed = seed(sizes.iter().copied(), "sign_flip", by.seed);
            (Method::SignFlipSampled, some_flips(&sizes, flips, seed, reached))
        }
    };
    Some(Test { method, statistic: seen / n as f64, df: None, p: p.clamp(f64::MIN_POSITIVE, 1.0) })
}

/// How many flips [`sign_flip_by`] draws for so many differences; `None` where it makes all of them.
#[must_use]
pub fn drawn_flips(differences: usize, by: Resampling) -> Option<u64> {
    let most = || (200_000_000 / differences as u64).clamp(999, FLIPS.max(by.replicates));
    (differences > ENUMERATE).then(most)
}

fn every_flip(sizes: &[f64], reached: impl Fn(f64) -> bool) -> f64 {
    let mut signs = sizes.to_vec();
    let mut current: f64 = sizes.iter().sum();
    let (mut hits, all) = (0u64, 1u64 << sizes.len());
    // Gray code: one sign changes from one flip to the next.
    for step in 0..all {
        if step > 0
            && let Some(sign) = signs.get_mut(step.trailing_zeros() as usize)
        {
            current -= 2.0 * *sign;
            *sign = -*sign;
        }
        hits += u64::from(reached(current));
    }
    hits as f64 / all as f64
}

fn some_flips(sizes: &[f64], flips: u64, seed: u64, reached: impl Fn(f64) -> bool) -> f64 {
    let mut hits = 0u64;
    for flip in 0..flips {
        let mut random = Random::stream(seed, flip);
        let mut sum = 0.0;
        for chunk in sizes.chunks(64) {
            let mut bits = random.next_u64();
            for size in chunk {
                sum += if bits & 1 == 1 { *size } else { -size };
                bits >>= 1;
            }
        }
        hits += u64::from(reached(sum));
    }
    (1.0 + hits as f64) / (1.0 + flips as f64)
}

/// Fieller's interval of the ratio y/x of two independent means, from the means, their squared
/// standard errors and the degrees of freedom; `n` only labels the result. The interval is `None`
/// when x is not far enough from 0 to bound the ratio; `None` at x = 0.
#[must_use]
pub fn fieller(y: (f64, f64), x: (f64, f64), df: Option<f64>, confidence: f64, n: u64) -> Option<Estimate> {
    let value = Some(y.0 / x.0).filter(|v| v.is_finite())?;
    let t = t_quantile(0.5 + confidence / 2.0, df);
    let (hy, hx) = (t * t * y.1, t * t * x.1);
    let bottom = x.0 * x.0 - hx;
    let under = (y.0 * x.0) * (y.0 * x.0) - bottom * (y.0 * y.0 - hy);
    let interval = (bottom > 0.0 && under >= 0.0 && under.is_finite()).then(|| {
        let (middle, half) = (y.0 * x.0 / bottom, sqrt(under) / bottom);
        Interval { low: Some(middle - half), high: Some(middle + half), confidence }
    });
    Some(Estimate { value, interval, n, method: "fieller".into() })
}
