import type { ExpertFamily } from "@moe-rates/experts";
import { BLOCK, referenceKernels } from "@moe-rates/kernels";
import { differenceStep, stream } from "@moe-rates/math";
import { createModel, shippedFamilies, withPlugin } from "@moe-rates/mixture";
import { describe, expect, test } from "vitest";
import {
  batchData,
  batchObjective,
  forwardExpert,
  tensorflowNames,
  type ForwardExpert,
} from "../src/index.ts";
import { use } from "./support/backends.ts";

/** A bump height exp(-|x - centre|^2 / (2 width^2)): no function of inner products with x. */
const bump: ForwardExpert = {
  name: "bump",
  description: "height exp(-|x - centre|^2 / (2 width^2))",
  parameters: (inputDim) => [
    { name: "centre", length: inputDim },
    { name: "width", length: null },
    { name: "height", length: null },
  ],
  forward(tf, x, { centre, width, height }) {
    const square = x
      .map((xu, u) => tf.squaredDifference(xu, centre[u]))
      .reduce((sum, one) => tf.add(sum, one));
    return tf.mul(height, tf.exp(tf.div(tf.neg(square), tf.mul(2, tf.square(width)))));
  },
};

/** Every smooth operation a forward pass may use, on arguments where it is smooth. */
const smooth: ForwardExpert = {
  ...bump,
  name: "smooth",
  parameters: () => [
    { name: "a", length: null },
    { name: "b", length: null },
  ],
  forward(tf, [x], { a, b }) {
    const u = tf.add(tf.mul(a, x), b);
    const positive = tf.add(tf.square(u), 1);
    const small = tf.mul(0.5, tf.tanh(u));
    const parts = [
      ...[
        tf.tanh,
        tf.sigmoid,
        tf.softplus,
        tf.erf,
        tf.sin,
        tf.cos,
        tf.exp,
        tf.expm1,
        tf.sinh,
        tf.cosh,
        tf.atan,
        tf.asinh,
        tf.relu,
      ].map((op) => op(u)),
      ...[tf.sqrt, tf.rsqrt, tf.log, tf.log1p, tf.reciprocal].map((op) => op(positive)),
      ...[tf.asin, tf.acos, tf.atanh, tf.tan].map((op) => op(small)),
      ...[tf.acosh].map((op) => op(tf.add(positive, 1))),
      tf.pow(positive, b),
      tf.maximum(u, tf.mul(2, a)),
      tf.minimum(u, x),
      tf.sub(tf.abs(u), tf.where(tf.greater(u, 0), u, tf.mul(3, u))),
      tf.atan2(u, positive),
    ];
    return parts.reduce((sum, one, i) => tf.add(sum, tf.mul(0.1 + 0.03 * i, one)));
  },
};

async function familyOf(definition: ForwardExpert): Promise<ExpertFamily> {
  return forwardExpert(definition);
}

/** Runs an expert on given inputs and channels: value, first and second derivatives as columns. */
function evaluator(family: ExpertFamily, inputDim: number) {
  const expert = family.create(inputDim, {});
  const q = expert.channels.length;
  const kernels = referenceKernels((inputDim + 2 * q + expert.secondPairs.length + 4) * BLOCK);
  const { f64, allocate } = kernels.memory;
  const basis = allocate(inputDim * BLOCK);
  const each = (count: number) => Array.from({ length: count }, () => allocate(BLOCK));
  const columns = {
    channels: each(q),
    value: allocate(BLOCK),
    first: each(q),
    second: each(expert.secondPairs.length),
    basis,
  };
  const read = (at: number) => f64.slice(at, at + BLOCK);
  return {
    expert,
    run(x: readonly Float64Array[], channels: readonly Float64Array[], order: 0 | 1 | 2) {
      x.forEach((column, u) => f64.set(column, basis + u * BLOCK));
      channels.forEach((column, a) => f64.set(column, columns.channels[a]));
      expert.evaluate(kernels, columns, BLOCK, order);
      return { value: read(columns.value), first: columns.first.map(read), second: columns.second.map(read) };
    },
  };
}

function worst(a: Float64Array, b: Float64Array): number {
  return Math.max(...a.map((value, i) => Math.abs(value - b[i]) / Math.max(1, Math.abs(b[i]))));
}

describe.each([
  ["bump", bump, 2],
  ["smooth", smooth, 1],
] as const)("the forward-only expert %s", (_, definition, inputDim) => {
  test("has first and second derivatives that agree with central differences of its float64 values", async () => {
    const { expert, run } = evaluator(await familyOf(definition), inputDim);
    const random = stream("forward expert", definition.name);
    const column = () => Float64Array.from({ length: BLOCK }, () => 0.4 + 1.3 * random.uniform());
    const x = Array.from({ length: inputDim }, column);
    const channels = expert.channels.map(column);
    const { first, second } = run(x, channels, 2);
    expect(run(x, channels, 1).first).toEqual(first);
    for (let a = 0; a < channels.length; a++) {
      const steps = channels[a].map(differenceStep);
      const moved = (sign: number) =>
        channels.map((c, b) => (a === b ? c.map((v, i) => v + sign * steps[i]) : c));
      const [up, down] = [run(x, moved(1), 1), run(x, moved(-1), 1)];
      const slope = (high: Float64Array, low: Float64Array) =>
        high.map((v, i) => (v - low[i]) / (2 * steps[i]));
      expect(worst(first[a], slope(up.value, down.value))).toBeLessThan(1e-8);
      for (let b = a; b < channels.length; b++) {
        const pair = expert.secondPairs.findIndex(([left, right]) => left === a && right === b);
        const expected = slope(up.first[b], down.first[b]);
        expect(worst(pair < 0 ? new Float64Array(BLOCK) : second[pair], expected)).toBeLessThan(1e-8);
      }
    }
  });

  test.for(tensorflowNames)(
    "gives the same sums of squares on %s, where the pass itself is run",
    async (name, { skip }) => {
      const { tf, missing } = await use(name);
      skip(missing !== null, missing ?? "");
      const families = withPlugin(
        shippedFamilies,
        { experts: { [definition.name]: await familyOf(definition) } },
        "test",
      );
      const model = createModel({ gating: "softmax", expert: definition.name, inputDim, atoms: 2, families });
      const random = stream("forward expert", definition.name, "sums");
      const n = 50;
      const x = Float64Array.from({ length: n * inputDim }, () => 0.4 + random.uniform());
      const theta = Float64Array.from({ length: model.parameterCount }, () => 0.4 + random.uniform());
      const y = new Float64Array(n);
      model.regression(theta, x, n, y);
      for (let i = 0; i < n; i++) y[i] -= 0.1 * (i % 7);
      const data = batchData(tf, [{ x, y }], { inputDim, normalised: false, rows: n });
      const objective = batchObjective(tf, model, data);
      const at = tf.tensor3d([...theta], [1, 1, theta.length]);
      const expected = y.reduce((sum, _value, i) => sum + (0.1 * (i % 7)) ** 2, 0);
      expect(objective.values(at)[0] / expected).toBeCloseTo(1, 5);
      objective.dispose();
      data.dispose();
      at.dispose();
    },
  );
});

describe("a forward pass that cannot be differentiated sample by sample", () => {
  const failing = async (forward: ForwardExpert["forward"]) => {
    const family = await familyOf({ ...bump, forward });
    return () => family.create(2, {});
  };

  test("is refused with the name of the operation", async () => {
    expect(await failing((tf, [x], { height }) => tf.mul(height, tf.sum(x)))).toThrow(
      'expert "bump" cannot be differentiated: the operation Sum does not work element by element',
    );
  });

  test("is refused when it brings vectors of its own", async () => {
    expect(await failing((tf, [x]) => tf.mul(x, tf.tensor1d([1, 2])))).toThrow(
      "may hold numbers, but no vectors",
    );
  });

  test("leaves the backend as it was", async () => {
    const { tf } = await use("tfjs-cpu");
    expect(await failing((one, [x]) => one.sum(x))).toThrow("Sum");
    expect(tf.getBackend()).toBe("cpu");
  });
});
