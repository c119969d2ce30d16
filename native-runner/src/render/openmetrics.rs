//! The report as OpenMetrics text, for monitoring: estimates as gauges, verdicts as state sets.

use std::collections::BTreeMap;
use std::fmt::Write;

use noisefloor_core::health::Severity;
use noisefloor_core::report::{Interval, Reason, Report, ReportRow, Verdict};
use noisefloor_core::unit::Quantity;

use crate::convert::{number, params_text};

/// A family of samples; the specification wants all of one family together.
struct Family {
    kind: &'static str,
    unit: &'static str,
    help: &'static str,
    samples: Vec<String>,
}

/// Families by name.
#[derive(Default)]
struct Families(BTreeMap<String, Family>);

impl Families {
    /// Adds a sample to a gauge whose name ends in its unit, where it has one.
    fn gauge(&mut self, name: &str, unit: &'static str, help: &'static str, labels: &Labels, value: f64) {
        let name = if unit.is_empty() { name.to_string() } else { format!("{name}_{unit}") };
        let sample = format!("{name}{} {}", labels.text(), number(value));
        self.add(name, "gauge", (unit, help), sample);
    }

    fn add(&mut self, name: String, kind: &'static str, (unit, help): (&'static str, &'static str), sample: String) {
        let family = self.0.entry(name).or_insert_with(|| Family { kind, unit, help, samples: Vec::new() });
        family.samples.push(sample);
    }
}

/// Labels in the order in which they were added; empty values are left out, which means the same.
#[derive(Clone, Default)]
struct Labels(String);

impl Labels {
    fn with(&self, name: &str, value: &str) -> Labels {
        let mut out = self.clone();
        if !value.is_empty() {
            let comma = if out.0.is_empty() { "" } else { "," };
            let value = value.replace('\\', "\\\\").replace('"', "\\\"").replace('\n', "\\n");
            let _ = write!(out.0, "{comma}{name}=\"{value}\"");
        }
        out
    }

    fn text(&self) -> String {
        if self.0.is_empty() { String::new() } else { format!("{{{}}}", self.0) }
    }
}

/// The report as an exposition of OpenMetrics 1.0.
#[must_use]
pub fn report(report: &Report) -> String {
    let mut families = Families::default();
    let engine = Labels::default().with("engine", &report.engine).with("schema", &report.schema.to_string());
    let help = ("", "What computed these numbers.");
    families.add("noisefloor".into(), "info", help, format!("noisefloor_info{} 1", engine.text()));
    for (severity, name) in [(Severity::Error, "error"), (Severity::Warning, "warning"), (Severity::Note, "note")] {
        let count = report.findings.iter().filter(|f| f.severity == severity).count();
        let labels = Labels::default().with("severity", name);
        families.gauge("noisefloor_findings", "", "Reasons to distrust the measurement.", &labels, count as f64);
    }
    for row in &report.rows {
        rows(report, row, &mut families);
    }
    let mut out = String::new();
    for (name, family) in &families.0 {
        let _ = writeln!(out, "# TYPE {name} {}", family.kind);
        if !family.unit.is_empty() {
            let _ = writeln!(out, "# UNIT {name} {}", family.unit);
        }
        let _ = writeln!(out, "# HELP {name} {}", family.help);
        family.samples.iter().for_each(|sample| {
            let _ = writeln!(out, "{sample}");
        });
    }
    out + "# EOF\n"
}

fn rows(report: &Report, row: &ReportRow, families: &mut Families) {
    let params = params_text(row.params.iter().map(|p| (p.name.as_str(), p.value.as_str())));
    let labels = Labels::default()
        .with("suite", &row.suite)
        .with("benchmark", &row.benchmark)
        .with("params", &params)
        .with("metric", &row.metric);
    let name_of = |side: u32| report.sides.get(side as usize).map_or("", |s| s.name.as_str());
    let unit = unit(row);
    for side in row.sides.iter().flatten() {
        let labels = labels.with("side", name_of(side.side)).with("unit", &row.unit);
        if side.warnings.contains(&Reason::MedianOnly) {
            let help = "Median in the base unit, where the tool states no mean.";
            families.gauge("noisefloor_median", unit, help, &labels, side.mean.value);
            bounds(families, ("noisefloor_median_bound", unit, "Bounds of the median."), &labels, side.mean.interval);
        } else {
            families.gauge("noisefloor_mean", unit, "Mean in the base unit.", &labels, side.mean.value);
            bounds(families, ("noisefloor_mean_bound", unit, "Bounds of the mean."), &labels, side.mean.interval);
        }
        let used = side.counts.used as f64;
        families.gauge("noisefloor_values", "", "Values that took part.", &labels, used);
        families.gauge("noisefloor_processes", "", "Processes that took part.", &labels, side.counts.forks as f64);
    }
    for comparison in &row.comparisons {
        let primary = if row.primary { "true" } else { "false" };
        let labels = labels
            .with("baseline", name_of(0))
            .with("candidate", name_of(comparison.candidate))
            .with("primary", primary);
        let difference = comparison.difference.as_ref();
        if let Some(ratio) = difference.and_then(|d| d.ratio) {
            families.gauge("noisefloor_change", "ratio", "Candidate over baseline.", &labels, ratio);
        }
        let help = ("noisefloor_change_bound", "ratio", "Bounds of candidate over baseline.");
        bounds(families, help, &labels, difference.and_then(|d| d.ratio_interval));
        let margin = comparison.margin.ratio;
        families.gauge("noisefloor_margin", "ratio", "What a change must exceed to matter.", &labels, margin);
        for verdict in Verdict::ALL {
            let labels = labels.with("noisefloor_verdict", verdict.code());
            let is = u8::from(verdict == comparison.verdict);
            let help = ("", "The verdict, adjusted for the number of comparisons.");
            let sample = format!("noisefloor_verdict{} {is}", labels.text());
            families.add("noisefloor_verdict".into(), "stateset", help, sample);
        }
    }
}

fn bounds(
    families: &mut Families,
    (name, unit, help): (&str, &'static str, &'static str),
    labels: &Labels,
    interval: Option<Interval>,
) {
    let Some(interval) = interval else { return };
    for (bound, value) in [("lower", interval.low), ("upper", interval.high)] {
        if let Some(value) = value {
            families.gauge(name, unit, help, &labels.with("bound", bound), value);
        }
    }
}

/// What the values are of, in words that a name of a metric may end in; empty where there are none.
fn unit(row: &ReportRow) -> &'static str {
    match row.quantity {
        Quantity::Time => "seconds",
        Quantity::Bytes => "bytes",
        Quantity::Rate if row.unit.starts_with("B/") => "bytes_per_second",
        _ => "",
    }
}
