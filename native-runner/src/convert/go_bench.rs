//! Results as Go benchmark text, which benchstat reads: a section of configuration lines, results and `PASS` for
//! each process.

use std::collections::{BTreeMap, BTreeSet};
use std::io::Write;

use noisefloor_core::model::{Assumption, Columns, Marks, Run, Series, SeriesData, SeriesKey};
use noisefloor_core::unit::{Better, Quantity, tidy};

use crate::convert::arms::{Joined, Part, join};
use crate::convert::order::{Visit, visits};
use crate::convert::{Failure, Lost, MAX_REPEATED, Results, Unique, number};

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

/// A benchmark of an arm.
type Benchmark<'a> = (u32, &'a str, &'a str, &'a BTreeMap<String, String>);

fn benchmark(arm: u32, key: &SeriesKey) -> Benchmark<'_> {
    (arm, &key.suite, &key.benchmark, &key.params)
}

/// A name for each benchmark of each arm, different ones for different benchmarks, also when read back.
fn names<'a>(joined: &Joined<'a>, lost: &mut Lost) -> BTreeMap<Benchmark<'a>, String> {
    let several = joined.arms.len() > 1;
    let mut all: BTreeSet<Benchmark<'a>> = BTreeSet::new();
    for part in &joined.parts {
        for series in &part.run.series {
            let forks = columns(series).map_or(&[][..], |c| &c.fork);
            // Neighbours are mostly of one process.
            for own in forks.chunk_by(|a, b| a == b).filter_map(|own| own.first()) {
                all.insert(benchmark(part.arm_of(*own), &series.key));
            }
        }
    }
    let mut unique = Unique::new();
    let mut changed = 0;
    let mut out = BTreeMap::new();
    for key @ (arm, suite, name, params) in all {
        let arm = joined.arms.get(arm as usize).filter(|_| several).map(|a| a.name.as_str());
        let (text, as_it_was) = name_text(name, params, arm);
        let suite = clean(suite);
        let again = |text: &str, n| format!("{text}#{n:02}");
        let own = unique.name(text.clone(), again, &|name| (suite.clone(), canonical(name)));
        changed += u64::from(!as_it_was || own != text);
        out.insert(key, own);
    }
    lost.add(changed, "names of benchmarks changed to what Go allows");
    out
}

/// The name behind `Benchmark`, and whether nothing had to be changed.
fn name_text(name: &str, params: &BTreeMap<String, String>, arm: Option<&str>) -> (String, bool) {
    let mut out = word(name);
    // A number at the end would be taken for that of processors.
    if let Some((head, tail)) = out.rsplit_once('-')
        && !head.is_empty()
        && !tail.is_empty()
        && tail.bytes().all(|b| b.is_ascii_digit())
    {
        out = format!("{head}_{tail}");
    }
    let mut chars = out.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => {
            let upper: String = first.to_uppercase().collect();
            let safe = if upper.starts_with(char::is_lowercase) { "_" } else { "" };
            out = format!("{safe}{upper}{}", chars.as_str());
        }
        _ => {}
    }
    let mut processors = None;
    let mut as_it_was = out == name;
    for (key, value) in params {
        if key == "gomaxprocs" && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
            processors = Some(value);
            continue;
        }
        let (own_key, own_value) = (word(key).replace(['/', '='], "_"), word(value).replace('/', "_"));
        as_it_was &= own_key == *key && own_value == *value && !key.is_empty();
        out.push_str(&format!("/{}={own_value}", if own_key.is_empty() { "_" } else { &own_key }));
    }
    if let Some(arm) = arm {
        let key = if params.contains_key("arm") { "noisefloor_arm" } else { "arm" };
        out.push_str(&format!("/{key}={}", word(arm).replace('/', "_")));
    }
    match processors {
        Some(n) => out.push_str(&format!("-{n}")),
        // The last parameter may end in a number as well.
        None => {
            if let Some((head, tail)) = out.clone().rsplit_once('-')
                && !head.is_empty()
                && !tail.is_empty()
                && tail.bytes().all(|b| b.is_ascii_digit())
            {
                out = format!("{head}_{tail}");
                as_it_was = false;
            }
        }
    }
    if out.is_empty() { ("_".into(), false) } else { (out, as_it_was) }
}

/// Text without blanks and control characters.
fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect()
}

/// Text of one line.
fn clean(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_string()
}

/// What a reader makes of a name: the parts without parameters, and these by name.
fn canonical(name: &str) -> (String, BTreeMap<String, String>) {
    let (base, processors) = match name.rsplit_once('-') {
        Some((base, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => (base, Some(n)),
        _ => (name, None),
    };
    let mut params: BTreeMap<String, String> = BTreeMap::new();
    let mut parts: Vec<&str> = Vec::new();
    for (index, part) in base.split('/').enumerate() {
        match part.split_once('=') {
            Some((key, value)) if index > 0 && !key.is_empty() => {
                params.insert(key.into(), value.into());
            }
            _ => parts.push(part),
        }
    }
    params.extend(processors.map(|n| ("gomaxprocs".to_string(), n.to_string())));
    (parts.join("/"), params)
}

/// The unit of a metric as it is written, with what a reader multiplies by.
#[derive(Clone, Debug, PartialEq)]
struct GoUnit {
    text: String,
    factor: f64,
}

/// By metric and base unit.
type Units<'a> = BTreeMap<(&'a str, &'a str), GoUnit>;

/// A unit for each metric, different ones for different metrics.
fn units<'a>(joined: &Joined<'a>, lost: &mut Lost) -> Units<'a> {
    let mut out: Units<'a> = BTreeMap::new();
    let mut unique = Unique::new();
    let mut timed = false;
    let mut renamed = 0;
    for series in joined.parts.iter().flat_map(|p| &p.run.series).filter(|s| columns(s).is_some()) {
        let key = (series.key.metric.as_str(), series.unit.name.as_str());
        if out.contains_key(&key) {
            continue;
        }
        let is_time = series.unit.quantity == Quantity::Time && matches!(key.1, "s" | "s/op");
        let is_time = key.0 == "time" && is_time && !timed;
        timed |= is_time;
        let text = if is_time { "ns/op".to_string() } else { unit_text(key.0, key.1) };
        // What a reader makes of it must differ; `ns/op` and `s/op` would be one metric.
        let text = unique.name(text, |text, n| format!("{n}-{text}"), &|text| tidy(text).unit.name);
        let unit = GoUnit { factor: if is_time { NANO } else { 1.0 }, text };
        renamed += u64::from(unit.factor == 1.0 && tidy(&unit.text).unit.name != key.0);
        out.insert(key, unit);
    }
    lost.add(renamed, "metrics whose name is now that of their unit");
    out
}

/// A unit that a reader takes for the metric and leaves the values as they are.
fn unit_text(metric: &str, unit: &str) -> String {
    let own = word(unit);
    let text = match metric {
        _ if metric == unit && !own.is_empty() => own,
        "" => own,
        _ if own.is_empty() => word(metric),
        _ => format!("{}-{own}", word(metric).replace('/', "_")),
    };
    let text = if text.is_empty() { "value".to_string() } else { text };
    // What reading would scale is put in brackets.
    if tidy(&text).factor == 1.0 { text } else { format!("[{text}]") }
}

/// `Unit` lines: directions that the unit alone does not tell, and what is exact.
fn metadata(joined: &Joined<'_>, units: &Units<'_>, lost: &mut Lost) -> Vec<String> {
    let mut said: BTreeMap<&str, (Better, Assumption)> = BTreeMap::new();
    let mut out = Vec::new();
    for series in joined.parts.iter().flat_map(|p| &p.run.series).filter(|s| columns(s).is_some()) {
        let Some(unit) = units.get(&(series.key.metric.as_str(), series.unit.name.as_str())) else { continue };
        let own = (series.better, series.assumption);
        if let Some(first) = said.get(unit.text.as_str()) {
            lost.add(u64::from(*first != own), "metrics whose direction differs from that of another benchmark");
            continue;
        }
        said.insert(&unit.text, own);
        let usual = tidy(&unit.text).better;
        match series.better {
            better if better == usual => {}
            Better::Lower => out.push(format!("Unit {} better=lower", unit.text)),
            Better::Higher => out.push(format!("Unit {} better=higher", unit.text)),
            Better::Unknown => lost.add(1, "metrics stated to have no direction"),
        }
        match series.assumption {
            Assumption::Exact => out.push(format!("Unit {} assume=exact", unit.text)),
            Assumption::Varies => lost.add(1, "metrics known to vary from process to process"),
            Assumption::Sampled => {}
        }
    }
    out
}

/// Facts as configuration: keys in lower case and without blanks.
fn facts(run: &Run, lost: &mut Lost) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let tool = [("tool", run.tool.as_str())].into_iter().filter(|(_, tool)| !tool.is_empty() && *tool != "go test");
    for (key, value) in tool.chain(run.environment.iter()).filter(|(key, _)| *key != "pkg") {
        let own: String = key.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let own = if own.starts_with(char::is_lowercase) { own } else { format!("x{own}") };
        let fits = !own.contains(char::is_uppercase) && !clean(value).is_empty();
        if fits && !out.contains_key(&own) {
            out.insert(own, clean(value));
        } else {
            lost.add(1, "facts about the machine");
        }
    }
    out
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
    fn names_that_go_allows() {
        let params = |list: &[(&str, &str)]| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let check = |name: &str, list: &[(&str, &str)], want: &str, same: bool| {
            assert_eq!(name_text(name, &params(list), None), (want.to_string(), same), "{name}");
        };
        check("Fib/Iter", &[("gomaxprocs", "8"), ("n", "20")], "Fib/Iter/n=20-8", true);
        check("sleep 0.1", &[], "Sleep_0.1", false);
        check("sort-10", &[], "Sort_10", false);
        check("", &[("n", "1-2")], "/n=1_2", false);
        check("", &[], "_", false);
        check("Übung", &[], "Übung", true);
        check("ﬁ", &[], "FI", false);
        check("A", &[("a=b/c", "x/y")], "A/a_b_c=x_y", false);
        assert_eq!(name_text("A", &params(&[("arm", "x")]), Some("new code")).0, "A/arm=x/noisefloor_arm=new_code");
    }

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
