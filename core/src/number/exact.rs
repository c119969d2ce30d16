//! Numbers of any size, for the texts that lie so near to the middle between two doubles that 128
//! bits do not tell on which side.

use alloc::vec::Vec;
use core::cmp::Ordering;

/// Digits that are kept. The middle between two doubles has at most 767, so of what follows behind
/// 800 only matters whether it is 0.
const MAX_DIGITS: i64 = 800;

/// A whole number, the lowest word first, without zeros at the end.
struct Big(Vec<u32>);

impl Big {
    /// `self` · `factor` + `more`.
    fn times(&mut self, factor: u32, more: u32) {
        let mut carry = u64::from(more);
        for word in &mut self.0 {
            carry += u64::from(*word) * u64::from(factor);
            *word = carry as u32;
            carry >>= 32;
        }
        if carry > 0 {
            self.0.push(carry as u32);
        }
    }

    fn times_five_to(&mut self, mut exponent: i64) {
        while exponent > 0 {
            let step = exponent.min(13);
            self.times(5u32.pow(step as u32), 0);
            exponent -= step;
        }
    }

    fn times_two_to(&mut self, exponent: i64) {
        self.times(1 << (exponent & 31), 0);
        self.0.splice(..0, (0..exponent >> 5).map(|_| 0));
    }
}

/// Compares a decimal number with `size` · 2^`binary`. The decimal number is the digits of `text`
/// (anything else in it is passed over; not all are 0) times 10^`decimal`.
///
/// Linear in the length of the text. The magnitude of the number must be about that of a double:
/// the powers are multiplied out.
pub(super) fn compare(text: &[u8], mut decimal: i64, size: u64, binary: i64) -> Ordering {
    let (mut left, mut kept, mut more) = (Big(Vec::new()), 0, false);
    for digit in text.iter().filter(|b| b.is_ascii_digit()).map(|b| b - b'0') {
        if kept < MAX_DIGITS {
            // Zeros before the first digit do not count.
            if kept > 0 || digit > 0 {
                left.times(10, u32::from(digit));
                kept += 1;
            }
        } else {
            more |= digit > 0;
            decimal += 1;
        }
    }
    if more {
        left.times(10, 1);
        decimal -= 1;
    }
    let mut right = Big(Vec::new());
    right.times(0, (size >> 32) as u32);
    right.0.insert(0, size as u32);
    left.times_five_to(decimal);
    right.times_five_to(-decimal);
    // 10^decimal has as many factors 2 as factors 5.
    left.times_two_to((decimal - binary).max(0));
    right.times_two_to((binary - decimal).max(0));
    (left.0.len().cmp(&right.0.len())).then_with(|| left.0.iter().rev().cmp(right.0.iter().rev()))
}
