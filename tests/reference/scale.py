"""Finite-sample bias of the raw MAD and Shamos estimators for normal data, by simulation.

python3 tests/reference/scale.py 2 3 10 50   prints n, both biases and their standard errors (needs NumPy).
The tables in core/src/stats/scale.rs hold the published values for n up to 100; they agree within the errors.
"""
import sys

import numpy as np

QUARTILE = 0.6744897501960817
RUNS = 200_000


def biases(n, random):
    mad, shamos = [], []
    rows, columns = np.triu_indices(n, 1)
    for _ in range(RUNS // 1000):
        x = random.standard_normal((1000, n))
        mad.append(np.median(np.abs(x - np.median(x, axis=1, keepdims=True)), axis=1))
        shamos.append(np.median(np.abs(x[:, rows] - x[:, columns]), axis=1))
    for values, limit in ((mad, QUARTILE), (shamos, QUARTILE * 2**0.5)):
        values = np.concatenate(values) / limit
        yield values.mean() - 1.0, values.std() / len(values) ** 0.5


random = np.random.default_rng(1)
for n in map(int, sys.argv[1:]):
    print(n, *(f"{bias:.5f} ± {error:.5f}" for bias, error in biases(n, random)))
