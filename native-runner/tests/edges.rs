//! `noisefloor run` where things go wrong, and its documents against the code.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use noisefloor_core::log::{
    ArmRecord, Block, End, Exit, ForkRecord, Header, Note, Plan, ProfileRecord, Record, Round, StoppingPlan, Value,
};
use support::{Folder, arms, closed, command, example, records, run, succeed, wait_for_blocks, with_arms};

/// Runs and gives what it told on standard error; it must have failed as a measurement.
#[track_caller]
fn fail(folder: &Folder, arguments: &[&str]) -> String {
    let out = run(folder, arguments);
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(2), "{arguments:?}: {told}");
    told
}

#[track_caller]
fn wait_until(what: &str, mut done: impl FnMut() -> bool) {
    let began = Instant::now();
    while !done() {
        assert!(began.elapsed() < Duration::from_secs(60), "{what}: not within a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

/// Keys of an object and of those in it that the document lists too.
fn keys(value: &serde_json::Value, into: &mut BTreeSet<String>) {
    for (key, value) in value.as_object().unwrap() {
        into.insert(key.clone());
        match value {
            serde_json::Value::Object(_) if key == "plan" || key == "stopping" => keys(value, into),
            serde_json::Value::Array(list) if key == "arms" => keys(&list[0], into),
            _ => {}
        }
    }
}

#[test]
fn the_documented_fields_are_those_of_the_log() {
    let text = || "x".to_string();
    let every = [
        Record::Header(Header {
            arms: vec![ArmRecord::default()],
            plan: Plan { stopping: Some(Box::new(StoppingPlan::default())), ..Plan::default() },
            settings: [(text(), text())].into(),
            ..Header::default()
        }),
        Record::Fork(ForkRecord { benchmark: Some(text()), ..ForkRecord::default() }),
        Record::Round(Round { t: Some(1), m: vec![vec![text()]], w: true, ..Round::default() }),
        Record::Value(Value {
            benchmark: Some(text()),
            better: Some(text()),
            m: vec![text()],
            w: true,
            ..Value::default()
        }),
        Record::Exit(Exit { signal: Some(9), ignored: true, ..Exit::default() }),
        Record::Block(Block { why: Some(text()), ..Block::default() }),
        Record::Profile(ProfileRecord::default()),
        Record::Note(Note::default()),
        Record::End(End::default()),
    ];
    let document = include_str!("../FORMAT.md");
    let mut kinds = Vec::new();
    for record in every {
        let value = serde_json::to_value(&record).unwrap();
        let kind = value["r"].as_str().unwrap().to_string();
        let row = document.lines().find(|l| l.starts_with(&format!("| `{kind}` |")));
        let row = row.unwrap_or_else(|| panic!("FORMAT.md has no row for {kind}"));
        let named: BTreeSet<&str> = row.split('`').skip(1).step_by(2).collect();
        let mut all = BTreeSet::new();
        keys(&value, &mut all);
        all.remove("r");
        for key in all {
            assert!(named.contains(key.as_str()), "FORMAT.md does not name {kind}.{key}");
        }
        kinds.push(kind);
    }
    let rows = document.lines().filter(|l| l.starts_with("| `") && !l.starts_with("| `r`")).count();
    assert_eq!(rows, kinds.len(), "FORMAT.md and the log have different records");
}

#[test]
fn values_may_end_without_a_line_feed_and_blank_lines_are_none() {
    let folder = Folder::new("no-feed");
    let script = "printf '\\n{\"value\":2}\\n\\n{\"value\":3}' >&\"$NOISEFLOOR_OUT\"";
    let json = succeed(&folder, &["--blocks", "3", "--json", "--", "sh", "-c", script]);
    let report: serde_json::Value = serde_json::from_str(&json).unwrap();
    let side = &report["rows"][0]["sides"][0];
    assert_eq!((&side["counts"]["used"], &side["min"], &side["max"]), (&6.into(), &2.0.into(), &3.0.into()), "{side}");
    let bad = Folder::new("bad-line");
    let told = fail(&bad, &["--blocks", "1", "--", "sh", "-c", "echo '{\"value\":\"fast\"}' >&$NOISEFLOOR_OUT"]);
    assert!(told.contains("a line is no value") && told.contains("fast"), "{told}");
}

#[test]
fn arms_that_cannot_be_measured_alike_are_refused() {
    let folder = Folder::new("mixed");
    let (plain, driven) = ("plain=true".to_string(), format!("driven={}", example("json_encoder")));
    for list in [[&plain, &driven], [&driven, &plain]] {
        let told = fail(&folder, &["--blocks", "1", "--arm", list[0], "--arm", list[1]]);
        assert!(told.contains("driven speaks the harness protocol and"), "{told}");
        let _ = fs::remove_file(folder.log());
    }
    let told = fail(&folder, &["--blocks", "1", "--", "./no-such-program"]);
    assert!(told.contains("there is no such program"), "{told}");
    let told = fail(&folder, &["--blocks", "1", "--cwd", "no-such-folder", "--", "true"]);
    assert!(told.contains("--cwd no-such-folder"), "{told}");
    assert!(fail(&folder, &["--blocks", "1", "--", ""]).contains("an empty command"));
}

#[test]
fn a_failure_in_the_pilot_is_in_the_log() {
    let folder = Folder::new("pilot");
    let told = fail(&folder, &["--blocks", "3", "--", "sh", "-c", "exit 3"]);
    assert!(told.contains("exit code 3"), "{told}");
    let records = records(&folder.log());
    assert!(matches!(&records[0], Record::Header(h) if h.plan.blocks == 0));
    assert!(records.iter().any(|r| matches!(r, Record::Exit(e) if e.status == Some(3))));
    assert!(matches!(records.last(), Some(Record::End(e)) if e.interrupted));
    assert!(fail(&folder, &["--resume"]).contains("ended in its pilot"));
}

/// A harness that measures nothing: `slow` seconds pass in each batch, and it answers 0 ns.
fn idle_harness(slow: &str) -> String {
    format!(
        "echo '{{\"noisefloor\":1,\"benchmarks\":[\"x\"]}}' >&$NOISEFLOOR_OUT
         while read -r word rest <&$NOISEFLOOR_IN; do
           case $word in
             batch) sleep {slow}; echo ok 0 0 0 1 ;;
             quit) echo ok >&$NOISEFLOOR_OUT; exit ;;
             *) echo ok ;;
           esac >&$NOISEFLOOR_OUT
         done"
    )
}

#[test]
fn a_stopped_clock_does_not_stop_the_run() {
    let folder = Folder::new("stopped-clock");
    let out = run(&folder, &["--blocks", "1", "--", "sh", "-c", &idle_harness("0.02")]);
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    let records = records(&folder.log());
    let Record::Header(header) = &records[0] else { panic!("no header first") };
    assert!(header.plan.pairs < 30, "{} rounds of 20 ms and more", header.plan.pairs);
    let moved = records.iter().filter(|r| matches!(r, Record::Round(r) if r.m == [["migrated"]])).count();
    assert!(moved > 0, "migrations are lost");
}

#[test]
fn a_redacted_run_leaks_no_word_of_its_commands() {
    let folder = Folder::new("redact-all");
    let program = folder.0.join("classified-tool");
    fs::copy(example("json_encoder"), &program).unwrap();
    let line = program.display().to_string();
    succeed(&folder, &["--redact", "--profile", "--blocks", "1", "--pairs", "2", "--cwd", "/tmp", "--", &line]);
    let mut inspected = 0;
    for file in fs::read_dir(&folder.0).unwrap().map(|f| f.unwrap().path()) {
        let bytes = match file.extension().and_then(|e| e.to_str()) {
            Some("jsonl") => fs::read(&file).unwrap(),
            Some("gz") => Command::new("gzip").arg("-dc").arg(&file).output().unwrap().stdout,
            _ => continue,
        };
        let text = String::from_utf8_lossy(&bytes);
        assert!(!text.contains("classified") && !text.contains("/tmp"), "{}", file.display());
        assert!(!text.contains(env!("CARGO_MANIFEST_DIR")), "{} names a folder of the sources", file.display());
        inspected += 1;
    }
    assert!(inspected > 0);
    // What went wrong is said on the terminal and not in the log.
    let failing = Folder::new("redact-failure");
    let line = "sh -c 'echo x >> n; test $(wc -l < n) -lt 4 # classified'";
    let told = fail(&failing, &["--redact", "--blocks", "3", "--arm", &format!("a={line}"), "--arm", "b=true"]);
    assert!(told.contains("classified"));
    let text = fs::read_to_string(failing.log()).unwrap();
    assert!(text.contains("a process ended with exit code 1") && !text.contains("classified"), "{text}");
}

#[test]
fn an_interrupted_run_cleans_up() {
    let folder = Folder::new("cleanup");
    // It closes what it inherited: its end must be waited for all the same.
    let cleanup = "sh -c 'eval \"exec $NOISEFLOOR_OUT>&- $NOISEFLOOR_IN<&-\"; sleep 0.3; echo done > cleaned'";
    for (signal, code) in [("-TERM", 143), ("-INT", 130)] {
        let mut child = command(&folder, &["--blocks", "9000", "--cleanup", cleanup, "--", "sleep", "0.01"]);
        let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        wait_for_blocks(&folder.log(), 1);
        Command::new("kill").args([signal, &child.id().to_string()]).status().unwrap();
        assert_eq!(child.wait().unwrap().code(), Some(code));
        assert_eq!(fs::read_to_string(folder.0.join("cleaned")).unwrap(), "done\n");
        fs::remove_file(folder.0.join("cleaned")).unwrap();
        fs::remove_file(folder.log()).unwrap();
    }
}

#[test]
fn the_child_of_a_killed_run_dies_with_it() {
    let folder = Folder::new("orphan");
    let mut child = command(&folder, &["--blocks", "2", "--", "sh", "-c", "echo $$ > pid; exec sleep 600"]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    let file = folder.0.join("pid");
    wait_until("the command starts", || fs::read_to_string(&file).is_ok_and(|t| t.ends_with('\n')));
    let pid = fs::read_to_string(&file).unwrap().trim().to_string();
    child.kill().unwrap();
    child.wait().unwrap();
    // Nobody may be there to reap it.
    let state = || fs::read_to_string(format!("/proc/{pid}/stat"));
    wait_until("the command dies", || state().is_ok_and(|s| s.contains(") Z ")) || state().is_err());
}

#[test]
fn going_on_measures_in_the_same_way() {
    let folder = Folder::new("same-way");
    let begin = ["--blocks", "9000", "--prepare", "true && true", "--env", "TOKEN=classified", "--shell"];
    let mut child = command(&folder, &[&begin[..], &["--", "sleep 0.01 | cat"]].concat());
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_blocks(&folder.log(), 1);
    // Two writers would mix their blocks.
    let resume = ["--resume", "--env", "TOKEN=classified"];
    assert!(fail(&folder, &resume).contains("another process is writing"));
    child.kill().unwrap();
    child.wait().unwrap();
    assert!(!fs::read_to_string(folder.log()).unwrap().contains("classified"));
    assert!(fail(&folder, &["--resume"]).contains("another --env"));
    assert!(fail(&folder, &[&resume[..], &["--prepare", "false"]].concat()).contains("another --prepare"));
    // The shell and the preparation need not be named again.
    let done = closed(&records(&folder.log())).len();
    let mut child = command(&folder, &resume).stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_for_blocks(&folder.log(), done + 1);
    child.kill().unwrap();
    child.wait().unwrap();
}

#[test]
fn a_full_disk_loses_no_record() {
    let folder = Folder::new("full");
    let arms = arms();
    // Where writing is refused at a size there is no signal, as on a full disk.
    let limited = "trap '' XFSZ; ulimit -f 48; exec \"$0\" run -o log.jsonl --blocks 300 \"$@\"";
    let mut command = Command::new("sh");
    command.current_dir(&folder.0).args(["-c", limited, env!("CARGO_BIN_EXE_noisefloor")]);
    let out = command.args(with_arms(&arms, &["--pairs", "40"])).output().unwrap();
    let told = String::from_utf8_lossy(&out.stderr).to_string();
    assert_eq!(out.status.code(), Some(2), "{told}");
    assert!(told.contains("File too large") && told.contains("kept"), "{told}");
    let bytes = fs::read(folder.log()).unwrap();
    assert!(bytes.ends_with(b"\n"), "half a record is left behind");
    assert!(closed(&records(&folder.log())).len() > 1);
    // With room again it goes on behind the last whole record.
    let mut child = support::command(&folder, &["--resume"]).stdout(Stdio::null()).stderr(Stdio::null()).spawn();
    let done = closed(&records(&folder.log())).len();
    wait_for_blocks(&folder.log(), done + 1);
    child.as_mut().unwrap().kill().unwrap();
    child.unwrap().wait().unwrap();
    assert!(fs::read(folder.log()).unwrap().starts_with(&bytes));
}

#[test]
fn hostile_names_stay_text_and_a_closed_pipe_is_no_failure() {
    let folder = Folder::new("names");
    let name = "\u{1b}[31mred\n\u{202e}基准".to_string() + &"x".repeat(10_000);
    let text = succeed(&folder, &["-n", &name, "--blocks", "2", "--", "true"]);
    assert!(!text.contains(['\u{1b}', '\u{202e}']) && text.contains("基准"), "{text}");
    assert!(text.lines().all(|l| l.chars().count() < 400), "{text}");
    // Without -o the name is one for a file.
    let out = Command::new(env!("CARGO_BIN_EXE_noisefloor"))
        .current_dir(&folder.0)
        .args(["run", "--blocks", "1", "-n", &format!("../{name}"), "--", "true"])
        .output()
        .unwrap();
    assert!(out.status.success(), "{}", String::from_utf8_lossy(&out.stderr));
    assert_eq!(fs::read_dir(&folder.0).unwrap().count(), 2);
    let mut child = Command::new(env!("CARGO_BIN_EXE_noisefloor"))
        .current_dir(&folder.0)
        .args(["check", "log.jsonl", "--json"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .unwrap();
    drop(child.stdout.take());
    let out = child.wait_with_output().unwrap();
    assert!(out.status.success() && out.stderr.is_empty(), "{}", String::from_utf8_lossy(&out.stderr));
}

#[test]
fn a_wrong_setting_is_shown_with_its_place() {
    let folder = Folder::new("settings");
    fs::write(folder.0.join("noisefloor.toml"), "[stats]\nmargin = 0.02\nmargn = 2\n").unwrap();
    let told = fail(&folder, &["--blocks", "1", "--", "true"]);
    assert!(told.contains("line 3") && told.contains("margn") && told.lines().count() > 2, "{told}");
    assert!(!folder.log().exists() && Path::new(&folder.0).exists());
}

#[test]
fn a_harness_alone_that_is_interrupted_keeps_its_values() {
    let folder = Folder::new("alone-interrupted");
    let mut child = Command::new(example("json_encoder"));
    child.current_dir(&folder.0).args(["--time", "600", "-o", "log.jsonl"]);
    let mut child = child.stdout(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
    wait_until("the first values", || fs::read(folder.log()).is_ok_and(|b| b.windows(9).any(|w| w == b"\"r\":\"valu")));
    Command::new("kill").args(["-INT", &child.id().to_string()]).status().unwrap();
    assert_eq!(child.wait().unwrap().code(), Some(130));
    let records = records(&folder.log());
    assert!(matches!(records.last(), Some(Record::End(e)) if e.interrupted));
    let spent = records.iter().find_map(|r| if let Record::Exit(e) = r { e.evidence.get("user_s") } else { None });
    assert!(spent.is_some_and(|s| *s > 0.0), "{spent:?}");
}

#[test]
fn filters_that_match_nothing_fail_and_reports_print_when_asked() {
    let folder = Folder::new("judging");
    fs::write(folder.log(), support::example_of(include_str!("../FORMAT.md"), "log")).unwrap();
    let noisefloor = |arguments: &[&str]| {
        let mut command = Command::new(env!("CARGO_BIN_EXE_noisefloor"));
        command.current_dir(&folder.0).args(arguments).output().unwrap()
    };
    let out = noisefloor(&["compare", "log.jsonl", "--filter", "typing-error"]);
    assert_eq!(out.status.code(), Some(2));
    assert!(String::from_utf8_lossy(&out.stderr).contains("no benchmark matches --filter typing-error"));
    let page = "<!--NOISEFLOOR-STATIC--><script><!--NOISEFLOOR-DATA--></script>";
    fs::write(folder.0.join("page.html"), page).unwrap();
    let out = noisefloor(&["report", "log.jsonl", "--page", "page.html", "-o", "report.html", "--json"]);
    let printed: serde_json::Value = serde_json::from_slice(&out.stdout).unwrap();
    assert_eq!(printed["rows"][0]["benchmark"], "sum");
    // The page holds the very bytes.
    let html = fs::read_to_string(folder.0.join("report.html")).unwrap();
    let data = html.split("<script>").nth(1).unwrap().split("</script>").next().unwrap();
    let data: serde_json::Value = serde_json::from_str(data).unwrap();
    assert_eq!(data["report_json"].as_str().unwrap().as_bytes(), out.stdout.strip_suffix(b"\n").unwrap());
}
