//! Profiles: stacks with weights, and what is made of them.
//!
//! [`ProfileBuilder`] makes a [`Profile`], [`StackTree`] is the tree that a flame graph draws, and
//! [`summarize`] is what the report says.

mod builder;
mod groups;
mod grower;
#[cfg(feature = "full")]
mod labelled;
#[cfg(feature = "full")]
mod labels;
mod memo;
mod pattern;
mod rows;
mod skips;
mod summary;
mod table;
mod tree;

use alloc::string::String;
use alloc::vec::Vec;

pub use builder::ProfileBuilder;
pub(crate) use groups::holds;
pub use groups::{Category, GROUPS, Group, category, group_of};
#[cfg(feature = "full")]
pub use labelled::Labelled;
#[cfg(feature = "full")]
pub(crate) use labels::{LabelSet, MAX_TEXT};
pub(crate) use memo::Memo;
pub use pattern::Pattern;
pub use summary::summarize;
pub use tree::{FOLDED_AWAY, ROOT, StackTree, View};

/// One kind of value that every stack has.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct SampleType {
    /// `cpu`, `alloc_space`, `samples` …
    pub name: String,
    /// The unit in the file: `nanoseconds`, `bytes`, `count` …
    pub unit: String,
}

/// A function at one place of a stack, and whether the compiler inlined it into its caller there.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Frame(u32);

impl Frame {
    /// A frame of a function; functions are numbered below 2³¹.
    #[must_use]
    pub fn new(function: u32, inlined: bool) -> Frame {
        Frame(function << 1 | u32::from(inlined))
    }
    /// The function's number.
    #[must_use]
    pub fn function(self) -> u32 {
        self.0 >> 1
    }
    /// Whether it was inlined.
    #[must_use]
    pub fn inlined(self) -> bool {
        self.0 & 1 == 1
    }
}

/// Stacks with weights. Equal stacks are one entry; columns throughout.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    types: Vec<SampleType>,
    default_type: usize,
    names: Vec<String>,
    /// Frames of all stacks, root first, one stack after the other.
    frames: Vec<Frame>,
    /// Where each stack ends in `frames`.
    ends: Vec<usize>,
    /// One column per sample type, one value per stack.
    weights: Vec<Vec<f64>>,
    /// Samples added before equal stacks were joined.
    samples: u64,
    duration_seconds: Option<f64>,
    /// Where a file has any.
    #[cfg(feature = "full")]
    labels: Option<labels::Labels>,
}

impl Profile {
    /// Its sample types, in file order; at least one.
    #[must_use]
    pub fn sample_types(&self) -> &[SampleType] {
        &self.types
    }
    /// The type to show first.
    #[must_use]
    pub fn default_type(&self) -> usize {
        self.default_type
    }
    /// How many different stacks there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.ends.len()
    }
    /// Whether it holds no stack; a finished profile never is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.ends.is_empty()
    }
    /// A stack, root first; empty for a sample without frames or a number that is too large.
    #[must_use]
    pub fn stack(&self, index: usize) -> &[Frame] {
        let start = index.checked_sub(1).map_or(Some(0), |i| self.ends.get(i).copied());
        match (start, self.ends.get(index)) {
            (Some(start), Some(end)) => self.frames.get(start..*end).unwrap_or(&[]),
            _ => &[],
        }
    }
    /// The weight of each stack for a sample type; empty for a type that does not exist.
    #[must_use]
    pub fn weights(&self, sample_type: usize) -> &[f64] {
        self.weights.get(sample_type).map_or(&[], Vec::as_slice)
    }
    /// Every function's name, by number.
    #[must_use]
    pub fn names(&self) -> &[String] {
        &self.names
    }
    /// The name of a function.
    #[must_use]
    pub fn name(&self, function: u32) -> &str {
        self.names.get(function as usize).map_or("", String::as_str)
    }
    /// How many samples were added before equal stacks were joined.
    #[must_use]
    pub fn samples(&self) -> u64 {
        self.samples
    }
    /// Length of the recording in seconds, where known.
    #[must_use]
    pub fn duration_seconds(&self) -> Option<f64> {
        self.duration_seconds
    }
}
