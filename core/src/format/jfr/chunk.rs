//! One chunk: a header, then events, among them the metadata and the pools.

use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::stack_labels::LabelSet;
use crate::format::stacks::Stacks;
use crate::source::{NoticeCode, Position};

use super::events::{self, Wanted};
use super::metadata::{Class, Kind, Metadata, Role};
use super::pools::Pools;
use super::reader::{Reader, Text};
use super::threads::Threads;

/// How deep values nest at most.
const MAX_DEPTH: u32 = 16;

/// The newest layout that is known.
const NEWEST: u64 = 2;

const SIZE: usize = 68;

pub(super) struct Header {
    start: usize,
    /// Where the next chunk begins; beyond the file where this one is cut.
    pub(super) end: usize,
    metadata: u64,
    pub(super) seconds: f64,
    pub(super) nanos_per_tick: f64,
}

impl Header {
    pub(super) fn read(bytes: &[u8], start: usize) -> Result<Header, ParseErrorKind> {
        let truncated = ParseErrorKind::Truncated { expected: "the header of a chunk" };
        let Some(header) = bytes.get(start..).and_then(|rest| rest.get(..SIZE)) else { return Err(truncated) };
        let number = |at: usize, size: usize| {
            let field = header.get(at..at + size).unwrap_or(&[]);
            field.iter().fold(0u64, |value, byte| value << 8 | u64::from(*byte))
        };
        if !header.starts_with(b"FLR\0") {
            return Err(ParseErrorKind::WrongShape { expected: "a chunk of a flight recording" });
        }
        // Before version 1 (Java 8 of Oracle) numbers were written in another way.
        let version = number(4, 2);
        if !(1..=NEWEST).contains(&version) {
            return Err(ParseErrorKind::UnsupportedVersion { found: version, newest: NEWEST });
        }
        if number(64, 4) & 1 == 0 {
            return Err(ParseErrorKind::Unsupported("a flight recording without compressed integers"));
        }
        // A recording that goes on has no size yet.
        let size = match number(8, 8) {
            0 => (bytes.len() - start) as u64,
            size => size,
        };
        let end = (start as u64).saturating_add(size.max(SIZE as u64));
        let ticks = number(56, 8);
        Ok(Header {
            start,
            end: usize::try_from(end).unwrap_or(usize::MAX),
            metadata: number(24, 8),
            seconds: number(40, 8) as f64 * 1e-9,
            nanos_per_tick: if ticks == 0 { 1.0 } else { 1e9 / ticks as f64 },
        })
    }
}

/// Where an event stands.
struct Event {
    at: usize,
    size: usize,
    type_id: u64,
}

/// The events of a chunk, front to back; they end where one cannot be.
struct Events<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl Iterator for Events<'_> {
    type Item = Event;

    fn next(&mut self) -> Option<Event> {
        let at = self.at;
        let mut reader = Reader::new(self.bytes, at);
        let (size, type_id) = (usize::try_from(reader.number()?).ok()?, reader.number()?);
        // An event has at least its size and type.
        if size < 2 || size > self.bytes.len() - at {
            return None;
        }
        self.at = at + size;
        Some(Event { at, size, type_id })
    }
}

/// Reads the samples of a chunk.
///
/// # Errors
/// Where the stacks together are too large for the input, or reading takes too long for it.
pub(super) fn read(to: &mut Stacks<'_>, header: &Header) -> Result<(), ParseError> {
    let source = to.source;
    let all = source.bytes.get(..header.end.min(source.bytes.len())).unwrap_or(&[]);
    let place = |at: usize| Some(Position::Byte(at as u64));
    let (mut pools, mut last) = (Vec::new(), None);
    let mut events = Events { bytes: all, at: header.start + SIZE };
    for event in events.by_ref() {
        match event.type_id {
            0 => last = Some(event.at),
            1 => pools.push((event.at, event.size)),
            _ => {}
        }
    }
    if events.at < all.len() {
        to.notices.push(NoticeCode::Truncated, place(events.at), "events");
    }
    let stated = usize::try_from(header.metadata).ok().and_then(|offset| header.start.checked_add(offset));
    let known = stated.filter(|_| header.metadata != 0).and_then(|at| Metadata::read(all, at));
    let Some(metadata) = known.or_else(|| Metadata::read(all, last?)) else {
        to.notices.push(NoticeCode::UnknownRecord, place(header.start), "a chunk without metadata");
        return Ok(());
    };
    let mut all_pools = Pools::default();
    for (at, size) in pools {
        to.at = place(at);
        let event = all.get(..at + size).unwrap_or(&[]);
        all_pools.read(to, &metadata, event, at)?;
    }
    let mut threads = Threads::new(core::mem::take(&mut all_pools.threads));
    let stacks = all_pools.finish(to)?;
    let mut wanted = Wanted::new(&metadata);
    for Event { at, size, type_id } in (Events { bytes: all, at: header.start + SIZE }) {
        let Some(kind) = wanted.event(to, type_id) else { continue };
        to.at = place(at);
        let bytes = all.get(..at + size).unwrap_or(&[]);
        events::read(to, &metadata, header, (&stacks, &mut threads), kind, Reader::new(bytes, at))?;
    }
    // Keys of another chunk are other threads.
    to.labels = LabelSet::default();
    Ok(())
}

/// What the fields of a value are given to: whose they are, what they are, and the number or text.
pub(super) type Visit<'v, 'a> = dyn FnMut(Role, Scalar<'a>) + 'v;

/// A value that has no parts.
#[derive(Clone, Copy)]
pub(super) enum Scalar<'a> {
    Number(u64),
    Text(Text<'a>),
}

/// Reads a value of a type; its fields of use are visited in the order in which they stand.
///
/// # Errors
/// Where reading takes too long for the input.
pub(super) fn value<'a>(
    to: &mut Stacks<'_>,
    metadata: &Metadata,
    class: &Class,
    reader: &mut Reader<'a>,
    visit: &mut Visit<'_, 'a>,
) -> Result<Option<()>, ParseError> {
    nested(to, metadata, class, reader, visit, MAX_DEPTH)
}

fn nested<'a>(
    to: &mut Stacks<'_>,
    metadata: &Metadata,
    class: &Class,
    reader: &mut Reader<'a>,
    visit: &mut Visit<'_, 'a>,
    depth: u32,
) -> Result<Option<()>, ParseError> {
    let Some(depth) = depth.checked_sub(1) else { return Ok(None) };
    for field in &class.fields {
        let count = if field.list { reader.count() } else { Some(1) };
        let Some(count) = count else { return Ok(None) };
        // Fields may have no bytes: the steps are what is counted.
        to.work(count as u64)?;
        for _ in 0..count {
            let scalar = match metadata.at(field.class) {
                _ if field.pooled => reader.number().map(Scalar::Number),
                Some(inner) if inner.kind == Kind::Fields => {
                    if nested(to, metadata, inner, reader, visit, depth)?.is_none() {
                        return Ok(None);
                    }
                    continue;
                }
                Some(inner) => scalar(inner.kind, reader),
                None => None,
            };
            match scalar {
                Some(scalar) if field.role != Role::None => visit(field.role, scalar),
                Some(_) => {}
                None => return Ok(None),
            }
        }
    }
    Ok(Some(()))
}

/// A value without parts.
pub(super) fn scalar<'a>(kind: Kind, reader: &mut Reader<'a>) -> Option<Scalar<'a>> {
    Some(match kind {
        Kind::Number => Scalar::Number(reader.number()?),
        Kind::Bytes(count) => {
            let bytes = reader.take(count)?;
            Scalar::Number(bytes.iter().fold(0, |value, byte| value << 8 | u64::from(*byte)))
        }
        Kind::Text => Scalar::Text(reader.text()?),
        Kind::Fields => return None,
    })
}
