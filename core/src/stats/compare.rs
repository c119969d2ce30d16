//! Two sides to a difference, its tests and its verdict (STATISTICS S0, S4, S5, S13, S18).

use alloc::vec::Vec;

use crate::config::{MarginValue, StatsConfig};
use crate::model::{Assumption, SideSeries, Stopping};
use crate::report::{
    Comparison, Design, Difference, Interval, Level, Margin, Method, Plan, PlanGoal, Reason, Stopped, Verdict,
};
use crate::sort::sort_distinct;
#[cfg(feature = "full")]
use crate::stats::bets;
use crate::stats::blocks;
use crate::stats::companions::{self, around};
use crate::stats::design::{ForkMean, Units, blocks_of_both, fork_means, paired_blocks, used};
use crate::stats::distribution::{satterthwaite, standard_error, t_quantile, t_two_sided, t_upper, t_upper_quantile};
use crate::stats::hypothesis::trimmed;
use crate::stats::lockstep;
use crate::stats::math::{exp, ln};
use crate::stats::moments::{mean, notable_skewness, variance};
use crate::stats::multiplicity::{benjamini_hochberg, holm, selected_confidence};
use crate::stats::order::{quantile, sorted};
use crate::stats::plan::{self, Goal, NoPlan, PlanInput, PlanLevel, Replication};
use crate::stats::repeated::Repeated;
use crate::stats::summary::kept_only;
use crate::stats::variance::Stratum;
use crate::unit::{Better, Quantity};

/// Variance parts of an estimate: variance of the mean and its degrees of freedom (`None`: known).
type Parts = Vec<(f64, Option<f64>)>;

/// Compares one candidate with the baseline, before correction for many comparisons.
///
/// `candidate` of the result is filled in by the caller;
/// `p_margin_adjusted` and the final verdict by [`settle`].
#[must_use]
pub fn compare(baseline: &SideSeries, candidate: &SideSeries, margin: MarginValue, config: &StatsConfig) -> Comparison {
    compare_units((baseline, &Units::of(baseline)), (candidate, &Units::of(candidate)), margin, config)
}

/// [`compare`] of sides whose units are known.
pub(crate) fn compare_units(
    (baseline, a): (&SideSeries, &Units),
    (candidate, b): (&SideSeries, &Units),
    margin: MarginValue,
    config: &StatsConfig,
) -> Comparison {
    let log = a.log && b.log;
    let mut out = blank();
    let (a, b) = (a.means_on(baseline, log), b.means_on(candidate, log));
    if a.is_empty() || b.is_empty() {
        out.reasons = match (baseline.aggregates.first(), candidate.aggregates.first()) {
            (Some(a), Some(b)) => kept_only(a.median_only || b.median_only),
            _ => [Reason::NoData].into(),
        };
        return out;
    }
    if !log {
        out.reasons.push(Reason::LinearScale);
    }
    let level = mean(&a.iter().map(|f| f.mean).collect::<Vec<_>>()).unwrap_or(0.0);
    if !log && level == 0.0 {
        out.reasons.push(Reason::ZeroBaseline);
    }
    out.margin = margin_at(margin, level, log);
    if let Some((x, y)) = constants(baseline, candidate) {
        exact(&mut out, x, y, log);
    } else {
        estimate(&mut out, (baseline, &a), (candidate, &b), log, config);
    }
    if baseline.better == Better::Unknown {
        out.reasons.push(Reason::UnknownDirection);
    }
    let adjusted = out.p_margin;
    decide(&mut out, baseline.better, adjusted, config);
    propose(&mut out, (baseline, &a), (candidate, &b), config);
    out
}

/// The margin at the baseline's level on its scale.
fn margin_at(margin: MarginValue, level: f64, log: bool) -> Margin {
    let level = if log { exp(level) } else { level.abs() };
    let (ratio, amount) = match margin {
        MarginValue::Ratio(ratio) => (ratio, (level > 0.0).then_some(ratio * level)),
        MarginValue::Amount(amount) => (if level > 0.0 { amount / level } else { 0.0 }, Some(amount)),
    };
    // An amount far above a tiny level is no ratio that a number can hold.
    let ratio = if ratio.is_finite() { ratio.min(1e300) } else { 1e300 };
    Margin { ratio, on_scale: if log { Some(ln(1.0 + ratio)) } else { amount } }
}

/// Nothing to compare yet.
pub(crate) fn blank() -> Comparison {
    Comparison {
        candidate: 0,
        verdict: Verdict::NotComparable,
        reasons: Vec::new(),
        design: Design::None,
        method: Method::None,
        n: 0,
        difference: None,
        margin: Margin { ratio: 0.0, on_scale: None },
        p: None,
        p_margin: None,
        p_margin_adjusted: None,
        q: None,
        selected_interval: None,
        p_equivalence: None,
        companions: Vec::new(),
        pairs: None,
        blocks: None,
        stopping: None,
        false_alarms: None,
        plan: None,
        verdict_with_excluded: None,
    }
}

/// The two constants, where both sides are constant and the metric does not vary on its own.
fn constants(a: &SideSeries, b: &SideSeries) -> Option<(f64, f64)> {
    let one = |side: &SideSeries| {
        let values = used(side);
        let first = values.first()?.0;
        values.iter().all(|(v, _)| *v == first).then_some(first)
    };
    let several = a.forks.len() > 1 && b.forks.len() > 1;
    let shown = a.assumption != Assumption::Varies || several;
    let exact = a.assumption == Assumption::Exact || !a.quantity.varies_between_runs() && shown;
    if exact { one(a).zip(one(b)) } else { None }
}

fn exact(out: &mut Comparison, x: f64, y: f64, log: bool) {
    let estimate = if log { ln(y) - ln(x) } else { y - x };
    out.design = Design::Exact;
    out.method = Method::Exact;
    out.n = 1;
    out.reasons.push(if x == y { Reason::Identical } else { Reason::ExactDifference });
    let interval = Some(Interval { low: Some(estimate), high: Some(estimate), confidence: 1.0 });
    let ratio = (x != 0.0).then(|| y / x);
    out.difference = Some(Difference {
        log_scale: log,
        estimate,
        standard_error: None,
        df: None,
        interval,
        equivalence_interval: interval,
        ratio,
        ratio_interval: ratio.map(|r| Interval { low: Some(r), high: Some(r), confidence: 1.0 }),
    });
}

pub(crate) type Arm<'a> = (&'a SideSeries, &'a [ForkMean]);

/// The differences of the blocks that hold both sides, with their ids: medians of pairs in lockstep,
/// else of means.
pub(crate) fn block_differences(a: &SideSeries, b: &SideSeries, log: bool) -> Vec<(u32, f64)> {
    differences((a, &fork_means(a, log)), (b, &fork_means(b, log)), log)
}

/// [`block_differences`] from means of forks that are known.
pub(crate) fn differences(a: Arm<'_>, b: Arm<'_>, log: bool) -> Vec<(u32, f64)> {
    let lockstep = if log && a.0.lockstep && b.0.lockstep { lockstep::block_estimates(a.0, b.0) } else { Vec::new() };
    if lockstep.len() >= 2 { lockstep } else { paired_blocks(a.1, b.1) }
}

fn estimate(out: &mut Comparison, a: Arm<'_>, b: Arm<'_>, log: bool, config: &StatsConfig) {
    let paired: Vec<f64> = differences(a, b, log).into_iter().map(|(_, d)| d).collect();
    let means = |arm: Arm<'_>| arm.1.iter().map(|f| f.mean).collect::<Vec<f64>>();
    if paired.len() >= 2 {
        let is_lockstep = log && a.0.lockstep && b.0.lockstep;
        out.design = if is_lockstep { Design::LockstepBlocks } else { Design::PairedBlocks };
        if is_lockstep {
            out.reasons.push(Reason::Lockstep);
            out.pairs = lockstep::diagnose(a.0, b.0, config.confidence);
        }
        out.method = Method::PairedT;
        out.n = paired.len() as u64;
        let n = paired.len() as f64;
        let parts = [(variance(&paired).unwrap_or(0.0) / n, Some(n - 1.0))].to_vec();
        stopped(out, a.0, b.0, true, config);
        if notable_skewness(&paired).is_some() {
            out.reasons.push(Reason::Skewed);
        }
        if !is_lockstep {
            out.blocks = Some(blocks::check(a, b, config.confidence));
        }
        let sides = blocks_of_both(a.1, b.1).into_iter().map(|(_, x, y)| (x, y)).unzip();
        out.companions = companions::of_pairs(&paired, &sides, nominal(out, config), config);
        repeat(out);
        finish(out, mean(&paired).unwrap_or(0.0), &parts, log, config);
        // The small engine leaves such logs to the whole one.
        #[cfg(feature = "full")]
        if out.stopping.as_ref().is_some_and(|s| s.signs) {
            return bets::judge(out, &paired, config);
        }
        for robust in [trimmed(&paired, config.trim), unlabelled(&paired)] {
            fragile(out, robust.map(|(m, v, h)| (m, [(v, Some(h - 1.0))].to_vec())), config);
        }
        return;
    }
    let (x, y) = (means(a), means(b));
    out.n = x.len().min(y.len()) as u64;
    let mut parts: Parts = Vec::new();
    // Both sides have the one estimate of a passport: one part, with its degrees of freedom once.
    let mut known: Option<(f64, Option<f64>)> = None;
    let mut assumed = false;
    let single = x.len() < 2 || y.len() < 2;
    let interleaved = a.0.interleaved && b.0.interleaved && !single;
    // An assumed spread is a ratio: on the linear scale it is that share of the level.
    let scale = if log {
        1.0
    } else {
        let level = |forks: &[ForkMean]| mean(&forks.iter().map(|f| f.mean).collect::<Vec<_>>()).unwrap_or(0.0).abs();
        level(a.1).max(level(b.1))
    };
    let squared = |sd: f64| (sd * scale) * (sd * scale);
    for (side, forks) in [(a.0, a.1), (b.0, b.1)] {
        let values: Vec<f64> = forks.iter().map(|f| f.mean).collect();
        if values.len() >= 2 {
            parts.push((variance(&values).unwrap_or(0.0) / values.len() as f64, Some(values.len() as f64 - 1.0)));
            if !interleaved && side.quantity.varies_between_runs() {
                parts.push((squared(config.assumed_block_sd), None));
                assumed |= config.assumed_block_sd > 0.0;
            }
        } else {
            if let Some((within, df)) = forks.first().and_then(|f| f.within) {
                parts.push((within, Some(df)));
            }
            // What varies inside the only process varies between processes too; a count that does not is
            // its own evidence.
            if side.varies_between_runs() || forks.iter().any(|f| f.within.is_some_and(|w| w.0 > 0.0)) {
                match side.run_spread.filter(|_| log) {
                    Some((sd, df)) => known = Some((known.map_or(0.0, |k| k.0) + sd * sd, df)),
                    None => {
                        parts.push((squared(config.assumed_fork_sd), None));
                        assumed |= config.assumed_fork_sd > 0.0;
                    }
                }
            }
        }
    }
    parts.extend(known);
    if known.is_some() {
        out.reasons.push(Reason::Passport);
    }
    out.design = if single {
        Design::SingleFork
    } else if interleaved {
        Design::Forks
    } else {
        Design::SequentialForks
    };
    out.method = if assumed { Method::AssumedSd } else { Method::Welch };
    if assumed {
        out.reasons.push(Reason::AssumedBetweenRunSd);
    }
    if !interleaved {
        out.reasons.push(Reason::SequentialArms);
    }
    stopped(out, a.0, b.0, false, config);
    if single {
        out.reasons.push(Reason::OneSample);
        out.companions = companions::of_iterations(a.0, b.0, log, config);
    } else {
        out.companions = companions::of_sides(&x, &y, nominal(out, config), config);
        repeat(out);
    }
    let d = mean(&y).unwrap_or(0.0) - mean(&x).unwrap_or(0.0);
    finish(out, d, &parts, log, config);
    if !single && !assumed {
        for (p, q) in [(trimmed(&y, config.trim), trimmed(&x, config.trim)), (unlabelled(&y), unlabelled(&x))] {
            let both = |(p, q): (Kept, Kept)| (p.0 - q.0, [(p.1, Some(p.2 - 1.0)), (q.1, Some(q.2 - 1.0))].to_vec());
            fragile(out, p.zip(q).map(both), config);
        }
    }
}

/// Notes how the data ended where their number depended on them. Outside of paired blocks only the union
/// bound holds, for the looks were at other numbers.
fn stopped(out: &mut Comparison, a: &SideSeries, b: &SideSeries, paired: bool, config: &StatsConfig) {
    let plan = if paired && a.stopping == b.stopping {
        a.stopping.clone()
    } else {
        Stopping::join(a.stopping.as_ref(), b.stopping.as_ref())
    };
    let Some(mut plan) = plan else { return };
    if !paired || plan.looks.last().is_none_or(|most| out.n > *most) {
        plan.looks.clear();
    }
    plan.any_time = plan.any_time.filter(|_| paired);
    plan.signs &= paired;
    if plan.signs {
        // It may have gone on beyond what was planned.
        plan.ways = plan.ways.max(out.n);
    }
    let look = plan.looks.iter().position(|n| *n == out.n).map(|i| i as u64 + 1);
    let level = Repeated::new(&plan, out.n).level(1.0 - config.confidence);
    out.reasons.push(Reason::SequentialStop);
    let (looks, ways, any_time, signs) = (plan.looks, plan.ways, plan.any_time, plan.signs);
    out.stopping = Some(Stopped { looks, look, ways, nominal_confidence: 1.0 - 2.0 * level, any_time, signs });
}

/// The confidence at which these data alone are judged.
fn nominal(out: &Comparison, config: &StatsConfig) -> f64 {
    out.stopping.as_ref().map_or(config.confidence, |s| s.nominal_confidence)
}

/// The p-values of other methods, for all looks together.
fn repeat(out: &mut Comparison) {
    if let Some(scale) = out.stopping.as_ref().map(|s| Repeated::of(s, out.n)) {
        for p in out.companions.iter_mut().filter_map(|c| c.p.as_mut()) {
            *p = scale.p(*p / 2.0);
        }
    }
}

/// How far a t statistic is from what chance gives: as of a fixed number of blocks, or over all looks.
struct Yardstick {
    df: Option<f64>,
    looks: Option<Repeated>,
}

impl Yardstick {
    fn of(out: &Comparison, df: Option<f64>) -> Yardstick {
        Yardstick { df, looks: out.stopping.as_ref().map(|s| Repeated::of(s, out.n)) }
    }

    /// The t whose two-sided p-value is `alpha`.
    fn bound(&self, alpha: f64) -> f64 {
        match &self.looks {
            None => t_quantile(1.0 - alpha / 2.0, self.df),
            Some(looks) => t_upper_quantile(looks.level(alpha), self.df),
        }
    }

    fn two_sided(&self, t: f64) -> f64 {
        match &self.looks {
            None => t_two_sided(t, self.df),
            Some(looks) => looks.p(t_upper(t.abs(), self.df)),
        }
    }

    /// One-sided; evidence for the other side is as little over all looks as at one.
    fn upper(&self, t: f64) -> f64 {
        if self.looks.is_some() && t > 0.0 { self.two_sided(t) / 2.0 } else { t_upper(t, self.df) }
    }
}

fn finish(out: &mut Comparison, d: f64, parts: &Parts, log: bool, config: &StatsConfig) {
    let se = standard_error(parts);
    let df = satterthwaite(parts);
    let scale = Yardstick::of(out, df);
    let alpha = 1.0 - config.confidence;
    // Nothing varied and nothing was assumed: there is a difference, but no test of it.
    let testable = se > 0.0 && se.is_finite();
    if !testable {
        out.reasons.push(Reason::Degenerate);
        out.reasons.push(if d == 0.0 { Reason::Identical } else { Reason::ExactDifference });
    }
    if out.n == 2 {
        out.reasons.push(Reason::TinyN);
    }
    let at = |p: f64| around(d, if testable { scale.bound(p) * se } else { 0.0 }, 1.0 - p);
    let interval = at(alpha);
    let ratio = if log { Some(exp(d)) } else { None };
    let as_ratio = |i: Interval| Interval { low: i.low.map(exp), high: i.high.map(exp), confidence: i.confidence };
    out.difference = Some(Difference {
        log_scale: log,
        estimate: d,
        standard_error: testable.then_some(se),
        df,
        interval: Some(interval),
        equivalence_interval: Some(at(2.0 * alpha)),
        ratio,
        ratio_interval: log.then(|| as_ratio(interval)),
    });
    if !testable {
        return;
    }
    out.p = Some(scale.two_sided(d / se));
    if let Some(margin) = out.margin.on_scale {
        // The largest chance that any effect within the margin gives an estimate this far from 0 on
        // either side. With a margin of 0 this is the two-sided p-value, so a row beyond the margin is
        // always one whose interval excludes 0.
        let beyond = scale.upper((d.abs() - margin) / se) + scale.upper((d.abs() + margin) / se);
        out.p_margin = Some(beyond.min(1.0));
        let (low, high) = (scale.upper((d + margin) / se), scale.upper((margin - d) / se));
        out.p_equivalence = Some(low.max(high));
    }
}

/// Mean of what is kept, the variance of that mean, and how many are kept.
type Kept = (f64, f64, f64);

/// The mean without the values beyond Tukey's fences; `None` below four values.
fn unlabelled(values: &[f64]) -> Option<Kept> {
    let sorted = sorted(values.to_vec());
    let (q1, q3) = quantile(&sorted, 0.25).zip(quantile(&sorted, 0.75)).filter(|_| values.len() >= 4)?;
    let reach = 1.5 * (q3 - q1);
    let kept: Vec<f64> = sorted.into_iter().filter(|v| *v >= q1 - reach && *v <= q3 + reach).collect();
    let n = kept.len() as f64;
    Some((mean(&kept)?, variance(&kept)? / n, n))
}

/// Marks a row whose verdict would be another with the trimmed analysis or without labelled units: equivalent in one of
/// the two only, or with an interval that excludes 0 in one of the two only. What is equivalent in both is that,
/// whether 0 is excluded or not.
fn fragile(out: &mut Comparison, robust: Option<(f64, Parts)>, config: &StatsConfig) {
    let (Some((d, parts)), Some(p)) = (robust, out.p) else { return };
    let se = standard_error(&parts);
    if se > 0.0 {
        let alpha = 1.0 - config.confidence;
        let scale = Yardstick::of(out, satterthwaite(&parts));
        let reach = d.abs() + scale.bound(2.0 * alpha) * se;
        let inside = out.margin.on_scale.is_some_and(|m| reach < m);
        let was_inside = out.p_equivalence.is_some_and(|p| p < alpha);
        let excludes = scale.two_sided(d / se) < alpha;
        if (inside != was_inside || (!inside && excludes != (p < alpha))) && !out.reasons.contains(&Reason::Fragile) {
            out.reasons.push(Reason::Fragile);
        }
    }
}

/// Applies the table of S5 with an adjusted p-value of the margin test.
pub(crate) fn decide(out: &mut Comparison, better: Better, adjusted: Option<f64>, config: &StatsConfig) {
    let alpha = 1.0 - config.confidence;
    out.reasons.retain(|r| *r != Reason::TrivialDifference);
    let Some(difference) = &out.difference else {
        sort_distinct(&mut out.reasons);
        return;
    };
    let bounds = |i: &Option<Interval>| i.and_then(|i| i.low.zip(i.high));
    let zero_excluded = bounds(&difference.interval).is_some_and(|(l, h)| l > 0.0 || h < 0.0);
    let inside = match (bounds(&difference.equivalence_interval), out.margin.on_scale) {
        (Some((low, high)), Some(m)) => low > -m && high < m,
        (Some((low, high)), None) => low == 0.0 && high == 0.0,
        _ => false,
    };
    let worse = match better {
        Better::Lower => difference.estimate > 0.0,
        Better::Higher => difference.estimate < 0.0,
        Better::Unknown => false,
    };
    // Constants have no p-value: they are gated by the margin alone.
    let beyond = match (difference.standard_error, adjusted) {
        (None, _) => {
            // A coarse clock on the border of two of its steps moves three units alike in three of a hundred cases.
            let shown = out.design == Design::Exact || out.n > 3;
            shown && out.margin.on_scale.is_none_or(|m| difference.estimate.abs() > m)
        }
        (Some(_), Some(p)) => {
            p < alpha
                && out.p.is_some_and(|p| p < config.false_call)
                && out.n != 2
                && out.margin.on_scale.is_some_and(|m| difference.estimate.abs() > m)
        }
        _ => false,
    };
    out.verdict = if inside {
        Verdict::Equivalent
    } else if better == Better::Unknown {
        Verdict::Inconclusive
    } else if beyond {
        if worse { Verdict::Regressed } else { Verdict::Improved }
    } else if zero_excluded {
        if worse { Verdict::LikelyWorse } else { Verdict::LikelyBetter }
    } else {
        Verdict::Inconclusive
    };
    if inside && zero_excluded {
        out.reasons.push(Reason::TrivialDifference);
    }
    // What was left out on one side only may be the change itself (S10): nothing beyond "likely".
    if out.reasons.contains(&Reason::AsymmetricExclusion) {
        out.verdict = match out.verdict {
            Verdict::Regressed => Verdict::LikelyWorse,
            Verdict::Improved => Verdict::LikelyBetter,
            Verdict::Equivalent => Verdict::Inconclusive,
            other => other,
        };
    }
    sort_distinct(&mut out.reasons);
}

/// Settles the verdicts of one family of comparisons (S6): Holm-adjusts `p_margin` over it and
/// applies the table of S5.
pub fn settle(family: &mut [(&mut Comparison, Better)], config: &StatsConfig) {
    let raw: Vec<f64> = family.iter().filter_map(|(c, _)| c.p_margin).collect();
    let mut adjusted = holm(&raw).into_iter();
    let tested: Vec<f64> = family.iter().filter_map(|(c, _)| c.p).collect();
    let mut discoveries = benjamini_hochberg(&tested).into_iter();
    let alpha = 1.0 - config.confidence;
    let selected = tested.iter().filter(|p| **p < alpha).count() as u64;
    let kept = selected_confidence(selected, tested.len() as u64, alpha);
    for (comparison, better) in family {
        comparison.q = comparison.p.and_then(|_| discoveries.next());
        comparison.selected_interval =
            kept.filter(|_| comparison.p.is_some_and(|p| p < alpha)).and_then(|confidence| {
                // Bets would have to be made again.
                let d = comparison.difference.as_ref().filter(|_| comparison.method != Method::SignBets)?;
                let half = Yardstick::of(comparison, d.df).bound(1.0 - confidence) * d.standard_error?;
                Some(around(d.estimate, half, confidence))
            });
        comparison.p_margin_adjusted = comparison.p_margin.and_then(|_| adjusted.next());
        let p = comparison.p_margin_adjusted;
        decide(comparison, *better, p, config);
        if !matches!(comparison.verdict, Verdict::Inconclusive | Verdict::LikelyBetter | Verdict::LikelyWorse) {
            comparison.plan = None;
        }
        let tests = comparison.p_margin.map_or(1, |own| raw.iter().filter(|p| **p >= own).count() as u64);
        plan_among(comparison, tests, config);
    }
}

/// A plan to show a difference counts the tests of the family that are not clearer than this one.
fn plan_among(out: &mut Comparison, tests: u64, config: &StatsConfig) {
    let Some(more) = out.plan.as_ref().filter(|p| p.goal == PlanGoal::Difference && tests > 1).and_then(|p| p.more)
    else {
        return;
    };
    let (Some(d), Some(margin)) = (&out.difference, out.margin.on_scale) else { return };
    let input = plan_input(out, d.estimate, d.standard_error.unwrap_or(0.0), margin, config);
    let further = plan::units_among(out.n + more, tests, &input).map(|units| units.saturating_sub(out.n).max(more));
    if let Some(plan) = &mut out.plan {
        plan.seconds = plan.seconds.zip(further).map(|(seconds, further)| seconds * (further as f64 / more as f64));
        plan.iterations = plan.iterations.filter(|_| further.is_some());
        plan.more = further;
    }
}

/// What is known of a row for a plan, but the costs.
fn plan_input(
    out: &Comparison,
    estimate: f64,
    standard_error: f64,
    margin: f64,
    config: &StatsConfig,
) -> PlanInput<'static> {
    let replication = match out.design {
        Design::LockstepBlocks | Design::PairedBlocks => Replication::Paired,
        Design::SequentialForks | Design::SingleFork => Replication::Unreplicated,
        _ => Replication::Independent,
    };
    PlanInput {
        estimate,
        standard_error,
        n: out.n,
        replication,
        margin,
        alpha: 1.0 - config.confidence,
        false_call: config.false_call,
        power: config.power,
        levels: &[],
        seconds_per_unit: None,
        any_time: out.stopping.as_ref().and_then(|s| s.any_time),
    }
}

/// What would decide an undecided row (S13). Designs without blocks get the advice to interleave.
fn propose(out: &mut Comparison, a: Arm<'_>, b: Arm<'_>, config: &StatsConfig) {
    let undecided = matches!(out.verdict, Verdict::Inconclusive | Verdict::LikelyBetter | Verdict::LikelyWorse);
    let (Some(d), Some(margin)) = (&out.difference, out.margin.on_scale) else { return };
    // More blocks than planned looks hold are no part of them: only a new measurement decides. A confidence sequence
    // holds at any number of blocks, so one may go on.
    let open_ended = out.stopping.as_ref().is_none_or(|s| s.any_time.is_some());
    let (true, Some(standard_error)) = (undecided && open_ended, d.standard_error) else { return };
    let unit = match out.design {
        Design::LockstepBlocks | Design::PairedBlocks => Level::Block,
        _ => Level::Fork,
    };
    // In lockstep the number of pairs follows from the time of a block.
    let levels = if out.design == Design::LockstepBlocks { Vec::new() } else { costs(a, b, standard_error, out.n) };
    let input = plan_input(out, d.estimate, standard_error, margin, config);
    let found = plan::plan(&PlanInput { levels: &levels, seconds_per_unit: a.0.seconds_per_block, ..input });
    if found.why_not == Some(NoPlan::AtMargin) {
        out.reasons.push(Reason::AtMargin);
        sort_distinct(&mut out.reasons);
    }
    let goal = if found.goal == Goal::Difference { PlanGoal::Difference } else { PlanGoal::Equivalence };
    out.plan = Some(Plan {
        goal,
        more: found.more,
        unit,
        iterations: found.repetitions.first().map(|r| r.count).filter(|_| found.more.is_some()),
        needs_interleaving: input.replication == Replication::Unreplicated,
        seconds: found.seconds,
    });
}

/// The levels of a unit with what they cost: the unit itself, and its iterations. Empty where a file
/// does not tell the costs.
fn costs(a: Arm<'_>, b: Arm<'_>, standard_error: f64, n: u64) -> Vec<PlanLevel> {
    let whole = standard_error * standard_error * n as f64;
    let side = |arm: Arm<'_>| {
        let within: Vec<f64> = arm.1.iter().filter_map(|f| f.within.map(|w| w.0)).collect();
        let members = arm.0.columns.len() as f64 / arm.0.forks.len().max(1) as f64;
        let seconds = arm.0.columns.values.iter().zip(&arm.0.columns.ops).map(|(v, ops)| v * *ops as f64).sum::<f64>();
        Some((mean(&within)?, members, seconds / arm.0.columns.len() as f64))
    };
    let (Some((va, ma, sa)), Some((vb, mb, sb))) = (side(a), side(b)) else { return Vec::new() };
    // Both sides take turns in a block; an iteration is that of one of them.
    let (inside, members, iteration) = (va + vb, f64::midpoint(ma, mb), f64::midpoint(sa, sb));
    let Some(unit) = a.0.seconds_per_block.map(|s| s - 2.0 * members * iteration) else { return Vec::new() };
    if a.0.quantity != Quantity::Time || members < 2.0 || unit <= 0.0 {
        return Vec::new();
    }
    let (top, level) = (Stratum::Block, Stratum::Iteration);
    [
        PlanLevel { level: top, t2: (whole - inside).max(0.0), members: 1.0, seconds: Some(unit) },
        PlanLevel { level, t2: inside * members, members, seconds: Some(iteration) },
    ]
    .to_vec()
}
