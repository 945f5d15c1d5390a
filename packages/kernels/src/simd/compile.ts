import { moduleText } from "./module-text.ts";
import { globals, type KernelModule } from "./web-assembly.ts";

let bytes: Uint8Array | undefined;
let supported: boolean | undefined;

function moduleBytes(): Uint8Array {
  return (bytes ??= Uint8Array.from(globals.atob(moduleText), (character) => character.charCodeAt(0)));
}

/** Whether this machine runs the SIMD kernels: `WebAssembly.validate` on the module itself. */
export function simdSupported(): boolean {
  return (supported ??= globals.WebAssembly?.validate(moduleBytes()) ?? false);
}

/** Compiles the SIMD kernels, to be instantiated any number of times, also in other threads. Throws without SIMD support. */
export function compileSimdModule(): KernelModule {
  if (!globals.WebAssembly || !simdSupported())
    throw new Error("this machine has no WebAssembly SIMD; use referenceKernels");
  return new globals.WebAssembly.Module(moduleBytes());
}
