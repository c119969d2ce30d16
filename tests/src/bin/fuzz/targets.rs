//! What inputs are tried on, and what has to hold of the answer: not only that there is one.

use std::collections::BTreeSet;

use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::archive::{self, Opened, Room};
use noisefloor_core::error::ParseError;
use noisefloor_core::flame::layout;
use noisefloor_core::format::{self, Content, FORMATS, Format};
use noisefloor_core::json;
use noisefloor_core::model::{Aggregate, Run, SeriesData};
use noisefloor_core::profile::{Profile, StackTree, View};
use noisefloor_core::report::Report;
use noisefloor_core::source::{Notice, Position, Source};
use noisefloor_core::{AnalysisConfig, log};

/// Something that is tried.
#[derive(Clone, Copy)]
pub(crate) enum Target {
    /// Recognising and reading, as for any file.
    Read,
    /// One reader, whatever the input looks like.
    Parse(&'static Format),
    /// Reading of run logs whose checksums fit.
    Log,
    /// The whole analysis, and its report read back.
    Report,
    /// The reader of JSON, held against serde_json.
    Json,
    /// Settings.
    Config,
    /// Archives; tars whose checksums fit, too.
    Archive,
}

impl Target {
    /// All of them.
    pub(crate) fn all() -> Vec<Target> {
        let fixed = [Target::Read, Target::Log, Target::Report, Target::Json, Target::Config, Target::Archive];
        fixed.into_iter().chain(FORMATS.iter().map(Target::Parse)).collect()
    }

    /// Its name: that of a folder.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Target::Read => "read",
            Target::Parse(format) => format.id,
            Target::Log => "log",
            Target::Report => "report",
            Target::Json => "json",
            Target::Config => "config",
            Target::Archive => "archive",
        }
    }

    /// Whether a file is a good start for it.
    pub(crate) fn wants(self, bytes: &[u8]) -> bool {
        match self {
            Target::Read => true,
            Target::Report => bytes.len() <= 16 << 10 && format::recognise(bytes).is_some(),
            Target::Parse(format) => format::recognise(bytes).is_some_and(|found| found.id == format.id),
            Target::Log => bytes.split(|b| *b == b'\n').next().is_some_and(log::looks_like_log),
            Target::Json => bytes.first().is_some_and(|b| matches!(b, b'{' | b'[')),
            Target::Config => bytes.starts_with(b"{\"stats\""),
            Target::Archive => archive::is_packed(bytes),
        }
    }

    /// Tries an input.
    ///
    /// # Errors
    /// What does not hold.
    pub(crate) fn run(self, bytes: &[u8]) -> Result<(), String> {
        let source = Source { name: "fuzz", bytes };
        match self {
            Target::Read => checked(bytes, format::read(source).map(|(_, p)| (p.value, p.notices))),
            Target::Parse(format) => checked(bytes, (format.parse)(source).map(|p| (p.value, p.notices))),
            Target::Log => {
                let sealed = sealed(bytes);
                let source = Source { name: "fuzz", bytes: &sealed };
                checked(&sealed, format::read(source).map(|(_, p)| (p.value, p.notices)))
            }
            Target::Report => report(bytes),
            Target::Json => json_agrees(bytes),
            Target::Config => {
                let Ok(config) = AnalysisConfig::from_json(&String::from_utf8_lossy(bytes)) else { return Ok(()) };
                // What was read is read again, whether it makes sense or not.
                let again = serde_json::to_string(&config).map_err(|e| e.to_string())?;
                match AnalysisConfig::from_json(&again) {
                    Ok(other) if other == config => Ok(()),
                    Ok(_) => Err(format!("settings change by being written: {again}")),
                    Err(e) => Err(format!("settings cannot be read again: {e}: {again}")),
                }
            }
            Target::Archive => opened(bytes).and_then(|()| opened(&sealed_tar(bytes))),
        }
    }
}

fn checked(bytes: &[u8], result: Result<(Content, Vec<Notice>), ParseError>) -> Result<(), String> {
    let place = |at: Option<Position>| match at {
        // Compressed and converted input has more lines and bytes than the file.
        Some(Position::Line(0)) => Err("a line 0".to_string()),
        Some(Position::Line(n)) if bytes.is_ascii() && n > bytes.iter().filter(|b| **b == b'\n').count() as u64 + 1 => {
            Err(format!("line {n} of a shorter file"))
        }
        Some(Position::Byte(n)) if bytes.is_ascii() && n > bytes.len() as u64 => {
            Err(format!("byte {n} of a shorter file"))
        }
        _ => Ok(()),
    };
    match result {
        Err(error) => {
            if error.kind.code().is_empty() || error.kind.to_string().is_empty() {
                return Err("an error without words".into());
            }
            place(error.at)
        }
        Ok((content, notices)) => {
            for notice in &notices {
                place(notice.at)?;
                if notice.count == 0 {
                    return Err(format!("a notice that never came: {notice:?}"));
                }
            }
            match content {
                Content::Run(run) => sound_run(&run),
                Content::Profile(profile) => sound_profile(&profile),
                _ => Ok(()),
            }
        }
    }
}

/// Members stay inside of their archive and of its limits, and what is left out has a reason.
fn opened(bytes: &[u8]) -> Result<(), String> {
    let wordless = |e: &archive::ArchiveError| e.to_string().is_empty() || !archive::CODES.contains(&e.code());
    let mut room = Room { used: 0, most: 1 << 30 };
    let members = match archive::open("fuzz", bytes, &mut room) {
        None if archive::is_packed(bytes) => return Err("an archive that is none".into()),
        Some(Err(e)) if wordless(&e) => return Err("an error without words".into()),
        Some(Ok(Opened::Members(members))) => members,
        _ => return Ok(()),
    };
    let size: u64 = members.files.iter().map(|(_, bytes)| bytes.len() as u64).sum();
    if size != room.used || size > (bytes.len() as u64 * 200).max(64 << 20) {
        return Err(format!("{size} bytes out of {}, where {} were counted", bytes.len(), room.used));
    }
    let outside = |name: &str| !name.starts_with("fuzz/") || name.split(['/', '\\']).any(|part| part == "..");
    if members.files.iter().any(|(name, bytes)| outside(name) || archive::is_packed(bytes)) {
        return Err("a member that leads out, or is an archive".into());
    }
    let count = members.files.len() + members.problems.len() + members.aside.len();
    if count == 0 || count > archive::MAX_MEMBERS + 1 {
        return Err(format!("{count} members"));
    }
    if members.problems.iter().any(|(name, why)| !name.starts_with("fuzz") || wordless(why)) {
        return Err("a member left out without a word".into());
    }
    Ok(())
}

/// Headers of a tar with the checksums that they should have, so that what they say is looked at.
fn sealed_tar(bytes: &[u8]) -> Vec<u8> {
    let mut out = bytes.to_vec();
    for header in out.chunks_exact_mut(512).filter(|block| block[257..262] == *b"ustar") {
        header[148..156].fill(b' ');
        let sum: u32 = header.iter().map(|b| u32::from(*b)).sum();
        header[148..156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
    }
    out
}

fn sound_run(run: &Run) -> Result<(), String> {
    if run.arms.is_empty() {
        return Err("a run without an arm".into());
    }
    if run.forks.iter().any(|f| f.arm as usize >= run.arms.len()) {
        return Err("a process of an arm that is not there".into());
    }
    let mut keys = BTreeSet::new();
    for series in &run.series {
        if !keys.insert(&series.key) {
            return Err(format!("two series of one key: {:?}", series.key));
        }
        match &series.data {
            SeriesData::Columns(c) => {
                let n = c.values.len();
                let optional = [c.round.len(), c.turn.len(), c.weight.len()];
                if [c.fork.len(), c.ops.len(), c.marks.len()] != [n; 3] || optional.iter().any(|l| *l != 0 && *l != n) {
                    return Err(format!("columns of unlike lengths: {:?}", series.key));
                }
                if c.values.iter().any(|v| !v.is_finite()) || c.ops.contains(&0) || c.weight.contains(&0) {
                    return Err(format!("a value that is none: {:?}", series.key));
                }
                if c.fork.iter().any(|f| *f as usize >= run.forks.len()) {
                    return Err("a value of a process that is not there".into());
                }
            }
            SeriesData::Aggregates(list) => {
                let sound =
                    |(low, high, confidence): (f64, f64, f64)| low <= high && confidence > 0.0 && confidence < 1.0;
                let bad = |a: &Aggregate| {
                    !a.mean.is_finite()
                        || a.std_dev.is_some_and(|s| s.is_nan() || s < 0.0)
                        || !a.interval.is_none_or(sound)
                };
                if list.iter().any(|(arm, a)| *arm as usize >= run.arms.len() || bad(a)) {
                    return Err(format!("a summary that is none: {:?}", series.key));
                }
            }
        }
    }
    if run.executed.iter().any(|(f, s)| *f as usize >= run.forks.len() || *s as usize >= run.series.len()) {
        return Err("an execution of what is not there".into());
    }
    Ok(())
}

/// Every stack names what is there, and the tree holds all of the weight.
fn sound_profile(profile: &Profile) -> Result<(), String> {
    if profile.is_empty() || profile.sample_types().is_empty() || profile.default_type() >= profile.sample_types().len()
    {
        return Err("a profile without stacks or types".into());
    }
    let named = |index| profile.stack(index).iter().all(|f| (f.function() as usize) < profile.names().len());
    if !(0..profile.len()).all(named) {
        return Err("a frame of a function that is not there".into());
    }
    for kind in 0..profile.sample_types().len() {
        let weights = profile.weights(kind);
        if weights.len() != profile.len() || weights.iter().any(|w| !w.is_finite()) {
            return Err("weights that do not fit the stacks".into());
        }
        let tree = StackTree::build(profile, &View { sample_type: Some(kind), ..View::default() });
        // What is below zero has no width: trees of such profiles hold magnitudes.
        if weights.iter().all(|w| *w >= 0.0) {
            let (all, drawn) = (weights.iter().sum::<f64>(), tree.total.first().copied().unwrap_or(0.0));
            if (drawn + tree.left_out - all).abs() > 1e-9 * all.abs() {
                return Err(format!("the tree holds {drawn} and {} of {all}", tree.left_out));
            }
        }
        let boxes = layout(&tree);
        if boxes.left.iter().chain(&boxes.width).any(|v| !(0.0..=1.0 + 1e-6).contains(v)) {
            return Err("a box outside of the picture".into());
        }
    }
    Ok(())
}

/// The two halves as two files: the report is the same each time, and reads back as what was written.
fn report(bytes: &[u8]) -> Result<(), String> {
    let config = AnalysisConfig { compare: true, ..AnalysisConfig::default() };
    let half = bytes.len() / 2;
    let both = [("whole", bytes), ("half", &bytes[half..])];
    let inputs = both.map(|(name, bytes)| Input { source: Source { name, bytes }, side: None });
    let text = analyze(&inputs, &config).to_json();
    if analyze(&inputs, &config).to_json() != text {
        return Err("two reports of one input".into());
    }
    let read: Report = serde_json::from_str(&text).map_err(|e| format!("the report cannot be read: {e}"))?;
    if read.to_json() == text { Ok(()) } else { Err("the report changes by being read".into()) }
}

/// What serde_json takes is taken here; what it refuses is refused, but for its own limits.
fn json_agrees(bytes: &[u8]) -> Result<(), String> {
    let Ok(text) = std::str::from_utf8(bytes) else {
        let _ = json::document(bytes);
        return Ok(());
    };
    let ours = json::document(bytes);
    // Its limits, and what some tools write and we take: `NaN` and `Infinity`.
    let own = |e: &serde_json::Error| {
        let said = e.to_string();
        ["out of range", "recursion limit", "surrogate", "escape"].iter().any(|w| said.contains(w))
            || ["NaN", "Infinity"].iter().any(|w| text.contains(w))
    };
    match (serde_json::from_str::<serde_json::Value>(text), &ours) {
        (Ok(_), Err(e)) => Err(format!("refused: {e}")),
        (Err(e), Ok(_)) if !own(&e) => Err(format!("taken, but: {e}")),
        _ => Ok(()),
    }
}

/// Lines with the checksums that they should have, so that what they hold is looked at.
fn sealed(bytes: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(bytes.len());
    for line in bytes.split_inclusive(|b| *b == b'\n') {
        match line.get(9..).filter(|_| line.get(8) == Some(&b' ')) {
            Some(rest) => {
                let body = rest.strip_suffix(b"\n").unwrap_or(rest);
                out.extend(format!("{:08x} ", crc32fast::hash(body)).bytes());
                out.extend(rest);
            }
            None => out.extend(line),
        }
    }
    out
}
