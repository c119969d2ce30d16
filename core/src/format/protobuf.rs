//! Protobuf's wire format, as far as profiles need it.

use crate::error::ParseErrorKind;

/// One field of a message.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) struct Field<'a> {
    /// Its number; never 0.
    pub(super) number: u64,
    /// Its content.
    pub(super) value: Value<'a>,
}

/// The content of a field.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(super) enum Value<'a> {
    /// A number of up to 64 bits.
    Varint(u64),
    /// Text, a message, or packed numbers.
    Bytes(&'a [u8]),
    /// Four or eight bytes, which profiles do not use.
    Fixed,
}

/// Fields of a message, front to back. Ends at the end or behind the first error.
#[derive(Clone, Debug)]
pub(super) struct Fields<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Fields<'a> {
    pub(super) fn new(bytes: &'a [u8]) -> Fields<'a> {
        Fields { bytes, at: 0 }
    }

    /// Fields from the one that begins at a place.
    pub(super) fn from(bytes: &'a [u8], at: usize) -> Fields<'a> {
        Fields { bytes, at }
    }

    /// Where the next field begins.
    pub(super) fn position(&self) -> usize {
        self.at
    }

    /// Whether all was read.
    fn ended(&self) -> bool {
        self.at >= self.bytes.len()
    }

    /// A number of 7 bits a byte, the lowest first; the last byte's highest bit is 0.
    #[inline]
    fn varint(&mut self) -> Option<u64> {
        let rest = self.bytes.get(self.at..)?;
        if let Some(single @ 0..0x80) = rest.first() {
            self.at += 1;
            return Some(u64::from(*single));
        }
        // Up to eight bytes at once, where as many are left.
        if let Some(eight) = rest.first_chunk::<8>() {
            let word = u64::from_le_bytes(*eight);
            let last = !word & LASTS;
            if last != 0 {
                self.at += last.trailing_zeros() as usize / 8 + 1;
                // All below the last byte's highest bit.
                return Some(joined(word & (last ^ (last - 1))));
            }
        }
        let (value, length) = any_varint(rest)?;
        self.at += length;
        Some(value)
    }

    // Called for every field: as functions of their own these hand a slice over in memory, and whoever reads it waits
    // for that. The small engine is small instead.
    #[cfg_attr(feature = "full", inline(always))]
    fn field(&mut self) -> Option<Field<'a>> {
        let tag = self.varint()?;
        let number = tag >> 3;
        let value = match tag & 7 {
            0 => Value::Varint(self.varint()?),
            wire @ (1 | 5) => {
                let size = if wire == 1 { 8 } else { 4 };
                self.bytes.get(self.at..self.at.checked_add(size)?)?;
                self.at += size;
                Value::Fixed
            }
            2 => {
                let length = usize::try_from(self.varint()?).ok()?;
                let content = self.bytes.get(self.at..self.at.checked_add(length)?)?;
                self.at += length;
                Value::Bytes(content)
            }
            _ => return None,
        };
        (number != 0).then_some(Field { number, value })
    }
}

/// A number byte by byte, and how many bytes it takes.
#[inline(never)]
fn any_varint(bytes: &[u8]) -> Option<(u64, usize)> {
    let mut value = 0u64;
    for (i, byte) in bytes.iter().take(10).enumerate() {
        // The tenth byte holds one bit.
        if i == 9 && *byte > 1 {
            return None;
        }
        value |= u64::from(byte & 0x7f) << (7 * i);
        if byte & 0x80 == 0 {
            return Some((value, i + 1));
        }
    }
    None
}

impl<'a> Iterator for Fields<'a> {
    type Item = Result<Field<'a>, ParseErrorKind>;

    #[cfg_attr(feature = "full", inline(always))]
    fn next(&mut self) -> Option<Self::Item> {
        if self.ended() {
            return None;
        }
        let start = self.at;
        match self.field() {
            Some(field) => Some(Ok(field)),
            None => {
                // Nothing behind a broken field can be trusted.
                self.bytes = self.bytes.get(..start).unwrap_or(&[]);
                self.at = start;
                Some(Err(ParseErrorKind::InvalidProtobuf))
            }
        }
    }
}

/// The numbers of a repeated field, packed or not.
pub(super) fn numbers<'a>(value: Value<'a>) -> impl Iterator<Item = Result<u64, ParseErrorKind>> + 'a {
    let (single, packed) = match value {
        Value::Varint(v) => (Some(Ok(v)), &[][..]),
        Value::Bytes(bytes) => (None, bytes),
        Value::Fixed => (Some(Err(ParseErrorKind::InvalidProtobuf)), &[][..]),
    };
    let mut rest = Fields::new(packed);
    let packed = core::iter::from_fn(move || {
        if rest.ended() {
            return None;
        }
        let number = rest.varint().ok_or(ParseErrorKind::InvalidProtobuf);
        if number.is_err() {
            rest.bytes = &[];
        }
        Some(number)
    });
    single.into_iter().chain(packed)
}

/// Hands over the numbers of a repeated field, packed or not: the same as [`numbers`] for many. One look takes eight
/// bytes, and with them all numbers that end there.
#[inline]
pub(super) fn each_number(value: Value<'_>, mut take: impl FnMut(u64)) -> Result<(), ParseErrorKind> {
    let packed = match value {
        Value::Varint(value) => {
            take(value);
            return Ok(());
        }
        Value::Bytes(packed) => packed,
        Value::Fixed => return Err(ParseErrorKind::InvalidProtobuf),
    };
    let mut rest = packed;
    while !rest.is_empty() {
        let (word, bits) = beginning(rest);
        let mut lasts = !word & LASTS & (u64::MAX >> (64 - bits));
        let mut begin = 0;
        while lasts != 0 {
            // Behind the last byte of the number.
            let end = lasts.trailing_zeros() + 1;
            take(joined(word << (64 - end) >> (64 - end + begin)));
            begin = end;
            lasts &= lasts - 1;
        }
        if begin == 0 {
            let (value, length) = any_varint(rest).ok_or(ParseErrorKind::InvalidProtobuf)?;
            take(value);
            begin = length as u32 * 8;
        }
        rest = rest.get(begin as usize / 8..).unwrap_or(&[]);
    }
    Ok(())
}

/// The first eight bytes, or all where there are fewer, and how many bits those are.
#[inline]
fn beginning(bytes: &[u8]) -> (u64, u32) {
    if let Some(eight) = bytes.first_chunk::<8>() {
        return (u64::from_le_bytes(*eight), 64);
    }
    let bits = bytes.len() as u32 * 8;
    if let (Some(first), Some(last)) = (bytes.first_chunk::<4>(), bytes.last_chunk::<4>()) {
        let [first, last] = [first, last].map(|four| u64::from(u32::from_le_bytes(*four)));
        return (first | last << (bits - 32), bits);
    }
    (bytes.iter().rev().fold(0, |word, byte| word << 8 | u64::from(*byte)), bits)
}

/// The highest bits of eight bytes; each is 0 in the last byte of a number.
const LASTS: u64 = 0x8080_8080_8080_8080;

/// The number of up to eight bytes, whose highest bits do not count.
#[inline]
fn joined(bytes: u64) -> u64 {
    let bytes = bytes & !LASTS;
    let pairs = (bytes & 0x007f_007f_007f_007f) | (bytes & 0x7f00_7f00_7f00_7f00) >> 1;
    let fours = (pairs & 0x0000_3fff_0000_3fff) | (pairs & 0x3fff_0000_3fff_0000) >> 2;
    (fours & 0x0fff_ffff) | (fours & 0x0fff_ffff_0000_0000) >> 4
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{Fields, Value, numbers};

    /// A number as it is written, with zeros behind it to be so many bytes long.
    fn written(mut value: u64, length: usize) -> Vec<u8> {
        let mut out = Vec::new();
        while value > 0x7f || out.len() + 1 < length {
            out.push(value as u8 & 0x7f | 0x80);
            value >>= 7;
        }
        out.push(value as u8);
        out
    }

    #[test]
    fn numbers_of_every_length_read_the_same_wherever_they_end() {
        for bits in 0..64 {
            for value in [(1 << bits) - 1, 1 << bits, (1 << bits) | 1, u64::MAX >> bits, 0x5555_5555_5555_5555 >> bits]
            {
                for length in 1..=10 {
                    let number = written(value, length);
                    for behind in 0..10 {
                        let mut bytes = number.clone();
                        bytes.extend((0..behind).map(|i| 0xff ^ i));
                        let mut fields = Fields::new(&bytes);
                        assert_eq!((fields.varint(), fields.position()), (Some(value), number.len()), "{bytes:?}");
                    }
                    let cut = number.get(..number.len() - 1).unwrap_or(&[]);
                    assert_eq!(Fields::new(cut).varint(), None);
                }
            }
        }
        // More than 64 bits, or no end.
        for broken in [[0xff; 10], [0x80; 10], [0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 2]] {
            assert_eq!(Fields::new(&broken).varint(), None, "{broken:?}");
        }
        let packed: Vec<u8> = (0..100).flat_map(|i| written(i * i * i * i, 1)).collect();
        assert!(numbers(Value::Bytes(&packed)).map(|n| n.unwrap_or(0)).eq((0..100).map(|i| i * i * i * i)));
        // All at once, the same as one by one: numbers of every length at every place, and those that do not end.
        for length in 0..40 {
            for first in 1..=11 {
                let mut bytes = written(5, first);
                for i in 0..length {
                    bytes.extend(written((1 << (i * 7 % 64)) + i as u64, i % 10 + 1));
                }
                for end in [bytes.len(), bytes.len() - 1] {
                    let value = Value::Bytes(bytes.get(..end).unwrap_or(&[]));
                    let mut each = Vec::new();
                    let result = super::each_number(value, |number| each.push(number));
                    let one_by_one: Vec<_> = numbers(value).map_while(Result::ok).collect();
                    assert_eq!((each, result.is_ok()), (one_by_one, numbers(value).all(|n| n.is_ok())), "{bytes:?}");
                }
            }
        }
    }
}
