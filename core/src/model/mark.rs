//! Marks: reason codes on iterations and forks. Exclusion is by cause, never by value.

use serde::{Deserialize, Serialize};

/// One reason code.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[repr(u8)]
pub enum Mark {
    /// Recorded before measuring began.
    Warmup = 0,
    /// The process ended with an error, or the tool says that the value failed.
    Failed = 1,
    /// The block it belongs to was not finished.
    Interrupted = 2,
    /// A profiler ran at the same time.
    Profiled = 3,
    /// A discarded pilot run, for planning.
    Pilot = 4,
    /// A user took it out.
    Excluded = 5,
    /// The collector ran three times in a row (STATISTICS S10).
    GcBiased = 6,
    /// The scheduler took the core away while it ran.
    Preempted = 7,
    /// It moved to another core.
    Migrated = 8,
    /// Pages were read from disk.
    MajorFault = 9,
    /// The cgroup was throttled.
    Throttled = 10,
    /// The core's frequency changed.
    FrequencyChanged = 11,
    /// The result of the command was not the expected one, and the failure was to be ignored.
    IgnoredFailure = 12,
    /// So many of the process's values were left out that the rest says nothing (STATISTICS S10).
    TooFewLeft = 13,
}

impl Mark {
    /// Every mark, in the order of its bit.
    pub const ALL: [Mark; 14] = [
        Mark::Warmup,
        Mark::Failed,
        Mark::Interrupted,
        Mark::Profiled,
        Mark::Pilot,
        Mark::Excluded,
        Mark::GcBiased,
        Mark::Preempted,
        Mark::Migrated,
        Mark::MajorFault,
        Mark::Throttled,
        Mark::FrequencyChanged,
        Mark::IgnoredFailure,
        Mark::TooFewLeft,
    ];

    /// Stable snake_case id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Mark::Warmup => "warmup",
            Mark::Failed => "failed",
            Mark::Interrupted => "interrupted",
            Mark::Profiled => "profiled",
            Mark::Pilot => "pilot",
            Mark::Excluded => "excluded",
            Mark::GcBiased => "gc_biased",
            Mark::Preempted => "preempted",
            Mark::Migrated => "migrated",
            Mark::MajorFault => "major_fault",
            Mark::Throttled => "throttled",
            Mark::FrequencyChanged => "frequency_changed",
            Mark::IgnoredFailure => "ignored_failure",
            Mark::TooFewLeft => "too_few_left",
        }
    }

    /// The mark with this id.
    #[must_use]
    pub fn from_code(code: &str) -> Option<Mark> {
        Mark::ALL.into_iter().find(|m| m.code() == code)
    }
}

/// A set of marks.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct Marks(u32);

impl Marks {
    /// No mark: an ordinary measured value.
    pub const NONE: Marks = Marks(0);

    /// The marks whose bearer stays out of every test and interval. The others are evidence: a
    /// preempted batch stays in, since dropping what was slow would bias the result.
    pub const EXCLUDING: Marks = Marks(
        1 << Mark::Warmup as u32
            | 1 << Mark::Failed as u32
            | 1 << Mark::Interrupted as u32
            | 1 << Mark::Profiled as u32
            | 1 << Mark::Pilot as u32
            | 1 << Mark::Excluded as u32
            | 1 << Mark::GcBiased as u32
            | 1 << Mark::FrequencyChanged as u32
            | 1 << Mark::TooFewLeft as u32,
    );

    /// The set that holds one mark.
    #[must_use]
    pub const fn of(mark: Mark) -> Marks {
        Marks(1 << mark as u32)
    }
    /// This set with one more.
    #[must_use]
    pub const fn with(self, mark: Mark) -> Marks {
        Marks(self.0 | 1 << mark as u32)
    }
    /// This set without those of another.
    #[must_use]
    pub const fn less(self, other: Marks) -> Marks {
        Marks(self.0 & !other.0)
    }
    /// The union.
    #[must_use]
    pub const fn union(self, other: Marks) -> Marks {
        Marks(self.0 | other.0)
    }
    /// Whether it holds a mark.
    #[must_use]
    pub const fn has(self, mark: Mark) -> bool {
        self.0 & (1 << mark as u32) != 0
    }
    /// Whether two sets share a mark.
    #[must_use]
    pub const fn intersects(self, other: Marks) -> bool {
        self.0 & other.0 != 0
    }
    /// Whether a value with these marks takes part in tests.
    #[must_use]
    pub const fn is_used(self) -> bool {
        !self.intersects(Marks::EXCLUDING)
    }
    /// Whether it is empty.
    #[must_use]
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }
    /// The bits, one per [`Mark`] in its order; what typed arrays carry.
    #[must_use]
    pub const fn bits(self) -> u32 {
        self.0
    }
    /// The marks in it.
    pub fn iter(self) -> impl Iterator<Item = Mark> {
        Mark::ALL.into_iter().filter(move |m| self.has(*m))
    }
}
