//! What `noisefloor compare` says about verdicts: words, reasons, plans, and when it refuses to compare.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::Command;

use noisefloor_core::log::{ArmRecord, Block, ForkRecord, Header, LOG_VERSION, Mode, Plan, Record, Value, encode};
use support::Folder;

fn noisefloor(folder: &Folder, arguments: &[&str]) -> (Option<i32>, String, String) {
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor")).current_dir(&folder.0).args(arguments).output().unwrap();
    (out.status.code(), String::from_utf8(out.stdout).unwrap(), String::from_utf8(out.stderr).unwrap())
}

/// A folder with `a.txt` and `b.txt`.
fn two(name: &str, a: &str, b: &str) -> Folder {
    let folder = Folder::new(name);
    fs::write(folder.0.join("a.txt"), a).unwrap();
    fs::write(folder.0.join("b.txt"), b).unwrap();
    folder
}

fn shown(folder: &Folder, format: &str) -> String {
    noisefloor(folder, &["compare", "a.txt", "b.txt", "--format", format]).1
}

/// The rows of a CSV without quotes, each field by its column.
fn rows(csv: &str) -> Vec<BTreeMap<String, String>> {
    let split = |line: &str| line.split(',').map(str::to_string).collect::<Vec<String>>();
    let columns = split(csv.lines().next().unwrap());
    let rows = csv.lines().skip(1).map(|line| {
        assert_eq!(split(line).len(), columns.len(), "{line}");
        columns.iter().cloned().zip(split(line)).collect()
    });
    rows.collect()
}

/// Nanoseconds that a block takes in the logs of these tests.
const MINUTE: u64 = 60_000_000_000;

/// A run log of blocks that hold both sides, one value a process.
fn log(sides: [(&str, &[f64]); 2]) -> Vec<u8> {
    let arms = sides.map(|(name, _)| ArmRecord { name: name.into(), ..ArmRecord::default() });
    let plan = Plan { blocks: sides[0].1.len() as u32, ..Plan::default() };
    let header = Header {
        v: LOG_VERSION,
        benchmark: "work".into(),
        mode: Mode::Harness,
        arms: arms.into(),
        plan,
        ..Header::default()
    };
    let mut out = encode(&Record::Header(header));
    for block in 0..sides[0].1.len() {
        for (arm, (_, values)) in sides.iter().enumerate() {
            let f = (2 * block + arm) as u32;
            let fork = ForkRecord {
                f,
                arm: arm as u32,
                block: block as i64,
                t: block as u64 * MINUTE,
                ..ForkRecord::default()
            };
            out.extend(encode(&Record::Fork(fork)));
            let x = [values[block]].into();
            let value = Value { f, metric: "time".into(), unit: "ns".into(), x, n: 1, ..Value::default() };
            out.extend(encode(&Record::Value(value)));
        }
        out.extend(encode(&Record::Block(Block {
            b: block as i64,
            t: (block as u64 + 1) * MINUTE,
            ok: true,
            why: None,
        })));
    }
    out
}

const OLD: &str = "BenchmarkA 1 1000 ns/op 1 widgets\nBenchmarkB 1 10 ns/op\nBenchmarkN 1 10 ns/op -1000 skew-ns\nBenchmarkGone 1 5 ns/op\n";
const NEW: &str = "BenchmarkA 1 1100 ns/op 5 widgets\nBenchmarkB 1 100 ns/op\nBenchmarkN 1 10 ns/op -20 skew-ns\nBenchmarkCame 1 5 ns/op\n";

#[test]
fn text_and_markdown_say_the_same() {
    let folder = two("verdicts-same", OLD, NEW);
    let (text, markdown) = (shown(&folder, "text"), shown(&folder, "markdown"));
    let (words, marked) = (
        text.split_whitespace().collect::<Vec<_>>().join(" "),
        markdown.replace('\\', "").replace(" | ", " ").split_whitespace().collect::<Vec<_>>().join(" "),
    );
    for part in [
        "3 compared: 1 slower, 2 not decided",
        "b.txt against a.txt; margin ±1%, 95% intervals, Holm-adjusted",
        "▲ slower B 10.00 ns/op 100.0 ns/op ×10.00 [×7.579, ×13.19]",
        "+0.980 skew-µs [+0.703, +1.257] skew-µs",
        "zero or negative values: differences are absolute",
        "nobody said in which direction the metric gets better",
        "so a spread was assumed: 10% where a side has one process",
        "3 comparisons: 1 differ from 0 before correction",
        "geometric mean",
        "Gone: missing",
        "Came: new",
        "What would decide it",
        "A, N: measure both sides interleaved: noisefloor run",
        "What to distrust",
        "One process a side (a.txt) [single-process]",
    ] {
        assert!(words.contains(part), "{part} in {text}");
        assert!(marked.contains(part), "{part} in {markdown}");
    }
    // A reason that holds of all rows is told once, below.
    assert!(!words.contains("the sides ran one after the other;"), "{text}");
    // Prose stays within 80 columns; a table is as wide as its cells.
    let prose = text.lines().filter(|l| !l.starts_with(['?', '▲']));
    assert!(prose.into_iter().all(|l| l.chars().count() <= 80), "{text}");
}

#[test]
fn csv_has_codes_and_absolute_differences() {
    let folder = two("verdicts-csv", OLD, NEW);
    let csv = shown(&folder, "csv");
    assert!(csv.starts_with("benchmark,metric,unit,primary,candidate,verdict,baseline_value,"), "{csv}");
    let rows = rows(&csv);
    let row = |name: &str, metric: &str| rows.iter().find(|r| r["benchmark"] == name && r["metric"] == metric).unwrap();
    let a = row("A", "time");
    assert_eq!(
        (&a["verdict"][..], &a["reasons"][..]),
        ("inconclusive", "one_sample;assumed_between_run_sd;sequential_arms")
    );
    assert_eq!((&a["design"][..], &a["method"][..], &a["n"][..]), ("single_fork", "assumed_sd", "1"));
    assert_eq!((&a["plan_needs_interleaving"][..], &a["plan_more"][..]), ("true", ""));
    assert_eq!((&a["baseline_processes"][..], &a["candidate_values"][..]), ("1", "1"));
    assert!(["q", "p_equivalence", "p_margin"].iter().all(|c| a[*c].parse::<f64>().is_ok()), "{csv}");
    assert_eq!(a["difference"], "");
    let n = row("N", "skew-s");
    let number = |c: &str| n[c].parse::<f64>().unwrap();
    assert!((number("difference") - 9.8e-7).abs() < 1e-15 && n["ratio"].is_empty(), "{csv}");
    assert!(number("difference_low") < 9.8e-7 && number("difference_high") > 9.8e-7, "{csv}");
    assert_eq!(row("A", "widgets")["reasons"], "exact_difference;unknown_direction");
}

#[test]
fn plans_name_blocks_and_what_they_show() {
    let folder = Folder::new("verdicts-plan");
    let sides: [(&str, &[f64]); 2] =
        [("old", &[100.0, 101.4, 99.0, 101.0, 98.8, 100.1]), ("new", &[101.4, 100.1, 99.9, 98.8, 100.9, 99.2])];
    fs::write(folder.0.join("log.jsonl"), log(sides)).unwrap();
    let (_, text, told) = noisefloor(&folder, &["compare", "log.jsonl"]);
    let line = text.split("What would decide it\n").nth(1).unwrap_or_else(|| panic!("{text}{told}"));
    assert!(
        line.contains(" more blocks")
            && line.contains(" min, to show")
            && line.contains("to show equivalence within ±1%"),
        "{text}"
    );
    let (_, csv, _) = noisefloor(&folder, &["compare", "log.jsonl", "--format", "csv"]);
    let row = &rows(&csv)[0];
    assert_eq!((&row["plan_goal"][..], &row["plan_unit"][..]), ("equivalence", "block"));
    assert!(line.contains(&format!("{} more block", row["plan_more"])), "{text}{csv}");
}

#[test]
fn many_open_rows_are_few_lines() {
    let lines = |ns: u32| (0..40).map(|i| format!("BenchmarkX{i:02} 1 {ns} ns/op\n")).collect::<String>();
    let folder = two("verdicts-many", &lines(100), &lines(104));
    let text = shown(&folder, "text");
    let plan = text.split("What would decide it\n").nth(1).unwrap().split("\n\n").next().unwrap();
    assert!(plan.lines().count() <= 3 && plan.contains("and 36 more"), "{text}");
}

#[test]
fn hostile_names_stay_text() {
    let name = "x|</td>\u{1b}[31m\u{202e}*@all*";
    let folder =
        two("verdicts-hostile", &format!("Benchmark{name} 1 100 ns/op\n"), &format!("Benchmark{name} 1 104 ns/op\n"));
    for format in ["text", "markdown"] {
        let out = shown(&folder, format);
        assert!(out.contains("x") && !out.contains('\u{1b}') && !out.contains('\u{202e}'), "{out}");
        assert!(out.contains("measure both sides interleaved"), "{out}");
    }
    let markdown = shown(&folder, "markdown");
    assert!(!markdown.contains("</td>") && !markdown.contains(" *@all"), "{markdown}");
    let long = "y".repeat(5000);
    let folder = two("verdicts-long", &format!("Benchmark{long} 1 1 ns/op\n"), &format!("Benchmark{long} 1 2 ns/op\n"));
    assert!(shown(&folder, "text").lines().all(|l| l.chars().count() < 250));
}

#[test]
fn nothing_is_compared_without_its_baseline() {
    let folder = two("verdicts-baseline", OLD, NEW);
    fs::write(folder.0.join("bad.txt"), "nothing that anybody knows\n").unwrap();
    for sides in [
        &["bad.txt", "a.txt", "b.txt"][..],
        &["none.txt", "a.txt", "b.txt"],
        &["bad.txt", "a.txt"],
        &["a.txt", "bad.txt"],
    ] {
        for format in ["text", "csv", "json", "markdown"] {
            let arguments = [&["compare"], sides, &["--format", format]].concat();
            let (code, out, told) = noisefloor(&folder, &arguments);
            assert_eq!(code, Some(2), "{sides:?}: {told}");
            assert!(told.contains("nothing is compared"), "{told}");
            let wrong = ["against", "no benchmark is on both sides", "regressed", "slower"];
            assert!(wrong.iter().all(|w| !out.contains(w)), "{sides:?}: {out}");
        }
        // What could be read is still reported.
        let (_, out, _) = noisefloor(&folder, &[&["compare"], sides].concat());
        assert!(out.contains("1.000 µs/op"), "{out}");
    }
    // One of three that is not the baseline takes only itself away.
    let (code, out, _) = noisefloor(&folder, &["compare", "a.txt", "bad.txt", "b.txt"]);
    assert!(code == Some(2) && out.contains("b.txt against a.txt"), "{out}");
    // Folders are sides too.
    fs::create_dir(folder.0.join("base")).unwrap();
    fs::rename(folder.0.join("bad.txt"), folder.0.join("base/bad.txt")).unwrap();
    let (code, out, told) = noisefloor(&folder, &["compare", "base", "a.txt", "b.txt"]);
    assert!(
        code == Some(2) && told.contains("the baseline base could not be read") && !out.contains("against"),
        "{told}{out}"
    );
}

#[test]
fn settings_that_cannot_hold_are_refused() {
    let folder = two("verdicts-settings", "BenchmarkA 1 100 ns/op 16 B/op\n", "BenchmarkA 1 104 ns/op 17 B/op\n");
    let refused = |flags: &[&str], wanted: &str| {
        let (code, out, told) = noisefloor(&folder, &[&["compare", "a.txt", "b.txt"], flags].concat());
        assert!(code == Some(2) && out.is_empty() && told.contains(wanted), "{flags:?}: {told}{out}");
    };
    refused(&["--margin", "time=5B"], "5B is no time");
    refused(&["--margin", "B/op=5ns"], "the margin B/op=5ns does not fit: B/op is measured in B/op");
    refused(&["--assumed-fork-sd", "0%"], "assumed_fork_sd must be above 0%");
    refused(&["--assumed-block-sd", "0%"], "assumed_block_sd must be above 0%");
    let (code, out, told) =
        noisefloor(&folder, &["compare", "a.txt", "b.txt", "--margin", "time=50ns", "--margin", "B/op=5B"]);
    assert!(code == Some(0) && out.contains("(time ±50ns)"), "{told}{out}");
    fs::write(folder.0.join("noisefloor.toml"), "[stats]\nassumed_fork_sd = 0.0\n").unwrap();
    refused(&[], "assumed_fork_sd must be above 0%");
}

#[test]
fn rows_that_do_not_gate_are_not_nothing() {
    let folder = two("verdicts-other", "BenchmarkA 1 100 ns/op 16 B/op\n", "BenchmarkA 1 16 B/op\n");
    fs::write(folder.0.join("b.txt"), "BenchmarkA 1 32 B/op\n").unwrap();
    let text = shown(&folder, "text");
    assert!(text.contains("1 worse") && !text.contains("Nothing to compare"), "{text}");
}

#[test]
fn extreme_values_stay_short() {
    let folder = two("verdicts-extreme", "BenchmarkA 1 1e300 ns/op\n", "BenchmarkA 1 2e-300 ns/op\n");
    for format in ["text", "markdown", "csv"] {
        let out = shown(&folder, format);
        assert!(out.lines().all(|l| l.chars().count() < 600), "{out}");
        assert!(out.split([' ', ',', '|']).all(|word| word.chars().count() < 60 || word.contains('_')), "{out}");
    }
}
