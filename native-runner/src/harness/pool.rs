//! A fixed set of threads for parallel benchmarks.

use std::sync::Barrier;

use crate::harness::timer::Timer;

/// How many threads a parallel benchmark uses. The threads are started anew for each batch outside
/// the clock, which runs from the moment when all are ready until the last is done.
#[derive(Clone, Copy, Debug)]
pub struct Pool {
    threads: usize,
}

impl Pool {
    /// A pool of this many threads, at least one.
    #[must_use]
    pub fn new(threads: usize) -> Pool {
        Pool { threads: threads.max(1) }
    }

    /// How many threads it has.
    #[must_use]
    pub fn threads(self) -> usize {
        self.threads
    }

    pub(super) fn run(self, timer: &mut Timer, work: impl Fn(usize) + Sync) {
        let (ready, done) = (Barrier::new(self.threads + 1), Barrier::new(self.threads + 1));
        std::thread::scope(|scope| {
            for thread in 0..self.threads {
                let (ready, done, work) = (&ready, &done, &work);
                scope.spawn(move || {
                    ready.wait();
                    work(thread);
                    done.wait();
                });
            }
            ready.wait();
            timer.start();
            done.wait();
            timer.stop();
        });
    }
}
