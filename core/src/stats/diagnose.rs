//! One side of a series looked at as a process in time: levels, dependence, steady state, drift,
//! modes and causes in one place (STATISTICS S7 to S9, S12, S13).

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::config::StatsConfig;
use crate::model::{Mark, Marks, SideSeries};
use crate::report::{
    CauseReport, ComponentReport, CourseCount, Diagnosis, DriftReport, ModeReport, ModesReport, SerialReport,
    SteadyReport,
};
use crate::sort::sort_distinct;
use crate::stats::autocorrelation::additive;
use crate::stats::causes::{causes, covariate};
use crate::stats::design::{Lists, Units};
use crate::stats::distribution::chi2_upper;
use crate::stats::math::{exp, sqrt};
use crate::stats::modes::{Modality, ModeLevel, mode_level, several};
use crate::stats::moments::mean;
use crate::stats::order::{median, sorted};
use crate::stats::segment::Tables;
use crate::stats::steady::{Course, Steady, SteadyConfig, WarmupFit, across_forks, classified, warmup_fit};
use crate::stats::trend::drift_as_a_whole;
use crate::stats::variance::{Grouping, Stratum, components};

/// Counters of processes that are held against their times, in alphabetical order: what the host or
/// the kernel did. Switches that the program asked for and the size of its memory are its own.
pub const COUNTERS: [&str; 7] =
    ["involuntary_switches", "major_faults", "migrations", "minor_faults", "run_delay_s", "system_s", "throttled_s"];
/// Rank correlation from which a counter is named as a cause, if chance gives one as large in less
/// than a hundredth of cases over all counters.
const STRONG: f64 = 0.5;
/// Marks that say which values were not to be measured at all.
const NOT_MEASURED: Marks =
    Marks::of(Mark::Warmup).with(Mark::Pilot).with(Mark::Profiled).with(Mark::Failed).with(Mark::Interrupted);

/// The processes of a side that have a used value, in the order in which they started. There may be as many as values:
/// what is known of one is put together when it is asked for.
struct Forks<'a> {
    units: &'a Units,
    courses: &'a Lists,
    /// Their places in the side.
    indices: Vec<u32>,
    /// How many values of each process of the side are warm-up; empty where none is.
    warmup: Vec<u32>,
}

impl<'a> Forks<'a> {
    fn len(&self) -> usize {
        self.indices.len()
    }

    fn iter(&self) -> impl Iterator<Item = Fork<'a>> {
        (0..self.indices.len()).filter_map(|at| self.at(at))
    }

    /// Once in the code of the page, and not where each loop needs it.
    #[inline(never)]
    fn at(&self, at: usize) -> Option<Fork<'a>> {
        let index = *self.indices.get(at)? as usize;
        Some(Fork {
            index,
            used: self.units.values.get(index),
            mean: self.units.means.get(at)?.mean,
            course: self.courses.get(index),
            warmup: self.warmup.get(index).map_or(0, |n| u64::from(*n)),
        })
    }
}

/// A process's values in the order in which they ran.
struct Fork<'a> {
    index: usize,
    /// Used values, on the scale of the analysis.
    used: &'a [f64],
    /// Their mean.
    mean: f64,
    /// All values that it measured, with warm-up.
    course: &'a [f64],
    /// How many of those are warm-up.
    warmup: u64,
}

/// Looks at a side; `None` for what does not vary by itself (counts), for summaries, and for
/// histograms, which keep no order.
#[must_use]
pub fn diagnose(side: &SideSeries, config: &StatsConfig) -> Option<Diagnosis> {
    diagnose_units((side, &Units::of(side)), config, &mut Tables::default())
}

/// [`diagnose`] of a side whose units are known; the tables are used again by the next side.
pub(crate) fn diagnose_units(
    (side, units): (&SideSeries, &Units),
    config: &StatsConfig,
    tables: &mut Tables,
) -> Option<Diagnosis> {
    if !side.quantity.varies_between_runs() || side.columns.is_empty() || !side.columns.weight.is_empty() {
        return None;
    }
    let log_scale = units.log;
    let plain = side.marks().is_empty();
    let measured = |at: usize| plain || !side.marks_of(at).less(Marks::of(Mark::Warmup)).intersects(NOT_MEASURED);
    let courses = Lists::by_fork(side, &measured, &|value| value);
    let forks = forks(side, units, &courses);
    let timed = !side.lockstep;
    Some(Diagnosis {
        log_scale,
        components: levels(side, &forks),
        serial: if timed { serial(&forks) } else { None },
        steady: if timed { steady_forks(side, &forks, log_scale, config, tables) } else { None },
        drift: if timed { drift_of(&forks, log_scale, config) } else { None },
        modes: if timed { modes(&forks, log_scale) } else { None },
        causes: causes_of(side, &forks, log_scale, config),
    })
}

fn forks<'a>(side: &SideSeries, units: &'a Units, courses: &'a Lists) -> Forks<'a> {
    let has = |index: &u32| !units.values.get(*index as usize).is_empty();
    let mut out = Forks { units, courses, indices: Vec::with_capacity(units.means.len()), warmup: Vec::new() };
    out.indices.extend((0..side.forks.len() as u32).filter(has));
    if !side.marks().is_empty() {
        out.warmup.resize(side.forks.len(), 0);
        for (at, fork) in side.columns.fork.iter().enumerate() {
            let marks = side.marks_of(at);
            if let (Some(warmup), true) = (out.warmup.get_mut(*fork as usize), marks.has(Mark::Warmup)) {
                *warmup += u32::from(!marks.less(Marks::of(Mark::Warmup)).intersects(NOT_MEASURED));
            }
        }
    }
    out
}

/// Spread by level. Where every block holds one process of the side the two are one level.
fn levels(side: &SideSeries, forks: &Forks<'_>) -> Vec<ComponentReport> {
    let block_of = |f: &Fork<'_>| side.forks.get(f.index).and_then(|f| f.block);
    let mut blocks: Vec<u32> = forks.iter().filter_map(|f| block_of(&f)).collect();
    let known = blocks.len() == forks.len();
    sort_distinct(&mut blocks);
    let nested = known && blocks.len() >= 2 && blocks.len() < forks.len();
    let total: usize = forks.iter().map(|f| f.used.len()).sum();
    let mut values: Vec<f64> = Vec::with_capacity(total);
    let (mut by_block, mut by_fork): (Vec<u32>, Vec<u32>) = (Vec::with_capacity(total), Vec::with_capacity(total));
    for fork in forks.iter() {
        values.extend_from_slice(fork.used);
        by_fork.resize(values.len(), fork.index as u32);
        by_block.resize(values.len(), block_of(&fork).unwrap_or(0));
    }
    let top = if known && blocks.len() == forks.len() { Stratum::Block } else { Stratum::Fork };
    let mut groupings = Vec::new();
    if nested {
        groupings.push(Grouping { level: Stratum::Block, ids: &by_block });
    }
    if forks.len() >= 2 {
        groupings.push(Grouping { level: top, ids: &by_fork });
    }
    let Ok(found) = components(&values, &groupings) else { return Vec::new() };
    if values.len() < 2 {
        return Vec::new();
    }
    let report = |c: &crate::stats::variance::Component| ComponentReport {
        level: c.level,
        units: c.units,
        sd: c.t2.map(sqrt),
        share: c.share,
    };
    // A level with one member in each unit above is part of that one.
    found.levels.iter().filter(|c| c.t2.is_some()).map(report).collect()
}

/// Processes are independent, so their statistics add up.
fn serial(forks: &Forks<'_>) -> Option<SerialReport> {
    let (mut n, mut weighted, mut lag1, mut q, mut df) = (0.0, 0.0, 0.0, 0.0, 0.0);
    for (size, found) in forks.iter().filter_map(|f| Some((f.used.len() as f64, additive(f.used, f.mean)?))) {
        n += size;
        weighted += size * found.tau;
        lag1 += size * found.lag1;
        q += found.q;
        df += found.df;
    }
    (n > 0.0).then(|| SerialReport {
        n: n as u64,
        lag1: lag1 / n,
        effective: n / (weighted / n).max(1.0),
        p: chi2_upper(q, df),
    })
}

fn steady_forks(
    side: &SideSeries,
    forks: &Forks<'_>,
    log: bool,
    config: &StatsConfig,
    tables: &mut Tables,
) -> Option<SteadyReport> {
    // Levels closer than what matters are one.
    let margin = config.margin.max(SteadyConfig::default().margin);
    let settings = SteadyConfig { margin, confidence: config.confidence };
    let mut one = |f: &Fork<'_>| {
        // As many used values as there are: the same, and their logarithms are known.
        let logs = Some(f.used).filter(|used| log && used.len() == f.course.len());
        classified(tables, f.course, logs, side.better, &settings)
    };
    let found: Vec<(Steady, u64)> = forks.iter().filter_map(|f| Some((one(&f)?, f.warmup))).collect();
    let fits: Vec<WarmupFit> = found.iter().map(|(s, warmup)| warmup_fit(s, *warmup)).collect();
    let periods: Vec<f64> = found
        .iter()
        .filter(|(s, _)| s.course == Course::Cyclic)
        .filter_map(|(s, _)| s.cycle.as_ref().map(|c| c.period))
        .collect();
    let warmup = found.iter().map(|(_, w)| *w).max()?;
    let steady: Vec<Steady> = found.into_iter().map(|(s, _)| s).collect();
    let all = across_forks(&steady)?;
    let wasted = |fit: &WarmupFit| if let WarmupFit::Wasted(n) = fit { *n } else { 0 };
    Some(SteadyReport {
        forks: all.n,
        courses: all.counts.iter().map(|(course, forks)| CourseCount { course: *course, forks: *forks }).collect(),
        consistent: all.consistent,
        steady: steady.iter().filter(|s| s.start.is_some()).count() as u64,
        steady_from: all.latest_start,
        warmup,
        insufficient: fits.iter().filter(|f| matches!(f, WarmupFit::Insufficient(_) | WarmupFit::Never)).count() as u64,
        wasted: fits.iter().map(wasted).min().unwrap_or(0),
        period: median(&sorted(periods)),
    })
}

fn drift_of(forks: &Forks<'_>, log: bool, config: &StatsConfig) -> Option<DriftReport> {
    let back = |v: f64| if log { exp(v) } else { v };
    let units: Vec<f64> = if forks.len() == 1 {
        forks.iter().flat_map(|f| f.used).map(|v| back(*v)).collect()
    } else {
        forks.iter().map(|f| back(f.mean)).collect()
    };
    let found = drift_as_a_whole(&units, config.margin, config.confidence).ok()?;
    Some(DriftReport {
        n: units.len() as u64,
        total: found.total,
        interval: found.interval,
        p: found.trend.p,
        verdict: found.verdict,
    })
}

/// Modes inside processes show in the distances from each process's mean, modes of processes in their
/// means; the mixture of both would call any spread between few processes modes.
fn modes(forks: &Forks<'_>, log: bool) -> Option<ModesReport> {
    let back = |v: f64| if log { exp(v) } else { v };
    let report = |level: ModeLevel, found: &Modality| ModesReport {
        level,
        p: found.p,
        modes: found.modes.iter().map(|m| ModeReport { location: back(m.location), weight: m.weight }).collect(),
    };
    let means: Vec<f64> = forks.iter().map(|f| f.mean).collect();
    let level = mean(&means)?;
    let mut inside: Vec<f64> = Vec::with_capacity(forks.iter().map(|f| f.used.len()).sum());
    for (fork, mean) in forks.iter().zip(&means) {
        inside.extend(fork.used.iter().map(|v| v - mean + level));
    }
    let within = if inside.len() > means.len() { several(&inside) } else { None };
    let between = several(&means);
    match (within, between) {
        (Some(_), Some(found)) => Some(report(ModeLevel::Mixed, &found)),
        (None, Some(found)) => Some(report(ModeLevel::BetweenForks, &found)),
        (Some(found), None) => {
            // Where all values together show the modes too, their places are the real ones, and a share
            // of the modes that lies between processes comes to light.
            let all: Vec<f64> = forks.iter().flat_map(|f| f.used.iter().copied()).collect();
            let lists: Vec<&[f64]> = forks.iter().map(|f| f.used).collect();
            match several(&all) {
                Some(pooled) => Some(report(mode_level(&pooled, &lists).0, &pooled)),
                None => Some(report(ModeLevel::WithinFork, &found)),
            }
        }
        (None, None) => None,
    }
}

fn causes_of(side: &SideSeries, forks: &Forks<'_>, log: bool, config: &StatsConfig) -> Vec<CauseReport> {
    let measured = || {
        let all = side.columns.values.iter().enumerate().map(|(at, value)| (*value, side.marks_of(at)));
        all.filter(|(_, marks)| !marks.intersects(NOT_MEASURED))
    };
    let mut out = Vec::new();
    if !side.marks().is_empty() && measured().any(|(_, marks)| !marks.is_empty()) {
        let (mut values, mut marks): (Vec<f64>, Vec<Marks>) = (Vec::new(), Vec::new());
        measured().for_each(|(value, own)| {
            values.push(value);
            marks.push(own);
        });
        let marked = causes(&values, &marks, config.confidence).unwrap_or_default();
        out.extend(marked.into_iter().map(|c| CauseReport {
            cause: c.mark.code().to_string(),
            share: Some(c.share),
            effect: c.effect.as_ref().map(|e| e.value),
            interval: c.effect.and_then(|e| e.interval),
            explained: c.variance_share,
        }));
    }
    if log {
        out.extend(COUNTERS.into_iter().filter_map(|name| counter(side, forks, name, config)));
    }
    out
}

/// A counter that every process has, if times go with it.
fn counter(side: &SideSeries, forks: &Forks<'_>, name: &str, config: &StatsConfig) -> Option<CauseReport> {
    let counts: Vec<f64> =
        forks.iter().map(|f| side.forks.get(f.index)?.known().evidence.0.get(name).copied()).collect::<Option<_>>()?;
    let times: Vec<f64> = forks.iter().map(|f| exp(f.mean)).collect();
    let found = covariate(&times, &counts, config.confidence).ok()?;
    let likely = found.p < 0.01 / COUNTERS.len() as f64 && found.rho.abs() > STRONG;
    likely.then(|| CauseReport {
        cause: String::from(name),
        share: None,
        effect: found.cost.as_ref().map(|c| c.value),
        interval: found.cost.and_then(|c| c.interval),
        explained: Some(found.explained),
    })
}
