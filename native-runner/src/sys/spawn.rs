//! Where a child runs, and what ends it.

use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::Command;

/// Where and how a child starts.
#[derive(Debug, Default)]
pub struct Placement {
    /// Cores that it and its children may use; empty: all of the parent's.
    pub cores: Vec<u32>,
    /// Descriptors that stay open in the child, under the same number.
    pub inherit: Vec<RawFd>,
    /// Holds the child back between fork and exec.
    pub gate: Option<Gate>,
}

/// The child's ends of two pipes: it writes its process id to one and starts when the other says so.
#[derive(Debug)]
pub struct Gate {
    /// Where the child writes its process id, four bytes in the machine's order.
    pub tell: OwnedFd,
    /// One byte, or the end, lets it go.
    pub go: OwnedFd,
}

/// Prepares a command: own process group, death with the parent, cores, descriptors.
pub fn place(command: &mut Command, placement: Placement) {
    command.process_group(0);
    // SAFETY: takes no argument and cannot fail.
    let parent = unsafe { libc::getpid() };
    let set = (!placement.cores.is_empty()).then(|| core_set(&placement.cores));
    let Placement { inherit, gate, .. } = placement;
    // SAFETY: between fork and exec only system calls that may be made there are made, and no
    // memory is allocated: prctl, sched_setaffinity, fcntl, write, read.
    unsafe {
        command.pre_exec(move || {
            libc::prctl(libc::PR_SET_PDEATHSIG, libc::SIGKILL);
            // A parent that died before that call sends nothing.
            if libc::getppid() != parent {
                return Err(io::Error::from_raw_os_error(libc::ESRCH));
            }
            if let Some(set) = &set {
                set_affinity(set)?;
            }
            for fd in &inherit {
                if libc::fcntl(*fd, libc::F_SETFD, 0) < 0 {
                    return Err(io::Error::last_os_error());
                }
            }
            if let Some(gate) = &gate {
                let pid = libc::getpid().to_ne_bytes();
                libc::write(gate.tell.as_raw_fd(), pid.as_ptr().cast(), pid.len());
                let mut byte = 0u8;
                libc::read(gate.go.as_raw_fd(), (&raw mut byte).cast(), 1);
            }
            Ok(())
        });
    }
}

pub(super) fn core_set(cores: &[u32]) -> libc::cpu_set_t {
    // SAFETY: a zeroed set is the empty set; cores beyond its capacity are left out.
    unsafe {
        let mut set: libc::cpu_set_t = std::mem::zeroed();
        for core in cores.iter().filter(|c| (**c as usize) < libc::CPU_SETSIZE as usize) {
            libc::CPU_SET(*core as usize, &mut set);
        }
        set
    }
}

pub(super) fn set_affinity(set: &libc::cpu_set_t) -> io::Result<()> {
    // SAFETY: the pointer is to a live set of the size given.
    let result = unsafe { libc::sched_setaffinity(0, size_of::<libc::cpu_set_t>(), set) };
    if result == 0 { Ok(()) } else { Err(io::Error::last_os_error()) }
}
