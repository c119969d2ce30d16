//! Brunner and Munzel's test for pairs: against R's package (`tests/reference/paired_ranks.R` wrote the numbers),
//! and what it keeps on any data.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::report::Method;
use noisefloor_core::stats::bootstrap::Resampling;
use noisefloor_core::stats::brunner_munzel::BrunnerMunzel;
use noisefloor_core::stats::brunner_munzel_pairs::brunner_munzel_pairs;
use noisefloor_core::stats::distribution::{normal_density, normal_quantile, t_quantile, t_two_sided};
use noisefloor_core::stats::estimable::NotEstimable;
use noisefloor_core::stats::math::exp;
use noisefloor_core::stats::random::Random;

fn found(a: &[f64], b: &[f64]) -> BrunnerMunzel {
    brunner_munzel_pairs(a, b, Resampling::at(0.95)).unwrap()
}

#[test]
fn sixty_cases_agree_with_r() {
    let stored: Vec<serde_json::Value> =
        serde_json::from_str(include_str!("../../tests/reference/paired_ranks.json")).unwrap();
    assert_eq!(stored.len(), 60);
    let near = |got: f64, want: f64| assert!((got - want).abs() <= 1e-12 * want.abs().max(1.0), "{got} is not {want}");
    let (mut compared, mut drawn) = (0, 0);
    for case in &stored {
        let list = |name: &str| case[name].as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        let [a, b]: [Vec<f64>; 2] = ["a", "b"].map(list);
        let ours = found(&a, &b);
        let df = a.len() as f64 - 1.0;
        match case["w"].as_f64() {
            None => assert_eq!((ours.statistic, ours.interval), (None, None), "{case}"),
            Some(w) => {
                near(ours.a, case["effect"].as_f64().unwrap());
                near(ours.statistic.unwrap(), w);
                near(t_two_sided(ours.statistic.unwrap(), ours.df), case["p"].as_f64().unwrap());
                // R's interval is that of Student's t; ours is drawn towards what swapping gives.
                let t = t_quantile(0.975, Some(df));
                let center = normal_quantile(ours.a);
                let interval = ours.interval.unwrap();
                let step = case["se"].as_f64().unwrap() / normal_density(center);
                let [low, high] = [interval.low, interval.high].map(|bound| normal_quantile(bound.unwrap()));
                near(low + high, 2.0 * center);
                if a.len() <= 7 {
                    let swapped = exceeded(&a, &b).min(t);
                    near(high - center, step * (t - 4.0 * ours.a * (1.0 - ours.a) * (t - swapped)));
                    drawn += usize::from(swapped < t);
                } else {
                    assert!(high - center <= step * t * (1.0 + 1e-12), "{case}");
                }
            }
        }
        if let Some(swapped) = case["swapped"].as_f64() {
            assert_eq!(ours.p, swapped, "{case}");
            assert_eq!(ours.permutations, if ours.statistic.is_some() { 1 << (a.len() - 1) } else { 0 }, "{case}");
            compared += 1;
        }
    }
    assert_eq!(compared, 45);
    assert!(drawn > 3, "{drawn}");
}

/// The largest |W| that more than one way in twenty to swap the sides inside pairs reaches.
fn exceeded(a: &[f64], b: &[f64]) -> f64 {
    let ways = 1usize << (a.len() - 1);
    let mut sizes: Vec<f64> = (0..ways)
        .map(|way| {
            let at = |i: usize, (x, y): (&[f64], &[f64])| if way >> i & 1 == 1 { y[i] } else { x[i] };
            let side = |sides| (0..a.len()).map(|i| at(i, sides)).collect::<Vec<f64>>();
            let swapped = found(&side((a, b)), &side((b, a)));
            let lone = if swapped.a == 0.5 { 0.0 } else { f64::INFINITY };
            swapped.statistic.map_or(lone, f64::abs)
        })
        .collect();
    sizes.sort_by(|x, y| y.total_cmp(x));
    sizes[ways / 20]
}

#[test]
fn the_interval_of_pairs_that_share_their_noise_says_what_p_says() {
    let mut random = Random::new(47);
    let mut rejected = 0;
    for _ in 0..200 {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..10)
            .map(|_| {
                let mut normal = || normal_quantile(random.uniform().max(1e-9));
                let common = normal();
                (common + 0.3 * normal(), common + 0.3 * normal() + 0.25)
            })
            .unzip();
        let both = found(&a, &b);
        let interval = both.interval.unwrap();
        let away = interval.low > Some(0.5) || interval.high < Some(0.5);
        // The probit scale is bent, and A is not always near ½.
        assert!(away == (both.p < 0.05) || (both.p > 0.03 && both.p < 0.08), "{both:?}");
        rejected += usize::from(away);
    }
    assert!(rejected > 20 && rejected < 180, "{rejected}");
}

/// Pairs that share a good part, coarse now and then.
fn pairs(random: &mut Random, n: usize, coarse: bool) -> (Vec<f64>, Vec<f64>) {
    let value = |v: f64| if coarse { (2.0 * v).round() } else { v };
    let mut normal = || normal_quantile(random.uniform().max(1e-9));
    (0..n)
        .map(|_| {
            let common = normal();
            (value(common + normal()), value(common + normal() + 0.4))
        })
        .unzip()
}

#[test]
fn sides_mirror_and_the_order_of_pairs_does_not_matter() {
    let mut random = Random::new(41);
    for n in [3, 5, 12, 16, 17, 25, 60, 61, 90] {
        for coarse in [false, true] {
            let (a, b) = pairs(&mut random, n, coarse);
            let (forth, back) = (found(&a, &b), found(&b, &a));
            assert_eq!((forth.p, forth.n), (back.p, n as u64));
            assert_eq!(forth.statistic, back.statistic.map(|w| -w));
            assert!((forth.a + back.a - 1.0).abs() < 1e-15 && forth.p > 0.0 && forth.p <= 1.0);
            let (mut x, mut y) = (a.clone(), b.clone());
            x.rotate_left(n / 2);
            y.rotate_left(n / 2);
            let turned = found(&x, &y);
            assert_eq!((turned.a, turned.permutations), (forth.a, forth.permutations));
            // The sum behind Student's t rounds by the order.
            assert!(if n > 60 { (turned.p / forth.p - 1.0).abs() < 1e-12 } else { turned.p == forth.p });
            // Ranks know no scale; only the draws follow the values.
            let [x, y] = [&a, &b].map(|side| side.iter().map(|v| exp(*v)).collect::<Vec<f64>>());
            if !forth.sampled {
                assert_eq!(found(&x, &y), forth);
            }
            let wanted = match n {
                ..=16 => (1 << (n - 1), false, Method::BrunnerMunzelPairsPermutation),
                17..=60 => (9_999, true, Method::BrunnerMunzelPairsPermutation),
                _ => (0, false, Method::BrunnerMunzelPairs),
            };
            assert_eq!((forth.permutations, forth.sampled, forth.method), wanted);
        }
    }
}

#[test]
fn drawn_ways_to_swap_are_near_that_of_students_t_and_follow_the_seed() {
    let (a, b) = pairs(&mut Random::new(43), 40, false);
    let at = |seed| brunner_munzel_pairs(&a, &b, Resampling { seed, ..Resampling::at(0.95) }).unwrap();
    let (one, other) = (at(1), at(2));
    assert_eq!(at(1), one);
    assert_ne!(one.p, other.p);
    let t = t_two_sided(one.statistic.unwrap(), one.df);
    for p in [one.p, other.p] {
        assert!((p - t).abs() < 0.02, "{p} is far from {t}");
    }
    let more = brunner_munzel_pairs(&a, &b, Resampling { replicates: 20_000, ..Resampling::at(0.95) }).unwrap();
    assert_eq!(more.permutations, 20_000);
}

#[test]
fn edges_are_said() {
    let by = Resampling::at(0.95);
    let why = |a: &[f64], b: &[f64]| brunner_munzel_pairs(a, b, by).unwrap_err();
    assert_eq!(why(&[], &[]), NotEstimable::NoData);
    assert_eq!(why(&[1.0, 2.0], &[1.0, 3.0]), NotEstimable::TooFew { n: 2, needed: 3 });
    assert_eq!(why(&[1.0; 3], &[1.0; 4]), NotEstimable::Unequal);
    assert_eq!(why(&[1.0, 2.0, 3.0], &[1.0, 2.0, f64::NAN]), NotEstimable::BadValue);
    // All values equal, and equal pairs: −0 is 0.
    for (a, b) in [([1.0; 4], [1.0; 4]), ([0.0, 2.0, 3.0, 4.0], [-0.0, 2.0, 3.0, 4.0])] {
        let same = found(&a, &b);
        assert_eq!((same.identical, same.p, same.a, same.statistic, same.interval), (true, 1.0, 0.5, None, None));
    }
    for n in [3usize, 20, 50, 2_000] {
        let (low, high): (Vec<f64>, Vec<f64>) = (0..n).map(|i| (i as f64, (n + i) as f64)).unzip();
        for (a, b, effect) in [(&low, &high, 1.0), (&high, &low, 0.0)] {
            let apart = found(a, b);
            assert_eq!((apart.a, apart.statistic, apart.interval, apart.permutations), (effect, None, None, 0));
            assert_eq!(apart.p, 0.5f64.powi(n as i32 - 1).max(f64::MIN_POSITIVE));
        }
    }
    // Half of the pairs go from 1 to 2 and half from 2 to 3: each by as many ranks, so nothing varies.
    for n in [8usize, 80] {
        let (a, b): (Vec<f64>, Vec<f64>) = (0..n).map(|i| if i % 2 == 0 { (1.0, 2.0) } else { (2.0, 3.0) }).unzip();
        let even = found(&a, &b);
        assert_eq!((even.a, even.statistic, even.interval), (0.875, None, None));
        assert!(even.p > 0.0 && even.p < 0.04 && even.permutations > 100, "{even:?}");
    }
    // Swapped places: both sides hold the same values, and A is a half.
    let (a, b) = ([1.0, 2.0, 3.0, 4.0], [2.0, 1.0, 4.0, 3.0]);
    assert_eq!((found(&a, &b).p, found(&a, &b).a), (1.0, 0.5));
}
