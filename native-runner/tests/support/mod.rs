//! What the tests of whole runs share.
#![allow(dead_code, reason = "each file of tests uses a part")]

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::time::{Duration, Instant};

use noisefloor_core::log::{ForkRecord, Record, decode};

/// A folder of its own for a test, removed at its end.
pub(crate) struct Folder(pub(crate) PathBuf);

impl Folder {
    pub(crate) fn new(name: &str) -> Folder {
        let path = std::env::temp_dir().join(format!("noisefloor-run-{name}-{}", std::process::id()));
        let _ = fs::remove_dir_all(&path);
        fs::create_dir_all(&path).unwrap();
        Folder(path)
    }
    pub(crate) fn log(&self) -> PathBuf {
        self.0.join("log.jsonl")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

pub(crate) fn example(name: &str) -> String {
    let binary = Path::new(env!("CARGO_BIN_EXE_noisefloor"));
    binary.parent().unwrap().join("examples").join(name).display().to_string()
}

pub(crate) fn command(folder: &Folder, arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_noisefloor"));
    command.current_dir(&folder.0).arg("run").args(["-o", "log.jsonl"]).args(arguments);
    command
}

pub(crate) fn run(folder: &Folder, arguments: &[&str]) -> Output {
    command(folder, arguments).output().unwrap()
}

#[track_caller]
pub(crate) fn succeed(folder: &Folder, arguments: &[&str]) -> String {
    let out = run(folder, arguments);
    assert!(matches!(out.status.code(), Some(0 | 1)), "{arguments:?}: {}", String::from_utf8_lossy(&out.stderr));
    String::from_utf8(out.stdout).unwrap()
}

pub(crate) fn records(path: &Path) -> Vec<Record> {
    let bytes = fs::read(path).unwrap();
    let mut lines: Vec<&[u8]> = bytes.split(|b| *b == b'\n').collect();
    // What follows the last line feed is torn, or nothing.
    lines.pop();
    lines.into_iter().map(|l| decode(l).unwrap()).collect()
}

pub(crate) fn forks(records: &[Record]) -> Vec<ForkRecord> {
    records.iter().filter_map(|r| if let Record::Fork(f) = r { Some(f.clone()) } else { None }).collect()
}

pub(crate) fn closed(records: &[Record]) -> Vec<i64> {
    let blocks = records.iter().filter_map(|r| if let Record::Block(b) = r { b.ok.then_some(b.b) } else { None });
    blocks.filter(|b| *b >= 0).collect()
}

pub(crate) fn arms() -> [String; 4] {
    let program = example("json_encoder");
    ["--arm".into(), format!("naive={program} naive"), "--arm".into(), format!("improved={program} improved")]
}

pub(crate) fn with_arms<'a>(arms: &'a [String], rest: &[&'a str]) -> Vec<&'a str> {
    arms.iter().map(String::as_str).chain(rest.iter().copied()).collect()
}

pub(crate) fn wait_for_blocks(path: &Path, wanted: usize) {
    let began = Instant::now();
    while !path.exists() || closed(&records(path)).len() < wanted {
        assert!(began.elapsed() < Duration::from_secs(60), "no {wanted} blocks after a minute");
        std::thread::sleep(Duration::from_millis(5));
    }
}

pub(crate) fn example_of(text: &str, kind: &str) -> String {
    text.split(&format!("```{kind}\n")).nth(1).unwrap().split("```").next().unwrap().to_string()
}
