//! One comparison a line, numbers in base units.

use std::fmt::Write;

use noisefloor_core::report::{Report, Verdict};

/// The report as CSV.
#[must_use]
pub fn report(report: &Report, only_changed: bool) -> String {
    let mut out = String::from(
        "benchmark,metric,unit,primary,candidate,verdict,baseline_value,candidate_value,ratio,ratio_low,ratio_high,p,p_margin_adjusted\n",
    );
    for row in &report.rows {
        for c in &row.comparisons {
            if only_changed && c.verdict == Verdict::Equivalent {
                continue;
            }
            let side = |i: usize| row.sides.get(i).and_then(Option::as_ref).map(|s| s.mean.value);
            let number = |v: Option<f64>| v.map_or(String::new(), |v| v.to_string());
            let d = c.difference.as_ref();
            let interval = d.and_then(|d| d.ratio_interval);
            let name = report.sides.get(c.candidate as usize).map_or("", |s| &s.name);
            let fields = [
                field(&row.label),
                field(&row.metric),
                field(&row.unit),
                row.primary.to_string(),
                field(name),
                c.verdict.code().to_string(),
                number(side(0)),
                number(side(c.candidate as usize)),
                number(d.and_then(|d| d.ratio)),
                number(interval.and_then(|i| i.low)),
                number(interval.and_then(|i| i.high)),
                number(c.p),
                number(c.p_margin_adjusted),
            ];
            let _ = writeln!(out, "{}", fields.join(","));
        }
    }
    out
}

/// Quoted where needed; a leading sign of a formula gets an apostrophe, since spreadsheets run it, and so does a
/// leading apostrophe, which they take away.
pub(crate) fn field(text: &str) -> String {
    let formula = text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\'']);
    let guarded = if formula { format!("'{text}") } else { text.to_string() };
    if guarded.contains([',', '"', '\n', '\r']) { format!("\"{}\"", guarded.replace('"', "\"\"")) } else { guarded }
}
