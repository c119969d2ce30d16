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

/// A unit without the thousands that divan puts before what it counts, and those.
fn bare(unit: &str) -> (&str, f64) {
    let counted = ["item/s", "char/s", "Hz"].iter().find(|counted| unit.ends_with(**counted));
    counted.map_or((unit, 1.0), |counted| thousands(unit, counted))
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    let mut suite = "";
    // Where the first column begins, in characters; the names that a line is below.
    let (mut column, mut path): (usize, Vec<&str>) = (usize::MAX, Vec::new());
    // What the rows below count: `alloc:`, `max alloc:` …
    let mut label = "";
    // Whether a rate of the benchmark is known.
    let mut rated = false;
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
            rated = false;
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
        let (name, factor) = bare(unit);
        let slot = if name.contains('/') || name == "Hz" {
            // What a benchmark counts beside the first is told by its unit.
            let metric = if rated { tidy(name).unit.name } else { "throughput".to_string() };
            rated = true;
            b.series(&metric, name).times(factor)
        } else if label.is_empty() {
            b.series("time", &(unit.to_string() + "/op"))
        } else if unit.is_empty() {
            b.series(label, "allocs/op")
        } else {
            b.series(&(label.to_string() + " size"), &(unit.to_string() + "/op"))
        };
        // The median may stand in another unit than the mean.
        let size = |unit: &str| bare(unit).1 * tidy(bare(unit).0).factor;
        let median = median * size(of) / size(unit);
        let n = amount(samples).map_or(f64::NAN, |(n, _)| n);
        b.summary(slot, &Stated { n, mean: value, median, ..Stated::NONE });
    }
}
