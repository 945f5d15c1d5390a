#!/usr/bin/env node
/** Kills runs at random moments, continues them, and compares the files with an uninterrupted run, column by column and bit for bit.
 *  SIGKILL goes to the whole process group: at the start, in the middle of batches, at commits, at checkpoints and while results are exported and
 *  reported. SIGTERM and SIGINT must end with 130 after a flush. Prints one line per phase and ends with exit code 1 on the first broken promise.
 *
 *  node tools/reliability/crash.mjs [--kills 200] [--signals 20] [--seed 1]      (needs a build) */
import { existsSync, mkdtempSync, readdirSync, rmSync, watch } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { stream } from "../../packages/math/dist/index.js";
import { compareWithReference } from "./compare-stores.mjs";
import { exitOnSignals, pause, runCommand, startCommand, until } from "./run-command.mjs";
import { writeSmallStudy } from "./small-study.mjs";

const { values } = parseArgs({
  options: {
    kills: { type: "string", default: "200" },
    signals: { type: "string", default: "20" },
    seed: { type: "string", default: "1" },
  },
});
exitOnSignals();
const random = stream("crash", Number(values.seed));
const folder = mkdtempSync(join(tmpdir(), "moe-rates-crash-"));
process.on("exit", () => rmSync(folder, { recursive: true, force: true }));

const reference = join(folder, "reference.duckdb");
const out = join(folder, "killed.duckdb");
const study = writeSmallStudy(folder, { replicates: 75 });
const run = (/** @type {string} */ file) => ["run", study, "--out", file, "--threads", "2"];

/** What was counted, by phase. */
const counts = /** @type {Record<string, { kills: number, late: number }>} */ ({});
let [completed, resumed, rowsCompared] = [0, 0, 0];
/** Replicates that are known to be committed to `out`. */
let committed = 0;

/** @param {boolean} holds @param {string} promise @param {unknown} [facts] */
function hold(holds, promise, facts) {
  if (holds) return;
  process.stderr.write(`BROKEN: ${promise} ${JSON.stringify(facts ?? {})}\n`);
  process.exit(1);
}

/** After a kill: nothing committed is lost, nothing is there twice or torn, and every row is that of the uninterrupted run. */
async function inspect() {
  if (!existsSync(out)) return hold(committed === 0, "a file with committed rows is gone");
  if (random.uniform() < 0.1) {
    const { code, err } = await runCommand(["status", out], { cwd: folder });
    hold(code === 0, "status answers after a kill", err);
  }
  const found = await compareWithReference(out, reference);
  hold(found.replicates >= committed, "no committed row is lost", { committed, found });
  hold(
    found.foreign + found.twice + found.torn === 0,
    "every row is whole, once, and the uninterrupted run's",
    found,
  );
  committed = found.replicates;
  rowsCompared += found.replicates;
  if (found.missing === 0 && found.replicates === total) startOver();
}

function startOver() {
  completed += 1;
  committed = 0;
  for (const name of [out, `${out}.wal`]) rmSync(name, { force: true });
}

/** Ends when a write to a file of the database is seen, or when the run is over.
 *  @param {string} name @param {import("./run-command.mjs").Running} running @param {number} events */
async function written(name, running, events) {
  let seen = 0;
  const watcher = watch(folder, (_, file) => void (file === name && (seen += 1)));
  await until(() => seen >= events || running.over());
  watcher.close();
}

/** Every phase starts the command and returns when the kill is due.
 *  @type {Record<string, () => Promise<import("./run-command.mjs").Running>>} */
const phases = {
  async start() {
    const running = startCommand(run(out), { cwd: folder });
    await pause(random.uniform() * 1.5 * usual.start);
    return running;
  },
  async batch() {
    const running = startCommand(run(out), { cwd: folder });
    await until(() => running.over() || existsSync(`${out}.wal`));
    await pause(random.uniform() * usual.work);
    return running;
  },
  async commit() {
    const running = startCommand(run(out), { cwd: folder });
    await written("killed.duckdb.wal", running, 1 + random.integer(12));
    await pause(random.uniform() * 4);
    return running;
  },
  async checkpoint() {
    const running = startCommand(run(out), { cwd: folder });
    await until(() => running.over() || existsSync(`${out}.wal`));
    await pause(random.uniform() * 0.5 * usual.work);
    running.signal("SIGTERM");
    await written("killed.duckdb", running, 1 + random.integer(6));
    await pause(random.uniform() * 3);
    return running;
  },
  async report() {
    await ensureRows();
    const verbs = [
      ["export", out, "--parquet", join(folder, "tables"), "--force"],
      ["rates", out, "--json"],
      ...(reports ? [["report", out, "--out", join(folder, "report.html"), "--force"]] : []),
    ];
    const running = startCommand(verbs[random.integer(verbs.length)] ?? [], { cwd: folder });
    await pause(random.uniform() * 1.5 * usual.reading);
    return running;
  },
};

async function ensureRows() {
  if (existsSync(out)) return;
  const running = startCommand(run(out), { cwd: folder });
  await until(() => running.over() || existsSync(`${out}.wal`));
  await pause(0.5 * usual.work);
  running.signal("SIGINT");
  await running.ended;
}

/** A killed export leaves no half table under a final name, and the next one completes. */
async function inspectTables() {
  const tables = join(folder, "tables");
  const { code, err } = await runCommand(["export", out, "--parquet", tables, "--force"], { cwd: folder });
  hold(code === 0, "an export completes after a killed one", err);
  hold(
    readdirSync(tables).every((name) => /^[\w-]+\.(parquet|json)$/.test(name) || name.endsWith(".tmp")),
    "no half files",
    readdirSync(tables),
  );
  rmSync(tables, { recursive: true });
}

/** Whether the signal came while the run was at work. @param {"SIGINT" | "SIGTERM"} name */
async function interrupt(name) {
  const running = startCommand(run(out), { cwd: folder });
  await until(() => running.over() || existsSync(`${out}.wal`));
  await pause(random.uniform() * usual.work);
  running.signal(name);
  const { code, signal, err } = await running.ended;
  // A signal that comes while Node still loads the program ends it as it ends any program: the shell calls that 130 or 143.
  hold(code === 130 || code === 0 || signal === name, `${name} ends with 130`, { code, signal, err });
  if (code === 130) hold(!existsSync(`${out}.wal`), "a flushed file has no log left");
  tally(name, code !== 130);
  await inspect();
  return code === 130;
}

/** @param {string} phase @param {boolean} late */
function tally(phase, late) {
  const entry = (counts[phase] ??= { kills: 0, late: 0 });
  if (late) entry.late += 1;
  else entry.kills += 1;
}

const started = performance.now();
/** What this machine takes now, in milliseconds: from a start to the first write, from there to the end of the run, and to read the results. */
const usual = { start: 0, work: 0, reading: 0 };
const clock = async (/** @type {() => Promise<unknown>} */ work) => {
  const from = performance.now();
  await work();
  return performance.now() - from;
};
const whole = startCommand(run(reference), { cwd: folder });
usual.start = await clock(() => until(() => whole.over() || existsSync(`${reference}.wal`)));
usual.work = await clock(async () => {
  const { code, err } = await whole.ended;
  hold(code === 0, "the uninterrupted run ends well", err);
});
usual.reading = await clock(() => runCommand(["rates", reference, "--json"], { cwd: folder }));
const total = (await compareWithReference(reference, reference)).replicates;
const reports = (await runCommand(["report", "--help"], { cwd: folder })).code === 0;

const names = Object.keys(phases);
let kills = 0;
for (let turn = 0; kills < Number(values.kills); turn++) {
  const phase = names[turn % names.length] ?? "start";
  if (phase !== "report" && existsSync(out)) resumed += 1;
  const running = await (phases[phase] ?? phases.start)();
  const late = running.over();
  running.signal("SIGKILL");
  const { signal } = await running.ended;
  tally(phase, late || signal === null);
  if (!late && signal === "SIGKILL") kills += 1;
  await inspect();
  if (phase === "report" && existsSync(out)) await inspectTables();
}
for (const name of /** @type {const} */ (["SIGINT", "SIGTERM"]))
  for (let hits = 0; hits < Number(values.signals);) if (await interrupt(name)) hits += 1;

if (existsSync(out)) {
  const last = await runCommand(run(out), { cwd: folder });
  hold(last.code === 0, "the last file completes", last.err);
  const found = await compareWithReference(out, reference);
  hold(
    found.missing + found.foreign + found.twice + found.torn === 0,
    "the last file equals the uninterrupted run",
    found,
  );
  completed += 1;
}
for (const [phase, { kills: hits, late }] of Object.entries(counts))
  process.stdout.write(`${phase.padEnd(11)} ${hits} hits, ${late} before or after the run\n`);
process.stdout.write(
  `${kills} kills survived: ${resumed} starts, ${completed} studies completed and equal to the uninterrupted run, ${rowsCompared} replicates compared, ` +
    `0 lost after commit, 0 twice, 0 different; seed ${values.seed}, ${Math.round((performance.now() - started) / 1000)} s\n`,
);
