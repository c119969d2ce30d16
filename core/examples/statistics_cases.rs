//! Prints our statistics of made-up samples as lines of JSON, for `tests/reference/scipy_cases.py`
//! to compare with SciPy: `cargo run --release -p noisefloor-core --example statistics_cases 10000`.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use noisefloor_core::stats::bootstrap::Resampling;
use noisefloor_core::stats::brunner_munzel::brunner_munzel;
use noisefloor_core::stats::causes::spearman;
use noisefloor_core::stats::distribution::{
    binomial_cdf, chi2_upper, f_upper, normal_quantile, t_quantile, t_two_sided, t_upper,
};
use noisefloor_core::stats::fisher::fisher_exact;
use noisefloor_core::stats::hypothesis::{MeanDifference, Moments, paired_t, pooled_t, trimmed, welch, yuen};
use noisefloor_core::stats::multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm};
use noisefloor_core::stats::proportion::{clopper_pearson, wilson};
use noisefloor_core::stats::quantile::{harrell_davis, select_quantile};
use noisefloor_core::stats::rank::{mann_whitney_normal, mann_whitney_test, wilcoxon_test};
use noisefloor_core::stats::scale::raw_mad;

#[path = "../tests/case/mod.rs"]
mod case;
use case::Case;

/// What we say about a case; `None` where nothing can be said.
pub(crate) fn answers(case: u64) -> Vec<(&'static str, Option<f64>)> {
    let inputs = Case::number(case);
    let ((df1, df2), (hits, trials)) = (inputs.df(), inputs.hits());
    let Case { a, b, d, p, u: [_, u2, u3], margin, table, .. } = inputs;
    let (t, s, paired, y) = (welch(&a, &b), pooled_t(&a, &b), paired_t(&d), yuen(&a, &b, 0.2));
    let (u, normal, w) = (mann_whitney_test(&a, &b), mann_whitney_normal(&a, &b), wilcoxon_test(&d));
    let bm = brunner_munzel(&a, &b, Resampling::at(0.95));
    let mut sorted = a.clone();
    sorted.sort_by(f64::total_cmp);
    let (exact, score) = (clopper_pearson(hits, trials, 0.95), wilson(hits, trials, 0.95));
    let difference = Moments::of(&b).zip(Moments::of(&a)).and_then(|(b, a)| MeanDifference::welch(b, a));
    let tost = difference.filter(|d| d.standard_error > 0.0).map(|d| d.equivalence(-margin, margin, 0.95));
    let rank = spearman(&a[..d.len()], &b[..d.len()]).ok();
    vec![
        ("welch_t", t.as_ref().map(|t| t.statistic)),
        ("welch_p", t.as_ref().map(|t| t.p)),
        ("welch_df", t.and_then(|t| t.df)),
        ("pooled_t", s.as_ref().map(|t| t.statistic)),
        ("pooled_p", s.as_ref().map(|t| t.p)),
        ("pooled_df", s.and_then(|t| t.df)),
        ("paired_t", paired.as_ref().map(|t| t.statistic)),
        ("paired_p", paired.map(|t| t.p)),
        ("yuen_t", y.as_ref().map(|t| t.statistic)),
        ("yuen_p", y.map(|t| t.p)),
        ("mann_whitney_u", u.as_ref().map(|u| u.statistic)),
        ("mann_whitney_normal_p", normal.map(|u| u.p.two_sided)),
        ("mann_whitney_two-sided", u.as_ref().map(|u| u.p.two_sided)),
        ("mann_whitney_less", u.as_ref().map(|u| u.p.less)),
        ("mann_whitney_greater", u.map(|u| u.p.greater)),
        ("brunner_munzel_w", bm.as_ref().and_then(|bm| bm.statistic)),
        ("brunner_munzel_p", bm.and_then(|bm| Some(t_two_sided(bm.statistic?, bm.df)))),
        ("wilcoxon_two-sided", w.as_ref().map(|w| w.p.two_sided)),
        ("wilcoxon_greater", w.map(|w| w.p.greater)),
        ("harrell_davis_median", harrell_davis(&sorted, 0.5).map(|q| q.0)),
        ("harrell_davis_90", harrell_davis(&sorted, 0.9).map(|q| q.0)),
        ("quantile_90", select_quantile(&mut a.clone(), 0.9)),
        ("trimmed_mean", trimmed(&a, 0.2).map(|t| t.0)),
        ("mad", raw_mad(&a)),
        ("benjamini_hochberg", benjamini_hochberg(&p).first().copied()),
        ("holm", holm(&p).first().copied()),
        ("spearman_rho", rank.map(|r| r.0)),
        ("spearman_p", rank.map(|r| r.1)),
        ("fisher_exact", Some(fisher_exact(table[0], table[1], table[2], table[3]))),
        ("tost_lower", tost.map(|t| t.p_lower)),
        ("tost_upper", tost.map(|t| t.p_upper)),
        ("clopper_pearson_low", exact.and_then(|i| i.low)),
        ("clopper_pearson_high", exact.and_then(|i| i.high)),
        ("wilson_low", score.and_then(|i| i.low)),
        ("wilson_high", score.and_then(|i| i.high)),
        ("benjamini_yekutieli", benjamini_yekutieli(&p).first().copied()),
        ("t_upper", Some(t_upper(8.0 * u3, Some(df1)))),
        ("f_upper", Some(f_upper(4.0 * u3, df1, df2))),
        ("chi2_upper", Some(chi2_upper(150.0 * u3, df1))),
        ("normal_quantile", Some(normal_quantile(u2))),
        ("t_quantile", Some(t_quantile(u2, Some(df1)))),
        ("binomial_cdf", Some(binomial_cdf(hits as i64, trials, u2))),
    ]
}

fn main() {
    let cases = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(300);
    for case in 0..cases {
        let mut line = serde_json::json!({ "case": case });
        for (name, value) in answers(case) {
            line[name] = value.into();
        }
        println!("{line}");
    }
}
