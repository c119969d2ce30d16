//! Labels of samples: what a program said of its work while they were taken.
//!
//! They lie beside the stacks, which are the same with and without them: a profile that is not asked for labels gives
//! what it always gave. Only in builds with the feature `full`.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::profile::rows::Rows;
use crate::profile::table::{Table, hash};
use crate::profile::{Frame, ProfileBuilder};

/// Bytes of a key or value that count: one text may be that of every sample.
pub(crate) const MAX_TEXT: usize = 400;

/// A set of labels that a builder knows; the default has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct LabelSet(u32);

/// Samples with their labels, as they came: they are joined when they are asked for.
#[derive(Clone, Debug, Default)]
pub(super) struct Labels {
    /// Keys and values, and how many bytes they have together.
    pub(super) texts: Vec<String>,
    text_bytes: usize,
    pub(super) places: BTreeMap<String, u32>,
    /// Keys and values of all sets, each sorted, and where each set ends; the first is empty.
    pairs: Vec<(u32, u32)>,
    ends: Vec<usize>,
    known_sets: Table,
    /// The stack and the set of each sample, and its weights.
    stacks: Vec<u32>,
    sets: Vec<u32>,
    weights: Rows,
    /// How many of them, the first, were joined already.
    joined: usize,
}

impl PartialEq for Labels {
    fn eq(&self, other: &Labels) -> bool {
        let columns = |labels: &Labels| {
            let (stacks, sets, weights) = labels.joined();
            (stacks, sets, weights.into_columns())
        };
        (&self.texts, &self.pairs, &self.ends) == (&other.texts, &other.pairs, &other.ends)
            && columns(self) == columns(other)
    }
}

/// The stack and the set of each pair of these, and weights.
type Joined = (Vec<u32>, Vec<u32>, Rows);

impl Labels {
    /// Labels of a profile of which nothing had any so far: its stacks have the empty set.
    fn new(weights: &Rows, stacks: usize) -> Labels {
        Labels {
            ends: vec![0],
            stacks: (0..stacks as u32).collect(),
            sets: vec![0; stacks],
            weights: weights.clone(),
            joined: stacks,
            ..Labels::default()
        }
    }

    /// A sample type more, of which all samples so far have 0.
    pub(super) fn grow(&mut self) {
        self.weights.widen();
    }

    /// Samples of the same stack and set as one, in the order of the first of each. Time is linear.
    pub(super) fn joined(&self) -> Joined {
        let (mut stacks, mut sets): (Vec<u32>, Vec<u32>) = (Vec::new(), Vec::new());
        let mut known = Table::default();
        let mut place = |(stack, set): (&u32, &u32)| {
            let key = hash([u64::from(*stack) << 32 | u64::from(*set)].into_iter());
            let new = stacks.len() as u32;
            let is = |at: u32| stacks.get(at as usize) == Some(stack) && sets.get(at as usize) == Some(set);
            let at = known.find_or_insert(key, new, is);
            if at.is_none() {
                stacks.push(*stack);
                sets.push(*set);
            }
            at.unwrap_or(new)
        };
        let places: Vec<u32> = self.stacks.iter().zip(&self.sets).map(&mut place).collect();
        drop(known);
        let mut weights = self.weights.alike(stacks.len());
        for (sample, place) in places.into_iter().enumerate() {
            weights.add(place as usize, self.weights.row(sample));
        }
        (stacks, sets, weights)
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

    pub(super) fn set(&self, at: u32) -> &[(u32, u32)] {
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

    /// Notes a sample: its stack, the set of its labels, and its weights.
    #[inline]
    fn sample(&mut self, stack: usize, set: LabelSet, weights: &[f64]) -> usize {
        self.stacks.push(stack as u32);
        self.sets.push(set.0);
        self.weights.push(weights)
    }

    /// About how many bytes all of it takes with so many samples, when they are joined: each text lies here twice, and
    /// each set and sample has a slot of a table.
    fn bytes(&self, samples: usize) -> u64 {
        let texts = self.texts.len() * 100 + self.text_bytes * 2;
        let sets = self.pairs.len() * 8 + self.ends.len() * 32;
        (texts + sets + samples * (32 + 8 * self.weights.columns())) as u64
    }

    /// Whether what is known of labels takes at most so many bytes. Samples that are not joined yet may take half as
    /// many beside them, so that joining them takes no more time than adding them.
    fn fit(&mut self, most: u64) -> bool {
        let samples = self.stacks.len();
        if self.bytes(samples) > most && samples - self.joined > self.joined / 2 {
            (self.stacks, self.sets, self.weights) = self.joined();
            self.joined = self.stacks.len();
        }
        self.bytes(self.joined) <= most
    }

    /// The values of a set under a key.
    pub(super) fn values<'l>(&'l self, set: u32, key: &'l str) -> impl Iterator<Item = &'l str> {
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
    #[inline]
    pub(crate) fn add_in(&mut self, set: LabelSet, stack: &[Frame], weights: &[f64]) {
        let at = self.place(stack, weights);
        if let Some(labels) = &mut self.profile.labels {
            labels.sample(at, set, weights);
        }
    }

    /// Adds the weight of one sample type to a stack with a set of labels.
    pub(crate) fn add_to_in(&mut self, set: LabelSet, sample_type: usize, stack: &[Frame], weight: f64) {
        let at = self.place_of(sample_type, stack, weight);
        if let Some(labels) = &mut self.profile.labels {
            let sample = labels.sample(at, set, &[]);
            labels.weights.add_to(sample, sample_type, weight);
        }
    }

    /// Whether the labels take at most about so many bytes.
    pub(crate) fn labels_fit(&mut self, most: u64) -> bool {
        self.profile.labels.as_mut().is_none_or(|labels| labels.fit(most))
    }

    fn labels(&mut self) -> &mut Labels {
        let (weights, stacks) = (&self.weights, self.profile.ends.len());
        self.profile.labels.get_or_insert_with(|| Labels::new(weights, stacks))
    }
}
