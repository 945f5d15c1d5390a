import type { Kernels } from "./kernels.ts";
import { moduleHash } from "./simd/module-text.ts";

/** Version of the reference kernels; raised with every change of their results. */
const REFERENCE = "reference-2";

/** What identifies the arithmetic of a kernel set: the content hash of the SIMD module, or the version of the reference. */
export function kernelHash(name: Kernels["name"]): string {
  return name === "simd" ? `simd-${moduleHash}` : REFERENCE;
}
