//! Results as Go benchmark text, which benchstat reads: a section of configuration lines, results and `PASS` for
//! each process.

mod names;
mod units;

use std::collections::BTreeMap;
use std::io::Write;

use noisefloor_core::model::{Columns, Marks, Run, Series, SeriesData, UNKNOWN_OPERATIONS};

use crate::convert::arms::{Joined, Part, join};
use crate::convert::order::{Visit, visits};
use crate::convert::{Failure, Lost, MAX_REPEATED, Results, number};
use names::{Benchmark, benchmark, clean, names};
use units::{Units, facts, metadata, units};

/// What is said of values that no number of nanoseconds is.
const LAST_BIT: &str = "values whose last bit differs, since ns/op cannot state it";
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
    let (mut used, mut summaries) = (0u64, 0u64);
    let mut repeated = 0u64;
    for part in &joined.parts {
        let (mut rounds, mut blocks, mut marks) = (0, 0, 0);
        for series in &part.run.series {
            let Some(columns) = columns(series) else {
                if let SeriesData::Aggregates(list) = &series.data {
                    summaries += list.len() as u64;
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
        let evidence = part.run.forks.iter().filter(|f| !f.known().evidence.0.is_empty()).count();
        lost.add(evidence as u64, "processes with counters, without these");
    }
    lost.add(
        summaries,
        "spreads, intervals and numbers of values of summaries, whose centers are written as one value each",
    );
    if used + summaries == 0 {
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
        for (fork, visits) in visits(self.part.run).enumerate() {
            let (mut suites, mut lines) = (0, 0);
            for visit in visits {
                self.visit(fork as u32, &visit, (&mut suites, &mut lines))?;
            }
            if lines > 0 {
                writeln!(self.out, "PASS")?;
            }
            split += u64::from(suites > 1);
        }
        self.summaries()?;
        // Each input states its own.
        if self.suite.take().is_some_and(|s| !s.is_empty()) {
            writeln!(self.out, "pkg:")?;
        }
        self.lost.add(split, "processes that ran benchmarks of several suites, now one for each");
        Ok(())
    }

    /// Writes the line of a suite, where another one came before; whether it did.
    fn suite(&mut self, suite: &str) -> Result<bool, Failure> {
        let suite = clean(suite);
        let begins = self.suite.is_none() && !suite.is_empty();
        let differs = begins || self.suite.as_ref().is_some_and(|s| *s != suite);
        if differs {
            writeln!(self.out, "{}", if suite.is_empty() { "pkg:".into() } else { format!("pkg: {suite}") })?;
            self.suite = Some(suite);
        }
        Ok(differs)
    }

    /// Writes the centers of summaries, each as the one value of an operation: all metrics of a benchmark on one line.
    fn summaries(&mut self) -> Result<(), Failure> {
        let run = self.part.run;
        let mut order: Vec<&'a Series> = run.series.iter().collect();
        order.sort_by_key(|s| !s.primary);
        let mut places: BTreeMap<Benchmark<'a>, usize> = BTreeMap::new();
        let mut tables: Vec<(Benchmark<'a>, Vec<String>)> = Vec::new();
        for series in order {
            let SeriesData::Aggregates(list) = &series.data else { continue };
            let Some(unit) = self.units.get(&(series.key.metric.as_str(), series.unit.name.as_str())) else { continue };
            // Of each arm how many came before.
            let mut before: BTreeMap<u32, usize> = BTreeMap::new();
            for (own, aggregate) in list {
                let arm = self.part.arm(*own);
                let key = benchmark(arm, &series.key);
                let place = *places.entry(key).or_insert_with(|| {
                    tables.push((key, Vec::new()));
                    tables.len() - 1
                });
                let (text, exact) = written(aggregate.mean, unit.factor);
                self.lost.add(u64::from(!exact), LAST_BIT);
                let line = before.entry(arm).or_default();
                let (_, lines) = &mut tables[place];
                if lines.len() <= *line {
                    lines.push(String::new());
                }
                lines[*line].push_str(&format!("\t{text} {}", unit.text));
                *line += 1;
            }
        }
        let any = !tables.is_empty();
        for (key, lines) in tables {
            self.suite(key.1)?;
            let name = self.names.get(&key).map_or("", String::as_str);
            for pairs in lines {
                writeln!(self.out, "Benchmark{name}\t1{pairs}")?;
            }
        }
        if any {
            writeln!(self.out, "PASS")?;
        }
        Ok(())
    }

    /// Writes the result lines of a visit: the first values of all metrics, the second ones …
    fn visit(&mut self, fork: u32, visit: &Visit, (suites, lines): (&mut u64, &mut u64)) -> Result<(), Failure> {
        let run = self.part.run;
        let arm = self.part.arm_of(fork);
        let mut name = "";
        let mut metrics = Vec::new();
        for (series, indices) in &visit.series {
            let own: &'a Series = &run.series[*series];
            let Some(columns) = columns(own) else { continue };
            let Some(unit) = self.units.get(&(own.key.metric.as_str(), own.unit.name.as_str())) else { continue };
            name = self.names.get(&benchmark(arm, &own.key)).map_or("", String::as_str);
            let weight = |i: u32| columns.weight.get(i as usize).copied().unwrap_or(1);
            let used = indices.iter().cloned().flatten().filter(|i| marks_of(run, columns, *i as usize).is_used());
            let each = used.flat_map(move |i| (0..weight(i)).map(move |time| (i as usize, time == 0)));
            metrics.push((columns, unit, each));
        }
        let suite = visit.series.first().map_or("", |(series, _)| run.series[*series].key.suite.as_str());
        let mut pairs = String::new();
        loop {
            pairs.clear();
            let mut operations = None;
            for (columns, unit, values) in &mut metrics {
                let Some((index, first)) = values.next() else { continue };
                let value = columns.values.get(index).copied().unwrap_or(0.0);
                let ops = columns.ops.get(index).copied().filter(|ops| *ops != UNKNOWN_OPERATIONS).unwrap_or(1);
                let (text, exact) = written(value, unit.factor);
                self.lost.add(u64::from(first && !exact), LAST_BIT);
                let known = *operations.get_or_insert(ops);
                self.lost.add(u64::from(known != ops), "values whose number of operations differs");
                pairs.push_str(&format!("\t{text} {}", unit.text));
            }
            let Some(operations) = operations else { return Ok(()) };
            *suites += u64::from(self.suite(suite)?);
            *lines += 1;
            writeln!(self.out, "Benchmark{name}\t{operations}{pairs}")?;
        }
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
