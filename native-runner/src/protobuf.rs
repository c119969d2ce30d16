//! Protocol buffers and gzip, as far as a pprof file needs them.

use std::collections::HashMap;

/// The string table, whose first entry has to be empty.
pub(crate) struct Strings {
    rows: Vec<String>,
    ids: HashMap<String, u64>,
}

impl Strings {
    pub(crate) fn new() -> Self {
        Self { rows: vec![String::new()], ids: HashMap::from([(String::new(), 0)]) }
    }

    pub(crate) fn id(&mut self, text: &str) -> u64 {
        if let Some(&id) = self.ids.get(text) {
            return id;
        }
        let id = self.rows.len() as u64;
        self.rows.push(text.to_owned());
        self.ids.insert(text.to_owned(), id);
        id
    }

    /// The strings by id.
    pub(crate) fn rows(&self) -> &[String] {
        &self.rows
    }
}

/// A protocol buffer under construction. Fields with the default value are left out, as the format allows.
#[derive(Default)]
pub(crate) struct Message(Vec<u8>);

impl Message {
    /// What was written.
    pub(crate) fn into_bytes(self) -> Vec<u8> {
        self.0
    }

    fn varint(&mut self, mut value: u64) {
        while value >= 0x80 {
            self.0.push(value as u8 | 0x80);
            value >>= 7;
        }
        self.0.push(value as u8);
    }

    pub(crate) fn uint(&mut self, field: u64, value: u64) -> &mut Self {
        if value != 0 {
            self.varint(field << 3);
            self.varint(value);
        }
        self
    }

    pub(crate) fn bytes(&mut self, field: u64, bytes: &[u8]) -> &mut Self {
        self.varint(field << 3 | 2);
        self.varint(bytes.len() as u64);
        self.0.extend_from_slice(bytes);
        self
    }

    pub(crate) fn packed(&mut self, field: u64, values: impl Iterator<Item = u64>) -> &mut Self {
        let mut inner = Message::default();
        values.for_each(|value| inner.varint(value));
        if inner.0.is_empty() { self } else { self.bytes(field, &inner.0) }
    }

    pub(crate) fn message(&mut self, field: u64, fill: impl FnOnce(&mut Message) -> &mut Message) -> &mut Self {
        let mut inner = Message::default();
        fill(&mut inner);
        self.bytes(field, &inner.0)
    }
}

/// One gzip member without name or time, so that equal profiles are equal files.
pub(crate) fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut out = vec![0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255];
    out.extend(miniz_oxide::deflate::compress_to_vec(bytes, 6));
    out.extend(crc32fast::hash(bytes).to_le_bytes());
    out.extend((bytes.len() as u32).to_le_bytes());
    out
}
