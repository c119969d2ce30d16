//! The built page: its words, its size, and what it does in a browser.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use noisefloor::inputs::File;
use noisefloor::render::page::fill;
use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::source::Source;
use noisefloor_tests::page::{self, Pages};

/// The folder of the project.
pub(crate) fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..").canonicalize().unwrap()
}

/// Both pages, built once for all tests.
pub(crate) fn built() -> &'static Pages {
    static BUILT: OnceLock<Pages> = OnceLock::new();
    BUILT.get_or_init(|| page::build(&root()).unwrap())
}

/// Whether a browser is to be driven: always, unless somebody said otherwise.
pub(crate) fn browser_wanted() -> bool {
    let skip = std::env::var_os("NOISEFLOOR_SKIP_BROWSER").is_some();
    if skip {
        crate::say("skipped: the browser, as NOISEFLOOR_SKIP_BROWSER says");
    }
    !skip
}

/// Runs a script of `tests/browser` and gives what it printed; fails when it fails.
#[track_caller]
pub(crate) fn node(script: &str, arguments: &[&str]) -> String {
    let folder = root().join("tests/browser");
    assert!(
        folder.join("node_modules/playwright-core").is_dir(),
        "the browser's driver is missing: `cargo dev test` installs it, `npm ci` in tests/browser too"
    );
    let out = Command::new("node").arg(folder.join(script)).args(arguments).current_dir(&folder).output();
    let out = out.expect("node is missing; set NOISEFLOOR_SKIP_BROWSER to do without a browser");
    let said = String::from_utf8_lossy(&out.stdout).into_owned();
    assert!(out.status.success(), "{script}:\n{said}\n{}", String::from_utf8_lossy(&out.stderr));
    said
}

fn catalogue(name: &str) -> BTreeMap<String, String> {
    let path = root().join("www/locales").join(name);
    serde_json::from_str(&fs::read_to_string(path).unwrap()).unwrap()
}

/// The placeholders of a text.
fn placeholders(text: &str) -> BTreeSet<&str> {
    text.split('{').skip(1).filter_map(|part| part.split_once('}')).map(|(name, _)| name).collect()
}

#[test]
fn both_languages_say_the_same_things() {
    let (en, zh) = (catalogue("en.json"), catalogue("zh.json"));
    assert_eq!(en.keys().collect::<Vec<_>>(), zh.keys().collect::<Vec<_>>());
    for (key, english) in &en {
        let chinese = &zh[key];
        assert!(!english.trim().is_empty() && !chinese.trim().is_empty(), "{key}");
        assert_eq!(placeholders(english), placeholders(chinese), "{key}");
    }
    for word in ["no change", "no difference found", "无变化"] {
        assert!(!en["verdict.inconclusive"].contains(word) && !zh["verdict.inconclusive"].contains(word));
    }
}

#[test]
fn the_pages_keep_their_budgets_and_slots() {
    let built = built();
    assert!(built.keeps_budgets(), "{}", built.sizes());
    // A report asks nobody for anything; the page that opens with the small engine asks its own server for the whole one.
    for (page, connect) in [(&built.index.page, "connect-src 'self'"), (&built.offline.page, "connect-src 'none'")] {
        let html = fs::read_to_string(page).unwrap();
        for slot in ["<!--NOISEFLOOR-DATA-->", "<!--NOISEFLOOR-STATIC-->"] {
            assert_eq!(html.matches(slot).count(), 1, "{slot}");
        }
        let data = "<script type=\"application/json\" id=\"noisefloor-data\"><!--NOISEFLOOR-DATA--></script>";
        assert_eq!(html.matches(data).count(), 1);
        for word in [connect, "default-src 'none'", "'wasm-unsafe-eval'", "script-src 'sha256-"] {
            assert!(html.contains(word), "{word}");
        }
        assert_eq!(html.matches("connect-src").count(), 1);
    }
}

/// The variants of an enum in a source file, as `rename_all` writes them with `joint` between words.
fn variants(file: &str, name: &str, joint: char) -> Vec<String> {
    let text = fs::read_to_string(root().join(file)).unwrap();
    let start = text.find(&format!("pub enum {name} {{")).unwrap();
    let body = &text[start..];
    let body = &body[body.find('{').unwrap() + 1..body.find("\n}").unwrap()];
    let lines = body.lines().filter(|l| l.starts_with("    ") && l.trim_start().starts_with(char::is_uppercase));
    let names = lines.map(|l| l.trim().split([',', '(', ' ', '{']).next().unwrap());
    names
        .map(|name| {
            let mut out = String::new();
            for (i, c) in name.chars().enumerate() {
                if c.is_uppercase() && i > 0 {
                    out.push(joint);
                }
                out.extend(c.to_lowercase());
            }
            out
        })
        .collect()
}

#[test]
fn every_code_of_the_engine_has_words() {
    let en = catalogue("en.json");
    let mut wanted: Vec<String> = Vec::new();
    for rule in noisefloor_core::health::RULES {
        wanted.extend(["title", "body", "remedy"].map(|part| format!("finding.{}.{part}", rule.id)));
    }
    for (prefix, file, name, joint) in [
        ("verdict", "core/src/report/comparison.rs", "Verdict", '_'),
        ("why", "core/src/report/comparison.rs", "Verdict", '_'),
        ("reason", "core/src/report/comparison.rs", "Reason", '_'),
        ("design", "core/src/report/comparison.rs", "Design", '_'),
        ("method", "core/src/report/comparison.rs", "Method", '_'),
        ("presence", "core/src/report/comparison.rs", "PresenceKind", '_'),
        ("plan.goal", "core/src/report/comparison.rs", "PlanGoal", '_'),
        ("plan", "core/src/report/summary.rs", "Level", '_'),
        ("better", "core/src/unit.rs", "Better", '_'),
        ("severity", "core/src/health/mod.rs", "Severity", '_'),
        ("notice", "core/src/source.rs", "NoticeCode", '-'),
        ("error", "core/src/error.rs", "ParseErrorKind", '-'),
        ("remedy", "core/src/error.rs", "ParseErrorKind", '-'),
        ("mark", "core/src/model/mark.rs", "Mark", '_'),
        ("course", "core/src/stats/steady.rs", "Course", '_'),
        ("mode_level", "core/src/stats/modes.rs", "ModeLevel", '_'),
        ("diag.level", "core/src/stats/variance.rs", "Stratum", '_'),
        ("sweep.law", "core/src/stats/usl.rs", "Law", '_'),
    ] {
        let codes = variants(file, name, joint);
        assert!(codes.len() > 1, "{name}");
        wanted.extend(codes.iter().map(|code| format!("{prefix}.{code}")));
    }
    wanted.extend(noisefloor_core::archive::CODES.map(|code| format!("archive.{code}")));
    wanted.extend(noisefloor_core::stats::COUNTERS.map(|c| format!("counter.{c}")));
    wanted.extend(noisefloor_core::profile::GROUPS.iter().map(|g| format!("group.{}", g.id)));
    let missing: Vec<&String> = wanted.iter().filter(|key| !en.contains_key(*key)).collect();
    assert!(missing.is_empty(), "without words: {missing:?}");
}

#[test]
fn the_page_asks_for_words_that_exist() {
    let en = catalogue("en.json");
    let mut literal = BTreeSet::new();
    let mut computed = BTreeSet::new();
    for path in crate::files(&root().join("www/js")) {
        let text = fs::read_to_string(&path).unwrap();
        for call in text.split("t(\"").skip(1) {
            literal.insert(call.split('"').next().unwrap().to_string());
        }
        // Keys that stand in tables before they are asked for.
        for word in text.split('"').filter(|w| en.contains_key(*w)) {
            literal.insert(word.to_string());
        }
        for call in text.split('`').filter(|c| c.contains(".${")) {
            computed.insert(call.split("${").next().unwrap().to_string());
        }
    }
    let missing: Vec<&String> =
        literal.iter().filter(|k| k.len() > 1 && k.contains('.') && !en.contains_key(*k)).collect();
    assert!(missing.is_empty(), "asked for, but not in the catalogue: {missing:?}");
    let unused: Vec<&String> = en
        .keys()
        .filter(|k| {
            let plain = k.strip_suffix(".one").filter(|p| en.contains_key(*p)).unwrap_or(k);
            !literal.contains(plain) && !computed.iter().any(|p| p.contains('.') && k.starts_with(p.as_str()))
        })
        .collect();
    assert!(unused.is_empty(), "in the catalogue, but never asked for: {unused:?}");
}

/// Go's benchmark text with values from a small generator, so that the same bytes come every time.
fn go_text(shifts: &[f64]) -> String {
    let mut out = String::from("goos: linux\ngoarch: amd64\npkg: example.com/codec\ncpu: Some CPU\n");
    let mut state = 7u64;
    for (index, shift) in shifts.iter().enumerate() {
        for _ in 0..12 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let noise = 1.0 + ((state >> 40) as f64 / (1u64 << 24) as f64 - 0.5) * 0.02;
            let value = 1000.0 * (index + 1) as f64 * shift * noise;
            out.push_str(&format!("BenchmarkStep{index}-4 \t 1000000\t {value:.2} ns/op\t 64 B/op\n"));
        }
    }
    out + "PASS\nok  \texample.com/codec\t4.2s\n"
}

/// The report of files of a folder, as the command line would make it.
fn report_of(folder: &Path, names: &[&str]) -> noisefloor_core::report::Report {
    let bytes: Vec<Vec<u8>> = names.iter().map(|n| fs::read(folder.join(n)).unwrap()).collect();
    let inputs: Vec<Input<'_>> =
        names.iter().zip(&bytes).map(|(name, bytes)| Input { source: Source { name, bytes }, side: None }).collect();
    analyze(&inputs, &AnalysisConfig::default())
}

/// Writes everything that the browser's tests open.
fn fixtures(folder: &Path, page: &str) {
    fs::create_dir_all(folder).unwrap();
    let put = |name: &str, text: &str| fs::write(folder.join(name), text).unwrap();
    put("before.txt", &go_text(&[1.0, 1.0, 1.0, 1.0]));
    put("after.txt", &go_text(&[1.6, 1.0, 0.55, 1.03]));
    let level = ruzstd::encoding::CompressionLevel::Fastest;
    let packed = ruzstd::encoding::compress_to_vec(&fs::read(folder.join("before.txt")).unwrap()[..], level);
    fs::write(folder.join("before.txt.zst"), packed).unwrap();
    put("broken.json.txt", "{\"results\":[{\"command\":\"a\",\n\"times\":[1,2,,3]}]}");
    let hostile =
        "Benchmark<img/src=x/onerror=window.injected=1>/</script><script>alert(1)</script>-4 100 12.5 ns/op\n";
    put("<img src=x onerror=alert(1)>.txt", &hostile.repeat(6));
    put("hostile.folded", "main;<script>window.injected=1</script>;<b>x</b> 5\nmain;\u{202e}<img src=x> 3\n");
    let work: String = (0..40).map(|i| format!("main;work{};parse;step{i};leaf {}\n", i % 5, 10 + i)).collect();
    put("profile.folded", &(work + "main;idle 200\n"));
    put("costs.callgrind", "version: 1\nevents: Ir\n\nfn=(1) main\n1 100\n\nfn=(2) compress\n2 9000\n");
    let traced =
        "gc 1 @0.012s 2%: 0.026+0.39+0.10 ms clock, 0.21+0.88/0.52/0+0.84 ms cpu, 4->4->0 MB, 5 MB goal, 4 P\n";
    put("trace.txt", &format!("BenchmarkX-4 100 12.5 ns/op\n{traced}BenchmarkX-4 100 12.6 ns/op\n"));
    fs::copy(root().join("www/locales/en.json"), folder.join("en.json")).unwrap();
    let names = ["before.txt", "after.txt"];
    let report = report_of(folder, &names);
    put("pair.json", &report.to_json());
    put("self-test.json", &noisefloor_core::selftest::run().to_json());
    put("broken.json", &report_of(folder, &["broken.json.txt", "before.txt"]).to_json());

    let files: Vec<File> = names
        .iter()
        .map(|n| File { name: (*n).to_string(), bytes: fs::read(folder.join(n)).unwrap(), side: None })
        .collect();
    let title = Some("<i>title</i></script><script>window.injected=1</script>");
    let saved = fill(page, &files, &report, &AnalysisConfig::default(), title).unwrap();
    put("saved.html", &saved);
    // One digit of one number in the report that lies in the file.
    let place = saved.find("\\\"ratio\\\":").unwrap() + 14;
    let digit = saved.as_bytes()[place..].iter().position(u8::is_ascii_digit).unwrap() + place;
    let other = if saved.as_bytes()[digit] == b'1' { "2" } else { "1" };
    put("tampered.html", &format!("{}{other}{}", &saved[..digit], &saved[digit + 1..]));
    put("damaged.html", &saved.replacen("\"gzip_base64\":\"H4sI", "\"gzip_base64\":\"H4sJ", 1));
}

#[test]
fn the_page_does_what_a_user_wants() {
    if !browser_wanted() {
        return;
    }
    let folder = root().join("target/browser");
    let Pages { index, offline } = built();
    fixtures(&folder, &fs::read_to_string(&offline.page).unwrap());
    let pages = index.page.parent().unwrap().display().to_string();
    let said = node("e2e.mjs", &[&pages, &folder.display().to_string()]);
    assert!(said.contains(" 0 failed"), "{said}");
    eprintln!("{}", said.trim_end());
}
