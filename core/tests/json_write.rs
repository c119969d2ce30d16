//! The JSON writer against serde_json: the same bytes for every value.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::config::{AnalysisConfig, MarginSpec};
use noisefloor_core::json::{indented, to_bytes, to_text};
use noisefloor_core::log::{decode, encode};
use noisefloor_core::report::Report;
use noisefloor_core::selftest;
use noisefloor_core::source::Source;
use noisefloor_core::stats::random::Random;
use serde::Serialize;
use serde_json::Value;

fn same<T: Serialize + ?Sized>(value: &T) {
    let text = to_text(value);
    // Not assert_eq: a report is too long to be shown.
    let theirs = serde_json::to_string(value).unwrap();
    assert!(text == theirs, "{:.900}\n{:.900}", text, theirs);
    assert_eq!(to_bytes(value), text.as_bytes());
    let (ours, theirs) = (indented(&text), serde_json::to_string_pretty(value).unwrap());
    assert!(ours == theirs, "{ours:.900}\n{theirs:.900}");
}

/// Every shape that serde knows.
#[derive(Serialize)]
enum Shape<'a> {
    Unit,
    Newtype(f64),
    Tuple(i8, u8),
    Struct { a: i16, b: u16 },
    Nested(Box<Shape<'a>>),
    Empty {},
    Text(&'a str),
    Named(Named<'a>),
    Nothing(()),
}

#[derive(Serialize)]
struct Named<'a> {
    text: &'a str,
    letter: char,
    pair: (bool, Option<f64>),
    list: Vec<Option<u64>>,
    array: [i64; 2],
    map: BTreeMap<String, Shape<'a>>,
    unit: UnitStruct,
    newtype: NewtypeStruct,
    tuple: TupleStruct,
    #[serde(skip_serializing_if = "Option::is_none")]
    left_out: Option<u32>,
    r#type: i32,
    wide: (u128, i128),
}

#[derive(Serialize)]
struct UnitStruct;
#[derive(Serialize)]
struct NewtypeStruct(u32);
#[derive(Serialize)]
struct TupleStruct(f64, String);
#[derive(Serialize)]
struct EmptyStruct {}

#[derive(Serialize)]
#[serde(tag = "kind", rename_all = "snake_case")]
enum Tagged<'a> {
    One,
    TwoWords { x: f64 },
    Inner(Named<'a>),
    Map(BTreeMap<String, u8>),
}

#[derive(Serialize)]
#[serde(tag = "kind", content = "at")]
enum Adjacent {
    Line(u64),
    Nowhere,
    Pair(u8, u8),
    Place { byte: u64 },
}

#[derive(Serialize)]
#[serde(untagged)]
enum Untagged {
    Number(f64),
    Text(String),
}

#[derive(Serialize, PartialEq, Eq, PartialOrd, Ord)]
enum Key {
    First,
    Second,
}

fn named<'a>(random: &mut Random, text: &'a str) -> Named<'a> {
    let mut map = BTreeMap::new();
    for i in 0..random.next_u64() % 4 {
        map.insert(format!("{text}{i}"), Shape::Newtype(double(random)));
    }
    Named {
        text,
        letter: char::from_u32(random.next_u64() as u32 % 0x11_0000).unwrap_or('\u{0}'),
        pair: (random.next_u64().is_multiple_of(2), Some(double(random)).filter(|_| !text.is_empty())),
        list: (0..random.next_u64() % 4).map(|i| (i != 1).then(|| whole(random))).collect(),
        array: [whole(random) as i64, -(whole(random) as i32 as i64)],
        map,
        unit: UnitStruct,
        newtype: NewtypeStruct(whole(random) as u32),
        tuple: TupleStruct(double(random), text.to_string()),
        left_out: random.next_u64().is_multiple_of(2).then_some(1),
        r#type: whole(random) as i32,
        wide: (u128::from(whole(random)) << 60, -(i128::from(whole(random)) << 60)),
    }
}

/// Of any size.
fn whole(random: &mut Random) -> u64 {
    random.next_u64() >> (random.next_u64() % 64)
}

/// Half of them any double, not all of them finite; half what benchmarks hold.
fn double(random: &mut Random) -> f64 {
    if random.next_u64().is_multiple_of(2) { f64::from_bits(random.next_u64()) } else { whole(random) as f64 / 1000.0 }
}

fn text(random: &mut Random) -> String {
    const PARTS: [&str; 16] =
        ["", "a", "\"", "\\", "/", "\n", "\u{1}", "{", "}", "[", "]", ",", ":", "\u{7f}", "\u{2028}", "\u{10ffff}"];
    (0..random.next_u64() % 8).map(|_| PARTS[(random.next_u64() % 16) as usize]).collect()
}

fn any(random: &mut Random, depth: u32) -> Value {
    match random.next_u64() % if depth == 0 { 6 } else { 8 } {
        0 => Value::Null,
        1 => Value::from(random.next_u64().is_multiple_of(2)),
        2 => Value::from(whole(random)),
        3 => Value::from(whole(random) as i64),
        4 => Value::from(double(random)),
        5 => Value::from(text(random)),
        6 => (0..random.next_u64() % 5).map(|_| any(random, depth - 1)).collect(),
        _ => (0..random.next_u64() % 5).map(|_| (text(random), any(random, depth - 1))).collect(),
    }
}

fn random() -> Random {
    Random::new(20)
}

#[test]
fn numbers() {
    for n in [0, 1, 9, 10, 99, 100, u64::MAX, u64::MAX - 1, i64::MAX as u64, i64::MAX as u64 + 1, u64::from(u32::MAX)] {
        same(&n);
        same(&(n as i64));
        same(&(n as i64).wrapping_neg());
        same(&[n as u8, 1]);
        same(&(n as i8, n as i16, n as u16, n as i32, n as u32, n as usize, n as isize));
        same(&(u128::from(n) << 64, i128::from(n) << 63));
    }
    same(&(i8::MIN, i16::MIN, i32::MIN, i64::MIN, i128::MIN));
    for x in [
        0.0,
        -0.0,
        1.0,
        0.1,
        1e-5,
        1e-6,
        1e-7,
        1.5e300,
        1e15,
        1e16,
        1e17,
        123_456_789_012_345_680.0,
        5e-324,
        2.225_073_858_507_201e-308,
        f64::MIN_POSITIVE,
        f64::MAX,
        f64::MIN,
        f64::EPSILON,
        f64::NAN,
        f64::INFINITY,
        f64::NEG_INFINITY,
    ] {
        same(&x);
        same(&[x, -x]);
    }
    // Not as short as serde_json's, but the same number.
    assert_eq!(to_text(&[0.5f32, 0.1]), "[0.5,0.10000000149011612]");
    assert_eq!(to_text(&f32::NAN), "null");
    // What is no JSON is indented somehow.
    assert_eq!(indented("]}1,"), "\n]\n}1,");
}

#[test]
fn any_character_is_written() {
    for c in '\0'..=char::MAX {
        let mut buffer = [0; 4];
        let text: &str = c.encode_utf8(&mut buffer);
        if c < '\u{3000}' || (c as u32).is_multiple_of(17) {
            same(&c);
            same(text);
        }
    }
    let mut all: String = ('\0'..='\u{ff}').collect();
    all.push_str("\u{d7ff}\u{e000}\u{ffff}\u{10000}\\\\\\\"\"{}[],:");
    same(&all);
    same(&BTreeMap::from([(all.as_str(), all.as_str()), ("", "")]));
}

#[test]
fn every_shape() {
    let mut random = random();
    let texts: Vec<String> = (0..500).map(|_| text(&mut random)).collect();
    for text in &texts {
        let r = &mut random;
        let shapes = [
            Shape::Unit,
            Shape::Newtype(double(r)),
            Shape::Tuple(whole(r) as i8, whole(r) as u8),
            Shape::Struct { a: whole(r) as i16, b: whole(r) as u16 },
            Shape::Nested(Box::new(Shape::Nested(Box::new(Shape::Tuple(0, 1))))),
            Shape::Empty {},
            Shape::Text(text),
            Shape::Named(named(r, text)),
            Shape::Nothing(()),
        ];
        shapes.iter().for_each(same);
        same(&shapes);
        same(&[
            Tagged::One,
            Tagged::TwoWords { x: double(r) },
            Tagged::Inner(named(r, text)),
            Tagged::Map([(text.clone(), 1), ("x".into(), 2)].into()),
        ]);
        same(&[Adjacent::Line(1), Adjacent::Nowhere, Adjacent::Pair(1, 2), Adjacent::Place { byte: 3 }]);
        same(&[Untagged::Number(double(r)), Untagged::Text(text.clone())]);
    }
    same(&());
    same(&EmptyStruct {});
    same(&Some(Some(EmptyStruct {})));
    same(&(Vec::<u8>::new(), [(); 0], BTreeMap::<String, u8>::new(), vec![Vec::<u8>::new(); 3], ""));
}

#[test]
fn keys_are_texts() {
    same(&BTreeMap::from([(Key::First, 1), (Key::Second, 2)]));
    same(&BTreeMap::from([('"', 1), ('a', 2)]));
    same(&BTreeMap::from([(true, 1), (false, 2)]));
    same(&BTreeMap::from([(0u64, vec![1]), (u64::MAX, vec![])]));
    same(&BTreeMap::from([(i64::MIN, BTreeMap::from([(-1i8, 2)])), (i64::MAX, BTreeMap::new())]));
}

#[test]
fn any_tree() {
    let mut random = random();
    for _ in 0..3000 {
        same(&any(&mut random, 5));
    }
}

/// The files below a folder.
fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path());
    entries.flat_map(|path| if path.is_dir() { files(&path) } else { vec![path] }).collect()
}

#[test]
fn reports_settings_and_logs() {
    let mut seen = [0; 3];
    let corpus = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpus");
    for path in files(&corpus) {
        let bytes = std::fs::read(&path).unwrap();
        if path.ends_with("expected.json") {
            let golden = String::from_utf8(bytes).unwrap();
            let report: Report = serde_json::from_str(&golden).unwrap();
            same(&report);
            same(&report.settings);
            same(&serde_json::from_str::<Value>(&golden).unwrap());
            assert_eq!(report.to_json(), serde_json::to_string(&report).unwrap());
            assert!(report.to_json_pretty() + "\n" == golden, "{}", path.display());
            seen[0] += 1;
            continue;
        }
        for line in bytes.split(|b| *b == b'\n') {
            if let Ok(record) = decode(line) {
                same(&record);
                assert_eq!(encode(&record), [line, b"\n"].concat());
                seen[1] += 1;
            }
        }
        // Cut in the middle, what is said of it is another.
        let source = Source { name: "cut \"\u{1}", bytes: &bytes[..bytes.len() / 2] };
        same(&analyze(&[Input { source, side: None }], &AnalysisConfig::default()));
        seen[2] += 1;
    }
    assert!(seen[0] >= 8 && seen[1] > 100 && seen[2] >= 8, "{seen:?}");
    let mut config = AnalysisConfig::default();
    config.stats.margins.insert("time".into(), MarginSpec::parse("5ns").unwrap());
    same(&config);
    same(&selftest::run());
}

#[test]
#[should_panic(expected = "no, thanks")]
fn what_refuses_is_heard_of() {
    struct Refuses;
    impl Serialize for Refuses {
        fn serialize<S: serde::Serializer>(&self, _: S) -> Result<S::Ok, S::Error> {
            Err(serde::ser::Error::custom("no, thanks"))
        }
    }
    let _ = to_text(&[Refuses]);
}
