//! Files of other tools, whole, odd and hostile, through the readers.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::format::{self, Content};
use noisefloor_core::model::{Assumption, Columns, Run, Series, SeriesData};
use noisefloor_core::source::{Notice, NoticeCode, Position, Source};
use noisefloor_core::unit::Better;

fn read(bytes: &[u8]) -> Result<(&'static str, Content, Vec<Notice>), (&'static str, String)> {
    match format::read(Source { name: "f", bytes }) {
        Ok((format, parsed)) => Ok((format.id, parsed.value, parsed.notices)),
        Err(e) => Err((e.kind.code(), e.to_string())),
    }
}

fn run(text: &str) -> (Run, Vec<Notice>) {
    match read(text.as_bytes()) {
        Ok((_, Content::Run(run), notices)) => (run, notices),
        other => panic!("{other:?}"),
    }
}

fn codes(notices: &[Notice]) -> Vec<NoticeCode> {
    notices.iter().map(|n| n.code).collect()
}

fn columns(series: &Series) -> &Columns {
    match &series.data {
        SeriesData::Columns(columns) => columns,
        SeriesData::Aggregates(_) => panic!("{series:?}"),
    }
}

/// `benchmark{params} metric`, and its values.
fn shown(run: &Run) -> Vec<(String, Vec<f64>)> {
    let line = |s: &Series| {
        let params: Vec<String> = s.key.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
        (format!("{}{{{}}} {}", s.key.benchmark, params.join(","), s.key.metric), columns(s).values.clone())
    };
    run.series.iter().map(line).collect()
}

#[track_caller]
fn holds(text: &str, want: &[(&str, &[f64])]) {
    let want: Vec<(String, Vec<f64>)> = want.iter().map(|(n, v)| (n.to_string(), v.to_vec())).collect();
    assert_eq!(shown(&run(text).0), want);
}

#[test]
fn go_results_are_found_between_other_text() {
    let wanted: &[(&str, &[f64])] = &[("A{gomaxprocs=8} time", &[2e-9])];
    holds("BenchmarkA-8\t10\t2 ns/op\n", wanted);
    // A name whose numbers come after a log; lines of the log may begin with a number.
    holds("BenchmarkA-8\tgc 1 @0.1s\n12 items\n 10\t2 ns/op\n", wanted);
    holds("\u{16}BenchmarkA-8\t10\t2 ns/op\n", wanted);
    holds(&format!("{}BenchmarkA-8\t10\t2 ns/op\n", "noise\n".repeat(20_000)), wanted);
    // Drivers write names in lower case; prose is none.
    holds("BenchmarkA-8 10 2 ns/op\nBenchmarking 3 files\nBenchmarks 1 2\n", wanted);
    holds("Benchmarktext 1 9 text-bytes\n", &[("text{} text-B", &[9.0])]);
    // One unit twice, and the parameters in another order.
    holds(
        "BenchmarkA/x=1/y=2 1 5 ns/op 6 ns/op\nBenchmarkA/y=2/x=1 1 7 ns/op\n",
        &[("A{x=1,y=2} time", &[5.0 * 1e-9, 7.0 * 1e-9])],
    );
    holds("BenchmarkA 1 5 ns/op 6 score broken\n", &[("A{} time", &[5.0 * 1e-9]), ("A{} score", &[6.0])]);
    let (_, notices) = run("BenchmarkA 1 1e300 ns/op NaN x 5 y\n");
    assert_eq!(codes(&notices), [NoticeCode::NonFiniteValue]);
    assert_eq!(notices[0].count, 2);
    let units: String = (0..5000).map(|i| format!(" 1 u{i}")).collect();
    let (many, notices) = run(&format!("BenchmarkA 1{units}\n"));
    assert_eq!((many.series.len(), codes(&notices)), (500, vec![NoticeCode::BrokenLine]));
}

#[test]
fn go_headers_and_metadata_hold_for_what_they_should() {
    let text = "goos: linux\npkg: a\nmain.go:3: x\nkey:\nBenchmarkA 1 5 score\nPASS\npkg: b\nBenchmarkA 1 6 score\n\
                goos: linux\npkg: b\nBenchmarkA 1 7 score\nUnit score better=higher assume=exact\nUnit score better=lower\n";
    let (run, notices) = run(text);
    assert_eq!((run.series.len(), run.forks.len()), (2, 3));
    assert_eq!(columns(&run.series[1]).fork, [1, 2]);
    assert_eq!(run.environment.get("main.go"), None);
    assert!(run.series.iter().all(|s| s.better == Better::Higher && s.assumption == Assumption::Exact));
    assert_eq!(codes(&notices), [NoticeCode::ConflictingMetadata]);
    assert_eq!(notices[0].at, Some(Position::Line(13)));
}

#[test]
fn go_events_are_put_together_by_package() {
    let event = |package: &str, output: &str| {
        format!("{{\"Action\":\"output\"{package},\"Output\":{}}}\n", serde_json::Value::from(output))
    };
    let (a, b) = (",\"Package\":\"a\"", ",\"Package\":\"b\"");
    let text = [
        event(a, "BenchmarkA \t"),
        event(b, "BenchmarkB \t 1\t"),
        event(a, "1\t5 ns/op\n"),
        "not an event\n".to_string(),
        event(b, "6 ns/op\nBenchmarkC 1 7\n"),
    ];
    let (run, notices) = run(&text.concat());
    let want = [("A{} time".to_string(), vec![5.0 * 1e-9]), ("B{} time".to_string(), vec![6.0 * 1e-9])];
    assert_eq!(shown(&run), want);
    assert_eq!((run.series[0].key.suite.as_str(), run.series[1].key.suite.as_str()), ("a", "b"));
    assert_eq!((notices.len(), notices[0].at), (1, Some(Position::Line(5))));
    // An event that was cut is told.
    let cut = [&event(a, "BenchmarkA 1 5 ns/op\n"), "{\"Time\":\"2026-11-30T09:09:50.\n"].concat();
    assert_eq!(remarks(&cut), ["BrokenLine 1 "]);
    // Without `-p`, test2json names no package.
    holds(&[event("", "BenchmarkA 1 "), event("", "5 ns/op\n")].concat(), &[("A{} time", &[5.0 * 1e-9])]);
}

#[test]
fn a_go_benchmark_may_be_called_benchmark_and_no_more() {
    let lines = "Benchmark \t 100\t 5 ns/op\nBenchmark-2 \t 100\t 6 ns/op\nBenchmark  Mode  Cnt\nBenchmark 3 of 4\n";
    holds(lines, &[("Benchmark{} time", &[5.0 * 1e-9]), ("Benchmark{gomaxprocs=2} time", &[6.0 * 1e-9])]);
}

/// `code detail` of each notice.
fn remarks(text: &str) -> Vec<String> {
    run(text).1.iter().map(|n| format!("{:?} {} {}", n.code, n.count, n.detail)).collect()
}

#[test]
fn go_benchmarks_without_a_result_are_told() {
    let good = "pkg: a\nBenchmarkA-8 \t 10\t 2 ns/op\n";
    let check = |rest: &str, want: &[&str]| assert_eq!(remarks(&format!("{good}{rest}")), want, "{rest}");
    check(
        "BenchmarkBad-8 \t--- FAIL: BenchmarkBad-8\n    x_test.go:9: no\nBenchmarkC-8 \t 10\t 2 ns/op\nFAIL\nexit status 1\nFAIL\ta\t0.01s\n",
        &["FailedBenchmark 1 Bad-8", "FailedBenchmark 1 FAIL\ta\t0.01s"],
    );
    check(
        "BenchmarkY-8 \tpanic: boom\n\ngoroutine 7 [running]:\nexit status 2\nFAIL\ta\t0.01s\nFAIL\tc [build failed]\nFAIL\n",
        &["FailedBenchmark 1 Y-8", "FailedBenchmark 1 FAIL\ta\t0.01s", "FailedBenchmark 1 FAIL\tc [build failed]"],
    );
    check("BenchmarkLast-8 \t", &["Truncated 1 Last-8"]);
    check(
        "BenchmarkLost-8 \tBenchmarkA-8 \t 10\t 2 ns/op\nBenchmarkA-8 \t 10\t 2 ns/op\n",
        &["FailedBenchmark 1 Lost-8"],
    );
    check("BenchmarkLost-8 \nBenchmarkMissed-8 \t\nBenchmarkA-8 \t 10\t 2 ns/op\n", &["FailedBenchmark 1 Missed-8"]);
    // What is skipped did not fail; with -v names stand alone before their results, and groups have none.
    check("--- SKIP: BenchmarkS\nBenchmarkG\nBenchmarkG/a\nBenchmarkG/a-8 \t 10\t 2 ns/op\nPASS\nok  \ta\t1s\n", &[]);
    check("BenchmarkA-8 \tlog\nBenchmarkA-8 \t 10\t 2 ns/op\n", &[]);
    check("FAIL: no line of go test\nok  \ta\t1s\n", &[]);
    // Numbers that no benchmark has.
    check(
        "BenchmarkZ-8 \t 0\t 2 ns/op\nBenchmarkN-8 \t 10\t -5 ns/op\t -1 delta\n",
        &["BrokenLine 1 Z-8", "BrokenLine 1 N-8"],
    );
    assert_eq!(run(good).0.forks.len(), 1);
    let event = |rest: &str| format!("{{\"Action\":\"{rest}\"}}\n");
    let text = [
        event("output\",\"Package\":\"a\",\"Output\":\"BenchmarkA-8 \\t 10\\t 2 ns/op\\n"),
        event("output\",\"Package\":\"a\",\"Output\":\"--- FAIL: BenchmarkB\\n"),
        event("fail\",\"Package\":\"a\",\"Test\":\"BenchmarkB"),
        event("fail\",\"Package\":\"a\",\"Test\":\"BenchmarkC"),
        event("fail\",\"Package\":\"a\",\"Test\":\"TestD"),
        event("output\",\"Package\":\"a\",\"Output\":\"FAIL\\ta\\t0.01s\\n"),
        event("fail\",\"Package\":\"a"),
        event("fail\",\"Package\":\"b"),
        event("pass\",\"Package\":\"c"),
    ];
    let want = [
        "FailedBenchmark 1 --- FAIL: BenchmarkB",
        "FailedBenchmark 1 --- FAIL: BenchmarkC",
        "FailedBenchmark 1 FAIL\ta\t0.01s",
        "FailedBenchmark 1 FAIL\tb",
    ];
    assert_eq!(remarks(&text.concat()), want);
}

#[test]
fn times_of_go_are_one_metric_under_both_units() {
    holds("BenchmarkA 10 2e9 ns/op\nBenchmarkA 10 3 sec/op\n", &[("A{} time", &[2.0, 3.0])]);
    holds("BenchmarkA 10 5 ms/op 2 ns/op\n", &[("A{} s/op", &[0.005]), ("A{} time", &[2e-9])]);
    let (run, _) = run("BenchmarkA 10 3 sec/op 5 alloc_bytes/op 0 errors/op 1 success_rate 7 other\n");
    let better: Vec<Better> = run.series.iter().map(|s| s.better).collect();
    assert_eq!(better, [Better::Lower, Better::Lower, Better::Lower, Better::Higher, Better::Unknown]);
    assert!(run.series[0].primary);
}

#[test]
fn colours_of_a_terminal_are_left_out() {
    holds("\x1b[1mBenchmarkA-8\x1b[0m\t10\t\x1b[38;5;9m2 ns/op\x1b[K\n", &[("A{gomaxprocs=8} time", &[2e-9])]);
    // One that is cut off, and one that holds what it may not.
    holds("\x1b[0mBenchmarkA 10 2 ns/op\nx\x1b[1", &[("A{} time", &[2e-9])]);
    holds("\x1b[\nBenchmarkA 10 2 ns/op\n", &[("A{} time", &[2e-9])]);
}

#[test]
fn text_may_be_utf_16_or_begin_with_a_mark() {
    let text = "BenchmarkA-8 10 2 ns/op\r\nPASS\r\n";
    let units = || text.encode_utf16();
    let little: Vec<u8> = [0xff, 0xfe].into_iter().chain(units().flat_map(u16::to_le_bytes)).collect();
    let big: Vec<u8> = [0xfe, 0xff].into_iter().chain(units().flat_map(u16::to_be_bytes)).collect();
    let marked = [&b"\xef\xbb\xbf"[..], text.as_bytes()].concat();
    let want = read(text.as_bytes()).unwrap().1;
    for bytes in [little, big, marked] {
        assert_eq!(read(&bytes).unwrap().1, want);
    }
    let json = "\u{feff}{\"results\":[{\"command\":\"a\",\"times\":[1.0,null,2.0]}]}";
    let (run, notices) = run(json);
    assert_eq!(
        (columns(&run.series[0]).values.as_slice(), columns(&run.series[0]).fork.as_slice()),
        (&[1.0, 2.0][..], &[0, 2][..])
    );
    assert_eq!(codes(&notices), [NoticeCode::NonFiniteValue]);
}

#[test]
fn jmh_keeps_threads_apart_and_joins_what_is_the_same() {
    let entry = |threads: u32, mode: &str, metric: &str| {
        format!("{{\"benchmark\":\"p.B.m\",\"mode\":\"{mode}\",\"threads\":{threads},\"primaryMetric\":{metric}}}")
    };
    let raw = "{\"score\":1,\"scoreUnit\":\"ops/ms\",\"rawData\":[[1,2],[3,\"NaN\"]]}";
    let once = "{\"score\":1,\"scoreUnit\":\"s/op\",\"rawData\":[[5]]}";
    let histogram = "{\"score\":1,\"scoreUnit\":\"us/op\",\"rawDataHistogram\":[[[[1.5,1000000000],[9,1]]]]}";
    let entries = [
        entry(1, "thrpt", raw),
        entry(1, "thrpt", raw),
        entry(4, "thrpt", raw),
        entry(1, "ss", once),
        entry(1, "sample", histogram),
    ];
    let (run, notices) = run(&format!("[{}]", entries.join(",")));
    let names: Vec<String> = shown(&run).into_iter().map(|(name, _)| name).collect();
    assert_eq!(names, ["m{} thrpt", "m{threads=4} thrpt", "m{} ss", "m{} sample"]);
    let first = columns(&run.series[0]);
    assert_eq!(
        (first.values.as_slice(), first.fork.as_slice()),
        (&[1e3, 2e3, 3e3, 1e3, 2e3, 3e3][..], &[0, 0, 1, 2, 2, 3][..])
    );
    assert_eq!(run.series[0].better, Better::Higher);
    assert_eq!(
        (columns(&run.series[2]).ops.as_slice(), columns(&run.series[3]).weight.as_slice()),
        (&[1][..], &[1_000_000_000, 1][..])
    );
    assert_eq!(codes(&notices), [NoticeCode::NonFiniteValue, NoticeCode::RepeatedKey]);
}

#[test]
fn profilers_of_jmh_have_the_same_names_in_every_form() {
    let rate = "{\"score\":2,\"scoreUnit\":\"MB/sec\",\"rawData\":[[2]]}";
    let text = format!(
        "[{{\"benchmark\":\"p.B.m\",\"mode\":\"ss\",\"primaryMetric\":{rate},\"secondaryMetrics\":{{\"·gc.alloc.rate\":{rate}}}}}]"
    );
    let (run, _) = run(&text);
    let second = &run.series[1];
    assert_eq!((second.key.metric.as_str(), second.better), ("gc.alloc.rate", Better::Unknown));
}

#[test]
fn numbers_in_brackets_are_not_all_of_criterion() {
    assert_eq!(read(b"[[1,2],[100.0,210.0]]").unwrap().0, "criterion");
    assert_eq!(read(b"[1.0, 2.0, 3e1, 4]\n").unwrap().0, "criterion");
    // A collector's log that ends before the first collection.
    assert_eq!(read(b"[0.010s][info][gc] Using G1\n").unwrap_err().0, "no-data");
    for other in ["[[1,2],[3,4],[5,6]]", "[1,2,3,4,5]", "[1,2,3]", "[[1,2]]", "[", "[["] {
        let (code, _) = read(other.as_bytes()).unwrap_err();
        assert!(code == "unrecognized" || code == "unsupported", "{other}: {code}");
    }
}

#[test]
fn what_is_not_read_is_named_with_what_is() {
    let refused = |bytes: &[u8]| read(bytes).unwrap_err();
    let (code, message) = refused(b"JAVA PROFILE 1.0.2\0\0\0\0\x04");
    assert_eq!(code, "unsupported");
    assert!(message.contains("Java heap dump") && message.contains("noisefloor formats"), "{message}");
    let (code, message) = refused(b"nothing of the kind\n");
    assert_eq!(code, "unrecognized");
    assert!(message.ends_with("`noisefloor formats` lists them"), "{message}");
}

#[test]
fn folded_stacks_may_be_long_and_single() {
    let profile = |bytes: &[u8]| match read(bytes) {
        Ok(("folded", Content::Profile(profile), notices)) => (profile, notices),
        other => panic!("{other:?}"),
    };
    let deep = format!("{}z 5", "a;".repeat(100_000));
    assert_eq!(profile(deep.as_bytes()).0.stack(0).len(), 100_001);
    assert_eq!(profile(b"# a remark: 1\n\n<module> (long.py:24) 7\n").0.weights(0), [7.0]);
    // A frame that ends in a number is no second count.
    let (numbered, _) = profile(b"main;block 3 5\nmain;end 2\n");
    assert_eq!((numbered.sample_types().len(), numbered.weights(0)), (1, &[5.0, 2.0][..]));
    // Threads and unknown frames in brackets; a few lines that are none.
    assert_eq!(profile(b"[main tid=123];Foo.main_[0];x 7\n[unknown];a 1\n").0.len(), 2);
    let (some, odd) = profile(b"a;b 1\nnothing\nc;d 2\n[1, 2] 3\na;e 4\n");
    assert_eq!((some.len(), codes(&odd)), (4, vec![NoticeCode::UnknownRecord]));
    assert!(read(b"[1, 2, 3]").is_err() && read(b"{\"a;b\": 1}\n").is_err() && read(b"a;b 1\nx\ny\n").is_err());
    let late = format!("{}a;b 1{}\n", "c;d 1\n".repeat(30), "0".repeat(200));
    assert_eq!(codes(&profile(late.as_bytes()).1), [NoticeCode::UnknownRecord]);
}

/// `x;y 1\n` by gzip.
const PACKED: [u8; 26] =
    [0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 2, 3, 0xab, 0xb0, 0xae, 0x54, 0x30, 0xe4, 2, 0, 0xc2, 0xe0, 0xb0, 0x88, 6, 0, 0, 0];

#[test]
fn gzip_data_end_where_they_end() {
    assert_eq!(read(&PACKED).unwrap().2, []);
    assert_eq!(read(&[&PACKED[..], &[0; 512]].concat()).unwrap().2, []);
    let (_, _, notices) = read(&[&PACKED[..], b"more"].concat()).unwrap();
    assert_eq!((codes(&notices), notices[0].at), (vec![NoticeCode::TrailingData], Some(Position::Byte(26))));
    assert_eq!(read(&PACKED[..20]).unwrap_err().1, "f: byte 20: the data ends before the end of a gzip stream");
}

#[test]
fn estimates_of_criterion_that_are_none_are_refused() {
    let estimate = |low: &str, high: &str, confidence: &str| {
        format!(
            r#"{{"point_estimate":2.0,"confidence_interval":{{"confidence_level":{confidence},"lower_bound":{low},"upper_bound":{high}}}}}"#
        )
    };
    let file = |mean: String, spread: &str| {
        let other = estimate("1", "3", "0.95");
        let spread = other.replace("2.0", spread);
        format!(r#"{{"mean":{mean},"median":{other},"std_dev":{spread}}}"#)
    };
    assert_eq!(read(file(estimate("1", "3", "0.95"), "0.1").as_bytes()).unwrap().0, "criterion");
    let broken =
        [("3", "1", "0.95", "0.1"), ("1", "3", "5", "0.1"), ("1", "3", "0", "0.1"), ("1", "3", "0.95", "-0.1")];
    for (low, high, confidence, spread) in broken {
        let text = file(estimate(low, high, confidence), spread);
        assert_eq!(read(text.as_bytes()).unwrap_err().0, "invalid-number", "{text}");
    }
}
