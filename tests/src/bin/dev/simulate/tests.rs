//! Facts that hold whatever our rules are: they show that the draws are what they say, and that the
//! counting is right.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::stats::distribution::t_two_sided;
use noisefloor_core::stats::hypothesis::welch;
use noisefloor_core::stats::math::{exp, ln, sqrt};
use noisefloor_core::stats::moments::{lag1, mean, variance};

use crate::bounds;
use crate::experiment::{Counts, families, others, ours};
use crate::peers::{Call, PEERS};
use crate::random::Random;
use crate::rate::Rate;
use crate::scenario::{Noise, SCENARIOS, SILENCE, Scenario};

const SEED: u64 = 7;

fn named(name: &str) -> &'static Scenario {
    SCENARIOS.iter().find(|s| s.name == name).unwrap()
}

fn noisy(noise: Noise, iterations: usize) -> Scenario {
    Scenario { noise, iterations, blocks: 1, ..SCENARIOS[0] }
}

/// How often Welch's test on the pooled iterations of one process an arm finds a difference at 5 %.
fn pooled_welch(scenario: &Scenario, trials: u64) -> Rate {
    let alarm = |trial: u64| {
        let mut random = Random::of(SEED, &[trial]);
        let arms = scenario.sequential(&mut random, [0.0, 0.0], 1);
        let logs = |times: &[f64]| times.iter().map(|t| ln(*t)).collect::<Vec<f64>>();
        welch(&logs(&arms.candidate[0].times), &logs(&arms.baseline[0].times)).unwrap().p < 0.05
    };
    Rate { hits: (0..trials).filter(|t| alarm(*t)).count() as u64, trials }
}

fn holds(rate: Rate, truth: f64) -> bool {
    let (low, high) = rate.interval();
    low <= truth && truth <= high
}

#[test]
fn welch_is_right_about_independent_iterations() {
    let rate = pooled_welch(&noisy(Noise { iteration_sd: 0.03, ..SILENCE }, 20), 4000);
    assert!(holds(rate, 0.05), "{rate}");
}

#[test]
fn welch_is_wrong_about_pooled_iterations_as_often_as_theory_says() {
    // The test believes in an error of σᵢ√(2/n); with processes it is √(2σ² + 2σᵢ²/n).
    let (fork, iteration, n) = (0.02, 0.03, 100.0);
    let rate = pooled_welch(&noisy(Noise { fork_sd: fork, iteration_sd: iteration, ..SILENCE }, 100), 1000);
    let inflation = sqrt(1.0 + n * fork * fork / (iteration * iteration));
    let theory = t_two_sided(1.972 / inflation, None);
    assert!(theory > 0.7 && holds(rate, theory), "{rate}, {theory}");
}

#[test]
fn draws_have_the_moments_that_they_are_asked_for() {
    let scenario = noisy(Noise { iteration_sd: 0.03, ar: 0.3, ..SILENCE }, 100_000);
    let arms = scenario.sequential(&mut Random::of(SEED, &[]), [0.0, 0.1], 1);
    let logs: Vec<f64> = arms.candidate[0].times.iter().map(|t| ln(*t)).collect();
    assert!((mean(&logs).unwrap() - 0.1).abs() < 0.0005);
    assert!((sqrt(variance(&logs).unwrap()) - 0.03).abs() < 0.0003);
    assert!((lag1(&logs).unwrap() - 0.3).abs() < 0.015);
    // Half of the processes are in the slow layout; the clock shows whole ticks.
    let scenario = Scenario { noise: Noise { layout: 0.5, tick: 0.3, ..SILENCE }, ..scenario };
    let arms = scenario.sequential(&mut Random::of(SEED, &[]), [0.0, 0.0], 1000);
    let slow = arms.baseline.iter().filter(|p| p.times[0] == exp(0.5)).count() as u64;
    assert!(holds(Rate { hits: slow, trials: 1000 }, 0.5), "{slow}");
    for value in arms.baseline.iter().flat_map(|p| scenario.values(p, 1, 1.0)) {
        assert!(value == 3.0 * 0.3 || value == 5.0 * 0.3 || value == 6.0 * 0.3, "{value}");
    }
}

#[test]
fn the_same_seed_draws_the_same_and_blocks_cancel_the_host() {
    let scenario = named("lockstep");
    let draw = |seed| {
        let mut random = Random::of(seed, &[1, 2]);
        let hosts = scenario.hosts(&mut random, scenario.blocks);
        let arms = scenario.interleaved(&mut random, &hosts);
        arms.baseline.into_iter().chain(arms.candidate).flat_map(|p| p.times).collect::<Vec<f64>>()
    };
    assert_eq!(draw(1), draw(1));
    assert_ne!(draw(1), draw(2));
    // Nothing but the host: every block ratio is 1 exactly.
    let host = Scenario { noise: Noise { drift_sd: 0.2, fast_sd: 0.1, ..SILENCE }, ..*scenario };
    let mut random = Random::of(SEED, &[]);
    let hosts = host.hosts(&mut random, host.blocks);
    let arms = host.interleaved(&mut random, &hosts);
    assert!(arms.baseline.iter().zip(&arms.candidate).all(|(a, b)| a.times == b.times));
    assert!(variance(&hosts).unwrap() > 0.01);
}

#[test]
fn rates_have_exact_intervals() {
    let near = |(a, b): (f64, f64), (c, d): (f64, f64)| (a - c).abs() < 5e-5 && (b - d).abs() < 5e-5;
    // From R's binom.test.
    assert!(near(Rate { hits: 0, trials: 10 }.interval(), (0.0, 0.3085)));
    assert!(near(Rate { hits: 5, trials: 100 }.interval(), (0.0164, 0.1128)));
    assert!(near(Rate { hits: 10, trials: 10 }.interval(), (0.6915, 1.0)));
    assert_eq!(Rate { hits: 5, trials: 100 }.to_string(), "5.0 [1.6, 11.3]");
}

#[test]
fn peers_call_what_is_plain() {
    for peer in &PEERS {
        let mut random = Random::of(SEED, &[]);
        let around = |center: f64, random: &mut Random| -> Vec<f64> {
            (0..peer.processes * peer.values).map(|_| center * exp(0.01 * random.normal())).collect()
        };
        let (a, b) = (around(1.0, &mut random), around(1.5, &mut random));
        assert_eq!((peer.rule)(&a, &b, &mut random), Call::Slower, "{}", peer.name);
        assert_eq!((peer.rule)(&b, &a, &mut random), Call::Faster, "{}", peer.name);
        let same = (peer.rule)(&a, &a, &mut random);
        assert!(matches!(same, Call::Same | Call::Nothing), "{}", peer.name);
    }
}

#[test]
fn a_small_simulation_keeps_the_bounds() {
    let counts = Counts { nulls: 400, effects: 40, peers: 40, families: 2, peer_families: 1 };
    let scenario = named("six");
    let tallies = ours(scenario, 0, SEED, &counts);
    assert_eq!((tallies[0].trials, tallies[1].trials), (400, 40));
    let alarms = tallies[0].alarms();
    assert!(holds(alarms, 0.05), "{alarms}");
    assert_eq!(tallies[0].covered, 400 - alarms.hits);
    let rules = others(scenario, 0, SEED, &counts);
    // One process an arm, and a host that moves: the U test finds a change in nearly every pair.
    let benchstat = rules[0][0].alarms();
    assert!(benchstat.share() > 0.5, "{benchstat}");
    // A peer that is wrong that often sets no bound for power.
    assert!(bounds::missed(scenario, &tallies, &rules).iter().all(|m| !m.contains("benchstat")));
    let families = families(SEED, &counts);
    assert_eq!((families.null.trials, families.raw.hits), (2, 2));
    assert_eq!(families.peers.len(), PEERS.len());
}
