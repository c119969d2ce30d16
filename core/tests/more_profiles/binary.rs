//! Tools that write bytes.

use noisefloor_core::source::NoticeCode;

use crate::shown::{holds, read};

/// Numbers as machine words.
fn words(list: &[u64], wide: bool, big: bool) -> Vec<u8> {
    let mut out = Vec::new();
    for word in list {
        let bytes = if big { word.to_be_bytes() } else { word.to_le_bytes() };
        out.extend_from_slice(match (wide, big) {
            (true, _) => &bytes,
            (false, true) => &bytes[4..],
            (false, false) => &bytes[..4],
        });
    }
    out
}

/// A period of 10 ms, two stacks, the end.
pub(crate) const SAMPLES: &[u64] = &[0, 3, 0, 10_000, 0, 2, 3, 0x1010, 0x1021, 0x5005, 1, 1, 0x1015, 0, 1, 0];

#[test]
fn samples_in_machine_words_of_any_machine() {
    for (wide, big) in [(false, false), (false, true), (true, false), (true, true)] {
        let mut bytes = words(SAMPLES, wide, big);
        bytes.extend_from_slice(b"00001000-00002000 r-xp 00000000 08:01 7 /bin/tool\n");
        holds(
            &bytes,
            "pprof-legacy",
            &["samples/count", "cpu/nanoseconds*"],
            &["0x5004;[tool+0x20];[tool+0x10] 2 20000000", "[tool+0x15] 1 10000000"],
            &["TruncatedStacks 2 addresses without names"],
        );
        let cut = words(&SAMPLES[..9], wide, big);
        assert!(read(&cut).is_err(), "no stack is whole");
    }
}

#[test]
fn names_may_stand_in_front_of_words_or_behind() {
    let mut bytes =
        b"--- symbol\nbinary=/bin/a\n0x1010 leaf(int)\n0x1020 middle\n0x5004 main\n0x1015 other\n---\n--- profile\n"
            .to_vec();
    bytes.extend(words(SAMPLES, true, false));
    let types = ["samples/count", "cpu/nanoseconds*"];
    let stacks = ["main;middle;leaf(int) 2 20000000", "other 1 10000000"];
    holds(&bytes, "pprof-legacy", &types, &stacks, &[]);
    // Java numbers its names.
    let mut java = words(&[0, 3, 1, 10_000, 0, 4, 2, 7, 8, 0, 1, 9, 0, 1, 0], false, false);
    java.extend_from_slice(b" 0x7 a.B.c (B.java:3)\n 0x8 a.B.main (B.java:9)\n 0x9 GC\n");
    holds(&java, "pprof-legacy", &types, &["GC 0 0", "a.B.main;a.B.c 4 40000000"], &[]);
}

#[test]
fn frames_of_the_profiler_are_left_out() {
    let mut list = vec![0, 3, 0, 10_000, 0];
    // All share the handler of the signal; the last has its leaf twice.
    for leaf in [0x10, 0x11, 0x12] {
        list.extend([1, 3, leaf, 0x900, 0x50 + leaf]);
    }
    list.extend([1, 3, 0x13, 0x900, 0x13, 0, 1, 0]);
    let (_, profile, notices) = read(&words(&list, true, false)).unwrap();
    let deepest = (0..profile.len()).map(|index| profile.stack(index).len()).max();
    assert_eq!((deepest, profile.len()), (Some(2), 4));
    assert!(notices.iter().any(|n| n.detail == "frames of the profiler left out"), "{notices:?}");
}

fn varint(mut value: u64, out: &mut Vec<u8>) {
    while value > 0x7f {
        out.push(value as u8 | 0x80);
        value >>= 7;
    }
    out.push(value as u8);
}

/// A field with a number, or with bytes.
pub(crate) fn number(field: u64, value: u64) -> Vec<u8> {
    let mut out = Vec::new();
    varint(field << 3, &mut out);
    varint(value, &mut out);
    out
}

pub(crate) fn bytes(field: u64, content: &[u8]) -> Vec<u8> {
    let mut out = Vec::new();
    varint(field << 3 | 2, &mut out);
    varint(content.len() as u64, &mut out);
    out.extend_from_slice(content);
    out
}

pub(crate) fn join(parts: &[Vec<u8>]) -> Vec<u8> {
    parts.concat()
}

/// Strings, functions and locations that both layouts have.
fn tables() -> Vec<u8> {
    let strings = ["", "cpu", "nanoseconds", "main", "inner", "outer", "/bin/tool"];
    let mut out: Vec<Vec<u8>> = strings.iter().map(|text| bytes(5, text.as_bytes())).collect();
    out.push(bytes(1, &[]));
    out.push(bytes(1, &join(&[number(1, 0x1000), number(2, 0x2000), number(3, 0x200), number(4, 6)])));
    for name in [0, 3, 4, 5] {
        out.push(bytes(3, &number(1, name)));
    }
    let line = |function| bytes(3, &number(1, function));
    out.push(bytes(2, &[]));
    out.push(bytes(2, &line(1)));
    out.push(bytes(2, &join(&[line(2), line(3)])));
    out.push(bytes(2, &join(&[number(1, 1), number(2, 0x1010)])));
    join(&out)
}

/// In the present layout: two stacks, of which one was seen at three times.
pub(crate) fn otlp() -> Vec<u8> {
    let stacks = join(&[bytes(7, &[]), bytes(7, &bytes(1, &[2, 1])), bytes(7, &bytes(1, &[3, 1]))]);
    let kind = bytes(1, &join(&[number(1, 1), number(2, 2)]));
    let samples = [
        join(&[number(1, 1), bytes(4, &[5, 6])]),
        join(&[number(1, 2), bytes(5, &[0; 24])]),
        join(&[number(1, 9), bytes(4, &[5])]),
    ];
    let samples: Vec<Vec<u8>> = samples.iter().map(|sample| bytes(2, sample)).collect();
    let profile = join(&[kind, join(&samples)]);
    join(&[bytes(1, &bytes(2, &bytes(2, &profile))), bytes(2, &join(&[tables(), stacks]))])
}

const YOUNG: &str = "UnknownRecord 1 a format in development: what newer versions add is not read";

#[test]
fn opentelemetry_has_one_dictionary_for_all() {
    let stacks = ["main;[tool+0x210] 3", "main;outer;inner_[i] 11"];
    holds(&otlp(), "otlp-profiles", &["cpu/nanoseconds*"], &stacks, &["DanglingReference 1 location", YOUNG]);
    // Before, stacks were ranges of a list of the profile.
    let kind = bytes(1, &join(&[number(1, 1), number(2, 2)]));
    let sample = |from, length, value| bytes(2, &join(&[number(1, from), number(2, length), number(3, value)]));
    let profile = join(&[kind, sample(0, 2, 11), sample(2, 2, 3), sample(3, 2, 1), bytes(3, &[2, 1, 3, 1])]);
    let older = join(&[bytes(1, &bytes(2, &bytes(2, &profile))), bytes(2, &tables())]);
    holds(&older, "otlp-profiles", &["cpu/nanoseconds*"], &stacks, &["DanglingReference 1 location", YOUNG]);
}

#[test]
fn attributes_of_opentelemetry_are_labels() {
    let strings = ["thread.name", "size", "kb", "worker", "dictionary"].map(|text| bytes(5, text.as_bytes()));
    let text = |value: &[u8]| bytes(2, &bytes(1, value));
    let mut attributes = vec![
        // The first one is none.
        bytes(2, &[]),
        join(&[number(1, 7), text(b"w1")]),
        join(&[number(1, 8), bytes(2, &number(3, 64)), number(3, 9)]),
        // A key as a text, as before; values of other kinds.
        join(&[bytes(1, b"ready"), bytes(2, &number(2, 1))]),
        join(&[bytes(1, b"share"), bytes(2, &[&[0x21][..], &0.5f64.to_le_bytes()[..]].concat())]),
        join(&[number(1, 7), bytes(2, &number(8, 10))]),
        // A list, a key that does not exist, and what is broken.
        join(&[bytes(1, b"list"), bytes(2, &bytes(5, &[]))]),
        join(&[number(1, 70), text(b"x")]),
        vec![0xff],
    ];
    attributes.iter_mut().for_each(|attribute| *attribute = bytes(6, attribute));
    let resource = |name: &[u8]| bytes(1, &bytes(1, &join(&[bytes(1, b"service.name"), text(name)])));
    let kind = bytes(1, &join(&[number(1, 1), number(2, 2)]));
    let labels = |kind: &dyn Fn(&[u8]) -> Vec<u8>| [&[1u8, 2, 3][..], &[5, 4], &[0, 6, 7, 8, 50], &[]].map(kind);
    let dictionary = |stacks: &[u8]| bytes(2, &join(&[tables(), join(&strings), join(&attributes), stacks.to_vec()]));
    let whole = |profile: Vec<u8>, stacks: &[u8]| {
        let part = |name, profile: &[u8]| bytes(1, &join(&[resource(name), bytes(2, &bytes(2, profile))]));
        join(&[part(b"shop", &profile), bytes(1, &bytes(2, &bytes(2, &profile))), dictionary(stacks)])
    };
    let newer = labels(&|list| bytes(2, list));
    let newer = (0..4).map(|at| bytes(2, &join(&[number(1, 1), newer[at].clone(), bytes(4, &[1 << at])])));
    let stacks = join(&[bytes(7, &[]), bytes(7, &bytes(1, &[1]))]);
    let older = labels(&|list| bytes(4, list));
    let older =
        (0..4).map(|at| bytes(2, &join(&[number(1, 0), number(2, 1), bytes(3, &[1 << at]), older[at].clone()])));
    let newer = whole(join(&[kind.clone(), join(&newer.collect::<Vec<_>>())]), &stacks);
    let older = whole(join(&[kind, join(&older.collect::<Vec<_>>()), bytes(3, &[1])]), &[]);
    for file in [newer, older] {
        let notices = ["DanglingReference 2 attribute", YOUNG];
        let profile = holds(&file, "otlp-profiles", &["cpu/nanoseconds*"], &["main 30"], &notices);
        let keys = [("service.name", 15.0), ("thread.name", 6.0), ("share", 4.0), ("ready", 2.0), ("size", 2.0)];
        assert_eq!(profile.label_keys(0), keys);
        assert_eq!(profile.label_values("thread.name", 0), [("worker", 4.0), ("w1", 2.0)]);
        let values = ["service.name", "share", "ready", "size"].map(|key| profile.label_values(key, 0)[0].0);
        assert_eq!(values, ["shop", "0.5", "true", "64kb"]);
    }
}

/// In both layouts: a link with both ids, one with a trace alone, the one of zeros, one that does not exist, and none.
#[test]
fn links_of_opentelemetry_are_labels() {
    let ids = |trace: &[u8], span: &[u8]| bytes(4, &join(&[bytes(1, trace), bytes(2, span)]));
    let links =
        join(&[ids(&[0; 16], &[0; 8]), ids(&[0xab; 16], &[1, 2, 3, 4, 5, 6, 7, 8]), bytes(4, &bytes(1, &[0xcd; 16]))]);
    let stacks = join(&[bytes(7, &[]), bytes(7, &bytes(1, &[1]))]);
    let kind = bytes(1, &join(&[number(1, 1), number(2, 2)]));
    let newer = |at: u64, link: &[u8]| bytes(2, &join(&[number(1, 1), bytes(4, &[1 << at]), link.to_vec()]));
    let older = |at: u64, link: &[u8]| bytes(2, &join(&[number(2, 1), bytes(3, &[1 << at]), link.to_vec()]));
    let whole = |sample: &dyn Fn(u64, &[u8]) -> Vec<u8>, field: u64, rest: &[u8], stacks: &[u8]| {
        let samples: Vec<Vec<u8>> = [Some(1), Some(2), Some(0), Some(9), None, Some(1)]
            .iter()
            .zip(0..)
            .map(|(link, at)| sample(at, &link.map_or(Vec::new(), |link| number(field, link))))
            .collect();
        let profile = join(&[kind.clone(), join(&samples), rest.to_vec()]);
        let tables = join(&[tables(), links.clone(), stacks.to_vec()]);
        join(&[bytes(1, &bytes(2, &bytes(2, &profile))), bytes(2, &tables)])
    };
    for file in [whole(&newer, 3, &[], &stacks), whole(&older, 5, &bytes(3, &[1]), &[])] {
        let notices = ["DanglingReference 1 link", YOUNG];
        let profile = holds(&file, "otlp-profiles", &["cpu/nanoseconds*"], &["main 63"], &notices);
        let (ab, cd) = ("ab".repeat(16), "cd".repeat(16));
        assert_eq!(profile.label_values("trace_id", 0), [(ab.as_str(), 33.0), (cd.as_str(), 2.0)]);
        assert_eq!(profile.label_values("span_id", 0), [("0102030405060708", 33.0)]);
    }
}

/// What Python's marshal writes of `{('a.py', 12, 'f'): (1, 2, 0.5, 1.0, {})}` and of a function that is built in,
/// whose caller is named again.
pub(crate) fn pstats() -> Vec<u8> {
    let mut out = vec![b'{', 0x80 | b')', 3];
    let text = |text: &str, out: &mut Vec<u8>| {
        out.extend([0x80 | b'z', text.len() as u8]);
        out.extend_from_slice(text.as_bytes());
    };
    let int = |value: i32, out: &mut Vec<u8>| {
        out.push(b'i');
        out.extend(value.to_le_bytes());
    };
    let float = |value: f64, out: &mut Vec<u8>| {
        out.push(b'g');
        out.extend(value.to_le_bytes());
    };
    text("/x/a.py", &mut out);
    int(12, &mut out);
    text("f", &mut out);
    out.extend([b')', 5]);
    int(1, &mut out);
    int(2, &mut out);
    float(0.5, &mut out);
    float(1.0, &mut out);
    out.extend(b"{0");
    out.extend([b')', 3]);
    text("~", &mut out);
    int(0, &mut out);
    text("<built-in method print>", &mut out);
    out.extend([b')', 5]);
    // A whole number of several digits: 32768.
    out.extend([b'l', 2, 0, 0, 0, 0, 0, 1, 0]);
    out.extend([b'l', 2, 0, 0, 0, 0, 0, 1, 0]);
    float(0.25, &mut out);
    float(0.25, &mut out);
    out.push(b'{');
    // The first value that was named is the tuple of `f`.
    out.extend([b'r', 0, 0, 0, 0, b')', 4]);
    for _ in 0..4 {
        int(1, &mut out);
    }
    out.extend(b"00");
    out
}

#[test]
fn python_counts_calls_and_time_of_each_function() {
    holds(
        &pstats(),
        "pstats",
        &["time/seconds*", "calls/count"],
        &["<built-in method print> 0.25 32768", "f (a.py:12) 0.5 2"],
        &["TruncatedStacks 1 a graph of calls: each function on its own"],
    );
    let cut = pstats();
    let (_, profile, notices) = read(&cut[..cut.len() - 20]).unwrap();
    assert_eq!((profile.len(), notices[0].detail.as_str()), (1, ""));
    let mut longer = pstats();
    longer.push(b'{');
    assert_eq!(read(&longer).unwrap().2[0].code, NoticeCode::TrailingData);
    // Python 2 names texts again by a count of their own, and writes floats as text.
    let mut older = b"{(\x03\0\0\0t\x04\0\0\0a.pyi\x0c\0\0\0t\x01\0\0\0f(\x05\0\0\0i\x01\0\0\0i\x02\0\0\0".to_vec();
    older.extend(b"f\x030.5f\x031.0{0(\x03\0\0\0R\0\0\0\0i\x0e\0\0\0s\x01\0\0\0g(\x05\0\0\0i\x01\0\0\0i\x01\0\0\0");
    older.extend(b"f\x043e-3f\x031.0{(\x03\0\0\0R\0\0\0\0i\x0c\0\0\0R\x01\0\0\0i\x01\0\0\x0000");
    holds(
        &older,
        "pstats",
        &["time/seconds*", "calls/count"],
        &["f (a.py:12) 0.5 2", "g (a.py:14) 0.003 1"],
        &["TruncatedStacks 1 a graph of calls: each function on its own"],
    );
    // Values inside of values without end.
    let mut deep = cut[..3].to_vec();
    deep.extend([b')', 1].repeat(100_000));
    assert!(read(&deep).is_err());
}
