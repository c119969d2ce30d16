//! `noisefloor formats`, `--input-format`, and OpenMetrics.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::process::Command;

use noisefloor::convert::TARGETS;
use noisefloor_core::format::FORMATS;
use support::Folder;

const GO: &str =
    "pkg: p\nBenchmarkA/k=v-8\t100\t12.5 ns/op\t3 allocs/op\nBenchmarkA/k=v-8\t100\t12.75 ns/op\t3 allocs/op\nPASS\n";

fn noisefloor(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor")).current_dir(&folder.0).args(arguments).output().unwrap();
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

#[test]
fn the_lists_name_every_format_once() {
    let folder = Folder::new("formats-list");
    let (code, text, _) = noisefloor(&folder, &["formats"]);
    assert_eq!(code, Some(0));
    let words: Vec<Vec<&str>> =
        text.lines().filter(|l| l.starts_with("  ")).map(|l| l.split_whitespace().collect()).collect();
    let ids: Vec<&str> = words.iter().map(|w| w[0]).collect();
    let targets: Vec<String> = TARGETS.iter().map(|row| row.target.id()).collect();
    let all: Vec<&str> = FORMATS.iter().map(|f| f.id).chain(targets.iter().map(String::as_str)).collect();
    assert_eq!(ids, all);

    let (_, text, _) = noisefloor(&folder, &["formats", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    let column = |list: &str, key: &str| -> Vec<serde_json::Value> {
        json[list].as_array().unwrap().iter().map(|row| row[key].clone()).collect()
    };
    assert_eq!(column("read", "id"), FORMATS.iter().map(|f| f.id.into()).collect::<Vec<serde_json::Value>>());
    assert_eq!(column("write", "id"), targets.into_iter().map(Into::into).collect::<Vec<serde_json::Value>>());
    for list in ["read", "write"] {
        for key in ["name", "carries", "loses"] {
            assert!(column(list, key).iter().all(|v| v.as_str().is_some_and(|t| !t.is_empty())), "{list} {key}");
        }
    }
}

#[test]
fn files_are_told_with_confidence_and_what_comes_second() {
    let folder = Folder::new("formats-files");
    fs::write(folder.0.join("go.txt"), GO).unwrap();
    fs::write(folder.0.join("both"), format!("main;a 3\n{GO}")).unwrap();
    fs::write(folder.0.join("\u{1b}[31m"), "main;a 3\n").unwrap();
    fs::write(folder.0.join("none"), "nothing that anybody knows\n").unwrap();
    fs::write(folder.0.join("flight.jfr"), "FLR\0\0\u{1}").unwrap();
    let (code, text, _) = noisefloor(&folder, &["formats", "go.txt", "\u{1b}[31m"]);
    assert_eq!(code, Some(0), "{text}");
    assert_eq!(text, "go.txt      go-bench 80, nothing else\n\\u{1b}[31m  folded 60, nothing else\n");
    let (code, text, _) = noisefloor(&folder, &["formats", "none", "flight.jfr"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("none        not a benchmark result") && text.lines().count() == 2, "{text}");
    let (_, text, _) = noisefloor(&folder, &["formats", "--json", "go.txt", "none"]);
    let json: serde_json::Value = serde_json::from_str(&text).unwrap();
    assert_eq!(json[0]["best"], serde_json::json!({"format": "go-bench", "confidence": 80}));
    assert_eq!((json[0]["runner_up"].is_null(), json[1]["best"].is_null()), (true, true));
    assert!(json[1]["error"].as_str().unwrap().starts_with("not a benchmark result"));
}

#[test]
fn a_format_can_be_chosen() {
    let folder = Folder::new("formats-chosen");
    // One stack by its lines, a benchmark by its content.
    let text = "BenchmarkA 1\nBenchmarkA 100 12.5 ns/op 5\n";
    fs::write(folder.0.join("x"), text).unwrap();
    fs::write(folder.0.join("go.txt"), GO).unwrap();
    fs::write(folder.0.join("noisefloor.toml"), "").unwrap();
    let told = |arguments: &[&str]| noisefloor(&folder, arguments);
    let (code, out, err) = told(&["profile", "x", "--input-format", "folded"]);
    assert_eq!(code, Some(0), "{err}");
    assert!(out.starts_with("6 of samples"), "{out}");
    let (code, _, err) = told(&["profile", "x"]);
    assert!(code == Some(2) && err.contains("no profile but a result file"), "{err}");
    let (code, out, _) = told(&["check", "x", "--input-format", "folded", "--json"]);
    let json: serde_json::Value = serde_json::from_str(&out).unwrap();
    assert_eq!(
        (code, &json["inputs"][0]["format"], &json["settings"]["input_format"]),
        (Some(0), &"folded".into(), &"folded".into())
    );
    let (code, _, err) = told(&["compare", "go.txt", "go.txt", "--input-format", "hyperfine"]);
    assert!(code == Some(2) && err.contains("go.txt: line 1: not valid JSON"), "{err}");
    let (code, out, err) = told(&["convert", "x", "--input-format", "folded", "--to", "folded"]);
    assert_eq!((code, out.as_str()), (Some(0), "BenchmarkA 1\nBenchmarkA 100 12.5 ns/op 5\n"), "{err}");
    // A setting does the same.
    fs::write(folder.0.join("noisefloor.toml"), "input_format = \"folded\"\n").unwrap();
    assert_eq!(told(&["convert", "x", "--to", "folded"]).0, Some(0));
    fs::write(folder.0.join("noisefloor.toml"), "input_format = \"foldet\"\n").unwrap();
    let (code, _, err) = told(&["convert", "x", "--to", "folded"]);
    assert!(code == Some(2) && err.contains("no format foldet is read; did you mean folded?"), "{err}");
    fs::remove_file(folder.0.join("noisefloor.toml")).unwrap();
    for command in [
        &["check", "x"][..],
        &["compare", "x"],
        &["profile", "x"],
        &["report", "x", "-o", "r.html"],
        &["convert", "x", "--to", "csv"],
    ] {
        let (code, _, err) = told(&[command, &["--input-format", "go"]].concat());
        assert!(
            code == Some(2) && err.contains("there is no format go; there are noisefloor-log, hyperfine"),
            "{command:?}: {err}"
        );
    }
    fs::write(folder.0.join("page.html"), "<!--NOISEFLOOR-DATA--><!--NOISEFLOOR-STATIC-->").unwrap();
    let report = ["report", "--page", "page.html", "-o", "r.html", "--no-compare"];
    // The page holds the choice, and reads as it says.
    let (code, _, err) = told(&[&report[..], &["x", "--input-format", "folded"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(fs::read_to_string(folder.0.join("r.html")).unwrap().contains("\"input_format\":\"folded\""));
    fs::remove_file(folder.0.join("r.html")).unwrap();
    // It takes what any command takes, with what stands between results.
    let cycle = "gc 1 @0.012s 2%: 0.026+0.39+0.10 ms clock, 0.21+0.88/0.52/0+0.84 ms cpu, 4->4->0 MB, 5 MB goal, 4 P";
    fs::write(folder.0.join("traced"), format!("BenchmarkX-4 100 12.5 ns/op\n{cycle}\n")).unwrap();
    let (code, _, err) = told(&[&report[..], &["traced"]].concat());
    assert_eq!(code, Some(0), "{err}");
    assert!(fs::read_to_string(folder.0.join("r.html")).unwrap().contains("\\\"evidence\\\":[{"));
}

/// Checks an exposition against the rules of OpenMetrics 1.0 that ours can break; gives its samples by name and labels.
fn openmetrics(text: &str) -> BTreeMap<(String, BTreeMap<String, String>), f64> {
    let body = text.strip_suffix("# EOF\n").expect("ends with # EOF");
    assert!(body.lines().all(|line| line != "# EOF"));
    let mut out = BTreeMap::new();
    let mut done: BTreeSet<String> = BTreeSet::new();
    let mut family: (String, String) = Default::default();
    for line in body.lines() {
        let words: Vec<&str> = line.splitn(4, ' ').collect();
        match words[..] {
            ["#", "TYPE", name, kind] => {
                assert!(done.insert(name.to_string()), "{name} comes again");
                let letter = |c: char| c.is_ascii_lowercase() || c == '_';
                assert!(name.chars().all(letter) && matches!(kind, "gauge" | "stateset" | "info"), "{line}");
                family = (name.to_string(), kind.to_string());
            }
            ["#", "UNIT", name, unit] => {
                assert!(name == family.0 && name.ends_with(&format!("_{unit}")) && family.1 == "gauge", "{line}");
            }
            ["#", "HELP", name, help] => {
                assert!(name == family.0 && !help.is_empty() && !help.contains('\\'), "{line}")
            }
            _ => {
                let (name, labels, value) = sample(line);
                let suffix = if family.1 == "info" { "_info" } else { "" };
                assert_eq!(name, format!("{}{suffix}", family.0), "{line}");
                if family.1 == "stateset" {
                    assert!(labels.contains_key(&family.0) && (value == 0.0 || value == 1.0), "{line}");
                }
                assert!(value.is_finite(), "{line}");
                assert!(out.insert((name, labels), value).is_none(), "{line} comes twice");
            }
        }
    }
    out
}

fn sample(line: &str) -> (String, BTreeMap<String, String>, f64) {
    let end = line.find(['{', ' ']).unwrap();
    let (name, mut rest) = line.split_at(end);
    let mut labels = BTreeMap::new();
    if let Some(inner) = rest.strip_prefix('{') {
        rest = inner;
        loop {
            let (label, value) = rest.split_once("=\"").unwrap();
            assert!(label.chars().all(|c| c.is_ascii_alphanumeric() || c == '_') && !label.is_empty(), "{line}");
            let mut text = String::new();
            let mut chars = value.char_indices();
            let end = loop {
                match chars.next().expect("the value ends") {
                    (at, '"') => break at,
                    (_, '\\') => match chars.next().unwrap().1 {
                        'n' => text.push('\n'),
                        c @ ('\\' | '"') => text.push(c),
                        c => panic!("\\{c} in {line}"),
                    },
                    (_, c) => text.push(c),
                }
            };
            assert!(labels.insert(label.to_string(), text).is_none(), "{line}");
            rest = &value[end + 1..];
            match rest.strip_prefix(',') {
                Some(more) => rest = more,
                None => break,
            }
        }
        rest = rest.strip_prefix('}').unwrap();
    }
    (name.to_string(), labels, rest.strip_prefix(' ').unwrap().parse().unwrap())
}

#[test]
fn openmetrics_keeps_its_rules_and_says_what_the_report_says() {
    let folder = Folder::new("openmetrics");
    let lines = |ns: u32| {
        (0..8).map(|i| format!("BenchmarkX/k=a=b&c-8 100 {ns}.{i} ns/op {i} B/op 50 MB/s 7 odd\n")).collect::<String>()
    };
    fs::write(folder.0.join("before.txt"), lines(100)).unwrap();
    fs::write(folder.0.join("after.txt"), lines(300)).unwrap();
    let (_, text, _) = noisefloor(&folder, &["compare", "before.txt", "after.txt", "--format", "openmetrics"]);
    let (code, converted, _) = noisefloor(&folder, &["convert", "before.txt", "after.txt", "--to", "openmetrics"]);
    assert_eq!((code, &converted), (Some(0), &text));
    let samples = openmetrics(&text);
    let (_, json, _) = noisefloor(&folder, &["compare", "before.txt", "after.txt", "--json"]);
    let (_, converted, _) = noisefloor(&folder, &["convert", "before.txt", "after.txt", "--to", "report"]);
    assert_eq!(converted, json);
    let (_, table, _) = noisefloor(&folder, &["convert", "before.txt", "after.txt", "--to", "markdown"]);
    let wanted = "**1 compared: 1 slower**\n\nafter.txt against before.txt; margin ±1%, 95% intervals, Holm-adjusted\n\n| Verdict | Benchmark |";
    assert!(table.starts_with(wanted), "{table}");
    let (_, table, _) = noisefloor(&folder, &["convert", "before.txt", "--to", "markdown"]);
    let wanted = "| Benchmark | Side | Mean | Interval | Processes | Values |\n|---|---|--:|--:|--:|--:|\n| X/gomaxprocs=8/k=a=b&amp;c | before.txt | 100.3 ns/op | ";
    assert!(table.starts_with(wanted), "{table}");
    let report: noisefloor_core::Report = serde_json::from_str(&json).unwrap();
    let row = report.rows.iter().find(|r| r.metric == "time").unwrap();
    let of = |name: &str, wanted: &[(&str, &str)]| -> Vec<f64> {
        let fits =
            |labels: &BTreeMap<String, String>| wanted.iter().all(|(k, v)| labels.get(*k).is_some_and(|l| l == v));
        samples.iter().filter(|((n, labels), _)| n == name && fits(labels)).map(|(_, v)| *v).collect()
    };
    let time = ("metric", "time");
    let mean = row.sides[1].as_ref().unwrap().mean.value;
    assert_eq!(of("noisefloor_mean_seconds", &[time, ("side", "after.txt")]), [mean]);
    assert_eq!(
        of("noisefloor_mean_seconds", &[time, ("params", "gomaxprocs=8&k=a%3Db%26c"), ("side", "after.txt")]),
        [mean]
    );
    let comparison = &row.comparisons[0];
    let difference = comparison.difference.as_ref().unwrap();
    assert_eq!(of("noisefloor_change_ratio", &[time]), [difference.ratio.unwrap()]);
    let bounds = difference.ratio_interval.unwrap();
    assert_eq!(of("noisefloor_change_bound_ratio", &[time, ("bound", "lower")]), [bounds.low.unwrap()]);
    assert_eq!(of("noisefloor_change_bound_ratio", &[time, ("bound", "upper")]), [bounds.high.unwrap()]);
    let verdict = |code: &str| of("noisefloor_verdict", &[time, ("noisefloor_verdict", code)]);
    assert_eq!(
        (verdict(comparison.verdict.code()), of("noisefloor_verdict", &[time]).iter().sum::<f64>()),
        (vec![1.0], 1.0)
    );
    assert_eq!(of("noisefloor_verdict", &[time]).len(), 7);
    for family in ["noisefloor_mean_bytes", "noisefloor_mean_bytes_per_second", "noisefloor_mean"] {
        assert_eq!(of(family, &[("side", "before.txt")]).len(), 1, "{family}");
    }
}

#[test]
fn hostile_names_are_labels() {
    let folder = Folder::new("openmetrics-hostile");
    let result = |name: &str| format!("{{\"command\":\"{name}\",\"mean\":1,\"times\":[1,2]}}");
    let names = ["a\\\\n", "a\\n", "# EOF\\n\\\"} 1\\n", "a", "ü\\u2028"];
    let all: Vec<String> = names.iter().map(|n| result(n)).collect();
    fs::write(folder.0.join("h.json"), format!("{{\"results\":[{}]}}", all.join(","))).unwrap();
    let (_, text, _) = noisefloor(&folder, &["check", "h.json", "--format", "openmetrics"]);
    let samples = openmetrics(&text);
    let found: BTreeSet<&str> =
        samples.keys().filter(|(n, _)| n == "noisefloor_mean_seconds").map(|(_, l)| l["benchmark"].as_str()).collect();
    assert_eq!(found, BTreeSet::from(["a\\n", "a\n", "# EOF\n\"} 1\n", "a", "ü\u{2028}"]));
}

#[test]
fn labels_filter_a_profile_and_become_its_roots() {
    let folder = Folder::new("formats-labels");
    // Two samples of one function, one of them with a label: string table, types, function, location, samples.
    let mut bytes = Vec::new();
    for text in ["", "cpu", "count", "work", "request", "search"] {
        bytes.extend([0x32, text.len() as u8]);
        bytes.extend(text.bytes());
    }
    bytes.extend([0x0a, 4, 0x08, 1, 0x10, 2]);
    bytes.extend([0x2a, 4, 0x08, 1, 0x10, 3]);
    bytes.extend([0x22, 6, 0x08, 1, 0x22, 2, 0x08, 1]);
    bytes.extend([0x12, 6, 0x0a, 1, 1, 0x12, 1, 30]);
    bytes.extend([0x12, 12, 0x0a, 1, 1, 0x12, 1, 12, 0x1a, 4, 0x08, 4, 0x10, 5]);
    fs::write(folder.0.join("x.pb"), bytes).unwrap();
    let told = |arguments: &[&str]| noisefloor(&folder, arguments);
    let (code, text, _) = told(&["profile", "x.pb", "--label", "request=search", "--folded", "some.txt"]);
    assert_eq!(
        (code, fs::read_to_string(folder.0.join("some.txt")).unwrap().as_str()),
        (Some(0), "work 12\n"),
        "{text}"
    );
    let (code, text, _) = told(&["profile", "x.pb", "--by-label", "request", "--folded", "all.txt"]);
    let folded = fs::read_to_string(folder.0.join("all.txt")).unwrap();
    let mut lines: Vec<&str> = folded.lines().collect();
    lines.sort_unstable();
    assert_eq!((code, lines), (Some(0), vec!["request=search;work 12", "work 30"]), "{text}");
    let (code, _, err) = told(&["profile", "x.pb", "--label", "request=find"]);
    assert!(code == Some(2) && err.contains("no sample has request=find; there are search"), "{err}");
    let (code, _, err) = told(&["profile", "x.pb", "--by-label", "user"]);
    assert!(code == Some(2) && err.contains("no sample has a label user; there are request"), "{err}");
}
