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
    /// A signal came.
    Interrupted(i32),
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
            RunError::Interrupted(signal) => write!(f, "stopped by signal {signal}"),
        }
    }
}

impl std::error::Error for RunError {}
