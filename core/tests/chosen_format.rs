//! Reading by a format that the caller names, and what detection says of content.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::io::Write;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::error::ParseErrorKind;
use noisefloor_core::format::{Content, FORMATS, candidates, detect, named, read, read_as, unpack};
use noisefloor_core::source::Source;

const GO: &[u8] = b"pkg: x\nBenchmarkA/k=v-8  100  12.5 ns/op  3 allocs/op\nPASS\nok x 1s\n";

/// `hello\n` by gzip with `-n`, and bytes behind it.
const GZIP: &[u8] = &[
    0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 3, 0xcb, 0x48, 0xcd, 0xc9, 0xc9, 0xe7, 2, 0, 0x20, 0x30, 0x3a, 0x36, 6, 0, 0, 0,
    b'x',
];

fn examples() -> Vec<Vec<u8>> {
    let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR"));
    let mut out = Vec::new();
    let mut open = vec![root.join("../tests/corpus")];
    // The open corpus lies beside the project or not at all.
    match root.join("../../shared/corpus") {
        corpus if corpus.is_dir() => open.push(corpus),
        _ => drop(writeln!(std::io::stderr(), "skipped: no corpus")),
    }
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                open.push(path);
            } else if path.metadata().unwrap().len() < 40_000 {
                out.push(std::fs::read(path).unwrap());
            }
        }
    }
    assert!(out.len() > 30, "{}", out.len());
    out
}

#[test]
fn the_first_candidate_is_what_detection_says() {
    for bytes in examples() {
        let Ok((plain, _)) = unpack(&Source { name: "x", bytes: &bytes }) else { continue };
        let list = candidates(&plain);
        assert_eq!(list.first().map(|(f, _)| f.id), detect(&plain).map(|f| f.id));
        assert!(list.is_sorted_by(|a, b| a.1 >= b.1) && list.iter().all(|(_, c)| (1..=100).contains(c)));
    }
    let late = [b"a line\n".repeat(20_000), GO.to_vec()].concat();
    assert_eq!(candidates(&late).iter().map(|(f, c)| (f.id, *c)).collect::<Vec<_>>(), [("go-bench", 1)]);
}

#[test]
fn a_chosen_format_reads_what_detection_reads() {
    for bytes in examples() {
        let source = Source { name: "x", bytes: &bytes };
        if let Ok((format, parsed)) = read(source) {
            assert_eq!(read_as(source, format).unwrap(), parsed, "{}", format.id);
            assert_eq!(named(format.id).unwrap().id, format.id);
        }
    }
    assert!(named("go-bench ").is_none());
}

#[test]
fn packed_and_marked_content_is_unpacked() {
    let of = |bytes: &[u8]| unpack(&Source { name: "x", bytes }).map(|(b, n)| (b.into_owned(), n.len()));
    assert_eq!(of(GZIP).unwrap(), (b"hello\n".to_vec(), 1));
    assert_eq!(of(b"\xef\xbb\xbfa").unwrap(), (b"a".to_vec(), 0));
    assert_eq!(of(b"\xff\xfea\0\xe4\0").unwrap(), ("aä".as_bytes().to_vec(), 0));
    assert_eq!(of(b"").unwrap_err().kind, ParseErrorKind::Empty);
    let marked = [b"\xef\xbb\xbf", GO].concat();
    assert!(read_as(Source { name: "x", bytes: &marked }, named("go-bench").unwrap()).is_ok());
}

#[test]
fn any_format_takes_any_bytes() {
    let mut examples = examples();
    // Bytes that no detection lets through.
    examples.push((0..4096u32).map(|i| (i.wrapping_mul(2_654_435_761) >> 13) as u8).collect());
    examples.push(b"[".repeat(3000));
    examples.push(b"{\"a\":".repeat(3000));
    let (mut read, mut refused) = (0, 0);
    for bytes in examples {
        for format in FORMATS {
            match read_as(Source { name: "x", bytes: &bytes }, format) {
                Ok(parsed) => {
                    read += 1;
                    if let Content::Run(run) = parsed.value {
                        assert!(run.series.iter().all(|s| s.key.metric.len() < 10_000), "{}", format.id);
                    }
                }
                Err(error) => {
                    refused += 1;
                    assert!(error.to_string().starts_with("x: "), "{error}");
                }
            }
        }
    }
    assert!(read > 50 && refused > 1000, "{read} {refused}");
}

#[test]
fn settings_name_the_format_of_every_input() {
    let folded = b"BenchmarkA 1;b 2\n";
    let input = |bytes| Input { source: Source { name: "x", bytes }, side: None };
    let as_format = |id: &str| AnalysisConfig { input_format: Some(id.into()), ..AnalysisConfig::default() };
    let by_content = analyze(&[input(folded)], &AnalysisConfig::default());
    assert_eq!(by_content.inputs[0].format.as_deref(), Some("folded"));
    let report = analyze(&[input(GO), input(folded)], &as_format("folded"));
    let formats: Vec<_> = report.inputs.iter().map(|i| (i.format.as_deref(), i.error.is_some())).collect();
    assert_eq!(formats, [(Some("folded"), true), (Some("folded"), false)]);
    assert!(report.to_json().contains("\"input_format\":\"folded\""));
    assert_eq!(serde_json::from_str::<noisefloor_core::Report>(&report.to_json()).unwrap(), report);
    assert!(!by_content.to_json().contains("input_format"));
    let told = as_format("go-bnech").check().unwrap_err().to_string();
    assert!(told.contains("did you mean go-bench?"), "{told}");
    assert_eq!(as_format("folded").check(), Ok(()));
}
