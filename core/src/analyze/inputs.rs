//! Inputs to runs and profiles, and which side each run or arm stands on.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::analyze::Input;
use crate::analyze::align::label_of;
use crate::config::AnalysisConfig;
use crate::error::ParseError;
use crate::format::{self, Content, CriterionBenchmark, Format, Part, criterion};
use crate::map::map_of;
use crate::model::{Run, SeriesData, SeriesKey};
use crate::profile::Profile;
use crate::report::{InputError, InputReport, InputStatus, Side};
use crate::source::{NoticeCode, Parsed, Source};

/// Everything that was read.
pub(super) struct Read {
    /// One per input, in order.
    pub(super) reports: Vec<InputReport>,
    /// Runs with the index of their input.
    pub(super) runs: Vec<(usize, Run)>,
    /// Profiles with the index of their input.
    pub(super) profiles: Vec<(usize, Profile)>,
    /// Files that hold nothing but evidence, with the index of their input.
    #[cfg(feature = "full")]
    pub(super) evidence: Vec<(usize, crate::evidence::Evidence)>,
    /// The side that the caller named, per input.
    named: Vec<Option<String>>,
}

#[cfg(feature = "full")]
impl Read {
    /// The side that the caller named for an input.
    pub(super) fn named(&self, input: usize) -> Option<&str> {
        self.named.get(input)?.as_deref()
    }
}

/// One arm of one run on one side.
#[derive(Clone, Debug)]
pub(super) struct Member {
    /// Index into [`Read::runs`].
    pub(super) run: usize,
    /// Index of the run's input.
    pub(super) input: usize,
    /// Index into the run's arms.
    pub(super) arm: u32,
    /// Index into the report's sides.
    pub(super) side: usize,
    /// Only series of this benchmark belong to the member, and their benchmark's name is dropped:
    /// the commands of one hyperfine file compared with each other.
    pub(super) only: Option<SeriesKey>,
}

/// Reads every input; what cannot be read becomes an error in its report.
pub(super) fn read_all(inputs: &[Input<'_>], config: &AnalysisConfig) -> Read {
    let mut reports = Vec::with_capacity(inputs.len());
    let mut runs = Vec::new();
    let mut profiles = Vec::new();
    let mut names: Vec<(&str, CriterionBenchmark)> = Vec::new();
    #[cfg(feature = "full")]
    let mut evidence = Vec::new();
    for (index, input) in inputs.iter().enumerate() {
        let mut report = InputReport {
            name: input.source.name.to_string(),
            bytes: input.source.bytes.len() as u64,
            format: None,
            status: InputStatus::Read,
            error: None,
            notices: Vec::new(),
            series: 0,
            values: 0,
            sides: Vec::new(),
            fork_means: None,
            environment: BTreeMap::new(),
        };
        match read(input.source, config) {
            Ok((format, parsed)) => {
                report.format = Some(format.id.to_string());
                report.notices = parsed.notices;
                if report.notices.iter().any(|n| leaves_out(n.code)) {
                    report.status = InputStatus::ReadInPart;
                }
                match parsed.value {
                    Content::Run(run) => {
                        describe(&run, &mut report);
                        runs.push((index, run));
                    }
                    Content::Profile(profile) => profiles.push((index, profile)),
                    Content::Part(Part::Criterion(name)) => names.push((folder(input.source.name), name)),
                    Content::Part(Part::Redundant) => {}
                    #[cfg(feature = "full")]
                    Content::Evidence(list) => evidence.extend(list.into_iter().map(|e| (index, e))),
                }
            }
            Err(error) => {
                report.format = chosen(config).or_else(|| format::detect(input.source.bytes)).map(|f| f.id.to_string());
                report.status = InputStatus::NotRead;
                report.error = Some(InputError {
                    code: error.kind.code().to_string(),
                    at: error.at,
                    message: error.kind.to_string(),
                });
            }
        }
        reports.push(report);
    }
    join_criterion(inputs, &mut runs, &mut reports, &names);
    let named = inputs.iter().map(|i| i.side.map(ToString::to_string)).collect();
    Read {
        reports,
        runs,
        profiles,
        #[cfg(feature = "full")]
        evidence,
        named,
    }
}

/// The format that the settings name for every input.
fn chosen(config: &AnalysisConfig) -> Option<&'static Format> {
    config.input_format.as_deref().and_then(format::named)
}

fn read(source: Source<'_>, config: &AnalysisConfig) -> Result<(&'static Format, Parsed<Content>), ParseError> {
    match chosen(config) {
        Some(format) => format::read_as(source, format).map(|parsed| (format, parsed)),
        None => format::read(source),
    }
}

/// Gives samples of Criterion.rs what lies beside them (names, parameters, rates), and drops estimates whose sample
/// is there.
fn join_criterion(
    inputs: &[Input<'_>],
    runs: &mut Vec<(usize, Run)>,
    reports: &mut [InputReport],
    names: &[(&str, CriterionBenchmark)],
) {
    let place = |index: usize| inputs.get(index).map_or("", |i| folder(i.source.name));
    let has_values = |run: &Run| run.series.iter().any(|s| matches!(s.data, SeriesData::Columns(_)));
    let sampled: Vec<&str> = runs
        .iter()
        .filter(|(_, run)| run.tool == criterion::TOOL && has_values(run))
        .map(|(index, _)| place(*index))
        .collect();
    runs.retain(|(index, run)| {
        let redundant = run.tool == criterion::TOOL && !has_values(run) && sampled.contains(&place(*index));
        if let (true, Some(report)) = (redundant, reports.get_mut(*index)) {
            report.notices.clear();
            report.series = 0;
        }
        !redundant
    });
    for (index, run) in runs.iter_mut().filter(|(_, run)| run.tool == criterion::TOOL) {
        if let Some((_, name)) = names.iter().find(|(folder, _)| *folder == place(*index)) {
            name.describe(run);
            if let Some(report) = reports.get_mut(*index) {
                report.notices.retain(|n| n.code != NoticeCode::NameFromPath);
            }
        }
    }
}

/// Whether a notice means that something of the input was left out.
fn leaves_out(code: NoticeCode) -> bool {
    matches!(
        code,
        NoticeCode::NonFiniteValue
            | NoticeCode::NoUsableValue
            | NoticeCode::Truncated
            | NoticeCode::BadChecksum
            | NoticeCode::BrokenLine
            | NoticeCode::DanglingReference
    )
}

fn describe(run: &Run, report: &mut InputReport) {
    report.series = run.series.len() as u64;
    report.values = run
        .series
        .iter()
        .map(|s| match &s.data {
            SeriesData::Columns(c) => c.len() as u64,
            SeriesData::Aggregates(_) => 0,
        })
        .sum();
    report.fork_means = Some(run.fork_means.to_string());
    report.environment = map_of(run.environment.iter().map(|(k, v)| (k.to_string(), v.to_string())));
    if !run.tool.is_empty() {
        report.environment.insert("tool".to_string(), run.tool.clone());
    }
}

/// The path without its last part.
pub(super) fn folder(name: &str) -> &str {
    name.rfind(['/', '\\']).and_then(|at| name.get(..at)).unwrap_or("")
}

pub(super) fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}

/// Decides which arm of which run stands on which side; the first side is the baseline.
pub(super) fn take_sides(read: &Read, config: &AnalysisConfig) -> (Vec<Side>, Vec<Member>) {
    let mut sides: Vec<Side> = Vec::new();
    let mut members = Vec::new();
    // Every side name is known by what it was made from, so that two files of one name in two
    // folders stay two sides.
    let mut ids: BTreeMap<String, usize> = BTreeMap::new();
    let mut side_for = |id: String, name: String, command: &str, input: usize, sides: &mut Vec<Side>| -> usize {
        let index = *ids.entry(id).or_insert_with(|| {
            sides.push(Side { name, command: command.to_string(), inputs: Vec::new() });
            sides.len() - 1
        });
        if !sides[index].inputs.contains(&(input as u32)) {
            sides[index].inputs.push(input as u32);
        }
        index
    };
    let lone_commands = config.compare && lone_hyperfine(read);
    for (run_index, (input, run)) in read.runs.iter().enumerate() {
        let name = read.reports.get(*input).map_or("", |r| r.name.as_str());
        let named = read.named.get(*input).and_then(Option::as_deref);
        if lone_commands {
            let commands = commands(run);
            let mut twins: BTreeMap<String, usize> = BTreeMap::new();
            commands.iter().for_each(|c| *twins.entry(c.benchmark.clone()).or_default() += 1);
            for command in &commands {
                // Commands of one name tell themselves apart by their parameters.
                let several = twins.get(&command.benchmark).is_some_and(|n| *n > 1);
                let label = if several { label_of(command) } else { command.benchmark.clone() };
                let side = side_for(label_of(command), label, &command.benchmark, *input, &mut sides);
                let only = Some((*command).clone());
                members.push(Member { run: run_index, input: *input, arm: 0, side, only });
            }
            continue;
        }
        // A whole folder of Criterion.rs given as one side: `base` is the measurement before it.
        if named.is_some() && run.tool == criterion::TOOL && run.arms.iter().all(|a| a.name == "base") {
            continue;
        }
        for (arm_index, arm) in run.arms.iter().enumerate() {
            let (id, label) = match (named, arm.name.is_empty()) {
                (Some(side), true) => (side.to_string(), side.to_string()),
                (Some(side), false) if run.arms.len() == 1 => (side.to_string(), side.to_string()),
                (Some(side), false) => (alloc::format!("{side}\0{}", arm.name), alloc::format!("{side}: {}", arm.name)),
                (None, false) => (alloc::format!("\0{}", arm.name), arm.name.clone()),
                (None, true) => (alloc::format!("{name}\0{input}"), file_name(name).to_string()),
            };
            let side = side_for(id, label, &arm.command, *input, &mut sides);
            members.push(Member { run: run_index, input: *input, arm: arm_index as u32, side, only: None });
        }
    }
    distinguish(&mut sides, read);
    reorder(&mut sides, &mut members, config);
    (sides, members)
}

/// Whether the only run is a hyperfine file of several commands without a named side: what people
/// made it for is to compare the commands.
fn lone_hyperfine(read: &Read) -> bool {
    let [(input, run)] = read.runs.as_slice() else { return false };
    let format = read.reports.get(*input).and_then(|r| r.format.as_deref());
    if format != Some("hyperfine") || read.named.get(*input).is_some_and(Option::is_some) {
        return false;
    }
    commands(run).len() > 1
}

/// The commands of a hyperfine file, each once and in order: the keys of their times.
fn commands(run: &Run) -> Vec<&SeriesKey> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    // One text a command, with what no name holds between its parts.
    let identity = |k: &SeriesKey| {
        k.params.iter().fold(k.benchmark.clone(), |text, (name, value)| text + "\0" + name + "\0" + value)
    };
    run.series.iter().map(|s| &s.key).filter(|k| k.metric == "time" && seen.insert(identity(k), 0).is_none()).collect()
}

/// Sides of equal names get the folder of their first input in front; one file given twice is
/// counted.
fn distinguish(sides: &mut [Side], read: &Read) {
    let mut names: BTreeMap<String, usize> = BTreeMap::new();
    sides.iter().for_each(|s| *names.entry(s.name.clone()).or_default() += 1);
    for side in sides.iter_mut().filter(|s| names.get(&s.name).is_some_and(|n| *n > 1)) {
        // The commands of one file have no other name than their own.
        let report =
            side.inputs.first().and_then(|i| read.reports.get(*i as usize)).filter(|_| side.command.is_empty());
        if let Some(report) = report {
            side.name.clone_from(&report.name);
        }
    }
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for side in sides.iter_mut() {
        let count = seen.entry(side.name.clone()).or_default();
        *count += 1;
        if *count > 1 {
            side.name.push_str(&alloc::format!(" ({count})"));
        }
    }
}

/// Puts the sides into the order that the configuration names; those it does not name follow.
fn reorder(sides: &mut Vec<Side>, members: &mut [Member], config: &AnalysisConfig) {
    if config.sides.is_empty() {
        return;
    }
    let mut order: Vec<usize> = Vec::with_capacity(sides.len());
    for name in &config.sides {
        order.extend((0..sides.len()).filter(|i| sides[*i].name == *name && !order.contains(i)).collect::<Vec<_>>());
    }
    order.extend((0..sides.len()).filter(|i| !order.contains(i)).collect::<Vec<_>>());
    let old = core::mem::take(sides);
    for index in &order {
        sides.extend(old.get(*index).cloned());
    }
    for member in members {
        member.side = order.iter().position(|o| *o == member.side).unwrap_or(member.side);
    }
}

/// The side whose run names this input's file as its profile.
pub(super) fn side_of_profile(
    runs: &[(usize, Run)],
    members: &[Member],
    inputs: &[InputReport],
    input: usize,
) -> Option<u32> {
    let file = file_name(&inputs.get(input)?.name);
    members.iter().find_map(|m| {
        let (_, run) = runs.get(m.run)?;
        run.profiles.iter().any(|p| p.arm == m.arm && p.file == file).then_some(m.side as u32)
    })
}
