//! Profiles as text: folded stacks and speedscope's JSON.

use std::io::{self, Write};

use noisefloor_core::format;
use noisefloor_core::profile::Profile;

use crate::convert::{Failure, Lost, Stacks, number};
use crate::render::profile;

/// More than detection looks at.
const HEAD: usize = 128 << 10;

/// The sample type of a name; without one the profile's own.
pub(super) fn chosen(profile: &Profile, name: Option<&str>) -> Result<usize, Failure> {
    let types = profile.sample_types();
    let Some(name) = name else { return Ok(profile.default_type()) };
    types.iter().position(|t| t.name == name).ok_or_else(|| {
        let names: Vec<&str> = types.iter().map(|t| t.name.as_str()).collect();
        Failure::Refused(format!("there is no sample type {name}; there are {}", names.join(", ")))
    })
}

pub(super) fn folded(
    loaded: &[Stacks],
    sample_type: Option<&str>,
    lost: &mut Lost,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let [one] = loaded else {
        return Err(Failure::Refused(
            "folded stacks do not say which profile they are of; convert each, or use --to speedscope".into(),
        ));
    };
    let profile = &one.profile;
    let kind = chosen(profile, sample_type)?;
    lost.add(profile.sample_types().len() as u64 - 1, "sample types, of which folded stacks hold one");
    let weights = profile.weights(kind);
    lost.add(weights.iter().filter(|w| **w < 0.0).count() as u64, "stacks of a value below zero, which readers refuse");
    lost.add(weights.iter().filter(|w| **w == 0.0).count() as u64, "stacks of value 0");
    let changed = profile.names().iter().filter(|name| profile::folded_name(name) != **name).count();
    lost.add(changed as u64, "names that folded stacks cannot write, changed");
    let mut head = Head { out, bytes: Vec::new(), line: false };
    profile::write_folded(profile, kind, &mut head)?;
    if format::detect(&head.bytes).is_none_or(|f| f.id != "folded") {
        lost.add(1, "being recognised by content: to read it takes --input-format folded");
    }
    Ok(())
}

/// Writes on, and keeps what detection looks at: so many bytes and a whole line.
struct Head<'o> {
    out: &'o mut dyn Write,
    bytes: Vec<u8>,
    line: bool,
}

impl Write for Head<'_> {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        if self.bytes.len() < HEAD || !self.line {
            self.bytes.extend(bytes);
            self.line |= bytes.contains(&b'\n');
        }
        self.out.write_all(bytes).map(|()| bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        self.out.flush()
    }
}

pub(super) fn speedscope(
    loaded: &[Stacks],
    sample_type: Option<&str>,
    lost: &mut Lost,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let mut kinds: Vec<Vec<usize>> = Vec::new();
    for Stacks { profile, .. } in loaded {
        let inlined: usize = (0..profile.len()).map(|i| profile.stack(i).iter().filter(|f| f.inlined()).count()).sum();
        lost.add(inlined as u64, "calls that were inlined, now like any other");
        kinds.push(match sample_type {
            Some(_) => vec![chosen(profile, sample_type)?],
            None => (0..profile.sample_types().len()).collect(),
        });
    }
    let title = text(loaded.first().map_or("", |s| s.input.as_str()));
    write!(
        out,
        "{{\"$schema\":\"https://www.speedscope.app/file-format-schema.json\",\"exporter\":\"noisefloor {}\",\
         \"name\":{title},\"shared\":{{\"frames\":[",
        env!("CARGO_PKG_VERSION")
    )?;
    let names = loaded.iter().flat_map(|s| s.profile.names());
    for (index, name) in names.enumerate() {
        write!(out, "{}{{\"name\":{}}}", if index > 0 { "," } else { "" }, text(name))?;
    }
    write!(out, "]}},\"profiles\":[")?;
    let (mut first, mut count) = (0, 0);
    let mut shown = 0;
    for (place, (Stacks { input, profile }, kinds)) in loaded.iter().zip(kinds).enumerate() {
        for kind in kinds {
            let own = profile.sample_types().get(kind).map_or("", |t| t.name.as_str());
            let name = if loaded.len() > 1 { format!("{input}: {own}") } else { own.to_string() };
            write!(out, "{}", if count > 0 { "," } else { "" })?;
            one(profile, kind, (&name, first), lost, out)?;
            if place == 0 && kind == profile.default_type() {
                shown = count;
            }
            count += 1;
        }
        first += profile.names().len() as u64;
    }
    // The one that is drawn first.
    Ok(writeln!(out, "],\"activeProfileIndex\":{shown}}}")?)
}

/// A text as JSON.
fn text(text: &str) -> String {
    serde_json::Value::from(text).to_string()
}

/// One sample type as a profile of its own; `first` is the number of its first function in the file.
fn one(
    profile: &Profile,
    kind: usize,
    (name, first): (&str, u64),
    lost: &mut Lost,
    out: &mut dyn Write,
) -> Result<(), Failure> {
    let unit = profile.sample_types().get(kind).map_or("", |t| t.unit.as_str());
    let known = ["nanoseconds", "microseconds", "milliseconds", "seconds", "bytes"].contains(&unit);
    lost.add(u64::from(!known && !matches!(unit, "count" | "")), "units that speedscope does not know");
    let weights = profile.weights(kind);
    lost.add(weights.iter().filter(|w| **w < 0.0).count() as u64, "values below zero, which speedscope cannot draw");
    write!(
        out,
        "{{\"type\":\"sampled\",\"name\":{},\"unit\":\"{}\",\"startValue\":0,\"endValue\":{},\"samples\":[",
        text(name),
        if known { unit } else { "none" },
        number(weights.iter().sum())
    )?;
    for index in 0..profile.len() {
        let frames = profile.stack(index).iter().map(|f| (u64::from(f.function()) + first).to_string());
        write!(out, "{}[{}]", if index > 0 { "," } else { "" }, frames.collect::<Vec<String>>().join(","))?;
    }
    write!(out, "],\"weights\":[")?;
    for (index, weight) in weights.iter().enumerate() {
        write!(out, "{}{}", if index > 0 { "," } else { "" }, number(*weight))?;
    }
    Ok(write!(out, "]}}")?)
}
