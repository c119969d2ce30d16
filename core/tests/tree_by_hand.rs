//! The tree of a profile against one that is made call by call, with nothing that hurries.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;

use noisefloor_core::profile::{
    FOLDED_AWAY, Frame, GROUPS, Pattern, Profile, ProfileBuilder, StackTree, View, group_of,
};

/// Numbers that look random, the same each time.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % end
    }
}

/// Stacks that begin like others, end anywhere, and hold what views fold away and hide.
fn profile(random: &mut Random, stacks: u64) -> Profile {
    let mut builder = ProfileBuilder::default();
    let kind = builder.sample_type("samples", "count");
    let name = |i: u64| match i {
        0 => "runtime.goexit".to_string(),
        1 => "runtime.gcBgMarkWorker".to_string(),
        2 => "hide".to_string(),
        _ => format!("f{i}"),
    };
    let functions: Vec<u32> = (0..12).map(|i| builder.function(&name(i))).collect();
    let mut paths: Vec<Vec<Frame>> = vec![Vec::new()];
    for _ in 0..stacks {
        let mut path = paths[random.below(paths.len() as u64) as usize].clone();
        path.truncate(random.below(40) as usize);
        for _ in 0..random.below(4) {
            path.push(Frame::new(functions[random.below(12) as usize], random.below(5) == 0));
        }
        let weight = [0.0, -1.0, 1.0, 1.0, 2.5][random.below(5) as usize] * (1 + random.below(9)) as f64;
        builder.add_to(kind, &path, weight);
        paths.push(path);
    }
    builder.finish().unwrap()
}

/// The same columns, made in the plainest way.
fn by_hand(profile: &Profile, view: &View) -> StackTree {
    let functions = profile.names().len() as u32;
    let mut tree = StackTree {
        parent: vec![0],
        name: vec![functions],
        inlined: vec![false],
        own: vec![0.0],
        names: StackTree::build(profile, view).names,
        ..StackTree::default()
    };
    let away = tree.names.iter().position(|name| name == FOLDED_AWAY).unwrap() as u32;
    let mut children: BTreeMap<(u32, u32), u32> = BTreeMap::new();
    let weights = profile.weights(0);
    let mut order: Vec<usize> = (0..profile.len()).collect();
    order.sort_by(|a, b| weights[*b].abs().total_cmp(&weights[*a].abs()));
    let matches = |pattern: &Option<Pattern>, frame: &Frame| {
        pattern.as_ref().is_some_and(|pattern| pattern.matches(profile.name(frame.function())))
    };
    for stack in order {
        let frames = profile.stack(stack);
        let any = |pattern: &Option<Pattern>| frames.iter().any(|frame| matches(pattern, frame));
        if view.focus.is_some() && !any(&view.focus) || any(&view.ignore) {
            tree.left_out += weights[stack];
            continue;
        }
        if weights[stack] == 0.0 {
            continue;
        }
        let group = |frame: &Frame| {
            let group = group_of(profile.name(frame.function())).filter(|g| !view.unfolded.contains(g));
            group.filter(|_| !view.unfold && !matches(&view.hide, frame))
        };
        let mut path: Vec<(u32, bool)> = frames
            .iter()
            .filter(|frame| group(frame).is_none() && !matches(&view.hide, frame))
            .map(|frame| (frame.function(), frame.inlined()))
            .collect();
        if view.inverted {
            path.reverse();
        }
        let folded = frames.iter().rev().find_map(group);
        if let (true, Some(group)) = (path.is_empty(), folded) {
            path.push((functions + 2 + group as u32, false));
        }
        let mut at = 0;
        for (name, inlined) in path {
            let full = !children.contains_key(&(at, name)) && tree.own.len() >= view.max_nodes.max(2);
            let name = if full { away } else { name };
            at = *children.entry((at, name)).or_insert_with(|| {
                tree.parent.push(at);
                tree.name.push(name);
                tree.inlined.push(true);
                tree.own.push(0.0);
                tree.own.len() as u32 - 1
            });
            tree.inlined[at as usize] &= inlined;
            if full {
                break;
            }
        }
        tree.own[at as usize] += weights[stack];
    }
    tree.total = tree.own.clone();
    for node in (1..tree.parent.len()).rev() {
        let total = tree.total[node];
        tree.total[tree.parent[node] as usize] += total;
    }
    tree
}

#[test]
fn trees_are_those_that_are_made_call_by_call() {
    let mut random = Random(7);
    let pattern = |text: &str| Some(Pattern::new(text));
    for stacks in [1, 5, 17, 40, 300, 3000] {
        let profile = profile(&mut random, stacks);
        let mut views = vec![
            View::default(),
            View { unfold: true, ..View::default() },
            View { unfolded: vec![0], hide: pattern("hide"), ..View::default() },
            View { focus: pattern("^f5$"), ignore: pattern("^f7$"), ..View::default() },
            View { hide: pattern("^f"), ..View::default() },
        ];
        views.extend([2, 3, 20, 500].map(|max_nodes| View { max_nodes, ..View::default() }));
        let inverted: Vec<View> = views.iter().map(|view| View { inverted: true, ..view.clone() }).collect();
        for view in views.iter().chain(&inverted) {
            assert_eq!(StackTree::build(&profile, view), by_hand(&profile, view), "{stacks} stacks, {view:?}");
        }
    }
    assert!(GROUPS.len() > 1);
}
