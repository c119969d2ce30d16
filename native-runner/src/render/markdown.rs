//! A table for a pull request.

use std::fmt::Write;

use noisefloor_core::report::Report;

use crate::render::{carry, digits, evidence, headline, lines, passport, printable, scale, shorten};

/// The report as Markdown.
#[must_use]
pub fn report(report: &Report, only_changed: bool) -> String {
    if report.rows.iter().all(|row| row.comparisons.is_empty()) {
        let several = report.settings.compare && report.sides.len() > 1;
        let headline = if several { format!("**{}**\n\n", headline(report)) } else { String::new() };
        return headline + &values(report);
    }
    let mut out = format!("**{}**\n\n", headline(report));
    out.push_str("| Verdict | Benchmark | Baseline | Candidate | Change | Interval |\n|---|---|--:|--:|--:|--:|\n");
    for l in lines(report, only_changed) {
        let cells = [l.verdict, &l.name, &l.baseline, &l.candidate, &l.change, &l.interval].map(escape);
        let _ = writeln!(out, "| {} |", cells.join(" | "));
    }
    for alarm in passport::alarms(report) {
        let _ = write!(out, "\n{}\n", escape(&alarm));
    }
    for (title, lines) in carry::blocks(report).into_iter().chain(evidence::blocks(report)) {
        let _ = write!(out, "\n**{}**\n\n", escape(&title));
        for line in lines {
            let _ = writeln!(out, "- {}", escape(&line));
        }
    }
    out
}

/// What was measured, where nothing is compared.
fn values(report: &Report) -> String {
    let mut out =
        String::from("| Benchmark | Side | Mean | Interval | Processes | Values |\n|---|---|--:|--:|--:|--:|\n");
    for row in &report.rows {
        for side in row.sides.iter().flatten() {
            let (factor, unit) = scale(row, side.mean.value);
            let show = |v: f64| digits(v / factor);
            let bounds = side.mean.interval.and_then(|i| i.low.zip(i.high));
            let mut name = shorten(&printable(&row.label));
            if !row.primary {
                name.push_str(&format!(" [{}]", printable(&row.metric)));
            }
            let cells = [
                name,
                report.sides.get(side.side as usize).map_or(String::new(), |s| printable(&s.name)),
                format!("{} {unit}", show(side.mean.value)),
                bounds.map_or(String::new(), |(low, high)| format!("[{}, {}]", show(low), show(high))),
                side.counts.forks.to_string(),
                side.counts.used.to_string(),
            ];
            let _ = writeln!(out, "| {} |", cells.map(|cell| escape(&cell)).join(" | "));
        }
    }
    for profile in &report.profiles {
        let name = report.inputs.get(profile.input as usize).map_or("", |i| &i.name);
        let total = profile.sample_types.first().map_or(0.0, |t| t.total);
        let _ = writeln!(out, "\n{}\n\n| Own | Total | Function |\n|--:|--:|---|", escape(&printable(name)));
        for top in profile.top.iter().take(20) {
            let share = |v: f64| if total > 0.0 { v / total * 100.0 } else { 0.0 };
            let (own, all) = (share(top.self_value), share(top.total_value));
            let _ = writeln!(out, "| {own:.1}% | {all:.1}% | {} |", escape(&shorten(&printable(&top.function))));
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
