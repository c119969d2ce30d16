//! `noisefloor passport`, and `--passport` on the commands that judge.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::fs;
use std::process::{Command, Output};

use support::{Folder, succeed};

fn noisefloor(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let Output { status, stdout, stderr } =
        Command::new(env!("CARGO_BIN_EXE_noisefloor")).current_dir(&folder.0).args(arguments).output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).to_string();
    (status.code(), text(stdout), text(stderr))
}

/// Measures a command against itself; its values differ by a few percent.
fn measured(name: &str) -> Folder {
    let folder = Folder::new(name);
    let script = "n=$(wc -l < n); echo x >> n; set -- 1.00 1.04 1.01 1.03 1.02; shift $((n * 7 % 5)); \
                  echo \"{\\\"value\\\":$1}\" >&$NOISEFLOOR_OUT";
    fs::write(folder.0.join("n"), "").unwrap();
    fs::write(folder.0.join("values.sh"), script).unwrap();
    succeed(&folder, &["-n", "Work", "--blocks", "12", "--arm", "a=sh values.sh", "--arm", "a2=sh values.sh"]);
    folder
}

#[test]
fn a_passport_is_made_shown_and_used() {
    let folder = measured("passport");
    let (code, text, told) = noisefloor(&folder, &["passport", "log.jsonl", "-o", "p.json"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(text.contains("Work [time]: 1 A/A comparison of 12 blocks") && text.contains("0 of 4"), "{text}");
    let whole = fs::read(folder.0.join("p.json")).unwrap();
    let (code, text, told) = noisefloor(&folder, &["passport", "log.jsonl", "-o", "p.json"]);
    assert_eq!((code, text.as_str()), (Some(2), ""), "{told}");
    assert!(told.contains("never overwritten") && fs::read(folder.0.join("p.json")).unwrap() == whole);
    let (code, json, _) = noisefloor(&folder, &["passport", "log.jsonl", "--json"]);
    assert_eq!((code, json.as_bytes()), (Some(0), &whole[..]));
    // The log states the same host; so does a file that states none.
    let (_, text, told) = noisefloor(&folder, &["compare", "log.jsonl", "--passport", "p.json"]);
    assert!(
        text.contains("Work: identical code was called changed in 0 of 1 comparisons of 10 blocks"),
        "{text}{told}"
    );
    fs::write(folder.0.join("before.txt"), "BenchmarkWork 1 1000 ns/op\nPASS\n").unwrap();
    fs::write(folder.0.join("after.txt"), "BenchmarkWork 1 1200 ns/op\nPASS\n").unwrap();
    let files = ["compare", "before.txt", "after.txt"];
    let (code, text, _) = noisefloor(&folder, &files);
    assert!(code == Some(0) && text.contains("a spread was assumed"), "{text}");
    let (code, text, told) = noisefloor(&folder, &[&files[..], &["--passport", "p.json"]].concat());
    assert!(code == Some(1) && text.contains("is that of the passport"), "{text}{told}");
    let (_, json, _) = noisefloor(&folder, &[&files[..], &["--passport", "p.json", "--json"]].concat());
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    assert_eq!(report["settings"]["passport"]["made"]["margins"], 1.0);
    assert!(report["settings"]["passport"]["Work [time]"]["10.q95"].is_number());
    let own = [&files[..], &["--passport", "p.json", "--json", "--margin", "1%"]].concat();
    let report: serde_json::Value = serde_json::from_str(&noisefloor(&folder, &own).1).unwrap();
    assert_eq!(report["settings"]["passport"]["made"]["margins"], 0.0);
    assert_eq!(report["rows"][0]["comparisons"][0]["margin"]["ratio"], 0.01);
    // A row that it does not know is named.
    fs::write(folder.0.join("before.txt"), "BenchmarkOther 1 1000 ns/op\nPASS\n").unwrap();
    let (_, _, told) = noisefloor(&folder, &["check", "before.txt", "--passport", "p.json"]);
    assert!(told.contains("says nothing of"), "{told}");
}

#[test]
fn a_passport_that_does_not_hold_is_refused() {
    let folder = measured("passport-refused");
    let (_, json, _) = noisefloor(&folder, &["passport", "log.jsonl", "--json"]);
    let passport: serde_json::Value = serde_json::from_str(&json).unwrap();
    let refused = |change: &dyn Fn(&mut serde_json::Value), words: &str| {
        let mut other = passport.clone();
        change(&mut other);
        fs::write(folder.0.join("p.json"), other.to_string()).unwrap();
        for command in ["check", "compare"] {
            let (code, _, told) = noisefloor(&folder, &[command, "log.jsonl", "--passport", "p.json"]);
            assert!(code == Some(2) && told.contains(words), "{command}: {told}");
        }
    };
    refused(&|p| p["host"]["cpu"] = "Z80".into(), "of another host (differing: cpu)");
    refused(&|p| p["taken_at_seconds"] = (p["taken_at_seconds"].as_u64().unwrap() - 91 * 86_400).into(), "91 days old");
    refused(&|p| p["version"] = 7.into(), "of version 7, not 1");
    refused(&|p| p["benchmarks"] = 7.into(), "this is no passport");
    // Nothing is measured under a passport that does not hold.
    let fresh = Folder::new("passport-fresh");
    let path = folder.0.join("p.json").display().to_string();
    let out = support::run(&fresh, &["--passport", &path, "--blocks", "2", "--arm", "a=true", "--arm", "b=true"]);
    assert!(out.status.code() == Some(2) && !fresh.log().exists());
    fs::write(folder.0.join("noisefloor.toml"), "[passport.made]\nseconds = 1.0\n").unwrap();
    let (code, _, told) = noisefloor(&folder, &["check", "log.jsonl"]);
    assert!(code == Some(2) && told.contains("given by --passport"), "{told}");
    fs::remove_file(folder.0.join("noisefloor.toml")).unwrap();
    // What is no A/A log makes none.
    let other = Folder::new("passport-other");
    succeed(&other, &["--blocks", "2", "--arm", "a=true", "--arm", "b=true x"]);
    let (code, _, told) = noisefloor(&other, &["passport", "log.jsonl", "-o", "p.json"]);
    assert!(code == Some(2) && told.contains("a and b run different commands"), "{told}");
    assert!(!other.0.join("p.json").exists());
}
