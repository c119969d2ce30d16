//! Where the CPU time of a measured program goes: a sampling profiler that writes pprof files.
//!
//! On Linux a whole process tree is sampled from outside by perf events ([`Profiler`]): hardware cycles where the
//! machine has them, the kernel's CPU clock otherwise. Several runs of the same program are put together by a
//! [`ProfileCollector`]. Unix programs that link this crate can sample themselves ([`in_process`]).
//!
//! A sample costs the measured program 14 to 19 µs in a virtual machine (about 2 µs of it the copy of the stack), so
//! at the default 999 Hz some 2 % of its time: profile in runs of their own, never in those that are timed.
//!
//! ```no_run
//! use noisefloor::profiler::{ProfileCollector, Profiler, ProfilerOptions};
//! # fn child() -> (u32, impl FnMut() -> bool) { (1, || true) }
//! let mut collector = ProfileCollector::new();
//! for _block in 0..3 {
//!     // A child that was forked and waits before its `exec`.
//!     let (pid, mut has_ended) = child();
//!     let mut profiler = Profiler::attach(pid, &ProfilerOptions::default())?;
//!     while !has_ended() {
//!         profiler.poll()?;
//!         std::thread::sleep(std::time::Duration::from_millis(10));
//!     }
//!     collector.add(profiler)?;
//! }
//! let profile = collector.finish()?;
//! # Ok::<(), noisefloor::profiler::ProfilerError>(())
//! ```

#[cfg(target_os = "linux")]
mod collector;
#[cfg(unix)]
mod encode;
#[cfg(target_os = "linux")]
mod image;
pub mod in_process;
#[cfg(target_os = "linux")]
mod kernel;
#[cfg(target_os = "linux")]
mod perf;
#[cfg(target_os = "linux")]
mod record;
#[cfg(target_os = "linux")]
mod samples;
#[cfg(target_os = "linux")]
mod settle;
#[cfg(target_os = "linux")]
mod space;
#[cfg(unix)]
mod starts;
#[cfg(unix)]
mod sys;
#[cfg(all(test, target_os = "linux"))]
mod tests;
#[cfg(not(target_os = "linux"))]
mod unsupported;

#[cfg(target_os = "linux")]
pub use collector::ProfileCollector;
#[cfg(target_os = "linux")]
pub use perf::Profiler;
#[cfg(not(target_os = "linux"))]
pub use unsupported::{ProfileCollector, Profiler};

use std::fmt;

/// How the callers of a sampled function are found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum StackMode {
    /// Record what both other ways need and keep, for each sample, the stack that reaches further.
    #[default]
    Auto,
    /// The kernel follows frame pointers: cheap, and nearly empty unless the program was built with them.
    FramePointers,
    /// Copy 16 KiB of stack with each sample and unwind by the call frame tables of the executables, even where frame
    /// pointers reach further. Falls back to frame pointers on processors other than x86-64 and AArch64.
    Dwarf,
}

/// What to sample and how often.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct ProfilerOptions {
    /// Samples per second of CPU time. Held between 1 and the kernel's `perf_event_max_sample_rate`.
    pub frequency_hz: u32,
    /// How stacks are found.
    pub stacks: StackMode,
}

impl Default for ProfilerOptions {
    /// 999 Hz, out of step with timers that run at round frequencies; stacks as the program allows.
    fn default() -> Self {
        Self { frequency_hz: 999, stacks: StackMode::Auto }
    }
}

/// A finished profile and what is known of its quality.
#[derive(Clone, Debug, PartialEq)]
pub struct ProfileOutput {
    /// A pprof file, compressed with gzip: sample types `samples/count` and `cpu/nanoseconds`.
    pub pprof: Vec<u8>,
    /// Samples taken.
    pub samples: u64,
    /// Records the kernel dropped because a buffer was full; time is scaled, so totals stay right.
    pub lost: u64,
    /// What made the samples: `cycles`, `cpu-clock`, or `SIGPROF` in process.
    pub event: &'static str,
    /// How most stacks were found: `DWARF` or `frame pointers`.
    pub unwinding: &'static str,
    /// Samples per second of CPU time that really arrived; 0 without CPU time. Far below the frequency asked for when
    /// the kernel's time is not sampled.
    pub delivered_hz: f64,
    /// Share of samples, 0 to 1, whose outermost frames reach the program's or a thread's start. 0 without samples.
    pub rooted_share: f64,
    /// CPU time the samples stand for, nanoseconds.
    pub cpu_nanos: u64,
    /// Whether time in the kernel was sampled too; without the privilege it is not.
    pub kernel_sampled: bool,
}

/// Why there is no profile.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ProfilerError {
    /// This system has no perf events, or this build no code for them.
    Unsupported {
        /// What is missing.
        reason: String,
    },
    /// The kernel or a container refuses perf events.
    Refused {
        /// Who refuses, in words.
        reason: String,
        /// What would help.
        remedy: String,
    },
    /// The process ended before its events were open.
    ProcessGone {
        /// The process asked for.
        pid: u32,
    },
    /// Any other failure of the operating system.
    System {
        /// What was being done.
        action: &'static str,
        /// What the system said.
        message: String,
    },
}

impl fmt::Display for ProfilerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Unsupported { reason } => write!(f, "profiling is not supported here: {reason}"),
            Self::Refused { reason, remedy } => write!(f, "profiling was refused: {reason}; {remedy}"),
            Self::ProcessGone { pid } => write!(f, "process {pid} ended before it could be profiled"),
            Self::System { action, message } => write!(f, "could not {action}: {message}"),
        }
    }
}

impl std::error::Error for ProfilerError {}
