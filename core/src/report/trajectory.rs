//! One benchmark over many sides, and over many thread counts (STATISTICS S15, S16).

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::{Interval, Param};
use crate::stats::history::Alarm;
use crate::stats::scalability::Scalability;

/// The sides of a row read as points in time, in the order of the sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryReport {
    /// Sides that have the series: the points.
    pub points: u64,
    /// Whether effects are logarithms of ratios; else they are relative differences.
    pub log_scale: bool,
    /// Changes of level, in order.
    pub changes: Vec<HistoryChange>,
    /// The last point against the level before it.
    pub last: LastReport,
}

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HistoryChange {
    /// The first side of the new level: an index into [`Report::sides`](crate::report::Report::sides).
    pub side: u32,
    /// From the level before to the new one.
    pub effect: f64,
    /// Its interval; `None` where neither level varies.
    pub interval: Option<Interval>,
    /// p of "no change here", by permutations.
    pub p: f64,
    /// The same, adjusted over all changes of all rows (Benjamini and Hochberg 1995).
    pub adjusted_p: f64,
    /// Points of the level before and of the new one.
    pub before: u64,
    /// See `before`.
    pub after: u64,
}

/// The last point of a history.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LastReport {
    /// What it means.
    pub alarm: Alarm,
    /// Where a further point was to be expected, in the unit of the row.
    pub expected: Option<Interval>,
    /// From the level before to the last point.
    pub effect: Option<f64>,
    /// Points that make up that level.
    pub points: u64,
}

/// One benchmark of one side at several thread counts.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Sweep {
    /// The benchmark with its other parameters, as people write it.
    pub label: String,
    /// Its suite; may be empty.
    pub suite: String,
    /// Its metric.
    pub metric: String,
    /// The parameters that stay.
    pub params: Vec<Param>,
    /// The parameter that varies: `gomaxprocs`, `threads` …
    pub parameter: String,
    /// Index of the side.
    pub side: u32,
    /// Thread counts, ascending.
    pub threads: Vec<u32>,
    /// Mean operations per second (or the row's rate) at each.
    pub throughput: Vec<f64>,
    /// The law behind them, efficiency, and what weakens them.
    pub scalability: Scalability,
}
