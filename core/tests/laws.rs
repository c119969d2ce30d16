//! Laws under the null hypothesis, over all small sizes, over confidences, and over the files that values come in.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::report::{Comparison, Interval, Verdict};
use noisefloor_core::source::Source;
use noisefloor_core::stats::bootstrap::{Resampling, bootstrap_difference, bootstrap_mean};
use noisefloor_core::stats::brunner_munzel::brunner_munzel;
use noisefloor_core::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::hypothesis::{
    MeanDifference, Moments, paired_t, pooled_t, sign_flip, welch, wilcoxon, yuen,
};
use noisefloor_core::stats::math::{ln, sin, sqrt};
use noisefloor_core::stats::order::{estimate_quantile, median_interval, quantile_ranks};
use noisefloor_core::stats::proportion::{clopper_pearson, wilson};
use noisefloor_core::stats::quantile::interpolated_median_interval;
use noisefloor_core::stats::random::Random;
use noisefloor_core::stats::rank::mann_whitney_test;
use noisefloor_core::stats::suite::{Clustered, RowData, SuiteConfig, SuiteRow, suite_mean};
use noisefloor_core::stats::trend::drift;

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

/// `N` p-values of the same skewed values under ten thousand random names of their sides.
fn permuted<const N: usize>(n1: usize, n2: usize, of: impl Fn(&[f64], &[f64]) -> [f64; N]) -> [Vec<f64>; N] {
    let mut random = Random::new(41);
    let mut values: Vec<f64> = (0..n1 + n2).map(|_| 1.0 / (0.05 + random.uniform())).collect();
    let mut out = [const { Vec::new() }; N];
    for _ in 0..REPLICAS {
        random.shuffle(&mut values);
        of(&values[..n1], &values[n1..]).into_iter().zip(&mut out).for_each(|(p, list)| list.push(p));
    }
    out
}

/// How far from even the p-values of normal samples are, the first of the spread given, the second of 1.
fn of_normal(n1: usize, n2: usize, spread: f64, of: impl Fn(&[f64], &[f64]) -> f64) -> f64 {
    let mut random = Random::new(42);
    let mut draw = |n: usize, spread: f64| -> Vec<f64> { (0..n).map(|_| spread * normal(&mut random)).collect() };
    distance((0..REPLICAS).map(|_| of(&draw(n1, spread), &draw(n2, 1.0))).collect())
}

#[test]
fn p_values_of_the_same_code_are_even() {
    for (n1, n2) in [(6, 6), (9, 14), (40, 30)] {
        let p = permuted(n1, n2, |a, b| {
            let p = mann_whitney_test(a, b).unwrap().p;
            [p.less, p.greater, p.two_sided]
        });
        for (side, p) in p.into_iter().enumerate() {
            let far = distance(p);
            assert!(far < FAR, "Mann-Whitney {n1} {n2} {side}: {far}");
        }
    }
    // All 70 ways, whatever the values.
    let [p] = permuted(4, 4, |a, b| [brunner_munzel(a, b, Resampling::at(0.95)).unwrap().p]);
    assert!(distance(p.clone()) < FAR, "Brunner-Munzel: {}", distance(p));
    // Sizes that no two subsets of which have the same sum, with random signs.
    let mut random = Random::new(43);
    let mut flips = [Vec::new(), Vec::new()];
    for _ in 0..REPLICAS {
        let d: Vec<f64> =
            (0..10).map(|i| if random.below(2) == 0 { 1.1f64.powi(i) } else { -1.1f64.powi(i) }).collect();
        flips[0].push(sign_flip(&d).unwrap().p);
        flips[1].push(wilcoxon(&d).unwrap().p);
    }
    for p in flips {
        assert!(distance(p.clone()) < FAR, "flips: {}", distance(p));
    }
    // These are made for normal values. Welch's is exact only nearly: unlike sizes and spreads are its worst case.
    for (n1, n2, spread) in [(10, 10, 1.0), (10, 20, 3.0), (20, 10, 3.0)] {
        let far = of_normal(n1, n2, spread, |a, b| welch(a, b).unwrap().p);
        assert!(far < FAR, "Welch {n1} {n2} {spread}: {far}");
    }
    let far = of_normal(10, 20, 1.0, |a, b| pooled_t(a, b).unwrap().p);
    assert!(far < FAR, "pooled: {far}");
    let far = of_normal(7, 1, 1.0, |a, _| paired_t(a).unwrap().p);
    assert!(far < FAR, "paired: {far}");
    let far = of_normal(20, 20, 1.0, |a, b| yuen(a, b, 0.2).unwrap().p);
    assert!(far < FAR, "Yuen: {far}");
}

#[test]
fn wrong_p_values_are_seen() {
    // What pooling the variances of unlike samples does, halving a p-value, and neighbours that are alike.
    assert!(of_normal(10, 20, 3.0, |a, b| pooled_t(a, b).unwrap().p) > 2.0 * FAR);
    assert!(of_normal(10, 10, 1.0, |a, b| 0.9 * welch(a, b).unwrap().p) > 2.0 * FAR);
    let smooth = |x: &[f64]| -> Vec<f64> { x.windows(2).map(|w| w[0] + 0.3 * w[1]).collect() };
    assert!(of_normal(30, 30, 1.0, |a, b| welch(&smooth(a), &smooth(b)).unwrap().p) > 2.0 * FAR);
}

/// Rising confidences.
const LEVELS: [f64; 6] = [0.5, 0.8, 0.9, 0.95, 0.99, 0.999];

/// Each interval holds the estimate and lies inside the next one.
#[track_caller]
fn nested(name: &str, value: f64, of: impl Fn(f64) -> Option<Interval>) -> usize {
    let bounds = |i: Interval| (i.low.unwrap_or(f64::NEG_INFINITY), i.high.unwrap_or(f64::INFINITY));
    let found: Vec<(f64, f64)> = LEVELS.iter().map_while(|level| of(*level)).map(bounds).collect();
    for (low, high) in &found {
        assert!(*low <= value && value <= *high, "{name}: {value} is not in [{low}, {high}]");
    }
    for pair in found.windows(2) {
        assert!(pair[1].0 <= pair[0].0 && pair[0].1 <= pair[1].1, "{name}: {pair:?}");
    }
    found.len()
}

#[test]
fn more_confidence_is_a_wider_interval_around_the_estimate() {
    let mut random = Random::new(46);
    let mut seen = 0;
    for case in 0..60 {
        let (n1, n2) = (8 + random.below(12) as usize, 8 + random.below(12) as usize);
        let mut draw = |n: usize| -> Vec<f64> {
            // Every third case is coarse, so that there are ties.
            let round = |v: f64| if case % 3 == 0 { (2.0 * v).round() / 2.0 } else { v };
            (0..n).map(|_| round(5.0 + normal(&mut random))).collect()
        };
        let (a, b) = (draw(n1), draw(n2));
        let mut sorted = a.clone();
        sorted.sort_by(f64::total_cmp);
        let middle = sorted[n1 / 2];
        let mean = |x: &[f64]| x.iter().sum::<f64>() / x.len() as f64;
        if n1 % 2 == 1 {
            seen += nested("median", middle, |c| median_interval(&sorted, c));
            seen += nested("interpolated", middle, |c| interpolated_median_interval(&sorted, c));
        }
        let third = sorted[n1 / 3];
        seen += nested("quantile", third, |c| {
            estimate_quantile(&sorted, (n1 / 3 + 1) as f64 / (n1 + 1) as f64, c, n1 as u64, None).interval
        });
        let (s, w) = (shift(&a, &b, 0.95).unwrap().value, center(&a, 0.95).unwrap().value);
        seen += nested("shift", s, |c| shift(&a, &b, c).unwrap().interval);
        seen += nested("center", w, |c| center(&a, c).unwrap().interval);
        let d = MeanDifference::welch(Moments::of(&b).unwrap(), Moments::of(&a).unwrap()).unwrap();
        seen += nested("Welch", d.value, |c| Some(d.interval(c)));
        let superior = brunner_munzel(&a, &b, Resampling::at(0.95)).unwrap().a;
        seen += nested("A", superior, |c| brunner_munzel(&a, &b, Resampling::at(c)).unwrap().interval);
        let n = n1.min(n2);
        let pairs = |c| brunner_munzel_pairs(&a[..n], &b[..n], Resampling::at(c)).ok();
        if let Some(superior) = pairs(0.95) {
            seen += nested("A of pairs", superior.a, |c| pairs(c).and_then(|found| found.interval));
        }
        let few = |c| Resampling { replicates: 1999, ..Resampling::at(c) };
        seen += nested("bootstrap", mean(&a), |c| bootstrap_mean(&a, few(c)).unwrap().estimate.interval);
        let d = bootstrap_difference(&a, &b, few(0.9)).unwrap().estimate.value;
        seen += nested("difference", d, |c| bootstrap_difference(&a, &b, few(c)).unwrap().estimate.interval);
        let trend = drift(&a, 0.01, 0.95).unwrap().total;
        seen += nested("drift", trend, |c| Some(drift(&a, 0.01, c).unwrap().interval));
        let (hits, trials) = (u64::from(case as u32 % 13), 12);
        seen += nested("exact share", hits as f64 / 12.0, |c| clopper_pearson(hits, trials, c));
        seen += nested("score share", hits as f64 / 12.0, |c| wilson(hits, trials, c));
        let clusters: Vec<Clustered> = (0..).zip(a.iter().map(|v| v / 100.0)).collect();
        let rows = [SuiteRow { name: "", verdict: Verdict::Equivalent, data: RowData::Paired(&clusters) }; 1];
        let suite = |confidence| suite_mean(&rows, &SuiteConfig { confidence, resamples: 1999, seed: 0 }).unwrap();
        seen += nested("suite", suite(0.95).ratio, |c| suite(c).interval);
    }
    assert!(seen > 60 * 10 * 4, "{seen} intervals");
}

#[test]
fn the_confidence_of_order_statistics_is_what_enumeration_gives() {
    for n in 1..=14u32 {
        for p in [0.05, 0.25, 0.5, 0.9, 0.99] {
            // By every pattern of values at or below the quantile.
            let mut chance = vec![0.0f64; n as usize + 1];
            for mask in 0..1u32 << n {
                let below = mask.count_ones() as i32;
                chance[below as usize] += f64::powi(p, below) * f64::powi(1.0 - p, n as i32 - below);
            }
            let sum = |range: core::ops::Range<usize>| chance[range].iter().sum::<f64>();
            for confidence in [0.8, 0.9, 0.95, 0.99] {
                let side = (1.0 - confidence) / 2.0;
                let (low, high, achieved) = quantile_ranks(u64::from(n), p, confidence);
                let (l, u) = (low as usize, high as usize);
                let name = format!("{n} {p} {confidence}: {l} {u}");
                assert!((achieved - sum(l..u)).abs() < 1e-12, "{name}");
                // No less than asked for, and not one rank more than needed.
                assert!(sum(0..l) <= side + 1e-12 && sum(u..n as usize + 1) <= side + 1e-12, "{name}");
                assert!(l == n as usize || sum(0..l + 1) > side - 1e-12, "{name}");
                assert!(u == 1 || sum(u - 1..n as usize + 1) > side - 1e-12, "{name}");
            }
        }
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
            let share = |keep: &dyn Fn(i64) -> bool| all.iter().filter(|u| keep(**u)).count() as f64 / all.len() as f64;
            let want =
                [share(&|u| u <= seen), share(&|u| u >= seen), share(&|u| (u - middle).abs() >= (seen - middle).abs())];
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
            [d.estimate, interval.low.unwrap(), interval.high.unwrap(), c.p.unwrap()]
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
