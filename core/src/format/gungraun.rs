//! The console output of iai, iai-callgrind and gungraun: counts of a simulated run, one a metric.

use alloc::string::{String, ToString};

use crate::error::ParseError;
use crate::format::build::{self, Builder};
use crate::format::text::{amount, around, at_last, cut, has};
use crate::format::{Content, holds};
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
        let unit = if metric.ends_with("ytes") { "B" } else { "count" };
        let slot = b.single(&full, unit, value);
        b.better(slot, Better::Lower);
        // Behind the bar stands the run before, which has a file of its own.
        if rest.strip_prefix('|').and_then(amount).is_some() {
            b.note_of(NoticeCode::UnknownRecord, "values of the run before");
        }
    }
}
