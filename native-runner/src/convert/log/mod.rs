//! Results as our run log. Every record is one that the runner writes too.

mod names;
mod records;

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use noisefloor_core::log::{
    ArmRecord, End, Header, LOG_VERSION, Mode, Note, Plan, Record, StoppingPlan, decode, encode,
};
use noisefloor_core::model::{SeriesData, Stopping};

use crate::convert::arms::{Joined, join};
use crate::convert::{Failure, Lost, MAX_REPEATED, Results};
use names::Names;
use records::Writer;

pub(super) fn write(loaded: &[Results], lost: &mut Lost, out: &mut dyn Write) -> Result<(), Failure> {
    let joined = join(loaded, lost);
    check(&joined)?;
    let names = Names::of(&joined, lost);
    put(out, &Record::Header(header(&joined, &names, lost)))?;
    for part in &joined.parts {
        let text = format!("from {} ({}); a process is {}", part.input, part.format, part.run.fork_means);
        put(out, &Record::Note(Note { code: "converted".into(), text, ..Note::default() }))?;
    }
    let mut end = 0;
    for part in &joined.parts {
        end = end.max(Writer { part, names: &names, lost, out }.part()?);
    }
    put(out, &Record::End(End { t: end, interrupted: false }))
}

fn put(out: &mut dyn Write, record: &Record) -> Result<(), Failure> {
    Ok(out.write_all(&encode(record))?)
}

/// Refuses what a log would say something wrong of.
fn check(joined: &Joined<'_>) -> Result<(), Failure> {
    let refuse = |why: String| Err(Failure::Refused(why));
    if joined.arms.len() > 1
        && let Some(part) = joined.parts.iter().find(|p| !p.run.interleaved)
    {
        return refuse(format!(
            "{}: a run log says that its arms took turns, which this file does not show; make a log of each side, or \
             use --to csv",
            part.input
        ));
    }
    if let [first, rest @ ..] = joined.parts.as_slice()
        && let Some(other) = rest.iter().find(|p| p.run.lockstep != first.run.lockstep)
    {
        return refuse(format!(
            "{} and {}: only one of them was measured in lockstep, and a run log holds one way of measuring",
            first.input, other.input
        ));
    }
    let mut repeated = 0u64;
    let mut values = 0u64;
    for series in joined.parts.iter().flat_map(|p| &p.run.series) {
        if let SeriesData::Columns(columns) = &series.data {
            values += columns.len() as u64;
            repeated = columns.weight.iter().fold(repeated, |n, w| n.saturating_add(w.saturating_sub(1)));
        }
    }
    if values == 0 {
        return refuse("only summaries without values, which a run log does not hold; use --to csv or go-bench".into());
    }
    if repeated > MAX_REPEATED {
        return refuse(format!(
            "a run log holds single values, and the histograms here stand for {repeated} more than they list; the \
             limit is {MAX_REPEATED}; use --to csv"
        ));
    }
    Ok(())
}

fn header(joined: &Joined<'_>, names: &Names<'_>, lost: &mut Lost) -> Header {
    let mut tools: Vec<&str> = Vec::new();
    let mut host: BTreeMap<String, String> = BTreeMap::new();
    let mut stopping: Option<Stopping> = None;
    for (index, part) in joined.parts.iter().enumerate() {
        if !tools.contains(&part.run.tool.as_str()) {
            tools.push(&part.run.tool);
        }
        for (key, value) in part.run.environment.iter() {
            let stands = host.entry(key.to_string()).or_insert_with(|| value.to_string());
            lost.add(u64::from(stands != value), "facts that another input states differently");
        }
        stopping = match index {
            0 => part.run.stopping.clone(),
            _ => Stopping::join(stopping.as_ref(), part.run.stopping.as_ref()),
        };
    }
    let forks = || joined.parts.iter().flat_map(|p| &p.run.forks);
    let blocks: BTreeSet<u32> = joined
        .parts
        .iter()
        .flat_map(|p| p.run.forks.iter().filter_map(|f| f.block.map(|b| b.saturating_add(p.first_block))))
        .collect();
    let cores: BTreeSet<u32> = forks().filter_map(|f| f.known().core).collect();
    let planned = stopping.map(|s| {
        lost.add(1, "error rates and margins of plans for stopping early");
        let (rule, spending) = match (s.any_time, s.looks.as_slice()) {
            (Some(_), _) => ("confidence_sequence", "normal_mixture"),
            (None, []) if s.signs => ("sign_bets", "five_stakes"),
            (None, []) => ("unknown", "unknown"),
            _ => ("group_sequential", "obrien_fleming_like"),
        };
        Box::new(StoppingPlan {
            rule: rule.into(),
            spending: spending.into(),
            cap: s.any_time.or(s.looks.last().copied()).unwrap_or(s.ways),
            looks: s.looks,
            alpha: 0.0,
            margin: 0.0,
        })
    });
    Header {
        v: LOG_VERSION,
        tool: tools.join(", "),
        benchmark: names.only.to_string(),
        suite: names.suite.to_string(),
        params: names.params.clone(),
        mode: if joined.parts.iter().any(|p| p.run.lockstep) { Mode::Lockstep } else { Mode::Samples },
        arms: joined.arms.iter().map(|a| ArmRecord { name: a.name.clone(), command: a.command.clone() }).collect(),
        plan: Plan { blocks: blocks.len() as u32, stopping: planned, ..Plan::default() },
        host,
        cores: cores.into_iter().collect(),
        ..Header::default()
    }
}

/// Copies the whole records of a log; lines that are none are lost.
pub(super) fn copy(bytes: &[u8], lost: &mut Lost, out: &mut dyn Write) -> Result<(), Failure> {
    for line in bytes.split(|b| *b == b'\n').filter(|line| !line.is_empty()) {
        match decode(line) {
            Ok(_) => {
                out.write_all(line)?;
                out.write_all(b"\n")?;
            }
            Err(_) => lost.add(1, "lines that are no whole record"),
        }
    }
    Ok(())
}
