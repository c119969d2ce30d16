//! Applies the rules of [`health`](crate::health) to a finished report and the data behind it.

use alloc::collections::BTreeMap;
use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::analyze::audit::{asymmetry, excluded};
#[cfg(feature = "full")]
use crate::analyze::frequency::Beside;
use crate::analyze::inputs::Member;
use crate::config::AnalysisConfig;
use crate::health::{Finding, RULES, limit};
use crate::model::{Mark, Run, SideSeries};
use crate::report::{Design, Level, Method, Reason, Report, ScoreErrorClass, TailClass};
use crate::sort::sort_by;
use crate::stats::design::{Units, used};
use crate::stats::math::ln;
use crate::stats::moments::skewness;
use crate::stats::order::expand;
use crate::unit::Quantity;

/// Facts that differ from run to run without meaning anything.
const VOLATILE: &[&str] = &["date", "time", "pkg", "started", "load_average", "pid", "uptime", "seed", "boot_id"];

pub(super) struct Finder<'a> {
    pub(super) report: &'a Report,
    series: &'a [Vec<Option<SideSeries>>],
    units: &'a [Vec<Option<Units>>],
    config: &'a AnalysisConfig,
    /// The rows that count cycles.
    #[cfg(feature = "full")]
    pub(super) cycles: Beside,
    found: Vec<Finding>,
}

/// All findings, errors first, then warnings, then notes; within that by rule and row.
pub(super) fn find(
    report: &Report,
    series: &[Vec<Option<SideSeries>>],
    units: &[Vec<Option<Units>>],
    runs: &[(usize, Run)],
    members: &[Member],
    config: &AnalysisConfig,
) -> Vec<Finding> {
    let mut finder = Finder {
        report,
        series,
        units,
        config,
        #[cfg(feature = "full")]
        cycles: Beside::cycles(&report.rows),
        found: Vec::new(),
    };
    finder.rows();
    finder.sides();
    finder.environment();
    finder.runs(runs, members);
    finder.profiles();
    finder.sweeps();
    finder.carried();
    #[cfg(feature = "full")]
    finder.collecting();
    let mut found = finder.found;
    sort_by(&mut found, &mut |a, b| (a.severity, &a.rule, a.row, a.side).cmp(&(b.severity, &b.rule, b.row, b.side)));
    found
}

impl Finder<'_> {
    pub(super) fn limit(&self, rule: &str, name: &str) -> f64 {
        limit(&self.config.limits, rule, name)
    }

    /// A finding of a rule with its limits and `observed` as evidence.
    pub(super) fn add(&mut self, rule: &'static str, observed: f64) -> &mut Finding {
        let known = RULES.iter().find(|r| r.id == rule);
        let mut evidence = BTreeMap::new();
        for l in known.map_or(&[][..], |r| r.limits) {
            evidence.insert(l.name.to_string(), self.limit(rule, l.name));
        }
        if observed.is_finite() {
            evidence.insert("observed".to_string(), observed);
        }
        let severity = known.map_or(crate::health::Severity::Note, |r| r.severity);
        self.found.push(Finding {
            rule: rule.to_string(),
            severity,
            row: None,
            side: None,
            input: None,
            profile: None,
            evidence,
            names: Vec::new(),
        });
        let last = self.found.len() - 1;
        &mut self.found[last]
    }

    pub(super) fn at(&mut self, rule: &'static str, observed: f64, row: usize, side: usize) -> &mut Finding {
        let finding = self.add(rule, observed);
        finding.row = Some(row as u32);
        finding.side = Some(side as u32);
        finding
    }

    fn rows(&mut self) {
        let report = self.report;
        for (index, row) in report.rows.iter().enumerate() {
            for (side, summary) in row.sides.iter().enumerate() {
                let (Some(summary), Some(data)) = (summary, self.series.get(index).and_then(|s| s.get(side)?.as_ref()))
                else {
                    continue;
                };
                self.iteration_count(index, side, data);
                if !row.primary {
                    continue;
                }
                if let Some(score) =
                    summary.score_error.as_ref().filter(|s| s.class == ScoreErrorClass::InsufficientSampling)
                {
                    self.at("score-error", score.ratio, index, side);
                }
                if let Some(tail) = summary.tail.as_ref().filter(|t| t.class == TailClass::Spikes) {
                    // The sample may bound the ratio from below without a value for it.
                    let ratio = tail.ratio.or(tail.interval.and_then(|i| i.low)).unwrap_or(0.0);
                    self.at("tail-spikes", ratio, index, side);
                }
                // In lockstep the machine may drift as it likes: ratios do not see it.
                if let Some(spread) = summary.between_sd_ratio.filter(|_| !data.lockstep)
                    && spread > self.limit("high-dispersion", "max_ratio")
                {
                    self.at("high-dispersion", spread, index, side);
                }
                // Comparing inside blocks has an interval of its own, with a reason of its own.
                let is_paired = row.comparisons.iter().any(|c| matches!(c.method, Method::PairedT | Method::SignBets));
                if !is_paired && summary.warnings.contains(&Reason::Skewed) {
                    let scale = |v: &f64| if summary.mean.method == "t_log" { ln(*v) } else { *v };
                    let units: Vec<f64> = summary.replicate_means.iter().map(scale).collect();
                    let observed = skewness(&units).unwrap_or(0.0);
                    let finding = self.at("skewed-mean", observed, index, side);
                    finding.evidence.insert("n".to_string(), units.len() as f64);
                }
                let o = summary.outliers;
                let labelled = (o.severe_low + o.mild_low + o.mild_high + o.severe_high) as f64;
                // A value of a histogram stands for as many as it counts.
                let all = match data.columns.weight.is_empty() || labelled == 0.0 {
                    true => summary.counts.used,
                    false => expand(&used(data)).len() as u64,
                };
                let share = labelled / all.max(1) as f64;
                if summary.counts.used >= 10 && !data.lockstep && share > self.limit("outliers", "max_share") {
                    self.at("outliers", share, index, side);
                }
                if !data.lockstep {
                    self.quantised(index, side, data);
                }
                self.exclusions(index, side, data);
                if let Some(diagnosis) = &summary.diagnosis {
                    self.diagnosis(index, side, summary.level, diagnosis);
                }
            }
            self.lockstep(index);
            self.asymmetric(index);
            row.comparisons.iter().for_each(|comparison| self.mode_weights(index, comparison));
            self.history(index);
        }
    }

    /// R1: a body that ignores its iteration count reports the ceiling of iterations and next to
    /// no time for each.
    fn iteration_count(&mut self, row: usize, side: usize, data: &SideSeries) {
        if data.quantity != Quantity::Time {
            return;
        }
        let (min, max) = (
            self.limit("ignores-iteration-count", "min_iterations"),
            self.limit("ignores-iteration-count", "max_seconds_per_op"),
        );
        let c = &data.columns;
        let hit = (0..c.len()).find_map(|i| {
            let (value, ops) = (*c.values.get(i)?, *c.ops.get(i)?);
            (ops as f64 >= min && value <= max).then_some((value, ops))
        });
        if let Some((value, ops)) = hit {
            let finding = self.at("ignores-iteration-count", value, row, side);
            finding.evidence.insert("iterations".to_string(), ops as f64);
        }
    }

    fn quantised(&mut self, row: usize, side: usize, data: &SideSeries) {
        if data.quantity != Quantity::Time {
            return;
        }
        let own = self.units.get(row).and_then(|units| units.get(side)?.as_ref());
        let (n, distinct) = own.map_or((0, 0), |units| units.distinct);
        if n < 20 {
            return;
        }
        let share = distinct as f64 / n as f64;
        if share < self.limit("quantised", "max_distinct_share") {
            let finding = self.at("quantised", share, row, side);
            finding.evidence.insert("distinct".to_string(), distinct as f64);
        }
    }

    fn exclusions(&mut self, row: usize, side: usize, data: &SideSeries) {
        let (excluded, measured) = excluded(data);
        let share = excluded as f64 / measured.max(1) as f64;
        if excluded > 0 && share > self.limit("exclusions", "max_share") {
            let finding = self.at("exclusions", share, row, side);
            finding.evidence.insert("values".to_string(), excluded as f64);
        }
    }

    /// S10: exclusion rates that differ between the sides are themselves a result.
    fn asymmetric(&mut self, row: usize) {
        if self.report.rows.get(row).is_none_or(|r| !r.primary) {
            return;
        }
        let Some(sides) = self.series.get(row) else { return };
        let Some(Some(base)) = sides.first() else { return };
        for (side, data) in sides.iter().enumerate().skip(1) {
            let Some(data) = data else { continue };
            let Some(p) = asymmetry(base, data, self.config) else { continue };
            let (a, b) = (excluded(base).0, excluded(data).0);
            let finding = self.at("asymmetric-exclusion", p, row, side);
            finding.evidence.insert("baseline".to_string(), a as f64);
            finding.evidence.insert("candidate".to_string(), b as f64);
        }
    }

    /// S18: what pairs say beyond their median.
    fn lockstep(&mut self, row: usize) {
        let report = self.report;
        let baseline = report.rows.get(row).and_then(|r| Some(r.sides.first()?.as_ref()?.mean.value.abs()));
        for comparison in report.rows.get(row).map_or(&[][..], |r| &r.comparisons) {
            let side = comparison.candidate as usize;
            let Some(margin) = comparison.margin.on_scale else { continue };
            // Beyond the margin, and not by the noise of few pairs or blocks.
            let of_blocks = comparison.blocks.as_ref().map(|b| (b.order_effect, b.order_effect_interval));
            let order = comparison.pairs.as_ref().map(|p| (p.order_effect, p.order_effect_interval)).or(of_blocks);
            if let Some((Some(effect), Some(interval))) = order {
                let away = interval.low.zip(interval.high).is_some_and(|(low, high)| low.max(-high) > 0.0);
                // Off the scale of logarithms both are amounts, and told as shares of the baseline where it is not 0.
                let log = comparison.difference.as_ref().is_none_or(|d| d.log_scale);
                let base = if log { Some(1.0) } else { baseline.filter(|mean| *mean > 0.0) };
                if let (true, Some(base)) = (away && effect.abs() > margin, base) {
                    let finding = self.at("order-effect", effect.abs() / base, row, side);
                    finding.evidence.insert("margin".to_string(), margin / base);
                }
            }
            let (Some(pairs), Some(difference)) = (&comparison.pairs, &comparison.difference) else { continue };
            let others = [pairs.trimmed_mean, pairs.hodges_lehmann].into_iter().flatten();
            let skew = others.map(|other| (difference.estimate - other).abs()).fold(0.0, f64::max);
            if skew > margin {
                self.at("pair-ratio-skewed", skew, row, side).evidence.insert("margin".to_string(), margin);
            }
            let unequal = pairs.disturbed_baseline.abs_diff(pairs.disturbed_candidate);
            let share = unequal as f64 / pairs.n.max(1) as f64;
            if share > self.limit("asymmetric-interruption", "max_share") {
                let finding = self.at("asymmetric-interruption", share, row, side);
                finding.evidence.insert("baseline".to_string(), pairs.disturbed_baseline as f64);
                finding.evidence.insert("candidate".to_string(), pairs.disturbed_candidate as f64);
            }
        }
    }

    /// Findings about a whole side: said once, with the number of rows concerned.
    fn sides(&mut self) {
        let report = self.report;
        for side in 0..report.sides.len() {
            let summaries: Vec<_> =
                report.rows.iter().filter(|r| r.primary).filter_map(|r| r.sides.get(side)?.as_ref()).collect();
            if summaries.is_empty() {
                continue;
            }
            let compared = |design: Design| {
                report
                    .rows
                    .iter()
                    .filter(|r| r.primary)
                    .flat_map(|r| &r.comparisons)
                    .filter(|c| c.candidate as usize == side && c.design == design)
                    .count()
            };
            let single = summaries.iter().filter(|s| s.level == Level::Single && s.counts.used > 0).count();
            if single > 0 {
                self.add("single-process", single as f64).side = Some(side as u32);
            }
            let sequential = compared(Design::SequentialForks);
            if sequential > 0 {
                self.add("sequential-arms", sequential as f64).side = Some(side as u32);
            }
            let least = self.limit("too-few-forks", "min_forks");
            let few: Vec<u64> = summaries
                .iter()
                .filter(|s| s.level != Level::Single && (s.mean.n as f64) < least)
                .map(|s| s.mean.n)
                .collect();
            if let Some(fewest) = few.iter().min() {
                let finding = self.add("too-few-forks", *fewest as f64);
                finding.side = Some(side as u32);
                finding.evidence.insert("rows".to_string(), few.len() as f64);
            }
        }
    }

    fn environment(&mut self) {
        if !self.config.compare {
            return;
        }
        let report = self.report;
        let facts = |side: usize| -> BTreeMap<String, String> {
            let mut all = BTreeMap::new();
            for input in report.sides.get(side).map_or(&[][..], |s| &s.inputs) {
                if let Some(input) = report.inputs.get(*input as usize) {
                    all.extend(input.environment.iter().map(|(k, v)| (k.clone(), v.clone())));
                }
            }
            all
        };
        let base = facts(0);
        for side in 1..report.sides.len() {
            let other = facts(side);
            let differing: Vec<String> = base
                .iter()
                .filter(|(k, _)| !VOLATILE.contains(&k.as_str()))
                .filter_map(|(k, v)| other.get(k).filter(|w| *w != v).map(|w| alloc::format!("{k}: {v} / {w}")))
                .collect();
            if !differing.is_empty() {
                let finding = self.add("environment-differs", differing.len() as f64);
                finding.side = Some(side as u32);
                finding.names = differing.into_iter().take(10).map(|t| t.chars().take(160).collect()).collect();
            }
        }
    }

    fn runs(&mut self, runs: &[(usize, Run)], members: &[Member]) {
        for (index, (input, run)) in runs.iter().enumerate() {
            for (arm_index, arm) in run.arms.iter().enumerate() {
                let forks = || run.forks.iter().filter(|f| f.arm as usize == arm_index);
                let side =
                    members.iter().find(|m| m.run == index && m.arm as usize == arm_index).map(|m| m.side as u32);
                let count = |mark: Mark| forks().filter(|f| f.marks.has(mark)).count();
                let failed = count(Mark::Failed);
                let throttled =
                    forks().filter(|f| f.known().evidence.0.get("throttled_periods").is_some_and(|v| *v > 0.0)).count();
                let interrupted = count(Mark::Interrupted);
                let facts = [
                    ("failed-forks", failed),
                    ("ignored-failures", count(Mark::IgnoredFailure)),
                    ("throttled", throttled),
                    ("interrupted", interrupted),
                ];
                for (rule, n) in facts.into_iter().filter(|(_, n)| *n > 0) {
                    let finding = self.add(rule, n as f64);
                    finding.input = Some(*input as u32);
                    finding.side = side;
                    if !arm.name.is_empty() {
                        finding.names.push(arm.name.clone());
                    }
                }
            }
        }
    }

    /// S10: where collecting is a part of the work, none of it is left out.
    #[cfg(feature = "full")]
    fn collecting(&mut self) {
        let report = self.report;
        for evidence in &report.evidence {
            for side in 0..report.sides.len() as u32 {
                let bound = || evidence.biases.iter().filter(|b| b.side == side && b.gc_bound);
                let (biased, all) = bound().fold((0, 0), |(b, n), bias| (b + bias.biased, n + bias.iterations));
                if all > 0 {
                    let finding = self.add("gc-bound", biased as f64 / all as f64);
                    finding.side = Some(side);
                    finding.input = Some(evidence.input);
                    finding.evidence.insert("processes".to_string(), bound().count() as f64);
                }
            }
        }
    }

    fn profiles(&mut self) {
        let report = self.report;
        for (index, profile) in report.profiles.iter().enumerate() {
            let checks = [
                ("profile-few-samples", profile.samples as f64, "min_samples"),
                ("profile-unrooted", profile.quality.rooted, "min_rooted"),
                ("profile-unsymbolized", profile.quality.symbolized, "min_symbolized"),
            ];
            // Only profiles of running code have a rate and a main; a heap has neither.
            let is_cpu = profile.sample_types.iter().any(|t| matches!(t.name.as_str(), "cpu" | "samples"));
            for (rule, observed, name) in checks {
                if is_cpu && observed < self.limit(rule, name) {
                    let finding = self.add(rule, observed);
                    finding.profile = Some(index as u32);
                    finding.side = profile.side;
                    finding.input = Some(profile.input);
                }
            }
        }
    }
}
