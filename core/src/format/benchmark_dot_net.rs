//! BenchmarkDotNet JSON, full or brief. A launch is a process; of its iterations those count of which
//! the tool makes its results: the workload without overhead and without what it took for outliers.

use alloc::string::String;

use crate::error::ParseError;
use crate::format::build::{self, Builder, MANY, Stated};
use crate::format::text::{around, cut, parts};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::Marks;
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"HostEnvironmentInfo\"", "\"Benchmarks\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("BenchmarkDotNet", "one launch of a benchmark"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let [host, benchmarks] = root.fields(&["HostEnvironmentInfo", "Benchmarks"]);
    b.run.forks.clear();
    b.facts(host, FACTS);
    // Old versions wrote how the name was made.
    let cpu = host.at("ProcessorName").at("Value");
    if cpu.is_there() {
        b.run.environment.set("ProcessorName", &cpu.text());
    }
    for benchmark in benchmarks.items() {
        b.stands_at(benchmark);
        read(b, benchmark);
    }
}

/// What is taken of the facts about host and tool.
const FACTS: &[&str] = &[
    "BenchmarkDotNetVersion",
    "OsVersion",
    "ProcessorName",
    "PhysicalCoreCount",
    "LogicalCoreCount",
    "ProcessorCount",
    "RuntimeVersion",
    "ClrVersion",
    "Architecture",
    "DotNetCliVersion",
    "Configuration",
    "HasAttachedDebugger",
];

fn read(b: &mut Builder<'_>, benchmark: Value<'_>) {
    let [namespace, class, method, title, display, params, statistics, memory, measurements, metrics] = benchmark
        .fields(&[
            "Namespace",
            "Type",
            "Method",
            "MethodTitle",
            "DisplayInfo",
            "Parameters",
            "Statistics",
            "Memory",
            "Measurements",
            "Metrics",
        ]);
    let mut suite = namespace.text();
    if !suite.is_empty() {
        suite.push('.');
    }
    suite.push_str(&class.text());
    b.benchmark(&suite, &if method.is_there() { method } else { title }.text());
    for part in parts(&params.text(), "&") {
        if let Some((name, value)) = cut(part, "=") {
            b.param(name, value);
        }
    }
    // `Type.Method: Job-ABCDEF(Runtime=.NET 8.0) [size=1]`.
    let display = display.text();
    let job = around(around(&display, ": ").1, " [").0;
    if !matches!(job, "" | "DefaultJob") {
        b.param("job", job);
    }
    let time = b.series("time", "ns/op");
    let first = b.run.forks.len() as u32;
    // Results are what ran without the overhead and without what the tool took for outliers.
    let (ran, results) = (count(measurements, "Actual", "MainTarget"), count(measurements, "Result", "Result"));
    let (stage, old) = if results > 0 { ("Result", "Result") } else { ("Actual", "MainTarget") };
    let mut launch = None;
    for measured in measurements.items().filter(|m| is(*m, stage, old)) {
        let [index, operations, nanoseconds] = measured.fields(&["LaunchIndex", "Operations", "Nanoseconds"]);
        let index = index.count();
        if launch != Some(index) {
            b.fork(Marks::NONE);
            launch = Some(index);
        }
        let fork = b.run.forks.len() as u32 - 1;
        let operations = operations.count().unwrap_or(1).max(1);
        b.push(time, nanoseconds.float() / operations as f64, fork, operations, Marks::NONE);
    }
    for _ in results..if results > 0 { ran } else { 0 } {
        b.note_of(NoticeCode::UnknownRecord, "iterations that the tool took for outliers");
    }
    if launch.is_none() {
        b.fork(Marks::NONE);
        let [values, n, mean, std_dev, median] =
            statistics.fields(&["OriginalValues", "N", "Mean", "StandardDeviation", "Median"]);
        for value in values.items() {
            b.push(time, value.float(), first, MANY, Marks::NONE);
        }
        if mean.is_there() {
            let (n, mean, std_dev, median) = (n.float(), mean.float(), std_dev.float(), median.float());
            b.summary(time, &Stated { n, mean, std_dev, median, ..Stated::NONE });
        }
    }
    if !statistics.is_there() {
        b.note(NoticeCode::FailedBenchmark);
    }
    // The same number stands in the memory of a brief file and among the metrics of a full one.
    let allocated = memory.at("BytesAllocatedPerOperation");
    if allocated.is_there() && !metrics.is_there() {
        let slot = b.series("Allocated Memory", "B/op");
        b.push(slot, allocated.float(), first, MANY, Marks::NONE);
    }
    for metric in metrics.items() {
        let [value, descriptor] = metric.fields(&["Value", "Descriptor"]);
        let [id, unit, more] = descriptor.fields(&["Id", "Unit", "TheGreaterTheBetter"]);
        let unit = match (id.text().as_str(), unit.text()) {
            ("Allocated Memory", _) => String::from("B/op"),
            (_, unit) => unit,
        };
        let slot = b.series(&id.text(), &unit);
        b.better(slot, if more.first() == b't' { Better::Higher } else { Better::Lower });
        b.push(slot, value.float(), first, MANY, Marks::NONE);
    }
}

/// Whether an iteration is of the workload and of a stage; without the stage, old files have a mode
/// of another name.
fn is(measured: Value<'_>, stage: &str, old: &str) -> bool {
    let [mode, of] = measured.fields(&["IterationMode", "IterationStage"]);
    if of.is_there() { mode.is("Workload") && of.is(stage) } else { mode.is(old) }
}

fn count(measurements: Value<'_>, stage: &str, old: &str) -> usize {
    measurements.items().filter(|m| is(*m, stage, old)).count()
}
