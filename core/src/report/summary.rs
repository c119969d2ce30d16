//! What one side of one series looks like.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// Bounds with the confidence that they achieve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Interval {
    /// Lower bound; `None`: unbounded.
    pub low: Option<f64>,
    /// Upper bound; `None`: unbounded.
    pub high: Option<f64>,
    /// Achieved confidence, in (0, 1].
    pub confidence: f64,
}

/// A value with its interval, where it came from and what weakens it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Estimate {
    /// The estimate.
    pub value: f64,
    /// Its interval; `None` where the data allow none.
    pub interval: Option<Interval>,
    /// Units of replication behind it.
    pub n: u64,
    /// Id of the method: `t`, `t_log`, `order_statistics`, `yuen`, `assumed_sd` …
    pub method: String,
}

/// How many of what.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counts {
    /// Blocks with a used value of this side.
    pub blocks: u64,
    /// Forks with a used value.
    pub forks: u64,
    /// Used values; a row of a histogram is as many as it counts.
    pub used: u64,
    /// Warm-up values.
    pub warmup: u64,
    /// Values left out for another cause.
    pub excluded: u64,
}

/// The level whose members are independent enough to be counted as evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Level {
    /// Blocks: each holds every arm.
    Block,
    /// Forks: processes.
    Fork,
    /// One process only: its spread between runs is assumed, never zero.
    Single,
}

/// Labels, never deletions.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct OutlierCounts {
    /// Below Q1 − 3 IQR.
    pub severe_low: u64,
    /// Below Q1 − 1.5 IQR, not severe.
    pub mild_low: u64,
    /// Above Q3 + 1.5 IQR, not severe.
    pub mild_high: u64,
    /// Above Q3 + 3 IQR.
    pub severe_high: u64,
    /// Beyond 3 double-MADs of the median; a side without one is judged by the interquartile range. `None` where
    /// that is 0 too: values are quantised, and the rule does not apply.
    pub double_mad: Option<u64>,
    /// Share of the variance that comes from values outside Tukey's inner fences, in [0, 1]; `None`
    /// where nothing varies.
    pub variance_share: Option<f64>,
}

/// A quantile, where the sample can carry it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct QuantileEstimate {
    /// In (0, 1).
    pub p: f64,
    /// The point estimate; `None` when beyond the sample.
    pub value: Option<f64>,
    /// Order-statistic interval; a bound is `None` where the sample has none.
    pub interval: Option<Interval>,
    /// Whether and what for it is estimable.
    pub estimable: Estimability,
    /// Independent values that the used ones are worth for it: what its interval counts.
    pub effective: u64,
    /// Values like these that a two-sided interval at this confidence needs, more processes with as many values each.
    pub needed: u64,
}

/// What a sample can say about a quantile.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Estimability {
    /// Both bounds.
    TwoSided,
    /// Only one bound.
    OneSided,
    /// No bound.
    No,
}

/// Half of the 99.9 % interval relative to the mean (R12).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScoreError {
    /// As JMH computes it, on all iterations.
    pub on_values: Option<f64>,
    /// On means of forks.
    pub on_forks: Option<f64>,
    /// The larger of the two that exist.
    pub ratio: f64,
    /// What it means.
    pub class: ScoreErrorClass,
}

/// What a score error means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ScoreErrorClass {
    /// Up to 2 %.
    Healthy,
    /// Between 2 % and 8 %.
    Marginal,
    /// Above 8 %.
    InsufficientSampling,
}

/// p99.9 over mean, on per-operation data only (R12).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Tail {
    /// The ratio; `None` where p99.9 lies beyond the sample.
    pub ratio: Option<f64>,
    /// Its interval.
    pub interval: Option<Interval>,
    /// What it means.
    pub class: TailClass,
    /// Chance that the maximum of this sample lies at or above the true p99.9: 1 − 0.999ⁿ.
    pub chance_max_reaches: f64,
}

/// What a tail ratio means.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TailClass {
    /// The interval lies at or below 1.3.
    Healthy,
    /// Neither.
    Borderline,
    /// The interval lies at or above 2.1.
    Spikes,
    /// The sample cannot carry p99.9.
    NotEstimable,
    /// The values are means of several operations: tails are averaged away.
    NotPerOperation,
    /// A value is zero or negative: a ratio to the mean says nothing.
    Undefined,
}

/// One side of one series.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SideSummary {
    /// Index into [`Report::sides`](crate::report::Report::sides).
    pub side: u32,
    /// How many of what.
    pub counts: Counts,
    /// The unit of replication.
    pub level: Level,
    /// Mean with its interval on units of replication; with the warning `median_only` the median that the tool states.
    pub mean: Estimate,
    /// Median of the units of replication (of the values, at level `single`).
    pub median: Estimate,
    /// Trimmed mean of the same.
    pub trimmed_mean: Option<Estimate>,
    /// Smallest used value.
    pub min: Option<f64>,
    /// Largest used value.
    pub max: Option<f64>,
    /// Standard deviation of used values; `None` for one value.
    pub std_dev: Option<f64>,
    /// Standard deviation between units of replication, relative to their mean; `None` below two.
    pub between_sd_ratio: Option<f64>,
    /// p50, p90, p95, p99, p99.9 of used values.
    pub quantiles: Vec<QuantileEstimate>,
    /// Labels.
    pub outliers: OutlierCounts,
    /// Score error; `None` below three values or where the mean is 0 or signs are mixed.
    pub score_error: Option<ScoreError>,
    /// Tail ratio; `None` for metrics that are not times.
    pub tail: Option<Tail>,
    /// What order, levels and marks say beyond the mean; `None` for secondary rows, for counts and where
    /// no single values were kept.
    pub diagnosis: Option<crate::report::Diagnosis>,
    /// Means of the units of replication, in their order: what tests use, for plots.
    pub replicate_means: Vec<f64>,
    /// Reason codes: `tiny_n`, `degenerate`, `linear_scale`, `aggregate_only` …
    pub warnings: Vec<crate::report::Reason>,
}

/// Counts of used values on a common axis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Histogram {
    /// Bin edges, one more than bins, ascending.
    pub edges: Vec<f64>,
    /// Counts per bin, one list per side (empty for a side without values).
    pub counts: Vec<Vec<u64>>,
}
