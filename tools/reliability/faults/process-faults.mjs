/** Two runs at once, locks and sockets that are left behind, stopped processes, set clocks, hostile clients of the live socket. */
import { existsSync, lstatSync, mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { socketForRun } from "../../../apps/orchestrator/dist/live/socket-path.js";
import { pause, runCommand, startCommand, until } from "../run-command.mjs";
import { writeSmallStudy } from "../small-study.mjs";
import { hold, holdEqual, queried, uninterrupted } from "./fault.mjs";

/** Starts a run and waits until its first rows are committed. @param {readonly string[]} args @param {string} out @param {{ cwd: string, env?: Record<string, string> }} options */
async function startedRun(args, out, options) {
  const running = startCommand(args, options);
  const rows = async () => {
    const { code, out: text } = await runCommand(
      ["query", out, "SELECT count(*) AS n FROM replicates", "--json"],
      options,
    );
    return code === 0 && JSON.parse(text)[0].n > 0;
  };
  hold(await until(async () => running.over() || (existsSync(out) && (await rows()))), "the run writes rows");
  hold(!running.over(), "the run is still at work", (await Promise.race([running.ended, pause(0)])) ?? null);
  return running;
}

/** Sends one line to a socket and returns the first answer. @param {string} path @param {string} line @returns {Promise<string>} */
function said(path, line) {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.write(line));
    socket.setTimeout(5000, () => socket.destroy());
    socket
      .on("data", (piece) => (text += String(piece)))
      .on("close", () => resolve(text))
      .on("error", reject);
  });
}

const faketime = [
  "/usr/lib/x86_64-linux-gnu/faketime/libfaketime.so.1",
  "/usr/lib/aarch64-linux-gnu/faketime/libfaketime.so.1",
].find((file) => existsSync(file));

/** @type {import("./fault.mjs").Fault[]} */
export const processFaults = [
  {
    name: "a second run of the same file, and a lock that is left behind",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 50_000 });
      const out = join(folder, "a.duckdb");
      const args = ["run", study, "--out", out, "--threads", "1"];
      const first = await startedRun(args, out, { cwd: folder });
      const second = await runCommand(args, { cwd: folder });
      hold(second.code === 1, "a second run is refused", second);
      hold(second.err.includes(`process ${first.pid} (node`), "it names the running process", second.err);
      for (const verb of [
        ["verify", out],
        ["export", out, "--csv", join(folder, "t")],
      ]) {
        const refused = await runCommand(verb, { cwd: folder });
        hold(
          refused.code === 1 && refused.err.includes(`process ${first.pid}`),
          `${verb[0]} waits for the run`,
          refused.err,
        );
      }
      first.signal("SIGKILL");
      await first.ended;
      const [{ n }] = await queried(out, "SELECT count(*) AS n FROM replicates", folder);
      const again = startCommand(args, { cwd: folder });
      const holder = async () =>
        JSON.parse((await runCommand(["status", out, "--json"], { cwd: folder })).out || "{}").running?.pid;
      hold(
        await until(async () => again.over() || (await holder()) === again.pid),
        "a run after SIGKILL gets the lock",
      );
      hold(!again.over(), "and answers on its own socket");
      again.signal("SIGTERM");
      hold((await again.ended).code === 130, "SIGTERM ends it with 130");
      return {
        facts: `refused by process id and program; after SIGKILL (${n} rows) the next run took lock and socket over at once`,
      };
    },
  },
  {
    name: "clients of the live socket that want to write, talk nonsense or stop reading",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 50_000 });
      const out = join(folder, "a.duckdb");
      const env = { XDG_RUNTIME_DIR: folder };
      const running = await startedRun(["run", study, "--out", out, "--threads", "1"], out, {
        cwd: folder,
        env,
      });
      const path = socketForRun(out, env) ?? "";
      const modes = [path, join(path, "..")].map((file) => lstatSync(file).mode & 0o777);
      hold(modes[0] === 0o600 && modes[1] === 0o700, "socket and folder are the owner's alone", modes);
      const before = await queried(out, "SELECT count(*) AS n FROM designs", folder).catch(() => null);
      const writes = [
        "DELETE FROM replicates",
        "DROP TABLE losses",
        "INSERT INTO designs SELECT * FROM designs",
        `COPY losses TO '${join(folder, "x.csv")}'`,
        "CHECKPOINT",
        "SELECT * FROM read_text('/etc/passwd')",
        "ATTACH '/tmp/x.duckdb'",
      ];
      for (const sql of writes) {
        const answer = await said(path, `${JSON.stringify({ verb: "query", sql })}\n`);
        hold(/"error":/.test(answer) && /"exitCode":2/.test(answer), `the socket refuses ${sql}`, answer);
      }
      const nonsense = [
        "\n",
        "{}\n",
        "[1]\n",
        '{"verb":"drop"}\n',
        '{"verb":"query"}\n',
        "\u0000\u0001\n",
        "x".repeat(2_000_000),
      ];
      for (const line of nonsense) await said(path, line).catch(() => "");
      const idle = Array.from({ length: 20 }, () =>
        connect(path, () => idle[0]?.write('{"verb":"query","sql":"SELECT * FROM range(100000000)"}\n')),
      );
      idle.forEach((socket) => socket.on("error", () => undefined).pause());
      await pause(1000);
      const status = await runCommand(["status", out, "--json"], { cwd: folder, env });
      hold(status.code === 0, "status answers meanwhile", status.err);
      idle.forEach((socket) => socket.destroy());
      hold(
        !running.over() && !existsSync(join(folder, "x.csv")),
        "the run goes on and nothing was written",
        before,
      );
      running.signal("SIGTERM");
      hold((await running.ended).code === 130, "and ends with 130");
      return {
        facts: `${writes.length} writes refused, ${nonsense.length} lines of nonsense and 20 clients that do not read survived`,
      };
    },
  },
  {
    name: "a process that is stopped for longer than the time limit",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 200 });
      const out = join(folder, "a.duckdb");
      const reference = await uninterrupted(study, join(folder, "b.duckdb"), { cwd: folder });
      const running = await startedRun(
        ["run", study, "--out", out, "--threads", "2", "--time-limit", "3"],
        out,
        { cwd: folder },
      );
      running.signal("SIGSTOP");
      await pause(6000);
      running.signal("SIGCONT");
      const { code, err } = await running.ended;
      hold(code === 0, "no replicate counts as slow", err);
      return {
        facts: `stopped for 6 s with a limit of 3 s; all ${await holdEqual(out, reference)} replicates as without`,
      };
    },
  },
  {
    name: "a clock that jumps by years, back and forth",
    async inject(folder) {
      if (faketime === undefined) return { skip: "libfaketime is missing (apt-get install faketime)" };
      const study = writeSmallStudy(folder, { replicates: 60 });
      const out = join(folder, "a.duckdb");
      const reference = await uninterrupted(study, join(folder, "b.duckdb"), { cwd: folder });
      const clock = join(folder, "clock");
      const times = [
        "2031-01-01 00:00:00",
        "1999-12-31 23:59:59",
        "2026-06-01 12:00:00",
        "1971-01-01 00:00:00",
        "2037-12-31 00:00:00",
      ];
      const set = (/** @type {number} */ i) => writeFileSync(clock, `@${times[i % times.length]}\n`);
      set(0);
      const env = {
        LD_PRELOAD: faketime,
        FAKETIME_TIMESTAMP_FILE: clock,
        FAKETIME_NO_CACHE: "1",
        DONT_FAKE_MONOTONIC: "1",
        FAKETIME_DONT_FAKE_MONOTONIC: "1",
      };
      const running = startCommand(["run", study, "--out", out, "--threads", "2", "--time-limit", "20"], {
        cwd: folder,
        env,
      });
      let jumps = 0;
      while (!running.over()) {
        set((jumps += 1));
        await pause(200);
      }
      const { code, err } = await running.ended;
      hold(code === 0, "the run ends well", err);
      const replicates = await holdEqual(out, reference);
      const [{ started, finished }] = await queried(
        out,
        "SELECT started::VARCHAR AS started, finished::VARCHAR AS finished FROM runs",
        folder,
      );
      return {
        facts: `${jumps} jumps, ${replicates} replicates as without; the run is dated ${started.slice(0, 4)} to ${finished.slice(0, 4)}`,
      };
    },
  },
  {
    name: "a reader of stdout that leaves",
    async inject(folder) {
      const study = writeSmallStudy(folder, { replicates: 3 });
      const out = await uninterrupted(study, join(folder, "a.duckdb"), { cwd: folder });
      const bytes = readFileSync(out);
      mkdirSync(join(folder, "q"));
      const shell = startCommand(["query", out, "SELECT * FROM range(2000000)"], {
        cwd: folder,
        wrapper: ["/bin/sh", "-c", '"$@" | head -1', "sh"],
      });
      const { code, err } = await shell.ended;
      hold(code === 0 && err === "", "no complaint about a closed pipe", { code, err });
      hold(readFileSync(out).equals(bytes), "the file is as it was");
      return { facts: "two million rows into head -1: no error, file untouched" };
    },
  },
];
