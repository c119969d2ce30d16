//! The comparisons as cells of a table, the same in text, in Markdown and in the page without scripts.

use noisefloor_core::report::{Comparison, Design, Difference, Reason, Report, ReportRow, SideSummary, Verdict};

use crate::render::number::{change, decimals, digits, exact_change, scale, signed};
use crate::render::{catalogue, printable, shorten, verdict};

/// One line of a comparison, as text.
pub(crate) struct Line {
    pub(crate) verdict: String,
    pub(crate) name: String,
    pub(crate) baseline: String,
    pub(crate) candidate: String,
    pub(crate) change: String,
    pub(crate) interval: String,
    /// What made the verdict, in words; empty where the numbers say it or a sentence says it of all rows.
    pub(crate) why: String,
}

/// The comparisons to show, primary rows first.
pub(crate) fn lines(report: &Report, only_changed: bool) -> Vec<Line> {
    let common = common(report);
    let all = report.rows.iter().flat_map(|row| row.comparisons.iter().map(move |c| (row, c)));
    all.filter(|(_, c)| !(only_changed && c.verdict == Verdict::Equivalent))
        .map(|(row, c)| line(report, row, c, &common))
        .collect()
}

/// A row's name with what tells it apart: its metric where it does not gate, its side where there are several.
pub(super) fn name(report: &Report, row: &ReportRow, c: &Comparison) -> String {
    let mut name = shorten(&printable(&row.label));
    if !row.primary {
        name.push_str(&format!(" [{}]", shorten(&printable(&row.metric))));
    }
    if report.sides.len() > 2 {
        let side = report.sides.get(c.candidate as usize).map_or("", |s| &s.name);
        name.push_str(&format!(" ({})", shorten(&printable(side))));
    }
    name
}

/// What a side takes: in lockstep the median of its blocks (STATISTICS S18), else its mean.
pub(super) fn typical(c: &Comparison, side: &SideSummary) -> f64 {
    if c.design == Design::LockstepBlocks { side.median.value } else { side.mean.value }
}

fn line(report: &Report, row: &ReportRow, c: &Comparison, common: &[Reason]) -> Line {
    let side = |i: usize| row.sides.get(i).and_then(Option::as_ref).map(|s| typical(c, s));
    let (a, b) = (side(0), side(c.candidate as usize));
    let size = a.filter(|v| *v != 0.0).or(b).or(a);
    let (factor, unit) = size.map_or((1.0, String::new()), |v| scale(row, v));
    let show = |v: Option<f64>| {
        v.map_or("–".to_string(), |v| format!("{} {unit}", digits(v / factor)).trim_end().to_string())
    };
    let (change, interval) = match &c.difference {
        None => ("–".to_string(), String::new()),
        Some(d) => relative(d).unwrap_or_else(|| absolute(row, d)),
    };
    Line {
        verdict: verdict::verdict(row, c.verdict),
        name: name(report, row, c),
        baseline: show(a),
        candidate: show(b),
        change,
        interval,
        why: why(c, common),
    }
}

/// A ratio and its interval.
fn relative(d: &Difference) -> Option<(String, String)> {
    let ratio = d.ratio.filter(|r| d.log_scale || *r == 1.0)?;
    let bounds = d.ratio_interval.and_then(|i| i.low.zip(i.high));
    Some(match bounds {
        Some((low, high)) if low == high => (exact_change(ratio), "exact".to_string()),
        Some((low, high)) => {
            let places = decimals((high - low) * 50.0);
            (change(ratio, places), format!("[{}, {}]", change(low, places), change(high, places)))
        }
        None => (change(ratio, 1), String::new()),
    })
}

/// A difference in the unit of the row, where values that are zero or negative have no ratio.
fn absolute(row: &ReportRow, d: &Difference) -> (String, String) {
    let bounds = d.interval.and_then(|i| i.low.zip(i.high));
    let largest = bounds.map_or(d.estimate.abs(), |(low, high)| d.estimate.abs().max(low.abs()).max(high.abs()));
    let (factor, unit) = scale(row, largest);
    let show = |v: f64| signed(v / factor);
    let interval = match bounds {
        Some((low, high)) if low == high => "exact".to_string(),
        Some((low, high)) => format!("[{}, {}] {unit}", show(low), show(high)).trim_end().to_string(),
        None => String::new(),
    };
    (format!("{} {unit}", show(d.estimate)).trim_end().to_string(), interval)
}

/// Reasons that the foot of the table speaks of where they hold for every row.
const TOLD_BELOW: [Reason; 6] = [
    Reason::AssumedBetweenRunSd,
    Reason::OneSample,
    Reason::SequentialArms,
    Reason::Passport,
    Reason::PassportMargin,
    Reason::SequentialStop,
];

/// What holds for every row that was estimated, so that no row has to say it.
pub(super) fn common(report: &Report) -> Vec<Reason> {
    let estimated = |c: &&Comparison| !matches!(c.design, Design::Exact | Design::None);
    let all: Vec<&Comparison> = report.rows.iter().flat_map(|r| &r.comparisons).filter(estimated).collect();
    let by_all = |reason: &Reason| !all.is_empty() && all.iter().all(|c| c.reasons.contains(reason));
    TOLD_BELOW.into_iter().filter(by_all).collect()
}

/// The reasons of one row in words.
fn why(c: &Comparison, common: &[Reason]) -> String {
    // The column of the interval says `exact`, and how pairs are taken is no doubt.
    let plain = [Reason::Identical, Reason::ExactDifference, Reason::Lockstep];
    // Within the margin it matters to nobody which direction is the better one.
    let moot = |r: &Reason| *r == Reason::UnknownDirection && c.verdict == Verdict::Equivalent;
    let own = c.reasons.iter().filter(|r| !plain.contains(r) && !common.contains(r) && !moot(r));
    own.map(|r| catalogue::reason(*r)).collect::<Vec<_>>().join("; ")
}
