//! Hodges and Lehmann's estimates with intervals from the rank tests that belong to them.

use alloc::string::String;

use crate::report::{Estimate, Interval};
use crate::stats::distribution::normal_upper_quantile;
use crate::stats::math::{floor, within};
use crate::stats::null::{Approximation, untied_signed, untied_u};
use crate::stats::rank::sorted;
use crate::stats::selection::{Ranked, averages, differences};

/// The shift from `a` to `b`: the median of all differences b − a, with the interval that inverts
/// Mann and Whitney's test.
///
/// Of logarithms it is a ratio. The interval is exact up to 400 values in all (`hodges_lehmann`),
/// beyond that from Edgeworth's expansion (`hodges_lehmann_large`); it holds with ties too, where it
/// covers more than it says. It states the confidence achieved, and is `None` where the samples
/// are too small (4 and 4 are enough at 95 %). `None` for an empty sample or values not finite.
#[must_use]
pub fn shift(a: &[f64], b: &[f64], confidence: f64) -> Option<Estimate> {
    shift_exact_to(u64::MAX, a, b, confidence)
}

/// [`shift`] with the expansion from fewer values on: above `most` in all.
pub(crate) fn shift_exact_to(most: u64, a: &[f64], b: &[f64], confidence: f64) -> Option<Estimate> {
    let (a, b) = (sorted(a)?, sorted(b)?);
    let (n1, n2) = (a.len() as u64, b.len() as u64);
    let table = if n1 + n2 <= most { untied_u(n1, n2) } else { None };
    let (rank, method) = match table {
        Some(chance) => (exact_rank(&chance, confidence), "hodges_lehmann"),
        None => {
            let near = Approximation::untied_u(n1, n2);
            (large_rank(&near, n1 as f64 * n2 as f64, confidence), "hodges_lehmann_large")
        }
    };
    invert(&differences(&b, &a), rank, n1 + n2, method)
}

/// The center of paired differences: the median of their Walsh averages, with the interval that
/// inverts Wilcoxon's signed-rank test. Exact up to 464 differences (`walsh`), then by Edgeworth's
/// expansion (`walsh_large`); needs 6 at 95 %. Like [`shift`] otherwise.
#[must_use]
pub fn center(differences: &[f64], confidence: f64) -> Option<Estimate> {
    let d = sorted(differences)?;
    let n = d.len() as u64;
    let (rank, method) = match untied_signed(n) {
        Some(chance) => (exact_rank(&chance, confidence), "walsh"),
        None => {
            let entries = n as f64 * (n as f64 + 1.0) / 2.0;
            (large_rank(&Approximation::untied_signed(n), entries, confidence), "walsh_large")
        }
    };
    invert(&averages(&d), rank, n, method)
}

/// The largest k with P(statistic < k) ≤ α/2, and the confidence between the k-th entries from both
/// ends; `None` where k is 0.
fn exact_rank(chance: &[f64], confidence: f64) -> Option<(u64, f64)> {
    let alpha = 1.0 - confidence;
    let (mut k, mut below) = (0u64, 0.0);
    for p in chance.iter().take(chance.len() / 2) {
        // α is a difference of decimals: its last bits must not cost a rank.
        if below + p > alpha / 2.0 * (1.0 + 1e-12) {
            break;
        }
        below += p;
        k += 1;
    }
    (k > 0).then_some((k, 1.0 - 2.0 * below))
}

/// The same for a symmetric statistic from 0 to `most` by its approximation.
fn large_rank(near: &Approximation, most: f64, confidence: f64) -> Option<(u64, f64)> {
    let alpha = 1.0 - confidence;
    let below = |k: f64| near.upper(most / 2.0 - k + 0.5);
    let mut k = within(floor(most / 2.0 - normal_upper_quantile(alpha / 2.0) * near.sd + 0.5), 0.0, most / 2.0);
    // The expansion is within a few ranks of the normal answer.
    while k > 0.0 && below(k) > alpha / 2.0 {
        k -= 1.0;
    }
    while k < most / 2.0 && below(k + 1.0) <= alpha / 2.0 {
        k += 1.0;
    }
    (k >= 1.0).then(|| (k as u64, 1.0 - 2.0 * below(k)))
}

fn invert(table: &impl Ranked, rank: Option<(u64, f64)>, n: u64, method: &str) -> Option<Estimate> {
    let value = table.median().filter(|v| v.is_finite())?;
    let finite = |k: u64| table.kth(k).filter(|v| v.is_finite());
    let interval = rank.and_then(|(k, confidence)| {
        let (low, high) = (finite(k)?, finite(table.len() + 1 - k)?);
        Some(Interval { low: Some(low), high: Some(high), confidence })
    });
    Some(Estimate { value, interval, n, method: String::from(method) })
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::{center, exact_rank, large_rank, shift};
    use crate::stats::null::{Approximation, untied_signed, untied_u};

    #[test]
    fn the_smallest_samples_that_carry_an_interval() {
        let x: Vec<f64> = (0..10).map(f64::from).collect();
        assert!(shift(&x[..4], &x[..4], 0.95).unwrap().interval.is_some());
        assert!(shift(&x[..4], &x[..3], 0.95).unwrap().interval.is_none());
        assert!(center(&x[..6], 0.95).unwrap().interval.is_some());
        assert!(center(&x[..5], 0.95).unwrap().interval.is_none());
        let one = shift(&[3.0], &[5.0], 0.95).unwrap();
        assert_eq!((one.value, one.n), (2.0, 2));
        assert_eq!((shift(&[], &x, 0.95), center(&[f64::NAN], 0.95)), (None, None));
    }

    #[test]
    fn large_samples_take_nearly_the_exact_ranks() {
        for confidence in [0.9, 0.95, 0.99] {
            let exact = exact_rank(&untied_u(180, 210).unwrap(), confidence).unwrap();
            let large = large_rank(&Approximation::untied_u(180, 210), 180.0 * 210.0, confidence).unwrap();
            assert_eq!(exact.0, large.0);
            assert!((exact.1 - large.1).abs() < 1e-7);
            let exact = exact_rank(&untied_signed(400).unwrap(), confidence).unwrap();
            let large = large_rank(&Approximation::untied_signed(400), 400.0 * 401.0 / 2.0, confidence).unwrap();
            assert_eq!(exact.0, large.0);
        }
    }
}
