//! Prints made-up inputs and our statistics of them for `tests/reference/r_cases.R` to compare with
//! R: `cargo run --release -p noisefloor-core --example r_cases 10000`. Two lines a case, the inputs
//! and the answers, each `name=numbers` between semicolons. A number is a whole one and a power of
//! two, as in `3p-1`: R does not round decimals to the nearest.
#![allow(clippy::print_stdout, reason = "its output is what it is for")]

use noisefloor_core::model::{Mark, Marks};
use noisefloor_core::report::{Estimate, Interval, Verdict};
use noisefloor_core::stats::autocorrelation::autocorrelation;
use noisefloor_core::stats::carryover::{CarryConfig, Execution, carryover};
use noisefloor_core::stats::causes::{causes, spearman};
use noisefloor_core::stats::distribution::{
    beta_lower, binomial_cdf, binomial_upper, chi2_lower, chi2_upper, chi2_upper_quantile, f_lower, f_upper,
    f_upper_quantile, normal_lower, normal_quantile, normal_upper, normal_upper_quantile, t_quantile, t_two_sided,
    t_upper, t_upper_quantile,
};
use noisefloor_core::stats::fisher::fisher_exact;
use noisefloor_core::stats::history::{HistoryConfig, history};
use noisefloor_core::stats::hodges_lehmann::{center, shift};
use noisefloor_core::stats::hypothesis::{MeanDifference, Moments, paired_t, pooled_t, trimmed, welch};
use noisefloor_core::stats::math::{exp, sqrt};
use noisefloor_core::stats::moments::{mean, std_dev, variance};
use noisefloor_core::stats::multiplicity::{benjamini_hochberg, benjamini_yekutieli, holm};
use noisefloor_core::stats::order::{median, quantile, quantile_ranks};
use noisefloor_core::stats::proportion::{clopper_pearson, wilson};
use noisefloor_core::stats::quantile::select_quantile;
use noisefloor_core::stats::random::SplitMix64;
use noisefloor_core::stats::rank::{Tails, mann_whitney_normal, mann_whitney_test, wilcoxon_test};
use noisefloor_core::stats::scale::raw_mad;
use noisefloor_core::stats::stopping::fixed_half_width;
use noisefloor_core::stats::suite::{RowData, SuiteConfig, SuiteRow, null_line, suite_mean};
use noisefloor_core::stats::trend::trend;
use noisefloor_core::stats::usl::{Bounds, Lambda, Law, Point, fit};
use noisefloor_core::stats::variance::{Grouping, Stratum, components};

#[path = "../tests/case/mod.rs"]
mod case;
use case::{Case, uniform};

/// Numbers by name; no number where nothing can be said.
type Named = Vec<(&'static str, Vec<Option<f64>>)>;

/// What [`Case`] does not hold.
struct More {
    /// The logarithm of a small chance, and where in the tails of the normal, t, F and χ² to look.
    log_tail: f64,
    far: [f64; 4],
    /// Many whole differences, with ties and zeros: too many for the exact test.
    many: Vec<f64>,
    /// Some benchmarks in the order of each fork.
    executions: Vec<Execution>,
}

impl More {
    fn draw(random: &mut SplitMix64) -> More {
        let log_tail = -600.0 * uniform(random);
        let far = [(); 4].map(|()| uniform(random));
        let (n, bias) = (430 + random.next_u64() % 70, 4.7 + 0.6 * uniform(random));
        let many = (0..n).map(|_| (11.0 * uniform(random) - bias).floor()).collect();
        let (benchmarks, forks) = (3 + random.next_u64() % 3, 4 + random.next_u64() % 5);
        let mut executions = Vec::new();
        for fork in 0..forks as u32 {
            let mut order: Vec<u32> = (0..benchmarks as u32).collect();
            for last in (1..order.len()).rev() {
                order.swap(last, (random.next_u64() % (last as u64 + 1)) as usize);
            }
            for (position, benchmark) in (0..).zip(order) {
                executions.push(Execution { fork, position, benchmark, log_time: 2.0 * uniform(random) });
            }
        }
        More { log_tail, far, many, executions }
    }
}

/// The inputs of a case, and what we say about them.
pub(crate) fn answers(number: u64) -> (Named, Named) {
    let mut case = Case::number(number);
    let more = More::draw(&mut case.random);
    let mut inputs = Named::new();
    let mut answers = Named::new();
    locations(&case, &mut answers);
    ranks(&case, &more.many, &mut answers);
    descriptions(&case, &mut answers);
    counts(&case, &mut answers);
    let correction = series(&case, &mut answers);
    models(&case, &more.executions, &mut answers);
    distributions(&case, &more, &mut inputs, &mut answers);
    let of = |column: fn(&Execution) -> f64| more.executions.iter().map(|e| Some(column(e))).collect();
    let mut all = |name, values: &[f64]| inputs.push((name, values.iter().copied().map(Some).collect()));
    all("a", &case.a);
    all("b", &case.b);
    all("p", &case.p);
    all("margin", &[case.margin]);
    all("table", &case.table.map(|count| count as f64));
    all("many", &more.many);
    all("trend_correction", &[correction]);
    inputs.push(("fork", of(|e| f64::from(e.fork))));
    inputs.push(("position", of(|e| f64::from(e.position))));
    inputs.push(("benchmark", of(|e| f64::from(e.benchmark))));
    inputs.push(("log_time", of(|e| e.log_time)));
    (inputs, answers)
}

/// Differences of means.
fn locations(case: &Case, out: &mut Named) {
    let Case { a, b, d, margin, .. } = case;
    let moments = Moments::of(a).zip(Moments::of(b));
    let apart = moments.and_then(|(a, b)| MeanDifference::welch(a, b)).filter(|d| d.standard_error > 0.0);
    let alike = moments.and_then(|(a, b)| MeanDifference::pooled(a, b));
    for (names, test, difference) in [
        (["welch_t", "welch_df", "welch_p", "welch_interval"], welch(a, b), apart),
        (["pooled_t", "pooled_df", "pooled_p", "pooled_interval"], pooled_t(a, b), alike),
    ] {
        let test = test.as_ref();
        out.push((names[0], vec![test.map(|t| t.statistic)]));
        out.push((names[1], vec![test.and_then(|t| t.df)]));
        out.push((names[2], vec![test.map(|t| t.p)]));
        out.push((names[3], bounds(difference.map(|d| d.interval(0.95)))));
    }
    let tost = apart.map(|d| d.equivalence(-margin, *margin, 0.95));
    out.push(("tost_lower_t", vec![tost.map(|t| t.t_lower)]));
    out.push(("tost_lower_p", vec![tost.map(|t| t.p_lower)]));
    out.push(("tost_upper_t", vec![tost.map(|t| t.t_upper)]));
    out.push(("tost_upper_p", vec![tost.map(|t| t.p_upper)]));
    out.push(("tost_interval", bounds(tost.map(|t| t.interval))));
    let paired = paired_t(d);
    let half = std_dev(d).and_then(|sd| fixed_half_width(d.len() as u64, sd, 0.05));
    out.push(("paired_t", vec![paired.as_ref().map(|t| t.statistic)]));
    out.push(("paired_df", vec![paired.as_ref().and_then(|t| t.df)]));
    out.push(("paired_p", vec![paired.map(|t| t.p)]));
    out.push(("paired_half_width", vec![half]));
    // Few clusters of one row: the interval of their mean is Student's, of logarithms.
    let clusters: Vec<(u32, f64)> = (0..7).zip(d.iter().copied()).collect();
    let row = SuiteRow { name: "", verdict: Verdict::Equivalent, data: RowData::Paired(&clusters) };
    let suite = suite_mean(&[row], &SuiteConfig { confidence: 0.95, resamples: 0, seed: 0 }).ok();
    out.push(("suite_ratio", vec![suite.as_ref().map(|s| s.ratio)]));
    out.push(("suite_bounds", bounds(suite.and_then(|s| s.interval))));
    // Four points are no history in which a level could change: three tell where the last one is expected.
    let point = history(&d[..d.len().min(4)], &HistoryConfig::default()).ok().map(|h| h.last);
    out.push(("history_p", vec![point.and_then(|l| l.p)]));
    out.push(("history_interval", bounds(point.and_then(|l| l.expected))));
}

/// Tests and estimates by rank.
fn ranks(case: &Case, many: &[f64], out: &mut Named) {
    let Case { a, b, d, .. } = case;
    let sides = |p: Tails| vec![Some(p.two_sided), Some(p.less), Some(p.greater)];
    let none = || vec![None; 3];
    let u = mann_whitney_test(a, b);
    out.push(("mann_whitney_u", vec![u.as_ref().map(|u| u.statistic)]));
    out.push(("mann_whitney_p", u.map_or_else(none, |u| sides(u.p))));
    out.push(("mann_whitney_normal_p", mann_whitney_normal(a, b).map_or_else(none, |u| sides(u.p))));
    let w = wilcoxon_test(d);
    out.push(("signed_rank_v", vec![w.as_ref().map(|w| w.statistic)]));
    out.push(("signed_rank_p", w.map_or_else(none, |w| sides(w.p))));
    out.push(("signed_rank_normal_p", wilcoxon_test(many).map_or_else(none, |w| sides(w.p))));
    for (names, found) in [
        (["hodges_lehmann", "hodges_lehmann_bounds", "hodges_lehmann_confidence"], shift(a, b, 0.95)),
        (["walsh", "walsh_bounds", "walsh_confidence"], center(d, 0.95)),
    ] {
        let interval = found.as_ref().and_then(|e: &Estimate| e.interval);
        out.push((names[0], vec![found.map(|e| e.value)]));
        out.push((names[1], bounds(interval)));
        out.push((names[2], vec![interval.map(|i| i.confidence)]));
    }
    let rank = spearman(&a[..d.len()], &b[..d.len()]).ok();
    out.push(("spearman_r", vec![rank.map(|r| r.0)]));
    out.push(("spearman_p", vec![rank.map(|r| r.1)]));
}

/// What describes one sample, and families of p-values.
fn descriptions(case: &Case, out: &mut Named) {
    let Case { a, b, p, .. } = case;
    let mut sorted = a.clone();
    sorted.sort_by(f64::total_cmp);
    out.push(("mean", vec![mean(a)]));
    out.push(("variance", vec![variance(a), variance(b)]));
    out.push(("median", vec![median(&sorted)]));
    out.push(("mad", vec![raw_mad(a)]));
    out.push(("trimmed_mean", vec![trimmed(a, 0.2).map(|t| t.0)]));
    out.push(("quantiles", [0.05, 0.25, 0.9, 0.99].map(|q| quantile(&sorted, q)).to_vec()));
    out.push(("selected_quantile", vec![select_quantile(&mut a.clone(), case.u[1])]));
    for (name, adjusted) in [
        ("holm", holm(p)),
        ("benjamini_hochberg", benjamini_hochberg(p)),
        ("benjamini_yekutieli", benjamini_yekutieli(p)),
    ] {
        out.push((name, adjusted.into_iter().map(Some).collect()));
    }
}

/// Shares, tables and ranks of quantiles.
fn counts(case: &Case, out: &mut Named) {
    let ((hits, trials), table) = (case.hits(), case.table);
    out.push(("clopper_pearson", bounds(clopper_pearson(hits, trials, 0.95))));
    out.push(("wilson", bounds(wilson(hits, trials, 0.95))));
    out.push(("fisher_exact", vec![Some(fisher_exact(table[0], table[1], table[2], table[3]))]));
    out.push(("null_line", vec![Some(null_line(&case.p, 0.05).p)]));
    let (low, high, confidence) = quantile_ranks(trials, case.u[1], 0.95);
    out.push(("quantile_ranks", vec![Some(low as f64), Some(high as f64)]));
    out.push(("quantile_confidence", vec![Some(confidence)]));
}

/// Both samples as one series; gives the factor by which dependence widens the trend's variance.
fn series(case: &Case, out: &mut Named) -> f64 {
    let values = [&case.a[..], &case.b[..]].concat();
    let found = autocorrelation(&values).ok();
    out.push(("correlations_r", found.as_ref().map_or(vec![None], |f| f.lags.iter().copied().map(Some).collect())));
    out.push(("ljung_box", vec![found.as_ref().map(|f| f.ljung_box.statistic)]));
    out.push(("ljung_box_p", vec![found.map(|f| f.ljung_box.p)]));
    let found = trend(&values, 0.95).ok();
    out.push(("kendall_s", vec![found.map(|t| t.s)]));
    out.push(("kendall_p", vec![found.map(|t| t.p)]));
    found.map_or(1.0, |t| t.correction)
}

/// Least squares.
fn models(case: &Case, executions: &[Execution], out: &mut Named) {
    let values = [&case.a[..], &case.b[..]].concat();
    let triples = &values[..values.len() / 3 * 3];
    let ids: Vec<u32> = (0..triples.len() as u32).map(|i| i / 3).collect();
    let parts = components(triples, &[Grouping { level: Stratum::Fork, ids: &ids }]).ok();
    let part = |level| parts.as_ref().and_then(|p| p.at(level)).copied();
    let (between, within) = (part(Stratum::Fork), part(Stratum::Iteration));
    out.push(("mean_squares", vec![between.and_then(|b| b.s2), within.and_then(|w| w.s2)]));
    out.push(("component_of_variance", vec![between.and_then(|b| b.t2)]));
    let marks: Vec<Marks> =
        (0..values.len()).map(|i| if i < case.a.len() { Marks::of(Mark::Preempted) } else { Marks::NONE }).collect();
    let share = causes(&values, &marks, 0.95).ok().and_then(|c| c.first()?.variance_share);
    out.push(("share_of_variance", vec![share]));
    let points: Vec<Point> =
        (1u32..).zip(&case.a).map(|(n, x)| Point { n: f64::from(n), x: *x, weight: 1.0 / (x * x) }).collect();
    let line = fit(&points, Law::Linear, Lambda::Free, Bounds::Physical).ok();
    out.push(("linear_law", vec![line.map(|l| l.curve.lambda)]));
    out.push(("linear_law_cost", vec![line.map(|l| l.cost)]));
    let config = CarryConfig { alpha: 0.05, margin: 0.01, permutations: 0, seed: 0 };
    let test = carryover(executions, &config).ok().and_then(|c| c.overall);
    out.push(("carryover_f", vec![test.map(|t| t.f)]));
    out.push(("carryover_df", vec![test.map(|t| t.df1 as f64), test.map(|t| t.df2 as f64)]));
    out.push(("carryover_p", vec![test.map(|t| t.p)]));
}

/// Distribution functions, with the arguments at which they are asked.
fn distributions(case: &Case, more: &More, inputs: &mut Named, out: &mut Named) {
    let [_, chance, v] = case.u;
    let ((df1, df2), (k, n)) = (case.df(), case.hits());
    let k = k as i64;
    let [w1, w2, w3, w4] = more.far;
    let (tail, z, t) = (exp(more.log_tail) / 2.0, 76.0 * (w1 - 0.5), 8.0 * v);
    let (far_t, far_f, chi2) = (exp(14.0 * w2), exp(24.0 * (w3 - 0.5)), 1500.0 * w4 * w4);
    let (f, x) = (4.0 * v, sqrt(w1));
    for (name, value) in [
        ("tail", tail),
        ("chance", chance),
        ("z", z),
        ("t", t),
        ("far_t", far_t),
        ("f", f),
        ("far_f", far_f),
        ("chi2", chi2),
        ("x", x),
        ("df1", df1),
        ("df2", df2),
        ("k", k as f64),
        ("n", n as f64),
    ] {
        inputs.push((name, vec![Some(value)]));
    }
    let mut tails = |name, values: [f64; 2]| out.push((name, values.map(Some).to_vec()));
    tails("normal", [normal_lower(z), normal_upper(z)]);
    tails("normal_quantile", [normal_quantile(chance), normal_upper_quantile(tail)]);
    tails("t", [t_upper(-t, Some(df1)), t_upper(t, Some(df1))]);
    tails("far_t", [t_two_sided(far_t, Some(df1)), t_upper(far_t, Some(df2))]);
    tails("t_quantile", [t_quantile(chance, Some(df1)), t_quantile(chance, Some(df2))]);
    tails("far_t_quantile", [t_upper_quantile(tail, Some(df1)), t_upper_quantile(tail, Some(df2))]);
    tails("f", [f_lower(f, df1, df2), f_upper(f, df1, df2)]);
    tails("far_f", [f_lower(far_f, df1, df2), f_upper(far_f, df1, df2)]);
    tails("f_quantile", [f_upper_quantile(chance, df1, df2), f_upper_quantile(tail, df1, df2)]);
    tails("chi2", [chi2_lower(chi2, df1), chi2_upper(chi2, df1)]);
    tails("chi2_quantile", [chi2_upper_quantile(chance, df1), chi2_upper_quantile(tail, df1)]);
    tails("binomial", [binomial_cdf(k, n, chance), binomial_upper(k, n, chance)]);
    tails("beta", [beta_lower(x, df1, df2), beta_lower(chance, df1, df1)]);
}

fn bounds(interval: Option<Interval>) -> Vec<Option<f64>> {
    vec![interval.and_then(|i| i.low), interval.and_then(|i| i.high)]
}

/// A double to the last bit, as a whole number and the power of two to multiply it by.
fn exact(value: Option<f64>) -> String {
    let Some(value) = value.filter(|v| v.is_finite()) else { return "NA".into() };
    let (fraction, exponent) = (value.to_bits() & ((1 << 52) - 1), (value.to_bits() >> 52 & 0x7ff) as i64);
    let whole = if exponent == 0 { fraction } else { fraction | 1 << 52 };
    // Zeros at the end say nothing; there is no 1 among the bits of 0.
    let zeros = whole.trailing_zeros() % 64;
    let sign = if value < 0.0 { "-" } else { "" };
    format!("{sign}{}p{}", whole >> zeros, exponent.max(1) - 1075 + i64::from(zeros))
}

fn main() {
    let cases = std::env::args().nth(1).and_then(|n| n.parse().ok()).unwrap_or(200);
    for case in 0..cases {
        let (inputs, answers) = answers(case);
        for line in [inputs, answers] {
            let field = |(name, values): (&str, Vec<Option<f64>>)| {
                format!("{name}={}", values.into_iter().map(exact).collect::<Vec<_>>().join(" "))
            };
            println!("{}", line.into_iter().map(field).collect::<Vec<_>>().join(";"));
        }
    }
}
