//! Folded stacks: `frame;frame;frame COUNT` a line; with two counts the stacks of two profiles.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::{lines, lossy, position};
use crate::format::{Content, usable};
use crate::profile::{Frame, ProfileBuilder, SampleType};
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

/// The longest first line that is looked at for its count.
const MAX_LINE: usize = 16 << 20;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    // Metrics are names with a number, too.
    #[cfg(feature = "full")]
    if bytes.starts_with(b"# HELP ") || bytes.starts_with(b"# TYPE ") {
        return 0;
    }
    if is_json(bytes) {
        // JSON, which may stand on one line of any length.
        return 0;
    }
    // Whole lines only; a stack may be longer than anything that others call a line.
    let near = bytes.len().min(65_536);
    let end = match near == bytes.len() {
        true => Some(near),
        false => bytes.get(..near).and_then(|head| head.iter().rposition(|b| *b == b'\n')),
    };
    let far = || bytes.iter().take(MAX_LINE).position(|b| *b == b'\n').unwrap_or(bytes.len().min(MAX_LINE));
    let head = bytes.get(..end.unwrap_or_else(far)).unwrap_or(&[]);
    let head = match core::str::from_utf8(head) {
        Ok(text) => text,
        // The cut may go through a character.
        Err(e) if e.error_len().is_none() => {
            core::str::from_utf8(head.get(..e.valid_up_to()).unwrap_or(&[])).unwrap_or("")
        }
        Err(_) => "",
    };
    let stack = |l: &str| {
        !l.contains('\t')
            && !is_json(l.as_bytes())
            && split(l).is_some_and(|(s, _)| s.contains(|c: char| c.is_ascii_alphabetic() || !c.is_ascii()))
    };
    let (mut all, mut good, mut deep) = (0, 0, false);
    for line in head.lines().filter(|l| !l.is_empty() && !l.starts_with('#')).take(20) {
        all += 1;
        if stack(line) {
            good += 1;
            deep |= line.contains(';');
        }
    }
    match (good == all, deep || all > 0 && good == all && head.contains(';')) {
        (true, true) => 60,
        // Broken lines between stacks; reading tells of them.
        (false, true) if good * 2 > all => 40,
        // Stacks of one frame: a name and a number on each line.
        (true, false) if all > 0 => 10,
        _ => 0,
    }
}

/// Whether it begins as JSON does. A frame may stand in brackets, which then hold a name.
fn is_json(text: &[u8]) -> bool {
    matches!(text, [b'[' | b'{', rest @ ..] if !matches!(rest.first(), Some(b'A'..=b'Z' | b'_' | b'a'..=b'z')))
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut notices = Notices::new();
    // A frame may end in a number: only where every line has two are they counts.
    let counts = |line: &[u8]| split(&lossy(line)).map(|(stack, _)| split(stack).is_some());
    let mut first = lines(source.bytes).take(1000).filter(|l| !l.starts_with(b"#")).filter_map(counts);
    let two = first.next() == Some(true) && first.all(|two| two);
    let types = if two {
        vec![SampleType::new("before", "count"), SampleType::new("after", "count")]
    } else {
        vec![SampleType::new("samples", "count")]
    };
    let mut builder = ProfileBuilder::new(types, 1);
    let mut stack: Vec<Frame> = Vec::new();
    // The stack before as text, and where each of its frames ends there.
    let (mut before, mut ends): (String, Vec<usize>) = (String::new(), Vec::new());
    for (index, line) in lines(source.bytes).enumerate() {
        let at = Some(Position::Line(index as u64 + 1));
        let text = lossy(line);
        let text = text.trim_end();
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
        // Lines are mostly sorted, so that one begins as the one before: the frames that both have, with the
        // semicolon behind them, stay.
        let same = before.bytes().zip(frames.bytes()).take_while(|(a, b)| a == b).count();
        let stay = ends.partition_point(|end| *end < same);
        stack.truncate(stay);
        ends.truncate(stay);
        let mut from = ends.last().map_or(0, |end| end + 1);
        before.clear();
        before.push_str(frames);
        if frames.is_empty() {
            notices.push(NoticeCode::TruncatedStacks, at, "a sample without frames");
        }
        while let Some(rest) = frames.get(from..) {
            let (name, _) = rest.split_at(position(rest.as_bytes(), b';').unwrap_or(rest.len()));
            let end = from + name.len();
            from = end + 1;
            if name.is_empty() {
                continue;
            }
            ends.push(end);
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
    let count = crate::number::parse(count.as_bytes()).filter(|c| plain && usable(*c))?;
    // A line that begins with the blank has no frames.
    (!stack.is_empty() || line.starts_with(' ')).then_some((stack.trim_end(), count))
}
