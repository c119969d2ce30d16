//! Everything that a user can set, with the defaults and where they come from.
//!
//! The same struct is read from flags, from `noisefloor.toml`, from the page and from the report
//! that states which settings were in effect. Unknown keys are errors.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

/// Settings of one analysis.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct AnalysisConfig {
    /// How statistics are computed.
    pub stats: StatsConfig,
    /// Overrides of health limits, by rule id and limit name (`health::rules` lists both).
    pub limits: BTreeMap<String, BTreeMap<String, f64>>,
    /// Only benchmarks whose name matches (see [`Pattern`](crate::profile::Pattern)).
    pub filter: Option<String>,
    /// Which metrics gate; empty: each benchmark's primary one.
    pub gate: Vec<String>,
    /// Sides from first to last by name; the first is the baseline. Empty: the order met.
    pub sides: Vec<String>,
    /// How many functions a top table holds.
    pub top: u32,
    /// Whether sides are compared; `false` judges each input on its own (`noisefloor check`).
    pub compare: bool,
}

impl Default for AnalysisConfig {
    fn default() -> AnalysisConfig {
        AnalysisConfig {
            stats: StatsConfig::default(),
            limits: BTreeMap::new(),
            filter: None,
            gate: Vec::new(),
            sides: Vec::new(),
            top: 30,
            compare: true,
        }
    }
}

/// Settings of the statistics.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct StatsConfig {
    /// Confidence of intervals, in (0.5, 1); default 0.95. α is one minus this.
    pub confidence: f64,
    /// The practical margin δ as a ratio; default 0.01.
    pub margin: f64,
    /// Margins of single metrics, by metric name.
    pub margins: BTreeMap<String, f64>,
    /// Assumed spread between processes on the log scale where a side has one process; default
    /// 0.10.
    pub assumed_fork_sd: f64,
    /// Assumed spread of the host between sides that ran one after the other; default 0.05.
    pub assumed_block_sd: f64,
    /// Share trimmed from each end for the trimmed mean and Yuen's test; default 0.2.
    pub trim: f64,
    /// Power that a plan aims at; default 0.8.
    pub power: f64,
}

impl Default for StatsConfig {
    fn default() -> StatsConfig {
        StatsConfig {
            confidence: 0.95,
            margin: 0.01,
            margins: BTreeMap::new(),
            assumed_fork_sd: 0.10,
            assumed_block_sd: 0.05,
            trim: 0.2,
            power: 0.8,
        }
    }
}

/// A setting that makes no sense.
#[derive(Clone, Debug, PartialEq)]
pub enum ConfigError {
    /// A number outside its range: its name and the range in words.
    OutOfRange {
        /// Which setting.
        name: &'static str,
        /// The range.
        range: &'static str,
    },
    /// A rule id that does not exist, with the nearest one that does.
    UnknownRule {
        /// As typed.
        name: String,
        /// The nearest rule id.
        nearest: String,
    },
    /// A limit that its rule does not have, with the nearest one that it has.
    UnknownLimit {
        /// The rule.
        rule: String,
        /// As typed.
        name: String,
        /// The nearest limit.
        nearest: String,
    },
}

impl fmt::Display for ConfigError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ConfigError::OutOfRange { name, range } => write!(f, "{name} must be {range}"),
            ConfigError::UnknownRule { name, nearest } => {
                write!(f, "there is no rule {name}; did you mean {nearest}?")
            }
            ConfigError::UnknownLimit { rule, name, nearest } => {
                write!(f, "rule {rule} has no limit {name}; did you mean {nearest}?")
            }
        }
    }
}

impl core::error::Error for ConfigError {}

impl AnalysisConfig {
    /// Checks ranges and names; to be called once, when a configuration is made.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), ConfigError> {
        let s = &self.stats;
        let within = |ok: bool, name, range| if ok { Ok(()) } else { Err(ConfigError::OutOfRange { name, range }) };
        within(s.confidence > 0.5 && s.confidence < 1.0, "confidence", "above 0.5 and below 1")?;
        within(s.margin > 0.0 && s.margin < 10.0, "margin", "above 0 and below 1000%")?;
        within(s.margins.values().all(|m| *m > 0.0 && *m < 10.0), "margins", "above 0 and below 1000%")?;
        within((0.0..=5.0).contains(&s.assumed_fork_sd), "assumed_fork_sd", "from 0 to 5")?;
        within((0.0..=5.0).contains(&s.assumed_block_sd), "assumed_block_sd", "from 0 to 5")?;
        within((0.0..0.5).contains(&s.trim), "trim", "from 0 to below 0.5")?;
        within(s.power > 0.0 && s.power < 1.0, "power", "above 0 and below 1")?;
        crate::health::check_limits(&self.limits)
    }

    /// The margin that applies to a metric.
    #[must_use]
    pub fn margin_for(&self, metric: &str) -> f64 {
        self.stats.margins.get(metric).copied().unwrap_or(self.stats.margin)
    }
}

/// The known word that is closest to `word` by edit distance; the first of equals.
#[must_use]
pub(crate) fn nearest<'a>(word: &str, known: impl Iterator<Item = &'a str>) -> String {
    known.min_by_key(|k| edit_distance(word, k)).unwrap_or("").to_string()
}

/// Levenshtein distance of the first 64 characters.
pub(crate) fn edit_distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().take(64).collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().take(64).enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let substitution = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = substitution.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
