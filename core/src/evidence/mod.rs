//! What stands beside a measurement and explains it: logs of garbage collectors, notes of a compiler on
//! what escapes to the heap, traces of a scheduler.
//!
//! Evidence never is a result: it is summarised, set beside the side that it belongs to, and only the
//! rule of three collections in a row (STATISTICS S10) lets it take values out of a test.

mod collected;
mod collections;
mod names;
mod notes;
mod schedule;

pub(crate) use collections::Cycle;
pub use collections::{Clock, Collections, CycleKind};
pub use names::{Name, Names};
pub use notes::{MAX_CHAIN, NoteKind, Notes, Site};
pub(crate) use schedule::Moment;
pub use schedule::Schedule;

use crate::report::{EvidenceKind, EvidenceReport};

/// Rows of one table at most: cycles, pauses, places in the source, lines of a trace. What is beyond is
/// counted in a notice.
pub const MAX_ROWS: usize = 4_000_000;

/// One kind of evidence out of one file.
#[derive(Clone, Debug, PartialEq)]
pub enum Evidence {
    /// A log of collections.
    Collections(Collections),
    /// A compiler's notes.
    Notes(Notes),
    /// A scheduler's trace.
    Schedule(Schedule),
}

impl Evidence {
    /// Which kind it is.
    #[must_use]
    pub fn kind(&self) -> EvidenceKind {
        match self {
            Evidence::Collections(_) => EvidenceKind::Collections,
            Evidence::Notes(_) => EvidenceKind::CompilerNotes,
            Evidence::Schedule(_) => EvidenceKind::Schedule,
        }
    }

    /// What the report says of it, still without the input and the side. `confidence` is that of
    /// intervals, in (0, 1).
    #[must_use]
    pub fn summarize(&self, confidence: f64) -> EvidenceReport {
        let mut report = EvidenceReport::of(self.kind());
        match self {
            Evidence::Collections(c) => report.collections = Some(c.summarize(confidence)),
            Evidence::Notes(n) => report.notes = Some(n.summarize()),
            Evidence::Schedule(s) => report.schedule = Some(s.summarize(confidence)),
        }
        report
    }
}
