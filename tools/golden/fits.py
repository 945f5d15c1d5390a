"""Golden fits of packages/estimators: run `python3 tools/golden/fits.py` from the repository root.

Three small data sets with rounded numbers, and the lowest sum of squares that many MINPACK runs (scipy least_squares, method lm)
reach from random starts and from starts around the truth. The regression functions are written here from the definitions in docs/glossary.md alone.
Softmax gates are parametrised with the last gate at zero, so that MINPACK sees a regular problem.
"""

import json
from pathlib import Path

import numpy as np
from scipy.optimize import least_squares

OUT = Path(__file__).resolve().parents[2] / "packages" / "estimators" / "test" / "fixtures"
rng = np.random.default_rng(20250407)
K = 2


def softmax_weights(scores):
    e = np.exp(scores - scores.max(axis=1, keepdims=True))
    return e / e.sum(axis=1, keepdims=True)


def sigmoid_weights(scores):
    return 0.5 * (1 + np.tanh(0.5 * scores))


def unpack(theta, d, gating, bias):
    """Gates (beta1, beta0) of the atoms (softmax: of all but the last), then (a[, b]) of every atom."""
    gates = K - 1 if gating == "softmax" else K
    gate = theta[: gates * (d + 1)].reshape(gates, d + 1)
    if gating == "softmax":
        gate = np.vstack([gate, np.zeros(d + 1)])
    return gate, theta[gates * (d + 1) :].reshape(K, d + int(bias))


def regression(theta, x, gating, expert, bias):
    d = x.shape[1]
    gate, head = unpack(theta, d, gating, bias)
    scores = x @ gate[:, :d].T + gate[:, d]
    inner = x @ head[:, :d].T + (head[:, d] if bias else 0)
    weights = softmax_weights(scores) if gating == "softmax" else sigmoid_weights(scores)
    return (weights * (np.tanh(inner) if expert == "tanh" else inner)).sum(axis=1)


def best_fit(x, y, truth, gating, expert, bias, starts):
    best = np.inf
    for s in range(starts):
        start = truth + 0.3 * rng.normal(size=truth.size) if s % 3 == 0 else rng.normal(size=truth.size) * 2
        fit = least_squares(lambda t: regression(t, x, gating, expert, bias) - y, start, method="lm", xtol=1e-12, ftol=1e-12, gtol=1e-12)
        theta = fit.x
        if 2 * fit.cost < best and np.abs(theta).max() < 8:
            best = 2 * fit.cost
    return best


def data_set(name, n, d, gating, expert, bias, gate, head, noise, half_width):
    x = rng.uniform(-half_width, half_width, size=(n, d)).round(4)
    free = gate[:-1] if gating == "softmax" else gate
    truth = np.array([v for row in free for v in row] + [v for row in head for v in row], dtype=float)
    y = (regression(truth, x, gating, expert, bias) + noise * rng.normal(size=n)).round(5)
    best = best_fit(x, y, truth, gating, expert, bias, 90)
    spec = "linear" if expert == "linear" else {"family": "ffn", "activation": expert, "bias": bias}
    at_truth = float(((regression(truth, x, gating, expert, bias) - y) ** 2).sum())
    return {"name": name, "gating": gating, "expert": spec, "atoms": K, "inputDim": d, "sse": best, "sseTruth": at_truth,
            "noise": noise, "truth": [{"beta1": g[:d], "beta0": g[d], "a": h[:d], **({"b": h[d]} if bias else {})} for g, h in zip(gate, head)],
            "x": x.T.ravel().tolist(), "y": y.tolist()}


sets = [
    data_set("softmax gates, tanh experts", 500, 2, "softmax", "tanh", False,
             [[1, -0.7, 0.4], [0, 0, 0]], [[1.6, 0.8], [-0.8, 1.6]], 0.1, 3),
    data_set("softmax gates, linear experts", 400, 2, "softmax", "linear", True,
             [[1.5, -1, 0.4], [0, 0, 0]], [[2, 1, 0.5], [-1, 2, -0.5]], 0.2, 2),
    data_set("sigmoid gates, tanh experts", 700, 2, "sigmoid", "tanh", False,
             [[1.2, -0.5, 0.3], [-0.8, 0.9, -0.4]], [[1.6, 0.8], [-0.8, 1.6]], 0.1, 3),
]
OUT.mkdir(parents=True, exist_ok=True)
(OUT / "fits.json").write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in sets) + "\n]\n")
for one in sets:
    print(one["name"], one["sse"], one["sseTruth"])
