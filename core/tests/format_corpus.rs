//! Every file of the open corpus: the format that it is read as, what it holds, or why not.
//! The corpus lies beside the project or not at all.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::io::Write;
use std::path::{Path, PathBuf};

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::evidence::Evidence;
use noisefloor_core::format::{self, Content};
use noisefloor_core::model::SeriesData;
use noisefloor_core::report::{Comparison, Verdict};
use noisefloor_core::source::Source;

/// Says something that is seen also when the test passes.
fn say(text: &str) {
    let _ = std::io::stderr().write_all(format!("{text}\n").as_bytes());
}

fn corpus(kind: &str) -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus").join(kind);
    if !folder.is_dir() {
        say("skipped: no corpus");
        return None;
    }
    Some(folder)
}

fn files(folder: &Path, list: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, list) } else { list.push(path) }
    }
    list.sort();
}

/// What became of a file: its format with the numbers of series, values and notices and the sum of
/// the values, or the code of its error.
fn outcome(path: &Path) -> String {
    let bytes = std::fs::read(path).unwrap();
    match format::read(Source { name: path.to_str().unwrap(), bytes: &bytes }) {
        Ok((format, parsed)) => match parsed.value {
            Content::Run(run) => {
                let values = |data: &SeriesData| match data {
                    SeriesData::Columns(columns) => columns.len(),
                    SeriesData::Aggregates(_) => 0,
                };
                let total: usize = run.series.iter().map(|s| values(&s.data)).sum();
                let left: u64 = parsed.notices.iter().map(|n| n.count).sum();
                // What an independent reader adds up as well: the primary values without warm-ups.
                let used = run.series.iter().filter(|s| s.primary).flat_map(|s| match &s.data {
                    SeriesData::Columns(c) => {
                        c.values.iter().zip(&c.marks).filter(|(_, m)| m.is_used()).map(|(v, _)| *v).collect()
                    }
                    SeriesData::Aggregates(_) => Vec::new(),
                });
                let sum = if total > 0 { format!(" {:.9e}", used.sum::<f64>()) } else { String::new() };
                let beside: String = run.evidence.iter().map(|e| format!(" {}", evidence(e))).collect();
                format!("{} {} {total} {left}{sum}{beside}", format.id, run.series.len())
            }
            // Stacks, functions, and what is left out; then each sample type's sum.
            Content::Profile(profile) => {
                let left: u64 = parsed.notices.iter().map(|n| n.count).sum();
                let sums = profile.sample_types().iter().enumerate().map(|(index, kind)| {
                    format!(" {}={}", kind.name.replace(' ', "_"), profile.weights(index).iter().sum::<f64>())
                });
                let sums: String = sums.collect();
                format!("{} {} {} {left}{sums}", format.id, profile.len(), profile.names().len())
            }
            // Rows, what tells whether they are right, and what was not understood.
            Content::Evidence(list) => {
                let left: u64 = parsed.notices.iter().map(|n| n.count).sum();
                let rows: Vec<String> = list.iter().map(evidence).collect();
                format!("{} {left} {}", format.id, rows.join(" "))
            }
            other => format!("{} {other:?}", format.id).split('(').next().unwrap().to_string(),
        },
        Err(error) => error.kind.code().to_string(),
    }
}

/// Cycles, pauses with their sum in seconds, cycles with a heap; notes by kind; lines of a scheduler.
fn evidence(evidence: &Evidence) -> String {
    match evidence {
        Evidence::Collections(c) => {
            let heaps = c.after.iter().flatten().count();
            let total = c.pause_seconds.iter().fold(0.0, |sum, v| sum + v);
            let name = if c.collector.is_empty() { "-" } else { &c.collector };
            format!("{name} {} {} {} {total:.6} {heaps}", c.processes, c.len(), c.pause_seconds.len())
        }
        Evidence::Notes(n) => {
            let kinds = n.summarize().kinds;
            let steps: usize = n.chain.iter().map(Vec::len).sum();
            let kinds: Vec<String> = kinds.iter().map(|k| format!("{}={}", k.kind, k.count)).collect();
            format!("{} {steps} {}", n.len(), kinds.join(" "))
        }
        Evidence::Schedule(s) => format!("{} {}", s.processes, s.len()),
    }
}

/// The tables beside this test: a line for each file with what became of it. `NOISEFLOOR_BLESS=1`
/// writes them anew.
fn check(kind: &str, least: usize) {
    let Some(corpus) = corpus(kind) else { return };
    let mut list = Vec::new();
    files(&corpus, &mut list);
    let name = |path: &Path| path.strip_prefix(&corpus).unwrap().to_str().unwrap().replace('\\', "/");
    let found: BTreeMap<String, String> = list.iter().map(|path| (name(path), outcome(path))).collect();
    assert!(found.len() > least, "only {} files", found.len());
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join(format!("tests/corpus/{kind}.tsv"));
    if std::env::var_os("NOISEFLOOR_BLESS").is_some() {
        let lines: String = found.iter().map(|(file, what)| format!("{file}\t{}\n", what.replace(' ', "\t"))).collect();
        std::fs::write(&path, lines).unwrap();
        return;
    }
    let table = std::fs::read_to_string(&path).unwrap();
    let row =
        |line: &str| line.split_once('\t').map(|(file, what)| (file.to_string(), what.replace('\t', " "))).unwrap();
    let wanted: BTreeMap<String, String> = table.lines().map(row).collect();
    let differing: Vec<String> = found
        .iter()
        .filter(|(file, what)| wanted.get(*file) != Some(*what))
        .map(|(file, what)| format!("{file}: {what}, wanted {:?}", wanted.get(file)))
        .chain(wanted.keys().filter(|file| !found.contains_key(*file)).map(|file| format!("{file} is gone")))
        .collect();
    assert!(differing.is_empty(), "{}", differing.join("\n"));
}

#[test]
fn every_benchmark_file_is_read_as_what_it_is_or_refused() {
    check("benchmarks", 250);
}

#[test]
fn every_profile_is_read_as_what_it_is_or_refused() {
    check("profiles", 150);
}

#[test]
fn every_collector_log_is_read_as_what_it_is_or_refused() {
    check("gc", 30);
}

/// Whatever is read can be analysed, alone and beside itself.
#[test]
fn every_file_that_is_read_can_be_compared_with_itself() {
    let Some(corpus) = corpus("benchmarks") else { return };
    let mut list = Vec::new();
    files(&corpus, &mut list);
    let older = ["criterion", "go-bench", "go-test-json", "hyperfine", "jmh-json"];
    let newer = list.iter().filter(|path| !older.iter().any(|kind| path.starts_with(corpus.join(kind))));
    let mut rows = 0;
    for path in newer {
        let bytes = std::fs::read(path).unwrap();
        let side = |name| Input { source: Source { name: path.to_str().unwrap(), bytes: &bytes }, side: Some(name) };
        let report = analyze(&[side("a"), side("b")], &AnalysisConfig::default());
        rows += report.rows.len();
        let changed = |c: &Comparison| matches!(c.verdict, Verdict::Regressed | Verdict::Improved);
        // A file with two sides inside has four, and those differ.
        let several = report.sides.len() > 2;
        let wrong = report.rows.iter().find(|row| !several && row.comparisons.iter().any(changed));
        assert!(wrong.is_none(), "{}: {wrong:?}", path.display());
    }
    assert!(rows > 1000, "{rows}");
}
