//! Percentiles of HdrHistogram (`.hgrm`): values with how many were at most as large. Between two
//! rows every value counts as the larger one, so that quantiles at the rows are exact.

use crate::error::ParseError;
use crate::format::build::Builder;
use crate::format::{Content, holds};
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    let table = holds(bytes, &["^Value", "Percentile", "TotalCount"]);
    if table || holds(bytes, &["^\"Value\"", "\"Percentile\"", "\"TotalCount\""]) { 90 } else { 0 }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    let mut b = Builder::new(source, "HdrHistogram", "one histogram");
    let text = b.text();
    let file = b.name().rsplit(['/', '\\']).next().unwrap_or("");
    b.benchmark("", file.rsplit_once('.').map_or(file, |(stem, _)| stem));
    b.note(NoticeCode::NameFromPath);
    // The file does not say of what.
    let slot = b.series("value", "");
    let (mut before, mut total) = (0, None);
    for (index, line) in text.lines().enumerate().skip(1) {
        b.line(index);
        let mut words = line.split([' ', '\t', ',']).filter(|word| !word.is_empty());
        if line.trim_start().starts_with('#') {
            let count = line.split_once("Total count").and_then(|(_, rest)| rest.split(['=', ']']).nth(1));
            total = count.and_then(|text| text.trim().parse::<u64>().ok()).or(total);
            continue;
        }
        let Some(value) = words.next() else { continue };
        let count = words.nth(1).and_then(|word| word.parse::<u64>().ok());
        match (number::parse(value.as_bytes()), count) {
            (Some(value), Some(count)) if count >= before => {
                if count > before {
                    b.counted(slot, value, 0, count - before);
                }
                before = count;
            }
            _ => b.note(NoticeCode::BrokenLine),
        }
    }
    if total.is_some_and(|total| total != before) {
        b.note(NoticeCode::Truncated);
    }
    b.finish()
}
