//! V8's `.cpuprofile` (Chrome, Node, Deno) and `.heapprofile`.

use alloc::vec::Vec;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::stacks::{NONE, Numbered, Stacks};
use crate::format::{Content, holds};
use crate::json::Value;
use crate::source::{NoticeCode, Parsed, Source};

const EXPECTED: &str = "a profile of V8";

pub(super) fn detect_cpu(bytes: &[u8]) -> u8 {
    let nodes = holds(bytes, &["^{", "\"nodes\"", "\"callFrame\"", "\"hitCount\""]);
    let tree = holds(bytes, &["^{", "\"head\"", "\"functionName\"", "\"hitCount\""]);
    if nodes || tree { 95 } else { 0 }
}

pub(super) fn detect_heap(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"head\"", "\"callFrame\"", "\"selfSize\""]) { 95 } else { 0 }
}

/// A node of the tree by V8's number, and how often it was seen.
struct Node {
    id: u64,
    place: u32,
    hits: f64,
}

pub(super) fn parse_cpu(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let [nodes, head, samples, deltas, start, end] =
        to.document(EXPECTED)?.fields(&["nodes", "head", "samples", "timeDeltas", "startTime", "endTime"]);
    let mut list: Vec<Node> = Vec::new();
    if head.is_there() {
        tree(&mut to, head, "hitCount", &mut list)?;
    } else {
        flat(&mut to, nodes.items(), &mut list, NONE);
    }
    let timed = samples.is_there() && deltas.is_there();
    let sample_type = match timed {
        true => to.builder.sample_type("time", "microseconds"),
        false => to.builder.sample_type("samples", "count"),
    };
    if timed {
        weigh(&mut to, sample_type, &list, (samples.items(), deltas.items()))?;
    } else {
        for node in list.iter().filter(|node| node.hits > 0.0) {
            to.add_node(sample_type, node.place, node.hits)?;
        }
    }
    // In microseconds; in the old tree in seconds.
    let each = if head.is_there() { 1.0 } else { 1e-6 };
    to.builder.duration((end.float() - start.float()) * each);
    to.finish()
}

/// What trace events hold of a recording, piece by piece.
#[derive(Default)]
pub(super) struct Recording<'a> {
    pub(super) nodes: Vec<Value<'a>>,
    pub(super) samples: Vec<Value<'a>>,
    pub(super) deltas: Vec<Value<'a>>,
}

/// Adds the samples of a recording below a node.
///
/// # Errors
/// Where the stacks together are too large for the input.
pub(super) fn timed(to: &mut Stacks<'_>, kind: usize, of: &Recording<'_>, below: u32) -> Result<(), ParseError> {
    let mut list = Vec::new();
    flat(to, all(&of.nodes), &mut list, below);
    weigh(to, kind, &list, (all(&of.samples), all(&of.deltas)))
}

/// The elements of some lists.
fn all<'a>(lists: &[Value<'a>]) -> impl Iterator<Item = Value<'a>> {
    lists.iter().flat_map(|list| list.items())
}

/// Adds samples, each with the time up to the next one.
fn weigh<'a>(
    to: &mut Stacks<'_>,
    sample_type: usize,
    list: &[Node],
    (samples, deltas): (impl Iterator<Item = Value<'a>>, impl Iterator<Item = Value<'a>>),
) -> Result<(), ParseError> {
    let ids: Vec<(u64, u32)> = list.iter().map(|node| (node.id, node.place)).collect();
    let ids = Numbered::new(&ids);
    // A sample lasts until the next one: the first difference is to the start.
    let mut deltas = deltas.skip(1).map(Value::float);
    for sample in samples {
        to.stands_at(sample);
        // Clocks that step back give differences below 0; how long the last one lasts is not known.
        let weight = deltas.next().unwrap_or(0.0).max(0.0);
        match sample.count().and_then(|id| ids.get(id)) {
            Some(node) => to.add_node(sample_type, node, weight)?,
            None => to.notices.push(NoticeCode::DanglingReference, to.at, "samples"),
        }
    }
    Ok(())
}

pub(super) fn parse_heap(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let head = to.document(EXPECTED)?.at("head");
    let mut list = Vec::new();
    tree(&mut to, head, "selfSize", &mut list)?;
    let sample_type = to.builder.sample_type("inuse_space", "bytes");
    for node in list.iter().filter(|node| node.hits > 0.0) {
        to.add_node(sample_type, node.place, node.hits)?;
    }
    to.finish()
}

/// The function of a node; the root that stands for all is none.
fn function(to: &mut Stacks<'_>, node: Value<'_>) -> Option<u32> {
    let frame = node.at("callFrame");
    let frame = if frame.is_there() { frame } else { node };
    let [name, url, line] = frame.fields(&["functionName", "url", "lineNumber"]);
    // Lines are counted from 0.
    let line = line.count().map(|line| line + 1);
    (!name.is("(root)")).then(|| to.function(&name.text(), &url.text(), line))
}

/// Nodes that name their children, or in a few versions and in trace events their parent; those without stand below
/// a node.
fn flat<'a>(to: &mut Stacks<'_>, nodes: impl Iterator<Item = Value<'a>>, list: &mut Vec<Node>, below: u32) {
    let id = |node: Value<'_>| node.count().unwrap_or(u64::MAX);
    let (mut ids, mut parents) = (Vec::new(), Vec::new());
    let mut found = Vec::new();
    for (place, node) in nodes.enumerate() {
        let [own, hits, children, parent] = node.fields(&["id", "hitCount", "children", "parent"]);
        ids.push((id(own), place as u32));
        parents.extend(children.items().map(|child| (id(child), place as u32)));
        found.push((id(own), hits.float(), function(to, node), parent.count()));
    }
    let (ids, parents) = (Numbered::new(&ids), Numbered::new(&parents));
    let above = |node: usize| {
        let (id, _, _, parent) = found.get(node)?;
        parents.get(*id).or_else(|| parent.and_then(|parent| ids.get(parent))).map(|above| above as usize)
    };
    // Parents first: a node is made when its parent was.
    let mut made = alloc::vec![Made::Not; found.len()];
    let mut way: Vec<usize> = Vec::new();
    for place in 0..found.len() {
        let mut next = Some(place);
        while let Some((node, state)) = next.and_then(|node| Some((node, made.get_mut(node)?))) {
            match state {
                Made::Not => *state = Made::Begun,
                Made::Begun => {
                    to.notices.push(NoticeCode::DanglingReference, None, "children");
                    break;
                }
                Made::As(_) => break,
            }
            way.push(node);
            next = above(node);
        }
        while let Some(node) = way.pop() {
            let Some((id, hits, function, _)) = found.get(node) else { continue };
            let parent = match above(node).and_then(|above| made.get(above)) {
                Some(Made::As(parent)) => *parent,
                _ => below,
            };
            // The root has no frame: its children stand where it does.
            let own = function.map_or(parent, |function| to.node(parent, function));
            if let Some(state) = made.get_mut(node) {
                *state = Made::As(own);
            }
            list.push(Node { id: *id, place: own, hits: *hits });
        }
    }
}

/// Whether a node was made.
#[derive(Clone, Copy, PartialEq)]
enum Made {
    Not,
    /// Its parents are being made.
    Begun,
    As(u32),
}

/// Nodes inside of their parents.
///
/// # Errors
/// Where they nest so deep that reading them would take far longer than the file is long.
fn tree(to: &mut Stacks<'_>, head: Value<'_>, weight: &str, list: &mut Vec<Node>) -> Result<(), ParseError> {
    if !head.is_there() {
        let kind = ParseErrorKind::WrongShape { expected: EXPECTED };
        return Err(ParseError::new(&to.source, None, kind));
    }
    let mut waiting = alloc::vec![(head, NONE)];
    while let Some((node, parent)) = waiting.pop() {
        to.stands_at(node);
        to.work(node.bytes() as u64 / 2)?;
        let [id, children, hits] = node.fields(&["id", "children", weight]);
        let place = match function(to, node) {
            Some(function) => to.node(parent, function),
            None => parent,
        };
        list.push(Node { id: id.count().unwrap_or(u64::MAX), place, hits: hits.float() });
        waiting.extend(children.items().map(|child| (child, place)));
    }
    Ok(())
}
