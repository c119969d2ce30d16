//! One side of one series, joined from every input that contributes to it.

use alloc::vec::Vec;

use crate::model::{Aggregate, Assumption, Columns, Fork, Marks, Stopping};
use crate::unit::{Better, Quantity};

/// All values of one side of one series with their forks: what statistics see.
#[derive(Clone, Debug, PartialEq)]
pub struct SideSeries {
    /// The values; `fork` indexes [`SideSeries::forks`].
    pub columns: Columns,
    /// The processes, in the order in which they started. Block ids are unique per input: two
    /// sides share a block id only when one file shows both in that block.
    pub forks: Vec<Fork>,
    /// Summaries without values, where an input kept only those.
    pub aggregates: Vec<Aggregate>,
    /// Whether arms took turns, as shown by the file.
    pub interleaved: bool,
    /// Whether rounds are lockstep pairs.
    pub lockstep: bool,
    /// Seconds that one block costs, where known.
    pub seconds_per_block: Option<f64>,
    /// How the number of blocks depended on the data; `None` where it was fixed.
    pub stopping: Option<Stopping>,
    /// Spread between runs on the log scale that a passport of the host states, with its degrees of
    /// freedom, for a side of one process; `None`: it has to be assumed.
    pub run_spread: Option<(f64, Option<f64>)>,
    /// What the unit measures.
    pub quantity: Quantity,
    /// Direction in which it gets better.
    pub better: Better,
    /// What may be assumed of the values.
    pub assumption: Assumption,
}

impl SideSeries {
    /// The marks of a value: its own and those of its fork.
    #[must_use]
    pub fn marks_of(&self, value: usize) -> Marks {
        let own = self.columns.marks.get(value).copied().unwrap_or(Marks::NONE);
        let fork = self.columns.fork.get(value).and_then(|f| self.forks.get(*f as usize));
        own.union(fork.map_or(Marks::NONE, |f| f.marks))
    }

    /// All marks that any of its values or processes bears: where these are none, nobody needs to ask for each value.
    #[must_use]
    pub fn marks(&self) -> Marks {
        let own = self.columns.marks.iter().fold(Marks::NONE, |all, marks| all.union(*marks));
        self.forks.iter().fold(own, |all, fork| all.union(fork.marks))
    }

    /// Whether the metric varies from process to process on its own, so that one process does not show its spread.
    #[must_use]
    pub fn varies_between_runs(&self) -> bool {
        self.assumption == Assumption::Varies || self.quantity.varies_between_runs()
    }

    /// Whether a value takes part in tests.
    #[must_use]
    pub fn is_used(&self, value: usize) -> bool {
        self.marks_of(value).is_used()
    }
}
