//! The typical difference between two groups of values (Hodges and Lehmann 1963), by selection: no
//! array of all pairs. For diagnostics inside a side; a comparison's own shift is in its tests.

use alloc::vec;

use crate::report::Interval;
use crate::stats::distribution::t_quantile;
use crate::stats::estimable::{NotEstimable, check};
use crate::stats::math::sqrt;
use crate::stats::midranks::sorted;

/// Pairs up to which the interval uses the exact distribution of U.
const EXACT: usize = 2500;

/// Median of all differences `b − a`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Shift {
    /// The median difference, in units of the values.
    pub value: f64,
    /// Bounds from the null distribution of U: exact up to 2500 pairs without ties, normal above.
    /// `None` where the groups are too small (under 4 and 4 at 95 %).
    pub interval: Option<Interval>,
    /// Values in the first group.
    pub n_a: u64,
    /// Values in the second group.
    pub n_b: u64,
    /// `hodges_lehmann`.
    pub method: &'static str,
}

/// The shift from `a` to `b` with its interval.
///
/// # Errors
/// When a group is empty or holds a value that is not finite.
pub fn shift(a: &[f64], b: &[f64], confidence: f64) -> Result<Shift, NotEstimable> {
    check(a, 1)?;
    check(b, 1)?;
    let (a, b) = (sorted(a), sorted(b));
    let pairs = a.len() as u64 * b.len() as u64;
    let value = f64::midpoint(difference(&a, &b, pairs.div_ceil(2)), difference(&a, &b, pairs / 2 + 1));
    let (rank, achieved) = rank(a.len(), b.len(), confidence);
    let interval = (rank >= 1).then(|| Interval {
        low: Some(difference(&a, &b, rank)),
        high: Some(difference(&a, &b, pairs + 1 - rank)),
        confidence: achieved,
    });
    Ok(Shift { value, interval, n_a: a.len() as u64, n_b: b.len() as u64, method: "hodges_lehmann" })
}

/// The `rank`-th smallest difference b − a, counted from 1: bisection on its value, then a step to
/// the difference itself. Both groups sorted and not empty.
fn difference(a: &[f64], b: &[f64], rank: u64) -> f64 {
    let ends = |s: &[f64]| (s.first().copied().unwrap_or(0.0), s.last().copied().unwrap_or(0.0));
    let ((a_low, a_high), (b_low, b_high)) = (ends(a), ends(b));
    let (mut low, mut high) = (b_low - a_high, b_high - a_low);
    if at_most(a, b, low) >= rank {
        return low;
    }
    // at_most(low) < rank ≤ at_most(high); 1100 halvings reach neighbouring numbers from any start.
    for _ in 0..1100 {
        let middle = low + (high - low) / 2.0;
        if middle <= low || middle >= high {
            break;
        }
        if at_most(a, b, middle) >= rank { high = middle } else { low = middle }
    }
    high
}

/// How many differences b − a are at most `limit`.
fn at_most(a: &[f64], b: &[f64], limit: f64) -> u64 {
    let (mut total, mut below) = (0u64, 0usize);
    for x in a {
        while b.get(below).is_some_and(|y| y - x <= limit) {
            below += 1;
        }
        total += below as u64;
    }
    total
}

/// The rank of the lower bound, 0 if there is none, and the confidence achieved: the largest k with
/// P(U < k) ≤ α/2.
fn rank(m: usize, n: usize, confidence: f64) -> (u64, f64) {
    let tail = (1.0 - confidence) / 2.0;
    let pairs = m as f64 * n as f64;
    if pairs > EXACT as f64 {
        let deviation = sqrt(pairs * (m as f64 + n as f64 + 1.0) / 12.0);
        let k = libm::floor(pairs / 2.0 + 0.5 + t_quantile(tail, None) * deviation);
        return (k.max(0.0) as u64, confidence);
    }
    // Arrangements by their U, as shares: the counts for (m, n) from those for (m − 1, n) and
    // (m, n − 1), kept for one m at a time.
    let mut rows = vec![vec![1.0]; n + 1];
    for i in 1..=m {
        let mut next = vec![vec![1.0]];
        for j in 1..=n {
            let (from_a, from_b) = (&rows[j], &next[j - 1]);
            let (share_a, share_b) = (i as f64 / (i + j) as f64, j as f64 / (i + j) as f64);
            // The largest value is of the first group (and beats all j of the second) or not.
            let with = |u: usize| {
                let a = u.checked_sub(j).and_then(|u| from_a.get(u)).copied().unwrap_or(0.0);
                a * share_a + from_b.get(u).copied().unwrap_or(0.0) * share_b
            };
            next.push((0..=i * j).map(with).collect());
        }
        rows = next;
    }
    let (mut below, mut k) = (0.0, 0u64);
    for share in rows.get(n).into_iter().flatten() {
        if below + share > tail {
            break;
        }
        below += share;
        k += 1;
    }
    (k, 1.0 - 2.0 * below)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::shift;
    use crate::stats::estimable::NotEstimable;

    #[test]
    fn sleep_has_its_published_shift() {
        let a = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
        let b = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
        let found = shift(&a, &b, 0.95).unwrap();
        assert!((found.value - 1.35).abs() < 1e-12);
        let interval = found.interval.unwrap();
        assert!((interval.low.unwrap() + 0.1).abs() < 1e-12 && (interval.high.unwrap() - 3.6).abs() < 1e-12);
        assert!((interval.confidence - (1.0 - 2.0 * 0.021_628_526_272_489_12)).abs() < 1e-14);
    }

    #[test]
    fn selection_agrees_with_all_pairs() {
        let a: Vec<f64> = (0..60).map(|i| f64::from(i * i % 47)).collect();
        let b: Vec<f64> = (0..55).map(|i| f64::from(i * i % 43) * 1.3).collect();
        let mut all: Vec<f64> = a.iter().flat_map(|x| b.iter().map(move |y| y - x)).collect();
        all.sort_by(f64::total_cmp);
        for rank in [1, 2, 700, 1650, 3299, 3300] {
            let (mut a, mut b) = (a.clone(), b.clone());
            a.sort_by(f64::total_cmp);
            b.sort_by(f64::total_cmp);
            assert!((super::difference(&a, &b, rank) - all[rank as usize - 1]).abs() < 1e-13);
        }
        let found = shift(&a, &b, 0.95).unwrap();
        assert!((found.value - f64::midpoint(all[1649], all[1650])).abs() < 1e-13);
        assert!(found.interval.is_some_and(|i| i.low.unwrap() < found.value && found.value < i.high.unwrap()));
    }

    #[test]
    fn small_and_tied_groups() {
        assert_eq!(shift(&[], &[1.0], 0.95), Err(NotEstimable::NoData));
        let one = shift(&[1.0], &[3.0], 0.95).unwrap();
        assert_eq!((one.value, one.interval), (2.0, None));
        assert_eq!(shift(&[1.0; 3], &[1.0; 3], 0.95).unwrap().interval, None);
        let tied = shift(&[1.0; 4], &[1.0; 4], 0.95).unwrap();
        assert_eq!((tied.value, tied.interval.unwrap().low, tied.interval.unwrap().high), (0.0, Some(0.0), Some(0.0)));
        assert_eq!(shift(&[-5.0; 4], &[-7.0; 90], 0.95).unwrap().value, -2.0);
    }
}
