//! The tables that BenchmarkDotNet writes beside its JSON, as CSV and as Markdown: what it made of the iterations.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{beginning, lines};
use crate::format::Content;
use crate::format::build::{self, Builder, MANY, Stated};
use crate::format::text::{amount, around, at_last, cells, cut, has, parts, record};
use crate::source::{NoticeCode, Parsed, Source};
use crate::unit::{Better, Quantity, tidy};

const TOOL: (&str, &str) = ("BenchmarkDotNet", "one launch of a benchmark");

/// Columns of a table at most.
const MAX_COLUMNS: usize = 200;

/// Columns that tell how a job ran; a parameter of the benchmark only where they differ within the table.
const JOB: &[&str] = &[
    "Job",
    "AnalyzeLaunchVariance",
    "EvaluateOverhead",
    "MaxAbsoluteError",
    "MaxRelativeError",
    "MinInvokeCount",
    "MinIterationTime",
    "OutlierMode",
    "RemoveOutliers",
    "Affinity",
    "EnvironmentVariables",
    "Jit",
    "LargeAddressAware",
    "Platform",
    "PowerPlanMode",
    "Runtime",
    "AllowVeryLargeObjects",
    "Concurrent",
    "CpuGroups",
    "Force",
    "HeapAffinitizeMask",
    "HeapCount",
    "NoAffinitize",
    "RetainVm",
    "Server",
    "Arguments",
    "BuildConfiguration",
    "Clock",
    "EngineFactory",
    "NuGetReferences",
    "Toolchain",
    "IsBaseline",
    "IsMutator",
    "InvocationCount",
    "IterationCount",
    "IterationTime",
    "LaunchCount",
    "MaxIterationCount",
    "MaxWarmupIterationCount",
    "MemoryRandomization",
    "MinIterationCount",
    "MinWarmupIterationCount",
    "RunStrategy",
    "TargetCount",
    "UnrollFactor",
    "WarmupCount",
];

/// Columns of metrics, with what the JSON calls them and with their units.
const METRICS: &[(&str, &str, &str)] = &[
    ("Allocated", "Allocated Memory", "B/op"),
    ("Code Size", "Native Code Size", "B"),
    ("Completed Work Items", "CompletedWorkItemCount", "Count"),
    ("Exceptions", "ExceptionFrequency", "Count"),
    ("Gen 0", "Gen0Collects", "Count"),
    ("Gen 1", "Gen1Collects", "Count"),
    ("Gen 2", "Gen2Collects", "Count"),
    ("Gen0", "Gen0Collects", "Count"),
    ("Gen1", "Gen1Collects", "Count"),
    ("Gen2", "Gen2Collects", "Count"),
    ("Lock Contentions", "LockContentionCount", "Count"),
];

/// Whether these are the titles of a table of results.
fn is_head(titles: &[String]) -> bool {
    let has = |wanted: &[&str]| titles.iter().any(|title| wanted.contains(&around(title, " [").0));
    has(&["Method"]) && has(&["Mean", "Median"]) && has(&["Error", "StdErr", "StdDev"])
}

fn separator(line: &str) -> u8 {
    if has(line, ";") { b';' } else { b',' }
}

pub(super) fn detect_csv(bytes: &[u8]) -> u8 {
    let Ok(first) = core::str::from_utf8(lines(beginning(bytes)).next().unwrap_or(&[])) else { return 0 };
    if !has(first, "Method") {
        return 0;
    }
    let (mut rest, mut titles) = (first, Vec::new());
    record(&mut rest, separator(first), &mut titles);
    if is_head(&titles) { 90 } else { 0 }
}

pub(super) fn detect_markdown(bytes: &[u8]) -> u8 {
    let is_head =
        |line: &[u8]| core::str::from_utf8(line).is_ok_and(|line| has(line, "Method") && is_head(&cells(line)));
    if lines(beginning(bytes)).any(is_head) { 80 } else { 0 }
}

pub(super) fn parse_csv(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_csv)
}

pub(super) fn parse_markdown(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, TOOL, read_markdown)
}

/// A table that is being read: its titles, and its rows as they stand in the text, with their lines.
struct Table<'t> {
    titles: Vec<String>,
    rows: Vec<(usize, &'t str)>,
    /// The cells of a row.
    split: fn(&str) -> Vec<String>,
}

impl<'t> Table<'t> {
    fn new(titles: Vec<String>, split: fn(&str) -> Vec<String>) -> Table<'t> {
        Table { titles, rows: Vec::new(), split }
    }
}

/// The cells of a row of CSV.
fn fields<const SEPARATOR: u8>(mut row: &str) -> Vec<String> {
    let mut fields = Vec::new();
    record(&mut row, SEPARATOR, &mut fields);
    fields
}

fn read_csv(b: &mut Builder<'_>, text: &str) {
    let separator = separator(around(text, "\n").0);
    let split = if separator == b';' { fields::<b';'> } else { fields::<b','> };
    let (mut rest, mut titles, mut index) = (text, Vec::new(), 0);
    record(&mut rest, separator, &mut titles);
    let mut table = Table::new(titles, split);
    let (mut row, mut cells) = (rest, Vec::new());
    while record(&mut rest, separator, &mut cells) {
        index += 1;
        table.rows.push((index, row.get(..row.len() - rest.len()).unwrap_or("")));
        row = rest;
    }
    table.read(b);
}

fn read_markdown(b: &mut Builder<'_>, text: &str) {
    let none = || Table::new(Vec::new(), |row| cells(row).iter().map(|cell| plain(cell)).collect());
    let (mut table, mut host) = (none(), false);
    for (index, line) in text.lines().enumerate() {
        let line = line.trim();
        if !has(line, "|") {
            core::mem::replace(&mut table, none()).read(b);
            // `BenchmarkDotNet v0.13.1, OS=ubuntu 22.04`, and on the next line the processor.
            if host {
                let name = around(line, ", ").0;
                b.run.environment.set("ProcessorName", name.strip_prefix("Processor=").unwrap_or(name));
            }
            host = false;
            if let Some((version, system)) = line.strip_prefix("BenchmarkDotNet").and_then(|rest| cut(rest, ", ")) {
                b.run.environment.set("BenchmarkDotNetVersion", version.trim_start_matches(['=', ' ', 'v']));
                b.run.environment.set("OsVersion", system.strip_prefix("OS=").unwrap_or(system));
                host = true;
            }
            continue;
        }
        let fields = cells(line);
        if is_head(&fields) {
            core::mem::replace(&mut table, Table { titles: fields, ..none() }).read(b);
        } else if !table.titles.is_empty() && !fields.iter().all(|f| f.bytes().all(|b| matches!(b, b'-' | b':'))) {
            table.rows.push((index, line));
        }
    }
    table.read(b);
}

/// A cell without what Markdown needs: the first row of a group is bold.
fn plain(cell: &str) -> String {
    let bold = cell.strip_prefix("**").and_then(|cell| cell.strip_suffix("**"));
    let mut out = bold.unwrap_or(cell).to_string();
    for (name, sign) in
        [("&#39;", "'"), ("&quot;", "\""), ("&lt;", "<"), ("&gt;", ">"), ("&#124;", "|"), ("&amp;", "&")]
    {
        if has(&out, name) {
            out = crate::format::text::joined(&parts(&out, name), sign);
        }
    }
    out
}

impl Table<'_> {
    fn read(mut self, b: &mut Builder<'_>) {
        self.titles.truncate(MAX_COLUMNS);
        let is = |name: &str| self.titles.iter().position(|title| around(title, " [").0 == name);
        let Some(stated) = is("Mean").or(is("Median")) else { return };
        // Which columns are not the same in all rows.
        let (mut differs, mut first) = (Vec::new(), Vec::new());
        differs.resize(self.titles.len(), false);
        for row in self.rows.iter().map(|(_, row)| (self.split)(row)) {
            if first.is_empty() {
                first = row;
            } else {
                differs
                    .iter_mut()
                    .zip(row.iter().zip(&first))
                    .for_each(|(differs, (cell, first))| *differs |= cell != first);
            }
        }
        let file = at_last(b.name(), b'/').1;
        let class = cut(file, "-report").map_or("", |(class, _)| class);
        if !class.is_empty() && is("Type").is_none() {
            b.note_of(NoticeCode::NameFromPath, class);
        }
        for (line, row) in &self.rows {
            b.line(*line);
            let row = (self.split)(row);
            // Groups of rows may have an empty one between them.
            if row.iter().all(String::is_empty) {
                continue;
            }
            let of = |name: &str| is(name).and_then(|at| row.get(at)).map_or("", String::as_str);
            let method = of("Method");
            let method = method.strip_prefix('\'').and_then(|m| m.strip_suffix('\'')).unwrap_or(method);
            if row.len() < self.titles.len() || method.is_empty() {
                b.note_of(NoticeCode::BrokenLine, method);
                continue;
            }
            let suite = match (of("Namespace"), of("Type")) {
                ("", "") => class.to_string(),
                ("", class) => class.to_string(),
                (space, class) => alloc::format!("{space}.{class}"),
            };
            b.benchmark(&suite, method);
            let params = self.titles.iter().zip(&row).zip(&differs).take(stated);
            for ((title, value), differs) in params.filter(|((_, value), _)| !value.is_empty()) {
                match title.as_str() {
                    "Method" | "Namespace" | "Type" => {}
                    "Job" if *differs && value != "DefaultJob" => b.param("job", value),
                    title if JOB.contains(&title) && !differs => {}
                    "Job" => {}
                    title => b.param(title, value),
                }
            }
            let number = |name: &str| is(name).map_or(f64::NAN, |at| self.quantity(at, &row, Quantity::Time));
            let said = Stated {
                mean: number("Mean"),
                // Half of the interval at 99.9 %.
                half: number("Error"),
                std_dev: number("StdDev"),
                median: number("Median"),
                confidence: 0.999,
                ..Stated::NONE
            };
            if matches!(row.get(stated).map(String::as_str), Some("NA" | "?" | "-")) {
                b.note(NoticeCode::FailedBenchmark);
                continue;
            }
            let time = b.series("time", "s/op");
            b.summary(time, &said);
            for (column, metric, unit) in METRICS {
                let Some(at) = is(column) else { continue };
                let quantity = if unit.starts_with('B') { Quantity::Bytes } else { Quantity::Count };
                let value = self.quantity(at, &row, quantity);
                if !value.is_nan() {
                    let slot = b.series(metric, unit);
                    b.better(slot, Better::Lower);
                    b.push(slot, value, 0, MANY, crate::model::Marks::NONE);
                }
            }
        }
    }

    /// A cell in seconds, in bytes or as a number; its unit stands in the cell or in the title, and a dash is 0.
    /// NaN where there is none.
    fn quantity(&self, column: usize, row: &[String], quantity: Quantity) -> f64 {
        let (Some(title), Some(cell)) = (self.titles.get(column), row.get(column)) else { return f64::NAN };
        if cell == "-" {
            return 0.0;
        }
        let Some((value, unit)) = amount(&point(cell)).map(|(value, unit)| (value, unit.to_string())) else {
            return f64::NAN;
        };
        let unit = if unit.is_empty() { around(around(title, " [").1, "]").0.to_string() } else { unit };
        if quantity == Quantity::Count {
            return value;
        }
        // Thousands of bytes are 1024 here, whatever they are called.
        let tidied = match unit.as_str() {
            "KB" => tidy("KiB"),
            "MB" => tidy("MiB"),
            "GB" => tidy("GiB"),
            unit => tidy(unit),
        };
        if tidied.unit.quantity == quantity { value * tidied.factor } else { f64::NAN }
    }
}

/// A number with a point: a comma that three digits do not follow divides the fraction off in the locale of the run.
fn point(cell: &str) -> String {
    let (whole, fraction) = at_last(cell, b',');
    let digits = fraction.bytes().take_while(u8::is_ascii_digit).count();
    if whole.is_empty() || digits == 3 || has(fraction, ".") || has(whole, ",") {
        return cell.to_string();
    }
    let (more, less) = (parts(whole, "."), fraction);
    alloc::format!("{}.{less}", crate::format::text::joined(&more, ""))
}
