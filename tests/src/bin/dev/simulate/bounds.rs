//! What our rules have to keep. A bound is missed when the 95 % interval of its rate says so.

use crate::experiment::{EFFECTS, Families};
use crate::intervals::{Bound, Coverage};
use crate::peers::PEERS;
use crate::rate::{Rate, Tally};
use crate::scenario::Scenario;
use crate::stopped::Stops;

/// The bounds of one scenario that are missed, in words.
pub(crate) fn missed(scenario: &Scenario, ours: &[Tally], others: &[Vec<Tally>]) -> Vec<String> {
    let mut out = Vec::new();
    let mut must = |holds: bool, what: &str, rate: Rate| {
        if !holds {
            out.push(format!("{}: {what}: {rate} %", scenario.name));
        }
    };
    let null = ours[0];
    let alarms = null.alarms();
    must(alarms.interval().1 <= 0.06, "0 excluded on identical code, upper limit at most 6 %", alarms);
    if scenario.normal {
        must(alarms.interval().1 >= 0.03, "0 excluded on identical code, not below 3 %", alarms);
    }
    must(null.gates().interval().0 <= 0.01, "regressed or improved on identical code at most 1 %", null.gates());
    for ((effect, margin), tally) in EFFECTS.into_iter().zip(ours) {
        let (low, high) = tally.coverage().interval();
        must(high >= 0.93 && low <= 0.97, &format!("coverage 93 to 97 % at {} %", effect * 100.0), tally.coverage());
        if effect == margin {
            let what = format!("false equivalent at {} %, interval not above 5 %", effect * 100.0);
            must(tally.sames().interval().0 <= 0.05, &what, tally.sames());
        }
    }
    let two = EFFECTS.iter().position(|(effect, _)| *effect == 0.02).unwrap_or(0);
    let power = ours[two].found();
    if scenario.name == "reference" {
        must(power.share() >= 0.8, "power at 2 % at least 80 %", power);
    }
    for (peer, tallies) in PEERS.iter().zip(others) {
        let theirs = tallies[two].found();
        let valid = tallies[0].alarms().interval().0 <= 0.05;
        let what = format!("power at 2 % not below {} with {theirs} %", peer.name);
        must(!valid || power.interval().1 >= theirs.interval().0, &what, power);
    }
    out
}

/// The bounds of families that are missed.
pub(crate) fn missed_by_families(families: &Families) -> Vec<String> {
    let mut out = Vec::new();
    if families.null.interval().1 > 0.05 {
        out.push(format!("family: upper limit at most 5 %: {} %", families.null));
    }
    // Here 5 % is what the rule aims at: its interval may reach above.
    if families.at_margin.interval().0 > 0.05 {
        out.push(format!("family at the margin, interval not above 5 %: {} %", families.at_margin));
    }
    out
}

/// The bounds of one rule that stops early.
pub(crate) fn missed_by_stopping(stops: &Stops) -> Vec<String> {
    let mut out = Vec::new();
    let mut at_most = |what: &str, rate: Rate| {
        if rate.interval().0 > 0.052 {
            out.push(format!("{}, {}: {what}, at most 5.2 %: {rate} %", stops.rule, stops.noise.name));
        }
    };
    at_most("a change called on identical code", stops.false_change);
    for (what, rate) in ["called slower", "called equivalent"].into_iter().zip(stops.at_margin.into_iter().flatten()) {
        at_most(&format!("{what} at the margin"), rate);
    }
    if let Some(rate) = stops.coverage {
        at_most("the interval misses the truth", Rate { hits: rate.trials - rate.hits, ..rate });
    }
    out
}

/// The bound of one kind of interval: what it says of itself less 2 %; and at most 97 %, or what it says.
pub(crate) fn missed_by_interval(found: &Coverage) -> Option<String> {
    let (low, high) = found.rate.interval();
    let enough = high >= found.stated - 0.02;
    let holds = match found.bound {
        Bound::Both => enough && low <= found.stated.max(0.97),
        Bound::AtLeast => enough,
        Bound::Shown => true,
    };
    let stated = found.stated * 100.0;
    // A method that gives an interval only where the data please has no coverage to speak of.
    if found.bound != Bound::Shown && found.rate.trials < found.trials / 2 {
        return Some(format!("{}: {} intervals in {} trials", found.name, found.rate.trials, found.trials));
    }
    (!holds).then(|| format!("{}: stated {stated:.1} %, coverage {} %", found.name, found.rate))
}
