//! Counts of used values on one axis, for the distribution plot.

use alloc::vec;
use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::report::Histogram;

/// Bins the used values of all sides on one axis: from 10 to 60 bins by the root of the count,
/// over the values within 3 interquartile ranges of the quartiles; what lies beyond is counted in
/// the first or last bin. `None` without values or where all are the same.
pub(super) fn histogram(sides: &[Option<SideSeries>]) -> Option<Histogram> {
    let used = |s: &SideSeries| -> Vec<(f64, u64)> {
        (0..s.columns.len())
            .filter(|i| s.is_used(*i))
            .filter_map(|i| Some((*s.columns.values.get(i)?, s.columns.weight.get(i).copied().unwrap_or(1))))
            .collect()
    };
    let values: Vec<Vec<(f64, u64)>> = sides.iter().map(|s| s.as_ref().map(used).unwrap_or_default()).collect();
    let mut pooled: Vec<f64> = values.iter().flatten().map(|(v, _)| *v).collect();
    if pooled.len() < 2 {
        return None;
    }
    crate::sort::sort_values(&mut pooled);
    let at = |p: usize| pooled[((pooled.len() - 1) * p / 100).min(pooled.len() - 1)];
    let (min, max, q1, q3) = (at(0), at(100), at(25), at(75));
    let reach = if q3 > q1 { 3.0 * (q3 - q1) } else { max - min };
    let (low, high) = ((q1 - reach).max(min), (q3 + reach).min(max));
    let width = high - low;
    if width <= 0.0 || !width.is_finite() {
        return None;
    }
    let bins = (10usize..60).find(|b| b * b >= pooled.len()).unwrap_or(60);
    let edges: Vec<f64> =
        (0..=bins).map(|i| if i == bins { high } else { low + width * i as f64 / bins as f64 }).collect();
    let counts = values
        .iter()
        .map(|side| {
            let mut bin = vec![0u64; if side.is_empty() { 0 } else { bins }];
            for (value, weight) in side {
                let place = ((value - low) / width * bins as f64).max(0.0) as usize;
                if let Some(count) = bin.get_mut(place.min(bins - 1)) {
                    *count = count.saturating_add(*weight);
                }
            }
            bin
        })
        .collect();
    Some(Histogram { edges, counts })
}
