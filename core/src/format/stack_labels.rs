//! Labels of the sample in work: threads, processes, attributes. The small engine of the page keeps none.

use alloc::vec::Vec;

use crate::format::stacks::Stacks;
#[cfg(feature = "full")]
pub(super) use crate::profile::LabelSet;
#[cfg(feature = "full")]
use crate::source::NoticeCode;

/// Bytes that labels may take for each byte of the input, and beside them: together with the stacks less than a profile
/// may take. Real recordings need a small part of it; a file in which each sample is of another thread gets there.
#[cfg(feature = "full")]
const KEPT: (u64, u64) = (4, 1 << 20);

/// A label by the numbers of its key and its value.
pub(super) type Label = (u32, u32);

impl Stacks<'_> {
    /// Says of which thread the samples are that are added next.
    pub(super) fn of_thread(&mut self, name: &str) {
        let mut labels: Vec<Label> = self.label("thread", name).into_iter().collect();
        self.labels = self.label_set(&mut labels);
    }
}

#[cfg(feature = "full")]
impl Stacks<'_> {
    /// A label; `None` where there is no value, or where labels take too much memory for the input, which is told.
    pub(super) fn label(&mut self, key: &str, value: &str) -> Option<Label> {
        (!value.is_empty() && self.has_room()).then(|| self.builder.label(key, value))
    }

    /// The set of some labels, which are sorted; none where labels take too much memory for the input.
    pub(super) fn label_set(&mut self, labels: &mut Vec<Label>) -> LabelSet {
        if labels.is_empty() || !self.has_room() { LabelSet::default() } else { self.builder.label_set(labels) }
    }

    /// Adds the stack in work with its labels; where these take too much memory, without them.
    pub(super) fn put(&mut self, sample_type: usize, weight: f64) {
        let set = self.kept();
        self.builder.add_to_in(set, sample_type, &self.stack, weight);
    }

    /// The same with a weight for each sample type.
    pub(super) fn put_row(&mut self, weights: &[f64]) {
        let set = self.kept();
        self.builder.add_in(set, &self.stack, weights);
    }

    fn kept(&mut self) -> LabelSet {
        if self.labels == LabelSet::default() || self.has_room() { self.labels } else { LabelSet::default() }
    }

    fn has_room(&mut self) -> bool {
        let most = self.source.bytes.len() as u64 * KEPT.0 + KEPT.1;
        let room = self.builder.labels_fit(most);
        if !room {
            self.notices.push(NoticeCode::Folded, self.at, "labels, which take too much memory for the input");
        }
        room
    }
}

/// Nothing is kept of labels.
#[cfg(not(feature = "full"))]
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct LabelSet(());

#[cfg(not(feature = "full"))]
impl Stacks<'_> {
    pub(super) fn label(&mut self, _key: &str, _value: &str) -> Option<Label> {
        None
    }

    pub(super) fn label_set(&mut self, _labels: &mut Vec<Label>) -> LabelSet {
        LabelSet(())
    }

    #[inline]
    pub(super) fn put(&mut self, sample_type: usize, weight: f64) {
        let LabelSet(()) = self.labels;
        self.builder.add_to(sample_type, &self.stack, weight);
    }

    #[inline]
    pub(super) fn put_row(&mut self, weights: &[f64]) {
        self.builder.add(&self.stack, weights);
    }
}
