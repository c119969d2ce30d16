//! One comparison a line, numbers in base units.

use std::fmt::Write;

use noisefloor_core::report::{Comparison, Report, ReportRow, Verdict};

use crate::render::number::plain;
use crate::render::{catalogue, rows};

/// The columns, of which new ones come at the end.
const COLUMNS: &str = "benchmark,metric,unit,primary,candidate,verdict,baseline_value,candidate_value,ratio,ratio_low,\
    ratio_high,p,p_margin_adjusted,difference,difference_low,difference_high,reasons,design,method,n,\
    baseline_processes,candidate_processes,baseline_values,candidate_values,p_margin,p_equivalence,q,plan_goal,\
    plan_more,plan_unit,plan_iterations,plan_seconds,plan_needs_interleaving";

/// The report as CSV.
#[must_use]
pub fn report(report: &Report, only_changed: bool) -> String {
    let mut out = format!("{COLUMNS}\n");
    for row in &report.rows {
        for c in row.comparisons.iter().filter(|c| !(only_changed && c.verdict == Verdict::Equivalent)) {
            let _ = writeln!(out, "{}", fields(report, row, c).join(","));
        }
    }
    out
}

fn fields(report: &Report, row: &ReportRow, c: &Comparison) -> Vec<String> {
    let side = |i: usize| row.sides.get(i).and_then(Option::as_ref);
    let sides = [side(0), side(c.candidate as usize)];
    let number = |v: Option<f64>| v.map_or(String::new(), plain);
    let count = |v: Option<u64>| v.map_or(String::new(), |v| v.to_string());
    let d = c.difference.as_ref();
    let interval = d.and_then(|d| d.ratio_interval);
    // On the log scale the difference is the ratio.
    let absolute = d.filter(|d| !d.log_scale);
    let bounds = absolute.and_then(|d| d.interval);
    let reasons: Vec<String> = c.reasons.iter().map(catalogue::code).collect();
    let plan = c.plan.as_ref();
    let mut out = vec![
        field(&row.label),
        field(&row.metric),
        field(&row.unit),
        row.primary.to_string(),
        field(report.sides.get(c.candidate as usize).map_or("", |s| &s.name)),
        c.verdict.code().to_string(),
    ];
    out.extend(sides.map(|s| number(s.map(|s| rows::typical(c, s)))));
    out.extend([d.and_then(|d| d.ratio), interval.and_then(|i| i.low), interval.and_then(|i| i.high)].map(number));
    out.extend([c.p, c.p_margin_adjusted].map(number));
    out.extend([absolute.map(|d| d.estimate), bounds.and_then(|i| i.low), bounds.and_then(|i| i.high)].map(number));
    out.extend([reasons.join(";"), catalogue::code(c.design), catalogue::code(c.method), c.n.to_string()]);
    out.extend(sides.map(|s| count(s.map(|s| s.counts.forks))));
    out.extend(sides.map(|s| count(s.map(|s| s.counts.used))));
    out.extend([c.p_margin, c.p_equivalence, c.q].map(number));
    out.extend([
        plan.map_or(String::new(), |p| catalogue::code(p.goal)),
        count(plan.and_then(|p| p.more)),
        plan.map_or(String::new(), |p| catalogue::code(p.unit)),
        count(plan.and_then(|p| p.iterations)),
        number(plan.and_then(|p| p.seconds)),
        plan.map_or(String::new(), |p| p.needs_interleaving.to_string()),
    ]);
    out
}

/// Quoted where needed; a leading sign of a formula gets an apostrophe, since spreadsheets run it, and so does a
/// leading apostrophe, which they take away.
pub(crate) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']);
    let guarded = if formula { format!("'{text}") } else { text.to_string() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}
