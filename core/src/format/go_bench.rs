use crate::error::{ParseError, ParseErrorKind};
use crate::format::Content;
use crate::source::{Parsed, Source};

pub(super) fn detect(_bytes: &[u8]) -> u8 {
    0
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    Err(ParseError::new(&source, None, ParseErrorKind::Unrecognized))
}
