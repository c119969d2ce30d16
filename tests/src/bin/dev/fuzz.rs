//! `cargo dev fuzz`: builds the fuzzer with the compiler's counters, runs it on every core, and keeps what
//! even a killed process was doing.

use std::path::Path;
use std::process::{Child, Command};
use std::time::{Duration, Instant};

use crate::shell::{output, root, run, step};

/// What the user asked for.
pub(crate) fn fuzz(options: &[&str]) -> Result<(), String> {
    let mut minutes = 5.0;
    let mut seed = 1;
    let mut targets = Vec::new();
    let mut words = options.iter();
    while let Some(word) = words.next() {
        let mut value = || words.next().copied().ok_or_else(|| format!("{word} needs a value"));
        match *word {
            "--minutes" => minutes = number(value()?)?,
            "--seed" => seed = number(value()?)? as u64,
            "--target" => targets.push(value()?),
            other => return Err(format!("unknown option {other}")),
        }
    }
    let root = root();
    let program = build(&root)?;
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    step(&format!("{minutes} minutes on {cores} cores"));
    let end = Instant::now() + Duration::from_secs_f64(60.0 * minutes);
    let mut broken = false;
    std::thread::scope(|scope| {
        let jobs: Vec<_> = (0..cores as u64)
            .map(|core| {
                let (program, root, targets) = (&program, &root, &targets);
                scope.spawn(move || one(program, root, end, seed * 1000 + core, targets))
            })
            .collect();
        for job in jobs {
            broken |= !matches!(job.join(), Ok(Ok(true)));
        }
    });
    match broken {
        true => Err("something broke: the inputs are in tests/fuzz, where a test tries them".into()),
        false => Ok(()),
    }
}

fn number(text: &str) -> Result<f64, String> {
    text.parse().ok().filter(|n: &f64| n.is_finite() && *n >= 0.0).ok_or_else(|| format!("{text} is no number"))
}

fn build(root: &Path) -> Result<std::path::PathBuf, String> {
    step("fuzzer");
    let version = output(Command::new("rustc").arg("-vV"))?;
    let host = version.lines().find_map(|l| l.strip_prefix("host: ")).ok_or("rustc does not name its host")?;
    let folder = root.join("target/fuzz/build");
    let mut cargo = Command::new("cargo");
    cargo.args(["build", "--locked", "--profile", "fuzz", "-p", "noisefloor-tests", "--bin", "fuzz"]);
    // Named, so that build scripts and macros are made without counters.
    cargo.args(["--no-default-features", "--features", "fuzz", "--target", host]).current_dir(root);
    let flags = "-Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=3 \
                 -Cllvm-args=-sanitizer-coverage-inline-8bit-counters";
    run(cargo.env("CARGO_TARGET_DIR", &folder).env("RUSTFLAGS", flags))?;
    Ok(folder.join(host).join("fuzz/fuzz"))
}

/// One process until the end; one that dies is followed by another, and its input kept. Whether nothing broke.
fn one(program: &Path, root: &Path, end: Instant, mut seed: u64, targets: &[&str]) -> Result<bool, String> {
    let mut sound = true;
    loop {
        let left = end.saturating_duration_since(Instant::now()).as_secs();
        if left == 0 {
            return Ok(sound);
        }
        let mut command = Command::new(program);
        command.arg(root).arg(left.to_string()).arg(seed.to_string()).args(targets);
        let mut child: Child = command.spawn().map_err(|e| format!("{}: {e}", program.display()))?;
        let status = child.wait().map_err(|e| e.to_string())?;
        match status.code() {
            Some(0) => return Ok(sound),
            Some(1) => return Ok(false),
            Some(_) => return Err(format!("the fuzzer ended with {status}")),
            None => {
                sound = false;
                rescue(root, seed)?;
                eprintln!("a process ended with {status}; another one goes on");
                seed += 100;
            }
        }
    }
}

/// What a process that died was trying.
fn rescue(root: &Path, seed: u64) -> Result<(), String> {
    let path = root.join(format!("target/fuzz/current-{seed}"));
    let bytes = std::fs::read(&path).map_err(|e| format!("{}: {e}", path.display()))?;
    let end = bytes.iter().position(|b| *b == b'\n').unwrap_or(0);
    let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
    let (name, length) = head.split_once(' ').unwrap_or(("unknown", "0"));
    let length: usize = length.parse().unwrap_or(0);
    let input = bytes.get(end + 1..).map_or(&[][..], |rest| &rest[..length.min(rest.len())]);
    let folder = root.join("tests/fuzz").join(name);
    let to = folder.join(format!("died-{seed}"));
    std::fs::create_dir_all(&folder)
        .and_then(|()| std::fs::write(&to, input))
        .map_err(|e| format!("{}: {e}", to.display()))?;
    eprintln!("{}: the process died of it", to.display());
    Ok(())
}
