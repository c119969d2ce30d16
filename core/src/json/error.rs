//! What can be wrong with JSON, and where.

use alloc::boxed::Box;
use alloc::string::String;
use core::fmt;

/// Why a document could not be read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum JsonErrorKind {
    /// Not JSON; in words.
    Syntax(&'static str),
    /// The document ends before its end.
    Ended,
    /// JSON, but something else was to stand there; what, in words.
    Expected(&'static str),
    /// A field that must be there is not; its name.
    Missing(&'static str),
    /// A field stands there twice; its name.
    Twice(&'static str),
    /// A field that nobody knows, where unknown ones are errors; its name.
    Unknown(String),
}

/// An error with its place. One pointer wide, since every value that is read may be one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct JsonError(Box<Content>);

#[derive(Clone, Debug, PartialEq, Eq)]
struct Content {
    kind: JsonErrorKind,
    line: u64,
    column: u64,
}

impl JsonError {
    /// An error at a byte offset.
    #[cold]
    pub(super) fn new(bytes: &[u8], at: usize, kind: JsonErrorKind) -> JsonError {
        let before = bytes.get(..at).unwrap_or(bytes);
        let line = before.iter().filter(|b| **b == b'\n').count() as u64 + 1;
        let column = before.iter().rev().take_while(|b| **b != b'\n').count() as u64 + 1;
        JsonError(Box::new(Content { kind, line, column }))
    }

    /// The reason.
    #[must_use]
    pub fn kind(&self) -> &JsonErrorKind {
        &self.0.kind
    }

    /// The line, counted from 1.
    #[must_use]
    pub fn line(&self) -> u64 {
        self.0.line
    }

    /// The byte within the line, counted from 1, at which the wrong thing begins.
    #[must_use]
    pub fn column(&self) -> u64 {
        self.0.column
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.0.kind {
            JsonErrorKind::Syntax(what) => write!(f, "not valid JSON: {what}"),
            JsonErrorKind::Ended => f.write_str("the JSON ends before its end"),
            JsonErrorKind::Expected(what) => write!(f, "expected {what}"),
            JsonErrorKind::Missing(name) => write!(f, "the field {name} is missing"),
            JsonErrorKind::Twice(name) => write!(f, "the field {name} stands there twice"),
            JsonErrorKind::Unknown(name) => write!(f, "unknown field {name}"),
        }?;
        write!(f, " at line {} column {}", self.0.line, self.0.column)
    }
}

impl core::error::Error for JsonError {}
