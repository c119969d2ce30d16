//! A table for a pull request.

use std::fmt::Write;

use noisefloor_core::report::Report;

use crate::render::{evidence, headline, lines, passport};

/// The report as Markdown.
#[must_use]
pub fn report(report: &Report, only_changed: bool) -> String {
    let mut out = format!("**{}**\n\n", headline(report));
    out.push_str("| Verdict | Benchmark | Baseline | Candidate | Change | Interval |\n|---|---|--:|--:|--:|--:|\n");
    for l in lines(report, only_changed) {
        let cells = [l.verdict, &l.name, &l.baseline, &l.candidate, &l.change, &l.interval].map(escape);
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    for alarm in passport::alarms(report) {
        let _ = write!(out, "\n{}\n", escape(&alarm));
    }
    for (title, lines) in evidence::blocks(report) {
        let _ = write!(out, "\n**{}**\n\n", escape(&title));
        for line in lines {
            let _ = writeln!(out, "- {}", escape(&line));
        }
    }
    out
}

/// Names come from files: nothing in them may become markup.
fn escape(text: &str) -> String {
    let mut out = String::new();
    for c in text.chars() {
        match c {
            '<' => out.push_str("&lt;"),
            '&' => out.push_str("&amp;"),
            '|' | '*' | '_' | '`' | '[' | ']' | '\\' | '#' | '!' | '@' => {
                out.push('\\');
                out.push(c);
            }
            _ => out.push(c),
        }
    }
    out
}
