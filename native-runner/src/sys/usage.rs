//! What a process or thread used.

use std::collections::BTreeMap;
use std::fs;
use std::io;

/// Counters of the calling thread.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct ThreadUsage {
    /// Times that it gave the core up, waiting.
    pub voluntary: u64,
    /// Times that the core was taken from it.
    pub involuntary: u64,
}

/// What changed between two readings.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Switches {
    /// Times that the core was taken away.
    pub involuntary: u64,
    /// Times that it was given up.
    pub voluntary: u64,
}

impl ThreadUsage {
    /// What happened since an earlier reading.
    #[must_use]
    pub fn since(self, earlier: ThreadUsage) -> Switches {
        Switches {
            involuntary: self.involuntary.saturating_sub(earlier.involuntary),
            voluntary: self.voluntary.saturating_sub(earlier.voluntary),
        }
    }
}

/// Counters of the calling thread; about 300 ns.
#[must_use]
pub fn thread_usage() -> ThreadUsage {
    let usage = rusage(|u| {
        // SAFETY: the pointer is to a live rusage.
        unsafe { libc::getrusage(libc::RUSAGE_THREAD, u) };
        0
    });
    ThreadUsage { voluntary: usage.1.ru_nvcsw as u64, involuntary: usage.1.ru_nivcsw as u64 }
}

fn rusage(fill: impl FnOnce(*mut libc::rusage) -> libc::c_int) -> (libc::c_int, libc::rusage) {
    // SAFETY: all-zero is a valid rusage.
    let mut usage: libc::rusage = unsafe { std::mem::zeroed() };
    let result = fill(&raw mut usage);
    (result, usage)
}

/// How a process ended, and what it used.
#[derive(Clone, Debug, Default)]
pub struct Ended {
    /// Exit code, where it ended by itself.
    pub status: Option<i32>,
    /// The signal that ended it.
    pub signal: Option<i32>,
    /// Counters under the names of the run log.
    pub evidence: BTreeMap<String, f64>,
}

/// Facts that vanish when a process is reaped; to be read when it has ended and before [`reap`].
#[must_use]
pub fn exit_facts(pid: u32) -> BTreeMap<String, f64> {
    let mut facts = BTreeMap::new();
    if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/schedstat"))
        && let Some(delay) = text.split_whitespace().nth(1).and_then(|d| d.parse::<f64>().ok())
    {
        facts.insert("run_delay_s".into(), delay * 1e-9);
    }
    if let Ok(text) = fs::read_to_string(format!("/proc/{pid}/sched"))
        && let Some(line) = text.lines().find(|l| l.starts_with("se.nr_migrations"))
        && let Some(count) = line.rsplit(':').next().and_then(|c| c.trim().parse::<f64>().ok())
    {
        facts.insert("migrations".into(), count);
    }
    facts
}

/// Waits for a child and takes what the kernel counted for it and its children.
///
/// # Errors
/// When it is no child of ours.
pub fn reap(pid: u32) -> io::Result<Ended> {
    let mut status: libc::c_int = 0;
    let (result, usage) = loop {
        let (result, usage) = rusage(|u| {
            // SAFETY: both pointers are to live values.
            unsafe { libc::wait4(pid as libc::pid_t, &raw mut status, 0, u) }
        });
        if result >= 0 || io::Error::last_os_error().kind() != io::ErrorKind::Interrupted {
            break (result, usage);
        }
    };
    if result < 0 {
        return Err(io::Error::last_os_error());
    }
    Ok(Ended {
        status: libc::WIFEXITED(status).then(|| libc::WEXITSTATUS(status)),
        signal: libc::WIFSIGNALED(status).then(|| libc::WTERMSIG(status)),
        evidence: counters(&usage),
    })
}

/// Counters under the names of the run log.
fn counters(usage: &libc::rusage) -> BTreeMap<String, f64> {
    let seconds = |t: libc::timeval| t.tv_sec as f64 + t.tv_usec as f64 * 1e-6;
    let list = [
        ("user_s", seconds(usage.ru_utime)),
        ("system_s", seconds(usage.ru_stime)),
        // Linux counts in KiB.
        ("max_rss_bytes", usage.ru_maxrss as f64 * 1024.0),
        ("voluntary_switches", usage.ru_nvcsw as f64),
        ("involuntary_switches", usage.ru_nivcsw as f64),
        ("minor_faults", usage.ru_minflt as f64),
        ("major_faults", usage.ru_majflt as f64),
    ];
    list.into_iter().map(|(k, v)| (k.to_string(), v)).collect()
}

/// Counters of this process since it began.
#[must_use]
pub fn own_usage() -> BTreeMap<String, f64> {
    let usage = rusage(|u| {
        // SAFETY: the pointer is to a live rusage.
        unsafe { libc::getrusage(libc::RUSAGE_SELF, u) }
    });
    counters(&usage.1)
}
