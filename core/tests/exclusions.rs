//! Values that are left out for a cause: what becomes of their processes and of the verdict, and units that differ by
//! one and the same amount.
#![allow(clippy::unwrap_used, reason = "tests stop at the first surprise")]

use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::config::{AnalysisConfig, StatsConfig};
use noisefloor_core::log::{ArmRecord, Block, Exit, ForkRecord, Header, LOG_VERSION, Mode, Record, Value, encode};
use noisefloor_core::report::{Reason, Report, TailClass, Verdict};
use noisefloor_core::source::Source;

/// A log of blocks with a process of each arm: `of` gives the values of a block and arm, each with its mark.
fn log(blocks: u32, of: &dyn Fn(u32, u32) -> Vec<(f64, Option<&'static str>)>) -> Vec<u8> {
    let arms = ["old", "new"].map(|name| ArmRecord { name: name.into(), ..ArmRecord::default() });
    let header = Header { v: LOG_VERSION, mode: Mode::Samples, arms: arms.into(), ..Header::default() };
    let mut out = encode(&Record::Header(header));
    for b in 0..blocks {
        for turn in 0..2 {
            // Who goes first changes from block to block.
            let (arm, f) = ((b + turn) % 2, 2 * b + turn);
            let t = u64::from(f) * 1_000_000_000;
            let fork = ForkRecord { f, arm, block: i64::from(b), pid: 100 + f, t, ..ForkRecord::default() };
            out.extend(encode(&Record::Fork(fork)));
            for (x, mark) in of(b, arm) {
                out.extend(encode(&Record::Value(Value {
                    f,
                    metric: "time".into(),
                    unit: "ns".into(),
                    x: vec![x],
                    n: 1,
                    m: mark.map(String::from).into_iter().collect(),
                    ..Value::default()
                })));
            }
            out.extend(encode(&Record::Exit(Exit { f, t: t + 900_000_000, status: Some(0), ..Exit::default() })));
        }
        let t = u64::from(2 * b + 2) * 1_000_000_000;
        out.extend(encode(&Record::Block(Block { b: i64::from(b), t, ok: true, ..Block::default() })));
    }
    out
}

fn report(bytes: &[u8], config: &AnalysisConfig) -> Report {
    analyze(&[Input { source: Source { name: "x.jsonl", bytes }, side: None }], config)
}

fn noise(block: u32, arm: u32, i: u32) -> f64 {
    1.0 + 0.001 * f64::from((block * 7 + arm * 5 + i * 3) % 11)
}

#[test]
fn a_process_with_too_little_left_is_dropped_and_told() {
    // In block 2 the candidate lost six of ten values; elsewhere nobody lost any.
    let lost = |b: u32, arm: u32, i: u32| (b, arm) == (2, 1) && i < 6;
    let bytes = log(8, &|b, arm| {
        let value = |i| (1000.0 * noise(b, arm, i), lost(b, arm, i).then_some("excluded"));
        (0..10).map(value).collect()
    });
    let found = report(&bytes, &AnalysisConfig::default());
    let cause = |report: &Report, cause: &str| -> u64 {
        report.exclusions.iter().filter(|e| e.cause == cause).map(|e| e.values).sum()
    };
    assert_eq!((cause(&found, "excluded"), cause(&found, "too_few_left")), (6, 4), "{:?}", found.exclusions);
    // Its block has no pair any more.
    assert_eq!(found.rows[0].comparisons[0].n, 7);
    assert_eq!(found.rows[0].sides[1].as_ref().unwrap().counts.excluded, 10);
    let kept = report(&bytes, &AnalysisConfig { keep: ["too_few_left".into()].into(), ..AnalysisConfig::default() });
    assert_eq!((kept.rows[0].comparisons[0].n, cause(&kept, "too_few_left")), (8, 0));
}

#[test]
fn large_losses_cap_the_verdict_even_where_they_are_alike() {
    let config = AnalysisConfig::default();
    let with = |lost: u32| {
        let bytes = log(8, &|b, arm| {
            let level = if arm == 1 { 1200.0 } else { 1000.0 };
            (0..20).map(|i| (level * noise(b, arm, i), (i < lost).then_some("excluded"))).collect()
        });
        report(&bytes, &config)
    };
    for (lost, verdict, capped) in
        [(0, Verdict::Regressed, false), (1, Verdict::Regressed, false), (3, Verdict::LikelyWorse, true)]
    {
        let found = with(lost);
        let comparison = &found.rows[0].comparisons[0];
        assert_eq!(comparison.verdict, verdict, "{lost}");
        assert_eq!(comparison.reasons.contains(&Reason::AsymmetricExclusion), capped, "{lost}");
        assert_eq!(found.findings.iter().any(|f| f.rule == "asymmetric-exclusion"), capped, "{lost}");
    }
}

#[test]
fn units_that_differ_by_one_amount_are_gated_by_the_margin() {
    for (blocks, verdict) in [(3, Verdict::LikelyWorse), (4, Verdict::Regressed)] {
        let bytes = log(blocks, &|_, arm| vec![(if arm == 1 { 1200.0 } else { 1000.0 }, None); 3]);
        let found = report(&bytes, &AnalysisConfig::default());
        let comparison = &found.rows[0].comparisons[0];
        assert_eq!((comparison.verdict, comparison.p), (verdict, None), "{blocks}");
        // The mean of equal values is that value, to the bit.
        assert_eq!(found.rows[0].sides[0].as_ref().unwrap().mean.value, 1000.0 * 1e-9);
    }
    // Within the margin nothing is called.
    let bytes = log(6, &|_, arm| vec![(if arm == 1 { 1005.0 } else { 1000.0 }, None); 3]);
    assert_eq!(report(&bytes, &AnalysisConfig::default()).rows[0].comparisons[0].verdict, Verdict::Equivalent);
}

#[test]
fn tails_of_what_may_be_negative_are_not_defined() {
    let bytes = log(4, &|b, arm| (0..10).map(|i| (noise(b, arm, i) - 1.004, None)).collect());
    let found = report(&bytes, &AnalysisConfig::default());
    assert_eq!(found.rows[0].sides[0].as_ref().unwrap().tail.as_ref().unwrap().class, TailClass::Undefined);
}

#[test]
fn the_effect_of_the_order_is_a_share_on_either_scale() {
    // The baseline goes first in every other block, and then the candidate's second value is longer: by so much that
    // their mean is by 20 %, which is 16 % of the mean of logarithms. A 0 has no logarithm.
    for (small, baseline, share) in [(900.0, 950.0, 0.16), (0.0, 500.0, 0.2)] {
        let bytes = log(12, &|b, arm| {
            let longer = if arm == 1 && b % 2 == 0 { 0.2 * baseline } else { 0.0 };
            vec![(small, None), (1000.0 * noise(b, arm, 0) + 2.0 * longer, None)]
        });
        let found = report(&bytes, &AnalysisConfig::default());
        let finding = found.findings.iter().find(|f| f.rule == "order-effect").unwrap();
        let told = (finding.evidence["observed"], finding.evidence["margin"]);
        assert!((told.0 - share).abs() < 0.01 && (told.1 - 0.01).abs() < 1e-4, "{small}: {told:?}");
    }
    // Where the baseline is 0 there is no share to tell, and every number of a finding is one.
    let bytes = log(12, &|b, arm| vec![(if arm == 1 && b % 2 == 0 { 1.0 + noise(b, arm, 0) } else { 0.0 }, None); 2]);
    let config =
        AnalysisConfig { stats: StatsConfig { margin: 0.0, ..StatsConfig::default() }, ..AnalysisConfig::default() };
    for config in [config, AnalysisConfig::default()] {
        let found = report(&bytes, &config);
        assert!(found.findings.iter().all(|f| f.rule != "order-effect" && f.evidence.values().all(|v| v.is_finite())));
    }
}

#[test]
fn modes_that_are_hit_more_often_are_told() {
    // Two modes 30 % apart inside processes; the candidate falls into the higher one twice as often.
    let share = |arm: u32| if arm == 1 { 6 } else { 3 };
    let bytes = log(10, &|b, arm| {
        let level = |i: u32| if (i * 3 + b) % 10 < share(arm) { 1300.0 } else { 1000.0 };
        (0..40).map(|i| (level(i) * (1.0 + 0.0001 * f64::from((i * 37 + b * 11) % 101)), None)).collect()
    });
    let found = report(&bytes, &AnalysisConfig::default());
    let finding = found.findings.iter().find(|f| f.rule == "mode-weights");
    let finding = finding.unwrap_or_else(|| panic!("{:?}", found.rows[0].sides[1].as_ref().unwrap().diagnosis));
    assert!((finding.evidence["observed"] - 0.6).abs() < 0.05 && (finding.evidence["baseline"] - 0.3).abs() < 0.05);
    // Swapped orders of blocks do nothing by themselves.
    assert!(found.findings.iter().all(|f| f.rule != "order-effect"));
}
