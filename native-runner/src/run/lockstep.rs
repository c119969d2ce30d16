//! All arms of a block alive together, batch by batch on the same core (`PROTOCOL.md`).

use std::time::Duration;

use noisefloor_core::log::{PILOT_BLOCK, Record, Round, Value};
use noisefloor_core::profile::Pattern;
use serde::Deserialize;

use crate::run::engine::Engine;
use crate::run::order::Order;
use crate::run::process::{Event, Process};
use crate::run::{BATCH, RunError};
use crate::sys;

/// Bodies longer than this are paired iteration by iteration.
const LONG_BODY_NS: f64 = 5e6;
/// What a batch may take with its untimed parts: a clock that is stopped for set-up in each iteration measures little.
const MOST_WALL_NS: f64 = 2e7;
/// What the rounds of one block should take at most when bodies are long.
const BLOCK_NS: f64 = 6e8;
/// What an answer may take unless the user says otherwise.
const PATIENCE: Duration = Duration::from_secs(300);
/// What a hello may take unless the user says otherwise: an arm that is no harness says none at all.
const HELLO: Duration = Duration::from_secs(30);

/// How a harness introduces itself.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct Hello {
    noisefloor: u32,
    benchmarks: Vec<String>,
    #[serde(default)]
    threads: u32,
}

impl Hello {
    pub(super) fn looks_like(line: &str) -> bool {
        line.contains("\"noisefloor\"") && line.contains("\"benchmarks\"")
    }

    pub(super) fn parse(line: &str) -> Result<Hello, String> {
        let hello: Hello = serde_json::from_str(line).map_err(|e| format!("its first line is no hello: {e}"))?;
        match hello {
            Hello { noisefloor: 1, ref benchmarks, .. } if !benchmarks.is_empty() => Ok(hello),
            Hello { noisefloor: 1, .. } => Err("it has no benchmark".into()),
            Hello { noisefloor, .. } => Err(format!("it speaks version {noisefloor} of the protocol, not 1")),
        }
    }
}

/// An answer to `batch`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Batch {
    ns: u64,
    preempted: bool,
    migrated: bool,
}

impl Batch {
    fn parse(answer: &str) -> Option<Batch> {
        let mut numbers = answer.split_ascii_whitespace().map(str::parse::<u64>);
        let ns = numbers.next()?.ok()?;
        let involuntary = numbers.next().transpose().ok()?.unwrap_or(0);
        let _voluntary = numbers.next().transpose().ok()?;
        let migrations = numbers.next().transpose().ok()?.unwrap_or(0);
        Some(Batch { ns, preempted: involuntary > 0, migrated: migrations > 0 })
    }

    fn marks(self) -> Vec<String> {
        let marks = [(self.preempted, "preempted"), (self.migrated, "migrated")];
        marks.into_iter().filter(|(is, _)| *is).map(|(_, id)| id.to_string()).collect()
    }
}

/// Nanoseconds of one iteration.
#[derive(Clone, Copy, Debug, Default)]
struct Body {
    /// As the harness measures it.
    ns: f64,
    /// As it passes, with everything that the harness does not measure.
    wall_ns: f64,
}

impl Body {
    /// Iterations of a batch.
    fn iterations(self) -> u64 {
        if self.ns > LONG_BODY_NS {
            return 1;
        }
        let by_time = BATCH.as_nanos() as f64 / self.ns.max(1e-3);
        let affordable = MOST_WALL_NS / self.wall_ns.max(1e-3);
        by_time.min(affordable).round().clamp(1.0, 1e9) as u64
    }
}

/// One arm's process in a block.
struct Seat {
    arm: usize,
    fork: u32,
    process: Process,
}

impl Engine<'_> {
    fn patience(&self) -> Duration {
        self.options.timeout.unwrap_or(PATIENCE)
    }

    /// Starts a process of an arm and has it set a benchmark up.
    pub(super) fn sit(
        &mut self,
        arm: usize,
        benchmark: &str,
        cores: &[u32],
        before: Option<&mut (dyn FnMut(u32) + Send)>,
    ) -> Result<Process, RunError> {
        let options = self.options;
        let mut process = Process::start(&options.program, &self.who(arm), &options.arms[arm].words, cores, before)?;
        let hello = self.options.timeout.unwrap_or(HELLO);
        match process.next(Some(process.started + hello.as_nanos() as u64))? {
            Event::Line(line) => {
                let hello = Hello::parse(&line).map_err(|what| process.protocol(what))?;
                if !hello.benchmarks.iter().any(|b| b == benchmark) {
                    return Err(process.protocol(format!("it has no benchmark `{benchmark}`")));
                }
            }
            // A command that is no harness says nothing and ends, or goes on.
            Event::Ended | Event::TimedOut if arm > 0 && self.benchmarks.is_empty() => {
                return Err(RunError::Mixed { driven: self.who(0), plain: self.who(arm) });
            }
            Event::Ended => return Err(process.protocol("it ended before its hello".into())),
            Event::TimedOut => return Err(process.timed_out(hello)),
        }
        process.ask(&format!("select {benchmark}"), Some(self.patience()))?;
        Ok(process)
    }

    /// Decides which benchmarks run, how long a batch is and how many rounds make a block.
    pub(super) fn plan_lockstep(&mut self, hello: &Hello) -> Result<(), RunError> {
        self.share_cores(hello.threads);
        let wanted = self.options.filter.as_deref().map(Pattern::new);
        let names: Vec<String> =
            hello.benchmarks.iter().filter(|b| wanted.as_ref().is_none_or(|w| w.matches(b))).cloned().collect();
        if names.is_empty() {
            return Err(RunError::Usage(format!("no benchmark matches; there are {}", hello.benchmarks.join(", "))));
        }
        for name in names {
            let cores = self.cores_of(PILOT_BLOCK);
            let mut body = Body::default();
            for arm in 0..self.options.arms.len() {
                let mut process = self.sit(arm, &name, &cores, None)?;
                let own = self.body(&mut process)?;
                body = Body { ns: body.ns.max(own.ns), wall_ns: body.wall_ns.max(own.wall_ns) };
                self.leave(process, None)?;
            }
            let n = body.iterations();
            if self.options.rounds.is_none() {
                let round = n as f64 * body.wall_ns * 1.25 * self.options.arms.len() as f64;
                self.rounds = self.rounds.min((BLOCK_NS / round).max(4.0) as u32);
            }
            self.benchmarks.push((name, n));
        }
        Ok(())
    }

    /// What one iteration takes: the shortest of a few batches that are long enough, or whose untimed part is.
    fn body(&self, process: &mut Process) -> Result<Body, RunError> {
        let mut n: u64 = 1;
        loop {
            let (mut ns, mut wall_ns) = (u64::MAX, u64::MAX);
            for _ in 0..3 {
                let began = sys::now_ns();
                ns = ns.min(self.batch(process, 0, n)?.ns);
                wall_ns = wall_ns.min(sys::now_ns() - began);
            }
            if ns >= BATCH.as_nanos() as u64 / 4 || wall_ns as f64 >= MOST_WALL_NS / 4.0 || n >= 1 << 40 {
                return Ok(Body { ns: ns as f64 / n as f64, wall_ns: wall_ns as f64 / n as f64 });
            }
            n *= 2;
        }
    }

    pub(super) fn batch(&self, process: &mut Process, warmup: u64, n: u64) -> Result<Batch, RunError> {
        let answer = process.ask(&format!("batch {warmup} {n}"), Some(self.patience()))?;
        Batch::parse(&answer).ok_or_else(|| process.protocol(format!("`ok {answer}` states no time")))
    }

    /// One block of one benchmark: fresh processes, rounds in random order, counters.
    pub(super) fn lockstep_block(
        &mut self,
        block: i64,
        benchmark: &str,
        n: u64,
        order: &mut Order,
    ) -> Result<(), RunError> {
        let cores = self.cores_of(block);
        let mut seats = Vec::with_capacity(self.options.arms.len());
        let mut arms: Vec<usize> = (0..self.options.arms.len()).collect();
        order.shuffle(&mut arms);
        for arm in arms {
            self.prepare()?;
            let process = self.sit(arm, benchmark, &cores, None)?;
            let fork = self.recorder.next_fork();
            self.record_fork(fork, arm, block, Some(benchmark), &process, &cores)?;
            seats.push(Seat { arm, fork, process });
        }
        // A fresh process meets cold caches and unseen branches first.
        let warm = if n > 1 { 3 } else { 1 };
        let mut turns: Vec<usize> = (0..seats.len()).collect();
        for i in 0..self.rounds + warm {
            // How many rounds warm up depends on the machine; only measured ones draw from the seed.
            if i < warm {
                turns.reverse()
            } else {
                order.shuffle(&mut turns)
            }
            let mut round = Round { b: block, i, n, t: Some(self.recorder.now()), w: i < warm, ..Round::default() };
            let mut marks = Vec::with_capacity(turns.len());
            for turn in &turns {
                let Some(seat) = seats.get_mut(*turn) else { continue };
                let batch = self.batch(&mut seat.process, n / 4, n)?;
                round.o.push(seat.fork);
                round.ns.push(batch.ns);
                marks.push(batch.marks());
            }
            if marks.iter().any(|m| !m.is_empty()) {
                round.m = marks;
            }
            self.recorder.emit(Record::Round(round))?;
            if let Some(signal) = sys::caught_signal() {
                return Err(RunError::Interrupted(signal));
            }
        }
        seats.sort_by_key(|s| s.arm);
        for mut seat in seats {
            self.metrics(&mut seat)?;
            self.leave(seat.process, Some(seat.fork))?;
        }
        Ok(())
    }

    /// Custom metrics of the last batch.
    fn metrics(&mut self, seat: &mut Seat) -> Result<(), RunError> {
        #[derive(Deserialize)]
        struct Metric {
            metric: String,
            #[serde(default)]
            unit: String,
            value: f64,
            better: Option<String>,
        }
        let answer = seat.process.ask("metrics", Some(self.patience()))?;
        let list: Vec<Metric> = serde_json::from_str(if answer.is_empty() { "[]" } else { &answer })
            .map_err(|e| seat.process.protocol(format!("its metrics are no list of values: {e}")))?;
        for metric in list.into_iter().filter(|m| m.value.is_finite()) {
            self.recorder.emit(Record::Value(Value {
                f: seat.fork,
                metric: metric.metric,
                unit: metric.unit,
                x: vec![metric.value],
                n: 1,
                better: metric.better,
                ..Value::default()
            }))?;
        }
        Ok(())
    }

    /// Sends a process home and records its counters.
    pub(super) fn leave(&mut self, mut process: Process, fork: Option<u32>) -> Result<(), RunError> {
        process.ask("quit", Some(self.patience()))?;
        process.close_input();
        let event = process.next(Some(sys::now_ns() + self.patience().as_nanos() as u64))?;
        let ended = process.reap(event == Event::TimedOut)?;
        match fork {
            Some(fork) => self.record_exit(fork, &process, &ended),
            None if ended.status == Some(0) => Ok(()),
            None => Err(process.failed(&ended)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_and_hellos() {
        assert_eq!(Batch::parse("1234"), Some(Batch { ns: 1234, preempted: false, migrated: false }));
        assert_eq!(Batch::parse("1234 2 0"), Some(Batch { ns: 1234, preempted: true, migrated: false }));
        assert_eq!(Batch::parse("5 1 0 2").map(Batch::marks), Some(vec!["preempted".into(), "migrated".into()]));
        assert_eq!(Batch::parse("fast"), None);
        assert_eq!(Batch::parse("1 x"), None);
        let n = |ns: f64, wall_ns: f64| Body { ns, wall_ns }.iterations();
        assert_eq!((n(100.0, 110.0), n(0.0, 0.3), n(6e6, 6e6), n(2e5, 2e5)), (1000, 66_666_667, 1, 1));
        // 20 ns after 1 ms of set-up with the clock stopped; nothing measured at all.
        assert_eq!((n(20.0, 1e6), n(0.0, 1e6), n(20.0, 1e9)), (20, 20, 1));
        assert!(Hello::looks_like("{\"benchmarks\": [], \"noisefloor\": 1}"));
        assert!(Hello::parse("{\"noisefloor\":1,\"benchmarks\":[\"a\"]}").is_ok());
        assert!(Hello::parse("{\"noisefloor\":2,\"benchmarks\":[\"a\"]}").is_err());
        assert!(Hello::parse("{\"noisefloor\":1,\"benchmarks\":[]}").is_err());
    }
}
