import { shippedFamilies } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import {
  type Covariates,
  designPointsOf,
  designsOf,
  fitToData,
  parseStudy,
  type ReplicateRow,
  runReplicate,
} from "../src/index.ts";

interface Extreme {
  gating?: string;
  expert?: string;
  input?: string;
  sd?: number;
  atoms?: string[];
  k?: number;
  box?: number;
  n?: number;
  starts?: string;
  covariates?: Covariates;
}

const twoAtoms = [
  "{beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8], b: 0.5}",
  "{beta1: [0, 0], beta0: 0, a: [-0.8, 1.6], b: -0.5}",
];

/** Replicate 0 of a study at the edge of what can be asked for. */
function fitted({
  gating = "softmax",
  expert = "{family: ffn, activation: tanh}",
  input = "{law: uniform, low: -3, high: 3, dim: 2}",
  sd = 0.1,
  atoms = twoAtoms,
  k = 2,
  box = 10,
  n = 120,
  starts = "{near-truth: {radius: 0.1, count: 1}, random: 2, k-means: 1, split: 2, add: 3, around: 2}",
  covariates,
}: Extreme): ReplicateRow {
  const text = `name: extreme
seed: 11
truth:
  gating: ${gating}
  expert: ${expert}
  input: ${covariates ? "{law: covariates, file: x.csv, columns: [x1, x2]}" : input}
  noise: {sd: ${sd}}
  atoms:
${atoms.map((atom) => `    - ${atom}`).join("\n")}
fit: {atoms: ${k}, box: ${box}, starts: ${starts}}
design: {sampleSizes: [${n}], replicates: 1}
losses: [voronoi-d1, regression-l2]
`;
  const parsed = parseStudy(text, { fileName: "extreme.yaml", families: shippedFamilies });
  if (!parsed.ok) throw new Error(parsed.problems.map(({ key, message }) => `${key}: ${message}`).join("\n"));
  const [design] = designsOf(parsed.study, { engine: "fused-js", kernelHash: "-", covariatesHash: "-" });
  const [designPoint] = designPointsOf([design], [n]);
  return runReplicate(
    { study: parsed.study, design, designPoint, replicate: 0 },
    covariates ? { covariates } : {},
  );
}

/** Rows of covariates, column after column. */
function rowsOf(count: number, first: (i: number) => number, second: (i: number) => number): Covariates {
  const values = Float64Array.from({ length: 2 * count }, (_, i) =>
    i < count ? first(i) : second(i - count),
  );
  return { columns: ["x1", "x2"], rows: count, values };
}

/** A status, and no number that is not one. */
function expectSound(row: ReplicateRow): void {
  expect(["converged", "not-converged", "non-finite"]).toContain(row.status);
  const { atoms, losses, theta, failure, ...columns } = row;
  const numbers = [
    ...Object.values(columns).filter((value) => typeof value === "number"),
    ...theta,
    ...atoms.map(({ value }) => value),
    ...losses.map(({ value }) => value),
  ];
  expect(numbers.filter((value) => !Number.isFinite(value))).toEqual([]);
  expect(failure === null).toBe(row.status !== "non-finite");
  if (row.certified) expect(row.status).toBe("converged");
  if (failure === null) expect(losses.map(({ loss }) => loss)).toContain("regression-l2");
}

const line = {
  expert: "linear",
  atoms: [
    "{beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8], b: 0.5}",
    "{beta1: [0, 0], beta0: 0, a: [-0.8, 1.6], b: -0.5}",
  ],
};

describe("a fit ends with a status and finite numbers", () => {
  const cases: [string, Extreme][] = [
    [
      "with true scores beyond +-700",
      {
        atoms: [
          "{beta1: [900, -700], beta0: 40, a: [1.6, 0.8], b: 0.5}",
          "{beta1: [-900, 700], beta0: -40, a: [-0.8, 1.6], b: -0.5}",
        ],
        box: 5000,
      },
    ],
    [
      "with true scores beyond +-700 under sigmoid gates",
      {
        gating: "sigmoid",
        atoms: [
          "{beta1: [900, -700], beta0: 40, a: [1.6, 0.8], b: 0.5}",
          "{beta1: [-900, 700], beta0: -40, a: [-0.8, 1.6], b: -0.5}",
        ],
        box: 5000,
      },
    ],
    [
      "with inputs of 1e6 and linear experts",
      { ...line, input: "{law: uniform, low: -1000000, high: 1000000, dim: 2}" },
    ],
    ["with inputs of 1e-6", { input: "{law: uniform, low: -0.000001, high: 0.000001, dim: 2}" }],
    [
      "with polynomial experts of degree 6 far out",
      {
        expert: "{family: polynomial, degree: 6}",
        atoms: ["{beta1: [1, 0], beta0: 0, a: [1, 1], b: 0}", "{beta1: [-1, 0], beta0: 0, a: [-1, 1], b: 0}"],
        input: "{law: uniform, low: -30, high: 30, dim: 2}",
      },
    ],
    [
      "with a single input that is repeated",
      {
        covariates: rowsOf(
          1,
          () => 0.7,
          () => -0.3,
        ),
      },
    ],
    [
      "with inputs from three rows only",
      {
        covariates: rowsOf(
          3,
          (i) => i,
          (i) => 1 - i,
        ),
      },
    ],
    [
      "with a constant covariate",
      {
        covariates: rowsOf(
          200,
          (i) => Math.sin(i),
          () => 2,
        ),
      },
    ],
    [
      "with constant covariates at zero",
      {
        covariates: rowsOf(
          50,
          () => 0,
          () => 0,
        ),
      },
    ],
    [
      "with collinear covariates",
      {
        covariates: rowsOf(
          200,
          (i) => Math.sin(i),
          (i) => 3 * Math.sin(i) + 1,
        ),
      },
    ],
    [
      "with nearly collinear covariates of linear experts",
      {
        ...line,
        covariates: rowsOf(
          200,
          (i) => Math.sin(i),
          (i) => Math.sin(i) * (1 + 1e-12 * (i % 7)),
        ),
      },
    ],
    [
      "with covariates of very different scales",
      {
        covariates: rowsOf(
          200,
          (i) => 1e8 * Math.sin(i),
          (i) => 1e-8 * Math.cos(i),
        ),
      },
    ],
    ["with one observation", { n: 1 }],
    ["with two observations", { n: 2 }],
    ["with fewer observations than parameters", { n: 7, k: 3 }],
    ["with as many observations as parameters", { n: 12 }],
    ["with noise of 1e-9", { sd: 1e-9 }],
    ["with noise of 1e-9 and a spare atom", { sd: 1e-9, k: 3 }],
    ["with noise of 1e6", { sd: 1e6 }],
    [
      "with true atoms on the border of the box",
      { box: 1.7, atoms: twoAtoms.map((atom) => atom.replace("0.4", "0.8")) },
    ],
    [
      "with a box that binds everywhere",
      { ...line, atoms: [line.atoms[0].replace("0.4", "1.6"), line.atoms[1]], box: 1.6, sd: 3 },
    ],
    ["with identical true atoms", { atoms: [twoAtoms[0], twoAtoms[0]] }],
    [
      "with true atoms that differ in the last bit",
      { atoms: [twoAtoms[0], twoAtoms[0].replace("1.6", "1.6000000000000003")] },
    ],
    ["with fewer atoms than the truth", { k: 1 }],
    ["with six atoms for one true atom", { k: 6, atoms: [twoAtoms[0]], n: 80 }],
    ["with more parameters than observations and six atoms", { k: 6, n: 30 }],
    ["with starts on the truth itself", { starts: "{near-truth: {radius: 0, count: 3}}" }],
    ["with starts far outside the box", { starts: "{near-truth: {radius: 1000000, count: 3}}" }],
    [
      "with ReLU experts that are dead everywhere",
      {
        expert: "{family: ffn, activation: relu}",
        atoms: ["{beta1: [0, 0], beta0: 0, a: [1, 0], b: -9}", "{beta1: [1, 0], beta0: 0, a: [0, 1], b: -9}"],
      },
    ],
    [
      "with normalised inputs at the origin",
      {
        expert: "{family: ffn, activation: tanh, bias: false, normalise: true}",
        atoms: twoAtoms.map((atom) => atom.replace(/, b: .*}/, "}")),
        covariates: rowsOf(
          20,
          (i) => (i < 10 ? 0 : i),
          (i) => (i < 10 ? 0 : -i),
        ),
      },
    ],
  ];
  test.each(cases)("%s", (_, extreme) => expectSound(fitted(extreme)));
});

describe("a fit of given data ends with a status and finite numbers", () => {
  const n = 60;
  const inputs = Float64Array.from({ length: n }, (_, i) => -3 + (6 * i) / (n - 1));
  const cases: [string, (x: number, i: number) => number][] = [
    ["without noise, on a straight line", (x) => 2 * x - 1],
    ["without noise, on the model itself", (x) => Math.tanh(2 * x) / (1 + Math.exp(-3 * x))],
    ["of zeros", () => 0],
    ["of a constant of 1e300", () => 1e300],
    ["of values near the end of the range", (x) => 1e307 * x],
    ["of a single spike", (_, i) => (i === 30 ? 1e8 : 0)],
    ["of denormal numbers", (_, i) => i * 5e-324],
  ];
  test.each(cases)("%s", (_, response) => {
    const { result } = fitToData({
      x: inputs,
      y: inputs.map((x, i) => response(x, i)),
      inputDim: 1,
      gating: "softmax",
      expert: { family: "ffn", activation: "tanh" },
      atoms: 2,
      box: 1000,
      starts: 12,
    });
    expect(["converged", "not-converged", "non-finite"]).toContain(result.status);
    const finite = [...result.theta, result.sse].every(Number.isFinite);
    expect(finite).toBe(result.status !== "non-finite");
    if (result.certified) expect(result.status).toBe("converged");
  });
});
