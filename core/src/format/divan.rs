//! The tree that divan prints: a benchmark a line, its columns between bars.

use alloc::string::ToString;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::text::{amount, cut, has, joined, parts, thousands};
use crate::format::{Content, holds};
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::tidy;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["fastest", "│ slowest", "│ median"]) { 85 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("divan", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    let mut suite = "";
    // Where the first column begins, in characters; the names that a line is below.
    let (mut column, mut path): (usize, Vec<&str>) = (usize::MAX, Vec::new());
    // What the rows below count: `alloc:`, `max alloc:` …
    let mut label = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some((before, _)) = cut(line, "fastest").filter(|_| has(line, "│ slowest")) {
            column = before.chars().count();
            suite = before.trim();
            path.clear();
            continue;
        }
        let Some((at, _)) = line.char_indices().nth(column) else { continue };
        let (tree, cells) = line.split_at(at);
        let cells = parts(cells, "│");
        let cell = |at: usize| cells.get(at).map_or("", |cell| cell.trim());
        let (fastest, median, mean, samples) = (cell(0), cell(2), cell(3), cell(4));
        if let Some((before, name)) = cut(tree, "├─").or_else(|| cut(tree, "╰─")) {
            // Every level is three characters wide; old versions draw one line more.
            path.truncate(before.chars().count() / 3);
            path.push(name.strip_prefix("─").unwrap_or(name).trim());
            b.benchmark(suite, &joined(&path, "/"));
            label = "";
        }
        if let Some(name) = fastest.strip_suffix(':') {
            label = name;
            continue;
        }
        if fastest.is_empty() {
            continue;
        }
        let (Some((value, unit)), Some((median, of))) = (amount(mean), amount(median)) else {
            // `(ignored)`.
            b.note_of(NoticeCode::UnknownRecord, line.trim());
            continue;
        };
        let slot = if unit.contains('/') {
            let (name, factor) = thousands(unit, "item/s");
            b.series("throughput", name).times(factor)
        } else if label.is_empty() {
            b.series("time", &(unit.to_string() + "/op"))
        } else if unit.is_empty() {
            b.series(label, "allocs/op")
        } else {
            b.series(&(label.to_string() + " size"), &(unit.to_string() + "/op"))
        };
        // The median may stand in another unit than the mean.
        let median = median * tidy(of).factor / tidy(unit).factor;
        let n = amount(samples).map_or(f64::NAN, |(n, _)| n);
        b.summary(slot, &Stated { n, mean: value, median, ..Stated::NONE });
    }
}
