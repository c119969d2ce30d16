//! Why a quantity cannot be estimated: a closed list, so that a result always says which it is.

use serde::{Deserialize, Serialize};

/// Why there is no estimate. Results carry it in place of a number, never a NaN.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum WhyNot {
    /// Nothing was measured.
    NoData,
    /// Fewer units than the method needs.
    TooFew,
    /// Nothing varies, so there is nothing to test or to plan.
    NoVariance,
    /// A value is not finite, or not positive where a logarithm or a ratio is taken.
    BadValue,
    /// Columns of unlike lengths, shares out of order, levels that contradict each other.
    BadDesign,
    /// The order never varied, so an effect of it cannot be told from the thing itself.
    FixedOrder,
    /// More columns than are fitted in reasonable time.
    TooLarge,
    /// The fit found no minimum in the iterations allowed.
    NoConvergence,
}
