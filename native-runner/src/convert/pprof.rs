//! Profiles as one pprof file.

use std::collections::BTreeMap;
use std::io::Write;

use noisefloor_core::profile::{Frame, Profile, ProfileBuilder, SampleType};

use crate::convert::stacks::chosen;
use crate::convert::{Failure, Lost, Stacks};
use crate::protobuf::{Message, Strings, gzip};

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
    let bytes = message(&joined, &columns, &inputs, lost)?;
    Ok(out.write_all(&gzip(&bytes))?)
}

/// Profiles of the same sample types as one, whose stacks have the sums.
fn add_up(loaded: &[Stacks]) -> Result<Profile, Failure> {
    let refuse = |why: String| Failure::Refused(why);
    let [first, rest @ ..] = loaded else { return Err(refuse("no profile".into())) };
    if rest.is_empty() {
        return Ok(first.profile.clone());
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
        for index in 0..profile.len() {
            let function = |f: &Frame| functions.get(f.function() as usize).copied().unwrap_or(0);
            let stack: Vec<Frame> = profile.stack(index).iter().map(|f| Frame::new(function(f), f.inlined())).collect();
            let weights: Vec<f64> =
                (0..types.len()).map(|t| profile.weights(t).get(index).copied().unwrap_or(0.0)).collect();
            builder.add(&stack, &weights);
        }
        seconds = seconds.zip(profile.duration_seconds()).map(|(a, b)| a + b);
    }
    if let Some(seconds) = seconds {
        builder.duration(seconds);
    }
    builder.finish().ok_or_else(|| refuse("no stack".into()))
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

fn message(profile: &Profile, columns: &[usize], inputs: &[&str], lost: &mut Lost) -> Result<Vec<u8>, Failure> {
    let mut strings = Strings::new();
    let mut out = Message::default();
    let mut weights: Vec<Vec<i64>> = Vec::new();
    for column in columns {
        let own = profile.weights(*column);
        let kind = profile.sample_types().get(*column).cloned().unwrap_or_default();
        let broken = own.iter().any(|w| w.fract() != 0.0);
        let (unit, factor) = finer(&kind.unit).filter(|_| broken).unwrap_or((&kind.unit, 1.0));
        let (name, unit) = (strings.id(&kind.name), strings.id(unit));
        out.message(1, |value| value.uint(1, name).uint(2, unit));
        weights.push(whole(own, factor, &kind, lost)?);
    }
    let places = samples(profile, &weights, lost, &mut out);
    for (index, location) in places.iter().enumerate() {
        // Innermost first.
        out.message(4, |message| {
            message.uint(1, index as u64 + 1);
            for function in location.iter().rev() {
                message.message(4, |line| line.uint(1, u64::from(*function) + 1));
            }
            message
        });
    }
    let names: Vec<u64> = profile.names().iter().map(|name| strings.id(name)).collect();
    for (index, name) in names.into_iter().enumerate() {
        out.message(5, |message| message.uint(1, index as u64 + 1).uint(2, name).uint(3, name));
    }
    let comments: Vec<u64> = inputs.iter().map(|input| strings.id(&format!("converted from {input}"))).collect();
    let shown = columns.contains(&profile.default_type()).then(|| profile.default_type()).or(columns.first().copied());
    let shown = shown.and_then(|t| profile.sample_types().get(t)).map_or(0, |t| strings.id(&t.name));
    for text in strings.rows() {
        out.bytes(6, text.as_bytes());
    }
    let nanos = profile.duration_seconds().map_or(0, |s| (s * 1e9).round() as u64);
    out.uint(10, nanos).packed(13, comments.into_iter()).uint(14, shown);
    Ok(out.into_bytes())
}

/// Weights as whole numbers.
fn whole(own: &[f64], factor: f64, kind: &SampleType, lost: &mut Lost) -> Result<Vec<i64>, Failure> {
    let mut rounded = 0;
    let mut out = Vec::with_capacity(own.len());
    for weight in own {
        let scaled = weight * factor;
        if scaled.abs() >= 9.2e18 {
            return Err(Failure::Refused(format!("{weight} {} is more than pprof can state", kind.unit)));
        }
        rounded += u64::from(scaled.fract() != 0.0);
        out.push(scaled.round() as i64);
    }
    lost.add(rounded, "values rounded to whole numbers");
    Ok(out)
}

/// Adds the samples; gives the locations that they name, each the functions of one address, outermost first.
fn samples(profile: &Profile, weights: &[Vec<i64>], lost: &mut Lost, out: &mut Message) -> Vec<Vec<u32>> {
    let mut known: BTreeMap<Vec<u32>, u64> = BTreeMap::new();
    let mut places: Vec<Vec<u32>> = Vec::new();
    let mut headless = 0;
    for index in 0..profile.len() {
        let stack = profile.stack(index);
        headless += u64::from(stack.first().is_some_and(|f| f.inlined()));
        // A call that was made begins a location; what was inlined into it belongs to it.
        let mut ids: Vec<u64> = stack
            .chunk_by(|_, next| next.inlined())
            .map(|calls| {
                let functions: Vec<u32> = calls.iter().map(|f| f.function()).collect();
                *known.entry(functions).or_insert_with_key(|functions| {
                    places.push(functions.clone());
                    places.len() as u64
                })
            })
            .collect();
        ids.reverse();
        out.message(2, |sample| {
            let values = weights.iter().map(|column| column.get(index).copied().unwrap_or(0) as u64);
            sample.packed(1, ids.into_iter()).packed(2, values)
        });
    }
    lost.add(headless, "stacks that begin with an inlined call, now one that was made");
    places
}
