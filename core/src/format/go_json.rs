//! `go test -json`: the output of each package, put together in order, is Go benchmark text.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::Content;
use crate::format::go_bench::Reader;
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

mod wire {
    use alloc::string::String;
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Event {
        #[serde(rename = "Action")]
        pub(super) action: String,
        #[serde(rename = "Package", default)]
        pub(super) package: String,
        #[serde(rename = "Output", default)]
        pub(super) output: String,
    }
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(65_536)).unwrap_or(&[]);
    let event = |line: &[u8]| {
        line.starts_with(b"{")
            && serde_json::from_slice::<wire::Event>(line).is_ok_and(|e| ACTIONS.contains(&e.action.as_str()))
    };
    if head.split(|b| *b == b'\n').any(event) { 95 } else { 0 }
}

/// The text that a package has put out, and on which line of the file its pieces stood.
#[derive(Default)]
struct Output {
    text: String,
    pieces: Vec<(usize, u64)>,
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    // Packages run at the same time and their events interleave: each is read on its own.
    let mut order: Vec<String> = Vec::new();
    let mut packages: BTreeMap<String, Output> = BTreeMap::new();
    for (index, line) in source.bytes.split(|b| *b == b'\n').enumerate() {
        // Lines that are not events (build errors, stray prints) stand between them.
        let Ok(event) = serde_json::from_slice::<wire::Event>(line) else { continue };
        if event.output.is_empty() {
            continue;
        }
        let output = packages.entry(event.package).or_insert_with_key(|package| {
            order.push(package.clone());
            Output::default()
        });
        output.pieces.push((output.text.len(), index as u64 + 1));
        output.text.push_str(&event.output);
    }
    let mut reader = Reader::new();
    for name in &order {
        let Some(Output { text, pieces }) = packages.get(name) else { continue };
        let mut pieces = pieces.iter().peekable();
        let (mut at, mut line) = (0, 0);
        // Without `-p`, `test2json` names no package; the text may.
        if !name.is_empty() {
            reader.line(alloc::format!("pkg: {name}").as_bytes(), pieces.peek().map_or(1, |p| p.1));
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
