import { elementwiseKernels, type ColumnKernel } from "./column-kernels.ts";
import type { TraceNode } from "./trace.ts";

/** A traced function as straight-line code over columns of doubles: every value once, whatever is used twice included. */
export interface Program {
  /** Writes the outputs for n samples (at most the capacity); `input(i)` gives the column of input i, `output(i)` where output i goes. */
  run(n: number, input: (index: number) => Float64Array, output: (index: number) => Float64Array): void;
}

interface Step {
  readonly column: ColumnKernel;
  readonly out: Float64Array;
  readonly of: readonly [Float64Array, Float64Array, Float64Array];
}

/** Compiles the graphs of several outputs over columns of `capacity` samples; inputs are copied in. */
export function compileProgram(outputs: readonly TraceNode[], capacity: number): Program {
  const columns = new Map<string, Float64Array>();
  const keys = new Map<TraceNode, string>();
  const steps: Step[] = [];
  const used = new Map<number, Float64Array>();
  const place = (node: TraceNode): Float64Array => {
    const known = keys.get(node);
    if (known !== undefined) return columns.get(known)!;
    const of = node.kind === "operation" ? node.of.map(place) : [];
    const key =
      node.kind === "operation"
        ? `${node.kernel}(${node.of.map((one) => keys.get(one)).join()})`
        : node.kind === "input"
          ? `x${node.index}`
          : `#${node.value}`;
    let column = columns.get(key);
    const short = column === undefined ? `v${columns.size}` : aliases.get(key)!;
    if (column === undefined) {
      column = new Float64Array(capacity);
      aliases.set(key, short);
      columns.set(key, column);
      columns.set(short, column);
      if (node.kind === "constant") column.fill(node.value);
      if (node.kind === "input") used.set(node.index, column);
      if (node.kind === "operation") {
        const [a, b = a, c = a] = of;
        steps.push({ column: elementwiseKernels[node.kernel].column, out: column, of: [a, b, c] });
      }
    }
    keys.set(node, short);
    return column;
  };
  const aliases = new Map<string, string>();
  const results = outputs.map(place);
  return {
    run(n, input, output) {
      for (const [index, column] of used) column.set(input(index));
      for (const { column, out, of } of steps) column(out, of[0], of[1], of[2], n);
      for (let i = 0; i < results.length; i++) output(i).set(results[i].subarray(0, n));
    },
  };
}
