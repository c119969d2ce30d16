//! Pieces of lines that the console output of several tools has in common.
//!
//! What the standard library has for this is made anew for every kind of pattern and brings a search
//! of its own into the engine of the page; here each exists once.

use alloc::string::String;
use alloc::vec::Vec;

use crate::find::find;
use crate::number;
use crate::unit::{Quantity, tidy};

/// What stands before and behind the first place of a piece.
#[inline(never)]
pub(super) fn cut<'a>(text: &'a str, piece: &str) -> Option<(&'a str, &'a str)> {
    let at = find(text.as_bytes(), piece.as_bytes())?;
    Some((text.get(..at)?, text.get(at + piece.len()..)?))
}

/// The same; all of it before the piece where there is none.
#[inline(never)]
pub(super) fn around<'a>(text: &'a str, piece: &str) -> (&'a str, &'a str) {
    cut(text, piece).unwrap_or((text, ""))
}

/// What stands before and behind the last place of a byte; all of it behind where there is none.
#[inline(never)]
pub(super) fn at_last(text: &str, byte: u8) -> (&str, &str) {
    match text.bytes().rposition(|b| b == byte) {
        Some(at) => (text.get(..at).unwrap_or(""), text.get(at + 1..).unwrap_or("")),
        None => ("", text),
    }
}

/// Whether a piece stands in a text.
pub(super) fn has(text: &str, piece: &str) -> bool {
    find(text.as_bytes(), piece.as_bytes()).is_some()
}

/// What stands between blanks.
#[inline(never)]
pub(super) fn words(text: &str) -> Vec<&str> {
    let mut words = Vec::new();
    for word in text.split_whitespace() {
        words.push(word);
    }
    words
}

/// What stands between the places of a piece.
#[inline(never)]
pub(super) fn parts<'a>(mut text: &'a str, piece: &str) -> Vec<&'a str> {
    let mut parts = Vec::new();
    while let Some((part, rest)) = cut(text, piece) {
        parts.push(part);
        text = rest;
    }
    parts.push(text);
    parts
}

/// The cells of a row of a table in Markdown; a bar behind a backslash is part of a cell.
pub(super) fn cells(row: &str) -> Vec<String> {
    let row = row.trim();
    let row = row.strip_prefix('|').unwrap_or(row);
    let (mut out, mut cell) = (Vec::new(), String::new());
    for part in parts(row.strip_suffix('|').unwrap_or(row), "|") {
        cell.push_str(part);
        if cell.ends_with('\\') {
            cell.pop();
            cell.push('|');
        } else {
            out.push(cell.trim().into());
            cell.clear();
        }
    }
    if !cell.is_empty() {
        out.push(cell.trim().into());
    }
    out
}

/// Texts as one, with something between them.
#[inline(never)]
pub(super) fn joined(parts: &[&str], between: &str) -> String {
    let mut out = String::new();
    for (index, part) in parts.iter().enumerate() {
        if index > 0 {
            out.push_str(between);
        }
        out.push_str(part);
    }
    out
}

/// A number of some thousands: `Melem/s` as `elem/s` is a factor of 1e6.
#[inline(never)]
pub(super) fn thousands<'a>(text: &'a str, unit: &'a str) -> (&'a str, f64) {
    let factor = match text.strip_suffix(unit) {
        Some("K" | "k") => 1e3,
        Some("M") => 1e6,
        Some("G") => 1e9,
        Some("T") => 1e12,
        _ => return (text, 1.0),
    };
    (unit, factor)
}

/// The field of a record under the name of its column.
#[inline(never)]
pub(super) fn field<'a>(names: &[String], fields: &'a [String], name: &str) -> &'a str {
    let mut all = names.iter().zip(fields);
    all.find(|(column, _)| *column == name).map_or("", |(_, field)| field)
}

/// A number and what stands behind it: `3,161 ns/iter (+/- 5)` is 3161 and `ns/iter (+/- 5)`.
/// Commas divide thousands.
#[inline(never)]
pub(super) fn amount(text: &str) -> Option<(f64, &str)> {
    let text = text.trim();
    let bytes = text.as_bytes();
    let mut end = 0;
    while let Some(byte) = bytes.get(end) {
        let before = end.checked_sub(1).and_then(|at| bytes.get(at)).copied().unwrap_or(b'e');
        let next = bytes.get(end + 1).copied().unwrap_or(0);
        let part = match byte {
            b'0'..=b'9' | b'.' | b',' => true,
            b'+' | b'-' => matches!(before, b'e' | b'E'),
            b'e' | b'E' => end > 0 && (next.is_ascii_digit() || matches!(next, b'+' | b'-')),
            _ => false,
        };
        if !part {
            break;
        }
        end += 1;
    }
    let (digits, rest) = text.split_at(end);
    let mut plain: Vec<u8> = digits.into();
    plain.retain(|b| *b != b',');
    Some((number::parse(&plain)?, rest.trim_start()))
}

/// The factor of a prefix, decimal or binary; none has 1.
pub(super) fn prefix_factor(prefix: &str) -> Option<f64> {
    Some(match prefix {
        "" => 1.0,
        "f" => 1e-15,
        "p" => 1e-12,
        "n" => 1e-9,
        "µ" | "μ" | "u" => 1e-6,
        "m" => 1e-3,
        "k" => 1e3,
        "M" => 1e6,
        "G" => 1e9,
        "T" => 1e12,
        "P" => 1e15,
        "Ki" | "ki" => 1024.0,
        "Mi" => 1_048_576.0,
        "Gi" => 1_073_741_824.0,
        "Ti" => 1_099_511_627_776.0,
        _ => return None,
    })
}

/// An amount in seconds: `1.5 ms`, `179.96ms`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (value, unit) = amount(text)?;
    let tidied = tidy(unit.trim_end());
    (tidied.unit.quantity == Quantity::Time).then_some(value * tidied.factor)
}

/// The next record of a text with separated values, each of which may stand in quotes; false behind
/// the last one. A record without closing quotes ends with the text.
#[inline(never)]
pub(super) fn record(rest: &mut &str, separator: u8, fields: &mut Vec<String>) -> bool {
    fields.clear();
    if rest.is_empty() {
        return false;
    }
    let (mut field, mut quoted, mut end) = (Vec::new(), false, 0);
    let bytes = rest.as_bytes();
    while let Some(byte) = bytes.get(end) {
        end += 1;
        match byte {
            b'"' if quoted && bytes.get(end) == Some(&b'"') => {
                field.push(b'"');
                end += 1;
            }
            b'"' if quoted || field.is_empty() => quoted = !quoted,
            b'\n' if !quoted => break,
            _ if *byte == separator && !quoted => fields.push(text_of(core::mem::take(&mut field))),
            _ => field.push(*byte),
        }
    }
    if field.last() == Some(&b'\r') {
        field.pop();
    }
    fields.push(text_of(field));
    *rest = rest.get(end..).unwrap_or("");
    true
}

/// Bytes between places at which a text may be cut are text.
fn text_of(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{amount, around, at_last, cut, joined, parts, record, seconds, thousands};
    use alloc::vec::Vec;

    #[test]
    fn amounts_are_a_number_and_a_rest() {
        assert_eq!(amount(" 3,161 ns/iter (+/- 5)"), Some((3161.0, "ns/iter (+/- 5)")));
        assert_eq!(amount("51.97ms"), Some((51.97, "ms")));
        assert_eq!(amount("-2.0e+07 x"), Some((-2e7, "x")));
        assert_eq!((amount("5 e"), amount("5e")), (Some((5.0, "e")), Some((5.0, "e"))));
        assert_eq!((amount("x"), amount(""), amount("±5"), amount("1.2.3")), (None, None, None, None));
        assert_eq!((seconds("1.5 ms"), seconds("2µs"), seconds("3 apples")), (Some(0.0015), Some(2.0 * 1e-6), None));
        assert_eq!((cut("a··b·c", "·b"), cut("ab", "c")), (Some(("a·", "·c")), None));
        assert_eq!((around("a: b", ": "), around("a", ": ")), (("a", "b"), ("a", "")));
        assert_eq!((at_last("a.b.c", b'.'), at_last("abc", b'.')), (("a.b", "c"), ("", "abc")));
        assert_eq!(
            (parts("a│b││", "│"), joined(&["", "a", "b"], ", ").as_str()),
            (["a", "b", "", ""].into(), ", a, b")
        );
        assert_eq!((thousands("Melem/s", "elem/s"), thousands("B/s", "elem/s")), (("elem/s", 1e6), ("B/s", 1.0)));
    }

    #[test]
    fn records_may_hold_quotes_separators_and_lines() {
        let mut rest = "a,\"b,\"\"c\"\"\n\",\r\n,\"d\"\nlast";
        let mut fields = Vec::new();
        assert!(record(&mut rest, b',', &mut fields));
        assert_eq!(fields, ["a", "b,\"c\"\n", ""]);
        assert!(record(&mut rest, b',', &mut fields));
        assert_eq!(fields, ["", "d"]);
        assert!(record(&mut rest, b',', &mut fields));
        assert_eq!(fields, ["last"]);
        assert!(!record(&mut rest, b',', &mut fields));
    }
}
