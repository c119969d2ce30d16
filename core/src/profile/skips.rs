//! Four calls in one look: where a tree was walked before, it need not be walked call by call.

use alloc::vec;
use alloc::vec::Vec;

use crate::profile::Frame;
use crate::profile::table::{hash, spread};

/// How many calls one look takes.
pub(super) const CALLS: usize = 4;

/// Walks that are remembered at most, and at least: as many as lie near the processor.
const WALKS: (usize, usize) = (1 << 4, 1 << 16);

/// From a node by four calls to another.
#[derive(Clone, Copy)]
struct Walk {
    from: u32,
    calls: [Frame; CALLS],
    to: u32,
}

/// Walks that were made, each in the one place where it may be: a later one takes the place of an earlier one.
pub(super) struct Skips(Vec<Walk>);

impl Skips {
    /// For a tree of so many stacks.
    pub(super) fn new(stacks: usize) -> Skips {
        let walks = (stacks / 2).clamp(WALKS.0, WALKS.1).next_power_of_two();
        // No node has this number.
        Skips(vec![Walk { from: u32::MAX, calls: [Frame::new(0, false); CALLS], to: 0 }; walks])
    }

    /// Where a walk leads, if it is remembered.
    #[inline]
    pub(super) fn find(&self, from: u32, calls: &[Frame; CALLS]) -> Option<u32> {
        let known = self.0.get(self.place(from, calls))?;
        (known.from == from && known.calls == *calls).then_some(known.to)
    }

    /// Remembers where a walk led.
    #[inline]
    pub(super) fn remember(&mut self, from: u32, calls: [Frame; CALLS], to: u32) {
        let place = self.place(from, &calls);
        if let Some(walk) = self.0.get_mut(place) {
            *walk = Walk { from, calls, to };
        }
    }

    #[inline]
    fn place(&self, from: u32, [a, b, c, d]: &[Frame; CALLS]) -> usize {
        let pair = |a: u32, b: u32| u64::from(a) << 32 | u64::from(b);
        let key = hash([u64::from(from), pair(a.0, b.0), pair(c.0, d.0)].into_iter());
        spread(key) as usize & (self.0.len() - 1)
    }
}
