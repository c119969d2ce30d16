//! Collections of a garbage collector, as columns.

use alloc::string::String;
use alloc::vec::Vec;

use crate::evidence::MAX_ROWS;
use crate::report::{ClockReport, CollectionsReport, HeapReport, KindCount, StopsReport};
use crate::sort::sort_values;
use crate::stats::autocorrelation::tau;
use crate::stats::order::estimate_quantile;
use crate::stats::quantile::Weighing;
use crate::stats::trend::trend;

/// What a cycle is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum CycleKind {
    /// A Go cycle: concurrent, with two short pauses.
    Background,
    /// A Go cycle that the program asked for (`runtime.GC`); testing does so before each measurement.
    Forced,
    /// Of the young generation, the program standing still.
    Young,
    /// Of the young generation and a part of the old one.
    Mixed,
    /// Of the whole heap, the program standing still.
    Full,
    /// Beside the program, with pauses.
    Concurrent,
    /// A pause that the log does not describe further.
    Other,
}

impl CycleKind {
    /// Every kind, in the order in which they are counted.
    pub const ALL: [CycleKind; 7] = [
        CycleKind::Background,
        CycleKind::Forced,
        CycleKind::Young,
        CycleKind::Mixed,
        CycleKind::Full,
        CycleKind::Concurrent,
        CycleKind::Other,
    ];

    /// Stable `snake_case` id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            CycleKind::Background => "background",
            CycleKind::Forced => "forced",
            CycleKind::Young => "young",
            CycleKind::Mixed => "mixed",
            CycleKind::Full => "full",
            CycleKind::Concurrent => "concurrent",
            CycleKind::Other => "other",
        }
    }
}

/// What the times of a log count from.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Clock {
    /// The start of the process.
    Process,
    /// Another moment: a wall clock, or `System.nanoTime`. Times count from the first line.
    Other,
    /// The log has no times.
    #[default]
    None,
}

/// Collections, struct of arrays: `process` to `goal` have one entry for each cycle, in the order of the
/// log; those that begin with `pause_` one for each time the program stood still. Times are seconds,
/// sizes bytes.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Collections {
    /// `Go`, `G1`, `Parallel` …; empty where the log does not say.
    pub collector: String,
    /// What times count from.
    pub clock: Clock,
    /// The step of that clock in seconds; 0 where there is none.
    pub resolution: f64,
    /// Whether numbers are those of the collector, so that the first one tells if the log begins with
    /// its process.
    pub whole: bool,
    /// Processes whose cycles these are: a new one where the numbering begins again.
    pub processes: u32,
    /// For each process the fork of a run log that it is, as number and process id, where the log says.
    pub forks: Vec<Option<(u32, u32)>>,
    /// What the processes that come next are.
    pub(crate) fork: Option<(u32, u32)>,
    /// For each cycle its process.
    pub process: Vec<u32>,
    /// The number that the log gives it.
    pub number: Vec<u64>,
    /// When it began.
    pub start: Vec<f64>,
    /// When it ended, not before `start`.
    pub end: Vec<f64>,
    /// For how long the program stood still in it, all pauses together.
    pub pause: Vec<f64>,
    /// CPU time that it took, idle time not counted, where the log says.
    pub cpu: Vec<Option<f64>>,
    /// Heap at its beginning.
    pub before: Vec<Option<f64>>,
    /// Heap in use after it (Go: what was marked live).
    pub after: Vec<Option<f64>>,
    /// What was allocated while it ran, where the log says.
    pub during: Vec<Option<f64>>,
    /// Go: the size at which the next cycle was to end; JVM: the size of the heap.
    pub goal: Vec<Option<f64>>,
    /// What it is.
    pub kind: Vec<CycleKind>,
    /// For each pause its cycle.
    pub pause_cycle: Vec<u32>,
    /// When it began.
    pub pause_start: Vec<f64>,
    /// How long it took.
    pub pause_seconds: Vec<f64>,
    /// How often the program was stopped at all (`safepoint`), for whatever reason.
    pub stops: u64,
    /// How long together, with the time to stop it.
    pub stopped: f64,
    /// How often a thread waited for memory (ZGC's allocation stalls).
    pub stalls: u64,
    /// How long together; threads wait at the same time.
    pub stalled: f64,
    /// Cycles of processes that only wrote into the same text, such as the compiler's: they are in no column.
    pub others: u64,
    /// Cycles whose line has no end: what it held counts.
    pub cut: u64,
    /// Rows that the limits left out.
    pub left_out: u64,
}

/// A cycle on its way into the columns.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cycle {
    pub(crate) process: u32,
    pub(crate) number: u64,
    pub(crate) start: f64,
    pub(crate) end: f64,
    pub(crate) cpu: Option<f64>,
    pub(crate) before: Option<f64>,
    pub(crate) after: Option<f64>,
    pub(crate) during: Option<f64>,
    pub(crate) goal: Option<f64>,
    pub(crate) kind: CycleKind,
}

impl Collections {
    /// How many cycles.
    #[must_use]
    pub fn len(&self) -> usize {
        self.start.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.start.is_empty()
    }

    /// Adds a cycle; its place, or `None` beyond the limit.
    pub(crate) fn push(&mut self, cycle: Cycle) -> Option<u32> {
        if self.len() >= MAX_ROWS {
            self.left_out += 1;
            return None;
        }
        self.process.push(cycle.process);
        self.processes = self.processes.max(cycle.process + 1);
        self.forks.resize(self.processes as usize, self.fork);
        // No number of a report is beyond what a double holds.
        self.number.push(cycle.number.min(1 << 53));
        self.start.push(cycle.start);
        self.end.push(cycle.end.max(cycle.start));
        self.pause.push(0.0);
        self.cpu.push(cycle.cpu);
        self.before.push(cycle.before);
        self.after.push(cycle.after);
        self.during.push(cycle.during);
        self.goal.push(cycle.goal);
        self.kind.push(cycle.kind);
        Some(self.len() as u32 - 1)
    }

    /// Keeps the cycles of some processes, and counts the others.
    pub(crate) fn only(&mut self, keep: &[bool]) {
        let all = core::mem::take(self);
        let kept = |process: &u32| keep.get(*process as usize).copied().unwrap_or(false);
        // Their new places.
        let mut places: Vec<u32> = Vec::with_capacity(all.processes as usize);
        let mut next = 0;
        for process in 0..all.processes {
            places.push(next);
            next += u32::from(kept(&process));
        }
        let mut rows: Vec<Option<u32>> = Vec::with_capacity(all.len());
        for (i, process) in all.process.iter().enumerate() {
            let at = |list: &[Option<f64>]| list.get(i).copied().flatten();
            let (Some(place), Some(number), Some(start), Some(end), Some(kind)) = (
                places.get(*process as usize).filter(|_| kept(process)),
                all.number.get(i),
                all.start.get(i),
                all.end.get(i),
                all.kind.get(i),
            ) else {
                self.others += 1;
                rows.push(None);
                continue;
            };
            self.fork = all.forks.get(*process as usize).copied().flatten();
            rows.push(self.push(Cycle {
                process: *place,
                number: *number,
                start: *start,
                end: *end,
                cpu: at(&all.cpu),
                before: at(&all.before),
                after: at(&all.after),
                during: at(&all.during),
                goal: at(&all.goal),
                kind: *kind,
            }));
        }
        for ((cycle, start), seconds) in all.pause_cycle.iter().zip(&all.pause_start).zip(&all.pause_seconds) {
            if let Some(row) = rows.get(*cycle as usize).copied().flatten() {
                self.pause(row, *start, *seconds);
            }
        }
        (self.cut, self.left_out) = (all.cut, all.left_out);
    }

    /// Adds a pause of a cycle.
    pub(crate) fn pause(&mut self, cycle: u32, start: f64, seconds: f64) {
        let (Some(total), Some(end)) = (self.pause.get_mut(cycle as usize), self.end.get_mut(cycle as usize)) else {
            return;
        };
        if self.pause_seconds.len() >= 2 * MAX_ROWS {
            self.left_out += 1;
            return;
        }
        *total += seconds;
        *end = end.max(start + seconds);
        self.pause_cycle.push(cycle);
        self.pause_start.push(start);
        self.pause_seconds.push(seconds);
    }

    /// The cycles of a process, by start.
    #[must_use]
    pub fn of_process(&self, process: u32) -> Vec<crate::stats::collections::Collection> {
        let own = self.process.iter().enumerate().filter(|(_, p)| **p == process);
        own.filter_map(|(i, _)| {
            let (start, end, pause) = (*self.start.get(i)?, *self.end.get(i)?, *self.pause.get(i)?);
            Some(crate::stats::collections::Collection { start, end, pause })
        })
        .collect()
    }

    /// Seconds that the log looks over, all processes together: from the start of a process, or from its
    /// first line where the clock has another beginning, to the end of its last cycle. `None` without a
    /// clock or where no time passes.
    fn span(&self) -> Option<f64> {
        if self.clock == Clock::None {
            return None;
        }
        let mut ends: Vec<Option<(u64, f64, f64)>> = Vec::new();
        ends.resize(self.processes as usize, None);
        for (((process, number), start), end) in self.process.iter().zip(&self.number).zip(&self.start).zip(&self.end) {
            let Some(own) = ends.get_mut(*process as usize) else { continue };
            let (first, from, to) = own.unwrap_or((*number, *start, *end));
            *own = Some((first, from.min(*start), to.max(*end)));
        }
        let from = |first: u64, start: f64| if self.begins(first) { 0.0 } else { start };
        let all: f64 = ends.iter().flatten().map(|(first, start, last)| last - from(*first, *start)).sum();
        (all > 0.0).then_some(all)
    }

    /// Whether a log whose first cycle has this number begins with its process.
    fn begins(&self, first: u64) -> bool {
        self.clock == Clock::Process && self.whole && first <= 1
    }

    /// Bytes allocated between the cycles and, where the log says, during them; and over how many
    /// seconds. What is allocated during a cycle of the JVM is not in its log, so that this is the least.
    fn allocated(&self) -> Option<(f64, f64)> {
        let mut last: Vec<Option<(f64, f64)>> = Vec::new();
        last.resize(self.processes as usize, None);
        let (mut bytes, mut seconds, mut steps) = (0.0, 0.0, 0u64);
        for i in 0..self.len() {
            let (Some(process), Some(start)) = (self.process.get(i), self.start.get(i)) else { continue };
            let Some(own) = last.get_mut(*process as usize) else { continue };
            let (before, after) = (self.before.get(i).copied().flatten(), self.after.get(i).copied().flatten());
            let (Some(before), Some(after)) = (before, after) else { continue };
            if let Some((left, at)) = *own {
                bytes += (before - left).max(0.0) + self.during.get(i).copied().flatten().unwrap_or(0.0);
                seconds += (start - at).max(0.0);
                steps += 1;
            }
            *own = Some((after, *start));
        }
        (steps > 0).then_some((bytes, seconds))
    }

    fn heap(&self) -> Option<HeapReport> {
        let after: Vec<f64> = self.after.iter().flatten().copied().collect();
        let largest = |list: &[Option<f64>]| {
            list.iter().flatten().copied().fold(None, |m: Option<f64>, v| Some(m.map_or(v, |m| m.max(v))))
        };
        // Over all processes together there is no course to speak of.
        let course = (self.processes == 1).then(|| trend(&after, 0.95).ok()).flatten();
        Some(HeapReport {
            first_after: *after.first()?,
            last_after: *after.last()?,
            largest_before: largest(&self.before),
            largest_after: largest(&self.after),
            largest_goal: largest(&self.goal),
            growth_per_cycle: course.as_ref().map(|t| t.slope),
            growth_interval: course.map(|t| t.interval),
        })
    }

    /// What the report says of it.
    #[must_use]
    pub fn summarize(&self, confidence: f64) -> CollectionsReport {
        let mut pauses = self.pause_seconds.clone();
        // Pauses follow each other: they are worth fewer independent ones (S7).
        let dependence = tau(&pauses).max(1.0);
        sort_values(&mut pauses);
        let n = pauses.len();
        let effective = (n as f64 / dependence).max(1.0) as u64;
        let mut weighing = Weighing::new();
        let quantiles = [0.5, 0.9, 0.95, 0.99, 0.999].map(|p| {
            let value = weighing.shown(&pauses, p, false);
            estimate_quantile(&pauses, p, confidence, effective, value)
        });
        let total = self.pause_seconds.iter().fold(0.0, |sum, v| sum + v);
        let span = self.span();
        let allocated = self.allocated();
        let cpu = self.cpu.iter().flatten().copied().reduce(|a, b| a + b);
        CollectionsReport {
            collector: self.collector.clone(),
            clock: match self.clock {
                Clock::Process => ClockReport::Process,
                Clock::Other => ClockReport::Other,
                Clock::None => ClockReport::None,
            },
            resolution_seconds: (self.resolution > 0.0).then_some(self.resolution),
            processes: u64::from(self.processes),
            first_number: self.number.first().copied().unwrap_or(0),
            cycles: self.len() as u64,
            other_cycles: self.others,
            cut_lines: self.cut,
            left_out: self.left_out,
            kinds: CycleKind::ALL
                .into_iter()
                .map(|kind| KindCount {
                    kind: String::from(kind.code()),
                    count: self.kind.iter().filter(|k| **k == kind).count() as u64,
                })
                .filter(|k| k.count > 0)
                .collect(),
            pauses: n as u64,
            pause_seconds: total,
            longest_pause: pauses.last().copied(),
            span_seconds: span,
            // A log may leave its pauses out.
            pause_share: span.filter(|_| n > 0).map(|s| (total / s).min(1.0)),
            pause_quantiles: if n == 0 { Vec::new() } else { quantiles.to_vec() },
            cpu_seconds: cpu,
            allocated_bytes: allocated.map(|a| a.0),
            allocation_rate: allocated
                .filter(|a| a.1 > 0.0 && self.clock != Clock::None)
                .map(|a| a.0 / a.1)
                .filter(|rate| rate.is_finite()),
            heap: self.heap(),
            stops: (self.stops > 0).then_some(StopsReport { count: self.stops, seconds: self.stopped }),
            stalls: (self.stalls > 0).then_some(StopsReport { count: self.stalls, seconds: self.stalled }),
        }
    }
}
