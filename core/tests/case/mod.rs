//! Made-up inputs by the number of their case, for the comparisons with SciPy and R.
//!
//! `tests/reference/scipy_cases.py` makes the same, in the same order of draws.

use noisefloor_core::stats::random::SplitMix64;

/// What the tests and estimates of one case are tried on.
pub(crate) struct Case {
    /// A sample of 2 to 29 values.
    pub(crate) a: Vec<f64>,
    /// Another one of the same kind.
    pub(crate) b: Vec<f64>,
    /// Their differences in order, as many as the shorter one has.
    pub(crate) d: Vec<f64>,
    /// A family of p-values.
    pub(crate) p: Vec<f64>,
    /// Three numbers in [0, 1), from which arguments of distributions are made.
    pub(crate) u: [f64; 3],
    /// A margin of equivalence.
    pub(crate) margin: f64,
    /// A table of two rows and two columns.
    pub(crate) table: [u64; 4],
    /// Where more is drawn from.
    #[allow(dead_code, reason = "only some of the comparisons need more")]
    pub(crate) random: SplitMix64,
}

impl Case {
    pub(crate) fn number(case: u64) -> Case {
        let mut random = SplitMix64(case);
        let (n1, n2, kind) = (2 + random.next_u64() % 28, 2 + random.next_u64() % 28, random.next_u64() % 4);
        let shift = uniform(&mut random);
        let a: Vec<f64> = (0..n1).map(|_| value(kind, uniform(&mut random))).collect();
        let by = if kind == 1 { 0.0 } else { shift };
        let b: Vec<f64> = (0..n2).map(|_| value(kind, uniform(&mut random)) + by).collect();
        let d = a.iter().zip(&b).map(|(a, b)| a - b).collect();
        let p = (0..=n1).map(|_| uniform(&mut random)).map(|u| u * u).collect();
        let u = [uniform(&mut random), uniform(&mut random), uniform(&mut random)];
        let margin = 0.1 + uniform(&mut random);
        let table = [(); 4].map(|()| (uniform(&mut random) * 60.0) as u64);
        Case { a, b, d, p, u, margin, table, random }
    }

    /// Degrees of freedom: from 1 to 61, and from 1 to 201.
    pub(crate) fn df(&self) -> (f64, f64) {
        (1.0 + 60.0 * self.u[0], 1.0 + 200.0 * self.u[1])
    }

    /// Hits among up to 400 trials.
    pub(crate) fn hits(&self) -> (u64, u64) {
        let trials = 1 + (self.u[0] * 400.0) as u64;
        ((self.u[2] * trials as f64) as u64, trials)
    }
}

/// Even, quantised, skewed, or far from zero.
fn value(kind: u64, u: f64) -> f64 {
    match kind {
        0 => u,
        1 => (u * 6.0).floor(),
        2 => 1.0 / (u + 0.05),
        _ => 1000.0 + u,
    }
}

/// The next number in [0, 1).
pub(crate) fn uniform(random: &mut SplitMix64) -> f64 {
    (random.next_u64() >> 11) as f64 / (1u64 << 53) as f64
}
