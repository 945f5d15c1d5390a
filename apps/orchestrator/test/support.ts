import { spawn } from "node:child_process";
import type { ChildProcess } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Writable } from "node:stream";
import { fileURLToPath } from "node:url";
import { afterAll } from "vitest";
import { engines } from "../src/engines.ts";
import { loadStudy } from "../src/load-study.ts";
import { main } from "../src/main.ts";
import { runStudy } from "../src/run-study.ts";
import type { RunSummary } from "../src/run-summary.ts";
import { select } from "../src/store/select.ts";
import { openForReading } from "../src/store/store-file.ts";

const folders: string[] = [];
afterAll(() => folders.forEach((folder) => rmSync(folder, { recursive: true, force: true })));

/** A folder that is removed after the tests of the file. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), "moe-rates-test-"));
  folders.push(folder);
  return folder;
}

/** Runs one command line in this process. */
export async function command(
  cwd: string,
  ...args: string[]
): Promise<{ code: number; out: string; err: string }> {
  const [stdout, stderr] = [collector(), collector()];
  const signal = new AbortController().signal;
  const code = await main(args, {
    stdout,
    stderr,
    cwd,
    signal,
    env: {},
    interactive: false,
    columns: () => 80,
  });
  return { code, out: stdout.text(), err: stderr.text() };
}

function collector(): Writable & { text(): string } {
  const pieces: string[] = [];
  const stream = new Writable({
    write(chunk: Buffer, _encoding, done) {
      pieces.push(chunk.toString());
      done();
    },
  });
  return Object.assign(stream, { text: () => pieces.join("") });
}

/** What the fake worker shall do. */
export interface Fake {
  delayMs?: number;
  /** A file: no replicate ends before it exists. */
  heldUntil?: string;
  /** Sample sizes whose replicates, from number `holdsFrom` on (0), never end: there the run stands still on any machine until it is stopped. */
  holds?: number[];
  holdsFrom?: number;
  /** Tasks that each worker ends before the run stands still, whatever the order of tasks. */
  holdsAfter?: number;
  throws?: number[];
  dies?: number[];
  hangs?: number[];
  exhausts?: number[];
  aborts?: number[];
  /** File that gets a line for every start of a replicate that hangs. */
  attempts?: string;
  /** Replicates whose row no database takes. */
  unstorable?: number[];
  /** Replicates whose added losses cannot be computed. */
  spoilt?: number[];
}

/** Runs a study with the fake worker in this process. */
export async function fakeRun(
  study: string,
  out: string,
  threads: number,
  fake: Fake,
  retryFailed = false,
  guard: { timeLimit?: number; isolation?: "process" } = {},
): Promise<RunSummary> {
  const signal = new AbortController().signal;
  const terminal = {
    stdout: collector(),
    stderr: collector(),
    cwd: ".",
    signal,
    env: {},
    interactive: false,
    columns: () => 80,
  };
  const loaded = await loadStudy({ file: study, cwd: ".", overrides: [], plugins: [], engine: engines[0] });
  return runStudy(terminal, {
    loaded: { ...loaded, study: Object.assign({}, loaded.study, { fake }) },
    out,
    shownOut: out,
    engine: engines[0],
    threads,
    retryFailed,
    ...guard,
    workerFile: new URL(
      guard.isolation === "process" ? "fixtures/fake-worker-process.mjs" : "fixtures/fake-worker.mjs",
      import.meta.url,
    ),
  });
}

/** A child process with its output. */
export interface Child {
  readonly process: ChildProcess;
  readonly ended: Promise<{ code: number | null; signal: string | null; out: string; err: string }>;
}

/** Starts `run` with the fake worker in a process of its own. */
export function startFakeRun(
  study: string,
  out: string,
  threads: number,
  fake: Fake,
  env: Record<string, string> = {},
): Child {
  return start(
    [
      fileURLToPath(new URL("fixtures/fake-cli.mjs", import.meta.url)),
      study,
      out,
      String(threads),
      JSON.stringify(fake),
    ],
    env,
  );
}

/** Starts the built command. */
export function startCommand(
  args: readonly string[],
  env: Record<string, string> = {},
  cwd: string = process.cwd(),
): Child {
  return start([fileURLToPath(new URL("../bin/moe-rates.mjs", import.meta.url)), ...args], env, cwd);
}

function start(args: readonly string[], env: Record<string, string>, cwd: string = process.cwd()): Child {
  const child = spawn(process.execPath, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  let [out, err] = ["", ""];
  child.stdout.on("data", (piece: Buffer) => (out += piece.toString()));
  child.stderr.on("data", (piece: Buffer) => (err += piece.toString()));
  const ended = new Promise<Awaited<Child["ended"]>>((resolve) => {
    child.on("close", (code, signal) => resolve({ code, signal, out, err }));
  });
  return { process: child, ended };
}

/** A small study: two designs at two sizes. */
export function writeStudy(
  folder: string,
  overrides: {
    sizes?: number[];
    replicates?: number | string;
    losses?: string[];
    seed?: number;
    atoms?: number[];
  } = {},
): string {
  const {
    sizes = [200, 400],
    replicates = 8,
    losses = ["voronoi-d1", "regression-l2"],
    seed = 7,
    atoms = [2, 3],
  } = overrides;
  const file = join(folder, `study-${folders.length}-${Math.abs(hash(JSON.stringify(overrides)))}.yaml`);
  writeFileSync(
    file,
    `name: tiny
seed: ${seed}
truth:
  gating: softmax
  expert: {family: ffn, activation: tanh, bias: false}
  input: {law: uniform, low: -3, high: 3, dim: 2}
  noise: {sd: 0.1}
  atoms:
    - {beta1: [1, -0.7], beta0: 0.4, a: [1.6, 0.8]}
    - {beta1: [0, 0], beta0: 0, a: [-0.8, 1.6]}
fit:
  atoms: [${atoms.join(", ")}]
  starts: {near-truth: {radius: 0.4, count: 2}, random: 1}
design:
  sampleSizes: [${sizes.join(", ")}]
  replicates: ${replicates}
losses: [${losses.join(", ")}]
`,
  );
  return file;
}

function hash(text: string): number {
  let value = 0;
  for (const character of text) value = (value * 31 + character.codePointAt(0)!) | 0;
  return value;
}

/** Every column of the results that a repeated run must reproduce; times and run numbers may differ. */
const resultColumns = {
  designs: "SELECT * FROM designs ORDER BY ALL",
  design_points: "SELECT * FROM design_points ORDER BY ALL",
  replicates: "SELECT * EXCLUDE (wall_ms, cpu_ms, run) FROM replicates ORDER BY design_point, replicate",
  atoms: "SELECT * FROM atoms ORDER BY ALL",
  losses: "SELECT * FROM losses ORDER BY ALL",
  failures: "SELECT * FROM failures ORDER BY ALL",
  rounds: "SELECT * FROM rounds ORDER BY ALL",
};

/** The result columns of every table of a file. */
export async function readResults(file: string): Promise<Record<string, unknown>> {
  const database = await openForReading(file);
  const tables: Record<string, unknown> = {};
  for (const [name, sql] of Object.entries(resultColumns))
    tables[name] = await select(database.connection, sql);
  database.close();
  return tables;
}

/** Waits until a condition holds. When the child ends first, its last words are the error. */
export async function until(condition: () => Promise<boolean> | boolean, child?: Child): Promise<void> {
  let last: Awaited<Child["ended"]> | undefined;
  void child?.ended.then((ended) => (last = ended));
  for (;;) {
    const over = last;
    if (await condition()) return;
    if (over) throw new Error(`the child ended while it was waited for: ${JSON.stringify(over)}`);
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
}
