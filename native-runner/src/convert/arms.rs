//! Which arm of what is written each arm of the inputs is.

use std::collections::{BTreeMap, BTreeSet};

use noisefloor_core::model::{Arm, Run, SeriesKey};

use crate::convert::{Lost, Results};

/// The arms of several inputs together.
pub(super) struct Joined<'a> {
    /// The arms.
    pub(super) arms: Vec<Arm>,
    /// The inputs, in order.
    pub(super) parts: Vec<Part<'a>>,
}

/// One input among them.
pub(super) struct Part<'a> {
    pub(super) input: &'a str,
    pub(super) format: &'static str,
    pub(super) run: &'a Run,
    /// For each arm of the run that of the whole.
    pub(super) arms: Vec<u32>,
    /// What is added to its blocks and forks, so that two inputs never share one.
    pub(super) first_block: u32,
    pub(super) first_fork: u32,
}

impl Part<'_> {
    /// The arm of a fork; the first where the fork does not exist.
    pub(super) fn arm_of(&self, fork: u32) -> u32 {
        self.arm(self.run.forks.get(fork as usize).map_or(0, |f| f.arm))
    }

    /// The arm that one of the run is among all; the first where it does not exist.
    pub(super) fn arm(&self, own: u32) -> u32 {
        self.arms.get(own as usize).copied().unwrap_or(0)
    }
}

/// Arms of one name are one. A file without arms is an arm of its own where it holds what another one holds too, and
/// has the name of its file; files of different benchmarks are one arm without a name. In a folder or archive that is
/// a side, all arms are that side, as when sides are compared.
pub(super) fn join<'a>(loaded: &'a [Results], lost: &mut Lost) -> Joined<'a> {
    let unnamed = |r: &&Results| r.side.is_none() && r.run.arms.iter().any(|a| a.name.is_empty());
    let mut seen: BTreeSet<&SeriesKey> = BTreeSet::new();
    let mut keys = loaded.iter().filter(unnamed).flat_map(|r| r.run.series.iter().map(|s| &s.key));
    let disjoint = keys.all(|key| seen.insert(key));
    let mut files: BTreeMap<&str, u32> = BTreeMap::new();
    loaded.iter().for_each(|r| *files.entry(file_name(&r.input)).or_default() += 1);

    let mut arms: Vec<Arm> = Vec::new();
    let mut known: BTreeMap<String, u32> = BTreeMap::new();
    let (mut first_block, mut first_fork) = (0u32, 0u32);
    let mut parts = Vec::new();
    for result in loaded {
        let run = &result.run;
        let file = file_name(&result.input);
        let own = match files.get(file) {
            _ if disjoint => "",
            Some(2..) => &result.input,
            _ => file,
        };
        // Of a side it is what was measured before.
        if result.side.is_some() && result.format.id == "criterion" && run.arms.iter().all(|a| a.name == "base") {
            lost.add(1, "earlier measurements of Criterion.rs (`base`), which are of no side");
            continue;
        }
        let mut map = Vec::new();
        for arm in &run.arms {
            let name = match &result.side {
                Some(side) if arm.name.is_empty() || run.arms.len() == 1 => side.clone(),
                Some(side) => format!("{side}: {}", arm.name),
                None if arm.name.is_empty() => own.to_string(),
                None => arm.name.clone(),
            };
            let place = *known.entry(name.clone()).or_insert_with(|| {
                arms.push(Arm { name, command: arm.command.clone() });
                arms.len() as u32 - 1
            });
            map.push(place);
        }
        parts.push(Part { input: &result.input, format: result.format.id, run, arms: map, first_block, first_fork });
        let last = run.forks.iter().filter_map(|f| f.block).max();
        first_block = first_block.saturating_add(last.map_or(0, |b| b.saturating_add(1)));
        first_fork = first_fork.saturating_add(run.forks.len() as u32);
    }
    Joined { arms, parts }
}

fn file_name(name: &str) -> &str {
    name.rsplit(['/', '\\']).next().unwrap_or(name)
}
