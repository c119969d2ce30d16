//! Between which values a quantile's interval lies: what dependent values are worth (STATISTICS S2, S7).

use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::stats::autocorrelation::tau;
use crate::stats::distribution::{normal_density, normal_lower, normal_quantile};
use crate::stats::math::{sin_cos_turn, sqrt, within};
use crate::stats::order::{quantile, ranks_among};
use crate::stats::quantile::Weighing;

/// The quantiles that are reported.
pub(super) const PS: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Where the interval of a quantile lies.
#[derive(Clone, Copy, Default)]
pub(super) struct Placed {
    /// How many independent values the used ones are worth for it.
    pub(super) effective: u64,
    /// The ranks of its bounds, 0 and one above the number of values where there is none, and its confidence.
    pub(super) ranks: (u64, u64, f64),
}

/// The used values of a side.
pub(super) struct Worth {
    /// Value, index of its process among those that have one, and weight, in the order it ran.
    used: Vec<(f64, u32, f64)>,
    /// Weight by process.
    totals: Vec<f64>,
    /// Whether each value counts once.
    plain: bool,
    confidence: f64,
    /// The quantile of the normal distribution for intervals, and that of Student's t between the processes.
    normal: f64,
    student: f64,
}

impl Worth {
    pub(super) fn new(side: &SideSeries, confidence: f64, weighing: &mut Weighing) -> Worth {
        let columns = &side.columns;
        let plain = columns.weight.is_empty();
        let mut places: Vec<Option<u32>> = side.forks.iter().map(|_| None).collect();
        let (mut used, mut totals) = (Vec::with_capacity(columns.len()), Vec::new());
        let all = side.marks().is_used();
        for (i, (value, fork)) in columns.values.iter().zip(&columns.fork).enumerate() {
            let weight = columns.weight.get(i).map_or(1.0, |w| *w as f64);
            if !(all || side.is_used(i)) || weight <= 0.0 {
                continue;
            }
            let Some(place) = places.get_mut(*fork as usize) else { continue };
            let place = *place.get_or_insert_with(|| {
                totals.push(0.0);
                totals.len() as u32 - 1
            });
            if let Some(total) = totals.get_mut(place as usize) {
                *total += weight;
            }
            used.push((*value, place, weight));
        }
        let mut both = |df| -weighing.t((1.0 - confidence) / 2.0, df);
        let normal = both(None);
        let student = if totals.len() >= 2 { both(Some(totals.len() as f64 - 1.0)) } else { normal };
        Worth { used, totals, plain, confidence, normal, student }
    }

    /// Where the intervals of the quantiles lie among the sorted values.
    ///
    /// One value from each process: these are independent, and the interval is that of order statistics. Values of
    /// a lone process are worth their number over the τ of the series that says which lie below (S7). Those of
    /// several processes are looked at in [`Worth::between_processes`].
    pub(super) fn places(&self, sorted: &[f64], weighing: &mut Weighing) -> [Placed; PS.len()] {
        let (n, k) = (sorted.len() as u64, self.totals.len());
        let mut counted = |p: f64, worth: f64| {
            let effective = within(worth, 1.0, n as f64) as u64;
            Placed { effective, ranks: ranks_among(n, effective, weighing.ranks(effective, p, self.confidence)) }
        };
        let at = |p| quantile(sorted, p).unwrap_or_default();
        match k {
            // One value from each process.
            _ if self.plain && self.used.len() == k => PS.map(|p| counted(p, n as f64)),
            2.. => self.between_processes(sorted, &mut counted),
            _ if self.plain => PS.map(|p| {
                let series: Vec<f64> = self.used.iter().map(|u| if u.0 <= at(p) { 1.0 } else { 0.0 }).collect();
                counted(p, n as f64 / tau(&series).max(1.0))
            }),
            _ => PS.map(|p| counted(p, n as f64)),
        }
    }

    /// Between which ranks quantiles of values from several processes lie.
    ///
    /// The share of values up to the quantile has the variance that it shows between the processes, each a cluster
    /// (Woodruff 1952; Kish 1965), and t with one degree of freedom less than processes for that (Korn and Graubard
    /// 1998); on the probit scale, where an interval is symmetric far out too. Far out few processes hardly show how
    /// unlike they are. So the variance is that which the share at the median says there is, as if the processes were
    /// shifted against each other in a normal distribution, or the one seen where that is plainly larger. Processes no
    /// more unlike than independent values make them count as alike, from three on: their values are worth their
    /// number.
    ///
    /// A bound is claimed where as many independent values as these are worth could have one: what differs from
    /// process to process has to show in processes, however many values each has.
    fn between_processes(&self, sorted: &[f64], counted: &mut dyn FnMut(f64, f64) -> Placed) -> [Placed; PS.len()] {
        let (n, k) = (sorted.len() as f64, self.totals.len() as f64);
        let total = self.totals.iter().fold(0.0, |sum, v| sum + v);
        // Values of a process, as far as the variance of a share that they have in common goes.
        let each = self.totals.iter().fold(0.0, |sum, v| sum + v * v) / total;
        let at = |p| quantile(sorted, p).and_then(|at| self.unlike(at));
        let alike = within((at(0.5).unwrap_or(1.0) - 1.0) / (each - 1.0), 0.0, 0.999);
        // sin(π/2 · alike): a quarter of a turn.
        let (shifted, _) = sin_cos_turn((alike * (1u64 << 32) as f64) as u64, 1 << 34);
        let rough = self.student / self.normal;
        // Two standard deviations of what independent values show.
        let plainly = 1.0 + 2.0 * sqrt(2.0 / (k - 1.0));
        PS.map(|p| {
            let probit = normal_quantile(p);
            let density = normal_density(probit);
            let expected = 1.0 + (each - 1.0) * common(shifted, probit) * density * density / (p * (1.0 - p));
            let effect = at(p).filter(|seen| *seen > expected * plainly).unwrap_or(expected);
            let widened = if effect <= 1.0 && k > 2.0 { 1.0 } else { effect.max(1.0) * rough * rough };
            let mut placed = counted(p, n / widened);
            let half = self.normal * sqrt(widened * p * (1.0 - p) / total) / density;
            // The last of so many values has half of one beyond it.
            let worth = 2.0 * total / effect.max(1.0);
            let rank = |share: f64| (n + 1.0) * share - 0.5;
            let [low, high] = [probit - half, probit + half].map(normal_lower);
            let low = if low * (worth + 1.0) >= 1.0 { libm::ceil(rank(low)).max(0.0) as u64 } else { 0 };
            let high = match high * (worth + 1.0) <= worth {
                true => (rank(high) as u64 + 1).min(n as u64 + 1),
                false => n as u64 + 1,
            };
            placed.ranks = (low, high, self.confidence);
            placed
        })
    }

    /// By how much the variance of the share of values up to one, seen between the processes, is larger than of
    /// independent values; `None` where all or none lie there.
    fn unlike(&self, at: f64) -> Option<f64> {
        let mut below: Vec<f64> = self.totals.iter().map(|_| 0.0).collect();
        for (_, place, weight) in self.used.iter().filter(|(value, ..)| *value <= at) {
            below[*place as usize] += weight;
        }
        let sum = |list: &[f64]| list.iter().fold(0.0, |sum, v| sum + v);
        let (hits, total) = (sum(&below), sum(&self.totals));
        let (share, k) = (hits / total, self.totals.len() as f64);
        // Never 0 or 1.
        let near = (hits + 0.5) / (total + 1.0);
        let away = |(hits, all): (&f64, &f64)| (hits - share * all) * (hits - share * all);
        let between: f64 = below.iter().zip(&self.totals).map(away).sum();
        (hits > 0.0 && hits < total).then(|| k / (k - 1.0) * between / total / (near * (1.0 - near)))
    }
}

/// The correlation of two shares of normal values that are correlated by `rho`, below a probit, over the square of
/// the density there: Pearson's tetrachoric series (1900). Sixty terms are enough but where `rho` is nearly 1, and
/// there they are a little below all.
fn common(rho: f64, probit: f64) -> f64 {
    const TERMS: u32 = 60;
    let (mut before, mut hermite, mut power, mut sum) = (0.0, 1.0, rho, 0.0);
    for j in 1..=TERMS {
        let j = f64::from(j);
        sum += power * hermite * hermite / j;
        power *= rho;
        (before, hermite) = (hermite, (probit * hermite - sqrt(j - 1.0) * before) / sqrt(j));
    }
    sum
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::stats::math::exp;
    use crate::stats::random::Random;

    /// Where the intervals of so many processes' values lie, whose levels are so far apart.
    fn placed(processes: u32, each: usize, apart: f64) -> [Placed; PS.len()] {
        let mut random = Random::new(7);
        let levels: Vec<f64> = (0..processes).map(|i| apart * f64::from(i)).collect();
        let mut used: Vec<(f64, u32, f64)> = Vec::new();
        for (place, level) in (0..).zip(&levels) {
            let mut value = |i: usize| match apart {
                // The same in each, next to one another.
                0.0 => normal_quantile((i as f64 + (f64::from(place) + 0.5) / f64::from(processes)) / each as f64),
                _ => random.normal() + level,
            };
            used.extend((0..each).map(|i| (exp(0.01 * value(i)), place, 1.0)));
        }
        let mut sorted: Vec<f64> = used.iter().map(|u| u.0).collect();
        crate::sort::sort_values(&mut sorted);
        let totals = levels.iter().map(|_| each as f64).collect();
        let mut weighing = Weighing::new();
        let student = -weighing.t(0.025, Some(f64::from(processes) - 1.0));
        let worth = Worth { used, totals, plain: true, confidence: 0.95, normal: -normal_quantile(0.025), student };
        worth.places(&sorted, &mut weighing)
    }

    #[test]
    fn processes_alike_are_worth_their_values() {
        let [median, .., far, _] = placed(5, 1000, 0.0);
        assert_eq!((median.effective, far.effective), (5000, 5000));
        // Those of 5000 independent values: 2431 and 2570, 4936 and 4965.
        assert!((2400..2460).contains(&median.ranks.0) && (2540..2600).contains(&median.ranks.1), "{:?}", median.ranks);
        assert!((4920..4950).contains(&far.ranks.0) && (4950..4980).contains(&far.ranks.1), "{:?}", far.ranks);
    }

    #[test]
    fn processes_apart_bound_no_high_quantile_however_many_values_they_have() {
        let [median, high, .., highest] = placed(10, 5000, 1.0);
        assert!(median.ranks.0 > 0 && median.ranks.1 <= 50_000, "{:?}", median.ranks);
        assert_eq!((high.ranks.1, highest.ranks.1), (50_001, 50_001));
        assert!(median.effective < 10, "{}", median.effective);
    }

    #[test]
    fn shares_of_correlated_values_are_correlated_as_known() {
        // At the median 2/π·arcsin ρ; without correlation none; with nearly all, nearly all.
        let correlation = |rho, p: f64| {
            let probit = normal_quantile(p);
            common(rho, probit) * normal_density(probit) * normal_density(probit) / (p * (1.0 - p))
        };
        assert!((correlation(0.5, 0.5) - 1.0 / 3.0).abs() < 1e-12);
        assert_eq!(correlation(0.0, 0.9), 0.0);
        // SciPy's multivariate normal: both lie above the ninth decile with 0.0324015232 where ρ is 0.5.
        assert!((correlation(0.5, 0.9) - (0.032_401_523_2 - 0.01) / 0.09).abs() < 1e-8, "{}", correlation(0.5, 0.9));
    }
}
