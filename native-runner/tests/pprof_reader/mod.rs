//! Reads back as much of a pprof file as the tests ask about; written apart from the writer.

use std::collections::BTreeMap;

/// A stack, leaf first, each frame as its calls innermost first.
pub(crate) struct Sample {
    pub(crate) frames: Vec<Vec<String>>,
    pub(crate) values: Vec<u64>,
}

pub(crate) struct Profile {
    pub(crate) sample_types: Vec<(String, String)>,
    pub(crate) default_sample_type: String,
    pub(crate) samples: Vec<Sample>,
    pub(crate) mappings: Vec<String>,
}

enum Value<'a> {
    Number(u64),
    Bytes(&'a [u8]),
}

impl<'a> Value<'a> {
    fn number(&self) -> u64 {
        if let Value::Number(number) = self { *number } else { panic!("bytes where a number belongs") }
    }

    fn bytes(&self) -> &'a [u8] {
        if let Value::Bytes(bytes) = self { bytes } else { panic!("a number where bytes belong") }
    }
}

fn varint(bytes: &mut &[u8]) -> u64 {
    let mut value = 0;
    for shift in (0..64).step_by(7) {
        let (&byte, rest) = bytes.split_first().unwrap();
        *bytes = rest;
        value |= u64::from(byte & 0x7f) << shift;
        if byte < 0x80 {
            return value;
        }
    }
    panic!("endless number")
}

fn fields(mut bytes: &[u8]) -> Vec<(u64, Value<'_>)> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        let key = varint(&mut bytes);
        let value = if key & 7 == 0 {
            Value::Number(varint(&mut bytes))
        } else {
            assert_eq!(key & 7, 2);
            let length = varint(&mut bytes) as usize;
            let (taken, rest) = bytes.split_at(length);
            bytes = rest;
            Value::Bytes(taken)
        };
        out.push((key >> 3, value));
    }
    out
}

fn packed(mut bytes: &[u8]) -> Vec<u64> {
    let mut out = Vec::new();
    while !bytes.is_empty() {
        out.push(varint(&mut bytes));
    }
    out
}

fn number(message: &[u8], field: u64) -> u64 {
    fields(message).iter().find(|(id, _)| *id == field).map_or(0, |(_, value)| value.number())
}

impl Profile {
    pub(crate) fn read(file: &[u8]) -> Self {
        assert_eq!(&file[..4], [0x1f, 0x8b, 8, 0], "gzip header");
        let (body, trailer) = file[10..].split_at(file.len() - 18);
        let raw = miniz_oxide::inflate::decompress_to_vec(body).unwrap();
        assert_eq!(trailer[..4], crc32fast::hash(&raw).to_le_bytes());
        assert_eq!(trailer[4..], (raw.len() as u32).to_le_bytes());
        let rows = fields(&raw);
        let all = |field: u64| rows.iter().filter(move |(id, _)| *id == field).map(|(_, value)| value);
        let strings: Vec<String> = all(6).map(|v| String::from_utf8(v.bytes().to_vec()).unwrap()).collect();
        let text = |id: u64| strings[id as usize].clone();
        assert_eq!(text(0), "");
        let functions: BTreeMap<u64, String> =
            all(5).map(|v| (number(v.bytes(), 1), text(number(v.bytes(), 2)))).collect();
        let locations: BTreeMap<u64, Vec<String>> = all(4)
            .map(|v| {
                let lines = fields(v.bytes());
                let lines = lines.iter().filter(|(id, _)| *id == 4);
                (number(v.bytes(), 1), lines.map(|(_, l)| functions[&number(l.bytes(), 1)].clone()).collect())
            })
            .collect();
        let samples = all(2).map(|v| {
            let parts = fields(v.bytes());
            let list = |field: u64| {
                parts.iter().filter(|(id, _)| *id == field).flat_map(|(_, v)| packed(v.bytes())).collect::<Vec<_>>()
            };
            Sample { frames: list(1).iter().map(|id| locations[id].clone()).collect(), values: list(2) }
        });
        Profile {
            sample_types: all(1).map(|v| (text(number(v.bytes(), 1)), text(number(v.bytes(), 2)))).collect(),
            default_sample_type: text(number(&raw, 14)),
            samples: samples.collect(),
            mappings: all(3).map(|v| text(number(v.bytes(), 5))).collect(),
        }
    }

    /// CPU time of all samples that pass through a function.
    pub(crate) fn total_under(&self, function: &str) -> u64 {
        let passes = |sample: &&Sample| sample.frames.iter().flatten().any(|name| name == function);
        self.samples.iter().filter(passes).map(|sample| sample.values[1]).sum()
    }

    /// Whether a frame shows the one function inlined into the other.
    pub(crate) fn has_inlined(&self, inner: &str, outer: &str) -> bool {
        let shows = |calls: &Vec<String>| calls.iter().any(|n| n == inner) && calls.last().is_some_and(|n| n == outer);
        self.samples.iter().flat_map(|sample| &sample.frames).any(shows)
    }
}
