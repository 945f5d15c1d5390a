/** Replicates that break their worker: the sweep goes on, each becomes a failed row with its reason and the command that computes it again. */
import { join } from "node:path";
import { runCommand } from "../run-command.mjs";
import { writeSmallStudy } from "../small-study.mjs";
import { faultyExpert as plugin, hold, holdEqual, queried, uninterrupted } from "./fault.mjs";

const sick = 77;

/** What a fault becomes, by isolation. @type {readonly [fault: string, isolation: "thread" | "process", kind: string, timeLimit: string][]} */
const cases = [
  ["throw", "thread", "RangeError", "600"],
  ["exit", "thread", "worker-lost", "600"],
  ["hang", "thread", "time-limit", "6"],
  ["memory", "thread", "worker-out-of-memory", "600"],
  ["nan", "thread", "non-finite", "600"],
  ["throw", "process", "RangeError", "600"],
  ["exit", "process", "worker-lost", "600"],
  ["hang", "process", "time-limit", "6"],
  ["memory", "process", "worker-lost", "600"],
  ["abort", "process", "worker-lost", "600"],
];

/** @param {string} folder */
function sickStudy(folder) {
  return writeSmallStudy(folder, { expert: "faulty", sizes: [60, sick, 120], replicates: 2, atoms: [2] });
}

/** @type {import("./fault.mjs").Fault[]} */
export const workerFaults = cases.map(([fault, isolation, kind, timeLimit]) => ({
  name: `${fault} in a worker ${isolation}`,
  async inject(folder) {
    const study = sickStudy(folder);
    const out = join(folder, "a.duckdb");
    const args = ["run", study, "--out", out, "--threads", "2", "--plugin", plugin, "--isolation", isolation];
    const env = { FAULT: fault, FAULT_N: String(sick) };
    const { code, err } = await runCommand([...args, "--time-limit", timeLimit], { cwd: folder, env });
    hold(code === 3, "a run with failed replicates ends with 3", { code, err });
    const failures = await queried(
      out,
      "SELECT n, replicate, kind, message, replay FROM failures JOIN design_points USING (design_point) ORDER BY ALL",
      folder,
    );
    hold(failures.length === 2, "every sick replicate and no other is a failed row", failures);
    hold(
      failures.every((/** @type {{ n: number, kind: string }} */ one) => one.n === sick && one.kind === kind),
      `the kind is ${kind}`,
      failures,
    );
    const [words = []] = failures.map((/** @type {{ replay: string }} */ one) =>
      one.replay.replace("FILE", out).split(" ").slice(1),
    );
    const replayed = await runCommand(
      [...words, "--plugin", plugin, "--isolation", isolation, "--time-limit", timeLimit, "--json"],
      { cwd: folder, env },
    );
    hold(replayed.out !== "", "the replay command prints the replicate", replayed);
    const again = JSON.parse(replayed.out);
    hold(again[0].row.failure.kind === kind, "the replay command fails in the same way", again);
    const reference = await uninterrupted(study, join(folder, "b.duckdb"), { cwd: folder }, [
      "--plugin",
      plugin,
    ]);
    const healed = await runCommand([...args, "--retry-failed"], { cwd: folder });
    hold(healed.code === 0, "--retry-failed completes without the fault", healed.err);
    const replicates = await holdEqual(out, reference);
    return {
      facts: `2 of ${replicates} replicates failed as ${kind}, replayed, healed by --retry-failed, then equal to an uninterrupted run`,
    };
  },
}));

workerFaults.push({
  name: "abort in a worker thread",
  async inject(folder) {
    const study = sickStudy(folder);
    const out = join(folder, "a.duckdb");
    const args = ["run", study, "--out", out, "--threads", "1", "--plugin", plugin];
    const env = { FAULT: "abort", FAULT_N: String(sick) };
    const { signal, code } = await runCommand(args, { cwd: folder, env });
    hold(signal === "SIGABRT" || code === 134, "an abort in a thread ends the process", { signal, code });
    const status = await runCommand(["status", out], { cwd: folder });
    hold(status.code === 0, "the file stays whole", status.err);
    const isolated = await runCommand([...args, "--isolation", "process"], { cwd: folder, env });
    hold(isolated.code === 3, "the same command with --isolation process gets past it", isolated.err);
    const [{ n }] = await queried(
      out,
      "SELECT count(*) AS n FROM replicates WHERE status = 'failed'",
      folder,
    );
    hold(n === 2, "the sick replicates are failed rows", n);
    return {
      facts:
        "the process ended, the file stayed whole, and --isolation process finished it with 2 failed rows",
    };
  },
});
