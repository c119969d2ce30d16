//! Our statistics against SciPy on 300 made-up samples (`tests/reference/scipy_cases.py` wrote the
//! numbers, and compares 10 000 when asked).
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

#[path = "../examples/statistics_cases.rs"]
#[allow(dead_code, reason = "the example's main is not called here")]
mod cases;

#[test]
fn three_hundred_cases_agree_with_scipy() {
    let stored: serde_json::Value =
        serde_json::from_str(include_str!("../../tests/reference/scipy_cases.json")).unwrap();
    let (mut bad, mut compared) = (Vec::new(), 0);
    for case in 0..300 {
        let ours = cases::answers(case as u64);
        assert_eq!(ours.len(), stored.as_object().unwrap().len());
        for (name, got) in ours {
            let Some(want) = stored[name][case].as_f64() else { continue };
            // A statistic near 0 is a difference of nearly equal means, which SciPy rounds.
            let least = if name.ends_with("_t") || name.ends_with("_rho") { 0.1 } else { 1e-300 };
            let error = got.map_or(f64::INFINITY, |got| (got - want).abs() / want.abs().max(least));
            compared += 1;
            if error > 1e-10 {
                bad.push(format!("{name} of case {case}: {got:?}, not {want}"));
            }
        }
    }
    assert!(bad.is_empty(), "{} differ:\n{}", bad.len(), bad.join("\n"));
    assert!(compared > 7_000, "{compared}");
}
