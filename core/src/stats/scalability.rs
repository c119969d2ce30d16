//! How throughput grows with threads (STATISTICS S15, R6): a sweep over N, the law that explains
//! it, where it peaks, and what is lost at each N.

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::report::Interval;
use crate::sort::sort_by;
use crate::stats::distribution::{satterthwaite, standard_error, t_quantile};
use crate::stats::estimable::NotEstimable;
use crate::stats::math::{exp, ln, sqrt, within};
use crate::stats::moments::{mean, sum, variance};
use crate::stats::order::sorted;
use crate::stats::random::Random;
use crate::stats::residuals::{RunTest, run_test};
use crate::stats::usl::{Bounds, Curve, Fit, Lambda, Law, Point, fit, refit};

/// The measurements at one N: the throughput of each fork, in one unit throughout.
#[derive(Clone, Debug, PartialEq)]
pub struct SweepPoint {
    /// Threads (GOMAXPROCS, clients, workers).
    pub threads: u32,
    /// Operations per second, by fork.
    pub throughput: Vec<f64>,
}

/// A border of the machine that breaks a law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Border {
    /// Beyond it, threads share cores.
    Smt,
    /// Beyond it, memory is on two nodes.
    Numa,
    /// Beyond it, cores are in two packages.
    Socket,
}

/// Thread counts with their throughputs, ascending.
type AtThreads = (u32, Vec<f64>);

/// What is known of the machine and how to make intervals.
#[derive(Clone, Debug)]
pub struct SweepConfig<'a> {
    /// Confidence (0.95).
    pub confidence: f64,
    /// Resamples (9 999).
    pub resamples: u64,
    /// Seed.
    pub seed: u64,
    /// Cores, where known.
    pub cores: Option<u32>,
    /// The most threads within each border.
    pub borders: &'a [(Border, u32)],
}

/// A parameter with its interval.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Parameter {
    /// The estimate.
    pub value: f64,
    /// Its interval; at a bound one-sided, all of the error on the open side.
    pub interval: Option<Interval>,
    /// Whether the estimate lies at a bound of what can be meant.
    pub at_bound: bool,
}

/// A fitted law with its criterion.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct LawFit {
    /// The fit.
    pub fit: Fit,
    /// AICc; lower is better. `None` where there are too few points for it.
    pub aicc: Option<f64>,
}

/// What AICc was counted on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Counted {
    /// Points: one mean for each N.
    Points,
    /// Forks, where there are fewer than six N.
    Forks,
}

/// How the intervals were made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepMethod {
    /// Forks resampled at each N.
    ForkBootstrap,
    /// Errors as large as the residuals, drawn from Student's t: some N has one fork only.
    ResidualBootstrap,
}

/// The law part.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Model {
    /// The three laws, the simplest first.
    pub laws: Vec<LawFit>,
    /// The one of lowest AICc; `None` where it cannot be counted for all.
    pub chosen: Option<Law>,
    /// What AICc was counted on.
    pub counted: Counted,
    /// λ of the universal law.
    pub lambda: Parameter,
    /// σ of the universal law.
    pub sigma: Parameter,
    /// κ of the universal law.
    pub kappa: Parameter,
    /// N of the most throughput; `None` when the interval of κ holds 0: no peak is shown.
    pub n_max: Option<f64>,
    /// Its interval; an upper bound of `None` is infinite.
    pub n_max_interval: Option<Interval>,
    /// Whether the peak lies beyond all N measured.
    pub extrapolated: bool,
    /// The most throughput: at the peak, or what Amdahl's law tends to; `None` without a limit.
    pub x_max: Option<f64>,
    /// Its interval; an upper bound of `None` is infinite.
    pub x_max_interval: Option<Interval>,
    /// Observed/fitted − 1 at each N, under the chosen law (or the universal one).
    pub residuals: Vec<f64>,
    /// Their pattern; `None` when all lie on one side.
    pub run_test: Option<RunTest>,
    /// How the intervals were made.
    pub method: SweepMethod,
    /// Resamples that gave a fit.
    pub resamples: u64,
}

/// Throughput per thread relative to that at the fewest threads.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Efficiency {
    /// Threads.
    pub threads: u32,
    /// X(N)·N₁/(N·X(N₁)), with N₁ the fewest threads measured.
    pub value: f64,
    /// Its interval, by t on logs; `None` below two forks at either N.
    pub interval: Option<Interval>,
}

/// What weakens a sweep.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SweepWarning {
    /// Fewer than six different N.
    FewPoints,
    /// No N beyond half the cores: where contention begins was not measured.
    NoneBeyondHalf,
    /// How many cores there are is not known.
    CoresUnknown,
    /// Some N has one fork only.
    OneFork,
    /// One thread was not measured: efficiency is relative to the fewest.
    NoSingleThread,
    /// The residuals show a pattern (run test below 5 %).
    Pattern,
}

/// A border between two of the N measured.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Crossing {
    /// Which.
    pub border: Border,
    /// The fewest threads measured beyond it.
    pub threads: u32,
}

/// The result of a sweep.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Scalability {
    /// Different N.
    pub n: u64,
    /// Fewest forks at any N.
    pub forks: u64,
    /// The law; `None` with `why_not`.
    pub model: Option<Model>,
    /// Why no law was fitted: fewer than four N, or none beyond half the cores.
    pub why_not: Option<NotEstimable>,
    /// By rising N.
    pub efficiency: Vec<Efficiency>,
    /// Borders inside the range.
    pub crossings: Vec<Crossing>,
    /// What weakens it.
    pub warnings: Vec<SweepWarning>,
}

/// Judges a sweep. Points with the same N are joined.
///
/// # Errors
/// `NoData` without any value, `BadValue` for an N of 0, a throughput that is not above 0, or a
/// confidence outside (0, 1).
pub fn scalability(points: &[SweepPoint], config: &SweepConfig<'_>) -> Result<Scalability, NotEstimable> {
    let mut sorted: Vec<&SweepPoint> = points.iter().filter(|p| !p.throughput.is_empty()).collect();
    sort_by(&mut sorted, &mut |a, b| a.threads.cmp(&b.threads));
    let joined = |group: &[&SweepPoint]| {
        let throughput: Vec<f64> = group.iter().flat_map(|p| p.throughput.iter().copied()).collect();
        group.first().map(|p| (p.threads, throughput))
    };
    let sweep: Vec<AtThreads> = sorted.chunk_by(|a, b| a.threads == b.threads).filter_map(joined).collect();
    let (Some((first, _)), Some((last, _))) = (sweep.first(), sweep.last()) else {
        return Err(NotEstimable::NoData);
    };
    let (first, last) = (*first, *last);
    let good = sweep.iter().flat_map(|s| &s.1).all(|x| x.is_finite() && *x > 0.0);
    if first == 0 || !good || !(config.confidence > 0.0 && config.confidence < 1.0) {
        return Err(NotEstimable::BadValue);
    }
    let forks = sweep.iter().map(|s| s.1.len()).min().unwrap_or(0) as u64;
    let beyond = config.cores.is_none_or(|c| u64::from(last) * 2 > u64::from(c));
    let made = if sweep.len() < 4 {
        Err(NotEstimable::TooFew { n: sweep.len() as u64, needed: 4 })
    } else if !beyond {
        Err(NotEstimable::BadDesign)
    } else {
        model(&sweep, forks, config)
    };
    let pattern = made.as_ref().ok().and_then(|m| m.run_test).is_some_and(|t| t.p < 0.05);
    let warnings = [
        (sweep.len() < 6, SweepWarning::FewPoints),
        (!beyond, SweepWarning::NoneBeyondHalf),
        (config.cores.is_none(), SweepWarning::CoresUnknown),
        (forks < 2, SweepWarning::OneFork),
        (first != 1, SweepWarning::NoSingleThread),
        (pattern, SweepWarning::Pattern),
    ];
    let crossed = |(border, most): &(Border, u32)| {
        let threads = *sweep.iter().map(|s| &s.0).find(|n| **n > *most)?;
        (first <= *most).then_some(Crossing { border: *border, threads })
    };
    Ok(Scalability {
        n: sweep.len() as u64,
        forks,
        why_not: made.as_ref().err().copied(),
        model: made.ok(),
        efficiency: efficiency(&sweep, config.confidence),
        crossings: config.borders.iter().filter_map(crossed).collect(),
        warnings: warnings.iter().filter(|(yes, _)| *yes).map(|(_, w)| *w).collect(),
    })
}

fn efficiency(sweep: &[AtThreads], confidence: f64) -> Vec<Efficiency> {
    let logs = |x: &[f64]| x.iter().map(|v| ln(*v)).collect::<Vec<f64>>();
    let Some((first, base)) = sweep.first() else { return Vec::new() };
    let base_logs = logs(base);
    let one = |(threads, x): &AtThreads| {
        let x = logs(x);
        let d = mean(&x)? - mean(&base_logs)? - ln(f64::from(*threads) / f64::from(*first));
        let part = |v: &[f64]| Some((variance(v)? / v.len() as f64, Some(v.len() as f64 - 1.0)));
        // The reference is 1 by definition.
        let interval = part(&x).zip(part(&base_logs)).filter(|_| threads != first).map(|(a, b)| {
            let half = match satterthwaite(&[a, b]) {
                Some(df) => -t_quantile((1.0 - confidence) / 2.0, Some(df)) * standard_error(&[a, b]),
                None => 0.0,
            };
            let bound = |log: f64| Some(exp(log)).filter(|e| e.is_finite());
            Interval { low: bound(d - half), high: bound(d + half), confidence }
        });
        Some(Efficiency { threads: *threads, value: exp(d), interval })
    };
    sweep.iter().filter_map(one).collect()
}

/// Degrees of freedom by which a point's own variance is drawn towards that of all points: with
/// three forks the own one alone would weigh points a hundred to one by accident.
const POOLED_DF: f64 = 4.0;

/// Relative variance of one fork at each N.
fn relative_variances(sweep: &[AtThreads]) -> Vec<f64> {
    let own: Vec<(f64, f64)> = sweep
        .iter()
        .map(|(_, x)| {
            let center = mean(x).unwrap_or(1.0);
            (variance(x).unwrap_or(0.0) / (center * center), x.len() as f64 - 1.0)
        })
        .collect();
    let df: f64 = own.iter().map(|(_, df)| df).sum();
    let pooled = own.iter().map(|(v, df)| v * df).sum::<f64>() / df.max(1.0);
    // Nothing varies or nothing is repeated: all points weigh the same.
    if pooled <= 0.0 {
        return vec![1.0; own.len()];
    }
    own.iter().map(|(v, df)| (v * df + pooled * POOLED_DF) / (df + POOLED_DF)).collect()
}

fn model(sweep: &[AtThreads], forks: u64, config: &SweepConfig<'_>) -> Result<Model, NotEstimable> {
    let relative = relative_variances(sweep);
    let points: Vec<Point> = sweep
        .iter()
        .zip(&relative)
        .map(|((n, x), v)| {
            let center = mean(x).unwrap_or(1.0);
            Point { n: f64::from(*n), x: center, weight: x.len() as f64 / (center * center * v) }
        })
        .collect();
    let fitted: Vec<Fit> =
        Law::ALL.iter().map(|law| fit(&points, *law, Lambda::Free, Bounds::Physical)).collect::<Result<_, _>>()?;
    // What forks scatter around their own mean, in the unit of the cost.
    let pure = sweep.iter().zip(&points).map(|((_, x), p)| {
        let scale = p.weight / x.len() as f64;
        sum(x.iter().map(|v| scale * (v - p.x) * (v - p.x)))
    });
    let (counted, extra, count) = if points.len() >= 6 || forks < 2 {
        (Counted::Points, 0.0, points.len() as f64)
    } else {
        (Counted::Forks, sum(pure), sweep.iter().map(|s| s.1.len()).sum::<usize>() as f64)
    };
    // Below this, what is left is rounding and no law is better than another.
    let floor = sum(points.iter().map(|p| p.weight * p.x * p.x)) * 1e-24;
    let laws: Vec<LawFit> =
        fitted.iter().map(|f| LawFit { fit: *f, aicc: aicc(f.cost.max(floor) + extra, count, f.law) }).collect();
    let all = laws.iter().all(|l| l.aicc.is_some());
    let best = laws.iter().filter(|l| all && l.aicc.is_some()).fold(None, |best: Option<&LawFit>, l| match best {
        Some(b) if b.aicc <= l.aicc.map(|a| a + 1e-9) => Some(b),
        _ => Some(l),
    });
    let chosen = best.map(|l| l.fit.law);
    let usl = fitted.last().copied().ok_or(NotEstimable::NoConvergence)?;
    let shown = best.map_or(usl, |l| l.fit);
    let residuals: Vec<f64> = points.iter().map(|p| p.x / shown.curve.at(p.n) - 1.0).collect();
    let method = if forks >= 2 { SweepMethod::ForkBootstrap } else { SweepMethod::ResidualBootstrap };
    let pool = deviations(sweep, &points, &relative, config.confidence);
    let curves: Vec<Curve> = (0..config.resamples)
        .filter_map(|r| {
            let mut random = Random::stream(config.seed, r);
            let drawn = match method {
                SweepMethod::ForkBootstrap => draw_forks(sweep, &points, &relative, &pool, &mut random),
                SweepMethod::ResidualBootstrap => draw_errors(&points, &usl.curve, &mut random),
            };
            refit(&drawn, Law::Usl, usl.curve)
        })
        .collect();
    let c = config.confidence;
    let by = |f: fn(&Curve) -> f64| sorted(curves.iter().map(f).collect());
    let parameter = |value: f64, low: bool, high: bool, draws: &[f64]| Parameter {
        value,
        interval: if low {
            upper(draws, c)
        } else if high {
            lower(draws, c)
        } else {
            two_sided(draws, c)
        },
        at_bound: low || high,
    };
    let (sigmas, kappas) = (by(|c| c.sigma), by(|c| c.kappa));
    let kappa = parameter(usl.curve.kappa, usl.curve.kappa <= 0.0, false, &kappas);
    // The interval of κ reaches down to 0, or none could be made: no peak is shown.
    let peaks = two_sided(&kappas, c).and_then(|i| i.low).is_some_and(|low| low > 0.0);
    let n_max = usl.curve.peak().filter(|_| peaks);
    Ok(Model {
        laws,
        chosen,
        counted,
        lambda: parameter(usl.curve.lambda, false, false, &by(|c| c.lambda)),
        sigma: parameter(usl.curve.sigma, usl.curve.sigma <= 0.0, usl.curve.sigma >= 1.0, &sigmas),
        kappa,
        n_max,
        n_max_interval: two_sided(&by(|c| c.peak().unwrap_or(f64::INFINITY)), c),
        extrapolated: n_max.is_some_and(|n| points.last().is_some_and(|p| n > p.n)),
        x_max: usl.curve.most(),
        x_max_interval: two_sided(&by(|c| c.most().unwrap_or(f64::INFINITY)), c),
        run_test: run_test(&residuals),
        residuals,
        method,
        resamples: curves.len() as u64,
    })
}

/// Akaike's criterion for least squares with the correction of Hurvich and Tsai (1989); the error's
/// variance counts as a parameter.
fn aicc(cost: f64, n: f64, law: Law) -> Option<f64> {
    let k = law.parameters() as f64 + 1.0;
    let rest = n - k - 1.0;
    (rest > 0.0 && cost > 0.0).then(|| n * ln(cost / n) + 2.0 * k + 2.0 * k * (k + 1.0) / rest)
}

/// What forks deviate from the mean at their N, in units of the standard deviation that the point is weighed
/// by. A point's own forks are too few to draw from: the one that scatters least by accident would weigh most
/// and move least, and intervals that claim 95 % would hold λ in 85 % (three forks). Widened to a variance of
/// 1, by Student's t over the normal quantile, since that variance is an estimate, and for the weights, which are
/// estimates too: by four times the part of a point that the curve does not follow over the degrees of freedom
/// of its weight (after Meier 1953).
fn deviations(sweep: &[AtThreads], points: &[Point], relative: &[f64], confidence: f64) -> Vec<f64> {
    let at = sweep.iter().zip(points).zip(relative);
    let raw: Vec<f64> = at.flat_map(|(((_, x), p), v)| x.iter().map(move |x| (x / p.x - 1.0) / sqrt(*v))).collect();
    let n = raw.len() as f64;
    let squares = sum(raw.iter().map(|e| e * e));
    let df = n - points.len() as f64;
    if squares <= 0.0 || df < 1.0 {
        return raw;
    }
    // Of the variance that a point is weighed by; that of all points counts as known.
    let own = |(_, x): &AtThreads| {
        let df = x.len() as f64 - 1.0;
        df / ((df + POOLED_DF) * (df + POOLED_DF))
    };
    let count = sweep.len() as f64;
    let free = (1.0 - Law::Usl.parameters() as f64 / count).max(0.0);
    let weights = 1.0 + 4.0 * free * sum(sweep.iter().map(own)) / count;
    let scale = student_over_normal(df, confidence) * sqrt(n / squares * weights);
    raw.into_iter().map(|e| e * scale).collect()
}

/// Means of as many deviations as there are forks at each N, drawn with replacement from those at all N.
fn draw_forks(
    sweep: &[AtThreads],
    points: &[Point],
    relative: &[f64],
    pool: &[f64],
    random: &mut Random,
) -> Vec<Point> {
    let one = |(((_, x), p), v): ((&AtThreads, &Point), &f64)| {
        let f = x.len() as f64;
        let total: f64 = (0..x.len()).filter_map(|_| random.pick(pool)).sum();
        Point { x: (p.x * (1.0 + total / f * sqrt(*v))).max(p.x * 1e-3), ..*p }
    };
    sweep.iter().zip(points).zip(relative).map(one).collect()
}

/// By how much an interval of Student's t is wider than one of the normal distribution.
fn student_over_normal(df: f64, confidence: f64) -> f64 {
    let both = |df| t_quantile((1.0 - confidence) / 2.0, df);
    both(Some(df)) / both(None)
}

/// The curve with relative errors drawn from Student's t, as large as the residuals: what they are of so few points
/// has shorter tails than errors have, and the point that pulls the curve most leaves the smallest. All points of
/// a draw share one χ², so that what is nearly linear in them gets Student's interval.
fn draw_errors(points: &[Point], curve: &Curve, random: &mut Random) -> Vec<Point> {
    let left = points.len() - Law::Usl.parameters() as usize;
    let squares = sum(points.iter().map(|p| (p.x / curve.at(p.n) - 1.0) * (p.x / curve.at(p.n) - 1.0)));
    let chi2: f64 = (0..left).map(|_| random.normal()).map(|z| z * z).sum();
    let scale = sqrt(squares / chi2.max(f64::MIN_POSITIVE));
    let one = |p: &Point| Point { x: curve.at(p.n) * (1.0 + scale * random.normal()).max(1e-3), ..*p };
    points.iter().map(one).collect()
}

/// Below this many resamples there is no interval.
const LEAST_RESAMPLES: usize = 99;

/// The order statistic of rank `share`·(B + 1); infinite ones are no bound.
fn rank(draws: &[f64], share: f64) -> Option<f64> {
    let place = share * (draws.len() as f64 + 1.0);
    let place = if share < 0.5 { libm::floor(place) } else { libm::ceil(place) };
    draws.get(within(place, 1.0, draws.len() as f64) as usize - 1).copied().filter(|x| x.is_finite())
}

fn two_sided(draws: &[f64], confidence: f64) -> Option<Interval> {
    let tail = (1.0 - confidence) / 2.0;
    (draws.len() >= LEAST_RESAMPLES).then(|| Interval {
        low: rank(draws, tail),
        high: rank(draws, 1.0 - tail),
        confidence,
    })
}

fn upper(draws: &[f64], confidence: f64) -> Option<Interval> {
    (draws.len() >= LEAST_RESAMPLES).then(|| Interval { low: None, high: rank(draws, confidence), confidence })
}

fn lower(draws: &[f64], confidence: f64) -> Option<Interval> {
    (draws.len() >= LEAST_RESAMPLES).then(|| Interval { low: rank(draws, 1.0 - confidence), high: None, confidence })
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn config() -> SweepConfig<'static> {
        SweepConfig { confidence: 0.95, resamples: 999, seed: 0, cores: Some(32), borders: &[(Border::Smt, 16)] }
    }

    /// A sweep on a curve with about 1 % of noise, the same for all.
    fn sweep(curve: Curve, threads: &[u32], forks: u64) -> Vec<SweepPoint> {
        let noise = |n: u32, f: u64| Random::stream(u64::from(n), f).normal();
        let at = |n: &u32| SweepPoint {
            threads: *n,
            throughput: (0..forks).map(|f| curve.at(f64::from(*n)) * exp(0.01 * noise(*n, f))).collect(),
        };
        threads.iter().map(at).collect()
    }

    const MANY: [u32; 7] = [1, 2, 4, 8, 16, 24, 32];

    #[track_caller]
    fn holds(parameter: &Parameter, truth: f64) {
        let i = parameter.interval.unwrap();
        let inside = i.low.is_none_or(|l| l <= truth) && i.high.is_none_or(|h| h >= truth);
        assert!(inside, "{parameter:?} is not {truth}");
    }

    #[test]
    fn each_law_is_recognised() {
        let laws = [(0.0, 0.0, Law::Linear), (0.05, 0.0, Law::Amdahl), (0.03, 0.001, Law::Usl)];
        for (sigma, kappa, law) in laws {
            let curve = Curve { lambda: 1e6, sigma, kappa };
            let got = scalability(&sweep(curve, &MANY, 5), &config()).unwrap();
            let model = got.model.unwrap();
            assert_eq!((model.chosen, model.counted), (Some(law), Counted::Points), "{:?}", model.laws);
            holds(&model.sigma, sigma);
            holds(&model.kappa, kappa);
            assert_eq!(model.n_max.is_some(), law == Law::Usl);
            assert_eq!((model.method, model.resamples), (SweepMethod::ForkBootstrap, 999));
            assert_eq!(got.crossings, [Crossing { border: Border::Smt, threads: 24 }]);
        }
    }

    #[test]
    fn the_peak_has_an_interval() {
        let curve = Curve { lambda: 100.0, sigma: 0.02, kappa: 0.002 };
        let model = scalability(&sweep(curve, &MANY, 5), &config()).unwrap().model.unwrap();
        let (low, high) = model.n_max_interval.and_then(|i| i.low.zip(i.high)).unwrap();
        let truth = sqrt(0.98 / 0.002);
        assert!(low < truth && truth < high && high - low < 5.0, "{low} {high}");
        assert!((model.n_max.unwrap() - truth).abs() < 2.0 && !model.extrapolated);
        assert!((model.x_max.unwrap() / curve.at(truth) - 1.0).abs() < 0.02);
    }

    #[test]
    fn a_boundary_is_one_sided_and_promises_no_peak() {
        let n = [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64];
        let x = [20, 78, 130, 170, 190, 200, 210, 230, 260, 300, 360];
        let points: Vec<SweepPoint> =
            n.iter().zip(x).map(|(n, x)| SweepPoint { threads: *n, throughput: [f64::from(x)].to_vec() }).collect();
        let got = scalability(&points, &SweepConfig { cores: Some(64), ..config() }).unwrap();
        let model = got.model.unwrap();
        assert_eq!((model.kappa.value, model.kappa.at_bound), (0.0, true));
        let i = model.kappa.interval.unwrap();
        assert!(i.low.is_none() && i.high.is_some_and(|h| h >= 0.0));
        assert_eq!((model.n_max, model.n_max_interval.unwrap().high), (None, None));
        assert_eq!(model.method, SweepMethod::ResidualBootstrap);
        assert!(got.warnings.contains(&SweepWarning::OneFork));
        assert!((model.x_max.unwrap() - model.lambda.value / model.sigma.value).abs() < 1e-9);
    }

    #[test]
    fn what_a_sweep_needs() {
        let curve = Curve { lambda: 5.0, sigma: 0.1, kappa: 0.0 };
        let three = scalability(&sweep(curve, &[1, 2, 32], 3), &config()).unwrap();
        let few = NotEstimable::TooFew { n: 3, needed: 4 };
        assert_eq!((three.model, three.why_not, three.efficiency.len()), (None, Some(few), 3));
        let low = scalability(&sweep(curve, &[1, 2, 4, 8, 12, 16], 3), &config()).unwrap();
        assert_eq!((low.model, low.why_not), (None, Some(NotEstimable::BadDesign)));
        assert!(low.warnings.contains(&SweepWarning::NoneBeyondHalf));
        let four = scalability(&sweep(curve, &[2, 4, 16, 32], 3), &config()).unwrap();
        let warned = [SweepWarning::FewPoints, SweepWarning::NoSingleThread];
        assert!(warned.iter().all(|w| four.warnings.contains(w)));
        let model = four.model.unwrap();
        assert_eq!((model.counted, model.chosen), (Counted::Forks, Some(Law::Amdahl)));
        let single = scalability(&sweep(curve, &[2, 4, 16, 32], 1), &config()).unwrap();
        assert_eq!(single.model.unwrap().chosen, None);
        let point = |threads, x: f64| [SweepPoint { threads, throughput: [x].to_vec() }];
        assert_eq!(scalability(&[], &config()).unwrap_err(), NotEstimable::NoData);
        assert_eq!(scalability(&point(0, 1.0), &config()).unwrap_err(), NotEstimable::BadValue);
        assert_eq!(scalability(&point(1, 0.0), &config()).unwrap_err(), NotEstimable::BadValue);
        let one = scalability(&point(1, 5.0), &config()).unwrap();
        assert_eq!((one.n, one.efficiency[0].value, one.efficiency[0].interval), (1, 1.0, None));
    }

    #[test]
    fn efficiency_is_per_thread() {
        let curve = Curve { lambda: 5.0, sigma: 0.1, kappa: 0.0 };
        let got = scalability(&sweep(curve, &MANY, 6), &config()).unwrap();
        for e in got.efficiency.iter().skip(1) {
            let truth = 1.0 / (1.0 + 0.1 * (f64::from(e.threads) - 1.0));
            let i = e.interval.unwrap();
            assert!(i.low.unwrap() < truth * 1.01 && i.high.unwrap() > truth * 0.99, "{e:?} is not {truth}");
            assert!((e.value / truth - 1.0).abs() < 0.03);
        }
    }
}
