//! Ranks with ties shared, and the scale on which a series is analysed.

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::math::ln;

/// Ranks counted from 1, equal values sharing the mean of theirs, and the sizes of the groups of
/// equal values (1 for a value on its own).
pub(crate) fn midranks(values: &[f64]) -> (Vec<f64>, Vec<u64>) {
    let mut order: Vec<(f64, usize)> = values.iter().copied().zip(0..).collect();
    order.sort_unstable_by(|a, b| a.0.total_cmp(&b.0).then(a.1.cmp(&b.1)));
    let mut ranks = vec![0.0; values.len()];
    let mut groups = Vec::new();
    let mut start = 0usize;
    for group in order.chunk_by(|a, b| a.0 == b.0) {
        let shared = start as f64 + (group.len() as f64 + 1.0) / 2.0;
        for (_, index) in group {
            ranks[*index] = shared;
        }
        groups.push(group.len() as u64);
        start += group.len();
    }
    (ranks, groups)
}

/// Logarithms where every value is positive (`true`), else the values themselves.
pub(crate) fn log_scale(values: &[f64]) -> (Vec<f64>, bool) {
    let positive = !values.is_empty() && values.iter().all(|v| *v > 0.0);
    (if positive { values.iter().map(|v| ln(*v)).collect() } else { values.to_vec() }, positive)
}

/// Sorted copy.
pub(crate) fn sorted(values: &[f64]) -> Vec<f64> {
    let mut out = values.to_vec();
    out.sort_unstable_by(f64::total_cmp);
    out
}

/// Means of `size` values each, in order; a last group that is not full joins the one before.
pub(crate) fn block_means(values: &[f64], size: usize) -> Vec<f64> {
    let size = size.max(1);
    let groups = (values.len() / size).max(1);
    (0..groups)
        .filter_map(|g| {
            let end = if g + 1 == groups { values.len() } else { (g + 1) * size };
            let group = values.get(g * size..end).filter(|v| !v.is_empty())?;
            Some(group.iter().sum::<f64>() / group.len() as f64)
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::{block_means, log_scale, midranks};

    #[test]
    fn ties_share_and_blocks_keep_all() {
        assert_eq!(midranks(&[3.0, 1.0, 3.0, 2.0]), (vec![3.5, 1.0, 3.5, 2.0], vec![1, 1, 2]));
        assert_eq!(midranks(&[]), (vec![], vec![]));
        // Zeros of both signs are the same value.
        assert_eq!(midranks(&[0.0, -0.0]).0, vec![1.5, 1.5]);
        assert_eq!(block_means(&[1.0, 3.0, 5.0, 7.0, 9.0], 2), vec![2.0, 7.0]);
        assert!(block_means(&[], 2).is_empty());
        assert!(!log_scale(&[1.0, 0.0]).1);
        assert_eq!(log_scale(&[1.0]), (vec![0.0], true));
    }
}
