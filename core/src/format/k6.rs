//! Summaries of k6, by `--summary-export` or by `handleSummary`.

use alloc::string::{String, ToString};

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::text::{around, cut, parts};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::source::{Parsed, Source};
use crate::unit::Better;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"metrics\"", "\"iterations\"", "\"avg\""]) { 80 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::document(source, ("k6", "one run of k6"), read_all)
}

fn read_all(b: &mut Builder<'_>, root: Value<'_>) {
    let metrics = root.at("metrics");
    for (name, metric) in metrics.members() {
        b.stands_at(metric);
        read(b, &name.text(), metric);
    }
}

/// What k6 times itself, in milliseconds.
const TIMES: &[&str] = &["http_req_", "iteration_duration", "group_duration", "ws_", "grpc_req_", "browser_"];

/// What is known of the direction of some of the others.
const DIRECTIONS: &[(&str, &str, Better)] = &[
    ("iterations", "rate", Better::Higher),
    ("http_reqs", "rate", Better::Higher),
    ("checks", "rate", Better::Higher),
    ("checks", "value", Better::Higher),
    ("http_req_failed", "rate", Better::Lower),
    ("http_req_failed", "value", Better::Lower),
    ("dropped_iterations", "count", Better::Lower),
    ("dropped_iterations", "rate", Better::Lower),
];

fn read(b: &mut Builder<'_>, full: &str, metric: Value<'_>) {
    let [contains, values] = metric.fields(&["contains", "values"]);
    let values = if values.is_there() { values } else { metric };
    // `name{tag:value}` is the part of a metric that has the tag.
    let (name, tags) = around(full, "{");
    b.benchmark("", name);
    for tag in parts(tags.strip_suffix('}').unwrap_or(tags), ",") {
        if let Some((key, value)) = cut(tag, ":") {
            b.param(key.trim(), value.trim());
        }
    }
    let bytes = name.starts_with("data_") || contains.is("data");
    let [mean, median, count] = values.fields(&["avg", "med", "count"]);
    let timed = contains.is("time") || !contains.is_there() && TIMES.iter().any(|start| name.starts_with(start));
    let unit = match () {
        () if timed && mean.is_there() => "ms",
        () if bytes => "B",
        () => "",
    };
    if mean.is_there() {
        let slot = b.series("avg", unit);
        b.summary(slot, &Stated { mean: mean.float(), median: median.float(), ..Stated::NONE });
    }
    for (key, value) in values.members().filter(|(key, value)| value.number().is_some() && !key.is("avg")) {
        let key = key.text();
        let unit = match key.as_str() {
            "med" => continue,
            "rate" if count.is_there() => unit.to_string() + "/s",
            _ => String::from(unit),
        };
        let slot = b.single(&key, &unit, value.float());
        let known = DIRECTIONS.iter().find(|(of, stat, _)| *of == name && *stat == key);
        let usual = if timed { Better::Lower } else { Better::Unknown };
        let better = known.map_or(usual, |(_, _, better)| *better);
        b.better(slot, better);
    }
}
