import type * as TensorflowModule from "@tensorflow/tfjs";

/** The TensorFlow.js namespace, whatever its backend. */
export type Tf = typeof TensorflowModule;

/** Backends in the order of preference, as results name them. */
export const tensorflowNames = ["tfjs-native", "tfjs-wasm", "tfjs-cpu"] as const;
export type TensorflowName = (typeof tensorflowNames)[number];

/** TensorFlow.js on one backend. There is one backend per thread: opening another one replaces it. */
export interface Tensorflow {
  readonly name: TensorflowName;
  /** Version of what computes: TensorFlow's for the native backend, else that of TensorFlow.js. */
  readonly version: string;
  readonly tf: Tf;
}

const backends: Record<TensorflowName, string> = {
  "tfjs-native": "tensorflow",
  "tfjs-wasm": "wasm",
  "tfjs-cpu": "cpu",
};

/** TensorFlow.js itself, on whatever backend. */
export async function tensorflow(): Promise<Tf> {
  const tf = await import("@tensorflow/tfjs");
  tf.enableProdMode();
  for (const [kernelName, inputsToSave] of Object.entries(piecewiseConstant)) {
    if (tf.getGradient(kernelName)) continue;
    const zero = (saved: TensorflowModule.Tensor) => () => tf.zeros(saved.shape);
    tf.registerGradient({
      kernelName,
      inputsToSave: [...inputsToSave],
      gradFunc: (_dy, saved) => Object.fromEntries(inputsToSave.map((name, i) => [name, zero(saved[i])])),
    });
  }
  return tf;
}

/** Comparisons have no derivative in TensorFlow.js, although almost everywhere it is 0. */
const piecewiseConstant: Readonly<Record<string, readonly string[]>> = {
  Greater: ["a", "b"],
  GreaterEqual: ["a", "b"],
  Less: ["a", "b"],
  LessEqual: ["a", "b"],
  LogicalAnd: ["a", "b"],
  LogicalOr: ["a", "b"],
  LogicalNot: ["x"],
};

/** Opens the first of the named backends that works here (default: any). Throws when none does, with the reason of each. */
export async function openTensorflow(
  names: readonly TensorflowName[] = tensorflowNames,
): Promise<Tensorflow> {
  const tf = await tensorflow();
  const reasons: string[] = [];
  for (const name of names) {
    try {
      if (name === "tfjs-native") await loadNative();
      if (name === "tfjs-wasm") await import("@tensorflow/tfjs-backend-wasm");
      if (!(await tf.setBackend(backends[name]))) throw new Error("the backend does not start");
      await tf.ready();
      return { name, version: versionOf(tf, name), tf };
    } catch (error) {
      reasons.push(`${name}: ${error instanceof Error ? error.message.split("\n", 1)[0] : String(error)}`);
    }
  }
  throw new Error(`no TensorFlow.js backend works here: ${reasons.join("; ")}`);
}

/** Node 24 has dropped two functions of its module `util` that the binding calls. */
async function loadNative(): Promise<void> {
  const { process } = globalThis as {
    process?: { getBuiltinModule?(name: string): Record<string, unknown> | undefined };
  };
  const util = process?.getBuiltinModule?.("util");
  if (util) {
    util["isNullOrUndefined"] ??= (value: unknown) => value === null || value === undefined;
    util["isArray"] ??= Array.isArray;
  }
  await import("@tensorflow/tfjs-node");
}

function versionOf(tf: Tf, name: TensorflowName): string {
  const { binding } = tf.backend() as { binding?: { TF_Version?: string } };
  return (name === "tfjs-native" && binding?.TF_Version) || tf.version.tfjs;
}
