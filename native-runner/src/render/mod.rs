//! The engine's report for people: numbers and words, no decisions.

mod carry;
pub mod catalogue;
pub mod csv;
mod doubts;
mod evidence;
pub mod formats;
pub mod markdown;
mod notes;
mod number;
pub mod openmetrics;
pub mod page;
pub mod passport;
mod plan;
pub mod profile;
mod rows;
pub mod selftest;
pub mod text;
mod verdict;

use noisefloor_core::report::Report;

pub(crate) use number::{change, decimals, digits, scale};
pub(crate) use rows::lines;
pub(crate) use verdict::headline;

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

/// Prose in lines of at most 80 columns, broken at blanks; `indent` stands before all lines but the first, whose
/// own start is part of the text.
pub(crate) fn wrap(text: &str, indent: usize) -> String {
    const COLUMNS: usize = 80;
    let (mut out, mut at) = (String::new(), 0);
    for (i, word) in text.split(' ').enumerate() {
        let own = width(word);
        if i > 0 && at + 1 + own > COLUMNS && at > indent {
            out.push('\n');
            out.push_str(&" ".repeat(indent));
            at = indent;
        } else if i > 0 {
            out.push(' ');
            at += 1;
        }
        out.push_str(word);
        at += own;
    }
    out
}

/// The first few of many names, and how many more there are.
pub(crate) fn some_of(names: &[String], most: usize) -> String {
    // A tail of one name is shorter than the words about it.
    let shown = if names.len() == most + 1 { most + 1 } else { most.min(names.len()) };
    let more = if names.len() > shown { format!(" and {} more", names.len() - shown) } else { String::new() };
    format!("{}{more}", names[..shown].join(", "))
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
