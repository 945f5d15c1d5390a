import { InputError } from "./input-error.ts";

/** An engine that evaluates models: its name in results, and what stands for its numbers in a design's identity. */
export interface Engine {
  readonly name: "fused-simd" | "fused-js" | "tfjs-native" | "tfjs-wasm" | "tfjs-cpu";
  readonly kernelHash: string;
}

/** The engines of this version, the fastest first. */
export const engines: readonly Engine[] = [{ name: "fused-js", kernelHash: "reference-1" }];

/** The engine of that name, or the fastest one. */
export function engineNamed(name: string | undefined): Engine {
  const engine = name === undefined ? engines[0] : engines.find((one) => one.name === name);
  if (engine === undefined)
    throw new InputError(
      `--engine: unknown engine "${name}"; known: ${engines.map((one) => one.name).join(", ")}`,
    );
  return engine;
}
