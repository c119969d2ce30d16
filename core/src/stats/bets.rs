//! What bets on signs say of the centre of block differences (STATISTICS S14): p-values and an interval that hold at
//! every number of blocks at once, few ones too, where noise is symmetric about its centre.

use crate::config::StatsConfig;
use crate::report::{Comparison, Interval, Method};
use crate::stats::math::{exp, sqrt};
use crate::stats::moments::{mean, variance};
use crate::stats::sequential::SignBet;

/// Steps by which a bound is looked for from the outside, so that the first one found is the outermost.
const STEPS: u32 = 64;
/// Halvings of such a step.
const HALVINGS: u32 = 60;

/// The capital against "the centre is at most θ", or at least with `above` false, after these differences. Made once
/// for all that ask, since the engine of a report is large enough.
#[inline(never)]
fn evidence(differences: &[f64], theta: f64, above: bool) -> f64 {
    let mut bet = if above { SignBet::above(theta) } else { SignBet::below(theta) };
    differences.iter().for_each(|d| bet.feed(*d));
    bet.evidence()
}

/// p of "the centre is 0", two-sided: twice what the larger capital leaves.
#[must_use]
pub fn p_zero(differences: &[f64]) -> f64 {
    p_beyond(differences, 0.0)
}

/// p of "the centre lies within the margin", of both sides: twice what the larger capital beyond it leaves.
#[must_use]
pub fn p_beyond(differences: &[f64], margin: f64) -> f64 {
    let capital = evidence(differences, margin, true).max(evidence(differences, -margin, false));
    (2.0 / capital).min(1.0)
}

/// p of "the centre lies at the margin or beyond", of the side with less capital.
#[must_use]
pub fn p_within(differences: &[f64], margin: f64) -> f64 {
    (1.0 / evidence(differences, -margin, true).min(evidence(differences, margin, false))).min(1.0)
}

/// The centres that no bet refutes at half of 1 − `confidence` a side. A bound is `None`, infinite, where the blocks
/// are too few for any capital (seven or eight at 95 %). What was refuted once stays so, hence the interval only gets
/// narrower. `None` where nothing is left, with a chance below 1 − `confidence` where noise is symmetric, and where
/// nothing varies.
#[must_use]
pub fn interval(differences: &[f64], confidence: f64) -> Option<Interval> {
    let (center, spread) = (mean(differences)?, sqrt(variance(differences).filter(|v| *v > 0.0)?));
    let wanted = 2.0 / (1.0 - confidence);
    let far = differences.iter().fold(spread, |far, d| far.max((d - center).abs()));
    // From far out, where every difference lies on one side, inwards to the first centre that is not refuted.
    let bound = |above: bool| {
        let at = |share: f64| if above { center - share * far } else { center + share * far };
        let refuted = |share: f64| evidence(differences, at(share), above) >= wanted;
        let (mut out, mut into) = (4.0, 4.0);
        if !refuted(out) {
            return None;
        }
        for step in 1..=2 * STEPS {
            into = 4.0 * (1.0 - f64::from(step) / f64::from(STEPS));
            if !refuted(into) {
                break;
            }
            out = into;
        }
        for _ in 0..HALVINGS {
            let middle = (out + into) / 2.0;
            if refuted(middle) { out = middle } else { into = middle }
        }
        Some(at(out))
    };
    let (low, high) = (bound(true), bound(false));
    let empty = low.zip(high).is_some_and(|(low, high)| low > high);
    (!empty).then_some(Interval { low, high, confidence })
}

/// Puts what bets on signs say in the place of t. They are about the centre of symmetric noise, so the estimate is that
/// of ranks, and lies in their interval.
pub(crate) fn judge(out: &mut Comparison, differences: &[f64], config: &StatsConfig) {
    let ranks = out.companions.iter().find(|c| c.method == Method::WalshMedian).and_then(|c| c.estimate);
    let Some(difference) = out.difference.as_mut().filter(|d| d.standard_error.is_some()) else { return };
    out.method = Method::SignBets;
    let found = interval(differences, config.confidence);
    let mut center = ranks.unwrap_or(difference.estimate);
    center = found.and_then(|i| i.low).map_or(center, |low| center.max(low));
    center = found.and_then(|i| i.high).map_or(center, |high| center.min(high));
    difference.estimate = center;
    difference.interval = found;
    difference.equivalence_interval = interval(differences, 2.0 * config.confidence - 1.0);
    if difference.log_scale {
        let as_ratio = |i: Interval| Interval { low: i.low.map(exp), high: i.high.map(exp), confidence: i.confidence };
        difference.ratio = Some(exp(center));
        difference.ratio_interval = found.map(as_ratio);
    }
    // Where every centre is refuted nothing is said of any.
    (out.p, out.p_margin, out.p_equivalence) = (None, None, None);
    if found.is_none() {
        return;
    }
    out.p = Some(p_zero(differences));
    out.p_margin = out.margin.on_scale.map(|margin| p_beyond(differences, margin));
    out.p_equivalence = out.margin.on_scale.map(|margin| p_within(differences, margin));
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::random::Random;
    use alloc::vec::Vec;

    fn draw(random: &mut Random, n: usize, center: f64) -> Vec<f64> {
        (0..n).map(|_| center + random.normal()).collect()
    }

    #[test]
    fn bounds_are_where_the_capital_suffices() {
        let d = draw(&mut Random::new(3), 30, 0.4);
        for confidence in [0.9, 0.95, 0.99] {
            let i = interval(&d, confidence).unwrap();
            let (low, high) = (i.low.unwrap(), i.high.unwrap());
            let alpha = 1.0 - confidence;
            assert!(low < high && p_of(&d, low, true) <= alpha && p_of(&d, high, false) <= alpha);
            assert!(p_of(&d, low + 1e-9, true) > alpha && p_of(&d, high - 1e-9, false) > alpha);
            // Moved and turned data have a moved and turned interval.
            let moved: Vec<f64> = d.iter().map(|d| -2.0 * (d + 3.0)).collect();
            let other = interval(&moved, confidence).unwrap();
            assert!((other.high.unwrap() + 2.0 * (low + 3.0)).abs() < 1e-9);
            assert!((other.low.unwrap() + 2.0 * (high + 3.0)).abs() < 1e-9);
        }
    }

    fn p_of(d: &[f64], theta: f64, above: bool) -> f64 {
        2.0 / evidence(d, theta, above)
    }

    #[test]
    fn few_blocks_have_no_bounds_and_no_small_p() {
        let d = draw(&mut Random::new(5), 6, 100.0);
        assert_eq!(interval(&d, 0.95).map(|i| (i.low, i.high)), Some((None, None)));
        assert!(p_zero(&d) > 0.05);
        let more = draw(&mut Random::new(5), 12, 100.0);
        assert!(interval(&more, 0.95).unwrap().low.unwrap() > 90.0 && p_zero(&more) < 0.01);
        assert_eq!((interval(&[], 0.95), interval(&[1.0; 9], 0.95)), (None, None));
        assert_eq!((p_zero(&[]), p_beyond(&[0.0; 9], 0.1)), (1.0, 1.0));
        assert!(p_within(&draw(&mut Random::new(7), 30, 0.0), 3.0) < 0.05);
    }

    #[test]
    fn the_truth_leaves_the_interval_at_no_block_more_often_than_said() {
        let runs = 400;
        let missed = (0..runs).filter(|run| {
            let d = draw(&mut Random::stream(11, *run), 60, 1.0);
            // The last interval is the narrowest.
            interval(&d, 0.95).is_none_or(|i| i.low > Some(1.0) || i.high.is_some_and(|high| high < 1.0))
        });
        let missed = missed.count();
        assert!(missed <= 30, "{missed} of {runs}");
    }
}
