//! Threads of samples, as labels: `thread` is Java's name or, without one, the system's; `thread_id` and `os_thread_id`
//! are their numbers, since names need not be unique.

use alloc::string::String;
use alloc::vec::Vec;

use crate::format::stack_labels::LabelSet;
use crate::format::stacks::{Numbered, Stacks};

use super::reader::Text;

/// What a pool knows of a thread; a number of 0 is none.
#[derive(Clone, Copy)]
pub(super) struct Thread<'a> {
    pub(super) name: Text<'a>,
    pub(super) os_name: Text<'a>,
    pub(super) id: u64,
    pub(super) os_id: u64,
}

impl Default for Thread<'_> {
    fn default() -> Self {
        Thread { name: Text::Null, os_name: Text::Null, id: 0, os_id: 0 }
    }
}

impl Thread<'_> {
    /// Whether there is a name or a number.
    pub(super) fn is_known(&self) -> bool {
        self.id != 0 || self.os_id != 0 || !self.name.is_empty() || !self.os_name.is_empty()
    }
}

/// The threads of a chunk.
pub(super) struct Threads<'a> {
    by_key: Numbered,
    all: Vec<(u64, Thread<'a>)>,
    /// The labels of those that have a sample.
    labels: Vec<Option<LabelSet>>,
}

impl<'a> Threads<'a> {
    pub(super) fn new(all: Vec<(u64, Thread<'a>)>) -> Threads<'a> {
        let keys: Vec<(u64, u32)> = all.iter().zip(0..).map(|((key, _), at)| (*key, at)).collect();
        Threads { by_key: Numbered::new(&keys), labels: alloc::vec![None; all.len()], all }
    }

    /// The labels of the thread under a key; none for one that the pool does not hold.
    pub(super) fn labels(&mut self, to: &mut Stacks<'_>, key: u64) -> LabelSet {
        let place = self.by_key.get(key).map(|at| at as usize);
        let known = place.and_then(|at| self.labels.get_mut(at).zip(self.all.get(at)));
        let Some((known, (_, thread))) = known else { return LabelSet::default() };
        *known.get_or_insert_with(|| {
            let [name, other] = [thread.name, thread.os_name].map(Text::label);
            let id = |number: u64| if number == 0 { String::new() } else { alloc::format!("{number}") };
            let mut labels = Vec::new();
            labels.extend(to.label("thread", if name.is_empty() { &other } else { &name }));
            labels.extend(to.label("thread_id", &id(thread.id)));
            labels.extend(to.label("os_thread_id", &id(thread.os_id)));
            to.label_set(&mut labels)
        })
    }
}

impl Text<'_> {
    /// The text as far as a label may need it: a long one is read in part.
    fn label(self) -> String {
        match self {
            Text::Utf8(bytes) => Text::Utf8(bytes.get(..LONG).unwrap_or(bytes)).plain(),
            Text::Latin1(bytes) => Text::Latin1(bytes.get(..LONG).unwrap_or(bytes)).plain(),
            Text::Chars(bytes, count) => Text::Chars(bytes, count.min(LONG)).plain(),
            Text::Null | Text::Pooled => String::new(),
        }
    }

    fn is_empty(&self) -> bool {
        matches!(self, Text::Null | Text::Pooled | Text::Utf8([]) | Text::Latin1([]) | Text::Chars(_, 0))
    }
}

/// More bytes than a label keeps.
const LONG: usize = 1000;
