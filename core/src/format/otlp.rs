//! Profiles of OpenTelemetry (OTLP, protobuf): samples per resource, with one dictionary of strings, functions,
//! locations and stacks for all. The format is in development; two of its layouts are read: stacks in a table of the
//! dictionary, and before that as ranges of a list of the profile. Attributes of samples and of resources are labels
//! under their own keys, and what links samples to traces is a label, too.
//!
//! <https://github.com/open-telemetry/opentelemetry-proto>

use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::lossy;
use crate::format::Content;
use crate::format::otlp_attributes::Attributes;
use crate::format::pprof::{integers, place_name};
use crate::format::protobuf::{Field, Fields, Value, numbers};
use crate::format::stacks::Stacks;
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    // Resources hold scopes, and scopes hold profiles.
    let inner = |bytes| {
        let mut found = None;
        for field in Fields::new(bytes).take(1000) {
            match field {
                Ok(Field { number: 2, value: Value::Bytes(inner) }) => found = found.or(Some(inner)),
                Ok(Field { number: 1 | 3, value: Value::Bytes(_) }) => {}
                _ => return None,
            }
        }
        found
    };
    let resource = match Fields::new(bytes).next() {
        Some(Ok(Field { number: 1, value: Value::Bytes(resource) })) => Some(resource),
        _ => None,
    };
    let profile = resource.and_then(inner).and_then(inner);
    let is_profile = |profile| {
        let mut fields = Fields::new(profile).take(20).peekable();
        fields.peek().is_some() && fields.all(|f| matches!(f, Ok(Field { number: 1..=20, .. })))
    };
    if profile.is_some_and(is_profile) { 85 } else { 0 }
}

/// What is wrong, and in which piece.
type Fault<'a> = (&'a [u8], ParseErrorKind);

fn broken<'a>(piece: &'a [u8]) -> impl Fn(ParseErrorKind) -> Fault<'a> {
    move |kind| (piece, kind)
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    match read(&mut to) {
        Ok(()) => {}
        Err(Stop::Limit(error)) => return Err(error),
        Err(Stop::Fault((piece, kind))) => {
            to.at = place(&to, piece);
            return Err(ParseError::new(&source, to.at, kind));
        }
    }
    to.notices.push(NoticeCode::UnknownRecord, None, "a format in development: what newer versions add is not read");
    to.finish()
}

/// Why reading ends before the end.
enum Stop<'a> {
    Fault(Fault<'a>),
    Limit(ParseError),
}

impl<'a> From<Fault<'a>> for Stop<'a> {
    fn from(fault: Fault<'a>) -> Stop<'a> {
        Stop::Fault(fault)
    }
}

impl From<ParseError> for Stop<'_> {
    fn from(error: ParseError) -> Self {
        Stop::Limit(error)
    }
}

/// Where a piece of the input begins.
fn place(to: &Stacks<'_>, piece: &[u8]) -> Option<Position> {
    let offset = (piece.as_ptr() as usize).wrapping_sub(to.source.bytes.as_ptr() as usize);
    Some(Position::Byte(offset as u64)).filter(|_| offset <= to.source.bytes.len())
}

/// The messages in the fields of a number.
fn all(message: &[u8], number: u64) -> impl Iterator<Item = Result<&[u8], Fault<'_>>> {
    Fields::new(message).filter_map(move |field| match field {
        Ok(Field { number: found, value: Value::Bytes(inner) }) if found == number => Some(Ok(inner)),
        Ok(_) => None,
        Err(kind) => Some(Err((message, kind))),
    })
}

/// What samples refer to.
#[derive(Default)]
struct Dictionary<'a> {
    attributes: Attributes<'a>,
    strings: Vec<&'a [u8]>,
    /// Messages whose only content is a list of locations, leaf first.
    stacks: Vec<&'a [u8]>,
    /// Frames of all locations, leaf first, and where those of each end.
    frames: Vec<Frame>,
    ends: Vec<usize>,
}

fn read<'a>(to: &mut Stacks<'a>) -> Result<(), Stop<'a>> {
    let bytes = to.source.bytes;
    let mut dictionary = Dictionary::default();
    for message in all(bytes, 2) {
        let message = message?;
        for string in all(message, 5) {
            dictionary.strings.push(string?);
        }
        for stack in all(message, 7) {
            dictionary.stacks.push(stack?);
        }
        for attribute in all(message, 6) {
            dictionary.attributes.push(attribute?);
        }
        for link in all(message, 4) {
            dictionary.attributes.push_link(link?);
        }
        dictionary.locations(to, message)?;
    }
    for resource in all(bytes, 1) {
        let resource = resource?;
        // The resource itself: a process, a container.
        for own in all(resource, 1) {
            let own: Result<Vec<&[u8]>, Fault<'_>> = all(own?, 1).collect();
            dictionary.attributes.of_resource(to, &dictionary.strings, &own?);
        }
        for scope in all(resource, 2) {
            for profile in all(scope?, 2) {
                dictionary.profile(to, profile?)?;
            }
        }
        dictionary.attributes.of_resource(to, &[], &[]);
    }
    Ok(())
}

impl<'a> Dictionary<'a> {
    fn string(&self, index: u64) -> Option<&'a [u8]> {
        self.strings.get(usize::try_from(index).ok()?).copied()
    }

    /// Gives the locations their frames.
    fn locations(&mut self, to: &mut Stacks<'a>, message: &'a [u8]) -> Result<(), Stop<'a>> {
        let bad = |piece, table| Stop::Fault((piece, ParseErrorKind::BadReference { table }));
        let mut mappings = Vec::new();
        for mapping in all(message, 1) {
            let mapping = mapping?;
            let [start, offset, file] = integers(mapping, [1, 3, 4]).map_err(broken(mapping))?;
            mappings.push((start, offset, file));
        }
        let mut functions = Vec::new();
        // A long name may be that of many functions: it is read once.
        let mut known: Vec<Option<u32>> = Vec::new();
        known.resize(self.strings.len(), None);
        for function in all(message, 3) {
            let function = function?;
            let [name] = integers(function, [1]).map_err(broken(function))?;
            let text = self.string(name).ok_or(bad(function, "strings"))?;
            let slot = known.get_mut(name as usize).ok_or(bad(function, "strings"))?;
            functions.push(*slot.get_or_insert_with(|| {
                let text = lossy(text);
                to.builder.function(if text.is_empty() { "[unknown]" } else { &text })
            }));
        }
        for location in all(message, 2) {
            let location = location?;
            let from = self.frames.len();
            for line in all(location, 3) {
                let line = line?;
                let [function] = integers(line, [1]).map_err(broken(line))?;
                let function = usize::try_from(function).ok().and_then(|at| functions.get(at));
                self.frames.push(Frame::new(*function.ok_or(bad(line, "functions"))?, true));
            }
            let lines = self.frames.len() - from;
            if let Some(own) = self.frames.last_mut().filter(|_| lines > 0) {
                // The last line is the function itself; those before it were inlined into it.
                *own = Frame::new(own.function(), false);
            } else {
                let [mapping, address] = integers(location, [1, 2]).map_err(broken(location))?;
                let mapping = usize::try_from(mapping).ok().and_then(|at| mappings.get(at));
                let (start, offset, file) = *mapping.ok_or(bad(location, "mappings"))?;
                let file = self.string(file).ok_or(bad(location, "strings"))?;
                let name = place_name(file, address, address.wrapping_sub(start).wrapping_add(offset));
                self.frames.push(Frame::new(to.builder.function(&name), false));
            }
            self.ends.push(self.frames.len());
        }
        Ok(())
    }

    /// Puts the frames of a location below those of the stack in work; false: there is no such location.
    fn push(&self, to: &mut Stacks<'_>, location: u64) -> Result<bool, ParseError> {
        let Ok(location) = usize::try_from(location) else { return Ok(false) };
        let from = location.checked_sub(1).map_or(Some(0), |before| self.ends.get(before).copied());
        let frames = from.zip(self.ends.get(location)).and_then(|(from, end)| self.frames.get(from..*end));
        let Some(frames) = frames else { return Ok(false) };
        to.work(frames.len() as u64)?;
        to.stack.extend_from_slice(frames);
        Ok(true)
    }

    fn profile(&mut self, to: &mut Stacks<'a>, profile: &'a [u8]) -> Result<(), Stop<'a>> {
        let (mut types, mut locations, mut older) = (Vec::new(), Vec::new(), false);
        for field in Fields::new(profile) {
            let Field { number, value } = field.map_err(broken(profile))?;
            match (number, value) {
                (1, Value::Bytes(kind)) => {
                    let [name, unit] = integers(kind, [1, 2]).map_err(broken(kind))?;
                    let text = |index| self.string(index).map(lossy);
                    let bad = (kind, ParseErrorKind::BadReference { table: "strings" });
                    let (name, unit) = text(name).zip(text(unit)).ok_or(bad)?;
                    to.work((name.len() + unit.len()) as u64)?;
                    types.push(to.sample_type(&name, &unit)?);
                }
                // In the newer layout the time stands here, which is not a list.
                (3, Value::Bytes(_) | Value::Varint(_)) => {
                    older = true;
                    for location in numbers(value) {
                        locations.push(location.map_err(broken(profile))?);
                    }
                }
                _ => {}
            }
        }
        older |= self.stacks.is_empty();
        for sample in all(profile, 2) {
            let sample = sample?;
            to.at = place(to, sample);
            self.sample(to, sample, &types, older.then_some(&locations))?;
        }
        Ok(())
    }

    fn sample(
        &mut self,
        to: &mut Stacks<'a>,
        sample: &'a [u8],
        types: &[usize],
        older: Option<&Vec<u64>>,
    ) -> Result<(), Stop<'a>> {
        let (mut values, mut times, mut attributes, mut link) = (Vec::new(), 0, Vec::new(), None);
        let fields = if older.is_some() { (3, 6, 4, 5) } else { (4, 5, 2, 3) };
        for field in Fields::new(sample) {
            let Field { number, value } = field.map_err(broken(sample))?;
            if number == fields.0 {
                for number in numbers(value) {
                    values.push(number.map_err(broken(sample))? as i64 as f64);
                }
            } else if number == fields.1 {
                times += match value {
                    Value::Bytes(packed) if older.is_none() => packed.len() / 8,
                    Value::Bytes(_) => numbers(value).count(),
                    _ => 1,
                };
            } else if number == fields.2 {
                for number in numbers(value) {
                    attributes.push(number.map_err(broken(sample))?);
                }
            } else if let (true, Value::Varint(place)) = (number == fields.3, value) {
                link = Some(place);
            }
        }
        to.labels = self.attributes.labels(to, &self.strings, &attributes, link)?;
        to.stack.clear();
        // In the newer layout the second field is a list; no field has the number 0.
        let wanted = if older.is_some() { [1, 2] } else { [1, 0] };
        let [first, length] = integers(sample, wanted).map_err(broken(sample))?;
        let found = match older {
            Some(list) => {
                let end = first.saturating_add(length);
                let range = usize::try_from(first).ok().zip(usize::try_from(end).ok());
                let range = range.and_then(|(first, end)| list.get(first..end));
                let mut found = range.is_some();
                for location in range.unwrap_or(&[]) {
                    found &= self.push(to, *location)?;
                }
                found
            }
            None => {
                let stack = usize::try_from(first).ok().and_then(|at| self.stacks.get(at));
                let mut found = stack.is_some();
                for field in Fields::new(stack.copied().unwrap_or(&[])) {
                    let Field { number, value } = field.map_err(broken(sample))?;
                    if number == 1 {
                        for location in numbers(value) {
                            found &= self.push(to, location.map_err(broken(sample))?)?;
                        }
                    }
                }
                found
            }
        };
        if !found {
            to.notices.push(NoticeCode::DanglingReference, to.at, "location");
            return Ok(());
        }
        to.stack.reverse();
        match types {
            [] => to.notices.push(NoticeCode::UnknownRecord, to.at, "a sample without a type"),
            // Values of one type, one for each time at which the stack was seen; without values one each.
            [one] => {
                let sum = if values.is_empty() { times as f64 } else { values.iter().sum() };
                to.add(*one, sum)?;
            }
            several => {
                if values.len() != several.len() {
                    to.notices.push(NoticeCode::BrokenLine, to.at, "a sample with other values than types");
                }
                let row: Vec<(usize, f64)> = several.iter().copied().zip(values).collect();
                to.add_values(&row)?;
            }
        }
        Ok(())
    }
}
