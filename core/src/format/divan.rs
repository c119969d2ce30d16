//! The tree that divan prints: a benchmark a line, its columns between bars.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::Builder;
use crate::format::text::amount;
use crate::format::{Content, holds};
use crate::model::Aggregate;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["fastest", "│ slowest", "│ median"]) { 85 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "divan", "one process");
    let text = b.text();
    let mut suite = "";
    // Where the first column begins, in characters; the names that a line is below.
    let (mut column, mut path): (usize, Vec<&str>) = (usize::MAX, Vec::new());
    // What the rows below count: `alloc:`, `max alloc:` …
    let mut label = "";
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if let Some(at) = line.find("fastest").filter(|_| line.contains("│ slowest")) {
            let before = line.get(..at).unwrap_or("");
            column = before.chars().count();
            suite = before.trim();
            path.clear();
            continue;
        }
        let Some((at, _)) = line.char_indices().nth(column) else { continue };
        let (tree, cells) = line.split_at(at);
        let mut cells = cells.split('│').map(str::trim);
        let [fastest, _, median, mean, samples] = [(); 5].map(|()| cells.next().unwrap_or(""));
        if let Some(corner) = tree.chars().position(|c| matches!(c, '├' | '╰')) {
            // Every level is three characters wide.
            path.truncate(corner / 3);
            path.push(tree.trim_start_matches(|c: char| c.is_whitespace() || "│├╰─".contains(c)).trim_end());
            let name: String = path.join("/");
            b.benchmark(suite, &name);
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
        let n = amount(samples).map(|(n, _)| n as u64);
        let slot = if unit.contains('/') {
            // `Kitem/s`, `Mitem/s` are numbers of items.
            let (name, factor) = match unit.split_once("item/s") {
                Some(("K", _)) => ("item/s", 1e3),
                Some(("M", _)) => ("item/s", 1e6),
                Some(("G", _)) => ("item/s", 1e9),
                _ => (unit, 1.0),
            };
            b.series("throughput", name).times(factor)
        } else if label.is_empty() {
            b.series("time", &(String::from(unit) + "/op"))
        } else if unit.is_empty() {
            b.series(label, "allocs/op")
        } else {
            b.series(&(String::from(label) + " size"), &(String::from(unit) + "/op"))
        };
        // The median may stand in another unit than the mean.
        let (here, there) = (crate::unit::tidy(unit).factor, crate::unit::tidy(of).factor);
        b.summary(slot, Aggregate { n, mean: value, median: Some(median * there / here), ..Aggregate::default() });
    }
    b.finish()
}
