//! Causes and what they cost: marks against the values that bear them, and the core's frequency
//! against time (STATISTICS S9).

use alloc::vec::Vec;

use crate::model::{Mark, Marks};
use crate::report::Estimate;
use crate::stats::distribution::t_two_sided;
use crate::stats::estimable::{NotEstimable, check, check_varied};
use crate::stats::hodges_lehmann::shift;
use crate::stats::math::{exp, sqrt};
use crate::stats::moments::{mean, std_dev, sum};
use crate::stats::order::{median, sorted};
use crate::stats::rank::midranks;
use crate::stats::series::log_scale;

/// Values below which a rank correlation is not judged.
const LEAST: usize = 10;

/// One cause and its cost.
#[derive(Clone, Debug, PartialEq)]
pub struct Cause {
    /// The mark.
    pub mark: Mark,
    /// Values that bear it.
    pub marked: u64,
    /// Their share of all values, in (0, 1].
    pub share: f64,
    /// From values without this mark to those with it: ln of a ratio on the logarithmic scale, else
    /// a difference. `None` where every value bears it.
    pub effect: Option<Estimate>,
    /// Share of the time above the unmarked median that marked values hold, in [0, 1]; `None` where
    /// nothing lies above it or nothing is unmarked.
    pub excess_share: Option<f64>,
    /// Share of the variance that lies between marked and unmarked (η²), in [0, 1]; `None` without
    /// variance.
    pub variance_share: Option<f64>,
}

/// Every mark that some value bears, with its cost, in the order of [`Mark`]. `values` and `marks`
/// are those of one side, in any order; marks are seen one by one, so that two which come together
/// both show the cost they share.
///
/// # Errors
/// Without values, when the columns differ in length, or one value is not finite.
pub fn causes(values: &[f64], marks: &[Marks], confidence: f64) -> Result<Vec<Cause>, NotEstimable> {
    check(values, 1)?;
    if values.len() != marks.len() {
        return Err(NotEstimable::Unequal);
    }
    let (scaled, _) = log_scale(values);
    Ok(Mark::ALL.into_iter().filter_map(|mark| cause(mark, values, &scaled, marks, confidence)).collect())
}

fn cause(mark: Mark, values: &[f64], scaled: &[f64], marks: &[Marks], confidence: f64) -> Option<Cause> {
    let of = |values: &[f64], bears: bool| -> Vec<f64> {
        values.iter().zip(marks).filter(|(_, m)| m.has(mark) == bears).map(|(v, _)| *v).collect()
    };
    let (with, without) = (of(scaled, true), of(scaled, false));
    if with.is_empty() {
        return None;
    }
    let above = |list: &[f64], level: f64| sum(list.iter().map(|v| (v - level).max(0.0)));
    let excess_share = median(&sorted(of(values, false))).and_then(|level| {
        let (marked, all) = (above(&of(values, true), level), above(values, level));
        (all > 0.0).then(|| (marked / all).clamp(0.0, 1.0))
    });
    let center = mean(scaled)?;
    let squares = sum(scaled.iter().map(|v| (v - center) * (v - center)));
    let between =
        [&with, &without].into_iter().filter_map(|g| mean(g).map(|m| g.len() as f64 * (m - center) * (m - center)));
    let between: f64 = between.sum();
    Some(Cause {
        mark,
        marked: with.len() as u64,
        share: with.len() as f64 / values.len() as f64,
        effect: shift(&without, &with, confidence),
        excess_share,
        variance_share: (squares > 0.0).then(|| (between / squares).clamp(0.0, 1.0)),
    })
}

/// Whether the core's frequency explains times.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct FrequencyScaling {
    /// Pairs used.
    pub n: u64,
    /// Coefficient of variation of the frequency (APERF/MPERF, or cycles per reference cycle).
    pub variation: f64,
    /// Spearman's rank correlation of time and frequency; `None` where either does not vary.
    pub rho: Option<f64>,
    /// Its p, by Student's t; `None` like `rho`.
    pub p: Option<f64>,
    /// Coefficients of variation of time and of cycles (time × frequency): where the second is
    /// clearly smaller, cycles are the better metric. Of logarithms, as deviations.
    pub spread: (f64, f64),
    /// `freq_scaling`: variation above 1 %, or |ρ| above 0.5 with p below 0.01.
    pub found: bool,
}

/// Judges positive times against positive frequencies of the same iterations.
///
/// # Errors
/// Below ten pairs, when the columns differ in length, or a value is not finite or not positive.
pub fn frequency_scaling(times: &[f64], frequencies: &[f64]) -> Result<FrequencyScaling, NotEstimable> {
    check(times, LEAST)?;
    check(frequencies, LEAST)?;
    if times.len() != frequencies.len() {
        return Err(NotEstimable::Unequal);
    }
    let ((time, a), (frequency, b)) = (log_scale(times), log_scale(frequencies));
    if !a || !b {
        return Err(NotEstimable::BadValue);
    }
    let center = mean(frequencies).ok_or(NotEstimable::NoData)?;
    let variation = std_dev(frequencies).unwrap_or(0.0) / center;
    let cycles: Vec<f64> = time.iter().zip(&frequency).map(|(t, f)| t + f).collect();
    let correlation = spearman(&time, &frequency).ok();
    Ok(FrequencyScaling {
        n: times.len() as u64,
        variation,
        rho: correlation.map(|c| c.0),
        p: correlation.map(|c| c.1),
        spread: (std_dev(&time).unwrap_or(0.0), std_dev(&cycles).unwrap_or(0.0)),
        found: variation > 0.01 || correlation.is_some_and(|(rho, p)| rho.abs() > 0.5 && p < 0.01),
    })
}

/// Spearman's rank correlation with midranks, and its two-sided p by Student's t with n − 2 degrees
/// of freedom.
///
/// # Errors
/// Below ten pairs, when lengths differ, or one side does not vary or is not finite.
pub fn spearman(a: &[f64], b: &[f64]) -> Result<(f64, f64), NotEstimable> {
    check_varied(a, LEAST)?;
    check_varied(b, LEAST)?;
    if a.len() != b.len() {
        return Err(NotEstimable::Unequal);
    }
    let ((a, _), (b, _)) = (midranks(a), midranks(b));
    let n = a.len() as f64;
    let middle = (n + 1.0) / 2.0;
    let product = |x: &[f64], y: &[f64]| sum(x.iter().zip(y).map(|(x, y)| (x - middle) * (y - middle)));
    let rho = (product(&a, &b) / sqrt(product(&a, &a) * product(&b, &b))).clamp(-1.0, 1.0);
    let t = rho * sqrt((n - 2.0) / ((1.0 - rho) * (1.0 + rho)).max(f64::MIN_POSITIVE));
    Ok((rho, t_two_sided(t, Some(n - 2.0))))
}

/// Share of the variance of ln time that a covariate explains by rank (ρ²), with the covariate's
/// typical cost: how much longer the iterations in its upper half took, as a ratio. For counters that
/// are no marks: run-queue delay, steal time, faults.
///
/// # Errors
/// Like [`spearman`]; also when a time is not positive.
pub fn covariate(times: &[f64], counter: &[f64], confidence: f64) -> Result<Covariate, NotEstimable> {
    let (rho, p) = spearman(times, counter)?;
    let (time, positive) = log_scale(times);
    if !positive {
        return Err(NotEstimable::BadValue);
    }
    let middle = median(&sorted(counter.to_vec())).ok_or(NotEstimable::NoData)?;
    let side = |upper: bool| -> Vec<f64> {
        time.iter().zip(counter).filter(|(_, c)| (**c > middle) == upper).map(|(t, _)| *t).collect()
    };
    let cost = shift(&side(false), &side(true), confidence);
    Ok(Covariate {
        n: times.len() as u64,
        rho,
        p,
        explained: rho * rho,
        ratio: cost.as_ref().map(|c| exp(c.value)),
        cost,
    })
}

/// How a counter goes with time.
#[derive(Clone, Debug, PartialEq)]
pub struct Covariate {
    /// Pairs used.
    pub n: u64,
    /// Spearman's rank correlation.
    pub rho: f64,
    /// Its two-sided p.
    pub p: f64,
    /// ρ².
    pub explained: f64,
    /// Upper half over lower half of the counter, in time; `None` where the upper half is empty.
    pub ratio: Option<f64>,
    /// The same as ln, with its interval.
    pub cost: Option<Estimate>,
}

/// Share of the processor time that the system took, from user and system seconds; `None` without
/// any. Above 0.05 the kernel is a good part of what is measured.
#[must_use]
pub fn system_share(user: f64, system: f64) -> Option<f64> {
    let total = user + system;
    (total.is_finite() && total > 0.0 && system >= 0.0 && user >= 0.0).then(|| system / total)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{causes, covariate, frequency_scaling, spearman, system_share};
    use crate::model::{Mark, Marks};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::math::{exp, ln};
    use crate::stats::random::{Random, seed as seed_of};

    #[test]
    fn a_mark_shows_what_it_costs() {
        let mut random = Random::new(seed_of([], "causes", 0));
        let marks: Vec<Marks> =
            (0..200).map(|i| if i % 10 == 0 { Marks::of(Mark::Preempted) } else { Marks::NONE }).collect();
        let times: Vec<f64> =
            marks.iter().map(|m| exp(0.01 * random.normal()) * if m.is_empty() { 1.0 } else { 1.5 }).collect();
        let found = causes(&times, &marks, 0.95).unwrap();
        assert_eq!((found.len(), found[0].mark, found[0].marked, found[0].share), (1, Mark::Preempted, 20, 0.1));
        assert!((found[0].effect.as_ref().unwrap().value - ln(1.5)).abs() < 0.01);
        assert!(found[0].variance_share.unwrap() > 0.98 && found[0].excess_share.unwrap() > 0.9);
    }

    #[test]
    fn marks_without_effect_and_without_contrast() {
        let all = causes(&[1.0, 2.0, -3.0], &[Marks::of(Mark::Migrated); 3], 0.95).unwrap();
        assert_eq!((all[0].effect.as_ref(), all[0].excess_share, all[0].share), (None, None, 1.0));
        let tied =
            causes(&[5.0; 4], &[Marks::NONE, Marks::of(Mark::Migrated), Marks::NONE, Marks::NONE], 0.95).unwrap();
        assert_eq!((tied[0].variance_share, tied[0].excess_share), (None, None));
        assert_eq!(tied[0].effect.as_ref().unwrap().value, 0.0);
        assert_eq!(causes(&[1.0], &[Marks::NONE], 0.95), Ok(vec![]));
        assert_eq!(causes(&[], &[], 0.95), Err(NotEstimable::NoData));
        assert_eq!(causes(&[1.0], &[], 0.95), Err(NotEstimable::Unequal));
    }

    #[test]
    fn frequency_explains_time() {
        let mut random = Random::new(seed_of([], "frequency", 0));
        let clock: Vec<f64> = (0..50).map(|i| 3e9 * (1.0 + 0.1 * f64::from(i % 2))).collect();
        let times: Vec<f64> = clock.iter().map(|f| 3e9 / f * exp(0.001 * random.normal())).collect();
        let found = frequency_scaling(&times, &clock).unwrap();
        assert!(found.found && found.rho.unwrap() < -0.8 && found.spread.1 < 0.1 * found.spread.0, "{found:?}");
        let steady = frequency_scaling(&times, &[3e9; 50]).unwrap();
        assert_eq!((steady.found, steady.rho, steady.variation), (false, None, 0.0));
        assert!(matches!(frequency_scaling(&[1.0; 9], &[1.0; 9]), Err(NotEstimable::TooFew { .. })));
        assert_eq!(frequency_scaling(&[-1.0; 10], &[1.0; 10]), Err(NotEstimable::BadValue));
    }

    #[test]
    fn rank_correlation_has_a_reference_value() {
        // scipy.stats.spearmanr.
        let a = [1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 7.0, 8.0, 9.0, 10.0, 10.0];
        let b = [2.0, 1.0, 4.0, 3.0, 7.0, 8.0, 6.0, 5.0, 10.0, 9.0, 9.0];
        let (rho, p) = spearman(&a, &b).unwrap();
        assert!(
            (rho - 0.8721461187214613).abs() < 1e-14 && (p / 0.00046362622016093557 - 1.0).abs() < 1e-10,
            "{rho} {p}"
        );
        assert_eq!(spearman(&a, &a).unwrap().0, 1.0);
        assert_eq!(spearman(&a, &[1.0; 11]), Err(NotEstimable::NoVariance));
    }

    #[test]
    fn counters_cost_what_their_upper_half_does() {
        let delay: Vec<f64> = (0..40).map(f64::from).collect();
        let times: Vec<f64> = delay.iter().map(|d| if *d > 19.5 { 1.2 } else { 1.0 } + d * 1e-6).collect();
        let found = covariate(&times, &delay, 0.95).unwrap();
        assert!(found.explained > 0.99 && (found.ratio.unwrap() - 1.2).abs() < 1e-3);
        assert_eq!(system_share(0.95, 0.05), Some(0.05));
        assert_eq!(system_share(0.0, 0.0), None);
    }
}
