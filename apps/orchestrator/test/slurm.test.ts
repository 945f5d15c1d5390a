import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";
import type { ArrayStatus, ShardState } from "../src/scale-out/shard-states.ts";
import { type PrivateSlurm, slurmAvailable, startSlurm } from "./private-slurm.ts";
import { command, readResults, startCommand, temporaryFolder, until, writeStudy } from "./support.ts";

const cli = fileURLToPath(new URL("../bin/moe-rates.mjs", import.meta.url));
const folder = temporaryFolder();
const study = writeStudy(folder, { sizes: [200, 400], replicates: 6, atoms: [2, 3] });
const jobs = join(folder, "jobs");
/** Fits of `fixtures/held-expert.mjs`, which end only when the file HOLD_FILE is gone: so that faults fall into them however fast the machine is. */
const heldStudy = `name: held
seed: 7
truth:
  gating: softmax
  expert: held
  input: {law: uniform, low: -2, high: 2, dim: 1}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [2], beta0: 0.3, a: [1], b: 0.5}
    - {beta1: [0], beta0: 0, a: [-1], b: 0}
fit:
  atoms: [2]
  starts: {random: 12}
design:
  sampleSizes: [8000, 16000]
  replicates: 12
losses: [voronoi-d1, regression-l2]
`;

test("scripts are written, with arrays of the site's size, and nothing is submitted without --go", async () => {
  const options = ["--shards", "5", "--folder", join(folder, "dry"), "--array-limit", "2", "--cpus", "1"];
  const { code, out } = await command(folder, "submit", "slurm", study, ...options);
  expect([code, out]).toEqual([0, expect.stringContaining("0 of 5 shards are there, 5 to run")]);
  const files = readdirSync(join(folder, "dry")).filter((file) => file.endsWith(".sh"));
  expect(files).toEqual(["array-1.sh", "array-2.sh", "array-3.sh", "merge.sh"]);
  expect(readFileSync(join(folder, "dry", "array-2.sh"), "utf8")).toMatch(/--array=1-2\n[^]*indices=\(3 4\)/);
  for (const file of files) execFileSync("bash", ["-n", join(folder, "dry", file)]);
});

const available = slurmAvailable();
if (!available) console.log("skipped: slurm-wlm and munge are not installed, or this is not root");

describe.skipIf(!available)("on a real Slurm", () => {
  const plugin = fileURLToPath(new URL("fixtures/held-expert.mjs", import.meta.url));
  const hold = join(folder, "hold");
  const held = join(folder, "held.yaml");
  let slurm: PrivateSlurm;
  let forbidden: string | null = null;
  beforeAll(async () => {
    writeFileSync(held, heldStudy);
    try {
      slurm = await startSlurm(temporaryFolder());
    } catch (error) {
      forbidden = `Slurm is installed and cannot be started here: ${String(error)}`;
      console.log(`skipped: ${forbidden}`);
    }
  });
  beforeEach(({ skip }) => skip(forbidden !== null, forbidden ?? ""));
  afterAll(() => slurm?.stop());

  const cliHere = (...args: string[]): string =>
    execFileSync(process.execPath, [cli, ...args], {
      env: { ...slurm.env, HOLD_FILE: hold },
      encoding: "utf8",
      cwd: folder,
    });
  const submit = (): {
    missing: number;
    inHand: number;
    jobs: { arrays: string[]; merge: string } | null;
  } => {
    const site = ["--cpus", "1", "--memory", "500M", "--time", "10:00:00"];
    const what = ["--shards", "3", "--folder", jobs, "--out", join(folder, "slurm.duckdb")];
    return JSON.parse(
      cliHere("submit", "slurm", held, "--go", "--json", "--plugin", plugin, ...what, ...site),
    ) as ReturnType<typeof submit>;
  };
  const arrayStatus = (): ArrayStatus => JSON.parse(cliHere("status", jobs, "--json")) as ArrayStatus;
  const begun = (): ShardState[] => arrayStatus().shards.filter(({ done }) => done !== null && done > 0);
  const restarts = (task: string): number =>
    Number(/Restarts=(\d+)/.exec(slurm.command("scontrol", "show", "job", task))?.[1] ?? 0);
  const runMinutes = (task: string): number => {
    const shown = slurm.command("scontrol", "show", "job", task);
    const [, days = 0, hours = 0, minutes = 0, seconds = 0] =
      /RunTime=(?:(\d+)-)?(\d+):(\d+):(\d+)/.exec(shown) ?? [];
    return 1440 * Number(days) + 60 * Number(hours) + Number(minutes) + Number(seconds) / 60;
  };
  const limitMinutes = (task: string, minutes: number): void =>
    void slurm.command("scontrol", "update", `JobId=${task}`, `TimeLimit=${minutes}`);
  const merged = (job: string) => () => {
    slurm.putBack();
    return /JobState=COMPLETED/.test(slurm.command("scontrol", "show", "job", job));
  };

  test("a killed task, a task whose time is up and a node that is lost delay the study and change no bit", async () => {
    writeFileSync(hold, "");
    const first = submit();
    expect(first).toMatchObject({ missing: 3, inHand: 0 });
    await until(() => begun().filter(({ state }) => state === "running").length === 2);
    expect(submit()).toMatchObject({ missing: 3, inHand: 3, jobs: null });
    const [killed, late] = begun();
    process.kill(killed.pid ?? 0, "SIGKILL");
    limitMinutes(late.task ?? "", 2 + Math.ceil(runMinutes(late.task ?? "")));
    await slurm.loseNode();
    await until(() => {
      slurm.putBack();
      return restarts(killed.task ?? "") > 0 && restarts(late.task ?? "") > 0;
    });
    limitMinutes(late.task ?? "", 600);
    const before = arrayStatus();
    expect(before).toMatchObject({ study: "held", planned: 24 });
    expect(before.done).toBeGreaterThanOrEqual(2);
    rmSync(hold);
    await until(merged(first.jobs?.merge ?? ""));

    const local = join(folder, "local.duckdb");
    expect((await startCommand(["run", held, "--out", local, "--plugin", plugin]).ended).code).toBe(0);
    expect(await readResults(join(folder, "slurm.duckdb"))).toEqual(await readResults(local));
    const log = readFileSync(join(jobs, "logs", `shard-${late.task?.replace("_", "-")}.log`), "utf8");
    expect(log).toMatch(/interrupted; \d+ replicates? of this run are in .*the same command continues/);
    expect(arrayStatus()).toMatchObject({ done: 24, shards: [1, 2, 3].map(() => ({ state: "complete" })) });
  }, 1_800_000);

  test("only a missing shard is submitted again", async () => {
    rmSync(join(jobs, "shards", "2.parquet"));
    const again = submit();
    expect(again).toMatchObject({ missing: 1, inHand: 0 });
    await until(merged(again.jobs?.merge ?? ""));
    expect(existsSync(join(jobs, "shards", "2.parquet"))).toBe(true);
    const { out } = await command(folder, "status", jobs);
    expect(out).toContain("held: 24 replicates of 24 done; 3 shards: 3 complete");
  });

  test("shards of another division or other replicates in the folder are refused by name", async () => {
    const again = ["slurm", held, "--plugin", plugin, "--folder", jobs];
    for (const more of [
      ["--shards", "4"],
      ["--shards", "3", "--set", "design.replicates=13"],
    ]) {
      const { code, err } = await command(folder, "submit", ...again, ...more);
      expect([code, err]).toEqual([2, expect.stringMatching(/another --folder/)]);
    }
  });
});
