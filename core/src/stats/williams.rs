//! Orders in which each benchmark follows each other one equally often (STATISTICS S11): Williams
//! designs (1949).

use alloc::vec::Vec;

use crate::stats::random::Random;

/// More benchmarks than this are not put in order: the design would have the square of it.
pub const MOST_BENCHMARKS: u32 = 2_000;

/// The orders of a Williams design of `m` benchmarks, one list a fork: m of them for even m, 2m for
/// odd m. Each benchmark stands once (twice) at each position and follows each other one once
/// (twice). Repeat the whole list for more forks. Empty for no benchmark, or
/// for more than [`MOST_BENCHMARKS`].
#[must_use]
pub fn williams(m: u32) -> Vec<Vec<u32>> {
    if m > MOST_BENCHMARKS {
        return Vec::new();
    }
    // 0, m − 1, 1, m − 2, 2 …: all differences between neighbours are different.
    let first: Vec<u32> = (0..m).map(|i| if i % 2 == 0 { i / 2 } else { m - 1 - i / 2 }).collect();
    let square = |row: &[u32]| {
        let turned = |by: u32| row.iter().map(move |x| ((u64::from(*x) + u64::from(by)) % u64::from(m)) as u32);
        (0..m).map(|by| turned(by).collect()).collect::<Vec<Vec<u32>>>()
    };
    let mut orders = square(&first);
    if m > 1 && m % 2 == 1 {
        let reversed: Vec<u32> = first.iter().rev().copied().collect();
        orders.extend(square(&reversed));
    }
    orders
}

/// Orders for `forks` forks: Williams designs one after the other, each with the benchmarks' places
/// in it drawn anew. Repeating one design instead would let a benchmark follow another always at
/// the same position, where the two effects are hard to tell apart. Balanced after each whole
/// design of m (odd: 2m) forks.
#[must_use]
pub fn schedule(m: u32, forks: u32, seed: u64) -> Vec<Vec<u32>> {
    let design = williams(m);
    let mut names: Vec<u32> = (0..m).collect();
    let mut out: Vec<Vec<u32>> = Vec::new();
    let mut random = Random::new(seed);
    while (out.len() as u64) < u64::from(forks) && !design.is_empty() {
        random.shuffle(&mut names);
        let renamed = |order: &Vec<u32>| order.iter().filter_map(|b| names.get(*b as usize).copied()).collect();
        out.extend(design.iter().map(renamed).take(forks as usize - out.len()));
    }
    out
}

#[cfg(test)]
mod tests {
    use super::{schedule, williams};
    use alloc::collections::BTreeMap;

    #[test]
    fn williams_designs_are_balanced() {
        for m in 1..=13u32 {
            let orders = williams(m);
            let times = if m > 1 && m % 2 == 1 { 2 } else { 1 };
            assert_eq!(orders.len() as u32, m * times);
            let mut pairs: BTreeMap<(u32, u32), u32> = BTreeMap::new();
            let mut places: BTreeMap<(usize, u32), u32> = BTreeMap::new();
            for order in &orders {
                order.iter().enumerate().for_each(|(i, b)| *places.entry((i, *b)).or_default() += 1);
                order.windows(2).for_each(|w| *pairs.entry((w[0], w[1])).or_default() += 1);
            }
            assert_eq!(pairs.len() as u32, m * (m - 1));
            assert!(pairs.iter().all(|((a, b), n)| a != b && *n == times), "{m}");
            assert!(places.len() as u32 == m * m && places.values().all(|n| *n == times), "{m}");
        }
        assert!(williams(0).is_empty() && williams(u32::MAX).is_empty());
    }

    #[test]
    fn schedules_stay_balanced_and_move_pairs_about() {
        let orders = schedule(5, 20, 1);
        let mut pairs: BTreeMap<(u32, u32), u32> = BTreeMap::new();
        orders.iter().flat_map(|o| o.windows(2)).for_each(|w| *pairs.entry((w[0], w[1])).or_default() += 1);
        assert!(pairs.len() == 20 && pairs.values().all(|n| *n == 4), "{pairs:?}");
        assert_ne!(orders[..10], orders[10..]);
        assert_eq!((schedule(5, 7, 1).len(), schedule(0, 7, 1).len(), schedule(1, 3, 1).len()), (7, 0, 3));
    }
}
