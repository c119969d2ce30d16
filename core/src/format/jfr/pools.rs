//! What events name by a key: stacks, methods, classes, names.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::stacks::{Numbered, Stacks};
use crate::profile::Frame;
use crate::source::NoticeCode;

use super::chunk::{Scalar, scalar, value};
use super::metadata::{Kind, Metadata, Role};
use super::reader::Reader;
use super::threads::Thread;

/// What has no name.
const UNKNOWN: &str = "[unknown]";

/// The pools of a chunk, as far as samples need them.
#[derive(Default)]
pub(super) struct Pools<'a> {
    /// Keys of threads and what is known of each.
    pub(super) threads: Vec<(u64, Thread<'a>)>,
    symbols: Vec<(u64, u32)>,
    texts: Vec<String>,
    /// Keys of classes and of the symbols that name them.
    classes: Vec<(u64, u64)>,
    /// Keys of methods, of their classes and of the symbols that name them.
    methods: Vec<(u64, u64, u64)>,
    /// Keys of the kinds of frames, and whether one is that of inlined calls.
    kinds: Vec<(u64, bool)>,
    /// Keys of stacks and where their frames end; whether the recorder cut them.
    stacks: Vec<(u64, usize, bool)>,
    /// Keys of method and kind of each frame, leaf first.
    frames: Vec<(u64, u64)>,
}

/// Frames of all stacks, root first.
pub(super) struct Traces {
    by_key: Numbered,
    /// Where the frames of each end, and whether the recorder cut it.
    ends: Vec<(usize, bool)>,
    frames: Vec<Frame>,
}

impl Traces {
    /// The frames under a key, and whether some are missing.
    pub(super) fn get(&self, key: u64) -> Option<(&[Frame], bool)> {
        let at = self.by_key.get(key)? as usize;
        let (end, cut) = *self.ends.get(at)?;
        let start = at.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).map(|(end, _)| *end))?;
        Some((self.frames.get(start..end)?, cut))
    }
}

impl<'a> Pools<'a> {
    /// Takes the pools of an event.
    ///
    /// # Errors
    /// Where reading takes too long for the input.
    pub(super) fn read(
        &mut self,
        to: &mut Stacks<'_>,
        metadata: &Metadata,
        event: &'a [u8],
        at: usize,
    ) -> Result<(), ParseError> {
        let mut reader = Reader::new(event, at);
        if self.all(to, metadata, &mut reader)?.is_none() {
            // Of the stack that was being read.
            self.frames.truncate(self.stacks.last().map_or(0, |(_, end, _)| *end));
            to.notices.push(NoticeCode::BrokenLine, to.at, "pools");
        }
        Ok(())
    }

    fn all(
        &mut self,
        to: &mut Stacks<'_>,
        metadata: &Metadata,
        reader: &mut Reader<'a>,
    ) -> Result<Option<()>, ParseError> {
        // Size, type, start, duration, where the event before stands, and whether it is one of several.
        for _ in 0..5 {
            if reader.number().is_none() {
                return Ok(None);
            }
        }
        let Some(count) = reader.take(1).and_then(|_| reader.count()) else { return Ok(None) };
        for _ in 0..count {
            let Some(class) = reader.number().and_then(|id| metadata.class(id)) else { return Ok(None) };
            let Some(entries) = reader.count() else { return Ok(None) };
            for _ in 0..entries {
                to.work(1)?;
                let Some(key) = reader.number() else { return Ok(None) };
                let mut entry = Entry::default();
                let frames = &mut self.frames;
                let read = if class.kind == Kind::Fields {
                    value(to, metadata, class, reader, &mut |role, scalar| entry.take(role, scalar, frames))?
                } else {
                    scalar(class.kind, reader).map(|_| ())
                };
                if read.is_none() {
                    return Ok(None);
                }
                self.keep(&class.name, key, entry);
            }
        }
        Ok(Some(()))
    }

    fn keep(&mut self, class: &str, key: u64, entry: Entry<'a>) {
        match class {
            "jdk.types.Symbol" => {
                self.symbols.push((key, self.texts.len() as u32));
                self.texts.push(entry.text);
            }
            "java.lang.Class" => self.classes.push((key, entry.name)),
            "jdk.types.Method" => self.methods.push((key, entry.class, entry.name)),
            "jdk.types.FrameType" => self.kinds.push((key, entry.text == "Inlined")),
            "java.lang.Thread" => {
                // One of which nothing is known is none.
                self.threads.extend(Some((key, entry.thread)).filter(|(_, thread)| thread.is_known()));
            }
            "jdk.types.StackTrace" => self.stacks.push((key, self.frames.len(), entry.cut)),
            _ => {}
        }
    }

    /// Gives the stacks their names.
    ///
    /// # Errors
    /// Where the names together are too long for the input.
    pub(super) fn finish(self, to: &mut Stacks<'_>) -> Result<Traces, ParseError> {
        let symbols = Numbered::new(&self.symbols);
        let text = |key: u64| symbols.get(key).and_then(|at| self.texts.get(at as usize)).map_or("", String::as_str);
        let numbered = |keys: &mut dyn Iterator<Item = u64>| {
            let list: Vec<(u64, u32)> = keys.zip(0..).collect();
            Numbered::new(&list)
        };
        let classes = numbered(&mut self.classes.iter().map(|(key, _)| *key));
        let methods = numbered(&mut self.methods.iter().map(|(key, ..)| *key));
        let kinds = numbered(&mut self.kinds.iter().map(|(key, _)| *key));
        // Most methods of a pool are on some stack, but not all.
        let mut functions: Vec<Option<u32>> = Vec::new();
        functions.resize(self.methods.len(), None);
        let name_of = |to: &mut Stacks<'_>, class: u64, name: u64| {
            let class =
                classes.get(class).and_then(|at| self.classes.get(at as usize)).map_or("", |(_, name)| text(*name));
            let name = text(name);
            // One name may stand for many methods.
            to.work((class.len() + name.len()) as u64 * 8)?;
            let mut full = String::with_capacity(class.len() + name.len() + 1);
            full.extend(class.chars().map(|c| if c == '/' { '.' } else { c }));
            if !class.is_empty() && !name.is_empty() {
                full.push('.');
            }
            full.push_str(name);
            Ok(to.builder.function(if full.is_empty() { UNKNOWN } else { &full }))
        };
        let mut frames = Vec::with_capacity(self.frames.len());
        let mut start = 0;
        for (_, end, _) in &self.stacks {
            for (method, kind) in self.frames.get(start..*end).unwrap_or(&[]).iter().rev() {
                let place = methods.get(*method).map(|at| at as usize);
                let known = place.and_then(|at| functions.get_mut(at).zip(self.methods.get(at)));
                let function = match known {
                    Some((Some(function), _)) => *function,
                    Some((slot, (_, class, name))) => *slot.insert(name_of(to, *class, *name)?),
                    None => {
                        to.notices.push(NoticeCode::DanglingReference, to.at, "method");
                        to.builder.function(UNKNOWN)
                    }
                };
                let inlined = kinds.get(*kind).and_then(|at| self.kinds.get(at as usize)).is_some_and(|(_, is)| *is);
                frames.push(Frame::new(function, inlined));
            }
            start = *end;
        }
        Ok(Traces {
            by_key: numbered(&mut self.stacks.iter().map(|(key, ..)| *key)),
            ends: self.stacks.iter().map(|(_, end, cut)| (*end, *cut)).collect(),
            frames,
        })
    }
}

/// What is of use of an entry of a pool.
#[derive(Default)]
struct Entry<'a> {
    thread: Thread<'a>,
    text: String,
    class: u64,
    name: u64,
    cut: bool,
}

impl<'a> Entry<'a> {
    fn take(&mut self, role: Role, scalar: Scalar<'a>, frames: &mut Vec<(u64, u64)>) {
        match (role, scalar) {
            (Role::Symbol | Role::FrameKindName, Scalar::Text(text)) => self.text = text.plain(),
            (Role::ClassName | Role::MethodName, Scalar::Number(key)) => self.name = key,
            (Role::MethodClass, Scalar::Number(key)) => self.class = key,
            (Role::ThreadName, Scalar::Text(text)) => self.thread.name = text,
            (Role::ThreadOsName, Scalar::Text(text)) => self.thread.os_name = text,
            (Role::ThreadId, Scalar::Number(id)) => self.thread.id = id,
            (Role::ThreadOsId, Scalar::Number(id)) => self.thread.os_id = id,
            (Role::StackTruncated, Scalar::Number(cut)) => self.cut = cut != 0,
            (Role::FrameMethod, Scalar::Number(key)) => frames.push((key, u64::MAX)),
            (Role::FrameKind, Scalar::Number(key)) => {
                if let Some(frame) = frames.last_mut() {
                    frame.1 = key;
                }
            }
            _ => {}
        }
    }
}
