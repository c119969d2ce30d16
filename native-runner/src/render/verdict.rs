//! What a verdict is called for people; its code is for programs (STATISTICS S5).

use noisefloor_core::report::{Comparison, Report, ReportRow, Verdict};
use noisefloor_core::unit::{Better, Quantity};

/// The words, the heaviest verdict first: its mark, and what it says of a time and of anything else. The page has
/// them in its locales.
const WORDS: [(Verdict, &str, &str, &str); 7] = [
    (Verdict::Regressed, "▲", "slower", "worse"),
    (Verdict::LikelyWorse, "△", "leaning slower", "leaning worse"),
    (Verdict::Improved, "●", "faster", "better"),
    (Verdict::LikelyBetter, "○", "leaning faster", "leaning better"),
    (Verdict::Inconclusive, "?", "not decided", "not decided"),
    (Verdict::NotComparable, "⊘", "not comparable", "not comparable"),
    (Verdict::Equivalent, "=", "equivalent", "equivalent"),
];

/// Whether "faster" is the word for better.
fn is_time(row: &ReportRow) -> bool {
    row.quantity == Quantity::Time && row.better == Better::Lower
}

fn word(row: &ReportRow, verdict: Verdict) -> (&'static str, &'static str) {
    let found = WORDS.iter().find(|w| w.0 == verdict);
    found.map_or(("", ""), |(_, mark, time, other)| (mark, if is_time(row) { time } else { other }))
}

/// Verdict with its mark: never the colour alone, never the shape alone.
pub(super) fn verdict(row: &ReportRow, verdict: Verdict) -> String {
    let (mark, word) = word(row, verdict);
    format!("{mark} {word}")
}

/// How many rows have which verdict, as the sentence that a pull request would quote. A leaning is no decision, so it
/// is counted among what is open.
pub(crate) fn headline(report: &Report) -> String {
    let of = |primary: bool| -> Vec<(&ReportRow, &Comparison)> {
        let rows = report.rows.iter().filter(|r| r.primary == primary);
        rows.flat_map(|r| r.comparisons.iter().map(move |c| (r, c))).collect()
    };
    let (gating, others) = (of(true), of(false));
    match (gating.is_empty(), others.is_empty()) {
        (true, true) => "Nothing to compare: no benchmark is on both sides".into(),
        (true, false) => format!("No metric that gates is on both sides; of the others {}", tally(&others)),
        _ => tally(&gating),
    }
}

fn tally(all: &[(&ReportRow, &Comparison)]) -> String {
    let count = |verdict: Verdict| -> Vec<String> {
        let mut out: Vec<(&str, usize)> = Vec::new();
        for (row, c) in all.iter().filter(|(_, c)| c.verdict == verdict) {
            let own = word(row, c.verdict).1;
            match out.iter_mut().find(|(w, _)| *w == own) {
                Some((_, n)) => *n += 1,
                None => out.push((own, 1)),
            }
        }
        out.into_iter().map(|(word, n)| format!("{n} {word}")).collect()
    };
    let open = [Verdict::LikelyWorse, Verdict::LikelyBetter, Verdict::Inconclusive];
    let leaning: Vec<String> = open[..2].iter().flat_map(|v| count(*v)).collect();
    let undecided = all.iter().filter(|(_, c)| open.contains(&c.verdict)).count();
    let mut parts: Vec<String> = [Verdict::Regressed, Verdict::Improved].into_iter().flat_map(count).collect();
    if undecided > 0 {
        let leaning = if leaning.is_empty() { String::new() } else { format!(" ({})", leaning.join(", ")) };
        parts.push(format!("{undecided} not decided{leaning}"));
    }
    parts.extend([Verdict::NotComparable, Verdict::Equivalent].into_iter().flat_map(count));
    format!("{} compared: {}", all.len(), parts.join(", "))
}
