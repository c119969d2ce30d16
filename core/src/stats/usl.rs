//! Laws of scalability and their fit (STATISTICS S15): linear, Amdahl (1967), and the universal
//! scalability law of Gunther (2007), X(N) = λN/(1 + σ(N − 1) + κN(N − 1)).
//!
//! Levenberg-Marquardt with bounds: a parameter at its bound that would leave it stands still for
//! the step. Started from the quadratic that N/X is.

use alloc::vec::Vec;
use serde::{Deserialize, Serialize};

use crate::stats::estimable::NotEstimable;
use crate::stats::least_squares::Gram;
use crate::stats::math::{sqrt, within};
use crate::stats::moments::sum;

/// Which law.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Law {
    /// X = λN: nothing is shared.
    Linear,
    /// κ = 0: a share σ of the work is serial.
    Amdahl,
    /// Contention σ and coherence κ: throughput falls again from some N on.
    Usl,
}

impl Law {
    /// All, the simplest first.
    pub const ALL: [Law; 3] = [Law::Linear, Law::Amdahl, Law::Usl];

    /// Parameters with λ.
    #[must_use]
    pub fn parameters(self) -> u64 {
        match self {
            Law::Linear => 1,
            Law::Amdahl => 2,
            Law::Usl => 3,
        }
    }
}

/// How λ, the throughput of one, is found.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Lambda {
    /// Fitted.
    Free,
    /// Given, as where throughput was normalised by that of one.
    Fixed(f64),
}

/// Where σ and κ may lie.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Bounds {
    /// 0 ≤ σ ≤ 1 and κ ≥ 0: what can be meant.
    Physical,
    /// Anywhere: to see by how much the data contradict the law.
    None,
}

/// A curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Curve {
    /// Throughput of one, in the unit of the data.
    pub lambda: f64,
    /// Contention.
    pub sigma: f64,
    /// Coherence.
    pub kappa: f64,
}

impl Curve {
    /// Throughput at N.
    #[must_use]
    pub fn at(&self, n: f64) -> f64 {
        self.lambda * n / self.divisor(n)
    }

    /// The N with the most throughput, at least 1: √((1 − σ)/κ); `None` without coherence cost.
    #[must_use]
    pub fn peak(&self) -> Option<f64> {
        (self.kappa > 0.0).then(|| sqrt(((1.0 - self.sigma) / self.kappa).max(1.0)))
    }

    /// The most throughput: at the peak, or λ/σ that Amdahl's law tends to; `None` without a limit.
    #[must_use]
    pub fn most(&self) -> Option<f64> {
        match self.peak() {
            Some(n) => Some(self.at(n)),
            None => (self.sigma > 0.0).then(|| self.lambda / self.sigma),
        }
    }

    fn divisor(&self, n: f64) -> f64 {
        1.0 + self.sigma * (n - 1.0) + self.kappa * n * (n - 1.0)
    }
}

/// A fitted curve.
#[derive(Clone, Copy, Debug, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// The law.
    pub law: Law,
    /// The curve.
    pub curve: Curve,
    /// Weighted sum of squared residuals.
    pub cost: f64,
    /// Points fitted.
    pub n: u64,
}

/// A measured point: N, throughput, and the weight of its squared residual.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Point {
    /// How many threads.
    pub n: f64,
    /// Throughput, above 0.
    pub x: f64,
    /// Weight, above 0: 1 for plain least squares, 1/(x²·relative variance) for relative ones.
    pub weight: f64,
}

/// Steps after which a fit is given up.
const MOST_STEPS: usize = 1_000;

/// Fits a law by weighted least squares.
///
/// # Errors
/// `TooFew` for fewer points than parameters, `BadValue` for values that are not positive and
/// finite, `NoConvergence`.
pub fn fit(points: &[Point], law: Law, lambda: Lambda, bounds: Bounds) -> Result<Fit, NotEstimable> {
    let good = |v: f64| v.is_finite() && v > 0.0;
    if points.iter().any(|p| !(p.n >= 1.0 && good(p.n) && good(p.x) && good(p.weight))) {
        return Err(NotEstimable::BadValue);
    }
    if matches!(lambda, Lambda::Fixed(l) if !good(l)) {
        return Err(NotEstimable::BadValue);
    }
    let free = law.parameters() - u64::from(lambda != Lambda::Free);
    if (points.len() as u64) < free.max(1) {
        return Err(NotEstimable::TooFew { n: points.len() as u64, needed: free.max(1) });
    }
    let problem = Problem { points, law, lambda, bounds };
    let starts = problem.starts();
    let found = starts.iter().filter_map(|start| problem.descend(*start, 1e-15));
    // The first of equals.
    let best = found.fold(None, |best: Option<(Curve, f64)>, next| match best {
        Some(b) if b.1 <= next.1 => Some(b),
        _ => Some(next),
    });
    let (curve, cost) = best.ok_or(NotEstimable::NoConvergence)?;
    Ok(Fit { law, curve: problem.settle(curve), cost, n: points.len() as u64 })
}

/// Fits again from a curve near by, for resampled data: to nine digits, since their spread is what
/// counts.
pub(crate) fn refit(points: &[Point], law: Law, start: Curve) -> Option<Curve> {
    let problem = Problem { points, law, lambda: Lambda::Free, bounds: Bounds::Physical };
    problem.descend(start, 1e-9).map(|(curve, _)| curve)
}

struct Problem<'a> {
    points: &'a [Point],
    law: Law,
    lambda: Lambda,
    bounds: Bounds,
}

impl Problem<'_> {
    /// Whether λ, σ, κ are fitted.
    fn free(&self) -> [bool; 3] {
        [self.lambda == Lambda::Free, self.law != Law::Linear, self.law == Law::Usl]
    }

    fn limits(&self) -> [(f64, f64); 3] {
        let positive = (f64::MIN_POSITIVE, f64::MAX);
        match self.bounds {
            Bounds::Physical => [positive, (0.0, 1.0), (0.0, f64::MAX)],
            Bounds::None => [positive, (f64::MIN, f64::MAX), (f64::MIN, f64::MAX)],
        }
    }

    /// The linearised quadratic N/X = a + b(N − 1) + cN(N − 1), and a plain guess.
    fn starts(&self) -> Vec<Curve> {
        let free = self.free();
        let mut gram = Gram::new(3);
        let mut right = [0.0; 3];
        for p in self.points {
            let row = [1.0, p.n - 1.0, p.n * (p.n - 1.0)];
            let y = p.n / p.x;
            // A relative residual of N/X is one of X.
            let weight = p.weight * p.x * p.x / (y * y);
            for i in (0..3).filter(|i| *i == 0 || free[*i]) {
                right[i] += weight * row[i] * y;
                (0..3).filter(|j| *j == 0 || free[*j]).for_each(|j| gram.add(i, j, weight * row[i] * row[j]));
            }
        }
        let solved = gram.factor().solve(&right);
        let first = self.points.iter().fold(None, |best: Option<&Point>, p| match best {
            Some(b) if b.n <= p.n => Some(b),
            _ => Some(p),
        });
        let one = match self.lambda {
            Lambda::Fixed(l) => l,
            Lambda::Free => first.map_or(1.0, |p| p.x / p.n),
        };
        let mut out = Vec::new();
        if let [a, b, c] = solved.as_slice()
            && *a > 0.0
        {
            let lambda = if self.lambda == Lambda::Free { 1.0 / a } else { one };
            out.push(Curve { lambda, sigma: b / a, kappa: c / a });
        }
        out.push(Curve { lambda: one, sigma: 0.05, kappa: 1e-4 });
        for curve in &mut out {
            // Inside what is allowed, and where the divisor is positive.
            curve.sigma = if free[1] { curve.sigma.clamp(0.0, 1.0) } else { 0.0 };
            curve.kappa = if free[2] { curve.kappa.max(0.0) } else { 0.0 };
        }
        out
    }

    fn cost(&self, curve: &Curve) -> Option<f64> {
        if self.points.iter().any(|p| curve.divisor(p.n) <= 0.0) {
            return None;
        }
        let residual = |p: &Point| curve.at(p.n) - p.x;
        Some(sum(self.points.iter().map(|p| p.weight * residual(p) * residual(p)))).filter(|c| c.is_finite())
    }

    /// Marquardt's descent until no parameter moves by more than `tolerance`.
    fn descend(&self, start: Curve, tolerance: f64) -> Option<(Curve, f64)> {
        let mut theta = [start.lambda, start.sigma, start.kappa];
        let mut cost = self.cost(&curve(&theta))?;
        let mut damping = 1e-3;
        let mut fresh = self.gradient(&curve(&theta));
        for _ in 0..MOST_STEPS {
            let next = self.step(&theta, &fresh, damping);
            if near(&theta, &next, tolerance) || damping > 1e18 {
                return Some((curve(&theta), cost));
            }
            match self.cost(&curve(&next)).filter(|c| *c < cost) {
                Some(lower) => {
                    theta = next;
                    cost = lower;
                    damping = (damping / 10.0).max(1e-14);
                    fresh = self.gradient(&curve(&theta));
                }
                None => damping *= 10.0,
            }
        }
        None
    }

    /// The last digits. Near its minimum the cost is flat: rounding hides from it what moves a parameter by
    /// the root of a last bit. The gradient still sees it, so undamped steps follow for as long as they halve.
    /// The cost stays what it was, rounding apart.
    fn settle(&self, found: Curve) -> Curve {
        let mut theta = [found.lambda, found.sigma, found.kappa];
        let mut most = 1e-6;
        while most > f64::EPSILON / 2.0 {
            let mut next = self.step(&theta, &self.gradient(&curve(&theta)), 0.0);
            for (i, (low, high)) in self.limits().into_iter().enumerate() {
                // Rounding of a gradient of 0 must not lift what lies on its bound.
                if theta[i] <= low || theta[i] >= high {
                    next[i] = theta[i];
                }
            }
            if !near(&theta, &next, most) {
                break;
            }
            theta = next;
            most /= 2.0;
        }
        let settled = curve(&theta);
        if self.cost(&settled).is_some() { settled } else { found }
    }

    /// Where Marquardt's step leads; what presses against a bound stays there.
    fn step(&self, theta: &[f64; 3], (slope, hessian): &([f64; 3], [[f64; 3]; 3]), damping: f64) -> [f64; 3] {
        let (free, limits) = (self.free(), self.limits());
        let moves = |i: usize| {
            let (low, high) = limits[i];
            free[i] && !(theta[i] <= low && slope[i] > 0.0) && !(theta[i] >= high && slope[i] < 0.0)
        };
        let mut gram = Gram::new(3);
        let mut right = [0.0; 3];
        for i in (0..3).filter(|i| moves(*i)) {
            right[i] = -slope[i];
            for j in (0..3).filter(|j| moves(*j)) {
                gram.add(i, j, hessian[i][j] * if i == j { 1.0 + damping } else { 1.0 });
            }
        }
        let mut next = *theta;
        for (i, d) in gram.factor().solve(&right).iter().enumerate().take(3) {
            next[i] = within(theta[i] + d, limits[i].0, limits[i].1);
        }
        next
    }

    /// Half the gradient of the cost, and JᵀJ.
    fn gradient(&self, curve: &Curve) -> ([f64; 3], [[f64; 3]; 3]) {
        let (mut slope, mut hessian) = ([0.0; 3], [[0.0; 3]; 3]);
        for p in self.points {
            let d = curve.divisor(p.n);
            let by = curve.lambda * p.n / (d * d);
            let row = [p.n / d, -by * (p.n - 1.0), -by * p.n * (p.n - 1.0)];
            let residual = curve.at(p.n) - p.x;
            for i in 0..3 {
                slope[i] += p.weight * row[i] * residual;
                for j in 0..3 {
                    hessian[i][j] += p.weight * row[i] * row[j];
                }
            }
        }
        (slope, hessian)
    }
}

fn curve(theta: &[f64; 3]) -> Curve {
    Curve { lambda: theta[0], sigma: theta[1], kappa: theta[2] }
}

/// Whether no parameter moved by more: relative to λ; σ and κN of order one are what the law is about.
fn near(from: &[f64; 3], to: &[f64; 3], most: f64) -> bool {
    (0..3).all(|i| (to[i] - from[i]).abs() <= most * (from[i].abs() + f64::from(i > 0) * 1e-4))
}

#[cfg(test)]
#[allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]
mod tests {
    use super::*;

    fn gunther() -> Vec<Point> {
        let n = [1, 4, 8, 12, 16, 20, 24, 28, 32, 48, 64];
        let x = [20, 78, 130, 170, 190, 200, 210, 230, 260, 280, 310];
        n.iter().zip(x).map(|(n, x)| Point { n: f64::from(*n), x: f64::from(x), weight: 1.0 }).collect()
    }

    #[track_caller]
    fn near(got: f64, want: f64, digit: f64) {
        assert!((got - want).abs() <= 0.5 * digit, "{got} is not {want}");
    }

    #[test]
    fn a_line_is_a_line_to_the_last_digits() {
        // λ of X = λN has a closed form, Σ wNX / Σ wN²; the small first value decides it.
        let x = [1.25e-4, 0.61, 0.93, 0.27, 0.55];
        let points: Vec<Point> =
            (1..).zip(x).map(|(n, x)| Point { n: f64::from(n), x, weight: 1.0 / (x * x) }).collect();
        let of = |each: fn(&Point) -> f64| points.iter().map(each).sum::<f64>();
        let want = of(|p| p.weight * p.n * p.x) / of(|p| p.weight * p.n * p.n);
        let got = fit(&points, Law::Linear, Lambda::Free, Bounds::Physical).unwrap().curve.lambda;
        assert!((got / want - 1.0).abs() < 1e-15, "{got} is not {want}");
    }

    #[test]
    fn the_ray_tracer_to_the_digits_printed() {
        let two = fit(&gunther(), Law::Usl, Lambda::Fixed(20.0), Bounds::Physical).unwrap().curve;
        // By Gauss-Newton in 50 digits. The specification prints .0497972743 and 1.1435e-5, which a
        // looser stop gave: it is the same minimum to 6e-9 and 6e-10.
        near(two.sigma, 0.049_797_279_456, 1e-9);
        near(two.kappa, 1.143_444e-5, 1e-10);
        near(two.sigma, 0.049_797_274_3, 1.2e-8);
        near(two.kappa, 1.143_5e-5, 1.2e-9);
        let three = fit(&gunther(), Law::Usl, Lambda::Free, Bounds::Physical).unwrap();
        near(three.curve.lambda, 21.848_8, 1e-4);
        near(three.curve.lambda, 21.848_842_865_7, 1e-6);
        near(three.curve.sigma, 0.057_770_8, 1e-7);
        near(three.cost, 697.237_8, 1e-4);
        assert_eq!(three.curve.kappa, 0.0);
        let anywhere = fit(&gunther(), Law::Usl, Lambda::Free, Bounds::None).unwrap();
        near(anywhere.cost, 484.02, 1e-2);
        assert!(anywhere.curve.kappa < 0.0);
    }

    #[test]
    fn exact_curves_are_found_again() {
        for (sigma, kappa) in [(0.0, 0.0), (0.02, 0.0), (0.02, 3e-4), (0.3, 0.01), (1.0, 0.0), (0.0, 1e-3)] {
            let curve = Curve { lambda: 1e6, sigma, kappa };
            let point = |n: f64| Point { n, x: curve.at(n), weight: 1.0 / (curve.at(n) * curve.at(n)) };
            let points: Vec<Point> = [1.0, 2.0, 4.0, 8.0, 12.0, 16.0, 32.0].map(point).to_vec();
            let got = fit(&points, Law::Usl, Lambda::Free, Bounds::Physical).unwrap().curve;
            assert!((got.sigma - sigma).abs() < 1e-9 && (got.kappa - kappa).abs() < 1e-10, "{got:?}");
            assert!((got.lambda / 1e6 - 1.0).abs() < 1e-9);
        }
    }

    #[test]
    fn nested_laws_never_fit_better() {
        let cost = |law| fit(&gunther(), law, Lambda::Free, Bounds::Physical).unwrap().cost;
        assert!(cost(Law::Usl) <= cost(Law::Amdahl) && cost(Law::Amdahl) < cost(Law::Linear));
    }

    #[test]
    fn peaks() {
        let c = |sigma, kappa| Curve { lambda: 10.0, sigma, kappa };
        assert!((c(0.04, 0.000_1).peak().unwrap() - sqrt(9_600.0)).abs() < 1e-9);
        assert_eq!((c(0.5, 0.0).peak(), c(0.5, 0.0).most(), c(0.0, 0.0).most()), (None, Some(20.0), None));
        assert_eq!(c(1.0, 0.5).peak(), Some(1.0));
    }

    #[test]
    fn bad_points_are_refused() {
        let p = |n, x, weight| Point { n, x, weight };
        let why = |points: &[Point]| fit(points, Law::Usl, Lambda::Free, Bounds::Physical).unwrap_err();
        assert_eq!(why(&[]), NotEstimable::TooFew { n: 0, needed: 3 });
        assert_eq!(why(&[p(1.0, 1.0, 1.0), p(2.0, 2.0, 1.0)]), NotEstimable::TooFew { n: 2, needed: 3 });
        for bad in [p(0.0, 1.0, 1.0), p(1.0, 0.0, 1.0), p(1.0, f64::NAN, 1.0), p(1.0, 1.0, f64::INFINITY)] {
            assert_eq!(why(&[bad, p(2.0, 1.0, 1.0), p(3.0, 1.0, 1.0)]), NotEstimable::BadValue);
        }
        assert_eq!(
            fit(&[p(1.0, 1.0, 1.0); 3], Law::Linear, Lambda::Fixed(-1.0), Bounds::None),
            Err(NotEstimable::BadValue)
        );
        // One N only: σ and κ have no effect, λ is found.
        assert!(
            (fit(&[p(1.0, 5.0, 1.0); 3], Law::Usl, Lambda::Free, Bounds::Physical).unwrap().curve.lambda - 5.0).abs()
                < 1e-9
        );
    }
}
