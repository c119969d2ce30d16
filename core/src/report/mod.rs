//! The report: the one versioned thing that leaves the engine.
//!
//! `snake_case` throughout, enums as strings or tagged objects, lists never null, numbers finite,
//! no integer above 2⁵³. The same bytes come out of the command line, Node and a browser.

mod carry;
mod comparison;
mod diagnosis;
#[cfg(feature = "full")]
mod evidence;
mod profile;
mod summary;
mod trajectory;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::config::AnalysisConfig;
use crate::health::Finding;
use crate::json;
use crate::source::{Notice, Position};
pub use crate::stats::suite::{Excluded, ExcludedRow};
use crate::unit::{Better, Quantity};

pub use carry::{Carried, Orthogonality};
pub use comparison::{
    Blocks, Companion, Comparison, Design, Difference, Margin, Method, Pairs, Plan, PlanGoal, Presence, PresenceKind,
    Reason, Stopped, Test, Verdict,
};
pub use diagnosis::{
    CauseReport, ComponentReport, CourseCount, Diagnosis, DriftReport, ModeReport, ModesReport, SerialReport,
    SteadyReport,
};
#[cfg(feature = "full")]
pub use evidence::{
    AttachedBy, BiasReport, BiasedIteration, ClockReport, CollectionsReport, EvidenceKind, EvidenceReport, HeapReport,
    KindCount, NotesReport, ReasonCount, ScheduleReport, SiteReport, StopsReport,
};
pub use profile::{FoldedGroup, ProfileQuality, ProfileReport, SampleTypeReport, TopRow};
pub use summary::{
    Counts, Estimability, Estimate, Histogram, Interval, Level, OutlierCounts, QuantileEstimate, ScoreError,
    ScoreErrorClass, SideSummary, Tail, TailClass,
};
pub use trajectory::{HistoryChange, HistoryReport, LastReport, Sweep};

/// Version of the report's shape. Raised with an entry under "Report format" in CHANGELOG.
pub const SCHEMA_VERSION: u32 = 1;

/// What an analysis found.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Report {
    /// [`SCHEMA_VERSION`] of the engine that wrote it.
    pub schema: u32,
    /// `noisefloor-core 0.1.0`.
    pub engine: String,
    /// The settings in effect.
    pub settings: AnalysisConfig,
    /// Every input, in the order given, also those that could not be read.
    pub inputs: Vec<InputReport>,
    /// The sides compared; the first is the baseline. One side: nothing is compared.
    pub sides: Vec<Side>,
    /// One row per series, primary ones first, then by key.
    pub rows: Vec<ReportRow>,
    /// One family of comparisons per candidate side and kind of row (S6).
    pub families: Vec<Family>,
    /// Benchmarks that are not on every side.
    pub presence: Vec<Presence>,
    /// Benchmarks measured at four or more thread counts, one entry per side.
    pub sweeps: Vec<Sweep>,
    /// Sides whose processes ran several benchmarks each: whether these disturb each other.
    pub orthogonality: Vec<Orthogonality>,
    /// What to distrust, the weightiest first.
    pub findings: Vec<Finding>,
    /// Values left out of the tests, by cause.
    pub exclusions: Vec<Exclusion>,
    /// Profiles, in input order.
    pub profiles: Vec<ProfileReport>,
    /// Collector logs, compiler notes and scheduler traces, in input order; absent where there are none.
    /// The page does not read them.
    #[cfg(feature = "full")]
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceReport>,
}

/// What became of one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputReport {
    /// The name given.
    pub name: String,
    /// Its length in bytes.
    pub bytes: u64,
    /// The id of the format recognised, e.g. `go-bench`.
    pub format: Option<String>,
    /// Whether it was read.
    pub status: InputStatus,
    /// Why not, where it was not.
    pub error: Option<InputError>,
    /// Oddities met.
    pub notices: Vec<Notice>,
    /// Series read from it.
    pub series: u64,
    /// Values read from it.
    pub values: u64,
    /// Sides that it contributes to: indices into [`Report::sides`].
    pub sides: Vec<u32>,
    /// What was taken for a fork in this format.
    pub fork_means: Option<String>,
    /// What the format's tool states about machine and tool.
    pub environment: BTreeMap<String, String>,
}

/// Whether an input was read.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InputStatus {
    /// Wholly.
    Read,
    /// With something left out; the notices say what.
    ReadInPart,
    /// Not at all; the error says why.
    NotRead,
}

/// Why an input was not read.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct InputError {
    /// Stable id of the kind.
    pub code: String,
    /// Where.
    pub at: Option<Position>,
    /// The reason in English, without the name of the source.
    pub message: String,
}

/// One side of a comparison.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Side {
    /// The arm's or the file's name.
    pub name: String,
    /// The command, where one is known.
    pub command: String,
    /// Inputs that it was read from.
    pub inputs: Vec<u32>,
}

/// One series on all sides.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ReportRow {
    /// Package, class or group; may be empty.
    pub suite: String,
    /// The benchmark.
    pub benchmark: String,
    /// Its parameters, by name.
    pub params: Vec<Param>,
    /// The metric.
    pub metric: String,
    /// `benchmark/name=value`, as people write it; the same in no other benchmark of the report.
    pub label: String,
    /// Base unit of all numbers of the row.
    pub unit: String,
    /// What the unit measures.
    pub quantity: Quantity,
    /// Direction in which it gets better.
    pub better: Better,
    /// Whether the row gates.
    pub primary: bool,
    /// One entry per side; `None` where a side does not have the series.
    pub sides: Vec<Option<SideSummary>>,
    /// The values of all sides on one axis, for the distribution plot; `None` without values.
    pub histogram: Option<Histogram>,
    /// Each other side against the baseline, in the order of the sides; `candidate` says which.
    pub comparisons: Vec<Comparison>,
    /// The sides as points in time; `None` for fewer than six, and for rows that do not gate.
    pub history: Option<HistoryReport>,
}

/// A named parameter.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Param {
    /// Its name.
    pub name: String,
    /// Its value as text.
    pub value: String,
}

/// The comparisons that are corrected together (S6).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Family {
    /// The candidate side.
    pub candidate: u32,
    /// Whether it holds the primary rows or the others.
    pub primary: bool,
    /// Comparisons tested: those with a p-value.
    pub tests: u64,
    /// Rows by verdict, every verdict named, in gate order.
    pub tally: Vec<TallyEntry>,
    /// Raw hits at α to be expected if nothing had changed: α·tests.
    pub expected_false_hits: f64,
    /// Raw hits at α seen.
    pub raw_hits: u64,
    /// Geometric mean of the candidate/baseline ratios over the primary time- or rate-like rows;
    /// `None` with fewer than two.
    pub geometric_mean: Option<GeometricMean>,
}

/// How many rows have a verdict.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct TallyEntry {
    /// The verdict.
    pub verdict: Verdict,
    /// How many rows.
    pub rows: u64,
}

/// A geometric mean of ratios, with what it covers (S16).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct GeometricMean {
    /// The mean ratio, candidate over baseline (worse is above 1 after direction is considered).
    pub ratio: f64,
    /// Its interval, from the processes or blocks that rows share; `None` where nothing was repeated
    /// and nothing is assumed.
    pub interval: Option<Interval>,
    /// `cluster_bootstrap`, `cluster_t` or, with the assumed spread of a design that cannot show it,
    /// `assumed_sd`, `passport_sd`.
    pub method: String,
    /// Processes or blocks of the smaller side.
    pub clusters: u64,
    /// Rows in it.
    pub rows: u64,
    /// Rows that could be in it but are not (missing, zero or negative values).
    pub left_out: u64,
    /// Their labels with the reason, at most 50.
    pub excluded: Vec<ExcludedRow>,
    /// Rows in it that are worse by their verdict.
    pub worse: u64,
    /// Rows shown to be equal within the margin.
    pub equal: u64,
    /// Rows that are better.
    pub better: u64,
    /// Rows not decided.
    pub undecided: u64,
}

/// Values left out of the tests for one cause.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Exclusion {
    /// Index into [`Report::rows`].
    pub row: u32,
    /// Index into [`Report::sides`].
    pub side: u32,
    /// The mark's id.
    pub cause: String,
    /// Values that carry it.
    pub values: u64,
}

impl Report {
    /// The report as JSON, one line, ending without a line feed. Equal reports give equal bytes.
    /// It reads back by its `Deserialize`, with serde_json under its feature `float_roundtrip`.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }

    /// The report as indented JSON, for people and golden files.
    #[must_use]
    pub fn to_json_pretty(&self) -> String {
        json::indented(&self.to_json())
    }
}
