//! Python's cProfile: a dictionary of functions, marshalled, each with its calls, its time and its callers.
//!
//! Callers are a graph: it does not say which way led to a call, so that stacks cannot be recovered. Each function
//! stands on its own, and a notice says so.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::lossy;
use crate::format::Content;
use crate::format::stacks::Stacks;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

/// How deep values nest at most; the file has five levels.
const MAX_DEPTH: u32 = 12;

/// The bit that says that a value may be named again.
const NAMED: u8 = 0x80;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let plain = |at: usize| bytes.get(at).map_or(0, |byte| byte & !NAMED);
    // A dictionary whose first key is a tuple of three.
    let three = match plain(1) {
        b')' => bytes.get(2) == Some(&3),
        b'(' => bytes.get(2..6) == Some(&[3, 0, 0, 0]),
        _ => false,
    };
    if plain(0) == b'{' && three { 90 } else { 0 }
}

/// A value, as far as it is of use.
#[derive(Clone, Copy)]
enum Value<'a> {
    /// Of bytes, one for each character where they are not UTF-8.
    Text(&'a [u8]),
    Number(f64),
    /// A file, a line and a name.
    Function(&'a [u8], f64, &'a [u8]),
    /// Calls, own time.
    Stats(f64, f64),
    /// The end of a dictionary.
    Null,
    Other,
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let time = to.builder.sample_type("time", "seconds");
    let calls = to.builder.sample_type("calls", "count");
    let mut reader = Reader { bytes: source.bytes, at: 1, named: Vec::new(), texts: Vec::new() };
    if source.bytes.first().is_some_and(|byte| byte & NAMED != 0) {
        reader.named.push(Value::Other);
    }
    loop {
        to.at = Some(Position::Byte(reader.at.min(source.bytes.len()) as u64));
        let key = reader.value(MAX_DEPTH);
        if let Some(Value::Null) = key {
            if reader.at < source.bytes.len() {
                to.notices.push(NoticeCode::TrailingData, Some(Position::Byte(reader.at as u64)), "");
            }
            break;
        }
        let value = reader.value(MAX_DEPTH);
        let (Some(key), Some(value)) = (key, value) else {
            if to.builder.frames() == 0 {
                let kind = ParseErrorKind::Truncated { expected: "the statistics" };
                return Err(ParseError::new(&source, to.at, kind));
            }
            to.notices.push(NoticeCode::Truncated, to.at, "");
            break;
        };
        let (Value::Function(file, line, name), Value::Stats(count, own)) = (key, value) else {
            to.notices.push(NoticeCode::UnknownRecord, to.at, "");
            continue;
        };
        let name = named(file, line, name);
        to.work(name.len() as u64)?;
        to.stack.clear();
        to.stack.push(Frame::new(to.builder.function(&name), false));
        to.add_values(&[(time, own), (calls, count)])?;
    }
    to.notices.push(NoticeCode::TruncatedStacks, None, "a graph of calls: each function on its own");
    to.finish()
}

/// `name (file.py:12)`; what is built in has no file.
fn named(file: &[u8], line: f64, name: &[u8]) -> String {
    let mut out = lossy(name).into_owned();
    let file = lossy(file);
    if !matches!(file.as_ref(), "~" | "") {
        let file = file.rsplit(['/', '\\']).next().unwrap_or("");
        // Lines are whole numbers, whatever the file says.
        out = alloc::format!("{out} ({file}:{})", line as u64);
    }
    out
}

struct Reader<'a> {
    bytes: &'a [u8],
    at: usize,
    /// Values that may be named again, by the order in which they begin.
    named: Vec<Value<'a>>,
    /// The same for the texts of Python 2, which has no other values of that kind.
    texts: Vec<Value<'a>>,
}

impl<'a> Reader<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    fn byte(&mut self) -> Option<u8> {
        self.take(1)?.first().copied()
    }

    fn long(&mut self) -> Option<i32> {
        self.take(4)?.first_chunk().map(|bytes| i32::from_le_bytes(*bytes))
    }

    fn length(&mut self) -> Option<usize> {
        usize::try_from(self.long()?).ok()
    }

    /// The next value; `None`: it is cut, of no known kind, or nests too deep.
    fn value(&mut self, depth: u32) -> Option<Value<'a>> {
        let depth = depth.checked_sub(1)?;
        let kind = self.byte()?;
        let slot = (kind & NAMED != 0).then_some(self.named.len());
        if slot.is_some() {
            self.named.push(Value::Other);
        }
        let value = match kind & !NAMED {
            b'0' => Value::Null,
            b'N' | b'T' | b'F' | b'.' => Value::Other,
            b'i' => Value::Number(f64::from(self.long()?)),
            b'I' => Value::Number(self.take(8)?.first_chunk().map(|b| i64::from_le_bytes(*b))? as f64),
            b'l' => self.large()?,
            b'g' => Value::Number(self.take(8)?.first_chunk().map(|b| f64::from_le_bytes(*b))?),
            b'f' => {
                let length = usize::from(self.byte()?);
                Value::Number(crate::number::parse(self.take(length)?)?)
            }
            b's' | b't' | b'u' | b'a' | b'A' => {
                let length = self.length()?;
                let text = Value::Text(self.take(length)?);
                if kind == b't' {
                    self.texts.push(text);
                }
                text
            }
            b'z' | b'Z' => {
                let length = usize::from(self.byte()?);
                Value::Text(self.take(length)?)
            }
            b'r' => {
                let place = self.length()?;
                self.named.get(place).copied()?
            }
            b'R' => {
                let place = self.length()?;
                self.texts.get(place).copied()?
            }
            b')' => {
                let count = usize::from(self.byte()?);
                self.tuple(count, depth)?
            }
            b'(' => {
                let count = self.length()?;
                self.tuple(count, depth)?
            }
            b'{' => loop {
                if let Value::Null = self.value(depth)? {
                    break Value::Other;
                }
                self.value(depth)?;
            },
            _ => return None,
        };
        if let Some(slot) = slot.and_then(|slot| self.named.get_mut(slot)) {
            *slot = value;
        }
        Some(value)
    }

    /// A whole number in digits of 15 bits.
    fn large(&mut self) -> Option<Value<'a>> {
        let count = self.long()?;
        let mut value = 0.0;
        let mut scale = 1.0;
        for _ in 0..count.unsigned_abs() {
            let digit = self.take(2)?.first_chunk().map(|b| u16::from_le_bytes(*b))?;
            value += f64::from(digit) * scale;
            scale *= 32_768.0;
        }
        Some(Value::Number(if count < 0 { -value } else { value }))
    }

    fn tuple(&mut self, count: usize, depth: u32) -> Option<Value<'a>> {
        let mut first = [Value::Other; 4];
        for at in 0..count {
            let value = self.value(depth)?;
            if let Some(slot) = first.get_mut(at) {
                *slot = value;
            }
        }
        Some(match first {
            [Value::Text(file), Value::Number(line), Value::Text(name), _] if count == 3 => {
                Value::Function(file, line, name)
            }
            [Value::Number(_), Value::Number(calls), Value::Number(own), Value::Number(_)] => Value::Stats(calls, own),
            _ => Value::Other,
        })
    }
}
