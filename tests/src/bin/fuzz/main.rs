//! `cargo dev fuzz`: changes inputs, keeps those that reach new code, and looks whether what has to hold does.
//!
//! A mutation fuzzer in one process, guided by the compiler's own counters, on stable Rust. The folder of
//! inputs grows from run to run.
#![allow(clippy::print_stderr, clippy::print_stdout, reason = "a tool that talks to a person")]

mod cover;
mod mutate;
mod targets;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::os::unix::fs::FileExt;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::{Duration, Instant};

use cover::{Counting, Cover};
use mutate::{Random, mutate};
use targets::Target;

#[global_allocator]
static ALLOCATOR: Counting = Counting;

/// Inputs are at most so long: larger ones are slower, not deeper.
const MOST_BYTES: usize = 64 << 10;
/// Memory that each byte of an input may take at most, beside that of [`memory`].
const MEMORY: usize = 64;
/// Seconds that an input may take at most, on a machine that does other things too.
const SLOW: f64 = 5.0;
/// Seconds after which an input never ends.
const HANG: u64 = 60;

/// What the last panic said, and where.
static PANIC: Mutex<String> = Mutex::new(String::new());
/// Inputs tried, for the watchdog.
static TRIED: AtomicU64 = AtomicU64::new(0);

/// What is known of one target.
struct State {
    target: Target,
    cover: Option<Cover>,
    queue: Vec<Vec<u8>>,
    tried: u64,
    kept: u64,
    seconds: f64,
}

/// Where things are.
struct Places {
    /// Inputs that reached something, by target.
    corpus: PathBuf,
    /// Inputs that broke something.
    found: PathBuf,
    /// The input that is being tried: it outlives whatever becomes of this process.
    current: fs::File,
}

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let [root, seconds, seed, only @ ..] = arguments.as_slice() else {
        eprintln!("fuzz ROOT SECONDS SEED [TARGET...]; made to be called by cargo dev fuzz");
        std::process::exit(2);
    };
    let (Ok(seconds), Ok(seed)) = (seconds.parse::<u64>(), seed.parse::<u64>()) else {
        eprintln!("seconds and seed are numbers");
        std::process::exit(2);
    };
    match run(Path::new(root), Duration::from_secs(seconds), seed, only) {
        Ok(0) => {}
        Ok(found) => {
            eprintln!("{found} inputs broke something");
            std::process::exit(1);
        }
        Err(message) => {
            eprintln!("fuzz: {message}");
            std::process::exit(2);
        }
    }
}

fn run(root: &Path, time: Duration, seed: u64, only: &[String]) -> Result<usize, String> {
    let work = root.join("target/fuzz");
    let fail = |path: &Path| {
        let path = path.display().to_string();
        move |e: std::io::Error| format!("{path}: {e}")
    };
    let places = Places {
        corpus: work.join("corpus"),
        found: root.join("tests/fuzz"),
        current: {
            let path = work.join(format!("current-{seed}"));
            fs::create_dir_all(&work).map_err(fail(&work))?;
            fs::File::options().create(true).truncate(true).read(true).write(true).open(&path).map_err(fail(&path))?
        },
    };
    std::panic::set_hook(Box::new(|info| {
        if let Ok(mut said) = PANIC.lock() {
            *said = info.to_string();
        }
    }));
    watch();
    let mut found = BTreeSet::new();
    let mut states = begin(root, &places, only, &mut found)?;
    let mut random = Random::new(seed);
    let (began, mut told) = (Instant::now(), Instant::now());
    // A round of all targets takes half a minute at most, so that each gets its share of any time.
    let turn = Duration::from_secs_f64((time.as_secs_f64() / 4.0).clamp(0.2, 30.0) / states.len() as f64);
    while began.elapsed() < time {
        for state in &mut states {
            let start = Instant::now();
            while start.elapsed() < turn && began.elapsed() < time {
                for _ in 0..50 {
                    let input = next(state, &mut random);
                    attempt(state, &input, &places, &mut found)?;
                }
            }
            state.seconds += start.elapsed().as_secs_f64();
        }
        if told.elapsed().as_secs() >= 60 {
            told = Instant::now();
            let tried: u64 = states.iter().map(|s| s.tried).sum();
            eprintln!("{:>6.0} s  {tried} inputs, {} broke something", began.elapsed().as_secs_f64(), found.len());
        }
    }
    table(&states);
    Ok(found.len())
}

/// Stops the process when an input never ends; it lies in the file of the current one.
fn watch() {
    std::thread::spawn(|| {
        let mut last = u64::MAX;
        loop {
            std::thread::sleep(Duration::from_secs(HANG));
            let now = TRIED.load(Ordering::Relaxed);
            if now == last {
                eprintln!("an input takes over {HANG} s");
                std::process::abort();
            }
            last = now;
        }
    });
}

/// The targets with their first inputs: the project's corpus, the open one, and what earlier runs kept or broke.
fn begin(root: &Path, places: &Places, only: &[String], found: &mut BTreeSet<String>) -> Result<Vec<State>, String> {
    let mut seeds = Vec::new();
    for folder in [root.join("tests/corpus"), root.join("www/example"), root.join("../shared/corpus")] {
        files(&folder, &mut seeds);
    }
    let mut states = Vec::new();
    for target in Target::all().into_iter().filter(|t| only.is_empty() || only.iter().any(|o| o == t.name())) {
        let mut queue: Vec<Vec<u8>> = seeds.iter().filter(|s| target.wants(s)).cloned().collect();
        files(&places.corpus.join(target.name()), &mut queue);
        files(&places.found.join(target.name()), &mut queue);
        // Nothing is an input too.
        queue.push(Vec::new());
        states.push(State { target, cover: Cover::new(), queue: Vec::new(), tried: 0, kept: 0, seconds: 0.0 });
        let Some(state) = states.last_mut() else { continue };
        for input in queue {
            // Those that reach nothing new are left out of the queue.
            attempt(state, &input, places, found)?;
            if state.cover.is_none() {
                state.queue.push(input);
            }
        }
        state.kept = 0;
    }
    if states.is_empty() {
        return Err("there is no such target".into());
    }
    if states.iter().any(|s| s.cover.is_none()) {
        eprintln!("compiled without counters: inputs are tried, and none is kept");
    }
    Ok(states)
}

/// Files of a folder as inputs; of long ones the beginning, of compressed ones the content too.
fn files(folder: &Path, out: &mut Vec<Vec<u8>>) {
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        let Ok(entries) = fs::read_dir(&folder) else { continue };
        let mut paths: Vec<PathBuf> = entries.flatten().map(|e| e.path()).collect();
        paths.sort();
        for path in paths {
            if path.is_dir() {
                open.push(path);
            } else if let Ok(mut bytes) = fs::read(&path) {
                if bytes.starts_with(&[0x1f, 0x8b, 8, 0])
                    && let Ok(plain) =
                        miniz_oxide::inflate::decompress_to_vec_with_limit(bytes.get(10..).unwrap_or(&[]), 8 << 20)
                {
                    out.push(plain[..plain.len().min(MOST_BYTES)].to_vec());
                }
                bytes.truncate(MOST_BYTES);
                out.push(bytes);
            }
        }
    }
}

fn next(state: &State, random: &mut Random) -> Vec<u8> {
    // What came last is the least explored.
    let pick = |random: &mut Random| match random.below(2) {
        0 => random.below(state.queue.len()),
        _ => state.queue.len() - 1 - random.below(state.queue.len().div_ceil(4)),
    };
    let (own, other) = (pick(random), random.below(state.queue.len()));
    mutate(random, &state.queue[own], &state.queue[other], MOST_BYTES)
}

/// Tries one input, and keeps it where it reached something new or broke something.
fn attempt(state: &mut State, input: &[u8], places: &Places, found: &mut BTreeSet<String>) -> Result<(), String> {
    let name = state.target.name();
    // Length and target in front: a longer input before it leaves its end in the file.
    let head = format!("{name} {}\n", input.len());
    let keep = |at, bytes| places.current.write_all_at(bytes, at).map_err(|e| format!("the current input: {e}"));
    keep(0, head.as_bytes())?;
    keep(head.len() as u64, input)?;
    let outcome = tried(state.target, input, state.cover.as_ref());
    state.tried += 1;
    TRIED.fetch_add(1, Ordering::Relaxed);
    if let Some(cover) = &mut state.cover
        && cover.gather()
    {
        state.queue.push(input.to_vec());
        state.kept += 1;
        save(&places.corpus.join(name), input)?;
    }
    let Err(problem) = outcome else { return Ok(()) };
    // One of each kind: digits differ from input to input.
    let kind: String = problem.chars().filter(|c| !c.is_ascii_digit()).take(120).collect();
    if found.insert(format!("{name} {kind}")) {
        let small = shrink(state.target, input, &problem);
        let path = save(&places.found.join(name), &small)?;
        eprintln!("{}: {problem}", path.display());
    }
    Ok(())
}

/// Bytes of memory that any input may take, however short: a histogram of a few words stands for millions of values, and
/// an archive may unpack to 64 MiB, which are there twice for a while.
fn memory(target: Target) -> usize {
    if matches!(target, Target::Report | Target::Archive) { 256 << 20 } else { 24 << 20 }
}

fn tried(target: Target, input: &[u8], cover: Option<&Cover>) -> Result<(), String> {
    let (before, began) = (cover::watch(), Instant::now());
    if let Some(cover) = cover {
        cover.reset();
    }
    let outcome = catch_unwind(AssertUnwindSafe(|| target.run(input)));
    let seconds = began.elapsed().as_secs_f64();
    let bytes = cover::peak(before);
    match outcome {
        Err(_) => Err(PANIC.lock().map_or_else(|_| "a panic".into(), |said| said.clone())),
        Ok(Err(problem)) => Err(problem),
        Ok(Ok(())) if seconds > SLOW => Err(format!("it took {seconds:.1} s")),
        Ok(Ok(())) if bytes > memory(target) + MEMORY * input.len() => Err(format!("it took {bytes} bytes")),
        Ok(Ok(())) => Ok(()),
    }
}

/// A smaller input with the same problem: pieces are left out as long as that holds.
fn shrink(target: Target, input: &[u8], problem: &str) -> Vec<u8> {
    let letters = |text: &str| text.chars().filter(|c| !c.is_ascii_digit()).take(60).collect::<String>();
    let wanted = letters(problem);
    let mut best = input.to_vec();
    let mut piece = best.len() / 2;
    let began = Instant::now();
    while piece > 0 && began.elapsed().as_secs() < 20 {
        let mut at = 0;
        while at < best.len() && began.elapsed().as_secs() < 20 {
            let mut less = best.clone();
            less.drain(at..(at + piece).min(best.len()));
            match tried(target, &less, None) {
                Err(problem) if letters(&problem) == wanted => best = less,
                _ => at += piece,
            }
        }
        piece /= 2;
    }
    best
}

/// Writes an input under its hash.
fn save(folder: &Path, input: &[u8]) -> Result<PathBuf, String> {
    let hash = input.iter().fold(0xcbf2_9ce4_8422_2325_u64, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x100_0000_01b3));
    let path = folder.join(format!("{hash:016x}"));
    fs::create_dir_all(folder)
        .and_then(|()| fs::write(&path, input))
        .map_err(|e| format!("{}: {e}", path.display()))?;
    Ok(path)
}

fn table(states: &[State]) {
    let mut rows: BTreeMap<&str, String> = BTreeMap::new();
    for state in states {
        let edges = state.cover.as_ref().map_or(0, Cover::edges);
        rows.insert(
            state.target.name(),
            format!(
                "{:>10} {:>8} {:>8} {:>6} {:>6.0}",
                state.tried,
                edges,
                state.queue.len(),
                state.kept,
                state.seconds
            ),
        );
    }
    println!("{:<24} {:>10} {:>8} {:>8} {:>6} {:>6}", "target", "inputs", "edges", "corpus", "new", "s");
    for (name, row) in rows {
        println!("{name:<24} {row}");
    }
}
