//! From options to a finished log: set-up, pilot, plan, blocks, profiles, clean-up.

use std::fs::File;
use std::io::Write;
use std::path::PathBuf;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use noisefloor_core::log::{
    ArmRecord, Block, End, Exit, ForkRecord, Header, LOG_VERSION, Mode, Note, PILOT_BLOCK, Plan, Record,
};
use noisefloor_core::stats::sequential::ANY_TIME_START;

use crate::host;
use crate::log_file::{EXTENDED, LogFile, Written};
use crate::run::adaptive::{self, Adaptive, Watch};
use crate::run::lockstep::Hello;
use crate::run::order::Order;
use crate::run::process::{Event, MAX_PRINTED, Process, how};
use crate::run::recorder::Recorder;
use crate::run::{
    ADAPTIVE_BUDGET, BATCH, Cores, DEFAULT_BUDGET, MAX_BLOCKS, MAX_LOCKSTEP_BLOCKS, MIN_BLOCKS, MIN_BUDGET_BLOCKS,
    Outcome, Progress, RunError, RunOptions,
};
use crate::sys::{self, Ended};

/// Above this share of a second core a command counts as parallel and is not pinned to one core.
const PARALLEL: f64 = 1.2;

/// A run in progress.
pub(super) struct Engine<'a> {
    pub(super) options: &'a RunOptions,
    pub(super) recorder: Recorder,
    pub(super) mode: Mode,
    /// Cores in the order in which blocks use them; empty: not pinned.
    cores: Vec<u32>,
    /// Whether a process gets all of `cores` instead of one of them.
    shared: bool,
    /// Benchmarks of a harness with the iterations of a batch.
    pub(super) benchmarks: Vec<(String, u64)>,
    /// Lockstep rounds of a block.
    pub(super) rounds: u32,
    throttled: Option<(f64, f64)>,
    pub(super) profiles: Vec<std::path::PathBuf>,
    pub(super) remarks: Vec<String>,
    /// What collectors write, with its path.
    gc_log: Option<(PathBuf, File)>,
}

/// Measures. Every process is gone when this returns, and the log is closed.
///
/// # Errors
/// When something fails or a signal comes; the log keeps every block closed before.
pub fn run(options: &RunOptions, progress: &mut dyn FnMut(Progress<'_>)) -> Result<Outcome, RunError> {
    if options.arms.is_empty() {
        return Err(RunError::Usage("nothing to run".into()));
    }
    if options.adaptive.is_some() && options.arms.len() < 2 {
        return Err(RunError::Usage("--adaptive stops when a comparison is decided: it needs two arms".into()));
    }
    if options.adaptive.is_some() && options.blocks.is_some_and(|b| b < 2) {
        return Err(RunError::Usage("--adaptive needs two blocks at least".into()));
    }
    if options.adaptive == Some(Adaptive::AnyTime) && options.blocks.is_some_and(|b| u64::from(b) < ANY_TIME_START) {
        return Err(RunError::Usage(format!(
            "--adaptive=any-time begins to look after {ANY_TIME_START} blocks: fewer cannot end early"
        )));
    }
    let mut engine = Engine {
        options,
        recorder: Recorder::new(),
        mode: Mode::Command,
        cores: Vec::new(),
        shared: false,
        benchmarks: Vec::new(),
        rounds: options.rounds.unwrap_or(crate::run::ROUNDS),
        throttled: None,
        profiles: Vec::new(),
        remarks: Vec::new(),
        gc_log: None,
    };
    // Before anything is measured: a name that is taken must not cost the user a run.
    let (log, mut written) = engine.open_log()?;
    let over = written.as_ref().is_some_and(|written| written.complete);
    let further = written.as_mut().and_then(|written| engine.extend(written));
    engine.open_gc_log(&log)?;
    if let Some(written) = written.as_ref().filter(|_| over) {
        let blocks = written.blocks();
        // More blocks of what is decided are not measured; that is said before anything is set up for them.
        let why = match further {
            None => Some("the log is complete".to_string()),
            Some(_) => engine.decided_before(written, blocks)?,
        };
        if let Some(why) = why {
            let remarks = vec![format!("{why}; nothing was left to do")];
            return Ok(Outcome { header: written.header.clone(), blocks, profiles: Vec::new(), remarks });
        }
    }
    let outcome = engine.measure(log, written, further, progress);
    if let Some(words) = &options.cleanup {
        // The signal that ended the run must not end its cleaning too; a second one does.
        sys::forget_signal();
        // The first error matters more than one on the way out.
        let cleaned = engine.helper("cleanup", words);
        if outcome.is_ok() {
            cleaned?;
        }
    }
    outcome
}

impl Engine<'_> {
    fn open_log(&mut self) -> Result<(LogFile, Option<Written>), RunError> {
        let path = &self.options.log;
        let fail = |error| RunError::Log { path: path.clone(), error };
        if !self.options.resume {
            return Ok((LogFile::create(path).map_err(fail)?, None));
        }
        let (log, written) = LogFile::resume(path).map_err(fail)?;
        let differs = written.header.arms.len() != self.options.arms.len()
            || written
                .header
                .arms
                .iter()
                .zip(&self.options.arms)
                .any(|(old, new)| old.name != new.name || !old.command.is_empty() && old.command != new.line);
        if differs {
            return Err(RunError::Usage(format!(
                "{} was made with other arms; it cannot be continued",
                path.display()
            )));
        }
        let now = self.options.settings();
        let then = &written.header.settings;
        // What decides about the work and the state that it meets; more patience is no other measurement.
        let other = |key: &&str| match (then.get(*key), now.get(*key)) {
            // Redacted: that it was there is all that is known.
            (Some(a), Some(b)) => a != b && !a.is_empty() && !b.is_empty(),
            (a, b) => a != b,
        };
        if let Some(key) = ["shell", "cwd", "env", "prepare"].into_iter().find(other) {
            return Err(RunError::Usage(format!(
                "{} was made with another --{key}; two ways of measuring do not fit into one log",
                path.display()
            )));
        }
        if written.header.plan.blocks == 0 {
            return Err(RunError::Usage(format!(
                "{} ended in its pilot, so it holds no plan to go on with; start anew",
                path.display()
            )));
        }
        if self.options.adaptive.is_some() && written.header.plan.stopping.is_none() {
            return Err(RunError::Usage(format!(
                "{} was begun without --adaptive; a plan made now would come after its first look",
                path.display()
            )));
        }
        Ok((log, Some(written)))
    }

    /// Lets a run that may end after any block go on beyond its last one, where more blocks or time are given. Its
    /// confidence sequence stays as it was tuned, so what it says still holds. Gives the most blocks from now on.
    fn extend(&self, written: &mut Written) -> Option<u32> {
        let done = written.blocks();
        let plan = &mut written.header.plan;
        plan.stopping.as_ref().filter(|stopping| adaptive::is_any_time(stopping))?;
        let by_time = self.options.budget.map(|budget| {
            let measured = written.last_t as f64 * 1e-9 / f64::from(done);
            let seconds = if done > 0 { measured } else { plan.pilot_s.unwrap_or(0.0) };
            let most = if written.header.mode == Mode::Lockstep { MAX_LOCKSTEP_BLOCKS } else { MAX_BLOCKS };
            let affordable = (budget.as_secs_f64() / seconds.max(1e-4)).clamp(1.0, f64::from(most)) as u32;
            done.saturating_add(affordable)
        });
        let further = self.options.blocks.or(by_time).filter(|blocks| *blocks > plan.blocks)?;
        plan.blocks = further;
        written.complete = false;
        Some(further)
    }

    /// The file beside the log for what collectors write; a new one, unless the log is continued.
    fn open_gc_log(&mut self, log: &LogFile) -> Result<(), RunError> {
        let Some(path) = self.options.gc_log() else { return Ok(()) };
        let resume = self.options.resume;
        let file = std::fs::OpenOptions::new().append(true).create_new(!resume).create(resume).open(&path);
        match file {
            Ok(file) => self.gc_log = Some((path, file)),
            Err(error) => {
                // Nothing was measured, and the next try needs the name.
                if !resume {
                    drop(std::fs::remove_file(log.path()));
                }
                return Err(RunError::Log { path, error });
            }
        }
        Ok(())
    }

    /// Keeps what a process wrote to standard error, under the number of its fork.
    fn keep_printed(&mut self, fork: u32, process: &Process) -> Result<(), RunError> {
        let (Some((path, file)), Some(mut bytes)) = (&mut self.gc_log, process.printed()?) else { return Ok(()) };
        if bytes.len() as u64 == MAX_PRINTED {
            let text = format!("of what a process wrote to standard error, {} MiB are kept", MAX_PRINTED >> 20);
            if !self.remarks.contains(&text) {
                self.remarks.push(text);
            }
        }
        if self.options.program.show_output {
            // Nobody listening is no reason to end a run.
            let _ = std::io::stderr().write_all(&bytes);
        }
        let mut text = format!("# noisefloor fork {fork} pid {}\n", process.pid).into_bytes();
        text.append(&mut bytes);
        if !text.ends_with(b"\n") {
            text.push(b'\n');
        }
        file.write_all(&text).map_err(|error| RunError::Log { path: path.clone(), error })
    }

    fn measure(
        &mut self,
        log: LogFile,
        written: Option<Written>,
        further: Option<u32>,
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<Outcome, RunError> {
        let pilot = self.prelude(written.is_some(), progress);
        let (pilot_s, began) = match pilot {
            Ok(pilot) => pilot,
            Err(error) => {
                match written {
                    Some(_) => {}
                    // An empty log would only be in the way of the next try.
                    None if self.recorder.is_empty() => {
                        drop(std::fs::remove_file(log.path()));
                        self.gc_log.iter().for_each(|(path, _)| drop(std::fs::remove_file(path)));
                    }
                    None => self.keep_pilot(log, &error)?,
                }
                return Err(error);
            }
        };
        let (header, done) = match written {
            Some(written) => {
                self.rounds = written.header.plan.pairs.max(1);
                self.recorder = Recorder::resume(log, written.next_fork, written.last_t);
                self.recorder.emit(note("resumed", "measuring went on in another process"))?;
                if let Some(blocks) = further {
                    let rule = written.header.plan.stopping.as_deref().map_or("any-time rule", adaptive::name);
                    let text = format!("{rule}: at most {blocks} blocks from here on");
                    let note = Note { code: EXTENDED.into(), text, blocks: Some(blocks) };
                    self.recorder.emit(Record::Note(note))?;
                }
                (written.header, written.closed)
            }
            None => {
                let header = self.header(pilot_s, began);
                self.recorder.open(log, Record::Header(header.clone()))?;
                (header, Vec::new())
            }
        };
        for remark in self.remarks.clone() {
            self.recorder.emit(note("remark", &remark))?;
        }
        progress(Progress::Planned(&header));
        let measured = self.blocks(&header, &done, progress);
        let blocks = measured.as_ref().copied().unwrap_or(0);
        let mut outcome = measured.map(|_| ());
        if self.options.profile && outcome.is_ok() {
            progress(Progress::Doing("profile"));
            outcome = self.profile_arms();
        }
        let interrupted = outcome.is_err();
        let end = Record::End(End { t: self.recorder.now(), interrupted });
        let ended = self.recorder.emit(end).and_then(|()| self.recorder.sync());
        outcome.and(ended)?;
        Ok(Outcome {
            blocks,
            header,
            profiles: std::mem::take(&mut self.profiles),
            remarks: std::mem::take(&mut self.remarks),
        })
    }

    /// What a pilot that failed has measured, with the reason; such a log has no plan.
    fn keep_pilot(&mut self, log: LogFile, why: &RunError) -> Result<(), RunError> {
        let mut header = self.header(0.0, sys::now_ns());
        header.plan = Plan::default();
        self.recorder.open(log, Record::Header(header))?;
        self.recorder.emit(note("pilot_failed", &self.words(why)))?;
        let t = self.recorder.now();
        self.recorder.emit(Record::End(End { t, interrupted: true }))?;
        self.recorder.sync()
    }

    /// An error as the log may hold it.
    fn words(&self, error: &RunError) -> String {
        match error {
            RunError::Interrupted(_) => "interrupted".to_string(),
            error if self.options.redact => error.redacted(),
            error => error.to_string(),
        }
    }

    /// Set-up, choice of cores and pilot; gives the seconds of a block and when the pilot began, since
    /// set-up is not part of the budget.
    fn prelude(&mut self, resumed: bool, progress: &mut dyn FnMut(Progress<'_>)) -> Result<(f64, u64), RunError> {
        if let Some(words) = &self.options.setup {
            progress(Progress::Doing("setup"));
            self.helper("setup", words)?;
        }
        self.throttled = host::throttled();
        self.choose_cores();
        progress(Progress::Doing("pilot"));
        let began = sys::now_ns();
        Ok((self.pilot(resumed)?, began))
    }

    /// The blocks that are left; gives how many are closed in the end.
    fn blocks(
        &mut self,
        header: &Header,
        done: &[i64],
        progress: &mut dyn FnMut(Progress<'_>),
    ) -> Result<u32, RunError> {
        let began = sys::now_ns();
        let planned = header.plan.blocks;
        let before = done.iter().filter(|b| **b >= 0).count() as u32;
        let watch = header.plan.stopping.as_ref().map(|plan| Watch::new(plan, planned, &self.options.judging));
        // An earlier run may have ended between a look and its answer.
        if self.decided(watch.as_ref(), before, planned)? {
            return Ok(before);
        }
        for (closed, block) in (before + 1..).zip((0..i64::from(planned)).filter(|b| !done.contains(b))) {
            let outcome = self.block(block, header.seed);
            let why = outcome.as_ref().err().map(|e| self.words(e));
            let record = Block { b: block, t: self.recorder.now(), ok: why.is_none(), why };
            let written = self.recorder.emit(Record::Block(record));
            outcome.and(written)?;
            self.recorder.sync()?;
            let seconds = (sys::now_ns() - began) as f64 * 1e-9;
            progress(Progress::Block { done: closed, planned, seconds });
            if self.decided(watch.as_ref(), closed, planned)? {
                return Ok(closed);
            }
            if let Some(signal) = sys::caught_signal() {
                return Err(RunError::Interrupted(signal));
            }
        }
        Ok(planned.max(before))
    }

    /// What the rule by which a log stops says of its blocks so far, if they decide all.
    fn decided_before(&self, written: &Written, blocks: u32) -> Result<Option<String>, RunError> {
        let Some(plan) = &written.header.plan.stopping else { return Ok(None) };
        let look = Watch::new(plan, blocks, &self.options.judging).look(&self.options.log, blocks)?;
        Ok(look.filter(|look| look.decided).map(|look| look.text))
    }

    /// Looks at the log where the plan says so; whether the run is over. The answer of the last look is kept
    /// in any case.
    fn decided(&mut self, watch: Option<&Watch<'_>>, blocks: u32, planned: u32) -> Result<bool, RunError> {
        let look = match watch {
            Some(watch) => watch.look(&self.options.log, blocks)?,
            None => None,
        };
        let Some(look) = look else { return Ok(false) };
        if look.decided || blocks >= planned {
            self.recorder.emit(note("stopped", &look.text))?;
            self.remarks.push(look.text);
        }
        Ok(look.decided)
    }

    fn block(&mut self, block: i64, seed: u32) -> Result<(), RunError> {
        let mut order = Order::of_block(seed, block);
        match self.mode {
            Mode::Lockstep => {
                let mut list = self.benchmarks.clone();
                order.shuffle(&mut list);
                list.into_iter().try_for_each(|(name, n)| self.lockstep_block(block, &name, n, &mut order))
            }
            _ => self.command_block(block, &mut order),
        }
    }

    /// The discarded first block: it finds out what the arms are and what a block costs (seconds).
    fn pilot(&mut self, resumed: bool) -> Result<f64, RunError> {
        let deadline = self.options.timeout;
        let first = &self.options.arms[0];
        self.prepare()?;
        let cores = self.cores_of(PILOT_BLOCK);
        let mut process = Process::start(&self.options.program, &self.who(0), &first.words, &cores, None)?;
        let until = deadline.map(|t| process.started + t.as_nanos() as u64);
        match process.next(until)? {
            Event::Line(line) if Hello::looks_like(&line) => {
                let hello = Hello::parse(&line).map_err(|what| process.protocol(what))?;
                self.mode = Mode::Lockstep;
                process.close_input();
                process.next(until)?;
                let ended = process.reap(false)?;
                if ended.status != Some(0) {
                    return Err(process.failed(&ended));
                }
                self.plan_lockstep(&hello)?;
            }
            other => {
                let own = matches!(other, Event::Line(_));
                self.mode = if own { Mode::Samples } else { Mode::Command };
                let fork = self.recorder.next_fork();
                self.record_fork(fork, 0, PILOT_BLOCK, None, &process, &cores)?;
                let ended = self.finish_command(&mut process, fork, other, until)?;
                self.unpin_if_parallel(&ended, process.started);
                for arm in 1..self.options.arms.len() {
                    self.command_process(PILOT_BLOCK, arm)?;
                }
            }
        }
        // A second pilot with everything in the cache tells what a block costs.
        let began = sys::now_ns();
        if !resumed || self.mode == Mode::Lockstep {
            self.block(PILOT_BLOCK, self.options.seed)?;
        }
        Ok((sys::now_ns() - began) as f64 * 1e-9)
    }

    fn header(&mut self, pilot_s: f64, began: u64) -> Header {
        let options = self.options;
        let budget = options
            .budget
            .unwrap_or(if options.adaptive.is_some() { ADAPTIVE_BUDGET } else { DEFAULT_BUDGET })
            .as_secs_f64();
        let floor = if options.budget.is_some() { MIN_BUDGET_BLOCKS } else { MIN_BLOCKS };
        let spent = (sys::now_ns() - began) as f64 * 1e-9;
        let most = if self.mode == Mode::Lockstep { MAX_LOCKSTEP_BLOCKS } else { MAX_BLOCKS };
        let affordable = ((budget - spent) / pilot_s.max(1e-4)).clamp(0.0, f64::from(most)) as u32;
        let blocks = options.blocks.unwrap_or(affordable.max(floor)).max(1);
        let unix = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |d| d.as_nanos() as u64);
        let (rule, few) = match options.adaptive {
            Some(Adaptive::AnyTime) if u64::from(blocks) < ANY_TIME_START => (Some(Adaptive::Looks), true),
            rule => (rule, false),
        };
        if few {
            self.remarks.push(format!(
                "the time is enough for {blocks} blocks, and any-time begins to look after {ANY_TIME_START}: looks are \
                 planned instead"
            ));
        }
        let hidden = |line: &String| if options.redact { String::new() } else { line.clone() };
        Header {
            v: LOG_VERSION,
            tool: concat!("noisefloor ", env!("CARGO_PKG_VERSION")).into(),
            benchmark: options.name.clone(),
            started_unix_ns: unix,
            seed: options.seed,
            mode: self.mode,
            arms: options.arms.iter().map(|a| ArmRecord { name: a.name.clone(), command: hidden(&a.line) }).collect(),
            plan: Plan {
                blocks,
                pairs: if self.mode == Mode::Lockstep { self.rounds } else { 1 },
                budget_s: options.blocks.is_none().then_some(budget),
                batch_ns: (self.mode == Mode::Lockstep).then_some(BATCH.as_nanos() as u64),
                pilot_s: Some(pilot_s),
                stopping: rule.map(|rule| Box::new(adaptive::plan(rule, blocks, &options.judging))),
            },
            settings: options.settings(),
            host: host::facts(options.redact),
            cores: self.cores.clone(),
            ..Header::default()
        }
    }

    fn choose_cores(&mut self) {
        let allowed = sys::allowed_cores();
        match &self.options.cores {
            Cores::Any => {}
            Cores::These(cores) => {
                self.shared = cores.len() > 1;
                self.cores.clone_from(cores);
            }
            Cores::Auto if self.options.arms.len() < 2 => {}
            Cores::Auto => self.cores = host::quiet_cores(&allowed, Duration::from_millis(60)),
        }
    }

    /// Arms with several threads share one set of cores.
    pub(super) fn share_cores(&mut self, threads: u32) {
        if self.options.cores == Cores::Auto && threads > 1 && !self.cores.is_empty() {
            self.shared = true;
            self.cores.truncate(threads as usize);
        }
    }

    fn unpin_if_parallel(&mut self, ended: &Ended, started: u64) {
        // Pinned to one core a parallel command cannot show it; its threads waiting for the core do.
        let wall = (sys::now_ns() - started) as f64 * 1e-9;
        let delay = ended.evidence.get("run_delay_s").copied().unwrap_or(0.0);
        let used = ["user_s", "system_s"].iter().filter_map(|k| ended.evidence.get(*k)).sum::<f64>();
        if self.options.cores == Cores::Auto && self.cores.len() > 1 && wall > 0.01 && (used + delay) / wall > PARALLEL
        {
            self.shared = true;
            self.remarks.push("the command runs in parallel: all arms share all cores instead of one".into());
        }
    }

    /// The cores of a block: all arms of it get the same.
    pub(super) fn cores_of(&self, block: i64) -> Vec<u32> {
        if self.shared || self.cores.is_empty() {
            return self.cores.clone();
        }
        let turn = block.unsigned_abs() as usize % self.cores.len();
        self.cores.get(turn).copied().into_iter().collect()
    }

    pub(super) fn who(&self, arm: usize) -> String {
        match self.options.arms.get(arm) {
            Some(spec) if !spec.name.is_empty() => spec.name.clone(),
            _ => "the command".into(),
        }
    }

    pub(super) fn prepare(&self) -> Result<(), RunError> {
        self.options.prepare.as_ref().map_or(Ok(()), |words| self.helper("prepare", words))
    }

    /// Runs a command that is not measured.
    fn helper(&self, who: &str, words: &[String]) -> Result<(), RunError> {
        let mut process = Process::start(&self.options.program, who, words, &[], None)?;
        let until = self.options.timeout.map(|t| process.started + t.as_nanos() as u64);
        loop {
            match process.next(until)? {
                Event::Line(_) => {}
                Event::Ended => break,
                Event::TimedOut => return Err(process.timed_out(self.options.timeout.unwrap_or_default())),
            }
        }
        let ended = process.reap(false)?;
        if ended.status == Some(0) { Ok(()) } else { Err(process.failed(&ended)) }
    }

    pub(super) fn record_fork(
        &mut self,
        fork: u32,
        arm: usize,
        block: i64,
        benchmark: Option<&str>,
        process: &Process,
        cores: &[u32],
    ) -> Result<(), RunError> {
        let core = if let [core] = cores { Some(*core) } else { None };
        self.recorder.emit(Record::Fork(ForkRecord {
            f: fork,
            arm: arm as u32,
            block,
            benchmark: benchmark.map(ToString::to_string),
            pid: process.pid,
            core,
            t: self.recorder.at(process.started),
        }))
    }

    /// Records how a process ended; a failure that is not to be ignored is an error.
    pub(super) fn record_exit(&mut self, fork: u32, process: &Process, ended: &Ended) -> Result<(), RunError> {
        self.keep_printed(fork, process)?;
        let mut evidence = ended.evidence.clone();
        let now = host::throttled();
        if let (Some(before), Some(after)) = (self.throttled, now)
            && after.0 > before.0
        {
            evidence.insert("throttled_periods".into(), after.0 - before.0);
            evidence.insert("throttled_s".into(), after.1 - before.1);
        }
        self.throttled = now;
        let failed = ended.status != Some(0);
        self.recorder.emit(Record::Exit(Exit {
            f: fork,
            t: self.recorder.now(),
            status: ended.status,
            signal: ended.signal,
            ignored: failed && self.options.ignore_failure,
            evidence,
        }))?;
        if failed && !self.options.ignore_failure {
            return Err(process.failed(ended));
        }
        if failed {
            let text = format!("a process ended with {}, which was to be ignored", how(ended));
            if !self.remarks.contains(&text) {
                self.remarks.push(text);
            }
        }
        Ok(())
    }
}

fn note(code: &str, text: &str) -> Record {
    Record::Note(Note { code: code.into(), text: text.into(), ..Note::default() })
}
