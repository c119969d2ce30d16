//! Profiles as text: a top table, and folded stacks.

use std::borrow::Cow;
use std::io::{self, Write};

use noisefloor_core::flame::FlameLayout;
use noisefloor_core::profile::Profile;
use noisefloor_core::report::Report;

use crate::render::printable;

/// A value of a profile with its unit, scaled so that it reads well.
fn amount(value: f64, unit: &str) -> String {
    let steps: &[(f64, &str)] = match unit {
        "nanoseconds" => &[(1e9, "s"), (1e6, "ms"), (1e3, "µs"), (1.0, "ns")],
        "microseconds" => &[(1e6, "s"), (1e3, "ms"), (1.0, "µs")],
        "milliseconds" => &[(1e3, "s"), (1.0, "ms")],
        "seconds" => &[(1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns")],
        "bytes" => &[(1e9, "GB"), (1e6, "MB"), (1e3, "kB"), (1.0, "B")],
        "count" => return format!("{value}"),
        other => return format!("{} {}", value, printable(other)),
    };
    let step = steps.iter().find(|(f, _)| value.abs() >= *f).or(steps.last());
    step.map_or_else(|| value.to_string(), |(f, name)| format!("{:.2} {name}", value / f))
}

/// The functions of a view by own value, with what the profile is and what weakens it.
#[must_use]
pub fn table(
    profile: &Profile,
    report: &Report,
    view: &FlameLayout,
    left_out: f64,
    kind: usize,
    rows: usize,
) -> String {
    let none = noisefloor_core::profile::SampleType::default();
    let shown = profile.sample_types().get(kind).unwrap_or(&none);
    let all = view.total.first().copied().unwrap_or(0.0);
    let mut out = format!("{} of {}", amount(all, &shown.unit), printable(&shown.name));
    if let Some(summary) = report.profiles.first() {
        out.push_str(&format!(", {} sample{}", summary.samples, if summary.samples == 1 { "" } else { "s" }));
        if let Some(seconds) = summary.duration_seconds {
            out.push_str(&format!(" in {seconds:.2} s"));
        }
        let q = summary.quality;
        out.push_str(&format!(
            "; {:.1}% lead from a known root, {:.1}% have a named leaf\n",
            q.rooted * 100.0,
            q.symbolized * 100.0
        ));
        let others: Vec<String> = profile.sample_types().iter().map(|t| printable(&t.name)).collect();
        if others.len() > 1 {
            out.push_str(&format!("sample types: {}\n", others.join(", ")));
        }
        let folded: Vec<String> =
            summary.folded.iter().map(|g| format!("{} {:.1}%", printable(&g.id), g.share * 100.0)).collect();
        if !folded.is_empty() {
            out.push_str(&format!("folded into their callers: {} (--unfold shows them)\n", folded.join(", ")));
        }
    }
    if left_out != 0.0 {
        out.push_str(&format!("left out by --focus and --ignore: {}\n", amount(left_out, &shown.unit)));
    }
    out.push_str("\n      own              total  function\n");
    for row in view.by_function().into_iter().take(rows) {
        let (own, total) = (row.own, row.total);
        let name = view.names.get(row.name as usize).map_or("", String::as_str);
        let share = |v: f64| if all == 0.0 { 0.0 } else { v / all * 100.0 };
        out.push_str(&format!(
            "{:>11} {:>5.1}%  {:>11} {:>5.1}%  {}\n",
            amount(own, &shown.unit),
            share(own),
            amount(total, &shown.unit),
            share(total),
            printable(name) + if row.inlined { " (inlined)" } else { "" }
        ));
    }
    crate::render::text::findings(&mut out, report);
    out
}

/// A function's name as folded stacks can write it: a `;` becomes `:`, a line break or tab a blank; what a reader
/// would leave out or take for a mark (nothing, `#` in front, blanks around, `_[i]` or `_[j]` behind) is kept apart
/// from that by a `_`.
#[must_use]
pub fn folded_name(name: &str) -> Cow<'_, str> {
    let mut out = Cow::Borrowed(name);
    if name.contains([';', '\n', '\r', '\t']) {
        out = Cow::Owned(name.replace(';', ":").replace(['\n', '\r', '\t'], " "));
    }
    if out.is_empty() || out.starts_with(['#', ' ']) {
        out.to_mut().insert(0, '_');
    }
    if out.ends_with(char::is_whitespace) || out.ends_with("_[i]") || out.ends_with("_[j]") {
        out.to_mut().push('_');
    }
    out
}

/// Folded stacks of one sample type: `root;…;leaf VALUE`, inlined frames with the suffix `_[i]`; stacks of value 0 are
/// left out, and those below it, which no reader takes. Names are those of [`folded_name`].
#[must_use]
pub fn folded(profile: &Profile, kind: usize) -> String {
    let mut out = Vec::new();
    // Nothing fails in memory.
    let _ = write_folded(profile, kind, &mut out);
    String::from_utf8_lossy(&out).into_owned()
}

/// Writes [`folded`].
///
/// # Errors
/// When writing fails.
pub fn write_folded(profile: &Profile, kind: usize, out: &mut dyn Write) -> io::Result<()> {
    for (index, weight) in profile.weights(kind).iter().enumerate().filter(|(_, w)| **w > 0.0) {
        let frames = profile.stack(index);
        for (place, frame) in frames.iter().enumerate() {
            if place > 0 {
                out.write_all(b";")?;
            }
            out.write_all(folded_name(profile.name(frame.function())).as_bytes())?;
            if frame.inlined() {
                out.write_all(b"_[i]")?;
            }
        }
        let empty = if frames.is_empty() { "[empty]" } else { "" };
        writeln!(out, "{empty} {weight}")?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::amount;

    #[test]
    fn times_read_well_in_every_unit() {
        let times =
            [(0.1144, "seconds"), (114.4, "milliseconds"), (114_400.0, "microseconds"), (1.144e8, "nanoseconds")];
        for (value, unit) in times {
            assert_eq!(amount(value, unit), "114.40 ms", "{unit}");
        }
        assert_eq!((amount(3.0, "count").as_str(), amount(2.5, "percent").as_str()), ("3", "2.5 percent"));
    }
}
