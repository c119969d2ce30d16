//! Between which values a quantile's interval lies: what dependent values are worth (STATISTICS S2, S7).

use alloc::vec::Vec;

use crate::model::SideSeries;
use crate::sort::in_rough_order;
use crate::stats::autocorrelation::tau;
use crate::stats::distribution::{normal_density, normal_quantile};
use crate::stats::math::within;
use crate::stats::order::{quantile, ranks_among};
use crate::stats::quantile::Weighing;

/// The quantiles that are reported.
pub(super) const PS: [f64; 5] = [0.5, 0.9, 0.95, 0.99, 0.999];

/// Where the interval of a quantile lies.
#[derive(Clone, Copy, Default)]
pub(super) struct Placed {
    /// How many independent values the used ones are worth for it.
    pub(super) effective: u64,
    /// The ranks of its bounds, 0 and one above the number of values where there is none, and its confidence.
    pub(super) ranks: (u64, u64, f64),
}

/// The used values of a side.
pub(super) struct Worth {
    /// Value, index of its process among those that have one, and weight, in the order it ran.
    used: Vec<(f64, u32, f64)>,
    /// Weight by process.
    totals: Vec<f64>,
    /// Whether each value counts once.
    plain: bool,
    confidence: f64,
    /// The quantile of the normal distribution for intervals, and that of Student's t between the processes.
    normal: f64,
    student: f64,
}

impl Worth {
    pub(super) fn new(side: &SideSeries, confidence: f64, weighing: &mut Weighing) -> Worth {
        let columns = &side.columns;
        let plain = columns.weight.is_empty();
        let mut places: Vec<Option<u32>> = side.forks.iter().map(|_| None).collect();
        let (mut used, mut totals) = (Vec::with_capacity(columns.len()), Vec::new());
        let all = side.marks().is_used();
        for (i, (value, fork)) in columns.values.iter().zip(&columns.fork).enumerate() {
            let weight = columns.weight.get(i).map_or(1.0, |w| *w as f64);
            if !(all || side.is_used(i)) || weight <= 0.0 {
                continue;
            }
            let Some(place) = places.get_mut(*fork as usize) else { continue };
            let place = *place.get_or_insert_with(|| {
                totals.push(0.0);
                totals.len() as u32 - 1
            });
            if let Some(total) = totals.get_mut(place as usize) {
                *total += weight;
            }
            used.push((*value, place, weight));
        }
        let mut both = |df| -weighing.t((1.0 - confidence) / 2.0, df);
        let normal = both(None);
        let student = if totals.len() >= 2 { both(Some(totals.len() as f64 - 1.0)) } else { normal };
        Worth { used, totals, plain, confidence, normal, student }
    }

    /// Where the intervals of the quantiles lie among the sorted values.
    ///
    /// One value from each process: these are independent, and the interval is that of order statistics. Values of
    /// a lone process are worth their number over the τ of the series that says which lie below (S7). Those of
    /// several processes are looked at in [`Worth::between_processes`].
    pub(super) fn places(&self, sorted: &[f64], weighing: &mut Weighing) -> [Placed; PS.len()] {
        let (n, k) = (sorted.len() as u64, self.totals.len());
        let mut counted = |p: f64, worth: f64| {
            let effective = within(worth, 1.0, n as f64) as u64;
            Placed { effective, ranks: ranks_among(n, effective, weighing.ranks(effective, p, self.confidence)) }
        };
        let at = |p| quantile(sorted, p).unwrap_or_default();
        match k {
            // One value from each process.
            _ if self.plain && self.used.len() == k => PS.map(|p| counted(p, n as f64)),
            2.. => self.between_processes(sorted, &mut counted),
            _ if self.plain => PS.map(|p| {
                let series: Vec<f64> = self.used.iter().map(|u| if u.0 <= at(p) { 1.0 } else { 0.0 }).collect();
                counted(p, n as f64 / tau(&series).max(1.0))
            }),
            _ => PS.map(|p| counted(p, n as f64)),
        }
    }

    /// Between which ranks quantiles of values from several processes lie.
    ///
    /// A value is inside where the share of values up to it may be p: where their probits differ by no more than
    /// Student's t with k − 1 degrees of freedom times the standard error. That is the one between the processes,
    /// each a cluster (Woodruff 1952; Kish 1965; t for it: Korn and Graubard 1998), but for two corrections, found
    /// by simulation (`cargo dev simulate`):
    ///
    /// Far out the shares of few processes hardly show how unlike the processes are, so that it is also concluded
    /// from the median, as if the processes were shifted against each other, which moves all probits alike;
    /// the mean of both counts. And processes that are no more unlike than independent values would make them are
    /// taken for alike: the values are worth their number then, and so far out that no bound is found their order
    /// statistics are exact.
    ///
    /// Two processes show too little: of these no interval is claimed.
    fn between_processes(&self, sorted: &[f64], counted: &mut dyn FnMut(f64, f64) -> Placed) -> [Placed; PS.len()] {
        let (n, k) = (sorted.len() as f64, self.totals.len());
        let middle = quantile(sorted, 0.5).and_then(|at| self.unlike(at)).unwrap_or(1.0);
        let rough = self.student / self.normal;
        // The variance of a share, by that of independent values whose variance is known. `steep`: the variance of
        // such a share over that of its probit.
        let widened = |here: f64, steep: f64| {
            let expected = (1.0 + (middle - 1.0) * steep * core::f64::consts::FRAC_PI_2).max(0.0);
            let mean = f64::midpoint(here, expected);
            if mean <= 1.0 { 1.0 } else { mean * rough * rough }
        };
        let steep = |probit: f64, share: f64| {
            let density = normal_density(probit);
            density * density / (share * (1.0 - share))
        };
        let goals = PS.map(normal_quantile);
        let none = (0, sorted.len() as u64 + 1, self.confidence);
        let exact = PS.map(|p| {
            let here = quantile(sorted, p).and_then(|at| self.unlike(at));
            counted(p, n / here.map_or(1.0, |here| widened(here, steep(normal_quantile(p), p))))
        });
        if k == 2 {
            return exact.map(|placed| Placed { ranks: (0, none.1, 0.0), ..placed });
        }
        let mut out = exact.map(|placed| Placed { ranks: none, ..placed });
        let mut shares = Shares::new(&self.totals);
        let mut look = |shares: &Shares| {
            let share = shares.near();
            let probit = normal_quantile(share);
            let steep = steep(probit, share);
            let rank = (shares.all / shares.total * n + 0.5) as u64;
            let square = self.normal * self.normal / (shares.total * steep) * widened(shares.unlike(), steep);
            for (placed, goal) in out.iter_mut().zip(goals) {
                let away = probit - goal;
                if away * away > square {
                    if away < 0.0 {
                        placed.ranks.0 = rank + 1;
                    } else if placed.ranks.1 > sorted.len() as u64 {
                        placed.ranks.1 = rank;
                    }
                }
            }
        };
        look(&shares);
        let keys = in_rough_order(
            self.used
                .iter()
                .enumerate()
                .map(|(i, (value, place, _))| (*value, if self.plain { *place } else { i as u32 })),
        );
        for alike in keys.chunk_by(|a, b| a >> 32 == b >> 32) {
            for key in alike {
                let low = *key as u32;
                let (place, weight) = match self.used.get(low as usize) {
                    Some((_, place, weight)) if !self.plain => (*place, *weight),
                    _ => (low, 1.0),
                };
                shares.take(place as usize, weight);
            }
            look(&shares);
        }
        for (placed, exact) in out.iter_mut().zip(exact) {
            let open = placed.ranks.0 == none.0 || placed.ranks.1 == none.1;
            if open && exact.effective as usize == sorted.len() {
                *placed = exact;
            }
        }
        out
    }

    /// By how much the variance of the share of values up to one, seen between the processes, is larger than of
    /// independent values; `None` where all or none lie there.
    fn unlike(&self, at: f64) -> Option<f64> {
        let mut shares = Shares::new(&self.totals);
        for (_, place, weight) in self.used.iter().filter(|(value, ..)| *value <= at) {
            shares.take(*place as usize, *weight);
        }
        (shares.all > 0.0 && shares.all < shares.total).then(|| shares.unlike())
    }
}

/// How much of each process lies below a value.
struct Shares<'a> {
    totals: &'a [f64],
    below: Vec<f64>,
    total: f64,
    all: f64,
    /// Sums over the processes: of the squares, of the products with their totals, and of the totals' squares.
    squares: f64,
    products: f64,
    sizes: f64,
}

impl<'a> Shares<'a> {
    fn new(totals: &'a [f64]) -> Shares<'a> {
        let sum = |of: &dyn Fn(&f64) -> f64| totals.iter().fold(0.0, |sum, v| sum + of(v));
        Shares {
            totals,
            below: totals.iter().map(|_| 0.0).collect(),
            total: sum(&|v| *v),
            all: 0.0,
            squares: 0.0,
            products: 0.0,
            sizes: sum(&|v| v * v),
        }
    }

    fn take(&mut self, place: usize, weight: f64) {
        if let (Some(below), Some(total)) = (self.below.get_mut(place), self.totals.get(place)) {
            self.squares += weight * (2.0 * *below + weight);
            self.products += weight * total;
            self.all += weight;
            *below += weight;
        }
    }

    /// Their share of all, never 0 or 1.
    fn near(&self) -> f64 {
        (self.all + 0.5) / (self.total + 1.0)
    }

    fn unlike(&self) -> f64 {
        let (share, near, k) = (self.all / self.total, self.near(), self.totals.len() as f64);
        let between = (self.squares - share * (2.0 * self.products - share * self.sizes)).max(0.0);
        k / (k - 1.0) * between / self.total / (near * (1.0 - near))
    }
}
