//! Folded stacks: `frame;frame;frame COUNT` a line; with two counts the stacks of two profiles.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::Content;
use crate::profile::{Frame, ProfileBuilder, SampleType};
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    let head = match core::str::from_utf8(head) {
        Ok(text) => text,
        // The cut may go through a character.
        Err(e) if e.error_len().is_none() => {
            core::str::from_utf8(head.get(..e.valid_up_to()).unwrap_or(&[])).unwrap_or("")
        }
        Err(_) => "",
    };
    let mut lines = head.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).take(20).peekable();
    let good = lines.peek().is_some() && lines.all(|l| split(l).is_some() && !l.contains('\t') && !l.starts_with('{'));
    match (good, head.contains(';')) {
        (true, true) => 60,
        _ => 0,
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut notices = Notices::new();
    let two = source.bytes.split(|b| *b == b'\n').take(1000).any(|line| {
        split(&String::from_utf8_lossy(line)).is_some_and(|(stack, _)| stack.contains(';') && split(stack).is_some())
    });
    let types = if two {
        vec![SampleType::new("before", "count"), SampleType::new("after", "count")]
    } else {
        vec![SampleType::new("samples", "count")]
    };
    let mut builder = ProfileBuilder::new(types, 1);
    let mut stack: Vec<Frame> = Vec::new();
    for (index, line) in source.bytes.split(|b| *b == b'\n').enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let text = String::from_utf8_lossy(line);
        let text = text.trim_start_matches('\u{feff}').trim_end();
        if text.is_empty() || text.starts_with('#') {
            continue;
        }
        let read = split(text).and_then(|(frames, last)| match two {
            true => split(frames).map(|(frames, first)| (frames, [first, last])),
            false => Some((frames, [last, 0.0])),
        });
        let Some((frames, counts)) = read else {
            notices.push(NoticeCode::UnknownRecord, at, text);
            continue;
        };
        stack.clear();
        for name in frames.split(';').filter(|f| !f.is_empty()) {
            let (name, inlined) = match name.strip_suffix("_[i]") {
                Some(name) => (name, true),
                // The compiler that made a frame is no part of its name; that it is the kernel's is.
                None => (name.strip_suffix("_[j]").unwrap_or(name), false),
            };
            stack.push(Frame::new(builder.function(name), inlined));
        }
        builder.add(&stack, if two { &counts } else { counts.get(..1).unwrap_or(&[]) });
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
