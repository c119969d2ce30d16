//! Frames by the text that they were read from: where the same text stands many times, it is read once.

use alloc::vec::Vec;

use crate::profile::Frame;
use crate::profile::table::{Table, hash_bytes};

/// Texts that are remembered at most; others are read each time.
const MAX_TEXTS: usize = 1 << 18;

/// Pieces of an input with the frames that they stand for.
#[derive(Debug, Default)]
pub(crate) struct Memo<'a> {
    table: Table,
    entries: Vec<(&'a [u8], Frame)>,
}

impl<'a> Memo<'a> {
    /// The frame of a text that was met before.
    #[inline]
    pub(crate) fn get(&self, text: &[u8]) -> Option<Frame> {
        let is = |at: u32| self.entries.get(at as usize).is_some_and(|(own, _)| *own == text);
        let at = self.table.find(hash_bytes(text), is)?;
        self.entries.get(at as usize).map(|(_, frame)| *frame)
    }

    /// Remembers the frame of a text; for one that is known already nothing changes.
    pub(crate) fn insert(&mut self, text: &'a [u8], frame: Frame) {
        if self.entries.len() == MAX_TEXTS {
            return;
        }
        let entries = &self.entries;
        let is = |at: u32| entries.get(at as usize).is_some_and(|(own, _)| *own == text);
        if self.table.find_or_insert(hash_bytes(text), entries.len() as u32, is).is_none() {
            self.entries.push((text, frame));
        }
    }
}
