//! An open-addressing index: the position of an entry by its hash, in order of first appearance.

use alloc::vec;
use alloc::vec::Vec;

/// A free slot.
const FREE: u32 = u32::MAX;

/// Maps hashes to positions in a list that the caller keeps. Hashing is fixed, so that two machines
/// (and two runs) do the same work.
#[derive(Clone, Debug)]
pub(super) struct Table {
    slots: Vec<u32>,
    used: usize,
}

impl Default for Table {
    fn default() -> Table {
        Table { slots: vec![FREE; 64], used: 0 }
    }
}

impl Table {
    /// The position of an entry that `equal` accepts; otherwise remembers `new` for it and gives
    /// `None`. `hash_of` gives the hash of a position, for growing.
    pub(super) fn find_or_insert(
        &mut self,
        hash: u64,
        new: u32,
        equal: impl Fn(u32) -> bool,
        hash_of: impl Fn(u32) -> u64,
    ) -> Option<u32> {
        if (self.used + 1) * 2 > self.slots.len() {
            self.grow(hash_of);
        }
        let mask = self.slots.len() - 1;
        let mut at = spread(hash) & mask;
        loop {
            match self.slots[at] {
                FREE => {
                    self.slots[at] = new;
                    self.used += 1;
                    return None;
                }
                found if equal(found) => return Some(found),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The position of an entry that `equal` accepts.
    pub(super) fn find(&self, hash: u64, equal: impl Fn(u32) -> bool) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = spread(hash) & mask;
        loop {
            match self.slots[at] {
                FREE => return None,
                found if equal(found) => return Some(found),
                _ => at = (at + 1) & mask,
            }
        }
    }

    fn grow(&mut self, hash_of: impl Fn(u32) -> u64) {
        let old = core::mem::take(&mut self.slots);
        self.slots = vec![FREE; old.len() * 2];
        let mask = self.slots.len() - 1;
        for position in old.into_iter().filter(|p| *p != FREE) {
            let mut at = spread(hash_of(position)) & mask;
            while self.slots[at] != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = position;
        }
    }
}

/// Brings the good bits of a multiplied hash down.
fn spread(hash: u64) -> usize {
    (hash ^ (hash >> 32)) as usize
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
