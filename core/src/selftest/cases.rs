//! Worked examples with published or independently computed answers.

use alloc::vec::Vec;

use crate::report::{Method, Test};
use crate::selftest::Check;
use crate::sort::sort_values;
use crate::stats::bootstrap::Resampling;
use crate::stats::brunner_munzel::brunner_munzel;
use crate::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use crate::stats::distribution::{normal_quantile, normal_upper, t_quantile, t_upper};
use crate::stats::fisher::fisher_exact;
use crate::stats::hodges_lehmann::{center, shift};
use crate::stats::hypothesis::{MeanDifference, Moments, pooled_t, trimmed, welch, yuen};
use crate::stats::math::{exp, sqrt};
use crate::stats::multiplicity::{benjamini_hochberg, holm};
use crate::stats::order::{needed, quantile_ranks};
use crate::stats::paired::{fieller, paired_t, sign_flip};
use crate::stats::quantile::harrell_davis;
use crate::stats::rank::{mann_whitney_normal, mann_whitney_test, wilcoxon_test};
use crate::stats::scale::raw_mad;
use crate::stats::sequential::{Spending, any_time_half_width, boundaries, rho_squared};
use crate::stats::usl::{Bounds, Lambda, Law, Point, fit};

/// Digits of an answer that is given to all of them.
const ALL: f64 = 12.0;

/// Student's sleep data.
const G1: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const G2: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];
const FOUR: [f64; 4] = [2.0, 1.0, 3.0, 4.0];
const MORE: [f64; 4] = [6.0, 5.0, 7.0, 9.0];
const TIED: [f64; 4] = [2.0, 1.0, 3.0, 5.0];
/// Pain scores of two groups.
const PAIN: [f64; 14] = [1.0, 2.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 1.0, 2.0, 4.0, 1.0, 1.0];
const PAIN2: [f64; 11] = [3.0, 3.0, 4.0, 3.0, 1.0, 2.0, 3.0, 1.0, 1.0, 5.0, 4.0];
/// Adjusting: the p-values of the diet example.
const DIET: [f64; 25] = [
    0.001, 0.008, 0.039, 0.041, 0.042, 0.06, 0.074, 0.205, 0.212, 0.216, 0.222, 0.251, 0.269, 0.275, 0.34, 0.341,
    0.384, 0.569, 0.594, 0.696, 0.762, 0.94, 0.942, 0.975, 0.986,
];
/// Gunther's ray tracer: processors and throughput.
const RAYS: [(f64, f64); 11] = [
    (1.0, 20.0),
    (4.0, 78.0),
    (8.0, 130.0),
    (12.0, 170.0),
    (16.0, 190.0),
    (20.0, 200.0),
    (24.0, 210.0),
    (28.0, 230.0),
    (32.0, 260.0),
    (48.0, 280.0),
    (64.0, 310.0),
];

/// Group, what, the answer, and the digits needed, in the order in which [`answers`] gives the engine's. Two
/// lists and not one: a constant table takes half of the room that code which builds it takes.
const KNOWN: [(&str, &str, f64, f64); 95] = [
    ("Welch", "t", -3.970_344_615_223_767_4, ALL),
    ("Welch", "df", 5.584_615_384_615_385, ALL),
    ("Welch", "p", 0.008_512_863_131_378_17, ALL),
    ("Welch", "p one-sided", 0.004_256_431_565_689_112, ALL),
    ("Welch", "sleep t", -1.860_813_467_486_852_6, ALL),
    ("Welch", "sleep df", 17.776_473_516_178_488, ALL),
    ("Welch", "sleep p", 0.079_394_140_187_358_3, ALL),
    ("Welch", "pooled p", 0.007_364_059_224_211_321, ALL),
    ("paired", "t", -4.062_127_683_382_037, ALL),
    ("paired", "t p", 0.002_832_890_197_384_273, ALL),
    ("paired", "t of four p", 0.000_443_343_538_312_077_5, ALL),
    ("paired", "Wilcoxon p", 2.0 / 512.0, ALL),
    ("paired", "sign flips p", 4.0 / 1024.0, ALL),
    ("Mann-Whitney", "separated p", 2.0 / 70.0, ALL),
    ("Mann-Whitney", "untied U", 5.0, ALL),
    ("Mann-Whitney", "untied p", 34.0 / 70.0, ALL),
    ("Mann-Whitney", "untied p greater", 0.828_571_428_571_428_5, ALL),
    ("Mann-Whitney", "tied U", 10.0, ALL),
    ("Mann-Whitney", "tied p", 5.0 / 7.0, ALL),
    ("Mann-Whitney", "tied p less", 6.0 / 7.0, ALL),
    ("Mann-Whitney", "tied p greater", 5.0 / 14.0, ALL),
    // Another tool accepts p = 0 for these three.
    ("Mann-Whitney", "unequal tied p 1", 1.0 / 21.0, ALL),
    ("Mann-Whitney", "unequal tied p 2", 0.128_205_1, 6.0),
    ("Mann-Whitney", "unequal tied p 3", 0.133_333_3, 6.0),
    ("Mann-Whitney", "quantised p", 1.0 / 126.0, ALL),
    ("Mann-Whitney", "sleep p", 0.065_816_536_404_771_7, ALL),
    ("Mann-Whitney", "pain p", 0.006_690_222_999_955_131, ALL),
    ("Mann-Whitney", "documented p", 1.0 / 9.0, ALL),
    ("Mann-Whitney", "normal p", 0.111_346_886_533_140_41, ALL),
    ("Mann-Whitney", "large p", 0.004_933_536_081_417_222_4, ALL),
    ("Brunner-Munzel", "pain W", 3.137_467_482_302_950_5, ALL),
    ("Brunner-Munzel", "pain p", 0.005_786_208_666_151_538, ALL),
    ("Brunner-Munzel", "pain p normal", 0.001_704_141_760_038_302_4, ALL),
    ("Brunner-Munzel", "pain A", 1.0 - 0.211_038_96, 7.0),
    ("Brunner-Munzel", "sleep W", 2.144_671_736_708_801_3, ALL),
    ("Brunner-Munzel", "sleep p", 0.046_815_954_675_819_726, ALL),
    ("Brunner-Munzel", "separated p", 0.1, ALL),
    ("Brunner-Munzel", "sleep as pairs W", 3.726_597_930_240_943_8, ALL),
    ("Brunner-Munzel", "sleep as pairs p", 0.003_906_25, ALL),
    ("robust", "Hodges-Lehmann shift", 1.35, ALL),
    ("robust", "shift low", -0.1, 12.0),
    ("robust", "shift high", 3.6, ALL),
    ("robust", "shift confidence", 1.0 - 2.0 * 0.021_628_526_272_489_12, ALL),
    ("robust", "Walsh median", 0.7, ALL),
    ("robust", "Yuen t", -1.616_777_365_813_376_6, ALL),
    ("robust", "Yuen df", 8.264_708_513_637_7, ALL),
    ("robust", "Yuen p", 0.143_378_288_524_440_46, ALL),
    ("robust", "trimmed mean", 1.6 / 3.0, ALL),
    ("robust", "MADN", 1.556_732_329_430_881_7, ALL),
    ("robust", "Harrell-Davis median", 0.452_591_284_071_49, ALL),
    ("robust", "Harrell-Davis .9", 3.359_302_135_282_081, ALL),
    ("adjusted p", "Holm 1", 0.03, ALL),
    ("adjusted p", "Holm 2", 0.06, ALL),
    ("adjusted p", "Holm 3", 0.06, ALL),
    ("adjusted p", "Holm 4", 0.02, ALL),
    ("adjusted p", "Benjamini-Hochberg 1", 0.02, ALL),
    ("adjusted p", "Benjamini-Hochberg 2", 0.04, ALL),
    ("adjusted p", "Benjamini-Hochberg 4", 0.02, ALL),
    ("adjusted p", "diet 1", 0.025, ALL),
    ("adjusted p", "diet 3", 0.21, ALL),
    ("adjusted p", "diet at most .25", 6.0, ALL),
    ("median interval", "orders of 6", 1006.0, ALL),
    ("median interval", "orders of 10", 2009.0, ALL),
    ("median interval", "orders of 20", 6015.0, ALL),
    ("median interval", "orders of 25", 8018.0, ALL),
    ("median interval", "orders of 30", 10_021.0, ALL),
    ("median interval", "orders of 50", 18_033.0, ALL),
    ("median interval", "orders of 100", 40_061.0, ALL),
    ("median interval", "confidence of 10", 0.978_515_625, ALL),
    ("median interval", "confidence of 100", 0.964_799_80, 8.0),
    ("median interval", "values for p99.9", 3688.0, ALL),
    ("equivalence", "df", 181.134_367, 8.0),
    ("equivalence", "t lower", 3.503_350, 6.0),
    ("equivalence", "t upper", -3.046_391, 6.0),
    ("equivalence", "p", 0.001_331_027, 6.0),
    ("equivalence", "interval low", -0.187_084, 5.5),
    ("equivalence", "p of no difference", 0.819_531, 6.0),
    ("equivalence", "Fieller low", 0.951_195_973_2, 9.0),
    ("equivalence", "Fieller high", 0.989_186_541_6, 9.0),
    ("scalability", "σ", 0.049_797_279_456, 8.0),
    ("scalability", "κ", 1.143_444e-5, 5.0),
    ("scalability", "free λ", 21.848_842_865_7, 8.0),
    ("scalability", "free σ", 0.057_770_8, 6.0),
    ("scalability", "free κ", 0.0, ALL),
    ("scalability", "free cost", 697.237_8, 6.5),
    ("sequential", "look 1 of 4", 4.3326, 4.4),
    ("sequential", "look 2 of 4", 2.9631, 4.4),
    ("sequential", "look 3 of 4", 2.3590, 4.4),
    ("sequential", "look 4 of 4", 2.0141, 4.4),
    ("sequential", "cost of any time", 1.55, 2.3),
    ("distributions", "t .975 of 1", 12.706_204_736_174_694, ALL),
    ("distributions", "t .9995 of 24", 3.745_398_619_290_096, ALL),
    ("distributions", "normal .975", 1.959_963_984_540_054, ALL),
    ("distributions", "Fisher's tea", 34.0 / 70.0, ALL),
    ("distributions", "e", core::f64::consts::E, 15.0),
];

/// The statistic, the degrees of freedom and the p-value of a test.
fn parts(test: Option<Test>) -> [Option<f64>; 3] {
    test.map_or([None; 3], |t| [Some(t.statistic), t.df, Some(t.p)])
}

/// Adds the examples of V2.
pub(super) fn worked(checks: &mut Vec<Check>) {
    let rows = KNOWN.iter().zip(answers());
    checks.extend(rows.map(|((group, id, want, digits), got)| Check::new(group, id, *want, got, *digits)));
}

/// What the engine says.
fn answers() -> Vec<Option<f64>> {
    let mut out: Vec<Option<f64>> = Vec::with_capacity(KNOWN.len());
    let mut add = |rows: &[Option<f64>]| out.extend_from_slice(rows);

    let [t, df, p] = parts(welch(&FOUR, &MORE));
    let [sleep_t, sleep_df, sleep_p] = parts(welch(&G1, &G2));
    add(&[t, df, p, t.map(|t| t_upper(-t, df)), sleep_t, sleep_df, sleep_p, parts(pooled_t(&FOUR, &MORE))[2]]);

    let differences: Vec<f64> = G1.iter().zip(G2).map(|(a, b)| a - b).collect();
    let [t, _, p] = parts(paired_t(&differences));
    let ranks = wilcoxon_test(&differences);
    add(&[
        t,
        p,
        parts(paired_t(&[-4.0, -4.0, -4.0, -5.0]))[2],
        ranks.map(|r| r.p.two_sided),
        parts(sign_flip(&differences))[2],
    ]);

    let u = |a: &[f64], b: &[f64]| mann_whitney_test(a, b);
    let p = |a: &[f64], b: &[f64]| u(a, b).map(|t| t.p.two_sided);
    let mixed = u(&TIED, &[0.0, 4.0, 6.0, 7.0]);
    let tied = u(&TIED, &[2.0; 4]);
    let of = |t: &Option<crate::stats::rank::RankTest>| t.as_ref().map(|t| (t.statistic, t.p));
    let l1: Vec<f64> = (0..500).map(|i| 2.0 * f64::from(i)).collect();
    let l2: Vec<f64> = (0..600).map(|i| 2.0 * f64::from(i) - 41.0).collect();
    let doc = ([19.0, 22.0, 16.0, 29.0, 24.0], [20.0, 11.0, 17.0, 12.0]);
    add(&[
        p(&TIED, &[12.0, 11.0, 13.0, 15.0]),
        of(&mixed).map(|t| t.0),
        of(&mixed).map(|t| t.1.two_sided),
        of(&mixed).map(|t| t.1.greater),
        of(&tied).map(|t| t.0),
        of(&tied).map(|t| t.1.two_sided),
        of(&tied).map(|t| t.1.less),
        of(&tied).map(|t| t.1.greater),
        p(&TIED, &[1.0; 5]),
        p(&[7.0, 7.0, 7.0, 8.0, 8.0], &[7.0; 8]),
        p(&[100.0, 100.0, 101.0, 102.0], &[100.0; 6]),
        p(&[115.0, 114.0, 115.0, 115.0], &[78.8; 5]),
        p(&G1, &G2),
        p(&PAIN, &PAIN2),
        p(&doc.0, &doc.1),
        mann_whitney_normal(&doc.0, &doc.1).map(|t| t.p.two_sided),
        mann_whitney_normal(&l1, &l2).map(|t| t.p.two_sided),
    ]);

    let pain = brunner_munzel(&PAIN, &PAIN2, Resampling::at(0.95));
    let sleep = brunner_munzel(&G1, &G2, Resampling::at(0.95));
    let w = pain.as_ref().and_then(|b| b.statistic);
    add(&[
        w,
        pain.as_ref().map(|b| b.p),
        w.map(|w| 2.0 * normal_upper(w)),
        pain.as_ref().map(|b| b.a),
        sleep.as_ref().and_then(|b| b.statistic),
        sleep.as_ref().map(|b| b.p),
        brunner_munzel(&[1.0, 2.0, 3.0], &[4.0, 5.0, 6.0], Resampling::at(0.95)).map(|b| b.p),
    ]);
    let nights = brunner_munzel_pairs(&G1, &G2, Resampling::at(0.95)).ok();
    add(&[nights.as_ref().and_then(|b| b.statistic), nights.as_ref().map(|b| b.p)]);

    let moved = shift(&G1, &G2, 0.95);
    let interval = moved.as_ref().and_then(|m| m.interval);
    let [t, df, p] = parts(yuen(&G1, &G2, 0.2));
    let mut sorted = G1;
    sort_values(&mut sorted);
    add(&[
        moved.as_ref().map(|m| m.value),
        interval.and_then(|i| i.low),
        interval.and_then(|i| i.high),
        interval.map(|i| i.confidence),
        center(&G1, 0.95).map(|e| e.value),
        t,
        df,
        p,
        trimmed(&G1, 0.2).map(|t| t.0),
        raw_mad(&G1).map(|m| m / normal_quantile(0.75)),
        harrell_davis(&sorted, 0.5).map(|q| q.0),
        harrell_davis(&sorted, 0.9).map(|q| q.0),
    ]);

    let adjusted = [holm(&[0.01, 0.04, 0.03, 0.005]), benjamini_hochberg(&[0.01, 0.04, 0.03, 0.005])];
    let diet = benjamini_hochberg(&DIET);
    let at = |list: &[f64], i: usize| list.get(i).copied();
    let [by_holm, by_bh] = &adjusted;
    add(&[
        at(by_holm, 0),
        at(by_holm, 1),
        at(by_holm, 2),
        at(by_holm, 3),
        at(by_bh, 0),
        at(by_bh, 1),
        at(by_bh, 3),
        at(&diet, 0),
        at(&diet, 2),
        Some(diet.iter().filter(|p| **p <= 0.25).count() as f64),
    ]);

    // The orders are told apart by one number: low · 1000 + high.
    let orders = |n: u64| quantile_ranks(n, 0.5, 0.95);
    let both = |n: u64| Some((orders(n).0 * 1000 + orders(n).1) as f64);
    add(&[
        both(6),
        both(10),
        both(20),
        both(25),
        both(30),
        both(50),
        both(100),
        Some(orders(10).2),
        Some(orders(100).2),
        Some(needed(0.999, 0.95) as f64),
    ]);

    let (a, b) = (Moments { mean: 5.25, sd: 0.95, n: 95 }, Moments { mean: 5.22, sd: 0.83, n: 89 });
    let d = MeanDifference::welch(a, b);
    let tost = d.as_ref().map(|d| d.equivalence(-0.43, 0.43, 0.95));
    let ratio = fieller((97.0, 8.0 / 20.0), (100.0, 9.0 / 20.0), Some(19.0), 0.95, 20).and_then(|f| f.interval);
    add(&[
        d.as_ref().and_then(|d| d.df),
        tost.as_ref().map(|t| t.t_lower),
        tost.as_ref().map(|t| t.t_upper),
        tost.as_ref().map(|t| t.p),
        tost.as_ref().and_then(|t| t.interval.low),
        d.as_ref().map(|d| d.test(Method::Welch, 0.0).p),
        ratio.and_then(|i| i.low),
        ratio.and_then(|i| i.high),
    ]);

    let points: Vec<Point> = RAYS.iter().map(|(n, x)| Point { n: *n, x: *x, weight: 1.0 }).collect();
    let two = fit(&points, Law::Usl, Lambda::Fixed(20.0), Bounds::Physical).ok();
    let three = fit(&points, Law::Usl, Lambda::Free, Bounds::Physical).ok();
    add(&[
        two.as_ref().map(|f| f.curve.sigma),
        two.as_ref().map(|f| f.curve.kappa),
        three.as_ref().map(|f| f.curve.lambda),
        three.as_ref().map(|f| f.curve.sigma),
        three.as_ref().map(|f| f.curve.kappa),
        three.as_ref().map(|f| f.cost),
    ]);

    let z = boundaries(Spending::ObrienFlemingLike, 0.05, &[0.25, 0.5, 0.75, 1.0]).ok();
    let z = |i: usize| z.as_ref().and_then(|b| b.z.get(i).copied());
    let half = rho_squared(0.05, 50).and_then(|rho2| any_time_half_width(50, 1.0, rho2, 0.05));
    add(&[z(0), z(1), z(2), z(3), half.map(|h| h * sqrt(50.0) / normal_quantile(0.975))]);

    add(&[
        Some(t_quantile(0.975, Some(1.0))),
        Some(t_quantile(0.9995, Some(24.0))),
        Some(normal_quantile(0.975)),
        Some(fisher_exact(3, 1, 1, 3)),
        Some(exp(1.0)),
    ]);
    out
}

#[cfg(test)]
mod tests {
    #[test]
    fn each_known_answer_has_its_own() {
        assert_eq!(super::answers().len(), super::KNOWN.len());
    }
}
