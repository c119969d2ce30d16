//! The harness's side of the protocol.

use std::fs::File;
use std::io::{BufRead, BufReader, Write};

use crate::harness::Harness;
use crate::harness::bencher::{Bencher, Conductor, Measured, Metric};

/// Obeys a runner.
pub(super) struct Driver {
    input: BufReader<File>,
    out: File,
    /// A command that the benchmark before did not want.
    pending: Option<String>,
    metrics: Vec<Metric>,
    /// Whether `select` still waits for its answer: it comes when the set-up is done.
    selecting: bool,
    error: Option<String>,
}

impl Driver {
    /// The driver of a process that a runner started; `None` otherwise.
    pub(super) fn from_environment() -> Option<Driver> {
        let descriptor = |name: &str| std::env::var(name).ok()?.parse::<u32>().ok();
        let (out, input) = (descriptor("NOISEFLOOR_OUT")?, descriptor("NOISEFLOOR_IN")?);
        // By path, so that no number is taken on trust as an open descriptor of ours.
        let out = File::options().write(true).open(format!("/proc/self/fd/{out}")).ok()?;
        let input = File::open(format!("/proc/self/fd/{input}")).ok()?;
        let input = BufReader::new(input);
        Some(Driver { input, out, pending: None, metrics: Vec::new(), selecting: false, error: None })
    }

    fn say(&mut self, line: &str) {
        if let Err(e) = self.out.write_all(format!("{line}\n").as_bytes()) {
            self.error.get_or_insert(format!("the runner is gone: {e}"));
        }
    }

    /// The next command; the end of the input means `quit`.
    fn hear(&mut self) -> String {
        if let Some(line) = self.pending.take() {
            return line;
        }
        let mut line = String::new();
        match self.input.read_line(&mut line) {
            Ok(n) if n > 0 && self.error.is_none() => line.trim_end().to_string(),
            _ => "quit".into(),
        }
    }

    pub(super) fn serve(mut self, mut harness: Harness<'_>) -> Result<(), String> {
        let names: Vec<&String> = harness.list.iter().map(|(name, _)| name).collect();
        let hello = serde_json::json!({ "noisefloor": 1, "benchmarks": names, "threads": harness.threads });
        self.say(&hello.to_string());
        loop {
            let line = self.hear();
            if line == "quit" {
                self.say("ok");
                return self.error.map_or(Ok(()), Err);
            }
            if line == "metrics" {
                let line = self.metrics_line();
                self.say(&line);
                continue;
            }
            let Some(name) = line.strip_prefix("select ") else {
                self.say(&format!("error nothing is selected, so `{line}` makes no sense"));
                continue;
            };
            match harness.list.iter_mut().find(|(n, _)| n == name) {
                Some((_, body)) => {
                    self.metrics.clear();
                    self.selecting = true;
                    body(&mut Bencher { conductor: &mut self });
                    if self.selecting {
                        self.selecting = false;
                        self.say("error the benchmark ended without timing anything");
                    }
                }
                None => self.say(&format!("error there is no benchmark {name}")),
            }
        }
    }

    fn metrics_line(&self) -> String {
        let list: Vec<serde_json::Value> = self
            .metrics
            .iter()
            .map(|m| {
                let mut value = serde_json::json!({ "metric": m.name, "unit": m.unit, "value": m.value });
                if let Some(higher) = m.higher_is_better {
                    value["better"] = if higher { "higher" } else { "lower" }.into();
                }
                value
            })
            .collect();
        format!("ok {}", serde_json::Value::Array(list))
    }
}

impl Conductor for Driver {
    fn next(&mut self) -> Option<(u64, u64)> {
        if self.selecting {
            self.selecting = false;
            self.say("ok");
        }
        loop {
            let line = self.hear();
            let mut words = line.split_ascii_whitespace();
            match words.next() {
                Some("batch") => {
                    let mut number = || words.next().and_then(|w| w.parse::<u64>().ok());
                    match (number(), number()) {
                        (Some(warmup), Some(n)) if n > 0 => return Some((warmup, n)),
                        _ => self.say(&format!("error `{line}` names no numbers of iterations")),
                    }
                }
                // `metrics` too: a benchmark states them after its timing method has returned.
                _ => {
                    self.pending = Some(line);
                    return None;
                }
            }
        }
    }

    fn answer(&mut self, batch: Measured) {
        let line = format!("ok {} {} {} {}", batch.nanos, batch.involuntary, batch.voluntary, u8::from(batch.migrated));
        self.say(&line);
    }

    fn metric(&mut self, metric: Metric) {
        self.metrics.retain(|m| m.name != metric.name);
        if metric.value.is_finite() {
            self.metrics.push(metric);
        }
    }
}
