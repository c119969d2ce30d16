//! Which benchmarks depend on what ran before them in their process.

use noisefloor_core::report::{Orthogonality, Report};
use noisefloor_core::stats::estimable::NotEstimable;

use crate::render::{change, printable, shorten};

/// A title for each side whose processes ran several benchmarks, and a line for each that depends on another.
pub(super) fn blocks(report: &Report) -> Vec<(String, Vec<String>)> {
    report.orthogonality.iter().map(|side| (title(report, side), lines(report, side))).collect()
}

fn title(report: &Report, side: &Orthogonality) -> String {
    let name = report.sides.get(side.side as usize).map_or(String::new(), |s| printable(&s.name));
    let found = match (&side.overall, side.why_not) {
        (Some(test), _) if side.carried.is_empty() => {
            format!("none of {} benchmarks is shown to depend on it, {}", side.benchmarks, p(test.p))
        }
        (Some(test), _) => {
            format!("{} of {} benchmarks depend on it, {}", side.carried.len(), side.benchmarks, p(test.p))
        }
        (None, Some(NotEstimable::FixedOrder)) => "not testable, since the order never varied".into(),
        (None, _) => "too little or too much to test".into(),
    };
    format!("What ran before, in {}: {found}", shorten(&name))
}

fn lines(report: &Report, side: &Orthogonality) -> Vec<String> {
    let label = |row: u32| report.rows.get(row as usize).map_or(String::new(), |r| shorten(&printable(&r.label)));
    side.carried
        .iter()
        .map(|c| {
            format!("{} after {}: {}, {}", label(c.row), shorten(&printable(&c.after)), change(c.ratio, 1), p(c.p))
        })
        .collect()
}

fn p(value: f64) -> String {
    if value < 0.0001 { "p < 0.0001".into() } else { format!("p {value:.2}") }
}
