//! What the report says of collector logs, compiler notes and scheduler traces.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::{Interval, QuantileEstimate};

/// One kind of evidence out of one input.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct EvidenceReport {
    /// What it is; the field of that name is the one that is not null.
    pub kind: EvidenceKind,
    /// Index into [`Report::inputs`](crate::report::Report::inputs).
    pub input: u32,
    /// The side it belongs to; `None` where nothing says so.
    pub side: Option<u32>,
    /// What ties it to the side; `None` where nothing does.
    pub attached_by: Option<AttachedBy>,
    /// Of a collector's log.
    pub collections: Option<CollectionsReport>,
    /// Of a compiler's notes.
    pub notes: Option<NotesReport>,
    /// Of a scheduler's trace.
    pub schedule: Option<ScheduleReport>,
    /// What collections did to the iterations of processes on the same clock, at most 1000 processes.
    pub biases: Vec<BiasReport>,
    /// Iterations that were marked `gc_biased`, in order, at most 1000.
    pub biased: Vec<BiasedIteration>,
}

impl EvidenceReport {
    /// One that says nothing yet.
    #[must_use]
    pub fn of(kind: EvidenceKind) -> EvidenceReport {
        EvidenceReport {
            kind,
            input: 0,
            side: None,
            attached_by: None,
            collections: None,
            notes: None,
            schedule: None,
            biases: Vec::new(),
            biased: Vec::new(),
        }
    }
}

/// A kind of evidence.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum EvidenceKind {
    /// A collector's log.
    Collections,
    /// A compiler's notes.
    CompilerNotes,
    /// A scheduler's trace.
    Schedule,
}

/// What ties evidence to a side.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachedBy {
    /// It stands in the file of the run.
    SameFile,
    /// The caller named the side.
    Side,
    /// Its name begins like that of the run's file.
    Name,
    /// It is the only one of its kind beside the only run of the folder.
    Folder,
}

/// What the times of a log count from.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClockReport {
    /// The start of the process.
    Process,
    /// Another moment.
    Other,
    /// There are no times.
    None,
}

/// How many of a kind.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct KindCount {
    /// Its id.
    pub kind: String,
    /// How many.
    pub count: u64,
}

/// A collector's log.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CollectionsReport {
    /// `Go`, `G1` …; empty where the log does not say.
    pub collector: String,
    /// What times count from.
    pub clock: ClockReport,
    /// The step of the clock; `None` without one.
    pub resolution_seconds: Option<f64>,
    /// Processes whose cycles these are.
    pub processes: u64,
    /// Number of the first cycle: above 1 the log begins in the middle.
    pub first_number: u64,
    /// Cycles.
    pub cycles: u64,
    /// Cycles of other processes in the same text, such as the compiler's; they are in no other number.
    pub other_cycles: u64,
    /// Those whose line has no end: what it held counts.
    pub cut_lines: u64,
    /// Cycles and pauses beyond the limit of four million; they are in no other number.
    pub left_out: u64,
    /// Cycles by kind: `background`, `forced`, `young`, `mixed`, `full`, `concurrent`, `other`.
    pub kinds: Vec<KindCount>,
    /// Times that the program stood still; a cycle may have several.
    pub pauses: u64,
    /// Seconds that they took together.
    pub pause_seconds: f64,
    /// The longest.
    pub longest_pause: Option<f64>,
    /// Seconds that the log looks over, all processes together.
    pub span_seconds: Option<f64>,
    /// Share of the span in pauses; `None` where the log tells of none.
    pub pause_share: Option<f64>,
    /// p50, p90, p95, p99, p99.9 of the pauses, as far as their number carries them.
    pub pause_quantiles: Vec<QuantileEstimate>,
    /// CPU seconds of collecting, where the log says.
    pub cpu_seconds: Option<f64>,
    /// Bytes allocated from the first cycle to the last, at least.
    pub allocated_bytes: Option<f64>,
    /// The same in a second.
    pub allocation_rate: Option<f64>,
    /// The heap; `None` where the log does not say.
    pub heap: Option<HeapReport>,
    /// Stops of the program for any reason; `None` where the log does not hold them.
    pub stops: Option<StopsReport>,
    /// Times that a thread waited for memory, several perhaps at once; `None` where the log names none.
    pub stalls: Option<StopsReport>,
}

/// The heap, in bytes.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct HeapReport {
    /// In use after the first cycle.
    pub first_after: f64,
    /// In use after the last cycle.
    pub last_after: f64,
    /// The most in use before a cycle.
    pub largest_before: Option<f64>,
    /// The most in use after a cycle.
    pub largest_after: Option<f64>,
    /// The largest goal (Go) or size of the heap (JVM).
    pub largest_goal: Option<f64>,
    /// By how much the heap after a cycle grows from one cycle to the next (Theil and Sen); `None` below
    /// eight cycles or for several processes.
    pub growth_per_cycle: Option<f64>,
    /// Its bounds.
    pub growth_interval: Option<Interval>,
}

/// Stops for any reason.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct StopsReport {
    /// How many.
    pub count: u64,
    /// Seconds that they took together.
    pub seconds: f64,
}

/// What collections did to the iterations of one process (STATISTICS S10).
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct BiasReport {
    /// The side.
    pub side: u32,
    /// The process in its file, from 0.
    pub fork: u32,
    /// Cycles of the process.
    pub cycles: u64,
    /// Iterations with a place on its clock.
    pub iterations: u64,
    /// Those in which three cycles began in a row.
    pub biased: u64,
    /// Seconds without a cycle that end a row.
    pub longest_gap: f64,
    /// Whether collecting is part of the work, so that none is left out.
    pub gc_bound: bool,
    /// Seconds of the iterations that pauses took.
    pub pause_seconds: f64,
    /// Seconds of the iterations.
    pub iteration_seconds: f64,
}

/// An iteration that was marked `gc_biased`.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct BiasedIteration {
    /// The side.
    pub side: u32,
    /// The process in its file, from 0.
    pub fork: u32,
    /// The benchmark.
    pub benchmark: String,
    /// Which value of the process's it is, from 0.
    pub value: u64,
    /// When it began, in seconds on the clock of the process.
    pub start: f64,
    /// When it ended.
    pub end: f64,
    /// Cycles that began in it.
    pub cycles: u64,
    /// Seconds of it that pauses took.
    pub pause_seconds: f64,
}

/// A compiler's notes.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct NotesReport {
    /// The compiler's version; empty where it does not say.
    pub compiler: String,
    /// Packages that the notes are about.
    pub packages: Vec<String>,
    /// Notes, one for each place and kind.
    pub notes: u64,
    /// Notes by kind.
    pub kinds: Vec<KindCount>,
    /// The most frequent reasons of each kind that costs, numbers in them as `N`.
    pub reasons: Vec<ReasonCount>,
    /// Places at which the heap is used, the first of each kind.
    pub sites: Vec<SiteReport>,
}

/// A reason and how often it is given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReasonCount {
    /// The kind of note.
    pub kind: String,
    /// The compiler's words.
    pub reason: String,
    /// How often.
    pub count: u64,
}

/// A place in the source.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct SiteReport {
    /// The kind of note.
    pub kind: String,
    /// The file as the compiler names it.
    pub file: String,
    /// The line, from 1.
    pub line: u32,
    /// The column, from 1; 0 where none is given.
    pub column: u32,
    /// The function; empty where the compiler does not say.
    pub function: String,
    /// What it is about.
    pub subject: String,
    /// Why; empty where the compiler does not say.
    pub reason: String,
    /// How the value gets there, step by step; empty where the compiler does not say.
    pub chain: Vec<String>,
}

/// A scheduler's trace: shares of moments, not of time.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct ScheduleReport {
    /// Lines, each a moment.
    pub lines: u64,
    /// Processes whose lines these are.
    pub processes: u64,
    /// The most processors of the scheduler.
    pub procs: u32,
    /// Share of processors without work, over all moments.
    pub idle_share: Option<f64>,
    /// Goroutines that waited to run, on average.
    pub queue_mean: Option<f64>,
    /// The most that waited.
    pub queue_longest: f64,
    /// p50, p90, p99 of those that waited.
    pub queue_quantiles: Vec<QuantileEstimate>,
    /// Whether the queues of the processors are in these numbers, or the queue of all alone.
    pub locals_known: bool,
    /// Threads at the first moment.
    pub threads_first: u32,
    /// Threads at the last.
    pub threads_last: u32,
    /// The most threads.
    pub threads_most: u32,
}
