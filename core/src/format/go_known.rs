//! Results of Go benchmarks that look like one before: the same name, and numbers of the same units behind it.
//!
//! Nearly all lines of a large file do. They are read without looking up anything; a line that differs in the least
//! is left to the reader of all lines, which gives the same.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::format::usable;
use crate::map::place;
use crate::number;

/// Digits of an iteration count that surely fits.
const MAX_COUNT: usize = 18;

/// Where one number of a line goes.
#[derive(Clone, Debug)]
pub(super) struct Column {
    pub(super) unit: String,
    /// Its series.
    pub(super) place: u32,
    /// What brings it to the base of its unit.
    pub(super) factor: f64,
    pub(super) primary: bool,
}

/// The form of a line.
#[derive(Debug)]
struct Shape {
    /// As it stands in the file.
    name: Vec<u8>,
    /// In which the name means what the columns say.
    suite: usize,
    /// Its columns end here, and begin where those of the shape before it end.
    end: usize,
}

/// The forms of lines, in the order in which they were met first.
#[derive(Debug, Default)]
pub(super) struct Known {
    shapes: Vec<Shape>,
    columns: Vec<Column>,
    suites: BTreeMap<String, usize>,
    suite: usize,
    /// The form of the last line; `None`: it stood in another suite.
    last: Option<usize>,
    /// The numbers of the line in work.
    values: Vec<f64>,
}

impl Known {
    /// How many there are.
    pub(super) fn len(&self) -> usize {
        self.shapes.len()
    }

    /// Says that the last line had this form, and how it looked if the form is the next.
    pub(super) fn meet(&mut self, form: usize, name: &str, columns: Vec<Column>) {
        if form == self.shapes.len() {
            self.columns.extend(columns);
            self.shapes.push(Shape { name: name.as_bytes().into(), suite: self.suite, end: self.columns.len() });
        }
        self.last = Some(form);
    }

    /// Says which suite follows: its names mean series of its own.
    pub(super) fn enter(&mut self, suite: &str) {
        let next = self.suites.len() + 1;
        self.suite = place(&mut self.suites, suite, next);
        self.last = None;
    }

    /// The iteration count of a line behind `Benchmark`, and its numbers with their columns; `None`: it is not like
    /// the last one, nor like the one that followed that before.
    #[inline]
    pub(super) fn read(&mut self, line: &[u8]) -> Option<(u64, impl Iterator<Item = (&Column, f64)>)> {
        let last = self.last?;
        let begins = |at: &usize| {
            let shape = self.shapes.get(*at).filter(|shape| shape.suite == self.suite)?;
            let rest = line.strip_prefix(shape.name.as_slice());
            rest.filter(|rest| matches!(rest.first(), Some(b' ' | b'\t')))
        };
        let (at, rest) = [last, last + 1].into_iter().find_map(|at| Some((at, begins(&at)?)))?;
        let start = at.checked_sub(1).map_or(Some(0), |before| Some(self.shapes.get(before)?.end))?;
        let columns = self.columns.get(start..self.shapes.get(at)?.end)?;
        let (count, mut rest) = word(rest);
        if count.is_empty() || count.len() > MAX_COUNT {
            return None;
        }
        let mut ops = 0u64;
        for byte in count {
            let digit = byte.wrapping_sub(b'0');
            if digit > 9 {
                return None;
            }
            ops = ops * 10 + u64::from(digit);
        }
        if ops == 0 {
            return None;
        }
        self.values.clear();
        for column in columns {
            let (text, behind) = word(rest);
            let (unit, behind) = word(behind);
            let value = number::parse(text).filter(|value| usable(*value) && *value >= 0.0)?;
            if unit != column.unit.as_bytes() {
                return None;
            }
            self.values.push(value * column.factor);
            rest = behind;
        }
        self.last = Some(at);
        word(rest).0.is_empty().then(|| (ops, columns.iter().zip(self.values.iter().copied())))
    }
}

/// The next word and what is behind it; blanks are spaces and tabs.
#[inline]
fn word(text: &[u8]) -> (&[u8], &[u8]) {
    let from = text.iter().position(|b| !matches!(b, b' ' | b'\t')).unwrap_or(text.len());
    let text = text.get(from..).unwrap_or(&[]);
    text.split_at(text.iter().position(|b| matches!(b, b' ' | b'\t')).unwrap_or(text.len()))
}
