//! Measurements that may end early: how often their rules are wrong, and what they cost.

use noisefloor_core::config::StatsConfig;
use noisefloor_core::model::Stopping;
use noisefloor_core::report::Verdict;
use noisefloor_core::stats::bets;
use noisefloor_core::stats::distribution::t_upper_quantile;
use noisefloor_core::stats::math::{exp, ln, sqrt};
use noisefloor_core::stats::moments::{mean, variance};
use noisefloor_core::stats::repeated::Repeated;
use noisefloor_core::stats::sequential::{ANY_TIME_START, Spending};
use noisefloor_core::stats::stopping::{Decision, Step, StopPlan, StopRule, planned_looks};

use crate::experiment::{Counts, run};
use crate::ours::{forks, interval, judge};
use crate::random::Random;
use crate::rate::{Rate, Tally};

/// The most blocks.
pub(crate) const CAP: u64 = 40;
/// The margin.
const MARGIN: f64 = 0.01;
/// What the stream of draws begins with.
const STOPPED: u64 = 4;
/// True slowdowns: none, the margin, twice the margin.
const SLOWDOWNS: [f64; 3] = [0.0, MARGIN, 2.0 * MARGIN];

/// Noise of a block's log ratio.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noise {
    pub(crate) name: &'static str,
    sd: f64,
    /// Student's t with five degrees of freedom in place of a normal distribution: some blocks are far off.
    heavy: bool,
}

const NOISES: [Noise; 3] = [
    // About that of the reference scenario.
    Noise { name: "2.6 %, normal", sd: 0.026, heavy: false },
    Noise { name: "0.8 %, normal", sd: 0.008, heavy: false },
    Noise { name: "1.2 %, t with 5 df", sd: 0.012, heavy: true },
];

impl Noise {
    fn draw(self, random: &mut Random) -> f64 {
        let z = random.normal();
        if !self.heavy {
            return self.sd * z;
        }
        let square: f64 = (0..5).map(|_| random.normal()).map(|z| z * z).sum();
        self.sd * z / sqrt(square / 5.0) * sqrt(3.0 / 5.0)
    }
}

/// What one rule did under one kind of noise.
pub(crate) struct Stops {
    pub(crate) rule: &'static str,
    pub(crate) noise: Noise,
    /// Same code: a change was called, or 0 excluded at the end.
    pub(crate) false_change: Rate,
    /// Slower by exactly the margin: called slower than it, and called equivalent. `None` for a rule that
    /// does not know the margin.
    pub(crate) at_margin: Option<[Rate; 2]>,
    /// Slower by twice the margin: the interval at the end holds the truth; `None` for a rule without one.
    pub(crate) coverage: Option<Rate>,
    /// Slower by twice the margin: called slower than it, or 0 excluded on that side at the end.
    pub(crate) power: Rate,
    /// Blocks used on average, same code and slower by twice the margin.
    pub(crate) blocks: [f64; 2],
}

/// How a measurement ends.
#[derive(Clone)]
enum Rule {
    /// As `noisefloor run --adaptive` does it: by the verdict that the report shows.
    Verdicts(Stopping, Vec<Look>),
    /// As `noisefloor run --adaptive=signs` does it.
    Signs(Stopping),
    /// At the same looks, but as soon as 0 is excluded, which is the worst that a user could do.
    Zero(Vec<Look>),
    /// A function of the engine.
    Fed(StopRule),
}

/// A planned look, with the t that bounds the interval, the one for equivalence and at the margin, and the one
/// that a called change has to exceed from 0.
#[derive(Clone, Copy)]
struct Look {
    blocks: u64,
    interval: f64,
    equivalence: f64,
    called: f64,
}

impl Look {
    fn of(plan: &Stopping, blocks: u64) -> Look {
        let scale = Repeated::new(plan, blocks);
        let reach = |alpha| t_upper_quantile(scale.level(alpha), Some(blocks as f64 - 1.0));
        let called = reach(StatsConfig::default().false_call);
        Look { blocks, interval: reach(0.05), equivalence: reach(0.1), called }
    }

    /// Whether the verdict can fall here: the interval for equivalence lies inside the margin, or outside of it
    /// and the estimate far enough from 0. Judging with all companions takes long, so the other looks are left
    /// out, except in a few trials.
    fn may_decide(self, values: &[Vec<f64>]) -> bool {
        let d: Vec<f64> = values.iter().flatten().map(|v| ln(*v)).collect();
        let m = ln(1.0 + MARGIN);
        mean(&d).zip(variance(&d)).is_some_and(|(center, v)| {
            let se = sqrt(v / d.len() as f64);
            let size = center.abs();
            size + self.equivalence * se < m || (size - m > self.equivalence * se && size > self.called * se)
        })
    }
}

/// Every rule before its data.
fn rules() -> Vec<(&'static str, Rule)> {
    let looks = planned_looks(CAP);
    let plan = StopPlan { margin: ln(1.0 + MARGIN), alpha: 0.05, cap: CAP };
    let fed = [
        ("looks of the engine alone", StopRule::group_sequential(plan, Spending::ObrienFlemingLike, &looks)),
        ("confidence sequence", StopRule::any_time(plan, CAP)),
        ("bets on signs", StopRule::sign_bets(plan)),
    ];
    let planned = Stopping::looks(looks);
    let looks: Vec<Look> = planned.looks.iter().map(|n| Look::of(&planned, *n)).collect();
    let any_time = Stopping::any_time(CAP);
    let each = (ANY_TIME_START..=CAP).map(|n| Look::of(&any_time, n)).collect();
    let own = [
        ("planned looks (--adaptive)", Rule::Verdicts(planned, looks.clone())),
        ("the same looks, until 0 is excluded", Rule::Zero(looks)),
    ];
    let fed = fed.into_iter().filter_map(|(name, rule)| Some((name, Rule::Fed(rule.ok()?))));
    let last = [
        ("any time (--adaptive=any-time)", Rule::Verdicts(any_time, each)),
        ("bets (--adaptive=signs)", Rule::Signs(Stopping::signs(CAP))),
    ];
    own.into_iter().chain(fed).chain(last).collect()
}

/// What a measurement ended with.
struct End {
    blocks: u64,
    decided: Option<Decision>,
    interval: Option<(f64, f64)>,
    /// The side of 0 on which the difference is shown to lie: −1, 0 or 1.
    side: i8,
}

fn side_of(interval: Option<(f64, f64)>) -> i8 {
    interval.map_or(0, |(low, high)| i8::from(low > 0.0) - i8::from(high < 0.0))
}

fn by_verdicts(plan: &Stopping, looks: &[Look], every_look: bool, next: &mut dyn FnMut() -> f64) -> End {
    let config = StatsConfig::default();
    let (mut a, mut b) = (Vec::new(), Vec::new());
    let mut end = End { blocks: 0, decided: None, interval: None, side: 0 };
    for look in looks {
        while (a.len() as u64) < look.blocks {
            a.push(vec![1.0]);
            b.push(vec![exp(next())]);
        }
        if look.blocks < CAP && !every_look && !look.may_decide(&b) {
            continue;
        }
        let [mut old, mut new] = [&a, &b].map(|values| forks(values, true));
        (old.stopping, new.stopping) = (Some(plan.clone()), Some(plan.clone()));
        let row = judge(&old, &new, MARGIN, &config);
        let found = interval(&row);
        let decided = match row.verdict {
            Verdict::Regressed => Some(Decision::Above),
            Verdict::Improved => Some(Decision::Below),
            Verdict::Equivalent => Some(Decision::Within),
            _ => None,
        };
        end = End { blocks: look.blocks, decided, interval: found, side: side_of(found) };
        if decided.is_some() {
            break;
        }
    }
    end
}

/// By the verdicts of bets on signs, after every block from the fifth on. Those that the bets alone rule out are not made.
fn by_bets(plan: &Stopping, next: &mut dyn FnMut() -> f64) -> End {
    let (margin, called) = (ln(1.0 + MARGIN), StatsConfig::default().false_call);
    let (mut values, mut blocks) = (Vec::new(), Vec::new());
    loop {
        let value = next();
        values.push(value);
        blocks.push(vec![exp(value)]);
        let n = values.len() as u64;
        let may = || {
            let changed = bets::p_beyond(&values, margin) < 0.05 && bets::p_zero(&values) < called;
            changed || bets::p_within(&values, margin) < 0.05
        };
        if n < CAP && (n < 5 || !may()) {
            continue;
        }
        let unchanged = vec![vec![1.0]; values.len()];
        let [mut old, mut new] = [&unchanged, &blocks].map(|values| forks(values, true));
        (old.stopping, new.stopping) = (Some(plan.clone()), Some(plan.clone()));
        let row = judge(&old, &new, MARGIN, &StatsConfig::default());
        let decided = match row.verdict {
            Verdict::Regressed => Some(Decision::Above),
            Verdict::Improved => Some(Decision::Below),
            Verdict::Equivalent => Some(Decision::Within),
            _ => None,
        };
        if decided.is_some() || n >= CAP {
            let found = interval(&row);
            return End { blocks: n, decided, interval: found, side: side_of(found) };
        }
    }
}

fn until_zero_is_excluded(looks: &[Look], next: &mut dyn FnMut() -> f64) -> End {
    let mut values: Vec<f64> = Vec::new();
    let mut end = End { blocks: 0, decided: None, interval: None, side: 0 };
    for look in looks {
        values.resize_with(look.blocks as usize, &mut *next);
        let half = |v: f64| look.interval * sqrt(v / look.blocks as f64);
        let found = mean(&values).zip(variance(&values)).map(|(m, v)| (m - half(v), m + half(v)));
        end = End { blocks: look.blocks, decided: None, interval: found, side: side_of(found) };
        if end.side != 0 {
            break;
        }
    }
    end
}

fn by_feeding(mut rule: StopRule, next: &mut dyn FnMut() -> f64) -> End {
    let of = |decision| match decision {
        Some(Decision::Above) => 1,
        Some(Decision::Below) => -1,
        Some(Decision::Within) | None => 0,
    };
    loop {
        let step = rule.feed(next());
        let interval = rule.interval();
        match step {
            Step::GoOn => {}
            Step::Decided { decision, n, .. } => {
                let side = if decision == Decision::Within { side_of(interval) } else { of(Some(decision)) };
                return End { blocks: n, decided: Some(decision), interval, side };
            }
            Step::CapReached { leaning, n } => return End { blocks: n, decided: None, interval, side: of(leaning) },
        }
    }
}

impl Rule {
    fn measure(&self, trial: u64, mut next: impl FnMut() -> f64) -> End {
        match self {
            Rule::Verdicts(plan, looks) => {
                // An any-time rule looks 21 times.
                let all = if plan.any_time.is_some() { 10 } else { 50 };
                by_verdicts(plan, looks, trial < all, &mut next)
            }
            Rule::Signs(plan) => by_bets(plan, &mut next),
            Rule::Zero(looks) => until_zero_is_excluded(looks, &mut next),
            Rule::Fed(rule) => by_feeding(rule.clone(), &mut next),
        }
    }

    /// Trials where nothing changed and at the margin: whole comparisons with all their companions take long.
    fn trials(&self, counts: &Counts) -> u64 {
        match self {
            Rule::Verdicts(..) | Rule::Signs(..) => counts.effects,
            _ => counts.nulls,
        }
    }
}

/// All rules under all kinds of noise.
pub(crate) fn stopped(seed: u64, counts: &Counts) -> Vec<Stops> {
    let mut out = Vec::new();
    for (place, noise) in NOISES.into_iter().enumerate() {
        for (number, (name, rule)) in rules().into_iter().enumerate() {
            let sums = run(rule.trials(counts), SLOWDOWNS.len(), |trial, tallies| {
                for (which, (slowdown, tally)) in SLOWDOWNS.into_iter().zip(tallies).enumerate() {
                    // A slowdown takes as few trials as elsewhere.
                    if which == 2 && trial >= counts.effects {
                        continue;
                    }
                    let mut random = Random::of(seed, &[STOPPED, place as u64, number as u64, which as u64, trial]);
                    let truth = ln(1.0 + slowdown);
                    let end = rule.measure(trial, || truth + noise.draw(&mut random));
                    tally.trials += 1;
                    tally.blocks += end.blocks;
                    tally.slower += u64::from(end.side > 0);
                    tally.faster += u64::from(end.side < 0);
                    tally.regressed += u64::from(end.decided == Some(Decision::Above));
                    tally.improved += u64::from(end.decided == Some(Decision::Below));
                    tally.same += u64::from(end.decided == Some(Decision::Within));
                    tally.given += u64::from(end.interval.is_some());
                    tally.covered += u64::from(end.interval.is_some_and(|(low, high)| low <= truth && truth <= high));
                }
            });
            let [null, margin, two] = [0, 1, 2].map(|i| sums.get(i).copied().unwrap_or_default());
            let mean = |t: Tally| t.blocks as f64 / t.trials.max(1) as f64;
            out.push(Stops {
                rule: name,
                noise,
                false_change: null.alarms(),
                at_margin: (!matches!(rule, Rule::Zero(_))).then(|| [margin.regressions(), margin.sames()]),
                coverage: (two.given == two.trials).then(|| two.coverage()),
                power: two.found(),
                blocks: [mean(null), mean(two)],
            });
        }
    }
    out
}
