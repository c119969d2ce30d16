//! Differences of real files against SciPy (`tests/reference/files.py` wrote the numbers).

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::report::{Difference, Verdict};
use noisefloor_core::source::Source;
use serde_json::Value;

use crate::page::root;

fn difference(files: &[(&str, Vec<u8>)], unit: &str) -> (Difference, Verdict) {
    let inputs: Vec<Input<'_>> =
        files.iter().map(|(name, bytes)| Input { source: Source { name, bytes }, side: None }).collect();
    let report = analyze(&inputs, &AnalysisConfig::default());
    let row = report.rows.iter().find(|r| r.unit == unit && r.primary).unwrap();
    let comparison = &row.comparisons[0];
    (comparison.difference.clone().unwrap(), comparison.verdict)
}

#[track_caller]
fn agrees(expected: &Value, files: &[(&str, Vec<u8>)], unit: &str) -> Verdict {
    let (found, verdict) = difference(files, unit);
    let interval = found.interval.unwrap();
    let found = [
        found.estimate,
        found.standard_error.unwrap(),
        found.df.unwrap(),
        interval.low.unwrap(),
        interval.high.unwrap(),
    ];
    for (key, value) in ["estimate", "se", "df", "low", "high"].iter().zip(found) {
        let want = expected[key].as_f64().unwrap();
        assert!((value - want).abs() <= 1e-10 * want.abs(), "{key}: {value} instead of {want}");
    }
    verdict
}

#[test]
fn files_of_four_tools_agree_with_scipy() {
    let expected = std::fs::read(root().join("tests/reference/files.json")).unwrap();
    let expected: Value = serde_json::from_slice(&expected).unwrap();
    let read = |path: &str| std::fs::read_to_string(root().join("tests/corpus").join(path)).unwrap();

    let pool = read("go-bench/pool/input.txt");
    let only = |name: &str| -> Vec<u8> {
        let lines = pool.lines().filter(|l| l.starts_with(&format!("Benchmark{name}-")));
        lines.map(|l| l.replace(name, "Same") + "\n").collect::<String>().into_bytes()
    };
    let verdict = agrees(&expected["go"], &[("a", only("PoolByValue")), ("b", only("PoolNoPut"))], "s/op");
    assert_eq!(verdict, Verdict::Regressed);

    let hyperfine = read("hyperfine/two-commands/input.json").into_bytes();
    agrees(&expected["hyperfine"], &[("r.json", hyperfine)], "s");

    let sample: Value = serde_json::from_str(&read("criterion/fib/fib_1000/new/sample.json")).unwrap();
    let mut slower = sample.clone();
    for time in slower["times"].as_array_mut().unwrap() {
        *time = (time.as_f64().unwrap() * 1.05).into();
    }
    let files = [
        ("a/new/sample.json", sample.to_string().into_bytes()),
        ("b/new/sample.json", slower.to_string().into_bytes()),
    ];
    let inputs: Vec<Input<'_>> = files
        .iter()
        .map(|(name, bytes)| Input { source: Source { name: "fib/new/sample.json", bytes }, side: Some(name) })
        .collect();
    let report = analyze(&inputs, &AnalysisConfig::default());
    let comparison = &report.rows[0].comparisons[0];
    let found = comparison.difference.clone().unwrap();
    let want = expected["criterion"]["low"].as_f64().unwrap();
    assert!((found.interval.unwrap().low.unwrap() - want).abs() <= 1e-10 * want.abs());
    // 5 % between two single processes is no change that anybody could call.
    assert_eq!(comparison.verdict, Verdict::Inconclusive);

    let jmh = |side: &Value| -> Vec<u8> {
        let metric = serde_json::json!({ "score": 1.0, "scoreUnit": "us/op", "rawData": side });
        serde_json::json!([{ "benchmark": "a.B.c", "mode": "avgt", "forks": 3, "primaryMetric": metric }])
            .to_string()
            .into_bytes()
    };
    let raw = &expected["jmh"]["raw"];
    agrees(&expected["jmh"], &[("a.json", jmh(&raw[0])), ("b.json", jmh(&raw[1]))], "s/op");
}
