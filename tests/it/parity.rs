//! The same bits native, in Node and in a browser.

use std::io::Write;
use std::path::PathBuf;
use std::process::Stdio;

use sha2::{Digest, Sha256};

use crate::page::{browser_skipped, built, node};
use crate::{corpus, files, report};

/// Files larger than this would only test the patience.
const LARGEST: u64 = 8 << 20;

#[test]
fn reports_are_the_same_bytes_everywhere() {
    built();
    let mut all: Vec<PathBuf> = crate::golden::inputs();
    assert!(!all.is_empty(), "the corpus of the project is gone");
    if let Some(corpus) = corpus() {
        all.extend(files(&corpus));
    }
    all.retain(|p| p.metadata().unwrap().len() <= LARGEST && !p.to_string_lossy().contains('\n'));
    let mut child = node("parity.mjs").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    let names: String = all.iter().map(|p| format!("{}\n", p.display())).collect();
    child.stdin.take().unwrap().write_all(names.as_bytes()).unwrap();
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success(), "the script ended with {}", out.status);
    let lines: Vec<serde_json::Value> =
        String::from_utf8(out.stdout).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect();
    assert_eq!(lines.len(), all.len());
    let mut different = Vec::new();
    for (path, line) in all.iter().zip(&lines) {
        let name = path.display().to_string();
        let native = report(&name, &std::fs::read(path).unwrap()).to_json();
        let native: String = Sha256::digest(native.as_bytes()).iter().map(|b| format!("{b:02x}")).collect();
        if line["node"] != native || (!browser_skipped() && line["browser"] != native) {
            different.push(name);
        }
    }
    assert!(different.is_empty(), "{} of {} differ: {different:#?}", different.len(), all.len());
    eprintln!("{} files give the same bytes", all.len());
}
