//! Names of benchmarks in a log, which has one suite and one set of parameters.

use std::collections::{BTreeMap, BTreeSet};

use noisefloor_core::model::SeriesKey;

use crate::convert::arms::Joined;
use crate::convert::{Lost, Unique};

/// What the log calls each benchmark.
pub(super) struct Names<'a> {
    /// Suite and parameters that all series have.
    pub(super) suite: &'a str,
    pub(super) params: BTreeMap<String, String>,
    /// By suite, name and parameters; `None` where one name, in the header, is that of all.
    by_key: Option<BTreeMap<Benchmark<'a>, String>>,
    /// That name.
    pub(super) only: &'a str,
}

type Benchmark<'a> = (&'a str, &'a str, &'a BTreeMap<String, String>);

fn benchmark(key: &SeriesKey) -> Benchmark<'_> {
    (&key.suite, &key.benchmark, &key.params)
}

impl<'a> Names<'a> {
    pub(super) fn of(joined: &Joined<'a>, lost: &mut Lost) -> Names<'a> {
        let all: BTreeSet<Benchmark<'a>> =
            joined.parts.iter().flat_map(|p| p.run.series.iter().map(|s| benchmark(&s.key))).collect();
        let first = all.first().copied();
        let alike = all.iter().all(|(suite, _, params)| first.is_some_and(|f| f.0 == *suite && f.2 == *params));
        let (suite, only) = first.filter(|_| alike).map_or(("", ""), |(suite, name, _)| (suite, name));
        let params = first.filter(|_| alike).map_or_else(BTreeMap::new, |(_, _, params)| params.clone());
        if alike && all.len() == 1 {
            return Names { suite, params, by_key: None, only };
        }
        let mut unique = Unique::new();
        let mut names = BTreeMap::new();
        let mut changed = 0;
        for key @ (own, name, params) in all {
            let mut text = name.to_string();
            if !alike {
                params.iter().for_each(|(k, v)| text.push_str(&format!("/{k}={v}")));
                if !own.is_empty() {
                    text = if text.is_empty() { own.to_string() } else { format!("{own}.{text}") };
                }
                changed += u64::from(text != name);
            }
            let text = unique.name(text, |text, n| format!("{text} ({n})"), &str::to_string);
            names.insert(key, text);
        }
        lost.add(changed, "benchmarks whose suite and parameters are now a part of the name");
        Names { suite, params, by_key: Some(names), only: "" }
    }

    /// The name of a series' benchmark; `None`: that of the header.
    pub(super) fn get(&self, key: &SeriesKey) -> Option<String> {
        self.by_key.as_ref().and_then(|names| names.get(&benchmark(key)).cloned())
    }
}
