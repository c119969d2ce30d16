//! The same bodies measured by the harness and by a hand-written loop, for `cargo dev accuracy`:
//! `accuracy harness` and `accuracy hand`.

use std::hint::black_box;
use std::process::ExitCode;
use std::time::Instant;

use noisefloor::harness::{self, Bencher, Harness};

/// Rounds of the body named `chain`, each of four cycles.
const ROUNDS: u64 = 250;

/// Each round waits for the one before: a multiplication, of three cycles on the processors of the
/// last fifteen years, and an exclusive or, so that no compiler can combine two rounds.
#[inline(always)]
fn chain(rounds: u64, mut x: u64) -> u64 {
    for _ in 0..rounds {
        x = x.wrapping_mul(6_364_136_223_846_793_005) ^ 0x2468_ace0;
    }
    x
}

/// A call, so that both loops run the same machine code.
#[inline(never)]
fn called(rounds: u64) -> u64 {
    chain(rounds, black_box(1))
}

/// One body, by the harness or by hand.
fn measure<R>(bench: &mut Bencher<'_>, by_hand: bool, mut body: impl FnMut() -> R) {
    if !by_hand {
        return bench.iter(body);
    }
    bench.iter_custom(|iterations| {
        let start = Instant::now();
        let mut left = iterations;
        while left > 0 {
            black_box(body());
            left -= 1;
        }
        start.elapsed()
    });
}

fn main() -> ExitCode {
    let by_hand = std::env::args().nth(1).is_some_and(|a| a == "hand");
    harness::main(|harness: &mut Harness<'_>| {
        harness.bench("chain", |bench| measure(bench, by_hand, || called(black_box(ROUNDS))));
        harness.bench("1 ns", |bench| measure(bench, by_hand, || chain(4, black_box(1))));
        harness.bench("100 ns", |bench| measure(bench, by_hand, || called(black_box(117))));
        harness.bench("10 us", |bench| measure(bench, by_hand, || called(black_box(9250))));
    })
}
