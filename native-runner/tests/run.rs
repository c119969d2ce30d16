//! `noisefloor run` as a process: what it writes, what ends it, what survives.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeMap;
use std::fs;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use noisefloor_core::log::{ForkRecord, Mode, PILOT_BLOCK, Record};
use support::{
    Folder, arms, closed, command, example, example_of, forks, records, run, succeed, wait_for_blocks, with_arms,
};

#[test]
fn lockstep_arms_are_alive_together_on_one_core() {
    let folder = Folder::new("lockstep");
    let arms = arms();
    let text = succeed(&folder, &with_arms(&arms, &["--blocks", "3", "--pairs", "8", "--seed", "5"]));
    assert!(text.contains("encode"), "{text}");
    let records = records(&folder.log());
    let Some(Record::Header(header)) = records.first() else { panic!("no header first") };
    assert_eq!((header.mode, header.seed, header.plan.blocks, header.plan.pairs), (Mode::Lockstep, 5, 3, 8));
    assert_eq!(closed(&records), [0, 1, 2]);
    let mut exits = BTreeMap::new();
    for record in &records {
        if let Record::Exit(exit) = record {
            exits.insert(exit.f, (exit.t, exit.evidence.clone()));
        }
    }
    let forks = forks(&records);
    for block in 0..3 {
        let pair: Vec<&ForkRecord> = forks.iter().filter(|f| f.block == block).collect();
        let [a, b] = pair[..] else { panic!("block {block} has {} processes", pair.len()) };
        assert_ne!(a.pid, b.pid);
        assert!(a.core.is_some() && a.core == b.core, "block {block}: {:?} {:?}", a.core, b.core);
        // Each was started before the other had ended, and every round lies in between.
        let (end_a, end_b) = (exits[&a.f].0, exits[&b.f].0);
        assert!(a.t < end_b && b.t < end_a);
        let rounds = records.iter().filter_map(|r| if let Record::Round(r) = r { Some(r) } else { None });
        let rounds: Vec<_> = rounds.filter(|r| r.b == block).collect();
        assert_eq!(rounds.iter().filter(|r| !r.w).count(), 8);
        for round in rounds {
            let t = round.t.unwrap();
            assert!(t > a.t.max(b.t) && t < end_a.min(end_b) && round.n > 0 && round.ns.iter().all(|ns| *ns > 0));
            let mut order = round.o.clone();
            order.sort_unstable();
            assert_eq!(order, [a.f.min(b.f), a.f.max(b.f)]);
        }
        assert!(exits[&a.f].1.contains_key("user_s") && exits[&a.f].1.contains_key("max_rss_bytes"));
    }
    // The same seed draws the same order.
    let again = Folder::new("lockstep-again");
    succeed(&again, &with_arms(&arms, &["--blocks", "3", "--pairs", "8", "--seed", "5"]));
    let order = |records: &[Record]| -> Vec<Vec<u32>> {
        let all = self::forks(records);
        let arm = |f: u32| all.iter().find(|r| r.f == f).unwrap().arm;
        let rounds = records.iter().filter_map(|r| if let Record::Round(r) = r { Some(r) } else { None });
        rounds.filter(|r| r.b >= 0 && !r.w).map(|r| r.o.iter().map(|f| arm(*f)).collect()).collect()
    };
    assert_eq!(order(&records), order(&self::records(&again.log())));
}

#[test]
fn plain_commands_are_timed_with_their_counters() {
    let folder = Folder::new("plain");
    let marker = folder.0.join("marks");
    let prepare = format!("sh -c 'echo p >> {}'", marker.display());
    let json = succeed(
        &folder,
        &["--arm", "a=sleep 0.02", "--arm", "b=sleep 0.04", "--blocks", "5", "--prepare", &prepare, "--json"],
    );
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let row = &report["rows"][0];
    assert_eq!(row["metric"], "time");
    let minimum = |side: usize| row["sides"][side]["min"].as_f64().unwrap();
    assert!((0.02..0.04).contains(&minimum(0)) && minimum(1) >= 0.04, "{} {}", minimum(0), minimum(1));
    assert_eq!(row["sides"][0]["counts"]["used"], 5);
    let metrics: Vec<&str> = report["rows"].as_array().unwrap().iter().map(|r| r["metric"].as_str().unwrap()).collect();
    assert!(metrics.contains(&"user") && metrics.contains(&"system") && metrics.contains(&"max_rss"), "{metrics:?}");
    // Two pilots and five blocks of two arms each.
    assert_eq!(fs::read_to_string(marker).unwrap().lines().count(), 14);
    let pilots = forks(&records(&folder.log())).iter().filter(|f| f.block == PILOT_BLOCK).count();
    assert_eq!(pilots, 4);
}

#[test]
fn the_documented_values_are_taken() {
    let folder = Folder::new("values");
    let text = include_str!("../PROTOCOL.md");
    let script = text.split("```sh\n").nth(1).unwrap().split("```").next().unwrap();
    fs::write(folder.0.join("values.sh"), script).unwrap();
    let json = succeed(&folder, &["--blocks", "4", "--json", "--", "sh", "values.sh"]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let rows = report["rows"].as_array().unwrap();
    let row = |metric: &str| rows.iter().find(|r| r["metric"] == metric).unwrap();
    assert_eq!(row("time")["sides"][0]["max"], 0.0125);
    assert_eq!(row("time")["sides"][0]["counts"]["used"], 4);
    // The two pilot processes state theirs too.
    assert_eq!(row("time")["sides"][0]["counts"]["warmup"], 6);
    assert_eq!(row("hits")["better"], "higher");
}

#[test]
fn what_collectors_print_is_kept_and_takes_iterations_out() {
    let folder = Folder::new("gc-log");
    // Twenty iterations of a second; in the third of arm b three collections in a row.
    let script = |name: &str, cycles: &str| {
        let values: String = (0..20)
            .map(|i| format!("echo '{{\"value\":1.00{i:02},\"start\":{i}.5}}' >&\"$NOISEFLOOR_OUT\"\n"))
            .collect();
        let line = "0.1+1+0.1 ms clock, 0+0/0/0+0 ms cpu, 4->4->1 MB, 4 MB goal, 1 P";
        let cycles: String = cycles
            .split_whitespace()
            .zip(1..)
            .map(|(at, n)| format!("echo 'gc {n} @{at}s 1%: {line}' >&2\n"))
            .collect();
        fs::write(folder.0.join(name), values + &cycles).unwrap();
    };
    script("a.sh", "0.1");
    script("b.sh", "2.6 2.601 2.602");
    let arguments = ["--gc-log", "--arm", "a=sh a.sh", "--arm", "b=sh b.sh", "--blocks", "4", "--json"];
    let report: serde_json::Value = serde_json::from_str(&succeed(&folder, &arguments)).unwrap();
    let evidence = &report["evidence"][0];
    assert_eq!((evidence["attached_by"].as_str(), evidence["biases"].as_array().unwrap().len()), (Some("name"), 8));
    // The pilots, which are never used, are not in it.
    let marked: Vec<(u64, u64)> = evidence["biased"]
        .as_array()
        .unwrap()
        .iter()
        .map(|b| (b["side"].as_u64().unwrap(), b["value"].as_u64().unwrap()))
        .collect();
    assert_eq!(marked, [(1, 2); 4]);
    let excluded = |e: &serde_json::Value| (e["side"].as_u64().unwrap(), e["cause"].as_str().unwrap().to_string());
    let exclusions: Vec<_> = report["exclusions"].as_array().unwrap().iter().map(excluded).collect();
    assert!(exclusions.contains(&(1, "gc_biased".into())) && !exclusions.contains(&(0, "gc_biased".into())));
    // The same file beside the log gives the same report, and a name that is taken ends a run before it begins.
    let log = folder.log();
    let gc = log.with_file_name("log.gc.log");
    let check = Command::new(env!("CARGO_BIN_EXE_noisefloor")).arg("compare").args([&log, &gc]).output().unwrap();
    let text = String::from_utf8(check.stdout).unwrap();
    assert!(text.contains("Go collections") && text.contains("4 left out"), "{text}");
    fs::remove_file(&log).unwrap();
    let again = run(&folder, &arguments);
    assert_eq!(again.status.code(), Some(2), "{}", String::from_utf8_lossy(&again.stderr));
    assert!(!log.exists());
}

#[test]
fn the_documented_log_is_read() {
    let folder = Folder::new("documented-log");
    let path = folder.log();
    fs::write(&path, example_of(include_str!("../FORMAT.md"), "log")).unwrap();
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor")).arg("compare").arg(&path).arg("--json").output().unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(report["inputs"][0]["status"], "read");
    assert_eq!(report["inputs"][0]["notices"].as_array().unwrap().len(), 0);
    assert_eq!(report["inputs"][0]["values"], 4);
    let sides: Vec<&str> = report["sides"].as_array().unwrap().iter().map(|s| s["name"].as_str().unwrap()).collect();
    assert_eq!(sides, ["old", "new"]);
    assert_eq!(report["rows"][0]["benchmark"], "sum");
}

/// A line with its numbers levelled and its letters sorted: objects may state keys in any order.
fn shape(line: &str) -> String {
    let mut levelled = String::new();
    for c in line.chars() {
        match c {
            '0'..='9' | '.' if levelled.ends_with('0') => {}
            '0'..='9' => levelled.push('0'),
            c => levelled.push(c),
        }
    }
    let mut letters: Vec<char> = levelled.chars().collect();
    letters.sort_unstable();
    letters.into_iter().collect()
}

#[test]
fn the_documented_session_is_what_a_harness_says() {
    let folder = Folder::new("documented-session");
    let session = example_of(include_str!("../PROTOCOL.md"), "session");
    let questions: String = session.lines().filter_map(|l| l.strip_prefix("> ")).map(|q| format!("{q}\n")).collect();
    let (asked, answered) = (folder.0.join("questions"), folder.0.join("answers"));
    fs::write(&asked, questions).unwrap();
    let script = "exec 3<\"$1\" 4>\"$2\"; NOISEFLOOR_IN=3 NOISEFLOOR_OUT=4 exec \"$0\" naive";
    let status =
        Command::new("sh").args(["-c", script]).arg(example("json_encoder")).arg(asked).arg(&answered).status();
    assert!(status.unwrap().success());
    let answers = fs::read_to_string(answered).unwrap();
    let want: Vec<String> = session.lines().filter_map(|l| l.strip_prefix("< ")).map(shape).collect();
    assert_eq!(answers.lines().map(shape).collect::<Vec<_>>(), want, "{answers}");
}

#[test]
fn a_failure_fails_the_run_and_keeps_the_log() {
    let folder = Folder::new("failure");
    // Fails from the fifth process on: after the pilots and two blocks.
    let script = "sh -c 'echo x >> n; test $(wc -l < n) -lt 5'";
    let out = run(&folder, &["--blocks", "5", "--arm", &format!("a={script}"), "--arm", "b=true"]);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(2), "{told}");
    assert!(told.contains("exit code 1") && told.contains("kept"), "{told}");
    assert_eq!(closed(&records(&folder.log())), [0, 1]);
    // The log is never overwritten, and ignoring the failure is a choice.
    let again = run(&folder, &["--blocks", "1", "--", "true"]);
    assert_eq!(again.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&again.stderr).contains("never overwritten"));
    let ignored = Folder::new("ignored");
    succeed(&ignored, &["--blocks", "3", "--ignore-failure", "--", "false"]);
    let setup = Folder::new("setup");
    let out = run(&setup, &["--blocks", "3", "--setup", "false", "--", "true"]);
    assert!(out.status.code() == Some(2) && String::from_utf8_lossy(&out.stderr).contains("setup: `false`"));
    assert!(!setup.log().exists(), "an empty log is left behind");
    let missing = Folder::new("missing");
    let out = run(&missing, &["--blocks", "3", "--", "./no-such-program"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(!missing.log().exists(), "an empty log is left behind");
}

#[test]
fn a_process_that_takes_too_long_is_stopped_with_its_children() {
    let folder = Folder::new("timeout");
    let began = Instant::now();
    let out = run(&folder, &["--timeout", "300ms", "--blocks", "1", "--", "sh", "-c", "sleep 30 & wait"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("did not end within 0.3 s"));
    assert!(began.elapsed() < Duration::from_secs(10));
}

#[test]
fn an_interrupted_run_keeps_all_and_goes_on() {
    let folder = Folder::new("interrupt");
    let arms = arms();
    let arguments = with_arms(&arms, &["--blocks", "400", "--pairs", "4"]);
    let child = command(&folder, &arguments).stderr(Stdio::piped()).stdout(Stdio::null()).spawn().unwrap();
    wait_for_blocks(&folder.log(), 2);
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    let out = child.wait_with_output().unwrap();
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(130), "{told}");
    assert!(told.contains("--resume"), "{told}");
    let first = records(&folder.log());
    let done = closed(&first).len();
    assert!(matches!(first.last(), Some(Record::End(end)) if end.interrupted));
    assert!((2..400).contains(&done));
    // What is there is a valid log; a wrong arm is refused; without arms those of the log count.
    let check = Command::new(env!("CARGO_BIN_EXE_noisefloor")).arg("compare").arg(folder.log()).output().unwrap();
    assert_ne!(check.status.code(), Some(2), "{}", String::from_utf8_lossy(&check.stderr));
    let other = run(&folder, &["--resume", "another.jsonl"]);
    assert!(String::from_utf8_lossy(&other.stderr).contains("two logs"));
    let wrong = run(&folder, &["--resume", "--arm", "naive=true", "--arm", "improved=true"]);
    assert_eq!(wrong.status.code(), Some(2));
    let mut child =
        command(&folder, &["--resume", "log.jsonl"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_blocks(&folder.log(), done + 2);
    child.kill().unwrap();
    child.wait().unwrap();
    let second = records(&folder.log());
    assert_eq!(second[..first.len()], first[..], "what was written has changed");
}

#[test]
fn a_killed_run_loses_no_record() {
    let folder = Folder::new("kill");
    let arms = arms();
    let arguments = with_arms(&arms, &["--blocks", "2000", "--pairs", "4"]);
    for strike in 0..5 {
        let mut arguments = arguments.clone();
        if strike > 0 {
            arguments.push("--resume");
        }
        let before = if strike > 0 { closed(&records(&folder.log())).len() } else { 0 };
        let mut child = command(&folder, &arguments).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for_blocks(&folder.log(), before + 2);
        std::thread::sleep(Duration::from_millis(3 * strike + 1));
        child.kill().unwrap();
        child.wait().unwrap();
        // `records` refuses any damaged line; every block that was begun before the last is closed.
        let done = closed(&records(&folder.log()));
        assert!(done.len() >= before + 2);
        assert_eq!(done, (0..done.len() as i64).collect::<Vec<_>>(), "a block is missing or twice");
    }
}

#[test]
fn a_redacted_log_names_neither_command_nor_host() {
    let folder = Folder::new("redact");
    succeed(&folder, &["--redact", "--blocks", "2", "--", "true", "secret-argument"]);
    let text = fs::read_to_string(folder.log()).unwrap();
    assert!(!text.contains("secret-argument") && !text.contains("\"hostname\""));
}

#[test]
fn the_harness_alone_writes_a_log_that_is_judged() {
    let folder = Folder::new("alone");
    let out = Command::new(example("json_encoder"))
        .args(["--time", "0.05", "-o"])
        .arg(folder.log())
        .current_dir(&folder.0)
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert!(String::from_utf8_lossy(&out.stdout).contains("encode"));
    assert!(matches!(records(&folder.log()).first(), Some(Record::Header(h)) if h.mode == Mode::Harness));
    let listed = Command::new(example("json_encoder")).arg("--list").output().unwrap();
    assert_eq!(String::from_utf8_lossy(&listed.stdout), "encode\n");
    assert!(Command::new(example("json_encoder")).arg("--test").status().unwrap().success());
}

/// Arms that hand over values near 1 and `factor`, as deterministic as process numbers are.
fn valued(factor: &str) -> [String; 2] {
    let arm =
        |name: &str, value: &str| format!("{name}=sh -c 'echo \"{{\\\"value\\\":{value}.00$$}}\" >&$NOISEFLOOR_OUT'");
    [arm("a", "1"), arm("b", factor)]
}

#[test]
fn an_adaptive_run_ends_at_the_first_look_that_decides() {
    let folder = Folder::new("adaptive");
    let [a, b] = valued("2");
    let arguments = ["--arm", &a, "--arm", &b, "--adaptive", "--blocks", "20", "--json"];
    let out = run(&folder, &arguments);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(1), "{told}");
    assert!(told.contains("decided at look 1 of 4, after 5 of at most 20 blocks"), "{told}");
    let records = records(&folder.log());
    assert_eq!(closed(&records), [0, 1, 2, 3, 4]);
    let Some(Record::Header(header)) = records.first() else { panic!("no header first") };
    let plan = header.plan.stopping.as_ref().unwrap();
    assert_eq!((plan.rule.as_str(), &plan.looks[..], plan.cap), ("group_sequential", &[5, 10, 15, 20][..], 20));
    assert_eq!((plan.alpha, plan.margin, header.plan.blocks), (0.05, 0.01, 20));
    assert!(records.iter().any(|r| matches!(r, Record::Note(n) if n.code == "stopped")));
    assert!(matches!(records.last(), Some(Record::End(end)) if !end.interrupted));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let comparison = &report["rows"][0]["comparisons"][0];
    assert_eq!((&comparison["verdict"], &comparison["n"]), (&"regressed".into(), &5.into()));
    assert_eq!((&comparison["stopping"]["look"], &comparison["stopping"]["ways"]), (&1.into(), &4.into()));
    // Whoever judges the log judges it by its plan.
    let check = Command::new(env!("CARGO_BIN_EXE_noisefloor")).arg("compare").arg(folder.log()).output().unwrap();
    let text = String::from_utf8_lossy(&check.stdout).replace('\n', " ");
    assert!(text.contains("hold for all its looks together (5, 10, 15, 20 blocks)"), "{text}");
    // It is complete: there is nothing to go on with.
    let again = run(&folder, &["--resume"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing was left to do"));
}

#[test]
fn an_any_time_run_ends_after_the_first_block_that_decides() {
    let folder = Folder::new("any-time");
    let [a, b] = valued("2");
    let arguments = ["--arm", &a, "--arm", &b, "--adaptive=any-time", "--blocks", "40", "--json"];
    let out = run(&folder, &arguments);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(1), "{told}");
    assert!(told.contains("any-time rule: decided after 20 of at most 40 blocks"), "{told}");
    let records = records(&folder.log());
    assert_eq!(closed(&records).len(), 20);
    let Some(Record::Header(header)) = records.first() else { panic!("no header first") };
    let plan = header.plan.stopping.as_ref().unwrap();
    assert_eq!((plan.rule.as_str(), plan.looks.len(), plan.cap), ("confidence_sequence", 0, 40));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let stopping = &report["rows"][0]["comparisons"][0]["stopping"];
    assert_eq!(stopping["any_time"], 40);
    // Wider than a fixed number of blocks would be.
    assert!(stopping["nominal_confidence"].as_f64().unwrap() > 0.99, "{stopping}");
    let check = Command::new(env!("CARGO_BIN_EXE_noisefloor")).arg("compare").arg(folder.log()).output().unwrap();
    let text = String::from_utf8_lossy(&check.stdout).replace('\n', " ");
    assert!(text.contains("could stop after any block"), "{text}");
    let few = run(&Folder::new("any-time-few"), &["--arm", &a, "--arm", &b, "--adaptive=any-time", "--blocks", "19"]);
    assert!(String::from_utf8_lossy(&few.stderr).contains("fewer cannot end early"));
}

#[test]
fn a_run_by_bets_on_signs_ends_after_the_first_block_that_decides() {
    let folder = Folder::new("signs");
    let [a, b] = valued("2");
    let out = run(&folder, &["--arm", &a, "--arm", &b, "--adaptive=signs", "--blocks", "40", "--json"]);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(1), "{told}");
    let records = records(&folder.log());
    let blocks = closed(&records).len();
    // Fewer than the confidence sequence waits for.
    assert!(
        blocks < 20 && told.contains(&format!("bets on signs: decided after {blocks} of at most 40 blocks")),
        "{told}"
    );
    let Some(Record::Header(header)) = records.first() else { panic!("no header first") };
    let plan = header.plan.stopping.as_ref().unwrap();
    assert_eq!((plan.rule.as_str(), plan.looks.len(), plan.cap), ("sign_bets", 0, 40));
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let comparison = &report["rows"][0]["comparisons"][0];
    assert_eq!((&comparison["method"], &comparison["stopping"]["signs"]), (&"sign_bets".into(), &true.into()));
    let interval = &comparison["difference"]["interval"];
    let [low, high] = ["low", "high"].map(|bound| interval[bound].as_f64().unwrap());
    let estimate = comparison["difference"]["estimate"].as_f64().unwrap();
    assert!(low > 0.0 && low <= estimate && estimate <= high && comparison["p"].as_f64() < Some(0.01), "{comparison}");
    let check = Command::new(env!("CARGO_BIN_EXE_noisefloor")).arg("compare").arg(folder.log()).output().unwrap();
    let text = String::from_utf8_lossy(&check.stdout).replace('\n', " ");
    assert!(text.contains("bets on signs"), "{text}");
    let again = run(&folder, &["--resume", "--blocks", "60"]);
    assert!(String::from_utf8_lossy(&again.stderr).contains("nothing was left to do"));
}

#[test]
fn an_any_time_run_that_ends_undecided_tells_what_decides_it_and_goes_on() {
    let folder = Folder::new("any-time-further");
    // Values that differ by chance and by much; what the file `fails` names as its number fails, once.
    let script = "n=$(wc -l < n); echo x >> n; test \"$n\" != \"$(cat fails)\" || exit 1; \
                  set -- 1.0 1.4 1.1 1.3 1.2; shift $((n * 7 % 5)); echo \"{\\\"value\\\":$1}\" >&$NOISEFLOOR_OUT";
    fs::write(folder.0.join("n"), "").unwrap();
    fs::write(folder.0.join("fails"), "").unwrap();
    fs::write(folder.0.join("values.sh"), script).unwrap();
    let arms = ["--arm", "a=sh values.sh", "--arm", "b=sh values.sh"];
    let out = run(
        &folder,
        &[&arms[..], &["--adaptive=any-time", "--blocks", "20", "--seed", "1", "--margin", "10%"]].concat(),
    );
    let (told, text) = (String::from_utf8_lossy(&out.stderr), String::from_utf8_lossy(&out.stdout));
    assert!(told.contains("any-time rule: 1 of 1 not decided after 20 of at most 20 blocks"), "{told}");
    let words = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    assert!(words.contains(" more blocks, about ") && words.contains(" ±10%"), "{text}");
    let most = words.split("noisefloor run --resume LOG --blocks ").nth(1).and_then(|t| t.split(' ').next());
    assert!(most.unwrap().parse::<u32>().unwrap() > 20, "{text}");
    assert!(!words.contains("only a new one decides"), "{text}");
    let first = records(&folder.log());
    // No more than was planned is nothing to go on for.
    for same in [&["--resume"][..], &["--resume", "--blocks", "20"], &["--resume", "--budget", "1ms"]] {
        let again = run(&folder, same);
        let told = String::from_utf8_lossy(&again.stderr).to_string();
        // One block more is what any time is enough for.
        assert_eq!(told.contains("nothing was left to do"), !same.contains(&"--budget"), "{told}");
    }
    let one_more = records(&folder.log());
    assert_eq!((closed(&one_more).len(), &one_more[..first.len()]), (21, &first[..]));
    // A process fails on the way to 45 blocks; whoever goes on then need not say 45 again.
    let number = fs::read_to_string(folder.0.join("n")).unwrap().lines().count() + 20;
    fs::write(folder.0.join("fails"), number.to_string()).unwrap();
    let failed = run(&folder, &["--resume", "--blocks", "45"]);
    assert_eq!(failed.status.code(), Some(2), "{}", String::from_utf8_lossy(&failed.stderr));
    let done = closed(&records(&folder.log())).len();
    assert!(done > 21 && done < 45, "{done}");
    let out = run(&folder, &["--resume", "--margin", "10%", "--json"]);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    let last = records(&folder.log());
    let blocks = closed(&last).len();
    assert!(told.contains(&format!("decided after {blocks} of at most 45 blocks")), "{told}");
    assert!(blocks > done && blocks < 45 && last[0] == first[0], "{blocks}");
    let extended: Vec<Option<u32>> = last
        .iter()
        .filter_map(|r| if let Record::Note(n) = r { (n.code == "extended").then_some(n.blocks) } else { None })
        .collect();
    assert_eq!(extended, [Some(21), Some(45)]);
    // It is judged by the sequence as it was tuned before the first block.
    let report: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    let comparison = &report["rows"][0]["comparisons"][0];
    assert_eq!((&comparison["n"], &comparison["stopping"]["any_time"]), (&blocks.into(), &20.into()));
    assert_eq!((&comparison["verdict"], &comparison["plan"]), (&"equivalent".into(), &serde_json::Value::Null));
    assert!(String::from_utf8_lossy(&run(&folder, &["--resume"]).stderr).contains("nothing was left to do"));
    // More blocks of what is decided: nothing is set up and nothing is written.
    for more in [["--blocks", "90"], ["--budget", "1m"]] {
        let out = run(&folder, &[&["--resume", "--margin", "10%", "--setup", "touch set-up"][..], &more].concat());
        let told = String::from_utf8_lossy(&out.stderr).to_string();
        assert!(
            told.contains(&format!("decided after {blocks} of")) && told.contains("nothing was left to do"),
            "{told}"
        );
        assert_eq!((records(&folder.log()).len(), folder.0.join("set-up").exists()), (last.len(), false));
    }
    // Planned looks end where they were planned to end.
    let looks = Folder::new("looks-further");
    fs::copy(folder.0.join("values.sh"), looks.0.join("values.sh")).unwrap();
    fs::write(looks.0.join("n"), "").unwrap();
    fs::write(looks.0.join("fails"), "").unwrap();
    let out = run(&looks, &[&arms[..], &["--adaptive", "--blocks", "6"]].concat());
    let text = String::from_utf8_lossy(&out.stdout).to_string();
    let words = text.split_whitespace().collect::<Vec<&str>>().join(" ");
    assert!(words.contains("only a new one decides") && !words.contains("--resume"), "{text}");
    let further = run(&looks, &["--resume", "--blocks", "12"]);
    assert!(String::from_utf8_lossy(&further.stderr).contains("nothing was left to do"));
}

#[test]
fn an_adaptive_run_keeps_its_plan_when_it_goes_on() {
    let folder = Folder::new("adaptive-resume");
    // Values that differ by chance alone and by much, and a failure after the pilots and seven blocks.
    let script = "n=$(wc -l < n); echo x >> n; test \"$n\" -ne 18 || exit 1; \
                  set -- 1.0 1.4 1.1 1.3 1.2; shift $((n * 7 % 5)); echo \"{\\\"value\\\":$1}\" >&$NOISEFLOOR_OUT";
    fs::write(folder.0.join("n"), "").unwrap();
    fs::write(folder.0.join("values.sh"), script).unwrap();
    let arms = ["--arm", "a=sh values.sh", "--arm", "b=sh values.sh"];
    let out = run(&folder, &[&arms[..], &["--adaptive", "--blocks", "12"]].concat());
    assert_eq!(out.status.code(), Some(2), "{}", String::from_utf8_lossy(&out.stderr));
    let first = records(&folder.log());
    let done = closed(&first).len();
    assert!(done > 3 && done < 12, "{done}");
    let out = run(&folder, &["--resume", "--margin", "30%"]);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert!(told.contains("at look 2 of 2, after 12 of at most 12 blocks"), "{told}");
    let second = records(&folder.log());
    assert_eq!((closed(&second).len(), &second[0]), (12, &first[0]));
    // A plan cannot be made after the first look.
    let fixed = Folder::new("adaptive-late");
    succeed(&fixed, &["--blocks", "2", "--arm", "a=true", "--arm", "b=true"]);
    let late = run(&fixed, &["--resume", "--adaptive"]);
    assert!(String::from_utf8_lossy(&late.stderr).contains("begun without --adaptive"));
    for wrong in
        [&["--adaptive", "--", "true"][..], &["--adaptive", "--blocks", "1", "--arm", "a=true", "--arm", "b=true"]]
    {
        let folder = Folder::new("adaptive-wrong");
        assert_eq!(run(&folder, wrong).status.code(), Some(2));
        assert!(!folder.log().exists());
    }
}
