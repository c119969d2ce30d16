//! Plain commands: timed from outside, or handing over values of their own.

use noisefloor_core::log::{Mode, Record, Value};
use serde::Deserialize;

use crate::run::RunError;
use crate::run::engine::Engine;
use crate::run::order::Order;
use crate::run::process::{Event, Process};
use crate::sys::{self, Ended};

/// Values of one kind that are written as one record.
const CHUNK: usize = 4096;

/// A value that a command hands over.
#[derive(Debug, Deserialize)]
struct Sample {
    #[serde(default = "time")]
    metric: String,
    #[serde(default = "second")]
    unit: String,
    value: f64,
    #[serde(default = "one")]
    n: u64,
    benchmark: Option<String>,
    better: Option<String>,
    #[serde(default)]
    warmup: bool,
}

fn time() -> String {
    "time".into()
}
fn second() -> String {
    "s".into()
}
fn one() -> u64 {
    1
}

impl Engine<'_> {
    /// One process of every arm, right after each other.
    pub(super) fn command_block(&mut self, block: i64, order: &mut Order) -> Result<(), RunError> {
        let mut arms: Vec<usize> = (0..self.options.arms.len()).collect();
        order.shuffle(&mut arms);
        arms.into_iter().try_for_each(|arm| self.command_process(block, arm).map(|_| ()))
    }

    /// One process of an arm, from its preparation to its counters.
    pub(super) fn command_process(&mut self, block: i64, arm: usize) -> Result<Ended, RunError> {
        self.prepare()?;
        let cores = self.cores_of(block);
        let options = self.options;
        let mut process = Process::start(&options.program, &self.who(arm), &options.arms[arm].words, &cores, None)?;
        let until = options.timeout.map(|t| process.started + t.as_nanos() as u64);
        let first = process.next(until)?;
        let fork = self.recorder.next_fork();
        self.record_fork(fork, arm, block, None, &process, &cores)?;
        self.finish_command(&mut process, fork, first, until)
    }

    /// Takes lines until the process ends; its end is a value unless it handed over its own.
    pub(super) fn finish_command(
        &mut self,
        process: &mut Process,
        fork: u32,
        first: Event,
        until: Option<u64>,
    ) -> Result<Ended, RunError> {
        let mut own = false;
        let mut pending: Option<Value> = None;
        let mut event = first;
        let timed_out = loop {
            match event {
                Event::Line(line) => {
                    let sample = serde_json::from_str(&line).map_err(|e| {
                        process.protocol(format!(
                            "a line is no value ({e}): {}",
                            line.chars().take(80).collect::<String>()
                        ))
                    })?;
                    own = true;
                    if let Some(full) = join(&mut pending, fork, sample) {
                        self.recorder.emit(Record::Value(full))?;
                    }
                }
                Event::Ended => break false,
                Event::TimedOut => break true,
            }
            event = process.next(until)?;
        };
        let wall = (sys::now_ns() - process.started) as f64 * 1e-9;
        let ended = process.reap(timed_out)?;
        if let Some(rest) = pending {
            self.recorder.emit(Record::Value(rest))?;
        }
        if own {
            self.mode = Mode::Samples;
        }
        let mut values = Vec::new();
        if !own && !timed_out {
            values.push(("time", "s", wall));
        }
        for (metric, key, unit) in
            [("user", "user_s", "s"), ("system", "system_s", "s"), ("max_rss", "max_rss_bytes", "B")]
        {
            values.extend(ended.evidence.get(key).map(|x| (metric, unit, *x)));
        }
        for (metric, unit, x) in values {
            let value =
                Value { f: fork, metric: metric.into(), unit: unit.into(), x: vec![x], n: 1, ..Value::default() };
            self.recorder.emit(Record::Value(value))?;
        }
        self.record_exit(fork, process, &ended).map_err(|e| match (timed_out, self.options.timeout) {
            (true, Some(timeout)) => process.timed_out(timeout),
            _ => e,
        })?;
        Ok(ended)
    }
}

/// Adds a sample to values of its kind; gives those that are full or of another kind.
fn join(pending: &mut Option<Value>, fork: u32, sample: Sample) -> Option<Value> {
    let fits = pending.as_ref().is_some_and(|p| {
        p.metric == sample.metric
            && p.unit == sample.unit
            && p.n == sample.n
            && p.w == sample.warmup
            && p.benchmark == sample.benchmark
            && p.x.len() < CHUNK
    });
    let out = if fits { None } else { pending.take() };
    let value = sample.value;
    pending
        .get_or_insert_with(|| Value {
            f: fork,
            metric: sample.metric,
            unit: sample.unit,
            n: sample.n.max(1),
            benchmark: sample.benchmark,
            better: sample.better,
            w: sample.warmup,
            ..Value::default()
        })
        .x
        .push(value);
    out
}
