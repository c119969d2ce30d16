//! When a running measurement may stop (STATISTICS S14): fed with block log-ratios, it says
//! "decided", "go on" or "cap reached", and which rule said so.

use alloc::boxed::Box;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::stats::distribution::t_quantile;
use crate::stats::estimable::NotEstimable;
use crate::stats::math::sqrt;
use crate::stats::moments::{mean, variance};
use crate::stats::sequential::{SignBet, Spending, any_time_half_width, boundaries, rho_squared, t_bound};

/// The rule by which a measurement may stop early. One rule a run: two rules together would spend
/// the error rate twice.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rule {
    /// Looks planned in advance with a spending function.
    GroupSequential,
    /// A confidence sequence, looked at after every block from the twentieth on.
    ConfidenceSequence,
    /// Bets on signs, looked at after every block; valid at any number of blocks.
    SignBets,
}

/// Where the difference lies. Up is a larger candidate; whether that is worse, the metric knows.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Decision {
    /// Above the margin.
    Above,
    /// Below minus the margin.
    Below,
    /// Within the margin on both sides.
    Within,
}

/// What to do next.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Step {
    /// Decided, and it stays so: no more blocks are needed.
    Decided {
        /// Where the difference lies.
        decision: Decision,
        /// The rule that stopped.
        rule: Rule,
        /// Blocks used.
        n: u64,
    },
    /// Not decided: measure another block.
    GoOn,
    /// As many blocks as planned, without a decision.
    CapReached {
        /// Whether zero is excluded, and on which side: the difference leans that way.
        leaning: Option<Decision>,
        /// Blocks used.
        n: u64,
    },
}

/// Error rates and end of a run.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct StopPlan {
    /// The margin on the log scale, above 0: ln(1 + δ).
    pub margin: f64,
    /// Two-sided error rate for a change (0.05); equivalence is tested at this rate on each side.
    pub alpha: f64,
    /// The most blocks.
    pub cap: u64,
}

/// The state of a run.
#[derive(Clone, Debug)]
pub struct StopRule {
    plan: StopPlan,
    kind: Kind,
    values: Vec<f64>,
    ignored: u64,
    step: Step,
}

#[derive(Clone, Debug)]
enum Kind {
    /// Blocks at each look with the boundaries for a change and for equivalence.
    Looks(Vec<(u64, f64, f64)>),
    AnyTime {
        change: f64,
        within: f64,
    },
    Bets(Box<Bets>),
}

#[derive(Clone, Debug)]
struct Bets {
    above_high: SignBet,
    below_high: SignBet,
    above_low: SignBet,
    below_low: SignBet,
    above_zero: SignBet,
    below_zero: SignBet,
}

impl StopRule {
    /// Looks after the given numbers of blocks, the last of which should be the cap: the share of
    /// information of a look is its blocks over the cap.
    ///
    /// # Errors
    /// As [`boundaries`]; `BadDesign` also for a look before the second block.
    pub fn group_sequential(plan: StopPlan, spending: Spending, looks: &[u64]) -> Result<StopRule, NotEstimable> {
        check(&plan)?;
        if looks.iter().any(|n| *n < 2) {
            return Err(NotEstimable::BadDesign);
        }
        let shares: Vec<f64> = looks.iter().map(|n| *n as f64 / plan.cap as f64).collect();
        let change = boundaries(spending, plan.alpha, &shares)?;
        // Equivalence spends alpha on each side, so its boundary is that of twice the rate.
        let within = boundaries(spending, 2.0 * plan.alpha, &shares)?;
        let kind = Kind::Looks(looks.iter().zip(change.z).zip(within.z).map(|((n, c), w)| (*n, c, w)).collect());
        Ok(StopRule::new(plan, kind))
    }

    /// A confidence sequence, tuned to be tightest after `n_star` blocks.
    ///
    /// # Errors
    /// `BadValue` for rates or a margin outside their ranges, `BadDesign` without blocks.
    pub fn any_time(plan: StopPlan, n_star: u64) -> Result<StopRule, NotEstimable> {
        check(&plan)?;
        let rho2 = |alpha| rho_squared(alpha, n_star).ok_or(NotEstimable::BadDesign);
        let kind = Kind::AnyTime { change: rho2(plan.alpha)?, within: rho2(2.0 * plan.alpha)? };
        Ok(StopRule::new(plan, kind))
    }

    /// Bets on signs.
    ///
    /// # Errors
    /// `BadValue` for rates or a margin outside their ranges, `BadDesign` without blocks.
    pub fn sign_bets(plan: StopPlan) -> Result<StopRule, NotEstimable> {
        check(&plan)?;
        let m = plan.margin;
        let bets = Bets {
            above_high: SignBet::above(m),
            below_high: SignBet::below(m),
            above_low: SignBet::above(-m),
            below_low: SignBet::below(-m),
            above_zero: SignBet::above(0.0),
            below_zero: SignBet::below(0.0),
        };
        Ok(StopRule::new(plan, Kind::Bets(Box::new(bets))))
    }

    fn new(plan: StopPlan, kind: Kind) -> StopRule {
        StopRule { plan, kind, values: Vec::new(), ignored: 0, step: Step::GoOn }
    }

    /// Takes the log-ratio of one more block and says what to do next. A decision is final: what
    /// comes after it is not looked at. A value that is not finite is counted and left out.
    pub fn feed(&mut self, log_ratio: f64) -> Step {
        if self.step != Step::GoOn {
            return self.step;
        }
        if !log_ratio.is_finite() {
            self.ignored += 1;
            return self.step;
        }
        self.values.push(log_ratio);
        if let Kind::Bets(bets) = &mut self.kind {
            bets.feed(log_ratio);
        }
        let n = self.values.len() as u64;
        self.step = match self.decide(n) {
            Some(decision) => Step::Decided { decision, rule: self.rule(), n },
            None if n >= self.plan.cap => Step::CapReached { leaning: self.leaning(n), n },
            None => Step::GoOn,
        };
        self.step
    }

    /// What to do next, as of the last block.
    #[must_use]
    pub fn step(&self) -> Step {
        self.step
    }

    /// The rule of this run.
    #[must_use]
    pub fn rule(&self) -> Rule {
        match self.kind {
            Kind::Looks(_) => Rule::GroupSequential,
            Kind::AnyTime { .. } => Rule::ConfidenceSequence,
            Kind::Bets(_) => Rule::SignBets,
        }
    }

    /// Blocks taken and values left out as not finite.
    #[must_use]
    pub fn counts(&self) -> (u64, u64) {
        (self.values.len() as u64, self.ignored)
    }

    /// The interval of the difference that may be shown now, however often it is looked at:
    /// mean ± the rule's half-width at the rate for a change. `None` between looks, for bets, and
    /// while nothing varies.
    #[must_use]
    pub fn interval(&self) -> Option<(f64, f64)> {
        let (center, change, _) = self.half_widths(self.values.len() as u64)?;
        Some((center - change, center + change))
    }

    /// Mean, and the half-widths for a change and for equivalence.
    fn half_widths(&self, n: u64) -> Option<(f64, f64, f64)> {
        let center = mean(&self.values)?;
        // Equal log-ratios come from a coarse clock, not from certainty.
        let s = sqrt(variance(&self.values).filter(|v| *v > 0.0)?);
        let se = s / sqrt(n as f64);
        match &self.kind {
            Kind::Looks(looks) => {
                let (_, change, within) = looks.iter().find(|(at, _, _)| *at == n)?;
                let df = n as f64 - 1.0;
                Some((center, t_bound(*change, df) * se, t_bound(*within, df) * se))
            }
            Kind::AnyTime { change, within } => Some((
                center,
                any_time_half_width(n, s, *change, self.plan.alpha)?,
                any_time_half_width(n, s, *within, 2.0 * self.plan.alpha)?,
            )),
            Kind::Bets(_) => None,
        }
    }

    fn decide(&self, n: u64) -> Option<Decision> {
        let m = self.plan.margin;
        if let Kind::Bets(bets) = &self.kind {
            return bets.decide(self.plan.alpha);
        }
        let (center, change, within) = self.half_widths(n)?;
        if center - within > -m && center + within < m {
            Some(Decision::Within)
        } else if center - change > m {
            Some(Decision::Above)
        } else if center + change < -m {
            Some(Decision::Below)
        } else {
            None
        }
    }

    fn leaning(&self, n: u64) -> Option<Decision> {
        if let Kind::Bets(bets) = &self.kind {
            return bets.leaning(self.plan.alpha);
        }
        let (center, change, _) = self.half_widths(n)?;
        if center - change > 0.0 {
            Some(Decision::Above)
        } else if center + change < 0.0 {
            Some(Decision::Below)
        } else {
            None
        }
    }
}

impl Bets {
    fn feed(&mut self, value: f64) {
        let all = [&mut self.above_high, &mut self.below_high, &mut self.above_low];
        all.into_iter().for_each(|bet| bet.feed(value));
        let all = [&mut self.below_low, &mut self.above_zero, &mut self.below_zero];
        all.into_iter().for_each(|bet| bet.feed(value));
    }

    fn decide(&self, alpha: f64) -> Option<Decision> {
        if self.above_low.evidence() >= 1.0 / alpha && self.below_high.evidence() >= 1.0 / alpha {
            Some(Decision::Within)
        } else {
            one_side(&self.above_high, &self.below_low, alpha)
        }
    }

    fn leaning(&self, alpha: f64) -> Option<Decision> {
        one_side(&self.above_zero, &self.below_zero, alpha)
    }
}

/// The side whose evidence suffices at half the rate; none if both or neither do.
fn one_side(above: &SignBet, below: &SignBet, alpha: f64) -> Option<Decision> {
    match (above.evidence() >= 2.0 / alpha, below.evidence() >= 2.0 / alpha) {
        (true, false) => Some(Decision::Above),
        (false, true) => Some(Decision::Below),
        _ => None,
    }
}

fn check(plan: &StopPlan) -> Result<(), NotEstimable> {
    if !(plan.margin > 0.0 && plan.margin.is_finite() && plan.alpha > 0.0 && plan.alpha < 0.5) {
        return Err(NotEstimable::BadValue);
    }
    if plan.cap < 2 { Err(NotEstimable::BadDesign) } else { Ok(()) }
}

/// Shares of the cap at which a run is looked at. The spending function of O'Brien and Fleming's kind
/// gives the looks up to a quarter less than a hundred thousandth of the error, so they cost nothing and
/// end runs whose answer is plain; more looks behind the half would widen the last boundary.
const LOOKS: [(u64, u64); 6] = [(1, 16), (1, 8), (1, 4), (1, 2), (3, 4), (1, 1)];
/// No look before so many blocks: t with fewer degrees of freedom crosses no early boundary.
const FIRST_LOOK: u64 = 5;

/// The looks of a run of at most `cap` blocks, rising, at least five blocks apart, the last at the cap;
/// empty for 0.
#[must_use]
pub fn planned_looks(cap: u64) -> Vec<u64> {
    let mut looks: Vec<u64> = Vec::new();
    for n in LOOKS.iter().map(|(of, all)| cap.saturating_mul(*of).div_ceil(*all).max(FIRST_LOOK).min(cap)) {
        // Looks close to each other cost more than they give where t has few degrees of freedom.
        let apart = looks.last().is_none_or(|last| n >= last + FIRST_LOOK);
        if n == cap || (apart && n + FIRST_LOOK <= cap) {
            looks.push(n);
        }
    }
    looks.dedup();
    looks.retain(|n| *n > 0);
    looks
}

/// The plain interval of a fixed number of blocks, for comparison with what a sequential rule
/// costs: t·s/√n. `None` below two blocks.
#[must_use]
pub fn fixed_half_width(n: u64, s: f64, alpha: f64) -> Option<f64> {
    (n >= 2).then(|| -t_quantile(alpha / 2.0, Some(n as f64 - 1.0)) * s / sqrt(n as f64))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::random::Random;
    use alloc::vec;

    const PLAN: StopPlan = StopPlan { margin: 0.01, alpha: 0.05, cap: 40 };

    fn rules() -> [StopRule; 3] {
        [
            StopRule::group_sequential(PLAN, Spending::ObrienFlemingLike, &[10, 20, 30, 40]).unwrap(),
            StopRule::any_time(PLAN, 40).unwrap(),
            StopRule::sign_bets(PLAN).unwrap(),
        ]
    }

    fn end(mut rule: StopRule, center: f64, sd: f64, run: u64) -> Step {
        let mut random = Random::stream(3, run);
        loop {
            match rule.feed(center + sd * random.normal()) {
                Step::GoOn => {}
                step => return step,
            }
        }
    }

    #[test]
    fn clear_cases_are_decided_before_the_cap() {
        for rule in rules() {
            for (center, want) in [(0.06, Decision::Above), (-0.06, Decision::Below), (0.0, Decision::Within)] {
                let Step::Decided { decision, rule: by, n } = end(rule.clone(), center, 0.004, 1) else {
                    unreachable!("{center} was not decided by {rule:?}")
                };
                assert_eq!((decision, by), (want, rule.rule()));
                assert!(n < 40, "{n}");
            }
        }
    }

    #[test]
    fn error_rates_hold_at_the_margin_and_at_zero() {
        for rule in rules() {
            let (mut changed, mut within, mut leaning) = (0u32, 0u32, 0u32);
            for run in 0..1500 {
                let at_margin = end(rule.clone(), 0.01, 0.02, run);
                changed += u32::from(matches!(at_margin, Step::Decided { decision: Decision::Above, .. }));
                let narrow = end(rule.clone(), 0.01, 0.004, run);
                within += u32::from(matches!(narrow, Step::Decided { decision: Decision::Within, .. }));
                let null = end(rule.clone(), 0.0, 0.1, run);
                leaning += u32::from(matches!(null, Step::CapReached { leaning: Some(_), .. }));
            }
            // 5 % of 1500 are 75, with a standard deviation of 8.4; a change is tested at 2.5 %.
            let limits = (changed <= 37 + 18, within <= 75 + 25, leaning <= 75 + 25);
            assert_eq!(limits, (true, true, true), "{:?} {changed} {within} {leaning}", rule.rule());
        }
    }

    #[test]
    fn equal_values_and_nonsense_never_decide_by_interval() {
        let mut rule = StopRule::any_time(StopPlan { cap: 30, ..PLAN }, 30).unwrap();
        assert_eq!(rule.feed(f64::NAN), Step::GoOn);
        for _ in 0..29 {
            assert_eq!(rule.feed(0.5), Step::GoOn);
        }
        assert_eq!(rule.feed(0.5), Step::CapReached { leaning: None, n: 30 });
        assert_eq!(rule.feed(9.0), Step::CapReached { leaning: None, n: 30 });
        assert_eq!(rule.counts(), (30, 1));
        assert!(rule.interval().is_none());
    }

    #[test]
    fn looks_rise_to_the_cap_and_make_a_plan() {
        assert_eq!(planned_looks(240), [15, 30, 60, 120, 180, 240]);
        assert_eq!(planned_looks(40), [5, 10, 20, 30, 40]);
        assert_eq!((planned_looks(10), planned_looks(3), planned_looks(0)), (vec![5, 10], vec![3], vec![]));
        for cap in (2..400).chain([100_000]) {
            let looks = planned_looks(cap);
            let plan = StopPlan { cap, ..PLAN };
            assert!(StopRule::group_sequential(plan, Spending::ObrienFlemingLike, &looks).is_ok(), "{cap} {looks:?}");
        }
    }

    #[test]
    fn few_blocks_keep_the_error_rate() {
        // Percent of runs over identical code that exclude 0 at any of their looks.
        let rate = |cap: u64, looks: &[u64]| {
            let rule =
                StopRule::group_sequential(StopPlan { cap, ..PLAN }, Spending::ObrienFlemingLike, looks).unwrap();
            let Kind::Looks(bounds) = &rule.kind else { unreachable!("looks were given") };
            let bounds: Vec<(u64, f64)> =
                bounds.iter().map(|(n, change, _)| (*n, t_bound(*change, *n as f64 - 1.0))).collect();
            let mut random = Random::new(cap);
            let runs = 200_000;
            let hits = (0..runs).filter(|_| {
                let values: Vec<f64> = (0..cap).map(|_| random.normal()).collect();
                bounds.iter().any(|(n, bound)| {
                    let part = &values[..*n as usize];
                    mean(part).unwrap().abs() > bound * sqrt(variance(part).unwrap() / *n as f64)
                })
            });
            100.0 * hits.count() as f64 / f64::from(runs)
        };
        for cap in [10, 12, 15, 20, 30] {
            let found = rate(cap, &planned_looks(cap));
            // 5.2 %, and three standard errors of so many runs.
            assert!(found < 5.35, "{cap}: {found} %");
        }
    }

    #[test]
    fn looks_only_where_planned() {
        let mut rule = StopRule::group_sequential(PLAN, Spending::PocockLike, &[5, 40]).unwrap();
        for (i, value) in [0.20, 0.21, 0.19, 0.20].iter().enumerate() {
            assert_eq!((rule.feed(*value), i as u64 + 1), (Step::GoOn, rule.counts().0));
            assert!(rule.interval().is_none());
        }
        let step = rule.feed(0.205);
        assert_eq!(step, Step::Decided { decision: Decision::Above, rule: Rule::GroupSequential, n: 5 });
        assert!(rule.interval().unwrap().0 > 0.01);
    }

    #[test]
    fn bad_plans_are_refused() {
        let plan = |margin, alpha, cap| StopRule::sign_bets(StopPlan { margin, alpha, cap }).err();
        assert_eq!(plan(0.0, 0.05, 10), Some(NotEstimable::BadValue));
        assert_eq!(plan(0.01, 0.5, 10), Some(NotEstimable::BadValue));
        assert_eq!(plan(0.01, 0.05, 1), Some(NotEstimable::BadDesign));
        let looks = |l: &[u64]| StopRule::group_sequential(PLAN, Spending::Pocock, l).err();
        assert_eq!(looks(&[1, 40]), Some(NotEstimable::BadDesign));
        assert_eq!(looks(&[20, 10]), Some(NotEstimable::BadDesign));
        assert_eq!(looks(&[]), Some(NotEstimable::NoData));
        assert_eq!(StopRule::any_time(PLAN, 0).err(), Some(NotEstimable::BadDesign));
    }
}
