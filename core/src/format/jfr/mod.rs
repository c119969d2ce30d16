//! Java Flight Recorder: chunks of events whose shapes the metadata of each chunk tells, with what repeats (stacks,
//! methods, names) in pools. Events with a stack become samples, those of each kind with sample types of their own; their
//! threads are labels.
//!
//! <https://docs.oracle.com/javacomponents/jmc-5-4/jfr-runtime-guide/> describes the recorder; the layout is that of
//! `jdk.jfr.internal` and of async-profiler, which writes the same.

mod chunk;
mod events;
mod metadata;
mod pools;
mod reader;
mod threads;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::Content;
use crate::format::stacks::Stacks;
use crate::source::{NoticeCode, Parsed, Position, Source};

use chunk::Header;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if bytes.starts_with(b"FLR\0") { 98 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let (mut at, mut seconds) = (0, 0.0);
    while at < source.bytes.len() {
        to.at = Some(Position::Byte(at as u64));
        let header = match Header::read(source.bytes, at) {
            Ok(header) => header,
            // What came before a damaged chunk counts.
            Err(kind) if at == 0 => return Err(ParseError::new(&source, to.at, kind)),
            Err(ParseErrorKind::Truncated { .. }) => {
                to.notices.push(NoticeCode::Truncated, to.at, "chunks");
                break;
            }
            Err(_) => {
                to.notices.push(NoticeCode::TrailingData, to.at, "chunks");
                break;
            }
        };
        if header.end > source.bytes.len() {
            to.notices.push(NoticeCode::Truncated, to.at, "chunks");
        }
        seconds += header.seconds;
        at = header.end;
        chunk::read(&mut to, &header)?;
    }
    to.builder.duration(seconds);
    to.finish()
}
