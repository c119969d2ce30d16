//! Records on their way to the log.

use noisefloor_core::log::Record;

use crate::log_file::LogFile;
use crate::run::RunError;
use crate::sys;

/// Keeps the clock of a log, and the records of a pilot until the header is known.
#[derive(Debug)]
pub(super) struct Recorder {
    log: Option<LogFile>,
    waiting: Vec<Record>,
    epoch: u64,
    next_fork: u32,
}

impl Recorder {
    /// For a new log: records wait until [`open`](Recorder::open).
    pub(super) fn new() -> Recorder {
        Recorder { log: None, waiting: Vec::new(), epoch: sys::now_ns(), next_fork: 0 }
    }

    /// For a log that exists: its clock goes on where it stood.
    pub(super) fn resume(log: LogFile, next_fork: u32, last_t: u64) -> Recorder {
        Recorder {
            log: Some(log),
            waiting: Vec::new(),
            epoch: sys::now_ns().wrapping_sub(last_t).wrapping_sub(1),
            next_fork,
        }
    }

    /// Whether nothing was recorded yet.
    pub(super) fn is_empty(&self) -> bool {
        self.log.is_none() && self.waiting.is_empty()
    }

    /// Writes the header and what has waited behind it.
    pub(super) fn open(&mut self, log: LogFile, header: Record) -> Result<(), RunError> {
        self.log = Some(log);
        let waiting = std::mem::take(&mut self.waiting);
        self.emit(header)?;
        waiting.into_iter().try_for_each(|r| self.emit(r))
    }

    /// Writes a record, or keeps it for the log that will come.
    pub(super) fn emit(&mut self, record: Record) -> Result<(), RunError> {
        match &self.log {
            Some(log) => log.append(&record).map_err(|error| RunError::Log { path: log.path().to_path_buf(), error }),
            None => {
                self.waiting.push(record);
                Ok(())
            }
        }
    }

    /// Has the disk take what was written.
    pub(super) fn sync(&self) -> Result<(), RunError> {
        match &self.log {
            Some(log) => log.sync().map_err(|error| RunError::Log { path: log.path().to_path_buf(), error }),
            None => Ok(()),
        }
    }

    /// Time of the log.
    pub(super) fn now(&self) -> u64 {
        self.at(sys::now_ns())
    }

    /// A moment of the system's clock in the log's time.
    pub(super) fn at(&self, moment: u64) -> u64 {
        moment.wrapping_sub(self.epoch)
    }

    /// The number of a new fork.
    pub(super) fn next_fork(&mut self) -> u32 {
        self.next_fork += 1;
        self.next_fork - 1
    }
}
