//! Facts about the machine, for the log's header.

use std::collections::BTreeMap;
use std::fs;

/// What identifies a machine and explains its numbers; absent facts are absent. With `redact` no
/// host name is in it.
#[must_use]
pub fn facts(redact: bool) -> BTreeMap<String, String> {
    let mut facts = BTreeMap::new();
    let mut set = |key: &str, value: Option<String>| {
        if let Some(value) = value.map(|v| v.trim().to_string()).filter(|v| !v.is_empty()) {
            facts.insert(key.to_string(), value);
        }
    };
    set("os", Some(std::env::consts::OS.into()));
    set("arch", Some(std::env::consts::ARCH.into()));
    set("kernel", read("/proc/sys/kernel/osrelease"));
    if !redact {
        set("hostname", read("/proc/sys/kernel/hostname"));
    }
    let cpuinfo = read("/proc/cpuinfo").unwrap_or_default();
    let field = |name: &str| {
        let line = cpuinfo.lines().find(|l| l.split(':').next().is_some_and(|k| k.trim() == name))?;
        line.split_once(':').map(|(_, v)| v.trim().to_string())
    };
    set("cpu", field("model name"));
    set("microcode", field("microcode"));
    let hypervisor = field("flags").is_some_and(|f| f.split(' ').any(|f| f == "hypervisor"));
    set("virtual", Some(if hypervisor { "yes" } else { "no" }.into()));
    set("cores", Some(cpuinfo.lines().filter(|l| l.starts_with("processor")).count().to_string()));
    let meminfo = read("/proc/meminfo").unwrap_or_default();
    set("memory", meminfo.lines().find_map(|l| l.strip_prefix("MemTotal:")).map(ToString::to_string));
    let first = "/sys/devices/system/cpu";
    set("governor", read(&format!("{first}/cpu0/cpufreq/scaling_governor")));
    set("smt", read(&format!("{first}/smt/control")));
    set("turbo_off", read(&format!("{first}/intel_pstate/no_turbo")));
    set("aslr", read("/proc/sys/kernel/randomize_va_space"));
    let pages = read("/sys/kernel/mm/transparent_hugepage/enabled").unwrap_or_default();
    set("huge_pages", pages.split(['[', ']']).nth(1).map(ToString::to_string));
    set("load", read("/proc/loadavg").and_then(|l| l.split(' ').next().map(ToString::to_string)));
    facts
}

fn read(path: &str) -> Option<String> {
    fs::read_to_string(path).ok()
}

/// Times that the control group of this process was throttled, with the seconds lost, where the
/// kernel says; about 2 µs.
#[must_use]
pub fn throttled() -> Option<(f64, f64)> {
    let groups = read("/proc/self/cgroup")?;
    let candidates = groups.lines().filter_map(|line| {
        let mut parts = line.splitn(3, ':');
        let (_, controllers, path) = (parts.next()?, parts.next()?, parts.next()?);
        match controllers {
            "" => Some(format!("/sys/fs/cgroup{path}/cpu.stat")),
            c if c.split(',').any(|c| c == "cpu") => Some(format!("/sys/fs/cgroup/cpu{path}/cpu.stat")),
            _ => None,
        }
    });
    candidates.into_iter().find_map(|path| {
        let text = read(&path)?;
        let field = |name: &str| text.lines().find_map(|l| l.strip_prefix(name)?.trim().parse::<f64>().ok());
        let seconds = field("throttled_usec ").map(|u| u * 1e-6).or_else(|| field("throttled_time ").map(|n| n * 1e-9));
        Some((field("nr_throttled ")?, seconds.unwrap_or(0.0)))
    })
}

/// Busy share of each core since an earlier reading of the same function, by core number.
#[must_use]
pub fn busy_ticks() -> BTreeMap<u32, (u64, u64)> {
    let stat = read("/proc/stat").unwrap_or_default();
    let lines = stat.lines().filter_map(|l| l.strip_prefix("cpu")).filter(|l| !l.starts_with(' '));
    lines
        .filter_map(|line| {
            let mut fields = line.split_whitespace();
            let core = fields.next()?.parse().ok()?;
            let ticks: Vec<u64> = fields.filter_map(|f| f.parse().ok()).collect();
            let idle = ticks.get(3).copied().unwrap_or(0) + ticks.get(4).copied().unwrap_or(0);
            let all: u64 = ticks.iter().take(8).sum();
            Some((core, (all.saturating_sub(idle), all)))
        })
        .collect()
}

/// Allowed cores, the least busy of the last `window` first.
#[must_use]
pub fn quiet_cores(allowed: &[u32], window: std::time::Duration) -> Vec<u32> {
    let before = busy_ticks();
    std::thread::sleep(window);
    let after = busy_ticks();
    let busy = |core: &u32| match (before.get(core), after.get(core)) {
        (Some(b), Some(a)) if a.1 > b.1 => (a.0 - b.0.min(a.0)) * 1000 / (a.1 - b.1),
        _ => 0,
    };
    let mut cores = allowed.to_vec();
    // Core 0 serves more interrupts than others: last of equals.
    cores.sort_by_key(|core| (busy(core), *core == 0, *core));
    cores
}
