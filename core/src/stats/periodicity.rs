//! Cycles in a series: the largest ordinate of a whitened periodogram (STATISTICS S8).

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::distribution::t_two_sided;
use crate::stats::estimable::{NotEstimable, check_varied};
use crate::stats::math::{exp, ln, pow, sin_cos_turn, sqrt};
use crate::stats::moments::{lag1, mean};

/// Values below which no cycle is sought.
const LEAST: usize = 24;
/// The last values that are looked at, of a longer series.
const MOST: usize = 1 << 17;
/// Cycles that a series must hold before a frequency counts.
const CYCLES: usize = 3;

/// The strongest cycle of a series, and how likely noise alone shows one as strong.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Cycle {
    /// Values looked at: the last 131 072 of a longer series.
    pub n: u64,
    /// Length in values, at least 2; the resolution is period² / n.
    pub period: f64,
    /// Half the distance between crest and trough of the sinusoid, in units of the values.
    pub amplitude: f64,
    /// Share of the variance about the linear trend that the sinusoid explains, in [0, 1].
    pub share: f64,
    /// The largest whitened ordinate over their sum (Fisher 1929).
    pub g: f64,
    /// Chance of such a `g` without a cycle. Measured on noise, white and with r₁ up to 0.9, it is
    /// a little larger than the truth: 1.4 to 4.2 % of series lie below 0.05.
    pub p: f64,
    /// `fisher_g_whitened`.
    pub method: &'static str,
}

/// The strongest cycle of values in collection order. A linear trend is removed first, and each
/// ordinate is seen against the median of its neighbours: noise in which neighbours are alike is
/// then no cycle.
///
/// # Errors
/// Below 24 values, when all are the same (or on one line), or one is not finite.
pub fn cycle(values: &[f64]) -> Result<Cycle, NotEstimable> {
    check_varied(values, LEAST)?;
    let values = &values[values.len().saturating_sub(MOST)..];
    let rest = detrended(values).ok_or(NotEstimable::NoVariance)?;
    let n = rest.len();
    let power = periodogram(&rest);
    let total: f64 = rest.iter().map(|v| v * v).sum();
    // At the level of rounding there is nothing left to look at.
    let size = values.iter().fold(0.0f64, |m, v| m.max(v.abs()));
    if total <= n as f64 * size * size * 1e-28 {
        return Err(NotEstimable::NoVariance);
    }
    let white = whitened(&power, n, lag1(&rest).unwrap_or(0.0));
    let sum: f64 = white.iter().skip(CYCLES).sum();
    let (mut at, mut highest) = (CYCLES, 0.0);
    for (j, y) in white.iter().enumerate().skip(CYCLES) {
        if *y > highest {
            (at, highest) = (j, *y);
        }
    }
    // Short peaks have many harmonics of the same height: name the longest of them.
    if let Some(j) = (CYCLES..at).find(|j| white[*j] > highest / 4.0 && is_multiple(at, *j)) {
        at = j;
    }
    let ordinates = (white.len() - CYCLES) as f64;
    let g = if sum > 0.0 { highest / sum } else { 0.0 };
    let nyquist = 2 * at == n;
    let explained = power[at] * if nyquist { 1.0 } else { 2.0 };
    Ok(Cycle {
        n: n as u64,
        period: n as f64 / at as f64,
        amplitude: sqrt(explained * if nyquist { 1.0 } else { 2.0 } / n as f64),
        share: (explained / total).clamp(0.0, 1.0),
        g,
        p: fisher(g, ordinates),
        method: "fisher_g_whitened",
    })
}

/// Whether one frequency is nearly a whole multiple of another.
fn is_multiple(of: usize, base: usize) -> bool {
    let times = libm::round(of as f64 / base as f64);
    times >= 2.0 && (of as f64 - times * base as f64).abs() <= times / 2.0
}

/// Residuals of the least-squares line; `None` when nothing is left.
fn detrended(values: &[f64]) -> Option<Vec<f64>> {
    let n = values.len() as f64;
    let (m, middle) = (mean(values)?, (n - 1.0) / 2.0);
    let along: f64 = values.iter().enumerate().map(|(i, v)| (i as f64 - middle) * (v - m)).sum();
    let slope = along / (n * (n * n - 1.0) / 12.0);
    let rest: Vec<f64> = values.iter().enumerate().map(|(i, v)| v - m - slope * (i as f64 - middle)).collect();
    rest.iter().any(|v| *v != 0.0).then_some(rest)
}

/// |Σ xₜ e^(−2πi jt/n)|² / n for j = 0 ‥ n/2.
fn periodogram(values: &[f64]) -> Vec<f64> {
    let n = values.len();
    let power = |(re, im): Complex| (re * re + im * im) / n as f64;
    if n % 2 == 1 {
        let complex: Vec<Complex> = values.iter().map(|v| (*v, 0.0)).collect();
        return transform(&complex).into_iter().take(n / 2 + 1).map(power).collect();
    }
    // Even places as the real part and odd ones as the imaginary part: half the length, and the sum
    // and the difference with the mirrored ordinate part them again.
    let half = n / 2;
    let packed: Vec<Complex> = values.chunks_exact(2).map(|w| (w[0], w[1])).collect();
    let found = transform(&packed);
    (0..=half)
        .map(|j| {
            let (a, b) = (found[j % half], found[(half - j) % half]);
            let even = (f64::midpoint(a.0, b.0), f64::midpoint(a.1, -b.1));
            let odd = (f64::midpoint(a.1, b.1), f64::midpoint(-a.0, b.0));
            let turned = times(odd, root(2 * j as u64, n as u64));
            power((even.0 + turned.0, even.1 + turned.1))
        })
        .collect()
}

/// Ordinates over the running median of their neighbours, scaled so that noise gives a standard
/// exponential; place j is frequency j/n, and those below [`CYCLES`] are zero.
fn whitened(power: &[f64], n: usize, lag1: f64) -> Vec<f64> {
    let m = power.len();
    // First the slope that noise has whose neighbours are alike, then what is left by the median.
    let r = lag1.clamp(0.0, 0.99);
    let slope = |j: usize| 1.0 - 2.0 * r * sin_cos_turn(j as u64, n as u64).1 + r * r;
    let power: Vec<f64> = power.iter().enumerate().map(|(j, p)| p * slope(j)).collect();
    let mut out = vec![0.0; m];
    // The window in rising order; it grows and moves on by few ordinates at a time.
    let mut near: Vec<f64> = Vec::new();
    let place = |near: &[f64], p: f64| near.partition_point(|q| q.total_cmp(&p).is_lt());
    let (mut from, mut to) = (1, 1);
    for j in CYCLES..m {
        let reach = (j / 2).clamp(10, 100);
        // A window that stays inside.
        let low = j.saturating_sub(reach).max(1).min(m.saturating_sub(2 * reach + 1).max(1));
        let high = (low + 2 * reach).min(m - 1);
        while to <= high {
            near.insert(place(&near, power[to]), power[to]);
            to += 1;
        }
        while from < low {
            near.remove(place(&near, power[from]));
            from += 1;
        }
        while from > low {
            from -= 1;
            near.insert(place(&near, power[from]), power[from]);
        }
        // Its median without the ordinate itself.
        let own = place(&near, power[j]);
        let others = near.len() - 1;
        let other = |k: usize| near[if k < own { k } else { k + 1 }];
        let middle = match (others, others % 2) {
            (0, _) => 0.0,
            (_, 1) => other(others / 2),
            _ => other(others / 2 - 1) / 2.0 + other(others / 2) / 2.0,
        };
        let level = middle / core::f64::consts::LN_2;
        let ratio = power[j] / level.max(power[j] * 1e-12).max(f64::MIN_POSITIVE);
        // The level is itself estimated, about as well as from a gamma of this shape, so that the
        // ratio has a heavier tail than an exponential: put it back on that scale. At frequency
        // one half there is one degree of freedom, not two.
        let shape = others as f64 * core::f64::consts::LN_2 * core::f64::consts::LN_2;
        out[j] =
            if 2 * j == n { -ln(t_two_sided(sqrt(ratio), Some(2.0 * shape))) } else { shape * ln(1.0 + ratio / shape) };
    }
    out
}

/// Chance that the largest of `m` exponentials has a share of `g` of their sum.
fn fisher(g: f64, m: f64) -> f64 {
    let first = m * pow((1.0 - g).max(0.0), m - 1.0);
    if first > 2.0 {
        // The alternating series would cancel, and the answer is near 1 anyway.
        return 1.0 - exp(-first);
    }
    let (mut total, mut ways, mut j) = (0.0, 1.0, 1.0);
    while j * g < 1.0 && j <= m && j < 60.0 {
        ways *= (m - j + 1.0) / j;
        let term = ways * pow(1.0 - j * g, m - 1.0);
        total += if j % 2.0 == 1.0 { term } else { -term };
        if term < 1e-17 * total {
            break;
        }
        j += 1.0;
    }
    total.clamp(f64::MIN_POSITIVE, 1.0)
}

type Complex = (f64, f64);

fn times(a: Complex, b: Complex) -> Complex {
    (a.0 * b.0 - a.1 * b.1, a.0 * b.1 + a.1 * b.0)
}

/// e^(−iπ k/n).
fn root(k: u64, n: u64) -> Complex {
    let (sin, cos) = sin_cos_turn(k, 2 * n);
    (cos, -sin)
}

/// The discrete Fourier transform at any length, as a convolution with a chirp (Bluestein 1970).
fn transform(values: &[Complex]) -> Vec<Complex> {
    let n = values.len();
    let chirp: Vec<Complex> = (0..n as u64).map(|k| root(k * k % (2 * n as u64), n as u64)).collect();
    let size = (2 * n).next_power_of_two();
    let (mut a, mut b) = (vec![(0.0, 0.0); size], vec![(0.0, 0.0); size]);
    for (i, (v, w)) in values.iter().zip(&chirp).enumerate() {
        a[i] = times(*v, *w);
        b[i] = (w.0, -w.1);
        if i > 0 {
            b[size - i] = b[i];
        }
    }
    let roots: Vec<Complex> = (0..size as u64 / 2).map(|k| root(2 * k, size as u64)).collect();
    fourier(&mut a, &roots);
    fourier(&mut b, &roots);
    // The inverse transform is the transform of the conjugate, up to scale.
    for (x, y) in a.iter_mut().zip(&b) {
        let (re, im) = times(*x, *y);
        *x = (re, -im);
    }
    fourier(&mut a, &roots);
    let scale = 1.0 / size as f64;
    a.iter().zip(&chirp).map(|(x, w)| times((x.0 * scale, -x.1 * scale), *w)).collect()
}

/// In-place transform of a power-of-two length (Cooley and Tukey 1965), with the roots of that
/// length.
fn fourier(a: &mut [Complex], roots: &[Complex]) {
    let n = a.len();
    let bits = n.trailing_zeros();
    for i in 0..n {
        let j = if bits == 0 { 0 } else { i.reverse_bits() >> (usize::BITS - bits) };
        if i < j {
            a.swap(i, j);
        }
    }
    let mut few: Vec<Complex> = Vec::with_capacity(n / 2);
    let mut half = 1;
    while half < n {
        // Side by side, so that they are read in order.
        few.clear();
        few.extend(roots.iter().step_by(n / (2 * half)));
        for block in a.chunks_mut(2 * half) {
            let (low, high) = block.split_at_mut(half);
            for ((x, y), w) in low.iter_mut().zip(high).zip(&few) {
                let z = times(*y, *w);
                (*x, *y) = ((x.0 + z.0, x.1 + z.1), (x.0 - z.0, x.1 - z.1));
            }
        }
        half *= 2;
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{cycle, fisher, transform};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::math::{cos, sin};
    use crate::stats::random::{Random, seed as seed_of};

    fn noise(n: usize, rho: f64, seed: u64) -> Vec<f64> {
        Random::new(seed_of([], "noise", seed)).autoregressive(n, rho)
    }

    #[test]
    fn transform_is_the_sum_it_stands_for() {
        for n in [1usize, 2, 7, 12, 31] {
            let values = noise(n, 0.0, n as u64);
            let complex: Vec<(f64, f64)> = values.iter().map(|v| (*v, 0.0)).collect();
            for (j, found) in transform(&complex).iter().enumerate() {
                let angle = |t: usize| core::f64::consts::TAU * (j * t) as f64 / n as f64;
                let re: f64 = values.iter().enumerate().map(|(t, v)| v * cos(angle(t))).sum();
                let im: f64 = values.iter().enumerate().map(|(t, v)| -v * sin(angle(t))).sum();
                assert!((found.0 - re).abs() < 1e-12 && (found.1 - im).abs() < 1e-12, "{n} {j}");
            }
        }
    }

    #[test]
    fn fishers_table_is_met() {
        // 5 % points of g: m = 5: .68377, m = 10: .44495, m = 20: .27040, m = 50: .13135.
        for (m, g) in [(5.0, 0.68377), (10.0, 0.44495), (20.0, 0.27040), (50.0, 0.13135)] {
            assert!((fisher(g, m) - 0.05).abs() < 2e-5, "{m}: {}", fisher(g, m));
        }
        assert_eq!(fisher(1.0, 10.0), f64::MIN_POSITIVE);
        assert!(fisher(0.0, 10.0) > 0.999);
    }

    #[test]
    fn a_cycle_is_found_with_its_length_and_height() {
        for period in [2.0, 7.0, 50.0] {
            let wave = |t: usize| 0.7 * cos(core::f64::consts::TAU * t as f64 / period);
            let mut values = noise(700, 0.5, 1);
            values.iter_mut().enumerate().for_each(|(t, v)| *v = 0.5 * *v + wave(t) + 0.01 * t as f64);
            let found = cycle(&values).unwrap();
            assert!((found.period / period - 1.0).abs() < 0.03 && found.p < 1e-3, "{found:?}");
            assert!((found.amplitude - 0.7).abs() < 0.15, "{found:?}");
        }
        // A collection every ten iterations: a comb, of which the longest cycle is named.
        let mut values = noise(300, 0.0, 2);
        values.iter_mut().step_by(10).for_each(|v| *v += 8.0);
        let found = cycle(&values).unwrap();
        assert!((found.period - 10.0).abs() < 0.4 && found.p < 1e-3, "{found:?}");
    }

    #[test]
    fn noise_is_seldom_a_cycle() {
        for (n, rho) in [(30, 0.0), (100, 0.0), (100, 0.5), (100, 0.9), (1000, 0.5), (1000, 0.9)] {
            let p: Vec<f64> = (0..400).map(|s| cycle(&noise(n, rho, s)).unwrap().p).collect();
            let below = |limit: f64| p.iter().filter(|p| **p < limit).count();
            assert!(below(0.001) <= 2 && below(0.05) <= 30, "{n} {rho}: {} {}", below(0.001), below(0.05));
        }
    }

    #[test]
    fn what_cannot_cycle_says_so() {
        assert_eq!(cycle(&[]), Err(NotEstimable::NoData));
        assert_eq!(cycle(&[1.0; 2]), Err(NotEstimable::TooFew { n: 2, needed: 24 }));
        assert_eq!(cycle(&[1.0; 100]), Err(NotEstimable::NoVariance));
        let line: Vec<f64> = (0..100).map(|i| -0.1 * f64::from(i)).collect();
        assert_eq!(cycle(&line), Err(NotEstimable::NoVariance));
        assert_eq!(cycle(&vec![f64::NAN; 30]), Err(NotEstimable::BadValue));
    }
}
