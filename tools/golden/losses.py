"""Golden numbers of packages/losses: run `python3 tools/golden/losses.py` from the repository root (about two minutes of processor time).

Losses written from their formulas (docs/losses.md) with numpy, one fitted measure at a time; gauges minimised by scipy's Nelder-Mead from every difference of a
true and a fitted gate, twice restarted, the factor of the masses being the best of the ratios W_j* / W_j (for top-K: of a fine grid between them, then by
bounded scalar minimisation). Couplings by scipy's linear programming. Matchings of groups by itertools.permutations.
"""

import itertools
import json
from pathlib import Path

import numpy as np
from scipy.optimize import linprog, minimize, minimize_scalar

OUT = Path(__file__).resolve().parents[2] / "packages" / "losses" / "test" / "fixtures"
rng = np.random.default_rng(20250407)
D, Q, BLOCKS = 2, 3, (2, 1)


def once_or_squared(size):
    return 2 if size > 1 else 1


def power_of(r):
    return lambda size: r


def draw(m, k, radius):
    truth = [dict(beta0=0.7 * rng.normal(), beta1=rng.normal(size=D), eta=rng.normal(size=Q)) for _ in range(m)]
    fitted = []
    for i in range(k):
        j = i if i < m else int(rng.integers(m))
        spread = sum(1 for other in range(m, k)) + 1
        fitted.append(
            dict(
                beta0=truth[j]["beta0"] - np.log(spread) * (k > m) + radius * rng.normal() + 1.5,
                beta1=truth[j]["beta1"] + radius * rng.normal(size=D) + np.array([2.0, -3.0]),
                eta=truth[j]["eta"] + radius * rng.normal(size=Q),
            )
        )
    return fitted, truth


def cells_of(fitted, truth, t1):
    distances = [
        [np.linalg.norm(np.concatenate([a["beta1"] + t1 - b["beta1"], a["eta"] - b["eta"]])) for b in truth] for a in fitted
    ]
    return [int(np.argmin(row)) for row in distances]


def parts_at(fitted, truth, t1, c, power, masses, true_masses, blocks=(Q,), heat=0.0):
    cells = cells_of(fitted, truth, t1)
    edges = np.cumsum(blocks)[:-1]
    parts = []
    for j, b in enumerate(truth):
        inside = [i for i, cell in enumerate(cells) if cell == j]
        p = power(len(inside))
        part = abs(c * sum(masses[i] for i in inside) - true_masses[j])
        for i in inside:
            a = fitted[i]
            terms = [np.linalg.norm(a["beta1"] + t1 - b["beta1"]), heat]
            terms += [np.linalg.norm(block) for block in np.split(a["eta"] - b["eta"], edges)]
            part += c * masses[i] * sum(term**p for term in terms)
        parts.append(part)
    return np.array(parts)


def ratios(fitted, truth, t1, masses, true_masses):
    cells = cells_of(fitted, truth, t1)
    sums = [sum(masses[i] for i, cell in enumerate(cells) if cell == j) for j in range(len(truth))]
    return [b / s for b, s in zip(true_masses, sums) if s > 0]


def best_factor(fitted, truth, t1, power, masses, true_masses, active=None, **more):
    candidates = ratios(fitted, truth, t1, masses, true_masses)
    if active is None:
        return min(parts_at(fitted, truth, t1, c, power, masses, true_masses, **more).sum() for c in candidates)

    def largest(log_c):
        return np.sort(parts_at(fitted, truth, t1, np.exp(log_c), power, masses, true_masses, **more))[-active:].sum()

    low, high = np.log(min(candidates)), np.log(max(candidates))
    if high - low < 1e-12:
        return largest(low)
    found = minimize_scalar(largest, bounds=(low, high), method="bounded", options=dict(xatol=1e-10))
    return min(found.fun, largest(low), largest(high))


def over_translations(value, fitted, truth, key="beta1"):
    starts = [b[key] - a[key] for a in fitted for b in truth]
    best = min(starts, key=value)
    lowest = value(best)
    for start in starts:
        t1 = start
        for _ in range(3):
            found = minimize(value, t1, method="Nelder-Mead", options=dict(xatol=1e-11, fatol=1e-13, maxiter=4000))
            t1 = found.x
        lowest = min(lowest, found.fun)
    return float(lowest)


def plain(atoms):
    return [dict(beta0=float(a["beta0"]), beta1=a["beta1"].tolist(), eta=a["eta"].tolist()) for a in atoms]


def translated_cases():
    cases = []
    table = [
        ("voronoi-d1", once_or_squared, {}),
        ("voronoi-d2:1.5", power_of(1.5), dict(blocks=BLOCKS)),
        ("voronoi-d2:2", power_of(2), dict(blocks=BLOCKS)),
        ("voronoi-d2:4", power_of(4), dict(blocks=BLOCKS)),
        ("voronoi-d3:2", power_of(2), dict(tau=(0.75, 0.7))),
        ("voronoi-d4", once_or_squared, dict(tau=(0.75, 0.7))),
        ("top-k-d1", once_or_squared, dict(active=2)),
    ]
    for name, power, more in table:
        for m, k, radius in [(2, 2, 0.05), (2, 3, 0.05), (3, 4, 0.1)]:
            if name == "top-k-d1" and m == 2:
                m, k = 3, k + 1
            fitted, truth = draw(m, k, radius)
            own, other = more.get("tau", (1.0, 1.0))
            masses = [np.exp(a["beta0"] / own) for a in fitted]
            true_masses = [np.exp(b["beta0"] / other) for b in truth]
            value = lambda t1: best_factor(
                fitted, truth, t1, power, masses, true_masses,
                active=more.get("active"), blocks=more.get("blocks", (Q,)), heat=abs(own - other),
            )
            case = dict(name=name, fitted=plain(fitted), truth=plain(truth), total=over_translations(value, fitted, truth))
            if "tau" in more:
                case["temperatures"] = more["tau"]
            if "active" in more:
                case["active"] = more["active"]
            cases.append(case)
    return cases


def sigmoid_cases():
    cases = []
    logistic = lambda z: 1 / (1 + np.exp(-z))
    for name, r in [("sigmoid-d1", None), ("sigmoid-d2:3", 3)]:
        for m, k in [(2, 2), (2, 3), (3, 5)]:
            fitted, truth = draw(m, k, 0.2)
            for a in fitted:
                a["beta1"] = a["beta1"] - np.array([2.0, -3.0])
            cells = cells_of(fitted, truth, np.zeros(D))
            total = 0.0
            for j, b in enumerate(truth):
                inside = [fitted[i] for i, cell in enumerate(cells) if cell == j]
                if len(inside) != 1:
                    total += abs(sum(logistic(a["beta0"]) for a in inside) - logistic(b["beta0"]))
                p = r or once_or_squared(len(inside))
                for a in inside:
                    split = np.split(a["eta"] - b["eta"], [BLOCKS[0]]) if r else [a["eta"] - b["eta"]]
                    total += np.linalg.norm(a["beta1"] - b["beta1"]) ** p + sum(np.linalg.norm(s) ** p for s in split)
                    if len(inside) == 1:
                        total += abs(a["beta0"] - b["beta0"]) ** p
            cases.append(dict(name=name, fitted=plain(fitted), truth=plain(truth), total=float(total)))
    return cases


def two_level_cases():
    cases = []
    for name, power in [("voronoi-d5", once_or_squared), ("voronoi-d6:3", power_of(3))]:
        blocks = BLOCKS if name != "voronoi-d5" else (Q,)
        for groups, k in [(2, 2), (2, 3), (3, 2)]:
            truth, fitted = [], []
            for _ in range(groups):
                own, other = draw(2, k, 0.1)
                gate = dict(b=0.5 * rng.normal(), a=rng.normal(size=D))
                truth.append(dict(gate, atoms=other))
                fitted.append(
                    dict(b=gate["b"] + 2 + 0.1 * rng.normal(), a=gate["a"] + 0.1 * rng.normal(size=D) + 1.0, atoms=own)
                )
            fitted = fitted[::-1]
            exp = lambda atoms: [np.exp(a["beta0"]) for a in atoms]
            inner = [
                [
                    over_translations(
                        lambda t1: best_factor(f["atoms"], t["atoms"], t1, power, exp(f["atoms"]), exp(t["atoms"]), blocks=blocks),
                        f["atoms"], t["atoms"],
                    )
                    for t in truth
                ]
                for f in fitted
            ]
            totals = []
            for matching in itertools.permutations(range(groups)):
                def value(t1):
                    values = []
                    for c in [np.exp(truth[j]["b"] - fitted[i]["b"]) for i, j in enumerate(matching)]:
                        value = 0.0
                        for i, j in enumerate(matching):
                            mass = c * np.exp(fitted[i]["b"])
                            distance = np.linalg.norm(fitted[i]["a"] + t1 - truth[j]["a"])
                            value += abs(mass - np.exp(truth[j]["b"])) + mass * (distance ** power(1) + inner[i][j])
                        values.append(value)
                    return min(values)

                totals.append(over_translations(value, fitted, truth, key="a"))
            shown = lambda side: [dict(b=float(g["b"]), a=g["a"].tolist(), atoms=plain(g["atoms"])) for g in side]
            cases.append(dict(name=name, fitted=shown(fitted), truth=shown(truth), total=min(totals)))
    return cases


def coupling_cost(costs, p, q):
    k, m = costs.shape
    rows = np.kron(np.eye(k), np.ones(m))
    columns = np.kron(np.ones(k), np.eye(m))
    found = linprog(costs.ravel(), A_eq=np.vstack([rows, columns]), b_eq=np.concatenate([p, q]), method="highs-ds")
    return found.fun


def wasserstein_cases():
    cases = []
    for order in [1, 2, 3]:
        for m, k in [(2, 3), (3, 4)]:
            fitted, truth = draw(m, k, 0.2)
            weigh = lambda atoms: np.exp([a["beta0"] for a in atoms]) / np.exp([a["beta0"] for a in atoms]).sum()
            p, q = weigh(fitted), weigh(truth)

            def value(t1):
                costs = np.array(
                    [
                        [np.linalg.norm(np.concatenate([a["beta1"] + t1 - b["beta1"], a["eta"] - b["eta"]])) ** order for b in truth]
                        for a in fitted
                    ]
                )
                return coupling_cost(costs, p, q)

            total = over_translations(value, fitted, truth) ** (1 / order)
            cases.append(dict(order=order, fitted=plain(fitted), truth=plain(truth), total=total))
    return cases


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    golden = dict(
        translated=translated_cases(),
        sigmoid=sigmoid_cases(),
        twoLevels=two_level_cases(),
        wasserstein=wasserstein_cases(),
    )
    (OUT / "losses.json").write_text(json.dumps(golden) + "\n")
