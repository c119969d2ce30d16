//! A suite in a few numbers (STATISTICS S16): the geometric mean of the rows' ratios with an
//! interval that knows that rows share forks, what it covers, and rates averaged as rates are.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::{Interval, Verdict};
use crate::sort::{sort_by, sort_distinct};
use crate::stats::bootstrap::bca_of_means;
use crate::stats::distribution::{binomial_upper, satterthwaite, standard_error, t_quantile};
use crate::stats::estimable::NotEstimable;
use crate::stats::math::exp;
use crate::stats::moments::{mean, sum, variance};
use crate::stats::random::{Random, seed};

/// One value of a cluster: the id of the block or fork, and a logarithm. Rows that share blocks or
/// forks use the same ids; rows measured apart use different ones.
pub type Clustered = (u32, f64);

/// What a row brings.
#[derive(Clone, Copy, Debug)]
pub enum RowData<'a> {
    /// ln(candidate/baseline) by block.
    Paired(&'a [Clustered]),
    /// The logs of both sides by fork; ids of the two sides are apart.
    Sides {
        /// Baseline.
        baseline: &'a [Clustered],
        /// Candidate.
        candidate: &'a [Clustered],
    },
}

/// One row of a comparison.
#[derive(Clone, Copy, Debug)]
pub struct SuiteRow<'a> {
    /// Its name, for the list of those left out.
    pub name: &'a str,
    /// What was decided about it.
    pub verdict: Verdict,
    /// Its data. The logarithm of a value that is not positive is not finite, which excludes it.
    pub data: RowData<'a>,
}

/// Why a row is not in the mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Excluded {
    /// Not in the baseline.
    NoBaseline,
    /// Not in the candidate.
    NoCandidate,
    /// Zero, negative or not finite values: a ratio makes no sense.
    NotPositive,
}

/// A row left out.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct ExcludedRow {
    /// Its name.
    pub name: String,
    /// Why.
    pub why: Excluded,
}

/// How the interval was made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SuiteMethod {
    /// Bias-corrected and accelerated bootstrap of the clusters that rows share, its tails expanded for
    /// their small number (Hesterberg 2015).
    ClusterBootstrap,
    /// Student's t on the clusters' parts: fewer than eight clusters or more than a thousand, or rows that share
    /// none.
    ClusterT,
}

/// Clusters above which t says the same in a thousandth of the time.
const MOST_RESAMPLED: usize = 1_000;

/// The mean of a suite.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct SuiteMean {
    /// Geometric mean of candidate over baseline.
    pub ratio: f64,
    /// Its interval; `None` with `why_not`.
    pub interval: Option<Interval>,
    /// Why there is no interval.
    pub why_not: Option<NotEstimable>,
    /// How the interval was made.
    pub method: SuiteMethod,
    /// Clusters in the smallest group resampled together.
    pub clusters: u64,
    /// Resamples drawn; 0 without a bootstrap.
    pub resamples: u64,
    /// Rows in the mean (k of "k of m").
    pub rows: u64,
    /// All rows, with those left out (m).
    pub of: u64,
    /// Those left out, in the order given.
    pub excluded: Vec<ExcludedRow>,
    /// Rows in the mean that are worse by their verdict.
    pub worse: u64,
    /// Rows shown to be equal within the margin.
    pub equal: u64,
    /// Rows that are better.
    pub better: u64,
    /// Rows not decided.
    pub undecided: u64,
}

/// How to make the interval.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SuiteConfig {
    /// Confidence (0.95).
    pub confidence: f64,
    /// Resamples (9 999).
    pub resamples: u64,
    /// Seed.
    pub seed: u64,
}

/// The geometric mean of the rows present and positive on both sides.
///
/// # Errors
/// `NoData` when no row is, `BadValue` for a confidence outside (0, 1) or a mean that no number
/// holds.
pub fn suite_mean(rows: &[SuiteRow<'_>], config: &SuiteConfig) -> Result<SuiteMean, NotEstimable> {
    if !(config.confidence > 0.0 && config.confidence < 1.0) {
        return Err(NotEstimable::BadValue);
    }
    let mut excluded = Vec::new();
    let mut kept = Vec::new();
    let mut logs = Vec::new();
    let mut counts = [0u64; 4];
    for row in rows {
        match sides(&row.data) {
            Err(why) => excluded.push(ExcludedRow { name: row.name.into(), why }),
            Ok(sides) => {
                logs.push(sum(sides.iter().map(|(_, sign, means)| sign * center(means))));
                kept.push(sides);
                counts[match row.verdict {
                    Verdict::Regressed => 0,
                    Verdict::Equivalent => 1,
                    Verdict::Improved => 2,
                    _ => 3,
                }] += 1;
            }
        }
    }
    let estimate = mean(&logs).ok_or(NotEstimable::NoData)?;
    let ratio = exp(estimate);
    if !(ratio.is_finite() && ratio > 0.0) {
        return Err(NotEstimable::BadValue);
    }
    let strata = Parts::of(&kept).strata(logs.len());
    let smallest = strata.iter().map(Vec::len).min().unwrap_or(0);
    // The sum over many strata or clusters is close to normal, and resampling each would take long.
    let few = strata.len() <= 2 && strata.iter().map(Vec::len).sum::<usize>() <= MOST_RESAMPLED;
    let bootstrap = smallest >= 8 && few && config.resamples >= 99;
    let bounds = if smallest < 2 {
        Err(NotEstimable::TooFew { n: smallest as u64, needed: 2 })
    } else if bootstrap {
        Ok(by_bootstrap(estimate, &strata, config))
    } else {
        Ok(by_t(estimate, &strata, config.confidence))
    };
    let bound = |log: f64| Some(exp(log)).filter(|r| r.is_finite());
    let around =
        |(low, high): (f64, f64)| Interval { low: bound(low), high: bound(high), confidence: config.confidence };
    let [worse, equal, better, undecided] = counts;
    Ok(SuiteMean {
        ratio,
        interval: bounds.ok().map(around),
        why_not: bounds.err(),
        method: if bootstrap { SuiteMethod::ClusterBootstrap } else { SuiteMethod::ClusterT },
        clusters: smallest as u64,
        resamples: if bootstrap { config.resamples } else { 0 },
        rows: logs.len() as u64,
        of: rows.len() as u64,
        excluded,
        worse,
        equal,
        better,
        undecided,
    })
}

/// The mean of rates. A rate is an amount over a time, and what adds up is amounts and times: the
/// mean is Σ amounts / Σ (amount / rate), the harmonic mean when all amounts are equal (`None`).
/// `None` without values, for rates that are not above zero or amounts below it.
#[must_use]
pub fn mean_rate(rates: &[f64], amounts: Option<&[f64]>) -> Option<f64> {
    let amount = |i: usize| amounts.map_or(Some(1.0), |a| a.get(i).copied());
    let mut pairs = Vec::new();
    for (i, rate) in rates.iter().enumerate() {
        let amount = amount(i).filter(|a| a.is_finite() && *a >= 0.0)?;
        pairs.push((amount, Some(*rate).filter(|r| r.is_finite() && *r > 0.0)?));
    }
    let (total, time) = (sum(pairs.iter().map(|(a, _)| *a)), sum(pairs.iter().map(|(a, r)| a / r)));
    (time > 0.0).then(|| total / time).filter(|m| m.is_finite())
}

/// What raw p-values below the level say about a whole comparison when nothing changed anywhere.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NullLine {
    /// Rows tested.
    pub rows: u64,
    /// Rows expected below the level if nothing changed: level × rows.
    pub expected: f64,
    /// Rows below it.
    pub observed: u64,
    /// The chance of at least as many if nothing changed and rows were independent.
    pub p: f64,
}

/// The A/A line of a comparison, from its raw p-values. Values outside [0, 1] are not counted.
#[must_use]
pub fn null_line(p_values: &[f64], alpha: f64) -> NullLine {
    let valid = || p_values.iter().filter(|p| (0.0..=1.0).contains(*p));
    let (rows, observed) = (valid().count() as u64, valid().filter(|p| **p < alpha).count() as u64);
    let level = if (0.0..=1.0).contains(&alpha) { alpha } else { 1.0 };
    NullLine { rows, expected: level * rows as f64, observed, p: binomial_upper(observed as i64, rows, level) }
}

/// A side of a row: which space its cluster ids belong to, its sign in the log-ratio, and the mean
/// of each cluster.
type Side = (u8, f64, Vec<Clustered>);

fn sides(data: &RowData<'_>) -> Result<Vec<Side>, Excluded> {
    let means = |values: &[Clustered]| {
        let mut sorted = values.to_vec();
        sort_by(&mut sorted, &mut |a, b| a.0.cmp(&b.0));
        let one = |group: &[Clustered]| {
            let mean = group.iter().map(|g| g.1).sum::<f64>() / group.len() as f64;
            group.first().map(|g| (g.0, mean))
        };
        let means: Vec<Clustered> = sorted.chunk_by(|a, b| a.0 == b.0).filter_map(one).collect();
        if means.iter().all(|m| m.1.is_finite()) { Ok(means) } else { Err(Excluded::NotPositive) }
    };
    match data {
        RowData::Paired([]) => Err(Excluded::NoCandidate),
        RowData::Paired(values) => Ok(vec![(0, 1.0, means(values)?)]),
        RowData::Sides { baseline: [], .. } => Err(Excluded::NoBaseline),
        RowData::Sides { candidate: [], .. } => Err(Excluded::NoCandidate),
        RowData::Sides { baseline, candidate } => Ok(vec![(1, -1.0, means(baseline)?), (2, 1.0, means(candidate)?)]),
    }
}

fn center(means: &[Clustered]) -> f64 {
    sum(means.iter().map(|m| m.1)) / means.len().max(1) as f64
}

/// The rows' parts by cluster, and which clusters belong together because a row has both.
struct Parts {
    /// Clusters by space and id: their places.
    known: Vec<(u8, u32)>,
    parent: Vec<usize>,
    /// Per row and side: sign, and deviation from the side's mean by place.
    deviations: Vec<Vec<(usize, f64)>>,
}

impl Parts {
    fn of(rows: &[Vec<Side>]) -> Parts {
        let sides = || rows.iter().flatten();
        let mut known: Vec<(u8, u32)> =
            sides().flat_map(|(space, _, means)| means.iter().map(move |m| (*space, m.0))).collect();
        sort_distinct(&mut known);
        let mut parts = Parts { parent: (0..known.len()).collect(), known, deviations: Vec::new() };
        for (space, sign, means) in sides() {
            let center = center(means);
            let place = |cluster: u32| parts.known.binary_search(&(*space, cluster)).ok();
            let row: Vec<(usize, f64)> =
                means.iter().filter_map(|(c, value)| Some((place(*c)?, sign * (value - center)))).collect();
            for pair in row.windows(2) {
                let (a, b) = (parts.root(pair[0].0), parts.root(pair[1].0));
                parts.parent[a.max(b)] = a.min(b);
            }
            parts.deviations.push(row);
        }
        parts
    }

    fn root(&self, mut place: usize) -> usize {
        while self.parent[place] != place {
            place = self.parent[place];
        }
        place
    }

    /// Each stratum's clusters with their influence on the mean log-ratio of `rows` rows: resampling
    /// the clusters of a stratum moves the mean by the mean influence of those drawn. Exact when
    /// every row has every cluster, first order where some are missing.
    fn strata(&self, rows: usize) -> Vec<Vec<f64>> {
        let roots: Vec<usize> = (0..self.parent.len()).map(|place| self.root(place)).collect();
        let mut sizes = vec![0.0f64; roots.len()];
        roots.iter().for_each(|root| sizes[*root] += 1.0);
        let mut influence = vec![0.0f64; roots.len()];
        for row in &self.deviations {
            for (place, deviation) in row {
                influence[*place] += deviation * sizes[roots[*place]] / (row.len() as f64 * rows as f64);
            }
        }
        // By space and id inside each stratum: the same for swapped sides.
        let mut members: Vec<usize> = (0..roots.len()).collect();
        sort_by(&mut members, &mut |a, b| roots[*a].cmp(&roots[*b]));
        let one = |group: &[usize]| group.iter().map(|place| influence[*place]).collect();
        members.chunk_by(|a, b| roots[*a] == roots[*b]).map(one).collect()
    }
}

fn by_t(estimate: f64, strata: &[Vec<f64>], confidence: f64) -> (f64, f64) {
    let part = |u: &Vec<f64>| (variance(u).unwrap_or(0.0) / u.len() as f64, Some(u.len() as f64 - 1.0));
    let parts: Vec<(f64, Option<f64>)> = strata.iter().map(part).collect();
    let half = match satterthwaite(&parts) {
        Some(df) => -t_quantile((1.0 - confidence) / 2.0, Some(df)) * standard_error(&parts),
        None => 0.0,
    };
    (estimate - half, estimate + half)
}

/// BCa bounds of a sum of stratum means.
fn by_bootstrap(estimate: f64, strata: &[Vec<f64>], config: &SuiteConfig) -> (f64, f64) {
    // A stratum's stream depends on the sizes of its parts only, so that swapped sides draw alike
    // and mirror; two strata of the same parts must not draw alike, or they would cancel.
    let of = |u: &Vec<f64>| seed(u.iter().map(|v| v.abs()), "suite_mean", config.seed);
    let mut seeds: Vec<u64> = strata.iter().map(of).collect();
    if let [first, second] = seeds.as_mut_slice()
        && first == second
    {
        *second = second.wrapping_add(1);
    }
    let replicates: Vec<f64> = (0..config.resamples)
        .map(|r| {
            let drawn = |(u, seed): (&Vec<f64>, &u64)| {
                let mut random = Random::stream(*seed, r);
                let total: f64 = (0..u.len()).filter_map(|_| random.pick(u)).sum();
                total / u.len() as f64
            };
            estimate + strata.iter().zip(&seeds).map(drawn).sum::<f64>()
        })
        .collect();
    let found = bca_of_means(estimate, replicates, strata, 0, config.confidence).estimate.interval;
    let bound = |of: fn(Interval) -> Option<f64>| found.and_then(of).unwrap_or(estimate);
    (bound(|i| i.low), bound(|i| i.high))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::math::{ln, sqrt};

    const CONFIG: SuiteConfig = SuiteConfig { confidence: 0.95, resamples: 9_999, seed: 0 };

    fn clustered(values: &[f64]) -> Vec<Clustered> {
        values.iter().enumerate().map(|(i, v)| (i as u32, *v)).collect()
    }

    fn paired<'a>(name: &'a str, data: &'a [Clustered]) -> SuiteRow<'a> {
        SuiteRow { name, verdict: Verdict::Equivalent, data: RowData::Paired(data) }
    }

    fn bounds(mean: &SuiteMean) -> (f64, f64) {
        let i = mean.interval.unwrap();
        (ln(i.low.unwrap()), ln(i.high.unwrap()))
    }

    #[test]
    fn the_mean_is_geometric_over_what_both_sides_have() {
        let (double, half) = (clustered(&[ln(2.0); 3]), clustered(&[ln(0.5); 3]));
        let zero = clustered(&[f64::NEG_INFINITY, 0.0]);
        let mut rows = [paired("a", &double), paired("b", &half), paired("c", &zero), paired("d", &[])];
        rows[0].verdict = Verdict::Regressed;
        rows[1].verdict = Verdict::LikelyBetter;
        let got = suite_mean(&rows, &CONFIG).unwrap();
        assert!((got.ratio - 1.0).abs() < 1e-12);
        assert_eq!((got.rows, got.of, got.worse, got.equal, got.better, got.undecided), (2, 4, 1, 0, 0, 1));
        let named: Vec<(&str, Excluded)> = got.excluded.iter().map(|e| (e.name.as_str(), e.why)).collect();
        assert_eq!(named, [("c", Excluded::NotPositive), ("d", Excluded::NoCandidate)]);
        let one_sided = SuiteRow { data: RowData::Sides { baseline: &[], candidate: &double }, ..paired("e", &double) };
        assert_eq!(suite_mean(&[one_sided], &CONFIG).unwrap_err(), NotEstimable::NoData);
        assert_eq!(suite_mean(&[], &CONFIG).unwrap_err(), NotEstimable::NoData);
    }

    #[test]
    fn rows_that_share_blocks_do_not_count_as_independent() {
        let noise = [0.02, -0.01, 0.03, -0.02, 0.00, 0.01];
        let (a, far) = (clustered(&noise), noise.iter().zip(10u32..).map(|(v, i)| (i, *v)).collect::<Vec<_>>());
        let width = |rows: &[SuiteRow<'_>]| {
            let (low, high) = bounds(&suite_mean(rows, &CONFIG).unwrap());
            high - low
        };
        let alone = width(&[paired("a", &a)]);
        // The same blocks twice say no more than once; other blocks do.
        assert!((width(&[paired("a", &a), paired("b", &a)]) - alone).abs() < 1e-12);
        assert!(width(&[paired("a", &a), paired("b", &far)]) < 0.75 * alone);
        let t = 2.570_581_835_636_314 * sqrt(variance(&noise).unwrap() / 6.0);
        assert!((alone - 2.0 * t).abs() < 1e-9);
    }

    #[test]
    fn from_eight_clusters_on_the_bootstrap_takes_over_and_mirrors() {
        let x = clustered(&[0.10, 0.12, 0.08, 0.11, 0.30, 0.09, 0.10, 0.11, 0.12, 0.10]);
        let y = clustered(&[0.20, 0.21, 0.19, 0.22, 0.18, 0.25, 0.20, 0.21, 0.20]);
        let row = |baseline, candidate| {
            let data = RowData::Sides { baseline, candidate };
            suite_mean(&[SuiteRow { data, ..paired("a", &[]) }], &CONFIG).unwrap()
        };
        let (forth, back) = (row(&x, &y), row(&y, &x));
        assert_eq!((forth.method, forth.clusters, forth.resamples), (SuiteMethod::ClusterBootstrap, 9, 9_999));
        let ((low, high), (back_low, back_high)) = (bounds(&forth), bounds(&back));
        assert!((low + back_high).abs() < 1e-12 && (high + back_low).abs() < 1e-12);
        let (t_low, t_high) = (-0.065, 0.135);
        assert!(low < 0.0824 && high > 0.0824 && low > t_low && high < t_high, "{low} {high}");
        // The same values on both sides: no difference, but not without width.
        let same = row(&x, &x);
        assert_eq!(same.ratio.to_bits(), 1.0f64.to_bits());
        assert!(bounds(&same).0 < 0.0 && bounds(&same).1 > 0.0);
    }

    #[test]
    fn one_cluster_has_no_interval_and_no_spread_a_degenerate_one() {
        let one = clustered(&[0.1]);
        let got = suite_mean(&[paired("a", &one)], &CONFIG).unwrap();
        assert_eq!((got.interval, got.why_not), (None, Some(NotEstimable::TooFew { n: 1, needed: 2 })));
        for n in [2, 9] {
            let equal = clustered(&vec![0.1; n]);
            let (low, high) = bounds(&suite_mean(&[paired("a", &equal)], &CONFIG).unwrap());
            assert!((low - 0.1).abs() < 1e-12 && (high - 0.1).abs() < 1e-12);
        }
    }

    #[test]
    fn rates_average_by_what_they_divide_by() {
        assert!((mean_rate(&[60.0, 30.0], None).unwrap() - 40.0).abs() < 1e-12);
        assert!((mean_rate(&[60.0, 30.0], Some(&[3.0, 1.0])).unwrap() - 48.0).abs() < 1e-12);
        for bad in [&[][..], &[0.0], &[-1.0, 2.0], &[f64::NAN]] {
            assert!(mean_rate(bad, None).is_none());
        }
        assert!(mean_rate(&[1.0, 2.0], Some(&[1.0])).is_none());
    }

    #[test]
    fn hits_expected_of_nothing() {
        let line = null_line(&[0.01, 0.5, 0.04, 0.9, f64::NAN], 0.05);
        assert_eq!((line.rows, line.observed), (4, 2));
        assert!((line.expected - 0.2).abs() < 1e-12);
        // 1 − .95⁴ − 4·.05·.95³
        assert!((line.p - 0.014_018_75).abs() < 1e-9);
        assert_eq!(null_line(&[], 0.05).p.to_bits(), 1.0f64.to_bits());
    }
}
