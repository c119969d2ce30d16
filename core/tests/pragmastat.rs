//! Hodges and Lehmann's estimates and Shamos' scale against the conformance suite of pragmastat
//! (`tests/reference/pragmastat.json`). Its bounds are one rank narrower than those that R's `wilcox.test` gives, which
//! `r.rs` holds ours to.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::scale::shamos;
use serde_json::Value;

fn numbers(value: &Value) -> Vec<f64> {
    value.as_array().map_or(Vec::new(), |list| list.iter().filter_map(Value::as_f64).collect())
}

fn near(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-300)
}

/// The median distance of two values, by forming all.
fn spread(x: &[f64]) -> f64 {
    let pairs = x.iter().enumerate().flat_map(|(i, a)| x.iter().skip(i + 1).map(move |b| (a - b).abs()));
    let mut distances: Vec<f64> = pairs.collect();
    distances.sort_by(f64::total_cmp);
    let n = distances.len();
    f64::midpoint(distances[(n - 1) / 2], distances[n / 2])
}

#[test]
fn estimates_are_those_of_the_suite() {
    let suite: Value = serde_json::from_str(include_str!("../../tests/reference/pragmastat.json")).unwrap();
    let mut wrong = Vec::new();
    let mut compared = [0; 3];
    for (kind, name) in ["center", "spread", "shift"].into_iter().enumerate() {
        for case in suite[name].as_array().unwrap() {
            let (x, y) = (numbers(&case[1]), numbers(&case[2]));
            // Their shift is from the second sample to the first.
            let ours = match name {
                "center" => vec![center(&x, 0.95).unwrap().value],
                "shift" => vec![shift(&y, &x, 0.95).unwrap().value],
                // Ours is scaled by a factor of the number of values.
                _ => {
                    let even: Vec<f64> = (0..x.len()).map(|i| i as f64).collect();
                    shamos(&x).map_or(Vec::new(), |e| vec![e.value * spread(&even) / shamos(&even).unwrap().value])
                }
            };
            let expected = [case[3].as_f64().unwrap()];
            if ours.is_empty() {
                continue;
            }
            compared[kind] += 1;
            if ours.len() != expected.len() || !ours.iter().zip(&expected).all(|(a, b)| near(*a, *b)) {
                wrong.push(format!("{name} {}: {ours:?}, expected {expected:?}", case[0]));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(compared.iter().all(|n| *n >= 15), "{compared:?}");
}

/// The factors for three and five values, from perfolizer's tests, which hold 1e-5; ours were simulated anew.
#[test]
fn the_scale_of_few_values_is_that_of_another_simulation() {
    for (values, expected) in
        [(&[1.0, 2.0, 3.0][..], 0.807_087_317_351_071), (&[1.0, 2.0, 4.0, 8.0, 16.0], 6.188_233_693_687_87)]
    {
        let found = shamos(values).unwrap().value;
        assert!((found / expected - 1.0).abs() < 1e-5, "{values:?}: {found}, expected {expected}");
    }
}
