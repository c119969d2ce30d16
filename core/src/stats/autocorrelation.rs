//! Dependence between successive values, and how many independent ones they are worth (STATISTICS S7).

use alloc::vec::Vec;

use crate::stats::distribution::{chi2_upper, t_two_sided};
use crate::stats::estimable::{NotEstimable, check_varied};
use crate::stats::math::{ln, sqrt};
use crate::stats::moments::{mean, sum};
use crate::stats::rank::midranks;

/// Values below which nothing is estimated.
const LEAST: usize = 10;
/// Lags reported and tested at most.
const REPORTED: usize = 10;
/// Products formed at most in search of the last lag that matters.
const WORK: usize = 200_000_000;

/// A test with its statistic.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct SerialTest {
    /// Ljung-Box Q, or the rank von Neumann ratio (2 when there is no dependence, less when
    /// neighbours are alike).
    pub statistic: f64,
    /// Degrees of freedom of the null distribution.
    pub df: f64,
    /// Two-sided for the ratio, upper tail for Q.
    pub p: f64,
}

/// How values depend on those before them.
#[derive(Clone, Debug, PartialEq)]
pub struct Autocorrelation {
    /// Values used.
    pub n: u64,
    /// r₁, r₂ … on min(10, n/5) lags: Σ(xₜ−x̄)(xₜ₊ₖ−x̄) / Σ(xₜ−x̄)².
    pub lags: Vec<f64>,
    /// Values that are worth one independent value, from the initial positive sequence (Geyer
    /// 1992). Below 1 where neighbours balance each other; never below 1 / log₁₀ n.
    pub tau: f64,
    /// n / τ.
    pub effective: f64,
    /// Whether the sum stopped at the bound on work: τ is then at least this, `effective` at most.
    pub truncated: bool,
    /// Are the lags together too large for white noise (Ljung and Box 1978)?
    pub ljung_box: SerialTest,
    /// Are neighbours too alike or too different in rank (Bartels 1982, beta approximation)?
    pub rank: SerialTest,
    /// `geyer_initial_positive`.
    pub method: &'static str,
}

impl Autocorrelation {
    /// Whether the values are worth less than half their number.
    #[must_use]
    pub fn is_autocorrelated(&self) -> bool {
        self.tau > 2.0
    }

    /// By what to multiply a standard error that took the values for independent; at least 1.
    #[must_use]
    pub fn error_factor(&self) -> f64 {
        sqrt(self.tau.max(1.0))
    }
}

/// Dependence between values in collection order.
///
/// # Errors
/// Below ten values, when all are the same, or one is not finite.
pub fn autocorrelation(values: &[f64]) -> Result<Autocorrelation, NotEstimable> {
    check_varied(values, LEAST)?;
    let n = values.len();
    let series = Series::new(values).ok_or(NotEstimable::NoVariance)?;
    let lags = series.reported();
    let (tau, truncated) = series.tau(&lags);
    let (q, df) = (ljung_box(n, &lags), lags.len() as f64);
    Ok(Autocorrelation {
        n: n as u64,
        tau,
        effective: n as f64 / tau,
        truncated,
        ljung_box: SerialTest { statistic: q, df, p: chi2_upper(q, df) },
        rank: rank_von_neumann(values),
        lags,
        method: "geyer_initial_positive",
    })
}

/// What of [`Autocorrelation`] adds up over processes.
pub(crate) struct Additive {
    pub(crate) tau: f64,
    /// The first lag's correlation.
    pub(crate) lag1: f64,
    /// Ljung and Box' statistic, and its degrees of freedom.
    pub(crate) q: f64,
    pub(crate) df: f64,
}

/// These alone, of values with a mean: ranks are left out. `None` where nothing can be estimated.
pub(crate) fn additive(values: &[f64], mean: f64) -> Option<Additive> {
    check_varied(values, LEAST).ok()?;
    let series = Series::about(values, mean)?;
    let lags = series.reported();
    let q = ljung_box(values.len(), &lags);
    Some(Additive { tau: series.tau(&lags).0, lag1: *lags.first()?, q, df: lags.len() as f64 })
}

fn ljung_box(n: usize, lags: &[f64]) -> f64 {
    let size = n as f64;
    size * (size + 2.0) * lags.iter().zip(1u32..).map(|(r, k)| r * r / (size - f64::from(k))).sum::<f64>()
}

/// τ alone: what the interval of a segment's mean needs; 1 where it cannot be estimated.
pub(crate) fn tau(values: &[f64]) -> f64 {
    if check_varied(values, LEAST).is_err() {
        return 1.0;
    }
    Series::new(values).map_or(1.0, |s| s.tau(&[]).0)
}

/// The first lags' correlations, as many as asked or as there are.
pub(crate) fn correlations(values: &[f64], most: usize) -> Vec<f64> {
    let lags = most.min(values.len().saturating_sub(1));
    Series::new(values).map_or_else(Vec::new, |s| (1..=lags).map(|k| s.lag(k)).collect())
}

/// Distances from the mean, and the sum of their squares.
struct Series {
    centred: Vec<f64>,
    squares: f64,
}

impl Series {
    fn new(values: &[f64]) -> Option<Series> {
        Series::about(values, mean(values)?)
    }

    fn about(values: &[f64], m: f64) -> Option<Series> {
        let centred: Vec<f64> = values.iter().map(|v| v - m).collect();
        let squares = sum(centred.iter().map(|c| c * c));
        (squares > 0.0 && squares.is_finite()).then_some(Series { centred, squares })
    }

    fn lag(&self, k: usize) -> f64 {
        sum(self.centred.iter().zip(self.centred.iter().skip(k)).map(|(a, b)| a * b)) / self.squares
    }

    fn reported(&self) -> Vec<f64> {
        (1..=REPORTED.min(self.centred.len() / 5)).map(|k| self.lag(k)).collect()
    }

    /// Pairs of lags are added while they are positive; the flag says that the work ran out first. The
    /// first ones may be known.
    fn tau(&self, known: &[f64]) -> (f64, bool) {
        let lag = |k: usize| known.get(k - 1).copied().unwrap_or_else(|| self.lag(k));
        let n = self.centred.len();
        let most = (n - 1).min((WORK / n).max(20));
        let (mut total, mut k, mut truncated) = (-1.0, 0, false);
        loop {
            let even = if k == 0 { 1.0 } else { lag(k) };
            let pair = even + if k < n - 1 { lag(k + 1) } else { 0.0 };
            if pair <= 0.0 {
                break;
            }
            total += 2.0 * pair;
            k += 2;
            if k > most {
                truncated = k < n;
                break;
            }
        }
        (total.max(core::f64::consts::LN_10 / ln(n as f64)), truncated)
    }
}

/// Bartels' ratio Σ(Rₜ₊₁−Rₜ)² / Σ(Rₜ−R̄)². A quarter of it follows nearly a symmetric beta
/// distribution, which is Student's t in other coordinates.
fn rank_von_neumann(values: &[f64]) -> SerialTest {
    let (ranks, _) = midranks(values);
    let n = ranks.len() as f64;
    let center = (n + 1.0) / 2.0;
    let squares: f64 = ranks.iter().map(|r| (r - center) * (r - center)).sum();
    let steps: f64 = ranks.windows(2).map(|w| (w[1] - w[0]) * (w[1] - w[0])).sum();
    let statistic = if squares > 0.0 { steps / squares } else { 2.0 };
    let variance = 4.0 * (n - 2.0) * (5.0 * n * n - 2.0 * n - 9.0) / (5.0 * n * (n + 1.0) * (n - 1.0) * (n - 1.0));
    let df = 4.0 / variance - 1.0;
    let x = (statistic / 4.0).clamp(1e-300, 1.0 - f64::EPSILON);
    let t = (2.0 * x - 1.0) * sqrt(df) / (2.0 * sqrt(x * (1.0 - x)));
    SerialTest { statistic, df, p: t_two_sided(t, Some(df)) }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{autocorrelation, tau};
    use crate::stats::estimable::NotEstimable;
    use crate::stats::random::{Random, seed as seed_of};

    fn ar1(n: usize, rho: f64, seed: u64) -> Vec<f64> {
        Random::new(seed_of([], "ar1", seed)).autoregressive(n, rho)
    }

    #[test]
    fn too_little_or_nothing_that_varies_is_not_estimated() {
        assert_eq!(autocorrelation(&[]), Err(NotEstimable::NoData));
        for n in [1usize, 2, 9] {
            let few = Err(NotEstimable::TooFew { n: n as u64, needed: 10 });
            assert_eq!(autocorrelation(&vec![1.0; n]), few);
        }
        assert_eq!(autocorrelation(&[4.0; 20]), Err(NotEstimable::NoVariance));
        let mut hole = vec![1.0; 20];
        hole[3] = f64::INFINITY;
        assert_eq!(autocorrelation(&hole), Err(NotEstimable::BadValue));
    }

    #[test]
    fn autoregression_has_its_known_worth() {
        // (1 − ρ)/(1 + ρ): .54, .33, .05 of n.
        for (rho, worth) in [(0.3, 0.538), (0.5, 0.333), (0.9, 0.0526)] {
            let found = autocorrelation(&ar1(100_000, rho, 1)).unwrap();
            let share = found.effective / 100_000.0;
            assert!((share / worth - 1.0).abs() < 0.12, "{rho}: {share}");
            assert!((found.lags[0] - rho).abs() < 0.02 && (found.lags[1] - rho * rho).abs() < 0.02);
            assert!(found.ljung_box.p < 1e-10 && found.rank.p < 1e-10 && !found.truncated);
        }
    }

    #[test]
    fn white_noise_is_rejected_as_often_as_stated() {
        let (mut q, mut rank) = (0, 0);
        for seed in 0..1000 {
            let found = autocorrelation(&ar1(50, 0.0, seed)).unwrap();
            q += u32::from(found.ljung_box.p < 0.05);
            rank += u32::from(found.rank.p < 0.05);
        }
        // Q is known to reject a little too often in short series.
        assert!((30..=95).contains(&q) && (30..=70).contains(&rank), "{q} {rank}");
    }

    #[test]
    fn alternation_is_worth_more_and_stays_bounded() {
        let values: Vec<f64> = (0..100).map(|i| f64::from(i % 2) - 3.0).collect();
        let found = autocorrelation(&values).unwrap();
        assert_eq!(found.tau, 0.5);
        assert_eq!(found.error_factor(), 1.0);
        assert!(found.rank.statistic > 3.9 && found.rank.p < 1e-10);
        assert_eq!(tau(&[1.0; 50]), 1.0);
    }
}
