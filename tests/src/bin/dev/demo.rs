//! `cargo dev demo`: a real benchmark on this machine, from the host to a report to open.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::check::wasm_target;
use crate::shell::{root, run, step};
use noisefloor_tests::page::build_offline;

/// What measuring may take; profiling the three arms adds about six seconds.
const BUDGET: &str = "18s";

/// Builds the page and the runner, measures two variants and an A/A arm, writes the report.
pub(crate) fn demo() -> Result<(), String> {
    wasm_target()?;
    step("runner, and beside it the page");
    let target = root().join("target/demo");
    // Neither waits for the other, so the runner gets no page built in, and the report is told where it is.
    let mut runner = build(&target, &["build", "--bins"]);
    let mut runner = runner.spawn().map_err(|e| format!("cargo cannot be started: {e}"))?;
    let page = build_offline(&root());
    if page.is_err() {
        // It may have ended by itself.
        let _ = runner.kill();
    }
    let ended = runner.wait().map_err(|e| format!("building the runner: {e}"))?;
    let page = page?.page;
    if !ended.success() {
        return Err(format!("building the runner ended with {ended}"));
    }
    step("what is measured");
    let whole = ["--", "-C", "opt-level=3", "-C", "debuginfo=2"];
    run(build(&target, &["rustc", "--example", "json_encoder"]).args(whole))?;
    let built = target.join("demo");
    let (log, report) = free(&target)?;
    step("measuring two JSON encoders, and one of them against itself");
    let encoder = built.join("examples/json_encoder");
    let arm = |name: &str, variant: &str| format!("{name}='{}' {variant}", encoder.display());
    let noisefloor = built.join("noisefloor");
    let mut measure = Command::new(&noisefloor);
    measure.args(["run", "--name", "encode", "--budget", BUDGET, "--profile"]);
    measure.args([
        "--arm",
        &arm("naive", "naive"),
        "--arm",
        &arm("improved", "improved"),
        "--arm",
        &arm("same", "naive"),
    ]);
    verdict(measure.arg("-o").arg(&log))?;
    step("report");
    verdict(Command::new(&noisefloor).arg("report").arg(&log).arg("--page").arg(&page).arg("-o").arg(&report))?;
    eprintln!("\nThe report is one file that needs nothing else. Open it in a browser:\n  {}", report.display());
    Ok(())
}

/// A build for the demonstration.
fn build(target: &Path, what: &[&str]) -> Command {
    let mut cargo = Command::new("cargo");
    cargo.args(what).args(["--profile", "demo", "--locked", "-p", "noisefloor"]);
    // Frame pointers make the profile readable from `main` to the leaf.
    cargo.env("CARGO_TARGET_DIR", target).env("RUSTFLAGS", "-C force-frame-pointers=yes");
    cargo.env("NOISEFLOOR_PAGE", "").current_dir(root());
    cargo
}

/// Runs a command whose exit code may say that something regressed: `naive` is the baseline, so
/// nothing should, but on a noisy machine that is for the reader to see.
fn verdict(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if matches!(status.code(), Some(0 | 1)) => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("{command:?} cannot be started: {error}")),
    }
}

/// Names that are free: what was measured before is kept.
fn free(folder: &Path) -> Result<(PathBuf, PathBuf), String> {
    (1..10_000)
        .map(|i| (folder.join(format!("demo-{i}.jsonl")), folder.join(format!("demo-{i}.html"))))
        .find(|(log, report)| !log.exists() && !report.exists())
        .ok_or_else(|| format!("{} is full of demonstrations", folder.display()))
}
