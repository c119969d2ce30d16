//! From raw records to sums: puts drained records in order of time and unwinds them.

use std::collections::HashMap;

use super::kernel;
use super::record::{self, Record};
use super::samples::{MappingKey, Samples, SeenMapping, Total};
use super::space::{RuleCache, Space, TableCache};

/// Words above this are markers in a call chain, not addresses.
const CONTEXT_MAX: u64 = (-4095_i64) as u64;
const CONTEXT_KERNEL: u64 = (-128_i64) as u64;
const CONTEXT_USER: u64 = (-512_i64) as u64;

/// Keeps the state that records change, and the sums they add to.
#[derive(Default)]
pub(super) struct Settler {
    pub(super) samples: Samples,
    spaces: HashMap<u32, Space>,
    tables: TableCache,
    rules: RuleCache,
    with_stack: bool,
    /// Number of the kernel's mapping.
    kernel: Option<u32>,
    /// Scratch, kept to allocate nothing per sample.
    order: Vec<(u64, usize, usize)>,
    unwound: Vec<u64>,
    walked: Vec<u64>,
    stack: Vec<u32>,
}

impl Settler {
    pub(super) fn new(with_stack: bool) -> Self {
        Self { with_stack, ..Self::default() }
    }

    /// Takes all records up to a time out of `pending`. Rings of several CPUs are drained one after the other, so a
    /// record may only be settled when every ring was drained after it was written. Returns the latest time drained.
    pub(super) fn settle(&mut self, pending: &mut Vec<u8>, until: u64) -> u64 {
        let mut order = std::mem::take(&mut self.order);
        record::index(pending, &mut order);
        order.sort_by_key(|&(time, at, _)| (time, at));
        let ready = order.partition_point(|&(time, _, _)| time <= until);
        let (now, later) = order.split_at(ready);
        for &(_, at, length) in now {
            self.apply(record::parse(pending.get(at..at + length).unwrap_or_default(), self.with_stack));
        }
        let kept: Vec<u8> =
            later.iter().filter_map(|&(_, at, length)| pending.get(at..at + length)).flatten().copied().collect();
        let latest = order.last().map_or(until, |&(time, _, _)| time);
        *pending = kept;
        order.clear();
        self.order = order;
        latest
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
            Record::Lost(count) => self.samples.lost += count,
            Record::Sample(sample) => self.sample(&sample),
            Record::Other => {}
        }
    }

    fn sample(&mut self, sample: &record::Sample<'_>) {
        let Self { samples, spaces, tables, rules, unwound, walked, stack, kernel, .. } = self;
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
        let dwarf = !unwound.is_empty() && (ended || unwound.len() >= walked.len());
        for &address in if dwarf { &*unwound } else { &*walked } {
            stack.push(samples.frame(space.locate(address)));
        }
        samples.add(
            stack,
            Total { samples: 1, period: sample.period, ended: u64::from(dwarf && ended), dwarf: u64::from(dwarf) },
        );
    }
}
