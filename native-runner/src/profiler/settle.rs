//! From raw records to sums: puts drained records in order of time and unwinds them.

use std::collections::HashMap;

use super::StackMode;
use super::kernel;
use super::record::{self, Record, Row};
use super::samples::{MappingKey, Samples, SeenMapping, Total};
use super::space::{RuleCache, Space, TableCache};
use super::sys::Ring;

/// Words above this are markers in a call chain, not addresses.
const CONTEXT_MAX: u64 = (-4095_i64) as u64;
const CONTEXT_KERNEL: u64 = (-128_i64) as u64;
const CONTEXT_USER: u64 = (-512_i64) as u64;

/// Whether samples carry registers and a copy of the stack.
pub(super) fn copies_stack(mode: StackMode) -> bool {
    mode != StackMode::FramePointers && record::REGISTERS.is_some()
}

/// Records that were drained and not yet applied.
#[derive(Default)]
pub(super) struct Pending {
    bytes: Vec<u8>,
    rows: Vec<Row>,
    spare: Vec<u8>,
    /// The latest time of all records so far.
    latest: u64,
    /// The same one round earlier. Rings of several CPUs are drained one after the other, so a record is complete in
    /// its order only when every ring was drained after it was written: in the round after the one that brought it.
    arrived: u64,
}

impl Pending {
    /// Takes what the rings hold: a copy of the bytes and a row a record.
    pub(super) fn drain(&mut self, rings: &mut [Ring]) {
        self.arrived = self.latest;
        let (begin, known) = (self.bytes.len(), self.rows.len());
        rings.iter_mut().for_each(|ring| ring.drain(&mut self.bytes));
        record::index(&self.bytes, begin, &mut self.rows);
        let newest = self.rows.iter().skip(known).map(|&(time, _, _)| time).max();
        self.latest = self.latest.max(newest.unwrap_or(0));
    }

    pub(super) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// Up to when the records are complete.
    pub(super) fn arrived(&self) -> u64 {
        self.arrived
    }
}

/// Keeps the state that records change, and the sums they add to.
#[derive(Default)]
pub(super) struct Settler {
    pub(super) samples: Samples,
    spaces: HashMap<u32, Space>,
    tables: TableCache,
    rules: RuleCache,
    mode: StackMode,
    /// Number of the kernel's mapping.
    kernel: Option<u32>,
    /// Scratch, kept to allocate nothing per sample.
    unwound: Vec<u64>,
    walked: Vec<u64>,
    stack: Vec<u32>,
}

impl Settler {
    pub(super) fn new(mode: StackMode) -> Self {
        Self { mode, ..Self::default() }
    }

    /// Applies all records up to a time and leaves the later ones.
    pub(super) fn settle(&mut self, pending: &mut Pending, until: u64) {
        let Pending { bytes, rows, spare, .. } = pending;
        rows.sort_unstable();
        let ready = rows.partition_point(|&(time, _, _)| time <= until);
        let with_stack = copies_stack(self.mode);
        let record_at = |&(_, at, length): &Row| bytes.get(at..at + length).unwrap_or_default();
        for row in rows.iter().take(ready) {
            self.apply(record::parse(record_at(row), with_stack));
        }
        spare.clear();
        rows.drain(..ready);
        for row in rows.iter_mut() {
            let at = spare.len();
            spare.extend_from_slice(bytes.get(row.1..row.1 + row.2).unwrap_or_default());
            row.1 = at;
        }
        std::mem::swap(bytes, spare);
    }

    /// Executable memory that was there before sampling began.
    pub(super) fn map(&mut self, map: &record::Map<'_>) {
        let path = String::from_utf8_lossy(map.path).into_owned();
        let file = path.starts_with('/') && !path.starts_with("//");
        // Memory without a file is told apart by address, and by that address symbols would be found.
        let file_offset = match path.as_str() {
            "[vdso]" => 0,
            _ if file => map.file_offset,
            _ => map.start,
        };
        let key = MappingKey { path, device: map.device, inode: map.inode, file_offset };
        let mapping = self.samples.mapping(SeenMapping { key, start: map.start, length: map.length });
        self.spaces.entry(map.process).or_default().map(map.start, map.length, file_offset, mapping);
    }

    fn apply(&mut self, record: Record<'_>) {
        match record {
            Record::Map(map) => self.map(&map),
            Record::Exec { process } => {
                self.spaces.insert(process, Space::default());
            }
            Record::Fork { process, parent } => {
                let copy = self.spaces.get(&parent).map(Space::fork).unwrap_or_default();
                self.spaces.insert(process, copy);
            }
            Record::Exit { process } => {
                if let Some(space) = self.spaces.get_mut(&process) {
                    space.forget_unwinder();
                }
            }
            Record::Lost(count) => self.samples.lost += count,
            Record::Sample(sample) => self.sample(&sample),
            Record::Other => {}
        }
    }

    fn sample(&mut self, sample: &record::Sample<'_>) {
        let Self { samples, spaces, tables, rules, unwound, walked, stack, kernel, mode, .. } = self;
        unwound.clear();
        walked.clear();
        stack.clear();
        let mut ended = false;
        let space = spaces.entry(sample.process).or_default();
        if !sample.registers.is_empty() {
            ended = space.unwind(sample.registers, sample.stack, samples, (tables, rules), unwound);
        }
        let mut in_kernel = sample.kernel;
        let mut kernel_frames = 0_usize;
        for word in sample.chain.chunks_exact(8).filter_map(|word| record::u64_at(word, 0)) {
            match word {
                CONTEXT_KERNEL => in_kernel = true,
                CONTEXT_USER => in_kernel = false,
                CONTEXT_MAX.. => {}
                // All but the innermost frame are return addresses: one less lies in the call.
                _ if in_kernel => {
                    let mapping = *kernel.get_or_insert_with(|| samples.mapping(kernel::mapping()));
                    stack.push(samples.frame((mapping, word.wrapping_sub(u64::from(kernel_frames > 0)))));
                    kernel_frames += 1;
                }
                _ => walked.push(word.wrapping_sub(u64::from(!walked.is_empty()))),
            }
        }
        if stack.is_empty() && walked.is_empty() && unwound.is_empty() {
            // No chain at all; the address itself is still known.
            if sample.kernel {
                let mapping = *kernel.get_or_insert_with(|| samples.mapping(kernel::mapping()));
                stack.push(samples.frame((mapping, sample.ip)));
            } else {
                walked.push(sample.ip);
            }
        }
        let further = ended || *mode == StackMode::Dwarf || unwound.len() >= walked.len();
        let dwarf = !unwound.is_empty() && further;
        for &address in if dwarf { &*unwound } else { &*walked } {
            stack.push(samples.frame(space.locate(address)));
        }
        samples.add(
            stack,
            Total { samples: 1, period: sample.period, ended: u64::from(dwarf && ended), dwarf: u64::from(dwarf) },
        );
    }
}
