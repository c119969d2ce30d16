//! One engine, one result: the report's bytes natively, in Node and in Chromium.

use std::fmt::Write;
use std::fs;
use std::path::{Path, PathBuf};

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::format;
use noisefloor_core::report::{InputReport, InputStatus, Report};
use noisefloor_core::source::Source;
use noisefloor_tests::page::{Engine, Pages};
use noisefloor_tests::smaller::smaller;
use sha2::{Digest, Sha256};

use crate::page::{browser_wanted, built, node, root};

/// Larger files are left out: they test patience, not arithmetic.
const LARGE: u64 = 30 << 20;

/// Files of one report: their names in it and where they lie.
type Case = Vec<(String, PathBuf)>;

/// Every file alone, and each with the next of its folder, so that comparisons are made as well.
fn cases() -> Vec<Case> {
    let mut all: Vec<(String, PathBuf)> = Vec::new();
    let own = root().join("tests/corpus");
    all.extend(crate::golden::inputs().into_iter().map(|p| named("own", &own, p)));
    if let Some(corpus) = crate::corpus() {
        all.extend(crate::files(&corpus).into_iter().map(|p| named("corpus", &corpus, p)));
    }
    all.retain(|(_, path)| fs::metadata(path).is_ok_and(|m| m.len() <= LARGE));
    let mut out: Vec<Case> = all.iter().map(|file| vec![file.clone()]).collect();
    for pair in all.windows(2) {
        if pair[0].1.parent() == pair[1].1.parent() {
            out.push(pair.to_vec());
        }
    }
    out
}

fn named(label: &str, folder: &Path, path: PathBuf) -> (String, PathBuf) {
    let name = path.strip_prefix(folder).unwrap_or(&path).display().to_string();
    (format!("{label}/{name}"), path)
}

fn native(case: &Case) -> Report {
    let bytes: Vec<Vec<u8>> = case.iter().map(|(_, path)| fs::read(path).unwrap()).collect();
    let inputs: Vec<Input<'_>> = case
        .iter()
        .zip(&bytes)
        .map(|((name, _), bytes)| Input { source: Source { name, bytes }, side: None })
        .collect();
    analyze(&inputs, &AnalysisConfig::default())
}

/// Whether the small engine has to make this report by itself: common formats, read to their end, and no laws, orders
/// or traces, which it leaves to the whole one.
fn is_common(report: &Report) -> bool {
    let common = |i: &InputReport| {
        let format = i.format.as_deref().is_some_and(|id| format::COMMON.iter().any(|own| own.id == id));
        format && i.status == InputStatus::Read
    };
    report.inputs.iter().all(common)
        && report.sweeps.is_empty()
        && report.evidence.is_empty()
        && report.orthogonality.iter().all(|o| o.why_not.is_some())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::new(), |mut out, byte| {
        let _ = write!(out, "{byte:02x}");
        out
    })
}

/// The manifest that the scripts read, and how many cases it has.
fn manifest(folder: &Path) -> (PathBuf, usize) {
    let cases = cases();
    let mut small = 0;
    let list: Vec<serde_json::Value> = cases
        .iter()
        .enumerate()
        .map(|(id, case)| {
            let files: Vec<_> = case.iter().map(|(n, p)| serde_json::json!({ "name": n, "path": p })).collect();
            let report = native(case);
            let (common, sha256) = (is_common(&report), hex(&Sha256::digest(report.to_json().as_bytes())));
            small += usize::from(common);
            serde_json::json!({ "id": id, "files": files, "sha256": sha256, "small": common })
        })
        .collect();
    assert!(small > 10, "{small} cases for the small engine");
    fs::create_dir_all(folder).unwrap();
    let path = folder.join("manifest.json");
    fs::write(&path, serde_json::Value::Array(list).to_string()).unwrap();
    (path, cases.len())
}

#[test]
fn reports_are_the_same_to_the_last_bit_everywhere() {
    let browser = browser_wanted();
    built();
    let out = root().join("target/parity");
    let (manifest, count) = manifest(&out);
    let (manifest, out) = (manifest.display().to_string(), out.display().to_string());
    let Pages { index, offline } = built();
    for (engine, page) in [(Engine::Small, &index.page), (Engine::Whole, &offline.page)] {
        let glue = engine.folder(&root()).join("node/noisefloor_wasm.js").display().to_string();
        let mut places = vec![("node", glue)];
        if browser {
            places.push(("chromium", page.display().to_string()));
        }
        let kind = if engine == Engine::Small { "small" } else { "whole" };
        for (place, engine) in places {
            let said = node("parity.mjs", &[place, kind, &engine, &manifest, &out]);
            assert!(said.contains(&format!("{place}, {kind} engine: {count} cases, 0 different")), "{said}");
            eprintln!("{}", said.trim_end());
        }
    }
}

/// A million inputs are `cargo dev parity`.
#[test]
fn random_inputs_give_the_same_bits_everywhere() {
    let cases = std::env::var("NOISEFLOOR_PROBE_CASES").map_or(160, |n| n.parse().unwrap());
    let browser = browser_wanted();
    // One engine is compiled at a time.
    built();
    let folder = noisefloor_tests::page::probe(&root()).unwrap().display().to_string();
    let native = noisefloor_core::selftest::probe(0, cases).text();
    eprintln!("native: {native}");
    for place in if browser { &["node", "chromium"][..] } else { &["node"] } {
        let said = node("probe.mjs", &[place, &folder, &cases.to_string()]);
        assert_eq!(said.trim_end(), format!("{place}: {native}"));
        eprintln!("{}", said.trim_end());
    }
}

#[test]
fn node_runs_the_smaller_engines_of_the_pages() {
    let Pages { index, offline } = built();
    for (engine, page) in [(Engine::Small, &index.page), (Engine::Whole, &offline.page)] {
        let path = |kind: &str| engine.folder(&root()).join(kind).join("noisefloor_wasm_bg.wasm");
        let (made, run) = (fs::read(path("web")).unwrap(), fs::read(path("node")).unwrap());
        assert!(run == smaller(&made).unwrap() && run != made);
        if browser_wanted() {
            let unpack = root().join("www/js/unpack.js");
            let arguments = [page.as_path(), &unpack, &path("node")].map(|p| p.display().to_string());
            let said = node("unpack.mjs", &arguments.each_ref().map(String::as_str));
            eprintln!("unpacked by Node: {}", said.trim_end());
        }
    }
}
