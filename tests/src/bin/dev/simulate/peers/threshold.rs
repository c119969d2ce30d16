//! A fixed threshold, as many gates in CI have it: more than 5 % off is a change.

use noisefloor_core::stats::moments::mean;

use super::{Call, changed};
use crate::random::Random;

pub(super) fn call(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    let ratio = mean(candidate).zip(mean(baseline)).map_or(1.0, |(b, a)| b / a);
    if (ratio - 1.0).abs() > 0.05 { changed(ratio - 1.0) } else { Call::Nothing }
}
