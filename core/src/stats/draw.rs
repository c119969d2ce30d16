//! A small seeded generator for resampling and permutations.
//!
//! xoshiro256++ (Blackman and Vigna, 2021), seeded by SplitMix64; one stream per replicate, so that
//! any chunking gives the same answer. To be replaced by the general generator of the statistics
//! as soon as there is one in `stats::random`.

/// The state of one stream.
#[derive(Clone, Debug)]
pub(crate) struct Stream([u64; 4]);

impl Stream {
    /// The stream of one replicate under a seed.
    pub(crate) fn new(seed: u64, replicate: u64) -> Stream {
        let mut state = seed ^ replicate.wrapping_mul(0xd6e8_feb8_6659_fd93);
        let mut next = || {
            state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
            let z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
            let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
            z ^ (z >> 31)
        };
        Stream([next(), next(), next(), next()])
    }

    /// The next 64 bits.
    pub(crate) fn bits(&mut self) -> u64 {
        let [a, b, c, d] = self.0;
        let out = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.0 = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    /// A whole number below `bound`, unbiased (Lemire, 2019); 0 for a bound of 0.
    pub(crate) fn below(&mut self, bound: u64) -> u64 {
        if bound == 0 {
            return 0;
        }
        let threshold = bound.wrapping_neg() % bound;
        loop {
            let wide = u128::from(self.bits()) * u128::from(bound);
            if (wide as u64) >= threshold {
                return (wide >> 64) as u64;
            }
        }
    }

    /// Shuffles in place (Fisher and Yates).
    pub(crate) fn shuffle<T>(&mut self, items: &mut [T]) {
        for last in (1..items.len()).rev() {
            items.swap(last, self.below(last as u64 + 1) as usize);
        }
    }

    /// A place in a list of `len` items; 0 for an empty one.
    pub(crate) fn place(&mut self, len: usize) -> usize {
        self.below(len as u64) as usize
    }
}

#[cfg(test)]
mod tests {
    use super::Stream;

    #[test]
    fn the_published_first_outputs_follow_from_the_state() {
        // Blackman and Vigna's reference program, state {1, 2, 3, 4}.
        let mut stream = Stream([1, 2, 3, 4]);
        let got = [stream.bits(), stream.bits(), stream.bits(), stream.bits()];
        assert_eq!(got, [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386]);
    }

    #[test]
    fn numbers_below_a_bound_are_even_and_streams_differ() {
        let mut counts = [0u32; 6];
        let mut stream = Stream::new(0, 0);
        for _ in 0..60_000 {
            counts[stream.below(6) as usize] += 1;
        }
        assert!(counts.iter().all(|c| (9_600..10_400).contains(c)), "{counts:?}");
        assert_ne!(Stream::new(0, 0).bits(), Stream::new(0, 1).bits());
        assert_eq!(stream.below(0), 0);
    }
}
