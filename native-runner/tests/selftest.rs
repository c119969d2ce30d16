//! `noisefloor self-test`.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::process::Command;

#[test]
fn the_engine_shows_the_digits_that_it_reaches() {
    let run = |arguments: &[&str]| {
        let out = Command::new(env!("CARGO_BIN_EXE_noisefloor")).args(arguments).output().unwrap();
        assert_eq!(out.status.code(), Some(0), "{}", String::from_utf8_lossy(&out.stderr));
        String::from_utf8(out.stdout).unwrap()
    };
    let found: serde_json::Value = serde_json::from_str(&run(&["self-test", "--json"])).unwrap();
    let checks = found["checks"].as_array().unwrap();
    assert!(checks.len() > 100 && checks.iter().all(|c| c["passed"] == true), "{found}");
    assert!(checks.iter().all(|c| c["digits"].as_f64().unwrap() >= c["needed"].as_f64().unwrap()));
    let text = run(&["self-test"]);
    assert!(text.contains(found["digest"].as_str().unwrap()) && !text.contains("FAILED"), "{text}");
    assert_eq!(text.lines().count(), checks.len() + 3);
}
