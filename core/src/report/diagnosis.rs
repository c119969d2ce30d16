//! What the order, the levels and the marks of a side's values say beyond its mean (STATISTICS S7 to
//! S9, S12, S13). It doubts; it decides nothing.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::Interval;
use crate::stats::modes::ModeLevel;
use crate::stats::steady::Course;
use crate::stats::trend::DriftVerdict;
use crate::stats::variance::Stratum;

/// One side of a time- or rate-like series, looked at as a process in time. Each part is absent or
/// empty where the values cannot carry it.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Diagnosis {
    /// Whether differences below are logarithms of ratios (all values positive); else they are in the
    /// unit of the row.
    pub log_scale: bool,
    /// Spread by level, from the top down; empty below two values.
    pub components: Vec<ComponentReport>,
    /// Dependence between successive values inside processes; `None` where none has ten.
    pub serial: Option<SerialReport>,
    /// Warm-up and steady state of the processes; `None` where none has twenty values.
    pub steady: Option<SteadyReport>,
    /// Drift over the units of replication in the order in which they ran (over the values of a lone
    /// process); `None` below eight, and in lockstep, where the ratios do not see it.
    pub drift: Option<DriftReport>,
    /// More than one typical value; `None` where one mode is enough.
    pub modes: Option<ModesReport>,
    /// What goes with slower values, and what it costs.
    pub causes: Vec<CauseReport>,
}

/// The part of the spread that arises at one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ComponentReport {
    /// Which level.
    pub level: Stratum,
    /// Units seen there.
    pub units: u64,
    /// Standard deviation that arises at this level, without what it carries up from below. A level
    /// with one member in each unit above cannot be told from that one and is left out.
    pub sd: Option<f64>,
    /// Share of the variance of single values, in [0, 1].
    pub share: Option<f64>,
}

/// Successive values of a process, and how many independent ones they are worth.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct SerialReport {
    /// Values used: those of processes with at least ten.
    pub n: u64,
    /// Autocorrelation of neighbours, averaged over processes.
    pub lag1: f64,
    /// Independent values that these are worth, at most `n`.
    pub effective: f64,
    /// p of "no dependence" (Ljung and Box 1978), over all processes.
    pub p: f64,
}

/// Processes of a course.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct CourseCount {
    /// The course.
    pub course: Course,
    /// Processes that took it.
    pub forks: u64,
}

/// Courses of the processes, warm-up values included.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SteadyReport {
    /// Processes classified.
    pub forks: u64,
    /// How many took which course; courses that none took are left out.
    pub courses: Vec<CourseCount>,
    /// Whether all took the same one.
    pub consistent: bool,
    /// Processes that reached a steady state.
    pub steady: u64,
    /// Values before the steady state, the most of any process that reached one.
    pub steady_from: Option<u64>,
    /// Warm-up values in the file, the most of any process; 0 where the tool leaves them out.
    pub warmup: u64,
    /// Processes whose steady state began after the warm-up, or never.
    pub insufficient: u64,
    /// Warm-up values that were already steady, the fewest of any process.
    pub wasted: u64,
    /// Length in values of the cycle of a cyclic process, the median of them.
    pub period: Option<f64>,
}

/// A change from the first to the last.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct DriftReport {
    /// Units looked at.
    pub n: u64,
    /// Change over all of them along the median slope (Theil 1950, Sen 1968).
    pub total: f64,
    /// Its interval, dependence accounted for.
    pub interval: Interval,
    /// p of "no trend" (Mann-Kendall; Hamed and Rao 1998).
    pub p: f64,
    /// Against half of the margin.
    pub verdict: DriftVerdict,
}

/// One of several typical values.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModeReport {
    /// Median of what belongs to it; of the values, or of units' means where the modes are theirs.
    pub location: f64,
    /// Share of what was looked at.
    pub weight: f64,
}

/// More than one typical value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ModesReport {
    /// Which level carries the modes.
    pub level: ModeLevel,
    /// p of "one mode" (Hartigans' dip).
    pub p: f64,
    /// The modes, lowest first; at least two.
    pub modes: Vec<ModeReport>,
}

/// Something that goes with slower (or faster) values.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CauseReport {
    /// A mark's id (`preempted`, `gc_biased` …), or the name of a process's counter (`run_delay_s`,
    /// `involuntary_switches` …), or `freq_scaling`: the core's frequency, from cycles of the same iterations.
    pub cause: String,
    /// Values that bear the mark, as a share; `None` for a counter.
    pub share: Option<f64>,
    /// From values without to those with it (for a counter, from the lower half of the processes to
    /// the upper; for the frequency, from the lower half of the values to the upper).
    pub effect: Option<f64>,
    /// Its interval (Hodges-Lehmann).
    pub interval: Option<Interval>,
    /// Share of the variance that it explains: η² of a mark, ρ² of a counter or the frequency.
    pub explained: Option<f64>,
}
