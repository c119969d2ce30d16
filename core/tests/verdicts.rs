//! Laws of verdicts, on random data through the public functions.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::config::{MarginValue, StatsConfig};
use noisefloor_core::model::{Assumption, Columns, Fork, Marks, SideSeries, Stopping};
use noisefloor_core::report::{Comparison, Method, Reason, Verdict};
use noisefloor_core::stats::math::exp;
use noisefloor_core::stats::repeated::Repeated;
use noisefloor_core::stats::{compare, settle};
use noisefloor_core::unit::{Better, Quantity};

/// SplitMix64: a few lines of randomness that every platform agrees on.
struct Random(u64);

impl Random {
    fn bits(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }
    fn unit(&mut self) -> f64 {
        (self.bits() >> 11) as f64 / (1u64 << 53) as f64
    }
    /// About normal: twelve uniform numbers less their mean.
    fn normal(&mut self) -> f64 {
        (0..12).map(|_| self.unit()).sum::<f64>() - 6.0
    }
    fn below(&mut self, n: u64) -> u64 {
        self.bits() % n
    }
}

/// A side of single-valued forks; with blocks they are paired by index.
fn side(values: &[f64], blocks: bool) -> SideSeries {
    let mut columns = Columns::default();
    let mut forks = Vec::new();
    for (i, v) in values.iter().enumerate() {
        columns.push(*v, i as u32, 1, Marks::NONE);
        forks.push(Fork { block: blocks.then_some(i as u32), ..Fork::default() });
    }
    SideSeries {
        columns,
        forks,
        aggregates: Vec::new(),
        interleaved: true,
        lockstep: false,
        seconds_per_block: None,
        stopping: None,
        run_spread: None,
        quantity: Quantity::Time,
        better: Better::Lower,
        assumption: Assumption::Sampled,
    }
}

fn judged(a: &[f64], b: &[f64], blocks: bool, margin: f64) -> Comparison {
    let config = StatsConfig { margin, ..StatsConfig::default() };
    let mut c = compare(&side(a, blocks), &side(b, blocks), MarginValue::Ratio(margin), &config);
    settle(&mut [(&mut c, Better::Lower)], &config);
    c
}

/// A random comparison: few to many units, with and without blocks, any spread and effect.
fn cases() -> impl Iterator<Item = (Vec<f64>, Vec<f64>, bool, f64)> {
    let mut random = Random(7);
    (0..800).map(move |_| {
        let n = 2 + random.below(12) as usize;
        let blocks = random.below(2) == 0;
        let m = if blocks { n } else { 2 + random.below(12) as usize };
        let spread = 0.2 * random.unit() * random.unit();
        let effect = 0.2 * random.unit() * random.normal();
        let mut draw = |count: usize, shift: f64| -> Vec<f64> {
            (0..count).map(|_| 1e-6 * exp(shift + spread * random.normal())).collect()
        };
        let (a, b) = (draw(n, 0.0), draw(m, effect));
        (a, b, blocks, 0.001 + 0.05 * random.unit())
    })
}

fn bounds(c: &Comparison) -> (f64, f64) {
    let interval = c.difference.as_ref().unwrap().interval.unwrap();
    (interval.low.unwrap(), interval.high.unwrap())
}

#[test]
fn a_called_change_has_an_interval_without_zero() {
    let mut called = 0;
    for (a, b, blocks, margin) in cases() {
        let c = judged(&a, &b, blocks, margin);
        let (low, high) = bounds(&c);
        if matches!(c.verdict, Verdict::Regressed | Verdict::Improved) {
            called += 1;
            assert!(low > 0.0 || high < 0.0, "{c:?}");
            assert!(c.difference.as_ref().unwrap().estimate.abs() > c.margin.on_scale.unwrap());
        }
        assert!(c.p_margin.unwrap() >= c.p.unwrap() * (1.0 - 1e-12), "{c:?}");
    }
    assert!(called > 80, "{called}");
}

#[test]
fn swapping_the_sides_mirrors_the_verdict() {
    for (a, b, blocks, margin) in cases() {
        let (there, back) = (judged(&a, &b, blocks, margin), judged(&b, &a, blocks, margin));
        let mirrored = match there.verdict {
            Verdict::Regressed => Verdict::Improved,
            Verdict::Improved => Verdict::Regressed,
            Verdict::LikelyWorse => Verdict::LikelyBetter,
            Verdict::LikelyBetter => Verdict::LikelyWorse,
            same => same,
        };
        assert_eq!(back.verdict, mirrored);
        let ((low, high), (l, h)) = (bounds(&there), bounds(&back));
        let close = |x: f64, y: f64| (x - y).abs() <= 1e-12 * (1.0 + x.abs());
        assert!(close(low, -h) && close(high, -l), "{low} {high} {l} {h}");
        assert!(close(there.p.unwrap(), back.p.unwrap()));
    }
}

#[test]
fn a_factor_per_block_changes_nothing() {
    let mut random = Random(11);
    for (a, b, _, margin) in cases().filter(|c| c.2) {
        let factors: Vec<f64> = a.iter().map(|_| 1.0 + 3.0 * random.unit()).collect();
        let times = |x: &[f64]| x.iter().zip(&factors).map(|(v, f)| v * f).collect::<Vec<f64>>();
        let (plain, scaled) = (judged(&a, &b, true, margin), judged(&times(&a), &times(&b), true, margin));
        let ((low, high), (l, h)) = (bounds(&plain), bounds(&scaled));
        assert!((low - l).abs() < 1e-9 && (high - h).abs() < 1e-9, "{low} {l} {high} {h}");
    }
}

#[test]
fn repeating_every_iteration_inside_a_fork_changes_nothing() {
    for (a, b, blocks, margin) in cases() {
        let config = StatsConfig { margin, ..StatsConfig::default() };
        let twice = |values: &[f64]| {
            let mut side = side(values, blocks);
            for (i, v) in values.iter().enumerate() {
                side.columns.push(*v, i as u32, 1, Marks::NONE);
            }
            side
        };
        let plain = compare(&side(&a, blocks), &side(&b, blocks), MarginValue::Ratio(margin), &config);
        let doubled = compare(&twice(&a), &twice(&b), MarginValue::Ratio(margin), &config);
        assert_eq!(plain.verdict, doubled.verdict);
        let ((low, high), (l, h)) = (bounds(&plain), bounds(&doubled));
        assert!((low - l).abs() < 1e-12 && (high - h).abs() < 1e-12);
    }
}

/// The same data judged as if the number of pairs had been fixed, and as stopped by a plan.
fn stopped(values: &[f64], plan: &Stopping) -> (Comparison, Comparison) {
    let (a, b): (Vec<f64>, Vec<f64>) = values.iter().map(|v| (1e-3, 1e-3 * exp(*v))).unzip();
    let config = StatsConfig::default();
    let with = |stopping: Option<&Stopping>| {
        let of = |values: &[f64]| SideSeries { stopping: stopping.cloned(), ..side(values, true) };
        let mut c = compare(&of(&a), &of(&b), MarginValue::Ratio(0.01), &config);
        settle(&mut [(&mut c, Better::Lower)], &config);
        c
    };
    (with(None), with(Some(plan)))
}

#[test]
fn a_stopped_measurement_is_judged_at_the_boundary_of_its_look() {
    let plan = Stopping::looks([10, 20, 30, 40].to_vec());
    let mut random = Random(99);
    for (n, look) in [(10, Some(1)), (15, None), (20, Some(2)), (40, Some(4))] {
        for effect in [0.0, 0.006, 0.03] {
            let values: Vec<f64> = (0..n).map(|_| effect + 0.01 * random.normal()).collect();
            let (fixed, early) = stopped(&values, &plan);
            let told = early.stopping.as_ref().unwrap();
            assert_eq!((told.look, &told.looks, fixed.stopping.as_ref()), (look, &plan.looks, None));
            assert!(
                early.reasons.contains(&Reason::SequentialStop) && !fixed.reasons.contains(&Reason::SequentialStop)
            );
            let scale = Repeated::new(&plan, n);
            assert!((told.nominal_confidence - (1.0 - 2.0 * scale.level(0.05))).abs() < 1e-15);
            let ((low, high), (l, h)) = (bounds(&early), bounds(&fixed));
            assert!(low < l && high > h, "{n}: [{low}, {high}] is no wider than [{l}, {h}]");
            let (p, plain) = (early.p.unwrap(), fixed.p.unwrap());
            assert!((p - scale.p(plain / 2.0)).abs() < 1e-9 && p >= plain);
            assert_eq!(p < 0.05, low > 0.0 || high < 0.0, "{n} {effect}: p = {p} in [{low}, {high}]");
            assert!(early.p_margin >= fixed.p_margin && early.p_equivalence >= fixed.p_equivalence);
            assert!(early.companions.iter().zip(&fixed.companions).all(|(e, f)| e.p >= f.p));
        }
    }
    // No difference at all is no reason to fail, after any number of blocks.
    for n in [2, 3, 9, 10, 11, 20, 25, 40, 41] {
        let values: Vec<f64> = (0..n).map(|i| if i % 2 == 0 { 0.02 } else { -0.02 }).collect();
        let (_, early) = stopped(&values, &plan);
        let p = early.companions.iter().filter_map(|c| c.p).chain(early.p_equivalence);
        assert!(early.p.unwrap() > 0.3 && p.into_iter().all(|p| p > 0.0 && p <= 1.0), "{n} {early:?}");
    }
    // Numbers of blocks that were not planned for are no better judged than by the union bound.
    let (fixed, joined) = stopped(&[0.01, 0.02, 0.015, 0.012], &Stopping::unknown(50));
    assert!((joined.p.unwrap() - 50.0 * fixed.p.unwrap()).abs() < 1e-9);
}

/// The interval of a ratio rests on the differences of blocks, not on what both sides of a block share.
#[test]
fn skewed_differences_are_a_reason_and_skewed_blocks_are_none() {
    let shared: Vec<f64> = (0..20).map(|i| if i == 7 { 3.0 } else { 1.0 + 0.01 * f64::from(i % 5) }).collect();
    let apart = |far: f64| {
        let other: Vec<f64> = shared.iter().enumerate().map(|(i, v)| v * (1.0 + 0.002 * (i % 3) as f64)).collect();
        let other: Vec<f64> = other.iter().enumerate().map(|(i, v)| if i == 11 { v * far } else { *v }).collect();
        judged(&shared, &other, true, 0.01).reasons.contains(&Reason::Skewed)
    };
    assert!(!apart(1.0) && apart(1.1));
    let few: Vec<f64> = shared[9..14].iter().map(|v| v * 1.001).chain([9.0]).collect();
    assert!(judged(&shared[8..14], &few, true, 0.01).reasons.contains(&Reason::Skewed));
    // Sides of independent processes have an interval of their own each.
    assert!(!judged(&shared[..12], &few, false, 0.01).reasons.contains(&Reason::Skewed));
}

#[test]
fn companions_tell_how_many_ways_were_drawn_for_them() {
    let mut random = Random(7);
    let mut drawn = |n: usize, blocks: bool, config: &StatsConfig| {
        let mut values = |by: f64| (0..n).map(|_| exp(by + 0.01 * random.normal())).collect::<Vec<f64>>();
        let (a, b) = (side(&values(0.0), blocks), side(&values(0.004), blocks));
        let found = compare(&a, &b, MarginValue::Ratio(0.01), config);
        found.companions.into_iter().map(|c| (c.method, c.resamples)).collect::<Vec<_>>()
    };
    let config = StatsConfig::default();
    let more = StatsConfig { resamples: 200_000, ..config.clone() };
    use Method::{BrunnerMunzel, BrunnerMunzelPairs, BrunnerMunzelPairsPermutation, BrunnerMunzelPermutation};
    for (n, blocks, config, wanted) in [
        (12, true, &config, [(Method::SignFlip, None), (BrunnerMunzelPairsPermutation, None)]),
        (20, true, &config, [(Method::SignFlip, None), (BrunnerMunzelPairsPermutation, Some(9_999))]),
        (30, true, &config, [(Method::SignFlipSampled, Some(100_000)), (BrunnerMunzelPairsPermutation, Some(9_999))]),
        (30, true, &more, [(Method::SignFlipSampled, Some(200_000)), (BrunnerMunzelPairsPermutation, Some(200_000))]),
        (70, true, &config, [(Method::SignFlipSampled, Some(100_000)), (BrunnerMunzelPairs, None)]),
        (5, false, &config, [(Method::MannWhitneyExact, None), (BrunnerMunzelPermutation, None)]),
        (9, false, &config, [(Method::MannWhitneyExact, None), (BrunnerMunzelPermutation, None)]),
        (12, false, &config, [(Method::MannWhitneyExact, None), (BrunnerMunzel, None)]),
    ] {
        let found = drawn(n, blocks, config);
        for one in wanted {
            assert!(found.contains(&one), "{n} {blocks}: {one:?} is not in {found:?}");
        }
    }
    // Two blocks are too few for ranks of pairs.
    assert!(drawn(2, true, &config).iter().all(|c| c.0 != BrunnerMunzelPairsPermutation));
}

/// What an operation allocates is exact; the peak memory of one process says nothing of the next one.
#[test]
fn the_memory_of_one_process_is_not_exact() {
    let config = StatsConfig::default();
    let judged = |x: f64, y: f64, assumption: Assumption| {
        let of = |value: f64| SideSeries { quantity: Quantity::Bytes, assumption, ..side(&[value], false) };
        let mut c = compare(&of(x), &of(y), MarginValue::Ratio(0.01), &config);
        settle(&mut [(&mut c, Better::Lower)], &config);
        c
    };
    assert_eq!(judged(1e7, 1.05e7, Assumption::Sampled).verdict, Verdict::Regressed);
    for (y, verdict) in [(1.05e7, Verdict::Inconclusive), (1e7, Verdict::Inconclusive), (3e7, Verdict::Regressed)] {
        let c = judged(1e7, y, Assumption::Varies);
        assert_eq!(c.verdict, verdict, "{y}");
        assert_eq!(c.method, Method::AssumedSd);
        assert!(c.reasons.contains(&Reason::AssumedBetweenRunSd));
    }
    // Several equal ones are their own evidence.
    let of = |values: &[f64]| SideSeries {
        quantity: Quantity::Bytes,
        assumption: Assumption::Varies,
        ..side(values, false)
    };
    let c = compare(&of(&[1e7; 5]), &of(&[1.05e7; 5]), MarginValue::Ratio(0.01), &config);
    assert_eq!(c.method, Method::Exact);
}

#[test]
fn iterations_of_one_process_are_described_and_not_tested() {
    let one = |values: &[f64]| {
        let mut side = side(values, false);
        side.columns = Columns::default();
        values.iter().for_each(|v| side.columns.push(*v, 0, 1, Marks::NONE));
        side.forks.truncate(1);
        side
    };
    let (a, b) = ([1.0, 2.0, 3.0, 4.0, 5.0], [2.0, 4.0, 6.0, 8.0, 10.0]);
    let found = compare(&one(&a), &one(&b), MarginValue::Ratio(0.01), &StatsConfig::default());
    let said: Vec<(Method, f64)> = found.companions.iter().map(|c| (c.method, c.estimate.unwrap())).collect();
    // Of the 25 pairs 19 rise and 2 are even; the middle one of their ratios is 2, and so is that of the trimmed means.
    assert_eq!(
        said.iter().map(|s| s.0).collect::<Vec<_>>(),
        [Method::BrunnerMunzel, Method::HodgesLehmann, Method::Yuen]
    );
    assert!((said[0].1 - 20.0 / 25.0).abs() < 1e-15, "{said:?}");
    assert!((exp(said[1].1) - 2.0).abs() < 1e-12 && (exp(said[2].1) - 2.0).abs() < 1e-12, "{said:?}");
    assert!(found.companions.iter().all(|c| c.p.is_none() && c.interval.is_none() && c.statistic.is_none()));
    // A lone value has nothing to describe.
    let lone = compare(&one(&a[..1]), &one(&b), MarginValue::Ratio(0.01), &StatsConfig::default());
    assert!(lone.companions.is_empty());
}
