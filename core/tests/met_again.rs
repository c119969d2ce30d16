//! What stands in a file a second time is read quickly; it must be read as it was the first time.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use noisefloor_core::format::{self, Content};
use noisefloor_core::model::SeriesData;
use noisefloor_core::profile::Profile;
use noisefloor_core::source::{Notice, Source};

fn read(text: &str) -> (Content, Vec<Notice>) {
    let (_, parsed) = format::read(Source { name: "x", bytes: text.as_bytes() }).unwrap();
    (parsed.value, parsed.notices)
}

/// Every stack by its names (`~` before what was inlined), with its weight of each type.
fn stacks(profile: &Profile) -> BTreeMap<String, Vec<f64>> {
    let name = |frame: &noisefloor_core::profile::Frame| {
        let sign = if frame.inlined() { "~" } else { "" };
        format!("{sign}{}", profile.name(frame.function()))
    };
    let weights = |at: usize| (0..profile.sample_types().len()).map(|kind| profile.weights(kind)[at]).collect();
    (0..profile.len())
        .map(|at| (profile.stack(at).iter().map(name).collect::<Vec<_>>().join(";"), weights(at)))
        .collect()
}

fn profile(text: &str) -> BTreeMap<String, Vec<f64>> {
    let (Content::Profile(profile), _) = read(text) else { panic!("no profile: {text}") };
    stacks(&profile)
}

/// Lines of results in all the ways in which one can differ from the one before.
fn results() -> Vec<String> {
    let mut lines: Vec<String> = Vec::new();
    for suite in ["a", "b", "a", "a/c"] {
        lines.push(format!("pkg: {suite}"));
        for round in 0..3 {
            for name in ["X", "X-8", "Y/k=1", "XY", "é", "Zgc"] {
                // The second suite has one name more, which the first gets later.
                if name == "XY" && suite == "a" && lines.len() < 20 {
                    continue;
                }
                let time = f64::from(round) * 1.25 + 3.0;
                for line in [
                    format!("{name}\t {round}00\t  {time} ns/op\t 5 B/op\t 1 allocs/op"),
                    format!("{name}\t {round}00\t  {time} ns/op\t 5 B/op\t 2 allocs/op"),
                    format!("{name} 7 {time}e-3 ns/op   6 B/op 1e1 allocs/op \t"),
                    format!("{name}\t 9\t  {time} ns/op\t 5 B/op"),
                    format!("{name}\t 9\t  {time} ns/op\t 5 B/op\t 1 allocs/op\t 4 x/op"),
                    format!("{name}\t 9\t  {time} ns/op\t 5 b/op\t 1 allocs/op"),
                    format!("{name}\t 9\t  NaN ns/op\t 5 B/op\t 1 allocs/op"),
                    format!("{name}\t 9\t  1e200 ns/op\t 5 B/op\t 1 allocs/op"),
                    format!("{name}\t 9\t  1 ns/op\t 5 B/op\t 1 ns/op"),
                    format!("{name}\t 9x\t  1 ns/op\t 5 B/op\t 1 allocs/op"),
                    format!("{name}\t 99999999999999999999\t  1 ns/op\t 5 B/op\t 1 allocs/op"),
                    format!("{name}\t 9\t  gc 3 @0.3s 0%: 1+2+3 ms clock"),
                    format!("{name}\t 10\t  {time} ns/op\t 5 B/op\t 1 allocs/op"),
                ] {
                    lines.push(format!("Benchmark{line}"));
                }
            }
        }
        lines.push("PASS".into());
    }
    lines
}

#[test]
fn go_results_read_the_same_when_none_looks_like_another() {
    let lines = results();
    // A form feed is a blank for whoever looks closely, and for the quick look a reason to look closely.
    let closely = |line: &String| match line.strip_prefix("Benchmark").and_then(|rest| rest.split_once(['\t', ' '])) {
        Some((name, rest)) => format!("Benchmark{name} \x0c{rest}"),
        None => line.clone(),
    };
    let (quick, closely) = (lines.join("\n"), lines.iter().map(closely).collect::<Vec<_>>().join("\n"));
    let (Content::Run(run), notices) = read(&quick) else { panic!("no run") };
    let (Content::Run(wanted), wanted_notices) = read(&closely) else { panic!("no run") };
    assert!(run.series.len() > 40 && run.forks.len() == 4 && notices.len() > 3, "{notices:?}");
    assert_eq!(run, wanted);
    assert_eq!(notices, wanted_notices);
}

#[test]
fn events_of_go_test_read_the_same_when_none_looks_like_another() {
    let mut lines: Vec<String> = Vec::new();
    for round in 0..4 {
        for (package, test) in [("a", ""), ("a", "\"Test\":\"T\","), ("b", ""), ("a", "\"Elapsed\":1,")] {
            let head = format!("\"Action\":\"output\",\"Package\":\"{package}\",{test}\"Output\":");
            for time in ["2026-01-01T00:00:00Z", "t", "\\u0041", "é", "", "\u{1}"] {
                for output in [
                    format!("\"BenchmarkA-8 \\t 10\\t {round}.5 ns/op\\n\""),
                    format!("\"BenchmarkA-8 \\t 10\\t {round}.25 ns/op\\n\" "),
                    format!("\"BenchmarkB\\u002d8\\t1{round}\\t 3 ns/op\\n\""),
                    "\"\"".into(),
                    "\"BenchmarkC-8\\t10\\t3 ns/op\\x\"".into(),
                    "\"BenchmarkD-8\\t10\\t3 ns/op\"x".into(),
                    "\"BenchmarkE-8\\t10\\t3 ns/op\\n\",\"Output\":\"again\"".into(),
                    "\"BenchmarkF-8\\t10\\t3 ns/op\\n\",\"More\":1".into(),
                    "17".into(),
                    "\"Benchmark".into(),
                ] {
                    lines.push(format!("{{\"Time\":\"{time}\",{head}{output}}}"));
                }
                lines.push(format!("{{\"Time\":\"{time}\",\"Action\":\"pass\",\"Package\":\"{package}\"}}"));
            }
        }
    }
    let closely: Vec<String> = lines.iter().map(|line| line.replacen('{', "{ ", 1)).collect();
    let (Content::Run(run), notices) = read(&lines.join("\n")) else { panic!("no run") };
    let (Content::Run(wanted), wanted_notices) = read(&closely.join("\n")) else { panic!("no run") };
    let count = |data: &SeriesData| match data {
        SeriesData::Columns(columns) => columns.len(),
        SeriesData::Aggregates(_) => 0,
    };
    let values: usize = run.series.iter().map(|series| count(&series.data)).sum();
    assert!(values > 100, "{values}");
    assert_eq!(run, wanted);
    assert_eq!(notices, wanted_notices);
}

#[test]
fn frames_of_perf_script_read_the_same_when_they_come_again() {
    let frames = [
        "  401b97 inner+0x1f (/bin/tool)",
        "\t401b97 inner+0x1f (/bin/tool)",
        "      ff inner+0x20 (/bin/tool)",
        "  401b97 middle (inlined)",
        "   7f000 [unknown] (/lib/libc-2.31.so)",
        "       0 [unknown] ([unknown])",
        "  beef12 12/13 1.5: cycles: f (x)",
        "  beef12 12/13 1.5: cycles: f",
        "  beef12 12 a: b",
        "  abc",
        "  abc ",
        "  xyz no address",
        "  401b97 f(int, char (*)[3])+0x1 (/bin/tool (deleted))",
    ];
    let mut again = String::new();
    let mut once = String::new();
    for sample in 0..4 {
        for text in [&mut again, &mut once] {
            text.push_str(&format!("tool 7/8 [000] {sample}.5: 10 cycles: \n"));
        }
        for turn in 0..3 {
            for (at, frame) in frames.iter().enumerate().skip(turn) {
                again.push_str(&format!("{frame}\n"));
                // Blanks behind it, each time some more.
                once.push_str(&format!("{frame}{}\n", " ".repeat(1 + sample * 40 + turn * 13 + at)));
            }
        }
        again.push('\n');
        once.push('\n');
    }
    let wanted = profile(&once);
    assert!(wanted.len() > 4, "{wanted:?}");
    assert_eq!(profile(&again), wanted);
}

#[test]
fn folded_stacks_read_the_same_in_any_order() {
    let mut lines: Vec<String> = Vec::new();
    for root in ["a", "ab", "a_[i]", "a_[j]", "é", "main"] {
        for rest in ["", ";b", ";bc", ";b;c", ";;b;c", ";b;", ";b;c_[i]", ";b;c d", ";è", ";é", ";b;c;c;c"] {
            lines.push(format!("{root}{rest} {}", 1 + lines.len() % 7));
        }
    }
    lines.sort_unstable();
    let sorted = profile(&lines.join("\n"));
    // Every stack by itself: nothing stands before it.
    let mut wanted: BTreeMap<String, Vec<f64>> = BTreeMap::new();
    for line in &lines {
        for (stack, weights) in profile(&format!("{line}\n")) {
            wanted.entry(stack).or_insert_with(|| vec![0.0])[0] += weights[0];
        }
    }
    assert!(sorted.len() > 30, "{sorted:?}");
    assert_eq!(sorted, wanted);
    for step in [5, 7, 17] {
        let shuffled: Vec<&str> = (0..lines.len()).map(|at| lines[at * step % lines.len()].as_str()).collect();
        assert_eq!(profile(&shuffled.join("\n")), wanted, "{step}");
    }
}
