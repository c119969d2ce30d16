//! Benchmarks that are not on every side: new, missing or renamed.

use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;

use crate::config::edit_distance;
use crate::report::{Presence, PresenceKind, ReportRow};

/// What became of the benchmarks that only one of baseline and candidate has, by label.
///
/// A rename is one missing and one new benchmark of the same metric whose names differ by at most
/// 30 % of their letters, where neither has another such partner.
pub(super) fn presence(rows: &[ReportRow], sides: usize) -> Vec<Presence> {
    let mut out = Vec::new();
    for candidate in 1..sides {
        let has = |row: &ReportRow, side: usize| row.sides.get(side).is_some_and(Option::is_some);
        let only = |this: usize, that: usize| -> Vec<&ReportRow> {
            let mut seen: BTreeMap<String, usize> = BTreeMap::new();
            let missing = rows.iter().filter(|r| r.primary && has(r, this) && !has(r, that));
            missing.filter(|r| seen.insert(r.label.clone(), 0).is_none()).collect()
        };
        let missing = only(0, candidate);
        let new = only(candidate, 0);
        let mut taken: BTreeMap<String, usize> = BTreeMap::new();
        let bounded = missing.len().saturating_mul(new.len()) <= 250_000;
        for row in &missing {
            let near = |r: &&&ReportRow| bounded && r.metric == row.metric && similar(&r.label, &row.label);
            let mut partners = new.iter().filter(near);
            let partner = match (partners.next(), partners.next()) {
                (Some(one), None) if missing.iter().filter(|m| similar(&m.label, &one.label)).count() == 1 => Some(one),
                _ => None,
            };
            if let Some(partner) = partner {
                taken.insert(partner.label.clone(), 0);
            }
            out.push(Presence {
                label: row.label.clone(),
                candidate: candidate as u32,
                kind: if partner.is_some() { PresenceKind::Renamed } else { PresenceKind::Missing },
                renamed_to: partner.map(|p| p.label.clone()),
            });
        }
        for row in new.iter().filter(|r| !taken.contains_key(&r.label)) {
            out.push(Presence {
                label: row.label.clone(),
                candidate: candidate as u32,
                kind: PresenceKind::New,
                renamed_to: None,
            });
        }
    }
    out
}

fn similar(a: &str, b: &str) -> bool {
    let length = a.chars().count().max(b.chars().count());
    edit_distance(a, b) * 10 <= length * 3
}
