//! Stopping early: the verdicts of the log so far, at the looks that its header plans (STATISTICS S14).

use std::path::Path;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::log::StoppingPlan;
use noisefloor_core::report::Verdict;
use noisefloor_core::source::Source;
use noisefloor_core::stats::stopping::planned_looks;

use crate::run::RunError;

/// The plan for at most so many blocks, with the error rate and the margin of the settings.
pub(super) fn plan(cap: u32, config: &AnalysisConfig) -> StoppingPlan {
    StoppingPlan {
        rule: "group_sequential".into(),
        spending: "obrien_fleming_like".into(),
        looks: planned_looks(u64::from(cap)),
        cap: u64::from(cap),
        // As people write it: 0.05, not what subtraction leaves.
        alpha: ((1.0 - config.stats.confidence) * 1e12).round() / 1e12,
        margin: config.stats.margin,
    }
}

/// What a look found.
pub(super) struct Look {
    /// Whether every primary row has its verdict.
    pub(super) decided: bool,
    /// In words, for the log and the user.
    pub(super) text: String,
}

/// Looks at a log where the plan says so.
pub(super) struct Watch<'a> {
    plan: &'a StoppingPlan,
    config: AnalysisConfig,
}

impl<'a> Watch<'a> {
    /// Judges by the settings, but with the error rate and the margin of the plan.
    pub(super) fn new(plan: &'a StoppingPlan, config: &AnalysisConfig) -> Watch<'a> {
        let mut config = AnalysisConfig { compare: true, ..config.clone() };
        config.stats.confidence = 1.0 - plan.alpha;
        config.stats.margin = plan.margin;
        Watch { plan, config }
    }

    /// What the log says after so many closed blocks; `None` where no look is planned.
    pub(super) fn look(&self, log: &Path, blocks: u32) -> Result<Option<Look>, RunError> {
        let Some(at) = self.plan.looks.iter().position(|n| *n == u64::from(blocks)) else { return Ok(None) };
        let bytes = std::fs::read(log).map_err(|error| RunError::Log { path: log.to_path_buf(), error })?;
        let report = analyze(&[Input { source: Source { name: "", bytes: &bytes }, side: None }], &self.config);
        let rows = report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons);
        let verdicts: Vec<Verdict> = rows.map(|c| c.verdict).filter(|v| *v != Verdict::NotComparable).collect();
        let open = verdicts
            .iter()
            .filter(|v| !matches!(v, Verdict::Regressed | Verdict::Improved | Verdict::Equivalent))
            .count();
        let decided = open == 0 && !verdicts.is_empty();
        let (number, all) = (at + 1, self.plan.looks.len());
        let found = if decided { "decided".to_string() } else { format!("{open} of {} not decided", verdicts.len()) };
        let text = format!(
            "group sequential rule: {found} at look {number} of {all}, after {blocks} of at most {} blocks",
            self.plan.cap
        );
        Ok(Some(Look { decided, text }))
    }
}
