//! The pipeline from bytes to verdicts, on small files written here.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::config::MarginSpec;
use noisefloor_core::report::{Design, InputStatus, PresenceKind, Reason, Report, ReportRow, Verdict};
use noisefloor_core::source::Source;

fn run(files: &[(&str, Option<&str>, &str)]) -> Report {
    run_with(files, &AnalysisConfig::default())
}

fn run_with(files: &[(&str, Option<&str>, &str)], config: &AnalysisConfig) -> Report {
    let inputs: Vec<Input<'_>> = files
        .iter()
        .map(|(name, side, text)| Input { source: Source { name, bytes: text.as_bytes() }, side: *side })
        .collect();
    analyze(&inputs, config)
}

fn go(benchmarks: &[(&str, f64, u64)]) -> String {
    let mut text = String::from("goos: linux\ngoarch: amd64\npkg: example.org/x\ncpu: test\n");
    for (name, ns, allocs) in benchmarks {
        for i in 0..5 {
            let ns = ns * (1.0 + 0.001 * f64::from(i));
            text.push_str(&format!("Benchmark{name}-8   1000   {ns:.3} ns/op   64 B/op   {allocs} allocs/op\n"));
        }
    }
    text.push_str("PASS\nok  \texample.org/x\t1.2s\n");
    text
}

#[track_caller]
fn row<'a>(report: &'a Report, benchmark: &str, unit: &str) -> &'a ReportRow {
    let names = || report.rows.iter().map(|r| (&r.label, &r.unit)).collect::<Vec<_>>();
    report
        .rows
        .iter()
        .find(|r| r.benchmark == benchmark && r.unit == unit)
        .unwrap_or_else(|| panic!("no row {benchmark} in {unit}: {:?}", names()))
}

#[test]
fn one_process_a_side_decides_a_doubling_and_not_five_percent() {
    let base = go(&[("Five", 100.0, 24), ("Double", 100.0, 24)]);
    let head = go(&[("Five", 105.0, 24), ("Double", 200.0, 25)]);
    let report = run(&[("base.txt", None, &base), ("head.txt", None, &head)]);
    let five = &row(&report, "Five", "s/op").comparisons[0];
    assert_eq!(five.verdict, Verdict::Inconclusive);
    assert!(five.reasons.contains(&Reason::AssumedBetweenRunSd), "{:?}", five.reasons);
    let double = &row(&report, "Double", "s/op").comparisons[0];
    assert_eq!(double.verdict, Verdict::Regressed);
    assert_eq!(double.design, Design::SingleFork);
    let allocs = row(&report, "Double", "allocs/op");
    assert!(!allocs.primary);
    assert!(allocs.comparisons[0].reasons.contains(&Reason::ExactDifference));
    assert_eq!(row(&report, "Five", "allocs/op").comparisons[0].verdict, Verdict::Equivalent);
}

#[test]
fn margins_of_a_metric_may_be_amounts() {
    let (base, head) = (go(&[("X", 100.0, 24)]), go(&[("X", 230.0, 25)]));
    let mut config = AnalysisConfig::default();
    let mut at = |metric: &str, text: &str| {
        config.stats.margins.insert(metric.into(), MarginSpec::parse(text).unwrap());
        let report = run_with(&[("a", None, &base), ("b", None, &head)], &config);
        assert_eq!(serde_json::from_str::<Report>(&report.to_json()).unwrap().settings, config);
        let unit = if metric == "time" { "s/op" } else { "allocs/op" };
        row(&report, "X", unit).comparisons[0].clone()
    };
    assert_eq!(at("time", "1%").verdict, Verdict::Regressed);
    let wide = at("time", "1us");
    assert_eq!(wide.verdict, Verdict::Equivalent);
    assert!((wide.margin.ratio - 1e-6 / 1.002e-7).abs() < 1e-4, "{}", wide.margin.ratio);
    let misfit = at("time", "3B");
    assert!(misfit.reasons.contains(&Reason::MarginUnit) && misfit.verdict == Verdict::Regressed);
    assert_eq!(misfit.margin.ratio, 0.01);
    assert_eq!(at("allocs/op", "2allocs").verdict, Verdict::Equivalent);
    assert_eq!(at("allocs/op", "0.5allocs").verdict, Verdict::Regressed);
}

#[test]
fn a_faster_candidate_mirrors_a_slower_one() {
    let a = go(&[("X", 100.0, 1)]);
    let b = go(&[("X", 230.0, 1)]);
    let there = run(&[("a", None, &a), ("b", None, &b)]);
    let back = run(&[("b", None, &b), ("a", None, &a)]);
    let (x, y) = (&row(&there, "X", "s/op").comparisons[0], &row(&back, "X", "s/op").comparisons[0]);
    assert_eq!((x.verdict, y.verdict), (Verdict::Regressed, Verdict::Improved));
    let (dx, dy) = (x.difference.as_ref().unwrap(), y.difference.as_ref().unwrap());
    assert_eq!(dx.estimate.to_bits(), (-dy.estimate).to_bits());
    assert_eq!(x.p, y.p);
}

#[test]
fn commands_of_a_parameter_scan_are_compared() {
    let result = |name: &str, d: u32| {
        format!("{{\"command\":\"{name}\",\"parameters\":{{\"d\":\"{d}\"}},\"times\":[{d}.1,{d}.2,{d}.15]}}")
    };
    let scan = |a: &str, b: &str| format!("{{\"results\":[{},{}]}}", result(a, 1), result(b, 2));
    for (a, b, names) in [("s 1", "s 2", ["s 1", "s 2"]), ("s", "s", ["s/d=1", "s/d=2"])] {
        let report = run(&[("r.json", None, &scan(a, b))]);
        assert_eq!(report.sides.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), names);
        assert_eq!(report.rows[0].comparisons[0].verdict, Verdict::Regressed);
    }
}

#[test]
fn a_file_can_be_compared_with_itself() {
    let a = go(&[("X", 100.0, 1)]);
    let report = run(&[("d/a.txt", None, &a), ("d/a.txt", None, &a), ("d/a.txt", None, &a)]);
    assert_eq!(
        report.sides.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(),
        ["d/a.txt", "d/a.txt (2)", "d/a.txt (3)"]
    );
    assert_eq!(row(&report, "X", "s/op").comparisons.len(), 2);
}

#[test]
fn sides_can_be_named_joined_and_ordered() {
    let a = go(&[("X", 100.0, 1)]);
    let config = AnalysisConfig { sides: vec!["new".into(), "old".into()], ..AnalysisConfig::default() };
    let files = [("1.txt", Some("old"), a.as_str()), ("2.txt", Some("old"), &a), ("3.txt", Some("new"), &a)];
    let report = run_with(&files, &config);
    assert_eq!(report.sides.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["new", "old"]);
    assert_eq!(report.sides[1].inputs, [0, 1]);
    let counts = row(&report, "X", "s/op").sides[1].as_ref().unwrap().counts;
    assert_eq!((counts.forks, counts.used), (2, 10));
}

#[test]
fn what_is_not_on_both_sides_is_named() {
    let base = go(&[("Stays", 1e4, 1), ("EncodeString", 1e4, 1), ("Old", 1e4, 1)]);
    let head = go(&[("Stays", 1e4, 1), ("EncodeStrings", 1e4, 1), ("SomethingElse", 1e4, 1)]);
    let report = run(&[("a", None, &base), ("b", None, &head)]);
    let kinds: Vec<_> = report.presence.iter().map(|p| (p.kind, p.label.contains("Encode"))).collect();
    assert!(kinds.contains(&(PresenceKind::Renamed, true)), "{kinds:?}");
    assert!(kinds.contains(&(PresenceKind::Missing, false)), "{kinds:?}");
    assert!(kinds.contains(&(PresenceKind::New, false)), "{kinds:?}");
}

#[test]
fn a_broken_file_is_part_of_the_report() {
    let good = go(&[("X", 100.0, 1)]);
    let broken = "{\"results\": [{\"command\": 3}]}";
    let report = run(&[("good", None, &good), ("bad", None, broken), ("none", None, "")]);
    assert_eq!(report.inputs[0].status, InputStatus::Read);
    assert_eq!(report.inputs[1].status, InputStatus::NotRead);
    assert_eq!(report.inputs[2].error.as_ref().unwrap().code, "empty");
    assert_eq!(report.sides.len(), 1);
}

#[test]
fn commands_of_one_hyperfine_file_are_compared() {
    let text = r#"{"results":[
        {"command":"sleep a","mean":1.0,"stddev":0.01,"median":1.0,"user":0.1,"system":0.1,"min":0.99,"max":1.01,
         "times":[1.0,1.01,0.99,1.0],"exit_codes":[0,0,0,0]},
        {"command":"sleep b","mean":2.0,"stddev":0.01,"median":2.0,"user":0.1,"system":0.1,"min":1.99,"max":2.01,
         "times":[2.0,2.01,1.99,2.0],"exit_codes":[0,0,0,0]}]}"#;
    let report = run(&[("h.json", None, text)]);
    assert_eq!(report.sides.iter().map(|s| s.name.as_str()).collect::<Vec<_>>(), ["sleep a", "sleep b"]);
    let comparison = &report.rows[0].comparisons[0];
    assert_eq!(comparison.design, Design::SequentialForks);
    assert_eq!(comparison.verdict, Verdict::Regressed);
    let alone = run_with(&[("h.json", None, text)], &AnalysisConfig { compare: false, ..AnalysisConfig::default() });
    assert!(alone.rows.iter().all(|r| r.comparisons.is_empty()));
}

#[test]
fn an_interval_of_skewed_values_is_distrusted() {
    let of = |last: f64| {
        let times: Vec<String> =
            (0..11).map(|i| 1.0 + 0.001 * f64::from(i % 4)).chain([last]).map(|t| t.to_string()).collect();
        format!(
            r#"{{"results":[{{"command":"a","times":[{}],"exit_codes":[{}0]}}]}}"#,
            times.join(","),
            "0,".repeat(11)
        )
    };
    let skewed = |files: &[(&str, Option<&str>, &str)]| {
        let report = run(files);
        let warned = report.rows[0].sides.iter().flatten().map(|s| s.warnings.contains(&Reason::Skewed)).collect();
        let found = report.findings.iter().filter(|f| f.rule == "skewed-mean");
        (warned, found.map(|f| (f.side, f.evidence["n"], f.evidence["observed"].round())).collect())
    };
    let (even, far) = (of(1.002), of(1.4));
    // The largest skewness that twelve values can have is √12.
    let whole: (Vec<bool>, Vec<_>) = (vec![false, true], vec![(Some(1), 12.0, 3.0)]);
    assert_eq!(skewed(&[("even.json", None, &even), ("far.json", None, &far)]), whole);
    assert_eq!(skewed(&[("even.json", None, &even)]), (vec![false], vec![]));
    assert_eq!(skewed(&[("far.json", None, &far)]), (vec![true], vec![(Some(0), 12.0, 3.0)]));
}

#[test]
fn the_report_survives_print_and_parse() {
    let base = go(&[("A", 123.456, 3), ("B", 7.0, 0)]);
    let head = go(&[("A", 130.0, 4), ("B", 7.0, 0)]);
    let report = run(&[("a", None, &base), ("b", None, &head)]);
    let json = report.to_json();
    let back: Report = serde_json::from_str(&json).unwrap();
    assert_eq!(back, report);
    assert_eq!(back.to_json(), json);
}

#[test]
fn criterion_says_its_parameter_and_how_much_an_iteration_works_on() {
    let sample = |ns: f64| {
        let times: Vec<String> = (0..10).map(|i| (ns * (1.0 + 0.001 * f64::from(i)) * 100.0).to_string()).collect();
        format!(r#"{{"sampling_mode":"Flat","iters":[{}],"times":[{}]}}"#, ["100"; 10].join(","), times.join(","))
    };
    let named = |rest: &str| format!(r#"{{"group_id":"g","function_id":"f",{rest},"full_id":"g/f/7"}}"#);
    let both = named(r#""value_str":"7","throughput":{"ElementsAndBytes":{"elements":50,"bytes":400}}"#);
    let (old, new) = (sample(100.0), sample(200.0));
    let files = [
        ("g/f/7/base/sample.json", None, old.as_str()),
        ("g/f/7/base/benchmark.json", None, &both),
        ("g/f/7/new/sample.json", None, &new),
        ("g/f/7/new/benchmark.json", None, &both),
    ];
    let report = run(&files);
    let labels: Vec<(&str, &str, bool)> =
        report.rows.iter().map(|r| (r.label.as_str(), r.metric.as_str(), r.primary)).collect();
    assert_eq!(
        labels,
        [("g/f/value=7", "time", true), ("g/f/value=7", "B/s", false), ("g/f/value=7", "elem/s", false)]
    );
    // Twice the time is half the rate, and the family that gates counts one test.
    let (time, rate) = (&report.rows[0], &report.rows[2]);
    assert_eq!((time.comparisons[0].verdict, rate.comparisons[0].verdict), (Verdict::Regressed, Verdict::Regressed));
    let mean = |row: &ReportRow| row.sides[1].as_ref().unwrap().mean.value;
    assert!((mean(rate) * mean(time) / 50.0 - 1.0).abs() < 1e-12, "{} {}", mean(rate), mean(time));
    assert!((mean(&report.rows[1]) / mean(rate) / 8.0 - 1.0).abs() < 1e-12);
    let tests: Vec<(bool, u64)> = report.families.iter().map(|f| (f.primary, f.tests)).collect();
    assert_eq!(tests, [(true, 1), (false, 2)]);

    // A summary turns its interval round and states no deviation.
    let estimate = r#"{"point_estimate":100.0,"confidence_interval":{"confidence_level":0.95,"lower_bound":50.0,"upper_bound":200.0}}"#;
    let estimates = format!(r#"{{"mean":{estimate},"median":{estimate},"std_dev":{estimate}}}"#);
    let of = |said: &str| {
        let benchmark = format!(r#"{{"group_id":"g",{said},"full_id":"g"}}"#);
        run(&[("g/new/estimates.json", None, &estimates), ("g/new/benchmark.json", None, &benchmark)])
    };
    let report = of(r#""throughput":{"BytesDecimal":100}"#);
    let side = row(&report, "g", "B/s").sides[0].as_ref().unwrap();
    let interval = side.mean.interval.unwrap();
    let near = |value: Option<f64>, want: f64| value.is_some_and(|v| (v / want - 1.0).abs() < 1e-12);
    assert!(near(Some(side.mean.value), 1e9) && near(interval.low, 5e8) && near(interval.high, 2e9), "{side:?}");
    assert_eq!(side.std_dev, None);
    // What is new, or nothing, adds no rate; a parameter may stand alone behind its group.
    for (said, odd) in
        [(r#""throughput":{"Frames":5}"#, 1), (r#""throughput":{"Bytes":0}"#, 1), (r#""throughput":null"#, 0)]
    {
        let report = of(said);
        assert_eq!((report.rows.len(), report.inputs[1].notices.len()), (1, odd), "{said}");
    }
    assert_eq!(of(r#""value_str":"4 KiB","function_id":null"#).rows[0].label, "g/value=4 KiB");
}

#[test]
fn outliers_of_a_histogram_are_a_share_of_all_that_it_counts() {
    let title = "Value Percentile TotalCount 1/(1-Percentile)\n";
    let row = |value: u32, of: f64, count: u32| format!("{value} {of} {count} 1\n");
    let middle: String = (0..10).map(|i| row(100 + i, f64::from(i) / 20.0, 800 * (i + 1))).collect();
    let share = |count: u32| {
        let report = run(&[("h.hgrm", None, &[title, &middle, &row(9000, 1.0, count)].concat())]);
        // A row is as many values as it counts.
        assert_eq!(report.rows[0].sides[0].as_ref().unwrap().counts.used, u64::from(count));
        let found = report.findings.iter().find(|f| f.rule == "outliers");
        found.map(|f| f.evidence["observed"])
    };
    assert_eq!(share(10_000), Some(0.2));
    assert_eq!(share(8100), None);
}

#[test]
fn failures_that_were_ignored_are_told() {
    let text = r#"{"results":[{"command":"f","mean":1,"times":[1.0,1.1,0.9],"exit_codes":[1,0,1]}]}"#;
    let report = run(&[("f.json", None, text)]);
    let found = report.findings.iter().find(|f| f.rule == "ignored-failures").unwrap();
    let failed = report.findings.iter().any(|f| f.rule == "failed-forks");
    assert_eq!((found.evidence["observed"], failed), (2.0, false));
    let whole = run(&[("f.json", None, &text.replace("[1,0,1]", "[0,0,0]"))]);
    assert!(whole.findings.iter().all(|f| f.rule != "ignored-failures"));
}
