//! What the compiler counts for us: which edges of the program ran, and how much memory was held.
//!
//! The counters are those of LLVM's `inline-8bit-counters`, which stable Rust can switch on; without
//! them everything still works, blindly.
#![allow(unsafe_code, reason = "counters of the compiler are plain memory, and an allocator is unsafe by its trait")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Where the counters of each part of the program lie: address and length.
static REGIONS: Mutex<Vec<(usize, usize)>> = Mutex::new(Vec::new());

/// Called by the program's start-up code, before `main`, once for each part.
///
/// # Safety
/// `start` to `stop` are the counters, valid as long as the program runs.
#[unsafe(no_mangle)]
unsafe extern "C" fn __sanitizer_cov_8bit_counters_init(start: *mut u8, stop: *mut u8) {
    if let Ok(mut regions) = REGIONS.lock() {
        regions.push((start as usize, stop as usize - start as usize));
    }
}

/// The edges seen so far.
pub(crate) struct Cover {
    regions: Vec<(usize, usize)>,
    /// For each edge, in which powers of two it was passed.
    seen: Vec<u8>,
}

impl Cover {
    /// Takes the counters of the program; `None` where it was compiled without.
    pub(crate) fn new() -> Option<Cover> {
        let regions = REGIONS.lock().ok()?.clone();
        let edges = regions.iter().map(|(_, length)| length).sum();
        (edges > 0).then(|| Cover { regions, seen: vec![0; edges] })
    }

    /// Forgets what ran.
    pub(crate) fn reset(&self) {
        for (start, length) in &self.regions {
            // SAFETY: the region was handed over by the start-up code and lives as long as the program; only
            // this thread runs code that counts while inputs are tried.
            unsafe { std::ptr::write_bytes(*start as *mut u8, 0, *length) };
        }
    }

    /// Whether something ran since [`Cover::reset`] that had not run so often before.
    pub(crate) fn gather(&mut self) -> bool {
        let mut fresh = false;
        let mut at = 0;
        for (start, length) in &self.regions {
            // SAFETY: as above.
            let counters = unsafe { std::slice::from_raw_parts(*start as *const u8, *length) };
            for (index, counts) in counters.chunks(8).enumerate() {
                if counts.iter().all(|c| *c == 0) {
                    continue;
                }
                let seen = &mut self.seen[at + 8 * index..];
                for (count, seen) in counts.iter().zip(seen).filter(|(c, _)| **c > 0) {
                    let bit = 1 << count.ilog2();
                    fresh |= *seen & bit == 0;
                    *seen |= bit;
                }
            }
            at += length;
        }
        fresh
    }

    /// How many edges were passed at all.
    pub(crate) fn edges(&self) -> usize {
        self.seen.iter().filter(|s| **s > 0).count()
    }
}

/// Counts what is allocated, and refuses more than a limit: a program without memory ends, and its input is kept.
pub(crate) struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);
/// Bytes that may be held at once.
const MOST: usize = 2 << 30;

// SAFETY: every call goes on to the system's allocator with what it was given.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        if live > MOST {
            return std::ptr::null_mut();
        }
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

/// Begins to watch the memory; [`peak`] tells what was held beyond that at most.
pub(crate) fn watch() -> usize {
    let live = LIVE.load(Ordering::Relaxed);
    PEAK.store(live, Ordering::Relaxed);
    live
}

/// The most bytes held at once since [`watch`], beyond what it returned.
pub(crate) fn peak(before: usize) -> usize {
    PEAK.load(Ordering::Relaxed).saturating_sub(before)
}
