//! The commands of the README, run as they stand there.

use std::path::PathBuf;
use std::process::Command;

use noisefloor_tests::WHOLE;

use crate::page::{built, root};

/// The runner of this build, made when it is not there.
fn noisefloor() -> PathBuf {
    let debug = std::env::current_exe().unwrap().parent().unwrap().parent().unwrap().to_path_buf();
    let binary = debug.join("noisefloor");
    let mut build = Command::new(env!("CARGO"));
    // As the tests themselves are built: then it is there already.
    build.args(["build", "--quiet", "--locked", "--workspace", "--features", WHOLE, "--bin", "noisefloor"]);
    build.current_dir(root());
    assert!(build.status().unwrap().success());
    assert!(binary.exists(), "{}", binary.display());
    binary
}

#[test]
fn documented_commands_run() {
    // The page is built in by the build script of the runner.
    built();
    let binary = noisefloor();
    let folder = std::env::temp_dir().join(format!("noisefloor-readme-{}", std::process::id()));
    std::fs::create_dir_all(&folder).unwrap();
    let line = |ns: u32| (0..6).map(|i| format!("BenchmarkX-8 100 {}.{i} ns/op\n", ns)).collect::<String>();
    std::fs::write(folder.join("before.txt"), line(100)).unwrap();
    std::fs::write(folder.join("after.txt"), line(101)).unwrap();
    std::fs::copy(root().join("tests/corpus/hyperfine/two-commands/input.json"), folder.join("result.json")).unwrap();
    std::fs::copy(root().join("tests/corpus/pprof/go-cpu/input.pprof"), folder.join("cpu.pb.gz")).unwrap();
    for name in ["old", "new"] {
        let script = folder.join(name);
        std::fs::write(&script, "#!/bin/sh\nexit 0\n").unwrap();
        assert!(Command::new("chmod").arg("+x").arg(&script).status().unwrap().success());
    }
    let mut seen = 0;
    for (document, count) in [("README.md", 6), ("README.zh.md", 6)] {
        let text = std::fs::read_to_string(root().join(document)).unwrap();
        let commands: Vec<&str> = text
            .split("```sh\n")
            .skip(1)
            .flat_map(|block| block.split("```").next().unwrap().lines())
            .filter(|line| line.starts_with("noisefloor "))
            .collect();
        assert_eq!(commands.len(), count, "{document}: {commands:?}");
        for made in ["cmp.jsonl", "flame.svg", "report.html", "values.csv"] {
            let _ = std::fs::remove_file(folder.join(made));
        }
        for command in commands {
            let command = command.split('#').next().unwrap();
            let script = command.replacen("noisefloor", &format!("'{}'", binary.display()), 1);
            let out = Command::new("sh").args(["-c", &script]).current_dir(&folder).output().unwrap();
            // Two empty scripts may seem to differ; that is an answer as well.
            assert!(matches!(out.status.code(), Some(0 | 1)), "{command}: {}", String::from_utf8_lossy(&out.stderr));
            seen += 1;
        }
        assert!(std::fs::metadata(folder.join("report.html")).unwrap().len() > 100_000);
    }
    assert_eq!(seen, 12);
    std::fs::remove_dir_all(&folder).unwrap();
}
