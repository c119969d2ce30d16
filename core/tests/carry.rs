//! Carry-over in reports: orders come from files, and the disturber is named.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use std::fmt::Write;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::log::{ArmRecord, Block, Exit, ForkRecord, Header, LOG_VERSION, Mode, Record, Value, encode};
use noisefloor_core::report::Report;
use noisefloor_core::source::Source;
use noisefloor_core::stats::carryover::CarryVerdict;
use noisefloor_core::stats::estimable::NotEstimable;
use noisefloor_core::stats::random::Random;
use noisefloor_core::stats::williams::schedule;

const NAMES: [&str; 4] = ["Alloc", "Hash", "Parse", "Sort"];

/// Times of one process in its order: after `Hash` everything takes `carry` times as long.
fn times(order: &[u32], carry: f64, random: &mut Random) -> Vec<(u32, f64)> {
    let level = 1.0 + 0.02 * random.uniform();
    let mut before = None;
    let one = |benchmark: u32| {
        let noise = 1.0 + 0.01 * (random.uniform() - 0.5);
        let time = 1000.0 * f64::from(benchmark + 1) * level * noise * if before == Some(1) { carry } else { 1.0 };
        before = Some(benchmark);
        (benchmark, time)
    };
    order.iter().copied().map(one).collect()
}

fn processes(forks: u32, carry: f64, shuffled: bool) -> Vec<Vec<(u32, f64)>> {
    let mut random = Random::new(7);
    let orders = schedule(4, forks, 3);
    let order = |fork: usize| if shuffled { orders[fork].clone() } else { orders[0].clone() };
    (0..forks as usize).map(|fork| times(&order(fork), carry, &mut random)).collect()
}

/// One file of `go test` a process.
fn go(processes: &[Vec<(u32, f64)>]) -> Report {
    let text = |process: &Vec<(u32, f64)>| {
        let mut out = String::from("pkg: example.com/m\n");
        for (benchmark, time) in process {
            writeln!(out, "Benchmark{}-8 \t 1000 \t {time:.2} ns/op", NAMES[*benchmark as usize]).unwrap();
        }
        out + "PASS\n"
    };
    let files: Vec<String> = processes.iter().map(text).collect();
    let names: Vec<String> = (0..files.len()).map(|i| format!("{i}.txt")).collect();
    let inputs: Vec<Input<'_>> = files
        .iter()
        .zip(&names)
        .map(|(text, name)| Input { source: Source { name, bytes: text.as_bytes() }, side: Some("main") })
        .collect();
    analyze(&inputs, &AnalysisConfig::default())
}

/// One run log of them all.
fn log(processes: &[Vec<(u32, f64)>]) -> Report {
    let arms = vec![ArmRecord { name: "a".into(), ..ArmRecord::default() }];
    let header = Header { v: LOG_VERSION, mode: Mode::Samples, arms, ..Header::default() };
    let mut out = encode(&Record::Header(header));
    for (f, process) in (0u32..).zip(processes) {
        let t = u64::from(f) * 1_000_000_000;
        let fork = ForkRecord { f, block: i64::from(f), pid: 100 + f, t, ..ForkRecord::default() };
        out.extend(encode(&Record::Fork(fork)));
        for (benchmark, time) in process {
            out.extend(encode(&Record::Value(Value {
                f,
                metric: "time".into(),
                unit: "ns".into(),
                x: vec![*time, time * 1.001],
                n: 10,
                benchmark: Some(NAMES[*benchmark as usize].into()),
                ..Value::default()
            })));
        }
        out.extend(encode(&Record::Exit(Exit { f, t: t + 900_000_000, status: Some(0), ..Exit::default() })));
        out.extend(encode(&Record::Block(Block { b: i64::from(f), t: t + 950_000_000, ok: true, ..Block::default() })));
    }
    analyze(&[Input { source: Source { name: "x.jsonl", bytes: &out }, side: None }], &AnalysisConfig::default())
}

#[test]
fn a_benchmark_that_slows_its_successors_is_named() {
    let data = processes(16, 1.08, true);
    for report in [go(&data), log(&data)] {
        let [found] = &report.orthogonality[..] else { panic!("{:?}", report.orthogonality) };
        assert_eq!((found.verdict, found.forks, found.benchmarks, found.n), (CarryVerdict::NotOrthogonal, 16, 4, 64));
        assert!(found.overall.unwrap().p < 1e-6);
        // Each of the other three suffers from it.
        let slowed: Vec<&str> = found
            .carried
            .iter()
            .filter(|c| c.after.starts_with("Hash") && c.ratio > 1.03 && c.p < 0.01)
            .map(|c| report.rows[c.row as usize].label.as_str())
            .collect();
        assert_eq!(slowed.len(), 3, "{:?}", found.carried);
        let finding = report.findings.iter().find(|f| f.rule == "not-orthogonal").unwrap();
        assert!(finding.names[0].starts_with("Hash"));
        assert!(finding.evidence["observed"] > 0.03);
    }
}

#[test]
fn without_carry_nothing_is_said_and_a_fixed_order_is_not_testable() {
    let none = go(&processes(16, 1.0, true));
    assert_eq!(none.orthogonality[0].verdict, CarryVerdict::NoneShown);
    assert!(none.orthogonality[0].carried.is_empty());
    for report in [go(&processes(16, 1.08, false)), log(&processes(16, 1.08, false))] {
        let found = &report.orthogonality[0];
        assert_eq!((found.verdict, found.why_not), (CarryVerdict::NotTestable, Some(NotEstimable::FixedOrder)));
        assert!(report.findings.iter().all(|f| f.rule != "not-orthogonal"));
    }
    // One process has no order to vary.
    assert!(go(&processes(1, 1.0, true)).orthogonality.is_empty());
}

#[test]
fn the_order_of_files_changes_nothing() {
    let data = processes(12, 1.05, true);
    let reversed: Vec<_> = data.iter().rev().cloned().collect();
    let (a, b) = (go(&data), go(&reversed));
    let key = |r: &Report| r.orthogonality[0].carried.iter().map(|c| (c.row, c.after.clone())).collect::<Vec<_>>();
    assert_eq!(a.orthogonality[0].verdict, CarryVerdict::NotOrthogonal);
    assert_eq!(key(&a), key(&b));
}

#[test]
fn benchmarks_of_one_name_in_two_packages_are_two() {
    let section = |pkg: &str, order: [&str; 2]| {
        let lines = order.map(|name| format!("Benchmark{name}-8 \t 1000 \t 10.5 ns/op\n"));
        format!("pkg: example.com/{pkg}\n{}PASS\n", lines.concat())
    };
    let files = [["A", "B"], ["B", "A"]].map(|order| section("one", order) + &section("two", order));
    let inputs = ["x.txt", "y.txt"].into_iter().zip(&files);
    let inputs: Vec<Input<'_>> = inputs
        .map(|(name, text)| Input { source: Source { name, bytes: text.as_bytes() }, side: Some("main") })
        .collect();
    let report = analyze(&inputs, &AnalysisConfig::default());
    assert_eq!((report.orthogonality[0].benchmarks, report.orthogonality[0].forks), (4, 4));
}
