//! What would decide the rows that are not decided (STATISTICS S13).

use noisefloor_core::report::{Comparison, Level, Plan, PlanGoal, Reason, Report, ReportRow, Verdict};

use crate::render::number::{digits, scale, span};
use crate::render::{catalogue, rows, some_of};

/// Rows that are told one by one.
const MOST: usize = 8;
/// Names in one line.
const NAMES: usize = 4;
/// What no further data undo; an end that was planned only where it was one of a few.
const BARRED: [Reason; 6] = [
    Reason::UnknownDirection,
    Reason::AsymmetricExclusion,
    Reason::ZeroBaseline,
    Reason::NoData,
    Reason::SequentialStop,
    Reason::AggregateOnly,
];

type Open<'a> = (&'a ReportRow, &'a Comparison);

/// A title with a line for each row that a number of blocks decides, the clearest first, and one for each kind of row
/// that none does; `None` where all is decided.
pub(super) fn block(report: &Report) -> Option<(String, Vec<String>)> {
    let mut open: Vec<Open<'_>> =
        report.rows.iter().flat_map(|r| r.comparisons.iter().map(move |c| (r, c))).filter(is_open).collect();
    // Only rows that gate hold up a decision.
    if report.rows.iter().any(|row| row.primary && !row.comparisons.is_empty()) {
        open.retain(|(row, _)| row.primary);
    }
    // What leans towards worse comes first, then what is far from 0.
    let leaning = |c: &Comparison| c.verdict != Verdict::LikelyWorse;
    let size = |c: &Comparison| c.difference.as_ref().map_or(0.0, |d| d.estimate.abs());
    open.sort_by(|(_, a), (_, b)| leaning(a).cmp(&leaning(b)).then(size(b).total_cmp(&size(a))));
    let mut counted = Vec::new();
    // The blocks in all that decide every row of a run that may end after any of them.
    let mut most = None;
    // Advice without a number, with the rows that it is for.
    let mut advice: Vec<(String, Vec<String>)> = Vec::new();
    for (row, c) in open {
        let name = rows::name(report, row, c);
        match advise(row, c) {
            Ok(number) => {
                counted.push(format!("{name}: {number}"));
                most = most.max(c.plan.as_ref().filter(|_| is_any_time(c)).and_then(|p| Some(c.n + p.more?)));
            }
            Err(words) => match advice.iter_mut().find(|(own, _)| *own == words) {
                Some((_, names)) => names.push(name),
                None => advice.push((words, [name].into())),
            },
        }
    }
    let more = counted.len().saturating_sub(MOST);
    counted.truncate(MOST);
    if more > 0 {
        counted.push(format!("and {more} more, each with its plan in the CSV and JSON output"));
    }
    counted.extend(advice.into_iter().map(|(words, names)| format!("{}: {words}", some_of(&names, NAMES))));
    if let Some(blocks) = most {
        counted.push(format!("It may go on in the same log: noisefloor run --resume LOG --blocks {blocks}"));
    }
    (!counted.is_empty()).then(|| ("What would decide it".to_string(), counted))
}

fn is_open(open: &Open<'_>) -> bool {
    matches!(open.1.verdict, Verdict::Inconclusive | Verdict::LikelyBetter | Verdict::LikelyWorse)
}

/// Whether the measurement could end after any block; then it can go on after any, too.
fn is_any_time(c: &Comparison) -> bool {
    c.stopping.as_ref().is_some_and(|s| s.any_time.is_some())
}

/// What decides a row, or why no number of blocks does.
fn advise(row: &ReportRow, c: &Comparison) -> Result<String, String> {
    let mut barred = BARRED.into_iter().filter(|r| *r != Reason::SequentialStop || !is_any_time(c));
    if let Some(reason) = barred.find(|r| c.reasons.contains(r)) {
        return Err(match reason {
            Reason::SequentialStop if c.stopping.as_ref().is_some_and(|s| s.signs) => {
                "it may go on in the same log, noisefloor run --resume LOG with more --blocks or --budget; for bets on \
                 signs no number is known that decides"
                    .into()
            }
            Reason::SequentialStop => "the measurement was planned to end; only a new one decides".into(),
            reason => catalogue::reason(reason),
        });
    }
    let Some(plan) = &c.plan else { return Err("too little is known for a plan".into()) };
    if plan.needs_interleaving {
        return Err(catalogue::word("plan.interleave"));
    }
    match plan.more {
        Some(more) => Ok(measure(row, c, plan, more)),
        None if c.reasons.contains(&Reason::AtMargin) => Err(catalogue::reason(Reason::AtMargin)),
        None => Err(catalogue::word("plan.never")),
    }
}

/// `7 more blocks of 12 iterations, about 4 min, to show equivalence within ±1%`.
fn measure(row: &ReportRow, c: &Comparison, plan: &Plan, more: u64) -> String {
    let (one, many, tail) = match plan.unit {
        Level::Block => ("block", "blocks", ""),
        Level::Fork | Level::Single => ("process", "processes", " a side"),
    };
    let units = if more == 1 { one } else { many };
    let iterations = plan
        .iterations
        .map_or(String::new(), |n| format!(" of {n} {}", if n == 1 { "iteration" } else { "iterations" }));
    let time = plan.seconds.map_or(String::new(), |s| format!(", about {}", span(s)));
    let goal = match plan.goal {
        PlanGoal::Difference => "a change beyond",
        PlanGoal::Equivalence => "equivalence within",
    };
    format!("{more} more {units}{tail}{iterations}{time}, to show {goal} ±{}", margin(row, c))
}

/// The margin on the scale of the row.
fn margin(row: &ReportRow, c: &Comparison) -> String {
    let amount = c.margin.on_scale.filter(|_| c.difference.as_ref().is_some_and(|d| !d.log_scale));
    match amount {
        Some(amount) => {
            let (factor, unit) = scale(row, amount);
            format!("{} {unit}", digits(amount / factor)).trim_end().to_string()
        }
        None => {
            let text = format!("{:.2}", c.margin.ratio * 100.0);
            format!("{}%", text.trim_end_matches('0').trim_end_matches('.'))
        }
    }
}
