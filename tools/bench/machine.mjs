import { spawnSync } from "node:child_process";
import { cpus, release, totalmem, type } from "node:os";
import { bestKernels, kernelHash } from "../../packages/kernels/dist/index.js";

/** The machine and the versions every figure depends on, in a line; with the commit where this is a checkout. */
export function machineLine() {
  const cores = cpus();
  const git = spawnSync("git", ["rev-parse", "--short", "HEAD"], {
    cwd: import.meta.dirname,
    encoding: "utf8",
  });
  const moduleHash = kernelHash("simd").replace("simd-", "");
  const gibibytes = Math.round(totalmem() / 2 ** 30);
  return [
    `${cores.length} cores of ${cores[0]?.model.trim() ?? "an unnamed processor"}`,
    `${gibibytes} GiB`,
    `${type()} ${release().split("-")[0]}`,
    `Node ${process.version}`,
    `${bestKernels(1).name} kernels ${moduleHash.slice(0, 8)}`,
    ...(git.status === 0 ? [`commit ${git.stdout.trim()}`] : []),
  ].join(", ");
}
