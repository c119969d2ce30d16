//! The values of a run process by process, as each process came to its benchmarks.

use std::collections::BTreeMap;

use noisefloor_core::model::{Run, SeriesData, SeriesKey};

/// Series with the indices of some of their values.
type Values = Vec<(usize, Vec<u32>)>;

/// What one process measured of one benchmark in one go.
pub(super) struct Visit {
    /// Series of the benchmark, the primary one first.
    pub(super) series: Values,
}

/// What is the same for all metrics of a benchmark.
fn benchmark(key: &SeriesKey) -> (&str, &str, &BTreeMap<String, String>) {
    (&key.suite, &key.benchmark, &key.params)
}

/// For each fork its visits: in the order that the run states, what it says nothing of in the order of the series.
/// Where a process came to a benchmark several times, its values are dealt out evenly: a run does not say how many
/// belong to which time.
pub(super) fn visits(run: &Run) -> Vec<Vec<Visit>> {
    // Which benchmark each series is of.
    let mut benchmarks = BTreeMap::new();
    let of: Vec<usize> = run
        .series
        .iter()
        .map(|s| {
            let next = benchmarks.len();
            *benchmarks.entry(benchmark(&s.key)).or_insert(next)
        })
        .collect();
    // Of each fork, by benchmark, the series with the indices of its values.
    let mut own: Vec<BTreeMap<usize, Values>> = run.forks.iter().map(|_| BTreeMap::new()).collect();
    let mut order: Vec<usize> = (0..run.series.len()).collect();
    order.sort_by_key(|s| !run.series[*s].primary);
    for series in order {
        let SeriesData::Columns(columns) = &run.series[series].data else { continue };
        for (index, fork) in columns.fork.iter().enumerate() {
            let Some(own) = own.get_mut(*fork as usize) else { continue };
            let list = own.entry(of[series]).or_default();
            match list.last_mut() {
                Some((last, values)) if *last == series => values.push(index as u32),
                _ => list.push((series, vec![index as u32])),
            }
        }
    }
    let mut told: Vec<Vec<usize>> = run.forks.iter().map(|_| Vec::new()).collect();
    for (fork, series) in &run.executed {
        if let (Some(told), Some(benchmark)) = (told.get_mut(*fork as usize), of.get(*series as usize)) {
            told.push(*benchmark);
        }
    }
    own.into_iter().zip(told).map(|(own, told)| deal(own, &told)).collect()
}

fn deal(mut own: BTreeMap<usize, Values>, told: &[usize]) -> Vec<Visit> {
    let mut times: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
    told.iter().for_each(|b| times.entry(*b).or_default().1 += 1);
    let mut out = Vec::new();
    for benchmark in told {
        let (Some(list), Some((done, of))) = (own.get(benchmark), times.get_mut(benchmark)) else { continue };
        let share = |values: &Vec<u32>| {
            let place = |k: usize| values.len() * k / *of;
            values.get(place(*done)..place(*done + 1)).unwrap_or(&[]).to_vec()
        };
        let series = list.iter().map(|(series, values)| (*series, share(values)));
        out.push(Visit { series: series.filter(|(_, values)| !values.is_empty()).collect() });
        *done += 1;
    }
    told.iter().for_each(|b| drop(own.remove(b)));
    out.extend(own.into_values().map(|series| Visit { series }));
    out
}
