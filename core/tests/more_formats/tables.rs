//! Tools whose tables are read beside, or in place of, what they write for programs.

use crate::shown::holds;

pub(crate) const BENCHSTAT: &str = "pkg: a/b\ngoos: linux\n        │   old.txt   │             new.txt              │\n        │   sec/op    │   sec/op     vs base             │\n\
    X/n=5-8   44.40n ± 2%   16.30µ ± 3%  -63.29% (p=0.000 n=10)\nY-8       1.000 ± ∞ ¹   2.000 ± ∞ ¹  ~ (p=1.000 n=1) ²\ngeomean   136.6n        72.37n       -47.01%\n¹ need >= 6 samples\n\n\
    \x20       │   old.txt    │             new.txt              │\n        │     B/s      │     B/s      vs base             │\n\
    X/n=5-8   322.1Mi ± 2%   2.000Gi ± 2%  +172.18% (p=0.000 n=10)\n";

#[test]
fn benchstat_prints_medians_between_bars() {
    let run = holds(
        "benchstat-text",
        BENCHSTAT,
        &[
            "a/b|X{gomaxprocs=8,n=5} time [s/op] Lower*: ~0.0000000444 median=0.0000000444 (0.000000043512 0.000000045288 0.95) ~0.0000163 n=10 median=0.0000163 (0.000015811 0.000016789 0.95) arm 1",
            "a/b|Y{gomaxprocs=8} time [s/op] Lower*: ~1 median=1 ~2 n=1 median=2 arm 1",
            "a/b|X{gomaxprocs=8,n=5} B/s [B/s] Higher*: ~337746329.6 median=337746329.6 (330991403.008 344501256.192 0.95) ~2147483648 n=10 median=2147483648 (2104533975.04 2190433320.96 0.95) arm 1",
        ],
        &["AggregateOnly 2 X", "AggregateOnly 1 Y"],
    );
    assert_eq!(run.arms.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["old.txt", "new.txt"]);
}

#[test]
fn benchstat_before_printed_means() {
    let text = "name        old time/op    new time/op    delta\npkg:encoding/gob\nGobEncode-8     13.6ms ± 1%    11.8ms ± 1%  -13.31%  (p=0.016 n=4+5)\n[Geo mean]    13.6ms         11.8ms        -1%\n\n\
        name        old speed      new speed      delta\nGobEncode-8   56.4MB/s ± 1%  65.1MB/s ± 1%  +15.36%  (p=0.016 n=4+5)\n\n\
        name        old allocs/op      new allocs/op      delta\nGobEncode-8   1.50k ± 0%  2.00 ± 0%  ~  (all equal)\n";
    let run = holds(
        "benchstat-old",
        text,
        &[
            "encoding/gob|GobEncode{gomaxprocs=8} time [s/op] Lower*: ~0.0136 n=4 ~0.0118 n=5 arm 1",
            "encoding/gob|GobEncode{gomaxprocs=8} B/s [B/s] Higher*: ~56400000 n=4 ~65100000 n=5 arm 1",
            "encoding/gob|GobEncode{gomaxprocs=8} allocs/op [allocs/op] Lower*: ~1500 ~2 arm 1",
        ],
        &["AggregateOnly 3 GobEncode"],
    );
    assert_eq!(run.arms.iter().map(|a| a.name.as_str()).collect::<Vec<_>>(), ["old", "new"]);
    let one = "name        time/op\nGobEncode     13.6ms ± 1%\n";
    holds("benchstat-old", one, &["|GobEncode{} time [s/op] Lower*: ~0.0136"], &["AggregateOnly 1 GobEncode"]);
}

#[test]
fn jmh_in_markdown_lies_under_headings() {
    let text = "# Results\n\n| Benchmark | (size) | Mode | Cnt | Score | Error | Units |\n|-----------|--------|------|----:|-------|-------|-------|\n\
        | a.B.c | 5 | thrpt | 10 | 500.5 | ±0.5 | ops/s |\n| a.B.d | N/A | avgt | 10 | 2 | | us/op |\n| broken |\n";
    holds(
        "jmh-markdown",
        text,
        &[
            "a.B|c{size=5,table=Results} thrpt [ops/s] Higher*: ~500.5 n=10 (500 501 0.999)",
            "a.B|d{table=Results} avgt [s/op] Lower*: ~0.000002 n=10",
        ],
        &["AggregateOnly 1 c", "AggregateOnly 1 d", "BrokenLine 1 | broken |"],
    );
}

#[test]
fn nanobench_prints_a_table_and_lists() {
    let text = "\n|               ns/op |                op/s |    err% |          ins/op |     total | benchmark\n|--------------------:|--------------------:|--------:|----------------:|----------:|:----------\n\
        |        1,000.50 |       999,500.25 |    0.1% |           45.00 |      0.11 | `sleep | not`\n|        2.00 |       5 |    0.1% |           45.00 |      0.11 | :wavy_dash: `b` (Unstable)\n\
        |        2.00 | `c`\n";
    holds(
        "nanobench-text",
        text,
        &["|b{} time [s/op] Lower*: ~0.000000002 median=0.000000002", "|b{} ins/op [ins/op] Lower: ~45 median=45"],
        &[
            "BrokenLine 1 |        1,000.50 |       999,500.25 |    0.1% |           45.00 |      0.11 | `sleep | not`",
            "AggregateOnly 2 b",
            "BrokenLine 1 |        2.00 | `c`",
        ],
    );
    let csv = "\"title\";\"name\";\"unit\";\"batch\";\"elapsed\";\"error %\";\"instructions\";\"branches\";\"branch misses\";\"total\"\n\
        \"t\";\"n\";\"byte\";4;2e-08;0.02;100;16;0.5;0.0002\n\"t\"\n";
    holds(
        "nanobench-csv",
        csv,
        &[
            "t|n{} time [s/byte] Lower*: ~0.000000005 median=0.000000005",
            "t|n{} instructions [instructions/byte] Lower: ~25 median=25",
            "t|n{} branchinstructions [branchinstructions/byte] Lower: ~4 median=4",
            "t|n{} branchmisses [branchmisses/byte] Lower: ~0.125 median=0.125",
        ],
        &["AggregateOnly 4 n", "BrokenLine 1 "],
    );
}

#[test]
fn google_benchmark_on_the_console_and_as_csv() {
    let text = "2019-10-12 12:03:25\nRunning ./b\n-----\nBenchmark                 Time             CPU   Iterations UserCounters...\n-----\n\
        BM_A/8                0.313 ns        0.312 ns   1000 bytes_per_second=1.5Gi/s n=2k label\nBM_A/8                0.315 ns        0.312 ns   1000 bytes_per_second=1.5Gi/s n=2k\n\
        BM_A/8_mean           0.314 ns        0.312 ns   2\nBM_A/8_BigO           0.31 N          0.31 N\nBM_C                  ERROR OCCURRED: 'no file'\nBM_D_mean   2 us  1 us  3\nBM_D_stddev 0.5 us  1 us  3\nBM_D_cv 25.00 %  100.00 %  3\n\
        BM_D_max 3 us  2 us  3\nBM_D_e 3 us  2 us  7\n";
    holds(
        "google-benchmark-text",
        text,
        &[
            "|BM_A/8{} time [s/op] Lower*: 0.000000000313@0/1000 0.000000000315@0/1000",
            "|BM_A/8{} cpu_time [s/op] Lower: 0.000000000312@0/1000 0.000000000312@0/1000",
            "|BM_A/8{} bytes_per_second [B/s] Higher: 1610612736@0/1000 1610612736@0/1000",
            "|BM_A/8{} n [] Unknown: 2000@0/1000 2000@0/1000",
            "|BM_D{} time [s/op] Lower*: ~0.000002 n=3 sd=0.0000005",
            "|BM_D{} cpu_time [s/op] Lower: ~0.000001 n=3 sd=0.000001",
            "|BM_D_e{} time [s/op] Lower*: 0.000003@0/7",
            "|BM_D_e{} cpu_time [s/op] Lower: 0.000002@0/7",
        ],
        &[
            "UnknownRecord 1 BM_A/8_BigO           0.31 N          0.31 N",
            "FailedBenchmark 1 BM_C",
            "AggregateOnly 2 BM_D",
            "UnknownRecord 1 BM_D_max",
        ],
    );
    let csv = "2019-10-12\nname,iterations,real_time,cpu_time,time_unit,bytes_per_second,items_per_second,label,error_occurred,error_message,\"depth\"\n\
        \"BM_A/8\",1000,5,4,ns,1024,,\"x\",,,3\n\"BM_B\",,,,,,,,true,\"no, file\"\n\"BM_C\",1\n";
    holds(
        "google-benchmark-csv",
        csv,
        &[
            "|BM_A/8{} time [s/op] Lower*: 0.000000005@0/1000",
            "|BM_A/8{} cpu_time [s/op] Lower: 0.000000004@0/1000",
            "|BM_A/8{} bytes_per_second [B/s] Higher: 1024@0/1000",
            "|BM_A/8{} depth [] Unknown: 3@0/1000",
        ],
        &["FailedBenchmark 1 BM_B", "BrokenLine 1 BM_C"],
    );
}

#[test]
fn counters_of_google_benchmark_have_prefixes_units_and_columns() {
    let google = |rows: &str, title: &str, wanted: &[&str], notices: &[&str]| {
        let text = format!("---\nBenchmark  Time  CPU  Iterations{title}\n{rows}");
        holds("google-benchmark-text", &text, wanted, notices);
    };
    let times = ["|A{} time [s/op] Lower*: 0.000000001@0/9", "|A{} cpu_time [s/op] Lower: 0.000000001@0/9"];
    let lines = |more: &[&'static str]| [&times[..], more].concat();
    // Bytes a second count by 1024, marked or not; an inverted rate is a time.
    google(
        "A  1 ns  1 ns  9 bytes_per_second=1.5G/s inv=13.5us odd=7Q rate=2k/s small=4p\n",
        " UserCounters...",
        &lines(&[
            "|A{} bytes_per_second [B/s] Higher: 1610612736@0/9",
            "|A{} inv [] Unknown: 0.0000135@0/9",
            "|A{} rate [] Unknown: 2000@0/9",
            "|A{} small [] Unknown: 0.000000000004@0/9",
        ]),
        &["BrokenLine 1 odd"],
    );
    // As versions before 1.4 print it.
    google(
        "A  1 ns  1 ns  9   1.5kB/s   2M items/s\n",
        "",
        &lines(&[
            "|A{} bytes_per_second [B/s] Higher: 1536@0/9",
            "|A{} items_per_second [items/s] Higher: 2000000@0/9",
        ]),
        &[],
    );
    // A table: a missing value leaves its column empty, one too long moves the rest.
    google(
        "A  1 ns  1 ns  9                                 2k/s          3 4 label\nB  1 ns  1 ns  9                 1234567.89k/s         8          5\n",
        "        Foo       Bar        Baz",
        &[
            times[0],
            times[1],
            "|A{} Bar [] Unknown: 2000@0/9",
            "|A{} Baz [] Unknown: 3@0/9",
            "|B{} time [s/op] Lower*: 0.000000001@0/9",
            "|B{} cpu_time [s/op] Lower: 0.000000001@0/9",
            "|B{} Foo [] Unknown: 1234567890@0/9",
            "|B{} Bar [] Unknown: 8@0/9",
            "|B{} Baz [] Unknown: 5@0/9",
        ],
        &[],
    );
}

pub(crate) const GUNGRAUN: &str = "running 0 tests\n{not json}\n{\"module_path\":\"game::group::play\",\"function_name\":\"play\",\"id\":\"long\",\"profiles\":[\
    {\"tool\":\"Callgrind\",\"summaries\":{\"total\":{\"summary\":{\"Callgrind\":{\"D1MissRate\":{\"metrics\":{\"Left\":{\"Int\":0}}},\"Ir\":{\"metrics\":{\"Both\":[{\"Int\":60},{\"Int\":50}]}},\"L1HitRate\":{\"metrics\":{\"Left\":{\"Float\":99.5}}},\"Gone\":{\"metrics\":{\"Right\":{\"Int\":5}}}}}}}},\
    {\"tool\":\"Dhat\",\"summaries\":{\"total\":{\"summary\":{\"Dhat\":{\"TotalBytes\":{\"metrics\":{\"Left\":{\"Int\":64}}}}}}}},\
    {\"tool\":\"Massif\",\"summaries\":{\"total\":{\"summary\":\"None\"}}}]}\n\ntrailing\n\
    {\n  \"module_path\": \"game::group::rest\",\n  \"function_name\": \"rest\", \"id\": null,\n  \"profiles\": []\n}\n{\"summaries\":";

#[test]
fn gungraun_writes_an_object_a_benchmark() {
    holds(
        "gungraun-json",
        GUNGRAUN,
        &[
            "game::group|play{case=long} Ir [count] Lower*: 60@0",
            "game::group|play{case=long} D1MissRate [%] Lower: 0@0",
            "game::group|play{case=long} L1HitRate [%] Higher: 99.5@0",
            "game::group|play{case=long} Dhat TotalBytes [B] Lower: 64@0",
        ],
        &[
            "BrokenLine 1 {not json}",
            "UnknownRecord 2 values of the run before",
            "NoUsableValue 1 rest",
            "Truncated 1 {\"summaries\":",
        ],
    );
}

#[test]
fn counters_of_google_benchmark_end_where_the_label_begins() {
    let google = |rows: &str, title: &str, wanted: &[&str]| {
        let text = format!("---\nBenchmark  Time  CPU  Iterations{title}\n{rows}");
        holds("google-benchmark-text", &text, wanted, &[]);
    };
    let times = ["|A{} time [s/op] Lower*: 0.000000001@0/9", "|A{} cpu_time [s/op] Lower: 0.000000001@0/9"];
    let with = |more: &[&'static str]| [&times[..], more].concat();
    // A name with blanks; what no longer follows in order is the label, and so is what has no number.
    let counted = with(&["|A{} cache misses [] Unknown: 2000@0/9", "|A{} n [] Unknown: 4@0/9"]);
    google("A  1 ns  1 ns  9 cache misses=2k n=4 as k=3\n", " UserCounters...", &counted);
    google("A  1 ns  1 ns  9 cache misses=2k n=4 path=/x\n", " UserCounters...", &counted);
    // Titles without counters stand above a row without any.
    google("A  1 ns  1 ns  9 x=3\n", "", &times);
}

#[test]
fn tables_of_benchmark_dot_net_hold_what_it_made_of_iterations() {
    let csv = "Method,Job,Runtime,WarmupCount,N,Mean,Error,StdDev,Median,Ratio,Gen0,Allocated\n\
        \"'Sort \"\"all\"\"'\",.NET 8.0,.NET 8.0,Default,1000,\"1,000.5 ns\",10.5 ns,2.0 ns,1 us,1.00,0.0100,1.5 KB\n\
        Find,.NET 8.0,.NET 8.0,Default,1000,NA,NA,NA,NA,?,0.0000,-\nlost\n";
    holds(
        "benchmarkdotnet-csv",
        csv,
        &[
            "|Sort \"all\"{N=1000} time [s/op] Lower*: ~0.0000010005 sd=0.000000002 median=0.000001 (0.00000099 0.000001011 0.999)",
            "|Sort \"all\"{N=1000} Allocated Memory [B/op] Lower: 1536@0",
            "|Sort \"all\"{N=1000} Gen0Collects [Count] Lower: 0.01@0",
        ],
        &["AggregateOnly 1 Sort \"all\"", "FailedBenchmark 1 Find", "BrokenLine 1 lost"],
    );
    // Jobs that differ are parameters; old versions wrote a comma for the point.
    let jobs = "Type;Method;Job;Platform;Mean;StdDev\nA;F;Job-ABC;X64;2,5 us;0,5 us\nA;F;Job-DEF;X64;3,5 us;0,5 us\n";
    holds(
        "benchmarkdotnet-csv",
        jobs,
        &[
            "A|F{job=Job-ABC} time [s/op] Lower*: ~0.0000025 sd=0.0000005",
            "A|F{job=Job-DEF} time [s/op] Lower*: ~0.0000035 sd=0.0000005",
        ],
        &["AggregateOnly 2 F"],
    );
    let markdown = "# Results\n```\n\nBenchmarkDotNet v0.13.1, OS=ubuntu 22.04\nAMD Ryzen 7, 1 CPU, 16 logical cores\n\n```\n\
        |     Method |        N | Mean [ms] | Error [ms] | StdDev [ms] | Allocated [KB] |\n|----------- |--------- |----------:|-----------:|------------:|---------------:|\n\
        | &#39;a \\| b&#39; | **10** | **1.5** | **0.5** | **0.25** | **2** |\n| | | | | | |\n| c | 20 | 2.5 | 0.5 | 0.25 | - |\n\nText | more\n";
    let run = holds(
        "benchmarkdotnet-markdown",
        markdown,
        &[
            "|a | b{N=10} time [s/op] Lower*: ~0.0015 sd=0.00025 (0.001 0.002 0.999)",
            "|a | b{N=10} Allocated Memory [B/op] Lower: 2048@0",
            "|c{N=20} time [s/op] Lower*: ~0.0025 sd=0.00025 (0.002 0.003 0.999)",
            "|c{N=20} Allocated Memory [B/op] Lower: 0@0",
        ],
        &["AggregateOnly 1 a | b", "AggregateOnly 1 c"],
    );
    let fact = |key: &str| run.environment.get(key).map(str::to_string);
    assert_eq!(fact("BenchmarkDotNetVersion").as_deref(), Some("0.13.1"));
    assert_eq!(fact("ProcessorName").as_deref(), Some("AMD Ryzen 7"));
}

#[test]
fn hyperfine_writes_lists_and_tables() {
    let csv = "command,mean,stddev,median,user,system,min,max,parameter_n\n\"a, b\",0.5,0.25,0.375,0.1,0.1,0.1,1,4\nc,0.5,,0.5,0,0,0.5,0.5,5\nd,1\n";
    holds(
        "hyperfine-csv",
        csv,
        &["|a, b{n=4} time [s] Lower*: ~0.5 sd=0.25 median=0.375", "|c{n=5} time [s] Lower*: ~0.5 median=0.5"],
        &["AggregateOnly 1 a, b", "AggregateOnly 1 c", "BrokenLine 1 d"],
    );
    let markdown = "# Times\n\n| Command | n | Mean [ms] | Min [ms] | Max [ms] | Relative |\n|:---|---:|---:|---:|---:|---:|\n\
        | `a \\| b` | 4 | 2.5 ± 0.5 | 2 | 3 | 1.00 |\n| `c` | 5 | 5.0 | 5 | 5 | 2.00 |\n| `d` |\n\n| other | table |\n";
    holds(
        "hyperfine-markdown",
        markdown,
        &["|a | b{n=4} time [s] Lower*: ~0.0025 sd=0.0005", "|c{n=5} time [s] Lower*: ~0.005"],
        &["AggregateOnly 1 a | b", "AggregateOnly 1 c", "BrokenLine 1 d"],
    );
}
