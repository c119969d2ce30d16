//! Counts of what rules said, and how sure the rates are.

use noisefloor_core::report::{Comparison, Interval, Verdict};
use noisefloor_core::stats::proportion::clopper_pearson;

use crate::ours::interval;
use crate::peers::Call;

/// What a rule said in some trials of one kind.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Tally {
    pub(crate) trials: u64,
    /// 0 excluded, or the peer's call.
    pub(crate) slower: u64,
    pub(crate) faster: u64,
    /// Our verdicts that gate.
    pub(crate) regressed: u64,
    pub(crate) improved: u64,
    /// `equivalent`, or a peer's words for no change.
    pub(crate) same: u64,
    /// The interval holds the truth.
    pub(crate) covered: u64,
    /// Blocks used, where that is for the rule to say.
    pub(crate) blocks: u64,
    /// Intervals that were given at all.
    pub(crate) given: u64,
    /// Confidence that intervals stated, in millionths.
    pub(crate) stated: u64,
}

impl Tally {
    /// Counts a row of ours; `truth` is the true log ratio.
    pub(crate) fn count(&mut self, row: &Comparison, truth: f64) {
        self.trials += 1;
        let (low, high) = interval(row).unwrap_or((f64::NEG_INFINITY, f64::INFINITY));
        self.slower += u64::from(low > 0.0);
        self.faster += u64::from(high < 0.0);
        self.covered += u64::from(low <= truth && truth <= high);
        self.regressed += u64::from(row.verdict == Verdict::Regressed);
        self.improved += u64::from(row.verdict == Verdict::Improved);
        self.same += u64::from(row.verdict == Verdict::Equivalent);
    }

    /// Counts the call of a peer.
    pub(crate) fn call(&mut self, call: Call) {
        self.trials += 1;
        self.slower += u64::from(call == Call::Slower);
        self.faster += u64::from(call == Call::Faster);
        self.same += u64::from(call == Call::Same);
    }

    pub(crate) fn add(&mut self, other: Tally) {
        self.trials += other.trials;
        self.slower += other.slower;
        self.faster += other.faster;
        self.regressed += other.regressed;
        self.improved += other.improved;
        self.same += other.same;
        self.covered += other.covered;
        self.blocks += other.blocks;
        self.given += other.given;
        self.stated += other.stated;
    }

    fn rate(self, hits: u64) -> Rate {
        Rate { hits, trials: self.trials }
    }
    /// Either direction.
    pub(crate) fn alarms(self) -> Rate {
        self.rate(self.slower + self.faster)
    }
    pub(crate) fn gates(self) -> Rate {
        self.rate(self.regressed + self.improved)
    }
    pub(crate) fn found(self) -> Rate {
        self.rate(self.slower)
    }
    pub(crate) fn wrong(self) -> Rate {
        self.rate(self.faster)
    }
    pub(crate) fn regressions(self) -> Rate {
        self.rate(self.regressed)
    }
    pub(crate) fn sames(self) -> Rate {
        self.rate(self.same)
    }
    pub(crate) fn coverage(self) -> Rate {
        self.rate(self.covered)
    }
}

/// A share of trials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rate {
    pub(crate) hits: u64,
    pub(crate) trials: u64,
}

impl Rate {
    pub(crate) fn share(self) -> f64 {
        self.hits as f64 / self.trials.max(1) as f64
    }

    /// Exact 95 % interval; all of [0, 1] without trials.
    pub(crate) fn interval(self) -> (f64, f64) {
        let found = clopper_pearson(self.hits, self.trials, 0.95);
        let bound = |of: fn(Interval) -> Option<f64>, otherwise| found.and_then(of).unwrap_or(otherwise);
        (bound(|i| i.low, 0.0), bound(|i| i.high, 1.0))
    }
}

/// In percent with its interval: `5.0 [4.6, 5.5]`.
impl std::fmt::Display for Rate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        if self.trials == 0 {
            return f.write_str("–");
        }
        let (low, high) = self.interval();
        let digits = usize::from(self.share() < 0.1 || self.share() > 0.9);
        write!(f, "{:.digits$} [{:.digits$}, {:.digits$}]", self.share() * 100.0, low * 100.0, high * 100.0)
    }
}
