//! What reading takes of memory: at most six times the input for text, twelve times for pprof.
#![allow(unsafe_code, reason = "an allocator is unsafe by its trait")]
#![allow(
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test stops at the first surprise, and says what it saw"
)]

#[path = "../benches/made/mod.rs"]
mod made;

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering};

use noisefloor_core::format;
use noisefloor_core::source::Source;

struct Counting;

static LIVE: AtomicUsize = AtomicUsize::new(0);
static PEAK: AtomicUsize = AtomicUsize::new(0);

// SAFETY: every call goes on to the system's allocator with what it was given.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let live = LIVE.fetch_add(layout.size(), Ordering::Relaxed) + layout.size();
        PEAK.fetch_max(live, Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, place: *mut u8, layout: Layout) {
        LIVE.fetch_sub(layout.size(), Ordering::Relaxed);
        // SAFETY: as the caller promises.
        unsafe { System.dealloc(place, layout) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

// One test only: others beside it would be counted too.
#[test]
fn reading_takes_a_few_times_the_input() {
    let mut wrong = Vec::new();
    for (id, bytes) in made::all(4 << 20) {
        let before = LIVE.load(Ordering::Relaxed);
        PEAK.store(before, Ordering::Relaxed);
        let (found, parsed) = format::read(Source { name: id, bytes: &bytes }).unwrap();
        let times = (PEAK.load(Ordering::Relaxed) - before) as f64 / bytes.len() as f64;
        drop(parsed);
        let most = if id == "pprof" { 12.0 } else { 6.0 };
        eprintln!("{id:<16} {times:.2} times the input, at most {most}");
        assert_eq!(found.id, id);
        if times > most {
            wrong.push(format!("{id}: {times:.2} times the input"));
        }
    }
    assert!(wrong.is_empty(), "{wrong:?}");
}
