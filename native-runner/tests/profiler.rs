//! The profiler against programs whose profile is known beforehand.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "a test fails by panicking")]
#![allow(clippy::print_stderr, reason = "says why a machine cannot run a test")]

mod pprof_reader;

use std::io::{Read, Write};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::thread::sleep;
use std::time::Duration;

use noisefloor::profiler::{ProfileCollector, ProfileOutput, Profiler, ProfilerError, ProfilerOptions, StackMode};
use pprof_reader::Profile;

/// The example beside the tests: `target/debug/deps/…` and `target/debug/examples/…`. Cargo builds it with a full
/// `cargo test`; when only this file is tested it may have to be built here.
fn workload() -> PathBuf {
    static BUILT: OnceLock<PathBuf> = OnceLock::new();
    let build = || {
        let test = std::env::current_exe().unwrap();
        let folder = test.parent().and_then(Path::parent).unwrap();
        let example = folder.join("examples/profiled_work");
        if !example.exists() {
            let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
            let mut command = Command::new(cargo);
            command.current_dir(env!("CARGO_MANIFEST_DIR")).args(["build", "--example", "profiled_work"]);
            command.arg("--target-dir").arg(folder.parent().unwrap());
            if folder.ends_with("release") {
                command.arg("--release");
            }
            assert!(command.status().unwrap().success(), "the example does not build");
        }
        example
    };
    BUILT.get_or_init(build).clone()
}

/// A process that waits for a line before it becomes the program, as the run engine's children wait on a pipe.
fn waiting(program: &Path, arguments: &[&str]) -> Child {
    Command::new("sh")
        .args(["-c", "read go; exec \"$0\" \"$@\""])
        .arg(program)
        .args(arguments)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap()
}

/// Runs to the end under the profiler; what the program printed comes back with it.
fn run(options: &ProfilerOptions, arguments: &[&str]) -> Option<(Profiler, String)> {
    run_program(&workload(), options, arguments)
}

/// Says that a test did nothing, also when it passes: the test runner keeps only what the printing
/// macros write.
fn skipped(why: &str) {
    // Nobody listening is no reason to fail.
    let _ = writeln!(std::io::stderr(), "skipped: {why}");
}

fn run_program(program: &Path, options: &ProfilerOptions, arguments: &[&str]) -> Option<(Profiler, String)> {
    let mut child = waiting(program, arguments);
    let mut profiler = match Profiler::attach(child.id(), options) {
        Ok(profiler) => profiler,
        Err(error @ (ProfilerError::Refused { .. } | ProfilerError::Unsupported { .. })) => {
            let _ = child.kill();
            let _ = child.wait();
            skipped(&error.to_string());
            return None;
        }
        Err(error) => panic!("{error}"),
    };
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    while child.try_wait().unwrap().is_none() {
        profiler.poll().unwrap();
        sleep(Duration::from_millis(10));
    }
    let mut printed = String::new();
    child.stdout.take().unwrap().read_to_string(&mut printed).unwrap();
    Some((profiler, printed))
}

/// Time that the hypervisor has kept from this machine, in nanoseconds. The clock that samples runs on
/// meanwhile, the account of a process's time does not.
fn stolen() -> f64 {
    let text = std::fs::read_to_string("/proc/stat").unwrap_or_default();
    let ticks = text.lines().next().and_then(|line| line.split_ascii_whitespace().nth(8)?.parse::<f64>().ok());
    ticks.unwrap_or(0.0) * 1e7
}

fn check_shares(output: &ProfileOutput, profile: &Profile) {
    let hot = profile.total_under("profiled_work::hot");
    let warm = profile.total_under("profiled_work::warm");
    let ratio = hot as f64 / warm as f64;
    // 1500 samples in parts of 3 to 1 have a standard error of 0.09 x ratio / 1.3; the bounds are four of them.
    assert!((2.4..3.8).contains(&ratio), "hot to warm is {ratio}");
    assert!((hot + warm) as f64 > 0.9 * output.cpu_nanos as f64, "{hot} + {warm} of {}", output.cpu_nanos);
}

#[test]
fn a_known_workload_has_its_known_profile() {
    let before = stolen();
    let Some((profiler, printed)) = run(&ProfilerOptions::default(), &["2000"]) else { return };
    let stolen = stolen() - before;
    let output = profiler.finish().unwrap();
    let facts = (output.samples, output.lost, output.event, output.unwinding, output.delivered_hz, output.rooted_share);
    eprintln!("{facts:?} cpu {} of {}", output.cpu_nanos, printed.trim());
    // For a look with `go tool pprof`.
    std::fs::write(concat!(env!("CARGO_TARGET_TMPDIR"), "/known.pb.gz"), &output.pprof).unwrap();
    assert!(output.rooted_share >= 0.95, "rooted: {}", output.rooted_share);
    assert_eq!(output.lost, 0);
    let counted: f64 = printed.trim().parse().unwrap();
    // A tick more: the account of stolen time has steps of ten milliseconds.
    let bounds = 0.9 * counted..1.1 * counted + stolen + 1e7;
    assert!(bounds.contains(&(output.cpu_nanos as f64)), "{} of {counted}, {stolen} stolen", output.cpu_nanos);
    // Without the kernel's own account, by counting samples alone, the time is right too.
    let by_samples = output.samples as f64 / 999.0 * 1e9;
    assert!(bounds.contains(&by_samples), "{by_samples} of {counted}, {stolen} stolen");

    let profile = Profile::read(&output.pprof);
    assert_eq!(profile.sample_types, [("samples", "count"), ("cpu", "nanoseconds")].map(|(a, b)| (a.into(), b.into())));
    assert_eq!(profile.default_sample_type, "cpu");
    assert_eq!(profile.samples.iter().map(|sample| sample.values[0]).sum::<u64>(), output.samples);
    let nanos = profile.samples.iter().map(|sample| sample.values[1]).sum::<u64>();
    assert!((nanos as f64 / output.cpu_nanos as f64 - 1.0).abs() < 0.001);
    assert!(profile.mappings.iter().any(|path| path.ends_with("/profiled_work")));
    check_shares(&output, &profile);
    assert!(profile.has_inlined("profiled_work::mix", "profiled_work::hot"), "inlined frames are lost");
}

#[test]
fn runs_of_one_program_make_one_profile() {
    let mut collector = ProfileCollector::new();
    let mut blocks = Vec::new();
    for _ in 0..3 {
        let options = ProfilerOptions { stacks: StackMode::Dwarf, ..ProfilerOptions::default() };
        let Some((profiler, printed)) = run(&options, &["400", "threads"]) else { return };
        collector.add(profiler).unwrap();
        blocks.push(printed.trim().parse::<u64>().unwrap());
    }
    let output = collector.finish().unwrap();
    let profile = Profile::read(&output.pprof);
    assert_eq!(output.unwinding, "DWARF");
    assert!(output.rooted_share >= 0.95, "rooted: {}", output.rooted_share);
    // Both threads: more than the main threads alone.
    assert!(output.cpu_nanos as f64 > 1.2 * blocks.iter().sum::<u64>() as f64);
    // Three load addresses, one mapping.
    assert_eq!(profile.mappings.iter().filter(|path| path.ends_with("/profiled_work")).count(), 1);
    check_shares(&output, &profile);
}

#[test]
fn a_running_process_can_be_joined() {
    let mut child = waiting(&workload(), &["1200"]);
    child.stdin.take().unwrap().write_all(b"go\n").unwrap();
    sleep(Duration::from_millis(300));
    let mut profiler = match Profiler::attach_running(child.id(), &ProfilerOptions::default()) {
        Err(ProfilerError::Refused { reason, .. }) => {
            let _ = child.wait();
            return skipped(&reason);
        }
        other => other.unwrap(),
    };
    while child.try_wait().unwrap().is_none() {
        profiler.poll().unwrap();
        sleep(Duration::from_millis(10));
    }
    let output = profiler.finish().unwrap();
    assert!(output.rooted_share >= 0.95, "rooted: {}", output.rooted_share);
    assert!(Profile::read(&output.pprof).total_under("profiled_work::hot") > 100_000_000);
}

#[test]
fn a_process_that_is_gone_is_an_error() {
    let mut child = Command::new("true").spawn().unwrap();
    let id = child.id();
    child.wait().unwrap();
    for id in [id, 0, u32::MAX] {
        match Profiler::attach(id, &ProfilerOptions::default()) {
            Err(ProfilerError::ProcessGone { pid }) => assert_eq!(pid, id),
            Err(ProfilerError::Refused { reason, .. }) => skipped(&reason),
            Err(other) => panic!("{other}"),
            Ok(_) => panic!("attached to a process that has ended"),
        }
    }
}

#[test]
fn a_program_samples_itself() {
    // Samples come by CPU time and the program works by the clock: on a busy machine it needs longer.
    let (mut millis, mut numbers) = (1500.0, Vec::new());
    for longer in [1.0, 4.0, 4.0] {
        millis *= longer;
        let printed = Command::new(workload()).args([&millis.to_string(), "self"]).output().unwrap();
        assert!(printed.status.success(), "{}", String::from_utf8_lossy(&printed.stderr));
        let text = String::from_utf8(printed.stdout).unwrap();
        numbers = text.split_whitespace().map(|word| word.parse::<f64>().unwrap()).collect();
        eprintln!("samples, rooted, Hz, ns: {numbers:?}");
        if numbers[0] > 50.0 {
            break;
        }
    }
    assert!(numbers[0] > 50.0 && numbers[1] > 0.9, "{numbers:?}");
    // One busy thread: the time of starting and of naming symbols does not belong to it.
    assert!(numbers[3] < millis * 1e6 + 5e7, "{} ns in {millis} ms", numbers[3]);
    assert!((0.8..1.3).contains(&(numbers[2] / 99.0)), "{} Hz", numbers[2]);
}

#[test]
fn a_program_that_was_replaced_keeps_addresses_without_names() {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"));
    let (copy, other) = (folder.join("replaced_work"), folder.join("replacement"));
    std::fs::copy(workload(), &copy).unwrap();
    let Some((profiler, _)) = run_program(&copy, &ProfilerOptions::default(), &["300"]) else { return };
    std::fs::write(&other, "not the program that ran").unwrap();
    std::fs::rename(&other, &copy).unwrap();
    let output = profiler.finish().unwrap();
    let profile = Profile::read(&output.pprof);
    assert_eq!(profile.total_under("profiled_work::hot"), 0);
    assert!(profile.mappings.iter().any(|path| path.ends_with("/replaced_work")));
    let nanos = profile.samples.iter().map(|sample| sample.values[1]).sum::<u64>();
    assert!((nanos as f64 / output.cpu_nanos as f64 - 1.0).abs() < 0.001, "time is lost");
}

/// The engine polls from a thread of its own.
#[test]
fn profilers_move_between_threads() {
    fn check<T: Send>() {}
    check::<Profiler>();
    check::<ProfileCollector>();
}
