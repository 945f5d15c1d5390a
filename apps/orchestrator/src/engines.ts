import {
  compileSimdModule,
  kernelHash,
  type Kernels,
  referenceKernels,
  simdKernels,
  simdSupported,
} from "@moe-rates/kernels";
import {
  costTable,
  openTensorflow,
  presolverVersion,
  tensorflowNames,
  tensorPresolver,
  tensorRecompute,
  tensorTrainer,
  trainerVersion,
} from "@moe-rates/engine-tfjs";
import type { TensorflowName } from "@moe-rates/engine-tfjs";
import type { FitSpec, NumericsContext, Surroundings } from "@moe-rates/study";
import { InputError } from "./input-error.ts";
import { loadNativeLibraries, nativeBinding, tensorflowVersion } from "./native-binding.ts";

/** An engine that evaluates models: its name in results, and what stands for its numbers in a design's identity. */
export interface Engine {
  readonly name: "fused-simd" | "fused-js" | TensorflowName;
  readonly kernelHash: string;
  /** Not asked for by name: fits may have another one, see `engineOfFit`. */
  readonly auto?: true;
}

const fused: readonly Engine[] = [
  ...(simdSupported() ? [{ name: "fused-simd", kernelHash: kernelHash("simd") } as const] : []),
  { name: "fused-js", kernelHash: kernelHash("reference") },
];

/** The fused engine in float64, with TensorFlow.js beside it: first steps of wide models, training, and a second computation at every estimate. */
const tensor: readonly Engine[] = [
  ...(nativeBinding() === null ? [] : [tensorEngine("tfjs-native", nativeBinding() ?? "")]),
  tensorEngine("tfjs-wasm", tensorflowVersion()),
  tensorEngine("tfjs-cpu", tensorflowVersion()),
];

function tensorEngine(name: TensorflowName, version: string): Engine {
  return { name, kernelHash: `${fused[0].kernelHash}+${version}+${presolverVersion}` };
}

/** The engines of this version on this machine: the fused ones first, the fastest of each kind first. */
export const engines: readonly Engine[] = [...fused, ...tensor];

/** Words that stand for an engine on the command line. */
export const engineWords = ["auto", "tfjs", ...engines.map((one) => one.name)];

/** The engine of that name: `auto` (also without a name) is the fastest one, `tfjs` the fastest on TensorFlow.js. */
export function engineNamed(name = "auto"): Engine {
  if (name === "auto") return { ...fused[0], auto: true };
  if (name === "tfjs") return tensor[0];
  const engine = engines.find((one) => one.name === name);
  if (engine === undefined) {
    const hint = name === "tfjs-native" ? "; npm run setup:native makes native TensorFlow" : "";
    throw new InputError(`--engine: unknown engine "${name}"; known: ${engineWords.join(", ")}${hint}`);
  }
  return engine;
}

/** The engine of a fit with so many parameters in a run with `engine`. Training needs TensorFlow.js, on the fastest backend where the run has
 *  none; what `auto` is follows the cost table, so that it never depends on a clock. */
export function engineOfFit(engine: Engine, fit: Pick<FitSpec, "estimator">, parameters: number): Engine {
  const wide = engine.auto === true && parameters >= costTable.parametersFrom && nativeBinding() !== null;
  if (fit.estimator === undefined) return wide ? tensor[0] : engine;
  const one = engine.name.startsWith("tfjs") ? engine : tensor[0];
  return { ...one, kernelHash: `${one.kernelHash}+${trainerVersion}` };
}

/** What designs are named by in a run with `engine`. */
export function numericsOf(
  engine: Engine,
  parameters: (fit: FitSpec) => number,
): Pick<NumericsContext, "engine" | "kernelHash" | "engineOf"> {
  return {
    engine: engine.name,
    kernelHash: engine.kernelHash,
    engineOf: (fit) => engineOfFit(engine, fit, parameters(fit)),
  };
}

/** Kernels of an engine over a memory of at least so many doubles; the module is compiled once per thread. */
export function engineKernels(name: string): (doubles: number) => Kernels {
  const engine = engineNamed(name);
  if (engine.name === "fused-js" || fused[0].name === "fused-js") return referenceKernels;
  const module = compileSimdModule();
  return (doubles) => simdKernels(doubles, module);
}

/** Makes this process ready for threads that use such engines. */
export function prepareEngines(names: readonly string[]): void {
  if (names.includes("tfjs-native")) loadNativeLibraries();
}

/** What a worker evaluates models with on such engines, by the engine. Throws when TensorFlow.js does not open on a backend. */
export async function engineSurroundings(
  names: readonly string[],
): Promise<(name: string) => Pick<Surroundings, "kernels" | "presolve" | "recompute" | "train">> {
  const backend = tensorflowNames.find((one) => names.includes(one));
  const kernels = engineKernels(names.find((one) => one !== backend) ?? backend ?? "auto");
  if (backend === undefined) return () => ({ kernels });
  const tensorflow = await openTensorflow([backend]);
  const onTensors = {
    kernels,
    train: tensorTrainer(tensorflow),
    presolve: tensorPresolver(tensorflow),
    recompute: tensorRecompute(tensorflow),
  };
  return (name) => (name === backend ? onTensors : { kernels });
}
