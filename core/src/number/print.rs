//! A double to the shortest text.

use crate::number::power::{bits, power, wide};

/// Room for the longest text, `-2.2250738585072014e-308`.
const ROOM: usize = 32;

/// A number as text.
#[derive(Clone, Copy, Debug)]
pub struct Printed {
    bytes: [u8; ROOM],
    length: usize,
}

impl Printed {
    /// The text, all of it ASCII.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        self.bytes.get(..self.length).unwrap_or(&[])
    }

    fn push(&mut self, byte: u8) {
        if let Some(place) = self.bytes.get_mut(self.length) {
            *place = byte;
            self.length += 1;
        }
    }

    fn zeros(&mut self, count: i32) {
        (0..count).for_each(|_| self.push(b'0'));
    }

    /// The `count` digits of a number, with a point behind `point` of them if any are on both sides.
    fn digits(&mut self, mut number: u64, count: i32, point: i32) {
        let from = self.length;
        self.zeros(count + i32::from(0 < point && point < count));
        for (i, place) in self.bytes.iter_mut().take(self.length).skip(from).enumerate().rev() {
            if i as i32 == point && point > 0 {
                *place = b'.';
            } else {
                *place = b'0' + (number % 10) as u8;
                number /= 10;
            }
        }
    }
}

/// The shortest text from which the same double is read, of those of that length the nearest to it;
/// with a point, or with an exponent outside of 10⁻⁵ ≤ |`value`| < 10¹⁶: `1.0`, `-0.00001`, `1e-6`,
/// `1.5e+16`. It is the text that serde_json writes. The value must be finite: JSON has no other.
#[must_use]
pub fn print(value: f64) -> Printed {
    let mut out = Printed { bytes: [0; ROOM], length: 0 };
    if value.is_sign_negative() {
        out.push(b'-');
    }
    let (mut number, mut exponent) = shortest(value.to_bits() & (u64::MAX >> 1));
    while number > 0 && number % 10 == 0 {
        number /= 10;
        exponent += 1;
    }
    let count = number.checked_ilog10().unwrap_or(0) as i32 + 1;
    // Digits before the point.
    let whole = if number == 0 { 1 } else { count + exponent };
    if (-4..=16).contains(&whole) {
        if whole <= 0 {
            out.push(b'0');
            out.push(b'.');
            out.zeros(-whole);
        }
        out.digits(number, count, whole);
        if whole >= count {
            out.zeros(whole - count);
            out.push(b'.');
            out.push(b'0');
        }
    } else {
        out.digits(number, count, 1);
        out.push(b'e');
        out.push(if whole > 0 { b'+' } else { b'-' });
        let size = (whole - 1).unsigned_abs();
        out.digits(u64::from(size), size.checked_ilog10().unwrap_or(0) as i32 + 1, 0);
    }
    out
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
