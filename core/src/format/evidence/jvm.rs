//! Logs of the JVM's collectors since version 9 (`-Xlog:gc*`): any decorators in any order, all
//! collectors, also from the middle of a log that was rotated.
//!
//! A line counts by its text: a pause ends where its time is printed, so that it began by so much
//! earlier; what runs beside the program begins with the first line of its number.

use alloc::collections::BTreeMap;
use alloc::string::String;

use super::jvm_line::{Line, Origin, decorated, number_of};
use super::{Cursor, finish, fork_of, plausible, size};
use crate::error::ParseError;
use crate::evidence::{Clock, Collections, Cycle, CycleKind, Evidence};
use crate::find::{beginning, find, lines, lossy, rfind};
use crate::format::Content;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

/// Collections that have begun and not ended.
const MAX_BEGUN: usize = 10_000;
/// Seconds by which lines may be out of order.
const ORDER: f64 = 1.0;
/// Nanoseconds that the first line of a process may be old.
const YOUNG_NS: f64 = 1e10;

pub(in crate::format) fn detect(bytes: &[u8]) -> u8 {
    let mut best = 0;
    for line in lines(beginning(bytes)).take(200) {
        let Ok(text) = core::str::from_utf8(line) else { continue };
        let (line, decorated) = decorated(text.trim_end());
        let subject = line.tags.starts_with("gc") || line.tags.starts_with("safepoint");
        if decorated && subject && line.level {
            return 80;
        }
        if decorated && stopped(line.text).is_some() {
            best = 75;
        }
        let numbered = number_of(line.text).is_some_and(|(_, text)| {
            ["Pause ", "Concurrent ", "Garbage Collection"].iter().any(|piece| text.starts_with(piece))
        });
        if numbered {
            best = if decorated { 75 } else { 60 };
        }
    }
    best
}

pub(in crate::format) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut reader = Reader::default();
    for (index, line) in lines(source.bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let text = lossy(line);
        reader.line(text.trim_end(), at);
    }
    reader.finish(&source)
}

#[derive(Default)]
struct Reader {
    collections: Collections,
    notices: Notices,
    /// What times come from; decided by the first line that has one.
    from: Option<Origin>,
    /// The first time, from which a clock with another beginning counts.
    zero: f64,
    /// The time of the last line.
    now: f64,
    /// Rows of the present process by the number of the collection.
    rows: BTreeMap<u64, u32>,
    /// Collections that the log announced: when, and where.
    begun: BTreeMap<u64, (f64, Option<Position>)>,
    process: u32,
}

impl Reader {
    fn line(&mut self, line: &str, at: Option<Position>) {
        if line.is_empty() {
            return;
        }
        if let Some(fork) = fork_of(line.as_bytes()) {
            self.next_process();
            self.collections.fork = Some(fork);
            self.now = 0.0;
            return;
        }
        let (line, decorated) = decorated(line);
        let numbered = number_of(line.text);
        if !decorated && numbered.is_none() && !is_told(line.text) {
            self.notices.push(NoticeCode::UnknownRecord, at, "");
            return;
        }
        self.clock(&line);
        match numbered {
            Some((number, text)) => self.collection(number, text, at),
            None => self.other(line.text),
        }
    }

    fn clock(&mut self, line: &Line<'_>) {
        use Origin::{Date, Millis, Nanos, Uptime, UptimeMs, UptimeNs};
        if self.from.is_none() {
            let all = [UptimeNs, Uptime, UptimeMs, Nanos, Date, Millis];
            let Some(from) = all.into_iter().find(|from| line.time(*from).is_some()) else { return };
            self.from = Some(from);
            let young = line.time(Nanos).is_some_and(|t| t < YOUNG_NS * 1e-9);
            let own = matches!(from, UptimeNs | Uptime | UptimeMs) || from == Nanos && young;
            self.collections.clock = if own { Clock::Process } else { Clock::Other };
            self.collections.resolution = if matches!(from, UptimeNs | Nanos) { 1e-9 } else { 1e-3 };
            self.zero = if own { 0.0 } else { line.time(from).unwrap_or(0.0) };
            self.now = line.time(from).unwrap_or(0.0) - self.zero;
        }
        let Some(time) = self.from.and_then(|from| line.time(from)) else { return };
        let time = (time - self.zero).max(0.0);
        if time < self.now - ORDER {
            self.next_process();
        }
        self.now = time;
    }

    /// Another process writes from here on: its numbers begin anew.
    fn next_process(&mut self) {
        self.settle();
        self.rows.clear();
        self.process = self.collections.processes;
    }

    /// A line about no collection.
    fn other(&mut self, text: &str) {
        if let Some(name) = text.strip_prefix("Using ") {
            // Only the line at the start names a collector in one or two words.
            let known = [
                ("G1", "G1"),
                ("Serial", "Serial"),
                ("Parallel", "Parallel"),
                ("Concurrent Mark Sweep", "CMS"),
                ("The Z Garbage Collector", "ZGC"),
                ("Shenandoah", "Shenandoah"),
                ("Epsilon", "Epsilon"),
            ];
            if let Some((_, short)) = known.iter().find(|(long, _)| *long == name) {
                if !self.rows.is_empty() {
                    self.next_process();
                }
                self.collections.collector = String::from(*short);
            }
        } else if text == "Initializing The Z Garbage Collector" {
            self.collections.collector = String::from("ZGC");
        } else if text.starts_with("Heuristics ergonomically sets -XX:+Shenandoah") {
            self.collections.collector = String::from("Shenandoah");
        } else if let (true, Some(seconds)) = (text.starts_with("Allocation Stall ("), duration(text)) {
            self.collections.stalls += 1;
            self.collections.stalled += seconds;
        } else if let Some(seconds) = stopped(text) {
            self.collections.stops += 1;
            self.collections.stopped += seconds;
        }
    }

    fn collection(&mut self, number: u64, text: &str, at: Option<Position>) {
        if text.starts_with("Pause ") {
            match duration(text) {
                Some(seconds) => self.pause(number, text, seconds),
                None if self.rows.contains_key(&number) => {}
                None if self.begun.len() < MAX_BEGUN => {
                    self.begun.entry(number).or_insert((self.now, at));
                }
                None => {}
            }
        } else if text.starts_with("User=") {
            let part = |name: &str| {
                let at = find(text.as_bytes(), name.as_bytes())? + name.len();
                Cursor(text.as_bytes().get(at..)?).amount()
            };
            if let (Some(user), Some(system), Some(row)) = (part("User="), part("Sys="), self.rows.get(&number))
                && let Some(cpu) = self.collections.cpu.get_mut(*row as usize)
            {
                *cpu = Some(cpu.unwrap_or(0.0) + user + system);
            }
        } else if is_beside(text) {
            let row = self.row(number, text, self.now);
            self.heap(row, text);
            if let Some(end) = row.and_then(|row| self.collections.end.get_mut(row as usize)) {
                *end = end.max(self.now);
            }
        }
    }

    fn pause(&mut self, number: u64, text: &str, seconds: f64) {
        let start = match self.collections.clock {
            Clock::None => 0.0,
            _ => (self.now - seconds).max(0.0),
        };
        let row = self.row(number, text, start);
        self.heap(row, text);
        if let Some(row) = row {
            self.collections.pause(row, start, seconds);
            if let Some(kind) = self.collections.kind.get_mut(row as usize)
                && kind_of(text) == CycleKind::Full
            {
                *kind = CycleKind::Full;
            }
        }
    }

    /// The row of a collection; a new one where there is none.
    fn row(&mut self, number: u64, text: &str, start: f64) -> Option<u32> {
        let begun = self.begun.remove(&number);
        if let Some(row) = self.rows.get(&number) {
            return Some(*row);
        }
        let start = begun.map_or(start, |(time, _)| time.min(start));
        let row = self.collections.push(Cycle::begun(self.process, number, start, kind_of(text)))?;
        self.rows.insert(number, row);
        Some(row)
    }

    /// Takes `24M->11M(256M)` or `10M(10%)->4M(4%)`.
    fn heap(&mut self, row: Option<u32>, text: &str) {
        let (Some(row), Some((before, after, whole))) = (row.map(|r| r as usize), transition(text)) else { return };
        if let Some(place) = self.collections.before.get_mut(row) {
            place.get_or_insert(before);
        }
        if let Some(place) = self.collections.after.get_mut(row) {
            *place = Some(after);
        }
        if let (Some(place), Some(whole)) = (self.collections.goal.get_mut(row), whole) {
            *place = Some(whole);
        }
    }

    /// What was announced and never ended is said: the log, or its process, stops there.
    fn settle(&mut self) {
        for (at, number) in core::mem::take(&mut self.begun).into_iter().map(|(number, (_, at))| (at, number)) {
            let known = self.rows.contains_key(&number);
            if !known {
                self.notices.push(NoticeCode::Truncated, at, "a collection has no end");
            }
        }
    }

    fn finish(mut self, source: &Source<'_>) -> Result<Parsed<Content>, ParseError> {
        self.settle();
        self.collections.whole = true;
        let any = !self.collections.is_empty() || self.collections.stops > 0;
        let list = any.then_some(Evidence::Collections(self.collections));
        finish(source, list.into_iter().collect(), self.notices)
    }
}

/// Whether a line is about what runs beside the program, or sums a collection up.
fn is_beside(text: &str) -> bool {
    let starts = [
        "Concurrent ",
        "Garbage Collection ",
        "Minor Collection ",
        "Major Collection ",
        "Young Generation ",
        "Old Generation ",
    ];
    starts.iter().any(|start| text.starts_with(start)) && find(text.as_bytes(), b": ").is_none()
}

/// Whether a line without decorators is one about no collection, and none of what the program prints.
fn is_told(text: &str) -> bool {
    let starts =
        ["Using ", "Allocation Stall (", "Initializing The Z ", "Heuristics ergonomically sets -XX:+Shenandoah"];
    starts.iter().any(|start| text.starts_with(start)) || stopped(text).is_some()
}

fn kind_of(text: &str) -> CycleKind {
    let has = |piece: &str| find(text.as_bytes(), piece.as_bytes()).is_some();
    if text.starts_with("Pause Young") || text.starts_with("Minor Collection") || text.starts_with("Young Generation") {
        if has("(Mixed)") { CycleKind::Mixed } else { CycleKind::Young }
    } else if text.starts_with("Pause Mixed") {
        CycleKind::Mixed
    } else if text.starts_with("Pause Full") || text.starts_with("Pause Degenerated") {
        CycleKind::Full
    } else {
        CycleKind::Concurrent
    }
}

/// The time at the end of a line: `… 7.965ms`, `… 0.012s`.
fn duration(text: &str) -> Option<f64> {
    let word = text.get(rfind(text, " ")? + 1..)?;
    let mut cursor = Cursor(word.as_bytes());
    let value = cursor.amount()?;
    match cursor.0 {
        b"ms" => Some(value / 1e3),
        b"s" => Some(value),
        b"us" => Some(value / 1e6),
        _ => None,
    }
}

/// Heap before and after, and its size where that is told: the last of a line, since causes may hold arrows.
fn transition(text: &str) -> Option<(f64, f64, Option<f64>)> {
    let arrow = rfind(text, "->")?;
    let before = text.get(..arrow)?;
    let word = before.get(rfind(before, " ").map_or(0, |at| at + 1)..)?;
    let before = size(&mut Cursor(word.as_bytes()))?;
    let mut cursor = Cursor(text.as_bytes().get(arrow + 2..)?);
    let after = size(&mut cursor)?;
    let whole = if cursor.skip("(") { size(&mut cursor) } else { None };
    Some((before, after, whole))
}

/// How long the program was stopped, for whatever reason.
fn stopped(text: &str) -> Option<f64> {
    const WORDS: &str = "Total time for which application threads were stopped: ";
    if let Some(rest) = text.strip_prefix(WORDS) {
        return Cursor(rest.as_bytes()).amount();
    }
    text.strip_prefix("Safepoint \"")?;
    let at = rfind(text, "Total: ")? + "Total: ".len();
    let mut cursor = Cursor(text.as_bytes().get(at..)?);
    cursor.while_in(|b| b == b' ');
    let ns = cursor.amount()?;
    cursor.while_in(|b| b == b' ');
    (cursor.0.starts_with(b"ns")).then_some(ns / 1e9).and_then(plausible)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;
    use alloc::vec::Vec;

    fn read(text: &str) -> (Collections, Vec<(NoticeCode, u64)>) {
        crate::format::evidence::tests::collections(parse, text)
    }

    const M: f64 = 1_048_576.0;

    #[test]
    fn a_pause_ends_where_it_is_printed() {
        let (c, notices) = read(
            "[0.021s][info][gc] Using G1\n\
             [1.000s][info][gc,start     ] GC(0) Pause Young (Normal) (G1 Evacuation Pause)\n\
             [1.010s][info][gc           ] GC(0) Pause Young (Normal) (G1 Evacuation Pause) 24M->11M(256M) 8.000ms\n\
             [1.010s][info][gc,cpu       ] GC(0) User=0.02s Sys=0.01s Real=0.01s\n",
        );
        assert!(notices.is_empty(), "{notices:?}");
        assert_eq!((c.collector.as_str(), c.len(), c.kind[0]), ("G1", 1, CycleKind::Young));
        assert_eq!(
            (c.start[0], c.before[0], c.after[0], c.goal[0]),
            (1.0, Some(24.0 * M), Some(11.0 * M), Some(256.0 * M))
        );
        assert!((c.pause_start[0] - 1.002).abs() < 1e-12 && (c.end[0] - 1.010).abs() < 1e-12);
        assert_eq!((c.pause[0], c.cpu[0]), (0.008, Some(0.03)));
        assert_eq!((c.clock, c.resolution), (Clock::Process, 1e-3));
    }

    #[test]
    fn decorators_come_in_any_choice() {
        let text = " GC(3) Pause Full (System.gc()) 2G->1024K(4G) 10.5ms";
        for (decorators, clock, end) in [
            ("[5.000s]", Clock::Process, 5.0),
            ("[2026-11-23T12:33:35.939+0000][5.000s][info ][gc             ]", Clock::Process, 5.0),
            ("[5000ms][host-1][4711][info][gc]", Clock::Process, 5.0),
            ("[2354295325919ns][5000000000ns][info][gc]", Clock::Process, 5.0),
            ("[5000000000ns][info][gc]", Clock::Process, 5.0),
            ("[94608000000000000ns][5000000000ns][info][gc]", Clock::Process, 5.0),
            ("[2354295325919ns][info][gc]", Clock::Other, 0.0105),
            ("[2026-11-23T12:33:35.939+0000][info][gc]", Clock::Other, 0.0105),
            ("[1795436479868ms][info][gc]", Clock::Other, 0.0105),
            ("", Clock::None, 0.0105),
        ] {
            let (c, _) = read(&alloc::format!("{decorators}{}", if decorators.is_empty() { &text[1..] } else { text }));
            assert_eq!((c.clock, c.kind[0], c.after[0]), (clock, CycleKind::Full, Some(M)), "{decorators}");
            assert!((c.end[0] - end).abs() < 1e-9, "{decorators}: {}", c.end[0]);
        }
    }

    #[test]
    fn what_runs_beside_the_program_has_pauses_and_a_length() {
        let (c, notices) = read(
            "[0.10s][info][gc,start] GC(0) Garbage Collection (Warmup)\n\
             [0.11s][info][gc,phases] GC(0) Pause Mark Start 0.010ms\n\
             [0.20s][info][gc,phases] GC(0) Concurrent Mark 90.000ms\n\
             [0.21s][info][gc,phases] GC(0) Y: Pause Mark End 0.020ms\n\
             [0.40s][info][gc] GC(0) Garbage Collection (Warmup) 10M(10%)->4M(4%)\n\
             [0.50s][info][gc,start] GC(1) Pause Young (Normal)\n\
             what the program prints\n\
             [0.50s][info][gc] Allocation Stall (main) 4.000ms\n\
             [0.51s][info][safepoint] Safepoint \"ZMarkEnd\", Time since last: 1 ns, Total: 2000000 ns\n",
        );
        assert_eq!(c.kind, [CycleKind::Concurrent]);
        assert_eq!((c.start[0], c.end[0], c.pause_seconds.len()), (0.1, 0.4, 2));
        assert!((c.pause[0] - 0.000_03).abs() < 1e-12);
        assert_eq!((c.before[0], c.after[0], c.goal[0]), (Some(10.0 * M), Some(4.0 * M), None));
        assert_eq!((c.stops, c.stopped, c.stalls, c.stalled), (1, 0.002, 1, 0.004));
        assert_eq!(notices, [(NoticeCode::UnknownRecord, 1), (NoticeCode::Truncated, 1)]);
    }

    #[test]
    fn lines_without_decorators_count_as_well() {
        let (c, notices) = read(
            "Initializing The Z Garbage Collector\nGC(0) Pause Mark Start 0.010ms\nAllocation Stall (main) 4.000ms\n\
             Safepoint \"ZMarkEnd\", Time since last: 1 ns, Total: 2000000 ns\n",
        );
        assert!(notices.is_empty(), "{notices:?}");
        assert_eq!((c.collector.as_str(), c.stalls, c.stalled, c.stops), ("ZGC", 1, 0.004, 1));
    }

    #[test]
    fn a_process_that_starts_again_is_another() {
        let line =
            |t: &str, n: u32| alloc::format!("[{t}s][info][gc] GC({n}) Pause Young (Normal) 2M->1M(4M) 1.000ms\n");
        let (c, _) = read(&[line("90.1", 70), line("90.2", 71), line("1.5", 0), line("1.4", 1)].concat());
        assert_eq!((c.process.as_slice(), c.processes), (&[0, 0, 1, 1][..], 2));
        // The first process was joined in its middle, the second from its start.
        assert!((c.summarize(0.95).span_seconds.unwrap() - (0.101 + 1.5)).abs() < 1e-9);
    }
}
