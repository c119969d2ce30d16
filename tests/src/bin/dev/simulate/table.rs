//! Results as Markdown that can be read in a terminal.

use crate::experiment::{BENCHMARKS, Counts, EFFECTS, Families, ON_FILES};
use crate::intervals::{Bound, Coverage};
use crate::peers::PEERS;
use crate::rate::{Rate, Tally};
use crate::scenario::{FAMILY, Scenario};
use crate::stopped::{CAP, Stops};

/// One scenario's results.
pub(crate) struct Outcome<'a> {
    pub(crate) scenario: &'a Scenario,
    pub(crate) ours: Vec<Tally>,
    pub(crate) others: Vec<Vec<Tally>>,
}

impl Outcome<'_> {
    /// Per rule its name and tallies: ours, peers, ours on files.
    fn rules(&self) -> impl Iterator<Item = (&str, &[Tally])> {
        let names = PEERS.iter().map(|p| p.name).chain(ON_FILES.iter().map(|f| f.0));
        let others = names.zip(self.others.iter().map(Vec::as_slice));
        std::iter::once(("noisefloor", self.ours.as_slice())).chain(others)
    }
}

fn at(tallies: &[Tally], percent: f64) -> Tally {
    let place = EFFECTS.iter().position(|(effect, _)| *effect == percent / 100.0);
    place.and_then(|p| tallies.get(p)).copied().unwrap_or_default()
}

/// A table whose first `left` columns are words.
fn table(header: &[&str], rows: &[Vec<String>], left: usize) -> String {
    let cell = |row: &[String], column: usize| row.get(column).cloned().unwrap_or_default();
    let lines: Vec<Vec<String>> =
        std::iter::once(header.iter().map(|h| (*h).to_string()).collect()).chain(rows.iter().cloned()).collect();
    let widest = |column: usize| lines.iter().map(|l| cell(l, column).chars().count()).max().unwrap_or(0);
    let widths: Vec<usize> = (0..header.len()).map(widest).collect();
    let mut out = String::new();
    for (number, line) in lines.iter().enumerate() {
        for (column, width) in widths.iter().enumerate() {
            out += &format!("| {:<width$} ", cell(line, column));
        }
        out += "|\n";
        if number == 0 {
            for (column, width) in widths.iter().enumerate() {
                out += &format!("|{}{}", "-".repeat(width + 1), if column < left { "-" } else { ":" });
            }
            out += "|\n";
        }
    }
    out + "\n"
}

/// Everything as Markdown; `details` adds a table of every rule for all scenarios, not for the
/// reference alone.
pub(crate) fn document(
    outcomes: &[Outcome<'_>],
    families: Option<&Families>,
    (counts, seed): (&Counts, u64),
    details: bool,
) -> String {
    let mut out = String::new();
    if !outcomes.is_empty() {
        out += &of_scenarios(outcomes, counts, seed);
    }
    for outcome in outcomes.iter().filter(|o| details || o.scenario.name == "reference") {
        out += &of_rules(outcome);
    }
    if let Some(families) = families {
        out += &of_families(families, counts);
    }
    out.trim_end().to_string() + "\n"
}

fn of_scenarios(outcomes: &[Outcome<'_>], counts: &Counts, seed: u64) -> String {
    let mut out = format!(
        "Rates in percent with their exact 95 % interval (Clopper and Pearson); {} trials of our rules where nothing \
         changed and {} per slowdown, {} of every other rule; seed {seed}.\n\n",
        counts.nulls, counts.effects, counts.peers
    );
    let described = |o: &Outcome<'_>| {
        let blocks = format!("{} × {}", o.scenario.blocks, o.scenario.iterations);
        vec![o.scenario.name.to_string(), blocks, o.scenario.about.to_string()]
    };
    let rows: Vec<Vec<String>> = outcomes.iter().map(described).collect();
    out += &table(&["scenario", "blocks × iterations", "noise (standard deviations)"], &rows, 3);
    out += "**noisefloor, interleaved blocks.** Margin 1 %, in the third column from the right 3 %.\n\n";
    let header = [
        "scenario",
        "same code: 0 excluded",
        "same code: regressed or improved",
        "the interval holds the truth",
        "same code: equivalent",
        "1 % slower: equivalent",
        "3 % slower: equivalent",
        "2 % slower: regressed",
        "5 % slower: regressed",
    ];
    let row = |o: &Outcome<'_>| {
        let [null, one, two, three, five] = [0.0, 1.0, 2.0, 3.0, 5.0].map(|p| at(&o.ours, p));
        let rates = [null.alarms(), null.gates(), null.coverage(), null.sames(), one.sames(), three.sames()];
        let rates = rates.into_iter().chain([two.regressions(), five.regressions()]);
        [o.scenario.name.to_string()].into_iter().chain(rates.map(|r| r.to_string())).collect()
    };
    out += &table(&header, &outcomes.iter().map(row).collect::<Vec<_>>(), 1);
    out += "**Same code, called changed.**\n\n";
    out += &by_scenario(outcomes, |tallies| at(tallies, 0.0).alarms().to_string());
    out += "**2 % slower, called slower.** In parentheses where the rule calls the same code changed in more than 5 %: \
            what it finds there proves nothing.\n\n";
    out += &by_scenario(outcomes, |tallies| {
        let found = at(tallies, 2.0).found();
        if at(tallies, 0.0).alarms().interval().0 > 0.05 { format!("({found})") } else { found.to_string() }
    });
    out
}

/// Every rule in one scenario.
fn of_rules(outcome: &Outcome<'_>) -> String {
    let header = [
        "rule",
        "1 % slower: slower",
        "2 % slower: slower",
        "3 % slower: slower",
        "5 % slower: slower",
        "2 % slower: faster",
        "1 % slower: no change",
    ];
    let row = |(name, tallies): (&str, &[Tally])| {
        let found = [1.0, 2.0, 3.0, 5.0].map(|p| at(tallies, p).found().to_string());
        let same = if says_same(name) { at(tallies, 1.0).sames().to_string() } else { "–".to_string() };
        [name.to_string()].into_iter().chain(found).chain([at(tallies, 2.0).wrong().to_string(), same]).collect()
    };
    let rows: Vec<Vec<String>> = outcome.rules().map(row).collect();
    format!("**Scenario `{}`, every rule.**\n\n{}", outcome.scenario.name, table(&header, &rows, 1))
}

/// Whether a rule has words for "no change".
fn says_same(rule: &str) -> bool {
    ["noisefloor", "criterion", "hyperfine", "BenchmarkDotNet"].iter().any(|word| rule.starts_with(word))
}

fn by_scenario(outcomes: &[Outcome<'_>], cell: impl Fn(&[Tally]) -> String) -> String {
    let header: Vec<&str> = std::iter::once("rule").chain(outcomes.iter().map(|o| o.scenario.name)).collect();
    let mut rows: Vec<Vec<String>> = Vec::new();
    for outcome in outcomes {
        for (place, (name, tallies)) in outcome.rules().enumerate() {
            if rows.len() <= place {
                rows.push(vec![name.to_string()]);
            }
            rows[place].push(cell(tallies));
        }
    }
    table(&header, &rows, 1)
}

fn of_families(families: &Families, counts: &Counts) -> String {
    let name = |rule: &str| vec![rule.to_string()];
    let ours = [
        ("noisefloor: regressed or improved, same code", families.null),
        ("noisefloor: regressed, each 1 % slower (the margin)", families.at_margin),
        ("noisefloor: 0 excluded, uncorrected, same code", families.raw),
    ];
    let peers = PEERS.iter().zip(&families.peers);
    let rows: Vec<Vec<String>> = ours
        .into_iter()
        .map(|(rule, rate)| [name(rule), vec![rate.to_string()]].concat())
        .chain(peers.map(|(p, rate)| [name(&format!("{}, same code", p.name)), vec![rate.to_string()]].concat()))
        .collect();
    format!(
        "**At least one false call among {BENCHMARKS} benchmarks** ({}; {} comparisons of ours, {} of every other rule).\n\n{}",
        FAMILY.about,
        counts.families,
        counts.peer_families,
        table(&["rule", "false calls"], &rows, 1)
    )
}

/// Rules that stop early; nothing without any.
pub(crate) fn of_stopping(stops: &[Stops]) -> String {
    if stops.is_empty() {
        return String::new();
    }
    let header = [
        "rule",
        "noise of a block",
        "same code: called changed",
        "1 % slower: called slower",
        "1 % slower: equivalent",
        "2 % slower: the interval holds the truth",
        "2 % slower: slower",
        "same code: blocks",
        "2 % slower: blocks",
    ];
    let shown = |rate: Option<Rate>| rate.map_or("–".to_string(), |r| r.to_string());
    let row = |s: &Stops| {
        let [slower, same] = [0, 1].map(|i| shown(s.at_margin.map(|rates| rates[i])));
        let words = [s.rule, s.noise.name].map(String::from).into_iter();
        let rates = [s.false_change.to_string(), slower, same, shown(s.coverage), s.power.to_string()];
        words.chain(rates).chain(s.blocks.map(|b| format!("{b:.1}"))).collect()
    };
    let rows: Vec<Vec<String>> = stops.iter().map(row).collect();
    format!(
        "**Measurements that may end early** (at most {CAP} blocks; margin 1 %; changed: so decided, or 0 excluded at \
         the end; slower on the right likewise).\n\n{}",
        table(&header, &rows, 2)
    )
}

/// Single kinds of intervals; nothing without any.
pub(crate) fn of_intervals(found: &[Coverage]) -> String {
    if found.is_empty() {
        return String::new();
    }
    let row = |c: &Coverage| {
        let star = if c.bound == Bound::Shown { " *" } else { "" };
        vec![format!("{}{star}", c.name), format!("{:.1}", c.stated * 100.0), c.rate.to_string()]
    };
    let rows: Vec<Vec<String>> = found.iter().map(row).collect();
    format!(
        "**Single intervals.** What each says of itself, and how often it holds the truth. Every one has to hold it as \
         often as it says, less 2 %, but those with a star, whose assumptions are broken here on purpose, which no \
         report shows, or of which next to none appears.\n\n{}",
        table(&["interval", "stated", "holds the truth"], &rows, 1)
    )
}
