/** Memory of a process that does one replicate of the primary design with k = 3 (draws, fits, measures), as a worker does; one JSON line:
 *  {base, peak} resident MiB before and at most, {sample, kernels} what of it holds the sample's columns and the kernels' memory, CPU seconds,
 *  certified. The process has nothing else to do: node tools/bench/one-replicate-memory.mjs N */
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { bestKernels, compileSimdModule, kernelHash } from "../../packages/kernels/dist/index.js";
import { shippedFamilies as families } from "../../packages/mixture/dist/index.js";
import { designPointsOf, designsOf, parseStudy, runReplicate } from "../../packages/study/dist/index.js";
import { cpuSeconds } from "./statistics.mjs";

const n = Number(process.argv[2]);
const fileName = "softmax-tanh-over-large.yaml";
const file = fileURLToPath(new URL(`../../apps/orchestrator/studies/${fileName}`, import.meta.url));
const parsed = parseStudy(readFileSync(file, "utf8"), { fileName, families });
if (!parsed.ok) throw new Error(parsed.problems.map(({ message }) => message).join("\n"));
const { study } = parsed;
const designs = designsOf(study, { engine: "fused-simd", kernelHash: kernelHash("simd") });
const design = designs.find(({ fit }) => fit.atoms === 3) ?? designs[0];
const module = compileSimdModule();
let doubles = 0;
const surroundings = {
  kernels: (/** @type {number} */ wanted) => {
    doubles = wanted;
    return bestKernels(wanted, module);
  },
};
/** @param {number} size */
const request = (size) => ({
  study,
  design,
  designPoint: designPointsOf([design], [size])[0],
  replicate: 0,
});

runReplicate(request(1000), surroundings);
const mebibyte = 2 ** 20;
const base = process.memoryUsage.rss() / mebibyte;
const begun = cpuSeconds();
const { certified } = runReplicate(request(n), surroundings);
const seconds = cpuSeconds() - begun;
const peak = process.resourceUsage().maxRSS / 1024;
const sample = (8 * 3 * n) / mebibyte;
process.stdout.write(
  `${JSON.stringify({ base, peak, sample, kernels: (8 * doubles) / mebibyte, seconds, certified })}\n`,
);
