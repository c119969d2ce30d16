//! Which side evidence belongs to, and what collections did to the iterations of its processes
//! (STATISTICS S10).

use alloc::vec::Vec;

use crate::analyze::inputs::{Member, Read, file_name, folder};
use crate::evidence::{Clock, Collections, Evidence};
use crate::model::{Mark, Marks, Run, SeriesData, Timed};
use crate::report::{AttachedBy, BiasReport, BiasedIteration, EvidenceReport};
use crate::stats::collections::{Collection, collection_bias};

/// Processes, and marked iterations, that a report lists at most; marking knows no limit.
const MOST: usize = 1000;

/// What is known of the place of some evidence.
struct Place {
    run: Option<usize>,
    side: Option<u32>,
    by: Option<AttachedBy>,
}

/// Summarises all evidence, ties it to sides, and marks iterations that collections biased.
pub(super) fn weigh(read: &mut Read, members: &[Member], confidence: f64) -> Vec<EvidenceReport> {
    let mut all: Vec<(usize, Option<usize>, Evidence)> = Vec::new();
    for (index, (input, run)) in read.runs.iter_mut().enumerate() {
        all.extend(core::mem::take(&mut run.evidence).into_iter().map(|e| (*input, Some(index), e)));
    }
    all.extend(core::mem::take(&mut read.evidence).into_iter().map(|(input, e)| (input, None, e)));
    all.sort_by_key(|(input, ..)| *input);
    // Of each kind the folders in which files of their own lie.
    let beside: Vec<(usize, crate::report::EvidenceKind)> =
        all.iter().filter(|(_, run, _)| run.is_none()).map(|(input, _, e)| (*input, e.kind())).collect();
    let mut out = Vec::with_capacity(all.len());
    for (input, own, evidence) in &all {
        let place = match own {
            Some(run) => on_side_of(*run, members, AttachedBy::SameFile),
            None => place(read, members, &beside, *input, evidence),
        };
        let mut report = evidence.summarize(confidence);
        report.input = *input as u32;
        report.side = place.side;
        report.attached_by = place.by;
        if let (Evidence::Collections(collections), Some((_, run))) =
            (evidence, place.run.and_then(|run| read.runs.get_mut(run)))
        {
            let side = |arm: u32| {
                let own = |m: &&Member| Some(m.run) == place.run && m.arm == arm;
                members.iter().find(own).map_or(0, |m| m.side as u32)
            };
            bias(collections, run, &side, &mut report);
        }
        out.push(report);
    }
    out
}

/// The place of evidence that belongs to a run: its side, where it has one only.
fn on_side_of(run: usize, members: &[Member], by: AttachedBy) -> Place {
    let mut sides = members.iter().filter(|m| m.run == run).map(|m| m.side as u32);
    let first = sides.next();
    let side = first.filter(|first| sides.all(|side| side == *first));
    Place { run: Some(run), side, by: Some(by) }
}

/// The place of a file of its own: what the caller says, else what its name says, else where it lies.
fn place(
    read: &Read,
    members: &[Member],
    beside: &[(usize, crate::report::EvidenceKind)],
    input: usize,
    evidence: &Evidence,
) -> Place {
    let name = |input: usize| read.reports.get(input).map_or("", |r| r.name.as_str());
    if let Some(side) = read.named(input) {
        let mut runs = read.runs.iter().enumerate().filter(|(_, (other, _))| read.named(*other) == Some(side));
        return match (runs.next(), runs.next()) {
            (Some((run, _)), None) => on_side_of(run, members, AttachedBy::Side),
            (Some((run, _)), Some(_)) => Place { run: None, ..on_side_of(run, members, AttachedBy::Side) },
            _ => Place { run: None, side: None, by: None },
        };
    }
    let own = name(input);
    let here: Vec<usize> = (0..read.runs.len())
        .filter(|run| read.runs.get(*run).is_some_and(|(other, _)| folder(name(*other)) == folder(own)))
        .collect();
    // Of several names that fit the longest; of equal ones none.
    let named = |run: &usize| {
        let (other, _) = read.runs.get(*run)?;
        let stem = stem(file_name(name(*other)));
        let rest = file_name(own).strip_prefix(stem)?;
        (!stem.is_empty() && rest.starts_with(['.', '-', '_'])).then_some((stem.len(), *run))
    };
    let mut fitting: Vec<(usize, usize)> = here.iter().filter_map(named).collect();
    fitting.sort_unstable_by(|a, b| b.cmp(a));
    match fitting.as_slice() {
        [(_, run)] => return on_side_of(*run, members, AttachedBy::Name),
        [(first, run), (second, _), ..] if first > second => return on_side_of(*run, members, AttachedBy::Name),
        _ => {}
    }
    let alike = |(other, kind): &&(usize, _)| *kind == evidence.kind() && folder(name(*other)) == folder(own);
    match here.as_slice() {
        [run] if beside.iter().filter(alike).count() == 1 => on_side_of(*run, members, AttachedBy::Folder),
        _ => Place { run: None, side: None, by: None },
    }
}

/// A file's name without what follows its first point.
fn stem(name: &str) -> &str {
    name.split_once('.').map_or(name, |(stem, _)| stem)
}

/// Finds the iterations that collections biased, process by process, and marks them.
fn bias(collections: &Collections, run: &mut Run, side: &dyn Fn(u32) -> u32, report: &mut EvidenceReport) {
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
        let side = side(run.forks.get(fork).map_or(0, |f| f.arm));
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
    let plain =
        |fork: &usize| run.forks.get(*fork).is_some_and(|f| !f.marks.has(Mark::Pilot) && !f.marks.has(Mark::Profiled));
    let measured: Vec<usize> = (0..run.forks.len()).filter(plain).collect();
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
            (fork.pid == Some(*pid)).then_some((*process, *number as usize))
        })
        .collect()
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
