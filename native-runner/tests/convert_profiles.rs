//! Profiles in another format: stacks, totals and sample types survive, and what does not is said.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

mod converted;
mod support;

use std::collections::BTreeMap;
use std::fs;

use converted::{has, inputs, load_paths, noisefloor};
use noisefloor::convert::{Failure, Lost, Stacks, Target, profiles};
use noisefloor_core::format::{self, Content};
use noisefloor_core::profile::{Frame, Profile, ProfileBuilder, SampleType};
use noisefloor_core::source::Source;
use support::Folder;

/// Stacks with their weights, equal ones once; without marks of inlined calls where these are lost.
fn stacks(profile: &Profile, kind: usize, inlined: bool) -> BTreeMap<Vec<(String, bool)>, f64> {
    let mut out = BTreeMap::new();
    for (index, weight) in profile.weights(kind).iter().enumerate() {
        let names =
            profile.stack(index).iter().map(|f| (profile.name(f.function()).to_string(), inlined && f.inlined()));
        *out.entry(names.collect()).or_insert(0.0) += weight;
    }
    out
}

fn read_profile(bytes: &[u8]) -> Profile {
    match format::read(Source { name: "written", bytes }).unwrap().1.value {
        Content::Profile(profile) => profile,
        other => panic!("{other:?}"),
    }
}

fn write_profile(to: Target, loaded: &[Stacks], kind: Option<&str>) -> Result<(Vec<u8>, Lost), String> {
    let (mut out, mut lost) = (Vec::new(), Lost::default());
    match profiles(to, loaded, kind, &mut lost, &mut out) {
        Ok(()) => Ok((out, lost)),
        Err(Failure::Refused(why)) => Err(why),
        Err(Failure::Io(e)) => panic!("{e}"),
    }
}

#[test]
fn profiles_read_back_with_their_stacks_and_totals() {
    let mut counts = [0; 3];
    for paths in inputs("profiles") {
        let loaded = load_paths(&paths);
        let [one] = &loaded.profiles[..] else { continue };
        let (profile, types) = (&one.profile, one.profile.sample_types());

        let (bytes, lost) = write_profile(Target::Pprof, &loaded.profiles, None).unwrap();
        let again = read_profile(&bytes);
        assert_eq!(again.sample_types().len(), types.len());
        let whole = !has(&lost, "rounded") && !has(&lost, "begin with an inlined");
        for (kind, own) in types.iter().enumerate().filter(|_| whole) {
            let factor = match (own.unit.as_str(), again.sample_types()[kind].unit.as_str()) {
                ("milliseconds", "nanoseconds") => 1e6,
                ("microseconds", "nanoseconds") => 1e3,
                ("seconds", "nanoseconds") => 1e9,
                _ => 1.0,
            };
            let mut wanted = stacks(profile, kind, true);
            wanted.values_mut().for_each(|w| *w *= factor);
            assert_eq!(stacks(&again, kind, true), wanted, "{paths:?} {own:?}");
            counts[0] += 1;
        }
        // Whole nanoseconds are written.
        let seconds = |p: &Profile| p.duration_seconds().unwrap_or(0.0);
        let off = (seconds(&again) - seconds(profile)).abs();
        assert!(off <= 1e-9 + seconds(profile) * 1e-12, "{paths:?}");
        let default = |p: &Profile| p.sample_types()[p.default_type()].name.clone();
        assert_eq!(default(&again), default(profile), "{paths:?}");

        for (kind, own) in types.iter().enumerate() {
            let (bytes, _) = write_profile(Target::Speedscope, &loaded.profiles, Some(&own.name)).unwrap();
            let again = read_profile(&bytes);
            // Of two sample types of one name the first is written.
            let first = types.iter().position(|t| t.name == own.name).unwrap();
            let mut wanted = stacks(profile, first, false);
            let mut found = stacks(&again, 0, false);
            wanted.retain(|_, w| *w != 0.0);
            found.retain(|_, w| *w != 0.0);
            assert_eq!(found, wanted, "{paths:?} {kind}");
            counts[1] += 1;
        }

        let (bytes, lost) = write_profile(Target::Folded, &loaded.profiles, None).unwrap();
        let readable = format::detect(&bytes).is_some_and(|f| f.id == "folded");
        assert_eq!(readable, !has(&lost, "being recognised"), "{paths:?}");
        if bytes.is_empty() || has(&lost, "changed") || has(&lost, "below zero") {
            continue;
        }
        let as_folded = format::named("folded").unwrap();
        let again = format::read_as(Source { name: "written", bytes: &bytes }, as_folded).unwrap().value;
        let Content::Profile(again) = again else { panic!("no profile") };
        let mut wanted = stacks(profile, profile.default_type(), true);
        wanted.retain(|_, w| *w != 0.0);
        if let Some(empty) = wanted.remove(&Vec::new()) {
            *wanted.entry(vec![("[empty]".into(), false)]).or_insert(0.0) += empty;
        }
        // A frame of another compiler's mark, or two counts: what the format means differently.
        if again.sample_types().len() == 1 {
            assert_eq!(stacks(&again, 0, true), wanted, "{paths:?}");
            counts[2] += 1;
        }
    }
    assert!(counts.iter().all(|n| *n >= 2), "{counts:?}");
}

#[test]
fn profiles_are_added_up_or_stand_beside_each_other() {
    let folder = Folder::new("convert-profiles");
    fs::write(folder.0.join("a.folded"), "main;a 3\nmain;b_[i] 2\n").unwrap();
    fs::write(folder.0.join("b.folded"), "main;a 4\nmain;c 1\n").unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "a.folded", "b.folded", "--to", "pprof"]);
    assert_eq!(code, Some(0), "{told}");
    let sum = read_profile(&out);
    let name = |names: &[(&str, bool)]| names.iter().map(|(n, i)| (n.to_string(), *i)).collect::<Vec<_>>();
    let wanted = BTreeMap::from([
        (name(&[("main", false), ("a", false)]), 7.0),
        (name(&[("main", false), ("b", true)]), 2.0),
        (name(&[("main", false), ("c", false)]), 1.0),
    ]);
    assert_eq!(stacks(&sum, 0, true), wanted);
    let (_, out, told) = noisefloor(&folder, &["convert", "a.folded", "b.folded", "--to", "speedscope"]);
    assert!(told.contains("lost in speedscope: calls that were inlined, now like any other (1)"), "{told}");
    let json: serde_json::Value = serde_json::from_slice(&out).unwrap();
    assert_eq!(json["profiles"].as_array().unwrap().len(), 2);
    let (code, _, told) = noisefloor(&folder, &["convert", "a.folded", "b.folded", "--to", "folded"]);
    assert!(code == Some(2) && told.contains("do not say which profile"), "{told}");

    // Fractions of a unit of time become whole nanoseconds; others are rounded, and that is said.
    let speedscope = |unit: &str| {
        format!(
            "{{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"shared\":{{\"frames\":[{{\"name\":\"f\"}}]}},\
             \"profiles\":[{{\"type\":\"sampled\",\"name\":\"x\",\"unit\":\"{unit}\",\"startValue\":0,\"endValue\":1,\
             \"samples\":[[0]],\"weights\":[1.25]}}]}}"
        )
    };
    for (unit, value, lost) in [("milliseconds", 1_250_000.0, false), ("bytes", 1.0, true)] {
        fs::write(folder.0.join("s.json"), speedscope(unit)).unwrap();
        let (_, out, told) = noisefloor(&folder, &["convert", "s.json", "--to", "pprof"]);
        assert_eq!(read_profile(&out).weights(0), [value], "{told}");
        assert_eq!(told.contains("values rounded to whole numbers (1)"), lost, "{told}");
    }
}

/// Keys with their values and sums.
fn labels(profile: &Profile, kind: usize) -> BTreeMap<String, Vec<(String, f64)>> {
    let values = |key| profile.label_values(key, kind).into_iter().map(|(value, sum)| (value.to_string(), sum));
    profile.label_keys(kind).into_iter().map(|(key, _)| (key.to_string(), values(key).collect())).collect()
}

#[test]
fn labels_survive_in_pprof() {
    let script = |tid: u32, count: u32| {
        format!("a  7/{tid} 1.5:    {count} cycles: \n\t 4 f (t)\n\nb  {tid} 1.6:    1 cycles: \n\t 4 f (t)\n\n")
    };
    let folder = Folder::new("convert-labels");
    fs::write(folder.0.join("a.perf"), script(8, 5) + &script(9, 2)).unwrap();
    fs::write(folder.0.join("b.perf"), script(9, 30)).unwrap();
    let (code, out, told) = noisefloor(&folder, &["convert", "a.perf", "b.perf", "--to", "pprof"]);
    assert_eq!(code, Some(0), "{told}");
    let sum = read_profile(&out);
    let value = |text: &str, sum: f64| (text.to_string(), sum);
    let wanted = BTreeMap::from([
        ("pid".to_string(), vec![value("7", 37.0)]),
        ("tid".to_string(), vec![value("9", 34.0), value("8", 6.0)]),
    ]);
    assert_eq!((labels(&sum, 0), sum.len()), (wanted, 2));
    // Samples of one stack with other labels stay apart.
    assert!(!told.contains("added up"), "{told}");
    let (_, _, told) = noisefloor(&folder, &["convert", "a.perf", "--to", "folded"]);
    assert!(told.contains("lost in folded: stacks with labels, now without (4)"), "{told}");
    // A profile without labels beside one that has some.
    let mut plain = ProfileBuilder::new(vec![SampleType::new("cycles", "count")], 0);
    plain.add(&[], &[3.0]);
    let mut loaded = vec![Stacks { input: "c".into(), profile: plain.finish().unwrap() }];
    loaded.extend(load_paths(&[folder.0.join("a.perf").display().to_string()]).profiles);
    let again = read_profile(&write_profile(Target::Pprof, &loaded, None).unwrap().0);
    assert_eq!(again.weights(0).iter().sum::<f64>(), 12.0);
    assert_eq!(labels(&again, 0)["tid"], [value("8", 6.0), value("9", 3.0)]);
    assert_eq!(stacks(&again, 0, true)[&Vec::new()], 3.0);
}

/// Labels of all profiles of the corpora come back as they were, those of threads above all.
#[test]
fn labels_of_real_profiles_read_back() {
    let mut seen = BTreeMap::new();
    for paths in inputs("profiles") {
        let loaded = load_paths(&paths);
        let [one] = &loaded.profiles[..] else { continue };
        let (bytes, lost) = write_profile(Target::Pprof, &loaded.profiles, None).unwrap();
        let again = read_profile(&bytes);
        for kind in (0..one.profile.sample_types().len()).filter(|_| !has(&lost, "rounded")) {
            let own = labels(&one.profile, kind);
            // Times in other units are written as nanoseconds.
            if one.profile.sample_types()[kind] == again.sample_types()[kind] {
                assert_eq!(labels(&again, kind), own, "{paths:?}");
            }
            own.into_keys().for_each(|key| *seen.entry(key).or_insert(0) += 1);
        }
    }
    if converted::open_corpus().is_dir() {
        assert!(["thread", "tid", "thread.name"].iter().all(|key| seen.contains_key(*key)), "{seen:?}");
    }
}

#[test]
fn speedscope_opens_with_the_type_that_the_profile_shows() {
    let types = [("samples", "count"), ("cpu", "nanoseconds")].map(|(name, unit)| SampleType::new(name, unit));
    let mut builder = ProfileBuilder::new(types.to_vec(), 1);
    builder.add_names(["main", "work"].into_iter(), &[3.0, 30.0]);
    let one = Stacks { input: "cpu".into(), profile: builder.finish().unwrap() };
    let index = |kind: Option<&str>| {
        let (bytes, _) = write_profile(Target::Speedscope, std::slice::from_ref(&one), kind).unwrap();
        let json: serde_json::Value = serde_json::from_slice(&bytes).unwrap();
        let profiles = json["profiles"].as_array().unwrap().clone();
        let shown = json["activeProfileIndex"].as_u64().unwrap() as usize;
        (profiles.len(), profiles[shown]["name"].as_str().unwrap().to_string())
    };
    assert_eq!(index(None), (2, "cpu".into()));
    assert_eq!(index(Some("samples")), (1, "samples".into()));
}

#[test]
fn folded_stacks_hold_no_values_below_zero() {
    let mut builder = ProfileBuilder::default();
    let kind = builder.sample_type("samples", "count");
    let (main, inlined) = (builder.function("main"), builder.function("inl"));
    builder.add_to(kind, &[Frame::new(main, false), Frame::new(inlined, true)], -10.0);
    builder.add_to(kind, &[Frame::new(main, false)], 7.0);
    let one = Stacks { input: "diff".into(), profile: builder.finish().unwrap() };
    let (bytes, lost) = write_profile(Target::Folded, &[one], None).unwrap();
    assert_eq!(String::from_utf8(bytes).unwrap(), "main 7\n");
    assert_eq!(lost.iter().collect::<Vec<_>>(), [(1, "stacks of a value below zero, which readers refuse")]);
}

#[test]
fn shares_are_those_of_the_sample_type_shown_first() {
    let folder = Folder::new("profile-shares");
    let heap = "heap profile: 4: 400 [ 9: 900] @ heapprofile\n 1: 100 [ 4: 400] @ 0x1\n 3: 300 [ 5: 500] @ 0x2\n";
    fs::write(folder.0.join("heap.txt"), heap).unwrap();
    for (format, wanted) in
        [("text", ["  75.0%   75.0%", "  25.0%   25.0%"]), ("markdown", ["| 75.0% | 75.0% |", "| 25.0% | 25.0% |"])]
    {
        let out = noisefloor(&folder, &["check", "heap.txt", "--format", format]);
        let text = String::from_utf8(out.1).unwrap();
        for share in wanted {
            assert!(text.contains(share), "{format}: {text}");
        }
    }
}
