//! The measurements that `rebar measure` writes: one row a benchmark and engine.

use alloc::string::String;
use alloc::vec::Vec;

use crate::error::ParseError;
use crate::format::build::Builder;
use crate::format::text::{record, seconds};
use crate::format::{Content, holds};
use crate::model::Aggregate;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["^name,model,rebar_version,engine,"]) { 95 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "rebar", "one process");
    let text = b.text();
    let (mut rest, mut names, mut fields) = (&*text, Vec::new(), Vec::new());
    record(&mut rest, ',', &mut names);
    let column = |name: &str| names.iter().position(|n: &String| n == name).unwrap_or(usize::MAX);
    let columns = ["name", "model", "engine", "err", "iters", "mean", "stddev", "median"].map(column);
    let mut index = 0;
    while record(&mut rest, ',', &mut fields) {
        index += 1;
        b.line(index);
        let [name, model, engine, failed, n, mean, std_dev, median] =
            columns.map(|at| fields.get(at).map_or("", String::as_str));
        b.benchmark("", name);
        b.param("engine", engine);
        b.param("model", model);
        if !failed.is_empty() {
            b.note(NoticeCode::FailedBenchmark);
        } else if let Some(mean) = seconds(mean) {
            let slot = b.series("time", "s/op");
            let (n, std_dev, median) = (n.parse().ok(), seconds(std_dev), seconds(median));
            b.summary(slot, Aggregate { n, mean, std_dev, median, interval: None });
        } else if !name.is_empty() {
            b.note(NoticeCode::BrokenLine);
        }
    }
    b.finish()
}
