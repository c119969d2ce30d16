//! Against the standard library and serde_json, which round correctly and print the shortest text.

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::cmp::Ordering;

use super::exact::compare;
use super::power::{bits, power, small_power};
use super::{parse, print};

/// Numbers for each property; `NUMBERS` in the environment asks for more.
fn numbers() -> u64 {
    std::env::var("NUMBERS").ok().and_then(|n| n.parse().ok()).unwrap_or(20_000)
}

/// Steele, Lea and Flood, "Fast splittable pseudorandom number generators" (2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    fn double(&mut self) -> f64 {
        loop {
            let value = f64::from_bits(self.next());
            if value.is_finite() {
                return value;
            }
        }
    }
}

fn reads_as_std(text: &str) {
    let (ours, theirs) = (parse(text.as_bytes()), text.parse::<f64>().ok());
    assert_eq!(ours.map(f64::to_bits), theirs.map(f64::to_bits), "{}", text.get(..900).unwrap_or(text));
}

fn prints_as_serde(value: f64) {
    let mut out = Vec::new();
    print(&mut out, value);
    let text = String::from_utf8(out).unwrap();
    assert_eq!(text, serde_json::to_string(&value).unwrap(), "{:016x}", value.to_bits());
    assert_eq!(parse(text.as_bytes()).unwrap().to_bits(), value.to_bits(), "{text}");
    reads_as_std(&text);
}

/// The digits of `size` · 2^`binary` in full, and the power of ten of the last.
fn decimal(size: u64, binary: i32) -> (String, i32) {
    let mut digits: Vec<u8> = size.to_string().bytes().rev().map(|b| b - b'0').collect();
    for _ in 0..binary.unsigned_abs() {
        // 2⁻¹ is 5 · 10⁻¹.
        let mut carry = 0;
        for digit in &mut digits {
            carry += *digit * if binary < 0 { 5 } else { 2 };
            (*digit, carry) = (carry % 10, carry / 10);
        }
        if carry > 0 {
            digits.push(carry);
        }
    }
    (digits.iter().rev().map(|d| char::from(d + b'0')).collect(), binary.min(0))
}

#[test]
fn the_powers_are_the_first_bits_of_the_true_ones() {
    for exponent in -342..=324 {
        let (high, low) = power(exponent).unwrap();
        assert_eq!(high >> 63, 1, "{exponent}");
        let number = u128::from(high) << 64 | u128::from(low);
        let binary = i64::from(bits(exponent)) - 127;
        // n · 2^b against 10^e is n · 10^−e against 2^−b, for only decimal numbers may be long.
        let against = |n: u128| compare(n.to_string().as_bytes(), -i64::from(exponent), 1, -binary);
        let expected = if (0..=55).contains(&exponent) { Ordering::Equal } else { Ordering::Less };
        assert_eq!((against(number), against(number + 1)), (expected, Ordering::Greater), "{exponent}");
    }
    assert_eq!((power(-352), power(351)), (None, None));
    for exponent in 0..=22 {
        assert_eq!(small_power(exponent), format!("1e{exponent}").parse().ok());
    }
    assert_eq!(small_power(23), None);
}

#[test]
fn powers_and_their_neighbours() {
    let around = |value: f64| {
        for bits in value.to_bits().saturating_sub(2)..=value.to_bits() + 2 {
            let value = f64::from_bits(bits);
            if value.is_finite() {
                prints_as_serde(value);
                prints_as_serde(-value);
            }
        }
    };
    for exponent in -345..=310 {
        for text in ["1", "2", "5", "9", "17", "9999999999999999", "18446744073709551615"] {
            reads_as_std(&format!("{text}e{exponent}"));
        }
        around(format!("1e{exponent}").parse().unwrap());
    }
    for place in 0..=2047u64 {
        around(f64::from_bits(place << 52));
    }
    for shift in 0..52 {
        around(f64::from_bits(1 << shift));
    }
    for whole in 0..2000 {
        prints_as_serde(f64::from(whole));
        prints_as_serde(f64::from(whole) / 100.0);
    }
}

#[test]
fn any_double_is_printed_and_read() {
    let mut random = Random(1);
    for _ in 0..numbers() {
        let value = random.double();
        prints_as_serde(value);
        reads_as_std(&format!("{value:.16e}"));
        reads_as_std(&format!("{value:.*e}", (random.next() % 40) as usize));
        // What benchmarks hold: times and counts.
        let plain = (random.next() >> (random.next() % 64)) as f64 / 1000.0;
        prints_as_serde(plain);
    }
}

#[test]
fn any_digits_are_read() {
    let mut random = Random(2);
    for _ in 0..numbers() {
        let digits = random.next() % if random.next().is_multiple_of(16) { 900 } else { 25 };
        let point = random.next() % (digits + 1);
        let mut text = String::new();
        for i in 0..=digits {
            if i == point && random.next().is_multiple_of(2) {
                text.push('.');
            }
            text.push(char::from(b'0' + (random.next() % 10) as u8));
        }
        reads_as_std(&text);
        reads_as_std(&format!("-{text}e{}", random.next() % 20));
        reads_as_std(&format!("+{text}E{}", (random.next() % 720) as i64 - 370));
    }
}

#[test]
fn middles_between_doubles_and_what_is_next_to_them() {
    let mut random = Random(3);
    let mut edge = alloc::vec![0, 1, 2, f64::MAX.to_bits(), f64::MIN_POSITIVE.to_bits(), (1 << 52) - 1];
    for i in 0..numbers() / 20 {
        // Half of them near 1, as in files.
        let bits = edge.pop().unwrap_or_else(|| match i % 2 {
            0 => random.double().to_bits() & (u64::MAX >> 1),
            _ => (random.next() >> 12) | (1023 + (random.next() % 120) - 60) << 52,
        });
        let (place, fraction) = (bits >> 52, bits & ((1 << 52) - 1));
        let size = if place == 0 { fraction } else { fraction | 1 << 52 };
        let (digits, power) = decimal(2 * size + 1, place.max(1) as i32 - 1076);
        let (below, above) = (f64::from_bits(bits), f64::from_bits(bits + 1));
        let text = format!("{digits}e{power}");
        assert_eq!(parse(text.as_bytes()), Some(if bits & 1 == 0 { below } else { above }), "{text}");
        for tail in ["", "0", "1", "000000000000000000000000000001"] {
            reads_as_std(&format!("{digits}{tail}e{}", power - tail.len() as i32));
        }
        let next = format!("{digits}{}1e{}", "0".repeat(900), power - 901);
        assert_eq!(parse(next.as_bytes()), Some(above), "{next}");
        // The last digit may be 0 only without a fraction.
        let (front, last) = digits.split_at(digits.len() - 1);
        if last != "0" {
            let less = format!("{front}{}e{power}", last.parse::<u8>().unwrap() - 1);
            assert_eq!(parse(less.as_bytes()), Some(below), "{less}");
            reads_as_std(&less);
        }
    }
}

#[test]
fn what_is_accepted_is_what_std_accepts() {
    let parts = ["", "+", "-", ".", "0", "1", "e", "E", "9", " ", "inf", "NaN", "infinity", "_", "\u{661}", "x"];
    for a in parts {
        for b in parts {
            for c in parts {
                for d in parts {
                    reads_as_std(&[a, b, c, d].concat());
                }
            }
        }
    }
    for text in ["1.e5", ".5e-3", "00.00", "-0", "1e+", "InFiNiTy", "-nan", "+inf", "infinit", "1..", "1e1.", "0x1p3"] {
        reads_as_std(text);
    }
}

#[test]
fn hostile_texts_take_linear_time() {
    let many = 1_000_000;
    for text in [
        "1e999999999".into(),
        "1e-999999999".into(),
        "0e99999999999999999999999999".into(),
        "-1e-99999999999999999999999999".into(),
        format!("1e{}", "9".repeat(many)),
        "7".repeat(many),
        format!("0.{}1", "0".repeat(many)),
        format!("{}1", "0".repeat(many)),
        format!("9007199254740993.{}1", "0".repeat(many)),
        format!("9007199254740993.{}", "0".repeat(many)),
        format!("0.{}123456789e60001", "0".repeat(60_000)),
        format!("9007199254740993{}e-60000", "0".repeat(60_000)),
    ] {
        reads_as_std(&text);
    }
    // Here the standard library stops reading the exponent.
    assert_eq!(parse(format!("0.{}1e1000001", "0".repeat(many)).as_bytes()), Some(1.0));
}
