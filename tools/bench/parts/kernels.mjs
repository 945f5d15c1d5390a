/** Each kernel on a block of 256 samples, SIMD against TypeScript: packages/kernels/bench, run by vitest. */
import { spawn } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digits } from "../statistics.mjs";

/** @typedef {{name: string, median: number, sampleCount: number}} Benchmark milliseconds
 *  @typedef {{files: {groups: {fullName: string, benchmarks: Benchmark[]}[]}[]}} BenchReport */

const root = fileURLToPath(new URL("../../..", import.meta.url));

/** @type {import("../parts.mjs").RunPart} */
export async function run(report, { quick }) {
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-bench-"));
  try {
    const file = join(folder, "kernels.json");
    await vitestBench([
      "--project",
      "kernels",
      "--outputJson",
      file,
      ...(quick ? ["--testNamePattern", ": exp"] : []),
    ]);
    /** @type {BenchReport} */
    const { files } = JSON.parse(readFileSync(file, "utf8"));
    const table = report.table(
      "One block of 256 samples; wall time of a call, medians of a run of 0.15 s each.",
      ["kernel", "reference, ns", "SIMD, ns", "ratio"],
    );
    for (const { fullName, benchmarks } of files.flatMap(({ groups }) => groups)) {
      const of = (/** @type {string} */ name) =>
        benchmarks.find((one) => one.name === name && one.sampleCount > 0);
      const [reference, simd] = [of("reference"), of("simd")];
      if (!reference || !simd) continue;
      table.row(
        fullName.replace(/^.*: /, ""),
        digits(1e6 * reference.median),
        digits(1e6 * simd.median),
        digits(reference.median / simd.median),
      );
    }
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @param {string[]} args @returns {Promise<void>} */
function vitestBench(args) {
  const env = Object.fromEntries(
    Object.entries(process.env).filter(([name]) => !/^(VITEST|TEST|NODE_ENV)/.test(name)),
  );
  const program = join(root, "node_modules", "vitest", "vitest.mjs");
  return new Promise((done, fail) => {
    const child = spawn(process.execPath, [program, "bench", "--run", ...args], {
      cwd: root,
      env,
      stdio: ["ignore", "ignore", "pipe"],
    });
    let words = "";
    child.stderr.on("data", (piece) => (words += piece));
    child.on("error", fail);
    child.on("close", (code) => (code === 0 ? done() : fail(new Error(`vitest bench: ${words}`))));
  });
}
