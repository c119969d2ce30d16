//! The values of a run process by process, as each process came to its benchmarks.

use std::borrow::Cow;
use std::collections::{BTreeMap, VecDeque};
use std::ops::Range;

use noisefloor_core::model::{Run, Series, SeriesData, SeriesKey};

/// Series with the indices of some of their values.
type Values = Vec<(usize, Vec<Range<u32>>)>;

/// What one process measured of one benchmark in one go.
pub(super) struct Visit {
    /// Series of the benchmark, the primary one first.
    pub(super) series: Values,
}

/// What is the same for all metrics of a benchmark.
fn benchmark(key: &SeriesKey) -> (&str, &str, &BTreeMap<String, String>) {
    (&key.suite, &key.benchmark, &key.params)
}

/// Values of a series that a process measured in a row.
struct Piece {
    fork: u32,
    benchmark: u32,
    /// Place among the series, the primary ones first.
    place: u32,
    from: u32,
    to: u32,
}

/// For each fork, in order, its visits. Only those of one fork are held at a time, since files may have a million.
pub(super) struct Visits<'r> {
    /// Which benchmark each series is of.
    of: Vec<usize>,
    /// The series, the primary ones first.
    series: Vec<usize>,
    /// By fork, then benchmark, then series.
    pieces: Vec<Piece>,
    /// What the run says of the order, by fork.
    told: Cow<'r, [(u32, u32)]>,
    forks: u32,
    fork: u32,
    piece: usize,
    line: usize,
}

/// For each fork its visits: in the order that the run states, what it says nothing of in the order of the series.
/// Where a process came to a benchmark several times, its values are dealt out evenly: a run does not say how many
/// belong to which time.
pub(super) fn visits(run: &Run) -> Visits<'_> {
    let mut benchmarks = BTreeMap::new();
    let of: Vec<usize> = run
        .series
        .iter()
        .map(|s| {
            let next = benchmarks.len();
            *benchmarks.entry(benchmark(&s.key)).or_insert(next)
        })
        .collect();
    let mut series: Vec<usize> = (0..run.series.len()).collect();
    series.sort_by_key(|s| !run.series[*s].primary);
    // Files have a million: no place is taken that is not needed.
    let in_a_row = |s: &Series| match &s.data {
        SeriesData::Columns(columns) => columns.fork.chunk_by(|a, b| a == b).count(),
        SeriesData::Aggregates(_) => 0,
    };
    let mut pieces = Vec::with_capacity(run.series.iter().map(in_a_row).sum());
    for (place, own) in series.iter().enumerate() {
        let SeriesData::Columns(columns) = &run.series[*own].data else { continue };
        let mut from = 0;
        for fork in columns.fork.chunk_by(|a, b| a == b) {
            let to = from + fork.len() as u32;
            pieces.push(Piece { fork: fork[0], benchmark: of[*own] as u32, place: place as u32, from, to });
            from = to;
        }
    }
    pieces.sort_unstable_by_key(|p| (p.fork, p.benchmark, p.place, p.from));
    let mut told = Cow::Borrowed(run.executed.as_slice());
    if !told.is_sorted_by_key(|(fork, _)| *fork) {
        told.to_mut().sort_by_key(|(fork, _)| *fork);
    }
    Visits { of, series, pieces, told, forks: run.forks.len() as u32, fork: 0, piece: 0, line: 0 }
}

impl Iterator for Visits<'_> {
    type Item = Dealt;

    fn next(&mut self) -> Option<Dealt> {
        if self.fork == self.forks {
            return None;
        }
        // By benchmark the series with the indices of their values.
        let mut own: BTreeMap<usize, Vec<(usize, Left)>> = BTreeMap::new();
        while let Some(piece) = self.pieces.get(self.piece).filter(|p| p.fork == self.fork) {
            let list = own.entry(piece.benchmark as usize).or_default();
            let series = self.series.get(piece.place as usize).copied().unwrap_or(0);
            match list.last_mut() {
                Some((last, left)) if *last == series => left.push(piece.from..piece.to),
                _ => {
                    let mut left = Left::default();
                    left.push(piece.from..piece.to);
                    list.push((series, left));
                }
            }
            self.piece += 1;
        }
        let mut told = Vec::new();
        while let Some((_, series)) = self.told.get(self.line).filter(|(fork, _)| *fork == self.fork) {
            told.extend(self.of.get(*series as usize));
            self.line += 1;
        }
        self.fork += 1;
        let mut times: BTreeMap<usize, (usize, usize)> = BTreeMap::new();
        told.iter().for_each(|benchmark| times.entry(*benchmark).or_default().1 += 1);
        Some(Dealt { own, told: told.into_iter(), times })
    }
}

/// The visits of one process.
pub(super) struct Dealt {
    /// By benchmark, what is left to deal out.
    own: BTreeMap<usize, Vec<(usize, Left)>>,
    told: std::vec::IntoIter<usize>,
    /// Of each benchmark how often the process came to it, up to here and in all.
    times: BTreeMap<usize, (usize, usize)>,
}

impl Iterator for Dealt {
    type Item = Visit;

    fn next(&mut self) -> Option<Visit> {
        for benchmark in self.told.by_ref() {
            let (Some(list), Some((done, of))) = (self.own.get_mut(&benchmark), self.times.get_mut(&benchmark)) else {
                continue;
            };
            let series = list.iter_mut().map(|(series, left)| (*series, left.deal(*done, *of)));
            let series = series.filter(|(_, values)| !values.is_empty()).collect();
            *done += 1;
            if done == of {
                self.own.remove(&benchmark);
            }
            return Some(Visit { series });
        }
        let (_, series) = self.own.pop_first()?;
        Some(Visit { series: series.into_iter().map(|(series, left)| (series, left.ranges.into())).collect() })
    }
}

/// Values of a series that were not dealt out yet.
#[derive(Default)]
struct Left {
    /// How many there were at first.
    all: usize,
    ranges: VecDeque<Range<u32>>,
}

impl Left {
    fn push(&mut self, range: Range<u32>) {
        self.all += range.len();
        self.ranges.push_back(range);
    }

    /// The share of one time of several, from the front: times follow one another.
    fn deal(&mut self, time: usize, of: usize) -> Vec<Range<u32>> {
        let mut wanted = (self.all * (time + 1) / of - self.all * time / of) as u32;
        let mut out = Vec::new();
        while let Some(range) = self.ranges.front_mut().filter(|_| wanted > 0) {
            let end = range.start + wanted.min(range.end - range.start);
            wanted -= end - range.start;
            out.push(range.start..end);
            range.start = end;
            if range.start == range.end {
                self.ranges.pop_front();
            }
        }
        out
    }
}

#[cfg(test)]
mod tests {
    use super::Left;

    #[test]
    fn values_are_dealt_out_evenly_and_whole() {
        let ranges = [3..5, 9..10, 20..27];
        let all: Vec<u32> = ranges.iter().cloned().flatten().collect();
        for times in 1..=12 {
            let mut left = Left::default();
            ranges.iter().cloned().for_each(|range| left.push(range));
            let mut dealt = Vec::new();
            for time in 0..times {
                let share: Vec<u32> = left.deal(time, times).into_iter().flatten().collect();
                assert!(share.len().abs_diff(all.len() / times) <= 1, "{share:?}");
                dealt.extend(share);
            }
            assert_eq!(dealt, all, "{times}");
        }
    }
}
