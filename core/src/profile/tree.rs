//! Stacks as one tree: what a flame graph draws.

use alloc::string::String;
use alloc::vec::Vec;
use core::hint::black_box;

use crate::profile::groups::{GROUPS, group_of};
use crate::profile::grower::{FOLDED, Fate, Grower, HIDDEN, SHOWN, Walks};
use crate::profile::{Pattern, Profile};
use crate::sort;

/// How many stacks are walked at the same time.
const TOGETHER: usize = 16;

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

impl StackTree {
    /// Builds the tree of a view. Time is linear in the frames of the distinct stacks (expected),
    /// plus sorting the stacks; memory is bounded by `max_nodes`.
    #[must_use]
    pub fn build(profile: &Profile, view: &View) -> StackTree {
        let kinds = profile.sample_types().len();
        let weights = profile.weights(view.sample_type.filter(|t| *t < kinds).unwrap_or(profile.default_type()));
        let mut names = profile.names().to_vec();
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

        let order = sort::heaviest_first(weights);
        let mut grower = Grower::new(names, fates, view.max_nodes.max(2), order.len());
        let mut walks = Walks::new(view.inverted);
        // The heaviest first, so that a budget folds the smallest away.
        for together in order.chunks(TOGETHER) {
            // Stacks lie anywhere: they are fetched at the same time.
            black_box(together.iter().fold(0, |all, index| {
                let stack = profile.stack(*index as usize);
                stack.first().zip(stack.last()).map_or(all, |(first, last)| all ^ first.function() ^ last.function())
            }));
            walks.clear();
            for index in together {
                let weight = weights[*index as usize];
                let stack = profile.stack(*index as usize);
                let any = |wanted: &Vec<bool>| stack.iter().any(|f| wanted[f.function() as usize]);
                if focus.as_ref().is_some_and(|f| !any(f)) || ignore.as_ref().is_some_and(any) {
                    grower.left_out(weight);
                } else if weight != 0.0 {
                    walks.push(stack, weight);
                }
            }
            grower.walk(&mut walks);
        }
        grower.finish()
    }
}
