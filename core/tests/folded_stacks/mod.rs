//! Stacks of a profile as text to compare.

use noisefloor_core::profile::Profile;

/// Every stack as folded text with its weights, sorted.
pub(crate) fn folded(profile: &Profile) -> Vec<String> {
    let stack = |index: usize| {
        let names = profile.stack(index).iter().map(|frame| {
            let name = profile.name(frame.function());
            if frame.inlined() { format!("{name}_[i]") } else { name.to_string() }
        });
        let weights = (0..profile.sample_types().len()).map(|kind| profile.weights(kind)[index].to_string());
        format!("{} {}", names.collect::<Vec<_>>().join(";"), weights.collect::<Vec<_>>().join(" "))
    };
    let mut list: Vec<String> = (0..profile.len()).map(stack).collect();
    list.sort();
    list
}
