//! What collector logs, compiler notes and scheduler traces say, in lines.

use noisefloor_core::report::{
    AttachedBy, BiasReport, ClockReport, CollectionsReport, EvidenceReport, HeapReport, NotesReport, QuantileEstimate,
    Report, ScheduleReport,
};

use crate::render::{digits, printable, shorten};

/// Places in the source that a terminal shows of each kind.
const MOST_SITES: usize = 5;

/// A heading with its lines, one for each piece of evidence; names in them are printable.
pub(crate) fn blocks(report: &Report) -> Vec<(String, Vec<String>)> {
    report.evidence.iter().map(|e| (title(report, e), lines(report, e))).collect()
}

fn title(report: &Report, evidence: &EvidenceReport) -> String {
    let name = report.inputs.get(evidence.input as usize).map_or(String::new(), |i| printable(&i.name));
    let what = match (&evidence.collections, &evidence.notes, &evidence.schedule) {
        (Some(c), ..) if !c.collector.is_empty() => format!("{} collections", printable(&c.collector)),
        (Some(_), ..) => "collections".to_string(),
        (_, Some(_), _) => "compiler notes".to_string(),
        _ => "scheduler trace".to_string(),
    };
    let side = evidence.side.and_then(|s| report.sides.get(s as usize)).map(|s| shorten(&printable(&s.name)));
    let by = match evidence.attached_by {
        Some(AttachedBy::SameFile) => "the same file",
        Some(AttachedBy::Side) => "the same side",
        Some(AttachedBy::Name) => "by its name",
        Some(AttachedBy::Folder) => "the only one in the folder",
        None => "",
    };
    match (side, by) {
        (Some(side), by) => format!("{}: {what}, of {side} ({by})", shorten(&name)),
        (None, "") if report.sides.is_empty() => format!("{}: {what}", shorten(&name)),
        (None, "") => format!("{}: {what}, tied to no side", shorten(&name)),
        (None, by) => format!("{}: {what}, of several sides ({by})", shorten(&name)),
    }
}

fn lines(report: &Report, evidence: &EvidenceReport) -> Vec<String> {
    let mut out = Vec::new();
    if let Some(c) = &evidence.collections {
        collections(&mut out, c);
    }
    if let Some(n) = &evidence.notes {
        notes(&mut out, n);
    }
    if let Some(s) = &evidence.schedule {
        schedule(&mut out, s);
    }
    out.extend(bias(report, evidence));
    out
}

fn collections(out: &mut Vec<String>, c: &CollectionsReport) {
    let kinds: Vec<String> = c.kinds.iter().map(|k| format!("{} {}", k.count, k.kind)).collect();
    let span = c.span_seconds.map_or(String::new(), |s| format!(" in {}", seconds(s)));
    let processes = plural(c.processes, "process", "es");
    if c.cycles == 0 {
        out.push("the log tells of no collection".into());
    } else {
        out.push(format!("{} ({}) of {processes}{span}", plural(c.cycles, "collection", "s"), kinds.join(", ")));
    }
    if c.other_cycles > 0 {
        out.push(format!("{} of other processes in the same text left out", plural(c.other_cycles, "collection", "s")));
    }
    if c.first_number > 1 {
        out.push(format!("the first has the number {}: the log begins in the middle", c.first_number));
    }
    if c.pauses == 0 && c.cycles > 0 {
        out.push("the log tells of no pause".into());
    }
    let share = c.pause_share.map_or(String::new(), |s| format!(", {}% of the time", digits(s * 100.0)));
    let longest = c.longest_pause.map_or(String::new(), |p| format!("; the longest {}", seconds(p)));
    if c.pauses > 0 {
        out.push(format!(
            "program stopped {}: {}{share}{longest}",
            plural(c.pauses, "time", "s"),
            seconds(c.pause_seconds)
        ));
    }
    let quantiles: Vec<String> = c.pause_quantiles.iter().filter_map(|q| quantile(q, &seconds)).collect();
    if !quantiles.is_empty() {
        out.push(format!("pauses {}", quantiles.join(", ")));
    }
    if let Some(stops) = c.stops {
        out.push(format!("stops for any reason: {}, {}", stops.count, seconds(stops.seconds)));
    }
    if let Some(stalls) = c.stalls {
        out.push(format!(
            "threads waited for memory {}: {}",
            plural(stalls.count, "time", "s"),
            seconds(stalls.seconds)
        ));
    }
    if let Some(cpu) = c.cpu_seconds {
        out.push(format!("CPU time of collecting {}", seconds(cpu)));
    }
    if let Some(rate) = c.allocation_rate {
        out.push(format!("allocated {} a second, at least", bytes(rate)));
    }
    if let Some(heap) = &c.heap {
        out.push(heap_line(heap));
    }
    match (c.clock, c.resolution_seconds) {
        (ClockReport::None, _) => out.push("the log has no times".into()),
        (ClockReport::Other, _) => out.push("times do not count from the start of the process".into()),
        (ClockReport::Process, Some(step)) if step >= 1e-3 => {
            out.push(format!("clock in steps of {}", seconds(step)));
        }
        _ => {}
    }
}

fn heap_line(heap: &HeapReport) -> String {
    let most = heap.largest_after.map_or(String::new(), |v| format!(", {} at most", bytes(v)));
    let line = format!(
        "heap after a collection {} at first, {} at last{most}",
        bytes(heap.first_after),
        bytes(heap.last_after)
    );
    let interval = heap.growth_interval.and_then(|i| i.low.zip(i.high));
    match (heap.growth_per_cycle, interval) {
        (Some(growth), Some((low, high))) => {
            format!("{line}; grows by {} a collection [{}, {}]", bytes(growth), bytes(low), bytes(high))
        }
        _ => line,
    }
}

fn notes(out: &mut Vec<String>, n: &NotesReport) {
    let kinds: Vec<String> = n.kinds.iter().map(|k| format!("{} {}", k.count, k.kind.replace('_', " "))).collect();
    out.push(kinds.join(", "));
    for reason in &n.reasons {
        let kind = reason.kind.replace('_', " ");
        out.push(format!("{kind}: {} ×{}", shorten(&printable(&reason.reason)), reason.count));
    }
    for kind in ["moved_to_heap", "escapes_to_heap"] {
        for site in n.sites.iter().filter(|s| s.kind == kind).take(MOST_SITES) {
            let place = shorten(&printable(&format!("{}:{}:{}", site.file, site.line, site.column)));
            let subject = shorten(&printable(&site.subject));
            let why = if site.reason.is_empty() { String::new() } else { format!(" ({})", printable(&site.reason)) };
            out.push(format!("{place} {subject} {}{why}", kind.replace('_', " ")));
        }
    }
}

fn schedule(out: &mut Vec<String>, s: &ScheduleReport) {
    let idle = s.idle_share.map_or(String::new(), |v| format!(", {}% of them idle", digits(v * 100.0)));
    out.push(format!(
        "{} of {}; {} processors{idle}",
        plural(s.lines, "moment", "s"),
        plural(s.processes, "process", "es"),
        s.procs
    ));
    let queues = if s.locals_known { "" } else { ", without the queues of the processors" };
    let quantiles: Vec<String> = s.queue_quantiles.iter().filter_map(|q| quantile(q, &digits)).collect();
    out.push(format!(
        "goroutines waiting to run {} on average, {} at most{queues}; {}",
        digits(s.queue_mean.unwrap_or(0.0)),
        digits(s.queue_longest),
        quantiles.join(", ")
    ));
    out.push(format!("threads {} at first, {} at last, {} at most", s.threads_first, s.threads_last, s.threads_most));
}

/// What collections did to iterations.
fn bias(report: &Report, evidence: &EvidenceReport) -> Vec<String> {
    let mut out = Vec::new();
    for side in 0..report.sides.len() as u32 {
        let own: Vec<&BiasReport> = evidence.biases.iter().filter(|b| b.side == side).collect();
        if own.is_empty() {
            continue;
        }
        let sum = |of: fn(&BiasReport) -> u64| own.iter().map(|b| of(b)).sum::<u64>();
        let bound = own.iter().filter(|b| b.gc_bound).count();
        let left = own.iter().filter(|b| !b.gc_bound).map(|b| b.biased).sum::<u64>();
        let name = report.sides.get(side as usize).map_or(String::new(), |s| shorten(&printable(&s.name)));
        let paused: f64 = own.iter().map(|b| b.pause_seconds).sum();
        let all: f64 = own.iter().map(|b| b.iteration_seconds).sum();
        let share = if all > 0.0 {
            format!(", {}% of their time in pauses", digits(paused / all * 100.0))
        } else {
            String::new()
        };
        out.push(format!(
            "{name}: {} of {} with three collections in a row{share}; {left} left out, {} where collecting is part of the work",
            sum(|b| b.biased),
            plural(sum(|b| b.iterations), "iteration", "s"),
            plural(bound as u64, "process", "es")
        ));
    }
    out
}

/// `p99 1.2 ms [1.1 ms, 1.4 ms]`, as far as the sample carries it.
fn quantile(q: &QuantileEstimate, show: &dyn Fn(f64) -> String) -> Option<String> {
    let value = q.value?;
    let p = digits(q.p * 100.0);
    let p = if p.contains('.') { p.trim_end_matches('0').trim_end_matches('.').to_string() } else { p };
    let bounds = q.interval.map(|i| (i.low, i.high));
    let bounds = match bounds {
        Some((Some(low), Some(high))) => format!(" [{}, {}]", show(low), show(high)),
        Some((Some(low), None)) => format!(" [at least {}]", show(low)),
        Some((None, Some(high))) => format!(" [at most {}]", show(high)),
        _ => format!(" (no interval below {} values)", q.needed),
    };
    Some(format!("p{p} {}{bounds}", show(value)))
}

fn plural(n: u64, word: &str, plural: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { plural })
}

fn seconds(value: f64) -> String {
    scaled(value, &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")])
}

fn bytes(value: f64) -> String {
    scaled(value, &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")])
}

fn scaled(value: f64, steps: &[(f64, &str)]) -> String {
    let fits = steps.iter().find(|(factor, _)| value.abs() >= *factor);
    let (factor, unit) = match fits {
        Some(step) => *step,
        None if value == 0.0 => steps.iter().find(|(factor, _)| *factor == 1.0).copied().unwrap_or((1.0, "")),
        None => steps.last().copied().unwrap_or((1.0, "")),
    };
    format!("{} {unit}", digits(value / factor))
}
