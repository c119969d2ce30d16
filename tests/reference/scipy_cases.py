"""Our statistics against SciPy on made-up samples that both languages can make.

python3 tests/reference/scipy_cases.py > tests/reference/scipy_cases.json   (300 cases; needs SciPy)
python3 tests/reference/scipy_cases.py run 10000   (ours of so many cases against SciPy: a table)

A case is a number: it seeds SplitMix64, whose outputs say how many values each sample has, of what kind, and
the values. Only operations that every language rounds alike are used. Where SciPy has no such answer (an exact
test with ties, no variance) the entry is null.
"""
import json
import math
import subprocess
import sys
import warnings

import numpy as np
from scipy import stats

MASK = (1 << 64) - 1
TOLERANCE = 1e-10


class SplitMix64:
    def __init__(self, seed):
        self.state = seed

    def next(self):
        self.state = (self.state + 0x9E3779B97F4A7C15) & MASK
        z = self.state
        z = ((z ^ (z >> 30)) * 0xBF58476D1CE4E5B9) & MASK
        z = ((z ^ (z >> 27)) * 0x94D049BB133111EB) & MASK
        return z ^ (z >> 31)

    def uniform(self):
        return (self.next() >> 11) / 2**53


def value(kind, u):
    """Even, quantised, skewed, or far from zero."""
    return [u, math.floor(u * 6.0), 1.0 / (u + 0.05), 1000.0 + u][kind]


def samples(case):
    random = SplitMix64(case)
    n1, n2, kind = 2 + random.next() % 28, 2 + random.next() % 28, random.next() % 4
    shift = random.uniform()
    a = [value(kind, random.uniform()) for _ in range(n1)]
    b = [value(kind, random.uniform()) + (shift if kind != 1 else 0.0) for _ in range(n2)]
    return a, b, random


def finite(number):
    number = float(number)
    return number if math.isfinite(number) else None


def answers(case):
    a, b, random = samples(case)
    x, y = np.array(a), np.array(b)
    out = {}
    for name, welch in (("welch", False), ("pooled", True)):
        t = stats.ttest_ind(x, y, equal_var=welch)
        out[f"{name}_t"], out[f"{name}_p"] = t.statistic, t.pvalue
        out[f"{name}_df"] = t.df
    k = min(len(a), len(b))
    d = x[:k] - y[:k]
    t = stats.ttest_1samp(d, 0.0)
    out["paired_t"], out["paired_p"] = t.statistic, t.pvalue
    trimmed = all(len(v) - 2 * int(0.2 * len(v)) >= 3 for v in (a, b))
    t = stats.ttest_ind(x, y, equal_var=False, trim=0.2) if trimmed else None
    out["yuen_t"], out["yuen_p"] = (t.statistic, t.pvalue) if t else (math.nan, math.nan)
    tied = len(set(a + b)) < len(a) + len(b)
    same = len(set(a + b)) == 1
    out["mann_whitney_u"] = stats.mannwhitneyu(x, y).statistic
    out["mann_whitney_normal_p"] = math.nan if same else stats.mannwhitneyu(x, y, method="asymptotic").pvalue
    for side in ("two-sided", "less", "greater"):
        exact = math.nan if tied else stats.mannwhitneyu(x, y, alternative=side, method="exact").pvalue
        out[f"mann_whitney_{side}"] = exact
    bm = stats.brunnermunzel(x, y)
    out["brunner_munzel_w"], out["brunner_munzel_p"] = bm.statistic, bm.pvalue
    plain = len(set(np.abs(d))) == k and not np.any(d == 0)
    for side in ("two-sided", "greater"):
        out[f"wilcoxon_{side}"] = stats.wilcoxon(d, alternative=side, method="exact").pvalue if plain else math.nan
    hd = stats.mstats.hdquantiles(x, prob=[0.5, 0.9])
    out["harrell_davis_median"], out["harrell_davis_90"] = hd[0], hd[1]
    out["quantile_90"] = np.quantile(x, 0.9)
    out["trimmed_mean"] = stats.trim_mean(x, 0.2) if len(a) - 2 * int(0.2 * len(a)) >= 3 else math.nan
    out["mad"] = stats.median_abs_deviation(x)
    p = [random.uniform() ** 2 for _ in range(1 + len(a))]
    out["benjamini_hochberg"] = stats.false_discovery_control(p, method="bh")[0]
    out["benjamini_yekutieli"] = stats.false_discovery_control(p, method="by")[0]
    # SciPy has no Holm; this is its definition.
    out["holm"] = min(1.0, max((len(p) - i) * q for i, q in enumerate(sorted(p)) if q <= p[0]))
    u, v, w = random.uniform(), random.uniform(), random.uniform()
    df1, df2 = 1.0 + 60.0 * u, 1.0 + 200.0 * v
    out["t_upper"] = stats.t.sf(8.0 * w, df1)
    out["f_upper"] = stats.f.sf(4.0 * w, df1, df2)
    out["chi2_upper"] = stats.chi2.sf(150.0 * w, df1)
    out["normal_quantile"] = stats.norm.ppf(v)
    out["t_quantile"] = stats.t.ppf(v, df1)
    n = 1 + int(u * 400.0)
    hits = int(w * n)
    out["binomial_cdf"] = stats.binom.cdf(hits, n, v)
    bounds = stats.binomtest(hits, n).proportion_ci(0.95, method="wilson")
    out["wilson_low"], out["wilson_high"] = bounds.low, bounds.high
    # SciPy's own exact interval is a root to 2e-12; these are the same bounds as quantiles of a beta distribution.
    out["clopper_pearson_low"] = stats.beta.ppf(0.025, hits, n - hits + 1) if hits > 0 else 0.0
    out["clopper_pearson_high"] = stats.beta.ppf(0.975, hits + 1, n - hits) if hits < n else 1.0
    margin = 0.1 + random.uniform()
    varied = len(set(a)) > 1 or len(set(b)) > 1
    for side, moved, tail in (("lower", y + margin, "greater"), ("upper", y - margin, "less")):
        # SciPy makes a shift of the data of the margin, so the same data are not exactly as far apart.
        one_sided = stats.ttest_ind(moved, x, equal_var=False, alternative=tail).pvalue
        out[f"tost_{side}"] = one_sided if varied else math.nan
    table = [int(random.uniform() * 60.0) for _ in range(4)]
    out["fisher_exact"] = stats.fisher_exact([table[:2], table[2:]]).pvalue
    rank = k >= 10 and len(set(a[:k])) > 1 and len(set(b[:k])) > 1
    r = stats.spearmanr(x[:k], y[:k]) if rank else None
    out["spearman_rho"], out["spearman_p"] = (r.statistic, r.pvalue) if r else (math.nan, math.nan)
    # Without variance SciPy says t = ∞ and p = 0, with degrees of freedom; there is no test.
    for name in ("welch", "pooled", "paired", "yuen"):
        if not math.isfinite(out[f"{name}_t"]):
            out.update({key: math.nan for key in (f"{name}_p", f"{name}_df") if key in out})
    return {name: finite(number) for name, number in out.items()}


def check(lines):
    worst, counts, bad, seen = {}, {}, 0, 0
    for line in lines:
        ours = json.loads(line)
        theirs = answers(ours.pop("case"))
        seen += 1
        for name, want in theirs.items():
            got = ours[name]
            # SciPy's own tails err by 4e-10 at 1e-274 and end in 0; mpmath has the word there.
            if want is None or (name == "binomial_cdf" and want < 1e-200):
                continue
            least = 0.1 if name.endswith(("_t", "_w", "_rho")) else 1e-200
            error = math.inf if got is None else abs(got - want) / max(abs(want), least)
            worst[name] = max(worst.get(name, 0.0), error)
            counts[name] = counts.get(name, 0) + 1
            bad += error > TOLERANCE
    print(f"{'statistic':24} {'inputs':>7}  largest relative difference")
    for name, error in sorted(worst.items()):
        print(f"{name:24} {counts[name]:7}  {error:.1e}")
    print(f"{seen} cases, {bad} answers differ by more than {TOLERANCE:g}")
    return int(bad > 0 or seen == 0)


warnings.simplefilter("ignore")
if sys.argv[1:] == ["check"]:
    sys.exit(check(sys.stdin))
if len(sys.argv) == 3 and sys.argv[1] == "run":
    ours = ["cargo", "run", "--release", "--locked", "-q", "-p", "noisefloor-core", "--example", "statistics_cases"]
    with subprocess.Popen([*ours, sys.argv[2]], stdout=subprocess.PIPE, text=True) as program:
        sys.exit(check(program.stdout))
cases = [answers(case) for case in range(300)]
rows = [f' "{name}": ' + json.dumps([case[name] for case in cases], separators=(",", ":")) for name in cases[0]]
print("{\n" + ",\n".join(rows) + "\n}")
