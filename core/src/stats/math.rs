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
