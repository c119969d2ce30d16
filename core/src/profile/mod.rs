//! Profiles: stacks with weights, and the tables made of them.

mod pattern;

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec;
use alloc::vec::Vec;

use crate::AnalysisConfig;
use crate::report::{ProfileQuality, ProfileReport, SampleTypeReport, TopRow};

pub use pattern::Pattern;

/// Stacks with weights of one sample type. Equal stacks are one entry.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Profile {
    type_name: String,
    unit: String,
    names: Vec<String>,
    /// Frames of all stacks, root first, one stack after the other.
    frames: Vec<u32>,
    /// Where each stack ends in `frames`.
    ends: Vec<usize>,
    weights: Vec<f64>,
}

impl Profile {
    /// The stacks, root first, with their weights, in the order first met.
    pub fn stacks(&self) -> impl Iterator<Item = (&[u32], f64)> {
        let starts = core::iter::once(0).chain(self.ends.iter().copied());
        let ranges = starts.zip(&self.ends);
        ranges.zip(&self.weights).map(|((s, e), w)| (self.frames.get(s..*e).unwrap_or(&[]), *w))
    }

    /// The name of a function.
    #[must_use]
    pub fn name(&self, function: u32) -> &str {
        self.names.get(function as usize).map_or("", String::as_str)
    }
}

/// The only way to make a [`Profile`].
#[derive(Debug, Default)]
pub struct ProfileBuilder {
    profile: Profile,
    ids: BTreeMap<String, u32>,
    known: BTreeMap<Vec<u32>, usize>,
}

impl ProfileBuilder {
    /// A profile of one sample type.
    #[must_use]
    pub fn new(type_name: &str, unit: &str) -> ProfileBuilder {
        let profile = Profile { type_name: type_name.to_string(), unit: unit.to_string(), ..Profile::default() };
        ProfileBuilder { profile, ..ProfileBuilder::default() }
    }

    /// Adds a stack, root first; equal stacks are added up.
    pub fn add<'a>(&mut self, stack: impl Iterator<Item = &'a str>, weight: f64) {
        let mut frames = Vec::new();
        for name in stack {
            let id = match self.ids.get(name) {
                Some(id) => *id,
                None => {
                    let id = self.profile.names.len() as u32;
                    self.profile.names.push(name.to_string());
                    self.ids.insert(name.to_string(), id);
                    id
                }
            };
            frames.push(id);
        }
        match self.known.get(&frames).and_then(|i| self.profile.weights.get_mut(*i)) {
            Some(old) => *old += weight,
            None => {
                self.profile.frames.extend(&frames);
                self.profile.ends.push(self.profile.frames.len());
                self.known.insert(frames, self.profile.weights.len());
                self.profile.weights.push(weight);
            }
        }
    }

    /// The profile; `None` without a stack.
    #[must_use]
    pub fn finish(self) -> Option<Profile> {
        (!self.profile.weights.is_empty()).then_some(self.profile)
    }
}

/// Names at which a stack is known to begin.
const ROOTS: &[&str] = &["main", "_start", "start_thread", "clone", "clone3", "thread_start", "runtime.main", "java"];

/// What the report says of a profile; `input` and `side` are filled in by the caller.
#[must_use]
pub fn summarize(profile: &Profile, config: &AnalysisConfig) -> ProfileReport {
    let functions = profile.names.len();
    let (mut own, mut total) = (vec![0.0; functions], vec![0.0; functions]);
    // The stack that last counted a function: a recursive one counts once a stack.
    let mut counted = vec![usize::MAX; functions];
    let (mut sum, mut rooted, mut symbolized) = (0.0, 0.0, 0.0);
    for (index, (stack, weight)) in profile.stacks().enumerate() {
        sum += weight;
        for frame in stack {
            let frame = *frame as usize;
            if counted[frame] != index {
                counted[frame] = index;
                total[frame] += weight;
            }
        }
        if let Some(leaf) = stack.last() {
            own[*leaf as usize] += weight;
            let name = profile.name(*leaf);
            if !name.starts_with("[unknown") && !name.starts_with("0x") {
                symbolized += weight;
            }
        }
        if stack.iter().any(|f| ROOTS.contains(&profile.name(*f)) || profile.name(*f).ends_with("::main")) {
            rooted += weight;
        }
    }
    let mut order: Vec<usize> = (0..functions).collect();
    order.sort_by(|a, b| own[*b].total_cmp(&own[*a]).then_with(|| profile.names[*a].cmp(&profile.names[*b])));
    let share = |part: f64| if sum > 0.0 { part / sum } else { 0.0 };
    ProfileReport {
        input: 0,
        side: None,
        sample_types: [SampleTypeReport { name: profile.type_name.clone(), unit: profile.unit.clone(), total: sum }]
            .into(),
        default_type: 0,
        samples: sum.clamp(0.0, 9e15) as u64,
        functions: functions as u64,
        duration_seconds: None,
        quality: ProfileQuality { rooted: share(rooted), symbolized: share(symbolized), truncated: 0.0 },
        folded: Vec::new(),
        top: order
            .into_iter()
            .take(config.top as usize)
            .map(|f| TopRow {
                function: profile.names[f].clone(),
                self_value: own[f],
                total_value: total[f],
                inlined: false,
            })
            .collect(),
    }
}
