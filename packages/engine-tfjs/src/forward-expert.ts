import type { Tensor } from "@tensorflow/tfjs";
import type { AtomField, Expert, ExpertColumns, ExpertFamily, FamilyOption } from "@moe-rates/experts";
import { BLOCK } from "@moe-rates/kernels";
import { compileProgram } from "./program.ts";
import type { ExpertForward, Options } from "./tensor-family.ts";
import { tensorflow, type Tf } from "./tensorflow.ts";
import { derivatives, trace, type TraceNode } from "./trace.ts";

/** Parameters of an atom as tensors under their names: one for a number, a list for a vector. */
export type NamedTensors<Names extends string = string> = Record<Names, Tensor & Tensor[]>;

/** An expert written only as a forward pass. All tensors have one entry per sample; the pass may use any operation of TensorFlow.js that works
 *  element by element, and numbers (which TensorFlow.js rounds to float32). */
export interface ForwardExpert {
  readonly name: string;
  readonly description: string;
  readonly options?: Readonly<Record<string, FamilyOption>>;
  readonly mainOption?: string;
  /** Names and lengths of the parameters of an atom; `length` null is a number. */
  parameters(inputDim: number, options: Options): readonly AtomField[];
  /** h from the d inputs and the parameters. */
  forward(tf: Tf, x: readonly Tensor[], parameters: NamedTensors, options: Options): Tensor;
}

/** An expert family from a forward pass. Its float64 values and its first and second derivatives come from the graph of the pass,
 *  differentiated once by TensorFlow.js when a model is made; the engines on TensorFlow.js run the pass itself.
 *  Throws, when a model is made, where the pass uses an operation that does not work element by element. */
export async function forwardExpert(
  definition: ForwardExpert,
): Promise<ExpertFamily & { tensors: ExpertForward }> {
  const tf = await tensorflow();
  const { name, description, options = {}, mainOption } = definition;
  return {
    name,
    description,
    options,
    ...(mainOption === undefined ? {} : { mainOption }),
    atomFields: (inputDim, given) => definition.parameters(inputDim, given),
    create: (inputDim, given) => tracedExpert(tf, definition, inputDim, given),
    tensors(_tf, channels, inputs, given) {
      const d = inputDimOf(
        definition,
        channels.shape[channels.rank - 1],
        given,
        inputs.shape[inputs.rank - 1],
      );
      const x = tf.split(inputs, inputs.shape[inputs.rank - 1], -1).slice(0, d);
      const values = lastAxis(tf, channels);
      return definition.forward(tf, x, named(definition.parameters(d, given), values), given);
    },
  };
}

/** The entries along the last axis: TensorFlow.js cannot differentiate `unstack` into a single tensor. */
function lastAxis(tf: Tf, channels: Tensor): Tensor[] {
  const q = channels.shape[channels.rank - 1];
  return q === 1 ? [tf.squeeze(channels, [-1])] : tf.unstack(channels, -1);
}

/** Inputs of a model with m basis columns, m = d + 1 or 2 d + 1, whose expert has q parameters. */
function inputDimOf(definition: ForwardExpert, q: number, options: Options, columns: number): number {
  const count = (d: number) =>
    definition.parameters(d, options).reduce((sum, { length }) => sum + (length ?? 1), 0);
  return count(columns - 1) === q ? columns - 1 : (columns - 1) / 2;
}

function named(fields: readonly AtomField[], values: readonly Tensor[]): NamedTensors {
  let at = 0;
  const entries = fields.map(({ name, length }) => {
    const own = values.slice(at, (at += length ?? 1));
    return [name, length === null ? own[0] : own];
  });
  return Object.fromEntries(entries) as NamedTensors;
}

function tracedExpert(tf: Tf, definition: ForwardExpert, inputDim: number, options: Options): Expert {
  const fields = definition.parameters(inputDim, options);
  const names = fields.flatMap(({ name, length }) =>
    length === null ? [name] : Array.from({ length }, (_, u) => `${name}[${u}]`),
  );
  const q = names.length;
  const inputs = inputDim + q;
  const explain = (error: unknown): Error => {
    const text = error instanceof Error ? error.message : String(error);
    const kernel = /[Kk]ernel '(\w+)'/.exec(text)?.[1];
    const reason = kernel ? `the operation ${kernel} does not work element by element` : text;
    return new Error(`expert "${definition.name}" cannot be differentiated: ${reason}`, { cause: error });
  };
  let value: TraceNode;
  let first: TraceNode[];
  let second: TraceNode[][];
  try {
    [value] = trace(tf, inputs, (all) => [
      definition.forward(tf, all.slice(0, inputDim), named(fields, all.slice(inputDim)), options),
    ]);
    first = derivatives(tf, inputs, value).slice(inputDim);
    second = first.map((slope) => derivatives(tf, inputs, slope).slice(inputDim));
  } catch (error) {
    throw explain(error);
  }
  const vanishes = (node: TraceNode) => node.kind === "constant" && node.value === 0;
  const secondPairs: [number, number][] = [];
  for (let a = 0; a < q; a++)
    for (let b = a; b < q; b++) if (!vanishes(second[a][b])) secondPairs.push([a, b]);
  const graphs = [value, ...first, ...secondPairs.map(([a, b]) => second[a][b])];
  const programs = [1, 1 + q, graphs.length].map((count) => compileProgram(graphs.slice(0, count), BLOCK));
  return {
    family: definition.name,
    channels: names.map((intercept) => ({ basis: "one", slope: "", intercept })),
    secondPairs,
    evaluate({ memory: { f64 } }, columns, n, order) {
      const { channels, basis } = columns;
      const outputs = outputsOf(columns);
      const at = (address: number) => f64.subarray(address, address + n);
      programs[order].run(
        n,
        (i) => at(i < inputDim ? (basis ?? 0) + i * BLOCK : channels[i - inputDim]),
        (i) => at(outputs[i]),
      );
    },
  };
}

function outputsOf({ value, first, second }: ExpertColumns): number[] {
  return [value, ...first, ...second];
}
