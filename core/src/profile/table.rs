//! An open-addressing index: the position of an entry by its hash, in order of first appearance.

use alloc::vec;
use alloc::vec::Vec;

/// A free slot: no position is so close to the number of slots.
const FREE: u32 = u32::MAX;

/// Maps hashes to positions in a list that the caller keeps. Hashing is fixed, so that two machines
/// (and two runs) do the same work.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Of each entry the position, in as many bits as number the slots, and in the rest those of its hash: four bytes
    /// stay near the processor, and most other entries are told apart without looking at them. A power of two.
    slots: Vec<u32>,
    /// By position; for more slots.
    hashes: Vec<u32>,
    used: usize,
}

impl Default for Table {
    fn default() -> Table {
        Table { slots: vec![FREE; 64], hashes: Vec::new(), used: 0 }
    }
}

impl Table {
    /// The position of an entry that `equal` accepts; otherwise remembers `new` for it and gives
    /// `None`. Positions are given in order, without large gaps.
    #[inline]
    pub(super) fn find_or_insert(&mut self, hash: u64, new: u32, equal: impl Fn(u32) -> bool) -> Option<u32> {
        if (self.used + 1) * 4 > self.slots.len() * 3 || new as usize >= self.slots.len() {
            self.resize(self.slots.len() * 2);
        }
        let hash = spread(hash);
        match self.seek(hash, equal) {
            Ok(found) => Some(found),
            Err(free) => {
                let mask = (self.slots.len() - 1) as u32;
                if let Some(slot) = self.slots.get_mut(free) {
                    *slot = hash & !mask | new;
                }
                self.used += 1;
                self.hashes.resize(new as usize, 0);
                self.hashes.push(hash);
                None
            }
        }
    }

    /// The position of an entry that `equal` accepts.
    pub(super) fn find(&self, hash: u64, equal: impl Fn(u32) -> bool) -> Option<u32> {
        self.seek(spread(hash), equal).ok()
    }

    /// Fetches what will be looked at first in search of an entry; its value says nothing.
    #[inline]
    pub(super) fn fetch(&self, hash: u64) -> u32 {
        let mask = (self.slots.len() - 1) as u32;
        self.slots.get((spread(hash) & mask) as usize).copied().unwrap_or(0)
    }

    /// The position of an entry, or the slot where it belongs.
    #[inline]
    fn seek(&self, hash: u32, equal: impl Fn(u32) -> bool) -> Result<u32, usize> {
        let mask = (self.slots.len() - 1) as u32;
        let mut at = hash & mask;
        loop {
            match self.slots.get(at as usize) {
                None | Some(&FREE) => return Err(at as usize),
                Some(slot) if (slot ^ hash) & !mask == 0 && equal(slot & mask) => return Ok(slot & mask),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Makes room for so many entries in all.
    pub(super) fn reserve(&mut self, entries: usize) {
        let slots = (entries * 4 / 3 + 1).next_power_of_two();
        if slots > self.slots.len() {
            self.resize(slots);
        }
    }

    #[inline(never)]
    fn resize(&mut self, slots: usize) {
        let old = core::mem::replace(&mut self.slots, vec![FREE; slots]);
        let (before, mask) = ((old.len() - 1) as u32, (slots - 1) as u32);
        for slot in old.into_iter().filter(|slot| *slot != FREE) {
            let position = slot & before;
            let hash = self.hashes.get(position as usize).copied().unwrap_or(0);
            if let Err(free) = self.seek(hash, |_| false)
                && let Some(slot) = self.slots.get_mut(free)
            {
                *slot = hash & !mask | position;
            }
        }
    }
}

/// Brings the good bits of a multiplied hash down.
pub(super) fn spread(hash: u64) -> u32 {
    (hash ^ (hash >> 32)) as u32
}

/// Hash of a sequence of numbers.
pub(super) fn hash(numbers: impl Iterator<Item = u64>) -> u64 {
    numbers
        .fold(0x243f_6a88_85a3_08d3, |hash, number| (hash.rotate_left(23) ^ number).wrapping_mul(0x9e37_79b9_7f4a_7c15))
}

/// Hash of bytes.
pub(super) fn hash_bytes(bytes: &[u8]) -> u64 {
    let (words, rest) = bytes.as_chunks::<8>();
    let tail = rest.iter().fold(rest.len() as u64, |acc, b| acc << 8 | u64::from(*b));
    hash(words.iter().map(|w| u64::from_le_bytes(*w)).chain([tail]))
}
