//! Our statistics against R on 200 made-up inputs (`tests/reference/r_cases.R` wrote the numbers, and
//! compares 10 000 when asked).
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../examples/r_cases.rs"]
#[allow(dead_code, reason = "the example's main is not called here")]
mod cases;

use serde_json::Value;

#[test]
fn two_hundred_cases_agree_with_r() {
    let stored: Value = serde_json::from_str(include_str!("../../tests/reference/r_cases.json")).unwrap();
    let (mut bad, mut compared) = (Vec::new(), 0);
    for case in 0..200 {
        let (_, ours) = cases::answers(case as u64);
        assert_eq!(ours.len(), stored.as_object().unwrap().len());
        for (name, got) in ours {
            let want = match &stored[name][case] {
                Value::Null => continue,
                Value::Array(several) => several.iter().map(Value::as_f64).collect(),
                one => vec![one.as_f64()],
            };
            assert_eq!(got.len(), want.len(), "{name} of case {case}");
            for (got, want) in got.into_iter().zip(want) {
                let Some(want) = want else { continue };
                let error = got.map_or(f64::INFINITY, |got| (got - want).abs() / want.abs().max(least(name)));
                compared += 1;
                if error > 1e-10 {
                    bad.push(format!("{name} of case {case}: {got:?}, not {want}"));
                }
            }
        }
    }
    assert!(bad.is_empty(), "{} differ:\n{}", bad.len(), bad.join("\n"));
    assert!(compared > 30_000, "{compared}");
}

/// A difference of nearly equal numbers is rounded like these; a smallest p stands for 0.
fn least(name: &str) -> f64 {
    let near_zero = ["_t", "_r", "_interval", "_of_variance"].iter().any(|end| name.ends_with(end));
    if near_zero { 0.1 } else { 1e-290 }
}
