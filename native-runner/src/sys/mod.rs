//! What only the operating system can do. The runner's `unsafe` is here and in the profiler.
#![allow(unsafe_code, reason = "system calls that the standard library does not offer; each with its reason")]

mod spawn;
mod usage;

use std::io;
use std::os::fd::{AsRawFd, BorrowedFd, FromRawFd, OwnedFd};
use std::sync::atomic::{AtomicI32, Ordering};
use std::time::Duration;

pub use spawn::{Gate, Placement, place};
pub use usage::{Ended, Switches, ThreadUsage, exit_facts, own_usage, reap, thread_usage};

/// Nanoseconds of the clock that nobody adjusts (`CLOCK_MONOTONIC_RAW`); about 25 ns a call.
#[must_use]
#[inline]
pub fn now_ns() -> u64 {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: the pointer is to a live timespec; the clock exists since Linux 2.6.28.
    unsafe { libc::clock_gettime(libc::CLOCK_MONOTONIC_RAW, &raw mut time) };
    time.tv_sec as u64 * 1_000_000_000 + time.tv_nsec as u64
}

/// The cores that this process may use, ascending; empty when the system does not say.
#[must_use]
pub fn allowed_cores() -> Vec<u32> {
    // SAFETY: a zeroed set is the empty set; the size is that of the set.
    let set = unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        if libc::sched_getaffinity(0, size_of::<libc::cpu_set_t>(), &raw mut set) != 0 {
            return Vec::new();
        }
        set
    };
    // SAFETY: the index stays below the capacity of the set.
    (0..libc::CPU_SETSIZE as u32).filter(|core| unsafe { libc::CPU_ISSET(*core as usize, &set) }).collect()
}

/// Restricts the calling thread to some cores.
///
/// # Errors
/// When none of them may be used.
pub fn pin_thread(cores: &[u32]) -> io::Result<()> {
    spawn::set_affinity(&spawn::core_set(cores))
}

/// Columns of the terminal that standard error is, where it is one.
#[must_use]
pub fn terminal_width() -> Option<usize> {
    // SAFETY: all-zero is a valid window size; the call writes to the live value only.
    unsafe {
        let mut size: libc::winsize = std::mem::zeroed();
        let ok = libc::ioctl(libc::STDERR_FILENO, libc::TIOCGWINSZ, &raw mut size) == 0;
        (ok && size.ws_col > 0).then_some(usize::from(size.ws_col))
    }
}

/// The core that the calling thread runs on right now.
#[must_use]
pub fn current_core() -> Option<u32> {
    // SAFETY: takes no argument and touches no memory.
    u32::try_from(unsafe { libc::sched_getcpu() }).ok()
}

static SIGNAL: AtomicI32 = AtomicI32::new(0);

extern "C" fn note_signal(signal: libc::c_int) {
    SIGNAL.store(signal, Ordering::Relaxed);
}

/// From now on Ctrl-C, termination and hang-up are noted instead of ending the process. A hang-up that is
/// ignored already (`nohup`) stays so.
pub fn catch_signals() {
    for signal in [libc::SIGINT, libc::SIGTERM, libc::SIGHUP] {
        // SAFETY: the pointers are to live values; the handler only stores to an atomic, which is allowed in a
        // signal handler; no SA_RESTART, so that waiting calls return.
        unsafe {
            let mut action: libc::sigaction = std::mem::zeroed();
            libc::sigaction(signal, std::ptr::null(), &raw mut action);
            if signal == libc::SIGHUP && action.sa_sigaction == libc::SIG_IGN {
                continue;
            }
            action = std::mem::zeroed();
            action.sa_sigaction = note_signal as extern "C" fn(libc::c_int) as usize;
            libc::sigaction(signal, &raw const action, std::ptr::null_mut());
        }
    }
}

/// Forgets the signal that came, so that the next one is a new one.
pub fn forget_signal() {
    SIGNAL.store(0, Ordering::Relaxed);
}

/// The signal that came, if one did.
#[must_use]
pub fn caught_signal() -> Option<i32> {
    Some(SIGNAL.load(Ordering::Relaxed)).filter(|s| *s != 0)
}

/// A descriptor that becomes readable when the process ends.
///
/// # Errors
/// When there is no such process, or the kernel is older than 5.3.
pub fn watch_process(pid: u32) -> io::Result<OwnedFd> {
    // SAFETY: the call takes two integers; a result of 0 or more is a descriptor that we own.
    unsafe {
        let fd = libc::syscall(libc::SYS_pidfd_open, pid as libc::pid_t, 0);
        if fd < 0 { Err(io::Error::last_os_error()) } else { Ok(OwnedFd::from_raw_fd(fd as libc::c_int)) }
    }
}

/// The same descriptor under a high number, where there is one.
#[must_use]
pub fn move_up(fd: OwnedFd) -> OwnedFd {
    // SAFETY: the descriptor is live; a result of 0 or more is a new one that we own.
    unsafe {
        match libc::fcntl(fd.as_raw_fd(), libc::F_DUPFD_CLOEXEC, 64) {
            high if high >= 0 => OwnedFd::from_raw_fd(high),
            _ => fd,
        }
    }
}

/// Waits until one of the descriptors is readable (or at its end); for each whether it is.
///
/// # Errors
/// When waiting fails for another reason than a signal; a signal or the timeout gives all `false`.
pub fn wait_readable(fds: &[BorrowedFd<'_>], timeout: Option<Duration>) -> io::Result<Vec<bool>> {
    let mut list: Vec<libc::pollfd> =
        fds.iter().map(|f| libc::pollfd { fd: f.as_raw_fd(), events: libc::POLLIN, revents: 0 }).collect();
    let millis = timeout.map_or(-1, |t| t.as_millis().clamp(1, 60_000) as libc::c_int);
    // SAFETY: the pointer and the count describe the live list.
    let ready = unsafe { libc::poll(list.as_mut_ptr(), list.len() as libc::nfds_t, millis) };
    if ready < 0 {
        let error = io::Error::last_os_error();
        if error.kind() != io::ErrorKind::Interrupted {
            return Err(error);
        }
        return Ok(vec![false; fds.len()]);
    }
    Ok(list.iter().map(|p| p.revents != 0).collect())
}

/// Ends a process and all of its group, at once.
pub fn kill_group(pid: u32) {
    // SAFETY: takes two integers; an error means that nobody is left.
    unsafe { libc::kill(-(pid as libc::pid_t), libc::SIGKILL) };
}

/// Appends bytes with one system call, unless the disk has room for a part only, so that another writer cannot come between and a
/// killed process leaves whole records.
///
/// # Errors
/// What the system says: the disk is full, or a limit was reached.
pub fn write_once(fd: BorrowedFd<'_>, mut bytes: &[u8]) -> io::Result<()> {
    loop {
        // SAFETY: the pointer and the length describe the live slice.
        let written = unsafe { libc::write(fd.as_raw_fd(), bytes.as_ptr().cast(), bytes.len()) };
        if written < 0 {
            let error = io::Error::last_os_error();
            if error.kind() == io::ErrorKind::Interrupted {
                continue;
            }
            return Err(error);
        }
        // A part only: the rest is tried for the system's reason, which the first call did not give.
        match bytes.get(written as usize..) {
            Some(rest) if written > 0 && !rest.is_empty() => bytes = rest,
            Some([]) => return Ok(()),
            _ => return Err(io::Error::new(io::ErrorKind::WriteZero, "nothing could be written")),
        }
    }
}
