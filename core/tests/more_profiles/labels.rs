//! Labels of samples: those of pprof, and threads and processes of other formats.

use crate::binary::{bytes, join, number};
use noisefloor_core::profile::{Frame, ProfileBuilder};
use noisefloor_core::source::NoticeCode;

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

#[test]
fn what_has_no_label_and_new_sample_types_lie_beside_labels() {
    let mut builder = ProfileBuilder::default();
    let stack = [Frame::new(builder.function("f"), false)];
    let samples = builder.sample_type("samples", "count");
    builder.add_to(samples, &stack, 1.0);
    builder.add_labelled(&stack, &[("k", "a")], &[2.0]);
    let bytes = builder.sample_type("bytes", "bytes");
    builder.add_to(bytes, &stack, 100.0);
    builder.add_labelled(&stack, &[("k", "a")], &[4.0, 200.0]);
    builder.add(&[], &[8.0]);
    let profile = builder.finish().unwrap();
    assert_eq!(folded(&profile), [" 8 0", "f 7 300"]);
    assert_eq!((profile.label_values("k", 0), profile.label_values("k", 1)), (vec![("a", 6.0)], vec![("a", 200.0)]));
    assert_eq!(folded(&profile.by_label("k").unwrap()), [" 8 0", "f 1 100", "k=a;f 6 200"]);
    assert_eq!(profile.labelled().len(), 3);
    // A long text counts to the last whole character of its first 400 bytes.
    let mut builder = ProfileBuilder::default();
    builder.sample_type("samples", "count");
    builder.add_labelled(&[], &[("k", &("x".to_string() + &"ä".repeat(400)))], &[1.0]);
    assert_eq!(builder.finish().unwrap().label_values("k", 0)[0].0.len(), 399);
}

#[test]
fn perf_script_has_processes_and_threads() {
    let text = "a b  42/43 [001] 1.5:    2 cycles: \n\t 4 f (t)\n\na b  42/44 1.6:    4 cycles: \n\t 4 f (t)\n\n\
        a b  42/43 1.7:    8 cycles: \n\t 4 f (t)\n\na b  43 1.8:    16 cycles: \n\t 4 f (t)\n\n\
        a b  /99999999999999999999 1.8:    32 cycles: \n\t 4 f (t)\n\n";
    let (format, profile, _) = read(text.as_bytes()).unwrap();
    assert_eq!((format, folded(&profile)), ("perf-script", vec!["a b;f 62".to_string()]));
    assert_eq!(profile.label_values("pid", 0), [("42", 14.0)]);
    assert_eq!(profile.label_values("tid", 0), [("43", 26.0), ("44", 4.0)]);
    assert_eq!(folded(&profile.with_label("pid", "42").unwrap()), ["a b;f 14"]);
}

/// Every sample of another thread, of which little is said: labels stop where they take too much memory, and are told.
#[test]
fn labels_are_bounded_by_the_input() {
    let text: String = (0..200_000).map(|tid| format!("a {tid} c:\n\n")).collect();
    let (_, profile, notices) = read(text.as_bytes()).unwrap();
    let folded_away = notices.iter().find(|notice| notice.code == NoticeCode::Folded).unwrap();
    assert!(folded_away.detail.starts_with("labels") && folded_away.count > 1000, "{folded_away:?}");
    let with: f64 = profile.label_values("tid", 0).iter().map(|(_, sum)| sum).sum();
    let whole: f64 = profile.weights(0).iter().sum();
    assert!(with > 1000.0 && with < 100_000.0 && whole == 200_000.0, "{with} of {whole}");
    assert_eq!(profile.by_label("tid").unwrap().weights(0).iter().sum::<f64>(), whole);
}

/// Threads of the open corpus against what scripts of Python counted in the same files, apart from this reader: of
/// each file the first threads, how many there are, and that they add up to the whole.
#[test]
fn threads_of_real_profiles_are_those_that_others_count() {
    let Some(corpus) = crate::answers::corpus() else { return };
    for (name, sample_type, key, count, first) in THREADS {
        let (_, profile, _) = read(&std::fs::read(corpus.join(name)).unwrap()).unwrap();
        let kind = profile.sample_types().iter().position(|kind| kind.name == *sample_type).unwrap();
        let values = profile.label_values(key, kind);
        let seen: Vec<_> = values.iter().filter(|(_, sum)| *sum != 0.0).copied().collect();
        assert_eq!((seen.len(), seen.get(..first.len())), (*count, Some(*first)), "{name} {sample_type}");
        let whole: f64 = profile.weights(kind).iter().sum();
        assert_eq!(seen.iter().map(|(_, sum)| sum).sum::<f64>(), whole, "{name} {sample_type}");
        let mut parts = 0.0;
        for (value, sum) in &seen {
            let part: f64 = profile.with_label(key, value).unwrap().weights(kind).iter().sum();
            assert_eq!(part, *sum, "{name} {value}");
            parts += part;
        }
        assert_eq!(parts, whole, "{name}");
    }
}

/// File, sample type, label, how many values there are, and the first of them with their sums.
type Row = (&'static str, &'static str, &'static str, usize, &'static [(&'static str, f64)]);

const THREADS: &[Row] = &[
    (
        "jfr/pyroscope/dump1.jfr.gz",
        "samples",
        "thread",
        8,
        &[
            ("pool-2-thread-4", 601.0),
            ("pool-2-thread-1", 471.0),
            ("pool-2-thread-2", 338.0),
            ("pool-2-thread-7", 215.0),
        ],
    ),
    (
        "jfr/pyroscope/cortex-dev-01__kafka-0__cpu__0.jfr.gz",
        "samples",
        "thread",
        29,
        &[("prometheus-http-1-1", 171.0), ("ReplicaFetcherThread-0-1", 33.0)],
    ),
    (
        "jfr/pyroscope/cortex-dev-01__kafka-0__cpu_lock_alloc__0.jfr.gz",
        "samples",
        "thread",
        30,
        &[("prometheus-http-1-1", 174.0), ("ReplicaFetcherThread-0-1", 38.0)],
    ),
    (
        "jfr/pyroscope/cortex-dev-01__kafka-0__cpu_lock_alloc__0.jfr.gz",
        "alloc_in_new_tlab_objects",
        "thread",
        16,
        &[
            ("prometheus-http-1-1", 176.0),
            ("ReplicaFetcherThread-0-1", 87.0),
            ("data-plane-kafka-request-handler-2", 68.0),
        ],
    ),
    ("jfr/pyroscope/dump1.jfr.gz", "samples", "thread_id", 8, &[("34", 601.0), ("31", 471.0)]),
    ("jfr/pyroscope/dump1.jfr.gz", "samples", "os_thread_id", 8, &[("197062", 601.0), ("197059", 471.0)]),
    (
        "otlp-profiles/pyroscope/otel-ebpf-profile.pb.bin",
        "off_cpu",
        "thread.name",
        82,
        &[("psimon", 6_863_453_910.0), ("kworker/10:1H", 6_842_931_467.0), ("kworker/7:1H", 6_543_019_269.0)],
    ),
    (
        "otlp-profiles/pyroscope/otel-ebpf-profile.pb.bin",
        "off_cpu",
        "thread.id",
        84,
        &[("1288", 6_863_453_910.0), ("287", 6_842_931_467.0)],
    ),
    (
        "otlp-profiles/pyroscope/otel-ebpf-profile.pb.bin",
        "samples",
        "thread.name",
        5,
        &[("kswapd0", 4.0), ("kworker/u48:18", 3.0)],
    ),
    (
        "perf-script/firefox-profiler/test.perf.gz",
        "cycles:uppp",
        "tid",
        15,
        &[("7564", 370_362_011.0), ("7569", 110_319_420.0), ("7567", 103_308_095.0)],
    ),
    (
        "perf-script/flamegraph/perf-java-faults-01.txt",
        "page-faults",
        "tid",
        4,
        &[("47119", 138.0), ("47118", 40.0), ("43869", 21.0), ("44406", 1.0)],
    ),
    (
        "perf-script/flamegraph/perf-cycles-instructions-01.txt",
        "instructions",
        "tid",
        4,
        &[("21797", 139.0), ("21796", 137.0), ("21807", 51.0), ("21804", 6.0)],
    ),
    ("xctrace-xml/inferno/basic.xml", "time", "thread_id", 1, &[("0x8480c1", 9_581_000_000.0)]),
    ("xctrace-xml/inferno/basic.xml", "time", "thread", 1, &[("main", 9_581_000_000.0)]),
    ("firefox/firefox-profiler/argument-values.json", "samples", "thread", 1, &[("GeckoMain", 32.0)]),
    ("firefox/firefox-profiler/processed-2.json", "samples", "thread", 2, &[("GeckoMain", 14.0), ("Compositor", 7.0)]),
    ("firefox/firefox-profiler/argument-values.json", "samples", "tid", 1, &[("2503164", 32.0)]),
    ("firefox/firefox-profiler/argument-values.json", "samples", "pid", 1, &[("39156", 32.0)]),
    (
        "macos-sample/inferno/sample.txt",
        "samples",
        "thread",
        3,
        &[
            ("Thread_15758523   DispatchQueue_1: com.apple.main-thread  (serial)", 825.0),
            ("Thread_15758535", 825.0),
            ("Thread_15758553", 825.0),
        ],
    ),
];
