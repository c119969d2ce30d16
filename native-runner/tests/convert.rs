//! `noisefloor convert`: what is written reads back as what it was, or the loss is said.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod converted;
mod support;

use std::collections::BTreeMap;
use std::fs;

use converted::{GO, has, inputs, load_paths, noisefloor, open_corpus, own_corpus};
use noisefloor::convert::{Failure, Loaded, Lost, Target, load, results};
use noisefloor::inputs::gather;
use noisefloor_core::format::{self, Content};
use noisefloor_core::model::{Columns, Marks, NO_ROUND, Run, SeriesData, UNKNOWN_OPERATIONS};
use noisefloor_core::source::Source;
use support::Folder;

fn write(to: Target, loaded: &Loaded) -> Result<(Vec<u8>, Lost), String> {
    let (mut out, mut lost) = (Vec::new(), Lost::default());
    match results(to, &loaded.results, &mut lost, &mut out) {
        Ok(()) => Ok((out, lost)),
        Err(Failure::Refused(why)) => Err(why),
        Err(Failure::Io(e)) => panic!("{e}"),
    }
}

fn read_run(bytes: &[u8]) -> Run {
    match format::read(Source { name: "written", bytes }).unwrap().1.value {
        Content::Run(run) => run,
        other => panic!("{other:?}"),
    }
}

fn marks(run: &Run, columns: &Columns, index: usize) -> Marks {
    columns.marks[index].union(run.forks[columns.fork[index] as usize].marks)
}

/// The values of each series by process, with what `tell` says of each; without names, in a fixed order.
fn sequences(run: &Run, tell: &dyn Fn(&Columns, usize) -> Option<String>) -> Vec<Vec<String>> {
    let mut out = Vec::new();
    for series in &run.series {
        let SeriesData::Columns(columns) = &series.data else { continue };
        let mut forks: BTreeMap<u32, Vec<String>> = BTreeMap::new();
        for index in 0..columns.len() {
            let times = columns.weight.get(index).copied().unwrap_or(1);
            if let Some(said) = tell(columns, index) {
                (0..times).for_each(|_| forks.entry(columns.fork[index]).or_default().push(said.clone()));
            }
        }
        out.extend(forks.into_values());
    }
    out.sort();
    out
}

#[test]
fn a_log_reads_back_to_the_bit() {
    let (mut same, mut refused) = (0, 0);
    for paths in inputs("benchmarks") {
        let loaded = load_paths(&paths);
        if loaded.results.is_empty() {
            continue;
        }
        let (bytes, lost) = match write(Target::NoisefloorLog, &loaded) {
            Ok(written) => written,
            Err(why) => {
                assert!(
                    ["took turns", "only summaries", "histograms", "lockstep"].iter().any(|w| why.contains(w)),
                    "{why}"
                );
                refused += 1;
                continue;
            }
        };
        let again = read_run(&bytes);
        let of = |run: &Run| {
            sequences(run, &|c, i| {
                let fork = &run.forks[c.fork[i] as usize];
                let place = c.round.get(i).filter(|r| **r != NO_ROUND).map(|r| (*r, c.turn[i]));
                Some(format!(
                    "{:x} {} {:?} {:?} {place:?}",
                    c.values[i].to_bits(),
                    c.ops[i],
                    marks(run, c, i),
                    fork.known().pid
                ))
            })
        };
        let mut wanted: Vec<Vec<String>> = loaded.results.iter().flat_map(|r| of(&r.run)).collect();
        wanted.sort();
        assert_eq!(of(&again), wanted, "{paths:?}");
        let count = |run: &Run| run.series.iter().filter(|s| matches!(s.data, SeriesData::Columns(_))).count();
        if loaded.results.len() == 1 {
            let run = &loaded.results[0].run;
            assert_eq!(count(&again), count(run), "{paths:?}");
            assert_eq!((again.lockstep, &again.tool), (run.lockstep, &run.tool), "{paths:?}");
            assert_eq!(again.interleaved, run.interleaved && run.arms.len() > 1, "{paths:?}");
            let evidence = |run: &Run| run.forks.iter().map(|f| f.known().evidence.clone()).collect::<Vec<_>>();
            let blocks = |run: &Run| run.forks.iter().map(|f| (f.block, f.known().core, f.arm)).collect::<Vec<_>>();
            assert_eq!((evidence(&again), blocks(&again)), (evidence(run), blocks(run)), "{paths:?}");
            let only_values = run.series.iter().all(|s| matches!(s.data, SeriesData::Columns(_)));
            if !has(&lost, "part of the name") && !has(&lost, "units of which") && only_values {
                let keys = |run: &Run| {
                    let mut keys: Vec<_> = run.series.iter().map(|s| (s.key.clone(), s.unit.clone())).collect();
                    keys.sort();
                    keys
                };
                assert_eq!(keys(&again), keys(run), "{paths:?}");
            }
        }
        same += 1;
    }
    assert!(same > 8, "{same} read back, {refused} refused");
}

#[test]
fn a_lockstep_log_keeps_its_rounds_through_another_log() {
    let path = own_corpus().join("noisefloor-log");
    let loaded = load_paths(&[path.display().to_string()]);
    let lockstep = loaded.results.iter().find(|r| r.run.lockstep).expect("the corpus has a lockstep log");
    let one = Loaded {
        results: vec![noisefloor::convert::Results {
            input: lockstep.input.clone(),
            side: None,
            format: lockstep.format,
            run: lockstep.run.clone(),
        }],
        ..Loaded::default()
    };
    let (bytes, lost) = write(Target::NoisefloorLog, &one).unwrap();
    assert!(!has(&lost, "place in a lockstep round"), "{lost:?}");
    let again = read_run(&bytes);
    assert_eq!(again.series, lockstep.run.series);
    assert_eq!(again.executed, lockstep.run.executed);
}

/// What is judged of a log is what is judged of the file it was made from.
#[test]
fn a_log_is_judged_like_what_it_was_made_from() {
    use noisefloor_core::AnalysisConfig;
    use noisefloor_core::analyze::{Input, analyze};
    let mut rows = 0;
    for paths in inputs("benchmarks") {
        let files = gather(&paths, true).files;
        let loaded = load(&files, None);
        let ([_], [_], Ok((bytes, lost))) = (&files[..], &loaded.results[..], write(Target::NoisefloorLog, &loaded))
        else {
            continue;
        };
        // Where names change, rows cannot be found again; exact values are compared without a test.
        let changed = ["part of the name", "units of which", "stated to be exact", "summaries", "that gate"];
        if changed.iter().any(|what| has(&lost, what)) {
            continue;
        }
        let judged = |name: &str, bytes: &[u8]| {
            let input = Input { source: Source { name, bytes }, side: None };
            let config = AnalysisConfig { compare: false, ..AnalysisConfig::default() };
            let report = analyze(&[input], &config);
            let row = |r: &noisefloor_core::report::ReportRow| {
                let side = r.sides[0].as_ref().map(|s| (s.mean.clone(), s.counts));
                (r.label.clone(), r.metric.clone(), r.unit.clone(), r.primary, format!("{side:?}"))
            };
            report.rows.iter().map(row).collect::<Vec<_>>()
        };
        let wanted = judged(&files[0].name, &files[0].bytes);
        rows += wanted.len();
        assert_eq!(judged("log", &bytes), wanted, "{paths:?}");
    }
    assert!(rows > 10, "{rows}");
}

/// Everything that a log says of processes and values survives being written anew.
#[test]
fn every_mark_and_place_survives_another_log() {
    use noisefloor_core::log::{
        ArmRecord, Block, End, Exit, ForkRecord, Header, Mode, Plan, ProfileRecord, Record, Round, StoppingPlan, Value,
        encode,
    };
    let text = |t: &str| t.to_string();
    let fork = |f: u32, arm: u32, block: i64| {
        Record::Fork(ForkRecord {
            f,
            arm,
            block,
            pid: 40 + f,
            core: Some(f % 2),
            t: 1_000_000 * u64::from(f),
            ..Default::default()
        })
    };
    let round = |b: i64, i: u32, o: [u32; 2], ns: [u64; 2], m: Vec<Vec<String>>, w: bool| {
        Record::Round(Round { b, i, n: 7, o: o.into(), ns: ns.into(), t: Some(5), m, w })
    };
    let value = |f: u32, metric: &str, x: Vec<f64>, m: Vec<String>, w: bool| {
        Record::Value(Value {
            f,
            metric: text(metric),
            unit: text("B"),
            x,
            n: 3,
            m,
            w,
            better: Some(text("lower")),
            ..Default::default()
        })
    };
    let exit = |f: u32, status: Option<i32>, ignored: bool| {
        let evidence = [(text("user_s"), 0.25 + f64::from(f))].into();
        Record::Exit(Exit { f, t: 9_000_000 + u64::from(f), status, ignored, evidence, ..Default::default() })
    };
    let mut records = vec![Record::Header(Header {
        v: 1,
        tool: text("noisefloor 0.1.0"),
        benchmark: text("sum"),
        suite: text("s"),
        params: [(text("n"), text("10"))].into(),
        mode: Mode::Lockstep,
        arms: ["old", "new"].map(|name| ArmRecord { name: text(name), command: format!("./{name}") }).into(),
        plan: Plan {
            stopping: Some(Box::new(StoppingPlan {
                rule: text("group_sequential"),
                spending: text("obrien_fleming_like"),
                looks: vec![2, 4],
                cap: 4,
                ..StoppingPlan::default()
            })),
            ..Plan::default()
        },
        host: [(text("cpu"), text("x\u{1b}"))].into(),
        ..Header::default()
    })];
    records.extend([fork(0, 0, -1), fork(1, 1, -1), fork(2, 0, -2), fork(3, 0, 0), fork(4, 1, 0)]);
    records.extend([fork(5, 0, 1), fork(6, 1, 1), fork(7, 0, 2), fork(8, 1, 2)]);
    let mark = |name: &str| vec![text(name)];
    records.extend([
        round(-1, 0, [0, 1], [100, 101], vec![], false),
        round(0, 0, [3, 4], [110, 113], vec![], true),
        round(0, 1, [4, 3], [120, 127], vec![mark("preempted"), vec![]], false),
        round(0, 2, [3, 4], [130, 131], vec![vec![], vec![text("preempted"), text("migrated")]], true),
        round(1, 0, [5, 6], [1_000_003, 1_000_007], vec![], false),
        round(2, 0, [7, 8], [150, 151], vec![mark("warmup"), vec![]], false),
        value(3, "max_rss", vec![4096.0, 8192.0], vec![], false),
        value(3, "max_rss", vec![1e-3], mark("gc_biased"), true),
        value(2, "odd", vec![0.1, -0.0], vec![], false),
        exit(3, Some(0), false),
        exit(4, Some(0), false),
        exit(5, Some(3), false),
        exit(6, None, true),
        Record::Block(Block { b: 0, t: 50_000_000, ok: true, why: None }),
        Record::Block(Block { b: 1, t: 90_000_000, ok: true, why: None }),
        Record::Profile(ProfileRecord { arm: 1, file: text("p.pb.gz"), ..Default::default() }),
        Record::End(End { t: 95_000_000, interrupted: true }),
    ]);
    let bytes: Vec<u8> = records.iter().flat_map(encode).collect();
    let run = read_run(&bytes);
    let one = Loaded {
        results: vec![noisefloor::convert::Results {
            input: text("log"),
            side: None,
            format: format::named("noisefloor-log").unwrap(),
            run: run.clone(),
        }],
        ..Loaded::default()
    };
    let (bytes, lost) = write(Target::NoisefloorLog, &one).unwrap();
    let again = read_run(&bytes);
    assert_eq!(again.forks, run.forks);
    assert_eq!(again.series, run.series);
    let moments = run.timed.len() as u64;
    assert!(moments > 0 && again.timed.is_empty());
    assert_eq!(again, Run { timed: Vec::new(), ..run });
    let lost: Vec<_> = lost.iter().collect();
    assert_eq!(lost, [(moments, "moments of values"), (1, "error rates and margins of plans for stopping early")]);
}

/// A reader of CSV as spreadsheets write it.
fn read_csv(text: &str) -> Vec<Vec<String>> {
    let mut rows = vec![vec![String::new()]];
    let mut quoted = false;
    let mut chars = text.chars().peekable();
    while let Some(c) = chars.next() {
        let row = rows.last_mut().unwrap();
        match c {
            '"' if quoted && chars.peek() == Some(&'"') => {
                row.last_mut().unwrap().push('"');
                chars.next();
            }
            '"' => quoted = !quoted,
            ',' if !quoted => row.push(String::new()),
            '\n' if !quoted => rows.push(vec![String::new()]),
            c => row.last_mut().unwrap().push(c),
        }
    }
    assert_eq!(rows.pop().unwrap(), [""], "the last line ends");
    rows
}

/// A text without the apostrophe that keeps spreadsheets from running it.
fn unguarded(cell: &str) -> String {
    cell.strip_prefix('\'').unwrap_or(cell).to_string()
}

#[test]
fn csv_holds_every_value_to_the_bit() {
    let mut values = 0;
    for paths in inputs("benchmarks") {
        let loaded = load_paths(&paths);
        if loaded.results.is_empty() {
            continue;
        }
        let (bytes, lost) = write(Target::Csv, &loaded).unwrap();
        // What stands between the results of a file is said, and no value is lost.
        assert!(lost.iter().all(|(_, what)| what == "collector logs and scheduler traces"), "{paths:?}");
        let rows = read_csv(std::str::from_utf8(&bytes).unwrap());
        let (head, rows) = rows.split_first().unwrap();
        let at = |name: &str| head.iter().position(|h| h == name).unwrap();
        assert_eq!(head.len(), 20);
        let mut lines = rows.iter();
        for result in &loaded.results {
            for series in &result.run.series {
                let (key, run) = (&series.key, &result.run);
                let mut next = |statistic: &str, value: f64| {
                    let row = lines.next().unwrap();
                    assert_eq!(row.len(), head.len(), "{row:?}");
                    let cell = |name: &str| row[at(name)].clone();
                    assert_eq!(unguarded(&cell("input")), result.input);
                    let names = [cell("suite"), cell("benchmark"), cell("metric"), cell("unit")].map(|c| unguarded(&c));
                    assert_eq!(names, [&key.suite, &key.benchmark, &key.metric, &series.unit.name].map(String::clone));
                    let params: BTreeMap<String, String> = unguarded(&cell("params"))
                        .split('&')
                        .filter_map(|pair| pair.split_once('='))
                        .map(|(k, v)| {
                            let plain = |t: &str| t.replace("%3D", "=").replace("%26", "&").replace("%25", "%");
                            (plain(k), plain(v))
                        })
                        .collect();
                    assert_eq!(params, key.params);
                    assert_eq!(cell("statistic"), statistic);
                    assert_eq!(cell("value").parse::<f64>().unwrap().to_bits(), value.to_bits(), "{row:?}");
                    row.clone()
                };
                match &series.data {
                    SeriesData::Columns(columns) => {
                        for index in 0..columns.len() {
                            let row = next("value", columns.values[index]);
                            assert_eq!(row[at("fork")], columns.fork[index].to_string());
                            // Nobody knows how many `many` are.
                            let ops = columns.ops[index];
                            assert_eq!(
                                row[at("operations")],
                                if ops == UNKNOWN_OPERATIONS { String::new() } else { ops.to_string() }
                            );
                            let said: Vec<&str> = marks(run, columns, index).iter().map(|m| m.code()).collect();
                            assert_eq!(row[at("marks")], said.join(" "));
                            let weight = columns.weight.get(index).copied().unwrap_or(1);
                            assert_eq!(row[at("weight")], weight.to_string());
                            values += 1;
                        }
                    }
                    SeriesData::Aggregates(list) => {
                        for (_, aggregate) in list {
                            if let Some(n) = aggregate.n {
                                next("n", n as f64);
                            }
                            // What stands in place of a mean is not called one.
                            if !aggregate.median_only {
                                next("mean", aggregate.mean);
                            }
                            for (name, value) in [("std_dev", aggregate.std_dev), ("median", aggregate.median)] {
                                if let Some(value) = value {
                                    next(name, value);
                                }
                            }
                            if let Some((low, high, confidence)) = aggregate.interval {
                                next("interval_low", low);
                                next("interval_high", high);
                                next("interval_confidence", confidence);
                            }
                        }
                    }
                }
            }
        }
        assert!(lines.next().is_none(), "{paths:?}");
    }
    assert!(values > 500, "{values}");
}

/// Whether a line is one of the Go benchmark format as its own reader takes it.
fn is_go_line(line: &str) -> bool {
    if let Some(rest) = line.strip_prefix("Benchmark") {
        let mut words = rest.split([' ', '\t']).filter(|w| !w.is_empty());
        let name = if rest.starts_with([' ', '\t']) { "" } else { words.next().unwrap() };
        let count = words.next().is_some_and(|w| w.parse::<u64>().is_ok_and(|n| n > 0));
        let pairs: Vec<&str> = words.collect();
        let good = |p: &[&str]| p.len() == 2 && p[0].parse::<f64>().is_ok_and(f64::is_finite);
        return !name.starts_with(char::is_lowercase) && count && !pairs.is_empty() && pairs.chunks(2).all(good);
    }
    if let Some(rest) = line.strip_prefix("Unit ") {
        let words: Vec<&str> = rest.split(' ').collect();
        return words.len() == 2 && matches!(words[1], "better=lower" | "better=higher" | "assume=exact");
    }
    let config = line.split_once(':').is_some_and(|(key, value)| {
        let fits = |c: char| !c.is_uppercase() && !c.is_whitespace();
        key.starts_with(char::is_lowercase) && key.chars().all(fits) && (value.is_empty() || value.starts_with(' '))
    });
    line == "PASS" || config
}

#[test]
fn go_benchmark_text_reads_back_to_the_bit_and_keeps_the_grammar() {
    let (mut same, mut exact, mut summaries) = (0, 0, 0);
    for paths in inputs("benchmarks") {
        let loaded = load_paths(&paths);
        if loaded.results.is_empty() {
            continue;
        }
        let (bytes, lost) = match write(Target::GoBench, &loaded) {
            Ok(written) => written,
            Err(why) => {
                assert!(["takes part", "histograms"].iter().any(|w| why.contains(w)), "{why}");
                let holds = |r: &noisefloor::convert::Results| {
                    r.run.series.iter().any(|s| matches!(&s.data, SeriesData::Aggregates(l) if !l.is_empty()))
                };
                assert!(!loaded.results.iter().any(holds) || why.contains("histograms"), "{paths:?}: {why}");
                continue;
            }
        };
        let text = std::str::from_utf8(&bytes).unwrap();
        for line in text.lines() {
            assert!(is_go_line(line) && !line.contains("\t4294967295\t"), "{paths:?}: {line:?}");
        }
        let again = read_run(&bytes);
        // What cannot be stated in nanoseconds moves by a bit.
        let bits = !has(&lost, "last bit");
        let said = |value: f64| {
            let near = |v: f64| (v.to_bits() + 8) >> 5;
            if bits { format!("{:x}", value.to_bits()) } else { format!("{:x}", near(value)) }
        };
        let used = |run: &Run| {
            sequences(run, &|c, i| marks(run, c, i).is_used().then(|| said(c.values[i])))
                .into_iter()
                .flatten()
                .collect::<Vec<String>>()
        };
        // A summary is written as its center.
        let centers = |run: &Run| {
            let lists = run.series.iter().filter_map(|s| match &s.data {
                SeriesData::Aggregates(list) => Some(list),
                SeriesData::Columns(_) => None,
            });
            lists.flatten().map(|(_, aggregate)| said(aggregate.mean)).collect::<Vec<String>>()
        };
        let mut wanted: Vec<String> = loaded.results.iter().flat_map(|r| used(&r.run)).collect();
        let stated: Vec<String> = loaded.results.iter().flat_map(|r| centers(&r.run)).collect();
        assert_eq!(has(&lost, "of summaries"), !stated.is_empty(), "{paths:?}");
        summaries += stated.len();
        wanted.extend(stated);
        wanted.sort();
        let mut found = used(&again);
        found.sort();
        if bits {
            assert_eq!(found, wanted, "{paths:?}");
            exact += 1;
        } else {
            assert_eq!(found.len(), wanted.len(), "{paths:?}");
        }
        let go = loaded.results.iter().all(|r| matches!(r.format.id, "go-bench" | "go-test-json"));
        if go && loaded.results.len() == 1 {
            assert!(bits, "{paths:?}: Go's own values are exact: {lost:?}");
            let run = &loaded.results[0].run;
            let keys = |run: &Run| {
                let mut all: Vec<_> = run
                    .series
                    .iter()
                    .map(|s| (s.key.clone(), s.better, s.primary, format!("{:?}", s.assumption)))
                    .collect();
                all.sort();
                all
            };
            let renamed = has(&lost, "changed to what Go allows");
            assert!(renamed || keys(&again) == keys(run), "{paths:?}: {lost:?}");
            let order = |run: &Run| sequences(run, &|c, i| Some(format!("{:x} {}", c.values[i].to_bits(), c.ops[i])));
            let operations = has(&lost, "operations differs");
            assert!(operations || order(&again) == order(run), "{paths:?}");
            assert!(again.forks.len() == run.forks.len() || has(&lost, "several suites"), "{paths:?}");
        }
        same += 1;
    }
    let least = if open_corpus().is_dir() { 20 } else { 5 };
    assert!(same > 8 && exact > 5 && summaries > least, "{same} {exact} {summaries}");
}

#[test]
fn summaries_are_one_value_each_in_go_text() {
    let folder = Folder::new("convert-summaries");
    let text = "running 2 tests\ntest a ... bench:         100 ns/iter (+/- 7) = 80 MB/s\n\
                test b ... bench:      12,000 ns/iter (+/- 30)\n\n\
                test result: ok. 0 passed; 0 failed; 0 ignored; 2 measured; 0 filtered out; finished in 1.00s\n";
    fs::write(folder.0.join("b.txt"), text).unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "b.txt", "--to", "go-bench"]);
    assert_eq!(code, Some(0), "{told}");
    let lost = "lost in go-bench: spreads, intervals and numbers of values of summaries, whose centers are written as one \
                value each (";
    assert!(told.contains(lost), "{told}");
    let out = String::from_utf8(out).unwrap();
    let line = |name: &str, start: &str| out.lines().any(|l| l.starts_with(&format!("{name}\t1\t{start} ns/op")));
    assert!(line("BenchmarkA", "100") && line("BenchmarkB", "12000"), "{out}");
    assert!(out.ends_with("PASS\n") && out.lines().filter(|l| l.starts_with("Benchmark")).count() == 2, "{out}");
    let (code, _, told) = noisefloor(&folder, &["convert", "b.txt", "--to", "noisefloor-log"]);
    let why = "only summaries without values, which a run log does not hold; use --to csv or go-bench";
    assert!(code == Some(2) && told.contains(why), "{told}");
}

/// A tool that does not say of how many operations a value is.
#[test]
fn an_unknown_number_of_operations_is_no_number() {
    let folder = Folder::new("convert-many");
    let data = "window.BENCHMARK_DATA = {\"entries\":{\"Benchmark\":[{\"commit\":{\"id\":\"a1\"},\"date\":1,\
                \"tool\":\"cargo\",\"benches\":[{\"name\":\"m\",\"value\":100500,\"unit\":\"ns/iter\"}]}]}}\n";
    fs::write(folder.0.join("data.js"), data).unwrap();
    for (to, wanted) in [("csv", ",value,,0,0,,,,1,,"), ("go-bench", "BenchmarkM\t1\t0.0001005 ")] {
        let (code, out, told) = noisefloor(&folder, &["convert", "data.js", "--to", to]);
        let out = String::from_utf8(out).unwrap();
        assert!(code == Some(0) && out.contains(wanted) && !out.contains("4294967295"), "{told}{out}");
    }
}

#[test]
fn a_file_is_written_once_and_what_is_lost_is_said() {
    let folder = Folder::new("convert-once");
    fs::write(folder.0.join("a.txt"), GO).unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "a.txt", "--to", "go-bench", "-o", "b.txt"]);
    assert_eq!((code, out.len(), told.as_str()), (Some(0), 0, "noisefloor: written: b.txt\n"));
    let first = fs::read(folder.0.join("b.txt")).unwrap();
    assert_eq!(read_run(&first).series, read_run(GO.as_bytes()).series);
    let (code, _, told) = noisefloor(&folder, &["convert", "a.txt", "--to", "csv", "-o", "b.txt"]);
    assert_eq!((code, told.as_str()), (Some(2), "noisefloor: b.txt exists and is never overwritten\n"));
    assert_eq!(fs::read(folder.0.join("b.txt")).unwrap(), first);
    let (_, out, _) = noisefloor(&folder, &["convert", "b.txt", "--to", "go-bench"]);
    assert_eq!(out, first, "what is written once is written again");

    fs::write(folder.0.join("h.json"), "{\"results\":[{\"command\":\"sleep 1\",\"mean\":1,\"times\":[1.1,1.3]}]}")
        .unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "h.json", "--to", "go-bench"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(told.contains("lost in go-bench: names of benchmarks changed to what Go allows (1)"), "{told}");
    assert!(String::from_utf8(out).unwrap().contains("BenchmarkSleep_1\t1\t1100000000"), "{told}");
}

#[test]
fn a_refused_conversion_leaves_no_file() {
    let folder = Folder::new("convert-refused");
    fs::write(folder.0.join("a.txt"), GO).unwrap();
    fs::write(folder.0.join("b.txt"), GO).unwrap();
    fs::write(folder.0.join("s.folded"), "main;a 3\nmain;b 2\n").unwrap();
    for (arguments, want) in [
        (&["a.txt", "b.txt", "--to", "noisefloor-log"][..], "says that its arms took turns"),
        (&["a.txt", "--to", "pprof"], "benchmark results, which go to noisefloor-log, csv, go-bench, not pprof"),
        (&["s.folded", "--to", "csv"], "a profile, which goes to pprof, folded, speedscope, not csv"),
        (&["a.txt", "s.folded", "--to", "csv"], "a profile, which goes to"),
        (&["s.folded", "--to", "folded", "--sample-type", "cpu"], "there is no sample type cpu; there are samples"),
        (&["a.txt", "--to", "report", "--sample-type", "cpu"], "--sample-type is for"),
        (&["missing", "--to", "csv"], "no file could be read"),
    ] {
        let all = [&["convert", "-o", "out"], arguments].concat();
        let (code, _, told) = noisefloor(&folder, &all);
        assert!(code == Some(2) && told.contains(want), "{arguments:?}: {told}");
        assert!(!folder.0.join("out").exists(), "{arguments:?}");
    }
    let (code, _, told) = noisefloor(&folder, &["convert", "a.txt", "--to", "xml"]);
    assert!(code == Some(2) && told.contains("noisefloor-log") && told.contains("speedscope"), "{told}");
}

#[test]
fn several_results_are_joined() {
    let folder = Folder::new("convert-join");
    fs::write(folder.0.join("before.txt"), GO).unwrap();
    fs::write(folder.0.join("after.txt"), GO.replace("12.5", "11.5")).unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "before.txt", "after.txt", "--to", "go-bench"]);
    assert_eq!(code, Some(0), "{told}");
    let text = String::from_utf8(out).unwrap();
    for line in ["BenchmarkA/k=v/arm=before.txt-8\t100\t12.5 ns/op", "BenchmarkA/k=v/arm=after.txt-8\t100\t11.5 ns/op"]
    {
        assert!(text.contains(line), "{text}");
    }
    let (_, out, _) = noisefloor(&folder, &["convert", "before.txt", "after.txt", "--to", "csv"]);
    let rows = read_csv(&String::from_utf8(out).unwrap());
    let arms: Vec<&str> = rows.iter().skip(1).map(|r| r[1].as_str()).collect();
    assert_eq!(arms, [&["before.txt"; 4][..], &["after.txt"; 4]].concat());

    // Two folders of Criterion.rs are two sides, whatever their own arms are called.
    let criterion = own_corpus().join("criterion/fib/fib_1000/new");
    for place in ["old/f/new", "old/f/base", "young/f/new"] {
        fs::create_dir_all(folder.0.join(place)).unwrap();
        fs::copy(criterion.join("sample.json"), folder.0.join(place).join("sample.json")).unwrap();
    }
    let (code, out, told) = noisefloor(&folder, &["convert", "old", "young", "--to", "csv"]);
    assert_eq!(code, Some(0), "{told}");
    assert!(
        told.contains("lost in csv: earlier measurements of Criterion.rs (`base`), which are of no side (1)"),
        "{told}"
    );
    let rows = read_csv(&String::from_utf8(out).unwrap());
    let arms: std::collections::BTreeSet<&str> = rows.iter().skip(1).map(|r| r[1].as_str()).collect();
    assert_eq!(arms.into_iter().collect::<Vec<_>>(), ["old", "young"]);

    // Files of different benchmarks are one arm, also in a log.
    fs::write(folder.0.join("other.txt"), GO.replace("BenchmarkA", "BenchmarkB")).unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "before.txt", "other.txt", "--to", "noisefloor-log"]);
    assert_eq!(code, Some(0), "{told}");
    let run = read_run(&out);
    assert_eq!((run.arms.len(), run.forks.len(), run.series.len(), run.interleaved), (1, 2, 4, false));

    // Two logs of the same arms are one log with the blocks of both.
    let log = own_corpus().join("noisefloor-log");
    let one = load_paths(&[log.display().to_string()]);
    let first = one.results.iter().find(|r| r.run.arms.len() > 1).unwrap();
    for name in ["x.jsonl", "y.jsonl"] {
        fs::copy(&first.input, folder.0.join(name)).unwrap();
    }
    let (code, out, told) = noisefloor(&folder, &["convert", "x.jsonl", "y.jsonl", "--to", "noisefloor-log"]);
    assert_eq!(code, Some(0), "{told}");
    let both = read_run(&out);
    let blocks =
        |run: &Run| run.forks.iter().filter_map(|f| f.block).collect::<std::collections::BTreeSet<u32>>().len();
    assert_eq!((both.arms.len(), both.forks.len()), (first.run.arms.len(), 2 * first.run.forks.len()));
    assert_eq!(blocks(&both), 2 * blocks(&first.run));
    // A single one is copied.
    let (_, out, _) = noisefloor(&folder, &["convert", "x.jsonl", "--to", "noisefloor-log"]);
    assert_eq!(out, fs::read(folder.0.join("x.jsonl")).unwrap());
}

#[test]
fn hostile_names_stay_names() {
    let folder = Folder::new("convert-hostile");
    let command = "=cmd|' /C calc'!A1\\n\\u001b[31m\\\"x,y";
    let json = format!(
        "{{\"results\":[{{\"command\":\"{command}\",\"mean\":1,\"times\":[1,2]}},{{\"command\":\"'=1\",\"mean\":1,\"times\":[1]}}]}}"
    );
    fs::write(folder.0.join("h.json"), json).unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "h.json", "--to", "csv"]);
    assert_eq!(code, Some(0), "{told}");
    let rows = read_csv(&String::from_utf8(out).unwrap());
    let names: Vec<&str> = rows.iter().skip(1).map(|r| r[3].as_str()).collect();
    assert!(names.iter().all(|n| n.starts_with('\'')), "{names:?}");
    assert_eq!(unguarded(names[0]), "=cmd|' /C calc'!A1\n\u{1b}[31m\"x,y");
    assert_eq!(unguarded(names.last().unwrap()), "'=1");
    let (_, out, told) = noisefloor(&folder, &["convert", "h.json", "--to", "go-bench"]);
    let text = String::from_utf8(out).unwrap();
    assert!(text.lines().all(is_go_line) && !text.contains('\u{1b}'), "{text}");
    assert!(!told.contains('\u{1b}'), "{told}");
    let (_, out, _) = noisefloor(&folder, &["convert", "h.json", "--to", "noisefloor-log"]);
    assert_eq!(read_run(&out).series[0].key.benchmark, "=cmd|' /C calc'!A1\n\u{1b}[31m\"x,y");
    fs::write(folder.0.join("n.folded"), "a\u{1b}[31mb;<script>|x 3\n").unwrap();
    let (_, out, _) = noisefloor(&folder, &["convert", "n.folded", "--to", "markdown"]);
    let text = String::from_utf8(out).unwrap();
    assert!(!text.contains('\u{1b}') && !text.contains("<script>"), "{text}");
}
