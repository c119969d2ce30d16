//! Brings the same series of all sides together, and settles the verdicts of a family.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use core::ops::Range;

use crate::analyze::inputs::Member;
use crate::analyze::suite;
use crate::config::AnalysisConfig;
use crate::map::Named;
use crate::model::{
    Columns, Fork, Mark, Marks, NO_ROUND, Run, Series, SeriesData, SeriesKey, SideSeries, Stopping, identity, in_order,
};
use crate::profile::Pattern;
use crate::report::{Comparison, Family, Param, Reason, ReportRow, TallyEntry, Verdict};
use crate::sort::order;
use crate::stats;
use crate::stats::design::Units;
use crate::unit::{Better, Unit};

/// One series on all sides.
pub(super) struct Aligned {
    pub(super) key: SeriesKey,
    pub(super) label: String,
    pub(super) unit: Unit,
    pub(super) better: Better,
    pub(super) primary: bool,
    pub(super) sides: Vec<Option<SideSeries>>,
    /// Sides whose unit differs from the first one's.
    other_unit: Vec<usize>,
}

impl Aligned {
    pub(super) fn params(&self) -> Vec<Param> {
        self.key.params.iter().map(|(name, value)| Param { name: name.clone(), value: value.clone() }).collect()
    }
}

/// Joins the series of all members by key: primary rows first, then by key.
pub(super) fn align(runs: &[(usize, Run)], members: &[Member], sides: usize, config: &AnalysisConfig) -> Vec<Aligned> {
    // Causes that the user takes for none.
    let named = |m: &Mark| config.keep.iter().any(|k| k == m.code());
    let kept = Mark::ALL.into_iter().filter(named).fold(Marks::NONE, Marks::with);
    let filter = config.filter.as_deref().map(Pattern::new);
    let (mut next_block, mut next_fork) = (0u32, 0u32);
    let mut bases: Vec<Option<(u32, u32)>> = runs.iter().map(|_| None).collect();
    let mut by_command: Vec<Option<Named<Vec<usize>>>> = runs.iter().map(|_| None).collect();
    let mut parts: Vec<Part<'_>> = Vec::new();
    for member in members {
        let (Some((_, run)), Some(base), Some(by_command)) =
            (runs.get(member.run), bases.get_mut(member.run), by_command.get_mut(member.run))
        else {
            continue;
        };
        let base = *base.get_or_insert_with(|| {
            let base = (next_block, next_fork);
            let last = run.forks.iter().filter_map(|f| f.block).max().map_or(0, |b| b.saturating_add(1));
            next_block = next_block.saturating_add(last);
            next_fork = next_fork.saturating_add(run.forks.len() as u32);
            base
        });
        let own = member.only.as_ref().map(|only| {
            let known = by_command.get_or_insert_with(|| commands(run));
            known.get(&command(only)).map_or(&[][..], Vec::as_slice)
        });
        let every = (0..run.series.len()).filter(|_| own.is_none());
        for index in own.unwrap_or_default().iter().copied().chain(every) {
            let Some(series) = run.series.get(index) else { continue };
            let part = Part::new(series, run, member, base);
            let named = |f: &Pattern| {
                let key = part.key();
                f.matches(&label_of(&key)) || f.matches(&key.benchmark)
            };
            if filter.as_ref().is_none_or(named) {
                parts.push(part);
            }
        }
    }
    // Parts of one key stay in the order of the members.
    let by_key = order(parts.len(), &mut |a, b| parts[a].in_order.cmp(&parts[b].in_order));
    let mut list: Vec<Aligned> = Vec::new();
    let mut before: Option<&Part<'_>> = None;
    for part in by_key.iter().filter_map(|place| parts.get(*place as usize)) {
        let series = part.series;
        if before.is_none_or(|before| before.in_order != part.in_order) {
            let key = part.key();
            list.push(Aligned {
                label: label_of(&key),
                key,
                unit: series.unit.clone(),
                better: series.better,
                primary: is_primary(series, config),
                sides: (0..sides).map(|_| None).collect(),
                other_unit: Vec::new(),
            });
        }
        before = Some(part);
        let Some(entry) = list.last_mut() else { continue };
        if entry.unit != series.unit && !entry.other_unit.contains(&part.member.side) {
            entry.other_unit.push(part.member.side);
        }
        if let Some(slot) = entry.sides.get_mut(part.member.side) {
            add(slot, series, part.run, part.member.arm, part.base, kept);
        }
    }
    list.retain(|a| a.sides.iter().any(Option::is_some));
    qualify_labels(&mut list);
    let primary_first = order(list.len(), &mut |a, b| list[b].primary.cmp(&list[a].primary));
    let mut slots: Vec<Option<Aligned>> = list.into_iter().map(Some).collect();
    primary_first.iter().filter_map(|place| slots.get_mut(*place as usize)?.take()).collect()
}

/// A series of a member.
struct Part<'a> {
    /// [`in_order`] of the key.
    in_order: String,
    series: &'a Series,
    run: &'a Run,
    member: &'a Member,
    /// Block and process from which its run's are counted.
    base: (u32, u32),
}

impl<'a> Part<'a> {
    fn new(series: &'a Series, run: &'a Run, member: &'a Member, base: (u32, u32)) -> Part<'a> {
        let mut part = Part { in_order: String::new(), series, run, member, base };
        let (benchmark, params) = part.shared();
        part.in_order = in_order(&series.key.suite, benchmark, params, &series.key.metric);
        part
    }

    /// Name and parameters as the sides have them in common: what differs between them is no part of that.
    fn shared(&self) -> (&'a str, &'a BTreeMap<String, String>) {
        match self.member.only {
            Some(_) => ("command", const { &BTreeMap::new() }),
            None => (&self.series.key.benchmark, &self.series.key.params),
        }
    }

    fn key(&self) -> SeriesKey {
        let (benchmark, params) = self.shared();
        let SeriesKey { suite, metric, .. } = &self.series.key;
        SeriesKey {
            suite: suite.clone(),
            benchmark: String::from(benchmark),
            params: params.clone(),
            metric: metric.clone(),
        }
    }
}

/// A command of a hyperfine file: its name and its parameters, as one text.
fn command(key: &SeriesKey) -> String {
    identity("", &key.benchmark, &key.params, "")
}

/// The series of each command of a run.
fn commands(run: &Run) -> Named<Vec<usize>> {
    let mut out: Named<Vec<usize>> = Named::new();
    for (index, series) in run.series.iter().enumerate() {
        out.of(&command(&series.key), Vec::new).push(index);
    }
    out
}

fn is_primary(series: &Series, config: &AnalysisConfig) -> bool {
    if config.gate.is_empty() {
        series.primary
    } else {
        config.gate.iter().any(|g| *g == series.key.metric || *g == series.unit.name)
    }
}

pub(super) fn label_of(key: &SeriesKey) -> String {
    let mut label = key.benchmark.clone();
    for (name, value) in &key.params {
        label.push('/');
        label.push_str(name);
        label.push('=');
        label.push_str(value);
    }
    if label.is_empty() {
        label.push_str(if key.suite.is_empty() { "benchmark" } else { &key.suite });
    }
    label
}

/// Labels that two suites share get their suite in front.
fn qualify_labels(list: &mut [Aligned]) {
    if list.iter().zip(list.iter().skip(1)).all(|(a, b)| a.key.suite == b.key.suite) {
        return;
    }
    let mut suites: Named<(String, bool)> = Named::new();
    for entry in list.iter() {
        let first = suites.of(&entry.label, || (entry.key.suite.clone(), false));
        first.1 |= first.0 != entry.key.suite;
    }
    for entry in list.iter_mut() {
        if suites.get(&entry.label).is_some_and(|s| s.1) && !entry.key.suite.is_empty() {
            entry.label = alloc::format!("{}.{}", entry.key.suite, entry.label);
        }
    }
}

/// Adds one arm of a series to a side. Blocks get a number of their own per run, so that two sides
/// share a block only where one file shows both in it.
fn add(
    slot: &mut Option<SideSeries>,
    series: &Series,
    run: &Run,
    arm: u32,
    (block_base, fork_base): (u32, u32),
    kept: Marks,
) {
    let first = slot.is_none();
    let side = slot.get_or_insert_with(|| SideSeries {
        columns: Columns::default(),
        forks: Vec::new(),
        aggregates: Vec::new(),
        interleaved: run.interleaved,
        lockstep: run.lockstep,
        seconds_per_block: run.seconds_per_block,
        stopping: run.stopping.clone(),
        run_spread: None,
        quantity: series.unit.quantity,
        better: series.better,
        assumption: series.assumption,
    });
    side.interleaved &= run.interleaved;
    side.lockstep &= run.lockstep;
    if !first {
        side.stopping = Stopping::join(side.stopping.as_ref(), run.stopping.as_ref());
    }
    let columns = match &series.data {
        SeriesData::Aggregates(list) => {
            side.aggregates.extend(list.iter().filter(|(a, _)| *a == arm).map(|(_, aggregate)| *aggregate));
            return;
        }
        SeriesData::Columns(columns) => columns,
    };
    let own = |fork: &&u32| run.forks.get(**fork as usize).is_some_and(|f| f.arm == arm);
    side.columns.reserve(columns.fork.iter().filter(own).count());
    // A fork of the run becomes a fork of the side when its first value comes. Those of a series lie close together.
    let low = columns.fork.iter().copied().min().unwrap_or(0);
    let high = columns.fork.iter().copied().max().map_or(low, |high| high.saturating_add(1));
    let mut place: Vec<u32> = alloc::vec![u32::MAX; (high.min(run.forks.len() as u32).saturating_sub(low)) as usize];
    side.forks.reserve(place.len());
    let mut from = 0;
    while let Some(fork) = columns.fork.get(from) {
        // Values of a process stand together, as a rule.
        let to = from + columns.fork.iter().skip(from).take_while(|f| *f == fork).count();
        let source = run.forks.get(*fork as usize).filter(|f| f.arm == arm);
        if let (Some(source), Some(to_fork)) = (source, place.get_mut(fork.saturating_sub(low) as usize)) {
            if *to_fork == u32::MAX {
                let block = source.block.map(|b| b.saturating_add(block_base));
                let marks = source.marks.less(kept);
                side.forks.push(Fork { block, id: fork_base.saturating_add(*fork), marks, ..source.clone() });
                *to_fork = side.forks.len() as u32 - 1;
            }
            push(&mut side.columns, columns, from..to, *to_fork, kept);
        }
        from = to;
    }
}

/// Adds the values at some places of another series, which are of one process.
fn push(into: &mut Columns, from: &Columns, at: Range<usize>, fork: u32, kept: Marks) {
    let before = into.len();
    into.values.extend_from_slice(from.values.get(at.clone()).unwrap_or(&[]));
    into.ops.extend_from_slice(from.ops.get(at.clone()).unwrap_or(&[]));
    into.marks.extend(from.marks.get(at.clone()).unwrap_or(&[]).iter().map(|marks| marks.less(kept)));
    into.placed(fork, 1, Marks::NONE);
    if let (Some(round), Some(turn)) = (from.round.get(at.clone()), from.turn.get(at.clone())) {
        into.round.resize(before, NO_ROUND);
        into.turn.resize(before, 0);
        into.round.extend_from_slice(round);
        into.turn.extend_from_slice(turn);
    }
    let known = from.weight.len();
    let weight = from.weight.get(at.start.min(known)..at.end.min(known)).unwrap_or(&[]);
    if !weight.is_empty() {
        into.weight.resize(before, 1);
        into.weight.extend_from_slice(weight);
    }
    if !into.weight.is_empty() {
        into.weight.resize(into.values.len(), 1);
    }
}

/// The answer where the units of a candidate do not fit those of the baseline.
pub(super) fn misfit(entry: &Aligned, candidate: usize) -> Option<Comparison> {
    let differs = entry.other_unit.contains(&candidate) != entry.other_unit.contains(&0);
    differs.then(|| Comparison {
        candidate: candidate as u32,
        reasons: [Reason::UnitMismatch].into(),
        ..stats::compare::blank()
    })
}

/// Corrects the p-values of each family, settles its verdicts and counts them.
pub(super) fn settle_families(
    rows: &mut [ReportRow],
    series: &[Vec<Option<SideSeries>>],
    units: &[Vec<Option<Units>>],
    sides: usize,
    config: &AnalysisConfig,
) -> Vec<Family> {
    let mut families = Vec::new();
    if !config.compare {
        return families;
    }
    let alpha = 1.0 - config.stats.confidence;
    for candidate in 1..sides as u32 {
        for primary in [true, false] {
            let mut family: Vec<(&mut Comparison, Better)> = rows
                .iter_mut()
                .filter(|r| r.primary == primary)
                .filter_map(|r| {
                    let better = r.better;
                    place(&r.comparisons, candidate).and_then(|i| r.comparisons.get_mut(i)).map(move |c| (c, better))
                })
                .collect();
            if family.is_empty() {
                continue;
            }
            stats::settle(&mut family, &config.stats);
            let tests = family.iter().filter(|(c, _)| c.p.is_some()).count() as u64;
            let tally = Verdict::ALL
                .into_iter()
                .map(|verdict| TallyEntry {
                    verdict,
                    rows: family.iter().filter(|(c, _)| c.verdict == verdict).count() as u64,
                })
                .collect();
            let raw_hits = family.iter().filter(|(c, _)| c.p.is_some_and(|p| p < alpha)).count() as u64;
            families.push(Family {
                candidate,
                primary,
                tests,
                tally,
                expected_false_hits: alpha * tests as f64,
                raw_hits,
                geometric_mean: if primary {
                    suite::geometric_mean(rows, series, units, candidate, &config.stats)
                } else {
                    None
                },
            });
        }
    }
    families
}

/// Where a candidate's comparison is: they are sorted by candidate.
pub(super) fn place(comparisons: &[Comparison], candidate: u32) -> Option<usize> {
    comparisons.binary_search_by_key(&candidate, |c| c.candidate).ok()
}
