/** Memory of one worker against n, measured in processes of their own. */
import { execFile } from "node:child_process";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { digits, median } from "../statistics.mjs";

const program = fileURLToPath(new URL("../one-replicate-memory.mjs", import.meta.url));
const inProcess = promisify(execFile);

/** @type {import("../parts.mjs").RunPart} */
export async function run(report, { quick, rounds: asked }) {
  const rounds = asked ?? (quick ? 1 : 3);
  const table = report.table(
    `One replicate of \`softmax-tanh-over-large\` (d = 2), k = 3, from drawing to losses: resident memory at most, beyond the ${quick ? "" : "some 70 "}MiB of a process that has everything loaded; medians of ${rounds} processes.`,
    [
      "n",
      "MiB of a worker",
      "bytes per observation",
      "of which sample",
      "of which kernel memory",
      "process at most, MiB",
      "CPU s",
    ],
  );
  for (const n of quick ? [2000] : [100_000, 1_000_000, 10_000_000]) {
    /** @type {{base: number, peak: number, sample: number, kernels: number, seconds: number}[]} */
    const runs = [];
    for (let round = 0; round < (n > 1e6 ? 1 : rounds); round++)
      runs.push(JSON.parse((await inProcess(process.execPath, [program, String(n)])).stdout));
    const of = (/** @type {"base" | "peak" | "sample" | "kernels" | "seconds"} */ key) =>
      median(runs.map((one) => one[key]));
    const own = median(runs.map(({ base, peak }) => peak - base));
    table.row(
      n.toLocaleString("en-US"),
      digits(own),
      digits((own * 2 ** 20) / n),
      digits((of("sample") * 2 ** 20) / n),
      digits((of("kernels") * 2 ** 20) / n),
      digits(of("peak")),
      digits(of("seconds")),
    );
  }
}
