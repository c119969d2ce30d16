//! One process of one arm, with the two pipes of the protocol.

use std::fs::{File, OpenOptions};
use std::io::{PipeReader, PipeWriter, Read, Seek, SeekFrom, Write};
use std::os::fd::{AsFd, AsRawFd, OwnedFd};
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use crate::run::lockstep::Hello;
use crate::run::{Program, RunError};
use crate::sys::{self, Ended, Gate, Placement};

/// The longest line that a process may send.
const MAX_LINE: usize = 1 << 20;
/// Bytes of one process's standard error that are kept.
pub(super) const MAX_PRINTED: u64 = 64 << 20;

/// A running process.
#[derive(Debug)]
pub(super) struct Process {
    pub(super) pid: u32,
    /// Just before it was started.
    pub(super) started: u64,
    /// The arm's name, for messages.
    who: String,
    command: String,
    watch: OwnedFd,
    out: PipeReader,
    input: Option<PipeWriter>,
    /// Received and not yet taken.
    buffer: Vec<u8>,
    reaped: bool,
    /// What it writes to standard error, where that is kept.
    printed: Option<File>,
}

/// What came from a process.
#[derive(Debug, PartialEq)]
pub(super) enum Event {
    /// A line, without its end.
    Line(String),
    /// The process has ended, and no line is left.
    Ended,
    /// The time is over.
    TimedOut,
}

/// The parent's ends of a gate.
struct Keeper {
    told: PipeReader,
    go: PipeWriter,
}

fn system(what: &str, error: std::io::Error) -> RunError {
    RunError::System { what: what.into(), error }
}

impl Process {
    /// Starts an arm's program on some cores. `before` is called with the process id while the
    /// child waits between fork and exec: a profiler is attached there.
    pub(super) fn start(
        program: &Program,
        who: &str,
        words: &[String],
        cores: &[u32],
        before: Option<&mut (dyn FnMut(u32) + Send)>,
    ) -> Result<Process, RunError> {
        let pipe = || std::io::pipe().map_err(|e| system("a pipe", e));
        let (out, out_child) = pipe()?;
        let (in_child, input) = pipe()?;
        let mut command = program.command(words)?;
        // A file, not a pipe: nobody has to read while the process is measured.
        let printed = if program.gc_log {
            let file = unnamed().map_err(|e| system("a temporary file", e))?;
            command.stderr(file.try_clone().map_err(|e| system("a temporary file", e))?);
            Some(file)
        } else {
            None
        };
        command.env("NOISEFLOOR_OUT", out_child.as_raw_fd().to_string());
        command.env("NOISEFLOOR_IN", in_child.as_raw_fd().to_string());
        let inherit = vec![out_child.as_raw_fd(), in_child.as_raw_fd()];
        let mut keeper = None;
        let mut gate = None;
        if before.is_some() {
            let (told, tell) = pipe()?;
            let (go_child, go) = pipe()?;
            keeper = Some(Keeper { told, go });
            gate = Some(Gate { tell: tell.into(), go: go_child.into() });
        }
        sys::place(&mut command, Placement { cores: cores.to_vec(), inherit, gate });
        let started = sys::now_ns();
        let child = std::thread::scope(|scope| {
            // Starting returns only after exec, so another thread has to open the gate.
            if let (Some(keeper), Some(before)) = (keeper, before) {
                scope.spawn(move || {
                    let Keeper { mut told, mut go } = keeper;
                    let mut pid = [0; 4];
                    if told.read_exact(&mut pid).is_ok() {
                        before(u32::from_ne_bytes(pid));
                    }
                    // A child that is gone needs no word.
                    let _ = go.write_all(&[1]);
                });
            }
            let child = command.spawn();
            // The child's ends of the gate live in the command: without this a failed start would
            // leave the thread waiting.
            drop(command);
            child
        });
        let child = child.map_err(|error| RunError::Start { command: crate::words::join(words), error })?;
        drop((out_child, in_child));
        let pid = child.id();
        let watch = sys::watch_process(pid).map_err(|e| system("watching a process", e))?;
        // The low numbers are for children: some shells know one digit only.
        let watch = sys::move_up(watch);
        Ok(Process {
            pid,
            started,
            who: who.to_string(),
            command: crate::words::join(words),
            watch,
            out: sys::move_up(out.into()).into(),
            input: Some(sys::move_up(input.into()).into()),
            buffer: Vec::new(),
            reaped: false,
            printed,
        })
    }

    /// The next line, waiting until a moment of the clock at most.
    pub(super) fn next(&mut self, deadline: Option<u64>) -> Result<Event, RunError> {
        loop {
            if let Some(end) = self.buffer.iter().position(|b| *b == b'\n') {
                let line: Vec<u8> = self.buffer.drain(..=end).collect();
                return Ok(Event::Line(String::from_utf8_lossy(&line).trim_end().to_string()));
            }
            if self.buffer.len() > MAX_LINE {
                return Err(self.protocol(format!("a line of more than {MAX_LINE} bytes")));
            }
            let left = match deadline.map(|d| d.saturating_sub(sys::now_ns())) {
                Some(0) => return Ok(Event::TimedOut),
                left => left.map(Duration::from_nanos),
            };
            let ready = sys::wait_readable(&[self.out.as_fd(), self.watch.as_fd()], left)
                .map_err(|e| system("waiting for a process", e))?;
            if let Some(signal) = sys::caught_signal() {
                return Err(RunError::Interrupted(signal));
            }
            match ready.as_slice() {
                // Closed by a process that goes on: only its end is of interest now.
                [true, _] if !self.fill()? => {
                    return match self.last_line() {
                        Some(line) => Ok(Event::Line(line)),
                        None => self.wait_end(deadline),
                    };
                }
                [false, true] => return Ok(self.last_line().map_or(Event::Ended, Event::Line)),
                _ => {}
            }
        }
    }

    /// What stands behind the last line feed: the writer ended without one.
    fn last_line(&mut self) -> Option<String> {
        let rest = std::mem::take(&mut self.buffer);
        (!rest.is_empty()).then(|| String::from_utf8_lossy(&rest).trim_end().to_string())
    }

    /// Reads what has come; `false` at the end.
    fn fill(&mut self) -> Result<bool, RunError> {
        let mut chunk = [0; 4096];
        match self.out.read(&mut chunk) {
            Ok(0) => Ok(false),
            Ok(n) => {
                self.buffer.extend_from_slice(chunk.get(..n).unwrap_or(&[]));
                Ok(true)
            }
            Err(e) if e.kind() == std::io::ErrorKind::Interrupted => Ok(true),
            Err(e) => Err(system("reading from a process", e)),
        }
    }

    fn wait_end(&mut self, deadline: Option<u64>) -> Result<Event, RunError> {
        loop {
            let left = match deadline.map(|d| d.saturating_sub(sys::now_ns())) {
                Some(0) => return Ok(Event::TimedOut),
                left => left.map(Duration::from_nanos),
            };
            let ready =
                sys::wait_readable(&[self.watch.as_fd()], left).map_err(|e| system("waiting for a process", e))?;
            if let Some(signal) = sys::caught_signal() {
                return Err(RunError::Interrupted(signal));
            }
            if ready == [true] {
                return Ok(Event::Ended);
            }
        }
    }

    /// Sends a command and gives its answer without the `ok`.
    pub(super) fn ask(&mut self, question: &str, timeout: Option<Duration>) -> Result<String, RunError> {
        let sent = match &mut self.input {
            Some(input) => input.write_all(format!("{question}\n").as_bytes()),
            None => Ok(()),
        };
        let deadline = timeout.map(|t| sys::now_ns() + t.as_nanos() as u64);
        // A process that is gone says more by its end than by the closed pipe.
        let event = self.next(deadline)?;
        match event {
            Event::Line(line) if line == "ok" => Ok(String::new()),
            Event::Line(line) => match line.strip_prefix("ok ") {
                Some(answer) => Ok(answer.to_string()),
                None if line.starts_with("error") => Err(self.protocol(format!("it answered `{}`", cut(&line)))),
                None => Err(self.protocol(format!("it answered `{}` to `{question}`", cut(&line)))),
            },
            Event::Ended if sent.is_err() => Err(self.protocol("it ended before a question".into())),
            Event::Ended => Err(self.protocol(format!("it ended instead of answering `{question}`"))),
            Event::TimedOut => Err(self.timed_out(timeout.unwrap_or_default())),
        }
    }

    /// Lets the process know that nothing more will come.
    pub(super) fn close_input(&mut self) {
        self.input = None;
    }

    /// Takes the counters of a process that has ended, or ends it first.
    pub(super) fn reap(&mut self, kill: bool) -> Result<Ended, RunError> {
        if kill {
            sys::kill_group(self.pid);
            let deadline = sys::now_ns() + 10_000_000_000;
            // Its end is only waited for so that the counters are final.
            let _ = sys::wait_readable(&[self.watch.as_fd()], Some(Duration::from_nanos(deadline - sys::now_ns())));
        }
        let facts = sys::exit_facts(self.pid);
        let mut ended = sys::reap(self.pid).map_err(|e| system("waiting for a process", e))?;
        self.reaped = true;
        // What the arm left behind must not disturb the next one.
        sys::kill_group(self.pid);
        ended.evidence.extend(facts);
        Ok(ended)
    }

    /// What the process wrote to standard error, 64 MiB at most, where that is kept.
    pub(super) fn printed(&self) -> Result<Option<Vec<u8>>, RunError> {
        let Some(mut file) = self.printed.as_ref() else { return Ok(None) };
        let mut bytes = Vec::new();
        file.seek(SeekFrom::Start(0))
            .and_then(|_| file.take(MAX_PRINTED).read_to_end(&mut bytes))
            .map_err(|e| system("reading what a process wrote", e))?;
        Ok(Some(bytes))
    }

    pub(super) fn protocol(&self, what: String) -> RunError {
        RunError::Protocol { who: self.who.clone(), what }
    }

    /// The error of a line that should be a value.
    pub(super) fn no_value(&self, line: &str, why: &str) -> RunError {
        if Hello::looks_like(line) {
            return RunError::Mixed { driven: self.who.clone(), plain: "another arm".into() };
        }
        self.protocol(format!("a line is no value ({why}): {}", cut(line)))
    }

    pub(super) fn timed_out(&self, timeout: Duration) -> RunError {
        RunError::TimedOut { who: self.who.clone(), command: self.command.clone(), seconds: timeout.as_secs_f64() }
    }

    pub(super) fn failed(&self, ended: &Ended) -> RunError {
        RunError::Failed { who: self.who.clone(), command: self.command.clone(), how: how(ended) }
    }
}

impl Drop for Process {
    fn drop(&mut self) {
        if !self.reaped {
            // Nothing is left to tell: an error is on its way already.
            let _ = self.reap(true);
        }
    }
}

/// A file without a name: it is gone when nobody has it open.
fn unnamed() -> std::io::Result<File> {
    static NEXT: AtomicU64 = AtomicU64::new(0);
    for _ in 0..1000 {
        let number = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = std::env::temp_dir().join(format!("noisefloor-{}-{number}", std::process::id()));
        match OpenOptions::new().create_new(true).read(true).append(true).open(&path) {
            Ok(file) => return std::fs::remove_file(&path).map(|()| file),
            Err(e) if e.kind() == std::io::ErrorKind::AlreadyExists => {}
            Err(e) => return Err(e),
        }
    }
    Err(std::io::ErrorKind::AlreadyExists.into())
}

/// How a process ended, in words.
pub(super) fn how(ended: &Ended) -> String {
    match (ended.status, ended.signal) {
        (Some(code), _) => format!("exit code {code}"),
        (None, Some(signal)) => format!("signal {signal}"),
        (None, None) => "an unknown status".into(),
    }
}

fn cut(line: &str) -> String {
    line.chars().take(120).collect()
}

impl Program {
    /// The command of some words, with the environment that all processes of a run share.
    pub(super) fn command(&self, words: &[String]) -> Result<Command, RunError> {
        let (name, arguments) = match &self.shell {
            Some(shell) => (shell.clone(), vec!["-c".to_string(), words.join(" ")]),
            None => {
                let first = words.split_first().filter(|(name, _)| !name.is_empty());
                let (name, rest) = first.ok_or_else(|| RunError::Usage("an empty command".into()))?;
                (name.clone(), rest.to_vec())
            }
        };
        let mut command = Command::new(name);
        command.args(arguments).stdin(Stdio::null()).envs(self.env.iter().map(|(k, v)| (k, v)));
        if let Some(folder) = &self.cwd {
            // The error of a failed start would name the program.
            if let Err(e) = std::fs::read_dir(folder) {
                return Err(RunError::Usage(format!("--cwd {}: {e}", folder.display())));
            }
            command.current_dir(folder);
        }
        if !self.show_output {
            command.stdout(Stdio::null()).stderr(Stdio::null());
        } else {
            // Standard output belongs to the report.
            let err = std::io::stderr().as_fd().try_clone_to_owned().map_err(|e| system("standard error", e))?;
            command.stdout(err);
        }
        Ok(command)
    }
}
