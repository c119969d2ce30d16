//! How fast the hot paths are, each as a ratio to what the machine can do at all: copying the same
//! bytes. Run by `cargo dev bench`.
#![allow(clippy::print_stderr, reason = "a bench that talks to a person")]

use std::hint::black_box;
use std::process::ExitCode;

#[cfg(not(target_os = "linux"))]
fn main() -> ExitCode {
    eprintln!("the harness runs on Linux");
    ExitCode::SUCCESS
}

#[cfg(target_os = "linux")]
fn main() -> ExitCode {
    use noisefloor::harness::{self, Harness};
    use noisefloor_core::AnalysisConfig;
    use noisefloor_core::analyze::{Input, analyze};
    use noisefloor_core::flame::layout;
    use noisefloor_core::format::{self, Content};
    use noisefloor_core::log::{Record, Round, encode};
    use noisefloor_core::profile::{StackTree, View};
    use noisefloor_core::source::Source;
    use noisefloor_core::stats::bootstrap::{Resampling, bootstrap_mean};
    use noisefloor_core::stats::hodges_lehmann::shift;
    use noisefloor_core::stats::rank::mann_whitney_test;

    let go: String = (0..20_000)
        .map(|i| format!("BenchmarkX/size={}-8 \t 1000 \t {}.5 ns/op\t 64 B/op\n", i % 50, 100 + i % 7))
        .collect();
    let folded: String =
        (0..20_000).map(|i| format!("main;work{};step{};leaf{} {}\n", i % 7, i % 101, i % 997, 1 + i % 13)).collect();
    let record =
        Record::Round(Round { b: 1, i: 2, n: 100, o: vec![1, 0], ns: vec![100_000, 99_000], ..Round::default() });
    let profile = |text: &str| match format::read(Source { name: "x", bytes: text.as_bytes() }).map(|(_, p)| p.value) {
        Ok(Content::Profile(profile)) => Some(profile),
        _ => None,
    };
    harness::main(|harness: &mut Harness<'_>| {
        for (name, text) in [("go text", &go), ("folded", &folded)] {
            harness.bench(&format!("copy {name}"), move |b| {
                b.iter(|| black_box(text.as_bytes()).to_vec());
                b.metric("input", "B", text.len() as f64);
            });
            harness.bench(&format!("read {name}"), move |b| {
                b.iter(|| format::read(Source { name: "x", bytes: black_box(text.as_bytes()) }));
                b.metric("input", "B", text.len() as f64);
            });
        }
        harness.bench("analyze two Go files", |b| {
            let config = AnalysisConfig::default();
            let source = Source { name: "x", bytes: go.as_bytes() };
            let inputs = [Input { source, side: Some("a") }, Input { source, side: Some("b") }];
            b.iter(|| analyze(black_box(&inputs), &config));
        });
        harness.bench("tree and layout of 20 000 stacks", |b| {
            let Some(profile) = profile(&folded) else { return };
            b.iter(|| layout(&StackTree::build(black_box(&profile), &View::default())));
        });
        harness.bench("100 000 means of 100 values", |b| {
            let values: Vec<f64> = (0..100).map(|i| f64::from(i * 37 % 101)).collect();
            let resampling = Resampling { replicates: 100_000, ..Resampling::at(0.95) };
            b.iter(|| bootstrap_mean(black_box(&values), resampling));
        });
        harness.bench("ranks and shift of 2 x 100 000 values", |b| {
            // Multiples of an odd number modulo a prime are scattered and differ.
            let scattered = |n: u64| (0..100_000u64).map(|i| (i * n % 1_000_003) as f64).collect::<Vec<f64>>();
            let (x, y) = (scattered(7919), scattered(6007));
            b.iter(|| (mann_whitney_test(black_box(&x), &y), shift(&x, &y, 0.95)));
        });
        harness.bench("one record of a log", |b| b.iter(|| encode(black_box(&record))));
    })
}
