//! Collections of a garbage collector, as columns.

use alloc::string::String;
use alloc::vec::Vec;

use crate::evidence::MAX_ROWS;

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

impl Cycle {
    /// A collection of which nothing is known yet but when it begins.
    pub(crate) fn begun(process: u32, number: u64, start: f64, kind: CycleKind) -> Cycle {
        let none = None;
        Cycle {
            process,
            number,
            start,
            end: start,
            cpu: none,
            before: none,
            after: none,
            during: none,
            goal: none,
            kind,
        }
    }
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
}
