//! What to measure next (STATISTICS S13): how many repetitions inside a unit, how many more units,
//! about how long it takes.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::model::Stopping;
use crate::stats::distribution::{rough_normal_quantile, t_quantile};
use crate::stats::estimable::NotEstimable;
use crate::stats::math::sqrt;
use crate::stats::order::last_of;
use crate::stats::repeated::Repeated;
use crate::stats::sequential::ANY_TIME_START;
use crate::stats::variance::{Components, Stratum};

/// More units than this are no plan.
pub const MOST_UNITS: u64 = 10_000;
/// More repetitions inside a unit than this are not asked for, whatever they cost.
pub const MOST_REPETITIONS: u64 = 1_000;

/// How the sides were replicated, which decides the degrees of freedom of a larger experiment.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Replication {
    /// Blocks that hold both sides: k blocks have k − 1 degrees of freedom.
    Paired,
    /// Independent units taking turns: k a side have 2k − 2.
    Independent,
    /// One side after the other, or one unit a side: no number of them decides, since the host's
    /// spread is assumed and does not shrink.
    Unreplicated,
}

/// One level of the hierarchy as measured, for planning the levels below the top.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct PlanLevel {
    /// Which level.
    pub level: Stratum,
    /// T² of the level.
    pub t2: f64,
    /// Units of this level in one unit of the level above, as measured; of no effect at the top.
    pub members: f64,
    /// Seconds that one unit costs by itself, without those inside it: the start-up and warm-up of
    /// a fork, the time of one iteration. `None`: not measured.
    pub seconds: Option<f64>,
}

/// What a plan is made from.
#[derive(Clone, Debug)]
pub struct PlanInput<'a> {
    /// The difference seen, on the scale of the analysis.
    pub estimate: f64,
    /// Its standard error.
    pub standard_error: f64,
    /// Units of replication a side (blocks, if paired).
    pub n: u64,
    /// How the sides were replicated.
    pub replication: Replication,
    /// The margin on the same scale.
    pub margin: f64,
    /// Error rate of the tests (0.05).
    pub alpha: f64,
    /// The p-value of no difference that a called change needs as well (0.01).
    pub false_call: f64,
    /// Chance to show what is there (0.8).
    pub power: f64,
    /// The levels from the top down, top = the unit of replication. Empty: only `n` is planned.
    pub levels: &'a [PlanLevel],
    /// Seconds that one more unit cost as measured, both sides together; used where the levels do
    /// not state their costs.
    pub seconds_per_unit: Option<f64>,
    /// For units judged by a confidence sequence: the number of them at which that is tightest.
    pub any_time: Option<u64>,
}

/// What more data would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Goal {
    /// A difference beyond the margin.
    Difference,
    /// A difference within it.
    Equivalence,
}

/// Why a plan holds no number of units.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NoPlan {
    /// The estimate lies within one standard error of the margin: it cannot be decided at this
    /// margin.
    AtMargin,
    /// More than [`MOST_UNITS`] would be needed.
    TooMany,
    /// Interleaved blocks have to be measured, or a passport used, before any number helps.
    NeedsInterleaving,
    /// No estimate, no spread or no margin to plan from.
    NotEstimable(NotEstimable),
}

/// Repetitions of one level inside one unit of the level above.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Repetitions {
    /// The level.
    pub level: Stratum,
    /// How many.
    pub count: u64,
}

/// The next experiment: `more` units of [`Proposal::repetitions`] each.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Proposal {
    /// What it would show.
    pub goal: Goal,
    /// Units a side in all, with those measured; `None` with `why_not`.
    pub units: Option<u64>,
    /// More than there are, at least 1.
    pub more: Option<u64>,
    /// Repetitions of the levels below the top, from the top down: the cheapest way to the same
    /// width where costs are known, else as measured.
    pub repetitions: Vec<Repetitions>,
    /// About how long the additional units take, both sides, in seconds.
    pub seconds: Option<f64>,
    /// Units the plan was made from.
    pub n: u64,
    /// Why there is no number.
    pub why_not: Option<NoPlan>,
}

/// The cheapest number of repetitions inside a unit, not rounded: √((c₂/c₁)·(T₁²/T₂²)) with index 1
/// for the level itself and 2 for the one above. Infinite when the upper level adds no variance:
/// then only repetitions matter. `None` for costs or variances that are negative, not finite or,
/// for costs, zero; 1 when neither level varies.
#[must_use]
pub fn best_repetitions(t2: f64, t2_above: f64, seconds: f64, seconds_above: f64) -> Option<f64> {
    let positive = |x: f64| x.is_finite() && x > 0.0;
    let variance = |x: f64| x.is_finite() && x >= 0.0;
    if !(positive(seconds) && positive(seconds_above) && variance(t2) && variance(t2_above)) {
        return None;
    }
    if t2 == 0.0 {
        return Some(1.0);
    }
    if t2_above == 0.0 {
        return Some(f64::INFINITY);
    }
    Some(sqrt(seconds_above / seconds * (t2 / t2_above)))
}

/// The smallest number of units a side whose interval of a difference has at most the half-width
/// `half`: t·√(S²/k) for paired units, whose S² is that of the differences; t·√(2S²/k) for
/// independent ones. At least 2; `None` above [`MOST_UNITS`] or for nonsense.
#[must_use]
pub fn units_for_half_width(s2: f64, half: f64, alpha: f64, replication: Replication) -> Option<u64> {
    let factor = match replication {
        Replication::Paired => 1.0,
        Replication::Independent => 2.0,
        Replication::Unreplicated => return None,
    };
    if !(s2.is_finite() && s2 >= 0.0 && half > 0.0 && alpha > 0.0 && alpha < 1.0) {
        return None;
    }
    smallest(&|k, quantile| quantile(alpha / 2.0, df(k, replication)) * sqrt(factor * s2 / k as f64) <= half)
}

/// The levels of a plan from measured components. `seconds` gives the cost of one unit of a level
/// by itself, where it was measured. Levels that could not be told from the one above are left out.
#[must_use]
pub fn levels_from(components: &Components, seconds: impl Fn(Stratum) -> Option<f64>) -> Vec<PlanLevel> {
    let level = |c: &crate::stats::variance::Component| {
        Some(PlanLevel { level: c.level, t2: c.t2?, members: c.members, seconds: seconds(c.level) })
    };
    components.levels.iter().filter_map(level).collect()
}

/// Units a side where [`plan`] found `units` to show a difference by one test, but it has to be shown among `tests`
/// that are not decided either: Holm's correction asks for a smaller p at the margin. `None` above [`MOST_UNITS`].
#[must_use]
pub fn units_among(units: u64, tests: u64, input: &PlanInput<'_>) -> Option<u64> {
    // What one unit gives, by the condition that `units` just meets.
    let unit = units as f64 / steepest(input, units.max(2), 1, student);
    smallest(&|k, quantile| k as f64 >= unit * steepest(input, k, tests.max(1), quantile))
}

/// ((t₁ + t₂)/Δ)² of the harder of the two conditions of a called change, with `k` units a side among so many tests.
fn steepest(input: &PlanInput<'_>, k: u64, tests: u64, quantile: Quantile) -> f64 {
    let df = df(k, input.replication);
    let steep = |tail: f64, gap: f64| {
        let reach = (quantile(judged(input, k, tail), df) + quantile(1.0 - input.power, df)) / gap;
        reach * reach
    };
    let size = input.estimate.abs();
    let margin = steep(input.alpha / (2.0 * tests as f64), size - input.margin);
    margin.max(steep(input.false_call / 2.0, size))
}

/// The tail at which `k` units are judged so that it holds as a one-sided error rate: itself, or the smaller one
/// that a confidence sequence has there, for it holds at every other number of units, too.
fn judged(input: &PlanInput<'_>, k: u64, tail: f64) -> f64 {
    let Some(tightest) = input.any_time else { return tail };
    Repeated::new(&Stopping::any_time(tightest), k).level(2.0 * tail)
}

fn student(tail: f64, df: f64) -> f64 {
    -t_quantile(tail, Some(df))
}

/// Plans the next experiment.
///
/// The smallest k with k ≥ V(t₁ + t₂)²/Δ², where V is the variance that one unit a side gives the
/// difference and Δ the distance of |estimate| from the margin. Beyond the margin, to show the
/// difference: t₁ at 1 − α/2 and t₂ at the power. Within it, to show equivalence: t₁ at 1 − α, and
/// t₂ at half the remaining chance when the estimate is 0, where either side can fail. Degrees of
/// freedom are those of k. Under a confidence sequence t₁ is the t of its width at k, and k at least the number of
/// units from which it is looked at. A difference has to have a p below `false_call` as well: the same with t₁ at
/// 1 − `false_call`/2 and |estimate| in place of Δ. If other repetitions are cheaper, V is that of the new unit.
#[must_use]
pub fn plan(input: &PlanInput<'_>) -> Proposal {
    let size = input.estimate.abs();
    let goal = if size > input.margin { Goal::Difference } else { Goal::Equivalence };
    let (repetitions, scale) = lower_levels(input.levels);
    let gap = (size - input.margin).abs();
    let found = if input.replication == Replication::Unreplicated {
        Err(NoPlan::NeedsInterleaving)
    } else if let Err(why) = usable(input) {
        Err(NoPlan::NotEstimable(why))
    } else if gap <= input.standard_error {
        Err(NoPlan::AtMargin)
    } else {
        let first = if input.any_time.is_some() { ANY_TIME_START } else { 0 };
        needed(input, goal, gap, scale).map(|k| k.max(first)).ok_or(NoPlan::TooMany)
    };
    let more = found.ok().map(|k| k.saturating_sub(input.n).max(1));
    let seconds = more.zip(unit_seconds(input, &repetitions)).map(|(k, s)| k as f64 * s).filter(|s| s.is_finite());
    let units = more.map(|more| more.saturating_add(input.n));
    Proposal { goal, units, more, repetitions, seconds, n: input.n, why_not: found.err() }
}

fn usable(input: &PlanInput<'_>) -> Result<(), NotEstimable> {
    let inside = |p: f64| p > 0.0 && p < 1.0;
    if input.n == 0 {
        return Err(NotEstimable::NoData);
    }
    let finite = input.estimate.is_finite() && input.standard_error.is_finite() && input.margin.is_finite();
    if !finite || input.margin < 0.0 || !inside(input.alpha) || !inside(input.power) || !inside(input.false_call) {
        return Err(NotEstimable::BadValue);
    }
    if input.standard_error <= 0.0 { Err(NotEstimable::NoVariance) } else { Ok(()) }
}

/// Units a side for the goal. `scale` is the variance of a new unit over that of a measured one.
fn needed(input: &PlanInput<'_>, goal: Goal, gap: f64, scale: f64) -> Option<u64> {
    // What one unit a side gives: of paired differences, or of both sides together. The units
    // measured so far keep their variance, those to come have that of the new repetitions.
    let n = input.n as f64;
    let measured = input.standard_error * input.standard_error * n;
    let per_unit = |k: f64| if k <= n { measured } else { measured * (n + (k - n) * scale) / k };
    let miss = 1.0 - input.power;
    if goal == Goal::Difference {
        return smallest(&|k, quantile| k as f64 >= per_unit(k as f64) * steepest(input, k, 1, quantile));
    }
    let miss = if input.estimate == 0.0 { miss / 2.0 } else { miss };
    smallest(&|k, quantile| {
        let df = df(k, input.replication);
        let reach = quantile(judged(input, k, input.alpha), df) + quantile(miss, df);
        k as f64 >= per_unit(k as f64) * reach * reach / (gap * gap)
    })
}

fn df(k: u64, replication: Replication) -> f64 {
    let sides = if replication == Replication::Independent { 2.0 } else { 1.0 };
    sides * (k as f64 - 1.0)
}

/// Student's quantile of an upper tail for so many degrees of freedom, or what stands for it.
type Quantile = fn(f64, f64) -> f64;

/// The smallest number of units from 2 on that is enough, for a condition that stays true, sought from
/// where the normal distribution has it.
fn smallest(enough: &dyn Fn(u64, Quantile) -> bool) -> Option<u64> {
    let search = |from, quantile: Quantile| last_of(from, MOST_UNITS, &|k| k < 2 || !enough(k, quantile));
    let near = search(1, |tail, _| rough_normal_quantile(tail));
    let last = search(near, student);
    (last < MOST_UNITS).then_some(last + 1)
}

/// Repetitions of the levels below the top, and the variance of such a unit over that of the
/// measured one.
fn lower_levels(levels: &[PlanLevel]) -> (Vec<Repetitions>, f64) {
    let mut repetitions = Vec::new();
    let Some(top) = levels.first() else { return (repetitions, 1.0) };
    let (mut now, mut then) = (top.t2, top.t2);
    let (mut inside_now, mut inside_then) = (1.0, 1.0);
    for pair in levels.windows(2) {
        let (above, this) = (pair[0], pair[1]);
        let measured = if this.members >= 1.0 { this.members } else { 1.0 };
        let best = above.seconds.zip(this.seconds).and_then(|(c2, c1)| best_repetitions(this.t2, above.t2, c1, c2));
        // The ceiling of a double; infinite and huge ones end at the cap.
        let count = libm::ceil(best.unwrap_or(measured)).clamp(1.0, MOST_REPETITIONS as f64);
        repetitions.push(Repetitions { level: this.level, count: count as u64 });
        inside_now *= measured;
        inside_then *= count;
        now += this.t2 / inside_now;
        then += this.t2 / inside_then;
    }
    let scale = then / now;
    (repetitions, if scale.is_finite() && now > 0.0 { scale } else { 1.0 })
}

/// Seconds of one more unit on both sides. A block holds both sides, so its own cost counts once.
fn unit_seconds(input: &PlanInput<'_>, repetitions: &[Repetitions]) -> Option<f64> {
    let Some((top, below)) = input.levels.split_first() else { return input.seconds_per_unit };
    let costs: Option<Vec<f64>> = below.iter().map(|l| l.seconds).collect();
    let (Some(own), Some(costs)) = (top.seconds, costs) else { return input.seconds_per_unit };
    let inside = costs.iter().zip(repetitions).rev().fold(0.0, |inside, (c, r)| r.count as f64 * (c + inside));
    Some(if top.level == Stratum::Block { own + 2.0 * inside } else { 2.0 * (own + inside) })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::distribution::normal_upper;
    use crate::stats::sequential::{any_time_half_width, rho_squared};

    fn input(estimate: f64, standard_error: f64, n: u64, replication: Replication) -> PlanInput<'static> {
        let (margin, alpha, power) = (0.01, 0.05, 0.8);
        PlanInput {
            estimate,
            standard_error,
            n,
            replication,
            margin,
            alpha,
            false_call: 0.01,
            power,
            levels: &[],
            seconds_per_unit: Some(3.0),
            any_time: None,
        }
    }

    #[test]
    fn under_a_confidence_sequence_the_plan_is_what_its_width_needs() {
        for (estimate, se) in [(0.02, 0.003), (0.03, 0.006), (0.002, 0.004), (0.0, 0.006), (-0.025, 0.007)] {
            let fixed = input(estimate, se, 40, Replication::Paired);
            let sequence = PlanInput { any_time: Some(40), ..fixed.clone() };
            let (k, least) = (plan(&sequence).units.unwrap(), plan(&fixed).units.unwrap());
            // Its width is 1.55 times that of a fixed number where it is tightest, and more elsewhere; the chance
            // to miss adds its own part.
            assert!(k > least && k < 4 * least.max(41), "{estimate} {se}: {k} {least}");
            // At k, and not before, the width by its formula with the t for the power fits the gap.
            let enough = |k: u64| {
                let df = k as f64 - 1.0;
                let rate = if estimate.abs() > 0.01 { 0.05 } else { 0.1 };
                let half = any_time_half_width(k, 1.0, rho_squared(0.05, 40).unwrap(), rate).unwrap() * sqrt(k as f64);
                let width = -t_quantile(normal_upper(half), Some(df));
                let miss = -t_quantile(if estimate == 0.0 { 0.1 } else { 0.2 }, Some(df));
                k as f64 >= (se * se * 40.0) * ((width + miss) / (estimate.abs() - 0.01)).powi(2)
            };
            assert!(k == 41 || enough(k) && !enough(k - 1), "{estimate} {se}: {k}");
        }
        // A signal ended it before anybody looked.
        let early = PlanInput { any_time: Some(40), ..input(0.03, 0.001, 8, Replication::Paired) };
        assert_eq!((plan(&early).units, plan(&early).more), (Some(20), Some(12)));
    }

    #[test]
    fn among_several_rows_a_difference_takes_more() {
        let i = input(0.02, 0.004, 10, Replication::Paired);
        let units = plan(&i).units.unwrap();
        let among = |tests| units_among(units, tests, &i).unwrap();
        assert_eq!(among(1), units);
        assert!(among(2) > units && among(100) > among(2), "{units} {} {}", among(2), among(100));
        // The interval of a hundred such rows reaches t(.00025) where that of one reaches t(.025).
        let reach = |k: u64, tail: f64| -t_quantile(tail, Some(k as f64 - 1.0)) - t_quantile(0.2, Some(k as f64 - 1.0));
        let (one, all) = (reach(units, 0.025), reach(among(100), 0.00025));
        let ratio = among(100) as f64 / units as f64;
        assert!((ratio - (all / one) * (all / one)).abs() < 0.1, "{ratio}");
        // Far beyond the margin a second row asks for nothing that the limit of false calls did not ask for.
        let far = input(0.2, 0.1, 10, Replication::Paired);
        let units = plan(&far).units.unwrap();
        assert_eq!(units_among(units, 2, &far), Some(units));
        assert_eq!(units_among(MOST_UNITS, 1000, &i), None);
    }

    #[test]
    fn the_kalibera_repetitions() {
        let r = |a, b, c, d| best_repetitions(a, b, c, d).unwrap();
        assert!((r(0.726_666_7, 0.262_777_8, 3.0, 20.0) - 4.2937).abs() < 1e-3);
        assert!((r(0.262_777_8, 0.774_7, 20.0, 100.0) - 1.3023).abs() < 1e-3);
        assert_eq!(r(1.0, 0.0, 1.0, 1.0), f64::INFINITY);
        assert_eq!(r(0.0, 1.0, 1.0, 1.0), 1.0);
        assert!(best_repetitions(1.0, 1.0, 0.0, 1.0).is_none());
        assert!(best_repetitions(f64::NAN, 1.0, 1.0, 1.0).is_none());
    }

    #[test]
    fn the_half_width_is_reached_and_not_by_one_unit_less() {
        for replication in [Replication::Paired, Replication::Independent] {
            for (s2, half) in [(0.0004, 0.01), (0.01, 0.05), (1e-8, 0.01)] {
                let k = units_for_half_width(s2, half, 0.05, replication).unwrap();
                let factor = if replication == Replication::Paired { 1.0 } else { 2.0 };
                let width = |k: u64| -t_quantile(0.025, Some(factor * (k as f64 - 1.0))) * sqrt(factor * s2 / k as f64);
                assert!(width(k) <= half && (k == 2 || width(k - 1) > half), "{k}");
            }
        }
        // t(.975, 17) = 2.1098 and 2 % / √18: 0.00995; 17 blocks give 0.0103.
        assert_eq!(units_for_half_width(0.0004, 0.01, 0.05, Replication::Paired), Some(18));
        assert!(units_for_half_width(1.0, 0.001, 0.05, Replication::Paired).is_none());
        assert!(units_for_half_width(0.1, 0.0, 0.05, Replication::Paired).is_none());
        assert!(units_for_half_width(0.1, 1.0, 0.05, Replication::Unreplicated).is_none());
    }

    #[test]
    fn a_difference_and_an_equivalence_are_planned_apart() {
        // V = .005²·10 = 2.5e-4, Δ = .01: k ≥ 2.5 (t.975 + t.8)² with k − 1 df gives 22.
        let p = plan(&input(0.02, 0.005, 10, Replication::Paired));
        assert_eq!((p.goal, p.units, p.more, p.seconds), (Goal::Difference, Some(22), Some(12), Some(36.0)));
        let down = plan(&input(-0.02, 0.005, 10, Replication::Paired));
        assert_eq!((down.goal, down.more), (Goal::Difference, Some(12)));
        // At 0 both sides can fail: k ≥ 2.5 (t.95 + t.9)², at 23 df 2.5·(1.714 + 1.319)² = 23.0.
        let p = plan(&input(0.0, 0.005, 10, Replication::Paired));
        assert_eq!((p.goal, p.units), (Goal::Equivalence, Some(24)));
        let unpaired = plan(&input(0.02, 0.005, 10, Replication::Independent));
        assert!(unpaired.units <= Some(22));
    }

    #[test]
    fn no_number_where_none_decides() {
        let why = |i: PlanInput<'_>| plan(&i).why_not;
        assert_eq!(why(input(0.012, 0.005, 10, Replication::Paired)), Some(NoPlan::AtMargin));
        assert_eq!(why(input(0.02, 0.005, 1, Replication::Unreplicated)), Some(NoPlan::NeedsInterleaving));
        let not = |w| Some(NoPlan::NotEstimable(w));
        assert_eq!(why(input(0.02, 0.0, 10, Replication::Paired)), not(NotEstimable::NoVariance));
        assert_eq!(why(input(0.02, f64::NAN, 10, Replication::Paired)), not(NotEstimable::BadValue));
        assert_eq!(why(input(0.02, 0.1, 0, Replication::Paired)), not(NotEstimable::NoData));
        let mut far = input(0.02, 0.009, 100_000, Replication::Paired);
        far.margin = 0.0;
        assert_eq!(why(far), Some(NoPlan::TooMany));
        assert!(plan(&input(0.02, 0.0, 10, Replication::Paired)).more.is_none());
    }

    #[test]
    fn lower_levels_follow_their_costs() {
        let level = |level, t2, members, seconds| PlanLevel { level, t2, members, seconds: Some(seconds) };
        let levels = [level(Stratum::Fork, 4.0e-4, 1.0, 2.0), level(Stratum::Iteration, 9.0e-4, 10.0, 0.5)];
        let mut i = input(0.025, 0.01, 10, Replication::Independent);
        i.levels = &levels;
        let p = plan(&i);
        // √(2/.5 · 9/4) = 3; each fork costs 2 s and three times half a second.
        assert_eq!(p.repetitions, [Repetitions { level: Stratum::Iteration, count: 3 }]);
        assert_eq!(p.seconds, p.more.map(|k| k as f64 * 2.0 * (2.0 + 1.5)));
        // Fewer iterations make a fork noisier, so more forks are planned than with the old ones.
        i.levels = &[];
        assert!(plan(&i).units < p.units);
        let zero = [level(Stratum::Fork, 0.0, 1.0, 2.0), level(Stratum::Iteration, 9.0e-4, 10.0, 0.5)];
        i.levels = &zero;
        assert_eq!(plan(&i).repetitions[0].count, MOST_REPETITIONS);
    }
}
