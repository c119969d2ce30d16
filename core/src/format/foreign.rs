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
    ("a Go garbage collector trace from before version 1.5", &["^gc", "): ", " objects, ", " handoff, "]),
    ("a Go garbage collector trace", &["gc 1 @", "ms clock"]),
    ("an xctrace export", &["^<?xml", "<trace-query-result>"]),
    ("a GHC profile", &["COST CENTRE"]),
    ("a DHAT profile", &["\"dhatFileVersion\""]),
    ("a Safari timeline", &["^{", "timeline-record-type"]),
    ("bpftrace stacks", &["\n@", "[\n    ", "\n]: "]),
    ("bpftrace stacks", &["^@", "[\n", "]: "]),
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

/// The ones that the small engine leaves to the whole one, which is asked about all that it does not know.
#[cfg(feature = "full")]
const MORE: &[Row] = &[
    ("what pprof prints of a profile", &["^File: ", "\nShowing nodes accounting for "]),
    ("an execution trace of Go", &["^go 1.", " trace\0"]),
    ("a heap profile of Valgrind's Massif", &["^desc: ", "mem_heap_B="]),
    ("the file of a program built for gprof (`gprof` prints it)", &["^gmon\u{1}\0\0\0"]),
    ("a log of V8's profiler (`node --prof-process` prints it)", &["^v8-version,"]),
    ("what V8's profiler prints", &["^Statistical profiling result from "]),
    ("a profile of pyinstrument", &["\"root_frame\"", "\"sample_count\""]),
    ("a profile of pyinstrument", &["\"frame_records\"", "\"sample_count\""]),
    ("a profile of Scalene", &["\"alloc_samples\"", "\"elapsed_time_sec\""]),
    ("a function trace of Xdebug", &["^Version: ", "\nFile format: "]),
    ("a function trace of Xdebug", &["^TRACE START ["]),
    ("a stackprof dump (`stackprof --json` prints it)", &["^\u{4}\u{8}{", "samples"]),
    ("a processed log of V8's profiler", &["^{", "\"code\"", "SHARED_LIB"]),
    ("a profile of Papyrus", &[" log opened (PC)"]),
    ("a heap snapshot of V8", &["^{\"snapshot\":", "\"node_fields\""]),
    ("a flamebearer of Pyroscope", &["\"flamebearer\"", "\"levels\""]),
    ("stacks of xperf", &["^Process Name, ", "% Weight"]),
    ("what OProfile prints", &["^CPU: ", "\nCounted "]),
    ("a trace of ftrace", &["^# tracer: "]),
    ("counts of perf stat", &["Performance counter stats for "]),
    ("metrics of Prometheus", &["^# HELP ", "\n# TYPE "]),
    ("a spindump report of macOS", &["Date/Time: ", "Heaviest stack for the target process:"]),
    ("a spindump report of macOS", &["^Date/Time: ", "\nData Source: "]),
    ("a JRockit collector log", &["[memory ]"]),
    ("a collector log of IBM's JVM", &["<verbosegc "]),
    ("a collector log of IBM's JVM", &["<AF", "Allocation Failure. need "]),
    ("a tree for d3-flame-graph", &["^{", "\"name\"", "\"value\"", "\"children\""]),
];
#[cfg(not(feature = "full"))]
const MORE: &[Row] = &[];

/// The name of a known format; `None`: never seen.
pub(super) fn name(bytes: &[u8]) -> Option<&'static str> {
    let head = beginning(bytes);
    let holds = |piece: &&str| match piece.strip_prefix('^') {
        Some(start) => head.starts_with(start.as_bytes()),
        None => crate::find::find(head, piece.as_bytes()).is_some(),
    };
    MORE.iter().chain(ROWS).find(|(_, pieces)| pieces.iter().all(holds)).map(|(name, _)| *name)
}
