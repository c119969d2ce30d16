//! criterion.rs: 100 samples of one process, a bootstrapped t-test at 5 %, a noise threshold of 1 %.
//!
//! From its `analysis/compare.rs` and `stats/bivariate`: the t statistic's null distribution is drawn
//! from both samples thrown together; the relative change of the mean is bootstrapped for its own
//! 95 % interval, which must lie beyond the threshold. Of its 100 000 resamples 499 are drawn here:
//! that makes single calls coarser and rates no different.

use noisefloor_core::stats::math::sqrt;
use noisefloor_core::stats::moments::mean;

use super::{Call, changed};
use crate::random::Random;

const RESAMPLES: usize = 499;
const NOISE: f64 = 0.01;

pub(super) fn call(baseline: &[f64], candidate: &[f64], random: &mut Random) -> Call {
    let pooled: Vec<f64> = baseline.iter().chain(candidate).copied().collect();
    let seen = t(moments(baseline.iter().copied()), moments(candidate.iter().copied()));
    let mut below = 0;
    for _ in 0..RESAMPLES {
        let a = resampled(&pooled, baseline.len(), random);
        let b = resampled(&pooled, candidate.len(), random);
        below += usize::from(t(a, b) < seen);
    }
    let p = 2.0 * below.min(RESAMPLES - below) as f64 / RESAMPLES as f64;
    if p >= 0.05 {
        // "No change in performance detected."
        return Call::Same;
    }
    let mut changes: Vec<f64> = (0..RESAMPLES)
        .map(|_| resampled(candidate, candidate.len(), random).0 / resampled(baseline, baseline.len(), random).0 - 1.0)
        .collect();
    changes.sort_unstable_by(f64::total_cmp);
    let at = |share: f64| changes.get((share * (RESAMPLES as f64 - 1.0)).round() as usize).copied().unwrap_or(0.0);
    let (low, high) = (at(0.025), at(0.975));
    if low > NOISE || high < -NOISE {
        return changed(mean(&changes).unwrap_or(0.0));
    }
    // "Change within noise threshold."
    Call::Same
}

/// Mean, squared error of the mean.
fn moments(values: impl ExactSizeIterator<Item = f64>) -> (f64, f64) {
    let n = values.len() as f64;
    // Around 1, where the values are: the sums lose nothing that a rate could show.
    let (sum, squares) = values.fold((0.0, 0.0), |(s, q), v| (s + (v - 1.0), q + (v - 1.0) * (v - 1.0)));
    (1.0 + sum / n, (squares - sum * sum / n) / (n - 1.0) / n)
}

fn resampled(values: &[f64], count: usize, random: &mut Random) -> (f64, f64) {
    moments((0..count).map(|_| values[random.below(values.len())]))
}

fn t(a: (f64, f64), b: (f64, f64)) -> f64 {
    (a.0 - b.0) / sqrt(a.1 + b.1)
}
