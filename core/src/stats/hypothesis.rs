//! Tests of two independent samples by their means, and equivalence; the tests by ranks, pairs and
//! families of tests are re-exported from their files.

use alloc::vec::Vec;

use crate::report::{Interval, Method, Test};
use crate::stats::distribution::{satterthwaite, standard_error, t_quantile, t_two_sided, t_upper};
use crate::stats::math::{sqrt, within};
use crate::stats::moments::{mean, variance};
use crate::stats::rank::{mann_whitney_test, sorted};

pub use crate::stats::multiplicity::holm;
pub use crate::stats::paired::{paired_t, sign_flip, wilcoxon};

/// A sample by its mean, standard deviation and size, where the values are not at hand.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moments {
    /// The mean.
    pub mean: f64,
    /// The standard deviation with denominator n − 1.
    pub sd: f64,
    /// How many values.
    pub n: u64,
}

impl Moments {
    /// Of values; `None` below two.
    #[must_use]
    pub fn of(values: &[f64]) -> Option<Moments> {
        Some(Moments { mean: mean(values)?, sd: sqrt(variance(values)?), n: values.len() as u64 })
    }

    /// The variance of the mean and its degrees of freedom; `None` below two values.
    fn part(&self) -> Option<(f64, Option<f64>)> {
        (self.n >= 2).then(|| (self.sd * self.sd / self.n as f64, Some(self.n as f64 - 1.0)))
    }
}

/// A difference of means, a − b, with its standard error and degrees of freedom.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct MeanDifference {
    /// mean(a) − mean(b).
    pub value: f64,
    /// Its standard error, above 0.
    pub standard_error: f64,
    /// Degrees of freedom; `None`: known variance.
    pub df: Option<f64>,
    /// Values of both samples.
    pub n: u64,
}

impl MeanDifference {
    /// Welch's: each sample has its own variance. `None` below two values a side or without variance.
    #[must_use]
    pub fn welch(a: Moments, b: Moments) -> Option<MeanDifference> {
        let parts = [a.part()?, b.part()?];
        let df = satterthwaite(&parts)?;
        let standard_error = standard_error(&parts);
        Some(MeanDifference { value: a.mean - b.mean, standard_error, df: Some(df), n: a.n + b.n })
    }

    /// Student's: one variance for both samples. `None` like [`MeanDifference::welch`].
    #[must_use]
    pub fn pooled(a: Moments, b: Moments) -> Option<MeanDifference> {
        let (n1, n2) = (a.n as f64, b.n as f64);
        let df = n1 + n2 - 2.0;
        let (s1, s2) = (a.part()?.0 * n1 * (n1 - 1.0), b.part()?.0 * n2 * (n2 - 1.0));
        let standard_error = sqrt((s1 + s2) / df * (1.0 / n1 + 1.0 / n2));
        (standard_error > 0.0).then_some(MeanDifference {
            value: a.mean - b.mean,
            standard_error,
            df: Some(df),
            n: a.n + b.n,
        })
    }

    /// The interval at `confidence`.
    #[must_use]
    pub fn interval(&self, confidence: f64) -> Interval {
        let half = t_quantile(0.5 + confidence / 2.0, self.df) * self.standard_error;
        Interval { low: Some(self.value - half), high: Some(self.value + half), confidence }
    }

    /// The test of a difference of `null`.
    #[must_use]
    pub fn test(&self, method: Method, null: f64) -> Test {
        let statistic = (self.value - null) / self.standard_error;
        Test { method, statistic, df: self.df, p: t_two_sided(statistic, self.df) }
    }

    /// Two one-sided tests of equivalence within (`low`, `high`) at level 1 − `confidence` (0.95 for
    /// an interval at 90 %).
    #[must_use]
    pub fn equivalence(&self, low: f64, high: f64, confidence: f64) -> Equivalence {
        let (t_lower, t_upper_bound) =
            ((self.value - low) / self.standard_error, (self.value - high) / self.standard_error);
        let (p_lower, p_upper) = (t_upper(t_lower, self.df), t_upper(-t_upper_bound, self.df));
        let interval = self.interval(2.0 * confidence - 1.0);
        let inside = |v: Option<f64>| v.is_some_and(|v| v > low && v < high);
        Equivalence {
            t_lower,
            p_lower,
            t_upper: t_upper_bound,
            p_upper,
            p: p_lower.max(p_upper),
            equivalent: inside(interval.low) && inside(interval.high),
            interval,
            df: self.df,
            n: self.n,
        }
    }
}

/// What two one-sided tests found (Schuirmann 1987).
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Equivalence {
    /// The statistic against the lower bound; large is evidence for equivalence.
    pub t_lower: f64,
    /// p-value of "at or below the lower bound".
    pub p_lower: f64,
    /// The statistic against the upper bound; very negative is evidence for equivalence.
    pub t_upper: f64,
    /// p-value of "at or above the upper bound".
    pub p_upper: f64,
    /// The larger of both: the p-value of "not equivalent", in (0, 1].
    pub p: f64,
    /// The interval at confidence 1 − 2α.
    pub interval: Interval,
    /// Whether that interval lies inside the bounds.
    pub equivalent: bool,
    /// Degrees of freedom.
    pub df: Option<f64>,
    /// Values of both samples.
    pub n: u64,
}

/// Welch's t-test; `None` below two values a side or without any variance. The statistic is
/// mean(a) − mean(b) over its standard error.
#[must_use]
pub fn welch(a: &[f64], b: &[f64]) -> Option<Test> {
    Some(MeanDifference::welch(Moments::of(a)?, Moments::of(b)?)?.test(Method::Welch, 0.0))
}

/// Student's t-test with one variance for both samples, as other tools print it; like [`welch`].
#[must_use]
pub fn pooled_t(a: &[f64], b: &[f64]) -> Option<Test> {
    Some(MeanDifference::pooled(Moments::of(a)?, Moments::of(b)?)?.test(Method::PooledT, 0.0))
}

/// Yuen's test on trimmed means, `trim` from each end; `None` when fewer than three values are
/// left on a side or nothing varies.
#[must_use]
pub fn yuen(a: &[f64], b: &[f64], trim: f64) -> Option<Test> {
    let (ma, va, ha) = trimmed(a, trim)?;
    let (mb, vb, hb) = trimmed(b, trim)?;
    let parts = [(va, Some(ha - 1.0)), (vb, Some(hb - 1.0))];
    let df = satterthwaite(&parts)?;
    let statistic = (ma - mb) / standard_error(&parts);
    Some(Test { method: Method::Yuen, statistic, df: Some(df), p: t_two_sided(statistic, Some(df)) })
}

/// Trimmed mean, squared standard error by winsorised variance, and values left; `None` when fewer
/// than three values are left or one is not finite.
#[must_use]
pub fn trimmed(values: &[f64], trim: f64) -> Option<(f64, f64, f64)> {
    let n = values.len();
    let cut = (trim * n as f64) as usize;
    let left = n.checked_sub(cut.checked_mul(2)?).filter(|h| *h >= 3)?;
    let sorted = sorted(values)?;
    let kept = sorted.get(cut..cut + left)?;
    let (low, high) = (*kept.first()?, *kept.last()?);
    let center = mean(kept)?;
    let winsorised: Vec<f64> = sorted.iter().map(|v| within(*v, low, high)).collect();
    let (n, h) = (n as f64, left as f64);
    Some((center, (n - 1.0) * variance(&winsorised)? / (h * (h - 1.0)), h))
}

/// Mann and Whitney's U of `a`, two-sided; see [`mann_whitney_test`] for how and for one-sided
/// p-values.
#[must_use]
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<Test> {
    mann_whitney_test(a, b).map(|t| t.test())
}
