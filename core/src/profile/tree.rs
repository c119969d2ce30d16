//! Stacks as one tree: what a flame graph draws.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::hint::black_box;

use crate::profile::children::Children;
use crate::profile::groups::{GROUPS, group_of};
use crate::profile::{Pattern, Profile};
use crate::sort;

/// What of a profile is shown.
#[derive(Clone, Debug)]
pub struct View {
    /// The sample type; one that does not exist means the default.
    pub sample_type: Option<usize>,
    /// Only stacks in which a function matches.
    pub focus: Option<Pattern>,
    /// No stack in which a function matches.
    pub ignore: Option<Pattern>,
    /// Functions that match are left out; their value goes to their caller.
    pub hide: Option<Pattern>,
    /// Whether the groups that are folded away by default ([`GROUPS`]) are shown as well.
    pub unfold: bool,
    /// Groups that are shown even so, as indices into [`GROUPS`]; others do no harm.
    pub unfolded: Vec<usize>,
    /// Whether leaves come first: who is called, by whom.
    pub inverted: bool,
    /// Nodes at most; smaller stacks beyond go to nodes called `(folded away)`. At least 2.
    pub max_nodes: usize,
}

impl Default for View {
    /// The default type, everything but the folded groups, roots first, two million nodes.
    fn default() -> View {
        View {
            sample_type: None,
            focus: None,
            ignore: None,
            hide: None,
            unfold: false,
            unfolded: Vec::new(),
            inverted: false,
            max_nodes: 2_000_000,
        }
    }
}

/// A tree of calls in columns, parents before children; node 0 is the root of everything.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct StackTree {
    /// For each node its parent; the root is its own.
    pub parent: Vec<u32>,
    /// For each node its name, an index into `names`.
    pub name: Vec<u32>,
    /// For each node whether it stands for inlined calls only.
    pub inlined: Vec<bool>,
    /// For each node the value of samples that end there.
    pub own: Vec<f64>,
    /// For each node the value of samples that pass through it.
    pub total: Vec<f64>,
    /// The profile's function names, then those of nodes that stand for no function.
    pub names: Vec<String>,
    /// Value that focus and ignore left out.
    pub left_out: f64,
}

/// Name of the root.
pub const ROOT: &str = "all";
/// Name of nodes that stand for more than the budget allows.
pub const FOLDED_AWAY: &str = "(folded away)";

/// How many turns a stack is fetched before it is looked at.
const AHEAD: usize = 8;

/// What becomes of a function in a view: one byte each, for every frame asks. From [`FOLDED`] on it is folded away as
/// a member of the group that counts from there.
type Fate = u8;
const SHOWN: Fate = 0;
const HIDDEN: Fate = 1;
const FOLDED: Fate = 2;

impl StackTree {
    /// Builds the tree of a view. Time is linear in the frames of the distinct stacks (expected),
    /// plus sorting the stacks; memory is bounded by `max_nodes`.
    #[must_use]
    pub fn build(profile: &Profile, view: &View) -> StackTree {
        let kinds = profile.sample_types().len();
        let weights = profile.weights(view.sample_type.filter(|t| *t < kinds).unwrap_or(profile.default_type()));
        let mut names = profile.names().to_vec();
        let functions = names.len() as u32;
        names.push(ROOT.into());
        names.push(FOLDED_AWAY.into());
        names.extend(GROUPS.iter().map(|g| alloc::format!("[{}]", g.id)));
        let matching = |pattern: &Option<Pattern>| -> Option<Vec<bool>> {
            pattern.as_ref().map(|p| profile.names().iter().map(|n| p.matches(n)).collect())
        };
        let (focus, ignore, hide) = (matching(&view.focus), matching(&view.ignore), matching(&view.hide));
        let fates: Vec<Fate> = profile
            .names()
            .iter()
            .enumerate()
            .map(|(i, name)| match group_of(name) {
                _ if hide.as_ref().is_some_and(|h| h[i]) => HIDDEN,
                Some(group) if !view.unfold && !view.unfolded.contains(&group) => FOLDED + group as Fate,
                _ => SHOWN,
            })
            .collect();

        let mut grower = Grower::new(names, functions, view.max_nodes.max(2));
        // The heaviest first, so that a budget folds the smallest away.
        let order = sort::heaviest_first(weights);
        let mut path: Vec<(u32, bool)> = Vec::new();
        for (turn, index) in order.iter().copied().enumerate() {
            // Stacks lie anywhere; those whose turn comes are fetched meanwhile.
            if let Some(ahead) = order.get(turn + AHEAD) {
                let ahead = profile.stack(*ahead as usize);
                black_box((ahead.first(), ahead.last()));
            }
            let weight = weights[index as usize];
            let stack = profile.stack(index as usize);
            let any = |wanted: &Vec<bool>| stack.iter().any(|f| wanted[f.function() as usize]);
            if focus.as_ref().is_some_and(|f| !any(f)) || ignore.as_ref().is_some_and(any) {
                grower.tree.left_out += weight;
                continue;
            }
            if weight == 0.0 {
                continue;
            }
            path.clear();
            let mut folded = None;
            for frame in stack {
                match fates[frame.function() as usize] {
                    SHOWN => path.push((frame.function(), frame.inlined())),
                    HIDDEN => {}
                    group => folded = Some(u32::from(group - FOLDED)),
                }
            }
            // A stack with nothing left is said to be what its innermost folded frame is.
            if let (true, Some(group)) = (path.is_empty(), folded) {
                path.push((functions + 2 + group, false));
            }
            if view.inverted {
                path.reverse();
            }
            grower.add(&path, weight);
        }
        grower.finish()
    }
}

/// What stands for the first child of a node without children: names are numbered below it.
const CHILDLESS: (u32, u32) = (u32::MAX, 0);

struct Grower {
    tree: StackTree,
    /// For each node its first child, by name and number: most nodes have no other, and it is the one with the
    /// heaviest stack.
    first: Vec<(u32, u32)>,
    /// All other children.
    others: Children,
    folded_away: u32,
    max_nodes: usize,
}

impl Grower {
    fn new(names: Vec<String>, functions: u32, max_nodes: usize) -> Grower {
        let tree = StackTree {
            parent: vec![0],
            // No child of the root has the root's name.
            name: vec![functions],
            inlined: vec![false],
            own: vec![0.0],
            names,
            ..StackTree::default()
        };
        Grower { tree, first: vec![CHILDLESS], others: Children::default(), folded_away: functions + 1, max_nodes }
    }

    fn add(&mut self, path: &[(u32, bool)], weight: f64) {
        let mut at = 0;
        for (name, inlined) in path {
            let known = self.known(at, *name);
            // One place is kept for the remainder of each node on the way.
            let full = known.is_none() && self.first.len() >= self.max_nodes;
            at = match full {
                true => self.known(at, self.folded_away).unwrap_or_else(|| self.insert(at, self.folded_away)),
                false => known.unwrap_or_else(|| self.insert(at, *name)),
            };
            if let Some(only) = self.tree.inlined.get_mut(at as usize) {
                *only &= inlined;
            }
            if full {
                break;
            }
        }
        if let Some(own) = self.tree.own.get_mut(at as usize) {
            *own += weight;
        }
    }

    /// The child of a node with a name.
    #[inline]
    fn known(&self, parent: u32, name: u32) -> Option<u32> {
        match self.first.get(parent as usize) {
            Some((first, node)) if *first == name => Some(*node),
            Some(&CHILDLESS) => None,
            _ => self.others.find(parent, name),
        }
    }

    /// Makes the child of a node, which has none of this name.
    fn insert(&mut self, parent: u32, name: u32) -> u32 {
        let new = self.first.len() as u32;
        match self.first.get_mut(parent as usize) {
            Some(first) if *first == CHILDLESS => *first = (name, new),
            _ => self.others.insert(parent, name, new),
        }
        self.first.push(CHILDLESS);
        self.tree.parent.push(parent);
        self.tree.name.push(name);
        self.tree.inlined.push(true);
        self.tree.own.push(0.0);
        new
    }

    fn finish(mut self) -> StackTree {
        self.tree.total = self.tree.own.clone();
        for node in (1..self.tree.parent.len()).rev() {
            let total = self.tree.total[node];
            self.tree.total[self.tree.parent[node] as usize] += total;
        }
        self.tree
    }
}
