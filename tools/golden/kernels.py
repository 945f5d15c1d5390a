"""Writes packages/kernels/test/fixtures/kernels.json: exp, tanh, logistic and GELU with two derivatives, from mpmath at 60 digits.

Every row is [x, head, tail, ...]: for each order the double nearest to the value and the remainder, so that errors below half an
ulp can be told apart. Run from anywhere: python3 tools/golden/kernels.py (needs mpmath; 1.3.0 made the checked-in file).
"""

import json
import math
import pathlib

from mpmath import mp, mpf, erfc, exp, pi, sqrt

mp.dps = 60


def logistic(u):
    e = exp(-abs(u))
    value = 1 / (1 + e) if u >= 0 else e / (1 + e)
    first = e / (1 + e) ** 2
    return value, first, -mp.sign(u) * first * (1 - e) / (1 + e)


def tanh(u):
    e = exp(-2 * abs(u))
    value = mp.sign(u) * (1 - e) / (1 + e) if abs(u) > mpf("1e-10") else mp.tanh(u)
    first = 4 * e / (1 + e) ** 2
    return value, first, -2 * value * first


def gelu(u):
    cdf = erfc(-u / sqrt(2)) / 2
    density = exp(-u * u / 2) / sqrt(2 * pi)
    return u * cdf, cdf + u * density, density * (2 - u * u)


FUNCTIONS = {"exp": lambda u: (exp(u),), "tanh": tanh, "logistic": logistic, "gelu": gelu}


def spread(low, high, count):
    """`count` irregular points between low and high (additive recurrence, nothing falls on a round number)."""
    return [low + (high - low) * ((0.5 + 0.6180339887498949 * i) % 1) for i in range(count)]


def both(points):
    return [sign * x for x in points for sign in (1, -1)]


COMMON = both([5e-324, 2.2250738585072014e-308, 1e-300, 1e-150, 1e-20, 2.0**-53, 2.0**-30, 1e-5])
POINTS = {
    "exp": COMMON
    + spread(-1, 1, 80)
    + spread(-40, 40, 80)
    + spread(-745.1, 709.7, 120)
    + [709.782712893384, 709.7827128933841, 708.0, 708.0000000000001, -708.0, -708.0000000000001]
    + [-708.3964185322641, -708.3964185322642, -744.4400719213812, -745.1332191019411, -745.1332191019412, -746.0, 710.0, 1e300, -1e300]
    + [k * math.log(2) / 2 for k in range(-30, 31)],
    "tanh": COMMON + spread(-1, 1, 120) + spread(-22, 22, 100) + spread(-350, 350, 40) + both([0.17328679513998632, 0.34657359027997264, 353.0]),
    "logistic": COMMON + spread(-1, 1, 100) + spread(-40, 40, 100) + spread(-705, 705, 60) + both([36.7, 744.0, 746.0]),
    "gelu": COMMON + spread(-1, 1, 100) + spread(-8, 8, 120) + spread(-37, 37, 80) + both([0.7517915247, 1.4142135623730951, 39.0, 60.0]),
}


def nearest(value):
    """The double nearest to value and what is left, both as doubles; infinity beyond the range."""
    if abs(value) >= mpf(2) ** 1024 - mpf(2) ** 970:
        return [math.copysign(math.inf, value), 0.0]
    if value != 0 and abs(value) < mpf(2) ** -1022:
        head = math.ldexp(float(mp.nint(value * mpf(2) ** 1074)), -1074)
        return [head, float((value - mpf(head)) * mpf(2) ** 1074)]  # the remainder of a subnormal in units of 2^-1074
    head = float(value)
    return [head, float(value - mpf(head))]


def text(x):
    return {math.inf: "Infinity", -math.inf: "-Infinity"}.get(x, x)


rows = {
    name: [[text(v) for v in [x] + [w for value in f(mpf(x)) for w in nearest(value)]] for x in POINTS[name]]
    for name, f in FUNCTIONS.items()
}
target = pathlib.Path(__file__).resolve().parents[2] / "packages/kernels/test/fixtures/kernels.json"
target.parent.mkdir(parents=True, exist_ok=True)
lines = (f'"{name}": [\n' + ",\n".join(json.dumps(row) for row in rows[name]) + "\n]" for name in rows)
target.write_text("{\n" + ",\n".join(lines) + "\n}\n")
