//! The profiler on systems without perf events: it always says so.

use super::{ProfileOutput, ProfilerError, ProfilerOptions};

/// Samples one process tree; exists on Linux only, so here it cannot be made.
#[derive(Debug)]
pub enum Profiler {}

impl Profiler {
    /// Always [`ProfilerError::Unsupported`] on this system.
    pub fn attach(_pid: u32, _options: &ProfilerOptions) -> Result<Profiler, ProfilerError> {
        Err(unsupported())
    }

    /// Always [`ProfilerError::Unsupported`] on this system.
    pub fn attach_running(_pid: u32, _options: &ProfilerOptions) -> Result<Profiler, ProfilerError> {
        Err(unsupported())
    }

    /// Cannot be reached.
    pub fn poll(&mut self) -> Result<(), ProfilerError> {
        match *self {}
    }

    /// Cannot be reached.
    pub fn finish(self) -> Result<ProfileOutput, ProfilerError> {
        match self {}
    }
}

/// The one answer of this system.
pub(super) fn unsupported() -> ProfilerError {
    ProfilerError::Unsupported { reason: "sampling another process needs Linux perf events".to_owned() }
}

/// Gathers profilers of one program's runs; on this system there are none.
#[derive(Debug, Default)]
pub struct ProfileCollector;

impl ProfileCollector {
    /// An empty collection.
    pub fn new() -> Self {
        Self
    }

    /// Has nothing to take out.
    #[must_use]
    pub fn redacted(self, _redact: bool) -> Self {
        self
    }

    /// Cannot be reached.
    pub fn add(&mut self, profiler: Profiler) -> Result<(), ProfilerError> {
        match profiler {}
    }

    /// Always [`ProfilerError::Unsupported`] on this system.
    pub fn finish(self) -> Result<ProfileOutput, ProfilerError> {
        Err(unsupported())
    }
}
