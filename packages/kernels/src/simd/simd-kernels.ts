import type { Activation, Kernels, NormalRequest } from "../kernels.ts";
import { memoryOver } from "../memory.ts";
import { compileSimdModule } from "./compile.ts";
import { type Program, programOf } from "./plan.ts";
import { globals, type KernelModule } from "./web-assembly.ts";

/** Low memory that belongs to the module (static data and buffers, `assembly/normal-equations.ts`) and to the plans, in bytes. */
const PLANS_FROM = 131072;
const RESERVED = 16777216;
const WEIGHTED = 20480;
const PAGE = 65536;
const MOST_SUMS = 4096;

type ActivationExport = (
  u: number,
  n: number,
  order: number,
  value: number,
  first: number,
  second: number,
) => void;

/** Exports of the module; addresses are indices of doubles, `plan` is in bytes. */
interface Exports
  extends
    Pick<
      Kernels,
      | "affine"
      | "fill"
      | "multiply"
      | "multiplyAdd"
      | "subtract"
      | "multiplyDifference"
      | "subtractProduct"
      | "subtractProducts"
      | "sumOfProducts"
      | "scale"
      | "exp"
      | "softmax"
      | "power"
      | "weightedSquares"
    >,
    Record<Activation, ActivationExport> {
  run(plan: number, basis: number, weight: number, e: number, out: number, again: 0 | 1): void;
}

/** Byte addresses of a request's programs; -1 until one is first run. */
interface Prepared {
  generation: number;
  readonly at: Record<Program, number>;
}

/** The float64 SIMD kernels over a fresh WebAssembly memory that holds `doubles` doubles and 16 MiB of the module's own. The same
 *  operations in the same order on every machine: equal bits everywhere, and no relaxed instructions.
 *  `module` (default: compiled here) is what `compileSimdModule` returned. Throws a RangeError beyond 4 GiB. */
export function simdKernels(doubles: number, module: KernelModule = compileSimdModule()): Kernels {
  const { WebAssembly } = globals;
  if (!WebAssembly) throw new Error("this machine has no WebAssembly; use referenceKernels");
  const pages = Math.ceil((RESERVED + doubles * 8) / PAGE);
  if (!(pages <= 65536))
    throw new RangeError(`kernel memory of ${doubles} doubles exceeds the 4 GiB of WebAssembly`);
  const wasm = new WebAssembly.Memory({ initial: pages, maximum: pages });
  const exports = new WebAssembly.Instance(module, { env: { memory: wasm } }).exports as Exports;
  const memory = memoryOver(new Float64Array(wasm.buffer, 0, RESERVED / 8 + doubles), RESERVED / 8);
  const words = new Int32Array(wasm.buffer, 0, RESERVED / 4);

  const known = new WeakMap<NormalRequest, Prepared>();
  let generation = 0;
  let top = PLANS_FROM / 4;
  let lastRequest: NormalRequest | undefined;
  let lastPrepared: Prepared | undefined;

  /** Address of a program, written into low memory when it is first needed or after that memory was reused. */
  const addressOf = (request: NormalRequest, program: Program): number => {
    let prepared = request === lastRequest ? lastPrepared : known.get(request);
    if (prepared?.generation !== generation) {
      prepared = { generation, at: { gradient: -1, norms: -1, normal: -1 } };
      known.set(request, prepared);
    }
    lastRequest = request;
    lastPrepared = prepared;
    if (prepared.at[program] >= 0) return prepared.at[program];
    const widest = Math.max(...request.channels.map(({ terms }) => terms));
    const words32 = programOf(request, program, WEIGHTED);
    if (widest * widest > MOST_SUMS || PLANS_FROM / 4 + words32.length > words.length) {
      throw new RangeError(
        `${request.channels.length} channels of up to ${widest} parameters are too many for the SIMD kernels`,
      );
    }
    if (top + words32.length > words.length) {
      generation++;
      top = PLANS_FROM / 4;
      prepared = { generation, at: { gradient: -1, norms: -1, normal: -1 } };
      known.set(request, prepared);
      lastPrepared = prepared;
    }
    words.set(words32, top);
    prepared.at[program] = top * 4;
    top += words32.length;
    return prepared.at[program];
  };

  const {
    affine,
    fill,
    multiply,
    multiplyAdd,
    subtract,
    multiplyDifference,
    subtractProduct,
    subtractProducts,
    sumOfProducts,
    scale,
    exp,
    softmax,
    power,
    weightedSquares,
    run,
  } = exports;
  return {
    name: "simd",
    memory,
    affine,
    fill,
    multiply,
    multiplyAdd,
    subtract,
    multiplyDifference,
    subtractProduct,
    subtractProducts,
    sumOfProducts,
    scale,
    exp,
    softmax,
    activation: (kind, u, n, order, value, first, second) => exports[kind](u, n, order, value, first, second),
    power,
    weightedSquares,
    gradient(request, e, gradient, norms) {
      run(addressOf(request, "gradient"), request.basis, request.weight, e, gradient, 0);
      if (norms >= 0) run(addressOf(request, "norms"), request.basis, request.weight, e, norms, 1);
    },
    normal(request, e, matrix) {
      run(addressOf(request, "normal"), request.basis, request.weight, e, matrix, 0);
    },
  };
}
