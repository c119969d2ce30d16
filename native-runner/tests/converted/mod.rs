//! What the tests of conversions share.
#![allow(dead_code, reason = "each file of tests uses a part")]

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use noisefloor::convert::{Loaded, Lost, load};
use noisefloor::inputs::gather;

use crate::support::Folder;

pub(crate) fn own_corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus")
}

/// The corpus that lies beside the project or not at all.
pub(crate) fn open_corpus() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus")
}

/// Says something that is seen also when the test passes.
pub(crate) fn say(text: &str) {
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

/// The inputs of the project's own corpus, and those of the open one where it is there: one list a load.
pub(crate) fn inputs(kind: &str) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for format in fs::read_dir(own_corpus()).unwrap() {
        for case in fs::read_dir(format.unwrap().path()).unwrap() {
            let case = case.unwrap().path();
            let files: Vec<PathBuf> = fs::read_dir(&case).unwrap().map(|f| f.unwrap().path()).collect();
            // A file of its own, or a folder of files.
            let input = files.iter().find(|f| f.file_stem().is_some_and(|stem| stem == "input"));
            out.push(vec![input.unwrap_or(&case).display().to_string()]);
        }
    }
    let open = open_corpus().join(kind);
    if !open.is_dir() {
        say("skipped: no corpus");
        return out;
    }
    let mut folders = vec![open];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if path.metadata().unwrap().len() < 400_000 {
                out.push(vec![path.display().to_string()]);
            }
        }
    }
    out.sort();
    out
}

pub(crate) fn load_paths(paths: &[String]) -> Loaded {
    load(&gather(paths, true).files, None)
}

pub(crate) fn has(lost: &Lost, what: &str) -> bool {
    lost.iter().any(|(_, words)| words.contains(what))
}

pub(crate) fn noisefloor(folder: &Folder, arguments: &[&str]) -> (Option<i32>, Vec<u8>, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor")).current_dir(&folder.0).args(arguments).output().unwrap();
    (out.status.code(), out.stdout, String::from_utf8(out.stderr).unwrap())
}

pub(crate) const GO: &str = "goos: linux\npkg: p\nBenchmarkA/k=v-8\t100\t12.5 ns/op\t3 allocs/op\nBenchmarkA/k=v-8\t100\t12.75 ns/op\t3 allocs/op\nPASS\n";
