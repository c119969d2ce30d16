//! The project's tool, `cargo dev`: checks and tests as CI runs them, and experiments.
#![allow(clippy::print_stderr, reason = "a tool that talks to a person")]

mod check;
mod shell;
mod trials;
mod www;

use std::process::ExitCode;

const HELP: &str = "\
cargo dev check            format, lints, documentation, licences, determinism guard, wasm build of the engine
cargo dev test             the same, then every test; ends with cargo's own result lines
cargo dev trials [--quick] how often lockstep finds a slowdown of 1 %, and how often one that is not there
cargo dev www              the page, as one file that any web server can serve
cargo dev serve            the page on this machine
cargo dev help             this list
";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let outcome = match words.as_slice() {
        ["check"] => check::check(),
        ["test"] => check::check().and_then(|()| shell::cargo("tests", &["test", "--workspace", "--locked"])),
        ["trials"] => trials::trials(false),
        ["trials", "--quick"] => trials::trials(true),
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
