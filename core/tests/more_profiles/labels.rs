//! Labels of pprof samples.

use crate::binary::{bytes, join, number};
use crate::folded_stacks::folded;
use crate::shown::read;

/// `main` and `main;work` with labels: a text, another value of it, a number with a unit, two values, none.
fn labelled() -> Vec<u8> {
    let strings = ["", "cpu", "nanoseconds", "main", "work", "tenant", "a", "b", "bytes", "kb"];
    let mut parts = vec![bytes(1, &join(&[number(1, 1), number(2, 2)]))];
    parts.extend(strings.map(|text| bytes(6, text.as_bytes())));
    for (id, name) in [(1, 3), (2, 4)] {
        parts.push(bytes(5, &join(&[number(1, id), number(2, name)])));
        parts.push(bytes(4, &join(&[number(1, id), bytes(4, &number(1, id))])));
    }
    let text = |value| bytes(3, &join(&[number(1, 5), number(2, value)]));
    let size = bytes(3, &join(&[number(1, 8), number(3, 64), number(4, 9)]));
    let mut sample = |stack: &[u8], value: u64, labels: &[Vec<u8>]| {
        parts.push(bytes(2, &join(&[bytes(1, stack), number(2, value), join(labels)])));
    };
    sample(&[1], 1, &[text(6)]);
    sample(&[2, 1], 2, &[text(6), size.clone()]);
    sample(&[2, 1], 4, &[text(7)]);
    sample(&[2, 1], 8, &[]);
    sample(&[2, 1], 16, &[text(7), text(6)]);
    sample(&[2, 1], 32, &[size, text(6)]);
    join(&parts)
}

#[test]
fn labels_lie_beside_the_stacks() {
    let (_, profile, notices) = read(&labelled()).unwrap();
    assert!(notices.is_empty());
    assert_eq!(folded(&profile), ["main 1", "main;work 62"]);
    assert_eq!(profile.label_keys(0), [("tenant", 55.0), ("bytes", 34.0)]);
    assert_eq!(profile.label_values("tenant", 0), [("a", 51.0), ("b", 20.0)]);
    assert_eq!(profile.label_values("bytes", 0), [("64kb", 34.0)]);
    assert_eq!((profile.label_values("none", 0).len(), profile.label_keys(7).len()), (0, 0));
}

#[test]
fn a_label_filters_and_is_a_root() {
    let (_, profile, _) = read(&labelled()).unwrap();
    let only = profile.with_label("tenant", "a").unwrap();
    assert_eq!(folded(&only), ["main 1", "main;work 50"]);
    // What is left has its labels still.
    assert_eq!(folded(&only.with_label("bytes", "64kb").unwrap()), ["main;work 34"]);
    assert!(profile.with_label("tenant", "c").is_none() && profile.with_label("b", "a").is_none());
    let roots = profile.by_label("tenant").unwrap();
    let wanted = [
        "main;work 8",
        "tenant=a;main 1",
        "tenant=a;main;work 34",
        "tenant=a;tenant=b;main;work 16",
        "tenant=b;main;work 4",
    ];
    assert_eq!(folded(&roots), wanted);
    assert_eq!(roots.names().first().map(String::as_str), Some("main"), "functions keep their numbers");
    assert!(profile.by_label("none").is_none());
    let (_, plain, _) = read(b"main;work 5\n").unwrap();
    assert!(plain.label_keys(0).is_empty() && plain.by_label("a").is_none() && plain.with_label("a", "b").is_none());
}

/// Labels of the open corpus, whatever they are: every key and value gives back what it was said to have.
#[test]
fn labels_of_real_profiles_add_up() {
    let Some(corpus) = crate::answers::corpus() else { return };
    let mut seen = 0;
    for name in
        ["parca/labels.pb.gz", "go-profiler-notes/cpu-profiler-labels.pprof", "pyroscope-convert/cpu-exemplars.pb.gz"]
    {
        let bytes = std::fs::read(corpus.join("pprof").join(name)).unwrap();
        let (_, profile, _) = read(&bytes).unwrap();
        let kind = profile.default_type();
        let sum = |profile: &noisefloor_core::profile::Profile| profile.weights(kind).iter().sum::<f64>();
        for (key, part) in profile.label_keys(kind) {
            let values = profile.label_values(key, kind);
            assert!(values.iter().map(|(_, part)| part).sum::<f64>() >= part, "{name} {key}");
            assert!((sum(&profile.by_label(key).unwrap()) - sum(&profile)).abs() < 1e-6 * sum(&profile));
            for (value, part) in values.iter().take(20) {
                assert_eq!(sum(&profile.with_label(key, value).unwrap()), *part, "{name} {key}={value}");
                seen += 1;
            }
        }
    }
    assert!(seen > 5, "{seen}");
}
