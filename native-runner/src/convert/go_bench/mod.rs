//! Results as Go benchmark text, which benchstat reads: a section of configuration lines, results and `PASS` for
//! each process.

mod names;
mod units;

use std::collections::BTreeMap;
use std::io::Write;

use noisefloor_core::model::{Columns, Marks, Run, Series, SeriesData};

use crate::convert::arms::{Joined, Part, join};
use crate::convert::order::{Visit, visits};
use crate::convert::{Failure, Lost, MAX_REPEATED, Results, number};
use names::{Benchmark, benchmark, clean, names};
use units::{Units, facts, metadata, units};

/// The factor by which a reader brings `ns/op` to seconds.
const NANO: f64 = 1e-9;

pub(super) fn write(loaded: &[Results], lost: &mut Lost, out: &mut dyn Write) -> Result<(), Failure> {
    let joined = join(loaded, lost);
    check(&joined, lost)?;
    let names = names(&joined, lost);
    let units = units(&joined, lost);
    for line in metadata(&joined, &units, lost) {
        writeln!(out, "{line}")?;
    }
    let mut before: BTreeMap<String, String> = BTreeMap::new();
    for part in &joined.parts {
        let facts = facts(part.run, lost);
        // A line holds until the same key comes again; an empty one takes it back.
        for key in before.keys().filter(|key| !facts.contains_key(*key)) {
            writeln!(out, "{key}:")?;
        }
        for (key, value) in facts.iter().filter(|(key, value)| before.get(*key) != Some(*value)) {
            writeln!(out, "{key}: {value}")?;
        }
        before = facts;
        Writer { part, names: &names, units: &units, suite: None, lost, out }.part()?;
    }
    Ok(())
}

fn columns(series: &Series) -> Option<&Columns> {
    match &series.data {
        SeriesData::Columns(columns) => Some(columns),
        SeriesData::Aggregates(_) => None,
    }
}

fn check(joined: &Joined<'_>, lost: &mut Lost) -> Result<(), Failure> {
    let mut used = 0u64;
    let mut repeated = 0u64;
    for part in &joined.parts {
        let (mut rounds, mut blocks, mut marks) = (0, 0, 0);
        for series in &part.run.series {
            let Some(columns) = columns(series) else {
                if let SeriesData::Aggregates(list) = &series.data {
                    lost.add(list.len() as u64, "summaries without values");
                }
                continue;
            };
            for index in 0..columns.len() {
                let all = marks_of(part.run, columns, index);
                if let Some(cause) = all.iter().find(|m| !Marks::of(*m).is_used()) {
                    lost.add(1, &format!("values that take no part ({})", cause.code()));
                    continue;
                }
                used += 1;
                marks += u64::from(!all.is_empty());
                rounds += u64::from(columns.round.get(index).is_some_and(|r| *r != noisefloor_core::model::NO_ROUND));
                let fork = columns.fork.get(index).and_then(|f| part.run.forks.get(*f as usize));
                blocks += u64::from(fork.is_some_and(|f| f.block.is_some()));
                let weight = columns.weight.get(index).copied().unwrap_or(1);
                repeated = repeated.saturating_add(weight.saturating_sub(1));
            }
        }
        lost.add(marks, "values with marks, without these");
        lost.add(rounds, "places in lockstep rounds");
        lost.add(blocks, "values in blocks, without these: pairs can no longer be told");
        let evidence = part.run.forks.iter().filter(|f| !f.evidence.0.is_empty()).count();
        lost.add(evidence as u64, "processes with counters, without these");
    }
    if used == 0 {
        return Err(Failure::Refused(
            "no value takes part in the judgement, so that nothing is left for Go benchmark text; use --to csv".into(),
        ));
    }
    if repeated > MAX_REPEATED {
        return Err(Failure::Refused(format!(
            "Go benchmark text holds single values, and the histograms here stand for {repeated} more than they list; \
             the limit is {MAX_REPEATED}; use --to csv"
        )));
    }
    Ok(())
}

/// All marks of a value: its own and those of its process.
fn marks_of(run: &Run, columns: &Columns, index: usize) -> Marks {
    let own = columns.marks.get(index).copied().unwrap_or(Marks::NONE);
    let fork = columns.fork.get(index).and_then(|f| run.forks.get(*f as usize));
    own.union(fork.map_or(Marks::NONE, |f| f.marks))
}

/// Writes the results of one input.
struct Writer<'w, 'a> {
    part: &'w Part<'a>,
    names: &'w BTreeMap<Benchmark<'a>, String>,
    units: &'w Units<'a>,
    /// The suite that the last `pkg` line states.
    suite: Option<String>,
    lost: &'w mut Lost,
    out: &'w mut dyn Write,
}

impl<'a> Writer<'_, 'a> {
    fn part(&mut self) -> Result<(), Failure> {
        let mut split = 0;
        let visits = visits(self.part.run);
        for (fork, visits) in visits.into_iter().enumerate() {
            let mut suites = 0;
            let mut any = false;
            for visit in &visits {
                let lines = self.lines(fork as u32, visit);
                let Some((first, _)) = visit.series.first().filter(|_| !lines.is_empty()) else { continue };
                let suite = clean(&self.part.run.series[*first].key.suite);
                let begins = self.suite.is_none() && !suite.is_empty();
                if begins || self.suite.as_ref().is_some_and(|s| *s != suite) {
                    writeln!(self.out, "{}", if suite.is_empty() { "pkg:".into() } else { format!("pkg: {suite}") })?;
                    self.suite = Some(suite);
                    suites += 1;
                }
                for line in lines {
                    writeln!(self.out, "{line}")?;
                    any = true;
                }
            }
            if any {
                writeln!(self.out, "PASS")?;
            }
            split += u64::from(suites > 1);
        }
        // Each input states its own.
        if self.suite.take().is_some_and(|s| !s.is_empty()) {
            writeln!(self.out, "pkg:")?;
        }
        self.lost.add(split, "processes that ran benchmarks of several suites, now one for each");
        Ok(())
    }

    /// The result lines of a visit: the first values of all metrics, the second ones …
    fn lines(&mut self, fork: u32, visit: &Visit) -> Vec<String> {
        let run = self.part.run;
        let arm = self.part.arm_of(fork);
        let mut table: Vec<(u64, String)> = Vec::new();
        let mut name = "";
        for (series, indices) in &visit.series {
            let own: &'a Series = &run.series[*series];
            let Some(columns) = columns(own) else { continue };
            let Some(unit) = self.units.get(&(own.key.metric.as_str(), own.unit.name.as_str())) else { continue };
            name = self.names.get(&benchmark(arm, &own.key)).map_or("", String::as_str);
            let mut line = 0;
            for index in indices.iter().map(|i| *i as usize) {
                if !marks_of(run, columns, index).is_used() {
                    continue;
                }
                let value = columns.values.get(index).copied().unwrap_or(0.0);
                let ops = columns.ops.get(index).copied().unwrap_or(1);
                let (text, exact) = written(value, unit.factor);
                self.lost.add(u64::from(!exact), "values whose last bit differs, since ns/op cannot state it");
                for _ in 0..columns.weight.get(index).copied().unwrap_or(1) {
                    match table.get_mut(line) {
                        Some((known, pairs)) => {
                            self.lost.add(u64::from(*known != ops), "values whose number of operations differs");
                            pairs.push_str(&format!("\t{text} {}", unit.text));
                        }
                        None => table.push((ops, format!("\t{text} {}", unit.text))),
                    }
                    line += 1;
                }
            }
        }
        table.into_iter().map(|(ops, pairs)| format!("Benchmark{name}\t{ops}{pairs}")).collect()
    }
}

/// The number from which a reader gets the value by multiplying with the factor, and whether it gets it to the bit.
fn written(value: f64, factor: f64) -> (String, bool) {
    if factor == 1.0 {
        return (number(value), true);
    }
    let near = value / factor;
    let candidates = [near, near.next_up(), near.next_down(), near.next_up().next_up(), near.next_down().next_down()];
    let fitting = candidates.into_iter().filter(|y| (y * factor).to_bits() == value.to_bits());
    // Several may fit: 2000 rather than 2000.0000000000002.
    let found = fitting.map(number).min_by_key(String::len);
    let exact = found.is_some();
    (found.unwrap_or_else(|| number(near)), exact)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_came_from_nanoseconds_goes_back() {
        for i in 0..10_000 {
            let ns = f64::from(i) * 0.37 + 0.001;
            let (text, exact) = written(ns * NANO, NANO);
            assert!(exact, "{ns}");
            assert_eq!(text.parse::<f64>().map(|y| y * NANO), Ok(ns * NANO));
        }
        // One of the fourteenth part of doubles that no number of nanoseconds is.
        let exact = (0..1000u64).filter(|i| written(f64::from_bits(1.5f64.to_bits() + i), NANO).1).count();
        assert!((900..1000).contains(&exact), "{exact}");
    }
}
