//! The only door to transcendental functions: one pure-Rust library, the same bits everywhere.

/// eˣ.
#[must_use]
pub fn exp(x: f64) -> f64 {
    libm::exp(x)
}
/// Natural logarithm.
#[must_use]
pub fn ln(x: f64) -> f64 {
    libm::log(x)
}
/// ln(1 + x), accurate for small x.
#[must_use]
pub fn ln_1p(x: f64) -> f64 {
    libm::log1p(x)
}
/// Square root (correctly rounded, hence the same everywhere).
#[must_use]
pub fn sqrt(x: f64) -> f64 {
    libm::sqrt(x)
}
/// xʸ.
#[must_use]
pub fn pow(x: f64, y: f64) -> f64 {
    libm::pow(x, y)
}
/// Largest whole number not above x.
#[must_use]
pub fn floor(x: f64) -> f64 {
    libm::floor(x)
}
/// Γ(x).
#[must_use]
pub fn gamma(x: f64) -> f64 {
    libm::tgamma(x)
}
/// The error function.
#[must_use]
pub fn erf(x: f64) -> f64 {
    libm::erf(x)
}
/// 1 − erf(x), accurate where erf is near 1.
#[must_use]
pub fn erfc(x: f64) -> f64 {
    libm::erfc(x)
}
/// Sine of an angle in radians.
#[must_use]
pub fn sin(x: f64) -> f64 {
    libm::sin(x)
}
/// Cosine of an angle in radians.
#[must_use]
pub fn cos(x: f64) -> f64 {
    libm::cos(x)
}
/// Sine and cosine of the share `k`/`n` of a full turn, for n from 1 to 2⁶⁰. The angle is reduced in
/// whole numbers, so that no bits of it are lost, and the libraries' tables for huge angles are not
/// needed.
#[must_use]
pub fn sin_cos_turn(k: u64, n: u64) -> (f64, f64) {
    // Eighths of a turn, and what is left over: at most half of one to either side of a quarter.
    let n = n.max(1);
    let scaled = (k % n) * 8;
    let quarter = ((scaled / n).div_ceil(2) % 4) as u32;
    let away = scaled as f64 - (f64::from(quarter) * 2.0 + if scaled / n == 7 { 8.0 } else { 0.0 }) * n as f64;
    let x = away / n as f64 * (core::f64::consts::PI / 4.0);
    let z = x * x;
    // Taylor's series up to π/4: the terms left out are below 2⁻⁵⁵ of the sum.
    let (mut sin, mut cos, mut term) = (0.0, 0.0, 1.0);
    let mut terms = [0.0; 20];
    for (i, place) in terms.iter_mut().enumerate() {
        *place = term;
        term /= (i + 1) as f64;
    }
    for pair in terms.rchunks(2) {
        cos = pair[0] - z * cos;
        sin = pair[1] - z * sin;
    }
    sin *= x;
    match quarter {
        0 => (sin, cos),
        1 => (cos, -sin),
        2 => (-sin, -cos),
        _ => (-cos, sin),
    }
}
/// A value between two bounds; a value that is not a number gives the lower one. Unlike `f64::clamp` it
/// has no message with numbers in it, which would bring all of their formatting into the page.
#[must_use]
pub fn within(value: f64, low: f64, high: f64) -> f64 {
    value.max(low).min(high)
}

#[cfg(test)]
mod tests {
    use super::{cos, sin, sin_cos_turn, within};

    #[test]
    fn turns_are_the_librarys_sines() {
        for n in (1..200u64).chain([1 << 18, 12_345, (1 << 18) - 1]) {
            for k in (0..n).step_by((n / 50).max(1) as usize).chain([n - 1, n + n / 3, 5 * n]) {
                let (s, c) = sin_cos_turn(k, n);
                // Near a full turn the reference knows its angle to half of 2⁻⁵⁰ only.
                let angle = core::f64::consts::TAU * ((k % n) as f64 / n as f64);
                assert!((s - sin(angle)).abs() < 1.6e-15 && (c - cos(angle)).abs() < 1.6e-15, "{k}/{n}: {s} {c}");
            }
        }
        assert_eq!([0, 1, 2, 3].map(|k| sin_cos_turn(k, 4)), [(0.0, 1.0), (1.0, 0.0), (0.0, -1.0), (-1.0, 0.0)]);
    }

    #[test]
    fn within_is_clamp_but_for_no_number() {
        assert_eq!([within(2.0, 0.0, 1.0), within(-2.0, 0.0, 1.0), within(0.5, 0.0, 1.0)], [1.0, 0.0, 0.5]);
        assert_eq!(within(f64::NAN, 0.0, 1.0), 0.0);
    }
}
