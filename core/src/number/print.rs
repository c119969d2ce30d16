//! A double to the shortest text.

use alloc::vec::Vec;

use crate::number::power::{bits, power, wide};

/// Digits of the largest number of 64 bits.
const ROOM: usize = 20;

/// The digits of a number, in the room given for them.
pub(crate) fn decimal(number: u64, room: &mut [u8; ROOM]) -> &[u8] {
    let (mut rest, mut from) = (number, ROOM);
    for place in room.iter_mut().rev() {
        *place = b'0' + (rest % 10) as u8;
        rest /= 10;
        from -= 1;
        if rest == 0 {
            break;
        }
    }
    room.get(from..).unwrap_or(&[])
}

/// Appends the shortest text from which the same double is read, of those of that length the nearest
/// to it; with a point, or with an exponent outside of 10⁻⁵ ≤ |`value`| < 10¹⁶: `1.0`, `-0.00001`,
/// `1e-6`, `1.5e+16`. It is the text that serde_json writes. The value must be finite: JSON has no
/// other.
pub fn print(out: &mut Vec<u8>, value: f64) {
    let mut put = |text: &[u8]| out.extend_from_slice(text);
    let (mut number, mut exponent) = shortest(value.to_bits() & (u64::MAX >> 1));
    while number > 0 && number % 10 == 0 {
        number /= 10;
        exponent += 1;
    }
    let mut room = [0; ROOM];
    let digits = decimal(number, &mut room);
    let count = digits.len() as i32;
    // Digits before the point.
    let whole = if number == 0 { 1 } else { count + exponent };
    let zeros = |count: i32| b"0000000000000000".get(..count.max(0) as usize).unwrap_or(&[]);
    if value.is_sign_negative() {
        put(b"-");
    }
    if (-4..=16).contains(&whole) {
        let (before, behind) = digits.split_at_checked(whole.max(0) as usize).unwrap_or((digits, b""));
        put(if before.is_empty() { b"0" } else { before });
        put(zeros(whole - count));
        put(b".");
        put(zeros(-whole));
        put(if behind.is_empty() { b"0" } else { behind });
    } else {
        let (before, behind) = digits.split_at_checked(1).unwrap_or((digits, b""));
        put(before);
        if !behind.is_empty() {
            put(b".");
            put(behind);
        }
        put(if whole > 0 { b"e+" } else { b"e-" });
        put(decimal(u64::from((whole - 1).unsigned_abs()), &mut room));
    }
}

/// The shortest decimal number that rounds to a positive double given by its bits, or 0: a whole
/// number, which may end in zeros, and a power of ten.
///
/// Giulietti, "The Schubfach way to render doubles" (2020): between the middles to both neighbours
/// lie at most one multiple of 10^(k + 1) and at least one of 10^k, and with 126 bits of 10^−k the
/// comparisons with them come out as with all of them.
fn shortest(all: u64) -> (u64, i32) {
    let (place, fraction) = ((all >> 52) as i32, all & ((1 << 52) - 1));
    let (size, binary) = if place == 0 { (fraction, -1074) } else { (fraction | 1 << 52, place - 1075) };
    // Below a power of two the neighbour is half as far.
    let closer = fraction == 0 && place > 1;
    // ⌊log₁₀ 2^binary⌋, or of ¾ of it.
    let k = (binary * 1_262_611 - if closer { 524_031 } else { 0 }) >> 22;
    let Some((high, low)) = power(-k).filter(|_| size > 0) else { return (0, 0) };
    // One unit more where something was cut off, so that a product is never too small.
    let inexact = !(-55..=0).contains(&k);
    let low = low.wrapping_add(u64::from(inexact));
    let high = high + u64::from(inexact && low == 0);
    let shift = binary + bits(-k) + 1;
    // In quarters of 10^k, the last bit set where a rest was cut off.
    let scaled = |quarters: u64| {
        let number = quarters << shift;
        let product = wide(number, high) + (wide(number, low) >> 64);
        (product >> 64) as u64 | u64::from(product as u64 > 1)
    };
    // Texts at the very middles are read as this double if it is the even one.
    let odd = size & 1;
    let lower = scaled(4 * size - 2 + u64::from(closer)) + odd;
    let upper = scaled(4 * size + 2) - odd;
    let value = scaled(4 * size);

    let here = value / 4;
    let tens = here / 10;
    let (below, above) = (lower <= 40 * tens, 40 * tens + 40 <= upper);
    if here >= 10 && below != above {
        return (tens + u64::from(above), k + 1);
    }
    let (below, above) = (lower <= 4 * here, 4 * here + 4 <= upper);
    let up = if below == above {
        let middle = 4 * here + 2;
        value > middle || (value == middle && here & 1 == 1)
    } else {
        above
    };
    (here + u64::from(up), k)
}
