//! Why a quantity cannot be estimated: an answer like any other, with a code.

use serde::{Deserialize, Serialize};

/// The reason why data carry no estimate; results hold it in place of a number, never a NaN. As
/// JSON an object with its `code`, and with its numbers where it has any:
/// `{"code":"too_few","n":3,"needed":8}`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(tag = "code", rename_all = "snake_case")]
pub enum NotEstimable {
    /// Nothing was measured.
    NoData,
    /// Fewer units (values, pairs, points, clusters: what the method counts) than it needs.
    TooFew {
        /// How many there are.
        n: u64,
        /// How many it takes.
        needed: u64,
    },
    /// A value is NaN or infinite, too large for sums of squares, or not positive where a logarithm
    /// or a ratio is taken; or a setting is outside its range.
    BadValue,
    /// Nothing varies, so there is nothing to test or to plan.
    NoVariance,
    /// Columns that belong together differ in length.
    Unequal,
    /// Shares out of order, levels that contradict each other, a sweep that stops too early.
    BadDesign,
    /// The order never varied, so an effect of it cannot be told from the thing itself.
    FixedOrder,
    /// More columns than are fitted in reasonable time.
    TooLarge,
    /// The fit found no minimum in the iterations allowed.
    NoConvergence,
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
        return Err(NotEstimable::BadValue);
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
    #![allow(clippy::unwrap_used, reason = "tests")]
    use super::{NotEstimable, check, check_varied};

    #[test]
    fn each_reason_has_its_case() {
        assert_eq!(check(&[], 0), Err(NotEstimable::NoData));
        assert_eq!(check(&[1.0], 2), Err(NotEstimable::TooFew { n: 1, needed: 2 }));
        assert_eq!(check(&[1.0, f64::NAN], 1), Err(NotEstimable::BadValue));
        assert_eq!(check(&[1.0, 1e200], 1), Err(NotEstimable::BadValue));
        assert_eq!(check_varied(&[2.0, 2.0], 2), Err(NotEstimable::NoVariance));
        assert_eq!(check_varied(&[2.0, -2.0], 2), Ok(()));
    }

    #[test]
    fn reasons_survive_json() {
        let few = NotEstimable::TooFew { n: 1, needed: 2 };
        for (why, json) in
            [(few, r#"{"code":"too_few","n":1,"needed":2}"#), (NotEstimable::NoData, r#"{"code":"no_data"}"#)]
        {
            assert_eq!(serde_json::to_string(&why).unwrap(), json);
            assert_eq!(serde_json::from_str::<NotEstimable>(json).unwrap(), why);
        }
    }
}
