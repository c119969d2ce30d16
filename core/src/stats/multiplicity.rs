//! Many tests at once: adjusted p-values and the level of intervals chosen by looking.

use alloc::vec;
use alloc::vec::Vec;

use crate::sort;

/// Places of p-values in rising order.
fn order(p: &[f64]) -> Vec<usize> {
    let order = sort::order(p.len(), &mut |i, j| p[i].total_cmp(&p[j]));
    order.into_iter().map(|place| place as usize).collect()
}

/// Holm's adjustment, in the order given: the chance of any false hit in the family stays below α.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut out = vec![0.0; p.len()];
    let mut running: f64 = 0.0;
    for (place, index) in order(p).into_iter().enumerate() {
        running = running.max(((p.len() - place) as f64 * p[index]).min(1.0));
        out[index] = running;
    }
    out
}

/// Benjamini and Hochberg's adjustment, in the order given: the expected share of false hits among
/// the hits stays below Q, where a hit is an adjusted p of at most Q.
#[must_use]
pub fn benjamini_hochberg(p: &[f64]) -> Vec<f64> {
    step_up(p, 1.0)
}

/// Benjamini and Yekutieli's: the same for tests that depend on each other in any way.
#[must_use]
pub fn benjamini_yekutieli(p: &[f64]) -> Vec<f64> {
    step_up(p, (1..=p.len()).map(|i| 1.0 / i as f64).sum())
}

fn step_up(p: &[f64], factor: f64) -> Vec<f64> {
    let mut out = vec![0.0; p.len()];
    let mut running: f64 = 1.0;
    for (place, index) in order(p).into_iter().enumerate().rev() {
        running = running.min(p[index] * p.len() as f64 * factor / (place as f64 + 1.0));
        out[index] = running;
    }
    out
}

/// Confidence at which to show the intervals of `selected` rows out of `family`, so that on average
/// at most α of those shown miss (Benjamini and Yekutieli 2005): 1 − Rα/m. `None` when nothing, or
/// more than there is, was selected.
#[must_use]
pub fn selected_confidence(selected: u64, family: u64, alpha: f64) -> Option<f64> {
    (selected > 0 && selected <= family).then(|| 1.0 - selected as f64 * alpha / family as f64)
}

/// Rows expected below α by chance alone when nothing changed: the line that any table of raw
/// p-values needs.
#[must_use]
pub fn expected_by_chance(family: u64, alpha: f64) -> f64 {
    family as f64 * alpha
}
