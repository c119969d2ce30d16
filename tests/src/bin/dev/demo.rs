//! `cargo dev demo`: a real benchmark on this machine, from the host to a report to open.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::shell::{root, run, step};
use crate::www::www;

/// What measuring may take; profiling the three arms adds about six seconds.
const BUDGET: &str = "18s";

/// Builds the page and the runner, measures two variants and an A/A arm, writes the report.
pub(crate) fn demo() -> Result<(), String> {
    www()?;
    step("runner");
    let target = root().join("target/demo");
    let mut build = Command::new("cargo");
    build.args(["build", "--release", "--locked", "-p", "noisefloor", "--bins", "--example", "json_encoder"]);
    // Frame pointers and whole names make the profile readable from `main` to the leaf.
    build.env("CARGO_TARGET_DIR", &target).env("RUSTFLAGS", "-C force-frame-pointers=yes");
    build.env("CARGO_PROFILE_RELEASE_DEBUG", "full").args(["--config", "profile.release.package.\"*\".debug=false"]);
    // The first demonstration should not take long: linking once more over everything gains nothing here.
    build.env("CARGO_PROFILE_RELEASE_LTO", "off").env("CARGO_PROFILE_RELEASE_CODEGEN_UNITS", "16");
    run(build.current_dir(root()))?;
    let release = target.join("release");
    let (log, report) = free(&target)?;
    step("measuring two JSON encoders, and one of them against itself");
    let encoder = release.join("examples/json_encoder");
    let arm = |name: &str, variant: &str| format!("{name}='{}' {variant}", encoder.display());
    let noisefloor = release.join("noisefloor");
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
    verdict(Command::new(&noisefloor).arg("report").arg(&log).arg("-o").arg(&report))?;
    eprintln!("\nThe report is one file that needs nothing else. Open it in a browser:\n  {}", report.display());
    Ok(())
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
