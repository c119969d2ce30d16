//! The steps that Shenandoah prints in version 8: `[Pause Init Mark, 0.5 ms]`, `[Concurrent marking, 8 ms]`.
//!
//! They bear no number: a collection begins with its reset or, where an older one has none, with its first pause.

use alloc::string::String;

use super::{Cursor, size};
use crate::evidence::{Collections, Cycle, CycleKind};
use crate::find::rfind;

/// Whether a bracket opens a step.
pub(super) fn is_step(text: &str) -> bool {
    text.starts_with("[Pause ") || text.starts_with("[Concurrent ")
}

/// Where the steps of one process have come to.
#[derive(Default)]
pub(super) struct Steps {
    /// The collection that runs, and whether it has stopped the program yet.
    open: Option<(u32, bool)>,
    number: u64,
    /// Whether steps are announced; then the time of the other line is that of their end.
    announced: bool,
}

impl Steps {
    /// Takes a step at its time; `false`: it does not tell how long it took.
    pub(super) fn take(&mut self, to: &mut Collections, process: u32, time: f64, text: &str) -> bool {
        if text.ends_with(", start") {
            self.announced = true;
            return true;
        }
        let Some(seconds) = seconds(text) else { return false };
        let start = if self.announced { (time - seconds).max(0.0) } else { time };
        let pause = text.starts_with("Pause ");
        // These run alone.
        let alone = text.starts_with("Pause Full") || text.starts_with("Pause Degenerated");
        let first = alone
            || text.starts_with("Concurrent reset")
            || text.starts_with("Pause Init Mark") && self.open.is_none_or(|(_, paused)| paused);
        if first || self.open.is_none() {
            self.number += 1;
            let kind = if alone { CycleKind::Full } else { CycleKind::Concurrent };
            let row = to.push(Cycle::begun(process, self.number, start, kind));
            self.open = row.map(|row| (row, false));
            if to.collector.is_empty() {
                to.collector = String::from("Shenandoah");
            }
        }
        let Some((row, paused)) = &mut self.open else { return true };
        let (row, at) = (*row, *row as usize);
        if pause {
            *paused = true;
            to.pause(row, start, seconds);
        } else if let Some(end) = to.end.get_mut(at) {
            *end = end.max(start + seconds);
        }
        if let (Some((before, after, whole)), Some(first), Some(last), Some(goal)) =
            (transition(text), to.before.get_mut(at), to.after.get_mut(at), to.goal.get_mut(at))
        {
            first.get_or_insert(before);
            (*last, *goal) = (Some(after), Some(whole));
        }
        if alone {
            self.open = None;
        }
        true
    }
}

/// The duration before the last bracket: `…, 4.170 ms`.
fn seconds(text: &str) -> Option<f64> {
    let text = text.strip_suffix("ms")?.trim_end();
    let mut cursor = Cursor(text.as_bytes().get(rfind(text, " ")? + 1..)?);
    cursor.amount().filter(|_| cursor.0.is_empty()).map(|ms| ms / 1e3)
}

/// `4K->5K(6K)` as before, after, size.
fn transition(text: &str) -> Option<(f64, f64, f64)> {
    let (head, tail) = text.split_at_checked(rfind(text, "->")?)?;
    let before = size(&mut Cursor(head.as_bytes().get(rfind(head, " ")? + 1..)?))?;
    let mut cursor = Cursor(tail.as_bytes());
    cursor.skip("->").then_some(())?;
    let after = size(&mut cursor)?;
    let whole = cursor.skip("(").then(|| size(&mut cursor)).flatten()?;
    Some((before, after, whole))
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::super::jvm_old::{detect, parse};
    use super::*;
    use crate::format::evidence::tests::collections;

    const M: f64 = 1_048_576.0;

    #[test]
    fn steps_belong_to_their_collection() {
        let log = "2022-08-17T16:20:47.680+0800: 2.464: [Concurrent reset, start]\n    Using 1 of 2 workers\n\
                   2022-08-17T16:20:47.680+0800: 2.464: [Concurrent reset, 0.500 ms]\n\
                   2022-08-17T16:20:47.685+0800: 2.469: [Pause Init Mark (process weakrefs), start]\n\
                   2022-08-17T16:20:47.688+0800: 2.475: [Pause Init Mark (process weakrefs), 3.000 ms]\n\
                   2022-08-17T16:20:48.555+0800: 3.338: [Concurrent marking (process weakrefs), 866.393 ms]\n\
                   2022-08-17T16:20:48.561+0800: 3.344: [Pause Final Mark (process weakrefs), 4.000 ms]\n\
                   2022-08-17T16:20:48.561+0800: 3.350: [Concurrent cleanup 16M->14M(20M), 0.092 ms]\n\
                   2022-08-17T16:20:48.900+0800: 3.700: [Concurrent cleanup 18M->6M(20M), 0.092 ms]\n\
                   2022-08-17T16:20:50.000+0800: 5.000: [Pause Full, start]\n\
                   2022-08-17T16:20:50.000+0800: 5.500: [Pause Full 18M->4M(20M), 500.000 ms]\n";
        assert_eq!(detect(log.as_bytes()), 91);
        let (c, notices) = collections(parse, log);
        assert!(notices.is_empty(), "{notices:?}");
        assert_eq!(
            (c.collector.as_str(), c.kind.as_slice()),
            ("Shenandoah", &[CycleKind::Concurrent, CycleKind::Full][..])
        );
        assert_eq!(c.pause_seconds, [0.003, 0.004, 0.5]);
        assert_eq!((c.before[0], c.after[0], c.goal[0]), (Some(16.0 * M), Some(6.0 * M), Some(20.0 * M)));
        assert_eq!((c.end[0], c.start[1], c.after[1]), (3.7, 5.0, Some(4.0 * M)));
        assert!((c.pause_start[0] - 2.472).abs() < 1e-12);
    }

    #[test]
    fn steps_without_announcement_begin_at_their_time() {
        let (c, notices) = collections(
            parse,
            "0.500: [Pause Init Mark, 1.000 ms]\n\
             0.600: [Concurrent marking\n    Failed to allocate TLAB, 4096K\n    Cancelling GC: Allocation Failure\n, 250.000 ms]\n\
             0.900: [Pause Degenerated GC (Mark) 9M->3M(10M), 2.000 ms]\n\
             2.000: [Pause Init Mark, 1.000 ms]\n\
             2.500: [Pause Final Mark]\n",
        );
        assert_eq!(c.kind, [CycleKind::Concurrent, CycleKind::Full, CycleKind::Concurrent]);
        assert_eq!((c.pause_start.as_slice(), c.end[0]), (&[0.5, 0.9, 2.0][..], 0.85));
        assert_eq!(notices, [(crate::source::NoticeCode::BrokenLine, 1)]);
    }
}
