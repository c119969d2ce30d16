//! JSON whose end is missing, as a file has it that was copied while it was written: what of it is whole.

use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::{Content, Format};
use crate::source::{Notice, NoticeCode, Parsed, Source};

/// The deepest nesting that is looked into.
const MAX_DEPTH: usize = 127;

/// What tells the unit and the name of all values stands behind them.
const TOLD_LAST: &str = "pyperf";

/// Reads a source as a format. Of results in JSON that end too early the records are read that are whole.
pub(super) fn parse(format: &Format, source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let error = match (format.parse)(source) {
        Err(error)
            if error.kind == (ParseErrorKind::Truncated { expected: "a JSON value" }) && format.id != TOLD_LAST =>
        {
            error
        }
        read => return read,
    };
    let Some(whole) = whole_part(source.bytes) else { return Err(error) };
    match (format.parse)(Source { bytes: &whole, ..source }) {
        Ok(mut parsed) if matches!(parsed.value, Content::Run(_)) => {
            parsed.notices.push(Notice::new(NoticeCode::Truncated, error.at, ""));
            Ok(parsed)
        }
        _ => Err(error),
    }
}

/// The document up to the last whole object of the outermost open list that has one, with what closes it. Half an
/// object may lack what tells the meaning of its other half.
fn whole_part(bytes: &[u8]) -> Option<Vec<u8>> {
    // The brackets that are open, each with where the last object that stands in it ends.
    let mut open: Vec<(u8, Option<usize>)> = Vec::new();
    let (mut quoted, mut escaped) = (false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' => escaped = quoted,
            b'"' => quoted = !quoted,
            b'[' | b'{' if !quoted => {
                if open.len() == MAX_DEPTH {
                    return None;
                }
                open.push((*byte, None));
            }
            b']' | b'}' if !quoted => {
                open.pop();
                if let (b'}', Some((b'[', end))) = (byte, open.last_mut()) {
                    *end = Some(at + 1);
                }
            }
            _ => {}
        }
    }
    let (place, (_, end)) = open.iter().enumerate().find(|(_, (bracket, _))| *bracket == b'[')?;
    let end = (*end)?;
    let mut whole: Vec<u8> = bytes.get(..end)?.into();
    // The closing bracket of each kind stands two behind the opening one.
    whole.extend(open.get(..=place)?.iter().rev().map(|(bracket, _)| bracket + 2));
    Some(whole)
}

#[cfg(test)]
mod tests {
    use super::whole_part;

    #[test]
    fn whole_objects_of_the_outermost_list_stay() {
        let check = |cut: &str, want: Option<&str>| {
            assert_eq!(whole_part(cut.as_bytes()).as_deref(), want.map(str::as_bytes), "{cut}");
        };
        check(r#"{"a":[{"x":[{}]},{"x":[{}, {"y":1"#, Some(r#"{"a":[{"x":[{}]}]}"#));
        check(r#"{"a":[{"}":"\"]"}, {"y":"#, Some(r#"{"a":[{"}":"\"]"}]}"#));
        check("[{}", Some("[{}]"));
        check("[1, 2", None);
        check(r#"{"a":[{"x":[{},{"y":"#, None);
        check(r#"{"a":{"b":1},"c":"#, None);
        check(&"[".repeat(1000), None);
        check("}]", None);
    }
}
