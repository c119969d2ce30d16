//! BenchmarkDotNet JSON, full or brief. A launch is a process; of its iterations those count of which
//! the tool makes its results: the workload without overhead and without what it took for outliers.

use alloc::string::String;

use crate::error::ParseError;
use crate::format::build::{Builder, MANY};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::{Aggregate, Marks};
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"HostEnvironmentInfo\"", "\"Benchmarks\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "BenchmarkDotNet", "one launch of a benchmark");
    let [host, benchmarks] = b.document()?.fields(["HostEnvironmentInfo", "Benchmarks"]);
    b.run.forks.clear();
    b.facts(host, FACTS);
    // Old versions wrote how the name was made.
    let cpu = host.at("ProcessorName").at("Value");
    if cpu.is_there() {
        b.run.environment.set("ProcessorName", &cpu.text());
    }
    for benchmark in benchmarks.items() {
        b.stands_at(benchmark);
        read(&mut b, benchmark);
    }
    b.finish()
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
        .fields([
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
    for (name, value) in params.text().split('&').filter_map(|part| part.split_once('=')) {
        b.param(name, value);
    }
    // `Type.Method: Job-ABCDEF(Runtime=.NET 8.0) [size=1]`.
    let display = display.text();
    let job = display.split_once(": ").map_or("", |(_, job)| job.split(" [").next().unwrap_or(job));
    if !matches!(job, "" | "DefaultJob") {
        b.param("job", job);
    }
    let time = b.series("time", "ns/op");
    let first = b.run.forks.len() as u32;
    // Without the stage, old files say `MainTarget` and `Result` as the mode.
    let is = |m: &Value<'_>, stage: &str, old: &str| {
        let [mode, of] = m.fields(["IterationMode", "IterationStage"]);
        if of.is_there() { mode.is("Workload") && of.is(stage) } else { mode.is(old) }
    };
    let made = |m: &Value<'_>| is(m, "Result", "Result");
    let ran = |m: &Value<'_>| is(m, "Actual", "MainTarget");
    let results = measurements.items().filter(made).count();
    let mut launch = None;
    for measured in measurements.items().filter(|m| if results > 0 { made(m) } else { ran(m) }) {
        let [index, operations, time_of] = measured.fields(["LaunchIndex", "Operations", "Nanoseconds"]);
        let index = index.count();
        if launch != Some(index) {
            b.fork(Marks::NONE);
            launch = Some(index);
        }
        let fork = b.run.forks.len() as u32 - 1;
        let operations = operations.count().unwrap_or(1).max(1);
        b.push(time, time_of.float() / operations as f64, fork, operations, Marks::NONE);
    }
    let outliers = measurements.items().filter(ran).count().saturating_sub(results);
    if results > 0 {
        (0..outliers).for_each(|_| b.note_of(NoticeCode::UnknownRecord, "iterations that the tool took for outliers"));
    }
    if launch.is_none() {
        b.fork(Marks::NONE);
        let [values, n, mean, std_dev, median] =
            statistics.fields(["OriginalValues", "N", "Mean", "StandardDeviation", "Median"]);
        for value in values.items() {
            b.push(time, value.float(), first, MANY, Marks::NONE);
        }
        if values.items().next().is_none() && mean.is_there() {
            let (std_dev, median) = (std_dev.number(), median.number());
            b.summary(time, Aggregate { n: n.count(), mean: mean.float(), std_dev, median, interval: None });
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
        let [value, descriptor] = metric.fields(["Value", "Descriptor"]);
        let [id, unit, more] = descriptor.fields(["Id", "Unit", "TheGreaterTheBetter"]);
        let unit = match (id.text().as_str(), unit.text()) {
            ("Allocated Memory", _) => String::from("B/op"),
            (_, unit) => unit,
        };
        let slot = b.series(&id.text(), &unit);
        b.better(slot, if more.first() == b't' { Better::Higher } else { Better::Lower });
        b.push(slot, value.float(), first, MANY, Marks::NONE);
    }
}
