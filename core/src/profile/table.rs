//! An open-addressing index: the position of an entry by its hash, in order of first appearance.

use alloc::vec;
use alloc::vec::Vec;

/// A free slot.
const FREE: u32 = u32::MAX;

/// Maps hashes to positions in a list that the caller keeps. Hashing is fixed, so that two machines
/// (and two runs) do the same work.
#[derive(Clone, Debug)]
pub(super) struct Table {
    /// Half of the hash and the position: other entries are told apart without looking at them.
    slots: Vec<(u32, u32)>,
    used: usize,
}

impl Default for Table {
    fn default() -> Table {
        Table { slots: vec![(0, FREE); 64], used: 0 }
    }
}

impl Table {
    /// The position of an entry that `equal` accepts; otherwise remembers `new` for it and gives
    /// `None`.
    #[inline]
    pub(super) fn find_or_insert(&mut self, hash: u64, new: u32, equal: impl Fn(u32) -> bool) -> Option<u32> {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            self.grow();
        }
        let hash = spread(hash);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                (_, FREE) => {
                    self.slots[at] = (hash, new);
                    self.used += 1;
                    return None;
                }
                (other, found) if other == hash && equal(found) => return Some(found),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// The position of an entry that `equal` accepts.
    pub(super) fn find(&self, hash: u64, equal: impl Fn(u32) -> bool) -> Option<u32> {
        let hash = spread(hash);
        let mask = self.slots.len() - 1;
        let mut at = hash as usize & mask;
        loop {
            match self.slots[at] {
                (_, FREE) => return None,
                (other, found) if other == hash && equal(found) => return Some(found),
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
    fn grow(&mut self) {
        self.resize(self.slots.len() * 2);
    }

    fn resize(&mut self, slots: usize) {
        let old = core::mem::take(&mut self.slots);
        self.slots = vec![(0, FREE); slots];
        let mask = self.slots.len() - 1;
        for (hash, position) in old.into_iter().filter(|(_, position)| *position != FREE) {
            let mut at = hash as usize & mask;
            while self.slots[at].1 != FREE {
                at = (at + 1) & mask;
            }
            self.slots[at] = (hash, position);
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
