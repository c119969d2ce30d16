//! Least squares by normal equations with pivoting, safe where columns depend on one another.

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::math::sqrt;

/// A symmetric matrix XᵀX of p columns, row by row.
#[derive(Clone, Debug)]
pub(crate) struct Gram {
    p: usize,
    a: Vec<f64>,
}

/// Its Cholesky factor with the pivots in the order taken; what is left out depends on them.
#[derive(Clone, Debug)]
pub(crate) struct Factor {
    p: usize,
    order: Vec<usize>,
    /// Lower triangle over the pivots, row by row with `order.len()` columns.
    l: Vec<f64>,
}

impl Gram {
    pub(crate) fn new(p: usize) -> Gram {
        Gram { p, a: vec![0.0; p * p] }
    }

    /// Adds to the cell of two columns; out of range does nothing.
    pub(crate) fn add(&mut self, i: usize, j: usize, value: f64) {
        if i < self.p && j < self.p {
            self.a[i * self.p + j] += value;
        }
    }

    fn at(&self, i: usize, j: usize) -> f64 {
        self.a[i * self.p + j]
    }

    /// Factors with the largest remaining diagonal first, and stops where it has fallen to rounding:
    /// the columns left depend on those taken.
    pub(crate) fn factor(&self) -> Factor {
        let p = self.p;
        let mut rest: Vec<f64> = (0..p).map(|i| self.at(i, i)).collect();
        // Relative to each column's own size, so that columns of unlike units are judged alike.
        let own = rest.clone();
        let mut order: Vec<usize> = Vec::new();
        let mut taken = vec![false; p];
        let mut columns: Vec<Vec<f64>> = Vec::new();
        loop {
            let open = (0..p).filter(|i| !taken[*i] && own[*i] > 0.0 && rest[*i] > 1e-10 * own[*i]);
            let relative = |i: &usize| rest[*i] / own[*i];
            // The first of equals, so that the order of columns decides ties.
            let best = open.fold(None, |best: Option<usize>, i| match best {
                Some(b) if relative(&b) >= relative(&i) => Some(b),
                _ => Some(i),
            });
            let Some(pivot) = best else { break };
            let d = sqrt(rest[pivot]);
            let column: Vec<f64> = (0..p)
                .map(|i| {
                    let known: f64 = columns.iter().map(|c| c[i] * c[pivot]).sum();
                    if i == pivot { d } else { (self.at(i, pivot) - known) / d }
                })
                .collect();
            (0..p).filter(|i| !taken[*i]).for_each(|i| rest[i] -= column[i] * column[i]);
            taken[pivot] = true;
            order.push(pivot);
            columns.push(column);
        }
        let rank = order.len();
        let mut l = vec![0.0; rank * rank];
        for (row, i) in order.iter().enumerate() {
            for (k, column) in columns.iter().enumerate().take(row + 1) {
                l[row * rank + k] = column[*i];
            }
        }
        Factor { p, order, l }
    }
}

impl Factor {
    /// Columns that do not depend on others.
    pub(crate) fn rank(&self) -> usize {
        self.order.len()
    }

    /// The coefficients for Xᵀy; 0 for the columns left out.
    pub(crate) fn solve(&self, xty: &[f64]) -> Vec<f64> {
        let rank = self.rank();
        let mut z: Vec<f64> = self.order.iter().map(|i| xty.get(*i).copied().unwrap_or(0.0)).collect();
        for row in 0..rank {
            let known: f64 = (0..row).map(|k| self.l[row * rank + k] * z[k]).sum();
            z[row] = (z[row] - known) / self.l[row * rank + row];
        }
        for row in (0..rank).rev() {
            let known: f64 = (row + 1..rank).map(|k| self.l[k * rank + row] * z[k]).sum();
            z[row] = (z[row] - known) / self.l[row * rank + row];
        }
        let mut out = vec![0.0; self.p];
        self.order.iter().zip(z).for_each(|(i, value)| out[*i] = value);
        out
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn columns_that_depend_are_left_out() {
        // Columns 1, x, 2x + 1 on x = 0..4, y = 3 + 2x.
        let rows: Vec<[f64; 3]> = (0..5).map(|x| [1.0, f64::from(x), 2.0 * f64::from(x) + 1.0]).collect();
        let mut gram = Gram::new(3);
        let mut xty = [0.0; 3];
        for row in &rows {
            let y = 3.0 + 2.0 * row[1];
            for i in 0..3 {
                xty[i] += row[i] * y;
                (0..3).for_each(|j| gram.add(i, j, row[i] * row[j]));
            }
        }
        let factor = gram.factor();
        assert_eq!(factor.rank(), 2);
        let beta = factor.solve(&xty);
        for row in &rows {
            let fitted: f64 = row.iter().zip(&beta).map(|(x, b)| x * b).sum();
            assert!((fitted - 3.0 - 2.0 * row[1]).abs() < 1e-9);
        }
        assert_eq!(Gram::new(0).factor().rank(), 0);
        assert_eq!(Gram::new(2).factor().solve(&[1.0, 1.0]), [0.0, 0.0]);
    }
}
