//! A fixed set of threads for parallel benchmarks.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::sync::{Barrier, Mutex, PoisonError};
use std::time::Duration;

use crate::sys;

/// Looks at the others before a waiting thread gives its core to one that may have none.
const SPINS: u32 = 2000;

/// How many threads a parallel benchmark uses. They are started once, before its first batch, and wait between
/// batches. A batch takes from the moment when the first thread begins until the last is done, by their own clocks:
/// the thread that leads them may get its core back late.
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

    /// Starts the threads, lets `lead` ask them for batches, and sends them home. `work` is given the number of its
    /// thread.
    pub(super) fn with<R>(self, work: impl Fn(usize) -> R + Sync, lead: impl FnOnce(&Crew)) {
        let crew = Crew::new(self.threads);
        std::thread::scope(|scope| {
            for thread in 0..self.threads {
                let (crew, work) = (&crew, &work);
                scope.spawn(move || crew.serve(|| drop(std::hint::black_box(work(thread)))));
            }
            // Also when `lead` panics: the scope waits for its threads.
            let _dismissed_at_the_end = Dismiss(&crew);
            lead(&crew);
        });
    }
}

/// The threads of a pool at work.
pub(super) struct Crew {
    threads: usize,
    begin: Barrier,
    end: Barrier,
    /// Of the next batch; 0 sends the threads home.
    iterations: AtomicU64,
    ready: AtomicUsize,
    /// The first beginning and the last end of the batch.
    span: Mutex<(u64, u64)>,
    failed: AtomicBool,
}

struct Dismiss<'a>(&'a Crew);

impl Drop for Dismiss<'_> {
    fn drop(&mut self) {
        self.0.iterations.store(0, Ordering::Relaxed);
        self.0.begin.wait();
    }
}

impl Crew {
    fn new(threads: usize) -> Crew {
        Crew {
            threads,
            begin: Barrier::new(threads + 1),
            end: Barrier::new(threads + 1),
            iterations: AtomicU64::new(0),
            ready: AtomicUsize::new(0),
            span: Mutex::new((u64::MAX, 0)),
            failed: AtomicBool::new(false),
        }
    }

    /// Has every thread do `n` iterations, at least one.
    pub(super) fn batch(&self, n: u64) -> Duration {
        *self.span.lock().unwrap_or_else(PoisonError::into_inner) = (u64::MAX, 0);
        self.ready.store(0, Ordering::Relaxed);
        self.iterations.store(n.max(1), Ordering::Relaxed);
        self.begin.wait();
        self.end.wait();
        assert!(!self.failed.load(Ordering::Relaxed), "a thread of the pool panicked");
        let (first, last) = *self.span.lock().unwrap_or_else(PoisonError::into_inner);
        Duration::from_nanos(last.saturating_sub(first))
    }

    fn serve(&self, work: impl Fn()) {
        loop {
            self.begin.wait();
            let n = self.iterations.load(Ordering::Relaxed);
            if n == 0 {
                return;
            }
            // The barrier wakes one after the other; here those that have a core begin together.
            self.ready.fetch_add(1, Ordering::AcqRel);
            let mut spins = 0;
            while self.ready.load(Ordering::Acquire) < self.threads {
                spins += 1;
                if spins < SPINS { std::hint::spin_loop() } else { std::thread::yield_now() }
            }
            let first = sys::now_ns();
            // Without its word at the end the others would wait for ever.
            let done = catch_unwind(AssertUnwindSafe(|| (0..n).for_each(|_| work())));
            let last = sys::now_ns();
            if done.is_err() {
                self.failed.store(true, Ordering::Relaxed);
            }
            let mut span = self.span.lock().unwrap_or_else(PoisonError::into_inner);
            *span = (span.0.min(first), span.1.max(last));
            drop(span);
            self.end.wait();
        }
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use std::collections::BTreeSet;
    use std::thread::ThreadId;

    #[test]
    fn the_same_threads_do_all_batches() {
        let seen: Mutex<BTreeSet<String>> = Mutex::new(BTreeSet::new());
        let done = AtomicU64::new(0);
        let work = |thread: usize| {
            let id: ThreadId = std::thread::current().id();
            seen.lock().unwrap().insert(format!("{thread} {id:?}"));
            done.fetch_add(1, Ordering::Relaxed);
        };
        Pool::new(3).with(work, |crew| {
            for n in [1, 10, 100] {
                assert!(crew.batch(n) > Duration::ZERO);
            }
        });
        assert_eq!((seen.lock().unwrap().len(), done.load(Ordering::Relaxed)), (3, 333));
    }

    #[test]
    fn a_batch_is_never_shorter_than_its_work() {
        let nap = Duration::from_millis(5);
        Pool::new(2).with(|_| std::thread::sleep(nap), |crew| assert!(crew.batch(2) >= 2 * nap));
    }

    #[test]
    fn a_panic_of_a_thread_ends_the_benchmark() {
        let outcome = catch_unwind(|| {
            Pool::new(2).with(
                |thread| assert_eq!(thread, 0),
                |crew| {
                    crew.batch(1);
                },
            )
        });
        assert!(outcome.is_err());
    }
}
