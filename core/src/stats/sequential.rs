//! Looking at the data while they come in, with valid error rates (STATISTICS S14).
//!
//! Group sequential boundaries for planned looks (Lan and DeMets, 1983; O'Brien and Fleming, 1979;
//! Pocock, 1977), whose crossing chances follow from the recursion of Armitage, McPherson and Rowe
//! (1969); an asymptotic confidence sequence that may be looked at after every block
//! (Waudby-Smith and others, 2021, after Robbins); bets on signs, valid at any number of blocks
//! when the noise is symmetric.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::stats::distribution::{normal_density, normal_upper_quantile, t_quantile, t_upper};
use crate::stats::estimable::NotEstimable;
use crate::stats::math::{exp, ln, sqrt};

/// How much error is spent when, and so the shape of a boundary.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Spending {
    /// Lan-DeMets, like O'Brien and Fleming: hardly anything early. Any shares of information.
    ObrienFlemingLike,
    /// Lan-DeMets, like Pocock: about the same at each look. Any shares of information.
    PocockLike,
    /// The classical boundary c/√t, for looks fixed in advance.
    ObrienFleming,
    /// The classical constant boundary, for looks fixed in advance.
    Pocock,
}

/// Boundaries of a two-sided test at planned looks.
#[derive(Clone, Debug, PartialEq, Serialize, Deserialize)]
pub struct Boundaries {
    /// How they were made.
    pub spending: Spending,
    /// Two-sided error rate over all looks.
    pub alpha: f64,
    /// Share of the whole information at each look, in (0, 1].
    pub fractions: Vec<f64>,
    /// Stop where |z| is at least this; [`NEVER`] where the look has practically nothing to spend.
    pub z: Vec<f64>,
    /// Two-sided error spent up to and with each look.
    pub spent: Vec<f64>,
}

/// The largest boundary: no normal variable of this world reaches it.
pub const NEVER: f64 = 38.0;
/// More looks than this are not planned.
pub const MOST_LOOKS: usize = 200;
/// The smallest step of information between two looks that the integration resolves.
pub const SMALLEST_STEP: f64 = 1e-4;

/// Error spent on one side up to the share `t` of the information, out of α/2. `None` for the
/// classical boundaries, which have no such function.
#[must_use]
pub fn spent_by(spending: Spending, alpha: f64, t: f64) -> Option<f64> {
    let t = t.clamp(0.0, 1.0);
    match spending {
        Spending::ObrienFlemingLike if t > 0.0 => {
            // 2 − 2Φ(z/√t) with the upper α/4 quantile z, on the tail so that no digit is lost.
            Some(2.0 * t_upper(-t_quantile(alpha / 4.0, None) / sqrt(t), None))
        }
        Spending::ObrienFlemingLike => Some(0.0),
        Spending::PocockLike => Some(alpha / 2.0 * ln(1.0 + (core::f64::consts::E - 1.0) * t)),
        Spending::ObrienFleming | Spending::Pocock => None,
    }
}

fn check_looks(alpha: f64, fractions: &[f64]) -> Result<(), NotEstimable> {
    if fractions.is_empty() {
        return Err(NotEstimable::NoData);
    }
    if !(alpha > 0.0 && alpha < 1.0) {
        return Err(NotEstimable::BadValue);
    }
    let mut before = 0.0;
    for t in fractions {
        if !(*t - before >= SMALLEST_STEP && *t <= 1.0) {
            return Err(NotEstimable::BadDesign);
        }
        before = *t;
    }
    if fractions.len() > MOST_LOOKS {
        return Err(NotEstimable::BadDesign);
    }
    Ok(())
}

/// Boundaries for looks at the given shares of information.
///
/// # Errors
/// `NoData` without looks; `BadValue` for an `alpha` outside (0, 1); `BadDesign` for shares that do
/// not rise by at least [`SMALLEST_STEP`] to at most 1, or for more than [`MOST_LOOKS`] of them.
pub fn boundaries(spending: Spending, alpha: f64, fractions: &[f64]) -> Result<Boundaries, NotEstimable> {
    check_looks(alpha, fractions)?;
    let z = match spending {
        Spending::ObrienFlemingLike | Spending::PocockLike => {
            let mut before = 0.0;
            let mut process = Process::new();
            let mut z = Vec::new();
            for t in fractions {
                let spent = spent_by(spending, alpha, *t).unwrap_or(0.0);
                let bound = process.bound_for(*t, (spent - before).max(0.0));
                process.advance(*t, bound);
                z.push(bound);
                before = spent;
            }
            z
        }
        Spending::ObrienFleming => classical(alpha, fractions, |c, t| c / sqrt(t)),
        Spending::Pocock => classical(alpha, fractions, |c, _| c),
    };
    let spent = crossing(fractions, &z);
    Ok(Boundaries { spending, alpha, fractions: fractions.to_vec(), z, spent })
}

/// The upper normal tail beyond the boundary at the last of the looks, for the error rate `alpha` over
/// the whole plan: the one-sided level at which that look alone is judged. Looks before that have
/// spent next to nothing (a share below 1e-7 of the last one's) are passed over.
///
/// # Errors
/// As [`boundaries`]; `BadDesign` also for the classical boundaries, which have no spending function.
pub fn last_level(spending: Spending, alpha: f64, fractions: &[f64]) -> Result<f64, NotEstimable> {
    check_looks(alpha, fractions)?;
    let spent = |t: f64| spent_by(spending, alpha, t).ok_or(NotEstimable::BadDesign);
    let (Some((last, earlier)), mut before) = (fractions.split_last(), 0.0) else { return Err(NotEstimable::NoData) };
    let whole = spent(*last)?;
    let mut process = Process::new();
    for t in earlier {
        let by_now = spent(*t)?;
        if by_now < 1e-7 * (whole - by_now) {
            continue;
        }
        let bound = process.bound_for(*t, (by_now - before).max(0.0));
        process.advance(*t, bound);
        before = by_now;
    }
    Ok(t_upper(process.bound_for(*last, (whole - before).max(0.0)), None))
}

/// The chance that a standard Brownian motion has crossed ±z by each look. Looks beyond the shorter
/// list are left out.
#[must_use]
pub fn crossing(fractions: &[f64], z: &[f64]) -> Vec<f64> {
    let mut process = Process::new();
    let mut total = 0.0;
    let look = |(t, bound): (&f64, &f64)| {
        total += 2.0 * process.above(*t, *bound);
        process.advance(*t, *bound);
        total
    };
    fractions.iter().zip(z).map(look).collect()
}

/// A normal boundary for a t statistic: the one with the same one-sided p-value.
#[must_use]
pub fn t_bound(z: f64, df: f64) -> f64 {
    -t_quantile(t_upper(z, None), Some(df))
}

/// The ρ² for which the confidence sequence is tightest after `n_star` blocks. `None` for an `alpha`
/// outside (0, 1) or no blocks.
#[must_use]
pub fn rho_squared(alpha: f64, n_star: u64) -> Option<f64> {
    if !(alpha > 0.0 && alpha < 1.0) || n_star == 0 {
        return None;
    }
    let l = -2.0 * ln(alpha);
    // Not positive for alpha above about 0.87, where there is no such sequence.
    let rho2 = (l + ln(l) + 1.0) / n_star as f64;
    (rho2.is_finite() && rho2 > 0.0).then_some(rho2)
}

/// Blocks from which on the confidence sequence is used: it rests on the central limit theorem.
pub const ANY_TIME_START: u64 = 20;

/// Half-width after `n` blocks with standard deviation `s`: the mean ± this covers the truth at all
/// n ≥ [`ANY_TIME_START`] at once with about 1 − α. `None` below that, or for nonsense.
#[must_use]
pub fn any_time_half_width(n: u64, s: f64, rho2: f64, alpha: f64) -> Option<f64> {
    let sane = s.is_finite() && s >= 0.0 && rho2 > 0.0 && rho2.is_finite() && alpha > 0.0 && alpha < 1.0;
    if n < ANY_TIME_START || !sane {
        return None;
    }
    let n = n as f64;
    let inner = n * rho2 + 1.0;
    Some(s * sqrt(2.0 * inner / (n * n * rho2) * ln(sqrt(inner) / alpha)))
}

/// The standardised effects that sign bets are spread over.
const BETS: [f64; 5] = [0.25, 0.5, 1.0, 2.0, 4.0];

/// Evidence against "the centre is at most θ" (or at least, betting down) from signs: an e-process.
///
/// Given its size, a difference from θ is as likely to be up as down under symmetric noise around
/// θ, so a bet of a share tanh(a) on "up" keeps its capital on average, whatever a is chosen from
/// the sizes and the past. Capital of 1/α is reached with a chance of at most α, at any time and
/// any n. It stays valid for a centre below θ when the noise is unimodal.
#[derive(Clone, Debug, PartialEq)]
pub struct SignBet {
    theta: f64,
    direction: f64,
    squares: f64,
    n: u64,
    capital: [f64; BETS.len()],
    most: f64,
}

impl SignBet {
    /// Bets that the centre lies above `theta`.
    #[must_use]
    pub fn above(theta: f64) -> SignBet {
        SignBet { theta, direction: 1.0, squares: 0.0, n: 0, capital: [0.0; BETS.len()], most: 1.0 }
    }

    /// Bets that the centre lies below `theta`.
    #[must_use]
    pub fn below(theta: f64) -> SignBet {
        SignBet { direction: -1.0, ..SignBet::above(theta) }
    }

    /// Takes one more value; one that is not finite, or that equals θ, says nothing.
    pub fn feed(&mut self, value: f64) {
        let d = self.direction * (value - self.theta);
        if !d.is_finite() || d == 0.0 {
            return;
        }
        self.n += 1;
        self.squares += d * d;
        let scale = sqrt(self.squares / self.n as f64);
        if !(scale > 0.0 && scale.is_finite()) {
            return;
        }
        for (capital, bet) in self.capital.iter_mut().zip(BETS) {
            // exp(a·sign)/cosh(a) in logs.
            let a = bet * d.abs() / scale;
            *capital += (if d > 0.0 { a } else { -a }) - ln_cosh(a);
        }
        let mean = self.capital.iter().map(|c| exp(c.min(600.0))).sum::<f64>() / BETS.len() as f64;
        self.most = self.most.max(mean);
    }

    /// The largest capital so far, from 1: evidence of 1/α or more rejects at the level α.
    #[must_use]
    pub fn evidence(&self) -> f64 {
        self.most
    }
}

/// ln cosh a for a ≥ 0, which does not overflow. Not made anew for each stake: the engine of a report is large enough.
#[inline(never)]
fn ln_cosh(a: f64) -> f64 {
    a + ln((1.0 + exp(-2.0 * a)) / 2.0)
}

fn classical(alpha: f64, fractions: &[f64], shape: impl Fn(f64, f64) -> f64) -> Vec<f64> {
    let at = |c: f64| fractions.iter().map(|t| shape(c, *t).min(NEVER)).collect::<Vec<f64>>();
    let (mut low, mut high) = (0.0f64, 10.0f64);
    for _ in 0..60 {
        let middle = (low + high) / 2.0;
        let all = crossing(fractions, &at(middle)).last().copied().unwrap_or(0.0);
        if all > alpha { low = middle } else { high = middle }
    }
    at(high)
}

/// Abscissae and weights of the ten-point Gauss-Legendre rule on [−1, 1], one side.
const GAUSS: [(f64, f64); 5] = [
    (0.148_874_338_981_631_2, 0.295_524_224_714_752_9),
    (0.433_395_394_129_247_2, 0.269_266_719_309_996_35),
    (0.679_409_568_299_024_4, 0.219_086_362_515_982_04),
    (0.865_063_366_688_984_5, 0.149_451_349_150_580_6),
    (0.973_906_528_517_171_7, 0.066_671_344_308_688_14),
];
/// Beyond this many standard deviations a normal density adds nothing to a double of this use.
const REACH: f64 = 9.0;

/// Brownian motion that has not crossed yet: its density at nodes of the last look.
struct Process {
    t: f64,
    /// Places in rising order with weight × density.
    nodes: Vec<(f64, f64)>,
}

impl Process {
    fn new() -> Process {
        Process { t: 0.0, nodes: [(0.0, 1.0)].to_vec() }
    }

    /// The chance to be above z at the share `t`, not having crossed before.
    fn above(&self, t: f64, z: f64) -> f64 {
        let (edge, step) = (z * sqrt(t), sqrt(t - self.t));
        self.nodes.iter().map(|(x, w)| w * t_upper((edge - x) / step, None)).sum()
    }

    /// The z that spends `alpha` on one side at the share `t`.
    fn bound_for(&self, t: f64, alpha: f64) -> f64 {
        if self.above(t, NEVER) >= alpha {
            return NEVER;
        }
        // The whole tail is an upper bound, and ln P is concave: Newton's method comes from above. Where
        // the tail is too thin for a number, halving leads back.
        let (mut low, mut high) = (0.0f64, normal_upper_quantile(alpha).min(NEVER));
        let (step, mut z) = (sqrt(t - self.t), high);
        for _ in 0..100 {
            let (edge, tail) = (z * sqrt(t), self.above(t, z));
            if tail > alpha {
                low = z
            } else {
                high = z
            }
            let density: f64 = self.nodes.iter().map(|(x, w)| w * normal_density((edge - x) / step)).sum();
            let newton = z + (ln(tail) - ln(alpha)) * tail / (density * sqrt(t) / step);
            let next = if newton > low && newton < high { newton } else { (low + high) / 2.0 };
            let moved = (next - z).abs();
            z = next;
            if moved <= 1e-15 * z {
                break;
            }
        }
        z
    }

    /// Goes on inside ±z at the share `t`.
    fn advance(&mut self, t: f64, z: f64) {
        let step = sqrt(t - self.t);
        let edge = z.min(REACH) * sqrt(t);
        // Panels no wider than a step: ten points each then resolve the normal kernel.
        let panels = libm::ceil(2.0 * edge / step).clamp(1.0, 4000.0) as usize;
        let half = edge / panels as f64;
        let mut nodes = Vec::with_capacity(panels * 2 * GAUSS.len());
        let factor = 1.0 / (step * sqrt(2.0 * core::f64::consts::PI));
        for panel in 0..panels {
            let center = -edge + (2 * panel + 1) as f64 * half;
            let left = GAUSS.iter().rev().map(|(x, w)| (-x, w));
            for (x, w) in left.chain(GAUSS.iter().map(|(x, w)| (*x, w))) {
                let y = center + half * x;
                let from = self.nodes.partition_point(|(x, _)| *x < y - REACH * step);
                let near = self.nodes.iter().skip(from).take_while(|(x, _)| *x <= y + REACH * step);
                let density: f64 = near
                    .map(|(x, mass)| {
                        let u = (y - x) / step;
                        mass * exp(-u * u / 2.0)
                    })
                    .sum();
                nodes.push((y, half * w * factor * density));
            }
        }
        *self = Process { t, nodes };
    }
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;
    use crate::stats::random::Random;

    const FOUR: [f64; 4] = [0.25, 0.5, 0.75, 1.0];

    #[track_caller]
    fn check(spending: Spending, want: &[f64]) {
        let got = boundaries(spending, 0.05, &FOUR).unwrap();
        for (z, want) in got.z.iter().zip(want) {
            assert!((z - want).abs() <= 0.000_05, "{:?} is not {want}", got.z);
        }
        assert!((got.spent[3] - 0.05).abs() < 1e-9, "{:?}", got.spent);
    }

    #[test]
    fn published_boundaries_to_the_digits_printed() {
        check(Spending::ObrienFleming, &[4.0486, 2.8628, 2.3375, 2.0243]);
        check(Spending::ObrienFlemingLike, &[4.3326, 2.9631, 2.3590, 2.0141]);
        check(Spending::Pocock, &[2.3613; 4]);
    }

    #[test]
    fn any_shares_spend_what_they_may() {
        for fractions in [&[0.1, 0.13, 0.6, 0.9][..], &[1.0], &[0.01, 0.02, 1.0]] {
            for spending in [Spending::ObrienFlemingLike, Spending::PocockLike] {
                let got = boundaries(spending, 0.05, fractions).unwrap();
                for (t, spent) in fractions.iter().zip(&got.spent) {
                    let want = 2.0 * spent_by(spending, 0.05, *t).unwrap();
                    assert!((spent - want).abs() < 1e-8, "{spending:?} {t}: {spent} is not {want}");
                }
            }
        }
        let one = boundaries(Spending::PocockLike, 0.05, &[1.0]).unwrap();
        assert!((one.z[0] - 1.959_963_984_540_054).abs() < 1e-9);
        let early = boundaries(Spending::ObrienFlemingLike, 0.05, &[0.001, 1.0]).unwrap();
        assert!(early.z[0] > 37.0 && early.z[0] <= NEVER);
    }

    #[test]
    fn many_and_narrow_looks_still_add_up() {
        let fractions: Vec<f64> = (1..=40).map(|i| f64::from(i) / 40.0).collect();
        let got = boundaries(Spending::ObrienFlemingLike, 0.05, &fractions).unwrap();
        assert!((got.spent[39] - 0.05).abs() < 1e-7);
        let close = boundaries(Spending::PocockLike, 0.05, &[0.5, 0.5002, 1.0]).unwrap();
        assert!((close.spent[2] - 0.05).abs() < 1e-7, "{:?}", close.spent);
    }

    #[test]
    fn the_level_of_the_last_look_is_that_of_its_boundary() {
        let looks = [0.0625, 0.125, 0.25, 0.5, 0.75, 1.0];
        for spending in [Spending::ObrienFlemingLike, Spending::PocockLike] {
            for alpha in [0.01, 0.05, 0.1, 0.7] {
                let z = boundaries(spending, alpha, &looks).unwrap().z;
                for last in 1..=looks.len() {
                    let (got, want) =
                        (last_level(spending, alpha, &looks[..last]).unwrap(), t_upper(z[last - 1], None));
                    // The density is followed to nine deviations, which an early boundary may exceed.
                    assert!((got / want - 1.0).abs() < 1e-5, "{spending:?} {alpha} {last}: {got} {want}");
                }
            }
        }
        assert_eq!(last_level(Spending::Pocock, 0.05, &FOUR), Err(NotEstimable::BadDesign));
        assert_eq!(last_level(Spending::PocockLike, 0.05, &[]), Err(NotEstimable::NoData));
    }

    #[test]
    fn refused_plans() {
        let why = |fractions: &[f64]| boundaries(Spending::PocockLike, 0.05, fractions).unwrap_err();
        assert_eq!(why(&[]), NotEstimable::NoData);
        assert_eq!(why(&[0.5, 0.5]), NotEstimable::BadDesign);
        assert_eq!(why(&[f64::NAN]), NotEstimable::BadDesign);
        assert_eq!(why(&[0.5, 1.5]), NotEstimable::BadDesign);
        assert_eq!(boundaries(Spending::PocockLike, 0.0, &[1.0]).unwrap_err(), NotEstimable::BadValue);
    }

    #[test]
    fn few_forks_get_wider_boundaries() {
        assert!((t_bound(1.959_963_984_540_054, 4.0) - 2.776_445_105_197_794).abs() < 1e-9);
        assert!(t_bound(4.3326, 3.0) > 30.0);
        assert!(t_bound(NEVER, 2.0).is_finite());
    }

    #[test]
    fn the_sequence_costs_what_it_is_said_to_cost() {
        // At the n it is tuned for: 1.55 times the width at a fixed n.
        let rho2 = rho_squared(0.05, 50).unwrap();
        let half = any_time_half_width(50, 1.0, rho2, 0.05).unwrap();
        let fixed = 1.959_963_984_540_054 / sqrt(50.0);
        assert!((half / fixed - 1.55).abs() < 0.01, "{}", half / fixed);
        for other in [0.5, 2.0] {
            assert!(any_time_half_width(50, 1.0, rho2 * other, 0.05).unwrap() > half);
        }
        assert!(any_time_half_width(19, 1.0, rho2, 0.05).is_none());
        assert!(any_time_half_width(20, f64::NAN, rho2, 0.05).is_none());
        assert!(rho_squared(0.0, 5).is_none() && rho_squared(0.05, 0).is_none());
    }

    #[test]
    fn bets_on_signs_keep_their_level_and_win_when_there_is_something() {
        let (mut wrong, mut right) = (0, 0);
        for run in 0..1000 {
            let mut random = Random::stream(7, run);
            let (mut null, mut shifted) = (SignBet::above(0.0), SignBet::above(0.0));
            for _ in 0..60 {
                let e = random.normal();
                null.feed(e);
                shifted.feed(e + 1.0);
            }
            wrong += u32::from(null.evidence() >= 20.0);
            right += u32::from(shifted.evidence() >= 20.0);
        }
        assert!(wrong <= 60, "{wrong} of 1000");
        assert!(right >= 990, "{right} of 1000");
    }

    #[test]
    fn a_bet_on_nothing_is_worth_one() {
        let mut bet = SignBet::below(1.0);
        [1.0, f64::NAN, f64::INFINITY].iter().for_each(|v| bet.feed(*v));
        assert_eq!(bet.evidence().to_bits(), 1.0f64.to_bits());
        // Six equal signs: at most 2⁶ can be won.
        (0..6).for_each(|_| bet.feed(0.5));
        assert!(bet.evidence() > 20.0 && bet.evidence() < 64.0, "{}", bet.evidence());
    }
}
