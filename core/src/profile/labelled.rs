//! What is asked of labels: which there are, and what of a profile has them.

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;

use crate::profile::labels::Labels;
use crate::profile::rows::Rows;
use crate::profile::{Frame, Profile, ProfileBuilder};
use crate::sort;

/// Pairs of a stack and its labels, in the order in which they were met first; among them are those of stacks without
/// labels. None where nothing has labels, so that the stacks are all that there is.
#[derive(Clone, Debug)]
pub struct Labelled<'p> {
    labels: Option<&'p Labels>,
    stacks: Vec<u32>,
    sets: Vec<u32>,
    weights: Rows,
}

impl Labelled<'_> {
    /// How many pairs there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.stacks.len()
    }
    /// Whether nothing has labels.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.stacks.is_empty()
    }
    /// The number of the stack of a pair, and its labels: keys and values as places in [`Profile::label_texts`].
    #[must_use]
    pub fn get(&self, pair: usize) -> Option<(usize, &[(u32, u32)])> {
        Some((*self.stacks.get(pair)? as usize, self.labels?.set(*self.sets.get(pair)?)))
    }
    /// The weights of a pair, one a sample type; empty for a pair that does not exist.
    #[must_use]
    pub fn weights(&self, pair: usize) -> &[f64] {
        self.weights.row(pair)
    }

    /// Sums by what `of` gives for a set, the largest first, equal ones by their text.
    fn sums<'l>(&self, labels: &'l Labels, sample_type: usize, of: &dyn Fn(u32) -> Vec<u32>) -> Vec<(&'l str, f64)> {
        let mut sums: Vec<Option<f64>> = vec![None; labels.texts.len()];
        for (pair, set) in self.sets.iter().enumerate() {
            let Some(weight) = self.weights(pair).get(sample_type) else { break };
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
}

impl Profile {
    /// Stacks by their labels. Time is linear in the samples of a file with labels: ask once.
    #[must_use]
    pub fn labelled(&self) -> Labelled<'_> {
        let (stacks, sets, weights) = self.labels.as_ref().map(Labels::joined).unwrap_or_default();
        Labelled { labels: self.labels.as_ref(), stacks, sets, weights }
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
        self.labelled().sums(labels, sample_type, &keys)
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
        self.labelled().sums(labels, sample_type, &values)
    }

    /// What of the profile has a label with this value; `None`: nothing has.
    #[must_use]
    pub fn with_label(&self, key: &str, value: &str) -> Option<Profile> {
        let labels = self.labels.as_ref()?;
        self.by_pairs(|set| labels.values(set, key).any(|own| own == value).then(Vec::new))
    }

    /// The profile with the values of a label below all stacks, as functions called `key=value`; what has none stays
    /// as it is, and what has several has them one above the other. `None`: nothing has such a label.
    #[must_use]
    pub fn by_label(&self, key: &str) -> Option<Profile> {
        let labels = self.labels.as_ref().filter(|labels| labels.places.contains_key(key))?;
        let mut any = false;
        let profile = self.by_pairs(|set| {
            let roots: Vec<String> = labels.values(set, key).map(|value| alloc::format!("{key}={value}")).collect();
            any |= !roots.is_empty();
            Some(roots)
        });
        profile.filter(|_| any)
    }

    /// A profile of the same types out of pairs of stacks and labels: of those whose set has roots, above functions of
    /// these names.
    fn by_pairs(&self, mut roots: impl FnMut(u32) -> Option<Vec<String>>) -> Option<Profile> {
        let mut builder = ProfileBuilder::new(self.types.clone(), self.default_type);
        // Functions keep their numbers.
        for name in &self.names {
            builder.function(name);
        }
        let pairs = self.labelled();
        let text = |at: &u32| self.label_texts().get(*at as usize).map_or("", String::as_str);
        let mut frames: Vec<Frame> = Vec::new();
        for (pair, set) in pairs.sets.iter().enumerate() {
            let (Some(roots), Some((stack, labels))) = (roots(*set), pairs.get(pair)) else { continue };
            frames.clear();
            frames.extend(roots.iter().map(|root| Frame::new(builder.function(root), false)));
            frames.extend_from_slice(self.stack(stack));
            let labels: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (text(key), text(value))).collect();
            builder.add_labelled(&frames, &labels, pairs.weights(pair));
        }
        builder.duration(self.duration_seconds.unwrap_or(0.0));
        builder.finish()
    }
}
