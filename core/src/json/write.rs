//! Writing JSON in one line, with the very bytes of serde_json.
//!
//! The types derive serde's `Serialize`, and this is what they write to. It is smaller than serde_json
//! because it cannot fail, asks what it wrote last instead of keeping a state, and prints numbers by
//! [`crate::number`]. Indenting is done afterwards, which costs nothing where it is not asked for.

use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt::{self, Display};

use serde::ser::{self, Serialize};

use crate::number;

/// A value as JSON in one line. Numbers that are not finite become `null`.
///
/// # Panics
/// When a type refuses to be written, which no type of this crate and none of the standard library's
/// without a lock or a path does.
#[must_use]
pub fn to_bytes<T: Serialize + ?Sized>(value: &T) -> Vec<u8> {
    let mut writer = Writer { out: Vec::new() };
    let Ok(()) = value.serialize(&mut writer);
    writer.out
}

/// [`to_bytes`] as text.
///
/// # Panics
/// As there.
#[must_use]
pub fn to_text<T: Serialize + ?Sized>(value: &T) -> String {
    // What is written is made of text.
    String::from_utf8(to_bytes(value)).unwrap_or_default()
}

/// JSON without blanks, indented by two each level, for people and golden files.
#[must_use]
pub fn indented(json: &str) -> String {
    let mut out = String::with_capacity(2 * json.len());
    let (mut depth, mut quoted, mut escaped, mut last) = (0, false, false, ' ');
    for c in json.chars() {
        let closes = !quoted && matches!(c, '}' | ']');
        depth = usize::saturating_sub(depth, usize::from(closes));
        // Between the two brackets of what is empty there is nothing.
        let opened = matches!(last, '{' | '[');
        if !quoted && (last == ',' || opened != closes && (opened || closes)) {
            out.push('\n');
            (0..depth).for_each(|_| out.push_str("  "));
        }
        out.push(c);
        if quoted {
            quoted = escaped || c != '"';
            escaped = !escaped && c == '\\';
            // What stands in a text divides nothing.
            last = ' ';
            continue;
        }
        quoted = c == '"';
        depth += usize::from(matches!(c, '{' | '['));
        if c == ':' {
            out.push(' ');
        }
        last = c;
    }
    out
}

/// Text in quotes.
fn quote(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let (text, mut from) = (text.as_bytes(), 0);
    for (at, byte) in text.iter().enumerate() {
        let short = match byte {
            b'"' | b'\\' => *byte,
            8 => b'b',
            9 => b't',
            10 => b'n',
            12 => b'f',
            13 => b'r',
            0..32 => b'u',
            _ => continue,
        };
        out.extend_from_slice(text.get(from..at).unwrap_or(&[]));
        from = at + 1;
        out.extend_from_slice(&[b'\\', short]);
        if short == b'u' {
            let digit = byte & 15;
            out.extend_from_slice(&[b'0', b'0', b'0' + (byte >> 4), digit + if digit < 10 { b'0' } else { b'a' - 10 }]);
        }
    }
    out.extend_from_slice(text.get(from..).unwrap_or(&[]));
    out.push(b'"');
}

/// What is written so far.
struct Writer {
    out: Vec<u8>,
}

impl Writer {
    fn put(&mut self, text: &[u8]) {
        self.out.extend_from_slice(text);
    }

    /// A comma, but for the first of a list or an object. No value ends in an opening bracket: text
    /// ends in its quote.
    fn next(&mut self) {
        if !matches!(self.out.last(), Some(b'{' | b'[')) {
            self.put(b",");
        }
    }

    fn key(&mut self, key: &str) {
        self.next();
        quote(&mut self.out, key);
        self.put(b":");
    }

    fn whole(&mut self, size: u64, negative: bool) {
        if negative {
            self.put(b"-");
        }
        self.put(number::decimal(size, &mut [0; 20]));
    }
}

/// That nothing is refused is known to the compiler, which leaves out all checks.
#[derive(Debug)]
enum Never {}

impl Display for Never {
    fn fmt(&self, _: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {}
    }
}

impl ser::StdError for Never {}

impl ser::Error for Never {
    #[allow(clippy::panic, reason = "which type refuses is known when it is written, and a test meets it")]
    fn custom<T: Display>(reason: T) -> Never {
        panic!("{reason}")
    }
}

impl<'w> ser::Serializer for &'w mut Writer {
    type Ok = ();
    type Error = Never;
    type SerializeSeq = List<'w>;
    type SerializeTuple = List<'w>;
    type SerializeTupleStruct = List<'w>;
    type SerializeTupleVariant = Variant<'w>;
    type SerializeMap = Object<'w>;
    type SerializeStruct = Object<'w>;
    type SerializeStructVariant = Variant<'w>;

    fn serialize_bool(self, value: bool) -> Result<(), Never> {
        self.put(if value { b"true" } else { b"false" });
        Ok(())
    }

    fn serialize_i8(self, value: i8) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }

    fn serialize_i16(self, value: i16) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }

    fn serialize_i32(self, value: i32) -> Result<(), Never> {
        self.serialize_i64(value.into())
    }

    fn serialize_i64(self, value: i64) -> Result<(), Never> {
        self.whole(value.unsigned_abs(), value < 0);
        Ok(())
    }

    fn serialize_i128(self, value: i128) -> Result<(), Never> {
        self.put(value.to_string().as_bytes());
        Ok(())
    }

    fn serialize_u8(self, value: u8) -> Result<(), Never> {
        self.serialize_u64(value.into())
    }

    fn serialize_u16(self, value: u16) -> Result<(), Never> {
        self.serialize_u64(value.into())
    }

    fn serialize_u32(self, value: u32) -> Result<(), Never> {
        self.serialize_u64(value.into())
    }

    fn serialize_u64(self, value: u64) -> Result<(), Never> {
        self.whole(value, false);
        Ok(())
    }

    fn serialize_u128(self, value: u128) -> Result<(), Never> {
        self.put(value.to_string().as_bytes());
        Ok(())
    }

    /// In all the digits of the double that it is: the only place where serde_json writes less.
    fn serialize_f32(self, value: f32) -> Result<(), Never> {
        self.serialize_f64(value.into())
    }

    fn serialize_f64(self, value: f64) -> Result<(), Never> {
        if value.is_finite() {
            number::print(&mut self.out, value);
        } else {
            self.put(b"null");
        }
        Ok(())
    }

    fn serialize_char(self, value: char) -> Result<(), Never> {
        self.serialize_str(value.encode_utf8(&mut [0; 4]))
    }

    fn serialize_str(self, value: &str) -> Result<(), Never> {
        quote(&mut self.out, value);
        Ok(())
    }

    fn serialize_bytes(self, value: &[u8]) -> Result<(), Never> {
        self.collect_seq(value)
    }

    fn serialize_none(self) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_some<T: Serialize + ?Sized>(self, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_unit(self) -> Result<(), Never> {
        self.put(b"null");
        Ok(())
    }

    fn serialize_unit_struct(self, _: &'static str) -> Result<(), Never> {
        self.serialize_unit()
    }

    fn serialize_unit_variant(self, _: &'static str, _: u32, variant: &'static str) -> Result<(), Never> {
        self.serialize_str(variant)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, value: &T) -> Result<(), Never> {
        value.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        value: &T,
    ) -> Result<(), Never> {
        self.put(b"{");
        self.key(variant);
        let Ok(()) = value.serialize(&mut *self);
        self.put(b"}");
        Ok(())
    }

    fn serialize_seq(self, _: Option<usize>) -> Result<List<'w>, Never> {
        self.put(b"[");
        Ok(List(self))
    }

    fn serialize_tuple(self, _: usize) -> Result<List<'w>, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_struct(self, _: &'static str, _: usize) -> Result<List<'w>, Never> {
        self.serialize_seq(None)
    }

    fn serialize_tuple_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Variant<'w>, Never> {
        self.put(b"{");
        self.key(variant);
        self.put(b"[");
        Ok(Variant(self))
    }

    fn serialize_map(self, _: Option<usize>) -> Result<Object<'w>, Never> {
        self.put(b"{");
        Ok(Object(self))
    }

    fn serialize_struct(self, _: &'static str, _: usize) -> Result<Object<'w>, Never> {
        self.serialize_map(None)
    }

    fn serialize_struct_variant(
        self,
        _: &'static str,
        _: u32,
        variant: &'static str,
        _: usize,
    ) -> Result<Variant<'w>, Never> {
        self.put(b"{");
        self.key(variant);
        self.put(b"{");
        Ok(Variant(self))
    }
}

/// An open list.
struct List<'w>(&'w mut Writer);

/// An open object.
struct Object<'w>(&'w mut Writer);

impl ser::SerializeMap for Object<'_> {
    type Ok = ();
    type Error = Never;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, key: &T) -> Result<(), Never> {
        self.0.next();
        let at = self.0.out.len();
        let Ok(()) = key.serialize(&mut *self.0);
        // Numbers and truth values are keys in quotes.
        if self.0.out.get(at) != Some(&b'"') {
            self.0.out.insert(at, b'"');
            self.0.put(b"\"");
        }
        self.0.put(b":");
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
        value.serialize(&mut *self.0)
    }

    fn end(self) -> Result<(), Never> {
        self.0.put(b"}");
        Ok(())
    }
}

/// An open list or object as the content of a variant, alone in an object under its name.
struct Variant<'w>(&'w mut Writer);

/// What takes one value after another, each behind a comma.
macro_rules! elements {
    ($($kind:ident, $method:ident, $of:ident, $end:literal;)*) => {$(
        impl ser::$kind for $of<'_> {
            type Ok = ();
            type Error = Never;

            fn $method<T: Serialize + ?Sized>(&mut self, value: &T) -> Result<(), Never> {
                self.0.next();
                value.serialize(&mut *self.0)
            }

            fn end(self) -> Result<(), Never> {
                self.0.put($end);
                Ok(())
            }
        }
    )*};
}

/// What takes one named value after another.
macro_rules! fields {
    ($($kind:ident, $of:ident, $end:literal;)*) => {$(
        impl ser::$kind for $of<'_> {
            type Ok = ();
            type Error = Never;

            fn serialize_field<T: Serialize + ?Sized>(&mut self, key: &'static str, value: &T) -> Result<(), Never> {
                self.0.key(key);
                value.serialize(&mut *self.0)
            }

            fn end(self) -> Result<(), Never> {
                self.0.put($end);
                Ok(())
            }
        }
    )*};
}

elements! {
    SerializeSeq, serialize_element, List, b"]";
    SerializeTuple, serialize_element, List, b"]";
    SerializeTupleStruct, serialize_field, List, b"]";
    SerializeTupleVariant, serialize_field, Variant, b"]}";
}

fields! {
    SerializeStruct, Object, b"}";
    SerializeStructVariant, Variant, b"}}";
}
