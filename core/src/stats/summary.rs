//! What one side of one series looks like.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::config::StatsConfig;
use crate::model::{Mark, Marks, SideSeries};
use crate::report::{
    Counts, Estimate, Interval, Level, OutlierCounts, Reason, ScoreError, ScoreErrorClass, SideSummary, Tail, TailClass,
};
use crate::sort::sort_distinct;
use crate::stats::Limits;
use crate::stats::design::{Units, used};
use crate::stats::hypothesis::trimmed;
use crate::stats::lockstep;
use crate::stats::math::{exp, ln, pow, sqrt};
use crate::stats::moments::{mean, mean_variance, notable_skewness, std_dev};
use crate::stats::order::{between, expand, median, median_interval, quantile, sorted};
use crate::stats::quantile::Weighing;
use crate::stats::worth::{PS, Placed, Worth};
use crate::unit::Quantity;

/// What one side looks like; `None` when it has neither a used value nor an aggregate. `side` is
/// filled in by the caller; `weighing` is kept from one series to the next.
#[must_use]
pub fn summarize(
    side: &SideSeries,
    limits: &Limits,
    config: &StatsConfig,
    weighing: &mut Weighing,
) -> Option<SideSummary> {
    summarize_units((side, &Units::of(side)), limits, config, weighing)
}

/// [`summarize`] of a side whose units are known.
pub(crate) fn summarize_units(
    (side, known): (&SideSeries, &Units),
    limits: &Limits,
    config: &StatsConfig,
    weighing: &mut Weighing,
) -> Option<SideSummary> {
    let values: Cow<'_, [f64]> =
        if side.columns.weight.is_empty() { Cow::Borrowed(&known.sorted) } else { Cow::Owned(expand(&used(side))) };
    if values.is_empty() {
        return aggregate(side);
    }
    let log = known.log && side.quantity.varies_between_runs();
    let forks = known.means_on(side, log);
    let levels = if side.lockstep { lockstep::levels(side) } else { Vec::new() };
    let (units, level): (Vec<f64>, Level) = if levels.len() >= 2 {
        (levels.iter().map(|v| if log { ln(*v) } else { *v }).collect(), Level::Block)
    } else if forks.len() >= 2 {
        let blocks = forks.iter().all(|f| f.block.is_some()) && side.interleaved;
        (forks.iter().map(|f| f.mean).collect(), if blocks { Level::Block } else { Level::Fork })
    } else {
        (forks.iter().map(|f| f.mean).collect(), Level::Single)
    };
    let back = |x: f64| if log { exp(x) } else { x };
    // A value that all have comes back from the logarithm as itself.
    let same = values.first().copied().filter(|first| values.last() == Some(first));
    let n = units.len() as u64;
    let mut warnings = Vec::new();
    if n == 2 {
        warnings.push(Reason::TinyN);
    }
    if n == 1 {
        warnings.push(Reason::OneSample);
    }
    if same.is_some() {
        warnings.push(Reason::Degenerate);
    }
    if !known.log {
        warnings.push(Reason::LinearScale);
    }
    if level != Level::Single && notable_skewness(&units).is_some() {
        warnings.push(Reason::Skewed);
    }
    let center = mean(&units)?;
    let spread = std_dev(&units);
    let interval = if level == Level::Single {
        let within = forks.first().and_then(|f| f.within);
        // On the linear scale the ratio is one of the level; what does not vary at all is exact.
        let varies = side.varies_between_runs() || within.is_some_and(|w| w.0 > 0.0);
        let assumed = if varies { config.assumed_fork_sd * if log { 1.0 } else { center.abs() } } else { 0.0 };
        let (assumed, known) = side.run_spread.filter(|_| log).unwrap_or((assumed, None));
        let variance = assumed * assumed + within.map_or(0.0, |(v, _)| v);
        (variance > 0.0).then(|| {
            let parts = [(assumed * assumed, known), (within.map_or(0.0, |w| w.0), within.map(|w| w.1))];
            (sqrt(variance), crate::stats::distribution::satterthwaite(&parts))
        })
    } else {
        spread.map(|s| (s / sqrt(n as f64), Some(n as f64 - 1.0)))
    };
    let interval = interval.map(|(se, df)| {
        let half = weighing.t(1.0 - (1.0 - config.confidence) / 2.0, df) * se;
        Interval { low: Some(back(center - half)), high: Some(back(center + half)), confidence: config.confidence }
    });
    let method = match (level, log) {
        (Level::Single, true) if side.run_spread.is_some() => "passport_sd",
        (Level::Single, _) => "assumed_sd",
        (_, true) => "t_log",
        (_, false) => "t",
    };
    // Whether the spread between units is seen, or there is none.
    let shown = level != Level::Single || same.is_some() && !side.varies_between_runs();
    let replicates: Vec<f64> = units.iter().map(|u| same.unwrap_or(back(*u))).collect();
    let sorted = if level == Level::Single { values.to_vec() } else { sorted(replicates.clone()) };
    let typical = median(&sorted)?;
    let (level_of_all, variance) = mean_variance(&values)?;
    let std_dev_of_all = variance.map(sqrt);
    let outliers = outliers(&values, level_of_all);
    let extremes = outliers.mild_low + outliers.severe_low + outliers.mild_high + outliers.severe_high > 0;
    let placed = Worth::new(side, config.confidence, weighing).places(&values, weighing);
    let quantiles = PS.into_iter().zip(placed).map(|(p, Placed { effective, ranks })| {
        let value = weighing.shown(&values, p, extremes);
        between(&values, p, config.confidence, effective, ranks, value)
    });
    let quantiles = quantiles.collect();
    let [.., far] = placed;
    Some(SideSummary {
        side: 0,
        counts: counts(side),
        level,
        mean: Estimate { value: same.unwrap_or(back(center)), interval, n, method: String::from(method) },
        median: Estimate {
            value: typical,
            // The order of one process's values says nothing of other processes.
            interval: median_interval(&sorted, config.confidence).filter(|_| shown),
            n: sorted.len() as u64,
            method: String::from("order_statistics"),
        },
        trimmed_mean: trimmed(&sorted, config.trim).map(|(m, v, h)| {
            let half = weighing.t(1.0 - (1.0 - config.confidence) / 2.0, Some(h - 1.0)) * sqrt(v);
            let interval = Interval { low: Some(m - half), high: Some(m + half), confidence: config.confidence };
            let interval = Some(interval).filter(|_| shown);
            Estimate { value: m, interval, n: sorted.len() as u64, method: String::from("yuen") }
        }),
        min: values.first().copied(),
        max: values.last().copied(),
        std_dev: std_dev_of_all,
        between_sd_ratio: spread.filter(|_| level != Level::Single).and_then(|_| {
            let m = mean(&replicates)?;
            (m != 0.0).then(|| std_dev(&replicates).map(|s| s / m.abs())).flatten()
        }),
        quantiles,
        outliers,
        score_error: score_error(&values, (level_of_all, std_dev_of_all), &replicates, level, limits, weighing),
        tail: (side.quantity == Quantity::Time).then(|| tail(side, &values, level_of_all, far, limits)),
        diagnosis: None,
        replicate_means: replicates,
        warnings,
    })
}

fn counts(side: &SideSeries) -> Counts {
    let mut counts = Counts::default();
    let mut forks: Vec<u32> = Vec::new();
    let plain = side.marks().is_empty();
    for i in 0..side.columns.len() {
        let marks = if plain { Marks::NONE } else { side.marks_of(i) };
        // A row of a histogram stands for as many as it counts.
        let values = side.columns.weight.get(i).copied().unwrap_or(1);
        if marks.is_used() {
            counts.used = counts.used.saturating_add(values);
            // Values of a process stand together, as a rule.
            forks.extend(side.columns.fork.get(i).filter(|f| forks.last() != Some(f)));
        } else if marks.has(Mark::Warmup) {
            counts.warmup = counts.warmup.saturating_add(values);
        } else {
            counts.excluded = counts.excluded.saturating_add(values);
        }
    }
    sort_distinct(&mut forks);
    counts.forks = forks.len() as u64;
    let mut blocks: Vec<u32> = forks.iter().filter_map(|f| side.forks.get(*f as usize)?.block).collect();
    sort_distinct(&mut blocks);
    counts.blocks = blocks.len() as u64;
    counts
}

fn aggregate(side: &SideSeries) -> Option<SideSummary> {
    let a = side.aggregates.first()?;
    let interval = a.interval.map(|(low, high, confidence)| Interval { low: Some(low), high: Some(high), confidence });
    let estimate = |value: f64, interval| Estimate { value, interval, n: 1, method: String::from("stated_by_tool") };
    Some(SideSummary {
        side: 0,
        counts: Counts { used: 0, ..Counts::default() },
        level: Level::Single,
        mean: estimate(a.mean, interval),
        median: estimate(a.median.unwrap_or(a.mean), None),
        trimmed_mean: None,
        min: None,
        max: None,
        std_dev: a.std_dev,
        between_sd_ratio: None,
        quantiles: Vec::new(),
        outliers: OutlierCounts::default(),
        score_error: None,
        tail: None,
        diagnosis: None,
        replicate_means: Vec::new(),
        warnings: kept_only(a.median_only),
    })
}

/// What is to be said of a summary: that there is nothing else, and where it holds a median alone, that.
pub(crate) fn kept_only(median: bool) -> Vec<Reason> {
    let mut reasons = [Reason::AggregateOnly, Reason::MedianOnly].to_vec();
    reasons.truncate(1 + usize::from(median));
    reasons
}

/// Tukey's fences and double MAD of sorted values with a mean; labels only.
fn outliers(sorted: &[f64], mean: f64) -> OutlierCounts {
    let mut out = OutlierCounts::default();
    let (Some(q1), Some(q3), Some(m)) = (quantile(sorted, 0.25), quantile(sorted, 0.75), median(sorted)) else {
        return out;
    };
    let iqr = q3 - q1;
    let below = |fence: f64| sorted.partition_point(|v| *v < fence);
    let upto = |fence: f64| sorted.partition_point(|v| *v <= fence);
    let (severe, from) = (below(q1 - 3.0 * iqr), below(q1 - 1.5 * iqr));
    let (to, far) = (upto(q3 + 1.5 * iqr), upto(q3 + 3.0 * iqr));
    let n = sorted.len();
    (out.severe_low, out.mild_low) = (severe as u64, (from - severe) as u64);
    (out.severe_high, out.mild_high) = ((n - far) as u64, (far - to) as u64);
    let square = |v: &f64| (v - mean) * (v - mean);
    let all: f64 = sorted.iter().map(square).sum();
    let far: f64 = sorted[..from].iter().chain(&sorted[to..]).map(square).sum();
    // A sum of nothing is −0.
    out.variance_share = (all > 0.0 && all.is_finite()).then(|| (far / all).min(1.0) + 0.0);
    // One MAD for each side of the median, since times are skewed: the distances on either side are in
    // order already.
    let mad = |n: usize, distance: &dyn Fn(usize) -> f64| {
        let high = distance(n / 2);
        1.4826 * if n % 2 == 1 { high } else { distance(n / 2 - 1) / 2.0 + high / 2.0 }
    };
    let or_iqr = |mad: f64| if mad > 0.0 { mad } else { 0.7413 * iqr };
    let (under, over) = (upto(m), below(m));
    if under > 0 && over < n {
        let low = mad(under, &|i| (sorted[under - 1 - i] - m).abs());
        let high = mad(n - over, &|i| (sorted[over + i] - m).abs());
        // A clock so coarse that half of a side is one value has no MAD, but quartiles that differ still tell a spread:
        // 0.7413 of their distance is the standard deviation of normal values.
        let (low, high) = (or_iqr(low), or_iqr(high));
        if low > 0.0 && high > 0.0 {
            out.double_mad = Some((below(m - 3.0 * low) + n - upto(m + 3.0 * high)) as u64);
        }
    }
    out
}

fn score_error(
    values: &[f64],
    moments: (f64, Option<f64>),
    replicates: &[f64],
    level: Level,
    limits: &Limits,
    weighing: &mut Weighing,
) -> Option<ScoreError> {
    if values.first()? * values.last()? <= 0.0 {
        return None;
    }
    let mut ratio = |n: usize, (m, s): (f64, Option<f64>)| {
        let s = s.filter(|_| n >= 3 && m != 0.0)?;
        Some(weighing.t(0.9995, Some(n as f64 - 1.0)) * s / (sqrt(n as f64) * m.abs()))
    };
    let on_values = ratio(values.len(), moments);
    let moments = mean_variance(replicates).filter(|_| level != Level::Single);
    let on_forks = moments.and_then(|(m, v)| ratio(replicates.len(), (m, v.map(sqrt))));
    let larger = match (on_values, on_forks) {
        (Some(a), Some(b)) => a.max(b),
        (a, b) => a.or(b)?,
    };
    let class = if larger > limits.score_error_insufficient {
        ScoreErrorClass::InsufficientSampling
    } else if larger > limits.score_error_healthy {
        ScoreErrorClass::Marginal
    } else {
        ScoreErrorClass::Healthy
    };
    Some(ScoreError { on_values, on_forks, ratio: larger, class })
}

fn tail(
    side: &SideSeries,
    sorted: &[f64],
    m: f64,
    Placed { effective, ranks: (low, high, achieved) }: Placed,
    limits: &Limits,
) -> Tail {
    let n = sorted.len();
    let chance = 1.0 - pow(0.999, effective as f64);
    let per_operation = side.columns.ops.iter().enumerate().all(|(i, ops)| *ops == 1 || !side.is_used(i));
    let positive = sorted.first().is_some_and(|v| *v > 0.0);
    if !per_operation || !positive {
        let class = if per_operation { TailClass::Undefined } else { TailClass::NotPerOperation };
        return Tail { ratio: None, interval: None, class, chance_max_reaches: chance };
    }
    let estimate = if n >= 1000 { quantile(sorted, 0.999) } else { None };
    let at = |rank: u64| sorted.get(rank.checked_sub(1)? as usize).map(|v| v / m);
    let (low, high) = (at(low), at(high));
    let class = match (low, high) {
        (_, Some(h)) if h <= limits.tail_healthy => TailClass::Healthy,
        (Some(l), _) if l >= limits.tail_spikes => TailClass::Spikes,
        (Some(_), Some(_)) => TailClass::Borderline,
        _ => TailClass::NotEstimable,
    };
    Tail {
        ratio: estimate.map(|v| v / m),
        interval: (low.is_some() || high.is_some()).then_some(Interval { low, high, confidence: achieved }),
        class,
        chance_max_reaches: chance,
    }
}
