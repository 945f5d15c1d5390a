import { cpus, release, totalmem, type } from "node:os";
import { bestKernels, kernelHash } from "../../packages/kernels/dist/index.js";

/** The machine and the versions every figure depends on, in a line. */
export function machineLine() {
  const cores = cpus();
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return [
    `${cores.length} cores of ${cores[0]?.model.trim() ?? "an unnamed processor"}`,
    `${gibibytes} GiB`,
    `${type()} ${release().split("-")[0]}`,
    `Node ${process.version}`,
    `${bestKernels(1).name} kernels ${kernelHash("simd").slice(0, 12)}`,
  ].join(", ");
}
