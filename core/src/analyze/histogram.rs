//! Counts of used values on one axis, for the distribution plot.

use alloc::vec;
use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::report::Histogram;
use crate::stats::design::Units;

/// Bins the used values of all sides on one axis: from 10 to 60 bins by the root of the count,
/// over the values within 3 interquartile ranges of the quartiles; what lies beyond is counted in
/// the first or last bin. `None` without values or where all are the same.
pub(super) fn histogram(sides: &[Option<(&SideSeries, &Units)>]) -> Option<Histogram> {
    let lists = || sides.iter().flatten().map(|(_, units)| units.sorted.as_slice());
    let mut pooled: Vec<f64> = lists().flatten().copied().collect();
    let last = pooled.len().checked_sub(1).filter(|last| *last > 0)?;
    let (low, high) = (last * 25 / 100, last * 75 / 100);
    let (_, q1, above) = pooled.select_nth_unstable_by(low, f64::total_cmp);
    let q1 = *q1;
    let q3 = (high - low).checked_sub(1).map_or(q1, |at| *above.select_nth_unstable_by(at, f64::total_cmp).1);
    let min = lists().filter_map(|list| list.first().copied()).min_by(f64::total_cmp)?;
    let max = lists().filter_map(|list| list.last().copied()).max_by(f64::total_cmp)?;
    let reach = if q3 > q1 { 3.0 * (q3 - q1) } else { max - min };
    let (low, high) = ((q1 - reach).max(min), (q3 + reach).min(max));
    let width = high - low;
    if width <= 0.0 || !width.is_finite() {
        return None;
    }
    let bins = (10usize..60).find(|b| b * b >= pooled.len()).unwrap_or(60);
    let edges: Vec<f64> =
        (0..=bins).map(|i| if i == bins { high } else { low + width * i as f64 / bins as f64 }).collect();
    let count = |(series, units): (&SideSeries, &Units)| {
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
    let counts = sides.iter().map(|side| side.map(count).unwrap_or_default()).collect();
    Some(Histogram { edges, counts })
}
