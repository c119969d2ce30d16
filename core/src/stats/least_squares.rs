//! Least squares by normal equations with pivoting, safe where columns depend on one another, and
//! the tail of the F distribution that goes with it.

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::distribution::t_two_sided;
use crate::stats::math::{exp, ln, pow, sqrt};

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

/// P(F ≥ f) for whole degrees of freedom; `None` when one is 0 or f is negative or NaN. Never 0.
///
/// A sum of positive terms of the incomplete beta function in steps of its second argument, from
/// 1 or from Student's t. To be replaced by the general function of `distribution` when it has one.
pub(crate) fn f_upper(f: f64, df1: u64, df2: u64) -> Option<f64> {
    if df1 == 0 || df2 == 0 || f.is_nan() || f < 0.0 {
        return None;
    }
    let (d1, d2, a) = (df1 as f64, df2 as f64, df2 as f64 / 2.0);
    let x = d2 / (d2 + d1 * f);
    let y = d1 * f / (d2 + d1 * f);
    if f.is_infinite() {
        return Some(f64::MIN_POSITIVE);
    }
    // I_x(a, b + 1) = I_x(a, b) + x^a y^b Γ(a+b)/(Γ(a)Γ(b+1)). Terms are kept as logarithms: with
    // many degrees of freedom on both sides the first ones are too small for a double.
    let start = a * ln(x);
    let (mut total, mut term, mut b) = if df1.is_multiple_of(2) {
        (pow(x, a), start + ln(y * a), 1.0)
    } else {
        let t = t_two_sided(sqrt(d1 * f), Some(d2));
        (t, start + ln(sqrt(y) * gamma_step(df2) * 2.0 / sqrt(core::f64::consts::PI)), 0.5)
    };
    while b < d1 / 2.0 - 0.25 {
        total += exp(term);
        term += ln(y * (a + b) / (b + 1.0));
        b += 1.0;
    }
    Some(total.clamp(f64::MIN_POSITIVE, 1.0))
}

/// Γ((ν+1)/2)/Γ(ν/2), by recursion from ν = 1 or 2 and by Stirling's series where that is long.
fn gamma_step(df: u64) -> f64 {
    if df > 2_000 {
        let half = df as f64 / 2.0;
        return sqrt(half) * (1.0 - 1.0 / (8.0 * half) + 1.0 / (128.0 * half * half));
    }
    let pi = sqrt(core::f64::consts::PI);
    let (mut ratio, mut at) = if df.is_multiple_of(2) { (pi / 2.0, 2) } else { (1.0 / pi, 1) };
    while at < df {
        ratio *= (at + 1) as f64 / at as f64;
        at += 2;
    }
    ratio
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn both_tails_of_f_add_up_to_one() {
        // P(F(m, n) ≥ f) = P(F(n, m) ≤ 1/f): even and odd degrees of freedom check each other.
        for df1 in [1, 2, 3, 4, 7, 12, 31, 2_500] {
            for df2 in [1, 2, 5, 10, 33, 400, 5_000] {
                for f in [0.01, 0.5, 0.98, 1.0, 2.5, 9.0] {
                    let both = f_upper(f, df1, df2).unwrap() + f_upper(1.0 / f, df2, df1).unwrap();
                    assert!((both - 1.0).abs() < 1e-9, "{f} {df1} {df2}: {both}");
                }
            }
        }
        // Closed forms: (1 + 2f/n)^(−n/2) for two degrees of freedom, Student's t for one.
        assert!((f_upper(3.0, 2, 8).unwrap() - pow(1.75, -4.0)).abs() < 1e-15);
        assert!((f_upper(9.0, 1, 6).unwrap() - t_two_sided(3.0, Some(6.0))).abs() < 1e-15);
        assert!((f_upper(0.0, 3, 5).unwrap() - 1.0).abs() < 1e-15);
        // The 5 % point of a printed table: F(3, 10) = 3.708.
        assert!((f_upper(3.708_264_8, 3, 10).unwrap() - 0.05).abs() < 1e-7);
        assert!(f_upper(1.0, 0, 3).is_none() && f_upper(f64::NAN, 1, 3).is_none());
        assert!(f_upper(f64::INFINITY, 2, 3).unwrap() > 0.0);
    }

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
