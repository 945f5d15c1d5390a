import { execFileSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { type PrivateSlurm, slurmAvailable, startSlurm } from "./private-slurm.ts";
import { command, readResults, startCommand, temporaryFolder, until, writeStudy } from "./support.ts";

const cli = fileURLToPath(new URL("../bin/moe-rates.mjs", import.meta.url));
const folder = temporaryFolder();
const study = writeStudy(folder, { sizes: [200, 400], replicates: 6, atoms: [2, 3] });
const jobs = join(folder, "jobs");

test("scripts are written, with arrays of the site's size, and nothing is submitted without --go", async () => {
  const options = ["--shards", "5", "--folder", join(folder, "dry"), "--array-limit", "2", "--cpus", "1"];
  const { code, out } = await command(folder, "submit", "slurm", study, ...options);
  expect([code, out]).toEqual([0, expect.stringContaining("0 of 5 shards are there, 5 to run")]);
  const files = readdirSync(join(folder, "dry")).filter((file) => file.endsWith(".sh"));
  expect(files).toEqual(["array-1.sh", "array-2.sh", "array-3.sh", "merge.sh"]);
  expect(readFileSync(join(folder, "dry", "array-2.sh"), "utf8")).toMatch(/--array=1-2\n[^]*indices=\(3 4\)/);
  for (const file of files) execFileSync("bash", ["-n", join(folder, "dry", file)]);
});

test("a Kubernetes manifest has one completion per shard over the shared volume", async () => {
  const { code, out } = await command(
    folder,
    "submit",
    "k8s",
    study,
    "--shards",
    "7",
    "--image",
    "registry.example/moe-rates",
    "--claim",
    "studies",
  );
  expect(code).toBe(0);
  expect(out).toMatch(/completionMode: Indexed\n\s+completions: 7/);
  expect(out).toContain("claimName: studies");
});

const available = slurmAvailable();
if (!available) console.log("skipped: slurm-wlm and munge are not installed, or this is not root");

describe.skipIf(!available)("on a real Slurm", () => {
  let slurm: PrivateSlurm;
  beforeAll(async () => {
    slurm = await startSlurm(temporaryFolder());
  }, 60_000);
  afterAll(() => slurm?.stop());

  const submit = () =>
    execFileSync(
      process.execPath,
      [cli, "submit", "slurm", study, "--go", "--json"].concat(
        ["--shards", "3", "--folder", jobs, "--out", join(folder, "slurm.duckdb"), "--cpus", "1"],
        ["--memory", "500M", "--time", "00:10:00"],
      ),
      { env: slurm.env, encoding: "utf8", cwd: folder },
    );
  const merged = (job: string) => () =>
    Promise.resolve(/COMPLETED/.test(slurm.command("scontrol", "show", "job", job)));

  test("a task that is told to stop and a node that is lost delay the study and change no bit", async () => {
    const { jobs: ids } = JSON.parse(submit()) as { jobs: { arrays: string[]; merge: string } };
    const [array = ""] = ids.arrays;
    await until(
      () => Promise.resolve(/ R /.test(slurm.command("squeue", "-h", "-o", " %t ", "-j", array))),
      30_000,
    );
    slurm.command("scancel", "--batch", "--signal=TERM", `${array}_1`);
    await slurm.loseNode();
    await until(merged(ids.merge), 150);
    const local = join(folder, "local.duckdb");
    expect((await startCommand(["run", study, "--out", local]).ended).code).toBe(0);
    expect(await readResults(join(folder, "slurm.duckdb"))).toEqual(await readResults(local));
  }, 240_000);

  test("only a missing shard is submitted again", async () => {
    rmSync(join(jobs, "shards", "2.parquet"));
    const again = JSON.parse(submit()) as { missing: number; jobs: { merge: string } };
    expect(again.missing).toBe(1);
    await until(merged(again.jobs.merge), 120);
    expect(existsSync(join(jobs, "shards", "2.parquet"))).toBe(true);
  }, 180_000);
});
