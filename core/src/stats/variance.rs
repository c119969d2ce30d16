//! Variance components of a hierarchy (STATISTICS S13): how much of the noise arises at which
//! level.
//!
//! Kalibera and Jones (2013), corrected. At each level, S² is the pooled variance of the unit means
//! inside the units one level up; T² is what of it arises at that level itself, after the part
//! carried up from below is taken away. For balanced data T² = S² − S²(below)/r. Where units hold
//! unlike numbers of members, S² is that of the unweighted means and the parts carried up follow
//! from its expected value (method of moments on means), which is the same thing for balanced data.

use alloc::vec;
use alloc::vec::Vec;
use core::cmp::Ordering;
use serde::{Deserialize, Serialize};

use crate::sort;
use crate::stats::estimable::NotEstimable;
use crate::stats::moments::{mean, sum};

/// A level of the hierarchy, above which means are taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stratum {
    /// Blocks: stretches of time.
    Block,
    /// Forks: processes.
    Fork,
    /// Iterations: single values.
    Iteration,
}

/// How the components were found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum VarianceMethod {
    /// Every unit of a level holds the same number of members.
    KaliberaJones,
    /// Unlike numbers of members: method of moments on unweighted means.
    MomentsOnMeans,
}

/// One level's part.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Component {
    /// Which level.
    pub level: Stratum,
    /// Units seen at this level.
    pub units: u64,
    /// Harmonic mean of the number of units of this level in one unit of the level above.
    pub members: f64,
    /// Degrees of freedom of `s2`; 0 when no unit above holds two of these.
    pub df: u64,
    /// S²: pooled variance of the unit means; `None` without degrees of freedom.
    pub s2: Option<f64>,
    /// T²: the variance that arises at this level, at least 0. `None` where `s2` is: the level
    /// cannot be told from the one above it, whose part then holds both.
    pub t2: Option<f64>,
    /// Degrees of freedom of `t2` by Satterthwaite; `None` without `t2` or where it was clipped.
    pub t2_df: Option<f64>,
    /// Share of `t2` in the sum over all levels; `None` without `t2` or when nothing varies.
    pub share: Option<f64>,
    /// Whether the estimate was negative and set to 0: the level adds less than can be seen.
    pub clipped: bool,
}

/// The components of all levels, top first.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Components {
    /// How they were found.
    pub method: VarianceMethod,
    /// Values used.
    pub n: u64,
    /// Mean of the top level's unit means.
    pub mean: f64,
    /// The levels, from the top down; the last one is that of the values.
    pub levels: Vec<Component>,
}

impl Components {
    /// The part of one level.
    #[must_use]
    pub fn at(&self, level: Stratum) -> Option<&Component> {
        self.levels.iter().find(|c| c.level == level)
    }

    /// The top level that has degrees of freedom: the one whose S² decides how sure the mean is.
    #[must_use]
    pub fn top(&self) -> Option<&Component> {
        self.levels.iter().find(|c| c.s2.is_some())
    }
}

/// A column that says for each value to which unit of a level it belongs. Units of a lower level
/// are told apart inside their unit of the level above, so ids may start anew in each.
#[derive(Clone, Copy, Debug)]
pub struct Grouping<'a> {
    /// The level.
    pub level: Stratum,
    /// One id per value.
    pub ids: &'a [u32],
}

/// The variance components of `values` (on the scale of the analysis, so logs of times), grouped by
/// levels from the top down. The values themselves are the lowest level, [`Stratum::Iteration`].
///
/// # Errors
/// `NoData` without values; `BadValue` for one that is not finite, or whose square is not; `Unequal` for a column
/// of another length; `BadDesign` for levels that do not go down.
pub fn components(values: &[f64], groupings: &[Grouping<'_>]) -> Result<Components, NotEstimable> {
    if values.is_empty() {
        return Err(NotEstimable::NoData);
    }
    if values.iter().any(|v| !v.is_finite()) {
        return Err(NotEstimable::BadValue);
    }
    let mut levels: Vec<Stratum> = groupings.iter().map(|g| g.level).collect();
    levels.push(Stratum::Iteration);
    let descend = levels.windows(2).all(|pair| pair[0] < pair[1]);
    if groupings.iter().any(|g| g.ids.len() != values.len()) {
        return Err(NotEstimable::Unequal);
    }
    if !descend {
        return Err(NotEstimable::BadDesign);
    }
    let order = sort::order(values.len(), &mut |i, j| {
        groupings.iter().map(|g| g.ids[i].cmp(&g.ids[j])).find(|order| order.is_ne()).unwrap_or(Ordering::Equal)
    });
    let depth = levels.len();
    let mut pools: Vec<Pool> = levels.iter().map(|_| Pool::new(depth)).collect();
    let top = walk(values, groupings, &order, 0, &mut pools);
    // Squares beyond what a double holds: no logarithm of a time gets there.
    if !top.mean.is_finite() || pools.iter().any(|p| !sum(p.squares.iter().copied()).is_finite()) {
        return Err(NotEstimable::BadValue);
    }
    Ok(solve(values.len() as u64, top.mean, &levels, &pools))
}

/// Levels at most: one of each [`Stratum`].
const DEPTH: usize = 3;

/// A unit's mean, and how much of each level's T² is in the variance of that mean.
struct Unit {
    mean: f64,
    carried: [f64; DEPTH],
}

/// What one level gathers over all units above it.
struct Pool {
    squares: Vec<f64>,
    units: u64,
    parents: u64,
    df: u64,
    inverse_members: f64,
    counts: Option<(usize, usize)>,
    /// Expected sum of squares, as coefficients of each level's T².
    expected: Vec<f64>,
}

impl Pool {
    fn new(depth: usize) -> Pool {
        Pool {
            squares: Vec::new(),
            units: 0,
            parents: 0,
            df: 0,
            inverse_members: 0.0,
            counts: None,
            expected: vec![0.0; depth],
        }
    }
}

/// Gathers the units of `level` inside one unit of the level above, whose values `order` lists.
fn walk(values: &[f64], groupings: &[Grouping<'_>], order: &[u32], level: usize, pools: &mut [Pool]) -> Unit {
    let depth = pools.len();
    // What lies inside the members: a number for each level below theirs. Single values hold nothing.
    let below = depth.saturating_sub(level + 1);
    let (mut means, mut inside): (Vec<f64>, Vec<f64>) = (Vec::new(), Vec::new());
    match groupings.get(level) {
        Some(grouping) => {
            for chunk in order.chunk_by(|i, j| grouping.ids.get(*i as usize) == grouping.ids.get(*j as usize)) {
                let unit = walk(values, groupings, chunk, level + 1, pools);
                means.push(unit.mean);
                inside.extend(unit.carried.iter().skip(level + 1).take(below));
            }
        }
        None => {
            means.reserve_exact(order.len());
            means.extend(order.iter().filter_map(|i| values.get(*i as usize)));
        }
    }
    let r = means.len();
    let center = mean(&means).unwrap_or(0.0);
    // The variance of a member's own mean holds its own level's T² once.
    let carried = |k: usize| {
        let own = k.checked_sub(level + 1).map(|at| inside.iter().copied().skip(at).step_by(below.max(1)));
        own.map_or(0.0, sum)
    };
    let mut totals = [0.0; DEPTH];
    for (k, total) in totals.iter_mut().enumerate().take(depth) {
        *total = if k == level { r as f64 } else { carried(k) };
    }
    if let Some(pool) = pools.get_mut(level) {
        pool.units += r as u64;
        pool.parents += 1;
        pool.df += r as u64 - 1;
        pool.inverse_members += 1.0 / r as f64;
        pool.counts = Some(pool.counts.map_or((r, r), |(low, high)| (low.min(r), high.max(r))));
        pool.squares.push(sum(means.iter().map(|m| (m - center) * (m - center))));
        let keep = (r as f64 - 1.0) / r as f64;
        pool.expected.iter_mut().zip(&totals).for_each(|(e, total)| *e += keep * total);
    }
    let square = r as f64 * r as f64;
    Unit { mean: center, carried: totals.map(|total| total / square) }
}

/// From the lowest level up: T² is S² less what is carried up from the levels below.
fn solve(n: u64, mean: f64, levels: &[Stratum], pools: &[Pool]) -> Components {
    let depth = levels.len();
    let s2: Vec<Option<f64>> =
        pools.iter().map(|p| (p.df > 0).then(|| sum(p.squares.iter().copied()) / p.df as f64)).collect();
    // T² of each level as a linear form in the S² of all levels; its df follow from the form.
    let mut forms: Vec<Option<Vec<f64>>> = vec![None; depth];
    for level in (0..depth).rev() {
        let Some(pool) = pools.get(level).filter(|p| p.df > 0) else { continue };
        let coefficient = |k: usize| pool.expected.get(k).copied().unwrap_or(0.0) / pool.df as f64;
        let mut form = vec![0.0; depth];
        form[level] = 1.0;
        for (k, below) in forms.iter().enumerate().skip(level + 1) {
            if let Some(below) = below {
                form.iter_mut().zip(below).for_each(|(f, b)| *f -= coefficient(k) * b);
            }
        }
        forms[level] = Some(form);
    }
    let raw: Vec<Option<(f64, f64)>> = forms
        .iter()
        .map(|form| {
            let terms = || form.iter().flatten().zip(&s2).zip(pools);
            let t2 = form.as_ref().map(|_| sum(terms().map(|((w, s), _)| w * s.unwrap_or(0.0))))?;
            let spread = sum(terms().filter(|(_, p)| p.df > 0).map(|((w, s), p)| {
                let part = w * s.unwrap_or(0.0);
                part * part / p.df as f64
            }));
            Some((t2, spread))
        })
        .collect();
    let total = sum(raw.iter().flatten().map(|(t2, _)| t2.max(0.0)));
    let parts = levels.iter().zip(pools).zip(s2.iter().zip(&raw));
    let levels = parts
        .map(|((level, pool), (s2, raw))| Component {
            level: *level,
            units: pool.units,
            members: pool.parents as f64 / pool.inverse_members,
            df: pool.df,
            s2: *s2,
            t2: raw.map(|(t2, _)| t2.max(0.0)),
            t2_df: raw.and_then(|(t2, spread)| (t2 > 0.0 && spread > 0.0).then(|| t2 * t2 / spread)),
            share: raw.and_then(|(t2, _)| (total > 0.0).then(|| t2.max(0.0) / total)),
            clipped: raw.is_some_and(|(t2, _)| t2 < 0.0),
        })
        .collect();
    let balanced = pools.iter().all(|p| p.counts.is_none_or(|(low, high)| low == high));
    let method = if balanced { VarianceMethod::KaliberaJones } else { VarianceMethod::MomentsOnMeans };
    Components { method, n, mean, levels }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::{Grouping, Stratum, VarianceMethod, components};
    use crate::stats::estimable::NotEstimable;
    use alloc::vec::Vec;

    fn three(data: &[f64], blocks: usize, forks: usize) -> super::Components {
        let inside = data.len() / (blocks * forks);
        let block: Vec<u32> = (0..data.len()).map(|i| (i / (inside * forks)) as u32).collect();
        let fork: Vec<u32> = (0..data.len()).map(|i| (i / inside % forks) as u32).collect();
        let groups = [Grouping { level: Stratum::Block, ids: &block }, Grouping { level: Stratum::Fork, ids: &fork }];
        components(data, &groups).unwrap()
    }

    /// S² and T² from the lowest level up, as the paper counts them.
    #[track_caller]
    fn check(got: &super::Components, s2: &[f64], t2: &[f64], tolerance: f64) {
        for (level, (s, t)) in got.levels.iter().rev().zip(s2.iter().zip(t2)) {
            assert!((level.s2.unwrap() - s).abs() < tolerance, "{level:?} is not S² {s}");
            assert!((level.t2.unwrap() - t.max(0.0)).abs() < tolerance, "{level:?} is not T² {t}");
            assert_eq!(level.clipped, *t < 0.0);
        }
    }

    #[test]
    fn the_worked_example_of_the_paper() {
        let data = [9.0, 5.0, 8.0, 3.0, 10.0, 6.0, 7.0, 11.0, 1.0, 12.0, 2.0, 4.0];
        let got = three(&data, 3, 2);
        assert_eq!((got.mean, got.n, got.method), (6.5, 12, VarianceMethod::KaliberaJones));
        check(&got, &[16.5, 31.0 / 12.0, 3.562_5], &[16.5, 31.0 / 12.0 - 8.25, 3.562_5 - 31.0 / 24.0], 1e-12);
        let fork: Vec<u32> = (0..12).map(|i| i / 4).collect();
        let two = components(&data, &[Grouping { level: Stratum::Fork, ids: &fork }]).unwrap();
        check(&two, &[114.5 / 9.0, 3.562_5], &[114.5 / 9.0, 3.562_5 - 114.5 / 36.0], 1e-12);
    }

    #[test]
    fn libkalibera_tensor() {
        let got = three(&[3.0, 4.0, 3.0, 1.2, 3.1, 3.0, 0.2, 1.0, 1.5, 1.0, 2.0, 3.0], 2, 2);
        let t2: Vec<f64> = got.levels.iter().rev().map(|c| c.t2.unwrap()).collect();
        for (got, want) in t2.iter().zip([0.726_666_7, 0.262_777_8, 0.774_7]) {
            assert!((got - want).abs() < 1e-4, "{got} is not {want}");
        }
    }

    #[test]
    fn unlike_counts_have_the_hand_computed_coefficients() {
        // Forks of 1 and 3 values: S²(fork) = 2, S²(iteration) = 1, and a mean of one value carries
        // all of T²(iteration), one of three a third: T²(fork) = 2 − (1 + 1/3)/2.
        let ids = [0, 1, 1, 1];
        let got = components(&[2.0, 3.0, 4.0, 5.0], &[Grouping { level: Stratum::Fork, ids: &ids }]).unwrap();
        assert_eq!(got.method, VarianceMethod::MomentsOnMeans);
        check(&got, &[1.0, 2.0], &[1.0, 2.0 - 2.0 / 3.0], 1e-12);
        assert!((got.levels[0].members - 2.0).abs() < 1e-12);
        assert!((got.levels[1].members - 1.5).abs() < 1e-12);
    }

    #[test]
    fn a_level_with_one_member_is_confounded_not_zero() {
        let ids = [0, 1, 2];
        let got = components(&[1.0, 2.0, 4.0], &[Grouping { level: Stratum::Fork, ids: &ids }]).unwrap();
        assert_eq!((got.levels[1].s2, got.levels[1].t2, got.levels[1].df), (None, None, 0));
        assert!((got.levels[0].t2.unwrap() - 7.0 / 3.0).abs() < 1e-12);
        assert_eq!(got.levels[0].share, Some(1.0));
        assert_eq!(got.levels[0].t2_df.map(|df| (df * 1e9) as u64), Some(2_000_000_000));
        assert_eq!(got.top().unwrap().level, Stratum::Fork);
    }

    #[test]
    fn shuffling_rows_changes_nothing_and_scaling_scales() {
        let values = [1.0, 2.5, 3.0, 4.25, 0.5, 7.0];
        let ids = [3, 3, 9, 9, 1, 1];
        let by = |values: &[f64], ids: &[u32]| components(values, &[Grouping { level: Stratum::Fork, ids }]).unwrap();
        let plain = by(&values, &ids);
        let shuffled = by(&[7.0, 3.0, 1.0, 4.25, 2.5, 0.5], &[1, 9, 3, 9, 3, 1]);
        let twice = by(&values.map(|v| 2.0 * v), &ids);
        for ((a, b), c) in plain.levels.iter().zip(&shuffled.levels).zip(&twice.levels) {
            assert!((a.s2.unwrap() - b.s2.unwrap()).abs() < 1e-12);
            assert!((4.0 * a.s2.unwrap() - c.s2.unwrap()).abs() < 1e-12);
        }
    }

    #[test]
    fn none_one_two_and_equal_values() {
        let fork = |ids: &'static [u32]| [Grouping { level: Stratum::Fork, ids }];
        assert_eq!(components(&[], &[]).unwrap_err(), NotEstimable::NoData);
        assert_eq!(components(&[f64::NAN], &[]).unwrap_err(), NotEstimable::BadValue);
        assert_eq!(components(&[1.0], &fork(&[0, 1])).unwrap_err(), NotEstimable::Unequal);
        let iteration = [Grouping { level: Stratum::Iteration, ids: &[0] }];
        assert_eq!(components(&[1.0], &iteration).unwrap_err(), NotEstimable::BadDesign);
        let one = components(&[3.0], &fork(&[0])).unwrap();
        assert!(one.top().is_none() && one.levels.iter().all(|c| c.t2.is_none() && c.share.is_none()));
        let equal = components(&[3.0, 3.0, 3.0, 3.0], &fork(&[0, 0, 1, 1])).unwrap();
        assert!(equal.levels.iter().all(|c| c.t2 == Some(0.0) && c.share.is_none() && !c.clipped));
    }
}
