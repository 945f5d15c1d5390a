import { spawnSync } from "node:child_process";
import { chmodSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { Job } from "kubernetes-models/batch/v1";
import { describe, expect, test, vi } from "vitest";
import { parse } from "yaml";
import { command, readResults, startCommand, temporaryFolder, writeStudy } from "./support.ts";

vi.setConfig({ testTimeout: 10 * 60_000 });
const folder = temporaryFolder();
const study = writeStudy(folder, { sizes: [100, 200], replicates: 3, atoms: [2] });

async function manifest(...more: string[]): Promise<ConstructorParameters<typeof Job>[0] & { spec: object }> {
  const where = ["--image", "registry.example/moe-rates", "--claim", "studies"];
  const { code, out } = await command(folder, "submit", "k8s", study, "--shards", "3", ...where, ...more);
  expect(code).toBe(0);
  return parse(out) as Awaited<ReturnType<typeof manifest>>;
}

function script(job: Awaited<ReturnType<typeof manifest>>): string {
  return job.spec?.template.spec?.containers[0]?.command?.[2] ?? "";
}

describe("a Kubernetes manifest", () => {
  test.each([
    [[]],
    [["--object-store", "--plugin", fileURLToPath(new URL("fixtures/held-expert.mjs", import.meta.url))]],
  ])("keeps the published schema of batch/v1 Job: %j", async (more) => {
    const job = await manifest(...more);
    new Job(job).validate();
    const { spec } = job;
    for (const wrong of [
      { completions: "3" },
      { completionMode: "Index" },
      { template: undefined },
      { podFailurePolicy: { rules: [{}] } },
    ])
      expect(() => new Job({ ...job, spec: { ...spec, ...wrong } as never }).validate()).toThrow(/spec/);
  });

  test("has one completion per shard over the shared volume", async () => {
    const job = await manifest("--parallelism", "2");
    expect(job.spec).toMatchObject({ completionMode: "Indexed", completions: 3, parallelism: 2 });
    expect(job.spec?.template.spec?.volumes).toEqual([
      { name: "study", persistentVolumeClaim: { claimName: "studies" } },
    ]);
  });

  test.each([[[]], [["--object-store"]]])(
    "has commands that leave shards which merge into the local run, bit for bit: %j",
    async (more) => {
      const own = temporaryFolder();
      const bin = join(own, "bin");
      mkdirSync(bin);
      const cli = fileURLToPath(new URL("../bin/moe-rates.mjs", import.meta.url));
      writeFileSync(join(bin, "moe-rates"), `#!/bin/sh\nexec ${process.execPath} ${cli} "$@"\n`);
      chmodSync(join(bin, "moe-rates"), 0o755);
      const text = script(await manifest("--cpus", "1", ...more))
        .replaceAll(/\/study(?=\/study-)/g, folder)
        .replaceAll("/study/", `${own}/`)
        .replaceAll("/work/", `${bin}/`);
      for (let index = 0; index < 3; index++) {
        const env = {
          ...process.env,
          PATH: `${bin}:${process.env["PATH"]}`,
          JOB_COMPLETION_INDEX: String(index),
        };
        expect(spawnSync("sh", ["-c", text], { env, encoding: "utf8" })).toMatchObject({ status: 0 });
        expect(existsSync(join(own, "shards", `${index + 1}.parquet`))).toBe(true);
      }
      const merged = join(own, "merged.duckdb");
      const shards = [3, 1, 2].map((index) => join(own, "shards", `${index}.parquet`));
      expect((await command(own, "merge", merged, ...shards)).out).toContain("complete");
      const local = join(own, "local.duckdb");
      expect((await startCommand(["run", study, "--out", local, "--threads", "1"]).ended).code).toBe(0);
      expect(await readResults(merged)).toEqual(await readResults(local));
    },
  );

  test("with more shards than a Job has completions is refused", async () => {
    const where = ["--image", "registry.example/moe-rates", "--claim", "studies", "--shards", "100001"];
    const { code, err } = await command(folder, "submit", "k8s", study, ...where);
    expect([code, err]).toEqual([2, expect.stringContaining("at most 100000 completions")]);
  });
});
