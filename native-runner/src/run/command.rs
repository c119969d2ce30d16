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
/// Kinds of values that wait at the same time.
const MAX_KINDS: usize = 32;
/// Values of one process at most: those of the pilots wait in memory, and nobody needs more.
const MAX_VALUES: u64 = 1_000_000;

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
    /// Seconds since the start of the process, by the clock of its collector.
    start: Option<f64>,
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
        let mut handed = Handed::new(fork);
        let mut event = first;
        let timed_out = loop {
            match event {
                Event::Line(line) if line.is_empty() => {}
                Event::Line(line) => {
                    let sample = serde_json::from_str(&line).map_err(|e| process.no_value(&line, &e.to_string()))?;
                    if handed.count == MAX_VALUES {
                        let what =
                            format!("more than {MAX_VALUES} values; hand over means of several operations, with `n`");
                        return Err(process.protocol(what));
                    }
                    for full in handed.take(sample) {
                        self.recorder.emit(Record::Value(full))?;
                    }
                }
                Event::Ended => break false,
                Event::TimedOut => break true,
            }
            event = process.next(until)?;
        };
        let own = handed.count > 0;
        let wall = (sys::now_ns() - process.started) as f64 * 1e-9;
        let ended = process.reap(timed_out)?;
        for rest in handed.pending {
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

/// Values that a process handed over and that are not in the log yet, one record for each kind: they often come in turn.
struct Handed {
    fork: u32,
    count: u64,
    pending: Vec<Value>,
}

impl Handed {
    fn new(fork: u32) -> Handed {
        Handed { fork, count: 0, pending: Vec::new() }
    }

    /// Adds a sample; gives a record that is full, behind those that were begun before it, so that a
    /// reader sees in which order benchmarks ran; or one that makes room for another kind.
    fn take(&mut self, sample: Sample) -> Vec<Value> {
        self.count += 1;
        let n = sample.n.max(1);
        // What is no moment tells nothing.
        let start = sample.start.filter(|s| (0.0..1e9).contains(s)).map(|s| (s * 1e9) as u64);
        let place = self.pending.iter().position(|p| {
            p.metric == sample.metric
                && p.unit == sample.unit
                && p.n == n
                && p.w == sample.warmup
                && p.benchmark == sample.benchmark
                && p.better == sample.better
                && p.t.is_empty() == start.is_none()
        });
        if let Some((place, value)) = place.and_then(|p| Some((p, self.pending.get_mut(p)?))) {
            value.x.push(sample.value);
            value.t.extend(start);
            let full = if value.x.len() >= CHUNK { place + 1 } else { 0 };
            return self.pending.drain(..full).collect();
        }
        let out = self.pending.drain(..usize::from(self.pending.len() >= MAX_KINDS)).collect();
        self.pending.push(Value {
            f: self.fork,
            metric: sample.metric,
            unit: sample.unit,
            x: vec![sample.value],
            n,
            benchmark: sample.benchmark,
            better: sample.better,
            w: sample.warmup,
            t: start.into_iter().collect(),
            ..Value::default()
        });
        out
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    #[test]
    fn values_that_come_in_turn_share_records_and_keep_their_order() {
        let mut handed = Handed::new(3);
        let mut out = Vec::new();
        for i in 0..10_000 {
            let line = format!(r#"{{"metric":"{}","value":{i}}}"#, ["a", "b"][i % 2]);
            out.extend(handed.take(serde_json::from_str(&line).unwrap()));
        }
        assert_eq!(out.len(), 2);
        out.append(&mut handed.pending);
        let of = |metric: &str| -> Vec<f64> {
            out.iter().filter(|v| v.metric == metric).flat_map(|v| v.x.iter().copied()).collect()
        };
        assert_eq!(of("a"), (0..5000).map(|i| f64::from(i) * 2.0).collect::<Vec<_>>());
        assert_eq!(of("b").len(), 5000);
        // What is full does not overtake what began before it.
        let mut order = Handed::new(3);
        let sample = |name: &str| serde_json::from_str(&format!(r#"{{"value":1,"benchmark":"{name}"}}"#)).unwrap();
        order.take(sample("early"));
        let names: Vec<_> = (0..CHUNK).flat_map(|_| order.take(sample("long"))).map(|v| v.benchmark).collect();
        assert_eq!(names, [Some("early".to_string()), Some("long".to_string())]);
        // Kinds without end do not wait without end.
        for i in 0..1000 {
            let line = format!(r#"{{"metric":"m{i}","value":1}}"#);
            out.extend(handed.take(serde_json::from_str(&line).unwrap()));
        }
        assert!(handed.pending.len() <= MAX_KINDS);
    }
}
