//! Which child of which node has which name: the index of a tree while it grows.

use alloc::vec;
use alloc::vec::Vec;

use crate::profile::table::{hash, spread};

/// What no node has for its number.
const FREE: u32 = u32::MAX;

/// The child of a node, with all that it is sought by: a slot tells by itself whether it is the one, so that a look
/// costs one line of memory and not a second one elsewhere.
#[derive(Clone, Copy)]
struct Slot {
    parent: u32,
    name: u32,
    child: u32,
}

/// An open-addressing index of children. Hashing is fixed, so that two machines do the same work.
pub(super) struct Children {
    slots: Vec<Slot>,
    used: usize,
}

impl Default for Children {
    fn default() -> Children {
        Children { slots: free(64), used: 0 }
    }
}

impl Children {
    /// The child of a node with a name.
    #[inline]
    pub(super) fn find(&self, parent: u32, name: u32) -> Option<u32> {
        let mask = self.slots.len() - 1;
        let mut at = place(parent, name) & mask;
        loop {
            match self.slots.get(at) {
                Some(slot) if slot.child == FREE => return None,
                Some(slot) if slot.parent == parent && slot.name == name => return Some(slot.child),
                _ => at = (at + 1) & mask,
            }
        }
    }

    /// Remembers a child that is not known.
    pub(super) fn insert(&mut self, parent: u32, name: u32, child: u32) {
        if (self.used + 1) * 4 > self.slots.len() * 3 {
            let old = core::mem::take(&mut self.slots);
            self.slots = free(old.len() * 2);
            old.into_iter().filter(|slot| slot.child != FREE).for_each(|slot| self.put(slot));
        }
        self.used += 1;
        self.put(Slot { parent, name, child });
    }

    /// Puts into a free slot; there is always one.
    fn put(&mut self, new: Slot) {
        let mask = self.slots.len() - 1;
        let mut at = place(new.parent, new.name) & mask;
        loop {
            match self.slots.get_mut(at) {
                Some(slot) if slot.child == FREE => {
                    *slot = new;
                    return;
                }
                _ => at = (at + 1) & mask,
            }
        }
    }
}

/// So many free slots, a power of two.
fn free(count: usize) -> Vec<Slot> {
    vec![Slot { parent: 0, name: 0, child: FREE }; count]
}

/// Where to begin looking.
#[inline]
fn place(parent: u32, name: u32) -> usize {
    spread(hash([u64::from(parent) << 32 | u64::from(name)].into_iter())) as usize
}
