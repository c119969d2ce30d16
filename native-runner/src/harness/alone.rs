//! The harness without a runner: measures in this process and writes a log.

use std::path::{Path, PathBuf};
use std::time::Duration;

use noisefloor_core::log::{ArmRecord, End, Exit, ForkRecord, Header, LOG_VERSION, Mode, Record, Value};

use crate::harness::bencher::{Bencher, Conductor, Measured, Metric};
use crate::harness::{Body, Harness};
use crate::log_file::{LogFile, free_name};
use crate::profiler::in_process;
use crate::run::profile;
use crate::{host, sys};

/// Values of one record.
const CHUNK: usize = 1000;
/// Length of a batch, between 10 and 100 µs.
const BATCH_NS: u64 = 50_000;
/// What a batch may take with everything that its clock was stopped for.
const MOST_WALL_NS: u64 = 20_000_000;

/// A profile is taken for at least this long.
const PROFILED: Duration = Duration::from_secs(2);

const HELP: &str = "\
Measures the benchmarks of this target in one process and writes a run log.

  [FILTER]          only benchmarks whose name contains it
  --time SECONDS    for each benchmark (default 1)
  -o LOG            the log (default: a free name in target/noisefloor)
  --profile         sample each benchmark after it was timed; a pprof file beside the log
  --list            only their names
  --bench, --test   as cargo passes them; --test runs each benchmark once

For a verdict that can be believed: noisefloor run --arm old=... --arm new=...
";

/// What was asked for on the command line.
#[derive(Debug)]
pub(super) struct Alone {
    filter: Option<String>,
    time: Duration,
    log: Option<PathBuf>,
    list: bool,
    profile: bool,
    once: bool,
    help: bool,
}

impl Alone {
    pub(super) fn run(mut harness: Harness<'_>, arguments: impl Iterator<Item = String>) -> Result<(), String> {
        let alone = Alone::parse(arguments)?;
        if alone.help {
            return crate::cli::print(HELP);
        }
        let filter = alone.filter.clone().unwrap_or_default();
        harness.list.retain(|(name, _)| name.contains(&filter));
        if alone.list {
            let names: String = harness.list.iter().map(|(name, _)| format!("{name}\n")).collect();
            return crate::cli::print(&names);
        }
        if harness.list.is_empty() {
            return Err("no benchmark matches".into());
        }
        if alone.once {
            for (_, body) in &mut harness.list {
                body(&mut Bencher { conductor: &mut Once(false) });
            }
            return Ok(());
        }
        alone.measure(harness)
    }

    fn parse(mut arguments: impl Iterator<Item = String>) -> Result<Alone, String> {
        let time = Duration::from_secs(1);
        let mut alone = Alone { filter: None, time, log: None, list: false, profile: false, once: false, help: false };
        while let Some(argument) = arguments.next() {
            match argument.as_str() {
                "--bench" | "--exact" | "--nocapture" => {}
                "--test" => alone.once = true,
                "--list" => alone.list = true,
                "--profile" => alone.profile = true,
                "--help" | "-h" => alone.help = true,
                "--time" => {
                    let seconds =
                        arguments.next().and_then(|s| s.parse::<f64>().ok()).filter(|s| (0.001..1e6).contains(s));
                    alone.time = Duration::from_secs_f64(seconds.ok_or("--time needs seconds")?);
                }
                "-o" => alone.log = Some(arguments.next().ok_or("-o needs a file name")?.into()),
                flag if flag.starts_with('-') => return Err(format!("unknown flag {flag}; --help lists them")),
                text => alone.filter = Some(text.to_string()),
            }
        }
        Ok(alone)
    }

    fn measure(&self, harness: Harness<'_>) -> Result<(), String> {
        let path = match &self.log {
            Some(path) => path.clone(),
            None => {
                let folder = PathBuf::from("target/noisefloor");
                std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
                let program = std::env::args().next().unwrap_or_default();
                let stem = program.rsplit('/').next().unwrap_or("bench");
                // Cargo adds a dash and a hash.
                free_name(&folder, stem.rsplit_once('-').map_or(stem, |(s, _)| s)).map_err(|e| e.to_string())?
            }
        };
        let fail = |e: std::io::Error| format!("{}: {e}", path.display());
        let log = LogFile::create(&path).map_err(fail)?;
        sys::catch_signals();
        let epoch = sys::now_ns();
        let unix =
            std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
        log.append(&Record::Header(Header {
            v: LOG_VERSION,
            tool: concat!("noisefloor ", env!("CARGO_PKG_VERSION")).into(),
            started_unix_ns: unix,
            mode: Mode::Harness,
            arms: vec![ArmRecord::default()],
            host: host::facts(false),
            ..Header::default()
        }))
        .map_err(fail)?;
        for (fork, (name, mut body)) in (0..).zip(harness.list) {
            let pid = std::process::id();
            if sys::caught_signal().is_some() {
                break;
            }
            let before = sys::own_usage();
            let t = sys::now_ns() - epoch;
            let start = ForkRecord { f: fork, benchmark: Some(name), pid, t, ..ForkRecord::default() };
            log.append(&Record::Fork(start)).map_err(fail)?;
            let mut collector = Collector::new(&log, fork, self.time);
            body(&mut Bencher { conductor: &mut collector });
            collector.flush();
            collector.error.map_or(Ok(()), Err)?;
            let mut evidence = sys::own_usage();
            for (key, now) in evidence.iter_mut().filter(|(key, _)| *key != "max_rss_bytes") {
                *now -= before.get(key).copied().unwrap_or(0.0);
            }
            let exit = Exit { f: fork, t: sys::now_ns() - epoch, status: Some(0), evidence, ..Exit::default() };
            log.append(&Record::Exit(exit)).map_err(fail)?;
            if self.profile && sys::caught_signal().is_none() {
                log.append(&sample(&mut body, &path, self.time)?).map_err(fail)?;
            }
        }
        let interrupted = sys::caught_signal().is_some();
        log.append(&Record::End(End { t: sys::now_ns() - epoch, interrupted })).map_err(fail)?;
        log.sync().map_err(fail)?;
        crate::cli::show_log(&path)
    }
}

/// Samples a benchmark that goes on without being timed.
fn sample(body: &mut Body<'_>, log: &Path, time: Duration) -> Result<Record, String> {
    let profiler = in_process::start(999).map_err(|e| e.to_string())?;
    body(&mut Bencher {
        conductor: &mut Working { until: sys::now_ns() + time.max(PROFILED).as_nanos() as u64, n: 1 },
    });
    let output = profiler.finish().map_err(|e| e.to_string())?;
    let file = profile::save(log, "", &output.pprof).map_err(|e| e.to_string())?;
    crate::cli::complain(&format!("profile: {}", file.display()));
    Ok(profile::record(0, &file, &output))
}

/// Batches until a moment, each at most a little longer than 10 ms.
struct Working {
    until: u64,
    n: u64,
}

impl Conductor for Working {
    fn next(&mut self) -> Option<(u64, u64)> {
        (sys::now_ns() < self.until).then_some((0, self.n))
    }
    fn answer(&mut self, batch: Measured) {
        if batch.wall_nanos.max(batch.nanos) < 5_000_000 {
            self.n = self.n.saturating_mul(2);
        }
    }
    fn metric(&mut self, _: Metric) {}
}

/// One iteration of each, to see that it works.
struct Once(bool);

impl Conductor for Once {
    fn next(&mut self) -> Option<(u64, u64)> {
        let first = !self.0;
        self.0 = true;
        first.then_some((0, 1))
    }
    fn answer(&mut self, _: Measured) {}
    fn metric(&mut self, _: Metric) {}
}

/// Finds the length of a batch, then measures until the time is over.
struct Collector<'a> {
    log: &'a LogFile,
    fork: u32,
    time: Duration,
    n: u64,
    /// When measuring began; before it, batches only find their length.
    since: Option<u64>,
    values: Vec<f64>,
    error: Option<String>,
}

impl<'a> Collector<'a> {
    fn new(log: &'a LogFile, fork: u32, time: Duration) -> Collector<'a> {
        Collector { log, fork, time, n: 1, since: None, values: Vec::with_capacity(CHUNK), error: None }
    }

    fn append(&mut self, value: Value) {
        if let Err(e) = self.log.append(&Record::Value(value)) {
            self.error.get_or_insert(format!("{}: {e}", self.log.path().display()));
        }
    }

    fn flush(&mut self) {
        let x = std::mem::take(&mut self.values);
        if !x.is_empty() {
            let unit = "ns/op".to_string();
            self.append(Value { f: self.fork, metric: "time".into(), unit, x, n: self.n, ..Value::default() });
        }
    }
}

impl Conductor for Collector<'_> {
    fn next(&mut self) -> Option<(u64, u64)> {
        let over = self.since.is_some_and(|s| sys::now_ns() - s > self.time.as_nanos() as u64);
        if over || self.error.is_some() || sys::caught_signal().is_some() {
            return None;
        }
        Some(if self.since.is_some() { (self.n / 4, self.n) } else { (0, self.n) })
    }

    fn answer(&mut self, batch: Measured) {
        if self.since.is_some() {
            self.values.push(batch.nanos as f64 / batch.iterations as f64);
            if self.values.len() == CHUNK {
                self.flush();
            }
        } else if batch.nanos >= BATCH_NS || batch.wall_nanos >= MOST_WALL_NS || self.n >= 1 << 40 {
            self.since = Some(sys::now_ns());
        } else {
            // At most tenfold, so that one lucky short batch does not overshoot.
            let wanted = self.n as f64 * BATCH_NS as f64 * 1.1 / batch.nanos.max(1) as f64;
            self.n = (wanted as u64).clamp(self.n + 1, self.n.saturating_mul(10));
        }
    }

    fn metric(&mut self, metric: Metric) {
        if metric.value.is_finite() {
            let better = metric.higher_is_better.map(|h| if h { "higher" } else { "lower" }.to_string());
            let x = vec![metric.value];
            self.append(Value {
                f: self.fork,
                metric: metric.name,
                unit: metric.unit,
                x,
                n: 1,
                better,
                ..Value::default()
            });
        }
    }
}
