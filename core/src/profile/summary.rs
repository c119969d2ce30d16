//! What the report says of a profile.

use alloc::string::ToString;
use alloc::vec;
use alloc::vec::Vec;

use crate::AnalysisConfig;
use crate::profile::groups::{GROUPS, group_of};
use crate::profile::{Category, Profile, category};
use crate::report::{FoldedGroup, ProfileQuality, ProfileReport, SampleTypeReport, TopRow};
use crate::sort::sort_places;

/// Names at which a stack is known to begin.
const ROOTS: &[&str] = &[
    "main",
    "_start",
    "start_thread",
    "clone",
    "clone3",
    "__clone3",
    "thread_start",
    "runtime.main",
    "runtime.mcall",
    "runtime.gcBgMarkWorker",
    "testing.tRunner",
    "java",
];

/// Frames that Go's profilers keep; a stack of one of these depths without a root was cut.
const GO_DEPTHS: [usize; 3] = [32, 64, 128];

/// Sums over all stacks, per function and for the whole.
#[derive(Default)]
struct Sums {
    own: Vec<f64>,
    total: Vec<f64>,
    /// Whether a function stands somewhere without being inlined.
    physical: Vec<bool>,
    rooted: f64,
    symbolized: f64,
    truncated: f64,
    weight: f64,
}

/// What the report says of a profile; `input` and `side` are filled in by the caller. Linear in the
/// frames of the distinct stacks.
#[must_use]
pub fn summarize(profile: &Profile, config: &AnalysisConfig) -> ProfileReport {
    let names = profile.names();
    let sums = sum(profile);
    let groups: Vec<Option<usize>> = names.iter().map(|n| group_of(n)).collect();
    let share = |part: f64| if sums.weight > 0.0 { (part / sums.weight).clamp(0.0, 1.0) } else { 0.0 };
    let mut order: Vec<u32> = (0..names.len() as u32).filter(|f| sums.total[*f as usize] != 0.0).collect();
    sort_places(&mut order, &mut |a, b| {
        let (a, b) = (a as usize, b as usize);
        let by = |v: &[f64]| v[b].total_cmp(&v[a]);
        by(&sums.own).then_with(|| by(&sums.total)).then_with(|| names[a].cmp(&names[b]))
    });
    let types = profile.sample_types().iter().enumerate();
    let count = profile.sample_types().iter().position(|t| t.name == "samples" && t.unit == "count");
    let samples = match count {
        Some(at) => profile.weights(at).iter().sum::<f64>().abs().min(9e15) as u64,
        None => profile.samples,
    };
    ProfileReport {
        input: 0,
        side: None,
        sample_types: types
            .map(|(i, t)| SampleTypeReport {
                name: t.name.clone(),
                unit: t.unit.clone(),
                total: profile.weights(i).iter().sum(),
            })
            .collect(),
        default_type: profile.default_type() as u32,
        samples,
        functions: names.len() as u64,
        duration_seconds: profile.duration_seconds(),
        quality: ProfileQuality {
            rooted: share(sums.rooted),
            symbolized: share(sums.symbolized),
            truncated: share(sums.truncated),
        },
        folded: GROUPS
            .iter()
            .enumerate()
            .filter(|(index, _)| groups.contains(&Some(*index)))
            .map(|(index, group)| {
                let own = groups.iter().zip(&sums.own).filter(|(g, _)| **g == Some(index)).map(|(_, v)| v).sum();
                FoldedGroup { id: group.id.to_string(), share: share(own), folded: true }
            })
            .collect(),
        top: order
            .into_iter()
            .map(|place| place as usize)
            .take(config.top as usize)
            .map(|f| TopRow {
                function: names[f].clone(),
                self_value: sums.own[f],
                total_value: sums.total[f],
                inlined: !sums.physical[f],
            })
            .collect(),
    }
}

fn sum(profile: &Profile) -> Sums {
    let names = profile.names();
    let functions = names.len();
    let root: Vec<bool> =
        names.iter().map(|n| ROOTS.contains(&n.as_str()) || n.ends_with("::main") || n.ends_with(".main")).collect();
    let unknown: Vec<bool> = names.iter().map(|n| category(n) == Category::Unknown).collect();
    // Go cuts its own root off every stack, and any function can start a goroutine: a stack is whole
    // unless it is as deep as the profiler looks.
    let go = names.iter().any(|n| n.starts_with("runtime.") || n.starts_with("testing.("));
    let mut sums = Sums {
        own: vec![0.0; functions],
        total: vec![0.0; functions],
        physical: vec![false; functions],
        ..Sums::default()
    };
    // The stack that last counted a function: a recursive one counts once a stack.
    let mut counted = vec![usize::MAX; functions];
    for (index, weight) in profile.weights(profile.default_type()).iter().enumerate() {
        let stack = profile.stack(index);
        sums.weight += weight;
        let mut rooted = false;
        for frame in stack {
            let f = frame.function() as usize;
            sums.physical[f] |= !frame.inlined();
            rooted |= root[f];
            if counted[f] != index {
                counted[f] = index;
                sums.total[f] += weight;
            }
        }
        if let Some(leaf) = stack.last().map(|f| f.function() as usize) {
            sums.own[leaf] += weight;
            if !unknown[leaf] {
                sums.symbolized += weight;
            }
        }
        let cut = GO_DEPTHS.contains(&stack.iter().filter(|f| !f.inlined()).count());
        if rooted || go && !cut && !stack.is_empty() {
            sums.rooted += weight;
        } else if cut {
            sums.truncated += weight;
        }
    }
    sums
}
