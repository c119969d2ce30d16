//! Flags to plans to runs. Nothing outside this module knows the name of a flag.

use std::io::Write;
use std::process::ExitCode;

use clap::{Args, CommandFactory, Parser, Subcommand, ValueEnum};
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::health::Severity;
use noisefloor_core::report::{InputStatus, Report, SCHEMA_VERSION, Verdict};
use noisefloor_core::source::Source;

use crate::inputs::{Gathered, gather};
use crate::render::{csv, markdown, printable, text};

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
Exit codes: 0 pass; 1 a primary row regressed; 2 usage or an unreadable input; \
3 with --strict: not decided or not comparable; 4 with --strict: the data are invalid."
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
    /// Judge each file on its own: can it be trusted?
    Check {
        /// Result files, profiles, folders, or - for standard input
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
        /// Sides: a file or a folder each, or - for standard input; one file that holds several
        #[arg(required = true)]
        sides: Vec<String>,
        #[command(flatten)]
        options: Options,
        /// Show only rows that are not equivalent
        #[arg(long)]
        only_changed: bool,
    },
    /// List the rules behind findings, with their limits
    Rules,
    /// Print a completion script for a shell
    Completions {
        /// The shell
        shell: clap_complete::Shell,
    },
}

/// What is printed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for people
    Text,
    /// Tables for a pull request
    Markdown,
    /// One comparison a line
    Csv,
    /// The whole report
    Json,
}

#[derive(Args, Debug)]
struct Options {
    /// The whole report as JSON; the same as --format json
    #[arg(long)]
    json: bool,
    /// What to print
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
    /// Exit with 3 when a row is not decided, with 4 when the data are invalid
    #[arg(long)]
    strict: bool,
    /// Only benchmarks whose name matches: text anywhere, ^ and $ anchors, * and |
    #[arg(long)]
    filter: Option<String>,
    /// Metrics that gate, by name or unit; default: each benchmark's time
    #[arg(long)]
    gate: Vec<String>,
    /// What a change must exceed to matter, with its unit, e.g. 2%; METRIC=2% for one metric
    #[arg(long, value_parser = margin)]
    margin: Vec<(Option<String>, f64)>,
    /// Confidence of intervals
    #[arg(long, default_value_t = 0.95)]
    confidence: f64,
    /// Override a rule's limit: RULE.LIMIT=VALUE (see `noisefloor rules`)
    #[arg(long, value_parser = rule_limit)]
    limit: Vec<(String, String, f64)>,
    /// Spread assumed between runs where a side has one process, e.g. 10%
    #[arg(long, value_parser = percent)]
    assumed_fork_sd: Option<f64>,
    /// Spread assumed of the host between sides that ran one after the other, e.g. 5%
    #[arg(long, value_parser = percent)]
    assumed_block_sd: Option<f64>,
}

fn percent(text: &str) -> Result<f64, String> {
    let number = text.strip_suffix('%').ok_or("a ratio needs its unit: write 2%, not 2 or 0.02")?;
    number.trim().parse::<f64>().ok().filter(|v| v.is_finite()).map(|v| v / 100.0).ok_or("not a number".into())
}

fn margin(text: &str) -> Result<(Option<String>, f64), String> {
    match text.rsplit_once('=') {
        Some((metric, value)) => Ok((Some(metric.to_string()), percent(value)?)),
        None => Ok((None, percent(text)?)),
    }
}

fn rule_limit(text: &str) -> Result<(String, String, f64), String> {
    let (path, value) = text.split_once('=').ok_or("write RULE.LIMIT=VALUE")?;
    let (rule, name) = path.split_once('.').ok_or("write RULE.LIMIT=VALUE")?;
    let value = value.parse().map_err(|_| "the value is not a number")?;
    Ok((rule.to_string(), name.to_string(), value))
}

impl Options {
    fn config(&self, compare: bool) -> Result<AnalysisConfig, String> {
        let mut config = AnalysisConfig { filter: self.filter.clone(), compare, ..AnalysisConfig::default() };
        config.gate.clone_from(&self.gate);
        config.stats.confidence = self.confidence;
        for (metric, value) in &self.margin {
            match metric {
                Some(metric) => drop(config.stats.margins.insert(metric.clone(), *value)),
                None => config.stats.margin = *value,
            }
        }
        for (rule, name, value) in &self.limit {
            config.limits.entry(rule.clone()).or_default().insert(name.clone(), *value);
        }
        config.stats.assumed_fork_sd = self.assumed_fork_sd.unwrap_or(config.stats.assumed_fork_sd);
        config.stats.assumed_block_sd = self.assumed_block_sd.unwrap_or(config.stats.assumed_block_sd);
        config.check().map_err(|e| e.to_string())?;
        Ok(config)
    }
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
            print(&format!("noisefloor {} (report {SCHEMA_VERSION})\n", env!("CARGO_PKG_VERSION"))).map(|()| 0)
        }
        Some(Command::Check { files, options }) => judge(&files, &options, false, false),
        Some(Command::Compare { sides, options, only_changed }) => judge(&sides, &options, true, only_changed),
        Some(Command::Rules) => print(&text::rules()).map(|()| code::PASS),
        Some(Command::Completions { shell }) => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "noisefloor", &mut script);
            print(&String::from_utf8_lossy(&script)).map(|()| code::PASS)
        }
        None => print(&Cli::command().render_help().to_string()).map(|()| code::FAILED),
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
fn print(output: &str) -> Result<(), String> {
    let mut out = std::io::stdout().lock();
    match out.write_all(output.as_bytes()).and_then(|()| out.flush()) {
        Err(e) if e.kind() != std::io::ErrorKind::BrokenPipe => Err(format!("standard output: {e}")),
        _ => Ok(()),
    }
}

fn complain(message: &str) {
    // Nothing is left to tell when standard error itself is gone.
    let _ = writeln!(std::io::stderr(), "noisefloor: {}", printable(message));
}

fn judge(paths: &[String], options: &Options, compare: bool, only_changed: bool) -> Result<u8, String> {
    let config = options.config(compare)?;
    let gathered: Gathered = gather(paths, compare);
    for problem in &gathered.problems {
        complain(problem);
    }
    let inputs: Vec<Input<'_>> = gathered
        .files
        .iter()
        .map(|f| Input { source: Source { name: &f.name, bytes: &f.bytes }, side: f.side.as_deref() })
        .collect();
    if inputs.is_empty() {
        return Err("no file could be read".into());
    }
    let report = analyze(&inputs, &config);
    let mut unreadable = !gathered.problems.is_empty();
    for input in report.inputs.iter().filter(|i| i.status == InputStatus::NotRead) {
        unreadable = true;
        let error = input.error.as_ref();
        let place = match error.and_then(|e| e.at) {
            Some(noisefloor_core::source::Position::Line(n)) => format!("line {n}: "),
            Some(noisefloor_core::source::Position::Byte(n)) => format!("byte {n}: "),
            None => String::new(),
        };
        complain(&format!("{}: {place}{}", input.name, error.map_or("not read", |e| &e.message)));
    }
    if compare && report.sides.len() < 2 && !unreadable {
        return Err("compare needs two sides: two files or folders, or one file that holds both".into());
    }
    let format = if options.json { Format::Json } else { options.format };
    print(&match format {
        Format::Json => report.to_json() + "\n",
        Format::Text => text::report(&report, only_changed),
        Format::Markdown => markdown::report(&report, only_changed),
        Format::Csv => csv::report(&report, only_changed),
    })?;
    Ok(exit_code(&report, options.strict, unreadable))
}

fn exit_code(report: &Report, strict: bool, unreadable: bool) -> u8 {
    let has = |wanted: &[Verdict]| {
        let gating = report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons);
        gating.into_iter().any(|c| wanted.contains(&c.verdict))
    };
    let undecided = [Verdict::Inconclusive, Verdict::LikelyBetter, Verdict::LikelyWorse, Verdict::NotComparable];
    if unreadable {
        code::FAILED
    } else if strict && report.findings.iter().any(|f| f.severity == Severity::Error) {
        code::INVALID
    } else if has(&[Verdict::Regressed]) {
        code::REGRESSED
    } else if strict && has(&undecided) {
        code::NOT_DECIDED
    } else {
        code::PASS
    }
}
