import { stream } from "@moe-rates/math";
import { createModel } from "@moe-rates/mixture";
import { expect, test } from "vitest";
import { tensorflowNames, tensorPresolver, tensorTrainer } from "../src/index.ts";
import { backends, use } from "./support/backends.ts";

test.for(tensorflowNames)(
  "fits on %s leave no tensor behind",
  { timeout: 60_000 },
  async (name, { skip }) => {
    const { tf, missing } = await use(name);
    skip(missing !== null, missing ?? "");
    const tensorflow = backends.get(name)!;
    if (tensorflow instanceof Error) throw tensorflow;
    const [presolve, train] = [tensorPresolver(tensorflow), tensorTrainer(tensorflow)];
    const model = createModel({ gating: "softmax", expert: "ffn", inputDim: 2, atoms: 2 });
    const random = stream("leaks");
    const numbers = (count: number) => Float64Array.from({ length: count }, () => random.normal());
    const plan = { epochs: 1, learningRate: 0.01, batch: 30 };
    const round = () => {
      const data = { x: numbers(80), y: numbers(40) };
      const starts = [numbers(model.parameterCount), numbers(model.parameterCount)];
      presolve({ model, box: 10, data, starts });
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
  },
);
