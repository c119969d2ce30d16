//! Why a quantity cannot be estimated: an answer like any other, with a code.

/// The reason why data carry no estimate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotEstimable {
    /// There is no value.
    NoData,
    /// Fewer values than the method needs.
    TooFew {
        /// How many there are.
        n: u64,
        /// How many it takes.
        needed: u64,
    },
    /// A value is NaN or infinite, or sums of the values overflow.
    NonFinite,
    /// All values are the same.
    NoVariance,
    /// Columns that belong together differ in length.
    Unequal,
}

impl NotEstimable {
    /// Stable snake_case id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            NotEstimable::NoData => "no_data",
            NotEstimable::TooFew { .. } => "too_few_values",
            NotEstimable::NonFinite => "not_finite",
            NotEstimable::NoVariance => "no_variance",
            NotEstimable::Unequal => "unequal_lengths",
        }
    }
}

/// Values above which squares or sums of ten million of them could overflow.
const LARGEST: f64 = 1e140;

/// Checks that there are at least `needed` values, all of them finite and of a size whose squares
/// can be added.
pub(crate) fn check(values: &[f64], needed: usize) -> Result<(), NotEstimable> {
    if values.is_empty() {
        return Err(NotEstimable::NoData);
    }
    if values.iter().any(|v| !v.is_finite() || v.abs() > LARGEST) {
        return Err(NotEstimable::NonFinite);
    }
    if values.len() < needed {
        return Err(NotEstimable::TooFew { n: values.len() as u64, needed: needed as u64 });
    }
    Ok(())
}

/// Like [`check`], and not all values the same.
pub(crate) fn check_varied(values: &[f64], needed: usize) -> Result<(), NotEstimable> {
    check(values, needed)?;
    if values.windows(2).all(|w| w[0] == w[1]) { Err(NotEstimable::NoVariance) } else { Ok(()) }
}

#[cfg(test)]
mod tests {
    use super::{NotEstimable, check, check_varied};

    #[test]
    fn each_reason_has_its_case() {
        assert_eq!(check(&[], 0), Err(NotEstimable::NoData));
        assert_eq!(check(&[1.0], 2), Err(NotEstimable::TooFew { n: 1, needed: 2 }));
        assert_eq!(check(&[1.0, f64::NAN], 1), Err(NotEstimable::NonFinite));
        assert_eq!(check(&[1.0, 1e200], 1), Err(NotEstimable::NonFinite));
        assert_eq!(check_varied(&[2.0, 2.0], 2), Err(NotEstimable::NoVariance));
        assert_eq!(check_varied(&[2.0, -2.0], 2), Ok(()));
        assert_eq!(NotEstimable::TooFew { n: 1, needed: 2 }.code(), "too_few_values");
    }
}
