//! The suite in one number: the geometric mean of the rows' ratios (STATISTICS S16).

use alloc::string::String;
use alloc::vec::Vec;

use crate::analyze::align::place;
use crate::config::StatsConfig;
use crate::model::SideSeries;
use crate::report::{Design, ExcludedRow, GeometricMean, Interval, ReportRow, Verdict};
use crate::stats::compare::block_differences;
use crate::stats::design::{fork_means, positive};
use crate::stats::distribution::t_quantile;
use crate::stats::math::{exp, ln, sqrt};
use crate::stats::suite::{Clustered, Excluded, RowData, SuiteConfig, SuiteMethod, SuiteRow, suite_mean};
use crate::unit::Better;

/// Resamples of the clusters.
const RESAMPLES: u64 = 9_999;
/// Rows named at most among those left out.
const NAMED: usize = 50;

/// A row's data, owned.
enum Data {
    Paired(Vec<Clustered>),
    Sides(Vec<Clustered>, Vec<Clustered>),
}

/// Geometric mean of the ratios of the primary rows, each turned so that above 1 is worse; `None` for
/// fewer than two rows on both sides.
pub(super) fn geometric_mean(
    rows: &[ReportRow],
    series: &[Vec<Option<SideSeries>>],
    candidate: u32,
    config: &StatsConfig,
) -> Option<GeometricMean> {
    let mut data = Vec::new();
    let mut excluded = Vec::new();
    // The widest assumption that any row rests on: rows of one run share the state of their host.
    let mut assumed = 0.0f64;
    for (row, sides) in rows.iter().zip(series).filter(|(r, _)| r.primary && r.quantity.varies_between_runs()) {
        let side = |at: u32| sides.get(at as usize).and_then(Option::as_ref);
        let (base, other) = match (side(0), side(candidate)) {
            (Some(base), Some(other)) => (base, other),
            (base, _) => {
                let why = if base.is_none() { Excluded::NoBaseline } else { Excluded::NoCandidate };
                excluded.push(ExcludedRow { name: row.label.clone(), why });
                continue;
            }
        };
        let comparison = place(&row.comparisons, candidate).and_then(|i| row.comparisons.get(i));
        let (design, verdict) = comparison.map_or((Design::None, Verdict::NotComparable), |c| (c.design, c.verdict));
        if design == Design::None || !positive(base) || !positive(other) {
            excluded.push(ExcludedRow { name: row.label.clone(), why: Excluded::NotPositive });
            continue;
        }
        assumed = assumed.max(match design {
            Design::SingleFork => config.assumed_fork_sd,
            Design::SequentialForks => config.assumed_block_sd,
            _ => 0.0,
        });
        let sign = if row.better == Better::Higher { -1.0 } else { 1.0 };
        let turn = |list: &mut Vec<Clustered>| list.iter_mut().for_each(|(_, v)| *v *= sign);
        let means = |s: &SideSeries| -> Vec<Clustered> {
            let mut out = fork_means(s, true).iter().map(|f| (f.id, f.mean)).collect();
            turn(&mut out);
            out
        };
        let mut paired = block_differences(base, other, true);
        turn(&mut paired);
        let paired = if paired.len() >= 2 { Data::Paired(paired) } else { Data::Sides(means(base), means(other)) };
        data.push((row.label.as_str(), verdict, paired));
    }
    let list: Vec<SuiteRow<'_>> = data
        .iter()
        .map(|(name, verdict, data)| SuiteRow {
            name,
            verdict: *verdict,
            data: match data {
                Data::Paired(list) => RowData::Paired(list),
                Data::Sides(baseline, candidate) => RowData::Sides { baseline, candidate },
            },
        })
        .collect();
    let settings = SuiteConfig { confidence: config.confidence, resamples: RESAMPLES, seed: config.seed };
    let found = suite_mean(&list, &settings).ok().filter(|m| m.rows >= 2)?;
    let method = match found.method {
        _ if assumed > 0.0 => "assumed_sd",
        SuiteMethod::ClusterBootstrap => "cluster_bootstrap",
        SuiteMethod::ClusterT => "cluster_t",
    };
    excluded.extend(found.excluded);
    let left_out = excluded.len() as u64;
    excluded.truncate(NAMED);
    Some(GeometricMean {
        ratio: found.ratio,
        interval: widened(found.ratio, found.interval, assumed, config.confidence),
        method: String::from(method),
        clusters: found.clusters,
        rows: found.rows,
        left_out,
        excluded,
        worse: found.worse,
        equal: found.equal,
        better: found.better,
        undecided: found.undecided,
    })
}

/// The interval with the assumed spread of both sides: halves add in squares, on the log scale.
fn widened(ratio: f64, interval: Option<Interval>, assumed: f64, confidence: f64) -> Option<Interval> {
    if assumed == 0.0 {
        return interval;
    }
    let center = ln(ratio);
    let host = t_quantile(0.5 + confidence / 2.0, None) * assumed * sqrt(2.0);
    let half = |bound: Option<f64>| {
        let own = bound.map_or(0.0, |b| ln(b) - center);
        sqrt(own * own + host * host)
    };
    let (low, high) = (interval.and_then(|i| i.low), interval.and_then(|i| i.high));
    let bounds = (exp(center - half(low)), exp(center + half(high)));
    Some(Interval { low: Some(bounds.0), high: Some(bounds.1), confidence })
}
