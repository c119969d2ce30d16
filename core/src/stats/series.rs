//! The scale on which a series is analysed, and means of its stretches.

use alloc::vec::Vec;

use crate::stats::math::ln;

/// Logarithms where every value is positive (`true`), else the values themselves.
pub(crate) fn log_scale(values: &[f64]) -> (Vec<f64>, bool) {
    let positive = !values.is_empty() && values.iter().all(|v| *v > 0.0);
    (if positive { values.iter().map(|v| ln(*v)).collect() } else { values.to_vec() }, positive)
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

    use super::{block_means, log_scale};

    #[test]
    fn blocks_keep_all() {
        assert_eq!(block_means(&[1.0, 3.0, 5.0, 7.0, 9.0], 2), vec![2.0, 7.0]);
        assert!(block_means(&[], 2).is_empty());
        assert!(!log_scale(&[1.0, 0.0]).1);
        assert_eq!(log_scale(&[1.0]), (vec![0.0], true));
    }
}
