//! pprof's `profile.proto`, compressed or not. Fields come in any order, so messages are read in two
//! passes: tables first, samples last.

use alloc::borrow::Cow;
use alloc::string::String;
use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::find::{beginning, lossy};
use crate::format::Content;
#[cfg(feature = "full")]
use crate::format::pprof_labels;
use crate::format::protobuf::{Field, Fields, Value, each_number};
use crate::profile::{Frame, ProfileBuilder, SampleType};
use crate::sort;
use crate::source::{NoticeCode, Notices, Parsed, Position, Source};

/// Sample types of one profile at most.
const MAX_TYPES: usize = 64;
/// Functions, locations and strings at most: frames are numbered by 31 bits.
const MAX_ENTRIES: usize = 1 << 30;
/// Frames of all samples at most, for each byte of the file and beside that: a location stands for
/// any number of lines, and a few bytes can name it again and again.
const FRAMES: (u64, u64) = (16, 1 << 25);
/// The same for the frames of distinct stacks, which are kept.
const KEPT_FRAMES: (u64, u64) = (4, 1 << 24);

/// What a location is from here on: a place in the list of those with several frames. Below it, the function of its
/// only frame: nearly all have one, and four bytes each stay near the processor.
const SEVERAL: u32 = 1 << 31;

/// Bytes of the name of a file that count.
const MAX_FILE: usize = 255;

/// Field numbers of `Profile`.
mod field {
    pub(super) const SAMPLE_TYPE: u64 = 1;
    pub(super) const SAMPLE: u64 = 2;
    pub(super) const MAPPING: u64 = 3;
    pub(super) const LOCATION: u64 = 4;
    pub(super) const FUNCTION: u64 = 5;
    pub(super) const STRING: u64 = 6;
    pub(super) const TIME_NANOS: u64 = 9;
    pub(super) const DURATION_NANOS: u64 = 10;
    pub(super) const PERIOD_TYPE: u64 = 11;
    pub(super) const COMMENT: u64 = 13;
    pub(super) const DEFAULT_SAMPLE_TYPE: u64 = 14;
    pub(super) const LAST: u64 = 15;
}

/// Cheap: looks at the first 40 fields. Text cannot pass for long: its letters make wrong types.
pub(super) fn detect(bytes: &[u8]) -> u8 {
    let head = beginning(bytes);
    let (mut good, mut types) = (0, 0);
    let mut fields = Fields::new(head);
    for field in fields.by_ref().take(40) {
        let Ok(Field { number, value }) = field else { break };
        let message = matches!(number, 1..=6 | field::PERIOD_TYPE);
        let fits = match value {
            Value::Bytes(_) => message || number == field::COMMENT,
            Value::Varint(_) => (7..=field::LAST).contains(&number) && number != field::PERIOD_TYPE,
            Value::Fixed => false,
        };
        if !fits {
            return 0;
        }
        if let (field::SAMPLE_TYPE, Value::Bytes(inner)) = (number, value) {
            // Two indices of strings, nothing else.
            let plain = Fields::new(inner)
                .all(|f| matches!(f, Ok(Field { number: 1 | 2, value: Value::Varint(i) }) if i < 1 << 32));
            if !plain {
                return 0;
            }
            types += 1;
        }
        good += 1;
    }
    match (types, good) {
        (1.., 2..) => 80,
        (0, 20..) => 40,
        _ => 0,
    }
}

/// Positions by id: dense where ids count from 1, as nearly always.
#[derive(Default)]
struct Ids {
    sorted: Vec<(u64, u32)>,
    dense: u64,
}

impl Ids {
    /// `None`: an id is 0, which means none, or stands twice.
    fn new(ids: &[u64]) -> Option<Ids> {
        if ids.iter().enumerate().all(|(i, id)| *id == i as u64 + 1) {
            return Some(Ids { sorted: Vec::new(), dense: ids.len() as u64 });
        }
        let order = sort::order(ids.len(), &mut |a, b| ids[a].cmp(&ids[b]));
        let sorted: Vec<(u64, u32)> = order.into_iter().map(|place| (ids[place as usize], place)).collect();
        let unique = sorted.first().is_some_and(|(id, _)| *id != 0) && sorted.windows(2).all(|w| w[0].0 != w[1].0);
        unique.then_some(Ids { sorted, dense: 0 })
    }

    fn get(&self, id: u64) -> Option<u32> {
        if self.sorted.is_empty() {
            return (1..=self.dense).contains(&id).then(|| (id - 1) as u32);
        }
        let at = self.sorted.partition_point(|(known, _)| *known < id);
        self.sorted.get(at).filter(|(known, _)| *known == id).map(|(_, position)| *position)
    }
}

#[derive(Default)]
struct Mapping {
    start: u64,
    offset: u64,
    file: u64,
}

/// The tables of a profile. Strings and locations are where their fields begin: tiny messages cannot
/// take much more memory than they have bytes.
#[derive(Default)]
struct Tables<'a> {
    bytes: &'a [u8],
    strings: Vec<u32>,
    types: Vec<(u64, u64)>,
    functions: Vec<u64>,
    function_ids: Vec<u64>,
    mappings: Vec<Mapping>,
    mapping_ids: Vec<u64>,
    locations: Vec<u32>,
    duration_nanos: u64,
    times: u32,
    default_type: u64,
    samples: usize,
    /// Where the first of them begins.
    first_sample: usize,
}

/// What is wrong, and at which byte where that is known.
type Fault = (Option<usize>, ParseErrorKind);

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let fail = |(at, kind): Fault| ParseError::new(&source, at.map(|at| Position::Byte(at as u64)), kind);
    let mut tables = Tables { bytes: source.bytes, ..Tables::default() };
    let mut fields = Fields::new(source.bytes);
    loop {
        let at = fields.position();
        let Some(item) = fields.next() else { break };
        item.and_then(|f| tables.take(f, at)).map_err(|kind| fail((Some(at), kind)))?;
    }
    let mut reader = Reader::new(&tables).map_err(fail)?;
    // The first pass has read every field.
    let (mut fields, mut left) = (Fields::from(source.bytes, tables.first_sample), tables.samples);
    while left > 0 {
        let at = fields.position();
        match fields.next() {
            Some(Ok(Field { number: field::SAMPLE, value: Value::Bytes(inner) })) => {
                reader.sample(inner, at).map_err(|kind| fail((Some(at), kind)))?;
                left -= 1;
            }
            Some(Ok(_)) => {}
            Some(Err(_)) | None => break,
        }
    }
    if !reader.stated {
        reader.builder.show_last_used();
    }
    reader.builder.duration(tables.duration_nanos as f64 * 1e-9);
    match reader.builder.finish() {
        Some(profile) => Ok(Parsed { value: Content::Profile(profile), notices: reader.notices.into_vec() }),
        None => Err(ParseError::new(&source, None, ParseErrorKind::NoData)),
    }
}

impl<'a> Tables<'a> {
    fn take(&mut self, field: Field<'a>, at: usize) -> Result<(), ParseErrorKind> {
        match (field.number, field.value) {
            (field::STRING, Value::Bytes(_)) => push(&mut self.strings, at as u32, "strings")?,
            (field::SAMPLE_TYPE, Value::Bytes(inner)) => {
                if self.types.len() == MAX_TYPES {
                    return Err(ParseErrorKind::LimitExceeded { what: "sample types", limit: MAX_TYPES as u64 });
                }
                let [kind, unit] = integers(inner, [1, 2])?;
                self.types.push((kind, unit));
            }
            (field::FUNCTION, Value::Bytes(inner)) => {
                let [id, name] = integers(inner, [1, 2])?;
                push(&mut self.functions, name, "functions")?;
                self.function_ids.push(id);
            }
            (field::MAPPING, Value::Bytes(inner)) => {
                let [id, start, offset, file] = integers(inner, [1, 2, 4, 5])?;
                push(&mut self.mappings, Mapping { start, offset, file }, "mappings")?;
                self.mapping_ids.push(id);
            }
            (field::LOCATION, Value::Bytes(_)) => {
                push(&mut self.locations, at as u32, "locations")?;
            }
            // Two profiles, one behind the other, are one valid message with mixed indices.
            (field::TIME_NANOS, Value::Varint(time)) if time != 0 => {
                self.times += 1;
                if self.times > 1 {
                    return Err(ParseErrorKind::Concatenated);
                }
            }
            (field::DURATION_NANOS, Value::Varint(nanos)) => self.duration_nanos = nanos & (u64::MAX >> 1),
            (field::DEFAULT_SAMPLE_TYPE, Value::Varint(index)) => self.default_type = index,
            (field::SAMPLE, Value::Bytes(_)) => {
                if self.samples == 0 {
                    self.first_sample = at;
                }
                self.samples += 1;
            }
            (1..=6, _) => return Err(ParseErrorKind::InvalidProtobuf),
            _ => {}
        }
        Ok(())
    }

    /// The content of the field that begins at a byte.
    fn content(&self, at: u32) -> &'a [u8] {
        match Fields::new(self.bytes.get(at as usize..).unwrap_or(&[])).next() {
            Some(Ok(Field { value: Value::Bytes(content), .. })) => content,
            _ => &[],
        }
    }

    fn string(&self, index: u64) -> Result<Cow<'a, str>, ParseErrorKind> {
        self.bytes_of(index).map(lossy)
    }

    fn bytes_of(&self, index: u64) -> Result<&'a [u8], ParseErrorKind> {
        let at = usize::try_from(index).ok().and_then(|i| self.strings.get(i));
        at.map(|at| self.content(*at)).ok_or(ParseErrorKind::BadReference { table: "strings" })
    }
}

fn push<T>(list: &mut Vec<T>, item: T, what: &'static str) -> Result<(), ParseErrorKind> {
    if list.len() == MAX_ENTRIES {
        return Err(ParseErrorKind::LimitExceeded { what, limit: MAX_ENTRIES as u64 });
    }
    list.push(item);
    Ok(())
}

/// Single numbers of a message by field number; missing ones are 0, the last of several counts.
pub(super) fn integers<const N: usize>(message: &[u8], wanted: [u64; N]) -> Result<[u64; N], ParseErrorKind> {
    let mut out = [0; N];
    for field in Fields::new(message) {
        let Field { number, value } = field?;
        if let Some(at) = wanted.iter().position(|w| *w == number) {
            match value {
                Value::Varint(v) => out[at] = v,
                _ => return Err(ParseErrorKind::InvalidProtobuf),
            }
        }
    }
    Ok(out)
}

/// Turns samples into stacks.
struct Reader<'t, 'a> {
    tables: &'t Tables<'a>,
    locations: Ids,
    /// For each location its function, or from [`SEVERAL`] on its place in `several`.
    spans: Vec<u32>,
    /// Where frames begin and end.
    several: Vec<(u32, u32)>,
    /// Frames of the locations that have more than one, outermost first.
    frames: Vec<Frame>,
    builder: ProfileBuilder,
    /// Whether the file says which sample type to show first.
    stated: bool,
    notices: Notices,
    values: Vec<f64>,
    stack: Vec<Frame>,
    /// Frames of all samples so far.
    read: u64,
    #[cfg(feature = "full")]
    labels: pprof_labels::Labels<'a>,
}

impl<'t, 'a> Reader<'t, 'a> {
    fn new(tables: &'t Tables<'a>) -> Result<Reader<'t, 'a>, Fault> {
        if tables.strings.first().is_some_and(|at| !tables.content(*at).is_empty()) {
            return Err((
                tables.strings.first().map(|at| *at as usize),
                ParseErrorKind::BadReference { table: "strings" },
            ));
        }
        let nowhere = |kind| (None, kind);
        let mut types = Vec::with_capacity(tables.types.len());
        for (kind, unit) in &tables.types {
            types.push(SampleType::new(
                &tables.string(*kind).map_err(nowhere)?,
                &tables.string(*unit).map_err(nowhere)?,
            ));
        }
        if types.is_empty() {
            return Err((None, ParseErrorKind::NoData));
        }
        let wanted = tables.string(tables.default_type).unwrap_or_default();
        let stated = types.iter().position(|t| !wanted.is_empty() && t.name == wanted);
        let last = types.len() - 1;
        let mut builder = ProfileBuilder::new(types, stated.unwrap_or(last));
        let mut names = Vec::with_capacity(tables.functions.len());
        // A long name may be that of many functions: it is read once.
        let mut known: Vec<Option<u32>> = Vec::new();
        known.resize(tables.strings.len(), None);
        for index in &tables.functions {
            let name = match known.get(*index as usize) {
                Some(Some(name)) => *name,
                _ => {
                    let name = tables.string(*index).map_err(nowhere)?;
                    builder.function(if name.is_empty() { "[unknown]" } else { &name })
                }
            };
            if let Some(slot) = known.get_mut(*index as usize) {
                *slot = Some(name);
            }
            names.push(name);
        }
        let ids = |ids: &[u64], table| Ids::new(ids).ok_or((None, ParseErrorKind::BadReference { table }));
        let functions = ids(&tables.function_ids, "functions")?;
        let mappings = ids(&tables.mapping_ids, "mappings")?;
        let (mut frames, mut several) = (Vec::new(), Vec::new());
        let mut spans = Vec::with_capacity(tables.locations.len());
        let mut location_ids = Vec::with_capacity(tables.locations.len());
        for at in &tables.locations {
            let fault = |kind| (Some(*at as usize), kind);
            let location = tables.content(*at);
            let from = frames.len();
            // As by `integers`, with the lines beside them.
            let [mut id, mut mapping, mut address] = [0; 3];
            for field in Fields::new(location) {
                let line = match field.map_err(fault)? {
                    Field { number: 1, value: Value::Varint(value) } => {
                        id = value;
                        continue;
                    }
                    Field { number: 2, value: Value::Varint(value) } => {
                        mapping = value;
                        continue;
                    }
                    Field { number: 3, value: Value::Varint(value) } => {
                        address = value;
                        continue;
                    }
                    Field { number: 4, value: Value::Bytes(line) } => line,
                    Field { number: 1..=4, .. } => return Err(fault(ParseErrorKind::InvalidProtobuf)),
                    _ => continue,
                };
                let [function] = integers(line, [1]).map_err(fault)?;
                let function = functions.get(function).and_then(|f| names.get(f as usize));
                let function = function.ok_or(fault(ParseErrorKind::BadReference { table: "functions" }))?;
                frames.push(Frame::new(*function, true));
            }
            if frames.len() == from {
                let mapping = mappings.get(mapping).and_then(|m| tables.mappings.get(m as usize));
                let name = place(tables, mapping, address).map_err(fault)?;
                frames.push(Frame::new(builder.function(&name), false));
            } else if let Some(own) = frames.last_mut() {
                // The last line is the function itself; those before it were inlined into it.
                *own = Frame::new(own.function(), false);
            }
            if let Some(lines) = frames.get_mut(from..) {
                lines.reverse();
            }
            location_ids.push(id);
            let only = match frames.get(from..) {
                Some([only]) if only.function() < SEVERAL => Some(only.function()),
                _ => None,
            };
            spans.push(only.unwrap_or(SEVERAL | several.len() as u32));
            match only {
                Some(_) => frames.truncate(from),
                None => several.push((from as u32, frames.len() as u32)),
            }
        }
        builder.expect(tables.samples);
        Ok(Reader {
            tables,
            locations: ids(&location_ids, "locations")?,
            spans,
            several,
            frames,
            builder,
            stated: stated.is_some(),
            notices: Notices::new(),
            values: Vec::new(),
            stack: Vec::new(),
            read: 0,
            #[cfg(feature = "full")]
            labels: pprof_labels::Labels::default(),
        })
    }

    fn sample(&mut self, message: &'a [u8], at: usize) -> Result<(), ParseErrorKind> {
        let most = |(each, beside): (u64, u64)| self.tables.bytes.len() as u64 * each + beside;
        let (most, most_kept) = (most(FRAMES), most(KEPT_FRAMES));
        let most_here = usize::try_from(most_kept.saturating_sub(self.builder.frames())).unwrap_or(usize::MAX);
        let Reader { locations, spans, several, frames, values, stack, .. } = self;
        values.clear();
        stack.clear();
        #[cfg(feature = "full")]
        self.labels.clear();
        let mut dangling = false;
        for field in Fields::new(message) {
            let Field { number, value } = field?;
            match number {
                // Innermost first.
                1 => each_number(value, |id| match locations.get(id).and_then(|at| spans.get(at as usize)) {
                    Some(span) if *span < SEVERAL => stack.push(Frame::new(*span, false)),
                    Some(span) if stack.len() <= most_here => {
                        let calls = several.get((*span & !SEVERAL) as usize);
                        let calls = calls.and_then(|(from, to)| frames.get(*from as usize..*to as usize));
                        stack.extend(calls.unwrap_or(&[]).iter().rev());
                    }
                    Some(_) => {}
                    None => dangling = true,
                })?,
                2 => each_number(value, |value| values.push(value as i64 as f64))?,
                #[cfg(feature = "full")]
                pprof_labels::LABEL => self.labels.push(value),
                _ => {}
            }
        }
        if values.len() != self.tables.types.len() {
            return Err(ParseErrorKind::WrongShape { expected: "one value for each sample type" });
        }
        let place = Some(Position::Byte(at as u64));
        if dangling {
            self.notices.push(NoticeCode::DanglingReference, place, "location");
            return Ok(());
        }
        if stack.len() > most_here {
            return Err(ParseErrorKind::LimitExceeded { what: "frames", limit: most_kept });
        }
        stack.reverse();
        self.read += self.stack.len() as u64;
        if self.read > most {
            return Err(ParseErrorKind::LimitExceeded { what: "frames", limit: most });
        }
        if self.stack.is_empty() {
            self.notices.push(NoticeCode::TruncatedStacks, place, "a sample without frames");
        }
        if self.values.iter().any(|v| *v < 0.0) {
            self.notices.push(NoticeCode::NegativeWeight, place, "");
        }
        #[cfg(feature = "full")]
        {
            let tables = self.tables;
            let set = self.labels.set(&|index| tables.bytes_of(index), &mut self.builder)?;
            self.builder.add_in(set, &self.stack, &self.values);
        }
        #[cfg(not(feature = "full"))]
        self.builder.add(&self.stack, &self.values);
        Ok(())
    }
}

/// A name for an address that nobody named: its file and the offset in it.
fn place(tables: &Tables<'_>, mapping: Option<&Mapping>, address: u64) -> Result<String, ParseErrorKind> {
    let Some(mapping) = mapping else { return Ok(alloc::format!("0x{address:x}")) };
    let path = tables.bytes_of(mapping.file)?;
    Ok(place_name(path, address, address.wrapping_sub(mapping.start).wrapping_add(mapping.offset)))
}

/// The same of the path of the file, which counts up to a length: it stands for many addresses.
pub(super) fn place_name(path: &[u8], address: u64, offset: u64) -> String {
    let path = path.get(path.len().saturating_sub(MAX_FILE)..).unwrap_or(path);
    let file = path.rsplit(|b| matches!(b, b'/' | b'\\')).next().unwrap_or(path);
    let file = lossy(file);
    let file = file.trim_matches(['[', ']']);
    if file.is_empty() { alloc::format!("0x{address:x}") } else { alloc::format!("[{file}+0x{offset:x}]") }
}
