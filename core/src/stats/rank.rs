//! Rank tests: Mann and Whitney's for two samples, Wilcoxon's for pairs. Exact and conditional on
//! the ties wherever that is affordable, else normal with the corrections for ties and continuity.

use alloc::vec::Vec;

use crate::report::{Method, Test};
use crate::stats::math::sqrt;
use crate::stats::null::{Approximation, STEPS, drawn_sums, signed_sums, untied_u};
use crate::stats::order;

/// p-values of one statistic, each in (0, 1].
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Tails {
    /// P(statistic ≤ seen).
    pub less: f64,
    /// P(statistic ≥ seen).
    pub greater: f64,
    /// P(|statistic − center| ≥ |seen − center|), with the center of the null distribution.
    pub two_sided: f64,
}

impl Tails {
    pub(crate) fn new(less: f64, greater: f64, two_sided: f64) -> Tails {
        let p = |p: f64| p.clamp(f64::MIN_POSITIVE, 1.0);
        Tails { less: p(less), greater: p(greater), two_sided: p(two_sided) }
    }
}

/// A rank or permutation test with its one-sided p-values.
#[derive(Clone, Debug, PartialEq)]
pub struct RankTest {
    /// How the p-values were found.
    pub method: Method,
    /// The statistic: U of the first sample, or the sum of positive ranks.
    pub statistic: f64,
    /// Values that took part: both samples, or the differences other than 0.
    pub n: u64,
    /// The p-values.
    pub p: Tails,
    /// All values are equal: nothing to test, p is 1.
    pub identical: bool,
}

impl RankTest {
    /// The two-sided test as the report holds it.
    #[must_use]
    pub fn test(&self) -> Test {
        Test { method: self.method, statistic: self.statistic, df: None, p: self.p.two_sided }
    }
}

/// One distinct value: how often it occurs in each sample.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Group {
    pub(crate) a: u64,
    pub(crate) b: u64,
}

/// The distinct values of two samples in rising order; `None` for an empty sample or a value that
/// is not finite. Everything about ranks follows from this, in O(n log n).
pub(crate) fn groups(a: &[f64], b: &[f64]) -> Option<Vec<Group>> {
    let (a, b) = (sorted(a)?, sorted(b)?);
    let (mut i, mut j) = (0, 0);
    let mut out = Vec::new();
    loop {
        let value = match (a.get(i), b.get(j)) {
            (Some(x), Some(y)) => x.min(*y),
            (Some(x), None) => *x,
            (None, Some(y)) => *y,
            (None, None) => return Some(out),
        };
        let (from_a, from_b) = (i, j);
        while a.get(i).is_some_and(|x| *x == value) {
            i += 1;
        }
        while b.get(j).is_some_and(|y| *y == value) {
            j += 1;
        }
        out.push(Group { a: (i - from_a) as u64, b: (j - from_b) as u64 });
    }
}

/// A sorted copy with −0 as 0; `None` without values or with one that is not finite.
pub(crate) fn sorted(values: &[f64]) -> Option<Vec<f64>> {
    if values.is_empty() || values.iter().any(|v| !v.is_finite()) {
        return None;
    }
    Some(order::sorted(values.iter().map(|v| v + 0.0).collect()))
}

/// Doubled midranks of the distinct values, each with how many values share it.
fn doubled_ranks(sizes: impl Iterator<Item = u64>) -> Vec<(u64, u64)> {
    let mut before = 0u64;
    sizes
        .map(|size| {
            let rank = 2 * before + size + 1;
            before += size;
            (rank, size)
        })
        .collect()
}

/// Ranks counted from 1, equal values sharing the mean of theirs, and the sizes of the groups of
/// equal values (1 for a value on its own) in rising order.
pub(crate) fn midranks(values: &[f64]) -> (Vec<f64>, Vec<u64>) {
    let sorted = order::sorted(values.to_vec());
    let sizes: Vec<u64> = sorted.chunk_by(|a, b| a == b).map(|g| g.len() as u64).collect();
    // By halving in the sorted values: less work than sorting pairs, whose routine would be one more.
    let rank = |v: &f64| {
        let (below, upto) = (sorted.partition_point(|s| s < v), sorted.partition_point(|s| s <= v));
        (below + upto + 1) as f64 / 2.0
    };
    (values.iter().map(rank).collect(), sizes)
}

/// What the samples say, whatever the null distribution.
struct Seen {
    ranks: Vec<(u64, u64)>,
    doubled_sum: u64,
    n1: u64,
    n2: u64,
}

impl Seen {
    fn new(a: &[f64], b: &[f64]) -> Option<Seen> {
        let groups = groups(a, b)?;
        let ranks = doubled_ranks(groups.iter().map(|g| g.a + g.b));
        let doubled_sum = ranks.iter().zip(&groups).map(|((rank, _), g)| rank * g.a).sum();
        Some(Seen { ranks, doubled_sum, n1: a.len() as u64, n2: b.len() as u64 })
    }

    fn n(&self) -> u64 {
        self.n1 + self.n2
    }

    fn u(&self) -> f64 {
        self.doubled_sum as f64 / 2.0 - self.n1 as f64 * (self.n1 as f64 + 1.0) / 2.0
    }

    fn tied(&self) -> bool {
        (self.ranks.len() as u64) < self.n()
    }

    fn test(&self, method: Method, p: Tails) -> RankTest {
        RankTest { method, statistic: self.u(), n: self.n(), p, identical: self.ranks.len() == 1 }
    }
}

/// Mann and Whitney's U of `a`: pairs in which `a` is larger, ties counting half.
///
/// Up to 5·10⁷ steps (50 values a side) the null distribution is exact given the ties; without ties
/// it is exact up to 400 values in all. Beyond it is normal, corrected for ties and continuity, and
/// by Edgeworth's expansion without ties. The two-sided p is P(|U − n₁n₂/2| ≥ |u − n₁n₂/2|). All
/// values equal: `identical` and p = 1. `None` for an empty sample or values that are not finite.
#[must_use]
pub fn mann_whitney_test(a: &[f64], b: &[f64]) -> Option<RankTest> {
    let seen = Seen::new(a, b)?;
    if seen.ranks.len() == 1 {
        return Some(seen.test(Method::MannWhitneyExact, Tails::new(1.0, 1.0, 1.0)));
    }
    if !seen.tied()
        && let Some(chance) = untied_u(seen.n1, seen.n2)
    {
        return Some(seen.test(Method::MannWhitneyExact, symmetric(&chance, seen.u() as usize)));
    }
    if let Some(tails) = conditional(&seen) {
        return Some(seen.test(Method::MannWhitneyExact, tails));
    }
    if seen.tied() {
        return Some(normal(&seen));
    }
    let near = Approximation::untied_u(seen.n1, seen.n2);
    let p = corrected(&near, seen.u() - seen.n1 as f64 * seen.n2 as f64 / 2.0);
    Some(seen.test(Method::MannWhitneyEdgeworth, p))
}

/// The same by the normal distribution with the corrections for ties and continuity, at any size:
/// what other tools print above their exact range.
#[must_use]
pub fn mann_whitney_normal(a: &[f64], b: &[f64]) -> Option<RankTest> {
    Some(normal(&Seen::new(a, b)?))
}

fn normal(seen: &Seen) -> RankTest {
    let (n1, n2, n) = (seen.n1 as f64, seen.n2 as f64, seen.n() as f64);
    let ties: f64 = seen.ranks.iter().map(|(_, size)| cube_less(*size)).sum();
    let sd = sqrt(n1 * n2 / 12.0 * (n + 1.0 - ties / (n * (n - 1.0))).max(0.0));
    let p = if seen.ranks.len() == 1 {
        Tails::new(1.0, 1.0, 1.0)
    } else {
        corrected(&Approximation::normal(sd), seen.u() - n1 * n2 / 2.0)
    };
    seen.test(Method::MannWhitneyNormal, p)
}

/// t³ − t, as a number that cannot overflow.
fn cube_less(size: u64) -> f64 {
    let t = size as f64;
    t * t * t - t
}

/// p-values at a distance from the center, with the continuity correction of ½.
fn corrected(near: &Approximation, distance: f64) -> Tails {
    let two = 2.0 * near.upper(distance.abs() - 0.5);
    Tails::new(near.upper(-distance - 0.5), near.upper(distance - 0.5), two)
}

/// p-values of a whole number under a symmetric distribution of whole numbers.
fn symmetric(chance: &[f64], seen: usize) -> Tails {
    let up_to = |k: usize| chance.iter().take(k + 1).sum::<f64>();
    let mirrored = (chance.len() - 1).saturating_sub(seen);
    let (less, greater) = (up_to(seen), up_to(mirrored));
    Tails::new(less, greater, 2.0 * less.min(greater))
}

/// The exact distribution given the ties, over all ways to say which values are `a`'s.
fn conditional(seen: &Seen) -> Option<Tails> {
    // The smaller sample is drawn; ranks start at 0 and in the largest steps that they allow.
    let (all, lowest) = (seen.n() * (seen.n() + 1), seen.ranks.first()?.0);
    let swapped = seen.n2 < seen.n1;
    let (size, sum) = if swapped { (seen.n2, all - seen.doubled_sum) } else { (seen.n1, seen.doubled_sum) };
    let step = seen.ranks.iter().fold(0u64, |g, (rank, _)| gcd(g, rank - lowest)).max(1);
    let scores: Vec<(u64, u64)> = seen.ranks.iter().map(|(rank, size)| ((rank - lowest) / step, *size)).collect();
    let ways = drawn_sums(&scores, size)?;
    let at = ((sum - size * lowest) / step) as i64;
    // Distances from the mean sum, times the number of values to stay whole.
    let (n, total) = (seen.n() as i64, scores.iter().map(|(s, count)| s * count).sum::<u64>() as i64);
    let distance = |s: i64| (n * s - size as i64 * total).abs();
    let (mut less, mut greater, mut both, mut every) = (0.0, 0.0, 0.0, 0.0);
    for (s, count) in ways.iter().enumerate() {
        let s = s as i64;
        every += count;
        less += if s <= at { *count } else { 0.0 };
        greater += if s >= at { *count } else { 0.0 };
        both += if distance(s) >= distance(at) { *count } else { 0.0 };
    }
    let (less, greater) = if swapped { (greater, less) } else { (less, greater) };
    Some(Tails::new(less / every, greater / every, both / every))
}

fn gcd(a: u64, b: u64) -> u64 {
    if b == 0 { a } else { gcd(b, a % b) }
}

/// Wilcoxon's signed ranks; zeros are dropped. The statistic is the sum of the ranks of positive
/// differences. Exact given the ties up to 5·10⁷ steps (368 differences with ties, 464 without), else normal with the
/// corrections for ties and continuity, by Edgeworth's expansion without ties. All zero:
/// `identical`, p = 1. `None` without differences or with values that are not finite.
#[must_use]
pub fn wilcoxon_test(differences: &[f64]) -> Option<RankTest> {
    if differences.is_empty() || differences.iter().any(|d| !d.is_finite()) {
        return None;
    }
    let of =
        |keep: fn(f64) -> bool| -> Vec<f64> { differences.iter().filter(|d| keep(**d)).map(|d| d.abs()).collect() };
    let (positive, negative) = (of(|d| d > 0.0), of(|d| d < 0.0));
    let n = (positive.len() + negative.len()) as u64;
    let sizes = match (positive.is_empty(), negative.is_empty()) {
        (true, true) => {
            let p = Tails::new(1.0, 1.0, 1.0);
            return Some(RankTest { method: Method::WilcoxonExact, statistic: 0.0, n: 0, p, identical: true });
        }
        (false, true) => groups(&positive, &positive)?.iter().map(|g| Group { a: g.a, b: 0 }).collect(),
        (true, false) => groups(&negative, &negative)?.iter().map(|g| Group { a: 0, b: g.b }).collect(),
        (false, false) => groups(&positive, &negative)?,
    };
    let ranks = doubled_ranks(sizes.iter().map(|g| g.a + g.b));
    let seen: u64 = ranks.iter().zip(&sizes).map(|((rank, _), g)| rank * g.a).sum();
    let tied = (ranks.len() as u64) < n;
    let out = |method, p| RankTest { method, statistic: seen as f64 / 2.0, n, p, identical: false };
    let step = if tied { 1u32 } else { 2 };
    let whole = n as f64 * (n as f64 + 1.0);
    if n as f64 * whole / f64::from(step) <= STEPS {
        let every: Vec<u64> = ranks
            .iter()
            .flat_map(|(rank, size)| core::iter::repeat_n(rank / u64::from(step), *size as usize))
            .collect();
        let chance = signed_sums(&every);
        return Some(out(Method::WilcoxonExact, symmetric(&chance, (seen / u64::from(step)) as usize)));
    }
    let ties: f64 = ranks.iter().map(|(_, size)| cube_less(*size)).sum();
    let (near, method) = if tied {
        (Approximation::normal(sqrt(whole * (2.0 * n as f64 + 1.0) / 24.0 - ties / 48.0)), Method::WilcoxonNormal)
    } else {
        (Approximation::untied_signed(n), Method::WilcoxonEdgeworth)
    };
    Some(out(method, corrected(&near, seen as f64 / 2.0 - whole / 4.0)))
}

#[cfg(test)]
mod tests {
    use alloc::vec;

    use super::midranks;

    #[test]
    fn ties_share_their_ranks() {
        assert_eq!(midranks(&[3.0, 1.0, 3.0, 2.0]), (vec![3.5, 1.0, 3.5, 2.0], vec![1, 1, 2]));
        assert_eq!(midranks(&[]), (vec![], vec![]));
        // Zeros of both signs are the same value.
        assert_eq!(midranks(&[0.0, -0.0]).0, vec![1.5, 1.5]);
    }
}
