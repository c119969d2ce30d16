//! Node, Chromium and what drives it: found, or installed with a word about it, or a reason.

use std::path::Path;
use std::process::{Command, Stdio};

use crate::shell::{output, root, run, step};

/// Node must be at least this: the scripts use what it brought.
const NODE: u32 = 20;

/// Sees to it that the browser tests can run.
pub(crate) fn prepare(skip_browser: bool) -> Result<(), String> {
    step("browser");
    node()?;
    let found = std::env::var_os("CHROMIUM").is_some_and(|p| Path::new(&p).exists())
        || ["chromium", "chromium-browser", "google-chrome"].iter().any(|c| Path::new("/usr/bin").join(c).exists());
    if !skip_browser && !found {
        install("Chromium", &["chromium"])?;
    }
    let folder = root().join("tests/browser");
    if !folder.join("node_modules/playwright-core").is_dir() {
        eprintln!("installing the browser's driver (playwright-core, 10 MB) by npm into tests/browser/node_modules");
        run(Command::new("npm").args(["ci", "--no-audit", "--no-fund"]).current_dir(&folder)).map_err(|e| {
            format!("{e}\nthe driver is missing; with npm and a registry in reach: cd tests/browser && npm ci")
        })?;
    }
    Ok(())
}

/// Sees to it that the engine can run in Node.
pub(crate) fn node() -> Result<(), String> {
    if !answers("node") {
        install("Node", &["nodejs", "npm"])?;
    }
    let version = output(Command::new("node").arg("--version"))?;
    let major: u32 = version.trim_start_matches('v').split('.').next().and_then(|v| v.parse().ok()).unwrap_or(0);
    if major < NODE {
        return Err(format!("Node {} is too old: {NODE} or newer is needed", version.trim()));
    }
    Ok(())
}

fn answers(program: &str) -> bool {
    Command::new(program)
        .arg("--version")
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|s| s.success())
}

/// Installs packages by Debian's package manager, where it is there and may be used.
fn install(what: &str, packages: &[&str]) -> Result<(), String> {
    let manual = format!(
        "{what} is missing; install it (Debian: apt-get install {}), or name Chromium in CHROMIUM, or type --skip-browser",
        packages.join(" ")
    );
    if !answers("apt-get") {
        return Err(manual);
    }
    let root = output(Command::new("id").arg("-u")).is_ok_and(|id| id.trim() == "0");
    let prefix: &[&str] = if root { &[] } else { &["sudo", "-n"] };
    eprintln!("installing {what} by apt-get: {}", packages.join(", "));
    let apt = |arguments: &[&str]| {
        let words: Vec<&str> = prefix.iter().copied().chain(["apt-get"]).chain(arguments.iter().copied()).collect();
        let mut command = Command::new(words[0]);
        run(command.args(&words[1..]).env("DEBIAN_FRONTEND", "noninteractive").stdout(Stdio::null()))
    };
    let all: Vec<&str> = ["install", "-y", "-qq", "--no-install-recommends"].iter().chain(packages).copied().collect();
    apt(&["update", "-qq"]).and_then(|()| apt(&all)).map_err(|e| format!("{e}\n{manual}"))
}
