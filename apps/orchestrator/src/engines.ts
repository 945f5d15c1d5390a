import {
  compileSimdModule,
  kernelHash,
  type Kernels,
  referenceKernels,
  simdKernels,
  simdSupported,
} from "@moe-rates/kernels";
import { openTensorflow, presolverVersion, tensorPresolver } from "@moe-rates/engine-tfjs";
import type { TensorflowName } from "@moe-rates/engine-tfjs";
import type { Surroundings } from "@moe-rates/study";
import { InputError } from "./input-error.ts";
import { nativeBinding, tensorflowVersion } from "./native-binding.ts";

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

/** Kernels of an engine over a memory of at least so many doubles; the module is compiled once per thread. */
export function engineKernels(name: string): (doubles: number) => Kernels {
  const engine = engineNamed(name);
  if (engine.name === "fused-js" || fused[0].name === "fused-js") return referenceKernels;
  const module = compileSimdModule();
  return (doubles) => simdKernels(doubles, module);
}

/** What a worker evaluates models with. Throws when TensorFlow.js does not open on the engine's backend. */
export async function engineSurroundings(name: string): Promise<Pick<Surroundings, "kernels" | "presolve">> {
  const kernels = engineKernels(name);
  const backend = tensor.find((one) => one.name === name)?.name as TensorflowName | undefined;
  if (backend === undefined) return { kernels };
  return { kernels, presolve: tensorPresolver(await openTensorflow([backend])) };
}
