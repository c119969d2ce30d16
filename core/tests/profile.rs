//! From bytes to a flame graph, on profiles written here.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze_all};
use noisefloor_core::flame::{FlameLayout, SvgOptions, layout, svg};
use noisefloor_core::format::{self, Content};
use noisefloor_core::profile::{FOLDED_AWAY, Frame, Pattern, Profile, ProfileBuilder, SampleType, StackTree, View};
use noisefloor_core::report::ProfileReport;
use noisefloor_core::source::{NoticeCode, Source};

/// Writes messages of protobuf.
#[derive(Default, Clone)]
struct Message(Vec<u8>);

impl Message {
    fn varint(&mut self, mut value: u64) {
        while value > 0x7f {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }
    fn number(mut self, field: u64, value: u64) -> Message {
        self.varint(field << 3);
        self.varint(value);
        self
    }
    fn bytes(mut self, field: u64, content: &[u8]) -> Message {
        self.varint(field << 3 | 2);
        self.varint(content.len() as u64);
        self.0.extend_from_slice(content);
        self
    }
    fn packed(self, field: u64, values: &[u64]) -> Message {
        let mut inner = Message::default();
        values.iter().for_each(|v| inner.varint(*v));
        self.bytes(field, &inner.0)
    }
}

/// A profile of two types: main calls work (with an inlined helper) and wait; ids are not dense, and
/// the strings come last, as Go writes them.
fn sample_file() -> Vec<u8> {
    let strings = ["", "samples", "count", "cpu", "nanoseconds", "main", "work", "helper", "wait", "/bin/prog"];
    let line = |function: u64| Message::default().number(1, function).number(2, 10).0;
    let mut file = Message::default()
        .number(9, 1_700_000_000_000_000_000)
        .bytes(1, &Message::default().number(1, 1).number(2, 2).0)
        .bytes(1, &Message::default().number(1, 3).number(2, 4).0)
        // Leaf first; one packed, one not.
        .bytes(2, &Message::default().packed(1, &[7000, 50]).packed(2, &[3, 30]).0)
        .bytes(2, &Message::default().number(1, 9).number(1, 50).number(2, 1).number(2, 10).0)
        .bytes(2, &Message::default().packed(1, &[7000, 50]).packed(2, &[2, 20]).0)
        .bytes(2, &Message::default().packed(1, &[4, 50]).packed(2, &[1, 10]).0)
        .bytes(3, &Message::default().number(1, 1).number(2, 0x40_0000).number(5, 9).0)
        .bytes(4, &Message::default().number(1, 50).bytes(4, &line(11)).0)
        .bytes(4, &Message::default().number(1, 7000).bytes(4, &line(13)).bytes(4, &line(12)).0)
        .bytes(4, &Message::default().number(1, 9).bytes(4, &line(14)).0)
        .bytes(4, &Message::default().number(1, 4).number(2, 1).number(3, 0x40_0123).0);
    for (id, name) in [(11, 5), (12, 6), (13, 7), (14, 8)] {
        file = file.bytes(5, &Message::default().number(1, id).number(2, name).0);
    }
    for text in strings {
        file = file.bytes(6, text.as_bytes());
    }
    file.number(10, 2_000_000_000).0
}

fn read(bytes: &[u8]) -> Result<(Profile, Vec<NoticeCode>), &'static str> {
    match format::read(Source { name: "p", bytes }) {
        Ok((_, parsed)) => match parsed.value {
            Content::Profile(profile) => Ok((profile, parsed.notices.iter().map(|n| n.code).collect())),
            other => panic!("{other:?}"),
        },
        Err(e) => Err(e.kind.code()),
    }
}

fn summary(bytes: &[u8]) -> ProfileReport {
    let input = Input { source: Source { name: "p", bytes }, side: None };
    analyze_all(&[input], &AnalysisConfig::default()).report.profiles.remove(0)
}

fn stacks(profile: &Profile) -> Vec<(String, f64)> {
    let name = |f: &Frame| format!("{}{}", profile.name(f.function()), if f.inlined() { "*" } else { "" });
    let line = |i: usize| profile.stack(i).iter().map(name).collect::<Vec<_>>().join(";");
    (0..profile.len()).map(|i| (line(i), profile.weights(1)[i])).collect()
}

#[test]
fn a_profile_is_read_with_inlined_frames_and_unnamed_places() {
    let (profile, notices) = read(&sample_file()).unwrap();
    assert_eq!(notices, []);
    assert_eq!(profile.sample_types()[1], SampleType::new("cpu", "nanoseconds"));
    assert_eq!((profile.default_type(), profile.duration_seconds()), (1, Some(2.0)));
    let want = [("main;work;helper*", 50.0), ("main;wait", 10.0), ("main;[prog+0x123]", 10.0)];
    assert_eq!(stacks(&profile), want.map(|(s, w)| (s.to_string(), w)));
    let report = summary(&sample_file());
    let top: Vec<_> =
        report.top.iter().map(|t| (t.function.as_str(), t.self_value, t.total_value, t.inlined)).collect();
    let want = [
        ("helper", 50.0, 50.0, true),
        ("[prog+0x123]", 10.0, 10.0, false),
        ("wait", 10.0, 10.0, false),
        ("main", 0.0, 70.0, false),
        ("work", 0.0, 50.0, false),
    ];
    assert_eq!(top, want);
    assert_eq!((report.samples, report.quality.rooted), (7, 1.0));
    assert!((report.quality.symbolized - 6.0 / 7.0).abs() < 1e-12);
}

#[test]
fn broken_profiles_are_refused_with_a_reason() {
    let file = sample_file();
    assert_eq!(read(&[&file[..], &file[..]].concat()).err(), Some("concatenated"));
    let with = |more: Message| read(&[&file[..], &more.0[..]].concat()).err();
    assert_eq!(
        with(Message::default().bytes(2, &Message::default().packed(1, &[50]).packed(2, &[1]).0)),
        Some("wrong-shape")
    );
    assert_eq!(
        with(Message::default().bytes(5, &Message::default().number(1, 99).number(2, 77).0)),
        Some("bad-reference")
    );
    assert_eq!(with(Message(vec![0x12, 0xff])), Some("invalid-protobuf"));
    assert_eq!(with(Message(vec![0x0b])), Some("invalid-protobuf"));
    let dangling = Message::default().bytes(2, &Message::default().packed(1, &[123]).packed(2, &[1, 5]).0);
    let (_, notices) = read(&[&file[..], &dangling.0[..]].concat()).unwrap();
    assert_eq!(notices, [NoticeCode::DanglingReference]);
    // A length of 2⁶⁴ and a varint of eleven bytes.
    assert_eq!(with(Message([vec![0x12], vec![0xff; 9], vec![1]].concat())), Some("invalid-protobuf"));
    assert_eq!(with(Message([vec![0x48], vec![0xff; 10], vec![1]].concat())), Some("invalid-protobuf"));
}

#[test]
fn ids_are_unique_and_stacks_bounded() {
    let file = sample_file();
    let with = |more: &[u8]| read(&[&file[..], more].concat()).err();
    let id = |field: u64, id: u64| Message::default().bytes(field, &Message::default().number(1, id).0).0;
    for field in [3, 4, 5] {
        assert_eq!(with(&id(field, 0)), Some("bad-reference"), "{field}");
        assert_eq!(with(&[id(field, 1 << 63), id(field, 1 << 63)].concat()), Some("bad-reference"), "{field}");
    }
    // 20 000 lines in one place, which one sample names 20 000 times.
    let lines = Message::default().bytes(4, &Message::default().number(1, 11).0).0.repeat(20_000);
    let place = Message::default().bytes(4, &[Message::default().number(1, 99).0, lines].concat()).0;
    let stack = Message::default().packed(1, &vec![99; 20_000]).packed(2, &[1, 1]).0;
    assert_eq!(with(&[place.clone(), Message::default().bytes(2, &stack).0].concat()), Some("limit-exceeded"));
    // And samples that say the same again and again.
    let stack = Message::default().packed(1, &[99; 100]).packed(2, &[1, 1]).0;
    let often = Message::default().bytes(2, &stack).0.repeat(1000);
    assert_eq!(with(&[place, often].concat()), Some("limit-exceeded"));
}

#[test]
fn cut_and_changed_profiles_never_panic() {
    let file = sample_file();
    let mut state = 7u64;
    for end in 0..file.len() {
        let _ = read_any(&file[..end]);
    }
    for _ in 0..5000 {
        let mut bytes = file.clone();
        for _ in 0..2 {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            let at = (state >> 33) as usize % bytes.len();
            bytes[at] = (state >> 24) as u8;
        }
        if let Some(profile) = read_any(&bytes) {
            for kind in 0..profile.sample_types().len() {
                let view = View { sample_type: Some(kind), unfold: true, ..View::default() };
                let tree = StackTree::build(&profile, &view);
                let sum: f64 = profile.weights(kind).iter().sum();
                assert!(
                    (tree.total[0] - sum).abs() <= 1e-9 * profile.weights(kind).iter().map(|w| w.abs()).sum::<f64>()
                );
                let _ = svg(&layout(&tree), &SvgOptions { title: "x".into(), width: 800.0, unit: "u".into() });
            }
        }
    }
}

fn read_any(bytes: &[u8]) -> Option<Profile> {
    match format::read(Source { name: "p", bytes }).ok()?.1.value {
        Content::Profile(profile) => Some(profile),
        _ => None,
    }
}

fn folded(text: &str) -> Profile {
    read(text.as_bytes()).unwrap().0
}

fn names(layout: &FlameLayout) -> Vec<(String, f64)> {
    (0..layout.len() as u32).map(|i| (layout.name_of(i).to_string(), layout.total[i as usize])).collect()
}

#[track_caller]
fn boxes(profile: &Profile, view: &View, want: &[(&str, f64)]) {
    let layout = layout(&StackTree::build(profile, view));
    let want: Vec<(String, f64)> = want.iter().map(|(n, v)| (n.to_string(), *v)).collect();
    assert_eq!(names(&layout), want);
}

const GO: &str = "testing.(*B).runN;main.Bench;main.f;runtime.mallocgc 6\n\
                  testing.(*B).runN;main.Bench;main.g 3\nruntime.mcall;runtime.park_m 1\n";

#[test]
fn views_keep_the_total() {
    let profile = folded(GO);
    let plain = View::default();
    boxes(
        &profile,
        &plain,
        &[("all", 10.0), ("main.Bench", 9.0), ("[runtime]", 1.0), ("main.f", 6.0), ("main.g", 3.0)],
    );
    let unfolded = View { unfold: true, ..View::default() };
    let tree = StackTree::build(&profile, &unfolded);
    assert_eq!((tree.total[0], tree.parent.len()), (10.0, 8));
    let pattern = |p: &str| Some(Pattern::new(p));
    boxes(
        &profile,
        &View { focus: pattern("main.g"), ..plain.clone() },
        &[("all", 3.0), ("main.Bench", 3.0), ("main.g", 3.0)],
    );
    let ignored = View { ignore: pattern("main.f|runtime.mcall"), ..plain.clone() };
    boxes(&profile, &ignored, &[("all", 3.0), ("main.Bench", 3.0), ("main.g", 3.0)]);
    let hidden = View { hide: pattern("main.Bench"), ..plain.clone() };
    boxes(&profile, &hidden, &[("all", 10.0), ("main.f", 6.0), ("main.g", 3.0), ("[runtime]", 1.0)]);
    let inverted = View { inverted: true, ..plain.clone() };
    let leaves = [("main.f", 6.0), ("main.g", 3.0), ("[runtime]", 1.0), ("main.Bench", 6.0), ("main.Bench", 3.0)];
    boxes(&profile, &inverted, &[&[("all", 10.0)], &leaves[..]].concat());
    for max_nodes in 2..12 {
        let tree = StackTree::build(&profile, &View { max_nodes, unfold: true, ..plain.clone() });
        assert_eq!(tree.total[0], 10.0, "{max_nodes}");
        // Each node on the way may need one for its remainder.
        assert!(tree.parent.len() <= max_nodes * 2, "{max_nodes}: {}", tree.parent.len());
        assert_eq!(max_nodes < 8, tree.name.iter().any(|n| tree.names[*n as usize] == FOLDED_AWAY));
    }
    let groups: Vec<_> = summary(GO.as_bytes()).folded.iter().map(|g| (g.id.clone(), g.share)).collect();
    assert_eq!(groups, [("runtime".to_string(), 0.7), ("harness".to_string(), 0.0)]);
}

#[test]
fn boxes_are_found_by_place_key_and_name() {
    let profile = folded("a;b;c 4\na;b;d 2\na;e 2\nf 2\n");
    let layout = layout(&StackTree::build(&profile, &View::default()));
    let at = |name: &str| (0..layout.len() as u32).find(|i| layout.name_of(*i) == name).unwrap();
    let hit = |zoom: &str, x: f64, row: u32| layout.hit(at(zoom), x, row).map(|i| layout.name_of(i));
    assert_eq!(hit("all", 0.5, 0), Some("all"));
    assert_eq!((hit("all", 0.1, 1), hit("all", 0.9, 1)), (Some("a"), Some("f")));
    assert_eq!((hit("all", 0.1, 3), hit("all", 0.5, 3), hit("all", 0.7, 3)), (Some("c"), Some("d"), None));
    assert_eq!(
        (hit("b", 0.9, 3), hit("b", 0.9, 1), hit("b", 1.5, 3), hit("b", 0.5, 9)),
        (Some("d"), Some("a"), None, None)
    );
    let visible = |zoom: &str, min: f64| -> Vec<(String, f64, f64)> {
        let list = layout.visible(at(zoom), 1000.0, 0, 9, min);
        list.iter().map(|b| (layout.name_of(b.index).to_string(), b.x.round(), b.width.round())).collect()
    };
    let want = [("all", 0.0, 1000.0), ("a", 0.0, 1000.0), ("b", 0.0, 1000.0), ("c", 0.0, 667.0), ("d", 667.0, 333.0)];
    assert_eq!(visible("b", 1.0), want.map(|(n, x, w)| (n.to_string(), x, w)));
    assert_eq!(visible("all", 300.0).len(), 4);
    assert_eq!(layout.visible(0, 1000.0, 2, 1, 1.0).len(), 2);
    let name = |i: Option<u32>| i.map(|i| layout.name_of(i));
    assert_eq!(name(layout.first_child_of(at("a"))), Some("b"));
    assert_eq!((name(layout.sibling(at("b"), 1)), name(layout.sibling(at("e"), 1))), (Some("e"), None));
    assert_eq!((name(layout.sibling(at("b"), -1)), name(layout.sibling(0, 1))), (None, None));
    // `b` lies under `a`: its share is not counted again.
    let found = layout.search(&Pattern::new("^a$|^b$|^f$"));
    assert_eq!((found.boxes, (found.share * 1e9).round()), (3, 1e9));
    assert_eq!(layout.search(&Pattern::new("zzz")).boxes, 0);
}

#[test]
fn deep_wide_and_hostile_stacks_are_drawn() {
    let recursive = layout(&StackTree::build(&folded("f;g;f 3\nf 1\nh;f 2\n"), &View::default()));
    let rows: Vec<_> =
        recursive.by_function().iter().map(|r| (recursive.names[r.name as usize].clone(), r.own, r.total)).collect();
    assert_eq!(rows, [("f".to_string(), 6.0, 6.0), ("g".to_string(), 0.0, 3.0), ("h".to_string(), 0.0, 2.0)]);
    let deep = vec!["f"; 20_000].join(";") + " 1\n";
    let tall = layout(&StackTree::build(&folded(&deep), &View::default()));
    assert_eq!(tall.depth(), 20_001);
    assert_eq!(tall.hit(0, 0.5, 20_000), Some(20_000));
    let mut wide = ProfileBuilder::new(Vec::new(), 0);
    for i in 0..100_000 {
        let function = wide.function(&format!("f{i}"));
        wide.add(&[Frame::new(function, false)], &[1.0 + f64::from(i % 7)]);
    }
    let wide = layout(&StackTree::build(&wide.finish().unwrap(), &View::default()));
    assert!(wide.visible(0, 2560.0, 0, 100, 1.0).len() < 3000);
    let hostile = folded("<script>alert(1)</script>;\"&'\u{1b}[31m;]]> 5\n");
    let picture = svg(
        &layout(&StackTree::build(&hostile, &View::default())),
        &SvgOptions { title: "</title><b>".into(), width: f64::NAN, unit: "<u>".into() },
    );
    assert!(!picture.contains("<script") && !picture.contains('\u{1b}') && !picture.contains("<b>"), "{picture}");
    assert!(picture.contains("&lt;script&gt;") && picture.starts_with("<svg") && picture.ends_with("</svg>\n"));
}

#[test]
fn folded_lines_with_two_counts_are_two_profiles() {
    let profile = folded("a;b 3 5\na;c_[i] 1 0\n# a comment\n");
    assert_eq!(profile.sample_types().iter().map(|t| t.name.as_str()).collect::<Vec<_>>(), ["before", "after"]);
    assert_eq!((profile.weights(0), profile.weights(1)), (&[3.0, 1.0][..], &[5.0, 0.0][..]));
    assert!(profile.stack(1)[1].inlined());
    let kernel = folded("a;vfs_read_[k] 2.5\n");
    assert_eq!(kernel.weights(0), [2.5]);
}

#[test]
fn what_is_shown_first_is_the_last_that_holds_anything() {
    let file = |values: [u64; 2], stated: u64| {
        let mut file = Message::default()
            .bytes(1, &Message::default().number(1, 1).number(2, 2).0)
            .bytes(1, &Message::default().number(1, 3).number(2, 2).0)
            .bytes(2, &Message::default().packed(1, &[1]).packed(2, &values).0)
            .bytes(4, &Message::default().number(1, 1).number(3, 7).0);
        for text in ["", "a", "count", "b"] {
            file = file.bytes(6, text.as_bytes());
        }
        file.number(14, stated).0
    };
    let shown = |values, stated| read(&file(values, stated)).unwrap().0.default_type();
    assert_eq!([shown([5, 0], 0), shown([5, 6], 0), shown([5, 0], 3), shown([0, 0], 0)], [0, 1, 1, 1]);
}
