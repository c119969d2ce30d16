//! Pieces of lines that the console output of several tools has in common.

use alloc::string::String;
use alloc::vec::Vec;

use crate::number;
use crate::unit::{Quantity, tidy};

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
    let digits: String = digits.chars().filter(|c| *c != ',').collect();
    Some((number::parse(digits.as_bytes())?, rest.trim_start()))
}

/// An amount in seconds: `1.5 ms`, `179.96ms`.
pub(super) fn seconds(text: &str) -> Option<f64> {
    let (value, unit) = amount(text)?;
    let tidied = tidy(unit.trim_end());
    (tidied.unit.quantity == Quantity::Time).then_some(value * tidied.factor)
}

/// The last word of a text and what stands before it.
pub(super) fn last_word(text: &str) -> (&str, &str) {
    let text = text.trim_end();
    let at = text.char_indices().rev().find(|(_, c)| c.is_whitespace()).map_or(0, |(at, c)| at + c.len_utf8());
    text.split_at(at)
}

/// The next record of a text with separated values, each of which may stand in quotes; false behind
/// the last one. A record without closing quotes ends with the text.
#[inline(never)]
pub(super) fn record(rest: &mut &str, separator: char, fields: &mut Vec<String>) -> bool {
    fields.clear();
    if rest.is_empty() {
        return false;
    }
    let (mut field, mut quoted) = (String::new(), false);
    let mut chars = rest.char_indices().peekable();
    let mut end = rest.len();
    while let Some((at, c)) = chars.next() {
        match c {
            '"' if quoted && chars.next_if(|(_, next)| *next == '"').is_some() => field.push('"'),
            '"' if quoted || field.is_empty() => quoted = !quoted,
            '\n' if !quoted => {
                end = at + 1;
                break;
            }
            _ if c == separator && !quoted => fields.push(core::mem::take(&mut field)),
            _ => field.push(c),
        }
    }
    if field.ends_with('\r') {
        field.pop();
    }
    fields.push(field);
    *rest = rest.get(end..).unwrap_or("");
    true
}

#[cfg(test)]
mod tests {
    use super::{amount, last_word, record, seconds};
    use alloc::vec::Vec;

    #[test]
    fn amounts_are_a_number_and_a_rest() {
        assert_eq!(amount(" 3,161 ns/iter (+/- 5)"), Some((3161.0, "ns/iter (+/- 5)")));
        assert_eq!(amount("51.97ms"), Some((51.97, "ms")));
        assert_eq!(amount("-2.0e+07 x"), Some((-2e7, "x")));
        assert_eq!((amount("5 e"), amount("5e")), (Some((5.0, "e")), Some((5.0, "e"))));
        assert_eq!((amount("x"), amount(""), amount("±5"), amount("1.2.3")), (None, None, None, None));
        assert_eq!((seconds("1.5 ms"), seconds("2µs"), seconds("3 apples")), (Some(0.0015), Some(2.0 * 1e-6), None));
        assert_eq!(
            (last_word("a b\u{a0}c "), last_word("x"), last_word("")),
            (("a b\u{a0}", "c"), ("", "x"), ("", ""))
        );
    }

    #[test]
    fn records_may_hold_quotes_separators_and_lines() {
        let mut rest = "a,\"b,\"\"c\"\"\n\",\r\n,\"d\"\nlast";
        let mut fields = Vec::new();
        assert!(record(&mut rest, ',', &mut fields));
        assert_eq!(fields, ["a", "b,\"c\"\n", ""]);
        assert!(record(&mut rest, ',', &mut fields));
        assert_eq!(fields, ["", "d"]);
        assert!(record(&mut rest, ',', &mut fields));
        assert_eq!(fields, ["last"]);
        assert!(!record(&mut rest, ',', &mut fields));
    }
}
