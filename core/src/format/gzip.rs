use crate::error::{ParseError, ParseErrorKind};
use crate::source::Source;
use alloc::vec::Vec;

pub(super) fn is_gzip(bytes: &[u8]) -> bool {
    bytes.starts_with(&[0x1f, 0x8b])
}

pub(super) fn inflate(source: &Source<'_>) -> Result<Vec<u8>, ParseError> {
    Err(ParseError::new(source, None, ParseErrorKind::InvalidGzip))
}
