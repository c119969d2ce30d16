//! What lies beside the calls of trace events: asynchronous ones, samples of V8, whole or in pieces, and the `samples`
//! with `stackFrames` of Hermes and others.

use alloc::string::String;

use crate::error::ParseError;
use crate::format::stacks::{NONE, Stacks};
use crate::format::v8::{self, Recording};
use crate::json::Value;
use crate::map::Named;
use crate::profile::Frame;
use crate::source::NoticeCode;

/// Recordings by process and number, each with its thread.
pub(super) struct More<'a>(Named<(String, Recording<'a>)>);

impl Default for More<'_> {
    fn default() -> Self {
        More(Named::new())
    }
}

impl<'a> More<'a> {
    /// Takes what an event that is no call holds of a recording; `Profile` begins one, on the thread that it is of.
    pub(super) fn event(&mut self, to: &mut Stacks<'a>, event: Value<'a>, kind: &str, name: &str, thread: &str) {
        // Older ones of what runs at the same time, whose steps need not nest.
        if matches!(kind, "S" | "F") {
            to.notices.push(NoticeCode::UnknownRecord, to.at, kind);
        }
        if !matches!(name, "Profile" | "ProfileChunk" | "CpuProfile") {
            return;
        }
        let [process, id, local, time, arguments] = event.fields(&["pid", "id", "id2", "ts", "args"]);
        // A whole one has no number.
        let mut key = id.text() + &local.text();
        if key.is_empty() {
            key = time.text();
        }
        let known = self.0.of(&(process.text() + "/" + &key), || (String::from(thread), Recording::default()));
        if name == "Profile" {
            known.0 = String::from(thread);
        }
        let [profile, deltas] = arguments.at("data").fields(&["cpuProfile", "timeDeltas"]);
        let [nodes, samples, inside] = profile.fields(&["nodes", "samples", "timeDeltas"]);
        known.1.nodes.push(nodes);
        known.1.samples.push(samples);
        // Some versions write them twice.
        known.1.deltas.push(if deltas.is_there() { deltas } else { inside });
    }

    /// Adds all samples, those of several threads below their names.
    ///
    /// # Errors
    /// Where the stacks together are too large for the input.
    pub(super) fn add(
        self,
        to: &mut Stacks<'a>,
        root: Value<'a>,
        (threads, count): (&Named<(u32, String)>, u32),
        _calls: usize,
    ) -> Result<(), ParseError> {
        let threads = Threads { known: threads, several: count > 1 };
        let mut recordings = self.0.into_values();
        recordings.retain(|(_, recording)| recording.samples.iter().any(|list| list.items().next().is_some()));
        if !recordings.is_empty() {
            let kind = to.builder.sample_type("cpu", "microseconds");
            for (thread, recording) in &recordings {
                to.of_thread(threads.known.get(thread).map_or("", |(_, name)| name));
                let below = match threads.name(thread).map(|name| to.builder.function(name)) {
                    Some(function) => to.node(NONE, function),
                    None => NONE,
                };
                v8::timed(to, kind, recording, below)?;
            }
        }
        let [samples, frames] = root.fields(&["samples", "stackFrames"]);
        if samples.is_there() {
            named_frames(to, (samples, frames), &threads)?;
        }
        Ok(())
    }
}

/// Of a call that runs at the same time as others of its thread, what stands in place of the thread; it becomes an
/// ordinary one.
pub(super) fn apart(event: Value<'_>, kind: &mut str) -> Option<String> {
    if !matches!(&*kind, "b" | "e") {
        return None;
    }
    kind.make_ascii_uppercase();
    let [process, id, local, category] = event.fields(&["pid", "id", "id2", "cat"]);
    Some(process.text() + "/" + &id.text() + &local.text() + APART + &category.text())
}

/// Stands before the category in the key of calls that run at the same time.
const APART: &str = "\nasynchronous ";

/// What stands below the calls of a thread that has no other name.
pub(super) fn title(thread: Value<'_>, key: &str) -> String {
    match key.split_once(APART) {
        Some((_, category)) => String::from("asynchronous ") + category,
        None => String::from("thread ") + &thread.text(),
    }
}

/// A number, which some write as a text.
pub(super) fn number(value: Value<'_>) -> Option<f64> {
    value.number().or_else(|| crate::number::parse(value.text().as_bytes()))
}

/// Threads by process and number, with their names.
struct Threads<'t> {
    known: &'t Named<(u32, String)>,
    several: bool,
}

impl Threads<'_> {
    /// What stands below all stacks of a thread.
    fn name(&self, key: &str) -> Option<&str> {
        self.known.get(key).filter(|_| self.several).map(|(_, name)| name.as_str())
    }
}

/// Samples that name the leaf of their stack; frames name their callers.
fn named_frames<'a>(
    to: &mut Stacks<'a>,
    (samples, frames): (Value<'a>, Value<'a>),
    threads: &Threads<'_>,
) -> Result<(), ParseError> {
    let kind = to.builder.sample_type("samples", "count");
    let mut known: Named<(u32, String)> = Named::new();
    let mut count = 0;
    for (id, frame) in frames.members() {
        let [name, parent] = frame.fields(&["name", "parent"]);
        let function = to.builder.function(&name.text());
        count += 1;
        known.of(&id.text(), || (function, parent.text()));
    }
    for sample in samples.items() {
        to.stands_at(sample);
        let [process, thread, leaf, weight] = sample.fields(&["pid", "tid", "sf", "weight"]);
        to.stack.clear();
        let leaf = leaf.text();
        let mut next = known.get(&leaf);
        if next.is_none() {
            to.notices.push(NoticeCode::DanglingReference, to.at, "stackFrames");
            continue;
        }
        while let Some((function, parent)) = next {
            to.stack.push(Frame::new(*function, false));
            if to.stack.len() > count {
                // A frame that calls itself, by way of others.
                to.notices.push(NoticeCode::DanglingReference, to.at, "parent");
                break;
            }
            next = known.get(parent);
        }
        let thread = process.text() + "/" + &thread.text();
        to.of_thread(threads.known.get(&thread).map_or("", |(_, name)| name));
        if let Some(name) = threads.name(&thread) {
            to.push(name);
        }
        to.stack.reverse();
        let weight = if weight.is_there() { number(weight).unwrap_or(f64::NAN) } else { 1.0 };
        to.add(kind, weight)?;
    }
    Ok(())
}
