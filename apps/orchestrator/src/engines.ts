import {
  compileSimdModule,
  kernelHash,
  type Kernels,
  referenceKernels,
  simdKernels,
  simdSupported,
} from "@moe-rates/kernels";
import { InputError } from "./input-error.ts";

/** An engine that evaluates models: its name in results, and what stands for its numbers in a design's identity. */
export interface Engine {
  readonly name: "fused-simd" | "fused-js" | "tfjs-native" | "tfjs-wasm" | "tfjs-cpu";
  readonly kernelHash: string;
}

/** The engines of this version, the fastest first. */
export const engines: readonly Engine[] = [
  ...(simdSupported() ? [{ name: "fused-simd", kernelHash: kernelHash("simd") } as const] : []),
  { name: "fused-js", kernelHash: kernelHash("reference") },
];

/** The engine of that name, or the fastest one. */
export function engineNamed(name: string | undefined): Engine {
  const engine = name === undefined ? engines[0] : engines.find((one) => one.name === name);
  if (engine === undefined)
    throw new InputError(
      `--engine: unknown engine "${name}"; known: ${engines.map((one) => one.name).join(", ")}`,
    );
  return engine;
}

/** Kernels of an engine over a memory of at least so many doubles; the module is compiled once per thread. */
export function engineKernels(name: string): (doubles: number) => Kernels {
  if (engineNamed(name).name === "fused-js") return referenceKernels;
  const module = compileSimdModule();
  return (doubles) => simdKernels(doubles, module);
}
