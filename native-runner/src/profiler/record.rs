//! The records of a perf ring buffer, read from bytes.
//!
//! Layouts follow from the sample type in [`SAMPLE_TYPE`] and `sample_id_all`: every record that is not a sample ends
//! in process, thread and time.

/// IP, TID, TIME, CALLCHAIN and PERIOD.
pub(super) const SAMPLE_TYPE: u64 = 1 | 1 << 1 | 1 << 2 | 1 << 5 | 1 << 8;
/// REGS_USER and STACK_USER: what unwinding by DWARF needs on top.
pub(super) const SAMPLE_TYPE_STACK: u64 = 1 << 12 | 1 << 13;

/// Stack pointer, frame pointer and so on in the kernel's numbering, ascending, as the record holds them.
#[cfg(target_arch = "x86_64")]
pub(super) const REGISTERS: Option<u64> = Some(1 << 6 | 1 << 7 | 1 << 8);
#[cfg(target_arch = "aarch64")]
pub(super) const REGISTERS: Option<u64> = Some(1 << 29 | 1 << 30 | 1 << 31 | 1 << 32);
#[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
pub(super) const REGISTERS: Option<u64> = None;

/// `PERF_SAMPLE_REGS_ABI_64`.
const REGISTERS_64_BIT: u64 = 2;

const MISC_CPU_MODE: u16 = 7;
const MISC_KERNEL: u16 = 1;
const MISC_COMM_EXEC: u16 = 1 << 13;

/// The type of samples.
const SAMPLE: u32 = 9;

/// Bytes of the header before the payload.
const HEADER: usize = 8;

/// What the profiler makes use of.
#[derive(Debug)]
pub(super) enum Record<'a> {
    /// Executable memory appeared.
    Map(Map<'a>),
    /// A process became another program: its memory is new.
    Exec { process: u32 },
    /// A process came to be as a copy of another.
    Fork { process: u32, parent: u32 },
    /// The first thread of a process ended; others may go on.
    Exit { process: u32 },
    /// Records the kernel had no room for.
    Lost(u64),
    /// One sample.
    Sample(Sample<'a>),
    /// Of no use here.
    Other,
}

/// A mapping of executable memory.
#[derive(Debug)]
pub(super) struct Map<'a> {
    pub(super) process: u32,
    pub(super) start: u64,
    pub(super) length: u64,
    pub(super) file_offset: u64,
    pub(super) device: (u32, u32),
    pub(super) inode: u64,
    pub(super) path: &'a [u8],
}

/// One sample: where the processor was, and what is known of how it got there.
#[derive(Debug)]
pub(super) struct Sample<'a> {
    pub(super) process: u32,
    pub(super) kernel: bool,
    pub(super) ip: u64,
    pub(super) period: u64,
    /// Words of the call chain as the kernel walked it, markers included.
    pub(super) chain: &'a [u8],
    /// Values of [`REGISTERS`]; empty when the thread has no user part.
    pub(super) registers: &'a [u8],
    /// User stack upwards from the stack pointer.
    pub(super) stack: &'a [u8],
}

/// Time of a record, its offset and its length.
pub(super) type Row = (u64, usize, usize);

/// Splits drained bytes, from an offset on, into records.
pub(super) fn index(bytes: &[u8], begin: usize, rows: &mut Vec<Row>) {
    let mut at = begin;
    while let Some((kind, _, length)) = header(bytes, at) {
        let time_at = if kind == SAMPLE { HEADER + 16 } else { length.saturating_sub(8) };
        let time = bytes.get(at..at + length).and_then(|record| u64_at(record, time_at));
        rows.push((time.unwrap_or(0), at, length));
        at += length;
    }
}

fn header(bytes: &[u8], at: usize) -> Option<(u32, u16, usize)> {
    let head: &[u8; HEADER] = bytes.get(at..)?.first_chunk()?;
    let [k0, k1, k2, k3, m0, m1, s0, s1] = *head;
    let length = usize::from(u16::from_ne_bytes([s0, s1]));
    let complete = length >= HEADER && bytes.len() - at >= length;
    complete.then(|| (u32::from_ne_bytes([k0, k1, k2, k3]), u16::from_ne_bytes([m0, m1]), length))
}

/// Reads one record; whatever does not have its form is [`Record::Other`].
pub(super) fn parse(bytes: &[u8], with_stack: bool) -> Record<'_> {
    let Some((kind, misc, length)) = header(bytes, 0) else { return Record::Other };
    let mut cursor = Cursor(bytes.get(HEADER..length).unwrap_or_default());
    match kind {
        2 => lost(cursor, true),
        13 => lost(cursor, false),
        3 if misc & MISC_COMM_EXEC != 0 => cursor.u32().map(|process| Record::Exec { process }),
        4 => exit(cursor),
        7 => fork(cursor),
        SAMPLE => sample(cursor, misc & MISC_CPU_MODE == MISC_KERNEL, with_stack).map(Record::Sample),
        10 => map(cursor).map(Record::Map),
        _ => None,
    }
    .unwrap_or(Record::Other)
}

fn lost(mut cursor: Cursor<'_>, with_id: bool) -> Option<Record<'_>> {
    if with_id {
        cursor.u64()?;
    }
    cursor.u64().map(Record::Lost)
}

fn fork(mut cursor: Cursor<'_>) -> Option<Record<'_>> {
    let (process, parent) = (cursor.u32()?, cursor.u32()?);
    // A new thread is announced the same way, with the process as its own parent.
    (process != parent).then_some(Record::Fork { process, parent })
}

fn exit(mut cursor: Cursor<'_>) -> Option<Record<'_>> {
    let process = cursor.u32()?;
    cursor.u32()?;
    (cursor.u32()? == process).then_some(Record::Exit { process })
}

fn map(mut cursor: Cursor<'_>) -> Option<Map<'_>> {
    let process = cursor.u32()?;
    cursor.u32()?;
    let (start, length, file_offset) = (cursor.u64()?, cursor.u64()?, cursor.u64()?);
    let device = (cursor.u32()?, cursor.u32()?);
    let inode = cursor.u64()?;
    cursor.take(16)?;
    let name = cursor.0;
    let path = name.iter().position(|&byte| byte == 0).and_then(|end| name.get(..end))?;
    Some(Map { process, start, length, file_offset, device, inode, path })
}

fn sample(mut cursor: Cursor<'_>, kernel: bool, with_stack: bool) -> Option<Sample<'_>> {
    let ip = cursor.u64()?;
    let process = cursor.u32()?;
    cursor.u32()?;
    cursor.u64()?;
    let period = cursor.u64()?;
    let chain_bytes = usize::try_from(cursor.u64()?).ok()?.checked_mul(8)?;
    let chain = cursor.take(chain_bytes)?;
    let (mut registers, mut stack): (&[u8], &[u8]) = (&[], &[]);
    if let (true, Some(mask)) = (with_stack, REGISTERS) {
        let width = cursor.u64()?;
        if width != 0 {
            let values = cursor.take(mask.count_ones() as usize * 8)?;
            // A 32-bit program on a 64-bit kernel has a stack the unwinder cannot read.
            registers = if width == REGISTERS_64_BIT { values } else { &[] };
        }
        let room = usize::try_from(cursor.u64()?).ok()?;
        if room > 0 {
            let dump = cursor.take(room)?;
            let filled = usize::try_from(cursor.u64()?).ok()?;
            stack = dump.get(..filled).unwrap_or(dump);
        }
    }
    Some(Sample { process, kernel, ip, period, chain, registers, stack })
}

/// The 64-bit word at a byte offset, in the machine's own order.
pub(super) fn u64_at(bytes: &[u8], at: usize) -> Option<u64> {
    bytes.get(at..)?.first_chunk().map(|word| u64::from_ne_bytes(*word))
}

struct Cursor<'a>(&'a [u8]);

impl<'a> Cursor<'a> {
    fn take(&mut self, count: usize) -> Option<&'a [u8]> {
        let (taken, rest) = self.0.split_at_checked(count)?;
        self.0 = rest;
        Some(taken)
    }

    fn u32(&mut self) -> Option<u32> {
        self.take(4)?.first_chunk().map(|word| u32::from_ne_bytes(*word))
    }

    fn u64(&mut self) -> Option<u64> {
        self.take(8)?.first_chunk().map(|word| u64::from_ne_bytes(*word))
    }
}
