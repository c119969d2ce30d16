//! What a fitted law leaves: whether the residuals' signs make a pattern, and whether they go with
//! a covariate (STATISTICS S15).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::stats::estimable::NotEstimable;
use crate::stats::math::sqrt;
use crate::stats::moments::sum;
use crate::stats::random::{REPLICATES, Random};
use crate::stats::rank::midranks;

/// Wald and Wolfowitz's test of the residuals' signs in the order of N: few runs mean a pattern
/// that the law leaves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct RunTest {
    /// Runs of equal sign.
    pub runs: u64,
    /// Residuals above 0.
    pub above: u64,
    /// Residuals below 0.
    pub below: u64,
    /// P(as few runs or fewer), exact.
    pub p: f64,
}

/// The run test of residuals in order; zeros are left out. `None` when all lie on one side, or
/// above 1 000 of them.
#[must_use]
pub fn run_test(residuals: &[f64]) -> Option<RunTest> {
    let signs: Vec<bool> = residuals.iter().filter(|r| **r != 0.0 && r.is_finite()).map(|r| *r > 0.0).collect();
    let above = signs.iter().filter(|s| **s).count();
    let below = signs.len() - above;
    if above == 0 || below == 0 || signs.len() > 1_000 {
        return None;
    }
    let runs = signs.chunk_by(|a, b| a == b).count() as u64;
    let (m, n) = (above as u64 - 1, below as u64 - 1);
    // Arrangements with r runs: the signs take turns, one has ⌈r/2⌉ runs and the other ⌊r/2⌋.
    let ways = |r: u64| {
        let (long, short) = (r.div_ceil(2) - 1, r / 2 - 1);
        choose(m, long) * choose(n, short) + choose(m, short) * choose(n, long)
    };
    let total = choose(signs.len() as u64, above as u64);
    let p = (2..=runs).map(|r| ways(r) / total).sum::<f64>().clamp(f64::MIN_POSITIVE, 1.0);
    Some(RunTest { runs, above: above as u64, below: below as u64, p })
}

fn choose(n: u64, k: u64) -> f64 {
    if k > n {
        return 0.0;
    }
    (1..=k.min(n - k)).fold(1.0, |c, i| c * (n - k.min(n - k) + i) as f64 / i as f64)
}

/// Whether a covariate of the points (run-queue delay, involuntary switches, migrations) goes with
/// the residuals that the law leaves.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Association {
    /// Spearman's rank correlation.
    pub rho: f64,
    /// Two-sided p by permutation.
    pub p: f64,
    /// Points.
    pub n: u64,
}

/// The rank correlation of residuals with a covariate, tested by 9 999 seeded permutations.
///
/// # Errors
/// `Unequal` for unlike lengths, `TooFew` below four points, `BadValue` for a covariate that is
/// not finite, `NoVariance` when either does not vary.
pub fn association(residuals: &[f64], covariate: &[f64], seed: u64) -> Result<Association, NotEstimable> {
    if residuals.len() != covariate.len() {
        return Err(NotEstimable::Unequal);
    }
    if residuals.len() < 4 {
        return Err(NotEstimable::TooFew { n: residuals.len() as u64, needed: 4 });
    }
    if residuals.iter().chain(covariate).any(|v| !v.is_finite()) {
        return Err(NotEstimable::BadValue);
    }
    let (x, mut y) = (centered_ranks(residuals), centered_ranks(covariate));
    let norm = |v: &[f64]| sum(v.iter().map(|a| a * a));
    let product = |y: &[f64]| sum(x.iter().zip(y).map(|(a, b)| a * b));
    let scale = sqrt(norm(&x) * norm(&y));
    if scale <= 0.0 {
        return Err(NotEstimable::NoVariance);
    }
    let seen = product(&y);
    let (mut random, mut hits) = (Random::new(seed), 0u64);
    for _ in 0..REPLICATES {
        random.shuffle(&mut y);
        hits += u64::from(product(&y).abs() >= seen.abs() - 1e-9 * scale);
    }
    Ok(Association { rho: seen / scale, p: (hits + 1) as f64 / (REPLICATES + 1) as f64, n: x.len() as u64 })
}

/// Midranks less their mean.
fn centered_ranks(values: &[f64]) -> Vec<f64> {
    let middle = (values.len() as f64 + 1.0) / 2.0;
    midranks(values).0.into_iter().map(|rank| rank - middle).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::math::exp;

    #[test]
    fn runs_are_counted_exactly() {
        // Three above then three below: 2 of the 20 arrangements have so few runs.
        let t = run_test(&[1.0, 2.0, 1.0, -1.0, -1.0, -3.0]).unwrap();
        assert_eq!((t.runs, t.above, t.below), (2, 3, 3));
        assert!((t.p - 0.1).abs() < 1e-12);
        let all = run_test(&[1.0, -1.0, 1.0, -1.0, 0.0, 1.0]).unwrap();
        assert!((all.p - 1.0).abs() < 1e-12);
        assert!(run_test(&[1.0, 1.0]).is_none() && run_test(&[]).is_none());
    }

    #[test]
    fn covariates_are_ranked_against_residuals() {
        let x = [0.1, 0.2, -0.1, 0.5, 0.4, -0.3, 0.0, 0.3];
        let same = association(&x, &x.map(exp), 1).unwrap();
        assert!((same.rho - 1.0).abs() < 1e-12 && same.p < 0.001, "{same:?}");
        assert_eq!(association(&x, &[1.0; 8], 1), Err(NotEstimable::NoVariance));
        assert_eq!(association(&x, &[1.0; 7], 1), Err(NotEstimable::Unequal));
        assert_eq!(association(&[1.0; 3], &[1.0; 3], 1), Err(NotEstimable::TooFew { n: 3, needed: 4 }));
    }
}
