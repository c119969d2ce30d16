//! Processes and threads of `perf script`, as the labels `pid` and `tid`.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::format::stack_labels::LabelSet;
use crate::format::stacks::Stacks;

/// A process, where it is known, and a thread.
type Numbers = (Option<u64>, u64);

/// The labels of each process and thread that was met, by number: they come again with every sample.
#[derive(Default)]
pub(super) struct Threads {
    all: BTreeMap<Numbers, LabelSet>,
    /// Those met last, in the slot of the thread's lowest bits: looking there is faster.
    last: Vec<(Numbers, LabelSet)>,
}

/// Threads that are found fast.
const SLOTS: usize = 256;

impl Threads {
    /// The labels of `pid/tid`, or of `tid` alone: perf prints both only when it is asked for the process, too.
    /// Without a number there are none.
    pub(super) fn of(&mut self, to: &mut Stacks<'_>, written: &str) -> LabelSet {
        let (process, thread) = written.split_once('/').map_or((None, written), |(pid, tid)| (Some(pid), tid));
        let Ok(tid) = thread.parse() else { return LabelSet::default() };
        let pid = process.and_then(|pid| pid.parse().ok());
        if self.last.is_empty() {
            self.last.resize(SLOTS, Default::default());
        }
        // A slot that is free holds no labels.
        let slot = tid as usize % SLOTS;
        if let Some((_, known)) =
            self.last.get(slot).filter(|(own, set)| *own == (pid, tid) && *set != LabelSet::default())
        {
            return *known;
        }
        let set = self.all.get(&(pid, tid)).copied().unwrap_or_else(|| self.new_of(to, process, thread, (pid, tid)));
        if let Some(last) = self.last.get_mut(slot) {
            *last = ((pid, tid), set);
        }
        set
    }

    /// The labels of a process and a thread that were not met before.
    fn new_of(&mut self, to: &mut Stacks<'_>, process: Option<&str>, thread: &str, numbers: Numbers) -> LabelSet {
        let mut labels: Vec<(u32, u32)> = Vec::new();
        labels.extend(process.and_then(|pid| to.label("pid", pid)));
        labels.extend(to.label("tid", thread));
        let set = to.label_set(&mut labels);
        // Where there is no room for labels, there is none for this either.
        if set != LabelSet::default() {
            self.all.insert(numbers, set);
        }
        set
    }
}
