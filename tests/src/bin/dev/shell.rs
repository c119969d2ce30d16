//! Other programs, and what to say when they fail.

use std::path::{Path, PathBuf};
use std::process::Command;

pub(crate) use noisefloor_tests::WHOLE;

/// Says what is being done.
pub(crate) fn step(name: &str) {
    eprintln!("== {name}");
}

/// One step done by cargo.
pub(crate) fn cargo(name: &str, arguments: &[&str]) -> Result<(), String> {
    step(name);
    run(Command::new("cargo").args(arguments))
}

/// Runs a command that must succeed.
pub(crate) fn run(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("{command:?} cannot be started: {error}")),
    }
}

/// What a command that must succeed prints.
pub(crate) fn output(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|e| format!("{command:?} cannot be started: {e}"))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!("{command:?} ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr)))
    }
}

/// The project's folder: where cargo runs this tool from, since a build folder that two clones
/// share holds one binary for both.
pub(crate) fn root() -> PathBuf {
    let built_in = || env!("CARGO_MANIFEST_DIR").into();
    let tests = PathBuf::from(std::env::var_os("CARGO_MANIFEST_DIR").unwrap_or_else(built_in));
    tests.parent().map_or_else(|| tests.clone(), Path::to_path_buf)
}
