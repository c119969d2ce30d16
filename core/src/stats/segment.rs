//! Where a series changes its level or its shape: optimal segmentation by PELT (Killick, Fearnhead
//! and Eckley 2012), with an empirical-distribution cost (Haynes, Fearnhead and Eckley 2017) or the
//! normal one.
//!
//! Work is bounded. Above [`FEW_CELLS`] values, up to [`CELLS`] where segments may be short, change
//! points are first sought on a grid of that many cells, then moved to the best place nearby; a series
//! above [`MOST`] values is first reduced to the means of equal blocks, and says so by its stride.

use alloc::vec;
use alloc::vec::Vec;

use crate::stats::math::ln;
use crate::stats::moments::mean;
use crate::stats::order::sorted;
use crate::stats::series::block_means;

/// Grid cells that the search works on at most.
pub const CELLS: usize = 1000;
/// Grid cells that are enough where the shortest segment holds five of them: noise alone lets no
/// candidate go, and the search then takes the square of this.
pub const FEW_CELLS: usize = 256;
/// Values that are segmented one by one; more are reduced to block means.
pub const MOST: usize = 100_000;

/// Change points of a series.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ChangePoints {
    /// Index of the first value of each new segment, ascending; never 0.
    pub at: Vec<usize>,
    /// Values per place that was looked at: 1 unless the series was reduced to block means.
    pub stride: u64,
}

/// ED-PELT: sees changes of level, spread and shape, at any scale. The penalty is 3 ln n (modified
/// BIC), the distribution is looked at in ⌈4 ln n⌉ places that are dense in both tails. `least` is
/// the shortest segment, at least 1. Empty when a value is not finite.
#[must_use]
pub fn ed_pelt(values: &[f64], least: usize) -> ChangePoints {
    ed_pelt_with(&mut Tables::default(), values, &sorted(values.to_vec()), least)
}

/// [`ed_pelt`] of values that are known in rising order too, with tables that the next series of the same
/// length uses again.
pub(crate) fn ed_pelt_with(tables: &mut Tables, values: &[f64], ordered: &[f64], least: usize) -> ChangePoints {
    let least = least.max(1);
    let cells = (5 * values.len() / least).clamp(FEW_CELLS, CELLS);
    segmented(values, least, 3.0, cells, |reduced| {
        if reduced.len() == ordered.len() {
            Empirical::new(tables, reduced, ordered)
        } else {
            Empirical::new(tables, reduced, &sorted(reduced.to_vec()))
        }
    })
}

/// PELT with the normal likelihood of mean and variance, `penalty` × ln n; `least` at least 2. A
/// segment's variance counts as no less than 10⁻⁶ of the whole, so that ties are no evidence
/// without limit. Above [`FEW_CELLS`] values on the grid, whatever `least` is.
#[must_use]
pub fn normal_pelt(values: &[f64], least: usize, penalty: f64) -> ChangePoints {
    segmented(values, least.max(2), penalty, FEW_CELLS, Normal::new)
}

/// What a segment from index `a` up to before `b` costs.
trait Cost {
    fn of(&self, a: usize, b: usize) -> f64;
}

/// Reduction, grid, search and refinement around a cost; the penalty is in units of ln n.
fn segmented<C: Cost>(
    values: &[f64],
    least: usize,
    penalty: f64,
    cells: usize,
    cost: impl FnOnce(&[f64]) -> C,
) -> ChangePoints {
    let stride = values.len().div_ceil(MOST).max(1);
    let least = least.min(values.len() + 1);
    if values.iter().any(|v| !v.is_finite()) || values.len() / stride < 2 * least.div_ceil(stride) {
        return ChangePoints { at: Vec::new(), stride: stride as u64 };
    }
    let means = if stride == 1 { Vec::new() } else { block_means(values, stride) };
    let reduced = if stride == 1 { values } else { &means };
    let least = least.div_ceil(stride).max(2.min(least));
    let grid = Grid { n: reduced.len(), cells: reduced.len().min(cells), least };
    let cost = cost(reduced);
    let penalty = penalty * ln(reduced.len() as f64);
    let mut at = pelt(&grid, penalty, |a, b| cost.of(a, b));
    if grid.cells < grid.n {
        refine(&mut at, &grid, penalty, &cost);
    }
    ChangePoints { at: at.into_iter().map(|p| p * stride).collect(), stride: stride as u64 }
}

/// Moves cuts on a grid to the best places nearby.
fn refine<C: Cost>(at: &mut Vec<usize>, grid: &Grid, penalty: f64, cost: &C) {
    let (least, reach) = (grid.least, 2 * grid.n / grid.cells);
    let before = |at: &[usize], i: usize| if i == 0 { 0 } else { at[i - 1] };
    let after = |at: &[usize], i: usize| at.get(i + 1).copied().unwrap_or(grid.n);
    // The cheapest cut between two places that leaves both sides long enough.
    let best = |before: usize, after: usize, low: usize, high: usize| {
        let total = |p: usize| cost.of(before, p) + cost.of(p, after);
        let all = low.max(before + least)..=high.min(after.saturating_sub(least));
        all.map(|p| (total(p), p)).min_by(|a, b| a.0.total_cmp(&b.0))
    };
    // A change inside a cell may have taken two cuts, a shortest segment apart, where one will do.
    let mut i = 0;
    while i + 1 < at.len() {
        let (from, a, b, to) = (before(at, i), at[i], at[i + 1], after(at, i + 1));
        let both = cost.of(from, a) + cost.of(a, b) + cost.of(b, to) + penalty;
        let near = b - a <= least + 2 * reach;
        let one = if near { best(from, to, a.saturating_sub(reach), b + reach) } else { None };
        match one {
            Some((one, p)) if one <= both => {
                at[i] = p;
                at.remove(i + 1);
            }
            _ => i += 1,
        }
    }
    for i in 0..at.len() {
        let (low, high) = (at[i].saturating_sub(reach), at[i] + reach);
        if let Some((_, p)) = best(before(at, i), after(at, i), low, high) {
            at[i] = p;
        }
    }
}

/// Places where the search may cut.
struct Grid {
    n: usize,
    cells: usize,
    least: usize,
}

impl Grid {
    /// Where a cell begins.
    fn place(&self, cell: usize) -> usize {
        if self.cells == self.n { cell } else { (cell as u64 * self.n as u64 / self.cells as u64) as usize }
    }
}

/// The cheapest segmentation. A candidate that costs more than the best one even without penalty
/// can never win again, once the best one may begin a segment of its own: PELT's pruning.
fn pelt(grid: &Grid, penalty: f64, cost: impl Fn(usize, usize) -> f64) -> Vec<usize> {
    let least = (grid.least * grid.cells).div_ceil(grid.n).max(1);
    // Short series are many, and asking for memory takes longer than the search in one.
    let (mut few, mut many) = ([(f64::INFINITY, 0usize); SHORT + 1], Vec::new());
    let best = match few.get_mut(..=grid.cells) {
        Some(few) => few,
        None => {
            many.resize(grid.cells + 1, (f64::INFINITY, 0));
            many.as_mut_slice()
        }
    };
    // What it costs up to each end, and where the last segment begins.
    best[0].0 = -penalty;
    // Candidates with their cost at this end, and the cell from which on they are out.
    let mut open: Vec<(usize, f64, usize)> = Vec::with_capacity(16);
    let mut first_out = usize::MAX;
    for end in least..=grid.cells {
        let new = end - least;
        if new == 0 || new >= least {
            open.push((new, 0.0, usize::MAX));
        }
        // Neither the end nor a place from which a segment can go on: nobody asks what it costs.
        if end < grid.cells && end > grid.cells - least {
            continue;
        }
        // Most of the time nothing is out yet.
        if first_out <= end {
            open.retain(|c| c.2 > end);
            first_out = open.iter().map(|c| c.2).min().unwrap_or(usize::MAX);
        }
        let (mut cheapest, mut before) = (f64::INFINITY, 0);
        let place = grid.place(end);
        for c in &mut open {
            c.1 = best[c.0].0 + cost(grid.place(c.0), place);
            if c.1 + penalty < cheapest {
                (cheapest, before) = (c.1 + penalty, c.0);
            }
        }
        best[end] = (cheapest, before);
        for c in open.iter_mut().filter(|c| c.1 >= cheapest) {
            c.2 = c.2.min(end + least);
            first_out = first_out.min(c.2);
        }
    }
    let mut at = Vec::new();
    let mut end = grid.cells;
    while best[end].1 > 0 {
        end = best[end].1;
        at.push(grid.place(end));
    }
    at.reverse();
    at
}

/// What depends on nothing but the number of values.
#[derive(Debug, Default)]
pub(crate) struct Tables {
    n: usize,
    /// Places among the values in order at which the distribution is looked at.
    places: Vec<usize>,
    /// What a likelihood is multiplied by.
    scale: f64,
    /// (m/2) ln(m/2).
    entropy: Vec<f64>,
    /// What a level adds to the likelihood of a segment, by the segment's length, and by twice its values
    /// below the level: `entropy` once for a part, once for the rest, less that of the whole. Up to
    /// [`SHORT`] values only.
    parts: Vec<[f64; LANE]>,
}

/// Values up to which the parts of all segments are tabulated: their levels are at most 15, and twice
/// their number fits into a lane.
const SHORT: usize = 40;
/// What a lane of eight bits can hold.
const LANE: usize = 256;
/// One in every lane.
const ONES: u64 = 0x0101_0101_0101_0101;

impl Tables {
    fn of(&mut self, n: usize) -> &Tables {
        if self.n == n {
            return self;
        }
        let size = ln(2.0 * n as f64 - 1.0);
        let levels = (libm::ceil(4.0 * ln(n as f64)) as usize).clamp(1, n);
        let share = |i: usize| {
            let z = (2.0 * i as f64 - 1.0) / levels as f64 - 1.0;
            1.0 / (1.0 + crate::stats::math::exp(-z * size))
        };
        self.places = (1..=levels).map(|i| ((n as f64 - 1.0) * share(i)) as usize).collect();
        self.scale = 2.0 * size / levels as f64;
        let entropy = |m: usize| if m == 0 { 0.0 } else { m as f64 / 2.0 * ln(m as f64 / 2.0) };
        self.entropy = (0..=2 * n).map(entropy).collect();
        self.parts.clear();
        if n <= SHORT {
            let row = |length: usize| {
                let mut row = [0.0; LANE];
                let each = row.iter_mut().enumerate().take(2 * length + 1);
                each.for_each(|(below, place)| *place = part(&self.entropy, below, 2 * length));
                row
            };
            self.parts = (0..=n).map(row).collect();
        }
        self.n = n;
        self
    }
}

/// The likelihood of a level at which `below` halves of `whole` lie below.
fn part(entropy: &[f64], below: usize, whole: usize) -> f64 {
    entropy[below] + entropy[whole - below] - entropy[whole]
}

/// Counts below fixed levels, for segments in O(number of levels). Counts are doubled so that ties
/// with a level count half.
struct Empirical<'a> {
    tables: &'a Tables,
    levels: usize,
    counts: Vec<u32>,
    /// In place of `counts` up to [`SHORT`] values: a lane of eight bits for each level.
    lanes: [[u64; 2]; SHORT + 1],
}

impl<'a> Empirical<'a> {
    fn new(tables: &'a mut Tables, values: &[f64], ordered: &[f64]) -> Empirical<'a> {
        let n = values.len();
        let tables = tables.of(n);
        let levels = tables.places.len();
        let mut out = Empirical { tables, levels, counts: Vec::new(), lanes: [[0; 2]; SHORT + 1] };
        if n <= SHORT {
            let mut room = [0.0; 15];
            let quantiles = room.get_mut(..levels).unwrap_or(&mut []);
            quantiles.iter_mut().zip(&tables.places).for_each(|(quantile, place)| *quantile = ordered[*place]);
            // Levels rise: from the first one on that is not below a value, all are counted.
            let from =
                |level: usize| [ONES.checked_shl(8 * level as u32).unwrap_or(0), ONES << (8 * level.saturating_sub(8))];
            let mut total = [0; 2];
            for (v, lanes) in values.iter().zip(&mut out.lanes[1..]) {
                // Few levels are compared with without a branch.
                let (mut below, mut upto) = (0, 0);
                for q in quantiles.iter() {
                    below += usize::from(q < v);
                    upto += usize::from(q <= v);
                }
                let (above, beside) = (from(upto), from(below));
                total = [total[0] + above[0] + beside[0], total[1] + above[1] + beside[1]];
                *lanes = total;
            }
            return out;
        }
        let quantiles: Vec<f64> = tables.places.iter().map(|place| ordered[*place]).collect();
        let mut counts = vec![0u32; levels * (n + 1)];
        for (i, v) in values.iter().enumerate() {
            let (before, after) = counts.split_at_mut(levels * (i + 1));
            for (k, q) in quantiles.iter().enumerate() {
                after[k] = before[levels * i + k] + u32::from(v < q) + u32::from(v <= q);
            }
        }
        out.counts = counts;
        out
    }
}

impl Cost for Empirical<'_> {
    fn of(&self, a: usize, b: usize) -> f64 {
        let row = |i: usize| &self.counts[i * self.levels..(i + 1) * self.levels];
        let mut likelihood = 0.0;
        if let (Some(parts), Some(low), Some(high)) =
            (self.tables.parts.get(b - a), self.lanes.get(a), self.lanes.get(b))
        {
            // Lanes without a level count every value, which adds 0.
            for mut below in [high[0] - low[0], high[1] - low[1]] {
                for _ in 0..8 {
                    likelihood += parts[below as usize % LANE];
                    below >>= 8;
                }
            }
        } else {
            let whole = 2 * (b - a);
            let counts = row(a).iter().zip(row(b)).map(|(low, high)| (high - low) as usize);
            likelihood = counts.map(|below| part(&self.tables.entropy, below, whole)).sum();
        }
        -self.tables.scale * likelihood
    }
}

/// Sums and sums of squares of standardised values.
struct Normal {
    sums: Vec<(f64, f64)>,
}

impl Normal {
    fn new(values: &[f64]) -> Normal {
        let center = mean(values).unwrap_or(0.0);
        let spread = mean(&values.iter().map(|v| (v - center) * (v - center)).collect::<Vec<f64>>()).unwrap_or(0.0);
        let scale = if spread > 0.0 && spread.is_finite() { 1.0 / crate::stats::math::sqrt(spread) } else { 0.0 };
        let mut sums = Vec::with_capacity(values.len() + 1);
        let mut total = (0.0, 0.0);
        sums.push(total);
        for v in values {
            let z = (v - center) * scale;
            total = (total.0 + z, total.1 + z * z);
            sums.push(total);
        }
        Normal { sums }
    }
}

impl Cost for Normal {
    fn of(&self, a: usize, b: usize) -> f64 {
        let n = (b - a) as f64;
        let (sum, squares) = (self.sums[b].0 - self.sums[a].0, self.sums[b].1 - self.sums[a].1);
        let variance = (squares - sum * sum / n) / n;
        n * (ln(variance.max(1e-6)) + 1.0)
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec;
    use alloc::vec::Vec;

    use super::{CELLS, Cost, Empirical, Grid, Normal, Tables, ed_pelt, normal_pelt, pelt, sorted};
    use crate::stats::random::{Random, seed as seed_of};

    fn steps(levels: &[(usize, f64)], noise: f64, seed: u64) -> Vec<f64> {
        let mut random = Random::new(seed_of([], "steps", seed));
        levels.iter().flat_map(|(n, m)| vec![*m; *n]).map(|m| m + noise * random.normal()).collect()
    }

    #[test]
    fn clean_steps_are_found_where_they_are() {
        let values = steps(&[(40, 0.0), (30, 1.0), (30, 0.5)], 0.0, 0);
        assert_eq!(ed_pelt(&values, 5).at, [40, 70]);
        assert_eq!(normal_pelt(&values, 5, 3.0).at, [40, 70]);
        // Only the order of values counts for ED-PELT: any growing function of them gives the same.
        let grown: Vec<f64> = values.iter().map(|v| crate::stats::math::exp(9.0 * v)).collect();
        assert_eq!(ed_pelt(&grown, 5).at, [40, 70]);
    }

    #[test]
    fn nothing_is_found_where_nothing_is() {
        for values in [vec![], vec![1.0], vec![1.0, 2.0], vec![3.0; 500], vec![f64::NAN; 50]] {
            assert!(ed_pelt(&values, 5).at.is_empty(), "{}", values.len());
            assert!(ed_pelt(&values, usize::MAX).at.is_empty() && ed_pelt(&values, 0).at.is_empty());
            assert!(normal_pelt(&values, 5, 15.0).at.is_empty());
        }
        // The normal likelihood with 15 ln n is strict. ED-PELT proposes in a quarter of pure noise
        // (measured: 41 of 200): whoever uses it tests what it proposes.
        let noise = |seed| steps(&[(200, 0.0)], 1.0, seed);
        let count = |cut: &dyn Fn(&[f64]) -> bool| (0..200).filter(|seed| cut(&noise(*seed))).count();
        assert!(count(&|v| !ed_pelt(v, 20).at.is_empty()) <= 50);
        assert_eq!(count(&|v| !normal_pelt(v, 20, 15.0).at.is_empty()), 0);
    }

    #[test]
    fn a_change_of_spread_alone_is_found() {
        let mut values = steps(&[(200, 0.0)], 1.0, 3);
        values.extend(steps(&[(200, 0.0)], 5.0, 4));
        for found in [ed_pelt(&values, 8).at, normal_pelt(&values, 8, 15.0).at] {
            assert!(found.len() == 1 && found[0].abs_diff(200) <= 8, "{found:?}");
        }
    }

    /// The cheapest segmentation by trying every last cut, without pruning.
    fn exhaustive(n: usize, least: usize, penalty: f64, cost: &dyn Cost) -> f64 {
        let mut best = vec![f64::INFINITY; n + 1];
        best[0] = -penalty;
        for end in least..=n {
            for start in 0..=end - least {
                best[end] = best[end].min(best[start] + cost.of(start, end) + penalty);
            }
        }
        best[n]
    }

    #[test]
    fn pruning_loses_nothing() {
        for seed in 0..30 {
            let values = steps(&[(20, 0.0), (15, 1.5), (25, -0.5)], 1.0, seed);
            let (n, least, penalty) = (values.len(), 3 + seed as usize % 4, 2.0 + seed as f64 / 5.0);
            let mut tables = Tables::default();
            let costs: [&dyn Cost; 2] =
                [&Empirical::new(&mut tables, &values, &sorted(values.clone())), &Normal::new(&values)];
            for cost in costs {
                let at = pelt(&Grid { n, cells: n, least }, penalty, |a, b| cost.of(a, b));
                let ends = at.iter().copied().chain([n]);
                let starts = [0].into_iter().chain(at.iter().copied());
                let total: f64 = starts.zip(ends).map(|(a, b)| cost.of(a, b)).sum();
                let expected = exhaustive(n, least, penalty, cost);
                assert!((total + penalty * at.len() as f64 - expected).abs() < 1e-9, "{seed}");
            }
        }
    }

    #[test]
    fn long_series_are_cut_on_a_grid_and_then_exactly() {
        let n = 7 * CELLS + 3;
        let values = steps(&[(3333, 0.0), (n - 3333, 3.0)], 0.5, 1);
        for found in [ed_pelt(&values, 140).at, normal_pelt(&values, 140, 15.0).at] {
            assert!(found.len() == 1 && found[0].abs_diff(3333) <= 1, "{found:?}");
        }
        // Reduced to block means, within a block of the truth.
        let values = steps(&[(150_000, 0.0), (100_000, 3.0)], 0.5, 1);
        let found = ed_pelt(&values, 5000);
        assert!(found.stride == 3 && found.at.len() == 1 && found.at[0].abs_diff(150_000) <= 3, "{found:?}");
    }
}
