//! The executable memory of one process, and unwinding within it.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use super::image::{self, UnwindTables};
use super::samples::{Samples, SeenMapping, UNMAPPED};

/// Deeper stacks are cut at the root; a runaway unwind ends here.
const MAX_DEPTH: usize = 512;

/// Part of a mapping.
#[derive(Clone, Copy, Debug)]
struct Region {
    end: u64,
    mapping: u32,
    file_offset: u64,
}

/// What is executable in one process, by start address.
#[derive(Default)]
pub(super) struct Space {
    regions: BTreeMap<u64, Region>,
    /// Made at the first sample after a change.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    unwinder: Option<Unwinder>,
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
type Unwinder = framehop::UnwinderNative<Arc<[u8]>, framehop::MayAllocateDuringUnwind>;

/// Unwind tables by mapping number, read once. `None` is a file without any, or one that cannot be read.
pub(super) type TableCache = HashMap<u32, Option<UnwindTables>>;

/// Rules of code addresses met before.
#[derive(Default)]
pub(super) struct RuleCache {
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    rules: framehop::CacheNative<framehop::MayAllocateDuringUnwind>,
}

impl Space {
    /// A copy for a process that was forked off.
    pub(super) fn fork(&self) -> Self {
        Self { regions: self.regions.clone(), ..Self::default() }
    }

    /// Puts a mapping over whatever was there.
    pub(super) fn map(&mut self, start: u64, length: u64, file_offset: u64, mapping: u32) {
        let end = start.saturating_add(length);
        let covered: Vec<(u64, Region)> = self
            .regions
            .range(..end)
            .rev()
            .take_while(|(_, old)| old.end > start)
            .map(|(&at, &old)| (at, old))
            .collect();
        for (at, old) in covered {
            self.regions.remove(&at);
            if at < start {
                self.regions.insert(at, Region { end: start, ..old });
            }
            if old.end > end {
                self.regions.insert(end, Region { file_offset: old.file_offset.wrapping_add(end - at), ..old });
            }
        }
        self.regions.insert(start, Region { end, mapping, file_offset });
        self.forget_unwinder();
    }

    /// Frees the unwinder; the next sample makes it anew.
    pub(super) fn forget_unwinder(&mut self) {
        #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
        {
            self.unwinder = None;
        }
    }

    /// Mapping and file offset of an address.
    pub(super) fn locate(&self, address: u64) -> (u32, u64) {
        match self.regions.range(..=address).next_back() {
            Some((&start, region)) if address < region.end => {
                (region.mapping, region.file_offset.wrapping_add(address - start))
            }
            _ => (UNMAPPED, address),
        }
    }

    /// Return addresses from the sampled function outwards into `out`, the sampled address first. True when the
    /// unwinder met the marked end of the stack.
    #[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
    pub(super) fn unwind(
        &mut self,
        registers: &[u8],
        stack: &[u8],
        samples: &Samples,
        (tables, rules): (&mut TableCache, &mut RuleCache),
        out: &mut Vec<u64>,
    ) -> bool {
        use framehop::Unwinder as _;
        let Some((pc, sp, registers)) = registers_of(registers) else { return false };
        let regions = &self.regions;
        let unwinder = self.unwinder.get_or_insert_with(|| build(regions, &samples.mappings, tables));
        let mut read = |address: u64| {
            let at = usize::try_from(address.wrapping_sub(sp)).map_err(|_| ())?;
            super::record::u64_at(stack, at).ok_or(())
        };
        let mut frames = unwinder.iter_frames(pc, registers, &mut rules.rules, &mut read);
        loop {
            match frames.next() {
                Ok(Some(frame)) if out.len() < MAX_DEPTH => out.push(frame.address_for_lookup()),
                Ok(None) => return true,
                _ => return false,
            }
        }
    }

    /// Without unwind code for this processor there are only frame pointers.
    #[cfg(not(any(target_arch = "x86_64", target_arch = "aarch64")))]
    pub(super) fn unwind(
        &mut self,
        _registers: &[u8],
        _stack: &[u8],
        _samples: &Samples,
        _caches: (&mut TableCache, &mut RuleCache),
        _out: &mut Vec<u64>,
    ) -> bool {
        false
    }
}

/// Program counter, stack pointer and the unwinder's registers, from the kernel's ascending order.
#[cfg(target_arch = "x86_64")]
fn registers_of(bytes: &[u8]) -> Option<(u64, u64, framehop::UnwindRegsNative)> {
    let [bp, sp, ip] = [0, 8, 16].map(|at| super::record::u64_at(bytes, at));
    let (bp, sp, ip) = (bp?, sp?, ip?);
    Some((ip, sp, framehop::UnwindRegsNative::new(ip, sp, bp)))
}

/// Program counter, stack pointer and the unwinder's registers, from the kernel's ascending order.
#[cfg(target_arch = "aarch64")]
fn registers_of(bytes: &[u8]) -> Option<(u64, u64, framehop::UnwindRegsNative)> {
    let [fp, lr, sp, pc] = [0, 8, 16, 24].map(|at| super::record::u64_at(bytes, at));
    let (fp, lr, sp, pc) = (fp?, lr?, sp?, pc?);
    Some((pc, sp, framehop::UnwindRegsNative::new(lr, sp, fp)))
}

#[cfg(any(target_arch = "x86_64", target_arch = "aarch64"))]
fn build(regions: &BTreeMap<u64, Region>, mappings: &[SeenMapping], tables: &mut TableCache) -> Unwinder {
    use framehop::{ExplicitModuleSectionInfo, Module, Unwinder as _};
    let mut unwinder = Unwinder::new();
    for (&start, region) in regions {
        let Some(mapping) = mappings.get(region.mapping as usize) else { continue };
        let loaded = tables.entry(region.mapping).or_insert_with(|| image::unwind_tables(&mapping.key.path));
        let Some(loaded) = loaded else { continue };
        let Some(stated) = loaded.segments.address_of(region.file_offset) else { continue };
        let bias = start.wrapping_sub(stated);
        let sections = ExplicitModuleSectionInfo {
            base_svma: loaded.base,
            text_svma: loaded.text.clone(),
            got_svma: loaded.got.clone(),
            eh_frame_svma: loaded.eh_frame.as_ref().map(|(range, _)| range.clone()),
            eh_frame: loaded.eh_frame.as_ref().map(|(_, data)| data.clone()),
            eh_frame_hdr_svma: loaded.eh_frame_hdr.as_ref().map(|(range, _)| range.clone()),
            eh_frame_hdr: loaded.eh_frame_hdr.as_ref().map(|(_, data)| data.clone()),
            debug_frame: loaded.debug_frame.clone(),
            ..Default::default()
        };
        let base = loaded.base.wrapping_add(bias);
        unwinder.add_module(Module::new(mapping.key.path.clone(), start..region.end, base, sections));
    }
    unwinder
}
