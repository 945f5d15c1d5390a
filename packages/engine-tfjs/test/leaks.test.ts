import { stream } from "@moe-rates/math";
import { createModel } from "@moe-rates/mixture";
import { modelBox } from "@moe-rates/estimators";
import { expect, test } from "vitest";
import {
  batchData,
  batchObjective,
  solveBatch,
  tensorflowNames,
  tensorRecompute,
  tensorTrainer,
} from "../src/index.ts";
import { backends, use } from "./support/backends.ts";

test.for(tensorflowNames)("fits on %s leave no tensor behind", async (name, { skip }) => {
  const { tf, missing } = await use(name);
  skip(missing !== null, missing ?? "");
  const tensorflow = backends.get(name)!;
  if (tensorflow instanceof Error) throw tensorflow;
  const [recompute, train] = [tensorRecompute(tensorflow), tensorTrainer(tensorflow)];
  const model = createModel({ gating: "softmax", expert: "ffn", inputDim: 2, atoms: 2 });
  const random = stream("leaks");
  const numbers = (count: number) => Float64Array.from({ length: count }, () => random.normal());
  const plan = { epochs: 1, learningRate: 0.01, batch: 30 };
  const round = () => {
    const data = { x: numbers(80), y: numbers(40) };
    const starts = [numbers(model.parameterCount), numbers(model.parameterCount)];
    const batch = batchData(tf, [data], { inputDim: 2, normalised: false, rows: 25 });
    const objective = batchObjective(tf, model, batch);
    const both = Float64Array.from(starts.flatMap((start) => [...start]));
    solveBatch(tf, objective, both, modelBox(model, 10), { iterations: 3, products: 9, tolerance: 1e-6 });
    objective.dispose();
    batch.dispose();
    recompute({ model, data, theta: starts[0] });
    for (const method of ["sgd", "adam"] as const)
      train({ model, plan: { method, ...plan }, data: [data], shuffles: [random], starts: [starts] });
  };
  round();
  const before = tf.memory();
  for (let i = 0; i < 5; i++) round();
  const { numTensors, numDataBuffers } = tf.memory();
  expect({ numTensors, numDataBuffers }).toEqual({
    numTensors: before.numTensors,
    numDataBuffers: before.numDataBuffers,
  });
});
