//! What the report says of a profile.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

/// One profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ProfileReport {
    /// Index into [`Report::inputs`](crate::report::Report::inputs).
    pub input: u32,
    /// The side whose run names this file as its profile, where one does.
    pub side: Option<u32>,
    /// Its sample types, in file order.
    pub sample_types: Vec<SampleTypeReport>,
    /// The type shown first.
    pub default_type: u32,
    /// Stack samples with their multiplicity where known (`samples/count`), else distinct records.
    pub samples: u64,
    /// Distinct functions.
    pub functions: u64,
    /// Length of the recording in seconds, where known.
    pub duration_seconds: Option<f64>,
    /// What weakens it.
    pub quality: ProfileQuality,
    /// Groups that the default view folds away, with their share of the default type.
    pub folded: Vec<FoldedGroup>,
    /// Functions by self value of the default type, largest first, unfolded; ties by name.
    pub top: Vec<TopRow>,
}

/// One kind of value in a profile.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SampleTypeReport {
    /// `cpu`, `alloc_space`, `samples` …
    pub name: String,
    /// The unit in the file: `nanoseconds`, `bytes`, `count` …
    pub unit: String,
    /// Sum over all samples.
    pub total: f64,
}

/// What weakens a profile.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct ProfileQuality {
    /// Share of the default type in stacks that reach a known root (`main`, a thread's start).
    pub rooted: f64,
    /// Share in samples whose leaf has a name.
    pub symbolized: f64,
    /// Share in stacks cut at a depth limit.
    pub truncated: f64,
}

/// A group of frames that the default view folds into their callers.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct FoldedGroup {
    /// Stable id: `harness`, `runtime`, …
    pub id: String,
    /// Share of the total in folded frames' own values.
    pub share: f64,
    /// Whether it is folded in the default view.
    pub folded: bool,
}

/// One function of a top table.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct TopRow {
    /// Its name.
    pub function: String,
    /// Own value.
    pub self_value: f64,
    /// Value with all that it calls; a recursive function counts once per stack.
    pub total_value: f64,
    /// Whether every occurrence was inlined.
    pub inlined: bool,
}
