//! Distribution functions. The only file that names statrs.

use statrs::distribution::{Binomial, ContinuousCDF, DiscreteCDF, Normal};
use statrs::function::beta::beta_reg;
use statrs::function::erf::erfc;
use statrs::function::gamma::gamma_ur;

use crate::stats::math::sqrt;

/// P(|T| ≥ |t|) of Student's t; `df` of `None` is the normal distribution. In (0, 1]: never 0.
#[must_use]
pub fn t_two_sided(t: f64, df: Option<f64>) -> f64 {
    let p = match df {
        Some(df) if t.is_finite() => beta_reg(df / 2.0, 0.5, df / (df + t * t)),
        None if t.is_finite() => erfc(t.abs() / core::f64::consts::SQRT_2),
        _ => 0.0,
    };
    p.clamp(f64::MIN_POSITIVE, 1.0)
}

/// P(T ≥ t), one-sided; like [`t_two_sided`].
#[must_use]
pub fn t_upper(t: f64, df: Option<f64>) -> f64 {
    let half = t_two_sided(t, df) / 2.0;
    if t > 0.0 { half.max(f64::MIN_POSITIVE) } else { 1.0 - half }
}

/// The quantile of Student's t (normal for `None`) at `p` in (0, 1), by bisection on [`t_upper`]:
/// 200 halvings of a bracket always end, and reach the last bit.
#[must_use]
pub fn t_quantile(p: f64, df: Option<f64>) -> f64 {
    let normal = Normal::new(0.0, 1.0).map_or(0.0, |n| n.inverse_cdf(p));
    let Some(df) = df.filter(|df| *df < 1e7) else { return normal };
    if p == 0.5 || !(p > 0.0 && p < 1.0) {
        return 0.0;
    }
    let tail = if p > 0.5 { 1.0 - p } else { p };
    let (mut low, mut high) = (0.0f64, normal.abs().max(1.0));
    while t_upper(high, Some(df)) > tail && high < 1e300 {
        low = high;
        high *= 2.0;
    }
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if t_upper(middle, Some(df)) > tail { low = middle } else { high = middle }
    }
    if p > 0.5 { high } else { -high }
}

/// P(X ≥ x) of chi-square with `df` degrees of freedom. In (0, 1]: never 0; 1 for a `df` that is
/// not positive.
#[must_use]
pub fn chi2_upper(x: f64, df: f64) -> f64 {
    if !(x > 0.0 && df > 0.0 && df.is_finite()) {
        return 1.0;
    }
    if x.is_finite() { gamma_ur(df / 2.0, x / 2.0).clamp(f64::MIN_POSITIVE, 1.0) } else { f64::MIN_POSITIVE }
}

/// P(B ≤ k) of a binomial with `n` trials and chance `p`; 0 for negative `k`.
#[must_use]
pub fn binomial_cdf(k: i64, n: u64, p: f64) -> f64 {
    if k < 0 {
        return 0.0;
    }
    Binomial::new(p, n).map_or(0.0, |b| b.cdf(k as u64))
}

/// Welch–Satterthwaite degrees of freedom of a sum of variances `(variance of the mean, df)`; parts
/// whose df is infinite are `None`. `None`: infinite, or no variance at all.
#[must_use]
pub fn satterthwaite(parts: &[(f64, Option<f64>)]) -> Option<f64> {
    let total: f64 = parts.iter().map(|(v, _)| v).sum();
    let weighted: f64 = parts.iter().filter_map(|(v, df)| df.map(|df| v * v / df)).sum();
    (weighted > 0.0 && total > 0.0).then(|| total * total / weighted)
}

/// Standard error of a sum of variances of means.
#[must_use]
pub fn standard_error(parts: &[(f64, Option<f64>)]) -> f64 {
    sqrt(parts.iter().map(|(v, _)| v).sum())
}
