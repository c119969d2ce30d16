//! Trace events of Chrome, and of the many tools that write them: calls that begin and end, and samples beside them.
//!
//! Of several threads each has its name as root; it is a label, too.

use alloc::string::String;
use alloc::vec::Vec;
use core::cmp::Ordering;

use crate::error::ParseError;
use crate::format::stacks::{Calls, Stacks};
use crate::format::trace_more::{self, More};
use crate::format::{Content, holds};
use crate::json;
use crate::map::Named;
use crate::sort;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let event = ["\"ph\"", "\"ts\"", "\"name\""];
    let list = holds(bytes, &["^["]) && holds(bytes, &event);
    let object = holds(bytes, &["^{", "\"traceEvents\""]) && holds(bytes, &event);
    if list || object { 70 } else { 0 }
}

/// One end of a call.
struct End {
    thread: u32,
    time: f64,
    /// What comes first of equal times: ends of whole calls, single ends as in the file, begins of whole calls with the
    /// longest first.
    rank: u8,
    length: f64,
    /// `None`: the call ends.
    begins: Option<u32>,
    function: Option<u32>,
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut to = Stacks::new(source);
    // Tools that are killed do not close the list.
    let root = to.document("trace events").unwrap_or_else(|_| json::beginning(source.bytes));
    let end = if root.first() == b'[' { b']' } else { b'}' };
    if source.bytes.trim_ascii_end().last() != Some(&end) {
        to.notices.push(NoticeCode::Truncated, None, "");
    }
    let events = if root.first() == b'{' { root.at("traceEvents") } else { root };
    let mut threads: Named<(u32, String)> = Named::new();
    let mut ends: Vec<End> = Vec::new();
    let mut count = 0;
    let mut more = More::default();
    for event in events.items() {
        to.stands_at(event);
        let [kind, name, time, duration, process, thread, arguments] =
            event.fields(&["ph", "name", "ts", "dur", "pid", "tid", "args"]);
        let mut kind = kind.text();
        let key = process.text() + "/" + &thread.text();
        let key = trace_more::apart(event, &mut kind).unwrap_or(key);
        let own = threads.of(&key, || {
            count += 1;
            (count - 1, trace_more::title(thread, &key))
        });
        let thread = own.0;
        let text = name.text();
        if kind == "M" && text == "thread_name" {
            own.1 = arguments.at("name").text();
        }
        if !matches!(kind.as_str(), "B" | "E" | "X") {
            more.event(&mut to, event, &kind, &text, &key);
            continue;
        }
        let Some(time) = trace_more::number(time) else {
            to.notices.push(NoticeCode::NonFiniteValue, to.at, "ts");
            continue;
        };
        let function = (!text.is_empty() || kind != "E").then(|| to.builder.function(&text));
        let end = |time: f64, rank: u8, length: f64, begins: bool| End {
            thread,
            time,
            rank,
            length,
            begins: function.filter(|_| begins),
            function,
        };
        match kind.as_str() {
            "X" => {
                let length = duration.number().unwrap_or(0.0);
                // A call that took no time is nothing to be seen.
                if length > 0.0 {
                    ends.extend([end(time, 2, -length, true), end(time + length, 0, length, false)]);
                }
            }
            kind => ends.push(end(time, 1, 0.0, kind == "B")),
        }
    }
    to.at = None;
    more.add(&mut to, root, (&threads, count), ends.len())?;
    let threads = threads.into_values();
    let several = threads.len() > 1;
    // Of calls that begin and end together the later one is inside, and its end comes first.
    let inside = |a: usize, b: usize| if ends[a].rank == 0 { b.cmp(&a) } else { Ordering::Equal };
    let order = sort::order(ends.len(), &mut |a, b| compare(&ends[a], &ends[b]).then_with(|| inside(a, b)));
    if order.is_empty() {
        return to.finish();
    }
    let sample_type = to.builder.sample_type("time", "microseconds");
    let mut calls = Calls::default();
    let mut last: Option<u32> = None;
    for end in order.into_iter().filter_map(|place| ends.get(place as usize)) {
        if last != Some(end.thread) {
            last = Some(end.thread);
            let name = threads.get(end.thread as usize).map_or("", |(_, name)| name);
            calls = Calls::below(several.then(|| to.builder.function(name)));
            to.of_thread(name);
        }
        calls.until(&mut to, sample_type, end.time)?;
        match end.begins {
            Some(function) => calls.begin(function),
            None => calls.end(&mut to, end.function)?,
        }
    }
    to.finish()
}

fn compare(a: &End, b: &End) -> Ordering {
    let time = a.time.total_cmp(&b.time);
    a.thread.cmp(&b.thread).then(time).then(a.rank.cmp(&b.rank)).then(a.length.total_cmp(&b.length))
}
