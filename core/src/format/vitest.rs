//! vitest `bench --outputJson`. Times in milliseconds, each of one call; older versions and the
//! default of newer ones keep none of them.

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::Marks;
use crate::source::{Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"files\"", "\"groups\"", "\"benchmarks\"", "\"rme\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("vitest", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let files = root.at("files");
    for group in files.items().flat_map(|file| file.at("groups").items()) {
        let [suite, benchmarks] = group.fields(&["fullName", "benchmarks"]);
        let suite = suite.text();
        for benchmark in benchmarks.items() {
            b.stands_at(benchmark);
            let [name, samples, n, mean, std_dev, median, half] =
                benchmark.fields(&["name", "samples", "sampleCount", "mean", "sd", "median", "moe"]);
            b.benchmark(&suite, &name.text());
            let time = b.series("time", "ms/op");
            for sample in samples.items() {
                b.push(time, sample.float(), 0, 1, Marks::NONE);
            }
            if mean.is_there() {
                let said = Stated { n: n.float(), mean: mean.float(), std_dev: std_dev.float(), ..Stated::NONE };
                b.summary(time, &Stated { median: median.float(), half: half.float(), ..said });
            }
        }
    }
}
