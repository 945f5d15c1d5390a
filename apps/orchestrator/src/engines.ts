import {
  compileSimdModule,
  kernelHash,
  type Kernels,
  referenceKernels,
  simdKernels,
  simdSupported,
} from "@moe-rates/kernels";
import {
  openTensorflow,
  presolverVersion,
  tensorflowNames,
  tensorPresolver,
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
}

const fused: readonly Engine[] = [
  ...(simdSupported() ? [{ name: "fused-simd", kernelHash: kernelHash("simd") } as const] : []),
  { name: "fused-js", kernelHash: kernelHash("reference") },
];

/** TensorFlow.js takes the first steps of all starts at once; the fused engine goes on from there in float64. */
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
  if (name === "auto") return fused[0];
  if (name === "tfjs") return tensor[0];
  const engine = engines.find((one) => one.name === name);
  if (engine === undefined) {
    const hint = name === "tfjs-native" ? "; npm run setup:native makes native TensorFlow" : "";
    throw new InputError(`--engine: unknown engine "${name}"; known: ${engineWords.join(", ")}${hint}`);
  }
  return engine;
}

/** The engine of a fit in a run with `engine`: training needs TensorFlow.js, on the fastest backend where the run has none. */
export function engineOfFit(engine: Engine, fit: Pick<FitSpec, "estimator">): Engine {
  if (fit.estimator === undefined) return engine;
  const one = tensor.includes(engine) ? engine : tensor[0];
  return { ...one, kernelHash: `${one.kernelHash}+${trainerVersion}` };
}

/** What designs are named by in a run with `engine`. */
export function numericsOf(engine: Engine): Pick<NumericsContext, "engine" | "kernelHash" | "engineOf"> {
  return { engine: engine.name, kernelHash: engine.kernelHash, engineOf: (fit) => engineOfFit(engine, fit) };
}

/** Kernels of an engine over a memory of at least so many doubles; the module is compiled once per thread. */
export function engineKernels(name: string): (doubles: number) => Kernels {
  const engine = engineNamed(name);
  if (engine.name === "fused-js" || fused[0].name === "fused-js") return referenceKernels;
  const module = compileSimdModule();
  return (doubles) => simdKernels(doubles, module);
}

/** Makes this process ready for threads that use such engines. */
export function prepareEngines(used: readonly Engine[]): void {
  if (used.some(({ name }) => name === "tfjs-native")) loadNativeLibraries();
}

/** What a worker evaluates the models of such fits with. Throws when TensorFlow.js does not open on the engine's backend. */
export async function engineSurroundings(
  name: string,
  fits: readonly Pick<FitSpec, "estimator">[] = [],
): Promise<Pick<Surroundings, "kernels" | "presolve" | "train">> {
  const kernels = engineKernels(name);
  const engine = engineNamed(name);
  const wanted = [engine, ...fits.map((fit) => engineOfFit(engine, fit))];
  const backend = tensorflowNames.find((one) => wanted.some((engineOf) => engineOf.name === one));
  if (backend === undefined) return { kernels };
  const tensorflow = await openTensorflow([backend]);
  const train = tensorTrainer(tensorflow);
  return engine.name === backend
    ? { kernels, train, presolve: tensorPresolver(tensorflow) }
    : { kernels, train };
}
