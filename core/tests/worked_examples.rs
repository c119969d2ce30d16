//! Worked examples with published or independently computed answers, through public functions.
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::stats::distribution::{t_quantile, t_two_sided};
use noisefloor_core::stats::hypothesis::{holm, mann_whitney, paired_t, sign_flip, welch, wilcoxon, yuen};
use noisefloor_core::stats::moments::{lag1, mean, std_dev};
use noisefloor_core::stats::order::{median_interval, needed, quantile_ranks};

const G1: [f64; 10] = [0.7, -1.6, -0.2, -1.2, -0.1, 3.4, 3.7, 0.8, 0.0, 2.0];
const G2: [f64; 10] = [1.9, 0.8, 1.1, 0.1, -0.1, 4.4, 5.5, 1.6, 4.6, 3.4];

#[track_caller]
fn close(got: f64, want: f64) {
    assert!((got - want).abs() <= 1e-12 * want.abs(), "{got:.17} is not {want:.17}");
}

fn differences() -> Vec<f64> {
    G1.iter().zip(G2).map(|(a, b)| a - b).collect()
}

#[test]
fn welch_four_and_four() {
    let t = welch(&[2.0, 1.0, 3.0, 4.0], &[6.0, 5.0, 7.0, 9.0]).unwrap();
    close(t.statistic, -3.970_344_615_223_767_4);
    close(t.df.unwrap(), 5.584_615_384_615_385);
    close(t.p, 0.008_512_863_131_378_17);
}

#[test]
fn welch_and_companions_on_sleep() {
    let t = welch(&G1, &G2).unwrap();
    close(t.statistic, -1.860_813_467_486_852_6);
    close(t.df.unwrap(), 17.776_473_516_178_488);
    close(t.p, 0.079_394_140_187_358_3);
    let p = paired_t(&differences()).unwrap();
    close(p.statistic, -4.062_127_683_382_037);
    close(p.p, 0.002_832_890_197_384_273);
    close(wilcoxon(&differences()).unwrap().p, 0.003_906_25);
    close(sign_flip(&differences()).unwrap().p, 0.003_906_25);
    let u = mann_whitney(&G1, &G2).unwrap();
    close(u.statistic, 25.5);
    close(u.p, 0.065_816_536_404_771_7);
    let y = yuen(&G1, &G2, 0.2).unwrap();
    close(y.statistic, -1.616_777_365_813_376_6);
    close(y.df.unwrap(), 8.264_708_513_637_7);
    assert!((y.p - 0.143_378_288_524_440_46).abs() < 1e-12);
}

#[test]
fn ranks_with_ties_are_exact() {
    let p = |a: &[f64], b: &[f64]| mann_whitney(a, b).unwrap().p;
    close(p(&[2.0, 1.0, 3.0, 5.0], &[12.0, 11.0, 13.0, 15.0]), 2.0 / 70.0);
    close(p(&[2.0, 1.0, 3.0, 5.0], &[0.0, 4.0, 6.0, 7.0]), 34.0 / 70.0);
    close(p(&[2.0, 1.0, 3.0, 5.0], &[1.0; 5]), 1.0 / 21.0);
    close(p(&[100.0, 100.0, 101.0, 102.0], &[100.0; 6]), 0.133_333_333_333_333_33);
    close(p(&[115.0, 114.0, 115.0, 115.0], &[78.8; 5]), 1.0 / 126.0);
    close(p(&[19.0, 22.0, 16.0, 29.0, 24.0], &[20.0, 11.0, 17.0, 12.0]), 1.0 / 9.0);
}

#[test]
fn median_orders() {
    for (n, low, high, level) in [
        (6, 1, 6, 0.968_75),
        (10, 2, 9, 0.978_515_625),
        (20, 6, 15, 0.958_610_53),
        (25, 8, 18, 0.956_714_75),
        (30, 10, 21, 0.957_226_05),
        (50, 18, 33, 0.967_160_86),
        (100, 40, 61, 0.964_799_80),
    ] {
        let (l, h, achieved) = quantile_ranks(n, 0.5, 0.95);
        assert_eq!((l, h), (low, high), "n = {n}");
        assert!((achieved - level).abs() < 1e-8, "n = {n}: {achieved}");
    }
    assert_eq!(median_interval(&[1.0, 2.0, 3.0, 4.0, 5.0], 0.95), None);
}

#[test]
fn values_that_a_quantile_needs() {
    assert_eq!([0.9, 0.95, 0.99, 0.999].map(|p| needed(p, 0.95)), [36, 72, 368, 3688]);
    assert_eq!(needed(0.999, 0.99), 5296);
}

#[test]
fn holm_in_the_order_given() {
    for (got, want) in holm(&[0.01, 0.04, 0.03, 0.005]).into_iter().zip([0.03, 0.06, 0.06, 0.02]) {
        close(got, want);
    }
}

#[test]
fn quantiles_of_t() {
    // scipy.stats.t.ppf
    close(t_quantile(0.975, Some(1.0)), 12.706_204_736_174_694);
    close(t_quantile(0.9995, Some(24.0)), 3.745_398_619_290_096);
    close(t_quantile(0.025, Some(11.0)), -2.200_985_160_091_639_2);
    assert_eq!(t_quantile(0.5, Some(3.0)), 0.0);
    assert!(t_two_sided(1e9, Some(50.0)) > 0.0, "never a p-value of 0");
}

#[test]
fn certified_means_and_deviations() {
    let digits = |got: f64, want: f64| if got == want { 15.0 } else { -(((got - want) / want).abs().log10()) };
    for (c, sd_digits, r1_digits) in [(1.0, 13.0, 12.0), (1e6, 9.4, 10.0), (1e7, 8.2, 9.0)] {
        let mut values = vec![c + 0.2];
        for _ in 0..500 {
            values.extend([c + 0.1, c + 0.3]);
        }
        assert!(digits(mean(&values).unwrap(), c + 0.2) >= 14.0, "{c}");
        assert!(digits(std_dev(&values).unwrap(), 0.1) >= sd_digits, "{c}");
        assert!(digits(lag1(&values).unwrap(), -0.999) >= r1_digits, "{c}");
    }
    let first = [10_000_001.0, 10_000_003.0, 10_000_002.0];
    assert_eq!((mean(&first), std_dev(&first), lag1(&first)), (Some(10_000_002.0), Some(1.0), Some(-0.5)));
}
