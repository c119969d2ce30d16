//! Benchmarks measured at several thread counts (STATISTICS S15).

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::StatsConfig;
use crate::model::SideSeries;
use crate::report::{InputReport, Param, ReportRow, Side, Sweep};
use crate::sort::sort_by;
use crate::stats::design::{fork_means, positive};
use crate::stats::math::exp;
use crate::stats::moments::mean;
use crate::stats::scalability::{SweepConfig, SweepPoint, scalability};
use crate::unit::Quantity;

/// Names of parameters that are numbers of threads.
const PARAMETERS: [&str; 9] =
    ["gomaxprocs", "procs", "threads", "workers", "goroutines", "clients", "concurrency", "parallelism", "cpus"];
/// Thread counts from which on a sweep is judged.
const LEAST: usize = 4;
/// The share of the resamples asked for that is made: each fits three curves.
const SHARE: u64 = 5;

/// A row's place in a sweep.
#[derive(Clone)]
struct Member<'a> {
    /// What the rows of a sweep share.
    key: (&'a str, &'a str, &'a str, Vec<&'a Param>),
    parameter: &'a str,
    threads: u32,
    row: usize,
}

/// The thread count among a row's parameters. Go leaves the suffix out where it is 1.
fn threads_of(row: &ReportRow) -> Option<(&'static str, u32)> {
    let named = |p: &Param| PARAMETERS.into_iter().find(|n| n.eq_ignore_ascii_case(&p.name));
    row.params.iter().find_map(|p| Some((named(p)?, p.value.parse().ok().filter(|n| *n > 0)?)))
}

/// Sweeps among the primary time- and rate-like rows, by label and side. `left` is set where the small engine leaves
/// one to the whole one.
pub(super) fn sweeps(
    rows: &[ReportRow],
    series: &[Vec<Option<SideSeries>>],
    sides: &[Side],
    inputs: &[InputReport],
    config: &StatsConfig,
    left: &mut bool,
) -> Vec<Sweep> {
    let mut members: Vec<Member<'_>> = Vec::new();
    for (index, row) in rows.iter().enumerate().filter(|(_, r)| r.primary && r.quantity.varies_between_runs()) {
        let (parameter, threads) = threads_of(row).unwrap_or(("gomaxprocs", 1));
        let others = row.params.iter().filter(|p| !p.name.eq_ignore_ascii_case(parameter)).collect();
        let key = (row.suite.as_str(), row.benchmark.as_str(), row.metric.as_str(), others);
        members.push(Member { key, parameter, threads, row: index });
    }
    sort_by(&mut members, &mut |a, b| {
        (&a.key, a.parameter, a.threads, a.row).cmp(&(&b.key, b.parameter, b.threads, b.row))
    });
    let mut out = Vec::new();
    for group in members.chunk_by(|a, b| a.key == b.key && a.parameter == b.parameter).filter(|g| g.len() >= LEAST) {
        for side in 0..sides.len() {
            let machine = (cores(side, sides, inputs), per_thread(side, sides, inputs));
            out.extend(sweep(group, side, rows, series, machine, config, left));
        }
    }
    out
}

/// Cores of the machine that a side was measured on, where its files tell.
fn cores(side: usize, sides: &[Side], inputs: &[InputReport]) -> Option<u32> {
    let own = sides.get(side)?.inputs.iter().filter_map(|i| inputs.get(*i as usize));
    own.filter_map(|i| i.environment.get("cores")?.parse().ok()).next()
}

/// Whether times are those of each thread: JMH's are, Go's are the time of all over the operations of
/// all.
fn per_thread(side: usize, sides: &[Side], inputs: &[InputReport]) -> bool {
    let own = sides.get(side).map_or(&[][..], |s| &s.inputs);
    own.iter().filter_map(|i| inputs.get(*i as usize)).any(|i| i.format.as_deref() == Some("jmh"))
}

fn sweep(
    group: &[Member<'_>],
    side: usize,
    rows: &[ReportRow],
    series: &[Vec<Option<SideSeries>>],
    (cores, per_thread): (Option<u32>, bool),
    config: &StatsConfig,
    left: &mut bool,
) -> Option<Sweep> {
    let mut points: Vec<SweepPoint> = Vec::new();
    for member in group {
        let Some(data) = series.get(member.row).and_then(|s| s.get(side)?.as_ref()).filter(|d| positive(d)) else {
            continue;
        };
        let slower = if data.quantity == Quantity::Time { -1.0 } else { 1.0 };
        let threads = if per_thread && slower < 0.0 { f64::from(member.threads) } else { 1.0 };
        let throughput: Vec<f64> = fork_means(data, true).iter().map(|f| threads * exp(slower * f.mean)).collect();
        if !throughput.is_empty() {
            points.push(SweepPoint { threads: member.threads, throughput });
        }
    }
    let mut threads: Vec<u32> = points.iter().map(|p| p.threads).collect();
    threads.dedup();
    if threads.len() < LEAST || threads.len() < points.len() {
        return None;
    }
    if cfg!(not(feature = "full")) {
        *left = true;
        return None;
    }
    let resamples = config.resamples / SHARE;
    let settings = SweepConfig { confidence: config.confidence, resamples, seed: config.seed, cores, borders: &[] };
    let first = group.first()?;
    let row = rows.get(first.row)?;
    let params: Vec<Param> = first.key.3.iter().map(|p| (*p).clone()).collect();
    let label = params.iter().fold(row.benchmark.clone(), |label, p| alloc::format!("{label}/{}={}", p.name, p.value));
    Some(Sweep {
        label,
        suite: row.suite.clone(),
        metric: row.metric.clone(),
        params,
        parameter: String::from(first.parameter),
        side: side as u32,
        throughput: points.iter().filter_map(|p| mean(&p.throughput)).collect(),
        threads,
        scalability: scalability(&points, &settings).ok()?,
    })
}
