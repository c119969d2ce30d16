//! How often each interval that is printed holds the truth, one method at a time.

use noisefloor_core::report::{Interval, Verdict};
use noisefloor_core::stats::autocorrelation::autocorrelation;
use noisefloor_core::stats::bootstrap::{Resampling, bootstrap_mean};
use noisefloor_core::stats::brunner_munzel::brunner_munzel;
use noisefloor_core::stats::distribution::{normal_lower, normal_quantile, t_quantile};
use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::hypothesis::trimmed;
use noisefloor_core::stats::math::{ln, sqrt};
use noisefloor_core::stats::order::{estimate_quantile, median_interval};
use noisefloor_core::stats::quantile::interpolated_median_interval;
use noisefloor_core::stats::suite::{RowData, SuiteConfig, SuiteRow, suite_mean};

use crate::experiment::{Counts, run};
use crate::random::Random;
use crate::rate::{Rate, Tally};

/// What the stream of draws begins with.
const INTERVALS: u64 = 5;
const CONFIDENCE: f64 = 0.95;

/// How values are distributed, with mean 0.
#[derive(Clone, Copy, Debug, PartialEq)]
enum From {
    Normal,
    /// Exponential less its mean.
    Skewed,
    /// Normal, each ρ times the one before and as much anew as keeps the variance.
    Dependent(f64),
}

impl From {
    fn draw(self, random: &mut Random, n: usize) -> Vec<f64> {
        let mut state = random.normal();
        let mut next = || match self {
            From::Normal => random.normal(),
            From::Skewed => random.exponential() - 1.0,
            From::Dependent(rho) => {
                let now = state;
                state = rho * state + sqrt(1.0 - rho * rho) * random.normal();
                now
            }
        };
        (0..n).map(|_| next()).collect()
    }

    fn quantile(self, p: f64) -> f64 {
        match self {
            From::Normal | From::Dependent(_) => normal_quantile(p),
            From::Skewed => -ln(1.0 - p) - 1.0,
        }
    }
}

/// The truth of one trial, and the interval.
type Draw = Box<dyn Fn(&mut Random) -> (f64, Option<Interval>) + Sync>;

struct Method {
    name: String,
    /// Whether it has to keep the bound.
    held: bool,
    draw: Draw,
}

/// Coverage of one method.
pub(crate) struct Coverage {
    pub(crate) name: String,
    pub(crate) held: bool,
    pub(crate) rate: Rate,
    /// The confidence stated, on average.
    pub(crate) stated: f64,
}

fn sorted(mut values: Vec<f64>) -> Vec<f64> {
    values.sort_by(f64::total_cmp);
    values
}

fn method(name: String, held: bool, draw: impl Fn(&mut Random) -> (f64, Option<Interval>) + Sync + 'static) -> Method {
    Method { name, held, draw: Box::new(draw) }
}

fn methods() -> Vec<Method> {
    let mut out = Vec::new();
    for n in [6usize, 10, 21, 50] {
        out.push(method(format!("median, order statistics, {n} skewed"), true, move |random| {
            (From::Skewed.quantile(0.5), median_interval(&sorted(From::Skewed.draw(random, n)), CONFIDENCE))
        }));
    }
    for n in [10usize, 50] {
        out.push(method(format!("median, interpolated, {n} skewed"), true, move |random| {
            let x = sorted(From::Skewed.draw(random, n));
            (From::Skewed.quantile(0.5), interpolated_median_interval(&x, CONFIDENCE))
        }));
    }
    for (n1, n2) in [(5usize, 5usize), (10, 10), (10, 30)] {
        out.push(method(format!("Hodges-Lehmann shift, {n1} and {n2} skewed"), true, move |random| {
            let (a, b) = (From::Skewed.draw(random, n1), From::Skewed.draw(random, n2));
            (0.0, shift(&a, &b, CONFIDENCE).and_then(|e| e.interval))
        }));
    }
    for n in [6usize, 10, 30] {
        out.push(method(format!("Walsh center, {n} normal"), true, move |random| {
            (0.0, center(&From::Normal.draw(random, n), CONFIDENCE).and_then(|e| e.interval))
        }));
    }
    for n in [10usize, 20, 50] {
        out.push(method(format!("20 % trimmed mean, {n} normal"), true, move |random| {
            let found = trimmed(&From::Normal.draw(random, n), 0.2).map(|(center, square, left)| {
                let half = t_quantile(1.0 - (1.0 - CONFIDENCE) / 2.0, Some(left - 1.0)) * sqrt(square);
                Interval { low: Some(center - half), high: Some(center + half), confidence: CONFIDENCE }
            });
            (0.0, found)
        }));
    }
    for (n1, n2, by) in [(10usize, 10usize, 0.0), (10, 10, 1.0), (15, 30, 0.5), (50, 50, 1.0)] {
        out.push(method(format!("Brunner-Munzel's A, {n1} and {n2} normal, {by} apart"), true, move |random| {
            let (a, b) = (From::Normal.draw(random, n1), From::Normal.draw(random, n2));
            let b: Vec<f64> = b.iter().map(|v| v + by).collect();
            (normal_lower(by / sqrt(2.0)), brunner_munzel(&a, &b, CONFIDENCE, 0).and_then(|found| found.interval))
        }));
    }
    for from in [From::Skewed, From::Dependent(0.3), From::Dependent(0.7)] {
        for p in [0.5, 0.9, 0.99] {
            let name = match from {
                From::Dependent(rho) => format!("p{:.0}, 2000 dependent (ρ {rho})", p * 100.0),
                _ => format!("p{:.0}, 500 independent", p * 100.0),
            };
            out.push(method(name, true, move |random| {
                let n = if from == From::Skewed { 500 } else { 2000 };
                let x = from.draw(random, n);
                let effective = if from == From::Skewed { n as u64 } else { worth(&x, p) };
                (from.quantile(p), estimate_quantile(&sorted(x), p, CONFIDENCE, effective, None).interval)
            }));
        }
    }
    for (from, name) in [(From::Normal, "normal"), (From::Skewed, "skewed")] {
        for n in [10usize, 20, 50] {
            // Plain percentiles of few clusters are known to be short: shown, and used in no report.
            out.push(method(format!("mean, BCa bootstrap, {n} {name}"), false, move |random| {
                let resampling = Resampling { replicates: 1999, ..Resampling::at(CONFIDENCE) };
                let found = bootstrap_mean(&from.draw(random, n), resampling);
                (0.0, found.and_then(|found| found.estimate.interval))
            }));
        }
    }
    for (blocks, rows) in [(5u32, 20usize), (10, 20), (20, 20)] {
        out.push(method(format!("geometric mean, {rows} rows, {blocks} blocks"), true, move |random| {
            (1.0, suite(random, blocks, rows))
        }));
    }
    out
}

/// Independent values that as many dependent ones are worth for the share at or below a quantile.
fn worth(values: &[f64], p: f64) -> u64 {
    let ranked = sorted(values.to_vec());
    let level = ranked.get((p * values.len() as f64) as usize).copied().unwrap_or(f64::INFINITY);
    let below: Vec<f64> = values.iter().map(|v| f64::from(u8::from(*v <= level))).collect();
    let tau = autocorrelation(&below).map_or(1.0, |found| found.tau.max(1.0));
    (values.len() as f64 / tau) as u64
}

/// Rows that share what each block was like.
fn suite(random: &mut Random, blocks: u32, rows: usize) -> Option<Interval> {
    let shared: Vec<f64> = (0..blocks).map(|_| 0.01 * random.normal()).collect();
    let data: Vec<Vec<(u32, f64)>> = (0..rows)
        .map(|_| (0..).zip(&shared).map(|(block, common)| (block, common + 0.02 * random.normal())).collect())
        .collect();
    let list: Vec<SuiteRow<'_>> = data
        .iter()
        .map(|d| SuiteRow { name: "", verdict: Verdict::Equivalent, data: RowData::Paired(d) })
        .collect();
    let config = SuiteConfig { confidence: CONFIDENCE, resamples: 1999, seed: 0 };
    suite_mean(&list, &config).ok()?.interval
}

/// Every method, four times in as many trials as the effects of a scenario take.
pub(crate) fn coverage(seed: u64, counts: &Counts) -> Vec<Coverage> {
    let trials = 4 * counts.effects;
    let one = |(place, method): (usize, Method)| {
        let sums = run(trials, 1, |trial, tallies| {
            let mut random = Random::of(seed, &[INTERVALS, place as u64, trial]);
            let (truth, found) = (method.draw)(&mut random);
            let Some(tally) = tallies.first_mut() else { return };
            tally.trials += 1;
            let (low, high) = found.map_or((None, None), |i| (i.low, i.high));
            tally.covered += u64::from(low.is_none_or(|low| low <= truth) && high.is_none_or(|high| truth <= high));
            // In millionths, so that sums do not depend on the order of threads.
            tally.stated += (found.map_or(0.0, |i| i.confidence) * 1e6).round() as u64;
        });
        let tally: Tally = sums.first().copied().unwrap_or_default();
        let stated = tally.stated as f64 / 1e6 / tally.trials.max(1) as f64;
        Coverage { name: method.name, held: method.held, rate: tally.coverage(), stated }
    };
    methods().into_iter().enumerate().map(one).collect()
}
