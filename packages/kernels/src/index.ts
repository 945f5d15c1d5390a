export { BLOCK, memoryOver, type Memory } from "./memory.ts";
export type { Activation, Channel, Kernels, NormalRequest } from "./kernels.ts";
export { referenceKernels } from "./reference/reference-kernels.ts";
