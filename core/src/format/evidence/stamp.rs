//! Moments as logs write them.

use super::{Cursor, plausible};

/// Seconds since 1970 UTC of `2026-11-23T12:33:35.939+0000`, and the bytes that it takes. Without an
/// offset it is taken for UTC.
pub(super) fn date(bytes: &[u8]) -> Option<(f64, usize)> {
    let mut cursor = Cursor(bytes);
    let year = cursor.count().filter(|y| (1970..10_000).contains(y))?;
    let mut part =
        |before: &str, most: u64| cursor.skip(before).then(|| cursor.count()).flatten().filter(|n| *n <= most);
    let (month, day) = (part("-", 12)?, part("-", 31)?);
    let (hour, minute) = (part("T", 24)?, part(":", 60)?);
    let second = cursor.skip(":").then(|| cursor.amount()).flatten()?;
    let days = days(year, month.max(1), day.max(1));
    let mut seconds = days as f64 * 86_400.0 + hour as f64 * 3600.0 + minute as f64 * 60.0 + second;
    let sign = if cursor.skip("+") {
        -1.0
    } else if cursor.skip("-") {
        1.0
    } else {
        cursor.skip("Z");
        0.0
    };
    if sign != 0.0 {
        let offset = cursor.count()?.min(9999);
        seconds += sign * (offset / 100 * 3600 + offset % 100 * 60) as f64;
    }
    Some((plausible(seconds)?, bytes.len() - cursor.0.len()))
}

/// Days since 1970 of a day of the Gregorian calendar (Richards 2013, turned around).
fn days(year: u64, month: u64, day: u64) -> i64 {
    let (year, month, day) = (year as i64, month as i64, day as i64);
    let shifted = (month + 9) % 12;
    let year = year - shifted / 10;
    365 * year + year / 4 - year / 100 + year / 400 + (shifted * 306 + 5) / 10 + day - 1 - 719_468
}

#[cfg(test)]
mod tests {
    use super::date;

    #[test]
    fn dates_are_seconds() {
        assert_eq!(date(b"1970-01-01T00:00:00.000+0000]"), Some((0.0, 28)));
        assert_eq!(date(b"2000-02-29T00:00:00").map(|d| d.0), Some(951_782_400.0));
        assert_eq!(date(b"2022-11-10T03:37:29.5-0800").map(|d| d.0), Some(1_668_080_249.5));
        assert_eq!((date(b"2022-13-10T03:37:29"), date(b"0.010s"), date(b"")), (None, None, None));
    }
}
