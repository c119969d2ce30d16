//! Random numbers, the same on every machine: only integers, `ln` and `sqrt` of the engine.

use noisefloor_core::stats::math::{ln, sqrt};

/// xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64.
pub(crate) struct Random {
    state: [u64; 4],
    spare: Option<f64>,
}

impl Random {
    /// The generator of one trial: `place` says of what (scenario, trial number …).
    pub(crate) fn of(seed: u64, place: &[u64]) -> Random {
        let mut mixed = seed;
        for part in place {
            mixed = split_mix(&mut mixed) ^ part.wrapping_mul(0x9e37_79b9_7f4a_7c15);
        }
        let state = std::array::from_fn(|_| split_mix(&mut mixed));
        Random { state, spare: None }
    }

    fn next(&mut self) -> u64 {
        let s = &mut self.state;
        let out = s[0].wrapping_add(s[3]).rotate_left(23).wrapping_add(s[0]);
        let shifted = s[1] << 17;
        s[2] ^= s[0];
        s[3] ^= s[1];
        s[1] ^= s[2];
        s[0] ^= s[3];
        s[2] ^= shifted;
        s[3] = s[3].rotate_left(45);
        out
    }

    /// Even in (0, 1): never 0, so that its logarithm exists.
    pub(crate) fn uniform(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// One of 0 to `count` − 1. The product's bias is far below what any number of trials shows.
    pub(crate) fn below(&mut self, count: usize) -> usize {
        ((u128::from(self.next()) * count as u128) >> 64) as usize
    }

    /// True with a chance of `share`.
    pub(crate) fn chance(&mut self, share: f64) -> bool {
        self.uniform() < share
    }

    /// Standard normal, by Marsaglia's polar method.
    pub(crate) fn normal(&mut self) -> f64 {
        if let Some(spare) = self.spare.take() {
            return spare;
        }
        loop {
            let (x, y) = (2.0 * self.uniform() - 1.0, 2.0 * self.uniform() - 1.0);
            let square = x * x + y * y;
            if square < 1.0 {
                let factor = sqrt(-2.0 * ln(square) / square);
                self.spare = Some(y * factor);
                return x * factor;
            }
        }
    }

    /// Exponential with mean 1.
    pub(crate) fn exponential(&mut self) -> f64 {
        -ln(self.uniform())
    }
}

fn split_mix(state: &mut u64) -> u64 {
    *state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
    let mut z = *state;
    z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    z ^ (z >> 31)
}
