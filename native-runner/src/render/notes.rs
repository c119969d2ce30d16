//! What is said about a comparison as a whole: above its table, and at its foot.

use noisefloor_core::report::{GeometricMean, PresenceKind, Reason, Report};

use crate::render::{catalogue, change, decimals, passport, printable, rows, shorten};

/// Benchmarks that are not on both sides, listed at most.
const MOST_ABSENT: usize = 20;

fn side(report: &Report, index: usize) -> String {
    report.sides.get(index).map_or(String::new(), |s| shorten(&printable(&s.name)))
}

/// Who stands against whom, and by which rules.
pub(super) fn terms(report: &Report) -> String {
    let others: Vec<String> = (1..report.sides.len()).map(|i| side(report, i)).collect();
    let stats = &report.settings.stats;
    let own: Vec<String> = stats.margins.iter().map(|(m, spec)| format!(" ({} ±{spec})", printable(m))).collect();
    format!(
        "{} against {}; margin ±{}%{}, {}% intervals, Holm-adjusted",
        others.join(", "),
        side(report, 0),
        stats.margin * 100.0,
        own.concat(),
        stats.confidence * 100.0
    )
}

/// Sentences on what the verdicts rest on.
pub(super) fn sentences(report: &Report) -> Vec<String> {
    let stats = &report.settings.stats;
    let comparisons = || report.rows.iter().flat_map(|r| &r.comparisons);
    let has = |reason: Reason| comparisons().any(|c| c.reasons.contains(&reason));
    let mut out = Vec::new();
    if has(Reason::AssumedBetweenRunSd) {
        out.push(format!(
            "The files cannot show how much runs differ, so a spread was assumed: {}% where a side has one process, \
             {}% of the host where sides ran one after the other. More sequential runs cannot decide what is open; \
             interleaved ones can.",
            stats.assumed_fork_sd * 100.0,
            stats.assumed_block_sd * 100.0
        ));
    }
    // What the sentence above does not already say of every row.
    let unsaid = |r: &Reason| matches!(r, Reason::OneSample | Reason::SequentialArms);
    let unsaid: Vec<Reason> = rows::common(report).into_iter().filter(unsaid).collect();
    if !has(Reason::AssumedBetweenRunSd) && !unsaid.is_empty() {
        let words: Vec<String> = unsaid.into_iter().map(catalogue::reason).collect();
        out.push(format!("Of all rows: {}.", words.join("; ")));
    }
    if has(Reason::Passport) {
        out.push("The spread between runs, which the files cannot show, is that of the passport.".into());
    }
    if has(Reason::PassportMargin) {
        out.push(format!(
            "Margins are what comparing code with itself gives by the passport, and ±{}% at least.",
            stats.margin * 100.0
        ));
    }
    out.extend(passport::alarms(report));
    if let Some(s) = comparisons().find_map(|c| c.stopping.as_ref()) {
        let looks: Vec<String> = s.looks.iter().map(ToString::to_string).collect();
        let plan = if looks.is_empty() { String::new() } else { format!(" ({} blocks)", looks.join(", ")) };
        out.push(match s.any_time {
            _ if s.signs => format!(
                "The measurement could stop after any block: intervals and p-values are those of bets on signs, which \
                 hold for all of them together where noise is symmetric; cross-checks are corrected for {} ways to end.",
                s.ways
            ),
            Some(_) => {
                "The measurement could stop after any block: intervals and p-values hold for all of them together."
                    .into()
            }
            None => format!(
                "The measurement could stop early: intervals and p-values hold for all its looks together{plan}."
            ),
        });
    }
    out
}

/// Lines on the suite: the A/A line, its mean, and what is not on both sides.
pub(super) fn totals(report: &Report) -> Vec<String> {
    let mut out = Vec::new();
    let name = |candidate: u32| {
        if report.sides.len() > 2 { side(report, candidate as usize) + ": " } else { String::new() }
    };
    for family in report.families.iter().filter(|f| f.primary && f.tests > 1) {
        out.push(format!(
            "{}{} comparisons: {} differ from 0 before correction; {:.1} would if nothing had changed",
            name(family.candidate),
            family.tests,
            family.raw_hits,
            family.expected_false_hits
        ));
    }
    let means = report.families.iter().filter_map(|f| Some((f.candidate, f.geometric_mean.as_ref()?)));
    out.extend(means.map(|(candidate, mean)| name(candidate) + &suite(mean)));
    let absent = report.presence.iter().map(|p| {
        let what = match p.kind {
            PresenceKind::New => "new".to_string(),
            PresenceKind::Missing => "missing".to_string(),
            PresenceKind::Renamed => {
                format!("renamed to {}", shorten(&printable(p.renamed_to.as_deref().unwrap_or(""))))
            }
        };
        format!("{}{}: {what}", name(p.candidate), shorten(&printable(&p.label)))
    });
    out.extend(absent.take(MOST_ABSENT));
    if report.presence.len() > MOST_ABSENT {
        out.push(format!("and {} more that are not on both sides", report.presence.len() - MOST_ABSENT));
    }
    out
}

/// The suite in one number.
fn suite(m: &GeometricMean) -> String {
    let bounds = m.interval.and_then(|i| i.low.zip(i.high));
    let places = bounds.map_or(1, |(l, h)| decimals((h - l) * 50.0));
    let interval = bounds.map_or(String::new(), |(l, h)| format!(" [{}, {}]", change(l, places), change(h, places)));
    format!(
        "geometric mean {}{interval} over {} of {} rows: {} worse, {} equal, {} better, {} open",
        change(m.ratio, places),
        m.rows,
        m.rows + m.left_out,
        m.worse,
        m.equal,
        m.better,
        m.undecided
    )
}
