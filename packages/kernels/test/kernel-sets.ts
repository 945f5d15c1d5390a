import { referenceKernels, simdKernels, type Kernels } from "../src/index.ts";

/** Both implementations; every suite runs over both. */
export const kernelSets: readonly (readonly [string, (doubles: number) => Kernels])[] = [
  ["reference", referenceKernels],
  ["simd", (doubles) => simdKernels(doubles)],
];
