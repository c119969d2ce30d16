//! The command `noisefloor`.

use std::process::ExitCode;

fn main() -> ExitCode {
    noisefloor::cli::main()
}
