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
