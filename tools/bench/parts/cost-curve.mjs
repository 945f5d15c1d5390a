/** CPU time of a certified global fit over n, number of inputs and number of atoms: softmax gates, tanh experts, two true atoms, default policy. */
import { fitGlobal, globalFitDoubles, mixedPolicy } from "../../../packages/estimators/dist/index.js";
import { bestKernels } from "../../../packages/kernels/dist/index.js";
import { stream } from "../../../packages/math/dist/index.js";
import { createModel } from "../../../packages/mixture/dist/index.js";
import { cpuSeconds, digits, median } from "../statistics.mjs";

/** @typedef {{name: string, half: number, bias: boolean}} Family */

/** The experts and inputs of the two designs of the trials, continued to more inputs. */
const families = [
  { name: "experts without bias", half: 3, bias: false },
  { name: "experts with bias", half: 2, bias: true },
];
const sizes = [
  ...[1000, 10_000, 100_000, 1_000_000].map((n) => ({ n, d: 2, k: 3 })),
  ...[1, 4, 8].map((d) => ({ n: 10_000, d, k: 3 })),
  ...[2, 4].map((k) => ({ n: 10_000, d: 2, k })),
];

/** CPU seconds of a row after which no further data set is begun. */
const enough = 60;

/** @type {import("../parts.mjs").RunPart} */
export function run(report, { quick, rounds }) {
  const sets = rounds ?? (quick ? 1 : 5);
  const table = report.table(
    `Certified global fits: softmax gates, one-unit tanh experts, two true atoms, uniform inputs, noise sd 0.1, default policy; CPU seconds, medians over up to ${sets} data sets.`,
    ["experts", "n", "inputs d", "fitted atoms k", "parameters", "certified", "CPU s", "range"],
  );
  for (const family of quick ? families.slice(0, 1) : families) {
    for (const { n, d, k } of quick ? [{ n: 500, d: 1, k: 2 }] : sizes) {
      const { parameters } = fitOne(family, 1000, d, k, 0);
      /** @type {ReturnType<typeof fitOne>[]} */
      const fits = [];
      for (let set = 0, spent = 0; set < sets && spent < enough; set++) {
        fits.push(fitOne(family, n, d, k, set));
        spent += fits[set].seconds;
      }
      const seconds = fits.map((fit) => fit.seconds);
      const certified = fits.filter((fit) => fit.certified).length;
      table.row(
        family.bias ? "with bias" : "without bias",
        n.toLocaleString("en-US"),
        d,
        k,
        parameters,
        `${certified} of ${fits.length}`,
        digits(median(seconds)),
        `${digits(Math.min(...seconds))} to ${digits(Math.max(...seconds))}`,
      );
      report.point({ name: family.name, inputs: d, n, k, seconds: median(seconds) });
    }
  }
  table.note(
    `Before a row a fit of n = 1,000 warms the process up; a row ends early after ${enough} CPU seconds: \`certified\` says of how many data sets.`,
  );
}

/** @param {Family} family @param {number} n @param {number} d @param {number} k @param {number} set */
function fitOne({ name, half, bias }, n, d, k, set) {
  const models = [1, 2, 3, 4].map((atoms) =>
    createModel({
      gating: "softmax",
      expert: { family: "ffn", activation: "tanh", bias },
      inputDim: d,
      atoms,
    }),
  );
  const cycle = (/** @type {number[]} */ values) =>
    Array.from({ length: d }, (_, u) => values[u % values.length]);
  const truth = models[1].pack([
    {
      beta1: cycle([1, -0.7, 0.3, 0.2]),
      beta0: 0.4,
      a: cycle([1.6, 0.8, -0.5, 0.4]),
      ...(bias && { b: 0.5 }),
    },
    { beta1: cycle([0]), beta0: 0, a: cycle([-0.8, 1.6, 0.6, -0.3]), ...(bias && { b: -0.5 }) },
  ]);
  const key = ["cost-curve", name, n, d, set];
  const random = stream(...key);
  const x = Float64Array.from({ length: n * d }, () => half * (2 * random.uniform() - 1));
  const y = new Float64Array(n);
  models[1].regression(truth, x, n, y);
  for (let i = 0; i < n; i++) y[i] += 0.1 * random.normal();
  const kernels = bestKernels(globalFitDoubles(n, models[k - 1]));
  const before = cpuSeconds();
  const { certified } = fitGlobal({
    kernels,
    x,
    y,
    inputDim: d,
    modelWith: (atoms) => models[atoms - 1],
    atoms: k,
    box: 10,
    policy: mixedPolicy,
    points: [],
    random: (purpose) => stream(...key, purpose),
  });
  return { seconds: cpuSeconds() - before, certified, parameters: models[k - 1].parameterCount };
}
