//! Intervals of a proportion: how often something happened out of how many times.

use crate::report::Interval;
use crate::stats::distribution::{binomial_cdf, binomial_upper, t_quantile};
use crate::stats::math::sqrt;

/// The exact interval of Clopper and Pearson (1934) for `hits` out of `trials`: covers the true
/// chance with at least `confidence`. `None` without trials, for more hits than trials, or for a
/// confidence outside (0, 1). Zero hits give a lower bound of 0, all hits an upper bound of 1.
#[must_use]
pub fn clopper_pearson(hits: u64, trials: u64, confidence: f64) -> Option<Interval> {
    if trials == 0 || hits > trials || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let tail = (1.0 - confidence) / 2.0;
    // The upper bound is where P(B ≤ hits) has fallen to the tail, the lower one where P(B ≥ hits) has risen to
    // it. One minus the mirrored upper bound would lose the digits of a small one.
    let high = if hits == trials { 1.0 } else { bisect(|p| binomial_cdf(hits as i64, trials, p) > tail) };
    let low = if hits == 0 { 0.0 } else { bisect(|p| binomial_upper(hits as i64, trials, p) <= tail) };
    Some(Interval { low: Some(low), high: Some(high), confidence })
}

/// Wilson's score interval (1927): shorter than the exact one, right on average over all chances and 2 to 3 %
/// less often at some, so that nothing here rests on it. Bounds and `None`
/// as for [`clopper_pearson`].
#[must_use]
pub fn wilson(hits: u64, trials: u64, confidence: f64) -> Option<Interval> {
    if trials == 0 || hits > trials || !(confidence > 0.0 && confidence < 1.0) {
        return None;
    }
    let z = -t_quantile((1.0 - confidence) / 2.0, None);
    let (n, p) = (trials as f64, hits as f64 / trials as f64);
    let center = (p + z * z / (2.0 * n)) / (1.0 + z * z / n);
    let half = z / (1.0 + z * z / n) * sqrt(p * (1.0 - p) / n + z * z / (4.0 * n * n));
    let low = if hits == 0 { 0.0 } else { (center - half).max(0.0) };
    let high = if hits == trials { 1.0 } else { (center + half).min(1.0) };
    Some(Interval { low: Some(low), high: Some(high), confidence })
}

/// The largest p in [0, 1] up to which `yes` holds, for a condition that holds from 0 on.
fn bisect(yes: impl Fn(f64) -> bool) -> f64 {
    let (mut low, mut high) = (0.0f64, 1.0f64);
    for _ in 0..200 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if yes(middle) { low = middle } else { high = middle }
    }
    low
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::{clopper_pearson, wilson};
    use crate::stats::math::pow;

    #[track_caller]
    fn check(got: Option<crate::report::Interval>, low: f64, high: f64, tolerance: f64) {
        let got = got.unwrap();
        assert!((got.low.unwrap() - low).abs() < tolerance, "{got:?}");
        assert!((got.high.unwrap() - high).abs() < tolerance, "{got:?}");
    }

    #[test]
    fn exact_intervals() {
        // No hit in n has the closed form 1 − (α/2)^(1/n).
        check(clopper_pearson(0, 20, 0.95), 0.0, 1.0 - pow(0.025, 0.05), 1e-12);
        check(clopper_pearson(20, 20, 0.95), pow(0.025, 0.05), 1.0, 1e-12);
        check(clopper_pearson(1, 1, 0.95), 0.025, 1.0, 1e-12);
        // One hit in n: 1 − (1 − α/2)^(1/n), to all digits though it is small (mpmath).
        let low = clopper_pearson(1, 1_000_000, 0.95).unwrap().low.unwrap();
        assert!((low / 2.531_780_766_379_417_7e-8 - 1.0).abs() < 1e-13, "{low:e}");
        // 81 of 263 (Agresti and Coull's kind of table; R's binom.test prints these digits).
        check(clopper_pearson(81, 263, 0.95), 0.2527, 0.3676, 1e-4);
    }

    #[test]
    fn wilson_intervals() {
        // Newcombe (1998), table I.
        check(wilson(81, 263, 0.95), 0.2553, 0.3662, 1e-4);
        check(wilson(15, 148, 0.95), 0.0624, 0.1605, 1e-4);
        check(wilson(0, 20, 0.95), 0.0, 0.1611, 1e-4);
        check(wilson(29, 29, 0.95), 0.8830, 1.0, 1e-4);
    }

    #[test]
    fn nonsense_has_no_interval() {
        for (hits, trials, confidence) in [(0, 0, 0.95), (2, 1, 0.95), (1, 2, 1.0), (1, 2, f64::NAN)] {
            assert!(clopper_pearson(hits, trials, confidence).is_none());
            assert!(wilson(hits, trials, confidence).is_none());
        }
    }
}
