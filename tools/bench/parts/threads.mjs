/** A study on two threads against the same replicates on two independent processes of one thread each, in turns. */
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { digits, median, medianAndRange } from "../statistics.mjs";
import { timedCommand } from "../timed-command.mjs";

const studies = fileURLToPath(new URL("../../../apps/orchestrator/studies/", import.meta.url));

/** Shipped studies with so few replicates, or without their largest sizes, that a run takes well below a minute.
 *  @type {{study: string, replicates: number, sizes?: string}[]} */
const runs = [
  { study: "quickstart", replicates: 12 },
  { study: "softmax-tanh-bias", replicates: 4 },
  { study: "softmax-linear", replicates: 5, sizes: "[1000, 2000, 4000, 8000]" },
  { study: "sigmoid-tanh", replicates: 4 },
];

/** @type {import("../parts.mjs").RunPart} */
export async function run(report, { quick, rounds: asked }) {
  const rounds = asked ?? (quick ? 1 : 5);
  const table = report.table(
    `Replicates per second of a whole command on two threads, against two processes with one thread and half of the same replicates each (\`--shard\`), in turns; medians of ${rounds} rounds. Of the main thread: its CPU time over that of the whole process.`,
    [
      "study",
      "replicates",
      "2 threads, per s",
      "2 processes, per s",
      "ratio in wall time (range)",
      "ratio without waiting (range)",
      "ratio in CPU time (range)",
      "main thread, % of CPU",
      "cores kept busy",
      "workers idle, %",
    ],
  );
  for (const { study, replicates, sizes } of quick
    ? [{ study: "quickstart", replicates: 2, sizes: "[200, 400]" }]
    : runs) {
    /** @type {Awaited<ReturnType<typeof oneRound>>[]} */
    const measured = [];
    for (let round = 0; round < rounds; round++)
      measured.push(await oneRound(study, replicates, sizes, round));
    const of = (/** @type {keyof typeof measured[0]} */ key) => measured.map((one) => one[key]);
    table.row(
      study,
      measured[0].replicates,
      digits(median(of("together"))),
      digits(median(of("apart"))),
      medianAndRange(measured.map(({ together, apart }) => together / apart)),
      medianAndRange(measured.map(({ alone, aloneApart }) => alone / aloneApart)),
      medianAndRange(measured.map(({ cpuTogether, cpuApart }) => cpuApart / cpuTogether)),
      digits(median(of("mainShare"))),
      `${digits(median(of("coresTogether")))} / ${digits(median(of("coresApart")))}`,
      `${digits(median(of("idleTogether")))} / ${digits(median(of("idleApart")))}`,
    );
  }
  table.note(
    "The rate of two processes is the sum of their own. Both rates include the start and end of the commands; `cores kept busy` is CPU over wall time, 2 threads / 2 processes: below 2 on a shared machine. `without waiting` takes the time for which workers were ready but had no core (Linux counts it) off the wall time: what a machine with nothing else to do would show. `workers idle`: neither running nor ready, % of the wall time, start and end of the command included.",
  );
}

/** @param {string} study @param {number} replicates @param {string | undefined} sizes @param {number} round */
async function oneRound(study, replicates, sizes, round) {
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-threads-"));
  const args = ["run", join(studies, `${study}.yaml`), "--json", "--set", `design.replicates=${replicates}`];
  if (sizes !== undefined) args.push("--set", `design.sampleSizes=${sizes}`);
  const together = async () => timedCommand([...args, "--threads", "2", "--out", join(folder, "all.duckdb")]);
  const apart = async () =>
    Promise.all(
      [1, 2].map((i) =>
        timedCommand([...args, "--threads", "1", "--shard", `${i}/2`, "--out", join(folder, `${i}.parquet`)]),
      ),
    );
  try {
    /* Which goes first changes from round to round. */
    const first = round % 2 === 0 ? await together() : null;
    const two = await apart();
    const one = first ?? (await together());
    const { added, mainThread } = JSON.parse(one.out);
    const halves = two.map(({ out }) => Number(JSON.parse(out).added));
    if (halves[0] + halves[1] !== added)
      throw new Error(`${study}: ${halves.join(" + ")} replicates, ${added} together`);
    const waits = two.map((half) => waiting(half, 1));
    const cpuApart = two.reduce((sum, { cpu }) => sum + cpu, 0);
    return {
      replicates: added,
      together: added / one.wall,
      apart: two.reduce((sum, { wall }, i) => sum + halves[i] / wall, 0),
      alone: added / (one.wall - waiting(one, 2)),
      aloneApart: two.reduce((sum, { wall }, i) => sum + halves[i] / (wall - waits[i]), 0),
      idleTogether: idle(one, 2),
      idleApart: median(two.map((half) => idle(half, 1))),
      cpuTogether: one.cpu,
      cpuApart,
      mainShare: (0.1 * mainThread.msPerReplicate * added) / one.cpu,
      coresTogether: one.cpu / one.wall,
      coresApart: cpuApart / Math.max(...two.map(({ wall }) => wall)),
    };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** @typedef {import("../timed-command.mjs").Timed} Timed */

/** Mean seconds for which the workers of a command waited for a core. @param {Timed} command @param {number} workers */
function waiting({ threads }, workers) {
  return threads.slice(0, workers).reduce((sum, { waited }) => sum + waited, 0) / workers;
}

/** Per cent of its wall time in which the workers of a command neither ran nor waited for a core. @param {Timed} command @param {number} workers */
function idle({ threads, wall }, workers) {
  const busy = threads.slice(0, workers).reduce((sum, { ran, waited }) => sum + ran + waited, 0);
  return 100 * (1 - busy / (workers * wall));
}
