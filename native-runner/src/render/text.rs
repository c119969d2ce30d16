//! Tables for a terminal or a log: plain text, no control codes.

use std::fmt::Write;

use noisefloor_core::health::{Finding, RULES, Severity};
use noisefloor_core::report::{InputStatus, PresenceKind, Reason, Report};

use noisefloor_core::stats::scalability::Parameter;
use noisefloor_core::stats::usl::Law;

use crate::render::{
    carry, catalogue, change, decimals, digits, evidence, headline, lines, pad, passport, printable, scale, shorten,
    width,
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
        let total = profile.sample_types.first().map_or(0.0, |t| t.total);
        let _ = writeln!(out, "\n{}: {} samples, {} functions", printable(name), profile.samples, profile.functions);
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
    for input in report.inputs.iter().filter(|i| i.status != InputStatus::NotRead) {
        for notice in &input.notices {
            let (name, detail) = (printable(&input.name), printable(&notice.detail));
            let words = catalogue::notice(notice.code);
            let count = if notice.count > 1 { format!(" ×{}", notice.count) } else { String::new() };
            let detail = if detail.is_empty() { detail } else { format!(": {detail}") };
            let _ = writeln!(out, "note: {name}: {words}{count}{detail}");
        }
    }
    out
}

fn comparison(out: &mut String, report: &Report, only_changed: bool) {
    let _ = writeln!(out, "{}", headline(report));
    let name = |i: usize| report.sides.get(i).map_or(String::new(), |s| printable(&s.name));
    let others: Vec<String> = (1..report.sides.len()).map(name).collect();
    let stats = &report.settings.stats;
    let own: Vec<String> = stats.margins.iter().map(|(m, spec)| format!(" ({} ±{spec})", printable(m))).collect();
    let _ = writeln!(
        out,
        "{} against {}; margin ±{}%{}, {}% intervals, Holm-adjusted\n",
        others.join(", "),
        name(0),
        stats.margin * 100.0,
        own.concat(),
        stats.confidence * 100.0
    );
    let rows = lines(report, only_changed);
    let widest = |f: &dyn Fn(&crate::render::Line) -> &str| rows.iter().map(|l| width(f(l))).max().unwrap_or(0);
    let widths = [
        widest(&|l| l.verdict),
        widest(&|l| &l.name).min(60),
        widest(&|l| &l.baseline),
        widest(&|l| &l.candidate),
        widest(&|l| &l.change),
    ];
    for l in &rows {
        let [v, n, a, b, c] = widths;
        let (verdict, name) = (pad(l.verdict, v, false), pad(&l.name, n, false));
        let [a, b, c] = [(&l.baseline, a), (&l.candidate, b), (&l.change, c)].map(|(t, w)| pad(t, w, true));
        let _ = writeln!(out, "{}", format!("{verdict}  {name}  {a}  {b}  {c}  {}", l.interval).trim_end());
    }
    let assumed =
        report.rows.iter().flat_map(|r| &r.comparisons).any(|c| c.reasons.contains(&Reason::AssumedBetweenRunSd));
    if assumed {
        let _ = writeln!(
            out,
            "\nThe files cannot show how much runs differ, so a spread was assumed: {}% where a side has one process, \
             {}% of the host where sides ran one after the other. More sequential runs cannot decide what is open; \
             interleaved ones can.",
            stats.assumed_fork_sd * 100.0,
            stats.assumed_block_sd * 100.0
        );
    }
    let has = |reason: Reason| report.rows.iter().flat_map(|r| &r.comparisons).any(|c| c.reasons.contains(&reason));
    if has(Reason::Passport) {
        let _ = writeln!(out, "\nThe spread between runs, which the files cannot show, is that of the passport.");
    }
    if has(Reason::PassportMargin) {
        let _ = writeln!(
            out,
            "\nMargins are what comparing code with itself gives by the passport, and ±{}% at least.",
            stats.margin * 100.0
        );
    }
    let alarms = passport::alarms(report);
    if !alarms.is_empty() {
        let _ = writeln!(out, "\n{}", alarms.join("\n"));
    }
    if let Some(s) = report.rows.iter().flat_map(|r| &r.comparisons).find_map(|c| c.stopping.as_ref()) {
        let looks: Vec<String> = s.looks.iter().map(ToString::to_string).collect();
        let plan = if looks.is_empty() { String::new() } else { format!(" ({} blocks)", looks.join(", ")) };
        let _ = writeln!(
            out,
            "\nThe measurement could stop early: intervals and p-values hold for all its looks together{plan}."
        );
    }
    for family in report.families.iter().filter(|f| f.primary && f.tests > 1) {
        let _ = writeln!(
            out,
            "{}{} comparisons: {} differ from 0 before correction; {:.1} would if nothing had changed",
            if others.len() > 1 { name(family.candidate as usize) + ": " } else { String::new() },
            family.tests,
            family.raw_hits,
            family.expected_false_hits
        );
    }
    suite(out, report);
    for p in &report.presence {
        let what = match p.kind {
            PresenceKind::New => "new".to_string(),
            PresenceKind::Missing => "missing".to_string(),
            PresenceKind::Renamed => {
                format!("renamed to {}", shorten(&printable(p.renamed_to.as_deref().unwrap_or(""))))
            }
        };
        let _ = writeln!(out, "{}: {what}", shorten(&printable(&p.label)));
    }
}

/// The suite in one number per candidate.
fn suite(out: &mut String, report: &Report) {
    for family in &report.families {
        let Some(m) = &family.geometric_mean else { continue };
        let bounds = m.interval.and_then(|i| i.low.zip(i.high));
        let decimals = bounds.map_or(1, |(l, h)| decimals((h - l) * 50.0));
        let interval =
            bounds.map_or(String::new(), |(l, h)| format!(" [{}, {}]", change(l, decimals), change(h, decimals)));
        let side = report.sides.get(family.candidate as usize).filter(|_| report.sides.len() > 2);
        let side = side.map_or(String::new(), |s| printable(&s.name) + ": ");
        let _ = writeln!(
            out,
            "{side}geometric mean {}{interval} over {} of {} rows: {} worse, {} equal, {} better, {} open",
            change(m.ratio, decimals),
            m.rows,
            m.rows + m.left_out,
            m.worse,
            m.equal,
            m.better,
            m.undecided
        );
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
            let error = error.map_or(String::new(), |e| format!("score error {:.1}%", e.ratio * 100.0));
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
    if report.findings.is_empty() {
        return;
    }
    let _ = writeln!(out, "\nWhat to distrust");
    let mut said: Vec<&str> = Vec::new();
    for finding in &report.findings {
        // Each rule is explained once; the other places follow it.
        if said.contains(&finding.rule.as_str()) {
            continue;
        }
        said.push(&finding.rule);
        let severity = match finding.severity {
            Severity::Error => "error",
            Severity::Warning => "warning",
            Severity::Note => "note",
        };
        let title = catalogue::finding(finding, "title").unwrap_or_else(|| printable(&finding.rule));
        let at = place(report, finding);
        let at = if at.is_empty() { at } else { format!(" ({at})") };
        let _ = writeln!(out, "  {severity}: {title}{at} [{}]", finding.rule);
        if let Some(body) = catalogue::finding(finding, "body") {
            let _ = writeln!(out, "      {body}");
        }
        if !finding.names.is_empty() {
            let names: Vec<String> = finding.names.iter().map(|n| shorten(&printable(n))).collect();
            let _ = writeln!(out, "      {}", names.join("; "));
        }
        let others: Vec<String> =
            report.findings.iter().filter(|f| f.rule == finding.rule).skip(1).map(|f| place(report, f)).collect();
        if !others.is_empty() {
            let more = if others.len() > 5 { format!(" and {} more", others.len() - 5) } else { String::new() };
            let _ = writeln!(out, "      also: {}{more}", others[..others.len().min(5)].join(", "));
        }
        if let Some(remedy) = catalogue::finding(finding, "remedy") {
            let _ = writeln!(out, "      do: {remedy}");
        }
    }
}

fn place(report: &Report, finding: &Finding) -> String {
    let row = finding.row.and_then(|r| report.rows.get(r as usize)).map(|r| r.label.as_str());
    let side = finding.side.and_then(|s| report.sides.get(s as usize)).map(|s| s.name.as_str());
    let parts: Vec<String> = [row, side].into_iter().flatten().map(|name| shorten(&printable(name))).collect();
    parts.join(" / ")
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
