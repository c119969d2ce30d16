//! The clock of a batch.

use std::time::Duration;

use crate::sys;

/// A clock that a benchmark may stop. Stopping and starting read the clock once each (about 25 ns).
#[derive(Clone, Copy, Debug, Default)]
pub struct Timer {
    spent: u64,
    since: Option<u64>,
}

impl Timer {
    /// A clock at zero that stands.
    #[must_use]
    pub fn new() -> Timer {
        Timer::default()
    }

    /// Goes on; a running clock is left as it is.
    #[inline]
    pub fn start(&mut self) {
        if self.since.is_none() {
            self.since = Some(sys::now_ns());
        }
    }

    /// Stands still; a standing clock is left as it is.
    #[inline]
    pub fn stop(&mut self) {
        let now = sys::now_ns();
        if let Some(since) = self.since.take() {
            self.spent += now.saturating_sub(since);
        }
    }

    /// Adds what another clock measured.
    pub(super) fn add(&mut self, time: Duration) {
        self.spent = self.spent.saturating_add(u64::try_from(time.as_nanos()).unwrap_or(u64::MAX));
    }

    /// Forgets what was measured; a running clock runs on from zero.
    pub fn reset(&mut self) {
        self.spent = 0;
        if self.since.is_some() {
            self.since = Some(sys::now_ns());
        }
    }

    /// Nanoseconds measured.
    #[must_use]
    pub fn nanos(&self) -> u64 {
        self.spent + self.since.map_or(0, |since| sys::now_ns().saturating_sub(since))
    }
}
