//! `cargo dev accuracy`: what the harness measures against a loop written by hand, in lockstep.

use std::process::{Command, Stdio};

use serde_json::Value;

use crate::shell::{cargo, output, root};

/// How far apart the two may be, as a ratio.
const LIMIT: f64 = 0.02;
/// Cycles of one iteration of the body `chain`.
const CHAIN_CYCLES: f64 = 1000.0;

/// Measures the bodies and prints the table; fails when they are further apart than allowed.
pub(crate) fn accuracy() -> Result<(), String> {
    cargo("release build", &["build", "--release", "--locked", "-p", "noisefloor", "--bins", "--examples"])?;
    let release = root().join("target/release");
    let folder = root().join("target/accuracy");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let log = folder.join("accuracy.jsonl");
    // The log of the last time.
    let _ = std::fs::remove_file(&log);
    let program = release.join("examples/accuracy");
    let arm = |name: &str, how: &str| format!("{name}='{}' {how}", program.display());
    let mut command = Command::new(release.join("noisefloor"));
    command.args(["run", "--json", "--blocks", "10", "-o"]).arg(&log);
    for (name, how) in [("harness", "harness"), ("again", "harness"), ("hand", "hand")] {
        command.args(["--arm", &arm(name, how)]);
    }
    let text = output(command.stderr(Stdio::inherit()))?;
    let report: Value = serde_json::from_str(&text).map_err(|e| format!("the report: {e}"))?;
    let rows = report["rows"].as_array().ok_or("a report without rows")?;
    let mean = |row: &Value, side: usize| row["sides"][side]["mean"]["value"].as_f64().unwrap_or(f64::NAN) * 1e9;
    let timed = |label: &str| rows.iter().find(|r| r["label"] == label && r["metric"] == "time");
    let cycle = mean(timed("chain").ok_or("no row `chain`")?, 0) / CHAIN_CYCLES;
    eprintln!("one cycle: {cycle:.4} ns");
    eprintln!(
        "body        harness ns      again ns    by hand ns   again / harness                  by hand / harness"
    );
    let mut failures = Vec::new();
    for label in ["1 ns", "100 ns", "10 us"] {
        let row = timed(label).ok_or(format!("no row `{label}`"))?;
        let [harness, again, hand] = [0, 1, 2].map(|side| mean(row, side));
        let ratio = |index: usize| ratio(&row["comparisons"][index]["difference"]);
        let (again_ratio, hand_ratio) = (ratio(0)?, ratio(1)?);
        eprintln!("{label:<8} {harness:>13.4} {again:>13.4} {hand:>13.4}   {}   {}", again_ratio.1, hand_ratio.1);
        for (what, nanos, ratio) in [("again", again, again_ratio.0), ("by hand", hand, hand_ratio.0)] {
            // A body of a nanosecond is held to a cycle, since 2 % of it is less than any clock can tell.
            let wrong = if label == "1 ns" { (nanos - harness).abs() >= cycle } else { (ratio - 1.0).abs() >= LIMIT };
            if wrong || ratio.is_nan() {
                failures.push(format!("{label}, {what}: {nanos:.4} ns where the harness says {harness:.4} ns"));
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

/// A ratio with its interval, as number and as text.
fn ratio(difference: &Value) -> Result<(f64, String), String> {
    let number = |v: &Value| v.as_f64().ok_or_else(|| format!("no number in {difference}"));
    let (low, high) = (number(&difference["ratio_interval"]["low"])?, number(&difference["ratio_interval"]["high"])?);
    let ratio = number(&difference["ratio"])?;
    let text = format!("{ratio:.5} [{low:.5}, {high:.5}]");
    Ok((ratio, text))
}
