//! Rows over many sides, read as points in time (STATISTICS S16).

use alloc::vec::Vec;

use crate::config::AnalysisConfig;
use crate::report::{HistoryChange, HistoryReport, LastReport, ReportRow};
use crate::stats::history::{History, HistoryConfig, adjust, history};

/// Sides from which on they are a history and not a comparison.
const LEAST: usize = 6;
/// Share of false changes among those reported.
const RATE: f64 = 0.05;

/// Gives every primary row with enough sides its history; the changes of all rows are corrected
/// together. `left` is set where the small engine leaves one to the whole one.
pub(super) fn histories(rows: &mut [ReportRow], config: &AnalysisConfig, left: &mut bool) {
    let settings = HistoryConfig { margin: config.stats.margin, seed: config.stats.seed, ..HistoryConfig::default() };
    let mut found: Vec<(usize, Vec<u32>, History)> = Vec::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, r)| r.primary && r.sides.len() >= LEAST) {
        let present: Vec<(u32, f64)> = row.sides.iter().flatten().map(|s| (s.side, s.mean.value)).collect();
        let points: Vec<f64> = present.iter().map(|p| p.1).collect();
        if points.len() < LEAST {
            continue;
        }
        if cfg!(not(feature = "full")) {
            *left = true;
            continue;
        }
        if let Ok(made) = history(&points, &settings) {
            found.push((index, present.iter().map(|p| p.0).collect(), made));
        }
    }
    let mut list: Vec<History> = found.iter().map(|f| f.2.clone()).collect();
    adjust(&mut list, RATE);
    for ((index, sides, _), made) in found.into_iter().zip(list) {
        if let Some(row) = rows.get_mut(index) {
            row.history = Some(report(&sides, &made));
        }
    }
}

fn report(sides: &[u32], made: &History) -> HistoryReport {
    let side = |at: u64| sides.get(at as usize).copied();
    let changes = made.changes.iter().filter_map(|c| {
        Some(HistoryChange {
            side: side(c.at)?,
            effect: c.effect,
            interval: c.interval,
            p: c.p,
            adjusted_p: c.adjusted_p,
            before: c.points.0,
            after: c.points.1,
        })
    });
    HistoryReport {
        points: sides.len() as u64,
        log_scale: made.log_scale,
        changes: changes.collect(),
        last: LastReport {
            alarm: made.last.alarm,
            expected: made.last.expected,
            effect: made.last.effect,
            points: made.last.n,
        },
    }
}
