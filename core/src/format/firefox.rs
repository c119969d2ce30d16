//! Profiles of Firefox: as Gecko records them and as the profiler stores them.
//!
//! Tables are columns, or rows with a schema; names are places in a list of strings. Of several threads with samples
//! each has its name as root. The name is a label, too, with the numbers of thread and process, which tell threads of
//! one name apart.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::find;
use crate::format::stacks::{NONE, Stacks};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"meta\"", "\"threads\"", "\"stackTable\""])
        || holds(bytes, &["^{", "\"meta\"", "\"preprocessedProfileVersion\""])
        || holds(bytes, &["^{", "\"profile\"", "\"libs\"", "\"ticks\""])
        // Long lists may stand before what else is told: schemas and libraries, or markers.
        || holds(bytes, &["^{\"meta\":{", "\"version\"", "\"startTime\"", "\"categories\""])
        || holds(bytes, &["^{\"meta\":{", "\"interval\"", "\"processType\""])
        || holds(bytes, &["^{", "\"duration\"", "\"markers\""]) && ends_as_recording(bytes)
    {
        90
    } else {
        0
    }
}

/// Whether the last keys are those of a recording of the old tool for performance.
fn ends_as_recording(bytes: &[u8]) -> bool {
    let end = bytes.get(bytes.len().saturating_sub(256)..).unwrap_or(&[]);
    find(end, b"\"Recorded Performance Data\"").is_some()
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let root = to.document("a profile of Firefox")?;
    let inner = root.at("profile");
    let root = if inner.is_there() { inner } else { root };
    let [shared, threads, processes] = root.fields(&["shared", "threads", "processes"]);
    let mut all: Vec<(Value<'_>, Value<'_>)> = threads.items().map(|thread| (shared, thread)).collect();
    for process in processes.items() {
        let [shared, threads] = process.fields(&["shared", "threads"]);
        all.extend(threads.items().map(|thread| (shared, thread)));
    }
    all.retain(|(_, thread)| column(thread.at("samples"), "stack").next().is_some());
    let samples = to.builder.sample_type("samples", "count");
    let several = all.len() > 1;
    for (shared, thread) in all {
        read(&mut to, samples, (shared, thread), several)?;
    }
    to.finish()
}

fn read(
    to: &mut Stacks<'_>,
    sample_type: usize,
    (shared, thread): (Value<'_>, Value<'_>),
    several: bool,
) -> Result<(), ParseError> {
    to.stands_at(thread);
    let names = ["stringArray", "stringTable", "stackTable", "frameTable", "funcTable"];
    // What the thread does not have itself all threads share.
    let mut tables = thread.fields(&names);
    for (own, shared) in tables.iter_mut().zip(shared.fields(&names)) {
        *own = if own.is_there() { *own } else { shared };
    }
    let [array, table, stacks, frames, functions] = tables;
    let strings: Vec<Value<'_>> = if array.is_there() { array } else { table }.items().collect();
    let of_functions: Vec<Value<'_>> = column(functions, "name").collect();
    // Each string is read once, however many frames have it for a name.
    let mut known: Vec<Option<Option<u32>>> = alloc::vec![None; strings.len()];
    let mut named = |to: &mut Stacks<'_>, at: Option<Value<'_>>| {
        let at = at.and_then(Value::count).map_or(usize::MAX, |at| at as usize);
        match (strings.get(at), known.get_mut(at)) {
            (Some(name), Some(slot)) => *slot.get_or_insert_with(|| function(to, &name.text())),
            _ => {
                to.notices.push(NoticeCode::DanglingReference, to.at, "strings");
                function(to, "?")
            }
        }
    };
    let mut frame_functions: Vec<Option<u32>> = Vec::new();
    if functions.is_there() {
        for place in column(frames, "func") {
            let found = place.count().and_then(|f| of_functions.get(f as usize)).copied();
            frame_functions.push(named(to, found));
        }
    } else {
        for location in column(frames, "location") {
            frame_functions.push(named(to, Some(location)));
        }
    }
    let mut root = NONE;
    let own = thread.fields(&["name", "tid", "pid"]).map(Value::text);
    if several {
        let [name, ..] = &own;
        let function = to.builder.function(name);
        root = to.node(NONE, function);
    }
    let mut labels = Vec::new();
    for (key, value) in ["thread", "tid", "pid"].into_iter().zip(&own) {
        labels.extend(to.label(key, value));
    }
    to.labels = to.label_set(&mut labels);
    let mut nodes: Vec<u32> = Vec::new();
    for (prefix, frame) in column(stacks, "prefix").zip(column(stacks, "frame")) {
        let parent = match prefix.count() {
            None => Some(root),
            Some(prefix) => nodes.get(prefix as usize).copied(),
        };
        let function = frame.count().and_then(|frame| frame_functions.get(frame as usize)).copied();
        let (Some(parent), Some(function)) = (parent, function) else {
            to.notices.push(NoticeCode::DanglingReference, to.at, "stackTable");
            nodes.push(root);
            continue;
        };
        nodes.push(function.map_or(parent, |function| to.node(parent, function)));
    }
    let samples = thread.at("samples");
    let mut weights = column(samples, "weight");
    for stack in column(samples, "stack") {
        let weight = weights.next().and_then(Value::number).unwrap_or(1.0);
        match stack.count() {
            // A sample without a stack: the thread was not running code that is seen.
            None => {}
            Some(stack) => match nodes.get(stack as usize) {
                Some(node) => to.add_node(sample_type, *node, weight)?,
                None => to.notices.push(NoticeCode::DanglingReference, to.at, "samples"),
            },
        }
    }
    Ok(())
}

/// The function of a name; the root that stands for all is none.
fn function(to: &mut Stacks<'_>, name: &str) -> Option<u32> {
    (name != "(root)").then(|| to.builder.function(name))
}

/// One column of a table: a list, or the same place of each row.
fn column<'a>(table: Value<'a>, name: &str) -> impl Iterator<Item = Value<'a>> + use<'a> {
    let [schema, data, list] = table.fields(&["schema", "data", name]);
    let place = schema.at(name).count();
    let items = if place.is_some() { data } else { list };
    // A row may end before its last columns.
    items.items().map(move |item| place.map_or(item, |place| item.items().nth(place as usize).unwrap_or_default()))
}
