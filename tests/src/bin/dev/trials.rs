//! `cargo dev trials`: the error rates of lockstep on this machine, quiet and busy.

use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Instant;

use crate::shell::{cargo, output, root};

/// Busy processes of the loaded half.
const BUSY: usize = 6;
/// Pairs of a block: short ones, since fresh processes are what averages over the layout of memory.
const PAIRS: &str = "20";
/// Workloads with the busy processes beside them and the blocks of a trial. `text`, whose speed
/// depends on the layout, gets as many as fit into three seconds.
const KINDS: [(&str, usize, u32); 4] = [("chain", 0, 20), ("chain", BUSY, 20), ("text", 0, 80), ("text", BUSY, 38)];

/// What some trials of one kind gave.
#[derive(Default)]
struct Tally {
    trials: usize,
    /// Zero excluded on the slower side.
    slower: usize,
    /// Zero excluded on the faster side.
    faster: usize,
    /// Zero excluded by the Walsh interval, on the slower and on the faster side: what blocks that were disturbed do
    /// little to. No bound is on it.
    walsh: [usize; 2],
    longest: f64,
    estimates: Vec<f64>,
}

/// Processes that burn the cores, until dropped.
struct Load(Vec<Child>);

impl Load {
    fn start(count: usize) -> Result<Load, String> {
        let mut load = Load(Vec::new());
        for _ in 0..count {
            // They end by themselves when this process is gone, however it ended.
            let script = "while kill -0 $PPID; do i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; done";
            let child = Command::new("sh").args(["-c", script]).stderr(Stdio::null()).spawn();
            load.0.push(child.map_err(|e| format!("sh cannot be started: {e}"))?);
        }
        Ok(load)
    }
}

impl Drop for Load {
    fn drop(&mut self) {
        for child in &mut self.0 {
            // One that has ended by itself burns nothing any more.
            let _ = child.kill();
            let _ = child.wait();
        }
    }
}

/// Runs all trials, or those of one workload, and prints the table; fails when a bound of the
/// specification is missed.
pub(crate) fn trials(quick: bool, only: Option<&str>) -> Result<(), String> {
    let kinds: Vec<_> = KINDS.into_iter().filter(|kind| only.is_none_or(|only| kind.0 == only)).collect();
    if kinds.is_empty() {
        return Err("the workloads are chain and text".into());
    }
    cargo("release build", &["build", "--release", "--locked", "-p", "noisefloor", "--bins", "--examples"])?;
    let folder = root().join("target/trials");
    std::fs::create_dir_all(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
    let (powered, null) = if quick { (10, 20) } else { (40, 200) };
    let mut failures = Vec::new();
    eprintln!(
        "workload  blocks  slowdown  load  trials  slower  faster  Walsh  median estimate   10 % to 90 %          longest"
    );
    for (workload, busy, blocks) in kinds {
        for (permille, count) in [(10, powered), (0, null)] {
            let load = Load::start(busy)?;
            let tally = series(&folder, (workload, blocks), permille, count)?;
            drop(load);
            let estimate = |p: f64| tally.estimates[((count - 1) as f64 * p) as usize] * 100.0;
            eprintln!(
                "{workload:<8}  {blocks:>6}  {:>6.1} %  {busy:>4}  {:>6}  {:>6}  {:>6}  {:>5}  {:>+13.3} %  [{:+.3}, {:+.3}] %  {:>8.2} s",
                f64::from(permille) / 10.0,
                tally.trials,
                tally.slower,
                tally.faster,
                format!("{}/{}", tally.walsh[0], tally.walsh[1]),
                estimate(0.5),
                estimate(0.1),
                estimate(0.9),
                tally.longest,
            );
            // The bounds of the specification, for 40 and 200 trials; a quick look has none.
            if !quick && permille > 0 && tally.slower < 33 {
                failures.push(format!(
                    "only {} of {count} slowdowns of {workload} found with {busy} busy processes",
                    tally.slower
                ));
            }
            if !quick && permille == 0 && tally.slower + tally.faster > 16 {
                let found = tally.slower + tally.faster;
                failures.push(format!(
                    "{found} of {count} changes of {workload} found where there are none, {busy} busy processes"
                ));
            }
            if tally.longest > 3.0 {
                failures.push(format!("a trial of {workload} took {:.1} s", tally.longest));
            }
        }
    }
    if failures.is_empty() { Ok(()) } else { Err(failures.join("; ")) }
}

fn series(folder: &Path, workload: (&str, u32), permille: u32, count: usize) -> Result<Tally, String> {
    let mut tally = Tally { trials: count, ..Tally::default() };
    for seed in 0..count {
        let began = Instant::now();
        let ([low, estimate, high], [walsh_low, walsh_high]) = trial(folder, workload, permille, seed)?;
        tally.longest = tally.longest.max(began.elapsed().as_secs_f64());
        tally.slower += usize::from(low > 0.0);
        tally.faster += usize::from(high < 0.0);
        tally.walsh[0] += usize::from(walsh_low > 0.0);
        tally.walsh[1] += usize::from(walsh_high < 0.0);
        tally.estimates.push(estimate);
    }
    tally.estimates.sort_by(f64::total_cmp);
    Ok(tally)
}

/// One run of the real command: the lower end of the log ratio's interval, its estimate and the upper end, and the ends
/// of the Walsh interval beside it.
fn trial(
    folder: &Path,
    (workload, blocks): (&str, u32),
    permille: u32,
    seed: usize,
) -> Result<([f64; 3], [f64; 2]), String> {
    let release = root().join("target/release");
    let log: PathBuf = folder.join("trial.jsonl");
    // The log of the trial before.
    let _ = std::fs::remove_file(&log);
    let program = release.join("examples/slowdown");
    let arm = |name: &str, extra: u32| format!("{name}='{}' {workload} {extra}", program.display());
    let mut command = Command::new(release.join("noisefloor"));
    command.args(["run", "--json", "--blocks", &blocks.to_string(), "--pairs", PAIRS, "--seed", &seed.to_string()]);
    command.args(["--arm", &arm("old", 0), "--arm", &arm("new", permille), "-o"]).arg(&log);
    command.stderr(Stdio::null()).current_dir(folder);
    let out = command.output().map_err(|e| format!("{command:?}: {e}"))?;
    // A regression is what most trials look for.
    let text = match out.status.code() {
        Some(0 | 1) => String::from_utf8_lossy(&out.stdout).into_owned(),
        _ => output(&mut command)?,
    };
    let report: serde_json::Value = serde_json::from_str(&text).map_err(|e| format!("the report: {e}"))?;
    let comparison = &report["rows"][0]["comparisons"][0];
    let number = |v: &serde_json::Value| v.as_f64().ok_or_else(|| format!("no number in {comparison}"));
    let (difference, companions) = (&comparison["difference"], comparison["companions"].as_array());
    let walsh = companions.into_iter().flatten().find(|c| c["method"] == "walsh_median");
    let ends = |interval: &serde_json::Value| -> Result<[f64; 2], String> {
        Ok([number(&interval["low"])?, number(&interval["high"])?])
    };
    let [low, high] = ends(&difference["interval"])?;
    let walsh = ends(&walsh.ok_or_else(|| format!("no Walsh median in {comparison}"))?["interval"])?;
    Ok(([low, number(&difference["estimate"])?, high], walsh))
}
