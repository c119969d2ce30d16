//! nanobench's JSON template. Epochs are iterations of one process.

use alloc::string::String;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::model::Marks;
use crate::source::{Parsed, Source};
use crate::unit::Better;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"results\"", "\"median(elapsed)\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("nanobench", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let results = root.at("results");
    for result in results.items() {
        b.stands_at(result);
        let [title, name, unit, batch, n, median, measured] =
            result.fields(&["title", "name", "unit", "batch", "epochs", "median(elapsed)", "measurements"]);
        b.benchmark(&title.text(), &name.text());
        let per = if unit.is_there() { unit.text() } else { String::from("op") };
        // An iteration does `batch` of what the unit says.
        let batch = batch.number().filter(|n| *n > 0.0).unwrap_or(1.0);
        let time = b.series("time", &(String::from("s/") + &per)).times(1.0 / batch);
        if !measured.items().any(|m| m.at("elapsed").is_there()) {
            let mean = median.float();
            b.summary(time, &Stated { n: n.float(), mean, median: mean, ..Stated::NONE });
            continue;
        }
        for epoch in measured.items() {
            let ops = epoch.at("iterations").count().unwrap_or(1);
            for (key, value) in epoch.members().filter(|(key, _)| !key.is("iterations")) {
                let name = key.text();
                let slot = if name == "elapsed" {
                    time
                } else {
                    let slot = b.series(&name, &(name.clone() + "/" + &per)).times(1.0 / batch);
                    b.better(slot, Better::Lower);
                    slot
                };
                b.push(slot, value.float(), 0, ops, Marks::NONE);
            }
        }
    }
}
