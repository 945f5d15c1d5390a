// One model and its data on the fused kernels and on TensorFlow.js, one thread each: what the measurements beside this file share.
import { batchData, batchObjective, openTensorflow } from "../../packages/engine-tfjs/dist/index.js";
import { bestKernels } from "../../packages/kernels/dist/index.js";
import {
  basisColumns,
  createModel,
  createObjective,
  dataDoubles,
  loadData,
  objectiveDoubles,
} from "../../packages/mixture/dist/index.js";

/** Numbers in the largest tensor of an evaluation: larger ones are cut into chunks of rows. */
const largestTensor = 4e6;

/** TensorFlow.js on a backend, "" the fastest that works, with the settings of the workers. Has to come before anything else loads it.
 *  @param {string} name */
export function openBackend(name) {
  Object.assign(process.env, {
    TF_NUM_INTRAOP_THREADS: "1",
    TF_NUM_INTEROP_THREADS: "1",
    TF_ENABLE_ONEDNN_OPTS: "0",
    TF_CPP_MIN_LOG_LEVEL: "2",
  });
  return openTensorflow(
    name === ""
      ? undefined
      : [/** @type {import("../../packages/engine-tfjs/dist/index.js").TensorflowName} */ (name)],
  );
}

/** Softmax gates and tanh experts, of several units with output weights where `width` is not 1.
 *  @param {{ inputDim: number, atoms: number, width: number }} size */
export function tanhMixture({ inputDim, atoms, width }) {
  const expert = { family: "ffn", activation: "tanh", ...(width > 1 && { width, scale: true }) };
  return createModel({ gating: "softmax", expert, inputDim, atoms });
}

/** A model over several data sets: one fused objective each, and one on tensors for all. `each` parameter vectors per data set share an evaluation,
 *  whose largest tensor is that many times as wide as `columns`.
 *  @param {import("../../packages/engine-tfjs/dist/index.js").Tf} tf
 *  @param {import("../../packages/mixture/dist/index.js").MixtureModel} model
 *  @param {readonly { x: Float64Array, y: Float64Array }[]} sets
 *  @param {{ each?: number, columns?: number }} [shape] */
export function onBothEngines(tf, model, sets, { each = 1, columns = model.channels.length } = {}) {
  const { inputDim, normalised } = model;
  const n = sets[0].y.length;
  const doubles =
    dataDoubles(n, inputDim, normalised) + objectiveDoubles(model, basisColumns(inputDim, normalised));
  const fused = sets.map(({ x, y }) => {
    const kernels = bestKernels(doubles + 1e5);
    return createObjective(model, loadData(kernels, { x, y, inputDim, normalised }), kernels);
  });
  const rows = Math.max(256, Math.min(n, Math.floor(largestTensor / (sets.length * each * columns))));
  const data = batchData(tf, sets, { inputDim, normalised, rows });
  const tensors = batchObjective(tf, model, data);
  const dispose = () => {
    tensors.dispose();
    data.dispose();
  };
  return { fused, tensors, dispose };
}

/** Core-seconds that this process has used. */
export function coreSeconds() {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
}

/** Core-milliseconds of a call, over at least three calls after one that is not counted.
 *  @param {() => void} call */
export function coreMs(call) {
  call();
  const started = performance.now();
  const before = coreSeconds();
  let calls = 0;
  while (calls < 3 || performance.now() - started < 1000) {
    call();
    calls++;
  }
  return (1000 * (coreSeconds() - before)) / calls;
}
