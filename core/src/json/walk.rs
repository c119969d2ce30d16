//! A document without a tree of it: values are pieces of its bytes, and walking one reads it anew.
//!
//! One format more costs the engine of the page what names its fields, since everything here exists
//! once. Every level that is entered is read once more, so that the time is that of the document
//! times the levels of the format, whatever the document holds.

use alloc::string::String;

use crate::find::lossy;
use crate::json::{JsonError, JsonErrorKind, Reader};

/// A value of a document that was found to be JSON; empty where there is none, and for `null` as the
/// value of a field.
#[derive(Clone, Copy, Debug, Default)]
pub struct Value<'a>(&'a [u8]);

/// The document as a value. `NaN` and `Infinity`, which JSON does not have and some tools write, are
/// values that are no numbers.
///
/// # Errors
/// When the bytes are no JSON or no Unicode, or more follows.
pub fn document(bytes: &[u8]) -> Result<Value<'_>, JsonError> {
    if let Err(error) = core::str::from_utf8(bytes) {
        let kind = JsonErrorKind::Syntax("a text that is not UTF-8");
        return Err(JsonError::new(bytes, error.valid_up_to(), kind));
    }
    let mut reader = Reader::loose(bytes);
    let value = reader.piece()?;
    reader.end()?;
    Ok(Value(value))
}

/// The value that a text begins with; anything may follow it.
///
/// # Errors
/// When the text begins with no whole value.
pub fn leading(text: &str) -> Result<Value<'_>, JsonError> {
    Reader::loose(text.as_bytes()).piece().map(Value)
}

/// A document whose end may be missing: what can be read of it.
#[must_use]
pub fn beginning(bytes: &[u8]) -> Value<'_> {
    Value(bytes.trim_ascii())
}

impl<'a> Value<'a> {
    /// Whether there is a value.
    #[must_use]
    pub fn is_there(self) -> bool {
        !self.0.is_empty()
    }

    /// The byte it begins with, which tells its kind; 0 where there is none.
    #[must_use]
    pub fn first(self) -> u8 {
        self.0.first().copied().unwrap_or(0)
    }

    /// Where it begins in the bytes that it is a piece of.
    #[must_use]
    pub fn offset(self, bytes: &[u8]) -> u64 {
        (self.0.as_ptr() as usize).wrapping_sub(bytes.as_ptr() as usize) as u64
    }

    /// How many bytes it has.
    #[must_use]
    pub fn bytes(self) -> usize {
        self.0.len()
    }

    /// The elements of a list; none of anything else.
    #[must_use]
    pub fn items(self) -> Items<'a> {
        Items(self.walk(b'['))
    }

    /// The names and values of an object; none of anything else.
    #[must_use]
    pub fn members(self) -> Members<'a> {
        self.walk(b'{')
    }

    #[inline(never)]
    fn walk(self, bracket: u8) -> Members<'a> {
        let bytes = if self.first() == bracket { self.0 } else { &[] };
        Members { reader: Reader::loose(bytes), bracket, begun: false }
    }

    /// The values of some fields, in one pass; the last of equal names.
    #[must_use]
    pub fn fields<const N: usize>(self, names: &[&str; N]) -> [Value<'a>; N] {
        let mut values = [Value::default(); N];
        self.pick(names, &mut values);
        values
    }

    /// The value of one field.
    #[must_use]
    pub fn at(self, name: &str) -> Value<'a> {
        let [value] = self.fields(&[name]);
        value
    }

    #[inline(never)]
    fn pick(self, names: &[&str], values: &mut [Value<'a>]) {
        for (key, value) in self.members().filter(|(_, value)| value.first() != b'n') {
            let place = names.iter().position(|name| key.is(name));
            if let Some(place) = place.and_then(|place| values.get_mut(place)) {
                *place = value;
            }
        }
    }

    /// A number; `None` for anything else and for one beyond the largest double.
    #[inline(never)]
    #[must_use]
    pub fn number(self) -> Option<f64> {
        if matches!(self.first(), b'-' | b'0'..=b'9') { Reader::new(self.0).f64().ok() } else { None }
    }

    /// A number; NaN for anything else.
    #[must_use]
    pub fn float(self) -> f64 {
        self.number().unwrap_or(f64::NAN)
    }

    /// A whole number from 0 that a double holds exactly, also where it is written with a fraction.
    #[inline(never)]
    #[must_use]
    pub fn count(self) -> Option<u64> {
        self.number().filter(|n| (0.0..9e15).contains(n)).map(|n| n as u64)
    }

    /// A text as it is; anything else as JSON without blanks; nothing where there is no value.
    #[inline(never)]
    #[must_use]
    pub fn text(self) -> String {
        if self.0.is_empty() {
            return String::new();
        }
        // Half of a surrogate pair, or what nests too deep, stays as it is written.
        Reader::new(self.0).written().unwrap_or_else(|_| lossy(self.0).into_owned())
    }

    /// Whether it is this text.
    #[inline(never)]
    #[must_use]
    pub fn is(self, text: &str) -> bool {
        match self.0 {
            [b'"', inner @ .., b'"'] if !inner.contains(&b'\\') => inner == text.as_bytes(),
            [b'"', ..] => self.text() == text,
            _ => false,
        }
    }
}

/// The members of an object, or the elements of a list without a name.
#[derive(Debug)]
pub struct Members<'a> {
    reader: Reader<'a>,
    bracket: u8,
    begun: bool,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline(never)]
    fn next(&mut self) -> Option<(Value<'a>, Value<'a>)> {
        let (key, value) = self.reader.member(self.bracket, self.begun)?;
        self.begun = true;
        Some((Value(key), Value(value)))
    }
}

/// The elements of a list.
#[derive(Debug)]
pub struct Items<'a>(Members<'a>);

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    fn next(&mut self) -> Option<Value<'a>> {
        self.0.next().map(|(_, value)| value)
    }
}

#[cfg(test)]
mod tests {
    use super::{Value, document, leading};
    use alloc::string::String;
    use alloc::vec::Vec;

    fn of(text: &str) -> Value<'_> {
        document(text.as_bytes()).unwrap_or_default()
    }

    #[test]
    fn values_are_found_where_they_stand() {
        let text = r#" {"a" : [1, -2.5e1,"x",null, {"b":true}], "c\u0064":{}, "a2":null, "e":"\"q\ud83d\ude00"} "#;
        let root = of(text);
        let [a, cd, a2, e, none] = root.fields(&["a", "cd", "a2", "e", "z"]);
        let numbers: Vec<Option<f64>> = a.items().map(Value::number).collect();
        assert_eq!(numbers, [Some(1.0), Some(-25.0), None, None, None]);
        let texts: Vec<String> = a.items().map(Value::text).collect();
        assert_eq!(texts, ["1", "-25.0", "x", "null", "{\"b\":true}"]);
        assert_eq!((cd.first(), a2.is_there(), none.is_there()), (b'{', false, false));
        assert!(e.is("\"q😀") && !e.is("q") && none.text().is_empty() && !none.is(""));
        assert_eq!(text.get(a.offset(text.as_bytes()) as usize..), text.find('[').and_then(|at| text.get(at..)));
        assert_eq!(cd.members().count() + a.members().count() + root.items().count(), 0);
        assert_eq!(root.members().count(), 4);
    }

    #[test]
    fn the_last_of_equal_names_counts() {
        assert_eq!(of("{\"a\":1,\"a\":2}").at("a").count(), Some(2));
        assert_eq!((of("-1").count(), of("1e300").count(), of("7").count()), (None, None, Some(7)));
        assert_eq!(of("1e999").number(), None);
        let odd = of("[NaN, Infinity, -Infinity, 1]");
        let numbers: Vec<Option<f64>> = odd.items().map(Value::number).collect();
        assert_eq!(numbers, [None, None, None, Some(1.0)]);
        assert_eq!(odd.items().next().unwrap_or_default().text(), "NaN");
    }

    #[test]
    fn what_is_no_document_is_an_error() {
        for text in ["", "{", "[1,]", "{\"a\"}", "[1] 2", "nul", "Nan", "-Inf", "[-]"] {
            assert!(document(text.as_bytes()).is_err(), "{text}");
        }
        assert!(document(b"\"\xff\"").is_err());
        assert_eq!(leading(" [1] x").map(Value::bytes).ok(), Some(3));
        assert!(leading("[1").is_err() && leading("").is_err());
        // Depth costs no stack.
        let deep = "[".repeat(100_000) + &"]".repeat(100_000);
        assert_eq!(of(&deep).items().count(), 1);
        assert!(!of(&deep).text().is_empty());
    }
}
