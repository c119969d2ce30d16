//! Blocks that are profiled instead of timed: a sampled process is a slower one.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::time::Duration;

use noisefloor_core::log::{Note, PROFILED_BLOCK, ProfileRecord, Record};

use crate::profiler::{ProfileCollector, ProfileOutput, Profiler, ProfilerError, ProfilerOptions};
use crate::run::RunError;
use crate::run::engine::Engine;
use crate::run::process::{Event, Process};
use crate::sys;
use noisefloor_core::log::Mode;

/// What an arm is profiled for: about 2000 samples at the default rate.
const TIME: Duration = Duration::from_secs(2);
/// Processes of a plain command at most.
const MAX_PROCESSES: u32 = 1000;
/// How often the buffers of the kernel are emptied: they hold much more.
const POLL: Duration = Duration::from_millis(20);
/// Work of a harness between two looks at the buffers.
const STRETCH_NS: u64 = 10_000_000;

/// Writes a profile beside a log, under a name that is free.
pub(crate) fn save(log: &Path, arm: &str, pprof: &[u8]) -> Result<PathBuf, RunError> {
    let stem = log.file_stem().unwrap_or_default().to_string_lossy();
    let arm: String = arm.chars().map(|c| if c.is_alphanumeric() || c == '-' || c == '_' { c } else { '-' }).collect();
    for i in 1..1000 {
        let number = if i == 1 { String::new() } else { format!("-{i}") };
        let dot = if arm.is_empty() { "" } else { "." };
        let path = log.with_file_name(format!("{stem}{dot}{arm}{number}.pb.gz"));
        let fail = |error| RunError::Log { path: path.clone(), error };
        match std::fs::File::create_new(&path) {
            Ok(mut file) => {
                file.write_all(pprof).and_then(|()| file.sync_data()).map_err(|error| {
                    // Half a profile would look like a whole one.
                    let _ = std::fs::remove_file(&path);
                    fail(error)
                })?;
                return Ok(path);
            }
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(fail(e)),
        }
    }
    Err(RunError::Usage(format!("a thousand profiles lie beside {}", log.display())))
}

/// The record of a profile that was written.
pub(crate) fn record(arm: usize, path: &Path, output: &ProfileOutput) -> Record {
    Record::Profile(ProfileRecord {
        arm: arm as u32,
        file: path.file_name().unwrap_or_default().to_string_lossy().into_owned(),
        samples: output.samples,
        event: output.event.to_string(),
        delivered_hz: output.delivered_hz,
        unwound: output.unwinding.to_string(),
        rooted: output.rooted_share,
    })
}

impl Engine<'_> {
    /// Profiles every arm. A system that refuses costs the profiles, never the run.
    pub(super) fn profile_arms(&mut self) -> Result<(), RunError> {
        for arm in 0..self.options.arms.len() {
            let mut collector = ProfileCollector::new().redacted(self.options.redact);
            let profiled = match self.mode {
                Mode::Lockstep => self.profile_harness(arm, &mut collector)?,
                _ => self.profile_command(arm, &mut collector)?,
            };
            match profiled.and_then(|()| collector.finish()) {
                Ok(output) => {
                    let path = save(&self.options.log, &self.options.arms[arm].name, &output.pprof)?;
                    self.recorder.emit(record(arm, &path, &output))?;
                    self.profiles.push(path);
                    if output.samples < 1000 {
                        let samples = output.samples;
                        self.remark(format!("the profile of {} holds {samples} samples only", self.who(arm)))?;
                    }
                }
                Err(error) => return self.remark(format!("no profile: {error}")),
            }
        }
        Ok(())
    }

    fn remark(&mut self, text: String) -> Result<(), RunError> {
        self.recorder.emit(Record::Note(Note { code: "remark".into(), text: text.clone(), ..Note::default() }))?;
        self.remarks.push(text);
        Ok(())
    }

    fn profile_harness(
        &mut self,
        arm: usize,
        collector: &mut ProfileCollector,
    ) -> Result<Result<(), ProfilerError>, RunError> {
        let list = self.benchmarks.clone();
        let share = TIME / list.len().max(1) as u32;
        for (benchmark, n) in list {
            let cores = self.cores_of(0);
            let mut attached = None;
            let mut attach = |pid| attached = Some(Profiler::attach(pid, &ProfilerOptions::default()));
            let mut process = self.sit(arm, &benchmark, &cores, Some(&mut attach))?;
            let mut profiler = match attached {
                Some(Ok(profiler)) => profiler,
                Some(Err(error)) => return Ok(Err(error)),
                None => return Ok(Err(ProfilerError::ProcessGone { pid: process.pid })),
            };
            let fork = self.recorder.next_fork();
            self.record_fork(fork, arm, PROFILED_BLOCK, Some(&benchmark), &process, &cores)?;
            let until = process.started + share.as_nanos() as u64;
            // A batch is about 100 µs or one long iteration.
            let n = if n > 1 { n.saturating_mul(STRETCH_NS / 100_000) } else { 1 };
            while sys::now_ns() < until {
                self.batch(&mut process, 0, n)?;
                if let Err(error) = profiler.poll() {
                    return Ok(Err(error));
                }
            }
            self.leave(process, Some(fork))?;
            if let Err(error) = collector.add(profiler) {
                return Ok(Err(error));
            }
        }
        Ok(Ok(()))
    }

    fn profile_command(
        &mut self,
        arm: usize,
        collector: &mut ProfileCollector,
    ) -> Result<Result<(), ProfilerError>, RunError> {
        let began = sys::now_ns();
        for _ in 0..MAX_PROCESSES {
            self.prepare()?;
            let options = self.options;
            let cores = self.cores_of(0);
            let mut attached = None;
            let mut attach = |pid| attached = Some(Profiler::attach(pid, &ProfilerOptions::default()));
            let words = &options.arms[arm].words;
            let mut process = Process::start(&options.program, &self.who(arm), words, &cores, Some(&mut attach))?;
            let mut profiler = match attached {
                Some(Ok(profiler)) => profiler,
                Some(Err(error)) => return Ok(Err(error)),
                None => return Ok(Err(ProfilerError::ProcessGone { pid: process.pid })),
            };
            let fork = self.recorder.next_fork();
            self.record_fork(fork, arm, PROFILED_BLOCK, None, &process, &cores)?;
            let deadline = options.timeout.map(|t| process.started + t.as_nanos() as u64);
            loop {
                // Values of a process that is slowed down by sampling are of no use.
                match process.next(Some(sys::now_ns() + POLL.as_nanos() as u64))? {
                    Event::Ended => break,
                    Event::Line(_) => {}
                    Event::TimedOut if deadline.is_some_and(|d| sys::now_ns() > d) => {
                        return Err(process.timed_out(options.timeout.unwrap_or_default()));
                    }
                    Event::TimedOut => {
                        if let Err(error) = profiler.poll() {
                            return Ok(Err(error));
                        }
                    }
                }
            }
            let ended = process.reap(false)?;
            self.record_exit(fork, &process, &ended)?;
            if let Err(error) = collector.add(profiler) {
                return Ok(Err(error));
            }
            if sys::now_ns() - began > TIME.as_nanos() as u64 {
                break;
            }
        }
        Ok(Ok(()))
    }
}
