//! Distribution functions against mpmath (`tests/reference/distributions.py` wrote the numbers).
#![allow(clippy::unwrap_used, reason = "a test may stop at the first surprise")]

use noisefloor_core::stats::distribution::{
    binomial_cdf, binomial_upper, chi2_lower, chi2_upper, chi2_upper_quantile, f_lower, f_upper, f_upper_quantile,
    normal_quantile, normal_upper, normal_upper_quantile, t_quantile, t_two_sided, t_upper, t_upper_quantile,
};
use noisefloor_core::stats::math::ln;
use serde_json::Value;

/// Relative error allowed: 10⁻¹⁴ in the body; far out the rounding of the arguments alone shows.
fn allowed(p: f64) -> f64 {
    if p > 1e-10 { 1e-14 } else { 2e-15 * -ln(p) }
}

#[track_caller]
fn check(name: &str, of: impl Fn(&[f64]) -> f64) {
    let all: Value = serde_json::from_str(include_str!("../../tests/reference/distributions.json")).unwrap();
    let rows = all[name].as_array().unwrap();
    assert!(rows.len() >= 14, "{name}");
    let mut bad = Vec::new();
    for row in rows {
        let row: Vec<f64> = row.as_array().unwrap().iter().map(|v| v.as_f64().unwrap()).collect();
        let (want, point) = row.split_last().unwrap();
        let got = of(point);
        let error = ((got - want) / want).abs();
        if error > allowed(*want) {
            bad.push(format!("{name}{point:?}: {got:e}, not {want:e}: {error:e}"));
        }
    }
    assert!(bad.is_empty(), "{}", bad.join("\n"));
}

#[test]
fn normal_tails() {
    check("normal_upper", |x| normal_upper(x[0]));
}

#[test]
fn t_tails() {
    check("t_upper", |x| t_upper(x[0], Some(x[1])));
}

#[test]
fn f_tails() {
    check("f_upper", |x| f_upper(x[0], x[1], x[2]));
}

#[test]
fn chi_square_tails() {
    check("chi2_upper", |x| chi2_upper(x[0], x[1]));
}

#[test]
fn binomial_sums() {
    check("binomial_cdf", |x| binomial_cdf(x[0] as i64, x[1] as u64, x[2]));
}

#[test]
fn quantiles_lead_back() {
    let tails = [1e-300, 1e-120, 1e-17, 1e-9, 1e-4, 0.025, 0.2, 0.31, 0.4999];
    for tail in tails {
        let back = |name: &str, got: f64| {
            // A quantile moves by a last bit; the tail follows by the quantile times the hazard.
            assert!(((got - tail) / tail).abs() < 1e-15 * (10.0 - 4.0 * ln(tail)), "{name} {tail:e}: {got:e}");
        };
        back("normal", normal_upper(normal_upper_quantile(tail)));
        for df in [5.58, 24.0, 1e4, 3e6] {
            back("t", t_upper(t_upper_quantile(tail, Some(df)), Some(df)));
        }
        for (a, b) in [(1.0, 3.0), (4.0, 20.0), (40.0, 7.5)] {
            back("F", f_upper(f_upper_quantile(tail, a, b), a, b));
        }
        for df in [1.0, 7.0, 300.0] {
            back("chi2", chi2_upper(chi2_upper_quantile(tail, df), df));
        }
    }
    assert_eq!(normal_quantile(0.5), 0.0);
    assert_eq!((normal_quantile(0.0), normal_quantile(1.0)), (f64::NEG_INFINITY, f64::INFINITY));
}

#[test]
fn tails_add_up() {
    for x in [0.01, 0.5, 1.0, 2.0, 30.0] {
        assert!((f_lower(x, 3.0, 7.0) + f_upper(x, 3.0, 7.0) - 1.0).abs() < 1e-15);
        assert!((chi2_lower(x, 3.0) + chi2_upper(x, 3.0) - 1.0).abs() < 1e-15);
        assert!((t_upper(x, Some(3.0)) + t_upper(-x, Some(3.0)) - 1.0).abs() < 1e-15);
    }
    assert!((binomial_cdf(4, 30, 0.3) + binomial_upper(5, 30, 0.3) - 1.0).abs() < 1e-15);
    assert_eq!((binomial_cdf(-1, 5, 0.5), binomial_cdf(5, 5, 0.5), binomial_upper(6, 5, 0.5)), (0.0, 1.0, 0.0));
    // Two degrees of freedom have a closed form, and many are nearly normal.
    let t: f64 = 1e3;
    assert!((t_two_sided(t, Some(2.0)) - (1.0 - t / (2.0 + t * t).sqrt())).abs() < 1e-15);
    assert!((t_quantile(0.975, Some(1e12)) - 1.959_963_984_540_054).abs() < 1e-11);
}

#[test]
fn odd_arguments_give_numbers() {
    for v in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY, f64::MAX, f64::MIN_POSITIVE, 0.0, -1.0] {
        for df in [None, Some(1.0), Some(1e300), Some(f64::INFINITY)] {
            let p = t_two_sided(v, df);
            assert!(p > 0.0 && p <= 1.0, "{v} {df:?}: {p}");
        }
        assert!(v.is_nan() || (0.0..=1.0).contains(&normal_upper(v)), "{v}");
        for df in [f64::NAN, -1.0, 0.0, 1.0, 1e300, f64::INFINITY] {
            let p = [chi2_upper(v, df), f_upper(v, df, 3.0), f_upper(v, 3.0, df)];
            assert!(p.iter().all(|p| *p > 0.0 && *p <= 1.0), "{v} {df}: {p:?}");
        }
    }
}

/// A second opinion: statrs computes the same functions another way.
#[test]
fn statrs_agrees_where_it_is_accurate() {
    use noisefloor_core::stats::distribution::{chi2_upper, f_upper, normal_upper_quantile, t_two_sided};
    use statrs::distribution::{ChiSquared, ContinuousCDF, FisherSnedecor, Normal, StudentsT};
    #[track_caller]
    fn near(ours: f64, theirs: f64) {
        assert!((ours - theirs).abs() <= 1e-9 * theirs.abs(), "{ours:.17} and {theirs:.17}");
    }
    for step in 1..60 {
        let x = 0.1 * f64::from(step);
        for df in [1.0, 2.5, 7.0, 19.0, 120.0] {
            let t = StudentsT::new(0.0, 1.0, df).unwrap();
            near(t_two_sided(x, Some(df)), 2.0 * t.sf(x));
            near(chi2_upper(x, df), ChiSquared::new(df).unwrap().sf(x));
            near(f_upper(x, df, 11.0), FisherSnedecor::new(df, 11.0).unwrap().sf(x));
        }
        let p = f64::from(step) / 121.0;
        near(normal_upper_quantile(p), -Normal::standard().inverse_cdf(p));
    }
}

/// Ranks of small samples, added up from both ends, against the distribution function.
#[test]
fn ranks_of_small_samples_are_those_of_the_distribution() {
    use noisefloor_core::stats::order::quantile_ranks;
    for n in 1..=64u64 {
        for p in [0.01, 0.25, 0.5, 0.9, 0.95, 0.99, 0.999] {
            for confidence in [0.9, 0.95, 0.99] {
                let side = (1.0 - confidence) / 2.0;
                let (low, high, achieved) = quantile_ranks(n, p, confidence);
                let (below, above) = (binomial_cdf(low as i64 - 1, n, p), binomial_upper(high as i64, n, p));
                assert!(below <= side * (1.0 + 1e-12) && above <= side * (1.0 + 1e-12), "{n} {p} {confidence}");
                assert!(low == n || binomial_cdf(low as i64, n, p) > side, "{n} {p} {confidence}: {low}");
                assert!(high == 1 || binomial_upper(high as i64 - 1, n, p) > side, "{n} {p} {confidence}: {high}");
                assert!((achieved - (1.0 - below - above)).abs() < 1e-13, "{n} {p} {confidence}");
            }
        }
    }
}
