//! A validated, never empty, always finite set of values.

use alloc::vec::Vec;
use core::fmt;

use crate::sort::sort_values;

/// Values that are finite and at least one, in collection order and sorted.
#[derive(Clone, Debug, PartialEq)]
pub struct Samples {
    in_order: Vec<f64>,
    sorted: Vec<f64>,
}

/// Why values are no sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SamplesError {
    /// No value.
    Empty,
    /// A NaN or an infinity, at this index.
    NonFinite(usize),
}

impl fmt::Display for SamplesError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            SamplesError::Empty => f.write_str("no values"),
            SamplesError::NonFinite(i) => write!(f, "value {i} is not finite"),
        }
    }
}

impl core::error::Error for SamplesError {}

impl Samples {
    /// Checks and keeps values in collection order. `-0.0` becomes `0.0`.
    ///
    /// # Errors
    /// When there is no value, or one is not finite.
    pub fn new(mut in_order: Vec<f64>) -> Result<Samples, SamplesError> {
        if in_order.is_empty() {
            return Err(SamplesError::Empty);
        }
        for (i, v) in in_order.iter_mut().enumerate() {
            if !v.is_finite() {
                return Err(SamplesError::NonFinite(i));
            }
            *v += 0.0;
        }
        let mut sorted = in_order.clone();
        sort_values(&mut sorted);
        Ok(Samples { in_order, sorted })
    }

    /// The values as collected.
    #[must_use]
    pub fn in_order(&self) -> &[f64] {
        &self.in_order
    }
    /// The values in ascending order.
    #[must_use]
    pub fn sorted(&self) -> &[f64] {
        &self.sorted
    }
    /// How many; at least 1.
    #[must_use]
    pub fn n(&self) -> usize {
        self.sorted.len()
    }
    /// The smallest.
    #[must_use]
    pub fn min(&self) -> f64 {
        self.sorted[0]
    }
    /// The largest.
    #[must_use]
    pub fn max(&self) -> f64 {
        self.sorted[self.sorted.len() - 1]
    }
    /// Whether all values are the same.
    #[must_use]
    pub fn is_constant(&self) -> bool {
        self.min() == self.max()
    }
}
