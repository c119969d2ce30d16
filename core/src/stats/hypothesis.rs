//! Two-sample and paired tests on units of replication.

use alloc::vec;
use alloc::vec::Vec;

use crate::report::{Method, Test};
use crate::stats::distribution::{satterthwaite, standard_error, t_two_sided};
use crate::stats::moments::{mean, variance};

/// Welch's t-test; `None` below two values a side or without any variance. The statistic is
/// mean(a) − mean(b) over its standard error.
#[must_use]
pub fn welch(a: &[f64], b: &[f64]) -> Option<Test> {
    let parts = [
        (variance(a)? / a.len() as f64, Some(a.len() as f64 - 1.0)),
        (variance(b)? / b.len() as f64, Some(b.len() as f64 - 1.0)),
    ];
    let df = satterthwaite(&parts)?;
    let statistic = (mean(a)? - mean(b)?) / standard_error(&parts);
    Some(Test { method: Method::Welch, statistic, df: Some(df), p: t_two_sided(statistic, Some(df)) })
}

/// One-sample t-test of paired differences against 0; `None` below two or without variance.
#[must_use]
pub fn paired_t(differences: &[f64]) -> Option<Test> {
    let n = differences.len() as f64;
    let part = [(variance(differences)? / n, Some(n - 1.0))];
    let df = satterthwaite(&part)?;
    let statistic = mean(differences)? / standard_error(&part);
    Some(Test { method: Method::PairedT, statistic, df: Some(df), p: t_two_sided(statistic, Some(df)) })
}

/// Yuen's test on trimmed means, `trim` from each end; `None` when fewer than three values are
/// left on a side or nothing varies.
#[must_use]
pub fn yuen(a: &[f64], b: &[f64], trim: f64) -> Option<Test> {
    let (ma, va, ha) = trimmed(a, trim)?;
    let (mb, vb, hb) = trimmed(b, trim)?;
    let parts = [(va, Some(ha - 1.0)), (vb, Some(hb - 1.0))];
    let df = satterthwaite(&parts)?;
    let statistic = (ma - mb) / standard_error(&parts);
    Some(Test { method: Method::Yuen, statistic, df: Some(df), p: t_two_sided(statistic, Some(df)) })
}

/// Trimmed mean, squared standard error by winsorised variance, and values left.
#[must_use]
pub fn trimmed(values: &[f64], trim: f64) -> Option<(f64, f64, f64)> {
    let n = values.len();
    let cut = (trim * n as f64) as usize;
    let left = n.checked_sub(2 * cut).filter(|h| *h >= 3)?;
    let mut sorted = values.to_vec();
    sorted.sort_unstable_by(f64::total_cmp);
    let kept = sorted.get(cut..cut + left)?;
    let (low, high) = (*kept.first()?, *kept.last()?);
    let center = mean(kept)?;
    let winsorised: Vec<f64> = sorted.iter().map(|v| v.clamp(low, high)).collect();
    let (n, h) = (n as f64, left as f64);
    Some((center, (n - 1.0) * variance(&winsorised)? / (h * (h - 1.0)), h))
}

/// Midranks, doubled so that they are whole numbers.
fn doubled_ranks(values: &[f64]) -> Vec<u64> {
    let mut order: Vec<usize> = (0..values.len()).collect();
    order.sort_by(|i, j| values[*i].total_cmp(&values[*j]));
    let mut ranks = vec![0u64; values.len()];
    let mut start = 0;
    while start < order.len() {
        let mut end = start;
        while end + 1 < order.len() && values[order[end + 1]] == values[order[start]] {
            end += 1;
        }
        for place in start..=end {
            ranks[order[place]] = (start + end) as u64 + 2;
        }
        start = end + 1;
    }
    ranks
}

/// Mann-Whitney's U with the exact null distribution conditional on the ties: every way to choose
/// which ranks are `a`'s. Two-sided p = P(|U − n₁n₂/2| ≥ |u − n₁n₂/2|). `None` for an empty side,
/// or above 50 values a side.
#[must_use]
pub fn mann_whitney(a: &[f64], b: &[f64]) -> Option<Test> {
    if a.is_empty() || b.is_empty() || a.len() > 50 || b.len() > 50 {
        return None;
    }
    let pooled: Vec<f64> = a.iter().chain(b).copied().collect();
    let ranks = doubled_ranks(&pooled);
    let most: usize = ranks.iter().map(|r| *r as usize).sum();
    let n1 = a.len();
    // ways[k][s]: subsets of k ranks with doubled sum s, as shares to stay finite.
    let mut ways = vec![vec![0.0f64; most + 1]; n1 + 1];
    ways[0][0] = 1.0;
    for rank in &ranks {
        let rank = *rank as usize;
        for k in (1..=n1).rev() {
            let (fewer, these) = ways.split_at_mut(k);
            for s in (rank..=most).rev() {
                these[0][s] += fewer[k - 1][s - rank];
            }
        }
    }
    let total: f64 = ways[n1].iter().sum();
    let seen: u64 = ranks.iter().take(n1).sum();
    let center = (n1 * (pooled.len() + 1)) as i64;
    let reach = (seen as i64 - center).abs();
    let extreme: f64 =
        ways[n1].iter().enumerate().filter(|(s, _)| (*s as i64 - center).abs() >= reach).map(|(_, w)| w).sum();
    let u = seen as f64 / 2.0 - (n1 * (n1 + 1)) as f64 / 2.0;
    let p = (extreme / total).clamp(f64::MIN_POSITIVE, 1.0);
    Some(Test { method: Method::MannWhitneyExact, statistic: u, df: None, p })
}

/// Wilcoxon's signed ranks, exact over all signs; zeros are dropped. The statistic is the sum of
/// positive ranks. `None` without a non-zero difference or above 100.
#[must_use]
pub fn wilcoxon(differences: &[f64]) -> Option<Test> {
    let nonzero: Vec<f64> = differences.iter().copied().filter(|d| *d != 0.0).collect();
    if nonzero.is_empty() || nonzero.len() > 100 {
        return None;
    }
    let ranks = doubled_ranks(&nonzero.iter().map(|d| d.abs()).collect::<Vec<_>>());
    let most: usize = ranks.iter().map(|r| *r as usize).sum();
    let mut share = vec![0.0f64; most + 1];
    share[0] = 1.0;
    for rank in &ranks {
        let rank = *rank as usize;
        for s in (0..=most).rev() {
            let with = if s >= rank { share[s - rank] } else { 0.0 };
            share[s] = (share[s] + with) / 2.0;
        }
    }
    let seen: u64 = ranks.iter().zip(&nonzero).filter(|(_, d)| **d > 0.0).map(|(r, _)| *r).sum();
    let reach = (2 * seen as i64 - most as i64).abs();
    let p: f64 =
        share.iter().enumerate().filter(|(s, _)| (2 * *s as i64 - most as i64).abs() >= reach).map(|(_, w)| w).sum();
    Some(Test {
        method: Method::WilcoxonExact,
        statistic: seen as f64 / 2.0,
        df: None,
        p: p.clamp(f64::MIN_POSITIVE, 1.0),
    })
}

/// All sign flips of the mean of paired differences; the statistic is the mean. `None` below two
/// values or above 20, where enumeration gets long.
#[must_use]
pub fn sign_flip(differences: &[f64]) -> Option<Test> {
    let n = differences.len();
    if !(2..=20).contains(&n) {
        return None;
    }
    let seen: f64 = differences.iter().sum();
    let scale: f64 = differences.iter().map(|d| d.abs()).sum();
    let mut hits = 0u64;
    // Gray code: one sign changes from one flip to the next.
    let mut signs = differences.to_vec();
    let mut current = seen;
    for step in 0..(1u64 << n) {
        if step > 0 {
            let bit = step.trailing_zeros() as usize;
            current -= 2.0 * signs[bit];
            signs[bit] = -signs[bit];
        }
        hits += u64::from(current.abs() >= seen.abs() - 1e-12 * scale);
    }
    let p = hits as f64 / (1u64 << n) as f64;
    Some(Test { method: Method::SignFlip, statistic: seen / n as f64, df: None, p })
}

/// Holm's adjustment, in the order given.
#[must_use]
pub fn holm(p: &[f64]) -> Vec<f64> {
    let mut order: Vec<usize> = (0..p.len()).collect();
    order.sort_by(|i, j| p[*i].total_cmp(&p[*j]));
    let mut out = vec![0.0; p.len()];
    let mut running: f64 = 0.0;
    for (place, index) in order.into_iter().enumerate() {
        running = running.max(((p.len() - place) as f64 * p[index]).min(1.0));
        out[index] = running;
    }
    out
}
