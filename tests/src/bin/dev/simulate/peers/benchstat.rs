//! benchstat (golang.org/x/perf): `go test -count=10` before and after, U-test at 5 %.
//!
//! From its `benchmath/nothing.go` and `internal/stats/utest.go`: exact up to 50 values a side
//! without ties and 25 with them, else the normal approximation. Its exact test of tied values is
//! right where sides are equally large, as here.

use noisefloor_core::stats::hypothesis::mann_whitney;

use super::rank::{exact_upper, normal, u};
use super::{Call, changed};
use crate::random::Random;

pub(super) fn call(baseline: &[f64], candidate: &[f64], _: &mut Random) -> Call {
    let n = baseline.len();
    let (found, ties) = u(candidate, baseline);
    let center = (n * n) as f64 / 2.0;
    let exact = if ties.is_empty() {
        exact_upper(n, found.max(2.0 * center - found)).map(|p| (2.0 * p).min(1.0))
    } else {
        mann_whitney(candidate, baseline).map(|test| test.p)
    };
    let p = exact.unwrap_or_else(|| normal(n, n, found, &ties));
    if p < 0.05 { changed(found - center) } else { Call::Nothing }
}
