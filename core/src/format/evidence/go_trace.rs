//! What the Go runtime writes to standard error: `GODEBUG=gctrace=1` and `schedtrace=1000`.
//!
//! The lines stand alone or between others; `go test` joins them to the results, where they break into
//! the line of a benchmark. Their form has changed with Go's versions and may again: fields that are not
//! known are passed over.

use alloc::vec::Vec;

use super::{Cursor, finish, fork_of};
use crate::error::ParseError;
use crate::evidence::{Clock, Collections, Cycle, CycleKind, Evidence, Moment, Schedule};
use crate::find::{beginning, find, lines};
use crate::format::{Content, go_bench};
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

/// The runtime prints what is right-shifted by 20: MB are MiB, rounded down.
const MB: f64 = 1_048_576.0;
/// Processes whose lines may come in turn.
const MAX_OPEN: usize = 64;
/// Parts of a list of numbers.
const MAX_PARTS: usize = 16;

pub(in crate::format) fn detect_collections(bytes: &[u8]) -> u8 {
    let is = |line: &[u8]| line.strip_prefix(b"gc ").is_some_and(|rest| cycle(rest).is_some());
    trace_only(bytes, lines(beginning(bytes)).any(is))
}

pub(in crate::format) fn detect_schedule(bytes: &[u8]) -> u8 {
    let is = |line: &[u8]| line.strip_prefix(b"SCHED ").is_some_and(|rest| moment(rest).is_some());
    trace_only(bytes, lines(beginning(bytes)).any(is))
}

/// Results may come late in a long trace: then it is a file of results, and only a trace pays for the
/// look through all of it.
fn trace_only(bytes: &[u8], is_trace: bool) -> u8 {
    if is_trace && !go_bench::has_result(bytes) { 70 } else { 0 }
}

pub(in crate::format) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut trace = Trace::default();
    let mut notices = Notices::new();
    for (index, line) in lines(source.bytes).enumerate() {
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        let at = Some(Position::Line(index as u64 + 1));
        let cut = trace.collections.cut;
        if !trace.line(line) && !is_known(line) {
            notices.push(NoticeCode::UnknownRecord, at, "");
        }
        if trace.collections.cut > cut {
            notices.push(NoticeCode::BrokenLine, at, "gc");
        }
    }
    finish(&source, trace.finish(), notices)
}

/// Lines of other settings of the runtime, which say nothing of cycles.
fn is_known(line: &[u8]) -> bool {
    let detail = || {
        let mut cursor = Cursor(line);
        cursor.skip("  ")
            && ["P", "M", "G"].into_iter().any(|kind| cursor.skip(kind))
            && cursor.count().is_some()
            && cursor.skip(":")
    };
    line.is_empty()
        || line.starts_with(b"pacer: ")
        || line.starts_with(b"scav ")
        || line.starts_with(b"scan: ")
        || detail()
}

/// Reads lines of traces out of whatever they stand in.
#[derive(Default)]
pub(in crate::format) struct Trace {
    collections: Collections,
    schedule: Schedule,
    /// Processes whose next cycle may come, the one that wrote last at the end: place, last number, its start.
    open: Vec<(u32, u64, f64)>,
    /// Whether results stand around what comes next.
    pub(in crate::format) in_results: bool,
    /// Processes that wrote between results.
    measured: Vec<bool>,
}

impl Trace {
    /// Takes what a line holds; whether it holds any of it.
    pub(in crate::format) fn line(&mut self, line: &[u8]) -> bool {
        if let Some(fork) = fork_of(line) {
            self.collections.fork = Some(fork);
            self.open.clear();
            return true;
        }
        let (mut rest, mut any) = (line, false);
        while let Some(place) = find(rest, b"gc ") {
            rest = rest.get(place + 3..).unwrap_or(&[]);
            if let Some(found) = cycle(rest) {
                any = true;
                self.collections.cut += u64::from(!found.complete);
                rest = rest.get(found.used..).unwrap_or(&[]);
                self.cycle(&found);
            }
        }
        if let Some(place) = find(line, b"SCHED ")
            && let Some(moment) = line.get(place + 6..).and_then(moment)
        {
            any = true;
            self.schedule.push(moment);
        }
        if let Some(queue) = queue_of_processor(line) {
            any = true;
            self.schedule.lengthen(queue);
        }
        any
    }

    /// What was found, at most one of each kind.
    pub(in crate::format) fn finish(mut self) -> Vec<Evidence> {
        let mut out = Vec::new();
        // `go` hands the setting on to the compiler and the linker, which are not what was measured.
        if self.measured.contains(&true) {
            self.collections.only(&self.measured);
        }
        if !self.collections.is_empty() {
            self.collections.collector = "Go".into();
            self.collections.clock = Clock::Process;
            self.collections.resolution = 1e-3;
            self.collections.whole = true;
            out.push(Evidence::Collections(self.collections));
        }
        if !self.schedule.is_empty() {
            out.push(Evidence::Schedule(self.schedule));
        }
        out
    }

    fn cycle(&mut self, found: &Found) {
        let process = self.process_of(found.number, found.start);
        self.measured.resize((process as usize + 1).max(self.measured.len()), false);
        if let Some(measured) = self.measured.get_mut(process as usize) {
            *measured |= self.in_results;
        }
        let wall: f64 = found.clock.iter().sum();
        let place = self.collections.push(Cycle {
            process,
            number: found.number,
            start: found.start,
            end: found.start + wall,
            cpu: found.cpu,
            before: found.heap.first().copied(),
            after: found.heap.get(2).copied(),
            during: found.heap.first().zip(found.heap.get(1)).map(|(from, to)| (to - from).max(0.0)),
            goal: found.goal,
            kind: if found.forced { CycleKind::Forced } else { CycleKind::Background },
        });
        let (Some(place), Some((last, before))) = (place, found.clock.split_last()) else { return };
        // The world stands still in the first phase and in the last; very old collectors have one.
        if let Some(first) = before.first() {
            self.collections.pause(place, found.start, *first);
        }
        let until: f64 = before.iter().sum();
        self.collections.pause(place, found.start + until, *last);
    }

    /// Whose cycle this is: the compiler and `go` itself write traces too, at the same time.
    fn process_of(&mut self, number: u64, start: f64) -> u32 {
        let fits = |(_, (_, last, at)): &(usize, &(u32, u64, f64))| *last < number && *at <= start;
        // The one whose next number it is, else some lines are missing; of equal ones that which wrote last.
        let nearest = self.open.iter().enumerate().filter(fits).max_by_key(|(_, own)| own.1).map(|(place, _)| place);
        if let Some(place) = nearest.filter(|_| number > 1) {
            let (process, ..) = self.open.remove(place);
            self.open.push((process, number, start));
            return process;
        }
        let process = self.collections.processes;
        if self.open.len() >= MAX_OPEN {
            self.open.remove(0);
        }
        self.open.push((process, number, start));
        process
    }
}

/// A cycle as it stands in a line.
struct Found {
    number: u64,
    start: f64,
    /// Phases, in seconds.
    clock: Vec<f64>,
    cpu: Option<f64>,
    /// Before, at the end, live; in bytes.
    heap: Vec<f64>,
    goal: Option<f64>,
    forced: bool,
    /// Whether the line has its end.
    complete: bool,
    /// Bytes that it takes behind `gc `.
    used: usize,
}

/// Reads `5 @0.030s 2%: 0.1+2+0.02 ms clock, …`; `None` where the times are not all there.
fn cycle(bytes: &[u8]) -> Option<Found> {
    let mut cursor = Cursor(bytes);
    let number = cursor.count()?;
    let start = cursor.skip(" @").then(|| cursor.amount()).flatten()?;
    cursor.skip("s ").then_some(())?;
    cursor.amount()?;
    cursor.skip("%: ").then_some(())?;
    let clock = numbers(&mut cursor, "+");
    (cursor.skip(" ms clock") && !clock.is_empty()).then_some(())?;
    let mut found = Found {
        number,
        start,
        clock: clock.into_iter().map(|ms| ms / 1e3).collect(),
        cpu: None,
        heap: Vec::new(),
        goal: None,
        forced: false,
        complete: false,
        used: 0,
    };
    while cursor.skip(", ") {
        let mut field = cursor;
        let token = cursor.while_in(|b| matches!(b, b'0'..=b'9' | b'.' | b'+' | b'/' | b'-' | b'>'));
        if cursor.skip(" ms cpu") {
            found.cpu = Some(cpu(token) / 1e3);
        } else if cursor.skip(" MB goal") {
            found.goal = field.amount().map(|mb| mb * MB);
        } else if cursor.skip(" MB stacks") || cursor.skip(" MB globals") {
            // Roots are no part of the heap.
        } else if cursor.skip(" MB") {
            found.heap = numbers(&mut field, "->").into_iter().map(|mb| mb * MB).collect();
        } else if cursor.skip(" P") {
            found.complete = true;
            found.forced = cursor.skip(" (forced)");
            break;
        } else {
            // A field of another version.
            cursor.while_in(|b| b != b',');
        }
    }
    found.used = bytes.len() - cursor.0.len();
    Some(found)
}

/// Numbers with something between them.
fn numbers(cursor: &mut Cursor<'_>, between: &str) -> Vec<f64> {
    let mut list = Vec::new();
    while let Some(number) = cursor.amount() {
        list.push(number);
        if list.len() >= MAX_PARTS || !cursor.skip(between) {
            break;
        }
    }
    list
}

/// CPU time of `a+b/c/d+e`: the third of the parts with `/` is idle time, which nobody missed.
fn cpu(token: &[u8]) -> f64 {
    let number = |piece: &[u8]| Cursor(piece).amount().unwrap_or(0.0);
    token.split(|b| *b == b'+').flat_map(|part| part.split(|b| *b == b'/').take(2)).map(number).sum()
}

/// Reads `1009ms: gomaxprocs=8 idleprocs=0 threads=12 … runqueue=0 [0 0 1]`.
fn moment(bytes: &[u8]) -> Option<Moment> {
    let mut cursor = Cursor(bytes);
    let time = cursor.amount()? / 1e3;
    (cursor.skip("ms: ") && cursor.0.starts_with(b"gomaxprocs=")).then_some(())?;
    let mut found = Moment { time, ..Moment::default() };
    let mut in_list = false;
    for word in cursor.0.split(|b| b.is_ascii_whitespace()) {
        let number = |text: &[u8]| Cursor(text).count().map_or(0, |n| n.min(u64::from(u32::MAX)) as u32);
        if let Some(at) = word.iter().position(|b| *b == b'=') {
            let (key, value) = word.split_at(at);
            let value = value.get(1..).unwrap_or(&[]);
            match key {
                b"gomaxprocs" => found.procs = number(value),
                b"idleprocs" => found.idle = number(value),
                b"threads" => found.threads = number(value),
                b"runqueue" => found.queue = number(value),
                _ => {}
            }
            in_list = false;
            continue;
        }
        // The queues of the processors: the first list without a name.
        let open = word.starts_with(b"[") && found.local.is_none();
        in_list |= open;
        if in_list {
            let digits = word.strip_prefix(b"[").unwrap_or(word);
            let sum = found.local.unwrap_or(0).saturating_add(number(digits));
            found.local = Some(sum);
            in_list = !word.ends_with(b"]");
        }
    }
    found.idle = found.idle.min(found.procs);
    Some(found)
}

/// Reads `  P0: status=1 … runqsize=2 …`, a line of `scheddetail`.
fn queue_of_processor(line: &[u8]) -> Option<u32> {
    let mut cursor = Cursor(line);
    (cursor.skip("  P") && cursor.count().is_some() && cursor.skip(": status=")).then_some(())?;
    let place = find(cursor.0, b" runqsize=")?;
    let length = Cursor(cursor.0.get(place + 10..)?).count()?;
    Some(length.min(u64::from(u32::MAX)) as u32)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    fn read(text: &str) -> (Vec<Evidence>, Vec<(NoticeCode, u64)>) {
        let parsed = parse(Source { name: "t", bytes: text.as_bytes() }).unwrap();
        let Content::Evidence(list) = parsed.value else { panic!("no evidence") };
        (list, parsed.notices.iter().map(|n| (n.code, n.count)).collect())
    }

    fn collections(text: &str) -> Collections {
        match read(text).0.remove(0) {
            Evidence::Collections(c) => c,
            other => panic!("{other:?}"),
        }
    }

    const LINE: &str = "gc 7 @2.104s 3%: 0.018+1.1+0.22 ms clock, 0.14+0.35/1.0/3.9+1.7 ms cpu, 4->5->1 MB, 6 MB goal, 0 MB stacks, 0 MB globals, 8 P";

    #[test]
    fn a_cycle_has_its_times_and_sizes() {
        let c = collections(LINE);
        assert_eq!((c.len(), c.number[0], c.start[0], c.processes), (1, 7, 2.104, 1));
        let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-12, "{a} {b}");
        close(c.end[0], 2.104 + 0.001_338);
        close(c.pause[0], 0.000_238);
        assert_eq!(c.pause_seconds.len(), 2);
        close(c.pause_start[1], 2.104 + 0.001_118);
        // Idle marking is no cost.
        close(c.cpu[0].unwrap(), 0.000_14 + 0.000_35 + 0.001 + 0.001_7);
        assert_eq!(
            (c.before[0], c.after[0], c.during[0], c.goal[0]),
            (Some(4.0 * MB), Some(MB), Some(MB), Some(6.0 * MB))
        );
        assert_eq!(c.kind, [CycleKind::Background]);
        assert_eq!((c.clock, c.resolution), (Clock::Process, 1e-3));
    }

    #[test]
    fn lines_of_all_ages() {
        let five = "gc 1 @0.028s 0%: 0.23+2.2+0.20+0.40+0.83 ms clock, 0.23+2.2+0+0.40/0/0+0.83 ms cpu, 4->4->0 MB, 4 MB goal, 1 P";
        let c = collections(five);
        assert!((c.pause[0] - 0.001_06).abs() < 1e-12 && c.pause_seconds.len() == 2);
        let forced = collections(&alloc::format!("{LINE} (forced)"));
        assert_eq!(forced.kind, [CycleKind::Forced]);
        // A field that nobody knows yet.
        let later = collections(&LINE.replace("6 MB goal,", "6 MB goal, 3 kites flown,"));
        assert_eq!(later.goal, [Some(6.0 * MB)]);
        assert_eq!(
            collections("gc 2 @0.1s 0%: 0+0.99+0 ms clock, 0+0/0/0+0 ms cpu, 0->0->0 MB, 4 MB goal, 1 P").pause[0],
            0.0
        );
    }

    #[test]
    fn several_in_a_line_and_what_stands_between() {
        let text = alloc::format!(
            "BenchmarkX-2 \t{LINE} (forced){}\npacer: x\nscav 0 KiB work\nhello\n",
            LINE.replace("gc 7", "gc 8")
        );
        let (list, notices) = read(&text);
        assert_eq!(list.len(), 1);
        assert_eq!(notices, [(NoticeCode::UnknownRecord, 1)]);
        let c = collections(&text);
        assert_eq!((c.number.as_slice(), c.kind[0]), (&[7, 8][..], CycleKind::Forced));
    }

    #[test]
    fn processes_are_told_apart() {
        let at = |n: u64, t: f64| {
            alloc::format!("gc {n} @{t:.3}s 0%: 1+1+1 ms clock, 1+1/1/1+1 ms cpu, 1->1->1 MB, 4 MB goal, 2 P\n")
        };
        // Two at the same time, then a third; a number that was lost goes to the process that is nearest to it.
        let text = [at(1, 0.1), at(1, 0.01), at(2, 0.02), at(2, 0.2), at(3, 0.03), at(5, 0.5), at(1, 0.0)].concat();
        assert_eq!(collections(&text).process, [0, 1, 1, 0, 1, 1, 2]);
        // One after the other: the first has ended where the second goes on.
        let text = [at(1, 0.1), at(2, 0.2), at(1, 0.01), at(2, 0.05), at(3, 0.3)].concat();
        assert_eq!(collections(&text).process, [0, 0, 1, 1, 1]);
    }

    #[test]
    fn a_cut_line_counts_and_is_said() {
        let cut = &LINE[..LINE.find(", 6 MB").unwrap()];
        let (list, notices) = read(cut);
        assert_eq!((list.len(), notices.as_slice()), (1, &[(NoticeCode::BrokenLine, 1)][..]));
        for end in 0..LINE.len() {
            let _ = parse(Source { name: "t", bytes: &LINE.as_bytes()[..end] });
        }
    }

    #[test]
    fn moments_of_the_scheduler() {
        let text = "SCHED 0ms: gomaxprocs=8 idleprocs=5 threads=5 spinningthreads=1 idlethreads=0 runqueue=0 [1 0 0 0 0 0 0 2]\n\
            SCHED 1009ms: gomaxprocs=8 idleprocs=0 threads=12 runqueue=7 gcwaiting=false [ 4 0 1 ] schedticks=[ 90 80 ]\n  P0: status=1\n\
            SCHED 3ms: gomaxprocs=2 idleprocs=9 threads=3 runqueue=0\n";
        let (list, notices) = read(text);
        let [Evidence::Schedule(s)] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!((s.local.as_slice(), s.queue.as_slice()), (&[3, 5, 0][..], &[0, 7, 0][..]));
        assert_eq!((s.idle.as_slice(), s.process.as_slice(), s.time[1]), (&[5, 0, 2][..], &[0, 0, 1][..], 1.009));
        assert!(notices.is_empty() && s.locals_known);
        // `scheddetail` gives each processor a line.
        let text = "SCHED 0ms: gomaxprocs=2 idleprocs=0 threads=3 runqueue=1 gcwaiting=false stopwait=0\n  P0: status=1 schedtick=0 m=0 runqsize=2 gfreecnt=0\n  \
            P1: status=0 m=nil runqsize=3 gfreecnt=0\n  M0: p=0 curg=1\n  G1: status=1\nscan: total 31+18\n";
        let (list, notices) = read(text);
        let [Evidence::Schedule(s)] = list.as_slice() else { panic!("{list:?}") };
        assert_eq!((s.queue[0], s.local[0], s.locals_known, notices), (1, 5, true, Vec::new()));
    }
}
