//! Brunner and Munzel's test for pairs: whether one side tends to larger values, where each value of
//! one side belongs to a value of the other (Munzel and Brunner 2002).

use alloc::vec;
use alloc::vec::Vec;

use crate::report::Method;
use crate::sort::{sort_by, sort_values};
use crate::stats::bootstrap::Resampling;
use crate::stats::brunner_munzel::{BrunnerMunzel, probit_interval};
use crate::stats::distribution::{t_quantile, t_two_sided};
use crate::stats::estimable::{NotEstimable, check};
use crate::stats::math::sqrt;
use crate::stats::random::{Random, seed};
use crate::stats::rank::sorted;

/// Fewer pairs have no test: of two no way to swap is rare.
const FEWEST: usize = 3;
/// Pairs up to which all ways to swap are made: 32 768, for half of them mirror the others.
const ENUMERATE: usize = 16;
/// Pairs up to which ways to swap are drawn. Student's t, used beyond, rejects too rarely where pairs share most
/// of their noise, the more so the fewer they are.
const SAMPLED: usize = 60;
/// Ways to swap whose W is kept for the interval: all of them, or the first ones drawn.
const KEPT: usize = 1 << (ENUMERATE - 1);
/// Pairs swapped by all draws together that are not exceeded, but by 999 draws.
const STEPS: u64 = 200_000_000;

/// Brunner and Munzel's test of A = ½ for pairs (`a`\[i\], `b`\[i\]) with A's interval at `confidence`.
///
/// A = P(b > a) + ½ P(b = a) for values of *any* two pairs, by midranks; W = (A − ½)/se with the variance of
/// what the placements of a pair differ by, and n − 1 degrees of freedom. Its p is the share of all ways to swap
/// inside pairs with at least this |W| (Konietschke and Pauly 2012), from 17 pairs on of as many seeded ones as
/// `by` says with p = (1 + hits)/(1 + drawn), and from 61 on that of Student's t. The interval is one on the
/// probit scale, like that of sides without pairs: Student's quantile times se. Of few pairs that share most of
/// their noise W spreads less than t says, so up to 60 pairs the quantile is drawn towards the |W| that swapping
/// exceeds as rarely as the interval may miss, where that is smaller: all the way at A = ½, where swapping is
/// exact, and by 4A(1 − A) of it elsewhere. Near ½ the interval thus leaves ½ out where p says so.
///
/// Where W is not finite (sides that do not overlap, or differ by one rank everywhere) there is neither a
/// statistic nor an interval, and p is that of swapping, 2/2ⁿ for sides that do not overlap. Sides that are
/// equal in every pair are `identical`, with p = 1.
///
/// # Errors
/// Sides of unlike length, fewer than three pairs, and values that are not finite.
pub fn brunner_munzel_pairs(a: &[f64], b: &[f64], by: Resampling) -> Result<BrunnerMunzel, NotEstimable> {
    if a.len() != b.len() {
        return Err(NotEstimable::Unequal);
    }
    check(a, FEWEST)?;
    let pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    let pooled = sorted(&pooled).ok_or(NotEstimable::BadValue)?;
    let mut placed = Placed::new(a, b, &pooled);
    let n = a.len() as f64;
    let mut differences: Vec<i64> = Vec::with_capacity(a.len());
    placed.each(0, &mut |d| differences.push(d));
    let total: i64 = differences.iter().sum();
    // Whole numbers up to here: sides exchanged give the same bits.
    let shift = 0.0 - total as f64 / (4.0 * n * n);
    let effect = 0.5 + shift;
    let mut out = BrunnerMunzel {
        method: Method::BrunnerMunzelPairsPermutation,
        statistic: None,
        df: None,
        p: 1.0,
        a: effect,
        delta: 2.0 * shift,
        interval: None,
        n: a.len() as u64,
        permutations: 0,
        sampled: false,
        identical: a == b,
    };
    if out.identical {
        return Ok(out);
    }
    // The variance of A, and Student's quantile.
    let mut spread = None;
    if differences.windows(2).any(|w| w[0] != w[1]) {
        let mean = total as f64 / n;
        let squares: f64 = differences.iter().map(|d| (*d as f64 - mean) * (*d as f64 - mean)).sum();
        // Placements are counted in halves, of n values.
        let variance = squares / (n - 1.0) / (4.0 * n * n) / n;
        let (w, df) = (shift / sqrt(variance), n - 1.0);
        (out.statistic, out.df) = (Some(w), Some(df));
        spread = Some((variance, t_quantile(0.5 + by.confidence / 2.0, out.df)));
        if a.len() > SAMPLED {
            out.interval = spread.and_then(|(variance, t)| probit_interval(effect, variance, t, by.confidence));
            out.method = Method::BrunnerMunzelPairs;
            out.p = t_two_sided(w, out.df);
            return Ok(out);
        }
    } else if effect == 0.0 || effect == 1.0 {
        // Swapping all pairs or none is all that keeps the sides apart.
        out.p = (0..a.len()).fold(2.0, |p: f64, _| p / 2.0).max(f64::MIN_POSITIVE);
        return Ok(out);
    }
    let seed = seed(pooled, "brunner_munzel_pairs", by.seed);
    let drawn = by.replicates.min((STEPS / a.len() as u64).max(999));
    out.sampled = a.len() > ENUMERATE;
    let swapped = placed.permute(if out.sampled { Some((seed, drawn)) } else { None }, 1.0 - by.confidence);
    (out.p, out.permutations) = (swapped.p, swapped.made);
    out.interval = spread.and_then(|(variance, t)| {
        let reach = t - 4.0 * effect * (1.0 - effect) * (t - swapped.exceeded.min(t));
        probit_interval(effect, variance, reach, by.confidence)
    });
    Ok(out)
}

/// What swapping inside pairs gives.
struct Swapped {
    /// The share of ways with at least the |W| seen.
    p: f64,
    /// How many ways there were.
    made: u64,
    /// The largest |W| that more than the share α of all ways reach; infinite where that is none's.
    exceeded: f64,
}

/// The values of pairs by their places among all distinct ones.
struct Placed {
    /// The places of both values of each pair.
    pairs: Vec<(usize, usize)>,
    /// How many values there are of each distinct one.
    sizes: Vec<i64>,
    /// Halves of values below each on both sides, those in the same place counting once.
    whole: Vec<i64>,
    /// How many of each are on the first side, then the placement of such a value.
    first: Vec<i64>,
}

impl Placed {
    fn new(a: &[f64], b: &[f64], pooled: &[f64]) -> Placed {
        let mut distinct = pooled.to_vec();
        distinct.dedup();
        // −0 is 0 among the pooled values, and compares equal to it.
        let place = |v: &f64| distinct.partition_point(|d| d < v);
        let pairs = a.iter().map(place).zip(b.iter().map(place)).collect();
        let sizes: Vec<i64> = pooled.chunk_by(|x, y| x == y).map(|group| group.len() as i64).collect();
        let mut below = 0;
        let mut whole = |size: &i64| {
            below += size;
            2 * below - size
        };
        Placed { pairs, whole: sizes.iter().map(&mut whole).collect(), first: vec![0; sizes.len()], sizes }
    }

    /// Gives for each pair, swapped where its bit says so (of more than 64 pairs some share one), by how much the
    /// placement of its first value among the second side exceeds that of its second among the first side. A placement
    /// is how many values lie below, ties counting half; all is counted in halves.
    fn each(&mut self, swapped: u64, with: &mut dyn FnMut(i64)) {
        self.first.fill(0);
        let sides = |(i, pair): (usize, &(usize, usize))| {
            if swapped >> (i % 64) & 1 == 1 { (pair.1, pair.0) } else { *pair }
        };
        for pair in self.pairs.iter().enumerate() {
            self.first[sides(pair).0] += 1;
        }
        // What a value has below it on both sides is the same however pairs are swapped, so the placement of a
        // first value tells that of a second one in the same place: `whole` less it.
        let mut below = 0;
        for (first, size) in self.first.iter_mut().zip(&self.sizes) {
            let second = *size - *first;
            *first = 2 * below + second;
            below += second;
        }
        for pair in self.pairs.iter().enumerate() {
            let (x, y) = sides(pair);
            with(self.first[x] + self.first[y] - self.whole[y]);
        }
    }

    /// All ways to swap inside pairs, or as many seeded ones.
    fn permute(&mut self, drawn: Option<(u64, u64)>, alpha: f64) -> Swapped {
        let seen = self.size(0);
        // Neither the order of pairs nor the direction matters.
        for pair in &mut self.pairs {
            *pair = (pair.0.min(pair.1), pair.0.max(pair.1));
        }
        sort_by(&mut self.pairs, &mut |a, b| a.cmp(b));
        // Swapping the others mirrors W, so the last pair may stay as it is.
        let made = drawn.map_or_else(|| 1 << (self.pairs.len() - 1), |(_, drawn)| drawn);
        let mut hits = 0u64;
        let mut sizes = Vec::with_capacity(KEPT.min(made as usize));
        for way in 0..made {
            let size = self.size(drawn.map_or(way, |(seed, _)| Random::stream(seed, way).next_u64()));
            hits += u64::from(size >= seen);
            if sizes.len() < KEPT {
                sizes.push(size);
            }
        }
        // The pairs as they are count among drawn ones.
        let own = usize::from(drawn.is_some());
        let rare = alpha * (own + sizes.len()) as f64;
        sort_values(&mut sizes);
        let share =
            sizes.iter().rev().nth((rare as usize).wrapping_sub(own)).map(|size| size / self.pairs.len() as f64);
        // (ΣD)²/(nΣD²) tells W², that of halves.
        let squared = |share: f64| (self.pairs.len() as f64 - 1.0) * share / (1.0 - share) / 4.0;
        Swapped {
            p: (own as f64 + hits as f64) / (own as f64 + made as f64),
            made,
            exceeded: share.map_or(f64::INFINITY, |share| sqrt(squared(share))),
        }
    }

    /// What rises with |W|: (ΣD)²/ΣD² of the differences D; 0 where they add up to 0.
    fn size(&mut self, swapped: u64) -> f64 {
        let (mut total, mut squares) = (0i64, 0i64);
        self.each(swapped, &mut |d| {
            total += d;
            squares += d * d;
        });
        if total == 0 { 0.0 } else { (total as f64) * (total as f64) / squares as f64 }
    }
}
