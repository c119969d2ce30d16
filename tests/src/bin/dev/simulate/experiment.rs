//! Trials: drawn, judged, counted. A trial depends on the seed and its number only, so that threads
//! change nothing.

use noisefloor_core::config::{MarginValue, StatsConfig};
use noisefloor_core::report::{Comparison, Verdict};
use noisefloor_core::stats::math::ln;
use noisefloor_core::stats::{compare, settle};
use noisefloor_core::unit::Better;

use crate::ours::{interval, judge, side};
use crate::peers::{Call, PEERS};
use crate::random::Random;
use crate::rate::{Rate, Tally};
use crate::scenario::{Arms, FAMILY, Scenario};

/// True slowdowns, and the margin with which our rules look at them: an effect of the margin shows
/// how often `equivalent` is false.
pub(crate) const EFFECTS: [(f64, f64); 5] = [(0.0, 0.01), (0.01, 0.01), (0.02, 0.01), (0.03, 0.03), (0.05, 0.01)];
/// Benchmarks of a family.
pub(crate) const BENCHMARKS: usize = 100;
/// Our own rules on sequential files: what to call it, processes, values of each.
pub(crate) const ON_FILES: [(&str, usize, usize); 2] =
    [("noisefloor, hyperfine's file", 10, 1), ("noisefloor, benchstat's file", 1, 10)];

/// How many trials.
pub(crate) struct Counts {
    /// Of our rules where nothing changed.
    pub(crate) nulls: u64,
    /// Of our rules per effect.
    pub(crate) effects: u64,
    /// Of peers, per effect and where nothing changed.
    pub(crate) peers: u64,
    /// Families of ours and of peers.
    pub(crate) families: u64,
    pub(crate) peer_families: u64,
}

/// For the table.
pub(crate) const FULL: Counts =
    Counts { nulls: 10_000, effects: 1000, peers: 1000, families: 1000, peer_families: 100 };
/// For a look.
pub(crate) const QUICK: Counts = Counts { nulls: 300, effects: 50, peers: 50, families: 20, peer_families: 3 };

/// Where the streams of the parts begin, so that none repeats another's draws.
const OURS: u64 = 1;
const OTHERS: u64 = 2;
const FAMILIES: u64 = 3;

/// Runs trials on every core and sums `width` tallies.
pub(crate) fn run(trials: u64, width: usize, trial: impl Fn(u64, &mut [Tally]) + Sync) -> Vec<Tally> {
    let threads = std::thread::available_parallelism().map_or(1, |n| n.get() as u64);
    let share = |thread: u64| {
        let mut tallies = vec![Tally::default(); width];
        for number in (thread..trials).step_by(threads as usize) {
            trial(number, &mut tallies);
        }
        tallies
    };
    let mut sums = vec![Tally::default(); width];
    std::thread::scope(|scope| {
        let share = &share;
        let workers: Vec<_> = (0..threads).map(|thread| scope.spawn(move || share(thread))).collect();
        for worker in workers {
            // A panic of a worker is a panic of the whole: its trials cannot be left out.
            let tallies = worker.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic));
            for (sum, tally) in sums.iter_mut().zip(tallies) {
                sum.add(tally);
            }
        }
    });
    sums
}

/// Our rules on interleaved blocks: a tally per effect.
pub(crate) fn ours(scenario: &Scenario, place: u64, seed: u64, counts: &Counts) -> Vec<Tally> {
    let config = StatsConfig::default();
    run(counts.nulls.max(counts.effects), EFFECTS.len(), |trial, tallies| {
        let mut random = Random::of(seed, &[OURS, place, trial]);
        let hosts = scenario.hosts(&mut random, scenario.blocks);
        let arms = scenario.interleaved(&mut random, &hosts);
        let baseline = side(scenario, &arms.baseline, 1, 1.0);
        for ((effect, margin), tally) in EFFECTS.into_iter().zip(tallies) {
            if trial < if effect == 0.0 { counts.nulls } else { counts.effects } {
                let candidate = side(scenario, &arms.candidate, 1, 1.0 + effect);
                tally.count(&judge(&baseline, &candidate, margin, &config), ln(1.0 + effect));
            }
        }
    })
}

/// Each peer on its users' design, then our rules on sequential files: per rule a tally per effect.
/// Rules that have the same processes see the same ones.
pub(crate) fn others(scenario: &Scenario, place: u64, seed: u64, counts: &Counts) -> Vec<Vec<Tally>> {
    let config = StatsConfig::default();
    let width = EFFECTS.len();
    let sums = run(counts.peers, (PEERS.len() + ON_FILES.len()) * width, |trial, tallies| {
        let mut rules = tallies.chunks_mut(width);
        let draw = |processes: usize| {
            let mut random = Random::of(seed, &[OTHERS, place, trial, processes as u64]);
            let hosts = [0, 1].map(|_| scenario.hosts(&mut random, 1)[0]);
            let arms = scenario.sequential(&mut random, hosts, processes);
            (arms, random)
        };
        for (peer, tallies) in PEERS.iter().zip(&mut rules) {
            let (arms, mut random) = draw(peer.processes);
            let each = scenario.total() / peer.processes / peer.values;
            for ((effect, _), tally) in EFFECTS.into_iter().zip(tallies) {
                let (a, b) = both(scenario, &arms, each, 1.0 + effect);
                tally.call((peer.rule)(&a, &b, &mut random));
            }
        }
        for ((_, processes, values), tallies) in ON_FILES.into_iter().zip(&mut rules) {
            let (arms, _) = draw(processes);
            let each = scenario.total() / processes / values;
            let baseline = side(scenario, &arms.baseline, each, 1.0);
            for ((effect, margin), tally) in EFFECTS.into_iter().zip(tallies) {
                let candidate = side(scenario, &arms.candidate, each, 1.0 + effect);
                tally.count(&judge(&baseline, &candidate, margin, &config), ln(1.0 + effect));
            }
        }
    });
    sums.chunks(width).map(<[Tally]>::to_vec).collect()
}

/// All values of both arms, processes one after the other.
fn both(scenario: &Scenario, arms: &Arms, each: usize, ratio: f64) -> (Vec<f64>, Vec<f64>) {
    let all =
        |arm: &[crate::scenario::Process], ratio| arm.iter().flat_map(|p| scenario.values(p, each, ratio)).collect();
    (all(&arms.baseline, 1.0), all(&arms.candidate, ratio))
}

/// How often a comparison of 100 benchmarks holds a false call.
pub(crate) struct Families {
    /// `regressed` or `improved` where nothing changed.
    pub(crate) null: Rate,
    /// `regressed` where each benchmark is slower by exactly the margin: the worst case.
    pub(crate) at_margin: Rate,
    /// Zero excluded at 95 % in one at least, uncorrected, where nothing changed.
    pub(crate) raw: Rate,
    /// Any call of each peer where nothing changed.
    pub(crate) peers: Vec<Rate>,
}

/// Families of benchmarks that share the host's moods.
pub(crate) fn families(seed: u64, counts: &Counts) -> Families {
    let config = StatsConfig::default();
    let margin = 0.01;
    let ours = run(counts.families, 2, |family, tallies| {
        for (ratio, tally) in [1.0, 1.0 + margin].into_iter().zip(tallies) {
            let mut random = Random::of(seed, &[FAMILIES, 0, family]);
            let hosts = FAMILY.hosts(&mut random, FAMILY.blocks);
            let row = |_| {
                let arms = FAMILY.interleaved(&mut random, &hosts);
                let (a, b) = (side(&FAMILY, &arms.baseline, 1, 1.0), side(&FAMILY, &arms.candidate, 1, ratio));
                compare(&a, &b, MarginValue::Ratio(margin), &config)
            };
            let mut rows: Vec<Comparison> = (0..BENCHMARKS).map(row).collect();
            let mut family: Vec<(&mut Comparison, Better)> = rows.iter_mut().map(|r| (r, Better::Lower)).collect();
            settle(&mut family, &config);
            tally.trials += 1;
            tally.regressed +=
                u64::from(rows.iter().any(|r| matches!(r.verdict, Verdict::Regressed | Verdict::Improved)));
            tally.slower += u64::from(rows.iter().filter_map(interval).any(|(low, high)| low > 0.0 || high < 0.0));
        }
    });
    let peers = run(counts.peer_families, PEERS.len(), |family, tallies| {
        for (peer, tally) in PEERS.iter().zip(tallies) {
            let mut random = Random::of(seed, &[FAMILIES, 1, family, peer.processes as u64]);
            let hosts = [0, 1].map(|_| FAMILY.hosts(&mut random, 1)[0]);
            let each = FAMILY.total() / peer.processes / peer.values;
            let alarm = (0..BENCHMARKS).any(|_| {
                let arms = FAMILY.sequential(&mut random, hosts, peer.processes);
                let (a, b) = both(&FAMILY, &arms, each, 1.0);
                matches!((peer.rule)(&a, &b, &mut random), Call::Slower | Call::Faster)
            });
            tally.trials += 1;
            tally.slower += u64::from(alarm);
        }
    });
    let [null, at_margin] = [0, 1].map(|i| ours[i]);
    Families {
        null: null.gates(),
        at_margin: at_margin.gates(),
        raw: null.alarms(),
        peers: peers.into_iter().map(Tally::alarms).collect(),
    }
}
