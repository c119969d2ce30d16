//! Perf events on a process tree, and the buffers they write to.

use std::fs::{self, File};
use std::io::{self, ErrorKind, Read};
use std::time::{Instant, SystemTime, UNIX_EPOCH};

use super::collector::ProfileCollector;
use super::record::{self, Map};
use super::samples::Samples;
use super::settle::{Pending, Settler, copies_stack};
use super::sys::{Attributes, Ring, open_event, redirect};
use super::{ProfileOutput, ProfilerError, ProfilerOptions};

const DISABLED: u64 = 1;
const INHERIT: u64 = 1 << 1;
const EXCLUDE_KERNEL: u64 = 1 << 5;
const EXCLUDE_HYPERVISOR: u64 = 1 << 6;
const MMAP: u64 = 1 << 8;
const COMM: u64 = 1 << 9;
const FREQUENCY: u64 = 1 << 10;
const ENABLE_ON_EXEC: u64 = 1 << 12;
const TASK: u64 = 1 << 13;
const SAMPLE_ID_ALL: u64 = 1 << 18;
const EXCLUDE_CALLCHAIN_KERNEL: u64 = 1 << 21;
const MMAP2: u64 = 1 << 23;
const COMM_EXEC: u64 = 1 << 24;
const USE_CLOCKID: u64 = 1 << 25;

/// `PERF_FORMAT_TOTAL_TIME_RUNNING`: the time the threads really ran while counted.
const TIME_RUNNING: u64 = 1 << 1;
/// Stack copied with each sample: the compromise between deep stacks and bytes written.
const STACK_DUMP: u32 = 16 << 10;
/// What all buffers together may take; with stack copies a CPU writes 16 MiB a second.
const ALL_RINGS: usize = 128 << 20;
const LARGEST_RING: usize = 8 << 20;
const SMALLEST_RING: usize = 512 << 10;
/// Below this there is no point in trying.
const LEAST_RING: usize = 128 << 10;
/// Drained bytes held before they are unwound: a fourth of a second of one busy CPU.
const SETTLE_AT: usize = 4 << 20;

/// Events on one process tree. Call [`poll`](Self::poll) every few milliseconds until the process has ended, then
/// [`finish`](Self::finish), or hand it to a [`ProfileCollector`].
pub struct Profiler {
    events: Vec<File>,
    rings: Vec<Ring>,
    pending: Pending,
    settler: Settler,
    facts: Facts,
    started: Instant,
}

/// What holds for a whole run, and what a [`ProfileCollector`] adds up.
#[derive(Clone, Copy, Debug)]
pub(super) struct Facts {
    pub(super) event: &'static str,
    pub(super) kernel_sampled: bool,
    pub(super) frequency_hz: u32,
    pub(super) time_nanos: u64,
    pub(super) duration_nanos: u64,
    /// Time the sampled threads ran on a CPU, by the kernel's own account.
    pub(super) cpu_nanos: u64,
}

impl Profiler {
    /// Opens events on a process that was forked and has not yet called `exec`: sampling starts with that call and
    /// covers everything the process starts.
    ///
    /// # Errors
    /// [`ProfilerError::Refused`] when the kernel or a container forbids it, with what would help;
    /// [`ProfilerError::Unsupported`] without perf events; [`ProfilerError::ProcessGone`] when it has ended.
    pub fn attach(pid: u32, options: &ProfilerOptions) -> Result<Profiler, ProfilerError> {
        Self::open(pid, &[pid], options, DISABLED | ENABLE_ON_EXEC)
    }

    /// Opens events on all threads of a running process, sampling from now on. Threads and processes it starts later
    /// are covered, processes it started before are not.
    ///
    /// # Errors
    /// As [`attach`](Self::attach).
    pub fn attach_running(pid: u32, options: &ProfilerOptions) -> Result<Profiler, ProfilerError> {
        let listed = fs::read_dir(format!("/proc/{pid}/task")).map_err(|_| ProfilerError::ProcessGone { pid })?;
        let names = listed.filter_map(|entry| entry.ok()?.file_name().to_str()?.parse().ok());
        let threads: Vec<u32> = names.collect();
        let mut profiler = Self::open(pid, &threads, options, 0)?;
        let maps = fs::read_to_string(format!("/proc/{pid}/maps")).unwrap_or_default();
        maps.lines().filter_map(|row| mapped(pid, row)).for_each(|map| profiler.settler.map(&map));
        Ok(profiler)
    }

    fn open(pid: u32, threads: &[u32], options: &ProfilerOptions, flags: u64) -> Result<Profiler, ProfilerError> {
        // The kernel takes 0 for the caller and negative numbers for everyone.
        if pid == 0 || i32::try_from(pid).is_err() {
            return Err(ProfilerError::ProcessGone { pid });
        }
        let with_stack = copies_stack(options.stacks);
        let frequency_hz = options
            .frequency_hz
            .clamp(1, number("/proc/sys/kernel/perf_event_max_sample_rate").unwrap_or(100_000).max(1));
        let time_nanos = SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |time| time.as_nanos() as u64);
        let cpus = online_cpus();
        let first_cpu = cpus.first().copied().unwrap_or(0);
        let (attributes, event) = choose(&attributes(with_stack, frequency_hz, flags), pid, first_cpu)?;
        let share = (ALL_RINGS / cpus.len().max(1)).clamp(SMALLEST_RING, LARGEST_RING);
        let facts = Facts {
            event,
            kernel_sampled: attributes.flags & EXCLUDE_KERNEL == 0,
            frequency_hz,
            time_nanos,
            duration_nanos: 0,
            cpu_nanos: 0,
        };
        let mut profiler = Profiler {
            events: Vec::new(),
            rings: Vec::new(),
            pending: Pending::default(),
            settler: Settler::new(options.stacks),
            facts,
            started: Instant::now(),
        };
        let mut ring_bytes = if with_stack { share } else { SMALLEST_RING };
        while !profiler.open_cpus(&attributes, threads, &cpus, ring_bytes)? {
            // The limit on locked memory holds for all buffers together: the same, smaller size for every CPU.
            profiler.rings.clear();
            profiler.events.clear();
            ring_bytes /= 2;
        }
        if profiler.events.is_empty() { Err(ProfilerError::ProcessGone { pid }) } else { Ok(profiler) }
    }

    /// Opens everything with buffers of one size. False when the user may not lock that much memory and less would do.
    fn open_cpus(
        &mut self,
        attributes: &Attributes,
        threads: &[u32],
        cpus: &[i32],
        ring_bytes: usize,
    ) -> Result<bool, ProfilerError> {
        for &cpu in cpus {
            match self.open_cpu(attributes, threads, cpu, ring_bytes) {
                Err(RingError::Limit) if ring_bytes > LEAST_RING => return Ok(false),
                Err(RingError::Limit) => {
                    return Err(ProfilerError::Refused {
                        reason: "this user may not lock enough memory for perf buffers".to_owned(),
                        remedy: "raise RLIMIT_MEMLOCK or kernel.perf_event_mlock_kb, or give the runner CAP_IPC_LOCK"
                            .to_owned(),
                    });
                }
                Err(RingError::Other(error)) => return Err(error),
                Ok(()) => {}
            }
        }
        Ok(true)
    }

    /// All threads of one CPU write to one buffer.
    fn open_cpu(&mut self, attributes: &Attributes, threads: &[u32], cpu: i32, bytes: usize) -> Result<(), RingError> {
        let first = self.events.len();
        for &thread in threads {
            let event = match open_event(attributes, thread as i32, cpu) {
                Ok(event) => event,
                // A thread that ended or a CPU that went away takes nothing with it.
                Err(error) if matches!(error.raw_os_error(), Some(libc::ESRCH | libc::ENODEV)) => continue,
                Err(error) => return Err(RingError::Other(failed("open a perf event", &error))),
            };
            match self.events.get(first) {
                Some(owner) => {
                    redirect(&event, owner).map_err(|error| RingError::Other(failed("share a perf buffer", &error)))?
                }
                None => self.rings.push(Ring::map(&event, bytes).map_err(|error| match error.raw_os_error() {
                    Some(libc::EPERM | libc::ENOMEM) => RingError::Limit,
                    _ => RingError::Other(failed("map a perf buffer", &error)),
                })?),
            }
            self.events.push(event);
        }
        Ok(())
    }

    /// Empties the buffers: a copy of the bytes and a row a record. Every 4 MiB, which are 256 samples with copies of
    /// their stacks, the records so far are unwound too, some milliseconds. Call it every 10 ms or so: where the user
    /// may lock little memory, buffers hold no more than 30 ms of samples, and what does not fit is lost (and counted).
    ///
    /// # Errors
    /// None at present; the result leaves room for systems whose buffers have to be asked for.
    pub fn poll(&mut self) -> Result<(), ProfilerError> {
        self.pending.drain(&mut self.rings);
        if self.pending.len() >= SETTLE_AT {
            let until = self.pending.arrived();
            self.settler.settle(&mut self.pending, until);
        }
        Ok(())
    }

    /// Unwinds and names what was sampled. To be called when the process has ended.
    ///
    /// # Errors
    /// [`ProfilerError::System`] when the kernel does not hand out the final counts.
    pub fn finish(self) -> Result<ProfileOutput, ProfilerError> {
        let mut collector = ProfileCollector::new();
        collector.add(self)?;
        collector.finish()
    }

    /// The sums, without names.
    pub(super) fn into_samples(mut self) -> Result<(Samples, Facts), ProfilerError> {
        self.facts.duration_nanos = self.started.elapsed().as_nanos() as u64;
        for event in &self.events {
            let mut counts = [0; 16];
            let mut reader = event;
            reader.read_exact(&mut counts).map_err(|error| failed("read a perf event", &error))?;
            self.facts.cpu_nanos += record::u64_at(&counts, 8).unwrap_or(0);
        }
        self.poll()?;
        self.settler.settle(&mut self.pending, u64::MAX);
        Ok((self.settler.samples, self.facts))
    }
}

fn attributes(with_stack: bool, frequency_hz: u32, flags: u64) -> Attributes {
    Attributes {
        size: size_of::<Attributes>() as u32,
        sample_period_or_freq: u64::from(frequency_hz),
        sample_type: record::SAMPLE_TYPE | if with_stack { record::SAMPLE_TYPE_STACK } else { 0 },
        read_format: TIME_RUNNING,
        flags: flags
            | INHERIT
            | EXCLUDE_HYPERVISOR
            | MMAP
            | MMAP2
            | COMM
            | COMM_EXEC
            | TASK
            | FREQUENCY
            | SAMPLE_ID_ALL
            | USE_CLOCKID,
        sample_regs_user: if with_stack { record::REGISTERS.unwrap_or(0) } else { 0 },
        sample_stack_user: if with_stack { STACK_DUMP } else { 0 },
        clockid: libc::CLOCK_MONOTONIC,
        ..Attributes::default()
    }
}

/// The best event this machine opens: cycles before the CPU clock, with the kernel's part before without.
fn choose(base: &Attributes, pid: u32, cpu: i32) -> Result<(Attributes, &'static str), ProfilerError> {
    const HARDWARE_CYCLES: (u32, u64, &str) = (0, 0, "cycles");
    const SOFTWARE_CLOCK: (u32, u64, &str) = (1, 0, "cpu-clock");
    let mut last = io::Error::from_raw_os_error(libc::ENOENT);
    for (kind, config, name) in [HARDWARE_CYCLES, SOFTWARE_CLOCK] {
        for exclude in [0, EXCLUDE_KERNEL | EXCLUDE_CALLCHAIN_KERNEL] {
            let attributes = Attributes { kind, config, flags: base.flags | exclude, ..base.clone() };
            match open_event(&attributes, pid as i32, cpu) {
                Ok(_) => return Ok((attributes, name)),
                Err(error) if error.raw_os_error() == Some(libc::ESRCH) => {
                    return Err(ProfilerError::ProcessGone { pid });
                }
                Err(error) => last = error,
            }
        }
    }
    Err(failed("open a perf event", &last))
}

/// Why a CPU's buffer could not be made.
enum RingError {
    /// The limit on locked memory.
    Limit,
    Other(ProfilerError),
}

fn failed(action: &'static str, error: &io::Error) -> ProfilerError {
    match error.raw_os_error() {
        Some(libc::EPERM | libc::EACCES) => {
            let (reason, remedy) = match number("/proc/sys/kernel/perf_event_paranoid") {
                Some(level @ 3..) => (
                    format!("kernel.perf_event_paranoid is {level}, which keeps perf events from ordinary users"),
                    "set it to 2 or give the runner CAP_PERFMON",
                ),
                _ => (
                    "the process belongs to another user, or a container's seccomp profile or a security module \
                     forbids perf_event_open"
                        .to_owned(),
                    "allow perf_event_open in the container's seccomp profile, or give the runner CAP_PERFMON",
                ),
            };
            ProfilerError::Refused { reason, remedy: remedy.to_owned() }
        }
        Some(libc::ENOSYS) => ProfilerError::Unsupported {
            reason: "the kernel was built without perf events, or a container's seccomp profile hides perf_event_open"
                .to_owned(),
        },
        _ if error.kind() == ErrorKind::NotFound => {
            ProfilerError::Unsupported { reason: "neither cycles nor cpu-clock can be counted".to_owned() }
        }
        _ => ProfilerError::System { action, message: error.to_string() },
    }
}

fn number(path: &str) -> Option<u32> {
    fs::read_to_string(path).ok().and_then(|text| text.trim().parse().ok())
}

/// CPUs that are switched on, from lists such as `0-3,8`.
fn online_cpus() -> Vec<i32> {
    let text = fs::read_to_string("/sys/devices/system/cpu/online").unwrap_or_else(|_| "0".to_owned());
    let ranges = text.trim().split(',').filter_map(|part| {
        let (first, last) = part.split_once('-').unwrap_or((part, part));
        Some(first.parse::<i32>().ok()?..=last.parse::<i32>().ok()?.min(8191))
    });
    ranges.flatten().collect()
}

/// A row of `/proc/PID/maps` as the record the kernel would have written, if it is executable.
fn mapped(process: u32, row: &str) -> Option<Map<'_>> {
    let mut fields = row.splitn(6, ' ');
    let (start, end) = fields.next()?.split_once('-')?;
    let (start, end) = (u64::from_str_radix(start, 16).ok()?, u64::from_str_radix(end, 16).ok()?);
    fields.next()?.as_bytes().get(2).filter(|&&byte| byte == b'x')?;
    let file_offset = u64::from_str_radix(fields.next()?, 16).ok()?;
    let (major, minor) = fields.next()?.split_once(':')?;
    let device = (u32::from_str_radix(major, 16).ok()?, u32::from_str_radix(minor, 16).ok()?);
    let inode = fields.next()?.parse().ok()?;
    let path = fields.next().unwrap_or("").trim_start();
    let path = if path.is_empty() { "//anon" } else { path };
    Some(Map { process, start, length: end.checked_sub(start)?, file_offset, device, inode, path: path.as_bytes() })
}
