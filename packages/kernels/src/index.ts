export { BLOCK, memoryOver, type Memory } from "./memory.ts";
export type { Activation, Channel, Kernels, NormalRequest } from "./kernels.ts";
export { referenceKernels } from "./reference/reference-kernels.ts";
export { compileSimdModule, simdSupported } from "./simd/compile.ts";
export { simdKernels } from "./simd/simd-kernels.ts";
export type { KernelModule } from "./simd/web-assembly.ts";
export { bestKernels } from "./best-kernels.ts";
export { kernelHash } from "./kernel-hash.ts";
