//! A scheduler's trace, as columns.

use alloc::vec::Vec;

use crate::evidence::MAX_ROWS;
use crate::report::ScheduleReport;
use crate::sort::sort_values;
use crate::stats::autocorrelation::tau;
use crate::stats::moments::mean;
use crate::stats::order::estimate_quantile;
use crate::stats::quantile::Weighing;

/// Lines of `schedtrace`, struct of arrays, one entry a line.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Schedule {
    /// Processes whose lines these are: a new one where time goes back.
    pub processes: u32,
    /// Of each line the process.
    pub process: Vec<u32>,
    /// Seconds since the start of the process, in steps of 1 ms.
    pub time: Vec<f64>,
    /// Processors of the scheduler (`gomaxprocs`).
    pub procs: Vec<u32>,
    /// Those without work.
    pub idle: Vec<u32>,
    /// Threads of the operating system.
    pub threads: Vec<u32>,
    /// Goroutines that wait in the queue of all.
    pub queue: Vec<u32>,
    /// Goroutines that wait in the queues of the processors, together.
    pub local: Vec<u32>,
    /// Whether a line says how long those are.
    pub locals_known: bool,
    /// Rows that the limits left out.
    pub left_out: u64,
}

/// A line on its way into the columns.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Moment {
    pub(crate) time: f64,
    pub(crate) procs: u32,
    pub(crate) idle: u32,
    pub(crate) threads: u32,
    pub(crate) queue: u32,
    pub(crate) local: Option<u32>,
}

impl Schedule {
    /// How many lines.
    #[must_use]
    pub fn len(&self) -> usize {
        self.time.len()
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.time.is_empty()
    }

    pub(crate) fn push(&mut self, moment: Moment) {
        if self.len() >= MAX_ROWS {
            self.left_out += 1;
            return;
        }
        if self.time.last().is_none_or(|last| moment.time < *last) {
            self.processes += 1;
        }
        self.process.push(self.processes - 1);
        self.time.push(moment.time);
        self.procs.push(moment.procs);
        self.idle.push(moment.idle);
        self.threads.push(moment.threads);
        self.queue.push(moment.queue);
        self.local.push(moment.local.unwrap_or(0));
        self.locals_known |= moment.local.is_some();
    }

    /// Adds the queue of a processor, which has a line of its own, to those of the last moment.
    pub(crate) fn lengthen(&mut self, queue: u32) {
        if let Some(last) = self.local.last_mut().filter(|_| self.left_out == 0) {
            *last = last.saturating_add(queue);
            self.locals_known = true;
        }
    }

    /// What the report says of it: lines are snapshots, so that shares are those of moments and not of time.
    #[must_use]
    pub fn summarize(&self, confidence: f64) -> ScheduleReport {
        let as_floats = |list: &[u32]| -> Vec<f64> { list.iter().map(|v| f64::from(*v)).collect() };
        let procs: f64 = as_floats(&self.procs).iter().sum();
        let idle: f64 = as_floats(&self.idle).iter().sum();
        let waiting: Vec<f64> =
            self.queue.iter().zip(&self.local).map(|(q, l)| f64::from(*q) + f64::from(*l)).collect();
        let effective = (waiting.len() as f64 / tau(&waiting).max(1.0)).max(1.0) as u64;
        let mut sorted = waiting.clone();
        sort_values(&mut sorted);
        let mut weighing = Weighing::new();
        let quantiles = [0.5, 0.9, 0.99].map(|p| {
            let value = weighing.shown(&sorted, p, false);
            estimate_quantile(&sorted, p, confidence, effective, value)
        });
        ScheduleReport {
            lines: self.len() as u64,
            processes: u64::from(self.processes),
            procs: self.procs.iter().copied().max().unwrap_or(0),
            idle_share: (procs > 0.0).then(|| idle / procs),
            queue_mean: mean(&waiting),
            queue_longest: sorted.last().copied().unwrap_or(0.0),
            queue_quantiles: quantiles.to_vec(),
            locals_known: self.locals_known,
            threads_first: self.threads.first().copied().unwrap_or(0),
            threads_last: self.threads.last().copied().unwrap_or(0),
            threads_most: self.threads.iter().copied().max().unwrap_or(0),
        }
    }
}
