"""Distribution functions to 17 digits by mpmath, for core/tests/distributions.rs to compare with.

python3 tests/reference/distributions.py > tests/reference/distributions.json   (needs mpmath)
"""
import json

from mpmath import beta, betainc, erfc, gammainc, mp, mpf, sqrt

mp.dps = 60


def tail_beta(a, b, x):
    """Digits for the tail's zeros and 60 more."""
    with mp.workdps(400):
        return betainc(a, b, 0, x) / beta(a, b)


def normal(z):
    return erfc(mpf(z) / sqrt(2)) / 2


def t_upper(t, df):
    t, df = mpf(t), mpf(df)
    return tail_beta(df / 2, mpf(1) / 2, df / (df + t * t)) / 2


def f_upper(f, d1, d2):
    f, d1, d2 = mpf(f), mpf(d1), mpf(d2)
    return tail_beta(d2 / 2, d1 / 2, d2 / (d2 + d1 * f))


def chi2_upper(x, df):
    with mp.workdps(400):
        return gammainc(mpf(df) / 2, mpf(x) / 2, regularized=True)


def binomial(k, n, p):
    p = mpf(p)
    return sum(mp.binomial(n, i) * p**i * (1 - p) ** (n - i) for i in range(k + 1))


def rows(function, points):
    """Points with their answer; what underflows a double is left out."""
    out = []
    for point in points:
        value = function(*point)
        if value > mpf("1e-305"):
            out.append([*point, float(value)])
    return out


DFS = [1, 2, 3.5, 5.584615384615385, 10, 24, 100, 1000.5, 99999, 4e6]
TS = [0.001, 0.3, 0.99, 1.7, 2.5, 4.06, 8.5, 20, 37, 1e4]
print(json.dumps({
    "normal_upper": rows(normal, [[z] for z in [-9, -4.2, -1, -0.01, 0.01, 0.5, 1.96, 3.3, 4.99, 5, 6.1, 12.34, 25, 37.2]]),
    "t_upper": rows(t_upper, [[t, df] for df in DFS for t in TS]),
    "f_upper": rows(f_upper, [[f, a, b] for a, b in [(1, 1), (2, 9), (4, 20), (8, 180), (30.5, 7.25), (100, 2000)]
                              for f in [0.01, 0.5, 1, 1.18, 4.2, 21, 300]]),
    "chi2_upper": rows(chi2_upper, [[x, df] for df in [1, 2, 5, 10.5, 60, 250, 5000]
                                    for x in [0.01, 0.7, 3.84, 10, 30, 55, 260, 1000, 5200]]),
    "binomial_cdf": rows(binomial, [[k, n, p] for n, p in [(5, 0.5), (10, 0.5), (30, 0.5), (100, 0.5), (368, 0.99), (3688, 0.999)]
                                    for k in sorted({0, n // 10, n // 3, n // 2, 2 * n // 3, n - 2, n - 1}) if k >= 0]),
}, separators=(",", ":")))
