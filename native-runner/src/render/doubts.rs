//! What to distrust, and what was odd in the files: the same words in text and in Markdown.

use noisefloor_core::health::{Finding, Severity};
use noisefloor_core::report::{InputStatus, Report};

use crate::render::{catalogue, printable, shorten, some_of};

/// Places and names that are told of one finding.
const MOST: usize = 5;

/// One rule with all places where it found something.
pub(super) struct Doubt {
    pub(super) head: String,
    /// What it means, where else, what to do.
    pub(super) lines: Vec<String>,
}

/// The findings, each rule once, in the order of the report.
pub(super) fn doubts(report: &Report) -> Vec<Doubt> {
    let mut said: Vec<&str> = Vec::new();
    let mut out = Vec::new();
    for finding in &report.findings {
        // Each rule is explained once; the other places follow it.
        if said.contains(&finding.rule.as_str()) {
            continue;
        }
        said.push(&finding.rule);
        out.push(doubt(report, finding));
    }
    out
}

fn doubt(report: &Report, finding: &Finding) -> Doubt {
    let severity = match finding.severity {
        Severity::Error => "error",
        Severity::Warning => "warning",
        Severity::Note => "note",
    };
    let title = catalogue::finding(finding, "title").unwrap_or_else(|| printable(&finding.rule));
    let at = place(report, finding);
    let at = if at.is_empty() { at } else { format!(" ({at})") };
    let mut lines = Vec::new();
    lines.extend(catalogue::finding(finding, "body"));
    if !finding.names.is_empty() {
        lines.push(finding.names.iter().map(|n| shorten(&printable(n))).collect::<Vec<_>>().join("; "));
    }
    let others: Vec<String> =
        report.findings.iter().filter(|f| f.rule == finding.rule).skip(1).map(|f| place(report, f)).collect();
    if !others.is_empty() {
        lines.push(format!("also: {}", some_of(&others, MOST)));
    }
    lines.extend(catalogue::finding(finding, "remedy").map(|remedy| format!("do: {remedy}")));
    Doubt { head: format!("{severity}: {title}{at} [{}]", finding.rule), lines }
}

fn place(report: &Report, finding: &Finding) -> String {
    let row = finding.row.and_then(|r| report.rows.get(r as usize)).map(|r| r.label.as_str());
    let side = finding.side.and_then(|s| report.sides.get(s as usize)).map(|s| s.name.as_str());
    let parts: Vec<String> = [row, side].into_iter().flatten().map(|name| shorten(&printable(name))).collect();
    parts.join(" / ")
}

/// Oddities of the files that were read.
pub(super) fn notices(report: &Report) -> Vec<String> {
    let read = report.inputs.iter().filter(|i| i.status != InputStatus::NotRead);
    let line = |(name, notice): (&String, &noisefloor_core::source::Notice)| {
        let (name, detail) = (printable(name), printable(&notice.detail));
        let words = catalogue::notice(notice.code);
        let count = if notice.count > 1 { format!(" ×{}", notice.count) } else { String::new() };
        let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
        format!("note: {name}: {words}{count}{detail}")
    };
    read.flat_map(|i| i.notices.iter().map(move |n| (&i.name, n))).map(line).collect()
}
