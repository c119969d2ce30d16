//! How often each interval that is printed holds the truth, one method at a time.

use noisefloor_core::config::StatsConfig;
use noisefloor_core::report::{Interval, Method as Test, SideSummary, Verdict};
use noisefloor_core::stats::bootstrap::{Resampling, bootstrap_difference, bootstrap_mean};
use noisefloor_core::stats::brunner_munzel::brunner_munzel;
use noisefloor_core::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use noisefloor_core::stats::distribution::{normal_lower, normal_quantile};
use noisefloor_core::stats::history::{HistoryConfig, history};
use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::math::{exp, ln, sqrt};
use noisefloor_core::stats::order::median_interval;
use noisefloor_core::stats::proportion::{clopper_pearson, wilson};
use noisefloor_core::stats::quantile::{Weighing, interpolated_median_interval};
use noisefloor_core::stats::scalability::{Model, Parameter, Scalability, SweepConfig, SweepPoint, scalability};
use noisefloor_core::stats::suite::{Clustered, RowData, SuiteConfig, SuiteRow, suite_mean};
use noisefloor_core::stats::trend::drift;
use noisefloor_core::stats::{Limits, summarize};

use crate::experiment::{Counts, run};
use crate::ours::{forks, judge, side};
use crate::random::Random;
use crate::rate::{Rate, Tally};
use crate::scenario::SCENARIOS;

/// What the stream of draws begins with.
const INTERVALS: u64 = 5;
const CONFIDENCE: f64 = 0.95;
/// Noise of times on the logarithmic scale.
const SD: f64 = 0.02;

/// How values are distributed, with mean 0.
#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    Normal,
    /// Exponential less its mean.
    Skewed,
    /// Student's t with five degrees of freedom.
    Heavy,
    /// Normal, each ρ times the one before and as much anew as keeps the variance.
    Dependent(f64),
}

impl From {
    fn name(self) -> String {
        match self {
            From::Normal => "normal".into(),
            From::Skewed => "skewed".into(),
            From::Heavy => "heavy-tailed".into(),
            From::Dependent(rho) => format!("dependent (ρ {rho})"),
        }
    }

    fn draw(self, random: &mut Random, n: usize) -> Vec<f64> {
        let mut state = random.normal();
        let mut next = || match self {
            From::Normal => random.normal(),
            From::Skewed => random.exponential() - 1.0,
            From::Heavy => {
                let square: f64 = (0..5).map(|_| random.normal()).map(|z| z * z).sum();
                random.normal() / sqrt(square / 5.0)
            }
            From::Dependent(rho) => {
                let now = state;
                state = rho * state + sqrt(1.0 - rho * rho) * random.normal();
                now
            }
        };
        (0..n).map(|_| next()).collect()
    }

    /// Times around 1 with this noise.
    fn times(self, random: &mut Random, n: usize) -> Vec<f64> {
        self.draw(random, n).into_iter().map(|z| exp(SD * z)).collect()
    }

    /// The quantile of the normal and the skewed.
    fn quantile(self, p: f64) -> f64 {
        if self == From::Skewed { -ln(1.0 - p) - 1.0 } else { normal_quantile(p) }
    }
}

/// What an interval has to keep.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Bound {
    /// What it states, less 2 %, and not above 97 % or what it states.
    Both,
    /// What it states, less 2 %: where hits are counted no interval can be right on the point.
    AtLeast,
    /// Nothing: its assumptions are broken, or no report shows it.
    Shown,
}

/// A truth of one trial, and its interval.
type Found = (f64, Option<Interval>);
/// What one trial gives.
type Draw = Box<dyn Fn(&mut Random) -> Vec<Found> + Sync>;

/// Intervals that are made of the same draws.
struct Kind {
    names: Vec<(String, Bound)>,
    draw: Draw,
    /// One trial in so many is made: some take long.
    rare: u64,
}

/// Coverage of one kind.
pub(crate) struct Coverage {
    pub(crate) name: String,
    pub(crate) bound: Bound,
    /// Of the trials that gave an interval.
    pub(crate) rate: Rate,
    pub(crate) trials: u64,
    /// The confidence stated, on average.
    pub(crate) stated: f64,
}

/// The kinds, one after the other.
#[derive(Default)]
struct Kinds(Vec<Kind>);

impl Kinds {
    fn add(&mut self, name: String, bound: Bound, draw: impl Fn(&mut Random) -> Found + Sync + 'static) {
        self.together(1, vec![(name, bound)], move |random| vec![draw(random)]);
    }

    /// Several intervals of the same draws, in one trial of `rare`.
    fn together(
        &mut self,
        rare: u64,
        names: Vec<(String, Bound)>,
        draw: impl Fn(&mut Random) -> Vec<Found> + Sync + 'static,
    ) {
        self.0.push(Kind { names, draw: Box::new(draw), rare });
    }
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

/// What a report says of one side.
fn summary(values: &[Vec<f64>]) -> Option<SideSummary> {
    let limits =
        Limits { score_error_healthy: 0.02, score_error_insufficient: 0.08, tail_healthy: 1.3, tail_spikes: 2.1 };
    summarize(&forks(values, false), &limits, &StatsConfig::default(), &mut Weighing::new())
}

fn one_side(kinds: &mut Kinds) {
    let mean_of = [(From::Normal, 3, Bound::Both), (From::Normal, 10, Bound::Both), (From::Heavy, 10, Bound::Both)];
    for (from, n, bound) in mean_of.into_iter().chain([10, 30, 100].map(|n| (From::Skewed, n, Bound::Shown))) {
        kinds.add(format!("mean, t on logarithms, {n} processes, {}", from.name()), bound, move |random| {
            let values: Vec<Vec<f64>> = from.times(random, n).into_iter().map(|t| vec![t]).collect();
            (1.0, summary(&values).and_then(|s| s.mean.interval))
        });
    }
    for n in [6usize, 10, 21, 50] {
        kinds.add(format!("median, order statistics, {n} skewed"), Bound::Both, move |random| {
            (From::Skewed.quantile(0.5), median_interval(&sorted(From::Skewed.draw(random, n)), CONFIDENCE))
        });
    }
    for n in [10usize, 50] {
        kinds.add(format!("median, interpolated, {n} skewed"), Bound::Both, move |random| {
            let x = sorted(From::Skewed.draw(random, n));
            (From::Skewed.quantile(0.5), interpolated_median_interval(&x, CONFIDENCE))
        });
    }
    for n in [10usize, 20, 50] {
        kinds.add(format!("20 % trimmed mean, {n} processes, normal"), Bound::Both, move |random| {
            // Its truth is that of a symmetric distribution: times of so little noise are nearly one.
            let values: Vec<Vec<f64>> =
                From::Normal.draw(random, n).into_iter().map(|z| vec![1.0 + 1e-3 * z]).collect();
            (1.0, summary(&values).and_then(|s| s.trimmed_mean).and_then(|e| e.interval))
        });
    }
    for (from, n) in [(From::Normal, 500), (From::Dependent(0.3), 2000), (From::Dependent(0.7), 2000)] {
        let names = PS.map(|p| (format!("p{:.0}, {n} values of one process, {}", 100.0 * p, from.name()), Bound::Both));
        kinds.together(2, names.to_vec(), move |random| {
            let truth = PS.map(|p| exp(SD * from.quantile(p)));
            quantiles(truth, &[from.times(random, n)])
        });
    }
    // The spread between processes by that inside them. Where it is small, whether the interval is given hardly
    // depends on the data; elsewhere a sample without one claims nothing, and nothing wrong.
    let several =
        [(2usize, 500usize, 0.0), (3, 200, 0.0), (5, 200, 0.0), (5, 200, 0.1), (10, 100, 0.5), (20, 100, 0.5)];
    let unlike =
        [(2, 500, 0.5), (3, 200, 0.5), (5, 200, 0.5), (5, 200, 1.0), (10, 100, 1.0), (10, 20, 2.0), (20, 100, 2.0)];
    for (k, n, own) in several.into_iter().chain(unlike) {
        let claims = k < 10 && own > 0.2 || own > 0.6;
        let names = PS.map(|p| {
            let bound = match k {
                // Nothing is ever claimed there.
                2 if p > 0.9 && !claims => Bound::Shown,
                2 => Bound::AtLeast,
                _ if claims => Bound::AtLeast,
                _ => Bound::Both,
            };
            let what = if claims { " or no interval" } else { "" };
            (format!("p{:.0}{what}, {k} processes of {n}, spread between them {own}", 100.0 * p), bound)
        });
        kinds.together(2, names.to_vec(), move |random| {
            let levels = From::Normal.draw(random, k);
            let process = |level: &f64| -> Vec<f64> {
                From::Normal.draw(random, n).into_iter().map(|z| exp(SD * (z + own * level))).collect()
            };
            let values: Vec<Vec<f64>> = levels.iter().map(process).collect();
            let mut found = quantiles(PS.map(|p| exp(SD * sqrt(1.0 + own * own) * normal_quantile(p))), &values);
            if claims {
                let nothing = Interval { low: None, high: None, confidence: CONFIDENCE };
                found.iter_mut().for_each(|(_, interval)| *interval = interval.or(Some(nothing)));
            }
            found
        });
    }
    let tail = "p99.9 over the mean, 5000 log-normal values".into();
    kinds.together(4, vec![(tail, Bound::Both)], |random| {
        let values: Vec<f64> = From::Normal.draw(random, 5000).into_iter().map(|z| exp(0.25 * z)).collect();
        let truth = exp(0.25 * normal_quantile(0.999) - 0.25 * 0.25 / 2.0);
        vec![(truth, summary(&[values]).and_then(|s| s.tail).and_then(|t| t.interval))]
    });
}

const PS: [f64; 3] = [0.5, 0.9, 0.99];

/// The intervals of these quantiles that a report shows.
fn quantiles(truth: [f64; 3], values: &[Vec<f64>]) -> Vec<Found> {
    let shown = summary(values).map(|s| s.quantiles).unwrap_or_default();
    let of = |p: f64| shown.iter().find(|q| q.p == p).and_then(|q| q.interval);
    truth.into_iter().zip(PS.map(of)).collect()
}

fn two_sides(kinds: &mut Kinds) {
    let config = StatsConfig::default();
    let one_each = |times: Vec<f64>| -> Vec<Vec<f64>> { times.into_iter().map(|t| vec![t]).collect() };
    let paired = [(From::Normal, 3), (From::Normal, 10), (From::Heavy, 10), (From::Heavy, 40)];
    let skewed = [10, 40].map(|n| (From::Skewed, n, Bound::Shown));
    for (from, n, bound) in paired.map(|(from, n)| (from, n, Bound::Both)).into_iter().chain(skewed) {
        let config = config.clone();
        kinds.add(format!("ratio, paired t, {n} blocks, {}", from.name()), bound, move |random| {
            let (a, b) = (vec![vec![1.0]; n], one_each(from.times(random, n)));
            let row = judge(&forks(&a, true), &forks(&b, true), 0.01, &config);
            (0.0, row.difference.and_then(|d| d.interval))
        });
    }
    // Processes that took turns without forming blocks; the spread of the second side by that of the first.
    for (n1, n2, spread) in [(5usize, 5usize, 1.0), (5, 15, 1.0), (5, 15, 3.0), (15, 5, 3.0)] {
        let config = config.clone();
        let name = format!("ratio, Welch's t, {n1} and {n2} processes, spreads 1 and {spread}");
        kinds.add(name, Bound::Both, move |random| {
            let times = |random: &mut Random, n: usize, sd: f64| {
                From::Normal.draw(random, n).into_iter().map(|z| exp(SD * sd * z)).collect()
            };
            let (a, b) = (times(random, n1, 1.0), times(random, n2, spread));
            let [mut a, mut b] = [a, b].map(|times| forks(&one_each(times), false));
            (a.interleaved, b.interleaved) = (true, true);
            (0.0, judge(&a, &b, 0.01, &config).difference.and_then(|d| d.interval))
        });
    }
    if let Some(lockstep) = SCENARIOS.iter().find(|s| s.lockstep) {
        let config = config.clone();
        let names = ["the ratio", "who goes first"].map(|of| (format!("lockstep: {of}, 20 blocks"), Bound::Both));
        kinds.together(4, names.to_vec(), move |random| {
            let hosts = lockstep.hosts(random, lockstep.blocks);
            let arms = lockstep.interleaved(random, &hosts);
            let [a, b] = [&arms.baseline, &arms.candidate].map(|arm| side(lockstep, arm, 1, 1.0));
            let row = judge(&a, &b, 0.01, &config);
            let first = row.pairs.and_then(|p| p.order_effect_interval);
            vec![(0.0, row.difference.and_then(|d| d.interval)), (0.0, first)]
        });
    }
    for (n1, n2) in [(5usize, 5usize), (10, 10), (10, 30)] {
        kinds.add(format!("Hodges-Lehmann shift, {n1} and {n2} skewed"), Bound::Both, move |random| {
            let (a, b) = (From::Skewed.draw(random, n1), From::Skewed.draw(random, n2));
            (0.0, shift(&a, &b, CONFIDENCE).and_then(|e| e.interval))
        });
    }
    for n in [6usize, 10, 30] {
        kinds.add(format!("median of Walsh averages, {n} normal"), Bound::Both, move |random| {
            (0.0, center(&From::Normal.draw(random, n), CONFIDENCE).and_then(|e| e.interval))
        });
    }
    for (n1, n2) in [(10usize, 10usize), (10, 30)] {
        let config = config.clone();
        kinds.add(format!("Yuen's difference of trimmed means, {n1} and {n2} normal"), Bound::Both, move |random| {
            let [mut a, mut b] = [n1, n2].map(|n| forks(&one_each(From::Normal.times(random, n)), false));
            (a.interleaved, b.interleaved) = (true, true);
            let row = judge(&a, &b, 0.01, &config);
            (0.0, row.companions.iter().find(|c| c.method == Test::Yuen).and_then(|c| c.interval))
        });
    }
    // Conservative for few values; too short where a side of few values lies around the other.
    let superior = [(10usize, 10usize, 0.0, 1.0), (10, 10, 1.0, 1.0), (15, 30, 0.5, 1.0), (50, 50, 1.0, 1.0)];
    let unlike = [(10, 40, 0.0, 3.0), (40, 10, 0.0, 3.0), (40, 10, 3.0, 3.0)];
    for (n1, n2, by, spread) in superior.into_iter().chain(unlike) {
        let name = format!("Brunner-Munzel's A, {n1} and {n2} normal, {by} apart, spreads 1 and {spread}");
        let bound = if by == 3.0 { Bound::Shown } else { Bound::Both };
        kinds.add(name, bound, move |random| {
            let (a, b) = (From::Normal.draw(random, n1), From::Normal.draw(random, n2));
            let b: Vec<f64> = b.iter().map(|v| spread * v + by).collect();
            let truth = normal_lower(by / sqrt(1.0 + spread * spread));
            (truth, brunner_munzel(&a, &b, Resampling::at(CONFIDENCE)).and_then(|found| found.interval))
        });
    }
    // Pairs that share most of their noise. Too wide where sides hardly overlap.
    for (n, by) in [(10, 0.0), (20, 1.0), (50, 1.0), (20, 3.0)] {
        let bound = if by == 3.0 { Bound::Shown } else { Bound::Both };
        let name = format!("Brunner-Munzel's A, {n} pairs, {by} apart, correlation 0.9");
        kinds.add(name, bound, move |random| matched(random, (n, 0.9, by, 1.0)));
    }
}

/// The interval of A for pairs of normal values with a correlation; the second values lie apart and spread wider.
fn matched(random: &mut Random, (n, correlation, by, spread): (usize, f64, f64, f64)) -> Found {
    let (a, b): (Vec<f64>, Vec<f64>) = (0..n)
        .map(|_| {
            let a = random.normal();
            (a, spread * (correlation * a + sqrt(1.0 - correlation * correlation) * random.normal()) + by)
        })
        .unzip();
    let found = brunner_munzel_pairs(&a, &b, Resampling { replicates: 1999, ..Resampling::at(CONFIDENCE) });
    (normal_lower(by / sqrt(1.0 + spread * spread)), found.ok().and_then(|found| found.interval))
}

/// More of the same; what is drawn for a kind follows from its place, so that new ones go to the end.
fn more(kinds: &mut Kinds) {
    let near =
        [(6, 0.0, 0.0, 1.0), (10, 0.9, 1.0, 1.0), (10, 0.9, 0.0, 3.0), (20, 0.5, 1.0, 1.0), (20, -0.5, 0.0, 1.0)];
    for (n, correlation, by, spread) in near.into_iter().chain([(50, 0.5, 6.5, 3.0)]) {
        let name =
            format!("Brunner-Munzel's A, {n} pairs, {by} apart, correlation {correlation}, spreads 1 and {spread}");
        let bound = match n {
            // There are 32 ways to swap.
            6 => Bound::AtLeast,
            _ if by > 1.0 => Bound::Shown,
            _ => Bound::Both,
        };
        kinds.add(name, bound, move |random| matched(random, (n, correlation, by, spread)));
    }
}

fn many_rows(kinds: &mut Kinds) {
    let suites = [(5, From::Normal), (8, From::Normal), (10, From::Normal), (20, From::Normal), (20, From::Heavy)];
    let held = suites.map(|(n, from)| (n, from, Bound::Both));
    for (blocks, from, bound) in held.into_iter().chain([10, 40].map(|n| (n, From::Skewed, Bound::Shown))) {
        let name = format!("geometric mean of 20 rows, {blocks} blocks, {}", from.name());
        kinds.add(name, bound, move |random| (1.0, suite(random, blocks, from)));
    }
    for (n1, n2) in [(8u32, 8u32), (10, 30)] {
        let name = format!("geometric mean of 20 rows, {n1} and {n2} processes");
        kinds.add(name, Bound::Both, move |random| (1.0, suite_of_processes(random, n1, n2)));
    }
    let resampling = || Resampling { replicates: 1999, ..Resampling::at(CONFIDENCE) };
    for (from, n, bound) in
        [10usize, 20, 50].into_iter().flat_map(|n| [(From::Normal, n, Bound::Both), (From::Skewed, n, Bound::Shown)])
    {
        kinds.add(format!("mean, BCa bootstrap, {n} {}", from.name()), bound, move |random| {
            let found = bootstrap_mean(&from.draw(random, n), resampling());
            (0.0, found.and_then(|found| found.estimate.interval))
        });
    }
    kinds.add("difference of means, BCa bootstrap, 10 and 20 normal".into(), Bound::Both, move |random| {
        let (a, b) = (From::Normal.draw(random, 10), From::Normal.draw(random, 20));
        (0.0, bootstrap_difference(&a, &b, resampling()).and_then(|found| found.estimate.interval))
    });
    for (n, from) in [(20usize, From::Normal), (100, From::Normal), (100, From::Dependent(0.3))] {
        kinds.add(format!("drift, {n} {}", from.name()), Bound::Both, move |random| {
            let whole = 0.05;
            let step = |(i, z): (usize, f64)| exp(SD * z + whole * i as f64 / (n - 1) as f64);
            let values: Vec<f64> = from.draw(random, n).into_iter().enumerate().map(step).collect();
            (whole, drift(&values, 0.01, CONFIDENCE).ok().map(|d| d.interval))
        });
    }
    for n in [5usize, 10, 30] {
        kinds.add(format!("history: the next point after {n}, normal"), Bound::Both, move |random| {
            let points = From::Normal.times(random, n + 1);
            let found = history(&points, &HistoryConfig::default()).ok();
            (points[n], found.and_then(|h| h.last.expected))
        });
    }
    for (trials, chance) in [(20u64, 0.05), (300, 0.02)] {
        kinds.add(format!("Clopper-Pearson, {trials} of chance {chance}"), Bound::AtLeast, move |random| {
            (chance, clopper_pearson(hits(random, trials, chance), trials, CONFIDENCE))
        });
    }
    for (trials, chance) in [(30u64, 0.3), (200, 0.1)] {
        // Right on average over all chances only, so no report and no other function uses it.
        kinds.add(format!("Wilson, {trials} of chance {chance}"), Bound::AtLeast, move |random| {
            (chance, wilson(hits(random, trials, chance), trials, CONFIDENCE))
        });
    }
    for n in [3usize, 5] {
        kinds.add(format!("scalability: efficiency at 8 threads, {n} processes each"), Bound::Both, move |random| {
            let found = sweep(random, n, KAPPA, 0);
            let interval = found.as_ref().and_then(|s| s.efficiency.iter().find(|e| e.threads == 8)?.interval);
            (throughput(8, KAPPA) / 8.0 / throughput(1, KAPPA), interval)
        });
    }
    // Where κ is 0 its bound draws σ along: that is shown.
    for (n, kappa) in [(1usize, KAPPA), (3, KAPPA), (5, KAPPA), (5, 0.0)] {
        let names = ["λ", "σ", "κ"].map(|letter| match kappa {
            0.0 => (format!("scalability: {letter}, {n} processes each, κ 0"), Bound::Shown),
            _ => (format!("scalability: {letter}, {n} processes each"), Bound::Both),
        });
        kinds.together(1, names.to_vec(), move |random| {
            let model = sweep(random, n, kappa, 999).and_then(|s| s.model);
            let of = |p: fn(&Model) -> Parameter| model.as_ref().and_then(|m| p(m).interval);
            vec![(throughput(1, kappa), of(|m| m.lambda)), (SIGMA, of(|m| m.sigma)), (kappa, of(|m| m.kappa))]
        });
    }
}

fn hits(random: &mut Random, trials: u64, chance: f64) -> u64 {
    (0..trials).filter(|_| random.chance(chance)).count() as u64
}

const SIGMA: f64 = 0.05;
const KAPPA: f64 = 0.002;

/// The universal law's throughput.
fn throughput(threads: u32, kappa: f64) -> f64 {
    let n = f64::from(threads);
    1000.0 * n / (1.0 + SIGMA * (n - 1.0) + kappa * n * (n - 1.0))
}

/// Throughput at eight numbers of threads, each process off by 2 %.
fn sweep(random: &mut Random, processes: usize, kappa: f64, resamples: u64) -> Option<Scalability> {
    let points: Vec<SweepPoint> = [1u32, 2, 4, 8, 12, 16, 24, 32]
        .into_iter()
        .map(|threads| SweepPoint {
            threads,
            throughput: (From::Normal.times(random, processes).into_iter())
                .map(|e| e * throughput(threads, kappa))
                .collect(),
        })
        .collect();
    let config = SweepConfig { confidence: CONFIDENCE, resamples, seed: 0, cores: Some(32), borders: &[] };
    scalability(&points, &config).ok()
}

/// Values of twenty rows that share what each cluster was like.
fn rows(random: &mut Random, clusters: u32, from: From) -> Vec<Vec<Clustered>> {
    let shared = from.draw(random, clusters as usize);
    let row = |_| (0..).zip(&shared).map(|(cluster, common)| (cluster, 0.01 * common + SD * random.normal())).collect();
    (0..20).map(row).collect()
}

fn mean_of(data: &[RowData<'_>]) -> Option<Interval> {
    let list: Vec<SuiteRow<'_>> =
        data.iter().map(|data| SuiteRow { name: "", verdict: Verdict::Equivalent, data: *data }).collect();
    let config = SuiteConfig { confidence: CONFIDENCE, resamples: 1999, seed: 0 };
    suite_mean(&list, &config).ok()?.interval
}

fn suite(random: &mut Random, blocks: u32, from: From) -> Option<Interval> {
    let data = rows(random, blocks, from);
    mean_of(&data.iter().map(|d| RowData::Paired(d)).collect::<Vec<_>>())
}

fn suite_of_processes(random: &mut Random, n1: u32, n2: u32) -> Option<Interval> {
    let [a, b] = [n1, n2].map(|n| rows(random, n, From::Normal));
    let both = a.iter().zip(&b).map(|(baseline, candidate)| RowData::Sides { baseline, candidate });
    mean_of(&both.collect::<Vec<_>>())
}

/// Every kind, or those with `only` in a name, four times in as many trials as the effects of a scenario take.
pub(crate) fn coverage(seed: u64, counts: &Counts, only: Option<&str>) -> Vec<Coverage> {
    let mut kinds = Kinds::default();
    one_side(&mut kinds);
    two_sides(&mut kinds);
    many_rows(&mut kinds);
    more(&mut kinds);
    let one = |(place, kind): (usize, Kind)| -> Vec<Coverage> {
        let trials = 4 * counts.effects / kind.rare;
        let sums = run(trials, kind.names.len(), |trial, tallies| {
            let mut random = Random::of(seed, &[INTERVALS, place as u64, trial]);
            for (tally, (truth, found)) in tallies.iter_mut().zip((kind.draw)(&mut random)) {
                let Some(interval) = found else { continue };
                let above = interval.low.is_none_or(|low| low <= truth);
                let below = interval.high.is_none_or(|high| truth <= high);
                tally.given += 1;
                tally.covered += u64::from(above && below);
                // In millionths, so that sums do not depend on the order of threads.
                tally.stated += (interval.confidence * 1e6).round() as u64;
            }
        });
        let of = |((name, bound), tally): ((String, Bound), Tally)| Coverage {
            name,
            bound,
            rate: Rate { hits: tally.covered, trials: tally.given },
            trials,
            stated: tally.stated as f64 / 1e6 / tally.given.max(1) as f64,
        };
        kind.names.into_iter().zip(sums).map(of).collect()
    };
    let chosen = |kind: &Kind| only.is_none_or(|part| kind.names.iter().any(|(name, _)| name.contains(part)));
    kinds.0.into_iter().enumerate().filter(|(_, kind)| chosen(kind)).flat_map(one).collect()
}
