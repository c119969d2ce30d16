//! BenchmarkDotNet: one process of 20 iterations, a statistical test column with a threshold of 1 %.
//!
//! From perfolizer's `TostEquivalenceTest` and `MannWhitneyTest`: two one-sided tests at 5 % against
//! the threshold; what is neither slower nor faster is called the same.

use noisefloor_core::stats::distribution::{satterthwaite, standard_error, t_upper};
use noisefloor_core::stats::moments::{mean, variance};

use super::Call;
use super::rank::{exact_upper, u};
use crate::random::Random;

const THRESHOLD: f64 = 0.01;

pub(super) fn ranks(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    both(baseline, candidate, |larger, than| exact_upper(larger.len(), u(larger, than).0))
}

pub(super) fn welch(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    both(baseline, candidate, |larger, than| {
        let part = |v: &[f64]| Some((variance(v)? / v.len() as f64, Some(v.len() as f64 - 1.0)));
        let parts = [part(larger)?, part(than)?];
        Some(t_upper((mean(larger)? - mean(than)?) / standard_error(&parts), satterthwaite(&parts)))
    })
}

/// The two tests; `upper` is the p-value of one sample being larger than the other.
fn both(baseline: &[f64], candidate: &[f64], upper: impl Fn(&[f64], &[f64]) -> Option<f64>) -> Call {
    let beyond = |values: &[f64]| values.iter().map(|v| v * (1.0 + THRESHOLD)).collect::<Vec<f64>>();
    let larger = |a: &[f64], b: &[f64]| upper(a, &beyond(b)).is_some_and(|p| p < 0.05);
    if larger(baseline, candidate) {
        Call::Faster
    } else if larger(candidate, baseline) {
        Call::Slower
    } else {
        Call::Same
    }
}
