//! Iterations that several garbage collections fell into (STATISTICS S10), and the audit of leaving
//! them out: by cause, never by value.

use alloc::vec::Vec;

use crate::sort::{sort_by, sort_values};
use crate::stats::order::median;

/// Collections in a row that bias an iteration.
const IN_A_ROW: usize = 3;
/// Share of biased iterations from which collecting is part of the work.
const PART_OF_WORK: f64 = 0.1;

/// One garbage collection cycle.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Collection {
    /// Start in seconds, on the same clock as the iterations.
    pub start: f64,
    /// End, like `start`; not before it.
    pub end: f64,
    /// Seconds for which the program stood still; the whole cycle for a collector that stops it.
    pub pause: f64,
}

/// What collections did to the iterations of one process.
#[derive(Clone, Debug, PartialEq)]
pub struct CollectionBias {
    /// For each iteration whether it is biased.
    pub biased: Vec<bool>,
    /// How many are.
    pub count: u64,
    /// Seconds of undisturbed work between two cycles that end a row: 10 × the median pause.
    pub longest_gap: f64,
    /// Whether more than a tenth would be marked (`gc_bound`): collecting is then part of the work,
    /// and none is to be left out.
    pub gc_bound: bool,
}

impl CollectionBias {
    /// Whether iteration `i` is to be marked `gc_biased`.
    #[must_use]
    pub fn is_excluded(&self, i: usize) -> bool {
        !self.gc_bound && self.biased.get(i).copied().unwrap_or(false)
    }
}

/// Finds the iterations `(start, end)` of one process in which at least three cycles started without
/// a gap longer than 10 × the median pause of the process between them. `gap` replaces that limit,
/// in seconds. Cycles that are not finite or end before they start are ignored; their order does not
/// matter. Without cycles nothing is biased and the gap is 0.
#[must_use]
pub fn collection_bias(iterations: &[(f64, f64)], cycles: &[Collection], gap: Option<f64>) -> CollectionBias {
    let sound = |c: &&Collection| c.start.is_finite() && c.end.is_finite() && c.pause.is_finite() && c.end >= c.start;
    let mut cycles: Vec<Collection> = cycles.iter().filter(sound).copied().collect();
    sort_by(&mut cycles, &mut |a, b| a.start.total_cmp(&b.start).then(a.end.total_cmp(&b.end)));
    let mut pauses: Vec<f64> = cycles.iter().map(|c| c.pause).collect();
    sort_values(&mut pauses);
    let longest_gap = gap.unwrap_or(10.0 * median(&pauses).unwrap_or(0.0));
    let biased: Vec<bool> = iterations
        .iter()
        .map(|(start, end)| {
            let from = cycles.partition_point(|c| c.start < *start);
            let to = cycles.partition_point(|c| c.start < *end);
            let inside = cycles.get(from..to).unwrap_or(&[]);
            // A cycle may run on beside the next: the gap begins when the last of them ends.
            let (mut row, mut busy_until) = (0, f64::NEG_INFINITY);
            inside.iter().any(|c| {
                row = if row > 0 && c.start - busy_until <= longest_gap { row + 1 } else { 1 };
                busy_until = busy_until.max(c.end);
                row >= IN_A_ROW
            })
        })
        .collect();
    let count = biased.iter().filter(|b| **b).count() as u64;
    let gc_bound = count as f64 > PART_OF_WORK * iterations.len() as f64;
    CollectionBias { biased, count, longest_gap, gc_bound }
}

/// Exclusions of one process.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Exclusions {
    /// Iterations that were left out for a cause.
    pub excluded: u64,
    /// Iterations in all.
    pub all: u64,
}

impl Exclusions {
    /// Whether too little is left: under half of the iterations, or fewer than two. The process is
    /// then dropped, and counted. A process that never had two iterations is no less than it was.
    #[must_use]
    pub fn drops_fork(self) -> bool {
        let left = self.all.saturating_sub(self.excluded);
        self.excluded > 0 && (2 * left < self.all || left < 2)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Collection, Exclusions, collection_bias};

    fn cycle(start: f64) -> Collection {
        Collection { start, end: start + 0.001, pause: 0.001 }
    }

    /// Twenty iterations of a second.
    fn iterations() -> Vec<(f64, f64)> {
        (0..20).map(|i| (f64::from(i), f64::from(i) + 1.0)).collect()
    }

    #[test]
    fn three_in_a_row_within_an_iteration() {
        // Gap limit 0.01: close together in iteration 3, spread in 5, over the border in 7 and 8.
        let starts = [3.1, 3.105, 3.11, 5.1, 5.2, 5.3, 7.99, 7.995, 8.0, 8.005];
        let cycles: Vec<Collection> = starts.into_iter().map(cycle).collect();
        let found = collection_bias(&iterations(), &cycles, None);
        assert_eq!(found.longest_gap, 0.01);
        assert_eq!((found.count, found.is_excluded(3), found.gc_bound), (1, true, false));
        // A longer gap allowed by hand.
        assert_eq!(collection_bias(&iterations(), &cycles, Some(0.2)).count, 2);
        // The order of a log does not matter.
        let reversed: Vec<Collection> = cycles.iter().rev().copied().collect();
        assert_eq!(collection_bias(&iterations(), &reversed, None), found);
    }

    #[test]
    fn two_then_a_gap_then_two_are_not_three() {
        let cycles: Vec<Collection> = [1.1, 1.105, 1.5, 1.505].into_iter().map(cycle).collect();
        assert_eq!(collection_bias(&iterations(), &cycles, None).count, 0);
    }

    #[test]
    fn above_a_tenth_collecting_is_the_work() {
        let burst = |i: u32| (0..3).map(move |k| cycle(f64::from(i) + 0.1 + 0.005 * f64::from(k)));
        let found = collection_bias(&iterations(), &(0..3).flat_map(burst).collect::<Vec<_>>(), None);
        assert!(found.gc_bound && found.count == 3 && !found.is_excluded(0));
        // Exactly a tenth is not above.
        assert!(!collection_bias(&iterations(), &(0..2).flat_map(burst).collect::<Vec<_>>(), None).gc_bound);
    }

    #[test]
    fn nothing_and_nonsense() {
        assert!(collection_bias(&[], &[], None).biased.is_empty());
        assert_eq!(collection_bias(&iterations(), &[], None).longest_gap, 0.0);
        let broken = Collection { start: f64::NAN, end: 1.0, pause: 1.0 };
        assert_eq!(collection_bias(&iterations(), &[broken; 5], None).count, 0);
    }

    #[test]
    fn a_process_is_dropped_when_too_little_is_left() {
        let drops = |excluded, all| Exclusions { excluded, all }.drops_fork();
        assert!(drops(6, 10) && drops(2, 3) && drops(1, 2) && drops(1, 1));
        assert!(!drops(5, 10) && !drops(0, 1) && !drops(0, 0) && !drops(1, 3));
    }
}
