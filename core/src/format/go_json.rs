//! `go test -json`: the output of each package, put together in order, is Go benchmark text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::lines;
use crate::format::Content;
use crate::format::go_bench::Reader;
use crate::json::{self, FromJson, JsonError};
use crate::map::Named;
use crate::source::{Parsed, Source};

/// What events say.
const ACTIONS: [&str; 13] = [
    "start",
    "run",
    "pause",
    "cont",
    "output",
    "pass",
    "fail",
    "skip",
    "bench",
    "attr",
    "artifacts",
    "build-output",
    "build-fail",
];

/// What an event says about output.
#[derive(Default)]
struct Event<'a> {
    action: Cow<'a, str>,
    package: Cow<'a, str>,
    output: Cow<'a, str>,
}

impl<'a> FromJson<'a> for Event<'a> {
    fn read(&mut self, reader: &mut json::Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            1,
            &mut [("Action", &mut self.action), ("Package", &mut self.package), ("Output", &mut self.output)],
        )
    }
}

/// The event that a line is; other lines are `None`.
fn event(line: &[u8]) -> Option<Event<'_>> {
    let mut event = Event::default();
    json::read(line, &mut event).ok().map(|()| event)
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    let known =
        |line: &[u8]| line.starts_with(b"{") && event(line).is_some_and(|e| ACTIONS.contains(&e.action.as_ref()));
    if lines(head).any(known) { 95 } else { 0 }
}

/// The text that a package has put out, and on which line of the file its pieces stood.
#[derive(Default)]
struct Output {
    package: String,
    text: String,
    pieces: Vec<(usize, u64)>,
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    // Packages run at the same time and their events interleave: each is read on its own.
    let mut packages: Named<Output> = Named::new();
    for (index, line) in lines(source.bytes).enumerate() {
        // Lines that are not events (build errors, stray prints) stand between them.
        let Some(event) = event(line) else { continue };
        if event.output.is_empty() {
            continue;
        }
        let package = event.package;
        let output = packages.of(&package, || Output { package: package.clone().into_owned(), ..Output::default() });
        output.pieces.push((output.text.len(), index as u64 + 1));
        output.text.push_str(&event.output);
    }
    let mut reader = Reader::new();
    for Output { package, text, pieces } in packages.into_values() {
        let mut pieces = pieces.iter().peekable();
        let (mut at, mut line) = (0, 0);
        // Without `-p`, `test2json` names no package; the text may.
        if !package.is_empty() {
            reader.line(alloc::format!("pkg: {package}").as_bytes(), pieces.peek().map_or(1, |p| p.1));
        }
        for part in text.split('\n') {
            while let Some((_, number)) = pieces.next_if(|p| p.0 <= at) {
                line = *number;
            }
            reader.line(part.strip_suffix('\r').unwrap_or(part).as_bytes(), line);
            at += part.len() + 1;
        }
        reader.line(b"PASS", line);
    }
    reader.finish(&source)
}
