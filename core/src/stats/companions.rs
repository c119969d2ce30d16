//! What other methods say beside the default one; they decide nothing (STATISTICS S4, S18).

use alloc::vec::Vec;

use crate::config::StatsConfig;
use crate::model::SideSeries;
use crate::report::{Companion, Estimate, Interval, Method, Test};
use crate::stats::brunner_munzel::{BrunnerMunzel, brunner_munzel, superiority};
use crate::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use crate::stats::design::used;
use crate::stats::distribution::{t_quantile, t_two_sided};
use crate::stats::hodges_lehmann::{center, shift, shift_exact_to};
use crate::stats::hypothesis::{mann_whitney, trimmed, yuen};
use crate::stats::math::{ln, sqrt};
use crate::stats::paired::{drawn_flips, sign_flip_by, wilcoxon};

/// What other methods say of two sides of independent units.
pub(super) fn of_sides(x: &[f64], y: &[f64], confidence: f64, config: &StatsConfig) -> Vec<Companion> {
    let mut out = Vec::new();
    let ranks = mann_whitney(y, x);
    out.extend(ranks.as_ref().map(Companion::test));
    out.extend(brunner_munzel(x, y, config.resampling(confidence)).map(|bm| superior(&bm)));
    out.extend(shift(x, y, confidence).map(|e| estimator(Method::HodgesLehmann, e, ranks.as_ref())));
    if let (Some(test), Some((my, vy, _)), Some((mx, vx, _))) =
        (yuen(y, x, config.trim), trimmed(y, config.trim), trimmed(x, config.trim))
    {
        let half = t_quantile(0.5 + confidence / 2.0, test.df) * sqrt(vx + vy);
        out.push(Companion::test(&test).estimating(my - mx, Some(around(my - mx, half, confidence))));
    }
    out
}

/// Values a side up to which iterations are described.
const MOST_DESCRIBED: usize = 20_000;

/// What robust estimators say of the iterations of sides with one process. No tests and no intervals: these would take
/// iterations for replicates.
pub(super) fn of_iterations(a: &SideSeries, b: &SideSeries, log: bool, config: &StatsConfig) -> Vec<Companion> {
    let values = |side: &SideSeries| -> Vec<f64> {
        used(side).into_iter().map(|(value, _)| if log { ln(value) } else { value }).collect()
    };
    let (x, y) = (values(a), values(b));
    let fits = |n: usize| (2..=MOST_DESCRIBED).contains(&n);
    // What has a weight stands for several values.
    if !fits(x.len()) || !fits(y.len()) || [a, b].iter().any(|side| !side.columns.weight.is_empty()) {
        return Vec::new();
    }
    let only = |method, estimate| Companion {
        method,
        statistic: None,
        df: None,
        p: None,
        estimate: Some(estimate),
        interval: None,
        resamples: None,
    };
    let mut out = Vec::new();
    out.extend(superiority(&x, &y).map(|chance| only(Method::BrunnerMunzel, chance)));
    // By the expansion: no interval is asked for, so no table is worth making.
    out.extend(shift_exact_to(0, &x, &y, config.confidence).map(|e| only(Method::HodgesLehmann, e.value)));
    let trimmed = trimmed(&y, config.trim).zip(trimmed(&x, config.trim));
    out.extend(trimmed.map(|(y, x)| only(Method::Yuen, y.0 - x.0)));
    out
}

/// The chance A with its test.
fn superior(found: &BrunnerMunzel) -> Companion {
    let test = Companion::test(&found.test()).estimating(found.a, found.interval);
    let resamples = found.sampled.then_some(found.permutations);
    Companion { statistic: found.statistic, resamples, ..test }
}

/// What other methods say of differences per block, and of the means of both sides in each block.
pub(super) fn of_pairs(
    differences: &[f64],
    (x, y): &(Vec<f64>, Vec<f64>),
    confidence: f64,
    config: &StatsConfig,
) -> Vec<Companion> {
    let mut out = Vec::new();
    let ranks = wilcoxon(differences);
    out.extend(ranks.as_ref().map(Companion::test));
    let by = config.resampling(confidence);
    let resamples = drawn_flips(differences.len(), by);
    out.extend(sign_flip_by(differences, by).map(|test| Companion { resamples, ..Companion::test(&test) }));
    out.extend(brunner_munzel_pairs(x, y, by).ok().map(|bm| superior(&bm)));
    out.extend(center(differences, confidence).map(|e| estimator(Method::WalshMedian, e, ranks.as_ref())));
    if let Some((m, v, h)) = trimmed(differences, config.trim).filter(|t| t.1 > 0.0) {
        let (df, se) = (h - 1.0, sqrt(v));
        let half = t_quantile(0.5 + confidence / 2.0, Some(df)) * se;
        let (statistic, p) = (m / se, t_two_sided(m / se, Some(df)));
        out.push(Companion {
            method: Method::TrimmedMean,
            statistic: Some(statistic),
            df: Some(df),
            p: Some(p),
            estimate: Some(m),
            interval: Some(around(m, half, confidence)),
            resamples: None,
        });
    }
    out
}

/// An estimate whose interval holds what a test does not reject, with that test.
fn estimator(method: Method, estimate: Estimate, test: Option<&Test>) -> Companion {
    Companion {
        method,
        statistic: test.map(|t| t.statistic),
        df: None,
        p: test.map(|t| t.p),
        estimate: Some(estimate.value),
        interval: estimate.interval,
        resamples: None,
    }
}

pub(super) fn around(center: f64, half: f64, confidence: f64) -> Interval {
    Interval { low: Some(center - half), high: Some(center + half), confidence }
}
