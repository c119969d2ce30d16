//! gprof2dot's own JSON: functions, and events with a chain of calls, leaf first, and what they cost.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::stacks::Stacks;
use crate::format::{Content, holds};
use crate::profile::Frame;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^{", "\"costs\"", "\"functions\"", "\"events\""]) { 85 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    let [costs, functions, events] = to.document("a profile of gprof2dot")?.fields(&["costs", "functions", "events"]);
    let mut types = Vec::new();
    for cost in costs.items() {
        to.stands_at(cost);
        let [name, unit] = cost.fields(&["description", "unit"]);
        let unit = if unit.is_there() { unit.text() } else { "count".into() };
        types.push(to.sample_type(&name.text(), &unit)?);
    }
    let mut numbers = Vec::new();
    for function in functions.items() {
        let [name, module] = function.fields(&["name", "module"]);
        numbers.push(to.function(&name.text(), &module.text(), None));
    }
    for event in events.items() {
        to.stands_at(event);
        let [chain, cost] = event.fields(&["callchain", "cost"]);
        to.stack.clear();
        for place in chain.items() {
            match place.count().and_then(|at| numbers.get(usize::try_from(at).ok()?)) {
                Some(function) => to.stack.push(Frame::new(*function, false)),
                None => to.notices.push(NoticeCode::DanglingReference, to.at, "functions"),
            }
        }
        to.stack.reverse();
        let row: Vec<(usize, f64)> = types.iter().zip(cost.items()).map(|(kind, cost)| (*kind, cost.float())).collect();
        to.add_values(&row)?;
    }
    to.finish()
}
