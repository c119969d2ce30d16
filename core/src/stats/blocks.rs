//! What blocks that hold both sides say beyond their differences (STATISTICS S4): what pairing gains, and
//! whether it matters who goes first.

use alloc::vec::Vec;

use crate::model::{Fork, SideSeries};
use crate::report::{Blocks, Interval};
use crate::sort::sort_by;
use crate::stats::compare::Arm;
use crate::stats::design::blocks_of_both;
use crate::stats::distribution::t_quantile;
use crate::stats::math::sqrt;
use crate::stats::moments::{mean_variance, variance};

/// When a side began in each of its blocks, by block.
fn starts(side: &SideSeries) -> Vec<(u32, f64)> {
    let known = |f: &Fork| f.block.zip(f.known().start).filter(|_| f.marks.is_used());
    let mut out: Vec<(u32, f64)> = side.forks.iter().filter_map(known).collect();
    sort_by(&mut out, &mut |a, b| a.0.cmp(&b.0).then(a.1.total_cmp(&b.1)));
    out.dedup_by_key(|start| start.0);
    out
}

/// Gain and effect of the order of the blocks that hold both sides.
pub(crate) fn check(a: Arm<'_>, b: Arm<'_>, confidence: f64) -> Blocks {
    let blocks = blocks_of_both(a.1, b.1);
    let spread = |of: fn(&(u32, f64, f64)) -> f64| variance(&blocks.iter().map(of).collect::<Vec<f64>>());
    let (apart, together) = (spread(|x| x.1).zip(spread(|x| x.2)).map(|(a, b)| a + b), spread(|x| x.2 - x.1));
    let gain = apart.zip(together).filter(|(_, t)| *t > 0.0).map(|(apart, together)| apart / together);
    let begun = [starts(a.0), starts(b.0)];
    let (mut first, mut second) = (Vec::new(), Vec::new());
    for (block, x, y) in &blocks {
        let of = |side: &Vec<(u32, f64)>| {
            side.binary_search_by_key(block, |s| s.0).ok().and_then(|at| side.get(at)).map(|s| s.1)
        };
        match of(&begun[0]).zip(of(&begun[1])) {
            Some((a, b)) if a < b => first.push(y - x),
            Some((a, b)) if a > b => second.push(y - x),
            _ => {}
        }
    }
    let mut out = Blocks { gain, ..Blocks::default() };
    if first.len() >= 2
        && second.len() >= 2
        && let (Some((m1, Some(v1))), Some((m2, Some(v2)))) = (mean_variance(&first), mean_variance(&second))
    {
        let (n1, n2) = (first.len() as f64, second.len() as f64);
        let df = n1 + n2 - 2.0;
        let pooled = ((n1 - 1.0) * v1 + (n2 - 1.0) * v2) / df;
        let half = t_quantile(0.5 + confidence / 2.0, Some(df)) * sqrt(pooled * (1.0 / n1 + 1.0 / n2));
        let effect = m1 - m2;
        out.order_effect = Some(effect);
        out.order_effect_interval = Some(Interval { low: Some(effect - half), high: Some(effect + half), confidence });
    }
    out
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "tests")]
    use alloc::boxed::Box;
    use alloc::vec::Vec;

    use super::check;
    use crate::model::{Assumption, Columns, Fork, Process, SideSeries};
    use crate::stats::design::fork_means;
    use crate::unit::{Better, Quantity};

    /// A side of one process in each block: when each began, and what it took.
    fn side(blocks: &[(f64, f64)]) -> SideSeries {
        let mut columns = Columns::default();
        let mut forks = Vec::new();
        for (block, (start, value)) in blocks.iter().enumerate() {
            columns.push(*value, block as u32, 1, crate::model::Marks::NONE);
            forks.push(Fork {
                block: Some(block as u32),
                process: Some(Box::new(Process { start: Some(*start), ..Process::default() })),
                ..Fork::default()
            });
        }
        SideSeries {
            columns,
            forks,
            aggregates: Vec::new(),
            interleaved: true,
            lockstep: false,
            seconds_per_block: None,
            stopping: None,
            run_spread: None,
            quantity: Quantity::Bytes,
            better: Better::Lower,
            assumption: Assumption::Sampled,
        }
    }

    #[test]
    fn who_goes_second_and_what_pairing_gains() {
        // The host doubles from block to block; who goes second takes 3 more.
        let turn = |block: i32, first: bool| if (block % 2 == 0) == first { 0.0 } else { 1.0 };
        let of = |first: bool| -> Vec<(f64, f64)> {
            let value =
                |b: i32| f64::from(1 << b) + 3.0 * turn(b, first) + f64::from(b % 3) * if first { 0.0 } else { 0.1 };
            (0..8).map(|b| (f64::from(b) * 10.0 + turn(b, first), value(b))).collect()
        };
        let (a, b) = (side(&of(true)), side(&of(false)));
        let (x, y) = (fork_means(&a, false), fork_means(&b, false));
        let found = check((&a, &x), (&b, &y), 0.95);
        // +3 where the baseline went first, −3 where it went second, and a little of the block.
        assert!((found.order_effect.unwrap() - 6.0).abs() < 0.2, "{found:?}");
        let interval = found.order_effect_interval.unwrap();
        assert!(interval.low.unwrap() > 5.5 && interval.high.unwrap() < 6.5);
        assert!(found.gain.unwrap() > 100.0);
        // Nothing varies between the differences: there is no number for the gain.
        let same = check((&a, &x), (&a, &x), 0.95);
        assert_eq!((same.gain, same.order_effect), (None, None));
        // One order only, or an unknown one.
        let late = side(&of(true).iter().map(|(start, value)| (start + 5.0, value + 1.0)).collect::<Vec<_>>());
        assert_eq!(check((&a, &x), (&late, &fork_means(&late, false)), 0.95).order_effect, None);
    }
}
