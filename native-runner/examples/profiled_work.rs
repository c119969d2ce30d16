//! A small program with a known profile: `hot` takes three times as long as `warm`.
//!
//! `profiled_work MILLISECONDS [threads|self]` works for about that long and prints the CPU time the kernel counted for
//! its main thread, in nanoseconds. With `threads` a second thread works too; with `self` the program samples itself
//! and prints the facts of that profile.

use std::hint::black_box;
use std::io::{self, Write};
use std::time::{Duration, Instant};

/// Steps of one call of `warm`.
const STEPS: u64 = 200_000;

fn main() -> io::Result<()> {
    let mut arguments = std::env::args().skip(1);
    let millis = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(1000);
    let mode = arguments.next().unwrap_or_default();
    let length = Duration::from_millis(millis);
    if mode == "self" {
        return sample_self(length);
    }
    let helper = (mode == "threads").then(|| std::thread::spawn(move || work(length)));
    work(length);
    if let Some(helper) = helper {
        let _ = helper.join();
    }
    let counted = std::fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    writeln!(io::stdout(), "{}", counted.split(' ').next().unwrap_or("0"))
}

fn sample_self(length: Duration) -> io::Result<()> {
    let running = noisefloor::profiler::in_process::start(99).map_err(io::Error::other)?;
    work(length);
    let profile = running.finish().map_err(io::Error::other)?;
    if let Some(path) = std::env::args().nth(3) {
        std::fs::write(path, &profile.pprof)?;
    }
    writeln!(
        io::stdout(),
        "{} {:.3} {:.1} {}",
        profile.samples,
        profile.rooted_share,
        profile.delivered_hz,
        profile.cpu_nanos
    )
}

#[inline(never)]
fn work(length: Duration) {
    let start = Instant::now();
    while start.elapsed() < length {
        black_box(hot(black_box(1)));
        black_box(warm(black_box(1)));
    }
}

#[inline(never)]
fn hot(seed: u64) -> u64 {
    black_box(mix(seed, 3 * STEPS))
}

#[inline(never)]
fn warm(seed: u64) -> u64 {
    black_box(mix(seed, STEPS))
}

/// One long chain of dependent steps, inlined into its callers.
#[inline(always)]
fn mix(seed: u64, steps: u64) -> u64 {
    let mut state = seed;
    for _ in 0..steps {
        state ^= state << 13;
        state ^= state >> 7;
        state = black_box(state ^ state << 17);
    }
    state
}
