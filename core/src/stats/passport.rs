//! The noise-floor passport (STATISTICS S17): what comparing a program with itself says of one host.
//!
//! Made from A/A runs, it stands in for what a single file cannot show: how far two measurements
//! of the same code lie apart. It is a plain, versioned record; a passport of another host, or an
//! old one, is refused with the reason.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::config::{PassportNoise, PassportRow, PassportSettings};
use crate::report::Interval;
use crate::stats::distribution::{satterthwaite, t_two_sided, t_upper};
use crate::stats::estimable::NotEstimable;
use crate::stats::math::{exp, ln, sqrt};
use crate::stats::moments::{mean, variance};
use crate::stats::proportion::clopper_pearson;
use crate::stats::random::{REPLICATES, Random};
use crate::stats::variance::{Components, Stratum};

/// The version written; others are refused.
pub const PASSPORT_VERSION: u32 = 1;
/// Days after which a passport is too old.
pub const MOST_DAYS: u64 = 90;
/// The margin below which no passport goes: 1 %.
pub const LEAST_MARGIN: f64 = 0.01;
const SECONDS_PER_DAY: u64 = 86_400;

/// The record.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Passport {
    /// [`PASSPORT_VERSION`].
    pub version: u32,
    /// Facts that identify the host, by name: processor, cores, kernel, governor and the like.
    pub host: BTreeMap<String, String>,
    /// When it was made, in seconds since 1970 (UTC).
    pub taken_at_seconds: u64,
    /// What was measured.
    pub benchmarks: Vec<PassportEntry>,
}

/// One benchmark's noise.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassportEntry {
    /// Its name, with its parameters.
    pub benchmark: String,
    /// The metric.
    pub metric: String,
    /// Variance that arises at each level, on the log scale, from the top down.
    pub levels: Vec<PassportLevel>,
    /// Noise of a comparison at the block counts tried, in rising order.
    pub noise: Vec<NoiseAt>,
    /// A/A comparisons it was made from.
    pub comparisons: u64,
    /// Blocks in all of them together.
    pub blocks: u64,
}

/// The variance of one level.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct PassportLevel {
    /// Which level.
    pub level: Stratum,
    /// Variance on the log scale that arises there, at least 0.
    pub variance: f64,
    /// Its degrees of freedom; `None` where the estimate was clipped to 0.
    pub df: Option<f64>,
    /// Variance of this level's unit means, with all that comes from below: an upper bound.
    pub of_means: f64,
    /// Degrees of freedom of `of_means`.
    pub of_means_df: u64,
}

/// Noise of comparing code with itself using a number of blocks.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct NoiseAt {
    /// Blocks per comparison.
    pub blocks: u64,
    /// 95 % of |ln ratio| lie below this.
    pub q95: f64,
    /// Comparisons of this size, none sharing a block with another.
    pub comparisons: u64,
    /// How many of them excluded 0 at 95 %.
    pub zero_excluded: u64,
    /// How many were called changed: beyond the margin at 5 %.
    pub called_changed: u64,
    /// 95 % interval of the rate called changed (Clopper-Pearson).
    pub false_alarm_rate: Interval,
    /// 95 % interval of the rate of excluding 0 (Clopper-Pearson).
    pub zero_excluded_rate: Interval,
}

/// Why a passport, or what is asked of it, is refused.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Refusal {
    /// Written by another version of the format.
    Version {
        /// The one found.
        found: u32,
    },
    /// The host is another one.
    FingerprintDiffers {
        /// Names of the facts that differ or are missing on one side.
        facts: Vec<String>,
    },
    /// Older than [`MOST_DAYS`].
    TooOld {
        /// Its age.
        days: u64,
    },
    /// Made more than a day after the measurement it should judge.
    FromTheFuture,
    /// Holds nothing about this benchmark and metric.
    MissingBenchmark,
    /// Its A/A runs could not show what is asked for: too few blocks or one fork.
    NotMeasured,
}

/// What an entry is made from.
#[derive(Clone, Copy, Debug)]
pub struct AaRuns<'a> {
    /// Name of the benchmark with its parameters.
    pub benchmark: &'a str,
    /// The metric.
    pub metric: &'a str,
    /// For each A/A comparison, ln(second/first) of its blocks.
    pub comparisons: &'a [Vec<f64>],
    /// Variance components of one side's log values, where they were found.
    pub components: Option<&'a Components>,
    /// Block counts to state the noise at.
    pub block_counts: &'a [u64],
    /// The margin, as a ratio, by which A/A comparisons are judged.
    pub margin: f64,
    /// Seed of the resampling.
    pub seed: u64,
}

/// Makes an entry.
///
/// The quantile is that of means of k blocks drawn from one comparison, so a comparison that is off
/// as a whole counts as noise too. Called changed is counted on stretches of k blocks that do not
/// overlap. Counts beyond the longest comparison, or below 2, are left out.
///
/// # Errors
/// `NoData` without a block, `BadValue` for one that is not finite or a negative margin, `TooFew`
/// when no comparison has two blocks.
pub fn entry(runs: &AaRuns<'_>) -> Result<PassportEntry, NotEstimable> {
    let blocks: u64 = runs.comparisons.iter().map(|c| c.len() as u64).sum();
    if blocks == 0 {
        return Err(NotEstimable::NoData);
    }
    let finite = runs.comparisons.iter().flatten().all(|v| v.is_finite());
    if !(finite && runs.margin.is_finite() && runs.margin >= 0.0) {
        return Err(NotEstimable::BadValue);
    }
    let longest = runs.comparisons.iter().map(|c| c.len() as u64).max().unwrap_or(0);
    if longest < 2 {
        return Err(NotEstimable::TooFew { n: longest, needed: 2 });
    }
    let mut counts: Vec<u64> = runs.block_counts.iter().copied().filter(|k| (2..=longest).contains(k)).collect();
    counts.sort_unstable();
    counts.dedup();
    let levels = runs.components.map(|c| c.levels.as_slice()).unwrap_or_default();
    Ok(PassportEntry {
        benchmark: runs.benchmark.into(),
        metric: runs.metric.into(),
        levels: levels
            .iter()
            .filter_map(|c| {
                let (variance, of_means) = (c.t2?, c.s2?);
                Some(PassportLevel { level: c.level, variance, df: c.t2_df, of_means, of_means_df: c.df })
            })
            .collect(),
        noise: counts.into_iter().filter_map(|k| noise_at(runs, k)).collect(),
        comparisons: runs.comparisons.iter().filter(|c| !c.is_empty()).count() as u64,
        blocks,
    })
}

fn noise_at(runs: &AaRuns<'_>, k: u64) -> Option<NoiseAt> {
    let long: Vec<&Vec<f64>> = runs.comparisons.iter().filter(|c| c.len() as u64 >= k).collect();
    let mut sizes: Vec<f64> = (0..REPLICATES)
        .filter_map(|r| {
            let mut random = Random::stream(runs.seed ^ k, r);
            let comparison = random.pick(&long)?;
            let total: f64 = (0..k).filter_map(|_| random.pick(comparison)).sum();
            Some((total / k as f64).abs())
        })
        .collect();
    sizes.sort_unstable_by(f64::total_cmp);
    // Rank .95·(B + 1) of B = 9 999.
    let q95 = sizes.get(9_499).copied()?;
    let margin = ln(1.0 + runs.margin);
    let (mut comparisons, mut zero_excluded, mut called_changed) = (0u64, 0u64, 0u64);
    for stretch in long.iter().flat_map(|c| c.chunks_exact(k as usize)) {
        comparisons += 1;
        let (Some(d), Some(v)) = (mean(stretch), variance(stretch)) else { continue };
        let (se, df) = (sqrt(v / k as f64), Some(k as f64 - 1.0));
        // Without spread the two ways to exclude 0 are one.
        let (p, beyond) = if se > 0.0 {
            (t_two_sided(d / se, df), t_upper((d.abs() - margin) / se, df))
        } else {
            (if d == 0.0 { 1.0 } else { 0.0 }, if d.abs() > margin { 0.0 } else { 1.0 })
        };
        zero_excluded += u64::from(p < 0.05);
        called_changed += u64::from(d.abs() > margin && beyond < 0.05);
    }
    Some(NoiseAt {
        blocks: k,
        q95,
        comparisons,
        zero_excluded,
        called_changed,
        false_alarm_rate: clopper_pearson(called_changed, comparisons, 0.95)?,
        zero_excluded_rate: clopper_pearson(zero_excluded, comparisons, 0.95)?,
    })
}

impl Passport {
    /// Whether the passport holds for a measurement made at `at_seconds` on `host`. Every fact it
    /// names must be there and be the same; facts it does not name do not matter.
    ///
    /// # Errors
    /// The first reason that applies: version, host, age.
    pub fn holds(&self, host: &BTreeMap<String, String>, at_seconds: u64) -> Result<(), Refusal> {
        if self.version != PASSPORT_VERSION {
            return Err(Refusal::Version { found: self.version });
        }
        let differ = |(name, value): &(&String, &String)| host.get(*name) != Some(*value);
        let facts: Vec<String> = self.host.iter().filter(differ).map(|(name, _)| name.clone()).collect();
        // Without any fact it could be anybody's.
        if !facts.is_empty() || self.host.is_empty() {
            return Err(Refusal::FingerprintDiffers { facts });
        }
        if self.taken_at_seconds > at_seconds.saturating_add(SECONDS_PER_DAY) {
            return Err(Refusal::FromTheFuture);
        }
        let age = at_seconds.saturating_sub(self.taken_at_seconds);
        if age > MOST_DAYS * SECONDS_PER_DAY {
            return Err(Refusal::TooOld { days: age / SECONDS_PER_DAY });
        }
        Ok(())
    }

    /// What an analysis takes from it; `margins`: whether margins follow it.
    #[must_use]
    pub fn settings(&self, margins: bool) -> PassportSettings {
        let row = |e: &PassportEntry| {
            let spread = e.between_runs_sd().ok();
            PassportRow {
                name: alloc::format!("{} [{}]", e.benchmark, e.metric),
                run_sd: spread.map(|s| s.0),
                run_df: spread.and_then(|s| s.1),
                noise: e.noise.iter().map(NoiseAt::in_effect).collect(),
            }
        };
        let mut rows: Vec<PassportRow> = self.benchmarks.iter().map(row).collect();
        rows.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        PassportSettings { taken_at_seconds: self.taken_at_seconds, margins, rows }
    }

    /// What it says of a benchmark and metric.
    ///
    /// # Errors
    /// `MissingBenchmark`.
    pub fn entry(&self, benchmark: &str, metric: &str) -> Result<&PassportEntry, Refusal> {
        let same = |e: &&PassportEntry| e.benchmark == benchmark && e.metric == metric;
        self.benchmarks.iter().find(same).ok_or(Refusal::MissingBenchmark)
    }
}

/// The margin of [`PassportEntry::default_margin`]; `None` where it is not measured.
#[must_use]
pub fn margin_of(noise: &[PassportNoise], blocks: u64) -> Option<f64> {
    let first = noise.first().filter(|_| blocks > 0)?;
    let at = noise.iter().rev().find(|n| n.blocks <= blocks);
    let q95 = at.map_or(first.q95 * sqrt(first.blocks as f64 / blocks as f64), |n| n.q95);
    let margin = exp(q95) - 1.0;
    margin.is_finite().then_some(margin.max(LEAST_MARGIN))
}

impl NoiseAt {
    fn in_effect(&self) -> PassportNoise {
        let rate = &self.false_alarm_rate;
        PassportNoise {
            blocks: self.blocks,
            q95: self.q95,
            comparisons: self.comparisons,
            called_changed: self.called_changed,
            rate_low: rate.low.unwrap_or(0.0),
            rate_high: rate.high.unwrap_or(1.0),
        }
    }
}

impl PassportEntry {
    /// The default margin, as a ratio, of a comparison with `blocks` blocks: the larger of
    /// [`LEAST_MARGIN`] and the A/A quantile at the largest count tried that is not above it. Below
    /// all counts tried, the first one's is widened by the root of the shares of blocks.
    ///
    /// # Errors
    /// `NotMeasured` without any quantile or without blocks.
    pub fn default_margin(&self, blocks: u64) -> Result<f64, Refusal> {
        let noise: Vec<PassportNoise> = self.noise.iter().map(NoiseAt::in_effect).collect();
        margin_of(&noise, blocks).ok_or(Refusal::NotMeasured)
    }

    /// Standard deviation on the log scale between two runs of one process a side, with its degrees
    /// of freedom: what arises between blocks and between forks together. Where both were clipped
    /// to 0 the spread of the highest level's means stands in, which is too large rather than zero.
    ///
    /// # Errors
    /// `NotMeasured` when neither level was seen, or nothing varied.
    pub fn between_runs_sd(&self) -> Result<(f64, Option<f64>), Refusal> {
        let upper = || self.levels.iter().filter(|l| l.level != Stratum::Iteration);
        let parts: Vec<(f64, Option<f64>)> = upper().map(|l| (l.variance, l.df)).collect();
        let total: f64 = parts.iter().map(|(v, _)| v).sum();
        let (variance, df) = if total > 0.0 {
            (total, satterthwaite(&parts))
        } else {
            let top = upper().next().ok_or(Refusal::NotMeasured)?;
            (top.of_means, Some(top.of_means_df as f64))
        };
        if variance > 0.0 && variance.is_finite() { Ok((sqrt(variance), df)) } else { Err(Refusal::NotMeasured) }
    }

    /// The noise stated for the largest block count tried that is not above `blocks`: what a gate
    /// prints beside its verdict.
    #[must_use]
    pub fn false_alarms(&self, blocks: u64) -> Option<&NoiseAt> {
        self.noise.iter().rev().find(|n| n.blocks <= blocks)
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::variance::{Grouping, components};
    use alloc::string::ToString;

    /// Normal with a deviation of 2 %.
    fn blocks(run: u64, n: usize) -> Vec<f64> {
        let mut random = Random::stream(11, run);
        (0..n).map(|_| 0.02 * random.normal()).collect()
    }

    fn runs(comparisons: &[Vec<f64>]) -> AaRuns<'_> {
        AaRuns {
            benchmark: "sort/n=10",
            metric: "time",
            comparisons,
            components: None,
            block_counts: &[20, 5, 10, 5, 1, 500],
            margin: 0.01,
            seed: 0,
        }
    }

    fn passport() -> Passport {
        let comparisons: Vec<Vec<f64>> = (0..20).map(|r| blocks(r, 40)).collect();
        Passport {
            version: PASSPORT_VERSION,
            host: host(),
            taken_at_seconds: 1_000_000_000,
            benchmarks: [entry(&runs(&comparisons)).unwrap()].to_vec(),
        }
    }

    fn host() -> BTreeMap<String, String> {
        [("cpu", "Z80"), ("cores", "2")].map(|(k, v)| (k.to_string(), v.to_string())).into()
    }

    #[test]
    fn quantiles_and_alarms_are_those_of_the_noise() {
        let passport = passport();
        let entry = passport.entry("sort/n=10", "time").unwrap();
        assert_eq!((entry.comparisons, entry.blocks), (20, 800));
        let counts: Vec<(u64, u64)> = entry.noise.iter().map(|n| (n.blocks, n.comparisons)).collect();
        assert_eq!(counts, [(5, 160), (10, 80), (20, 40)]);
        for noise in &entry.noise {
            let want = 1.96 * 0.02 / sqrt(noise.blocks as f64);
            // Each comparison's own mean counts too, so somewhat more than the plain value.
            assert!(noise.q95 > 0.9 * want && noise.q95 < 1.4 * want, "{noise:?}");
            assert!(noise.zero_excluded_rate.low.unwrap() < 0.05 && noise.zero_excluded_rate.high.unwrap() > 0.05);
            assert!(noise.called_changed <= noise.zero_excluded, "{noise:?}");
        }
    }

    #[test]
    fn the_margin_follows_the_blocks_but_not_below_one_percent() {
        let passport = passport();
        let entry = passport.entry("sort/n=10", "time").unwrap();
        let q = |i: usize| exp(entry.noise[i].q95) - 1.0;
        assert_eq!(entry.default_margin(5).unwrap().to_bits(), q(0).max(0.01).to_bits());
        assert_eq!(entry.default_margin(9).unwrap().to_bits(), q(0).max(0.01).to_bits());
        assert!(entry.default_margin(2).unwrap() > q(0));
        assert!(entry.default_margin(1_000_000).unwrap() >= LEAST_MARGIN);
        assert_eq!(entry.default_margin(0), Err(Refusal::NotMeasured));
        assert_eq!(entry.false_alarms(12).map(|n| n.blocks), Some(10));
        assert!(entry.false_alarms(4).is_none());
        let quiet = super::entry(&runs(&[[0.0; 30].to_vec()])).unwrap();
        assert_eq!(quiet.default_margin(10), Ok(LEAST_MARGIN));
        assert_eq!(quiet.noise[0].called_changed, 0);
        let shifted = super::entry(&runs(&[[0.5; 30].to_vec()])).unwrap();
        assert_eq!((shifted.noise[0].called_changed, shifted.noise[0].comparisons), (6, 6));
    }

    #[test]
    fn the_spread_between_runs_is_never_zero() {
        let values = [0.00, 0.01, 0.05, 0.06, 0.10, 0.11, 0.02, 0.03];
        let fork = [0, 0, 1, 1, 2, 2, 3, 3];
        let found = components(&values, &[Grouping { level: Stratum::Fork, ids: &fork }]).unwrap();
        let comparisons = [blocks(0, 10)];
        let with = |c| super::entry(&AaRuns { components: Some(c), ..runs(&comparisons) }).unwrap();
        let (sd, df) = with(&found).between_runs_sd().unwrap();
        assert!((sd * sd - found.levels[0].t2.unwrap()).abs() < 1e-15 && df.unwrap() > 2.9);
        let clipped =
            components(&[0.0, 1.0, 0.1, 1.0, 0.0, 1.0], &[Grouping { level: Stratum::Fork, ids: &[0, 0, 1, 1, 2, 2] }]);
        let (sd, df) = with(&clipped.unwrap()).between_runs_sd().unwrap();
        assert!(sd > 0.0 && df == Some(2.0));
        let without = super::entry(&runs(&comparisons)).unwrap();
        assert_eq!(without.between_runs_sd(), Err(Refusal::NotMeasured));
    }

    #[test]
    fn another_host_or_an_old_record_is_refused() {
        let (passport, then, day) = (passport(), 1_000_000_000, 86_400);
        assert_eq!(passport.holds(&host(), then), Ok(()));
        assert_eq!(passport.holds(&host(), then + 90 * day), Ok(()));
        assert_eq!(passport.holds(&host(), then + 91 * day), Err(Refusal::TooOld { days: 91 }));
        assert_eq!(passport.holds(&host(), then - 2 * day), Err(Refusal::FromTheFuture));
        let mut other = host();
        other.insert("cpu".to_string(), "6502".to_string());
        other.insert("colour".to_string(), "red".to_string());
        let facts = [String::from("cpu")].to_vec();
        assert_eq!(passport.holds(&other, then), Err(Refusal::FingerprintDiffers { facts }));
        let anybody = Passport { host: BTreeMap::new(), ..passport.clone() };
        assert!(anybody.holds(&host(), then).is_err());
        let newer = Passport { version: 2, ..passport.clone() };
        assert_eq!(newer.holds(&host(), then), Err(Refusal::Version { found: 2 }));
        assert_eq!(passport.entry("sort/n=10", "bytes"), Err(Refusal::MissingBenchmark));
    }

    #[test]
    fn it_survives_print_and_parse() {
        let passport = passport();
        let text = serde_json::to_string(&passport).unwrap();
        assert_eq!(serde_json::from_str::<Passport>(&text).unwrap(), passport);
    }

    #[test]
    fn nothing_makes_no_entry() {
        let why = |c: &[Vec<f64>]| super::entry(&runs(c)).unwrap_err();
        assert_eq!(why(&[]), NotEstimable::NoData);
        assert_eq!(why(&[Vec::new()]), NotEstimable::NoData);
        assert_eq!(why(&[[0.1].to_vec(), [0.2].to_vec()]), NotEstimable::TooFew { n: 1, needed: 2 });
        assert_eq!(why(&[[0.1, f64::NAN].to_vec()]), NotEstimable::BadValue);
    }
}
