//! Finding a piece of text. The standard library's search is linear in the worst case and costs the
//! engine of the page some 3 kB; pieces here are a few bytes.

use alloc::borrow::Cow;
use alloc::string::String;

/// Bytes that tell the format of a text.
const HEAD: usize = 65_536;

/// Bytes as text, with what is none replaced. Most is text, which is checked in whole words.
pub(crate) fn lossy(bytes: &[u8]) -> Cow<'_, str> {
    match core::str::from_utf8(bytes) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => String::from_utf8_lossy(bytes),
    }
}

/// The first 64 KiB, which is what recognising looks at.
pub(crate) fn beginning(bytes: &[u8]) -> &[u8] {
    bytes.get(..HEAD).unwrap_or(bytes)
}

/// The same as text, for a reader that looks for words there; empty for binary content: no text has bytes below the
/// tabulator.
pub(crate) fn head(bytes: &[u8]) -> Cow<'_, str> {
    let head = beginning(bytes);
    if head.iter().any(|byte| *byte < 9) { Cow::Borrowed("") } else { lossy(head) }
}

/// Where a byte first stands: eight are looked at together.
#[inline]
#[must_use]
pub fn position(text: &[u8], byte: u8) -> Option<usize> {
    const ONES: u64 = 0x0101_0101_0101_0101;
    let (words, rest) = text.as_chunks::<8>();
    let wanted = u64::from(byte) * ONES;
    for (index, word) in words.iter().enumerate() {
        // Only a lane that is 0 borrows from its highest bit; lanes behind it may, too, but it comes first.
        let lanes = u64::from_le_bytes(*word) ^ wanted;
        let hits = lanes.wrapping_sub(ONES) & !lanes & (ONES << 7);
        if hits != 0 {
            return Some(index * 8 + hits.trailing_zeros() as usize / 8);
        }
    }
    Some(words.len() * 8 + rest.iter().position(|b| *b == byte)?)
}

/// The lines of a text, as by splitting it at each line feed: behind the last one comes another line, which may be
/// empty.
#[derive(Clone, Debug)]
pub struct Lines<'a>(Option<&'a [u8]>);

/// The lines of a text.
#[must_use]
pub fn lines(text: &[u8]) -> Lines<'_> {
    Lines(Some(text))
}

impl<'a> Iterator for Lines<'a> {
    type Item = &'a [u8];

    #[inline]
    fn next(&mut self) -> Option<&'a [u8]> {
        let rest = self.0?;
        let end = position(rest, b'\n');
        self.0 = end.and_then(|end| rest.get(end + 1..));
        rest.get(..end.unwrap_or(rest.len()))
    }
}

/// Where a piece first stands; an empty one at the beginning.
#[inline(never)]
#[must_use]
pub fn find(text: &[u8], piece: &[u8]) -> Option<usize> {
    let Some(first) = piece.first() else { return Some(0) };
    let mut from = 0;
    loop {
        // Most bytes are not its first one, and the others are seldom looked at.
        let rest = text.get(from..)?;
        let at = position(rest, *first)?;
        if rest.get(at..)?.starts_with(piece) {
            return Some(from + at);
        }
        from += at + 1;
    }
}

/// Where a piece last stands; an empty one at the end.
#[inline(never)]
#[must_use]
pub fn rfind(text: &str, piece: &str) -> Option<usize> {
    (0..=text.len().checked_sub(piece.len())?).rev().find(|at| text.as_bytes()[*at..].starts_with(piece.as_bytes()))
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{find, lines, position, rfind};

    #[test]
    fn pieces_are_found_as_the_standard_library_finds_them() {
        for text in ["", "a", "abcabc", "::a::b", "ä→ä"] {
            for piece in ["", "a", "abc", "bc", "::", "x", "abcabcd", "ä", "→"] {
                assert_eq!(find(text.as_bytes(), piece.as_bytes()), text.find(piece), "{text} {piece}");
                assert_eq!(rfind(text, piece), text.rfind(piece), "{text} {piece}");
            }
        }
    }

    #[test]
    fn bytes_and_lines_are_found_as_the_standard_library_finds_them() {
        let mut text: Vec<u8> = (0..=255).chain(0..=255).collect();
        for length in 0..40 {
            for byte in [0, 1, b'\n', 0x7f, 0x80, 0x81, 0xff] {
                // Neighbours that differ in the lowest or the highest bit, and the byte at every place.
                for at in 0..=length {
                    let mut line = alloc::vec![byte ^ 1; length];
                    line.iter_mut().step_by(3).for_each(|other| *other = byte ^ 0x80);
                    if let Some(slot) = line.get_mut(at) {
                        *slot = byte;
                    }
                    assert_eq!(position(&line, byte), line.iter().position(|b| *b == byte), "{line:?} {byte}");
                }
            }
        }
        text.extend(b"\n\nab\n");
        for from in 0..text.len() {
            let text = &text[from..];
            assert!(lines(text).eq(text.split(|b| *b == b'\n')), "{from}");
        }
        assert_eq!(lines(b"").count(), 1);
    }
}
