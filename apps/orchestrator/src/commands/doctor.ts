import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { existsSync, statfsSync } from "node:fs";
import { freemem, totalmem } from "node:os";
import { fileURLToPath } from "node:url";
import { jsonOption } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { messageOf } from "../input-error.ts";
import { openMemoryDatabase } from "../store/duckdb-instance.ts";
import { engineNamed, engines } from "../engines.ts";
import { nativeBinding } from "../native-binding.ts";
import { provenance } from "../provenance.ts";
import { paint, writeLine } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";

/** One finding about this machine. */
interface Check {
  readonly name: string;
  readonly state: "ok" | "note" | "problem";
  readonly value: string | number | boolean;
  /** What to do about it; absent when nothing is to be done. */
  readonly fix?: string;
}

const gibibyte = 2 ** 30;

/** A function with one v128 instruction: valid exactly where WebAssembly has 128-bit SIMD. */
const simdModule = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 5, 1, 96, 0, 1, 123, 3, 2, 1, 0, 10, 10, 1, 8, 0, 65, 0, 253, 15, 253, 98,
  11,
];

/** `moe-rates doctor`. */
export const doctor: Verb = {
  name: "doctor",
  summary: "what this machine offers: Node, cores, memory, SIMD, engines, disk",
  details: "Exit code 1 when something keeps moe-rates from working; every such line names its fix.",
  positionals: [],
  options: [
    { flag: "fix", description: "make native TensorFlow first, where this is a checkout of the repository" },
    jsonOption,
  ],
  examples: [
    { command: "moe-rates doctor", does: "one line per check" },
    {
      command: "moe-rates doctor --fix",
      does: "builds or reuses the native binding of TensorFlow, then checks",
    },
  ],
  async run(terminal, given) {
    if (given.has("fix")) await repair(terminal);
    const checks = await allChecks(terminal);
    await writeLine(
      terminal.stdout,
      given.has("json") ? JSON.stringify(checks, null, 2) : doctorText(terminal, checks),
    );
    return checks.some((check) => check.state === "problem") ? 1 : 0;
  },
};

async function allChecks(terminal: Terminal): Promise<Check[]> {
  const { node, cores, cpu, version, commit } = provenance();
  return [
    {
      name: "moe-rates",
      state: "ok",
      value: commit === null ? version : `${version} (${commit.slice(0, 12)})`,
    },
    nodeCheck(node),
    { name: "cores", state: "ok", value: cores },
    { name: "cpu", state: "ok", value: cpu },
    memoryCheck(),
    simdCheck(),
    { name: "engines", state: "ok", value: engines.map((engine) => engine.name).join(", ") },
    await duckdbCheck(),
    tensorflowCheck(),
    diskCheck(terminal.cwd),
  ];
}

function nodeCheck(version: string): Check {
  const [major = 0, minor = 0] = version.slice(1).split(".").map(Number);
  const supported = (major === 20 && minor >= 19) || (major === 22 && minor >= 12) || major === 24;
  return supported
    ? { name: "node", state: "ok", value: version }
    : {
        name: "node",
        state: "note",
        value: version,
        fix: "supported are Node 20.19 and later 20, 22.12 and later 22, and 24",
      };
}

function memoryCheck(): Check {
  const value = `${(freemem() / gibibyte).toFixed(1)} GiB free of ${(totalmem() / gibibyte).toFixed(1)} GiB`;
  if (freemem() > gibibyte) return { name: "memory", state: "ok", value };
  return {
    name: "memory",
    state: "note",
    value,
    fix: "close other programs or lower --threads: a worker with n = 1e6 needs a few hundred MiB",
  };
}

function simdCheck(): Check {
  const { WebAssembly } = globalThis as unknown as { WebAssembly: { validate(bytes: Uint8Array): boolean } };
  return WebAssembly.validate(Uint8Array.from(simdModule))
    ? { name: "wasm SIMD", state: "ok", value: true }
    : {
        name: "wasm SIMD",
        state: "note",
        value: false,
        fix: "use a processor with SSE4.1 or NEON and Node without --noexperimental-wasm-simd",
      };
}

async function duckdbCheck(): Promise<Check> {
  try {
    const database = await openMemoryDatabase();
    const result = await database.connection.runAndReadAll("SELECT version()");
    database.close();
    return { name: "duckdb", state: "ok", value: String(result.getRowsJS()[0]?.[0]) };
  } catch (error) {
    return {
      name: "duckdb",
      state: "problem",
      value: messageOf(error),
      fix: "run npm run setup again: the platform's binary of @duckdb/node-api is missing",
    };
  }
}

/** Loads native TensorFlow in a process of its own: it is large, and a broken one may crash. */
function tensorflowCheck(): Check {
  const name = "native TensorFlow";
  const fix = "run npm run setup:native in the repository, or moe-rates doctor --fix";
  if (nativeBinding() === null)
    return {
      name,
      state: "ok",
      value: `not installed (optional); engine tfjs runs on ${engineNamed("tfjs").name}`,
      fix,
    };
  const load = `import(${JSON.stringify(import.meta.resolve("@moe-rates/engine-tfjs"))}).then(async ({ openTensorflow }) =>
    console.log("TensorFlow " + (await openTensorflow(["tfjs-native"])).version))`;
  const { status, stdout, stderr } = spawnSync(process.execPath, ["--input-type=module", "-e", load], {
    encoding: "utf8",
    env: { ...process.env, TF_CPP_MIN_LOG_LEVEL: "2" },
    timeout: 60_000,
  });
  if (status === 0) return { name, state: "ok", value: stdout.trim().split("\n").at(-1) ?? "" };
  const reason =
    stderr.split("\n").findLast((line) => line.includes("Error")) ?? `ended with ${String(status)}`;
  return { name, state: "note", value: `does not load: ${reason.trim()}`, fix };
}

/** What `--fix` can repair: makes the native binding of TensorFlow where this is a checkout of the repository. */
async function repair(terminal: Terminal): Promise<void> {
  const script = fileURLToPath(new URL("../../../../tools/native/setup-native.mjs", import.meta.url));
  if (!existsSync(script)) {
    terminal.stderr.write(
      "nothing can be repaired here: native TensorFlow is made in a checkout of the repository\n",
    );
    return;
  }
  const child = spawn(process.execPath, [script], { stdio: ["ignore", "ignore", "pipe"] });
  child.stderr.on("data", (text: Buffer) => void terminal.stderr.write(text));
  const aborted = (): void => void child.kill();
  terminal.signal.addEventListener("abort", aborted);
  await once(child, "close");
  terminal.signal.removeEventListener("abort", aborted);
}

function diskCheck(folder: string): Check {
  const { bavail, bsize } = statfsSync(folder);
  const free = (bavail * bsize) / gibibyte;
  const value = `${free.toFixed(1)} GiB free in the working directory`;
  return free > 0.5
    ? { name: "disk", state: "ok", value }
    : {
        name: "disk",
        state: "note",
        value,
        fix: "a study takes a few MB; free some space or use --out on another disk",
      };
}

function doctorText(terminal: Terminal, checks: readonly Check[]): string {
  const width = Math.max(...checks.map((check) => check.name.length));
  const colour = { ok: "green", note: "yellow", problem: "red" } as const;
  return checks
    .map((check) => {
      const fix = check.fix === undefined ? "" : `\n${" ".repeat(width + 10)}fix: ${check.fix}`;
      return `${paint(terminal, colour[check.state], check.state.padEnd(7))} ${check.name.padEnd(width)}  ${String(check.value)}${fix}`;
    })
    .join("\n");
}
