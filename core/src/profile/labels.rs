//! Labels of samples: what a program said of its work while they were taken.
//!
//! They lie beside the stacks, which are the same with and without them: a profile that is not asked for labels gives
//! what it always gave. Only in builds with the feature `full`.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::profile::table::{Table, hash};
use crate::profile::{Frame, Profile, ProfileBuilder};
use crate::sort;

/// Bytes of a key or value that count: one text may be that of every sample.
pub(crate) const MAX_TEXT: usize = 400;

/// A set of labels that a builder knows; the default has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSet(u32);

/// Samples by stack and labels, in columns.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    /// Keys and values, and how many bytes they have together.
    texts: Vec<String>,
    text_bytes: usize,
    places: BTreeMap<String, u32>,
    /// Keys and values of all sets, each sorted, and where each set ends; the first is empty.
    pairs: Vec<(u32, u32)>,
    ends: Vec<usize>,
    known_sets: Table,
    /// The stack and the set of each entry, and its weights, one column a sample type.
    stacks: Vec<u32>,
    sets: Vec<u32>,
    weights: Vec<Vec<f64>>,
    /// Of each stack its first entry, which most have alone; the table holds all others.
    firsts: Vec<u32>,
    known: Table,
}

impl PartialEq for Labels {
    fn eq(&self, other: &Labels) -> bool {
        (&self.texts, &self.pairs, &self.ends) == (&other.texts, &other.pairs, &other.ends)
            && (&self.stacks, &self.sets, &self.weights) == (&other.stacks, &other.sets, &other.weights)
    }
}

impl Labels {
    /// Labels of a profile of which nothing had any so far: its stacks have the empty set.
    fn new(weights: &[Vec<f64>], stacks: usize) -> Labels {
        let none = Labels { ends: vec![0], weights: vec![Vec::new(); weights.len()], ..Labels::default() };
        (0..stacks).fold(none, |mut labels, stack| {
            let entry = labels.entry(stack as u32, 0);
            for (own, column) in labels.weights.iter_mut().zip(weights) {
                if let (Some(own), Some(weight)) = (own.get_mut(entry), column.get(stack)) {
                    *own = *weight;
                }
            }
            labels
        })
    }

    /// A sample type more, of which all entries so far have 0.
    pub(super) fn grow(&mut self) {
        self.weights.push(vec![0.0; self.stacks.len()]);
    }

    fn text(&mut self, text: &str) -> u32 {
        let end = (0..=text.len().min(MAX_TEXT)).rev().find(|at| text.is_char_boundary(*at));
        let text = text.get(..end.unwrap_or(0)).unwrap_or(text);
        if let Some(place) = self.places.get(text) {
            return *place;
        }
        let place = self.texts.len() as u32;
        self.text_bytes += text.len();
        self.texts.push(text.to_string());
        self.places.insert(text.to_string(), place);
        place
    }

    fn set(&self, at: u32) -> &[(u32, u32)] {
        set(&self.ends, &self.pairs, at)
    }

    /// The number of a set of labels.
    fn set_of(&mut self, pairs: &mut Vec<(u32, u32)>) -> u32 {
        if pairs.is_empty() {
            return 0;
        }
        pairs.sort_unstable();
        pairs.dedup();
        let key = hash(pairs.iter().map(|(key, value)| u64::from(*key) << 32 | u64::from(*value)));
        let new = self.ends.len() as u32;
        let (ends, known) = (self.ends.as_slice(), self.pairs.as_slice());
        let found = self.known_sets.find_or_insert(key, new, |at| set(ends, known, at) == pairs);
        found.unwrap_or_else(|| {
            self.pairs.extend_from_slice(pairs);
            self.ends.push(self.pairs.len());
            new
        })
    }

    /// The entry of a stack with a set of labels; a new one has no weight yet.
    fn entry(&mut self, stack: u32, set: u32) -> usize {
        let new = self.stacks.len() as u32;
        let found = match self.firsts.get(stack as usize) {
            Some(first) if self.sets.get(*first as usize) == Some(&set) => return *first as usize,
            Some(_) => {
                let key = hash([u64::from(stack) << 32 | u64::from(set)].into_iter());
                let (stacks, sets) = (&self.stacks, &self.sets);
                let at = |entry: u32| Some((*stacks.get(entry as usize)?, *sets.get(entry as usize)?));
                self.known.find_or_insert(key, new, |entry| at(entry) == Some((stack, set)))
            }
            // A builder numbers stacks in the order in which they come here.
            None => {
                self.firsts.push(new);
                None
            }
        };
        if found.is_none() {
            self.stacks.push(stack);
            self.sets.push(set);
            self.weights.iter_mut().for_each(|column| column.push(0.0));
        }
        found.unwrap_or(new) as usize
    }

    /// Adds weights, one a sample type, to a stack with labels.
    fn add(&mut self, stack: usize, set: u32, weights: &[f64]) {
        let entry = self.entry(stack as u32, set);
        for (column, weight) in self.weights.iter_mut().zip(weights) {
            if let Some(sum) = column.get_mut(entry) {
                *sum += weight;
            }
        }
    }

    /// Adds the weight of one sample type to a stack with labels.
    fn add_to(&mut self, stack: usize, set: u32, sample_type: usize, weight: f64) {
        let entry = self.entry(stack as u32, set);
        if let Some(sum) = self.weights.get_mut(sample_type).and_then(|column| column.get_mut(entry)) {
            *sum += weight;
        }
    }

    /// About how many bytes all of it takes: each text lies here twice, and each set and entry has a slot of a table.
    fn bytes(&self) -> u64 {
        let texts = self.texts.len() * 100 + self.text_bytes * 2;
        let sets = self.pairs.len() * 8 + self.ends.len() * 32;
        (texts + sets + self.stacks.len() * (32 + 8 * self.weights.len())) as u64
    }

    /// The values of a set under a key.
    fn values<'l>(&'l self, set: u32, key: &'l str) -> impl Iterator<Item = &'l str> {
        let text = |at: u32| self.texts.get(at as usize).map_or("", String::as_str);
        self.set(set).iter().filter(move |(own, _)| text(*own) == key).map(move |(_, value)| text(*value))
    }
}

/// A set of those that end at these places.
fn set<'p>(ends: &[usize], pairs: &'p [(u32, u32)], at: u32) -> &'p [(u32, u32)] {
    let start = (at as usize).checked_sub(1).and_then(|before| ends.get(before)).copied().unwrap_or(0);
    ends.get(at as usize).and_then(|end| pairs.get(start..*end)).unwrap_or(&[])
}

impl ProfileBuilder {
    /// Adds a stack with labels: keys and values, of which a key may have several. Texts count up to 400 bytes. Stacks
    /// that are added in another way have no labels.
    pub fn add_labelled(&mut self, stack: &[Frame], labels: &[(&str, &str)], weights: &[f64]) {
        let mut pairs: Vec<(u32, u32)> = labels.iter().map(|(key, value)| self.label(key, value)).collect();
        self.add_with(stack, &mut pairs, weights);
    }

    /// A label by its key and its value, for [`ProfileBuilder::label_set`].
    pub(crate) fn label(&mut self, key: &str, value: &str) -> (u32, u32) {
        let labels = self.labels();
        (labels.text(key), labels.text(value))
    }

    /// The set of some labels, which are sorted; one that was met before keeps its number.
    pub(crate) fn label_set(&mut self, labels: &mut Vec<(u32, u32)>) -> LabelSet {
        if labels.is_empty() { LabelSet::default() } else { LabelSet(self.labels().set_of(labels)) }
    }

    /// Like [`ProfileBuilder::add_labelled`]; the labels are sorted.
    pub(crate) fn add_with(&mut self, stack: &[Frame], labels: &mut Vec<(u32, u32)>, weights: &[f64]) {
        let set = self.label_set(labels);
        self.add_in(set, stack, weights);
    }

    /// Adds a stack with a set of labels.
    pub(crate) fn add_in(&mut self, set: LabelSet, stack: &[Frame], weights: &[f64]) {
        let at = self.place(stack, weights);
        if let Some(labels) = &mut self.profile.labels {
            labels.add(at, set.0, weights);
        }
    }

    /// Adds the weight of one sample type to a stack with a set of labels.
    pub(crate) fn add_to_in(&mut self, set: LabelSet, sample_type: usize, stack: &[Frame], weight: f64) {
        let at = self.place_of(sample_type, stack, weight);
        if let Some(labels) = &mut self.profile.labels {
            labels.add_to(at, set.0, sample_type, weight);
        }
    }

    /// About how many bytes the labels take.
    pub(crate) fn label_bytes(&self) -> u64 {
        self.profile.labels.as_ref().map_or(0, Labels::bytes)
    }

    fn labels(&mut self) -> &mut Labels {
        let Profile { labels, weights, ends, .. } = &mut self.profile;
        labels.get_or_insert_with(|| Labels::new(weights, ends.len()))
    }
}

impl Profile {
    /// How many pairs of a stack and its labels there are, among them those of stacks without labels; 0 where nothing
    /// has labels, so that the stacks are all that there is.
    #[must_use]
    pub fn labelled(&self) -> usize {
        self.labels.as_ref().map_or(0, |labels| labels.stacks.len())
    }

    /// The number of the stack of such a pair, and its labels: keys and values as places in [`Profile::label_texts`].
    #[must_use]
    pub fn labelled_stack(&self, pair: usize) -> Option<(usize, &[(u32, u32)])> {
        let labels = self.labels.as_ref()?;
        Some((*labels.stacks.get(pair)? as usize, labels.set(*labels.sets.get(pair)?)))
    }

    /// The weight of each such pair for a sample type; empty for a type that does not exist.
    #[must_use]
    pub fn labelled_weights(&self, sample_type: usize) -> &[f64] {
        self.labels.as_ref().and_then(|labels| labels.weights.get(sample_type)).map_or(&[], Vec::as_slice)
    }

    /// Keys and values of all labels.
    #[must_use]
    pub fn label_texts(&self) -> &[String] {
        self.labels.as_ref().map_or(&[], |labels| &labels.texts)
    }

    /// Keys of labels and how much of a sample type has each, the most first; none where the file has no labels.
    #[must_use]
    pub fn label_keys(&self, sample_type: usize) -> Vec<(&str, f64)> {
        let Some(labels) = &self.labels else { return Vec::new() };
        let keys = |set: u32| {
            let mut keys: Vec<u32> = labels.set(set).iter().map(|(key, _)| *key).collect();
            keys.dedup();
            keys
        };
        self.label_sums(labels, sample_type, &keys)
    }

    /// Values of a label and how much of a sample type has each, the most first.
    #[must_use]
    pub fn label_values(&self, key: &str, sample_type: usize) -> Vec<(&str, f64)> {
        let Some((labels, key)) = self.labels.as_ref().and_then(|labels| Some((labels, *labels.places.get(key)?)))
        else {
            return Vec::new();
        };
        let values =
            |set: u32| labels.set(set).iter().filter(|(own, _)| *own == key).map(|(_, value)| *value).collect();
        self.label_sums(labels, sample_type, &values)
    }

    /// Sums by what `of` gives for a set, the largest first, equal ones by their text.
    fn label_sums<'l>(
        &self,
        labels: &'l Labels,
        sample_type: usize,
        of: &dyn Fn(u32) -> Vec<u32>,
    ) -> Vec<(&'l str, f64)> {
        let mut sums: Vec<Option<f64>> = vec![None; labels.texts.len()];
        let weights = labels.weights.get(sample_type).map_or(&[][..], Vec::as_slice);
        for (set, weight) in labels.sets.iter().zip(weights) {
            for text in of(*set) {
                if let Some(sum) = sums.get_mut(text as usize) {
                    *sum = Some(sum.unwrap_or(0.0) + weight);
                }
            }
        }
        let found: Vec<(&str, f64)> =
            labels.texts.iter().zip(sums).filter_map(|(text, sum)| Some((text.as_str(), sum?))).collect();
        let order = sort::order(found.len(), &mut |a, b| {
            let (a, b) = (&found[a], &found[b]);
            b.1.abs().total_cmp(&a.1.abs()).then_with(|| a.0.cmp(b.0))
        });
        order.into_iter().filter_map(|at| found.get(at as usize).copied()).collect()
    }

    /// What of the profile has a label with this value; `None`: nothing has.
    #[must_use]
    pub fn with_label(&self, key: &str, value: &str) -> Option<Profile> {
        let labels = self.labels.as_ref()?;
        self.by_entries(|builder, entry, set| {
            if labels.values(set, key).any(|own| own == value) {
                builder.add_entry(self, labels, entry, None);
            }
        })
    }

    /// The profile with the values of a label below all stacks, as functions called `key=value`; what has none stays
    /// as it is, and what has several has them one above the other. `None`: nothing has such a label.
    #[must_use]
    pub fn by_label(&self, key: &str) -> Option<Profile> {
        let labels = self.labels.as_ref().filter(|labels| labels.places.contains_key(key))?;
        let mut any = false;
        let profile = self.by_entries(|builder, entry, set| {
            let roots: Vec<String> = labels.values(set, key).map(|value| alloc::format!("{key}={value}")).collect();
            any |= !roots.is_empty();
            builder.add_entry(self, labels, entry, Some(&roots));
        });
        profile.filter(|_| any)
    }

    /// A profile of the same types out of entries of stacks and labels.
    fn by_entries(&self, mut take: impl FnMut(&mut ProfileBuilder, usize, u32)) -> Option<Profile> {
        let mut builder = ProfileBuilder::new(self.types.clone(), self.default_type);
        // Functions keep their numbers.
        for name in &self.names {
            builder.function(name);
        }
        let sets = self.labels.as_ref().map_or(&[][..], |labels| &labels.sets);
        for (entry, set) in sets.iter().enumerate() {
            take(&mut builder, entry, *set);
        }
        builder.duration(self.duration_seconds.unwrap_or(0.0));
        builder.finish()
    }
}

impl ProfileBuilder {
    /// Adds an entry of another profile, above functions of these names.
    fn add_entry(&mut self, from: &Profile, labels: &Labels, entry: usize, roots: Option<&[String]>) {
        let (Some(stack), Some(set)) = (labels.stacks.get(entry), labels.sets.get(entry)) else { return };
        let mut frames: Vec<Frame> = Vec::new();
        for root in roots.unwrap_or(&[]) {
            frames.push(Frame::new(self.function(root), false));
        }
        frames.extend_from_slice(from.stack(*stack as usize));
        let weights: Vec<f64> = labels.weights.iter().map(|column| column.get(entry).copied().unwrap_or(0.0)).collect();
        let text = |at: &u32| labels.texts.get(*at as usize).map_or("", String::as_str);
        let pairs: Vec<(&str, &str)> = labels.set(*set).iter().map(|(key, value)| (text(key), text(value))).collect();
        self.add_labelled(&frames, &pairs, &weights);
    }
}
