import { affineChannels, affineFields } from "./affine-gate.ts";
import type { Gating, GatingFamily } from "./gating.ts";
import { groupSizes } from "./group-sizes.ts";
import { softmax, softmaxScores } from "./softmax.ts";

/** Two-level softmax gating: p_j(x) = P_g(x) Q_j(x) for atom j of group g, P_g proportional to exp(a_g . x + b_g) over the groups and Q_j
 *  to exp(beta1_j . x + beta0_j) over the atoms of the group. Unchanged when the same (t1, t0) is added to every group's gate, and to
 *  every atom's gate of one group. The atoms are spread over the groups by `groupSizes`; fewer atoms than groups are one group each,
 *  and that is softmax gating.
 *  With f_g = sum_j Q_j h_j, R_g = P_g (f_g - f), r_j = p_j (h_j - f_g): df/db_g = R_g, df/ds_j = r_j,
 *  d2f/(db_g db_k) = delta_gk R_g - P_g R_k - P_k R_g, d2f/(db_k ds_j) = (delta_gk - P_k) r_j,
 *  d2f/(ds_i ds_j) = delta_ij r_i - Q_i r_j - Q_j r_i within a group, 0 across; dp_j/ds_i = p_j (delta_ij - Q_i),
 *  dp_j/db_k = p_j (delta_gk - P_k). */
export const hierarchical: GatingFamily = {
  name: "hierarchical",
  description:
    "two levels: groups proportional to exp(a_g . x + b_g), atoms of a group to exp(beta1_j . x + beta0_j)",
  gauge: "translation",
  options: {
    groups: {
      type: "integer",
      minimum: 2,
      maximum: 50,
      default: 2,
      description: "groups; the atoms of a fit count per group",
    },
  },
  groups: {
    count: groupsOf,
    fields: (inputDim) => [
      { name: "a", length: inputDim },
      { name: "b", length: null },
    ],
  },
  mainOption: "groups",
  atomFields: affineFields,
  create(inputDim, atoms, options) {
    const groups = groupsOf(options);
    if (atoms < groups) return { ...softmax.create(inputDim, atoms, {}), family: "hierarchical" };
    return twoLevels(groupSizes(atoms, groups));
  },
};

function groupsOf(options: Readonly<Record<string, unknown>>): number {
  return Number(options["groups"] ?? 2);
}

function twoLevels(sizes: readonly number[]): Gating {
  const groups = sizes.length;
  const groupOf = sizes.flatMap((size, g) => Array.from({ length: size }, () => g));
  const starts = sizes.map((_, g) => groupOf.indexOf(g));
  const atoms = groupOf.length;
  const secondPairs: [number, number][] = [];
  for (let a = 0; a < atoms + groups; a++) {
    for (let b = a; b < atoms + groups; b++)
      if (b >= atoms || groupOf[a] === groupOf[b]) secondPairs.push([a, b]);
  }
  const weightPairs: [number, number][] = [];
  for (let a = 0; a < atoms + groups; a++) {
    for (let j = 0; j < atoms; j++) if (a >= atoms || groupOf[a] === groupOf[j]) weightPairs.push([a, j]);
  }
  return {
    family: "hierarchical",
    atoms,
    gauge: "translation",
    channels: [
      ...affineChannels(atoms),
      ...sizes.map((_, group) => ({
        atom: null,
        group,
        basis: "affine" as const,
        slope: "a",
        intercept: "b",
      })),
    ],
    groups: sizes,
    scratchColumns: atoms + 2 * groups,
    secondPairs,
    weightPairs,
    scores: softmaxScores,
    mass: (intercept) => Math.exp(intercept),
    weights(kernels, { stride, channels, weights, scratch }, n) {
      const own = levels(scratch, stride, atoms, groups);
      kernels.softmax(own.group(0), channels[atoms], stride, groups, n);
      for (let g = 0; g < groups; g++)
        kernels.softmax(own.atom(starts[g]), channels[starts[g]], stride, sizes[g], n);
      for (let j = 0; j < atoms; j++)
        kernels.multiply(weights + j * stride, own.group(groupOf[j]), own.atom(j), n);
    },
    derivatives(kernels, columns, n, order) {
      const { stride, weights, experts, regression, first, second, weightFirst, scratch } = columns;
      const own = levels(scratch, stride, atoms, groups);
      for (let g = 0; g < groups; g++) {
        const mean = own.mean(g);
        kernels.fill(mean, 0, n);
        for (let j = starts[g]; j < starts[g] + sizes[g]; j++)
          kernels.multiplyAdd(mean, own.atom(j), experts + j * stride, n);
        const slope = first + (atoms + g) * stride;
        kernels.multiplyDifference(slope, mean, regression, own.group(g), n);
      }
      for (let j = 0; j < atoms; j++) {
        const slope = first + j * stride;
        const mean = own.mean(groupOf[j]);
        kernels.multiplyDifference(slope, experts + j * stride, mean, weights + j * stride, n);
      }
      if (order < 2) return;
      /** Relative weight of a channel's gate on its own level: Q_j or P_g. */
      const share = (a: number) => (a < atoms ? own.atom(a) : own.group(a - atoms));
      secondPairs.forEach(([a, b], pair) => {
        const out = second[pair];
        const [left, right] = [first + a * stride, first + b * stride];
        const base = a === b || (a < atoms && b === atoms + groupOf[a]) ? left : -1;
        if (b < atoms || a >= atoms) kernels.subtractProducts(out, base, share(b), left, share(a), right, n);
        else kernels.subtractProduct(out, base, share(b), left, n);
      });
      weightPairs.forEach(([a, j], entry) => {
        const out = weightFirst[entry];
        const p = weights + j * stride;
        kernels.subtractProduct(out, a === j || a === atoms + groupOf[j] ? p : -1, share(a), p, n);
      });
    },
  };
}

/** Addresses in scratch: Q_j, P_g, then f_g. */
function levels(scratch: number, stride: number, atoms: number, groups: number) {
  return {
    atom: (j: number) => scratch + j * stride,
    group: (g: number) => scratch + (atoms + g) * stride,
    mean: (g: number) => scratch + (atoms + groups + g) * stride,
  };
}
