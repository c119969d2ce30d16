//! Whether sub-benchmarks disturb the one that runs after them (STATISTICS S11, R7, L11).
//!
//! Executed in the orders of [`williams`](crate::stats::williams): the model ln y = benchmark + fork + position + carry(previous), a test of the whole
//! and one for each benchmark, and the matrix of what each predecessor does to each successor.

use alloc::vec;
use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::sort::{sort_by, sort_distinct};
use crate::stats::distribution::{f_upper, satterthwaite};
use crate::stats::estimable::NotEstimable;
use crate::stats::least_squares::{Factor, Gram};
use crate::stats::math::{ln, sqrt};
use crate::stats::moments::{mean, sum};
use crate::stats::multiplicity::holm;
use crate::stats::random::Random;

/// One execution of a benchmark.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Execution {
    /// The fork it ran in.
    pub fork: u32,
    /// Its place in the fork's order; gaps do not matter.
    pub position: u32,
    /// Which benchmark.
    pub benchmark: u32,
    /// ln of its (mean) time.
    pub log_time: f64,
}

/// How to test.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct CarryConfig {
    /// Level of the Holm-adjusted tests (0.05).
    pub alpha: f64,
    /// Effects up to this ratio do not matter (the margin δ).
    pub margin: f64,
    /// Permutations (9 999); 0 for none.
    pub permutations: u64,
    /// Seed.
    pub seed: u64,
}

/// An F test.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct FTest {
    /// The statistic.
    pub f: f64,
    /// Degrees of freedom of the effect.
    pub df1: u64,
    /// Degrees of freedom of the error.
    pub df2: u64,
    /// P(F ≥ f).
    pub p: f64,
    /// The same by permutation within forks, (1 + hits)/(1 + permutations); of the overall test
    /// only, `None` without permutations.
    pub p_permutation: Option<f64>,
}

/// What one predecessor does to one benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct CarryCell {
    /// ln of the time after this predecessor, over that after an average one.
    pub effect: f64,
    /// Its standard error; `None` where nothing is repeated.
    pub standard_error: Option<f64>,
    /// Times that it was seen.
    pub n: u64,
}

/// What was found about one benchmark.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CarryVerdict {
    /// Significant and larger than the margin: it depends on what ran before.
    NotOrthogonal,
    /// Significant, but within the margin.
    Trivial,
    /// No dependence was shown; what could have been seen is in the standard errors.
    NoneShown,
    /// Could not be tested.
    NotTestable,
}

/// One benchmark's test.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct CarryRow {
    /// The benchmark.
    pub benchmark: u32,
    /// Its executions that had a predecessor.
    pub n: u64,
    /// The test; `None` with `why_not`.
    pub test: Option<FTest>,
    /// Holm-adjusted p over the benchmarks tested.
    pub p_adjusted: Option<f64>,
    /// The predecessor of the largest effect.
    pub offender: Option<u32>,
    /// That effect, ln of a ratio with its sign.
    pub largest: Option<f64>,
    /// What follows.
    pub verdict: CarryVerdict,
    /// Why there is no test: an order that never varied, or no predecessor seen twice.
    pub why_not: Option<NotEstimable>,
}

/// The result.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Carryover {
    /// Executions used.
    pub n: u64,
    /// Forks.
    pub forks: u64,
    /// The benchmarks, in the order of rows and columns.
    pub benchmarks: Vec<u32>,
    /// Test of carry(previous) as a whole, permuted within forks; `None` with `why_not`.
    pub overall: Option<FTest>,
    /// Why there is no overall test.
    pub why_not: Option<NotEstimable>,
    /// One row a benchmark.
    pub rows: Vec<CarryRow>,
    /// What each benchmark (row) does to each that follows it (column); `None`: never seen.
    pub matrix: Vec<Vec<Option<CarryCell>>>,
    /// The worst verdict of all rows.
    pub verdict: CarryVerdict,
}

/// Benchmarks (twice), forks and positions together beyond which nothing is fitted: the work grows
/// with the cube of it for each benchmark.
pub const MOST_COLUMNS: usize = 1_000;

/// Tests executions for carry-over.
///
/// # Errors
/// `NoData` without executions, `BadValue` for one that is not finite or a level or margin outside
/// its range, `BadDesign` for two executions at one position of a fork, `TooLarge` above
/// [`MOST_COLUMNS`].
pub fn carryover(executions: &[Execution], config: &CarryConfig) -> Result<Carryover, NotEstimable> {
    if executions.is_empty() {
        return Err(NotEstimable::NoData);
    }
    let sane = config.alpha > 0.0 && config.alpha < 1.0 && config.margin >= 0.0 && config.margin.is_finite();
    if !sane || executions.iter().any(|e| !e.log_time.is_finite()) {
        return Err(NotEstimable::BadValue);
    }
    let study = Study::new(executions)?;
    if 2 * study.benchmarks.len() + study.forks + study.positions > MOST_COLUMNS {
        return Err(NotEstimable::TooLarge);
    }
    let overall = study.overall(config);
    let (adjusted, found) = study.each(config.alpha);
    let raw: Vec<f64> = found.iter().flatten().map(|f| f.test.p).collect();
    let mut holm = holm(&raw).into_iter();
    let rows: Vec<CarryRow> = found
        .iter()
        .zip(&study.benchmarks)
        .enumerate()
        .map(|(b, (found, benchmark))| {
            let n = study.rows.iter().filter(|r| r.benchmark == b && r.previous.is_some()).count() as u64;
            row(*benchmark, n, found, found.is_ok().then(|| holm.next()).flatten(), config)
        })
        .collect();
    let any = |v| rows.iter().any(|r| r.verdict == v);
    let order = [CarryVerdict::NotOrthogonal, CarryVerdict::Trivial, CarryVerdict::NoneShown];
    Ok(Carryover {
        n: study.rows.len() as u64,
        forks: study.forks as u64,
        verdict: order.into_iter().find(|v| any(*v)).unwrap_or(CarryVerdict::NotTestable),
        matrix: study.matrix(&adjusted),
        benchmarks: study.benchmarks,
        why_not: overall.err(),
        overall: overall.ok(),
        rows,
    })
}

fn row(benchmark: u32, n: u64, found: &Result<Found, NotEstimable>, p: Option<f64>, config: &CarryConfig) -> CarryRow {
    match found {
        Err(why) => CarryRow {
            benchmark,
            n,
            test: None,
            p_adjusted: None,
            offender: None,
            largest: None,
            verdict: CarryVerdict::NotTestable,
            why_not: Some(*why),
        },
        Ok(found) => {
            let significant = p.is_some_and(|p| p < config.alpha);
            let verdict = match (significant, found.largest.abs() > ln(1.0 + config.margin)) {
                (true, true) => CarryVerdict::NotOrthogonal,
                (true, false) => CarryVerdict::Trivial,
                _ => CarryVerdict::NoneShown,
            };
            CarryRow {
                benchmark,
                n,
                test: Some(found.test),
                p_adjusted: p,
                offender: Some(found.offender),
                largest: Some(found.largest),
                verdict,
                why_not: None,
            }
        }
    }
}

/// An execution with places instead of ids.
struct Row {
    fork: usize,
    position: usize,
    benchmark: usize,
    previous: Option<usize>,
    y: f64,
}

/// A benchmark's values by predecessor, free of position and fork, and what the errors of those
/// effects add to the groups' mean square.
struct Adjusted {
    /// Predecessors, ascending, with what was seen after each.
    groups: Vec<(usize, Vec<f64>)>,
    shared: f64,
    shared_df: f64,
}

struct Found {
    test: FTest,
    offender: u32,
    largest: f64,
}

struct Study {
    /// By fork and position.
    rows: Vec<Row>,
    benchmarks: Vec<u32>,
    forks: usize,
    positions: usize,
}

/// A fitted model: coefficients by column, and what is left.
struct Fitted {
    beta: Vec<f64>,
    rss: f64,
    rank: usize,
}

impl Study {
    fn new(executions: &[Execution]) -> Result<Study, NotEstimable> {
        let mut sorted = executions.to_vec();
        sort_by(&mut sorted, &mut |a, b| (a.fork, a.position).cmp(&(b.fork, b.position)));
        if sorted.windows(2).any(|w| (w[0].fork, w[0].position) == (w[1].fork, w[1].position)) {
            return Err(NotEstimable::BadDesign);
        }
        let mut benchmarks: Vec<u32> = executions.iter().map(|e| e.benchmark).collect();
        sort_distinct(&mut benchmarks);
        let mut study = Study { rows: Vec::new(), benchmarks, forks: 0, positions: 0 };
        for fork in sorted.chunk_by(|a, b| a.fork == b.fork) {
            let mut previous = None;
            for (position, e) in fork.iter().enumerate() {
                let benchmark = study.benchmarks.binary_search(&e.benchmark).unwrap_or(0);
                study.rows.push(Row { fork: study.forks, position, benchmark, previous, y: e.log_time });
                previous = Some(benchmark);
                study.positions = study.positions.max(position + 1);
            }
            study.forks += 1;
        }
        Ok(study)
    }

    /// The columns that are 1 in a row, in the order: benchmarks, forks, positions, carry.
    fn columns(&self, row: &Row, carry: bool) -> [Option<usize>; 4] {
        let m = self.benchmarks.len();
        let before = m + self.forks;
        [
            Some(row.benchmark),
            Some(m + row.fork),
            Some(before + row.position),
            row.previous.filter(|_| carry).map(|p| before + self.positions + p),
        ]
    }

    /// The factored normal equations of some rows.
    fn factor(&self, rows: &[&Row], carry: bool) -> (usize, Factor) {
        let m = self.benchmarks.len();
        let p = m + self.forks + self.positions + if carry { m } else { 0 };
        let mut gram = Gram::new(p);
        for row in rows {
            let columns = self.columns(row, carry);
            for i in columns.iter().flatten() {
                columns.iter().flatten().for_each(|j| gram.add(*i, *j, 1.0));
            }
        }
        (p, gram.factor())
    }

    fn solve(&self, rows: &[&Row], y: &[f64], p: usize, factor: &Factor, carry: bool) -> Vec<f64> {
        let mut right = vec![0.0; p];
        for (row, y) in rows.iter().zip(y) {
            self.columns(row, carry).iter().flatten().for_each(|c| right[*c] += y);
        }
        factor.solve(&right)
    }

    fn fit(&self, rows: &[&Row], y: &[f64], p: usize, factor: &Factor, carry: bool) -> Fitted {
        let beta = self.solve(rows, y, p, factor, carry);
        let fitted = |row: &Row| self.columns(row, carry).iter().flatten().map(|c| beta[*c]).sum::<f64>();
        let rss = sum(rows.iter().zip(y).map(|(row, y)| (y - fitted(row)) * (y - fitted(row))));
        Fitted { beta, rss, rank: factor.rank() }
    }

    /// The test of carry(previous) as one factor.
    fn overall(&self, config: &CarryConfig) -> Result<FTest, NotEstimable> {
        // Less their mean, values near each other keep their digits.
        let y: Vec<f64> = self.rows.iter().map(|r| r.y).collect();
        let center = mean(&y).unwrap_or(0.0);
        let y: Vec<f64> = y.iter().map(|v| v - center).collect();
        let rows: Vec<&Row> = self.rows.iter().collect();
        let ((p0, f0), (p1, f1)) = (self.factor(&rows, false), self.factor(&rows, true));
        let base = self.fit(&rows, &y, p0, &f0, false);
        let full = self.fit(&rows, &y, p1, &f1, true);
        let n = y.len();
        let (df1, df2) = (full.rank.saturating_sub(base.rank) as u64, n.saturating_sub(full.rank) as u64);
        if df1 == 0 {
            return Err(NotEstimable::FixedOrder);
        }
        if df2 == 0 {
            return Err(NotEstimable::TooFew { n: n as u64, needed: full.rank as u64 + 1 });
        }
        let total = sum(y.iter().map(|v| v * v));
        let f_of = |base: f64, full: f64| ((base - full).max(0.0) / df1 as f64) / (full / df2 as f64);
        if full.rss <= 1e-24 * total {
            return Err(NotEstimable::NoVariance);
        }
        let f = f_of(base.rss, full.rss);
        // Freedman and Lane (1983): what the model without carry leaves is exchangeable in a fork.
        let left: Vec<f64> = self
            .rows
            .iter()
            .zip(&y)
            .map(|(row, y)| y - self.columns(row, false).iter().flatten().map(|c| base.beta[*c]).sum::<f64>())
            .collect();
        let hits = (0..config.permutations)
            .filter(|r| {
                let mut random = Random::stream(config.seed, *r);
                let mut shuffled = left.clone();
                let mut from = 0;
                for fork in self.rows.chunk_by(|a, b| a.fork == b.fork) {
                    if let Some(part) = shuffled.get_mut(from..from + fork.len()) {
                        random.shuffle(part);
                    }
                    from += fork.len();
                }
                let (a, b) = (self.fit(&rows, &shuffled, p0, &f0, false), self.fit(&rows, &shuffled, p1, &f1, true));
                f_of(a.rss, b.rss) >= f * (1.0 - 1e-9)
            })
            .count() as u64;
        tested(f, df1, df2, share(hits, config))
    }

    /// Every benchmark. One that clearly depends on its predecessor would shift the position where
    /// that one comes before it, and so blame others: such benchmarks are left out of the others'
    /// nuisance effects, the clearest first, as long as two are left to find them from.
    fn each(&self, alpha: f64) -> (Vec<Adjusted>, Vec<Result<Found, NotEstimable>>) {
        let m = self.benchmarks.len();
        let mut out = vec![false; m];
        loop {
            let adjusted: Vec<Adjusted> = (0..m).map(|b| self.adjusted(b, &out)).collect();
            let found: Vec<Result<Found, NotEstimable>> = adjusted.iter().map(|a| self.benchmark(a)).collect();
            let open = found.iter().enumerate().filter(|(b, _)| !out[*b]);
            let clearest = open.filter_map(|(b, f)| Some((b, f.as_ref().ok()?.test.p))).fold(None, |best, next| {
                let better = best.is_none_or(|(_, p)| next.1 < p);
                if better { Some(next) } else { best }
            });
            let excluded = out.iter().filter(|o| **o).count();
            match clearest {
                Some((b, p)) if p * ((m - excluded) as f64) < alpha && excluded + 4 <= m => out[b] = true,
                _ => return (adjusted, found),
            }
        }
    }

    /// A benchmark's ln times by predecessor, less the effects of position and fork. Those come from
    /// the other benchmarks alone: so its own noise stays its own, and its own carry-over is not
    /// taken for an effect of the place where it happens.
    fn adjusted(&self, benchmark: usize, out: &[bool]) -> Adjusted {
        let others: Vec<&Row> = self.rows.iter().filter(|r| r.benchmark != benchmark && !out[r.benchmark]).collect();
        let (p, factor) = self.factor(&others, false);
        let y: Vec<f64> = others.iter().map(|r| r.y).collect();
        let beta = self.solve(&others, &y, p, &factor, false);
        let effect = |row: &Row, skip: usize| {
            self.columns(row, false).iter().flatten().skip(skip).map(|c| beta[*c]).sum::<f64>()
        };
        let df = (others.len() as f64 - factor.rank() as f64).max(0.0);
        let squares = sum(others.iter().map(|r| (r.y - effect(r, 0)) * (r.y - effect(r, 0))));
        let mut members: Vec<Vec<&Row>> = vec![Vec::new(); self.benchmarks.len()];
        for row in self.rows.iter().filter(|r| r.benchmark == benchmark) {
            row.previous.into_iter().for_each(|previous| members[previous].push(row));
        }
        let shared = if df > 0.0 { squares / df * self.shared(&members, p, &factor) } else { 0.0 };
        let values = |rows: &[&Row]| rows.iter().map(|r| r.y - effect(r, 1)).collect();
        let seen = members.iter().enumerate().filter(|(_, rows)| !rows.is_empty());
        let groups = seen.map(|(previous, rows)| (previous, values(rows))).collect();
        Adjusted { groups, shared, shared_df: df }
    }

    /// By how much the noise of the nuisance effects, for a unit of the others' variance, adds more
    /// between the groups' means than inside the groups, on the scale of a mean square. A
    /// predecessor that always comes at one position shares that position's error.
    fn shared(&self, members: &[Vec<&Row>], p: usize, factor: &Factor) -> f64 {
        let all: Vec<&Row> = members.iter().flatten().copied().collect();
        let groups = members.iter().filter(|rows| !rows.is_empty());
        let count = groups.clone().count() as f64;
        let (df1, df2) = (count - 1.0, all.len() as f64 - count);
        if df1 < 1.0 || df2 < 1.0 {
            return 0.0;
        }
        let place = |rows: &[&Row]| {
            let mut mean = vec![0.0; p];
            for row in rows {
                self.columns(row, false).iter().flatten().skip(1).for_each(|c| mean[*c] += 1.0 / rows.len() as f64);
            }
            mean
        };
        // Variance of a contrast of the effects, over the variance of one value.
        let spread = |a: &[f64], b: &[f64]| {
            let contrast: Vec<f64> = a.iter().zip(b).map(|(a, b)| a - b).collect();
            sum(factor.solve(&contrast).iter().zip(&contrast).map(|(x, y)| x * y))
        };
        let all = place(&all);
        let (mut between, mut within) = (0.0, 0.0);
        for rows in groups {
            let center = place(rows);
            between += rows.len() as f64 * spread(&center, &all);
            within += sum(rows.iter().map(|row| spread(&place(&[row]), &center)));
        }
        (between / df1 - within / df2).max(0.0)
    }

    fn benchmark(&self, adjusted: &Adjusted) -> Result<Found, NotEstimable> {
        let groups = &adjusted.groups;
        if groups.len() < 2 {
            return Err(NotEstimable::FixedOrder);
        }
        let n = adjusted.count();
        let df1 = groups.len() as u64 - 1;
        let (error, df2) = adjusted.error().ok_or(NotEstimable::TooFew { n: n as u64, needed: df1 + 2 })?;
        // What is left of constants after taking effects away is rounding.
        let level = sum(self.rows.iter().map(|r| r.y * r.y)) / self.rows.len() as f64;
        if error <= 1e-24 * level.max(1e-300) {
            return Err(NotEstimable::NoVariance);
        }
        let center = sum(groups.iter().flat_map(|g| g.1.iter().copied())) / n as f64;
        let between = groups.iter().map(|(_, v)| {
            let d = mean(v).unwrap_or(center) - center;
            v.len() as f64 * d * d
        });
        let f = sum(between) / df1 as f64 / error;
        let df2 = libm::floor(df2).max(1.0) as u64;
        let test = tested(f, df1, df2, None)?;
        let largest = cells(adjusted).into_iter().fold(None, |best: Option<(usize, f64)>, (p, cell)| match best {
            Some((_, e)) if e.abs() >= cell.effect.abs() => best,
            _ => Some((p, cell.effect)),
        });
        let (offender, largest) = largest.ok_or(NotEstimable::FixedOrder)?;
        let offender = self.benchmarks.get(offender).copied().ok_or(NotEstimable::BadDesign)?;
        Ok(Found { test, offender, largest })
    }

    fn matrix(&self, adjusted: &[Adjusted]) -> Vec<Vec<Option<CarryCell>>> {
        let m = self.benchmarks.len();
        let mut matrix = vec![vec![None; m]; m];
        for (successor, adjusted) in adjusted.iter().enumerate() {
            for (previous, cell) in cells(adjusted) {
                matrix[previous][successor] = Some(cell);
            }
        }
        matrix
    }
}

impl Adjusted {
    /// Values in all groups.
    fn count(&self) -> usize {
        self.groups.iter().map(|(_, values)| values.len()).sum()
    }

    /// The mean square that groups show without any carry-over, and its degrees of freedom by
    /// Satterthwaite; `None` where no predecessor was seen twice.
    fn error(&self) -> Option<(f64, f64)> {
        let df = self.count().checked_sub(self.groups.len()).filter(|df| *df > 0)? as f64;
        let squares = self.groups.iter().flat_map(|(_, v)| {
            let m = mean(v).unwrap_or(0.0);
            v.iter().map(move |x| (x - m) * (x - m))
        });
        let within = sum(squares) / df;
        let parts = [(within, Some(df)), (self.shared, Some(self.shared_df.max(1.0)))];
        Some((within + self.shared, satterthwaite(&parts).unwrap_or(df)))
    }
}

/// Each predecessor's mean less the mean of all predecessors' means.
fn cells(adjusted: &Adjusted) -> Vec<(usize, CarryCell)> {
    let groups = &adjusted.groups;
    let g = groups.len() as f64;
    let means: Vec<f64> = groups.iter().map(|(_, v)| mean(v).unwrap_or(0.0)).collect();
    let center = mean(&means).unwrap_or(0.0);
    let inverse = sum(groups.iter().map(|(_, v)| 1.0 / v.len() as f64));
    let cell = |((p, v), m): (&(usize, Vec<f64>), &f64)| {
        let own = 1.0 / v.len() as f64;
        // Variance of a mean less the mean of g independent means, itself among them.
        let share = own * (1.0 - 2.0 / g) + inverse / (g * g);
        let standard_error = adjusted.error().map(|(e, _)| sqrt((e * share).max(0.0)));
        (*p, CarryCell { effect: m - center, standard_error, n: v.len() as u64 })
    };
    groups.iter().zip(&means).map(cell).collect()
}

/// The F test of a ratio of mean squares; where both overflow there is none.
fn tested(f: f64, df1: u64, df2: u64, p_permutation: Option<f64>) -> Result<FTest, NotEstimable> {
    if f.is_nan() {
        return Err(NotEstimable::BadValue);
    }
    Ok(FTest { f, df1, df2, p: f_upper(f, df1 as f64, df2 as f64), p_permutation })
}

fn share(hits: u64, config: &CarryConfig) -> Option<f64> {
    (config.permutations > 0).then(|| (hits + 1) as f64 / (config.permutations + 1) as f64)
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::williams::{schedule, williams};

    const CONFIG: CarryConfig = CarryConfig { alpha: 0.05, margin: 0.01, permutations: 199, seed: 0 };

    /// Executions of a Williams design with effects of benchmark, fork and position, noise, and a
    /// carry-over given by (previous, benchmark).
    fn design(m: u32, squares: u32, noise: f64, seed: u64, carry: impl Fn(u32, u32) -> f64) -> Vec<Execution> {
        let orders: Vec<Vec<u32>> = (0..squares).flat_map(|_| williams(m)).collect();
        run(&orders, noise, seed, carry)
    }

    fn run(orders: &[Vec<u32>], noise: f64, seed: u64, carry: impl Fn(u32, u32) -> f64) -> Vec<Execution> {
        let mut random = Random::stream(seed, 1);
        let mut normal = || random.normal();
        let mut out = Vec::new();
        for (fork, order) in orders.iter().enumerate() {
            let fork = fork as u32;
            let level = 0.05 * normal();
            for (i, b) in order.iter().enumerate() {
                let after = if i == 0 { 0.0 } else { carry(order[i - 1], *b) };
                // Benchmarks differ in their level and in their noise.
                let e = noise * f64::from(1 + b % 3) * normal();
                let log_time = f64::from(*b) + level + 0.01 * i as f64 + after + e;
                out.push(Execution { fork, position: i as u32, benchmark: *b, log_time });
            }
        }
        out
    }

    #[test]
    fn the_offender_is_named() {
        let data = design(6, 4, 0.004, 1, |p, b| if (p, b) == (2, 4) { 0.10 } else { 0.0 });
        let got = carryover(&data, &CONFIG).unwrap();
        assert_eq!((got.verdict, got.n, got.forks), (CarryVerdict::NotOrthogonal, 144, 24));
        let row = &got.rows[4];
        assert_eq!((row.verdict, row.offender, row.n), (CarryVerdict::NotOrthogonal, Some(2), 20));
        // The effect over that after an average predecessor: four fifths of it.
        assert!((row.largest.unwrap() - 0.08).abs() < 0.015, "{row:?}");
        let cell = got.matrix[2][4].unwrap();
        assert!(cell.n == 4 && (cell.effect - 0.08).abs() < 4.0 * cell.standard_error.unwrap(), "{cell:?}");
        assert!(got.matrix[4][4].is_none());
        assert!(got.rows.iter().filter(|r| r.benchmark != 4).all(|r| r.verdict != CarryVerdict::NotOrthogonal));
    }

    #[test]
    fn a_predecessor_that_slows_all_shows_overall() {
        let data = design(6, 2, 0.004, 2, |p, _| if p == 3 { 0.03 } else { 0.0 });
        let test = carryover(&data, &CONFIG).unwrap().overall.unwrap();
        // Columns: 6 + 12 − 1 + 6 − 1 without carry, and five more for six predecessors.
        assert_eq!((test.df1, test.df2), (5, 72 - 22 - 5));
        assert!(test.p < 1e-6 && test.p_permutation == Some(1.0 / 200.0), "{test:?}");
    }

    #[test]
    fn without_carry_the_error_rate_holds() {
        let (mut any, mut moved, mut overall) = (0, 0, 0);
        let config = CarryConfig { permutations: 0, ..CONFIG };
        let hit = |got: &Carryover| u32::from(got.rows.iter().any(|r| r.p_adjusted.unwrap() < 0.05));
        for seed in 0..300 {
            let got = carryover(&design(4, 4, 0.01, seed, |_, _| 0.0), &config).unwrap();
            any += hit(&got);
            overall += u32::from(got.overall.unwrap().p < 0.05);
            moved += hit(&carryover(&run(&schedule(4, 16, seed), 0.01, seed, |_, _| 0.0), &config).unwrap());
        }
        // 5 % of 300 are 15, with a standard deviation of 3.8. Unlike noise makes the overall F,
        // which assumes equal noise, somewhat liberal; the rows' tests do not assume it.
        assert!(any <= 26 && moved <= 26, "{any} and {moved} of 300");
        assert!(overall <= 34, "{overall} of 300");
    }

    #[test]
    fn fixed_order_is_not_testable() {
        let fixed: Vec<Execution> = (0..20)
            .map(|i| Execution { fork: i / 4, position: i % 4, benchmark: i % 4, log_time: f64::from(i * 7 % 5) })
            .collect();
        let got = carryover(&fixed, &CONFIG).unwrap();
        assert_eq!(
            (got.verdict, got.overall, got.why_not),
            (CarryVerdict::NotTestable, None, Some(NotEstimable::FixedOrder))
        );
        assert!(got.rows.iter().all(|r| r.why_not == Some(NotEstimable::FixedOrder)));
        let once = carryover(&design(4, 1, 0.01, 1, |_, _| 0.0), &CONFIG).unwrap();
        assert!(once.rows.iter().all(|r| matches!(r.why_not, Some(NotEstimable::TooFew { n: 3, needed: 4 }))));
        assert!(once.overall.is_some());
    }

    #[test]
    fn edges() {
        let e = |position, log_time| Execution { fork: 0, position, benchmark: 7, log_time };
        let why = |x: &[Execution]| carryover(x, &CONFIG).unwrap_err();
        assert_eq!(why(&[]), NotEstimable::NoData);
        assert_eq!(why(&[e(0, f64::NAN)]), NotEstimable::BadValue);
        assert_eq!(why(&[e(3, 1.0), e(3, 1.0)]), NotEstimable::BadDesign);
        let wide: Vec<Execution> = (0..1_001).map(|fork| Execution { fork, ..e(0, 1.0) }).collect();
        assert_eq!(why(&wide), NotEstimable::TooLarge);
        for n in 1..4 {
            let few: Vec<Execution> = (0..n).map(|i| e(i, 1.0)).collect();
            assert_eq!(carryover(&few, &CONFIG).unwrap().verdict, CarryVerdict::NotTestable);
        }
        let constant = carryover(&design(4, 3, 0.0, 1, |_, _| 0.0), &CONFIG).unwrap();
        assert_eq!((constant.why_not, constant.verdict), (Some(NotEstimable::NoVariance), CarryVerdict::NotTestable));
    }
}
