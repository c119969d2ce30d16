//! The project's own corpus: each case folder holds what a tool wrote, `origin.txt` saying which, and
//! `expected.json`, the report. `cargo dev bless` writes the reports anew, for a person to read the
//! difference.

use std::path::{Path, PathBuf};

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::source::Source;

use crate::files;
use crate::page::root;

/// Folders that hold an `origin.txt`.
fn cases() -> Vec<PathBuf> {
    let mut list: Vec<PathBuf> = files(&root().join("tests/corpus"))
        .into_iter()
        .filter(|p| p.ends_with("origin.txt"))
        .map(|p| p.parent().unwrap().to_path_buf())
        .collect();
    list.sort();
    list
}

/// The inputs of all cases.
pub(crate) fn inputs() -> Vec<PathBuf> {
    cases().iter().flat_map(|c| inputs_of(c)).collect()
}

fn inputs_of(case: &Path) -> Vec<PathBuf> {
    let mut list = files(case);
    list.retain(|p| !p.ends_with("origin.txt") && !p.ends_with("expected.json"));
    list
}

#[test]
fn reports_are_as_expected() {
    let cases = cases();
    assert!(cases.len() >= 8, "only {} cases", cases.len());
    let mut wrong = Vec::new();
    for case in &cases {
        let read: Vec<(String, Vec<u8>)> = inputs_of(case)
            .iter()
            .map(|p| (p.strip_prefix(case).unwrap().to_string_lossy().into_owned(), std::fs::read(p).unwrap()))
            .collect();
        let inputs: Vec<Input<'_>> =
            read.iter().map(|(name, bytes)| Input { source: Source { name, bytes }, side: None }).collect();
        let report = analyze(&inputs, &AnalysisConfig::default()).to_json_pretty() + "\n";
        let path = case.join("expected.json");
        if std::env::var_os("NOISEFLOOR_BLESS").is_some() {
            std::fs::write(&path, &report).unwrap();
        }
        let expected = std::fs::read_to_string(&path).unwrap_or_default();
        if report != expected {
            let line = report.lines().zip(expected.lines()).position(|(a, b)| a != b).unwrap_or(0) + 1;
            wrong.push(format!("{}: first at line {line}", path.display()));
        }
    }
    assert!(wrong.is_empty(), "{wrong:#?}\n`cargo dev bless` accepts the new reports");
}
