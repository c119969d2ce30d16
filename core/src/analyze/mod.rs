//! The whole pipeline on one screen: read, take sides, align, judge, doubt.

mod align;
mod audit;
mod carry;
#[cfg(feature = "full")]
mod evidence;
mod findings;
mod findings_in_time;
mod frequency;
mod histogram;
mod history;
mod inputs;
mod passport;
mod presence;
mod suite;
mod sweep;

use alloc::string::String;
use alloc::vec::Vec;

use crate::config::{AnalysisConfig, MarginValue};
use crate::health::limit;
use crate::model::{SeriesData, SideSeries};
use crate::profile::Profile;
use crate::report::{Comparison, Exclusion, InputStatus, ProfileReport, Reason, Report, ReportRow, SCHEMA_VERSION};
use crate::sort::sort_distinct;
use crate::source::Source;
use crate::stats::Limits;
use crate::stats::compare::compare_units;
use crate::stats::design::Units;
use crate::stats::diagnose::diagnose_units;
use crate::stats::quantile::Weighing;
use crate::stats::summary::summarize_units;

/// One input, with the side that it belongs to where the caller knows.
#[derive(Clone, Copy, Debug)]
pub struct Input<'a> {
    /// Name and bytes.
    pub source: Source<'a>,
    /// Name of the side (`baseline`, `main@4be1f20`); inputs with the same side are joined.
    /// `None`: the arms inside the file are the sides, or the file is a side of its own.
    pub side: Option<&'a str>,
}

/// A report with the bulk data behind it, for plots and flame graphs.
#[derive(Clone, Debug)]
pub struct Analysis {
    /// The report.
    pub report: Report,
    /// For each row of the report one entry per side.
    series: Vec<Vec<Option<SideSeries>>>,
    /// The profiles, in the order of the report's.
    profiles: Vec<Profile>,
    /// Whether nothing was left to the whole engine.
    whole: bool,
}

impl Analysis {
    /// The values behind a cell of the report; `None` where the side does not have the series.
    #[must_use]
    pub fn series(&self, row: usize, side: usize) -> Option<&SideSeries> {
        self.series.get(row)?.get(side)?.as_ref()
    }

    /// A profile by its index in the report.
    #[must_use]
    pub fn profile(&self, index: usize) -> Option<&Profile> {
        self.profiles.get(index)
    }

    /// Whether an engine with the feature `full` says the same: always in such an engine. The small one leaves
    /// to it what it cannot read, laws of scaling, and whether benchmarks carry over.
    #[must_use]
    pub fn is_whole(&self) -> bool {
        self.whole
    }
}

pub use passport::{AaError, passport};

/// Reads every input, judges it and compares the sides. Total: an input that cannot be read is
/// part of the report, never a failure of the analysis.
#[must_use]
pub fn analyze(inputs: &[Input<'_>], config: &AnalysisConfig) -> Report {
    analyze_all(inputs, config).report
}

/// [`analyze`], keeping the columns and profiles that plots need.
#[must_use]
pub fn analyze_all(inputs: &[Input<'_>], config: &AnalysisConfig) -> Analysis {
    let mut read = inputs::read_all(inputs, config);
    let (sides, members) = inputs::take_sides(&read, config);
    #[cfg(feature = "full")]
    let evidence = evidence::weigh(&mut read, &members, config.stats.confidence);
    let mut inputs = read.reports;
    for member in &members {
        if let Some(input) = inputs.get_mut(member.input)
            && !input.sides.contains(&(member.side as u32))
        {
            input.sides.push(member.side as u32);
        }
    }

    #[cfg(feature = "full")]
    for report in &evidence {
        if let (Some(side), Some(input)) = (report.side, inputs.get_mut(report.input as usize))
            && !input.sides.contains(&side)
        {
            input.sides.push(side);
        }
    }

    let aligned = align::align(&read.runs, &members, sides.len(), config);
    // The sides have values and processes now. Those of the runs are needed where somebody will ask what ran after what,
    // or what became of a process.
    for (_, run) in read.runs.iter_mut().filter(|(_, run)| run.executed.is_empty()) {
        run.series.iter_mut().for_each(|series| series.data = SeriesData::Aggregates(Vec::new()));
        if run.forks.iter().all(|fork| fork.marks.is_empty() && fork.process.is_none()) {
            run.forks = Vec::new();
        }
    }
    let limits = Limits {
        score_error_healthy: limit(&config.limits, "score-error", "healthy"),
        score_error_insufficient: limit(&config.limits, "score-error", "insufficient"),
        tail_healthy: limit(&config.limits, "tail-spikes", "healthy"),
        tail_spikes: limit(&config.limits, "tail-spikes", "spikes"),
    };
    let mut rows = Vec::with_capacity(aligned.len());
    let mut others = Vec::new();
    let mut series = Vec::with_capacity(aligned.len());
    let mut units: Vec<Vec<Option<Units>>> = Vec::with_capacity(aligned.len());
    let mut weighing = Weighing::new();
    for mut entry in aligned {
        passport::apply(&mut entry, config);
        entry.sides.iter_mut().flatten().for_each(|side| audit::drop_forks(side, config));
        let own: Vec<Option<Units>> = entry.sides.iter().map(|side| side.as_ref().map(Units::of)).collect();
        let (row, with_excluded) = judge(&entry, &own, &limits, config, &mut weighing);
        others.extend(with_excluded.into_iter().map(|other| (rows.len(), other)));
        rows.push(row);
        series.push(entry.sides);
        units.push(own.into_iter().map(|own| own.map(Units::judged)).collect());
    }
    #[cfg(feature = "full")]
    frequency::find(&mut rows, &series, &config.stats);
    let families = align::settle_families(&mut rows, &series, &units, sides.len(), config);
    audit::settle(&mut rows, others, config);
    let unread = inputs.iter().any(|input| input.status == InputStatus::NotRead);
    let bets = |row: &ReportRow| row.comparisons.iter().any(|c| c.stopping.as_ref().is_some_and(|s| s.signs));
    let mut left = cfg!(not(feature = "full")) && (unread || frequency::is_told(&rows) || rows.iter().any(bets));
    if config.compare {
        history::histories(&mut rows, config, &mut left);
    }
    let sweeps = sweep::sweeps(&rows, &series, &sides, &inputs, &config.stats, &mut left);
    let orthogonality = carry::orthogonality(&rows, &read.runs, &members, sides.len(), config, &mut left);
    let presence = if config.compare { presence::presence(&rows, sides.len()) } else { Vec::new() };

    let profiles: Vec<ProfileReport> = read
        .profiles
        .iter()
        .map(|(input, profile)| {
            let mut report = crate::profile::summarize(profile, config);
            report.input = *input as u32;
            report.side = inputs::side_of_profile(&read.runs, &members, &inputs, *input);
            report
        })
        .collect();

    let mut report = Report {
        schema: SCHEMA_VERSION,
        engine: String::from(concat!("noisefloor-core ", env!("CARGO_PKG_VERSION"))),
        settings: config.clone(),
        inputs,
        sides,
        exclusions: exclusions(&series),
        rows,
        families,
        presence,
        sweeps,
        orthogonality,
        findings: Vec::new(),
        profiles,
        #[cfg(feature = "full")]
        evidence,
    };
    report.findings = findings::find(&report, &series, &units, &read.runs, &members, config);
    Analysis { report, series, profiles: read.profiles.into_iter().map(|(_, p)| p).collect(), whole: !left }
}

/// A row, and its comparisons with values put back that were left out for collections in a row.
fn judge(
    entry: &align::Aligned,
    units: &[Option<Units>],
    limits: &Limits,
    config: &AnalysisConfig,
    weighing: &mut Weighing,
) -> (ReportRow, Vec<Comparison>) {
    let mut summaries = Vec::with_capacity(units.len());
    let known: Vec<Option<(&SideSeries, &Units)>> =
        entry.sides.iter().zip(units).map(|(side, units)| side.as_ref().zip(units.as_ref())).collect();
    for (index, side) in known.iter().enumerate() {
        let mut summary = side.and_then(|side| summarize_units(side, limits, &config.stats, weighing));
        if let Some(s) = &mut summary {
            s.side = index as u32;
            if entry.primary {
                s.diagnosis = side.and_then(|side| diagnose_units(side, &config.stats, &mut weighing.tables));
            }
        }
        summaries.push(summary);
    }
    let (mut comparisons, mut others) = (Vec::new(), Vec::new());
    if let (true, Some(Some(baseline))) = (config.compare, known.first().copied()) {
        for (index, candidate) in known.iter().enumerate().skip(1) {
            if let Some(candidate) = *candidate {
                let (margin, misfit) = margin(entry, config);
                let own = passport::margin(entry, baseline.0, candidate.0, config);
                let margin = own.map_or(margin, MarginValue::Ratio);
                let mut comparison = align::misfit(entry, index)
                    .unwrap_or_else(|| compare_units(baseline, candidate, margin, &config.stats));
                if misfit {
                    comparison.reasons.push(Reason::MarginUnit);
                }
                if own.is_some() {
                    comparison.reasons.push(Reason::PassportMargin);
                }
                comparison.false_alarms = passport::false_alarms(entry, baseline.0, candidate.0, config);
                comparison.candidate = index as u32;
                others.extend(audit::exclusions(&mut comparison, baseline.0, candidate.0, margin, config));
                audit::drift(&mut comparison, &summaries);
                sort_distinct(&mut comparison.reasons);
                comparisons.push(comparison);
            }
        }
    }
    let row = ReportRow {
        suite: entry.key.suite.clone(),
        benchmark: entry.key.benchmark.clone(),
        params: entry.params(),
        metric: entry.key.metric.clone(),
        label: entry.label.clone(),
        unit: entry.unit.name.clone(),
        quantity: entry.unit.quantity,
        better: entry.better,
        primary: entry.primary,
        sides: summaries,
        histogram: histogram::histogram(&known),
        comparisons,
        history: None,
    };
    (row, others)
}

/// The margin of a row, and whether one was named whose unit does not fit.
fn margin(entry: &align::Aligned, config: &AnalysisConfig) -> (MarginValue, bool) {
    let general = MarginValue::Ratio(config.stats.margin);
    match config.stats.margins.get(&entry.key.metric).map(|spec| spec.on(&entry.unit)) {
        Some(Some(own)) => (own, false),
        Some(None) => (general, true),
        None => (general, false),
    }
}

fn exclusions(series: &[Vec<Option<SideSeries>>]) -> Vec<Exclusion> {
    use crate::model::{Mark, Marks};
    let mut out = Vec::new();
    for (row, sides) in series.iter().enumerate() {
        for (side, data) in sides.iter().enumerate() {
            let Some(data) = data.as_ref().filter(|data| !data.marks().is_used()) else { continue };
            let mut counts = [0u64; Mark::ALL.len()];
            for value in 0..data.columns.len() {
                let marks = data.marks_of(value);
                if marks.is_used() {
                    continue;
                }
                // What follows from other causes is told of values that have none of their own.
                let own = marks.less(Marks::of(Mark::TooFewLeft));
                let marks = if own.is_used() { marks } else { own };
                for mark in marks.iter().filter(|m| *m != Mark::Warmup && Marks::of(*m).intersects(Marks::EXCLUDING)) {
                    counts[mark as usize] += 1;
                }
            }
            for mark in Mark::ALL {
                let values = counts[mark as usize];
                if values > 0 {
                    out.push(Exclusion {
                        row: row as u32,
                        side: side as u32,
                        cause: String::from(mark.code()),
                        values,
                    });
                }
            }
        }
    }
    out
}
