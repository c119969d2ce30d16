//! Laws under the null hypothesis, over all small sizes, and over the files that values come in.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::report::Comparison;
use noisefloor_core::source::Source;
use noisefloor_core::stats::hypothesis::{sign_flip, welch};
use noisefloor_core::stats::math::{ln, sin, sqrt};
use noisefloor_core::stats::random::Random;
use noisefloor_core::stats::rank::mann_whitney_test;

const REPLICAS: usize = 10_000;
/// Kolmogorov's distance that 10 000 even numbers exceed once in a thousand times.
const FAR: f64 = 0.0195;

/// Box and Muller.
fn normal(random: &mut Random) -> f64 {
    let radius = sqrt(-2.0 * ln(1.0 - random.uniform()));
    radius * sin(core::f64::consts::TAU * random.uniform())
}

/// How far the share of p-values up to each of them is from that value. For chances that take few values
/// this is the distance where it has to be 0: at those values.
fn distance(mut p: Vec<f64>) -> f64 {
    p.sort_by(f64::total_cmp);
    let n = p.len();
    let last_of_equals = |i: &usize| p.get(i + 1).is_none_or(|next| *next > p[*i] + 1e-9);
    (0..n).filter(last_of_equals).map(|i| ((i + 1) as f64 / n as f64 - p[i]).abs()).fold(0.0, f64::max)
}

/// p-values of the same skewed values under ten thousand random names of their sides.
fn permuted(n1: usize, n2: usize, of: impl Fn(&[f64], &[f64]) -> f64) -> Vec<f64> {
    let mut random = Random::new(41);
    let mut values: Vec<f64> = (0..n1 + n2).map(|_| 1.0 / (0.05 + random.uniform())).collect();
    (0..REPLICAS)
        .map(|_| {
            random.shuffle(&mut values);
            of(&values[..n1], &values[n1..])
        })
        .collect()
}

#[test]
fn p_values_of_the_same_code_are_even() {
    for (n1, n2) in [(6, 6), (9, 14), (40, 30)] {
        for side in 0..3 {
            let p = permuted(n1, n2, |a, b| {
                let p = mann_whitney_test(a, b).unwrap().p;
                [p.less, p.greater, p.two_sided][side]
            });
            assert!(distance(p.clone()) < FAR, "Mann-Whitney {n1} {n2} {side}: {}", distance(p));
        }
    }
    let mut random = Random::new(42);
    let flips = |random: &mut Random| {
        let d: Vec<f64> =
            (0..10).map(|i| if random.below(2) == 0 { 1.1f64.powi(i) } else { -1.1f64.powi(i) }).collect();
        sign_flip(&d).unwrap().p
    };
    let p: Vec<f64> = (0..REPLICAS).map(|_| flips(&mut random)).collect();
    assert!(distance(p.clone()) < FAR, "sign flips: {}", distance(p));
    // Welch's test is exact only nearly, and for normal values: unlike sizes and spreads are its worst case.
    for (n1, n2, spread) in [(10, 10, 1.0), (10, 20, 3.0)] {
        let draw = |random: &mut Random, n: usize, spread: f64| -> Vec<f64> {
            (0..n).map(|_| spread * normal(random)).collect()
        };
        let of = |_| welch(&draw(&mut random, n1, spread), &draw(&mut random, n2, 1.0)).unwrap().p;
        let p: Vec<f64> = (0..REPLICAS).map(of).collect();
        assert!(distance(p.clone()) < FAR, "Welch {n1} {n2} {spread}: {}", distance(p));
    }
}

#[test]
fn exact_is_enumeration_for_all_small_sizes() {
    let mut random = Random::new(43);
    let mut sizes = 0;
    for n in 2..=14usize {
        for n1 in 1..n {
            sizes += 1;
            // From all alike to hardly a tie.
            let kinds = 1 + random.below(2 * n as u32);
            let pooled: Vec<f64> = (0..n).map(|_| f64::from(random.below(kinds))).collect();
            let found = mann_whitney_test(&pooled[..n1], &pooled[n1..]).unwrap();
            // Twice U, so that it is whole: pairs in which the first is larger count two.
            let doubled: Vec<Vec<i64>> = pooled
                .iter()
                .map(|x| pooled.iter().map(|y| 1 + i64::from(x > y) - i64::from(x < y)).collect())
                .collect();
            let u = |mask: usize| -> i64 {
                let inside = |i: &usize| mask >> i & 1 == 1;
                let one = |i: usize| (0..n).filter(|j| !inside(j)).map(|j| doubled[i][j]).sum::<i64>();
                (0..n).filter(inside).map(one).sum()
            };
            let seen = u((1 << n1) - 1);
            let middle = (n1 * (n - n1)) as i64;
            let all: Vec<i64> = (0..1usize << n).filter(|mask| mask.count_ones() as usize == n1).map(u).collect();
            let share =
                |keep: &dyn Fn(i64) -> bool| all.iter().filter(|u| keep(**u)).count() as f64 / all.len() as f64;
            let want = [
                share(&|u| u <= seen),
                share(&|u| u >= seen),
                share(&|u| (u - middle).abs() >= (seen - middle).abs()),
            ];
            for (got, want) in [found.p.less, found.p.greater, found.p.two_sided].into_iter().zip(want) {
                assert!((got - want).abs() <= 1e-12 * want, "{n1} of {n}, {kinds} kinds: {got} is not {want}");
            }
            assert_eq!(found.statistic * 2.0, seen as f64);
        }
    }
    assert_eq!(sizes, 91);
}

/// One process of `go test`, as text.
fn process(random: &mut Random, level: f64) -> String {
    let mut out = String::from("goos: linux\npkg: example.org/p\n");
    for (name, scale) in [("A", 1.0), ("B", 37.0)] {
        let own = level * scale * (1.0 + 0.01 * normal(random));
        for _ in 0..5 {
            let _ = writeln!(out, "Benchmark{name}-8 1000 {:.5} ns/op", own * (1.0 + 0.02 * normal(random)));
        }
    }
    out.push_str("PASS\nok  \texample.org/p\t1s\n");
    out
}

fn compared(files: &[(&str, String)]) -> Vec<Comparison> {
    let names: Vec<String> = (0..files.len()).map(|i| format!("{i}.txt")).collect();
    let inputs: Vec<Input<'_>> = files
        .iter()
        .zip(&names)
        .map(|((side, text), name)| Input { source: Source { name, bytes: text.as_bytes() }, side: Some(side) })
        .collect();
    let report = analyze(&inputs, &AnalysisConfig::default());
    report.rows.iter().flat_map(|row| row.comparisons.iter().cloned()).collect()
}

#[track_caller]
fn same(a: &[Comparison], b: &[Comparison]) {
    assert_eq!((a.len(), b.len()), (2, 2));
    for (a, b) in a.iter().zip(b) {
        assert_eq!((a.verdict, a.design, &a.reasons), (b.verdict, b.design, &b.reasons));
        let numbers = |c: &Comparison| {
            let d = c.difference.as_ref().unwrap();
            let interval = d.interval.unwrap();
            [d.value, interval.low.unwrap(), interval.high.unwrap(), c.p.unwrap()]
        };
        for (x, y) in numbers(a).into_iter().zip(numbers(b)) {
            assert!((x - y).abs() <= 1e-11 * (1e-3 + x.abs()), "{x} {y}");
        }
    }
}

#[test]
fn processes_may_lie_in_any_file_of_their_side() {
    let mut random = Random::new(44);
    for shift in [1.0, 1.02, 1.3] {
        let old: Vec<String> = (0..6).map(|_| process(&mut random, 100.0)).collect();
        let new: Vec<String> = (0..6).map(|_| process(&mut random, 100.0 * shift)).collect();
        let whole = compared(&[("old", old.concat()), ("new", new.concat())]);
        let apart: Vec<(&str, String)> =
            old.iter().map(|p| ("old", p.clone())).chain(new.iter().map(|p| ("new", p.clone()))).collect();
        same(&whole, &compared(&apart));
        let halves = [
            ("old", old[..2].concat()),
            ("old", old[2..].concat()),
            ("new", new[..5].concat()),
            ("new", new[5..].concat()),
        ];
        same(&whole, &compared(&halves));
    }
}

#[test]
fn the_unit_of_the_numbers_changes_no_verdict() {
    let mut random = Random::new(45);
    for shift in [1.0, 1.05, 1.5] {
        let old: String = (0..8).map(|_| process(&mut random, 100.0)).collect();
        let new: String = (0..8).map(|_| process(&mut random, 100.0 * shift)).collect();
        // Every number a thousand times as large.
        let longer = |text: &str| -> String {
            let line = |line: &str| match line.strip_suffix(" ns/op") {
                Some(rest) => {
                    let (before, number) = rest.rsplit_once(' ').unwrap();
                    format!("{before} {:.2} ns/op\n", number.parse::<f64>().unwrap() * 1000.0)
                }
                None => format!("{line}\n"),
            };
            text.lines().map(line).collect()
        };
        let plain = compared(&[("old", old.clone()), ("new", new.clone())]);
        same(&plain, &compared(&[("old", longer(&old)), ("new", longer(&new))]));
    }
}
