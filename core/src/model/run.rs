//! A run: everything that one invocation of a tool recorded.

use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::model::{Environment, Marks, Series, Stopping};

/// Everything that one file recorded.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Run {
    /// What wrote it, with its version where known: `hyperfine`, `go test`, `noisefloor 0.1.0`.
    pub tool: String,
    /// Facts about machine and tool.
    pub environment: Environment,
    /// The things compared inside this file; at least one. Files of other tools have exactly one
    /// arm with an empty name: the file itself is then one side of a comparison.
    pub arms: Vec<Arm>,
    /// The processes, in the order in which they started. Series refer to them by index.
    pub forks: Vec<Fork>,
    /// The series, in file order; keys are unique.
    pub series: Vec<Series>,
    /// Benchmarks as processes came to them: index of the fork, index of the benchmark's primary series.
    /// Empty where a file does not keep that order.
    pub executed: Vec<(u32, u32)>,
    /// Whether arms took turns: true only where block ids or time stamps in the file show it.
    pub interleaved: bool,
    /// Whether the rounds of this file are lockstep pairs (STATISTICS S18).
    pub lockstep: bool,
    /// Profiles that belong to this run and live in files beside it.
    pub profiles: Vec<ProfileRef>,
    /// What the format takes for a fork: `process`, `go test section`, `JVM fork`, `one process`.
    pub fork_means: &'static str,
    /// Cost of one block in seconds, where the file tells: for "about t minutes".
    pub seconds_per_block: Option<f64>,
    /// The plan by which it could stop early; `None` where the number of blocks was fixed.
    pub stopping: Option<Stopping>,
    /// Collector logs and scheduler traces that stand in the same file.
    #[cfg(feature = "full")]
    pub evidence: Vec<crate::evidence::Evidence>,
    /// Values whose place on the clock of their process is known.
    #[cfg(feature = "full")]
    pub timed: Vec<Timed>,
}

/// A value and when it was measured.
#[cfg(feature = "full")]
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Timed {
    /// Index into [`Run::forks`].
    pub fork: u32,
    /// Index into [`Run::series`].
    pub series: u32,
    /// Index into the columns of the series.
    pub value: u32,
    /// When its measuring began, in seconds since the start of the process.
    pub start: f64,
    /// When it ended.
    pub end: f64,
}

/// One of the things compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arm {
    /// `old`, `new`, a file name; empty for files of tools without arms.
    pub name: String,
    /// The command line, where one is known.
    pub command: String,
}

/// One process of one arm.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Fork {
    /// Index into [`Run::arms`].
    pub arm: u32,
    /// Tells the processes of an analysis apart: series of the same process share it. Given when sides
    /// are taken; a reader leaves it 0.
    pub id: u32,
    /// The block it ran in; `None` where the file has no blocks.
    pub block: Option<u32>,
    /// Reason codes for the whole process.
    pub marks: Marks,
    /// What is known of it beside its values: most files know nothing, and one may hold as many processes as values.
    pub process: Option<Box<Process>>,
}

impl Fork {
    /// What is known of it beside its values; without anything an empty one.
    #[must_use]
    pub fn known(&self) -> &Process {
        static NOTHING: Process =
            Process { pid: None, core: None, start: None, end: None, evidence: Evidence(BTreeMap::new()) };
        self.process.as_deref().unwrap_or(&NOTHING)
    }
}

/// What the system said of a process.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Process {
    /// Process id, where known.
    pub pid: Option<u32>,
    /// The core it was pinned to, where it was.
    pub core: Option<u32>,
    /// Start in seconds since the run began (monotonic), where known.
    pub start: Option<f64>,
    /// End, like `start`.
    pub end: Option<f64>,
    /// Counters of the process.
    pub evidence: Evidence,
}

/// Counters that explain slow values; absent ones are absent, never 0. Keys:
/// `user_s`, `system_s`, `max_rss_bytes`, `voluntary_switches`,
/// `involuntary_switches`, `minor_faults`, `major_faults`, `run_delay_s`, `migrations`,
/// `throttled_periods`, `throttled_s`.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Evidence(pub BTreeMap<String, f64>);

/// A profile kept beside a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ProfileRef {
    /// Index into [`Run::arms`].
    pub arm: u32,
    /// File name without folder.
    pub file: String,
}
