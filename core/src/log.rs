//! The run log: its records, and the line that each one is (`native-runner/FORMAT.md`).
//!
//! One definition for the runner that writes and the reader that reads; only text is made here.

use alloc::borrow::Cow;
use alloc::boxed::Box;
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use serde::Serialize;

use crate::format::gzip::crc32;
use crate::json::{self, FromJson, JsonError, Reader, fields_from_json};

/// Version of the log that is written, and the newest that is read.
pub const LOG_VERSION: u32 = 1;

/// Block number of the pilot, whose values are recorded and never used.
pub const PILOT_BLOCK: i64 = -1;
/// Block number of processes that are profiled and not timed.
pub const PROFILED_BLOCK: i64 = -2;
/// Block number of processes that stood in none: those of another tool's file.
pub const NO_BLOCK: i64 = -3;

/// One record of a log. Times are nanoseconds since the header's moment unless a name says `_s`.
#[derive(Clone, Debug, PartialEq, Serialize)]
#[serde(tag = "r", rename_all = "snake_case")]
pub enum Record {
    /// The first record.
    Header(Header),
    /// A process was started.
    Fork(ForkRecord),
    /// One batch of every arm, one right after the other.
    Round(Round),
    /// Values of one fork.
    Value(Value),
    /// A process ended.
    Exit(Exit),
    /// A block is complete.
    Block(Block),
    /// A profile was written beside the log.
    Profile(ProfileRecord),
    /// Something that a reader should know.
    Note(Note),
    /// The run is complete.
    End(End),
    /// A record of a newer writer; skipped.
    Unknown,
}

/// What was planned, and on what.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Header {
    /// [`LOG_VERSION`] of the writer.
    pub v: u32,
    /// `noisefloor 0.1.0`.
    pub tool: String,
    /// Name of the benchmark, where a fork states none.
    pub benchmark: String,
    /// Group of the benchmark; may be empty.
    pub suite: String,
    /// Parameters by name.
    pub params: BTreeMap<String, String>,
    /// Wall-clock moment of the header: nanoseconds since 1970 UTC.
    pub started_unix_ns: u64,
    /// Seed of every random choice.
    pub seed: u32,
    /// How values came about.
    pub mode: Mode,
    /// The things compared.
    pub arms: Vec<ArmRecord>,
    /// The plan, fixed before the first timed block.
    pub plan: Plan,
    /// How processes were started, where that is not as usual: `shell`, `cwd`, `env` (names only), `setup`,
    /// `prepare`, `cleanup`, `timeout_s`, `ignore_failure`. Values are empty when redacted.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub settings: BTreeMap<String, String>,
    /// Facts about the machine.
    pub host: BTreeMap<String, String>,
    /// Cores that processes were allowed to use.
    pub cores: Vec<u32>,
}

/// How values came about.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Mode {
    /// The runner drove the arms batch by batch.
    Lockstep,
    /// The runner timed whole processes from outside.
    #[default]
    Command,
    /// Processes handed over their own values.
    Samples,
    /// A harness ran alone in its own process.
    Harness,
}

/// One of the things compared.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct ArmRecord {
    /// Its name.
    pub name: String,
    /// Its command line; empty when redacted or unknown.
    pub command: String,
}

/// What was decided before the first timed block.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Plan {
    /// Timed blocks.
    pub blocks: u32,
    /// Lockstep rounds of each block, or processes of each arm.
    pub pairs: u32,
    /// Time that was to be spent, where it decided the number of blocks.
    pub budget_s: Option<f64>,
    /// Length that a batch should have.
    pub batch_ns: Option<u64>,
    /// What the pilot block took.
    pub pilot_s: Option<f64>,
    /// The rule by which the run may end before its last block; absent: it may not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stopping: Option<Box<StoppingPlan>>,
}

/// The rule by which a run may end early.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct StoppingPlan {
    /// `group_sequential`: verdicts are looked at after planned numbers of blocks only. `confidence_sequence`:
    /// after any block from the twentieth on. `sign_bets`: after any block.
    pub rule: String,
    /// How the error rate is spent over the looks: `obrien_fleming_like`; for a confidence sequence
    /// `normal_mixture`, tightest at the cap; for bets on signs `five_stakes`.
    pub spending: String,
    /// Blocks at each look, rising; the last is the cap. Empty for a confidence sequence and bets.
    pub looks: Vec<u64>,
    /// The most blocks.
    pub cap: u64,
    /// Two-sided error rate over all looks.
    pub alpha: f64,
    /// The margin, as a ratio, by which verdicts are made.
    pub margin: f64,
}

/// A started process.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ForkRecord {
    /// Its number in the log, from 0.
    pub f: u32,
    /// Index into the header's arms.
    pub arm: u32,
    /// Its block; [`PILOT_BLOCK`] or [`PROFILED_BLOCK`] for those, [`NO_BLOCK`] for one that stood in none.
    pub block: i64,
    /// The benchmark it runs, where it is not the header's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// Process id.
    pub pid: u32,
    /// The core it is pinned to.
    pub core: Option<u32>,
    /// When it was started.
    pub t: u64,
}

/// A batch of every arm.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Round {
    /// Its block.
    pub b: i64,
    /// Its number in the block, from 0.
    pub i: u32,
    /// Iterations of each batch.
    pub n: u64,
    /// Forks in the order in which they ran.
    pub o: Vec<u32>,
    /// Time of each batch, in that order.
    pub ns: Vec<u64>,
    /// When the round began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub t: Option<u64>,
    /// Ids of marks of each batch, in that order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub m: Vec<Vec<String>>,
    /// Whether it came before measuring began.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub w: bool,
}

/// Values of one fork and metric, in collection order.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Value {
    /// The fork.
    pub f: u32,
    /// The metric.
    pub metric: String,
    /// Unit of the numbers as they stand here.
    pub unit: String,
    /// The numbers.
    pub x: Vec<f64>,
    /// Operations that each is the mean of; 0 counts as 1.
    pub n: u64,
    /// The benchmark, where it is not the fork's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub benchmark: Option<String>,
    /// Direction, where stated: `lower` or `higher`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub better: Option<String>,
    /// Ids of marks.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub m: Vec<String>,
    /// Whether they came before measuring began.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub w: bool,
    /// When the measuring of each began, in nanoseconds since the start of the process by its own clock;
    /// as long as `x`, or empty.
    #[cfg(feature = "full")]
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub t: Vec<u64>,
}

/// An ended process.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Exit {
    /// The fork.
    pub f: u32,
    /// When it ended.
    pub t: u64,
    /// Exit code, where it ended by itself.
    pub status: Option<i32>,
    /// The signal that ended it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub signal: Option<i32>,
    /// Whether a failure was to be ignored.
    #[serde(skip_serializing_if = "core::ops::Not::not")]
    pub ignored: bool,
    /// Counters; see [`Evidence`](crate::model::Evidence).
    pub evidence: BTreeMap<String, f64>,
}

/// A closed block.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct Block {
    /// Its number.
    pub b: i64,
    /// When it ended.
    pub t: u64,
    /// Whether everything in it was measured as planned.
    pub ok: bool,
    /// Why not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub why: Option<String>,
}

/// A profile beside the log.
#[derive(Clone, Debug, Default, PartialEq, Serialize)]
pub struct ProfileRecord {
    /// Index into the header's arms.
    pub arm: u32,
    /// File name without folder.
    pub file: String,
    /// Stack samples in it.
    pub samples: u64,
    /// What was sampled: `cpu-clock`, `cycles`, `cpu-time`.
    pub event: String,
    /// Samples per second of CPU time.
    pub delivered_hz: f64,
    /// How stacks were walked: `frame pointers`, `DWARF`.
    pub unwound: String,
    /// Share of samples that lead from a known root.
    pub rooted: f64,
}

/// A remark.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Note {
    /// Stable id.
    pub code: String,
    /// In words.
    pub text: String,
    /// Of a note `extended`: the most blocks from now on, of a run that may end after any of them.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub blocks: Option<u32>,
}

/// The end of a run.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize)]
pub struct End {
    /// When.
    pub t: u64,
    /// Whether a signal ended it before the plan was done.
    pub interrupted: bool,
}

/// A record as its line, with the line feed.
#[must_use]
pub fn encode(record: &Record) -> Vec<u8> {
    // Numbers that are not finite become null and are refused by the reader.
    let json = json::to_bytes(record);
    let mut line = alloc::format!("{:08x} ", crc32(&json)).into_bytes();
    line.extend(json);
    line.push(b'\n');
    line
}

/// Why a line is no record.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LineError {
    /// Its checksum is missing or does not fit.
    Checksum,
    /// The checksum fits, but this is no record of this version.
    Shape,
}

/// Reads a line without its line feed.
///
/// # Errors
/// When the checksum does not fit, or its content is no record.
pub fn decode(line: &[u8]) -> Result<Record, LineError> {
    decode_with(crc32, line)
}

/// [`decode`] with another way to the same checksum.
pub(crate) fn decode_with(crc: impl FnOnce(&[u8]) -> u32, line: &[u8]) -> Result<Record, LineError> {
    let (stated, json) = parts(line).ok_or(LineError::Checksum)?;
    if stated != crc(json) {
        return Err(LineError::Checksum);
    }
    read_record(json).map_err(|_| LineError::Shape)
}

/// Reads the type of a record, and then its content into that type: no copy of it is made between.
fn read_record(bytes: &[u8]) -> Result<Record, JsonError> {
    /// The content into its type.
    fn content<'a, T: FromJson<'a> + Default>(bytes: &'a [u8], of: fn(T) -> Record) -> Result<Record, JsonError> {
        let mut record = T::default();
        json::read(bytes, &mut record).map(|()| of(record))
    }
    // Our own writer puts the type first; then nothing else has to be read to find it.
    let mut tag = Tag::default();
    match bytes.strip_prefix(b"{\"r\":") {
        Some(rest) => tag.r = Reader::new(rest).string()?,
        None => json::read(bytes, &mut tag)?,
    }
    match tag.r.as_ref() {
        "header" => content(bytes, Record::Header),
        "fork" => content(bytes, Record::Fork),
        "round" => content(bytes, Record::Round),
        "value" => content(bytes, Record::Value),
        "exit" => content(bytes, Record::Exit),
        "block" => content(bytes, Record::Block),
        "profile" => content(bytes, Record::Profile),
        "note" => content(bytes, Record::Note),
        "end" => content(bytes, Record::End),
        _ => Ok(Record::Unknown),
    }
}

/// The type of a record.
#[derive(Default)]
struct Tag<'a> {
    r: Cow<'a, str>,
}

impl<'a> FromJson<'a> for Tag<'a> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(1, &mut [("r", &mut self.r)])
    }
}

impl<'a> FromJson<'a> for Mode {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        let words = [
            ("lockstep", Mode::Lockstep),
            ("command", Mode::Command),
            ("samples", Mode::Samples),
            ("harness", Mode::Harness),
        ];
        *self = reader.one_of(&words, "a mode of measuring")?;
        Ok(())
    }
}

fields_from_json!(Header: v, tool, benchmark, suite, params, started_unix_ns, seed, mode, arms, plan, settings, host, cores);
fields_from_json!(ArmRecord: name, command);
fields_from_json!(Plan: blocks, pairs, budget_s, batch_ns, pilot_s, stopping);
fields_from_json!(StoppingPlan: rule, spending, looks, cap, alpha, margin);
fields_from_json!(ForkRecord: f, arm, block, benchmark, pid, core, t);
fields_from_json!(Round: b, i, n, o, ns, t, m, w);
#[cfg(feature = "full")]
fields_from_json!(Value: f, metric, unit, x, n, benchmark, better, m, w, t);
// The small engine has no use for the times of values: no file that it reads has others on their clock.
#[cfg(not(feature = "full"))]
fields_from_json!(Value: f, metric, unit, x, n, benchmark, better, m, w);
fields_from_json!(Exit: f, t, status, signal, ignored, evidence);
fields_from_json!(Block: b, t, ok, why);
fields_from_json!(ProfileRecord: arm, file, samples, event, delivered_hz, unwound, rooted);
fields_from_json!(Note: code, text, blocks);
fields_from_json!(End: t, interrupted);

/// The checksum that a line states, and what it is of.
fn parts(line: &[u8]) -> Option<(u32, &[u8])> {
    let (digits, rest) = line.split_at_checked(8)?;
    let json = rest.strip_prefix(b" ")?;
    let digits = core::str::from_utf8(digits).ok().filter(|d| d.bytes().all(|b| b.is_ascii_hexdigit()))?;
    Some((u32::from_str_radix(digits, 16).ok()?, json))
}

/// Whether a line begins like a log.
#[must_use]
pub fn looks_like_log(line: &[u8]) -> bool {
    let hex = line.get(..8).is_some_and(|d| d.iter().all(u8::is_ascii_hexdigit));
    hex && line.get(8..).is_some_and(|rest| rest.starts_with(b" {\"r\":\""))
}

/// How much of a log is whole lines: what a writer that goes on must keep; the rest is torn.
#[must_use]
pub fn whole_lines(bytes: &[u8]) -> usize {
    bytes.iter().rposition(|b| *b == b'\n').map_or(0, |at| at + 1)
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
    use super::*;

    #[test]
    fn every_record_survives() {
        let text = |t: &str| String::from(t);
        let map = || BTreeMap::from([(text("k"), text("v \u{1}\"\\ü"))]);
        let header = Header {
            v: 1,
            tool: text("t"),
            benchmark: text("b"),
            suite: text("s"),
            params: map(),
            started_unix_ns: u64::MAX,
            seed: 7,
            mode: Mode::Harness,
            arms: [ArmRecord { name: text("a"), command: text("c") }].into(),
            plan: Plan {
                blocks: 1,
                pairs: 2,
                budget_s: Some(0.1),
                batch_ns: Some(3),
                pilot_s: Some(1e-9),
                stopping: None,
            },
            settings: map(),
            host: map(),
            cores: [0, 5].into(),
        };
        let modes = [Mode::Lockstep, Mode::Command, Mode::Samples, Mode::Harness];
        let mut records: Vec<Record> =
            modes.into_iter().map(|mode| Record::Header(Header { mode, ..header.clone() })).collect();
        let marks = || alloc::vec![text("warmup")];
        records.extend([
            Record::Fork(ForkRecord {
                f: 1,
                arm: 2,
                block: PILOT_BLOCK,
                benchmark: Some(text("b")),
                pid: 3,
                core: Some(4),
                t: 5,
            }),
            Record::Round(Round {
                b: -2,
                i: 1,
                n: 2,
                o: [1, 0].into(),
                ns: [3, u64::MAX].into(),
                t: Some(4),
                m: [marks(), Vec::new()].into(),
                w: true,
            }),
            Record::Value(Value {
                f: 1,
                metric: text("m"),
                unit: text("ns"),
                x: [0.1, -0.0, 5e-324, f64::MAX].into(),
                n: 2,
                benchmark: Some(text("")),
                better: Some(text("lower")),
                m: marks(),
                w: true,
                t: [0, 1, 2, u64::MAX].into(),
            }),
            Record::Exit(Exit {
                f: 1,
                t: 2,
                status: Some(-1),
                signal: Some(9),
                ignored: true,
                evidence: [(text("e"), 0.5)].into(),
            }),
            Record::Block(Block { b: 1, t: 2, ok: true, why: Some(text("w")) }),
            Record::Profile(ProfileRecord {
                arm: 1,
                file: text("f"),
                samples: 2,
                event: text("e"),
                delivered_hz: 99.9,
                unwound: text("u"),
                rooted: 0.25,
            }),
            Record::Note(Note { code: text("c"), text: text("t"), blocks: Some(u32::MAX) }),
            Record::End(End { t: 1, interrupted: true }),
        ]);
        for record in records {
            let line = encode(&record);
            assert_eq!(decode(line.strip_suffix(b"\n").unwrap()), Ok(record));
        }
    }

    #[test]
    fn a_line_survives_and_a_changed_one_is_refused() {
        let record =
            Record::Round(Round { b: 3, i: 7, n: 100, o: [1, 0].into(), ns: [5, 6].into(), ..Round::default() });
        let line = encode(&record);
        let body = line.strip_suffix(b"\n").unwrap();
        assert!(looks_like_log(body));
        assert_eq!(decode(body), Ok(record));
        for at in 0..body.len() {
            let mut bad = body.to_vec();
            bad[at] ^= 4;
            assert!(decode(&bad).is_err(), "byte {at}");
        }
        let json = b"{\"r\":\"later\",\"x\":[]}";
        let line = alloc::format!("{:08x} {}", crc32(json), core::str::from_utf8(json).unwrap());
        assert_eq!(decode(line.as_bytes()), Ok(Record::Unknown));
    }
}
