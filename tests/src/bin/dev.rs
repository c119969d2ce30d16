//! The project's tool, `cargo dev`: checks and tests as CI runs them.
#![allow(clippy::print_stderr, reason = "a tool that talks to a person")]

use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo dev check   format, lints, documentation, licences, determinism guard, wasm build of the engine
cargo dev test    the same, then every test; ends with cargo's own result lines
cargo dev help    this list
";

/// Licences that the binaries may contain. No copyleft, no CDDL.
const ALLOWED: &[&str] = &[
    "MIT",
    "Apache-2.0",
    "Apache-2.0 WITH LLVM-exception",
    "Zlib",
    "Unicode-3.0",
    "BSD-3-Clause",
    "BSD-2-Clause",
    "ISC",
    "0BSD",
    "Unlicense",
    "CC0-1.0",
];

fn main() -> ExitCode {
    let word = std::env::args().nth(1).unwrap_or_default();
    let outcome = match word.as_str() {
        "check" => check(),
        "test" => check().and_then(|()| cargo("tests", &["test", "--workspace", "--locked"])),
        "help" => {
            eprint!("{HELP}");
            Ok(())
        }
        _ => Err(format!("unknown command {word:?}\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("cargo dev: {message}");
            ExitCode::FAILURE
        }
    }
}

fn check() -> Result<(), String> {
    cargo("format", &["fmt", "--all", "--check"])?;
    cargo("lints", &["clippy", "--workspace", "--all-targets", "--locked", "--", "-D", "warnings"])?;
    step("documentation");
    let mut doc = Command::new("cargo");
    run(doc.args(["doc", "--workspace", "--no-deps", "--locked", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    licences()?;
    determinism()?;
    wasm()
}

fn step(name: &str) {
    eprintln!("== {name}");
}

fn cargo(name: &str, arguments: &[&str]) -> Result<(), String> {
    step(name);
    run(Command::new("cargo").args(arguments))
}

fn run(command: &mut Command) -> Result<(), String> {
    match command.status() {
        Ok(status) if status.success() => Ok(()),
        Ok(status) => Err(format!("{command:?} ended with {status}")),
        Err(error) => Err(format!("{command:?} cannot be started: {error}")),
    }
}

fn output(command: &mut Command) -> Result<String, String> {
    let out = command.output().map_err(|e| format!("{command:?} cannot be started: {e}"))?;
    if out.status.success() {
        Ok(String::from_utf8_lossy(&out.stdout).into_owned())
    } else {
        Err(format!("{command:?} ended with {}: {}", out.status, String::from_utf8_lossy(&out.stderr)))
    }
}

/// Every package must offer at least one way to be used under an allowed licence.
fn licences() -> Result<(), String> {
    step("licences");
    let text = output(Command::new("cargo").args(["metadata", "--format-version", "1", "--locked"]))?;
    let metadata: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("cargo metadata: {e}"))?;
    let packages = metadata["packages"].as_array().ok_or("cargo metadata lists no packages")?;
    let mut bad = Vec::new();
    for package in packages {
        let licence = package["license"].as_str().unwrap_or("");
        // `A AND (B OR C)`: each part joined by AND must have an allowed alternative.
        let fits = licence.split(" AND ").all(|part| {
            let part = part.trim_matches(['(', ')']).replace('/', " OR ");
            part.split(" OR ").any(|one| ALLOWED.contains(&one.trim().trim_matches(['(', ')'])))
        });
        if !fits {
            bad.push(format!("{} ({licence})", package["name"].as_str().unwrap_or("?")));
        }
    }
    if bad.is_empty() { Ok(()) } else { Err(format!("licences that are not allowed: {}", bad.join(", "))) }
}

/// `num-traits/std` would exchange the math library under the engine and with it the bits.
fn determinism() -> Result<(), String> {
    step("determinism guard");
    let tree =
        output(Command::new("cargo").args(["tree", "--workspace", "--locked", "-e", "features", "-i", "num-traits"]))?;
    if !tree.contains("num-traits v") {
        return Err("num-traits is not in the tree: the guard looks at the wrong package".into());
    }
    match tree.lines().find(|l| l.contains("num-traits feature \"std\"")) {
        Some(line) => Err(format!("num-traits/std is switched on: {line}")),
        None => Ok(()),
    }
}

/// The engine must compile for the browser.
fn wasm() -> Result<(), String> {
    step("wasm build");
    let target = "wasm32-unknown-unknown";
    let folder = output(Command::new("rustc").args(["--print", "target-libdir", "--target", target]))?;
    let present = std::fs::read_dir(folder.trim())
        .is_ok_and(|d| d.flatten().any(|e| e.file_name().to_string_lossy().starts_with("libcore-")));
    if !present {
        eprintln!("installing the {target} standard library by rustup");
        run(Command::new("rustup").args(["target", "add", target])).map_err(|e| {
            format!("{e}\nthe {target} standard library is missing; install it by the means of your toolchain")
        })?;
    }
    run(Command::new("cargo").args(["check", "--quiet", "--locked", "-p", "noisefloor-wasm", "--target", target]))
}
