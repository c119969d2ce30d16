//! Distribution functions, in complementary forms so that tails stay exact down to 1e-300. The only
//! file that names statrs.

use core::f64::consts::{FRAC_1_SQRT_2, PI};

use statrs::distribution::{ContinuousCDF, Normal};

use crate::stats::math::{erf, erfc, exp, floor, ln, ln_1p, pow, sqrt};
use crate::stats::special::{beta_factor, beta_parts, beta_tails, gamma_tails};

/// Degrees of freedom from which t may be reduced to a normal (Hill 1970, algorithm 395).
const MANY: f64 = 100.0;

/// P(Z ≥ z) of the standard normal distribution.
#[must_use]
pub fn normal_upper(z: f64) -> f64 {
    if z < 5.0 {
        return erfc(z * FRAC_1_SQRT_2) / 2.0;
    }
    if z.is_nan() || z > 40.0 {
        return 0.0;
    }
    // Laplace's fraction: 60 levels are beyond the last bit from 5 on.
    let fraction = (1..=60).rev().fold(z, |below, k| z + f64::from(k) / below);
    normal_density(z) / fraction
}

/// P(Z ≤ z) of the standard normal distribution.
#[must_use]
pub fn normal_lower(z: f64) -> f64 {
    normal_upper(-z)
}

/// The standard normal density.
#[must_use]
pub fn normal_density(z: f64) -> f64 {
    // The square is split, else its rounding costs digits in the tail.
    let near = floor(z * 16.0) / 16.0;
    exp(-near * near / 2.0) * exp(-(z - near) * (z + near) / 2.0) / sqrt(2.0 * PI)
}

/// The z with P(Z ≥ z) = `p`; infinite for a `p` outside (0, 1).
#[must_use]
pub fn normal_upper_quantile(p: f64) -> f64 {
    if p > 0.5 {
        return if p < 1.0 { -normal_upper_quantile(1.0 - p) } else { f64::NEG_INFINITY };
    }
    if p.is_nan() || p <= 0.0 {
        return f64::INFINITY;
    }
    let mut z;
    if p > 0.3 {
        // Near the middle the distance from a half is what is known exactly.
        let from_half = 0.5 - p;
        z = from_half * sqrt(2.0 * PI);
        for _ in 0..6 {
            z -= (erf(z * FRAC_1_SQRT_2) / 2.0 - from_half) / normal_density(z);
        }
        return z;
    }
    // statrs knows it to about ten digits. Newton's method on ln P, which is concave and cannot run
    // away, finds the rest.
    let wanted = ln(p);
    z = -Normal::standard().inverse_cdf(p);
    if !(z > 0.0 && z < 40.0) {
        z = sqrt(-2.0 * wanted);
    }
    for _ in 0..20 {
        let tail = normal_upper(z);
        let step = (ln(tail) - wanted) * tail / normal_density(z);
        z += step;
        if step.abs() <= z.abs() * 1e-16 {
            break;
        }
    }
    z
}

/// The z with P(Z ≥ z) = `tail`, for a tail below a half, to about three digits: where to begin a search
/// (Hastings 1955; Abramowitz and Stegun 26.2.23).
pub(crate) fn rough_normal_quantile(tail: f64) -> f64 {
    let t = sqrt(-2.0 * ln(tail));
    t - (2.515_517 + t * (0.802_853 + t * 0.010_328)) / (1.0 + t * (1.432_788 + t * (0.189_269 + t * 0.001_308)))
}

/// The z with P(Z ≤ z) = `p`; infinite for a `p` outside (0, 1).
#[must_use]
pub fn normal_quantile(p: f64) -> f64 {
    -normal_upper_quantile(p)
}

/// P(|T| ≥ |t|) of Student's t; `df` of `None` is the normal distribution. In (0, 1]: never 0, and 1 for
/// what is no number.
#[must_use]
pub fn t_two_sided(t: f64, df: Option<f64>) -> f64 {
    if t.is_nan() {
        return 1.0;
    }
    if !t.is_finite() {
        return f64::MIN_POSITIVE;
    }
    let p = match df {
        Some(df) if df.is_finite() => {
            let (t, share) = in_reach(t, df);
            let near = || {
                let (x, y) = shares(t, df);
                beta_tails(df / 2.0, 0.5, x, y).0
            };
            share * as_normal(t, df).map_or_else(near, |z| 2.0 * normal_upper(z))
        }
        _ => 2.0 * normal_upper(t.abs()),
    };
    p.clamp(f64::MIN_POSITIVE, 1.0)
}

/// The size of `t`; where its square would be no number, a smaller one and the share of that one's tail:
/// so far out the tail falls as t^−df, to the last bit.
fn in_reach(t: f64, df: f64) -> (f64, f64) {
    const REACH: f64 = 1e150;
    let beyond = t.abs() / sqrt(df) / REACH;
    if beyond > 1.0 { (t.abs() / beyond, pow(beyond, -df)) } else { (t.abs(), 1.0) }
}

/// df / (df + t²) and t² / (df + t²); 0 and 1 without degrees of freedom.
fn shares(t: f64, df: f64) -> (f64, f64) {
    let ratio = t / sqrt(df) * (t / sqrt(df));
    if ratio.is_finite() { (1.0 / (1.0 + ratio), ratio / (1.0 + ratio)) } else { (0.0, 1.0) }
}

/// The normal deviate with the tail of `t`; `None` where the terms left out would show: with few
/// degrees of freedom, or far out.
fn as_normal(t: f64, df: f64) -> Option<f64> {
    let a = df - 0.5;
    let b = 48.0 * a * a;
    let s = a * ln_1p(t * t / df);
    if df < MANY || (20.0 * s > df && df < 1e6) {
        return None;
    }
    let z = sqrt(s);
    let first = s + 3.0;
    let second = ((4.0 * s + 33.0) * s + 240.0) * s + 855.0;
    let third = ((((64.0 * s + 788.0) * s + 9801.0) * s + 89_775.0) * s + 543_375.0) * s + 1_788_885.0;
    Some(z + z * (first - (second / 10.0 - third / (210.0 * b)) / b) / b)
}

/// P(T ≥ t), one-sided; like [`t_two_sided`].
#[must_use]
pub fn t_upper(t: f64, df: Option<f64>) -> f64 {
    let half = t_two_sided(t, df) / 2.0;
    if t > 0.0 { half.max(f64::MIN_POSITIVE) } else { 1.0 - half }
}

/// The quantile of Student's t (normal for `None`) at `p` in (0, 1); 0 outside.
#[must_use]
pub fn t_quantile(p: f64, df: Option<f64>) -> f64 {
    if p == 0.5 || !(p > 0.0 && p < 1.0) {
        return 0.0;
    }
    let size = t_upper_quantile(p.min(1.0 - p), df);
    if p > 0.5 { size } else { -size }
}

/// The t with P(T ≥ t) = `tail`, for a `tail` up to a half; infinite for 0.
#[must_use]
pub fn t_upper_quantile(tail: f64, df: Option<f64>) -> f64 {
    let Some(df) = df.filter(|df| df.is_finite()) else { return normal_upper_quantile(tail) };
    if tail <= 0.0 {
        return f64::INFINITY;
    }
    by_halley(tail, df).unwrap_or_else(|| invert(|t| t_upper(t, Some(df)), tail))
}

/// Halley's method on ln P(T ≥ t) over ln t, from the first terms of Cornish and Fisher's expansion
/// (Hill 1970, algorithm 396): two steps for the usual degrees of freedom. `None` where it does not
/// settle: with next to no degrees of freedom, or where t² is no number.
fn by_halley(tail: f64, df: f64) -> Option<f64> {
    if tail >= 0.4 {
        return (tail == 0.5).then_some(0.0);
    }
    let z = rough_normal_quantile(tail);
    let (w, r) = (z * z, 1.0 / df);
    let third = r * (w * (w * (3.0 * w + 19.0) + 17.0) - 15.0) / 384.0;
    let mut t = z + z * r * ((w + 1.0) / 4.0 + r * ((w * (5.0 * w + 16.0) + 3.0) / 96.0 + third));
    // With next to no degrees of freedom the expansion may end anywhere.
    if t < z {
        t = z;
    }
    for _ in 0..40 {
        let (p, factor) = t_tail(t, df);
        let ratio = t * t / df;
        // −d ln P / d ln t, and by how much its logarithm grows.
        let slope = factor / p;
        let growth = 1.0 - (df + 1.0) * ratio / (1.0 + ratio) + slope;
        let newton = ln(p / tail) / slope;
        let bend = newton * growth / 2.0;
        let step = if bend.abs() < 0.5 { newton * (1.0 - bend) } else { newton };
        if !step.is_finite() || step.abs() > 100.0 {
            return None;
        }
        t *= exp(step);
        // What is left is of the third order.
        if step.abs() * step.abs() * step.abs() * (1.0 + growth * growth) < 1e-18 {
            return Some(t);
        }
    }
    None
}

/// P(T ≥ t) for t > 0, and t times the density.
fn t_tail(t: f64, df: f64) -> (f64, f64) {
    let (t, share) = in_reach(t, df);
    let (x, y) = shares(t, df);
    match as_normal(t, df) {
        Some(z) => (normal_upper(z), share * beta_factor(df / 2.0, 0.5, x, y)),
        None => {
            let (lower, _, factor) = beta_parts(df / 2.0, 0.5, x, y);
            ((share * lower / 2.0).max(f64::MIN_POSITIVE), share * factor)
        }
    }
}

/// P(F ≥ f) of the F distribution. In (0, 1]: never 0; 1 for degrees of freedom that are not
/// positive.
#[must_use]
pub fn f_upper(f: f64, df1: f64, df2: f64) -> f64 {
    if f > 0.0 && df1 > 0.0 && df2 > 0.0 { f_tail(f, df1, df2).clamp(f64::MIN_POSITIVE, 1.0) } else { 1.0 }
}

fn f_tail(f: f64, df1: f64, df2: f64) -> f64 {
    let (up, down) = (df1 * f, df2);
    if (up + down).is_finite() { beta_tails(df2 / 2.0, df1 / 2.0, down / (up + down), up / (up + down)).0 } else { 0.0 }
}

/// P(F ≤ f) of the F distribution.
#[must_use]
pub fn f_lower(f: f64, df1: f64, df2: f64) -> f64 {
    if f > 0.0 && df1 > 0.0 && df2 > 0.0 { f_tail(1.0 / f, df2, df1) } else { 0.0 }
}

/// The f with P(F ≥ f) = `tail`; 0 for a tail of 1, infinite for 0.
#[must_use]
pub fn f_upper_quantile(tail: f64, df1: f64, df2: f64) -> f64 {
    if tail <= 0.0 { f64::INFINITY } else { invert(|f| f_upper(f, df1, df2), tail) }
}

/// P(X ≥ x) of χ² with `df` degrees of freedom. In (0, 1]: never 0; 1 for a `df` that is not
/// positive.
#[must_use]
pub fn chi2_upper(x: f64, df: f64) -> f64 {
    if !(df > 0.0 && df.is_finite() && x > 0.0) {
        return 1.0;
    }
    gamma_tails(df / 2.0, x / 2.0).1.clamp(f64::MIN_POSITIVE, 1.0)
}

/// P(X ≤ x) of χ² with `df` degrees of freedom.
#[must_use]
pub fn chi2_lower(x: f64, df: f64) -> f64 {
    if df > 0.0 && df.is_finite() && x > 0.0 { gamma_tails(df / 2.0, x / 2.0).0 } else { 0.0 }
}

/// The x with P(X ≥ x) = `tail`; 0 for a tail of 1, infinite for 0.
#[must_use]
pub fn chi2_upper_quantile(tail: f64, df: f64) -> f64 {
    if tail <= 0.0 { f64::INFINITY } else { invert(|x| chi2_upper(x, df), tail) }
}

/// P(X ≤ x) of the beta distribution.
#[must_use]
pub fn beta_lower(x: f64, a: f64, b: f64) -> f64 {
    beta_tails(a, b, x, 1.0 - x).0
}

/// P(B ≤ k) of a binomial with `n` trials and chance `p`; 0 for negative `k`.
#[must_use]
pub fn binomial_cdf(k: i64, n: u64, p: f64) -> f64 {
    match u64::try_from(k) {
        Err(_) => 0.0,
        Ok(k) if k >= n => 1.0,
        Ok(k) => beta_tails((n - k) as f64, k as f64 + 1.0, 1.0 - p, p).0,
    }
}

/// P(B ≥ k) of a binomial with `n` trials and chance `p`; not 1 less its complement.
#[must_use]
pub fn binomial_upper(k: i64, n: u64, p: f64) -> f64 {
    match u64::try_from(k) {
        Err(_) | Ok(0) => 1.0,
        Ok(k) if k > n => 0.0,
        Ok(k) => beta_tails(k as f64, (n - k) as f64 + 1.0, p, 1.0 - p).0,
    }
}

/// The x ≥ 0 at which a falling `upper` passes `tail`: a false position on logarithms, in which
/// tails are nearly straight, and every third step a halving, which is sure to end.
fn invert(upper: impl Fn(f64) -> f64, tail: f64) -> f64 {
    let above = |x: f64| ln(upper(x) / tail);
    let (mut low, mut high) = (0.0f64, 1.0f64);
    let (mut at_low, mut at_high) = (above(low), above(high));
    while at_high > 0.0 && high < 1e300 {
        (low, at_low) = (high, at_high);
        high *= 2.0;
        at_high = above(high);
    }
    let mut last = f64::NAN;
    // From 1 down to the smallest number are 1075 halvings.
    for step in 0..3300 {
        let mut x = high - at_high * ((high - low) / (at_high - at_low));
        let halve = step % 3 == 2 || !(x > low && x < high);
        if halve {
            x = low + (high - low) / 2.0;
        }
        if x <= low || x >= high {
            break;
        }
        let at = above(x);
        if at == 0.0 || (!halve && (x - last).abs() <= 4e-16 * x) {
            return x;
        }
        // The end that stays counts half (the Illinois rule), else it would stay for ever.
        if at > 0.0 {
            (low, at_low, at_high) = (x, at, at_high / 2.0);
        } else {
            (high, at_high, at_low) = (x, at, at_low / 2.0);
        }
        last = if halve { f64::NAN } else { x };
    }
    high
}

/// Welch–Satterthwaite degrees of freedom of a sum of variances `(variance of the mean, df)`; parts
/// whose df is infinite are `None`. `None`: infinite, or no variance at all.
#[must_use]
pub fn satterthwaite(parts: &[(f64, Option<f64>)]) -> Option<f64> {
    let total: f64 = parts.iter().map(|(v, _)| v).sum();
    // Shares, not variances: squares of tiny variances are no numbers any more.
    let weighted: f64 = parts.iter().filter_map(|(v, df)| df.map(|df| v / total * (v / total) / df)).sum();
    (total > 0.0 && weighted > 0.0).then(|| 1.0 / weighted)
}

/// Standard error of a sum of variances of means.
#[must_use]
pub fn standard_error(parts: &[(f64, Option<f64>)]) -> f64 {
    sqrt(parts.iter().map(|(v, _)| v).sum())
}

#[cfg(test)]
mod tests {
    use super::{t_upper, t_upper_quantile};

    #[test]
    fn quantiles_of_t_are_where_their_tails_are() {
        for df in [0.02, 0.1, 0.2, 0.5, 1.0, 1.5, 2.0, 3.7, 9.0, 40.0, 99.0, 101.0, 5e3, 1e7] {
            for tail in [0.45, 0.4, 0.399, 0.3, 0.1, 0.025, 5e-4, 1e-9, 1e-40] {
                let t = t_upper_quantile(tail, Some(df));
                assert!(t > 0.0, "{df} {tail}: {t}");
                // With next to no degrees of freedom a small tail is where there are no numbers.
                let back = t_upper(t, Some(df));
                assert!(t > 1e299 || (back / tail - 1.0).abs() < 1e-11, "{df} {tail}: {t} has {back}");
            }
        }
    }

    #[test]
    fn tails_where_squares_are_no_numbers() {
        // One degree of freedom has Cauchy's tail, 1 / (πt); the other number is mpmath's.
        for t in [1e149, 1e153, 1e155, 1e200, 1e299] {
            assert!((t_upper(t, Some(1.0)) * core::f64::consts::PI * t - 1.0).abs() < 1e-14, "{t}");
        }
        assert!((t_upper(1e155, Some(1.5)) / 1.1924482405556578e-233 - 1.0).abs() < 1e-13);
    }
}
