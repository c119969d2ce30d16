//! What pieces of an input stand for: where the same bytes stand many times, they are read once.

use alloc::vec::Vec;

use crate::profile::table::{Table, hash_bytes};

/// Texts that are remembered at most; others are read each time.
const MAX_TEXTS: usize = 1 << 18;

/// Pieces of an input with what they stand for.
#[derive(Debug)]
pub(crate) struct Memo<'a, T> {
    table: Table,
    entries: Vec<(&'a [u8], T)>,
}

impl<T> Default for Memo<'_, T> {
    fn default() -> Self {
        Memo { table: Table::default(), entries: Vec::new() }
    }
}

impl<'a, T: Copy> Memo<'a, T> {
    /// What stands for bytes that were met before.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<T> {
        let is = |at: u32| self.entries.get(at as usize).is_some_and(|(own, _)| *own == text);
        let at = self.table.find(hash_bytes(text), is)?;
        self.entries.get(at as usize).map(|(_, meaning)| *meaning)
    }

    /// Remembers what bytes stand for, and says whether it did: for some that are known already nothing changes, and at
    /// some time there are enough.
    pub(crate) fn insert(&mut self, text: &'a [u8], meaning: T) -> bool {
        if self.entries.len() == MAX_TEXTS {
            return false;
        }
        let entries = &self.entries;
        let is = |at: u32| entries.get(at as usize).is_some_and(|(own, _)| *own == text);
        let new = self.table.find_or_insert(hash_bytes(text), entries.len() as u32, is).is_none();
        if new {
            self.entries.push((text, meaning));
        }
        new
    }
}
