//! Mean and deviation: two passes with compensated sums.

use crate::stats::math::sqrt;

/// A sum by Neumaier's compensation: the error does not grow with the number of terms. What an addition
/// rounds off is a double; Knuth's six operations find it whichever of the two is larger.
#[must_use]
pub fn sum(values: impl Iterator<Item = f64>) -> f64 {
    let (mut total, mut lost) = (0.0f64, 0.0f64);
    for value in values {
        add(&mut total, &mut lost, value);
    }
    total + lost
}

#[inline(always)]
fn add(total: &mut f64, lost: &mut f64, value: f64) {
    let next = *total + value;
    let added = next - *total;
    *lost += (*total - (next - added)) + (value - added);
    *total = next;
}

/// Arithmetic mean; `None` without values. A second pass removes what rounding left.
#[must_use]
pub fn mean(values: &[f64]) -> Option<f64> {
    if values.is_empty() {
        return None;
    }
    let n = values.len() as f64;
    let first = sum(values.iter().copied()) / n;
    Some(first + sum(values.iter().map(|v| v - first)) / n)
}

/// Variance with denominator n − 1; `None` below two values.
#[must_use]
pub fn variance(values: &[f64]) -> Option<f64> {
    mean_variance(values)?.1
}

/// Both at once: [`mean`] and [`variance`].
#[must_use]
pub fn mean_variance(values: &[f64]) -> Option<(f64, Option<f64>)> {
    let m = mean(values)?;
    if values.len() < 2 {
        return Some((m, None));
    }
    // Two sums side by side: each addition waits for the one before it in its own sum only.
    let (mut squares, mut rest) = ((0.0f64, 0.0f64), (0.0f64, 0.0f64));
    for v in values {
        let away = v - m;
        add(&mut squares.0, &mut squares.1, away * away);
        add(&mut rest.0, &mut rest.1, away);
    }
    let (squares, rest) = (squares.0 + squares.1, rest.0 + rest.1);
    let n = values.len() as f64;
    Some((m, Some(((squares - rest * rest / n) / (n - 1.0)).max(0.0))))
}

/// Standard deviation with denominator n − 1; `None` below two values.
#[must_use]
pub fn std_dev(values: &[f64]) -> Option<f64> {
    variance(values).map(sqrt)
}

/// Skewness G₁ = g₁·√(n(n − 1))/(n − 2), with g₁ = m₃/m₂^1.5: 0 for a symmetric sample, 2 for an exponential
/// distribution. `None` below three values or without variance.
#[must_use]
pub fn skewness(values: &[f64]) -> Option<f64> {
    let (n, m) = (values.len() as f64, mean(values)?);
    let (mut squares, mut cubes) = (0.0, 0.0);
    for away in values.iter().map(|v| v - m) {
        squares += away * away;
        cubes += away * away * away;
    }
    let found = cubes / (squares * sqrt(squares)) * n * sqrt(n - 1.0) / (n - 2.0);
    Some(found).filter(|g| values.len() >= 3 && g.is_finite())
}

/// The skewness, where a t interval of the mean may for that reason hold the truth less often than it says.
///
/// Cochran's rule asks for n > 25·G₁² values, so that intervals of 95 % miss in 6 % at most; Sugden, Smith and Jones
/// (2000) add 28, which nearly every benchmark has fewer of, whatever its noise looks like. A few values are also
/// skewed by chance: what counts is a G₁ beyond 2.6 standard errors of that of normal values, one sample in sixty
/// or fewer. Below six values it cannot be.
#[must_use]
pub fn notable_skewness(values: &[f64]) -> Option<f64> {
    let n = values.len() as f64;
    let by_chance = sqrt(6.0 * n * (n - 1.0) / ((n - 2.0) * (n + 1.0) * (n + 3.0)));
    skewness(values).filter(|g| n < 25.0 * g * g && g.abs() > 2.6 * by_chance)
}

/// Lag-1 autocorrelation by the NIST definition; `None` below two values or without variance.
#[must_use]
pub fn lag1(values: &[f64]) -> Option<f64> {
    let m = mean(values)?;
    let denominator = sum(values.iter().map(|v| (v - m) * (v - m)));
    if values.len() < 2 || denominator <= 0.0 {
        return None;
    }
    Some(sum(values.windows(2).map(|w| (w[0] - m) * (w[1] - m))) / denominator)
}
