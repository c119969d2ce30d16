//! Writes profiles in the pprof format: protocol buffers by hand, then gzip.

use std::collections::HashMap;

use crate::protobuf::{Message, Strings, gzip};

/// A function call in source: what a frame shows.
#[derive(Clone, Debug, Default, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub(super) struct Line {
    /// Demangled, without the compiler's hash.
    pub(super) function: String,
    /// As the object file spells it; equal to `function` when it was not mangled.
    pub(super) linkage_name: String,
    /// Empty when unknown.
    pub(super) file: String,
    /// 0 when unknown.
    pub(super) line: u32,
}

/// A piece of an executable file in memory.
#[cfg_attr(not(target_os = "linux"), allow(dead_code, reason = "sampling in process knows no mappings"))]
#[derive(Clone, Debug, Default)]
pub(super) struct Mapping {
    pub(super) start: u64,
    pub(super) limit: u64,
    pub(super) file_offset: u64,
    pub(super) path: String,
    pub(super) build_id: String,
    pub(super) has_functions: bool,
    pub(super) has_lines: bool,
}

/// A code address with the calls it stands for, innermost first; without lines where nothing is known.
#[derive(Clone, Debug, Default)]
pub(super) struct Location {
    /// Index into the mappings.
    pub(super) mapping: Option<usize>,
    pub(super) address: u64,
    pub(super) lines: Vec<Line>,
}

/// A stack, leaf first, with its two values.
#[derive(Clone, Debug, Default)]
pub(super) struct Stack {
    /// Indices into the locations.
    pub(super) locations: Vec<u32>,
    pub(super) samples: u64,
    pub(super) nanos: u64,
}

/// Everything a file holds, in the order it will hold it.
#[derive(Debug, Default)]
pub(super) struct Profile {
    pub(super) mappings: Vec<Mapping>,
    pub(super) locations: Vec<Location>,
    pub(super) stacks: Vec<Stack>,
    /// Wall clock at the start, nanoseconds since 1970.
    pub(super) time_nanos: u64,
    pub(super) duration_nanos: u64,
    pub(super) period_nanos: u64,
    pub(super) comments: Vec<String>,
}

impl Profile {
    /// Takes folders out, and the name of the program that the first mapping is. Names of functions stay: without
    /// them it would be no profile.
    pub(super) fn strip_paths(&mut self) {
        let base = |path: &mut String| {
            if let Some((_, name)) = path.rsplit_once('/') {
                *path = name.to_owned();
            }
        };
        for (index, mapping) in self.mappings.iter_mut().enumerate() {
            if index == 0 { mapping.path = "program".to_owned() } else { base(&mut mapping.path) }
        }
        self.locations.iter_mut().flat_map(|location| &mut location.lines).for_each(|line| base(&mut line.file));
    }

    /// The whole file, compressed.
    pub(super) fn to_gzip(&self) -> Vec<u8> {
        gzip(&self.to_protobuf())
    }

    fn to_protobuf(&self) -> Vec<u8> {
        let mut strings = Strings::new();
        let mut functions = Functions::default();
        let mut out = Message::default();

        let cpu = strings.id("cpu");
        let nanoseconds = strings.id("nanoseconds");
        let samples = (strings.id("samples"), strings.id("count"));
        for (kind, unit) in [samples, (cpu, nanoseconds)] {
            out.message(1, |value| value.uint(1, kind).uint(2, unit));
        }
        for stack in &self.stacks {
            out.message(2, |sample| {
                sample
                    .packed(1, stack.locations.iter().map(|&index| u64::from(index) + 1))
                    .packed(2, [stack.samples, stack.nanos].into_iter())
            });
        }
        for (index, mapping) in self.mappings.iter().enumerate() {
            let (path, build_id) = (strings.id(&mapping.path), strings.id(&mapping.build_id));
            out.message(3, |message| {
                message
                    .uint(1, index as u64 + 1)
                    .uint(2, mapping.start)
                    .uint(3, mapping.limit)
                    .uint(4, mapping.file_offset)
                    .uint(5, path)
                    .uint(6, build_id)
                    .uint(7, u64::from(mapping.has_functions))
                    .uint(8, u64::from(mapping.has_lines))
                    .uint(9, u64::from(mapping.has_lines))
                    .uint(10, u64::from(mapping.has_lines))
            });
        }
        for (index, location) in self.locations.iter().enumerate() {
            let lines: Vec<(u64, u64)> =
                location.lines.iter().map(|line| (functions.id(line, &mut strings), u64::from(line.line))).collect();
            out.message(4, |message| {
                message
                    .uint(1, index as u64 + 1)
                    .uint(2, location.mapping.map_or(0, |mapping| mapping as u64 + 1))
                    .uint(3, location.address);
                for (function, line) in lines {
                    message.message(4, |entry| entry.uint(1, function).uint(2, line));
                }
                message
            });
        }
        for (index, &[name, linkage_name, file]) in functions.rows.iter().enumerate() {
            out.message(5, |message| {
                message.uint(1, index as u64 + 1).uint(2, name).uint(3, linkage_name).uint(4, file)
            });
        }
        let comments: Vec<u64> = self.comments.iter().map(|comment| strings.id(comment)).collect();
        for text in strings.rows() {
            out.bytes(6, text.as_bytes());
        }
        out.uint(9, self.time_nanos).uint(10, self.duration_nanos);
        out.message(11, |value| value.uint(1, cpu).uint(2, nanoseconds));
        out.uint(12, self.period_nanos).packed(13, comments.into_iter()).uint(14, cpu);
        out.into_bytes()
    }
}

/// Functions are told apart by both names and the file.
#[derive(Default)]
struct Functions {
    rows: Vec<[u64; 3]>,
    ids: HashMap<[u64; 3], u64>,
}

impl Functions {
    fn id(&mut self, line: &Line, strings: &mut Strings) -> u64 {
        let key = [strings.id(&line.function), strings.id(&line.linkage_name), strings.id(&line.file)];
        let rows = &mut self.rows;
        *self.ids.entry(key).or_insert_with(|| {
            rows.push(key);
            rows.len() as u64
        })
    }
}
