"""Golden numbers of the gates of packages/gating, through packages/mixture: run `python3 tools/golden/gatings.py` from the repository root.

f_G(x) = sum_j p_j(x) (a_j . x + b_j) written from the definitions of the gates alone (no channels, no scores shared between families), with
mpmath at 50 digits at the exact binary values of x and the parameters: weights, f, its gradient, and its Hessian by mpmath's numerical
differentiation of f. Parameters stand in the order gate of every atom, shared ones, expert of every atom. Printed as the nearest doubles.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from mpmath import diff, exp, mp, mpf, ncdf, sqrt, tanh

mp.dps = 50
OUT = Path(__file__).resolve().parents[2] / "packages" / "mixture" / "test" / "fixtures"
rng = np.random.default_rng(20250408)
D = 2


def dot(a, b):
    return sum(u * v for u, v in zip(a, b))


def sigmoid(z):
    return 1 / (1 + exp(-z))


def softmax(scores):
    powers = [exp(s) for s in scores]
    return [p / sum(powers) for p in powers]


def sigmoid_gate(x, gates, shared):
    weights = [sigmoid(dot(g[:D], x) + g[D]) for g in gates]
    return [w / sum(weights) for w in weights]


def dense_to_sparse(router):
    return lambda x, gates, shared: softmax([(router(g[:-1], x) + g[-1]) / shared[0] for g in gates])


def mlp(omega, x):
    units = [omega[i : i + D + 2] for i in range(0, len(omega), D + 2)]
    return sum(u[D + 1] * tanh(dot(u[:D], x) + u[D]) for u in units)


def top_k(k, by_score):
    def weights(x, gates, shared):
        scores = [dot(g[:D], x) + g[D] for g in gates]
        ranks = scores if by_score else [dot(g[:D], x) for g in gates]
        first = sorted(range(len(gates)), key=lambda j: -ranks[j])[:k]
        total = sum(exp(scores[j]) for j in first)
        return [exp(s) / total if j in first else mpf(0) for j, s in enumerate(scores)]

    return weights


def laplace(delta):
    def weights(x, gates, shared):
        return softmax([g[D] - sqrt(sum((c - v) ** 2 for c, v in zip(g[:D], x)) + delta**2) for g in gates])

    return weights


# name, options, weights, atoms, names and lengths of an atom's gate, shared parameters
LINEAR = [("beta1", D), ("beta0", None)]
ROUTED = [("omega", D), ("beta0", None)]
D2S = "dense-to-sparse"
CASES = [
    ({"family": "softmax"}, lambda x, g, s: softmax([dot(v[:D], x) + v[D] for v in g]), 3, LINEAR, {}),
    ({"family": "sigmoid"}, lambda x, g, s: [sigmoid(dot(v[:D], x) + v[D]) for v in g], 3, LINEAR, {}),
    ({"family": "sigmoid", "normalised": True}, sigmoid_gate, 3, LINEAR, {}),
    ({"family": D2S, "router": "linear"}, dense_to_sparse(dot), 3, LINEAR, {"temperature": 0.7}),
    ({"family": D2S, "router": "tanh"}, dense_to_sparse(lambda w, x: tanh(dot(w, x))), 3, ROUTED, {"temperature": 0.4}),
    ({"family": D2S, "router": "sigmoid"}, dense_to_sparse(lambda w, x: sigmoid(dot(w, x))), 3, ROUTED, {"temperature": 0.3}),
    ({"family": D2S, "router": "gelu"}, dense_to_sparse(lambda w, x: dot(w, x) * ncdf(dot(w, x))), 3, ROUTED, {"temperature": 1.5}),
    ({"family": D2S, "router": "mlp", "width": 2}, dense_to_sparse(mlp), 2, [("omega", 2 * (D + 2)), ("beta0", None)], {"temperature": 0.6}),
    ({"family": "top-k", "k": 1, "rank": "slope"}, top_k(1, False), 3, LINEAR, {}),
    ({"family": "top-k", "k": 2, "rank": "slope"}, top_k(2, False), 3, LINEAR, {}),
    ({"family": "top-k", "k": 2, "rank": "score"}, top_k(2, True), 3, LINEAR, {}),
    ({"family": "laplace", "smoothing": 0.25}, laplace(mpf(0.25)), 3, [("centre", D), ("beta0", None)], {}),
]


def draw(length):
    return [float(v) for v in rng.normal(size=length).round(3)]


def case(spec, weights, atoms, fields, shared):
    own = sum(length or 1 for _, length in fields)
    common = len(shared)

    def parts(theta):
        gates = [theta[j * own : (j + 1) * own] for j in range(atoms)]
        heads = theta[atoms * own + common :]
        return gates, theta[atoms * own : atoms * own + common], [heads[j * (D + 1) : (j + 1) * (D + 1)] for j in range(atoms)]

    rows = []
    for _ in range(2):
        x = draw(D)
        theta = draw(atoms * own) + list(shared.values()) + draw(atoms * (D + 1))
        gates, _, heads = parts(theta)
        point, exact = [mpf(v) for v in x], [mpf(v) for v in theta]

        def f(*t):
            g, s, h = parts(list(t))
            return sum(p * (dot(e[:D], point) + e[D]) for p, e in zip(weights(point, g, s), h))

        count = len(theta)
        order = lambda i, j: tuple((i == m) + (j == m) for m in range(count))
        hessian = [float(diff(f, tuple(exact), order(i, j))) for i, j in itertools.combinations_with_replacement(range(count), 2)]
        named = []
        for gate, head in zip(gates, heads):
            atom, at = {}, 0
            for name, length in fields:
                atom[name] = gate[at] if length is None else gate[at : at + length]
                at += length or 1
            named.append({**atom, "a": head[:D], "b": head[D]})
        g, s, _ = parts(exact)
        rows.append({
            "x": x, "atoms": named, "shared": shared, "weights": [float(p) for p in weights(point, g, s)], "value": float(f(*exact)),
            "gradient": [float(diff(f, tuple(exact), tuple(int(i == m) for m in range(count)))) for i in range(count)], "hessian": hessian,
        })
    return {"spec": spec, "rows": rows}


OUT.mkdir(parents=True, exist_ok=True)
cases = [case(*one) for one in CASES]
(OUT / "gatings.json").write_text("[\n" + ",\n".join(json.dumps(one, separators=(",", ":")) for one in cases) + "\n]\n")
