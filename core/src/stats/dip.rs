//! The dip statistic (Hartigan and Hartigan 1985) and its null distribution.

use alloc::vec::Vec;

use crate::stats::dip_table::TABLE;
use crate::stats::math::{ln, sqrt};

/// Largest distance of the distribution of sorted values from the nearest distribution with one
/// mode, in [1/(2n), 1/4]; 0 without values.
#[must_use]
pub fn dip(sorted: &[f64]) -> f64 {
    let n = sorted.len();
    if n == 0 {
        return 0.0;
    }
    // Heights count values: the curve steps from i to i + 1 at sorted[i], so that a convex curve
    // below it touches lower corners and a concave one above it upper corners.
    let (mut low, mut high) = (0, n - 1);
    let mut largest = 1.0f64;
    while sorted[low] < sorted[high] {
        let below = hull(sorted, low, high, |turn| turn > 0.0);
        let above = hull(sorted, low, high, |turn| turn < 0.0);
        // Where the two curves are farthest apart, at touching points of either.
        let mut apart = (0.0, low, high);
        let mut upper = Curve::new(&above);
        for g in &below {
            let d = upper.height(*g) - g.1 + 1.0;
            if d > apart.0 {
                let next = above.iter().find(|l| l.1 >= g.1).map_or(high, |l| l.1 as usize);
                apart = (d, g.1 as usize, next);
            }
        }
        let mut lower = Curve::new(&below);
        for l in &above {
            let d = l.1 + 1.0 - lower.height(*l);
            if d > apart.0 {
                let before = below.iter().rev().find(|g| g.1 <= l.1).map_or(low, |g| g.1 as usize);
                apart = (d, before, l.1 as usize);
            }
        }
        if apart.0 <= largest {
            break;
        }
        // What the curves miss of the data outside the interval that may hold the mode.
        let (mut lower, mut upper) = (Curve::new(&below), Curve::new(&above));
        let mut i = low;
        while i <= high {
            let (height, place) = (sorted[i], i as f64);
            if i <= apart.1 {
                largest = largest.max(place + 1.0 - lower.height((height, place)));
            }
            if i >= apart.2 {
                largest = largest.max(upper.height((height, place)) - place + 1.0);
            }
            i += 1;
        }
        if (apart.1, apart.2) == (low, high) || apart.1 >= apart.2 {
            break;
        }
        (low, high) = (apart.1, apart.2);
    }
    largest / (2.0 * n as f64)
}

/// A value and its index.
type Point = (f64, f64);

/// Where the tightest convex curve below, or concave above, touches the points; `keep` tells by the turn
/// at a point whether it stays.
fn hull(sorted: &[f64], low: usize, high: usize, keep: impl Fn(f64) -> bool) -> Vec<Point> {
    let mut out: Vec<Point> = Vec::with_capacity(64);
    for (i, value) in sorted.iter().enumerate().take(high + 1).skip(low) {
        let point = (*value, i as f64);
        while let [.., a, b] = out[..] {
            let (dx, dy) = (b.0 - a.0, b.1 - a.1);
            let (ex, ey) = (point.0 - b.0, point.1 - b.1);
            if keep(dx * ey - dy * ex) {
                break;
            }
            out.pop();
        }
        out.push(point);
    }
    out
}

/// A curve through touching points, looked at from left to right.
struct Curve<'a> {
    touching: &'a [Point],
    /// The touching point that no place asked for before lies behind.
    after: usize,
}

impl<'a> Curve<'a> {
    fn new(touching: &'a [Point]) -> Curve<'a> {
        Curve { touching, after: 0 }
    }

    /// Its height at the place of a point, in values.
    fn height(&mut self, point: Point) -> f64 {
        while self.touching[self.after].1 < point.1 && self.after + 1 < self.touching.len() {
            self.after += 1;
        }
        let (b, a) = (self.touching[self.after], self.touching[self.after.saturating_sub(1)]);
        let width = b.0 - a.0;
        if b.1 == point.1 || width <= 0.0 {
            return point.1;
        }
        a.1 + (b.1 - a.1) * ((point.0 - a.0) / width)
    }
}

/// Chances of the columns of the table of simulated dips.
pub const CHANCES: [f64; 16] =
    [0.99, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02, 0.01, 0.001, 0.0001];

/// Chance of a dip of at least this among `n` uniform values, interpolated in a table of simulated
/// √n · dip: between sizes along ln n, between chances along ln p. In [0.0001, 1]; 1 at the least
/// possible dip.
#[must_use]
pub fn dip_p(dip: f64, n: u64) -> f64 {
    let size = n.max(4) as f64;
    let scaled = sqrt(size) * dip;
    if dip <= 0.5 / size {
        return 1.0;
    }
    let after = TABLE.partition_point(|row| row.0 < size).clamp(1, TABLE.len() - 1);
    let (a, b) = (&TABLE[after - 1], &TABLE[after]);
    let along = ((ln(size) - ln(a.0)) / (ln(b.0) - ln(a.0))).clamp(0.0, 1.0);
    let row: [f64; 16] = core::array::from_fn(|i| a.1[i] + along * (b.1[i] - a.1[i]));
    let place = row.partition_point(|q| *q < scaled);
    match (place.checked_sub(1), row.get(place)) {
        (None, _) => CHANCES[0],
        (_, None) => CHANCES[15],
        (Some(before), Some(q)) => {
            let within = (scaled - row[before]) / (q - row[before]);
            let (p, r) = (ln(CHANCES[before]), ln(CHANCES[place]));
            crate::stats::math::exp(p + within * (r - p))
        }
    }
}

#[cfg(test)]
mod tests {
    use alloc::vec::Vec;

    use super::{dip, dip_p};
    use crate::stats::random::{Random, seed};

    #[test]
    fn known_dips() {
        // diptest::dip: the minimum is 1/(2n), evenly spaced values reach it; two equal clusters 1/4.
        let even: Vec<f64> = (0..50).map(f64::from).collect();
        assert!((dip(&even) - 0.01).abs() < 1e-15);
        assert_eq!(dip(&[]), 0.0);
        assert_eq!(dip(&[3.0]), 0.5);
        assert_eq!(dip(&[3.0; 10]), 0.05);
        assert!((dip(&[0.0, 0.0, 1.0, 1.0]) - 0.25).abs() < 1e-15);
    }

    #[test]
    fn dips_of_another_implementation() {
        // From the Python package diptest 0.10 (R's algorithm): values (7919 i + 31 i²) mod m, some of
        // them squared or cubed.
        let cases = [
            (12, 1009, 2, 0.116_761_952_491_169_27),
            (12, 97, 1, 0.081_300_813_008_130_08),
            (12, 53, 3, 0.081_792_091_836_734_69),
            (37, 1009, 2, 0.062_228_507_662_806_12),
            (37, 97, 1, 0.049_871_299_871_299_86),
            (37, 53, 3, 0.057_633_922_066_138_175),
            (150, 1009, 2, 0.026_838_155_613_350_678),
            (150, 97, 1, 0.031_111_111_111_111_114),
            (150, 53, 3, 0.039_757_286_050_432_63),
            (400, 1009, 2, 0.008_936_650_815_217_391),
            (400, 97, 1, 0.032_083_333_333_333_34),
            (400, 53, 3, 0.038_144_841_269_841_266),
        ];
        for (n, modulus, power, expected) in cases {
            let mut values: Vec<f64> =
                (1..=n).map(|i| f64::from((i * 7919 + i * i * 31) % modulus).powi(power)).collect();
            values.sort_unstable_by(f64::total_cmp);
            let found = dip(&values);
            assert!((found - expected).abs() < 1e-14, "{n} {modulus} {power}: {found} {expected}");
        }
    }

    #[test]
    fn uniform_values_have_uniform_chances() {
        for n in [20usize, 77, 300] {
            let p: Vec<f64> = (0..2000)
                .map(|r| {
                    let mut random = Random::new(seed([n as f64], "uniform", r));
                    let mut values: Vec<f64> = (0..n).map(|_| random.uniform()).collect();
                    values.sort_unstable_by(f64::total_cmp);
                    dip_p(dip(&values), n as u64)
                })
                .collect();
            for limit in [0.05, 0.2, 0.5] {
                let share = p.iter().filter(|p| **p <= limit).count() as f64 / 2000.0;
                assert!((share - limit).abs() < 0.035, "{n} {limit}: {share}");
            }
        }
    }

    #[test]
    fn chances_stay_in_bounds() {
        assert_eq!(dip_p(0.25, 1000), 0.0001);
        assert_eq!(dip_p(0.0005, 1000), 1.0);
        assert!(dip_p(0.02, 10_000_000) == 0.0001 && dip_p(0.2, 0) <= 1.0);
    }
}
