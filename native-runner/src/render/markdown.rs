//! A table for a pull request.

use std::fmt::Write;

use noisefloor_core::report::{Reason, Report};

use crate::render::{carry, digits, doubts, evidence, headline, lines, notes, plan, printable, scale, shorten};

/// The report as Markdown.
#[must_use]
pub fn report(report: &Report, only_changed: bool) -> String {
    let mut out = String::new();
    let compares = report.rows.iter().any(|row| !row.comparisons.is_empty());
    if compares || report.settings.compare && report.sides.len() > 1 {
        let _ = write!(out, "**{}**\n\n", headline(report));
    }
    if compares {
        comparison(&mut out, report, only_changed);
    } else {
        out.push_str(&values(report));
    }
    let blocks = carry::blocks(report).into_iter().chain(evidence::blocks(report));
    for (title, lines) in blocks.chain(findings(report)) {
        list(&mut out, &title, &lines);
    }
    out
}

fn comparison(out: &mut String, report: &Report, only_changed: bool) {
    let rows = lines(report, only_changed);
    let explained = rows.iter().any(|l| !l.why.is_empty());
    let (title, rule) = if explained { (" Why |", "---|") } else { ("", "") };
    if report.sides.len() > 1 {
        let _ = writeln!(out, "{}\n", escape(&notes::terms(report)));
    }
    let _ = writeln!(out, "| Verdict | Benchmark | Baseline | Candidate | Change | Interval |{title}");
    let _ = writeln!(out, "|---|---|--:|--:|--:|--:|{rule}");
    for l in &rows {
        let cells = [&l.verdict, &l.name, &l.baseline, &l.candidate, &l.change, &l.interval, &l.why];
        let cells = &cells[..if explained { 7 } else { 6 }];
        let _ = writeln!(out, "| {} |", cells.iter().map(|c| escape(c)).collect::<Vec<_>>().join(" | "));
    }
    for sentence in notes::sentences(report) {
        let _ = write!(out, "\n{}\n", escape(&sentence));
    }
    let totals = notes::totals(report);
    if !totals.is_empty() {
        out.push('\n');
    }
    totals.iter().for_each(|line| {
        let _ = writeln!(out, "- {}", escape(line));
    });
    if let Some((title, lines)) = plan::block(report) {
        list(out, &title, &lines);
    }
}

/// What to distrust, a line a rule, and what was odd in the files.
fn findings(report: &Report) -> Vec<(String, Vec<String>)> {
    let end = |line: &String| format!(" {}.", line.trim_end_matches('.'));
    let lines = doubts::doubts(report)
        .into_iter()
        .map(|d| format!("{}:{}", d.head, d.lines.iter().map(end).collect::<String>()));
    let lines: Vec<String> = lines.chain(doubts::notices(report)).collect();
    if lines.is_empty() { Vec::new() } else { [("What to distrust".to_string(), lines)].into() }
}

fn list(out: &mut String, title: &str, lines: &[String]) {
    let _ = write!(out, "\n**{}**\n\n", escape(title));
    for line in lines {
        let _ = writeln!(out, "- {}", escape(line));
    }
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
            let median = side.warnings.contains(&Reason::MedianOnly);
            let mut name = shorten(&printable(&row.label));
            if !row.primary {
                name.push_str(&format!(" [{}]", printable(&row.metric)));
            }
            let cells = [
                name,
                report.sides.get(side.side as usize).map_or(String::new(), |s| printable(&s.name)),
                format!("{} {unit}{}", show(side.mean.value), if median { " (median)" } else { "" }),
                bounds.map_or(String::new(), |(low, high)| format!("[{}, {}]", show(low), show(high))),
                side.counts.forks.to_string(),
                side.counts.used.to_string(),
            ];
            let _ = writeln!(out, "| {} |", cells.map(|cell| escape(&cell)).join(" | "));
        }
    }
    for profile in &report.profiles {
        let name = report.inputs.get(profile.input as usize).map_or("", |i| &i.name);
        let total = profile.sample_types.get(profile.default_type as usize).map_or(0.0, |t| t.total);
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
