//! Formats by name: reading by one that the caller chose, and what detection thinks of each.

use alloc::borrow::Cow;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::find;
use crate::format::{Content, FORMATS, Format, MAX_INPUT_BYTES, detect, gzip, parse, utf8};
use crate::source::{Notice, NoticeCode, Parsed, Position, Source};

/// How it begins.
const COLOUR: &[u8] = b"\x1b[";

/// The format with an id; `None`: there is none.
#[must_use]
pub fn named(id: &str) -> Option<&'static Format> {
    FORMATS.iter().find(|format| format.id == id)
}

/// Every format that the content may be, with its confidence from 1 to 100: the best first, equal ones in the order
/// of detection. The first is what [`detect`] says; Go results that begin late in a log have 1.
#[must_use]
pub fn candidates(bytes: &[u8]) -> Vec<(&'static Format, u8)> {
    let mut list: Vec<(&'static Format, u8)> = FORMATS
        .iter()
        .map(|format| (format, (format.detect)(bytes)))
        .filter(|(_, confidence)| *confidence > 0)
        .collect();
    list.sort_by_key(|(_, confidence)| core::cmp::Reverse(*confidence));
    if list.is_empty() {
        list.extend(detect(bytes).map(|late| (late, 1)));
    }
    list
}

/// The content behind gzip and a byte order mark, and what was odd about these; UTF-16 becomes UTF-8, and text loses
/// the colours of a terminal.
///
/// # Errors
/// When there is no byte, there are more than [`MAX_INPUT_BYTES`], or the gzip data are damaged or inflate to more
/// than an input may.
pub fn unpack<'a>(source: &Source<'a>) -> Result<(Cow<'a, [u8]>, Vec<Notice>), ParseError> {
    if source.bytes.is_empty() {
        return Err(ParseError::new(source, None, ParseErrorKind::Empty));
    }
    if source.bytes.len() as u64 > MAX_INPUT_BYTES {
        let kind = ParseErrorKind::LimitExceeded { what: "input bytes", limit: MAX_INPUT_BYTES };
        return Err(ParseError::new(source, None, kind));
    }
    let mut notices = Vec::new();
    let mut bytes = Cow::Borrowed(source.bytes);
    if gzip::is_gzip(source.bytes) {
        let (plain, end) = gzip::inflate(source)?;
        // Padding with zeros is usual.
        if source.bytes.get(end..).is_some_and(|rest| rest.iter().any(|b| *b != 0)) {
            let at = Some(Position::Byte(end as u64));
            notices.push(Notice::new(NoticeCode::TrailingData, at, "behind the gzip data"));
        }
        bytes = Cow::Owned(plain);
    }
    // A shell of Windows writes what it pipes as UTF-16.
    let changed = match (&bytes, &*bytes) {
        (_, [0xff, 0xfe, rest @ ..]) => Some(Cow::Owned(utf8(rest, u16::from_le_bytes).into_bytes())),
        (_, [0xfe, 0xff, rest @ ..]) => Some(Cow::Owned(utf8(rest, u16::from_be_bytes).into_bytes())),
        (Cow::Borrowed(all), [0xef, 0xbb, 0xbf, ..]) => Some(Cow::Borrowed(&all[3..])),
        (Cow::Owned(all), [0xef, 0xbb, 0xbf, ..]) => Some(Cow::Owned(all[3..].to_vec())),
        _ => None,
    };
    let bytes = changed.unwrap_or(bytes);
    let bytes = uncoloured(&bytes).map_or(bytes, Cow::Owned);
    Ok((bytes, notices))
}

/// A text without what tells a terminal of colours; `None`: it has none, or is no text.
fn uncoloured(bytes: &[u8]) -> Option<Vec<u8>> {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    find(head, COLOUR)?;
    core::str::from_utf8(bytes).ok()?;
    let mut plain = Vec::with_capacity(bytes.len());
    let mut at = 0;
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        if rest.starts_with(COLOUR) {
            at += COLOUR.len();
            while bytes.get(at).is_some_and(|b| matches!(b, b' '..=b'?')) {
                at += 1;
            }
            // A letter ends it, or what stands beside letters.
            at += usize::from(bytes.get(at).is_some_and(|b| matches!(b, b'@'..=b'~')));
        } else {
            plain.extend(rest.first());
            at += 1;
        }
    }
    Some(plain)
}

/// Reads an input as a format, whatever it looks like. Gzip data are read as their content.
///
/// # Errors
/// When the content is not of this format, or broken beyond use; the error names place and kind.
pub fn read_as(source: Source<'_>, format: &'static Format) -> Result<Parsed<Content>, ParseError> {
    let (bytes, notices) = unpack(&source)?;
    let mut parsed = parse(format, Source { name: source.name, bytes: &bytes })?;
    parsed.notices.extend(notices);
    Ok(parsed)
}
