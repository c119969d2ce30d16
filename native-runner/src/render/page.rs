//! The page with a report inside (its slots are described in `tests/src/page.rs`).

use base64::Engine;
use base64::prelude::BASE64_STANDARD as BASE64;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::report::Report;

use crate::inputs::File;
use crate::protobuf::gzip;
use crate::render::{catalogue, headline, lines, printable};

/// Where the data go.
const DATA: &str = "<!--NOISEFLOOR-DATA-->";
/// Where the table goes that is read without scripts.
const STATIC: &str = "<!--NOISEFLOOR-STATIC-->";

/// The page that this program was built with; `None` when there was none to build in.
#[must_use]
pub fn built_in() -> Option<String> {
    let page = include_str!(concat!(env!("OUT_DIR"), "/page.html"));
    (!page.is_empty()).then(|| page.to_string())
}

/// Puts inputs and report into a page.
///
/// # Errors
/// When the page does not have both slots exactly once.
pub fn fill(
    template: &str,
    files: &[File],
    report: &Report,
    config: &AnalysisConfig,
    title: Option<&str>,
) -> Result<String, String> {
    for slot in [DATA, STATIC] {
        if template.matches(slot).count() != 1 {
            return Err(format!("the page does not have {slot} exactly once"));
        }
    }
    let sides: Vec<&str> = report.sides.iter().map(|s| s.name.as_str()).collect();
    let title = title.map_or_else(|| sides.join(" / "), ToString::to_string);
    let files: Vec<serde_json::Value> = files
        .iter()
        .map(|f| serde_json::json!({ "name": f.name, "side": f.side, "gzip_base64": BASE64.encode(gzip(&f.bytes)) }))
        .collect();
    let data = serde_json::json!({
        "schema": 1,
        "title": title,
        "files": files,
        "config": config,
        "report_json": report.to_json(),
    });
    // No `<` may stand in the data: it could end the element that holds them.
    let data = data.to_string().replace('<', "\\u003c");
    Ok(template.replacen(STATIC, &table(report), 1).replacen(DATA, &data, 1))
}

/// Headline, comparisons and findings as plain HTML.
fn table(report: &Report) -> String {
    let mut out = format!("<p>{}</p><table>", escape(&headline(report)));
    out.push_str("<tr><th>verdict<th>benchmark<th>baseline<th>candidate<th>change<th>interval");
    for line in lines(report, false) {
        let cells = [&line.verdict, &line.name, &line.baseline, &line.candidate, &line.change, &line.interval];
        out.push_str("<tr>");
        cells.iter().for_each(|c| out.push_str(&format!("<td>{}", escape(c))));
    }
    out.push_str("</table>");
    out.push_str(&findings(report));
    out
}

/// What to distrust: each rule once, with its weightiest case.
fn findings(report: &Report) -> String {
    let mut out = String::new();
    let mut told: Vec<&str> = Vec::new();
    for finding in &report.findings {
        if told.contains(&finding.rule.as_str()) {
            continue;
        }
        told.push(&finding.rule);
        let cases = report.findings.iter().filter(|f| f.rule == finding.rule).count();
        let words = |part: &str| escape(&catalogue::finding(finding, part).unwrap_or_default());
        let times = if cases > 1 { format!(" ×{cases}") } else { String::new() };
        out.push_str(&format!("<li><b>{}</b>{times}<p>{} {}</p></li>", words("title"), words("body"), words("remedy")));
    }
    if out.is_empty() { out } else { format!("<h2>What to distrust</h2><ul>{out}</ul>") }
}

fn escape(text: &str) -> String {
    let text = printable(text);
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
