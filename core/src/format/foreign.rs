//! Formats that are known and not read: whoever brings one is told what it is.

use crate::find::beginning;

/// A format by what its files hold: all of the pieces in their first 64 KiB, the first one at the
/// very beginning where it starts with `^`.
type Row = (&'static str, &'static [&'static str]);

const ROWS: &[Row] = &[
    ("a recording of perf (`perf script` prints it)", &["^PERFILE2"]),
    ("a profile of perf as JSON (`perf script` prints it as text)", &["\"linux-perf-json-version\""]),
    ("a recording of simpleperf", &["^SIMPLEPERF"]),
    ("a method trace of Android", &["^*version\n", "clock="]),
    ("a method trace of Android", &["^SLOW"]),
    ("a recording of Austin in its binary form", &["^MOJ"]),
    ("a recording of memray", &["^memray"]),
    ("a trace of .NET", &["^Nettrace"]),
    ("a profile of Very Sleepy", &["^PK\u{3}\u{4}", "Callstacks.txt"]),
    ("attributes of functions, which hold no stacks", &["\ttitle=", "href="]),
    ("what pprof prints of a profile", &["^PeriodType:", "\nSamples:\n"]),
    ("addresses of Go stacks without names", &["^[", "\"Stack0\""]),
    // What the small engine leaves to the whole one.
    ("stacks of Austin", &["^# austin: "]),
    ("a Java Flight Recorder file", &["^FLR\0"]),
    ("Google Benchmark console text", &["Time             CPU   Iterations"]),
    ("gungraun JSON", &["\"metrics_summary\""]),
    ("benchstat text", &["│", "sec/op"]),
    ("benchstat text", &["old time/op"]),
    ("nanobench text", &["|    err% |"]),
    ("JMH results in Markdown", &["| Benchmark ", "| Mode "]),
    ("a Go garbage collector trace", &["gc 1 @", "ms clock"]),
    ("an xctrace export", &["^<?xml", "<trace-query-result>"]),
    ("a GHC profile", &["COST CENTRE"]),
    ("a DHAT profile", &["\"dhatFileVersion\""]),
    ("a Safari timeline", &["^{", "timeline-record-type"]),
    ("gprof text", &["^Flat profile:"]),
    ("stacks of goroutines", &["^goroutine "]),
    ("an async-profiler flame graph", &["async-profiler", "levels"]),
    ("a gprof2dot profile", &["\"costs\"", "\"functions\"", "\"events\""]),
    ("an Instruments call tree", &["\tSymbol Name"]),
    ("a VTune call tree", &["Function Stack"]),
    ("a Go optimisation log", &["\"gc_version\""]),
    ("a JVM garbage collector log", &["[gc"]),
    ("a JVM garbage collector log", &["[GC", " secs]"]),
    ("a Go scheduler trace", &["SCHED ", "gomaxprocs="]),
    ("Go compiler notes", &["escapes to heap"]),
    ("a Java heap dump", &["^JAVA PROFILE"]),
    ("a zip archive", &["^PK\u{3}\u{4}"]),
    ("a BenchmarkDotNet table", &["Method", "Mean", "StdDev"]),
    ("a Chrome trace", &["\"ph\":", "\"ts\":"]),
    ("a Firefox profile", &["\"meta\"", "\"interval\"", "\"processType\""]),
    ("a stackprof profile", &["\"missed_samples\"", "\"gc_samples\""]),
    ("callgrind output", &["events: ", "fn="]),
    ("a pprof profile of the old text form", &["^heap profile:"]),
    ("a pprof profile of the old text form", &["^--- "]),
    ("the output of tests without a benchmark", &["running ", "\ntest result: "]),
];

/// The name of a known format; `None`: never seen.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    let head = beginning(bytes);
    let holds = |piece: &&str| match piece.strip_prefix('^') {
        Some(start) => head.starts_with(start.as_bytes()),
        None => crate::find::find(head, piece.as_bytes()).is_some(),
    };
    ROWS.iter().find(|(_, pieces)| pieces.iter().all(holds)).map(|(name, _)| *name)
}
