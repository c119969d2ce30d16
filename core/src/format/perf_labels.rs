//! Processes and threads of `perf script`, as the labels `pid` and `tid`.

use alloc::collections::BTreeMap;
use alloc::vec::Vec;

use crate::format::stack_labels::LabelSet;
use crate::format::stacks::Stacks;

/// The labels of each process and thread that was met, by number: they come again with every sample.
#[derive(Default)]
pub(super) struct Threads(BTreeMap<(Option<u64>, u64), LabelSet>);

impl Threads {
    /// The labels of `pid/tid`, or of `tid` alone: perf prints both only when it is asked for the process, too.
    /// Without a number there are none.
    pub(super) fn of(&mut self, to: &mut Stacks<'_>, written: &str) -> LabelSet {
        let (process, thread) = written.split_once('/').map_or((None, written), |(pid, tid)| (Some(pid), tid));
        let Ok(tid) = thread.parse() else { return LabelSet::default() };
        let pid = process.and_then(|pid| pid.parse().ok());
        if let Some(known) = self.0.get(&(pid, tid)) {
            return *known;
        }
        let mut labels: Vec<(u32, u32)> = Vec::new();
        labels.extend(process.and_then(|pid| to.label("pid", pid)));
        labels.extend(to.label("tid", thread));
        let set = to.label_set(&mut labels);
        // Where there is no room for labels, there is none for this either.
        if set != LabelSet::default() {
            self.0.insert((pid, tid), set);
        }
        set
    }
}
