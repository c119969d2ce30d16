//! Attributes of OpenTelemetry's profiles, as labels: those that samples name by their place in the dictionary, in both
//! layouts, and those of the resource that a profile is of. A link of a sample is its trace and its span, in hexadecimal
//! digits as `trace_id` and `span_id`.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::lossy;
use crate::format::protobuf::{Field, Fields, Value};
use crate::format::stack_labels::{Label, LabelSet};
use crate::format::stacks::Stacks;
use crate::number;
use crate::source::NoticeCode;

/// The labels of a link: its trace and its span, as far as it states them.
type Traced = [Option<Label>; 2];

/// The dictionary's attributes, and the labels of the resource in work.
#[derive(Default)]
pub(super) struct Attributes<'a> {
    list: Vec<&'a [u8]>,
    /// What each stands for once a sample has named it; inside nothing for one without key or value.
    known: Vec<Option<Option<Label>>>,
    resource: Vec<Label>,
    /// The dictionary's links, and what each stands for once a sample has named it.
    links: Vec<(&'a [u8], Option<Traced>)>,
}

impl<'a> Attributes<'a> {
    /// A further one of the dictionary.
    pub(super) fn push(&mut self, attribute: &'a [u8]) {
        self.list.push(attribute);
        self.known.push(None);
    }

    /// A further link of the dictionary.
    pub(super) fn push_link(&mut self, link: &'a [u8]) {
        self.links.push((link, None));
    }

    /// States the attributes of the resource whose profiles come next.
    pub(super) fn of_resource(&mut self, to: &mut Stacks<'_>, strings: &[&[u8]], attributes: &[&[u8]]) {
        self.resource.clear();
        self.resource.extend(attributes.iter().filter_map(|attribute| label(to, strings, attribute)));
    }

    /// The labels of a sample by the places of its attributes and of its link; a place that does not exist is told.
    ///
    /// # Errors
    /// Where samples together have more attributes than fits the input.
    pub(super) fn labels(
        &mut self,
        to: &mut Stacks<'_>,
        strings: &[&[u8]],
        places: &[u64],
        link: Option<u64>,
    ) -> Result<LabelSet, ParseError> {
        to.work((places.len() + self.resource.len()) as u64)?;
        let mut labels = self.resource.clone();
        for place in places.iter().map(|place| *place as usize) {
            let Some((attribute, known)) = self.list.get(place).zip(self.known.get_mut(place)) else {
                to.notices.push(NoticeCode::DanglingReference, to.at, "attribute");
                continue;
            };
            labels.extend(*known.get_or_insert_with(|| label(to, strings, attribute)));
        }
        if let Some(place) = link {
            match self.links.get_mut(place as usize) {
                Some((link, known)) => {
                    labels.extend(known.get_or_insert_with(|| traced(to, link)).iter().flatten());
                }
                // Older writers state a 0 without a table.
                None if place == 0 => {}
                None => to.notices.push(NoticeCode::DanglingReference, to.at, "link"),
            }
        }
        Ok(to.label_set(&mut labels))
    }
}

/// The labels of a link; zeros are none.
fn traced(to: &mut Stacks<'_>, link: &[u8]) -> Traced {
    let mut out = [None; 2];
    for field in Fields::new(link) {
        let Ok(Field { number: number @ 1..=2, value: Value::Bytes(id) }) = field else { continue };
        let id = id.get(..LONG).unwrap_or(id);
        let halves = id.iter().flat_map(|byte| [byte >> 4, byte & 15]);
        let digits: String = halves.filter_map(|half| char::from_digit(u32::from(half), 16)).collect();
        if id.iter().any(|byte| *byte != 0) {
            let (key, slot) = if number == 1 { ("trace_id", 0) } else { ("span_id", 1) };
            out[slot] = to.label(key, &digits);
        }
    }
    out
}

/// Bytes of a text that are read: more than a label keeps.
const LONG: usize = 1000;

/// The label of an attribute: a key (a text, or by its place) with a value and perhaps a unit. Lists and maps are no
/// label, and neither is one that is broken: the samples count without it.
fn label(to: &mut Stacks<'_>, strings: &[&[u8]], attribute: &[u8]) -> Option<Label> {
    let text = |bytes: &[u8]| lossy(bytes.get(..LONG).unwrap_or(bytes)).to_string();
    let named = |place: u64| strings.get(usize::try_from(place).ok()?).map(|bytes| text(bytes));
    let (mut key, mut value, mut unit) = (String::new(), String::new(), String::new());
    for field in Fields::new(attribute) {
        match field.ok()? {
            Field { number: 1, value: Value::Bytes(own) } => key = text(own),
            Field { number: 1, value: Value::Varint(place) } => key = named(place)?,
            Field { number: 2, value: Value::Bytes(own) } => value = scalar(own, &text, &named)?,
            Field { number: 3, value: Value::Varint(place) } => unit = named(place)?,
            _ => {}
        }
    }
    if key.is_empty() || value.is_empty() {
        return None;
    }
    to.label(&key, &(value + &unit))
}

/// A value that has no parts, as text.
fn scalar(value: &[u8], text: &dyn Fn(&[u8]) -> String, named: &dyn Fn(u64) -> Option<String>) -> Option<String> {
    // A double is the only one of fixed size.
    if let [0x21, bytes @ ..] = value
        && let Ok(bytes) = <[u8; 8]>::try_from(bytes)
    {
        let mut digits = Vec::new();
        number::print(&mut digits, Some(f64::from_le_bytes(bytes)).filter(|value| value.is_finite())?);
        return String::from_utf8(digits).ok();
    }
    match Fields::new(value).next()?.ok()? {
        Field { number: 1, value: Value::Bytes(own) } => Some(text(own)),
        Field { number: 2, value: Value::Varint(own) } => Some((own != 0).to_string()),
        Field { number: 3, value: Value::Varint(own) } => Some((own as i64).to_string()),
        // A text of the dictionary.
        Field { number: 8, value: Value::Varint(place) } => named(place),
        _ => None,
    }
}
