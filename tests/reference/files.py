"""Judges result files with SciPy, straight from their text, for the tests to compare with.

python3 tests/reference/files.py > tests/reference/files.json   (needs SciPy; the tests need only the JSON)
"""
import json
import math
import pathlib
import re
import statistics

from scipy import stats

ROOT = pathlib.Path(__file__).resolve().parents[2]
FORK_SD, BLOCK_SD = 0.10, 0.05


def tau(values):
    """Values that are worth one independent value (Geyer 1992, initial positive sequence)."""
    n = len(values)
    if n < 10:
        return 1.0
    center = statistics.fmean(values)
    away = [v - center for v in values]
    squares = sum(d * d for d in away)
    lag = lambda k: sum(a * b for a, b in zip(away, away[k:])) / squares if k < n else 0.0
    total, k = -1.0, 0
    while k < n:
        pair = lag(k) + lag(k + 1)
        if pair <= 0:
            break
        total, k = total + 2 * pair, k + 2
    return max(total, 1.0)


def side(values, assumed):
    """Log mean, its variance with the assumed part, and the part with degrees of freedom. Values of one
    process are worth as many independent ones as their dependence leaves."""
    logs = [math.log(v) for v in values]
    worth = tau(logs) if assumed == FORK_SD else 1.0
    sampled = statistics.variance(logs) / len(logs) * worth
    return statistics.fmean(logs), assumed**2 + sampled, sampled, max(len(logs) / worth - 1, 1)


def interval(parts, estimate):
    total = sum(p[1] for p in parts)
    df = total**2 / sum(p[2] ** 2 / p[3] for p in parts)
    half = stats.t.ppf(0.975, df) * math.sqrt(total)
    return {"estimate": estimate, "se": math.sqrt(total), "df": df, "low": estimate - half, "high": estimate + half}


def compare(a, b, assumed):
    a, b = side(a, assumed), side(b, assumed)
    return interval([a, b], b[0] - a[0])


def go(path, name):
    line = re.compile(rf"^Benchmark{name}-\d+\s+\d+\s+([\d.]+) ns/op", re.M)
    return [float(v) * 1e-9 for v in line.findall(path.read_text())]


def criterion(path):
    sample = json.loads(path.read_text())
    return [t * 1e-9 / n for n, t in zip(sample["iters"], sample["times"])]


def forks(raw):
    """Geometric means of forks: what counts as evidence is the process."""
    return [math.exp(statistics.fmean(map(math.log, fork))) for fork in raw]


# JMH's rawData: forks of iterations, the second side about 4 % slower.
JMH = [[[10.1, 10.3, 10.2], [10.6, 10.4, 10.5], [9.9, 10.0, 10.1]], [[10.5, 10.7, 10.6], [10.9, 11.0, 10.8], [10.4, 10.5, 10.3]]]
pool = ROOT / "tests/corpus/go-bench/pool/input.txt"
hyperfine = json.loads((ROOT / "tests/corpus/hyperfine/two-commands/input.json").read_text())["results"]
fib = criterion(ROOT / "tests/corpus/criterion/fib/fib_1000/new/sample.json")
print(json.dumps({
    # Two benchmarks of one file, as if they were one benchmark of two files.
    "go": compare(go(pool, "PoolByValue"), go(pool, "PoolNoPut"), FORK_SD),
    "hyperfine": compare(hyperfine[0]["times"], hyperfine[1]["times"], BLOCK_SD),
    "jmh": compare(forks(JMH[0]), forks(JMH[1]), BLOCK_SD) | {"raw": JMH},
    "criterion": compare(fib, [v * 1.05 for v in fib], FORK_SD),
}, indent=1))
