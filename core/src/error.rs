//! What can be wrong with an input, as closed lists: no error is a string.

use alloc::string::String;
use core::fmt;

use crate::source::{Position, Source};

/// An input that cannot be read: which one, where, and why.
#[derive(Clone, Debug, PartialEq)]
pub struct ParseError {
    /// The name of the source as given.
    pub source_name: String,
    /// The place, where one is known.
    pub at: Option<Position>,
    /// The reason.
    pub kind: ParseErrorKind,
}

/// Why an input cannot be read.
#[derive(Clone, Debug, PartialEq)]
#[non_exhaustive]
pub enum ParseErrorKind {
    /// No byte at all.
    Empty,
    /// No format that we know.
    Unrecognized,
    /// A format that we know of but do not read; its name.
    Unsupported(&'static str),
    /// A version of a format that we do not read.
    UnsupportedVersion {
        /// The version in the file.
        found: u64,
        /// The newest version that we read.
        newest: u64,
    },
    /// The input ends in the middle of something.
    Truncated {
        /// What was being read.
        expected: &'static str,
    },
    /// Not JSON.
    InvalidJson,
    /// JSON, but not of the shape that the format has.
    WrongShape {
        /// What the format has there.
        expected: &'static str,
    },
    /// A gzip stream that cannot be inflated.
    InvalidGzip,
    /// The check sum at the end of a stream does not fit its content.
    ChecksumMismatch,
    /// Not a protobuf message, or a broken one.
    InvalidProtobuf,
    /// Several profiles, one behind the other: their indices mix.
    Concatenated,
    /// An index that points outside its table, or an id in it that is 0 or stands twice.
    BadReference {
        /// Which table.
        table: &'static str,
    },
    /// Something is larger than the limit that keeps memory bounded.
    LimitExceeded {
        /// Which dimension: `input bytes`, `nesting depth`, `strings` …
        what: &'static str,
        /// The limit.
        limit: u64,
    },
    /// A number that is not one.
    InvalidNumber,
    /// The file is well formed and holds nothing to analyse.
    NoData,
}

impl ParseErrorKind {
    /// A stable kebab-case id, for programs and tests.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            ParseErrorKind::Empty => "empty",
            ParseErrorKind::Unrecognized => "unrecognized",
            ParseErrorKind::Unsupported(_) => "unsupported",
            ParseErrorKind::UnsupportedVersion { .. } => "unsupported-version",
            ParseErrorKind::Truncated { .. } => "truncated",
            ParseErrorKind::InvalidJson => "invalid-json",
            ParseErrorKind::WrongShape { .. } => "wrong-shape",
            ParseErrorKind::InvalidGzip => "invalid-gzip",
            ParseErrorKind::ChecksumMismatch => "checksum-mismatch",
            ParseErrorKind::InvalidProtobuf => "invalid-protobuf",
            ParseErrorKind::Concatenated => "concatenated",
            ParseErrorKind::BadReference { .. } => "bad-reference",
            ParseErrorKind::LimitExceeded { .. } => "limit-exceeded",
            ParseErrorKind::InvalidNumber => "invalid-number",
            ParseErrorKind::NoData => "no-data",
        }
    }
}

impl fmt::Display for ParseErrorKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            ParseErrorKind::Empty => f.write_str("the file is empty"),
            ParseErrorKind::Unrecognized => {
                f.write_str("not a benchmark result or profile that noisefloor reads; `noisefloor formats` lists them")
            }
            ParseErrorKind::Unsupported(name) => {
                write!(f, "this looks like {name}, which is not read here; `noisefloor formats` lists what is")
            }
            ParseErrorKind::UnsupportedVersion { found, newest } => {
                write!(f, "written in version {found} of the format; this noisefloor reads up to {newest}")
            }
            ParseErrorKind::Truncated { expected } => write!(f, "the data ends before the end of {expected}"),
            ParseErrorKind::InvalidJson => f.write_str("not valid JSON"),
            ParseErrorKind::WrongShape { expected } => write!(f, "expected {expected}"),
            ParseErrorKind::InvalidGzip => f.write_str("the gzip data is damaged"),
            ParseErrorKind::ChecksumMismatch => f.write_str("the checksum does not fit the data"),
            ParseErrorKind::Concatenated => {
                f.write_str("several profiles, one behind the other; give them as files of their own")
            }
            ParseErrorKind::InvalidProtobuf => f.write_str("the protobuf data is damaged"),
            ParseErrorKind::BadReference { table } => write!(f, "an index or id does not fit the table of {table}"),
            ParseErrorKind::LimitExceeded { what, limit } => write!(f, "more {what} than the limit of {limit}"),
            ParseErrorKind::InvalidNumber => f.write_str("not a number"),
            ParseErrorKind::NoData => f.write_str("the file holds no result"),
        }
    }
}

impl ParseError {
    /// An error about `source`, at a place if one is known.
    #[must_use]
    pub fn new(source: &Source<'_>, at: Option<Position>, kind: ParseErrorKind) -> ParseError {
        ParseError { source_name: source.name.into(), at, kind }
    }
}

impl fmt::Display for ParseError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.at {
            Some(Position::Line(n)) => write!(f, "{}: line {n}: {}", self.source_name, self.kind),
            Some(Position::Byte(n)) => write!(f, "{}: byte {n}: {}", self.source_name, self.kind),
            None => write!(f, "{}: {}", self.source_name, self.kind),
        }
    }
}

impl core::error::Error for ParseError {}
