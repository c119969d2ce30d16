//! Sorting without a sorting algorithm per type.
//!
//! The standard library makes its algorithm anew for every type and every order, 2 to 4 kB each in
//! the engine of the page. Here one routine sorts places, and what is sorted only follows them. It
//! takes about twice the time, so lists of samples that may be long keep the standard one.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Runs of this length are sorted by insertion.
const RUN: usize = 8;

/// Numbers that are sorted without asking for memory.
const FEW: usize = 64;

/// Sorts numbers by [`f64::total_cmp`]: −0 comes before 0, and what is no number at the ends. Whole
/// numbers in the same order are compared without branches, which takes half the time.
pub(crate) fn sort_values(values: &mut [f64]) {
    let (mut few, mut many) = ([0u64; FEW], Vec::new());
    let keys = match few.get_mut(..values.len()) {
        Some(few) => few,
        None => {
            many.resize(values.len(), 0);
            many.as_mut_slice()
        }
    };
    for (key, value) in keys.iter_mut().zip(values.iter()) {
        *key = in_order(value.to_bits());
    }
    keys.sort_unstable();
    for (value, key) in values.iter_mut().zip(keys) {
        *value = f64::from_bits(if *key >> 63 == 1 { *key ^ 1 << 63 } else { !*key });
    }
}

/// Bits whose order as a whole number is that of the values.
fn in_order(bits: u64) -> u64 {
    if bits >> 63 == 1 { !bits } else { bits | 1 << 63 }
}

/// Sorts places by comparing what they stand for; equal ones keep their order. O(n log n), and O(n)
/// where they are in order; memory for as many places again, none for at most eight.
pub(crate) fn sort_places(places: &mut [u32], compare: &mut dyn FnMut(u32, u32) -> Ordering) {
    for run in places.chunks_mut(RUN) {
        for end in 1..run.len() {
            let mut at = end;
            while at > 0 && compare(run[at - 1], run[at]) == Ordering::Greater {
                run.swap(at - 1, at);
                at -= 1;
            }
        }
    }
    let mut width = RUN;
    let mut left: Vec<u32> = Vec::new();
    while width < places.len() {
        for pair in places.chunks_mut(2 * width).filter(|pair| pair.len() > width) {
            if compare(pair[width - 1], pair[width]) != Ordering::Greater {
                continue;
            }
            // The left half is set aside; the merged list never overtakes the right half.
            left.clear();
            left.extend_from_slice(&pair[..width]);
            let mut right = width;
            let mut at = 0;
            for place in &left {
                while right < pair.len() && compare(*place, pair[right]) == Ordering::Greater {
                    pair[at] = pair[right];
                    at += 1;
                    right += 1;
                }
                pair[at] = *place;
                at += 1;
            }
        }
        width *= 2;
    }
}

/// The places 0 to below `n` in the order of what they stand for; equal ones by place. At most 2³²
/// of them.
pub(crate) fn order(n: usize, compare: &mut dyn FnMut(usize, usize) -> Ordering) -> Vec<u32> {
    let mut places: Vec<u32> = (0..n as u32).collect();
    sort_places(&mut places, &mut |a, b| compare(a as usize, b as usize));
    places
}

/// The places of values from the one that is farthest from 0 to the one that is next to it; equal ones by place. At
/// most 2³² of them.
pub(crate) fn heaviest_first(values: &[f64]) -> Vec<u32> {
    // Half of each value and its place are one whole number, which is sorted in half the time; what differs only in
    // the other half is little, and the rest is in order then.
    let turned = |place: u32| !values[place as usize].abs().to_bits();
    let mut keys: Vec<u64> = (0..values.len() as u32).map(|i| turned(i) >> 32 << 32 | u64::from(i)).collect();
    keys.sort_unstable();
    let mut places: Vec<u32> = keys.into_iter().map(|key| key as u32).collect();
    sort_places(&mut places, &mut |a, b| turned(a).cmp(&turned(b)));
    places
}

/// Sorts a list that is not long by an order of its own; equal elements keep their order.
pub(crate) fn sort_by<T: Clone>(list: &mut Vec<T>, compare: &mut dyn FnMut(&T, &T) -> Ordering) {
    let order = order(list.len(), &mut |a, b| compare(&list[a], &list[b]));
    *list = order.iter().map(|place| list[*place as usize].clone()).collect();
}

/// Sorts a list that is not long in its natural order and leaves one of equal elements.
pub(crate) fn sort_distinct<T: Clone + Ord>(list: &mut Vec<T>) {
    sort_by(list, &mut T::cmp);
    list.dedup();
}

#[cfg(test)]
mod tests {
    use super::{order, sort_by, sort_distinct};
    use crate::stats::random::Random;
    use alloc::vec::Vec;

    #[test]
    fn every_length_comes_out_as_by_a_stable_sort() {
        let mut random = Random::stream(11, 0);
        let choices: Vec<u64> = (0..7).collect();
        for n in (0..70).chain([127, 128, 129, 1000, 1025]) {
            let list: Vec<(u64, usize)> =
                (0..n).map(|i| (random.pick(&choices).copied().unwrap_or(0) * n as u64 / 3, i)).collect();
            let mut want = list.clone();
            want.sort_by_key(|(key, _)| *key);
            let mut got = list.clone();
            sort_by(&mut got, &mut |a, b| a.0.cmp(&b.0));
            assert_eq!(got, want, "{n}");
            let places = order(n, &mut |a, b| list[a].0.cmp(&list[b].0));
            assert!(places.iter().map(|p| *p as usize).eq(want.iter().map(|(_, i)| *i)), "{n}");
            // In order already, and the other way round.
            sort_by(&mut got, &mut |a, b| b.cmp(a));
            want.sort_by(|a, b| b.cmp(a));
            assert_eq!(got, want, "{n}");
            let mut keys: Vec<u64> = list.iter().map(|(key, _)| *key).collect();
            sort_distinct(&mut keys);
            assert!(keys.windows(2).all(|w| w[0] < w[1]) && list.iter().all(|(k, _)| keys.contains(k)), "{n}");
        }
    }

    #[test]
    fn numbers_come_in_total_order() {
        let mut random = Random::stream(3, 0);
        let special = [0.0, -0.0, f64::NAN, -f64::NAN, f64::INFINITY, f64::NEG_INFINITY, 5e-324, -5e-324, 1.0, -1.0];
        let mut got: Vec<f64> =
            special.into_iter().chain((0..999).map(|_| f64::from_bits(random.next_u64()))).collect();
        let mut want = got.clone();
        want.sort_by(f64::total_cmp);
        super::sort_values(&mut got);
        assert!(got.iter().zip(&want).all(|(a, b)| a.to_bits() == b.to_bits()));
    }

    #[test]
    fn the_heaviest_come_first_and_equal_ones_by_place() {
        let mut random = Random::stream(5, 0);
        let near = |random: &mut Random| 1e7 * (1.0 + (random.next_u64() % 5) as f64 * 1e-9);
        for n in [0, 1, 2, 9, 1000] {
            let values: Vec<f64> = (0..n)
                .map(|i| match i % 4 {
                    0 => near(&mut random),
                    1 => -near(&mut random),
                    2 => (random.next_u64() % 7) as f64,
                    _ => f64::from_bits(random.next_u64() >> 2),
                })
                .collect();
            let want = order(n, &mut |a, b| values[b].abs().total_cmp(&values[a].abs()));
            assert_eq!(super::heaviest_first(&values), want, "{values:?}");
        }
    }

    #[test]
    fn a_sorted_list_is_looked_at_once_and_a_bad_one_not_too_often() {
        for (n, most) in [(1usize << 12, 14), (100_000, 20)] {
            let mut count = 0;
            order(n, &mut |a, b| {
                count += 1;
                a.cmp(&b)
            });
            assert!(count < n + n / 2, "{count}");
            let mut count = 0;
            order(n, &mut |a, b| {
                count += 1;
                (a * 7919 % n).cmp(&(b * 7919 % n))
            });
            assert!(count < n * most, "{count}");
        }
    }
}
