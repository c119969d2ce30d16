//! pyperf JSON. A run is a process; its warm-ups are kept and marked, as is the process that found
//! out how many loops a value takes.

use crate::error::ParseError;
use crate::format::build::{self, Builder};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::{Mark, Marks};
use crate::source::{Parsed, Source};
use crate::unit::Better;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let runs = holds(bytes, &["^{", "\"benchmarks\"", "\"runs\""]);
    if runs && (holds(bytes, &["\"values\""]) || holds(bytes, &["\"warmups\""])) { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("pyperf", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let [common, benchmarks] = root.fields(&["metadata", "benchmarks"]);
    b.run.forks.clear();
    let facts = &[
        "hostname",
        "platform",
        "cpu_model_name",
        "cpu_count",
        "cpu_affinity",
        "cpu_config",
        "aslr",
        "python_implementation",
        "python_version",
        "python_compiler",
        "python_cflags",
        "timer",
    ];
    b.facts(common, facts);
    for benchmark in benchmarks.items() {
        b.stands_at(benchmark);
        read(b, benchmark, common);
    }
}

/// What a run, its benchmark or the file says; what all runs say alike stands further up.
fn known<'a>(levels: [Value<'a>; 3], name: &str) -> Value<'a> {
    levels.into_iter().map(|level| level.at(name)).find(|value| value.is_there()).unwrap_or_default()
}

fn read(b: &mut Builder<'_>, benchmark: Value<'_>, common: Value<'_>) {
    let [metadata, runs] = benchmark.fields(&["metadata", "runs"]);
    let first = runs.items().next().unwrap_or_default().at("metadata");
    let levels = [first, metadata, common];
    let name = known(levels, "name").text();
    b.benchmark("", if name.is_empty() { "benchmark" } else { &name });
    let unit = known(levels, "unit");
    let slot = if unit.is("byte") {
        let slot = b.series("memory", "B");
        b.better(slot, Better::Lower);
        slot
    } else if unit.is("integer") {
        b.series("value", "")
    } else {
        b.series("time", "s/op")
    };
    for run in runs.items() {
        let [own, warmups, values] = run.fields(&["metadata", "warmups", "values"]);
        let count = |name: &str| known([own, metadata, common], name).count().unwrap_or(1).max(1);
        let (loops, inner) = (count("loops"), count("inner_loops"));
        // The first process may only have looked for the number of loops.
        let measured = values.items().next().is_some();
        if !measured && warmups.items().next().is_none() {
            continue;
        }
        let fork = b.fork(if measured { Marks::NONE } else { Marks::of(Mark::Pilot) });
        for pair in warmups.items() {
            let mut pair = pair.items();
            let (loops, value) = (pair.next().unwrap_or_default(), pair.next().unwrap_or_default());
            let ops = loops.count().unwrap_or(1).saturating_mul(inner);
            b.push(slot, value.float(), fork, ops, Marks::of(Mark::Warmup));
        }
        for value in values.items() {
            b.push(slot, value.float(), fork, loops.saturating_mul(inner), Marks::NONE);
        }
    }
}
