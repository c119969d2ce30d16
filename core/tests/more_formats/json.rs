//! Tools that write JSON.

use noisefloor_core::source::Position;

use crate::shown::{holds, read_named, shown};

pub(crate) const GOOGLE: &str = r#"{"context": {"host_name": "h", "num_cpus": 2, "caches": [1], "date": "today"}, "benchmarks": [
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

pub(crate) const DOT_NET: &str = r#"{"Title": "t", "HostEnvironmentInfo": {"OsVersion": "os", "ProcessorName": {"Value": "cpu"}}, "Benchmarks": [
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
fn messages_of_cargo_criterion_hold_totals() {
    let text = concat!(
        r#"{"reason":"benchmark-complete","id":"g/a","report_directory":"d","iteration_count":[10,20,0],"#,
        r#""measured_values":[1000.0,3000,5],"unit":"ns","throughput":[{"per_iteration":50,"unit":"elements"}],"#,
        r#""typical":{"estimate":1,"lower_bound":1,"upper_bound":1,"unit":"ns"}}"#,
        "\nRunning benches\n",
        r#"{"reason":"benchmark-complete","id":"b","iteration_count":[2],"measured_values":[8],"unit":"cycles","throughput":[]}"#,
        "\n",
        r#"{"reason":"benchmark-complete","id":"c","unit":"ns","mean":{"estimate":5,"lower_bound":4,"upper_bound":6},"#,
        r#""median":{"estimate":5}}"#,
        "\n",
        r#"{"reason":"group-complete","group_name":"g","benchmarks":["g/a"]}"#,
        "\n",
        r#"{"reason":"build-finished","success":true}"#,
        "\n{\"reason\":\"bench",
    );
    holds(
        "cargo-criterion",
        text,
        &[
            "|g/a{} time [s/op] Lower*: 0.0000001@0/10 0.00000015@0/20",
            "|g/a{} elem/s [elem/s] Higher: 500000000@0/10 333333333.3333@0/20",
            "|b{} cycles [cycles/op] Lower*: 4@0/2",
            "|c{} time [s/op] Lower*: ~0.000000005 median=0.000000005 (0.000000004 0.000000006 0.95)",
        ],
        &[
            "NonFiniteValue 2 g/a",
            "UnknownRecord 1 text",
            "AggregateOnly 1 c",
            "UnknownRecord 1 build-finished",
            "BrokenLine 1 ",
        ],
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
    let go = r#"window.BENCHMARK_DATA = {"entries": {"S": [
      {"commit": {"id": "a"}, "tool": "go", "benches": [{"name": "F", "unit": "ns/op\t       5 B/op\t       1 allocs/op", "value": 100}]},
      {"commit": {"id": "b"}, "tool": "go", "benches": [{"name": "F", "unit": "ns/op\t       6 B/op\t       1 allocs/op", "value": 50}]}]}}"#;
    holds(
        "github-action-benchmark",
        go,
        &[
            "S|F{} value [s/op] Lower*: 0.0000001@0 0.00000005@1",
            "S|F{} B/op [B/op] Lower: 5@0 6@1",
            "S|F{} allocs/op [allocs/op] Lower: 1@0 1@1",
        ],
        &[],
    );
    let list = r#" [{"name": "a", "unit": "req/s", "value": 70}, {"name": "b", "unit": "Percent", "value": "x"}]"#;
    holds(
        "custom-benchmarks",
        list,
        &["|a{} value [req/s] Higher*: 70@0"],
        &["NonFiniteValue 1 b", "NoUsableValue 1 b"],
    );
    let texts = r#"[{"name": "a", "unit": "", "value": "170.5"}]"#;
    holds("custom-benchmarks", texts, &["|a{} value [] Unknown*: 170.5@0"], &[]);
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
fn numbers_that_json_does_not_have_cost_their_value_only() {
    let text = r#"{"benchmarks": [{"name": "a", "iterations": 1, "real_time": 5, "cpu_time": NaN, "rate": -Infinity, "time_unit": "s"}]}"#;
    holds("google-benchmark", text, &["|a{} time [s/op] Lower*: 5@0/1"], &["NonFiniteValue 1 a", "NoUsableValue 1 a"]);
}
