//! The recorder's ways to write numbers and text.

use alloc::string::String;

use crate::find::lossy;

/// Bytes that are read front to back.
#[derive(Clone)]
pub(super) struct Reader<'a> {
    bytes: &'a [u8],
    pub(super) at: usize,
}

/// A text as it stands.
#[derive(Clone, Copy)]
pub(super) enum Text<'a> {
    /// There is none.
    Null,
    /// It stands in a pool; nothing that is of use does.
    Pooled,
    Utf8(&'a [u8]),
    Latin1(&'a [u8]),
    /// So many numbers of UTF-16.
    Chars(&'a [u8], usize),
}

impl<'a> Reader<'a> {
    pub(super) fn new(bytes: &'a [u8], at: usize) -> Reader<'a> {
        Reader { bytes, at }
    }

    pub(super) fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let taken = self.bytes.get(self.at..self.at.checked_add(count)?)?;
        self.at += count;
        Some(taken)
    }

    /// Seven bits a byte, the lowest first; the ninth byte is whole.
    pub(super) fn number(&mut self) -> Option<u64> {
        let rest = self.bytes.get(self.at..)?;
        let mut value = 0;
        for (index, byte) in rest.iter().take(9).enumerate() {
            let last = index == 8 || byte & 0x80 == 0;
            value |= u64::from(if index == 8 { *byte } else { byte & 0x7f }) << (7 * index);
            if last {
                self.at += index + 1;
                return Some(value);
            }
        }
        None
    }

    /// How many bytes or things follow: more than there are bytes cannot be.
    pub(super) fn count(&mut self) -> Option<usize> {
        let count = usize::try_from(self.number()?).ok()?;
        (count <= self.bytes.len() - self.at).then_some(count)
    }

    pub(super) fn text(&mut self) -> Option<Text<'a>> {
        Some(match self.take(1)?.first()? {
            0 => Text::Null,
            1 => Text::Utf8(&[]),
            2 => {
                self.number()?;
                Text::Pooled
            }
            3 => {
                let count = self.count()?;
                Text::Utf8(self.take(count)?)
            }
            4 => {
                let count = self.count()?;
                let from = self.at;
                for _ in 0..count {
                    self.number()?;
                }
                Text::Chars(self.bytes.get(from..self.at)?, count)
            }
            5 => {
                let count = self.count()?;
                Text::Latin1(self.take(count)?)
            }
            _ => return None,
        })
    }
}

/// Bytes of a name that may be of use: metadata can name a long one again and again.
const SHORT: usize = 64;

impl Text<'_> {
    /// The text itself; nothing where it is longer than all names that are known.
    pub(super) fn short(self) -> String {
        match self {
            Text::Utf8(bytes) | Text::Latin1(bytes) | Text::Chars(bytes, _) if bytes.len() > SHORT => String::new(),
            _ => self.plain(),
        }
    }

    /// The text itself; nothing where it stands in a pool.
    pub(super) fn plain(self) -> String {
        match self {
            Text::Null | Text::Pooled => String::new(),
            Text::Utf8(bytes) => lossy(bytes).into_owned(),
            Text::Latin1(bytes) => bytes.iter().map(|b| char::from(*b)).collect(),
            Text::Chars(bytes, count) => {
                let mut reader = Reader::new(bytes, 0);
                let units = (0..count).map_while(|_| reader.number()).map(|unit| unit as u16);
                char::decode_utf16(units).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Reader, Text};

    #[test]
    fn numbers_have_up_to_nine_bytes() {
        let number = |bytes: &[u8]| {
            let mut reader = Reader::new(bytes, 0);
            reader.number().map(|value| (value, reader.at))
        };
        assert_eq!(number(&[5, 9]), Some((5, 1)));
        assert_eq!(number(&[0x80, 0x80, 0]), Some((0, 3)));
        assert_eq!(number(&[0xff, 0x7f]), Some((0x3fff, 2)));
        assert_eq!(number(&[0xff; 9]), Some((u64::MAX, 9)));
        assert_eq!((number(&[0x80]), number(&[])), (None, None));
    }

    #[test]
    fn texts_are_written_in_six_ways() {
        let text = |bytes: &[u8]| Reader::new(bytes, 0).text().map(Text::plain);
        assert_eq!(text(&[3, 2, 0xc3, 0xa4]).as_deref(), Some("ä"));
        assert_eq!(text(&[4, 2, b'a', 0xe4, 1]).as_deref(), Some("aä"));
        assert_eq!(text(&[5, 1, 0xe4]).as_deref(), Some("ä"));
        assert_eq!(
            (text(&[0]).as_deref(), text(&[1]).as_deref(), text(&[2, 7]).as_deref()),
            (Some(""), Some(""), Some(""))
        );
        assert_eq!((text(&[6]), text(&[3, 5, 1]), text(&[4, 3, 1])), (None, None, None));
    }
}
