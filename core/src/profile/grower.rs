//! A tree while it grows.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

use crate::profile::skips::{CALLS, Skips};
use crate::profile::table::{Table, hash};
use crate::profile::{Frame, StackTree};

/// What becomes of a function in a view: one byte each, for every frame asks. From [`FOLDED`] on it is folded away as
/// a member of the group that counts from there.
pub(super) type Fate = u8;
pub(super) const SHOWN: Fate = 0;
pub(super) const HIDDEN: Fate = 1;
pub(super) const FOLDED: Fate = 2;

/// Stacks that are walked at the same time, so that one need not wait for what another asks of memory.
pub(super) struct Walks {
    /// The calls of all, the innermost of each first where they are inverted.
    calls: Vec<Frame>,
    inverted: bool,
    walks: Vec<Walk>,
}

struct Walk {
    /// Where its calls begin and end, and where those begin that are left to go.
    begin: usize,
    end: usize,
    next: usize,
    weight: f64,
    /// The node to which it has come.
    at: u32,
}

impl Walks {
    pub(super) fn new(inverted: bool) -> Walks {
        Walks { calls: Vec::new(), inverted, walks: Vec::new() }
    }

    pub(super) fn clear(&mut self) {
        self.calls.clear();
        self.walks.clear();
    }

    pub(super) fn push(&mut self, stack: &[Frame], weight: f64) {
        let begin = self.calls.len();
        self.calls.extend_from_slice(stack);
        let end = self.calls.len();
        if let (true, Some(calls)) = (self.inverted, self.calls.get_mut(begin..)) {
            calls.reverse();
        }
        self.walks.push(Walk { begin, end, next: begin, weight, at: 0 });
    }
}

/// What stands for the first child of a node without children: names are numbered below it.
const CHILDLESS: (u32, u32) = (u32::MAX, 0);

pub(super) struct Grower {
    tree: StackTree,
    /// What becomes of each function.
    fates: Vec<Fate>,
    /// For each node its parent and its name.
    nodes: Vec<(u32, u32)>,
    /// For each node its first child, by name and number: most nodes have no other, and it is the one with the
    /// heaviest stack.
    first: Vec<(u32, u32)>,
    /// All other children, by parent and name.
    others: Table,
    skips: Skips,
    max_nodes: usize,
}

impl Grower {
    /// For so many stacks. Behind the functions, which have fates, `names` has those of the root, of what is folded
    /// away, and of the groups.
    pub(super) fn new(names: Vec<String>, fates: Vec<Fate>, max_nodes: usize, stacks: usize) -> Grower {
        let tree = StackTree { inlined: vec![false], own: vec![0.0], names, ..StackTree::default() };
        // No child of the root has the root's name.
        let nodes = vec![(0, fates.len() as u32)];
        let (others, skips) = (Table::default(), Skips::new(stacks));
        Grower { tree, fates, nodes, first: vec![CHILDLESS], others, skips, max_nodes }
    }

    /// Adds to what the tree leaves out.
    pub(super) fn left_out(&mut self, weight: f64) {
        self.tree.left_out += weight;
    }

    /// Adds stacks.
    pub(super) fn walk(&mut self, walks: &mut Walks) {
        self.hurry(walks);
        for walk in &walks.walks {
            let mut end = self.end(walk.at, walks.calls.get(walk.next..walk.end).unwrap_or(&[]));
            if end == 0 {
                end = self.folded(walks.calls.get(walk.begin..walk.end).unwrap_or(&[]), walks.inverted);
            }
            if let Some(own) = self.tree.own.get_mut(end as usize) {
                *own += walk.weight;
            }
        }
    }

    /// Goes with each walk as far as is remembered, and fetches what it will ask for next.
    fn hurry(&self, walks: &mut Walks) {
        let mut going = true;
        while going {
            going = false;
            for walk in &mut walks.walks {
                let calls = walks.calls.get(walk.next..walk.end).and_then(<[Frame]>::first_chunk);
                if let Some(to) = calls.and_then(|calls| self.skips.find(walk.at, calls)) {
                    walk.at = to;
                    walk.next += CALLS;
                    going = true;
                }
            }
        }
        black_box(walks.walks.iter().fold(0, |all, walk| {
            let first = self.first.get(walk.at as usize).map_or(0, |first| first.0);
            let name = walks.calls.get(walk.next).map_or(0, |call| call.function());
            all ^ first ^ self.others.fetch(key(walk.at, name))
        }));
    }

    /// The node to which calls lead from another.
    fn end(&mut self, mut at: u32, calls: &[Frame]) -> u32 {
        let (parts, rest) = calls.as_chunks::<CALLS>();
        for calls in parts {
            if let Some(to) = self.skips.find(at, calls) {
                at = to;
                continue;
            }
            let (from, nodes) = (at, self.nodes.len());
            for call in calls {
                match self.step(at, *call) {
                    Ok(node) => at = node,
                    Err(full) => return full,
                }
            }
            // What is new may stay alone.
            if self.nodes.len() == nodes {
                self.skips.remember(from, *calls, at);
            }
        }
        for call in rest {
            match self.step(at, *call) {
                Ok(node) => at = node,
                Err(full) => return full,
            }
        }
        at
    }

    /// Where a stack goes of which nothing is left: it is said to be what its innermost folded frame is.
    #[cold]
    fn folded(&mut self, calls: &[Frame], inverted: bool) -> u32 {
        let group = |call: &Frame| self.fate(*call).checked_sub(FOLDED);
        let group = if inverted { calls.iter().find_map(group) } else { calls.iter().rev().find_map(group) };
        let Some(group) = group else { return 0 };
        let name = self.fates.len() as u32 + 2 + u32::from(group);
        self.child(0, name, false).unwrap_or_else(|full| full)
    }

    #[inline]
    fn fate(&self, call: Frame) -> Fate {
        self.fates.get(call.function() as usize).copied().unwrap_or(SHOWN)
    }

    /// Where a call leads from a node.
    ///
    /// # Errors
    /// As for [`Grower::child`].
    #[inline]
    fn step(&mut self, at: u32, call: Frame) -> Result<u32, u32> {
        if self.fate(call) == SHOWN { self.child(at, call.function(), call.inlined()) } else { Ok(at) }
    }

    /// The child of a node with a name.
    ///
    /// # Errors
    /// Without room for it: the child that stands for what there was no room for.
    #[inline]
    fn child(&mut self, parent: u32, name: u32, inlined: bool) -> Result<u32, u32> {
        let known = self.known(parent, name);
        // One place is kept for the remainder of each node on the way.
        let full = known.is_none() && self.nodes.len() >= self.max_nodes;
        let node = match full {
            true => {
                let folded_away = self.fates.len() as u32 + 1;
                self.known(parent, folded_away).unwrap_or_else(|| self.insert(parent, folded_away))
            }
            false => known.unwrap_or_else(|| self.insert(parent, name)),
        };
        if let Some(only) = self.tree.inlined.get_mut(node as usize) {
            *only &= inlined;
        }
        if full { Err(node) } else { Ok(node) }
    }

    /// The child of a node with a name, if there is one.
    #[inline]
    fn known(&self, parent: u32, name: u32) -> Option<u32> {
        match self.first.get(parent as usize) {
            Some((first, node)) if *first == name => Some(*node),
            Some(&CHILDLESS) => None,
            _ => self.others.find(key(parent, name), |at| self.nodes.get(at as usize) == Some(&(parent, name))),
        }
    }

    /// Makes the child of a node, which has none of this name.
    fn insert(&mut self, parent: u32, name: u32) -> u32 {
        let new = self.nodes.len() as u32;
        match self.first.get_mut(parent as usize) {
            Some(first) if *first == CHILDLESS => *first = (name, new),
            _ => {
                self.others.find_or_insert(key(parent, name), new, |_| false);
            }
        }
        self.nodes.push((parent, name));
        self.first.push(CHILDLESS);
        self.tree.inlined.push(true);
        self.tree.own.push(0.0);
        new
    }

    pub(super) fn finish(mut self) -> StackTree {
        drop((self.first, self.others));
        (self.tree.parent, self.tree.name) = self.nodes.into_iter().unzip();
        self.tree.total = self.tree.own.clone();
        for node in (1..self.tree.parent.len()).rev() {
            let total = self.tree.total[node];
            self.tree.total[self.tree.parent[node] as usize] += total;
        }
        self.tree
    }
}

/// By what a child is sought.
#[inline]
fn key(parent: u32, name: u32) -> u64 {
    hash([u64::from(parent) << 32 | u64::from(name)].into_iter())
}
