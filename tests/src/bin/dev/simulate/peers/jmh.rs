//! JMH: five forks of five iterations, all values together; two scores differ for its readers when
//! their 99.9 % intervals (`score ± error`) do not touch.
//!
//! From `openjdk/jmh`, `AbstractStatistics.getMeanErrorAt` and `RunResult.getAggregatedResult`.

use noisefloor_core::stats::distribution::t_quantile;
use noisefloor_core::stats::math::sqrt;
use noisefloor_core::stats::moments::{mean, variance};

use super::{Call, changed};
use crate::random::Random;

pub(super) fn call(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    let score = |values: &[f64]| {
        let n = values.len() as f64;
        let error = t_quantile(0.9995, Some(n - 1.0)) * sqrt(variance(values)? / n);
        Some((mean(values)?, error))
    };
    let (Some((a, error_a)), Some((b, error_b))) = (score(baseline), score(candidate)) else { return Call::Nothing };
    if (b - a).abs() > error_a + error_b { changed(b - a) } else { Call::Nothing }
}
