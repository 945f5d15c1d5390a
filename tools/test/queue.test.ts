import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { compareWithReference } from "../reliability/compare-stores.mjs";
import { runCommand, startCommand } from "../reliability/run-command.mjs";
import { writeSmallStudy } from "../reliability/small-study.mjs";
import { killWorkers } from "../scale/kill-workers.mjs";
import { namespacesAllowed, openNetwork } from "../scale/network-namespaces.mjs";
import {
  certificatesAvailable,
  makeCertificate,
  serverProgram,
  startServer,
} from "../scale/redis-server.mjs";

/** Milliseconds, for machines that are slow or busy. */
const minutes = 10 * 60_000;
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
if (!certificatesAvailable) console.log("skipped: a queue over TLS; openssl is not installed");
if (!namespacesAllowed)
  console.log("skipped: workers in networks of their own; this process may not make network namespaces");

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
      const plan = { workers: 2, kills: 2, restarts: 1, batchesPerKill: 2 };
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

  test.skipIf(!certificatesAvailable)(
    "goes over TLS when the server has the certificate that --tls-ca names, and is refused otherwise",
    { timeout: minutes },
    async () => {
      const own = temporaryFolder();
      const small = writeSmallStudy(own, { replicates: 5 });
      const [right, wrong] = [makeCertificate(own, "right"), makeCertificate(own, "wrong")];
      const secured = await startServer(own, "secret", { tls: right });
      const options = { cwd: own, env: { REDIS_PASSWORD: "secret" } };
      const queue = ["--queue", secured.url, "--tls-ca", right.certificate];
      const crew = startCommand(["worker", ...queue, "--threads", "1"], options);
      try {
        for (const ca of [["--tls-ca", wrong.certificate], []]) {
          const refused = await runCommand(["run", small, "--queue", secured.url, ...ca], options);
          expect([refused.code, refused.err]).toEqual([
            2,
            expect.stringMatching(/no answer \(.*certificate/),
          ]);
        }
        expect(existsSync(join(own, "small.duckdb"))).toBe(false);
        const { code, err } = await runCommand(["run", small, ...queue], options);
        expect([code, err]).toEqual([0, expect.stringMatching(/worker \S+: 20 replicates/)]);
      } finally {
        crew.signal("SIGKILL");
        await secured.stop();
      }
    },
  );

  test.skipIf(!namespacesAllowed)(
    "is the local run, bit for bit, with workers that reach the server from networks of their own",
    { timeout: minutes },
    async () => {
      const own = temporaryFolder();
      const small = writeSmallStudy(own, { replicates: 10 });
      const network = openNetwork(2);
      const options = { cwd: own, env: { REDIS_PASSWORD: "secret" } };
      const hub = await startServer(own, "secret", { wrapper: network.hub });
      const crew = network.workers.map((one) =>
        startCommand(["worker", "--queue", `redis://${one.hub}:${hub.port}`, "--threads", "1"], {
          ...options,
          wrapper: one.wrapper,
        }),
      );
      try {
        const run = await runCommand(["run", small, "--queue", hub.url, "--out", "queue.duckdb"], {
          ...options,
          wrapper: network.hub,
        });
        expect([run.code, run.err]).toEqual([0, expect.stringMatching(/worker \S+ has joined/)]);
        expect((await runCommand(["run", small, "--out", "local.duckdb"], options)).code).toBe(0);
        const found = await compareWithReference(join(own, "queue.duckdb"), join(own, "local.duckdb"));
        expect(found).toEqual({ replicates: 40, foreign: 0, missing: 0, twice: 0, torn: 0 });
      } finally {
        for (const one of crew) one.signal("SIGKILL");
        await hub.stop();
        network.close();
      }
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
