//! Austin's stacks: folded ones whose header says what the numbers are.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{beginning, lines, lossy};
use crate::format::Content;
use crate::format::stacks::Stacks;
use crate::number;
use crate::source::{NoticeCode, Parsed, Position, Source};

const WALL: (&str, &str) = ("wall", "microseconds");
const CPU: (&str, &str) = ("cpu", "microseconds");
const TAKEN: (&str, &str) = ("alloc_space", "bytes");
const GIVEN_BACK: (&str, &str) = ("freed_space", "bytes");

/// What Austin measured.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    Wall,
    Cpu,
    Memory,
    /// Time, whether the thread was idle, and memory.
    Full,
}

impl Mode {
    /// What the header says; `None`: another tool wrote the stacks.
    fn of(bytes: &[u8]) -> Option<Mode> {
        let mut header = lines(bytes).take_while(|line| line.starts_with(b"# ")).map(<[u8]>::trim_ascii_end);
        header.next().filter(|line| line.starts_with(b"# austin: "))?;
        header.find_map(|line| match line {
            b"# mode: wall" => Some(Mode::Wall),
            b"# mode: cpu" => Some(Mode::Cpu),
            b"# mode: memory" => Some(Mode::Memory),
            b"# mode: full" => Some(Mode::Full),
            _ => None,
        })
    }

    fn types(self) -> &'static [(&'static str, &'static str)] {
        match self {
            Mode::Wall => &[WALL],
            Mode::Cpu => &[CPU],
            Mode::Memory => &[TAKEN, GIVEN_BACK],
            Mode::Full => &[WALL, CPU, TAKEN, GIVEN_BACK],
        }
    }

    /// The values that the numbers behind a stack stand for; `None`: they are others.
    fn values(self, numbers: &str) -> Option<Vec<f64>> {
        let numbers: Option<Vec<f64>> = numbers.split(',').map(|number| number::parse(number.as_bytes())).collect();
        Some(match (self, numbers?.as_slice()) {
            (Mode::Wall | Mode::Cpu, [time]) => [*time].into(),
            (Mode::Memory, [bytes]) => [bytes.max(0.0), (-bytes).max(0.0)].into(),
            (Mode::Full, [time, idle, bytes]) => {
                [*time, if *idle == 0.0 { *time } else { 0.0 }, bytes.max(0.0), (-bytes).max(0.0)].into()
            }
            _ => return None,
        })
    }
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if Mode::of(beginning(bytes)).is_some() { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    // Who names the format knows that it is one; without a header the time is the usual.
    let mode = Mode::of(source.bytes).unwrap_or(Mode::Wall);
    let mut to = Stacks::new(source);
    let types: Vec<usize> = mode.types().iter().map(|(name, unit)| to.builder.sample_type(name, unit)).collect();
    to.builder.show_first(types.first().copied().unwrap_or(0));
    for (index, line) in lines(source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim_end();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let read = text.rsplit_once(' ').and_then(|(stack, numbers)| Some((stack, mode.values(numbers)?)));
        let Some((stack, values)) = read else {
            to.notices.push(NoticeCode::UnknownRecord, to.at, text);
            continue;
        };
        to.stack.clear();
        for name in stack.split(';').filter(|name| !name.is_empty()) {
            to.push(name);
        }
        let row: Vec<(usize, f64)> = types.iter().copied().zip(values).collect();
        to.add_values(&row)?;
    }
    to.finish()
}
