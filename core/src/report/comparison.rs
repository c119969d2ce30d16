//! What comparing two sides of a series gave.

use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::config::PassportNoise;
use crate::report::Interval;

/// The verdict, a closed list (STATISTICS S5). `Inconclusive` is never "no change".
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// Worse by more than the margin, corrected for many comparisons.
    Regressed,
    /// Zero is excluded on the worse side; the margin is not.
    LikelyWorse,
    /// The data cannot be compared; a reason says why.
    NotComparable,
    /// Neither a change nor equivalence is shown.
    Inconclusive,
    /// Better by more than the margin.
    Improved,
    /// Zero is excluded on the better side; the margin is not.
    LikelyBetter,
    /// Shown to lie within the margin.
    Equivalent,
}

impl Verdict {
    /// All verdicts in gate order.
    pub const ALL: [Verdict; 7] = [
        Verdict::Regressed,
        Verdict::LikelyWorse,
        Verdict::NotComparable,
        Verdict::Inconclusive,
        Verdict::Improved,
        Verdict::LikelyBetter,
        Verdict::Equivalent,
    ];

    /// Stable snake_case id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Verdict::Regressed => "regressed",
            Verdict::LikelyWorse => "likely_worse",
            Verdict::NotComparable => "not_comparable",
            Verdict::Inconclusive => "inconclusive",
            Verdict::Improved => "improved",
            Verdict::LikelyBetter => "likely_better",
            Verdict::Equivalent => "equivalent",
        }
    }
}

/// Reason codes on a verdict or a summary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
#[non_exhaustive]
pub enum Reason {
    /// A side has no used value.
    NoData,
    /// Two units of replication: an interval, but nothing beyond "likely".
    TinyN,
    /// One unit of replication.
    OneSample,
    /// All values equal.
    Degenerate,
    /// Both sides hold one and the same value.
    Identical,
    /// Both sides are constant and differ: no test, gated by margin only.
    ExactDifference,
    /// Zero is excluded, but the difference lies within the margin.
    TrivialDifference,
    /// The spread between runs was assumed, since the files cannot show it.
    AssumedBetweenRunSd,
    /// The sides ran one after the other.
    SequentialArms,
    /// Zero or negative values: differences are absolute, not ratios.
    LinearScale,
    /// The baseline is zero: differences are absolute and the margin is undefined.
    ZeroBaseline,
    /// The units of the two sides differ.
    UnitMismatch,
    /// Nobody said in which direction the metric gets better; it cannot gate.
    UnknownDirection,
    /// Only aggregates were kept.
    AggregateOnly,
    /// The tool states a median and no mean: what stands as the mean is that median.
    MedianOnly,
    /// The verdict changes between raw, trimmed and label-removed analysis.
    Fragile,
    /// Pairs of lockstep batches.
    Lockstep,
    /// The estimate lies within one standard error of the margin: no number of blocks decides soon.
    AtMargin,
    /// The unit of the metric's margin does not fit its values; the general margin was used.
    MarginUnit,
    /// The same benchmark, but measured under another configuration (parameters of the tool).
    ConfigurationDiffers,
    /// Values were left out more often on one side: the difference may lie in them.
    AsymmetricExclusion,
    /// With the values that were left out for collections in a row the verdict would be another.
    ExclusionDecides,
    /// A side drifted while it ran, and the design does not cancel that.
    Drift,
    /// The measurement could stop early: intervals and p-values are those of its planned looks.
    SequentialStop,
    /// The spread between runs is that of the host's passport, since the files cannot show it.
    Passport,
    /// The margin is what comparing code with itself gives on the host by its passport.
    PassportMargin,
    /// What the interval of the mean rests on is skewed: it may hold the truth less often than it says.
    Skewed,
}

/// How the two sides were brought together.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Design {
    /// Lockstep pairs inside blocks (S18).
    LockstepBlocks,
    /// Blocks that hold both sides.
    PairedBlocks,
    /// Independent forks, taking turns.
    Forks,
    /// Forks, one side after the other: the host's spread is assumed.
    SequentialForks,
    /// One process a side at least once: the spread between runs is assumed.
    SingleFork,
    /// Constants.
    Exact,
    /// No comparison possible.
    None,
}

/// Which estimator or test.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Method {
    /// t on block log-ratios.
    PairedT,
    /// Bets on the signs of block log-ratios.
    SignBets,
    /// Welch's t on log-means of forks.
    Welch,
    /// Normal or Welch-Satterthwaite with an assumed part.
    AssumedSd,
    /// Comparison by value.
    Exact,
    /// Yuen's test on trimmed means.
    Yuen,
    /// Wilcoxon's signed ranks, exact.
    WilcoxonExact,
    /// All sign flips of the mean.
    SignFlip,
    /// Mann-Whitney, exact and conditional on ties.
    MannWhitneyExact,
    /// Mann-Whitney, normal with the corrections for ties and continuity.
    MannWhitneyNormal,
    /// Mann-Whitney without ties, by Edgeworth's expansion.
    MannWhitneyEdgeworth,
    /// Wilcoxon's signed ranks, normal with the corrections for ties and continuity.
    WilcoxonNormal,
    /// Wilcoxon's signed ranks without ties, by Edgeworth's expansion.
    WilcoxonEdgeworth,
    /// Seeded sign flips of the mean.
    SignFlipSampled,
    /// Student's t with one variance for both sides.
    PooledT,
    /// Brunner-Munzel with t's degrees of freedom.
    BrunnerMunzel,
    /// Brunner-Munzel by studentised permutations.
    BrunnerMunzelPermutation,
    /// Brunner-Munzel for pairs with t's degrees of freedom.
    BrunnerMunzelPairs,
    /// Brunner-Munzel for pairs by swapping inside them.
    BrunnerMunzelPairsPermutation,
    /// The median of all differences between the sides (Hodges-Lehmann).
    HodgesLehmann,
    /// The median of the means of all pairs of block differences (Hodges-Lehmann for pairs).
    WalshMedian,
    /// The mean of block differences without the outermost.
    TrimmedMean,
    /// None.
    None,
}

/// A difference with all that belongs to it. On the log scale values are ln(candidate/baseline);
/// on the linear scale they are candidate − baseline in base units.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Difference {
    /// Whether the scale is logarithmic.
    pub log_scale: bool,
    /// The estimate on its scale; not signed by direction.
    pub estimate: f64,
    /// Its standard error; `None` for exact differences.
    pub standard_error: Option<f64>,
    /// Degrees of freedom; `None`: infinite or not applicable.
    pub df: Option<f64>,
    /// Interval at the configured confidence, on the scale of the estimate.
    pub interval: Option<Interval>,
    /// Interval at confidence 1 − 2α, for equivalence.
    pub equivalence_interval: Option<Interval>,
    /// Candidate/baseline; `None` on the linear scale with a zero baseline.
    pub ratio: Option<f64>,
    /// Interval of the ratio at the configured confidence.
    pub ratio_interval: Option<Interval>,
}

/// A test with its p-value.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Test {
    /// Which test.
    pub method: Method,
    /// Its statistic.
    pub statistic: f64,
    /// Degrees of freedom, where it has any.
    pub df: Option<f64>,
    /// Two-sided p-value, in (0, 1].
    pub p: f64,
}

/// What a second method says beside the default one. It decides nothing.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Companion {
    /// Which method.
    pub method: Method,
    /// Its test statistic, of an estimator that of the rank test behind its interval; `None` where it is not finite, or
    /// there is no test.
    pub statistic: Option<f64>,
    /// Degrees of freedom, where it has any.
    pub df: Option<f64>,
    /// Two-sided p-value, in (0, 1]; `None` without a test.
    pub p: Option<f64>,
    /// Its estimate: of the difference on its scale, or for ranks the chance A that the candidate has
    /// the larger value (ties count half).
    pub estimate: Option<f64>,
    /// The interval of the estimate, with the confidence achieved.
    pub interval: Option<Interval>,
    /// How many ways to flip, swap or permute were drawn by chance for p; absent where all of them were made, or
    /// none.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resamples: Option<u64>,
}

impl Companion {
    /// A test that estimates nothing.
    #[must_use]
    pub fn test(test: &Test) -> Companion {
        Companion {
            method: test.method,
            statistic: Some(test.statistic),
            df: test.df,
            p: Some(test.p),
            estimate: None,
            interval: None,
            resamples: None,
        }
    }

    /// With an estimate and its interval.
    #[must_use]
    pub fn estimating(self, estimate: f64, interval: Option<Interval>) -> Companion {
        Companion { estimate: Some(estimate), interval, ..self }
    }
}

/// The margin as used.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Margin {
    /// δ as a ratio to the baseline; 0 for an amount where the baseline is 0.
    pub ratio: f64,
    /// Bounds on the scale of the difference: [−on_scale, +on_scale]; `None` where undefined.
    pub on_scale: Option<f64>,
}

/// What would decide a row that is not decided (S13).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Plan {
    /// What it is for.
    pub goal: PlanGoal,
    /// More blocks (or forks a side) than there are; `None`: no number decides at this margin, or
    /// more than 10 000.
    pub more: Option<u64>,
    /// Of what: blocks or forks.
    pub unit: crate::report::Level,
    /// Iterations in each process that reach this soonest, by what iterations and processes cost; `None`
    /// where the files do not tell.
    pub iterations: Option<u64>,
    /// Whether the blocks have to be measured anew, interleaved by `noisefloor run`, since no
    /// number of sequential forks decides.
    pub needs_interleaving: bool,
    /// About how long, in seconds, where the cost of a block is known.
    pub seconds: Option<f64>,
}

/// What a plan would show.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PlanGoal {
    /// A difference beyond the margin.
    Difference,
    /// Equivalence within it.
    Equivalence,
}

/// What the pairs of lockstep batches say beyond the estimate (S18). Differences are on the log
/// scale; each is made inside a block and averaged over blocks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Pairs {
    /// How many pairs, in all blocks.
    pub n: u64,
    /// The estimate by the median of Walsh averages; `None` above 500 pairs in each block.
    pub hodges_lehmann: Option<f64>,
    /// The estimate by means without the lowest and the highest quarter; `None` below three pairs.
    pub trimmed_mean: Option<f64>,
    /// Spread of a block's estimate that its own pairs explain: more pairs reduce it. `None` below
    /// ten pairs a block.
    pub within_sd: Option<f64>,
    /// Spread between blocks beyond that (memory layout, mostly): only more blocks average it.
    pub between_sd: Option<f64>,
    /// The median where the baseline went first, less the median where the candidate did; should
    /// be near 0. `None` when one of them always went first.
    pub order_effect: Option<f64>,
    /// Its t interval over blocks.
    pub order_effect_interval: Option<Interval>,
    /// The second half of the blocks less the first.
    pub drift: Option<f64>,
    /// Autocorrelation of neighbouring pairs; near 0 when the sides share what disturbs them.
    pub lag1: Option<f64>,
    /// Pairs of which only the baseline's batch bears a mark, such as a preemption.
    pub disturbed_baseline: u64,
    /// Pairs of which only the candidate's batch does.
    pub disturbed_candidate: u64,
}

/// What blocks that hold both sides say beyond the estimate (S4). Differences are on the scale of the estimate.
#[derive(Clone, Debug, Default, PartialEq, Serialize, Deserialize)]
pub struct Blocks {
    /// By how much comparing inside blocks makes the variance of the difference smaller: that of the sides on their
    /// own over that of the differences. Below 1 blocks have nothing in common; `None` where nothing varies.
    pub gain: Option<f64>,
    /// The mean difference where the baseline went first, less the mean where the candidate did; should be near 0.
    /// `None` where the order is not known, or one of them went first in fewer than two blocks.
    pub order_effect: Option<f64>,
    /// Its t interval, with one variance for both orders.
    pub order_effect_interval: Option<Interval>,
}

/// How a measurement ended that was allowed to stop early (S14).
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Stopped {
    /// Blocks at each planned look; empty where the plan is not known or several were joined.
    pub looks: Vec<u64>,
    /// The look at which the data ended, from 1; `None` between two of them, where one was added.
    pub look: Option<u64>,
    /// In how many ways it could have ended; the error rate is divided by it where `looks` is empty and `any_time`
    /// absent. Of bets on signs that is for other methods, which know no such bets.
    pub ways: u64,
    /// The confidence at which this look alone is judged, so that all looks together keep the report's.
    pub nominal_confidence: f64,
    /// Where it could end after any block: the number of blocks at which its confidence sequence is tightest.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub any_time: Option<u64>,
    /// Where it could end after any block by bets on signs, of which interval and p-values are then made.
    #[serde(default, skip_serializing_if = "core::ops::Not::not")]
    pub signs: bool,
}

/// One candidate against the baseline.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Comparison {
    /// Index of the candidate side.
    pub candidate: u32,
    /// The verdict.
    pub verdict: Verdict,
    /// Why it is what it is, sorted.
    pub reasons: Vec<Reason>,
    /// How the sides were brought together.
    pub design: Design,
    /// The default estimator.
    pub method: Method,
    /// Units of replication: pairs of blocks, or the smaller side's forks.
    pub n: u64,
    /// The difference; `None` where there is none.
    pub difference: Option<Difference>,
    /// The margin.
    pub margin: Margin,
    /// Two-sided p-value of "no difference"; `None` without a test; never 0.
    pub p: Option<f64>,
    /// p-value of "not beyond the margin", on either side.
    pub p_margin: Option<f64>,
    /// The same, Holm-adjusted over the family.
    pub p_margin_adjusted: Option<f64>,
    /// `p`, adjusted over the family by Benjamini and Hochberg: the share of false discoveries among
    /// all rows with at most this value.
    pub q: Option<f64>,
    /// For a row whose interval excludes 0 and so was picked out: the interval that keeps its
    /// confidence after the picking (Benjamini and Yekutieli 2005), on the scale of the difference.
    pub selected_interval: Option<Interval>,
    /// p-value of "not equivalent".
    pub p_equivalence: Option<f64>,
    /// Robust companions of the default method.
    pub companions: Vec<Companion>,
    /// What lockstep pairs say beyond the estimate; `None` in other designs.
    pub pairs: Option<Pairs>,
    /// What blocks say beyond the estimate; absent in other designs and in lockstep.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub blocks: Option<Blocks>,
    /// How a measurement that was allowed to stop early ended; absent where the number of blocks was
    /// fixed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Stopped>,
    /// How often the passport's host calls identical code changed with about as many blocks; absent
    /// without a passport.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub false_alarms: Option<PassportNoise>,
    /// What would decide it; `None` for decided rows.
    pub plan: Option<Plan>,
    /// The verdict with the values that were left out for collections in a row (S10), where there are
    /// any; not corrected for many comparisons.
    pub verdict_with_excluded: Option<Verdict>,
}

/// A benchmark that is not on every side.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Presence {
    /// Its label.
    pub label: String,
    /// The candidate side that it is seen from.
    pub candidate: u32,
    /// What happened to it.
    pub kind: PresenceKind,
    /// For a renamed one, its label on the candidate side.
    pub renamed_to: Option<String>,
}

/// What happened to a benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PresenceKind {
    /// Only the candidate has it.
    New,
    /// Only the baseline has it.
    Missing,
    /// One name went and one came that differ in little, and nothing else fits either.
    Renamed,
}
