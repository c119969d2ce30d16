//! Names of benchmarks as Go allows them.

use std::collections::{BTreeMap, BTreeSet};

use noisefloor_core::model::{SeriesData, SeriesKey};

use crate::convert::arms::Joined;
use crate::convert::go_bench::columns;
use crate::convert::{Lost, Unique};

/// A benchmark of an arm.
pub(super) type Benchmark<'a> = (u32, &'a str, &'a str, &'a BTreeMap<String, String>);

pub(super) fn benchmark(arm: u32, key: &SeriesKey) -> Benchmark<'_> {
    (arm, &key.suite, &key.benchmark, &key.params)
}

/// A name for each benchmark of each arm, different ones for different benchmarks, also when read back.
pub(super) fn names<'a>(joined: &Joined<'a>, lost: &mut Lost) -> BTreeMap<Benchmark<'a>, String> {
    let several = joined.arms.len() > 1;
    let mut all: BTreeSet<Benchmark<'a>> = BTreeSet::new();
    for part in &joined.parts {
        for series in &part.run.series {
            if let SeriesData::Aggregates(list) = &series.data {
                all.extend(list.iter().map(|(own, _)| benchmark(part.arm(*own), &series.key)));
            }
            let forks = columns(series).map_or(&[][..], |c| &c.fork);
            // Neighbours are mostly of one process.
            for own in forks.chunk_by(|a, b| a == b).filter_map(|own| own.first()) {
                all.insert(benchmark(part.arm_of(*own), &series.key));
            }
        }
    }
    let mut unique = Unique::new();
    let mut changed = 0;
    let mut out = BTreeMap::new();
    for key @ (arm, suite, name, params) in all {
        let arm = joined.arms.get(arm as usize).filter(|_| several).map(|a| a.name.as_str());
        let (text, as_it_was) = name_text(name, params, arm);
        let suite = clean(suite);
        let again = |text: &str, n| format!("{text}#{n:02}");
        let own = unique.name(text.clone(), again, &|name| (suite.clone(), canonical(name)));
        changed += u64::from(!as_it_was || own != text);
        out.insert(key, own);
    }
    lost.add(changed, "names of benchmarks changed to what Go allows");
    out
}

/// The name behind `Benchmark`, and whether nothing had to be changed.
fn name_text(name: &str, params: &BTreeMap<String, String>, arm: Option<&str>) -> (String, bool) {
    let mut out = word(name);
    // A number at the end would be taken for that of processors.
    if let Some((head, tail)) = out.rsplit_once('-')
        && !head.is_empty()
        && !tail.is_empty()
        && tail.bytes().all(|b| b.is_ascii_digit())
    {
        out = format!("{head}_{tail}");
    }
    let mut chars = out.chars();
    match chars.next() {
        Some(first) if first.is_lowercase() => {
            let upper: String = first.to_uppercase().collect();
            let safe = if upper.starts_with(char::is_lowercase) { "_" } else { "" };
            out = format!("{safe}{upper}{}", chars.as_str());
        }
        _ => {}
    }
    let mut processors = None;
    let mut as_it_was = out == name;
    for (key, value) in params {
        if key == "gomaxprocs" && !value.is_empty() && value.bytes().all(|b| b.is_ascii_digit()) {
            processors = Some(value);
            continue;
        }
        let (own_key, own_value) = (word(key).replace(['/', '='], "_"), word(value).replace('/', "_"));
        as_it_was &= own_key == *key && own_value == *value && !key.is_empty();
        out.push_str(&format!("/{}={own_value}", if own_key.is_empty() { "_" } else { &own_key }));
    }
    if let Some(arm) = arm {
        let key = if params.contains_key("arm") { "noisefloor_arm" } else { "arm" };
        out.push_str(&format!("/{key}={}", word(arm).replace('/', "_")));
    }
    match processors {
        Some(n) => out.push_str(&format!("-{n}")),
        // The last parameter may end in a number as well.
        None => {
            if let Some((head, tail)) = out.clone().rsplit_once('-')
                && !head.is_empty()
                && !tail.is_empty()
                && tail.bytes().all(|b| b.is_ascii_digit())
            {
                out = format!("{head}_{tail}");
                as_it_was = false;
            }
        }
    }
    if out.is_empty() { ("_".into(), false) } else { (out, as_it_was) }
}

/// Text without blanks and control characters.
pub(super) fn word(text: &str) -> String {
    text.chars().map(|c| if c.is_whitespace() || c.is_control() { '_' } else { c }).collect()
}

/// Text of one line.
pub(super) fn clean(text: &str) -> String {
    let text: String = text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect();
    text.trim().to_string()
}

/// What a reader makes of a name: the parts without parameters, and these by name.
fn canonical(name: &str) -> (String, BTreeMap<String, String>) {
    let (base, processors) = match name.rsplit_once('-') {
        Some((base, n)) if !n.is_empty() && n.bytes().all(|b| b.is_ascii_digit()) => (base, Some(n)),
        _ => (name, None),
    };
    let mut params: BTreeMap<String, String> = BTreeMap::new();
    let mut parts: Vec<&str> = Vec::new();
    for (index, part) in base.split('/').enumerate() {
        match part.split_once('=') {
            Some((key, value)) if index > 0 && !key.is_empty() => {
                params.insert(key.into(), value.into());
            }
            _ => parts.push(part),
        }
    }
    params.extend(processors.map(|n| ("gomaxprocs".to_string(), n.to_string())));
    (parts.join("/"), params)
}

#[cfg(test)]
mod tests {
    use super::name_text;

    #[test]
    fn names_that_go_allows() {
        let params = |list: &[(&str, &str)]| list.iter().map(|(k, v)| (k.to_string(), v.to_string())).collect();
        let check = |name: &str, list: &[(&str, &str)], want: &str, same: bool| {
            assert_eq!(name_text(name, &params(list), None), (want.to_string(), same), "{name}");
        };
        check("Fib/Iter", &[("gomaxprocs", "8"), ("n", "20")], "Fib/Iter/n=20-8", true);
        check("sleep 0.1", &[], "Sleep_0.1", false);
        check("sort-10", &[], "Sort_10", false);
        check("", &[("n", "1-2")], "/n=1_2", false);
        check("", &[], "_", false);
        check("Übung", &[], "Übung", true);
        check("ﬁ", &[], "FI", false);
        check("A", &[("a=b/c", "x/y")], "A/a_b_c=x_y", false);
        assert_eq!(name_text("A", &params(&[("arm", "x")]), Some("new code")).0, "A/arm=x/noisefloor_arm=new_code");
    }
}
