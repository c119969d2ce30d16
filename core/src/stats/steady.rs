//! Warm-up and steady state of a process: outliers, change points, segments and what they amount
//! to (STATISTICS S8).

use alloc::vec::Vec;
use core::ops::Range;
use serde::{Deserialize, Serialize};

use crate::stats::autocorrelation::tau;
use crate::stats::distribution::{rough_normal_quantile, t_quantile};
use crate::stats::estimable::{NotEstimable, check};
use crate::stats::math::{ln, sqrt};
use crate::stats::moments::{mean, variance};
use crate::stats::order::{median, quantile, sorted};
use crate::stats::periodicity::{Cycle, cycle};
use crate::stats::segment::{Tables, ed_pelt_with};
use crate::stats::series::log_scale;
use crate::unit::Better;

/// Values below which only the trend is tested ([`crate::stats::trend::drift`]).
const LEAST: usize = 20;
/// Share of the values that must follow the begin of a steady state.
const REST: f64 = 0.25;
/// Below this chance a cycle is taken for one.
const CYCLE_P: f64 = 0.001;

/// What to hold a series against.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SteadyConfig {
    /// Relative difference of levels that does not matter: δ_ss, 0.01 by default.
    pub margin: f64,
    /// Confidence of the intervals of segment means, 0.95 by default.
    pub confidence: f64,
}

impl Default for SteadyConfig {
    fn default() -> SteadyConfig {
        SteadyConfig { margin: 0.01, confidence: 0.95 }
    }
}

/// Course of a process.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Course {
    /// One level from the first value on.
    Flat,
    /// Worse at first, then steady.
    Warmup,
    /// Better at first, then steady at a worse level.
    Slowdown,
    /// The level still changed in the last quarter.
    NoSteadyState,
    /// A cycle whose height exceeds the margin.
    Cyclic,
}

impl Course {
    /// Stable snake_case id.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Course::Flat => "flat",
            Course::Warmup => "warmup",
            Course::Slowdown => "slowdown",
            Course::NoSteadyState => "no_steady_state",
            Course::Cyclic => "cyclic",
        }
    }
}

/// A stretch without a change point.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Segment {
    /// Index of its first value.
    pub start: u64,
    /// Index after its last value.
    pub end: u64,
    /// Mean of its values without outliers, on the scale of the analysis.
    pub mean: f64,
    /// Half of the mean's interval, dependence between values accounted for; `None` below two
    /// values, and for a lone segment, which has nothing to be held against.
    pub half_width: Option<f64>,
    /// Median of its values, in their own unit.
    pub median: f64,
    /// Whether its mean's interval comes within the margin of the last segment's.
    pub like_last: bool,
}

/// What the course of a process is.
#[derive(Clone, Debug, PartialEq)]
pub struct Steady {
    /// Values looked at.
    pub n: u64,
    /// The class.
    pub course: Course,
    /// Index of the first steady value; `None` without a steady state.
    pub start: Option<u64>,
    /// How much worse the values before `start` were in total, in units of the steady median: what
    /// warming up cost. Negative when they were better, `None` without a steady state.
    pub excess: Option<f64>,
    /// Segments from the change points of ED-PELT, in order.
    pub segments: Vec<Segment>,
    /// Indices of values far outside their window; in no segment's mean, and nowhere deleted.
    pub outliers: Vec<u64>,
    /// The strongest cycle, where one could be sought.
    pub cycle: Option<Cycle>,
    /// Whether the analysis was on logarithms (all values positive).
    pub log_scale: bool,
    /// Values per place that change points were sought at; 1 up to 100 000 values.
    pub stride: u64,
    /// `ed_pelt_mean_ci`.
    pub method: &'static str,
}

/// Classifies the values of one process in collection order. `better` says what a warm-up is: a
/// falling time, or a growing throughput.
///
/// # Errors
/// Below twenty values, or one is not finite.
pub fn steady(values: &[f64], better: Better, config: &SteadyConfig) -> Result<Steady, NotEstimable> {
    check(values, LEAST)?;
    let (scaled, log) = log_scale(values);
    Ok(Series { values, scaled: &scaled, log, better, whole: true }.look(&mut Tables::default(), config))
}

/// [`steady`] of values whose logarithms may be known, as far as classes and begins go: means and medians
/// that nothing hangs on stay 0. The tables are used again by the next process.
pub(crate) fn classified(
    tables: &mut Tables,
    values: &[f64],
    logs: Option<&[f64]>,
    better: Better,
    config: &SteadyConfig,
) -> Option<Steady> {
    check(values, LEAST).ok()?;
    let (own, is_log) = if logs.is_some() { (Vec::new(), true) } else { log_scale(values) };
    let series = Series { values, scaled: logs.unwrap_or(&own), log: is_log, better, whole: false };
    Some(series.look(tables, config))
}

/// A process in collection order.
struct Series<'a> {
    values: &'a [f64],
    /// The same on the scale of the analysis.
    scaled: &'a [f64],
    /// Whether that is the logarithm.
    log: bool,
    better: Better,
    /// Whether all is wanted that there is to say.
    whole: bool,
}

impl Series<'_> {
    fn look(&self, tables: &mut Tables, config: &SteadyConfig) -> Steady {
        let Series { values, scaled, .. } = *self;
        let n = values.len();
        let outlying = outliers(scaled);
        // Places among the kept values as indices into all.
        let (mut kept, mut clean) = (Vec::new(), scaled);
        let without: Vec<f64>;
        if !outlying.is_empty() {
            kept.extend((0..n).filter(|i| outlying.binary_search(&(*i as u64)).is_err()));
            without = kept.iter().map(|i| scaled[*i]).collect();
            clean = &without;
        }
        let index = |place: usize| if kept.is_empty() { place } else { kept.get(place).copied().unwrap_or(n) };
        let least = n.div_ceil(50).max(5);
        let ordered = sorted(clean.to_vec());
        let found = ed_pelt_with(tables, clean, &ordered, least);
        let several = !found.at.is_empty();
        let (mut segments, mut from) = (Vec::with_capacity(found.at.len() + 1), 0);
        // Standard errors of their means, with degrees of freedom.
        let mut errors: Vec<Option<(f64, f64)>> = Vec::with_capacity(if several { found.at.len() + 1 } else { 0 });
        for to in found.at.iter().copied().chain([clean.len()]) {
            let place = if from == 0 { 0 } else { index(from) }..index(to);
            let part = clean.get(from..to).unwrap_or(&[]);
            if let Some(segment) = self.segment(part, place, several) {
                segments.push(segment);
                if several {
                    errors.push(error(part));
                }
            }
            from = to;
        }
        self.hold_against_last(&mut segments, if several { &errors } else { &[None] }, config);
        let begin = first_like_last(&segments);
        let rest = scaled.get(begin..).unwrap_or(&[]);
        let start = if begin == 0 && kept.is_empty() {
            settled(begin, rest, &ordered, n)
        } else {
            settled(begin, rest, &sorted(rest.to_vec()), n)
        };
        let cycle = cycle(start.and_then(|s| scaled.get(s..)).unwrap_or(scaled)).ok();
        let worse = if self.better == Better::Higher { -1.0 } else { 1.0 };
        let wanted = start.filter(|s| self.whole || *s > 0);
        let steady_median = wanted.and_then(|s| median(&sorted(values.get(s..)?.to_vec())));
        let excess = start
            .zip(steady_median)
            .filter(|(_, m)| *m != 0.0)
            .map(|(s, m)| values.iter().take(s).map(|v| worse * (v - m) / m.abs()).sum::<f64>());
        Steady {
            n: n as u64,
            course: self.course(&segments, start, worse, excess, cycle.as_ref(), config),
            start: start.map(|s| s as u64),
            excess,
            segments,
            outliers: outlying,
            cycle,
            log_scale: self.log,
            stride: found.stride,
            method: "ed_pelt_mean_ci",
        }
    }

    /// A segment at a place among all values, from what is kept of it.
    fn segment(&self, clean: &[f64], place: Range<usize>, several: bool) -> Option<Segment> {
        let (start, end) = (place.start as u64, place.end as u64);
        let middle = || median(&sorted(self.values.get(place)?.to_vec()));
        Some(Segment {
            start,
            end,
            mean: if self.whole || several { mean(clean)? } else { 0.0 },
            half_width: None,
            median: if self.whole || !self.log { middle()? } else { 0.0 },
            like_last: false,
        })
    }

    /// Which segments come within the margin of the last one.
    fn hold_against_last(&self, segments: &mut [Segment], errors: &[Option<(f64, f64)>], config: &SteadyConfig) {
        let (Some(mut last), Some(last_error)) = (segments.last().copied(), errors.last()) else { return };
        let margin = self.margin(&last, config);
        let tail = (1.0 - config.confidence) / 2.0;
        let half = |error: &Option<(f64, f64)>| error.map(|(error, df)| t_quantile(1.0 - tail, Some(df)) * error);
        // No quantile of t is smaller, and most segments are near enough with this one.
        let least = (rough_normal_quantile(tail) - 1e-3).max(0.0);
        let size = |error: &Option<(f64, f64)>| error.map_or(0.0, |e| e.0);
        for (segment, error) in segments.iter_mut().zip(errors) {
            let reach = least * (size(error) + size(last_error));
            if !self.whole && (segment.mean - last.mean).abs() - reach <= margin {
                segment.like_last = true;
                continue;
            }
            segment.half_width = half(error);
            last.half_width = last.half_width.or_else(|| half(last_error));
            segment.like_last = gap(segment, &last) <= margin;
        }
    }

    /// What the difference of a level from the last one may be, on the scale of the analysis.
    fn margin(&self, last: &Segment, config: &SteadyConfig) -> f64 {
        if self.log { ln(1.0 + config.margin) } else { config.margin * last.median.abs() }
    }

    fn course(
        &self,
        segments: &[Segment],
        start: Option<usize>,
        worse: f64,
        excess: Option<f64>,
        cycle: Option<&Cycle>,
        config: &SteadyConfig,
    ) -> Course {
        let last = segments.last().map_or(0.0, |s| s.mean);
        let exceeds = |c: &Cycle| segments.last().is_some_and(|s| 2.0 * c.amplitude > self.margin(s, config));
        let cyclic = cycle.is_some_and(|c| c.p < CYCLE_P && exceeds(c));
        let before = || segments.iter().filter(|s| start.is_some_and(|at| (s.end as usize) <= at) && !s.like_last);
        match start {
            None if cyclic => Course::Cyclic,
            None => Course::NoSteadyState,
            Some(_) if before().any(|s| worse * (s.mean - last) < 0.0) => Course::Slowdown,
            Some(_) if before().next().is_some() => Course::Warmup,
            Some(at) if at > 0 && excess.is_some_and(|e| e > 0.0) => Course::Warmup,
            Some(at) if at > 0 => Course::Slowdown,
            Some(_) if cyclic => Course::Cyclic,
            Some(_) => Course::Flat,
        }
    }
}

/// Windows up to this size have nothing outside: by the type of the quantiles, a third of what lies
/// between the last two of so few values is part of p90 − p10.
const NARROW: usize = 7;

/// Values outside median ± 3 (p90 − p10) of a centred window of min(200, n/5) values, at least 5,
/// which stays whole at both ends. Where the middle of a window does not vary the rule does not
/// apply: the values are quantised.
fn outliers(values: &[f64]) -> Vec<u64> {
    let n = values.len();
    let width = (n / 5).clamp(5.min(n), 200);
    let mut out = Vec::new();
    if width <= NARROW {
        return out;
    }
    let mut window: Vec<f64> = sorted(values.get(..width).unwrap_or(values).to_vec());
    let place = |x: f64, w: &[f64]| w.partition_point(|y| y.total_cmp(&x).is_lt());
    let limits = |w: &[f64]| {
        let q = |p| quantile(w, p).unwrap_or(0.0);
        (q(0.5), 3.0 * (q(0.9) - q(0.1)))
    };
    let (mut begin, mut seen) = (0, limits(&window));
    for (i, v) in values.iter().enumerate() {
        let wanted = i.saturating_sub(width / 2).min(n - width);
        if begin < wanted {
            // Places differ by one at most.
            let (out, new) = (values[begin], values[begin + width]);
            window.remove(place(out, &window));
            window.insert(place(new, &window), new);
            begin += 1;
            seen = limits(&window);
        }
        if seen.1 > 0.0 && (v - seen.0).abs() > seen.1 {
            out.push(i as u64);
        }
    }
    out
}

/// The standard error of the mean of successive values, with its degrees of freedom: dependence between
/// them accounted for.
fn error(values: &[f64]) -> Option<(f64, f64)> {
    let worth = (values.len() as f64 / tau(values).max(1.0)).max(2.0);
    Some((sqrt(variance(values)? / worth), worth - 1.0))
}

/// Distance between two intervals of means, 0 where they overlap.
fn gap(a: &Segment, b: &Segment) -> f64 {
    let reach = a.half_width.unwrap_or(0.0) + b.half_width.unwrap_or(0.0);
    ((a.mean - b.mean).abs() - reach).max(0.0)
}

/// Where the last run of segments at the last level begins.
fn first_like_last(segments: &[Segment]) -> usize {
    segments.iter().rev().take_while(|s| s.like_last).last().map_or(0, |s| s.start as usize)
}

/// The first steady value: the begin of the last level, later by the leading values that lie
/// outside what that level spans. A warm-up of one or two values is too short for a segment.
fn settled(begin: usize, rest: &[f64], span: &[f64], n: usize) -> Option<usize> {
    let (low, middle, high) = (quantile(span, 0.1)?, quantile(span, 0.5)?, quantile(span, 0.9)?);
    let reach = 3.0 * (high - low);
    let leading = if reach > 0.0 { rest.iter().take_while(|v| (*v - middle).abs() > reach).count() } else { 0 };
    let start = begin + leading;
    (start as f64 <= (1.0 - REST) * n as f64).then_some(start)
}

/// What several processes of one side agree on.
#[derive(Clone, Debug, PartialEq)]
pub struct Forks {
    /// Processes that could be classified.
    pub n: u64,
    /// How many of each course, in the order of [`Course`].
    pub counts: Vec<(Course, u64)>,
    /// Whether all have the same course.
    pub consistent: bool,
    /// Whether each reached a steady state.
    pub all_steady: bool,
    /// The latest begin of a steady state among those that have one.
    pub latest_start: Option<u64>,
}

/// Agreement of the processes of one side; `None` without any.
#[must_use]
pub fn across_forks(forks: &[Steady]) -> Option<Forks> {
    let all = [Course::Flat, Course::Warmup, Course::Slowdown, Course::NoSteadyState, Course::Cyclic];
    let counts: Vec<(Course, u64)> = all
        .into_iter()
        .map(|c| (c, forks.iter().filter(|f| f.course == c).count() as u64))
        .filter(|(_, n)| *n > 0)
        .collect();
    (!forks.is_empty()).then(|| Forks {
        n: forks.len() as u64,
        consistent: counts.len() == 1,
        all_steady: forks.iter().all(|f| f.start.is_some()),
        latest_start: forks.iter().filter_map(|f| f.start).max(),
        counts,
    })
}

/// What a configured warm-up did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum WarmupFit {
    /// It ended as the steady state began.
    Exact,
    /// This many values of the warm-up were already steady.
    Wasted(u64),
    /// This many values after the warm-up were not steady yet.
    Insufficient(u64),
    /// No steady state was reached: no warm-up would do.
    Never,
}

/// Compares the begin of the steady state, in values since the process began, with the configured
/// number of warm-up values. Both are needed in the series: with warm-up values left out by the
/// tool, `configured` is 0 and only `Insufficient` can be seen.
#[must_use]
pub fn warmup_fit(steady: &Steady, configured: u64) -> WarmupFit {
    match steady.start {
        None => WarmupFit::Never,
        Some(start) if start > configured => WarmupFit::Insufficient(start - configured),
        Some(start) if start < configured => WarmupFit::Wasted(configured - start),
        Some(_) => WarmupFit::Exact,
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{Course, SteadyConfig, WarmupFit, across_forks, outliers, steady, warmup_fit};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::math::exp;
    use crate::stats::random::{Random, seed as seed_of};
    use crate::unit::Better;

    /// Times about `level(i)` with a relative noise.
    fn times(n: usize, noise: f64, seed: u64, level: impl Fn(usize) -> f64) -> Vec<f64> {
        let mut random = Random::new(seed_of([], "steady", seed));
        (0..n).map(|i| level(i) * exp(noise * random.normal())).collect()
    }

    fn of(values: &[f64]) -> super::Steady {
        steady(values, Better::Lower, &SteadyConfig::default()).unwrap()
    }

    #[test]
    fn courses_are_told_apart() {
        let step = |at: usize, before: f64| move |i: usize| if i < at { before } else { 1.0 };
        let cases: [(Vec<f64>, Course, Option<u64>); 6] = [
            (times(300, 0.01, 1, |_| 2.0), Course::Flat, Some(0)),
            (times(300, 0.01, 2, step(60, 1.5)), Course::Warmup, Some(60)),
            (times(300, 0.01, 3, step(60, 0.8)), Course::Slowdown, Some(60)),
            (times(300, 0.01, 4, step(270, 1.2)), Course::NoSteadyState, None),
            (times(300, 0.01, 5, |i| if i < 2 { 9.0 } else { 1.0 }), Course::Warmup, Some(2)),
            (times(300, 0.01, 6, |i| if i % 6 < 3 { 1.1 } else { 1.0 }), Course::Cyclic, Some(0)),
        ];
        for (values, course, start) in cases {
            let found = of(&values);
            assert_eq!((found.course, found.start), (course, start), "{:?}", found.segments);
        }
    }

    #[test]
    fn throughput_warms_up_by_growing() {
        let values = times(200, 0.01, 1, |i| if i < 50 { 1.0 } else { 2.0 });
        let found = steady(&values, Better::Higher, &SteadyConfig::default()).unwrap();
        assert_eq!((found.course, found.start), (Course::Warmup, Some(50)));
        assert!((found.excess.unwrap() - 25.0).abs() < 1.0);
        assert_eq!(of(&values).course, Course::Slowdown);
    }

    #[test]
    fn the_unit_of_time_does_not_matter() {
        let values = times(400, 0.05, 9, |i| if i < 100 { 1.3 } else { 1.0 });
        let scaled: Vec<f64> = values.iter().map(|v| v * 1024.0).collect();
        let (a, b) = (of(&values), of(&scaled));
        assert_eq!((a.course, a.start, a.outliers), (b.course, b.start, b.outliers));
    }

    #[test]
    fn differences_within_the_margin_are_no_warm_up() {
        let values = times(500, 0.001, 1, |i| if i < 200 { 1.005 } else { 1.0 });
        let found = of(&values);
        assert!(found.segments.len() >= 2 && found.course == Course::Flat, "{found:?}");
        let strict = SteadyConfig { margin: 0.001, ..SteadyConfig::default() };
        assert_eq!(steady(&values, Better::Lower, &strict).unwrap().course, Course::Warmup);
    }

    #[test]
    fn single_spikes_are_marked_and_change_nothing() {
        let mut values = times(300, 0.01, 1, |_| 1.0);
        values[100] = 5.0;
        values[200] = 0.1;
        let found = of(&values);
        assert_eq!((found.course, found.outliers), (Course::Flat, vec![100, 200]));
        // Two levels of a coarse clock: nothing to measure a distance with.
        assert!(outliers(&[1.0, 1.0, 1.0, 1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0]).is_empty());
    }

    #[test]
    fn edges() {
        let config = SteadyConfig::default();
        assert_eq!(steady(&[], Better::Lower, &config), Err(NotEstimable::NoData));
        for n in [1usize, 2, 19] {
            let few = Err(NotEstimable::TooFew { n: n as u64, needed: 20 });
            assert_eq!(steady(&vec![1.0; n], Better::Lower, &config), few);
        }
        for constant in [1.0, 0.0, -3.0] {
            let found = of(&[constant; 50]);
            assert_eq!((found.course, found.start), (Course::Flat, Some(0)));
            assert_eq!(found.segments.len(), 1);
        }
        let negative: Vec<f64> = (0..100).map(|i| if i < 40 { 5.0 } else { -5.0 } + f64::from(i % 3)).collect();
        let found = of(&negative);
        assert_eq!((found.course, found.start, found.log_scale), (Course::Warmup, Some(40), false));
    }

    #[test]
    fn processes_agree_or_not_and_warm_up_fits_or_not() {
        let flat = of(&times(100, 0.01, 1, |_| 1.0));
        let warm = of(&times(100, 0.01, 2, |i| if i < 30 { 2.0 } else { 1.0 }));
        let both = across_forks(&[flat.clone(), warm.clone()]).unwrap();
        assert_eq!((both.consistent, both.all_steady, both.latest_start), (false, true, Some(30)));
        assert!(across_forks(&[warm.clone(), warm.clone()]).unwrap().consistent);
        assert_eq!(across_forks(&[]), None);
        assert_eq!(warmup_fit(&warm, 30), WarmupFit::Exact);
        assert_eq!(warmup_fit(&warm, 50), WarmupFit::Wasted(20));
        assert_eq!(warmup_fit(&warm, 10), WarmupFit::Insufficient(20));
        let never = of(&times(100, 0.01, 3, |i| if i < 90 { 2.0 } else { 1.0 }));
        assert_eq!(warmup_fit(&never, 10), WarmupFit::Never);
    }
}
