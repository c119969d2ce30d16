//! A passport for people.

use std::fmt::Write;

use noisefloor_core::report::Report;
use noisefloor_core::stats::math::{exp, sqrt};
use noisefloor_core::stats::passport::Passport;
use noisefloor_core::stats::variance::Stratum;

use crate::render::{day, pad, printable, shorten, width};

/// Host, day, and per benchmark the spreads and what comparing it with itself gave.
#[must_use]
pub fn summary(passport: &Passport) -> String {
    let fact = |name: &str| passport.host.get(name).map_or(String::new(), |v| printable(v));
    let mut out = String::new();
    let host: Vec<String> =
        ["hostname", "cpu", "kernel"].iter().map(|name| fact(name)).filter(|v| !v.is_empty()).collect();
    let _ =
        writeln!(out, "Passport of {}, {} cores, {}", host.join(", "), fact("cores"), day(passport.taken_at_seconds));
    for entry in &passport.benchmarks {
        let _ = writeln!(
            out,
            "\n{} [{}]: {} A/A {} of {} blocks in all",
            shorten(&printable(&entry.benchmark)),
            printable(&entry.metric),
            entry.comparisons,
            if entry.comparisons == 1 { "comparison" } else { "comparisons" },
            entry.blocks
        );
        let spreads: Vec<String> = entry
            .levels
            .iter()
            .map(|level| {
                let name = match level.level {
                    Stratum::Block => "blocks",
                    Stratum::Fork => "processes",
                    Stratum::Iteration => "iterations",
                };
                format!("{name} {}", percent(sqrt(level.variance)))
            })
            .collect();
        if !spreads.is_empty() {
            let _ = writeln!(out, "  spread between {}", spreads.join(", "));
        }
        if let Ok((sd, df)) = entry.between_runs_sd() {
            let df = df.map_or(String::new(), |df| format!(" with {df:.0} degrees of freedom"));
            let _ = writeln!(out, "  between two runs of one process {}{df}", percent(sd));
        }
        let mut table =
            vec![["blocks", "95% of differences below", "margin", "called changed", "rate"].map(String::from)];
        for noise in &entry.noise {
            let (low, high) = (noise.false_alarm_rate.low.unwrap_or(0.0), noise.false_alarm_rate.high.unwrap_or(1.0));
            table.push([
                noise.blocks.to_string(),
                percent(exp(noise.q95) - 1.0),
                entry.default_margin(noise.blocks).map_or("–".into(), percent),
                format!("{} of {}", noise.called_changed, noise.comparisons),
                format!("{} to {}", percent(low), percent(high)),
            ]);
        }
        let widths = [0, 1, 2, 3, 4].map(|i| table.iter().map(|r| width(&r[i])).max().unwrap_or(0));
        for cells in &table {
            let cells: Vec<String> = cells.iter().zip(widths).map(|(cell, w)| pad(cell, w, true)).collect();
            let _ = writeln!(out, "  {}", cells.join("  "));
        }
    }
    out
}

/// What a gate prints beside its verdicts: how often the passport's host calls identical code changed, one line a
/// primary row, ten at most.
pub(crate) fn alarms(report: &Report) -> Vec<String> {
    let Some(passport) = &report.settings.passport else { return Vec::new() };
    let rows = report.rows.iter().filter(|r| r.primary).flat_map(|r| r.comparisons.iter().map(move |c| (r, c)));
    rows.filter_map(|(r, c)| c.false_alarms.as_ref().map(|noise| (r, noise)))
        .take(10)
        .map(|(row, noise)| {
            format!(
                "{}: identical code was called changed in {} of {} comparisons of {} blocks ({} to {}; passport of {})",
                shorten(&printable(&row.label)),
                noise.called_changed,
                noise.comparisons,
                noise.blocks,
                percent(noise.rate_low),
                percent(noise.rate_high),
                day(passport.taken_at_seconds)
            )
        })
        .collect()
}

/// A ratio in percent, with two significant digits.
pub(crate) fn percent(ratio: f64) -> String {
    let percent = ratio * 100.0;
    let decimals = match percent.abs() {
        p if p >= 10.0 || p == 0.0 => 0,
        p if p >= 1.0 => 1,
        p if p >= 0.1 => 2,
        _ => 3,
    };
    format!("{percent:.decimals$}%")
}
