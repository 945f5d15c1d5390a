"""Coverage of the rate intervals, and why the points are not weighted by estimated variances.  numpy only; about ten seconds.

    python3 packages/rates/bench/interval-coverage.py

Losses follow n^-1/2 exactly. 'distance': |W(n)|/n for a four-dimensional Brownian motion W; 'heavy': n^-1/2 exp(1.5 W(n)/sqrt n), log-normal.
Nested sizes share the draws of a replicate. 'jackknife' is the package's interval; 'independent sizes' adds the points' variances;
'variance weights' is the jackknife with inverse delete-one variances of the log statistic as (fixed) point weights.
"""

import numpy as np

T975 = {10: 2.2622, 20: 2.0930, 40: 2.0227}
DATA_SETS = 1000
rng = np.random.default_rng(20250405)


def draw(law, replicates, n, nested):
    dim = 4 if law == "distance" else 1
    z = rng.standard_normal((replicates, len(n), dim))
    if nested:
        z = np.cumsum(z * np.sqrt(np.diff(np.r_[0, n]))[None, :, None], axis=1) / np.sqrt(n)[None, :, None]
    return n**-0.5 * (np.sqrt((z**2).sum(-1)) if law == "distance" else np.exp(1.5 * z[..., 0]))


def delete_one(values, statistic):
    m = len(values)
    if statistic == "mean":
        return np.log((values.sum(0) - values) / (m - 1))
    return np.log([np.median(np.delete(values, r, 0), axis=0) for r in range(m)])


def slope(x, y, w):
    centre = (w * x).sum() / w.sum()
    return (w * (x - centre) * y).sum(-1) / (w * (x - centre) ** 2).sum()


print(f"{'law':9} {'sizes':>11} {'M':>3} {'statistic':9} {'jackknife':>9} {'independent sizes':>17} {'variance weights':>16} {'sd count w.':>11} {'sd variance w.':>14}")
for law in ["distance", "heavy"]:
    for nested, count, last in [(True, 13, 1e6), (True, 7, 6.4e4), (True, 4, 6.4e4), (False, 13, 1e6)]:
        n = np.round(np.geomspace(1e3, last, count))
        x = np.log(n)
        for m in [10, 40]:
            for statistic in ["mean", "median"]:
                hits, estimates = np.zeros(3), []
                for _ in range(DATA_SETS):
                    values = draw(law, m, n, nested)
                    y = np.log(values.mean(0) if statistic == "mean" else np.median(values, 0))
                    without = delete_one(values, statistic)
                    variance = (m - 1) * without.var(0)
                    ones, inverse = np.ones(count), 1 / np.maximum(variance, 1e-12)
                    b, b_inverse = slope(x, y, ones), slope(x, y, inverse)
                    centred = x - x.mean()
                    errors = [
                        (b, np.sqrt((m - 1) * slope(x, without, ones).var())),
                        (b, np.sqrt((centred**2 * variance).sum()) / (centred**2).sum()),
                        (b_inverse, np.sqrt((m - 1) * slope(x, without, inverse).var())),
                    ]
                    hits += [abs(estimate + 0.5) <= T975[m] * se for estimate, se in errors]
                    estimates.append((b, b_inverse))
                c, sd = hits / DATA_SETS, np.std(estimates, axis=0)
                label = f"{count} {'nested' if nested else 'indep.'}"
                print(f"{law:9} {label:>11} {m:3} {statistic:9} {c[0]:9.3f} {c[1]:17.3f} {c[2]:16.3f} {sd[0]:11.4f} {sd[1]:14.4f}")
