//! A benchmark with a known slowdown, for `cargo dev trials`: `slowdown PERMILLE` does that much
//! more work than `slowdown 0`, with the same machine code.

use std::hint::black_box;
use std::process::ExitCode;

use noisefloor::harness::{self, Harness};

/// Units of work of the undelayed variant: 1 permille is one unit.
const UNITS: u64 = 1000;

/// One unit: a chain of multiplications, each waiting for the one before.
#[inline(always)]
fn unit(mut x: u64) -> u64 {
    for _ in 0..4 {
        x = x.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
    }
    x
}

fn main() -> ExitCode {
    let extra = std::env::args().nth(1).and_then(|a| a.parse::<u64>().ok()).unwrap_or(0);
    harness::main(|harness: &mut Harness<'_>| {
        harness.bench("chain", move |bench| {
            let units = black_box(UNITS + extra);
            bench.iter(|| (0..units).fold(black_box(1), |x, _| black_box(unit(x))));
        });
    })
}
