//! Incomplete beta and gamma functions, accurate relative to the smaller of their two tails.
//!
//! Libraries form the leading factor from differences of ln Γ, which loses as many digits as the
//! arguments have. Here it is formed from deviances (Loader 2000, "Fast and accurate computation of
//! binomial probabilities"), which are small where the answer is not.

use core::f64::consts::PI;

use crate::stats::math::{exp, gamma, ln, pow, sqrt};

/// Steps after which a series or fraction is taken as it is; about √a are needed.
const STEPS: u32 = 100_000;
/// Arguments up to which Γ itself is used: it overflows at 171.
const SMALL: f64 = 100.0;

/// The lower and the upper regularised incomplete beta function of (a, b) at `x`, where `y` is
/// 1 − x, which the caller often knows better than a subtraction gives. `a`, `b` > 0; each tail is
/// in [0, 1] and they add up to 1.
#[must_use]
pub fn beta_tails(a: f64, b: f64, x: f64, y: f64) -> (f64, f64) {
    let (lower, upper, _) = beta_parts(a, b, x, y);
    (lower, upper)
}

/// [`beta_tails`], and [`beta_factor`], which they are made of.
pub(crate) fn beta_parts(a: f64, b: f64, x: f64, y: f64) -> (f64, f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0, 0.0);
    }
    if y <= 0.0 {
        return (1.0, 0.0, 0.0);
    }
    let factor = beta_factor(a, b, x, y);
    if x * (a + b + 2.0) <= a + 1.0 {
        let lower = (factor / a * beta_fraction(a, b, x)).clamp(0.0, 1.0);
        (lower, 1.0 - lower, factor)
    } else {
        let upper = (factor / b * beta_fraction(b, a, y)).clamp(0.0, 1.0);
        (1.0 - upper, upper, factor)
    }
}

/// The lower and the upper regularised incomplete gamma function of `a` > 0 at `x`.
#[must_use]
pub fn gamma_tails(a: f64, x: f64) -> (f64, f64) {
    if x <= 0.0 {
        return (0.0, 1.0);
    }
    if x.is_infinite() {
        return (1.0, 0.0);
    }
    let factor = gamma_factor(a, x);
    if x < a + 1.0 {
        let (mut term, mut total, mut k) = (1.0 / a, 1.0 / a, a);
        for _ in 0..STEPS {
            k += 1.0;
            term *= x / k;
            total += term;
            if term < total * 1e-17 {
                break;
            }
        }
        let lower = (factor * total).clamp(0.0, 1.0);
        return (lower, 1.0 - lower);
    }
    let fraction = lentz(x + 1.0 - a, |n| (-n * (n - a), x + 2.0 * n + 1.0 - a));
    let upper = (factor / fraction).clamp(0.0, 1.0);
    (1.0 - upper, upper)
}

/// xᵃ yᵇ / B(a, b), for y = 1 − x.
pub(crate) fn beta_factor(a: f64, b: f64, x: f64, y: f64) -> f64 {
    let n = a + b;
    if n <= SMALL {
        return pow(x, a) * pow(y, b) * (gamma(n) / gamma(a) / gamma(b));
    }
    let away = deviance(a, n * x) + deviance(b, n * y);
    sqrt(a / n * (b / (2.0 * PI))) * exp(stirling(n) - stirling(a) - stirling(b) - away)
}

/// xᵃ e⁻ˣ / Γ(a).
fn gamma_factor(a: f64, x: f64) -> f64 {
    if a <= SMALL && x <= 700.0 {
        return pow(x, a) * exp(-x) / gamma(a);
    }
    sqrt(a / (2.0 * PI)) * exp(-stirling(a) - deviance(a, x))
}

/// What Stirling's formula for ln Γ(n + 1) leaves out.
fn stirling(n: f64) -> f64 {
    if n < 16.0 {
        // n^n overflows nowhere here, and the quotient is near 1.
        return ln(gamma(n + 1.0) * exp(n) / (pow(n, n) * sqrt(2.0 * PI * n)));
    }
    let r = 1.0 / (n * n);
    let tail = 1.0 / 1260.0 - r * (1.0 / 1680.0 - r * (1.0 / 1188.0 - r * (691.0 / 360_360.0)));
    (1.0 / 12.0 - r * (1.0 / 360.0 - r * tail)) / n
}

/// k ln(k/m) + m − k, without cancellation where k is near m.
fn deviance(k: f64, m: f64) -> f64 {
    let gap = k - m;
    if gap.abs() > 0.1 * (k + m) {
        return k * ln(k / m) - gap;
    }
    let e = gap / (k + m);
    let (mut total, mut power, mut odd) = (gap * e, 2.0 * k * e, 1.0);
    for _ in 0..100 {
        power *= e * e;
        odd += 2.0;
        let next = total + power / odd;
        if next == total {
            break;
        }
        total = next;
    }
    total
}

/// The continued fraction of the incomplete beta function (DLMF 8.17.22), contracted to every
/// other term: as it stands its terms change sign and rounding grows with a.
fn beta_fraction(a: f64, b: f64, x: f64) -> f64 {
    let even = |m: f64| m / (a + 2.0 * m - 1.0) * ((b - m) / (a + 2.0 * m)) * x;
    let odd = |m: f64| -(a + m) / (a + 2.0 * m) * ((a + b + m) / (a + 2.0 * m + 1.0)) * x;
    let first = (a + 1.0 - (a + b) * x) / (a + 1.0);
    1.0 / lentz(first, |m| (-odd(m - 1.0) * even(m), 1.0 + even(m) + odd(m)))
}

/// b₀ + a₁/(b₁ + a₂/(b₂ + …)) by the modified Lentz method; `term` gives (aₙ, bₙ) for n = 1, 2, …
fn lentz(start: f64, term: impl Fn(f64) -> (f64, f64)) -> f64 {
    const TINY: f64 = 1e-300;
    let keep = |v: f64| if v.abs() < TINY { TINY } else { v };
    let mut value = keep(start);
    let (mut c, mut d) = (value, 0.0);
    for n in 1..=STEPS {
        let (a, b) = term(f64::from(n));
        d = 1.0 / keep(b + a * d);
        c = keep(b + a / c);
        let change = c * d;
        value *= change;
        if (change - 1.0).abs() <= 2.0 * f64::EPSILON {
            break;
        }
    }
    value
}
