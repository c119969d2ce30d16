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
use crate::stats::fisher::fisher_exact;
use crate::stats::multiplicity::holm;
use crate::stats::trend::DriftVerdict;

/// How many values of a side were left out for a cause other than warm-up, and how many there are
/// that are not warm-up, pilot or profiled.
pub(super) fn excluded(data: &SideSeries) -> (u64, u64) {
    if data.marks().is_empty() {
        return (0, data.columns.len() as u64);
    }
    let mut out = 0;
    let mut all = 0;
    for value in 0..data.columns.len() {
        let marks = data.marks_of(value);
        if marks.has(Mark::Warmup) || marks.has(Mark::Pilot) || marks.has(Mark::Profiled) {
            continue;
        }
        all += 1;
        out += u64::from(!marks.is_used());
    }
    (out, all)
}

/// p of equal rates of exclusion; `None` where nothing was left out.
pub(super) fn asymmetry(baseline: &SideSeries, candidate: &SideSeries) -> Option<f64> {
    let ((a, m), (b, n)) = (excluded(baseline), excluded(candidate));
    (a + b > 0).then(|| fisher_exact(a, m - a, b, n - b))
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
    let most = limit(&config.limits, "asymmetric-exclusion", "max_p");
    if asymmetry(baseline, candidate).is_some_and(|p| p < most) {
        comparison.reasons.push(Reason::AsymmetricExclusion);
    }
    if comparison.verdict == Verdict::NotComparable {
        return None;
    }
    let of = |side: &SideSeries| (0..side.columns.len()).any(|i| side.marks_of(i).has(Mark::GcBiased));
    let biased = |side: &SideSeries| side.marks().has(Mark::GcBiased) && of(side);
    (biased(baseline) || biased(candidate)).then(|| {
        let other = stats::compare(&with_biased(baseline), &with_biased(candidate), margin, &config.stats);
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
fn with_biased(side: &SideSeries) -> SideSeries {
    let mut out = side.clone();
    let clear = |marks: &mut Marks| *marks = marks.less(Marks::of(Mark::GcBiased));
    out.columns.marks.iter_mut().for_each(clear);
    out.forks.iter_mut().map(|f| &mut f.marks).for_each(clear);
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
