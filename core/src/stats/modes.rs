//! More than one typical value: Hartigans' dip test, modes by quantile-respectful lowlands, the level
//! that carries them, and two sides compared mode by mode (STATISTICS S12).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::Interval;
use crate::stats::dip::{dip, dip_p};
use crate::stats::estimable::{NotEstimable, check};
use crate::stats::fisher::fisher_exact;
use crate::stats::math::{ln, pow};
use crate::stats::moments::std_dev;
use crate::stats::order::{median, quantile, sorted};
use crate::stats::proportion::clopper_pearson;

/// Values below which modes are not estimated.
const LEAST: usize = 20;
/// Below this chance of the dip the values have more than one mode.
const ALPHA: f64 = 0.05;
/// Share of the area between two peaks, up to the lower one, that must be empty for two modes
/// (Akinshin 2020, sensitivity 0.5).
const EMPTY: f64 = 0.5;

/// One mode.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Mode {
    /// Median of the values in it.
    pub location: f64,
    /// Smallest value in it.
    pub low: f64,
    /// Largest value in it.
    pub high: f64,
    /// Values in it.
    pub n: u64,
    /// Their share of all values: the mode's weight, in (0, 1].
    pub weight: f64,
    /// The weight's interval (Clopper and Pearson 1934), as if the values were independent.
    pub weight_interval: Interval,
}

/// Whether values have one mode or more.
#[derive(Clone, Debug, PartialEq)]
pub struct Modality {
    /// Values used.
    pub n: u64,
    /// Distance of the empirical distribution from the nearest with one mode (Hartigan and Hartigan
    /// 1985), in [1/(2n), 1/4].
    pub dip: f64,
    /// Chance of such a dip among `n` uniform values, from a table of simulated quantiles;
    /// never below 0.0001. Values that repeat raise the dip: see `quantised`.
    pub p: f64,
    /// Whether fewer than half of the values are distinct: the dip then says more about the clock's
    /// steps than about modes, and no modes are listed on its word alone.
    pub quantised: bool,
    /// The modes in order of location: one unless the dip is significant and there are lowlands.
    pub modes: Vec<Mode>,
    /// Σ|hᵢ − hᵢ₋₁| / max h of a histogram, the largest over bin widths: for comparison with tools
    /// that print it; no decision depends on it. `None` without spread.
    pub m_value: Option<f64>,
    /// `hartigan_dip_lowland`.
    pub method: &'static str,
}

impl Modality {
    /// Whether more than one mode was found.
    #[must_use]
    pub fn is_multimodal(&self) -> bool {
        self.modes.len() > 1
    }

    /// The index of the mode that a value belongs to; `None` without modes.
    #[must_use]
    pub fn mode_of(&self, value: f64) -> Option<usize> {
        let last = self.modes.len().checked_sub(1)?;
        let border = |w: &[Mode]| f64::midpoint(w[0].high, w[1].low);
        Some(self.modes.windows(2).position(|w| value <= border(w)).unwrap_or(last))
    }
}

/// Modes of values in any order.
///
/// # Errors
/// Below twenty values, or one is not finite.
pub fn modality(values: &[f64]) -> Result<Modality, NotEstimable> {
    check(values, LEAST)?;
    let sorted = sorted(values.to_vec());
    let (dip, p) = dipped(&sorted);
    Ok(Modality { m_value: m_value(&sorted), ..parted(&sorted, dip, p) })
}

/// More modes than one that no clock made, without the number that no decision depends on.
pub(crate) fn several(values: &[f64]) -> Option<Modality> {
    check(values, LEAST).ok()?;
    let sorted = sorted(values.to_vec());
    let (dip, p) = dipped(&sorted);
    if p >= ALPHA {
        return None;
    }
    Some(parted(&sorted, dip, p)).filter(|m| m.is_multimodal() && !m.quantised)
}

/// The dip of sorted values and its chance.
fn dipped(sorted: &[f64]) -> (f64, f64) {
    let dip = dip(sorted);
    (dip, dip_p(dip, sorted.len() as u64))
}

/// The modes of sorted values.
fn parted(sorted: &[f64], dip: f64, p: f64) -> Modality {
    let n = sorted.len();
    let distinct = 1 + sorted.windows(2).filter(|w| w[0] < w[1]).count();
    let cuts = if p < ALPHA { supported(sorted, lowlands(sorted)) } else { Vec::new() };
    let ends: Vec<usize> = [0].into_iter().chain(cuts).chain([n]).collect();
    let modes = ends.windows(2).filter_map(|w| mode(sorted.get(w[0]..w[1])?, n)).collect();
    Modality { n: n as u64, dip, p, quantised: 2 * distinct < n, modes, m_value: None, method: "hartigan_dip_lowland" }
}

fn mode(values: &[f64], all: usize) -> Option<Mode> {
    let n = values.len() as f64;
    Some(Mode {
        location: median(values)?,
        low: *values.first()?,
        high: *values.last()?,
        n: values.len() as u64,
        weight: n / all as f64,
        weight_interval: clopper_pearson(values.len() as u64, all as u64, 0.95)?,
    })
}

/// Where the sorted values part into modes: indices at which a new mode begins. The density is a
/// histogram of bins that hold equal shares of the values, so that it is fine where values are.
fn lowlands(sorted: &[f64]) -> Vec<usize> {
    let n = sorted.len();
    // At least four values a bin: a bin's height is the inverse of a gap, and of single gaps noise.
    let bins = (n / 4).clamp(5, 100);
    let edges: Vec<f64> = (0..=bins).filter_map(|i| quantile(sorted, i as f64 / bins as f64)).collect();
    let widths: Vec<f64> = edges.windows(2).map(|w| w[1] - w[0]).collect();
    // A bin of no width is one repeated value: denser than any other.
    let narrow = widths.iter().copied().filter(|w| *w > 0.0).fold(f64::INFINITY, f64::min) / 4.0;
    let heights: Vec<f64> = widths.iter().map(|w| 1.0 / w.max(narrow)).collect();
    let is_peak = |i: usize| {
        let side = |j: Option<usize>| j.and_then(|j| heights.get(j)).copied().unwrap_or(0.0);
        side(i.checked_sub(1)) < heights[i] && side(Some(i + 1)) <= heights[i]
    };
    // Peaks from left to right; one that is not parted from the last by a lowland replaces it when
    // higher.
    let (mut peaks, mut cuts): (Vec<usize>, Vec<usize>) = (Vec::new(), Vec::new());
    for peak in (0..heights.len()).filter(|i| is_peak(*i)) {
        while let Some(before) = peaks.last().copied() {
            if let Some(cut) = lowland(&heights, &widths, before, peak) {
                cuts.push(cut);
                peaks.push(peak);
                break;
            }
            if heights[before] >= heights[peak] {
                break;
            }
            peaks.pop();
            // The higher peak must be parted from the one before anew.
            if !peaks.is_empty() {
                cuts.pop();
            }
        }
        if peaks.is_empty() {
            peaks.push(peak);
        }
    }
    let mut at: Vec<usize> = cuts
        .into_iter()
        .filter_map(|bin| {
            // Cut in the widest gap of the lowest bin and its neighbours.
            let from = sorted.partition_point(|v| *v < edges[bin.saturating_sub(1)]);
            let to = sorted.partition_point(|v| *v <= edges[(bin + 2).min(bins)]).min(n - 1);
            (from.max(1)..=to).max_by(|i, j| {
                let gap = |k: usize| sorted[k] - sorted[k - 1];
                gap(*i).total_cmp(&gap(*j)).then(j.cmp(i))
            })
        })
        .filter(|at| sorted[*at] > sorted[*at - 1])
        .collect();
    at.dedup();
    at
}

/// The cuts whose two neighbouring modes, taken together, have a significant dip of their own; the
/// least certain goes first. Single bins are noisy, above all in the tails.
fn supported(sorted: &[f64], mut cuts: Vec<usize>) -> Vec<usize> {
    let chance = |cuts: &[usize], i: usize| {
        let before = i.checked_sub(1).and_then(|i| cuts.get(i)).copied().unwrap_or(0);
        let after = cuts.get(i + 1).copied().unwrap_or(sorted.len());
        sorted.get(before..after).map_or(1.0, |both| dipped(both).1)
    };
    loop {
        let all = (0..cuts.len()).map(|i| (chance(&cuts, i), i));
        let Some((p, i)) = all.max_by(|a, b| a.0.total_cmp(&b.0)) else { return cuts };
        if p < ALPHA {
            return cuts;
        }
        cuts.remove(i);
    }
}

/// The lowest bin between two peaks, when enough of the area up to the lower one is empty.
fn lowland(heights: &[f64], widths: &[f64], from: usize, to: usize) -> Option<usize> {
    let level = heights.get(from)?.min(*heights.get(to)?);
    let between = || heights.iter().zip(widths).skip(from + 1).take(to - from - 1);
    let empty: f64 = between().map(|(h, w)| (level - h).max(0.0) * w).sum();
    let area: f64 = between().map(|(_, w)| level * w).sum();
    let lowest = (from + 1..to).min_by(|i, j| heights[*i].total_cmp(&heights[*j]))?;
    (area > 0.0 && empty / area > EMPTY).then_some(lowest)
}

/// The mValue of BenchmarkDotNet in a plain form: values within Tukey's fences, bins from 0.75 of
/// Scott's width on, doubled until four are left.
fn m_value(sorted: &[f64]) -> Option<f64> {
    let (q1, q3) = (quantile(sorted, 0.25)?, quantile(sorted, 0.75)?);
    let reach = 1.5 * (q3 - q1);
    let inside: Vec<f64> = sorted.iter().copied().filter(|v| *v >= q1 - reach && *v <= q3 + reach).collect();
    let (low, high) = (*inside.first()?, *inside.last()?);
    let mut width = 0.75 * 3.49 * std_dev(&inside)? * pow(inside.len() as f64, -1.0 / 3.0);
    let mut largest: Option<f64> = None;
    while width > 0.0 && (high - low) / width >= 4.0 && (high - low) / width < 1e6 {
        let bins = ((high - low) / width) as usize + 1;
        let mut counts = alloc::vec![0u32; bins];
        for v in &inside {
            counts[(((v - low) / width) as usize).min(bins - 1)] += 1;
        }
        let (mut before, mut walk, mut top) = (0u32, 0.0, 0u32);
        for c in counts.iter().copied().chain([0]) {
            walk += f64::from(c.abs_diff(before));
            (before, top) = (c, top.max(c));
        }
        let m = walk / f64::from(top);
        largest = Some(largest.map_or(m, |l| l.max(m)));
        width *= 2.0;
    }
    largest
}

/// Which level of the hierarchy carries the modes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ModeLevel {
    /// Each process keeps to one mode: memory layout, address randomisation, its core.
    BetweenForks,
    /// Processes change between modes while they run: collections, frequency, neighbours.
    WithinFork,
    /// Both.
    Mixed,
    /// It cannot be told: one value in each process, or one process with one mode.
    Unknown,
}

/// The level that carries the modes, with the share of the variance of mode membership that lies
/// between forks, corrected for chance (ε², 0 to 1): from 0.75 on it is the forks, up to 0.25 their
/// iterations. `forks` holds each process's values; all together have been given to [`modality`].
#[must_use]
pub fn mode_level(modality: &Modality, forks: &[&[f64]]) -> (ModeLevel, Option<f64>) {
    if !modality.is_multimodal() {
        return (ModeLevel::Unknown, None);
    }
    let members: Vec<Vec<usize>> =
        forks.iter().map(|f| f.iter().filter_map(|v| modality.mode_of(*v)).collect()).collect();
    let total: f64 = members.iter().map(|f| f.len() as f64).sum();
    let filled = members.iter().filter(|f| !f.is_empty()).count() as f64;
    if filled == 1.0 {
        return (ModeLevel::WithinFork, None);
    }
    if total <= filled {
        return (ModeLevel::Unknown, None);
    }
    // Variance of the membership indicators, summed over the modes.
    let (mut between, mut all) = (0.0, 0.0);
    for mode in 0..modality.modes.len() {
        let hits = |f: &[usize]| f.iter().filter(|m| **m == mode).count() as f64;
        let share = members.iter().map(|f| hits(f)).sum::<f64>() / total;
        all += total * share * (1.0 - share);
        for f in members.iter().filter(|f| !f.is_empty()) {
            let d = hits(f) / f.len() as f64 - share;
            between += f.len() as f64 * d * d;
        }
    }
    if all <= 0.0 {
        return (ModeLevel::Unknown, None);
    }
    let chance = (filled - 1.0) / (total - 1.0);
    let share = ((between / all - chance) / (1.0 - chance)).clamp(0.0, 1.0);
    let level = match share {
        s if s >= 0.75 => ModeLevel::BetweenForks,
        s if s <= 0.25 => ModeLevel::WithinFork,
        _ => ModeLevel::Mixed,
    };
    (level, Some(share))
}

/// What two sides with modes have in common.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ModeChange {
    /// As many modes at the same places, within the margin: only weights can differ.
    SameModes,
    /// As many modes, some at another place.
    ModesMoved,
    /// The baseline had fewer.
    Appeared,
    /// The baseline had more.
    Vanished,
}

/// A mode in both sides.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct ModePair {
    /// The mode in the baseline.
    pub baseline: Mode,
    /// The mode of the same rank in the candidate.
    pub candidate: Mode,
    /// ln(candidate / baseline) of the locations, or their difference where one is not positive.
    pub shift: f64,
    /// Fisher's exact p for equal weights, as if the values were independent: between forks give
    /// [`compare_modes`] one value a fork.
    pub weight_p: f64,
}

/// Modes of two sides, one by one.
#[derive(Clone, Debug, PartialEq)]
pub struct ModeComparison {
    /// What changed.
    pub change: ModeChange,
    /// Pairs of modes by rank of location; empty when their numbers differ.
    pub pairs: Vec<ModePair>,
}

/// Compares the modes of two sides: places within a relative `margin` are the same.
#[must_use]
pub fn compare_modes(baseline: &Modality, candidate: &Modality, margin: f64) -> ModeComparison {
    let (a, b) = (&baseline.modes, &candidate.modes);
    if a.len() != b.len() {
        let change = if a.len() < b.len() { ModeChange::Appeared } else { ModeChange::Vanished };
        return ModeComparison { change, pairs: Vec::new() };
    }
    let (mut pairs, mut same) = (Vec::new(), true);
    for (x, y) in a.iter().zip(b) {
        let positive = x.location > 0.0 && y.location > 0.0;
        let shift = if positive { ln(y.location / x.location) } else { y.location - x.location };
        let limit = if positive { ln(1.0 + margin) } else { margin * x.location.abs() };
        same &= shift.abs() <= limit;
        let weight_p = fisher_exact(x.n, baseline.n - x.n, y.n, candidate.n - y.n);
        pairs.push(ModePair { baseline: *x, candidate: *y, shift, weight_p });
    }
    ModeComparison { change: if same { ModeChange::SameModes } else { ModeChange::ModesMoved }, pairs }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{ModeChange, ModeLevel, compare_modes, modality, mode_level};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::random::{Random, seed as seed_of};

    /// Values about 10 and, `second` of them in a hundred, about 12.
    fn mixture(n: usize, second: u64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed_of([], "modes", seed));
        let center = |i: usize| if (i as u64 * 37) % 100 < second { 12.0 } else { 10.0 };
        (0..n).map(|i| center(i) + 0.1 * random.normal()).collect()
    }

    #[test]
    fn two_modes_have_places_and_weights() {
        for n in [20, 50, 300, 5000] {
            let found = modality(&mixture(n, 40, 1)).unwrap();
            assert_eq!(found.modes.len(), 2, "{n}: {found:?}");
            assert!((found.modes[0].location - 10.0).abs() < 0.1 && (found.modes[1].location - 12.0).abs() < 0.1);
            let weight = found.modes[1].weight_interval;
            assert!(weight.low.unwrap() < 0.4 && weight.high.unwrap() > 0.4, "{n}: {weight:?}");
            assert!(found.p < 0.01 && !found.quantised);
        }
    }

    #[test]
    fn one_mode_is_one() {
        let mut more = 0;
        for seed in 0..300 {
            let found = modality(&mixture(60, 0, seed)).unwrap();
            more += usize::from(found.is_multimodal());
            assert!(found.m_value.unwrap() >= 2.0);
        }
        assert!(more <= 6, "{more}");
        // A long tail is no second mode.
        let mut random = Random::new(seed_of([], "tail", 0));
        let tail: Vec<f64> = (0..500).map(|_| -crate::stats::math::ln(random.open_uniform())).collect();
        assert!(!modality(&tail).unwrap().is_multimodal());
    }

    #[test]
    fn three_modes_in_one_sample() {
        let mut random = Random::new(seed_of([], "three", 0));
        let values: Vec<f64> = (0..600).map(|i| f64::from(i % 3) * 5.0 - 7.0 + 0.3 * random.normal()).collect();
        let found = modality(&values).unwrap();
        assert_eq!(found.modes.iter().map(|m| m.n).collect::<Vec<u64>>(), [200, 200, 200]);
        assert_eq!((found.mode_of(-99.0), found.mode_of(-2.0), found.mode_of(99.0)), (Some(0), Some(1), Some(2)));
    }

    #[test]
    fn the_level_is_where_the_modes_change() {
        let all = mixture(200, 50, 3);
        let found = modality(&all).unwrap();
        // As collected: each process has both.
        let forks: Vec<&[f64]> = all.chunks(20).collect();
        assert_eq!(mode_level(&found, &forks).0, ModeLevel::WithinFork);
        assert_eq!(mode_level(&found, &[&all]).0, ModeLevel::WithinFork);
        // Sorted: each process but the middle one keeps to one.
        let mut sorted = all.clone();
        sorted.sort_by(f64::total_cmp);
        let forks: Vec<&[f64]> = sorted.chunks(20).collect();
        assert_eq!(mode_level(&found, &forks).0, ModeLevel::BetweenForks);
        let single: Vec<&[f64]> = all.chunks(1).collect();
        assert_eq!(mode_level(&found, &single).0, ModeLevel::Unknown);
        assert_eq!(mode_level(&modality(&mixture(50, 0, 1)).unwrap(), &[]), (ModeLevel::Unknown, None));
    }

    #[test]
    fn weights_are_compared_apart_from_places() {
        let (a, b) = (modality(&mixture(400, 30, 1)).unwrap(), modality(&mixture(400, 60, 2)).unwrap());
        let found = compare_modes(&a, &b, 0.01);
        assert_eq!(found.change, ModeChange::SameModes);
        assert!(found.pairs.iter().all(|p| p.weight_p < 1e-6 && p.shift.abs() < 0.01));
        let moved: Vec<f64> = mixture(400, 30, 3).iter().map(|v| v * 1.1).collect();
        let found = compare_modes(&a, &modality(&moved).unwrap(), 0.01);
        assert!(found.change == ModeChange::ModesMoved && found.pairs[0].weight_p > 0.01);
        let one = modality(&mixture(400, 0, 1)).unwrap();
        assert_eq!(compare_modes(&one, &a, 0.01).change, ModeChange::Appeared);
        assert_eq!(compare_modes(&a, &one, 0.01).change, ModeChange::Vanished);
    }

    #[test]
    fn edges() {
        assert_eq!(modality(&[]), Err(NotEstimable::NoData));
        for n in [1usize, 2, 19] {
            assert_eq!(modality(&vec![1.0; n]), Err(NotEstimable::TooFew { n: n as u64, needed: 20 }));
        }
        let constant = modality(&[-4.0; 50]).unwrap();
        assert_eq!((constant.modes.len(), constant.m_value, constant.quantised), (1, None, true));
        assert_eq!(constant.p, 1.0);
        // A clock with two steps: parted where it is parted, and marked.
        let steps = modality(&[[1.0; 30], [2.0; 30]].concat()).unwrap();
        assert!(steps.quantised && steps.modes.len() == 2 && steps.modes[0].high == 1.0, "{steps:?}");
    }
}
