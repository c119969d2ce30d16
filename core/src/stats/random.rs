//! Random numbers that are the same everywhere and for ever: seeded by the data, one stream for
//! each replicate, so that no order of work changes an answer.

/// Replicates of a bootstrap or a sampled permutation test, unless somebody asks for another number.
pub const REPLICATES: u64 = 9_999;

/// Steps of Vigna's SplitMix64.
const GOLDEN: u64 = 0x9E37_79B9_7F4A_7C15;

/// The 64-bit FNV-1a hash.
#[must_use]
pub fn fnv1a(bytes: impl IntoIterator<Item = u8>) -> u64 {
    bytes.into_iter().fold(0xCBF2_9CE4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01B3))
}

/// The seed of a method on some values: the hash of the values, in an order that the caller made
/// independent of how they were given, of the method's name and of the user's seed.
#[must_use]
pub fn seed(values: impl IntoIterator<Item = f64>, method: &str, user: u64) -> u64 {
    // Adding 0 turns −0 into 0: both are the same value.
    let values = values.into_iter().flat_map(|v| (v + 0.0).to_bits().to_le_bytes());
    fnv1a(values.chain(method.bytes()).chain(user.to_le_bytes()))
}

/// SplitMix64: spreads one number over the state of a generator.
#[derive(Clone, Debug)]
pub struct SplitMix64(pub u64);

impl SplitMix64 {
    /// The next number.
    pub fn next_u64(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(GOLDEN);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        z ^ (z >> 31)
    }
}

/// xoshiro256++ (Blackman and Vigna 2019).
#[derive(Clone, Debug)]
pub struct Random {
    state: [u64; 4],
}

impl Random {
    /// A generator whose state SplitMix64 fills.
    #[must_use]
    pub fn new(seed: u64) -> Random {
        let mut mix = SplitMix64(seed);
        Random { state: [mix.next_u64(), mix.next_u64(), mix.next_u64(), mix.next_u64()] }
    }

    /// The stream of replicate `index`: that output of SplitMix64 seeds it.
    #[must_use]
    pub fn stream(seed: u64, index: u64) -> Random {
        Random::new(SplitMix64(seed.wrapping_add(GOLDEN.wrapping_mul(index))).next_u64())
    }

    /// The next 64 bits.
    pub fn next_u64(&mut self) -> u64 {
        let [a, b, c, d] = self.state;
        let out = a.wrapping_add(d).rotate_left(23).wrapping_add(a);
        let (c, d) = (c ^ a, d ^ b);
        self.state = [a ^ d, b ^ c, c ^ (b << 17), d.rotate_left(45)];
        out
    }

    /// A number below `bound`, each equally likely (Lemire 2019); 0 for a bound of 0.
    pub fn below(&mut self, bound: u32) -> u32 {
        let mut product = (self.next_u64() >> 32) * u64::from(bound);
        if (product as u32) < bound {
            let least = bound.wrapping_neg().checked_rem(bound).unwrap_or(0);
            while (product as u32) < least {
                product = (self.next_u64() >> 32) * u64::from(bound);
            }
        }
        (product >> 32) as u32
    }

    /// One of the items, each equally likely; `None` of none, or of more than 2³² − 1.
    pub fn pick<'a, T>(&mut self, items: &'a [T]) -> Option<&'a T> {
        let n = u32::try_from(items.len()).ok()?;
        items.get(self.below(n) as usize)
    }

    /// Puts items into random order, each equally likely (Fisher and Yates); of more than 2³² − 1
    /// only the first.
    pub fn shuffle<T>(&mut self, items: &mut [T]) {
        let n = u32::try_from(items.len()).unwrap_or(u32::MAX);
        for last in (1..n).rev() {
            items.swap(last as usize, self.below(last + 1) as usize);
        }
    }

    /// A number in [0, 1) with 53 random bits.
    pub fn uniform(&mut self) -> f64 {
        (self.next_u64() >> 11) as f64 / (1u64 << 53) as f64
    }

    /// A number in (0, 1): the middles of the steps of [`uniform`](Random::uniform).
    pub(crate) fn open_uniform(&mut self) -> f64 {
        self.uniform() + 0.5 / (1u64 << 53) as f64
    }

    /// A standard normal number (Box and Muller 1958).
    pub(crate) fn normal(&mut self) -> f64 {
        use crate::stats::math::{cos, ln, sqrt};
        let radius = sqrt(-2.0 * ln(self.open_uniform()));
        radius * cos(core::f64::consts::TAU * self.open_uniform())
    }
}

/// What tests draw.
#[cfg(test)]
impl Random {
    /// `n` values, each `rho` times the one before plus a normal number.
    pub(crate) fn autoregressive(&mut self, n: usize, rho: f64) -> alloc::vec::Vec<f64> {
        let mut state = 0.0;
        let next = |_| {
            state = rho * state + self.normal();
            state
        };
        (0..n).map(next).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::{Random, SplitMix64, fnv1a, seed};

    #[test]
    fn published_vectors_of_fnv() {
        assert_eq!(fnv1a(*b""), 0xCBF2_9CE4_8422_2325);
        assert_eq!(fnv1a(*b"a"), 0xAF63_DC4C_8601_EC8C);
        assert_eq!(fnv1a(*b"foobar"), 0x8594_4171_F739_67E8);
    }

    #[test]
    fn published_vectors_of_the_generators() {
        let mut mix = SplitMix64(1_234_567);
        let expected = [6_457_827_717_110_365_317, 3_203_168_211_198_807_973, 9_817_491_932_198_370_423];
        assert_eq!([mix.next_u64(), mix.next_u64(), mix.next_u64()], expected);
        let mut random = Random { state: [1, 2, 3, 4] };
        for expected in
            [41_943_041, 58_720_359, 3_588_806_011_781_223, 3_591_011_842_654_386, 9_228_616_714_210_784_205]
        {
            assert_eq!(random.next_u64(), expected);
        }
    }

    #[test]
    fn our_own_vectors_never_change() {
        assert_eq!(seed([1.0, -0.0], "bca", 0), seed([1.0, 0.0], "bca", 0));
        assert_ne!(seed([1.0, 2.0], "bca", 0), seed([1.0, 2.0], "bca", 1));
        let mut random = Random::stream(seed([1.0, 2.0, 3.0], "bca", 0), 7);
        let got: [u32; 8] = core::array::from_fn(|_| random.below(10));
        assert_eq!(got, [8, 7, 6, 5, 6, 8, 1, 1]);
        assert_eq!(random.below(0), 0);
        assert_eq!(random.pick::<u8>(&[]), None);
    }

    #[test]
    fn all_orders_are_equally_likely() {
        let mut random = Random::new(4);
        let mut counts = alloc::collections::BTreeMap::new();
        for _ in 0..24_000 {
            let mut items = [0, 1, 2, 3];
            random.shuffle(&mut items);
            *counts.entry(items).or_insert(0u32) += 1;
        }
        assert_eq!(counts.len(), 24);
        // χ² with 23 degrees of freedom stays below 49.7 in 99.9 % of cases.
        let chi2: f64 = counts.values().map(|c| (f64::from(*c) - 1000.0).powi(2) / 1000.0).sum();
        assert!(chi2 < 49.7, "{counts:?}");
        random.shuffle::<u8>(&mut []);
    }

    #[test]
    fn bounded_numbers_are_even() {
        let mut random = Random::new(3);
        let mut counts = [0u32; 7];
        for _ in 0..70_000 {
            counts[random.below(7) as usize] += 1;
        }
        // χ² with 6 degrees of freedom stays below 22.5 in 99.9 % of cases.
        let chi2: f64 = counts.iter().map(|c| (f64::from(*c) - 10_000.0).powi(2) / 10_000.0).sum();
        assert!(chi2 < 22.5, "{counts:?}");
    }
}
