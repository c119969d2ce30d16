//! The console output of iai, iai-callgrind and gungraun, and the JSON of the last: counts of a simulated run, one a
//! metric.

use alloc::string::{String, ToString};

use crate::error::ParseError;
use crate::format::build::{self, Builder};
use crate::format::text::{amount, around, at_last, cut, has};
use crate::format::{Content, holds};
use crate::json::{self, JsonErrorKind, Value};
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::Better;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let counts = holds(bytes, &["\n  Instructions: "]) || holds(bytes, &["\n  Total bytes: "]);
    if counts || holds(bytes, &["\n  ======= ", "|"]) { 80 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("gungraun", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    let (mut name, mut tool) = ("", "");
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if !line.starts_with(' ') {
            if !line.is_empty() {
                (name, tool) = (line, "");
                // `module::group::function id:arguments`.
                let (path, arguments) = around(name, " ");
                let (suite, function) = at_last(path, b':');
                let suite = suite.strip_suffix(':').unwrap_or(suite);
                b.benchmark(suite, function);
                if !arguments.is_empty() {
                    b.param("case", arguments);
                }
            }
            continue;
        }
        let line = line.trim();
        if line.starts_with("=======") {
            tool = cut(line, "= ").map_or("", |(_, name)| around(name, " ").0);
            continue;
        }
        let Some((metric, rest)) = cut(line, ": ").filter(|_| !name.is_empty()) else { continue };
        let Some((value, rest)) = amount(rest) else {
            // Texts such as the command, or `N/A`.
            if has(rest, "|") {
                b.note(NoticeCode::NoUsableValue);
            }
            continue;
        };
        // What others than callgrind count gets their name in front.
        let mut full = String::new();
        if !matches!(tool, "" | "CALLGRIND") {
            full = tool.to_string() + " ";
        }
        full.push_str(metric);
        let slot = b.single(&full, unit(metric), value);
        b.better(slot, Better::Lower);
        // Behind the bar stands the run before, which has a file of its own.
        if rest.strip_prefix('|').and_then(amount).is_some() {
            b.note_of(NoticeCode::UnknownRecord, "values of the run before");
        }
    }
}

/// What a metric counts, by its name.
fn unit(metric: &str) -> &'static str {
    match metric {
        _ if metric.ends_with("ytes") => "B",
        _ if metric.ends_with("Rate") || metric.ends_with("rate") => "%",
        _ => "count",
    }
}

pub(super) fn detect_json(bytes: &[u8]) -> u8 {
    if holds(bytes, &["\"function_name\"", "\"module_path\"", "\"profiles\"", "\"summaries\""]) { 92 } else { 0 }
}

/// An object for each benchmark, in lines or over several, between what cargo and the tests print.
pub(super) fn parse_json(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("gungraun", "one process"), read_objects)
}

fn read_objects(b: &mut Builder<'_>, text: &str) {
    let (mut rest, mut line) = (text, 0);
    while !rest.is_empty() {
        b.line(line);
        let (first, behind) = around(rest, "\n");
        if !first.trim_start().starts_with('{') {
            (rest, line) = (behind, line + 1);
            continue;
        }
        let (read, lines) = match json::leading(rest) {
            Ok(value) => {
                read_object(b, value);
                let blank = rest.len() - rest.trim_start().len();
                (blank + value.bytes(), 0)
            }
            Err(error) => {
                // What is no object is passed over, and what has no end is the last.
                let ended = matches!(error.kind(), JsonErrorKind::Ended);
                b.note_of(if ended { NoticeCode::Truncated } else { NoticeCode::BrokenLine }, first);
                (if ended { rest.len() } else { 0 }, error.line())
            }
        };
        let mut next = read;
        for _ in 0..lines {
            next += around(rest.get(next..).unwrap_or(""), "\n").0.len() + 1;
        }
        let (passed, behind) = rest.split_at_checked(next).unwrap_or((rest, ""));
        line += passed.bytes().filter(|byte| *byte == b'\n').count();
        rest = behind;
    }
}

fn read_object(b: &mut Builder<'_>, benchmark: Value<'_>) {
    let [path, function, id, profiles] = benchmark.fields(&["module_path", "function_name", "id", "profiles"]);
    let (path, function, id) = (path.text(), function.text(), id.text());
    // The path ends in the function itself.
    let suite = path.strip_suffix(&function).and_then(|path| path.strip_suffix("::")).unwrap_or(&path);
    b.benchmark(suite, &function);
    if !id.is_empty() {
        b.param("case", &id);
    }
    let mut found = false;
    for profile in profiles.items() {
        let [tool, summaries] = profile.fields(&["tool", "summaries"]);
        let summary = summaries.at("total").at("summary");
        for (_, metrics) in summary.members() {
            // In order of their names rates of misses come first; what counts is the instructions, as in the text.
            for instructions in [true, false] {
                for (metric, sides) in metrics.members().filter(|(metric, _)| metric.is("Ir") == instructions) {
                    found |= read_metric(b, &tool.text(), &metric.text(), sides.at("metrics"));
                }
            }
        }
    }
    if !found {
        b.note(NoticeCode::NoUsableValue);
    }
}

/// Adds the value of this run, which stands on the left; false: there is none.
fn read_metric(b: &mut Builder<'_>, tool: &str, metric: &str, sides: Value<'_>) -> bool {
    let [both, left, right] = sides.fields(&["Both", "Left", "Right"]);
    let new = both.items().next().unwrap_or(left);
    let [int, float] = new.fields(&["Int", "Float"]);
    if both.is_there() || right.is_there() {
        b.note_of(NoticeCode::UnknownRecord, "values of the run before");
    }
    let Some(value) = int.number().or_else(|| float.number()) else { return false };
    let mut full = String::new();
    if !matches!(tool, "" | "Callgrind") {
        full = tool.to_string() + " ";
    }
    full.push_str(metric);
    let slot = b.single(&full, unit(metric), value);
    b.better(slot, if metric.contains("HitRate") { Better::Higher } else { Better::Lower });
    true
}
