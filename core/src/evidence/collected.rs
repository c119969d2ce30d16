//! What a collector's log says in sum.

use alloc::string::String;
use alloc::vec::Vec;

use crate::evidence::{Clock, Collections, CycleKind};
use crate::report::{ClockReport, CollectionsReport, HeapReport, KindCount, StopsReport};
use crate::sort::sort_values;
use crate::stats::autocorrelation::tau;
use crate::stats::order::estimate_quantile;
use crate::stats::quantile::Weighing;
use crate::stats::trend::trend;

impl Collections {
    /// Seconds that the log looks over, all processes together: from the start of a process, or from its
    /// first line where the clock has another beginning, to the end of its last cycle. `None` without a
    /// clock or where no time passes.
    fn span(&self) -> Option<f64> {
        if self.clock == Clock::None {
            return None;
        }
        let mut ends: Vec<Option<(u64, f64, f64)>> = Vec::new();
        ends.resize(self.processes as usize, None);
        for (((process, number), start), end) in self.process.iter().zip(&self.number).zip(&self.start).zip(&self.end) {
            let Some(own) = ends.get_mut(*process as usize) else { continue };
            let (first, from, to) = own.unwrap_or((*number, *start, *end));
            *own = Some((first, from.min(*start), to.max(*end)));
        }
        let from = |first: u64, start: f64| if self.begins(first) { 0.0 } else { start };
        let all: f64 = ends.iter().flatten().map(|(first, start, last)| last - from(*first, *start)).sum();
        (all > 0.0).then_some(all)
    }

    /// Whether a log whose first cycle has this number begins with its process.
    fn begins(&self, first: u64) -> bool {
        self.clock == Clock::Process && self.whole && first <= 1
    }

    /// Cycles by which the heap is followed: those that stop the program, where there are any, since others
    /// span them, and what they free is in no order with them.
    fn followed(&self) -> impl Iterator<Item = usize> {
        let known = |i: &usize| self.after.get(*i).is_some_and(Option::is_some);
        let beside = |i: &usize| self.kind.get(*i) == Some(&CycleKind::Concurrent);
        let stops = (0..self.len()).any(|i| known(&i) && !beside(&i));
        (0..self.len()).filter(move |i| known(i) && !(stops && beside(i)))
    }

    /// Bytes allocated between the cycles and, where the log says, during them; and over how many
    /// seconds. What is allocated during a cycle of the JVM is not in its log, so that this is the least.
    fn allocated(&self) -> Option<(f64, f64)> {
        let mut last: Vec<Option<(f64, f64)>> = Vec::new();
        last.resize(self.processes as usize, None);
        let (mut bytes, mut seconds, mut steps) = (0.0, 0.0, 0u64);
        for i in self.followed() {
            let (Some(process), Some(start)) = (self.process.get(i), self.start.get(i)) else { continue };
            let Some(own) = last.get_mut(*process as usize) else { continue };
            let (before, after) = (self.before.get(i).copied().flatten(), self.after.get(i).copied().flatten());
            let (Some(before), Some(after)) = (before, after) else { continue };
            if let Some((left, at)) = *own {
                bytes += (before - left).max(0.0) + self.during.get(i).copied().flatten().unwrap_or(0.0);
                seconds += (start - at).max(0.0);
                steps += 1;
            }
            *own = Some((after, *start));
        }
        (steps > 0).then_some((bytes, seconds))
    }

    fn heap(&self, confidence: f64) -> Option<HeapReport> {
        let after: Vec<f64> = self.followed().filter_map(|i| self.after.get(i).copied().flatten()).collect();
        let largest = |list: &[Option<f64>]| {
            list.iter().flatten().copied().fold(None, |m: Option<f64>, v| Some(m.map_or(v, |m| m.max(v))))
        };
        // Over all processes together there is no course to speak of.
        let course = (self.processes == 1).then(|| trend(&after, confidence).ok()).flatten();
        Some(HeapReport {
            first_after: *after.first()?,
            last_after: *after.last()?,
            largest_before: largest(&self.before),
            largest_after: largest(&self.after),
            largest_goal: largest(&self.goal),
            growth_per_cycle: course.as_ref().map(|t| t.slope),
            growth_interval: course.map(|t| t.interval),
        })
    }

    /// What the report says of it.
    #[must_use]
    pub fn summarize(&self, confidence: f64) -> CollectionsReport {
        let mut pauses = self.pause_seconds.clone();
        // Pauses follow each other: they are worth fewer independent ones (S7).
        let dependence = tau(&pauses).max(1.0);
        sort_values(&mut pauses);
        let n = pauses.len();
        let effective = (n as f64 / dependence).max(1.0) as u64;
        let mut weighing = Weighing::new();
        let quantiles = [0.5, 0.9, 0.95, 0.99, 0.999].map(|p| {
            let value = weighing.shown(&pauses, p, false);
            estimate_quantile(&pauses, p, confidence, effective, value)
        });
        let total = self.pause_seconds.iter().fold(0.0, |sum, v| sum + v);
        let span = self.span();
        let allocated = self.allocated();
        let cpu = self.cpu.iter().flatten().copied().reduce(|a, b| a + b);
        CollectionsReport {
            collector: self.collector.clone(),
            clock: match self.clock {
                Clock::Process => ClockReport::Process,
                Clock::Other => ClockReport::Other,
                Clock::None => ClockReport::None,
            },
            resolution_seconds: (self.resolution > 0.0).then_some(self.resolution),
            processes: u64::from(self.processes),
            first_number: self.number.first().copied().unwrap_or(0),
            cycles: self.len() as u64,
            other_cycles: self.others,
            cut_lines: self.cut,
            left_out: self.left_out,
            kinds: CycleKind::ALL
                .into_iter()
                .map(|kind| KindCount {
                    kind: String::from(kind.code()),
                    count: self.kind.iter().filter(|k| **k == kind).count() as u64,
                })
                .filter(|k| k.count > 0)
                .collect(),
            pauses: n as u64,
            pause_seconds: total,
            longest_pause: pauses.last().copied(),
            span_seconds: span,
            // A log may leave its pauses out.
            pause_share: span.filter(|_| n > 0).map(|s| (total / s).min(1.0)),
            pause_quantiles: if n == 0 { Vec::new() } else { quantiles.to_vec() },
            cpu_seconds: cpu,
            allocated_bytes: allocated.map(|a| a.0),
            allocation_rate: allocated
                .filter(|a| a.1 > 0.0 && self.clock != Clock::None)
                .map(|a| a.0 / a.1)
                .filter(|rate| rate.is_finite()),
            heap: self.heap(confidence),
            stops: (self.stops > 0).then_some(StopsReport { count: self.stops, seconds: self.stopped }),
            stalls: (self.stalls > 0).then_some(StopsReport { count: self.stalls, seconds: self.stalled }),
        }
    }
}
