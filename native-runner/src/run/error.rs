//! What can stop a run.

use std::io;
use std::path::PathBuf;

/// Why a run ended early. What was measured is in the log in every case.
#[derive(Debug)]
pub enum RunError {
    /// A setting that makes no sense, in words.
    Usage(String),
    /// The log could not be made or written.
    Log {
        /// Where it is.
        path: PathBuf,
        /// What the system said.
        error: io::Error,
    },
    /// The system refused something else.
    System {
        /// What was being done.
        what: String,
        /// What the system said.
        error: io::Error,
    },
    /// A command could not be started.
    Start {
        /// Its words.
        command: String,
        /// What the system said.
        error: io::Error,
    },
    /// A command failed.
    Failed {
        /// The arm, or `setup`, `prepare`, `cleanup`.
        who: String,
        /// Its words.
        command: String,
        /// `exit code 3`, `signal 11`.
        how: String,
    },
    /// A command did not end in time.
    TimedOut {
        /// The arm.
        who: String,
        /// Its words.
        command: String,
        /// Seconds that it had.
        seconds: f64,
    },
    /// A harness did not keep to the protocol.
    Protocol {
        /// The arm.
        who: String,
        /// What it did.
        what: String,
    },
    /// Arms that cannot be measured the same way.
    Mixed {
        /// The arm that speaks the harness protocol.
        driven: String,
        /// The arm that does not.
        plain: String,
    },
    /// A signal came.
    Interrupted(i32),
}

impl RunError {
    /// In words that name no command line, for a log that is not to hold any.
    #[must_use]
    pub fn redacted(&self) -> String {
        match self {
            RunError::Interrupted(_) => "interrupted".into(),
            RunError::Failed { how, .. } => format!("a process ended with {how}"),
            RunError::TimedOut { seconds, .. } => format!("a process did not end within {seconds} s"),
            RunError::Protocol { .. } => "a process did not keep to the harness protocol".into(),
            RunError::Mixed { .. } => "the arms cannot be measured the same way".into(),
            RunError::Start { error, .. } => format!("a process could not be started: {}", error.kind()),
            RunError::Log { error, .. } => format!("writing failed: {}", error.kind()),
            RunError::System { what, error } => format!("{what}: {}", error.kind()),
            RunError::Usage(_) => "the settings make no sense".into(),
        }
    }
}

impl std::fmt::Display for RunError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            RunError::Usage(text) => f.write_str(text),
            RunError::Log { path, error } if error.kind() == io::ErrorKind::AlreadyExists => {
                write!(f, "{} exists and is never overwritten; name another with -o, or add --resume", path.display())
            }
            RunError::Log { path, error } => write!(f, "{}: {error}", path.display()),
            RunError::System { what, error } => write!(f, "{what}: {error}"),
            RunError::Start { command, error } if error.kind() == io::ErrorKind::NotFound => {
                write!(
                    f,
                    "cannot start `{command}`: there is no such program; pipes, variables and built-ins need --shell"
                )
            }
            RunError::Start { command, error } => write!(f, "cannot start `{command}`: {error}"),
            RunError::Failed { who, command, how } => {
                write!(
                    f,
                    "{who}: `{command}` ended with {how}; --show-output shows what it says, --ignore-failure goes on"
                )
            }
            RunError::TimedOut { who, command, seconds } => {
                write!(f, "{who}: `{command}` did not end within {seconds} s and was stopped")
            }
            RunError::Protocol { who, what } => write!(f, "{who} does not keep to the harness protocol: {what}"),
            RunError::Mixed { driven, plain } => write!(
                f,
                "{driven} speaks the harness protocol and {plain} does not; compared can only be what is measured the \
                 same way: two harnesses, or two commands (env -u NOISEFLOOR_OUT runs a harness as a command)"
            ),
            RunError::Interrupted(signal) => write!(f, "stopped by signal {signal}"),
        }
    }
}

impl std::error::Error for RunError {}
