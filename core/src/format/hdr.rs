//! HdrHistogram: its percentiles (`.hgrm`), and its logs, of which every line is the histogram of an
//! interval.
//!
//! Percentiles are values with how many were at most as large. Between two rows every value counts as
//! the larger one, so that quantiles at the rows are exact.

use alloc::boxed::Box;
use alloc::string::ToString;
use alloc::vec::Vec;

use miniz_oxide::inflate::core::DecompressorOxide;

use crate::error::{ParseError, ParseErrorKind};
use crate::format::build::{self, Builder, Slot};
use crate::format::text::{around, at_last, cut, has, words};
use crate::format::{Content, gzip, holds};
use crate::number;
use crate::source::{NoticeCode, Parsed, Source};

pub(super) fn detect(bytes: &[u8]) -> u8 {
    if holds(bytes, &["Value", "Percentile", "TotalCount", "1/(1-Percentile)"]) { 85 } else { 0 }
}

/// What follows is about the file, or a tag of it.
fn named_by_path(b: &mut Builder<'_>, tag: &str) {
    let (_, file) = at_last(b.name(), b'/');
    let (stem, end) = at_last(file, b'.');
    b.benchmark("", if stem.is_empty() { end } else { stem });
    if !tag.is_empty() {
        b.param("tag", tag);
    }
}

pub(super) fn parse(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("HdrHistogram", "one histogram"), read_all)
}

fn read_all(b: &mut Builder<'_>, text: &str) {
    named_by_path(b, "");
    b.note(NoticeCode::NameFromPath);
    // The file does not say of what.
    let mut slot = b.series("value", "");
    let (mut before, mut total, mut inside, mut share) = (0, None, false, 1.0);
    let mut tables = 0;
    // As it is written for spreadsheets.
    let comma = if has(text, "\"Value\",\"Percentile\"") { ',' } else { ' ' };
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        // Load generators print other things around the table.
        let begins = has(line, "Percentile") && has(line, "TotalCount");
        if begins {
            tables += 1;
        }
        // Some print a second table of what was not corrected for delayed starts.
        if begins && tables > 1 {
            whole(b, before, total, share);
            (before, total, share) = (0, None, 1.0);
            named_by_path(b, "");
            b.param("table", &tables.to_string());
            slot = b.series("value", "");
        }
        if begins || !inside || has(line, "#[Buckets") {
            inside = begins;
            continue;
        }
        if let Some((_, rest)) = cut(line, "Total count") {
            total = words(around(rest, "]").0).last().and_then(|text| text.parse::<u64>().ok());
        }
        let (value, count) = match words(&line.replace(comma, " ")).as_slice() {
            [] => continue,
            [first, ..] if first.starts_with('#') => continue,
            [value, of, count, ..] => {
                share = number::parse(of.as_bytes()).unwrap_or(0.0);
                (number::parse(value.as_bytes()), count.parse::<u64>().ok())
            }
            _ => (None, None),
        };
        match (value, count) {
            (Some(value), Some(count)) if count >= before => {
                if count > before {
                    b.counted(slot, value, 0, count - before);
                }
                before = count;
            }
            _ => b.note(NoticeCode::BrokenLine),
        }
    }
    whole(b, before, total, share);
}

/// Tells of a table that was cut: its last row is of all values.
fn whole(b: &mut Builder<'_>, count: u64, total: Option<u64>, share: f64) {
    if share < 1.0 || total.is_some_and(|total| total != count) {
        b.note(NoticeCode::Truncated);
    }
}

pub(super) fn detect_log(bytes: &[u8]) -> u8 {
    if holds(bytes, &["\"StartTimestamp\"", "\"Interval_Compressed_Histogram\"", ",HIST"]) { 90 } else { 0 }
}

/// What the histogram of one interval may inflate to.
const MAX_HISTOGRAM: usize = 16 << 20;

/// Counts other than 0 in all intervals of a file at most.
const MAX_COUNTS: usize = 8 << 20;

pub(super) fn parse_log(source: Source<'_>) -> Result<Parsed<Content>, ParseError> {
    build::text(source, ("HdrHistogram", "one log"), read_log)
}

fn read_log(b: &mut Builder<'_>, text: &str) {
    let mut state = Box::new(DecompressorOxide::new());
    let (mut packed, mut plain, mut counts) = (Vec::new(), Vec::new(), 0);
    named_by_path(b, "");
    b.note(NoticeCode::NameFromPath);
    for (index, line) in text.lines().enumerate() {
        b.line(index);
        if line.is_empty() || line.starts_with(['#', '"']) {
            continue;
        }
        let (tag, rest) = line.strip_prefix("Tag=").and_then(|rest| cut(rest, ",")).unwrap_or(("", line));
        named_by_path(b, tag);
        let slot = b.series("value", "");
        plain.clear();
        base64(at_last(rest, b',').1, &mut packed);
        let read = match packed.split_at_checked(10) {
            // The length and the two bytes of a zlib header stand before the stream.
            Some((head, stream)) if matches!(word(head, 0, 4) & !0xf0, 0x1c84_9302 | 0x1c84_9304 | 0x1c84_9309) => {
                gzip::member(stream, &mut plain, &mut state, MAX_HISTOGRAM).is_ok()
                    && histogram(b, slot, &plain, &mut counts).is_some()
            }
            _ => false,
        };
        if counts > MAX_COUNTS {
            return b.fail(ParseErrorKind::LimitExceeded { what: "histogram counts", limit: MAX_COUNTS as u64 });
        }
        if !read {
            b.note(NoticeCode::BrokenLine);
        }
    }
}

/// Base64 up to the first character that is none.
fn base64(text: &str, out: &mut Vec<u8>) {
    out.clear();
    let (mut bits, mut have) = (0u32, 0);
    for byte in text.bytes() {
        let digit = match byte {
            b'A'..=b'Z' => byte - b'A',
            b'a'..=b'z' => byte - b'a' + 26,
            b'0'..=b'9' => byte - b'0' + 52,
            b'+' => 62,
            b'/' => 63,
            _ => return,
        };
        bits = bits << 6 | u32::from(digit);
        have += 6;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
        }
    }
}

/// `size` bytes from a place, the highest first; what is missing is 0.
fn word(bytes: &[u8], at: usize, size: usize) -> u64 {
    (at..at + size).fold(0, |word, at| word << 8 | u64::from(bytes.get(at).copied().unwrap_or(0)))
}

/// Adds the values of a histogram, each as the middle of those that share its count. `None`: it is
/// broken, and what came before the break is there.
fn histogram(b: &mut Builder<'_>, slot: Slot, bytes: &[u8], counts: &mut usize) -> Option<()> {
    let cookie = word(bytes, 0, 4);
    // In versions 1 and 2 the length of the counts and an offset stand before the same fields; the offset is of
    // the writer's memory, not of what it wrote.
    let (at, from) = match cookie & !0xf0 {
        0x1c84_9308 => (4, 32),
        0x1c84_9301 | 0x1c84_9303 => (12, 40),
        _ => return None,
    };
    let (digits, lowest) = (word(bytes, at, 4), word(bytes, at + 4, 8));
    if digits > 5 || lowest == 0 {
        return None;
    }
    let unit = lowest.ilog2();
    // Places of a half: a power of two that holds twice the precision.
    let half = (2 * 10u64.pow(digits as u32)).next_power_of_two().ilog2().max(1) - 1;
    let size = match cookie & !0xf0 {
        0x1c84_9303 => 0,
        _ => (cookie >> 4 & 0xe) as usize,
    };
    let (mut place, mut index) = (from, 0u64);
    while place < bytes.len() {
        let count = if size == 0 {
            let zigzag = leb(bytes, &mut place)?;
            (zigzag >> 1) as i64 ^ -((zigzag & 1) as i64)
        } else {
            place += size;
            word(bytes, place - size, size) as i64
        };
        if count <= 0 {
            // Below zero a number of zeros.
            index = index.checked_add(count.unsigned_abs().max(1))?;
            continue;
        }
        let bucket = (index >> half).saturating_sub(1);
        let sub = if index >> half == 0 { index } else { (index & ((1 << half) - 1)) + (1 << half) };
        let shift = u32::try_from(bucket).ok()? + unit;
        let width = 1u64.checked_shl(shift)?;
        let middle = sub.checked_mul(width)?.checked_add(width / 2)?;
        b.counted(slot, middle as f64, 0, count as u64);
        *counts += 1;
        if *counts > MAX_COUNTS {
            return None;
        }
        index += 1;
    }
    Some(())
}

/// A whole number of at most nine bytes, seven bits each but for the last.
fn leb(bytes: &[u8], place: &mut usize) -> Option<u64> {
    let mut number = 0u64;
    for group in 0..9 {
        let byte = *bytes.get(*place)?;
        *place += 1;
        if group == 8 {
            return Some(number | u64::from(byte) << 56);
        }
        number |= u64::from(byte & 0x7f) << (7 * group);
        if byte < 0x80 {
            break;
        }
    }
    Some(number)
}
