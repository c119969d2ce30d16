//! Statistics: from the values of a side to its summary, from two sides to a verdict.

pub mod autocorrelation;
#[cfg(feature = "full")]
pub mod bets;
pub(crate) mod blocks;
pub mod bootstrap;
pub mod brunner_munzel;
pub mod brunner_munzel_pairs;
pub mod carryover;
pub mod causes;
pub mod collections;
mod companions;
pub(crate) mod compare;
pub(crate) mod design;
pub(crate) mod diagnose;
pub mod dip;
mod dip_table;
pub mod distribution;
mod energy;
pub mod estimable;
pub mod fisher;
pub mod history;
pub mod hodges_lehmann;
pub mod hypothesis;
mod least_squares;
mod lockstep;
pub mod math;
pub mod modes;
pub mod moments;
pub mod multiplicity;
pub mod null;
pub mod order;
pub mod paired;
pub mod passport;
pub mod periodicity;
pub mod plan;
pub mod proportion;
pub mod quantile;
pub mod random;
pub mod rank;
pub mod repeated;
pub mod residuals;
pub mod scalability;
pub mod scale;
pub mod segment;
mod selection;
pub mod sequential;
mod series;
pub mod special;
pub mod steady;
pub mod stopping;
pub mod suite;
pub(crate) mod summary;
pub mod trend;
pub mod usl;
pub mod variance;
pub mod williams;
mod worth;

pub(crate) use compare::decide;
pub use compare::{compare, settle};
pub use diagnose::{COUNTERS, diagnose};
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
