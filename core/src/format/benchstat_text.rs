//! benchstat's tables as text. The present tool prints medians with half widths of their intervals between bars; the
//! one before 2023 printed means with the largest difference, one column a file.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Slot, Stated};
use crate::format::go_bench::split_name;
use crate::format::text::{amount, cut, has, prefix_factor};
use crate::format::{Content, holds};
use crate::map;
use crate::model::Arm;
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::tidy;

/// Columns of a table at most.
const MAX_COLUMNS: usize = 64;

const TOOL: (&str, &str) = ("benchstat", "one column of a table");

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["│", "/op", "±"]) || holds(bytes, &["│", "vs base"]) { 85 } else { 0 }
}

pub(super) fn detect_old(bytes: &[u8]) -> u8 {
    let columns = ["^name", " old ", " new ", " delta"];
    if holds(bytes, &columns) || holds(bytes, &["^name ", "/op\n", " ± "]) { 85 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_all)
}

/// What stands between two places of a line, counted in characters.
fn between(line: &[char], from: usize, to: usize) -> String {
    line.iter().skip(from).take(to.saturating_sub(from)).collect::<String>().trim().to_string()
}

/// The arms of the columns of a table, by their names: tables of one text may have other columns.
fn arms(b: &mut Builder<'_>, known: &mut BTreeMap<String, usize>, names: &[String]) -> Vec<u32> {
    let arm = |name: &String| {
        let place = map::place(known, name, b.run.arms.len());
        if place == b.run.arms.len() {
            b.run.arms.push(Arm { name: name.clone(), ..Arm::default() });
        }
        place as u32
    };
    names.iter().map(arm).collect()
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    b.run.arms.clear();
    let mut suite = String::new();
    let mut known = BTreeMap::new();
    // Where the columns of the present table begin, their arms, and their units once those are read.
    let (mut bars, mut sides, mut units): (Vec<usize>, Vec<u32>, Vec<String>) = (Vec::new(), Vec::new(), Vec::new());
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let chars: Vec<char> = line.chars().collect();
        let found: Vec<usize> = chars.iter().enumerate().filter(|(_, c)| **c == '│').map(|(at, _)| at).collect();
        if found.len() > 1 {
            let cells = found.iter().zip(found.iter().skip(1)).take(MAX_COLUMNS);
            let cells: Vec<String> = cells.map(|(from, to)| between(&chars, from + 1, *to)).collect();
            if bars.is_empty() || !units.is_empty() {
                sides = arms(b, &mut known, &cells);
                units.clear();
            } else {
                units = cells.iter().map(|cell| cell.split_whitespace().next().unwrap_or("").to_string()).collect();
            }
            bars = found;
        } else if line.trim().is_empty() {
            bars.clear();
            units.clear();
        } else if units.is_empty() {
            if let Some(package) = line.strip_prefix("pkg: ") {
                suite = package.to_string();
            }
        } else {
            row(b, &suite, &chars, &bars, (&sides, &units));
        }
    }
}

fn row(b: &mut Builder<'_>, suite: &str, line: &[char], bars: &[usize], (sides, units): (&[u32], &[String])) {
    let end = bars.first().copied().unwrap_or(0);
    let name = between(line, 0, end);
    // Footnotes, and what is made of all rows.
    if name == "geomean" || name.is_empty() || name.starts_with(['¹', '²', '³', '⁴', '⁵', '⁶', '⁷', '⁸', '⁹'])
    {
        return;
    }
    let (benchmark, params) = split_name(&name);
    b.benchmark(suite, &benchmark);
    b.params(params);
    let mut slot: Option<Slot> = None;
    for (index, (from, unit)) in bars.iter().zip(units).enumerate() {
        let to = bars.get(index + 2).map_or(usize::MAX, |_| bars.get(index + 1).copied().unwrap_or(usize::MAX));
        let cell = between(line, *from, to);
        let (first, rest) = cell.split_once(' ').unwrap_or((&cell, ""));
        let Some((value, prefix)) = amount(first) else { continue };
        let Some(factor) = prefix_factor(prefix) else {
            b.note_of(NoticeCode::BrokenLine, &cell);
            continue;
        };
        let metric = if unit == "sec/op" { "time".to_string() } else { tidy(unit).unit.name };
        let slot = *slot.get_or_insert_with(|| b.series(&metric, unit));
        let median = value * factor;
        let half = cut(rest, "±").and_then(|(_, rest)| amount(rest)).filter(|(_, unit)| unit.starts_with('%'));
        let half = half.map_or(f64::NAN, |(share, _)| median * share / 100.0);
        let n = cut(&cell, "n=").and_then(|(_, rest)| amount(rest)).map_or(f64::NAN, |(n, _)| n);
        b.arm = sides.get(index).copied().unwrap_or(0);
        b.summary(slot, &Stated { n, median, half, ..Stated::NONE });
    }
}

pub(super) fn parse_old(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_old)
}

/// What two blanks or more divide.
fn columns(line: &str) -> Vec<&str> {
    let parts = line.split("  ").map(str::trim).filter(|part| !part.is_empty());
    parts.take(MAX_COLUMNS).collect()
}

fn read_old(b: &mut Builder<'_>, text: &str) {
    b.run.arms.clear();
    let mut suite = String::new();
    let mut known = BTreeMap::new();
    // What the present table measures, and the arms of its columns.
    let mut table: Option<(String, Vec<u32>)> = None;
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let fields = columns(line);
        let Some((name, values)) = fields.split_first() else {
            table = None;
            continue;
        };
        if let Some(package) = line.strip_prefix("pkg:") {
            suite = package.trim().to_string();
        } else if *name == "name" {
            let sides: Vec<&str> = values.iter().copied().filter(|value| *value != "delta").collect();
            let first = sides.first().copied().unwrap_or("");
            // `old time/op`, `new time/op`; of one file the measure alone.
            let name =
                |side: &&str| side.split_once(' ').filter(|_| sides.len() > 1).map_or("", |(name, _)| name).to_string();
            let names: Vec<String> = sides.iter().map(name).collect();
            let measure = first.strip_prefix("old ").unwrap_or(first).to_string();
            table = Some((measure, arms(b, &mut known, &names)));
        } else if let Some(measure) = name.strip_prefix("name \\ ") {
            // Of more than two files the titles are their names.
            let names: Vec<String> = values.iter().map(|name| name.to_string()).collect();
            table = Some((measure.to_string(), arms(b, &mut known, &names)));
        } else if let Some((measure, sides)) = &table {
            if *name != "[Geo mean]" {
                old_row(b, &suite, name, (measure, sides), values);
            }
        } else {
            b.note_of(NoticeCode::UnknownRecord, line);
        }
    }
}

fn old_row(b: &mut Builder<'_>, suite: &str, name: &str, (measure, sides): (&str, &[u32]), values: &[&str]) {
    let (benchmark, params) = split_name(name);
    b.benchmark(suite, &benchmark);
    b.params(params);
    // `(p=0.016 n=4+5)`.
    let counts = values.iter().find_map(|value| Some(cut(value, "n=")?.1)).unwrap_or("");
    let mut counts = counts.split(|c: char| !c.is_ascii_digit()).map(|n| amount(n).map_or(f64::NAN, |(n, _)| n));
    for (arm, value) in sides.iter().zip(values) {
        let n = counts.next().unwrap_or(f64::NAN);
        let Some((mean, rest)) = amount(value).filter(|_| *value != "~") else { continue };
        let written = rest.split(' ').next().unwrap_or("").trim_end_matches('±');
        // A time is `13.6ms`, a count `5.00k`, and what the title says is behind the unit, if anything.
        let per = if measure.ends_with("/op") { "/op" } else { "" };
        let known = tidy(&(written.to_string() + per));
        let plain = prefix_factor(written).filter(|_| !has(measure, "time") && !matches!(written, "m" | "n"));
        let (unit, factor) = match plain {
            Some(factor) => (measure.to_string(), factor),
            None => (written.to_string() + if written.contains('/') { "" } else { per }, 1.0),
        };
        let metric = match measure {
            "time/op" => "time".to_string(),
            "alloc/op" | "speed" => known.unit.name,
            other => other.to_string(),
        };
        // Each value has a unit of its own, all of one kind.
        let slot = b.series(&metric, &unit);
        b.arm = *arm;
        b.summary(slot, &Stated { n, mean: mean * factor, ..Stated::NONE });
    }
}
