//! Findings: what to distrust in a measurement. A rule finds, a catalogue speaks: only ids and
//! numbers are made here, words belong to whoever displays them.

mod rule;

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

pub use rule::{Limit, RULES, Rule, check_limits, limit};

/// How much a finding weighs.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The data or the verdict cannot be used as they are.
    Error,
    /// A verdict could change.
    Warning,
    /// Good to know.
    Note,
}

/// Bad practice or bad luck in a measurement.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Finding {
    /// Id of the rule.
    pub rule: String,
    /// Its weight here.
    pub severity: Severity,
    /// Row concerned (index into the report's rows).
    pub row: Option<u32>,
    /// Side concerned.
    pub side: Option<u32>,
    /// Input concerned.
    pub input: Option<u32>,
    /// Profile concerned.
    pub profile: Option<u32>,
    /// The numbers behind it; `observed` and the rule's limits at least. Finite.
    pub evidence: BTreeMap<String, f64>,
    /// Names that belong to it (functions, keys that differ), at most 10.
    pub names: Vec<String>,
}
