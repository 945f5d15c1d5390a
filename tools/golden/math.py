"""Golden numbers of packages/math: run `python3 tools/golden/math.py` from the repository root.

Every value is computed with mpmath at 50 digits at the exact binary value of its argument and printed as the nearest double.
"""

import json
import math
from pathlib import Path

import numpy as np
from mpmath import betainc, diff, erf, erfc, exp, log, mp, mpf, ncdf, npdf, sqrt, tanh
from scipy.stats import t as student

mp.dps = 50
OUT = Path(__file__).resolve().parents[2] / "packages" / "math" / "test" / "fixtures"
rng = np.random.default_rng(20250405)


def write(name, value):
    OUT.mkdir(parents=True, exist_ok=True)
    (OUT / f"{name}.json").write_text(json.dumps(value, separators=(",", ":")).replace("],[", "],\n[") + "\n")


def table(f, points):
    return [[float(x), float(f(mpf(float(x))))] for x in points]


def normal_quantile(p):
    """Newton on log Phi, which is concave: monotone from the left."""
    q = min(p, 1 - p)
    x = -sqrt(-2 * log(q))
    for _ in range(100):
        step = (log(q) - log(ncdf(x))) * ncdf(x) / npdf(x)
        x += step
        if abs(step) < mpf(10) ** -40:
            break
    return x if p < mpf(1) / 2 else -x


def t_upper(t, df):
    """P(T > t), t > 0."""
    return betainc(df / 2, mpf(1) / 2, 0, df / (df + t * t), regularized=True) / 2


def t_lower_centre(t, df):
    """P(0 < T < t)."""
    return betainc(mpf(1) / 2, df / 2, 0, t * t / (df + t * t), regularized=True) / 2


def t_quantile(p, df):
    """Newton in 50 digits, started from scipy's value and checked by its residual."""
    q = p if p < mpf(1) / 2 else 1 - p
    sign = -1 if p < mpf(1) / 2 else 1
    if q == mpf(1) / 2:
        return mpf(0)
    df = mpf(df)
    logc = mp.loggamma((df + 1) / 2) - mp.loggamma(df / 2) - log(mp.pi * df) / 2
    density = lambda t: exp(logc - (df + 1) / 2 * log(1 + t * t / df))
    x = mpf(float(-student.ppf(float(q), float(df))))
    for _ in range(60):
        step = (t_upper(x, df) - q) / density(x) if q < 0.2 else (mpf(1) / 2 - q - t_lower_centre(x, df)) / density(x)
        x += step
        if abs(step) < mpf(10) ** -30 * abs(x):
            break
    residual = t_upper(x, df) / q - 1 if q < 0.2 else t_lower_centre(x, df) / (mpf(1) / 2 - q) - 1
    assert abs(residual) < mpf(10) ** -25, (float(p), float(df), float(residual))
    return sign * x


plain = np.concatenate([rng.uniform(-6.5, 6.5, 120), rng.uniform(-1.3, 1.3, 60), rng.uniform(-28, 28, 60)])
edges = [0.84375, 1.25, 1 / 0.35, 6.0, 2.0**-29, 2.0**-57, 1e-300, 26.5, 0.25]
error_points = sorted([*plain, *edges, *(-e for e in edges)])
write("erf", table(erf, error_points))
write("erfc", table(erfc, [x for x in error_points if x < 26.5]))
write("normal-cdf", table(lambda x: erfc(-x / sqrt(mpf(2))) / 2, sorted([*rng.uniform(-37, 8, 120), *rng.uniform(-2, 2, 40), -1.41421356, 0.0])))

probabilities = sorted(
    [*rng.uniform(0, 1, 80), *(10.0 ** rng.uniform(-300, -1, 80)), *(1 - 10.0 ** rng.uniform(-15, -1, 40)), 0.075, 0.925, 2.0**-53, 2.0**-54, 1 - 2.0**-53, math.exp(-25), 5e-324]
)
write("normal-quantile", table(normal_quantile, probabilities))

t_rows = []
for df in [1, 2, 3, 4, 5, 7, 10, 19, 30, 39, 40, 41, 79, 100, 250, 1000, 12345, 100000, 1000000, 1.5, 2.5, 17.3]:
    for p in [0.5, 0.500001, 0.51, 0.6, 0.75, 0.79, 0.8, 0.81, 0.9, 0.95, 0.975, 0.99, 0.995, 0.9995, 0.025, 1e-4, 1e-8, 1e-15]:
        t_rows.append([p, df, float(t_quantile(mpf(p), mpf(df)))])
write("student-t-quantile", t_rows)


def gelu(u):
    return u * ncdf(u)


def sigmoid(u):
    return 1 / (1 + exp(-u))


closed = {
    "tanh": (tanh, lambda u: 1 - tanh(u) ** 2, lambda u: -2 * tanh(u) * (1 - tanh(u) ** 2)),
    "sigmoid": (sigmoid, lambda u: sigmoid(u) * (1 - sigmoid(u)), lambda u: sigmoid(u) * (1 - sigmoid(u)) * (1 - 2 * sigmoid(u))),
    "gelu": (gelu, lambda u: ncdf(u) + u * npdf(u), lambda u: npdf(u) * (2 - u * u)),
}
points = sorted([*rng.uniform(-4, 4, 40), *rng.uniform(-30, 30, 40), 0.0])
activations = {}
for name, functions in closed.items():
    for order in (1, 2):
        u = mpf("0.7310585")
        assert abs(diff(functions[0], u, order) - functions[order](u)) < mpf(10) ** -20
    # 60 more digits: 1 - tanh(u)^2 cancels.
    with mp.workdps(110):
        activations[name] = [[float(u), *(float(f(mpf(float(u)))) for f in functions)] for u in points]
write("activations", activations)
write("logistic", table(sigmoid, [-745.0, -700.0, -40.5, -1.0, 0.0, 1.0, 36.0, 40.0, 800.0, *rng.uniform(-50, 50, 30)]))


def symmetric(p, seed):
    generator = np.random.default_rng(seed)
    a = generator.normal(size=(p, p))
    return ((a + a.T) / 2).tolist()


eigen = []
for p, seed in [(1, 1), (2, 2), (5, 3), (12, 4)]:
    matrix = symmetric(p, seed)
    values = sorted(float(v) for v in mp.eigsy(mp.matrix(matrix), eigvals_only=True))
    eigen.append({"p": p, "matrix": [x for row in matrix for x in row], "values": values})
write("symmetric-eigen", eigen)
