//! One value a line, numbers in base units. Summaries without values have a line for each number.

use std::collections::BTreeMap;
use std::io::Write;

use noisefloor_core::model::{Aggregate, Assumption, Columns, Marks, NO_ROUND, Series, SeriesData, UNKNOWN_OPERATIONS};
use noisefloor_core::unit::Better;

use crate::convert::arms::{Part, join};
use crate::convert::{Failure, Lost, Results, mark_names, number, params_text};
use crate::render::csv::field;

/// The names of the columns.
const COLUMNS: &str = "input,arm,suite,benchmark,params,metric,unit,better,primary,assume,statistic,block,fork,\
                       iteration,round,turn,operations,weight,marks,value\n";

pub(super) fn write(loaded: &[Results], lost: &mut Lost, out: &mut dyn Write) -> Result<(), Failure> {
    let joined = join(loaded, lost);
    let names: Vec<String> = joined.arms.iter().map(|arm| field(&arm.name)).collect();
    out.write_all(COLUMNS.as_bytes())?;
    for part in &joined.parts {
        for series in &part.run.series {
            let input = field(part.input);
            let key = key(series);
            let arm = |arm: u32| {
                let place = part.arms.get(arm as usize).copied().unwrap_or(0);
                names.get(place as usize).map_or("", String::as_str)
            };
            match &series.data {
                SeriesData::Columns(columns) => values(part, columns, (&input, &key), &arm, out)?,
                SeriesData::Aggregates(list) => {
                    for (own, aggregate) in list {
                        for (statistic, value) in numbers(aggregate) {
                            let arm = arm(*own);
                            writeln!(out, "{input},{arm},{key},{statistic},,,,,,,,,{}", number(value))?;
                        }
                    }
                }
            }
        }
    }
    Ok(())
}

/// What all lines of a series have in common behind the arm.
fn key(series: &Series) -> String {
    let params = params_text(series.key.params.iter().map(|(k, v)| (k.as_str(), v.as_str())));
    let better = match series.better {
        Better::Lower => "lower",
        Better::Higher => "higher",
        Better::Unknown => "",
    };
    let assume = match series.assumption {
        Assumption::Sampled => "",
        Assumption::Exact => "exact",
        Assumption::Varies => "varies",
    };
    let texts = [&series.key.suite, &series.key.benchmark, &params, &series.key.metric, &series.unit.name];
    let texts = texts.map(|text| field(text)).join(",");
    format!("{texts},{better},{},{assume}", series.primary)
}

fn values<'n>(
    part: &Part<'_>,
    columns: &Columns,
    (input, key): (&str, &str),
    arm: &dyn Fn(u32) -> &'n str,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    // Of each fork how many values came before; where they stand together, of the last one only.
    let together = columns.fork.is_sorted();
    let mut before: BTreeMap<u32, u64> = BTreeMap::new();
    for (index, value) in columns.values.iter().enumerate() {
        let fork = columns.fork.get(index).copied().unwrap_or(0);
        if together && !before.contains_key(&fork) {
            before.clear();
        }
        let iteration = before.entry(fork).or_default();
        let process = part.run.forks.get(fork as usize);
        let own = columns.marks.get(index).copied().unwrap_or(Marks::NONE);
        let marks = mark_names(own.union(process.map_or(Marks::NONE, |f| f.marks))).join(" ");
        let block = process.and_then(|f| f.block).map_or(String::new(), |b| b.to_string());
        let round = columns.round.get(index).copied().filter(|r| *r != NO_ROUND);
        let turn = round.and_then(|_| columns.turn.get(index));
        let optional = |n: Option<u32>| n.map_or(String::new(), |n| n.to_string());
        writeln!(
            out,
            "{input},{},{key},value,{block},{fork},{iteration},{},{},{},{},{marks},{}",
            arm(process.map_or(0, |f| f.arm)),
            optional(round),
            optional(turn.copied()),
            columns.ops.get(index).filter(|ops| **ops != UNKNOWN_OPERATIONS).map_or(String::new(), u64::to_string),
            columns.weight.get(index).copied().unwrap_or(1),
            number(*value)
        )?;
        *iteration += 1;
    }
    Ok(())
}

/// The numbers of a summary, by name.
fn numbers(aggregate: &Aggregate) -> Vec<(&'static str, f64)> {
    let interval = aggregate.interval;
    let all = [
        ("n", aggregate.n.map(|n| n as f64)),
        ("mean", Some(aggregate.mean).filter(|_| !aggregate.median_only)),
        ("std_dev", aggregate.std_dev),
        ("median", aggregate.median),
        ("interval_low", interval.map(|(low, _, _)| low)),
        ("interval_high", interval.map(|(_, high, _)| high)),
        ("interval_confidence", interval.map(|(_, _, confidence)| confidence)),
    ];
    all.into_iter().filter_map(|(name, value)| Some((name, value?))).collect()
}
