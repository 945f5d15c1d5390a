"""Opens the results of a study in Python and fits a slope, with the standard library alone.

    npx moe-rates export study.duckdb --csv study-csv
    python3 examples/open-results.py study-csv

With the package duckdb no export is needed: duckdb.connect("study.duckdb", read_only=True).sql("SELECT * FROM rates").df()
"""

import csv
import math
import statistics
import sys
from pathlib import Path


def read(folder, table):
    with open(Path(folder) / f"{table}.csv", newline="") as file:
        return list(csv.DictReader(file))


def median_losses(folder, loss="regression-l2"):
    """(fit, k) -> {n: median over replicates of the loss}"""
    fits = {row["design"]: row["fit"] for row in read(folder, "designs")}
    points = {row["design_point"]: row for row in read(folder, "design_points")}
    values = {}
    for row in read(folder, "losses"):
        if row["loss"] == loss and row["component"] == "total":
            point = points[row["design_point"]]
            key = (fits[point["design"]], int(point["k"]))
            values.setdefault(key, {}).setdefault(int(point["n"]), []).append(float(row["value"]))
    return {key: {n: statistics.median(own) for n, own in sizes.items()} for key, sizes in values.items()}


if __name__ == "__main__":
    for (fit, k), medians in sorted(median_losses(sys.argv[1]).items()):
        x = [math.log(n) for n in medians]
        y = [math.log(value) for value in medians.values()]
        print(f"{fit}, k = {k}: slope {statistics.linear_regression(x, y).slope:.3f} over {len(x)} sample sizes")
