//! google/benchmark: `--benchmark_repetitions=10`, then `tools/compare.py`, U-test at 5 %.
//!
//! From its `tools/gbench/report.py`: scipy's `mannwhitneyu`, which takes the normal approximation
//! when both sides have more than 8 values.

use super::rank::{normal, u};
use super::{Call, changed};
use crate::random::Random;

pub(super) fn call(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    let (n, m) = (candidate.len(), baseline.len());
    let (found, ties) = u(candidate, baseline);
    if normal(n, m, found, &ties) < 0.05 { changed(found - (n * m) as f64 / 2.0) } else { Call::Nothing }
}
