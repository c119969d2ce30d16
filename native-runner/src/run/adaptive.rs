//! Stopping early: the verdicts of the log so far, at the looks that its header plans or after every block
//! (STATISTICS S14).

use std::path::Path;

use noisefloor_core::AnalysisConfig;
use noisefloor_core::analyze::{Input, analyze};
use noisefloor_core::log::StoppingPlan;
use noisefloor_core::report::Verdict;
use noisefloor_core::source::Source;
use noisefloor_core::stats::sequential::ANY_TIME_START;
use noisefloor_core::stats::stopping::planned_looks;

use crate::run::RunError;

/// By which rule a run ends early.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Adaptive {
    /// At few looks that are planned before the first block.
    Looks,
    /// After any block.
    AnyTime,
    /// After any block, by bets on signs.
    Signs,
}

/// Blocks from which on bets on signs are looked at: fewer have too little capital for a verdict.
const SIGNS_START: u64 = 5;

/// Blocks up to which an any-time rule looks after each; beyond, after every fiftieth part of them, since each
/// look reads the whole log.
const EACH: u64 = 100;

/// The plan for at most so many blocks, with the error rate and the margin of the settings.
pub(super) fn plan(rule: Adaptive, cap: u32, config: &AnalysisConfig) -> StoppingPlan {
    let cap = u64::from(cap);
    let (rule, spending, looks) = match rule {
        Adaptive::Looks => ("group_sequential", "obrien_fleming_like", planned_looks(cap)),
        Adaptive::AnyTime => ("confidence_sequence", "normal_mixture", Vec::new()),
        Adaptive::Signs => ("sign_bets", "five_stakes", Vec::new()),
    };
    StoppingPlan {
        rule: rule.into(),
        spending: spending.into(),
        looks,
        cap,
        // As people write it: 0.05, not what subtraction leaves.
        alpha: ((1.0 - config.stats.confidence) * 1e12).round() / 1e12,
        margin: config.stats.margin,
    }
}

/// Whether a run under this plan may end after any block, and so may go on after any, too.
pub(super) fn is_any_time(plan: &StoppingPlan) -> bool {
    plan.rule == "confidence_sequence" || is_signs(plan)
}

fn is_signs(plan: &StoppingPlan) -> bool {
    plan.rule == "sign_bets"
}

/// What a rule that may end a run after any block is called.
pub(super) fn name(plan: &StoppingPlan) -> &'static str {
    if is_signs(plan) { "bets on signs" } else { "any-time rule" }
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
    /// The most blocks: those of the plan, or more where an any-time run goes on.
    most: u64,
    config: AnalysisConfig,
}

impl<'a> Watch<'a> {
    /// Judges by the settings, but with the error rate and the margin of the plan.
    pub(super) fn new(plan: &'a StoppingPlan, most: u32, config: &AnalysisConfig) -> Watch<'a> {
        let mut config = AnalysisConfig { compare: true, ..config.clone() };
        config.stats.confidence = 1.0 - plan.alpha;
        config.stats.margin = plan.margin;
        Watch { plan, most: u64::from(most), config }
    }

    /// What the log says after so many closed blocks; `None` where no look is planned.
    pub(super) fn look(&self, log: &Path, blocks: u32) -> Result<Option<Look>, RunError> {
        let n = u64::from(blocks);
        let any_time = is_any_time(self.plan);
        let at = self.plan.looks.iter().position(|look| *look == n);
        let start = if is_signs(self.plan) { SIGNS_START } else { ANY_TIME_START };
        let due = n >= start && (n <= EACH || n % (n / 50) == 0) || n == self.most;
        if at.is_none() && !(any_time && due) {
            return Ok(None);
        }
        let bytes = std::fs::read(log).map_err(|error| RunError::Log { path: log.to_path_buf(), error })?;
        let report = analyze(&[Input { source: Source { name: "", bytes: &bytes }, side: None }], &self.config);
        let rows = report.rows.iter().filter(|r| r.primary).flat_map(|r| &r.comparisons);
        let verdicts: Vec<Verdict> = rows.map(|c| c.verdict).filter(|v| *v != Verdict::NotComparable).collect();
        let open = verdicts
            .iter()
            .filter(|v| !matches!(v, Verdict::Regressed | Verdict::Improved | Verdict::Equivalent))
            .count();
        let decided = open == 0 && !verdicts.is_empty();
        let found = if decided { "decided".to_string() } else { format!("{open} of {} not decided", verdicts.len()) };
        let cap = self.most;
        let text = match at {
            Some(at) => format!(
                "group sequential rule: {found} at look {} of {}, after {blocks} of at most {cap} blocks",
                at + 1,
                self.plan.looks.len()
            ),
            None => format!("{}: {found} after {blocks} of at most {cap} blocks", name(self.plan)),
        };
        Ok(Some(Look { decided, text }))
    }
}
