//! pytest-benchmark `--benchmark-json`. All tests of a file run in one process; single values are
//! there with `--benchmark-save-data` only.

use crate::error::ParseError;
use crate::format::build::{self, Builder, MANY, Stated};
use crate::format::text::around;
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::Marks;
use crate::source::{Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"benchmarks\"", "\"stats\"", "\"rounds\""]) { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("pytest-benchmark", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let [machine, benchmarks] = root.fields(&["machine_info", "benchmarks"]);
    let facts = &["node", "machine", "python_implementation", "python_version", "python_compiler", "release", "system"];
    b.facts(machine, facts);
    b.facts(machine.at("cpu"), &["brand_raw", "count"]);
    for benchmark in benchmarks.items() {
        b.stands_at(benchmark);
        let [full, name, params, stats] = benchmark.fields(&["fullname", "name", "params", "stats"]);
        let (full, name) = (full.text(), name.text());
        let suite = full.strip_suffix(name.as_str()).unwrap_or(&full);
        let suite = suite.strip_suffix("::").unwrap_or(suite);
        // `test[1-2]` with its parameters told apart is `test`.
        let short = if params.is_there() { around(&name, "[").0 } else { &name };
        b.benchmark(suite, short);
        for (key, value) in params.members() {
            b.param(&key.text(), &value.text());
        }
        let [values, n, mean, std_dev, median, iterations] =
            stats.fields(&["data", "rounds", "mean", "stddev", "median", "iterations"]);
        let time = b.series("time", "s/op");
        for value in values.items() {
            b.push(time, value.float(), 0, iterations.count().unwrap_or(MANY), Marks::NONE);
        }
        if mean.is_there() {
            let (n, mean, std_dev, median) = (n.float(), mean.float(), std_dev.float(), median.float());
            b.summary(time, &Stated { n, mean, std_dev, median, ..Stated::NONE });
        }
    }
}
