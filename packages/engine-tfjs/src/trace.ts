import type { BackendValues, DataType, NamedAttrMap, Tensor, TensorInfo } from "@tensorflow/tfjs";
import { elementwiseKernels } from "./column-kernels.ts";
import type { Tf } from "./tensorflow.ts";

/** A value of a traced function: one of its inputs, a number, or an operation on other values. */
export type TraceNode =
  | { readonly kind: "input"; readonly index: number }
  | { readonly kind: "constant"; readonly value: number }
  | { readonly kind: "operation"; readonly kernel: string; readonly of: readonly TraceNode[] };

/** A function of tensors as the graph of its operations; outputs that do not depend on the inputs at all are constants. */
export type ElementwiseFunction = (inputs: Tensor[]) => Tensor;

const BACKEND = "moe-rates-trace";
/** Stands for any number of samples. */
const LENGTH = 2;

/** Runs `f` once, on a backend that computes nothing and writes down what it would, and returns the graph of every output of `outputs`.
 *  Throws where an operation does not work element by element, naming it. */
export function trace(tf: Tf, count: number, outputs: (inputs: Tensor[]) => (Tensor | null)[]): TraceNode[] {
  register(tf);
  const engine = tf.engine();
  const before = engine.backendName;
  void tf.setBackend(BACKEND);
  try {
    const found: TraceNode[] = [];
    tf.tidy(() => {
      const inputs = Array.from({ length: count }, (_, index) => {
        const node: TraceNode = { kind: "input", index };
        return engine.makeTensorFromTensorInfo(infoOf(node, [LENGTH], "float32"));
      });
      for (const output of outputs(inputs))
        found.push(output === null ? { kind: "constant", value: 0 } : nodeOf(output));
    });
    return found;
  } finally {
    if (before !== undefined) void tf.setBackend(before);
  }
}

/** The derivatives of the graph `node` in its inputs, by TensorFlow's own rules; null where they vanish. */
export function derivatives(tf: Tf, count: number, node: TraceNode): TraceNode[] {
  return trace(tf, count, (inputs) => {
    const { grads } = tf
      .engine()
      .gradients(() => replay(tf, node, inputs, new Map()), inputs, undefined, true);
    return (grads as (Tensor | null | undefined)[]).map((gradient) => gradient ?? null);
  });
}

/** The operations of a graph once more, on tensors. */
function replay(tf: Tf, node: TraceNode, inputs: readonly Tensor[], done: Map<TraceNode, Tensor>): Tensor {
  const known = done.get(node);
  if (known) return known;
  let tensor: Tensor;
  if (node.kind === "input") tensor = inputs[node.index];
  else if (node.kind === "constant")
    tensor = tf.engine().makeTensorFromTensorInfo(infoOf(node, [], "float32"));
  else {
    const names = elementwiseKernels[node.kernel].inputs;
    const of = node.of.map((one) => replay(tf, one, inputs, done));
    if (node.kernel === "Select") of[0] = tf.cast(of[0], "bool");
    const named = Object.fromEntries(names.map((name, i) => [name, of[i]]));
    tensor = tf.engine().runKernel<Tensor>(node.kernel, named);
    if (tensor.dtype !== "float32") tensor = tf.cast(tensor, "float32");
  }
  done.set(node, tensor);
  return tensor;
}

const nodes = new WeakMap<object, TraceNode>();

function nodeOf({ dataId }: TensorInfo): TraceNode {
  const node = nodes.get(dataId);
  if (!node)
    throw new Error("a forward pass may only use its arguments and numbers, no tensors made outside of it");
  return node;
}

function infoOf(node: TraceNode, shape: number[], dtype: DataType): TensorInfo {
  const dataId = {};
  nodes.set(dataId, node);
  return { dataId, shape, dtype };
}

let registered: Tf | undefined;

function register(tf: Tf): void {
  if (registered === tf) return;
  registered = tf;
  class TraceBackend extends tf.KernelBackend {
    override write(values: BackendValues, _shape: number[], dtype: DataType): object {
      const numbers = values as ArrayLike<number> | null;
      const value = numbers?.[0] ?? 0;
      for (let i = 1; i < (numbers?.length ?? 0); i++)
        if (numbers?.[i] !== value)
          throw new Error("a forward pass may hold numbers, but no vectors of them");
      return infoOf({ kind: "constant", value }, [], dtype).dataId;
    }
    override numDataIds(): number {
      return 0;
    }
    override disposeData(): boolean {
      return true;
    }
    override incRef(): void {}
    override refCount(): number {
      return 1;
    }
    override floatPrecision(): 32 {
      return 32;
    }
    override epsilon(): number {
      return 1e-7;
    }
  }
  tf.registerBackend(BACKEND, () => new TraceBackend(), 0);
  for (const [kernelName, { inputs: names }] of Object.entries(elementwiseKernels)) {
    kernel(tf, kernelName, ({ inputs }) => {
      const of = names.map((name) => inputs[name]);
      const shape = of.reduce<number[]>(
        (widest, { shape: one }) => (one.length > widest.length ? one : widest),
        [],
      );
      const comparison = /^(Greater|Less|Logical)/.test(kernelName);
      return infoOf(simplified(kernelName, of.map(nodeOf)), shape, comparison ? "bool" : "float32");
    });
  }
  for (const name of ["Identity", "Cast", "Reshape", "BroadcastTo", "ExpandDims"]) {
    kernel(tf, name, ({ inputs, attrs }) => {
      const { shape, dtype } = inputs["x"] ?? inputs["input"];
      if (attrs["dtype"] === "int32")
        throw new Error("a forward pass works with real numbers: no cast to int32");
      const wanted = (attrs["shape"] ?? shape) as number[];
      return infoOf(nodeOf(inputs["x"] ?? inputs["input"]), wanted, (attrs["dtype"] ?? dtype) as DataType);
    });
  }
  kernel(tf, "ZerosLike", ({ inputs }) =>
    infoOf({ kind: "constant", value: 0 }, inputs["x"].shape, "float32"),
  );
  kernel(tf, "OnesLike", ({ inputs }) =>
    infoOf({ kind: "constant", value: 1 }, inputs["x"].shape, "float32"),
  );
  kernel(tf, "Fill", ({ attrs }) =>
    infoOf({ kind: "constant", value: Number(attrs["value"]) }, attrs["shape"] as number[], "float32"),
  );
  kernel(tf, "AddN", ({ inputs }) => {
    const all = Object.values(inputs);
    const sum = all.map(nodeOf).reduce((left, right) => simplified("Add", [left, right]));
    return infoOf(sum, all[0].shape, "float32");
  });
}

type TraceKernel = (call: { inputs: Record<string, TensorInfo>; attrs: NamedAttrMap }) => TensorInfo;

function kernel(tf: Tf, kernelName: string, run: TraceKernel): void {
  tf.registerKernel({
    kernelName,
    backendName: BACKEND,
    kernelFunc: ({ inputs, attrs }) =>
      run({ inputs: inputs as Record<string, TensorInfo>, attrs: attrs ?? {} }),
  });
}

const scratch = [0, 1, 2, 3].map(() => new Float64Array(1));

/** An operation with what is constant computed, and sums and products with 0 and 1 taken out. */
function simplified(name: string, of: readonly TraceNode[]): TraceNode {
  const known = of.map((node) => (node.kind === "constant" ? node.value : null));
  if (known.every((value) => value !== null)) {
    const [out, a, b, c] = scratch;
    [a[0], b[0], c[0]] = [known[0], known[1] ?? 0, known[2] ?? 0];
    elementwiseKernels[name].column(out, a, b, c, 1);
    return { kind: "constant", value: out[0] };
  }
  const [left, right] = of;
  if (name === "Multiply" && (known[0] === 0 || known[1] === 0)) return { kind: "constant", value: 0 };
  if ((name === "Multiply" && known[0] === 1) || (name === "Add" && known[0] === 0)) return right;
  if ((name === "Multiply" && known[1] === 1) || (name === "Add" && known[1] === 0)) return left;
  return { kind: "operation", kernel: name, of };
}
