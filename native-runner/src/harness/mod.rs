//! A harness for benchmarks in Rust, for targets with `harness = false`.
//!
//! Under `noisefloor run` it is driven batch by batch (`PROTOCOL.md`); on its own (`cargo bench`)
//! it measures in this process and writes the same log. One process cannot show how much runs
//! differ, so only the first way gives a verdict that can be believed.
//!
//! ```no_run
//! use std::hint::black_box;
//!
//! fn main() -> std::process::ExitCode {
//!     noisefloor::harness::main(|harness| {
//!         harness.bench("sum", |bench| {
//!             let numbers: Vec<u64> = (0..1000).collect();
//!             bench.iter(|| black_box(&numbers).iter().sum::<u64>());
//!         });
//!     })
//! }
//! ```

mod alone;
mod bencher;
mod driver;
mod pool;
mod timer;

use std::process::ExitCode;

pub use bencher::Bencher;
pub use pool::Pool;
pub use timer::Timer;

use alone::Alone;
use driver::Driver;

/// The benchmarks of a target.
pub struct Harness<'a> {
    list: Vec<(String, Body<'a>)>,
    threads: u32,
}

type Body<'a> = Box<dyn FnMut(&mut Bencher<'_>) + 'a>;

impl std::fmt::Debug for Harness<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.list.iter().map(|(name, _)| name)).finish()
    }
}

impl<'a> Harness<'a> {
    /// Adds a benchmark. What the body does before it calls one of the methods of [`Bencher`] is
    /// set-up and not timed. A name that exists already replaces the earlier one.
    pub fn bench(&mut self, name: &str, body: impl FnMut(&mut Bencher<'_>) + 'a) -> &mut Harness<'a> {
        self.list.retain(|(n, _)| n != name);
        self.list.push((name.to_string(), Box::new(body)));
        self
    }

    /// States how many threads the benchmarks use at once, so that they get as many cores.
    pub fn threads(&mut self, threads: u32) -> &mut Harness<'a> {
        self.threads = threads.max(1);
        self
    }
}

/// Runs the benchmarks that `define` adds: driven where a runner asks for it, else alone with the
/// arguments of this process (`--help` tells which).
#[must_use]
pub fn main<'a>(define: impl FnOnce(&mut Harness<'a>)) -> ExitCode {
    let mut harness = Harness { list: Vec::new(), threads: 1 };
    define(&mut harness);
    let outcome = match Driver::from_environment() {
        Some(driver) => driver.serve(harness),
        None => Alone::run(harness, std::env::args().skip(1)),
    };
    match outcome {
        Ok(()) => match crate::sys::caught_signal() {
            Some(signal) => ExitCode::from((128 + signal).clamp(129, 255) as u8),
            None => ExitCode::SUCCESS,
        },
        Err(message) => {
            crate::cli::complain(&message);
            ExitCode::from(2)
        }
    }
}
