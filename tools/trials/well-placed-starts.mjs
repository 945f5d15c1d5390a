import { stream } from "../../packages/math/dist/index.js";

/** @typedef {import("../bench/scipy/run-minpack.mjs").Atom} Atom
 *  @typedef {import("../../packages/math/dist/index.js").Stream} Stream */

const radii = [0.1, 0.3, 0.7];

/** A dozen starts with three atoms that somebody who knows the truth would try: nine times the truth with one atom copied, its mass halved, and
 *  N(0, r^2) added to every parameter, r = 0.1, 0.3, 0.7; three times clusters of (x, y).
 *  @param {import("./over-specified-set.mjs").DataSet} set @param {number} seed @param {number} index
 *  @returns {Atom[][]} */
export function wellPlacedStarts(set, seed, index) {
  const random = stream("fit against minpack", seed, index, "starts");
  return Array.from({ length: 12 }, (_, i) =>
    i < 9 ? splitTruthStart(set.truth, Math.floor(i / 3) % 2, radii[i % 3], random) : clustered(set, random),
  );
}

/** The truth with one atom copied, its mass halved, plus N(0, radius^2) on every parameter.
 *  @param {Atom[]} truth @param {number} copied @param {number} radius @param {Stream} random
 *  @returns {Atom[]} */
export function splitTruthStart(truth, copied, radius, random) {
  const half = { ...truth[copied], beta0: Number(truth[copied].beta0) - Math.LN2 };
  return nearTruthStart([...truth.map((atom, j) => (j === copied ? half : atom)), half], radius, random);
}

/** Atoms plus N(0, radius^2) on every parameter.
 *  @param {Atom[]} atoms @param {number} radius @param {Stream} random
 *  @returns {Atom[]} */
export function nearTruthStart(atoms, radius, random) {
  /** @param {number | number[]} value */
  const moved = (value) =>
    typeof value === "number"
      ? value + radius * random.normal()
      : value.map((one) => one + radius * random.normal());
  return atoms.map((atom) =>
    Object.fromEntries(Object.entries(atom).map(([name, value]) => [name, moved(value)])),
  );
}

/** Three clusters of (x, 2y) by Lloyd's algorithm from three random observations; the gates of a Gaussian classifier with the mean within-cluster
 *  variance, and per cluster the least-squares plane through atanh(y), y limited to +-0.9.
 *  @param {import("./over-specified-set.mjs").DataSet} set @param {Stream} random
 *  @returns {Atom[]} */
function clustered({ n, x, y }, random) {
  const point = (/** @type {number} */ i) => [x[i], x[n + i], 2 * y[i]];
  let centres = Array.from({ length: 3 }, () => point(random.integer(n)));
  const cell = new Int32Array(n);
  for (let sweep = 0; sweep < 20; sweep++) {
    for (let i = 0; i < n; i++) {
      const distances = centres.map((centre) => squaredDistance(centre, point(i)));
      cell[i] = distances.indexOf(Math.min(...distances));
    }
    centres = centres.map(
      (centre, j) =>
        mean(
          Array.from(cell.keys())
            .filter((i) => cell[i] === j)
            .map(point),
        ) ?? centre,
    );
  }
  let spread = 0;
  for (let i = 0; i < n; i++) spread += squaredDistance(centres[cell[i]].slice(0, 2), point(i).slice(0, 2));
  const variance = spread / (2 * n);
  return centres.map(([c1, c2], j) => {
    const [a1, a2, b] = plane(
      Array.from(cell.keys()).filter((i) => cell[i] === j),
      x,
      y,
      n,
    );
    return {
      beta1: [c1 / variance, c2 / variance],
      beta0: -(c1 * c1 + c2 * c2) / (2 * variance),
      a: [a1, a2],
      b,
    };
  });
}

/** @param {number[]} a @param {number[]} b */
const squaredDistance = (a, b) => a.reduce((sum, value, i) => sum + (value - b[i]) ** 2, 0);

/** @param {number[][]} points */
const mean = (points) =>
  points[0]?.map((_, c) => points.reduce((sum, one) => sum + one[c], 0) / points.length);

/** Least-squares (a1, a2, b) of atanh(y) on (x1, x2, 1), with a ridge of 1e-6 per observation, by elimination on the normal equations.
 *  @param {number[]} members @param {Float64Array} x @param {Float64Array} y @param {number} n */
function plane(members, x, y, n) {
  const rows = [0, 1, 2].map((r) => [0, 1, 2, 3].map((c) => (r === c ? 1e-6 * (members.length + 1) : 0)));
  for (const i of members) {
    const basis = [x[i], x[n + i], 1, Math.atanh(Math.min(0.9, Math.max(-0.9, y[i])))];
    for (let r = 0; r < 3; r++) for (let c = 0; c < 4; c++) rows[r][c] += basis[r] * basis[c];
  }
  for (let r = 0; r < 3; r++) {
    for (let other = 0; other < 3; other++) {
      if (other === r) continue;
      const factor = rows[other][r] / rows[r][r];
      for (let c = r; c < 4; c++) rows[other][c] -= factor * rows[r][c];
    }
  }
  return rows.map((row, r) => row[3] / row[r]);
}
