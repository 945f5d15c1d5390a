import { resolve } from "node:path";
import type { DataFit, FitDataRequest } from "@moe-rates/study";
import { jsonOption } from "../command-line/options.ts";
import type { ParsedArguments } from "../command-line/options.ts";
import type { Verb } from "../command-line/verb.ts";
import { engineNamed, prepareEngines } from "../engines.ts";
import { readFitModel } from "../fit-data/fit-request.ts";
import { fitObject, fitText, reasonsOf } from "../fit-data/fit-report.ts";
import type { FitTask } from "../fit-data/fit-task.ts";
import { readColumns } from "../fit-data/read-columns.ts";
import { InputError, exitCodes } from "../input-error.ts";
import { loadPlugins } from "../load-plugins.ts";
import { openPool } from "../pool/replicate-pool.ts";
import { paint, writeLine } from "../terminal.ts";
import type { Terminal } from "../terminal.ts";
import { engineOption, threadsOption } from "./study-options.ts";

/** Wide enough for data in any sensible unit. */
const defaultBox = 1000;

/** `moe-rates fit DATA`. */
export const fit: Verb = {
  name: "fit",
  summary: "one certified least-squares fit of your own data",
  details:
    "Families are names with options: linear, polynomial:3, ffn:tanh, ffn:tanh,no-bias, ffn:gelu,scale, ffn:tanh,width=4,scale, hierarchical:2, or a YAML flow mapping {family: ffn, activation: tanh}.\n" +
    "The search is global over the box unless --start comes with --starts 1, which is exactly that local fit. Every cell of the columns must be a finite number.",
  positionals: [{ name: "DATA", description: "CSV (with a header line), TSV or Parquet file" }],
  options: [
    { flag: "x", value: "COLUMNS", required: true, description: "input columns, separated by commas" },
    { flag: "y", value: "COLUMN", required: true, description: "response column" },
    { flag: "gating", value: "GATING", description: "gating family (default softmax)" },
    { flag: "expert", value: "EXPERT", required: true, description: "expert family" },
    {
      flag: "atoms",
      value: "K",
      kind: "integer",
      min: 1,
      max: 1000,
      required: true,
      description: "number of experts, of each group with hierarchical gates",
    },
    {
      flag: "start",
      value: "FILE",
      description:
        "JSON array of atoms (of groups, with hierarchical gates) to start from, as fit --json prints them",
    },
    {
      flag: "starts",
      value: "N",
      kind: "integer",
      min: 1,
      max: 100_000,
      description: "number of starts (default: the mixed policy)",
    },
    {
      flag: "box",
      value: "B",
      kind: "number",
      min: Number.MIN_VALUE,
      description: `bound of expert parameters and gate differences (default ${defaultBox})`,
    },
    {
      flag: "seed",
      value: "S",
      kind: "integer",
      min: 0,
      description: "seed of the random starts (default 1)",
    },
    { ...threadsOption, description: "accepted for symmetry with run; one fit uses one thread" },
    engineOption,
    jsonOption,
  ],
  examples: [
    {
      command: "moe-rates fit cars.csv --x Horsepower --y Miles_per_Gallon --expert linear --atoms 2",
      does: "two linear experts",
    },
    {
      command: "moe-rates fit data.parquet --x x1,x2 --y y --expert ffn:tanh --atoms 3 --json",
      does: "{status, certified, sse, n, atoms, cosine, iterations, starts, wallMs, engine}",
    },
    {
      command:
        "moe-rates fit data.csv --x x1,x2 --y y --gating hierarchical:2 --expert ffn:tanh,no-bias --atoms 2",
      does: "two groups of two experts",
    },
  ],
  async run(terminal, given) {
    const engine = engineNamed(given.text("engine"));
    prepareEngines([engine.name]);
    const { task, columns } = await readTask(terminal, given);
    const fitted = await fitInWorker(terminal, task);
    if (!fitted.result.certified) {
      terminal.stderr.write(
        `${paint(terminal, "yellow", "warning:")} this fit is not certified: ${reasonsOf(fitted.result).join("; ")}\n`,
      );
    }
    const text = given.has("json")
      ? JSON.stringify(fitObject(fitted, task.request.y.length, engine.name), null, 2)
      : fitText(fitted, task.request, columns, engine.name);
    await writeLine(terminal.stdout, text);
    return Number.isFinite(fitted.result.sse) ? exitCodes.ok : exitCodes.failure;
  },
};

async function readTask(
  terminal: Terminal,
  given: ParsedArguments,
): Promise<{ task: FitTask; columns: string[] }> {
  const shown = given.positionals[0] ?? "";
  const columns = (given.text("x") ?? "").split(",").map((name) => name.trim());
  if (columns.includes("")) throw new InputError("--x holds an empty column name; write --x x1,x2");
  const plugins = await loadPlugins(given.list("plugin"), terminal.cwd);
  const model = readFitModel(given, columns.length, plugins.families, terminal.cwd);
  const data = await readColumns(resolve(terminal.cwd, shown), [...columns, given.text("y") ?? ""], shown);
  const parameters = model.model.parameterCount;
  if (data.rows <= parameters)
    throw new InputError(
      `${shown} has ${data.rows} rows, the model ${parameters} parameters; a fit needs more rows than parameters`,
    );
  const { gating, expert, atoms, start } = model;
  const [starts, seed] = [given.number("starts"), given.number("seed") ?? 1];
  const request: FitDataRequest = {
    gating,
    expert,
    atoms,
    seed,
    x: data.values.subarray(0, data.rows * columns.length),
    y: data.values.subarray(data.rows * columns.length),
    inputDim: columns.length,
    box: given.number("box") ?? defaultBox,
    ...(starts === undefined ? {} : { starts }),
    ...(start === null ? {} : { start }),
  };
  return {
    task: { request, engine: engineNamed(given.text("engine")).name, plugins: plugins.files },
    columns,
  };
}

async function fitInWorker(terminal: Terminal, task: FitTask): Promise<DataFit> {
  const workerFile = new URL("../fit-worker.js", import.meta.url);
  const pool = openPool<FitTask, DataFit>({
    workerFile,
    threads: 1,
    setup: null,
    signal: terminal.signal,
  });
  try {
    return await pool.run(task);
  } finally {
    await pool.close();
  }
}
