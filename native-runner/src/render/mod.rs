//! The engine's report for people: numbers and words, no decisions.

mod carry;
pub mod catalogue;
pub mod csv;
mod evidence;
pub mod formats;
pub mod markdown;
pub mod openmetrics;
pub mod page;
pub mod passport;
pub mod profile;
pub mod selftest;
pub mod text;

use noisefloor_core::report::{Comparison, Report, ReportRow, Verdict};
use noisefloor_core::unit::Quantity;

/// Text from a file, safe to print: control characters, escapes and direction overrides show as
/// their code.
#[must_use]
pub fn printable(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        let hostile =
            c.is_control() || matches!(c, '\u{200e}' | '\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}');
        if hostile {
            out.push_str(&format!("\\u{{{:x}}}", u32::from(c)));
        } else {
            out.push(c);
        }
    }
    out
}

/// Columns of a character in a terminal: East Asian wide characters and emoji take two, combining ones none. The
/// ranges are those of Unicode's EastAsianWidth that matter, not all.
fn columns(c: char) -> usize {
    match u32::from(c) {
        0x0300..=0x036f | 0x0483..=0x0489 | 0x0591..=0x05bd | 0x064b..=0x065f | 0x0e34..=0x0e3a | 0x1ab0..=0x1aff => 0,
        0x200b..=0x200d | 0x20d0..=0x20ff | 0xfe00..=0xfe0f | 0xfe20..=0xfe2f => 0,
        0x1100..=0x115f | 0x2e80..=0x303e | 0x3041..=0xa4cf | 0xa960..=0xa97c | 0xac00..=0xd7a3 => 2,
        0xf900..=0xfaff | 0xfe30..=0xfe6f | 0xff00..=0xff60 | 0xffe0..=0xffe6 => 2,
        0x1f300..=0x1f64f | 0x1f680..=0x1f6ff | 0x1f900..=0x1f9ff | 0x20000..=0x3fffd => 2,
        _ => 1,
    }
}

/// Columns of a text in a terminal.
pub(crate) fn width(text: &str) -> usize {
    text.chars().map(columns).sum()
}

/// A text filled up with blanks to a number of columns, on the right or on the left.
pub(crate) fn pad(text: &str, to: usize, left: bool) -> String {
    let blanks = " ".repeat(to.saturating_sub(width(text)));
    if left { blanks + text } else { text.to_string() + &blanks }
}

/// As much of a text as fits into some columns.
pub(crate) fn cut(text: &str, to: usize) -> String {
    let mut left = to;
    let fits = |c: &char| {
        columns(*c) <= left && {
            left -= columns(*c);
            true
        }
    };
    text.chars().take_while(fits).collect()
}

/// A name that fits into a table: the middle of a long one is left out.
pub(crate) fn shorten(name: &str) -> String {
    const MOST: usize = 100;
    let count = name.chars().count();
    if count <= MOST {
        return name.to_string();
    }
    let head: String = name.chars().take(MOST / 2).collect();
    let tail: String = name.chars().skip(count - MOST / 2 + 1).collect();
    format!("{head}…{tail}")
}

/// The day of a moment in seconds since 1970 UTC, as 2026-11-25 (proleptic Gregorian; Richards 2013).
pub(crate) fn day(seconds: u64) -> String {
    let julian = (seconds / 86_400).min(1_000_000_000) + 2_440_588;
    let f = julian + 1401 + (4 * julian + 274_277) / 146_097 * 3 / 4 - 38;
    let e = 4 * f + 3;
    let h = 5 * (e % 1461 / 4) + 2;
    let (day, month) = (h % 153 / 5 + 1, (h / 153 + 2) % 12 + 1);
    let year = e / 1461 + (14 - month) / 12 - 4716;
    format!("{year:04}-{month:02}-{day:02}")
}

/// Verdict with its mark: never the colour alone, never the shape alone.
pub(crate) fn verdict(v: Verdict) -> &'static str {
    match v {
        Verdict::Regressed => "▲ regressed",
        Verdict::LikelyWorse => "△ likely worse",
        Verdict::NotComparable => "⊘ not comparable",
        Verdict::Inconclusive => "? inconclusive",
        Verdict::Improved => "● improved",
        Verdict::LikelyBetter => "○ likely better",
        Verdict::Equivalent => "= equivalent",
    }
}

/// One line of a comparison, as text.
pub(crate) struct Line {
    pub(crate) verdict: &'static str,
    pub(crate) name: String,
    pub(crate) baseline: String,
    pub(crate) candidate: String,
    pub(crate) change: String,
    pub(crate) interval: String,
}

/// The comparisons to show, primary rows first.
pub(crate) fn lines(report: &Report, only_changed: bool) -> Vec<Line> {
    let mut out = Vec::new();
    for row in &report.rows {
        for comparison in &row.comparisons {
            if only_changed && comparison.verdict == Verdict::Equivalent {
                continue;
            }
            out.push(line(report, row, comparison));
        }
    }
    out
}

fn line(report: &Report, row: &ReportRow, c: &Comparison) -> Line {
    let side = |i: usize| row.sides.get(i).and_then(Option::as_ref).map(|s| s.mean.value);
    let (a, b) = (side(0), side(c.candidate as usize));
    let scale = a.or(b).map_or((1.0, String::new()), |v| scale(row, v));
    let show = |v: Option<f64>| {
        v.map_or("–".to_string(), |v| format!("{} {}", digits(v / scale.0), scale.1).trim_end().to_string())
    };
    let mut name = shorten(&printable(&row.label));
    if !row.primary {
        name.push_str(&format!(" [{}]", printable(&row.metric)));
    }
    if report.sides.len() > 2 {
        let side = report.sides.get(c.candidate as usize).map_or("", |s| &s.name);
        name.push_str(&format!(" ({})", printable(side)));
    }
    let difference = c.difference.as_ref();
    let ratio = difference.and_then(|d| d.ratio);
    let bounds = difference.and_then(|d| d.ratio_interval).and_then(|i| i.low.zip(i.high));
    let decimals = bounds.map_or(1, |(l, h)| decimals((h - l) * 50.0));
    Line {
        verdict: verdict(c.verdict),
        name,
        baseline: show(a),
        candidate: show(b),
        change: match (ratio, bounds) {
            (None, _) => "–".to_string(),
            // Exactly the same, so that there is nothing to be precise about.
            (Some(1.0), Some((l, h))) if l == h => "0%".to_string(),
            (Some(r), _) => change(r, decimals),
        },
        interval: match bounds {
            Some((l, h)) if l != h => format!("[{}, {}]", change(l, decimals), change(h, decimals)),
            _ => String::new(),
        },
    }
}

/// Decimals that leave two significant digits of a half-width, from 0 to 3.
pub(crate) fn decimals(half_width: f64) -> usize {
    match half_width {
        w if w >= 10.0 => 0,
        w if w >= 1.0 => 1,
        w if w >= 0.1 => 2,
        _ => 3,
    }
}

/// A ratio as a change: percent up to a factor of 2, a factor beyond.
pub(crate) fn change(ratio: f64, decimals: usize) -> String {
    if ratio > 2.0 || (ratio > 0.0 && ratio < 0.5) {
        return format!("×{}", digits(ratio));
    }
    let percent = (ratio - 1.0) * 100.0;
    let text = format!("{:.decimals$}", percent.abs());
    format!("{}{text}%", if percent < 0.0 { "−" } else { "+" })
}

/// Four significant digits.
pub(crate) fn digits(value: f64) -> String {
    let size = value.abs();
    let decimals = match size {
        s if s >= 1000.0 || s == 0.0 => 0,
        s if s >= 100.0 => 1,
        s if s >= 10.0 => 2,
        _ => 3,
    };
    format!("{value:.decimals$}").replace('-', "−")
}

/// The factor and the name of the unit in which a value of a row reads well.
pub(crate) fn scale(row: &ReportRow, value: f64) -> (f64, String) {
    let (base, tail) =
        row.unit.split_once('/').map_or((row.unit.as_str(), String::new()), |(b, t)| (b, format!("/{t}")));
    let steps: &[(f64, &str)] = match (row.quantity, base) {
        (Quantity::Time, "s") => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        (_, "B") => &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")],
        (Quantity::Rate, _) => {
            let steps = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
            let (factor, prefix) = steps.into_iter().find(|(f, _)| value.abs() >= *f).unwrap_or((1.0, ""));
            return (factor, format!("{prefix}{}", printable(&row.unit)));
        }
        _ => return (1.0, printable(&row.unit)),
    };
    let fits = steps.iter().find(|(f, _)| value.abs() >= *f).or(steps.last());
    fits.map_or((1.0, row.unit.clone()), |(f, name)| (*f, format!("{name}{tail}")))
}

/// How many rows have which verdict, as the sentence that a pull request would quote.
pub(crate) fn headline(report: &Report) -> String {
    let of = |wanted: Verdict| {
        let all = report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons);
        all.filter(|c| c.verdict == wanted).count()
    };
    let total: usize = Verdict::ALL.into_iter().map(of).sum();
    if total == 0 {
        return "Nothing to compare: no benchmark is on both sides".into();
    }
    let words = [
        (Verdict::Regressed, "regressed"),
        (Verdict::LikelyWorse, "likely worse"),
        (Verdict::Improved, "improved"),
        (Verdict::LikelyBetter, "likely better"),
        (Verdict::Inconclusive, "not decided"),
        (Verdict::NotComparable, "not comparable"),
        (Verdict::Equivalent, "equivalent"),
    ];
    let parts: Vec<String> =
        words.into_iter().filter(|(v, _)| of(*v) > 0).map(|(v, word)| format!("{} {word}", of(v))).collect();
    format!("{total} compared: {}", parts.join(", "))
}

/// The state of a measurement in a few words: the first rows with their intervals.
pub(crate) fn progress(report: &Report) -> Option<String> {
    let compared: Vec<String> = lines(report, false)
        .into_iter()
        .zip(report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons))
        .take(3)
        .map(|(line, c)| {
            let side = report.sides.get(c.candidate as usize).map_or("", |s| &s.name);
            format!("{} {} {}", printable(side), line.change, line.interval).trim_end().to_string()
        })
        .collect();
    if !compared.is_empty() {
        return Some(compared.join("; "));
    }
    let row = report.rows.first()?;
    let mean = &row.sides.first()?.as_ref()?.mean;
    let (factor, unit) = scale(row, mean.value);
    let bounds = mean.interval.and_then(|i| i.low.zip(i.high));
    let interval =
        bounds.map(|(l, h)| format!(" [{}, {}]", digits(l / factor), digits(h / factor))).unwrap_or_default();
    Some(format!("{}{interval} {unit}", digits(mean.value / factor)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_of_a_terminal() {
        assert_eq!((width("abc"), width("基准"), width("e\u{301}"), width("한글🙂")), (3, 4, 1, 6));
        assert_eq!(
            (pad("基", 4, false), pad("基", 4, true), pad("long", 2, true)),
            ("基  ".into(), "  基".into(), "long".into())
        );
        assert_eq!((cut("基准a", 3), cut("abc", 9)), ("基".into(), "abc".into()));
        assert_eq!(printable("a\u{1b}[31m\n\u{202e}"), "a\\u{1b}[31m\\u{a}\\u{202e}");
        assert_eq!(shorten(&"x".repeat(10_000)).chars().count(), 100);
    }

    #[test]
    fn days_of_the_calendar() {
        assert_eq!(
            (day(0), day(951_782_400), day(1_000_000_000)),
            ("1970-01-01".into(), "2000-02-29".into(), "2001-09-09".into())
        );
        assert_eq!((day(1_795_590_838), day(4_107_542_399)), ("2026-11-25".into(), "2100-02-28".into()));
        assert!(!day(u64::MAX).is_empty());
    }
}
