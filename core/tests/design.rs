//! The modules on the design of experiments under hostile input: no panics, no nonsense numbers,
//! the same bits twice.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::report::{Interval, Verdict};
use noisefloor_core::stats::carryover::{CarryConfig, Execution, carryover};
use noisefloor_core::stats::passport::{AaRuns, entry};
use noisefloor_core::stats::plan::{PlanInput, PlanLevel, Replication, plan};
use noisefloor_core::stats::scalability::{SweepConfig, SweepPoint, scalability};
use noisefloor_core::stats::sequential::{Spending, boundaries};
use noisefloor_core::stats::stopping::{Step, StopPlan, StopRule};
use noisefloor_core::stats::suite::{RowData, SuiteConfig, SuiteRow, mean_rate, null_line, suite_mean};
use noisefloor_core::stats::variance::{Grouping, Stratum, components};

/// Numbers that have broken statistics before.
const NASTY: [f64; 16] = [
    0.0,
    -0.0,
    1.0,
    -1.0,
    f64::NAN,
    f64::INFINITY,
    f64::NEG_INFINITY,
    f64::MAX,
    f64::MIN_POSITIVE,
    5e-324,
    1e-300,
    1e300,
    0.05,
    0.01,
    20.0,
    0.999_999_999,
];

/// Knuth's multiplicative generator: enough to mix inputs.
struct Mix(u64);

impl Mix {
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % bound
    }

    /// Mostly ordinary numbers, about one in `rare` from the list above.
    fn number(&mut self, rare: u64) -> f64 {
        if self.below(rare) == 0 { NASTY[self.below(16) as usize] } else { self.below(1_000_000) as f64 / 1e6 }
    }

    fn numbers(&mut self, most: u64, rare: u64) -> Vec<f64> {
        (0..self.below(most)).map(|_| self.number(rare)).collect()
    }

    fn ids(&mut self, n: usize, bound: u64) -> Vec<u32> {
        (0..n).map(|_| self.below(bound) as u32).collect()
    }
}

/// Bounds that are there are numbers.
fn sane(interval: Option<Interval>) -> bool {
    interval.is_none_or(|i| i.low.is_none_or(f64::is_finite) && i.high.is_none_or(f64::is_finite))
}

const RARE: [u64; 3] = [2, 20, 1_000_000];

#[test]
fn components_and_plans() {
    let mut mix = Mix(1);
    for round in 0..2_000 {
        let rare = RARE[round % 3];
        let values = mix.numbers(30, rare);
        let (block, fork) = (mix.ids(values.len(), 4), mix.ids(values.len(), 3));
        let groups = [Grouping { level: Stratum::Block, ids: &block }, Grouping { level: Stratum::Fork, ids: &fork }];
        let depth = mix.below(3) as usize;
        if let Ok(found) = components(&values, &groups[..depth]) {
            assert!(found.levels.iter().all(|c| c.t2.is_none_or(|t| t.is_finite() && t >= 0.0)), "{found:?}");
            let shares: Vec<f64> = found.levels.iter().filter_map(|c| c.share).collect();
            assert!(shares.is_empty() || (shares.iter().sum::<f64>() - 1.0).abs() < 1e-9, "{found:?}");
        }
        let level = |level, mix: &mut Mix| PlanLevel {
            level,
            t2: mix.number(rare),
            members: mix.number(rare) * 10.0,
            seconds: Some(mix.number(rare)),
        };
        let levels = [level(Stratum::Fork, &mut mix), level(Stratum::Iteration, &mut mix)];
        let kinds = [Replication::Paired, Replication::Independent, Replication::Unreplicated];
        let proposal = plan(&PlanInput {
            estimate: mix.number(rare),
            standard_error: mix.number(rare) / 10.0,
            n: mix.below(40),
            replication: kinds[mix.below(3) as usize],
            margin: mix.number(rare) / 10.0,
            alpha: [0.05, mix.number(rare)][mix.below(2) as usize],
            false_call: [0.01, mix.number(rare)][mix.below(2) as usize],
            power: [0.8, mix.number(rare)][mix.below(2) as usize],
            levels: &levels[..mix.below(3) as usize],
            seconds_per_unit: Some(mix.number(rare)),
            any_time: (mix.below(3) == 0).then(|| mix.below(1_000)),
        });
        assert_eq!(proposal.more.is_some(), proposal.why_not.is_none(), "{proposal:?}");
        assert!(proposal.seconds.is_none_or(f64::is_finite));
    }
}

#[test]
fn boundaries_and_stopping() {
    let mut mix = Mix(2);
    let kinds = [Spending::ObrienFlemingLike, Spending::PocockLike, Spending::ObrienFleming, Spending::Pocock];
    for round in 0..60 {
        let rare = RARE[round % 3];
        let mut shares = mix.numbers(6, rare);
        shares.sort_by(f64::total_cmp);
        let alpha = [0.05, mix.number(rare)][mix.below(2) as usize];
        if let Ok(found) = boundaries(kinds[round % 4], alpha, &shares) {
            assert!(found.z.iter().chain(&found.spent).all(|v| v.is_finite()), "{found:?}");
            assert!(found.spent.last().unwrap() <= &(alpha + 1e-6), "{found:?}");
        }
        let plan = StopPlan { margin: mix.number(rare) / 10.0, alpha: 0.05, cap: mix.below(60) };
        let rules = [StopRule::sign_bets(plan), StopRule::any_time(plan, mix.below(60))];
        for mut rule in rules.into_iter().flatten() {
            let ends = (0..200).any(|_| rule.feed(mix.number(rare.max(5))) != Step::GoOn);
            assert!(ends, "{rule:?}");
        }
    }
}

#[test]
fn suites_and_passports() {
    let mut mix = Mix(3);
    for round in 0..300 {
        let rare = RARE[round % 3];
        let side = |mix: &mut Mix| -> Vec<(u32, f64)> {
            mix.numbers(14, rare * 10).into_iter().map(|v| (mix.below(20) as u32, v)).collect()
        };
        let sides: Vec<_> = (0..mix.below(5)).map(|_| (side(&mut mix), side(&mut mix), mix.below(2))).collect();
        let rows: Vec<SuiteRow<'_>> = sides
            .iter()
            .map(|(a, b, paired)| SuiteRow {
                name: "row",
                verdict: Verdict::Inconclusive,
                data: if *paired == 0 { RowData::Paired(a) } else { RowData::Sides { baseline: a, candidate: b } },
            })
            .collect();
        let config = SuiteConfig { confidence: 0.95, resamples: 199, seed: round as u64 };
        let found = suite_mean(&rows, &config);
        assert_eq!(found, suite_mean(&rows, &config));
        if let Ok(mean) = found {
            assert!(mean.ratio.is_finite() && sane(mean.interval), "{mean:?}");
            assert_eq!(mean.rows + mean.excluded.len() as u64, mean.of);
        }
        let (rates, amounts) = (mix.numbers(5, rare), mix.numbers(5, rare));
        assert!(mean_rate(&rates, Some(&amounts)).is_none_or(f64::is_finite));
        let line = null_line(&mix.numbers(9, rare), mix.number(rare));
        assert!(line.p.is_finite() && line.expected.is_finite());
        if round % 30 == 0 {
            let comparisons: Vec<Vec<f64>> = (0..mix.below(4)).map(|_| mix.numbers(20, rare * 100)).collect();
            let made = entry(&AaRuns {
                benchmark: "b",
                metric: "time",
                comparisons: &comparisons,
                components: None,
                block_counts: &[0, 1, 2, 5, u64::MAX],
                margin: 0.01,
                seed: 0,
            });
            let noise = made.map(|e| e.noise).unwrap_or_default();
            assert!(noise.iter().all(|n| n.q95.is_finite() && n.called_changed <= n.comparisons), "{noise:?}");
        }
    }
}

#[test]
fn sweeps_and_carry_over() {
    let mut mix = Mix(4);
    for round in 0..150 {
        let rare = RARE[round % 3] * 20;
        let points: Vec<SweepPoint> = (0..mix.below(9))
            .map(|_| SweepPoint { threads: mix.below(40) as u32, throughput: mix.numbers(4, rare) })
            .collect();
        let cores = [None, Some(32), Some(u32::MAX)][mix.below(3) as usize];
        let config = SweepConfig { confidence: 0.9, resamples: 99, seed: 0, cores, borders: &[] };
        let found = scalability(&points, &config);
        assert_eq!(found, scalability(&points, &config));
        if let Ok(found) = found {
            assert_eq!(found.model.is_some(), found.why_not.is_none());
            assert!(found.efficiency.iter().all(|e| e.value.is_finite() && sane(e.interval)), "{found:?}");
            let model = found.model.iter();
            assert!(model.clone().all(|m| sane(m.n_max_interval) && sane(m.x_max_interval)), "{found:?}");
            assert!(model.clone().all(|m| m.residuals.iter().all(|r| r.is_finite())), "{found:?}");
        }
        let executions: Vec<Execution> = (0..mix.below(60))
            .map(|i| Execution {
                fork: mix.below(6) as u32,
                position: i as u32,
                benchmark: mix.below(4) as u32,
                log_time: mix.number(rare * 10),
            })
            .collect();
        let config = CarryConfig { alpha: 0.05, margin: 0.01, permutations: 19, seed: 0 };
        let found = carryover(&executions, &config);
        assert_eq!(found, carryover(&executions, &config));
        if let Ok(found) = found {
            let tests = found.rows.iter().filter_map(|r| r.test).chain(found.overall);
            assert!(tests.into_iter().all(|t| t.f.is_finite() && t.p > 0.0 && t.p <= 1.0), "{found:?}");
        }
    }
}
