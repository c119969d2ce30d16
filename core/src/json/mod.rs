//! JSON (RFC 8259): reading by pulling, where the caller asks for what should stand next, and writing
//! what serde's derived code hands over.
//!
//! Derived readers are made anew for every type, which costs the engine of the page a fifth of its
//! size; here the code exists once, and a type is a table of names and places ([`Reader::fields`]).
//! What is accepted is what serde_json accepts, and every double is the nearest one to its digits.
//!
//! Memory is that of what is kept: nothing is built for what is skipped, and text without escapes
//! is borrowed from the input. Nesting is bounded by [`MAX_DEPTH`] where reading recurses.

mod error;
mod fields;
mod reader;
mod tokens;
mod walk;
mod write;

pub use error::{JsonError, JsonErrorKind};
pub use fields::{FromJson, Slot, Texts};
pub use reader::{EachField, MAX_DEPTH, Reader};
pub use walk::{Items, Members, Value, beginning, document, leading};
pub use write::{indented, to_bytes, to_text};

/// Reads a whole document into a place that holds its default.
///
/// # Errors
/// When the bytes are no JSON, or not of the shape that the place has, or more follows.
pub fn read<'a>(bytes: &'a [u8], place: &mut dyn FromJson<'a>) -> Result<(), JsonError> {
    let mut reader = Reader::new(bytes);
    place.read(&mut reader)?;
    reader.end()
}

/// Makes structs with named fields readable, each field under its own name. Fields that are missing
/// stay as they were; unknown ones are skipped, or with `closed` are errors. The list must name
/// every field of the struct: the compiler says which one is not there.
macro_rules! fields_from_json {
    (@with $method:ident $type:ident $($field:ident)*) => {
        impl<'a> $crate::json::FromJson<'a> for $type {
            fn read(&mut self, reader: &mut $crate::json::Reader<'a>) -> Result<(), $crate::json::JsonError> {
                let $type { $($field),* } = self;
                reader.$method(&mut [$((stringify!($field), $field)),*])
            }
        }
    };
    ($type:ident: $($field:ident),* $(,)?) => { $crate::json::fields_from_json!(@with fields $type $($field)*); };
    (closed $type:ident: $($field:ident),* $(,)?) => {
        $crate::json::fields_from_json!(@with closed_fields $type $($field)*);
    };
}
pub(crate) use fields_from_json;
