import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { runCommand, startCommand } from "../reliability/run-command.mjs";
import { writeSmallStudy } from "../reliability/small-study.mjs";
import { killWorkers } from "../scale/kill-workers.mjs";
import { serverProgram, startServer } from "../scale/redis-server.mjs";

const minutes = 5 * 60_000;
const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

function temporaryFolder(): string {
  const made = mkdtempSync(join(tmpdir(), "moe-rates-queue-"));
  folders.push(made);
  return made;
}

const folder = temporaryFolder();
const study = writeSmallStudy(folder, { replicates: 5 });
if (serverProgram === null)
  console.log("skipped: a run on a queue; neither redis-server nor valkey-server is installed");

describe.skipIf(serverProgram === null)("a run on a queue", () => {
  let server: Awaited<ReturnType<typeof startServer>>;
  beforeAll(async () => {
    server = await startServer(temporaryFolder(), "right");
  });
  afterAll(() => server.stop());

  test(
    "is the local run, bit for bit, when workers are killed and the server is restarted",
    {
      timeout: minutes,
    },
    async () => {
      const own = temporaryFolder();
      const slow = writeSmallStudy(own, { sizes: [2000, 4000], starts: "{random: 12}", replicates: 20 });
      const plan = { workers: 2, kills: 2, restarts: 1, batchesPerKill: 20 };
      const found = await killWorkers(own, slow, plan);
      expect(found).toMatchObject({ code: 0, killed: 2, restarted: 1, leftWith: [0, 0], replicates: 80 });
      expect(found).toMatchObject({ foreign: 0, missing: 0, twice: 0, torn: 0 });
    },
  );

  test(
    "takes the password from a file, and ends a worker that is asked to leave with a summary",
    {
      timeout: minutes,
    },
    async () => {
      writeFileSync(join(folder, "password"), "right\n", { mode: 0o600 });
      const queue = ["--queue", server.url, "--password-file", "password"];
      const worker = startCommand(["worker", ...queue, "--threads", "2", "--json"], { cwd: folder });
      const { code, err } = await runCommand(["run", study, ...queue], { cwd: folder });
      expect([code, err]).toEqual([0, expect.stringMatching(/worker \S+: 20 replicates/)]);
      expect(err).not.toContain("right");
      worker.signal("SIGTERM");
      const left = await worker.ended;
      expect([left.code, JSON.parse(left.out)]).toEqual([
        0,
        expect.objectContaining({ runs: 1, replicates: 20 }),
      ]);
    },
  );

  test("is refused with a wrong password, and nothing is written", { timeout: minutes }, async () => {
    const env = { REDIS_PASSWORD: "wrong-one" };
    const { code, err } = await runCommand(["worker", "--queue", server.url], { cwd: folder, env });
    expect([code, err]).toEqual([2, expect.stringMatching(/no answer \(WRONGPASS/)]);
    expect(err).not.toContain("wrong-one");
  });
});

test.each([
  [["worker", "--queue", "redis://user:word@127.0.0.1:1"], /holds a password; give it by REDIS_PASSWORD/],
  [["worker", "--queue", "127.0.0.1:6379"], /redis:\/\/HOST:PORT/],
  [["worker", "--queue", "redis://127.0.0.1:1"], /redis:\/\/127\.0\.0\.1:1\/0: no answer/],
  [["worker", "--queue", "redis://127.0.0.1:1", "--tls-ca", "ca.pem"], /--tls-ca belongs to TLS/],
  [
    ["run", study, "--queue", "redis://127.0.0.1:1", "--threads", "2"],
    /--threads belongs to moe-rates worker/,
  ],
  [["run", study, "--password-file", "password"], /--password-file belongs to --queue/],
])("%j ends with exit code 2", { timeout: minutes }, async (args, message) => {
  const { code, err } = await runCommand(args, { cwd: folder });
  expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  expect(err).not.toContain("word@");
});
