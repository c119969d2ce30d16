//! The text of the JVM's hprof: stacks by number, then tables that name them (samples, times, places of allocation).
//! With `thread=y` stacks are those of a thread, whose name and number become labels.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lines, lossy, rfind};
use crate::format::stack_labels::LabelSet;
use crate::format::stacks::{Numbered, Stacks};
use crate::format::text::{around, cut, words};
use crate::format::{Content, holds};
use crate::number;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    // The binary form has a zero behind its version.
    if holds(bytes, &["^JAVA PROFILE ", ", created "]) { 90 } else { 0 }
}

/// A table that names stacks.
#[derive(Clone, Copy, PartialEq)]
enum Table {
    Samples,
    /// With milliseconds in all.
    Times(f64),
    Sites,
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let Traces { numbers, ends, frames, mut threads } = Traces::read(&mut to);
    let numbers = Numbered::new(&numbers);
    let mut table = None;
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        if let Some((title, rest)) = text.split_once(" BEGIN") {
            let total = rest.split(|c: char| !c.is_ascii_digit()).find_map(|n| number::parse(n.as_bytes()));
            table = match title {
                "CPU SAMPLES" => Some(Table::Samples),
                "CPU TIME (ms)" => Some(Table::Times(total.unwrap_or(0.0))),
                "SITES" => Some(Table::Sites),
                _ => None,
            };
            continue;
        }
        if text.ends_with(" END") {
            table = None;
        }
        let Some(table) = table else { continue };
        let fields = words(text);
        let number = |at: usize| {
            fields.get(at).and_then(|field| number::parse(field.trim_end_matches('%').replace(',', ".").as_bytes()))
        };
        // A title of the table, or the line above it.
        if number(0).is_none() {
            continue;
        }
        let sites = table == Table::Sites;
        let trace = number(if sites { 7 } else { 4 }).and_then(|trace| numbers.get(trace as u64));
        let Some(trace) = trace.map(|trace| trace as usize) else {
            to.notices.push(NoticeCode::DanglingReference, to.at, "TRACE");
            continue;
        };
        let start = trace.checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
        let stack = ends.get(trace).and_then(|end| frames.get(start..*end)).unwrap_or(&[]);
        to.stack.clear();
        to.stack.extend(stack.iter().rev());
        to.labels = threads.labels(&mut to, trace);
        let values = match table {
            Table::Samples => [("samples", "count", number(3)), ("", "", None), ("", "", None), ("", "", None)],
            Table::Times(total) => {
                let time = number(1).map(|share| share * total / 100.0);
                [("time", "milliseconds", time), ("calls", "count", number(3)), ("", "", None), ("", "", None)]
            }
            Table::Sites => [
                ("inuse_space", "bytes", number(3)),
                ("inuse_objects", "count", number(4)),
                ("alloc_space", "bytes", number(5)),
                ("alloc_objects", "count", number(6)),
            ],
        };
        let mut row = Vec::new();
        for (name, unit, value) in values.into_iter().filter(|(name, ..)| !name.is_empty()) {
            let sample_type = to.builder.sample_type(name, unit);
            row.push((sample_type, value.unwrap_or(f64::NAN)));
        }
        to.add_values(&row)?;
    }
    to.finish()
}

/// Threads with what stands behind `THREAD START` of each, and which of them a stack is of.
#[derive(Default)]
struct Threads<'a> {
    started: BTreeMap<u64, &'a [u8]>,
    of_stacks: Vec<Option<u64>>,
    /// The labels of each thread whose stack was named.
    known: BTreeMap<u64, LabelSet>,
}

impl<'a> Threads<'a> {
    /// Takes a line, `(obj=5000012d, id = 200001, name="main", group="main")`.
    fn start(&mut self, line: &'a [u8]) {
        let text = lossy(line);
        let number = cut(&text, "id = ").and_then(|(_, rest)| around(rest, ",").0.trim().parse().ok());
        if let Some(number) = number {
            self.started.entry(number).or_insert(line);
        }
    }

    /// The labels of a stack by its place.
    fn labels(&mut self, to: &mut Stacks<'_>, stack: usize) -> LabelSet {
        let Some(number) = self.of_stacks.get(stack).copied().flatten() else { return LabelSet::default() };
        if let Some(known) = self.known.get(&number) {
            return *known;
        }
        // A name may hold quotes itself.
        let line = self.started.get(&number).copied().unwrap_or(b"");
        let text = lossy(line);
        let name = cut(&text, "name=\"").map_or("", |(_, rest)| rest);
        let name = name.split_at(rfind(name, "\", group=").or(rfind(name, "\"")).unwrap_or(name.len())).0;
        let mut labels = Vec::new();
        labels.extend(to.label("thread", name));
        labels.extend(to.label("thread_id", &alloc::format!("{number}")));
        let set = to.label_set(&mut labels);
        self.known.insert(number, set);
        set
    }
}

/// Numbers of stacks, where the frames of each end, the frames, leaf first, and the threads.
struct Traces<'a> {
    numbers: Vec<(u64, u32)>,
    ends: Vec<usize>,
    frames: Vec<Frame>,
    threads: Threads<'a>,
}

impl<'a> Traces<'a> {
    fn read(to: &mut Stacks<'a>) -> Traces<'a> {
        let (mut numbers, mut ends, mut frames) = (Vec::new(), Vec::new(), Vec::new());
        let mut threads = Threads::default();
        let mut inside = false;
        for line in lines(to.source.bytes) {
            if let Some(rest) = line.strip_prefix(b"THREAD START ") {
                threads.start(rest);
            }
            let line = lossy(line);
            if let Some(rest) = line.strip_prefix("TRACE ") {
                // `TRACE 300001:` and, with threads, `TRACE 300001: (thread=200001)`.
                let number = around(rest, ":").0.trim().parse::<u64>();
                inside = number.is_ok();
                if let Ok(number) = number {
                    numbers.push((number, ends.len() as u32));
                    ends.push(frames.len());
                    let thread = cut(rest, "(thread=").and_then(|(_, thread)| around(thread, ")").0.parse().ok());
                    threads.of_stacks.push(thread);
                }
            } else if !line.starts_with(['\t', ' ']) {
                // Nothing further belongs to the stack.
                inside = false;
            } else if let (true, Some(end)) = (inside, ends.last_mut()) {
                let name = around(line.trim(), "(").0;
                if !name.is_empty() && !name.starts_with('<') {
                    frames.push(Frame::new(to.builder.function(name), false));
                    *end = frames.len();
                }
            }
        }
        Traces { numbers, ends, frames, threads }
    }
}
