//! What the sides' values as a whole do to a verdict: exclusions of one side only, and drift that the
//! design does not cancel (STATISTICS S8, S10).

use alloc::vec::Vec;

use crate::analyze::align::place;
use crate::config::{AnalysisConfig, MarginValue};
use crate::health::limit;
use crate::model::{Mark, Marks, SideSeries};
use crate::report::{Comparison, Design, Reason, ReportRow, SideSummary, Verdict};
use crate::sort::sort_distinct;
use crate::stats;
use crate::stats::collections::Exclusions;
use crate::stats::fisher::fisher_exact;
use crate::stats::multiplicity::holm;
use crate::stats::trend::DriftVerdict;

/// What is no part of the measurement.
const NOT_MEASURED: Marks = Marks::of(Mark::Warmup).with(Mark::Pilot).with(Mark::Profiled);
/// Marks that are no cause of their own: these, and what follows from the others.
const NO_CAUSE: Marks = NOT_MEASURED.with(Mark::TooFewLeft);

/// By process: how many values were left out for a cause other than warm-up, and how many there are
/// that are not warm-up, pilot or profiled.
fn by_fork(data: &SideSeries) -> Vec<Exclusions> {
    let mut out: Vec<Exclusions> = data.forks.iter().map(|_| Exclusions { excluded: 0, all: 0 }).collect();
    for (value, fork) in data.columns.fork.iter().enumerate() {
        let marks = data.marks_of(value);
        if let Some(own) = out.get_mut(*fork as usize).filter(|_| !marks.intersects(NOT_MEASURED)) {
            own.all += 1;
            own.excluded += u64::from(!marks.less(NO_CAUSE).is_used());
        }
    }
    out
}

/// The same over all processes.
pub(super) fn excluded(data: &SideSeries) -> (u64, u64) {
    if data.marks().is_used() {
        return (0, data.columns.len() as u64);
    }
    by_fork(data).into_iter().fold((0, 0), |(out, all), fork| (out + fork.excluded, all + fork.all))
}

/// p of equal rates of exclusion where they are not alike, or where a side's is so large that what is left may be
/// something else (S10); `None` where all is well.
pub(super) fn asymmetry(baseline: &SideSeries, candidate: &SideSeries, config: &AnalysisConfig) -> Option<f64> {
    let ((a, m), (b, n)) = (excluded(baseline), excluded(candidate));
    if a + b == 0 {
        return None;
    }
    let p = fisher_exact(a, m - a, b, n - b);
    let most = limit(&config.limits, "exclusions", "max_share");
    let many = |out: u64, all: u64| out as f64 > most * all as f64;
    (p < limit(&config.limits, "asymmetric-exclusion", "max_p") || many(a, m) || many(b, n)).then_some(p)
}

/// S10: processes with too little left are dropped whole, and counted as such.
pub(super) fn drop_forks(side: &mut SideSeries, config: &AnalysisConfig) {
    let kept = config.keep.iter().any(|k| k == Mark::TooFewLeft.code());
    if kept || !side.marks().less(NO_CAUSE).intersects(Marks::EXCLUDING) {
        return;
    }
    let dropped: Vec<bool> = by_fork(side).into_iter().map(Exclusions::drops_fork).collect();
    for (fork, _) in side.forks.iter_mut().zip(dropped).filter(|(fork, dropped)| *dropped && fork.marks.is_used()) {
        fork.marks = fork.marks.with(Mark::TooFewLeft);
    }
}

/// S10: rates of exclusion that differ cap the verdict, and values left out for collections in a row are put back:
/// the comparison with them, whose verdict [`settle`] finds.
pub(super) fn exclusions(
    comparison: &mut Comparison,
    baseline: &SideSeries,
    candidate: &SideSeries,
    margin: MarginValue,
    config: &AnalysisConfig,
) -> Option<Comparison> {
    if asymmetry(baseline, candidate, config).is_some() {
        comparison.reasons.push(Reason::AsymmetricExclusion);
    }
    if comparison.verdict == Verdict::NotComparable {
        return None;
    }
    let of = |side: &SideSeries| (0..side.columns.len()).any(|i| side.marks_of(i).has(Mark::GcBiased));
    let biased = |side: &SideSeries| side.marks().has(Mark::GcBiased) && of(side);
    (biased(baseline) || biased(candidate)).then(|| {
        let [a, b] = [baseline, candidate].map(|side| with_biased(side, config));
        let other = stats::compare(&a, &b, margin, &config.stats);
        Comparison { candidate: comparison.candidate, ..other }
    })
}

/// The verdicts of comparisons with values put back, each in the place of its own in the family: `(row, comparison)`.
pub(super) fn settle(rows: &mut [ReportRow], others: Vec<(usize, Comparison)>, config: &AnalysisConfig) {
    for (index, mut other) in others {
        let Some((primary, better)) = rows.get(index).map(|r| (r.primary, r.better)) else { continue };
        let of =
            |row: &ReportRow| place(&row.comparisons, other.candidate).and_then(|at| row.comparisons.get(at)?.p_margin);
        let family = rows.iter().enumerate().filter(|(at, row)| *at != index && row.primary == primary);
        let tests: Vec<f64> = other.p_margin.into_iter().chain(family.filter_map(|(_, row)| of(row))).collect();
        let adjusted = other.p_margin.and_then(|_| holm(&tests).first().copied());
        stats::decide(&mut other, better, adjusted, &config.stats);
        let own = rows.get_mut(index).and_then(|row| {
            let at = place(&row.comparisons, other.candidate)?;
            row.comparisons.get_mut(at)
        });
        let Some(own) = own else { continue };
        if other.verdict != own.verdict {
            own.reasons.push(Reason::ExclusionDecides);
            sort_distinct(&mut own.reasons);
        }
        own.verdict_with_excluded = Some(other.verdict);
    }
}

/// A side with the values back that collections in a row took out.
fn with_biased(side: &SideSeries, config: &AnalysisConfig) -> SideSeries {
    let mut out = side.clone();
    let clear = |marks: &mut Marks| *marks = marks.less(Marks::of(Mark::GcBiased).with(Mark::TooFewLeft));
    out.columns.marks.iter_mut().for_each(clear);
    out.forks.iter_mut().map(|f| &mut f.marks).for_each(clear);
    drop_forks(&mut out, config);
    out
}

/// S8: a drift counts against designs in which the sides do not meet it alike.
pub(super) fn drift(comparison: &mut Comparison, summaries: &[Option<SideSummary>]) {
    let cancels =
        matches!(comparison.design, Design::LockstepBlocks | Design::PairedBlocks | Design::Exact | Design::None);
    let drifts = |side: usize| {
        let diagnosis = summaries.get(side).and_then(|s| s.as_ref()?.diagnosis.as_ref());
        diagnosis.and_then(|d| d.drift).is_some_and(|d| d.verdict == DriftVerdict::Drift)
    };
    if !cancels && (drifts(0) || drifts(comparison.candidate as usize)) {
        comparison.reasons.push(Reason::Drift);
    }
}
