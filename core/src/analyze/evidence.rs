//! Which side evidence belongs to, and what collections did to the iterations of its processes
//! (STATISTICS S10).

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::analyze::inputs::{Member, Read, file_name, folder};
use crate::evidence::{Clock, Collections, Evidence};
use crate::model::{Fork, Mark, Marks, Run, SeriesData, Timed};
use crate::report::{AttachedBy, BiasReport, BiasedIteration, EvidenceKind, EvidenceReport};
use crate::stats::collections::{Collection, collection_bias};

/// Processes, and marked iterations, that a report lists at most; marking knows no limit.
const MOST: usize = 1000;

/// What is known of the place of some evidence.
#[derive(Default)]
struct Place {
    run: Option<usize>,
    side: Option<u32>,
    by: Option<AttachedBy>,
}

/// What ties files to each other, each looked up and never searched.
struct Ties<'a> {
    /// Of each run the sides of its arms, as arm and side.
    sides: Vec<Vec<(u32, u32)>>,
    /// Runs by the side that the caller named.
    by_side: BTreeMap<&'a str, Vec<usize>>,
    /// Runs by folder and beginning of the file's name.
    by_stem: BTreeMap<(&'a str, &'a str), Vec<usize>>,
    /// Runs by folder.
    by_folder: BTreeMap<&'a str, Vec<usize>>,
    /// How many files of evidence of a kind lie in a folder.
    beside: BTreeMap<(&'a str, EvidenceKind), usize>,
}

/// Summarises all evidence, ties it to sides, and marks iterations that collections biased.
pub(super) fn weigh(read: &mut Read, members: &[Member], confidence: f64) -> Vec<EvidenceReport> {
    let mut all: Vec<(usize, Option<usize>, Evidence)> = Vec::new();
    for (index, (input, run)) in read.runs.iter_mut().enumerate() {
        all.extend(core::mem::take(&mut run.evidence).into_iter().map(|e| (*input, Some(index), e)));
    }
    all.extend(core::mem::take(&mut read.evidence).into_iter().map(|(input, e)| (input, None, e)));
    if all.is_empty() {
        return Vec::new();
    }
    all.sort_by_key(|(input, ..)| *input);
    let ties = Ties::of(read, members, &all);
    let places: Vec<Place> = all
        .iter()
        .map(|(input, own, evidence)| match own {
            Some(run) => ties.side_of(*run, AttachedBy::SameFile),
            None => ties.place(read, *input, evidence.kind()),
        })
        .collect();
    let sides = ties.sides;
    let mut out = Vec::with_capacity(all.len());
    for ((input, _, evidence), place) in all.iter().zip(places) {
        let mut report = evidence.summarize(confidence);
        report.input = *input as u32;
        report.side = place.side;
        report.attached_by = place.by;
        if let (Evidence::Collections(collections), Some(index)) = (evidence, place.run)
            && let (Some((_, run)), Some(sides)) = (read.runs.get_mut(index), sides.get(index))
        {
            bias(collections, run, sides, &mut report);
        }
        out.push(report);
    }
    out
}

impl<'a> Ties<'a> {
    fn of(read: &'a Read, members: &[Member], all: &[(usize, Option<usize>, Evidence)]) -> Ties<'a> {
        let mut ties = Ties {
            sides: read.runs.iter().map(|_| Vec::new()).collect(),
            by_side: BTreeMap::new(),
            by_stem: BTreeMap::new(),
            by_folder: BTreeMap::new(),
            beside: BTreeMap::new(),
        };
        for member in members {
            if let Some(sides) = ties.sides.get_mut(member.run) {
                sides.push((member.arm, member.side as u32));
            }
        }
        for (index, (input, _)) in read.runs.iter().enumerate() {
            let name = name_of(read, *input);
            if let Some(side) = read.named(*input) {
                ties.by_side.entry(side).or_default().push(index);
            }
            ties.by_stem.entry((folder(name), stem(file_name(name)))).or_default().push(index);
            ties.by_folder.entry(folder(name)).or_default().push(index);
        }
        for (input, _, evidence) in all.iter().filter(|(_, own, _)| own.is_none()) {
            *ties.beside.entry((folder(name_of(read, *input)), evidence.kind())).or_default() += 1;
        }
        ties
    }

    /// The place of evidence that belongs to a run: its side, where it has one only.
    fn side_of(&self, run: usize, by: AttachedBy) -> Place {
        let sides = self.sides.get(run).map_or(&[][..], Vec::as_slice);
        let first = sides.first().map(|(_, side)| *side);
        let side = first.filter(|first| sides.iter().all(|(_, side)| side == first));
        Place { run: Some(run), side, by: Some(by) }
    }

    /// The place of a file of its own: what the caller says, else what its name says, else where it lies.
    fn place(&self, read: &Read, input: usize, kind: EvidenceKind) -> Place {
        if let Some(side) = read.named(input) {
            return match self.by_side.get(side).map(Vec::as_slice) {
                Some([run]) => self.side_of(*run, AttachedBy::Side),
                // Of several runs of a side nobody knows which one it is.
                Some([run, ..]) => Place { run: None, ..self.side_of(*run, AttachedBy::Side) },
                _ => Place::default(),
            };
        }
        let own = name_of(read, input);
        let (here, name) = (folder(own), file_name(own));
        // The longest beginning that is the name of a run; where it is that of several, of none.
        let ends = name.char_indices().rev().filter(|(at, c)| *at > 0 && matches!(c, '.' | '-' | '_'));
        let named = ends.filter_map(|(at, _)| self.by_stem.get(&(here, name.get(..at)?))).next();
        match named.map(Vec::as_slice) {
            Some([run]) => return self.side_of(*run, AttachedBy::Name),
            Some(_) => return Place::default(),
            None => {}
        }
        match self.by_folder.get(here).map(Vec::as_slice) {
            Some([run]) if self.beside.get(&(here, kind)) == Some(&1) => self.side_of(*run, AttachedBy::Folder),
            _ => Place::default(),
        }
    }
}

fn name_of(read: &Read, input: usize) -> &str {
    read.reports.get(input).map_or("", |r| r.name.as_str())
}

/// A file's name without what follows its first point.
fn stem(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// Finds the iterations that collections biased, process by process, and marks them.
fn bias(collections: &Collections, run: &mut Run, sides: &[(u32, u32)], report: &mut EvidenceReport) {
    if collections.clock != Clock::Process || run.timed.is_empty() {
        return;
    }
    let cycles = by_process(collections);
    let mut iterations: Vec<Vec<Timed>> = run.forks.iter().map(|_| Vec::new()).collect();
    for timed in &run.timed {
        if let (Some(list), false) = (iterations.get_mut(timed.fork as usize), is_warmup(run, timed)) {
            list.push(*timed);
        }
    }
    for (process, fork) in pairs(run, collections) {
        let (Some(cycles), Some(timed)) = (cycles.get(process), iterations.get(fork)) else { continue };
        if timed.is_empty() {
            continue;
        }
        let spans: Vec<(f64, f64)> = timed.iter().map(|t| (t.start, t.end)).collect();
        let found = collection_bias(&spans, cycles, None);
        let Some(arm) = run.forks.get(fork).filter(|f| is_measured(f)).map(|f| f.arm) else { continue };
        let side = sides.iter().find(|(own, _)| *own == arm).map_or(0, |(_, side)| *side);
        let inside: Vec<(u64, f64)> = spans.iter().map(|span| within(*span, cycles)).collect();
        if report.biases.len() < MOST {
            report.biases.push(BiasReport {
                side,
                fork: fork as u32,
                cycles: cycles.len() as u64,
                iterations: timed.len() as u64,
                biased: found.count,
                longest_gap: found.longest_gap,
                gc_bound: found.gc_bound,
                pause_seconds: inside.iter().fold(0.0, |sum, (_, pause)| sum + pause),
                iteration_seconds: spans.iter().map(|(start, end)| end - start).sum(),
            });
        }
        for (i, (timed, (cycles, pause))) in timed.iter().zip(&inside).enumerate() {
            if !found.is_excluded(i) {
                continue;
            }
            let Some(series) = run.series.get_mut(timed.series as usize) else { continue };
            let SeriesData::Columns(columns) = &mut series.data else { continue };
            let Some(marks) = columns.marks.get_mut(timed.value as usize) else { continue };
            *marks = marks.union(Marks::of(Mark::GcBiased));
            if report.biased.len() < MOST {
                report.biased.push(BiasedIteration {
                    side,
                    fork: fork as u32,
                    benchmark: series.key.benchmark.clone(),
                    value: i as u64,
                    start: timed.start,
                    end: timed.end,
                    cycles: *cycles,
                    pause_seconds: *pause,
                });
            }
        }
    }
}

/// The cycles of each process by start.
fn by_process(collections: &Collections) -> Vec<Vec<Collection>> {
    let mut out: Vec<Vec<Collection>> = Vec::new();
    out.resize(collections.processes as usize, Vec::new());
    let times = collections.start.iter().zip(&collections.end).zip(&collections.pause);
    for (process, ((start, end), pause)) in collections.process.iter().zip(times) {
        if let Some(own) = out.get_mut(*process as usize) {
            own.push(Collection { start: *start, end: *end, pause: *pause });
        }
    }
    for own in &mut out {
        own.sort_by(|a, b| a.start.total_cmp(&b.start));
    }
    out
}

/// Which process of a log is which of a run: as the log says; else the only one of each, or, where processes
/// ran one after the other and are as many, each in its turn.
fn pairs(run: &Run, collections: &Collections) -> Vec<(usize, usize)> {
    let processes = collections.processes as usize;
    if collections.forks.iter().any(Option::is_some) {
        return stated(run, &collections.forks);
    }
    let measured: Vec<usize> =
        (0..run.forks.len()).filter(|fork| run.forks.get(*fork).is_some_and(is_measured)).collect();
    match measured.as_slice() {
        [fork] if processes == 1 => [(0, *fork)].into(),
        _ if run.lockstep => Vec::new(),
        _ if processes == run.forks.len() => (0..processes).map(|i| (i, i)).collect(),
        // A trace of the measured ones alone.
        list if processes == list.len() => list.iter().copied().enumerate().collect(),
        _ => Vec::new(),
    }
}

/// The processes whose fork the log names; none where several stand under one name, since a fork may have
/// started others that collect too.
fn stated(run: &Run, forks: &[Option<(u32, u32)>]) -> Vec<(usize, usize)> {
    let mut named: Vec<((u32, u32), usize)> =
        forks.iter().enumerate().filter_map(|(process, fork)| Some(((*fork)?, process))).collect();
    named.sort_unstable();
    let alone = named.chunk_by(|a, b| a.0 == b.0).filter(|group| group.len() == 1).flatten();
    alone
        .filter_map(|((number, pid), process)| {
            let fork = run.forks.get(*number as usize)?;
            (fork.known().pid == Some(*pid)).then_some((*process, *number as usize))
        })
        .collect()
}

fn is_measured(fork: &Fork) -> bool {
    !fork.marks.has(Mark::Pilot) && !fork.marks.has(Mark::Profiled)
}

fn is_warmup(run: &Run, timed: &Timed) -> bool {
    match run.series.get(timed.series as usize).map(|s| &s.data) {
        Some(SeriesData::Columns(columns)) => {
            columns.marks.get(timed.value as usize).is_some_and(|marks| marks.has(Mark::Warmup))
        }
        _ => true,
    }
}

/// How many cycles began in an iteration, and the seconds of it that their pauses took at most.
fn within((start, end): (f64, f64), cycles: &[Collection]) -> (u64, f64) {
    let from = cycles.partition_point(|c| c.start < start);
    let to = cycles.partition_point(|c| c.start < end);
    let inside = cycles.get(from..to).unwrap_or(&[]);
    let pause = inside.iter().fold(0.0, |sum, c| sum + c.pause);
    (inside.len() as u64, pause.min((end - start).max(0.0)))
}
