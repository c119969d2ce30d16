//! From what was read to other formats. What a target cannot hold is counted and said, never silently left out.

mod arms;
mod csv;
mod go_bench;
mod gzip;
mod log;
mod order;
mod pprof;
mod stacks;
mod target;

use std::collections::{BTreeMap, BTreeSet};
use std::io::{self, Write};

use noisefloor_core::error::ParseError;
use noisefloor_core::format::{self, Content, CriterionBenchmark, Format, Part};
use noisefloor_core::model::{Marks, Run, SeriesData};
use noisefloor_core::profile::Profile;
use noisefloor_core::source::{Notice, NoticeCode, Source};

use crate::inputs::File;

pub use target::{Kind, TARGETS, Target};

/// The results of one input.
#[derive(Debug)]
pub struct Results {
    /// The name of the input.
    pub input: String,
    /// The side that the caller gave it.
    pub side: Option<String>,
    /// What it was read as.
    pub format: &'static Format,
    /// What it holds.
    pub run: Run,
}

/// The profile of one input.
#[derive(Debug)]
pub struct Stacks {
    /// The name of the input.
    pub input: String,
    /// What it holds.
    pub profile: Profile,
}

/// What was read of all inputs.
#[derive(Debug, Default)]
pub struct Loaded {
    /// Benchmark results, in the order of the inputs.
    pub results: Vec<Results>,
    /// Profiles, in the order of the inputs.
    pub profiles: Vec<Stacks>,
    /// Inputs that could not be read.
    pub errors: Vec<ParseError>,
    /// Inputs that explain measurements and hold none: no target takes them.
    pub evidence: Vec<String>,
    /// What was odd, with the name of the input.
    pub notices: Vec<(String, Notice)>,
}

/// Reads files by content, or all as one format. Samples of Criterion.rs get the names that lie beside them, and
/// what it made of a sample is left out where the sample is there.
#[must_use]
pub fn load(files: &[File], chosen: Option<&'static Format>) -> Loaded {
    let mut out = Loaded::default();
    let mut names: BTreeMap<String, CriterionBenchmark> = BTreeMap::new();
    for file in files {
        let source = Source { name: &file.name, bytes: &file.bytes };
        let read = match chosen {
            Some(format) => format::read_as(source, format).map(|parsed| (format, parsed)),
            None => format::read(source),
        };
        let (format, parsed) = match read {
            Ok(read) => read,
            Err(error) => {
                out.errors.push(error);
                continue;
            }
        };
        out.notices.extend(parsed.notices.into_iter().map(|n| (file.name.clone(), n)));
        match parsed.value {
            Content::Run(run) => {
                out.results.push(Results { input: file.name.clone(), side: file.side.clone(), format, run });
            }
            Content::Profile(profile) => out.profiles.push(Stacks { input: file.name.clone(), profile }),
            Content::Part(Part::Criterion(name)) => drop(names.insert(folder(&file.name).to_string(), name)),
            Content::Part(Part::Redundant) => {}
            Content::Evidence(_) => out.evidence.push(file.name.clone()),
        }
    }
    join_criterion(&mut out, &names);
    out
}

/// The path without its last part.
fn folder(name: &str) -> &str {
    name.rfind(['/', '\\']).and_then(|at| name.get(..at)).unwrap_or("")
}

fn join_criterion(loaded: &mut Loaded, names: &BTreeMap<String, CriterionBenchmark>) {
    let is_criterion = |r: &Results| r.format.id == "criterion";
    let has_values = |r: &Results| r.run.series.iter().any(|s| matches!(s.data, SeriesData::Columns(_)));
    let sampled: BTreeSet<String> = loaded
        .results
        .iter()
        .filter(|r| is_criterion(r) && has_values(r))
        .map(|r| folder(&r.input).to_string())
        .collect();
    let mut settled = BTreeSet::new();
    loaded.results.retain(|r| {
        let gone = is_criterion(r) && !has_values(r) && sampled.contains(folder(&r.input));
        if gone {
            settled.insert(r.input.clone());
        }
        !gone
    });
    loaded.notices.retain(|(input, _)| !settled.contains(input));
    settled.clear();
    for result in loaded.results.iter_mut().filter(|r| is_criterion(r)) {
        if let Some(name) = names.get(folder(&result.input)) {
            name.describe(&mut result.run);
            settled.insert(result.input.clone());
        }
    }
    loaded.notices.retain(|(input, n)| n.code != NoticeCode::NameFromPath || !settled.contains(input));
}

/// What a target could not hold: how many of what, in words.
#[derive(Debug, Default)]
pub struct Lost(Vec<(u64, String)>);

impl Lost {
    /// Counts so many of something; none is nothing.
    fn add(&mut self, count: u64, what: &str) {
        if count == 0 {
            return;
        }
        match self.0.iter_mut().find(|(_, known)| known == what) {
            Some((n, _)) => *n += count,
            None => self.0.push((count, what.to_string())),
        }
    }

    /// Each kind of loss with its count, in the order first met.
    pub fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.0.iter().map(|(n, what)| (*n, what.as_str()))
    }
}

/// Why nothing was written.
#[derive(Debug)]
pub enum Failure {
    /// The target cannot hold these inputs; why.
    Refused(String),
    /// Writing failed.
    Io(io::Error),
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Failure {
        Failure::Io(error)
    }
}

/// Values of one histogram entry after the other are written at most so often in all.
const MAX_REPEATED: u64 = 1_000_000;

/// Writes results in a format that holds them.
///
/// # Errors
/// When the target cannot hold them, or writing fails; what was written before is no use then.
pub fn results(to: Target, loaded: &[Results], lost: &mut Lost, out: &mut dyn Write) -> Result<(), Failure> {
    let all = |of: fn(&Run) -> usize| loaded.iter().map(|r| of(&r.run) as u64).sum::<u64>();
    lost.add(all(|run| run.evidence.len()), "collector logs and scheduler traces");
    lost.add(all(|run| run.timed.len()), "moments of values");
    match to {
        Target::NoisefloorLog => log::write(loaded, lost, out),
        Target::Csv => csv::write(loaded, lost, out),
        Target::GoBench => go_bench::write(loaded, lost, out),
        _ => Err(Failure::Refused(format!("{} holds no benchmark results", to.id()))),
    }
}

/// Copies a run log as it is, but for lines that are no whole record.
///
/// # Errors
/// When writing fails.
pub fn copy_log(bytes: &[u8], lost: &mut Lost, out: &mut dyn Write) -> Result<(), Failure> {
    log::copy(bytes, lost, out)
}

/// Writes profiles in a format that holds them; `sample_type` names the one that is wanted.
///
/// # Errors
/// When the target cannot hold them, the sample type does not exist, or writing fails.
pub fn profiles(
    to: Target,
    loaded: &[Stacks],
    sample_type: Option<&str>,
    lost: &mut Lost,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    for one in loaded {
        let pairs = one.profile.labelled();
        let kept = if to == Target::Pprof { pairs.len().max(one.profile.len()) } else { one.profile.len() };
        lost.add(one.profile.samples().saturating_sub(kept as u64), "samples added up with others of the same stack");
        if to != Target::Pprof {
            let labels = |pair: &usize| pairs.get(*pair).is_some_and(|(_, labels)| !labels.is_empty());
            lost.add((0..pairs.len()).filter(labels).count() as u64, "stacks with labels, now without");
        }
    }
    match to {
        Target::Pprof => pprof::write(loaded, sample_type, lost, out),
        Target::Folded => stacks::folded(loaded, sample_type, lost, out),
        Target::Speedscope => stacks::speedscope(loaded, sample_type, lost, out),
        _ => Err(Failure::Refused(format!("{} holds no profile", to.id()))),
    }
}

/// Names that are different, made of texts that may be equal.
struct Unique<K> {
    taken: BTreeSet<K>,
    /// For each text how often it was asked for, so that many equal ones take no longer than others.
    counts: BTreeMap<String, u64>,
}

impl<K: Ord> Unique<K> {
    fn new() -> Unique<K> {
        Unique { taken: BTreeSet::new(), counts: BTreeMap::new() }
    }

    /// The text, or what `again` makes of it and a number from 2; `key` is what must differ.
    fn name(&mut self, text: String, again: fn(&str, u64) -> String, key: &dyn Fn(&str) -> K) -> String {
        let count = self.counts.entry(text.clone()).or_insert(0);
        loop {
            *count += 1;
            let name = if *count == 1 { text.clone() } else { again(&text, *count) };
            if self.taken.insert(key(&name)) {
                return name;
            }
        }
    }
}

/// The ids of marks, one behind the other.
fn mark_names(marks: Marks) -> Vec<String> {
    marks.iter().map(|m| m.code().to_string()).collect()
}

/// Parameters as one text, from which they can be read back: `name=value`, with `&` between, and what would be
/// taken for one of these as `%` and two digits.
#[must_use]
pub fn params_text<'a>(params: impl Iterator<Item = (&'a str, &'a str)>) -> String {
    let escape = |text: &str| text.replace('%', "%25").replace('&', "%26").replace('=', "%3D");
    let parts: Vec<String> = params.map(|(name, value)| format!("{}={}", escape(name), escape(value))).collect();
    parts.join("&")
}

/// A number as the shortest text that reads back as the same one.
pub(crate) fn number(value: f64) -> String {
    let mut text = Vec::new();
    noisefloor_core::number::print(&mut text, value);
    let text = String::from_utf8_lossy(&text);
    text.strip_suffix(".0").unwrap_or(&text).to_string()
}
