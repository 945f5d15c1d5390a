"""Golden numbers of @moe-rates/theory: writes packages/theory/test/fixtures/theory.json.

    OMP_NUM_THREADS=1 python3 tools/golden/theory.py

Independent of the package: numpy arrays, formulas written out, L-BFGS of scipy for the cone. Holds
- definitions: counts and ranks of Definitions 1 and 2 (rank of the set of functions at random parameters),
- sharp: the sharp test at given parameters, on a midpoint grid: smallest singular value, least norm over rank one and over all M >= 0,
- sequences: D_r and ||f_Gn - f_G*|| / D_r of the degenerate sequences over a midpoint grid of [-1, 1]^2.
"""
import json
import pathlib

import numpy as np
from scipy.optimize import minimize
from scipy.special import erf

rng = np.random.default_rng(11)
sigmoid = lambda z: 1 / (1 + np.exp(-z))
Phi = lambda z: 0.5 * (1 + erf(z / 2**0.5))
phi = lambda z: np.exp(-z * z / 2) / (2 * np.pi) ** 0.5
ACTIVATIONS = {
    "tanh": lambda z: (np.tanh(z), 1 - np.tanh(z) ** 2, -2 * np.tanh(z) * (1 - np.tanh(z) ** 2)),
    "sigmoid": lambda z: (sigmoid(z), sigmoid(z) * (1 - sigmoid(z)), sigmoid(z) * (1 - sigmoid(z)) * (1 - 2 * sigmoid(z))),
    "gelu": lambda z: (z * Phi(z), Phi(z) + z * phi(z), phi(z) * (2 - z * z)),
    "relu": lambda z: (np.maximum(z, 0), (z > 0) * 1.0, 0 * z),
    "linear": lambda z: (z, 1 + 0 * z, 0 * z),
    "square": lambda z: (z * z, 2 * z, 2 + 0 * z),
    "cube": lambda z: (z**3, 3 * z**2, 6 * z),
}


def grid(d, per_axis, low, high):
    axis = low + (high - low) * (np.arange(per_axis) + 0.5) / per_axis
    return np.stack(np.meshgrid(*[axis] * d, indexing="ij"), -1).reshape(-1, d)


def parts(kind):
    return kind.split(":")


def size(kind, d):
    return d + ("nobias" not in parts(kind)) + ("scale" in parts(kind))


def expert(kind, X, eta):
    """h, gradient, Hessian in (a, b, scale)."""
    U = X / np.linalg.norm(X, axis=1, keepdims=True) if "norm" in parts(kind) else X
    Z = U if "nobias" in parts(kind) else np.c_[U, np.ones(len(U))]
    m = Z.shape[1]
    f, f1, f2 = ACTIVATIONS[parts(kind)[0]](Z @ eta[:m])
    G = f1[:, None] * Z
    H = f2[:, None, None] * Z[:, :, None] * Z[:, None, :]
    if "scale" in parts(kind):
        c = eta[m]
        H = np.block([[c * H, G[:, :, None]], [G[:, None, :], np.zeros((len(X), 1, 1))]])
        G = np.c_[c * G, f]
        f = c * f
    return f, G, H


def count(columns):
    M = np.array(columns).T
    norms = np.sqrt((M**2).mean(0))
    live = M[:, norms >= 1e-12] / norms[norms >= 1e-12]
    kept = []
    for j in range(live.shape[1]):
        if all(abs(abs((live[:, j] * live[:, i]).mean()) - 1) > 1e-10 for i in kept):
            kept.append(j)
    s = np.linalg.svd(live[:, kept] / len(M) ** 0.5, compute_uv=False)
    return dict(
        columns=len(columns),
        zero=int((norms < 1e-12).sum()),
        duplicates=live.shape[1] - len(kept),
        distinct=len(kept),
        rank=int((s > 1e-11 * s[0]).sum()),
    )


def draw(n):
    return rng.choice([-1, 1], n) * rng.uniform(0.8, 2.2, n)


def definition1(kind, d, k):
    X = rng.uniform(-3, 3, (20000, d))
    columns = []
    for _ in range(k):
        h, G, H = expert(kind, X, draw(size(kind, d)))
        q = G.shape[1]
        columns += [h] + [X[:, u] * h for u in range(d)] + [X[:, u] * X[:, v] * h for u in range(d) for v in range(u, d)]
        columns += [G[:, i] for i in range(q)] + [X[:, u] * G[:, i] for u in range(d) for i in range(q)]
        columns += [H[:, i, j] for i in range(q) for j in range(i, q)]
    return count(columns)


def definition2(router, kind, d, k):
    X = rng.uniform(-3, 3, (20000, d))
    columns = []
    for _ in range(k):
        r, R1, R2 = expert(router + ":nobias", X, draw(d))
        h, G, H = expert(kind, X, draw(size(kind, d)))
        q = G.shape[1]
        columns += [h, r * h, r * r * h] + [R1[:, u] * h for u in range(d)] + [r * R1[:, u] * h for u in range(d)]
        for u in range(d):
            for v in range(u, d):
                columns += [R2[:, u, v] * h, R1[:, u] * R1[:, v] * h]
        columns += [G[:, i] for i in range(q)] + [r * G[:, i] for i in range(q)]
        columns += [R1[:, u] * G[:, i] for u in range(d) for i in range(q)]
        columns += [H[:, i, j] for i in range(q) for j in range(i, q)]
    return count(columns)


def cone(S, n, rank, starts):
    """min over V (n x rank, norm 1) of (vec VV')' S (vec VV'), square root."""

    def objective(v):
        V = v.reshape(n, rank)
        trace = (V**2).sum()
        y = (V @ V.T).ravel() / trace
        Sy = S @ y
        value = y @ Sy
        g = (2 * Sy).reshape(n, n)
        g = g + g.T
        return value * 1e6, ((g @ V) / trace - 2 * V * (2 * value) / trace).ravel() * 1e6

    options = dict(maxiter=2000, ftol=1e-16, gtol=1e-12)
    found = [minimize(objective, rng.normal(size=n * rank), jac=True, method="L-BFGS-B", options=options).fun for _ in range(starts)]
    return max(min(found) / 1e6, 0) ** 0.5


def sharp(kind, d):
    X = grid(d, 400 if d == 1 else 64, -3, 3)
    q = size(kind, d)
    B = np.round(rng.normal(size=(2, d)), 3)
    B[-1] = 0
    b0 = np.array([round(rng.normal() * 0.3, 3), 0.0])
    E = np.round(rng.choice([-1, 1], (2, q)) * rng.uniform(0.6, 1.6, (2, q)), 3)
    g = np.exp(X @ B.T + b0)
    g /= g.sum(1, keepdims=True)
    jets = [expert(kind, X, e) for e in E]
    f = sum(g[:, j] * jets[j][0] for j in range(2))
    n, N = d + q, len(X)
    first, second = [], []
    for j in range(2):
        h, G, H = jets[j]
        p = g[:, j]
        r = p * (h - f)
        first += ([r] + [r * X[:, u] for u in range(d)] if j == 0 else []) + [p * G[:, i] for i in range(q)]
        Q = np.zeros((N, n, n))
        Q[:, :d, :d] = 0.5 * r[:, None, None] * X[:, :, None] * X[:, None, :]
        Q[:, :d, d:] = 0.5 * p[:, None, None] * X[:, :, None] * G[:, None, :]
        Q[:, d:, :d] = np.swapaxes(Q[:, :d, d:], 1, 2)
        Q[:, d:, d:] = 0.5 * p[:, None, None] * H
        second.append(Q)
    L = np.array(first).T / N**0.5
    L = L / np.linalg.norm(L, axis=0)
    U, s, _ = np.linalg.svd(L, full_matrices=False)
    U = U[:, s > 1e-10 * s[0]]
    rank_one, semidefinite = [], []
    for Q in second:
        F = Q.reshape(N, -1) / N**0.5
        scale = np.sqrt((F**2).sum(0)).reshape(n, n).diagonal().copy()
        scale[scale < 1e-12] = 1
        D = 1 / np.sqrt(scale)
        F = F * np.outer(D, D).ravel()
        F = F - U @ (U.T @ F)
        S = F.T @ F
        rank_one.append(cone(S, n, 1, 12))
        semidefinite.append(cone(S, n, n, 4))
    return dict(
        expert=kind, inputDim=d, beta1=B.tolist(), beta0=b0.tolist(), eta=E.tolist(),
        first=s[-1], rankOne=min(rank_one), semidefinite=min(semidefinite),
    )


def sequences():
    """MATH of the theorems, d = 2, over a 300 x 300 midpoint grid of [-1, 1]^2."""
    X = grid(2, 300, -1, 1)
    L2 = lambda v: np.sqrt(np.mean(v**2))
    softmax = lambda w, B, h: (w * np.exp(X @ B.T) * h).sum(1) / (w * np.exp(X @ B.T)).sum(1)
    linear = lambda A, b: X @ A.T + b
    w = np.array([np.exp(0.3), 1.0])
    B = np.array([[1.0, -0.5], [0, 0]])
    A = np.array([[1.0, 2.0], [-1.0, 0.5]])
    b = np.array([0.5, -0.3])
    I = [0, 0, 1]
    out = []
    for r in (1, 2, 3):
        for n in (10, 100, 1000):
            f0 = softmax(w, B, linear(A, b))
            wn = np.array([w[0] / 2 + 0.5 * n ** -(r + 1.0)] * 2 + [w[1]])
            bn = np.array([b[0] + 1 / n, b[0] - 1 / n, b[1]])
            D = abs(wn[:2].sum() - w[0]) + (wn[:2] * n ** -float(r)).sum()
            out.append(dict(theorem="theorem-2", r=r, n=n, loss=D, ratio=L2(softmax(wn, B[I], linear(A[I], bn)) - f0) / D))
            tau = 1.5
            b0 = np.array([0.3, 0.0])
            tn = tau + 1 / n
            Bn = B * tn / tau
            D = (np.exp(b0 / tau) * (np.linalg.norm(Bn - B, axis=1) ** r + (1 / n) ** r)).sum()
            out.append(dict(theorem="theorem-3", r=r, n=n, loss=D, ratio=0.0))
            bt = np.array([0.2, 0.0])
            al = np.array([[0.7, 0.4], [0, 0]])
            W = np.array([[[1.0, -0.5], [0, 0]], [[-0.6, 0.8], [0, 0]]])
            w0 = np.array([[0.3, 0.0], [-0.2, 0.0]])
            A2 = np.array([[[1.0, 2.0], [-1.0, 0.5]], [[0.5, -1.0], [2.0, 1.0]]])
            B2 = np.array([[0.5, -0.3], [1.0, 0.0]])

            def two_levels(we, W, A2, B2):
                g = np.exp(X @ al.T + bt)
                g /= g.sum(1, keepdims=True)
                return sum(g[:, i] * softmax(we[i], W[i], linear(A2[i], B2[i])) for i in range(2))

            f6 = two_levels(np.exp(w0), W, A2, B2)
            we = np.array([[np.exp(w0[i, 0]) / 2 + 0.5 * n ** -(r + 1.0)] * 2 + [np.exp(w0[i, 1])] for i in range(2)])
            bn2 = np.array([[B2[i, 0] + 1 / n, B2[i, 0] - 1 / n, B2[i, 1]] for i in range(2)])
            D = sum(np.exp(bt[i]) * (n ** -(r + 1.0) + (we[i, :2] * n ** -float(r)).sum()) for i in range(2))
            out.append(dict(theorem="theorem-6", r=r, n=n, loss=D, ratio=L2(two_levels(we, W[:, I], A2[:, I], bn2) - f6) / D))
            Bs = np.array([[0, 0], [1.0, -0.7]])
            s0 = np.array([0.4, -0.2])
            gates = lambda p0, B, h: (sigmoid(X @ B.T + p0) * h).sum(1)
            p = (sigmoid(s0[0]) + n ** -(r + 1.0)) / 2
            half = np.log(p / (1 - p))
            D = n ** -(r + 1.0) + 2 * n ** -float(r)
            e = L2(gates(np.array([half] * 2 + [s0[1]]), Bs[I], linear(A[I], bn)) - gates(s0, Bs, linear(A, b)))
            out.append(dict(theorem="sigmoid-theorem-4", r=r, n=n, loss=D, ratio=e / D))
    return out


EXPERTS = ["tanh", "sigmoid", "gelu", "tanh:nobias", "gelu:nobias", "tanh:norm", "gelu:norm", "tanh:norm:nobias",
           "relu", "linear", "square", "cube", "tanh:scale", "relu:scale"]
ROUTERS = [("linear", "tanh:nobias"), ("linear", "gelu"), ("tanh", "gelu:nobias"), ("tanh", "sigmoid:nobias"),
           ("sigmoid", "tanh:nobias"), ("gelu", "tanh:nobias"), ("tanh", "gelu"), ("tanh", "tanh:nobias"),
           ("relu", "tanh:nobias"), ("square", "tanh:nobias"), ("cube", "gelu:nobias"), ("tanh", "linear")]
SHARP = ["tanh", "sigmoid", "gelu", "tanh:nobias", "gelu:nobias", "tanh:norm", "gelu:norm", "relu", "linear", "square", "tanh:scale"]

fixtures = dict(
    definition1=[
        dict(expert=e, inputDim=d, atoms=k, **definition1(e, d, k))
        for e in EXPERTS for d, k in ((1, 1), (2, 1), (2, 2)) if not (d == 1 and "norm" in e)
    ],
    definition2=[dict(router=r, expert=e, inputDim=2, atoms=k, **definition2(r, e, 2, k)) for r, e in ROUTERS for k in (1, 2)],
    sharp=[sharp(e, d) for e in SHARP for d in (1, 2) if not (d == 1 and "norm" in e)],
    sequences=sequences(),
)
target = pathlib.Path(__file__).resolve().parents[2] / "packages/theory/test/fixtures/theory.json"
target.parent.mkdir(parents=True, exist_ok=True)
target.write_text(json.dumps(fixtures, indent=1) + "\n")
