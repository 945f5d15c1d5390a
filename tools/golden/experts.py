"""Golden numbers of packages/experts: run `python3 tools/golden/experts.py` from the repository root.

h(x, eta) and its gradient in eta, written in x and eta alone (no channels), with mpmath at 50 digits at the exact binary values of
x and eta; gradients by mpmath's own numerical differentiation of h. Printed as the nearest doubles.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from mpmath import diff, exp, mp, mpf, ncdf, sqrt, tanh

mp.dps = 50
OUT = Path(__file__).resolve().parents[2] / "packages" / "experts" / "test" / "fixtures"
rng = np.random.default_rng(20250406)
D = 3

PHI = {
    "relu": lambda u: u if u > 0 else mpf(0),
    "gelu": lambda u: u * ncdf(u),
    "sigmoid": lambda u: 1 / (1 + exp(-u)),
    "tanh": tanh,
}


def expert(phi, scale, bias, normalise):
    def h(x, eta):
        z = x
        if normalise:
            length = sqrt(sum(v * v for v in x))
            z = [v / length for v in x]
        u = sum(a * v for a, v in zip(eta, z))
        if bias:
            u += eta[D]
        return phi(u) * (eta[-1] if scale else 1)

    return h


def gradient(h, x, eta):
    def along(i):
        return lambda t: h(x, [t if j == i else v for j, v in enumerate(eta)])

    return [float(diff(along(i), v)) for i, v in enumerate(eta)]


def case(spec, phi):
    scale, bias, normalise = spec.get("scale", False), spec.get("bias", True), spec.get("normalise", False)
    h = expert(phi, scale, bias, normalise)
    rows = []
    for _ in range(4):
        x = [float(v) for v in rng.normal(size=D).round(3)]
        a = [float(v) for v in rng.normal(size=D).round(3)]
        b = [float(round(rng.normal(), 3))] if bias else []
        scales = [float(round(rng.normal(), 3))] if scale else []
        exact = [mpf(v) for v in x], [mpf(v) for v in a + b + scales]
        rows.append({"x": x, "a": a, **({"b": b[0]} if bias else {}), **({"lambda": scales[0]} if scale else {}),
                     "value": float(h(*exact)), "gradient": gradient(h, *exact)})
    return {"spec": spec, "rows": rows}


flags = [False, True]
cases = []
for bias, normalise in itertools.product(flags, flags):
    cases.append(case({"family": "linear", "bias": bias, "normalise": normalise}, lambda u: u))
for degree in (1, 2, 3, 4):
    for scale, bias, normalise in itertools.product(flags, flags, flags):
        cases.append(case({"family": "polynomial", "degree": degree, "scale": scale, "bias": bias, "normalise": normalise},
                          lambda u, p=degree: u**p))
for name, phi in PHI.items():
    for scale, bias, normalise in itertools.product(flags, flags, flags):
        cases.append(case({"family": "ffn", "activation": name, "scale": scale, "bias": bias, "normalise": normalise}, phi))

OUT.mkdir(parents=True, exist_ok=True)
(OUT / "experts.json").write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]\n")
