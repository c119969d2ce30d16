//! Logs of the JVM's collectors before version 9 (`-verbose:gc`, `-XX:+PrintGCDetails`).
//!
//! An entry is what stands between its outer brackets, which may be many lines; what other threads
//! wrote in between is inside brackets of its own. Its time stands before it, its duration before the
//! last bracket. Shenandoah of version 8 prints its steps instead (`jvm_steps`).

use alloc::string::String;

use super::jvm_steps::{Steps, is_step};
use super::stamp::date;
use super::{Cursor, finish, fork_of, size};
use crate::error::ParseError;
use crate::evidence::{Clock, Collections, Cycle, CycleKind, Evidence};
use crate::find::{beginning, find, lines, lossy, rfind};
use crate::format::Content;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

/// Bytes of one entry at most: a longer one lacks its end.
const MAX_ENTRY: usize = 65_536;
/// What stands before the time of a stop.
const STOPPED: &str = "application threads were stopped: ";
/// Seconds by which lines may be out of order.
const ORDER: f64 = 1.0;

pub(in crate::format) fn detect(bytes: &[u8]) -> u8 {
    let head = beginning(bytes);
    let has = |piece: &str| find(head, piece.as_bytes()).is_some();
    let starts = |line: &[u8]| {
        let line = line.trim_ascii_start();
        let end = line.iter().position(|b| *b == b'[').unwrap_or(0);
        let (stamp, rest) = line.split_at(end);
        let step = core::str::from_utf8(rest).is_ok_and(is_step) && end > 0;
        (rest.starts_with(b"[GC") || rest.starts_with(b"[Full GC") || step)
            && stamp.iter().all(|b| !b.is_ascii_lowercase())
    };
    if has(" secs]") || has(" ms]") {
        // What details put between the beginning of an entry and its end looks like samples of a profiler.
        if lines(head).find(|line| !line.trim_ascii().is_empty()).is_some_and(starts) {
            return 91;
        }
        if lines(head).any(starts) {
            return 65;
        }
    }
    if has(STOPPED) { 40 } else { 0 }
}

pub(in crate::format) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::default();
    for (index, line) in lines(source.bytes).enumerate() {
        let text = lossy(line);
        reader.line(text.trim_end_matches('\r'), Some(Position::Line(index as u64 + 1)));
    }
    reader.finish(&source)
}

/// An entry whose end has not come.
struct Open {
    at: Option<Position>,
    time: Option<(f64, Clock)>,
    depth: u32,
    /// What stands in its outer brackets and in no others.
    text: String,
    bytes: usize,
}

#[derive(Default)]
struct Reader {
    collections: Collections,
    notices: Notices,
    open: Option<Open>,
    zero: f64,
    now: f64,
    number: u64,
    process: u32,
    /// Whether the process's first lines are here.
    begins: bool,
    steps: Steps,
}

impl Reader {
    fn line(&mut self, line: &str, at: Option<Position>) {
        if let Some(fork) = fork_of(line.as_bytes()) {
            self.broken();
            self.next_process();
            self.collections.fork = Some(fork);
            self.now = 0.0;
            return;
        }
        let mut rest = line;
        let mut known = line.trim().is_empty();
        if self.open.is_some() {
            known = true;
            if entry(rest).is_some_and(|(start, pause)| pause && is_stamp(rest.get(..start).unwrap_or(""))) {
                self.broken();
            } else if find(rest.as_bytes(), b"[0x").is_some() || is_class(rest) {
                // Addresses of spaces and names of classes, with half-open brackets.
                return;
            } else {
                rest = self.go_on(rest);
                if let Some(open) = &mut self.open {
                    open.text.push(' ');
                }
            }
        }
        while let Some((start, is_pause)) = entry(rest) {
            known = true;
            let before = rest.get(..start).unwrap_or("");
            let body = rest.get(start + 1..).unwrap_or("");
            if !is_pause {
                rest = body;
                continue;
            }
            self.open = Some(Open { at, time: stamp(before), depth: 1, text: String::new(), bytes: 0 });
            rest = self.go_on(body);
        }
        self.aside(line, &mut known);
        if !known {
            self.notices.push(NoticeCode::UnknownRecord, at, "");
        }
    }

    /// Takes what belongs to the open entry; gives what follows it.
    fn go_on<'a>(&mut self, text: &'a str) -> &'a str {
        let Some(open) = &mut self.open else { return text };
        for (at, c) in text.char_indices() {
            match c {
                '[' => open.depth += 1,
                ']' => open.depth -= 1,
                _ if open.depth == 1 => open.text.push(c),
                _ => {}
            }
            open.bytes += 1;
            if open.depth == 0 {
                self.close();
                return text.get(at + 1..).unwrap_or("");
            }
            if open.bytes > MAX_ENTRY {
                self.broken();
                return "";
            }
        }
        ""
    }

    fn broken(&mut self) {
        if let Some(open) = self.open.take() {
            self.notices.push(NoticeCode::BrokenLine, open.at, "a collection has no end");
        }
    }

    fn close(&mut self) {
        let Some(open) = self.open.take() else { return };
        let text = open.text.trim();
        if text.starts_with("Pause ") || text.starts_with("Concurrent ") {
            let time = self.moment(open.time);
            if !self.steps.take(&mut self.collections, self.process, time, text) {
                self.notices.push(NoticeCode::BrokenLine, open.at, "a collection without its time");
            }
            return;
        }
        let Some(seconds) = seconds(text) else {
            self.notices.push(NoticeCode::BrokenLine, open.at, "a collection without its time");
            return;
        };
        let start = self.moment(open.time);
        let heap = heap(text);
        let alone = heap.is_some_and(|(_, after, _)| after.is_none());
        self.number += 1;
        let row = self.collections.push(Cycle {
            before: heap.map(|h| h.0),
            after: heap.and_then(|h| h.1),
            goal: heap.and_then(|h| h.2),
            ..Cycle::begun(self.process, self.number, start, kind(text, alone))
        });
        if let Some(row) = row {
            self.collections.pause(row, start, seconds);
        }
    }

    /// The moment on the clock of the log, which the first entry decides.
    fn moment(&mut self, time: Option<(f64, Clock)>) -> f64 {
        let Some((time, clock)) = time else { return self.now };
        if self.collections.clock == Clock::None && self.collections.is_empty() {
            self.collections.clock = clock;
            self.collections.resolution = 1e-3;
            self.zero = if clock == Clock::Other { time } else { 0.0 };
        }
        if self.collections.clock != clock {
            return self.now;
        }
        let time = (time - self.zero).max(0.0);
        if time < self.now - ORDER {
            self.next_process();
        }
        self.now = time;
        time
    }

    fn next_process(&mut self) {
        self.process = self.collections.processes;
        self.number = 0;
        self.steps = Steps::default();
    }

    /// Lines beside the entries: CPU time, the heap of G1, stops, the head of a log.
    fn aside(&mut self, line: &str, known: &mut bool) {
        let has = |piece: &str| find(line.as_bytes(), piece.as_bytes());
        let last = self.collections.len().wrapping_sub(1);
        if let Some(at) = has("[Times: user=") {
            *known = true;
            let part = |name: &str| {
                let from = find(line.as_bytes(), name.as_bytes())? + name.len();
                Cursor(line.as_bytes().get(from..)?).amount()
            };
            // Of the last entry that ended, which may have begun lines before.
            let cpu = line.get(at..).and(part("user=").zip(part("sys="))).map(|(user, system)| user + system);
            if let (Some(place), Some(cpu), None) = (self.collections.cpu.get_mut(last), cpu, &self.open) {
                place.get_or_insert(cpu);
            }
        } else if let Some(at) = has(" Heap: ") {
            *known = true;
            if let Some((before, after, whole)) = line.get(at + 7..).and_then(heap_of_g1)
                && let (Some(from), Some(to), Some(size)) = (
                    self.collections.before.get_mut(last),
                    self.collections.after.get_mut(last),
                    self.collections.goal.get_mut(last),
                )
                && from.is_none()
            {
                (*from, *to, *size) = (Some(before), Some(after), Some(whole));
            }
        } else if let Some(at) = has(STOPPED) {
            *known = true;
            let rest = line.as_bytes().get(at + STOPPED.len()..);
            if let Some(seconds) = rest.and_then(|rest| Cursor(rest).amount()) {
                self.collections.stops += 1;
                self.collections.stopped += seconds;
            }
        } else if line.starts_with("CommandLine flags: ") {
            *known = true;
            self.begins = true;
            let flags = [
                ("UseG1GC", "G1"),
                ("UseConcMarkSweepGC", "CMS"),
                ("UseParallelOldGC", "Parallel"),
                ("UseParallelGC", "Parallel"),
                ("UseSerialGC", "Serial"),
                ("UseShenandoahGC", "Shenandoah"),
            ];
            let named = flags.iter().find(|(flag, _)| has(&alloc::format!("-XX:+{flag}")).is_some());
            self.collections.collector = String::from(named.map_or("", |n| n.1));
        } else if line.starts_with([' ', '\t']) || line.starts_with("- age") || line.starts_with("Desired survivor") {
            // What details add to the entry before.
            *known = true;
        }
    }

    fn finish(mut self, source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
        if let Some(open) = self.open.take() {
            self.notices.push(NoticeCode::Truncated, open.at, "a collection has no end");
        }
        self.collections.whole = self.begins;
        let any = !self.collections.is_empty() || self.collections.stops > 0;
        let list = any.then_some(Evidence::Collections(self.collections));
        finish(source, list.into_iter().collect(), self.notices)
    }
}

/// Where the next entry begins, and whether it is a pause.
fn entry(text: &str) -> Option<(usize, bool)> {
    let bytes = text.as_bytes();
    if let Some(at) = text.find('[').filter(|at| text.get(*at..).is_some_and(is_step)) {
        return Some((at, true)).filter(|_| at > 0 && is_stamp(text.get(..at).unwrap_or("")));
    }
    let mut brackets = bytes.iter().enumerate().filter(|(_, b)| **b == b'[').map(|(at, _)| at);
    let begins =
        |at: &usize| bytes.get(*at..).is_some_and(|rest| rest.starts_with(b"[GC") || rest.starts_with(b"[Full GC"));
    let at = brackets.find(begins)?;
    let rest = bytes.get(at..)?;
    Some((at, !rest.starts_with(b"[GC concurrent") && !rest.starts_with(b"[GC Worker")))
}

/// Whether a line is one of a histogram of classes: `12: 345 6789 [C`.
fn is_class(line: &str) -> bool {
    let mut words = line.split_whitespace();
    let mut count = |end: &str| {
        let digits = words.next().and_then(|word| word.strip_suffix(end));
        digits.is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()))
    };
    count(":") && count("") && count("")
}

/// Whether all of a text is a time stamp, as at the beginning of a line.
fn is_stamp(text: &str) -> bool {
    text.is_empty() || text.ends_with(": ") && text.bytes().all(|b| !b.is_ascii_lowercase() && b != b'[' && b != b']')
}

/// The time in front of an entry: seconds since the start, or else the date.
fn stamp(before: &str) -> Option<(f64, Clock)> {
    let before = before.trim_end().strip_suffix(':')?;
    let digits = before.bytes().rev().take_while(|b| b.is_ascii_digit() || matches!(b, b'.' | b',')).count();
    let (head, number) = before.split_at_checked(before.len() - digits)?;
    // The offset of a date is no number of its own.
    if !head.ends_with(['+', '-']) && !number.is_empty() {
        return Cursor(number.as_bytes()).amount().map(|t| (t, Clock::Process));
    }
    let word = before.rfind(char::is_whitespace).map_or(before, |at| before.get(at + 1..).unwrap_or(""));
    date(word.as_bytes()).map(|(t, _)| (t, Clock::Other))
}

/// The duration before the last bracket: `…, 0.0041700 secs`.
fn seconds(text: &str) -> Option<f64> {
    let text = text.strip_suffix("secs")?.trim_end();
    let word = text.get(text.rfind([' ', ':']).map_or(0, |at| at + 1)..)?;
    let mut cursor = Cursor(word.trim_start_matches(',').as_bytes());
    cursor.amount().filter(|_| cursor.0.is_empty())
}

/// `4K->5K(6K)` as before, after, size; of `4K(6K)`, which a pause of a concurrent collection prints, after
/// is missing.
fn heap(text: &str) -> Option<(f64, Option<f64>, Option<f64>)> {
    let word_before = |end: usize| {
        let head = text.get(..end)?;
        let from = head.rfind([' ', ':', ']']).map_or(0, |at| at + 1);
        head.as_bytes().get(from..)
    };
    if let Some(arrow) = rfind(text, "->") {
        let before = size(&mut Cursor(word_before(arrow)?))?;
        let mut cursor = Cursor(text.as_bytes().get(arrow + 2..)?);
        let after = size(&mut cursor)?;
        let whole = if cursor.skip("(") { size(&mut cursor) } else { None };
        return Some((before, Some(after), whole));
    }
    let bracket = rfind(text, "K(").map(|at| at + 1).or_else(|| rfind(text, "M(").map(|at| at + 1))?;
    let before = size(&mut Cursor(word_before(bracket)?))?;
    let whole = size(&mut Cursor(text.as_bytes().get(bracket + 1..)?));
    Some((before, None, whole))
}

/// `24.0M(256.0M)->13.9M(256.0M)` of G1.
fn heap_of_g1(text: &str) -> Option<(f64, f64, f64)> {
    let mut cursor = Cursor(text.as_bytes());
    let before = size(&mut cursor)?;
    cursor.skip("(").then(|| size(&mut cursor)).flatten()?;
    cursor.skip(")->").then_some(())?;
    let after = size(&mut cursor)?;
    let whole = cursor.skip("(").then(|| size(&mut cursor)).flatten()?;
    Some((before, after, whole))
}

fn kind(text: &str, alone: bool) -> CycleKind {
    let has = |piece: &str| find(text.as_bytes(), piece.as_bytes()).is_some();
    if text.starts_with("Full GC") {
        CycleKind::Full
    } else if has("(mixed)") || has("(partial)") {
        CycleKind::Mixed
    } else if alone || text.starts_with("GC remark") || text.starts_with("GC cleanup") || has("(CMS ") {
        CycleKind::Concurrent
    } else {
        CycleKind::Young
    }
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use alloc::vec::Vec;

    fn read(text: &str) -> (Collections, Vec<(NoticeCode, u64)>) {
        crate::format::evidence::tests::collections(parse, text)
    }

    const K: f64 = 1024.0;

    #[track_caller]
    fn check(text: &str, kind: CycleKind, start: f64, pause: f64, heap: (Option<f64>, Option<f64>, Option<f64>)) {
        let (c, notices) = read(text);
        assert!(notices.is_empty(), "{notices:?}");
        assert_eq!((c.len(), c.kind[0], c.start[0], c.pause[0]), (1, kind, start, pause));
        let kib = |v: Option<f64>| v.map(|v| v / K);
        assert_eq!((kib(c.before[0]), kib(c.after[0]), kib(c.goal[0])), heap);
    }

    #[test]
    fn entries_of_all_collectors() {
        let some = |a: f64, b: f64, c: f64| (Some(a), Some(b), Some(c));
        check("1.5: [GC 10K->4K(100K), 0.25 secs]\n", CycleKind::Young, 1.5, 0.25, some(10.0, 4.0, 100.0));
        check("1.5: [GC 10K(100K), 0.25 secs]\n", CycleKind::Concurrent, 1.5, 0.25, (Some(10.0), None, Some(100.0)));
        check(
            "0.880: [GC [PSYoungGen: 12288K->1648K(14336K)] 12288K->1648K(47104K), 0.5 secs] [Times: user=0.02 sys=0.00, real=0.01 secs] \n",
            CycleKind::Young,
            0.88,
            0.5,
            some(12288.0, 1648.0, 47104.0),
        );
        check(
            "1.1: [Full GC (System) [PSYoungGen: 1K->0K(2K)] [PSOldGen: 0K->1K(3K)] 7K->6K(9K) [PSPermGen: 1K->1K(2K)], 0.5 secs]\n",
            CycleKind::Full,
            1.1,
            0.5,
            some(7.0, 6.0, 9.0),
        );
        check(
            "0.265: [GC (Allocation Failure) 0.265: [DefNew\nDesired survivor size 557056 bytes, new threshold 1 (max 15)\n- age   1:    1114112 bytes,    1114112 total\n: 8704K->1088K(9792K), 0.0039555 secs] 8704K->1634K(31680K), 0.125 secs] [Times: user=0.00 sys=0.00, real=0.00 secs] \n",
            CycleKind::Young,
            0.265,
            0.125,
            some(8704.0, 1634.0, 31680.0),
        );
        check(
            "2014-06-18T11:24:16.819+0200: 215646,793: [GC pause (young) (initial-mark)\n, 0,125 secs]\n   [Parallel Time: 220.8 ms, GC Workers: 2]\n      [GC Worker Start (ms): Min: 1.0]\n   [Eden: 24.0M(24.0M)->0.0B(13.0M) Survivors: 0.0B->3072.0K Heap: 4.0K(256.0K)->2.0K(256.0K)]\n [Times: user=0.01 sys=0.00, real=0.00 secs]\n",
            CycleKind::Young,
            215_646.793,
            0.125,
            some(4.0, 2.0, 256.0),
        );
        check(
            "2014-06-18T11:24:16.819+0200: [GC remark, 0.5 secs]\n",
            CycleKind::Concurrent,
            0.0,
            0.5,
            (None, None, None),
        );
    }

    #[test]
    fn histograms_of_classes_hold_half_open_brackets() {
        check(
            "1.5: [Full GC 1.6: [Class Histogram (before full gc):\n num     #instances         #bytes  class name\n   1:       20        300  [C\n   2:       10        200  [[I\nTotal      30        500\n, 0.5 secs]1.9: [CMS: 9K->3K(80K), 0.1 secs] 10K->4K(100K), 0.25 secs]\n",
            CycleKind::Full,
            1.5,
            0.25,
            (Some(10.0), Some(4.0), Some(100.0)),
        );
    }

    #[test]
    fn details_of_sizes_are_no_samples_of_a_profiler() {
        let log = "0.175: [GCAdaptiveSizePolicy::step:  survived: 27  promoted: 13  overflow: trueAdaptiveSizeStart: 0.186 collection: 1\n\
                   PSAdaptiveSizePolicy::free_space: costs minor_time: 0.059538 live_space: 2738\n\
                   AdaptiveSizeStop: collection: 1\n [PSYoungGen: 16K->2K(19K)] 16K->15K(62K), 0.125 secs]\n";
        assert_eq!(crate::format::detect(log.as_bytes()).map(|f| f.id), Some("jvm-gc-old"));
        let (c, _) = read(log);
        assert_eq!((c.pause.as_slice(), c.after[0]), (&[0.125][..], Some(15.0 * K)));
    }

    #[test]
    fn stops_alone_are_evidence() {
        let log = "1.5: Total time for which application threads were stopped: 0.2500000 seconds, Stopping threads took: 0.1 seconds\n\
                   Application time: 0.5 seconds\n";
        assert_eq!(crate::format::detect(log.as_bytes()).map(|f| f.id), Some("jvm-gc-old"));
        let (c, _) = read(log);
        assert_eq!((c.len(), c.stops, c.stopped), (0, 1, 0.25));
    }

    #[test]
    fn what_comes_between_and_what_is_broken() {
        let (c, notices) = read(
            "1.0: [GC pause (young)0.290: [SoftReference, 0 refs, 0.0000277 secs]0.293: [JNI Weak Reference, 0.5 secs] (to-space exhausted), 0.125 secs]\n\
             1.2: [GC concurrent-mark-start]\n\
             1.3: [Full GC (Allocation Failure)1.4: [GC concurrent-mark-abort]\n 10K->4K(100K), 0.25 secs]\n\
             1.5: [GC pause (young)\n\
             1.6: [GC pause (mixed), 0.5 secs]\n\
             garbage\n\
             1.7: [GC pause (young)",
        );
        assert_eq!(c.pause, [0.125, 0.25, 0.5]);
        assert_eq!(c.kind, [CycleKind::Young, CycleKind::Full, CycleKind::Mixed]);
        assert_eq!(c.after[1], Some(4.0 * K));
        assert_eq!(notices, [(NoticeCode::BrokenLine, 1), (NoticeCode::UnknownRecord, 1), (NoticeCode::Truncated, 1)]);
    }
}
