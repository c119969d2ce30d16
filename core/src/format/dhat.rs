//! DHAT's JSON (Valgrind, dhat-rs): for each place what it allocated in all, at the peak and at the end.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::stacks::Stacks;
use crate::format::text::cut;
use crate::format::{Content, holds};
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"dhatFileVersion\"", "\"pps\""]) { 95 } else { 0 }
}

/// Fields of a place, and what they count.
const FIELDS: &[(&str, &str, &str)] = &[
    ("tb", "alloc_space", "bytes"),
    ("tbk", "alloc_objects", "count"),
    ("gb", "peak_space", "bytes"),
    ("gbk", "peak_objects", "count"),
    ("eb", "inuse_space", "bytes"),
    ("ebk", "inuse_objects", "count"),
];

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let [mode, places, table] = to.document("a profile of DHAT")?.fields(&["mode", "pps", "ftbl"]);
    let mut functions = Vec::new();
    for frame in table.items() {
        let text = frame.text();
        // `0x10ABC: alloc::alloc (alloc.rs:72:4)`.
        let name =
            cut(&text, ": ").filter(|(address, _)| address.starts_with("0x")).map_or(text.as_str(), |(_, name)| name);
        let name = name.strip_suffix(')').and_then(|name| name.rsplit_once(" (")).map_or(name, |(name, _)| name);
        functions.push(to.builder.function(name));
    }
    // What is counted by hand has units in place of bytes; dhat-rs puts its language in front.
    let by_hand = mode.is("ad-hoc") || mode.is("rust-ad-hoc");
    let copied = mode.is("copy");
    for place in places.items() {
        to.stands_at(place);
        to.stack.clear();
        for frame in place.at("fs").items() {
            match frame.count().and_then(|at| functions.get(usize::try_from(at).ok()?)) {
                Some(function) => to.stack.push(Frame::new(*function, false)),
                None => to.notices.push(NoticeCode::DanglingReference, to.at, "ftbl"),
            }
        }
        to.stack.reverse();
        let values = place.fields(&["tb", "tbk", "gb", "gbk", "eb", "ebk"]);
        let mut row = Vec::new();
        for ((_, name, unit), value) in FIELDS.iter().zip(values).filter(|(_, value)| value.is_there()) {
            let sample_type = match (by_hand, *unit) {
                (true, "bytes") => to.builder.sample_type("units", "count"),
                (true, _) => to.builder.sample_type("events", "count"),
                _ if copied && *unit == "bytes" => to.builder.sample_type("copied", "bytes"),
                _ if copied => to.builder.sample_type("copies", "count"),
                _ => to.builder.sample_type(name, unit),
            };
            row.push((sample_type, value.float()));
        }
        to.add_values(&row)?;
    }
    to.finish()
}
