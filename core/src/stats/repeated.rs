//! Intervals and p-values of a measurement that was allowed to stop early (STATISTICS S14).
//!
//! Repeated confidence intervals (Jennison and Turnbull, 1989) hold at all planned looks at once, so they
//! hold at the one where the data ended, whatever made them end there. At each look they are the plain
//! intervals at the nominal level of its boundary; a repeated p-value is the smallest error rate over all
//! looks whose boundary would be crossed. A confidence sequence holds at any number of blocks; here it is at
//! each the plain interval at the level that its width has in standard errors.

use alloc::vec::Vec;

use crate::model::Stopping;
use crate::report::Stopped;
use crate::stats::distribution::{normal_upper, normal_upper_quantile};
use crate::stats::math::{exp, ln, sqrt, within};
use crate::stats::sequential::{Spending, last_level, rho_squared};

/// The largest error rate that is told from 1.
const LARGEST: f64 = 0.9999;

/// The scale on which data are judged that ended after some number of blocks.
#[derive(Clone, Debug, PartialEq)]
pub struct Repeated {
    /// Shares of information of the looks so far, the last one that of the data; empty: the union bound
    /// over all ways to end.
    fractions: Vec<f64>,
    ways: f64,
    /// nρ² of a confidence sequence, which holds at every number of blocks n at once.
    mixed: Option<f64>,
}

/// The error rate that the confidence sequence is tuned for; it holds for every other one, too.
const TUNED: f64 = 0.05;

impl Repeated {
    /// For `n` blocks under a plan.
    ///
    /// Between two planned looks (a signal ended the run, or a block was lost) the data are judged at a
    /// look added there, for which the spending function has its share (Lan and DeMets, 1983): that holds
    /// as long as the moment was not chosen by the data. Where the number of blocks does not fit the plan,
    /// the error rate is divided by the number of ways to end, which always holds.
    #[must_use]
    pub fn new(stopping: &Stopping, n: u64) -> Repeated {
        let mut fractions = Vec::new();
        if let Some(most) = stopping.looks.last().filter(|most| n >= 1 && n <= **most) {
            let past = stopping.looks.iter().filter(|look| **look < n);
            fractions.extend(past.chain([&n]).map(|look| *look as f64 / *most as f64));
        }
        let rho2 = stopping.any_time.and_then(|tightest| rho_squared(TUNED, tightest));
        Repeated { fractions, ways: stopping.ways.max(1) as f64, mixed: rho2.map(|rho2| n.max(1) as f64 * rho2) }
    }

    /// The same from what a report says.
    #[must_use]
    pub fn of(stopped: &Stopped, n: u64) -> Repeated {
        let (looks, ways, any_time) = (stopped.looks.clone(), stopped.ways, stopped.any_time);
        Repeated::new(&Stopping { looks, ways, any_time, signs: stopped.signs }, n)
    }

    /// The one-sided level at which these data alone are judged, so that the two-sided error rate over
    /// all looks is `alpha`, in (0, 1).
    #[must_use]
    pub fn level(&self, alpha: f64) -> f64 {
        if let Some(mixed) = self.mixed {
            // The half-width of the sequence in standard errors (`any_time_half_width`).
            let inner = mixed + 1.0;
            return normal_upper(sqrt(2.0 * inner / mixed * ln(sqrt(inner) / alpha)));
        }
        last_level(Spending::ObrienFlemingLike, alpha, &self.fractions).unwrap_or(alpha / 2.0 / self.ways)
    }

    /// The two-sided repeated p-value for a plain one-sided one of at most a half; never below twice that.
    #[must_use]
    pub fn p(&self, one_sided: f64) -> f64 {
        let one_sided = one_sided.clamp(f64::MIN_POSITIVE, 0.5);
        if one_sided.is_nan() || 2.0 * one_sided >= LARGEST {
            return 1.0;
        }
        if let Some(mixed) = self.mixed {
            let (z, inner) = (normal_upper_quantile(one_sided), mixed + 1.0);
            return within(sqrt(inner) * exp(-z * z * mixed / (2.0 * inner)), f64::MIN_POSITIVE, 1.0);
        }
        let Some(share) = self.fractions.last() else { return (2.0 * one_sided * self.ways).min(1.0) };
        let off = |x: f64| ln(self.level(exp(x))) - ln(one_sided);
        // Every look spends no more than the whole plan, so the answer lies above; nothing spent before is
        // the first guess, and mostly close to the truth.
        let (mut low, mut high) = (ln(2.0 * one_sided), ln(LARGEST));
        let guess = 4.0 * normal_upper(sqrt(*share) * normal_upper_quantile(one_sided / 2.0));
        let mut x = within(ln(guess), low, high);
        let mut before: Option<(f64, f64)> = None;
        for _ in 0..60 {
            let error = off(x);
            if error.abs() < 1e-10 || high - low < 1e-12 {
                break;
            }
            if error < 0.0 {
                low = x
            } else {
                high = x
            }
            let secant = match before {
                Some((at, was)) if was != error => x - error * (x - at) / (error - was),
                // Twice the rate is about twice the level.
                _ => x - error,
            };
            before = Some((x, error));
            x = if secant > low && secant < high { secant } else { (low + high) / 2.0 };
        }
        let p = exp(x);
        if p < LARGEST * (1.0 - 1e-9) { p.max(f64::MIN_POSITIVE) } else { 1.0 }
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::distribution::{t_quantile, t_upper};
    use crate::stats::math::sqrt;
    use crate::stats::moments::{mean, variance};
    use crate::stats::random::Random;
    use crate::stats::sequential::any_time_half_width;
    use crate::stats::stopping::{Step, StopPlan, StopRule};

    const LOOKS: [u64; 4] = [10, 20, 30, 40];

    #[test]
    fn p_values_and_levels_belong_together() {
        let plan = Stopping::looks(LOOKS.to_vec());
        for n in [4, 10, 15, 20, 39, 40] {
            let scale = Repeated::new(&plan, n);
            for alpha in [1e-12, 1e-6, 0.01, 0.05, 0.3, 0.8] {
                let back = scale.p(scale.level(alpha));
                assert!((back / alpha - 1.0).abs() < 1e-6, "{n}: {alpha} came back as {back}");
            }
            let p: Vec<f64> = (1..200).map(|i| scale.p(0.5 * exp(-0.1 * f64::from(i)))).collect();
            assert!(p.windows(2).all(|w| w[1] <= w[0] * (1.0 + 1e-6)), "{n}: not monotone");
            for p in [0.0, f64::MIN_POSITIVE, 1e-300] {
                assert!(scale.p(p) > 0.0 && scale.p(p) < 0.1, "{n} {p}");
            }
            for p in [0.499_94, 0.499_95, 0.499_999_999_999_999_9, 0.5, 0.7, f64::NAN] {
                assert_eq!(scale.p(p), 1.0, "{n} {p}");
            }
        }
        assert!((Repeated::new(&plan, 40).level(0.05) - t_upper(2.0141, None)).abs() < 1e-5);
    }

    #[test]
    fn a_confidence_sequence_holds_at_every_block() {
        let plan = Stopping::any_time(40);
        for n in [2, 20, 40, 400] {
            let scale = Repeated::new(&plan, n);
            for alpha in [1e-12, 0.01, 0.05, 0.3] {
                let back = scale.p(scale.level(alpha));
                assert!((back / alpha - 1.0).abs() < 1e-9, "{n}: {alpha} came back as {back}");
            }
            assert_eq!([scale.p(0.5), scale.p(0.7), scale.p(f64::NAN)], [1.0; 3]);
            assert!(scale.p(0.0) > 0.0);
        }
        // Its width in standard errors is that of the formula.
        let half = any_time_half_width(40, 1.0, rho_squared(0.05, 40).unwrap(), 0.05).unwrap() * sqrt(40.0);
        assert!((t_upper(half, None) / Repeated::new(&plan, 40).level(0.05) - 1.0).abs() < 1e-9);
        // The worst that a user could do: to stop as soon as 0 is excluded, at any of 181 blocks.
        let bounds: Vec<f64> =
            (20..=200).map(|n| -t_quantile(Repeated::new(&plan, n).level(0.05), Some(n as f64 - 1.0))).collect();
        let runs = 4_000;
        let excluded = (0..runs).filter(|run| {
            let mut random = Random::stream(31, *run);
            let (mut total, mut squares) = (0.0, 0.0);
            (1..=200u64).any(|n| {
                let value = random.normal();
                (total, squares) = (total + value, squares + value * value);
                let Some(bound) = n.checked_sub(20).and_then(|i| bounds.get(i as usize)) else { return false };
                let (n, center) = (n as f64, total / n as f64);
                center.abs() > bound * sqrt((squares / n - center * center) / (n - 1.0))
            })
        });
        let excluded = excluded.count();
        assert!((40..=200).contains(&excluded), "{excluded} of {runs}");
    }

    #[test]
    fn a_single_look_is_a_fixed_number_of_blocks() {
        let scale = Repeated::new(&Stopping::looks([40].to_vec()), 40);
        for p in [1e-10, 0.02, 0.3] {
            assert!((scale.p(p / 2.0) / p - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn what_does_not_fit_the_plan_is_divided_by_the_ways_to_end() {
        let joined = Stopping::join(Some(&Stopping::looks(LOOKS.to_vec())), Some(&Stopping::unknown(5))).unwrap();
        for (plan, n, ways) in [
            (joined, 30, 20.0),
            (Stopping::unknown(100), 30, 100.0),
            (Stopping::looks(LOOKS.to_vec()), 41, 4.0),
            (Stopping::looks([20, 10].to_vec()), 10, 2.0),
            (Stopping::looks(Vec::new()), 10, 1.0),
        ] {
            let scale = Repeated::new(&plan, n);
            assert_eq!((scale.level(0.05), scale.p(0.001)), (0.025 / ways, 0.002 * ways), "{plan:?}");
        }
    }

    #[test]
    fn stopped_measurements_of_the_same_thing_rarely_exclude_0() {
        let plan = StopPlan { margin: 0.01, alpha: 0.05, cap: 40 };
        let rule = StopRule::group_sequential(plan, Spending::ObrienFlemingLike, &LOOKS).unwrap();
        let stopping = Stopping::looks(LOOKS.to_vec());
        let levels: Vec<f64> = LOOKS.iter().map(|n| Repeated::new(&stopping, *n).level(0.05)).collect();
        let (mut excluded, mut plain, mut early) = (0u32, 0u32, 0u32);
        let runs = 20_000;
        for run in 0..runs {
            let (mut rule, mut random, mut values) = (rule.clone(), Random::stream(23, run), Vec::new());
            // Some are decided early, others go to the cap.
            let sd = [0.002, 0.012, 0.1][run as usize % 3];
            loop {
                values.push(sd * random.normal());
                if rule.feed(values[values.len() - 1]) != Step::GoOn {
                    break;
                }
            }
            let (n, df) = (values.len() as f64, Some(values.len() as f64 - 1.0));
            let t = mean(&values).unwrap().abs() / sqrt(variance(&values).unwrap() / n);
            let look = LOOKS.iter().position(|l| *l == values.len() as u64).unwrap();
            excluded += u32::from(t_upper(t, df) < levels[look]);
            plain += u32::from(t > t_quantile(0.975, df));
            early += u32::from(values.len() < 40);
        }
        // 5.2 % of 20 000 are 1040; three standard deviations of 5 % are 92.
        assert!(excluded <= 1040, "{excluded} of {runs}");
        assert!(early > 5000 && early < 19_000, "{early} of {runs} ended early");
        // What the plain interval would say at the stop.
        assert!(plain >= excluded, "{plain} {excluded}");
    }

    #[test]
    fn stopping_as_soon_as_0_is_excluded_errs_no_more_often_than_said() {
        // The worst that a user could do with all looks, and with five blocks at the first of them.
        for looks in [&LOOKS[..], &[5, 10], &[5, 10, 15, 20], &[15, 30, 60, 120, 180, 240]] {
            let stopping = Stopping::looks(looks.to_vec());
            let levels: Vec<f64> = looks.iter().map(|n| Repeated::new(&stopping, *n).level(0.05)).collect();
            let runs = 10_000;
            let mut excluded = 0u32;
            for run in 0..runs {
                let (mut random, mut values) = (Random::stream(29, run), Vec::new());
                excluded += u32::from(looks.iter().zip(&levels).any(|(n, level)| {
                    values.resize_with(*n as usize, || random.normal());
                    let t = mean(&values).unwrap().abs() / sqrt(variance(&values).unwrap() / *n as f64);
                    t_upper(t, Some(*n as f64 - 1.0)) < *level
                }));
            }
            // Two standard deviations above 5.2 % of 10 000.
            assert!((400..=520 + 44).contains(&excluded), "{looks:?}: {excluded} of {runs}");
        }
    }
}
