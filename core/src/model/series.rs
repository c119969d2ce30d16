//! A series: one benchmark × parameters × metric, as columns.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::model::Marks;
use crate::unit::{Better, Unit};

/// What makes a series the same series in another file.
#[derive(Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct SeriesKey {
    /// Package, class, group; may be empty.
    pub suite: String,
    /// The benchmark's name without its parameters.
    pub benchmark: String,
    /// Parameters by name.
    pub params: BTreeMap<String, String>,
    /// The metric: `time`, `user`, `B/op`, `p99-s` …
    pub metric: String,
}

/// A text that is the same for equal keys and different for others: what tells series apart, so that
/// maps by series are maps by text.
#[must_use]
pub(crate) fn identity(suite: &str, benchmark: &str, params: &BTreeMap<String, String>, metric: &str) -> String {
    let mut out = String::with_capacity(suite.len() + benchmark.len() + metric.len() + 8);
    let mut part = |text: &str| {
        // The length before it, in digits of base 64 of which the last is below 64: no text can
        // pretend to be two.
        let mut length = text.len();
        while length >= 64 {
            out.push(char::from(64 + (length % 64) as u8));
            length /= 64;
        }
        out.push(char::from(length as u8));
        out.push_str(text);
    };
    for text in [suite, benchmark, metric] {
        part(text);
    }
    for (name, value) in params {
        part(name);
        part(value);
    }
    out
}

impl SeriesKey {
    /// [`identity`] of this key.
    pub(crate) fn identity(&self) -> String {
        identity(&self.suite, &self.benchmark, &self.params, &self.metric)
    }
}

/// A text whose order is that of keys, and that is the same for equal keys only: comparing two of them is one look
/// at their bytes, where comparing two keys walks both maps.
#[must_use]
pub(crate) fn in_order(suite: &str, benchmark: &str, params: &BTreeMap<String, String>, metric: &str) -> String {
    let mut out = String::with_capacity(suite.len() + benchmark.len() + metric.len() + 24 * params.len() + 4);
    let mut part = |begin: &str, text: &str| {
        out.push_str(begin);
        // A text ends in a byte below all that it may hold.
        if text.bytes().all(|b| b > 1) {
            out.push_str(text);
        } else {
            text.chars().for_each(|c| match c {
                '\0' => out.push_str("\u{1}\u{1}"),
                '\u{1}' => out.push_str("\u{1}\u{2}"),
                other => out.push(other),
            });
        }
        out.push('\0');
    };
    part("", suite);
    part("", benchmark);
    for (name, value) in params {
        part("\u{1}", name);
        part("", value);
    }
    // Where one map ends and the other goes on, the shorter one comes first.
    part("\0", metric);
    out
}

/// One benchmark × parameters × metric.
#[derive(Clone, Debug, PartialEq)]
pub struct Series {
    /// Its identity.
    pub key: SeriesKey,
    /// Base unit of its values.
    pub unit: Unit,
    /// Direction in which it gets better.
    pub better: Better,
    /// What may be assumed of its values.
    pub assumption: Assumption,
    /// Whether it takes part in the gate; secondary metrics are shown and gate only on request.
    pub primary: bool,
    /// The values.
    pub data: SeriesData,
}

/// What may be assumed of values.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Assumption {
    /// They vary.
    Sampled,
    /// The tool says that they are exact (`assume=exact`): compared by value, without a test.
    Exact,
    /// They vary from process to process, which one process does not show: the peak memory of a process,
    /// unlike what an operation allocates.
    Varies,
}

/// Values, or what a tool kept of them.
#[derive(Clone, Debug, PartialEq)]
pub enum SeriesData {
    /// Single values with their place in the hierarchy.
    Columns(Columns),
    /// Only a summary, one per arm that has one: `(arm, summary)`.
    Aggregates(Vec<(u32, Aggregate)>),
}

/// The operations of a value that averages many, of which its file states no number.
pub const UNKNOWN_OPERATIONS: u64 = u32::MAX as u64;

/// The round of a value that belongs to none.
pub const NO_ROUND: u32 = u32::MAX;

/// Values in collection order, struct of arrays: all columns have the same length.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Columns {
    /// The values in base units, per operation; finite.
    pub values: Vec<f64>,
    /// For each value its fork: an index into [`Run::forks`](crate::model::Run::forks).
    pub fork: Vec<u32>,
    /// For each value how many operations it is the mean of; at least 1. A value with 1 is a
    /// per-operation value: only those say anything about tails.
    pub ops: Vec<u64>,
    /// For each value its marks (those of the fork are not repeated here).
    pub marks: Vec<Marks>,
    /// For each value the lockstep round inside its block, or [`NO_ROUND`]: values of one block
    /// and round were measured right after each other and are a pair. Empty: no value has one.
    pub round: Vec<u32>,
    /// For each value how many values of its round were measured before it; 0 without a round.
    /// As long as `round`.
    pub turn: Vec<u32>,
    /// For each value how often it was seen (histograms). Empty: once each.
    pub weight: Vec<u64>,
}

impl Columns {
    /// Makes room for so many more values.
    pub fn reserve(&mut self, more: usize) {
        self.values.reserve(more);
        self.fork.reserve(more);
        self.ops.reserve(more);
        self.marks.reserve(more);
    }

    /// Adds a plain value without round or weight.
    pub fn push(&mut self, value: f64, fork: u32, ops: u64, marks: Marks) {
        self.values.push(value);
        self.fork.push(fork);
        self.ops.push(ops.max(1));
        self.marks.push(marks);
        if !self.round.is_empty() {
            self.in_round(NO_ROUND, 0);
        }
    }

    /// Says of the values that were added to the column of values alone what [`Columns::push`] says of one.
    pub(crate) fn placed(&mut self, fork: u32, ops: u64, marks: Marks) {
        let n = self.values.len();
        self.fork.resize(n, fork);
        self.ops.resize(n, ops.max(1));
        self.marks.resize(n, marks);
        if !self.round.is_empty() {
            self.round.resize(n, NO_ROUND);
            self.turn.resize(n, 0);
        }
    }

    /// Says of the last value which round it belongs to and how many of it ran before.
    pub fn in_round(&mut self, round: u32, turn: u32) {
        let last = self.len().saturating_sub(1);
        self.round.resize(last, NO_ROUND);
        self.turn.resize(last, 0);
        self.round.push(round);
        self.turn.push(turn);
    }

    /// How many values.
    #[must_use]
    pub fn len(&self) -> usize {
        self.values.len()
    }
    /// Whether there are none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.values.is_empty()
    }
}

/// What a tool kept of values that it threw away.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
pub struct Aggregate {
    /// How many values there were, where known.
    pub n: Option<u64>,
    /// Their mean; where [`Aggregate::median_only`] says so their median, since nothing else is known.
    pub mean: f64,
    /// Whether the tool states a median and no mean.
    pub median_only: bool,
    /// Their standard deviation, where known.
    pub std_dev: Option<f64>,
    /// Their median, where known.
    pub median: Option<f64>,
    /// An interval that the tool states, with its confidence: (low, high, confidence).
    pub interval: Option<(f64, f64, f64)>,
}

#[cfg(test)]
mod tests {
    use super::{SeriesKey, identity, in_order};
    use alloc::collections::BTreeMap;
    use alloc::string::{String, ToString};
    use alloc::vec::Vec;

    #[test]
    fn different_keys_have_different_identities() {
        let long = |n: usize| "a".repeat(n);
        let texts = ["", "a", "aa", "\u{1}a", "\0", "\0\0", "A", &long(63), &long(64), &long(65), &long(4096)];
        let params: Vec<BTreeMap<String, String>> =
            [&[][..], &[("", "")], &[("a", "")], &[("", "a")], &[("", ""), ("a", "")]]
                .iter()
                .map(|list| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
                .collect();
        let mut all = Vec::new();
        for suite in texts {
            for benchmark in texts {
                for metric in texts {
                    all.extend(params.iter().map(|p| identity(suite, benchmark, p, metric)));
                }
            }
        }
        let count = all.len();
        all.sort_unstable();
        all.dedup();
        assert_eq!(all.len(), count);
    }

    #[test]
    fn texts_in_order_compare_as_their_keys() {
        let texts =
            ["", "a", "ab", "b", "\0", "\0a", "\u{1}", "\u{1}\u{1}", "\u{2}", "a\0", "a\u{1}", "ä", "\u{10ffff}"];
        let params: Vec<BTreeMap<String, String>> = [
            &[][..],
            &[("", "")],
            &[("a", "")],
            &[("", "a")],
            &[("", ""), ("a", "")],
            &[("\0", "\u{1}")],
            &[("a", "\0")],
        ]
        .iter()
        .map(|list| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect())
        .collect();
        let mut keys = Vec::new();
        for (at, suite) in texts.iter().enumerate() {
            for benchmark in texts {
                // One metric each is enough behind every map.
                let metric = texts[(at + benchmark.len()) % texts.len()];
                let key = |params: &BTreeMap<String, String>| SeriesKey {
                    suite: suite.to_string(),
                    benchmark: benchmark.to_string(),
                    params: params.clone(),
                    metric: metric.to_string(),
                };
                keys.extend(params.iter().map(key));
            }
        }
        let text = |key: &SeriesKey| in_order(&key.suite, &key.benchmark, &key.params, &key.metric);
        for a in &keys {
            let own = text(a);
            for b in keys.iter().step_by(3) {
                assert_eq!(own.cmp(&text(b)), a.cmp(b), "{a:?} {b:?}");
            }
        }
    }
}
