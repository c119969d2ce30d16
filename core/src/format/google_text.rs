//! What Google Benchmark prints on the console, and its CSV. Repetitions are iterations of one process; rows of
//! aggregates count only where the repetitions themselves were not written.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::google_benchmark::{KINDS, identify};
use crate::format::text::{amount, cut, field, has, prefix_factor, record, words};
use crate::format::{Content, holds};
use crate::model::Marks;
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

/// Columns of a table at most.
const MAX_COLUMNS: usize = 200;

const TOOL: (&str, &str) = ("Google Benchmark", "one process");

pub(super) fn detect_text(bytes: &[u8]) -> u8 {
    if holds(bytes, &["\nBenchmark ", " Time ", " CPU ", " Iterations"]) { 85 } else { 0 }
}

pub(super) fn parse_text(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_text)
}

/// A row: its name and, of an aggregate, what kind it is.
struct Row<'t> {
    name: &'t str,
    kind: &'static str,
}

impl<'t> Row<'t> {
    fn of(full: &'t str) -> Row<'t> {
        let ending = KINDS.iter().find(|kind| full.strip_suffix(**kind).is_some_and(|rest| rest.ends_with('_')));
        match ending {
            Some(kind) => Row { name: full.get(..full.len() - kind.len() - 1).unwrap_or(""), kind },
            None => Row { name: full, kind: "" },
        }
    }

    /// Whether its values are of use; what is made of the mean and the deviation, or a fitted curve, is not.
    /// Nor is a statistic of the user's own: it stands among the aggregates of its benchmark, and is of as
    /// many repetitions.
    fn counts(&self, b: &mut Builder<'_>, full: &str, n: f64, above: &mut (String, f64)) -> bool {
        identify(b, self.name);
        let own = full.strip_prefix(above.0.as_str()).is_some_and(|rest| rest.starts_with('_')) && n == above.1;
        match self.kind {
            "mean" => *above = (self.name.to_string(), n),
            "" if own => {
                b.note_of(NoticeCode::UnknownRecord, full);
                return false;
            }
            "" => above.1 = f64::NAN,
            _ => {}
        }
        match self.kind {
            "" | "mean" | "median" | "stddev" => true,
            "cv" => false,
            _ => {
                b.note_of(NoticeCode::UnknownRecord, full);
                false
            }
        }
    }

    fn add(&self, b: &mut Builder<'_>, metric: &str, unit: &str, n: f64, value: f64) {
        let slot = b.series(metric, unit);
        match self.kind {
            "" => b.push(slot, value, 0, n as u64, Marks::NONE),
            "mean" => b.summary(slot, &Stated { n, mean: value, ..Stated::NONE }),
            "median" => b.amend(slot, |a| &mut a.median, value),
            _ => b.amend(slot, |a| &mut a.std_dev, value),
        }
    }
}

/// What counters print as: `2`, `1.5k/s`, `13.9us` (an inverted rate), `437Mi/s`; bytes a second have prefixes of
/// powers of 1024, which versions before 1.8 do not mark.
fn counter(name: &str, text: &str) -> Option<f64> {
    let (value, rest) = amount(text)?;
    let prefix = rest.strip_suffix("/s").or(rest.strip_suffix('s')).unwrap_or(rest);
    let binary = prefix_factor(&alloc::format!("{prefix}i")).filter(|_| name == "bytes_per_second");
    Some(value * binary.or_else(|| prefix_factor(prefix))?)
}

/// The titles of counters behind the iterations, with where each ends.
type Columns<'t> = Vec<(usize, &'t str)>;

/// Where a word of a line ends.
fn end_of(line: &str, word: &str) -> usize {
    (word.as_ptr() as usize).saturating_sub(line.as_ptr() as usize) + word.len()
}

/// The counters of a row with what they print as. In a table a value ends where its title does; what is too
/// long moves all that follows. Elsewhere `name=value` follow each other in the order of their names, which may
/// hold blanks; where that order ends, or no number stands, the label begins.
fn counters<'t>(line: &'t str, words: &[&'t str], columns: &Columns<'t>) -> Vec<(&'t str, &'t str)> {
    let (mut out, mut moved, mut titles) = (Vec::new(), 0, columns.iter().peekable());
    // Where the name of a pair begins, and the one before.
    let (mut begin, mut before) = (None, "");
    for (at, word) in words.iter().enumerate() {
        let end = end_of(line, word);
        while titles.next_if(|(title, _)| title + moved + word.len() <= end).is_some() {}
        if let Some((last, value)) = cut(word, "=") {
            let from = begin.take().unwrap_or(end - word.len());
            let name = line.get(from..end - value.len() - 1).unwrap_or(last);
            if name < before || amount(value).is_none() {
                break;
            }
            before = name;
            out.push((name, value));
            continue;
        }
        let found = match (word.strip_suffix("B/s"), words.get(at + 1)) {
            (Some(value), _) => Some(("bytes_per_second", value)),
            (None, Some(&"items/s")) => Some(("items_per_second", *word)),
            _ if *word == "items/s" => continue,
            _ => titles.next_if(|_| amount(word).is_some()).map(|(title, name)| {
                moved = end.saturating_sub(*title);
                (*name, *word)
            }),
        };
        match found {
            Some(pair) => out.push(pair),
            None => begin = begin.or(Some(end - word.len())),
        }
    }
    out
}

/// The unit of a counter by its name.
fn unit_of(counter: &str) -> String {
    match counter.strip_suffix("_per_second") {
        Some("bytes") => "B/s".to_string(),
        Some(what) => what.to_string() + "/s",
        None => String::new(),
    }
}

fn read_text(b: &mut Builder<'_>, text: &str) {
    let mut inside = false;
    let mut columns = Columns::new();
    // Titles stand above the first row, and tell whether that one has counters.
    let mut bare = false;
    let mut above = (String::new(), f64::NAN);
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        let fields = words(line);
        if line.starts_with("Benchmark ")
            && let Some(at) = fields.iter().position(|word| *word == "Iterations")
        {
            inside = true;
            bare = fields.len() == at + 1;
            columns.clear();
            for title in fields.iter().skip(at + 1).take(MAX_COLUMNS).filter(|title| !title.starts_with("UserCounters"))
            {
                columns.push((end_of(line, title), *title));
            }
            continue;
        }
        if !inside || fields.is_empty() || line.starts_with("---") {
            continue;
        }
        // `name 0.313 ns 0.313 ns 1000000000 counter=1.5k/s label`; a name may hold blanks.
        let unit = |word: &&str| matches!(*word, "ns" | "us" | "ms" | "s");
        let at = fields.windows(4).position(|w| unit(&w[1]) && unit(&w[3]) && number::parse(w[0].as_bytes()).is_some());
        let Some((at, [real, unit, cpu, cpu_unit])) =
            at.and_then(|at| Some((at, fields.get(at..at + 4)?.first_chunk()?)))
        else {
            match fields.iter().position(|word| *word == "ERROR" || word.starts_with("SKIPPED")) {
                Some(at) if at > 0 => {
                    identify(b, fields.first().copied().unwrap_or(""));
                    b.note(NoticeCode::FailedBenchmark);
                }
                // Deviations by the mean have shares in place of times, and so do fitted curves.
                _ if fields.iter().any(|word| word.ends_with("_cv")) => {}
                _ => b.note_of(NoticeCode::UnknownRecord, line),
            }
            continue;
        };
        let name = cut(line, &alloc::format!(" {real} {unit} "))
            .map_or(fields.first().copied().unwrap_or(""), |(name, _)| name);
        let full = name.trim();
        let row = Row::of(full);
        let value = |word: &str| number::parse(word.as_bytes()).unwrap_or(f64::NAN);
        let n = fields.get(at + 4).map_or(f64::NAN, |word| value(word));
        if !row.counts(b, full, n, &mut above) {
            continue;
        }
        row.add(b, "time", &alloc::format!("{unit}/op"), n, value(real));
        row.add(b, "cpu_time", &alloc::format!("{cpu_unit}/op"), n, value(cpu));
        let more = fields.get(at + 5..).filter(|more| !(bare && more.iter().any(|word| has(word, "=")))).unwrap_or(&[]);
        bare = false;
        for (name, text) in counters(line, more, &columns) {
            match counter(name, text) {
                Some(value) => row.add(b, name, &unit_of(name), n, value),
                None => b.note_of(NoticeCode::BrokenLine, name),
            }
        }
    }
}

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    if holds(bytes, &["name,iterations,real_time,cpu_time,time_unit"]) { 92 } else { 0 }
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_csv)
}

/// Columns that are no counter of the user.
const KNOWN: &[&str] =
    &["name", "iterations", "real_time", "cpu_time", "time_unit", "label", "error_occurred", "error_message"];

fn read_csv(b: &mut Builder<'_>, text: &str) {
    let (mut rest, mut names, mut fields, mut index): (&str, Vec<String>, Vec<String>, usize) =
        (text, Vec::new(), Vec::new(), 0);
    let mut above = (String::new(), f64::NAN);
    while record(&mut rest, b',', &mut fields) {
        b.line(index);
        index += 1;
        if fields.first().is_some_and(|first| first == "name") && fields.len() >= 5 {
            names = core::mem::take(&mut fields);
            names.truncate(MAX_COLUMNS);
            continue;
        }
        // What the program prints stands above the titles.
        if names.is_empty() || fields.iter().all(String::is_empty) {
            continue;
        }
        let of = |name: &str| field(&names, &fields, name);
        let number = |name: &str| number::parse(of(name).as_bytes()).unwrap_or(f64::NAN);
        let full = of("name");
        // What failed has no counters.
        if of("error_occurred") == "true" {
            identify(b, full);
            b.note(NoticeCode::FailedBenchmark);
            continue;
        }
        if fields.len() < names.len() {
            b.note_of(NoticeCode::BrokenLine, full);
            continue;
        }
        let n = number("iterations");
        let row = Row::of(full);
        if !row.counts(b, full, n, &mut above) {
            continue;
        }
        let unit = if of("time_unit").is_empty() { "ns" } else { of("time_unit") };
        for (metric, column) in [("time", "real_time"), ("cpu_time", "cpu_time")] {
            row.add(b, metric, &alloc::format!("{unit}/op"), n, number(column));
        }
        for name in names.iter().filter(|name| !KNOWN.contains(&name.as_str()) && !of(name).is_empty()) {
            row.add(b, name, &unit_of(name), n, number(name));
        }
    }
}
