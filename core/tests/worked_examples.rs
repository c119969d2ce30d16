//! Worked examples with published or independently computed answers, through public functions.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::report::{Estimate, Method};
use noisefloor_core::stats::bootstrap::{Resampling, bootstrap_clusters, bootstrap_mean};
use noisefloor_core::stats::brunner_munzel::brunner_munzel;
use noisefloor_core::stats::distribution::{normal_quantile, normal_upper, t_quantile, t_two_sided, t_upper};
use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::hypothesis::{
    MeanDifference, Moments, holm, mann_whitney, paired_t, pooled_t, sign_flip, trimmed, welch, wilcoxon, yuen,
};
use noisefloor_core::stats::math::{ln, sqrt};
use noisefloor_core::stats::moments::{lag1, mean, notable_skewness, skewness, std_dev};
use noisefloor_core::stats::multiplicity::{benjamini_hochberg, benjamini_yekutieli, selected_confidence};
use noisefloor_core::stats::order::{median_interval, needed, quantile_ranks};
use noisefloor_core::stats::paired::fieller;
use noisefloor_core::stats::quantile::harrell_davis;
use noisefloor_core::stats::random::Random;
use noisefloor_core::stats::rank::{mann_whitney_normal, mann_whitney_test, wilcoxon_test};
use noisefloor_core::stats::scale::raw_mad;

const G1: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const G2: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

#[track_caller]
fn close(got: f64, want: f64) {
    near(got, want, 1e-12);
}

/// For answers printed with fewer digits.
#[track_caller]
fn near(got: f64, want: f64, relative: f64) {
    assert!((got - want).abs() <= relative * want.abs(), "{got:.17} is not {want:.17}");
}

/// Two samples that other projects publish with answers by R.
fn samples(name: &str) -> (Vec<f64>, Vec<f64>) {
    let all: serde_json::Value = serde_json::from_str(include_str!("../../tests/reference/samples.json")).unwrap();
    let side = |i: usize| all[name][i].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
    (side(0), side(1))
}

fn bounds(estimate: &Estimate) -> (f64, f64, f64) {
    let interval = estimate.interval.unwrap();
    (interval.low.unwrap(), interval.high.unwrap(), interval.confidence)
}

fn differences() -> Vec<f64> {
    G1.iter().zip(G2).map(|(a, b)| a - b).collect()
}

#[test]
fn t_tests_four_and_four() {
    let (a, b) = ([2.0, 1.0, 3.0, 4.0], [6.0, 5.0, 7.0, 9.0]);
    let t = welch(&a, &b).unwrap();
    close(t.statistic, -3.970_344_615_223_767_4);
    close(t.df.unwrap(), 5.584_615_384_615_385);
    close(t.p, 0.008_512_863_131_378_17);
    close(t_upper(-t.statistic, t.df), 0.004_256_431_565_689_112);
    let pooled = pooled_t(&a, &b).unwrap();
    assert_eq!((pooled.df, pooled.method), (Some(6.0), Method::PooledT));
    close(pooled.p, 0.007_364_059_224_211_321);
    let paired = paired_t(&[-4.0, -4.0, -4.0, -5.0]).unwrap();
    close(paired.statistic, -17.0);
    close(paired.p, 0.000_443_343_538_312_077_5);
}

#[test]
fn welch_fifteen_and_fifteen() {
    let a = [27.5, 21.0, 19.0, 23.6, 17.0, 17.9, 16.9, 20.1, 21.9, 22.6, 23.1, 19.6, 19.0, 21.7, 21.4];
    let b = [27.1, 22.0, 20.8, 23.4, 23.4, 23.5, 25.8, 22.0, 24.8, 20.2, 21.9, 22.1, 22.9, 30.7, 24.0];
    let t = welch(&a, &b).unwrap();
    close(t.statistic, -2.823_632_721_753_075_4);
    close(t.df.unwrap(), 27.925_373_463_548_272);
    close(t.p, 0.008_659_458_763_656_439);
}

#[test]
fn welch_thirty_and_forty_with_a_shift() {
    let (x, y) = samples("welch_30_40");
    let d = MeanDifference::welch(Moments::of(&y).unwrap(), Moments::of(&x).unwrap()).unwrap();
    let (plain, moved) = (d.test(Method::Welch, 0.0), d.test(Method::Welch, 0.5));
    close(plain.statistic, 2.975_256_016_337_59);
    close(plain.df.unwrap(), 61.715_927_042_744_1);
    close(t_upper(plain.statistic, plain.df), 0.002_087_433_401_729_96);
    close(moved.statistic, 1.307_282_128_595_96);
    close(t_upper(moved.statistic, moved.df), 0.097_983_258_960_046);
}

#[test]
fn sleep_by_every_test() {
    let t = welch(&G1, &G2).unwrap();
    close(t.statistic, -1.860_813_467_486_852_6);
    close(t.df.unwrap(), 17.776_473_516_178_488);
    close(t.p, 0.079_394_140_187_358_3);
    let p = paired_t(&differences()).unwrap();
    close(p.statistic, -4.062_127_683_382_037);
    close(p.p, 0.002_832_890_197_384_273);
    let turned: Vec<f64> = differences().iter().map(|d| -d).collect();
    let ranks = wilcoxon_test(&turned).unwrap();
    assert_eq!((ranks.statistic, ranks.n, ranks.p.two_sided, ranks.p.greater), (45.0, 9, 2.0 / 512.0, 1.0 / 512.0));
    assert_eq!(wilcoxon(&differences()).unwrap().p, 0.003_906_25);
    assert_eq!(sign_flip(&differences()).unwrap().p, 4.0 / 1024.0);
    let u = mann_whitney(&G1, &G2).unwrap();
    assert_eq!((u.statistic, u.method), (25.5, Method::MannWhitneyExact));
    close(u.p, 0.065_816_536_404_771_7);
    let bm = brunner_munzel(&G1, &G2, Resampling::at(0.95)).unwrap();
    close(bm.statistic.unwrap(), 2.144_671_736_708_801_3);
    close(bm.p, 0.046_815_954_675_819_726);
    let y = yuen(&G1, &G2, 0.2).unwrap();
    close(y.statistic, -1.616_777_365_813_376_6);
    close(y.df.unwrap(), 8.264_708_513_637_7);
    close(y.p, 0.143_378_288_524_440_46);
    let moved = shift(&G1, &G2, 0.95).unwrap();
    let (low, high, confidence) = bounds(&moved);
    close(moved.value, 1.35);
    assert!((low + 0.1).abs() < 1e-12 && (high - 3.6).abs() < 1e-12, "{low} {high}");
    close(confidence, 1.0 - 2.0 * 0.021_628_526_272_489_12);
}

#[test]
fn sleep_by_robust_estimates() {
    close(center(&G1, 0.95).unwrap().value, 0.7);
    close(raw_mad(&G1).unwrap() / 0.674_489_750_196_081_7, 1.556_732_329_430_881_7);
    near(trimmed(&G1, 0.2).unwrap().0, 0.533_333_3, 1e-7);
    let mut sorted = G1;
    sorted.sort_by(f64::total_cmp);
    close(harrell_davis(&sorted, 0.5).unwrap().0, 0.452_591_284_071_49);
    close(harrell_davis(&sorted, 0.9).unwrap().0, 3.359_302_135_282_081);
}

#[test]
fn mann_whitney_without_ties() {
    let of = |b: &[f64]| mann_whitney_test(&[2.0, 1.0, 3.0, 5.0], b).unwrap();
    let apart = of(&[12.0, 11.0, 13.0, 15.0]);
    assert_eq!(apart.statistic, 0.0);
    close(apart.p.two_sided, 2.0 / 70.0);
    let mixed = of(&[0.0, 4.0, 6.0, 7.0]);
    assert_eq!(mixed.statistic, 5.0);
    close(mixed.p.two_sided, 34.0 / 70.0);
    close(mixed.p.less, 0.242_857_142_857_142_88);
    close(mixed.p.greater, 0.828_571_428_571_428_5);
    let (a, b) = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
    let documented = mann_whitney_test(&a, &b).unwrap();
    assert_eq!(documented.statistic, 17.0);
    close(documented.p.two_sided, 1.0 / 9.0);
    close(mann_whitney_normal(&a, &b).unwrap().p.two_sided, 0.111_346_886_533_140_41);
}

#[test]
fn mann_whitney_with_ties_is_exact_and_never_0() {
    let of = |a: &[f64], b: &[f64]| mann_whitney_test(a, b).unwrap().p;
    let p = of(&[2.0, 1.0, 3.0, 5.0], &[2.0; 4]);
    near(p.two_sided, 0.714_285_7, 1e-7);
    close(p.less, 6.0 / 7.0);
    close(p.greater, 5.0 / 14.0);
    // benchstat accepts p = 0 for these.
    let p = of(&[2.0, 1.0, 3.0, 5.0], &[1.0; 5]);
    close(p.two_sided, 1.0 / 21.0);
    close(p.greater, 1.0 / 21.0);
    close(p.less, 1.0);
    near(of(&[7.0, 7.0, 7.0, 8.0, 8.0], &[7.0; 8]).two_sided, 0.128_205_1, 1e-6);
    near(of(&[100.0, 100.0, 101.0, 102.0], &[100.0; 6]).two_sided, 0.133_333_3, 1e-6);
    // Quantised times, golang/go#19634.
    let p = of(&[115.0, 114.0, 115.0, 115.0], &[78.8; 5]);
    close(p.two_sided, 1.0 / 126.0);
    close(2.0 * p.greater.min(p.less), 2.0 / 126.0);
    let same = mann_whitney_test(&[2.0; 4], &[2.0; 4]).unwrap();
    assert!(same.identical);
    assert_eq!(same.p.two_sided, 1.0);
}

#[test]
fn smallest_p_values_by_sample_size() {
    let least = [
        0.333_333_3,
        0.1,
        0.028_571_43,
        0.007_936_508,
        0.002_164_502,
        0.000_582_750_6,
        0.000_155_400_2,
        0.000_041_135_34,
    ];
    for (n, want) in (2..).zip(least) {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..n).map(|i| (f64::from(i), 100.0 + f64::from(i))).unzip();
        near(mann_whitney(&a, &b).unwrap().p, want, 5e-7);
    }
}

#[test]
fn mann_whitney_of_large_samples() {
    let a: Vec<f64> = (0..500).map(|i| 2.0 * f64::from(i)).collect();
    let b: Vec<f64> = (0..600).map(|i| 2.0 * f64::from(i) - 41.0).collect();
    let tied: Vec<f64> = a[..30].iter().chain(&b[30..]).copied().collect();
    let plain = mann_whitney_normal(&a, &b).unwrap();
    assert_eq!(plain.statistic, 135_250.0);
    close(plain.p.two_sided, 0.004_933_536_081_417_222_4);
    close(plain.p.less, 0.002_466_768_040_708_611_2);
    close(plain.p.greater, 0.997_534_693_045_890_6);
    let other = mann_whitney_test(&a, &tied).unwrap();
    assert_eq!((other.statistic, other.method), (134_845.0, Method::MannWhitneyNormal));
    close(other.p.two_sided, 0.003_870_381_423_961_788_4);
    close(other.p.less, 0.001_935_190_711_980_894_2);
    // Without ties the default is better than the normal distribution, and close to it here.
    let default = mann_whitney_test(&a, &b).unwrap();
    assert_eq!(default.method, Method::MannWhitneyEdgeworth);
    near(default.p.two_sided, plain.p.two_sided, 0.01);
    let equal = mann_whitney_normal(&a, &a).unwrap();
    assert_eq!((equal.statistic, equal.p.two_sided), (125_000.0, 1.0));
}

#[test]
fn mann_whitney_of_shifted_samples() {
    let check = |name: &str, rows: &[(f64, f64, f64)]| {
        let (x, y) = samples(name);
        for (by, u, p) in rows {
            let moved: Vec<f64> = y.iter().map(|v| v + by).collect();
            let found = mann_whitney_test(&x, &moved).unwrap();
            assert_eq!(found.statistic, *u, "{name} {by}");
            near(found.p.greater, *p, 1e-6);
        }
    };
    check("n10", &[(-30.0, 91.0, 0.000_525_016_8), (-15.0, 76.0, 0.026_212_95), (0.0, 47.0, 0.602_031_9)]);
    check("n10", &[(15.0, 25.0, 0.973_787), (30.0, 12.0, 0.998_955_4)]);
    check("n20", &[(-10.0, 242.0, 0.132_415_9), (-5.0, 197.0, 0.537_287_1), (0.0, 163.0, 0.842_957_9)]);
    check("n20", &[(5.0, 123.0, 0.982_494_7), (10.0, 88.0, 0.999_116_6)]);
    check("n32", &[(-75.0, 947.0, 4.162_974e-11), (-50.0, 549.0, 0.313_168_1), (-25.0, 119.0, 1.0), (25.0, 0.0, 1.0)]);
    check("n33", &[(-25.0, 1089.0, 1.385_151e-19), (0.0, 1082.0, 6.233_18e-18), (25.0, 953.0, 9.170_051e-9)]);
    check("n33", &[(50.0, 510.0, 0.672_192_5)]);
}

#[test]
fn brunner_munzel_on_pain_scores() {
    let a = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 1.0, 1.0];
    let b = [3.0, 3.0, 4.0, 3.0, 1.0, 2.0, 3.0, 1.0, 1.0, 5.0, 4.0];
    let found = brunner_munzel(&a, &b, Resampling::at(0.95)).unwrap();
    assert_eq!((found.method, found.n), (Method::BrunnerMunzel, 25));
    close(found.statistic.unwrap(), 3.137_467_482_302_950_5);
    close(found.p, 0.005_786_208_666_151_538);
    close(2.0 * normal_upper(found.statistic.unwrap()), 0.001_704_141_760_038_302_4);
    // As the share of pairs in which the first is larger.
    near(1.0 - found.a, 0.211_038_96, 1e-7);
    near(-found.delta, -0.577_922_08, 1e-7);
    let interval = found.interval.unwrap();
    assert!(interval.low.unwrap() > 0.5 && interval.high.unwrap() < 1.0 && interval.low.unwrap() < found.a);
    let ranks = mann_whitney_test(&a, &b).unwrap();
    close(ranks.p.two_sided, 0.006_690_222_999_955_131);
    close(ranks.p.less, 0.004_362_857_271_054_875);
}

#[test]
fn brunner_munzel_by_another_implementation() {
    let check = |name: &str, w: f64, df: f64, p: f64| {
        let (x, y) = samples(name);
        let found = brunner_munzel(&x, &y, Resampling::at(0.95)).unwrap();
        close(found.statistic.unwrap(), w);
        close(found.df.unwrap(), df);
        close(t_upper(-found.statistic.unwrap(), found.df), p);
    };
    check("brunner_munzel_1", 0.416_470_332_044_473, 12.126_760_041_271, 0.657_828_745_852_485);
    check("brunner_munzel_2", 0.810_441_509_480_792, 15.915_704_395_419_2, 0.785_180_594_456_65);
    check("brunner_munzel_5", 0.073_062_153_621_522_2, 9.856_674_745_919_63, 0.528_390_995_436_648);
    for (a, b) in [([1.0, 2.0, 3.0], [4.0, 5.0, 6.0]), ([4.0, 5.0, 6.0], [1.0, 2.0, 3.0])] {
        let found = brunner_munzel(&a, &b, Resampling::at(0.95)).unwrap();
        assert_eq!((found.statistic, found.interval), (None, None));
        close(found.p, 0.1);
    }
}

#[test]
fn bootstrap_of_a_variance() {
    // Efron and Tibshirani's spatial test, A; the plug-in variance.
    let a: [f64; 26] = [
        48.0, 36.0, 20.0, 29.0, 42.0, 42.0, 20.0, 42.0, 22.0, 41.0, 45.0, 14.0, 6.0, 0.0, 33.0, 28.0, 34.0, 4.0, 32.0,
        24.0, 47.0, 41.0, 24.0, 26.0, 30.0, 41.0,
    ];
    let clusters: Vec<&[f64]> = a.chunks(1).collect();
    let plug_in = |drawn: &[&[f64]]| {
        let n = drawn.len() as f64;
        let m = drawn.iter().map(|c| c[0]).sum::<f64>() / n;
        Some(drawn.iter().map(|c| (c[0] - m) * (c[0] - m)).sum::<f64>() / n)
    };
    let at = Resampling { replicates: 999_999, ..Resampling::at(0.9) };
    let found = bootstrap_clusters(&clusters, plug_in, at).unwrap();
    near(found.estimate.value, 171.534, 1e-5);
    near(found.acceleration, 0.061_24, 1e-4);
    let (low, high, confidence) = bounds(&found.estimate);
    assert!((low - 115.7).abs() <= 0.3 && (high - 261.2).abs() <= 0.5, "{low} {high}");
    assert_eq!((confidence, found.replicates, found.estimate.n), (0.9, 999_999, 26));
    // The same seed gives the same bits; another seed moves them a little.
    let at = |seed| bootstrap_clusters(&clusters, plug_in, Resampling { seed, ..Resampling::at(0.9) }).unwrap();
    assert_eq!(at(5), at(5));
    assert!(at(6) != at(5) && (bounds(&at(6).estimate).0 - low).abs() < 5.0);
}

#[test]
fn bootstrap_of_a_correlation() {
    // Efron's law schools: mean LSAT and GPA.
    let pairs: [[f64; 2]; 15] = [
        [576.0, 3.39],
        [635.0, 3.30],
        [558.0, 2.81],
        [578.0, 3.03],
        [666.0, 3.44],
        [580.0, 3.07],
        [555.0, 3.00],
        [661.0, 3.43],
        [651.0, 3.36],
        [605.0, 3.13],
        [653.0, 3.12],
        [575.0, 2.74],
        [545.0, 2.76],
        [572.0, 2.88],
        [594.0, 2.96],
    ];
    let clusters: Vec<&[f64]> = pairs.iter().map(|p| p.as_slice()).collect();
    let r = |drawn: &[&[f64]]| {
        let side = |i: usize| drawn.iter().map(|p| p[i]).collect::<Vec<f64>>();
        let (x, y) = (side(0), side(1));
        let (mx, my) = (mean(&x)?, mean(&y)?);
        let sum = |of: &dyn Fn(f64, f64) -> f64| x.iter().zip(&y).map(|(x, y)| of(x - mx, y - my)).sum::<f64>();
        Some(sum(&|x, y| x * y) / sqrt(sum(&|x, _| x * x) * sum(&|_, y| y * y)))
    };
    let found = bootstrap_clusters(&clusters, r, Resampling { replicates: 49_999, ..Resampling::at(0.9) }).unwrap();
    close(found.estimate.value, 0.776_374_491_289_407);
    let (low, high, _) = bounds(&found.estimate);
    assert!((low - 0.434).abs() < 0.006 && (high - 0.928).abs() < 0.003, "{low} {high}");
}

#[test]
fn bootstrap_of_a_mean_is_near_t() {
    let x: Vec<f64> = (0..40).map(|i| f64::from(i * 29 % 41)).collect();
    let found = bootstrap_mean(&x, Resampling::at(0.95)).unwrap();
    let half = t_quantile(0.975, Some(39.0)) * std_dev(&x).unwrap() / sqrt(40.0);
    let (low, high, _) = bounds(&found.estimate);
    near(high - low, 2.0 * half, 0.06);
}

#[test]
fn two_one_sided_tests_from_summaries() {
    let a = Moments { mean: 5.25, sd: 0.95, n: 95 };
    let b = Moments { mean: 5.22, sd: 0.83, n: 89 };
    let d = MeanDifference::welch(a, b).unwrap();
    near(d.df.unwrap(), 181.134_367, 1e-8);
    let found = d.equivalence(-0.43, 0.43, 0.95);
    near(found.t_lower, 3.503_350, 1e-6);
    near(found.p_lower, 0.000_289_398, 2e-6);
    near(found.t_upper, -3.046_391, 1e-6);
    near(found.p_upper, 0.001_331_027, 1e-6);
    assert_eq!((found.p, found.n), (found.p_upper, 184));
    let interval = found.interval;
    near(interval.low.unwrap(), -0.187_084, 2e-6);
    near(interval.high.unwrap(), 0.247_084, 2e-6);
    close(interval.confidence, 0.9);
    assert!(found.equivalent);
    near(d.test(Method::Welch, 0.0).p, 0.819_531, 1e-6);
    // What another tool calls "indistinguishable" at a margin of 1 is far from equivalent.
    let of = |v: &[f64]| Moments::of(v).unwrap();
    let d = MeanDifference::welch(of(&[195.0, 195.0, 196.0, 196.0]), of(&[200.33, 200.32, 200.40])).unwrap();
    let found = d.equivalence(-1.0, 1.0, 0.95);
    assert!(!found.equivalent && found.p > 0.99);
}

#[test]
fn median_orders() {
    for (n, low, high, level) in [
        (6, 1, 6, 0.968_75),
        (10, 2, 9, 0.978_515_625),
        (20, 6, 15, 0.958_610_53),
        (25, 8, 18, 0.956_714_75),
        (30, 10, 21, 0.957_226_05),
        (50, 18, 33, 0.967_160_86),
        (100, 40, 61, 0.964_799_80),
    ] {
        let (l, h, achieved) = quantile_ranks(n, 0.5, 0.95);
        assert_eq!((l, h), (low, high), "n = {n}");
        assert!((achieved - level).abs() < 1e-8, "n = {n}: {achieved}");
    }
    assert_eq!(median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95), None);
}

#[test]
fn values_that_a_quantile_needs() {
    assert_eq!([0.9, 0.95, 0.99, 0.999].map(|p| needed(p, 0.95)), [36, 72, 368, 3688]);
    assert_eq!(needed(0.999, 0.99), 5296);
}

#[track_caller]
fn all_close(got: &[f64], want: &[f64]) {
    assert_eq!(got.len(), want.len());
    got.iter().zip(want).for_each(|(got, want)| close(*got, *want));
}

#[test]
fn adjusted_in_the_order_given() {
    let p = [0.01, 0.04, 0.03, 0.005];
    all_close(&holm(&p), &[0.03, 0.06, 0.06, 0.02]);
    all_close(&benjamini_hochberg(&p), &[0.02, 0.04, 0.04, 0.02]);
    // 1 + 1/2 + 1/3 + 1/4 = 25/12.
    all_close(&benjamini_yekutieli(&p), &[0.5 / 12.0, 1.0 / 12.0, 1.0 / 12.0, 0.5 / 12.0]);
    assert_eq!((holm(&[]), benjamini_hochberg(&[])), (vec![], vec![]));
    close(selected_confidence(3, 20, 0.05).unwrap(), 0.9925);
    assert_eq!((selected_confidence(0, 20, 0.05), selected_confidence(21, 20, 0.05)), (None, None));
}

#[test]
fn benjamini_hochberg_on_the_diet_data() {
    let p = [
        0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341,
        0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
    ];
    let adjusted = benjamini_hochberg(&p);
    all_close(&adjusted[..5], &[0.025, 0.1, 0.21, 0.21, 0.21]);
    // The sixth is an exact tie with Q and counts.
    assert_eq!(adjusted.iter().filter(|p| **p <= 0.25).count(), 6);
    assert_eq!(adjusted.iter().filter(|p| **p < 0.25).count(), 5);
}

#[test]
fn ratio_by_fieller() {
    let found = fieller((97.0, 8.0 / 20.0), (100.0, 9.0 / 20.0), Some(19.0), 0.95, 20).unwrap();
    let (low, high, confidence) = bounds(&found);
    assert_eq!((found.value, confidence), (0.97, 0.95));
    near(low, 0.951_195_973_2, 1e-9);
    near(high, 0.989_186_541_6, 1e-9);
    assert_eq!(fieller((1.0, 1.0), (0.1, 1.0), Some(5.0), 0.95, 6).unwrap().interval, None);
    assert_eq!(fieller((1.0, 1.0), (0.0, 1.0), Some(5.0), 0.95, 6), None);
}

#[test]
fn quantiles_of_t() {
    // scipy.stats.t.ppf
    close(t_quantile(0.975, Some(1.0)), 12.706_204_736_174_694);
    close(t_quantile(0.9995, Some(24.0)), 3.745_398_619_290_096);
    close(t_quantile(0.025, Some(11.0)), -2.200_985_160_091_639_2);
    assert_eq!(t_quantile(0.5, Some(3.0)), 0.0);
    assert!(t_two_sided(1e9, Some(50.0)) > 0.0, "never a p-value of 0");
}

/// Log relative error: digits that agree.
fn digits(got: f64, want: f64) -> f64 {
    if got == want { 15.0 } else { -(((got - want) / want).abs().log10()) }
}

#[test]
fn certified_means_and_deviations() {
    // The floors are what exact arithmetic on the same doubles gives, less 0.1 digit.
    for (c, sd_digits, r1_digits) in [(1.0, 13.0, 13.0), (1e6, 9.4, 12.1), (1e7, 8.2, 10.9)] {
        let mut values = vec![c + 0.2];
        for _ in 0..500 {
            values.extend([c + 0.1, c + 0.3]);
        }
        assert!(digits(mean(&values).unwrap(), c + 0.2) >= 14.0, "{c}");
        assert!(digits(std_dev(&values).unwrap(), 0.1) >= sd_digits, "{c}");
        let found = digits(lag1(&values).unwrap(), -0.999);
        assert!(found >= r1_digits, "{c}: {found}");
    }
    let first = [10_000_001.0, 10_000_003.0, 10_000_002.0];
    assert_eq!((mean(&first), std_dev(&first), lag1(&first)), (Some(10_000_002.0), Some(1.0), Some(-0.5)));
}

#[test]
fn certified_data_sets_of_the_open_corpus() {
    use std::io::Write;
    let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/statistics/nist-strd");
    let Ok(table) = std::fs::read_to_string(folder.join("certified.tsv")) else {
        let _ = writeln!(std::io::stderr(), "skipped: no corpus");
        return;
    };
    let mut seen = 0;
    for line in table.lines().filter(|l| l.starts_with("univariate")) {
        let fields: Vec<&str> = line.split('\t').collect();
        let (name, statistic, want): (&str, &str, f64) = (fields[1], fields[4], fields[5].parse().unwrap());
        let text = std::fs::read_to_string(folder.join("plain").join(name).with_extension("txt")).unwrap();
        let values: Vec<f64> = text.split_whitespace().map(|v| v.parse().unwrap()).collect();
        assert_eq!(values.len().to_string(), fields[3], "{name}");
        let got = match statistic {
            "mean" => mean(&values),
            "standard_deviation" => std_dev(&values),
            _ => lag1(&values),
        };
        let floor = match (name, statistic) {
            (_, "mean") => 14.0,
            ("NumAcc3", "standard_deviation") => 9.4,
            ("NumAcc4", "standard_deviation") => 8.2,
            ("NumAcc3", "autocorrelation_lag1") => 12.1,
            ("NumAcc4", "autocorrelation_lag1") => 10.9,
            _ => 13.0,
        };
        let found = digits(got.unwrap(), want);
        assert!(found >= floor, "{name} {statistic}: {found}");
        seen += 1;
    }
    assert_eq!(seen, 27);
}

#[test]
fn skewness_of_a_sample() {
    // m₂ = 10 and m₃ = 36 about the mean 4, so G₁ = 36/10^1.5·√20/3 = 1.2·√2.
    near(skewness(&[10.0, 1.0, 3.0, 2.0, 4.0]).unwrap(), 1.2 * core::f64::consts::SQRT_2, 1e-14);
    near(skewness(&[-10.0, -1.0, -3.0, -2.0, -4.0]).unwrap(), -1.2 * core::f64::consts::SQRT_2, 1e-14);
    assert_eq!(skewness(&[1.0, 2.0, 3.0]), Some(0.0));
    for nothing in [&[][..], &[1.0], &[1.0, 2.0], &[3.0; 9], &[1e300, 2.0, -1e300, 7.0]] {
        assert_eq!(skewness(nothing), None, "{nothing:?}");
    }
    // One value far from five equal ones is as skewed as six values can be.
    assert!(notable_skewness(&[0.0, 0.0, 0.0, 0.0, 9.0]).is_none());
    near(notable_skewness(&[0.0, 0.0, 0.0, 0.0, 0.0, 9.0]).unwrap(), sqrt(6.0), 1e-14);
}

#[test]
fn notable_skewness_is_seldom_chance() {
    let mut random = Random::new(51);
    for (n, normal_most, exponential_least) in
        [(5, 0.0, 0.0), (8, 0.03, 0.08), (10, 0.03, 0.15), (20, 0.03, 0.4), (40, 0.01, 0.6)]
    {
        let mut share = |of: fn(f64) -> f64| {
            let draws = (0..2_000).filter(|_| {
                let values: Vec<f64> = (0..n).map(|_| of(random.uniform().max(1e-12))).collect();
                notable_skewness(&values).is_some()
            });
            draws.count() as f64 / 2_000.0
        };
        let (normal, exponential) = (share(normal_quantile), share(|u| -ln(u)));
        assert!(normal <= normal_most && exponential >= exponential_least, "{n}: {normal} {exponential}");
    }
}
