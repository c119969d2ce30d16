//! Collector logs, compiler notes and scheduler traces through the whole engine: what the report says,
//! which side they belong to, and which iterations they take out of a test.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::time::Instant;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::format::{self, Content};
use noisefloor_core::log::{
    ArmRecord, Block, End, Exit, ForkRecord, Header, LOG_VERSION, Mode, Record, Round, Value, encode,
};
use noisefloor_core::report::{AttachedBy, EvidenceKind, Report};
use noisefloor_core::source::Source;

fn report(inputs: &[(&str, &[u8])], config: &AnalysisConfig) -> Report {
    let inputs: Vec<Input<'_>> =
        inputs.iter().map(|(name, bytes)| Input { source: Source { name, bytes }, side: None }).collect();
    let report = analyze(&inputs, config);
    let json = report.to_json();
    assert_eq!(serde_json::from_str::<Report>(&json).unwrap().to_json(), json);
    report
}

fn default(inputs: &[(&str, &[u8])]) -> Report {
    report(inputs, &AnalysisConfig::default())
}

/// A cycle of Go that stops the program for a millisecond, at a moment.
fn gc(number: u32, at: f64) -> String {
    format!("gc {number} @{at:.3}s 1%: 0.5+1.0+0.5 ms clock, 1+0.1/1/0+1 ms cpu, 4->5->2 MB, 5 MB goal, 2 P\n")
}

/// Cycles of one process.
fn trace(starts: &[f64]) -> String {
    starts.iter().zip(1..).map(|(at, number)| gc(number, *at)).collect()
}

/// A log of processes with twenty iterations of a second each, which say when they began; arms take turns.
fn log(arms: &[&str], processes: u32) -> Vec<u8> {
    let mut out = encode(&Record::Header(Header {
        v: LOG_VERSION,
        benchmark: "work".into(),
        mode: Mode::Samples,
        arms: arms.iter().map(|name| ArmRecord { name: (*name).into(), command: String::new() }).collect(),
        ..Header::default()
    }));
    for f in 0..processes {
        let (arm, block) = (f % arms.len() as u32, i64::from(f / arms.len() as u32));
        let t = u64::from(f) * 30_000_000_000;
        out.extend(encode(&Record::Fork(ForkRecord { f, arm, block, pid: 100 + f, t, ..ForkRecord::default() })));
        out.extend(encode(&Record::Value(Value {
            f,
            metric: "time".into(),
            unit: "s".into(),
            x: (0..20).map(|i| 1.0 + f64::from((i * 7 + f) % 5) * 1e-3).collect(),
            n: 1,
            t: (0..20).map(|i| i * 1_010_000_000).collect(),
            ..Value::default()
        })));
        out.extend(encode(&Record::Exit(Exit { f, t: t + 1, status: Some(0), ..Exit::default() })));
        if arm + 1 == arms.len() as u32 {
            out.extend(encode(&Record::Block(Block { b: block, t: t + 2, ok: true, why: None })));
        }
    }
    out.extend(encode(&Record::End(End { t: u64::MAX / 2, interrupted: false })));
    out
}

/// Three cycles in a row in an iteration.
fn burst(iteration: u32) -> [f64; 3] {
    [0.1, 0.103, 0.106].map(|at| f64::from(iteration) * 1.01 + at)
}

fn excluded(report: &Report) -> u64 {
    report.exclusions.iter().filter(|e| e.cause == "gc_biased").map(|e| e.values).sum()
}

fn findings(report: &Report) -> Vec<&str> {
    report.findings.iter().map(|f| f.rule.as_str()).collect()
}

#[test]
fn iterations_with_three_cycles_in_a_row_are_marked_listed_and_kept_on_request() {
    let log = log(&[""], 1);
    // In a row in the fourth iteration; spread over the sixth.
    let starts = [&burst(3)[..], &[5.1, 5.4, 5.8]].concat();
    let gc = trace(&starts);
    let inputs: [(&str, &[u8]); 2] = [("d/run.jsonl", &log), ("d/run.gc.log", gc.as_bytes())];
    let found = default(&inputs);
    assert_eq!(excluded(&found), 1);
    assert_eq!(found.rows[0].sides[0].as_ref().unwrap().counts.used, 19);
    let e = &found.evidence[0];
    assert_eq!((e.side, e.attached_by, e.input), (Some(0), Some(AttachedBy::Name), 1));
    let [b] = e.biased.as_slice() else { panic!("{:?}", e.biased) };
    assert_eq!((b.value, b.fork, b.cycles, b.benchmark.as_str()), (3, 0, 3, "work"));
    assert!((b.start - 3.03).abs() < 1e-9 && (b.pause_seconds - 0.003).abs() < 1e-9);
    let [bias] = e.biases.as_slice() else { panic!("{:?}", e.biases) };
    assert_eq!((bias.iterations, bias.biased, bias.gc_bound, bias.cycles), (20, 1, false, 6));
    assert!((bias.longest_gap - 0.01).abs() < 1e-12);
    let kept = report(&inputs, &AnalysisConfig { keep: ["gc_biased".into()].into(), ..AnalysisConfig::default() });
    assert_eq!((excluded(&kept), kept.rows[0].sides[0].as_ref().unwrap().counts.used), (0, 20));
}

#[test]
fn above_a_tenth_none_is_left_out_and_the_finding_says_so() {
    let log = log(&[""], 1);
    let gc = trace(&[burst(1), burst(2), burst(3)].concat());
    let found = default(&[("run.jsonl", &log), ("run.gc.log", gc.as_bytes())]);
    assert_eq!(excluded(&found), 0);
    assert!(found.evidence[0].biases[0].gc_bound && found.evidence[0].biased.is_empty());
    let finding = found.findings.iter().find(|f| f.rule == "gc-bound").unwrap();
    assert_eq!((finding.side, finding.input, finding.evidence["observed"]), (Some(0), Some(1), 0.15));
    assert_eq!(finding.evidence["processes"], 1.0);
}

#[test]
fn more_collecting_on_one_side_is_audited() {
    let log = log(&["old", "new"], 12);
    // Two iterations of each process of the second arm; the log names the processes, in another order.
    let mut gc = String::new();
    for fork in (0..12u32).rev() {
        let own = [burst(4), burst(9)].concat();
        let (pid, starts) = (100 + fork, if fork % 2 == 1 { own } else { vec![0.5] });
        let _ = write!(gc, "# noisefloor fork {fork} pid {pid}\n{}", trace(&starts));
    }
    let found = default(&[("run.jsonl", &log), ("run.gc.log", gc.as_bytes())]);
    assert_eq!(excluded(&found), 12);
    assert!(found.evidence[0].biased.iter().all(|b| b.side == 1), "{:?}", found.evidence[0].biased);
    // Both sides are in one file: the log belongs to both.
    assert_eq!((found.evidence[0].side, found.evidence[0].biases.len()), (None, 12));
    assert!(findings(&found).contains(&"asymmetric-exclusion"), "{:?}", findings(&found));
    assert!(found.rows[0].comparisons[0].verdict_with_excluded.is_some());
    // A process id that does not fit, or two processes under one name, say nothing.
    let other = gc.replace("pid 1", "pid 2");
    assert_eq!(excluded(&default(&[("run.jsonl", &log), ("run.gc.log", other.as_bytes())])), 0);
    // Without names: as many processes as forks, each in its turn.
    let plain: String = (0..12).map(|f| trace(&if f % 2 == 1 { burst(4).to_vec() } else { vec![0.5] })).collect();
    let found = default(&[("run.jsonl", &log), ("run.gc.log", plain.as_bytes())]);
    assert_eq!((excluded(&found), found.evidence[0].biased.iter().filter(|b| b.side == 1).count()), (6, 6));
    // One process more than there are forks: nobody can say which is which.
    let more = plain + &gc_once();
    assert_eq!(excluded(&default(&[("run.jsonl", &log), ("run.gc.log", more.as_bytes())])), 0);
}

fn gc_once() -> String {
    trace(&[0.001])
}

#[test]
fn a_plain_command_and_long_rounds_have_their_place_too() {
    let header = |mode| Header { v: LOG_VERSION, mode, arms: [ArmRecord::default()].into(), ..Header::default() };
    let fork = Record::Fork(ForkRecord { f: 0, pid: 7, t: 1_000_000_000, ..ForkRecord::default() });
    let end = [
        Record::Exit(Exit { f: 0, t: 9_000_000_000, status: Some(0), ..Exit::default() }),
        Record::Block(Block { b: 0, t: 9_000_000_000, ok: true, why: None }),
        Record::End(End { t: 9_000_000_000, interrupted: false }),
    ];
    let gc = trace(&burst(1));
    let value = Value { f: 0, metric: "time".into(), unit: "s".into(), x: [2.0].into(), n: 1, ..Value::default() };
    let command = [&[Record::Header(header(Mode::Command)), fork.clone(), Record::Value(value)][..], &end].concat();
    let log: Vec<u8> = command.iter().flat_map(encode).collect();
    let found = default(&[("run.jsonl", &log), ("run.gc.log", gc.as_bytes())]);
    // One iteration, and it is biased: collecting is all that can be said to be part of it.
    let bias = found.evidence[0].biases[0];
    assert_eq!((bias.iterations, bias.biased, bias.gc_bound, bias.iteration_seconds), (1, 1, true, 2.0));
    // Twenty rounds of 100 ms, the eleventh from 1.0 to 1.1 s after the start of the process.
    let round = |i: u32| {
        let t = 1_000_000_000 + u64::from(i) * 100_000_000;
        Record::Round(Round { b: 0, i, n: 1, o: [0].into(), ns: [100_000_000].into(), t: Some(t), ..Round::default() })
    };
    let mut lockstep = vec![Record::Header(header(Mode::Lockstep)), fork];
    lockstep.extend((0..20).map(round));
    lockstep.extend(end);
    let log: Vec<u8> = lockstep.iter().flat_map(encode).collect();
    let gc = trace(&[1.01, 1.012, 1.014]);
    let found = default(&[("run.jsonl", &log), ("run.gc.log", gc.as_bytes())]);
    assert_eq!((excluded(&found), found.evidence[0].biased[0].value), (1, 10));
}

#[test]
fn evidence_belongs_to_a_side_by_rule_or_to_none() {
    let text = "BenchmarkA-2 10 5 ns/op\nPASS\n";
    let (run, gc) = (text.as_bytes(), trace(&[0.1]));
    let gc = gc.as_bytes();
    let at = |inputs: &[(&str, &[u8])]| -> Vec<(Option<u32>, Option<AttachedBy>)> {
        default(inputs).evidence.iter().map(|e| (e.side, e.attached_by)).collect()
    };
    let mixed = format!("BenchmarkA-2 \t{}10 5 ns/op\n", gc_once());
    assert_eq!(at(&[("a.txt", mixed.as_bytes())]), [(Some(0), Some(AttachedBy::SameFile))]);
    let names: [(&str, &[u8]); 4] =
        [("d/old.txt", run), ("d/new.txt", run), ("d/new.gc.log", gc), ("d/old-gc.txt", gc)];
    assert_eq!(at(&names), [(Some(1), Some(AttachedBy::Name)), (Some(0), Some(AttachedBy::Name))]);
    let folders: [(&str, &[u8]); 4] = [("a/x.txt", run), ("b/x.txt", run), ("a/gc.log", gc), ("b/gc.log", gc)];
    assert_eq!(at(&folders), [(Some(0), Some(AttachedBy::Folder)), (Some(1), Some(AttachedBy::Folder))]);
    // Two logs beside one run, one beside two, one beside none.
    assert_eq!(at(&[("a/x.txt", run), ("a/gc1.log", gc), ("a/gc2.log", gc)]), [(None, None); 2]);
    assert_eq!(at(&[("a/x.txt", run), ("a/y.txt", run), ("a/gc.log", gc)]), [(None, None)]);
    assert_eq!(at(&[("a/x.txt", run), ("b/gc.log", gc)]), [(None, None)]);
    assert_eq!(at(&[("gc.log", gc)]), [(None, None)]);
    // Of different kinds each is the only one.
    let sched = b"SCHED 0ms: gomaxprocs=2 idleprocs=1 threads=3 runqueue=1 [0 2]\n";
    let both: [(&str, &[u8]); 3] = [("a/x.txt", run), ("a/gc.log", gc), ("a/sched.log", sched)];
    assert_eq!(at(&both), [(Some(0), Some(AttachedBy::Folder)); 2]);
    // The caller's word counts before all.
    let side = |name, bytes, side| Input { source: Source { name, bytes }, side: Some(side) };
    let named = [side("p/1.txt", run, "old"), side("q/1.txt", run, "new"), side("r/any.log", gc, "new")];
    let found = analyze(&named, &AnalysisConfig::default());
    assert_eq!((found.evidence[0].side, found.evidence[0].attached_by), (Some(1), Some(AttachedBy::Side)));
    assert_eq!(found.inputs[2].sides, [1]);
}

#[test]
fn a_report_without_evidence_has_no_such_field() {
    let found = default(&[("a.txt", b"BenchmarkA-2 10 5 ns/op\n")]);
    assert!(found.evidence.is_empty() && !found.to_json().contains("\"evidence\":["));
}

#[test]
fn sums_are_those_of_the_log() {
    let text = trace(&[1.0, 2.0, 3.0, 4.0]);
    let found = default(&[("gc.log", text.as_bytes())]);
    let c = found.evidence[0].collections.as_ref().unwrap();
    let close = |a: f64, b: f64| assert!((a - b).abs() < 1e-9, "{a} {b}");
    assert_eq!((c.cycles, c.pauses, c.processes, c.first_number), (4, 8, 1, 1));
    close(c.pause_seconds, 0.004);
    close(c.span_seconds.unwrap(), 4.002);
    close(c.pause_share.unwrap(), 0.004 / 4.002);
    // From 2 MB after a cycle to 4 MB at the next, and 1 MB during it, three times in three seconds.
    close(c.allocated_bytes.unwrap() / f64::from(1 << 20), 9.0);
    close(c.allocation_rate.unwrap() / f64::from(1 << 20), 3.0);
    close(c.cpu_seconds.unwrap(), 4.0 * 0.0031);
    // Eight pauses carry a median with bounds, and nothing beyond.
    let [p50, .., p999] = c.pause_quantiles.as_slice() else { panic!("{:?}", c.pause_quantiles) };
    assert!(p50.interval.is_some() && p999.value.is_none() && p999.interval.is_none());
    // What runs beside the pauses spans several of them: it must not count what they count.
    let g1 = "[1.0s][info][gc] GC(0) Pause Young (Normal) 20M->10M(99M) 1ms\n\
        [1.1s][info][gc] GC(1) Concurrent Mark Cycle\n\
        [2.0s][info][gc] GC(2) Pause Young (Normal) 40M->12M(99M) 1ms\n\
        [2.5s][info][gc] GC(1) Pause Remark 60M->60M(99M) 1ms\n\
        [3.0s][info][gc] GC(3) Pause Young (Normal) 80M->15M(99M) 1ms\n";
    let c = default(&[("gc.log", g1.as_bytes())]).evidence[0].collections.clone().unwrap();
    close(c.allocated_bytes.unwrap() / f64::from(1 << 20), 30.0 + 68.0);
    let sched = b"SCHED 0ms: gomaxprocs=4 idleprocs=4 threads=3 runqueue=0 [0 0 0 0]\nSCHED 100ms: gomaxprocs=4 idleprocs=0 threads=9 runqueue=3 [1 0 0 2]\n";
    let found = default(&[("s.log", sched)]);
    let s = found.evidence[0].schedule.as_ref().unwrap();
    assert_eq!((s.idle_share, s.queue_mean, s.queue_longest, s.threads_most), (Some(0.5), Some(3.0), 6.0, 9));
    assert_eq!((s.threads_first, s.threads_last, s.lines), (3, 9, 2));
}

/// Real outputs lie beside the project or not at all.
fn samples() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/samples");
    if !folder.is_dir() {
        let _ = std::io::stderr().write_all(b"skipped: no samples\n");
        return None;
    }
    Some(folder)
}

#[test]
fn results_between_traces_are_those_of_the_same_text_without() {
    let Some(samples) = samples() else { return };
    let files = [("m07pool/bench-gctrace.txt", 414, 14), ("m08heap/bench-heapdump-gctrace.txt", 67, 13)];
    for (file, cycles, others) in files {
        let text = std::fs::read_to_string(samples.join(file)).unwrap();
        let mixed = default(&[(file, text.as_bytes())]);
        // The traces taken out by hand: what breaks into a line is the rest of it.
        let plain: String = text
            .lines()
            .map(|line| match line.find("gc ").filter(|at| line[at + 3..].contains(" ms clock")) {
                Some(0) => String::new(),
                Some(at) => line[..at].to_string(),
                None => format!("{line}\n"),
            })
            .collect();
        let plain = default(&[(file, plain.as_bytes())]);
        assert_eq!(serde_json::to_string(&mixed.rows).unwrap(), serde_json::to_string(&plain.rows).unwrap());
        assert!(!mixed.rows.is_empty() && plain.evidence.is_empty());
        let e = &mixed.evidence[0];
        assert_eq!((e.side, e.attached_by), (Some(0), Some(AttachedBy::SameFile)));
        let c = e.collections.as_ref().unwrap();
        // The compiler and the linker write as well.
        assert_eq!((c.cycles, c.processes, c.other_cycles), (cycles, 1, others), "{file}");
    }
}

#[test]
fn both_forms_of_the_compilers_notes_agree() {
    let Some(samples) = samples() else { return };
    let notes = |file: &str| {
        let bytes = std::fs::read(samples.join("m11escape").join(file)).unwrap();
        let found = default(&[(file, &bytes)]);
        assert_eq!(found.evidence[0].kind, EvidenceKind::CompilerNotes);
        found.evidence[0].notes.clone().unwrap()
    };
    let (brief, full, log) = (notes("gcflags-m1.txt"), notes("gcflags-m2.txt"), notes("optimisation-log.json"));
    let count = |n: &noisefloor_core::report::NotesReport, kind: &str| {
        n.kinds.iter().find(|k| k.kind == kind).map_or(0, |k| k.count)
    };
    for kind in ["moved_to_heap", "escapes_to_heap", "leaking_param", "can_inline", "inlining_call"] {
        assert_eq!(count(&brief, kind), count(&full, kind), "{kind}");
    }
    // The log tells of variables as it does of values.
    assert!(count(&log, "escapes_to_heap") >= count(&full, "moved_to_heap"));
    assert_eq!((count(&log, "cannot_inline"), log.compiler.as_str()), (count(&full, "cannot_inline"), "go1.27.3"));
    assert!(full.sites.iter().any(|s| s.kind == "moved_to_heap" && s.reason == "call parameter" && s.chain.len() > 2));
}

/// A log of one process whose iterations began at some moments, and lasted for some time, in nanoseconds.
fn timed(iterations: &[(u64, u64)]) -> Vec<u8> {
    let mut out = encode(&Record::Header(Header {
        v: LOG_VERSION,
        mode: Mode::Samples,
        arms: [ArmRecord::default()].into(),
        ..Header::default()
    }));
    out.extend(encode(&Record::Fork(ForkRecord { pid: 1, ..ForkRecord::default() })));
    out.extend(encode(&Record::Value(Value {
        metric: "time".into(),
        unit: "ns".into(),
        x: iterations.iter().map(|(_, ns)| *ns as f64).collect(),
        n: 1,
        t: iterations.iter().map(|(t, _)| *t).collect(),
        ..Value::default()
    })));
    out.extend(encode(&Record::Block(Block { b: 0, t: 1, ok: true, why: None })));
    out.extend(encode(&Record::End(End { t: 1, interrupted: false })));
    out
}

#[test]
fn iterations_of_real_programs_meet_the_cycles_that_an_independent_count_finds() {
    let Some(samples) = samples() else { return };
    let read = |file: &str| std::fs::read_to_string(samples.join("gc-mapping").join(file)).unwrap();
    let rows = |file: &str, start: &str, base: u64| -> Vec<(u64, u64)> {
        let field = |row: &serde_json::Value, key: &str| row[key].as_u64().unwrap();
        let list = read(file);
        let rows = list.lines().map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap());
        rows.map(|row| (field(&row, start) - base, field(&row, "dur_ns"))).collect()
    };
    let jvm = read("jvm-gc.log");
    // Nanoseconds of `System.nanoTime` at the start of the process: both clocks of the first line.
    let base = 2_354_295_325_919 - 3_823_315;
    assert!(jvm.starts_with("[2354295325919ns][3823315ns]"));
    let log = timed(&rows("jvm-iterations.jsonl", "n0", base));
    let found = default(&[("run.jsonl", &log), ("run.gc.log", jvm.as_bytes())]);
    // 29 of 60 by a count in Python; that is far above a tenth.
    let bias = found.evidence[0].biases[0];
    assert_eq!((bias.iterations, bias.biased, bias.gc_bound, bias.cycles), (60, 29, true, 226));
    assert!((bias.longest_gap - 0.006_03).abs() < 1e-9);
    let go = read("go-gctrace.txt");
    let log = timed(&rows("go-iterations.jsonl", "t0_since_start_ns", 0));
    let found = default(&[("run.jsonl", &log), ("run.gc.log", go.as_bytes())]);
    let bias = found.evidence[0].biases[0];
    assert_eq!((bias.iterations, bias.biased, bias.gc_bound, bias.cycles), (60, 0, false, 20));
}

/// One text of each format.
fn examples() -> Vec<String> {
    let notes = "# p\np/a.go:18:35: r escapes to heap in F:\np/a.go:18:35:   flow: {heap} ← &r:\np/a.go:18:35:     from &r (address-of) at p/a.go:1:2\np/a.go:18:35: moved to heap: r\n";
    let log = r#"{"version":0,"package":"p","gc_version":"go1.27","file":"p/a.go"}
{"range":{"start":{"line":18,"character":35}},"code":"escapes","message":"r escapes to heap","relatedInformation":[{"message":"escflow:  from r (x)"}]}
"#;
    let jvm = "[2026-11-23T12:33:35.939+0000][0.009s][info][gc     ] Using G1\n[0.02s][info][gc] GC(0) Pause Young (Normal) 24M->11M(256M) 7.9ms\n[0.03s][info][gc] GC(1) Concurrent Mark 2ms\n[0.04s][info][gc,cpu] GC(0) User=0.1s Sys=0.0s\n";
    let old = "2014-06-18T11:24:16.819+0200: 1,5: [GC (x) 1,5: [DefNew\n: 8K->1K(9K), 0.1 secs] 8K->1K(3K), 0,125 secs] [Times: user=0.1 sys=0.0, real=0.0 secs]\n2.5: [Full GC 3K->1K(9K), 0.5 secs]\n";
    let sched = "SCHED 10ms: gomaxprocs=2 idleprocs=1 threads=3 runqueue=1 [0 2]\n";
    let mixed = format!("pkg: p\nBenchmarkA-2 \t{}10 5 ns/op\nPASS\n", gc(1, 0.5));
    let fork = format!("# noisefloor fork 0 pid 1\n{}", gc(1, 0.5));
    [notes, log, jvm, old, sched].map(String::from).into_iter().chain([trace(&[0.1, 0.2]), mixed, fork]).collect()
}

#[test]
fn cut_and_changed_bytes_never_panic() {
    let mut state = 99u32;
    for text in examples() {
        let bytes = text.as_bytes();
        let whole = default(&[("f", bytes)]);
        assert_eq!((whole.evidence.len(), whole.inputs[0].error.as_ref()), (1, None), "{text}");
        for end in 0..bytes.len() {
            let _ = default(&[("f", &bytes[..end])]);
        }
        for _ in 0..600 {
            let mut bytes = bytes.to_vec();
            for _ in 0..3 {
                state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
                let at = (state >> 8) as usize % bytes.len();
                let with = b"[](){},.:@>-+/0919KMs \n\xff%"[(state >> 4) as usize % 25];
                match state & 3 {
                    0 => _ = bytes.remove(at),
                    1 => bytes.insert(at, with),
                    _ => bytes[at] = with,
                }
            }
            let _ = default(&[("f", &bytes)]);
        }
    }
}

/// Every file of a folder and those below it.
fn files(folder: &Path, list: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_dir() { files(&path, list) } else { list.push(path) }
    }
}

#[test]
fn real_logs_may_end_anywhere() {
    let Some(samples) = samples() else { return };
    let folder = samples.join("../corpus/gc");
    if !folder.is_dir() {
        let _ = std::io::stderr().write_all(b"skipped: no corpus\n");
        return;
    }
    let mut list = Vec::new();
    files(&folder, &mut list);
    assert!(list.len() > 30, "{}", list.len());
    for path in list {
        let bytes = std::fs::read(&path).unwrap();
        let read = |bytes: &[u8]| drop(format::read(Source { name: "f", bytes }));
        (0..bytes.len().min(800)).for_each(|end| read(&bytes[..end]));
        // And begin anywhere, as rotated ones do.
        let middle = bytes.len() / 2;
        let part = &bytes[middle..bytes.len().min(middle + 800)];
        (0..part.len()).for_each(|from| read(&part[from..]));
    }
}

#[test]
fn time_grows_with_the_length_and_not_faster() {
    let hostile: [&dyn Fn(usize) -> String; 11] = [
        &|n| "1.0: [GC 2K->1K(3K), 0.1 secs]\n".to_string() + &"[GC concurrent".repeat(n),
        &|n| "1.0: [GC 2K->1K(3K), 0.1 secs]\n".to_string() + &"[GC ".repeat(n),
        &|n| "1.0: [GC 2K->1K(3K), 0.1 secs]\n".to_string() + &"2.0: [GC (\n".repeat(n),
        &|n| trace(&[0.1]) + &"gc 1 @".repeat(n),
        &|n| (0..n as u32).map(|i| gc(i + 1, f64::from(i))).collect(),
        &|n| (0..n).map(|_| gc(1, 0.1)).collect(),
        &|n| trace(&[0.1]) + "SCHED 1ms: gomaxprocs=1 [" + &"1 ".repeat(n),
        &|n| (0..n).map(|i| format!("[{i}s][info][gc] GC({i}) Pause Young (Normal) 2M->1M(3M) 1ms\n")).collect(),
        &|n| "[0.1s][info][gc] GC(1) Pause Young 2M->1M(3M) 1ms\n".to_string() + &"[".repeat(n) + &"->".repeat(n),
        &|n| "a.go:1:1: x escapes to heap\n".to_string() + &"a:1:2:3".repeat(n),
        &|n| {
            let step = "a.go:1:1:     from x (y) at a.go:1:1\n";
            "a.go:1:1: x escapes to heap in F:\n".to_string() + &step.repeat(n)
        },
    ];
    for (which, make) in hostile.iter().enumerate() {
        let took = |text: &str| {
            let from = Instant::now();
            let found = default(&[("f", text.as_bytes())]);
            assert!(!found.evidence.is_empty(), "{which}");
            from.elapsed().as_secs_f64()
        };
        let (short, long) = (took(&make(2000)), took(&make(32_000)));
        // Sixteen times the length; quadratic would be 256 times the time.
        assert!(long < 100.0 * short.max(0.005), "{which}: {short} {long}");
    }
}

#[test]
fn every_row_is_recognised_and_read() {
    let ids: Vec<&str> = format::FORMATS.iter().map(|f| f.id).rev().take(6).rev().collect();
    let mut seen: Vec<&str> = Vec::new();
    for text in examples() {
        let (format, parsed) = format::read(Source { name: "f", bytes: text.as_bytes() }).unwrap();
        match parsed.value {
            Content::Evidence(list) => assert_eq!(list.len(), 1),
            Content::Run(run) => assert_eq!(run.evidence.len(), 1),
            other => panic!("{other:?}"),
        }
        seen.push(format.id);
    }
    assert!(ids.iter().all(|id| seen.contains(id)), "{ids:?} {seen:?}");
}
