//! Inputs that broke something once (`tests/fuzz/<target>/`, found by `cargo dev fuzz`), and some changed ones.

#[path = "../src/bin/fuzz/mutate.rs"]
mod mutate;
#[path = "../src/bin/fuzz/targets.rs"]
mod targets;

use std::path::Path;

use mutate::{Random, mutate};
use targets::Target;

use crate::files;
use crate::page::root;

#[test]
fn what_broke_something_once_does_no_more() {
    let mut tried = 0;
    for target in Target::all() {
        let folder = root().join("tests/fuzz").join(target.name());
        if !folder.is_dir() {
            continue;
        }
        for path in files(&folder) {
            let outcome = target.run(&std::fs::read(&path).unwrap());
            assert_eq!(outcome, Ok(()), "{}", path.display());
            tried += 1;
        }
    }
    assert!(tried > 0, "tests/fuzz is empty");
}

#[test]
fn changed_inputs_break_nothing() {
    let seeds: Vec<Vec<u8>> = files(&root().join("tests/corpus"))
        .into_iter()
        .map(|path| std::fs::read(path).unwrap())
        .filter(|bytes| bytes.len() < 20_000)
        .collect();
    let mut random = Random::new(1);
    for target in Target::all() {
        let mut own: Vec<Vec<u8>> = seeds.iter().filter(|seed| target.wants(seed)).cloned().collect();
        if matches!(target, Target::Archive) {
            // No tool's corpus is an archive: those to begin with lie here.
            let kept = root().join("tests/fuzz").join(target.name());
            own.extend(files(&kept).into_iter().map(|path| std::fs::read(path).unwrap()));
        }
        let rounds = if matches!(target, Target::Report) { 20 } else { 100 };
        for round in 0..rounds * own.len().min(10) {
            let other = &seeds[random.below(seeds.len())];
            let input = mutate(&mut random, &own[round % own.len()], other, 32_768);
            let outcome = target.run(&input);
            if outcome.is_err() {
                std::fs::write(Path::new(env!("CARGO_TARGET_TMPDIR")).join("broke"), &input).unwrap();
            }
            assert_eq!(outcome, Ok(()), "{}, round {round}; the input is in target/tmp/broke", target.name());
        }
    }
}
