//! The page in a real browser.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use noisefloor::inputs::File;
use noisefloor::render::page::fill;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::source::Source;
use noisefloor_tests::page::{Built, PAGE_BUDGET, WASM_BUDGET, build};

pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().unwrap().to_path_buf()
}

/// The page, built once for all tests of this binary.
pub(crate) fn built() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| build(&root()).unwrap())
}

/// Whether somebody typed `--skip-browser`.
pub(crate) fn browser_skipped() -> bool {
    std::env::var_os("NOISEFLOOR_SKIP_BROWSER").is_some()
}

/// A script of `tests/browser`; a missing Node fails, it does not skip.
pub(crate) fn node(script: &str) -> Command {
    let mut command = Command::new("node");
    command.arg(root().join("tests/browser").join(script));
    assert!(
        root().join("tests/browser/node_modules/playwright-core").is_dir(),
        "the browser's driver is missing: `cargo dev test` installs it, `npm ci` in tests/browser too"
    );
    command
}

#[test]
fn the_page_keeps_its_budget() {
    let built = built();
    assert!(built.wasm_gz <= WASM_BUDGET, "engine: {} bytes", built.wasm_gz);
    assert!(built.page_gz <= PAGE_BUDGET, "page: {} bytes", built.page_gz);
    let html = std::fs::read_to_string(&built.page).unwrap();
    assert!(html.contains("connect-src 'none'") && !html.contains("http://") || html.contains("http://www.w3.org"));
    assert_eq!(html.matches("<!--NOISEFLOOR-DATA-->").count(), 1);
    assert_eq!(html.matches("<!--NOISEFLOOR-STATIC-->").count(), 1);
}

#[test]
fn both_languages_have_the_same_words() {
    let words = |name: &str| -> serde_json::Map<String, serde_json::Value> {
        serde_json::from_str(&std::fs::read_to_string(root().join("www/locales").join(name)).unwrap()).unwrap()
    };
    let (en, zh) = (words("en.json"), words("zh.json"));
    assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
    let holes = |v: &serde_json::Value| {
        let mut list: Vec<String> =
            v.as_str().unwrap().split('{').skip(1).map(|p| p.split('}').next().unwrap().to_string()).collect();
        list.sort();
        list
    };
    for (key, text) in &en {
        // A sentence about one thing may do without its number in one language.
        if !key.ends_with(".one") {
            assert_eq!(holes(text), holes(&zh[key]), "{key}");
        }
    }
    for rule in noisefloor_core::health::RULES {
        for part in ["title", "body", "remedy"] {
            assert!(en.contains_key(&format!("finding.{}.{part}", rule.id)), "finding.{}.{part}", rule.id);
        }
    }
    for verdict in noisefloor_core::report::Verdict::ALL {
        assert!(en.contains_key(&format!("verdict.{}", verdict.code())));
    }
    // Every word that the scripts ask for exists.
    let mut asked = 0;
    for entry in std::fs::read_dir(root().join("www/js")).unwrap() {
        let text = std::fs::read_to_string(entry.unwrap().path()).unwrap();
        let parts: Vec<&str> = text.split("t(\"").collect();
        for pair in parts.windows(2) {
            // Not the end of another name, such as `split(`.
            if pair[0].ends_with(|c: char| c.is_alphanumeric() || c == '.') {
                continue;
            }
            let key = pair[1].split('"').next().unwrap();
            assert!(en.contains_key(key), "no word for {key}");
            asked += 1;
        }
    }
    assert!(asked > 100, "only {asked} words are asked for: the search is broken");
}

#[test]
fn a_reader_compares_zooms_and_trusts_the_page() {
    if browser_skipped() {
        eprintln!("skipped: no browser");
        return;
    }
    let template = std::fs::read_to_string(&built().page).unwrap();
    let text = |factor: f64| {
        let line =
            |i: u32| format!("BenchmarkDecode-8 1000 {:.2} ns/op\n", 118.0 * factor * (1.0 + f64::from(i) * 1e-3));
        (0..8).map(line).collect::<String>().into_bytes()
    };
    let files: Vec<File> = [("before.txt", 1.0), ("<b>after</b></script>.txt", 3.0)]
        .map(|(name, factor)| File { name: name.into(), bytes: text(factor), side: None })
        .into();
    let inputs: Vec<Input<'_>> =
        files.iter().map(|f| Input { source: Source { name: &f.name, bytes: &f.bytes }, side: None }).collect();
    let config = AnalysisConfig::default();
    let report = analyze(&inputs, &config);
    let html = fill(&template, &files, &report, &config, None).unwrap();
    let folder = root().join("target/browser");
    std::fs::create_dir_all(&folder).unwrap();
    let (saved, tampered) = (folder.join("saved.html"), folder.join("tampered.html"));
    std::fs::write(&saved, &html).unwrap();
    // One digit of the written report changed.
    let at = html.find("\\\"estimate\\\":1.0").unwrap() + 15;
    let changed = format!("{}2{}", &html[..at], &html[at + 1..]);
    assert_ne!(changed, html);
    std::fs::write(&tampered, changed).unwrap();
    let out = node("e2e.mjs").arg(&saved).arg(&tampered).output().expect("Node cannot be started");
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let last: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(last["done"].as_array().unwrap().len(), 8, "{last}");
}
