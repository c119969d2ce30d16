//! Flight recordings of Java, made here byte by byte.

use crate::shown::{holds, read};

fn number(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

fn numbers(list: &[u64]) -> Vec<u8> {
    let mut out = Vec::new();
    list.iter().for_each(|value| number(*value, &mut out));
    out
}

fn text(content: &str) -> Vec<u8> {
    let mut out = vec![3];
    number(content.len() as u64, &mut out);
    out.extend_from_slice(content.as_bytes());
    out
}

/// An event: its size in four bytes, which a recorder fills in later, its type and what is in it.
fn event(type_id: u64, content: &[u8]) -> Vec<u8> {
    let mut rest = numbers(&[type_id]);
    rest.extend_from_slice(content);
    let size = rest.len() + 4;
    let digit = |at: usize| (size >> (7 * at)) as u8 & 0x7f;
    let mut out = vec![digit(0) | 0x80, digit(1) | 0x80, digit(2) | 0x80, digit(3)];
    out.extend(rest);
    out
}

/// A field: its name, its type, whether a key stands in its place, whether it is a list.
type Field = (&'static str, u64, bool, bool);

/// Types by number, with their fields.
const CLASSES: &[(u64, &str, &[Field])] = &[
    (1, "long", &[]),
    (2, "int", &[]),
    (3, "java.lang.String", &[]),
    (4, "boolean", &[]),
    (5, "float", &[]),
    (10, "java.lang.Class", &[("name", 13, true, false)]),
    (11, "jdk.types.Method", &[("type", 10, true, false), ("name", 13, true, false), ("hidden", 4, false, false)]),
    (12, "jdk.types.FrameType", &[("description", 3, false, false)]),
    (13, "jdk.types.Symbol", &[("string", 3, false, false)]),
    (
        14,
        "jdk.types.StackFrame",
        &[("method", 11, true, false), ("lineNumber", 2, false, false), ("type", 12, true, false)],
    ),
    (15, "jdk.types.StackTrace", &[("truncated", 4, false, false), ("frames", 14, false, true)]),
    (
        16,
        "java.lang.Thread",
        &[
            ("osName", 3, false, false),
            ("osThreadId", 1, false, false),
            ("javaName", 3, false, false),
            ("javaThreadId", 1, false, false),
        ],
    ),
    (20, "jdk.ExecutionSample", &[("startTime", 1, false, false), ("stackTrace", 15, true, false)]),
    (
        21,
        "jdk.JavaMonitorEnter",
        &[("startTime", 1, false, false), ("duration", 1, false, false), ("stackTrace", 15, true, false)],
    ),
    (
        22,
        "jdk.ObjectAllocationSample",
        &[("stackTrace", 15, true, false), ("load", 5, false, false), ("weight", 1, false, false)],
    ),
    (
        23,
        "jdk.CPUTimeSample",
        &[("startTime", 1, false, false), ("stackTrace", 15, true, false), ("eventThread", 16, true, false)],
    ),
    (
        24,
        "profiler.WallClockSample",
        &[("sampledThread", 16, true, false), ("stackTrace", 15, true, false), ("samples", 1, false, false)],
    ),
    (30, "jdk.CPULoad", &[("load", 5, false, false)]),
];

fn metadata() -> Vec<u8> {
    let mut strings: Vec<String> = Vec::new();
    let mut place = |text: &str| {
        let at = strings.iter().position(|known| known == text);
        at.unwrap_or_else(|| {
            strings.push(text.to_string());
            strings.len() - 1
        }) as u64
    };
    let mut tree = numbers(&[place("root"), 0, 1, place("metadata"), 0, CLASSES.len() as u64]);
    for (id, name, fields) in CLASSES {
        let attributes = [place("class"), 2, place("id"), place(&id.to_string()), place("name"), place(name)];
        tree.extend(numbers(&attributes));
        tree.extend(numbers(&[fields.len() as u64]));
        for (name, class, pooled, list) in *fields {
            let count = 2 + u64::from(*pooled) + u64::from(*list);
            tree.extend(numbers(&[place("field"), count, place("name"), place(name)]));
            tree.extend(numbers(&[place("class"), place(&class.to_string())]));
            if *pooled {
                tree.extend(numbers(&[place("constantPool"), place("true")]));
            }
            if *list {
                tree.extend(numbers(&[place("dimension"), place("1")]));
            }
            tree.push(0);
        }
    }
    let mut content = numbers(&[5, 0, 1, strings.len() as u64]);
    strings.iter().for_each(|string| content.extend(text(string)));
    content.extend(tree);
    event(0, &content)
}

/// Two stacks: `main` calls `leaf`, which the compiler inlined, and one that the recorder cut.
fn pools() -> Vec<u8> {
    let pool = |type_id: u64, entries: &[(u64, Vec<u8>)]| {
        let mut out = numbers(&[type_id, entries.len() as u64]);
        for (key, value) in entries {
            number(*key, &mut out);
            out.extend_from_slice(value);
        }
        out
    };
    let thread = |os: &str, os_id, name: &str, id| [text(os), numbers(&[os_id]), text(name), numbers(&[id])].concat();
    let method = |class, name| [numbers(&[class, name]), vec![0]].concat();
    let list = [
        pool(
            15,
            &[
                (1, [vec![0], numbers(&[2, 1, 5, 1, 2, 7, 2])].concat()),
                (2, [vec![1], numbers(&[1, 2, 7, 2])].concat()),
            ],
        ),
        pool(11, &[(1, method(1, 2)), (2, method(1, 3))]),
        pool(10, &[(1, numbers(&[1]))]),
        pool(12, &[(1, text("Inlined")), (2, text("Interpreted"))]),
        pool(13, &[(1, text("com/example/Ä")), (2, text("leaf")), (3, text("main"))]),
        pool(16, &[(1, thread("w", 101, "Worker", 7)), (2, thread("GC", 102, "", 0)), (3, thread("", 0, "", 0))]),
        pool(16, &[(4, thread("w", 104, "Worker", 8)), (5, thread("", 105, "", 9))]),
    ];
    let content = [numbers(&[5, 0, 0]), vec![0], numbers(&[list.len() as u64]), list.concat()].concat();
    event(1, &content)
}

/// A chunk of a clock of 2 GHz that lasts 3 seconds.
fn chunk(events: &[Vec<u8>], size: Option<u64>) -> Vec<u8> {
    let (metadata, pools) = (metadata(), pools());
    let at = 68 + pools.len() as u64 + events.iter().map(|e| e.len() as u64).sum::<u64>();
    let all = at + metadata.len() as u64;
    let mut out = b"FLR\0\0\x02\0\x01".to_vec();
    for field in [size.unwrap_or(all), 68, at, 0, 3_000_000_000, 0, 2_000_000_000] {
        out.extend_from_slice(&field.to_be_bytes());
    }
    out.extend_from_slice(&[0, 0, 0, 1]);
    out.extend(pools);
    events.iter().for_each(|event| out.extend_from_slice(event));
    out.extend(metadata);
    out
}

fn events() -> Vec<Vec<u8>> {
    vec![
        event(30, &[0, 0, 0, 0]),
        event(21, &numbers(&[1, 1000, 1])),
        event(20, &numbers(&[1, 1])),
        event(20, &numbers(&[1, 2])),
        event(20, &numbers(&[1, 0])),
        event(20, &numbers(&[1, 77])),
        event(22, &[numbers(&[1]), vec![0; 4], numbers(&[4096])].concat()),
    ]
}

pub(crate) fn recording() -> Vec<u8> {
    chunk(&events(), None)
}

const TYPES: &[&str] =
    &["contentions/count", "delay/nanoseconds", "samples/count*", "alloc_samples/count", "alloc_space/bytes"];
const CUT: &str = "TruncatedStacks 1 deeper than the recorder keeps";
const BARE: &str = "TruncatedStacks 1 a sample without frames";
const GONE: &str = "DanglingReference 1 stackTrace";

#[test]
fn events_with_stacks_are_samples_of_their_own_types() {
    let stacks =
        [" 0 0 1 0 0", "com.example.Ä.main 0 0 1 0 0", "com.example.Ä.main;com.example.Ä.leaf_[i] 1 500 1 1 4096"];
    let profile = holds(&recording(), "jfr", TYPES, &stacks, &[CUT, BARE, GONE]);
    assert_eq!(profile.duration_seconds(), Some(3.0));
    // Chunks follow each other, with pools of their own.
    let twice = [recording(), chunk(&events()[1..3], None)].concat();
    let (_, profile, _) = read(&twice).unwrap();
    assert_eq!(profile.duration_seconds(), Some(6.0));
    assert_eq!(profile.weights(2).iter().sum::<f64>(), 4.0);
}

#[test]
fn threads_of_events_are_labels() {
    // Sample types come up while reading: what was read before has none of them.
    let events = [
        event(20, &numbers(&[1, 1])),
        event(23, &numbers(&[1, 1, 1])),
        event(23, &numbers(&[1, 1, 4])),
        event(23, &numbers(&[1, 2, 2])),
        event(24, &numbers(&[1, 1, 32])),
        event(24, &numbers(&[5, 1, 4])),
        // A thread of which nothing is known, and one that is not there.
        event(24, &numbers(&[3, 1, 2])),
        event(24, &numbers(&[9, 1, 1])),
    ];
    let stacks = ["com.example.Ä.main 0 1 0", "com.example.Ä.main;com.example.Ä.leaf_[i] 1 2 39"];
    let types = ["samples/count*", "cpu_samples/count", "wall_samples/count"];
    let profile = holds(&chunk(&events, None), "jfr", &types, &stacks, &[CUT]);
    assert_eq!(profile.label_keys(1), [("os_thread_id", 3.0), ("thread", 3.0), ("thread_id", 2.0)]);
    assert_eq!(profile.label_values("thread", 1), [("Worker", 2.0), ("GC", 1.0)]);
    assert_eq!(profile.label_values("thread", 2), [("Worker", 32.0), ("GC", 0.0)]);
    assert_eq!(profile.label_values("thread_id", 2), [("7", 32.0), ("9", 4.0), ("8", 0.0)]);
    assert_eq!(profile.label_values("os_thread_id", 1), [("101", 1.0), ("102", 1.0), ("104", 1.0), ("105", 0.0)]);
    // The sample without a label is in no part, and in the whole.
    assert!(profile.label_values("thread", 0).iter().all(|(_, sum)| *sum == 0.0));
    let roots = profile.by_label("thread").unwrap();
    assert_eq!((0..3).map(|t| roots.weights(t).iter().sum()).collect::<Vec<f64>>(), [1.0, 3.0, 39.0]);
    // Keys of another chunk are its own.
    let twice = [chunk(&events, None), chunk(&events, None)].concat();
    assert_eq!(read(&twice).unwrap().1.label_values("thread", 1), [("Worker", 4.0), ("GC", 2.0)]);
}

#[test]
fn recordings_that_end_early_keep_what_they_have() {
    let whole = recording();
    let (_, profile, notices) = read(&[whole.clone(), whole[..50].to_vec()].concat()).unwrap();
    assert_eq!(profile.len(), 3);
    assert!(notices.iter().any(|n| n.detail == "chunks"), "{notices:?}");
    // One that goes on has no size yet.
    let open = chunk(&events(), Some(0));
    assert_eq!(read(&open).unwrap().1.len(), 3);
    let error = |bytes: &[u8]| read(bytes).unwrap_err().kind.code();
    assert_eq!(error(&whole[..40]), "truncated");
    // Without its metadata nothing can be told of a chunk.
    assert_eq!(error(&whole[..whole.len() - 30]), "no-data");
    let mut other = whole.clone();
    other[5] = 9;
    assert_eq!(error(&other), "unsupported-version");
    other = whole;
    other[67] = 0;
    assert_eq!(error(&other), "unsupported");
}

/// A type without bytes inside of itself, and lists of it: reading stops where it takes too long.
#[test]
fn types_that_hold_themselves_end() {
    let whole = recording();
    // The frames of a stack as stacks again, in a list.
    let at = whole.windows(4).position(|w| w == [3, 2, b'1', b'4']).unwrap();
    let mut bytes = whole;
    bytes[at + 3] = b'5';
    let result = read(&bytes);
    assert!(result.is_err() || result.unwrap().1.names().is_empty());
}
