//! Profiles of programs that GHC compiled: `+RTS -p`, a table of cost centres further right than their callers, and
//! `-pj`, the same as JSON.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::find::{lines, lossy};
use crate::format::indent::Indented;
use crate::format::stacks::{NONE, Numbered, Stacks};
use crate::format::text::{amount, words};
use crate::format::{Content, holds};
use crate::number;
use crate::source::{NoticeCode, Parsed, Position, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let text = holds(bytes, &["Time and Allocation Profiling Report", "COST CENTRE"]);
    if text || holds(bytes, &["^{", "\"cost_centres\"", "\"total_ticks\""]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    if source.bytes.trim_ascii_start().starts_with(b"{") {
        json(&mut to)?
    } else {
        text(&mut to)?
    }
    to.finish()
}

fn text(to: &mut Stacks<'_>) -> Result<(), ParseError> {
    let mut calls = Indented::default();
    // The second table is the tree; how many numbers a line has behind its names, and its sample types.
    let mut columns: Option<(usize, [usize; 2])> = None;
    let mut tree = false;
    for (index, line) in lines(to.source.bytes).enumerate() {
        to.at = Some(Position::Line(index as u64 + 1));
        let line = lossy(line);
        let text = line.trim();
        if let Some(total) = text.strip_prefix("total time").and_then(|rest| rest.trim_start().strip_prefix('=')) {
            to.builder.duration(amount(total).map_or(0.0, |(seconds, _)| seconds));
        } else if text.starts_with("individual") {
            tree = true;
        } else if text.starts_with("COST CENTRE") && tree {
            // Ticks and bytes are printed on demand; shares are always there, of so many digits.
            columns = Some(match text.ends_with("bytes") {
                true => (8, [to.builder.sample_type("ticks", "count"), to.builder.sample_type("alloc_space", "bytes")]),
                false => (6, [to.builder.sample_type("time", "percent"), to.builder.sample_type("alloc", "percent")]),
            });
        } else if let (Some((count, types)), false) = (columns, text.is_empty()) {
            let fields = words(text);
            let first = fields.len().checked_sub(count).filter(|names| *names >= 2);
            let value = |at: usize| {
                let field = fields.get(first? + at)?;
                number::parse(field.replace(',', "").as_bytes())
            };
            let own = if count == 8 { (value(6), value(7)) } else { (value(2), value(3)) };
            let (Some(own), [name, module, ..]) = (own.0.zip(own.1), fields.as_slice()) else {
                to.notices.push(NoticeCode::UnknownRecord, to.at, text);
                continue;
            };
            let function = to.builder.function(&alloc::format!("{module}.{name}"));
            let node = calls.node(to, line.len() - line.trim_start().len(), function);
            let [first, second] = types;
            if (own.0 != 0.0 || own.1 != 0.0) && to.walk(node) {
                to.add_values(&[(first, own.0), (second, own.1)])?;
            }
        }
    }
    Ok(())
}

fn json(to: &mut Stacks<'_>) -> Result<(), ParseError> {
    let [centres, profile, time] = to.document("a profile of GHC")?.fields(&["cost_centres", "profile", "total_time"]);
    to.builder.duration(time.float());
    let ticks = to.builder.sample_type("ticks", "count");
    let bytes = to.builder.sample_type("alloc_space", "bytes");
    let mut ids = Vec::new();
    for centre in centres.items() {
        let [id, label, module] = centre.fields(&["id", "label", "module"]);
        let function = to.builder.function(&alloc::format!("{}.{}", module.text(), label.text()));
        ids.push((id.count().unwrap_or(u64::MAX), function));
    }
    let ids = Numbered::new(&ids);
    let mut waiting = alloc::vec![(profile, NONE)];
    while let Some((node, caller)) = waiting.pop() {
        to.stands_at(node);
        to.work(node.bytes() as u64 / 2)?;
        let [id, own, allocated, children] = node.fields(&["id", "ticks", "alloc", "children"]);
        let Some(function) = id.count().and_then(|id| ids.get(id)) else {
            to.notices.push(NoticeCode::DanglingReference, to.at, "cost_centres");
            continue;
        };
        let place = to.node(caller, function);
        let (own, allocated) = (own.number().unwrap_or(0.0), allocated.number().unwrap_or(0.0));
        if (own != 0.0 || allocated != 0.0) && to.walk(place) {
            to.add_values(&[(ticks, own), (bytes, allocated)])?;
        }
        waiting.extend(children.items().map(|child| (child, place)));
    }
    Ok(())
}
