//! Bytes to runs and profiles. One tool, one file; content decides which, never the name.
//!
//! Adding a format touches one file here, one row of `COMMON` or `REST` and one corpus folder.

mod austin;
mod benchmark_dot_net;
mod benchmark_dot_net_table;
mod benchstat;
mod benchstat_text;
mod bpftrace;
mod build;
mod callgrind;
mod cargo_criterion;
mod catch2;
mod chosen;
mod chrome_trace;
mod console;
pub(crate) mod criterion;
#[cfg(feature = "full")]
mod cut_json;
mod dhat;
mod divan;
mod dtrace;
#[cfg(feature = "full")]
mod evidence;
mod firefox;
mod flame_html;
mod folded;
mod foreign;
mod ghc;
mod go_bench;
mod go_json;
mod go_known;
mod go_stacks;
mod google_benchmark;
mod google_text;
mod gprof;
mod gprof2dot;
mod gungraun;
pub(crate) mod gzip;
mod hdr;
mod hprof;
mod hyperfine;
mod hyperfine_tables;
mod indent;
mod indented;
mod jfr;
mod jmh;
mod jmh_text;
mod julia;
mod k6;
mod macos_sample;
mod nanobench;
mod native;
mod otlp;
mod otlp_attributes;
pub(crate) mod packed;
#[cfg(feature = "full")]
mod perf_labels;
mod perf_script;
mod pmcstat;
mod pprof;
#[cfg(feature = "full")]
mod pprof_labels;
mod pprof_legacy;
mod protobuf;
mod pstats;
mod pyperf;
mod pytest_benchmark;
mod rebar;
mod safari;
mod speedscope;
mod stack_labels;
mod stackprof;
mod stacks;
mod text;
mod trace_more;
mod tracked;
mod v8;
mod vitest;
mod xctrace;

use alloc::string::String;

pub use chosen::{candidates, named, read_as, unpack};
pub use criterion::CriterionBenchmark;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::{beginning, find};
use crate::json::{self, FromJson, JsonError, JsonErrorKind};
use crate::model::Run;
use crate::profile::Profile;
use crate::source::{Parsed, Position, Source};

/// How many bytes an input may have, compressed or not; beyond it is an error.
pub const MAX_INPUT_BYTES: u64 = 4 << 30;

/// The metric that holds the peak memory of a process.
pub(crate) const MAX_RSS: &str = "max_rss";

/// What an input holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Content {
    /// Benchmark results.
    Run(Run),
    /// A profile.
    Profile(Profile),
    /// A file that only makes sense beside others of its tool.
    Part(Part),
    /// What explains a measurement: collections, escapes, the scheduler.
    #[cfg(feature = "full")]
    Evidence(alloc::vec::Vec<crate::evidence::Evidence>),
}

/// What a file adds to the files beside it.
#[derive(Clone, Debug, PartialEq)]
pub enum Part {
    /// Of the benchmark whose sample lies in the same folder.
    Criterion(CriterionBenchmark),
    /// Nothing that the files beside it do not hold.
    Redundant,
}

/// A format that we read.
#[derive(Clone, Copy)]
pub struct Format {
    /// Stable id: `go-bench`, `pprof` …
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// How sure the content looks like this format, 0 to 100; 0: no. Must be cheap: it may look
    /// at the first 64 KiB only.
    pub detect: fn(&[u8]) -> u8,
    /// Reads it.
    pub parse: fn(Source<'_>) -> Result<Parsed<Content>, ParseError>,
}

impl core::fmt::Debug for Format {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.id)
    }
}

/// The formats that are no text; what begins like binary content is looked at by these alone.
const BINARY: &[&str] = &["pprof", "pprof-legacy", "jfr", "otlp-profiles", "pstats"];

/// Formats that are known by the form of their lines, which others may have as well.
const BY_FORM: &[&str] = &["perf-script", "folded"];

/// The formats that most people have: read by the small engine, with which the page opens, as well.
pub const COMMON: &[Format] = &[
    Format { id: "noisefloor-log", name: "noisefloor run log", detect: native::detect, parse: native::parse },
    Format { id: "hyperfine", name: "hyperfine JSON", detect: hyperfine::detect, parse: hyperfine::parse },
    Format { id: "criterion", name: "Criterion.rs JSON", detect: criterion::detect, parse: criterion::parse },
    Format { id: "jmh", name: "JMH JSON", detect: jmh::detect, parse: jmh::parse },
    Format { id: "go-test-json", name: "go test -json", detect: go_json::detect, parse: go_json::parse },
    Format { id: go_bench::ID, name: "Go benchmark text", detect: go_bench::detect, parse: go_bench::parse },
    Format { id: "pprof", name: "pprof profile", detect: pprof::detect, parse: pprof::parse },
    Format { id: "cpuprofile", name: "V8 CPU profile", detect: v8::detect_cpu, parse: v8::parse_cpu },
    Format { id: "heapprofile", name: "V8 heap profile", detect: v8::detect_heap, parse: v8::parse_heap },
    Format { id: "perf-script", name: "perf script", detect: perf_script::detect, parse: perf_script::parse },
    Format { id: "folded", name: "folded stacks", detect: folded::detect, parse: folded::parse },
];

/// The other ones, for which the page loads the whole engine (feature `full`).
const REST: &[Format] = &[
    Format { id: "speedscope", name: "speedscope JSON", detect: speedscope::detect, parse: speedscope::parse },
    Format {
        id: "google-benchmark",
        name: "Google Benchmark JSON",
        detect: google_benchmark::detect,
        parse: google_benchmark::parse,
    },
    Format {
        id: "pytest-benchmark",
        name: "pytest-benchmark JSON",
        detect: pytest_benchmark::detect,
        parse: pytest_benchmark::parse,
    },
    Format {
        id: "benchmarkdotnet",
        name: "BenchmarkDotNet JSON",
        detect: benchmark_dot_net::detect,
        parse: benchmark_dot_net::parse,
    },
    Format { id: "pyperf", name: "pyperf JSON", detect: pyperf::detect, parse: pyperf::parse },
    Format { id: "nanobench", name: "nanobench JSON", detect: nanobench::detect, parse: nanobench::parse },
    Format { id: "vitest", name: "vitest JSON", detect: vitest::detect, parse: vitest::parse },
    Format { id: "benchmarktools", name: "BenchmarkTools.jl JSON", detect: julia::detect, parse: julia::parse },
    Format { id: "k6", name: "k6 summary", detect: k6::detect, parse: k6::parse },
    Format {
        id: "github-action-benchmark",
        name: "github-action-benchmark data.js",
        detect: tracked::detect_data,
        parse: tracked::parse_data,
    },
    Format {
        id: "custom-benchmarks",
        name: "github-action-benchmark list",
        detect: tracked::detect_custom,
        parse: tracked::parse_custom,
    },
    Format { id: "bencher", name: "Bencher metrics", detect: tracked::detect_bmf, parse: tracked::parse_bmf },
    Format { id: "catch2-xml", name: "Catch2 XML", detect: catch2::detect_xml, parse: catch2::parse_xml },
    Format { id: "catch2-text", name: "Catch2 text", detect: catch2::detect_text, parse: catch2::parse_text },
    Format { id: "jmh-csv", name: "JMH CSV", detect: jmh_text::detect_csv, parse: jmh_text::parse_csv },
    Format { id: "jmh-text", name: "JMH text", detect: jmh_text::detect_text, parse: jmh_text::parse_text },
    Format {
        id: "cargo-criterion",
        name: "cargo-criterion messages",
        detect: cargo_criterion::detect,
        parse: cargo_criterion::parse,
    },
    Format {
        id: "criterion-text",
        name: "Criterion.rs text",
        detect: console::detect_criterion,
        parse: console::parse_criterion,
    },
    Format { id: "libtest", name: "libtest text", detect: console::detect_libtest, parse: console::parse_libtest },
    Format { id: "divan", name: "divan text", detect: divan::detect, parse: divan::parse },
    Format {
        id: "benchmark-js",
        name: "benchmark.js text",
        detect: console::detect_benchmark_js,
        parse: console::parse_benchmark_js,
    },
    Format { id: "benchstat", name: "benchstat CSV", detect: benchstat::detect, parse: benchstat::parse },
    Format { id: "rebar", name: "rebar CSV", detect: rebar::detect, parse: rebar::parse },
    Format { id: "hgrm", name: "HdrHistogram percentiles", detect: hdr::detect, parse: hdr::parse },
    Format { id: "hdr-log", name: "HdrHistogram log", detect: hdr::detect_log, parse: hdr::parse_log },
    Format { id: "tango", name: "tango text", detect: console::detect_tango, parse: console::parse_tango },
    Format { id: "asv", name: "asv text", detect: console::detect_asv, parse: console::parse_asv },
    Format { id: "gungraun", name: "gungraun text", detect: gungraun::detect, parse: gungraun::parse },
    Format { id: "austin", name: "Austin stacks", detect: austin::detect, parse: austin::parse },
    Format { id: "firefox", name: "Firefox profile", detect: firefox::detect, parse: firefox::parse },
    Format {
        id: "chrome-trace",
        name: "Chrome trace events",
        detect: chrome_trace::detect,
        parse: chrome_trace::parse,
    },
    Format { id: "stackprof", name: "stackprof JSON", detect: stackprof::detect, parse: stackprof::parse },
    Format { id: "callgrind", name: "Callgrind", detect: callgrind::detect, parse: callgrind::parse },
    Format { id: "macos-sample", name: "macOS sample", detect: macos_sample::detect, parse: macos_sample::parse },
    Format { id: "dtrace", name: "DTrace stacks", detect: dtrace::detect, parse: dtrace::parse },
    Format { id: "bpftrace", name: "bpftrace stacks", detect: bpftrace::detect, parse: bpftrace::parse },
    Format {
        id: "pprof-legacy",
        name: "pprof's text and binary forms before profile.proto",
        detect: pprof_legacy::detect,
        parse: pprof_legacy::parse,
    },
    Format { id: "jfr", name: "Java Flight Recorder", detect: jfr::detect, parse: jfr::parse },
    Format { id: "otlp-profiles", name: "OpenTelemetry profiles", detect: otlp::detect, parse: otlp::parse },
    Format {
        id: "instruments",
        name: "Instruments text",
        detect: indented::detect_instruments,
        parse: indented::parse_instruments,
    },
    Format { id: "vtune", name: "VTune CSV", detect: indented::detect_vtune, parse: indented::parse_vtune },
    Format {
        id: "visual-studio",
        name: "Visual Studio call tree CSV",
        detect: indented::detect_visual_studio,
        parse: indented::parse_visual_studio,
    },
    Format { id: "ghc", name: "GHC .prof", detect: ghc::detect, parse: ghc::parse },
    Format { id: "pmcstat", name: "pmcstat call graph", detect: pmcstat::detect, parse: pmcstat::parse },
    Format { id: "hprof", name: "hprof text", detect: hprof::detect, parse: hprof::parse },
    Format { id: "dhat", name: "DHAT JSON", detect: dhat::detect, parse: dhat::parse },
    Format { id: "safari", name: "Safari timeline", detect: safari::detect, parse: safari::parse },
    Format { id: "xctrace", name: "xctrace XML", detect: xctrace::detect, parse: xctrace::parse },
    Format { id: "gprof", name: "gprof text", detect: gprof::detect, parse: gprof::parse },
    Format { id: "pstats", name: "Python cProfile", detect: pstats::detect, parse: pstats::parse },
    Format { id: "goroutines", name: "stacks of goroutines", detect: go_stacks::detect, parse: go_stacks::parse },
    Format {
        id: "flame-html",
        name: "async-profiler flame graph",
        detect: flame_html::detect,
        parse: flame_html::parse,
    },
    Format { id: "gprof2dot", name: "gprof2dot JSON", detect: gprof2dot::detect, parse: gprof2dot::parse },
    Format { id: "gungraun-json", name: "gungraun JSON", detect: gungraun::detect_json, parse: gungraun::parse_json },
    Format {
        id: "benchstat-text",
        name: "benchstat text",
        detect: benchstat_text::detect,
        parse: benchstat_text::parse,
    },
    Format {
        id: "benchstat-old",
        name: "benchstat text before 2023",
        detect: benchstat_text::detect_old,
        parse: benchstat_text::parse_old,
    },
    Format {
        id: "jmh-markdown",
        name: "JMH tables in Markdown",
        detect: jmh_text::detect_markdown,
        parse: jmh_text::parse_markdown,
    },
    Format {
        id: "nanobench-text",
        name: "nanobench text",
        detect: nanobench::detect_text,
        parse: nanobench::parse_text,
    },
    Format { id: "nanobench-csv", name: "nanobench CSV", detect: nanobench::detect_csv, parse: nanobench::parse_csv },
    Format {
        id: "google-benchmark-text",
        name: "Google Benchmark text",
        detect: google_text::detect_text,
        parse: google_text::parse_text,
    },
    Format {
        id: "google-benchmark-csv",
        name: "Google Benchmark CSV",
        detect: google_text::detect_csv,
        parse: google_text::parse_csv,
    },
    Format {
        id: "benchmarkdotnet-csv",
        name: "BenchmarkDotNet CSV",
        detect: benchmark_dot_net_table::detect_csv,
        parse: benchmark_dot_net_table::parse_csv,
    },
    Format {
        id: "benchmarkdotnet-markdown",
        name: "BenchmarkDotNet tables in Markdown",
        detect: benchmark_dot_net_table::detect_markdown,
        parse: benchmark_dot_net_table::parse_markdown,
    },
    Format {
        id: "hyperfine-csv",
        name: "hyperfine CSV",
        detect: hyperfine_tables::detect_csv,
        parse: hyperfine_tables::parse_csv,
    },
    Format {
        id: "hyperfine-markdown",
        name: "hyperfine tables in Markdown",
        detect: hyperfine_tables::detect_markdown,
        parse: hyperfine_tables::parse_markdown,
    },
];

/// What explains a measurement and holds none.
#[cfg(feature = "full")]
const EVIDENCE: &[Format] = evidence::FORMATS;
#[cfg(not(feature = "full"))]
const EVIDENCE: &[Format] = &[];

const ALL: [Format; COMMON.len() + REST.len() + EVIDENCE.len()] = {
    let mut all = [COMMON[0]; COMMON.len() + REST.len() + EVIDENCE.len()];
    let mut at = 0;
    while at < all.len() {
        let rest = at.saturating_sub(COMMON.len());
        all[at] = match at {
            at if at < COMMON.len() => COMMON[at],
            _ if rest < REST.len() => REST[rest],
            _ => EVIDENCE[rest - REST.len()],
        };
        at += 1;
    }
    all
};

/// Every format that is read, in order of detection: the first with the highest confidence wins.
pub static FORMATS: &[Format] = if cfg!(feature = "full") { &ALL } else { COMMON };

/// The format of some bytes, by content.
#[must_use]
pub fn detect(bytes: &[u8]) -> Option<&'static Format> {
    let mut best: Option<(&'static Format, u8)> = None;
    // No text begins with such bytes: most formats need not look.
    let binary = bytes.iter().take(64).any(|byte| *byte < 9);
    for format in FORMATS.iter().filter(|f| !binary || BINARY.contains(&f.id)) {
        let confidence = (format.detect)(bytes);
        if confidence > best.map_or(0, |(_, c)| c) {
            best = Some((format, confidence));
        }
    }
    // The results of a long log may begin late.
    let late = || FORMATS.iter().find(|f| f.id == go_bench::ID && go_bench::has_result(bytes));
    best.map(|(f, _)| f).or_else(late)
}

/// The format of some bytes, by content: of what lies behind gzip and a byte order mark.
#[must_use]
pub fn recognise(bytes: &[u8]) -> Option<&'static Format> {
    unpack(&Source { name: "", bytes }).ok().and_then(|(plain, _)| detect(&plain))
}

/// Recognises and reads an input. A gzip-compressed result file is read as its content.
///
/// # Errors
/// When the content is of no known format, or broken beyond use; the error names place and kind.
pub fn read(source: Source<'_>) -> Result<(&'static Format, Parsed<Content>), ParseError> {
    let (bytes, notices) = unpack(&source)?;
    let (format, mut parsed) = read_plain(Source { name: source.name, bytes: &bytes })?;
    parsed.notices.extend(notices);
    Ok((format, parsed))
}

/// Why a file is no result that could be broken: it is empty, or of no format that is read. `None`: it is one, whole or
/// not. What lies in a folder is mostly given unseen, and such files are put aside there.
#[cfg(feature = "full")]
#[must_use]
pub fn no_result(source: Source<'_>) -> Option<ParseError> {
    // Only what no format takes is read here, which ends before any reading.
    let known = unpack(&source).is_ok_and(|(plain, _)| detect(&plain).is_some());
    let error = if known { None } else { read(source).err() };
    error.filter(|e| {
        matches!(e.kind, ParseErrorKind::Unrecognized | ParseErrorKind::Unsupported(_) | ParseErrorKind::Empty)
    })
}

/// UTF-16 as UTF-8; halves of pairs become U+FFFD.
fn utf8(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> String {
    let (units, _) = bytes.as_chunks::<2>();
    char::decode_utf16(units.iter().map(|u| unit(*u))).map(|c| c.unwrap_or(char::REPLACEMENT_CHARACTER)).collect()
}

fn read_plain(source: Source<'_>) -> Result<(&'static Format, Parsed<Content>), ParseError> {
    // What lies in an archive would look like results that stand in it.
    #[cfg(not(feature = "full"))]
    if packed::is_archive(source.bytes) {
        return Err(ParseError::new(&source, None, ParseErrorKind::Unsupported("an archive")));
    }
    // Beside all the others these do not win by lines that look alike.
    let alike = |format: &&Format| {
        cfg!(not(feature = "full")) && BY_FORM.contains(&format.id) && foreign::name(source.bytes).is_some()
    };
    match detect(source.bytes).filter(|format| !alike(format)) {
        Some(format) => Ok((format, parse(format, source)?)),
        None => {
            let kind = foreign::name(source.bytes).map_or(ParseErrorKind::Unrecognized, ParseErrorKind::Unsupported);
            Err(ParseError::new(&source, None, kind))
        }
    }
}

#[cfg(feature = "full")]
use cut_json::parse;

/// Reads a source as a format.
#[cfg(not(feature = "full"))]
fn parse(format: &Format, source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    (format.parse)(source)
}

/// Whether a number can be a measurement: finite, and small enough that sums of squares stay finite.
fn usable(value: f64) -> bool {
    value.abs() < 1e100
}

/// Reads a whole JSON document. An error tells the line: not JSON at all, or not what is expected.
fn read_json<'a>(source: &Source<'a>, place: &mut dyn FromJson<'a>, expected: &'static str) -> Result<(), ParseError> {
    json::read(source.bytes, place).map_err(|error| json_error(source, &error, expected))
}

/// What an error of the JSON reader means for a source.
fn json_error(source: &Source<'_>, error: &JsonError, expected: &'static str) -> ParseError {
    let kind = match error.kind() {
        JsonErrorKind::Syntax(_) => ParseErrorKind::InvalidJson,
        JsonErrorKind::Ended => ParseErrorKind::Truncated { expected: "a JSON value" },
        _ => ParseErrorKind::WrongShape { expected },
    };
    ParseError::new(source, Some(Position::Line(error.line())), kind)
}

/// Whether all of the pieces stand at the beginning of a file; one that starts with `^` must be the
/// first of it that is not blank.
#[inline(never)]
fn holds(bytes: &[u8], pieces: &[&str]) -> bool {
    let head = beginning(bytes);
    pieces.iter().all(|piece| match piece.strip_prefix('^') {
        Some(start) => head.trim_ascii_start().starts_with(start.as_bytes()),
        None => find(head, piece.as_bytes()).is_some(),
    })
}
