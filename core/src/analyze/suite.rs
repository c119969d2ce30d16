//! The suite in one number: the geometric mean of the rows' ratios (STATISTICS S16).

use alloc::string::String;
use alloc::vec::Vec;

use crate::analyze::align::place;
use crate::config::StatsConfig;
use crate::model::SideSeries;
use crate::report::{Design, ExcludedRow, GeometricMean, Interval, ReportRow, Verdict};
use crate::stats::compare::differences;
use crate::stats::design::Units;
use crate::stats::distribution::t_quantile;
use crate::stats::math::{exp, ln, sqrt};
use crate::stats::suite::{Clustered, Excluded, RowData, SuiteConfig, SuiteMethod, SuiteRow, suite_mean};
use crate::unit::Better;

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
    units: &[Vec<Option<Units>>],
    candidate: u32,
    config: &StatsConfig,
) -> Option<GeometricMean> {
    let mut data = Vec::new();
    let mut excluded = Vec::new();
    // The widest assumption that any row rests on: rows of one run share the state of their host.
    let mut assumed = (0.0f64, None);
    // Whether a passport states all of it.
    let mut stated = true;
    let varying = |row: &ReportRow| row.primary && row.quantity.varies_between_runs();
    for ((row, sides), units) in rows.iter().zip(series).zip(units).filter(|((row, _), _)| varying(row)) {
        let side = |at: u32| {
            let side = sides.get(at as usize).and_then(Option::as_ref);
            side.zip(units.get(at as usize).and_then(Option::as_ref))
        };
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
        if design == Design::None || !base.1.log || !other.1.log {
            excluded.push(ExcludedRow { name: row.label.clone(), why: Excluded::NotPositive });
            continue;
        }
        let spread = match (design, base.0.run_spread) {
            // What a passport says of the host stands for what is assumed of any.
            (Design::SingleFork, Some((sd, df))) => (sd, df),
            (Design::SingleFork, None) => (config.assumed_fork_sd, None),
            (Design::SequentialForks, _) => (config.assumed_block_sd, None),
            _ => (0.0, None),
        };
        stated &= spread.0 == 0.0 || design == Design::SingleFork && base.0.run_spread.is_some();
        if spread.0 > assumed.0 {
            assumed = spread;
        }
        let sign = if row.better == Better::Higher { -1.0 } else { 1.0 };
        let turn = |list: &mut Vec<Clustered>| list.iter_mut().for_each(|(_, v)| *v *= sign);
        let means = |units: &Units| -> Vec<Clustered> {
            let mut out = units.means.iter().map(|f| (f.id, f.mean)).collect();
            turn(&mut out);
            out
        };
        let mut paired = differences((base.0, &base.1.means), (other.0, &other.1.means), true);
        turn(&mut paired);
        let paired = if paired.len() >= 2 { Data::Paired(paired) } else { Data::Sides(means(base.1), means(other.1)) };
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
    let settings = SuiteConfig { confidence: config.confidence, resamples: config.resamples, seed: config.seed };
    let found = suite_mean(&list, &settings).ok().filter(|m| m.rows >= 2)?;
    let method = match found.method {
        _ if assumed.0 > 0.0 && stated => "passport_sd",
        _ if assumed.0 > 0.0 => "assumed_sd",
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
fn widened(
    ratio: f64,
    interval: Option<Interval>,
    (assumed, df): (f64, Option<f64>),
    confidence: f64,
) -> Option<Interval> {
    if assumed == 0.0 {
        return interval;
    }
    let center = ln(ratio);
    let host = t_quantile(0.5 + confidence / 2.0, df) * assumed * sqrt(2.0);
    let half = |bound: Option<f64>| {
        let own = bound.map_or(0.0, |b| ln(b) - center);
        sqrt(own * own + host * host)
    };
    let (low, high) = (interval.and_then(|i| i.low), interval.and_then(|i| i.high));
    let bounds = (exp(center - half(low)), exp(center + half(high)));
    Some(Interval { low: Some(bounds.0), high: Some(bounds.1), confidence })
}
