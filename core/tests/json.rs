//! The JSON reader against serde_json: the same documents are taken, with the same values.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use std::borrow::Cow;
use std::collections::BTreeMap;

use noisefloor_core::json::{self, FromJson, JsonError, JsonErrorKind, MAX_DEPTH, Reader, Texts};
use serde::de::IgnoredAny;
use serde_json::Value;
use serde_json::error::Category;

/// Any value, so that a whole document can be compared.
#[derive(Default)]
struct Any(Value);

impl<'a> FromJson<'a> for Any {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        self.0 = any(reader)?;
        Ok(())
    }
}

/// Any value as text.
#[derive(Default)]
struct Written(String);

impl<'a> FromJson<'a> for Written {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        self.0 = reader.written()?;
        Ok(())
    }
}

fn any(reader: &mut Reader<'_>) -> Result<Value, JsonError> {
    if reader.null()? {
        return Ok(Value::Null);
    }
    match reader.first()? {
        b't' | b'f' => reader.bool().map(Value::from),
        b'"' => reader.string().map(Value::from),
        b'[' => {
            let mut list = Vec::new();
            reader.array(&mut |r| any(r).map(|v| list.push(v)))?;
            Ok(Value::Array(list))
        }
        b'{' => {
            let mut map = serde_json::Map::new();
            reader.object(&mut |key, r| {
                map.insert(key.into_owned(), any(r)?);
                Ok(())
            })?;
            Ok(Value::Object(map))
        }
        _ => reader.f64().map(Value::from),
    }
}

/// Every number as its double, so that the bits can be compared; the sign of zero counts.
fn doubles(value: Value) -> Value {
    match value {
        Value::Number(n) => Value::String(format!("{:x}", n.as_f64().unwrap().to_bits())),
        Value::Array(list) => list.into_iter().map(doubles).collect(),
        Value::Object(map) => map.into_iter().map(|(k, v)| (k, doubles(v))).collect(),
        other => other,
    }
}

fn category(kind: &JsonErrorKind) -> Category {
    match kind {
        JsonErrorKind::Syntax(_) => Category::Syntax,
        JsonErrorKind::Ended => Category::Eof,
        _ => Category::Data,
    }
}

/// Both readers on a document: taken or refused alike as a value, as text and when skipped.
fn alike(bytes: &[u8]) {
    let shown = String::from_utf8_lossy(&bytes[..bytes.len().min(200)]);
    let theirs = serde_json::from_slice::<Value>(bytes);
    let mut ours = Any::default();
    let result = json::read(bytes, &mut ours);
    match (&theirs, &result) {
        (Ok(value), Ok(())) => {
            assert_eq!(doubles(ours.0), doubles(value.clone()), "{shown}");
            let mut written = Written::default();
            json::read(bytes, &mut written).unwrap();
            assert_eq!(written.0, value.as_str().map_or_else(|| value.to_string(), str::to_string), "{shown}");
        }
        (Err(theirs), Err(ours)) => {
            // Text that is not UTF-8 is met before what comes behind it.
            if core::str::from_utf8(bytes).is_ok() {
                assert_eq!(category(ours.kind()), theirs.classify(), "{shown}: {ours}; {theirs}");
            }
            assert!(json::read(bytes, &mut Written::default()).is_err(), "{shown}");
        }
        _ => panic!("{shown}: {result:?}, {theirs:?}"),
    }
    let mut reader = Reader::new(bytes);
    let skipped = reader.skip().and_then(|()| reader.end());
    let ignored = serde_json::from_slice::<IgnoredAny>(bytes);
    assert_eq!(skipped.is_ok(), ignored.is_ok(), "{shown}: {skipped:?}, {ignored:?}");
}

#[test]
fn hostile_documents_are_refused_as_strictly() {
    let documents: &[&[u8]] = &[
        b"",
        b" ",
        b"null",
        b" null ",
        b"nul",
        b"nulL",
        b"truefalse",
        b"true false",
        b"tru",
        b"falsE",
        b"\xef\xbb\xbf1",
        b"0",
        b"-0",
        b"-0.0",
        b"-",
        b"+1",
        b"01",
        b"-01",
        b"00",
        b"1.",
        b".5",
        b"1.e3",
        b"1e",
        b"1e+",
        b"1E5",
        b"1e-5",
        b"1e5x",
        b"0x10",
        b"Infinity",
        b"NaN",
        b"-Infinity",
        b"1e999",
        b"-1e999",
        b"1e-999",
        b"0e999999999999999999",
        b"1e99999999999999999999",
        b"1e-99999999999999999999",
        b"1.7976931348623157e308",
        b"1.7976931348623159e308",
        b"2.2250738585072011e-308",
        b"4.9e-324",
        b"2e-324",
        b"9007199254740993",
        b"18446744073709551615",
        b"18446744073709551616",
        b"-9223372036854775808",
        b"-9223372036854775809",
        b"-18446744073709551616",
        b"123456789012345678901234567890",
        b"0.1",
        b"0.30000000000000004",
        b"1.0",
        b"1e16",
        b"1e21",
        b"1_000",
        b"\"\"",
        b"\"",
        b"\"a",
        b"\"\\",
        b"\"\\\"",
        b"\"\\x\"",
        b"\"\\u\"",
        b"\"\\u12\"",
        b"\"\\u12",
        b"\"\\u12G4\"",
        b"\"\\u0041\\n\\t\\b\\f\\r\\/\\\\\\\"\"",
        b"\"\\ud834\\udd1e\"",
        b"\"\\ud834\"",
        b"\"\\ud834x\"",
        b"\"\\ud834\\n\"",
        b"\"\\ud834\\u0041\"",
        b"\"\\udd1e\"",
        b"\"\\ud834\\ud834\"",
        b"\"\\ud834\\",
        b"\"\\ud834\\u",
        b"\"\\uDBFF\\uDFFF\"",
        b"\"\x00\"",
        b"\"\x1f\"",
        b"\"a\nb\"",
        b"\"a\tb\"",
        b"\"\x7f\"",
        b"\"\xff\"",
        b"\"\xc3\"",
        b"\"\xc3\xa9\"",
        b"\"\xed\xa0\x80\"",
        b"\"\xf4\x90\x80\x80\"",
        b"\"\xc0\x80\"",
        b"\"a\xe2\\u0082\"",
        b"'a'",
        b"[]",
        b"[ ]",
        b"[",
        b"]",
        b"[1",
        b"[1,",
        b"[1,]",
        b"[,]",
        b"[,1]",
        b"[1 2]",
        b"[1,,2]",
        b"[1}",
        b"[]]",
        b"[[]",
        b"[1]x",
        b"[\"\xff\"]",
        b"[\"\\ud834\"]",
        b"[1e999]",
        b"{\"a\":1e999}",
        b"{\"\\ud834\":1}",
        b"{\"\xff\":1}",
        b"{}",
        b"{ }",
        b"{",
        b"}",
        b"{\"a\"",
        b"{\"a\":",
        b"{\"a\":1",
        b"{\"a\":1,",
        b"{\"a\":1,}",
        b"{,}",
        b"{\"a\" 1}",
        b"{\"a\"::1}",
        b"{a:1}",
        b"{1:1}",
        b"{\"a\":1 \"b\":2}",
        b"{\"a\":1,\"a\":2}",
        b"{\"b\":1,\"a\":{\"d\":[],\"c\":{}}}",
        b"{\"a\":1]",
        b"{\"a\"}",
        b"{null:1}",
        b"{\"a\":}",
        b"/**/1",
        b"1//",
        b"1\x00",
        b"\x0b1",
        b"\x0c1",
        b"\xc2\xa01",
        b"[1,\n2,\r\n\t3 ]\n",
        b"[null,true,false,{\"\":\"\"}]",
        b"[nul]",
        b"[tru",
        b"{\"a\":nul",
        b"[-]",
        b"[1.]",
        b"[1e]",
    ];
    for document in documents {
        alike(document);
        // Within others, and cut at every place.
        alike(&[b"[0,", *document, b"]"].concat());
        alike(&[b"{\"k\":", *document, b"}"].concat());
        for cut in 0..document.len() {
            alike(&document[..cut]);
        }
    }
}

#[test]
fn nesting_is_bounded_where_values_are_kept_and_not_where_they_are_skipped() {
    for depth in [1, 100, usize::from(MAX_DEPTH), usize::from(MAX_DEPTH) + 1, 1000] {
        for (open, close) in [("[", "]"), ("{\"a\":", "}"), ("[{\"a\":", "}]")] {
            let text = format!("{}1{}", open.repeat(depth), close.repeat(depth));
            alike(text.as_bytes());
            alike(open.repeat(depth).as_bytes());
        }
    }
    let deep = format!("{}{}", "[".repeat(2_000_000), "]".repeat(2_000_000));
    let mut reader = Reader::new(deep.as_bytes());
    reader.skip().and_then(|()| reader.end()).unwrap();
    assert!(json::read(deep.as_bytes(), &mut Written::default()).is_err());
}

/// Numbers from 0 to below `n` (xorshift64*).
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % n
    }
}

#[test]
fn random_documents_are_taken_or_refused_alike() {
    let pieces: &[&[u8]] = &[
        b"[",
        b"]",
        b"{",
        b"}",
        b",",
        b":",
        b"\"a\"",
        b"\"b\":",
        b"\"\"",
        b"\"",
        b"1",
        b"-0.5e3",
        b"0",
        b"12345678901234567890",
        b"1e400",
        b"true",
        b"false",
        b"null",
        b" ",
        b"\n",
        b"\\",
        b"\\u00e9",
        b"\\ud83d\\ude00",
        b"\xc3\xa9",
        b"\xff",
        b".",
        b"e",
        b"-",
    ];
    let mut random = Random(7);
    let mut taken = 0;
    for _ in 0..60_000 {
        let count = 1 + random.below(12);
        let soup: Vec<u8> = (0..count).flat_map(|_| pieces[random.below(pieces.len())].to_vec()).collect();
        alike(&soup);
        // Valid documents, most of them whole, some with one byte changed.
        let mut text = document(&mut random, 0).into_bytes();
        if random.below(3) == 0 {
            let at = random.below(text.len());
            text[at] = b"[]{},:\"\\0e.-n \x01\x80"[random.below(16)];
        }
        taken += usize::from(json::read(&text, &mut Any::default()).is_ok());
        alike(&text);
    }
    assert!((30_000..59_000).contains(&taken), "{taken}");
}

fn document(random: &mut Random, depth: usize) -> String {
    let blank = ["", "", " ", "\n", "\t "][random.below(5)];
    let inner = match random.below(if depth < 4 { 8 } else { 6 }) {
        0 => ["null", "true", "false"][random.below(3)].to_string(),
        1 => format!("{}", f64::from_bits((random.below(1 << 31) as u64) << 33 | random.below(1 << 31) as u64))
            .replace("NaN", "0")
            .replace("inf", "1"),
        2 => format!("{}", random.below(1 << 31) as i64 - (1 << 30)),
        3 => format!("{}.{}e{}", random.below(1000), random.below(1 << 30), random.below(700) as i64 - 390),
        4 => format!(
            "\"{}\"",
            ["", "a", "é", "\\n", "\\u0041", "\\ud83d\\ude00", "x\\\\", "\u{10ffff}"][random.below(8)]
        ),
        5 => format!("{}{}", 1 + random.below(1 << 30), "0123456789".repeat(random.below(4))),
        6 => {
            let list: Vec<String> = (0..random.below(4)).map(|_| document(random, depth + 1)).collect();
            format!("[{}]", list.join(","))
        }
        _ => {
            let keys = ["\"a\"", "\"b\"", "\"\\u0061\"", "\"é\""];
            let entry = |random: &mut Random| format!("{}:{}", keys[random.below(4)], document(random, depth + 1));
            let entries: Vec<String> = (0..random.below(4)).map(|_| entry(random)).collect();
            format!("{{{blank}{}}}", entries.join(","))
        }
    };
    format!("{blank}{inner}{blank}")
}

#[test]
fn every_double_survives() {
    let mut random = Random(3);
    for _ in 0..100_000 {
        let bits =
            (random.below(1 << 31) as u64) << 33 ^ (random.below(1 << 31) as u64) << 11 ^ random.below(1 << 11) as u64;
        let value = f64::from_bits(bits);
        if !value.is_finite() {
            continue;
        }
        for text in [serde_json::to_string(&value).unwrap(), format!("{value:e}"), format!("{value:.17e}")] {
            let mut back = 0.0;
            json::read(text.as_bytes(), &mut back).unwrap();
            assert_eq!(back.to_bits(), bits, "{text}");
        }
    }
}

/// One document into one type by both readers.
#[track_caller]
fn typed<T>(text: &str)
where
    T: for<'a> FromJson<'a> + Default + for<'a> serde::Deserialize<'a> + PartialEq + core::fmt::Debug,
{
    let mut ours = T::default();
    let result = json::read(text.as_bytes(), &mut ours);
    match (result, serde_json::from_str::<T>(text)) {
        (Ok(()), Ok(theirs)) => assert_eq!(ours, theirs, "{text}"),
        (Err(ours), Err(theirs)) => {
            assert_eq!((category(ours.kind()), ours.line()), (theirs.classify(), theirs.line() as u64), "{text}");
        }
        (ours, theirs) => panic!("{text}: {ours:?}, {theirs:?}"),
    }
}

#[test]
fn each_type_takes_what_it_took() {
    let values = [
        "0",
        "-0",
        "1",
        "-1",
        "1.0",
        "1e2",
        "255",
        "4294967295",
        "4294967296",
        "2147483647",
        "2147483648",
        "-2147483648",
        "-2147483649",
        "9223372036854775807",
        "9223372036854775808",
        "-9223372036854775808",
        "-9223372036854775809",
        "18446744073709551615",
        "18446744073709551616",
        "1e400",
        "null",
        "true",
        "false",
        "\"\"",
        "\"a\"",
        "\"\\ud800\"",
        "[]",
        "[1]",
        "[null]",
        "[1,null]",
        "[\"a\"]",
        "[[1]]",
        "{}",
        "{\"a\":1}",
        "{\"a\":null}",
        "{\"a\":1,\"a\":2}",
        "nul",
        "\n\n[1,\n\"a\"]",
        "",
        "\n{\"a\":\n[}",
        "[1.5,2]",
        "[1,2,3]",
    ];
    for value in values {
        typed::<f64>(value);
        typed::<u64>(value);
        typed::<i64>(value);
        typed::<u32>(value);
        typed::<i32>(value);
        typed::<usize>(value);
        typed::<bool>(value);
        typed::<String>(value);
        typed::<Option<f64>>(value);
        typed::<Option<String>>(value);
        typed::<Vec<f64>>(value);
        typed::<Vec<Option<i64>>>(value);
        typed::<Option<Vec<Vec<String>>>>(value);
        typed::<BTreeMap<String, f64>>(value);
        typed::<BTreeMap<String, Option<u32>>>(value);
    }
}

#[derive(Debug, Default, PartialEq)]
struct Pair<'a> {
    first: f64,
    second: Cow<'a, str>,
    third: Option<bool>,
}

impl<'a> FromJson<'a> for Pair<'a> {
    fn read(&mut self, reader: &mut Reader<'a>) -> Result<(), JsonError> {
        reader.required_fields(
            2,
            &mut [("first", &mut self.first), ("second", &mut self.second), ("third", &mut self.third)],
        )
    }
}

#[test]
fn values_of_parameters_become_text() {
    let text = "{\"n\":1e3,\"b\":true,\"s\":\"1.0\",\"l\":[1.50,{\"b\":null,\"a\":\"\\u0001\"}],\"n\":-7}";
    let mut texts = Texts::default();
    json::read(text.as_bytes(), &mut texts).unwrap();
    let got: Vec<String> = texts.0.iter().map(|(k, v)| format!("{k}={v}")).collect();
    assert_eq!(got, ["b=true", "l=[1.5,{\"a\":\"\\u0001\",\"b\":null}]", "n=-7", "s=1.0"]);
}

#[test]
fn objects_are_read_by_name_and_borrow() {
    let read = |text: &'static str| {
        let mut pair = Pair::default();
        json::read(text.as_bytes(), &mut pair).map(|()| pair).map_err(|e| e.to_string())
    };
    let pair = read("{\"x\":[{}],\"second\":\"b\",\"third\":null,\"first\":1,\"x\":0}").unwrap();
    assert_eq!(pair, Pair { first: 1.0, second: "b".into(), third: None });
    assert!(matches!(pair.second, Cow::Borrowed(_)));
    assert_eq!(read("{\"sec\\u006fnd\":\"\\u0062\",\"first\":2}").unwrap().second, "b");
    for (text, want) in [
        ("{\"first\":1,\n \"first\":2}", "the field first stands there twice at line 2 column 2"),
        ("{\"first\":1\n}", "the field second is missing at line 2 column 2"),
        ("{\"first\": \"1\"}", "expected a number at line 1 column 11"),
        ("[1,\"b\"]", "expected an object at line 1 column 1"),
        ("{\"first\":1", "the JSON ends before its end at line 1 column 11"),
        ("{\"first\":1e}", "not valid JSON: expected a digit at line 1 column 12"),
    ] {
        assert_eq!(read(text).unwrap_err(), want);
    }
}
