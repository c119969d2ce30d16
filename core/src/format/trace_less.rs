//! What the page says of trace events that it has no room for; see `trace_more.rs`.

use alloc::string::String;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::find;
use crate::format::stacks::Stacks;
use crate::json::Value;
use crate::map::Named;
use crate::source::NoticeCode;

/// What is not read, where such a text stands in the file.
const OTHER: [&str; 4] = ["\"ProfileChunk\"", "\"CpuProfile\"", "\"stackFrames\"", "\"ph\":\"b\""];

/// Nothing is kept of it.
#[derive(Default)]
pub(super) struct More(());

impl More {
    pub(super) fn event(&mut self, _: &mut Stacks<'_>, _: Value<'_>, _: &str, _: &str, _: &str) {}

    /// Tells of samples, and of calls that run at the same time as others.
    ///
    /// # Errors
    /// Where there are no calls.
    pub(super) fn add(
        self,
        to: &mut Stacks<'_>,
        _: Value<'_>,
        _: (&Named<(u32, String)>, u32),
        calls: usize,
    ) -> Result<(), ParseError> {
        if calls == 0 {
            return Err(ParseError::new(&to.source, None, ParseErrorKind::Unsupported("a trace without calls")));
        }
        for other in OTHER {
            if find(to.source.bytes, other.as_bytes()).is_some() {
                to.notices.push(NoticeCode::UnknownRecord, None, other);
            }
        }
        Ok(())
    }
}

pub(super) fn apart(_: Value<'_>, _: &mut str) -> Option<String> {
    None
}

pub(super) fn title(thread: Value<'_>, _: &str) -> String {
    String::from("thread ") + &thread.text()
}

pub(super) fn number(value: Value<'_>) -> Option<f64> {
    value.number()
}
