//! `--strict`: data that do not measure what they seem to have an exit code of their own.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod support;

use std::fmt::Write;
use std::fs;
use std::process::Command;

use support::Folder;

const NAMES: [&str; 4] = ["Alloc", "Hash", "Parse", "Sort"];

/// A process that ran four benchmarks in one of four orders, in which each follows each other one once. After `Hash`
/// everything takes `carry` times as long.
fn process(number: usize, carry: f64) -> String {
    let order = [[0, 1, 3, 2], [1, 2, 0, 3], [2, 3, 1, 0], [3, 0, 2, 1]][number % 4];
    let mut out = String::from("pkg: example.com/m\n");
    let mut before = None;
    for (place, benchmark) in order.into_iter().enumerate() {
        let noise = 1.0 + 0.002 * ((number * 7 + place * 3) % 11) as f64 / 11.0;
        let after = if before == Some(1) { carry } else { 1.0 };
        let time = 1000.0 * (benchmark + 1) as f64 * noise * after;
        writeln!(out, "Benchmark{}-8 \t 1000 \t {time:.2} ns/op", NAMES[benchmark]).unwrap();
        before = Some(benchmark);
    }
    out + "PASS\n"
}

#[test]
fn benchmarks_that_depend_on_their_predecessors_end_with_4() {
    for (carry, want) in [(1.0, [0, 0]), (1.2, [0, 4])] {
        let folder = Folder::new(if carry > 1.0 { "strict-carry" } else { "strict-none" });
        for side in ["old", "new"] {
            fs::create_dir(folder.0.join(side)).unwrap();
            for number in 0..16 {
                fs::write(folder.0.join(side).join(format!("{number:02}.txt")), process(number, carry)).unwrap();
            }
        }
        let run = |more: &[&str]| {
            let mut command = Command::new(env!("CARGO_BIN_EXE_noisefloor"));
            let out = command.current_dir(&folder.0).args(["compare", "old", "new", "--margin", "25%"]).args(more);
            let out = out.output().unwrap();
            (out.status.code().unwrap(), String::from_utf8(out.stdout).unwrap())
        };
        let said = [run(&[]), run(&["--strict"])];
        assert_eq!([said[0].0, said[1].0], want, "{carry}: {}", said[1].1);
        assert_eq!(said[1].1.contains("not-orthogonal"), carry > 1.0, "{}", said[1].1);
    }
}
