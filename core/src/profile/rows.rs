//! Weights while more come: those of one stack lie together, so that adding to all of them is one look into memory.

use alloc::vec;
use alloc::vec::Vec;

/// A table of weights that grows by rows, and now and then by a column.
#[derive(Clone, Debug, Default)]
pub(super) struct Rows {
    columns: usize,
    rows: usize,
    values: Vec<f64>,
}

impl Rows {
    pub(super) fn new(columns: usize) -> Rows {
        Rows { columns, ..Rows::default() }
    }

    /// A table of as many columns, with so many rows of zeros.
    #[cfg(feature = "full")]
    pub(super) fn alike(&self, rows: usize) -> Rows {
        Rows { columns: self.columns, rows, values: vec![0.0; rows * self.columns] }
    }

    #[cfg(feature = "full")]
    pub(super) fn columns(&self) -> usize {
        self.columns
    }

    /// A column more, in which all rows have 0.
    pub(super) fn widen(&mut self) {
        let Rows { columns: old, rows, values } = core::mem::take(self);
        let columns = old + 1;
        let mut wide = vec![0.0; rows * columns];
        if old > 0 {
            for (to, from) in wide.chunks_exact_mut(columns).zip(values.chunks_exact(old)) {
                to.iter_mut().zip(from).for_each(|(to, from)| *to = *from);
            }
        }
        *self = Rows { columns, rows, values: wide };
    }

    /// A row more with these weights, one a column; missing ones are 0. Its number.
    #[inline]
    pub(super) fn push(&mut self, weights: &[f64]) -> usize {
        self.rows += 1;
        // Nothing is −0, as nothing is where 0 is added up.
        self.values.extend(weights.iter().take(self.columns).map(|weight| 0.0 + weight));
        self.values.resize(self.rows * self.columns, 0.0);
        self.rows - 1
    }

    /// Adds weights, one a column, to a row; what is beyond either changes nothing.
    pub(super) fn add(&mut self, row: usize, weights: &[f64]) {
        for (sum, weight) in self.row_mut(row).iter_mut().zip(weights) {
            *sum += weight;
        }
    }

    /// Adds to one place of a row, if there is such a place.
    pub(super) fn add_to(&mut self, row: usize, column: usize, weight: f64) {
        if let Some(sum) = self.row_mut(row).get_mut(column) {
            *sum += weight;
        }
    }

    /// A row; empty where there is none.
    #[cfg(feature = "full")]
    pub(super) fn row(&self, row: usize) -> &[f64] {
        let from = row * self.columns;
        self.values.get(from..from + self.columns).unwrap_or(&[])
    }

    /// Whether a column has anything but 0.
    pub(super) fn any(&self, column: usize) -> bool {
        self.values.iter().skip(column).step_by(self.columns.max(1)).any(|weight| *weight != 0.0)
    }

    fn row_mut(&mut self, row: usize) -> &mut [f64] {
        let from = row * self.columns;
        self.values.get_mut(from..from + self.columns).unwrap_or(&mut [])
    }

    /// Column by column.
    pub(super) fn into_columns(self) -> Vec<Vec<f64>> {
        let Rows { columns, rows, values } = self;
        if columns == 1 {
            return vec![values];
        }
        let mut out: Vec<Vec<f64>> = (0..columns).map(|_| Vec::with_capacity(rows)).collect();
        if columns > 0 {
            for row in values.chunks_exact(columns) {
                out.iter_mut().zip(row).for_each(|(column, value)| column.push(*value));
            }
        }
        out
    }
}
