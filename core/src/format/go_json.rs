//! `go test -json`: the output of each package, put together in order, is Go benchmark text.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::Content;
use crate::format::go_bench::Reader;
use crate::source::{Parsed, Source};

mod wire {
    use alloc::string::String;
    use serde::Deserialize;

    #[derive(Deserialize)]
    pub(super) struct Event {
        #[serde(rename = "Package", default)]
        pub(super) package: String,
        #[serde(rename = "Output", default)]
        pub(super) output: String,
    }
}

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = bytes.get(..bytes.len().min(4096)).unwrap_or(&[]);
    let has = |needle: &[u8]| head.windows(needle.len()).any(|w| w == needle);
    if has(b"\"Action\":") && (has(b"\"Package\":") || has(b"\"ImportPath\":")) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    // Packages run at the same time and their events interleave: each is read on its own.
    let mut order: Vec<String> = Vec::new();
    let mut packages: BTreeMap<String, (String, u64)> = BTreeMap::new();
    for (index, line) in source.bytes.split(|b| *b == b'\n').enumerate() {
        // Lines that are not events (build errors, stray prints) stand between them.
        let Ok(event) = serde_json::from_slice::<wire::Event>(line) else { continue };
        let entry = packages.entry(event.package.clone()).or_insert_with(|| {
            order.push(event.package.clone());
            (String::new(), index as u64 + 1)
        });
        entry.0.push_str(&event.output);
    }
    let mut reader = Reader::new();
    for name in &order {
        let Some((text, line)) = packages.get(name) else { continue };
        reader.line(alloc::format!("pkg: {name}").as_bytes(), *line);
        for part in text.split('\n') {
            reader.line(part.as_bytes(), *line);
        }
        reader.line(b"PASS", *line);
    }
    reader.finish(&source)
}
