//! Mann and Whitney's U without and with its normal approximation.

use std::sync::OnceLock;

use noisefloor_core::stats::distribution::t_upper;
use noisefloor_core::stats::math::sqrt;

/// Largest side of the table of exact chances.
const MOST: usize = 20;

/// U of `a` over `b`: pairs in which `a` is larger, ties half; and the sizes of groups of ties.
pub(super) fn u(a: &[f64], b: &[f64]) -> (f64, Vec<f64>) {
    let mut pooled: Vec<(f64, bool)> = a.iter().map(|v| (*v, true)).chain(b.iter().map(|v| (*v, false))).collect();
    pooled.sort_by(|x, y| x.0.total_cmp(&y.0));
    let (mut sum, mut below, mut ties) = (0.0, 0.0, Vec::new());
    for group in pooled.chunk_by(|x, y| x.0 == y.0) {
        let size = group.len() as f64;
        let of_a = group.iter().filter(|(_, is_a)| *is_a).count() as f64;
        sum += of_a * (below + (size + 1.0) / 2.0);
        below += size;
        if group.len() > 1 {
            ties.push(size);
        }
    }
    let n = a.len() as f64;
    (sum - n * (n + 1.0) / 2.0, ties)
}

/// P(U ≥ u) of two equally large samples without ties; `None` above the table.
pub(super) fn exact_upper(n: usize, u: f64) -> Option<f64> {
    static TABLE: OnceLock<Vec<Vec<f64>>> = OnceLock::new();
    let table = TABLE.get_or_init(|| (0..=MOST).map(|n| chances(n, n)).collect());
    let row = table.get(n)?;
    Some(row.iter().enumerate().filter(|(k, _)| *k as f64 >= u).map(|(_, p)| p).sum())
}

/// P(U = k) for k from 0 to n·m, by Mann and Whitney's recurrence over the largest value.
fn chances(n: usize, m: usize) -> Vec<f64> {
    // rows[j] holds the chances for i and j values; i grows.
    let mut rows: Vec<Vec<f64>> = vec![vec![1.0]; m + 1];
    for i in 1..=n {
        let mut next: Vec<Vec<f64>> = vec![vec![1.0]];
        for j in 1..=m {
            let share = i as f64 / (i + j) as f64;
            let mut row = vec![0.0; i * j + 1];
            for (k, p) in rows[j].iter().enumerate() {
                row[k + j] += share * p;
            }
            for (k, p) in next[j - 1].iter().enumerate() {
                row[k] += (1.0 - share) * p;
            }
            next.push(row);
        }
        rows = next;
    }
    rows.pop().unwrap_or_default()
}

/// Two-sided p by the normal approximation with corrections for ties and continuity; 1 where all
/// values are equal.
pub(super) fn normal(n: usize, m: usize, u: f64, ties: &[f64]) -> f64 {
    let (n, m) = (n as f64, m as f64);
    let all = n + m;
    let lost: f64 = ties.iter().map(|t| t * t * t - t).sum();
    let sd = sqrt(n * m / 12.0 * (all + 1.0 - lost / (all * (all - 1.0))));
    let z = ((u - n * m / 2.0).abs() - 0.5) / sd;
    if sd > 0.0 { (2.0 * t_upper(z, None)).min(1.0) } else { 1.0 }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{exact_upper, normal, u};

    #[test]
    fn chances_have_known_values() {
        // 2/C(2n, n) is the least two-sided p.
        assert!((exact_upper(4, 16.0).unwrap() - 1.0 / 70.0).abs() < 1e-15);
        assert!((exact_upper(10, 100.0).unwrap() - 1.0 / 184_756.0).abs() < 1e-15);
        assert!((exact_upper(20, 0.0).unwrap() - 1.0).abs() < 1e-12);
        assert_eq!(exact_upper(21, 0.0), None);
    }

    #[test]
    fn the_approximation_has_known_values() {
        // The example of scipy's documentation of mannwhitneyu.
        let (a, b) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
        let (found, ties) = u(&a, &b);
        assert_eq!((found, ties.len()), (17.0, 0));
        assert!((normal(5, 4, found, &ties) - 0.111_346_886_533_410_4).abs() < 1e-9);
        assert_eq!(u(&[1.0, 2.0], &[2.0, 2.0]), (1.0, vec![3.0]));
    }
}
