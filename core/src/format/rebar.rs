//! The measurements that `rebar measure` writes: one row a benchmark and engine.

use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::{self, Builder, Stated};
use crate::format::text::{amount, field, record, seconds};
use crate::format::{Content, holds};
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^name,model,rebar_version,engine,"]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("rebar", "one process"), read_all)
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    let (mut rest, mut names, mut fields) = (text, Vec::new(), Vec::new());
    record(&mut rest, b',', &mut names);
    names.truncate(MAX_COLUMNS);
    let mut index = 0;
    while record(&mut rest, b',', &mut fields) {
        index += 1;
        b.line(index);
        let of = |name: &str| field(&names, &fields, name);
        let time = |name: &str| seconds(of(name)).unwrap_or(f64::NAN);
        b.benchmark("", of("name"));
        b.param("engine", of("engine"));
        b.param("model", of("model"));
        if !of("err").is_empty() {
            b.note(NoticeCode::FailedBenchmark);
        } else if !of("name").is_empty() {
            let slot = b.series("time", "s/op");
            let n = amount(of("iters")).map_or(f64::NAN, |(n, _)| n);
            let said =
                Stated { n, mean: time("mean"), std_dev: time("stddev"), median: time("median"), ..Stated::NONE };
            b.summary(slot, &said);
        }
    }
}

/// Columns at most.
const MAX_COLUMNS: usize = 100;
