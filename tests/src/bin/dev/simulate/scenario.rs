//! The kinds of noise, and what two arms measure in them.

use noisefloor_core::stats::math::{exp, ln, sqrt};

use crate::random::Random;

/// Spreads on the log scale; all 0 is silence.
pub(crate) struct Noise {
    /// Between processes, normal.
    pub(crate) fork_sd: f64,
    /// Half of the processes are slower by this much: two layouts of memory.
    pub(crate) layout: f64,
    /// Between iterations of a process, and how much one is like the one before (AR(1)).
    pub(crate) iteration_sd: f64,
    pub(crate) ar: f64,
    /// Of the host between stretches of time: a block is one, and so is all of a sequential arm.
    pub(crate) drift_sd: f64,
    /// What the host gets slower by from the first measurement to the last, in a straight line.
    pub(crate) trend: f64,
    /// Of the host between two processes of a block.
    pub(crate) step_sd: f64,
    /// Of the host from iteration to iteration (AR(1) with 0.9); both of a lockstep pair feel it.
    pub(crate) fast_sd: f64,
    /// Share of iterations that something interrupts, and by how much on average, as a ratio.
    pub(crate) outliers: f64,
    pub(crate) outlier_size: f64,
    /// Tick of the clock as a share of an iteration; 0 is a perfect clock.
    pub(crate) tick: f64,
}

/// Nothing at all.
pub(crate) const SILENCE: Noise = Noise {
    fork_sd: 0.0,
    layout: 0.0,
    iteration_sd: 0.0,
    ar: 0.0,
    drift_sd: 0.0,
    trend: 0.0,
    step_sd: 0.0,
    fast_sd: 0.0,
    outliers: 0.0,
    outlier_size: 0.0,
    tick: 0.0,
};
const REFERENCE: Noise = Noise { fork_sd: 0.015, iteration_sd: 0.03, ar: 0.3, drift_sd: 0.03, ..SILENCE };
const LAYOUTS: Noise = Noise { fork_sd: 0.005, layout: 0.04, iteration_sd: 0.02, ..REFERENCE };

/// A kind of noise with the design in which we measure there.
pub(crate) struct Scenario {
    pub(crate) name: &'static str,
    pub(crate) about: &'static str,
    pub(crate) noise: Noise,
    /// Blocks, and iterations of each arm in a block.
    pub(crate) blocks: usize,
    pub(crate) iterations: usize,
    /// Arms alternate iteration by iteration.
    pub(crate) lockstep: bool,
    /// Log ratios of blocks are normal, so that a t interval is exact.
    pub(crate) normal: bool,
}

const fn scenario(name: &'static str, about: &'static str, noise: Noise) -> Scenario {
    Scenario { name, about, noise, blocks: 20, iterations: 10, lockstep: false, normal: false }
}

/// Every scenario. Iterations of an arm are a multiple of 100, so that each peer's design fits.
pub(crate) const SCENARIOS: [Scenario; 10] = [
    Scenario {
        normal: true,
        ..scenario("reference", "processes 1.5 %, iterations 3 % with autocorrelation .3, host 3 %", REFERENCE)
    },
    Scenario {
        normal: true,
        ..scenario(
            "quiet",
            "processes .3 %, iterations 1 % with autocorrelation .1, host .3 %",
            Noise { fork_sd: 0.003, iteration_sd: 0.01, ar: 0.1, drift_sd: 0.003, ..SILENCE },
        )
    },
    Scenario {
        normal: true,
        ..scenario(
            "independent",
            "iterations 3 % and nothing else: what most rules assume",
            Noise { iteration_sd: 0.03, ..SILENCE },
        )
    },
    scenario(
        "drift",
        "reference, host 10 %, slower by 20 % from first to last, .5 % between neighbours",
        Noise { drift_sd: 0.1, trend: 0.2, step_sd: 0.005, ..REFERENCE },
    ),
    scenario(
        "outliers",
        "reference, 3 % of iterations longer by 50 % on average (exponential)",
        Noise { outliers: 0.03, outlier_size: 0.5, ..REFERENCE },
    ),
    scenario("layouts", "half of the processes slower by 4 %, processes .5 %, iterations 2 %, host 3 %", LAYOUTS),
    scenario(
        "ties",
        "reference, read from a clock whose tick is 5 % of an iteration",
        Noise { tick: 0.05, ..REFERENCE },
    ),
    Scenario { blocks: 6, iterations: 50, normal: true, ..scenario("six", "reference in 6 blocks of 50", REFERENCE) },
    Scenario { blocks: 6, iterations: 50, ..scenario("six-layouts", "layouts in 6 blocks of 50", LAYOUTS) },
    Scenario {
        iterations: 20,
        lockstep: true,
        ..scenario(
            "lockstep",
            "pairs in lockstep, 20 blocks of 20; processes 1 %, iterations 1 %, host 3 % and 5 % from iteration to \
             iteration, 2 % outliers",
            Noise { fork_sd: 0.01, iteration_sd: 0.01, fast_sd: 0.05, outliers: 0.02, outlier_size: 0.5, ..REFERENCE },
        )
    },
];

/// The benchmarks of a family: reference noise in fewer blocks, since there are so many.
pub(crate) const FAMILY: Scenario = Scenario {
    blocks: 10,
    iterations: 10,
    normal: true,
    ..scenario("family", "reference in 10 blocks of 10", REFERENCE)
};

/// One process and its iterations in seconds, as if both arms were the same code.
pub(crate) struct Process {
    pub(crate) block: Option<u32>,
    pub(crate) times: Vec<f64>,
    /// Per iteration, whether the other arm's of the same lockstep round ran first.
    pub(crate) second: Vec<bool>,
}

/// What the two arms measured.
pub(crate) struct Arms {
    pub(crate) baseline: Vec<Process>,
    pub(crate) candidate: Vec<Process>,
}

impl Scenario {
    /// Iterations of an arm.
    pub(crate) fn total(&self) -> usize {
        self.blocks * self.iterations
    }

    /// The host in each of `count` stretches of time.
    pub(crate) fn hosts(&self, random: &mut Random, count: usize) -> Vec<f64> {
        (0..count).map(|_| self.noise.drift_sd * random.normal()).collect()
    }

    /// Blocks in which both arms run, in random order. `hosts` has one level a block.
    pub(crate) fn interleaved(&self, random: &mut Random, hosts: &[f64]) -> Arms {
        let mut arms = Arms { baseline: Vec::new(), candidate: Vec::new() };
        let noise = &self.noise;
        for (block, host) in hosts.iter().enumerate() {
            let shared = self.lockstep.then(|| self.fast(random, self.iterations));
            let baseline_first = random.chance(0.5);
            for is_candidate in [false, true] {
                let slot = 2 * block + usize::from(is_candidate == baseline_first);
                // Arms in lockstep run at the same time.
                let moved = if self.lockstep {
                    0.0
                } else {
                    noise.trend * slot as f64 / (2 * self.blocks) as f64 + noise.step_sd * random.normal()
                };
                let block = Some(block as u32);
                let process = self.process(random, host + moved, block, self.iterations, shared.as_deref());
                if is_candidate { arms.candidate.push(process) } else { arms.baseline.push(process) }
            }
        }
        for (baseline, candidate) in arms.baseline.iter_mut().zip(&mut arms.candidate) {
            baseline.second = (0..self.iterations).map(|_| random.chance(0.5)).collect();
            candidate.second = baseline.second.iter().map(|second| !second).collect();
        }
        arms
    }

    /// All processes of the baseline, then all of the candidate, in as many iterations. `hosts` has
    /// one level an arm.
    pub(crate) fn sequential(&self, random: &mut Random, hosts: [f64; 2], processes: usize) -> Arms {
        let mut arm = |place: usize| {
            let one = |p: usize| {
                let time = (place * processes + p) as f64 / (2 * processes) as f64;
                self.process(random, hosts[place] + self.noise.trend * time, None, self.total() / processes, None)
            };
            (0..processes).map(one).collect()
        };
        Arms { baseline: arm(0), candidate: arm(1) }
    }

    fn process(
        &self,
        random: &mut Random,
        host: f64,
        block: Option<u32>,
        iterations: usize,
        shared: Option<&[f64]>,
    ) -> Process {
        let noise = &self.noise;
        let slow_layout = noise.layout > 0.0 && random.chance(0.5);
        let level = host + noise.fork_sd * random.normal() + if slow_layout { noise.layout } else { 0.0 };
        let own = if shared.is_none() { self.fast(random, iterations) } else { Vec::new() };
        let fast = shared.unwrap_or(&own);
        let fresh = sqrt(1.0 - noise.ar * noise.ar);
        let mut state = random.normal();
        let times = (0..iterations).map(|i| {
            let interrupted = noise.outliers > 0.0 && random.chance(noise.outliers);
            let outlier = if interrupted { ln(1.0 + noise.outlier_size * random.exponential()) } else { 0.0 };
            let time = exp(level + fast.get(i).unwrap_or(&0.0) + noise.iteration_sd * state + outlier);
            state = noise.ar * state + fresh * random.normal();
            time
        });
        Process { block, times: times.collect(), second: Vec::new() }
    }

    fn fast(&self, random: &mut Random, iterations: usize) -> Vec<f64> {
        if self.noise.fast_sd == 0.0 {
            return Vec::new();
        }
        let mut state = random.normal();
        let step = |_| {
            let now = self.noise.fast_sd * state;
            state = 0.9 * state + sqrt(1.0 - 0.81) * random.normal();
            now
        };
        (0..iterations).map(step).collect()
    }

    /// The values that a harness notes of a process: means of `each` iterations of code that takes
    /// `ratio` as long, read from the clock.
    pub(crate) fn values(&self, process: &Process, each: usize, ratio: f64) -> Vec<f64> {
        let tick = self.noise.tick / each as f64;
        let noted = |chunk: &[f64]| {
            let time = chunk.iter().sum::<f64>() / each as f64 * ratio;
            if tick > 0.0 { (time / tick).round().max(1.0) * tick } else { time }
        };
        process.times.chunks(each).map(noted).collect()
    }
}
