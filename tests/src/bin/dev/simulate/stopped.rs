//! Measurements that may end early: how often the rules of `stats::stopping` are wrong, and what they cost.

use noisefloor_core::stats::math::{ln, sqrt};
use noisefloor_core::stats::sequential::Spending;
use noisefloor_core::stats::stopping::{Decision, Step, StopPlan, StopRule};

use crate::experiment::{Counts, run};
use crate::random::Random;
use crate::rate::{Rate, Tally};

/// The most blocks.
pub(crate) const CAP: u64 = 40;
/// Standard deviation of a block's log ratio, about that of the reference scenario.
const BLOCK_SD: f64 = 0.026;
/// What the stream of draws begins with.
const STOPPED: u64 = 4;

/// Noise of a block's log ratio, of unit variance.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Noise {
    Normal,
    /// Student's t with five degrees of freedom: some blocks are far off.
    Heavy,
}

impl Noise {
    pub(crate) fn name(self) -> &'static str {
        match self {
            Noise::Normal => "normal",
            Noise::Heavy => "heavy tails (t, 5 df)",
        }
    }

    fn draw(self, random: &mut Random) -> f64 {
        let z = random.normal();
        if self == Noise::Normal {
            return z;
        }
        let square: f64 = (0..5).map(|_| random.normal()).map(|z| z * z).sum();
        z / sqrt(square / 5.0) * sqrt(3.0 / 5.0)
    }
}

/// What one rule did under one kind of noise.
pub(crate) struct Stops {
    pub(crate) rule: &'static str,
    pub(crate) noise: Noise,
    /// Same code: a change was called, or 0 excluded at the end.
    pub(crate) false_change: Rate,
    /// One percent slower, which is the margin: called slower than the margin, or equivalent.
    pub(crate) false_at_margin: Rate,
    /// Blocks used on average, same code and 2 % slower.
    pub(crate) blocks: [f64; 2],
    /// 2 % slower: called slower than the margin, or 0 excluded on that side at the end.
    pub(crate) power: Rate,
}

/// A rule that no data were fed to.
fn rules() -> Vec<(&'static str, StopRule)> {
    let plan = StopPlan { margin: ln(1.01), alpha: 0.05, cap: CAP };
    let looks: Vec<u64> = (1..=4).map(|k| k * CAP / 4).collect();
    let named = [
        ("4 looks, O'Brien-Fleming-like", StopRule::group_sequential(plan, Spending::ObrienFlemingLike, &looks)),
        ("confidence sequence", StopRule::any_time(plan, CAP)),
        ("bets on signs", StopRule::sign_bets(plan)),
    ];
    named.into_iter().filter_map(|(name, rule)| Some((name, rule.ok()?))).collect()
}

/// What a measurement ended with: blocks, what was decided, and whether 0 is excluded and on which side.
struct End {
    blocks: u64,
    decided: Option<Decision>,
    /// −1, 0 or 1.
    side: i8,
}

fn measure(mut rule: StopRule, mut next: impl FnMut() -> f64) -> End {
    let of = |decision| match decision {
        Some(Decision::Above) => 1,
        Some(Decision::Below) => -1,
        Some(Decision::Within) | None => 0,
    };
    loop {
        let step = rule.feed(next());
        let excluded = rule.interval().map_or(0, |(low, high)| i8::from(low > 0.0) - i8::from(high < 0.0));
        match step {
            Step::GoOn => {}
            Step::Decided { decision, n, .. } => {
                let side = if decision == Decision::Within { excluded } else { of(Some(decision)) };
                return End { blocks: n, decided: Some(decision), side };
            }
            Step::CapReached { leaning, n } => return End { blocks: n, decided: None, side: of(leaning) },
        }
    }
}

/// All rules under all kinds of noise.
pub(crate) fn stopped(seed: u64, counts: &Counts) -> Vec<Stops> {
    let rules = rules();
    let mut out = Vec::new();
    for (place, noise) in [Noise::Normal, Noise::Heavy].into_iter().enumerate() {
        for (number, (name, rule)) in rules.iter().enumerate() {
            let sums = run(counts.nulls, 3, |trial, tallies| {
                let effects = [0.0, ln(1.01), ln(1.02)];
                for (which, (effect, tally)) in effects.into_iter().zip(tallies).enumerate() {
                    // A slowdown takes as few trials as elsewhere.
                    if which == 2 && trial >= counts.effects {
                        continue;
                    }
                    let mut random = Random::of(seed, &[STOPPED, place as u64, number as u64, which as u64, trial]);
                    let end = measure(rule.clone(), || effect + BLOCK_SD * noise.draw(&mut random));
                    tally.trials += 1;
                    tally.blocks += end.blocks;
                    tally.slower += u64::from(end.side > 0);
                    tally.faster += u64::from(end.side < 0);
                    tally.regressed += u64::from(end.decided == Some(Decision::Above));
                    tally.improved += u64::from(end.decided == Some(Decision::Below));
                    tally.same += u64::from(end.decided == Some(Decision::Within));
                }
            });
            let [null, margin, two] = [0, 1, 2].map(|i| sums.get(i).copied().unwrap_or_default());
            let mean = |t: Tally| t.blocks as f64 / t.trials.max(1) as f64;
            out.push(Stops {
                rule: name,
                noise,
                false_change: null.alarms(),
                false_at_margin: Rate { hits: margin.regressed + margin.same, trials: margin.trials },
                blocks: [mean(null), mean(two)],
                power: two.found(),
            });
        }
    }
    out
}
