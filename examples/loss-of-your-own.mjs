// The rate of a loss of your own: the largest error of the fitted regression function over the inputs, max |f(x) - f*(x)|.
//
//   node examples/loss-of-your-own.mjs [replicates]
//
// The fits are those of the starter study. What is measured on them is up to you: anything from fitted parameters to a number.

import process from "node:process";
import { bestKernels, kernelHash } from "@moe-rates/kernels";
import { createModel, shippedFamilies as families } from "@moe-rates/mixture";
import { formatRateTable, rateTable } from "@moe-rates/rates";
import { designPointsOf, designsOf, parseStudy, runReplicate, starterStudy } from "@moe-rates/study";

const replicates = Number(process.argv[2] ?? 12);

const parsed = parseStudy(starterStudy(), { fileName: "starter.yaml", families });
if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
const { study } = parsed;
const { truth } = study;

// A grid over [-3, 3]^2, column-major: all first coordinates, then all second ones.
const side = 61;
const grid = new Float64Array(2 * side * side);
for (let i = 0; i < side * side; i++) {
  grid[i] = -3 + (6 * (i % side)) / (side - 1);
  grid[side * side + i] = -3 + (6 * Math.floor(i / side)) / (side - 1);
}

const model = createModel({
  gating: truth.gating,
  expert: truth.expert,
  inputDim: 2,
  atoms: truth.atoms.length,
});
const valuesAt = (theta) => {
  const values = new Float64Array(side * side);
  model.regression(theta, grid, side * side, values);
  return values;
};
const trueValues = valuesAt(model.pack(truth.atoms));

/** Largest distance of the fitted regression function from the true one on the grid. */
function largestError(theta) {
  return valuesAt(theta).reduce((largest, value, i) => Math.max(largest, Math.abs(value - trueValues[i])), 0);
}

const [design] = designsOf(study, { engine: "fused-simd", kernelHash: kernelHash("simd") });
const rows = designPointsOf([design], [250, 500, 1000, 2000, 4000]).flatMap((designPoint) =>
  Array.from({ length: replicates }, (_, replicate) => {
    const { theta, certified } = runReplicate(
      { study, design, designPoint, replicate },
      { kernels: bestKernels },
    );
    return {
      design: "starter",
      k: design.k,
      n: designPoint.n,
      replicate,
      certified,
      loss: "largest-error",
      component: "total",
      value: largestError(Float64Array.from(theta)),
    };
  }),
);
process.stdout.write(`${formatRateTable(rateTable(rows).filter(({ fits }) => fits === "all"))}\n`);
