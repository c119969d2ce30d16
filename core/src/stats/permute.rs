//! A seeded generator for permutations. Private: to be joined with `stats::random` once that exists.

/// xoshiro256++ (Blackman and Vigna 2019), seeded by SplitMix64.
pub(crate) struct Random([u64; 4]);

impl Random {
    /// The stream of a method on these values: the seed is the 64-bit FNV-1a hash of the values'
    /// bits, the method's id and the user's seed.
    pub(crate) fn of(values: &[f64], method: &str, seed: u64) -> Random {
        let bytes = values.iter().flat_map(|v| v.to_bits().to_le_bytes());
        let hash = bytes
            .chain(method.bytes())
            .chain(seed.to_le_bytes())
            .fold(0xcbf2_9ce4_8422_2325u64, |h, b| (h ^ u64::from(b)).wrapping_mul(0x0100_0000_01b3));
        let mut state = hash;
        Random(core::array::from_fn(|_| {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        }))
    }

    /// The next 64 bits.
    pub(crate) fn next(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let out = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    /// A whole number below `bound` without bias (Lemire 2019); 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        let reject_under = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
        loop {
            let wide = u128::from(self.next()) * u128::from(bound);
            if wide as u64 >= reject_under {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Puts values into random order.
    pub(crate) fn shuffle<T>(&mut self, values: &mut [T]) {
        for i in (1..values.len()).rev() {
            values.swap(i, self.below(i as u64 + 1) as usize);
        }
    }
}

#[cfg(test)]
impl Random {
    /// A number in (0, 1).
    pub(crate) fn unit(&mut self) -> f64 {
        ((self.next() >> 11) as f64 + 0.5) / (1u64 << 53) as f64
    }

    /// A normal number.
    pub(crate) fn normal(&mut self) -> f64 {
        let radius = crate::stats::math::sqrt(-2.0 * crate::stats::math::ln(self.unit()));
        radius * crate::stats::math::cos(core::f64::consts::TAU * self.unit())
    }
}

#[cfg(test)]
mod tests {
    use super::Random;

    #[test]
    fn streams_are_fixed_and_even() {
        // The published first outputs for the state {1, 2, 3, 4}.
        let mut r = Random([1, 2, 3, 4]);
        assert_eq!([r.next(), r.next(), r.next()], [41_943_041, 58_720_359, 3_588_806_011_781_223]);
        let mut counts = [0u32; 6];
        let mut r = Random::of(&[1.0], "test", 0);
        for _ in 0..6000 {
            counts[r.below(6) as usize] += 1;
        }
        assert!(counts.iter().all(|c| (900..1100).contains(c)), "{counts:?}");
        assert_eq!(r.below(0), 0);
        assert_ne!(Random::of(&[1.0], "test", 0).next(), Random::of(&[1.0], "test", 1).next());
    }
}
