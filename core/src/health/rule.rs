//! Rules as data: id, severity, limits and defaults are a table that the page can list, a user
//! can override, and METHODOLOGY can cite.

use alloc::collections::BTreeMap;
use alloc::string::String;

use crate::config::{ConfigError, nearest};
use crate::health::Severity;

/// One rule.
#[derive(Clone, Copy, Debug)]
pub struct Rule {
    /// Stable kebab-case id; also the key of its words: `finding.<id>.title|body|remedy`.
    pub id: &'static str,
    /// Its weight.
    pub severity: Severity,
    /// Numbers that a user can override.
    pub limits: &'static [Limit],
}

/// A number that a rule compares with.
#[derive(Clone, Copy, Debug)]
pub struct Limit {
    /// Its name, unique within the rule.
    pub name: &'static str,
    /// Its default.
    pub default: f64,
}

/// Every rule, by id.
pub static RULES: &[Rule] = &[
    Rule {
        id: "ignores-iteration-count",
        severity: Severity::Error,
        limits: &[Limit { name: "min_iterations", default: 1e9 }, Limit { name: "max_seconds_per_op", default: 3e-10 }],
    },
    Rule { id: "failed-forks", severity: Severity::Error, limits: &[] },
    Rule { id: "ignored-failures", severity: Severity::Warning, limits: &[] },
    Rule {
        id: "score-error",
        severity: Severity::Warning,
        limits: &[Limit { name: "healthy", default: 0.02 }, Limit { name: "insufficient", default: 0.08 }],
    },
    Rule {
        id: "tail-spikes",
        severity: Severity::Warning,
        limits: &[Limit { name: "healthy", default: 1.3 }, Limit { name: "spikes", default: 2.1 }],
    },
    Rule { id: "single-process", severity: Severity::Note, limits: &[] },
    Rule { id: "sequential-arms", severity: Severity::Note, limits: &[] },
    Rule { id: "too-few-forks", severity: Severity::Warning, limits: &[Limit { name: "min_forks", default: 5.0 }] },
    Rule { id: "high-dispersion", severity: Severity::Warning, limits: &[Limit { name: "max_ratio", default: 0.10 }] },
    Rule { id: "skewed-mean", severity: Severity::Warning, limits: &[] },
    Rule { id: "outliers", severity: Severity::Note, limits: &[Limit { name: "max_share", default: 0.10 }] },
    Rule { id: "quantised", severity: Severity::Note, limits: &[Limit { name: "max_distinct_share", default: 0.2 }] },
    Rule { id: "pair-ratio-skewed", severity: Severity::Warning, limits: &[] },
    Rule { id: "order-effect", severity: Severity::Warning, limits: &[] },
    Rule {
        id: "asymmetric-interruption",
        severity: Severity::Note,
        limits: &[Limit { name: "max_share", default: 0.05 }],
    },
    Rule { id: "environment-differs", severity: Severity::Warning, limits: &[] },
    Rule { id: "throttled", severity: Severity::Warning, limits: &[] },
    Rule { id: "interrupted", severity: Severity::Note, limits: &[] },
    Rule {
        id: "autocorrelated",
        severity: Severity::Note,
        limits: &[Limit { name: "min_effective", default: 0.5 }, Limit { name: "max_p", default: 0.01 }],
    },
    Rule { id: "no-steady-state", severity: Severity::Warning, limits: &[Limit { name: "min_share", default: 0.5 }] },
    Rule {
        id: "warmup-insufficient",
        severity: Severity::Warning,
        limits: &[Limit { name: "min_share", default: 0.5 }],
    },
    Rule { id: "cyclic", severity: Severity::Note, limits: &[Limit { name: "min_share", default: 0.5 }] },
    Rule { id: "drift", severity: Severity::Warning, limits: &[] },
    Rule { id: "multimodal", severity: Severity::Note, limits: &[Limit { name: "max_p", default: 0.001 }] },
    Rule { id: "mode-weights", severity: Severity::Note, limits: &[Limit { name: "max_p", default: 0.01 }] },
    Rule { id: "noise-cause", severity: Severity::Note, limits: &[Limit { name: "min_explained", default: 0.1 }] },
    #[cfg(feature = "full")]
    Rule { id: "freq-scaling", severity: Severity::Note, limits: &[] },
    Rule { id: "exclusion-decides", severity: Severity::Warning, limits: &[] },
    Rule { id: "not-orthogonal", severity: Severity::Warning, limits: &[] },
    Rule { id: "history-change", severity: Severity::Note, limits: &[] },
    Rule { id: "history-alarm", severity: Severity::Warning, limits: &[] },
    Rule { id: "throughput-peaks", severity: Severity::Note, limits: &[] },
    #[cfg(feature = "full")]
    Rule { id: "gc-bound", severity: Severity::Warning, limits: &[] },
    Rule { id: "exclusions", severity: Severity::Note, limits: &[Limit { name: "max_share", default: 0.10 }] },
    Rule { id: "asymmetric-exclusion", severity: Severity::Error, limits: &[Limit { name: "max_p", default: 0.05 }] },
    Rule {
        id: "profile-few-samples",
        severity: Severity::Warning,
        limits: &[Limit { name: "min_samples", default: 1000.0 }],
    },
    Rule {
        id: "profile-unrooted",
        severity: Severity::Warning,
        limits: &[Limit { name: "min_rooted", default: 0.95 }],
    },
    Rule {
        id: "profile-unsymbolized",
        severity: Severity::Warning,
        limits: &[Limit { name: "min_symbolized", default: 0.9 }],
    },
];

/// The limit in effect.
#[must_use]
pub fn limit(limits: &BTreeMap<String, BTreeMap<String, f64>>, rule: &str, name: &str) -> f64 {
    if let Some(v) = limits.get(rule).and_then(|r| r.get(name)) {
        return *v;
    }
    RULES
        .iter()
        .find(|r| r.id == rule)
        .and_then(|r| r.limits.iter().find(|l| l.name == name))
        .map_or(0.0, |l| l.default)
}

/// Checks that overrides name rules and limits that exist.
///
/// # Errors
/// The first that does not, with the nearest one that does.
pub fn check_limits(limits: &BTreeMap<String, BTreeMap<String, f64>>) -> Result<(), ConfigError> {
    for (id, overrides) in limits {
        let Some(rule) = RULES.iter().find(|r| r.id == id) else {
            return Err(ConfigError::UnknownRule {
                name: id.clone(),
                nearest: nearest(id, RULES.iter().map(|r| r.id)),
            });
        };
        for (name, value) in overrides {
            if !rule.limits.iter().any(|l| l.name == name) {
                let nearest = nearest(name, rule.limits.iter().map(|l| l.name));
                return Err(ConfigError::UnknownLimit { rule: id.clone(), name: name.clone(), nearest });
            }
            if !value.is_finite() {
                return Err(ConfigError::OutOfRange { name: "limits", range: "finite numbers" });
            }
        }
    }
    Ok(())
}
