//! Passports (STATISTICS S17): made from logs of a program compared with itself, and brought to bear on
//! others.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::analyze::{Input, align, inputs};
use crate::config::{AnalysisConfig, PassportNoise, PassportRow};
use crate::format::gzip::Crc32;
use crate::log::{Header, Record, decode_with};
use crate::model::SideSeries;
use crate::source::Source;
use crate::stats::compare::block_differences;
use crate::stats::design::positive;
use crate::stats::math::ln;
use crate::stats::passport::{AaRuns, LEAST_MARGIN, PASSPORT_VERSION, Passport, PassportEntry, entry, margin_of};
use crate::stats::variance::{Grouping, Stratum, components};

/// Facts of a log that tell one host, and one way of running it, from another.
const FINGERPRINT: [&str; 13] = [
    "os",
    "arch",
    "kernel",
    "hostname",
    "cpu",
    "microcode",
    "virtual",
    "cores",
    "governor",
    "smt",
    "turbo_off",
    "aslr",
    "huge_pages",
];
/// Block counts at which the noise is stated, as far as the logs reach.
const COUNTS: [u64; 8] = [3, 5, 10, 20, 40, 80, 160, 320];

/// Why a log makes no passport.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AaError {
    /// No run log, or one without a value.
    NotALog,
    /// Fewer than two arms.
    OneArm,
    /// Two arms run different commands: their names.
    DifferentArms(String, String),
    /// The log does not hold its command lines.
    Redacted,
    /// It could stop as soon as its arms looked alike, which picks the quiet moments.
    Adaptive,
    /// It was made on another host than the logs before: the facts that differ.
    OtherHost(Vec<String>),
    /// No benchmark has two blocks that hold both arms and positive values.
    TooFew,
}

/// What is gathered of one benchmark and metric over all logs.
struct Gathered {
    benchmark: String,
    metric: String,
    comparisons: Vec<Vec<f64>>,
    values: Vec<f64>,
    blocks: Vec<u32>,
    forks: Vec<u32>,
}

/// Makes a passport of A/A logs of one host. It is as old as the oldest of them. Arms are paired in
/// their order, so that no two comparisons share a process. `seed` is that of the resampling.
///
/// # Errors
/// The first log that cannot be used, by index, with the reason; `TooFew` at the last when nothing can.
pub fn passport(logs: &[Source<'_>], seed: u64) -> Result<Passport, (usize, AaError)> {
    let mut host: BTreeMap<String, String> = BTreeMap::new();
    let mut all: Vec<Gathered> = Vec::new();
    let mut taken_at_ns = u64::MAX;
    let (mut next_block, mut next_fork) = (0u32, 0u32);
    for (index, source) in logs.iter().enumerate() {
        let header = header(source).ok_or((index, AaError::NotALog))?;
        check(&header).map_err(|e| (index, e))?;
        let own = header.host.iter().filter(|(name, _)| FINGERPRINT.contains(&name.as_str()));
        let own: BTreeMap<String, String> = own.map(|(k, v)| (k.clone(), v.clone())).collect();
        let differing: Vec<String> =
            FINGERPRINT.iter().filter(|name| host.get(**name) != own.get(**name)).map(ToString::to_string).collect();
        if index > 0 && !differing.is_empty() {
            return Err((index, AaError::OtherHost(differing)));
        }
        host = own;
        taken_at_ns = taken_at_ns.min(header.started_unix_ns);
        let config = AnalysisConfig::default();
        let read = inputs::read_all(&[Input { source: *source, side: None }], &config);
        let (sides, members) = inputs::take_sides(&read, &config);
        if read.runs.is_empty() {
            return Err((index, AaError::NotALog));
        }
        for row in align::align(&read.runs, &members, sides.len(), &config).iter().filter(|r| r.primary) {
            let sides: Vec<&SideSeries> = row.sides.iter().flatten().filter(|s| positive(s)).collect();
            let of = |g: &Gathered| g.benchmark == row.label && g.metric == row.key.metric;
            let at = all.iter().position(of).unwrap_or_else(|| {
                all.push(Gathered {
                    benchmark: row.label.clone(),
                    metric: row.key.metric.clone(),
                    comparisons: Vec::new(),
                    values: Vec::new(),
                    blocks: Vec::new(),
                    forks: Vec::new(),
                });
                all.len() - 1
            });
            let Some(gathered) = all.get_mut(at) else { continue };
            for pair in sides.chunks_exact(2) {
                if let [a, b] = pair {
                    gathered.comparisons.push(block_differences(a, b, true).into_iter().map(|(_, d)| d).collect());
                }
            }
            for side in sides {
                gathered.take(side, next_block, next_fork);
                next_fork = next_fork.saturating_add(side.forks.len() as u32);
            }
        }
        let blocks = read.runs.iter().flat_map(|(_, run)| &run.forks).filter_map(|f| f.block);
        next_block = next_block.saturating_add(blocks.max().map_or(0, |b| b.saturating_add(1)));
    }
    let benchmarks: Vec<PassportEntry> = all.iter().filter_map(|g| g.entry(seed)).collect();
    if benchmarks.is_empty() {
        return Err((logs.len().saturating_sub(1), AaError::TooFew));
    }
    Ok(Passport { version: PASSPORT_VERSION, host, taken_at_seconds: taken_at_ns / 1_000_000_000, benchmarks })
}

fn header(source: &Source<'_>) -> Option<Header> {
    let crc = Crc32::new();
    source.bytes.split(|b| *b == b'\n').take(5).find_map(|line| match decode_with(|json| crc.of(json), line) {
        Ok(Record::Header(header)) => Some(header),
        _ => None,
    })
}

fn check(header: &Header) -> Result<(), AaError> {
    let Some((first, rest)) = header.arms.split_first().filter(|(_, rest)| !rest.is_empty()) else {
        return Err(AaError::OneArm);
    };
    if header.arms.iter().any(|a| a.command.is_empty()) {
        return Err(AaError::Redacted);
    }
    if let Some(other) = rest.iter().find(|a| a.command != first.command) {
        return Err(AaError::DifferentArms(first.name.clone(), other.name.clone()));
    }
    if header.plan.stopping.is_some() { Err(AaError::Adaptive) } else { Ok(()) }
}

impl Gathered {
    /// The logs of a side's values with their blocks and forks, told apart from those of other sides.
    fn take(&mut self, side: &SideSeries, next_block: u32, next_fork: u32) {
        for i in (0..side.columns.len()).filter(|i| side.is_used(*i)) {
            let (Some(value), Some(fork)) = (side.columns.values.get(i), side.columns.fork.get(i)) else { continue };
            let Some(block) = side.forks.get(*fork as usize).and_then(|f| f.block) else { continue };
            self.values.push(ln(*value));
            self.blocks.push(block.saturating_add(next_block));
            self.forks.push(fork.saturating_add(next_fork));
        }
    }

    fn entry(&self, seed: u64) -> Option<PassportEntry> {
        let levels = [
            Grouping { level: Stratum::Block, ids: &self.blocks },
            Grouping { level: Stratum::Fork, ids: &self.forks },
        ];
        let found = components(&self.values, &levels).ok();
        let runs = AaRuns {
            benchmark: &self.benchmark,
            metric: &self.metric,
            comparisons: &self.comparisons,
            components: found.as_ref(),
            block_counts: &COUNTS,
            margin: LEAST_MARGIN,
            seed,
        };
        entry(&runs).ok()
    }
}

/// The passport's row of a benchmark.
fn row<'a>(entry: &align::Aligned, config: &'a AnalysisConfig) -> Option<&'a PassportRow> {
    let same = |r: &&PassportRow| r.benchmark == entry.label && r.metric == entry.key.metric;
    config.passport.as_ref()?.rows.iter().find(same)
}

/// Gives the sides of a benchmark the spread between runs that the passport states.
pub(super) fn apply(entry: &mut align::Aligned, config: &AnalysisConfig) {
    let Some(row) = row(entry, config) else { return };
    let spread = row.run_sd.filter(|sd| *sd > 0.0).map(|sd| (sd, row.run_df));
    entry.sides.iter_mut().flatten().for_each(|side| side.run_spread = spread);
}

/// Blocks, or processes a side, that a comparison rests on.
fn units(baseline: &SideSeries, candidate: &SideSeries) -> u64 {
    let of = |side: &SideSeries| side.forks.iter().filter(|f| f.marks.is_used()).count() as u64;
    of(baseline).min(of(candidate))
}

/// The margin by the passport, as a ratio, where it is above the general one and none was set.
pub(super) fn margin(
    entry: &align::Aligned,
    baseline: &SideSeries,
    candidate: &SideSeries,
    config: &AnalysisConfig,
) -> Option<f64> {
    let follows = config.passport.as_ref().is_some_and(|p| p.margins);
    if !follows || config.stats.margins.contains_key(&entry.key.metric) {
        return None;
    }
    margin_of(&row(entry, config)?.noise, units(baseline, candidate)).filter(|m| *m > config.stats.margin)
}

/// How often identical code is called changed with about as many blocks.
pub(super) fn false_alarms(
    entry: &align::Aligned,
    baseline: &SideSeries,
    candidate: &SideSeries,
    config: &AnalysisConfig,
) -> Option<PassportNoise> {
    let n = units(baseline, candidate);
    row(entry, config)?.noise.iter().rev().find(|noise| noise.blocks <= n).copied()
}
