//! Tables for a terminal or a log: plain text, no control codes.

use std::fmt::Write;

use noisefloor_core::health::RULES;
use noisefloor_core::report::{Reason, Report};
use noisefloor_core::stats::scalability::Parameter;
use noisefloor_core::stats::usl::Law;

use crate::render::rows::Line;
use crate::render::{
    carry, catalogue, digits, doubts, evidence, headline, lines, notes, pad, plan, printable, scale, shorten, width,
    wrap,
};

/// The report as text.
#[must_use]
pub fn report(report: &Report, only_changed: bool) -> String {
    let mut out = String::new();
    if report.settings.compare {
        comparison(&mut out, report, only_changed);
    } else {
        health(&mut out, report);
    }
    sweeps(&mut out, report);
    for profile in &report.profiles {
        let name = report.inputs.get(profile.input as usize).map_or("", |i| &i.name);
        let total = profile.sample_types.get(profile.default_type as usize).map_or(0.0, |t| t.total);
        let (samples, functions) = (count(profile.samples, "sample", "s"), profile.functions);
        let _ = writeln!(out, "\n{}: {samples}, {}", printable(name), count(functions, "function", "s"));
        let _ = writeln!(out, "{:>7} {:>7}  function", "self", "total");
        for row in profile.top.iter().take(20) {
            let share = |v: f64| if total > 0.0 { v / total * 100.0 } else { 0.0 };
            let (own, all) = (share(row.self_value), share(row.total_value));
            let _ = writeln!(out, "{own:>6.1}% {all:>6.1}%  {}", printable(&row.function));
        }
    }
    for (title, lines) in carry::blocks(report).into_iter().chain(evidence::blocks(report)) {
        if !out.is_empty() {
            out.push('\n');
        }
        let _ = writeln!(out, "{title}");
        for line in lines {
            let _ = writeln!(out, "  {line}");
        }
    }
    findings(&mut out, report);
    for notice in doubts::notices(report) {
        let _ = writeln!(out, "{notice}");
    }
    out
}

fn comparison(out: &mut String, report: &Report, only_changed: bool) {
    let _ = writeln!(out, "{}", wrap(&headline(report), 2));
    if report.sides.len() > 1 {
        let _ = writeln!(out, "{}", wrap(&notes::terms(report), 2));
    }
    let rows = lines(report, only_changed);
    if !rows.is_empty() {
        out.push('\n');
    }
    let widest = |f: &dyn Fn(&Line) -> &str| rows.iter().map(|l| width(f(l))).max().unwrap_or(0);
    let widths = [
        widest(&|l| &l.verdict),
        widest(&|l| &l.name).min(60),
        widest(&|l| &l.baseline),
        widest(&|l| &l.candidate),
        widest(&|l| &l.change),
    ];
    for l in &rows {
        let [v, n, a, b, c] = widths;
        let (verdict, name) = (pad(&l.verdict, v, false), pad(&l.name, n, false));
        let [a, b, c] = [(&l.baseline, a), (&l.candidate, b), (&l.change, c)].map(|(t, w)| pad(t, w, true));
        let _ = writeln!(out, "{}", format!("{verdict}  {name}  {a}  {b}  {c}  {}", l.interval).trim_end());
        if !l.why.is_empty() {
            let _ = writeln!(out, "{}", wrap(&format!("    why: {}", l.why), 9));
        }
    }
    for sentence in notes::sentences(report) {
        let _ = writeln!(out, "\n{}", wrap(&sentence, 0));
    }
    let totals = notes::totals(report);
    if !totals.is_empty() {
        out.push('\n');
    }
    for line in totals {
        let _ = writeln!(out, "{}", wrap(&line, 2));
    }
    if let Some((title, lines)) = plan::block(report) {
        let _ = writeln!(out, "\n{title}");
        for line in lines {
            let _ = writeln!(out, "{}", wrap(&format!("  {line}"), 4));
        }
    }
}

/// How benchmarks scale with threads.
fn sweeps(out: &mut String, report: &Report) {
    for sweep in &report.sweeps {
        let side = report.sides.get(sweep.side as usize).filter(|_| report.sides.len() > 1);
        let side = side.map_or(String::new(), |s| format!(" ({})", printable(&s.name)));
        let points: Vec<String> =
            sweep.threads.iter().zip(&sweep.throughput).map(|(n, x)| format!("{n}: {}/s", si(*x))).collect();
        let _ = writeln!(
            out,
            "\n{}{side} by {}: {}",
            shorten(&printable(&sweep.label)),
            printable(&sweep.parameter),
            points.join(", ")
        );
        let Some(model) = &sweep.scalability.model else {
            let _ = writeln!(out, "  no law fitted: it takes four thread counts, one of them beyond half the cores");
            continue;
        };
        let law = match model.chosen {
            Some(Law::Linear) => "linear",
            Some(Law::Amdahl) => "Amdahl",
            Some(Law::Usl) => "universal",
            None => "none preferred",
        };
        let show = |p: &Parameter| {
            let bounds = match p.interval.map(|i| (i.low, i.high)) {
                Some((Some(l), Some(h))) => format!(" [{l:.4}, {h:.4}]"),
                Some((Some(l), None)) => format!(" [at least {l:.4}]"),
                Some((None, Some(h))) => format!(" [at most {h:.4}]"),
                _ => String::new(),
            };
            format!("{:.4}{bounds}", p.value)
        };
        let peak = model.n_max.map_or("no peak shown".to_string(), |n| format!("peak at {n:.1} threads"));
        let _ =
            writeln!(out, "  law: {law}; contention {}, coherency {}; {peak}", show(&model.sigma), show(&model.kappa));
    }
}

/// A number with its metric prefix.
fn si(value: f64) -> String {
    let steps = [(1e9, "G"), (1e6, "M"), (1e3, "k")];
    let (factor, prefix) = steps.into_iter().find(|(f, _)| value.abs() >= *f).unwrap_or((1.0, ""));
    format!("{} {prefix}", digits(value / factor)).trim_end().to_string()
}

fn health(out: &mut String, report: &Report) {
    let several = report.sides.len() > 1;
    let mut table: Vec<[String; 5]> = Vec::new();
    for row in report.rows.iter().filter(|r| r.primary) {
        for side in row.sides.iter().flatten() {
            let (factor, unit) = scale(row, side.mean.value);
            let show = |v: f64| digits(v / factor);
            let interval = side.mean.interval.and_then(|i| i.low.zip(i.high));
            let interval = interval.map_or("no interval".to_string(), |(l, h)| format!("[{}, {}]", show(l), show(h)));
            let error = side.score_error.as_ref();
            let median = side.warnings.contains(&Reason::MedianOnly);
            let other = if median { catalogue::reason(Reason::MedianOnly) } else { String::new() };
            let error = error.map_or(other, |e| format!("score error {:.1}%", e.ratio * 100.0));
            let name = report.sides.get(side.side as usize).filter(|_| several);
            let name = name.map_or(String::new(), |s| format!(" ({})", printable(&s.name)));
            table.push([
                shorten(&format!("{}{name}", printable(&row.label))),
                format!("{} {unit}", show(side.mean.value)),
                interval,
                format!("{}, {}", count(side.counts.forks, "process", "es"), count(side.counts.used, "value", "s")),
                error,
            ]);
        }
    }
    let widths = [0, 1, 2, 3].map(|i| table.iter().map(|r| width(&r[i])).max().unwrap_or(0));
    for [name, value, interval, counts, error] in &table {
        let cells = [(name, false), (value, true), (interval, false), (counts, false)];
        let cells: Vec<String> = cells.into_iter().zip(widths).map(|((t, left), w)| pad(t, w, left)).collect();
        let _ = writeln!(out, "{}", format!("{}  {error}", cells.join("  ")).trim_end());
    }
}

fn count(n: u64, word: &str, plural: &str) -> String {
    format!("{n} {word}{}", if n == 1 { "" } else { plural })
}

/// What to distrust, in words.
pub(crate) fn findings(out: &mut String, report: &Report) {
    let doubts = doubts::doubts(report);
    if !doubts.is_empty() {
        let _ = writeln!(out, "\nWhat to distrust");
    }
    for doubt in doubts {
        let _ = writeln!(out, "{}", wrap(&format!("  {}", doubt.head), 6));
        for line in doubt.lines {
            let _ = writeln!(out, "{}", wrap(&format!("      {line}"), 6));
        }
    }
}

/// The rules with their limits.
#[must_use]
pub fn rules() -> String {
    let mut out = String::new();
    for rule in RULES {
        let limits: Vec<String> = rule.limits.iter().map(|l| format!("{}={}", l.name, l.default)).collect();
        let _ =
            writeln!(out, "{:<24} {:<8} {}", rule.id, format!("{:?}", rule.severity).to_lowercase(), limits.join(" "));
    }
    out
}
