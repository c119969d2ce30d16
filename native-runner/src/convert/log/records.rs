//! The records of one input.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use noisefloor_core::log::{
    Block, Exit, ForkRecord, NO_BLOCK, PILOT_BLOCK, PROFILED_BLOCK, ProfileRecord, Record, Round, Value,
};
use noisefloor_core::model::{Assumption, Columns, Fork, Mark, Marks, NO_ROUND, Run, Series, SeriesData};
use noisefloor_core::unit::{Better, tidy};

use crate::convert::arms::Part;
use crate::convert::log::names::Names;
use crate::convert::log::put;
use crate::convert::order::visits;
use crate::convert::{Failure, Lost, mark_names};

/// Marks of a process that the log says by the process's block or end.
const STRUCTURAL: [Mark; 4] = [Mark::Pilot, Mark::Profiled, Mark::Failed, Mark::IgnoredFailure];

/// Values of one record at most, so that no line is endless.
const MAX_VALUES: usize = 4096;

/// Writes the records of one input.
pub(super) struct Writer<'w, 'a> {
    pub(super) part: &'w Part<'a>,
    pub(super) names: &'w Names<'a>,
    pub(super) lost: &'w mut Lost,
    pub(super) out: &'w mut dyn Write,
}

impl Writer<'_, '_> {
    fn put(&mut self, record: &Record) -> Result<(), Failure> {
        put(self.out, record)
    }

    /// All of it; the moment at which it ended.
    pub(super) fn part(&mut self) -> Result<u64, Failure> {
        let run = self.part.run;
        self.count_losses();
        let open = self.open_blocks();
        let driven = driven(run);
        for (index, fork) in run.forks.iter().enumerate() {
            let benchmark = driven.get(&(index as u32)).and_then(|s| self.names.get(&run.series[*s].key));
            self.fork(index as u32, fork, benchmark)?;
        }
        if run.lockstep {
            for series in 0..run.series.len() {
                self.rounds(series)?;
            }
        } else if ascending(run) {
            for visit in visits(run).flatten() {
                for (series, values) in visit.series {
                    self.values(series, values.into_iter().flatten())?;
                }
            }
        } else {
            self.lost.add(run.executed.len() as u64, "places in the order in which processes came to benchmarks");
            for (series, data) in run.series.iter().enumerate() {
                if let SeriesData::Columns(columns) = &data.data {
                    self.values(series, 0..columns.len() as u32)?;
                }
            }
        }
        let mut end = 0;
        for (index, fork) in run.forks.iter().enumerate() {
            end = end.max(self.exit(index as u32, fork)?);
        }
        for profile in &run.profiles {
            let arm = self.part.arms.get(profile.arm as usize).copied().unwrap_or(0);
            self.put(&Record::Profile(ProfileRecord { arm, file: profile.file.clone(), ..ProfileRecord::default() }))?;
        }
        Ok(end.max(self.close_blocks(&open)?))
    }

    fn count_losses(&mut self) {
        let run = self.part.run;
        for series in &run.series {
            if let SeriesData::Aggregates(list) = &series.data {
                self.lost.add(list.len() as u64, "summaries without values");
                continue;
            }
            let tidied = tidy(&unit_text(series));
            let count = |yes: bool| u64::from(yes);
            self.lost.add(
                count(series.primary && series.key.metric != "time"),
                "metrics that gate, where only `time` does in a log (--gate METRIC)",
            );
            self.lost.add(count(series.assumption == Assumption::Exact), "metrics whose values are stated to be exact");
            self.lost.add(count(tidied.unit != series.unit), "units of which the log does not know what they measure");
            let usual = tidied.better != Better::Unknown;
            self.lost.add(count(series.better == Better::Unknown && usual), "metrics stated to have no direction");
        }
    }

    /// Blocks of which every process was interrupted: they stay open.
    fn open_blocks(&self) -> BTreeSet<u32> {
        let mut blocks: BTreeMap<u32, bool> = BTreeMap::new();
        for fork in &self.part.run.forks {
            if let Some(block) = fork.block {
                *blocks.entry(block).or_insert(true) &= fork.marks.has(Mark::Interrupted);
            }
        }
        blocks.into_iter().filter(|(_, open)| *open).map(|(block, _)| block).collect()
    }

    /// The number that the log gives a process's block.
    fn block(&self, fork: &Fork) -> i64 {
        match fork.block {
            _ if fork.marks.has(Mark::Pilot) => PILOT_BLOCK,
            _ if fork.marks.has(Mark::Profiled) => PROFILED_BLOCK,
            Some(block) => i64::from(block) + i64::from(self.part.first_block),
            None => NO_BLOCK,
        }
    }

    fn fork(&mut self, index: u32, fork: &Fork, benchmark: Option<String>) -> Result<(), Failure> {
        let record = ForkRecord {
            f: self.part.first_fork.saturating_add(index),
            arm: self.part.arm_of(index),
            block: self.block(fork),
            benchmark,
            pid: fork.known().pid.unwrap_or(0),
            core: fork.known().core,
            t: nanos(fork.known().start.unwrap_or(0.0)),
        };
        self.put(&Record::Fork(record))
    }

    /// Marks of a process that are written on its values.
    fn on_values(&self, fork: u32) -> Marks {
        let Some(fork) = self.part.run.forks.get(fork as usize) else { return Marks::NONE };
        let said = STRUCTURAL.into_iter().fold(Marks::NONE, Marks::with);
        let said = if fork.block.is_some() { said.with(Mark::Interrupted) } else { said };
        fork.marks.less(said)
    }

    /// Writes values of a series that belong to no round, in this order.
    fn values(&mut self, series: usize, indices: impl Iterator<Item = u32>) -> Result<(), Failure> {
        let run = self.part.run;
        let Some(own @ Series { data: SeriesData::Columns(columns), .. }) = run.series.get(series) else {
            return Ok(());
        };
        let mut open: Option<((u32, u64, Marks), Vec<f64>)> = None;
        for at in indices.map(|index| index as usize) {
            let fork = columns.fork.get(at).copied().unwrap_or(0);
            let marks = columns.marks.get(at).copied().unwrap_or(Marks::NONE);
            let key = (fork, columns.ops.get(at).copied().unwrap_or(1), marks.union(self.on_values(fork)));
            let value = columns.values.get(at).copied().unwrap_or(0.0);
            for _ in 0..columns.weight.get(at).copied().unwrap_or(1) {
                match &mut open {
                    Some((last, x)) if *last == key && x.len() < MAX_VALUES => x.push(value),
                    _ => self.record(own, open.replace((key, vec![value])))?,
                }
            }
        }
        self.record(own, open)
    }

    /// Writes values that are alike, if any.
    fn record(&mut self, series: &Series, alike: Option<((u32, u64, Marks), Vec<f64>)>) -> Result<(), Failure> {
        let Some(((fork, ops, marks), x)) = alike else { return Ok(()) };
        self.put(&Record::Value(self.value(series, fork, (ops, marks), x)))
    }

    fn value(&self, series: &Series, fork: u32, (ops, marks): (u64, Marks), x: Vec<f64>) -> Value {
        Value {
            f: self.part.first_fork.saturating_add(fork),
            // One without a name would be read as time.
            metric: if series.key.metric.is_empty() { "value".into() } else { series.key.metric.clone() },
            unit: unit_text(series),
            x,
            n: ops,
            benchmark: self.names.get(&series.key),
            better: match series.better {
                Better::Lower => Some("lower".into()),
                Better::Higher => Some("higher".into()),
                Better::Unknown => None,
            },
            m: mark_names(marks.less(Marks::of(Mark::Warmup))),
            w: marks.has(Mark::Warmup),
            t: Vec::new(),
        }
    }

    /// Writes a series of a lockstep run: what was measured right after each other is one record.
    fn rounds(&mut self, series: usize) -> Result<(), Failure> {
        let run = self.part.run;
        let Some(Series { data: SeriesData::Columns(columns), .. }) = run.series.get(series) else { return Ok(()) };
        let mut at = 0;
        while at < columns.len() {
            let members = self.round(columns, at);
            let times: Option<Vec<u64>> = (at..at + members)
                .map(|i| batch_nanos(columns.values[i], columns.ops.get(i).copied().unwrap_or(1)))
                .collect();
            match times.filter(|_| members > 0) {
                Some(times) => self.put(&Record::Round(self.round_record(columns, at, times)))?,
                None => {
                    let placed = columns.round.get(at).is_some_and(|r| *r != NO_ROUND);
                    self.lost.add(u64::from(placed), "values whose place in a lockstep round cannot be written");
                    self.values(series, std::iter::once(at as u32))?;
                }
            }
            at += members.max(1);
        }
        Ok(())
    }

    /// How many values from a place on are one whole round; 0: the value is not the first of a round.
    fn round(&self, columns: &Columns, at: usize) -> usize {
        let place = |i: usize| {
            let fork = self.part.run.forks.get(*columns.fork.get(i)? as usize)?;
            let round = columns.round.get(i).copied().filter(|r| *r != NO_ROUND)?;
            let single = columns.weight.get(i).copied().unwrap_or(1) == 1;
            single.then_some((self.block(fork), round, columns.ops.get(i).copied()?))
        };
        let Some(first) = place(at) else { return 0 };
        let fits = |k: &usize| columns.turn.get(at + k) == Some(&(*k as u32)) && place(at + k) == Some(first);
        (0..columns.len() - at).take_while(fits).count()
    }

    fn round_record(&self, columns: &Columns, at: usize, ns: Vec<u64>) -> Round {
        let forks = columns.fork.get(at..at + ns.len()).unwrap_or(&[]);
        let own = columns.marks.get(at..at + ns.len()).unwrap_or(&[]);
        let marks: Vec<Marks> = own.iter().zip(forks).map(|(m, f)| m.union(self.on_values(*f))).collect();
        let warmup = marks.iter().all(|m| m.has(Mark::Warmup));
        let said = if warmup { Marks::of(Mark::Warmup) } else { Marks::NONE };
        let named: Vec<Vec<String>> = marks.iter().map(|m| mark_names(m.less(said))).collect();
        Round {
            b: forks.first().and_then(|f| self.part.run.forks.get(*f as usize)).map_or(NO_BLOCK, |f| self.block(f)),
            i: columns.round.get(at).copied().unwrap_or(0),
            n: columns.ops.get(at).copied().unwrap_or(1),
            o: forks.iter().map(|f| self.part.first_fork.saturating_add(*f)).collect(),
            ns,
            t: None,
            m: if named.iter().all(Vec::is_empty) { Vec::new() } else { named },
            w: warmup,
        }
    }

    fn exit(&mut self, index: u32, fork: &Fork) -> Result<u64, Failure> {
        let ignored = fork.marks.has(Mark::IgnoredFailure);
        let failed = ignored || fork.marks.has(Mark::Failed);
        let known = fork.known();
        if known.end.is_none() && known.evidence.0.is_empty() && !failed {
            return Ok(0);
        }
        let t = nanos(known.end.or(known.start).unwrap_or(0.0));
        self.put(&Record::Exit(Exit {
            f: self.part.first_fork.saturating_add(index),
            t,
            status: if failed { None } else { Some(0) },
            signal: None,
            ignored,
            evidence: known.evidence.0.clone(),
        }))?;
        Ok(t)
    }

    /// Closes the blocks; the moment of the last one.
    fn close_blocks(&mut self, open: &BTreeSet<u32>) -> Result<u64, Failure> {
        let run = self.part.run;
        let blocks: BTreeSet<u32> = run.forks.iter().filter_map(|f| f.block).collect();
        let closed: Vec<u32> = blocks.into_iter().filter(|b| !open.contains(b)).collect();
        let first = run.forks.iter().find(|f| f.block.is_some()).and_then(|f| f.known().start).unwrap_or(0.0);
        let mut end = 0;
        for (done, block) in closed.iter().enumerate() {
            // As many seconds for each: more is not known.
            end = nanos(first + run.seconds_per_block.unwrap_or(0.0) * (done + 1) as f64);
            let b = i64::from(*block) + i64::from(self.part.first_block);
            self.put(&Record::Block(Block { b, t: end, ok: true, why: None }))?;
        }
        Ok(end)
    }
}

/// The unit as the log writes it. One that reading would take for another is put in brackets: nobody knows that one,
/// and its values stay what they are.
fn unit_text(series: &Series) -> String {
    let name = &series.unit.name;
    let tidied = tidy(name);
    let stays = tidied.unit.name == *name && tidied.factor == 1.0;
    if stays { name.clone() } else { format!("[{name}]") }
}

/// For each process of lockstep rounds its series: a round does not name its benchmark, the process does.
fn driven(run: &Run) -> BTreeMap<u32, usize> {
    let mut out = BTreeMap::new();
    for (index, series) in run.series.iter().enumerate().filter(|_| run.lockstep) {
        if let SeriesData::Columns(columns) = &series.data {
            for (fork, _) in columns.fork.iter().zip(&columns.round).filter(|(_, round)| **round != NO_ROUND) {
                out.entry(*fork).or_insert(index);
            }
        }
    }
    out
}

/// Whether the values of every series stand process by process.
fn ascending(run: &Run) -> bool {
    run.series.iter().all(|s| match &s.data {
        SeriesData::Columns(columns) => columns.fork.is_sorted(),
        SeriesData::Aggregates(_) => true,
    })
}

fn nanos(seconds: f64) -> u64 {
    // What is negative or no number becomes 0.
    (seconds * 1e9).round() as u64
}

/// The time of a batch from which a reader gets this very value; `None`: there is none.
fn batch_nanos(value: f64, ops: u64) -> Option<u64> {
    let near = (value * ops as f64 / 1e-9).round();
    if !(0.0..9e15).contains(&near) {
        return None;
    }
    let near = near as u64;
    let fits = |ns: &u64| (*ns as f64 * 1e-9 / ops as f64).to_bits() == value.to_bits();
    (near.saturating_sub(2)..=near + 2).find(fits)
}
