//! A benchmark's history: where its level changed, and whether the last point is out of line
//! (STATISTICS S16).

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::Interval;
use crate::sort::sort_by;
use crate::stats::distribution::{satterthwaite, standard_error, t_quantile, t_two_sided};
use crate::stats::energy::{best_split, split_p};
use crate::stats::estimable::{NotEstimable, check};
use crate::stats::math::{exp, ln, sqrt};
use crate::stats::moments::{mean, std_dev, variance};
use crate::stats::multiplicity::benjamini_hochberg;
use crate::stats::segment::ed_pelt;
use crate::stats::series::log_scale;

/// Points of a history that are looked at: the last of a longer one.
pub const MOST_POINTS: usize = 5000;

/// Points that a level needs to judge a further one: two have a deviation, but one that says little.
const LEVEL: usize = 3;

/// What to hold a history against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct HistoryConfig {
    /// Relative change of level that matters: δ, 0.01 by default.
    pub margin: f64,
    /// Chance of the permutation test above which a candidate is dropped, 0.01 by default.
    pub alpha: f64,
    /// Points a segment needs, 3 by default and at least 2: a single spike is no change.
    pub least: usize,
    /// Confidence of the prediction interval, 0.99 by default: it is asked at every new point.
    pub confidence: f64,
    /// Seed of the permutations, 0 by default.
    pub seed: u64,
}

impl Default for HistoryConfig {
    fn default() -> HistoryConfig {
        HistoryConfig { margin: 0.01, alpha: 0.01, least: 3, confidence: 0.99, seed: 0 }
    }
}

/// A change of level.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Change {
    /// Index of the first point of the new level.
    pub at: u64,
    /// ln(mean after / mean before) of geometric means, or the difference of means relative to
    /// |mean before| where values are not all positive.
    pub effect: f64,
    /// Its interval (Welch, sample variances); `None` where neither side varies.
    pub interval: Option<Interval>,
    /// Chance of a split as good in random order of the two segments around it.
    pub p: f64,
    /// `p` adjusted over all changes of all histories by [`adjust`]; equal to `p` before.
    pub adjusted_p: f64,
    /// Points of the segment before and after.
    pub points: (u64, u64),
    /// Whether ED-PELT proposed it, within the shortest segment of this place.
    pub by_pelt: bool,
    /// Whether E-divisive proposed it, likewise.
    pub by_energy: bool,
}

/// State of the last point.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Alarm {
    /// Within the prediction interval, or beyond it by less than the margin.
    Quiet,
    /// The last point alone is out: measure again before acting.
    NeedsConfirmation,
    /// At least the last two points are out on the same side.
    Confirmed,
    /// Fewer than three points before it.
    TooFew,
}

/// The last point against the level before it.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct LastPoint {
    /// What it means.
    pub alarm: Alarm,
    /// Where a further point was to be expected: m ± t s √(1 + 1/n), in units of the values.
    pub expected: Option<Interval>,
    /// ln(last / level), or the relative difference; `None` without a level.
    pub effect: Option<f64>,
    /// Two-sided chance of a point as far out.
    pub p: Option<f64>,
    /// Points that make up the level.
    pub n: u64,
}

/// A history and what happened in it.
#[derive(Clone, Debug, PartialEq)]
pub struct History {
    /// Points looked at.
    pub n: u64,
    /// Index of the first of them: not 0 for a history of more than 5000 points.
    pub first: u64,
    /// Changes in order.
    pub changes: Vec<Change>,
    /// The last point.
    pub last: LastPoint,
    /// Whether the analysis was on logarithms.
    pub log_scale: bool,
    /// `pelt_e_divisive`.
    pub method: &'static str,
}

/// Changes of level in points ordered by time. Missing points are left out by the caller, never
/// filled in: repeated values would look like certainty.
///
/// Candidates come from ED-PELT and from repeated best splits by energy distance. Then the weakest
/// goes, by permutation p and by effect against the margin, and its neighbours are judged anew.
///
/// # Errors
/// Without points, or when one is not finite.
pub fn history(points: &[f64], config: &HistoryConfig) -> Result<History, NotEstimable> {
    check(points, 1)?;
    let first = points.len().saturating_sub(MOST_POINTS);
    let points = points.get(first..).unwrap_or(points);
    let (scaled, is_log) = log_scale(points);
    let least = config.least.clamp(2, MOST_POINTS);
    let pelt = ed_pelt(&scaled, least).at;
    let mut energy = Vec::new();
    divide(&scaled, 0, least, config, 0, &mut energy);
    sort_by(&mut energy, &mut usize::cmp);
    let near = |list: &[usize], at: usize| list.iter().any(|p| p.abs_diff(at) < least.max(3));
    let mut cuts = energy.clone();
    cuts.extend(pelt.iter().copied().filter(|p| !near(&energy, *p)));
    sort_by(&mut cuts, &mut usize::cmp);
    let mut changes = prune(&scaled, &mut cuts, is_log, config);
    for change in &mut changes {
        let at = change.at as usize;
        (change.by_pelt, change.by_energy) = (near(&pelt, at), near(&energy, at));
        change.at += first as u64;
    }
    // A level too young to judge a point by is judged itself, against the one before.
    let old_enough = |c: &&usize| scaled.len() - **c > LEVEL;
    let level = cuts.iter().rev().find(old_enough).copied().unwrap_or(0);
    let last = last_point(scaled.get(level..).unwrap_or(&[]), is_log, config);
    let n = points.len() as u64;
    Ok(History { n, first: first as u64, changes, last, log_scale: is_log, method: "pelt_e_divisive" })
}

/// Splits in two wherever a permutation test allows, deeper and deeper; depth bounds the stack.
fn divide(values: &[f64], offset: usize, least: usize, config: &HistoryConfig, depth: u32, out: &mut Vec<usize>) {
    let Some((at, _)) = best_split(values, least) else { return };
    // Generous: pruning follows, and a strong change beside a weak one hides it at first.
    if depth > 40 || split_p(values, least, config.seed) > 2.0 * config.alpha {
        return;
    }
    out.push(offset + at);
    let (left, right) = values.split_at(at);
    divide(left, offset, least, config, depth + 1, out);
    divide(right, offset + at, least, config, depth + 1, out);
}

/// Drops the weakest candidate until all pass; `cuts` are then those that are left.
fn prune(values: &[f64], cuts: &mut Vec<usize>, is_log: bool, config: &HistoryConfig) -> Vec<Change> {
    let judge = |before: usize, at: usize, after: usize| -> Option<Change> {
        let (a, b) = (values.get(before..at)?, values.get(at..after)?);
        let (m, n) = (mean(a)?, mean(b)?);
        let scale = if is_log { 1.0 } else { 1.0 / m.abs().max(f64::MIN_POSITIVE) };
        let parts = [
            (variance(a)? / a.len() as f64, Some(a.len() as f64 - 1.0)),
            (variance(b)? / b.len() as f64, Some(b.len() as f64 - 1.0)),
        ];
        let effect = ((n - m) * scale).clamp(-1e300, 1e300);
        let interval = satterthwaite(&parts).map(|df| {
            let error = standard_error(&parts) * scale;
            let half = t_quantile(0.975, Some(df)) * error;
            Interval { low: Some(effect - half), high: Some(effect + half), confidence: 0.95 }
        });
        let p = split_p(values.get(before..after)?, config.least.clamp(2, MOST_POINTS), config.seed);
        let points = ((at - before) as u64, (after - at) as u64);
        Some(Change { at: at as u64, effect, interval, p, adjusted_p: p, points, by_pelt: false, by_energy: false })
    };
    let border = |cuts: &[usize], i: usize| {
        let before = i.checked_sub(1).and_then(|i| cuts.get(i)).copied().unwrap_or(0);
        (before, cuts.get(i + 1).copied().unwrap_or(values.len()))
    };
    let all = |cuts: &[usize], i: usize| {
        let (before, after) = border(cuts, i);
        cuts.get(i).and_then(|at| judge(before, *at, after))
    };
    let margin = if is_log { ln(1.0 + config.margin) } else { config.margin };
    let mut changes: Vec<Option<Change>> = (0..cuts.len()).map(|i| all(cuts, i)).collect();
    loop {
        // Without a verdict first, then by p, then by effect.
        let key = |c: &Option<Change>| c.map_or((2.0, 0.0), |c| (c.p, -c.effect.abs()));
        let fails = |c: &Option<Change>| c.is_none_or(|c| c.p > config.alpha || c.effect.abs() <= margin);
        let weakest = (0..changes.len()).filter(|i| fails(&changes[*i])).max_by(|i, j| {
            let (a, b) = (key(&changes[*i]), key(&changes[*j]));
            a.0.total_cmp(&b.0).then(a.1.total_cmp(&b.1))
        });
        let Some(weakest) = weakest else { break };
        cuts.remove(weakest);
        changes.remove(weakest);
        for i in [weakest.checked_sub(1), Some(weakest)].into_iter().flatten().filter(|i| *i < cuts.len()) {
            changes[i] = all(cuts, i);
        }
    }
    changes.into_iter().flatten().collect()
}

/// One point against a level.
struct Outlying {
    effect: f64,
    p: f64,
    expected: Interval,
    n: u64,
    is_out: bool,
}

/// A point against the points of a level, of which there must be three.
fn against(level: &[f64], point: f64, is_log: bool, config: &HistoryConfig) -> Option<Outlying> {
    let (m, s, n) = (mean(level)?, std_dev(level)?, level.len() as f64);
    if level.len() < LEVEL {
        return None;
    }
    let error = s * sqrt(1.0 + 1.0 / n);
    let half = t_quantile(1.0 - (1.0 - config.confidence) / 2.0, Some(n - 1.0)) * error;
    let back = |x: f64| if is_log { exp(x) } else { x };
    let expected = Interval { low: Some(back(m - half)), high: Some(back(m + half)), confidence: config.confidence };
    let scale = if is_log { 1.0 } else { 1.0 / m.abs().max(f64::MIN_POSITIVE) };
    let effect = ((point - m) * scale).clamp(-1e300, 1e300);
    let p = match (point == m, error > 0.0) {
        (true, _) => 1.0,
        (false, true) => t_two_sided((point - m) / error, Some(n - 1.0)),
        (false, false) => f64::MIN_POSITIVE,
    };
    let margin = if is_log { ln(1.0 + config.margin) } else { config.margin };
    let is_out = p < 1.0 - config.confidence && effect.abs() > margin;
    Some(Outlying { effect, p, expected, n: level.len() as u64, is_out })
}

/// The last point against its level; when the one before is out on the same side too, both against
/// the rest.
fn last_point(level: &[f64], is_log: bool, config: &HistoryConfig) -> LastPoint {
    let n = level.len() as u64;
    let few = LastPoint { alarm: Alarm::TooFew, expected: None, effect: None, p: None, n };
    let Some((last, before)) = level.split_last() else { return few };
    let Some(one) = against(before, *last, is_log, config) else { return few };
    let both = before.split_last().and_then(|(second, rest)| {
        let (a, b) = (against(rest, *second, is_log, config)?, against(rest, *last, is_log, config)?);
        (a.is_out && b.is_out && (a.effect > 0.0) == (b.effect > 0.0)).then_some(b)
    });
    let (alarm, found) = match both {
        Some(both) => (Alarm::Confirmed, both),
        None if one.is_out => (Alarm::NeedsConfirmation, one),
        None => (Alarm::Quiet, one),
    };
    LastPoint { alarm, expected: Some(found.expected), effect: Some(found.effect), p: Some(found.p), n: found.n }
}

/// Adjusts the p of all changes of all histories together (Benjamini and Hochberg 1995), and drops
/// those above `rate`, the share of false changes to be expected among those that stay.
pub fn adjust(histories: &mut [History], rate: f64) {
    let p: Vec<f64> = histories.iter().flat_map(|h| h.changes.iter().map(|c| c.p)).collect();
    let mut adjusted = benjamini_hochberg(&p).into_iter();
    for change in histories.iter_mut().flat_map(|h| h.changes.iter_mut()) {
        change.adjusted_p = adjusted.next().unwrap_or(1.0);
    }
    for history in histories {
        history.changes.retain(|c| c.adjusted_p <= rate);
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::{Alarm, HistoryConfig, adjust, history};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::math::exp;
    use crate::stats::random::{Random, seed as seed_of};

    fn points(levels: &[(usize, f64)], noise: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed_of([], "history", seed));
        levels.iter().flat_map(|(n, m)| alloc::vec![*m; *n]).map(|m| m * exp(noise * random.normal())).collect()
    }

    fn of(points: &[f64]) -> super::History {
        history(points, &HistoryConfig::default()).unwrap()
    }

    #[test]
    fn changes_are_found_with_their_size() {
        let found = of(&points(&[(40, 100.0), (30, 110.0), (30, 104.0)], 0.01, 1));
        let at: Vec<u64> = found.changes.iter().map(|c| c.at).collect();
        assert_eq!(at, [40, 70]);
        assert!((found.changes[0].effect - crate::stats::math::ln(1.1)).abs() < 0.01);
        assert!(found.changes.iter().all(|c| c.p <= 0.01 && c.by_energy && c.interval.is_some()));
        assert_eq!(found.last.alarm, Alarm::Quiet);
    }

    #[test]
    fn noise_and_single_spikes_are_no_change() {
        let found = (0..60).map(|s| of(&points(&[(60, 5.0)], 0.03, s)).changes.len()).filter(|n| *n > 0).count();
        assert!(found <= 4, "{found} of 60");
        let mut spike = points(&[(40, 5.0)], 0.01, 1);
        spike[20] = 9.0;
        assert!(of(&spike).changes.is_empty());
        // A change below the margin, however certain.
        assert!(of(&points(&[(50, 100.0), (50, 100.5)], 0.0005, 1)).changes.is_empty());
    }

    #[test]
    fn the_last_point_asks_for_another() {
        let mut series = points(&[(30, 100.0)], 0.01, 2);
        series.push(115.0);
        let found = of(&series);
        assert_eq!((found.last.alarm, found.changes.len()), (Alarm::NeedsConfirmation, 0));
        assert!(found.last.expected.unwrap().high.unwrap() < 105.0 && found.last.p.unwrap() < 1e-6);
        series.push(116.0);
        assert_eq!(of(&series).last.alarm, Alarm::Confirmed);
        // Back to normal: the spike was one.
        series.pop();
        series.push(100.0);
        assert_eq!(of(&series).last.alarm, Alarm::Quiet);
        // Three at a new level are a change; a fourth is judged by them.
        let found = of(&points(&[(30, 100.0), (3, 130.0)], 0.01, 2));
        assert_eq!((found.changes.len(), found.last.alarm), (1, Alarm::Confirmed));
        let found = of(&points(&[(30, 100.0), (4, 130.0)], 0.01, 2));
        assert_eq!((found.changes.len(), found.last.alarm, found.last.n), (1, Alarm::Quiet, 3));
    }

    #[test]
    fn adjustment_is_over_all_histories() {
        let mut all: Vec<_> = (0..3).map(|s| of(&points(&[(30, 1.0), (30, 2.0)], 0.01, s))).collect();
        adjust(&mut all, 0.05);
        assert!(all.iter().all(|h| h.changes.len() == 1 && h.changes[0].adjusted_p <= 0.0011));
        adjust(&mut all, 0.0001);
        assert!(all.iter().all(|h| h.changes.is_empty()));
    }

    #[test]
    fn edges() {
        let config = HistoryConfig::default();
        assert_eq!(history(&[], &config), Err(NotEstimable::NoData));
        assert_eq!(history(&[f64::NAN], &config), Err(NotEstimable::BadValue));
        let all = HistoryConfig { least: usize::MAX, ..config };
        assert!(history(&[1.0, 2.0, 3.0, 4.0], &all).unwrap().changes.is_empty());
        for n in [1, 2, 5] {
            let found = of(&alloc::vec![1.0; n]);
            assert!(found.changes.is_empty() && (n > 3) == (found.last.alarm == Alarm::Quiet), "{n}");
        }
        // Exact counts: no spread on either side.
        let exact = of(&[[7.0; 10], [9.0; 10]].concat());
        assert_eq!((exact.changes.len(), exact.changes[0].at, exact.changes[0].interval), (1, 10, None));
        let negative: Vec<f64> = points(&[(20, 1.0), (20, 3.0)], 0.1, 1).iter().map(|v| v - 2.0).collect();
        assert_eq!(of(&negative).changes.len(), 1);
    }
}
