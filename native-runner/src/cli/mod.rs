//! Flags to plans to runs. Nothing outside this module knows the name of a flag.

mod convert;
mod formats;
mod judge;
mod options;
mod passport;
mod profile;
mod report;
#[cfg(target_os = "linux")]
mod run;
mod sides;

use std::io::Write;
use std::process::ExitCode;

use clap::{CommandFactory, Parser, Subcommand};
use noisefloor_core::log::LOG_VERSION;
use noisefloor_core::report::SCHEMA_VERSION;

use crate::render::{printable, selftest, text};
use judge::judge;
use options::Options;

/// Exit codes (a contract, see CHANGELOG): when several hold, 2, 4, 1, 3 in this order.
mod code {
    pub(super) const PASS: u8 = 0;
    pub(super) const REGRESSED: u8 = 1;
    pub(super) const FAILED: u8 = 2;
    pub(super) const NOT_DECIDED: u8 = 3;
    pub(super) const INVALID: u8 = 4;
}

/// Tells whether a benchmark result can be trusted and whether it really changed.
#[derive(Debug, Parser)]
#[command(
    name = "noisefloor",
    disable_version_flag = true,
    after_help = "\
Exit codes: 0 pass; 1 a primary row regressed; 2 usage, an unreadable input or a failed measurement; \
3 with --strict: not decided or not comparable; 4 with --strict: the data are invalid (self-test: a check failed); 128 + signal: \
interrupted, and what was measured is kept."
)]
struct Cli {
    /// Print the version and those of the formats
    #[arg(short = 'V', long)]
    version: bool,
    #[command(subcommand)]
    command: Option<Command>,
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Measure commands, interleaved, and judge them
    #[cfg(target_os = "linux")]
    Run(Box<run::RunArgs>),
    /// Judge each file on its own: can it be trusted?
    Check {
        /// Result files, profiles, folders, archives, or - for standard input
        #[arg(required = true)]
        files: Vec<String>,
        #[command(flatten)]
        options: Options,
    },
    /// Compare the first side with each of the others
    #[command(after_help = "\
Examples:\n  noisefloor compare before.txt after.txt\n  noisefloor compare base/ head/ --margin 2%\n  \
hyperfine 'a' 'b' --export-json r.json && noisefloor compare r.json")]
    Compare {
        /// Sides: a file, a folder or an archive each, or - for standard input; one file that holds several
        #[arg(required = true)]
        sides: Vec<String>,
        #[command(flatten)]
        options: Options,
        /// Show only rows that are not equivalent
        #[arg(long)]
        only_changed: bool,
    },
    /// Show where the time of a profile went: table, flame graph, folded stacks
    Profile(Box<profile::ProfileArgs>),
    /// Write one HTML file that shows everything and needs nothing else
    Report(Box<report::ReportArgs>),
    /// Make the noise-floor passport of this host from runs of a program against itself
    Passport(passport::PassportArgs),
    /// Write results or profiles in another format
    Convert(Box<convert::ConvertArgs>),
    /// List the formats that are read and written, or what files are taken for
    Formats(formats::FormatsArgs),
    /// List the rules behind findings, with their limits
    Rules,
    /// Compute certified and published answers, and say how many digits of each are reached
    #[command(after_help = "\
The digest is that of the exact bits of all answers: it is the same on every machine, in Node and in a browser. Exits \
with 4 when a check fails.")]
    SelfTest {
        /// The checks as JSON
        #[arg(long)]
        json: bool,
    },
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// Runs the command line of this process.
#[must_use]
pub fn main() -> ExitCode {
    let cli = match Cli::try_parse() {
        Ok(cli) => cli,
        Err(error) => {
            let _ = error.print();
            return ExitCode::from(if error.use_stderr() { code::FAILED } else { code::PASS });
        }
    };
    let outcome = match cli.command {
        _ if cli.version => {
            let version = env!("CARGO_PKG_VERSION");
            print(&format!("noisefloor {version} (report {SCHEMA_VERSION}, run log {LOG_VERSION}, protocol 1)\n"))
                .map(|()| code::PASS)
        }
        #[cfg(target_os = "linux")]
        Some(Command::Run(args)) => run::run(&args),
        Some(Command::Check { files, options }) => judge(&files, &options, false, false),
        Some(Command::Compare { sides, options, only_changed }) => judge(&sides, &options, true, only_changed),
        Some(Command::Profile(args)) => profile::profile(&args),
        Some(Command::Report(args)) => report::report(&args),
        Some(Command::Passport(args)) => passport::make(&args),
        Some(Command::Convert(args)) => convert::convert(&args),
        Some(Command::Formats(args)) => formats::run(&args),
        Some(Command::Rules) => print(&text::rules()).map(|()| code::PASS),
        Some(Command::SelfTest { json }) => {
            let found = noisefloor_core::selftest::run();
            let text = if json { found.to_json() + "\n" } else { selftest::table(&found) };
            print(&text).map(|()| if found.passed { code::PASS } else { code::INVALID })
        }
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "noisefloor", &mut script);
            print(&String::from_utf8_lossy(&script)).map(|()| code::PASS)
        }
        None => {
            complain(&format!("what shall be done?\n{}", Cli::command().render_help()));
            Ok(code::FAILED)
        }
    };
    match outcome {
        Ok(code) => ExitCode::from(code),
        Err(message) => {
            complain(&message);
            ExitCode::from(code::FAILED)
        }
    }
}

/// Writes to standard output. A reader that went away is no error; a full disk is.
pub(crate) fn print(output: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(output.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}

/// A message on standard error: one line, or several for what shows a place in a file.
pub(crate) fn complain(message: &str) {
    // Nothing is left to tell when standard error itself is gone.
    let mut err = std::io::stderr().lock();
    for (i, line) in message.trim_end().lines().enumerate() {
        let _ = writeln!(err, "{}{}", if i == 0 { "noisefloor: " } else { "  " }, printable(line));
    }
}

/// Judges a log that was just written, and says where it is.
#[cfg(target_os = "linux")]
pub(crate) fn show_log(path: &std::path::Path) -> Result<(), String> {
    complain(&format!("the values are in {}", path.display()));
    judge(&[path.display().to_string()], &Options::default(), false, false).map(|_| ())
}
