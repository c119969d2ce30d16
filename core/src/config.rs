//! Everything that a user can set, with the defaults and where they come from.
//!
//! The same struct is read from flags, from `noisefloor.toml`, from the page and from the report
//! that states which settings were in effect. Unknown keys are errors.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use serde::{Deserialize, Serialize};

use crate::json::{self, FromJson, JsonError, Reader, fields_from_json};
use crate::model::{Mark, Marks};
use crate::stats::bootstrap::Resampling;
use crate::stats::random::REPLICATES;
use crate::unit::{Quantity, Unit, tidy};

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
    /// Causes of exclusion that are to be ignored, by mark id (`gc_biased`, `frequency_changed` …): their
    /// values take part as if nothing had happened.
    pub keep: Vec<String>,
    /// Whether sides are compared; `false` judges each input on its own (`noisefloor check`).
    pub compare: bool,
    /// What is taken from a noise-floor passport of the host.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub passport: Option<PassportSettings>,
    /// The format that every input is read as, by its id, whatever it looks like; `None`: by content.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub input_format: Option<String>,
}

/// What of a noise-floor passport is in effect (STATISTICS S17). Whether it holds for the host and the day
/// is checked before, by [`Passport::holds`](crate::stats::passport::Passport::holds).
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassportSettings {
    /// When it was made, in seconds since 1970 (UTC).
    pub taken_at_seconds: u64,
    /// Whether margins follow it, which they do where none was set.
    pub margins: bool,
    /// What it says of each benchmark and metric.
    pub rows: Vec<PassportRow>,
}

/// The noise of one benchmark and metric.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassportRow {
    /// The benchmark with its parameters: the label of the report's row.
    pub benchmark: String,
    /// The metric.
    pub metric: String,
    /// Spread between two runs of one process on the log scale; `None`: not known.
    pub run_sd: Option<f64>,
    /// Its degrees of freedom; `None`: many.
    pub run_df: Option<f64>,
    /// Noise of comparing code with itself, by rising numbers of blocks.
    pub noise: Vec<PassportNoise>,
}

/// The noise of comparing code with itself.
#[derive(Clone, Copy, Debug, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct PassportNoise {
    /// Blocks of each comparison.
    pub blocks: u64,
    /// 95 % of |ln ratio| lie below this.
    pub q95: f64,
    /// Comparisons made.
    pub comparisons: u64,
    /// How many of them were called changed.
    pub called_changed: u64,
    /// Lower end of the 95 % interval of the rate called changed.
    pub rate_low: f64,
    /// Its upper end.
    pub rate_high: f64,
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
            keep: Vec::new(),
            compare: true,
            passport: None,
            input_format: None,
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
    pub margins: BTreeMap<String, MarginSpec>,
    /// Assumed spread between processes on the log scale where a side has one process; default
    /// 0.10.
    pub assumed_fork_sd: f64,
    /// Assumed spread of the host between sides that ran one after the other; default 0.05.
    pub assumed_block_sd: f64,
    /// Share trimmed from each end for the trimmed mean and Yuen's test; default 0.2.
    pub trim: f64,
    /// Power that a plan aims at; default 0.8.
    pub power: f64,
    /// How often identical code may be called changed, whatever the margin: a called change also has
    /// a p-value of "no difference" below this. In (0, 0.5]; default 0.01.
    pub false_call: f64,
    /// Seed of sampled permutations, added to that of the data; default 0.
    pub seed: u64,
    /// Resamples of a bootstrap and permutations of a sampled test, from 999 to 999 999; default 9999, which
    /// makes the ranks of the usual levels whole. Time grows with them. Where each fits a model anew it is a
    /// fifth of them (scaling laws) or a tenth (carry-over); sign flips are 100 000 at least; the splits of a
    /// history stop as soon as they are clear.
    pub resamples: u64,
}

impl StatsConfig {
    /// How samples are drawn again for an interval of this confidence.
    #[must_use]
    pub fn resampling(&self, confidence: f64) -> Resampling {
        Resampling { confidence, replicates: self.resamples, seed: self.seed }
    }
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
            false_call: 0.01,
            seed: 0,
            resamples: REPLICATES,
        }
    }
}

/// The margin of a metric as it is written: `2%`, or an amount with its unit such as `5ns`. A bare
/// number is refused, since nobody can tell 2 from 0.02.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct MarginSpec {
    number: f64,
    /// The number as it was written: formatting numbers is no part of the page.
    digits: String,
    /// `%`, or a unit that [`tidy`] knows.
    unit: String,
}

/// What a margin must be.
const MARGIN_RANGE: &str = "a number above 0 with its unit, such as 2% (below 1000%) or 5ns";

impl MarginSpec {
    /// Reads a margin.
    ///
    /// # Errors
    /// When it has no unit or an unknown one, or is not above 0 (and below 1000%).
    pub fn parse(text: &str) -> Result<MarginSpec, ConfigError> {
        let text = text.trim();
        let end =
            text.find(|c: char| !(c.is_ascii_digit() || matches!(c, '.' | 'e' | '-' | '+'))).unwrap_or(text.len());
        let (digits, unit) = text.split_at_checked(end).unwrap_or((text, ""));
        let unit = unit.trim();
        let wrong = ConfigError::OutOfRange { name: "margin", range: MARGIN_RANGE };
        let number = crate::number::parse(digits.as_bytes()).ok_or_else(|| wrong.clone())?;
        let known = unit == "%" || tidy(unit).unit.quantity != Quantity::Other;
        let fits = number.is_finite() && number > 0.0 && (unit != "%" || number < 1000.0);
        if known && fits {
            Ok(MarginSpec { number, digits: digits.to_string(), unit: unit.to_string() })
        } else {
            Err(wrong)
        }
    }

    /// The margin as a ratio; `None` for an amount.
    #[must_use]
    pub fn ratio(&self) -> Option<f64> {
        (self.unit == "%").then_some(self.number / 100.0)
    }

    /// The margin on a series in some unit; `None` when the units do not fit.
    #[must_use]
    pub fn on(&self, unit: &Unit) -> Option<MarginValue> {
        if let Some(ratio) = self.ratio() {
            return Some(MarginValue::Ratio(ratio));
        }
        let own = tidy(&self.unit);
        let head = |name: &str| name.split('/').next().unwrap_or("").to_string();
        let fits = own.unit.quantity == unit.quantity && (head(&own.unit.name) == head(&unit.name));
        fits.then_some(MarginValue::Amount(self.number * own.factor))
    }
}

/// 1%, like [`StatsConfig::margin`].
impl Default for MarginSpec {
    fn default() -> MarginSpec {
        MarginSpec { number: 1.0, digits: "1".to_string(), unit: "%".to_string() }
    }
}

impl fmt::Display for MarginSpec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}{}", self.digits, self.unit)
    }
}

impl TryFrom<String> for MarginSpec {
    type Error = ConfigError;
    fn try_from(text: String) -> Result<MarginSpec, ConfigError> {
        MarginSpec::parse(&text)
    }
}

impl From<MarginSpec> for String {
    fn from(spec: MarginSpec) -> String {
        spec.to_string()
    }
}

/// A margin on one series.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum MarginValue {
    /// δ as a ratio.
    Ratio(f64),
    /// In the base unit of the series.
    Amount(f64),
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
    /// A cause of exclusion that does not exist, with the nearest one that does.
    UnknownCause {
        /// As typed.
        name: String,
        /// The nearest cause.
        nearest: String,
    },
    /// A format that is not read, with the nearest one that is.
    UnknownFormat {
        /// As typed.
        name: String,
        /// The nearest format's id.
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
            ConfigError::UnknownCause { name, nearest } => {
                write!(f, "nothing is left out for {name}; did you mean {nearest}?")
            }
            ConfigError::UnknownFormat { name, nearest } => {
                write!(f, "no format {name} is read; did you mean {nearest}? (`noisefloor formats` lists all)")
            }
            ConfigError::UnknownLimit { rule, name, nearest } => {
                write!(f, "rule {rule} has no limit {name}; did you mean {nearest}?")
            }
        }
    }
}

impl core::error::Error for ConfigError {}

// Whoever adds a setting adds its name here; the compiler asks for it.
fields_from_json!(
    closed AnalysisConfig: stats, limits, filter, gate, sides, top, keep, compare, passport, input_format,
);
fields_from_json!(closed PassportSettings: taken_at_seconds, margins, rows);
fields_from_json!(closed PassportRow: benchmark, metric, run_sd, run_df, noise);
fields_from_json!(closed PassportNoise: blocks, q95, comparisons, called_changed, rate_low, rate_high);
fields_from_json!(
    closed StatsConfig: confidence, margin, margins, assumed_fork_sd, assumed_block_sd, trim, power, false_call, seed,
    resamples,
);

impl<'a> FromJson<'a> for MarginSpec {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.parsed(&mut |text| MarginSpec::parse(text).map(|spec| *self = spec).is_ok(), MARGIN_RANGE)
    }
}

impl AnalysisConfig {
    /// Reads settings as JSON; what they leave out has its default. Ranges are those of
    /// [`AnalysisConfig::check`].
    ///
    /// # Errors
    /// When the text is no JSON, names something unknown or something twice, or holds another type
    /// than a setting has; the error tells which and where.
    pub fn from_json(text: &str) -> Result<AnalysisConfig, JsonError> {
        let mut config = AnalysisConfig::default();
        json::read(text.as_bytes(), &mut config)?;
        Ok(config)
    }

    /// Checks ranges and names; to be called once, when a configuration is made.
    ///
    /// # Errors
    /// The first setting that makes no sense.
    pub fn check(&self) -> Result<(), ConfigError> {
        let s = &self.stats;
        let within = |ok: bool, name, range| if ok { Ok(()) } else { Err(ConfigError::OutOfRange { name, range }) };
        within(s.confidence > 0.5 && s.confidence < 1.0, "confidence", "above 0.5 and below 1")?;
        within(s.margin > 0.0 && s.margin < 10.0, "margin", "above 0 and below 1000%")?;
        within(s.false_call > 0.0 && s.false_call <= 0.5, "false_call", "above 0 and at most 0.5")?;
        within(s.seed <= 1 << 53, "seed", "at most 2^53")?;
        within((999..=999_999).contains(&s.resamples), "resamples", "from 999 to 999999")?;
        within((0.0..=5.0).contains(&s.assumed_fork_sd), "assumed_fork_sd", "from 0 to 5")?;
        within((0.0..=5.0).contains(&s.assumed_block_sd), "assumed_block_sd", "from 0 to 5")?;
        within((0.0..0.5).contains(&s.trim), "trim", "from 0 to below 0.5")?;
        within(s.power > 0.0 && s.power < 1.0, "power", "above 0 and below 1")?;
        for cause in &self.keep {
            let excluding = Mark::ALL.into_iter().filter(|m| Marks::of(*m).intersects(Marks::EXCLUDING));
            if !excluding.clone().any(|m| m.code() == cause) {
                let nearest = nearest(cause, excluding.map(Mark::code));
                return Err(ConfigError::UnknownCause { name: cause.clone(), nearest });
            }
        }
        if let Some(name) = self.input_format.as_ref().filter(|id| crate::format::named(id).is_none()) {
            let nearest = nearest(name, crate::format::FORMATS.iter().map(|f| f.id));
            return Err(ConfigError::UnknownFormat { name: name.clone(), nearest });
        }
        let rows = self.passport.iter().flat_map(|p| &p.rows);
        let sane = |v: f64| (0.0..=10.0).contains(&v);
        let fits = |r: &PassportRow| {
            let noise = r.noise.iter().all(|n| sane(n.q95) && n.blocks > 0);
            noise && r.run_sd.is_none_or(sane) && r.run_df.is_none_or(|df| df > 0.0 && df.is_finite())
        };
        within(rows.into_iter().all(fits), "passport", "one whose spreads lie from 0 to 10")?;
        crate::health::check_limits(&self.limits)
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

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::{AnalysisConfig, MarginSpec, MarginValue};
    use crate::unit::tidy;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;
    use serde_json::{Value, json};

    /// The paths to the leaves of a JSON value; an empty object is one.
    fn leaves(value: &Value, path: &str, out: &mut Vec<String>) {
        match value.as_object().filter(|fields| !fields.is_empty()) {
            Some(fields) => {
                fields.iter().for_each(|(name, inner)| leaves(inner, &alloc::format!("{path}/{name}"), out));
            }
            None => out.push(path.to_string()),
        }
    }

    #[test]
    fn every_setting_is_read_as_serde_reads_it() {
        let default = serde_json::to_value(AnalysisConfig::default()).unwrap();
        let mut paths = Vec::new();
        leaves(&default, "", &mut paths);
        let others = [
            json!("5ns"),
            json!(["a", "b"]),
            json!([0.25, 2.0]),
            json!({"a": "2%", "b": "7ns"}),
            json!({"a": {"b": 0.1}, "c": {}}),
            json!(7),
            json!(0.3),
            json!(true),
            json!(false),
            json!(null),
        ];
        for path in &paths {
            let mut read = 0;
            for other in &others {
                let mut changed = default.clone();
                *changed.pointer_mut(path).unwrap() = other.clone();
                let text = changed.to_string();
                let (ours, theirs) = (AnalysisConfig::from_json(&text), serde_json::from_str::<AnalysisConfig>(&text));
                match (ours, theirs) {
                    (Ok(ours), Ok(theirs)) => {
                        assert_eq!(ours, theirs, "{text}");
                        read += u32::from(ours != AnalysisConfig::default());
                    }
                    (Err(_), Err(_)) => {}
                    (ours, theirs) => panic!("{text}: {ours:?}, {theirs:?}"),
                }
            }
            assert!(read > 0, "no other value of {path} was read: give this test one");
        }
        assert_eq!(AnalysisConfig::from_json("{}").unwrap(), AnalysisConfig::default());
        for (text, want) in [
            ("{\"stats\":\n{\"alpha\":1}}", "unknown field alpha at line 2 column 2"),
            ("{\"top\":1,\"top\":2}", "the field top stands there twice at line 1 column 10"),
            ("{\"stats\":{\"margins\":{\"time\":\"2\"}}}", "expected a number above 0 with its unit"),
            ("{\"top\":-1}", "expected a whole number from 0 at line 1 column 8"),
            ("{} {}", "not valid JSON: more follows behind the value at line 1 column 4"),
        ] {
            let error = AnalysisConfig::from_json(text).unwrap_err().to_string();
            assert!(error.starts_with(want), "{error}");
        }
    }

    #[test]
    fn margins_need_their_unit() {
        let on = |text: &str, unit: &str| MarginSpec::parse(text).unwrap().on(&tidy(unit).unit);
        assert_eq!(on("2%", "ns/op"), Some(MarginValue::Ratio(0.02)));
        assert_eq!(on("5ns", "ns/op"), Some(MarginValue::Amount(5.0 * 1e-9)));
        assert_eq!(on("1.5 KiB", "B/op"), Some(MarginValue::Amount(1536.0)));
        assert_eq!(on("3allocs", "allocs/op"), Some(MarginValue::Amount(3.0)));
        assert_eq!(on("5ns", "B/op"), None);
        assert_eq!(on("5ns", "MB/s"), None);
        for text in ["2", "0.02", "", "%", "-1%", "0%", "1000%", "NaN%", "1e999ns", "5 parsecs", "ns5"] {
            assert!(MarginSpec::parse(text).is_err(), "{text}");
        }
        for text in ["2%", "5ns", "0.25ms", "3allocs/op"] {
            assert_eq!(MarginSpec::parse(text).unwrap().to_string(), text);
        }
    }
}
