//! Laws that tests, estimates and intervals keep on any data.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::report::{Estimate, Method};
use noisefloor_core::stats::bootstrap::{Resampling, bootstrap_mean};
use noisefloor_core::stats::brunner_munzel::brunner_munzel;
use noisefloor_core::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::hypothesis::{paired_t, pooled_t, sign_flip, trimmed, welch, wilcoxon, yuen};
use noisefloor_core::stats::quantile::{Weighing, harrell_davis, interpolated_median_interval};
use noisefloor_core::stats::random::Random;
use noisefloor_core::stats::rank::{mann_whitney_normal, mann_whitney_test, wilcoxon_test};
use noisefloor_core::stats::scale::{mad, shamos};

/// Whole numbers from a few: many ties, and sums without rounding.
fn coarse(random: &mut Random, n: u32, kinds: u32) -> Vec<f64> {
    (0..n).map(|_| f64::from(random.below(kinds))).collect()
}

/// Pairs in which the first sample is larger, ties counting half.
fn u_of(a: &[f64], b: &[f64]) -> f64 {
    let one = |x: &f64, y: &f64| if x > y { 1.0 } else { f64::from(u8::from(x == y)) / 2.0 };
    a.iter().map(|x| b.iter().map(|y| one(x, y)).sum::<f64>()).sum()
}

/// All ways to split the pooled values into samples of the same sizes.
fn splits(a: &[f64], b: &[f64]) -> Vec<(Vec<f64>, Vec<f64>)> {
    let pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    let side = |mask: u32, bit: u32| {
        pooled.iter().enumerate().filter(|(i, _)| mask >> i & 1 == bit).map(|(_, v)| *v).collect::<Vec<f64>>()
    };
    let masks = (0..1u32 << pooled.len()).filter(|mask| mask.count_ones() as usize == a.len());
    masks.map(|mask| (side(mask, 1), side(mask, 0))).collect()
}

#[track_caller]
fn close(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-12 * want.abs(), "{got} is not {want}");
}

#[test]
fn exact_tests_are_enumerations() {
    let mut random = Random::new(11);
    for _ in 0..120 {
        let (n1, n2) = (1 + random.below(5), 1 + random.below(5));
        let kinds = 1 + random.below(8);
        let (a, b) = (coarse(&mut random, n1, kinds), coarse(&mut random, n2, kinds));
        let found = mann_whitney_test(&a, &b).unwrap();
        let (seen, middle) = (u_of(&a, &b), f64::from(n1 * n2) / 2.0);
        let all: Vec<f64> = splits(&a, &b).iter().map(|(a, b)| u_of(a, b)).collect();
        let share = |keep: &dyn Fn(f64) -> bool| all.iter().filter(|u| keep(**u)).count() as f64 / all.len() as f64;
        assert_eq!((found.statistic, found.method), (seen, Method::MannWhitneyExact));
        close(found.p.less, share(&|u| u <= seen));
        close(found.p.greater, share(&|u| u >= seen));
        close(found.p.two_sided, share(&|u| (u - middle).abs() >= (seen - middle).abs()));
        if n1 >= 2 && n2 >= 2 {
            permuted(&a, &b);
        }
    }
}

/// Brunner-Munzel's permutation p against W of every split by the t branch's own statistic.
fn permuted(a: &[f64], b: &[f64]) {
    let found = brunner_munzel(a, b, Resampling::at(0.95)).unwrap();
    let Some(seen) = found.statistic else {
        assert!(found.identical == (found.p == 1.0) || a.len() + b.len() < 4);
        return;
    };
    // Without overlap W is infinite.
    let w = |a: &[f64], b: &[f64]| {
        brunner_munzel(a, b, Resampling::at(0.95)).unwrap().statistic.map_or(f64::INFINITY, f64::abs)
    };
    let all: Vec<f64> = splits(a, b).iter().map(|(a, b)| w(a, b)).collect();
    let hits = all.iter().filter(|w| **w >= seen.abs() - 1e-9).count();
    close(found.p, hits as f64 / all.len() as f64);
    assert_eq!((found.permutations, found.method), (all.len() as u64, Method::BrunnerMunzelPermutation));
}

#[test]
fn signed_tests_are_enumerations() {
    let mut random = Random::new(12);
    for _ in 0..100 {
        let n = 1 + random.below(9);
        let d: Vec<f64> = coarse(&mut random, n, 7).iter().map(|v| v - 3.0).collect();
        let rank = |d: &[f64]| {
            let below = |x: f64| d.iter().filter(|y| **y != 0.0 && y.abs() < x.abs()).count() as f64;
            let equal = |x: f64| d.iter().filter(|y| y.abs() == x.abs()).count() as f64;
            d.iter().filter(|x| **x > 0.0).map(|x| below(*x) + (equal(*x) + 1.0) / 2.0).sum::<f64>()
        };
        let flips: Vec<Vec<f64>> = (0..1u32 << n)
            .map(|mask| d.iter().enumerate().map(|(i, v)| if mask >> i & 1 == 1 { -v } else { *v }).collect())
            .collect();
        let share =
            |keep: &dyn Fn(&[f64]) -> bool| flips.iter().filter(|f| keep(f)).count() as f64 / flips.len() as f64;
        let found = wilcoxon_test(&d).unwrap();
        let (seen, middle) = (rank(&d), (0..=found.n).sum::<u64>() as f64 / 2.0);
        assert_eq!(found.statistic, seen);
        close(found.p.less, share(&|f| rank(f) <= seen));
        close(found.p.greater, share(&|f| rank(f) >= seen));
        close(found.p.two_sided, share(&|f| (rank(f) - middle).abs() >= (seen - middle).abs()));
        if let Some(flip) = sign_flip(&d) {
            let sum: f64 = d.iter().sum();
            close(flip.p, share(&|f| f.iter().sum::<f64>().abs() >= sum.abs()));
        }
    }
}

/// Everything that two samples give, as numbers.
fn fingerprint(a: &[f64], b: &[f64]) -> Vec<Option<u64>> {
    let d: Vec<f64> = center_of(&shift(a, b, 0.95));
    let (u, bm) =
        (mann_whitney_test(a, b).unwrap(), brunner_munzel(a, b, Resampling { seed: 3, ..Resampling::at(0.95) }));
    let tests = [welch(a, b), pooled_t(a, b), yuen(a, b, 0.2)];
    let robust = [mad(a), shamos(b), center(b, 0.9)].into_iter().map(|e| e.map(|e| e.value));
    let mut out: Vec<Option<f64>> = tests.into_iter().map(|t| t.map(|t| t.p)).chain(robust).collect();
    out.extend([Some(u.p.two_sided), Some(u.p.less), bm.as_ref().map(|bm| bm.p), bm.map(|bm| bm.a)]);
    out.extend(d.into_iter().map(Some));
    let drawn = bootstrap_mean(b, Resampling { replicates: 99, ..Resampling::at(0.9) });
    out.push(drawn.and_then(|r| r.estimate.interval?.low));
    out.into_iter().map(|v| v.map(f64::to_bits)).collect()
}

fn center_of(estimate: &Option<Estimate>) -> Vec<f64> {
    let estimate = estimate.as_ref().unwrap();
    let bounds = estimate.interval.map(|i| [i.low.unwrap(), i.high.unwrap()]);
    core::iter::once(estimate.value).chain(bounds.into_iter().flatten()).collect()
}

#[test]
fn order_of_values_changes_no_bit() {
    let mut random = Random::new(13);
    for n in [4, 9, 12, 25] {
        // Whole numbers: sums in another order round alike.
        let (mut a, mut b) = (coarse(&mut random, n, 20), coarse(&mut random, n + 3, 20));
        let before = fingerprint(&a, &b);
        for list in [&mut a, &mut b] {
            for i in (1..list.len()).rev() {
                list.swap(i, random.below(i as u32 + 1) as usize);
            }
        }
        assert_eq!(fingerprint(&a, &b), before);
    }
}

#[test]
fn swapping_the_samples_mirrors() {
    let mut random = Random::new(14);
    for (n1, n2) in [(3, 5), (9, 30), (30, 40), (70, 200), (300, 250)] {
        let (a, b) = (coarse(&mut random, n1, 400), coarse(&mut random, n2, 400));
        let (ab, ba) = (mann_whitney_test(&a, &b).unwrap(), mann_whitney_test(&b, &a).unwrap());
        assert_eq!(ab.method, ba.method);
        assert_eq!(ab.statistic, f64::from(n1 * n2) - ba.statistic);
        close(ab.p.less, ba.p.greater);
        close(ab.p.two_sided, ba.p.two_sided);
        let (ab, ba) = (
            brunner_munzel(&a, &b, Resampling::at(0.95)).unwrap(),
            brunner_munzel(&b, &a, Resampling::at(0.95)).unwrap(),
        );
        close(ab.p, ba.p);
        assert!((ab.delta + ba.delta).abs() < 1e-12);
        let (ab, ba) = (center_of(&shift(&a, &b, 0.9)), center_of(&shift(&b, &a, 0.9)));
        assert_eq!(ab[0], 0.0 - ba[0]);
        if ab.len() == 3 {
            assert_eq!((ab[1], ab[2]), (0.0 - ba[2], 0.0 - ba[1]));
        }
        assert_eq!(welch(&a, &b).unwrap().p, welch(&b, &a).unwrap().p);
    }
}

#[test]
fn estimates_follow_shift_and_scale() {
    let mut random = Random::new(15);
    for n in [6, 13, 40] {
        let (a, b) = (coarse(&mut random, n, 50), coarse(&mut random, n + 1, 50));
        let moved = |v: &[f64]| v.iter().map(|x| 4.0 * x + 8.0).collect::<Vec<f64>>();
        let (x, y) = (moved(&a), moved(&b));
        let at = |v: &[f64]| v.iter().map(|v| v * 4.0).collect::<Vec<f64>>();
        assert_eq!(center_of(&shift(&x, &y, 0.9)), at(&center_of(&shift(&a, &b, 0.9))));
        let centers = center_of(&center(&a, 0.9));
        assert_eq!(center_of(&center(&x, 0.9)), at(&centers).iter().map(|v| v + 8.0).collect::<Vec<f64>>());
        assert_eq!(mad(&x).unwrap().value, 4.0 * mad(&a).unwrap().value);
        assert_eq!(shamos(&x).unwrap().value, 4.0 * shamos(&a).unwrap().value);
        assert_eq!(mann_whitney_test(&x, &y), mann_whitney_test(&a, &b));
        assert_eq!(
            brunner_munzel(&x, &y, Resampling::at(0.95)).unwrap().a,
            brunner_munzel(&a, &b, Resampling::at(0.95)).unwrap().a
        );
        close(welch(&x, &y).unwrap().p, welch(&a, &b).unwrap().p);
    }
}

#[test]
fn an_interval_holds_the_shifts_that_the_test_accepts() {
    let mut random = Random::new(16);
    for n in [4, 7, 12] {
        let a: Vec<f64> = (0..n).map(|_| random.uniform()).collect();
        let b: Vec<f64> = (0..n + 2).map(|_| random.uniform() + 0.3).collect();
        let found = center_of(&shift(&a, &b, 0.95));
        let p = |by: f64| {
            let back: Vec<f64> = b.iter().map(|v| v - by).collect();
            mann_whitney_test(&a, &back).unwrap().p.two_sided
        };
        assert!(p(found[1] - 1e-9) <= 0.05 && p(found[2] + 1e-9) <= 0.05);
        assert!(p(found[1] + 1e-9) > 0.05 && p(found[2] - 1e-9) > 0.05);
    }
}

#[test]
fn sizes_of_the_test_are_right_under_the_null() {
    let mut random = Random::new(17);
    let (mut ranks, mut flips) = (0, 0);
    for _ in 0..2000 {
        let draw = |random: &mut Random| (0..8).map(|_| random.uniform()).collect::<Vec<f64>>();
        let (a, b) = (draw(&mut random), draw(&mut random));
        ranks += u32::from(mann_whitney_test(&a, &b).unwrap().p.two_sided <= 0.05);
        let d: Vec<f64> = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        flips += u32::from(sign_flip(&d).unwrap().p <= 0.05);
    }
    // 5 % of 2000 within four standard deviations; ranks are discrete and stay below (4.99 %).
    assert!((60..=140).contains(&ranks) && (60..=140).contains(&flips), "{ranks} {flips}");
}

#[test]
fn few_equal_or_odd_values_never_give_0_or_a_panic() {
    let lists: [&[f64]; 9] = [
        &[],
        &[1.0],
        &[1.0, 1.0],
        &[1.0, 2.0],
        &[0.0, -0.0, 0.0],
        &[5.0; 12],
        &[f64::NAN, 1.0, 2.0],
        &[f64::INFINITY, 1.0, 2.0],
        &[f64::MAX, -f64::MAX, f64::MIN_POSITIVE, 1.0, 2.0, 3.0, 4.0, 5.0, 6.0],
    ];
    let fine = |p: Option<f64>| p.is_none_or(|p| p > 0.0 && p <= 1.0);
    for a in lists {
        for b in lists {
            for test in [welch(a, b), pooled_t(a, b), yuen(a, b, 0.2)].into_iter().flatten() {
                assert!(fine(Some(test.p)), "{test:?}");
            }
            for test in [mann_whitney_test(a, b), mann_whitney_normal(a, b)] {
                assert!(fine(test.map(|t| t.p.two_sided.min(t.p.less).min(t.p.greater))), "{a:?} {b:?}");
            }
            assert!(fine(brunner_munzel(a, b, Resampling::at(0.95)).map(|t| t.p)), "{a:?} {b:?}");
            assert!(fine(brunner_munzel_pairs(a, b, Resampling::at(0.95)).ok().map(|t| t.p)), "{a:?} {b:?}");
            assert!(shift(a, b, 0.95).is_none_or(|e| e.value.is_finite()));
        }
        for test in [paired_t(a), wilcoxon(a), sign_flip(a)] {
            assert!(fine(test.map(|t| t.p)), "{a:?}");
        }
        for estimate in [center(a, 0.95), mad(a), shamos(a)] {
            assert!(estimate.is_none_or(|e| e.value.is_finite()), "{a:?}");
        }
        let _ = (trimmed(a, 0.2), trimmed(a, 0.7), harrell_davis(a, 0.3), interpolated_median_interval(a, 0.95));
        let _ = (Weighing::new().shown(a, 0.5, true), bootstrap_mean(a, Resampling::at(0.95)));
    }
    assert_eq!(mann_whitney_test(&[5.0; 40], &[5.0; 500]).map(|t| (t.identical, t.p.two_sided)), Some((true, 1.0)));
    assert_eq!(wilcoxon_test(&[0.0; 3]).map(|t| (t.identical, t.n)), Some((true, 0)));
    let apart = brunner_munzel(&[1.0; 600], &[2.0; 700], Resampling::at(0.95)).unwrap();
    assert!(apart.p == f64::MIN_POSITIVE && apart.delta == 1.0);
}

#[test]
fn sampled_permutations_are_near_all_of_them() {
    // Nine against thirty: too many splits to make, against the t approximation.
    let mut random = Random::new(18);
    let a: Vec<f64> = (0..9).map(|_| random.uniform()).collect();
    let b: Vec<f64> = (0..30).map(|_| random.uniform() + 0.25).collect();
    let found = brunner_munzel(&a, &b, Resampling::at(0.95)).unwrap();
    let t = noisefloor_core::stats::distribution::t_two_sided(found.statistic.unwrap(), found.df);
    assert_eq!((found.method, found.permutations), (Method::BrunnerMunzelPermutation, 9999));
    assert!((found.p - t).abs() < 0.3 * t + 0.01, "{} {t}", found.p);
    // Twenty-four flips, against the exact ranks.
    let d: Vec<f64> = (0..24).map(|_| random.uniform() - 0.35).collect();
    let flips = sign_flip(&d).unwrap();
    assert_eq!(flips.method, Method::SignFlipSampled);
    assert!((flips.p - paired_t(&d).unwrap().p).abs() < 0.01, "{flips:?}");
}

#[test]
fn trimmed_and_sorted_sizes() {
    assert_eq!(trimmed(&[1.0, 2.0, 3.0, 4.0, 100.0], 0.2).map(|t| (t.0, t.2)), Some((3.0, 3.0)));
    assert_eq!(trimmed(&[1.0, 2.0, 3.0, 4.0], 0.3), None);
}
