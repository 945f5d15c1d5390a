"""Least-squares fits of softmax mixtures of one-unit tanh experts with MINPACK: the baseline other fits are held against.

    python3 tools/bench/scipy/minpack_fits.py < request.json > answer.json

request: {"data": CSV file with header x1,...,xd,y, "starts": [atoms, ...], "rounds": r (default 1), "tolerance": t (default 1e-12), "truth": atoms (optional),
          "budget": CPU seconds after which a fit is given up (default none)}
         atoms: [{"beta1": [d numbers], "beta0": ., "a": [d numbers], "b": . (absent: no bias)}, ...]
answer:  {"versions": {...}, "sseTruth": sum of squares at the truth, "fits": [{"atoms", "sse", "info", "evaluations", "jacobians", "seconds": [one per round]}, ...]}
         A fit that was given up has info 0 and the best point it had seen.

The baseline is meant to be as fast as this approach gets: `leastsq` (MINPACK lmder) with all three tolerances at t and MINPACK's own
scaling; an analytic Jacobian whose columns are contiguous (col_deriv), vectorised over observations; the forward pass of a point is shared
by residuals and Jacobian; the gate of the last atom is held at zero, so that the problem is regular where the truth is exactly specified.
Seconds are CPU seconds of this process; set OMP_NUM_THREADS=1 for one core.
"""

import json
import platform
import sys
import time

import numpy as np
import scipy
from scipy.optimize import leastsq


class GivenUp(Exception):
    """A fit has used up its budget."""


class SoftmaxTanh:
    """f(x) = sum_j w_j(x) tanh(a_j . x + b_j), w = softmax(beta1_j . x + beta0_j); free parameters: the gates (beta1, beta0) of all atoms
    but the last, then (a[, b]) atom by atom. Arrays are parameters x observations."""

    def __init__(self, x, y, atoms, bias):
        n, d = x.shape
        self.y, self.k, self.d = y, atoms, d
        self.gate_basis = np.vstack([x.T, np.ones(n)])
        self.expert_basis = self.gate_basis if bias else self.gate_basis[:d]
        self.gates = (atoms - 1) * (d + 1)
        self.columns = self.gates + atoms * len(self.expert_basis)
        self.point = None
        self.deadline, self.best, self.best_point = np.inf, np.inf, None

    def forward(self, theta):
        if self.point is not None and np.array_equal(theta, self.point):
            return
        scores = theta[: self.gates].reshape(self.k - 1, self.d + 1) @ self.gate_basis
        top = np.maximum(scores.max(axis=0), 0.0) if self.k > 1 else np.zeros(self.y.size)
        weights = np.empty((self.k, self.y.size))
        np.exp(scores - top, out=weights[:-1])
        np.exp(-top, out=weights[-1])
        weights /= weights.sum(axis=0)
        values = np.tanh(theta[self.gates :].reshape(self.k, -1) @ self.expert_basis)
        self.weights, self.values = weights, values
        self.fitted = np.einsum("jn,jn->n", weights, values)
        self.point = theta.copy()

    def residuals(self, theta):
        self.forward(theta)
        e = self.fitted - self.y
        if self.deadline < np.inf:
            sse = sum_of_squares(e)
            if sse < self.best:
                self.best, self.best_point = sse, theta.copy()
            if time.process_time() > self.deadline:
                raise GivenUp
        return e

    def jacobian(self, theta):
        self.forward(theta)
        rows, d = np.empty((self.columns, self.y.size)), self.d
        gate = self.weights[:-1] * (self.values[:-1] - self.fitted)
        expert = self.weights * (1.0 - self.values * self.values)
        np.multiply(gate[:, None, :], self.gate_basis[None], out=rows[: self.gates].reshape(self.k - 1, d + 1, -1))
        np.multiply(expert[:, None, :], self.expert_basis[None], out=rows[self.gates :].reshape(self.k, len(self.expert_basis), -1))
        return rows


def pack(atoms):
    gate = np.array([[*atom["beta1"], atom["beta0"]] for atom in atoms], dtype=float)
    expert = np.array([[*atom["a"], *([atom["b"]] if "b" in atom else [])] for atom in atoms], dtype=float)
    return np.concatenate([(gate[:-1] - gate[-1]).ravel(), expert.ravel()])


def unpack(theta, k, d, bias):
    """Named atoms with the mean gate at zero."""
    gates = (k - 1) * (d + 1)
    gate = np.vstack([theta[:gates].reshape(k - 1, d + 1), np.zeros(d + 1)])
    gate -= gate.mean(axis=0)
    expert = theta[gates:].reshape(k, -1)
    return [
        {"beta1": g[:d].tolist(), "beta0": g[d], "a": e[:d].tolist(), **({"b": e[d]} if bias else {})}
        for g, e in zip(gate, expert)
    ]


def sum_of_squares(residuals):
    return float(residuals @ residuals)


def fit(x, y, start, tolerance, rounds, budget):
    bias, k = "b" in start[0], len(start)
    seconds = []
    for _ in range(rounds):
        begun = time.process_time()
        model = SoftmaxTanh(x, y, k, bias)
        if budget is not None:
            model.deadline = begun + budget
        try:
            theta, _, report, _, info = leastsq(
                model.residuals, pack(start), Dfun=model.jacobian, col_deriv=True, full_output=True,
                ftol=tolerance, xtol=tolerance, gtol=tolerance, maxfev=5000,
            )  # fmt: skip
            sse, evaluations, jacobians = sum_of_squares(report["fvec"]), report["nfev"], report["njev"]
        except GivenUp:
            theta, info, sse, evaluations, jacobians = model.best_point, 0, model.best, 0, 0
        seconds.append(time.process_time() - begun)
    return {
        "atoms": unpack(theta, k, x.shape[1], bias), "sse": sse, "info": int(info),
        "evaluations": int(evaluations), "jacobians": int(jacobians), "seconds": seconds,
    }  # fmt: skip


def main():
    request = json.load(sys.stdin)
    table = np.loadtxt(request["data"], delimiter=",", skiprows=1, ndmin=2)
    x, y = np.ascontiguousarray(table[:, :-1]), np.ascontiguousarray(table[:, -1])
    np.seterr(over="ignore", under="ignore", invalid="ignore")
    truth = request.get("truth")
    answer = {
        "versions": {"python": platform.python_version(), "numpy": np.__version__, "scipy": scipy.__version__},
        "sseTruth": sum_of_squares(SoftmaxTanh(x, y, len(truth), "b" in truth[0]).residuals(pack(truth))) if truth else None,
        "fits": [fit(x, y, start, request.get("tolerance", 1e-12), request.get("rounds", 1), request.get("budget")) for start in request["starts"]],
    }
    json.dump(answer, sys.stdout)


if __name__ == "__main__":
    main()
