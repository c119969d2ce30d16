//! Brunner and Munzel's test: whether one sample tends to larger values, whatever the shapes.

use alloc::vec;
use alloc::vec::Vec;

use crate::report::{Interval, Method, Test};
use crate::stats::bootstrap::Resampling;
use crate::stats::distribution::{normal_density, normal_lower, normal_quantile, t_quantile, t_two_sided};
use crate::stats::math::sqrt;
use crate::stats::random::{Random, seed};
use crate::stats::rank::{Group, groups, sorted};

/// Sample size below which the t approximation is replaced by permutations (Neubert and Brunner
/// 2007).
const FEW: u64 = 10;
/// Values on a side below which the interval of A takes Student's t as it is.
const FEW_ON_SIDE: u64 = 6;
/// Values looked at by all permutations together up to which every one is made.
const ENUMERATE: f64 = 2e6;
/// Values up to which permutations are sampled; more cannot be few on one side and matter.
const SAMPLED: u64 = 2_000;

/// The test and the effect sizes that belong to it.
#[derive(Clone, Debug, PartialEq)]
pub struct BrunnerMunzel {
    /// How the p-value was found.
    pub method: Method,
    /// W: positive when `b` tends to larger values; `None` where the spread is 0.
    pub statistic: Option<f64>,
    /// Degrees of freedom of the t approximation.
    pub df: Option<f64>,
    /// Two-sided p-value, in (0, 1].
    pub p: f64,
    /// A = P(b > a) + ½ P(b = a), Vargha and Delaney's effect size, in [0, 1].
    pub a: f64,
    /// Cliff's δ = 2A − 1.
    pub delta: f64,
    /// Interval of A on the probit scale; `None` when the samples do not overlap.
    pub interval: Option<Interval>,
    /// Values of both samples, or pairs.
    pub n: u64,
    /// Permutations behind p; 0 for the t approximation.
    pub permutations: u64,
    /// Whether those were drawn by chance; else they are all there are.
    pub sampled: bool,
    /// All values are equal.
    pub identical: bool,
}

impl BrunnerMunzel {
    /// The test as the report holds it; the statistic is A where W is not finite.
    #[must_use]
    pub fn test(&self) -> Test {
        Test { method: self.method, statistic: self.statistic.unwrap_or(self.a), df: self.df, p: self.p }
    }
}

/// p̂ − ½ with the variance of p̂ and its degrees of freedom.
#[derive(Clone, Copy)]
struct Placed {
    shift: f64,
    variance: f64,
    df: f64,
}

impl Placed {
    /// Placements: how many values of the other sample lie below, ties counting half.
    fn new(groups: &[Group], n1: f64, n2: f64) -> Placed {
        let each = |pick: fn(&Group) -> (u64, u64), with: &mut dyn FnMut(f64, f64)| {
            let mut below = 0u64;
            for group in groups {
                let (own, other) = pick(group);
                with((2 * below + other) as f64 / 2.0, own as f64);
                below += other;
            }
        };
        let moments = |pick: fn(&Group) -> (u64, u64), n: f64| {
            let (mut mean, mut squares) = (0.0, 0.0);
            // Halves add up without rounding: samples in balance give exactly ½.
            each(pick, &mut |place, count| mean += place * count);
            mean /= n;
            each(pick, &mut |place, count| squares += (place - mean) * (place - mean) * count);
            (mean, squares / (n - 1.0))
        };
        let (_, first) = moments(|g| (g.a, g.b), n1);
        let (mean, second) = moments(|g| (g.b, g.a), n2);
        let (x, y) = (n1 * first, n2 * second);
        let df = (x + y) * (x + y) / (x * x / (n1 - 1.0) + y * y / (n2 - 1.0));
        let product = n1 * n2;
        Placed { shift: mean / n1 - 0.5, variance: (x + y) / product / product, df }
    }

    /// W; infinite for samples that do not overlap.
    fn statistic(self) -> f64 {
        if self.shift == 0.0 { 0.0 } else { self.shift / sqrt(self.variance) }
    }
}

/// Brunner and Munzel's test of A = ½ with A's interval at `confidence`.
///
/// The t approximation from ten values a side; below, all permutations of the studentised statistic
/// or as many seeded ones as `by` says; its seed only matters for those. Samples that do not overlap at all
/// have p = 2/C(n, n₁), what a permutation gives without ties. `None` below two values a side or with
/// values that are not finite.
#[must_use]
pub fn brunner_munzel(a: &[f64], b: &[f64], by: Resampling) -> Option<BrunnerMunzel> {
    let Resampling { confidence, replicates, seed: user_seed } = by;
    if a.len() < 2 || b.len() < 2 {
        return None;
    }
    let groups = groups(a, b)?;
    let (n1, n2) = (a.len() as u64, b.len() as u64);
    let placed = Placed::new(&groups, n1 as f64, n2 as f64);
    let effect = placed.shift + 0.5;
    let identical = groups.len() == 1;
    let mut out = BrunnerMunzel {
        method: Method::BrunnerMunzelPermutation,
        statistic: None,
        df: None,
        p: 1.0,
        a: effect,
        delta: 2.0 * placed.shift,
        interval: None,
        n: n1 + n2,
        permutations: 0,
        sampled: false,
        identical,
    };
    if identical {
        return Some(out);
    }
    if placed.variance <= 0.0 {
        out.p = (2.0 / choose(n1 + n2, n1.min(n2))).clamp(f64::MIN_POSITIVE, 1.0);
        return Some(out);
    }
    let w = placed.statistic();
    out.statistic = Some(w);
    out.df = Some(placed.df);
    // On the probit scale, where values shifted against each other are normal and t with the degrees of freedom of
    // the variance would be too wide but for few values on a side (`cargo dev simulate`).
    let df = if n1.min(n2) < FEW_ON_SIDE { placed.df } else { 2.0 * placed.df };
    let reach = t_quantile(0.5 + confidence / 2.0, Some(df));
    out.interval = probit_interval(effect, placed.variance, reach, confidence);
    if n1.min(n2) < FEW && n1 + n2 <= SAMPLED {
        // Pooled values in rising order: the same whichever sample is called first.
        let pooled = sorted(&a.iter().chain(b).copied().collect::<Vec<f64>>())?;
        let seed = seed(pooled, "brunner_munzel", user_seed);
        let size = n1.min(n2);
        out.sampled = choose(n1 + n2, size) * (n1 + n2) as f64 > ENUMERATE;
        (out.p, out.permutations) =
            permute(&groups, size, w, if out.sampled { Some((seed, replicates)) } else { None });
        return Some(out);
    }
    out.method = Method::BrunnerMunzel;
    out.p = t_two_sided(w, Some(placed.df));
    Some(out)
}

/// The chance A that a value of `b` is larger than one of `a`, ties half; `None` where a sample is empty or has values
/// that are not finite.
pub(crate) fn superiority(a: &[f64], b: &[f64]) -> Option<f64> {
    let groups = groups(a, b).filter(|_| !a.is_empty() && !b.is_empty())?;
    Some(Placed::new(&groups, a.len() as f64, b.len() as f64).shift + 0.5)
}

/// The interval of A on the probit scale, by the delta method, `reach` standard errors to each side; `None` at the
/// ends, where that has no slope.
pub(crate) fn probit_interval(effect: f64, variance: f64, reach: f64, confidence: f64) -> Option<Interval> {
    let center = normal_quantile(effect);
    let half = reach * sqrt(variance) / normal_density(center);
    let [low, high] = [center - half, center + half].map(|probit| Some(normal_lower(probit)));
    half.is_finite().then_some(Interval { low, high, confidence })
}

/// C(n, k); infinite where it is too large.
fn choose(n: u64, k: u64) -> f64 {
    (1..=k).fold(1.0, |product, i| product * (n - k + i) as f64 / i as f64)
}

/// The share of permutations with at least the |W| seen, and how many were made. Which sample is
/// drawn does not matter to |W|, so the smaller one is. All permutations, or as many seeded ones.
fn permute(groups: &[Group], size: u64, seen: f64, sampled: Option<(u64, u64)>) -> (f64, u64) {
    let group_of: Vec<usize> =
        groups.iter().enumerate().flat_map(|(index, g)| core::iter::repeat_n(index, (g.a + g.b) as usize)).collect();
    let (n, size) = (group_of.len(), size as usize);
    let (n1, n2) = (size as f64, (n - size) as f64);
    let mut drawn: Vec<Group> = groups.to_vec();
    let mut extreme = |chosen: &[usize]| -> bool {
        for (now, whole) in drawn.iter_mut().zip(groups) {
            *now = Group { a: 0, b: whole.a + whole.b };
        }
        for place in chosen {
            if let Some(group) = group_of.get(*place).and_then(|g| drawn.get_mut(*g)) {
                *group = Group { a: group.a + 1, b: group.b - 1 };
            }
        }
        // Equal statistics may differ in the last bits.
        Placed::new(&drawn, n1, n2).statistic().abs() >= seen.abs() * (1.0 - 1e-10)
    };
    let Some((seed, replicates)) = sampled else {
        let mut chosen: Vec<usize> = (0..size).collect();
        let (mut hits, mut made) = (0u64, 0u64);
        loop {
            made += 1;
            hits += u64::from(extreme(&chosen));
            // The next choice in lexical order: raise the last place that can be raised.
            let Some(place) = (0..size).rev().find(|i| chosen[*i] < n - size + i) else { break };
            chosen[place] += 1;
            for later in place + 1..size {
                chosen[later] = chosen[later - 1] + 1;
            }
        }
        return (hits as f64 / made as f64, made);
    };
    let mut order: Vec<usize> = vec![0; n];
    let mut hits = 0u64;
    for replicate in 0..replicates {
        let mut random = Random::stream(seed, replicate);
        order.iter_mut().enumerate().for_each(|(i, place)| *place = i);
        for i in 0..size {
            let other = i + random.below((n - i) as u32) as usize;
            order.swap(i, other);
        }
        hits += u64::from(extreme(&order[..size]));
    }
    ((1.0 + hits as f64) / (replicates as f64 + 1.0), replicates)
}
