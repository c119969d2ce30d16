//! What a benchmark's body is given.

use std::hint::black_box;
use std::time::Duration;

use crate::harness::pool::Pool;
use crate::harness::timer::Timer;
use crate::sys;

/// Where batches are asked for and answered.
pub(super) trait Conductor {
    /// The next batch: iterations unmeasured, then iterations measured; `None`: enough.
    fn next(&mut self) -> Option<(u64, u64)>;
    /// The time of the measured ones.
    fn answer(&mut self, batch: Measured);
    /// A custom metric of the last batch.
    fn metric(&mut self, metric: Metric);
}

/// What a batch took.
#[derive(Clone, Copy, Debug)]
pub(super) struct Measured {
    pub(super) iterations: u64,
    pub(super) nanos: u64,
    /// As it passed, with what the clock was stopped for.
    pub(super) wall_nanos: u64,
    pub(super) involuntary: u64,
    pub(super) voluntary: u64,
    pub(super) migrated: bool,
}

/// A custom metric.
#[derive(Clone, Debug)]
pub(super) struct Metric {
    pub(super) name: String,
    pub(super) unit: String,
    pub(super) value: f64,
    pub(super) higher_is_better: Option<bool>,
}

/// Measures one benchmark: call one of its methods once, after the set-up.
pub struct Bencher<'a> {
    pub(super) conductor: &'a mut dyn Conductor,
}

impl std::fmt::Debug for Bencher<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bencher")
    }
}

impl Bencher<'_> {
    /// Times a routine. Its result is kept from being optimised away and dropped inside the clock;
    /// inputs should go through [`std::hint::black_box`] so that they are not computed in advance.
    pub fn iter<R>(&mut self, mut routine: impl FnMut() -> R) {
        self.batches(|n, timer| {
            timer.start();
            for _ in 0..n {
                black_box(routine());
            }
            timer.stop();
        });
    }

    /// Times a routine that uses its input up. All inputs of a batch are made before the clock
    /// starts, and results are dropped after it has stopped, so memory for a batch is needed.
    pub fn iter_batched<I, R>(&mut self, mut make: impl FnMut() -> I, mut routine: impl FnMut(I) -> R) {
        let mut results = Vec::new();
        self.batches(|n, timer| {
            let inputs: Vec<I> = (0..n).map(|_| make()).collect();
            results.reserve(inputs.len());
            timer.start();
            for input in inputs {
                results.push(black_box(routine(input)));
            }
            timer.stop();
            results.clear();
        });
    }

    /// Times a routine that stops, starts or resets the clock itself; it runs when the routine is
    /// entered.
    pub fn iter_with_timer<R>(&mut self, mut routine: impl FnMut(&mut Timer) -> R) {
        self.batches(|n, timer| {
            for _ in 0..n {
                timer.start();
                black_box(routine(timer));
                timer.stop();
            }
        });
    }

    /// Takes the time from a routine that measures it itself: it is given a number of iterations and
    /// says how long they took. For clocks of other kinds, and for checks of this harness.
    pub fn iter_custom(&mut self, mut routine: impl FnMut(u64) -> Duration) {
        self.batches(|n, timer| timer.add(routine(n)));
    }

    /// Times a routine on all threads of a pool at once: each thread does all iterations of the
    /// batch, and the batch takes as long as the slowest. The number given is that of the thread.
    pub fn iter_parallel<R>(&mut self, pool: &Pool, routine: impl Fn(usize) -> R + Sync) {
        pool.with(routine, |crew| self.batches(|n, timer| timer.add(crew.batch(n))));
    }

    /// A metric of its own beside the time: bytes, hits, objects. Call it after the timing method;
    /// the last value of each name counts.
    pub fn metric(&mut self, name: &str, unit: &str, value: f64) {
        self.add_metric(name, unit, value, None);
    }

    /// As [`metric`](Bencher::metric), saying in which direction it gets better.
    pub fn metric_with_direction(&mut self, name: &str, unit: &str, value: f64, higher_is_better: bool) {
        self.add_metric(name, unit, value, Some(higher_is_better));
    }

    fn add_metric(&mut self, name: &str, unit: &str, value: f64, higher_is_better: Option<bool>) {
        self.conductor.metric(Metric { name: name.to_string(), unit: unit.to_string(), value, higher_is_better });
    }

    fn batches(&mut self, mut batch: impl FnMut(u64, &mut Timer)) {
        while let Some((warmup, iterations)) = self.conductor.next() {
            let mut timer = Timer::new();
            if warmup > 0 {
                batch(warmup, &mut timer);
            }
            let core = sys::current_core();
            let before = sys::thread_usage();
            let mut timer = Timer::new();
            let began = sys::now_ns();
            batch(iterations, &mut timer);
            let wall_nanos = sys::now_ns() - began;
            let switches = sys::thread_usage().since(before);
            self.conductor.answer(Measured {
                iterations,
                nanos: timer.nanos(),
                wall_nanos,
                involuntary: switches.involuntary,
                voluntary: switches.voluntary,
                migrated: core != sys::current_core(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// One batch, whose outcome is kept.
    struct One(u64, Vec<Measured>);

    impl Conductor for One {
        fn next(&mut self) -> Option<(u64, u64)> {
            self.1.is_empty().then_some((0, self.0))
        }
        fn answer(&mut self, batch: Measured) {
            self.1.push(batch);
        }
        fn metric(&mut self, _: Metric) {}
    }

    fn measure(iterations: u64, body: impl FnOnce(&mut Bencher<'_>)) -> Measured {
        let mut one = One(iterations, Vec::new());
        body(&mut Bencher { conductor: &mut one });
        one.1[0]
    }

    #[test]
    fn what_the_clock_is_stopped_for_is_not_measured() {
        let nap = Duration::from_millis(5);
        let idle = |m: Measured| Duration::from_nanos(m.wall_nanos - m.nanos);
        let set_up = measure(3, |b| b.iter_batched(|| std::thread::sleep(nap), |()| 7));
        assert!(set_up.iterations == 3 && idle(set_up) >= 3 * nap, "{set_up:?}");
        let stopped = measure(2, |b| {
            b.iter_with_timer(|timer| {
                timer.stop();
                std::thread::sleep(nap);
                timer.start();
            });
        });
        assert!(idle(stopped) >= 2 * nap, "{stopped:?}");
        // A reset forgets what came before it in the batch.
        let reset = measure(1, |b| {
            b.iter_with_timer(|timer| {
                std::thread::sleep(nap);
                timer.reset();
            });
        });
        assert!(idle(reset) >= nap, "{reset:?}");
        let timed = measure(2, |b| b.iter(|| std::thread::sleep(nap)));
        assert!(Duration::from_nanos(timed.nanos) >= 2 * nap, "{timed:?}");
        let custom = measure(4, |b| b.iter_custom(|n| Duration::from_nanos(n * 10)));
        assert_eq!(custom.nanos, 40);
        let calls = std::sync::atomic::AtomicU64::new(0);
        let count = |_| calls.fetch_add(1, std::sync::atomic::Ordering::Relaxed);
        let parallel = measure(50, |b| b.iter_parallel(&Pool::new(3), count));
        assert!(calls.into_inner() == 150 && parallel.nanos > 0 && parallel.nanos <= parallel.wall_nanos);
    }
}
