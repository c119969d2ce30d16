//! The shapes of values: what fields a type has.

use alloc::string::String;
use alloc::vec::Vec;

use super::reader::{Reader, Text};
use crate::format::stacks::Numbered;

/// How a value of a type is written.
#[derive(Clone, Copy, PartialEq)]
pub(super) enum Kind {
    /// A compressed number.
    Number,
    /// So many bytes.
    Bytes(usize),
    Text,
    /// Its fields.
    Fields,
}

/// A field that is of use, by what it is of.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Role {
    None,
    /// Of pooled things.
    Symbol,
    ClassName,
    MethodClass,
    MethodName,
    FrameMethod,
    FrameKind,
    FrameKindName,
    StackTruncated,
    ThreadName,
    ThreadOsName,
    ThreadId,
    ThreadOsId,
    /// Of events.
    Thread,
    Stack,
    Duration,
    AllocationSize,
    TlabSize,
    Weight,
    Samples,
    Size,
}

const ROLES: &[(&str, &str, Role)] = &[
    ("jdk.types.Symbol", "string", Role::Symbol),
    ("java.lang.Class", "name", Role::ClassName),
    ("jdk.types.Method", "type", Role::MethodClass),
    ("jdk.types.Method", "name", Role::MethodName),
    ("jdk.types.StackFrame", "method", Role::FrameMethod),
    ("jdk.types.StackFrame", "type", Role::FrameKind),
    ("jdk.types.FrameType", "description", Role::FrameKindName),
    ("jdk.types.StackTrace", "truncated", Role::StackTruncated),
    ("java.lang.Thread", "javaName", Role::ThreadName),
    ("java.lang.Thread", "osName", Role::ThreadOsName),
    ("java.lang.Thread", "javaThreadId", Role::ThreadId),
    ("java.lang.Thread", "osThreadId", Role::ThreadOsId),
    ("", "sampledThread", Role::Thread),
    ("", "eventThread", Role::Thread),
    ("", "thread", Role::Thread),
    ("", "stackTrace", Role::Stack),
    ("", "duration", Role::Duration),
    ("", "allocationSize", Role::AllocationSize),
    ("", "tlabSize", Role::TlabSize),
    ("", "weight", Role::Weight),
    ("", "samples", Role::Samples),
    ("", "size", Role::Size),
];

pub(super) struct Field {
    /// The place of its type among all.
    pub(super) class: Option<u32>,
    type_id: u64,
    /// Whether a key of a pool stands in place of the value.
    pub(super) pooled: bool,
    /// Whether a count and so many values stand in its place.
    pub(super) list: bool,
    pub(super) role: Role,
}

pub(super) struct Class {
    pub(super) id: u64,
    pub(super) name: String,
    pub(super) kind: Kind,
    pub(super) fields: Vec<Field>,
}

/// All types of a chunk.
pub(super) struct Metadata {
    pub(super) classes: Vec<Class>,
    by_id: Numbered,
}

impl Metadata {
    pub(super) fn class(&self, id: u64) -> Option<&Class> {
        self.classes.get(self.by_id.get(id)? as usize)
    }

    pub(super) fn at(&self, place: Option<u32>) -> Option<&Class> {
        self.classes.get(place? as usize)
    }

    /// Reads the event at a place; `None`: it is none, or broken.
    pub(super) fn read(bytes: &[u8], at: usize) -> Option<Metadata> {
        let mut reader = Reader::new(bytes, at);
        // Size, type (0), start, duration, id.
        reader.number()?;
        if reader.number()? != 0 {
            return None;
        }
        for _ in 0..3 {
            reader.number()?;
        }
        let count = reader.count()?;
        let mut strings: Vec<Text<'_>> = Vec::new();
        for _ in 0..count {
            strings.push(reader.text()?);
        }
        let mut classes = Vec::new();
        elements(&mut reader, &strings, &mut classes)?;
        let ids: Vec<(u64, u32)> =
            classes.iter().enumerate().map(|(at, class): (usize, &Class)| (class.id, at as u32)).collect();
        let by_id = Numbered::new(&ids);
        for class in &mut classes {
            for field in &mut class.fields {
                field.class = by_id.get(field.type_id);
            }
        }
        Some(Metadata { classes, by_id })
    }
}

/// The tree of elements: each a name, attributes and the elements inside. Depth costs no stack.
fn elements(reader: &mut Reader<'_>, strings: &[Text<'_>], classes: &mut Vec<Class>) -> Option<()> {
    // How many elements are left at each level.
    let mut left = alloc::vec![1usize];
    while let Some(count) = left.last_mut() {
        if *count == 0 {
            left.pop();
            continue;
        }
        *count -= 1;
        let text = |key: u64| usize::try_from(key).ok().and_then(|key| strings.get(key)).map(|text| text.short());
        let name = text(reader.number()?)?;
        let (mut own, mut id, mut of, mut pooled, mut list) = (String::new(), 0, 0, false, false);
        for _ in 0..reader.count()? {
            let (key, value) = (text(reader.number()?)?, text(reader.number()?)?);
            match key.as_str() {
                "name" => own = value,
                "id" => id = value.parse().ok()?,
                "class" => of = value.parse().ok()?,
                "constantPool" => pooled = value == "true",
                "dimension" => list = value != "0",
                _ => {}
            }
        }
        match name.as_str() {
            "class" => {
                let kind = kind_of(&own);
                classes.push(Class { id, name: own, kind, fields: Vec::new() });
            }
            "field" => {
                let class = classes.last_mut()?;
                let same = |(owner, field, _): &&(&str, &str, Role)| {
                    *field == own
                        && if owner.is_empty() { !class.name.starts_with("jdk.types.") } else { *owner == class.name }
                };
                let role = ROLES.iter().find(same).map_or(Role::None, |(_, _, role)| *role);
                class.fields.push(Field { class: None, type_id: of, pooled, list, role });
            }
            _ => {}
        }
        left.push(reader.count()?);
    }
    Some(())
}

fn kind_of(name: &str) -> Kind {
    match name {
        "boolean" | "byte" => Kind::Bytes(1),
        "short" | "char" | "int" | "long" => Kind::Number,
        "float" => Kind::Bytes(4),
        "double" => Kind::Bytes(8),
        "java.lang.String" => Kind::Text,
        _ => Kind::Fields,
    }
}
