//! Folded stacks: `frame;frame;frame COUNT` a line.

use crate::error::{ParseError, ParseErrorKind};
use crate::format::Content;
use crate::profile::ProfileBuilder;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = core::str::from_utf8(bytes.get(..bytes.len().min(65_536)).unwrap_or(&[])).unwrap_or("");
    let mut lines = head.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).take(20).peekable();
    let good = lines.peek().is_some() && lines.all(|l| split(l).is_some() && !l.contains('\t') && !l.starts_with('{'));
    match (good, head.contains(';')) {
        (true, true) => 60,
        _ => 0,
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut notices = Notices::new();
    let mut builder = ProfileBuilder::new("samples", "count");
    for (index, line) in source.bytes.split(|b| *b == b'\n').enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let text = alloc::string::String::from_utf8_lossy(line);
        let text = text.trim_start_matches('\u{feff}').trim_end();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        match split(text) {
            Some((stack, count)) => builder.add(stack.split(';').filter(|f| !f.is_empty()), count),
            None => notices.push(NoticeCode::UnknownRecord, at, text),
        }
    }
    match builder.finish() {
        Some(profile) => Ok(Parsed { value: Content::Profile(profile), notices: notices.into_vec() }),
        None => Err(ParseError::new(&source, None, ParseErrorKind::NoData)),
    }
}

/// The stack and its count: the last blank separates them.
fn split(line: &str) -> Option<(&str, f64)> {
    let (stack, count) = line.trim_end().rsplit_once(' ')?;
    let plain = count.bytes().all(|b| b.is_ascii_digit() || b == b'.');
    let count: f64 = count.parse().ok().filter(|c: &f64| plain && c.is_finite())?;
    (!stack.is_empty()).then_some((stack.trim_end(), count))
}
