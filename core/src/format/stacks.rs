//! What profiles of many tools need: stacks out of call trees and out of calls that begin and end.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::stack_labels::LabelSet;
use crate::format::{Content, json_error, usable};
use crate::json::{self, Value};
use crate::profile::{Frame, ProfileBuilder};
use crate::sort;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

/// No node of a call tree.
pub(super) const NONE: u32 = u32::MAX;

/// Frames that may be kept and that may be read for each byte of the input, and beside them: what files hold stays
/// far below, and an input cannot ask for more memory and time than its size allows.
const KEPT: (u64, u64) = (2, 1 << 20);
const READ: (u64, u64) = (64, 1 << 26);

/// Sample types of one profile at most.
const MAX_TYPES: usize = 64;

/// A profile in the making.
#[derive(Debug)]
pub(super) struct Stacks<'a> {
    pub(super) source: Source<'a>,
    pub(super) builder: ProfileBuilder,
    pub(super) notices: Notices,
    /// The stack in work, root first.
    pub(super) stack: Vec<Frame>,
    /// Labels of the samples that are added next.
    pub(super) labels: LabelSet,
    /// Where the record in work stands.
    pub(super) at: Option<Position>,
    /// Parents and functions of a call tree; a parent comes before its children.
    nodes: Vec<(u32, u32)>,
    read: u64,
}

impl<'a> Stacks<'a> {
    pub(super) fn new(source: Source<'a>) -> Stacks<'a> {
        Stacks {
            source,
            builder: ProfileBuilder::default(),
            notices: Notices::new(),
            stack: Vec::new(),
            labels: LabelSet::default(),
            at: None,
            nodes: Vec::new(),
            read: 0,
        }
    }

    /// The whole input as JSON.
    pub(super) fn document(&self, expected: &'static str) -> Result<Value<'a>, ParseError> {
        json::document(self.source.bytes).map_err(|error| json_error(&self.source, &error, expected))
    }

    /// Says that a value of the document is what follows is about.
    pub(super) fn stands_at(&mut self, value: Value<'_>) {
        self.at = Some(Position::Byte(value.offset(self.source.bytes)));
    }

    /// A function by its name and, where it has none, by its place in the source.
    pub(super) fn function(&mut self, name: &str, file: &str, line: Option<u64>) -> u32 {
        if !name.is_empty() {
            return self.builder.function(name);
        }
        let mut text = String::from("(anonymous)");
        if !file.is_empty() {
            text.push(' ');
            text.push_str(file);
            if let Some(line) = line {
                text.push(':');
                text.push_str(&line.to_string());
            }
        }
        self.builder.function(&text)
    }

    /// The number of a sample type that the input names. Each costs memory for every stack.
    ///
    /// # Errors
    /// Where there are too many.
    pub(super) fn sample_type(&mut self, name: &str, unit: &str) -> Result<usize, ParseError> {
        let sample_type = self.builder.sample_type(name, unit);
        if sample_type >= MAX_TYPES {
            let kind = ParseErrorKind::LimitExceeded { what: "sample types", limit: MAX_TYPES as u64 };
            return Err(ParseError::new(&self.source, self.at, kind));
        }
        Ok(sample_type)
    }

    /// Puts a function on the stack in work.
    pub(super) fn push(&mut self, name: &str) {
        let frame = Frame::new(self.builder.function(name), false);
        self.stack.push(frame);
    }

    /// A new node of the call tree, below one that exists; [`NONE`]: a root.
    pub(super) fn node(&mut self, parent: u32, function: u32) -> u32 {
        self.nodes.push((parent, function));
        self.nodes.len() as u32 - 1
    }

    /// Adds a weight to a node of the call tree; one that does not exist is told.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn add_node(&mut self, sample_type: usize, node: u32, weight: f64) -> Result<(), ParseError> {
        if self.walk(node) { self.add(sample_type, weight) } else { Ok(()) }
    }

    /// Makes the way to a node of the call tree the stack in work; false: there is no such node, which is told.
    pub(super) fn walk(&mut self, node: u32) -> bool {
        self.stack.clear();
        let mut next = node;
        while let Some((parent, function)) = self.nodes.get(next as usize) {
            self.stack.push(Frame::new(*function, false));
            next = *parent;
        }
        if next != NONE {
            self.notices.push(NoticeCode::DanglingReference, self.at, "node");
            return false;
        }
        self.stack.reverse();
        true
    }

    /// Adds one sample with values of several sample types to the stack in work.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn add_values(&mut self, values: &[(usize, f64)]) -> Result<(), ParseError> {
        let mut row: Vec<f64> = Vec::new();
        for (sample_type, value) in values {
            if !usable(*value) {
                self.notices.push(NoticeCode::NonFiniteValue, self.at, "");
                continue;
            }
            if *value < 0.0 {
                self.notices.push(NoticeCode::NegativeWeight, self.at, "");
            }
            if row.len() <= *sample_type {
                row.resize(sample_type + 1, 0.0);
            }
            if let Some(sum) = row.get_mut(*sample_type) {
                *sum += value;
            }
        }
        self.put_row(&row);
        self.work(self.stack.len() as u64)?;
        self.limit("frames", self.builder.frames(), KEPT)
    }

    /// Adds a weight to the stack in work.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    #[inline(never)]
    pub(super) fn add(&mut self, sample_type: usize, weight: f64) -> Result<(), ParseError> {
        self.work(self.stack.len() as u64)?;
        if !usable(weight) {
            self.notices.push(NoticeCode::NonFiniteValue, self.at, "");
            return Ok(());
        }
        if weight < 0.0 {
            self.notices.push(NoticeCode::NegativeWeight, self.at, "");
        }
        self.put(sample_type, weight);
        self.limit("frames", self.builder.frames(), KEPT)
    }

    /// Counts frames, or what takes as long, that the input asks for beyond reading it once.
    ///
    /// # Errors
    /// Where it is too much for the input.
    pub(super) fn work(&mut self, steps: u64) -> Result<(), ParseError> {
        self.read += steps;
        self.limit("steps of reading", self.read, READ)
    }

    fn limit(&self, what: &'static str, count: u64, (each, beside): (u64, u64)) -> Result<(), ParseError> {
        let limit = self.source.bytes.len() as u64 * each + beside;
        if count > limit {
            let kind = ParseErrorKind::LimitExceeded { what, limit };
            return Err(ParseError::new(&self.source, self.at, kind));
        }
        Ok(())
    }

    /// What was read.
    ///
    /// # Errors
    /// Where there is no stack.
    pub(super) fn finish(self) -> Result<Parsed<Content>, ParseError> {
        match self.builder.finish() {
            Some(profile) => Ok(Parsed { value: Content::Profile(profile), notices: self.notices.into_vec() }),
            None => Err(ParseError::new(&self.source, None, ParseErrorKind::NoData)),
        }
    }
}

/// Places by the numbers that a file gives them; of equal numbers the first counts.
#[derive(Debug)]
pub(super) struct Numbered(Vec<(u64, u32)>);

impl Numbered {
    pub(super) fn new(entries: &[(u64, u32)]) -> Numbered {
        let order = sort::order(entries.len(), &mut |a, b| entries[a].0.cmp(&entries[b].0));
        Numbered(order.into_iter().filter_map(|at| entries.get(at as usize).copied()).collect())
    }

    pub(super) fn get(&self, number: u64) -> Option<u32> {
        let at = self.0.partition_point(|(known, _)| *known < number);
        self.0.get(at).filter(|(known, _)| *known == number).map(|(_, place)| *place)
    }
}

/// Calls that begin and end at times: what lies between two times belongs to the stack that is open.
#[derive(Debug, Default)]
pub(super) struct Calls {
    /// What stands below all calls, if anything.
    root: Option<u32>,
    open: Vec<Frame>,
    last: f64,
}

impl Calls {
    pub(super) fn below(root: Option<u32>) -> Calls {
        Calls { root, ..Calls::default() }
    }

    /// Passes time.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn until(&mut self, to: &mut Stacks<'_>, sample_type: usize, time: f64) -> Result<(), ParseError> {
        let passed = time - self.last;
        if passed > 0.0 && !self.open.is_empty() {
            to.stack.clear();
            to.stack.extend(self.root.map(|root| Frame::new(root, false)));
            to.stack.extend_from_slice(&self.open);
            to.add(sample_type, passed)?;
        }
        self.last = time;
        Ok(())
    }

    pub(super) fn begin(&mut self, function: u32) {
        self.open.push(Frame::new(function, false));
    }

    /// Ends a call, with those that it made and that have no end of their own; `None`: the last.
    ///
    /// # Errors
    /// Where looking for the calls takes too long for the input.
    pub(super) fn end(&mut self, to: &mut Stacks<'_>, function: Option<u32>) -> Result<(), ParseError> {
        let open = self.open.len();
        let place = match function {
            Some(function) => self.open.iter().rposition(|frame| frame.function() == function),
            None => self.open.len().checked_sub(1),
        };
        match place {
            Some(place) => {
                if place + 1 < self.open.len() {
                    to.notices.push(NoticeCode::BrokenLine, to.at, "a call without its end");
                }
                self.open.truncate(place);
            }
            None => to.notices.push(NoticeCode::BrokenLine, to.at, "an end without its call"),
        }
        to.work((open - place.unwrap_or(0)) as u64)
    }
}
