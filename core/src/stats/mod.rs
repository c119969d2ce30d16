//! Statistics: from the values of a side to its summary, from two sides to a verdict.

use crate::config::StatsConfig;
use crate::model::SideSeries;
use crate::report::{Comparison, Design, Margin, Method, SideSummary, Verdict};
use alloc::vec::Vec;

/// What one side looks like; `None` when it has neither a used value nor an aggregate. `side` is
/// filled in by the caller.
#[must_use]
pub fn summarize(_side: &SideSeries, _limits: &Limits, _config: &StatsConfig) -> Option<SideSummary> {
    None
}

/// Thresholds of the health classes, from the rules `score-error` and `tail-spikes`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Limits {
    /// Score error up to which sampling is healthy (0.02).
    pub score_error_healthy: f64,
    /// Score error above which it is insufficient (0.08).
    pub score_error_insufficient: f64,
    /// p99.9/mean up to which tails are healthy (1.3).
    pub tail_healthy: f64,
    /// p99.9/mean from which they spike (2.1).
    pub tail_spikes: f64,
}

/// Compares one candidate with the baseline, before correction for many comparisons:
/// `p_margin_adjusted` is `None` and the verdict is that of a family of one. `margin` is the ratio
/// δ. `candidate` of the result is filled in by the caller.
#[must_use]
pub fn compare(_baseline: &SideSeries, _candidate: &SideSeries, margin: f64, _config: &StatsConfig) -> Comparison {
    Comparison {
        candidate: 0,
        verdict: Verdict::NotComparable,
        reasons: Vec::new(),
        design: Design::None,
        method: Method::None,
        n: 0,
        difference: None,
        margin: Margin { ratio: margin, on_scale: None },
        p: None,
        p_margin: None,
        p_margin_adjusted: None,
        p_equivalence: None,
        companions: Vec::new(),
        plan: None,
    }
}

/// Settles the verdicts of one family of comparisons (S6): Holm-adjusts `p_margin` over it and
/// applies the table of S5.
pub fn settle(_family: &mut [(&mut Comparison, crate::unit::Better)], _config: &StatsConfig) {}
