//! `go test -json`: the output of each package, put together in order, is Go benchmark text.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{beginning, find, lines, position};
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
    test: Cow<'a, str>,
    output: Cow<'a, str>,
}

/// How far back the line of a failure is looked for, so that an event does not tell of it again.
const NEAR: usize = 16_384;

impl Event<'_> {
    /// Adds the line that an event of failing stands for; `false`: it stands there, or tells of no benchmark.
    fn failure(&self, text: &mut String) -> bool {
        let line = match self.test.is_empty() {
            true => alloc::format!("FAIL\t{}", self.package),
            false if self.test.starts_with("Benchmark") => alloc::format!("--- FAIL: {}", self.test),
            false => return false,
        };
        let near = text.as_bytes().get(text.len().saturating_sub(NEAR)..).unwrap_or(&[]);
        // Names may begin alike.
        let told = find(near, line.as_bytes()).and_then(|at| near.get(at + line.len()));
        let new = told.is_none_or(|next| !matches!(next, b'\n' | b' ' | b'-' | b'\t'));
        if new {
            text.push_str(if text.is_empty() || text.ends_with('\n') { "" } else { "\n" });
            text.push_str(&line);
            text.push('\n');
        }
        new
    }
}

impl<'a> FromJson<'a> for Event<'a> {
    fn read(&mut self, reader: &mut json::Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            1,
            &mut [
                ("Action", &mut self.action),
                ("Package", &mut self.package),
                ("Test", &mut self.test),
                ("Output", &mut self.output),
            ],
        )
    }
}

/// The event that a line is; other lines are `None`.
fn event(line: &[u8]) -> Option<Event<'_>> {
    let mut event = Event::default();
    json::read(line, &mut event).ok().map(|()| event)
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = beginning(bytes);
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

impl Output {
    /// Adds a piece that `write` writes; `false`: it wrote none, and nothing is added.
    fn add(&mut self, line: u64, write: impl FnOnce(&mut String) -> bool) -> bool {
        let before = self.text.len();
        let written = write(&mut self.text);
        if !written {
            self.text.truncate(before);
        } else if self.text.len() > before {
            self.pieces.push((before, line));
        }
        written
    }
}

/// How every event begins that has a time.
const TIME: &[u8] = b"{\"Time\":\"";

/// What stands between the time and the output of an event: in most of them the same.
#[derive(Clone, Copy, PartialEq)]
struct Alike<'a>(&'a [u8]);

impl<'a> Alike<'a> {
    /// What may be that of an event, if its output comes last.
    fn of(line: &'a [u8]) -> Option<Alike<'a>> {
        let rest = line.strip_prefix(TIME)?;
        let rest = rest.get(position(rest, b'"')?..)?;
        let key = b"\"Output\":";
        rest.get(..find(rest, key)? + key.len()).map(Alike)
    }

    /// Whether it is, and the package of the event is this one.
    fn is_of(self, package: &str) -> bool {
        // With another time and another output it is the same event.
        let other = [TIME, b"then", self.0, b"\"other\"}"].concat();
        event(&other).is_some_and(|event| event.package == package && event.output == "other")
    }

    /// Takes the output of an event of this kind; `false`: it is none.
    fn read(self, line: &[u8], number: u64, to: &mut Output) -> bool {
        let Some(rest) = line.strip_prefix(TIME) else { return false };
        let Some(end) = position(rest, b'"') else { return false };
        let (time, rest) = rest.split_at(end);
        let plain = time.iter().all(|b| matches!(b, b' '..=b'~') && *b != b'\\');
        match rest.strip_prefix(self.0) {
            Some(output) if plain => to.add(number, |text| json::Reader::new(output).last_text(text)),
            _ => false,
        }
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    // Packages run at the same time and their events interleave: each is read on its own.
    let mut packages: Named<Output> = Named::new();
    // The package of the last events and what they have in common, once two have it: packages may take turns.
    let mut last: Option<(String, Alike<'_>)> = None;
    let mut before: Option<Alike<'_>> = None;
    let mut reader = Reader::new();
    for (index, line) in lines(source.bytes).enumerate() {
        let number = index as u64 + 1;
        if let Some((package, alike)) = &last
            && alike.read(line, number, packages.of(package, Output::default))
        {
            continue;
        }
        // Lines that are not events (build errors, stray prints) stand between them.
        let Some(event) = event(line) else {
            let inside = line.strip_prefix(b"{").map_or(&[][..], <[u8]>::trim_ascii_start);
            if inside.starts_with(b"\"Time\":") {
                reader.broken(number);
            }
            continue;
        };
        if event.action == "fail" {
            let output =
                packages.of(&event.package, || Output { package: event.package.clone().into(), ..Output::default() });
            output.add(number, |text| event.failure(text));
            continue;
        }
        if event.output.is_empty() {
            continue;
        }
        let package = event.package.into_owned();
        let output = packages.of(&package, || Output { package: package.clone(), ..Output::default() });
        output.add(number, |text| {
            text.push_str(&event.output);
            true
        });
        let alike = Alike::of(line);
        if alike == before {
            last = alike.filter(|alike| alike.is_of(&package)).map(|alike| (package, alike));
        }
        before = alike;
    }
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
