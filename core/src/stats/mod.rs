//! Statistics: from the values of a side to its summary, from two sides to a verdict.

mod compare;
mod design;
pub mod distribution;
pub mod hypothesis;
pub mod math;
pub mod moments;
pub mod order;
mod summary;

use alloc::vec::Vec;

use crate::model::SideSeries;

pub use compare::{compare, settle};
pub use summary::summarize;

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

/// The distance between two estimates of a lockstep difference on the log scale (S18): the mean over
/// blocks of the medians of their log ratios, and that of their 25 % trimmed means; `None` without
/// lockstep pairs. A distance beyond the margin says that the pairs are skewed.
#[must_use]
pub fn lockstep_skew(baseline: &SideSeries, candidate: &SideSeries) -> Option<f64> {
    let distances: Vec<f64> = design::pair_ratios(baseline, candidate)
        .into_iter()
        .filter_map(|ratios: Vec<f64>| {
            let (trimmed, _, _) = hypothesis::trimmed(&ratios, 0.25)?;
            Some(design::middle(ratios)? - trimmed)
        })
        .collect();
    moments::mean(&distances).map(f64::abs)
}
