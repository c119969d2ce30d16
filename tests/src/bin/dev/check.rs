//! `cargo dev check`: everything that needs no test run.

use std::process::Command;

use crate::shell::{WHOLE, cargo, output, run, step};
use crate::www::www;

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

/// Format, lints, documentation, licences, determinism guard, the page with its sizes.
pub(crate) fn check() -> Result<(), String> {
    cargo("format", &["fmt", "--all", "--check"])?;
    let lints = ["clippy", "--workspace", "--all-targets", "--locked", "--features", WHOLE, "--", "-D", "warnings"];
    cargo("lints", &lints)?;
    cargo(
        "lints of the small engine",
        &["clippy", "--package", "noisefloor-core", "--locked", "--", "-D", "warnings"],
    )?;
    step("documentation");
    let mut doc = Command::new("cargo");
    run(doc.args(["doc", "--workspace", "--no-deps", "--locked", "--quiet"]).env("RUSTDOCFLAGS", "-D warnings"))?;
    licences()?;
    determinism()?;
    www().map(|_| ())
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

/// The target of the browser build.
pub(crate) const WASM: &str = "wasm32-unknown-unknown";

/// Gets the standard library of the browser build where it is missing.
pub(crate) fn wasm_target() -> Result<(), String> {
    let target = WASM;
    let folder = output(Command::new("rustc").args(["--print", "target-libdir", "--target", target]))?;
    let present = std::fs::read_dir(folder.trim())
        .is_ok_and(|d| d.flatten().any(|e| e.file_name().to_string_lossy().starts_with("libcore-")));
    if !present {
        eprintln!("installing the {target} standard library by rustup");
        run(Command::new("rustup").args(["target", "add", target])).map_err(|e| {
            format!("{e}\nthe {target} standard library is missing; install it by the means of your toolchain")
        })?;
    }
    Ok(())
}
