//! Files of other tools through the whole engine.
#![allow(clippy::unwrap_used, clippy::print_stderr, reason = "tests stop at the first surprise and say what they skip")]

mod found;
mod golden;
mod page;
mod parity;
mod readme;
mod reference;

use std::io::Write;
use std::path::{Path, PathBuf};

use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::report::{InputStatus, Report};
use noisefloor_core::source::Source;
use noisefloor_core::{AnalysisConfig, format};

pub(crate) fn files(folder: &Path) -> Vec<PathBuf> {
    let mut out = Vec::new();
    let mut open = vec![folder.to_path_buf()];
    while let Some(folder) = open.pop() {
        for entry in std::fs::read_dir(&folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() { open.push(path) } else { out.push(path) }
        }
    }
    out.sort();
    out
}

/// Says something that is seen also when the test passes: the test runner keeps only what the
/// printing macros write.
pub(crate) fn say(text: &str) {
    // Nobody listening is no reason to fail.
    let _ = writeln!(std::io::stderr(), "{text}");
}

/// The open corpus of real files, which lies beside the project or not at all.
pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus");
    if folder.is_dir() {
        return Some(folder);
    }
    say("skipped: no corpus");
    None
}

pub(crate) fn report(name: &str, bytes: &[u8]) -> Report {
    let input = Input { source: Source { name, bytes }, side: None };
    analyze(&[input], &AnalysisConfig::default())
}

#[test]
fn every_file_of_the_corpus_gives_a_report() {
    let Some(corpus) = corpus() else { return };
    let all = files(&corpus);
    assert!(all.len() > 500, "the corpus is incomplete: {} files", all.len());
    for path in all {
        let bytes = std::fs::read(&path).unwrap();
        if bytes.len() > 8 << 20 {
            continue;
        }
        let report = report(&path.display().to_string(), &bytes);
        let json = report.to_json();
        assert_eq!(serde_json::from_str::<Report>(&json).unwrap().to_json(), json, "{}", path.display());
        let input = &report.inputs[0];
        assert_eq!(input.status == InputStatus::NotRead, input.error.is_some(), "{}", path.display());
    }
}

#[test]
fn formats_are_recognised_by_content() {
    let Some(corpus) = corpus() else { return };
    for (folder, id) in [("hyperfine", "hyperfine"), ("jmh-json", "jmh"), ("go-test-json", "go-test-json")] {
        let all = files(&corpus.join("benchmarks").join(folder));
        assert!(!all.is_empty(), "{folder}");
        for path in all.iter().filter(|p| !p.to_string_lossy().contains("expected")) {
            let bytes = std::fs::read(path).unwrap();
            let found = format::detect(&bytes).map(|f| f.id);
            if found != Some(id) {
                eprintln!("{} is {found:?}", path.display());
            }
            assert!(found.is_none() || found == Some(id) || found == Some("go-bench"), "{}: {found:?}", path.display());
        }
    }
}

#[test]
fn cut_and_changed_bytes_never_panic() {
    let texts: [&[u8]; 5] = [
        b"pkg: x\nBenchmarkA/k=v-8  100  12.5 ns/op  3 allocs/op\nPASS\nok x 1s\n",
        b"{\"results\":[{\"command\":\"a\",\"mean\":1,\"times\":[1,2,3],\"exit_codes\":[0,null,1]}]}",
        b"[{\"benchmark\":\"a.b\",\"mode\":\"avgt\",\"primaryMetric\":{\"score\":\"NaN\",\"scoreUnit\":\"us/op\",\"rawData\":[[1,2],[3,\"NaN\"]]}}]",
        b"{\"Action\":\"output\",\"Package\":\"p\",\"Output\":\"BenchmarkA 1 2 ns/op\\n\"}\n",
        b"main;a;b 3\nmain;c 2.5\n",
    ];
    let mut state = 1u64;
    for text in texts {
        assert_eq!(report("whole", text).inputs[0].error, None, "{}", String::from_utf8_lossy(text));
        for end in 0..text.len() {
            let _ = report("cut", &text[..end]).to_json();
        }
        for _ in 0..500 {
            let mut bytes = text.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
                let place = (state >> 33) as usize % bytes.len();
                bytes[place] = (state >> 24) as u8;
            }
            let report = report("changed", &bytes);
            assert_eq!(serde_json::from_str::<Report>(&report.to_json()).unwrap(), report);
        }
    }
}
