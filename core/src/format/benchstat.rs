//! `benchstat -format csv`: medians and the half widths of their intervals, one column a side.

use alloc::string::{String, ToString};
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Slot, Stated};
use crate::format::go_bench::split_name;
use crate::format::text::{amount, cut, record};
use crate::format::{Content, holds};
use crate::model::Arm;
use crate::number;
use crate::source::{Parsed, Source};
use crate::unit::tidy;

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["\n,", ",CI"]) && holds(bytes, &["/op,CI"]) { 75 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("benchstat", "one column of a table"), read_all)
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    b.run.arms.clear();
    let (mut rest, mut suite, mut index) = (text, String::new(), 0);
    let (mut fields, mut header): (Vec<String>, Vec<String>) = (Vec::new(), Vec::new());
    // Units of the columns of values in the present table, with their arms.
    let mut columns: Vec<(usize, String, u32)> = Vec::new();
    while record(&mut rest, b',', &mut fields) {
        b.line(index);
        index += 1;
        let name = fields.first().map_or("", String::as_str);
        if fields.len() == 1 {
            if let Some(package) = name.strip_prefix("pkg: ") {
                suite = package.to_string();
            }
            columns.clear();
        } else if name.is_empty() && fields.get(2).is_some_and(|field| field == "CI") {
            columns.clear();
            for (at, unit) in fields.iter().enumerate().skip(1) {
                if fields.get(at + 1).is_some_and(|next| next == "CI") {
                    let arm = columns.len() as u32;
                    if b.run.arms.len() == columns.len() {
                        let name = header.get(at).cloned().unwrap_or_default();
                        b.run.arms.push(Arm { name, ..Arm::default() });
                    }
                    columns.push((at, unit.clone(), arm));
                }
            }
        } else if name.is_empty() {
            header = core::mem::take(&mut fields);
        } else if name != "geomean" {
            row(b, &suite, &fields, &columns);
        }
    }
}

fn row(b: &mut Builder<'_>, suite: &str, fields: &[String], columns: &[(usize, String, u32)]) {
    let field = |at: usize| fields.get(at).map_or("", String::as_str);
    let (benchmark, params) = split_name(field(0));
    b.benchmark(suite, &benchmark);
    b.params(params);
    let n = fields.last().and_then(|last| amount(cut(last, "n=")?.1)).map_or(f64::NAN, |(n, _)| n);
    let mut slot: Option<Slot> = None;
    for (at, unit, arm) in columns.iter().take_while(|(at, ..)| *at < fields.len()) {
        let Some(median) = number::parse(field(*at).as_bytes()) else { continue };
        let metric = if unit == "sec/op" { "time".to_string() } else { tidy(unit).unit.name };
        let slot = *slot.get_or_insert_with(|| b.series(&metric, unit));
        let share = field(at + 1).strip_suffix('%').and_then(|share| number::parse(share.as_bytes()));
        let half = share.map_or(f64::NAN, |share| median * share / 100.0);
        b.arm = *arm;
        b.summary(slot, &Stated { n, median, half, ..Stated::NONE });
    }
}
