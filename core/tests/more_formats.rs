//! Result files of many tools, small and by hand: names, values, units, counts, hierarchy.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::format::{self, Content};
use noisefloor_core::model::{Run, Series, SeriesData};
use noisefloor_core::report::{Comparison, Design, Reason, Verdict};
use noisefloor_core::source::{Notice, Position, Source};

fn read_named(name: &str, bytes: &[u8]) -> Result<(&'static str, Run, Vec<Notice>), String> {
    match format::read(Source { name, bytes }) {
        Ok((format, parsed)) => match parsed.value {
            Content::Run(run) => Ok((format.id, run, parsed.notices)),
            other => panic!("{other:?}"),
        },
        Err(e) => Err(format!("{} {:?}", e.kind.code(), e.at)),
    }
}

/// `suite|benchmark{k=v} metric [unit] lower*: values`, the star for a primary series; a value as
/// `value@fork/ops` with its marks and `×count`, a summary as `~mean n sd median (low high level)`.
fn shown(series: &Series) -> String {
    // Thirteen digits: what bringing to base units does to the last ones is not the matter here.
    let short = |value: f64| format!("{value:.12e}").parse::<f64>().unwrap();
    let params: Vec<String> = series.key.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let star = if series.primary { "*" } else { "" };
    let mut out = format!(
        "{}|{}{{{}}} {} [{}] {:?}{star}:",
        series.key.suite,
        series.key.benchmark,
        params.join(","),
        series.key.metric,
        series.unit.name,
        series.better
    );
    match &series.data {
        SeriesData::Columns(c) => {
            assert!([c.fork.len(), c.ops.len(), c.marks.len()].iter().all(|n| *n == c.len()));
            assert!(c.weight.is_empty() || c.weight.len() == c.len());
            for at in 0..c.len() {
                out += &format!(" {}@{}", short(c.values[at]), c.fork[at]);
                if c.ops[at] != u64::from(u32::MAX) {
                    out += &format!("/{}", c.ops[at]);
                }
                c.marks[at].iter().for_each(|m| out += m.code());
                if let Some(weight) = c.weight.get(at) {
                    out += &format!("×{weight}");
                }
            }
        }
        SeriesData::Aggregates(list) => {
            for (arm, a) in list {
                out += &format!(" ~{}", short(a.mean));
                let parts = [("n", a.n.map(|n| n as f64)), ("sd", a.std_dev), ("median", a.median)];
                parts
                    .iter()
                    .filter_map(|(k, v)| Some((k, (*v)?)))
                    .for_each(|(k, v)| out += &format!(" {k}={}", short(v)));
                if let Some((low, high, level)) = a.interval {
                    out += &format!(" ({} {} {level})", short(low), short(high));
                }
                if *arm > 0 {
                    out += &format!(" arm {arm}");
                }
            }
        }
    }
    out
}

#[track_caller]
fn holds(format: &str, text: &str, series: &[&str], notices: &[&str]) -> Run {
    let (found, run, remarks) = read_named("dir/file.txt", text.as_bytes()).unwrap();
    let lines: Vec<String> = run.series.iter().map(shown).collect();
    let remarks: Vec<String> = remarks.iter().map(|n| format!("{:?} {} {}", n.code, n.count, n.detail)).collect();
    assert_eq!((found, lines, remarks), (format, owned(series), owned(notices)));
    let forks = run.forks.len();
    for series in &run.series {
        if let SeriesData::Columns(columns) = &series.data {
            assert!(columns.fork.iter().all(|fork| (*fork as usize) < forks), "{series:?}");
        }
    }
    assert!(run.forks.iter().all(|fork| (fork.arm as usize) < run.arms.len()));
    run
}

fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| text.to_string()).collect()
}

const GOOGLE: &str = r#"{"context": {"host_name": "h", "num_cpus": 2, "caches": [1], "date": "today"}, "benchmarks": [
 {"name": "BM_A/64/threads:2/with:colon", "run_name": "BM_A/64/threads:2/with:colon", "run_type": "iteration", "repetitions": 2,
  "repetition_index": 0, "threads": 2, "iterations": 10, "real_time": 2e3, "cpu_time": 1.5, "time_unit": "us",
  "bytes_per_second": 5.0, "items_per_second": 7, "hits": 3, "label": "x"},
 {"name": "BM_A/64/threads:2/with:colon", "run_name": "BM_A/64/threads:2/with:colon", "run_type": "iteration",
  "iterations": 20, "real_time": 4e3, "cpu_time": 2.5, "time_unit": "us"},
 {"name": "BM_A/64/threads:2/with:colon_mean", "run_name": "BM_A/64/threads:2/with:colon", "run_type": "aggregate", "aggregate_name": "mean",
  "iterations": 2, "real_time": 3e3, "cpu_time": 2, "time_unit": "us"},
 {"name": "BM_B_mean", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "mean", "iterations": 3,
  "real_time": 5, "cpu_time": 4, "time_unit": "ms", "rate": 9},
 {"name": "BM_B_median", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "median", "iterations": 3,
  "real_time": 6, "cpu_time": 3, "time_unit": "ms", "rate": 8},
 {"name": "BM_B_stddev", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "stddev", "iterations": 3,
  "real_time": 0.5, "cpu_time": 0.25, "time_unit": "ms", "rate": 1},
 {"name": "BM_B_cv", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "cv", "iterations": 3,
  "real_time": 0.1, "cpu_time": 0.2, "time_unit": "ms"},
 {"name": "BM_B_BigO", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "BigO", "cpu_coefficient": 1, "real_coefficient": 2, "big_o": "N", "time_unit": "ns"},
 {"name": "BM_B_RMS", "run_name": "BM_B", "run_type": "aggregate", "aggregate_name": "RMS", "rms": 0.01},
 {"name": "BM_E", "run_type": "iteration", "error_occurred": true, "error_message": "no", "iterations": 0, "real_time": 0, "cpu_time": 0, "time_unit": "ns"},
 {"name": "old_stddev", "iterations": 2, "real_time": 8, "cpu_time": 8, "time_unit": "ns"},
 {"name": "plain_mean_x", "iterations": 4, "real_time": 8, "cpu_time": "NaN", "time_unit": "s"}
]}"#;

#[test]
fn google_benchmark_keeps_repetitions_or_what_was_made_of_them() {
    let a = "|BM_A/64/with:colon{threads=2}";
    let run = holds(
        "google-benchmark",
        GOOGLE,
        &[
            &format!("{a} time [s/op] Lower*: 0.002@0/10 0.004@0/20"),
            &format!("{a} cpu_time [s/op] Lower: 0.0000015@0/10 0.0000025@0/20"),
            &format!("{a} bytes_per_second [B/s] Higher: 5@0/10"),
            &format!("{a} items_per_second [items/s] Higher: 7@0/10"),
            &format!("{a} hits [] Unknown: 3@0/10"),
            "|BM_B{} time [s/op] Lower*: ~0.005 n=3 sd=0.0005 median=0.006",
            "|BM_B{} cpu_time [s/op] Lower: ~0.004 n=3 sd=0.00025 median=0.003",
            "|BM_B{} rate [] Unknown: ~9 n=3 sd=1 median=8",
            "|plain_mean_x{} time [s/op] Lower*: 8@0/4",
        ],
        &[
            "AggregateOnly 3 BM_B",
            "UnknownRecord 1 BM_B_BigO",
            "UnknownRecord 1 BM_B_RMS",
            "FailedBenchmark 1 BM_E",
            "NonFiniteValue 1 plain_mean_x",
            "NoUsableValue 2 old",
            "NoUsableValue 1 plain_mean_x",
        ],
    );
    assert_eq!(run.environment.iter().collect::<Vec<_>>(), [("host_name", "h"), ("num_cpus", "2")]);
    let (_, _, notices) = read_named("f", GOOGLE.as_bytes()).unwrap();
    assert_eq!(notices[3].at, Some(Position::Byte(GOOGLE.find("{\"name\": \"BM_E\"").unwrap() as u64)));
}

const DOT_NET: &str = r#"{"Title": "t", "HostEnvironmentInfo": {"OsVersion": "os", "ProcessorName": {"Value": "cpu"}}, "Benchmarks": [
 {"DisplayInfo": "C.M: Job-X(Runtime=.NET 8.0) [a=1, b=2]", "Namespace": "N", "Type": "C", "Method": "M", "Parameters": "a=1&b=2",
  "Statistics": {"N": 3, "OriginalValues": [9]}, "Memory": {"BytesAllocatedPerOperation": 48},
  "Measurements": [
   {"IterationMode": "Overhead", "IterationStage": "Actual", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 1},
   {"IterationMode": "Workload", "IterationStage": "Pilot", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 100},
   {"IterationMode": "Workload", "IterationStage": "Warmup", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 100},
   {"IterationMode": "Workload", "IterationStage": "Actual", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 101},
   {"IterationMode": "Workload", "IterationStage": "Actual", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 901},
   {"IterationMode": "Workload", "IterationStage": "Result", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 100},
   {"IterationMode": "Workload", "IterationStage": "Actual", "LaunchIndex": 2, "Operations": 4, "Nanoseconds": 121},
   {"IterationMode": "Workload", "IterationStage": "Result", "LaunchIndex": 2, "Operations": 4, "Nanoseconds": 120}],
  "Metrics": [{"Value": 48, "Descriptor": {"Id": "Allocated Memory", "Unit": "B", "TheGreaterTheBetter": false}},
              {"Value": 0.5, "Descriptor": {"Id": "Gen0Collects", "Unit": "Count", "TheGreaterTheBetter": false}}]},
 {"DisplayInfo": "C.K: DefaultJob", "Namespace": null, "Type": "C", "Method": "K", "Parameters": "",
  "Statistics": {"OriginalValues": [5, 7], "N": 2}, "Memory": {"BytesAllocatedPerOperation": 8},
  "Measurements": [{"IterationMode": "Workload", "IterationStage": "Pilot", "LaunchIndex": 1, "Operations": 4, "Nanoseconds": 100}]},
 {"Type": "C", "Method": "Old", "Parameters": "", "Statistics": {"N": 20, "Mean": 10, "StandardDeviation": 2, "Median": 9}},
 {"Type": "C", "Method": "Broken", "Parameters": "", "Statistics": null}
]}"#;

#[test]
fn benchmark_dot_net_takes_results_by_launch() {
    let m = "N.C|M{a=1,b=2,job=Job-X(Runtime=.NET 8.0)}";
    let run = holds(
        "benchmarkdotnet",
        DOT_NET,
        &[
            &format!("{m} time [s/op] Lower*: 0.000000025@0/4 0.00000003@1/4"),
            &format!("{m} Allocated Memory [B/op] Lower: 48@0"),
            &format!("{m} Gen0Collects [Count] Lower: 0.5@0"),
            "C|K{} time [s/op] Lower*: 0.000000005@2 0.000000007@2",
            "C|K{} Allocated Memory [B/op] Lower: 8@2",
            "C|Old{} time [s/op] Lower*: ~0.00000001 n=20 sd=0.000000002 median=0.000000009",
        ],
        &[
            "UnknownRecord 1 iterations that the tool took for outliers",
            "AggregateOnly 1 Old",
            "FailedBenchmark 1 Broken",
            "NoUsableValue 1 Broken",
        ],
    );
    assert_eq!(run.environment.get("ProcessorName"), Some("cpu"));
}

#[test]
fn pytest_benchmark_with_and_without_values() {
    let text = r#"{"machine_info": {"node": "n", "cpu": {"brand_raw": "c"}}, "benchmarks": [
      {"group": null, "name": "test_a[1-x]", "fullname": "d/f.py::T::test_a[1-x]", "params": {"n": 1, "s": "x"},
       "stats": {"rounds": 2, "mean": 2, "stddev": 1, "median": 2, "iterations": 5, "data": [1, 3, "cut"]}},
      {"name": "test_b[q]", "fullname": "test_b[q]", "params": null,
       "stats": {"rounds": 9, "mean": 2.5, "stddev": 0.5, "median": 2, "iterations": 1}}]}"#;
    holds(
        "pytest-benchmark",
        text,
        &[
            "d/f.py::T|test_a{n=1,s=x} time [s/op] Lower*: 1@0/5 3@0/5",
            "|test_b[q]{} time [s/op] Lower*: ~2.5 n=9 sd=0.5 median=2",
        ],
        &["NonFiniteValue 1 test_a", "AggregateOnly 1 test_b[q]"],
    );
}

#[test]
fn pyperf_runs_are_processes() {
    let text = r#"{"version": "1.0", "metadata": {"hostname": "h", "loops": 8, "unit": "second"}, "benchmarks": [
      {"metadata": {"name": "telco", "inner_loops": 2}, "runs": [
        {"metadata": {"calibrate_loops": 8}, "warmups": [[1, 0.5], [2, 0.25]]},
        {"warmups": [[8, 0.125]], "values": [0.1, 0.2]}, {"values": [0.3], "metadata": {"loops": 4}}]},
      {"metadata": {"name": "mem", "unit": "byte"}, "runs": [{"values": [1024]}]}]}"#;
    let run = holds(
        "pyperf",
        text,
        &[
            "|telco{} time [s/op] Lower*: 0.5@0/2warmup 0.25@0/4warmup 0.125@1/16warmup 0.1@1/16 0.2@1/16 0.3@2/8",
            "|mem{} memory [B] Lower*: 1024@3/8",
        ],
        &[],
    );
    assert!(run.forks[0].marks.iter().map(|m| m.code()).eq(["pilot"]) && run.forks[1].marks.is_empty());
    let lone = r#"{"benchmarks":[{"runs":[{"values":[1.5]}]}],"metadata":{"name":"lone"},"version":"1.0"}"#;
    holds("pyperf", lone, &["|lone{} time [s/op] Lower*: 1.5@0/1"], &[]);
}

#[test]
fn nanobench_divides_by_its_batch() {
    let text = r#"{"results": [{"title": "t", "name": "n", "unit": "byte", "batch": 4, "epochs": 2, "median(elapsed)": 8,
      "measurements": [{"iterations": 10, "elapsed": 8, "instructions": 20}, {"iterations": 11, "elapsed": 4, "instructions": 24}]},
      {"title": "t", "name": "m", "unit": "op", "batch": 1, "epochs": 7, "median(elapsed)": 0.5}]}"#;
    holds(
        "nanobench",
        text,
        &[
            "t|n{} time [s/byte] Lower*: 2@0/10 1@0/11",
            "t|n{} instructions [instructions/byte] Lower: 5@0/10 6@0/11",
            "t|m{} time [s/op] Lower*: ~0.5 n=7 median=0.5",
        ],
        &["AggregateOnly 1 m"],
    );
}

#[test]
fn vitest_samples_are_single_calls() {
    let text = r#"{"files": [{"filepath": "f", "groups": [{"fullName": "g > h", "benchmarks": [
      {"name": "a", "sampleCount": 2, "samples": [1, 3], "mean": 2, "sd": 1, "rme": 5, "moe": 0.5},
      {"name": "b", "sampleCount": 90, "samples": [], "mean": 2, "sd": 1, "median": 1, "moe": 0.5},
      {"name": "c", "samples": []}]}]}]}"#;
    holds(
        "vitest",
        text,
        &[
            "g > h|a{} time [s/op] Lower*: 0.001@0/1 0.003@0/1",
            "g > h|b{} time [s/op] Lower*: ~0.002 n=90 sd=0.001 median=0.001 (0.0015 0.0025 0.95)",
        ],
        &["AggregateOnly 1 b", "NoUsableValue 1 c"],
    );
}

#[test]
fn julia_groups_are_paths() {
    let text = r#"[{"Julia": "1.9", "BenchmarkTools": "1.0.0"}, [["BenchmarkGroup", {"tags": [], "data": {
      "x": ["BenchmarkGroup", {"data": {"y": ["Trial", {"times": [10, 20], "gctimes": [0, 0], "memory": 16, "allocs": 1,
        "params": ["Parameters", {"evals": 5}]}]}}],
      "e": ["TrialEstimate", {"time": 100, "gctime": 0, "memory": 0, "allocs": 0}],
      "j": ["TrialJudgement", {}]}}]]]"#;
    holds(
        "benchmarktools",
        text,
        &[
            "|x/y{} time [s/op] Lower*: 0.00000001@0/5 0.00000002@0/5",
            "|x/y{} memory [B/op] Lower: 16@0",
            "|x/y{} allocs [allocs/op] Lower: 1@0",
            "|e{} time [s/op] Lower*: ~0.0000001",
            "|e{} memory [B/op] Lower: 0@0",
            "|e{} allocs [allocs/op] Lower: 0@0",
        ],
        &["AggregateOnly 1 e", "UnknownRecord 1 TrialJudgement"],
    );
    let deep = format!(
        "[{{\"Julia\":\"1\",\"BenchmarkTools\":\"1\"}},[{}1{}]]",
        "[\"BenchmarkGroup\",{\"data\":{\"a\":".repeat(5000),
        "}}]".repeat(5000)
    );
    let error = read_named("f", deep.as_bytes()).unwrap_err();
    assert!(error.starts_with("limit-exceeded Some(Byte("), "{error}");
}

#[test]
fn trackers_keep_one_value_a_commit() {
    let data = r#"window.BENCHMARK_DATA = {"lastUpdate": 1, "entries": {"S": [
      {"commit": {"id": "0123456789abcdef"}, "tool": "cargo", "benches": [{"name": "f", "range": "± 2", "unit": "ns/iter", "value": 100}]},
      {"commit": {"id": "fed"}, "tool": "customBiggerIsBetter", "benches": [{"name": "f", "unit": "ns/iter", "value": 50}, {"name": "g", "unit": "points", "value": 3}]}]}};
"#;
    let run = holds(
        "github-action-benchmark",
        data,
        &["S|f{} value [s/iter] Higher*: 0.0000001@0 0.00000005@1", "S|g{} value [points] Higher*: 3@1"],
        &[],
    );
    assert_eq!(run.arms.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["0123456789ab", "fed"]);
    let list = r#" [{"name": "a", "unit": "req/s", "value": 70}, {"name": "b", "unit": "Percent", "value": "x"}]"#;
    holds(
        "custom-benchmarks",
        list,
        &["|a{} value [req/s] Higher*: 70@0"],
        &["NonFiniteValue 1 b", "NoUsableValue 1 b"],
    );
    let metrics = r#"{"b": {"latency": {"value": 5, "lower_value": 4}, "Max Bytes": {"value": 9}}}"#;
    holds(
        "bencher",
        metrics,
        &["|b{} latency [s/op] Lower*: 0.000000005@0", "|b{} Max Bytes [] Unknown: 9@0"],
        &["UnknownRecord 1 lower_value, upper_value"],
    );
}

#[test]
fn k6_knows_its_own_metrics_only() {
    let text = r#"{"metrics": {"http_req_duration{status:200}": {"avg": 20, "min": 1, "med": 15, "p(95)": 50, "thresholds": {"p(95)<9": true}},
      "data_sent": {"count": 100, "rate": 10}, "mine": {"avg": 3, "med": 2}, "iterations": {"count": 7, "rate": 0.5},
      "vus": {"value": 1, "min": 0, "max": 2}}}"#;
    let d = "|http_req_duration{status=200}";
    holds(
        "k6",
        text,
        &[
            &format!("{d} avg [s] Lower*: ~0.02 median=0.015"),
            &format!("{d} min [s] Lower: 0.001@0"),
            &format!("{d} p(95) [s] Lower: 0.05@0"),
            "|data_sent{} count [B] Unknown*: 100@0",
            "|data_sent{} rate [B/s] Unknown: 10@0",
            "|mine{} avg [] Unknown*: ~3 median=2",
            "|iterations{} count [] Unknown*: 7@0",
            "|iterations{} rate [/s] Higher: 0.5@0",
            "|vus{} value [] Unknown*: 1@0",
            "|vus{} min [] Unknown: 0@0",
            "|vus{} max [] Unknown: 2@0",
        ],
        &["AggregateOnly 1 http_req_duration", "AggregateOnly 1 mine"],
    );
    let new = r#"{"metrics": {"mine": {"type": "trend", "contains": "time", "values": {"avg": 3, "p(90)": 4}}, "iterations": {"type": "counter", "contains": "default", "values": {"count": 1, "rate": 2}}}}"#;
    let (_, run, _) = read_named("f", new.as_bytes()).unwrap();
    assert_eq!(shown(&run.series[0]), "|mine{} avg [s] Lower*: ~0.003");
    assert_eq!(run.series.len(), 4);
}

#[test]
fn jmh_csv_in_any_locale() {
    let text = "\"Benchmark\",\"Mode\",\"Threads\",\"Samples\",\"Score\",\"Score Error (99.9%)\",\"Unit\",\"Param: a\",\"Param: b\"\r\n\
        \"p.C.m\",\"thrpt\",1,14,528.5,78.5,\"ops/ms\",value0,\"\"\"q\"\"\"\r\n\
        \"p.C.m:gc.alloc.rate\",\"thrpt\",1,14,5.0,1.0,\"MB/sec\",value0,\"\"\"q\"\"\"\r\n\
        \"p.C.k\",\"avgt\",4,1,\"2,5\",NaN,\"us/op\",,x\r\n\
        \"p.C.z\",\"avgt\"\r\n";
    let want = [
        "p.C|m{a=value0,b=\"q\"} thrpt [ops/s] Higher*: ~528500 n=14 (450000 607000 0.999)",
        "p.C|m{a=value0,b=\"q\"} gc.alloc.rate [B/s] Unknown: ~5000000 n=14 (4000000 6000000 0.999)",
        "p.C|k{b=x,threads=4} avgt [s/op] Lower*: ~0.0000025 n=1",
    ];
    let notices = ["AggregateOnly 2 m", "AggregateOnly 1 k", "BrokenLine 1 z"];
    holds("jmh-csv", text, &want, &notices);
    let semicolons = text.replace(',', ";").replace("2;5", "2,5");
    holds("jmh-csv", &semicolons, &want, &notices);
}

const JMH_LOG: &str = "# JMH version: 1.33\n# VM invoker: /bin/java\n# Threads: 2 threads, will synchronize iterations\n\
# Benchmark mode: Throughput, ops/time\n# Benchmark: p.C.m\n# Parameters: (dim = 100, lib = A B)\n\n\
# Run progress: 0.00% complete, ETA 00:46:40\n# Fork: 1 of 2\n# Warmup Iteration   1: 1.5 ops/s\nIteration   1: 2.5 ops/s\n\
\x20                ·gc.count: 3.000 counts\n# Fork: 2 of 2\nIteration   1: 3.5 ±(99.9%) 0.1 ops/s\nOpenJDK warning: x\n\n\n\
Result \"p.C.m\":\n  3.0 ±(99.9%) 45.061 ops/s [Average]\n\nBenchmark  (dim) (lib)  Mode  Cnt  Score  Error  Units\nC.m  100 A B  thrpt  2  3.0 ± 1.0  ops/s\n";

#[test]
fn jmh_logs_hold_the_iterations() {
    let run = holds(
        "jmh-text",
        JMH_LOG,
        &[
            "p.C|m{dim=100,lib=A B,threads=2} thrpt [ops/s] Higher*: 1.5@0warmup 2.5@0 3.5@1",
            "p.C|m{dim=100,lib=A B,threads=2} gc.count [counts] Unknown: 3@0",
        ],
        &[],
    );
    assert_eq!((run.environment.get("jmh"), run.forks.len()), (Some("1.33"), 2));
    let table = "Benchmark          (p)   Mode  Cnt    Score   Error   Units\nC.m            value0  thrpt   14  528.857 ± 278.142  ops/ms\n\
        C.m:sec        value0  thrpt       439.000          ops/ms\nC.k               N/A   avgt    5    0.5 ± 0.25  us/op\n\nbroken\n";
    holds(
        "jmh-text",
        table,
        &[
            "C|m{p=value0} thrpt [ops/s] Higher*: ~528857 n=14 (250715 806999 0.999)",
            "C|m{p=value0} sec [ops/s] Higher: ~439000",
            "C|k{} avgt [s/op] Lower*: ~0.0000005 n=5 (0.00000025 0.00000075 0.999)",
        ],
        &["AggregateOnly 2 m", "AggregateOnly 1 k"],
    );
}

#[test]
fn libtest_lines_between_others() {
    let text = "\nrunning 3 tests\n     Running benches/a.rs (target/release/deps/a-0123)\ntest t::x          ... bench:       3,161 ns/iter (+/- 975) = 12 MB/s\n\
        test t::y ... ignored\ntest t::z ... FAILED\ntest t::w ... bench:  1 μs/iter (+/- 1)\n     Running target/release/deps/b-4567\n\
        test t::x ... bench: 5.5 ns/iter (+/- 0.1)\r\ntest t::q ... bench: much\n";
    holds(
        "libtest",
        text,
        &[
            "a|t::x{} time [s/op] Lower*: ~0.000003161 median=0.000003161",
            "a|t::x{} throughput [B/s] Higher: ~12000000",
            "a|t::w{} time [s/op] Lower*: ~0.000001 median=0.000001",
            "b|t::x{} time [s/op] Lower*: ~0.0000000055 median=0.0000000055",
        ],
        &["AggregateOnly 3 t::x", "FailedBenchmark 1 t::z", "AggregateOnly 1 t::w", "BrokenLine 1 t::q"],
    );
}

#[test]
fn criterion_text_of_several_processes() {
    let text = "Benchmarking a\nBenchmarking a: Analyzing\na                       time:   [1.0000 µs 2.0000 µs 3.0000 ms]\n\
        \x20                       thrpt:  [10.000 Melem/s 20.000 Melem/s 30.000 Melem/s]\n                        change: [-2% -0.2% +1.6%] (p = 0.79 > 0.05)\n\
        A very long name (of a benchmark)\n                        time:   [1 s 2 s 3 s]\nb                       time:   [1 s 2 s\n\
        a                       time:   [1.0000 µs 4.0000 µs 3.0000 ms]\nc time:   [1 ps 2 ps 3 ps]\nd time:   [1 x 2 x 3 x]\n";
    let run = holds(
        "criterion-text",
        text,
        &[
            "|a{} time [s/op] Lower*: 0.000002@0 0.000004@1",
            "|a{} throughput [elem/s] Higher: ~20000000 (10000000 30000000 0.95)",
            "|A very long name (of a benchmark){} time [s/op] Lower*: ~2 (1 3 0.95)",
            "|c{} time [s/op] Lower*: ~0.000000000002 (0.000000000001 0.000000000003 0.95)",
        ],
        &[
            "AggregateOnly 2 a",
            "AggregateOnly 1 A very long name (of a benchmark)",
            "BrokenLine 1 b                       time:   [1 s 2 s",
            "RepeatedKey 1 a",
            "AggregateOnly 1 c",
            "BrokenLine 1 d time:   [1 x 2 x 3 x]",
        ],
    );
    assert_eq!(run.forks.len(), 2);
}

#[test]
fn divan_trees() {
    let text = "crate                 fastest  │ slowest  │ median   │ mean     │ samples │ iters\n\
        ├─ group                       │          │          │          │         │\n\
        │  ├─ one             1 ns     │ 9 ns     │ 2 ns     │ 3 ns     │ 100     │ 1638400\n\
        │  │                  1 GB/s   │ 3 GB/s   │ 2 GB/s   │ 2 GB/s   │         │\n\
        │  ╰─ two             1.5 µs   │ 2 µs     │ 900 ns   │ 1.75 µs  │ 7       │ 7\n\
        │                     alloc:   │          │          │          │         │\n\
        │                       1      │ 1        │ 2        │ 2        │         │\n\
        │                       8 B    │ 8 B      │ 16 B     │ 1 KB     │         │\n\
        ├─ gone               (ignored)│          │          │          │         │\n\
        ╰─ three              1 ms     │ 2 ms     │ 1 ms     │ 1.5 ms   │ 3       │ 3\n";
    holds(
        "divan",
        text,
        &[
            "crate|group/one{} time [s/op] Lower*: ~0.000000003 n=100 median=0.000000002",
            "crate|group/one{} throughput [B/s] Higher: ~2000000000 median=2000000000",
            "crate|group/two{} time [s/op] Lower*: ~0.00000175 n=7 median=0.0000009",
            "crate|group/two{} alloc [allocs/op] Lower: ~2 median=2",
            "crate|group/two{} alloc size [B/op] Lower: ~1000 median=16",
            "crate|three{} time [s/op] Lower*: ~0.0015 n=3 median=0.001",
        ],
        &[
            "AggregateOnly 2 group/one",
            "AggregateOnly 3 group/two",
            "UnknownRecord 1 ├─ gone               (ignored)│          │          │          │         │",
            "AggregateOnly 1 three",
        ],
    );
}

#[test]
fn benchmark_js_with_any_sign() {
    for sign in ["±", "�", "Â±", "+-"] {
        let text =
            format!("fib(10) x 2,000 ops/sec {sign}0.50% (93 runs sampled)\na x b x 5 ops/sec {sign}x\nthis x line\n");
        holds(
            "benchmark-js",
            &text,
            &[
                "|fib(10){} throughput [ops/s] Higher*: ~2000 n=93 (1990 2010 0.95)",
                "|a x b{} throughput [ops/s] Higher*: ~5",
            ],
            &["AggregateOnly 1 fib(10)", "AggregateOnly 1 a x b"],
        );
    }
    let timers = "default: 7617ms - timer ended\nx: y: 5ms - timer ended\n";
    holds("benchmark-js", timers, &["|default{} time [s] Lower*: 7.617@0", "|x: y{} time [s] Lower*: 0.005@0"], &[]);
}

#[test]
fn benchstat_tables_have_a_column_a_side() {
    let text = "goos: linux\npkg: p\n,old.txt,,new.txt,,,\n,sec/op,CI,sec/op,CI,vs base,P\nEncode/format=json-48,2e-06,10%,1e-06,∞,-17.20%,p=0.000 n=10\n\
        geomean,2.2e-06,,2.0e-06,,-8.94%,\n\n,old.txt,,new.txt,,,\n,allocs/op,CI,allocs/op,CI,vs base,P\nEncode/format=json-48,4,0%,5,0%,+25.00%,p=0.000 n=10\n";
    let run = holds(
        "benchstat",
        text,
        &[
            "p|Encode{format=json,gomaxprocs=48} time [s/op] Lower*: ~0.000002 n=10 median=0.000002 (0.0000018 0.0000022 0.95) ~0.000001 n=10 median=0.000001 arm 1",
            "p|Encode{format=json,gomaxprocs=48} allocs/op [allocs/op] Lower*: ~4 n=10 median=4 (4 4 0.95) ~5 n=10 median=5 (5 5 0.95) arm 1",
        ],
        &["AggregateOnly 2 Encode"],
    );
    assert_eq!(run.arms.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["old.txt", "new.txt"]);
}

#[test]
fn rebar_rows_of_failed_runs_are_counted() {
    let text = "name,model,rebar_version,engine,engine_version,err,haystack_len,iters,total,median,mad,mean,stddev,min,max\n\
        a/b,count,0.1.0,go,1,,10,57,4.56s,50ms,0.00ns,60ms,1us,1ms,2ms\na/c,count,0.1.0,go,1,\"failed, so\",,,,,,,,,\n";
    holds(
        "rebar",
        text,
        &["|a/b{engine=go,model=count} time [s/op] Lower*: ~0.06 n=57 sd=0.000001 median=0.05"],
        &["AggregateOnly 1 a/b", "FailedBenchmark 1 a/c"],
    );
}

#[test]
fn percentiles_are_counts() {
    let text = "       Value     Percentile TotalCount 1/(1-Percentile)\n\n       1.000 0.000000000000          5           1.00\n\
        2.500 0.5          5           2.00\n       9.000 1.000000000000         12\nx\n#[Mean    =        0.141, StdDeviation   =        0.515]\n\
        #[Max     =        6.000, Total count    =     13]\n";
    let end = "#[Buckets =            4, SubBuckets     =         2048]";
    let around = format!("Running 10s test\n  Detailed Percentile spectrum:\n{text}{end}\n-----\n  10 requests\n");
    let (format, run, _) = read_named("file", around.as_bytes()).unwrap();
    assert_eq!((format, shown(&run.series[0]).as_str()), ("hgrm", "|file{} value [] Unknown*: 1@0/1×5 9@0/1×7"));
    holds(
        "hgrm",
        text,
        &["|file{} value [] Unknown*: 1@0/1×5 9@0/1×7"],
        &["NameFromPath 1 file", "BrokenLine 1 file", "Truncated 1 file"],
    );
}

fn base64(bytes: &[u8]) -> String {
    let digits = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    let mut out = String::new();
    for three in bytes.chunks(3) {
        let word = three.iter().chain(&[0, 0]).take(3).fold(0u32, |word, b| word << 8 | u32::from(*b));
        (0..=three.len()).for_each(|at| out.push(char::from(digits[(word >> (18 - 6 * at)) as usize & 63])));
    }
    out
}

#[test]
fn histogram_logs_have_a_histogram_an_interval() {
    // Version 2, two digits: 256 places of 1, then 128 of 2 each; written without compression.
    let log = |counts: &[u8]| {
        let mut plain = [0x1c84_9313u32, counts.len() as u32, 0, 2].map(u32::to_be_bytes).concat();
        plain.extend([1u64, 1000, 1f64.to_bits()].map(u64::to_be_bytes).concat());
        plain.extend(counts);
        let mut packed = [0x1c84_9314u32, plain.len() as u32 + 11].map(u32::to_be_bytes).concat();
        packed.extend([0x78, 0x01, 0x01]);
        packed.extend((plain.len() as u16).to_le_bytes());
        packed.extend((!(plain.len() as u16)).to_le_bytes());
        packed.extend(plain);
        base64(&packed)
    };
    // Signs lie in the lowest bit: 3 zeros, 5 of 3, 300 of 4; 128 zeros, one 128, one 129, 2 zeros, two 132.
    let (a, b) = (log(&[5, 10, 0xd8, 0x04]), log(&[0xff, 0x01, 2, 2, 3, 4]));
    // 257 zeros, then 258 and 259 in one place, of which the middle is taken.
    let c = log(&[0x81, 0x04, 2]);
    let text = format!(
        "#[StartTime: 1 (seconds)]\n\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n\
         0.1,1.0,2.7,{a}\nTag=T,0.1,1.0,2.7,{b}\n1.1,1.0,2.7,{c}\n2.1,1.0,2.7,HISTFAAAA\n"
    );
    holds(
        "hdr-log",
        &text,
        &[
            "|file{} value [] Unknown*: 3@0/1×5 4@0/1×300 259@0/1×1",
            "|file{tag=T} value [] Unknown*: 128@0/1×1 129@0/1×1 132@0/1×2",
        ],
        &["NameFromPath 1 file", "BrokenLine 1 file"],
    );
}

#[test]
fn numbers_that_json_does_not_have_cost_their_value_only() {
    let text = r#"{"benchmarks": [{"name": "a", "iterations": 1, "real_time": 5, "cpu_time": NaN, "rate": -Infinity, "time_unit": "s"}]}"#;
    holds("google-benchmark", text, &["|a{} time [s/op] Lower*: 5@0/1"], &["NonFiniteValue 1 a", "NoUsableValue 1 a"]);
}

#[test]
fn catch2_on_the_console() {
    let rule = "-".repeat(79);
    let text = format!(
        "{rule}\nUnit\n  Section\n{rule}\nfile.cpp:5\n......\n\nbenchmark name      samples       iterations    estimated\n   mean          low mean      high mean\n   std dev       low std dev   high std dev\n{rule}\n\
        Fibonacci 10 with                      100           208     7.1968 ms \n\
        a long name                         344 ns        341 ns        349 ns \n\
        \x20                                   19 ns         11 ns         29 ns \n     \n\
        x += x      100        12414    1.2414 ms\r\n 1 us 1 ns 1 ms\r\n 0 ns 0 ns 0 ns\r\n\n{rule}\nOther\n{rule}\nf\n...\n\nbenchmark name\n std dev  x\n{rule}\nhalf   100 1 1 ms\n 1 ns 1 ns 1 ns\n"
    );
    holds(
        "catch2-text",
        &text.replace("high std dev\n", "high std dev  \n"),
        &[
            "Unit/Section|Fibonacci 10 with a long name{} time [s/op] Lower*: ~0.000000344 n=100 sd=0.000000019 (0.000000341 0.000000349 0.95)",
            "Unit/Section|x += x{} time [s/op] Lower*: ~0.000001 n=100 sd=0 (0.000000001 0.001 0.95)",
        ],
        &["AggregateOnly 1 Fibonacci 10 with a long name", "AggregateOnly 1 x += x", "Truncated 1 x += x"],
    );
}

#[test]
fn catch2_as_xml() {
    let text = "<?xml version=\"1.0\"?>\n<Catch2TestRun name=\"t\">\n <TestCase name=\"c\" filename=\"f\">\n  <Section name=\"s\">\n   <BenchmarkResults name=\"&lt;b&gt;&lt; name=1\" samples=\"100\" iterations=\"1\">\n    <!-- All values in nano seconds -->\n\
        <mean value=\"2e+03\" lowerBound=\"1000\" upperBound=\"3000\" ci=\"0.95\"/>\n<standardDeviation value=\"500\" lowerBound=\"1\" upperBound=\"2\" ci=\"0.95\"/>\n<outliers variance=\"0.9\"/>\n   </BenchmarkResults>\n  </Section>\n\
        <BenchmarkResults name=\"bad\"><failed message=\"x\"/></BenchmarkResults>\n </TestCase>\n</Catch2TestRun>";
    holds(
        "catch2-xml",
        text,
        &["c/s|<b>< name=1{} time [s/op] Lower*: ~0.000002 n=100 sd=0.0000005 (0.000001 0.000003 0.95)"],
        &["AggregateOnly 1 <b>< name=1", "FailedBenchmark 1 bad", "NoUsableValue 1 bad"],
    );
}

#[test]
fn counts_of_simulated_runs() {
    let text = "running 0 tests\n\ntest result: ok. 0 passed\n\nm::group::bench short:10\n  ======= CALLGRIND ====\n  Instructions:                1734|1650            (+5.09090%) [+1.04844x]\n\
        \x20 L1 Hits:                     2359|N/A             (*********)\n  ======= DHAT ====\n  Total bytes:                29499|N/A             (*********)\niai_bench\n  Instructions:            18,454 (No change)\n";
    let run = holds(
        "gungraun",
        text,
        &[
            "m::group|bench{case=short:10} Instructions [count] Lower*: 1734@0",
            "m::group|bench{case=short:10} L1 Hits [count] Lower: 2359@0",
            "m::group|bench{case=short:10} DHAT Total bytes [B] Lower: 29499@0",
            "|iai_bench{} Instructions [count] Lower*: 18454@0",
        ],
        &["UnknownRecord 1 values of the run before"],
    );
    assert_eq!(run.forks.len(), 1);
}

#[test]
fn tango_lines_are_pairs() {
    let text = "str   [   4.0 us ...   5.0 us ]      +0.87%*\nstr   [   2.0 us ...   1.0 us ]      -0.87%\n";
    let run = holds("tango", text, &["|str{} time [s/op] Lower*: 0.000004@0 0.000005@1 0.000002@2 0.000001@3"], &[]);
    let forks: Vec<_> = run.forks.iter().map(|f| (f.arm, f.block)).collect();
    assert_eq!(forks, [(0, Some(0)), (1, Some(0)), (0, Some(1)), (1, Some(1))]);
    assert!(run.interleaved);
}

#[test]
fn asv_results_by_environment() {
    let text = "· Running 10 total benchmarks\n[  0.00%] ·· Benchmarking virtualenv-py2.7\n[ 10.00%] ··· Running (b.TimeSuite.time_it--)....\n\
        [ 30.00%] ··· b.MemSuite.mem_list                                 2.42k\n[ 35.00%] ··· b.TimeSuite.time_it                     11.5±0.01μs\n[ 85.00%] ··· b.T.time_x  failed\n";
    holds(
        "asv",
        text,
        &[
            "b.MemSuite|mem_list{environment=virtualenv-py2.7} value [] Unknown*: ~2420",
            "b.TimeSuite|time_it{environment=virtualenv-py2.7} time [s] Lower*: ~0.0000115",
        ],
        &["AggregateOnly 1 mem_list", "AggregateOnly 1 time_it", "FailedBenchmark 1 time_x"],
    );
}

/// One file of each format, for what is done to all of them.
fn examples() -> Vec<String> {
    let mut list: Vec<String> = [GOOGLE, DOT_NET, JMH_LOG].map(String::from).into();
    list.push(
        r#"{"version":"1.0","benchmarks":[{"runs":[{"warmups":[[1,2]],"values":[1.5]}]}],"metadata":{"name":"lone"}}"#
            .into(),
    );
    list.push(r#"[{"Julia":"1","BenchmarkTools":"1"},[["BenchmarkGroup",{"data":{"e":["Trial",{"times":[1],"memory":1,"allocs":2}]}}]]]"#.into());
    list.push(
        "<?xml?><TestCase name=\"c\"><BenchmarkResults name=\"a\" samples=\"3\"><mean value=\"2\"/></BenchmarkResults>"
            .into(),
    );
    list.push("crate  fastest  │ slowest  │ median   │ mean\n╰─ one 1 ns  │ 9 ns     │ 2 ns     │ 3 ns\n".into());
    list.push("a time:   [1.0000 µs 2.0000 µs 3.0000 ms]\n".into());
    list.push(",o,,n,,,\n,sec/op,CI,sec/op,CI,vs base,P\nA,2e-06,10%,1e-06,∞,-1%,p=0.000 n=10\n".into());
    list.push("Value Percentile TotalCount 1/(1-Percentile)\n1.0 0.0 5 1.00\n2.0 1.0 7\n".into());
    list
}

#[test]
fn broken_files_are_errors_or_halves_and_never_panics() {
    for text in examples() {
        let bytes = text.as_bytes();
        assert!(read_named("f", bytes).is_ok(), "{text}");
        for end in 0..bytes.len() {
            let _ = format::read(Source { name: "f", bytes: &bytes[..end] });
        }
        let mut state = 12345u32;
        for _ in 0..2000 {
            let mut bytes = bytes.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % bytes.len();
                let with = b"\"[]{},:0919.-eE\n \xff|%\0"[(state >> 4) as usize % 21];
                match state & 3 {
                    0 => _ = bytes.remove(at),
                    1 => bytes.insert(at, with),
                    _ => bytes[at] = with,
                }
            }
            let _ = format::read(Source { name: "f", bytes: &bytes });
        }
    }
    let error = |text: &str| read_named("f", text.as_bytes()).unwrap_err();
    let cut = GOOGLE.find("\"BM_E\"").unwrap();
    let line = Some(Position::Line(GOOGLE[..cut].lines().count() as u64));
    assert_eq!(error(&GOOGLE[..cut]), format!("truncated {line:?}"));
    let broken = GOOGLE.replace("\"rms\": 0.01", "\"rms\" 0.01");
    let line = Some(Position::Line(GOOGLE[..GOOGLE.find("\"rms").unwrap()].lines().count() as u64));
    assert_eq!(error(&broken), format!("invalid-json {line:?}"));
    assert_eq!(error(r#"{"benchmarks": [], "x": "real_time", "y": {"real_time": 1, "cpu_time": 2}}"#), "no-data None");
}

#[test]
fn time_grows_with_the_length_and_not_faster() {
    // Many rows, many fields, many names: none of it may be walked once for each.
    let rows = |n: usize| {
        let row = |i: usize| {
            format!("{{\"name\":\"b{i}\",\"iterations\":1,\"real_time\":{i},\"cpu_time\":1,\"time_unit\":\"ns\"}}")
        };
        let counters: String = (0..n).map(|i| format!(",\"c{i}\":{i}")).collect();
        let rows: Vec<String> = (0..n).map(row).collect();
        format!(
            "{{\"benchmarks\":[{},{{\"name\":\"w\",\"iterations\":1,\"real_time\":1,\"cpu_time\":1{counters}}}]}}",
            rows.join(",")
        )
    };
    let took = |text: &str| {
        let from = std::time::Instant::now();
        let (_, run, _) = read_named("f", text.as_bytes()).unwrap();
        (from.elapsed().as_secs_f64(), run.series.len())
    };
    let (small, large) = (rows(1000), rows(16_000));
    let (short, few) = took(&small);
    let (long, many) = took(&large);
    assert_eq!((few, many), (3 * 1000 + 2, 3 * 16_000 + 2));
    // Sixteen times the length; quadratic would be 256 times the time.
    assert!(long < 100.0 * short.max(0.002), "{short} {long}");
}

#[test]
fn a_long_name_times_many_metrics_is_refused() {
    let counters: String = (0..50_000).map(|i| format!(",\"c{i}\":1")).collect();
    let name = "n".repeat(1 << 20);
    let text = format!("{{\"benchmarks\":[{{\"real_time\":1,\"cpu_time\":1,\"name\":\"{name}\"{counters}}}]}}");
    let error = read_named("f", text.as_bytes()).unwrap_err();
    assert!(error.starts_with("limit-exceeded"), "{error}");
}

#[test]
fn every_format_has_an_id_of_its_own() {
    let mut ids: Vec<&str> = format::formats().map(|f| f.id).collect();
    ids.sort_unstable();
    let count = ids.len();
    ids.dedup();
    assert_eq!(ids.len(), count);
}

/// The first comparison of two files.
fn compared(baseline: &str, candidate: &str) -> Comparison {
    let input = |name, text: &'static str| Input { source: Source { name, bytes: text.as_bytes() }, side: None };
    let leak = |text: &str| -> &'static str { Box::leak(text.to_string().into_boxed_str()) };
    let report = analyze(&[input("a", leak(baseline)), input("b", leak(candidate))], &AnalysisConfig::default());
    report.rows[0].comparisons[0].clone()
}

#[test]
fn verdicts_rest_on_the_processes_that_a_file_shows() {
    let pyperf = |scale: f64| {
        let run = |i: usize| format!("{{\"values\":[{},{}]}}", scale * (1.0 + i as f64 / 1000.0), scale * 1.001);
        let runs: Vec<String> = (0..8).map(run).collect();
        format!(
            "{{\"version\":\"1.0\",\"benchmarks\":[{{\"metadata\":{{\"name\":\"n\"}},\"runs\":[{}]}}]}}",
            runs.join(",")
        )
    };
    let comparison = compared(&pyperf(1.0), &pyperf(2.0));
    assert_eq!((comparison.verdict, comparison.design), (Verdict::Regressed, Design::SequentialForks));
    // Many repetitions of one process are one process.
    let google = |scale: f64| {
        let row = |i: usize| {
            format!(
                "{{\"name\":\"a\",\"iterations\":9,\"real_time\":{},\"cpu_time\":1}}",
                scale * (100.0 + i as f64 / 10.0)
            )
        };
        let rows: Vec<String> = (0..30).map(row).collect();
        format!("{{\"benchmarks\":[{}]}}", rows.join(","))
    };
    let comparison = compared(&google(1.0), &google(1.05));
    assert_eq!((comparison.verdict, comparison.design), (Verdict::Inconclusive, Design::SingleFork));
    assert!(comparison.reasons.contains(&Reason::AssumedBetweenRunSd));
    assert_eq!(compared(&google(1.0), &google(2.0)).verdict, Verdict::Regressed);
    // A summary is shown and not compared.
    let libtest = "test a ... bench:       3,161 ns/iter (+/- 975)\n";
    assert!(compared(libtest, libtest).reasons.contains(&Reason::AggregateOnly));
}
