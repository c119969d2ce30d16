//! Statistics: from the values of a side to its summary, from two sides to a verdict.

pub mod carryover;
mod compare;
mod design;
pub mod distribution;
mod draw;
pub mod estimable;
pub mod hypothesis;
mod least_squares;
mod lockstep;
pub mod math;
pub mod moments;
pub mod order;
pub mod passport;
pub mod plan;
pub mod proportion;
pub mod residuals;
pub mod scalability;
pub mod sequential;
pub mod stopping;
pub mod suite;
mod summary;
pub mod usl;
pub mod variance;
pub mod williams;

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
