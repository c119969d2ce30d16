//! Measures commands against each other: interleaved in blocks, and in lockstep where they can be
//! driven (`PROTOCOL.md`). What is measured goes to the run log (`FORMAT.md`) at once.

mod adaptive;
mod command;
mod engine;
mod error;
mod lockstep;
mod order;
mod process;
pub(crate) mod profile;
mod recorder;

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::Duration;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::log::Header;

pub use adaptive::Adaptive;
pub use engine::run;
pub use error::RunError;
pub use order::fresh_seed;

/// Blocks of an ordinary run at least.
pub const MIN_BLOCKS: u32 = 10;
/// Blocks at least when a budget was named: below, there is hardly anything to be said.
pub const MIN_BUDGET_BLOCKS: u32 = 3;
/// Blocks at most, if no number was named.
pub const MAX_BLOCKS: u32 = 1000;
/// Lockstep blocks at most, if no number was named: each is worth many of another kind.
pub const MAX_LOCKSTEP_BLOCKS: u32 = 240;
/// Lockstep rounds of a block.
pub const ROUNDS: u32 = 60;
/// Length of a lockstep batch.
pub const BATCH: Duration = Duration::from_micros(100);
/// What is spent when neither blocks nor a budget are named.
pub const DEFAULT_BUDGET: Duration = Duration::from_secs(10);
/// The same for a run that may stop early: what it needs at most is seldom needed.
pub const ADAPTIVE_BUDGET: Duration = Duration::from_secs(60);

/// How processes are started.
#[derive(Clone, Debug, Default)]
pub struct Program {
    /// The shell that gets command lines; `None`: no shell.
    pub shell: Option<String>,
    /// Folder to start in.
    pub cwd: Option<PathBuf>,
    /// Variables added to the environment.
    pub env: Vec<(String, String)>,
    /// Whether what processes print goes to standard error; otherwise it is thrown away.
    pub show_output: bool,
    /// Whether what they write to standard error is kept beside the log: there runtimes put what their
    /// collectors do.
    pub gc_log: bool,
}

/// One of the things compared.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ArmSpec {
    /// Its name; empty for a single command.
    pub name: String,
    /// Its command line as typed.
    pub line: String,
    /// The words of the command line (one, with a shell).
    pub words: Vec<String>,
}

/// Where processes may run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub enum Cores {
    /// One quiet core for all arms of a comparison; as it comes for a single command.
    #[default]
    Auto,
    /// Wherever the system puts them.
    Any,
    /// These.
    These(Vec<u32>),
}

/// Everything that a run can be told.
#[derive(Clone, Debug, Default)]
pub struct RunOptions {
    /// Name of the benchmark.
    pub name: String,
    /// At least one; the first is the baseline.
    pub arms: Vec<ArmSpec>,
    /// How they are started.
    pub program: Program,
    /// Run once, before the pilot.
    pub setup: Option<Vec<String>>,
    /// Run before each process.
    pub prepare: Option<Vec<String>>,
    /// Run once, at the end.
    pub cleanup: Option<Vec<String>>,
    /// What a process may take.
    pub timeout: Option<Duration>,
    /// Whether a failed process counts.
    pub ignore_failure: bool,
    /// Timed blocks; `None`: by the budget.
    pub blocks: Option<u32>,
    /// Time to spend; `None`: [`DEFAULT_BUDGET`], or [`ADAPTIVE_BUDGET`].
    pub budget: Option<Duration>,
    /// By which rule the run ends as soon as every primary row is decided; the blocks are then the most that
    /// there can be.
    pub adaptive: Option<Adaptive>,
    /// By which settings a look judges.
    pub judging: AnalysisConfig,
    /// Lockstep rounds of a block; `None`: [`ROUNDS`], fewer for long bodies.
    pub rounds: Option<u32>,
    /// Only these benchmarks of a harness.
    pub filter: Option<String>,
    /// Seed of every random choice.
    pub seed: u32,
    /// Where processes may run.
    pub cores: Cores,
    /// Whether stacks are sampled in blocks of their own.
    pub profile: bool,
    /// Whether command lines and host names stay out of the log.
    pub redact: bool,
    /// The log.
    pub log: PathBuf,
    /// Whether the log exists and is to be continued.
    pub resume: bool,
}

impl RunOptions {
    /// Where the collectors' output goes: beside the log, under its name.
    #[must_use]
    pub fn gc_log(&self) -> Option<PathBuf> {
        let name = self.log.file_name().filter(|_| self.program.gc_log)?.to_string_lossy().into_owned();
        let stem = name.split_once('.').map_or(name.as_str(), |(stem, _)| stem);
        Some(self.log.with_file_name(format!("{stem}.gc.log")))
    }

    /// What the log says about how processes were started. Values of variables are often secrets: only names.
    #[must_use]
    pub fn settings(&self) -> BTreeMap<String, String> {
        let line = |words: &Option<Vec<String>>| words.as_ref().map(|w| crate::words::join(w));
        let names: Vec<&str> = self.program.env.iter().map(|(name, _)| name.as_str()).collect();
        let list = [
            ("shell", self.program.shell.clone()),
            ("cwd", self.program.cwd.as_ref().map(|p| p.display().to_string())),
            ("env", (!names.is_empty()).then(|| names.join(" "))),
            ("setup", line(&self.setup)),
            ("prepare", line(&self.prepare)),
            ("cleanup", line(&self.cleanup)),
            ("timeout_s", self.timeout.map(|t| t.as_secs_f64().to_string())),
            ("ignore_failure", self.ignore_failure.then(|| "yes".to_string())),
        ];
        let shown = |value: String| if self.redact { String::new() } else { value };
        list.into_iter().filter_map(|(key, value)| Some((key.to_string(), shown(value?)))).collect()
    }
}

/// What a run did.
#[derive(Debug)]
pub struct Outcome {
    /// Its header, with the plan.
    pub header: Header,
    /// Blocks closed in order, including those of an earlier run.
    pub blocks: u32,
    /// Profiles written.
    pub profiles: Vec<PathBuf>,
    /// What the user should know, a sentence each.
    pub remarks: Vec<String>,
}

/// What a run tells while it goes on.
#[derive(Clone, Copy, Debug)]
pub enum Progress<'a> {
    /// Something is being done, in words.
    Doing(&'a str),
    /// The plan is fixed.
    Planned(&'a Header),
    /// A block was closed: how many of how many, and seconds since the first timed one began.
    Block {
        /// Blocks closed.
        done: u32,
        /// Blocks planned; at most, where the run may stop early.
        planned: u32,
        /// Seconds that those of this run took.
        seconds: f64,
    },
}
