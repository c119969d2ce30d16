//! Findings about order, levels and causes: what a diagnosis, a history or a sweep gives reason to doubt.

use alloc::string::ToString;

use crate::analyze::findings::Finder;
#[cfg(feature = "full")]
use crate::analyze::frequency;
use crate::report::{Comparison, Diagnosis, Level, ModeReport, Reason, SteadyReport};
use crate::stats::carryover::CarryVerdict;
use crate::stats::fisher::fisher_exact;
use crate::stats::history::Alarm;
use crate::stats::math::exp;
use crate::stats::modes::ModeLevel;
use crate::stats::scalability::SweepWarning;
use crate::stats::steady::Course;
use crate::stats::trend::DriftVerdict;

/// Relative change of an effect: a ratio less 1 where the scale is logarithmic.
fn relative(effect: f64, log: bool) -> f64 {
    if log { exp(effect) - 1.0 } else { effect }
}

impl Finder<'_> {
    pub(super) fn diagnosis(&mut self, row: usize, side: usize, level: Level, diagnosis: &Diagnosis) {
        if let Some(serial) = diagnosis.serial {
            let worth = serial.effective / serial.n as f64;
            if worth < self.limit("autocorrelated", "min_effective") && serial.p < self.limit("autocorrelated", "max_p")
            {
                let finding = self.at("autocorrelated", worth, row, side);
                finding.evidence.insert("values".to_string(), serial.n as f64);
                finding.evidence.insert("effective".to_string(), serial.effective);
            }
        }
        if let Some(steady) = &diagnosis.steady {
            self.steady(row, side, steady);
        }
        // Blocks that hold both sides drift alike.
        if let Some(drift) = diagnosis.drift.filter(|d| d.verdict == DriftVerdict::Drift && level != Level::Block) {
            let total = relative(drift.total, diagnosis.log_scale);
            self.at("drift", total, row, side).evidence.insert("units".to_string(), drift.n as f64);
        }
        if let Some(modes) = &diagnosis.modes
            && modes.p < self.limit("multimodal", "max_p")
        {
            let (low, high) = (modes.modes.first(), modes.modes.last());
            let apart =
                low.zip(high).map_or(0.0, |(l, h)| if l.location > 0.0 { h.location / l.location - 1.0 } else { 0.0 });
            let finding = self.at("multimodal", modes.modes.len() as f64, row, side);
            finding.evidence.insert("apart".to_string(), apart);
        }
        for cause in &diagnosis.causes {
            #[cfg(feature = "full")]
            if cause.cause == frequency::CAUSE {
                let rows = &self.report.rows;
                let cycles = rows.get(row).and_then(|own| self.cycles.find(rows, own)).and_then(|at| rows.get(at));
                let metric = cycles.map(|row| row.metric.clone());
                self.at("freq-scaling", cause.explained.unwrap_or(0.0), row, side).names.extend(metric);
                continue;
            }
            let (Some(explained), Some(effect)) = (cause.explained, cause.effect) else { continue };
            if explained >= self.limit("noise-cause", "min_explained") {
                let effect = relative(effect, diagnosis.log_scale);
                let finding = self.at("noise-cause", explained, row, side);
                finding.evidence.insert("effect".to_string(), effect);
                finding.names.push(cause.cause.clone());
            }
        }
    }

    fn steady(&mut self, row: usize, side: usize, steady: &SteadyReport) {
        let share = |forks: u64| forks as f64 / steady.forks.max(1) as f64;
        let never = share(steady.forks - steady.steady.min(steady.forks));
        let late = share(steady.insufficient);
        let cyclic = share(steady.courses.iter().filter(|c| c.course == Course::Cyclic).map(|c| c.forks).sum());
        let (rule, observed) = if cyclic >= self.limit("cyclic", "min_share") {
            ("cyclic", cyclic)
        } else if never >= self.limit("no-steady-state", "min_share") {
            ("no-steady-state", never)
        } else if late >= self.limit("warmup-insufficient", "min_share") {
            ("warmup-insufficient", late)
        } else {
            return;
        };
        let finding = self.at(rule, observed, row, side);
        finding.evidence.insert("processes".to_string(), steady.forks as f64);
        if let Some(from) = steady.steady_from {
            finding.evidence.insert("steady_from".to_string(), from as f64);
            finding.evidence.insert("warmup".to_string(), steady.warmup as f64);
        }
        if let Some(period) = steady.period {
            finding.evidence.insert("period".to_string(), period);
        }
    }

    /// S12: the same modes as in the baseline, but the highest holds another share.
    pub(super) fn mode_weights(&mut self, row: usize, comparison: &Comparison) {
        let sides = self.report.rows.get(row).map_or(&[][..], |r| &r.sides);
        let of = |side: usize| {
            let summary = sides.get(side)?.as_ref()?;
            let modes = summary.diagnosis.as_ref()?.modes.as_ref()?;
            let units = if modes.level == ModeLevel::BetweenForks { summary.mean.n } else { summary.counts.used };
            Some((modes, units))
        };
        let side = comparison.candidate as usize;
        let Some(((a, m), (b, n))) = of(0).zip(of(side)) else { return };
        let near = |(x, y): (&ModeReport, &ModeReport)| {
            (x.location - y.location).abs() <= comparison.margin.ratio * x.location.abs()
        };
        let same = a.level == b.level && a.modes.len() == b.modes.len() && a.modes.iter().zip(&b.modes).all(near);
        let (Some(x), Some(y)) = (a.modes.last().filter(|_| same), b.modes.last()) else { return };
        let hits = |weight: f64, of: u64| ((weight * of as f64 + 0.5) as u64).min(of);
        let (h, k) = (hits(x.weight, m), hits(y.weight, n));
        if fisher_exact(h, m - h, k, n - k) < self.limit("mode-weights", "max_p") {
            self.at("mode-weights", y.weight, row, side).evidence.insert("baseline".to_string(), x.weight);
        }
    }

    pub(super) fn history(&mut self, row: usize) {
        let report = self.report;
        let Some(entry) = report.rows.get(row) else { return };
        for comparison in entry.comparisons.iter().filter(|c| c.reasons.contains(&Reason::ExclusionDecides)) {
            let other = comparison.verdict_with_excluded.map(|v| v.code().to_string());
            self.at("exclusion-decides", f64::NAN, row, comparison.candidate as usize).names.extend(other);
        }
        let Some(history) = &entry.history else { return };
        if let Some(change) = history.changes.last() {
            let effect = relative(change.effect, history.log_scale);
            let changes = history.changes.len() as f64;
            self.at("history-change", effect, row, change.side as usize)
                .evidence
                .insert("changes".to_string(), changes);
        }
        let last = entry.sides.iter().rposition(Option::is_some);
        if let (Some(effect), Some(side)) = (history.last.effect, last)
            && matches!(history.last.alarm, Alarm::NeedsConfirmation | Alarm::Confirmed)
        {
            let confirmed = f64::from(u8::from(history.last.alarm == Alarm::Confirmed));
            let effect = relative(effect, history.log_scale);
            self.at("history-alarm", effect, row, side).evidence.insert("confirmed".to_string(), confirmed);
        }
    }

    pub(super) fn sweeps(&mut self) {
        let report = self.report;
        for sweep in &report.sweeps {
            let Some(model) = &sweep.scalability.model else { continue };
            // The spread between processes is the largest error, and one process at some count hides it.
            let replicated = !sweep.scalability.warnings.contains(&SweepWarning::OneFork);
            if let Some(peak) = model.n_max.filter(|_| replicated && !model.extrapolated) {
                let finding = self.add("throughput-peaks", peak);
                finding.side = Some(sweep.side);
                finding.names.push(sweep.label.clone());
            }
        }
    }

    pub(super) fn carried(&mut self) {
        let report = self.report;
        for side in &report.orthogonality {
            for carried in side.carried.iter().filter(|c| c.verdict == CarryVerdict::NotOrthogonal) {
                let finding = self.at("not-orthogonal", carried.ratio - 1.0, carried.row as usize, side.side as usize);
                finding.names.push(carried.after.clone());
            }
        }
    }
}
