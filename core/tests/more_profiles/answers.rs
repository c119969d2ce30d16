//! Profiles of the open corpus against what other tools read from the same files: every stack with its values.
//! The corpus lies beside the project or not at all.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use noisefloor_core::format::{self, Content};
use noisefloor_core::profile::Profile;
use noisefloor_core::source::Source;

/// Stacks, root first, with the sum of each sample type.
type Stacks = BTreeMap<Vec<String>, Vec<f64>>;

pub(crate) fn corpus() -> Option<PathBuf> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/corpus/profiles");
    if !folder.is_dir() {
        eprintln!("skipped: no corpus");
        return None;
    }
    Some(folder)
}

fn read(path: &Path) -> Profile {
    let bytes = std::fs::read(path).unwrap();
    let (_, parsed) = format::read(Source { name: path.to_str().unwrap(), bytes: &bytes }).unwrap();
    let Content::Profile(profile) = parsed.value else { panic!("{} is no profile", path.display()) };
    profile
}

fn add(stacks: &mut Stacks, stack: Vec<String>, values: &[f64]) {
    let sums = stacks.entry(stack).or_insert_with(|| vec![0.0; values.len()]);
    sums.iter_mut().zip(values).for_each(|(sum, value)| *sum += value);
}

/// The stacks of a profile with the values of some of its types; without those of which all values are 0.
fn stacks(profile: &Profile, types: &[usize]) -> Stacks {
    let mut out = Stacks::new();
    for index in 0..profile.len() {
        let names = profile.stack(index).iter().map(|frame| profile.name(frame.function()).to_string());
        let values: Vec<f64> = types.iter().map(|kind| profile.weights(*kind)[index]).collect();
        add(&mut out, names.collect(), &values);
    }
    out.retain(|_, values| values.iter().any(|value| *value != 0.0));
    out
}

/// What `Profile.String` of pprof prints: samples of numbered locations, and where those lie.
fn printed(text: &str) -> (Vec<String>, Stacks) {
    let (head, rest) = text.split_once("\nLocations\n").unwrap();
    let (locations, mappings) = rest.split_once("\nMappings").unwrap();
    let hex = |text: &str| u64::from_str_radix(text.trim_start_matches("0x"), 16).unwrap();
    let mut files: BTreeMap<&str, (u64, u64, &str)> = BTreeMap::new();
    for line in mappings.lines().filter(|line| !line.trim().is_empty()) {
        let (id, rest) = line.split_once(": ").unwrap();
        let mut words = rest.split_whitespace();
        let range: Vec<&str> = words.next().unwrap().split('/').collect();
        let file = words.next().unwrap_or("").rsplit('/').next().unwrap().trim_matches(['[', ']']);
        files.insert(id, (hex(range[0]), hex(range[2]), file));
    }
    let mut names: BTreeMap<&str, String> = BTreeMap::new();
    for line in locations.lines() {
        let (id, rest) = line.trim().split_once(": ").unwrap();
        let words: Vec<&str> = rest.split_whitespace().collect();
        let address = hex(words[0]);
        let mapping = words.get(1).and_then(|word| word.strip_prefix("M="));
        let name = match (mapping, words.get(1)) {
            (None, Some(name)) => name.to_string(),
            (mapping, _) => match mapping.map(|id| files[id]) {
                Some((start, offset, file)) if !file.is_empty() => format!("[{file}+0x{:x}]", address - start + offset),
                _ => format!("0x{address:x}"),
            },
        };
        names.insert(id, name);
    }
    let mut lines = head.split_once("Samples:\n").unwrap().1.lines();
    let types = lines.next().unwrap().split_whitespace().map(|kind| kind.replace("[dflt]", "")).collect();
    let mut out = Stacks::new();
    for line in lines.filter(|line| !line.contains(":[")) {
        let (values, ids) = line.split_once(':').unwrap();
        let values: Vec<f64> = values.split_whitespace().map(|value| value.parse().unwrap()).collect();
        let stack = ids.split_whitespace().rev().map(|id| names[id].clone()).collect();
        add(&mut out, stack, &values);
    }
    out.retain(|_, values| values.iter().any(|value| *value != 0.0));
    (types, out)
}

/// Says which stacks differ.
#[track_caller]
fn same(found: &Stacks, wanted: &Stacks, name: &str) {
    let missing: Vec<_> = wanted.iter().filter(|(stack, sums)| found.get(*stack) != Some(*sums)).collect();
    let further: Vec<_> = found.iter().filter(|(stack, sums)| wanted.get(*stack) != Some(*sums)).collect();
    assert!(missing.is_empty() && further.is_empty(), "{name}: wanted {missing:#?}, found {further:#?}");
}

#[test]
fn the_old_forms_of_pprof_agree_with_pprof() {
    let Some(corpus) = corpus() else { return };
    let mut count = 0;
    for entry in std::fs::read_dir(corpus.join("pprof-legacy/google-pprof")).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap();
        let answer = corpus.join("pprof-expected/google-pprof").join(format!("{name}.string"));
        let (types, wanted) = printed(&std::fs::read_to_string(answer).unwrap());
        let profile = read(&path);
        let found: Vec<String> =
            profile.sample_types().iter().map(|kind| format!("{}/{}", kind.name, kind.unit)).collect();
        assert_eq!(found, types, "{name}");
        let all: Vec<usize> = (0..types.len()).collect();
        let found = stacks(&profile, &all);
        // Lists of threads hold names, which pprof does not read.
        let plain =
            |stacks: Stacks| stacks.into_iter().map(|(stack, values)| (stack.len(), values)).collect::<Vec<_>>();
        if name == "cppbench.thread" {
            let sorted = |mut list: Vec<(usize, Vec<f64>)>| {
                list.sort_by(|a, b| a.partial_cmp(b).unwrap());
                list
            };
            assert_eq!(sorted(plain(found)), sorted(plain(wanted)), "{name}");
        } else {
            same(&found, &wanted, name);
        }
        count += 1;
    }
    assert_eq!(count, 10);
}

#[test]
fn flight_recordings_agree_with_their_conversions() {
    let Some(corpus) = corpus() else { return };
    let name = |file: &str| corpus.join(format!("jfr/pyroscope/cortex-dev-01__kafka-0__{file}.jfr.gz"));
    let table = [
        ("cpu__0", "cpu__0.process_cpu_cpu_nanoseconds_cpu_nanoseconds", "samples", 1e7),
        ("cpu_lock_alloc__0", "cpu_lock_alloc__0.process_cpu_cpu_nanoseconds_cpu_nanoseconds", "samples", 1e7),
        (
            "cpu_lock_alloc__0",
            "cpu_lock_alloc__0.memory_alloc_in_new_tlab_bytes_bytes_space_bytes",
            "alloc_in_new_tlab_bytes",
            1.0,
        ),
        (
            "cpu_lock_alloc__0",
            "cpu_lock_alloc__0.memory_alloc_in_new_tlab_objects_count_space_bytes",
            "alloc_in_new_tlab_objects",
            1.0,
        ),
    ];
    for (recording, answer, kind, each) in table {
        let profile = read(&name(recording));
        let place = profile.sample_types().iter().position(|t| t.name == kind).unwrap();
        let mut found = stacks(&profile, &[place]);
        found.values_mut().for_each(|values| values[0] *= each);
        let wanted = stacks(&read(&corpus.join(format!("pprof/pyroscope-from-jfr/{answer}.pb.gz"))), &[0]);
        // The converter leaves classes as the JVM writes them, puts a point where there is none, and gives the
        // classes that the JVM makes one name.
        let named = |stacks: Stacks| {
            let name = |name: String| {
                let name = name.replace('/', ".").trim_start_matches('.').to_string();
                let made = ["$$Lambda", "GeneratedMethodAccessor"]
                    .iter()
                    .find_map(|made| name.split_once(made).zip(Some(made)));
                match made {
                    Some(((class, rest), made)) => {
                        let method = rest.rsplit_once('.').map_or(rest, |(_, method)| method);
                        format!("{class}{made}_.{method}")
                    }
                    None => name,
                }
            };
            let mut out = Stacks::new();
            stacks.into_iter().for_each(|(stack, sums)| add(&mut out, stack.into_iter().map(name).collect(), &sums));
            out
        };
        same(&named(found), &named(wanted), answer);
    }
}

#[test]
fn profiles_of_ghc_agree_with_their_folded_stacks() {
    let Some(corpus) = corpus() else { return };
    let folder = corpus.join("ghc-prof/inferno");
    let table = [
        ("ticks.prof", 0, "ticks_ticks", 1.0),
        ("ticks.prof", 1, "ticks_bytes", 1.0),
        ("percent.prof", 0, "percent", 10.0),
    ];
    for (file, kind, answer, each) in table {
        let mut found = stacks(&read(&folder.join(file)), &[kind]);
        found.values_mut().for_each(|values| values[0] = (values[0] * each).round());
        let wanted = stacks(&read(&folder.join(format!("expected-{answer}.txt"))), &[0]);
        same(&found, &wanted, answer);
    }
}
