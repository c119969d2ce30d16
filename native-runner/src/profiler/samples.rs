//! Samples added up by stack, with addresses held as file and offset so that runs with different load addresses meet.

use std::collections::HashMap;

/// Index of a mapping that does not exist: the address is raw.
pub(super) const UNMAPPED: u32 = u32::MAX;

/// What makes two mappings of two processes the same code.
#[derive(Clone, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct MappingKey {
    pub(super) path: String,
    pub(super) device: (u32, u32),
    pub(super) inode: u64,
    /// Where in the file the mapping begins; for memory without a file its address.
    pub(super) file_offset: u64,
}

/// A mapping as first seen; its address stands for all later ones.
#[derive(Clone, Debug)]
pub(super) struct SeenMapping {
    pub(super) key: MappingKey,
    pub(super) start: u64,
    pub(super) length: u64,
}

/// An address as mapping and offset into the mapping's file.
pub(super) type Frame = (u32, u64);

/// Sums of one stack.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Total {
    pub(super) samples: u64,
    /// Sum of periods, in the event's unit.
    pub(super) period: u64,
    /// Samples of which the unwinder saw the marked end of the stack.
    pub(super) ended: u64,
    /// Samples unwound by DWARF.
    pub(super) dwarf: u64,
}

impl Total {
    fn add(&mut self, other: Total) {
        self.samples += other.samples;
        self.period = self.period.saturating_add(other.period);
        self.ended += other.ended;
        self.dwarf += other.dwarf;
    }
}

/// Interned mappings, frames and stacks, in order of first appearance.
#[derive(Debug, Default)]
pub(super) struct Samples {
    pub(super) mappings: Vec<SeenMapping>,
    mapping_ids: HashMap<MappingKey, u32>,
    pub(super) frames: Vec<Frame>,
    frame_ids: HashMap<Frame, u32>,
    /// Leaf first; indices into `frames`.
    pub(super) stacks: Vec<(Box<[u32]>, Total)>,
    stack_ids: HashMap<Box<[u32]>, usize>,
    pub(super) lost: u64,
}

impl Samples {
    /// The number of a mapping; the longest extent seen is kept.
    pub(super) fn mapping(&mut self, seen: SeenMapping) -> u32 {
        if let Some(&id) = self.mapping_ids.get(&seen.key) {
            if let Some(known) = self.mappings.get_mut(id as usize) {
                known.length = known.length.max(seen.length);
            }
            return id;
        }
        let id = self.mappings.len() as u32;
        self.mapping_ids.insert(seen.key.clone(), id);
        self.mappings.push(seen);
        id
    }

    /// The number of a frame.
    pub(super) fn frame(&mut self, frame: Frame) -> u32 {
        let frames = &mut self.frames;
        *self.frame_ids.entry(frame).or_insert_with(|| {
            frames.push(frame);
            (frames.len() - 1) as u32
        })
    }

    /// Adds to the sums of a stack.
    pub(super) fn add(&mut self, stack: &[u32], total: Total) {
        let index = match self.stack_ids.get(stack) {
            Some(&index) => index,
            None => {
                let index = self.stacks.len();
                self.stack_ids.insert(stack.into(), index);
                self.stacks.push((stack.into(), Total::default()));
                index
            }
        };
        if let Some((_, sum)) = self.stacks.get_mut(index) {
            sum.add(total);
        }
    }

    /// Adds everything of another run.
    pub(super) fn absorb(&mut self, other: Samples) {
        self.lost += other.lost;
        let mappings: Vec<u32> = other.mappings.into_iter().map(|seen| self.mapping(seen)).collect();
        let frames: Vec<u32> = other
            .frames
            .into_iter()
            .map(|(mapping, offset)| self.frame((mappings.get(mapping as usize).copied().unwrap_or(UNMAPPED), offset)))
            .collect();
        let mut translated = Vec::new();
        for (stack, total) in other.stacks {
            translated.clear();
            translated.extend(stack.iter().filter_map(|&frame| frames.get(frame as usize)));
            self.add(&translated, total);
        }
    }

    /// Sums over all stacks.
    pub(super) fn total(&self) -> Total {
        let mut sum = Total::default();
        self.stacks.iter().for_each(|(_, total)| sum.add(*total));
        sum
    }
}
