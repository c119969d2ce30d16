//! hyperfine: ten runs of each command, then its `scripts/welch_ttest.py` at 5 %.

use noisefloor_core::stats::hypothesis::welch;

use super::{Call, changed};
use crate::random::Random;

pub(super) fn call(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    match welch(candidate, baseline) {
        Some(test) if test.p < 0.05 => changed(test.statistic),
        // "The two benchmarks are almost the same".
        _ => Call::Same,
    }
}
