//! Counts of used values on one axis, for the distribution plot.

use alloc::vec;
use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::report::Histogram;
use crate::stats::design::Units;

/// Lists of values up to which they are looked through together.
const FEW: usize = 2;

/// Bins the used values of all sides on one axis: from 10 to 60 bins by the root of the count,
/// over the values within 3 interquartile ranges of the quartiles; what lies beyond is counted in
/// the first or last bin. `None` without values or where all are the same.
pub(super) fn histogram(sides: &[Option<(&SideSeries, &Units)>]) -> Option<Histogram> {
    let lists = || sides.iter().flatten().map(|(_, units)| units.sorted.as_slice());
    let count: usize = lists().map(<[f64]>::len).sum();
    let last = count.checked_sub(1).filter(|last| *last > 0)?;
    let (low, high) = (last * 25 / 100, last * 75 / 100);
    let (q1, q3) = ranked(&lists().collect::<Vec<_>>(), low, high)?;
    let min = lists().filter_map(|list| list.first().copied()).min_by(f64::total_cmp)?;
    let max = lists().filter_map(|list| list.last().copied()).max_by(f64::total_cmp)?;
    let reach = if q3 > q1 { 3.0 * (q3 - q1) } else { max - min };
    let (low, high) = ((q1 - reach).max(min), (q3 + reach).min(max));
    let width = high - low;
    if width <= 0.0 || !width.is_finite() {
        return None;
    }
    let bins = (10usize..60).find(|b| b * b >= count).unwrap_or(60);
    let edges: Vec<f64> =
        (0..=bins).map(|i| if i == bins { high } else { low + width * i as f64 / bins as f64 }).collect();
    let binned = |(series, units): (&SideSeries, &Units)| {
        let mut bin = vec![0u64; if units.sorted.is_empty() { 0 } else { bins }];
        let mut add = |value: f64, weight: u64| {
            let place = ((value - low) / width * bins as f64).max(0.0) as usize;
            if let Some(count) = bin.get_mut(place.min(bins - 1)) {
                *count = count.saturating_add(weight);
            }
        };
        let columns = &series.columns;
        if columns.weight.is_empty() {
            units.sorted.iter().for_each(|v| add(*v, 1));
        } else {
            let weighted = columns.values.iter().zip(&columns.weight).enumerate();
            weighted.filter(|(i, _)| series.is_used(*i)).for_each(|(_, (v, w))| add(*v, *w));
        }
        bin
    };
    let counts = sides.iter().map(|side| side.map(binned).unwrap_or_default()).collect();
    Some(Histogram { edges, counts })
}

/// The values of two ranks, counted from 0, among all values of lists in rising order.
fn ranked(lists: &[&[f64]], low: usize, high: usize) -> Option<(f64, f64)> {
    if lists.len() > FEW {
        let mut pooled: Vec<f64> = lists.iter().copied().flatten().copied().collect();
        pooled.get(high)?;
        let (_, first, above) = pooled.select_nth_unstable_by(low, f64::total_cmp);
        let first = *first;
        let second =
            (high - low).checked_sub(1).map_or(first, |at| *above.select_nth_unstable_by(at, f64::total_cmp).1);
        return Some((first, second));
    }
    // One after the other, the smallest of what the lists begin with.
    let mut rest = [&[][..]; FEW];
    rest.iter_mut().zip(lists).for_each(|(rest, list)| *rest = list);
    let (mut first, mut last) = (0.0, 0.0);
    for rank in 0..=high {
        let smaller = |a: &&mut &[f64], b: &&mut &[f64]| a[0].total_cmp(&b[0]);
        let list = rest.iter_mut().filter(|list| !list.is_empty()).min_by(smaller)?;
        (last, *list) = (list[0], &list[1..]);
        if rank == low {
            first = last;
        }
    }
    Some((first, last))
}
