//! The best single split of a series by energy distance, with a permutation test (E-divisive,
//! Matteson and James 2014).

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::order::sorted;
use crate::stats::random::{Random, seed as seed_of};

/// Permutations at most: p = (1 + hits) / (1 + 999).
const PERMUTATIONS: u32 = 999;
/// Hits after which the answer is clear enough to stop (Besag and Clifford 1991).
const HITS: u32 = 20;

/// The largest Q̂ = mn/(m+n) · (2 E|X−Y| − E|X−X'| − E|Y−Y'|) over all splits that leave `least`
/// values on both sides: where, and how large. `None` when there is none.
pub(crate) fn best_split(values: &[f64], least: usize) -> Option<(usize, f64)> {
    Energy::new(values).best(values, least.max(2))
}

/// Chance of a Q̂ as large in random order: permutations of the same values, each searched for its
/// own best split. The stream depends on the values and the seed only.
pub(crate) fn split_p(values: &[f64], least: usize, seed: u64) -> f64 {
    let energy = Energy::new(values);
    let least = least.max(2);
    let Some((_, seen)) = energy.best(values, least) else { return 1.0 };
    let mut random = Random::new(seed_of(values.iter().copied(), "e_divisive", seed));
    let mut shuffled = values.to_vec();
    let (mut hits, mut tried) = (0, 0);
    while tried < PERMUTATIONS && hits < HITS {
        random.shuffle(&mut shuffled);
        tried += 1;
        let found = energy.best(&shuffled, least).map_or(0.0, |b| b.1);
        hits += u32::from(found >= seen * (1.0 - 1e-12));
    }
    if hits == HITS { f64::from(hits) / f64::from(tried) } else { f64::from(1 + hits) / f64::from(1 + tried) }
}

/// Distances of a value to all values of a growing set in O(log n): counts and sums by rank, in
/// trees of partial sums (Fenwick 1994).
struct Energy {
    ranked: Vec<f64>,
    /// Sum of the distances of all pairs.
    all: f64,
}

impl Energy {
    fn new(values: &[f64]) -> Energy {
        let ranked = sorted(values.to_vec());
        let n = ranked.len() as f64;
        // About the middle, so that large values do not swallow small distances.
        let middle = ranked.get(ranked.len() / 2).copied().unwrap_or(0.0);
        let all = ranked.iter().enumerate().map(|(i, v)| (v - middle) * (2.0 * i as f64 - n + 1.0)).sum();
        Energy { ranked, all }
    }

    fn best(&self, values: &[f64], least: usize) -> Option<(usize, f64)> {
        let n = values.len();
        if n < 2 * least {
            return None;
        }
        let middle = *self.ranked.get(n / 2)?;
        let total: f64 = self.ranked.iter().map(|v| v - middle).sum();
        let mut tree = vec![(0.0f64, 0.0f64); n + 1];
        let (mut within, mut left_sum, mut to_all) = (0.0, 0.0, 0.0);
        let mut best: Option<(usize, f64)> = None;
        // Sums over everything below each rank, for distances to all values.
        let mut below_all = Vec::with_capacity(n + 1);
        let mut running = 0.0;
        for v in &self.ranked {
            below_all.push(running);
            running += v - middle;
        }
        below_all.push(running);
        for (i, value) in values.iter().enumerate() {
            let v = value - middle;
            let rank = self.ranked.partition_point(|r| r < value);
            let (count, sum) = prefix(&tree, rank);
            let (k, r) = (i as f64, rank as f64);
            // Distances to those before it, and to all.
            within += (count * v - sum) + ((left_sum - sum) - (k - count) * v);
            to_all += (r * v - below_all.get(rank)?) + ((total - below_all.get(rank)?) - (n as f64 - r) * v);
            left_sum += v;
            add(&mut tree, rank, v);
            let (m, split) = (k + 1.0, i + 1);
            let rest = n as f64 - m;
            if split >= least && n - split >= least {
                // Every distance from the left counts to left (twice) or to the right.
                let across = to_all - 2.0 * within;
                let right = self.all - within - across;
                let q = m * rest / (m + rest)
                    * (2.0 * across / (m * rest)
                        - 2.0 * within / (m * (m - 1.0))
                        - 2.0 * right / (rest * (rest - 1.0)));
                if best.is_none_or(|b| q > b.1) {
                    best = Some((split, q));
                }
            }
        }
        best
    }
}

/// Count and sum of the entries below a rank.
fn prefix(tree: &[(f64, f64)], rank: usize) -> (f64, f64) {
    let (mut at, mut out) = (rank, (0.0, 0.0));
    while at > 0 {
        let entry = tree.get(at).copied().unwrap_or((0.0, 0.0));
        out = (out.0 + entry.0, out.1 + entry.1);
        at &= at - 1;
    }
    out
}

fn add(tree: &mut [(f64, f64)], rank: usize, value: f64) {
    let mut at = rank + 1;
    while let Some(entry) = tree.get_mut(at) {
        *entry = (entry.0 + 1.0, entry.1 + value);
        at += at & at.wrapping_neg();
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::{best_split, split_p};
    use crate::stats::random::{Random, seed as seed_of};

    fn noise(n: usize, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed_of([], "energy", seed));
        (0..n).map(|_| 100.0 + random.normal()).collect()
    }

    #[test]
    fn the_split_is_that_of_the_definition() {
        let mut values = noise(30, 1);
        values.iter_mut().skip(18).for_each(|v| *v = libm::round(*v + 2.0));
        let mean = |a: &[f64], b: &[f64], pairs: f64| {
            a.iter().flat_map(|x| b.iter().map(move |y| (x - y).abs())).sum::<f64>() / pairs
        };
        let q = |t: usize| {
            let (a, b) = values.split_at(t);
            let (m, n) = (a.len() as f64, b.len() as f64);
            let inner = mean(a, a, m * (m - 1.0)) + mean(b, b, n * (n - 1.0));
            m * n / (m + n) * (2.0 * mean(a, b, m * n) - inner)
        };
        let expected = (3..=27).max_by(|a, b| q(*a).total_cmp(&q(*b))).unwrap();
        let (at, found) = best_split(&values, 3).unwrap();
        assert_eq!(at, expected);
        assert!((found - q(at)).abs() < 1e-10, "{found} {}", q(at));
    }

    #[test]
    fn permutation_p_is_uniform_under_no_change() {
        let p: Vec<f64> = (0..300).map(|s| split_p(&noise(25, s), 3, 0)).collect();
        let below = |limit: f64| p.iter().filter(|p| **p <= limit).count();
        assert!((5..=27).contains(&below(0.05)) && (40..=80).contains(&below(0.2)), "{} {}", below(0.05), below(0.2));
        assert_eq!(split_p(&noise(25, 1), 3, 0), split_p(&noise(25, 1), 3, 0));
    }

    #[test]
    fn edges() {
        assert_eq!(best_split(&[], 3), None);
        assert_eq!(best_split(&[1.0; 5], 3), None);
        assert_eq!(best_split(&[1.0; 6], 3).unwrap().1, 0.0);
        assert_eq!(split_p(&[1.0; 20], 3, 0), 1.0);
        assert_eq!(split_p(&[1.0, 2.0], 3, 0), 1.0);
    }
}
