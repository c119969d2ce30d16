//! What a report says of order, levels, causes, histories and sweeps, on data whose truth is known.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::config::{MarginValue, StatsConfig};
use noisefloor_core::model::{Assumption, Columns, Fork, Mark, Marks, SideSeries};
use noisefloor_core::report::{Diagnosis, Reason, Report, Verdict};
use noisefloor_core::source::Source;
use noisefloor_core::stats::distribution::t_quantile;
use noisefloor_core::stats::history::Alarm;
use noisefloor_core::stats::math::{exp, ln};
use noisefloor_core::stats::modes::ModeLevel;
use noisefloor_core::stats::random::{self, seed};
use noisefloor_core::stats::steady::Course;
use noisefloor_core::stats::trend::DriftVerdict;
use noisefloor_core::stats::usl::Law;
use noisefloor_core::stats::variance::Stratum;
use noisefloor_core::stats::{compare, diagnose, settle};
use noisefloor_core::unit::{Better, Quantity};

/// A side whose process `fork` takes `of(fork, i)` for its value i, with marks.
fn side(forks: u32, each: usize, blocks: bool, mut of: impl FnMut(u32, usize) -> (f64, Marks)) -> SideSeries {
    let mut columns = Columns::default();
    for fork in 0..forks {
        for i in 0..each {
            let (value, marks) = of(fork, i);
            columns.push(value, fork, 1, marks);
        }
    }
    SideSeries {
        columns,
        forks: (0..forks).map(|id| Fork { id, block: blocks.then_some(id), ..Fork::default() }).collect(),
        aggregates: Vec::new(),
        interleaved: blocks,
        lockstep: false,
        seconds_per_block: None,
        stopping: None,
        run_spread: None,
        quantity: Quantity::Time,
        better: Better::Lower,
        assumption: Assumption::Sampled,
    }
}

fn diagnosed(side: &SideSeries) -> Diagnosis {
    diagnose(side, &StatsConfig::default()).unwrap()
}

/// Normal deviates: the quantile of uniform ones.
struct Random(random::Random);

impl Random {
    fn normal(&mut self) -> f64 {
        t_quantile(((self.0.next_u64() >> 11) as f64 + 0.5) / (1u64 << 53) as f64, None)
    }
}

fn draws(name: &str) -> Random {
    Random(random::Random::new(seed([], name, 0)))
}

#[test]
fn the_frequency_of_the_core_is_a_cause_where_cycles_tell_it() {
    let text = |scaling: bool, steady: &str| {
        let mut random = draws("frequency");
        let mut text = "pkg: p\n".to_string();
        for i in 0..30 {
            let frequency = if scaling { [1.0, 1.1][i % 2] } else { 1.0 };
            let (cycles, wait) = (3000.0 * exp(0.001 * random.normal()), 300.0 * random.normal().abs());
            let time = cycles / frequency / 3.0;
            writeln!(text, "BenchmarkA 100 {} ns/op {cycles} cycles/op {} {steady}", time + wait * 0.01, time * 2.0)
                .unwrap();
        }
        text + "PASS\n"
    };
    let judged = |text: &str| -> Report {
        let input = Input { source: Source { name: "a.txt", bytes: text.as_bytes() }, side: None };
        analyze(&[input], &AnalysisConfig::default())
    };
    let report = judged(&text(true, "ref-cycles/op"));
    let row = report.rows.iter().find(|r| r.metric == "time").unwrap();
    let causes = &row.sides[0].as_ref().unwrap().diagnosis.as_ref().unwrap().causes;
    assert_eq!(causes.len(), 1);
    assert_eq!((causes[0].cause.as_str(), causes[0].share), ("freq_scaling", None));
    let (effect, explained) = (causes[0].effect.unwrap(), causes[0].explained.unwrap());
    assert!((effect + ln(1.1)).abs() < 0.01 && explained > 0.5, "{causes:?}");
    let finding = report.findings.iter().find(|f| f.rule == "freq-scaling").unwrap();
    assert_eq!((finding.names.as_slice(), finding.evidence["observed"]), (&["cycles/op".to_string()][..], explained));
    // A steady frequency is none, and without what counts at a constant rate nobody knows.
    for (scaling, steady) in [(false, "ref-cycles/op"), (true, "other/op")] {
        let report = judged(&text(scaling, steady));
        assert!(report.findings.iter().all(|f| f.rule != "freq-scaling"), "{scaling} {steady}");
    }
}

#[test]
fn levels_are_found_again() {
    let mut random = draws("levels");
    let mut level = 0.0;
    let s = side(200, 20, false, |_, i| {
        if i == 0 {
            level = 0.02 * random.normal();
        }
        (exp(level + 0.05 * random.normal()), Marks::NONE)
    });
    let d = diagnosed(&s);
    let sd = |of: Stratum| d.components.iter().find(|c| c.level == of).unwrap().sd.unwrap();
    assert!((sd(Stratum::Fork) - 0.02).abs() < 0.004, "{d:?}");
    assert!((sd(Stratum::Iteration) - 0.05).abs() < 0.002, "{d:?}");
    let shares: f64 = d.components.iter().filter_map(|c| c.share).sum();
    assert!((shares - 1.0).abs() < 1e-12);
    assert!(d.modes.is_none() && d.causes.is_empty(), "{d:?}");
    assert!(d.serial.unwrap().effective > 3000.0, "{d:?}");
    // One value a process: its iterations cannot be told from it.
    let single = diagnosed(&side(10, 1, false, |f, _| (1.0 + f64::from(f) / 50.0, Marks::NONE)));
    assert_eq!(single.components.iter().map(|c| c.level).collect::<Vec<_>>(), [Stratum::Fork]);
}

#[test]
fn dependence_and_courses() {
    let mut random = draws("dependence");
    let mut last = 0.0;
    let s = side(4, 500, false, |_, i| {
        if i == 0 {
            last = 0.0;
        }
        last = 0.8 * last + 0.01 * random.normal();
        // The first fifty values take half as long again; ten of them are known to be warm-up.
        let early = if i < 50 { 0.4 } else { 0.0 };
        let marks = if i < 10 { Marks::of(Mark::Warmup) } else { Marks::NONE };
        (exp(early + last), marks)
    });
    let d = diagnosed(&s);
    let serial = d.serial.unwrap();
    assert!(serial.lag1 > 0.5 && serial.effective < 0.3 * serial.n as f64 && serial.p < 1e-6, "{serial:?}");
    let steady = d.steady.unwrap();
    assert_eq!((steady.forks, steady.warmup, steady.insufficient, steady.consistent), (4, 10, 4, true), "{steady:?}");
    assert_eq!(steady.courses.iter().map(|c| (c.course, c.forks)).collect::<Vec<_>>(), [(Course::Warmup, 4)]);
    // Noise as dependent as this moves the last of four by some dozen values.
    assert!((45..=150).contains(&steady.steady_from.unwrap()), "{steady:?}");
}

#[test]
fn drift_counts_only_where_it_does_not_cancel() {
    let mut random = draws("drift");
    let mut drifting =
        |blocks: bool| side(20, 5, blocks, |f, _| (exp(0.01 * f64::from(f) + 0.002 * random.normal()), Marks::NONE));
    let apart = drifting(false);
    let d = diagnosed(&apart).drift.unwrap();
    assert_eq!((d.n, d.verdict), (20, DriftVerdict::Drift));
    assert!((d.total - 0.19).abs() < 0.01, "{d:?}");
    let text = |factor: f64| {
        let mut out = String::new();
        for fork in 0..20 {
            let _ = writeln!(
                out,
                "pkg: example.org/p\nBenchmarkA 100 {:.4} ns/op\nPASS\nok  \texample.org/p\t1s",
                factor * exp(0.01 * f64::from(fork))
            );
        }
        out
    };
    let report = analyzed(&[("a.txt", &text(100.0)), ("b.txt", &text(100.0))]);
    let reasons = &report.rows[0].comparisons[0].reasons;
    assert!(reasons.contains(&Reason::Drift), "{reasons:?}");
    assert_eq!(report.findings.iter().filter(|f| f.rule == "drift").count(), 2);
}

#[test]
fn modes_and_the_level_that_carries_them() {
    let mut random = draws("modes");
    let mut noise = move || 0.003 * random.normal();
    let layouts =
        diagnosed(&side(60, 10, false, |f, _| (exp(if f % 2 == 0 { 0.0 } else { 0.05 } + noise()), Marks::NONE)));
    let modes = layouts.modes.unwrap();
    assert_eq!((modes.level, modes.modes.len()), (ModeLevel::BetweenForks, 2), "{modes:?}");
    let pauses =
        diagnosed(&side(6, 100, false, |_, i| (exp(if i % 3 == 0 { 0.1 } else { 0.0 } + noise()), Marks::NONE)));
    let modes = pauses.modes.unwrap();
    assert_eq!((modes.level, modes.modes.len()), (ModeLevel::WithinFork, 2), "{modes:?}");
    assert!(
        (modes.modes[1].weight - 0.34).abs() < 0.02
            && (ln(modes.modes[1].location / modes.modes[0].location) - 0.1).abs() < 0.01
    );
    // A few processes that differ are no modes.
    let few = diagnosed(&side(5, 40, false, |f, _| (exp(0.05 * f64::from(f) + noise()), Marks::NONE)));
    assert!(few.modes.is_none(), "{few:?}");
}

#[test]
fn causes_cost_what_they_cost() {
    let mut random = draws("causes");
    let mut s = side(12, 50, false, |_, i| {
        let marks = if i % 10 == 3 { Marks::of(Mark::Preempted) } else { Marks::NONE };
        (exp(if i % 10 == 3 { 0.2 } else { 0.0 } + 0.01 * random.normal()), marks)
    });
    for (at, fork) in s.forks.iter_mut().enumerate() {
        fork.process.get_or_insert_default().evidence.0.insert("run_delay_s".into(), at as f64);
    }
    for (value, fork) in s.columns.values.iter_mut().zip(&s.columns.fork) {
        *value *= 1.0 + 0.01 * f64::from(*fork);
    }
    let d = diagnosed(&s);
    let names: Vec<&str> = d.causes.iter().map(|c| c.cause.as_str()).collect();
    assert_eq!(names, ["preempted", "run_delay_s"], "{:?}", d.causes);
    assert!(
        (d.causes[0].effect.unwrap() - 0.2).abs() < 0.02 && d.causes[0].explained.unwrap() > 0.5,
        "{:?}",
        d.causes[0]
    );
    assert_eq!(d.causes[0].share, Some(0.1));
    assert!(d.causes[1].effect.unwrap() > 0.03 && d.causes[1].explained.unwrap() > 0.9, "{:?}", d.causes[1]);
}

#[test]
fn exclusions_on_one_side_cap_the_verdict() {
    let mut random = draws("exclusions");
    let base = side(12, 20, true, |_, _| (exp(0.005 * random.normal()), Marks::NONE));
    let slower = side(12, 20, true, |_, i| {
        let biased = i % 4 == 0;
        (
            1.1 * if biased { 1.5 } else { 1.0 } * exp(0.005 * random.normal()),
            if biased { Marks::of(Mark::GcBiased) } else { Marks::NONE },
        )
    });
    let config = StatsConfig::default();
    let mut plain = compare(&base, &slower, MarginValue::Ratio(0.01), &config);
    settle(&mut [(&mut plain, Better::Lower)], &config);
    assert_eq!(plain.verdict, Verdict::Regressed);
    plain.reasons.push(Reason::AsymmetricExclusion);
    settle(&mut [(&mut plain, Better::Lower)], &config);
    assert_eq!(plain.verdict, Verdict::LikelyWorse);
}

fn analyzed(files: &[(&str, &str)]) -> Report {
    let inputs: Vec<Input<'_>> = files
        .iter()
        .map(|(name, text)| Input { source: Source { name, bytes: text.as_bytes() }, side: Some(name) })
        .collect();
    analyze(&inputs, &AnalysisConfig::default())
}

/// A Go result with one process per line group: `(benchmark, value)`.
fn go(processes: usize, benchmarks: &[(&str, f64)], random: &mut Random, noise: f64) -> String {
    let mut out = String::new();
    for _ in 0..processes {
        out.push_str("pkg: example.org/p\n");
        for (name, value) in benchmarks {
            let _ = writeln!(out, "Benchmark{name} 100 {:.5} ns/op", value * exp(noise * random.normal()));
        }
        out.push_str("PASS\nok  \texample.org/p\t1s\n");
    }
    out
}

#[test]
fn a_suite_has_one_number_with_an_interval() {
    let mut random = draws("suite");
    let names: Vec<String> = (0..10).map(|i| format!("B{i}")).collect();
    let mut rows: Vec<(&str, f64)> = names.iter().map(|n| (n.as_str(), 100.0)).collect();
    let a = go(10, &rows, &mut random, 0.01);
    rows.iter_mut().for_each(|r| r.1 = 110.0);
    rows.push(("Only", 5.0));
    let b = go(10, &rows, &mut random, 0.01);
    let report = analyzed(&[("a.txt", &a), ("b.txt", &b)]);
    let mean = report.families[0].geometric_mean.as_ref().unwrap();
    assert_eq!((mean.rows, mean.left_out, mean.clusters, mean.method.as_str()), (10, 1, 10, "assumed_sd"), "{mean:?}");
    assert_eq!(mean.worse + mean.equal + mean.better + mean.undecided, 10);
    assert!((mean.ratio - 1.1).abs() < 0.005, "{mean:?}");
    // The host between the two files is assumed to differ by 5 % a side, which no number of rows averages.
    let interval = mean.interval.unwrap();
    let half = (ln(interval.high.unwrap()) - ln(interval.low.unwrap())) / 2.0;
    assert!((half - 1.96 * 0.05 * 2f64.sqrt()).abs() < 0.002, "{mean:?}");
}

#[test]
fn many_sides_are_a_history() {
    let mut random = draws("history");
    let level = |at: usize| if at < 8 { 100.0 } else { 112.0 };
    let files: Vec<(String, String)> =
        (0..15).map(|i| (format!("{i:02}.txt"), go(3, &[("A", level(i)), ("B", 50.0)], &mut random, 0.004))).collect();
    let named: Vec<(&str, &str)> = files.iter().map(|(n, t)| (n.as_str(), t.as_str())).collect();
    let report = analyzed(&named);
    let history = report.rows[0].history.as_ref().unwrap();
    assert_eq!(history.changes.iter().map(|c| c.side).collect::<Vec<_>>(), [8], "{history:?}");
    assert!((history.changes[0].effect - ln(1.12)).abs() < 0.01 && history.last.alarm == Alarm::Quiet, "{history:?}");
    assert!(report.rows[1].history.as_ref().unwrap().changes.is_empty());
    let finding = report.findings.iter().find(|f| f.rule == "history-change").unwrap();
    assert_eq!((finding.row, finding.side), (Some(0), Some(8)));
    assert!(analyzed(&named[..5]).rows[0].history.is_none());
}

#[test]
fn thread_counts_are_a_sweep() {
    let mut random = draws("sweep");
    // A tenth of the work is serial, and threads disturb each other a little.
    let throughput = |n: f64| n / (1.0 + 0.1 * (n - 1.0) + 0.004 * n * (n - 1.0));
    let names: Vec<String> =
        [1u32, 2, 4, 8, 16, 24, 32].iter().map(|n| if *n == 1 { "Par".into() } else { format!("Par-{n}") }).collect();
    let rows: Vec<(&str, f64)> = names
        .iter()
        .map(|n| (n.as_str(), 1000.0 / throughput(n.split_once('-').map_or(1.0, |(_, n)| n.parse().unwrap()))))
        .collect();
    let text = go(6, &rows, &mut random, 0.01);
    let report = analyzed(&[("a.txt", &text)]);
    assert_eq!(report.sweeps.len(), 1);
    let sweep = &report.sweeps[0];
    assert_eq!((sweep.parameter.as_str(), &sweep.threads[..]), ("gomaxprocs", &[1, 2, 4, 8, 16, 24, 32][..]));
    let model = sweep.scalability.model.as_ref().unwrap();
    assert_eq!(model.chosen, Some(Law::Usl));
    assert!((model.sigma.value - 0.1).abs() < 0.02 && (model.kappa.value - 0.004).abs() < 0.001, "{model:?}");
    assert!((model.n_max.unwrap() - 15.0).abs() < 1.0, "{model:?}");
    assert!(report.findings.iter().any(|f| f.rule == "throughput-peaks"));
    assert!(analyzed(&[("a.txt", &go(6, &rows[..3], &mut random, 0.01))]).sweeps.is_empty());
}
