//! How fast the hot paths are. Reading is a ratio to copying the same bytes, the analyses of a series to
//! sorting one as long. Run by `cargo dev bench`.
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
    use noisefloor_core::stats::{autocorrelation, causes, dip, modes, periodicity, segment, steady, trend, variance};
    use noisefloor_core::stats::{history, order, plan, quantile, scalability, suite};
    use noisefloor_core::unit::Better;

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
        for n in [20usize, 2000, 20_000] {
            let series = Series::new(n);
            let mut of = |name: &str, run: &'static dyn Fn(&Series)| {
                let series = series.clone();
                harness.bench(&format!("{name} of {n}"), move |b| b.iter(|| run(black_box(&series))));
            };
            of("sort", &|s| drop(black_box(s.sorted_anew())));
            of("steady state", &|s| drop(black_box(steady::steady(&s.x, Better::Lower, &Default::default()))));
            of("drift", &|s| drop(black_box(trend::drift(&s.x, 0.01, 0.95))));
            of("autocorrelation", &|s| drop(black_box(autocorrelation::autocorrelation(&s.x))));
            of("modes", &|s| drop(black_box(modes::modality(&s.x))));
            of("dip", &|s| {
                let _ = black_box(dip::dip(&s.sorted));
            });
            of("cycle", &|s| {
                let _ = black_box(periodicity::cycle(&s.x));
            });
            of("change points", &|s| drop(black_box(segment::ed_pelt(&s.x, s.x.len().div_ceil(50).max(5)))));
            of("rank correlation", &|s| {
                let _ = black_box(causes::spearman(&s.x, &s.sorted));
            });
            of("variance components", &|s| {
                let fork = variance::Grouping { level: variance::Stratum::Fork, ids: &s.forks };
                drop(black_box(variance::components(&s.x, &[fork])));
            });
        }
        harness.bench("history of 200", |b| {
            let series = Series::new(200);
            b.iter(|| history::history(black_box(&series.x), &history::HistoryConfig::default()));
        });
        harness.bench("plan", |b| {
            let input = plan::PlanInput {
                false_call: 0.01,
                estimate: 0.03,
                standard_error: 0.004,
                n: 10,
                replication: plan::Replication::Paired,
                margin: 0.01,
                alpha: 0.05,
                power: 0.8,
                levels: &[],
                seconds_per_unit: Some(1.0),
                any_time: None,
            };
            b.iter(|| plan::plan(black_box(&input)));
        });
        harness.bench("suite of 500 rows x 10 blocks", |b| {
            let series = Series::new(5000);
            let rows: Vec<Vec<(u32, f64)>> =
                series.x.chunks(10).map(|row| (0..).zip(row.iter().copied()).collect()).collect();
            let verdict = noisefloor_core::report::Verdict::Inconclusive;
            let rows: Vec<suite::SuiteRow<'_>> = rows
                .iter()
                .map(|row| suite::SuiteRow { name: "x", verdict, data: suite::RowData::Paired(row) })
                .collect();
            let config = suite::SuiteConfig { confidence: 0.95, resamples: 9999, seed: 0 };
            b.iter(|| suite::suite_mean(black_box(&rows), &config));
        });
        harness.bench("scalability of 6 points", |b| {
            let series = Series::new(30);
            let points: Vec<scalability::SweepPoint> = [1u32, 2, 4, 8, 12, 16]
                .into_iter()
                .zip(series.x.chunks(5))
                .map(|(threads, noise)| {
                    let t = f64::from(threads);
                    let x = 1000.0 * t / (1.0 + 0.05 * (t - 1.0) + 0.002 * t * (t - 1.0));
                    scalability::SweepPoint { threads, throughput: noise.iter().map(|e| x * e).collect() }
                })
                .collect();
            let config =
                scalability::SweepConfig { confidence: 0.95, resamples: 9999, seed: 0, cores: Some(16), borders: &[] };
            b.iter(|| scalability::scalability(black_box(&points), &config));
        });
        // The goals: 1 s, 150 ms.
        harness.bench("quantiles and labels of 10 000 000 values", |b| {
            let series = Series::new(10_000_000);
            b.iter(|| {
                let sorted = series.sorted_anew();
                let count = |fence: f64| sorted.len() - sorted.partition_point(|v| *v <= fence);
                let q = |p| order::quantile(&sorted, p).unwrap_or(0.0);
                let far = count(q(0.75) + 3.0 * (q(0.75) - q(0.25)));
                let mut weighing = quantile::Weighing::new();
                let n = sorted.len() as u64;
                let shown = [0.5, 0.9, 0.99, 0.999].map(|p| {
                    let value = weighing.shown(&sorted, p, far > 0);
                    order::estimate_quantile(&sorted, p, 0.95, n, value)
                });
                (far, shown)
            });
        });
        harness.bench("report of 500 benchmarks x 2 arms x 10 forks x 20 iterations", |b| {
            let log = run_log(500, 10, 20);
            let config = AnalysisConfig::default();
            let inputs = [Input { source: Source { name: "x.jsonl", bytes: &log }, side: None }];
            b.iter(|| analyze(black_box(&inputs), &config));
            b.metric("input", "B", log.len() as f64);
        });
        harness.bench("one record of a log", |b| b.iter(|| encode(black_box(&record))));
    })
}

/// A made-up series: dependent noise of 2 % about 1, in processes of twenty.
#[cfg(target_os = "linux")]
#[derive(Clone)]
struct Series {
    x: Vec<f64>,
    sorted: Vec<f64>,
    forks: Vec<u32>,
}

#[cfg(target_os = "linux")]
impl Series {
    fn new(n: usize) -> Series {
        let mut random = noisefloor_core::stats::random::Random::new(n as u64);
        let mut state = 0.0;
        // Twelve even numbers add up to nearly a normal one.
        let mut next = || (0..12).map(|_| random.uniform()).sum::<f64>() - 6.0;
        let x: Vec<f64> = (0..n)
            .map(|_| {
                state = 0.3 * state + next();
                (0.02 * state).exp()
            })
            .collect();
        let mut series = Series { x, sorted: Vec::new(), forks: (0..n).map(|i| (i / 20) as u32).collect() };
        series.sorted = series.sorted_anew();
        series
    }

    fn sorted_anew(&self) -> Vec<f64> {
        let mut sorted = self.x.clone();
        sorted.sort_unstable_by(f64::total_cmp);
        sorted
    }
}

/// A run log of two arms in interleaved blocks.
#[cfg(target_os = "linux")]
fn run_log(benchmarks: u32, blocks: u32, iterations: usize) -> Vec<u8> {
    use noisefloor_core::log::{ArmRecord, Block, Exit, ForkRecord, Header, LOG_VERSION, Mode, Record, Value, encode};
    let noise = Series::new(benchmarks as usize * 2 * blocks as usize * iterations);
    let mut noise = noise.x.chunks(iterations);
    let arm = |name: &str| ArmRecord { name: name.into(), ..ArmRecord::default() };
    let header = Header { v: LOG_VERSION, mode: Mode::Samples, arms: vec![arm("a"), arm("b")], ..Header::default() };
    let mut out = encode(&Record::Header(header));
    let mut add = |record: Record| out.extend(encode(&record));
    for b in 0..blocks {
        for arm in 0..2 {
            let (f, t) = (2 * b + arm, u64::from(2 * b + arm) * 1_000_000_000);
            add(Record::Fork(ForkRecord { f, arm, block: i64::from(b), pid: 100 + f, t, ..ForkRecord::default() }));
            for benchmark in 0..benchmarks {
                add(Record::Value(Value {
                    f,
                    metric: "time".into(),
                    unit: "ns".into(),
                    x: noise.next().into_iter().flatten().map(|e| 1000.0 * e).collect(),
                    n: 1000,
                    benchmark: Some(format!("Benchmark{benchmark}")),
                    ..Value::default()
                }));
            }
            add(Record::Exit(Exit { f, t: t + 900_000_000, status: Some(0), ..Exit::default() }));
        }
        add(Record::Block(Block {
            b: i64::from(b),
            t: u64::from(b + 1) * 2_000_000_000,
            ok: true,
            ..Block::default()
        }));
    }
    out
}
