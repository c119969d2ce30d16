//! The words of the page, for the terminal: a rule finds, the catalogue speaks.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use noisefloor_core::health::Finding;
use noisefloor_core::report::Reason;
use noisefloor_core::source::NoticeCode;

use crate::render::printable;

/// The English catalogue.
fn words() -> &'static BTreeMap<String, String> {
    static WORDS: OnceLock<BTreeMap<String, String>> = OnceLock::new();
    // A test reads every key; a catalogue that is no JSON would leave the ids, which are readable too.
    WORDS.get_or_init(|| serde_json::from_str(include_str!("../../../www/locales/en.json")).unwrap_or_default())
}

/// A part of the text of a finding (`title`, `body`, `remedy`) with its numbers filled in.
#[must_use]
pub fn finding(finding: &Finding, part: &str) -> Option<String> {
    let mut text = words().get(&format!("finding.{}.{part}", finding.rule))?.clone();
    for (name, value) in &finding.evidence {
        text = text.replace(&format!("{{{name}}}"), &number(&finding.rule, name, *value));
    }
    Some(printable(&text))
}

/// What a notice means.
#[must_use]
pub fn notice(code: NoticeCode) -> String {
    // Its id in the report is also its key in the catalogue.
    let id = self::code(code);
    words().get(&format!("notice.{id}")).cloned().unwrap_or(id)
}

/// Why a verdict is what it is.
#[must_use]
pub fn reason(reason: Reason) -> String {
    let id = code(reason);
    words().get(&format!("reason.{id}")).cloned().unwrap_or(id)
}

/// The stable id of a reason, a design or a method, as it stands in the report.
pub(crate) fn code(value: impl serde::Serialize) -> String {
    serde_json::to_value(value).ok().and_then(|v| v.as_str().map(str::to_string)).unwrap_or_default()
}

/// Words without a number in them, by their key.
pub(crate) fn word(key: &str) -> String {
    words().get(key).cloned().unwrap_or_else(|| key.to_string())
}

/// Rules whose observation is a ratio, so that 2.58 is 258%; the page has the same list.
const RATIOS: [&str; 13] = [
    "score-error",
    "high-dispersion",
    "pair-ratio-skewed",
    "drift",
    "history-change",
    "history-alarm",
    "noise-cause",
    "freq-scaling",
    "order-effect",
    "not-orthogonal",
    "no-steady-state",
    "warmup-insufficient",
    "cyclic",
];

/// Evidence as text: below 1 it is a share, but for seconds.
fn number(rule: &str, name: &str, value: f64) -> String {
    let is_ratio = name == "observed" && RATIOS.contains(&rule);
    match value {
        v if rule == "ignores-iteration-count" => format!("{v:.1e}"),
        v if v != 0.0 && v.is_finite() && (v.abs() < 1.0 || is_ratio) => {
            // Three significant digits.
            let percent = v * 100.0;
            let places = (2 - percent.abs().log10().floor() as i32).clamp(0, 6) as usize;
            let text = format!("{percent:.places$}");
            let text = if places > 0 { text.trim_end_matches('0').trim_end_matches('.') } else { &text };
            format!("{text}%")
        }
        v if v == v.trunc() => format!("{v:.0}"),
        v => format!("{v:.2}"),
    }
}

#[cfg(test)]
mod tests {
    use noisefloor_core::health::RULES;

    #[test]
    fn ratios_are_percentages_above_one_too() {
        assert_eq!(super::number("score-error", "observed", 2.58), "258%");
        assert_eq!(super::number("tail-spikes", "observed", 2.58), "2.58");
        assert_eq!(super::number("outliers", "observed", 0.1234), "12.3%");
        assert_eq!(super::number("ignores-iteration-count", "observed", 2.7e-10), "2.7e-10");
    }

    #[test]
    fn every_rule_has_words() {
        for rule in RULES {
            for part in ["title", "body", "remedy"] {
                assert!(super::words().contains_key(&format!("finding.{}.{part}", rule.id)), "{} {part}", rule.id);
            }
        }
    }
}
