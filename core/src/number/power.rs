//! Powers of ten, 128 bits each, from a table of every 27th and one of the powers of five between.

/// Exponents from one row of the table to the next: 5²⁷ is the largest power of five in 64 bits.
const STRIDE: usize = 27;
/// 10^(27·13) stands as far before 1 as the smallest exponent needs.
const ROW_OF_ONE: usize = 13;
const ROWS: usize = 26;

/// 5⁰ to 5²⁶.
static FIVES: [u64; STRIDE] = {
    let mut out = [1; STRIDE];
    let mut i = 1;
    while i < STRIDE {
        out[i] = out[i - 1] * 5;
        i += 1;
    }
    out
};

/// Every 27th power of ten, beginning with 10⁻³⁵¹: the first 192 bits, the highest word first.
static ROW: [[u64; 3]; ROWS] = rows();

/// While the table is made: 512 bits, the highest word first, of which 192 are kept. Thirteen steps
/// cut off less than 2⁻⁵⁰⁰ together.
type Wide = [u64; 8];

const fn rows() -> [[u64; 3]; ROWS] {
    let factor = 5u64.pow(STRIDE as u32);
    let mut out = [[0; 3]; ROWS];
    let mut row = ROW_OF_ONE;
    let mut up = [0; 8];
    up[0] = 1 << 63;
    let mut down = up;
    while row < ROWS {
        out[row] = [up[0], up[1], up[2]];
        up = times(up, factor);
        row += 1;
    }
    row = ROW_OF_ONE;
    while row > 0 {
        row -= 1;
        down = over(down, factor);
        out[row] = [down[0], down[1], down[2]];
    }
    out
}

const fn times(number: Wide, factor: u64) -> Wide {
    let (mut out, mut carry, mut i) = ([0; 9], 0, 8);
    while i > 0 {
        let sum = number[i - 1] as u128 * factor as u128 + carry as u128;
        (out[i], carry) = (sum as u64, (sum >> 64) as u64);
        i -= 1;
    }
    out[0] = carry;
    normal(out)
}

const fn over(number: Wide, divisor: u64) -> Wide {
    let (mut out, mut rest, mut i) = ([0; 9], 0, 0);
    while i < 9 {
        let part = ((rest as u128) << 64) | if i < 8 { number[i] as u128 } else { 0 };
        (out[i], rest) = ((part / divisor as u128) as u64, (part % divisor as u128) as u64);
        i += 1;
    }
    normal(out)
}

/// Shifted until the highest bit is set; the first word is never 0.
const fn normal(number: [u64; 9]) -> Wide {
    let shift = number[0].leading_zeros();
    let (mut out, mut i) = ([0; 8], 0);
    while i < 8 {
        out[i] = if shift == 0 { number[i] } else { (number[i] << shift) | (number[i + 1] >> (64 - shift)) };
        i += 1;
    }
    out
}

/// The first 128 bits of 10^`exponent`, the highest of which is set: cut off, not rounded, so exact
/// from 0 to 55. `None` outside −351 … 350. In bits, 10^`exponent` is these times
/// 2^([`bits`]`(exponent)` − 127).
pub(super) fn power(exponent: i32) -> Option<(u64, u64)> {
    let index = usize::try_from(exponent + (STRIDE * ROW_OF_ONE) as i32).ok()?;
    let [first, second, third] = *ROW.get(index / STRIDE)?;
    let factor = *FIVES.get(index % STRIDE)?;
    // The row is less than one unit of its 192 bits too small, this product less than 2⁶⁴ of its
    // 256: seen in 128 bits only where 64 bits between are all ones. A test looks at every power.
    let factor = factor << factor.leading_zeros();
    let low = wide(third, factor);
    let middle = wide(second, factor) + (low >> 64);
    let high = wide(first, factor) + (middle >> 64);
    let (top, below, rest) = ((high >> 64) as u64, high as u64, middle as u64);
    Some(if top >> 63 == 1 { (top, below) } else { ((top << 1) | (below >> 63), (below << 1) | (rest >> 63)) })
}

/// ⌊log₂ 10^`exponent`⌋, for exponents of at most 1233 in size.
pub(super) fn bits(exponent: i32) -> i32 {
    (exponent * 1_741_647) >> 19
}

/// 10^`exponent` as a double, where that is exact: up to 22.
pub(super) fn small_power(exponent: usize) -> Option<f64> {
    // 5²² has 52 bits.
    let five = FIVES.get(exponent).filter(|_| exponent <= 22)?;
    Some(*five as f64 * (1u64 << exponent) as f64)
}

/// The whole product of two words.
#[inline]
pub(super) fn wide(a: u64, b: u64) -> u128 {
    u128::from(a) * u128::from(b)
}
