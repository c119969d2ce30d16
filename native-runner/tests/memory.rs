//! What reading takes of memory, and what the whole analysis takes together with the input: at most six times the input
//! for text, twelve times for pprof. Where one series is a whole file, judging takes eight times: statistics hold some
//! copies of its values. What writing takes beside what was read: at most twice the input.
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

use noisefloor::convert::{Lost, Target, load, profiles, results};
use noisefloor::inputs::File;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
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
fn reading_and_writing_take_a_few_times_the_input() {
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
        let most = if matches!(id, "criterion" | "hyperfine") { 8.0 } else { most };
        wrong.extend(judging(id, &bytes, most));
    }
    wrong.extend(judging("many commands", many_commands().as_bytes(), 6.0));
    wrong.extend(writing());
    assert!(wrong.is_empty(), "{wrong:?}");
}

/// A file of hyperfine as people have it: commands with some runs each, every run a process.
fn many_commands() -> String {
    let command = |at: u64| {
        let times: Vec<String> =
            (0..500).map(|i| format!("        0.{}", 1_234_567_890_123_456 + 7919 * (at + i) % 99_991)).collect();
        let codes = vec!["        0"; times.len()].join(",\n");
        let times = times.join(",\n");
        format!(
            "    {{\n      \"command\": \"work {at}\",\n      \"mean\": 0.12,\n      \"times\": [\n{times}\n      ],\n      \
             \"exit_codes\": [\n{codes}\n      ]\n    }}"
        )
    };
    format!("{{\n  \"results\": [\n{}\n  ]\n}}\n", (0..200).map(command).collect::<Vec<_>>().join(",\n"))
}

/// What is beyond its limit of what the whole analysis takes, with the input.
fn judging(id: &str, bytes: &[u8], most: f64) -> Option<String> {
    let before = LIVE.load(Ordering::Relaxed);
    PEAK.store(before, Ordering::Relaxed);
    let report = analyze(&[Input { source: Source { name: id, bytes }, side: None }], &AnalysisConfig::default());
    assert!(report.inputs[0].error.is_none(), "{:?}", report.inputs[0]);
    let times = 1.0 + (PEAK.load(Ordering::Relaxed) - before) as f64 / bytes.len() as f64;
    eprintln!("{id:<16} {times:.2} times the input to judge it, at most {most}");
    (times > most).then(|| format!("judging {id}: {times:.2} times the input"))
}

/// What is beyond its limit of what writing takes.
fn writing() -> Vec<String> {
    let mut files: Vec<(String, Vec<u8>)> = made::all(4 << 20).into_iter().map(|(id, b)| (id.into(), b)).collect();
    // Every name is a new one, and every value is of a process of its own.
    let names: String = (0..200_000).map(|i| format!("f{i};g{i} 1\n")).collect();
    let times: Vec<String> = (0..200_000u64).map(|i| format!("0.{}", 1_000_000_000 + 7919 * i)).collect();
    let runs = format!("{{\"results\":[{{\"command\":\"x\",\"mean\":0.1,\"times\":[{}]}}]}}", times.join(","));
    files.extend([("new names".into(), names.into_bytes()), ("many runs".into(), runs.into_bytes())]);
    let mut wrong = Vec::new();
    for (name, bytes) in files {
        let length = bytes.len() as f64;
        let loaded = load(&[File { name: name.clone(), bytes, side: None }], None);
        let targets = [Target::NoisefloorLog, Target::Csv, Target::GoBench];
        let kind =
            if loaded.profiles.is_empty() { &targets } else { &[Target::Pprof, Target::Folded, Target::Speedscope] };
        for to in kind {
            let before = LIVE.load(Ordering::Relaxed);
            PEAK.store(before, Ordering::Relaxed);
            let (mut lost, mut out) = (Lost::default(), std::io::sink());
            match loaded.profiles.is_empty() {
                true => results(*to, &loaded.results, &mut lost, &mut out).unwrap(),
                false => profiles(*to, &loaded.profiles, None, &mut lost, &mut out).unwrap(),
            }
            let times = (PEAK.load(Ordering::Relaxed) - before) as f64 / length;
            eprintln!("{name:<16} to {:<15} {times:.2} times the input, at most 2", to.id());
            if times > 2.0 {
                wrong.push(format!("{name} to {}: {times:.2} times the input", to.id()));
            }
        }
    }
    wrong
}
