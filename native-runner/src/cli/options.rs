//! The flags that all judging commands share, and the settings that they make.

use clap::{Args, ValueEnum};
use noisefloor_core::AnalysisConfig;
use noisefloor_core::config::MarginSpec;
use noisefloor_core::format;
use noisefloor_core::stats::passport::Passport;
use noisefloor_core::unit::Unit;

/// What is printed.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, ValueEnum)]
pub(super) enum Format {
    /// Tables for people
    #[default]
    Text,
    /// Tables for a pull request
    Markdown,
    /// One comparison a line
    Csv,
    /// The whole report
    Json,
    /// Gauges and state sets for monitoring
    #[value(name = "openmetrics")]
    OpenMetrics,
}

/// What all judging commands take.
#[derive(Args, Debug, Default)]
pub(super) struct Options {
    /// Settings; default: noisefloor.toml in this folder, where there is one
    #[arg(long, value_name = "FILE")]
    config: Option<std::path::PathBuf>,
    /// The whole report as JSON; the same as --format json
    #[arg(long)]
    pub(super) json: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    pub(super) format: Format,
    /// Read every file as this format, whatever it looks like (see `noisefloor formats`)
    #[arg(long, value_name = "ID", value_parser = input_format)]
    pub(super) input_format: Option<&'static format::Format>,
    /// Exit with 3 when a row is not decided, with 4 when the data are invalid
    #[arg(long)]
    pub(super) strict: bool,
    /// Only benchmarks whose name matches: text anywhere, ^ and $ anchors, * and |
    #[arg(long)]
    pub(super) filter: Option<String>,
    /// Metrics that gate, by name or unit; default: each benchmark's time
    #[arg(help_heading = "Statistics", long)]
    gate: Vec<String>,
    /// What a change must exceed to matter, e.g. 2%; for one metric METRIC=2% or METRIC=5ns
    #[arg(help_heading = "Statistics", long, value_parser = margin)]
    margin: Vec<(Option<String>, MarginSpec)>,
    /// Confidence of intervals [default: 0.95]
    #[arg(help_heading = "Statistics", long)]
    confidence: Option<f64>,
    /// Noise-floor passport of this host (`noisefloor passport`): margins and spreads between runs follow it
    #[arg(help_heading = "Statistics", long, value_name = "FILE")]
    passport: Option<std::path::PathBuf>,
    /// Override a rule's limit: RULE.LIMIT=VALUE (see `noisefloor rules`)
    #[arg(help_heading = "Statistics", long, value_parser = rule_limit)]
    limit: Vec<(String, String, f64)>,
    /// Ignore a cause for which values are left out, e.g. gc_biased: its values take part again
    #[arg(help_heading = "Statistics", long, value_name = "CAUSE")]
    keep: Vec<String>,
    /// Resamples of each bootstrap and sampled permutation test, from 999 to 999999; a fifth of them where each fits
    /// curves, a tenth for carry-over [default: 9999]
    #[arg(help_heading = "Statistics", long, value_name = "N")]
    resamples: Option<u64>,
    /// Spread assumed between runs where a side has one process, e.g. 10%
    #[arg(help_heading = "Statistics", long, value_parser = percent)]
    assumed_fork_sd: Option<f64>,
    /// Spread assumed of the host between sides that ran one after the other, e.g. 5%
    #[arg(help_heading = "Statistics", long, value_parser = percent)]
    assumed_block_sd: Option<f64>,
}

/// A format by its id.
pub(super) fn input_format(id: &str) -> Result<&'static format::Format, String> {
    format::named(id).ok_or_else(|| {
        let ids: Vec<&str> = format::FORMATS.iter().map(|f| f.id).collect();
        format!("there is no format {id}; there are {}", ids.join(", "))
    })
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').ok_or("a ratio needs its unit: write 2%, not 2 or 0.02")?;
    number.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(|v| v / 100.0).ok_or("not a number".into())
}

fn margin(text: &str) -> Result<(Option<String>, MarginSpec), String> {
    let (metric, value) = match text.rsplit_once('=') {
        Some((metric, value)) => (Some(metric.to_string()), value),
        None => (None, text),
    };
    let spec = MarginSpec::parse(value).map_err(|e| e.to_string())?;
    if metric.is_none() && spec.ratio().is_none() {
        return Err(format!("{value} is an amount: say of which metric, such as time={value}"));
    }
    // That of other metrics is known when the files are read; `run` reads them after it measured.
    if metric.as_deref() == Some("time") && spec.on(&Unit::seconds()).is_none() {
        return Err(format!("{value} is no time: write a share, such as 2%, or an amount, such as 5ns"));
    }
    Ok((metric, spec))
}

fn rule_limit(text: &str) -> Result<(String, String, f64), String> {
    let (path, value) = text.split_once('=').ok_or("write RULE.LIMIT=VALUE")?;
    let (rule, name) = path.split_once('.').ok_or("write RULE.LIMIT=VALUE")?;
    let value = value.parse().map_err(|_| "the value is not a number")?;
    Ok((rule.to_string(), name.to_string(), value))
}

impl Options {
    /// For a command with few of these flags.
    pub(super) fn of(config: Option<std::path::PathBuf>, input_format: Option<&'static format::Format>) -> Options {
        Options { config, input_format, ..Options::default() }
    }

    /// What the file says, and whether it sets a margin.
    fn file_settings(&self) -> Result<(AnalysisConfig, bool), String> {
        let path = match &self.config {
            Some(path) => path.clone(),
            None => std::path::PathBuf::from("noisefloor.toml"),
        };
        match std::fs::read_to_string(&path) {
            Ok(text) => {
                let fail = |e: toml::de::Error| format!("{}: {e}", path.display());
                let config: AnalysisConfig = toml::from_str(&text).map_err(fail)?;
                if config.passport.is_some() {
                    return Err(format!(
                        "{}: a passport is given by --passport, which checks its host and its age",
                        path.display()
                    ));
                }
                let table: toml::Table = toml::from_str(&text).map_err(fail)?;
                let stats = table.get("stats").and_then(toml::Value::as_table);
                Ok((config, stats.is_some_and(|s| s.contains_key("margin"))))
            }
            Err(e) if e.kind() == std::io::ErrorKind::NotFound && self.config.is_none() => {
                Ok((AnalysisConfig::default(), false))
            }
            Err(e) => Err(format!("{}: {e}", path.display())),
        }
    }

    /// The settings: defaults, then the file, then the flags.
    pub(super) fn config(&self, compare: bool) -> Result<AnalysisConfig, String> {
        let (mut config, has_margin) = self.file_settings()?;
        config.compare = compare;
        if let Some(format) = self.input_format {
            config.input_format = Some(format.id.to_string());
        }
        if self.filter.is_some() {
            config.filter.clone_from(&self.filter);
        }
        if !self.gate.is_empty() {
            config.gate.clone_from(&self.gate);
        }
        if !self.keep.is_empty() {
            config.keep.clone_from(&self.keep);
        }
        config.stats.confidence = self.confidence.unwrap_or(config.stats.confidence);
        config.stats.resamples = self.resamples.unwrap_or(config.stats.resamples);
        for (metric, value) in &self.margin {
            match metric {
                Some(metric) => drop(config.stats.margins.insert(metric.clone(), value.clone())),
                None => config.stats.margin = value.ratio().unwrap_or(config.stats.margin),
            }
        }
        for (rule, name, value) in &self.limit {
            config.limits.entry(rule.clone()).or_default().insert(name.clone(), *value);
        }
        config.stats.assumed_fork_sd = self.assumed_fork_sd.unwrap_or(config.stats.assumed_fork_sd);
        config.stats.assumed_block_sd = self.assumed_block_sd.unwrap_or(config.stats.assumed_block_sd);
        for (name, sd) in
            [("assumed_fork_sd", config.stats.assumed_fork_sd), ("assumed_block_sd", config.stats.assumed_block_sd)]
        {
            // Without any, one run would decide everything.
            if sd == 0.0 {
                return Err(format!("{name} must be above 0%: what a file cannot show is assumed, never none"));
            }
        }
        if let Some(passport) = self.passport()? {
            let has_margin = has_margin || self.margin.iter().any(|(metric, _)| metric.is_none());
            config.passport = Some(passport.settings(!has_margin));
        }
        config.check().map_err(|e| e.to_string())?;
        Ok(config)
    }

    /// The passport named, not yet checked against a host and a day.
    pub(super) fn passport(&self) -> Result<Option<Passport>, String> {
        self.passport.as_deref().map(super::passport::load).transpose()
    }
}
