//! Statistics: from the values of a side to its summary, from two sides to a verdict.

pub mod bootstrap;
pub mod brunner_munzel;
mod compare;
mod design;
pub mod distribution;
pub mod hodges_lehmann;
pub mod hypothesis;
mod lockstep;
pub mod math;
pub mod moments;
pub mod multiplicity;
pub mod null;
pub mod order;
pub mod paired;
pub mod quantile;
pub mod random;
pub mod rank;
pub mod scale;
mod selection;
pub mod special;
mod summary;

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
