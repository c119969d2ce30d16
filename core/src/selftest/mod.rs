//! The engine's test of itself, wherever it runs (STATISTICS V1, V2): certified and published answers, how
//! many digits of each are reached, and a digest of the exact bits.

mod cases;
mod data;
mod probe;

pub use probe::{Probe, probe};

use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::f64::consts::LN_10;
use serde::Serialize;

use crate::json;
use crate::stats::math::ln;
use crate::stats::moments::{lag1, mean, std_dev};
use crate::stats::random::fnv1a;

/// Digits beyond which a double tells nothing.
const MOST_DIGITS: f64 = 15.0;

/// One answer against the known one.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Check {
    /// What was computed, unique in its group.
    pub id: &'static str,
    /// The data or the method.
    pub group: &'static str,
    /// The certified or published answer.
    pub expected: f64,
    /// The engine's; `None` where it gave none.
    pub got: Option<f64>,
    /// Digits that agree: −log₁₀ of the relative error, from 0 to 15 (of the absolute one where 0 is
    /// expected).
    pub digits: f64,
    /// Digits needed.
    pub needed: f64,
    /// Whether they are reached.
    pub passed: bool,
}

impl Check {
    /// Compares an answer with the known one.
    #[must_use]
    pub fn new(group: &'static str, id: &'static str, expected: f64, got: Option<f64>, needed: f64) -> Check {
        let got = got.filter(|g| g.is_finite());
        let digits = got.map_or(0.0, |got| {
            let scale = if expected == 0.0 { 1.0 } else { expected.abs() };
            let error = (got - expected).abs() / scale;
            if error > 0.0 { (-ln(error) / LN_10).clamp(0.0, MOST_DIGITS) } else { MOST_DIGITS }
        });
        Check { id, group, expected, got, digits, needed, passed: got.is_some() && digits >= needed }
    }
}

/// What the engine found out about itself.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct SelfTest {
    /// `noisefloor-core 0.1.0`.
    pub engine: String,
    /// Whether all checks passed.
    pub passed: bool,
    /// 64-bit FNV-1a of the bits of all answers in order, in 16 hexadecimal digits: the same on every
    /// platform.
    pub digest: String,
    /// The checks.
    pub checks: Vec<Check>,
}

impl SelfTest {
    /// Sums checks up.
    #[must_use]
    pub fn of(checks: Vec<Check>) -> SelfTest {
        // A missing answer is no number either.
        let bits = checks.iter().flat_map(|c| c.got.map_or(u64::MAX, f64::to_bits).to_le_bytes());
        SelfTest {
            engine: String::from(concat!("noisefloor-core ", env!("CARGO_PKG_VERSION"))),
            passed: checks.iter().all(|c| c.passed),
            digest: alloc::format!("{:016x}", fnv1a(bits)),
            checks,
        }
    }

    /// The result as JSON, one line.
    #[must_use]
    pub fn to_json(&self) -> String {
        json::to_text(self)
    }
}

/// Runs all checks; about a tenth of a second.
#[must_use]
pub fn run() -> SelfTest {
    let mut checks = certified();
    cases::worked(&mut checks);
    SelfTest::of(checks)
}

/// The univariate sets of NIST: mean, standard deviation and autocorrelation at lag 1 against the certified
/// values. What is needed is what exact arithmetic reaches on the same doubles, less a tenth of a digit, and
/// 13 at most (14 for means).
fn certified() -> Vec<Check> {
    let scaled =
        |values: &[i16], less: f64, by: f64| values.iter().map(|v| (f64::from(*v) + less) / by).collect::<Vec<f64>>();
    let alternating = |c: f64| {
        let mut values = vec![c + 0.2];
        (0..500).for_each(|_| values.extend([c + 0.1, c + 0.3]));
        values
    };
    let sets = [
        ("PiDigits", pi_as_certified(), [4.5348, 2.867_339_060_288_71, -0.003_550_992_872_379_72], [13.0; 2]),
        (
            "Lottery",
            scaled(&data::LOTTERY, 0.0, 1.0),
            [518.958_715_596_33, 291.699_727_470_969, -0.120_948_622_967_393],
            [13.0; 2],
        ),
        ("Lew", scaled(&data::LEW, 0.0, 1.0), [-177.435, 277.332_168_044_316, -0.307_304_800_605_679], [13.0; 2]),
        (
            "Mavro",
            scaled(&data::MAVRO, 200_000.0, 100_000.0),
            [2.001_856, 0.000_429_123_454_003_053, 0.937_989_183_438_248],
            [13.0; 2],
        ),
        (
            "Michelso",
            scaled(&data::MICHELSO, 0.0, 100.0),
            [299.8524, 0.079_010_547_819_051_8, 0.535_199_668_621_283],
            [13.0; 2],
        ),
        ("NumAcc1", vec![10_000_001.0, 10_000_003.0, 10_000_002.0], [10_000_002.0, 1.0, -0.5], [13.0; 2]),
        ("NumAcc2", alternating(1.0), [1.2, 0.1, -0.999], [13.0; 2]),
        ("NumAcc3", alternating(1e6), [1_000_000.2, 0.1, -0.999], [9.4, 12.1]),
        ("NumAcc4", alternating(1e7), [10_000_000.2, 0.1, -0.999], [8.2, 10.9]),
    ];
    let mut checks = Vec::new();
    for (name, values, [m, sd, r1], [sd_digits, r1_digits]) in sets {
        checks.push(Check::new(name, "mean", m, mean(&values), 14.0));
        checks.push(Check::new(name, "standard deviation", sd, std_dev(&values), sd_digits));
        checks.push(Check::new(name, "lag-1 autocorrelation", r1, lag1(&values), r1_digits));
    }
    checks
}

/// The data set that is certified: 5000 digits of π, of which NIST has the 957th wrong (3 for 8).
fn pi_as_certified() -> Vec<f64> {
    let mut digits = pi_digits(5000);
    if let Some(digit) = digits.get_mut(956) {
        *digit = 3.0;
    }
    digits
}

/// Digits of π from the 3 on, by the spigot of Rabinowitz and Wagon (1995) with four digits at a time.
fn pi_digits(count: usize) -> Vec<f64> {
    // π = 2 + 1/3·(2 + 2/5·(2 + 3/7·(…))): 14 terms for four digits.
    let groups = count.div_ceil(4) + 1;
    let mut terms = vec![2000u64; groups * 14 + 1];
    let mut found: Vec<u64> = Vec::with_capacity(groups);
    for group in 0..groups {
        let mut carry = 0u64;
        for i in (1..terms.len().saturating_sub(group * 14)).rev() {
            let base = 2 * i as u64 - 1;
            let Some(term) = terms.get_mut(i) else { continue };
            let value = *term * 10_000 + carry * i as u64;
            (*term, carry) = if i > 1 { (value % base, value / base) } else { (value % 10_000, value / 10_000) };
        }
        found.push(carry);
        // What overflows four digits belongs to the groups before.
        for at in (1..found.len()).rev() {
            let Some(last) = found.get_mut(at).filter(|v| **v >= 10_000) else { break };
            *last -= 10_000;
            if let Some(before) = found.get_mut(at - 1) {
                *before += 1;
            }
        }
    }
    let digits = found.iter().flat_map(|group| [1000, 100, 10, 1].map(|place| (group / place % 10) as f64));
    digits.skip_while(|d| *d == 0.0).take(count).collect()
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    #[test]
    fn digits_of_pi() {
        let digits: Vec<u8> = pi_digits(1000).iter().map(|d| *d as u8).collect();
        assert_eq!(digits[..20], [3, 1, 4, 1, 5, 9, 2, 6, 5, 3, 5, 8, 9, 7, 9, 3, 2, 3, 8, 4]);
        // The six nines from the 762nd decimal on.
        assert_eq!(digits[761..769], [4, 9, 9, 9, 9, 9, 9, 8]);
        assert_eq!((digits[956], &digits[992..]), (8, &[1, 6, 4, 2, 0, 1, 9, 8][..]));
        assert_eq!(pi_digits(5000)[4990..], [7.0, 4.0, 1.0, 3.0, 2.0, 6.0, 0.0, 4.0, 7.0, 2.0]);
        assert_eq!(pi_as_certified().iter().sum::<f64>(), 22_674.0);
    }

    #[test]
    fn every_check_passes_and_names_are_unique() {
        let found = run();
        let failed: Vec<&Check> = found.checks.iter().filter(|c| !c.passed).collect();
        assert!(found.passed && failed.is_empty(), "{failed:#?}");
        let mut names: Vec<(&str, &str)> = found.checks.iter().map(|c| (c.group, c.id)).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), found.checks.len());
        assert_eq!((run().digest, found.digest.len()), (found.digest.clone(), 16));
        let json: serde_json::Value = serde_json::from_str(&found.to_json()).unwrap();
        assert_eq!(json["checks"].as_array().unwrap().len(), found.checks.len());
    }

    #[test]
    fn a_wrong_answer_fails_and_moves_the_digest() {
        let good = run();
        for at in 0..good.checks.len() {
            let Check { id, group, expected, got, needed, .. } = good.checks[at].clone();
            let mut checks = good.checks.clone();
            let off = 2.0 * libm::pow(10.0, -needed);
            let moved = if expected == 0.0 { off } else { expected * (1.0 + off) };
            checks[at] = Check::new(group, id, moved, got, needed);
            let wrong = SelfTest::of(checks.clone());
            assert!(!wrong.passed && !wrong.checks[at].passed, "{group} {id}");
            // The digest is that of the answers, not of what was expected.
            assert_eq!(wrong.digest, good.digest);
            checks[at] = Check::new(group, id, expected, got.map(|g| f64::from_bits(g.to_bits() + 1)), needed);
            assert_ne!(SelfTest::of(checks).digest, good.digest);
        }
        assert!(!Check::new("", "", 1.0, None, 0.0).passed && !Check::new("", "", 1.0, Some(f64::NAN), 0.0).passed);
        assert!((Check::new("", "", 0.0, Some(1e-3), 2.9).digits - 3.0).abs() < 1e-12);
    }
}
