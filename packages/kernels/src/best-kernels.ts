import type { Kernels } from "./kernels.ts";
import { referenceKernels } from "./reference/reference-kernels.ts";
import { simdSupported } from "./simd/compile.ts";
import { simdKernels } from "./simd/simd-kernels.ts";
import type { KernelModule } from "./simd/web-assembly.ts";

/** The fastest kernels this machine runs, over a fresh memory of `doubles` doubles: SIMD where supported, else the reference. */
export function bestKernels(doubles: number, module?: KernelModule): Kernels {
  return simdSupported() ? simdKernels(doubles, module) : referenceKernels(doubles);
}
