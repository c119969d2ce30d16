//! Benchmarks with a known slowdown, for `cargo dev trials`: `slowdown WORKLOAD PERMILLE` does that
//! much more work than `slowdown WORKLOAD 0`, with the same machine code.

use std::hint::black_box;
use std::process::ExitCode;

use noisefloor::harness::{self, Harness};

/// Units of work of the undelayed variant: 1 permille is one unit.
const UNITS: u64 = 1000;

/// One unit: a step of a chain in which each multiplication waits for the one before.
fn step(x: u64) -> u64 {
    x.wrapping_mul(6_364_136_223_846_793_005) ^ 0x2468_ace0
}

/// One unit: a number written into a fresh string and read again, so that the allocator and the
/// layout of memory have their say.
fn text(seed: u64) -> u64 {
    let number = step(black_box(seed)) >> 20;
    let text = format!("{{\"id\":{},\"value\":{number}}}", seed % 8);
    text.bytes().map(u64::from).sum()
}

fn main() -> ExitCode {
    let mut arguments = std::env::args().skip(1);
    let workload = arguments.next().unwrap_or_default();
    let extra = arguments.next().and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    harness::main(|harness: &mut Harness<'_>| {
        let units = black_box(UNITS + extra);
        match workload.as_str() {
            "text" => harness.bench("text", move |bench| {
                bench.iter(|| (0..units).fold(0u64, |sum, unit| sum.wrapping_add(text(unit))));
            }),
            _ => harness.bench("chain", move |bench| {
                bench.iter(|| (0..units).fold(black_box(1), |x, _| step(x)));
            }),
        };
    })
}
