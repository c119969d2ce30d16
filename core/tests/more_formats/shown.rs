//! What was read, as text to compare.

use noisefloor_core::format::{self, Content};
use noisefloor_core::model::{Run, Series, SeriesData};
use noisefloor_core::source::{Notice, Source};

pub(crate) fn read_named(name: &str, bytes: &[u8]) -> Result<(&'static str, Run, Vec<Notice>), String> {
    match format::read(Source { name, bytes }) {
        Ok((format, parsed)) => match parsed.value {
            Content::Run(run) => Ok((format.id, run, parsed.notices)),
            other => panic!("{other:?}"),
        },
        Err(e) => Err(format!("{} {:?}", e.kind.code(), e.at)),
    }
}

/// `suite|benchmark{k=v} metric [unit] lower*: values`, the star for a primary series; a value as
/// `value@fork/ops` with its marks and `×count`, a summary as `~mean n sd median (low high level)`.
pub(crate) fn shown(series: &Series) -> String {
    // Thirteen digits: what bringing to base units does to the last ones is not the matter here.
    let short = |value: f64| format!("{value:.12e}").parse::<f64>().unwrap();
    let params: Vec<String> = series.key.params.iter().map(|(k, v)| format!("{k}={v}")).collect();
    let star = if series.primary { "*" } else { "" };
    let mut out = format!(
        "{}|{}{{{}}} {} [{}] {:?}{star}:",
        series.key.suite,
        series.key.benchmark,
        params.join(","),
        series.key.metric,
        series.unit.name,
        series.better
    );
    match &series.data {
        SeriesData::Columns(c) => {
            assert!([c.fork.len(), c.ops.len(), c.marks.len()].iter().all(|n| *n == c.len()));
            assert!(c.weight.is_empty() || c.weight.len() == c.len());
            for at in 0..c.len() {
                out += &format!(" {}@{}", short(c.values[at]), c.fork[at]);
                if c.ops[at] != u64::from(u32::MAX) {
                    out += &format!("/{}", c.ops[at]);
                }
                c.marks[at].iter().for_each(|m| out += m.code());
                if let Some(weight) = c.weight.get(at) {
                    out += &format!("×{weight}");
                }
            }
        }
        SeriesData::Aggregates(list) => {
            for (arm, a) in list {
                out += &format!(" ~{}", short(a.mean));
                let parts = [("n", a.n.map(|n| n as f64)), ("sd", a.std_dev), ("median", a.median)];
                parts
                    .iter()
                    .filter_map(|(k, v)| Some((k, (*v)?)))
                    .for_each(|(k, v)| out += &format!(" {k}={}", short(v)));
                if let Some((low, high, level)) = a.interval {
                    out += &format!(" ({} {} {level})", short(low), short(high));
                }
                if *arm > 0 {
                    out += &format!(" arm {arm}");
                }
            }
        }
    }
    out
}

#[track_caller]
pub(crate) fn holds(format: &str, text: &str, series: &[&str], notices: &[&str]) -> Run {
    let (found, run, remarks) = read_named("dir/file.txt", text.as_bytes()).unwrap();
    let lines: Vec<String> = run.series.iter().map(shown).collect();
    let remarks: Vec<String> = remarks.iter().map(|n| format!("{:?} {} {}", n.code, n.count, n.detail)).collect();
    assert_eq!((found, lines, remarks), (format, owned(series), owned(notices)));
    let forks = run.forks.len();
    for series in &run.series {
        if let SeriesData::Columns(columns) = &series.data {
            assert!(columns.fork.iter().all(|fork| (*fork as usize) < forks), "{series:?}");
        }
    }
    assert!(run.forks.iter().all(|fork| (fork.arm as usize) < run.arms.len()));
    run
}

pub(crate) fn owned(list: &[&str]) -> Vec<String> {
    list.iter().map(|text| text.to_string()).collect()
}
