//! Units and configuration of Go benchmark text.

use std::collections::BTreeMap;

use noisefloor_core::model::{Assumption, Run};
use noisefloor_core::unit::{Better, Quantity, tidy};

use crate::convert::arms::Joined;
use crate::convert::go_bench::NANO;
use crate::convert::go_bench::names::{clean, word};
use crate::convert::{Lost, Unique};

/// The unit of a metric as it is written, with what a reader multiplies by.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct GoUnit {
    pub(super) text: String,
    pub(super) factor: f64,
}

/// By metric and base unit.
pub(super) type Units<'a> = BTreeMap<(&'a str, &'a str), GoUnit>;

/// A unit for each metric, different ones for different metrics.
pub(super) fn units<'a>(joined: &Joined<'a>, lost: &mut Lost) -> Units<'a> {
    let mut out: Units<'a> = BTreeMap::new();
    let mut unique = Unique::new();
    let mut timed = false;
    let mut renamed = 0;
    for series in joined.parts.iter().flat_map(|p| &p.run.series) {
        let key = (series.key.metric.as_str(), series.unit.name.as_str());
        if out.contains_key(&key) {
            continue;
        }
        let is_time = series.unit.quantity == Quantity::Time && matches!(key.1, "s" | "s/op");
        let is_time = key.0 == "time" && is_time && !timed;
        timed |= is_time;
        let text = if is_time { "ns/op".to_string() } else { unit_text(key.0, key.1) };
        // What a reader makes of it must differ; `ns/op` and `s/op` would be one metric.
        let text = unique.name(text, |text, n| format!("{n}-{text}"), &|text| tidy(text).unit.name);
        let unit = GoUnit { factor: if is_time { NANO } else { 1.0 }, text };
        renamed += u64::from(unit.factor == 1.0 && tidy(&unit.text).unit.name != key.0);
        out.insert(key, unit);
    }
    lost.add(renamed, "metrics whose name is now that of their unit");
    out
}

/// A unit that a reader takes for the metric and leaves the values as they are.
fn unit_text(metric: &str, unit: &str) -> String {
    let own = word(unit);
    let text = match metric {
        _ if metric == unit && !own.is_empty() => own,
        "" => own,
        _ if own.is_empty() => word(metric),
        _ => format!("{}-{own}", word(metric).replace('/', "_")),
    };
    let text = if text.is_empty() { "value".to_string() } else { text };
    // What reading would scale is put in brackets.
    if tidy(&text).factor == 1.0 { text } else { format!("[{text}]") }
}

/// `Unit` lines: directions that the unit alone does not tell, and what is exact.
pub(super) fn metadata(joined: &Joined<'_>, units: &Units<'_>, lost: &mut Lost) -> Vec<String> {
    let mut said: BTreeMap<&str, (Better, Assumption)> = BTreeMap::new();
    let mut out = Vec::new();
    for series in joined.parts.iter().flat_map(|p| &p.run.series) {
        let Some(unit) = units.get(&(series.key.metric.as_str(), series.unit.name.as_str())) else { continue };
        let own = (series.better, series.assumption);
        if let Some(first) = said.get(unit.text.as_str()) {
            lost.add(u64::from(*first != own), "metrics whose direction differs from that of another benchmark");
            continue;
        }
        said.insert(&unit.text, own);
        let usual = tidy(&unit.text).better;
        match series.better {
            better if better == usual => {}
            Better::Lower => out.push(format!("Unit {} better=lower", unit.text)),
            Better::Higher => out.push(format!("Unit {} better=higher", unit.text)),
            Better::Unknown => lost.add(1, "metrics stated to have no direction"),
        }
        match series.assumption {
            Assumption::Exact => out.push(format!("Unit {} assume=exact", unit.text)),
            Assumption::Varies => lost.add(1, "metrics known to vary from process to process"),
            Assumption::Sampled => {}
        }
    }
    out
}

/// Facts as configuration: keys in lower case and without blanks.
pub(super) fn facts(run: &Run, lost: &mut Lost) -> BTreeMap<String, String> {
    let mut out = BTreeMap::new();
    let tool = [("tool", run.tool.as_str())].into_iter().filter(|(_, tool)| !tool.is_empty() && *tool != "go test");
    for (key, value) in tool.chain(run.environment.iter()).filter(|(key, _)| *key != "pkg") {
        let own: String = key.to_lowercase().chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
        let own = if own.starts_with(char::is_lowercase) { own } else { format!("x{own}") };
        let fits = !own.contains(char::is_uppercase) && !clean(value).is_empty();
        if fits && !out.contains_key(&own) {
            out.insert(own, clean(value));
        } else {
            lost.add(1, "facts about the machine");
        }
    }
    out
}
