//! Null distributions of rank sums: exact where that is affordable, else by their cumulants.

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::distribution::{normal_density, normal_upper};
use crate::stats::math::{sqrt, within};

/// Additions that an exact distribution may cost: about 50 ms.
pub(crate) const STEPS: f64 = 5e7;

/// The probabilities of U = 0, 1, … n₁n₂ without ties; `None` above 400 values in all.
///
/// The generating function is the product of (1 − q^(m+i))/(1 − q^i) over i. Only the rising half
/// of each partial product is computed, where every difference is positive, and mirrored.
#[must_use]
pub fn untied_u(n1: u64, n2: u64) -> Option<Vec<f64>> {
    if n1.checked_add(n2).is_none_or(|n| n > 400) {
        return None;
    }
    let (few, many) = (n1.min(n2) as usize, n1.max(n2) as usize);
    // Numbers of ways: 400 values have at most C(400, 200) ≈ 10¹¹⁹ of them.
    let (whole, half) = (few * many, few * many / 2);
    let mut ways = vec![0.0f64; whole + 1];
    ways[0] = 1.0;
    let (mut every, mut reached) = (1.0, 0usize);
    for i in 1..=few {
        let (top, step) = (many * i, many + i);
        // The rising half that this product reaches anew mirrors what the last one knew.
        let last = many * (i - 1);
        for u in reached + 1..=(top / 2).min(last) {
            ways[u] = ways[last - u];
        }
        reached = top / 2;
        if step <= reached {
            // From the top down, so that what is subtracted is still the old value.
            for u in (step..=reached).rev() {
                ways[u] -= ways[u - step];
            }
        }
        for u in i..=reached {
            ways[u] += ways[u - i];
        }
        every *= step as f64 / i as f64;
    }
    for u in 0..=half {
        ways[u] /= every;
        ways[whole - u] = ways[u];
    }
    Some(ways)
}

/// The probabilities of the sum of positive ranks, 0 to n(n + 1)/2, without ties; `None` where it
/// costs too much (above 464 values).
#[must_use]
pub fn untied_signed(n: u64) -> Option<Vec<f64>> {
    if n > 464 {
        return None;
    }
    Some(signed_sums(&(1..=n).collect::<Vec<u64>>()))
}

/// The probabilities of the sum of each of `ranks` with probability ½.
pub(crate) fn signed_sums(ranks: &[u64]) -> Vec<f64> {
    let most: u64 = ranks.iter().sum();
    let mut chance = vec![0.0f64; most as usize + 1];
    chance[0] = 1.0;
    let mut reached = 0usize;
    for rank in ranks {
        let rank = *rank as usize;
        reached += rank;
        for s in (0..=reached).rev() {
            let with = if s >= rank { chance[s - rank] } else { 0.0 };
            chance[s] = (chance[s] + with) / 2.0;
        }
    }
    chance
}

/// Numbers of ways, up to a common factor, to draw `size` of the values with each sum of scores;
/// `scores` hold a score and how many values have it. `None` where it costs too much.
pub(crate) fn drawn_sums(scores: &[(u64, u64)], size: u64) -> Option<Vec<f64>> {
    let n: u64 = scores.iter().map(|(_, count)| count).sum();
    let most = largest_sum(scores, size);
    if n as f64 * size as f64 * (most as f64 + 1.0) > STEPS {
        return None;
    }
    let (size, width) = (size as usize, most as usize + 1);
    let mut ways = vec![0.0f64; (size + 1) * width];
    ways[0] = 1.0;
    let mut seen = 0usize;
    for (score, count) in scores {
        let score = *score as usize;
        for _ in 0..*count {
            seen += 1;
            for k in (1..=size.min(seen)).rev() {
                let (fewer, these) = ways.split_at_mut(k * width);
                let fewer = &fewer[(k - 1) * width..];
                // The sum of k − 1 scores up to this one is at most (k − 1)·score.
                let reach = width.saturating_sub(score).min((k - 1) * score + 1);
                for s in 0..reach {
                    these[s + score] += fewer[s];
                }
            }
        }
    }
    Some(ways.split_off(size * width))
}

/// The sum of the `size` largest scores.
fn largest_sum(scores: &[(u64, u64)], size: u64) -> u64 {
    let (mut left, mut total) = (size, 0u64);
    for (score, count) in scores.iter().rev() {
        let take = left.min(*count);
        total = total.saturating_add(take.saturating_mul(*score));
        left -= take;
    }
    total
}

/// A symmetric statistic by its cumulants: standard deviation, κ₄/κ₂² and κ₆/κ₂³.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Approximation {
    pub(crate) sd: f64,
    pub(crate) fourth: f64,
    pub(crate) sixth: f64,
}

impl Approximation {
    /// The normal distribution with a standard deviation.
    pub(crate) fn normal(sd: f64) -> Approximation {
        Approximation { sd, fourth: 0.0, sixth: 0.0 }
    }

    /// U without ties. Its cumulants are Bernoulli numbers times sums of powers, since it is a
    /// quotient of products of uniform generating functions.
    pub(crate) fn untied_u(n1: u64, n2: u64) -> Approximation {
        let (few, many) = (n1.min(n2), n1.max(n2) as f64);
        let (mut second, mut fourth, mut sixth) = (0.0, 0.0, 0.0);
        for i in 1..=few {
            let i = i as f64;
            let (low, high) = (i * i, (many + i) * (many + i));
            second += high - low;
            fourth += high * high - low * low;
            sixth += high * high * high - low * low * low;
        }
        Approximation::from_cumulants(second / 12.0, -fourth / 120.0, sixth / 252.0)
    }

    /// The sum of positive ranks without ties.
    pub(crate) fn untied_signed(n: u64) -> Approximation {
        let (mut second, mut fourth, mut sixth) = (0.0, 0.0, 0.0);
        for i in 1..=n {
            let square = i as f64 * i as f64;
            second += square;
            fourth += square * square;
            sixth += square * square * square;
        }
        Approximation::from_cumulants(second / 4.0, -fourth / 8.0, sixth / 4.0)
    }

    fn from_cumulants(second: f64, fourth: f64, sixth: f64) -> Approximation {
        let square = second * second;
        Approximation { sd: sqrt(second), fourth: fourth / square, sixth: sixth / (square * second) }
    }

    /// P(X − mean ≥ `distance`) by Edgeworth's expansion. Far out, where its polynomial fails, half
    /// the normal tail stands in, which is more than the tail of a statistic with bounds.
    pub(crate) fn upper(&self, distance: f64) -> f64 {
        let z = distance / self.sd;
        if z < 0.0 {
            return 1.0 - self.upper(-distance);
        }
        let (tail, s) = (normal_upper(z), z * z);
        let (h3, h5, h7) =
            (z * (s - 3.0), z * (s * s - 10.0 * s + 15.0), z * (s * s * s - 21.0 * s * s + 105.0 * s - 105.0));
        let terms = self.fourth / 24.0 * h3 + self.sixth / 720.0 * h5 + self.fourth * self.fourth / 1152.0 * h7;
        within(tail + normal_density(z) * terms, tail / 2.0, 1.0)
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec::Vec;

    use super::{Approximation, drawn_sums, untied_signed, untied_u};

    #[test]
    fn exact_distributions_are_counts() {
        // Of 70 ways to choose 4 of 8: 1, 1, 2, 3, 5, 5, 7, 7, 8 and back.
        let ways: Vec<f64> = untied_u(4, 4).unwrap().iter().map(|p| p * 70.0).collect();
        for (got, want) in ways.iter().zip([1.0, 1.0, 2.0, 3.0, 5.0, 5.0, 7.0, 7.0, 8.0, 7.0]) {
            assert!((got - want).abs() < 1e-12, "{ways:?}");
        }
        assert_eq!(untied_signed(3).unwrap(), [0.125, 0.125, 0.125, 0.25, 0.125, 0.125, 0.125]);
        // Two of the scores 0, 1, 1, 5.
        assert_eq!(drawn_sums(&[(0, 1), (1, 2), (5, 1)], 2).unwrap(), [0.0, 2.0, 1.0, 0.0, 0.0, 1.0, 2.0]);
        assert_eq!(untied_u(u64::MAX, 2), None);
    }

    #[test]
    fn both_ways_to_the_exact_distribution_agree() {
        let scores: Vec<(u64, u64)> = (0..60).map(|i| (i, 1)).collect();
        let ways = drawn_sums(&scores, 20).unwrap();
        let (total, lowest): (f64, usize) = (ways.iter().sum(), 190);
        for (u, chance) in untied_u(20, 40).unwrap().iter().enumerate() {
            let other = ways[u + lowest] / total;
            assert!((chance - other).abs() <= 1e-13 * other, "{u}: {chance} {other}");
        }
    }

    #[test]
    fn large_samples_meet_the_exact_distribution() {
        let exact = untied_u(200, 200).unwrap();
        let near = Approximation::untied_u(200, 200);
        let mut tail: f64 = 0.0;
        for (u, chance) in exact.iter().enumerate().rev() {
            tail += chance;
            let z = (u as f64 - 0.5 - 20_000.0) / near.sd;
            if (0.0..3.0).contains(&z) {
                let p = near.upper(u as f64 - 0.5 - 20_000.0);
                assert!((p - tail).abs() < 1e-6 * tail, "{z}: {p} {tail}");
            } else if z >= 3.0 && tail > 1e-100 {
                assert!(near.upper(u as f64 - 0.5 - 20_000.0) > 0.99 * tail, "{z}");
            }
        }
        let exact: f64 = untied_signed(300).unwrap().iter().skip(25_000).sum();
        let p = Approximation::untied_signed(300).upper(25_000.0 - 0.5 - 22_575.0);
        assert!((p - exact).abs() < 1e-5 * exact, "{p} {exact}");
    }
}
