//! A line of the JVM's unified logs: its decorators, and what stands behind them.

use super::Cursor;
use super::stamp::date;

/// A number of milliseconds from which on it counts from 1970 and not from the start.
const EPOCH_MS: f64 = 1e11;

/// Where the time of a line comes from, the better first.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Origin {
    UptimeNs,
    Uptime,
    UptimeMs,
    Nanos,
    Date,
    Millis,
}

/// A line without its decorators.
#[derive(Default)]
pub(super) struct Line<'a> {
    times: [Option<f64>; 6],
    /// Whether one of them is a level.
    pub(super) level: bool,
    /// The last of them that is none of the others.
    pub(super) tags: &'a str,
    /// What follows them.
    pub(super) text: &'a str,
}

impl Line<'_> {
    /// The time from an origin, where the line has it.
    pub(super) fn time(&self, from: Origin) -> Option<f64> {
        self.times.get(from as usize).copied().flatten()
    }
}

/// Takes the decorators off; whether there are any.
pub(super) fn decorated(line: &str) -> (Line<'_>, bool) {
    let mut out = Line::default();
    let mut rest = line;
    let mut any = false;
    while let Some(inside) = rest.strip_prefix('[') {
        let Some(end) = inside.bytes().take(200).position(|b| b == b']') else { break };
        let (Some(group), Some(behind)) = (inside.get(..end), inside.get(end + 1..)) else { break };
        let group = group.trim();
        any = true;
        rest = behind;
        let mut cursor = Cursor(group.as_bytes());
        if let Some((seconds, _)) = date(group.as_bytes()) {
            out.times[Origin::Date as usize] = Some(seconds);
        } else if let Some(value) = cursor.amount() {
            match cursor.0 {
                b"s" => out.times[Origin::Uptime as usize] = Some(value),
                b"ms" if value < EPOCH_MS => out.times[Origin::UptimeMs as usize] = Some(value / 1e3),
                b"ms" => out.times[Origin::Millis as usize] = Some(value / 1e3),
                // The second of two counts from the start: the order of decorators is the JVM's own.
                b"ns" if out.time(Origin::Nanos).is_some() => {
                    out.times[Origin::UptimeNs as usize] = Some(value / 1e9);
                }
                b"ns" => out.times[Origin::Nanos as usize] = Some(value / 1e9),
                // The number of a process or thread.
                _ => {}
            }
        } else if matches!(group, "trace" | "debug" | "info" | "warning" | "error" | "develop") {
            out.level = true;
        } else {
            // Tags come last; before them a host's name.
            out.tags = group;
        }
    }
    out.text = rest.trim_start();
    (out, any)
}

/// The number in front of `GC(12) Pause …`, and what follows; the letter of a generation is no part of it.
pub(super) fn number_of(text: &str) -> Option<(u64, &str)> {
    let mut cursor = Cursor(text.strip_prefix("GC(")?.as_bytes());
    let number = cursor.count()?;
    cursor.skip(")").then_some(())?;
    let rest = text.get(text.len() - cursor.0.len()..)?.trim_start();
    let rest = ["Y: ", "O: ", "y: ", "o: "].iter().find_map(|letter| rest.strip_prefix(letter)).unwrap_or(rest);
    Some((number, rest.trim_start()))
}
