//! The k-th smallest of all pairwise sums or differences without forming them.
//!
//! Sorted values put them into a table whose rows rise, and whose threshold moves one way from row
//! to row: counting the entries up to a bound takes one walk along the staircase. Halving the bound
//! finds the k-th entry in about twenty walks (after Johnson and Mizoguchi 1978; Monahan 1984), and
//! ends in at most 128 whatever the values are.

use alloc::vec::Vec;

/// A table of `rows` rows, each rising over the columns from `start(row)` to `columns`.
pub(crate) struct Staircase<S, V> {
    pub(crate) rows: usize,
    pub(crate) columns: usize,
    pub(crate) start: S,
    pub(crate) value: V,
}

/// A table whose entries can be counted and picked by rank.
pub(crate) trait Ranked {
    /// How many entries there are.
    fn len(&self) -> u64;
    /// The `k`-th smallest entry, counted from 1; `None` outside 1 to the number of entries.
    fn kth(&self, k: u64) -> Option<f64>;
    /// The median: the mean of the two middle entries when their number is even.
    fn median(&self) -> Option<f64> {
        let n = self.len();
        let low = self.kth(n.div_ceil(2))?;
        if n % 2 == 1 { Some(low) } else { Some(low / 2.0 + self.kth(n / 2 + 1)? / 2.0) }
    }
}

impl<S: Fn(usize) -> usize, V: Fn(usize, usize) -> f64> Staircase<S, V> {
    /// Calls `with` for each row with the first column whose entry is above `bound`.
    fn walk(&self, bound: f64, mut with: impl FnMut(usize, usize)) {
        let mut column = 0usize;
        for row in 0..self.rows {
            let start = (self.start)(row);
            column = column.clamp(start, self.columns);
            while column < self.columns && (self.value)(row, column) <= bound {
                column += 1;
            }
            while column > start && (self.value)(row, column - 1) > bound {
                column -= 1;
            }
            with(row, column);
        }
    }

    /// Entries up to `bound`.
    fn count(&self, bound: f64) -> u64 {
        let mut total = 0u64;
        self.walk(bound, |row, end| total += (end - (self.start)(row)) as u64);
        total
    }

    /// The entries above `low` and up to `high`.
    fn between(&self, low: f64, high: f64) -> Vec<f64> {
        let mut ends = Vec::with_capacity(self.rows);
        self.walk(low, |_, end| ends.push(end));
        let mut out = Vec::new();
        self.walk(high, |row, end| {
            let from = ends.get(row).copied().unwrap_or(end);
            out.extend((from..end).map(|column| (self.value)(row, column)));
        });
        out
    }
}

impl<S: Fn(usize) -> usize, V: Fn(usize, usize) -> f64> Ranked for Staircase<S, V> {
    fn len(&self) -> u64 {
        (0..self.rows).map(|row| self.columns.saturating_sub((self.start)(row)) as u64).sum()
    }

    fn kth(&self, k: u64) -> Option<f64> {
        if k == 0 || k > self.len() {
            return None;
        }
        let rows = || (0..self.rows).filter(|row| (self.start)(*row) < self.columns);
        let highest = rows().map(|row| (self.value)(row, self.columns - 1)).max_by(f64::total_cmp)?;
        let lowest = rows().map(|row| (self.value)(row, (self.start)(row))).min_by(f64::total_cmp)?;
        // The answer is above `low` and at most `high`, and `below` entries are at most `low`.
        let (mut low, mut high) = (order(lowest).saturating_sub(1), order(highest));
        let (mut below, mut up_to) = (0u64, self.len());
        let enough = (self.rows + self.columns) as u64;
        let mut by_value = true;
        while up_to - below > enough && high - low > 1 {
            // Halving values is quick; halving their order among all numbers is sure to end. Taking
            // turns has both.
            let (l, h) = (unorder(low), unorder(high));
            let by_order = low + (high - low) / 2;
            let middle = if by_value { order(l / 2.0 + h / 2.0).clamp(low + 1, high - 1) } else { by_order };
            by_value = !by_value;
            let count = self.count(unorder(middle));
            if count >= k {
                (high, up_to) = (middle, count);
            } else {
                (low, below) = (middle, count);
            }
        }
        if high - low <= 1 {
            return Some(unorder(high));
        }
        let mut rest = self.between(unorder(low), unorder(high));
        let place = (k - below) as usize - 1;
        (place < rest.len()).then(|| *rest.select_nth_unstable_by(place, f64::total_cmp).1)
    }
}

/// A number that orders like the value; −0 and 0 have the same.
fn order(value: f64) -> u64 {
    let bits = value.to_bits();
    if bits >> 63 == 1 { (!bits).wrapping_add(1) } else { bits | 1 << 63 }
}

/// The value with that order.
fn unorder(order: u64) -> f64 {
    f64::from_bits(if order >> 63 == 1 { order & !(1 << 63) } else { !order.wrapping_sub(1) })
}

/// All differences x − y of two sorted samples.
pub(crate) fn differences<'a>(x: &'a [f64], y: &'a [f64]) -> impl Ranked + use<'a> {
    let (rows, columns) = (x.len(), y.len());
    Staircase { rows, columns, start: |_| 0, value: move |i: usize, j: usize| x[i] - y[columns - 1 - j] }
}

/// The means of all pairs of a sorted sample, each value with itself included.
pub(crate) fn averages(x: &[f64]) -> impl Ranked + use<'_> {
    Staircase {
        rows: x.len(),
        columns: x.len(),
        start: |i| i,
        value: move |i: usize, j: usize| x[i] / 2.0 + x[j] / 2.0,
    }
}

/// The distances of all pairs of different members of a sorted sample.
pub(crate) fn distances(x: &[f64]) -> impl Ranked + use<'_> {
    Staircase { rows: x.len(), columns: x.len(), start: |i| i + 1, value: move |i: usize, j: usize| x[j] - x[i] }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Ranked, averages, differences, distances};
    use crate::stats::random::Random;

    #[track_caller]
    fn check(table: &impl Ranked, mut all: Vec<f64>) {
        all.sort_unstable_by(f64::total_cmp);
        assert_eq!(table.len(), all.len() as u64);
        for (k, want) in all.iter().enumerate() {
            assert_eq!(table.kth(k as u64 + 1), Some(*want), "{k}");
        }
        assert_eq!((table.kth(0), table.kth(all.len() as u64 + 1)), (None, None));
    }

    #[test]
    fn every_rank_is_what_sorting_gives() {
        let mut random = Random::new(1);
        for case in 0..60 {
            // Coarse values, values around zero, and values of very different size.
            let mut draw = |n: u32| -> Vec<f64> {
                let n = random.below(n);
                let one = |random: &mut Random| match case % 3 {
                    0 => f64::from(random.below(5)),
                    1 => random.uniform() - 0.5,
                    _ => (random.uniform() - 0.5) * 10f64.powi(random.below(30) as i32),
                };
                let mut x: Vec<f64> = (0..n).map(|_| one(&mut random)).collect();
                x.sort_unstable_by(f64::total_cmp);
                x
            };
            let (x, y) = (draw(25), draw(25));
            check(&differences(&x, &y), x.iter().flat_map(|a| y.iter().map(move |b| a - b)).collect());
            let n = x.len();
            let pairs = |from: usize| (0..n).flat_map(move |i| (i + from..n).map(move |j| (i, j)));
            check(&averages(&x), pairs(0).map(|(i, j)| x[i] / 2.0 + x[j] / 2.0).collect());
            check(&distances(&x), pairs(1).map(|(i, j)| x[j] - x[i]).collect());
        }
    }
}
