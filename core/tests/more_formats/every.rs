//! What holds for all of them: damage, time, bounds, verdicts.

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::format::{self};
use noisefloor_core::report::{Comparison, Design, Reason, Verdict};
use noisefloor_core::source::{NoticeCode, Position, Source};

use crate::json::{DOT_NET, GOOGLE};
use crate::shown::read_named;
use crate::tables::{BENCHSTAT, GUNGRAUN};
use crate::text::JMH_LOG;

/// One file of each format, for what is done to all of them.
fn examples() -> Vec<String> {
    let mut list: Vec<String> = [GOOGLE, DOT_NET, JMH_LOG, BENCHSTAT, GUNGRAUN].map(String::from).into();
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
    for text in [
        "name  old time/op  new time/op  delta\nA  13.6ms ± 1%  11.8ms ± 1%  ~  (n=4+5)\n",
        "| Benchmark | Mode | Score | Units |\n|--|\n| a.b | thrpt | 5 | ops/s |\n",
        "| ns/op | op/s |    err% | total | benchmark\n|--:|\n| 1.5 | 2 | 0.1% | 1 | `b`\n",
        "\"title\";\"name\";\"unit\";\"elapsed\"\n\"t\";\"n\";\"op\";2e-8\n",
        "x\nBenchmark  Time  CPU  Iterations\nA  5 ns  4 ns  7 k=2M/s\n",
        "name,iterations,real_time,cpu_time,time_unit\nA,7,5,4,ns\n",
    ] {
        list.push(text.into());
    }
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
    // Cut in a later benchmark, those before it stay; in the first one, nothing does.
    let cut = GOOGLE.find("\"BM_E\"").unwrap();
    let (_, whole, _) = read_named("f", GOOGLE.as_bytes()).unwrap();
    let (_, half, notices) = read_named("f", &GOOGLE.as_bytes()[..cut]).unwrap();
    assert!(!half.series.is_empty() && half.series.len() < whole.series.len());
    let line = |cut: usize| Some(Position::Line(GOOGLE[..cut].lines().count() as u64));
    assert_eq!(notices.last().map(|n| (n.code, n.at)), Some((NoticeCode::Truncated, line(cut))));
    let cut = GOOGLE.find("\"time_unit\"").unwrap();
    assert_eq!(error(&GOOGLE[..cut]), format!("truncated {:?}", line(cut)));
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

/// Both take minutes and hours where something is walked again for every cell or key.
#[test]
fn what_stands_again_and_again_is_not_walked_again() {
    let read = |text: &str| format::read(Source { name: "f", bytes: text.as_bytes() }).map(|(format, _)| format.id);
    // Two hundred columns, far apart.
    let line = |cell: &str| format!("{}\n", format!("{cell:<2000} ").repeat(200));
    let rule = line("=");
    let table = format!("{}{}{rule}{}", line("-"), line("p"), line("7").repeat(20));
    let asv = format!("[ 50.00%] ··· a.b   ok\n[ 50.00%] ··· {rule}{table}{rule}[ 60.00%] ··· a.c   5.0ms\n");
    assert_eq!(read(&asv).ok(), Some("asv"));
    let counts = "\"Ir\":{\"metrics\":{\"Left\":{\"Int\":1}}},".repeat(300_000);
    let gungraun = format!(
        "{{\"module_path\":\"m::f\",\"function_name\":\"f\",\"id\":\"\",\"profiles\":[{{\"tool\":\"Callgrind\",\
         \"summaries\":{{\"total\":{{\"summary\":{{\"Callgrind\":{{{counts}\"Dr\":{{\"metrics\":{{\"Left\":{{\"Int\":1}}}}}}}}}}}}}}}}]}}\n"
    );
    assert_eq!(read(&gungraun).ok(), Some("gungraun-json"));
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
    let mut ids: Vec<&str> = format::FORMATS.iter().map(|f| f.id).collect();
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
    assert_eq!(compared(libtest, libtest).reasons, [Reason::AggregateOnly, Reason::MedianOnly]);
    let divan = "x  fastest │ slowest │ median │ mean │ samples │ iters\n╰─ a  1 ns │ 9 ns │ 2 ns │ 3 ns │ 5 │ 5\n";
    assert_eq!(compared(divan, divan).reasons, [Reason::AggregateOnly]);
}

/// Tools that state a median alone: it stands where a mean would, and the row says so.
#[test]
fn a_lone_median_is_not_called_a_mean() {
    let median = [
        "test a ... bench:       3,161 ns/iter (+/- 975)\n",
        ",a.txt\n,sec/op,CI\nA-8,1e-06,2%,n=5\n",
        r#"{"results":[{"title":"t","name":"a","epochs":3,"median(elapsed)":2e-9}]}"#,
    ];
    for text in median {
        let inputs = [Input { source: Source { name: "x", bytes: text.as_bytes() }, side: None }];
        let report = analyze(&inputs, &AnalysisConfig::default());
        let side = report.rows[0].sides[0].as_ref().unwrap();
        assert_eq!(side.warnings, [Reason::AggregateOnly, Reason::MedianOnly], "{text}");
        assert_eq!(side.mean.value, side.median.value, "{text}");
    }
}
