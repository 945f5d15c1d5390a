/** Two runs at once, locks and sockets that are left behind, stopped processes, set clocks, hostile clients of the live socket. */
import { existsSync, lstatSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { connect } from "node:net";
import { join } from "node:path";
import { socketForRun } from "../../../apps/orchestrator/dist/live/socket-path.js";
import { pause, runCommand, startCommand, until } from "../run-command.mjs";
import { writeSmallStudy } from "../small-study.mjs";
import { faultyExpert, hold, holdEqual, queried, uninterrupted } from "./fault.mjs";

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
  await until(async () => running.over() || (existsSync(out) && (await rows())));
  hold(!running.over(), "the run is still at work", (await Promise.race([running.ended, pause(0)])) ?? null);
  return running;
}

/** A study whose run stands still in the middle of a fit until the file `gate` is there. @param {string} folder */
function gated(folder) {
  const gate = join(folder, "gate");
  return {
    study: writeSmallStudy(folder, { expert: "faulty", sizes: [60, 77, 120], replicates: 30 }),
    out: join(folder, "a.duckdb"),
    gate,
    plugin: ["--plugin", faultyExpert],
    env: { FAULT: "wait", FAULT_N: "77", FAULT_GATE: gate },
  };
}

/** Sends one line to a socket and returns the first answer. @param {string} path @param {string} line @returns {Promise<string>} */
function said(path, line) {
  return new Promise((resolve, reject) => {
    let text = "";
    const socket = connect(path, () => socket.write(line));
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
      await until(async () => again.over() || (await holder()) === again.pid);
      hold(!again.over(), "a run after SIGKILL gets the lock and answers on its own socket", again.err());
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
      const runtime = mkdtempSync("/tmp/moe-rates-run-"); // the address of a socket is short, TMPDIR need not be
      process.on("exit", () => rmSync(runtime, { recursive: true, force: true }));
      const env = { XDG_RUNTIME_DIR: runtime };
      const running = await startedRun(["run", study, "--out", out, "--threads", "1"], out, {
        cwd: folder,
        env,
      });
      const path = socketForRun(out, env) ?? "";
      const modes = [path, join(path, "..")].map((file) => lstatSync(file).mode & 0o777);
      hold(modes[0] === 0o600 && modes[1] === 0o700, "socket and folder are the owner's alone", modes);
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
      hold(!running.over(), "the run goes on", running.err());
      hold(!existsSync(join(folder, "x.csv")), "and nothing was written");
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
      const { study, out, gate, plugin, env } = gated(folder);
      const reference = await uninterrupted(study, join(folder, "b.duckdb"), { cwd: folder }, plugin);
      const running = startCommand(
        ["run", study, "--out", out, "--threads", "2", "--time-limit", "10", ...plugin],
        { cwd: folder, env },
      );
      await until(() => running.over() || existsSync(`${gate}.reached`));
      running.signal("SIGSTOP");
      await pause(15_000);
      writeFileSync(gate, "");
      running.signal("SIGCONT");
      const { code, err } = await running.ended;
      hold(code === 0, "no replicate counts as slow", err);
      return {
        facts: `stopped for 15 s in the middle of a fit with a limit of 10 s; all ${await holdEqual(out, reference)} replicates as without`,
      };
    },
  },
  {
    name: "a clock that jumps by years, back and forth",
    async inject(folder) {
      if (faketime === undefined) return { skip: "libfaketime is missing (apt-get install faketime)" };
      const { study, out, gate, plugin, env } = gated(folder);
      const reference = await uninterrupted(study, join(folder, "b.duckdb"), { cwd: folder }, plugin);
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
      const running = startCommand(
        ["run", study, "--out", out, "--threads", "2", "--time-limit", "60", ...plugin],
        {
          cwd: folder,
          env: {
            ...env,
            LD_PRELOAD: faketime,
            FAKETIME_TIMESTAMP_FILE: clock,
            FAKETIME_NO_CACHE: "1",
            DONT_FAKE_MONOTONIC: "1",
            FAKETIME_DONT_FAKE_MONOTONIC: "1",
          },
        },
      );
      await until(() => running.over() || existsSync(`${gate}.reached`));
      let jumps = 0;
      while (!running.over()) {
        set((jumps += 1));
        if (jumps === 20) writeFileSync(gate, "");
        await pause(200);
      }
      const { code, err } = await running.ended;
      hold(code === 0, "the run ends well", err);
      hold(jumps >= 20, "the clock jumped while replicates were fitted", jumps);
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
