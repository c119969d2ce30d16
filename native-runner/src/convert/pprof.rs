//! Profiles as one pprof file.

use std::borrow::Cow;
use std::collections::BTreeMap;
use std::io::Write;

use noisefloor_core::profile::{Frame, Labelled, Profile, ProfileBuilder, SampleType};

use crate::convert::gzip::Gzip;
use crate::convert::stacks::chosen;
use crate::convert::{Failure, Lost, Stacks};
use crate::protobuf::Message;

pub(super) fn write(
    loaded: &[Stacks],
    sample_type: Option<&str>,
    lost: &mut Lost,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let joined = add_up(loaded)?;
    let inputs: Vec<&str> = loaded.iter().map(|s| s.input.as_str()).collect();
    let columns = match sample_type {
        Some(_) => vec![chosen(&joined, sample_type)?],
        None => (0..joined.sample_types().len()).collect(),
    };
    lost.add((joined.sample_types().len() - columns.len()) as u64, "sample types that were not asked for");
    let mut out = Gzip::new(out)?;
    write_parts(&joined, &columns, &inputs, lost, &mut out)?;
    Ok(out.finish()?)
}

/// Profiles of the same sample types as one, whose stacks have the sums.
fn add_up(loaded: &[Stacks]) -> Result<Cow<'_, Profile>, Failure> {
    let refuse = |why: String| Failure::Refused(why);
    let [first, rest @ ..] = loaded else { return Err(refuse("no profile".into())) };
    if rest.is_empty() {
        return Ok(Cow::Borrowed(&first.profile));
    }
    let types = first.profile.sample_types();
    if let Some(other) = rest.iter().find(|s| s.profile.sample_types() != types) {
        return Err(refuse(format!(
            "{} and {} have different sample types, so that their stacks cannot be added up; convert each, or use \
             --to speedscope",
            first.input, other.input
        )));
    }
    let mut builder = ProfileBuilder::new(types.to_vec(), first.profile.default_type());
    let mut seconds = Some(0.0);
    for Stacks { profile, .. } in loaded {
        let functions: Vec<u32> = profile.names().iter().map(|name| builder.function(name)).collect();
        let text = |at: &u32| profile.label_texts().get(*at as usize).map_or("", String::as_str);
        let samples = Samples::of(profile);
        for (row, index, labels) in samples.rows() {
            let function = |f: &Frame| functions.get(f.function() as usize).copied().unwrap_or(0);
            let stack: Vec<Frame> = profile.stack(index).iter().map(|f| Frame::new(function(f), f.inlined())).collect();
            let weights: Vec<f64> = (0..types.len()).map(|t| samples.weight(row, t)).collect();
            let labels: Vec<(&str, &str)> = labels.iter().map(|(key, value)| (text(key), text(value))).collect();
            builder.add_labelled(&stack, &labels, &weights);
        }
        seconds = seconds.zip(profile.duration_seconds()).map(|(a, b)| a + b);
    }
    if let Some(seconds) = seconds {
        builder.duration(seconds);
    }
    builder.finish().map(Cow::Owned).ok_or_else(|| refuse("no stack".into()))
}

/// The samples to write: stacks, or stacks with their labels where there are any.
struct Samples<'p> {
    profile: &'p Profile,
    labelled: Labelled<'p>,
}

impl<'p> Samples<'p> {
    fn of(profile: &'p Profile) -> Samples<'p> {
        Samples { profile, labelled: profile.labelled() }
    }

    /// Of each its number, the number of its stack, and its labels.
    fn rows(&self) -> impl Iterator<Item = (usize, usize, &[(u32, u32)])> {
        let plain = if self.labelled.is_empty() { self.profile.len() } else { 0 };
        let labelled = (0..self.labelled.len())
            .filter_map(|pair| self.labelled.get(pair).map(|(stack, labels)| (pair, stack, labels)));
        (0..plain).map(|stack| (stack, stack, &[][..])).chain(labelled)
    }

    fn len(&self) -> usize {
        if self.labelled.is_empty() { self.profile.len() } else { self.labelled.len() }
    }

    /// The weight of one for a sample type.
    fn weight(&self, row: usize, sample_type: usize) -> f64 {
        let Samples { profile, labelled } = self;
        let place = if labelled.is_empty() {
            profile.weights(sample_type).get(row)
        } else {
            labelled.weights(row).get(sample_type)
        };
        place.copied().unwrap_or(0.0)
    }
}

/// What brings a unit to one of which whole numbers are enough: its name there, and the factor.
fn finer(unit: &str) -> Option<(&'static str, f64)> {
    Some(match unit {
        "seconds" | "s" => ("nanoseconds", 1e9),
        "milliseconds" | "ms" => ("nanoseconds", 1e6),
        "microseconds" | "us" => ("nanoseconds", 1e3),
        _ => return None,
    })
}

/// The table of texts: the empty one, the names of functions by number, keys and values of labels by number, and what
/// else is said.
struct Texts<'p> {
    names: u64,
    labels: u64,
    others: Vec<Cow<'p, str>>,
}

impl<'p> Texts<'p> {
    /// The place of the name of a function.
    fn name(function: u32) -> u64 {
        u64::from(function) + 1
    }

    /// The place of a key or value of a label.
    fn label(&self, text: u32) -> u64 {
        self.names + u64::from(text) + 1
    }

    fn id(&mut self, text: Cow<'p, str>) -> u64 {
        if text.is_empty() {
            return 0;
        }
        let known = self.others.iter().position(|other| *other == text).unwrap_or(self.others.len());
        if known == self.others.len() {
            self.others.push(text);
        }
        self.names + self.labels + 1 + known as u64
    }
}

/// Messages of one field, written in pieces of some size.
struct Parts<'o> {
    out: &'o mut dyn Write,
    open: Message,
    count: u32,
}

impl Parts<'_> {
    const TOGETHER: u32 = 256;

    fn add(&mut self, fill: impl FnOnce(&mut Message) -> &mut Message) -> Result<(), Failure> {
        fill(&mut self.open);
        self.count += 1;
        if self.count == Self::TOGETHER { self.end() } else { Ok(()) }
    }

    fn end(&mut self) -> Result<(), Failure> {
        self.count = 0;
        Ok(self.out.write_all(&std::mem::take(&mut self.open).into_bytes())?)
    }
}

fn write_parts(
    profile: &Profile,
    columns: &[usize],
    inputs: &[&str],
    lost: &mut Lost,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let labels = profile.label_texts();
    let mut texts = Texts { names: profile.names().len() as u64, labels: labels.len() as u64, others: Vec::new() };
    let mut parts = Parts { out, open: Message::default(), count: 0 };
    let all = Samples::of(profile);
    let mut weights: Vec<(usize, f64)> = Vec::new();
    let none = SampleType::default();
    for column in columns {
        let own = || (0..all.len()).map(|row| all.weight(row, *column));
        let kind = profile.sample_types().get(*column).unwrap_or(&none);
        let broken = own().any(|w| w.fract() != 0.0);
        let (unit, factor) = finer(&kind.unit).filter(|_| broken).unwrap_or((&kind.unit, 1.0));
        whole(&own, factor, kind, lost)?;
        let (name, unit) = (texts.id(Cow::Borrowed(&kind.name)), texts.id(Cow::Borrowed(unit)));
        parts.add(|to| to.message(1, |value| value.uint(1, name).uint(2, unit)))?;
        weights.push((*column, factor));
    }
    let places = samples(&all, &weights, &texts, lost, &mut parts)?;
    for (index, location) in places.iter().enumerate() {
        // Innermost first.
        parts.add(|to| {
            to.message(4, |message| {
                message.uint(1, index as u64 + 1);
                for function in location.iter().rev() {
                    message.message(4, |line| line.uint(1, u64::from(*function) + 1));
                }
                message
            })
        })?;
    }
    for function in 0..profile.names().len() as u32 {
        let name = Texts::name(function);
        parts.add(|to| to.message(5, |message| message.uint(1, name).uint(2, name).uint(3, name)))?;
    }
    let comments: Vec<u64> =
        inputs.iter().map(|input| texts.id(Cow::Owned(format!("converted from {input}")))).collect();
    let shown = columns.contains(&profile.default_type()).then(|| profile.default_type()).or(columns.first().copied());
    let shown = shown.and_then(|t| profile.sample_types().get(t)).map_or(0, |t| texts.id(Cow::Borrowed(&t.name)));
    parts.add(|to| to.bytes(6, b""))?;
    for text in profile.names().iter().chain(labels).map(String::as_str).chain(texts.others.iter().map(|text| &**text))
    {
        parts.add(|to| to.bytes(6, text.as_bytes()))?;
    }
    let nanos = profile.duration_seconds().map_or(0, |s| (s * 1e9).round() as u64);
    parts.add(|to| to.uint(10, nanos).packed(13, comments.into_iter()).uint(14, shown))?;
    parts.end()
}

/// Whether weights can be stated as whole numbers, and how many change by that.
fn whole<I: Iterator<Item = f64>>(
    own: &dyn Fn() -> I,
    factor: f64,
    kind: &SampleType,
    lost: &mut Lost,
) -> Result<(), Failure> {
    if let Some(weight) = own().find(|weight| (weight * factor).abs() >= 9.2e18) {
        return Err(Failure::Refused(format!("{weight} {} is more than pprof can state", kind.unit)));
    }
    lost.add(own().filter(|w| (w * factor).fract() != 0.0).count() as u64, "values rounded to whole numbers");
    Ok(())
}

/// Locations, each the functions of one address, outermost first. Most have one function, and need no key.
struct Places {
    /// Of each function the location that is nothing else; 0: none yet.
    alone: Vec<u32>,
    several: BTreeMap<Vec<u32>, u32>,
    functions: Vec<u32>,
    ends: Vec<u32>,
}

impl Places {
    /// The number of the location of some calls, from 1.
    fn id(&mut self, calls: &[Frame]) -> u64 {
        let next = self.ends.len() as u32 + 1;
        let id = match calls {
            [one] => match self.alone.get_mut(one.function() as usize) {
                Some(known) if *known > 0 => return u64::from(*known),
                Some(free) => {
                    *free = next;
                    next
                }
                // A stack names no function that does not exist.
                None => next,
            },
            _ => *self.several.entry(calls.iter().map(|f| f.function()).collect()).or_insert(next),
        };
        if id == next {
            self.functions.extend(calls.iter().map(|f| f.function()));
            self.ends.push(self.functions.len() as u32);
        }
        u64::from(id)
    }

    fn iter(&self) -> impl Iterator<Item = &[u32]> {
        let mut from = 0;
        self.ends.iter().map(move |end| {
            let own = self.functions.get(from..*end as usize).unwrap_or(&[]);
            from = *end as usize;
            own
        })
    }
}

/// Adds the samples; gives the locations that they name.
fn samples(
    all: &Samples<'_>,
    weights: &[(usize, f64)],
    texts: &Texts<'_>,
    lost: &mut Lost,
    parts: &mut Parts<'_>,
) -> Result<Places, Failure> {
    let profile = all.profile;
    let alone = vec![0; profile.names().len()];
    // Most functions are the whole of one location.
    let room = || Vec::with_capacity(profile.names().len());
    let mut places = Places { alone, several: BTreeMap::new(), functions: room(), ends: room() };
    let mut headless = 0;
    let mut ids: Vec<u64> = Vec::new();
    for (row, index, labels) in all.rows() {
        let stack = profile.stack(index);
        headless += u64::from(stack.first().is_some_and(|f| f.inlined()));
        // A call that was made begins a location; what was inlined into it belongs to it.
        ids.clear();
        ids.extend(stack.chunk_by(|_, next| next.inlined()).map(|calls| places.id(calls)));
        ids.reverse();
        let value = |column: usize, factor: f64| (all.weight(row, column) * factor).round() as i64 as u64;
        parts.add(|to| {
            to.message(2, |sample| {
                sample.packed(1, ids.iter().copied()).packed(2, weights.iter().map(|(column, f)| value(*column, *f)));
                for (key, value) in labels {
                    sample.message(3, |label| label.uint(1, texts.label(*key)).uint(2, texts.label(*value)));
                }
                sample
            })
        })?;
    }
    lost.add(headless, "stacks that begin with an inlined call, now one that was made");
    Ok(places)
}
