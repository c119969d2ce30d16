//! `noisefloor run`.

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use clap::Args;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::format::recognise;
use noisefloor_core::log::{Header, Mode, Record, decode};
use noisefloor_core::source::Source;

use crate::cli::judge::{exit_code, show};
use crate::cli::options::Options;
use crate::cli::passport::check_here;
use crate::cli::{code, complain};
use crate::log_file::free_name;
use crate::run::{Adaptive, ArmSpec, Cores, Outcome, Program, Progress, RunError, RunOptions, fresh_seed};
use crate::{sys, words};

/// How often the interval is computed anew for the progress line.
const REFRESH: Duration = Duration::from_millis(500);

#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  noisefloor run -- ./server --self-test
  noisefloor run --arm old='./old input' --arm new='./new input' -o cmp.jsonl
  noisefloor run --arm old=./bench-old --arm new=./bench-new --budget 30s --profile
  noisefloor run --arm old=./bench-old --arm new=./bench-new --adaptive --budget 5m

A program that speaks the harness protocol is driven in lockstep, batch by batch; any other command is timed \
from start to end, or hands over values of its own (PROTOCOL.md). Ctrl-C keeps everything measured; --resume goes on.")]
pub(super) struct RunArgs {
    /// Name of the benchmark [default: the first word of the first command; `run` with --redact]
    #[arg(short, long)]
    name: Option<String>,
    /// One of the things compared, NAME=COMMAND; the first is the baseline
    #[arg(long = "arm", value_name = "NAME=CMD", value_parser = arm)]
    arms: Vec<(String, String)>,
    /// A single command
    #[arg(last = true, conflicts_with = "arms")]
    command: Vec<String>,
    /// The log to write [default: a free name made of -n]
    #[arg(short, long, value_name = "LOG")]
    output: Option<PathBuf>,
    /// Go on with this log, or the one named by -o; arms may be left out. A log of --adaptive=any-time or
    /// =signs goes on beyond its last block where --blocks (in all) or --budget (from now on) gives more
    #[arg(long, value_name = "LOG", num_args = 0..=1)]
    resume: Option<Option<PathBuf>>,
    /// Timed blocks, fixed in advance; each holds every arm once, in an order drawn anew
    #[arg(long, conflicts_with = "budget", value_parser = clap::value_parser!(u32).range(1..=100_000))]
    blocks: Option<u32>,
    /// Time to spend, e.g. 60s, 5m: divided by the cost of a discarded pilot block, 3 blocks at least [default: 10s]
    #[arg(long, value_parser = duration)]
    budget: Option<Duration>,
    /// Stop as soon as every comparison is decided, with error rates that hold for all looks together; --blocks or
    /// --budget is then the most [default: 60s]. Without a rule verdicts are looked at after 1/16, 1/8, 1/4, 1/2, 3/4
    /// and all of the blocks; any-time looks after every block from the 20th on, with wider intervals;
    /// signs from the 5th on, by bets whose error rate holds for few blocks, too, where noise is symmetric
    #[arg(long, value_enum, value_name = "RULE", num_args = 0..=1, require_equals = true, default_missing_value = "looks")]
    adaptive: Option<Adaptive>,
    /// Lockstep pairs of batches in a block [default: 60, fewer for long bodies]
    #[arg(long, value_parser = clap::value_parser!(u32).range(1..=100_000))]
    pairs: Option<u32>,
    /// Only benchmarks of a harness whose name matches
    #[arg(long, value_name = "PATTERN")]
    bench: Option<String>,
    /// Seed of the random order [default: drawn, and recorded]
    #[arg(long)]
    seed: Option<u32>,
    /// Cores to use: a number, a list such as 1,3, or any [default: one quiet core for all arms]
    #[arg(long, value_name = "LIST", value_parser = cores)]
    core: Option<Cores>,
    /// Run once before everything
    #[arg(long, value_name = "CMD")]
    setup: Option<String>,
    /// Run before each process, outside the clock
    #[arg(long, value_name = "CMD")]
    prepare: Option<String>,
    /// Run once after everything
    #[arg(long, value_name = "CMD")]
    cleanup: Option<String>,
    /// Folder to run in
    #[arg(long, value_name = "FOLDER")]
    cwd: Option<PathBuf>,
    /// Variable for the processes, NAME=VALUE
    #[arg(long, value_name = "NAME=VALUE", value_parser = variable)]
    env: Vec<(String, String)>,
    /// What a process (or an answer of a harness) may take, e.g. 30s; one that takes longer is killed and the run fails
    #[arg(long, value_parser = duration)]
    timeout: Option<Duration>,
    /// Go on when a process fails; its values are marked
    #[arg(long)]
    ignore_failure: bool,
    /// Let the commands print, on standard error
    #[arg(long)]
    show_output: bool,
    /// Keep what the commands write to standard error in NAME.gc.log beside the log NAME: traces of collectors and
    /// schedulers are read from there (GODEBUG=gctrace=1, java -Xlog:gc*:stderr)
    #[arg(long)]
    gc_log: bool,
    /// Give command lines to a shell [default shell: sh]
    #[arg(long, num_args = 0..=1, default_missing_value = "sh", value_name = "SHELL", require_equals = true)]
    shell: Option<String>,
    /// Sample where the CPU time goes, in processes of their own; one pprof file an arm beside the log
    #[arg(long)]
    profile: bool,
    /// Leave command lines, host and path names out of the log and the profiles; names of arms, benchmarks and functions stay
    #[arg(long)]
    redact: bool,
    #[command(flatten)]
    options: Options,
}

fn arm(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, line)) if !name.trim().is_empty() && !line.trim().is_empty() => {
            Ok((name.trim().to_string(), line.to_string()))
        }
        _ => Err("write NAME=COMMAND".into()),
    }
}

fn variable(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((name, value)) if !name.is_empty() => Ok((name.to_string(), value.to_string())),
        _ => Err("write NAME=VALUE".into()),
    }
}

fn duration(text: &str) -> Result<Duration, String> {
    let digits = text.find(|c: char| !c.is_ascii_digit() && c != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let factor = match unit.trim() {
        "ms" => 1e-3,
        "s" => 1.0,
        "m" | "min" => 60.0,
        "h" => 3600.0,
        "" => return Err("a time needs its unit: 500ms, 30s, 5m".into()),
        _ => return Err("units are ms, s, m and h".into()),
    };
    let seconds = number.parse::<f64>().map_err(|_| "not a number".to_string())? * factor;
    if seconds > 0.0 && seconds < 1e7 { Ok(Duration::from_secs_f64(seconds)) } else { Err("out of range".into()) }
}

fn cores(text: &str) -> Result<Cores, String> {
    if text == "any" {
        return Ok(Cores::Any);
    }
    let list: Result<Vec<u32>, _> = text.split(',').map(|c| c.trim().parse::<u32>()).collect();
    let list = list.map_err(|_| "write a number, a list such as 1,3, or any".to_string())?;
    let allowed = sys::allowed_cores();
    match list.iter().find(|c| !allowed.contains(c)) {
        Some(core) => Err(format!("core {core} may not be used here; allowed are {allowed:?}")),
        None => Ok(Cores::These(list)),
    }
}

impl RunArgs {
    fn plan(&self) -> Result<RunOptions, String> {
        let resumed = self.resumed()?;
        let header = resumed.as_deref().map(header_of_log).transpose()?;
        // What was said when the log was begun need not be said again.
        let logged = |key: &str| {
            let value = header.as_ref().and_then(|h| h.settings.get(key));
            value.filter(|v| !v.is_empty()).cloned()
        };
        let shell = self.shell.clone().or(logged("shell"));
        let split = |line: &str| -> Result<Vec<String>, String> {
            if shell.is_some() {
                return Ok(vec![line.to_string()]);
            }
            words::split(line).map_err(|e| format!("`{line}`: {e}"))
        };
        let helper = |line: &Option<String>, key: &str| -> Result<Option<Vec<String>>, String> {
            match (line, logged(key)) {
                (Some(line), _) => split(line).map(Some),
                (None, Some(line)) => words::split(&line).map(Some).map_err(|e| format!("`{line}`: {e}")),
                (None, None) => Ok(None),
            }
        };
        let mut arms = Vec::new();
        for (name, line) in &self.arms {
            if arms.iter().any(|a: &ArmSpec| a.name == *name) {
                return Err(format!("two arms are called {name}"));
            }
            arms.push(ArmSpec { name: name.clone(), line: line.clone(), words: split(line)? });
        }
        if !self.command.is_empty() {
            // A line that `split` takes apart again, for --resume.
            let (line, words) = if shell.is_some() {
                let line = self.command.join(" ");
                (line.clone(), vec![line])
            } else {
                (words::join(&self.command), self.command.clone())
            };
            arms.push(ArmSpec { name: String::new(), line, words });
        }
        if let (Some(path), Some(header), true) = (&resumed, &header, arms.is_empty()) {
            if header.arms.iter().any(|a| a.command.is_empty()) {
                return Err(format!("{} does not hold the command lines; give the arms again", path.display()));
            }
            for a in &header.arms {
                arms.push(ArmSpec { name: a.name.clone(), line: a.command.clone(), words: split(&a.command)? });
            }
        }
        let Some(first) = arms.first() else {
            return Err("nothing to run: give a command after --, or --arm NAME=COMMAND twice".into());
        };
        let word = first.words.first().map(|w| w.rsplit('/').next().unwrap_or(w).to_string()).unwrap_or_default();
        let word = word.split_whitespace().next().unwrap_or("run").to_string();
        // The word is part of a command line.
        let name = self.name.clone().unwrap_or(if self.redact { "run".into() } else { word });
        let resume = resumed.is_some();
        let log = match resumed.as_ref().or(self.output.as_ref()) {
            Some(path) => path.clone(),
            None => free_name(Path::new("."), &name).map_err(|e| e.to_string())?,
        };
        Ok(RunOptions {
            name,
            arms,
            program: Program {
                shell: shell.clone(),
                cwd: self.cwd.clone().or(logged("cwd").map(PathBuf::from)),
                env: self.env.clone(),
                show_output: self.show_output,
                gc_log: self.gc_log,
            },
            setup: helper(&self.setup, "setup")?,
            prepare: helper(&self.prepare, "prepare")?,
            cleanup: helper(&self.cleanup, "cleanup")?,
            timeout: self.timeout.or(logged("timeout_s").and_then(|t| duration(&format!("{t}s")).ok())),
            ignore_failure: self.ignore_failure || logged("ignore_failure").is_some(),
            blocks: self.blocks,
            budget: self.budget,
            adaptive: self.adaptive,
            judging: AnalysisConfig::default(),
            rounds: self.pairs,
            filter: self.bench.clone(),
            seed: self.seed.unwrap_or_else(fresh_seed),
            cores: self.core.clone().unwrap_or_default(),
            profile: self.profile,
            redact: self.redact,
            log,
            resume,
        })
    }

    /// The log to go on with, where that was asked for.
    fn resumed(&self) -> Result<Option<PathBuf>, String> {
        match (&self.resume, &self.output) {
            (None, _) => Ok(None),
            (Some(None), None) => Err("--resume needs the log: --resume LOG, or -o LOG".into()),
            (Some(None), Some(path)) | (Some(Some(path)), None) => Ok(Some(path.clone())),
            (Some(Some(named)), Some(path)) if named == path => Ok(Some(path.clone())),
            (Some(Some(named)), Some(path)) => Err(format!(
                "--resume {} and -o {} name two logs; going on happens in the log itself",
                named.display(),
                path.display()
            )),
        }
    }
}

/// The header of the log to go on with.
fn header_of_log(path: &Path) -> Result<Header, String> {
    let bytes = std::fs::read(path).map_err(|e| format!("{}: {e}", path.display()))?;
    let header = bytes.split(|b| *b == b'\n').find_map(|line| match decode(line) {
        Ok(Record::Header(header)) => Some(header),
        _ => None,
    });
    header.ok_or_else(|| format!("{}: this is no run log with a header", path.display()))
}

/// Measures, then judges the log.
pub(super) fn run(args: &RunArgs) -> Result<u8, String> {
    let mut options = args.plan()?;
    // Settings that make no sense must not cost a measurement.
    let config = args.options.config(options.arms.len() > 1)?;
    check_here(&args.options)?;
    options.judging.clone_from(&config);
    sys::catch_signals();
    let mut meter = Meter::new(&options, &config);
    let outcome = crate::run::run(&options, &mut |p| meter.show(p));
    meter.clear();
    let outcome: Outcome = match outcome {
        Ok(outcome) => outcome,
        Err(error) => return Ok(fail(&error, &options)),
    };
    for remark in &outcome.remarks {
        complain(remark);
    }
    let bytes = std::fs::read(&options.log).map_err(|e| format!("{}: {e}", options.log.display()))?;
    let name = options.log.display().to_string();
    let mut inputs = vec![Input { source: Source { name: &name, bytes: &bytes }, side: None }];
    let traced = options.gc_log().map(|path| Ok((path.display().to_string(), std::fs::read(path)?))).transpose();
    let traced = traced.map_err(|e: std::io::Error| format!("the log of the collectors: {e}"))?;
    // A runtime that was not asked for a trace writes none.
    if let Some((name, bytes)) = traced.as_ref().filter(|(_, bytes)| recognise(bytes).is_some()) {
        inputs.push(Input { source: Source { name, bytes }, side: None });
    } else if let Some((name, _)) = &traced {
        complain(&format!("{name} holds no trace of a collector or scheduler"));
    }
    let report = analyze(&inputs, &config);
    show(&report, &args.options, false)?;
    let blocks = if outcome.blocks == 1 { "1 block is".into() } else { format!("{} blocks are", outcome.blocks) };
    complain(&format!("{blocks} in {name}"));
    for profile in &outcome.profiles {
        complain(&format!("profile: {}", profile.display()));
    }
    Ok(exit_code(&report, args.options.strict, false))
}

fn fail(error: &RunError, options: &RunOptions) -> u8 {
    complain(&error.to_string());
    let is_ours = match error {
        RunError::Usage(_) => false,
        RunError::Log { error, .. } => options.resume || error.kind() != std::io::ErrorKind::AlreadyExists,
        _ => true,
    };
    if is_ours && options.log.exists() {
        let path = words::join(&[options.log.display().to_string()]);
        complain(&format!(
            "what was measured is kept: `noisefloor check {path}` shows it, `noisefloor run --resume {path}` goes on"
        ));
    }
    match error {
        RunError::Interrupted(signal) => (128 + signal).clamp(129, 255) as u8,
        _ => code::FAILED,
    }
}

/// The progress line: on a terminal only, on standard error.
struct Meter<'a> {
    terminal: bool,
    options: &'a RunOptions,
    config: &'a noisefloor_core::AnalysisConfig,
    /// When the interval is computed next.
    until: Instant,
    interval: String,
    shown: bool,
}

impl<'a> Meter<'a> {
    fn new(options: &'a RunOptions, config: &'a noisefloor_core::AnalysisConfig) -> Meter<'a> {
        // A dumb terminal cannot go back in its line.
        let terminal = std::io::stderr().is_terminal() && std::env::var_os("TERM").is_none_or(|t| t != "dumb");
        let until = Instant::now() + REFRESH;
        Meter { terminal, options, config, until, interval: String::new(), shown: false }
    }

    fn show(&mut self, progress: Progress<'_>) {
        if !self.terminal {
            return;
        }
        let line = match progress {
            Progress::Doing(what) => format!("{what} …"),
            Progress::Planned(header) => {
                let how = match header.mode {
                    Mode::Lockstep => "in lockstep",
                    Mode::Samples => "by their own values",
                    _ => "from outside",
                };
                let most = if header.plan.stopping.is_some() { "at most " } else { "" };
                format!("{most}{} blocks planned, timed {how}", header.plan.blocks)
            }
            Progress::Block { done, planned, seconds } => {
                self.refresh();
                let rate = f64::from(done) / seconds.max(1e-9);
                let left = f64::from(planned.saturating_sub(done)) / rate.max(1e-9);
                format!("{done}/{planned} blocks, {rate:.1} a second, {left:.0} s left{}", self.interval)
            }
        };
        self.shown = true;
        // A line that wraps could not be taken back. A lost progress line loses nothing.
        let line = crate::render::cut(&line, sys::terminal_width().unwrap_or(80).saturating_sub(1));
        let _ = write!(std::io::stderr(), "\r\x1b[2K{line}");
    }

    /// Reads the log so far, between blocks, so that no measurement waits for it.
    fn refresh(&mut self) {
        let began = Instant::now();
        if began < self.until {
            return;
        }
        let Ok(bytes) = std::fs::read(&self.options.log) else { return };
        let input = Input { source: Source { name: "", bytes: &bytes }, side: None };
        let report = analyze(&[input], self.config);
        self.interval = crate::render::progress(&report).map(|t| format!("; {t}")).unwrap_or_default();
        // A long log takes long to judge, and measuring comes first.
        self.until = Instant::now() + REFRESH.max(began.elapsed() * 20);
    }

    fn clear(&mut self) {
        if self.shown {
            let _ = write!(std::io::stderr(), "\r\x1b[2K");
        }
    }
}
