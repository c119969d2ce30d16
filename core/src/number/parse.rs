//! Text to the nearest double.

use core::cmp::Ordering;

use crate::number::exact::compare;
use crate::number::power::{bits, power, small_power, wide};

/// Digits that fit into 64 bits, whatever they are.
pub(crate) const MAX_DIGITS: usize = 19;

/// The bits of +∞.
const INFINITY: u64 = f64::INFINITY.to_bits();

/// The double nearest to a decimal number; of two as near, the even one. What is accepted, and every
/// result, is as with `str::parse::<f64>`: an optional sign; digits with at most one point among or
/// beside them; optionally `e` or `E` and a whole number with an optional sign; or, in letters of any
/// case, `inf`, `infinity` and `nan`. Beyond the largest double lies ±∞, below the smallest ±0.
/// `None` for anything else. Linear in the length of the text.
///
/// Few digits and a small exponent: one operation on doubles (Clinger, "How to read floating point
/// numbers accurately", 1990). Else the number is enclosed between two of 128 bits, as in Lemire,
/// "Number parsing at a gigabyte per second" (2021), which mostly round to one double; where they do
/// not, whole numbers of any size are compared.
#[must_use]
pub fn parse(text: &[u8]) -> Option<f64> {
    let negative = text.first() == Some(&b'-');
    let text = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    let size = match Digits::read(text) {
        Some(digits) => digits.nearest(text),
        None => named(text)?,
    };
    Some(if negative { -size } else { size })
}

/// The double nearest to digits that were read already: the whole number `size` that they make, how many
/// stand behind the point, and their text. At most [`MAX_DIGITS`] besides zeros in front.
pub(crate) fn nearest(size: u64, fraction: usize, text: &[u8]) -> f64 {
    let exponent = -(fraction as i64);
    Digits { size, exponent, cut: false, length: text.len(), power: exponent }.nearest(text)
}

/// The digits that a text begins with: how many, and the number that they make behind those of `size`, as far
/// as 64 bits hold it. Eight bytes are looked at together.
#[inline(always)]
pub(crate) fn leading_digits(text: &[u8], mut size: u64) -> (usize, u64) {
    const POWERS: [u64; 9] = [1, 10, 100, 1000, 10_000, 100_000, 1_000_000, 10_000_000, 100_000_000];
    let mut length = 0;
    while let Some(eight) = text.get(length..).and_then(<[u8]>::first_chunk) {
        let lanes = u64::from_le_bytes(*eight) ^ 0x3030_3030_3030_3030;
        // A lane above 9 has, or with 118 added gets, its highest bit; what it carries lies behind it.
        let other = (lanes.wrapping_add(0x7676_7676_7676_7676) | lanes) & 0x8080_8080_8080_8080;
        let count = other.trailing_zeros() as usize / 8;
        // Zeros in front make eight of them; then pairs of digits, pairs of pairs, and of those.
        let lanes = lanes.checked_shl(64 - 8 * count as u32).unwrap_or(0);
        let pairs = lanes.wrapping_mul(10 << 8 | 1) >> 8 & 0x00ff_00ff_00ff_00ff;
        let fours = pairs.wrapping_mul(100 << 16 | 1) >> 16 & 0x0000_ffff_0000_ffff;
        let number = fours.wrapping_mul(10_000 << 32 | 1) >> 32;
        size = size.wrapping_mul(POWERS[count]).wrapping_add(number);
        length += count;
        if count < 8 {
            return (length, size);
        }
    }
    for byte in text.iter().skip(length) {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            break;
        }
        size = size.wrapping_mul(10).wrapping_add(u64::from(digit));
        length += 1;
    }
    (length, size)
}

/// The values that have names.
fn named(text: &[u8]) -> Option<f64> {
    if text.eq_ignore_ascii_case(b"nan") {
        return Some(f64::NAN);
    }
    (text.eq_ignore_ascii_case(b"inf") || text.eq_ignore_ascii_case(b"infinity")).then_some(f64::INFINITY)
}

/// A number without its sign: `size` · 10^`exponent`, and a little more where digits were cut off.
struct Digits {
    /// The first digits from the first that is not 0, at most [`MAX_DIGITS`].
    size: u64,
    exponent: i64,
    /// Whether digits other than 0 followed.
    cut: bool,
    /// Bytes of the text before its exponent.
    length: usize,
    /// The power of ten of the last digit of all.
    power: i64,
}

impl Digits {
    fn read(text: &[u8]) -> Option<Digits> {
        let (whole, mut size) = leading_digits(text, 0);
        let (mut length, mut fraction) = (whole, 0);
        if text.get(whole) == Some(&b'.') {
            (fraction, size) = leading_digits(text.get(whole + 1..)?, size);
            length += 1 + fraction;
        }
        let count = whole + fraction;
        if count == 0 {
            return None;
        }
        let written = match text.get(length..)? {
            [] => 0,
            [b'e' | b'E', rest @ ..] => exponent(rest)?,
            _ => return None,
        };
        let power = written - fraction as i64;
        let short = Digits { size, exponent: power, cut: false, length, power };
        Some(if count <= MAX_DIGITS { short } else { short.again(text) })
    }

    /// Many digits once more, some of which do not fit or are zeros in front.
    fn again(self, text: &[u8]) -> Digits {
        let mut out = Digits { size: 0, ..self };
        let mut kept = 0;
        for digit in text.iter().take(self.length).filter(|b| b.is_ascii_digit()).map(|b| b - b'0') {
            if kept < MAX_DIGITS {
                out.size = out.size * 10 + u64::from(digit);
                kept += usize::from(out.size > 0);
            } else {
                out.cut |= digit > 0;
                out.exponent += 1;
            }
        }
        out
    }

    fn nearest(&self, text: &[u8]) -> f64 {
        if self.size >> 53 == 0 && !self.cut {
            let size = self.size as f64;
            if let Some(power) = usize::try_from(self.exponent).ok().and_then(small_power) {
                return size * power;
            }
            if let Some(power) = usize::try_from(-self.exponent).ok().and_then(small_power) {
                return size / power;
            }
        }
        f64::from_bits(self.enclosed(text))
    }

    /// The bits of the nearest double, by enclosing the number.
    fn enclosed(&self, text: &[u8]) -> u64 {
        // 2⁶⁴ · 10⁻³⁴³ is less than half of the smallest double.
        if self.size == 0 || self.exponent < -342 {
            return 0;
        }
        if self.exponent > 308 {
            return INFINITY;
        }
        let exponent = self.exponent as i32;
        let Some((high, low)) = power(exponent) else { return 0 };
        let shift = self.size.leading_zeros();
        let size = self.size << shift;
        let lower = wide(size, high) + (wide(size, low) >> 64);
        // Where the bits that only decide between two middles are neither none nor nearly all, what is missing
        // changes none of the others.
        let top = 64 + bits(exponent) - shift as i32;
        let end = lower as u64 & (u64::MAX >> 1);
        if !self.cut && end != 0 && end < (u64::MAX >> 1) - 2 {
            return round(lower, top);
        }
        // The end of the product and, times the power's own end, less than 1 each; where digits were
        // cut off, less than 1 << shift times the power besides.
        let missing = if self.cut { (1 << shift << 64) + 2 } else { 2 };
        let nearest = round(lower, top);
        if lower.checked_add(missing).map(|upper| round(upper, top)) == Some(nearest) {
            return nearest;
        }
        // Too little is missing for two middles to lie between, so it is this double or the next.
        let (place, fraction) = (nearest >> 52, nearest & ((1 << 52) - 1));
        let size = if place == 0 { fraction } else { fraction | 1 << 52 };
        let digits = text.get(..self.length).unwrap_or(&[]);
        match compare(digits, self.power, 2 * size + 1, place.max(1) as i64 - 1076) {
            Ordering::Less => nearest,
            Ordering::Equal => nearest + (nearest & 1),
            Ordering::Greater => nearest + 1,
        }
    }
}

/// The whole number behind an `e`; one too large for any text to make up for stays at a limit.
fn exponent(text: &[u8]) -> Option<i64> {
    let digits = text.strip_prefix(b"-").or_else(|| text.strip_prefix(b"+")).unwrap_or(text);
    if digits.is_empty() || !digits.iter().all(u8::is_ascii_digit) {
        return None;
    }
    let size = digits.iter().fold(0i64, |size, b| (size * 10 + i64::from(b - b'0')).min(1 << 50));
    Some(if text.first() == Some(&b'-') { -size } else { size })
}

/// The bits of the double nearest to `number` · 2^(`top` − 127), of two as near the even one. At most
/// the highest bit of `number` is 0 before the first 1.
fn round(number: u128, top: i32) -> u64 {
    let (mut high, mut low, mut top) = ((number >> 64) as u64, number as u64, top);
    if high >> 63 == 0 {
        (high, low, top) = ((high << 1) | (low >> 63), low << 1, top - 1);
    }
    if top > 1023 {
        return INFINITY;
    }
    // 53 bits are kept, of numbers below 2⁻¹⁰²² those that have a place.
    let drop = 11 + (-1022 - top).max(0) as u32;
    let Some(keep) = 64u32.checked_sub(drop) else { return 0 };
    let (kept, rest, half) = (high.checked_shr(drop).unwrap_or(0), high << keep, 1 << 63);
    let up = rest > half || (rest == half && (low > 0 || kept & 1 == 1));
    // The highest of 53 bits adds 1 to the exponent, as does a carry into a 54th.
    (((top.max(-1022) + 1022) as u64) << 52) + kept + u64::from(up)
}
