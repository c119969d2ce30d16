//! Carry-over between the benchmarks of a process (STATISTICS S11): the order comes from the files.

use alloc::vec::Vec;

use crate::analyze::inputs::Member;
use crate::config::AnalysisConfig;
use crate::map::Named;
use crate::model::{Run, SeriesData, SeriesKey, identity};
use crate::report::{Carried, Orthogonality, ReportRow};
use crate::sort::sort_by;
use crate::stats::carryover::{CarryConfig, CarryVerdict, Execution, carryover};
use crate::stats::estimable::NotEstimable;
use crate::stats::math::{exp, ln};

/// Benchmarks (twice), positions and processes together up to which a side is tested: each benchmark has a
/// fit whose work grows with the cube of it.
const MOST: usize = 150;
/// The share of the permutations asked for that the overall test makes: each fits two models.
const SHARE: u64 = 10;

/// One entry per side that has processes with several benchmarks. `left` is set where the small engine leaves a test to
/// the whole one.
pub(super) fn orthogonality(
    rows: &[ReportRow],
    runs: &[(usize, Run)],
    members: &[Member],
    sides: usize,
    config: &AnalysisConfig,
    left: &mut bool,
) -> Vec<Orthogonality> {
    (0..sides)
        .filter_map(|side| {
            let mut found = Found {
                numbers: Named::new(),
                keys: Vec::new(),
                executions: Vec::new(),
                forks: 0,
                before: Vec::new(),
                varied: false,
                large: false,
            };
            // The commands of one file are sides of their own, and have a process each.
            for member in members.iter().filter(|m| m.side == side && m.only.is_none()) {
                found.add(&runs.get(member.run)?.1, member.arm);
            }
            found.judge(rows, side, config, left)
        })
        .collect()
}

/// What the processes of a side ran.
struct Found {
    /// Benchmarks, each with its number.
    numbers: Named<u32>,
    keys: Vec<SeriesKey>,
    executions: Vec<Execution>,
    forks: u32,
    /// What each benchmark ran after at first, and whether any ran after something else, too: where none did, nobody can
    /// tell it from what ran before it.
    before: Vec<Option<u32>>,
    varied: bool,
    /// Whether a process ran more than can be tested.
    large: bool,
}

impl Found {
    fn add(&mut self, run: &Run, arm: u32) {
        // Logarithms of used values by process, as sums and counts, for each series once.
        let mut sums: Vec<Option<Vec<(f64, f64)>>> = run.series.iter().map(|_| None).collect();
        let mut executed = run.executed.clone();
        // Processes one after another; each keeps its order.
        sort_by(&mut executed, &mut |a, b| a.0.cmp(&b.0));
        for own in executed.chunk_by(|a, b| a.0 == b.0).filter(|own| own.len() >= 2) {
            if own.len() > MOST {
                self.large = true;
                self.forks += 1;
                continue;
            }
            let fork = own[0].0 as usize;
            let known = run.forks.get(fork).filter(|f| f.arm == arm && f.marks.is_used());
            let twice = own.iter().enumerate().any(|(i, e)| own[..i].contains(e));
            if known.is_none() || twice {
                continue;
            }
            let mut of = |series: u32| {
                let place = series as usize;
                let sums = sums.get_mut(place)?.get_or_insert_with(|| logs(run, place));
                let (total, n) = sums.get(fork).filter(|sum| sum.1 > 0.0)?;
                Some((&run.series.get(place)?.key, total / n))
            };
            // Where one has no value, nobody knows what the next one ran after.
            let Some(values) = own.iter().map(|(_, series)| of(*series)).collect::<Option<Vec<_>>>() else { continue };
            let mut previous = None;
            for (position, (key, log_time)) in (0..).zip(values) {
                let keys = &mut self.keys;
                let benchmark = *self.numbers.of(&identity(&key.suite, &key.benchmark, &key.params, ""), || {
                    keys.push(key.clone());
                    keys.len() as u32 - 1
                });
                self.executions.push(Execution { fork: self.forks, position, benchmark, log_time });
                match self.before.get(benchmark as usize) {
                    Some(before) => self.varied |= *before != previous,
                    None => self.before.push(previous),
                }
                previous = Some(benchmark);
            }
            self.forks += 1;
        }
    }

    fn judge(
        &self,
        rows: &[ReportRow],
        side: usize,
        config: &AnalysisConfig,
        left: &mut bool,
    ) -> Option<Orthogonality> {
        let mut out = Orthogonality {
            side: side as u32,
            verdict: CarryVerdict::NotTestable,
            why_not: None,
            benchmarks: self.keys.len() as u64,
            forks: self.forks.into(),
            n: self.executions.len() as u64,
            overall: None,
            carried: Vec::new(),
        };
        if self.forks < 2 || (self.keys.len() < 2 && !self.large) {
            return None;
        }
        if self.large {
            out.why_not = Some(NotEstimable::TooLarge);
            return Some(out);
        }
        if !self.varied {
            out.why_not = Some(NotEstimable::FixedOrder);
            return Some(out);
        }
        let positions = self.executions.iter().map(|e| e.position as usize + 1).max().unwrap_or(0);
        if 2 * self.keys.len() + positions + self.forks as usize > MOST {
            out.why_not = Some(NotEstimable::TooLarge);
            return Some(out);
        }
        if cfg!(not(feature = "full")) {
            *left = true;
            return None;
        }
        let settings = CarryConfig {
            alpha: 1.0 - config.stats.confidence,
            margin: config.stats.margin,
            permutations: config.stats.resamples / SHARE,
            seed: config.stats.seed,
        };
        match carryover(&self.executions, &settings) {
            Err(why) => out.why_not = Some(why),
            Ok(found) => {
                out.verdict = found.verdict;
                out.why_not = found.why_not;
                out.overall = found.overall;
                let place = |id: u32| {
                    let key = self.keys.get(id as usize)?;
                    let same = |r: &ReportRow| {
                        let params = || r.params.iter().map(|p| (&p.name, &p.value));
                        r.suite == key.suite && r.benchmark == key.benchmark && key.params.iter().eq(params())
                    };
                    rows.iter().position(|r| r.primary && same(r))
                };
                let label = |id: u32| place(id).and_then(|at| rows.get(at)).map(|r| r.label.clone());
                for row in &found.rows {
                    let depends = matches!(row.verdict, CarryVerdict::NotOrthogonal | CarryVerdict::Trivial);
                    let after = row.offender.filter(|_| depends).and_then(label);
                    if let (Some(after), Some(at), Some(effect), Some(p)) =
                        (after, place(row.benchmark), row.largest, row.p_adjusted)
                    {
                        out.carried.push(Carried {
                            row: at as u32,
                            after,
                            ratio: exp(effect),
                            p,
                            verdict: row.verdict,
                        });
                    }
                }
                let size = |c: &Carried| ln(c.ratio).abs();
                sort_by(&mut out.carried, &mut |a, b| size(b).total_cmp(&size(a)));
            }
        }
        Some(out)
    }
}

/// Sums of logarithms of the used values of a series, and their numbers, by process; nothing where one is not
/// positive.
fn logs(run: &Run, series: usize) -> Vec<(f64, f64)> {
    let mut out: Vec<(f64, f64)> = run.forks.iter().map(|_| (0.0, 0.0)).collect();
    let Some(SeriesData::Columns(columns)) = run.series.get(series).map(|s| &s.data) else { return Vec::new() };
    if columns.values.iter().any(|v| *v <= 0.0) {
        return Vec::new();
    }
    for ((value, fork), marks) in columns.values.iter().zip(&columns.fork).zip(&columns.marks) {
        if let Some(sum) = out.get_mut(*fork as usize).filter(|_| marks.is_used()) {
            *sum = (sum.0 + ln(*value), sum.1 + 1.0);
        }
    }
    out
}
