//! Fisher's exact test of a two-by-two table.

use crate::stats::math::{exp, ln};

/// Two-sided p for equal shares `a / (a + b)` and `c / (c + d)`: all tables with these margins that
/// are no more likely than this one. 1 where a margin is empty. In (0, 1]: never 0.
#[must_use]
pub fn fisher_exact(a: u64, b: u64, c: u64, d: u64) -> f64 {
    let (row, other, column) = (a + b, c + d, a + c);
    let (low, high) = (column.saturating_sub(other), column.min(row));
    if low >= high {
        return 1.0;
    }
    // Logarithms of the chances relative to the first table, then each against this one.
    let step = |k: u64| {
        let up = (column - k) as f64 * (row - k) as f64;
        let down = (k + 1) as f64 * ((other + k + 1) - column) as f64;
        ln(up / down)
    };
    let seen: f64 = (low..a).map(step).sum();
    let (mut total, mut extreme, mut here) = (0.0, 0.0, 0.0f64);
    for k in low..=high {
        let relative = exp((here - seen).min(700.0));
        total += relative;
        // Equal chances differ by rounding only.
        if here <= seen + 1e-7 {
            extreme += relative;
        }
        if k < high {
            here += step(k);
        }
    }
    (extreme / total).clamp(f64::MIN_POSITIVE, 1.0)
}

#[cfg(test)]
mod tests {
    use super::fisher_exact;

    #[test]
    fn tables_with_known_answers() {
        // The lady tasting tea: 3 of 4 right, p = 34/70; all right, 2/70.
        assert!((fisher_exact(3, 1, 1, 3) - 34.0 / 70.0).abs() < 1e-14);
        assert!((fisher_exact(4, 0, 0, 4) - 2.0 / 70.0).abs() < 1e-14);
        // scipy.stats.fisher_exact([[8, 2], [1, 5]]) = 0.03496503496503495.
        // scipy.stats.fisher_exact([[9, 99], [1, 107]]).
        assert!((fisher_exact(9, 99, 1, 107) - 0.018_704_040_856_125_85).abs() < 1e-12);
        assert!((fisher_exact(8, 2, 1, 5) - 0.034_965_034_965_034_95).abs() < 1e-14);
        // The same whichever side comes first.
        assert!((fisher_exact(1, 5, 8, 2) - fisher_exact(8, 2, 1, 5)).abs() < 1e-14);
    }

    #[test]
    fn empty_margins_and_large_counts() {
        assert_eq!(fisher_exact(0, 0, 0, 0), 1.0);
        assert_eq!(fisher_exact(0, 5, 0, 5), 1.0);
        assert_eq!(fisher_exact(0, 10, 0, 20), 1.0);
        assert_eq!(fisher_exact(5, 0, 7, 0), 1.0);
        let p = fisher_exact(100, 99_900, 0, 100_000);
        assert!(p > 1e-32 && p < 1e-29, "{p}");
        assert!(fisher_exact(1000, 0, 0, 1000) > 0.0);
    }
}
