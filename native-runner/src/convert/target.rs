//! What can be written, with what each format carries and loses.

use clap::ValueEnum;

/// What a target takes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Benchmark results.
    Results,
    /// Profiles.
    Profiles,
    /// What was found in either.
    Findings,
}

/// A format that is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub enum Target {
    /// Our run log
    NoisefloorLog,
    /// The whole report as JSON
    Report,
    /// One value a line, for spreadsheets and data frames
    Csv,
    /// Tables for a pull request
    Markdown,
    /// Estimates and verdicts for monitoring
    #[value(name = "openmetrics")]
    OpenMetrics,
    /// Go benchmark text, for benchstat
    GoBench,
    /// pprof, compressed
    Pprof,
    /// Folded stacks of one sample type
    Folded,
    /// speedscope JSON
    Speedscope,
}

/// A row of the table of targets.
#[derive(Clone, Copy, Debug)]
pub struct Row {
    /// Which.
    pub target: Target,
    /// What people call it.
    pub name: &'static str,
    /// What it takes.
    pub kind: Kind,
    /// What it carries, in a phrase.
    pub carries: &'static str,
    /// What it loses, in a phrase; empty: nothing.
    pub loses: &'static str,
}

/// Every format that is written.
pub const TARGETS: &[Row] = &[
    Row {
        target: Target::NoisefloorLog,
        name: "noisefloor run log",
        kind: Kind::Results,
        carries: "values to the bit, processes, blocks, lockstep rounds, marks, counters",
        loses: "summaries without values; metrics that gate, but for time; parameters and suites that differ become names",
    },
    Row {
        target: Target::Report,
        name: "report JSON",
        kind: Kind::Findings,
        carries: "every number of the analysis",
        loses: "single values and stacks",
    },
    Row {
        target: Target::Csv,
        name: "CSV, a value a line",
        kind: Kind::Results,
        carries: "values to the bit, summaries, processes, blocks, rounds, marks",
        loses: "facts about the machine, counters of processes",
    },
    Row {
        target: Target::Markdown,
        name: "Markdown table",
        kind: Kind::Findings,
        carries: "verdicts and estimates, rounded",
        loses: "all else",
    },
    Row {
        target: Target::OpenMetrics,
        name: "OpenMetrics text",
        kind: Kind::Findings,
        carries: "means, ratios, their bounds, margins, verdicts",
        loses: "single values, tests, findings but for their number",
    },
    Row {
        target: Target::GoBench,
        name: "Go benchmark text",
        kind: Kind::Results,
        carries: "values of every metric, centers of summaries, processes, units, directions, facts about the machine",
        loses: "blocks, rounds, marks, spreads of summaries; values that take no part are left out",
    },
    Row {
        target: Target::Pprof,
        name: "pprof profile",
        kind: Kind::Profiles,
        carries: "stacks with inlined calls, every sample type, labels",
        loses: "fractions of values; samples of one stack and the same labels are added up; numbers in labels become texts",
    },
    Row {
        target: Target::Folded,
        name: "folded stacks",
        kind: Kind::Profiles,
        carries: "stacks with inlined calls of one sample type",
        loses: "the other sample types, labels, units, values below zero",
    },
    Row {
        target: Target::Speedscope,
        name: "speedscope JSON",
        kind: Kind::Profiles,
        carries: "stacks, every sample type, several profiles",
        loses: "labels, which calls are inlined; names of sample types become names of profiles",
    },
];

impl Target {
    /// Its row in [`TARGETS`].
    #[must_use]
    pub fn row(self) -> &'static Row {
        // A test holds that every target has one.
        TARGETS.iter().find(|row| row.target == self).unwrap_or(&TARGETS[0])
    }

    /// Its stable id.
    #[must_use]
    pub fn id(self) -> String {
        self.to_possible_value().map_or(String::new(), |v| v.get_name().to_string())
    }

    /// Whether it is no text.
    #[must_use]
    pub fn is_binary(self) -> bool {
        self == Target::Pprof
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_target_has_its_row_once() {
        for target in Target::value_variants() {
            assert_eq!(TARGETS.iter().filter(|row| row.target == *target).count(), 1, "{target:?}");
            assert_eq!(target.row().target, *target);
        }
        assert_eq!(TARGETS.len(), Target::value_variants().len());
        assert_eq!(Target::OpenMetrics.id(), "openmetrics");
    }
}
