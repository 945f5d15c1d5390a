import { experts } from "@moe-rates/experts";
import { gatings } from "@moe-rates/gating";
import { referenceKernels } from "@moe-rates/kernels";
import { stream } from "@moe-rates/math";
import {
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
  basisColumns,
  type MixtureModel,
} from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import { batchData, batchObjective, tensorflowNames } from "../src/index.ts";
import { use } from "./support/backends.ts";
import { variantsOf } from "./support/variants.ts";

const inputDim = 2;
const n = 60;

/** Data, parameters at two starts, and what the fused float64 kernels say about them. */
function bench(model: MixtureModel, key: string) {
  const random = stream("tfjs derivatives", key);
  const x = Float64Array.from({ length: n * inputDim }, () => 4 * random.uniform() - 2);
  const y = Float64Array.from({ length: n }, () => random.normal());
  const weights = Float64Array.from({ length: n }, () => 1 + random.integer(3));
  const p = model.parameterCount;
  const thetas = [0, 1].map(() =>
    Float64Array.from({ length: p }, (_, i) =>
      model.parameterNames[i] === "temperature" ? 0.6 + random.uniform() : 0.7 * random.normal(),
    ),
  );
  const columns = basisColumns(inputDim, model.normalised);
  const kernels = referenceKernels(
    dataDoubles(n, inputDim, model.normalised) + objectiveDoubles(model, columns) + 4096,
  );
  const data = loadData(kernels, { x, y, weights, inputDim, normalised: model.normalised });
  const objective = createObjective(model, data, kernels);
  const fused = thetas.map((theta) => {
    const [gradient, norms, hessian] = [new Float64Array(p), new Float64Array(p), new Float64Array(p * p)];
    return { value: objective.derivatives(theta, gradient, norms, hessian, false), gradient, norms, hessian };
  });
  return { x, y, weights, thetas, fused, p };
}

/** Largest difference relative to the largest entry: what float32 sums of this length can be held to. */
function difference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  const scale = Math.max(1e-3, ...Array.from(b, Math.abs));
  return Math.max(...Array.from(b, (value, i) => Math.abs(a[i] - value))) / scale;
}

/** Every gating with every expert, and every variant of either with one of the others. */
const families = [
  ...Object.keys(gatings).flatMap((gating) =>
    Object.keys(experts).map((expert) => ({ gating: { family: gating }, expert: { family: expert } })),
  ),
  ...Object.values(gatings).flatMap((family) =>
    variantsOf(family.options).map((options) => ({
      gating: { family: family.name, ...options },
      expert: { family: "ffn", activation: "tanh" },
    })),
  ),
  ...Object.values(experts).flatMap((family) =>
    variantsOf(family.options).map((options) => ({
      gating: { family: "softmax" },
      expert: { family: family.name, ...options },
    })),
  ),
];

describe.each(tensorflowNames)("on %s", (backend) => {
  test.for(
    families.map((one) => [`${JSON.stringify(one.gating)} ${JSON.stringify(one.expert)}`, one] as const),
  )(
    "%s: sums of squares, gradients and J'J by automatic differentiation equal the analytic ones",
    async ([key, { gating, expert }], { skip }) => {
      const { tf, missing } = await use(backend);
      skip(missing !== null, missing ?? "");
      const model = createModel({ gating, expert, inputDim, atoms: 4 });
      const { x, y, weights, thetas, fused, p } = bench(model, key);
      const data = batchData(tf, [{ x, y, weights }], { inputDim, normalised: model.normalised, rows: 25 });
      const objective = batchObjective(tf, model, data);
      const theta = tf.tensor3d(
        thetas.flatMap((one) => [...one]),
        [1, thetas.length, p],
      );
      const { values, gradient, hessian } = objective.normal(theta);
      const linear = objective.linearise(theta);
      const slopes = linear.gradient.dataSync();
      const squaredNorms = linear.norms.dataSync();
      const image = tf.tidy(() => linear.product(theta).dataSync());
      fused.forEach((expected, s) => {
        expect(Math.abs(values[s] / expected.value - 1)).toBeLessThan(2e-6);
        expect(difference(gradient.subarray(s * p, (s + 1) * p), expected.gradient)).toBeLessThan(2e-5);
        expect(difference(slopes.subarray(s * p, (s + 1) * p), expected.gradient)).toBeLessThan(2e-5);
        expect(difference(squaredNorms.subarray(s * p, (s + 1) * p), expected.norms)).toBeLessThan(2e-5);
        const product = Float64Array.from({ length: p }, (_, i) =>
          thetas[s].reduce((sum, value, j) => sum + expected.hessian[i * p + j] * value, 0),
        );
        expect(difference(image.subarray(s * p, (s + 1) * p), product)).toBeLessThan(2e-5);
        expect(difference(hessian.subarray(s * p * p, (s + 1) * p * p), expected.hessian)).toBeLessThan(2e-5);
      });
      objective.dispose();
      data.dispose();
      linear.dispose();
      theta.dispose();
    },
  );
});
