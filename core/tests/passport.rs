//! Passports from run logs, and what they change in a report.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::analyze::{AaError, Input, analyze, passport};
use noisefloor_core::config::AnalysisConfig;
use noisefloor_core::log::{
    ArmRecord, Block, End, ForkRecord, Header, LOG_VERSION, Record, StoppingPlan, Value, encode,
};
use noisefloor_core::report::{Comparison, Reason, Report, Verdict};
use noisefloor_core::source::Source;
use noisefloor_core::stats::distribution::normal_quantile;
use noisefloor_core::stats::math::exp;
use noisefloor_core::stats::passport::Passport;
use noisefloor_core::stats::random::Random;

const BLOCKS: u32 = 40;

fn header() -> Header {
    let arm = |name: &str| ArmRecord { name: name.into(), command: "./work".into() };
    Header {
        v: LOG_VERSION,
        benchmark: "Work".into(),
        started_unix_ns: 1_700_000_000_000_000_000,
        arms: vec![arm("a"), arm("a2")],
        host: [("cpu", "Z80"), ("load", "0.3")].map(|(k, v)| (k.to_string(), v.to_string())).into(),
        ..Header::default()
    }
}

/// A log in which blocks differ by 1 %, processes by 1 %, and two arms not at all.
fn log(header: Header, seed: u64) -> Vec<u8> {
    let mut random = Random::stream(seed, 0);
    let mut records = vec![Record::Header(header)];
    for block in 0..BLOCKS {
        let host = 0.01 * normal_quantile(random.uniform());
        for arm in 0..2 {
            let f = block * 2 + arm;
            records.push(Record::Fork(ForkRecord { f, arm, block: i64::from(block), ..ForkRecord::default() }));
            let x = vec![1e-3 * exp(host + 0.01 * normal_quantile(random.uniform()))];
            records.push(Record::Value(Value {
                f,
                metric: "time".into(),
                unit: "s".into(),
                x,
                n: 1,
                ..Value::default()
            }));
            records.push(Record::Exit(noisefloor_core::log::Exit { f, status: Some(0), ..Default::default() }));
        }
        records.push(Record::Block(Block { b: i64::from(block), ok: true, ..Block::default() }));
    }
    records.push(Record::End(End::default()));
    records.iter().flat_map(encode).collect()
}

fn made(logs: &[Vec<u8>]) -> Result<Passport, (usize, AaError)> {
    let sources: Vec<Source<'_>> = logs.iter().map(|bytes| Source { name: "aa.jsonl", bytes }).collect();
    passport(&sources, 0)
}

#[test]
fn a_passport_states_the_noise_that_was_there() {
    let passport = made(&[log(header(), 1), log(header(), 2), log(header(), 3)]).unwrap();
    assert_eq!(passport.taken_at_seconds, 1_700_000_000);
    // Facts that change from hour to hour are no part of a host.
    assert_eq!(passport.host.keys().collect::<Vec<_>>(), ["cpu"]);
    let entry = passport.entry("Work", "time").unwrap();
    assert_eq!((entry.comparisons, entry.blocks), (3, u64::from(3 * BLOCKS)));
    let (sd, df) = entry.between_runs_sd().unwrap();
    let want = 0.01 * 2f64.sqrt();
    assert!((sd / want - 1.0).abs() < 0.25 && df.unwrap() > 30.0, "{sd} {df:?}");
    let noise = entry.false_alarms(10).unwrap();
    assert_eq!((noise.blocks, noise.comparisons), (10, 12));
    assert!((noise.q95 / (1.96 * want / 10f64.sqrt()) - 1.0).abs() < 0.3, "{noise:?}");
    let text = serde_json::to_string(&passport).unwrap();
    assert_eq!(serde_json::from_str::<Passport>(&text).unwrap(), passport);
}

#[test]
fn logs_that_show_no_noise_are_refused() {
    let why = |change: &dyn Fn(&mut Header)| {
        let mut other = header();
        change(&mut other);
        made(&[log(header(), 1), log(other, 2)]).unwrap_err()
    };
    assert_eq!(why(&|h| h.arms[1].command = "./other".into()), (1, AaError::DifferentArms("a".into(), "a2".into())));
    assert_eq!(why(&|h| h.arms[0].command.clear()), (1, AaError::Redacted));
    assert_eq!(why(&|h| drop(h.arms.pop())), (1, AaError::OneArm));
    assert_eq!(why(&|h| h.plan.stopping = Some(Box::new(StoppingPlan::default()))), (1, AaError::Adaptive));
    assert_eq!(why(&|h| drop(h.host.insert("cpu".into(), "6502".into()))), (1, AaError::OtherHost(vec!["cpu".into()])));
    assert_eq!(made(&[b"BenchmarkWork 1 5 ns/op\n".to_vec()]).unwrap_err(), (0, AaError::NotALog));
    let lines = log(header(), 1);
    let one_block = lines.split_inclusive(|b| *b == b'\n').take(8).collect::<Vec<_>>().concat();
    assert_eq!(made(&[one_block]).unwrap_err(), (0, AaError::TooFew));
}

/// One process a side in Go's format.
fn judged(after: f64, config: &AnalysisConfig) -> (Report, Comparison) {
    let file = |ns: f64| {
        let lines: String = (0..5).map(|i| format!("BenchmarkWork \t 100 \t {} ns/op\n", ns + f64::from(i))).collect();
        format!("{lines}PASS\n")
    };
    let (before, after) = (file(100_000.0), file(100_000.0 * after));
    let inputs = [("before.txt", &before), ("after.txt", &after)];
    let inputs = inputs.map(|(name, text)| Input { source: Source { name, bytes: text.as_bytes() }, side: None });
    let report = analyze(&inputs, config);
    let comparison = report.rows[0].comparisons[0].clone();
    (report, comparison)
}

#[test]
fn one_process_a_side_is_decided_by_a_passport() {
    let passport = made(&[log(header(), 1), log(header(), 2)]).unwrap();
    let entry = passport.entry("Work", "time").unwrap();
    let with = AnalysisConfig { passport: Some(passport.settings(true)), ..AnalysisConfig::default() };
    let (_, plain) = judged(1.12, &AnalysisConfig::default());
    assert_eq!((plain.verdict, plain.margin.ratio), (Verdict::Inconclusive, 0.01));
    assert!(plain.reasons.contains(&Reason::AssumedBetweenRunSd) && plain.false_alarms.is_none());
    let (report, known) = judged(1.12, &with);
    assert_eq!(known.verdict, Verdict::Regressed, "{known:?}");
    assert!(known.reasons.contains(&Reason::Passport) && known.reasons.contains(&Reason::PassportMargin));
    assert!(!known.reasons.contains(&Reason::AssumedBetweenRunSd));
    // Twice the passport's variance, with its degrees of freedom once.
    let (sd, df) = entry.between_runs_sd().unwrap();
    let difference = known.difference.as_ref().unwrap();
    let se = difference.standard_error.unwrap();
    assert!((se / (2.0 * sd * sd).sqrt() - 1.0).abs() < 1e-3, "{se} {sd}");
    assert!((difference.df.unwrap() / df.unwrap() - 1.0).abs() < 1e-2, "{:?} {df:?}", difference.df);
    assert_eq!(known.margin.ratio.to_bits(), entry.default_margin(1).unwrap().to_bits());
    // The same change of half the size as the noise is not called.
    assert_ne!(judged(1.01, &with).1.verdict, Verdict::Regressed);
    // The settings in effect are in the report, and survive with it.
    assert_eq!(report.settings.passport, with.passport);
    assert_eq!(serde_json::from_str::<Report>(&report.to_json()).unwrap(), report);
    // A margin that was set stays.
    let own = AnalysisConfig { passport: Some(passport.settings(false)), ..AnalysisConfig::default() };
    let (_, set) = judged(1.12, &own);
    assert_eq!(set.margin.ratio, 0.01);
    assert!(!set.reasons.contains(&Reason::PassportMargin) && set.reasons.contains(&Reason::Passport));
}

#[test]
fn a_gate_is_told_its_false_alarms() {
    let passport = made(&[log(header(), 1), log(header(), 2)]).unwrap();
    let with = AnalysisConfig { passport: Some(passport.settings(true)), ..AnalysisConfig::default() };
    let bytes = log(header(), 9);
    let report = analyze(&[Input { source: Source { name: "log.jsonl", bytes: &bytes }, side: None }], &with);
    let noise = report.rows[0].comparisons[0].false_alarms.unwrap();
    assert_eq!((noise.blocks, noise.comparisons), (40, 2));
    assert!(noise.rate_low == 0.0 && noise.rate_high > 0.5);
    let mut wrong = with.clone();
    wrong.passport.as_mut().unwrap().rows[0].run_sd = Some(-1.0);
    assert!(with.check().is_ok() && wrong.check().is_err());
}
