//! Bytes to runs and profiles. One tool, one file; content decides which, never the name.
//!
//! Adding a format touches one file here, one row of [`FORMATS`] and one corpus folder.

pub(crate) mod criterion;
mod folded;
mod go_bench;
mod go_json;
pub(crate) mod gzip;
mod hyperfine;
mod jmh;
mod native;
mod pprof;
mod protobuf;

use crate::error::{ParseError, ParseErrorKind};
use crate::model::Run;
use crate::profile::Profile;
use crate::source::{Parsed, Position, Source};

/// How many bytes an input may have, compressed or not; beyond it is an error.
pub const MAX_INPUT_BYTES: u64 = 4 << 30;

/// What an input holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Benchmark results.
    Run(Run),
    /// A profile.
    Profile(Profile),
    /// A file that only makes sense beside others of its tool.
    Part(Part),
}

/// What a file adds to the files beside it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// The name of the benchmark whose sample lies in the same folder.
    CriterionName(alloc::string::String),
    /// Nothing that the files beside it do not hold.
    Redundant,
}

/// A format that we read.
#[derive(Clone, Copy)]
pub struct Format {
    /// Stable id: `go-bench`, `pprof` …
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How sure the content looks like this format, 0 to 100; 0: no. Must be cheap: it may look
    /// at the first 64 KiB only.
    pub detect: fn(&[u8]) -> u8,
    /// Reads it.
    pub parse: fn(Source<'_>) -> Result<Parsed<Content>, ParseError>,
}

impl core::fmt::Debug for Format {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id)
    }
}

/// Every format, in order of detection: the first with the highest confidence wins.
pub static FORMATS: &[Format] = &[
    Format { id: "noisefloor-log", name: "noisefloor run log", detect: native::detect, parse: native::parse },
    Format { id: "hyperfine", name: "hyperfine JSON", detect: hyperfine::detect, parse: hyperfine::parse },
    Format { id: "criterion", name: "Criterion.rs JSON", detect: criterion::detect, parse: criterion::parse },
    Format { id: "jmh", name: "JMH JSON", detect: jmh::detect, parse: jmh::parse },
    Format { id: "go-test-json", name: "go test -json", detect: go_json::detect, parse: go_json::parse },
    Format { id: "go-bench", name: "Go benchmark text", detect: go_bench::detect, parse: go_bench::parse },
    Format { id: "pprof", name: "pprof profile", detect: pprof::detect, parse: pprof::parse },
    Format { id: "folded", name: "folded stacks", detect: folded::detect, parse: folded::parse },
];

/// The format of some bytes, by content.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<&'static Format> {
    let mut best: Option<(&'static Format, u8)> = None;
    for format in FORMATS {
        let confidence = (format.detect)(bytes);
        if confidence > best.map_or(0, |(_, c)| c) {
            best = Some((format, confidence));
        }
    }
    best.map(|(f, _)| f)
}

/// Recognises and reads an input. A gzip-compressed result file is read as its content.
///
/// # Errors
/// When the content is of no known format, or broken beyond use; the error names place and kind.
pub fn read(source: Source<'_>) -> Result<(&'static Format, Parsed<Content>), ParseError> {
    if source.bytes.is_empty() {
        return Err(ParseError::new(&source, None, ParseErrorKind::Empty));
    }
    if source.bytes.len() as u64 > MAX_INPUT_BYTES {
        let kind = ParseErrorKind::LimitExceeded { what: "input bytes", limit: MAX_INPUT_BYTES };
        return Err(ParseError::new(&source, None, kind));
    }
    if gzip::is_gzip(source.bytes) {
        let plain = gzip::inflate(&source)?;
        return read_plain(Source { name: source.name, bytes: &plain });
    }
    read_plain(source)
}

fn read_plain(source: Source<'_>) -> Result<(&'static Format, Parsed<Content>), ParseError> {
    match detect(source.bytes) {
        Some(format) => Ok((format, (format.parse)(source)?)),
        None => Err(ParseError::new(&source, None, ParseErrorKind::Unrecognized)),
    }
}

/// A JSON error with its line: not JSON at all, or not of the expected shape.
fn json_error(source: &Source<'_>, error: &serde_json::Error, expected: &'static str) -> ParseError {
    let kind = if error.is_data() {
        ParseErrorKind::WrongShape { expected }
    } else if error.is_eof() {
        ParseErrorKind::Truncated { expected: "a JSON value" }
    } else {
        ParseErrorKind::InvalidJson
    };
    ParseError::new(source, Some(Position::Line(error.line() as u64)), kind)
}
