//! The project's tool, `cargo dev`: checks and tests as CI runs them, and experiments.
#![allow(clippy::print_stderr, reason = "a tool that talks to a person")]

mod accuracy;
mod browser;
mod check;
mod demo;
mod fuzz;
mod shell;
mod trials;
mod www;

use std::process::{Command, ExitCode};

const HELP: &str = "\
cargo dev demo             measures a real benchmark on this machine and writes a report to open
cargo dev test             everything: checks, tests, engine in Node, page in Chromium; ends with cargo's result lines
    --skip-browser         without Chromium
cargo dev check            the fast part: format, lints, documentation, licences, determinism guard, the page's sizes
cargo dev www              the page, as two files that any web server can serve, www/dist/index.html and offline.html
cargo dev serve            the page on this machine
cargo dev bless            accept the reports of tests/corpus as they are now
cargo dev bench            how fast the hot paths are, against the machine's own limits
cargo dev trials           how often lockstep finds a slowdown of 1 %, and how often one that is not there
    chain | text           one workload
    --quick                few trials and no bounds
cargo dev accuracy         what the harness measures against a loop written by hand, in lockstep
cargo dev simulate         how often our rules and those of other tools are right about noise whose truth is known
    --quick                few trials and no bounds
    --seed N               other draws
    --scenario NAME        one scenario
    --interval PART        single intervals with this in their names, as a run of all prints them
    --write                puts the tables into METHODOLOGY.md
cargo dev parity           a million random inputs through the statistics, natively, in Node and in Chromium
cargo dev fuzz             changed inputs through every reader and the report, guided by what code they reach
    --minutes N            how long, 5 otherwise
    --target NAME          one format's id, or read, log, report, json, config, archive; may be repeated
    --seed N               other changes
cargo dev screenshots      pictures of every screen in target/screenshots
cargo dev help             this list
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["check"] => check::check(),
        ["demo"] => demo::demo(),
        ["test"] => test(false),
        ["test", "--skip-browser"] => test(true),
        ["bless"] => bless(),
        ["bench"] => bench(),
        ["parity"] => parity(),
        ["screenshots"] => screenshots(),
        ["trials"] => trials::trials(false, None),
        ["trials", "--quick"] => trials::trials(true, None),
        ["trials", workload, "--quick"] => trials::trials(true, Some(workload)),
        ["trials", workload] if !workload.starts_with('-') => trials::trials(false, Some(workload)),
        ["accuracy"] => accuracy::accuracy(),
        ["fuzz", options @ ..] => fuzz::fuzz(options),
        ["simulate", options @ ..] => simulate(options),
        ["www"] => www::www().map(|_| ()),
        ["serve"] => www::serve(),
        ["help" | "--help"] => {
            eprint!("{HELP}");
            Ok(())
        }
        _ => Err(format!("unknown command {words:?}\n{HELP}")),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(message) => {
            eprintln!("cargo dev: {message}");
            ExitCode::FAILURE
        }
    }
}

fn test(skip_browser: bool) -> Result<(), String> {
    browser::prepare(skip_browser)?;
    // Builds the page as well, so that the runner of the tests has it inside.
    check::check()?;
    shell::step("tests");
    let mut tests = Command::new("cargo");
    tests.args(["test", "--workspace", "--locked", "--features", shell::WHOLE]).current_dir(shell::root());
    if skip_browser {
        tests.env("NOISEFLOOR_SKIP_BROWSER", "1");
    }
    shell::run(&mut tests)
}

fn bless() -> Result<(), String> {
    let mut tests = Command::new("cargo");
    tests.args(["test", "--locked", "-p", "noisefloor-tests", "--test", "it", "reports_are_as_expected"]);
    shell::run(tests.env("NOISEFLOOR_BLESS", "1").current_dir(shell::root()))
}

/// Native paths against the machine, then reading in Node against reading natively.
fn bench() -> Result<(), String> {
    shell::cargo("benches", &["bench", "--locked", "-p", "noisefloor", "--bench", "engine", "--bench", "formats"])?;
    shell::step("reading in Node");
    browser::node()?;
    check::wasm_target()?;
    let engine = noisefloor_tests::page::probe(&shell::root())?;
    let mut node = Command::new("cargo");
    node.args(["bench", "--quiet", "--locked", "-p", "noisefloor", "--bench", "node"]);
    shell::run(node.env("NOISEFLOOR_ENGINE", engine).current_dir(shell::root()))
}

/// As many cases as make a million inputs; tests run some of them.
fn parity() -> Result<(), String> {
    browser::prepare(false)?;
    let mut tests = Command::new("cargo");
    tests.args([
        "test",
        "--locked",
        "-p",
        "noisefloor-tests",
        "--test",
        "it",
        "random_inputs_give",
        "--",
        "--nocapture",
    ]);
    shell::run(tests.env("NOISEFLOOR_PROBE_CASES", "14000").current_dir(shell::root()))
}

/// A program of its own: optimised, and without what only the page needs.
fn simulate(options: &[&str]) -> Result<(), String> {
    let run = [
        "run",
        "--release",
        "--quiet",
        "--locked",
        "-p",
        "noisefloor-tests",
        "--no-default-features",
        "--features",
        "simulate",
    ];
    shell::cargo("simulation", &[run.as_slice(), &["--bin", "simulate", "--"], options].concat())
}

fn screenshots() -> Result<(), String> {
    browser::prepare(false)?;
    www::www()?;
    shell::run(Command::new("node").arg("tests/browser/screenshots.mjs").current_dir(shell::root()))
}
