//! Tools that write text, tables or XML.

use noisefloor_core::source::NoticeCode;

use crate::shown::{holds, read_named, shown};

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
    // The title of the error is in the digits of the locale as well; older versions mark what profilers add.
    holds("jmh-csv", &semicolons.replace("99.9%", "99,9%").replace(":gc.", ":·gc."), &want, &notices);
}

pub(crate) const JMH_LOG: &str = "# JMH version: 1.33\n# VM invoker: /bin/java\n# Threads: 2 threads, will synchronize iterations\n\
# Benchmark mode: Throughput, ops/time\n# Benchmark: p.C.m\n# Parameters: (dim = 100, lib = A B)\n\n\
# Run progress: 0.00% complete, ETA 00:46:40\n# Fork: 1 of 2\n# Warmup Iteration   1: 1.5 ops/s\nIteration   1: 2.5 ops/s\n\
\x20                ·gc.count: 3.000 counts\n                 ·gc.alloc.rate: 2.000 MB/sec\n# Fork: 2 of 2\nIteration   1: 3.5 ±(99.9%) 0.1 ops/s\nOpenJDK warning: x\n\n\n\
Result \"p.C.m\":\n  3.0 ±(99.9%) 45.061 ops/s [Average]\n\nBenchmark  (dim) (lib)  Mode  Cnt  Score  Error  Units\nC.m  100 A B  thrpt  2  3.0 ± 1.0  ops/s\n";

#[test]
fn jmh_logs_hold_the_iterations() {
    let run = holds(
        "jmh-text",
        JMH_LOG,
        &[
            "p.C|m{dim=100,lib=A B,threads=2} thrpt [ops/s] Higher*: 1.5@0warmup 2.5@0 3.5@1",
            "p.C|m{dim=100,lib=A B,threads=2} gc.count [counts] Unknown: 3@0",
            "p.C|m{dim=100,lib=A B,threads=2} gc.alloc.rate [B/s] Unknown: 2000000@0",
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
        \x20                       change:\n                        time:   [-2.1% -1.0% +0.1%] (p = 0.06 > 0.05)\n\
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
fn rates_of_criterion_text_have_a_unit_a_bound_and_a_line_a_kind() {
    let rates = |lines: &str, wanted: &[&str]| {
        let time = ["|a{} time [s/op] Lower*: ~2 (1 3 0.95)"];
        let note = format!("AggregateOnly {} a", 1 + wanted.len());
        let text = format!("a                       time:   [1 s 2 s 3 s]\n{lines}");
        holds("criterion-text", &text, &[&time, wanted].concat(), &[&note]);
    };
    rates(
        "                        thrpt:  [512.00 KiB/s 1.5000 MiB/s 1.0000 GiB/s]\n",
        &["|a{} throughput [B/s] Higher: ~1572864 (524288 1073741824 0.95)"],
    );
    rates(
        "                        thrpt:  [500.00  elem/s 2.0000 Kelem/s 4.0000 Melem/s]\n\
         \x20                       thrpt:  [1.0000 MB/s 2.0000 MB/s 4.0000 MB/s]\n",
        &[
            "|a{} throughput [elem/s] Higher: ~2000 (500 4000000 0.95)",
            "|a{} B/s [B/s] Higher: ~2000000 (1000000 4000000 0.95)",
        ],
    );
    rates(
        "                        thrpt:  [900.00 Kb/s 1.0000 Mb/s 2.0000 Mb/s]\n",
        &["|a{} throughput [b/s] Higher: ~1000000 (900000 2000000 0.95)"],
    );
}

#[test]
fn divan_trees() {
    let text = "crate                 fastest  │ slowest  │ median   │ mean     │ samples │ iters\n\
        ├─ group                       │          │          │          │         │\n\
        │  ├─ one             1 ns     │ 9 ns     │ 2 ns     │ 3 ns     │ 100     │ 1638400\n\
        │  │                  1 TB/s   │ 3 GB/s   │ 2 TB/s   │ 2 GB/s   │         │\n\
        │  │                  1 char/s │ 3 char/s │ 2 Kchar/s│ 2 Mchar/s│         │\n\
        │  │                  1 MHz    │ 3 MHz    │ 2 GHz    │ 2 MHz    │         │\n\
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
            "crate|group/one{} throughput [B/s] Higher: ~2000000000 median=2000000000000",
            "crate|group/one{} char/s [char/s] Higher: ~2000000 median=2000",
            "crate|group/one{} Hz [Hz] Unknown: ~2000000 median=2000000000",
            "crate|group/two{} time [s/op] Lower*: ~0.00000175 n=7 median=0.0000009",
            "crate|group/two{} alloc [allocs/op] Lower: ~2 median=2",
            "crate|group/two{} alloc size [B/op] Lower: ~1000 median=16",
            "crate|three{} time [s/op] Lower*: ~0.0015 n=3 median=0.001",
        ],
        &[
            "AggregateOnly 4 group/one",
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
    let failed = "a x 5 ops/sec ±1.00% (9 runs sampled)\nb: TypeError: f is no function\nFastest is: a\n";
    let rate = ["|a{} throughput [ops/s] Higher*: ~5 n=9 (4.95 5.05 0.95)"];
    holds("benchmark-js", failed, &rate, &["AggregateOnly 1 a", "FailedBenchmark 1 b"]);
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
    // Two tables are two histograms; the first one of these is cut.
    let tables = format!("Value Percentile TotalCount 1/(1-Percentile)\n1 0.5 5 2\n{text}");
    let (_, run, notices) = read_named("f", tables.as_bytes()).unwrap();
    let series: Vec<String> = run.series.iter().map(shown).collect();
    assert_eq!(series, ["|f{} value [] Unknown*: 1@0/1×5", "|f{table=2} value [] Unknown*: 1@0/1×5 9@0/1×7"]);
    assert_eq!(notices.iter().filter(|n| n.code == NoticeCode::Truncated).map(|n| n.count).sum::<u64>(), 2);
    // Every table ends with a row of all values.
    let cut = "Value Percentile TotalCount 1/(1-Percentile)\n2.500 0.500000000000 5 2.00\n9.000 0.7";
    let notices = ["NameFromPath 1 file", "BrokenLine 1 file", "Truncated 1 file"];
    holds("hgrm", cut, &["|file{} value [] Unknown*: 2.5@0/1×5"], &notices);
    // As it is written for spreadsheets.
    let text = "\"Value\",\"Percentile\",\"TotalCount\",\"1/(1-Percentile)\"\n2.500,0.500000000000,5,2.00\n9.000,1.000000000000,12,Infinity\n";
    holds("hgrm", text, &["|file{} value [] Unknown*: 2.5@0/1×5 9@0/1×7"], &["NameFromPath 1 file"]);
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
    // As hdr-histogram-js writes it: with an offset that concerns nobody.
    let text = "\"StartTimestamp\",\"Interval_Length\",\"Interval_Max\",\"Interval_Compressed_Histogram\"\n\
        1.000,1.000,1.000,HISTFAAAACh4nJNpmSzMwMDAzsDAwMjAwMDEAAGMEIr5P4zPysLK9JidCQBO+gNR\n";
    holds("hdr-log", text, &["|file{} value [] Unknown*: 3@0/1×2 7@0/1×1 1002@0/1×1"], &["NameFromPath 1 file"]);
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
fn names_and_failures_of_catch2_on_the_console() {
    let (rule, blanks) = ("-".repeat(79), " ".repeat(40));
    let heads = "benchmark name      samples       iterations    estimated\n   mean          low mean      high mean\n   std dev       low std dev   high std dev";
    // With `-d yes` or `-s` a line stands right above a rule; a name is broken where its column ends.
    let text = format!(
        "{rule}\nA\n  s\n{rule}\nf.cpp:5\n...\n\n{heads}\n{rule}\nprinted\na name of{blanks}\nthree {blanks}\nlines    10  2  1 ms\n 2 ns 1 ns 3 ns\n 1 ns 1 ns 1 ns\n{blanks}\n\
        b    Benchmark failed (why)\n\n0.696 s: s\n{rule}\nC\n{rule}\nf.cpp:9\n...\n\n{heads}\n{rule}\nd    10  2  1 ms\n 2 ns 1 ns 3 ns\n 1 ns 1 ns 1 ns\n"
    );
    holds(
        "catch2-text",
        &text,
        &[
            "A/s|a name of three lines{} time [s/op] Lower*: ~0.000000002 n=10 sd=0.000000001 (0.000000001 0.000000003 0.95)",
            "C|d{} time [s/op] Lower*: ~0.000000002 n=10 sd=0.000000001 (0.000000001 0.000000003 0.95)",
        ],
        &["AggregateOnly 1 a name of three lines", "FailedBenchmark 1 b", "AggregateOnly 1 d"],
    );
    // `--benchmark-no-analysis`.
    let text = format!(
        "{rule}\nA\n{rule}\nf.cpp:5\n...\n\nbenchmark name      samples    iterations          mean\n{rule}\na name of{blanks}\nlines    5  2  3 ns\nb   4   2   5 ns \n"
    );
    holds(
        "catch2-text",
        &text,
        &["A|a name of lines{} time [s/op] Lower*: ~0.000000003 n=5", "A|b{} time [s/op] Lower*: ~0.000000005 n=4"],
        &["AggregateOnly 1 a name of lines", "AggregateOnly 1 b"],
    );
    let xml = "<?xml version=\"1.0\"?>\n<Catch name=\"t\">\n<TestCase name=\"t - vector&lt;int>\"><BenchmarkResults name=\"a > b\" samples=\"5\">\n\
        <mean value=\"7\" lowerBound=\"0\" upperBound=\"0\" ci=\"0\"/><standardDeviation value=\"0\" lowerBound=\"0\" upperBound=\"0\" ci=\"0\"/></BenchmarkResults></TestCase></Catch>";
    let wanted = "t - vector<int>|a > b{} time [s/op] Lower*: ~0.000000007 n=5";
    holds("catch2-xml", xml, &[wanted], &["AggregateOnly 1 a > b"]);
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
    let cut = &text[..text.find("<BenchmarkResults name=\"bad\"").unwrap()];
    let (_, _, notices) = read_named("f", cut.as_bytes()).unwrap();
    assert_eq!(notices.last().map(|n| n.code), Some(NoticeCode::Truncated));
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
    let text = "odd [name] x   [   4.0 us ...   5.0 us ]      +0.87%\n";
    holds("tango", text, &["|odd [name] x{} time [s/op] Lower*: 0.000004@0 0.000005@1"], &[]);
}

#[test]
fn asv_results_by_environment() {
    let text = "· Running 10 total benchmarks\n[  0.00%] ·· Benchmarking virtualenv-py2.7\n[ 10.00%] ··· Running (b.TimeSuite.time_it--)....\n\
        [ 30.00%] ··· b.MemSuite.mem_list                                 2.42k\n[ 35.00%] ··· b.TimeSuite.time_it                     11.5±0.01μs\n[ 85.00%] ··· b.T.time_x  failed\n";
    holds(
        "asv",
        text,
        &[
            "b.MemSuite|mem_list{environment=virtualenv-py2.7} value [B] Lower*: ~2420",
            "b.TimeSuite|time_it{environment=virtualenv-py2.7} time [s] Lower*: ~0.0000115",
        ],
        &["AggregateOnly 1 mem_list", "AggregateOnly 1 time_it", "FailedBenchmark 1 time_x"],
    );
    let table = "[ 0.00%] ·· Benchmarking e\n[50.00%] ··· b.S.time_it                                  ok\n\
        [50.00%] ··· ===== ========== ==========\n             --              s          \n             ----- ---------------------\n\
        \x20              n       a         b c    \n             ===== ========== ==========\n\
        \x20              1    303±20ns    n/a     \n              100    1±9μs     failed   \n             ===== ========== ==========\n\n\
        [60.00%] ··· b.track_len            ok\n[60.00%] ··· ==== ===\n              n      \n             ==== ===\n              a   2k \n             ==== ===\n\
        [70.00%] ··· b.time_c            ok\n[80.00%] ··· b.time_d            1ns\n[100.00%] ··· b.time_e    ok\n";
    holds(
        "asv",
        table,
        &[
            "b.S|time_it{environment=e,n=1,s=a} time [s] Lower*: ~0.000000303",
            "b.S|time_it{environment=e,n=100,s=a} time [s] Lower*: ~0.000001",
            "b|track_len{environment=e,n=a} value [] Unknown*: ~2000",
            "b|time_d{environment=e} time [s] Lower*: ~0.000000001",
        ],
        &[
            "AggregateOnly 2 time_it",
            "NoUsableValue 1 time_it",
            "FailedBenchmark 1 time_it",
            "AggregateOnly 1 track_len",
            "BrokenLine 1 b.time_c",
            "AggregateOnly 1 time_d",
            "Truncated 1 b.time_e",
        ],
    );
}

#[test]
fn tables_of_jmh_stand_in_prose_and_are_parted_by_people() {
    let text = "# Results\n\n```\nBenchmark  (n)  Mode  Cnt  Score   Error  Units\n\na.B.c  1  avgt  5  2.0 ± 0.5  ms/op\n\n\na.B.d  1  avgt  5  4.0 0.5  ms/op\n```\n\nMore words.\n";
    holds(
        "jmh-text",
        text,
        &[
            "a.B|c{n=1} avgt [s/op] Lower*: ~0.002 n=5 (0.0015 0.0025 0.999)",
            "a.B|d{n=1} avgt [s/op] Lower*: ~0.004 n=5 (0.0035 0.0045 0.999)",
        ],
        &["AggregateOnly 1 c", "AggregateOnly 1 d"],
    );
    // What the benchmark prints stands where the first value would.
    let log = "# JMH version: 1.12\n# Benchmark mode: Average time, time/op\n# Benchmark: a.B.c\n# Fork: 1 of 1\n# Warmup Iteration   1: 24 bytes in source\n# Warmup Iteration   2: 2.000 ms/op\nIteration   1: 2.000 ms/op\n";
    holds("jmh-text", log, &["a.B|c{} avgt [s/op] Lower*: 0.002@0warmup 0.002@0"], &["BrokenLine 1 c"]);
}
