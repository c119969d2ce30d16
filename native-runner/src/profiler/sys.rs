//! The only place of the runner's profiler that talks to the kernel through raw memory.
//!
//! Everything above it sees files, byte vectors and `io::Error`.
#![allow(unsafe_code, reason = "perf events and their ring buffers exist only as raw system calls and shared memory")]

#[cfg(target_os = "linux")]
pub(super) use ring::{Attributes, Ring, open_event, redirect};

/// CPU time used by this process so far, user and system, in nanoseconds.
#[cfg(unix)]
pub(super) fn process_cpu_nanos() -> Option<u64> {
    let mut time = libc::timespec { tv_sec: 0, tv_nsec: 0 };
    // SAFETY: `time` is a valid, writable timespec that lives through the call.
    let failed = unsafe { libc::clock_gettime(libc::CLOCK_PROCESS_CPUTIME_ID, &raw mut time) } != 0;
    if failed {
        return None;
    }
    let seconds = u64::try_from(time.tv_sec).ok()?;
    let nanos = u64::try_from(time.tv_nsec).ok()?;
    seconds.checked_mul(1_000_000_000)?.checked_add(nanos)
}

#[cfg(target_os = "linux")]
mod ring {
    use std::fs::File;
    use std::io;
    use std::os::fd::{AsRawFd, FromRawFd};
    use std::ptr::NonNull;
    use std::sync::atomic::{AtomicU64, Ordering};

    /// `struct perf_event_attr` up to version 5 of its layout (112 bytes), which every kernel since 4.1 takes.
    #[repr(C)]
    #[derive(Clone, Debug, Default)]
    pub(in crate::profiler) struct Attributes {
        pub(in crate::profiler) kind: u32,
        pub(in crate::profiler) size: u32,
        pub(in crate::profiler) config: u64,
        pub(in crate::profiler) sample_period_or_freq: u64,
        pub(in crate::profiler) sample_type: u64,
        pub(in crate::profiler) read_format: u64,
        pub(in crate::profiler) flags: u64,
        pub(in crate::profiler) wakeup: u32,
        pub(in crate::profiler) breakpoint_type: u32,
        pub(in crate::profiler) config1: u64,
        pub(in crate::profiler) config2: u64,
        pub(in crate::profiler) branch_sample_type: u64,
        pub(in crate::profiler) sample_regs_user: u64,
        pub(in crate::profiler) sample_stack_user: u32,
        pub(in crate::profiler) clockid: i32,
        pub(in crate::profiler) sample_regs_intr: u64,
        pub(in crate::profiler) aux_watermark: u32,
        pub(in crate::profiler) sample_max_stack: u16,
        pub(in crate::profiler) reserved: u16,
    }

    /// Closes with the process image, so no benchmark inherits a profiler's file.
    const PERF_FLAG_FD_CLOEXEC: libc::c_ulong = 1 << 3;
    /// `_IO('$', 5)`: let an event write into another event's ring buffer.
    const PERF_EVENT_IOC_SET_OUTPUT: u64 = 0x2405;
    /// Offsets of `data_head` and `data_tail` in the control page; fixed by the kernel's ABI.
    const DATA_HEAD: usize = 1024;
    const DATA_TAIL: usize = 1032;

    /// Opens one event for one thread on one CPU.
    pub(in crate::profiler) fn open_event(attributes: &Attributes, thread: i32, cpu: i32) -> io::Result<File> {
        // SAFETY: `attributes` is a live repr(C) structure whose `size` field states its own length, so the kernel
        // reads nothing behind it; the remaining arguments are plain integers.
        let result = unsafe {
            libc::syscall(libc::SYS_perf_event_open, &raw const *attributes, thread, cpu, -1, PERF_FLAG_FD_CLOEXEC)
        };
        let Ok(descriptor) = i32::try_from(result) else { return Err(io::Error::from_raw_os_error(libc::EBADF)) };
        if descriptor < 0 {
            return Err(io::Error::last_os_error());
        }
        // SAFETY: the call succeeded, so the descriptor is open and nobody else owns it.
        Ok(unsafe { File::from_raw_fd(descriptor) })
    }

    /// Makes `event` write into the ring buffer of `target`; both must be on the same CPU.
    pub(in crate::profiler) fn redirect(event: &File, target: &File) -> io::Result<()> {
        // SAFETY: both descriptors are open for the length of the call and the request takes a plain integer.
        let failed = unsafe { libc::ioctl(event.as_raw_fd(), PERF_EVENT_IOC_SET_OUTPUT as _, target.as_raw_fd()) };
        if failed != 0 { Err(io::Error::last_os_error()) } else { Ok(()) }
    }

    /// The ring buffer of one CPU, mapped and unmapped with this value.
    pub(in crate::profiler) struct Ring {
        base: NonNull<u8>,
        page: usize,
        data_bytes: usize,
    }

    // SAFETY: the mapping belongs to this value alone and is not tied to the thread that made it.
    unsafe impl Send for Ring {}

    impl Ring {
        /// Maps a buffer of `data_bytes` (rounded up to a power of two pages) for an event.
        pub(in crate::profiler) fn map(event: &File, data_bytes: usize) -> io::Result<Ring> {
            // SAFETY: sysconf has no preconditions.
            let page = usize::try_from(unsafe { libc::sysconf(libc::_SC_PAGESIZE) }).unwrap_or(4096).max(4096);
            let data_bytes = data_bytes.div_ceil(page).next_power_of_two() * page;
            // SAFETY: a fresh shared mapping at an address of the kernel's choice; the descriptor is open.
            let address = unsafe {
                libc::mmap(
                    std::ptr::null_mut(),
                    data_bytes + page,
                    libc::PROT_READ | libc::PROT_WRITE,
                    libc::MAP_SHARED,
                    event.as_raw_fd(),
                    0,
                )
            };
            if address == libc::MAP_FAILED {
                return Err(io::Error::last_os_error());
            }
            let Some(base) = NonNull::new(address.cast::<u8>()) else {
                return Err(io::Error::from_raw_os_error(libc::ENOMEM));
            };
            Ok(Ring { base, page, data_bytes })
        }

        /// Appends everything written since the last call to `sink` and frees the room. Whole records only, since the
        /// kernel moves the head only past complete ones.
        pub(in crate::profiler) fn drain(&mut self, sink: &mut Vec<u8>) {
            // SAFETY: both offsets lie in the control page, are 8-aligned, and the kernel accesses them atomically.
            let (head, tail) = unsafe {
                (
                    AtomicU64::from_ptr(self.base.as_ptr().add(DATA_HEAD).cast()),
                    AtomicU64::from_ptr(self.base.as_ptr().add(DATA_TAIL).cast()),
                )
            };
            let end = head.load(Ordering::Acquire);
            let begin = tail.load(Ordering::Relaxed);
            let length = usize::try_from(end.wrapping_sub(begin)).unwrap_or(usize::MAX);
            if length <= self.data_bytes {
                let offset = usize::try_from(begin % self.data_bytes as u64).unwrap_or(0);
                let first = length.min(self.data_bytes - offset);
                // SAFETY: [begin, end) is complete and the kernel will not write there before the tail moves; both
                // pieces lie inside the data area because offset + first and length - first are at most data_bytes.
                unsafe {
                    let data = self.base.as_ptr().add(self.page);
                    sink.extend_from_slice(std::slice::from_raw_parts(data.add(offset), first));
                    sink.extend_from_slice(std::slice::from_raw_parts(data, length - first));
                }
            }
            tail.store(end, Ordering::Release);
        }
    }

    impl Drop for Ring {
        fn drop(&mut self) {
            // SAFETY: exactly the range mapped in `map`, and no slice of it outlives `drain`.
            unsafe { libc::munmap(self.base.as_ptr().cast(), self.data_bytes + self.page) };
        }
    }
}
