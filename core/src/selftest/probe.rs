//! The functions of statistics on random inputs, down to the bits: the same on every platform, or
//! arithmetic differs.

use alloc::format;
use alloc::string::String;
use alloc::vec::Vec;
use core::fmt::Debug;

use crate::model::{Mark, Marks};
use crate::report::Verdict;
use crate::stats::autocorrelation::autocorrelation;
#[cfg(feature = "full")]
use crate::stats::bets;
use crate::stats::bootstrap::{Resampling, bootstrap_clusters, bootstrap_difference, bootstrap_mean};
use crate::stats::brunner_munzel::brunner_munzel;
use crate::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use crate::stats::carryover::{CarryConfig, Execution, carryover};
use crate::stats::causes::{causes, covariate, frequency_scaling, spearman};
use crate::stats::collections::{Collection, collection_bias};
use crate::stats::dip::{dip, dip_p};
use crate::stats::distribution as d;
use crate::stats::fisher::fisher_exact;
use crate::stats::history::{HistoryConfig, history};
use crate::stats::hodges_lehmann::{center, shift};
use crate::stats::hypothesis::{mann_whitney, pooled_t, trimmed, welch, yuen};
use crate::stats::modes::modality;
use crate::stats::moments::{lag1, mean_variance, std_dev};
use crate::stats::multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm};
use crate::stats::order::{median, median_interval, quantile, quantile_ranks, sorted};
use crate::stats::paired::{fieller, paired_t, sign_flip, wilcoxon};
use crate::stats::periodicity::cycle;
use crate::stats::plan::{PlanInput, Replication, plan};
use crate::stats::proportion::{clopper_pearson, wilson};
use crate::stats::quantile::{Weighing, harrell_davis, interpolated_median_interval, trimmed_harrell_davis};
use crate::stats::random::Random;
use crate::stats::rank::{mann_whitney_normal, mann_whitney_test, wilcoxon_test};
use crate::stats::residuals::{association, run_test};
use crate::stats::scalability::{SweepConfig, SweepPoint, scalability};
use crate::stats::scale::{mad, shamos};
use crate::stats::segment::{ed_pelt, normal_pelt};
use crate::stats::sequential::{Spending, any_time_half_width, boundaries, rho_squared, t_bound};
use crate::stats::steady::{SteadyConfig, steady};
use crate::stats::suite::{RowData, SuiteConfig, SuiteRow, suite_mean};
use crate::stats::trend::{drift, trend};
use crate::stats::variance::{Grouping, Stratum, components};
use crate::unit::Better;

/// One case in so many is heavy: resampling, and analyses of whole series.
const HEAVY: u64 = 16;
/// FNV-1a of 64 bits.
const FNV: (u64, u64) = (0xcbf2_9ce4_8422_2325, 0x0100_0000_01b3);

/// What random inputs gave.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Probe {
    /// Inputs that a function was called with.
    pub inputs: u64,
    /// 64-bit FNV-1a of all answers in order, each written out with every digit that its bits need.
    pub digest: u64,
}

impl Probe {
    /// Both as people compare them: `83 inputs, 0123456789abcdef`.
    #[must_use]
    pub fn text(&self) -> String {
        format!("{} inputs, {:016x}", self.inputs, self.digest)
    }

    fn note(&mut self, answer: &dyn Debug) {
        self.inputs += 1;
        for byte in format!("{answer:?}").bytes() {
            self.digest = (self.digest ^ u64::from(byte)).wrapping_mul(FNV.1);
        }
    }
}

/// Runs the cases `first` to below `first` + `count`, about eighty inputs each.
#[must_use]
pub fn probe(first: u64, count: u64) -> Probe {
    let mut out = Probe { inputs: 0, digest: FNV.0 };
    for case in first..first.saturating_add(count) {
        let draw = Draw::new(case);
        tests(&draw, &mut out);
        estimators(&draw, &mut out);
        distributions(&draw, &mut out);
        if case.is_multiple_of(HEAVY) {
            resampling(&draw, &mut out);
            series(&draw, &mut out);
            suites(&draw, &mut out);
        }
    }
    out
}

/// What a case is about.
struct Draw {
    case: u64,
    a: Vec<f64>,
    b: Vec<f64>,
    /// Differences of those that both have.
    both: Vec<f64>,
    /// Even ones in (0, 1).
    u: [f64; 6],
    /// A positive series in the order it ran, dependent, now and then with a step.
    course: Vec<f64>,
}

impl Draw {
    fn new(case: u64) -> Draw {
        let mut random = Random::new(case);
        let kind = random.below(5);
        let sizes = [2 + random.below(29), 2 + random.below(29)];
        let value = |random: &mut Random, by: f64| {
            let u = random.uniform();
            match kind {
                0 => u + by,
                // Ties.
                1 => libm::floor(6.0 * (u + by)),
                2 => 1.0 / (u + 0.05) + by,
                // Far from zero, and about it.
                3 => 1e6 + u + by,
                _ => nearly_normal(random) + by,
            }
        };
        let by = value(&mut random, 0.0) / 4.0;
        let a: Vec<f64> = (0..sizes[0]).map(|_| value(&mut random, 0.0)).collect();
        let b: Vec<f64> = (0..sizes[1]).map(|_| value(&mut random, by)).collect();
        let both = a.iter().zip(&b).map(|(a, b)| b - a).collect();
        let mut u = [0.0; 6];
        u.iter_mut().for_each(|u| *u = random.uniform().max(1e-9));
        let n = 20 + random.below(if case.is_multiple_of(8 * HEAVY) { 1_500 } else { 100 });
        let (step, at) = (if random.below(2) == 0 { 0.0 } else { 0.3 }, random.below(n));
        let mut state = 0.0;
        let course = (0..n)
            .map(|i| {
                state = 0.4 * state + 0.02 * nearly_normal(&mut random);
                libm::exp(state + if i < at { step } else { 0.0 })
            })
            .collect();
        Draw { case, a, b, both, u, course }
    }
}

/// A sum of four even ones, which has about the shape.
fn nearly_normal(random: &mut Random) -> f64 {
    (0..4).map(|_| random.uniform()).sum::<f64>() - 2.0
}

fn tests(Draw { case, a, b, both, u, .. }: &Draw, out: &mut Probe) {
    out.note(&welch(a, b));
    out.note(&pooled_t(a, b));
    out.note(&yuen(a, b, 0.2));
    out.note(&mann_whitney(a, b));
    out.note(&mann_whitney_test(a, b));
    out.note(&mann_whitney_normal(a, b));
    let drawn = Resampling { seed: *case, ..Resampling::at(0.95) };
    out.note(&brunner_munzel(a, b, drawn));
    // All ways to swap of twelve pairs, and of more a few drawn ones.
    let pairs = if both.len() > 16 { both.len() } else { both.len().min(12) };
    out.note(&brunner_munzel_pairs(&a[..pairs], &b[..pairs], Resampling { replicates: 999, ..drawn }));
    out.note(&paired_t(both));
    out.note(&wilcoxon(both));
    out.note(&wilcoxon_test(both));
    out.note(&sign_flip(both));
    out.note(&run_test(both));
    out.note(&spearman(&a[..both.len()], &b[..both.len()]));
    out.note(&holm(u));
    out.note(&benjamini_hochberg(u));
    out.note(&benjamini_yekutieli(u));
    let of = |u: f64| (60.0 * u) as u64;
    out.note(&fisher_exact(of(u[0]), of(u[1]), of(u[2]), of(u[3])));
}

fn estimators(Draw { case, a, b, both, u, .. }: &Draw, out: &mut Probe) {
    let confidence = 0.5 + u[0] / 2.0;
    out.note(&mean_variance(a));
    out.note(&std_dev(b));
    out.note(&lag1(a));
    out.note(&trimmed(a, u[1] / 2.0));
    out.note(&mad(a));
    out.note(&shamos(b));
    out.note(&shift(a, b, confidence));
    out.note(&center(both, confidence));
    let order = sorted(a.clone());
    out.note(&median(&order));
    out.note(&quantile(&order, u[2]));
    out.note(&median_interval(&order, confidence));
    out.note(&interpolated_median_interval(&order, confidence));
    out.note(&harrell_davis(&order, u[2]));
    out.note(&trimmed_harrell_davis(&order, u[2]));
    out.note(&Weighing::new().shown(&order, u[2], case.is_multiple_of(2)));
    out.note(&quantile_ranks(1 + (1e4 * u[3] * u[3]) as u64, u[4], confidence));
    out.note(&dip(&order));
    out.note(&dip_p(u[5] / 4.0, 4 + *case % 5000));
    let trials = 1 + (1000.0 * u[3]) as u64;
    out.note(&clopper_pearson((trials as f64 * u[4]) as u64, trials, confidence));
    out.note(&wilson((trials as f64 * u[4]) as u64, trials, confidence));
    out.note(&fieller((1.0 + u[0], u[1] / 10.0), (1.0 + u[2], u[3] / 10.0), Some(1.0 + 50.0 * u[4]), confidence, 9));
    let input = PlanInput {
        estimate: u[0] / 10.0,
        standard_error: u[1] / 50.0,
        n: 2 + *case % 40,
        replication: if case.is_multiple_of(2) { Replication::Paired } else { Replication::Independent },
        margin: u[2] / 20.0,
        alpha: 0.05,
        false_call: 0.01,
        power: 0.8,
        levels: &[],
        seconds_per_unit: Some(u[3]),
        any_time: if case.is_multiple_of(3) { Some(20 + *case % 40) } else { None },
    };
    out.note(&plan(&input));
}

fn distributions(Draw { u, .. }: &Draw, out: &mut Probe) {
    let (df1, df2) = (0.5 + 80.0 * u[0] * u[0], 1.0 + 2000.0 * u[1] * u[1]);
    // Most of the range, and far out.
    let far = -libm::log(u[2]);
    out.note(&d::normal_upper(8.0 * far - 4.0));
    out.note(&d::normal_quantile(u[3]));
    out.note(&d::normal_upper_quantile(libm::exp(-30.0 * far)));
    for df in [df1, df2] {
        out.note(&d::t_two_sided(6.0 * far, Some(df)));
        out.note(&d::t_upper(-3.0 * far, Some(df)));
        out.note(&d::t_quantile(u[3], Some(df)));
        out.note(&d::t_upper_quantile(libm::exp(-5.0 * far), Some(df)));
        out.note(&d::chi2_upper(df * 2.0 * u[4], df));
        out.note(&d::chi2_lower(df * 2.0 * u[4], df));
        out.note(&d::chi2_upper_quantile(u[5], df));
    }
    out.note(&d::f_upper(3.0 * u[4], df1, df2));
    out.note(&d::f_lower(3.0 * u[4], df2, df1));
    out.note(&d::f_upper_quantile(u[5], df1, df2));
    out.note(&d::beta_lower(u[3], df1, df2));
    let trials = 1 + (5000.0 * u[4]) as u64;
    out.note(&d::binomial_cdf((trials as f64 * u[5]) as i64, trials, u[3]));
    out.note(&d::binomial_upper((trials as f64 * u[5]) as i64, trials, u[3]));
    for function in [libm::exp, libm::log, libm::log1p, libm::sqrt, libm::erf, libm::erfc, libm::tgamma, libm::sin] {
        out.note(&function(20.0 * u[0] * far));
    }
    out.note(&libm::pow(1.0 + far, 40.0 * (u[1] - 0.5)));
}

fn resampling(Draw { case, a, b, course, u, .. }: &Draw, out: &mut Probe) {
    let resampling = Resampling { confidence: 0.95, replicates: 499, seed: *case };
    out.note(&bootstrap_mean(a, resampling));
    out.note(&bootstrap_difference(a, b, resampling));
    let clusters: Vec<&[f64]> = course.chunks(7).collect();
    let middle = |drawn: &[&[f64]]| median(&sorted(drawn.concat()));
    out.note(&bootstrap_clusters(&clusters, middle, resampling));
    out.note(&boundaries(Spending::ObrienFlemingLike, 0.05, &[u[0] / 2.0, 0.5 + u[1] / 4.0, 1.0]));
    out.note(&boundaries(Spending::Pocock, 0.05, &[0.25, 0.5, 0.75, 1.0]));
    out.note(&t_bound(1.0 + 3.0 * u[2], 3.0 + 20.0 * u[3]));
    let rho = rho_squared(0.05, 5 + *case % 50);
    #[cfg(feature = "full")]
    out.note(&bets::interval(&a[..a.len().min(40)], 0.95));
    out.note(&rho.and_then(|rho| any_time_half_width(3 + *case % 90, u[4], rho, 0.05)));
}

fn series(Draw { case, course, u, .. }: &Draw, out: &mut Probe) {
    out.note(&steady(course, Better::Lower, &SteadyConfig::default()));
    out.note(&trend(course, 0.95));
    out.note(&drift(course, 0.01, 0.95));
    out.note(&autocorrelation(course));
    out.note(&cycle(course));
    out.note(&modality(course));
    out.note(&ed_pelt(course, 5));
    out.note(&normal_pelt(course, 3, 3.0));
    let forks: Vec<u32> = (0..course.len() as u32).map(|i| i / 10).collect();
    let blocks: Vec<u32> = forks.iter().map(|f| f / 3).collect();
    let groupings = [Grouping { level: Stratum::Block, ids: &blocks }, Grouping { level: Stratum::Fork, ids: &forks }];
    out.note(&components(course, &groupings));
    let other: Vec<f64> = course.iter().rev().map(|v| v * v).collect();
    out.note(&covariate(course, &other, 0.95));
    out.note(&frequency_scaling(course, &other));
    out.note(&association(course, &other, *case));
    let marked = |i: usize| if i % 9 == 4 { Marks::of(Mark::GcBiased) } else { Marks::NONE };
    let marks: Vec<Marks> = (0..course.len()).map(marked).collect();
    out.note(&causes(course, &marks, 0.95));
    let mut clock = 0.0;
    let iterations: Vec<(f64, f64)> = course
        .iter()
        .map(|v| {
            clock += v;
            (clock - v, clock)
        })
        .collect();
    let cycles: Vec<Collection> = (0..20)
        .map(|i| {
            let start = f64::from(i) * (0.2 + 3.0 * u[5]);
            Collection { start, end: start + 0.1, pause: 0.02 }
        })
        .collect();
    out.note(&collection_bias(&iterations, &cycles, None));
    let points: Vec<f64> = course.iter().copied().take(60).collect();
    out.note(&history(&points, &HistoryConfig::default()));
}

fn suites(Draw { case, course, a, u, .. }: &Draw, out: &mut Probe) {
    let logs: Vec<Vec<(u32, f64)>> =
        course.chunks_exact(9).map(|row| (0..).zip(row.iter().map(|v| libm::log(*v))).collect()).collect();
    let rows: Vec<SuiteRow<'_>> = logs
        .iter()
        .map(|row| SuiteRow { name: "row", verdict: Verdict::Inconclusive, data: RowData::Paired(row) })
        .collect();
    out.note(&suite_mean(&rows, &SuiteConfig { confidence: 0.95, resamples: 499, seed: *case }));
    let points: Vec<SweepPoint> = [1u32, 2, 4, 8, 16]
        .into_iter()
        .zip(course.chunks_exact(4))
        .map(|(threads, noise)| {
            let n = f64::from(threads);
            let ideal = n / (1.0 + u[0] * (n - 1.0) / 5.0 + u[1] * n * (n - 1.0) / 100.0);
            SweepPoint { threads, throughput: noise.iter().map(|v| 100.0 * ideal * v).collect() }
        })
        .collect();
    let config = SweepConfig { confidence: 0.95, resamples: 199, seed: *case, cores: Some(8), borders: &[] };
    out.note(&scalability(&points, &config));
    // Orders by turns: each benchmark follows each other one.
    let executions: Vec<Execution> = (0..48u32)
        .map(|i| {
            let (fork, position) = (i / 4, i % 4);
            let benchmark = (position * (1 + fork % 3) + fork) % 4;
            let noise = a.get(i as usize % a.len()).copied().unwrap_or(0.0);
            Execution { fork, position, benchmark, log_time: f64::from(benchmark) + noise / 1e3 }
        })
        .collect();
    let config = CarryConfig { alpha: 0.05, margin: 0.01, permutations: 99, seed: *case };
    out.note(&carryover(&executions, &config));
}

#[cfg(test)]
mod tests {
    use super::{HEAVY, probe};

    #[test]
    fn equal_cases_give_equal_bits_and_others_do_not() {
        let (one, again, other) = (probe(0, HEAVY), probe(0, HEAVY), probe(1, HEAVY));
        assert_eq!(one, again);
        assert_ne!(one.digest, other.digest);
        assert!(one.inputs > 60 * HEAVY);
    }
}
