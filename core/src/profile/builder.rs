//! The only way to make a profile.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

#[cfg(feature = "full")]
use crate::profile::LabelSet;
use crate::profile::rows::Rows;
use crate::profile::table::{Table, hash, hash_bytes};
use crate::profile::{Frame, Profile, SampleType};

/// Stacks for which room is made before they come.
const MAX_EXPECTED: usize = 1 << 20;

/// Collects stacks; equal ones become one. Time is linear in the frames added.
#[derive(Debug, Default)]
pub struct ProfileBuilder {
    pub(super) profile: Profile,
    /// The names of all functions, one behind the other, and where each ends: what lies close together is found fast.
    names: String,
    name_ends: Vec<usize>,
    functions: Table,
    stacks: Table,
    /// One row a stack; the profile gets the columns.
    pub(super) weights: Rows,
}

impl ProfileBuilder {
    /// A profile of these sample types; without any, of one called `samples`. A default type that
    /// does not exist means the last.
    #[must_use]
    pub fn new(mut types: Vec<SampleType>, default_type: usize) -> ProfileBuilder {
        if types.is_empty() {
            types.push(SampleType { name: "samples".into(), unit: "count".into() });
        }
        let default_type = default_type.min(types.len() - 1);
        ProfileBuilder {
            weights: Rows::new(types.len()),
            profile: Profile { types, default_type, ..Profile::default() },
            ..ProfileBuilder::default()
        }
    }

    /// The number of a function, by its name.
    pub fn function(&mut self, name: &str) -> u32 {
        let new = self.name_ends.len() as u32;
        let (names, ends) = (self.names.as_bytes(), self.name_ends.as_slice());
        let is = |at: u32| name_at(names, ends, at as usize) == name.as_bytes();
        let known = self.functions.find_or_insert(hash_bytes(name.as_bytes()), new, is);
        known.unwrap_or_else(|| {
            self.names.push_str(name);
            self.name_ends.push(self.names.len());
            new
        })
    }

    /// The number of a sample type, by name and unit; a new one is 0 for all stacks so far. Only for a
    /// builder that was begun without types, by [`ProfileBuilder::default`].
    pub fn sample_type(&mut self, name: &str, unit: &str) -> usize {
        let profile = &mut self.profile;
        let known = profile.types.iter().position(|t| t.name == name && t.unit == unit);
        known.unwrap_or_else(|| {
            profile.types.push(SampleType::new(name, unit));
            self.weights.widen();
            #[cfg(feature = "full")]
            if let Some(labels) = &mut profile.labels {
                labels.grow();
            }
            profile.types.len() - 1
        })
    }

    /// States which sample type to show first; one that does not exist changes nothing.
    pub fn show_first(&mut self, sample_type: usize) {
        if sample_type < self.profile.types.len() {
            self.profile.default_type = sample_type;
        }
    }

    /// Shows first the last sample type of which there is something; without any nothing changes.
    pub(crate) fn show_last_used(&mut self) {
        let used = (0..self.profile.types.len()).rev().find(|sample_type| self.weights.any(*sample_type));
        self.profile.default_type = used.unwrap_or(self.profile.default_type);
    }

    /// Makes room for so many stacks at once, which spares moving them; more may come, and fewer.
    pub(crate) fn expect(&mut self, stacks: usize) {
        self.stacks.reserve(stacks.min(MAX_EXPECTED));
    }

    /// Adds a stack, root first, with one weight per sample type (missing ones are 0).
    pub fn add(&mut self, stack: &[Frame], weights: &[f64]) {
        #[cfg(feature = "full")]
        self.add_in(LabelSet::default(), stack, weights);
        #[cfg(not(feature = "full"))]
        self.place(stack, weights);
    }

    /// Adds a stack; its place.
    #[inline]
    pub(super) fn place(&mut self, stack: &[Frame], weights: &[f64]) -> usize {
        match self.known(stack) {
            Some(at) => {
                self.weights.add(at, weights);
                at
            }
            None => self.weights.push(weights),
        }
    }

    /// Adds a stack, root first, with the weight of one sample type.
    pub fn add_to(&mut self, sample_type: usize, stack: &[Frame], weight: f64) {
        #[cfg(feature = "full")]
        self.add_to_in(LabelSet::default(), sample_type, stack, weight);
        #[cfg(not(feature = "full"))]
        self.place_of(sample_type, stack, weight);
    }

    /// Adds the weight of one sample type to a stack; its place.
    #[inline]
    pub(super) fn place_of(&mut self, sample_type: usize, stack: &[Frame], weight: f64) -> usize {
        let at = self.known(stack).unwrap_or_else(|| self.weights.push(&[]));
        self.weights.add_to(at, sample_type, weight);
        at
    }

    /// The place of a stack, of which there is a sample more; `None`: it is new, and the next.
    #[inline]
    fn known(&mut self, stack: &[Frame]) -> Option<usize> {
        let profile = &mut self.profile;
        profile.samples += 1;
        let new = profile.ends.len() as u32;
        let known = self.stacks.find_or_insert(hash_stack(stack), new, |i| same(profile.stack(i as usize), stack));
        if known.is_none() {
            profile.frames.extend_from_slice(stack);
            profile.ends.push(profile.frames.len());
        }
        known.map(|at| at as usize)
    }

    /// Adds a stack of names, none of them inlined.
    pub fn add_names<'a>(&mut self, stack: impl Iterator<Item = &'a str>, weights: &[f64]) {
        let frames: Vec<Frame> = stack.map(|name| Frame::new(self.function(name), false)).collect();
        self.add(&frames, weights);
    }

    /// How many frames the distinct stacks have together.
    #[must_use]
    pub fn frames(&self) -> u64 {
        self.profile.frames.len() as u64
    }

    /// States how long was recorded.
    pub fn duration(&mut self, seconds: f64) {
        self.profile.duration_seconds = Some(seconds).filter(|s| s.is_finite() && *s > 0.0);
    }

    /// The profile; `None` without a stack.
    #[must_use]
    pub fn finish(mut self) -> Option<Profile> {
        let mut from = 0;
        for end in self.name_ends {
            self.profile.names.push(self.names.get(from..end).unwrap_or("").to_string());
            from = end;
        }
        self.profile.weights = self.weights.into_columns();
        (!self.profile.is_empty() && !self.profile.types.is_empty()).then_some(self.profile)
    }
}

/// Hash of a stack, two frames at a time: each step waits for the one before.
#[inline]
fn hash_stack(stack: &[Frame]) -> u64 {
    let (pairs, rest) = stack.as_chunks::<2>();
    let last = rest.first().map_or(1 << 63, |frame| u64::from(frame.0));
    hash(pairs.iter().map(|[a, b]| u64::from(a.0) << 32 | u64::from(b.0)).chain([last]))
}

/// Whether two stacks are equal: all frames at once, since those that are compared nearly always are.
#[inline]
fn same(a: &[Frame], b: &[Frame]) -> bool {
    a.len() == b.len() && a.iter().zip(b).fold(0, |all, (a, b)| all | (a.0 ^ b.0)) == 0
}

/// The bytes of a name; empty for one that does not exist.
fn name_at<'n>(names: &'n [u8], ends: &[usize], at: usize) -> &'n [u8] {
    let from = at.checked_sub(1).map_or(Some(&0), |before| ends.get(before));
    from.zip(ends.get(at)).and_then(|(from, end)| names.get(*from..*end)).unwrap_or(&[])
}

impl SampleType {
    /// A type by name and unit.
    #[must_use]
    pub fn new(name: &str, unit: &str) -> SampleType {
        SampleType { name: name.to_string(), unit: unit.to_string() }
    }
}
