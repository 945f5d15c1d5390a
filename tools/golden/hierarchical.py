"""Golden numbers of two-level gates and of wide experts: run `python3 tools/golden/hierarchical.py` from the repository root.

f_G of MATH notation M4, f(x) = sum_g P_g(x) sum_j Q_{j|g}(x) h(x, eta_gj), written in the parameters alone (no channels) with mpmath at 50
digits, its gradient from the written-out formulas df/db = P (f_g - f), df/da = same x, df/dw0 = P Q (h - f_g), df/dw1 = same x,
df/deta = P Q grad h, and its Hessian by mpmath's numerical differentiation of the value. Wide experts: h = sum_m lambda_m phi(a_m . x + b_m).
Parameters are listed under the names a model gives them. Printed as the nearest doubles.
"""

import json
from pathlib import Path

import numpy as np
from mpmath import diff, exp, mp, mpf, ncdf, npdf, tanh

mp.dps = 50
OUT = Path(__file__).resolve().parents[2] / "packages" / "mixture" / "test" / "fixtures"
rng = np.random.default_rng(20250407)

PHI = {
    "tanh": (tanh, lambda u: 1 - tanh(u) ** 2),
    "gelu": (lambda u: u * ncdf(u), lambda u: ncdf(u) + u * npdf(u)),
    "sigmoid": (lambda u: 1 / (1 + exp(-u)), lambda u: exp(-u) / (1 + exp(-u)) ** 2),
}


def dot(a, x):
    return sum(u * v for u, v in zip(a, x))


def softmax(scores):
    top = [exp(s) for s in scores]
    total = sum(top)
    return [t / total for t in top]


def unit_names(width, d, bias, scale):
    names = []
    for m in range(width):
        unit = "" if width == 1 else str(m + 1)
        names += [f"a{unit}[{u}]" for u in range(d)]
        if bias:
            names.append(f"b{unit}")
        if scale:
            names.append(f"lambda{unit}")
    return names


class Model:
    """Parameters in the order of `names`; the gate parameters of atoms first, then those of groups, then experts atom by atom."""

    def __init__(self, d, sizes, expert, hierarchical):
        self.d, self.sizes, self.expert, self.hierarchical = d, sizes, expert, hierarchical
        self.atoms = sum(sizes)
        self.unit = unit_names(expert.get("width", 1), d, expert["bias"], expert["scale"])
        gate = [f"beta1[{u}]" for u in range(d)] + ["beta0"]
        self.names = [f"atom[{j}].{name}" for j in range(self.atoms) for name in gate]
        if hierarchical:
            self.names += [f"group[{g}].{n}" for g in range(len(sizes)) for n in [f"a[{u}]" for u in range(d)] + ["b"]]
        self.names += [f"atom[{j}].{name}" for j in range(self.atoms) for name in self.unit]

    def parts(self, theta):
        d, at = self.d, 0

        def take(n):
            nonlocal at
            at += n
            return theta[at - n : at]

        gates = [take(d + 1) for _ in range(self.atoms)]
        groups = [take(d + 1) for _ in self.sizes] if self.hierarchical else [[mpf(0)] * (d + 1)]
        heads = [take(len(self.unit)) for _ in range(self.atoms)]
        return gates, groups, heads

    def units(self, eta):
        bias, scale, width = self.expert["bias"], self.expert["scale"], self.expert.get("width", 1)
        each = self.d + bias + scale
        for m in range(width):
            own = eta[m * each : (m + 1) * each]
            yield own[: self.d], own[self.d] if bias else mpf(0), own[-1] if scale else mpf(1)

    def head(self, eta, x):
        phi = PHI[self.expert["activation"]][0]
        return sum(c * phi(dot(a, x) + b) for a, b, c in self.units(eta))

    def head_gradient(self, eta, x):
        phi, slope = PHI[self.expert["activation"]]
        out = []
        for a, b, c in self.units(eta):
            u = dot(a, x) + b
            out += [c * slope(u) * v for v in x]
            if self.expert["bias"]:
                out.append(c * slope(u))
            if self.expert["scale"]:
                out.append(phi(u))
        return out

    def levels(self, theta, x):
        gates, groups, heads = self.parts(theta)
        p = softmax([dot(g[:-1], x) + g[-1] for g in groups])
        q, h, means, at = [], [self.head(eta, x) for eta in heads], [], 0
        for size in self.sizes:
            own = softmax([dot(g[:-1], x) + g[-1] for g in gates[at : at + size]])
            means.append(sum(w * v for w, v in zip(own, h[at : at + size])))
            q += own
            at += size
        return p, q, h, means, heads

    def value(self, theta, x):
        p, _, _, means, _ = self.levels(theta, x)
        return sum(w * m for w, m in zip(p, means))

    def gradient(self, theta, x):
        p, q, h, means, heads = self.levels(theta, x)
        f = sum(w * m for w, m in zip(p, means))
        owner = [g for g, size in enumerate(self.sizes) for _ in range(size)]
        out = []
        for j, g in enumerate(owner):
            r = p[g] * q[j] * (h[j] - means[g])
            out += [r * v for v in x] + [r]
        if self.hierarchical:
            for weight, mean in zip(p, means):
                r = weight * (mean - f)
                out += [r * v for v in x] + [r]
        for j, g in enumerate(owner):
            out += [p[g] * q[j] * v for v in self.head_gradient(heads[j], x)]
        return out

    def hessian(self, theta, x):
        n = len(theta)
        out = []
        for i in range(n):
            def slope_along(t, i=i):
                return [t if j == i else v for j, v in enumerate(theta)]
            out.append([diff(lambda t, j=j: self.gradient(slope_along(t), x)[j], theta[i]) for j in range(i, n)])
        return out


def case(gating, expert, d, sizes, rows):
    model = Model(d, sizes, expert, gating != "softmax")
    theta = [float(v) for v in (1.2 * rng.normal(size=len(model.names))).round(3)]
    exact = [mpf(v) for v in theta]
    points = []
    for row in range(rows):
        x = [float(v) for v in (1.5 * rng.normal(size=d)).round(3)]
        at = [mpf(v) for v in x]
        point = {"x": x, "value": float(model.value(exact, at)), "gradient": [float(v) for v in model.gradient(exact, at)]}
        if row == 0:
            point["hessian"] = [[float(v) for v in line] for line in model.hessian(exact, at)]
        points.append(point)
    return {"gating": gating, "expert": {"family": "ffn", **expert}, "inputDim": d, "atoms": sum(sizes),
            "theta": dict(zip(model.names, theta)), "points": points}


def two_levels(groups):
    return {"family": "hierarchical", "groups": groups}


no_bias = {"activation": "tanh", "bias": False, "scale": False}
wide = {"activation": "tanh", "bias": True, "scale": True, "width": 3}
plain = {"activation": "gelu", "bias": False, "scale": False, "width": 2}
cases = {
    "hierarchical": [
        case(two_levels(2), no_bias, 2, [2, 2], 4),
        case(two_levels(2), {"activation": "gelu", "bias": True, "scale": True}, 1, [2, 1], 4),
        case(two_levels(3), {"activation": "sigmoid", "bias": True, "scale": False}, 2, [2, 2, 1], 4),
        case(two_levels(2), {"activation": "tanh", "bias": True, "scale": True, "width": 2}, 2, [1, 1], 3),
    ],
    "wide-experts": [case("softmax", wide, 2, [2], 4), case("softmax", plain, 3, [2], 4),
                     case("softmax", {**wide, "activation": "sigmoid", "width": 5}, 2, [1], 3)],
}

OUT.mkdir(parents=True, exist_ok=True)
for name, listed in cases.items():
    lines = ",\n".join(json.dumps(one, separators=(",", ":")) for one in listed)
    (OUT / f"{name}.json").write_text(f"[\n{lines}\n]\n")
