//! Whether benchmarks disturb those that run after them.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::stats::carryover::{CarryVerdict, FTest};
use crate::stats::estimable::NotEstimable;

/// The test of one side whose processes ran several benchmarks each (STATISTICS S11).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Orthogonality {
    /// Index of the side.
    pub side: u32,
    /// The worst of all benchmarks.
    pub verdict: CarryVerdict,
    /// Why nothing could be tested: `fixed_order` where every process ran them in the same order, `too_large`
    /// where there are more than can be fitted (`benchmarks` and `n` then count what was kept).
    pub why_not: Option<NotEstimable>,
    /// Benchmarks.
    pub benchmarks: u64,
    /// Processes.
    pub forks: u64,
    /// Executions: a benchmark in a process.
    pub n: u64,
    /// Does it matter at all what ran before?
    pub overall: Option<FTest>,
    /// Benchmarks for which it does, the largest effect first.
    pub carried: Vec<Carried>,
}

/// A benchmark whose result depends on what ran before it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carried {
    /// Index of its row.
    pub row: u32,
    /// Label of the predecessor with the largest effect.
    pub after: String,
    /// Its value after this predecessor over that after an average one.
    pub ratio: f64,
    /// Holm-adjusted over the side's benchmarks.
    pub p: f64,
    /// `not_orthogonal`, or `trivial` within the margin.
    pub verdict: CarryVerdict,
}
